/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A grouping from options to workers: which fields are read, where keys and values stand, and what
 * was added in all.
 */
#include <stdlib.h>

#include "group/group.h"

#define DEFAULT_MEMORY (UINT64_C(1) << 30)

void cfi_form_of(const cf_group_t *g, unsigned key_form, uint32_t sum_words, cfi_form_t *f)
{
    uint32_t at = g->target[0].layout.words[key_form] + 1;

    f->sum_words = sum_words;
    for (uint32_t j = 0; j < g->nvalues; j++) {
        f->off[j] = at;
        at += g->values[j].op == CF_AGG_RECORDS ? 0 : g->values[j].op == CF_AGG_SUM ? sum_words : 1;
    }
    f->stride = at;
}

static void main_table(const cf_group_t *g, cfi_table_t *t, unsigned key_form, uint32_t sum_words)
{
    uint32_t kw = g->target[0].layout.words[key_form];
    cfi_form_t f;

    cfi_form_of(g, key_form, sum_words, &f);
    cfi_table_init(t, kw, f.stride, false);
    for (uint32_t j = 0; j < g->nvalues; j++) {
        if (g->values[j].op == CF_AGG_MIN) {
            t->init[f.off[j] - kw - 1] = UINT64_MAX;
            t->has_init = true;
        }
    }
}

void cfi_worker_tables(const cf_group_t *g, cfi_worker_t *w, uint32_t sum_words)
{
    w->sum_words = sum_words;
    for (unsigned form = 0; form < 2; form++)
        main_table(g, &w->table[0][form], form, sum_words);
    for (uint32_t t = 1; t < g->ntargets; t++)
        for (unsigned form = 0; form < 2; form++)
            cfi_table_init(&w->table[t][form], g->target[t].layout.words[form],
                           g->target[t].layout.words[form], true);
}

static int move_table(cf_group_t *g, cfi_worker_t *w, cfi_table_t *old, unsigned form, const cfi_form_t *f)
{
    const uint64_t *batch[CFI_CHUNK];
    uint32_t n = 0;
    int rc = CF_OK;

    for (uint32_t p = 0; p < old->nparts && rc == CF_OK; p++) {
        const uint64_t *e;

        for (uint32_t at = 0; rc == CF_OK && (e = cfi_part_next(old, &old->part[p], &at)) != NULL;) {
            batch[n++] = e;
            if (n == CFI_CHUNK) {
                rc = cfi_merge_entries(g, w, 0, form, f, batch, n);
                n = 0;
            }
        }
    }
    return rc == CF_OK && n > 0 ? cfi_merge_entries(g, w, 0, form, f, batch, n) : rc;
}

int cfi_worker_promote(cf_group_t *g, cfi_worker_t *w)
{
    cfi_table_t old[2];
    cfi_form_t f[2];
    int rc = CF_OK;

    for (unsigned form = 0; form < 2; form++) {
        cfi_form_of(g, form, 1, &f[form]);
        old[form] = w->table[0][form];
        main_table(g, &w->table[0][form], form, 2);
    }
    w->sum_words = 2;
    for (unsigned form = 0; form < 2 && rc == CF_OK; form++)
        rc = move_table(g, w, &old[form], form, &f[form]);
    for (unsigned form = 0; form < 2; form++)
        cfi_table_fini(&old[form]);
    return rc;
}

void cfi_worker_charge(cf_group_t *g, cfi_worker_t *w)
{
    size_t now = 0;

    for (uint32_t t = 0; t < g->ntargets; t++)
        now += w->table[t][0].bytes + w->table[t][1].bytes;
    __atomic_add_fetch(&g->used, now - w->charged, __ATOMIC_RELAXED);
    w->charged = now;
}

static uint32_t field_index(cf_group_t *g, const cf_field_t *f)
{
    for (uint32_t i = 0; i < g->nfields; i++)
        if (g->fields[i] == f)
            return i;
    g->fields[g->nfields] = f;
    return g->nfields++;
}

static int check_value(const cf_agg_t *a, cf_diag_t *d)
{
    const char *name = a->field != NULL ? a->field->name : "records";
    cf_kind_t kind = a->field != NULL ? a->field->kind : CF_KIND_NONE;

    if (a->op == CF_AGG_RECORDS || (a->op == CF_AGG_DISTINCT && a->field != NULL))
        return CF_OK;
    if (a->op == CF_AGG_SUM && kind == CF_KIND_UINT && (a->field->flags & CF_FIELD_COUNTER) != 0)
        return CF_OK;
    if (a->op == CF_AGG_SUM)
        return cf_diag_set(d, CF_E_USAGE, "%s is no counter and cannot be added up", name);
    if (kind == CF_KIND_UINT || kind == CF_KIND_TIME || kind == CF_KIND_DURATION)
        return CF_OK;
    return cf_diag_set(d, CF_E_USAGE, "%s is no number or time: it has no smallest and largest value", name);
}

static int init_values(cf_group_t *g, const cf_group_options_t *o, cf_diag_t *d)
{
    g->bytekind_col = -1;
    for (size_t j = 0; j < o->nvalues; j++) {
        int rc = check_value(&o->values[j], d);

        if (rc != CF_OK)
            return rc;
        g->values[j] = o->values[j];
        if (o->values[j].op == CF_AGG_RECORDS)
            continue;
        g->value_col[j] = field_index(g, o->values[j].field);
        if (o->values[j].op == CF_AGG_SUM && o->values[j].field->unit == CF_UNIT_BYTES
            && cf_field_find("bytekind") != NULL)
            g->bytekind_col = (int)field_index(g, cf_field_find("bytekind"));
    }
    g->nvalues = (uint32_t)o->nvalues;
    return CF_OK;
}

static void init_targets(cf_group_t *g, const cf_group_options_t *o)
{
    g->ntargets = 1;
    g->target[0].value = -1;
    for (uint32_t j = 0; j < g->nvalues; j++)
        if (g->values[j].op == CF_AGG_DISTINCT)
            g->target[g->ntargets++].value = (int)j;
    for (uint32_t t = 0; t < g->ntargets; t++) {
        cfi_target_t *target = &g->target[t];

        target->layout.words[CFI_NARROW] = target->layout.words[CFI_WIDE] = 1;
        for (size_t k = 0; k < o->nkeys; k++) {
            target->col[k] = field_index(g, o->keys[k]);
            cfi_layout_add(&target->layout, o->keys[k]);
        }
        if (target->value >= 0) {
            target->col[o->nkeys] = g->value_col[target->value];
            cfi_layout_add(&target->layout, g->values[target->value].field);
        }
    }
}

static int init_worker(cf_group_t *g, cfi_worker_t *w)
{
    cfi_worker_tables(g, w, 1);
    w->chunk = cf_alloc_aligned(1, sizeof *w->chunk);
    w->cols = calloc(CFI_GROUP_FIELDS, sizeof *w->cols);
    for (unsigned i = 0; i < 2; i++) {
        w->bits[i] = calloc(CF_BATCH_WORDS, sizeof *w->bits[i]);
        if (w->bits[i] == NULL)
            return CF_E_NOMEM;
    }
    return w->chunk != NULL && w->cols != NULL ? CF_OK : CF_E_NOMEM;
}

int cf_group_create(cf_group_t **out, const cf_group_options_t *o, cf_diag_t *d)
{
    cf_group_t *g;
    int rc;

    *out = NULL;
    if (o->nkeys > CF_GROUP_KEYS_MAX || o->nvalues > CF_GROUP_VALUES_MAX)
        return cf_diag_set(d, CF_E_USAGE, "more than %d keys or %d values", CF_GROUP_KEYS_MAX,
                           CF_GROUP_VALUES_MAX);
    g = calloc(1, sizeof *g);
    if (g == NULL || cfi_intern_init(&g->intern) != CF_OK) {
        free(g);
        return cf_diag_set(d, CF_E_NOMEM, "no memory for groups");
    }
    rc = cfi_spill_init(&g->spill);
    g->spill.tmpdir = o->tmpdir;
    g->nkeys = (uint32_t)o->nkeys;
    g->memory = o->memory != 0 ? o->memory : DEFAULT_MEMORY;
    g->include_status = o->include_status;
    for (size_t k = 0; k < o->nkeys; k++)
        field_index(g, o->keys[k]);
    if (rc == CF_OK)
        rc = init_values(g, o, d);
    if (rc != CF_OK)
        goto fail;
    init_targets(g, o);
    g->status_col = field_index(g, cf_field_find("logstatus"));
    g->nworkers = o->workers > 0 ? o->workers : 1;
    g->worker = calloc(g->nworkers, sizeof *g->worker);
    if (g->worker == NULL)
        rc = CF_E_NOMEM;
    for (unsigned i = 0; i < g->nworkers && rc == CF_OK; i++)
        rc = init_worker(g, &g->worker[i]);
    if (rc != CF_OK) {
        cf_diag_set(d, rc, "no memory for groups");
        goto fail;
    }
    *out = g;
    return CF_OK;
fail:
    cf_group_destroy(g);
    return rc;
}

void cf_group_destroy(cf_group_t *g)
{
    if (g == NULL)
        return;
    for (unsigned i = 0; g->worker != NULL && i < g->nworkers; i++) {
        cfi_worker_t *w = &g->worker[i];

        for (uint32_t t = 0; t < g->ntargets; t++) {
            cfi_table_fini(&w->table[t][0]);
            cfi_table_fini(&w->table[t][1]);
        }
        cfi_local_destroy(w->local);
        for (uint32_t f = 0; f < CFI_GROUP_FIELDS; f++)
            free(w->map[f]);
        for (unsigned b = 0; b < 2; b++)
            free(w->bits[b]);
        free(w->chunk);
        free(w->cols);
    }
    free(g->worker);
    cfi_spill_fini(&g->spill);
    cfi_intern_fini(&g->intern);
    free(g);
}

const cf_field_t *const *cf_group_fields(const cf_group_t *g, size_t *n)
{
    *n = g->nfields;
    return g->fields;
}

void cf_group_summary(const cf_group_t *g, cf_group_summary_t *s)
{
    memset(s, 0, sizeof *s);
    s->spilled = g->spill.size;
    for (unsigned i = 0; i < g->nworkers; i++) {
        const cfi_worker_t *w = &g->worker[i];

        s->records += w->records;
        s->nodata += w->nodata;
        s->skipdata += w->skipdata;
        s->bytekinds |= w->bytekinds;
    }
    for (uint32_t j = 0; j < g->nvalues; j++) {
        cfi_u128_t total = 0;

        for (unsigned i = 0; i < g->nworkers; i++)
            total += g->worker[i].total[j];
        if (g->values[j].op == CF_AGG_RECORDS)
            total = s->records;
        s->total[j].hi = (uint64_t)(total >> 64);
        s->total[j].lo = (uint64_t)total;
    }
}
