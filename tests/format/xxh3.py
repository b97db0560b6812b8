# SPDX-License-Identifier: Apache-2.0
"""XXH3-64 with seed 0, written from the algorithm's published specification (xxhash_spec.md of the xxHash project), in
plain Python: some four megabytes a second."""
import struct

M = (1 << 64) - 1
P32 = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)
P64 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63,
       0x27D4EB2F165667C5)
SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221"
    "b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb"
    "170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e")
WORDS = struct.Struct("<8Q")
KEYS = [WORDS.unpack_from(SECRET, 8 * i) for i in range(17)]
LAST_KEY = WORDS.unpack_from(SECRET, 121)


def u32(b, at):
    return int.from_bytes(b[at:at + 4], "little")


def u64(b, at):
    return int.from_bytes(b[at:at + 8], "little")


def fold(a, b):
    p = a * b
    return (p & M) ^ (p >> 64)


def avalanche(h):
    h ^= h >> 37
    h = h * 0x165667919E3779F9 & M
    return h ^ (h >> 32)


def avalanche64(h):
    h = (h ^ (h >> 33)) * P64[1] & M
    h = (h ^ (h >> 29)) * P64[2] & M
    return h ^ (h >> 32)


def rotl(h, n):
    return (h << n | h >> (64 - n)) & M


def mix(b, at, key):
    return fold(u64(b, at) ^ u64(SECRET, key), u64(b, at + 8) ^ u64(SECRET, key + 8))


def short(b, n):
    if n == 0:
        return avalanche64(u64(SECRET, 56) ^ u64(SECRET, 64))
    if n <= 3:
        word = b[0] << 16 | b[n >> 1] << 24 | b[n - 1] | n << 8
        return avalanche64(word ^ u32(SECRET, 0) ^ u32(SECRET, 4))
    if n <= 8:
        h = (u32(b, n - 4) + (u32(b, 0) << 32)) & M
        h ^= u64(SECRET, 8) ^ u64(SECRET, 16)
        h ^= rotl(h, 49) ^ rotl(h, 24)
        h = h * 0x9FB21C651E98DF25 & M
        h ^= (h >> 35) + n
        h = h * 0x9FB21C651E98DF25 & M
        return h ^ (h >> 28)
    lo = u64(b, 0) ^ u64(SECRET, 24) ^ u64(SECRET, 32)
    hi = u64(b, n - 8) ^ u64(SECRET, 40) ^ u64(SECRET, 48)
    swapped = int.from_bytes(lo.to_bytes(8, "little"), "big")
    return avalanche((n + swapped + hi + fold(lo, hi)) & M)


def middle(b, n):
    acc = n * P64[0]
    if n <= 128:
        for i in range((n - 1) // 32, -1, -1):
            acc += mix(b, 16 * i, 32 * i) + mix(b, n - 16 * (i + 1), 32 * i + 16)
        return avalanche(acc & M)
    for i in range(8):
        acc += mix(b, 16 * i, 16 * i)
    acc = avalanche(acc & M)
    for i in range(8, n // 16):
        acc += mix(b, 16 * i, 16 * (i - 8) + 3)
    return avalanche((acc + mix(b, n - 16, 136 - 17)) & M)


def accumulate(acc, data, keys):
    for i in range(8):
        d = data[i]
        k = d ^ keys[i]
        acc[i ^ 1] += d
        acc[i] += (k & 0xFFFFFFFF) * (k >> 32)


def xxh3(b):
    n = len(b)
    if n <= 16:
        return short(b, n)
    if n <= 240:
        return middle(b, n)
    acc = [P32[2], P64[0], P64[1], P64[2], P64[3], P32[1], P64[4], P32[0]]
    stripes = (n - 1) // 64
    for s in range(stripes):
        accumulate(acc, WORDS.unpack_from(b, 64 * s), KEYS[s & 15])
        if s & 15 == 15:
            for i in range(8):
                a = acc[i] & M
                acc[i] = (a ^ a >> 47 ^ KEYS[16][i]) * P32[0] & M
    accumulate(acc, WORDS.unpack_from(b, n - 64), LAST_KEY)
    acc = [a & M for a in acc]
    h = n * P64[0]
    for i in range(4):
        h += fold(acc[2 * i] ^ u64(SECRET, 11 + 16 * i), acc[2 * i + 1] ^ u64(SECRET, 19 + 16 * i))
    return avalanche(h & M)
