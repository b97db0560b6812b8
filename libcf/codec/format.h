/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of doc/format.md section 5 that encoder and decoder share, and the cursor that both use
 * to walk over chunk bytes. Nothing here allocates.
 */
#ifndef CFI_CODEC_FORMAT_H
#define CFI_CODEC_FORMAT_H

#include <string.h>

#include <cf/batch.h>

enum cfi_op {
    OP_CONST = 0,
    OP_PLAIN = 1,
    OP_PACK = 2,
    OP_DELTA = 3,
    OP_DICT = 4,
    OP_RLE = 5,
    OP_PATCH = 6,
    OP_ESCAPE = 7,
    OP_MAP = 8,
    OP_SAME = 9,
    OP_DIFF = 10,
    OP_SCALE = 11,
    OP_REPEAT = 12,
    OP_SWAP = 13,
    OP_OTHER = 14,
    OP_SPLIT = 15,
    OP_COUNT = 16
};

enum { NULLS_NONE = 0, NULLS_BITS = 1, NULLS_REF = 2, NULLS_CODE = 3 };
enum { ADDR_REF = 1, ADDR_V4 = 4, ADDR_MIXED = 6 };
enum { STRINGS_DICT = 0, STRINGS_REF = 1, STRINGS_ALL = 2 };
enum { COMP_NONE = 0, COMP_ZSTD = 1, COMP_LZ4 = 2, COMP_ZLIB = 3 };

#define CODEC_DEPTH 8                  /* arrays in arrays, columns referring to columns */
#define CODEC_COUNT_MAX CF_BATCH_ROWS  /* entries of any table */
#define CODEC_RAW_MAX (1u << 26)       /* bytes of one buffer */
#define CODEC_PAD 64                   /* readable bytes behind each work array */

typedef struct cursor {
    const uint8_t *p;
    const uint8_t *end;
} cursor_t;

static inline size_t bits_bytes(size_t bits)
{
    return (bits + 7) / 8;
}

static inline uint64_t zigzag(uint64_t d)
{
    return (d << 1) ^ (uint64_t)((int64_t)d >> 63);
}

static inline uint64_t unzigzag(uint64_t z)
{
    return (z >> 1) ^ (0 - (z & 1));
}

/* Bits that v needs; 0 for 0. */
static inline unsigned bits_of(uint64_t v)
{
    return v == 0 ? 0 : 64 - (unsigned)__builtin_clzll(v);
}

/* False when the bytes end or the number passes 64 bits. */
static inline bool get_u8(cursor_t *c, uint8_t *v)
{
    if (c->p == c->end)
        return false;
    *v = *c->p++;
    return true;
}

static inline bool get_varint(cursor_t *c, uint64_t *v)
{
    uint64_t r = 0;

    for (unsigned shift = 0; shift < 70 && c->p < c->end; shift += 7) {
        uint8_t byte = *c->p++;

        if (shift == 63 && byte > 1)
            return false;
        r |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            *v = r;
            return true;
        }
    }
    return false;
}

/* At most 10 bytes; returns their number. */
static inline size_t put_varint(uint8_t *p, uint64_t v)
{
    size_t n = 0;

    while (v >= 0x80) {
        p[n++] = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    p[n++] = (uint8_t)v;
    return n;
}

/*
 * Bit maps are little-endian bytes in files and words in memory; both orders agree on what bit i
 * is.
 */
static inline uint64_t load_le64(const void *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

static inline void store_le64(void *p, uint64_t v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    memcpy(p, &v, sizeof v);
}

#endif
