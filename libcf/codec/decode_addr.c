/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Address chunks (doc/format.md 5.3): IPv4 alone stays 32 bits a row; with IPv6 among it the vector
 * has 128 bits. A column may take its addresses from another one and tell only where it differs.
 */
#include "decode.h"

/* Addresses of m rows or exceptions: 32 bits each in v4, or (mixed) 128 bits in v6. */
typedef struct addrs {
    uint32_t *v4;
    cf_addr_t *v6;             /* used when mixed */
    bool mixed;
    cf_vec_t *vec;             /* its memory becomes v6; NULL = v6 is there already */
} addrs_t;

static int addresses(cfi_decoder_t *dec, int64_t number, cursor_t *c, uint32_t m, addrs_t *out,
                     unsigned depth);

/* From 32 to 128 bits. */
static int widen(cfi_decoder_t *dec, addrs_t *a, uint32_t m)
{
    if (a->mixed)
        return CF_OK;
    if (a->vec != NULL) {
        if (cf_vec_reserve(a->vec, sizeof(cf_addr_t)) != CF_OK)
            return dec_nomem(dec);
        a->v6 = a->vec->data;
    }
    dec->k->mapped(a->v4, m, a->v6);
    a->mixed = true;
    return CF_OK;
}

/* The table of a column whose form is 6. */
static int ref_table(cfi_decoder_t *dec, uint64_t ref, uint32_t *k, uint64_t **hi, uint64_t **lo);

static int take_table(cfi_decoder_t *dec, cursor_t *c, bool may_refer, uint32_t *k, uint64_t **hi,
                      uint64_t **lo)
{
    uint64_t ref;
    int rc = dec_count(dec, c, k);

    if (rc != CF_OK)
        return rc;
    if (*k == 0) {
        if (!may_refer || !get_varint(c, &ref))
            return dec_bad(dec, "a table of addresses is missing");
        return ref_table(dec, ref, k, hi, lo);
    }
    *hi = dec_tmp(dec, *k * sizeof **hi);
    *lo = dec_tmp(dec, *k * sizeof **lo);
    if (*hi == NULL || *lo == NULL)
        return CF_E_NOMEM;
    rc = dec_array64(dec, c, *k, *hi, 0);
    return rc == CF_OK ? dec_array64(dec, c, *k, *lo, 0) : rc;
}

static int ref_table(cfi_decoder_t *dec, uint64_t ref, uint32_t *k, uint64_t **hi, uint64_t **lo)
{
    column_t *col;
    cursor_t c;
    uint8_t how, form;
    size_t raw;
    int rc = dec_enter(dec, ref, &col);

    if (rc != CF_OK)
        return rc;
    c = (cursor_t){ col->bytes, col->bytes + col->n };
    if (cf_schema_field(dec->schema, (uint32_t)ref)->kind != CF_KIND_ADDR)
        rc = dec_bad(dec, "a reference needs an address column");
    if (rc == CF_OK)
        rc = dec_skip_nullpart(dec, &c, &how);
    if (rc == CF_OK && (!get_u8(&c, &form) || form != ADDR_MIXED))
        rc = dec_bad(dec, "a reference is to addresses without a table");
    if (rc == CF_OK)
        rc = dec_skip_buffer(dec, &c, &raw);
    if (rc == CF_OK)
        rc = dec_walk_array(dec, &c, dec->rows, 0, NULL);
    if (rc == CF_OK)
        rc = take_table(dec, &c, false, k, hi, lo);
    dec_leave(dec, col);
    return rc;
}

static int mixed(cfi_decoder_t *dec, int64_t number, cursor_t *c, uint32_t m, addrs_t *out)
{
    uint32_t k, marked, next = 0, *codes;
    uint64_t *bits = dec_tmp(dec, bits_bytes(m) + 8), *hi, *lo;
    int rc = bits != NULL ? dec_bitmap(dec, c, m, bits) : CF_E_NOMEM;

    if (rc == CF_OK)
        rc = number >= 0 ? dec_outer32(dec, (uint32_t)number, c, out->v4)
                         : dec_array32(dec, c, m, out->v4, 0);
    if (rc == CF_OK)
        rc = take_table(dec, c, true, &k, &hi, &lo);
    if (rc != CF_OK)
        return rc;
    marked = cf_bits_count(bits, m);
    codes = dec_tmp(dec, marked * sizeof *codes);
    if (codes == NULL)
        return CF_E_NOMEM;
    rc = dec_array32(dec, c, marked, codes, 0);
    if (rc != CF_OK)
        return rc;
    if (marked > 0 && dec->k->max32(codes, marked) >= k)
        return dec_bad(dec, "a code is outside of its table");
    rc = widen(dec, out, m);
    for (uint32_t w = 0; rc == CF_OK && w * 64 < m; w++)
        for (uint64_t rest = bits[w]; rest != 0; rest &= rest - 1, next++)
            out->v6[w * 64 + (uint32_t)__builtin_ctzll(rest)] =
                (cf_addr_t){ hi[codes[next]], lo[codes[next]] };
    return rc;
}

/* Another column's addresses, into out. */
static int ref_addresses(cfi_decoder_t *dec, uint64_t ref, addrs_t *out)
{
    column_t *col;
    cursor_t c;
    uint8_t how;
    int rc = dec_enter(dec, ref, &col);

    if (rc != CF_OK)
        return rc;
    c = (cursor_t){ col->bytes, col->bytes + col->n };
    if (cf_schema_field(dec->schema, (uint32_t)ref)->kind != CF_KIND_ADDR)
        rc = dec_bad(dec, "a reference needs an address column");
    if (rc == CF_OK)
        rc = dec_skip_nullpart(dec, &c, &how);
    if (rc == CF_OK)
        rc = addresses(dec, (int64_t)ref, &c, dec->rows, out, 0);
    dec_leave(dec, col);
    return rc;
}

static int referred(cfi_decoder_t *dec, cursor_t *c, uint32_t m, addrs_t *out, unsigned depth)
{
    uint64_t ref, *bits;
    uint32_t e, next = 0;
    addrs_t ex = { NULL, NULL, false, NULL };
    int rc;

    if (!get_varint(c, &ref))
        return dec_bad(dec, "a chunk ends early");
    if (m != dec->rows)
        return dec_bad(dec, "a reference stands where there are no rows");
    rc = dec_count(dec, c, &e);
    if (rc == CF_OK)
        rc = ref_addresses(dec, ref, out);
    if (rc != CF_OK || e == 0)
        return rc;
    bits = dec_tmp(dec, bits_bytes(m) + 8);
    if (bits == NULL)
        return CF_E_NOMEM;
    rc = dec_bitmap(dec, c, m, bits);
    if (rc == CF_OK && cf_bits_count(bits, m) != e)
        rc = dec_bad(dec, "exceptions and their bits do not agree");
    ex.v4 = dec_tmp(dec, e * sizeof *ex.v4);
    ex.v6 = dec_tmp(dec, e * sizeof *ex.v6);
    if (ex.v4 == NULL || ex.v6 == NULL)
        return CF_E_NOMEM;
    if (rc == CF_OK)
        rc = addresses(dec, -1, c, e, &ex, depth + 1);
    if (rc != CF_OK)
        return rc;
    if (!ex.mixed && !out->mixed) {
        dec->k->merge32(bits, m, ex.v4, out->v4);
        return CF_OK;
    }
    rc = widen(dec, &ex, e);
    if (rc == CF_OK)
        rc = widen(dec, out, m);
    for (uint32_t w = 0; rc == CF_OK && w * 64 < m; w++)
        for (uint64_t rest = bits[w]; rest != 0; rest &= rest - 1, next++)
            out->v6[w * 64 + (uint32_t)__builtin_ctzll(rest)] = ex.v6[next];
    return rc;
}

/* number is the column when these are all its addresses, -1 when they are exceptions. */
static int addresses(cfi_decoder_t *dec, int64_t number, cursor_t *c, uint32_t m, addrs_t *out,
                     unsigned depth)
{
    uint32_t mark = dec->top;
    uint8_t form;
    int rc;

    if (depth >= CODEC_DEPTH)
        return dec_bad(dec, "addresses nest too deep");
    if (!get_u8(c, &form))
        return dec_bad(dec, "a chunk ends early");
    if (form == ADDR_V4)
        rc = number >= 0 ? dec_outer32(dec, (uint32_t)number, c, out->v4)
                         : dec_array32(dec, c, m, out->v4, 0);
    else if (form == ADDR_MIXED)
        rc = mixed(dec, number, c, m, out);
    else if (form == ADDR_REF)
        rc = referred(dec, c, m, out, depth);
    else
        rc = dec_bad(dec, "addresses have a form that this version does not know");
    dec->top = mark;
    return rc;
}

int dec_addr(cfi_decoder_t *dec, uint32_t number, cursor_t *c, cf_vec_t *out)
{
    addrs_t a = { NULL, NULL, false, out };
    int rc;

    /* Plain IPv4 goes straight to the vector, what may become 128 bits through scratch. */
    if (c->p < c->end && *c->p == ADDR_V4) {
        if (cf_vec_reserve(out, sizeof(uint32_t)) != CF_OK)
            return dec_nomem(dec);
        a.v4 = out->data;
        return addresses(dec, number, c, dec->rows, &a, 0);
    }
    a.v4 = dec_tmp(dec, dec->rows * sizeof *a.v4);
    if (a.v4 == NULL)
        return CF_E_NOMEM;
    rc = addresses(dec, number, c, dec->rows, &a, 0);
    if (rc != CF_OK || a.mixed)
        return rc;
    if (cf_vec_reserve(out, sizeof(uint32_t)) != CF_OK)
        return dec_nomem(dec);
    memcpy(out->data, a.v4, dec->rows * sizeof *a.v4);
    return CF_OK;
}
