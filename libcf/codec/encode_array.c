/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing number arrays in a given form (doc/format.md 5.2). Which form an array gets is decided in
 * encode_choose.c, to which the parts of each form go back.
 */
#include <stdlib.h>

#include "encode.h"

void put_const(cfi_encoder_t *e, uint64_t v)
{
    enc_u8(e, OP_CONST);
    enc_varint(e, v);
}

void put_pack32(cfi_encoder_t *e, const uint32_t *v, uint32_t m, uint32_t min, unsigned bits)
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

void put_packed32(cfi_encoder_t *e, const uint32_t *v, uint32_t m, uint32_t min, unsigned bits,
                  unsigned wide)
{
    uint32_t mark = e->top, *rel = enc_tmp(e, m * sizeof *rel);
    size_t n = bits_bytes((size_t)m * wide), len = e->len;
    uint8_t *p = enc_tmp(e, n + 8);

    if (p == NULL || rel == NULL)
        return;
    for (uint32_t i = 0; i < m; i++)
        rel[i] = v[i] - min;
    e->k->pack32(rel, m, wide, p);
    enc_u8(e, OP_PACK);
    enc_u8(e, wide);
    enc_varint(e, min);
    if (!enc_buffer_below(e, p, n, bits_bytes((size_t)m * bits))) {
        e->len = len;
        put_pack32(e, v, m, min, bits);
    }
    e->top = mark;
}

void put_pack64(cfi_encoder_t *e, const uint64_t *v, uint32_t m, uint64_t min, unsigned bits)
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

bool put_delta32(cfi_encoder_t *e, const uint32_t *v, uint32_t m)
{
    uint32_t mark = e->top, *d = enc_tmp(e, m * sizeof *d);
    uint64_t all = 0;

    if (d == NULL)
        return true;
    for (uint32_t i = 1; i < m; i++) {
        uint64_t z = zigzag((uint64_t)v[i] - v[i - 1]);

        all |= z;
        d[i - 1] = (uint32_t)z;
    }
    if (all > UINT32_MAX) {
        e->top = mark;
        return false;
    }
    enc_u8(e, OP_DELTA);
    enc_varint(e, v[0]);
    enc_array32(e, d, m - 1, HINT_DELTA);
    e->top = mark;
    return true;
}

void put_rle32(cfi_encoder_t *e, const uint32_t *v, uint32_t m, enc_hint_t hint)
{
    uint32_t mark = e->top, r = 0;
    uint32_t *values = enc_tmp(e, m * sizeof *values), *lengths = enc_tmp(e, m * sizeof *lengths);

    if (values == NULL || lengths == NULL)
        return;
    for (uint32_t i = 0; i < m; r++) {
        uint32_t at = i;

        while (i < m && v[i] == v[at])
            i++;
        values[r] = v[at];
        lengths[r] = i - at;
    }
    enc_u8(e, OP_RLE);
    enc_varint(e, r);
    enc_array32(e, values, r, hint | HINT_NO_RLE);
    enc_array32(e, lengths, r, HINT_CODES | HINT_NO_RLE);
    e->top = mark;
}

/* Numbers above min + 2^bits - 1 become patches; min stands in their place. */
void put_patch32(cfi_encoder_t *e, const uint32_t *v, uint32_t m, uint32_t min, unsigned bits)
{
    uint32_t mark = e->top, n = 0, last = 0, keep = bits == 0 ? 0 : UINT32_MAX >> (32 - bits);
    uint32_t *base = enc_tmp(e, m * sizeof *base), *gaps = enc_tmp(e, m * sizeof *gaps),
             *values = enc_tmp(e, m * sizeof *values);

    if (base == NULL || gaps == NULL || values == NULL)
        return;
    for (uint32_t i = 0; i < m; i++) {
        uint32_t rel = v[i] - min;
        bool big = rel > keep;

        base[i] = big ? 0 : rel;
        gaps[n] = i - last;
        values[n] = v[i];
        n += big;
        last = big ? i + 1 : last;
    }
    enc_u8(e, OP_PATCH);
    enc_varint(e, n);
    for (uint32_t i = 0; min > 0 && i < m; i++)
        base[i] += min;
    put_pack32(e, base, m, min, bits);
    enc_array32(e, gaps, n, HINT_LEAF);
    enc_array32(e, values, n, HINT_LEAF);
    e->top = mark;
}

void put_patch64(cfi_encoder_t *e, const uint64_t *v, uint32_t m)
{
    uint32_t mark = e->top, n = 0, last = 0;
    uint32_t *base = enc_tmp(e, m * sizeof *base), *gaps = enc_tmp(e, m * sizeof *gaps);
    uint64_t *values = enc_tmp(e, m * sizeof *values);

    if (base == NULL || gaps == NULL || values == NULL)
        return;
    for (uint32_t i = 0; i < m; i++) {
        bool big = v[i] > UINT32_MAX;

        base[i] = big ? 0 : (uint32_t)v[i];
        gaps[n] = i - last;
        values[n] = v[i];
        n += big;
        last = big ? i + 1 : last;
    }
    enc_u8(e, OP_PATCH);
    enc_varint(e, n);
    enc_array32(e, base, m, HINT_DELTA);
    enc_array32(e, gaps, n, HINT_LEAF);
    enc_array64(e, values, n, HINT_NONE);
    e->top = mark;
}

void put_split32(cfi_encoder_t *e, const uint32_t *v, uint32_t m, unsigned shift)
{
    uint32_t mark = e->top, *low = enc_tmp(e, m * sizeof *low),
             *high = enc_tmp(e, m * sizeof *high);

    if (low == NULL || high == NULL)
        return;
    for (uint32_t i = 0; i < m; i++) {
        low[i] = v[i] & ((1u << shift) - 1);
        high[i] = v[i] >> shift;
    }
    enc_u8(e, OP_SPLIT);
    enc_u8(e, shift);
    put_pack32(e, low, m, 0, shift);
    enc_array32(e, high, m, HINT_CODES);
    e->top = mark;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static uint32_t hash32(uint32_t v)
{
    return (v * 2654435769u) >> (32 - ENC_HASH_BITS);
}

/* Values near each other are their own index. */
static void dict_direct(cfi_encoder_t *e, const uint32_t *v, uint32_t m, uint32_t min, uint32_t max,
                        uint32_t *keys, uint32_t *codes, uint32_t *counts, enc_table_t *t)
{
    size_t range = (size_t)(max - min) + 1;
    uint32_t k = 0, *slot = enc_tmp(e, range * sizeof *slot);

    if (slot == NULL)
        return;
    memset(slot, 0, range * sizeof *slot);
    for (uint32_t i = 0; i < m; i++) {
        uint32_t *s = &slot[v[i] - min];

        if (*s == 0) {
            keys[k] = v[i];
            counts[k] = 0;
            *s = ++k;
        }
        codes[i] = *s - 1;
        counts[*s - 1]++;
    }
    t->k = k;
}

static void dict_hash(cfi_encoder_t *e, const uint32_t *v, uint32_t m, uint32_t most,
                      uint32_t *keys, uint32_t *codes, uint32_t *counts, enc_table_t *t)
{
    uint32_t k = 0, *slot = enc_tmp(e, sizeof *slot << ENC_HASH_BITS);

    if (slot == NULL)
        return;
    memset(slot, 0, sizeof *slot << ENC_HASH_BITS);
    for (uint32_t i = 0; i < m; i++) {
        uint32_t h = hash32(v[i]);

        while (slot[h] != 0 && keys[slot[h] - 1] != v[i])
            h = (h + 1) & ((1u << ENC_HASH_BITS) - 1);
        if (slot[h] == 0) {
            if (k == most) {
                codes[i] = ENC_OUTSIDE;
                t->outside++;
                continue;
            }
            keys[k] = v[i];
            counts[k] = 0;
            slot[h] = ++k;
        }
        codes[i] = slot[h] - 1;
        counts[slot[h] - 1]++;
    }
    t->k = k;
}

void enc_dict(cfi_encoder_t *e, const uint32_t *v, uint32_t m, uint32_t min, uint32_t max,
              uint32_t most, uint32_t *keys,
              uint32_t *codes, uint32_t *counts, enc_table_t *t)
{
    uint32_t mark = e->top, half = 1u << (ENC_HASH_BITS - 1);

    t->k = t->outside = 0;
    if (max - min < 65536 && (max - min < m || m == CF_BATCH_ROWS))
        dict_direct(e, v, m, min, max, keys, codes, counts, t);
    else
        dict_hash(e, v, m, most < half ? most : half, keys, codes, counts, t);
    e->top = mark;
}

/* Sort words by their upper halves, which are below 2^bits; the order of equal ones stays. */
static void radix_sort(uint64_t *words, uint64_t *other, uint32_t k, unsigned bits)
{
    for (unsigned shift = 32; shift < 32 + bits; shift += 8) {
        uint32_t at[256] = { 0 }, sum = 0;

        for (uint32_t i = 0; i < k; i++)
            at[(words[i] >> shift) & 0xff]++;
        for (unsigned b = 0; b < 256; b++) {
            uint32_t n = at[b];

            at[b] = sum;
            sum += n;
        }
        for (uint32_t i = 0; i < k; i++)
            other[at[(words[i] >> shift) & 0xff]++] = words[i];
        memcpy(words, other, k * sizeof *words);
    }
}

static int by_count(const void *a, const void *b)
{
    uint64_t x, y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x > y ? -1 : x < y;
}

/* Entries of the table with the highest counts, falling; equal counts in order of appearance. */
uint32_t enc_top(const enc_table_t *t, uint32_t *top)
{
    uint32_t hist[1024] = { 0 }, least = 1024, sum = 0, n = 0;
    uint64_t sort[ENC_TOP];

    for (uint32_t i = 0; i < t->k; i++)
        hist[t->counts[i] < 1023 ? t->counts[i] : 1023]++;
    while (least > 1 && sum + hist[least - 1] <= ENC_TOP)
        sum += hist[--least];
    /* All with at least that count, then the earliest of the next one. */
    for (uint32_t i = 0; i < t->k; i++)
        if (t->counts[i] >= least)
            sort[n++] = (uint64_t)t->counts[i] << 32 | (UINT32_MAX - i);
    for (uint32_t i = 0; i < t->k && n < ENC_TOP && least > 1; i++)
        if ((t->counts[i] < 1023 ? t->counts[i] : 1023) == least - 1)
            sort[n++] = (uint64_t)t->counts[i] << 32 | (UINT32_MAX - i);
    qsort(sort, n, sizeof *sort, by_count);
    for (uint32_t i = 0; i < n; i++)
        top[i] = UINT32_MAX - (uint32_t)sort[i];
    return n;
}

void put_dict32(cfi_encoder_t *e, const enc_table_t *t, uint32_t m)
{
    uint32_t mark = e->top, k = t->k, min, max;
    uint64_t *sort = enc_tmp(e, k * sizeof *sort), *other = enc_tmp(e, k * sizeof *sort);
    uint32_t *rank = enc_tmp(e, k * sizeof *rank), *keys = enc_tmp(e, k * sizeof *keys),
             *codes = enc_tmp(e, m * sizeof *codes);

    if (sort == NULL || other == NULL || rank == NULL || keys == NULL || codes == NULL)
        return;
    e->k->range32(t->keys, k, &min, &max);
    for (uint32_t i = 0; i < k; i++)
        sort[i] = (uint64_t)(t->keys[i] - min) << 32 | i;
    radix_sort(sort, other, k, bits_of(max - min));
    for (uint32_t i = 0; i < k; i++) {
        rank[(uint32_t)sort[i]] = i;
        keys[i] = t->keys[(uint32_t)sort[i]];
    }
    e->k->lookup32(rank, k, t->codes, m, codes);
    enc_u8(e, OP_DICT);
    enc_varint(e, k);
    enc_array32(e, keys, k, HINT_NONE);
    enc_array32(e, codes, m, HINT_CODES);
    e->top = mark;
}

void put_escape32(cfi_encoder_t *e, const uint32_t *v, const enc_table_t *t, const uint32_t *top,
                  uint32_t k, uint32_t m)
{
    uint32_t mark = e->top, n = 0;
    uint32_t *rank = enc_tmp(e, ((size_t)t->k + 1) * sizeof *rank),
             *keys = enc_tmp(e, k * sizeof *keys), *codes = enc_tmp(e, m * sizeof *codes),
             *rest = enc_tmp(e, m * sizeof *rest);

    if (rank == NULL || keys == NULL || codes == NULL || rest == NULL)
        return;
    for (uint32_t i = 0; i <= t->k; i++)
        rank[i] = k;
    for (uint32_t i = 0; i < k; i++) {
        rank[top[i]] = i;
        keys[i] = t->keys[top[i]];
    }
    for (uint32_t i = 0; i < m; i++) {
        uint32_t code = rank[t->codes[i] < t->k ? t->codes[i] : t->k];

        codes[i] = code;
        rest[n] = v[i];
        n += code == k;
    }
    enc_u8(e, OP_ESCAPE);
    enc_varint(e, k);
    enc_array32(e, keys, k, HINT_LEAF);
    enc_array32(e, codes, m, HINT_CODES);
    enc_varint(e, n);
    enc_array32(e, rest, n, HINT_DELTA | HINT_REST | HINT_NO_RLE);
    e->top = mark;
}

/* ---- frequent values by a part of the numbers ------------------------------------------------ */

#define SPARSE 8u              /* every so many-th number is looked at */
#define SLOT_BITS 12           /* small enough for the first cache */

uint32_t enc_frequent(cfi_encoder_t *e, const uint32_t *v, uint32_t m, enc_frequent_t *f)
{
    uint32_t mark = e->top, n = m / SPARSE, top[ENC_TOP], k;
    uint32_t *few = enc_tmp(e, n * sizeof *few), *keys = enc_tmp(e, n * sizeof *few),
             *codes = enc_tmp(e, n * sizeof *few), *counts = enc_tmp(e, n * sizeof *few);
    enc_table_t t = { keys, codes, counts, 0, 0 };

    f->k = 0;
    f->taken = n;
    if (few == NULL || keys == NULL || codes == NULL || counts == NULL)
        return 0;
    for (uint32_t i = 0; i < n; i++)
        few[i] = v[i * SPARSE];
    dict_hash(e, few, n, n, keys, codes, counts, &t);
    k = enc_top(&t, top);
    for (uint32_t i = 0; i < k && counts[top[i]] > 1; i++) {
        f->keys[i] = keys[top[i]];
        f->counts[i] = counts[top[i]];
        f->k = i + 1;
    }
    e->top = mark;
    return f->k;
}

/*
 * Codes by a table in which each key has a slot of its own: a key whose slot is taken by one more
 * frequent is left out, so that finding a code has no branch.
 */
void put_frequent32(cfi_encoder_t *e, const uint32_t *v, uint32_t m, const enc_frequent_t *f,
                    uint32_t most)
{
    uint32_t mark = e->top, k = 0, n = 0, keys[ENC_TOP + 1];
    uint32_t *codes = enc_tmp(e, m * sizeof *codes), *rest = enc_tmp(e, m * sizeof *rest);
    uint8_t slot[1u << SLOT_BITS];
    uint64_t taken[(1u << SLOT_BITS) / 64];

    if (codes == NULL || rest == NULL)
        return;
    memset(slot, 0, sizeof slot);
    memset(taken, 0, sizeof taken);
    for (uint32_t i = 0; i < f->k && k < most; i++) {
        uint32_t h = (f->keys[i] * 2654435769u) >> (32 - SLOT_BITS);

        if (((taken[h / 64] >> (h % 64)) & 1) != 0)
            continue;
        taken[h / 64] |= UINT64_C(1) << (h % 64);
        slot[h] = (uint8_t)k;
        keys[k++] = f->keys[i];
    }
    for (uint32_t i = 0; i < m; i++) {
        uint32_t c = slot[(v[i] * 2654435769u) >> (32 - SLOT_BITS)];

        c = keys[c] == v[i] ? c : k;
        codes[i] = c;
        rest[n] = v[i];
        n += c == k;
    }
    enc_u8(e, OP_ESCAPE);
    enc_varint(e, k);
    enc_array32(e, keys, k, HINT_LEAF);
    enc_array32(e, codes, m, HINT_CODES);
    enc_varint(e, n);
    enc_array32(e, rest, n, HINT_DELTA | HINT_REST | HINT_NO_RLE);
    e->top = mark;
}
