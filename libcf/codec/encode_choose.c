/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which form a number array gets. Smallest and largest number are exact; the rest is judged from a
 * sample of a few hundred stretches of neighbours, and frequent values are counted only when the
 * sample says that there are some. Costs are in bits a number. With a general compressor behind it,
 * a code is worth its entropy when it fills a byte; without, its width.
 */
#include <math.h>
#include <stdlib.h>

#include "encode.h"

#define SAMPLE 1024
#define STRETCH 8

typedef struct sample {
    uint32_t n;                /* values taken */
    uint32_t pairs;            /* neighbours among them */
    uint32_t same;             /* neighbours that are equal */
    uint32_t bits[33];         /* how many values - min have this length */
    uint32_t steps[34];        /* how many zigzag differences have this length */
    uint32_t distinct;
} sample_t;

static void take_sample(const uint32_t *v, uint32_t m, uint32_t min, sample_t *s)
{
    uint32_t stretches = m / STRETCH < SAMPLE / STRETCH ? m / STRETCH : SAMPLE / STRETCH;
    uint32_t seen[SAMPLE * 2], found[SAMPLE * 2];

    memset(s, 0, sizeof *s);
    memset(seen, 0, sizeof seen);
    for (uint32_t k = 0; k < stretches; k++) {
        const uint32_t *p = v + (uint64_t)k * (m - STRETCH) / stretches;

        for (uint32_t i = 0; i < STRETCH; i++) {
            uint32_t h = (p[i] * 2654435769u) >> 21;

            s->bits[bits_of(p[i] - min)]++;
            if (i > 0) {
                uint64_t d = zigzag((uint64_t)p[i] - p[i - 1]);

                s->same += d == 0;
                s->steps[bits_of(d)]++;
            }
            while (seen[h] != 0 && found[h] != p[i])
                h = (h + 1) % (SAMPLE * 2);
            s->distinct += seen[h] == 0;
            seen[h] = 1;
            found[h] = p[i];
        }
    }
    s->n = stretches * STRETCH;
    s->pairs = stretches * (STRETCH - 1);
}

/*
 * Best width for PATCH of values whose lengths are counted, and its cost in bits a value; the full
 * width when none is better.
 */
static double patch_cost(const uint32_t *lengths, uint32_t n, unsigned full, unsigned *width)
{
    uint32_t above = 0;
    double best = full;

    *width = full;
    for (unsigned b = full; b-- > 0;) {
        double share, cost;

        above += lengths[b + 1];
        share = (double)above / n;
        if (share > 0.25)
            break;
        cost = b + share * (full + 3 + (share > 0 ? log2(1 / share) : 0));
        if (cost < best * 0.97) {
            best = cost;
            *width = b;
        }
    }
    return best;
}

static unsigned whole_bytes(unsigned bits)
{
    return bits <= 8 ? 8 : bits <= 16 ? 16 : bits <= 24 ? 24 : 32;
}

/* ---- tables of frequent values --------------------------------------------------------------- */

/*
 * Bits a value of codes for the k values with these counts (of m) and an escape code for the
 * others, which take restbits each.
 */
static double escape_cost(const cfi_encoder_t *e, const uint32_t *counts, uint32_t k, uint32_t m,
                          double restbits)
{
    unsigned width = bits_of(k);
    uint32_t left = m;
    double cost = 0;

    for (uint32_t i = 0; i < k; i++) {
        left -= counts[i];
        cost += counts[i] * log2((double)m / counts[i]);
    }
    if (left > 0)
        cost += left * log2((double)m / left);
    if (e->zlevel == 0 || cost > (e->level == CF_LEVEL_SMALL ? 0.95 : 0.6) * m * width)
        cost = (double)m * width;
    return (cost + left * restbits) / m;
}

/* ---- choosing -------------------------------------------------------------------------------- */

/* Width that serves the compressor, or the number of rows: whole bytes where codes are skewed. */
static void put_packed(cfi_encoder_t *e, const uint32_t *v, uint32_t m, uint32_t min, unsigned bits,
                       const sample_t *s)
{
    unsigned wide = whole_bytes(bits);
    bool skewed = s->distinct < s->n / 2 || s->same > s->pairs / 4;

    if (e->zlevel > 0 && bits > 4 && bits != wide && skewed)
        put_packed32(e, v, m, min, bits, wide);
    else
        put_pack32(e, v, m, min, bits);
}

/*
 * Numbers without structure. In archives the low bits of large ones go apart: the high ones are
 * skewed, and what is left without noise compresses.
 */
static void put_flat(cfi_encoder_t *e, const uint32_t *v, uint32_t m, uint32_t min, unsigned bits,
                     unsigned width, const sample_t *s)
{
    size_t at = e->len, split;

    if (e->level == CF_LEVEL_SMALL && bits > 12 && width > 8 && m > 1024 && e->depth < ENC_NEST) {
        put_split32(e, v, m, 8);
        split = e->len;
    } else {
        split = at;
    }
    if (width < bits)
        put_patch32(e, v, m, min, width);
    else
        put_packed(e, v, m, min, bits, s);
    if (e->nomem || split == at)
        return;
    if (split - at > e->len - split)
        memmove(e->out + at, e->out + split, e->len - split);
    e->len = split - at > e->len - split ? at + (e->len - split) : split;
}

/* A few frequent values get codes of 4 bits, or more of them 8; 0 = neither is better than other.
 */
static uint32_t escape_size(const cfi_encoder_t *e, const uint32_t *counts, uint32_t k, uint32_t m,
                            unsigned bits, double other)
{
    double few = escape_cost(e, counts, k < 15 ? k : 15, m, other) + 15.0 * bits / m;
    double many = escape_cost(e, counts, k, m, other) + 255.0 * bits / m;

    /* Short codes are expanded faster. */
    if (few < other * 0.95 && few <= many * 1.15)
        return 15;
    return many < other * 0.95 ? ENC_TOP : 0;
}

/* Many different values, but some of them frequent. */
static bool try_frequent(cfi_encoder_t *e, const uint32_t *v, uint32_t m, unsigned bits,
                         double other)
{
    enc_frequent_t f;
    uint32_t most;

    if (enc_frequent(e, v, m, &f) == 0)
        return false;
    most = escape_size(e, f.counts, f.k, f.taken, bits, other);
    if (most > 0)
        put_frequent32(e, v, m, &f, most);
    return most > 0;
}

/* All values counted. */
static bool try_table(cfi_encoder_t *e, const uint32_t *v, uint32_t m, uint32_t min, uint32_t max,
                      enc_hint_t hint, double other)
{
    uint32_t mark = e->top, room = m < ENC_DICT_MAX ? m : ENC_DICT_MAX, top[ENC_TOP], ntop, most;
    uint32_t *keys = enc_tmp(e, room * sizeof *keys), *codes = enc_tmp(e, m * sizeof *codes),
             *counts = enc_tmp(e, room * sizeof *counts), best[ENC_TOP];
    enc_table_t t = { keys, codes, counts, 0, 0 };
    unsigned bits = bits_of(max - min);
    double dict = 1e9, escape = 1e9;
    bool done = true;

    if (keys == NULL || codes == NULL || counts == NULL)
        return true;
    enc_dict(e, v, m, min, max, room, keys, codes, counts, &t);
    ntop = enc_top(&t, top);
    for (uint32_t i = 0; i < ntop; i++)
        best[i] = counts[top[i]];
    most = hint & HINT_REST ? 0 : escape_size(e, best, ntop, m, bits, other);
    if (most > 0)
        escape = escape_cost(e, best, ntop < most ? ntop : most, m, other);
    if (t.outside == 0) {
        dict = t.k == ntop ? escape_cost(e, best, ntop, m, other) : bits_of(t.k - 1);
        dict += (double)t.k * (bits < 14 ? bits : bits - 8) / m;
    }
    if (bits <= 8 && (e->zlevel > 0 || t.k > 16)) {
        /* So small that only a narrower code is worth the way through a table. */
        done = t.k <= 16 && bits_of(t.k - 1) < bits;
        if (done)
            put_dict32(e, &t, m);
    } else if (dict < other * (hint & HINT_REST ? 0.75 : 1) && dict <= escape * 1.05) {
        put_dict32(e, &t, m);
    } else if (most > 0) {
        put_escape32(e, v, &t, top, ntop < most ? ntop : most, m);
    } else {
        done = false;
    }
    e->top = mark;
    return done;
}

static bool try_tables(cfi_encoder_t *e, const uint32_t *v, uint32_t m, uint32_t min, uint32_t max,
                       enc_hint_t hint, const sample_t *s, double other)
{
    if (s->distinct > s->n / 2 && m >= 8192)
        return !(hint & HINT_REST) && try_frequent(e, v, m, bits_of(max - min), other);
    return try_table(e, v, m, min, max, hint, other);
}

static void choose32(cfi_encoder_t *e, const uint32_t *v, uint32_t m, enc_hint_t hint)
{
    uint32_t min, max;
    unsigned bits, width, step = 0, step_width;
    double flat, delta;
    sample_t s;

    if (m == 0) {
        put_const(e, 0);
        return;
    }
    e->k->range32(v, m, &min, &max);
    bits = bits_of(max - min);
    if (bits == 0) {
        put_const(e, min);
        return;
    }
    if (m < 64 || bits == 1 || (hint & HINT_LEAF)) {
        put_pack32(e, v, m, min, bits);
        return;
    }
    take_sample(v, m, min, &s);
    if (!(hint & HINT_NO_RLE) && s.same > s.pairs - s.pairs / 32) {
        put_rle32(e, v, m, hint);
        return;
    }
    flat = patch_cost(s.bits, s.n, bits, &width);
    for (unsigned b = 0; b < 34; b++)
        step = s.steps[b] > 0 ? b : step;
    delta = patch_cost(s.steps, s.pairs, step, &step_width);
    if (!(hint & (HINT_DELTA | HINT_CODES)) && delta + 1 < flat && step < 32 && s.distinct > 64) {
        if (put_delta32(e, v, m))
            return;
    }
    if (!(hint & HINT_CODES) && bits > 2 && s.distinct < s.n - s.n / 4 && m >= 256
        && try_tables(e, v, m, min, max, hint, &s, flat))
        return;
    put_flat(e, v, m, min, bits, width, &s);
}

void enc_array32(cfi_encoder_t *e, const uint32_t *v, uint32_t m, enc_hint_t hint)
{
    e->depth++;
    choose32(e, v, m, e->depth > ENC_NEST ? HINT_LEAF : hint);
    e->depth--;
}

/*
 * Units of time in nanoseconds: 2^shift times an odd number, whose inverse modulo 2^64 divides
 * multiples exactly.
 */
static const struct unit {
    uint64_t unit, odd, inverse;
    unsigned shift;
} units[] = {
    { 2000000000, 1953125, UINT64_C(0x8e47ce423a2e9c6d), 10 },
    { 1000000000, 1953125, UINT64_C(0x8e47ce423a2e9c6d), 9 },
    { 1000000, 15625, UINT64_C(0x790fb65668c26139), 6 },
    { 1000, 125, UINT64_C(0x1cac083126e978d5), 3 },
};

/* Quotients into q; false when one number is no multiple. */
static bool divide(const uint64_t *v, uint32_t m, const struct unit *u, uint64_t *q)
{
    const uint64_t most = UINT64_MAX / u->odd, low = (UINT64_C(1) << u->shift) - 1;

    for (uint32_t i = 0; i < m; i++) {
        q[i] = (v[i] >> u->shift) * u->inverse;
        if ((v[i] & low) != 0 || q[i] > most)
            return false;
    }
    return true;
}

/* Largest unit of which all numbers are multiples, with the quotients in q; 1 = none. */
static uint64_t unit_of(const uint64_t *v, uint32_t m, uint64_t *q)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (divide(v, m, &units[i], q))
            return units[i].unit;
    return 1;
}

uint64_t enc_unit(cfi_encoder_t *e, const uint64_t *v, uint32_t m, enc_hint_t hint, uint32_t *small)
{
    uint32_t mark = e->top;
    uint64_t all = 0, unit = 1, large = 0, *q;
    const uint64_t *from = v;

    for (uint32_t i = 0; i < m; i++)
        all |= v[i];
    if (all > UINT32_MAX && (hint & HINT_TIME)) {
        q = enc_tmp(e, m * sizeof *q);
        unit = q != NULL ? unit_of(v, m, q) : 1;
        from = unit > 1 ? q : v;
    }
    for (uint32_t i = 0; i < m; i++) {
        large |= from[i];
        small[i] = (uint32_t)from[i];
    }
    e->top = mark;
    return large > UINT32_MAX ? 0 : unit;
}

/*
 * Numbers that pass 32 bits: differences where they are small, else the few large ones apart, else
 * packed.
 */
static void put_wide(cfi_encoder_t *e, const uint64_t *v, uint32_t m, uint64_t min, uint64_t max)
{
    uint32_t mark = e->top, *low = enc_tmp(e, m * sizeof *low), large = 0;
    uint64_t steps = 0;

    if (low == NULL)
        return;
    for (uint32_t i = 0; i < m; i++) {
        large += v[i] - min > UINT32_MAX;
        steps |= i > 0 ? zigzag(v[i] - v[i - 1]) : 0;
    }
    if (e->depth > ENC_NEST) {
        put_pack64(e, v, m, min, bits_of(max - min));
    } else if (m > 1 && steps <= UINT32_MAX && bits_of(steps) < bits_of(max - min)) {
        for (uint32_t i = 1; i < m; i++)
            low[i - 1] = (uint32_t)zigzag(v[i] - v[i - 1]);
        enc_u8(e, OP_DELTA);
        enc_varint(e, v[0]);
        enc_array32(e, low, m - 1, HINT_DELTA);
    } else if (min <= UINT32_MAX && large < m / 16) {
        put_patch64(e, v, m);
    } else {
        put_pack64(e, v, m, min, bits_of(max - min));
    }
    e->top = mark;
}

static void choose64(cfi_encoder_t *e, const uint64_t *v, uint32_t m, enc_hint_t hint)
{
    uint32_t mark = e->top;
    uint64_t min, max, unit, *w;

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
        enc_array32(e, narrow, m, hint & ~(enc_hint_t)HINT_TIME);
        e->top = mark;
        return;
    }
    w = enc_tmp(e, m * sizeof *w);
    if (w == NULL)
        return;
    unit = hint & HINT_TIME ? unit_of(v, m, w) : 1;
    if (unit == 1) {
        put_wide(e, v, m, min, max);
    } else {
        enc_u8(e, OP_SCALE);
        enc_varint(e, unit);
        enc_array64(e, w, m, HINT_NONE);
    }
    e->top = mark;
}

void enc_array64(cfi_encoder_t *e, const uint64_t *v, uint32_t m, enc_hint_t hint)
{
    e->depth++;
    choose64(e, v, m, hint);
    e->depth--;
}
