# SPDX-License-Identifier: Apache-2.0
"""Taking a .cf file apart and putting it together again with changes, checksums made right: so that what is tested is the
check behind the checksum. Written against doc/format.md."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "format"))
from xxh3 import xxh3  # noqa: E402

MAGIC = b"\x89CF\r\n\x1a\n\x01"


class Part:
    """One block: type as four letters, flags, body; covered = bytes under the head's checksum."""

    def __init__(self, kind, flags, body):
        self.kind, self.flags, self.body = kind, flags, body

    def covered(self):
        if self.kind != b"DATA":
            return self.body
        return self.body[:8 + 56 * struct.unpack_from("<I", self.body, 4)[0]]

    def pack(self, check=None, length=None):
        head = struct.pack("<4sIQ", self.kind, self.flags, len(self.body) if length is None else length)
        if check is None:
            check = xxh3(head + self.covered())
        return head + struct.pack("<Q", check) + self.body


def parts(data):
    """Blocks of a file of one segment."""
    at, found = 8, []
    while at < len(data):
        kind, flags, length, _ = struct.unpack_from("<4sIQQ", data, at)
        found.append(Part(kind, flags, data[at + 24:at + 24 + length]))
        at += 24 + length
    return found


def edges(data):
    """Offsets of all block heads, and the end."""
    at, found = 8, [0, 8]
    while at < len(data):
        at += 24 + struct.unpack_from("<Q", data, at + 8)[0]
        found.append(at)
    return found


def join(blocks, end=True):
    """A segment of these blocks with a fitting index and end block in place of those given."""
    out, index, checks, rows = bytearray(MAGIC), [], b"", 0
    for p in blocks:
        if p.kind in (b"INDX", b"END "):
            continue
        raw = p.pack()
        if p.kind == b"DATA":
            n = struct.unpack_from("<I", p.body)[0]
            index.append(struct.pack("<QQIIqq", len(out), len(raw), n & 0xFFFFFFFF, 0, 0, 0))
            checks += raw[16:24]
            rows += n
        out += raw
    at = len(out)
    out += Part(b"INDX", 1, struct.pack("<II", len(index), 0) + b"".join(index)).pack()
    if end:
        out += Part(b"END ", 0, struct.pack("<QQQQQ", len(out) + 72, len(index), rows, at, xxh3(checks)) + MAGIC).pack()
    return bytes(out)


def entry(body, col):
    """Directory entry of a column as a list: length nulls flags zero min max check."""
    return list(struct.unpack_from("<IIII16s16sQ", body, 8 + 56 * col))


def with_entry(body, col, values):
    at = 8 + 56 * col
    return body[:at] + struct.pack("<IIII16s16sQ", *values) + body[at + 56:]


def chunk(body, col):
    """Begin and end of a column's chunk in the body."""
    at = 8 + 56 * struct.unpack_from("<I", body, 4)[0]
    for i in range(col):
        at += entry(body, i)[0]
    return at, at + entry(body, col)[0]


def with_chunk(body, col, data, nulls=None):
    """The body with another chunk, its length and checksum told right."""
    begin, end = chunk(body, col)
    values = entry(body, col)
    values[0], values[6] = len(data), xxh3(data)
    if nulls is not None:
        values[1] = nulls
    return with_entry(body[:begin] + data + body[end:], col, values)
