# SPDX-License-Identifier: Apache-2.0
"""doc/fields.md: every field and every reader's map on one page, made of what cfplugin tells
(`tests/doc/fields.py --update` writes it). The test fails when the page and the programs differ,
when a map names no field, and when a shipped reader has no map."""
import collections
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

PAGE = os.path.join(harness.TOP, "doc", "fields.md")
# Names of the elements that the catalogue numbers (IANA registry; 6871 is CERT's, 29305 the
# reverse direction of an IANA element).
IPFIX = {
    1: "octetDeltaCount", 2: "packetDeltaCount", 4: "protocolIdentifier", 5: "ipClassOfService",
    6: "tcpControlBits", 7: "sourceTransportPort", 8: "sourceIPv4Address",
    9: "sourceIPv4PrefixLength", 10: "ingressInterface", 11: "destinationTransportPort",
    12: "destinationIPv4Address", 13: "destinationIPv4PrefixLength", 14: "egressInterface",
    15: "ipNextHopIPv4Address", 16: "bgpSourceAsNumber", 17: "bgpDestinationAsNumber",
    18: "bgpNextHopIPv4Address", 34: "samplingInterval", 52: "minimumTTL", 53: "maximumTTL",
    55: "postIpClassOfService", 56: "sourceMacAddress", 57: "postDestinationMacAddress",
    58: "vlanId", 59: "postVlanId", 61: "flowDirection", 80: "destinationMacAddress",
    81: "postSourceMacAddress", 82: "interfaceName", 85: "octetTotalCount", 86: "packetTotalCount",
    89: "forwardingStatus", 96: "applicationName", 132: "droppedOctetDeltaCount",
    133: "droppedPacketDeltaCount", 136: "flowEndReason", 148: "flowId",
    149: "observationDomainId", 156: "flowStartNanoseconds", 157: "flowEndNanoseconds",
    161: "flowDurationMilliseconds", 176: "icmpTypeIPv4", 177: "icmpCodeIPv4",
    195: "ipDiffServCodePoint", 225: "postNATSourceIPv4Address",
    226: "postNATDestinationIPv4Address", 227: "postNAPTSourceTransportPort",
    228: "postNAPTDestinationTransportPort", 233: "firewallEvent", 234: "ingressVRFID",
    236: "VRFname", 258: "collectionTimeMilliseconds", 300: "observationDomainName",
    322: "observationTimeSeconds", 335: "selectorName", 348: "virtualStationInterfaceName",
    350: "virtualStationName", 351: "layer2SegmentId", 371: "userName",
}
# Where IPv6 has an element of its own.
SIX = {8: "27 sourceIPv6Address", 12: "28 destinationIPv6Address", 9: "29 sourceIPv6PrefixLength",
       13: "30 destinationIPv6PrefixLength", 15: "62 ipNextHopIPv6Address",
       18: "63 bgpNextHopIPv6Address", 176: "178 icmpTypeIPv6", 177: "179 icmpCodeIPv6",
       225: "281 postNATSourceIPv6Address", 226: "282 postNATDestinationIPv6Address"}
CERT = {14: "initialTCPFlags", 15: "unionTCPFlags"}

HEAD = """\
# Fields

What each field means, what others call it, and what every reader makes of its log. Written by
`tests/doc/fields.py --update` from the catalogue and the tables of the readers; a test compares.
At a terminal: `cfplugin fields`, `cfplugin map aws-vpc`.

- Absent is null, never zero. A reader that does not know a field leaves it null.
- Names work in every command, in any case, with `-` or `_`; so do ECS names and those of the
  element in IPFIX (`cfcut --help-fields` lists all).
- IPFIX: `counts` total makes 85 and 86 of 1 and 2; times are named in nanoseconds, 150 to 155 are
  the same in s, ms and us.
- ECS has times as text and OCSF as milliseconds since 1970; durations are nanoseconds in ECS and
  milliseconds in OCSF. Here both are nanoseconds.
- A row of one direction fills `network.bytes` and `traffic.bytes` with `bytes`, one of both with
  `bytes` + `rbytes`; packets alike.
- OCSF has numbers beside words: `action_id` 1 accept, 2 reject; `direction_id` 1 ingress, 2 egress;
  `activity_id` 1 begin, 2 end, 6 continue and whole, 5 deny; `boundary_id` is the path of AWS + 3.
- The ids of the observing interface (`iface`, `instance`, `subnet`, `vpc`) belong to `dst_endpoint`
  where `direction` is ingress, else to `src_endpoint`. Where `pktsip` and `pktdip` are known they
  are the `ip` of the endpoints (`esip`, `edip`), and `sip`, `dip` go to `intermediate_ips`.
"""

SEMANTICS = """
## What a row means

Rows of different meaning can stand in one file; these columns tell them apart. Adding bytes of
different kinds, or totals to deltas, is the caller's decision; `cfstats` warns of the first.

- shape: *uni*, one direction; *bi*, both; *event*, begin, continuation or end of a connection (`state`)
- counters: *delta*, since the row before; *total*, of the whole connection; *estimate*, sampled
- bytes: *ip* packets, *packet* with headers, *payload*, *frame*, or *unknown*
- times: how the log writes them; verdict, flags, loss: does the log tell
"""


def cell(text):
    return "" if text is None else str(text).replace("|", "\\|")


def code(text):
    return "`" + text + "`" if text else ""


def table(titles, rows):
    yield "| " + " | ".join(titles) + " |"
    yield "|" + "---|" * len(titles)
    for row in rows:
        yield "| " + " | ".join(cell(c) for c in row) + " |"


def element(value):
    """"8 sourceIPv4Address" of a number, or of "29305/8" """
    if value is None:
        return ""
    pen, _, number = str(value).rpartition("/")
    number = int(number)
    if pen == "6871":
        return "%s/%d %s" % (pen, number, CERT[number])
    text = "%s%d %s" % (pen + "/" if pen else "", number, IPFIX[number])
    return text + " (reverse)" if pen == "29305" else text + (
        ", " + SIX[number] if number in SIX else "")


def kind(f):
    if f["words"]:
        return "one of " + ", ".join(f["words"].split())
    return f["kind"] + (", " + f["unit"] if f["unit"] else "")


def field_rows(fields):
    for f in fields:
        yield (code(f["name"]), kind(f), element(f["ipfix"]), code(f["ecs"]), code(f["ocsf"]),
               f["meaning"])


def semantics(readers):
    for name, rows in readers.items():
        of = {}
        for r in rows:
            of.setdefault(r["field"], []).append(r)

        def value(field):
            return ", ".join(r["value"] or r["logged"] or "" for r in of.get(field, ()))

        units = [r["written"] for r in of.get("stime", ()) if r["written"]]
        yield (name, value("provider"), value("shape"), value("counts"), value("bytekind"),
               ", ".join(dict.fromkeys(units)), "yes" if "rbytes" in of else "no",
               value("action"), value("flags"), value("logstatus") or value("missed_bytes"),
               value("sampling"))


def names_rows(fields, readers):
    """Fields that more than one reader fills from its log, with all their names."""
    for f in fields:
        used = {n: [r["logged"] for r in rows if r["field"] == f["name"] and r["logged"]]
                for n, rows in readers.items()}
        if sum(bool(u) for u in used.values()) > 1:
            yield (code(f["name"]), *(", ".join(u) for u in used.values()))


def first_alike(readers, name):
    """The first reader with the same map."""
    def bare(rows):
        return [{k: v for k, v in r.items() if k != "plugin" and v} for r in rows]

    return next(n for n, rows in readers.items() if bare(rows) == bare(readers[name]))


def page(fields, readers):
    derived = [f for f in fields if f["inputs"]]
    stored = [f for f in fields if not f["inputs"]]
    yield HEAD
    yield "## The catalogue\n"
    yield from table(("field", "kind", "IPFIX", "ECS", "OCSF", "meaning"), field_rows(stored))
    yield "\nDerived when asked for, never stored:\n"
    yield from table(("field", "kind", "from", "IPFIX", "ECS", "OCSF", "meaning"), (
        (r[0], r[1], f["inputs"]) + r[2:] for f, r in zip(derived, field_rows(derived))))
    yield SEMANTICS
    yield from table(("reader", "provider", "shape", "counters", "bytes", "times", "both ways",
                      "verdict", "flags", "loss", "sampling"), semantics(readers))
    own = {n: r for n, r in readers.items() if first_alike(readers, n) == n}
    if len(own) > 1:
        yield "\n## One field, many names\n"
        yield from table(("field", *own), names_rows(fields, own))
    for name, rows in readers.items():
        yield "\n## %s\n" % name
        if first_alike(readers, name) != name:
            yield "The same as %s." % first_alike(readers, name)
            continue
        yield from table(("in the log", "written", "field", "note"), (
            (code(r["logged"]), r["written"], code(r["field"]), r["note"])
            for r in rows if r["logged"]))
        own = [r for r in rows if not r["logged"]]
        if own:
            yield "\nWhat the reader itself says:\n"
            yield from table(("field", "value", "note"), (
                (code(r["field"]), r["value"], r["note"]) for r in own))


def ask(env, *argv):
    done = harness.run(["cfplugin", *argv, "--format=ndjson"], env)
    if done.returncode != 0:
        sys.exit("cfplugin %s: %s" % (" ".join(argv), done.stderr.decode()))
    # Null is left out in NDJSON.
    return [collections.defaultdict(lambda: None, json.loads(line))
            for line in done.stdout.decode().splitlines()]


def shipped():
    with open(os.path.join(harness.TOP, "site", "site.json"), encoding="utf-8") as f:
        return [p["name"] for p in json.load(f)["plugins"]]


def main():
    env = harness.environment()
    names = shipped()
    fields = ask(env, "fields")
    readers = {n: [] for n in names}
    for row in ask(env, "map", *names):
        readers[row["plugin"]].append(row)
    text = "\n".join(page(fields, readers)) + "\n"
    if "--update" in sys.argv:
        with open(PAGE, "w", encoding="utf-8") as f:
            f.write(text)
        return
    tap = harness.Tap()
    known = {f["name"] for f in fields}
    for name, rows in readers.items():
        tap.result(rows, name + " has a map")
        wrong = [r["field"] for r in rows if r["field"] not in known]
        tap.result(not wrong, name + ": each field of its map is in the catalogue", wrong)
        double = [(r["logged"], r["field"]) for r in rows]
        tap.result(len(set(double)) == len(double), name + ": no row twice")
    with open(PAGE, encoding="utf-8") as f:
        have = f.read()
    lines = text.splitlines()
    tap.result(have == text, "doc/fields.md is what the programs say (else: --update)",
               ["now: " + new for new in lines if new not in have.splitlines()][:20])
    tap.done()


if __name__ == "__main__":
    main()
