/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plainest chunks that format.md section 5 allows: PLAIN arrays, no compression, string form 0. It lets the rooms above
 * work while the real encoders are made, which replace this file.
 */
#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"

#define BUFFER_MAX ((size_t)1 << 30)

struct cfi_encoder {
    cf_buf_t out;
    uint64_t *start;
    cf_colstat_t *stat;
    uint32_t size;
};

struct cfi_decoder {
    const cf_schema_t *schema;
    uint32_t rows;
    cfi_chunk_get_fn get;
    void *ctx;
};

cfi_encoder_t *cfi_encoder_create(cf_level_t level)
{
    cfi_encoder_t *e = calloc(1, sizeof *e);

    (void)level;
    if (e != NULL)
        cf_buf_init(&e->out, BUFFER_MAX);
    return e;
}

void cfi_encoder_destroy(cfi_encoder_t *e)
{
    if (e == NULL)
        return;
    cf_buf_fini(&e->out);
    free(e->start);
    free(e->stat);
    free(e);
}

static int put_varint(cf_buf_t *out, uint64_t v)
{
    uint8_t bytes[10];
    size_t n = 0;

    for (; v >= 128; v >>= 7)
        bytes[n++] = (uint8_t)(v | 128);
    bytes[n++] = (uint8_t)v;
    return cf_buf_put(out, bytes, n);
}

static int put_buffer(cf_buf_t *out, const void *bytes, size_t n)
{
    int rc = cf_buf_put(out, "", 1);

    if (rc == CF_OK)
        rc = put_varint(out, n);
    return rc == CF_OK ? cf_buf_put(out, bytes, n) : rc;
}

static int put_plain(cf_buf_t *out, const void *values, uint8_t width, size_t n)
{
    uint8_t head[2] = { 1, width };
    int rc = cf_buf_put(out, head, 2);

    return rc == CF_OK ? put_buffer(out, values, n * width) : rc;
}

static int put_wide(cf_buf_t *out, const cf_vec_t *v, uint32_t n)
{
    uint64_t marks[CF_BATCH_WORDS] = { 0 };
    uint32_t k = 0;
    uint64_t *hi = malloc((size_t)n * 3 * sizeof *hi), *lo = hi + n;
    uint32_t *v4 = (uint32_t *)(lo + n), *code = v4 + n;
    int rc;

    if (hi == NULL)
        return CF_E_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        cf_addr_t a = cf_vec_addr(v, i);

        v4[i] = cf_addr_is_v4(a) ? (uint32_t)a.lo : 0;
        if (cf_addr_is_v4(a) || cf_vec_is_null(v, i))
            continue;
        marks[i >> 6] |= UINT64_C(1) << (i & 63);
        hi[k] = a.hi;
        lo[k] = a.lo;
        code[k] = k;
        k++;
    }
    rc = cf_buf_put(out, k > 0 ? "\6" : "\4", 1);
    if (rc == CF_OK && k > 0)
        rc = put_buffer(out, marks, (n + 7) / 8);
    if (rc == CF_OK)
        rc = put_plain(out, v4, 4, n);
    if (rc == CF_OK && k > 0) {
        rc = put_varint(out, k);
        if (rc == CF_OK)
            rc = put_plain(out, hi, 8, k);
        if (rc == CF_OK)
            rc = put_plain(out, lo, 8, k);
        if (rc == CF_OK)
            rc = put_plain(out, code, 4, k);
    }
    free(hi);
    return rc;
}

static int put_strings(cf_buf_t *out, const cf_vec_t *v, uint32_t n)
{
    uint32_t k = v->dict.count;
    uint32_t *lengths = malloc(((size_t)k + 1) * sizeof *lengths);
    int rc;

    if (lengths == NULL)
        return CF_E_NOMEM;
    for (uint32_t i = 0; i < k; i++)
        lengths[i] = v->dict.offset[i + 1] - v->dict.offset[i];
    rc = cf_buf_put(out, "", 1);
    if (rc == CF_OK)
        rc = put_varint(out, k);
    if (rc == CF_OK)
        rc = put_plain(out, lengths, 4, k);
    if (rc == CF_OK)
        rc = put_buffer(out, v->dict.bytes, k > 0 ? v->dict.offset[k] : 0);
    if (rc == CF_OK)
        rc = put_plain(out, v->data, 4, n);
    free(lengths);
    return rc;
}

static void note(cf_colstat_t *st, const cf_vec_t *v, uint32_t n)
{
    st->nulls = v->nulls;
    st->has_range = false;
    for (uint32_t i = 0; v->kind != CF_KIND_STRING && i < n; i++) {
        cf_addr_t a = { 0, 0 };
        bool less, more;

        if (cf_vec_is_null(v, i))
            continue;
        if (v->kind == CF_KIND_ADDR) {
            a = cf_vec_addr(v, i);
        } else {
            a.lo = cf_vec_uint(v, i);
            if ((v->kind == CF_KIND_TIME || v->kind == CF_KIND_DURATION) && (int64_t)a.lo < 0)
                a.hi = UINT64_MAX;
        }
        less = more = !st->has_range;
        if (st->has_range && v->kind == CF_KIND_ADDR) {
            less = cf_addr_cmp(a, st->min) < 0;
            more = cf_addr_cmp(a, st->max) > 0;
        } else if (st->has_range) {
            __int128 x = (__int128)((unsigned __int128)a.hi << 64 | a.lo);

            less = x < (__int128)((unsigned __int128)st->min.hi << 64 | st->min.lo);
            more = x > (__int128)((unsigned __int128)st->max.hi << 64 | st->max.lo);
        }
        st->min = less ? a : st->min;
        st->max = more ? a : st->max;
        st->has_range = true;
    }
}

static int put_chunk(cf_buf_t *out, const cf_vec_t *v, uint32_t n)
{
    int rc = cf_buf_put(out, v->nulls > 0 ? "\1" : "\0", 1);

    if (rc == CF_OK && v->nulls > 0)
        rc = put_buffer(out, v->null, (n + 7) / 8);
    if (rc != CF_OK)
        return rc;
    if (v->kind == CF_KIND_STRING)
        return put_strings(out, v, n);
    if (v->kind != CF_KIND_ADDR)
        return put_plain(out, v->data, v->width, n);
    if (v->width == 16)
        return put_wide(out, v, n);
    rc = cf_buf_put(out, "\4", 1);
    return rc == CF_OK ? put_plain(out, v->data, 4, n) : rc;
}

int cfi_encoder_run(cfi_encoder_t *e, const cf_batch_t *b, cfi_encoded_t *out, cf_diag_t *d)
{
    int rc = CF_OK;

    free(e->start);
    free(e->stat);
    e->start = calloc(b->ncols + 1, sizeof *e->start);
    e->stat = calloc(b->ncols + 1, sizeof *e->stat);
    if (e->start == NULL || e->stat == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "out of memory");
    e->out.len = 0;
    for (uint32_t i = 0; rc == CF_OK && i < b->ncols; i++) {
        const cf_vec_t *v = &b->cols[i];

        note(&e->stat[i], v, b->rows);
        if (v->nulls < b->rows)
            rc = put_chunk(&e->out, v, b->rows);
        e->start[i + 1] = e->out.len;
    }
    *out = (cfi_encoded_t){ (const uint8_t *)e->out.data, e->start, e->stat, b->ncols, b->rows };
    return rc == CF_OK ? CF_OK : cf_diag_set(d, rc, "block cannot be encoded");
}

cfi_decoder_t *cfi_decoder_create(void)
{
    return calloc(1, sizeof(cfi_decoder_t));
}

void cfi_decoder_destroy(cfi_decoder_t *dec)
{
    free(dec);
}

void cfi_decoder_begin(cfi_decoder_t *dec, const cf_schema_t *schema, uint32_t rows, cfi_chunk_get_fn get, void *ctx)
{
    *dec = (cfi_decoder_t){ schema, rows, get, ctx };
}

struct cursor {
    const uint8_t *p, *end;
    bool bad;
};

static uint64_t get_varint(struct cursor *c)
{
    uint64_t v = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (c->p == c->end)
            break;
        v |= (uint64_t)(*c->p & 127) << shift;
        if ((*c->p++ & 128) == 0)
            return v;
    }
    c->bad = true;
    return 0;
}

static uint8_t get_byte(struct cursor *c)
{
    if (c->p == c->end) {
        c->bad = true;
        return 0;
    }
    return *c->p++;
}

static const uint8_t *get_buffer(struct cursor *c, size_t want)
{
    const uint8_t *p;

    if (get_byte(c) != 0 || get_varint(c) != want || (size_t)(c->end - c->p) < want)
        c->bad = true;
    p = c->p;
    if (!c->bad)
        c->p += want;
    return p;
}

static void get_plain(struct cursor *c, void *to, uint8_t width, size_t n)
{
    const uint8_t *p;

    if (get_byte(c) != 1 || get_byte(c) != width) {
        c->bad = true;
        return;
    }
    p = get_buffer(c, n * width);
    if (!c->bad)
        memcpy(to, p, n * width);
}

static int get_strings(struct cursor *c, cf_vec_t *out, uint32_t n)
{
    uint64_t k;
    uint32_t *lengths;
    const uint8_t *bytes;
    size_t sum = 0;
    int rc = CF_OK;

    if (get_byte(c) != 0)
        c->bad = true;
    k = get_varint(c);
    if (c->bad || k > CF_BATCH_ROWS)
        return CF_E_FORMAT;
    lengths = malloc((k + 1) * sizeof *lengths);
    if (lengths == NULL)
        return CF_E_NOMEM;
    get_plain(c, lengths, 4, k);
    for (uint64_t i = 0; !c->bad && i < k; i++)
        sum += lengths[i];
    bytes = get_buffer(c, sum);
    for (uint64_t i = 0; rc == CF_OK && !c->bad && i < k; i++) {
        rc = cf_dict_append(&out->dict, (const char *)bytes, lengths[i]);
        bytes += lengths[i];
    }
    free(lengths);
    get_plain(c, out->data, 4, n);
    for (uint32_t i = 0; !c->bad && i < n; i++)
        if (((uint32_t *)out->data)[i] >= k)
            c->bad = true;
    return rc;
}

static int get_addr(struct cursor *c, cf_vec_t *out, uint32_t n)
{
    uint8_t form = get_byte(c);
    const uint8_t *marks = NULL;
    uint64_t k, *hi, *lo;
    uint32_t *code, at = 0;

    if (form == 6)
        marks = get_buffer(c, (n + 7) / 8);
    else if (form != 4)
        c->bad = true;
    if (c->bad || cf_vec_reserve(out, 4) != CF_OK)
        return c->bad ? CF_E_FORMAT : CF_E_NOMEM;
    get_plain(c, out->data, 4, n);
    if (c->bad || form == 4)
        return CF_OK;
    k = get_varint(c);
    if (c->bad || k == 0 || k > n)
        return CF_E_FORMAT;
    if (cf_vec_widen(out, n) != CF_OK)
        return CF_E_NOMEM;
    hi = malloc(k * 20);
    if (hi == NULL)
        return CF_E_NOMEM;
    lo = hi + k;
    code = (uint32_t *)(lo + k);
    get_plain(c, hi, 8, k);
    get_plain(c, lo, 8, k);
    get_plain(c, code, 4, k);
    for (uint32_t i = 0; !c->bad && i < n; i++) {
        if (((marks[i >> 3] >> (i & 7)) & 1) == 0)
            continue;
        if (at == k || code[at] >= k)
            c->bad = true;
        else
            ((cf_addr_t *)out->data)[i] = (cf_addr_t){ hi[code[at]], lo[code[at]] };
        at++;
    }
    free(hi);
    return CF_OK;
}

int cfi_decoder_column(cfi_decoder_t *dec, uint32_t col, cf_vec_t *out, cf_diag_t *d)
{
    const cf_field_t *f = cf_schema_field(dec->schema, col);
    struct cursor c = { NULL, NULL, false };
    uint32_t nulls, n = dec->rows;
    size_t len;
    uint8_t how;
    int rc = dec->get(dec->ctx, col, &c.p, &len, &nulls, d);

    if (rc != CF_OK)
        return rc;
    if (cf_vec_reserve(out, f->width) != CF_OK)
        return cf_diag_set(d, CF_E_NOMEM, "out of memory");
    cf_dict_reset(&out->dict);
    out->nulls = 0;
    out->absent = false;
    if (len == 0)
        return cf_vec_set_all_null(out, n, false);
    c.end = c.p + len;
    how = get_byte(&c);
    if (how > 1)
        c.bad = true;
    if (how == 1) {
        const uint8_t *bits = get_buffer(&c, (n + 7) / 8);

        if (!c.bad) {
            memset(out->null, 0, CF_BATCH_WORDS * 8);
            memcpy(out->null, bits, (n + 7) / 8);
            out->nulls = cf_bits_count(out->null, n);
        }
    }
    if (f->kind == CF_KIND_STRING)
        rc = get_strings(&c, out, n);
    else if (f->kind == CF_KIND_ADDR)
        rc = get_addr(&c, out, n);
    else
        get_plain(&c, out->data, f->width, n);
    if (c.bad || rc != CF_OK)
        return cf_diag_set(d, rc != CF_OK ? rc : CF_E_FORMAT, "chunk of column '%s' is malformed", f->name);
    return CF_OK;
}

int cfi_decoder_describe(cfi_decoder_t *dec, uint32_t col, cf_buf_t *text, cf_diag_t *d)
{
    (void)dec;
    (void)col;
    (void)d;
    return cf_buf_puts(text, "plain");
}
