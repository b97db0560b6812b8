/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows that mirror the row before. A cloud logs both directions of a conversation, mostly side by side: endpoints swapped,
 * times and protocol the same. Here the rows get a common orientation: one end is near (the address that most rows of the interface
 * have, else the smaller one), the other far. Both ends are then equal in the two rows of a pair, and one bit map tells for all
 * columns that take part which rows repeat the row before (ops SWAP, OTHER, REPEAT of doc/format.md).
 */
#include <stdlib.h>

#include "encode.h"

#define LEAST_ROWS 256
#define UNSEEN UINT32_MAX

/* Index of a field's column with values, or -1. */
static int find(const cfi_encoder_t *e, const cf_field_t *f, cf_kind_t kind)
{
    int col = f != NULL ? cf_schema_index(e->b->schema, f) : -1;

    return col >= 0 && e->b->cols[col].kind == kind && e->b->cols[col].nulls < e->rows ? col : -1;
}

/* The address that most rows of each interface have at one of their ends; 0 where there is none. */
static uint32_t *own_addresses(cfi_encoder_t *e, const enc_string_t *iface, const uint32_t *s, const uint32_t *d)
{
    struct two { uint32_t a, b, na, nb; } *seen;
    uint32_t *own = enc_tmp(e, iface->count * sizeof *own), mark = e->top;

    seen = enc_tmp(e, iface->count * sizeof *seen);
    if (own == NULL || seen == NULL)
        return NULL;
    memset(seen, 0, iface->count * sizeof *seen);
    for (uint32_t i = 0; i < e->rows; i++) {
        struct two *w = &seen[iface->codes[i]];

        if (w->na == 0 && w->nb == 0) {
            w->a = s[i];
            w->b = d[i];
        }
        w->na += s[i] == w->a || d[i] == w->a;
        w->nb += s[i] == w->b || d[i] == w->b;
    }
    for (uint32_t c = 0; c < iface->count; c++)
        own[c] = seen[c].na >= seen[c].nb ? seen[c].a : seen[c].b;
    e->top = mark;
    return own;
}

/* Fill near, far and the swap bits. */
static void orient(cfi_encoder_t *e, const uint32_t *s, const uint32_t *d)
{
    enc_pair_t *p = &e->pair;

    memset(p->swap, 0, bits_bytes(e->rows) + 8);
    for (uint32_t i = 0; i < e->rows; i++) {
        uint32_t own = p->own != NULL ? p->own[e->strings[p->iface].codes[i]] : s[i] <= d[i] ? s[i] : d[i];
        bool swap = s[i] == own ? false : d[i] == own ? true : s[i] > d[i];

        p->near[i] = swap ? d[i] : s[i];
        p->far[i] = swap ? s[i] : d[i];
        p->swap[i >> 6] |= (uint64_t)swap << (i & 63);
        p->strangers += p->own != NULL && p->near[i] != own;
    }
}

static void swap_ports(cfi_encoder_t *e)
{
    enc_pair_t *p = &e->pair;
    uint32_t *s = enc_take32(e, &e->b->cols[p->sport]), *d = enc_take32(e, &e->b->cols[p->dport]);

    p->near_port = s;
    p->far_port = d;
    if (s == NULL || d == NULL)
        return;
    for (uint32_t i = 0; i < e->rows; i++) {
        uint32_t swap = 0 - (uint32_t)((p->swap[i >> 6] >> (i & 63)) & 1), x = (s[i] ^ d[i]) & swap;

        s[i] ^= x;
        d[i] ^= x;
    }
}

static void keep_repeats32(const cfi_encoder_t *e, const uint32_t *v, uint64_t *bits)
{
    for (uint32_t w = 0; w * 64 < e->rows; w++)
        for (uint64_t rest = bits[w]; rest != 0; rest &= rest - 1) {
            uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(rest);

            if (v[i] != v[i - 1])
                bits[w] &= ~(rest & (0 - rest));
        }
}

static bool repeats_value(const cf_vec_t *v, uint32_t i)
{
    if (cf_vec_is_null(v, i) != cf_vec_is_null(v, i - 1))
        return false;
    return cf_vec_uint(v, i) == cf_vec_uint(v, i - 1);
}

/* Of the rows marked so far, those where this column repeats too. */
static uint32_t keep_repeats(const cfi_encoder_t *e, uint32_t col, const uint64_t *from, uint64_t *to, uint32_t most)
{
    const cf_vec_t *v = &e->b->cols[col];
    const uint32_t *codes = v->kind == CF_KIND_STRING ? e->strings[col].codes : NULL;
    uint32_t lost = 0;

    for (uint32_t w = 0; w * 64 < e->rows; w++) {
        to[w] = from[w];
        for (uint64_t rest = from[w]; rest != 0; rest &= rest - 1) {
            uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(rest);

            if (codes != NULL ? codes[i] == codes[i - 1] : repeats_value(v, i))
                continue;
            to[w] &= ~(rest & (0 - rest));
            if (++lost > most)
                return lost;
        }
    }
    return lost;
}

/* Columns that repeat in (nearly) all rows that mirror; the rows where one does not are no longer marked. */
static void join_columns(cfi_encoder_t *e)
{
    enc_pair_t *p = &e->pair;
    uint32_t words = (e->rows + 63) / 64;
    uint64_t *less = enc_tmp(e, words * sizeof *less);

    p->owner = -1;
    if (less == NULL)
        return;
    for (uint32_t c = 0; c < e->b->ncols; c++) {
        const cf_vec_t *v = &e->b->cols[c];
        uint32_t marked;

        if (v->kind == CF_KIND_ADDR || v->nulls == e->rows || (int)c == p->sport || (int)c == p->dport)
            continue;
        if (v->kind == CF_KIND_STRING && (e->strings[c].parent >= 0 || e->strings[c].count < 2))
            continue;
        marked = cf_bits_count(p->repeat, e->rows);
        if (keep_repeats(e, c, p->repeat, less, marked / 32) > marked / 32)
            continue;
        memcpy(p->repeat, less, words * sizeof *less);
        e->repeats[c] = true;
        if (p->owner < 0 && (int)c != e->etime)
            p->owner = (int)c;
    }
}

static bool mirror(cfi_encoder_t *e)
{
    enc_pair_t *p = &e->pair;
    enc_addrs_t *s = &e->sip, *d = &e->dip;

    p->near = enc_tmp(e, e->rows * sizeof *p->near);
    p->far = enc_tmp(e, e->rows * sizeof *p->far);
    p->swap = enc_tmp(e, bits_bytes(e->rows) + 8);
    p->repeat = enc_tmp(e, bits_bytes(e->rows) + 8);
    if (p->near == NULL || p->far == NULL || p->swap == NULL || p->repeat == NULL)
        return false;
    if (p->iface >= 0 && e->strings[p->iface].parent < 0 && e->strings[p->iface].count <= e->rows / 16)
        p->own = own_addresses(e, &e->strings[p->iface], s->v4, d->v4);
    orient(e, s->v4, d->v4);
    if (p->sport >= 0)
        swap_ports(e);
    if (e->nomem)
        return false;
    cf_bits_fill(p->repeat, e->rows);
    p->repeat[0] &= ~UINT64_C(1);
    keep_repeats32(e, p->near, p->repeat);
    keep_repeats32(e, p->far, p->repeat);
    if (p->sport >= 0) {
        keep_repeats32(e, p->near_port, p->repeat);
        keep_repeats32(e, p->far_port, p->repeat);
    }
    if (cf_bits_count(p->repeat, e->rows) < e->rows / 8)
        return false;
    join_columns(e);
    return p->owner >= 0;
}

void enc_pair_begin(cfi_encoder_t *e)
{
    enc_pair_t *p = &e->pair;
    int s = find(e, e->f_sip, CF_KIND_ADDR), d = find(e, e->f_dip, CF_KIND_ADDR);

    memset(p, 0, sizeof *p);
    e->repeats = enc_tmp(e, e->b->ncols * sizeof *e->repeats);
    if (e->repeats == NULL)
        return;
    memset(e->repeats, 0, e->b->ncols * sizeof *e->repeats);
    e->stime = find(e, e->f_stime, CF_KIND_TIME);
    e->etime = e->stime >= 0 ? find(e, e->f_etime, CF_KIND_TIME) : -1;
    e->sip.col = s;
    e->dip.col = d;
    if (s < 0 || d < 0 || !enc_addrs_take(e, s, &e->sip) || !enc_addrs_take(e, d, &e->dip))
        return;
    p->iface = find(e, e->f_iface, CF_KIND_STRING);
    p->sport = find(e, e->f_sport, CF_KIND_UINT);
    p->dport = find(e, e->f_dport, CF_KIND_UINT);
    if (p->sport < 0 || p->dport < 0)
        p->sport = p->dport = -1;
    p->on = e->rows >= LEAST_ROWS && mirror(e);
    if (!p->on)
        memset(e->repeats, 0, e->b->ncols * sizeof *e->repeats);
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Bits of REPEAT for column e->col. */
static void put_repeat(cfi_encoder_t *e)
{
    enc_u8(e, OP_REPEAT);
    if ((int)e->col == e->pair.owner) {
        enc_varint(e, 0);
        enc_bitmap(e, e->pair.repeat, e->rows);
    } else {
        enc_varint(e, (uint64_t)e->pair.owner + 1);
    }
}

void enc_repeat32(cfi_encoder_t *e, const uint32_t *v, enc_hint_t hint)
{
    uint32_t mark = e->top, n = 0, *out = enc_tmp(e, e->rows * sizeof *out);
    const uint64_t *bits = e->pair.repeat;

    if (out == NULL)
        return;
    for (uint32_t i = 0; i < e->rows; i++) {
        out[n] = v[i];
        n += ((bits[i >> 6] >> (i & 63)) & 1) == 0;
    }
    put_repeat(e);
    enc_varint(e, n);
    enc_array32(e, out, n, hint);
    e->top = mark;
}

void enc_repeat64(cfi_encoder_t *e, const uint64_t *v, enc_hint_t hint)
{
    uint32_t mark = e->top, n = 0;
    uint64_t *out = enc_tmp(e, e->rows * sizeof *out);
    const uint64_t *bits = e->pair.repeat;

    if (out == NULL)
        return;
    for (uint32_t i = 0; i < e->rows; i++) {
        out[n] = v[i];
        n += ((bits[i >> 6] >> (i & 63)) & 1) == 0;
    }
    put_repeat(e);
    enc_varint(e, n);
    enc_array64(e, out, n, hint);
    e->top = mark;
}

void enc_rows32(cfi_encoder_t *e, const uint32_t *v, enc_hint_t hint)
{
    if (e->repeats[e->col])
        enc_repeat32(e, v, hint);
    else
        enc_array32(e, v, e->rows, hint);
}

void enc_rows64(cfi_encoder_t *e, const uint64_t *v, enc_hint_t hint)
{
    uint32_t mark = e->top, *small;
    uint64_t unit;

    if (!e->repeats[e->col]) {
        enc_array64(e, v, e->rows, hint);
        return;
    }
    small = enc_tmp(e, e->rows * sizeof *small);
    if (small == NULL)
        return;
    /* Expanding repeats is cheaper before numbers are made large. */
    unit = (int)e->col != e->pair.owner ? enc_unit(e, v, e->rows, hint, small) : 0;
    if (unit > 0) {
        if (unit > 1) {
            enc_u8(e, OP_SCALE);
            enc_varint(e, unit);
        }
        enc_repeat32(e, small, HINT_NONE);
    } else {
        enc_repeat64(e, v, hint);
    }
    e->top = mark;
}

/* The near end hangs on the interface, but for some strangers. */
static void put_near(cfi_encoder_t *e)
{
    const enc_pair_t *p = &e->pair;
    const enc_string_t *iface = p->iface >= 0 ? &e->strings[p->iface] : NULL;
    uint32_t mark = e->top, n = 0, *rest;
    uint64_t *bits;

    if (p->own == NULL || p->strangers > e->rows / 4) {
        enc_repeat32(e, p->near, HINT_NONE);
        return;
    }
    enc_u8(e, OP_MAP);
    enc_varint(e, (uint64_t)p->iface);
    enc_varint(e, iface->count);
    enc_array32(e, p->own, iface->count, HINT_NONE);
    enc_varint(e, p->strangers);
    if (p->strangers == 0)
        return;
    bits = enc_tmp(e, bits_bytes(e->rows) + 8);
    rest = enc_tmp(e, (p->strangers + 1) * sizeof *rest);
    if (bits == NULL || rest == NULL)
        return;
    memset(bits, 0, bits_bytes(e->rows) + 8);
    for (uint32_t i = 0; i < e->rows; i++) {
        bool other = p->own[iface->codes[i]] != p->near[i];

        rest[n] = p->near[i];
        n += other;
        bits[i >> 6] |= (uint64_t)other << (i & 63);
    }
    enc_bitmap(e, bits, e->rows);
    enc_array32(e, rest, n, HINT_NONE);
    e->top = mark;
}

void enc_pair_sip(cfi_encoder_t *e)
{
    enc_u8(e, OP_SWAP);
    enc_varint(e, 0);
    enc_bitmap(e, e->pair.swap, e->rows);
    put_near(e);
    enc_repeat32(e, e->pair.far, HINT_NONE);
}

void enc_pair_sport(cfi_encoder_t *e)
{
    enc_u8(e, OP_SWAP);
    enc_varint(e, (uint64_t)e->sip.col + 1);
    enc_repeat32(e, e->pair.near_port, HINT_NONE);
    enc_repeat32(e, e->pair.far_port, HINT_NONE);
}
