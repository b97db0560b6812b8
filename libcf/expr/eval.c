/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One leaf over one column: pick the kernel that suits the vector's width and the size of the set,
 * then turn the bits for a negation and take the null rows out. Kernels do whole words of 64 rows;
 * the last rows run through a padded copy.
 */
#include <stdlib.h>
#include <string.h>

#include "expr/expr.h"
#include "expr/kernel.h"

/* Up to so many ranges are asked one after the other; more go through a table or search. */
#define PASSES_MAX 3u
#define PASSES_MAX_16 8u

/* ---- numbers ------------------------------------------------------------------------------ */

static uint64_t value_at(const void *v, unsigned width, uint32_t i)
{
    switch (width) {
    case 1: return ((const uint8_t *)v)[i];
    case 2: return ((const uint16_t *)v)[i];
    case 4: return ((const uint32_t *)v)[i];
    default: return ((const uint64_t *)v)[i];
    }
}

/* Many ranges over wide values: binary search without unforeseeable branches. */
static void search(const cfi_set_t *s, const void *v, unsigned width, uint32_t words,
                   const uint64_t *active, uint64_t *out)
{
    const uint64_t *lo = s->lo64;

    for (uint32_t w = 0; w < words; w++) {
        uint64_t bits = 0;

        for (unsigned i = 0; active[w] != 0 && i < 64; i++) {
            uint64_t x = value_at(v, width, w * 64 + i) ^ s->bias;
            uint32_t at = 0;

            for (uint32_t n = s->n; n > 1; n -= n / 2)
                at += lo[at + n / 2] <= x ? n / 2 : 0;
            bits |= (uint64_t)(lo[at] <= x && x <= s->hi64[at]) << i;
        }
        out[w] = bits;
    }
}

static void ranges(const cfi_set_t *s, const void *v, unsigned width, uint32_t words, uint64_t *out)
{
    const cfi_expr_kernels_t *k = cfi_expr_kernels();
    uint64_t max = width >= 8 ? UINT64_MAX : (UINT64_C(1) << (8 * width)) - 1;
    bool join = false;

    for (uint32_t i = 0; i < s->n; i++) {
        uint64_t lo = s->lo64[i], hi = s->hi64[i] < max ? s->hi64[i] : max, span = hi - lo;

        if (lo > max)
            break;
        if (width == 1)
            k->range8(v, words, (uint8_t)lo, (uint8_t)span, join, out);
        else if (width == 2)
            k->range16(v, words, (uint16_t)lo, (uint16_t)span, join, out);
        else if (width == 4)
            k->range32(v, words, (uint32_t)lo, (uint32_t)span, join, out);
        else
            k->range64(v, words, lo ^ s->bias, span, join, out);
        join = true;
    }
    if (!join)
        memset(out, 0, words * sizeof *out);
}

static void numbers(const cfi_set_t *s, const void *v, unsigned width, uint32_t words,
                    const uint64_t *active, uint64_t *out)
{
    if (s->n <= (width == 1 ? 1 : width == 2 ? PASSES_MAX_16 : PASSES_MAX))
        ranges(s, v, width, words, out);
    else if (width == 1)
        cfi_expr_kernels()->table8(v, words, s->table, out);
    else if (width == 2)
        cfi_expr_kernels()->table16(v, words, s->table, out);
    else
        search(s, v, width, words, active, out);
}

/* ---- addresses ---------------------------------------------------------------------------- */

static bool v4_inside(const cfi_set_t *s, uint32_t x)
{
    uint32_t upper = x >> 16, at = 0;

    if ((s->full[upper >> 6] >> (upper & 63) & 1) != 0)
        return true;
    if ((s->some[upper >> 6] >> (upper & 63) & 1) == 0)
        return false;
    for (uint32_t n = s->n32; n > 1; n -= n / 2)
        at += s->lo32[at + n / 2] <= x ? n / 2 : 0;
    return s->lo32[at] <= x && x <= s->hi32[at];
}

static void v4(const cfi_set_t *s, const uint32_t *v, uint32_t words, const uint64_t *active,
               uint64_t *out)
{
    if (s->n32 <= PASSES_MAX) {
        for (uint32_t i = 0; i < s->n32; i++)
            cfi_expr_kernels()->range32(v, words, s->lo32[i], s->hi32[i] - s->lo32[i], i > 0, out);
        if (s->n32 == 0)
            memset(out, 0, words * sizeof *out);
        return;
    }
    for (uint32_t w = 0; w < words; w++, v += 64) {
        uint64_t bits = 0;

        for (unsigned i = 0; active[w] != 0 && i < 64; i++)
            bits |= (uint64_t)v4_inside(s, v[i]) << i;
        out[w] = bits;
    }
}

static void v6_one_range(const cfi_range_t *r, const cf_addr_t *v, uint32_t words,
                         const uint64_t *active, uint64_t *out)
{
    for (uint32_t w = 0; w < words; w++, v += 64) {
        uint64_t bits = 0;

        for (unsigned i = 0; active[w] != 0 && i < 64; i++) {
            bool below = (v[i].hi < r->lo.hi) | ((v[i].hi == r->lo.hi) & (v[i].lo < r->lo.lo));
            bool above = (v[i].hi > r->hi.hi) | ((v[i].hi == r->hi.hi) & (v[i].lo > r->hi.lo));

            bits |= (uint64_t)!(below | above) << i;
        }
        out[w] = bits;
    }
}

static void v6(const cfi_set_t *s, const cf_addr_t *v, uint32_t words, const uint64_t *active,
               uint64_t *out)
{
    if (s->n == 1) {
        v6_one_range(&s->range[0], v, words, active, out);
        return;
    }
    for (uint32_t w = 0; w < words; w++, v += 64) {
        uint64_t bits = 0;

        for (unsigned i = 0; active[w] != 0 && i < 64; i++)
            bits |= (uint64_t)(cf_addr_is_v4(v[i]) ? v4_inside(s, (uint32_t)v[i].lo)
                                                   : cfi_set_has(s, v[i]))
                    << i;
        out[w] = bits;
    }
}

static void set_words(const cfi_set_t *s, const cf_vec_t *v, const void *data, uint32_t words,
                      const uint64_t *active, uint64_t *out)
{
    if (v->kind != CF_KIND_ADDR)
        numbers(s, data, v->width, words, active, out);
    else if (v->width == 4)
        v4(s, data, words, active, out);
    else
        v6(s, data, words, active, out);
}

static void eval_set(const cfi_set_t *s, const cf_vec_t *v, uint32_t rows, const uint64_t *active,
                     uint64_t *out)
{
    uint32_t words = rows / 64, rest = rows % 64;
    cf_addr_t pad[64] = { { 0, 0 } };

    if (s->n == 0) {
        memset(out, 0, (words + (rest > 0)) * sizeof *out);
        return;
    }
    set_words(s, v, v->data, words, active, out);
    if (rest > 0) {
        memcpy(pad, (const char *)v->data + (size_t)words * 64 * v->width, (size_t)rest * v->width);
        set_words(s, v, pad, 1, active + words, out + words);
    }
}

/* ---- text --------------------------------------------------------------------------------- */

static int reserve_match(cf_expr_run_t *r, size_t count)
{
    size_t size = count + 4;                   /* map32 reads three bytes on */
    uint8_t *match;

    if (size <= r->match_size)
        return CF_OK;
    match = realloc(r->match, size);
    if (match == NULL)
        return CF_E_NOMEM;
    r->match = match;
    r->match_size = size;
    return CF_OK;
}

/* Few rows in question: ask for the entries they use only. */
static int text_by_rows(const cfi_leaf_t *l, cf_expr_run_t *r, const cf_vec_t *v, uint32_t words,
                         const uint64_t *active, uint64_t *out)
{
    const uint32_t *code = v->data;

    memset(r->match, 2, v->dict.count);
    for (uint32_t w = 0; w < words; w++) {
        out[w] = 0;
        for (uint64_t left = active[w]; left != 0; left &= left - 1) {
            unsigned i = (unsigned)__builtin_ctzll(left);
            uint32_t c = code[w * 64 + i], len;
            const char *s = cf_dict_text(&v->dict, c, &len);

            if (r->match[c] == 2) {
                int rc = cfi_texts_match(&l->texts, s, len, r->text);

                if (rc < 0)
                    return rc;
                r->match[c] = (uint8_t)rc;
            }
            out[w] |= (uint64_t)r->match[c] << i;
        }
    }
    return CF_OK;
}

static int eval_text(const cfi_leaf_t *l, cf_expr_run_t *r, const cf_vec_t *v, uint32_t rows,
                     const uint64_t *active, uint64_t *out)
{
    const cfi_expr_kernels_t *k = cfi_expr_kernels();
    uint32_t words = rows / 64, rest = rows % 64, hits = 0, last = 0;
    uint32_t pad[64] = { 0 };
    int rc;

    if (v->dict.count == 0 || v->nulls >= rows) {
        memset(out, 0, (words + (rest > 0)) * sizeof *out);
        return CF_OK;
    }
    if (reserve_match(r, v->dict.count) != CF_OK)
        return CF_E_NOMEM;
    if (cf_bits_count(active, rows) < v->dict.count)
        return text_by_rows(l, r, v, words + (rest > 0), active, out);
    for (uint32_t c = 0; c < v->dict.count; c++) {
        uint32_t len;
        const char *s = cf_dict_text(&v->dict, c, &len);

        rc = cfi_texts_match(&l->texts, s, len, r->text);
        if (rc < 0)
            return rc;
        r->match[c] = (uint8_t)rc;
        hits += r->match[c];
        last = r->match[c] != 0 ? c : last;
    }
    memset(r->match + v->dict.count, 0, 4);
    if (hits == 0 || hits == v->dict.count) {
        memset(out, hits == 0 ? 0 : 0xff, (words + (rest > 0)) * sizeof *out);
        return CF_OK;
    }
    if (rest > 0)
        memcpy(pad, (const uint32_t *)v->data + (size_t)words * 64, rest * sizeof *pad);
    if (hits == 1) {
        k->range32(v->data, words, last, 0, false, out);
        k->range32(pad, rest > 0, last, 0, false, out + words);
    } else {
        k->map32(v->data, words, r->match, out);
        k->map32(pad, rest > 0, r->match, out + words);
    }
    return CF_OK;
}

/* ---- any leaf ----------------------------------------------------------------------------- */

static void take_nulls_out(const cf_vec_t *v, uint32_t words, uint64_t *out)
{
    if (v->nulls == 0)
        return;
    for (uint32_t i = 0; i < words; i++)
        out[i] &= ~v->null[i];
}

int cfi_eval_leaf(const cfi_leaf_t *l, cf_expr_run_t *r, const cfi_feed_t *src,
                  const uint64_t *active, uint64_t *out, cf_diag_t *d)
{
    uint32_t words = (src->rows + 63) / 64;
    const cf_vec_t *v, *other;
    int rc = src->column(src->ctx, l->field, &v, d);

    if (rc != CF_OK)
        return rc;
    if (l->type == CFI_LEAF_PAIR) {
        rc = src->column(src->ctx, l->other, &other, d);
        if (rc != CF_OK)
            return rc;
        cfi_eval_pair(l, v, other, src->rows, active, out);
        take_nulls_out(other, words, out);
    } else if (l->type == CFI_LEAF_NULL) {
        for (uint32_t i = 0; i < words; i++)
            out[i] = (v->nulls > 0 ? v->null[i] : 0) ^ (l->negate ? UINT64_MAX : 0);
        return CF_OK;
    } else if (v->absent) {
        memset(out, 0, words * sizeof *out);
        return CF_OK;
    } else if (l->type == CFI_LEAF_TEXT) {
        rc = eval_text(l, r, v, src->rows, active, out);
        if (rc != CF_OK)
            return cf_diag_set(d, rc, "no memory for matching %s", l->field->name);
    } else {
        eval_set(&l->set, v, src->rows, active, out);
    }
    if (l->negate && l->type != CFI_LEAF_PAIR)
        for (uint32_t i = 0; i < words; i++)
            out[i] = ~out[i];
    take_nulls_out(v, words, out);
    return CF_OK;
}
