/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vectors: memory of one column for a full batch, and the bitmap helpers.
 */
#include <stdlib.h>
#include <string.h>

#include <cf/batch.h>

void cf_vec_init(cf_vec_t *v, const cf_field_t *f)
{
    memset(v, 0, sizeof *v);
    v->kind = (uint8_t)f->kind;
    v->width = f->width;
}

void cf_vec_fini(cf_vec_t *v)
{
    free(v->data);
    free(v->null);
    cf_dict_fini(&v->dict);
    v->data = NULL;
    v->null = NULL;
    v->data_size = 0;
}

int cf_vec_reserve(cf_vec_t *v, uint8_t width)
{
    size_t bytes = (size_t)CF_BATCH_ROWS * width;

    if (v->data_size < bytes) {
        void *data = cf_alloc_aligned(CF_BATCH_ROWS, width);

        if (data == NULL)
            return CF_E_NOMEM;
        free(v->data);
        v->data = data;
        v->data_size = bytes;
    }
    if (v->null == NULL) {
        v->null = cf_alloc_aligned(CF_BATCH_WORDS, sizeof *v->null);
        if (v->null == NULL)
            return CF_E_NOMEM;
    }
    v->width = width;
    return CF_OK;
}

int cf_vec_set_all_null(cf_vec_t *v, uint32_t n, bool absent)
{
    int rc = cf_vec_reserve(v, v->width);

    if (rc != CF_OK)
        return rc;
    memset(v->data, 0, (size_t)n * v->width);
    cf_bits_fill(v->null, n);
    v->nulls = n;
    v->absent = absent;
    cf_dict_reset(&v->dict);
    return CF_OK;
}

int cf_vec_widen(cf_vec_t *v, uint32_t n)
{
    uint32_t *old = v->data;
    cf_addr_t *data;

    if (v->width == 16)
        return CF_OK;
    data = cf_alloc_aligned(CF_BATCH_ROWS, sizeof *data);
    if (data == NULL)
        return CF_E_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        data[i] = cf_addr_v4(old[i]);
    for (uint32_t i = 0; v->nulls > 0 && i < n; i++)
        if (cf_vec_is_null(v, i))
            data[i] = (cf_addr_t){ 0, 0 };
    free(v->data);
    v->data = data;
    v->data_size = CF_BATCH_ROWS * sizeof *data;
    v->width = 16;
    return CF_OK;
}

static inline uint32_t count_words(const uint64_t *bits, uint32_t words)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < words; i++)
        count += (uint32_t)__builtin_popcountll(bits[i]);
    return count;
}

#if defined(__x86_64__) || defined(__i386__)
/* The baseline processor has no instruction for it, all others do. */
__attribute__((target("popcnt"))) static uint32_t count_popcnt(const uint64_t *bits, uint32_t words)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < words; i++)
        count += (uint32_t)__builtin_popcountll(bits[i]);
    return count;
}

static uint32_t count_all(const uint64_t *bits, uint32_t words)
{
    return __builtin_cpu_supports("popcnt") ? count_popcnt(bits, words) : count_words(bits, words);
}
#else
#define count_all count_words
#endif

uint32_t cf_bits_count(const uint64_t *bits, uint32_t n)
{
    uint64_t rest = n % 64 != 0 ? bits[n / 64] & ((UINT64_C(1) << (n % 64)) - 1) : 0;

    return count_all(bits, n / 64) + (uint32_t)__builtin_popcountll(rest);
}

void cf_bits_fill(uint64_t *bits, uint32_t n)
{
    memset(bits, 0xff, (size_t)(n / 64) * sizeof *bits);
    if (n % 64 != 0)
        bits[n / 64] = (UINT64_C(1) << (n % 64)) - 1;
}
