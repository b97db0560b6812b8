/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finished flows leave in order of their start; ties are in order of what they say, so that the
 * order of the log does not show.
 */
#include <stdlib.h>
#include <string.h>

#include "join/stitch.h"

/* Source port, destination port, the rest. */
static uint64_t part_of_word(const cfi_flow_t *f, unsigned i)
{
    return i < 2 ? f->tuple.word >> 16 * i & 0xffff : f->tuple.word >> 32;
}

static int compare(const void *pa, const void *pb)
{
    const cfi_sorted_t *a = pa, *b = pb;
    const cfi_flow_t *f = a->flow, *g = b->flow;

    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    if (a->second != b->second)
        return a->second < b->second ? -1 : 1;
    for (unsigned i = 0; i < 4; i++)
        if (f->tuple.addr[i] != g->tuple.addr[i])
            return f->tuple.addr[i] < g->tuple.addr[i] ? -1 : 1;
    for (unsigned i = 0; i < 3; i++)
        if (part_of_word(f, i) != part_of_word(g, i))
            return part_of_word(f, i) < part_of_word(g, i) ? -1 : 1;
    if (f->last != g->last)
        return f->last < g->last ? -1 : 1;
    if (f->point != g->point)
        return f->point < g->point ? -1 : 1;
    if (f->rule != g->rule)
        return f->rule < g->rule ? -1 : 1;
    for (unsigned i = 0; i < CFI_N; i++)
        if (f->n[i] != g->n[i])
            return f->n[i] < g->n[i] ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static void count(cf_stitch_t *e, const cfi_flow_t *f)
{
    if (f->first < e->given)
        e->sum.unordered++;
    else
        e->given = f->first;
    if (f->complete == 255) {
        e->sum.passed++;
        return;
    }
    e->sum.flows++;
    e->sum.complete[f->complete]++;
    if (f->opener != 255) {
        e->sum.opener[f->opener]++;
        e->sum.openby[f->openby]++;
    }
}

static int piece(cf_stitch_t *e, const cfi_sorted_t *s, uint32_t n, cf_diag_t *d)
{
    int rc = cfi_build(e, s, n);

    if (rc != CF_OK)
        return cf_diag_set(d, rc, "no memory for finished flows");
    rc = e->o.sink(e->o.ctx, e->out, NULL, d);
    for (uint32_t i = 0; i < n; i++) {
        count(e, s[i].flow);
        cfi_carry_drop(&e->carry, s[i].flow->ref[s[i].flow->carried]);
        cfi_things_free(&e->done, s[i].number);
    }
    return rc;
}

int cfi_give(cf_stitch_t *e, int64_t low, size_t least, cf_diag_t *d)
{
    size_t n = e->nfinished, m = 0, from = 0;
    cfi_sorted_t *s = malloc((n + 1) * sizeof *s);
    bool sorted = true;
    int rc = CF_OK;

    if (s == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for finished flows");
    for (size_t i = 0; i < n; i++) {
        s[i].number = e->finished[i];
        s[i].flow = cfi_thing(&e->done, s[i].number);
        s[i].first = s[i].flow->first;
        s[i].second = s[i].flow->tuple.addr[1];
        sorted = sorted && (i == 0 || compare(&s[i - 1], &s[i]) <= 0);
    }
    if (!sorted)
        qsort(s, n, sizeof *s, compare);
    while (m < n && (m < least || s[m].first < low))
        m++;
    while (rc == CF_OK && from < m) {
        uint32_t rows = m - from < CF_BATCH_ROWS ? (uint32_t)(m - from) : CF_BATCH_ROWS;

        rc = piece(e, s + from, rows, d);
        from += rows;
    }
    for (size_t i = m; i < n; i++)
        e->finished[i - m] = s[i].number;
    e->nfinished = n - m;
    free(s);
    return rc;
}
