/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Items: columns on demand. Stored columns of a block are decoded once; derived ones are computed
 * from the stored ones; a field that the data lacks is a vector of nulls. All memory is reused by
 * the next item in the same slot.
 */
#include <stdlib.h>
#include <string.h>

#include "scan.h"

int cfi_item_init(cf_item_t *it, unsigned slot)
{
    memset(it, 0, sizeof *it);
    it->slot = slot;
    it->block = cf_block_create();
    return it->block != NULL ? CF_OK : CF_E_NOMEM;
}

void cfi_item_fini(cf_item_t *it)
{
    for (uint32_t i = 0; i < it->nextra; i++) {
        cf_vec_fini(&it->extra[i]->vec);
        free(it->extra[i]);
    }
    free(it->extra);
    free(it->loaded);
    cf_block_destroy(it->block);
    cf_batch_destroy(it->batch);
    memset(it, 0, sizeof *it);
}

static void begin(cf_item_t *it)
{
    for (uint32_t i = 0; i < it->nextra; i++)
        it->extra[i]->valid = false;
}

void cfi_item_begin_batch(cf_item_t *it)
{
    it->is_raw = true;
    it->rows = it->batch->rows;
    begin(it);
}

int cfi_item_begin_block(cf_item_t *it)
{
    const cf_schema_t *schema = cf_block_schema(it->block);
    uint32_t n = cf_schema_count(schema);

    if (it->batch == NULL)
        it->batch = cf_batch_create(schema);
    else if (cf_batch_reset(it->batch, schema) != CF_OK)
        return CF_E_NOMEM;
    if (it->batch == NULL)
        return CF_E_NOMEM;
    if (n > it->loaded_size) {
        bool *loaded = realloc(it->loaded, n * sizeof *loaded);

        if (loaded == NULL)
            return CF_E_NOMEM;
        it->loaded = loaded;
        it->loaded_size = n;
    }
    if (n > 0)
        memset(it->loaded, 0, n * sizeof *it->loaded);
    it->is_raw = false;
    it->rows = cf_block_rows(it->block);
    it->batch->rows = it->rows;
    begin(it);
    return CF_OK;
}

uint32_t cf_item_rows(const cf_item_t *it)
{
    return it->rows;
}

const cf_schema_t *cf_item_schema(const cf_item_t *it)
{
    return it->batch->schema;
}

const char *cf_item_source(const cf_item_t *it)
{
    return it->source;
}

uint64_t cf_item_first_row(const cf_item_t *it)
{
    return it->first_row;
}

unsigned cf_item_slot(const cf_item_t *it)
{
    return it->slot;
}

cf_block_t *cf_item_block(cf_item_t *it)
{
    return it->is_raw ? NULL : it->block;
}

bool cf_item_stat(cf_item_t *it, const cf_field_t *f, cf_colstat_t *st)
{
    int col = cf_schema_index(it->batch->schema, f);

    if (col < 0) {
        if (f->derive != NULL)
            return false;
        memset(st, 0, sizeof *st);
        st->nulls = it->rows;
        return true;
    }
    if (it->is_raw)
        return false;
    cf_block_stat(it->block, (uint32_t)col, st);
    return true;
}

static int load(cf_item_t *it, uint32_t col, cf_diag_t *d)
{
    int rc = CF_OK;

    if (!it->is_raw && !it->loaded[col]) {
        rc = cf_block_column(it->block, col, &it->batch->cols[col], d);
        it->loaded[col] = rc == CF_OK;
        if (rc != CF_OK)
            cf_diag_source(d, it->source);
    }
    return rc;
}

/*
 * The slot for a column that is not stored, made on first use; its vector is empty. A slot never
 * moves, since vectors have been handed out.
 */
static int extra_slot(cf_item_t *it, const cf_field_t *f, cfi_extra_t **slot)
{
    cfi_extra_t **grown;

    for (uint32_t i = 0; i < it->nextra; i++) {
        if (it->extra[i]->field == f) {
            *slot = it->extra[i];
            return CF_OK;
        }
    }
    grown = realloc(it->extra, (it->nextra + 1) * sizeof *grown);
    if (grown == NULL)
        return CF_E_NOMEM;
    it->extra = grown;
    *slot = malloc(sizeof **slot);
    if (*slot == NULL)
        return CF_E_NOMEM;
    (*slot)->field = f;
    (*slot)->valid = false;
    cf_vec_init(&(*slot)->vec, f);
    grown[it->nextra++] = *slot;
    return CF_OK;
}

#define DERIVE_INPUTS 8

static int derive(cf_item_t *it, const cf_field_t *f, cf_vec_t *out, unsigned depth, cf_diag_t *d);

static int column(cf_item_t *it, const cf_field_t *f, unsigned depth, const cf_vec_t **v,
                  cf_diag_t *d)
{
    int col = cf_schema_index(it->batch->schema, f), rc;
    cfi_extra_t *extra;

    if (col >= 0) {
        rc = load(it, (uint32_t)col, d);
        *v = &it->batch->cols[col];
        return rc;
    }
    rc = extra_slot(it, f, &extra);
    if (rc != CF_OK)
        return cf_diag_set(d, rc, "column '%s': out of memory", f->name);
    *v = &extra->vec;
    if (extra->valid)
        return CF_OK;
    if (f->derive != NULL)
        rc = derive(it, f, &extra->vec, depth, d);
    else
        rc = cf_vec_set_all_null(&extra->vec, it->rows, true);
    if (rc != CF_OK)
        return rc == CF_E_NOMEM ? cf_diag_set(d, rc, "column '%s': out of memory", f->name) : rc;
    extra->valid = true;
    return CF_OK;
}

static int derive(cf_item_t *it, const cf_field_t *f, cf_vec_t *out, unsigned depth, cf_diag_t *d)
{
    const cf_vec_t *in[DERIVE_INPUTS];
    int rc;

    if (depth > 4)
        return cf_diag_set(d, CF_E_INTERNAL, "field '%s' is derived from itself", f->name);
    for (unsigned n = 0; f->inputs[n] != NULL; n++) {
        const cf_field_t *input = cf_field_find(f->inputs[n]);

        if (input == NULL || n == DERIVE_INPUTS)
            return cf_diag_set(d, CF_E_INTERNAL, "field '%s': its inputs are not known", f->name);
        rc = column(it, input, depth + 1, &in[n], d);
        if (rc != CF_OK)
            return rc;
    }
    rc = cf_vec_reserve(out, f->width);
    if (rc != CF_OK)
        return rc;
    memset(out->data, 0, (size_t)it->rows * f->width);
    out->nulls = 0;
    out->absent = false;
    return f->derive(in, out, it->rows);
}

int cf_item_column(cf_item_t *it, const cf_field_t *f, const cf_vec_t **v, cf_diag_t *d)
{
    return column(it, f, 0, v, d);
}

int cf_item_batch(cf_item_t *it, const cf_batch_t **b, cf_diag_t *d)
{
    for (uint32_t i = 0; i < it->batch->ncols; i++) {
        int rc = load(it, i, d);

        if (rc != CF_OK)
            return rc;
    }
    it->batch->source = it->source;
    *b = it->batch;
    return CF_OK;
}
