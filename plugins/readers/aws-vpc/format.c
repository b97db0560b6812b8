/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A format says which value of a line belongs to which column. It is made from a header line, from
 * the setting, or from a default. Columns stand in one order whatever the order of values, so logs
 * with shuffled formats give one schema.
 */
#include <stdio.h>
#include <stdlib.h>

#include "aws.h"

enum { RANK_CONSTANT = 1000, RANK_UNKNOWN = 2000 };

typedef struct ranked {
    unsigned rank;
    int *index;                /* where to note the column */
    const cf_field_t *field;
} ranked_t;

static bool wanted(aws_t *st, const cf_field_t *f, const char *name)
{
    return st->env->wanted == NULL || st->env->wanted(st->env->ctx, f, name);
}

/* A field for a name that is not AWS's as far as we know. NULL in *out = leave it out. */
static int unknown_field(aws_t *st, aws_format_t *f, aws_span_t name, const cf_field_t **out,
                         cf_diag_t *d)
{
    cf_field_t new = { .kind = CF_KIND_STRING, .width = 4, .flags = CF_FIELD_UNLISTED,
                       .meaning = "field of the log that this version does not know" };
    char legal[64], other[64];
    const cf_field_t *there;
    int rc;

    *out = NULL;
    cf_field_legal_name(name.s, name.n, legal);
    there = cf_field_find(legal);
    if (there != NULL && !(there->flags & CF_FIELD_UNLISTED)) {
        snprintf(other, sizeof other, "aws_%.58s", legal);
        memcpy(legal, other, sizeof legal);
    }
    if (!st->keep_unknown || (cf_field_find(legal) == NULL && ++st->unknown > AWS_UNKNOWN_MAX))
        return cf_schema_drop(f->schema, legal);
    new.name = legal;
    rc = cf_field_register(&new, out, d);
    if (rc == CF_OK && !wanted(st, *out, legal)) {
        *out = NULL;
        return cf_schema_drop(f->schema, legal);
    }
    return rc;
}

static void fold_words(aws_col_t *c)
{
    const char *const *w;

    for (w = c->field->names; *w != NULL && c->words < 4; w++) {
        char text[8] = { 0 };
        size_t n = strlen(*w);

        memcpy(text, *w, n < 8 ? n : 8);
        memcpy(&c->word[c->words++], text, 8);
    }
}

static void choose_op(aws_col_t *c)
{
    switch (c->field->kind) {
    case CF_KIND_UINT:
    case CF_KIND_FLAGS:
        c->op = c->field->width == 1 ? AWS_UINT8 : c->field->width == 2 ? AWS_UINT16
            : c->field->width == 4 ? AWS_UINT32 : AWS_UINT64;
        break;
    case CF_KIND_TIME:
        c->op = AWS_TIME;
        break;
    case CF_KIND_ADDR:
        c->op = AWS_ADDR;
        break;
    case CF_KIND_ENUM:
        c->op = AWS_WORD;
        fold_words(c);
        break;
    default:
        c->op = c->index != -1 ? AWS_STRING : AWS_SKIP;
        break;
    }
}

static aws_span_t bare_name(aws_span_t t)
{
    if (t.n >= 3 && t.s[0] == '$' && t.s[1] == '{' && t.s[t.n - 1] == '}') {
        t.s += 2;
        t.n -= 3;
    }
    return t;
}

static void note_place(aws_format_t *f, const cf_field_t *field, int i)
{
    static const struct { const char *name; size_t at; } places[] = {
        { "stime", offsetof(aws_format_t, stime) }, { "etime", offsetof(aws_format_t, etime) },
        { "logstatus", offsetof(aws_format_t, status) }, { "sip", offsetof(aws_format_t, sip) },
        { "proto", offsetof(aws_format_t, proto) }, { "packets", offsetof(aws_format_t, packets) },
        { "bytes", offsetof(aws_format_t, bytes) },
    };
    size_t k;

    for (k = 0; k < sizeof places / sizeof places[0]; k++) {
        if (strcmp(field->name, places[k].name) == 0)
            memcpy((char *)f + places[k].at, &i, sizeof i);
    }
}

/* Field, operation and rank of value i. */
static int one_value(aws_t *st, aws_format_t *f, int i, aws_span_t name, ranked_t *r, cf_diag_t *d)
{
    aws_col_t *c = &f->cols[i];
    const char *ours;
    unsigned rank = 0;
    int k, rc;

    name = bare_name(name);
    if (name.n == 0 || name.n > 4 * sizeof c->name)
        return cf_diag_set(d, CF_E_FORMAT, "value %d of the format has no name or a very long one",
                           i + 1);
    snprintf(c->name, sizeof c->name, "%.*s", (int)name.n, name.s);
    c->index = -1;
    ours = aws_known(name.s, name.n, &rank);
    if (ours != NULL) {
        c->field = cf_field_find(ours);
        if (c->field == NULL)
            return cf_diag_set(d, CF_E_INTERNAL, "field %s is not in the catalogue", ours);
        if (wanted(st, c->field, c->field->name))
            c->index = 0;
        else if (cf_schema_drop(f->schema, c->field->name) != CF_OK)
            return CF_E_NOMEM;
        note_place(f, c->field, i);
    } else {
        rank = RANK_UNKNOWN + (unsigned)i;
        rc = unknown_field(st, f, name, &c->field, d);
        if (rc != CF_OK)
            return rc;
        if (c->field == NULL)
            return CF_OK;
        c->index = 0;
    }
    for (k = 0; k < i; k++) {
        if (f->cols[k].field == c->field)
            return cf_diag_set(d, CF_E_FORMAT, "the format names %s twice", c->name);
    }
    choose_op(c);
    if (c->index == 0) {
        r->rank = rank;
        r->index = &c->index;
        r->field = c->field;
    }
    return CF_OK;
}

static int by_rank(const void *a, const void *b)
{
    const ranked_t *x = a, *y = b;

    return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/*
 * Columns that every row of this reader has, and logstatus where the log lacks it (status records
 * can be told without it, see infer_status).
 */
static int add_constants(aws_t *st, aws_format_t *f, ranked_t *list, size_t *n)
{
    const struct { const char *name; int *index; } own[] = {
        { "provider", &f->c_provider }, { "shape", &f->c_shape }, { "counts", &f->c_counts },
        { "bytekind", &f->c_bytekind }, { "logstatus", &f->c_status },
    };
    unsigned i;

    for (i = 0; i < 5; i++) {
        const cf_field_t *field = cf_field_find(own[i].name);

        *own[i].index = -1;
        if (field == NULL)
            return CF_E_INTERNAL;
        if (i == 4 && (f->status >= 0 || (f->sip < 0 && f->proto < 0 && f->packets < 0)))
            continue;
        if (!wanted(st, field, field->name)) {
            if (cf_schema_drop(f->schema, field->name) != CF_OK)
                return CF_E_NOMEM;
            continue;
        }
        list[*n].rank = RANK_CONSTANT + i;
        list[*n].index = own[i].index;
        list[*n].field = field;
        ++*n;
    }
    return CF_OK;
}

static int make_schema(aws_t *st, aws_format_t *f, ranked_t *list, size_t n, cf_diag_t *d)
{
    size_t i;
    int rc = add_constants(st, f, list, &n);

    if (rc == CF_E_INTERNAL)
        return cf_diag_set(d, rc, "the field catalogue lacks a field");
    if (rc != CF_OK)
        return rc;
    qsort(list, n, sizeof *list, by_rank);
    for (i = 0; i < n; i++) {
        rc = cf_schema_add(f->schema, list[i].field);
        if (rc < 0)
            return cf_diag_set(d, rc, "cannot add field %s", list[i].field->name);
        *list[i].index = rc;
    }
    return CF_OK;
}

/* Memory of columns; the value that tells rows from headers. */
static int prepare(aws_format_t *f)
{
    uint32_t i;

    f->marker = -1;
    for (i = 0; i < f->n; i++) {
        aws_col_t *c = &f->cols[i];

        if (c->op == AWS_STRING) {
            f->nstrings++;
            c->memo = calloc((size_t)1 << AWS_MEMO_BITS, sizeof *c->memo);
            if (c->memo == NULL)
                return CF_E_NOMEM;
        } else if (c->op != AWS_SKIP && c->index < 0) {
            cf_vec_init(&c->hidden, c->field);
            if (cf_vec_reserve(&c->hidden, c->op == AWS_ADDR ? 4 : c->field->width) != CF_OK)
                return CF_E_NOMEM;
        }
        if (f->marker < 0 && c->op >= AWS_UINT8 && c->op <= AWS_TIME)
            f->marker = (int)i;
    }
    for (i = 0; i < f->n && f->marker < 0; i++) {
        if (f->cols[i].op == AWS_ADDR)
            f->marker = (int)i;
    }
    return CF_OK;
}

int aws_format_create(aws_format_t **out, aws_t *st, const char *names, size_t n, char sep,
                      cf_diag_t *d)
{
    aws_format_t *f = calloc(1, sizeof *f);
    ranked_t *list = NULL;
    size_t nlist = 0;
    int count, i, rc = CF_E_NOMEM;

    *out = NULL;
    count = aws_split(names, n, sep, st->values, AWS_VALUES_MAX);
    if (count < 1) {
        free(f);
        return cf_diag_set(d, CF_E_FORMAT, count == 0 ? "the format names no field"
                           : "the format names too many fields");
    }
    if (f == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for the format");
    f->sep = sep;
    f->stime = f->etime = f->status = f->sip = f->proto = f->packets = f->bytes = -1;
    f->cols = calloc((size_t)count, sizeof *f->cols);
    f->schema = cf_schema_create();
    list = calloc((size_t)count + 8, sizeof *list);
    if (f->cols == NULL || f->schema == NULL || list == NULL)
        goto out;
    f->n = (uint32_t)count;
    for (i = 0; i < count; i++) {
        ranked_t one = { 0, NULL, NULL };

        rc = one_value(st, f, i, st->values[i], &one, d);
        if (rc != CF_OK)
            goto out;
        if (one.index != NULL)
            list[nlist++] = one;
    }
    rc = make_schema(st, f, list, nlist, d);
    if (rc == CF_OK)
        rc = prepare(f);
out:
    free(list);
    if (rc != CF_OK) {
        aws_format_destroy(f);
        if (rc == CF_E_NOMEM)
            cf_diag_set(d, rc, "no memory for the format");
        return rc;
    }
    *out = f;
    return CF_OK;
}

void aws_format_destroy(aws_format_t *f)
{
    uint32_t i;

    if (f == NULL)
        return;
    for (i = 0; i < f->n; i++) {
        free(f->cols[i].memo);
        cf_vec_fini(&f->cols[i].hidden);
    }
    free(f->cols);
    cf_schema_put(f->schema);
    free(f);
}

bool aws_format_equal(const aws_format_t *a, const aws_format_t *b)
{
    uint32_t i;

    if (a->n != b->n || a->sep != b->sep)
        return false;
    for (i = 0; i < a->n; i++) {
        if (strcmp(a->cols[i].name, b->cols[i].name) != 0)
            return false;
    }
    return true;
}
