/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the columns of a file to a schema and a query. Names are those of AWS with '_' for '-', as
 * the text form's header would have them; columns stand in the order of the text reader, so that
 * both forms of one log give one schema. What nobody wants and cannot be wrong (texts) is not even
 * read from the file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pq.h"

#define QUERY_MAX (1u << 20)
enum { RANK_CONSTANT = 1000, RANK_UNKNOWN = 2000 };

static bool wanted(pq_t *st, const cf_field_t *f, const char *name)
{
    return st->env->wanted == NULL || st->env->wanted(st->env->ctx, f, name);
}

static bool is_text(int type)
{
    return type == DUCK_VARCHAR || type == DUCK_BLOB;
}

static bool is_nested(int type)
{
    return type == DUCK_LIST || type == DUCK_STRUCT || type == DUCK_MAP || type == DUCK_UNION ||
           type == DUCK_ARRAY;
}

/* Nanoseconds of a count of 1 in a time column; 0 = not a type of times. */
static int64_t time_scale(int type)
{
    switch (type) {
    case DUCK_TIMESTAMP:
    case DUCK_TIMESTAMP_TZ:
        return 1000;
    case DUCK_TIMESTAMP_MS:
        return 1000000;
    case DUCK_TIMESTAMP_NS:
        return 1;
    case DUCK_TIMESTAMP_S:
        return CF_NS_PER_SEC;
    default:
        return type >= DUCK_TINYINT && type <= DUCK_UBIGINT ? CF_NS_PER_SEC : 0;
    }
}

/* Which type should the query give? What convert.c has no way for comes as text. */
static uint8_t type_asked(const pq_col_t *c, int type)
{
    bool whole = type >= DUCK_TINYINT && type <= DUCK_UBIGINT;

    if (is_text(type))
        return (uint8_t)type;
    switch (c->field->kind) {
    case CF_KIND_UINT:
    case CF_KIND_FLAGS:
        return (uint8_t)(whole || type == DUCK_DOUBLE ? type
                         : type == DUCK_FLOAT ? DUCK_DOUBLE : DUCK_VARCHAR);
    case CF_KIND_TIME:
        return (uint8_t)(time_scale(type) != 0 || type == DUCK_DOUBLE ? type
                         : type == DUCK_FLOAT ? DUCK_DOUBLE : DUCK_VARCHAR);
    default:
        return DUCK_VARCHAR;
    }
}

static void note_place(pq_t *st, const cf_field_t *field, int i)
{
    const struct {
        const char *name;
        int *place;
    } places[] = {
        { "stime", &st->stime }, { "etime", &st->etime }, { "logstatus", &st->status },
        { "sip", &st->sip }, { "proto", &st->proto }, { "packets", &st->packets },
        { "bytes", &st->bytes },
    };

    for (size_t k = 0; k < sizeof places / sizeof places[0]; k++) {
        if (strcmp(field->name, places[k].name) == 0)
            *places[k].place = i;
    }
}

/* Names that only a flow log of AWS has. */
static bool is_sign(const char *ours)
{
    static const char *const signs[] = { "sip", "dip", "pktsip", "pktdip", "iface", "logstatus",
                                         "tgw" };

    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (strcmp(ours, signs[i]) == 0)
            return true;
    }
    return false;
}

/* A field for a name that is not AWS's as far as we know; *out NULL = leave it out. */
static int unknown_field(pq_t *st, const char *name, int type, unsigned number,
                         const cf_field_t **out, cf_diag_t *d)
{
    cf_field_t new = { .kind = CF_KIND_STRING, .width = 4, .flags = CF_FIELD_UNLISTED,
                       .meaning = "field of the log that this version does not know" };
    char legal[64], other[64];
    const cf_field_t *there;
    int rc;

    *out = NULL;
    cf_field_legal_name(name, strlen(name), legal);
    there = cf_field_find(legal);
    if (there != NULL && !(there->flags & CF_FIELD_UNLISTED)) {
        snprintf(other, sizeof other, "aws_%.58s", legal);
        memcpy(legal, other, sizeof legal);
    }
    if (!st->keep_unknown || is_nested(type) || number > PQ_UNKNOWN_MAX)
        return cf_schema_drop(st->schema, legal);
    new.name = legal;
    rc = cf_field_register(&new, out, d);
    if (rc == CF_OK && !wanted(st, *out, legal)) {
        *out = NULL;
        return cf_schema_drop(st->schema, legal);
    }
    return rc;
}

/* Column i of the file. A column is added to st->cols when the query is to give it. */
static int one_column(pq_t *st, uint64_t i, unsigned *unknown, unsigned *known, bool *sign,
                      cf_diag_t *d)
{
    const char *name = st->duck.column_name(&st->duck.result, i), *ours;
    int rc, type = st->duck.column_type(&st->duck.result, i);
    pq_col_t *c = &st->cols[st->ncols];

    if (name == NULL || name[0] == '\0')
        return CF_OK;
    memset(c, 0, sizeof *c);
    snprintf(c->name, sizeof c->name, "%s", name);
    c->index = -1;
    ours = aws_known(name, strlen(name), &c->rank);
    if (ours == NULL) {
        c->rank = RANK_UNKNOWN + (unsigned)i;
        rc = unknown_field(st, name, type, ++*unknown, &c->field, d);
        if (rc != CF_OK || c->field == NULL)
            return rc;
        c->index = 0;
    } else {
        c->field = cf_field_find(ours);
        if (c->field == NULL)
            return cf_diag_set(d, CF_E_INTERNAL, "field %s is not in the catalogue", ours);
        ++*known;
        *sign = *sign || is_sign(ours);
        if (is_nested(type))
            return cf_diag_set(d, CF_E_FORMAT, "column %s is nested, not a value", c->name);
        for (uint32_t k = 0; k < st->ncols; k++) {
            if (st->cols[k].field == c->field)
                return cf_diag_set(d, CF_E_FORMAT, "columns %s and %s are one field", c->name,
                                   st->cols[k].name);
        }
        if (wanted(st, c->field, c->field->name))
            c->index = 0;
        else if (cf_schema_drop(st->schema, c->field->name) != CF_OK)
            return CF_E_NOMEM;
        note_place(st, c->field, (int)st->ncols);
        if (c->field->kind == CF_KIND_STRING && c->index < 0)
            return CF_OK;      /* cannot be wrong: not read */
        st->none = st->none || (is_text(type) && c->field->kind == CF_KIND_UINT);
    }
    c->type = type_asked(c, type);
    c->scale = c->type == DUCK_DOUBLE ? CF_NS_PER_SEC : time_scale(c->type);
    st->ncols++;
    return CF_OK;
}

static int put_name(cf_buf_t *b, const char *name)
{
    int rc = cf_buf_put(b, "\"", 1);

    for (const char *p = name; rc == CF_OK && *p != '\0'; p++)
        rc = cf_buf_put(b, *p == '"' ? "\"\"" : p, *p == '"' ? 2 : 1);
    return rc == CF_OK ? cf_buf_put(b, "\"", 1) : rc;
}

/* SELECT of one column, in the type asked for. */
static int put_column(cf_buf_t *b, const pq_col_t *c, const char *name, int type)
{
    int rc = cf_buf_puts(b, b->len > 0 ? ", " : "SELECT ");
    bool cast = c->type != type;

    if (rc == CF_OK && cast)
        rc = cf_buf_puts(b, "CAST(");
    if (rc == CF_OK)
        rc = put_name(b, name);
    if (rc == CF_OK && cast)
        rc = cf_buf_puts(b, c->type == DUCK_DOUBLE ? " AS DOUBLE)" : " AS VARCHAR)");
    return rc;
}

/* Columns that every row of this reader has, and logstatus where the file lacks it. */
static int add_constants(pq_t *st, const cf_field_t **fields, unsigned *ranks, int **places,
                         size_t *n)
{
    const struct {
        const char *name;
        int *place;
    } own[] = {
        { "provider", &st->c_provider }, { "shape", &st->c_shape }, { "counts", &st->c_counts },
        { "bytekind", &st->c_bytekind }, { "logstatus", &st->c_status },
    };

    for (unsigned i = 0; i < 5; i++) {
        const cf_field_t *f = cf_field_find(own[i].name);

        *own[i].place = -1;
        if (f == NULL)
            return CF_E_INTERNAL;
        if (i == 4 && (st->status >= 0 || (st->sip < 0 && st->proto < 0 && st->packets < 0)))
            continue;
        if (!wanted(st, f, f->name)) {
            if (cf_schema_drop(st->schema, f->name) != CF_OK)
                return CF_E_NOMEM;
            continue;
        }
        fields[*n] = f;
        ranks[*n] = RANK_CONSTANT + i;
        places[(*n)++] = own[i].place;
    }
    return CF_OK;
}

/* Fields into the schema by rank; each place gets its column. */
static int make_schema(pq_t *st, cf_diag_t *d)
{
    size_t n = 0, max = st->ncols + 5u;
    const cf_field_t **fields = calloc(max, sizeof *fields);
    unsigned *ranks = calloc(max, sizeof *ranks);
    int **places = calloc(max, sizeof *places);
    int rc = fields != NULL && ranks != NULL && places != NULL ? CF_OK : CF_E_NOMEM;

    for (uint32_t i = 0; rc == CF_OK && i < st->ncols; i++) {
        if (st->cols[i].index < 0)
            continue;
        fields[n] = st->cols[i].field;
        ranks[n] = st->cols[i].rank;
        places[n++] = &st->cols[i].index;
    }
    if (rc == CF_OK)
        rc = add_constants(st, fields, ranks, places, &n);
    for (size_t done = 0; rc >= 0 && done < n; done++) {
        size_t best = 0;

        for (size_t i = 1; i < n; i++)
            best = ranks[i] < ranks[best] ? i : best;
        rc = cf_schema_add(st->schema, fields[best]);
        *places[best] = rc;
        ranks[best] = UINT32_MAX;
    }
    free(fields);
    free(ranks);
    free(places);
    return rc >= 0 ? CF_OK : cf_diag_set(d, rc, "cannot make the columns of the log");
}

static int prepare(pq_t *st)
{
    for (uint32_t i = 0; i < st->ncols; i++) {
        pq_col_t *c = &st->cols[i];

        if (c->field->kind == CF_KIND_STRING || c->field->kind == CF_KIND_ENUM) {
            c->memo = calloc(PQ_MEMO, sizeof *c->memo);
            if (c->memo == NULL)
                return CF_E_NOMEM;
        }
        if (c->index < 0) {
            cf_vec_init(&c->hidden, c->field);
            if (cf_vec_reserve(&c->hidden,
                               c->field->kind == CF_KIND_ADDR ? 4 : c->field->width) != CF_OK)
                return CF_E_NOMEM;
        }
    }
    return CF_OK;
}

/* What the file has instead, for the message: the first few names. */
static int refuse(pq_t *st, cf_diag_t *d)
{
    uint64_t n = st->duck.column_count(&st->duck.result);
    char names[160] = "";
    size_t at = 0;

    for (uint64_t i = 0; i < n && i < 6 && at < sizeof names; i++) {
        const char *name = st->duck.column_name(&st->duck.result, i);

        at += (size_t)snprintf(names + at, sizeof names - at, "%s%.24s", i > 0 ? ", " : "",
                               name != NULL ? name : "");
    }
    return cf_diag_set(d, CF_E_FORMAT, "Parquet, but not an AWS VPC flow log: its columns are "
                       "%s%s", names, n > 6 ? ", …" : "");
}

void pq_forget(pq_t *st)
{
    for (uint32_t i = 0; i < st->ncols; i++) {
        free(st->cols[i].memo);
        cf_vec_fini(&st->cols[i].hidden);
    }
    free(st->cols);
    cf_schema_put(st->schema);
    st->cols = NULL;
    st->schema = NULL;
    st->ncols = 0;
    st->none = false;
    st->stime = st->etime = st->status = st->sip = st->proto = st->packets = st->bytes = -1;
}

/* Columns, schema and (b) the query's list, by what is wanted now. */
static int choose(pq_t *st, cf_buf_t *b, cf_diag_t *d)
{
    uint64_t n = st->duck.column_count(&st->duck.result);
    unsigned unknown = 0, known = 0;
    bool sign = false;
    int rc;

    pq_forget(st);
    if (n > PQ_COLUMNS_MAX)
        return cf_diag_set(d, CF_E_LIMIT, "more than %u columns", PQ_COLUMNS_MAX);
    st->cols = calloc(n + 1, sizeof *st->cols);
    st->schema = cf_schema_create();
    rc = st->cols != NULL && st->schema != NULL ? CF_OK : CF_E_NOMEM;
    for (uint64_t i = 0; rc == CF_OK && i < n; i++) {
        uint32_t before = st->ncols;

        rc = one_column(st, i, &unknown, &known, &sign, d);
        if (rc == CF_OK && st->ncols > before)
            rc = put_column(b, &st->cols[before], st->duck.column_name(&st->duck.result, i),
                            st->duck.column_type(&st->duck.result, i));
    }
    if (rc == CF_OK && !(sign && known >= 2))
        rc = refuse(st, d);
    if (rc == CF_OK)
        rc = make_schema(st, d);
    if (rc == CF_OK && st->ncols == 0)
        rc = cf_buf_puts(b, "SELECT 1");
    return rc;
}

#define FROM " FROM read_parquet('/proc/self/fd/%d', binary_as_string = true, " \
             "hive_partitioning = false)"

/* A failure that has no sentence yet is one of memory. */
static int told(cf_diag_t *d, int rc)
{
    return rc == CF_OK || d->code == rc ? rc
           : cf_diag_set(d, rc, "no memory for the columns of the log");
}

int pq_describe(pq_t *st, cf_diag_t *d)
{
    char sql[160];
    cf_buf_t b;
    int rc;

    snprintf(sql, sizeof sql, "SELECT *" FROM " LIMIT 0", st->fd);
    rc = duck_run(&st->duck, sql, d);
    if (rc != CF_OK)
        return rc;
    cf_buf_init(&b, QUERY_MAX);
    rc = choose(st, &b, d);
    cf_buf_fini(&b);
    return told(d, rc);
}

int pq_select(pq_t *st, cf_diag_t *d)
{
    cf_buf_t b;
    int rc;

    cf_buf_init(&b, QUERY_MAX);
    rc = choose(st, &b, d);
    if (rc == CF_OK)
        rc = cf_buf_putf(&b, FROM, st->fd);
    if (rc == CF_OK)
        rc = prepare(st);
    if (rc == CF_OK)
        rc = duck_run(&st->duck, b.data, d);
    cf_buf_fini(&b);
    return told(d, rc);
}
