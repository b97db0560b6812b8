/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merging large tables on all threads: each takes part after part, brings all workers' entries of
 * it together in a table of its own, and visits them. Parts share nothing, so no lock is needed but
 * the counter of parts. Only for what is in memory; runs of a temporary file are merged by one
 * thread (merge.c).
 */
#include <stdlib.h>

#include "group/group.h"

struct merger {
    cf_group_t *g;
    unsigned form;
    cfi_visit_fn visit;
    void *ctx;
    uint32_t *next;            /* part; shared */
    cfi_worker_t *own;         /* its main table of this form holds the part at hand */
    pthread_t thread;
    int rc;
};

static int add_part(struct merger *m, cfi_worker_t *from, uint32_t part)
{
    const cfi_table_t *t = &from->table[0][m->form];
    const uint64_t *e, *batch[CFI_CHUNK];
    uint32_t at = 0, n = 0;
    cfi_form_t f;
    int rc = CF_OK;

    cfi_form_of(m->g, m->form, from->sum_words, &f);
    while (rc == CF_OK && (e = cfi_part_next(t, &t->part[part], &at)) != NULL) {
        batch[n++] = e;
        if (n == CFI_CHUNK) {
            rc = cfi_merge_entries(m->g, m->own, 0, m->form, &f, batch, n);
            n = 0;
        }
    }
    return rc == CF_OK && n > 0 ? cfi_merge_entries(m->g, m->own, 0, m->form, &f, batch, n) : rc;
}

/* The slots of a part change hands; the table's sum of bytes is of no use any more. */
static void take_slots(cfi_part_t *to, cfi_part_t *from)
{
    cfi_part_drop(to);
    *to = *from;
    memset(from, 0, sizeof *from);
}

static int merge_one(struct merger *m, uint32_t part)
{
    cfi_part_t *mine = &m->own->table[0][m->form].part[part], none = { 0 };
    const uint64_t *e;
    cfi_form_t f;
    int rc = CF_OK;

    take_slots(mine, &m->g->worker[0].table[0][m->form].part[part]);
    for (unsigned i = 1; i < m->g->nworkers && rc == CF_OK; i++) {
        rc = add_part(m, &m->g->worker[i], part);
        take_slots(&m->g->worker[i].table[0][m->form].part[part], &none);
    }
    cfi_form_of(m->g, m->form, m->own->sum_words, &f);
    for (uint32_t at = 0; rc == CF_OK
         && (e = cfi_part_next(&m->own->table[0][m->form], mine, &at)) != NULL;)
        rc = m->visit(m->ctx, m->form, &f, e);
    take_slots(mine, &none);
    return rc;
}

static void *run(void *arg)
{
    struct merger *m = arg;
    uint32_t part;

    while (m->rc == CF_OK
           && (part = __atomic_fetch_add(m->next, 1, __ATOMIC_RELAXED)) < CFI_PARTS)
        m->rc = merge_one(m, part);
    return NULL;
}

static cfi_worker_t *make_own(const cf_group_t *g, const cfi_worker_t *w, unsigned form)
{
    cfi_worker_t *own = calloc(1, sizeof *own);

    if (own != NULL) {
        cfi_worker_tables(g, own, g->worker[0].sum_words);
        own->table[0][form].nparts = CFI_PARTS;
        own->chunk = w->chunk;
    }
    return own;
}

int cfi_merge_parallel(cf_group_t *g, unsigned form, cfi_visit_fn visit, void *const *ctx)
{
    struct merger *m = calloc(g->nworkers, sizeof *m);
    uint32_t next = 0;
    unsigned started = 1;
    int rc = m != NULL ? CF_OK : CF_E_NOMEM;

    for (unsigned i = 0; i < g->nworkers && rc == CF_OK; i++) {
        m[i] = (struct merger){ .g = g, .form = form, .visit = visit, .ctx = ctx[i],
            .next = &next, .own = make_own(g, &g->worker[i], form) };
        if (m[i].own == NULL)
            rc = CF_E_NOMEM;
    }
    if (rc == CF_OK) {
        while (started < g->nworkers
               && pthread_create(&m[started].thread, NULL, run, &m[started]) == 0)
            started++;
        run(&m[0]);            /* takes all the work when no thread could be started */
    }
    for (unsigned i = 1; rc == CF_OK && i < started; i++)
        pthread_join(m[i].thread, NULL);
    for (unsigned i = 0; m != NULL && i < g->nworkers; i++) {
        rc = rc == CF_OK ? m[i].rc : rc;
        free(m[i].own);
    }
    free(m);
    return rc;
}
