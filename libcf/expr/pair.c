/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Field against field, row by row. Both sides of 64 rows are brought to one width first, so that
 * the comparison itself is a loop the compiler vectorises.
 */
#include <string.h>

#include "expr/expr.h"

#define WIDEN(type) \
    do { \
        const type *from = (const type *)v->data + row; \
        for (unsigned i = 0; i < n; i++) \
            out[i] = from[i] ^ bias; \
    } while (0)

static void widen(const cf_vec_t *v, uint32_t row, unsigned n, uint64_t bias, uint64_t *out)
{
    switch (v->width) {
    case 1:
        WIDEN(uint8_t);
        break;
    case 2:
        WIDEN(uint16_t);
        break;
    case 4:
        WIDEN(uint32_t);
        break;
    default:
        WIDEN(uint64_t);
        break;
    }
}

static uint64_t numbers(const cf_vec_t *a, const cf_vec_t *b, uint32_t row, unsigned n,
                        unsigned wanted)
{
    uint64_t x[64], y[64], bits = 0, bias = cfi_bias((cf_kind_t)a->kind);

    widen(a, row, n, bias, x);
    widen(b, row, n, bias, y);
    for (unsigned i = 0; i < n; i++) {
        unsigned is = x[i] < y[i] ? CFI_LESS : x[i] > y[i] ? CFI_MORE : CFI_EQUAL;

        bits |= (uint64_t)((is & wanted) != 0) << i;
    }
    return bits;
}

static uint64_t addresses(const cf_vec_t *a, const cf_vec_t *b, uint32_t row, unsigned n,
                          unsigned wanted)
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < n; i++) {
        int c = cf_addr_cmp(cf_vec_addr(a, row + i), cf_vec_addr(b, row + i));
        unsigned is = c < 0 ? CFI_LESS : c > 0 ? CFI_MORE : CFI_EQUAL;

        bits |= (uint64_t)((is & wanted) != 0) << i;
    }
    return bits;
}

/* Only equal and not equal; rows that are null or not in question are not looked at. */
static uint64_t texts(const cf_vec_t *a, const cf_vec_t *b, uint32_t row, uint64_t left,
                      unsigned wanted)
{
    uint64_t bits = 0;

    for (; left != 0; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctzll(left);
        uint32_t an, bn;
        const char *x, *y;
        bool same;

        if (cf_vec_is_null(a, row + i) || cf_vec_is_null(b, row + i))
            continue;
        x = cf_vec_string(a, row + i, &an);
        y = cf_vec_string(b, row + i, &bn);
        same = an == bn && memcmp(x, y, an) == 0;
        bits |= (uint64_t)(same == ((wanted & CFI_EQUAL) != 0)) << i;
    }
    return bits;
}

void cfi_eval_pair(const cfi_leaf_t *l, const cf_vec_t *a, const cf_vec_t *b, uint32_t rows,
                   const uint64_t *active, uint64_t *out)
{
    unsigned wanted = l->wanted ^ (l->negate ? 7u : 0u);

    if (a->absent || b->absent) {
        memset(out, 0, (rows + 63) / 64 * sizeof *out);
        return;
    }
    for (uint32_t row = 0, w = 0; row < rows; row += 64, w++) {
        unsigned n = rows - row < 64 ? rows - row : 64;

        if (active[w] == 0)
            out[w] = 0;
        else if (l->field->kind == CF_KIND_STRING)
            out[w] = texts(a, b, row, active[w], wanted);
        else if (l->field->kind == CF_KIND_ADDR && (a->width == 16 || b->width == 16))
            out[w] = addresses(a, b, row, n, wanted);
        else
            out[w] = numbers(a, b, row, n, wanted);
    }
}
