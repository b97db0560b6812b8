/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows that may have a partner, by tuple. Two generations as in seen.c; the rows of one tuple hang
 * behind each other, the latest first, so that in a log that is ordered by time few are looked at. A
 * tuple with very many rows, as only a hostile log has them,
 * is not searched to its end.
 */
#include <stdlib.h>
#include <string.h>

#include "join/dedupe.h"

#define NONE UINT32_MAX
#define CHAIN_MAX 128u

int cfi_pairs_init(cfi_pairs_t *p, uint64_t memory)
{
    uint64_t limit = memory / (2 * (sizeof(cfi_pair_t) + 2 * sizeof(uint32_t))), size = 1024;

    memset(p, 0, sizeof *p);
    p->seed = cfi_join_seed();
    while (size * 2 <= limit && size < (UINT64_C(1) << 30))
        size *= 2;
    p->mask = (uint32_t)size - 1;
    p->limit = (uint32_t)(limit < size ? size : limit < UINT32_MAX ? limit : UINT32_MAX - 1);
    for (unsigned i = 0; i < 2; i++) {
        p->pair[i] = malloc((size_t)p->limit * sizeof *p->pair[i]);
        p->head[i] = malloc(size * sizeof *p->head[i]);
        if (p->pair[i] == NULL || p->head[i] == NULL)
            return CF_E_NOMEM;
        memset(p->head[i], 0xff, size * sizeof *p->head[i]);
    }
    return CF_OK;
}

void cfi_pairs_fini(cfi_pairs_t *p)
{
    for (unsigned i = 0; i < 2; i++) {
        free(p->pair[i]);
        free(p->head[i]);
    }
}

void cfi_pairs_prefetch(const cfi_pairs_t *p, uint64_t hash)
{
    __builtin_prefetch(&p->head[0][hash & p->mask]);
    __builtin_prefetch(&p->head[1][hash & p->mask]);
}

void cfi_pairs_prefetch_row(const cfi_pairs_t *p, uint64_t hash)
{
    for (unsigned i = 0; i < 2; i++) {
        uint32_t at = p->head[i][hash & p->mask];

        if (at != NONE) {
            const char *g = (const char *)&p->pair[i][at];

            __builtin_prefetch(g);
            __builtin_prefetch(g + sizeof(cfi_pair_t) - 1);
        }
    }
}

static bool fits(const cfi_pair_t *g, const cfi_pair_t *row, int64_t tolerance)
{
    unsigned kind = (unsigned)(row->tuple.word >> CFI_WORD_FREE);

    if (!cfi_tuple_equal(&g->tuple, &row->tuple) || g->full)
        return false;
    if (kind == CFI_PAIR_REPORTER ? (g->roles & row->roles) != 0
        : g->point == row->point || (row->role < 2 && (g->roles & row->roles) != 0))
        return false;
    /* times of hostile logs may be anywhere: no differences that overflow */
    return (row->stime <= g->etime || (uint64_t)row->stime - (uint64_t)g->etime <= (uint64_t)tolerance) &&
        (g->stime <= row->etime || (uint64_t)g->stime - (uint64_t)row->etime <= (uint64_t)tolerance);
}

static uint64_t distance(int64_t a, int64_t b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

cfi_pair_t *cfi_pairs_find(cfi_pairs_t *p, uint64_t hash, const cfi_pair_t *row, int64_t tolerance)
{
    cfi_pair_t *best = NULL;
    unsigned steps = 0;

    for (unsigned i = 0; i < 2; i++) {
        unsigned which = i == 0 ? p->young : !p->young;
        uint32_t at = p->head[which][hash & p->mask];

        for (; at != NONE && steps < CHAIN_MAX; at = p->pair[which][at].next, steps++) {
            cfi_pair_t *g = &p->pair[which][at];

            /* of those that came before it, none reaches up to this row */
            if (g->clock < row->stime && (uint64_t)row->stime - (uint64_t)g->clock > (uint64_t)tolerance)
                return best;
            /* the earlier in the input among equally near ones */
            if (fits(g, row, tolerance) && (best == NULL ||
                distance(g->stime, row->stime) <= distance(best->stime, row->stime)))
                best = g;
        }
    }
    return best;
}

bool cfi_pairs_add(cfi_pairs_t *p, uint64_t hash, const cfi_pair_t *row, const cfi_pair_t **old,
                   uint32_t *n)
{
    bool forget = false;
    cfi_pair_t *g;

    if (p->count == p->limit) {
        p->young = !p->young;
        *old = p->pair[p->young];
        *n = p->turned ? p->limit : 0;
        forget = p->turned;
        p->turned = true;
        memset(p->head[p->young], 0xff, ((size_t)p->mask + 1) * sizeof **p->head);
        p->count = 0;
    }
    g = &p->pair[p->young][p->count];
    *g = *row;
    g->next = p->head[p->young][hash & p->mask];
    p->head[p->young][hash & p->mask] = p->count++;
    return forget;
}
