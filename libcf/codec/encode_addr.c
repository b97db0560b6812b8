/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Address chunks (doc/format.md 5.3).
 */
#include <stdlib.h>

#include "encode.h"

static void stat_addr(cf_colstat_t *st, const cf_vec_t *v, uint32_t n)
{
    bool first = true;

    for (uint32_t i = 0; i < n; i++) {
        cf_addr_t a;

        if (cf_vec_is_null(v, i))
            continue;
        a = cf_vec_addr(v, i);
        if (first || cf_addr_cmp(a, st->min) < 0)
            st->min = a;
        if (first || cf_addr_cmp(a, st->max) > 0)
            st->max = a;
        first = false;
    }
    st->has_range = !first;
}

static int by_value(const void *a, const void *b)
{
    cf_addr_t x, y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return cf_addr_cmp(x, y);
}

/* Different addresses of the marked rows in order, and the code of each. */
static uint32_t table_of(const cf_addr_t *marked, uint32_t n, cf_addr_t *table, uint32_t *codes)
{
    uint32_t k = 0;

    memcpy(table, marked, n * sizeof *table);
    qsort(table, n, sizeof *table, by_value);
    for (uint32_t i = 0; i < n; i++)
        if (k == 0 || cf_addr_cmp(table[i], table[k - 1]) != 0)
            table[k++] = table[i];
    for (uint32_t i = 0; i < n; i++) {
        uint32_t lo = 0, hi = k;

        while (hi - lo > 1) {
            uint32_t mid = (lo + hi) / 2;

            if (cf_addr_cmp(marked[i], table[mid]) < 0)
                hi = mid;
            else
                lo = mid;
        }
        codes[i] = lo;
    }
    return k;
}

static void put_mixed(cfi_encoder_t *e, const uint64_t *bits, const uint32_t *v4, const cf_addr_t *marked, uint32_t n)
{
    cf_addr_t *table = enc_tmp(e, n * sizeof *table);
    uint32_t *codes = enc_tmp(e, n * sizeof *codes), k;
    uint64_t *half = enc_tmp(e, n * sizeof *half);

    if (table == NULL || codes == NULL || half == NULL)
        return;
    k = table_of(marked, n, table, codes);
    enc_u8(e, ADDR_MIXED);
    enc_bitmap(e, bits, e->rows);
    enc_array32(e, v4, e->rows, HINT_NONE);
    enc_varint(e, k);
    for (uint32_t i = 0; i < k; i++)
        half[i] = table[i].hi;
    enc_array64(e, half, k, HINT_NONE);
    for (uint32_t i = 0; i < k; i++)
        half[i] = table[i].lo;
    enc_array64(e, half, k, HINT_NONE);
    enc_array32(e, codes, n, HINT_CODES);
}

void enc_addr(cfi_encoder_t *e, const cf_vec_t *v)
{
    uint32_t *v4 = enc_tmp(e, e->rows * sizeof *v4), n = 0, last = 0;
    uint64_t *bits = enc_tmp(e, bits_bytes(e->rows) + 8);
    cf_addr_t *marked = NULL;

    if (v4 == NULL || bits == NULL)
        return;
    stat_addr(&e->stat[e->col], v, e->rows);
    if (v->width == 16)
        marked = enc_tmp(e, e->rows * sizeof *marked);
    if (v->width == 16 && marked == NULL)
        return;
    memset(bits, 0, bits_bytes(e->rows) + 8);
    for (uint32_t i = 0; i < e->rows; i++) {
        cf_addr_t a = cf_vec_addr(v, i);

        if (cf_vec_is_null(v, i)) {
            v4[i] = last;
            continue;
        }
        if (cf_addr_is_v4(a)) {
            last = (uint32_t)a.lo;
        } else {
            bits[i >> 6] |= UINT64_C(1) << (i & 63);
            marked[n++] = a;
        }
        v4[i] = last;
    }
    if (n > 0) {
        put_mixed(e, bits, v4, marked, n);
        return;
    }
    enc_u8(e, ADDR_V4);
    enc_array32(e, v4, e->rows, HINT_NONE);
}
