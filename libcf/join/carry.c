/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carried rows: copies of the rows whose other columns flows will show, in chunks like batches. A
 * chunk goes when none of its rows is referred to any more. Long flows would keep a whole chunk
 * each; so when half of everything is dead, what lives is moved together.
 */
#include <stdlib.h>
#include <string.h>

#include "join/stitch.h"

void cfi_carry_init(cfi_carry_t *c, uint64_t memory)
{
    uint64_t full = memory / 16384;

    memset(c, 0, sizeof *c);
    c->full = full < 512 ? 512 : full < CF_BATCH_ROWS ? (uint32_t)full : CF_BATCH_ROWS;
    c->current = CFI_NONE;
}

static void clear(cfi_chunk_t *k)
{
    cf_batch_destroy(k->batch);
    free(k->index);
    free(k->map);
    free(k->stamp);
    free(k->keep);
    free(k->moved);
    memset(k, 0, sizeof *k);
}

void cfi_carry_fini(cfi_carry_t *c)
{
    for (uint32_t i = 0; i < c->count; i++)
        clear(&c->chunk[i]);
    free(c->chunk);
    c->chunk = NULL;
}

/* The number of an empty chunk for the schema. */
static uint32_t fresh(cfi_carry_t *c, const cf_schema_t *s)
{
    uint32_t i = 0;

    while (i < c->count && c->chunk[i].batch != NULL)
        i++;
    if (i == c->size) {
        uint32_t size = c->size > 0 ? c->size * 2 : 16;
        cfi_chunk_t *more = realloc(c->chunk, size * sizeof *more);

        if (more == NULL)
            return CFI_NONE;
        c->chunk = more;
        c->size = size;
    }
    memset(&c->chunk[i], 0, sizeof c->chunk[i]);
    c->chunk[i].batch = cf_batch_create(s);
    if (c->chunk[i].batch == NULL)
        return CFI_NONE;
    if (i == c->count)
        c->count++;
    return i;
}

static void account(cfi_carry_t *c, cfi_chunk_t *k)
{
    c->bytes -= k->bytes;
    k->bytes = cfi_batch_bytes(k->batch);
    c->bytes += k->bytes;
}

static void release(cfi_carry_t *c, uint32_t i)
{
    c->bytes -= c->chunk[i].bytes;
    clear(&c->chunk[i]);
    if (c->current == i)
        c->current = CFI_NONE;
}

/*
 * Append rows from *from on, as many as fit, to the current chunk or a new one; *at is the first.
 */
static int append(cfi_carry_t *c, const cf_batch_t *b, const uint64_t *sel, uint32_t *from, cfi_ref_t *at,
                  uint32_t *n)
{
    cfi_chunk_t *k;
    uint32_t before;

    if (c->current != CFI_NONE) {
        k = &c->chunk[c->current];
        if (k->batch->rows >= c->full || (k->batch->schema != b->schema &&
            !cf_schema_equal(k->batch->schema, b->schema))) {
            uint32_t last = c->current;

            c->current = CFI_NONE;
            if (c->chunk[last].live == 0)
                release(c, last);
        }
    }
    if (c->current == CFI_NONE)
        c->current = fresh(c, b->schema);
    if (c->current == CFI_NONE)
        return CF_E_NOMEM;
    k = &c->chunk[c->current];
    before = k->batch->rows;
    *at = (cfi_ref_t){ c->current, before };
    if (cf_batch_append(k->batch, b, sel, from) != CF_OK)
        return CF_E_NOMEM;
    *n = k->batch->rows - before;
    k->live += *n;
    account(c, k);
    return CF_OK;
}

int cfi_carry_put(cfi_carry_t *c, const cf_batch_t *b, cfi_placed_t *p)
{
    uint32_t from = 0, n = 0, parts = 0;

    p->split = UINT32_MAX;
    while (from < b->rows) {
        if (parts == 2 || append(c, b, NULL, &from, &p->at[parts], &n) != CF_OK)
            return CF_E_NOMEM;
        if (parts == 0 && from < b->rows)
            p->split = from;
        parts++;
    }
    return CF_OK;
}

void cfi_carry_drop(cfi_carry_t *c, cfi_ref_t r)
{
    cfi_chunk_t *k;

    if (r.chunk == CFI_NONE)
        return;
    k = &c->chunk[r.chunk];
    if (--k->live == 0 && r.chunk != c->current)
        release(c, r.chunk);
}

/* ---- compaction ------------------------------------------------------------------------------ */

static bool sparse(const cfi_carry_t *c, uint32_t i)
{
    const cfi_chunk_t *k = &c->chunk[i];

    return k->batch != NULL && (i != c->current || k->batch->rows >= c->full) && k->keep == NULL &&
        k->live * 2 < k->batch->rows;
}

bool cfi_carry_wants_compaction(const cfi_carry_t *c, uint64_t least)
{
    uint64_t dead = 0;

    if (c->bytes < least)
        return false;
    for (uint32_t i = 0; i < c->count; i++)
        if (sparse(c, i))
            dead += c->chunk[i].bytes / c->chunk[i].batch->rows *
                (c->chunk[i].batch->rows - c->chunk[i].live);
    return dead > c->bytes / 2;
}

int cfi_carry_compact_begin(cfi_carry_t *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        cfi_chunk_t *k = &c->chunk[i];

        if (!sparse(c, i))
            continue;
        k->moved = malloc(k->batch->rows * sizeof *k->moved);
        if (k->moved == NULL)
            return CF_E_NOMEM;
        k->keep = calloc(CF_BATCH_WORDS, sizeof *k->keep);
        if (k->keep == NULL)
            return CF_E_NOMEM;
        if (i == c->current)
            c->current = CFI_NONE;
    }
    return CF_OK;
}

void cfi_carry_keep(cfi_carry_t *c, cfi_ref_t r)
{
    if (r.chunk != CFI_NONE && c->chunk[r.chunk].keep != NULL)
        c->chunk[r.chunk].keep[r.row >> 6] |= UINT64_C(1) << (r.row & 63);
}

int cfi_carry_move(cfi_carry_t *c)
{
    uint32_t count = c->count;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t from = 0, row = 0, n;
        cfi_ref_t at;

        if (c->chunk[i].keep == NULL)
            continue;
        while (from < c->chunk[i].batch->rows) {
            /* appending may move the array of chunks, not the batch or the bits */
            const cf_batch_t *b = c->chunk[i].batch;
            const uint64_t *keep = c->chunk[i].keep;
            cfi_ref_t *moved = c->chunk[i].moved;

            if (append(c, b, keep, &from, &at, &n) != CF_OK)
                return CF_E_NOMEM;
            for (; row < from; row++)
                if ((keep[row >> 6] >> (row & 63) & 1) != 0) {
                    moved[row] = at;
                    at.row++;
                }
        }
    }
    return CF_OK;
}

cfi_ref_t cfi_carry_moved(const cfi_carry_t *c, cfi_ref_t r)
{
    return r.chunk != CFI_NONE && c->chunk[r.chunk].keep != NULL ? c->chunk[r.chunk].moved[r.row] : r;
}

void cfi_carry_compact_end(cfi_carry_t *c)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (c->chunk[i].keep != NULL)
            release(c, i);
}
