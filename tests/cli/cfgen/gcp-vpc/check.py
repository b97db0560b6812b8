# SPDX-License-Identifier: Apache-2.0
"""Reads entries of gcp-vpc, one a line, and prints what does not hold; then a line of facts.

Every entry has its form; counts are estimates from samples, so multiples of a rate; the two ends of
a connection inside report the same within the accuracy of sampling."""
import collections
import json
import re
import sys

faults = collections.Counter()
TIME = re.compile(r"202[56]-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z")


def fault(why, what):
    faults[why] += 1
    if faults[why] <= 3:
        print(why, json.dumps(what))


def seconds(text):
    return int(text[11:13]) * 3600 + int(text[14:16]) * 60 + float(text[17:-1])


def check(entry, interval):
    p = entry["jsonPayload"]
    c = p["connection"]
    times = [p["start_time"], p["end_time"], entry["timestamp"], entry["receiveTimestamp"]]
    if any(not TIME.fullmatch(t) for t in times) or times != sorted(times):
        fault("times", entry)
    if seconds(times[1]) - seconds(times[0]) > interval:
        fault("longer than the interval", entry)
    if not isinstance(p["bytes_sent"], str) or not isinstance(p["packets_sent"], str):
        fault("type of a count", entry)
    packets, size = int(p["packets_sent"]), int(p["bytes_sent"])
    if packets < 4 or packets % 4 != 0 or size % 4 != 0 or size > 1460 * packets:
        fault("estimate", entry)
    if (c["protocol"] in (6, 17)) != ("src_port" in c and "dest_port" in c):
        fault("ports", entry)
    if "rtt_msec" in p and (c["protocol"] != 6 or not isinstance(p["rtt_msec"], str)):
        fault("rtt", entry)
    near, far = ("src", "dest") if p["reporter"] == "SRC" else ("dest", "src")
    if p["reporter"] not in ("SRC", "DEST") or not re.fullmatch("[a-z0-9]{13}", entry["insertId"]):
        fault("entry", entry)
    if "_".join((near, "instance")) not in p or near + "_location" in p:
        fault("the reporter is not annotated", entry)
    if far + "_instance" in p and (far + "_location" in p or far + "_google_service" in p):
        fault("inside and outside", entry)
    for side in ("src", "dest"):
        country = p.get(side + "_location", {}).get("country", "abc")
        if not re.fullmatch("[a-z]{3}", country):
            fault("country", entry)
    return p, c, packets, size


def main():
    interval = int(sys.argv[1])
    facts, seen, sums = collections.Counter(), set(), collections.Counter()
    reports = collections.defaultdict(set)
    for line in sys.stdin:
        entry = json.loads(line)
        p, c, packets, size = check(entry, interval)
        facts["entries"] += 1
        if entry["insertId"] in seen:
            fault("the same insertId again", entry)
        seen.add(entry["insertId"])
        facts[p["reporter"]] += 1
        facts["v6"] += ":" in c["src_ip"]
        facts["rtt"] += "rtt_msec" in p
        facts["tcp"] += c["protocol"] == 6
        facts["pod"] += "src_gke_details" in p
        facts["google"] += "dest_google_service" in p
        facts["outside"] += "src_location" in p
        if "src_instance" in p and "dest_instance" in p:
            sums[p["reporter"] + " packets"] += packets
            sums[p["reporter"] + " bytes"] += size
            slot = int(seconds(p["start_time"]) // interval)
            key = (c["src_ip"], c.get("src_port"), c["dest_ip"], c.get("dest_port"), slot)
            reports[key].add(p["reporter"])
    both = sum(len(r) == 2 for r in reports.values()) / max(1, len(reports))
    print(facts["entries"], "entries", sum(faults.values()), "faults;",
          "both ends: %s," % (round(both, 1) if both < 1 else "always"),
          "src:dest packets %.1f bytes %.1f," % tuple(
              sums["SRC " + k] / max(1, sums["DEST " + k]) for k in ("packets", "bytes")),
          "rtt of tcp %.1f," % (facts["rtt"] / facts["tcp"]), "v6 %.2f," % (facts["v6"] / facts["entries"]),
          " ".join(k for k in ("SRC", "DEST", "pod", "google", "outside") if facts[k] > 0))


main()
