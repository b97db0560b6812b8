# SPDX-License-Identifier: Apache-2.0
"""cfdedupe and cfstitch against a plain computation of the same in Python, from the log's own text:
real Azure and Google logs where there are samples, and generated ones always."""
import collections
import csv
import io
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

SECOND = 10 ** 9
IDLE, TOLERANCE = 900 * SECOND, 5 * SECOND
PROTO = {"T": "6", "U": "17"}
ORDER = {"B": 0, "C": 1, "E": 2}


def run(tap, env, words, scratch, name):
    done = harness.run(["sh", "-c", "cd '%s' && { %s; }" % (scratch, words)], env)
    if done.returncode != 0:
        tap.result(False, name, [words, done.stderr.decode()])
        return None
    return list(csv.reader(io.StringIO(done.stdout.decode())))


def compare(tap, name, got, wanted):
    got, wanted = collections.Counter(map(tuple, got)), collections.Counter(map(tuple, wanted))
    lines = ["only here: %s" % (r,) for r in list((got - wanted).elements())[:5]]
    lines += ["not here: %s" % (r,) for r in list((wanted - got).elements())[:5]]
    tap.result(got == wanted and sum(got.values()) > 0,
               "%s: %d rows as counted apart" % (name, sum(wanted.values())), lines)


# ---- Azure ------------------------------------------------------------------------------------

def azure_tuples(path):
    """(mac, rule or list, seconds or ms, fields behind the time) of every tuple."""
    with open(path, encoding="utf-8-sig") as f:
        document = json.load(f)
    for r in document["records"]:
        if "flowRecords" in r:
            for flow in r["flowRecords"]["flows"]:
                for group in flow["flowGroups"]:
                    for text in group["flowTuples"]:
                        yield r["macAddress"], (flow["aclID"], group["rule"]), text.split(",")
        else:
            for rule in r["properties"]["flows"]:
                for flow in rule["flows"]:
                    for text in flow["flowTuples"]:
                        yield flow["mac"], rule["rule"], text.split(",")


def number(text):
    return int(text) if text else None


def plus(a, b):
    return b if a is None else a if b is None else a + b


def events(path, once):
    """Events as [time in ns, order, key, counters or none, denied]; once = copies left out."""
    seen = set()
    for mac, rule, t in azure_tuples(path):
        if (mac, rule, tuple(t)) in seen and once:
            continue
        seen.add((mac, rule, tuple(t)))
        unit = 10 ** 6 if len(t[0]) == 13 else SECOND
        if t[5] in PROTO:
            denied, state, counters = t[7] == "D", t[8] if len(t) > 8 else None, t[9:13]
        else:
            denied, state, counters = t[7] == "D", t[7], t[9:13]
        if state in ("B", "D") or denied:
            counters = [""] * 4
        key = (mac, t[1], t[2], t[3], t[4], PROTO.get(t[5], t[5]), t[6], denied)
        yield int(t[0]) * unit, state, key, [number(c) for c in counters], denied


def join_events(rows):
    flows, by_key = [], collections.defaultdict(list)
    for time, state, key, counters, denied in rows:
        if denied:
            flows.append([time, time, key, [None] * 4, 1, "whole"])
        else:
            by_key[key].append((time, ORDER[state], counters))
    for key, parts in by_key.items():
        now = None

        def close(end, key=key):
            now[5] = {(True, True): "whole", (True, False): "no-end", (False, True): "no-begin",
                      (False, False): "middle"}[(now[5], end)]
            flows.append(now)

        for time, order, counters in sorted(parts, key=lambda p: p[:2]):
            if now is not None and (order == 0 or time - now[1] > IDLE):
                close(False)
                now = None
            if now is None:
                now = [time, time, key, [None] * 4, 0, order == 0]
            now[1] = time
            now[3] = [plus(a, b) for a, b in zip(now[3], counters)]
            now[4] += 1
            if order == 2:
                close(True)
                now = None
        if now is not None:
            close(False)
    for first, last, key, counters, parts, complete in flows:
        yield [str(first), str(last), key[0]] + list(key[1:6]) + \
            [{"I": "ingress", "O": "egress"}[key[6]]] + \
            ["" if c is None else str(c) for c in counters] + [str(parts), complete]


FLOW = "stime,etime,iface,sip,dip,sport,dport,proto,direction,packets,bytes,rpackets,rbytes," \
    "parts,complete"


def azure(tap, env, path, scratch, name):
    for once in (False, True):
        first = "cfdedupe -q --rule=exact --delete '%s' |" % path if once else "cat '%s' |" % path
        got = run(tap, env, first + " cfstitch -q | cfcut --format=csv --no-titles "
                  "--timestamp-format=epoch-ns --fields=" + FLOW, scratch, name)
        if got is None:
            return
        compare(tap, name + (", copies deleted" if once else ""), got,
                join_events(events(path, once)))


# ---- AWS --------------------------------------------------------------------------------------

def aws_rows(path):
    with open(path, encoding="ascii") as f:
        names = f.readline().split()
        for line in f:
            yield dict(zip(names, line.split()))


def aws_dup(path):
    """dup of each row, by the rules exact and interface in the order of the input."""
    rows, texts, groups, dup = list(aws_rows(path)), set(), collections.defaultdict(list), []
    for i, r in enumerate(rows):
        text = tuple(r.values())
        dup.append("" if r["log-status"] != "OK" else "0")
        if r["log-status"] != "OK":
            continue
        if text in texts:
            dup[i] = "1"
            continue
        texts.add(text)
        start, end = int(r["start"]), int(r["end"])
        key = tuple(r[k] for k in ("srcaddr", "dstaddr", "srcport", "dstport", "protocol", "action"))
        best = None
        for g in groups[key]:
            if not g["full"] and g["iface"] != r["interface-id"] \
                    and g["direction"] != r["flow-direction"] \
                    and max(start, g["start"]) - min(end, g["end"]) <= 5 \
                    and (best is None or abs(g["start"] - start) < abs(best["start"] - start)):
                best = g
        if best is None:
            groups[key].append({"row": i, "start": start, "end": end, "full": False,
                                "iface": r["interface-id"], "direction": r["flow-direction"]})
            continue
        best["full"] = True
        dup[i if best["direction"] == "egress" else best["row"]] = "1"
    return dup


def aws_biflows(path):
    """Flows of both directions: first, last, packets and bytes by end, parts, complete."""
    by_key = collections.defaultdict(list)
    for r in aws_rows(path):
        if r["log-status"] != "OK":
            continue
        ends = ((r["srcaddr"], r["srcport"]), (r["dstaddr"], r["dstport"]))
        key = (r["interface-id"], tuple(sorted(ends)), r["protocol"], r["action"])
        flags = int(r["tcp-flags"]) if r["tcp-flags"] != "-" else None
        by_key[key].append((int(r["start"]), int(r["end"]), ends[0], int(r["packets"]),
                            int(r["bytes"]), flags))
    for key, parts in by_key.items():
        flows, now = [], None
        for start, end, source, packets, octets, flags in sorted(
                parts, key=lambda p: (p[0], p[1], p[2] != key[1][0])):
            if now is not None and (start - now["last"] > 900 or (
                    key[2] == "6" and now["flags"][source] & 5 and (flags or 0) & 2)):
                now = None
            if now is None:
                now = {"first": start, "last": end, "parts": 0, "told": False,
                       "flags": collections.Counter(), "sums": collections.Counter()}
                flows.append(now)
            now["last"] = max(now["last"], end)
            now["parts"] += 1
            now["told"] |= flags is not None
            now["flags"][source] |= flags or 0
            now["sums"][source, 0] += packets
            now["sums"][source, 1] += octets
        for f in flows:
            bits = 0
            for v in f["flags"].values():
                bits |= v
            complete = "unknown" if key[2] != "6" or not f["told"] else {
                (True, True): "whole", (True, False): "no-end", (False, True): "no-begin",
                (False, False): "middle"}[(bits & 2 != 0, bits & 5 != 0)]
            sums = [(end, f["sums"][end, 0], f["sums"][end, 1]) for end in key[1]]
            yield (f["first"], f["last"], key[0], tuple(sums), f["parts"], complete)


def aws(tap, env, scratch):
    path = os.path.join(scratch, "v5.log")
    if run(tap, env, "cfgen aws-vpc --flows=30000 --seed=11 --span=2h --format-fields=v5 --ipv6=0 "
           ">v5.log", scratch, "cfgen") is None:
        return
    got = run(tap, env, "cfdedupe -q v5.log | cfcut --format=csv --no-titles --fields=dup", scratch,
              "cfdedupe of AWS")
    if got is not None:
        wanted = aws_dup(path)
        wrong = [i for i, (g, w) in enumerate(zip(got, wanted)) if (g[0] if g else "") != w]
        tap.result(len(got) == len(wanted) and not wrong and wanted.count("1") > 1000,
                   "cfdedupe of AWS: %d of %d rows marked, the same ones" % (
                       wanted.count("1"), len(wanted)), ["row %d" % i for i in wrong[:5]])
    # long gaps in the order of the log, so that all rows of a key are in order when they are joined
    got = run(tap, env, "cfstitch -q --biflow --reorder=1h v5.log | cffilter 'has parts' | "
              "cfcut --format=csv --no-titles --timestamp-format=epoch --fields=stime,etime,iface,sip,sport,"
              "packets,bytes,dip,dport,rpackets,rbytes,parts,complete", scratch, "cfstitch of AWS")
    if got is not None:
        rows = []
        for r in got:
            ends = sorted((((r[3], r[4]), int(r[5] or 0), int(r[6] or 0)),
                           ((r[7], r[8]), int(r[9] or 0), int(r[10] or 0))))
            rows.append((int(r[0]), int(r[1]), r[2], tuple(ends), int(r[11]), r[12]))
        compare(tap, "cfstitch --biflow of AWS", rows, aws_biflows(path))


# ---- Google -----------------------------------------------------------------------------------

def google(tap, env, scratch):
    path = os.path.join(env["CF_SAMPLES"], "gcp-vpc", "logentries-2019.ndjson")
    flows = collections.Counter()
    with open(path, encoding="utf-8") as f:
        for line in f:
            p = json.loads(line)["jsonPayload"]
            c = p["connection"]
            ends = [(c["src_ip"], c.get("src_port")), (c["dest_ip"], c.get("dest_port"))]
            # who reports: the source what it sends, the destination what it gets
            flows[tuple(sorted(ends)) + (ends[p["reporter"] == "DEST"],)] += int(p["bytes_sent"])
    got = run(tap, env, "cfstitch -q --biflow '%s' | cfcut --format=csv --no-titles "
              "--fields=bytes,rbytes" % path, scratch, "Google")
    if got is not None:
        compare(tap, "cfstitch --biflow of a Google log", [
            (int(r[0] or 0) + int(r[1] or 0),) for r in got], [(n,) for n in flows.values()])


def main():
    env = harness.environment()
    tap = harness.Tap()
    missing = harness.missing(["cfgen", "cfdedupe", "cfstitch", "cfcut", "cffilter"], env)
    if missing:
        tap.skip("rows that belong together", "needs " + missing)
        tap.done()
    with tempfile.TemporaryDirectory(prefix="cf-join-") as scratch:
        aws(tap, env, scratch)
        for kind in ("azure-vnet", "azure-nsg"):
            path = os.path.join(scratch, kind + ".json")
            if run(tap, env, "cfgen %s --flows=20000 --seed=3 -o %s.json" % (kind, kind), scratch,
                   "cfgen") is not None:
                azure(tap, env, path, scratch, "generated " + kind)
        if harness.missing(["samples"], env):
            tap.skip("real logs", "needs samples")
            tap.done()
        for name in ("azure-nsg/v2-2022.json", "azure-vnet/sumo-vnet.json",
                     "azure-vnet/sumo-subnet.json"):
            azure(tap, env, os.path.join(env["CF_SAMPLES"], name), scratch, name)
        plugins = harness.run(["cfplugin", "list"], env).stdout.decode()
        if "gcp-vpc" in plugins:
            google(tap, env, scratch)
        else:
            tap.skip("cfstitch --biflow of a Google log", "no reader for it in this build")
    tap.done()


if __name__ == "__main__":
    main()
