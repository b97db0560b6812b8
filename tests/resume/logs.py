# SPDX-License-Identifier: Apache-2.0
"""Logs that grow, for the tests of --resume: made by cfgen or taken from the samples, as bytes.
Each has a name, the bytes of the finished log, and a function that gives the log as its writer
would have left it when so many bytes were written."""
import gzip
import json
import os

import harness


def prefix(log, n):
    return log[:n]


def as_gzip(log, n):
    """A file that is compressed anew as it grows."""
    return gzip.compress(log[:n], 1, mtime=0)


def cut_gzip(log, n):
    """A compressed file that is being written: log is the .gz itself."""
    return log[:n]


def closed_array(records, head, tail):
    """A JSON document that its writer closes again after every record: blobs of the hour."""
    def at(log, n):
        if n == len(log):
            return head + b",".join(records) + tail
        out, size = [], len(head)
        for r in records:
            size += len(r) + 1
            if size > n:
                break
            out.append(r)
        return head + b",".join(out) + tail
    return at


def generated(env, argv):
    done = harness.run(["cfgen"] + argv, env)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode())
    return done.stdout


def aws(env):
    """(name, log, writer, more options) of the ways AWS logs come in."""
    text = generated(env, ["aws-vpc", "--flows=700", "--seed=5"])
    lines = text.splitlines()
    header, rows = lines[0], lines[1:]
    bad = rows[:150] + [b"2 1 eni-1 x", b"", b"\x01 control"] + rows[150:]
    long = rows[:60] + [b"x" * 70000] + rows[60:]
    events = [json.dumps({"timestamp": i, "message": r.decode()}).encode()
              for i, r in enumerate(rows)]
    several = [json.dumps({"message": b"\n".join(rows[i:i + 7]).decode()}).encode()
               for i in range(0, len(rows), 7)]
    envelope = (b'{"messageType": "DATA_MESSAGE", "subscriptionFilters": ["all"],\n "logEvents": ['
                + b",\n".join(events) + b"]}")
    objects = [json.dumps(dict(zip(header.decode().split(), r.decode().split()))).encode()
               for r in rows]
    other = b" ".join(reversed(header.split()))
    turned = [b" ".join(reversed(r.split())) for r in rows]
    array = b"[" + b", ".join(events) + b"]"
    broken = events[:90] + [b'{"message": "2 1 eni'] + events[90:]
    yield "text with a header", text, prefix
    yield "text without a header", b"\n".join(rows) + b"\n", prefix
    yield "bad lines", b"\n".join([header] + bad) + b"\n", prefix
    yield "a line beyond all bounds", b"\n".join([header] + long) + b"\n", prefix
    yield "CR LF and a BOM", b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"), prefix
    yield "the header changes", b"\n".join([header] + rows[:300] + [other] + turned[300:]) + \
        b"\n", prefix
    yield "compressed anew", text, as_gzip
    yield "compressed while written", gzip.compress(text, 6, mtime=0), cut_gzip
    yield "an event in each line", b"\n".join(events) + b"\n", prefix
    yield "several lines in an event", b"\n".join(several) + b"\n", prefix
    yield "a broken event", b"\n".join(broken) + b"\n", prefix
    yield "an array of events", array, prefix
    yield "an array that is closed each time", array, closed_array(events, b"[", b"]")
    yield "a subscription's envelope", envelope, prefix
    yield "objects with a key for each field", b"\n".join(objects) + b"\n", prefix
    table = harness.run(["cfcut", "--format=csv", "--fields=stime,etime,sip,dip,sport,dport,proto,"
                         "packets,bytes,action", "-"], env, input=text, stdin=None).stdout
    yield "csv, as cfcut writes it", table, prefix


def growing_list(key):
    """A document with one list below a key, which is closed each time."""
    def make(data):
        document = json.loads(data)
        head, tail = json.dumps({k: v for k, v in document.items() if k != key}), b"]}"
        begin = head[:-1] + (", " if len(head) > 2 else "") + json.dumps(key) + ":["
        return closed_array([json.dumps(r).encode() for r in document[key]], begin.encode(), tail)
    return make


# Readers beside aws-vpc: their name, a real sample, how many of its bytes (0 = all), and how it
# grows: as it is written, or by a function that makes the writer from the sample.
SAMPLES = [
    ("nfdump-csv", "nfdump/strato-test1-nfdump171.csv.gz", 200000, None),
    ("zeek-conn", "zeek/rita-proxy-conn.log", 0, None),
    ("suricata-flow", "suricata/strato-test6-eve.json", 300000, None),
    ("gcp-vpc", "gcp-vpc/logentries-2019.ndjson", 0, None),
    ("azure-nsg", "azure-nsg/v2-2022.json", 0, None),
    ("azure-nsg", "azure-nsg/v2-2022.json", 0, growing_list("records")),
    ("azure-vnet", "azure-vnet/sumo-vnet.json", 0, None),
    ("azure-vnet", "azure-vnet/sumo-vnet.json", 0, growing_list("records")),
    ("azure-vnet", "azure-vnet/sumo-subnet.json", 0, growing_list("records")),
    ("oci-vcn", "oci-vcn/logging-event.json", 0, None),
    ("ibm-vpc", "ibm-vpc/flowlogger-3flows.json", 0, None),
]


# What cfgen makes in the ways of providers: reader, name and options.
GENERATED = [
    ("oci-vcn", ["oci-vcn"]), ("ibm-vpc", ["ibm-vpc"]), ("alibaba-vpc", ["alibaba-vpc"]),
    ("azure-vnet", ["azure-vnet"]), ("gcp-vpc", ["gcp-vpc"]),
]


def others(env):
    """(reader, what, log, writer) of the other readers."""
    for reader, argv in GENERATED:
        log = generated(env, argv + ["--flows=300", "--seed=3"])
        yield reader, "cfgen " + " ".join(argv), log, prefix
        yield reader, "cfgen " + " ".join(argv) + ", compressed anew", log, as_gzip


def samples(env):
    """(reader, what, log, writer)"""
    for reader, path, size, how in SAMPLES:
        with open(os.path.join(env["CF_SAMPLES"], path), "rb") as f:
            data = f.read()
        if path.endswith(".gz"):
            data = gzip.decompress(data)
        if size:
            data = data[:data.rindex(b"\n", 0, size) + 1]
        name = "%s: %s%s" % (reader, path, ", closed each time" if how else "")
        yield reader, name, data, how(data) if how else prefix
