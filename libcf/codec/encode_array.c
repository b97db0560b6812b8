/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form of a number array, chosen from one pass of statistics and a sample (doc/format.md 5.2).
 */
#include "encode.h"

static void put_const(cfi_encoder_t *e, uint64_t v)
{
    enc_u8(e, OP_CONST);
    enc_varint(e, v);
}

static void put_pack32(cfi_encoder_t *e, const uint32_t *v, uint32_t m, uint32_t min, unsigned bits)
{
    uint32_t mark = e->top, *rel = NULL;
    size_t n = bits_bytes((size_t)m * bits);
    uint8_t *p = enc_tmp(e, n + 8);

    if (min > 0)
        rel = enc_tmp(e, m * sizeof *rel);
    if (p == NULL || (min > 0 && rel == NULL))
        return;
    for (uint32_t i = 0; rel != NULL && i < m; i++)
        rel[i] = v[i] - min;
    e->k->pack32(rel != NULL ? rel : v, m, bits, p);
    enc_u8(e, OP_PACK);
    enc_u8(e, bits);
    enc_varint(e, min);
    enc_buffer(e, p, n);
    e->top = mark;
}

/* Any width; used where numbers pass 32 bits. */
static void put_pack64(cfi_encoder_t *e, const uint64_t *v, uint32_t m, uint64_t min, unsigned bits)
{
    uint32_t mark = e->top;
    size_t n = bits_bytes((size_t)m * bits), at = 0;
    uint8_t *p = enc_tmp(e, n + 8);
    unsigned fill = 0;
    uint64_t acc = 0;

    if (p == NULL)
        return;
    for (uint32_t i = 0; i < m; i++) {
        uint64_t x = v[i] - min;

        acc |= x << fill;
        if (fill + bits >= 64) {
            store_le64(p + at, acc);
            at += 8;
            acc = fill > 0 ? x >> (64 - fill) : 0;
            if (fill == 0 && bits < 64)
                acc = x >> 63 >> 1;
            fill = fill + bits - 64;
        } else {
            fill += bits;
        }
    }
    for (; at < n; at++, acc >>= 8)
        p[at] = (uint8_t)acc;
    enc_u8(e, OP_PACK);
    enc_u8(e, bits);
    enc_varint(e, min);
    enc_buffer(e, p, n);
    e->top = mark;
}

/* ---- dictionaries ---------------------------------------------------------------------------- */

#define HASH_BITS 15
#define DICT_MAX (1u << (HASH_BITS - 1))

static uint32_t hash32(uint32_t v)
{
    return (v * 2654435769u) >> (32 - HASH_BITS);
}

/* Codes in order of appearance; returns the number of different values, or 0 when they are more than most. */
static uint32_t dict_build(cfi_encoder_t *e, const uint32_t *v, uint32_t m, uint32_t most, uint32_t *keys,
                           uint32_t *codes)
{
    uint32_t mark = e->top, k = 0, *slot = enc_tmp(e, sizeof *slot << HASH_BITS);

    if (slot == NULL)
        return 0;
    memset(slot, 0, sizeof *slot << HASH_BITS);
    for (uint32_t i = 0; i < m; i++) {
        uint32_t h = hash32(v[i]);

        while (slot[h] != 0 && keys[slot[h] - 1] != v[i])
            h = (h + 1) & ((1u << HASH_BITS) - 1);
        if (slot[h] == 0) {
            if (k == most) {
                k = 0;
                break;
            }
            keys[k++] = v[i];
            slot[h] = k;
        }
        codes[i] = slot[h] - 1;
    }
    e->top = mark;
    return k;
}

/* Different values among up to 1,024 taken evenly. */
static uint32_t sample_distinct(cfi_encoder_t *e, const uint32_t *v, uint32_t m, uint32_t *taken)
{
    uint32_t mark = e->top, n = m < 1024 ? m : 1024, k;
    uint32_t *s = enc_tmp(e, 1024 * sizeof *s), *keys = enc_tmp(e, 1024 * sizeof *s),
             *codes = enc_tmp(e, 1024 * sizeof *s);

    *taken = n;
    if (s == NULL || keys == NULL || codes == NULL)
        return n;
    for (uint32_t i = 0; i < n; i++)
        s[i] = v[(uint64_t)i * m / n];
    k = dict_build(e, s, n, n, keys, codes);
    e->top = mark;
    return k;
}

/* ---- choosing -------------------------------------------------------------------------------- */

typedef struct shape {
    uint32_t min, max;
    uint32_t runs;
    uint32_t step;             /* largest zigzag difference of neighbours, saturated */
} shape_t;

static shape_t look(const uint32_t *v, uint32_t m)
{
    shape_t s = { v[0], v[0], 1, 0 };

    for (uint32_t i = 1; i < m; i++) {
        uint32_t d = v[i] > v[i - 1] ? v[i] - v[i - 1] : v[i - 1] - v[i];

        s.min = v[i] < s.min ? v[i] : s.min;
        s.max = v[i] > s.max ? v[i] : s.max;
        s.runs += d != 0;
        s.step = d > s.step ? d : s.step;
    }
    return s;
}

static void put_delta32(cfi_encoder_t *e, const uint32_t *v, uint32_t m)
{
    uint32_t mark = e->top, *d = enc_tmp(e, m * sizeof *d);

    if (d == NULL)
        return;
    for (uint32_t i = 1; i < m; i++)
        d[i - 1] = (uint32_t)zigzag((uint64_t)v[i] - v[i - 1]);
    enc_u8(e, OP_DELTA);
    enc_varint(e, v[0]);
    enc_array32(e, d, m - 1, HINT_NONE);
    e->top = mark;
}

static bool try_dict(cfi_encoder_t *e, const uint32_t *v, uint32_t m, unsigned bits)
{
    uint32_t taken, seen, k, mark = e->top, *keys, *codes;
    bool done = false;

    if (m < 64 || bits < 3)
        return false;
    seen = sample_distinct(e, v, m, &taken);
    if (seen > taken / 2)
        return false;
    keys = enc_tmp(e, DICT_MAX * sizeof *keys);
    codes = enc_tmp(e, m * sizeof *codes);
    if (keys == NULL || codes == NULL)
        return false;
    k = dict_build(e, v, m, m / 4 < DICT_MAX ? m / 4 : DICT_MAX, keys, codes);
    if (k > 0 && (uint64_t)k * bits + (uint64_t)m * bits_of(k - 1) < (uint64_t)m * bits * 9 / 10) {
        enc_u8(e, OP_DICT);
        enc_varint(e, k);
        enc_array32(e, keys, k, HINT_CODES);
        enc_array32(e, codes, m, HINT_CODES);
        done = true;
    }
    e->top = mark;
    return done;
}

void enc_array32(cfi_encoder_t *e, const uint32_t *v, uint32_t m, enc_hint_t hint)
{
    shape_t s;
    unsigned bits;

    if (m == 0) {
        put_const(e, 0);
        return;
    }
    s = look(v, m);
    bits = bits_of(s.max - s.min);
    if (bits == 0) {
        put_const(e, s.min);
        return;
    }
    if (m > 1 && s.step < UINT32_MAX / 2 && bits_of((uint64_t)s.step * 2) + 1 < bits && hint != HINT_CODES) {
        put_delta32(e, v, m);
        return;
    }
    if (hint != HINT_CODES && try_dict(e, v, m, bits))
        return;
    put_pack32(e, v, m, s.min, bits);
}

/* All multiples of one of the usual units of time. */
static uint64_t unit_of(const uint64_t *v, uint32_t m)
{
    static const uint64_t units[] = { 2000000000, 1000000000, 1000000, 1000 };

    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
        uint32_t i = 0;

        while (i < m && v[i] % units[u] == 0)
            i++;
        if (i == m)
            return units[u];
    }
    return 1;
}

void enc_array64(cfi_encoder_t *e, const uint64_t *v, uint32_t m, enc_hint_t hint)
{
    uint32_t mark = e->top;
    uint64_t min, max, *w, unit;

    if (m == 0) {
        put_const(e, 0);
        return;
    }
    min = max = v[0];
    for (uint32_t i = 0; i < m; i++) {
        min = v[i] < min ? v[i] : min;
        max = v[i] > max ? v[i] : max;
    }
    if (min == max) {
        put_const(e, min);
        return;
    }
    if (max <= UINT32_MAX) {
        uint32_t *narrow = enc_tmp(e, m * sizeof *narrow);

        if (narrow == NULL)
            return;
        for (uint32_t i = 0; i < m; i++)
            narrow[i] = (uint32_t)v[i];
        enc_array32(e, narrow, m, hint);
        e->top = mark;
        return;
    }
    unit = hint == HINT_TIME ? unit_of(v, m) : 1;
    w = enc_tmp(e, m * sizeof *w);
    if (w == NULL)
        return;
    if (unit > 1) {
        for (uint32_t i = 0; i < m; i++)
            w[i] = v[i] / unit;
        enc_u8(e, OP_SCALE);
        enc_varint(e, unit);
        enc_array64(e, w, m, HINT_NONE);
    } else {
        put_pack64(e, v, m, min, bits_of(max - min));
    }
    e->top = mark;
}
