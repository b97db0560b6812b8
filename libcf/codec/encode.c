/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One chunk for each column of a batch: null part, values, exact statistics. Null rows are filled
 * with the value before them (or the first there is), which costs nothing and keeps minima and
 * packing undisturbed.
 */
#include <math.h>
#include <stdlib.h>

#include "encode.h"

#define LONG_BUFFER 4096u

cfi_encoder_t *cfi_encoder_create(cf_level_t level)
{
    cfi_encoder_t *e = calloc(1, sizeof *e);

    if (e == NULL)
        return NULL;
    e->level = level;
    e->zlevel = level == CF_LEVEL_FAST ? 0 : level == CF_LEVEL_SMALL ? 12 : 1;
    e->k = cfi_kernels();
    e->f_sip = cf_field_find("sip");
    e->f_dip = cf_field_find("dip");
    e->f_sport = cf_field_find("sport");
    e->f_dport = cf_field_find("dport");
    e->f_iface = cf_field_find("iface");
    e->f_stime = cf_field_find("stime");
    e->f_etime = cf_field_find("etime");
    return e;
}

void cfi_encoder_destroy(cfi_encoder_t *e)
{
    if (e == NULL)
        return;
    for (uint32_t i = 0; i < e->nslots; i++)
        free(e->slots[i].p);
    free(e->slots);
    free(e->out);
    free(e->start);
    free(e->stat);
    cfi_comp_fini(&e->comp);
    free(e);
}

/* ---- output and scratch ---------------------------------------------------------------------- */

void *enc_tmp(cfi_encoder_t *e, size_t bytes)
{
    enc_slot_t *s;

    if (e->top == e->nslots) {
        uint32_t n = e->nslots + 16;
        enc_slot_t *more = realloc(e->slots, n * sizeof *more);

        if (more == NULL) {
            e->nomem = true;
            return NULL;
        }
        memset(more + e->nslots, 0, 16 * sizeof *more);
        e->slots = more;
        e->nslots = n;
    }
    s = &e->slots[e->top];
    if (s->size < bytes + CODEC_PAD) {
        size_t size = bytes + CODEC_PAD < 4096 ? 4096 : bytes + CODEC_PAD;

        free(s->p);
        s->p = cf_alloc_aligned(size, 1);
        s->size = s->p != NULL ? size : 0;
        if (s->p == NULL) {
            e->nomem = true;
            return NULL;
        }
        memset(s->p, 0, size);
    }
    e->top++;
    return s->p;
}

/* Room for n more bytes of output; false sets nomem. */
static bool room(cfi_encoder_t *e, size_t n)
{
    if (e->nomem)
        return false;
    if (e->size - e->len < n) {
        size_t size = e->size < (1u << 20) ? 1u << 20 : e->size;
        uint8_t *more;

        while (size - e->len < n)
            size *= 2;
        more = realloc(e->out, size);
        if (more == NULL) {
            e->nomem = true;
            return false;
        }
        e->out = more;
        e->size = size;
    }
    return true;
}

void enc_bytes(cfi_encoder_t *e, const void *p, size_t n)
{
    if (n == 0 || !room(e, n))
        return;
    memcpy(e->out + e->len, p, n);
    e->len += n;
}

void enc_u8(cfi_encoder_t *e, unsigned v)
{
    if (room(e, 1))
        e->out[e->len++] = (uint8_t)v;
}

void enc_varint(cfi_encoder_t *e, uint64_t v)
{
    if (room(e, 10))
        e->len += put_varint(e->out + e->len, v);
}

/*
 * Compression pays from 15 % on; from 45 % where the buffer is as long as the rows, because
 * expanding it is then most of the work of a scan. The level for archives takes what it gets.
 */
static size_t most_stored(const cfi_encoder_t *e, size_t n)
{
    return e->level == CF_LEVEL_SMALL ? n - n / 20
           : n < LONG_BUFFER          ? n - n * 3 / 20
                                      : n - n * 9 / 20;
}

/* Is it hopeless by the entropy of a sample of single bytes, and without runs? */
static bool looks_random(const uint8_t *p, size_t n, size_t most)
{
    uint32_t counts[256] = { 0 };
    uint32_t same = 0;
    double bits = 0;

    if (n < 2048)
        return false;
    for (uint32_t i = 0; i < 1024; i++) {
        size_t at = (size_t)i * (n - 1) / 1024;

        counts[p[at]]++;
        same += p[at] == p[at + 1];
    }
    if (same > 192)
        return false;
    for (unsigned i = 0; i < 256; i++)
        if (counts[i] > 0)
            bits += counts[i] * log2(1024.0 / counts[i]);
    return bits / 1024 > 8.0 * (double)most / (double)n + 1;
}

/* A compressed buffer of at most so many bytes; false = nothing written. */
static bool shrink(cfi_encoder_t *e, const void *raw, size_t n, size_t most)
{
    size_t head = 16, got;
    uint8_t *p;

    if (e->zlevel == 0 || n < 64 || (e->level != CF_LEVEL_SMALL && looks_random(raw, n, most))
        || !room(e, most + 32))
        return false;
    p = e->out + e->len;
    got = cfi_comp_shrink(&e->comp, e->zlevel, raw, n, p + 16, most);
    if (got == 0)
        return false;
    p[0] = COMP_ZSTD;
    head = 1 + put_varint(p + 1, n);
    head += put_varint(p + head, got);
    memmove(p + head, p + 16, got);
    e->len += head + got;
    return true;
}

bool enc_buffer_below(cfi_encoder_t *e, const void *raw, size_t n, size_t plain)
{
    return shrink(e, raw, n, most_stored(e, plain));
}

void enc_buffer(cfi_encoder_t *e, const void *raw, size_t n)
{
    if (shrink(e, raw, n, most_stored(e, n)))
        return;
    enc_u8(e, COMP_NONE);
    enc_varint(e, n);
    enc_bytes(e, raw, n);
}

void enc_bitmap(cfi_encoder_t *e, const uint64_t *bits, uint32_t m)
{
    uint32_t mark = e->top, words = (m + 63) / 64;
    uint8_t *p = enc_tmp(e, (size_t)words * 8);

    if (p == NULL)
        return;
    for (uint32_t i = 0; i < words; i++)
        store_le64(p + (size_t)i * 8, bits[i]);
    enc_buffer(e, p, bits_bytes(m));
    e->top = mark;
}

/* ---- columns --------------------------------------------------------------------------------- */

/* An earlier column with the same null rows, or -1. */
static int same_nulls(const cfi_encoder_t *e, const cf_vec_t *v)
{
    for (uint32_t i = 0; i < e->col; i++) {
        const cf_vec_t *o = &e->b->cols[i];

        if (o->nulls == v->nulls
            && memcmp(o->null, v->null, (e->rows / 64) * sizeof *v->null) == 0) {
            uint64_t last = e->rows % 64 != 0 ? (UINT64_C(1) << (e->rows % 64)) - 1 : 0;

            if (last == 0 || ((o->null[e->rows / 64] ^ v->null[e->rows / 64]) & last) == 0)
                return (int)i;
        }
    }
    return -1;
}

static void null_part(cfi_encoder_t *e, const cf_vec_t *v)
{
    uint32_t mark = e->top, words = (e->rows + 63) / 64;
    uint64_t *bits;
    int ref;

    if (v->nulls == 0) {
        enc_u8(e, NULLS_NONE);
        return;
    }
    ref = same_nulls(e, v);
    if (ref >= 0) {
        enc_u8(e, NULLS_REF);
        enc_varint(e, (uint64_t)ref);
        return;
    }
    bits = enc_tmp(e, (size_t)words * sizeof *bits);
    if (bits == NULL)
        return;
    memcpy(bits, v->null, words * sizeof *bits);
    if (e->rows % 64 != 0)
        bits[words - 1] &= (UINT64_C(1) << (e->rows % 64)) - 1;
    enc_u8(e, NULLS_BITS);
    enc_bitmap(e, bits, e->rows);
    e->top = mark;
}

/* The value before each null row, which is the first there is for those at the head. */
#define FILL(out)                                                                                 \
    do {                                                                                          \
        uint32_t first = 0;                                                                       \
        while (first < e->rows && cf_vec_is_null(v, first))                                       \
            first++;                                                                              \
        for (uint32_t w = 0; w * 64 < e->rows; w++)                                               \
            for (uint64_t rest = v->null[w]; rest != 0; rest &= rest - 1) {                       \
                uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(rest);                            \
                if (i < e->rows)                                                                  \
                    (out)[i] = i < first ? (out)[first] : (out)[i - 1];                           \
            }                                                                                     \
    } while (0)

uint32_t *enc_take32(cfi_encoder_t *e, const cf_vec_t *v)
{
    uint32_t *out = enc_tmp(e, e->rows * sizeof *out);

    if (out == NULL)
        return NULL;
    if (v->width == 1)
        e->k->widen8(v->data, e->rows, out);
    else if (v->width == 2)
        e->k->widen16(v->data, e->rows, out);
    else
        memcpy(out, v->data, e->rows * sizeof *out);
    if (v->nulls > 0)
        FILL(out);
    return out;
}

static const uint64_t *take64(cfi_encoder_t *e, const cf_vec_t *v)
{
    uint64_t *out;

    if (v->nulls == 0)
        return v->data;
    out = enc_tmp(e, e->rows * sizeof *out);
    if (out == NULL)
        return NULL;
    memcpy(out, v->data, e->rows * sizeof *out);
    FILL(out);
    return out;
}

static void stat32(const cfi_encoder_t *e, cf_colstat_t *st, const uint32_t *v)
{
    uint32_t min, max;

    e->k->range32(v, e->rows, &min, &max);
    st->has_range = true;
    st->min.lo = min;
    st->max.lo = max;
}

static void stat64(cf_colstat_t *st, const uint64_t *v, uint32_t n, bool is_signed)
{
    uint64_t flip = is_signed ? UINT64_C(1) << 63 : 0, min = v[0] ^ flip, max = min;

    for (uint32_t i = 0; i < n; i++) {
        uint64_t x = v[i] ^ flip;

        min = x < min ? x : min;
        max = x > max ? x : max;
    }
    st->has_range = true;
    st->min.lo = min ^ flip;
    st->max.lo = max ^ flip;
    if (is_signed) {
        st->min.hi = (uint64_t)((int64_t)st->min.lo >> 63);
        st->max.hi = (uint64_t)((int64_t)st->max.lo >> 63);
    }
}

/* The end as difference to the start, where that is the smaller number. */
static bool diff_time(cfi_encoder_t *e, const cf_vec_t *v, const uint64_t *w)
{
    const cf_vec_t *start = &e->b->cols[e->stime];
    const uint64_t *s = start->data;
    uint64_t *diff, most = 0, min = w[0], max = w[0];

    if (start->nulls > 0 || v->nulls > 0)
        return false;
    diff = enc_tmp(e, e->rows * sizeof *diff);
    if (diff == NULL)
        return true;
    for (uint32_t i = 0; i < e->rows; i++) {
        diff[i] = zigzag(w[i] - s[i]);
        most |= diff[i];
        min = w[i] < min ? w[i] : min;
        max = w[i] > max ? w[i] : max;
    }
    if (bits_of(most) > bits_of(max - min) + 1)
        return false;
    enc_u8(e, OP_DIFF);
    enc_varint(e, (uint64_t)e->stime);
    enc_rows64(e, diff, HINT_TIME);
    return true;
}

static void column(cfi_encoder_t *e, const cf_vec_t *v, cf_colstat_t *st)
{
    bool is_signed = v->kind == CF_KIND_TIME || v->kind == CF_KIND_DURATION;

    memset(st, 0, sizeof *st);
    st->nulls = v->nulls;
    if (v->nulls == e->rows)
        return;
    if (v->kind == CF_KIND_STRING) {
        enc_strings(e, v);
        return;
    }
    null_part(e, v);
    if (v->kind == CF_KIND_ADDR) {
        enc_addr(e, v);
    } else if (v->width == 8) {
        const uint64_t *w = take64(e, v);

        if (w == NULL)
            return;
        stat64(st, w, e->rows, is_signed);
        if ((int)e->col == e->etime && diff_time(e, v, w))
            return;
        enc_rows64(e, w, is_signed ? HINT_TIME : HINT_NONE);
    } else {
        const uint32_t *w = enc_take32(e, v);

        if (w == NULL)
            return;
        stat32(e, st, w);
        if (e->pair.on && (int)e->col == e->pair.sport) {
            enc_pair_sport(e);
        } else if (e->pair.on && (int)e->col == e->pair.dport) {
            enc_u8(e, OP_OTHER);
            enc_varint(e, (uint64_t)e->pair.sport);
        } else {
            enc_rows32(e, w, HINT_NONE);
        }
    }
}

int cfi_encoder_run(cfi_encoder_t *e, const cf_batch_t *b, cfi_encoded_t *out, cf_diag_t *d)
{
    uint32_t base;

    if (e->ncols_size < b->ncols || e->start == NULL) {
        free(e->start);
        free(e->stat);
        e->start = calloc((size_t)b->ncols + 1, sizeof *e->start);
        e->stat = calloc((size_t)b->ncols + 1, sizeof *e->stat);
        e->ncols_size = b->ncols;
        if (e->start == NULL || e->stat == NULL) {
            e->ncols_size = 0;
            return cf_diag_set(d, CF_E_NOMEM, "no memory to encode a block");
        }
    }
    e->len = 0;
    e->nomem = e->comp.nomem = false;
    e->b = b;
    e->rows = b->rows;
    e->top = 0;
    enc_strings_begin(e);
    if (!e->nomem)
        enc_pair_begin(e);
    if (!e->nomem)
        enc_addr_begin(e);
    base = e->top;
    for (e->col = 0; e->col < b->ncols && !e->nomem; e->col++) {
        e->start[e->col] = e->len;
        e->top = base;
        column(e, &b->cols[e->col], &e->stat[e->col]);
    }
    e->start[b->ncols] = e->len;
    if (e->nomem || e->comp.nomem)
        return cf_diag_set(d, CF_E_NOMEM, "no memory to encode a block");
    *out = (cfi_encoded_t){ e->out, e->start, e->stat, b->ncols, b->rows };
    return CF_OK;
}
