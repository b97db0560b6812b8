/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many sorted runs to one. A tree of losers holds the head of each run; the next row is found by
 * comparing it with log2(runs) others, mostly by 64 bits of their first keys alone. Rows are noted
 * (run, row) and moved column by column when the output is full or a run's block is used up.
 */
#include <stdlib.h>
#include <string.h>

#include "sort/sort.h"

struct head {
    cfi_runreader_t reader;
    cfi_keyvecs_t keys;
    uint64_t prefix;           /* of the row at hand */
    uint32_t row, rows;
    bool over;
    int32_t *at;               /* by column of the output: column of the run, -1 = none */
    uint32_t **map;            /* texts: by column, code of the block to code of the output */
    uint32_t *map_size;
};

struct cfi_merge {
    struct head *heads;
    uint32_t n;
    uint32_t *tree;            /* losers; [0] = winner */
    const cf_sort_key_t *keys;
    uint32_t nkeys;
    cf_schema_t *schema;       /* of the output: the last run's, which has all columns */
    cf_batch_t *out;
    uint32_t *from;            /* run of each row noted */
    uint32_t *rows;            /* its row there */
    uint32_t noted, done;      /* rows noted; those already moved */
    const cf_vec_t **vecs;     /* of the column being moved, by run; NULL = null in all rows */
};

/* ---- comparing ----------------------------------------------------------------------------- */

/* Does run a's row come before run b's? Equal keys: the earlier run. */
static bool before(const cfi_merge_t *m, uint32_t a, uint32_t b)
{
    const struct head *x = &m->heads[a], *y = &m->heads[b];

    if (x->over || y->over)
        return y->over && (!x->over || a < b);
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix;
    int c = cfi_keyvecs_compare(&x->keys, x->row, &y->keys, y->row, m->keys, m->nkeys);

    return c != 0 ? c < 0 : a < b;
}

/* ---- runs ---------------------------------------------------------------------------------- */

/* The next block of a run, with its keys; no text of it has been met in the output. */
static int next_block(cfi_merge_t *m, uint32_t run, cf_diag_t *d)
{
    struct head *h = &m->heads[run];
    int rc = cfi_runreader_next(&h->reader, d);
    const cf_batch_t *b = h->reader.batch;

    h->row = h->rows = 0;
    h->over = rc != CF_OK;
    if (rc != CF_OK)
        return rc == CF_EOF ? CF_OK : rc;
    h->rows = b->rows;
    rc = cfi_keyvecs_bind(&h->keys, b, m->keys, m->nkeys, d);
    for (uint32_t i = 0; i < b->ncols; i++)
        if (h->map_size[i] > 0)
            memset(h->map[i], 0xff, h->map_size[i] * sizeof *h->map[i]);
    if (rc == CF_OK)
        h->prefix = cfi_keyvecs_prefix(&h->keys, 0, m->keys);
    return rc;
}

/* ---- the tree ------------------------------------------------------------------------------ */

/* The winner's row has changed: play its matches again. */
static void replay(cfi_merge_t *m)
{
    uint32_t winner = m->tree[0];

    for (uint32_t at = (winner + m->n) / 2; at > 0; at /= 2) {
        if (before(m, m->tree[at], winner)) {
            uint32_t loser = winner;

            winner = m->tree[at];
            m->tree[at] = loser;
        }
    }
    m->tree[0] = winner;
}

static uint32_t build(cfi_merge_t *m, uint32_t at)
{
    uint32_t a, b;

    if (at >= m->n)
        return at - m->n;
    a = build(m, at * 2);
    b = build(m, at * 2 + 1);
    if (before(m, a, b)) {
        m->tree[at] = b;
        return a;
    }
    m->tree[at] = a;
    return b;
}

static int open_head(cfi_merge_t *m, uint32_t i, const cfi_runfile_t *f, const cfi_sortrun_t *run,
                     cf_diag_t *d)
{
    struct head *h = &m->heads[i];
    uint32_t ncols = cf_schema_count(run->schema), out = cf_schema_count(m->schema);
    int rc;

    cfi_keyvecs_init(&h->keys, m->keys, m->nkeys);
    rc = cfi_runreader_open(&h->reader, f, run, d);
    h->map = calloc(ncols + 1, sizeof *h->map);
    h->map_size = calloc(ncols + 1, sizeof *h->map_size);
    h->at = calloc(out + 1, sizeof *h->at);
    if (rc == CF_OK && (h->map == NULL || h->map_size == NULL || h->at == NULL))
        rc = cf_diag_set(d, CF_E_NOMEM, "no memory to merge");
    for (uint32_t c = 0; c < out && rc == CF_OK; c++)
        h->at[c] = cf_schema_index(run->schema, cf_schema_field(m->schema, c));
    return rc == CF_OK ? next_block(m, i, d) : rc;
}

int cfi_merge_open(cfi_merge_t **out, const cfi_runfile_t *f, const cfi_sortrun_t *runs, uint32_t n,
                   const cf_schema_t *schema, const cf_sort_key_t *keys, uint32_t nkeys,
                   cf_diag_t *d)
{
    cfi_merge_t *m = calloc(1, sizeof *m);
    int rc = CF_OK;

    *out = m;
    if (m == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory to merge");
    m->keys = keys;
    m->nkeys = nkeys;
    m->schema = cf_schema_get(schema);
    m->heads = calloc(n, sizeof *m->heads);
    m->tree = calloc((size_t)n + 1, sizeof *m->tree);
    m->out = cf_batch_create(schema);
    m->from = malloc(CF_BATCH_ROWS * sizeof *m->from);
    m->rows = malloc(CF_BATCH_ROWS * sizeof *m->rows);
    m->vecs = calloc((size_t)n + 1, sizeof *m->vecs);
    if (m->vecs == NULL || m->heads == NULL || m->tree == NULL || m->out == NULL || m->from == NULL || m->rows == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory to merge");
    m->n = n;
    for (uint32_t i = 0; i < n && rc == CF_OK; i++)
        rc = open_head(m, i, f, &runs[i], d);
    if (rc == CF_OK)
        m->tree[0] = build(m, 1);
    return rc;
}

void cfi_merge_close(cfi_merge_t *m)
{
    if (m == NULL)
        return;
    for (uint32_t i = 0; m->heads != NULL && i < m->n; i++) {
        struct head *h = &m->heads[i];

        for (uint32_t c = 0; h->map != NULL && h->reader.run != NULL
             && c < cf_schema_count(h->reader.run->schema); c++)
            free(h->map[c]);
        free(h->map);
        free(h->map_size);
        free(h->at);
        cfi_keyvecs_fini(&h->keys, m->nkeys);
        cfi_runreader_close(&h->reader);
    }
    free(m->heads);
    free(m->tree);
    free(m->from);
    free(m->rows);
    free(m->vecs);
    cf_batch_destroy(m->out);
    cf_schema_put(m->schema);
    free(m);
}

/* ---- moving rows --------------------------------------------------------------------------- */

static int move_text(struct head *h, uint32_t col, const cf_vec_t *src,
                     uint32_t row, cf_vec_t *dst, uint32_t to)
{
    uint32_t code = ((const uint32_t *)src->data)[row], len;
    const char *text;
    int rc = CF_OK;

    if (h->map_size[col] < src->dict.count) {
        uint32_t *map = realloc(h->map[col], src->dict.count * sizeof *map);

        if (map == NULL)
            return CF_E_NOMEM;
        memset(map + h->map_size[col], 0xff, (src->dict.count - h->map_size[col]) * sizeof *map);
        h->map[col] = map;
        h->map_size[col] = src->dict.count;
    }
    if (h->map[col][code] == UINT32_MAX) {
        text = cf_dict_text(&src->dict, code, &len);
        rc = cf_dict_code(&dst->dict, text, len, &h->map[col][code]);
    }
    ((uint32_t *)dst->data)[to] = h->map[col][code];
    return rc;
}

static int move_addr(cf_vec_t *dst, uint32_t to, cf_addr_t a)
{
    if (dst->width == 4 && !cf_addr_is_v4(a) && cf_vec_widen(dst, to) != CF_OK)
        return CF_E_NOMEM;
    if (dst->width == 4)
        ((uint32_t *)dst->data)[to] = (uint32_t)a.lo;
    else
        ((cf_addr_t *)dst->data)[to] = a;
    return CF_OK;
}

#define MOVE(type) \
    do { \
        type *to = dst->data; \
        for (uint32_t i = m->done; i < m->noted; i++) { \
            const cf_vec_t *v = m->vecs[m->from[i]]; \
            to[i] = v != NULL ? ((const type *)v->data)[m->rows[i]] : 0; \
        } \
    } while (0)

/* Null rows of numbers are 0 in their vectors, so they move like the others. */
static void move_numbers(const cfi_merge_t *m, cf_vec_t *dst)
{
    switch (dst->width) {
    case 1: MOVE(uint8_t); break;
    case 2: MOVE(uint16_t); break;
    case 4: MOVE(uint32_t); break;
    default: MOVE(uint64_t); break;
    }
}

static int move_others(cfi_merge_t *m, uint32_t c, cf_vec_t *dst)
{
    int rc = CF_OK;

    for (uint32_t i = m->done; i < m->noted && rc == CF_OK; i++) {
        struct head *h = &m->heads[m->from[i]];
        const cf_vec_t *v = m->vecs[m->from[i]];
        uint32_t row = m->rows[i];

        if (v == NULL || cf_vec_is_null(v, row))
            memset((char *)dst->data + (size_t)i * dst->width, 0, dst->width);
        else if (dst->kind == CF_KIND_STRING)
            rc = move_text(h, (uint32_t)h->at[c], v, row, dst, i);
        else
            rc = move_addr(dst, i, cf_vec_addr(v, row));
    }
    return rc;
}

static void move_nulls(const cfi_merge_t *m, cf_vec_t *dst)
{
    bool any = false;

    for (uint32_t r = 0; r < m->n; r++)
        any |= m->vecs[r] == NULL || m->vecs[r]->nulls > 0;
    for (uint32_t i = m->done; any && i < m->noted; i++) {
        const cf_vec_t *v = m->vecs[m->from[i]];
        uint64_t null = v == NULL || cf_vec_is_null(v, m->rows[i]);

        dst->null[i >> 6] |= null << (i & 63);
        dst->nulls += (uint32_t)null;
    }
}

/* Move the rows noted since the last time, column by column. */
static int move(cfi_merge_t *m)
{
    int rc = CF_OK;

    for (uint32_t c = 0; c < m->out->ncols && rc == CF_OK; c++) {
        cf_vec_t *dst = &m->out->cols[c];

        for (uint32_t r = 0; r < m->n; r++) {
            const struct head *h = &m->heads[r];

            m->vecs[r] = h->at[c] >= 0 ? &h->reader.batch->cols[h->at[c]] : NULL;
        }
        move_nulls(m, dst);
        if (dst->kind == CF_KIND_STRING || dst->kind == CF_KIND_ADDR)
            rc = move_others(m, c, dst);
        else
            move_numbers(m, dst);
    }
    m->done = m->noted;
    m->out->rows = m->noted;
    return rc;
}

static int begin_output(cfi_merge_t *m)
{
    int rc = cf_batch_reset(m->out, m->schema);

    for (uint32_t c = 0; c < m->out->ncols && rc == CF_OK; c++) {
        cf_vec_t *v = &m->out->cols[c];

        rc = cf_vec_reserve(v, v->kind == CF_KIND_ADDR ? 4 : v->width);
        if (rc == CF_OK)
            memset(v->null, 0, CF_BATCH_WORDS * sizeof *v->null);
    }
    for (uint32_t i = 0; i < m->n; i++)
        for (uint32_t c = 0; c < cf_schema_count(m->heads[i].reader.run->schema); c++)
            if (m->heads[i].map_size[c] > 0)
                memset(m->heads[i].map[c], 0xff, m->heads[i].map_size[c] * sizeof(uint32_t));
    m->noted = m->done = 0;
    return rc;
}

int cfi_merge_next(cfi_merge_t *m, const cf_batch_t **b, cf_diag_t *d)
{
    int rc = begin_output(m);

    while (rc == CF_OK && m->noted < CF_BATCH_ROWS) {
        uint32_t run = m->tree[0];
        struct head *h = &m->heads[run];

        if (h->over)
            break;
        m->from[m->noted] = run;
        m->rows[m->noted++] = h->row++;
        if (h->row < h->rows) {
            h->prefix = cfi_keyvecs_prefix(&h->keys, h->row, m->keys);
        } else {
            rc = move(m);
            if (rc == CF_OK)
                rc = next_block(m, run, d);
        }
        if (rc == CF_OK && m->n > 1)
            replay(m);
    }
    if (rc == CF_OK)
        rc = move(m);
    if (rc == CF_E_NOMEM)
        return cf_diag_set(d, rc, "no memory to merge");
    if (rc != CF_OK)
        return rc;
    *b = m->out;
    return m->out->rows > 0 ? CF_OK : CF_EOF;
}
