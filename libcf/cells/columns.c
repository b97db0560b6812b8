/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Declaring a table: which text becomes which column and how. Also what is done once a batch.
 */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "cells/cells.h"

int cf_cells_create(cf_cells_t **out, const cf_reader_env_t *env, const cf_cells_options_t *o,
                    cf_diag_t *d)
{
    cf_cells_t *t = calloc(1, sizeof *t);
    size_t i;

    *out = NULL;
    if (t == NULL || (t->schema = cf_schema_create()) == NULL) {
        free(t);
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a table");
    }
    t->env = env;
    t->o = *o;
    t->stime = t->etime = t->status = -1;
    for (i = 0; o->nulls != NULL && o->nulls[i] != NULL; i++) {
        size_t n = strlen(o->nulls[i]);

        t->null_first[(unsigned char)o->nulls[i][0]] = true;
        t->null_longest = n > t->null_longest ? n : t->null_longest;
        t->null_shortest = i == 0 || n < t->null_shortest ? n : t->null_shortest;
    }
    *out = t;
    return CF_OK;
}

void cf_cells_destroy(cf_cells_t *t)
{
    uint32_t i;

    if (t == NULL)
        return;
    for (i = 0; i < t->n; i++) {
        free((char *)t->cols[i].c.name);
        free((char *)t->cols[i].c.pattern);
        free(t->cols[i].memo);
    }
    for (i = 0; i < t->nconsts; i++)
        free(t->consts[i].text);
    free(t->cols);
    free(t->cells);
    free(t->consts);
    cf_schema_put(t->schema);
    free(t);
}

cf_as_t cf_cells_usual(const cf_field_t *f)
{
    switch (f->kind) {
    case CF_KIND_UINT: return f->unit == CF_UNIT_PROTO ? CF_AS_PROTO : CF_AS_UINT;
    case CF_KIND_TIME: return CF_AS_ISO;
    case CF_KIND_DURATION: return CF_AS_SECONDS;
    case CF_KIND_ADDR: return CF_AS_ADDR;
    case CF_KIND_FLAGS: return CF_AS_FLAGS;
    case CF_KIND_ENUM: return CF_AS_WORD;
    default: return CF_AS_STRING;
    }
}

/* Can a column of this kind hold what the text is read as? */
static bool fits(const cf_field_t *f, cf_as_t as)
{
    switch (as) {
    case CF_AS_UINT:
    case CF_AS_PROTO: return f->kind == CF_KIND_UINT;
    case CF_AS_ADDR: return f->kind == CF_KIND_ADDR;
    case CF_AS_FLAGS:
    case CF_AS_HEXFLAGS: return f->kind == CF_KIND_FLAGS;
    case CF_AS_WORD: return f->kind == CF_KIND_ENUM || f->kind == CF_KIND_UINT;
    case CF_AS_STRING:
    case CF_AS_UNIQUE: return f->kind == CF_KIND_STRING;
    case CF_AS_ISO:
    case CF_AS_PATTERN: return f->kind == CF_KIND_TIME;
    case CF_AS_SECONDS:
    case CF_AS_MILLIS:
    case CF_AS_MICROS:
    case CF_AS_NANOS: return f->kind == CF_KIND_TIME || f->kind == CF_KIND_DURATION;
    case CF_AS_LENGTH: return f->kind == CF_KIND_DURATION;
    default: return false;
    }
}

static int64_t unit_of(cf_as_t as)
{
    switch (as) {
    case CF_AS_SECONDS: return CF_NS_PER_SEC;
    case CF_AS_MILLIS: return 1000000;
    case CF_AS_MICROS: return 1000;
    default: return 1;
    }
}

static uint64_t max_of(const cf_column_t *c)
{
    uint64_t most = UINT64_MAX;

    if (c->field != NULL && c->field->width < 8)
        most >>= 64 - 8 * c->field->width;
    return c->max != 0 && c->max < most ? c->max : most;
}

/* Room for one more; arrays of cells and columns grow together. */
static int grow(cf_cells_t *t)
{
    uint32_t room = t->room == 0 ? 32 : t->room * 2;
    cfi_col_t *cols;
    cf_cell_t *cells;

    if (t->n < t->room)
        return CF_OK;
    if (t->n >= CF_SCHEMA_MAX)
        return CF_E_LIMIT;
    cols = realloc(t->cols, room * sizeof *cols);
    if (cols == NULL)
        return CF_E_NOMEM;
    t->cols = cols;
    cells = realloc(t->cells, room * sizeof *cells);
    if (cells == NULL)
        return CF_E_NOMEM;
    t->cells = cells;
    t->room = room;
    return CF_OK;
}

/* Index in the schema; -1 when nobody wants it. */
static int add_field(cf_cells_t *t, const cf_field_t *f, int *index)
{
    *index = -1;
    if (f == NULL)
        return CF_OK;
    if (t->env->wanted != NULL && !t->env->wanted(t->env->ctx, f, f->name))
        return cf_schema_drop(t->schema, f->name);
    *index = cf_schema_add(t->schema, f);
    return *index >= 0 ? CF_OK : *index;
}

static bool twice(const cf_cells_t *t, const cf_field_t *f)
{
    uint32_t i;

    for (i = 0; i < t->n && f != NULL; i++) {
        if (t->cols[i].c.field == f)
            return true;
    }
    return false;
}

int cf_cells_column(cf_cells_t *t, const cf_column_t *c)
{
    cfi_col_t *col;
    int rc = grow(t);

    if (rc != CF_OK)
        return rc;
    if (c->field != NULL && (!fits(c->field, c->as) || twice(t, c->field)))
        return CF_E_FIELD;
    if (c->as == CF_AS_PATTERN && (c->pattern == NULL || !cfi_pattern_good(c->pattern)))
        return CF_E_USAGE;
    col = &t->cols[t->n];
    memset(col, 0, sizeof *col);
    memset(&t->cells[t->n], 0, sizeof t->cells[t->n]);
    t->cells[t->n].null = true;
    col->c = *c;
    col->c.name = strdup(c->name != NULL ? c->name : "");
    col->c.pattern = c->pattern != NULL ? strdup(c->pattern) : NULL;
    col->max = max_of(c);
    col->unit = unit_of(c->as);
    col->string = c->as == CF_AS_STRING || c->as == CF_AS_UNIQUE;
    col->cached = c->as == CF_AS_WORD || c->as == CF_AS_PROTO;
    rc = add_field(t, c->field, &col->index);
    if (col->cached || (col->string && col->index >= 0))
        col->memo = calloc((size_t)1 << CFI_MEMO_BITS, sizeof *col->memo);
    if (rc == CF_OK && (col->c.name == NULL || (c->pattern != NULL && col->c.pattern == NULL) ||
                        (col->memo == NULL && (col->cached || (col->string && col->index >= 0)))))
        rc = CF_E_NOMEM;
    if (rc != CF_OK) {
        free((char *)col->c.name);
        free((char *)col->c.pattern);
        free(col->memo);
        return rc;
    }
    if (c->field != NULL && strcmp(c->field->name, "stime") == 0)
        t->stime = (int)t->n;
    if (c->field != NULL && strcmp(c->field->name, "etime") == 0)
        t->etime = (int)t->n;
    if (c->field != NULL && strcmp(c->field->name, "logstatus") == 0)
        t->status = (int)t->n;
    return (int)t->n++;
}

int cf_cells_constant(cf_cells_t *t, const cf_field_t *f, const char *text, cf_as_t as)
{
    cfi_const_t *more, k = { .index = -1 };
    uint8_t code;
    uint64_t u = 0;
    int rc = CF_OK;

    if (!fits(f, as) || twice(t, f) || cf_schema_index(t->schema, f) >= 0)
        return CF_E_FIELD;
    switch (as) {
    case CF_AS_STRING:
    case CF_AS_UNIQUE:
        break;
    case CF_AS_WORD:
        rc = cf_field_enum_parse(f, text, strlen(text), &code);
        u = code;
        break;
    case CF_AS_PROTO:
        rc = cf_proto_parse(text, strlen(text), &code);
        u = code;
        break;
    case CF_AS_FLAGS:
        rc = cfi_flags_parse(text, strlen(text), false, &u);
        break;
    case CF_AS_UINT:
        rc = cf_uint_parse(text, strlen(text), UINT64_MAX >> (64 - 8 * f->width), &u);
        break;
    default:
        return CF_E_FIELD;
    }
    if (rc != CF_OK)
        return CF_E_USAGE;
    k.cell.v.u = u;
    rc = add_field(t, f, &k.index);
    if (rc != CF_OK || k.index < 0)
        return rc;
    more = realloc(t->consts, (t->nconsts + 1) * sizeof *more);
    if (more == NULL)
        return CF_E_NOMEM;
    t->consts = more;
    if (f->kind == CF_KIND_STRING && (k.text = strdup(text)) == NULL)
        return CF_E_NOMEM;
    t->consts[t->nconsts++] = k;
    return CF_OK;
}

int cf_cells_unknown(cf_cells_t *t, const char *name, size_t n, const char *prefix, int from)
{
    cf_field_t new = { .kind = CF_KIND_STRING, .width = 4, .flags = CF_FIELD_UNLISTED,
                       .meaning = "field of the log that this version does not know" };
    cf_column_t c = { .as = CF_AS_STRING, .from = from };
    char legal[64], other[64], source[64];
    const cf_field_t *there;
    int rc;

    cf_field_legal_name(name, n, legal);
    there = cf_field_find(legal);
    if (there != NULL && !(there->flags & CF_FIELD_UNLISTED)) {
        (void)snprintf(other, sizeof other, "%.16s_%.46s", prefix, legal);
        memcpy(legal, other, sizeof legal);
    }
    if (cf_field_find(legal) == NULL && t->unknown >= CFI_UNKNOWN_MAX)
        return cf_schema_drop(t->schema, legal);
    t->unknown++;
    new.name = legal;
    (void)snprintf(source, sizeof source, "%.*s", n < 60 ? (int)n : 60, name);
    c.name = source;
    rc = cf_field_register(&new, &c.field, NULL);
    return rc == CF_OK ? cf_cells_column(t, &c) : rc;
}

/* ---- batches ------------------------------------------------------------------------------ */

int cf_cells_begin(cf_cells_t *t, cf_batch_t *b, cf_diag_t *d)
{
    uint32_t i, width = 0;
    int rc = cf_batch_reset(b, t->schema);

    for (i = 0; i < b->ncols && rc == CF_OK; i++) {
        cf_vec_t *v = &b->cols[i];

        width += v->kind == CF_KIND_ADDR ? 16 : v->width;
        rc = cf_vec_reserve(v, v->kind == CF_KIND_ADDR ? 4 : v->width);
        if (rc == CF_OK) {
            memset(v->null, 0, CF_BATCH_WORDS * sizeof *v->null);
            v->nulls = 1;      /* "may have nulls"; counted at the end */
            v->absent = false;
            cf_dict_reset(&v->dict);
        }
    }
    if (rc != CF_OK)
        return cf_diag_set(d, rc, "no memory for a batch of rows");
    for (i = 0; i < t->n; i++)
        t->cols[i].v = t->cols[i].index >= 0 ? &b->cols[t->cols[i].index] : NULL;
    t->batch = b;
    t->heavy = 0;
    t->most = width > CFI_VALUES / CF_BATCH_ROWS ? CFI_VALUES / width : CF_BATCH_ROWS;
    if (++t->generation == 0)
        t->generation = 1;
    return CF_OK;
}

bool cf_cells_full(const cf_cells_t *t)
{
    return t->batch->rows >= t->most || t->heavy > CFI_HEAVY;
}

static int fill(cf_vec_t *v, const cfi_const_t *k, uint32_t rows)
{
    uint32_t i, code = 0;
    int rc = CF_OK;

    if (v->kind == CF_KIND_STRING && rows > 0)
        rc = cf_dict_code(&v->dict, k->text, strlen(k->text), &code);
    for (i = 0; i < rows && rc == CF_OK; i++) {
        switch (v->width) {
        case 1: ((uint8_t *)v->data)[i] = (uint8_t)k->cell.v.u; break;
        case 2: ((uint16_t *)v->data)[i] = (uint16_t)k->cell.v.u; break;
        case 4:
            ((uint32_t *)v->data)[i] = v->kind == CF_KIND_STRING ? code : (uint32_t)k->cell.v.u;
            break;
        default: ((uint64_t *)v->data)[i] = k->cell.v.u; break;
        }
    }
    return rc;
}

int cf_cells_end(cf_cells_t *t, cf_diag_t *d)
{
    cf_batch_t *b = t->batch;
    uint32_t i;

    for (i = 0; i < b->ncols; i++)
        b->cols[i].nulls = cf_bits_count(b->cols[i].null, b->rows);
    for (i = 0; i < t->nconsts; i++) {
        if (fill(&b->cols[t->consts[i].index], &t->consts[i], b->rows) != CF_OK)
            return cf_diag_set(d, CF_E_NOMEM, "no memory for a batch of rows");
    }
    t->batch = NULL;
    return CF_OK;
}
