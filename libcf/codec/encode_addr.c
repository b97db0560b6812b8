/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Address chunks (doc/format.md 5.3): IPv4 numbers, with a table of the other addresses where there
 * are any; or the addresses of another column with exceptions (packet-level addresses are nearly
 * always those of the row).
 */
#include <stdlib.h>

#include "encode.h"

static void stat_addr(const cfi_encoder_t *e, cf_colstat_t *st, const cf_vec_t *v)
{
    const cf_addr_t *wide = v->data;
    bool first = true;

    for (uint32_t i = 0; i < e->rows; i++) {
        if (cf_vec_is_null(v, i))
            continue;
        if (first || cf_addr_cmp(wide[i], st->min) < 0)
            st->min = wide[i];
        if (first || cf_addr_cmp(wide[i], st->max) > 0)
            st->max = wide[i];
        first = false;
    }
    st->has_range = true;
}

static void stat_v4(cfi_encoder_t *e, cf_colstat_t *st, const cf_vec_t *v)
{
    uint32_t mark = e->top, min, max, *filled = enc_take32(e, v);

    if (filled == NULL)
        return;
    e->k->range32(filled, e->rows, &min, &max);
    st->min = cf_addr_v4(min);
    st->max = cf_addr_v4(max);
    st->has_range = true;
    e->top = mark;
}

/* Addresses i of n; rows whose number means nothing get the number before them. */
static bool take(cfi_encoder_t *e, const cf_addr_t *list, uint32_t n, enc_addrs_t *a)
{
    uint32_t last = 0;

    a->n = n;
    a->v4 = enc_tmp(e, n * sizeof *a->v4);
    a->marks = enc_tmp(e, bits_bytes(n) + 8);
    a->others = enc_tmp(e, n * sizeof *a->others);
    a->nothers = 0;
    if (a->v4 == NULL || a->marks == NULL || a->others == NULL)
        return false;
    memset(a->marks, 0, bits_bytes(n) + 8);
    for (uint32_t i = 0; i < n; i++) {
        if (cf_addr_is_v4(list[i])) {
            last = (uint32_t)list[i].lo;
        } else {
            a->marks[i >> 6] |= UINT64_C(1) << (i & 63);
            a->others[a->nothers++] = list[i];
        }
        a->v4[i] = last;
    }
    return true;
}

bool enc_addrs_take(cfi_encoder_t *e, int col, enc_addrs_t *a)
{
    const cf_vec_t *v = &e->b->cols[col];
    const cf_addr_t *wide = v->data;
    uint32_t last = 0;

    a->col = col;
    a->n = e->rows;
    a->nothers = 0;
    if (v->width == 4) {
        a->v4 = enc_take32(e, v);
        return a->v4 != NULL;
    }
    a->v4 = enc_tmp(e, e->rows * sizeof *a->v4);
    a->marks = enc_tmp(e, bits_bytes(e->rows) + 8);
    a->others = enc_tmp(e, e->rows * sizeof *a->others);
    if (a->v4 == NULL || a->marks == NULL || a->others == NULL)
        return false;
    memset(a->marks, 0, bits_bytes(e->rows) + 8);
    for (uint32_t i = 0; i < e->rows; i++) {
        if (cf_addr_is_v4(wide[i])) {
            last = (uint32_t)wide[i].lo;
        } else if (!cf_vec_is_null(v, i)) {
            a->marks[i >> 6] |= UINT64_C(1) << (i & 63);
            a->others[a->nothers++] = wide[i];
        }
        a->v4[i] = last;
    }
    return true;
}

static int by_value(const void *a, const void *b)
{
    cf_addr_t x, y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return cf_addr_cmp(x, y);
}

/* Different addresses of the list in order. */
static uint32_t sort_unique(cf_addr_t *list, uint32_t n)
{
    uint32_t k = 0;

    qsort(list, n, sizeof *list, by_value);
    for (uint32_t i = 0; i < n; i++)
        if (k == 0 || cf_addr_cmp(list[i], list[k - 1]) != 0)
            list[k++] = list[i];
    return k;
}

static uint32_t place_of(const cf_addr_t *table, uint32_t k, cf_addr_t a)
{
    uint32_t lo = 0, hi = k;

    while (hi - lo > 1) {
        uint32_t mid = (lo + hi) / 2;

        if (cf_addr_cmp(a, table[mid]) < 0)
            hi = mid;
        else
            lo = mid;
    }
    return lo;
}

/* One table for both ends of the flows, kept for the second of them. */
static void common_table(cfi_encoder_t *e)
{
    const enc_addrs_t *s = &e->sip, *d = &e->dip;
    uint32_t n = s->nothers + d->nothers;

    e->table = enc_tmp(e, n * sizeof *e->table);
    e->ntable = 0;
    if (e->table == NULL)
        return;
    memcpy(e->table, s->others, s->nothers * sizeof *e->table);
    memcpy(e->table + s->nothers, d->others, d->nothers * sizeof *e->table);
    e->ntable = sort_unique(e->table, n);
    if (e->ntable > CODEC_COUNT_MAX) {
        e->table = NULL;
        e->ntable = 0;
    }
}

static void put_table(cfi_encoder_t *e, const cf_addr_t *table, uint32_t k)
{
    uint32_t mark = e->top;
    uint64_t *half = enc_tmp(e, k * sizeof *half);

    if (half == NULL)
        return;
    enc_varint(e, k);
    for (uint32_t i = 0; i < k; i++)
        half[i] = table[i].hi;
    enc_array64(e, half, k, HINT_NONE);
    for (uint32_t i = 0; i < k; i++)
        half[i] = table[i].lo;
    enc_array64(e, half, k, HINT_NONE);
    e->top = mark;
}

/* What stands behind the IPv4 array of form 6. */
static void put_others(cfi_encoder_t *e, const enc_addrs_t *a)
{
    bool ends = a == &e->sip || a == &e->dip;
    const cf_addr_t *table = ends ? e->table : NULL;
    uint32_t k = e->ntable, *codes;

    if (table == NULL) {
        cf_addr_t *own = enc_tmp(e, a->nothers * sizeof *own);

        if (own == NULL)
            return;
        memcpy(own, a->others, a->nothers * sizeof *own);
        k = sort_unique(own, a->nothers);
        table = own;
    }
    if (table == e->table && a == &e->dip) {
        enc_varint(e, 0);
        enc_varint(e, (uint64_t)e->sip.col);
    } else {
        put_table(e, table, k);
    }
    codes = enc_tmp(e, a->nothers * sizeof *codes);
    if (codes == NULL)
        return;
    for (uint32_t i = 0; i < a->nothers; i++)
        codes[i] = place_of(table, k, a->others[i]);
    enc_array32(e, codes, a->nothers, HINT_CODES);
}

static void put_addrs(cfi_encoder_t *e, const enc_addrs_t *a)
{
    enc_u8(e, a->nothers > 0 ? ADDR_MIXED : ADDR_V4);
    if (a->nothers > 0)
        enc_bitmap(e, a->marks, a->n);
    if (e->pair.on && a == &e->sip) {
        enc_pair_sip(e);
    } else if (e->pair.on && a == &e->dip) {
        enc_u8(e, OP_OTHER);
        enc_varint(e, (uint64_t)e->sip.col);
    } else {
        enc_array32(e, a->v4, a->n, HINT_NONE);
    }
    if (a->nothers > 0)
        put_others(e, a);
}

/* The column as another one with exceptions; false (nothing written) when they differ too often. */
static bool put_ref(cfi_encoder_t *e, const cf_vec_t *v, int ref)
{
    const cf_vec_t *o = &e->b->cols[ref];
    uint32_t mark = e->top, n = 0, most = e->rows / 4;
    uint64_t *bits = enc_tmp(e, bits_bytes(e->rows) + 8);
    cf_addr_t *differ = enc_tmp(e, ((size_t)most + 1) * sizeof *differ);
    enc_addrs_t a = { .col = -1 };

    if (bits == NULL || differ == NULL)
        return true;
    memset(bits, 0, bits_bytes(e->rows) + 8);
    for (uint32_t i = 0; i < e->rows; i++) {
        cf_addr_t x = cf_vec_addr(v, i);

        if (cf_vec_is_null(v, i) || cf_addr_cmp(x, cf_vec_addr(o, i)) == 0)
            continue;
        if (n == most) {
            e->top = mark;
            return false;
        }
        bits[i >> 6] |= UINT64_C(1) << (i & 63);
        differ[n++] = x;
    }
    enc_u8(e, ADDR_REF);
    enc_varint(e, (uint64_t)ref);
    enc_varint(e, n);
    if (n > 0 && take(e, differ, n, &a)) {
        enc_bitmap(e, bits, e->rows);
        put_addrs(e, &a);
    }
    e->top = mark;
    return true;
}

void enc_addr(cfi_encoder_t *e, const cf_vec_t *v)
{
    enc_addrs_t own;

    if (v->width == 4)
        stat_v4(e, &e->stat[e->col], v);
    else
        stat_addr(e, &e->stat[e->col], v);
    if ((int)e->col == e->sip.col && e->dip.col >= 0) {
        put_addrs(e, &e->sip);
    } else if ((int)e->col == e->dip.col && e->sip.col >= 0) {
        put_addrs(e, &e->dip);
    } else if ((e->sip.col < 0 || (int)e->col == e->sip.col || !put_ref(e, v, e->sip.col))
               && (e->dip.col < 0 || (int)e->col == e->dip.col || !put_ref(e, v, e->dip.col))
               && enc_addrs_take(e, (int)e->col, &own)) {
        put_addrs(e, &own);
    }
}

void enc_addr_begin(cfi_encoder_t *e)
{
    e->table = NULL;
    e->ntable = 0;
    if (e->sip.col >= 0 && e->dip.col >= 0 && e->sip.nothers > 0 && e->dip.nothers > 0)
        common_table(e);
}
