# SPDX-License-Identifier: Apache-2.0
"""Real Azure flow logs against an independent count: jq takes the tuples out, awk adds up rows,
states, denials, packets and bytes both ways, and the commands must come to the same from the file
as it is, from its records one a line, and from a file that holds both logs and an AWS log."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

FILES = [("azure-nsg", "v1-2020.json"), ("azure-nsg", "v2-2022.json"),
         ("azure-vnet", "sumo-vnet.json"), ("azure-vnet", "sumo-subnet.json")]
TUPLES = '.records[] | .. | .flowTuples? // empty | .[]'
IDENTITY = r"""[.records[] | . as $r | (.properties // .flowRecords).flows[] | . as $f
    | (.flowGroups // .flows)[] | . as $g | .flowTuples[]
    | [($f.rule // $g.rule), ($g.mac // $r.macAddress), ($f.aclID // $r.resourceId)]]
    | group_by(.) | map([length] + .[0])[] | map(tostring) | join(",")"""

# Rows, begin, continue, end, deny, packets, bytes, packets and bytes of the other direction,
# counters that are there.
COUNT = r"""
BEGIN { FS = "," }
{
    rows++
    nsg = $6 == "T" || $6 == "U"
    deny = nsg ? $8 == "D" : $8 == "D"
    state = NF == 8 ? "" : nsg ? $9 : $8
    if (deny) d++; else if (state == "B") b++; else if (state == "C") c++; else if (state == "E") e++
    if (NF == 13 && (state == "C" || state == "E") && $10 != "") {
        there++; p += $10; by += $11; rp += $12; rb += $13
    }
}
END { printf "%d %d %d %d %d %d %d %d %d %d\n", rows, b, c, e, d, p, by, rp, rb, there }
"""
OURS = r"""
BEGIN { FS = "," }
{
    rows++
    if ($1 == "begin") b++; if ($1 == "continue") c++; if ($1 == "end") e++; if ($1 == "deny") d++
    if ($1 == "deny" && $2 != "reject" || $1 != "deny" && $2 != "accept") print "action", $0
    p += $3; by += $4; rp += $5; rb += $6; there += $3 != ""
}
END { printf "%d %d %d %d %d %d %d %d %d %d\n", rows, b, c, e, d, p, by, rp, rb, there }
"""
FIELDS = "state,action,packets,bytes,rpackets,rbytes"


def text(done):
    return done.stdout.decode() + done.stderr.decode()


def count(env, path):
    tuples = harness.run(["jq", "-r", TUPLES, path], env)
    return text(harness.run(["awk", COUNT], env, input=tuples.stdout, stdin=None)).strip()


def ours(env, packed):
    rows = harness.run(["cfcut", "--format=csv", "--no-titles", "--fields=" + FIELDS, packed], env)
    return text(harness.run(["awk", OURS], env, input=rows.stdout, stdin=None)).strip()


def identity(env, packed):
    rows = harness.run(["cfcut", "--format=csv", "--no-titles", "--fields=rule,iface,acl", packed],
                       env).stdout.decode().splitlines()
    return sorted("%d,%s" % (rows.count(r), r) for r in set(rows))


def check(tap, env, scratch, folder, name):
    path = os.path.join(env["CF_SAMPLES"], folder, name)
    packed = os.path.join(scratch, "new.cf")
    wanted = count(env, path)
    done = harness.run(["cfimport", "--max-rejects=0", "--force", "-o", packed, path], env)
    got = ours(env, packed)
    tap.result(done.returncode == 0 and got == wanted, "%s: rows, states, sums %s" % (name, wanted),
               ["commands came to " + got, done.stderr.decode()])
    groups = sorted(harness.run(["jq", "-r", IDENTITY, path], env).stdout.decode().splitlines())
    tap.result(groups and identity(env, packed) == groups, name + ": rule, interface and list of "
               "every row", groups + ["commands:"] + identity(env, packed))
    reader = harness.run(["cfinfo", "--provenance", "--format=ndjson", packed], env)
    tap.result(('"reader":"%s"' % folder) in reader.stdout.decode().replace(" ", ""),
               "%s: read by %s" % (name, folder), [text(reader)])
    lines = harness.run(["jq", "-c", ".records[]", path], env).stdout
    done = harness.run(["cfimport", "--max-rejects=0", "--force", "-o", packed, "-"], env,
                       input=lines, stdin=None)
    tap.result(done.returncode == 0 and ours(env, packed) == wanted, name + ": one record a line",
               ["commands came to " + ours(env, packed), done.stderr.decode()])
    return [int(n) for n in wanted.split()]


def main():
    env = harness.environment()
    tap = harness.Tap()
    missing = harness.missing(["samples", "jq", "awk", "cfimport", "cfcut", "cfinfo"], env)
    if missing:
        tap.skip("real Azure logs", "needs " + missing)
        tap.done()
    with tempfile.TemporaryDirectory(prefix="cf-samples-") as scratch:
        sums = [check(tap, env, scratch, *f) for f in FILES]
        packed = os.path.join(scratch, "all.cf")
        names = [os.path.join(env["CF_SAMPLES"], *f) for f in FILES]
        aws = os.path.join(env["CF_SAMPLES"], "aws-vpc", "beats-accept-reject-traffic.log")
        done = harness.run(["cfimport", "-o", packed] + names + [aws], env)
        azure = harness.run(["cffilter", "--count", 'provider == "azure"', packed], env)
        every = harness.run(["cffilter", "--count", "stime > 0", packed], env)
        wanted = sum(s[0] for s in sums)
        tap.result(done.returncode == 0 and text(azure).strip() == str(wanted) and
                   text(every).strip() == str(wanted + 4), "both logs and an AWS log in one file",
                   [text(done), text(azure), text(every), str(wanted)])
    tap.done()


if __name__ == "__main__":
    main()
