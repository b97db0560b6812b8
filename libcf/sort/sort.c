/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sorting engine. Rows collect in the store; when they and what sorting them takes reach the
 * limit, they are sorted and written as a run. At the end what is in memory is sorted and given out
 * if it is all there is, else it is a run like the others, and runs are merged, in several passes
 * when there are more than fit the limit side by side.
 */
#include <stdlib.h>
#include <string.h>

#include "sort/sort.h"

#define MEMORY_MIN (UINT64_C(1) << 20)
#define RUNS_MAX 512u          /* merged side by side, and two at least */

struct worker {
    cfi_gatherer_t gather;
    cfi_encoder_t *enc;
    cf_batch_t *batch;
};

struct cf_sort {
    cf_sort_key_t keys[CF_SORT_KEYS_MAX];
    uint32_t nkeys;
    uint64_t memory;
    unsigned threads;
    cfi_store_t store;
    cfi_runfile_t file;
    cfi_sortrun_t *runs;
    uint32_t nruns, runs_size;
    cf_sort_totals_t totals;
    uint32_t *order;           /* rows of the store, after finish */
    uint64_t given;            /* of them */
    cf_batch_t **ready;        /* gathered ahead, one for each thread */
    uint32_t nready, next;
    struct worker *workers;
    cfi_merge_t *merge;
    bool presorted;
    cfi_keyvecs_t vecs;        /* presorted: of the batch at hand */
    cf_batch_t *last;          /* presorted: the last row of the run under construction, or none */
    cfi_keyvecs_t last_vecs;
};

static int no_memory(cf_diag_t *d)
{
    return cf_diag_set(d, CF_E_NOMEM, "no memory to sort");
}

int cf_sort_open(cf_sort_t **out, const cf_sort_options_t *o, cf_diag_t *d)
{
    const cf_field_t *derived[CF_SORT_KEYS_MAX];
    uint32_t nderived = 0;
    cf_sort_t *s = calloc(1, sizeof *s);

    *out = NULL;
    if (o->nkeys == 0 || o->nkeys > CF_SORT_KEYS_MAX) {
        free(s);
        return cf_diag_set(d, CF_E_USAGE, "between 1 and %u keys can be sorted by",
                           CF_SORT_KEYS_MAX);
    }
    if (s == NULL)
        return no_memory(d);
    for (size_t i = 0; i < o->nkeys; i++) {
        s->keys[i] = o->keys[i];
        if (o->keys[i].field->derive != NULL)
            derived[nderived++] = o->keys[i].field;
    }
    s->nkeys = (uint32_t)o->nkeys;
    s->presorted = o->presorted;
    cfi_keyvecs_init(&s->vecs, s->keys, s->nkeys);
    cfi_keyvecs_init(&s->last_vecs, s->keys, s->nkeys);
    s->memory = o->memory > MEMORY_MIN ? o->memory : MEMORY_MIN;
    s->threads = o->threads > 0 ? o->threads : 1;
    s->file.fd = -1;
    s->file.tmpdir = o->tmpdir != NULL ? strdup(o->tmpdir) : NULL;
    s->workers = calloc(s->threads, sizeof *s->workers);
    s->ready = calloc(s->threads, sizeof *s->ready);
    *out = s;
    if (cfi_store_init(&s->store, derived, nderived) != CF_OK || s->workers == NULL
        || s->ready == NULL || (o->tmpdir != NULL && s->file.tmpdir == NULL)) {
        cf_sort_close(s);
        *out = NULL;
        return no_memory(d);
    }
    return CF_OK;
}

static void free_workers(cf_sort_t *s)
{
    for (unsigned i = 0; s->workers != NULL && i < s->threads; i++) {
        cfi_gatherer_fini(&s->workers[i].gather);
        cfi_encoder_destroy(s->workers[i].enc);
        cf_batch_destroy(s->workers[i].batch);
        memset(&s->workers[i], 0, sizeof s->workers[i]);
    }
}

void cf_sort_close(cf_sort_t *s)
{
    if (s == NULL)
        return;
    cfi_merge_close(s->merge);
    cfi_keyvecs_fini(&s->vecs, s->nkeys);
    cfi_keyvecs_fini(&s->last_vecs, s->nkeys);
    cf_batch_destroy(s->last);
    for (uint32_t i = 0; i < s->nruns; i++)
        cfi_run_fini(&s->runs[i]);
    free(s->runs);
    cfi_runfile_fini(&s->file);
    free_workers(s);
    free(s->workers);
    for (unsigned i = 0; s->ready != NULL && i < s->threads; i++)
        cf_batch_destroy(s->ready[i]);
    free(s->ready);
    free(s->order);
    cfi_store_fini(&s->store);
    free(s);
}

void cf_sort_totals(const cf_sort_t *s, cf_sort_totals_t *t)
{
    *t = s->totals;
}

const cf_schema_t *cf_sort_schema(const cf_sort_t *s)
{
    return s->store.schema;
}

/* ---- runs ---------------------------------------------------------------------------------- */

static int sort_store(cf_sort_t *s, uint32_t **order, cf_diag_t *d)
{
    cfi_keys_t keys;
    int rc = cfi_keys_make(&s->store, s->keys, s->nkeys, s->threads, &keys, d);

    if (rc == CF_OK)
        rc = cfi_order_make(&keys, (uint32_t)s->store.rows, s->threads, order, d);
    cfi_keys_fini(&keys);
    return rc;
}

static int prepare_worker(cf_sort_t *s, struct worker *w, bool encode)
{
    if (w->gather.map == NULL && cfi_gatherer_init(&w->gather, &s->store) != CF_OK)
        return CF_E_NOMEM;
    if (encode && w->enc == NULL)
        w->enc = cfi_encoder_create(CF_LEVEL_FAST);
    if (encode && w->batch == NULL)
        w->batch = cf_batch_create(s->store.schema);
    return encode && (w->enc == NULL || w->batch == NULL) ? CF_E_NOMEM : CF_OK;
}

static int new_run(cf_sort_t *s, const cf_schema_t *schema, uint32_t nblocks, cfi_sortrun_t *r)
{
    memset(r, 0, sizeof *r);
    if (s->nruns == s->runs_size) {
        uint32_t size = s->runs_size == 0 ? 16 : s->runs_size * 2;
        cfi_sortrun_t *runs = realloc(s->runs, size * sizeof *runs);

        if (runs == NULL)
            return CF_E_NOMEM;
        s->runs = runs;
        s->runs_size = size;
    }
    r->blocks = calloc((size_t)nblocks + 1, sizeof *r->blocks);
    r->schema = cf_schema_get(schema);
    return r->blocks != NULL ? CF_OK : CF_E_NOMEM;
}

struct writing {
    cf_sort_t *s;
    const uint32_t *order;
    cfi_sortrun_t *run;
    cf_diag_t *d;              /* of the first thread that fails */
    pthread_mutex_t lock;
};

static int write_block(void *ctx, unsigned worker, uint32_t task)
{
    struct writing *x = ctx;
    struct worker *w = &x->s->workers[worker];
    uint64_t first = (uint64_t)task * CF_BATCH_ROWS, left = x->s->store.rows - first;
    cf_diag_t d = CF_DIAG_INIT;
    int rc = prepare_worker(x->s, w, true);

    if (rc == CF_OK)
        rc = cfi_gather(&w->gather, &x->s->store, x->order + first,
                        left < CF_BATCH_ROWS ? (uint32_t)left : CF_BATCH_ROWS, w->batch);
    if (rc == CF_OK)
        rc = cfi_run_write(&x->s->file, w->enc, w->batch, &x->run->blocks[task], &d);
    if (rc != CF_OK) {
        pthread_mutex_lock(&x->lock);
        if (x->d->code == CF_OK) {
            *x->d = d;
            if (d.code == CF_OK)
                cf_diag_set(x->d, rc, "no memory to sort");
        }
        pthread_mutex_unlock(&x->lock);
    }
    return rc;
}

/* What is in the store becomes a run. */
static int write_run(cf_sort_t *s, cf_diag_t *d)
{
    cf_diag_t own = CF_DIAG_INIT;
    struct writing x = { .s = s, .d = &own, .lock = PTHREAD_MUTEX_INITIALIZER };
    uint32_t *order = NULL, nblocks = (uint32_t)((s->store.rows + CF_BATCH_ROWS - 1) >> CFI_SEG_SHIFT);
    cfi_sortrun_t run;
    int rc = cfi_runfile_open(&s->file, d);

    if (rc == CF_OK)
        rc = sort_store(s, &order, d);
    if (rc != CF_OK)
        return rc;
    rc = new_run(s, s->store.schema, nblocks, &run);
    x.order = order;
    x.run = &run;
    run.nblocks = nblocks;
    if (rc == CF_OK)
        rc = cfi_parallel(s->threads, nblocks, write_block, &x);
    else
        run.nblocks = 0;
    free(order);
    free_workers(s);
    if (rc != CF_OK) {
        cfi_run_fini(&run);
        return own.code != CF_OK ? cf_diag_set(d, rc, "%s", own.text) : no_memory(d);
    }
    s->runs[s->nruns++] = run;
    s->totals.runs++;
    cfi_store_clear(&s->store);
    return CF_OK;
}

/* ---- passes -------------------------------------------------------------------------------- */

/* A reader of a run holds a block's columns, its encoded bytes and the decoder's scratch. */
static uint32_t runs_side_by_side(const cf_sort_t *s)
{
    uint64_t row = 0, n;

    for (uint32_t i = 0; i < cf_schema_count(s->store.schema); i++) {
        const cf_field_t *f = cf_schema_field(s->store.schema, i);

        row += f->kind == CF_KIND_ADDR ? 20 : f->width;
    }
    n = s->memory / (row * CF_BATCH_ROWS + (UINT64_C(1) << 20));
    return n < 2 ? 2 : n > RUNS_MAX ? RUNS_MAX : (uint32_t)n;
}

/* The first n runs become one, which takes their place, so that equal keys keep their order. */
static int merge_first(cf_sort_t *s, uint32_t n, uint32_t at, cf_diag_t *d)
{
    cfi_encoder_t *enc = cfi_encoder_create(CF_LEVEL_FAST);
    const cf_batch_t *b;
    cfi_sortrun_t run;
    uint32_t nblocks = 0;
    int rc;

    for (uint32_t i = 0; i < n; i++)
        nblocks += s->runs[at + i].nblocks;
    rc = enc != NULL ? new_run(s, s->store.schema, nblocks, &run) : CF_E_NOMEM;
    if (rc != CF_OK) {
        cfi_encoder_destroy(enc);
        return no_memory(d);
    }
    rc = cfi_merge_open(&s->merge, &s->file, s->runs + at, n, s->store.schema, s->keys, s->nkeys, d);
    while (rc == CF_OK && (rc = cfi_merge_next(s->merge, &b, d)) == CF_OK)
        rc = cfi_run_write(&s->file, enc, b, &run.blocks[run.nblocks++], d);
    cfi_merge_close(s->merge);
    s->merge = NULL;
    cfi_encoder_destroy(enc);
    if (rc != CF_EOF) {
        cfi_run_fini(&run);
        return rc;
    }
    for (uint32_t i = 0; i < n; i++)
        cfi_run_fini(&s->runs[at + i]);
    s->runs[at] = run;
    memmove(s->runs + at + 1, s->runs + at + n, (s->nruns - at - n) * sizeof *s->runs);
    s->nruns -= n - 1;
    s->totals.runs++;
    return CF_OK;
}

static int merge_runs(cf_sort_t *s, cf_diag_t *d)
{
    uint32_t most = runs_side_by_side(s);
    int rc = CF_OK;

    while (s->nruns > most && rc == CF_OK)
        for (uint32_t at = 0; at + 1 < s->nruns && s->nruns > most && rc == CF_OK; at++) {
            uint32_t n = s->nruns - at < most ? s->nruns - at : most;

            n = s->nruns - most + 1 < n ? s->nruns - most + 1 : n;
            rc = merge_first(s, n, at, d);
        }
    if (rc == CF_OK)
        rc = cfi_merge_open(&s->merge, &s->file, s->runs, s->nruns, s->store.schema, s->keys,
                            s->nkeys, d);
    return rc;
}

/* ---- inputs that are in order -------------------------------------------------------------- */

int cf_sort_input(cf_sort_t *s, cf_diag_t *d)
{
    cfi_sortrun_t run;

    if (!s->presorted)
        return CF_OK;
    if (s->last != NULL)
        s->last->rows = 0;
    if (new_run(s, s->store.schema, 0, &run) != CF_OK) {
        cfi_run_fini(&run);
        return no_memory(d);
    }
    s->runs[s->nruns++] = run;
    return cfi_runfile_open(&s->file, d);
}

/* Are the rows in order, the first one with what came before? The last one is kept. */
static int check_order(cf_sort_t *s, const cf_batch_t *b, cf_diag_t *d)
{
    uint32_t from = b->rows - 1;
    uint64_t last[CF_BATCH_WORDS] = { 0 };
    int rc = cfi_keyvecs_bind(&s->vecs, b, s->keys, s->nkeys, d);
    bool wrong = false;

    if (rc == CF_OK && s->last != NULL && s->last->rows > 0) {
        rc = cfi_keyvecs_bind(&s->last_vecs, s->last, s->keys, s->nkeys, d);
        wrong = rc == CF_OK
            && cfi_keyvecs_compare(&s->last_vecs, 0, &s->vecs, 0, s->keys, s->nkeys) > 0;
    }
    for (uint32_t i = 1; i < b->rows && rc == CF_OK && !wrong; i++)
        wrong = cfi_keyvecs_compare(&s->vecs, i - 1, &s->vecs, i, s->keys, s->nkeys) > 0;
    if (wrong)
        return cf_diag_set(d, CF_E_FORMAT, "rows are not in order (without --presorted-input they "
                           "are sorted)");
    if (rc != CF_OK)
        return rc;
    cf_batch_destroy(s->last);
    s->last = cf_batch_create(b->schema);
    last[from >> 6] = UINT64_C(1) << (from & 63);
    if (s->last == NULL || cf_batch_append(s->last, b, last, &from) != CF_OK)
        return no_memory(d);
    return CF_OK;
}

/* A batch of a run that is in order already: a block of its own. */
static int put_presorted(cf_sort_t *s, const cf_batch_t *b, cf_diag_t *d)
{
    cfi_sortrun_t *run;
    cfi_runblock_t *blocks;
    int rc;

    if (b->rows == 0)
        return CF_OK;
    rc = s->nruns > 0 ? CF_OK : cf_sort_input(s, d);
    if (rc == CF_OK)
        rc = check_order(s, b, d);
    if (rc == CF_OK && cfi_store_fit(&s->store, b->schema) != CF_OK)
        rc = no_memory(d);
    if (rc != CF_OK)
        return rc;
    run = &s->runs[s->nruns - 1];
    if (run->nblocks > 0 && !cf_schema_equal(run->schema, b->schema)) {
        rc = cf_sort_input(s, d);      /* other columns: what follows is one more run */
        if (rc != CF_OK)
            return rc;
        run = &s->runs[s->nruns - 1];
    }
    cf_schema_put(run->schema);
    run->schema = cf_schema_get(b->schema);
    blocks = realloc(run->blocks, (run->nblocks + 1) * sizeof *blocks);
    if (s->workers[0].enc == NULL)
        s->workers[0].enc = cfi_encoder_create(CF_LEVEL_FAST);
    if (blocks == NULL || s->workers[0].enc == NULL)
        return no_memory(d);
    run->blocks = blocks;
    memset(&blocks[run->nblocks], 0, sizeof *blocks);
    return cfi_run_write(&s->file, s->workers[0].enc, b, &blocks[run->nblocks++], d);
}

/* ---- in and out ---------------------------------------------------------------------------- */

int cf_sort_put(cf_sort_t *s, const cf_batch_t *b, cf_diag_t *d)
{
    uint64_t cost = cfi_keys_cost(s->keys, s->nkeys);
    int rc = s->presorted ? put_presorted(s, b, d) : cfi_store_put(&s->store, b, d);

    /* A column has more texts than one numbering takes: they begin anew behind a run. */
    if (rc == CF_E_LIMIT && s->store.rows > 0) {
        rc = write_run(s, d);
        if (rc == CF_OK)
            rc = cfi_store_put(&s->store, b, d);
    }
    if (rc != CF_OK)
        return rc;
    s->totals.rows += b->rows;
    if (s->store.bytes + s->store.rows * cost >= s->memory
        || s->store.rows >= UINT32_MAX - CF_BATCH_ROWS)
        rc = write_run(s, d);
    return rc;
}

int cf_sort_finish(cf_sort_t *s, cf_diag_t *d)
{
    int rc;

    if (s->nruns == 0)
        return s->store.rows > 0 ? sort_store(s, &s->order, d) : CF_OK;
    rc = s->store.rows > 0 ? write_run(s, d) : CF_OK;
    if (rc == CF_OK)
        rc = merge_runs(s, d);
    s->totals.spilled = s->file.size;
    return rc;
}

static int gather_ahead(void *ctx, unsigned worker, uint32_t task)
{
    cf_sort_t *s = ctx;
    uint64_t first = s->given + (uint64_t)task * CF_BATCH_ROWS, left = s->store.rows - first;
    int rc = prepare_worker(s, &s->workers[worker], false);

    if (rc == CF_OK && s->ready[task] == NULL)
        s->ready[task] = cf_batch_create(s->store.schema);
    if (rc != CF_OK || s->ready[task] == NULL)
        return CF_E_NOMEM;
    return cfi_gather(&s->workers[worker].gather, &s->store, s->order + first,
                      left < CF_BATCH_ROWS ? (uint32_t)left : CF_BATCH_ROWS, s->ready[task]);
}

int cf_sort_next(cf_sort_t *s, const cf_batch_t **b, cf_diag_t *d)
{
    uint64_t blocks;
    int rc;

    if (s->merge != NULL)
        return cfi_merge_next(s->merge, b, d);
    if (s->next == s->nready) {
        blocks = (s->store.rows - s->given + CF_BATCH_ROWS - 1) >> CFI_SEG_SHIFT;
        s->nready = blocks < s->threads ? (uint32_t)blocks : s->threads;
        s->next = 0;
        if (s->nready == 0)
            return CF_EOF;
        rc = cfi_parallel(s->threads, s->nready, gather_ahead, s);
        if (rc != CF_OK)
            return cf_diag_set(d, rc, "no memory for sorted rows");
        for (uint32_t i = 0; i < s->nready; i++)
            s->given += s->ready[i]->rows;
    }
    *b = s->ready[s->next++];
    return CF_OK;
}
