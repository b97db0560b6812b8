/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Columns of a chunk of rows, brought together: keys into the words of packed keys, column by
 * column, and the numbers of a value into 64-bit words.
 */
#include "group/rows.h"

#define PACK(type) \
    do { \
        const type *col = data; \
        if (r->list != NULL) \
            for (uint32_t i = 0; i < r->n; i++) \
                out[i] |= (uint64_t)col[r->list[i]] << shift; \
        else \
            for (uint32_t i = 0; i < r->n; i++) \
                out[i] |= (uint64_t)col[r->base + i] << shift; \
    } while (0)

static void pack(const cf_vec_t *v, const uint32_t *map, const cfi_rows_t *r, unsigned shift,
                 uint64_t *out)
{
    const void *data = v->data;

    if (map != NULL) {
        CFI_EACH(r, i, row)
            out[i] |= (uint64_t)map[((const uint32_t *)data)[row]] << shift;
        return;
    }
    switch (v->width) {
    case 1:
        PACK(uint8_t);
        break;
    case 2:
        PACK(uint16_t);
        break;
    case 4:
        PACK(uint32_t);
        break;
    case 8:
        PACK(uint64_t);
        break;
    default:                           /* addresses that are IPv4 here */
        CFI_EACH(r, i, row)
            out[i] |= (((const cf_addr_t *)data)[row].lo & UINT32_MAX) << shift;
        break;
    }
}

void cfi_pack_narrow(const cfi_worker_t *w, const cfi_target_t *t, const cfi_rows_t *r,
                     cfi_chunk_t *c)
{
    for (uint32_t i = 0; i < t->layout.words[CFI_NARROW]; i++)
        memset(c->key[i], 0, r->n * sizeof c->key[i][0]);
    for (uint32_t k = 0; k < t->layout.nkeys; k++) {
        const cfi_place_t *p = &t->layout.place[k];
        const cf_vec_t *v = w->cols[t->col[k]];

        pack(v, v->kind == CF_KIND_STRING ? w->map[t->col[k]] : NULL, r, p->shift, c->key[p->word]);
    }
}

void cfi_pack_wide(const cfi_worker_t *w, const cfi_target_t *t, const cfi_rows_t *r,
                   cfi_chunk_t *c)
{
    for (uint32_t i = 0; i < t->layout.words[CFI_WIDE]; i++)
        memset(c->key[i], 0, r->n * sizeof c->key[i][0]);
    for (uint32_t k = 0; k < t->layout.nkeys; k++) {
        const cfi_place_t *p = &t->layout.place[k];
        const cf_vec_t *v = w->cols[t->col[k]];

        CFI_EACH(r, i, row) {
            if (v->absent || cf_vec_is_null(v, row)) {
                c->key[0][i] |= UINT64_C(1) << k;
            } else if (v->kind == CF_KIND_ADDR) {
                cf_addr_t a = cf_vec_addr(v, row);

                c->key[p->wide_word][i] = a.hi;
                c->key[p->wide_word + 1][i] = a.lo;
            } else if (v->kind == CF_KIND_STRING) {
                c->key[p->wide_word][i] = w->map[t->col[k]][((const uint32_t *)v->data)[row]];
            } else {
                c->key[p->wide_word][i] = cf_vec_uint(v, row);
            }
        }
    }
}

#define GATHER(type) \
    do { \
        const type *col = v->data; \
        if (r->list != NULL) \
            for (uint32_t i = 0; i < r->n; i++) \
                scratch[i] = col[r->list[i]]; \
        else \
            for (uint32_t i = 0; i < r->n; i++) \
                scratch[i] = col[r->base + i]; \
    } while (0)

const uint64_t *cfi_load(const cf_vec_t *v, const cfi_rows_t *r, uint64_t *scratch)
{
    if (v->width == 8 && r->list == NULL)
        return (const uint64_t *)v->data + r->base;
    switch (v->width) {
    case 1:
        GATHER(uint8_t);
        break;
    case 2:
        GATHER(uint16_t);
        break;
    case 4:
        GATHER(uint32_t);
        break;
    default:
        GATHER(uint64_t);
        break;
    }
    return scratch;
}
