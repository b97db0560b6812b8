/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How derived fields come from stored ones. Inputs that the data lacks arrive as all null.
 */
#include <string.h>

#include <cf/batch.h>

#include "field.h"

/* Null where a or b is null. */
static int null_either(const cf_vec_t *a, const cf_vec_t *b, cf_vec_t *out, uint32_t n)
{
    uint32_t words = (n + 63) / 64;

    if (a->nulls == 0 && b->nulls == 0)
        return CF_OK;
    for (uint32_t i = 0; i < words; i++)
        out->null[i] = (a->nulls > 0 ? a->null[i] : 0) | (b->nulls > 0 ? b->null[i] : 0);
    out->nulls = cf_bits_count(out->null, n);
    return CF_OK;
}

int cfi_derive_duration(const cf_vec_t *const *in, cf_vec_t *out, uint32_t n)
{
    const uint64_t *start = in[0]->data, *end = in[1]->data;
    uint64_t *d = out->data;

    out->absent = in[0]->absent || in[1]->absent;
    if (out->absent)
        return cf_vec_set_all_null(out, n, true);
    for (uint32_t i = 0; i < n; i++)
        d[i] = end[i] - start[i];
    if (null_either(in[0], in[1], out, n) != CF_OK)
        return CF_E_NOMEM;
    for (uint32_t i = 0; out->nulls > 0 && i < n; i++)
        if (cf_vec_is_null(out, i))
            d[i] = 0;
    return CF_OK;
}

/* Whole bytes a packet; null where there are no packets. */
int cfi_derive_bpp(const cf_vec_t *const *in, cf_vec_t *out, uint32_t n)
{
    const cf_vec_t *bytes = in[0], *packets = in[1];
    uint64_t *to = out->data;

    if (bytes->absent || packets->absent)
        return cf_vec_set_all_null(out, n, true);
    memset(out->null, 0, (n + 63) / 64 * sizeof *out->null);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t p = cf_vec_uint(packets, i);

        if (p == 0 || cf_vec_is_null(packets, i) || cf_vec_is_null(bytes, i)) {
            out->null[i >> 6] |= UINT64_C(1) << (i & 63);
            out->nulls++;
        } else {
            to[i] = cf_vec_uint(bytes, i) / p;
        }
    }
    return CF_OK;
}

/* Addresses: the first input where it is not null, else the second. */
int cfi_derive_first(const cf_vec_t *const *in, cf_vec_t *out, uint32_t n)
{
    const cf_vec_t *a = in[0], *b = in[1];

    if (a->absent && b->absent)
        return cf_vec_set_all_null(out, n, true);
    if ((a->nulls < n && a->width == 16) || (b->nulls < n && b->width == 16)) {
        cf_addr_t *to;

        if (cf_vec_reserve(out, 16) != CF_OK)
            return CF_E_NOMEM;
        to = out->data;
        for (uint32_t i = 0; i < n; i++) {
            if (!cf_vec_is_null(a, i))
                to[i] = cf_vec_addr(a, i);
            else if (!cf_vec_is_null(b, i))
                to[i] = cf_vec_addr(b, i);
            else
                to[i] = (cf_addr_t){ 0, 0 };
        }
    } else {
        const uint32_t *from_a = a->data, *from_b = b->data;
        uint32_t *to = out->data;

        for (uint32_t i = 0; i < n; i++)
            to[i] = !cf_vec_is_null(a, i) ? from_a[i] : !cf_vec_is_null(b, i) ? from_b[i] : 0;
    }
    if (a->nulls == 0 || b->nulls == 0)
        return CF_OK;
    for (uint32_t i = 0; i < (n + 63) / 64; i++)
        out->null[i] = a->null[i] & b->null[i];
    out->nulls = cf_bits_count(out->null, n);
    return CF_OK;
}
