# SPDX-License-Identifier: Apache-2.0
"""Broken .cf files, made from a good small one: each command that reads them ends with status 1 and a message that names the
file, from a file and from a pipe. What is told here is never a crash and never fewer rows with status 0."""
import os
import re
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
sys.path.insert(0, HERE)
import craft  # noqa: E402
import harness  # noqa: E402
from craft import Part, join, parts, with_chunk, with_entry  # noqa: E402

BASE = os.path.join(harness.TOP, "tests", "golden", "v1", "kit.cf")


def data_of(blocks):
    return next(p for p in blocks if p.kind == b"DATA")


def changed(base, change):
    """The base with its first data block's body changed and everything else made to fit."""
    blocks = parts(base)
    p = data_of(blocks)
    p.body = change(p.body)
    return join(blocks)


def replaced(base, kind, body):
    blocks = parts(base)
    for p in blocks:
        if p.kind == kind:
            p.body = body
    return join(blocks)


def inserted(base, part, before=b"DATA"):
    blocks = parts(base)
    at = next(i for i, p in enumerate(blocks) if p.kind == before)
    return join(blocks[:at] + [part] + blocks[at:])


def cut_cases(base):
    for at in craft.edges(base)[1:-1]:
        yield "cut at block edge %d" % at, base[:at], "cut: no end block after block [01]"
    for at in (1, 7, 9, 31, len(base) // 2, len(base) - 73, len(base) - 1):
        yield "cut at byte %d" % at, base[:at], "cut: no end block after block [01]"
    yield "empty", b"", "empty"


def flip_cases(base):
    edge = craft.edges(base)
    names = [p.kind.decode().strip().lower() for p in parts(base)]
    for begin, end, name in zip(edge[1:], edge[2:], names):
        if name != "indx":          # an unknown block that may be skipped: nothing is lost
            yield "bit in the type of " + name, flip(base, begin), ""
        yield "bit in the flags of " + name, flip(base, begin + 5), ""
        yield "bit in the check of " + name, flip(base, begin + 17), "checksum differs|is not known"
        yield "first byte of " + name, flip(base, begin + 24), ""
        yield "last byte of " + name, flip(base, end - 1), ""
    body = base.index(b"DATA") + 24
    for col in range(7):
        begin, _ = craft.chunk(data_of(parts(base)).body, col)
        yield "chunk of column %d" % col, flip(base, body + begin + 1), "block 1: column [a-z]+: checksum differs"


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1:]


def head_cases(base):
    yield "no magic", b"GIF89a" + base[6:], "not a .cf stream|no reader"
    yield "text mode", base[:3] + b"\n" + base[5:], "text-mode"
    yield "version 2", base[:7] + b"\x02" + base[8:], "format version 2 is newer"
    yield "bytes behind the end", base + b"\n", "follows the end block|cut"
    yield "zero bytes behind the end", base + bytes(100), "follows the end block"
    yield "half a segment behind", base + base[:200], "cut"
    yield "unknown essential block", inserted(base, Part(b"XYZW", 0, b"new")), "0x575A5958"
    yield "data before schema", join([p for p in parts(base) if p.kind != b"SCHM"]), "before any schema"
    blocks = parts(base)
    for length in (1 << 31, (1 << 31) + 1, (1 << 63) - 1, (1 << 64) - 1):
        yield "data of %d bytes" % length, craft.MAGIC + blocks[0].pack() + data_of(blocks).pack(length=length), ""
        yield "schema of %d bytes" % length, craft.MAGIC + blocks[0].pack(length=length), ""


def end_cases(base):
    blocks = parts(base)
    good = blocks[-1].body
    for place, what in ((0, "segment"), (8, "blocks"), (16, "rows"), (24, "index"), (32, "body-check"), (40, "tail")):
        wrong = good[:place] + struct.pack("<Q", struct.unpack_from("<Q", good, place)[0] + 1) + good[place + 8:]
        rest = b"".join(p.pack() for p in blocks[:-1])
        if what != "index":         # an index that is not there is no damage: rows are read in order
            yield "end: wrong " + what, craft.MAGIC + rest + Part(b"END ", 0, wrong).pack(), "end block"
    yield "a block lost", join([p for p in blocks if p is not data_of(blocks)])[:-72] + blocks[-1].pack(), "end block"


def index_case(base):
    """An index that tells other times than the block: a window would lose rows."""
    blocks = parts(base)
    index = next(p for p in blocks if p.kind == b"INDX")
    index.body = index.body[:32] + struct.pack("<q", struct.unpack_from("<q", index.body, 32)[0] + 1) + index.body[40:]
    return craft.MAGIC + b"".join(p.pack() for p in blocks)


def schema_cases(base):
    blocks = parts(base)
    text = blocks[0].body.decode()
    for name, body, message in (
            ("no JSON", b"{", "schema"), ("no columns", b"{}", "no array of columns"),
            ("JSON with NUL", b'{"columns":[{"name":"a\\u0000b","kind":"uint","width":4}]}', "schema"),
            ("name", text.replace('"dport"', '"Bad Name"').encode(), "no legal name"),
            ("kind", text.replace('"uint"', '"float"', 1).encode(), 'does not know the kind "float"'),
            ("kind of a known field", text.replace('"name":"dport","kind":"uint","width":2',
                                                   '"name":"dport","kind":"string","width":4').encode(),
             "column dport is of kind string, but"),
            ("width", text.replace('"width":2', '"width":3').encode(), "no legal kind and width"),
            ("twice", text.replace('"dip"', '"sip"').encode(), "column sip stands twice"),
            ("unknown word", text.replace('"accept"', '"maybe"').encode(), 'does not know the word "maybe"'),
            ("a column less", text.replace('{"name":"dport","kind":"uint","width":2,"unit":"port"},', '').encode(), "columns|dir"),
            ("deep JSON", b'{"columns":' + b"[" * 5000 + b"]" * 5000 + b"}", "schema")):
        yield "schema: " + name, replaced(base, b"SCHM", body), message


def directory_cases(base):
    def entry_with(col, place, value):
        def change(body):
            values = craft.entry(body, col)
            values[place] = value
            return with_entry(body, col, values)
        return change

    for name, change, message in (
            ("no rows", lambda b: struct.pack("<I", 0) + b[4:], "0 rows"),
            ("65537 rows", lambda b: struct.pack("<I", 65537) + b[4:], "65537 rows"),
            ("fewer rows", lambda b: struct.pack("<I", 9) + b[4:], "block 1"),
            ("more rows", lambda b: struct.pack("<I", 3000) + b[4:], "block 1"),
            ("other columns", lambda b: b[:4] + struct.pack("<I", 6) + b[8:], "columns|checksum"),
            ("huge chunk", entry_with(0, 0, 0xFFFFFFFF), "chunks end|block 1"),
            ("more nulls than rows", entry_with(3, 1, 99999), "nulls"),
            ("nulls that are not", entry_with(3, 1, 1), "block 1: column dport"),
            ("no chunk", lambda b: with_chunk(b, 3, b""), "nulls|column dport")):
        yield "directory: " + name, changed(base, change), message


def chunk_cases(base):
    rows = struct.unpack_from("<I", data_of(parts(base)).body)[0]
    for name, data in (
            ("nothing but zero", b"\0"), ("unknown op", b"\0\xff"), ("unknown nullpart", b"\x09\0\0"),
            ("endless varint", b"\0\0" + b"\x80" * 40), ("too large constant", b"\0\0\xff\xff\xff\x7f"),
            ("bytes behind", b"\0\0\x05junk"), ("refers to itself", b"\0\x09\x03\0"),
            ("refers behind the end", b"\0\x09\x63\0"), ("refers to strings", b"\0\x09\x05\0"),
            ("nested without end", b"\0" + b"\x0b\x01" * 40 + b"\0\0"), ("huge buffer", b"\0\x01\x02\0\xff\xff\xff\x1f"),
            ("bomb", b"\0\x01\x02\x01" + bytes([0x80 | 2 * rows & 127, 2 * rows >> 7]) + b"\x05junk!"),
            ("65 bits", b"\0\x02\x41\0\0\0"), ("patch behind", b"\0\x06\x01\0\0\0\xff\x7f\0\x01"),
            ("runs", b"\0\x05\x01\0\x01\0\x02"), ("no dictionary", b"\0\x04\0\0\0\0\0")):
        yield "chunk: " + name, changed(base, lambda b, data=data: with_chunk(b, 3, data)), "block 1: column dport"


def cases(base):
    for group in (cut_cases, flip_cases, head_cases, end_cases, schema_cases, directory_cases, chunk_cases):
        yield from group(base)


def harmless(base):
    """Odd, but nothing is lost: these are read."""
    yield "unknown skippable block", inserted(base, Part(b"XYZW", 1, b"new")), 1
    yield "note", inserted(base, Part(b"NOTE", 1, b'{"a":1}')), 1
    yield "schema twice", inserted(base, parts(base)[0]), 1
    yield "no index", join_without_index(base), 1
    yield "twice", base + base, 2
    yield "an empty segment between", base + join([]) + base, 2


def foreign(base):
    """Schemas as another writer may have them: words in another order, other widths, columns that nobody knows here; and what
    becomes of the rows in CSV."""
    text = parts(base)[0].body.decode()

    def swap(csv):
        return csv.replace("accept", "ACC").replace("reject", "accept").replace("ACC", "reject")

    def same(csv):
        return csv

    yield "words in another order", text.replace('"accept","reject"', '"reject","accept"'), swap
    yield "wider numbers", text.replace('"kind":"uint","width":2', '"kind":"uint","width":8'), same
    yield "unknown columns", text.replace('"name":"dport"', '"name":"x-port"').replace(
        '"name":"action"', '"name":"x-action"').replace('"name":"iface"', '"name":"x-iface"'), \
        lambda csv: csv.replace("dport", "x-port").replace("action", "x-action").replace("iface", "x-iface")
    yield "unknown keys", text.replace('{"columns"', '{"future":[1,{}],"columns"').replace(
        '"unit":"bytes"', '"unit":"furlongs","more":{}'), same


def check_foreign(tap, env, base):
    cut = ["cfcut", "--all-fields", "--format=csv", "x.cf"]
    with open("x.cf", "wb") as f:
        f.write(base)
    plain = run(cut, env).stdout.decode()
    for name, schema, change in foreign(base):
        with open("x.cf", "wb") as f:
            f.write(replaced(base, b"SCHM", schema.encode()))
        first = run(cut, env)
        # What is written has our words and widths, whatever the input had.
        copied = run(["cfcat", "--force", "-o", "x.cf", "x.cf"], env)
        second = run(cut, env)
        wanted = change(plain)
        tap.result(first.stdout.decode() == wanted and second.stdout.decode() == wanted, "foreign schema: " + name,
                   [first.stderr.decode(), copied.stderr.decode(), second.stderr.decode()])


def join_without_index(base):
    blocks = [p for p in parts(base) if p.kind != b"INDX"]
    end = blocks[-1]
    size = len(craft.MAGIC) + sum(24 + len(p.body) for p in blocks)
    end.body = struct.pack("<Q", size) + end.body[8:24] + struct.pack("<Q", 0) + end.body[32:]
    return craft.MAGIC + b"".join(p.pack() for p in blocks)


def run(argv, env, stdin=None):
    return subprocess.run(argv, env=env, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                          check=False)


def main():
    env = harness.environment()
    tap = harness.Tap()
    with open(BASE, "rb") as f:
        base = f.read()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, data, message in cases(base):
            with open("x.cf", "wb") as f:
                f.write(data)
            notes = []
            for argv, stdin in ((["cfinfo", "--verify", "x.cf"], None), (["cfinfo", "--verify"], data),
                                (["cfcat", "-o", "/dev/null", "x.cf"], None), (["cfcat", "-o", "/dev/null"], data)):
                done = run(argv, env, stdin)
                said = done.stderr.decode("utf-8", "replace")
                source = "stdin" if stdin is not None else "x.cf"
                if done.returncode != 1 or not re.match(r"(cfinfo|cfcat): %s: ." % source, said) or \
                        (argv[0] == "cfinfo" and not re.search(message, said)):
                    notes.append("%s: status %d: %s" % (" ".join(argv), done.returncode, said))
            tap.result(not notes, name, notes)
        with open("x.cf", "wb") as f:
            f.write(index_case(base))
        done = run(["cfinfo", "--verify", "x.cf"], env)
        tap.result(done.returncode == 1 and b"x.cf: block 1: the index tells otherwise" in done.stderr, "index: other times",
                   [done.stderr.decode()])
        check_foreign(tap, env, base)
        for name, data, times in harmless(base):
            good = True
            for stdin in (None, data):
                with open("x.cf", "wb") as f:
                    f.write(data)
                done = run(["cfinfo", "--verify", "--summary", "--format=csv"] + ([] if stdin else ["x.cf"]), env, stdin)
                row = done.stdout.decode().split("\n")[1].split(",")
                good = good and done.returncode == 0 and row[3] == str(times * ROWS) and row[-1] == "verified"
            tap.result(good, name + " is read", [done.stderr.decode(), done.stdout.decode()])
    tap.done()


ROWS = 1000

if __name__ == "__main__":
    main()
