/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Row numbers in the order of the keys. The first word is sorted by its highest byte on, bucket by
 * bucket (radix sort), so that after the first pass everything happens near the processor; the
 * buckets of the first pass are tasks for all threads. Rows whose first words are equal are then
 * sorted by the next word, and so on. Every step keeps the order of equals, so the whole does.
 */
#include <stdlib.h>
#include <string.h>

#include "sort/sort.h"

#define FEW 24u                /* sorted by insertion */
#define TOP_BITS 11u
#define TOP (1u << TOP_BITS)

struct rows {
    uint64_t *key;
    uint32_t *row;
};

struct ordering {
    const cfi_keys_t *keys;
    struct rows a, b;          /* rows and as much room again */
    uint32_t begin[TOP + 1];   /* buckets of the first pass, in b */
    unsigned below;            /* bits of the first word not yet looked at */
    unsigned shift;
};

static void insertion(uint64_t *key, uint32_t *row, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        uint64_t k = key[i];
        uint32_t r = row[i], j = i;

        for (; j > 0 && key[j - 1] > k; j--) {
            key[j] = key[j - 1];
            row[j] = row[j - 1];
        }
        key[j] = k;
        row[j] = r;
    }
}

/* Sort n rows by the lowest below bits of their words; tmp is room for as many. */
static void radix(struct rows v, struct rows tmp, uint32_t n, unsigned below)
{
    uint32_t at[257] = { 0 }, *count = at + 1, first;
    unsigned shift;

    if (n <= FEW) {
        insertion(v.key, v.row, n);
        return;
    }
    if (below == 0)
        return;
    shift = below > 8 ? below - 8 : 0;
    first = (uint32_t)(v.key[0] >> shift) & 255;
    for (uint32_t i = 0; i < n; i++)
        count[(v.key[i] >> shift) & 255]++;
    if (count[first] == n) {
        radix(v, tmp, n, shift);
        return;
    }
    for (unsigned c = 1; c < 257; c++)
        at[c] += at[c - 1];
    for (uint32_t i = 0; i < n; i++) {
        uint32_t to = at[(v.key[i] >> shift) & 255]++;

        tmp.key[to] = v.key[i];
        tmp.row[to] = v.row[i];
    }
    memcpy(v.key, tmp.key, n * sizeof *v.key);
    memcpy(v.row, tmp.row, n * sizeof *v.row);
    /* at[c] is now the end of bucket c */
    for (uint32_t c = 0, begin = 0; c < 256; begin = at[c], c++)
        if (at[c] - begin > 1)
            radix((struct rows){ v.key + begin, v.row + begin },
                  (struct rows){ tmp.key + begin, tmp.row + begin }, at[c] - begin, shift);
}

/* Rows with equal words so far are sorted by word piece, then by those behind it. */
static void refine(const cfi_keys_t *k, struct rows v, struct rows tmp, uint32_t n, uint32_t piece)
{
    if (piece == k->npieces)
        return;
    for (uint32_t from = 0, to; from < n; from = to) {
        struct rows part = { v.key + from, v.row + from }, room = { tmp.key + from, tmp.row + from };

        for (to = from + 1; to < n && v.key[to] == v.key[from]; to++)
            continue;
        if (to - from < 2)
            continue;
        for (uint32_t i = 0; i < to - from; i++)
            part.key[i] = k->piece[piece][part.row[i]];
        radix(part, room, to - from, 64);
        refine(k, part, room, to - from, piece + 1);
    }
}

static int bucket(void *ctx, unsigned worker, uint32_t t)
{
    const struct ordering *o = ctx;
    uint32_t from = o->begin[t], n = o->begin[t + 1] - from;
    struct rows v = { o->b.key + from, o->b.row + from }, tmp = { o->a.key + from, o->a.row + from };

    (void)worker;
    if (n < 2)
        return CF_OK;
    radix(v, tmp, n, o->below);
    refine(o->keys, v, tmp, n, 1);
    return CF_OK;
}

/* From a to b by the highest bits in use. */
static void first_pass(struct ordering *o, unsigned bits, uint32_t rows)
{
    uint32_t at[TOP + 1] = { 0 };
    unsigned taken = bits < TOP_BITS ? bits : TOP_BITS;

    o->shift = 64 - taken;
    o->below = 64 - taken;
    for (uint32_t i = 0; i < rows; i++)
        at[(taken > 0 ? o->a.key[i] >> o->shift : 0) + 1]++;
    for (uint32_t c = 1; c <= TOP; c++)
        at[c] += at[c - 1];
    memcpy(o->begin, at, sizeof o->begin);
    for (uint32_t i = 0; i < rows; i++) {
        uint32_t to = at[taken > 0 ? o->a.key[i] >> o->shift : 0]++;

        o->b.key[to] = o->a.key[i];
        o->b.row[to] = i;
    }
}

static bool sorted(const uint64_t *key, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        if (key[i - 1] > key[i])
            return false;
    return true;
}

int cfi_order_make(cfi_keys_t *k, uint32_t rows, unsigned threads, uint32_t **order, cf_diag_t *d)
{
    struct ordering *o = calloc(1, sizeof *o);
    int rc = CF_OK;

    *order = NULL;
    if (o == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory to sort");
    o->keys = k;
    o->a.key = k->piece[0];
    o->b.row = malloc((size_t)rows * sizeof *o->b.row + 4);
    if (o->b.row != NULL && k->npieces == 1 && sorted(o->a.key, rows)) {
        for (uint32_t i = 0; i < rows; i++)
            o->b.row[i] = i;
    } else {
        o->a.row = malloc((size_t)rows * sizeof *o->a.row + 4);
        o->b.key = malloc((size_t)rows * sizeof *o->b.key + 8);
        if (o->a.row == NULL || o->b.row == NULL || o->b.key == NULL) {
            rc = cf_diag_set(d, CF_E_NOMEM, "no memory to sort");
        } else {
            first_pass(o, k->bits, rows);
            rc = cfi_parallel(threads, TOP, bucket, o);
        }
    }
    if (rc == CF_OK)
        *order = o->b.row;
    else
        free(o->b.row);
    free(o->a.row);
    free(o->b.key);
    free(o);
    return rc;
}
