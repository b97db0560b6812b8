# SPDX-License-Identifier: Apache-2.0
"""Real Google Cloud logs against an independent count: rows, packets and bytes by reporter, and
annotations, as Python's JSON sees them, from the file as it is and from the same entries in every
way of delivery. Skipped where there are no samples."""
import base64
import csv
import gzip
import io
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

FIELDS = ["stime", "etime", "sip", "dip", "sport", "dport", "proto", "packets", "bytes", "reporter",
          "direction", "sinstance", "dinstance", "svpc", "dvpc", "scountry", "dcountry", "src_as",
          "dst_as", "instance", "zone", "account", "uid", "action", "rule"]


def documents(text):
    """Every JSON object of a file, whatever text stands between them."""
    decoder, at = json.JSONDecoder(), 0
    while True:
        at = text.find("{", at)
        if at < 0:
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError:
            at += 1
            continue
        yield value


def stamp(text):
    """As the commands print it: fractions of 3, 6 or 9 digits, none when zero."""
    whole, _, part = text.rstrip("Z").partition(".")
    part = part.ljust(9, "0")
    while part and part.endswith("000"):
        part = part[:-3]
    return whole + ("." + part if part else "") + "Z"


def get(value, *path):
    for key in path:
        value = value.get(key, {}) if isinstance(value, dict) else {}
    return "" if value == {} else str(value)


def wanted(entry):
    p = entry["jsonPayload"]
    c = p["connection"]
    sides = {"s": "src", "d": "dest"}
    row = {"sip": c["src_ip"], "dip": c["dest_ip"], "sport": get(c, "src_port"),
           "dport": get(c, "dest_port"), "proto": get(c, "protocol"), "uid": entry["insertId"],
           "packets": get(p, "packets_sent"), "bytes": get(p, "bytes_sent")}
    if "disposition" in p:
        row["action"] = {"ALLOWED": "accept", "DENIED": "reject"}[p["disposition"]]
        row["rule"] = p["rule_details"]["reference"]
        row["direction"] = p["rule_details"]["direction"].lower()
        row["stime"] = row["etime"] = stamp(entry["timestamp"])
        mine = "d" if row["direction"] == "ingress" else "s"
        other = "s" if mine == "d" else "d"
        parts = {mine: (p.get("instance", {}), p.get("vpc", {}), {}),
                 other: (p.get("remote_instance", {}), p.get("remote_vpc", {}),
                         p.get("remote_location", {}))}
    else:
        row["stime"], row["etime"] = stamp(p["start_time"]), stamp(p["end_time"])
        row["reporter"] = p["reporter"].lower()
        mine = p["reporter"][0].lower()
        row["direction"] = "egress" if mine == "s" else "ingress"
        parts = {k: tuple(p.get(side + "_" + what, {}) for what in ("instance", "vpc", "location"))
                 for k, side in sides.items()}
    for k, (instance, vpc, location) in parts.items():
        row[k + "instance"] = get(instance, "vm_name")
        row[k + "vpc"] = get(vpc, "vpc_name")
        row[k + "country"] = get(location, "country")
        row[sides[k].replace("dest", "dst") + "_as"] = get(location, "asn")
    labels = entry["resource"]["labels"]
    row["instance"] = row[mine + "instance"]
    row["zone"] = get(parts[mine][0], "zone") or labels["location"]
    row["account"] = get(parts[mine][1], "project_id") or labels["project_id"]
    return [row.get(f, "") for f in FIELDS]


def wrap(entries):
    """Name and bytes of the same entries as others deliver them."""
    lines = [json.dumps(e, separators=(",", ":")) for e in entries]
    yield "lines", "\n".join(lines).encode()
    yield "lines, CR LF, mark", b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\r\n"
    yield "gzip", gzip.compress("\n".join(lines).encode())
    yield "array on one line", ("[" + ",".join(lines) + "]").encode()
    yield "array, pretty", json.dumps(entries, indent=2).encode()
    yield "sorted backwards, pretty", "\n".join(json.dumps(
        dict(sorted(e.items(), reverse=True)), indent=1) for e in entries).encode()
    yield "behind each other", "".join(lines).encode()
    yield "page of the API", json.dumps({"entries": entries, "nextPageToken": "x"}).encode()
    yield "messages of Pub/Sub", "\n".join(json.dumps(
        {"message": {"data": base64.b64encode(line.encode()).decode(), "messageId": "1",
                     "attributes": {"logging.googleapis.com/timestamp": "2020-01-01T00:00:00Z"}},
         "subscription": "projects/p/subscriptions/s"}) for line in lines).encode()
    for key in ("_raw", "message"):
        yield "text below " + key, "\n".join(json.dumps({key: line, "host": "h"})
                                             for line in lines).encode()
    yield "event.original", "\n".join(json.dumps({"event": {"original": line}})
                                      for line in lines).encode()
    yield "behind text", "\n".join("<14>1 host app[7]: " + line for line in lines).encode()


def flows(env, data, extra=()):
    with tempfile.TemporaryDirectory(prefix="cf-samples-") as scratch:
        path, packed = os.path.join(scratch, "in"), os.path.join(scratch, "new.cf")
        with open(path, "wb") as f:
            f.write(data)
        done = harness.run(["cfimport", "--max-rejects=0", "-o", packed, *extra, path], env)
        columns = harness.run(["cfinfo", "--columns", "--format=ndjson", packed], env)
        have = {json.loads(line)["column"] for line in columns.stdout.decode().splitlines()}
        asked = [f for f in FIELDS if f in have]
        cut = harness.run(["cfcut", "--format=csv", "--no-titles", "--fields=" + ",".join(asked),
                           packed], env)
    rows = [dict(zip(asked, r)) for r in csv.reader(io.StringIO(cut.stdout.decode()))]
    return [[r.get(f, "") for f in FIELDS] for r in rows], \
        [done.stderr.decode(), cut.stderr.decode()] if done.returncode or cut.returncode else []


def compare(tap, name, got, want, errors):
    notes = list(errors)
    for i, (a, b) in enumerate(zip(got, want)):
        if a != b and len(notes) < 4:
            notes.append("row %d: %s" % (i, [(f, x, y) for f, x, y in zip(FIELDS, a, b)
                                             if x != y]))
    if len(got) != len(want):
        notes.append("%d rows instead of %d" % (len(got), len(want)))
    tap.result(not notes, "%s: %d rows, %d bytes" % (
        name, len(want), sum(int(r[FIELDS.index("bytes")] or 0) for r in want)), notes)


def main():
    env = harness.environment()
    tap = harness.Tap()
    missing = harness.missing(["samples", "cfimport", "cfcut", "cfinfo"], env)
    if missing:
        tap.skip("real Google Cloud logs", "needs " + missing)
        tap.done()
    folder = os.path.join(env["CF_SAMPLES"], "gcp-vpc")
    entries = {}
    for name in ("logentries-2019.ndjson", "firewall-logentries.ndjson", "ps-vm.log", "ps-gke.log",
                 "ps-firewall-rule.log"):
        with open(os.path.join(folder, name), "rb") as f:
            data = f.read()
        entries[name] = [e for e in documents(data.decode()) if "logName" in e]
        got, errors = flows(env, data)
        compare(tap, name, got, [wanted(e) for e in entries[name]], errors)
    every = [e for name in sorted(entries) for e in entries[name]]
    want = [wanted(e) for e in every]
    for name, data in wrap(every):
        got, errors = flows(env, data)
        compare(tap, name, got, want, errors)
    # jsonPayload alone: what only the entry around it knows is missing
    bare = [e["jsonPayload"] for e in entries["logentries-2019.ndjson"]]
    keep = [i for i, f in enumerate(FIELDS) if f not in ("uid", "zone", "account")]
    got, errors = flows(env, "\n".join(map(json.dumps, bare)).encode())
    want = [wanted(e) for e in entries["logentries-2019.ndjson"]]
    for row in got + want:
        row[:] = [v if i in keep else "" for i, v in enumerate(row)]
    compare(tap, "jsonPayload alone", got, want, errors)
    # BigQuery: ports and protocol are floats, counters numbers
    for p in bare:
        for key in ("src_port", "dest_port", "protocol"):
            p["connection"][key] = float(p["connection"][key])
        p["bytes_sent"], p["packets_sent"] = int(p["bytes_sent"]), float(p["packets_sent"])
    got, errors = flows(env, "\n".join(json.dumps({"jsonPayload": p}) for p in bare).encode())
    for row in got:
        row[:] = [v if i in keep else "" for i, v in enumerate(row)]
    compare(tap, "numbers as BigQuery exports them", got, want, errors)
    tap.done()


if __name__ == "__main__":
    main()
