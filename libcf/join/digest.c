/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One number for all that a row says, made column by column: each value that is not null is mixed
 * with its field's own number and added, so neither the order of columns nor a column of nulls
 * makes a difference.
 */
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "join/join.h"

#define K1 UINT64_C(0xff51afd7ed558ccd)
#define K2 UINT64_C(0xc4ceb9fe1a85ec53)

struct cfi_digest {
    uint64_t seed;
    const cf_field_t *dup;
    uint64_t *sum;             /* CF_BATCH_ROWS */
    uint64_t *texts;
    uint32_t texts_size;
};

cfi_digest_t *cfi_digest_create(void)
{
    cfi_digest_t *g = calloc(1, sizeof *g);

    if (g == NULL)
        return NULL;
    g->seed = cfi_join_seed();
    g->dup = cf_field_find("dup");
    g->sum = cf_alloc_aligned(CF_BATCH_ROWS, sizeof *g->sum);
    if (g->sum == NULL) {
        free(g);
        return NULL;
    }
    return g;
}

void cfi_digest_destroy(cfi_digest_t *g)
{
    if (g == NULL)
        return;
    free(g->sum);
    free(g->texts);
    free(g);
}

static inline uint64_t one(uint64_t v, uint64_t own)
{
    uint64_t t = (v + own) * K1;

    t ^= t >> 32;
    t *= K2;
    return t ^ t >> 29;
}

#define ADD(type) \
    do { \
        const type *data = v->data; \
        if (v->nulls == 0) \
            for (uint32_t i = 0; i < n; i++) \
                sum[i] += one(data[i], own); \
        else \
            for (uint32_t i = 0; i < n; i++) \
                sum[i] += one(data[i], own) & ((v->null[i >> 6] >> (i & 63) & 1) - 1); \
    } while (0)

static void add_addr(const cf_vec_t *v, uint32_t n, uint64_t own, uint64_t *sum)
{
    for (uint32_t i = 0; i < n; i++) {
        cf_addr_t a = cf_vec_addr(v, i);

        if (!cf_vec_is_null(v, i))
            sum[i] += one(a.lo ^ cfi_mix(a.hi ^ own, K2), own);
    }
}

static int add_text(cfi_digest_t *g, const cf_vec_t *v, uint32_t n, uint64_t own)
{
    const uint32_t *code = v->data;
    uint32_t count = v->dict.count;

    if (g->texts_size < count) {
        uint64_t *more = realloc(g->texts, (size_t)count * sizeof *more);

        if (more == NULL)
            return CF_E_NOMEM;
        g->texts = more;
        g->texts_size = count;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t len;
        const char *s = cf_dict_text(&v->dict, i, &len);

        g->texts[i] = one(XXH3_64bits(s, len), own);
    }
    for (uint32_t i = 0; i < n; i++)
        if (!cf_vec_is_null(v, i))
            g->sum[i] += g->texts[code[i]];
    return CF_OK;
}

const uint64_t *cfi_digest_batch(cfi_digest_t *g, const cf_batch_t *b)
{
    uint64_t *sum = g->sum;
    uint32_t n = b->rows;

    memset(sum, 0, n * sizeof *sum);
    for (uint32_t c = 0; c < b->ncols; c++) {
        const cf_field_t *f = cf_schema_field(b->schema, c);
        const cf_vec_t *v = &b->cols[c];
        uint64_t own = XXH3_64bits(f->name, strlen(f->name)) ^ g->seed;

        if (f == g->dup || v->absent || v->nulls == n)
            continue;
        if (v->kind == CF_KIND_STRING) {
            if (add_text(g, v, n, own) != CF_OK)
                return NULL;
        } else if (v->kind == CF_KIND_ADDR) {
            add_addr(v, n, own, sum);
        } else if (v->width == 1) {
            ADD(uint8_t);
        } else if (v->width == 2) {
            ADD(uint16_t);
        } else if (v->width == 4) {
            ADD(uint32_t);
        } else {
            ADD(uint64_t);
        }
    }
    return sum;
}
