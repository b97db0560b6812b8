#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second reader of .cf streams, written from doc/format.md alone: it proves that the text is enough. It looks at every
checksum and statistic, and prints all rows as CSV like `cfcut --format=csv` with all fields. Clear before fast: some
20,000 values a second. Numbers of sections in the comments are those of the text.

    cfdecode.py [--quiet] FILE
"""
import datetime
import ipaddress
import json
import os
import signal
import struct
import subprocess
import sys
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from xxh3 import xxh3  # noqa: E402

MAGIC = b"\x89CF\r\n\x1a\n\x01"
SCHM, DATA, PROV, NOTE, INDX, END = (int.from_bytes(t, "little") for t in
                                     (b"SCHM", b"DATA", b"PROV", b"NOTE", b"INDX", b"END "))
M64 = (1 << 64) - 1
V4 = 0xFFFF << 32
ROWS, COLUMNS, NESTED = 65536, 1024, 8


class Bad(Exception):
    """The bytes are not what the text allows."""


def need(good, *what):
    if not good:
        raise Bad(" ".join(str(w) for w in what))


class Bytes:
    """Bytes with a place (1)."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        need(n <= len(self.data) - self.at, "ends within a value")
        self.at += n
        return self.data[self.at - n:self.at]

    def u8(self):
        return self.take(1)[0]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.u8()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                need(value <= M64, "varint above 64 bits")
                return value
            need(shift < 70, "varint of more than 10 bytes")

    def count(self):
        value = self.varint()
        need(value <= ROWS, "count", value, "above", ROWS)
        return value


def unzigzag(z):
    return (z >> 1 ^ -(z & 1)) & M64


def bit_list(data, n):
    need(n % 8 == 0 or data[-1] >> n % 8 == 0, "bits behind the last item")
    return [data[i >> 3] >> (i & 7) & 1 for i in range(n)]


# ---- 5.1 buffers

def lz4_block(data, size):
    out, b = bytearray(), Bytes(data)

    def length(n):
        while n >= 15:
            more = b.u8()
            n += more
            if more < 255:
                break
        return n

    while True:
        token = b.u8()
        out += b.take(length(token >> 4))
        if b.at == len(data):
            return bytes(out)
        back = int.from_bytes(b.take(2), "little")
        need(0 < back <= len(out) and len(out) <= size, "LZ4: reaches before the begin")
        for _ in range(length(token & 15) + 4):
            out.append(out[-back])


def unzstd(data):
    try:
        import zstandard
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=1 << 26)
    except ImportError:
        done = subprocess.run(["zstd", "-dcq"], input=data, stdout=subprocess.PIPE, check=False)
        need(done.returncode == 0, "zstd fails")
        return done.stdout


def buffer(b, size):
    comp, raw = b.u8(), b.varint()
    need(raw == size and raw <= 1 << 26, "buffer of", raw, "bytes where", size, "are due")
    if comp == 0:
        return b.take(raw)
    need(comp <= 3, "compression", comp)
    stored = b.take(b.varint())
    data = unzstd(stored) if comp == 1 else lz4_block(stored, raw) if comp == 2 else zlib.decompress(stored)
    need(len(data) == raw, "buffer of", len(data), "bytes, not", raw)
    return data


def packed(b, m, bits):
    need(bits <= 64, bits, "bits")
    data, out = buffer(b, (m * bits + 7) // 8), []
    for i in range(0, m, 8):                    # eight numbers fill whole bytes
        word = int.from_bytes(data[i * bits // 8:(i + 8) * bits // 8], "little")
        out += [word >> bits * j & (1 << bits) - 1 for j in range(min(8, m - i))]
    return out


# ---- 5.2 number arrays

class Chunk:
    """One column of a block while it is decoded."""

    def __init__(self, block, number, entry):
        self.block, self.number, self.spec = block, number, block.columns[number]
        self.length, self.nulls = entry[0], entry[1]
        self.b, self.done, self.busy = None, False, False
        self.how = self.null_ref = self.null = None
        self.outer = None       # op, bits, a, b of the outermost array
        self.values = self.codes = self.ncodes = self.table = None

    def kind(self):
        return self.spec["kind"]


class Arrays:
    """Arrays of one chunk; depth counts how they nest."""

    def __init__(self, chunk):
        self.c, self.b, self.n = chunk, chunk.b, chunk.block.rows

    def rows(self, m):
        need(m == self.n, "refers to another column, but is not of all rows")

    def other(self, ref):
        return self.c.block.column(ref, self.c)

    def numbers(self, ref):
        col = self.other(ref)
        need(col.kind() not in ("string", "addr"), "column", ref, "has no numbers")
        return col.values

    def exceptions(self, values):
        e = self.b.count()
        if e > 0:
            marks = bit_list(buffer(self.b, (len(values) + 7) // 8), len(values))
            need(sum(marks) == e, "marks and exceptions differ")
            fill = iter(self.array(e, 2))
            values = [next(fill) if mark else v for v, mark in zip(values, marks)]
        return values

    def bits(self, op, m):
        src = self.b.varint()
        if src == 0:
            return bit_list(buffer(self.b, (m + 7) // 8), m), True
        self.rows(m)
        outer = self.other(src - 1).outer
        need(outer and outer[0] == op and outer[4], "bits of column", src - 1)
        return outer[1], False

    def array(self, m, depth=1):
        b = self.b
        need(depth <= NESTED, "arrays nest too deep")
        op = b.u8()
        if op == 0:
            return [b.varint()] * m
        if op == 1:
            w = b.u8()
            need(w in (1, 2, 4, 8), "width", w)
            return list(struct.unpack("<%d%s" % (m, {1: "B", 2: "H", 4: "I", 8: "Q"}[w]), buffer(b, m * w)))
        if op == 2:
            bits, base = b.u8(), b.varint()
            return [base + v & M64 for v in packed(b, m, bits)]
        if op == 3:
            need(m > 0, "DELTA of nothing")
            out = [b.varint()]
            for z in self.array(m - 1, depth + 1):
                out.append(out[-1] + unzigzag(z) & M64)
            return out
        if op == 4:
            words = self.array(b.count(), depth + 1)
            return [self.pick(words, c) for c in self.array(m, depth + 1)]
        if op == 5:
            r = b.count()
            values, lengths = self.array(r, depth + 1), self.array(r, depth + 1)
            need(sum(lengths) == m and all(lengths), "runs do not fit")
            return [v for v, k in zip(values, lengths) for _ in range(k)]
        if op == 6:
            return self.patch(b.count(), m, depth)
        if op == 7:
            return self.escape(b.count(), m, depth)
        if op == 8:
            self.rows(m)
            col, t = self.other(b.varint()), b.count()
            need(col.codes is not None and col.ncodes == t, "MAP: the table does not fit the column")
            table = self.array(t, depth + 1)
            return self.exceptions([table[c] for c in col.codes])
        if op == 9:
            self.rows(m)
            return self.exceptions(list(self.numbers(b.varint())))
        if op == 10:
            self.rows(m)
            return [v + unzigzag(z) & M64 for v, z in zip(self.numbers(b.varint()), self.array(m, depth + 1))]
        if op == 11:
            factor = b.varint()
            return [factor * v & M64 for v in self.array(m, depth + 1)]
        if op == 12:
            return self.repeat(m, depth)
        if op == 13:
            return self.swap(m, depth)
        if op == 15:
            shift = b.u8()
            need(shift < 64, "shift", shift)
            low = self.array(m, depth + 1)
            return [v + (h << shift) & M64 for v, h in zip(low, self.array(m, depth + 1))]
        need(op == 14, "array op", op)
        self.rows(m)
        outer = self.other(b.varint()).outer
        need(outer and outer[0] == 13, "OTHER of no SWAP")
        return [x if bit else y for bit, x, y in zip(*outer[1:4])]

    @staticmethod
    def pick(words, code):
        need(code < len(words), "code", code, "of", len(words))
        return words[code]

    def patch(self, e, m, depth):
        out = self.array(m, depth + 1)
        gaps, values, at = self.array(e, depth + 1), self.array(e, depth + 1), -1
        for gap, v in zip(gaps, values):
            at += 1 + gap
            need(at < m, "patch behind the end")
            out[at] = v
        return out

    def escape(self, k, m, depth):
        words, codes = self.array(k, depth + 1), self.array(m, depth + 1)
        rest = self.array(self.b.count(), depth + 1)
        need(codes.count(k) == len(rest), "ESCAPE: its exceptions are not used up")
        rest = iter(rest)
        return [next(rest) if c == k else self.pick(words, c) for c in codes]

    def repeat(self, m, depth):
        bits, own = self.bits(12, m)
        c = self.b.count()
        need(m == 0 or not bits[0], "REPEAT of nothing")
        need(c == m - sum(bits), "REPEAT: its numbers are not used up")
        fresh, out = iter(self.array(c, depth + 1)), []
        for bit in bits:
            out.append(out[-1] if bit else next(fresh))
        self.keep(depth, (12, bits, None, None, own))
        return out

    def swap(self, m, depth):
        bits, own = self.bits(13, m)
        x, y = self.array(m, depth + 1), self.array(m, depth + 1)
        self.keep(depth, (13, bits, x, y, own))
        return [v if bit else u for bit, u, v in zip(bits, x, y)]

    def keep(self, depth, outer):
        if depth == 1 and self.c.outer is None:
            self.c.outer = outer

    def outermost(self, m):
        """The outermost array of the column: what others refer to."""
        self.c.outer = None
        values = self.array(m)
        self.c.outer = self.c.outer or (None,)
        return values

    # ---- 5.3 addresses

    def addresses(self, m, nested=1):
        b, form = self.b, self.b.u8()
        top = nested == 1
        need(nested <= NESTED, "addresses nest too deep")
        if form == 1:
            self.rows(m)
            col = self.other(b.varint())
            need(col.kind() == "addr", "addresses of a column that has none")
            e, values = b.count(), col.values
            if e > 0:
                marks = bit_list(buffer(b, (m + 7) // 8), m)
                need(sum(marks) == e, "marks and addresses differ")
                fill = iter(self.addresses(e, nested + 1))
                values = [next(fill) if mark else v for v, mark in zip(values, marks)]
            return values
        need(form in (4, 6), "address form", form)
        marks = bit_list(buffer(b, (m + 7) // 8), m) if form == 6 else [0] * m
        plain = self.outermost(m) if top else self.array(m)
        need(all(v < 1 << 32 or mark for v, mark in zip(plain, marks)), "IPv4 address above 32 bits")
        if form == 4:
            return [V4 | v for v in plain]
        k = b.count()
        if k > 0:
            table = [hi << 64 | lo for hi, lo in zip(self.array(k), self.array(k))]
            if top:
                self.c.table = table
        else:
            table = self.other(b.varint()).table
            need(table is not None, "a column without table")
        codes = iter(self.array(sum(marks)))
        return [self.pick(table, next(codes)) if mark else V4 | v for v, mark in zip(plain, marks)]

    # ---- 5.4 strings

    def words(self):
        k = self.b.count()
        lengths = self.array(k)
        need(all(n <= 65535 for n in lengths), "string above 65,535 bytes")
        data, at, out = buffer(self.b, sum(lengths)), 0, []
        for n in lengths:
            out.append(data[at:at + n])
            at += n
        return out

    def strings(self, how):
        b, c, form = self.b, self.c, self.b.u8()
        need(form <= 2 and not (form == 2 and how == 3), "string form", form)
        if form == 1:
            col = self.other(b.varint())
            need(col.codes is not None, "codes of a column that has none")
        words = self.words()
        if form == 2:
            need(len(words) == self.n, "words and rows differ")
            return words
        if form == 0:
            codes = self.outermost(self.n)
        else:
            t = b.count()
            need(t == col.ncodes, "the table does not fit the column")
            table = self.array(t)
            codes = self.exceptions([table[x] for x in col.codes])
        c.codes, c.ncodes = codes, len(words) + (how == 3)
        need(all(x < c.ncodes for x in codes), "string code out of range")
        return [words[x] if x < len(words) else None for x in codes]


# ---- 4 and 5: blocks and their columns

class Block:
    def __init__(self, columns, rows, body, entries):
        self.columns, self.rows, self.body = columns, rows, body
        self.chunks, at = [], 8 + 56 * len(entries)
        for i, entry in enumerate(entries):
            chunk = Chunk(self, i, entry)
            data = body[at:at + entry[0]]
            at += entry[0]
            need(xxh3(data) == entry[6], "column", columns[i]["name"] + ": checksum differs")
            chunk.b = Bytes(data)
            self.chunks.append(chunk)
        for chunk in self.chunks:
            self.nullpart(chunk)
        need(at == len(body), "chunks and body differ in length")

    def column(self, number, asker=None):
        need(number < len(self.chunks), "no column", number)
        c = self.chunks[number]
        need(asker is None or c.length > 0, "refers to a column of nothing")
        need(not c.busy, "columns refer to each other in a circle")
        if not c.done:
            c.busy = True
            try:
                self.decode(c)
            except Bad as bad:
                raise bad if asker else Bad("column %s: %s" % (c.spec["name"], bad)) from None
            c.busy, c.done = False, True
        return c

    def decode(self, c):
        n = self.rows
        if c.length == 0:
            c.values = [0] * n
            return
        a = Arrays(c)
        if c.kind() == "string":
            c.values = a.strings(c.how)
        elif c.kind() == "addr":
            c.values = a.addresses(n)
        else:
            c.values = a.outermost(n)
            need(all(v < 1 << 8 * c.spec["width"] for v in c.values), "value does not fit the width")
        need(c.b.at == len(c.b.data), "bytes behind the values")

    def nullpart(self, c):
        """The first part of a chunk; nulls() follows what it refers to."""
        if c.length == 0:
            c.null = [1] * self.rows
            return
        c.how = c.b.u8()
        need(c.how <= 3 and (c.how < 3 or c.kind() == "string"), "nullpart", c.how)
        if c.how == 0:
            c.null = [0] * self.rows
        elif c.how == 1:
            c.null = bit_list(buffer(c.b, (self.rows + 7) // 8), self.rows)
        elif c.how == 2:
            c.null_ref = c.b.varint()
            need(c.null_ref < len(self.chunks), "no column", c.null_ref)

    def nulls(self, number, depth=0):
        c = self.chunks[number]
        need(depth <= NESTED, "nulls refer to each other too deep, or in a circle")
        if c.null is None and c.how == 3:
            c.null = [int(v is None) for v in self.column(number).values]
        elif c.null is None:
            c.null = self.nulls(c.null_ref, depth + 1)
        return c.null

    def whole(self, number):
        """A column with values and nulls."""
        c = self.column(number)
        need(sum(self.nulls(number)) == c.nulls, "column", c.spec["name"] + ": counts of nulls differ")
        return c


def signed(v, bits=64):
    return v - (1 << bits) if v >> bits - 1 else v


def check_range(c, entry):
    """The statistics of section 4 are exact."""
    if not entry[2] & 1:
        return
    key = (lambda v: signed(v & M64)) if c.kind() in ("time", "duration") else (lambda v: v)
    seen = [v for v, null in zip(c.values, c.null) if not null]
    need(seen and c.kind() != "string", "statistics of nothing")
    lo, hi = (int.from_bytes(x, "little") for x in entry[4:6])
    need(min(seen, key=key) & M64 == lo & M64 and max(seen, key=key) & M64 == hi & M64, "column",
         c.spec["name"] + ": minimum or maximum differs")


def read_data(body, columns):
    need(len(body) >= 8, "no directory")
    rows, ncols = struct.unpack_from("<II", body)
    need(0 < rows <= ROWS and ncols == len(columns), rows, "rows and", ncols, "columns")
    entries = [struct.unpack_from("<IIII16s16sQ", body, 8 + 56 * i) for i in range(ncols)]
    block = Block(columns, rows, body, entries)
    for i in range(ncols):
        need(entries[i][1] <= rows and (entries[i][0] > 0 or entries[i][1] == rows), "nulls and length do not fit")
        check_range(block.whole(i), entries[i])
    return block


# ---- 2, 3, 6: the stream

def read_schema(body):
    columns = json.loads(body)["columns"]
    need(len(columns) <= COLUMNS and len({c["name"] for c in columns}) == len(columns), "columns of the schema")
    for c in columns:
        need(c["kind"] in ("uint", "time", "duration", "addr", "string", "flags", "enum"), "kind", c["kind"])
    return columns


def read_stream(data, on_schema, on_block):
    at, number, rows = 0, 0, 0
    need(data, "empty: not a .cf stream")
    while at < len(data):
        start, columns, index, checks, seg_rows, indx = at, None, [], b"", 0, 0
        magic = data[at:at + 8]
        need(magic[:7] != MAGIC[:7] or magic[7:] in (b"", b"\x01"), "format version", *magic[7:])
        need(magic == MAGIC[:len(magic)], "no magic at byte", at)
        at += 8
        while True:
            need(len(data) - at >= 24, "cut: no end block after block %d (%d rows read)" % (number, rows))
            kind, flags, length, check = struct.unpack_from("<IIQQ", data, at)
            need(length <= 1 << 31, "block at byte", at, "claims", length, "bytes")
            need(length <= len(data) - at - 24, "cut: no end block after block %d (%d rows read)" % (number, rows))
            body = data[at + 24:at + 24 + length]
            covered = 8 + 56 * len(columns or ()) if kind == DATA else length
            if kind in (SCHM, DATA, PROV, NOTE, INDX, END):
                need(xxh3(data[at:at + 16] + body[:covered]) == check, "block at byte", at, ": checksum differs")
            if kind == SCHM:
                columns = read_schema(body)
                on_schema(columns)
            elif kind == DATA:
                need(columns is not None, "data before any schema")
                number += 1
                try:
                    block = read_data(body, columns)
                except Bad as bad:
                    raise Bad("block %d: %s" % (number, bad)) from None
                times = [e for e in block.chunks if e.spec["name"] == "stime"]
                index.append((at - start, 24 + length, block, times))
                checks += struct.pack("<Q", check)
                seg_rows += block.rows
                rows += block.rows
                on_block(block)
            elif kind == INDX:
                check_index(body, index)
                indx = at - start
            elif kind in (PROV, NOTE):
                json.loads(body)
            elif kind != END:
                need(flags & 1, "block type 0x%08X is not known and may not be skipped" % kind)
            at += 24 + length
            if kind == END:
                break
        need(length == 48 and struct.unpack("<QQQQQ8s", body) ==
             (at - start, len(index), seg_rows, indx, xxh3(checks), MAGIC), "end block differs from what was read")


def check_index(body, index):
    count, _ = struct.unpack_from("<II", body)
    need(count == len(index) and len(body) == 8 + 40 * count, "index: number of blocks")
    for i, (offset, length, block, times) in enumerate(index):
        e = struct.unpack_from("<QQIIqq", body, 8 + 40 * i)
        need(e[:3] == (offset, length, block.rows), "index differs from block", i + 1)
        if e[3] & 1:
            seen = [signed(v) for v, null in zip(times[0].values, times[0].null) if not null]
            need((min(seen), max(seen)) == e[4:], "index: times differ from block", i + 1)


# ---- CSV as cfcut prints it

def fraction(ns):
    if ns == 0:
        return ""
    digits = 9 if ns % 1000 else 6 if ns % 1000000 else 3
    return "." + ("%09d" % ns)[:digits]


def text(spec, v):
    kind = spec["kind"]
    if kind == "string":
        if v == b"" or any(x in v for x in b',"\r\n'):
            return b'"' + v.replace(b'"', b'""') + b'"'
        return v
    if kind == "time":
        s, ns = divmod(signed(v), 10 ** 9)
        day = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=s)
        return (day.strftime("%Y-%m-%dT%H:%M:%S") + fraction(ns) + "Z").encode()
    if kind == "duration":
        v = signed(v)
        return ("-" * (v < 0) + str(abs(v) // 10 ** 9) + fraction(abs(v) % 10 ** 9)).encode()
    if kind == "addr":
        return str(ipaddress.IPv4Address(v & 0xFFFFFFFF) if v >> 32 == 0xFFFF else ipaddress.IPv6Address(v)).encode()
    if kind == "flags":
        if v >> 9:
            return b"%d" % v
        return ("".join(x for i, x in enumerate("FSRPAUECN") if v >> i & 1) or "-").encode()
    if kind == "enum":
        need(v < len(spec["names"]), "code", v, "has no name")
        return spec["names"][v].encode()
    return b"%d" % v


def print_block(block, names, out):
    place = {c["name"]: i for i, c in enumerate(block.columns)}
    columns = []
    for name in names:
        if name not in place:
            columns.append([b""] * block.rows)
            continue
        c = block.column(place[name])
        columns.append([b"" if null else text(c.spec, v) for v, null in zip(c.values, c.null)])
    for row in zip(*columns):
        out.write(b",".join(row) + b"\n")


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    quiet = "--quiet" in sys.argv
    names = [a for a in sys.argv[1:] if a != "--quiet"]
    if len(names) != 1:
        sys.exit(__doc__)
    out, blocks, union = sys.stdout.buffer, [], {}
    try:
        with open(names[0], "rb") as f:
            data = f.read()
        read_stream(data, lambda s: union.update({c["name"]: 1 for c in s}), blocks.append)
    except (Bad, OSError, ValueError, KeyError, zlib.error) as bad:
        sys.stderr.write("cfdecode: %s: %s\n" % (names[0], bad))
        sys.exit(1)
    if not quiet:
        out.write(",".join(union).encode() + b"\n")
        for block in blocks:
            print_block(block, list(union), out)


if __name__ == "__main__":
    main()
