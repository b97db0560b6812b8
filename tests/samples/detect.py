#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every reader's probe over every real sample: the one that is expected wins, alone, and what is no
flow log is nobody's. The table names readers by files; a sample that no line of it fits fails, so
new samples are judged too. Skipped where there are no samples."""
import csv
import fnmatch
import io
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

# First match counts; None = no reader may know it.
TABLE = [
    ("PROVENANCE.md", None),
    ("aws-vpc/beats-bad.log", None),
    ("aws-vpc/beats-processor-cases.yml", None),
    ("aws-vpc/*.parquet", "aws-parquet"),
    ("aws-vpc/*", "aws-vpc"),
    ("azure-nsg/*", "azure-nsg"),
    ("azure-vnet/*", "azure-vnet"),
    ("azure-ta/*", None),                  # columns of its own, which --set columns= names
    ("gcp-vpc/logentries-2019.ndjson", "gcp-vpc"),
    ("gcp-vpc/ps-vm.log", "gcp-vpc"),
    ("gcp-vpc/ps-gke.log", "gcp-vpc"),
    ("gcp-vpc/*firewall*", "gcp-vpc"),
    ("gcp-vpc/*", None),
    ("oci-vcn/*", "oci-vcn"),
    ("ibm-vpc/*.json", "ibm-vpc"),
    ("alibaba-vpc/*", "alibaba-vpc"),
    ("zeek/*", "zeek-conn"),
    ("suricata/*", "suricata-flow"),
    ("nfdump/*.csv.gz", "nfdump-csv"),
    ("argus/*", None),                     # the same: site/examples/argus.json
    ("*", None),
]


def files(folder):
    found = []
    for root, dirs, names in os.walk(folder):
        dirs.sort()
        found += [os.path.relpath(os.path.join(root, n), folder) for n in sorted(names)]
    return found


def expected(name):
    return next(reader for pattern, reader in TABLE if fnmatch.fnmatchcase(name, pattern))


def main():
    env = harness.environment()
    tap = harness.Tap()
    missing = harness.missing(["samples", "cfplugin"], env)
    if missing:
        tap.skip("whose are the real logs", "needs " + missing)
        tap.done()
    listed = harness.run(["cfplugin", "list", "--format=csv", "--no-titles"], env)
    readers = {line.split(",")[0] for line in listed.stdout.decode().splitlines()}
    folder = env["CF_SAMPLES"]
    for name in files(folder):
        wanted = expected(name)
        if wanted is not None and wanted not in readers:
            tap.skip(name, "reader %s is not there" % wanted)
            continue
        done = harness.run(["cfplugin", "detect", "--format=csv", "--no-titles",
                            os.path.join(folder, name)], env)
        rows = [r for r in csv.reader(io.StringIO(done.stdout.decode())) if r]
        chosen = [r[2] for r in rows if r[4] == "yes"]
        scores = ["%s %s" % (r[2], r[3]) for r in rows if r[3] != "0"]
        good = chosen == ([wanted] if wanted else []) and \
            done.returncode == (0 if wanted else 1) and (wanted or not scores)
        tap.result(good, "%s: %s" % (name, wanted or "nobody's"),
                   ["chosen: %s; scores: %s" % (chosen, ", ".join(scores) or "none"),
                    done.stderr.decode()])
    tap.done()


if __name__ == "__main__":
    main()
