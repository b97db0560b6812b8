# SPDX-License-Identifier: Apache-2.0
"""Reads documents of azure-vnet or azure-nsg (version 2) and prints what does not hold; then a line of facts.

Every tuple has its form; a connection at an interface begins, continues about every five minutes
and ends, in this order by time; both ends of a connection inside report the same sums."""
import collections
import json
import re
import sys

faults = collections.Counter()
STATES = {"B": 0, "C": 1, "E": 2, "D": 3}
WORDS = {"X", "NX", "NX_LOCAL_DST", "NX_HW_NOT_SUPPORTED", "NX_FALLBACK", "NX_NOT_ACCEPTED"}


def fault(why, what):
    faults[why] += 1
    if faults[why] <= 3:
        print(why, what)


def tuples(record):
    """(group of the rule, text of the tuple) of a record, whose form is checked."""
    if not re.fullmatch(r"2026-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", record["time"]):
        fault("time of record", record["time"])
    if "properties" in record:
        for flow in record["properties"]["flows"]:
            for part in flow["flows"]:
                if part["mac"] != record["macAddress"] or not part["flowTuples"]:
                    fault("list", flow)
                for text in part["flowTuples"]:
                    yield ("", flow["rule"]), text
        return
    if record["flowLogVersion"] != 4 or not re.fullmatch("[0-9A-F]{12}", record["macAddress"]):
        fault("record", record)
    for flow in record["flowRecords"]["flows"]:
        for group in flow["flowGroups"]:
            if not group["flowTuples"]:
                fault("empty list", group)
            for text in group["flowTuples"]:
                yield (flow["aclID"], group["rule"]), text


def parse(group, text):
    f = text.split(",")
    if len(f[0]) == 10:     # of a security group: as if it were of a network
        if len(f) != 13 or f[5] not in "TU" or (f[7] == "D" and f[8] != "B") \
                or (f[8] == "B") != (f[9:] == [""] * 4):
            fault("tuple", text)
        f[7:9] = ["D" if f[7] == "D" else f[8], "NX"]
        f[0] += "000"
        f[9:] = [v or "0" for v in f[9:]]
    if len(f) != 13 or len(f[0]) != 13 or f[7] not in STATES or f[8] not in WORDS:
        fault("tuple", text)
    if f[7] in "BD" and f[9:] != ["0"] * 4:
        fault("counters of a begin", text)
    if (f[7] == "D") != ("eny" in group[1] or group[1] in ("unspecified", "BlockHighRiskPorts")):
        fault("rule of a denial", (group, text))
    return int(f[0]), f[7], tuple(int(v) for v in f[9:]), tuple(f[1:7]), f[8]


def close(life, sums):
    """A finished life: its reports in order of time."""
    times = [t for t, _, _ in life]
    if any(s == "B" for _, s, _ in life[1:]) or any(s == "E" for _, s, _ in life[:-1]):
        fault("order", life)
    for (t, s, _), (u, v, _) in zip(life, life[1:]):
        if u - t > 331000 or (v == "C" and u - t < 268000):
            fault("rhythm", life)
    if life[0][1] == "B" and life[-1][1] == "E":
        total = tuple(sum(c[i] for _, _, c in life) for i in range(4))
        if total[0] == 0 or total[1] < 28 * total[0]:
            fault("sums", life)
        return (times[0], total)
    sums["open"] += 1
    return None


def main():
    lives, facts, last, place = collections.defaultdict(list), collections.Counter(), {}, {}
    for name in sys.argv[1:]:
        with open(name, encoding="utf-8") as f:
            text = f.read()
        records = json.loads(text)["records"] if text.startswith('{"records"') else \
            [json.loads(line) for line in text.splitlines()]
        for record in records:
            mac = record["macAddress"]
            facts["records"] += 1
            if record["time"] < last.get(mac, ""):
                fault("records of an interface out of order", record["time"])
            last[mac] = record["time"]
            for group, text in tuples(record):
                time, state, counts, flow, word = parse(group, text)
                facts["tuples"] += 1
                facts[state] += 1
                facts[word] += 1
                facts[":" in flow[0]] += 1
                if state != "D":
                    lives[(mac,) + flow].append((time, state, counts))
                    if state == "E" and place.get((mac,) + flow) is None:
                        facts["early E"] += 1
                    place[(mac,) + flow] = True
    ends = collections.defaultdict(list)
    for key, reports in lives.items():
        reports.sort(key=lambda r: (r[0], STATES[r[1]]))
        life = []
        for report in reports:
            if report[1] == "B" and life:
                done = close(life, facts)
                if done:
                    ends[key[1:6]].append((key[6], done))
                life = []
            life.append(report)
        done = close(life, facts)
        if done:
            ends[key[1:6]].append((key[6], done))
    for flow, both in ends.items():
        outs = [d for way, d in both if way == "O"]
        for way, (time, total) in both:
            near = [d for d in outs if abs(d[0] - time) < 1100]
            if way == "I" and near:
                facts["pairs"] += 1
                if total not in [d[1] for d in near]:
                    fault("the ends disagree", (flow, total, near))
    part = facts["pairs"] / max(1, facts["E"])
    print(facts["tuples"], "tuples", sum(faults.values()), "faults;", "pairs" if part > 0.2 else facts,
          "denied %.2f" % (facts["D"] / facts["tuples"]), "six %.2f" % (facts[True] / facts["tuples"]),
          "continue" if facts["C"] > facts["tuples"] / 50 else facts["C"],
          " ".join(sorted(w for w in WORDS if facts[w] > 0)))


main()
