/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cfinfo: what a .cf file holds and how. Tables are collected over all files (survey.c reads one)
 * and printed at the end, so columns are aligned and every form stays one table.
 */
#include <cf/cli.h>
#include <stdlib.h>
#include <string.h>

#include "survey.h"

enum { OPT_SUMMARY = 256, OPT_COLUMNS, OPT_BLOCKS, OPT_CHUNKS, OPT_PROVENANCE, OPT_INPUTS,
       OPT_VERIFY };
enum { SUMMARY, COLUMNS, BLOCKS, CHUNKS, PROVENANCE, INPUTS, TABLES };

static const cf_opt_t cfinfo_opts[] = {
    { "summary", 0, NULL, OPT_SUMMARY, 0, "one row for each file: rows, bytes, time range" },
    { "columns", 0, NULL, OPT_COLUMNS, 0, "one row for each column: range, bytes, encoding" },
    { "blocks", 0, NULL, OPT_BLOCKS, 0, "one row for each block" },
    { "chunks", 0, NULL, OPT_CHUNKS, 0, "one row for each column of each block" },
    { "provenance", 0, NULL, OPT_PROVENANCE, 0, "one row for each command that made the rows" },
    { "inputs", 0, NULL, OPT_INPUTS, 0, "one row for each log that the rows came from" },
    { "verify", 0, NULL, OPT_VERIFY, 0, "check every checksum and decode everything" },
    { NULL, 0, NULL, 0, 0, NULL }
};

static const cf_cmd_t cfinfo_cmd = {
    .name = "cfinfo", .synopsis = "[OPTION…] [FILE…]", .summary = "describe .cf files",
        .opts = cfinfo_opts,
    .common = CF_COMMON_OUTPUT | CF_COMMON_TEXT,
    .notes = "Without a choice: summary, columns and provenance as text; columns as CSV or NDJSON,\n"
             "which take one choice.\n"
};

typedef struct cfinfo {
    cf_cli_t cli;
    unsigned show;             /* bits of the tables */
    bool chosen;               /* by options: then tables without rows are printed, too */
    unsigned filled;           /* bits of the tables that have rows */
    bool verify;
    bool many;                 /* name the file in every table */
    cf_table_t *table[TABLES];
    const char *file;          /* being read */
} cfinfo_t;

/* ---- tables ------------------------------------------------------------------------------- */

typedef struct column {
    const char *name;
    bool right;
} column_t;

static const column_t summary_columns[] = {
    { "segments", true }, { "blocks", true }, { "rows", true }, { "columns", true },
        { "bytes", true },
    { "bytes_per_row", true }, { "first", false }, { "last", false }, { "dropped", false },
        { "state", false }, { NULL, false }
};
static const column_t column_columns[] = {
    { "column", false }, { "kind", false }, { "nulls", true }, { "min", false }, { "max", false },
        { "bytes", true },
    { "bytes_per_row", true }, { "percent", true }, { "encoding", false }, { NULL, false }
};
static const column_t block_columns[] = {
    { "block", true }, { "offset", true }, { "rows", true }, { "columns", true }, { "bytes", true },
        { "level", false },
    { "first", false }, { "last", false }, { NULL, false }
};
static const column_t chunk_columns[] = {
    { "block", true }, { "column", false }, { "nulls", true }, { "min", false }, { "max", false },
        { "bytes", true },
    { "encoding", false }, { NULL, false }
};
static const column_t provenance_columns[] = {
    { "step", true }, { "time", false }, { "version", false }, { "reader", false },
        { "inputs", true }, { "read", true },
    { "kept", true }, { "rejected", true }, { "dropped", false }, { "command", false },
        { NULL, false }
};

static const column_t input_columns[] = {
    { "step", true }, { "input", false }, { "reader", false }, { "provider", false },
    { "bytes", true }, { "read", true }, { "kept", true }, { "rejected", true },
    { "nodata", true }, { "skipdata", true }, { "others", true }, { "reasons", false },
    { "first", false }, { "last", false }, { "dropped", false }, { "begin", false },
    { "end", false }, { NULL, false }
};

static const column_t *const columns_of[TABLES] = {
    summary_columns, column_columns, block_columns, chunk_columns, provenance_columns,
    input_columns
};

static int make_tables(cfinfo_t *x, cf_diag_t *d)
{
    cf_print_options_t o = { .format = x->cli.format, .titles = x->cli.titles,
                             .terminal = cf_cli_to_terminal(&x->cli) };
    const column_t *c;
    int i;

    for (i = 0; i < TABLES; i++) {
        if ((x->show & (1u << i)) == 0)
            continue;
        if ((x->table[i] = cf_table_create(&o)) == NULL)
            return cf_diag_set(d, CF_E_NOMEM, "no memory");
        if (i == SUMMARY || x->many)
            cf_table_column(x->table[i], "file", false);
        for (c = columns_of[i]; c->name != NULL; c++)
            cf_table_column(x->table[i], c->name, c->right);
    }
    return CF_OK;
}

static cf_table_t *row_of(cfinfo_t *x, int i)
{
    x->filled |= 1u << i;
    if (x->table[i] != NULL && (i == SUMMARY || x->many))
        cf_table_text(x->table[i], x->file);
    return x->table[i];
}

/* a / b with digits behind the point; null when b is 0. */
static void ratio(cf_table_t *t, uint64_t a, uint64_t b, unsigned digits, uint64_t scale)
{
    if (b == 0)
        cf_table_null(t);
    else
        cf_table_decimal(t, (uint64_t)((double)a * (double)scale / (double)b + 0.5), digits);
}

static void time_cell(cf_table_t *t, bool known, int64_t ns)
{
    if (known)
        cf_table_time(t, ns);
    else
        cf_table_null(t);
}

/* A value of a directory's range. */
static void range_cell(cf_table_t *t, const cf_field_t *f, bool known, cf_addr_t v)
{
    cf_cell_t c = { .type = CF_CELL_NULL };

    if (known) {
        switch (f->kind) {
        case CF_KIND_TIME:
            c = (cf_cell_t){ .type = CF_CELL_TIME, .t = (int64_t)v.lo };
            break;
        case CF_KIND_DURATION:
            c = (cf_cell_t){ .type = CF_CELL_DURATION, .t = (int64_t)v.lo };
            break;
        case CF_KIND_ADDR:
            c = (cf_cell_t){ .type = CF_CELL_ADDR, .a = v };
            break;
        case CF_KIND_FLAGS:
            c = (cf_cell_t){ .type = CF_CELL_FLAGS, .u = v.lo };
            break;
        case CF_KIND_ENUM:
            cf_cell_enum(&c, f, (uint8_t)v.lo);
            break;
        default:
            c = (cf_cell_t){ .type = CF_CELL_UINT, .u = v.lo };
        }
    }
    cf_table_cell(t, &c);
}

static void list_cell(cf_table_t *t, const char *const *names, const cf_schema_t *schema)
{
    const char *name;
    cf_buf_t b;
    uint32_t i;

    cf_buf_init(&b, 1 << 20);
    for (i = 0; (name = schema != NULL ? cf_schema_dropped_at(schema, i) : names[i]) != NULL; i++) {
        if (cf_buf_putf(&b, "%s%s", i > 0 ? "," : "", name) != CF_OK)
            break;
    }
    cf_table_text(t, b.len > 0 ? b.data : NULL);
    cf_buf_fini(&b);
}

/* ---- rows --------------------------------------------------------------------------------- */

static const char *level_name(int level)
{
    static const char *const names[] = { NULL, "fast", "balanced", "small" };

    return level >= 0 && level <= CF_LEVEL_SMALL ? names[level] : NULL;
}

static void chunk_rows(cfinfo_t *x, cf_block_t *b, cf_buf_t *text, cf_diag_t *d)
{
    const cf_schema_t *s = cf_block_schema(b);
    uint64_t bytes;
    uint32_t i;

    for (i = 0; i < cf_schema_count(s); i++) {
        cf_table_t *t = row_of(x, CHUNKS);
        cf_colstat_t st;

        text->len = 0;
        cf_block_stat(b, i, &st);
        cf_table_uint(t, cf_block_number(b));
        cf_table_text(t, cf_schema_field(s, i)->name);
        cf_table_uint(t, st.nulls);
        range_cell(t, cf_schema_field(s, i), st.has_range, st.min);
        range_cell(t, cf_schema_field(s, i), st.has_range, st.max);
        cf_table_uint(t, cf_block_chunk_bytes(b, i));
        cf_table_text(t, cf_block_describe(b, i, text, &bytes, d) == CF_OK
            ? text->data : "damaged");
    }
}

static int on_block(void *ctx, cf_block_t *b, uint64_t offset, cf_diag_t *d)
{
    int col = cf_schema_index(cf_block_schema(b), cf_field_find("stime"));
    cfinfo_t *x = ctx;
    cf_colstat_t st = { .has_range = false };
    cf_table_t *t = x->table[BLOCKS];
    cf_buf_t text;

    if (t != NULL) {
        if (col >= 0)
            cf_block_stat(b, (uint32_t)col, &st);
        (void)row_of(x, BLOCKS);
        cf_table_uint(t, cf_block_number(b));
        cf_table_uint(t, offset);
        cf_table_uint(t, cf_block_rows(b));
        cf_table_uint(t, cf_schema_count(cf_block_schema(b)));
        cf_table_uint(t, cf_block_bytes(b));
        cf_table_text(t, level_name(cf_block_level(b)));
        time_cell(t, st.has_range, (int64_t)st.min.lo);
        time_cell(t, st.has_range, (int64_t)st.max.lo);
    }
    if (x->table[CHUNKS] != NULL) {
        cf_buf_init(&text, 65536);
        chunk_rows(x, b, &text, d);
        cf_buf_fini(&text);
    }
    return CF_OK;
}

static void on_damage(void *ctx, const cf_diag_t *d)
{
    cfinfo_t *x = ctx;

    cf_cli_fail(&x->cli, d);
}

static void summary_row(cfinfo_t *x, const survey_t *s, bool whole)
{
    cf_table_t *t = row_of(x, SUMMARY);

    if (t == NULL)
        return;
    cf_table_uint(t, s->totals.segments);
    cf_table_uint(t, s->totals.blocks);
    cf_table_uint(t, s->totals.rows);
    cf_table_uint(t, s->schema != NULL ? cf_schema_count(s->schema) : 0);
    cf_table_uint(t, s->totals.bytes);
    ratio(t, s->totals.bytes, s->totals.rows, 2, 100);
    time_cell(t, s->timed, s->tmin);
    time_cell(t, s->timed, s->tmax);
    if (s->schema != NULL)
        list_cell(t, NULL, s->schema);
    else
        cf_table_null(t);
    cf_table_text(t, !whole || s->damaged > 0 ? "damaged" : x->verify ? "verified" : "whole");
}

/* The encoding that most chunks have, and how many others there are. */
static void form_cell(cf_table_t *t, const survey_column_t *c)
{
    const survey_form_t *best = NULL;
    cf_buf_t b;
    unsigned k;

    for (k = 0; k < c->nforms; k++) {
        if (best == NULL || c->forms[k].chunks > best->chunks)
            best = &c->forms[k];
    }
    cf_buf_init(&b, 65536);
    if (best != NULL && best->chunks < c->looked) {
        unsigned long long percent = (unsigned long long)(best->chunks * 100 / c->looked);

        if (cf_buf_putf(&b, "%s (%llu%%)", best->text, percent) == CF_OK)
            cf_table_text(t, b.data);
        else
            cf_table_null(t);
    } else {
        cf_table_text(t, best != NULL ? best->text : NULL);
    }
    cf_buf_fini(&b);
}

static void column_rows(cfinfo_t *x, const survey_t *s)
{
    uint32_t i;

    for (i = 0; x->table[COLUMNS] != NULL && s->cols != NULL &&
         i < cf_schema_count(s->schema); i++) {
        const survey_column_t *c = &s->cols[i];
        cf_table_t *t = row_of(x, COLUMNS);

        cf_table_text(t, c->field->name);
        cf_table_text(t, cf_kind_name(c->field->kind));
        cf_table_uint(t, c->nulls);
        range_cell(t, c->field, c->ranged, c->min);
        range_cell(t, c->field, c->ranged, c->max);
        cf_table_uint(t, c->bytes);
        ratio(t, c->bytes, c->rows, 3, 1000);
        ratio(t, c->bytes, s->totals.bytes, 1, 1000);
        form_cell(t, c);
    }
}

static void provenance_rows(cfinfo_t *x, const survey_t *s)
{
    cf_step_t step;
    size_t i;

    for (i = 0; x->table[PROVENANCE] != NULL && cf_provenance_step(s->prov, i,
                                                                   &step) == CF_OK; i++) {
        cf_table_t *t = row_of(x, PROVENANCE);

        cf_table_uint(t, i + 1);
        time_cell(t, step.time != 0, step.time);
        cf_table_text(t, step.version);
        cf_table_text(t, step.reader);
        cf_table_uint(t, step.ninputs);
        if (step.has_rows) {
            cf_table_uint(t, step.rows_read);
            cf_table_uint(t, step.rows_kept);
            cf_table_uint(t, step.rows_rejected);
        } else {
            cf_table_null(t);
            cf_table_null(t);
            cf_table_null(t);
        }
        if (step.dropped != NULL)
            list_cell(t, step.dropped, NULL);
        else
            cf_table_null(t);
        cf_table_text(t, step.command);
    }
}

/* "addr 3, range 1", or null. */
static void reasons_cell(cf_table_t *t, const cf_account_t *a)
{
    cf_buf_t text;
    int rc = CF_OK;

    cf_buf_init(&text, 1024);
    for (int i = 0; i < CF_RECORD_ERR_COUNT && rc == CF_OK; i++) {
        if (a->rejected[i] > 0)
            rc = cf_buf_putf(&text, "%s%s %llu", text.len > 0 ? ", " : "",
                             cf_errname(CF_R_FIELDS - i), (unsigned long long)a->rejected[i]);
    }
    cf_table_text(t, rc == CF_OK && text.len > 0 ? text.data : NULL);
    cf_buf_fini(&text);
}

static void words_cell(cf_table_t *t, const char *const *words)
{
    if (words != NULL)
        list_cell(t, words, NULL);
    else
        cf_table_null(t);
}

static void one_input(cf_table_t *t, const cf_step_input_t *in)
{
    const cf_account_t *a = &in->account;
    const uint64_t counts[] = { a->bytes, a->rows_read, a->rows_kept, cf_account_rejected(a),
                                a->nodata, a->skipdata, a->others };

    cf_table_text(t, in->name);
    cf_table_text(t, in->reader);
    words_cell(t, in->providers);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (in->reader != NULL)
            cf_table_uint(t, counts[i]);
        else
            cf_table_null(t);
    }
    reasons_cell(t, a);
    time_cell(t, a->tmin <= a->tmax, a->tmin);
    time_cell(t, a->tmin <= a->tmax, a->tmax);
    words_cell(t, in->dropped);
    cf_table_text(t, in->begin != NULL ? in->begin : "fresh");
    cf_table_text(t, in->end != NULL ? in->end : "whole");
}

static void input_rows(cfinfo_t *x, const survey_t *s)
{
    cf_step_t step;

    for (size_t i = 0; x->table[INPUTS] != NULL && cf_provenance_step(s->prov, i, &step) == CF_OK;
         i++) {
        for (uint32_t k = 0; k < step.naccounts; k++) {
            cf_table_t *t = row_of(x, INPUTS);

            cf_table_uint(t, i + 1);
            one_input(t, &step.accounts[k]);
        }
    }
}

/* ---- the command -------------------------------------------------------------------------- */

static int options(cfinfo_t *x)
{
    const char *value;
    int id;

    while ((id = cf_cli_option(&x->cli, &value)) >= 0) {
        if (id == OPT_VERIFY)
            x->verify = true;
        else
            x->show |= 1u << (id - OPT_SUMMARY);
    }
    if (x->cli.format != CF_TEXT_ALIGNED && (x->show & (x->show - 1)) != 0)
        return cf_cli_usage(&x->cli, "CSV and NDJSON show one of --summary, --columns, --blocks, "
                                     "--chunks, --provenance, --inputs");
    x->chosen = x->show != 0 || x->cli.format != CF_TEXT_ALIGNED;
    if (x->show == 0 && x->cli.format == CF_TEXT_ALIGNED)
        x->show = 1u << SUMMARY | (x->verify ? 0 : 1u << COLUMNS | 1u << PROVENANCE);
    else if (x->show == 0)
        x->show = 1u << COLUMNS;
    x->many = x->cli.noperands > 1 || x->cli.format != CF_TEXT_ALIGNED;
    return 0;
}

static void one_file(cfinfo_t *x, const char *path)
{
    survey_how_t how = { .verify = x->verify, .encodings = (x->show & 1u << COLUMNS) != 0,
                         .on_block = on_block,
                         .on_damage = on_damage, .ctx = x };
    cf_diag_t d = CF_DIAG_INIT;
    survey_t s;
    int rc;

    x->file = strcmp(path, "-") == 0 ? "stdin" : path;
    rc = survey_run(&s, path, &how, &d);
    if (rc != CF_OK)
        cf_cli_fail(&x->cli, &d);
    /* A file that could not be opened has nothing to be told. */
    if (rc == CF_OK || s.totals.segments > 0) {
        summary_row(x, &s, rc == CF_OK);
        column_rows(x, &s);
        provenance_rows(x, &s);
        input_rows(x, &s);
    }
    survey_fini(&s);
}

static int print(cfinfo_t *x, cf_diag_t *d)
{
    FILE *out = cf_cli_text(&x->cli, d);
    bool first = true;
    int i, rc = out != NULL ? CF_OK : d->code;

    for (i = 0; i < TABLES && rc == CF_OK; i++) {
        if (x->table[i] == NULL || (!x->chosen && (x->filled & 1u << i) == 0))
            continue;
        if (!first)
            (void)fputc('\n', out);
        first = false;
        rc = cf_table_write(x->table[i], out, d);
    }
    return rc;
}

int main(int argc, char **argv)
{
    cfinfo_t x = { .show = 0 };
    cf_diag_t d = CF_DIAG_INIT;
    int i, rc, status = cf_cli_begin(&x.cli, &cfinfo_cmd, argc, argv);

    if (status >= 0)
        return status;
    if (options(&x) == 0) {
        rc = make_tables(&x, &d);
        for (i = 0; rc == CF_OK && i < x.cli.noperands; i++)
            one_file(&x, x.cli.operands[i]);
        if (rc == CF_OK && x.cli.noperands == 0)
            one_file(&x, "-");
        if (rc == CF_OK)
            rc = print(&x, &d);
        if (rc != CF_OK)
            cf_cli_fail(&x.cli, &d);
    }
    for (i = 0; i < TABLES; i++)
        cf_table_destroy(x.table[i]);
    return cf_cli_end(&x.cli, NULL);
}
