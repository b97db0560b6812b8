/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of the store in a given order, column by column. A column that says the same in all segments
 * is filled in, not looked up.
 */
#include <stdlib.h>
#include <string.h>

#include "sort/sort.h"

#define AHEAD 24u              /* rows whose values are on their way from memory */

#define AT(type, r) (((const type *)c->seg[(r) >> CFI_SEG_SHIFT].data)[(r) & CFI_SEG_MASK])

#define GATHER(type) \
    do { \
        type *to = out->data; \
        uint32_t i = 0; \
        if (all_data) \
            for (; i + AHEAD < n; i++) { \
                __builtin_prefetch(&AT(type, order[i + AHEAD])); \
                to[i] = AT(type, order[i]); \
            } \
        for (; i < n; i++) { \
            const cfi_seg_t *g = &c->seg[order[i] >> CFI_SEG_SHIFT]; \
            to[i] = g->state == CFI_SEG_DATA \
                        ? ((const type *)g->data)[order[i] & CFI_SEG_MASK] : (type)g->value; \
        } \
    } while (0)

#define FILL(type) \
    do { \
        for (uint32_t i = 0; i < n; i++) \
            ((type *)out->data)[i] = (type)c->seg[0].value; \
    } while (0)

static void fill(const cfi_storecol_t *c, uint32_t n, cf_vec_t *out)
{
    switch (c->width) {
    case 1: FILL(uint8_t); break;
    case 2: FILL(uint16_t); break;
    case 4: FILL(uint32_t); break;
    default: FILL(uint64_t); break;
    }
}

static void values(const cfi_store_t *st, const cfi_storecol_t *c, const uint32_t *order,
                   uint32_t n, cf_vec_t *out)
{
    bool all_data = true, all_same = true;

    for (uint32_t s = 0; s < st->nsegs; s++) {
        all_data &= c->seg[s].state == CFI_SEG_DATA;
        all_same &= c->seg[s].state != CFI_SEG_DATA && c->seg[s].value == c->seg[0].value;
    }
    if (all_same) {
        fill(c, n, out);
        return;
    }
    switch (c->width) {
    case 1: GATHER(uint8_t); break;
    case 2: GATHER(uint16_t); break;
    case 4: GATHER(uint32_t); break;
    default: GATHER(uint64_t); break;
    }
}

static void nulls(const cfi_storecol_t *c, const uint32_t *order, uint32_t n, cf_vec_t *out)
{
    uint32_t count = 0;

    out->nulls = 0;
    if (!c->nulls)
        return;
    for (uint32_t w = 0; w * 64 < n; w++) {
        uint64_t bits = 0;

        for (uint32_t i = w * 64; i < n && i < w * 64 + 64; i++) {
            const cfi_seg_t *g = &c->seg[order[i] >> CFI_SEG_SHIFT];
            uint64_t null = g->state == CFI_SEG_NULL
                || (g->null != NULL && cfi_bit_of(g->null, order[i] & CFI_SEG_MASK));

            bits |= null << (i & 63);
        }
        out->null[w] = bits;
        count += (uint32_t)__builtin_popcountll(bits);
    }
    out->nulls = count;
}

/* Addresses that are not IPv4 are rare: the vector becomes wide when there is one. */
static int wide(const cfi_storecol_t *c, const uint32_t *order, uint32_t n, cf_vec_t *out)
{
    int rc = CF_OK;

    for (uint32_t i = 0; i < n && c->nothers > 0; i++) {
        const cfi_seg_t *g = &c->seg[order[i] >> CFI_SEG_SHIFT];
        uint32_t row = order[i] & CFI_SEG_MASK;

        if (g->wide == NULL || !cfi_bit_of(g->wide, row))
            continue;
        if (out->width == 4 && (rc = cf_vec_widen(out, n)) != CF_OK)
            return rc;
        ((cf_addr_t *)out->data)[i] = c->others[((const uint32_t *)g->data)[row]];
    }
    return rc;
}

/*
 * The numbers of the store's texts become codes of a dictionary for this batch alone; map has them,
 * all UINT32_MAX before and after.
 */
static int texts(const cfi_storecol_t *c, uint32_t n, cf_vec_t *out, uint32_t *map, uint32_t *used)
{
    uint32_t *codes = out->data, count = 0;
    int rc = CF_OK;

    cf_dict_reset(&out->dict);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t number = codes[i], len;
        const char *text;

        if (cf_vec_is_null(out, i)) {
            codes[i] = 0;
            continue;
        }
        if (map[number] == UINT32_MAX && rc == CF_OK) {
            text = cf_dict_text(&c->dict, number, &len);
            rc = cf_dict_append(&out->dict, text, len);
            map[number] = count;
            used[count++] = number;
        }
        codes[i] = map[number];
    }
    for (uint32_t i = 0; i < count; i++)
        map[used[i]] = UINT32_MAX;
    return rc;
}

/* A map for the texts of column i as long as its dictionary. */
static uint32_t *map_of(cfi_gatherer_t *g, const cfi_store_t *st, uint32_t i)
{
    uint32_t size = st->cols[i]->dict.count + 1;

    if (g->size[i] < size) {
        free(g->map[i]);
        g->map[i] = malloc((size_t)size * sizeof *g->map[i]);
        g->size[i] = g->map[i] != NULL ? size : 0;
        if (g->map[i] != NULL)
            memset(g->map[i], 0xff, (size_t)size * sizeof *g->map[i]);
    }
    return g->map[i];
}

int cfi_gatherer_init(cfi_gatherer_t *g, const cfi_store_t *st)
{
    memset(g, 0, sizeof *g);
    g->ncols = st->nstored;
    g->map = calloc(st->nstored + 1, sizeof *g->map);
    g->size = calloc(st->nstored + 1, sizeof *g->size);
    g->used = malloc(CF_BATCH_ROWS * sizeof *g->used);
    return g->map != NULL && g->size != NULL && g->used != NULL ? CF_OK : CF_E_NOMEM;
}

void cfi_gatherer_fini(cfi_gatherer_t *g)
{
    for (uint32_t i = 0; g->map != NULL && i < g->ncols; i++)
        free(g->map[i]);
    free(g->map);
    free(g->size);
    free(g->used);
    memset(g, 0, sizeof *g);
}

static int column(cfi_gatherer_t *g, const cfi_store_t *st, uint32_t i, const uint32_t *order,
                  uint32_t n, cf_vec_t *out)
{
    const cfi_storecol_t *c = st->cols[i];
    int rc = cf_vec_reserve(out, c->width);

    if (rc != CF_OK)
        return rc;
    values(st, c, order, n, out);
    nulls(c, order, n, out);
    if (c->field->kind == CF_KIND_ADDR)
        return wide(c, order, n, out);
    if (c->field->kind == CF_KIND_STRING) {
        uint32_t *map = map_of(g, st, i);

        return map != NULL ? texts(c, n, out, map, g->used) : CF_E_NOMEM;
    }
    return CF_OK;
}

int cfi_gather(cfi_gatherer_t *g, const cfi_store_t *st, const uint32_t *order, uint32_t n,
               cf_batch_t *out)
{
    int rc = cf_batch_reset(out, st->schema);

    for (uint32_t i = 0; i < st->nstored && rc == CF_OK; i++)
        rc = column(g, st, i, order, n, &out->cols[i]);
    out->rows = rc == CF_OK ? n : 0;
    return rc;
}
