/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a .cf stream: rows are collected to full blocks, blocks are encoded here or on worker
 * threads (pool.c) and put out in order (emit.c). Batches of another schema are either a new schema
 * block or, with a projection, fitted to the declared one. Stored blocks pass through untouched
 * where that costs the output nothing.
 */
#include "stream/block.h"
#include "stream/pool.h"

#include <stdlib.h>

/* Stored blocks are handed on while the output's blocks stay this large on average. */
#define MEAN_ROWS 32768u
#define BLOCK_BYTES (24u << 20)  /* values and texts of a block that is not full */
/* All batches of the pool; one more is being collected. */
#define POOL_MEMORY ((size_t)56 << 20)

struct cf_writer {
    cfi_emit_t emit;
    cfi_pool_t *pool;          /* NULL = encode here */
    unsigned threads;
    cfi_encoder_t *enc;
    cf_schema_t *schema;       /* declared; NULL = none yet */
    bool declared;             /* its schema block is out */
    bool project;
    int time_col;              /* of stime, or -1 */
    cf_batch_t *cur;           /* rows being collected */
    cf_batch_t *whole;         /* a block decoded to be put */
    /* columns of a batch in the order of the projection; vectors borrowed */
    cf_batch_t view;
    cf_vec_t *nulls;           /* per column of the projection: all null, made when first needed */
    uint32_t nnulls;
    uint64_t rows, blocks;     /* in finished blocks, maybe not yet encoded */
    cf_buf_t prov;
};

static int no_memory(cf_diag_t *d)
{
    return cf_diag_set(d, CF_E_NOMEM, "no memory for an output");
}

static void free_projection(cf_writer_t *w)
{
    uint32_t i;

    for (i = 0; i < w->nnulls; i++)
        cf_vec_fini(&w->nulls[i]);
    free(w->nulls);
    free(w->view.cols);
    w->nulls = w->view.cols = NULL;
    w->nnulls = 0;
}

static void writer_free(cf_writer_t *w)
{
    cfi_pool_destroy(w->pool);
    cfi_emit_fini(&w->emit);
    cfi_encoder_destroy(w->enc);
    cf_batch_destroy(w->cur);
    cf_batch_destroy(w->whole);
    free_projection(w);
    cf_schema_put(w->schema);
    cf_buf_fini(&w->prov);
    free(w);
}

int cf_writer_open(cf_writer_t **out, const cf_writer_options_t *o, cf_diag_t *d)
{
    cf_writer_t *w = calloc(1, sizeof *w);
    int rc;

    *out = NULL;
    if (w == NULL)
        return no_memory(d);
    cf_buf_init(&w->prov, CFI_JSON_MAX);
    w->threads = o->threads;
    rc = cfi_emit_init(&w->emit, o, d);
    if (rc != CF_OK) {
        writer_free(w);
        return rc;
    }
    *out = w;
    return CF_OK;
}

void cf_writer_abort(cf_writer_t *w)
{
    if (w != NULL)
        writer_free(w);
}

void cf_writer_totals(const cf_writer_t *w, cf_writer_totals_t *t)
{
    uint32_t collected = w->cur != NULL ? w->cur->rows : 0;

    t->rows = w->rows + collected;
    t->blocks = w->blocks + (collected > 0);
    t->bytes = w->pool != NULL ? cfi_pool_bytes(w->pool) : w->emit.out.offset;
}

/* ---- blocks going out --------------------------------------------------------------------- */

static int drain(cf_writer_t *w, cf_diag_t *d)
{
    return w->pool != NULL ? cfi_pool_drain(w->pool, d) : CF_OK;
}

/* The schema block, when it is not out yet; called before each block. */
static int declare(cf_writer_t *w, cf_diag_t *d)
{
    int rc;

    if (w->declared)
        return CF_OK;
    if ((rc = drain(w, d)) == CF_OK && (rc = cfi_emit_schema(&w->emit, w->schema, d)) == CF_OK)
        w->declared = true;
    return rc;
}

/* Threads and encoder are made with the first block: a small output needs neither. */
static int encode(cf_writer_t *w, const cf_batch_t *b, cf_diag_t *d)
{
    cfi_encoded_t enc;
    int rc;

    if (w->enc == NULL && (w->enc = cfi_encoder_create(w->emit.level)) == NULL)
        return no_memory(d);
    rc = cfi_encoder_run(w->enc, b, &enc, d);
    return rc == CF_OK ? cfi_emit_encoded(&w->emit, &enc, w->time_col, d) : rc;
}

/* Fewer threads than asked for when the batches they hold would be too large together. */
static void want_pool(cf_writer_t *w)
{
    size_t bytes = 1, most;
    uint32_t i;

    if (w->pool != NULL || w->threads < 2)
        return;
    for (i = 0; i < cf_schema_count(w->schema); i++) {
        const cf_field_t *f = cf_schema_field(w->schema, i);

        bytes += (size_t)CF_BATCH_ROWS * (f->kind == CF_KIND_ADDR ? sizeof(cf_addr_t) : f->width);
    }
    most = POOL_MEMORY / bytes;
    if (most >= 4)
        w->pool = cfi_pool_create(&w->emit, most - 2 < w->threads ? (unsigned)most - 2 : w->threads);
    w->threads = 0;
}

/* An empty batch to collect in. */
static int fresh(cf_writer_t *w, cf_diag_t *d)
{
    if (w->cur == NULL)
        w->cur = cf_batch_create(w->schema);
    else if (cf_batch_reset(w->cur, w->schema) != CF_OK)
        return no_memory(d);
    return w->cur != NULL ? CF_OK : no_memory(d);
}

/* The collected rows become a block. */
static int flush(cf_writer_t *w, cf_diag_t *d)
{
    int rc;

    if (w->cur == NULL || w->cur->rows == 0)
        return CF_OK;
    if ((rc = declare(w, d)) != CF_OK)
        return rc;
    want_pool(w);
    w->rows += w->cur->rows;
    w->blocks++;
    if (w->pool != NULL)
        rc = cfi_pool_put(w->pool, &w->cur, w->time_col, d);
    else
        rc = encode(w, w->cur, d);
    return rc == CF_OK ? fresh(w, d) : rc;
}

/* ---- schema ------------------------------------------------------------------------------- */

int cf_writer_schema(cf_writer_t *w, const cf_schema_t *s, cf_diag_t *d)
{
    int rc;

    if (w->schema != NULL && (w->schema == s || cf_schema_equal(w->schema, s)))
        return CF_OK;
    if ((rc = flush(w, d)) != CF_OK)
        return rc;
    cf_schema_put(w->schema);
    w->schema = cf_schema_get(s);
    w->declared = false;
    w->time_col = cf_schema_index(s, cf_field_find("stime"));
    return fresh(w, d);
}

int cf_writer_project(cf_writer_t *w, const cf_schema_t *s, cf_diag_t *d)
{
    uint32_t i, n = cf_schema_count(s);
    int rc = cf_writer_schema(w, s, d);

    if (rc != CF_OK)
        return rc;
    free_projection(w);
    w->project = true;
    w->view.cols = calloc(n + 1, sizeof *w->view.cols);
    w->nulls = calloc(n + 1, sizeof *w->nulls);
    if (w->view.cols == NULL || w->nulls == NULL)
        return no_memory(d);
    for (w->nnulls = n, i = 0; i < n; i++)
        cf_vec_init(&w->nulls[i], cf_schema_field(s, i));
    w->view.schema = w->schema;
    w->view.ncols = n;
    return CF_OK;
}

/* The batch through the projection: vectors are borrowed from it, or all null. */
static int fit(cf_writer_t *w, const cf_batch_t *b, cf_diag_t *d)
{
    uint32_t i;

    w->view.rows = b->rows;
    for (i = 0; i < w->view.ncols; i++) {
        int col = cf_schema_index(b->schema, cf_schema_field(w->schema, i));

        if (col < 0 && w->nulls[i].nulls != b->rows &&
            cf_vec_set_all_null(&w->nulls[i], b->rows, false) != CF_OK)
            return no_memory(d);
        w->view.cols[i] = col < 0 ? w->nulls[i] : b->cols[col];
    }
    return CF_OK;
}

/* ---- rows --------------------------------------------------------------------------------- */

/*
 * Many columns, or long texts that hardly repeat: a block of fewer rows, so that neither memory nor
 * a dictionary's bound is at the mercy of the log.
 */
static bool heavy(const cf_batch_t *b)
{
    size_t bytes = 0;

    for (uint32_t i = 0; i < b->ncols; i++) {
        const cf_vec_t *v = &b->cols[i];

        bytes += (size_t)b->rows * v->width;
        if (v->kind == CF_KIND_STRING && v->dict.count > 0)
            bytes += v->dict.offset[v->dict.count];
    }
    return bytes > BLOCK_BYTES;
}

int cf_writer_put(cf_writer_t *w, const cf_batch_t *b, const uint64_t *sel, cf_diag_t *d)
{
    uint32_t from = 0;
    int rc = CF_OK;

    if (b->rows == 0)
        return CF_OK;
    if (!w->project) {
        rc = cf_writer_schema(w, b->schema, d);
    } else if (b->schema != w->schema && !cf_schema_equal(b->schema, w->schema)) {
        rc = fit(w, b, d);
        b = &w->view;
    }
    /* A full batch goes to the encoder as it is. */
    if (rc == CF_OK && sel == NULL && b->rows == CF_BATCH_ROWS && w->cur->rows == 0) {
        want_pool(w);
        if (w->pool == NULL && (rc = declare(w, d)) == CF_OK) {
            w->rows += b->rows;
            w->blocks++;
            return encode(w, b, d);
        }
    }
    while (rc == CF_OK && from < b->rows) {
        if (cf_batch_append(w->cur, b, sel, &from) != CF_OK)
            return no_memory(d);
        if (w->cur->rows == CF_BATCH_ROWS || from < b->rows || heavy(w->cur))
            rc = flush(w, d);
    }
    return rc;
}

bool cf_writer_takes(const cf_writer_t *w, const cf_block_t *b, bool any)
{
    return b->cols->verbatim && b->rows >= MEAN_ROWS &&
        (any || cf_block_level(b) == (int)w->emit.level);
}

/* May the block go out as it is stored, here and now? */
static bool passes(const cf_writer_t *w, const cf_block_t *b, bool any)
{
    uint64_t rows = w->rows + w->cur->rows + b->rows, blocks = w->blocks + (w->cur->rows > 0) + 1;

    return cf_writer_takes(w, b, any) && cf_schema_equal(b->cols->schema, w->schema) &&
        rows / blocks >= MEAN_ROWS;
}

static int put_decoded(cf_writer_t *w, cf_block_t *b, cf_diag_t *d)
{
    uint32_t i;
    int rc = CF_OK;

    if (w->whole == NULL)
        w->whole = cf_batch_create(b->cols->schema);
    else if (cf_batch_reset(w->whole, b->cols->schema) != CF_OK)
        return no_memory(d);
    if (w->whole == NULL)
        return no_memory(d);
    w->whole->rows = b->rows;
    for (i = 0; i < b->ncols && rc == CF_OK; i++) {
        if (w->project && cf_schema_index(w->schema, cf_schema_field(b->cols->schema, i)) < 0)
            continue;
        rc = cf_block_column(b, i, &w->whole->cols[i], d);
    }
    return rc == CF_OK ? cf_writer_put(w, w->whole, NULL, d) : rc;
}

int cf_writer_put_block(cf_writer_t *w, cf_block_t *b, bool any, cf_diag_t *d)
{
    cf_colstat_t st;
    int rc;

    if (!w->project && (rc = cf_writer_schema(w, b->cols->schema, d)) != CF_OK)
        return rc;
    if (!passes(w, b, any))
        return put_decoded(w, b, d);
    if ((rc = cf_block_load(b, d)) != CF_OK || (rc = flush(w, d)) != CF_OK ||
        (rc = declare(w, d)) != CF_OK)
        return rc;
    if (w->time_col >= 0)
        cf_block_stat(b, (uint32_t)w->time_col, &st);
    want_pool(w);
    w->rows += b->rows;
    w->blocks++;
    if (w->pool != NULL)
        return cfi_pool_put_stored(w->pool, &b->head, cfi_block_body(b), b->rows,
                                   w->time_col >= 0 ? &st : NULL, d);
    return cfi_emit_stored(&w->emit, &b->head, cfi_block_body(b), b->rows,
                           w->time_col >= 0 ? &st : NULL, d);
}

/* ---- the end ------------------------------------------------------------------------------ */

int cf_writer_provenance(cf_writer_t *w, const cf_provenance_t *p, cf_diag_t *d)
{
    w->prov.len = 0;
    return cf_provenance_to_json(p, &w->prov) == CF_OK ? CF_OK : no_memory(d);
}

int cf_writer_close(cf_writer_t *w, cf_diag_t *d)
{
    int rc = flush(w, d);

    /* A declared schema is told even when no rows came. */
    if (rc == CF_OK && w->schema != NULL)
        rc = declare(w, d);
    if (rc == CF_OK)
        rc = drain(w, d);
    if (rc == CF_OK)
        rc = cfi_emit_end(&w->emit, &w->prov, d);
    writer_free(w);
    return rc;
}
