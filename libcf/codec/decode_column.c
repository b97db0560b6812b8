/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Columns: from the bytes of a chunk to a vector that keeps the promises of cf/batch.h, and what
 * columns give to those that refer to them. A column that is referred to is decoded once in a block
 * and kept. Circles are found by a mark on each column under way; the depth of references is
 * counted.
 */
#include <stdlib.h>

#include "decode.h"

cfi_decoder_t *cfi_decoder_create(void)
{
    cfi_decoder_t *dec = calloc(1, sizeof *dec);

    if (dec != NULL)
        dec->k = cfi_kernels();
    return dec;
}

void cfi_decoder_destroy(cfi_decoder_t *dec)
{
    if (dec == NULL)
        return;
    for (uint32_t i = 0; i < dec->cols_size; i++) {
        free(dec->cols[i].values.p);
        free(dec->cols[i].a.p);
        free(dec->cols[i].b.p);
        free(dec->cols[i].bits);
    }
    for (uint32_t i = 0; i < dec->nslots; i++)
        free(dec->slots[i].p);
    free(dec->cols);
    free(dec->slots);
    cfi_comp_fini(&dec->comp);
    free(dec);
}

void cfi_decoder_begin(cfi_decoder_t *dec, const cf_schema_t *schema, uint32_t rows,
                       cfi_chunk_get_fn get, void *ctx)
{
    dec->schema = schema;
    dec->rows = rows;
    dec->get = get;
    dec->get_ctx = ctx;
    dec->ncols = cf_schema_count(schema);
    for (uint32_t i = 0; i < dec->cols_size; i++) {
        column_t *col = &dec->cols[i];

        col->known = col->busy = col->have_bits = false;
        col->values.have = col->a.have = col->b.have = false;
    }
}

int dec_bad(cfi_decoder_t *dec, const char *sentence)
{
    return cf_diag_set(dec->d, CF_E_FORMAT, "%s", sentence);
}

int dec_nomem(cfi_decoder_t *dec)
{
    return cf_diag_set(dec->d, CF_E_NOMEM, "no memory to decode it");
}

int dec_keep(cfi_decoder_t *dec, void **p, size_t *size, size_t bytes)
{
    if (*size >= bytes && *p != NULL)
        return CF_OK;
    free(*p);
    *p = cf_alloc_aligned(bytes + CODEC_PAD, 1);
    *size = *p != NULL ? bytes : 0;
    return *p != NULL ? CF_OK : dec_nomem(dec);
}

/* ---- references ------------------------------------------------------------------------------ */

int dec_column(cfi_decoder_t *dec, uint64_t ref, column_t **out)
{
    column_t *col;
    int rc;

    if (ref >= dec->ncols)
        return dec_bad(dec, "a reference is to no column");
    col = &dec->cols[ref];
    if (!col->known) {
        rc = dec->get(dec->get_ctx, (uint32_t)ref, &col->bytes, &col->n, &col->nulls, dec->d);
        if (rc != CF_OK)
            return rc;
        col->known = true;
    }
    if (col->n == 0 && col->nulls != dec->rows)
        return dec_bad(dec, "a chunk is empty, but not all rows are null");
    *out = col;
    return CF_OK;
}

int dec_enter(cfi_decoder_t *dec, uint64_t ref, column_t **out)
{
    column_t *col;
    int rc = dec_column(dec, ref, &col);

    if (rc != CF_OK)
        return rc;
    if (col->busy)
        return dec_bad(dec, "references go in a circle");
    if (dec->refs > CODEC_DEPTH)
        return dec_bad(dec, "references go too deep");
    if (col->n == 0)
        return dec_bad(dec, "a reference is to a column that is null");
    col->busy = true;
    dec->refs++;
    *out = col;
    return CF_OK;
}

void dec_leave(cfi_decoder_t *dec, column_t *col)
{
    col->busy = false;
    dec->refs--;
}

static cf_kind_t kind_of(const cfi_decoder_t *dec, uint64_t col)
{
    return cf_schema_field(dec->schema, (uint32_t)col)->kind;
}

static bool is_wide(const cfi_decoder_t *dec, uint64_t col)
{
    return kind_of(dec, col) != CF_KIND_ADDR
           && cf_schema_field(dec->schema, (uint32_t)col)->width == 8;
}

int dec_ref_codes(cfi_decoder_t *dec, uint64_t ref, const uint32_t **codes, uint32_t *count)
{
    column_t *col;
    cursor_t c;
    uint8_t how;
    uint32_t k;
    int rc = dec_enter(dec, ref, &col);

    if (rc != CF_OK)
        return rc;
    if (kind_of(dec, ref) != CF_KIND_STRING) {
        rc = dec_bad(dec, "a reference needs a string column");
    } else if (!col->values.have) {
        col->wanted = true;
        c = (cursor_t){ col->bytes, col->bytes + col->n };
        rc = dec_keep(dec, &col->values.p, &col->values.size, (size_t)dec->rows * sizeof(uint32_t));
        if (rc == CF_OK)
            rc = dec_skip_nullpart(dec, &c, &how);
        if (rc == CF_OK)
            rc = dec_codes(dec, &c, how, NULL, col->values.p, &k, NULL);
        if (rc == CF_OK) {
            col->codes = k + (how == NULLS_CODE);
            col->values.wide = false;
            col->values.have = true;
        }
    }
    dec_leave(dec, col);
    *codes = col->values.p;
    *count = col->codes;
    return rc;
}

int dec_ref_values(cfi_decoder_t *dec, uint64_t ref, const numbers_t **v)
{
    column_t *col;
    cursor_t c;
    uint8_t how;
    int rc = dec_enter(dec, ref, &col);

    if (rc != CF_OK)
        return rc;
    if (kind_of(dec, ref) == CF_KIND_STRING || kind_of(dec, ref) == CF_KIND_ADDR) {
        rc = dec_bad(dec, "a reference needs a column of numbers");
    } else if (!col->values.have) {
        col->wanted = true;
        c = (cursor_t){ col->bytes, col->bytes + col->n };
        rc = dec_skip_nullpart(dec, &c, &how);
        if (rc == CF_OK)
            rc = dec_keep_values(dec, &c, &col->values, is_wide(dec, ref));
    }
    dec_leave(dec, col);
    *v = &col->values;
    return rc;
}

int dec_outermost(cfi_decoder_t *dec, uint32_t number, const column_t *col, cursor_t *c)
{
    uint8_t how, form;
    uint32_t k;
    size_t raw;
    int rc;

    *c = (cursor_t){ col->bytes, col->bytes + col->n };
    rc = dec_skip_nullpart(dec, c, &how);
    if (rc != CF_OK)
        return rc;
    switch (kind_of(dec, number)) {
    case CF_KIND_ADDR:
        if (!get_u8(c, &form) || (form != ADDR_V4 && form != ADDR_MIXED))
            return dec_bad(dec, "a reference is to addresses without an array");
        return form == ADDR_MIXED ? dec_skip_buffer(dec, c, &raw) : CF_OK;
    case CF_KIND_STRING:
        if (!get_u8(c, &form) || form != STRINGS_DICT)
            return dec_bad(dec, "a reference is to strings without an array");
        return dec_skip_words(dec, c, &k);
    default:
        return CF_OK;
    }
}

int dec_ref_bits(cfi_decoder_t *dec, uint64_t ref, int op, const uint64_t **bits)
{
    column_t *col;
    cursor_t c;
    size_t size = 0;
    uint8_t is;
    int rc = dec_column(dec, ref, &col);

    if (rc != CF_OK)
        return rc;
    if (!col->have_bits) {
        if (col->n == 0)
            return dec_bad(dec, "a reference is to a column that is null");
        rc = dec_outermost(dec, (uint32_t)ref, col, &c);
        if (rc != CF_OK)
            return rc;
        if (!get_u8(&c, &is) || (is != OP_REPEAT && is != OP_SWAP) || c.p == c.end || *c.p++ != 0)
            return dec_bad(dec, "a reference is to a column that has no bits");
        if (col->bits == NULL)
            rc = dec_keep(dec, (void **)&col->bits, &size, CF_BATCH_WORDS * sizeof *col->bits);
        if (rc == CF_OK)
            rc = dec_bitmap(dec, &c, dec->rows, col->bits);
        if (rc != CF_OK)
            return rc;
        col->have_bits = true;
        col->bits_op = is;
    }
    if (col->bits_op != op)
        return dec_bad(dec, "a reference is to bits of another kind");
    *bits = col->bits;
    return CF_OK;
}

int dec_ref_swap(cfi_decoder_t *dec, uint64_t ref, const column_t **out)
{
    column_t *col;
    cursor_t c;
    int rc = dec_enter(dec, ref, &col);

    if (rc != CF_OK)
        return rc;
    if (kind_of(dec, ref) == CF_KIND_STRING) {
        rc = dec_bad(dec, "a reference needs a column that is not of strings");
    } else if (!col->a.have || !col->b.have) {
        rc = dec_outermost(dec, (uint32_t)ref, col, &c);
        if (rc == CF_OK)
            rc = dec_swap_ends(dec, (uint32_t)ref, &c, is_wide(dec, ref));
    }
    dec_leave(dec, col);
    *out = col;
    return rc;
}

/* Ends of an outermost SWAP, decoded once. */
static int outer_swap(cfi_decoder_t *dec, uint32_t number, cursor_t *c, bool wide)
{
    const column_t *col = &dec->cols[number];

    if (col->a.have && col->b.have)
        return dec_walk_array(dec, c, dec->rows, 0, NULL);
    return dec_swap_ends(dec, number, c, wide);
}

int dec_outer64(cfi_decoder_t *dec, uint32_t number, cursor_t *c, uint64_t *out)
{
    int rc;

    if (c->p == c->end || *c->p != OP_SWAP)
        return dec_array64(dec, c, dec->rows, out, 0);
    rc = outer_swap(dec, number, c, true);
    return rc == CF_OK ? dec_side64(dec, &dec->cols[number], out) : rc;
}

int dec_outer32(cfi_decoder_t *dec, uint32_t number, cursor_t *c, uint32_t *out)
{
    uint64_t *wide, seen = 0;
    int rc;

    if (c->p == c->end || *c->p != OP_SWAP)
        return dec_array32(dec, c, dec->rows, out, 0);
    rc = outer_swap(dec, number, c, false);
    if (rc == CF_OK)
        rc = dec_side32(dec, &dec->cols[number], out);
    if (rc != DECODE_WIDE)
        return rc;
    wide = dec_tmp(dec, dec->rows * sizeof *wide);
    if (wide == NULL)
        return CF_E_NOMEM;
    rc = dec_side64(dec, &dec->cols[number], wide);
    for (uint32_t i = 0; rc == CF_OK && i < dec->rows; i++) {
        seen |= wide[i];
        out[i] = (uint32_t)wide[i];
    }
    return rc == CF_OK && seen > UINT32_MAX
               ? dec_bad(dec, "a number is larger than the column can hold")
               : rc;
}

/* ---- nulls ----------------------------------------------------------------------------------- */

/* Null rows of a column that another one's nulls refer to. */
static int ref_nulls(cfi_decoder_t *dec, uint64_t ref, uint64_t *words)
{
    const uint32_t *codes;
    uint32_t count;
    column_t *col;
    cursor_t c;
    uint8_t how;
    int rc = dec_column(dec, ref, &col);

    if (rc != CF_OK)
        return rc;
    if (col->n == 0) {
        cf_bits_fill(words, dec->rows);
        return CF_OK;
    }
    rc = dec_enter(dec, ref, &col);
    if (rc != CF_OK)
        return rc;
    c = (cursor_t){ col->bytes, col->bytes + col->n };
    rc = dec_nullpart(dec, &c, words, &how);
    dec_leave(dec, col);
    if (rc == CF_OK && how == NULLS_CODE) {
        rc = dec_ref_codes(dec, ref, &codes, &count);
        if (rc == CF_OK)
            dec->k->equal32(codes, dec->rows, count - 1, words);
    }
    return rc;
}

int dec_nullpart(cfi_decoder_t *dec, cursor_t *c, uint64_t *words, uint8_t *how)
{
    uint64_t ref;

    if (!get_u8(c, how))
        return dec_bad(dec, "a chunk ends early");
    switch (*how) {
    case NULLS_NONE:
        memset(words, 0, (dec->rows + 63) / 64 * sizeof *words);
        return CF_OK;
    case NULLS_BITS:
        return dec_bitmap(dec, c, dec->rows, words);
    case NULLS_REF:
        if (!get_varint(c, &ref))
            return dec_bad(dec, "a chunk ends early");
        return ref_nulls(dec, ref, words);
    case NULLS_CODE:
        return CF_OK;
    default:
        return dec_bad(dec, "nulls are told in a way that this version does not know");
    }
}

int dec_skip_nullpart(cfi_decoder_t *dec, cursor_t *c, uint8_t *how)
{
    uint64_t ref;
    size_t raw;

    if (!get_u8(c, how))
        return dec_bad(dec, "a chunk ends early");
    switch (*how) {
    case NULLS_NONE:
    case NULLS_CODE:
        return CF_OK;
    case NULLS_BITS:
        return dec_skip_buffer(dec, c, &raw);
    case NULLS_REF:
        return get_varint(c, &ref) ? CF_OK : dec_bad(dec, "a chunk ends early");
    default:
        return dec_bad(dec, "nulls are told in a way that this version does not know");
    }
}

/* ---- vectors --------------------------------------------------------------------------------- */

/* Numbers of 8 bytes that others (will) ask for too. */
static int shared(cfi_decoder_t *dec, uint32_t number, cursor_t *c, uint64_t *out)
{
    numbers_t *v = &dec->cols[number].values;
    int rc = v->have ? dec_walk_array(dec, c, dec->rows, 0, NULL) : dec_keep_values(dec, c, v, true);

    if (rc != CF_OK)
        return rc;
    if (v->wide)
        memcpy(out, v->p, dec->rows * sizeof *out);
    else
        dec->k->widen(v->p, dec->rows, out);
    return CF_OK;
}

static int numbers(cfi_decoder_t *dec, uint32_t number, cursor_t *c, cf_vec_t *out)
{
    const cf_field_t *f = cf_schema_field(dec->schema, number);
    uint32_t *tmp, all, limit = f->width == 1 ? UINT8_MAX : UINT16_MAX;
    int rc = cf_vec_reserve(out, f->width);

    if (rc != CF_OK)
        return dec_nomem(dec);
    if (f->width == 8 && dec->cols[number].wanted && c->p < c->end && *c->p != OP_SWAP)
        return shared(dec, number, c, out->data);
    if (f->width == 8)
        return dec_outer64(dec, number, c, out->data);
    if (f->width == 4)
        return dec_outer32(dec, number, c, out->data);
    tmp = dec_tmp(dec, dec->rows * sizeof *tmp);
    if (tmp == NULL)
        return CF_E_NOMEM;
    rc = dec_outer32(dec, number, c, tmp);
    if (rc != CF_OK)
        return rc;
    all = f->width == 1 ? dec->k->narrow8(tmp, dec->rows, out->data)
                        : dec->k->narrow16(tmp, dec->rows, out->data);
    return all <= limit ? CF_OK : dec_bad(dec, "a number is larger than the column can hold");
}

#define ZERO(type, zero)                                                                          \
    do {                                                                                          \
        type *p = v->data;                                                                        \
        for (uint32_t w = 0; w * 64 < n; w++)                                                     \
            if (v->null[w] == UINT64_MAX)                                                         \
                memset(p + (size_t)w * 64, 0, 64 * sizeof *p);                                    \
            else                                                                                  \
                for (uint64_t rest = v->null[w]; rest != 0; rest &= rest - 1)                     \
                    p[w * 64 + (uint32_t)__builtin_ctzll(rest)] = zero;                           \
    } while (0)

/* Null rows are zero: numbers 0, addresses ::, string codes 0. */
static void zero_nulls(const cfi_decoder_t *dec, cf_vec_t *v)
{
    const cf_addr_t none = { 0, 0 };
    uint32_t n = dec->rows;

    if (v->width == 1)
        ZERO(uint8_t, 0);
    else if (v->width == 2)
        ZERO(uint16_t, 0);
    else if (v->width == 4)
        dec->k->zero32(v->null, n, v->data);
    else if (v->width == 8)
        ZERO(uint64_t, 0);
    else if (v->width == 16)
        ZERO(cf_addr_t, none);
}

/* The whole chunk of an entered column. */
static int decode(cfi_decoder_t *dec, uint32_t number, column_t *col, cf_vec_t *out)
{
    cursor_t c = { col->bytes, col->bytes + col->n };
    cf_kind_t kind = kind_of(dec, number);
    uint8_t how;
    int rc = cf_vec_reserve(out, out->width);

    if (rc != CF_OK)
        return dec_nomem(dec);
    rc = dec_nullpart(dec, &c, out->null, &how);
    if (rc != CF_OK)
        return rc;
    if (how == NULLS_CODE && kind != CF_KIND_STRING)
        return dec_bad(dec, "nulls are told by codes where there are none");
    if (kind == CF_KIND_STRING)
        rc = dec_strings(dec, col, &c, how, out);
    else if (kind == CF_KIND_ADDR)
        rc = dec_addr(dec, number, &c, out);
    else
        rc = numbers(dec, number, &c, out);
    if (rc != CF_OK)
        return rc;
    if (c.p != c.end)
        return dec_bad(dec, "bytes stand behind the values");
    out->nulls = dec->k->count(out->null, dec->rows);
    if (out->nulls != col->nulls)
        return dec_bad(dec, "null rows and their count do not agree");
    if (out->nulls > 0)
        zero_nulls(dec, out);
    return CF_OK;
}

/* Room for what is known of the block's columns. */
static int need_columns(cfi_decoder_t *dec)
{
    column_t *more;

    if (dec->cols_size >= dec->ncols)
        return CF_OK;
    more = realloc(dec->cols, dec->ncols * sizeof *more);
    if (more == NULL)
        return dec_nomem(dec);
    memset(more + dec->cols_size, 0, (dec->ncols - dec->cols_size) * sizeof *more);
    dec->cols = more;
    dec->cols_size = dec->ncols;
    return CF_OK;
}

int cfi_decoder_column(cfi_decoder_t *dec, uint32_t number, cf_vec_t *out, cf_diag_t *d)
{
    column_t *col;
    int rc;

    dec->d = d;
    dec->top = 0;
    dec->refs = 0;
    out->absent = false;
    rc = need_columns(dec);
    if (rc == CF_OK)
        rc = dec_column(dec, number, &col);
    if (rc == CF_OK && col->n == 0) {
        if (out->kind == CF_KIND_ADDR)
            out->width = 4;
        return cf_vec_set_all_null(out, dec->rows, false) == CF_OK ? CF_OK : dec_nomem(dec);
    }
    if (rc == CF_OK)
        rc = dec_enter(dec, number, &col);
    if (rc != CF_OK)
        return rc;
    rc = decode(dec, number, col, out);
    dec_leave(dec, col);
    dec->top = 0;
    return rc;
}

int cfi_decoder_describe(cfi_decoder_t *dec, uint32_t number, cf_buf_t *text, cf_diag_t *d)
{
    column_t *col;
    cursor_t c;
    uint8_t how;
    int rc;

    dec->d = d;
    dec->top = 0;
    dec->refs = 0;
    rc = need_columns(dec);
    if (rc == CF_OK)
        rc = dec_column(dec, number, &col);
    if (rc != CF_OK)
        return rc;
    if (col->n == 0)
        return cf_buf_puts(text, "null");
    c = (cursor_t){ col->bytes, col->bytes + col->n };
    rc = dec_skip_nullpart(dec, &c, &how);
    if (rc != CF_OK)
        return rc;
    switch (kind_of(dec, number)) {
    case CF_KIND_STRING: return dec_walk_strings(dec, &c, text);
    case CF_KIND_ADDR: return dec_walk_addr(dec, &c, dec->rows, 0, text);
    default: return dec_walk_array(dec, &c, dec->rows, 0, text);
    }
}
