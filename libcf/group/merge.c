/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the tables of all workers to final groups. Sets of distinct values come first: what is left
 * of each is added as a count to its group in worker 0, like any other partial group. Then the
 * groups: part by part, all workers and the temporary file into worker 0, and each finished part is
 * visited and freed.
 */
#include <stdlib.h>

#include "group/group.h"

static void merge_values(const cf_group_t *g, const cfi_form_t *from, const cfi_form_t *to,
                         const uint64_t *src, uint64_t *dst)
{
    for (uint32_t j = 0; j < g->nvalues; j++) {
        const uint64_t *s = src + from->off[j];
        uint64_t *t = dst + to->off[j];

        switch (g->values[j].op) {
        case CF_AGG_RECORDS:
            break;
        case CF_AGG_DISTINCT:
            *t += *s;
            break;
        case CF_AGG_MIN:
            *t = *s < *t ? *s : *t;
            break;
        case CF_AGG_MAX:
            *t = *s > *t ? *s : *t;
            break;
        case CF_AGG_SUM:
            if (to->sum_words == 1) {
                *t += *s;
            } else {
                t[1] += __builtin_add_overflow(t[0], s[0], &t[0]);
                t[1] += from->sum_words == 2 ? s[1] : 0;
            }
            break;
        }
    }
}

int cfi_merge_entries(cf_group_t *g, cfi_worker_t *w, uint32_t target, unsigned key_form,
                      const cfi_form_t *f, const uint64_t *const *entries, uint32_t n)
{
    cfi_table_t *t = &w->table[target][key_form];
    cfi_chunk_t *c = w->chunk;
    cfi_form_t to;
    int rc;

    for (uint32_t word = 0; word < t->kw; word++)
        for (uint32_t i = 0; i < n; i++)
            c->key[word][i] = entries[i][word];
    if (target == 0)
        for (uint32_t i = 0; i < n; i++)
            c->rec[i] = entries[i][t->kw];
    rc = cfi_table_lookup(t, c, n);
    if (rc != CF_OK || target != 0)
        return rc;
    cfi_form_of(g, key_form, w->sum_words, &to);
    for (uint32_t i = 0; i < n; i++)
        merge_values(g, f, &to, entries[i], c->entry[i]);
    return CF_OK;
}

/* One part of a worker's table into worker 0. */
static int merge_part(cf_group_t *g, cfi_worker_t *from, uint32_t target, unsigned key_form, uint32_t part)
{
    cfi_table_t *t = &from->table[target][key_form];
    const uint64_t *e, *batch[CFI_CHUNK];
    cfi_form_t f = { 0 };
    uint32_t at = 0, n = 0;
    int rc = CF_OK;

    if (target == 0)
        cfi_form_of(g, key_form, from->sum_words, &f);
    while (rc == CF_OK && (e = cfi_part_next(t, &t->part[part], &at)) != NULL) {
        batch[n++] = e;
        if (n == CFI_CHUNK) {
            rc = cfi_merge_entries(g, &g->worker[0], target, key_form, &f, batch, n);
            n = 0;
        }
    }
    if (rc == CF_OK && n > 0)
        rc = cfi_merge_entries(g, &g->worker[0], target, key_form, &f, batch, n);
    cfi_part_free(t, &t->part[part]);
    return rc;
}

/* All workers' tables have the same parts afterwards. */
static int align_parts(cf_group_t *g, uint32_t target, unsigned key_form)
{
    bool parts = cfi_spill_has(&g->spill, target, key_form);
    uint64_t entries = 0;
    int rc = CF_OK;

    for (unsigned i = 0; i < g->nworkers; i++) {
        parts |= g->worker[i].table[target][key_form].nparts > 1;
        entries += cfi_table_entries(&g->worker[i].table[target][key_form]);
    }
    /* merging must not split by itself */
    if (parts || (g->nworkers > 1 && entries > 65536 - CFI_CHUNK))
        for (unsigned i = 0; i < g->nworkers && rc == CF_OK; i++)
            rc = cfi_table_split(&g->worker[i].table[target][key_form]);
    return rc;
}

/* Everything of one part in worker 0. */
static int gather(cf_group_t *g, uint32_t target, unsigned key_form, uint32_t part, cf_diag_t *d)
{
    for (unsigned i = 1; i < g->nworkers; i++) {
        int rc = merge_part(g, &g->worker[i], target, key_form, part);

        if (rc != CF_OK)
            return cf_diag_set(d, rc, "no memory to merge the groups");
    }
    return cfi_spill_read(g, target, key_form, part, d);
}

/* ---- distinct values ----------------------------------------------------------------------- */

struct counting {
    cf_group_t *g;
    uint32_t target;
    uint32_t n[2];
    uint64_t key[2][CFI_CHUNK][CFI_KEY_WORDS];
};

/* Add 1 for each key collected to its group's count. */
static int count_flush(struct counting *c, unsigned key_form, cf_diag_t *d)
{
    cf_group_t *g = c->g;
    cfi_worker_t *w = &g->worker[0];
    uint32_t j = (uint32_t)g->target[c->target].value, n = c->n[key_form];
    uint32_t kw = g->target[0].layout.words[key_form];
    /* parts of the set need room too */
    uint64_t limit = g->spill.nruns > 0 ? g->memory / 2 : g->memory;
    cfi_form_t f;

    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t word = 0; word < kw; word++)
            w->chunk->key[word][i] = c->key[key_form][i][word];
        w->chunk->rec[i] = UINT64_C(1) << (CFI_COUNT_BITS + j);
    }
    c->n[key_form] = 0;
    if (cfi_table_lookup(&w->table[0][key_form], w->chunk, n) != CF_OK)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for the groups");
    cfi_form_of(g, key_form, w->sum_words, &f);
    for (uint32_t i = 0; i < n; i++)
        w->chunk->entry[i][f.off[j]]++;
    cfi_worker_charge(g, w);
    return g->used > limit ? cfi_spill_target(g, w, 0, d) : CF_OK;
}

static int count_element(struct counting *c, unsigned set_form, const uint64_t *key, cf_diag_t *d)
{
    uint64_t out[CFI_KEY_WORDS];
    unsigned form = cfi_layout_prefix(&c->g->target[c->target].layout, set_form, key,
                                      &c->g->target[0].layout, out);

    memcpy(c->key[form][c->n[form]++], out, sizeof out);
    return c->n[form] == CFI_CHUNK ? count_flush(c, form, d) : CF_OK;
}

static int count_form(struct counting *c, unsigned form, cf_diag_t *d)
{
    static const uint64_t zero[CFI_KEY_WORDS];
    cf_group_t *g = c->g;
    cfi_table_t *t = &g->worker[0].table[c->target][form];
    bool has_zero = false;
    int rc = align_parts(g, c->target, form);

    if (rc != CF_OK)
        return cf_diag_set(d, rc, "no memory to merge the groups");
    for (uint32_t p = 0; p < t->nparts && rc == CF_OK; p++) {
        const uint64_t *e;

        rc = gather(g, c->target, form, p, d);
        for (uint32_t at = 0; rc == CF_OK && (e = cfi_part_next(t, &t->part[p], &at)) != NULL;)
            rc = count_element(c, form, e, d);
        cfi_part_free(t, &t->part[p]);
    }
    for (unsigned i = 0; i < g->nworkers; i++)
        has_zero |= g->worker[i].table[c->target][form].has_zero;
    return rc == CF_OK && has_zero ? count_element(c, form, zero, d) : rc;
}

static int count_distinct(cf_group_t *g, uint32_t target, cf_diag_t *d)
{
    struct counting *c = cf_alloc_aligned(1, sizeof *c);
    int rc = CF_OK;

    if (c == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory to count distinct values");
    c->g = g;
    c->target = target;
    c->n[0] = c->n[1] = 0;
    for (unsigned form = 0; form < 2 && rc == CF_OK; form++)
        rc = count_form(c, form, d);
    for (unsigned form = 0; form < 2 && rc == CF_OK; form++)
        rc = count_flush(c, form, d);
    free(c);
    return rc;
}

/* ---- groups -------------------------------------------------------------------------------- */

static int visit_failed(int rc, cf_diag_t *d)
{
    if (rc == CF_E_LIMIT)
        return cf_diag_set(d, rc, "the groups wanted do not fit --memory; ask for fewer with --count");
    return rc == CF_OK ? rc : cf_diag_set(d, rc, "no memory for the groups wanted");
}

static int visit_form(cf_group_t *g, unsigned form, cfi_visit_fn visit, void *const *ctx, cf_diag_t *d)
{
    cfi_table_t *t = &g->worker[0].table[0][form];
    cfi_form_t f;
    int rc = align_parts(g, 0, form);

    if (rc != CF_OK)
        return cf_diag_set(d, rc, "no memory to merge the groups");
    if (g->nworkers > 1 && t->nparts > 1 && g->spill.nruns == 0)
        return visit_failed(cfi_merge_parallel(g, form, visit, ctx), d);
    cfi_form_of(g, form, g->worker[0].sum_words, &f);
    for (uint32_t p = 0; p < t->nparts && rc == CF_OK; p++) {
        const uint64_t *e;

        rc = gather(g, 0, form, p, d);
        for (uint32_t at = 0; rc == CF_OK && (e = cfi_part_next(t, &t->part[p], &at)) != NULL;)
            rc = visit_failed(visit(ctx[0], form, &f, e), d);
        cfi_part_free(t, &t->part[p]);
    }
    return rc;
}

/* Can a sum over all workers pass 64 bits, or is one wide already? */
static bool need_wide_sums(const cf_group_t *g)
{
    bool wide = false;

    for (uint32_t j = 0; j < g->nvalues; j++) {
        cfi_u128_t total = 0;

        for (unsigned i = 0; i < g->nworkers; i++)
            total += g->worker[i].total[j];
        wide |= total > UINT64_MAX;
    }
    for (unsigned i = 0; i < g->nworkers; i++)
        wide |= g->worker[i].sum_words == 2;
    return wide;
}

int cfi_merge_all(cf_group_t *g, cfi_visit_fn visit, void *const *ctx, cf_diag_t *d)
{
    int rc = CF_OK;

    for (unsigned i = 0; i < g->nworkers && g->spill.nruns > 0 && rc == CF_OK; i++)
        rc = cfi_spill_worker(g, &g->worker[i], d);     /* room for one part at a time */
    if (rc == CF_OK && g->worker[0].sum_words == 1 && need_wide_sums(g)
        && cfi_worker_promote(g, &g->worker[0]) != CF_OK)
        rc = cf_diag_set(d, CF_E_NOMEM, "no memory for the groups");
    for (uint32_t t = 1; t < g->ntargets && rc == CF_OK; t++)
        rc = count_distinct(g, t, d);
    if (rc == CF_OK && g->spill.nruns > 0)
        rc = cfi_spill_target(g, &g->worker[0], 0, d);  /* what the sets have added */
    for (unsigned form = 0; form < 2 && rc == CF_OK; form++)
        rc = visit_form(g, form, visit, ctx, d);
    return rc;
}
