/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows that mirror the row before. A cloud logs both directions of a conversation, mostly side by
 * side: endpoints swapped, times and protocol the same. Here the rows get a common orientation: one
 * end is near (the address that most rows of the interface have, else the smaller one), the other
 * far. Both ends are then equal in the two rows of a pair, and one bit map tells for all columns
 * that take part which rows repeat the row before (ops SWAP, OTHER, REPEAT of doc/format.md).
 * Without such rows the orientation alone may pay: the near end hangs on the interface.
 */
#include <stdlib.h>

#include "encode.h"

#define LEAST_ROWS 64
#define ENOUGH_ROWS 32         /* of an interface, to know its address */

/* Index of a field's column with values, or -1. */
static int find(const cfi_encoder_t *e, const cf_field_t *f, cf_kind_t kind)
{
    int col = f != NULL ? cf_schema_index(e->b->schema, f) : -1;

    return col >= 0 && e->b->cols[col].kind == kind && e->b->cols[col].nulls < e->rows ? col : -1;
}

/* The address that most rows of each interface have at one of their ends; 0 where there is none. */
static uint32_t *own_addresses(cfi_encoder_t *e, const enc_string_t *iface, const uint32_t *s,
                               const uint32_t *d)
{
    struct two { uint32_t a, b, na, nb, rows; } *seen;
    uint32_t *own = enc_tmp(e, iface->count * sizeof *own), mark = e->top;

    seen = enc_tmp(e, iface->count * sizeof *seen);
    if (own == NULL || seen == NULL)
        return NULL;
    memset(seen, 0, iface->count * sizeof *seen);
    for (uint32_t i = 0; i < e->rows; i++) {
        struct two *w = &seen[iface->codes[i]];

        if (w->rows >= ENOUGH_ROWS)
            continue;
        if (w->rows++ == 0) {
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
    const uint32_t *codes = p->own != NULL ? e->strings[p->iface].codes : NULL;

    memset(p->swap, 0, bits_bytes(e->rows) + 8);
    for (uint32_t i = 0; i < e->rows; i++) {
        uint32_t own = p->own != NULL ? p->own[codes[i]] : s[i] <= d[i] ? s[i] : d[i];
        uint32_t swap = (s[i] != own) & ((d[i] == own) | (s[i] > d[i])),
                 x = (s[i] ^ d[i]) & (0 - swap);

        p->near[i] = s[i] ^ x;
        p->far[i] = d[i] ^ x;
        p->swap[i >> 6] |= (uint64_t)swap << (i & 63);
        p->strangers += p->near[i] != own;
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

/* Rows whose null bit is not that of the row before. */
static void clear_null_edges(const cf_vec_t *v, uint32_t words, uint64_t *bits)
{
    uint64_t before = 0;

    for (uint32_t w = 0; v->nulls > 0 && w < words; w++) {
        bits[w] &= ~(v->null[w] ^ (v->null[w] << 1 | before));
        before = v->null[w] >> 63;
    }
}

/* Of the rows marked so far, those where this column repeats too. */
static void keep_repeats(cfi_encoder_t *e, uint32_t col, uint64_t *bits)
{
    const cf_vec_t *v = &e->b->cols[col];
    uint32_t mark = e->top, *wide;

    if (v->kind == CF_KIND_STRING) {
        e->k->repeats32(e->strings[col].codes, e->rows, bits);
    } else if (v->width == 8) {
        e->k->repeats64(v->data, e->rows, bits);
        clear_null_edges(v, (e->rows + 63) / 64, bits);
    } else {
        wide = enc_take32(e, v);
        if (wide != NULL)
            e->k->repeats32(wide, e->rows, bits);
        clear_null_edges(v, (e->rows + 63) / 64, bits);
        e->top = mark;
    }
}

/* Do the first of the marked rows repeat in this column? A cheap look before the whole. */
static bool may_repeat(const cfi_encoder_t *e, uint32_t col)
{
    const cf_vec_t *v = &e->b->cols[col];
    const uint64_t *bits = e->pair.repeat;
    uint32_t looked = 0, differ = 0;

    for (uint32_t w = 0; w * 64 < e->rows && looked < 256; w++)
        for (uint64_t rest = bits[w]; rest != 0; rest &= rest - 1, looked++) {
            uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(rest);

            if (v->kind == CF_KIND_STRING)
                differ += e->strings[col].codes[i] != e->strings[col].codes[i - 1];
            else
                differ += cf_vec_is_null(v, i) != cf_vec_is_null(v, i - 1)
                          || cf_vec_uint(v, i) != cf_vec_uint(v, i - 1);
        }
    return differ <= looked / 16;
}

static bool is_constant(const cf_vec_t *v, uint32_t rows)
{
    uint64_t first = cf_vec_uint(v, 0);
    uint32_t i = 1;

    if (v->nulls > 0 || v->kind == CF_KIND_STRING)
        return false;
    while (i < rows && cf_vec_uint(v, i) == first)
        i++;
    return i == rows;
}

/*
 * Columns that repeat in (nearly) all rows that mirror; the rows where one does not are no longer
 * marked.
 */
static void join_columns(cfi_encoder_t *e)
{
    enc_pair_t *p = &e->pair;
    uint32_t words = (e->rows + 63) / 64;
    uint64_t *less = enc_tmp(e, words * sizeof *less);

    if (less == NULL)
        return;
    for (uint32_t c = 0; c < e->b->ncols; c++) {
        const cf_vec_t *v = &e->b->cols[c];
        uint32_t marked;

        if (v->kind == CF_KIND_ADDR || v->nulls == e->rows || (int)c == p->sport
            || (int)c == p->dport)
            continue;
        if (v->kind == CF_KIND_STRING && (e->strings[c].parent >= 0 || e->strings[c].count < 2))
            continue;
        if (!may_repeat(e, c) || is_constant(v, e->rows))
            continue;
        marked = cf_bits_count(p->repeat, e->rows);
        memcpy(less, p->repeat, words * sizeof *less);
        keep_repeats(e, c, less);
        if (cf_bits_count(less, e->rows) < marked - marked / 32)
            continue;
        memcpy(p->repeat, less, words * sizeof *less);
        e->repeats[c] = true;
        /* The owner's array is expanded at its full width: better not times. */
        if ((int)c != e->etime
            && (p->owner < 0 || (v->width < 8 && e->b->cols[p->owner].width == 8)))
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
    if (p->iface >= 0 && e->strings[p->iface].parent < 0
        && e->strings[p->iface].count <= e->rows / 16)
        p->own = own_addresses(e, &e->strings[p->iface], s->v4, d->v4);
    orient(e, s->v4, d->v4);
    if (p->sport >= 0)
        swap_ports(e);
    if (e->nomem)
        return false;
    cf_bits_fill(p->repeat, e->rows);
    p->repeat[0] &= ~UINT64_C(1);
    e->k->repeats32(p->near, e->rows, p->repeat);
    e->k->repeats32(p->far, e->rows, p->repeat);
    if (p->sport >= 0) {
        e->k->repeats32(p->near_port, e->rows, p->repeat);
        e->k->repeats32(p->far_port, e->rows, p->repeat);
    }
    if (cf_bits_count(p->repeat, e->rows) >= e->rows / 8)
        join_columns(e);
    if (p->owner >= 0)
        return true;
    /* No pairs; but the near end still costs nothing where interfaces have one address. */
    p->sport = p->dport = -1;
    return p->own != NULL && p->strangers < e->rows / 8;
}

void enc_pair_begin(cfi_encoder_t *e)
{
    enc_pair_t *p = &e->pair;
    int s = find(e, e->f_sip, CF_KIND_ADDR), d = find(e, e->f_dip, CF_KIND_ADDR);

    memset(p, 0, sizeof *p);
    p->owner = -1;
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
    uint32_t mark = e->top, n, *out;

    if (e->pair.owner < 0) {
        enc_array32(e, v, e->rows, hint);
        return;
    }
    out = enc_tmp(e, e->rows * sizeof *out);
    if (out == NULL)
        return;
    n = e->k->compact32(e->pair.repeat, e->rows, v, out);
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
