# SPDX-License-Identifier: Apache-2.0
"""Logs of Oracle Cloud, IBM Cloud and Alibaba Cloud against an independent count by jq: the real
records there are, and generated logs in each form. Each log is found by content, by its own
reader; rows, packets and bytes of both directions, and rows of each status, must be the same."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

# Of a stream of documents, what each reader should find: an array of
# [status, packets, bytes, rpackets, rbytes, rejected].
OCI = """
def records: if type == "array" then .[] | records
    elif .results? then .results | records
    elif .logContent? then .logContent
    elif .value? then .value | @base64d | fromjson
    elif (.data? | type) == "object" and .data.logContent? then .data.logContent
    else . end;
def plain: if has("data") then .data else with_entries(select(.key | startswith("data.")) |
    .key |= ltrimstr("data.")) end;
[inputs | records | plain | [.status, .packets, .bytesOut, null, null, .action == "REJECT"]]
"""
IBM = """
[inputs | if type == "array" then .[] else . end | . as $o |
    (.flow_logs[] | ["ok", .packets_from_initiator, .bytes_from_initiator, .packets_from_target,
        .bytes_from_target, .action == "rejected"]),
    (if .state == "skip data" then ["skipdata", null, null, null, null, false]
        elif .flow_logs == [] then ["nodata", null, null, null, null, false] else empty end)]
"""
ALIBABA = """
def number: if . == "-" or . == null then null else tonumber end;
[inputs | if type == "array" then .[] else . end |
    [."log-status", (.packets | number), (.bytes | number), null, null, .action == "REJECT"]]
"""
SUM = """
| [length, (map(select(.[0] | ascii_downcase == "ok")) | length), (map(.[1]) | add), (map(.[2]) | add),
    (map(.[3]) | add), (map(.[4]) | add), (map(select(.[5])) | length)] | map(. // 0 | tostring) | join(" ")
"""
OURS = """
{ rows++; ok += $1 == "ok"; r += $2 == "reject"; p += $3; b += $4; q += $5; c += $6 }
END { printf "%d %d %d %.0f %d %.0f %d\\n", rows, ok, p, b, q, c, r }
"""
REAL = [("oci-vcn", OCI, "oci-vcn/logging-event.json"),
        ("ibm-vpc", IBM, "ibm-vpc/flowlogger-3flows.json")]
FLOWS = "--flows=20000 --span=2h --nodata=3% --skipdata=1%"
# Reader, count, how the log is made, how the count gets its JSON ("cat" = the log itself).
MADE = [
    ("oci-vcn", OCI, "cfgen oci-vcn " + FLOWS, "cat"),
    ("oci-vcn", OCI, "cfgen oci-vcn --format-fields=search " + FLOWS, "cat"),
    ("oci-vcn", OCI, "cfgen oci-vcn --format-fields=flat " + FLOWS, "cat"),
    ("oci-vcn", OCI, "cfgen oci-vcn --format-fields=stream --gzip " + FLOWS, "zcat"),
    ("oci-vcn", OCI, "cfgen oci-vcn --format-fields=search %s | jq -s '{results: map({data: .})}'" % FLOWS,
     "cat"),
    ("ibm-vpc", IBM, "cfgen ibm-vpc " + FLOWS, "cat"),
    ("ibm-vpc", IBM, "cfgen ibm-vpc --gzip " + FLOWS, "zcat"),
    ("ibm-vpc", IBM, "cfgen ibm-vpc %s | jq -s ." % FLOWS, "cat"),
    ("alibaba-vpc", ALIBABA, "cfgen alibaba-vpc " + FLOWS, "cat"),
    ("alibaba-vpc", ALIBABA, "cfgen alibaba-vpc %s | jq -s ." % FLOWS, "cat"),
]


def shell(env, line, cwd):
    return harness.run(["/bin/sh", "-c", line], env, cwd=cwd)


def check(tap, env, reader, count, path, cat, name):
    with tempfile.TemporaryDirectory(prefix="cf-clouds-") as scratch:
        with open(os.path.join(scratch, "count"), "w", encoding="utf-8") as f:
            f.write(count + SUM)
        with open(os.path.join(scratch, "ours"), "w", encoding="utf-8") as f:
            f.write(OURS)
        jq = shell(env, "%s '%s' | jq -n -r -f count" % (cat, path), scratch)
        # A reader of one direction has no columns of the other.
        back = ",rpackets,rbytes" if reader == "ibm-vpc" else ""
        mine = shell(env, "cfimport --max-rejects=0 -o x.cf '%s' && cfcut --no-titles --format=csv "
                     "--fields=logstatus,action,packets,bytes%s x.cf >rows" % (path, back), scratch)
        got = shell(env, "awk -F, -f ours rows", scratch)
        by = shell(env, "cfinfo --provenance --format=ndjson x.cf", scratch)
    wanted, have = jq.stdout.decode().strip(), got.stdout.decode().strip()
    tap.result(jq.returncode == 0 and mine.returncode == 0 and wanted == have
               and '"reader":"%s"' % reader in by.stdout.decode(),
               "%s: rows, ok, packets, bytes, back, rejected: %s" % (name, wanted),
               ["commands came to " + have, by.stdout.decode()[:300], jq.stderr.decode()[:300],
                mine.stderr.decode()[:300], got.stderr.decode()[:300]])


def main():
    env = harness.environment()
    tap = harness.Tap()
    missing = harness.missing(["jq", "awk", "cfgen", "cfimport", "cfcut", "cfinfo"], env)
    if missing:
        tap.skip("logs of other clouds", "needs " + missing)
        tap.done()
    for reader, count, path in REAL:
        if env["CF_SAMPLES"]:
            check(tap, env, reader, count, os.path.join(env["CF_SAMPLES"], path), "cat", path)
        else:
            tap.skip(path, "needs samples")
    with tempfile.TemporaryDirectory(prefix="cf-clouds-") as scratch:
        path = os.path.join(scratch, "made.log")
        for reader, count, make, cat in MADE:
            made = shell(env, make + " >made.log", scratch)
            if tap.result(made.returncode == 0, make + " is made", [made.stderr.decode()]):
                check(tap, env, reader, count, path, cat, make)
    tap.done()


if __name__ == "__main__":
    main()
