# SPDX-License-Identifier: Apache-2.0
"""cfsort against Python's own stable sort of the same rows: texts, numbers in both directions,
IPv4 and IPv6, nulls, a derived key, keys that tie. In memory and in many runs, with one thread and
several, from sorted files and from inputs whose columns differ: always the same bytes."""
import csv
import hashlib
import io
import ipaddress
import os
import shutil
import sys
import tempfile
from datetime import datetime

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

FIELDS = ["stime", "etime", "sip", "dip", "sport", "proto", "bytes", "action", "logstatus",
          "iface", "vpc", "flags"]
MAKE = """set -e
cfgen aws-vpc --flows=30000 --seed=5 --nodata=3%% --ipv6=10%% >a.log
cfgen aws-vpc --flows=800000 --seed=7 | cfimport --level=fast -o big.cf
cfgen aws-vpc --flows=20000 --seed=6 --format-fields=v5 >b.log
cfcut --format=csv --no-titles --timestamp-format=epoch-ns --fields=%s b.log >b.csv
cfcut --format=csv --no-titles --timestamp-format=epoch-ns --fields=%s a.log >a.csv
""" % (",".join(FIELDS), ",".join(f for f in FIELDS if f not in ("vpc", "flags")))
WORDS = {"action": ["accept", "reject"], "logstatus": ["ok", "nodata", "skipdata"]}
LISTS = ["stime", "sip,dip,stime", "bytes:desc,stime", "iface,sip:desc,bytes",
         "duration:desc,sport", "vpc:desc,action,logstatus:desc,dip:desc", "proto",
         "etime:desc,sip,dip,sport,bytes,iface,stime"]


def address(text):
    a = ipaddress.ip_address(text)
    return int(a) if a.version == 6 else 0xffff00000000 + int(a)


def value(row, name):
    """What orders the row by one field, or None."""
    if name == "duration":
        if row["stime"] == "" or row["etime"] == "":
            return None
        return int(row["etime"]) - int(row["stime"])
    text = row[name]
    if text == "":
        return None
    if name in ("sip", "dip"):
        return address(text)
    if name in WORDS:
        return WORDS[name].index(text)
    if name in ("iface", "vpc"):
        return text.encode()
    return int(text)


def sort(rows, keys):
    """By the last key first: Python's sort is stable, and null goes last in both directions."""
    for key in reversed(keys.split(",")):
        name, _, way = key.partition(":")
        pairs = [(value(r, name), r) for r in rows]
        full = [p for p in pairs if p[0] is not None]
        full.sort(key=lambda p: p[0], reverse=way == "desc")
        rows = [r for _, r in full] + [r for v, r in pairs if v is None]
    return rows


def load(path, fields):
    with open(path, encoding="utf-8", newline="") as f:
        return [dict(zip(fields, row)) for row in csv.reader(f)]


def text(rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for r in rows:
        writer.writerow([r.get(f, "") for f in FIELDS])
    return out.getvalue().encode()


def main():
    env = harness.environment()
    tap = harness.Tap()
    missing = harness.missing(["cfgen", "cfcut", "cfsort"], env)
    if missing:
        tap.skip("sorting", "needs " + missing)
        tap.done()
    scratch = tempfile.mkdtemp(prefix="cf-sort-")

    def run(line):
        return harness.run(["/bin/sh", "-c", line], env, cwd=scratch)

    cut = " | cfcut --format=csv --no-titles --timestamp-format=epoch-ns --fields=" + \
        ",".join(FIELDS)
    try:
        made = run(MAKE)
        if not tap.result(made.returncode == 0, "logs are made", [made.stderr.decode()]):
            tap.done()
        less = [f for f in FIELDS if f not in ("vpc", "flags")]
        rows = load(os.path.join(scratch, "a.csv"), less)
        for r in rows:
            r["vpc"] = r["flags"] = ""
        rows += load(os.path.join(scratch, "b.csv"), FIELDS)
        for keys in LISTS:
            wanted = text(sort(rows, keys))
            got = run("cfsort --threads=1 --fields=%s a.log b.log%s" % (keys, cut))
            tap.result(got.returncode == 0 and got.stdout == wanted, "as Python sorts: " + keys,
                       [got.stderr.decode()[:300], "%d and %d bytes" % (len(got.stdout),
                                                                        len(wanted))])
            same(tap, run, keys, "a.log b.log", ("--threads=1", "--threads=3"))
        for keys in ("sip,dip:desc,stime", "iface:desc,bytes", "proto"):
            same(tap, run, keys, "big.cf a.log b.log", ("--threads=2", "--threads=1 --memory=16Mi",
                                                        "--threads=2 --memory=20Mi"))
        done = run("cfsort -v --memory=16Mi --fields=sip -o x.cf big.cf")
        tap.result(b" runs, " in done.stderr and done.returncode == 0, "16 MB make runs",
                   [done.stderr.decode()])
        presorted(tap, run, rows, cut)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    tap.done()


def same(tap, run, keys, files, ways):
    faults, base = [], None
    for how in ways:
        done = run("cfsort --no-provenance %s --fields=%s %s" % (how, keys, files))
        mark = hashlib.sha256(done.stdout).hexdigest()
        base = base or mark
        if done.returncode != 0 or mark != base:
            faults.append(how + ": " + done.stderr.decode()[:200])
    tap.result(not faults, "same bytes with any threads and memory: " + keys, faults)


def presorted(tap, run, rows, cut):
    keys = "sip,stime:desc"
    made = run("cfsort --fields=%s -o a.cf a.log && cfsort --fields=%s -o b.cf b.log" % (keys, keys))
    got = run("cfsort --presorted-input --fields=%s a.cf b.cf%s" % (keys, cut))
    tap.result(made.returncode == 0 and got.stdout == text(sort(rows, keys)),
               "sorted files merged are the whole sorted", [got.stderr.decode()[:300]])
    done = run("cfsort --presorted-input --fields=%s -o y.cf a.cf b.log; echo $?; ls y.cf" % keys)
    tap.result(b"b.log" in done.stderr and b"not in order" in done.stderr
               and done.stdout == b"1\n", "what is not in order is told, without an output",
               [done.stderr.decode()[:300], done.stdout.decode()])


if __name__ == "__main__":
    main()
