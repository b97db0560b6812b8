/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of batches compared by their keys, as they are: where rows of several runs meet, nothing is
 * known that would make smaller numbers of them (keys.c).
 */
#include <string.h>

#include "sort/sort.h"

void cfi_keyvecs_init(cfi_keyvecs_t *v, const cf_sort_key_t *keys, uint32_t n)
{
    memset(v, 0, sizeof *v);
    for (uint32_t k = 0; k < n; k++)
        cf_vec_init(&v->own[k], keys[k].field);
}

void cfi_keyvecs_fini(cfi_keyvecs_t *v, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++)
        cf_vec_fini(&v->own[k]);
}

int cfi_keyvecs_bind(cfi_keyvecs_t *v, const cf_batch_t *b, const cf_sort_key_t *keys, uint32_t n,
                     cf_diag_t *d)
{
    int rc = CF_OK;

    for (uint32_t k = 0; k < n && rc == CF_OK; k++) {
        const cf_field_t *f = keys[k].field;
        int at = cf_schema_index(b->schema, f);

        v->key[k] = at >= 0 ? &b->cols[at] : NULL;
        if (at < 0 && f->derive != NULL) {
            rc = cfi_sort_derive(b, f, &v->own[k], d);
            v->key[k] = &v->own[k];
        }
    }
    return rc;
}

static uint64_t prefix_of(const cf_vec_t *v, const cf_sort_key_t *key, uint32_t row)
{
    uint64_t p = 0;

    if (v == NULL || cf_vec_is_null(v, row))
        return UINT64_MAX;
    if (v->kind == CF_KIND_ADDR) {
        cf_addr_t a = cf_vec_addr(v, row);

        p = a.hi != 0 ? UINT64_C(1) << 63 | a.hi >> 1
            : a.lo >> 63 != 0 ? UINT64_MAX >> 1 : a.lo;
    } else if (v->kind == CF_KIND_STRING) {
        uint32_t n;
        const char *s = cf_vec_string(v, row, &n);

        for (uint32_t i = 0; i < 8; i++)
            p = p << 8 | (i < n ? (uint8_t)s[i] : 0);
    } else {
        p = cf_vec_uint(v, row);
        if (v->kind == CF_KIND_TIME || v->kind == CF_KIND_DURATION)
            p ^= UINT64_C(1) << 63;
    }
    return key->descending ? ~p : p;
}

static int compare_values(const cf_vec_t *a, uint32_t ra, const cf_vec_t *b, uint32_t rb)
{
    if (a->kind == CF_KIND_ADDR) {
        cf_addr_t x = cf_vec_addr(a, ra), y = cf_vec_addr(b, rb);

        if (x.hi != y.hi)
            return x.hi < y.hi ? -1 : 1;
        return x.lo < y.lo ? -1 : x.lo > y.lo;
    }
    if (a->kind == CF_KIND_STRING) {
        uint32_t nx, ny;
        const char *x = cf_vec_string(a, ra, &nx), *y = cf_vec_string(b, rb, &ny);
        int c = memcmp(x, y, nx < ny ? nx : ny);

        return c != 0 ? c : nx < ny ? -1 : nx > ny;
    }
    if (a->kind == CF_KIND_TIME || a->kind == CF_KIND_DURATION) {
        int64_t x = cf_vec_time(a, ra), y = cf_vec_time(b, rb);

        return x < y ? -1 : x > y;
    }
    uint64_t x = cf_vec_uint(a, ra), y = cf_vec_uint(b, rb);

    return x < y ? -1 : x > y;
}

uint64_t cfi_keyvecs_prefix(const cfi_keyvecs_t *v, uint32_t row, const cf_sort_key_t *keys)
{
    return prefix_of(v->key[0], &keys[0], row);
}

int cfi_keyvecs_compare(const cfi_keyvecs_t *a, uint32_t ra, const cfi_keyvecs_t *b, uint32_t rb,
                        const cf_sort_key_t *keys, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++) {
        bool na = a->key[k] == NULL || cf_vec_is_null(a->key[k], ra);
        bool nb = b->key[k] == NULL || cf_vec_is_null(b->key[k], rb);
        int c;

        if (na != nb)
            return na ? 1 : -1;
        c = na ? 0 : compare_values(a->key[k], ra, b->key[k], rb);
        if (c != 0)
            return keys[k].descending ? -c : c;
    }
    return 0;
}
