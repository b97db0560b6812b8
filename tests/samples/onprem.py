# SPDX-License-Identifier: Apache-2.0
"""Real logs of sensors and collectors on the premises (Zeek, Suricata, nfdump) and tables of others
(Argus, Azure Traffic Analytics) against an independent count made here with the csv and json
modules. The reader must be found by content, or is named with the settings that the manual shows.
Skipped where there are no samples."""
import csv
import glob
import gzip
import io
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

PROTO = {"tcp": 6, "udp": 17, "icmp": 1, "igmp": 2, "ipv6-icmp": 58, "arp": 0}
ARGUS = os.path.join("site", "examples", "argus.json")
ANALYTICS = os.path.join("site", "examples", "traffic-analytics.json")


def text_of(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as f:
        return f.read()


def number(text):
    return int(float(text)) if text not in ("", "-", None) else 0


def nfdump(path):
    text = text_of(path).partition("Summary")[0]
    for r in csv.DictReader(io.StringIO(text)):
        yield {"packets": number(r["ipkt"]), "bytes": number(r["ibyt"]),
               "proto": PROTO[r["pr"].lower()], "dport": number(r["dp"])}


def zeek_row(r):
    v6 = ":" in r["id.orig_h"]
    icmp = r["proto"] == "icmp"
    return {"packets": number(r.get("orig_pkts")), "bytes": number(r.get("orig_ip_bytes")),
            "rpackets": number(r.get("resp_pkts")), "rbytes": number(r.get("resp_ip_bytes")),
            "proto": 58 if icmp and v6 else PROTO[r["proto"]],
            "dport": 0 if icmp else number(r["id.resp_p"])}


def zeek(path):
    names = []
    for line in text_of(path).splitlines():
        if line.startswith("#fields"):
            names = line.split("\t")[1:]
        elif not line.startswith("#"):
            yield zeek_row(dict(zip(names, line.split("\t"))))


def zeek_json(path):
    for line in text_of(path).splitlines():
        r = json.loads(line)
        if r.get("@stream", "conn") == "conn":
            yield zeek_row({k.replace("id_", "id."): v for k, v in r.items()})


def suricata(path):
    for line in text_of(path).splitlines():
        r = json.loads(line)
        if r["event_type"] == "flow":
            f = r["flow"]
            yield {"packets": f["pkts_toserver"], "bytes": f["bytes_toserver"],
                   "rpackets": f["pkts_toclient"], "rbytes": f["bytes_toclient"],
                   "proto": PROTO[r["proto"].lower()], "dport": r["dest_port"]}


def argus(path):
    for r in csv.DictReader(io.StringIO(text_of(path))):
        yield {"packets": number(r["SrcPkts"]), "bytes": number(r["SrcBytes"]),
               "rpackets": number(r["TotPkts"]) - number(r["SrcPkts"]),
               "rbytes": number(r["TotBytes"]) - number(r["SrcBytes"]),
               "proto": PROTO[r["Proto"]],
               "dport": 0 if r["Dport"].startswith("0x") else number(r["Dport"])}


def analytics(path):
    for r in csv.DictReader(io.StringIO(text_of(path))):
        yield {"allowed_out": number(r["AllowedOutFlows"]),
               "allowed_in": number(r["AllowedInFlows"]),
               "denied_in": number(r["DeniedInFlows"]), "denied_out": number(r["DeniedOutFlows"]),
               "proto": {"T": 6, "U": 17}[r["L4Protocol"]], "dport": number(r["DestPort"])}


# Files, reader, how they are counted, options.
LOGS = [
    ("nfdump/*.csv.gz", "nfdump-csv", nfdump, []),
    ("zeek/rita-2024-04-20/*", "zeek-conn", zeek, []),
    ("zeek/rita-proxy-conn.log", "zeek-conn", zeek, []),
    ("zeek/ocsf-examples-conn.json", "zeek-conn", zeek_json, []),
    ("zeek/otrf-apt29d1-*.json", "zeek-conn", zeek_json, []),
    ("suricata/*.json", "suricata-flow", suricata, []),
    ("argus/*.binetflow", "csv", argus, ["--reader=csv", "--site=" + ARGUS]),
    ("azure-ta/*.csv", "csv", analytics, ["--reader=csv", "--site=" + ANALYTICS]),
]


def summed(rows):
    out = {"rows": 0}
    for r in rows:
        out["rows"] += 1
        for k, v in r.items():
            out[k] = out.get(k, 0) + v
    return out


def ours(packed, fields, env):
    cut = harness.run(["cfcut", "--format=csv", "--fields=" + ",".join(fields), packed], env)
    for r in csv.DictReader(io.StringIO(cut.stdout.decode())):
        yield {k: number(v) for k, v in r.items()}


def check(tap, env, pattern, reader, count, options):
    paths = sorted(glob.glob(os.path.join(env["CF_SAMPLES"], pattern)))
    options = [o.replace("--site=", "--site=" + harness.TOP + os.sep) for o in options]
    rows = [r for p in paths for r in count(p)]
    wanted = summed(rows)
    with tempfile.TemporaryDirectory(prefix="cf-samples-") as scratch:
        packed = os.path.join(scratch, "new.cf")
        done = harness.run(["cfimport", "--max-rejects=0", "-o", packed] + options + paths, env)
        told = harness.run(["cfinfo", "--provenance", "--format=ndjson", packed], env)
        got = summed(ours(packed, [k for k in wanted if k != "rows"], env))
    found = json.loads(told.stdout.decode().splitlines()[0]).get("reader") if told.stdout else None
    tap.result(done.returncode == 0 and got == wanted and found == reader,
               "%s by %s: %s" % (pattern, reader, wanted),
               ["commands came to %s by %s" % (got, found), done.stderr.decode()])


def main():
    env = harness.environment()
    tap = harness.Tap()
    missing = harness.missing(["samples", "cfimport", "cfcut", "cfinfo"], env)
    if missing:
        tap.skip("real logs of sensors", "needs " + missing)
        tap.done()
    for log in LOGS:
        check(tap, env, *log)
    tap.done()


if __name__ == "__main__":
    main()
