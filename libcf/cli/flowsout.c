/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batches of a command to its output. A stream gets the union of the columns that come; a terminal
 * gets text.
 */
#include <errno.h>
#include <stdlib.h>

#include "cli/cli.h"

#define TEXT_PIECE (1u << 20)
#define TEXT_MAX (1u << 30)

struct cf_flowsout {
    cf_cli_t *cli;
    cf_writer_t *writer;       /* NULL = text */
    cf_schema_t *schema;       /* of the stream */
    cf_rowprint_t *rows;
    const cf_field_t **fields;
    size_t n;
    const cf_vec_t **cols;
    cf_vec_t *nulls;           /* per field: a column that a batch lacks */
    cf_buf_t text;
};

void cf_flowsout_abort(cf_flowsout_t *f)
{
    if (f == NULL)
        return;
    cf_writer_abort(f->writer);
    cf_schema_put(f->schema);
    cf_rowprint_destroy(f->rows);
    for (size_t i = 0; f->nulls != NULL && i < f->n; i++)
        cf_vec_fini(&f->nulls[i]);
    free(f->nulls);
    free(f->fields);
    free(f->cols);
    cf_buf_fini(&f->text);
    free(f);
}

/* Fields that cfcut prints by default, of those in the schema; a derived one when its inputs are. */
static void default_fields(cf_flowsout_t *f, const cf_schema_t *schema)
{
    static const char *const names[] = { "stime", "etime", "sip", "sport", "dip", "dport", "proto",
                                         "packets", "bytes", "rpackets", "rbytes", "flags",
                                         "action", "dup", "parts", "complete", "opener" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const cf_field_t *field = cf_field_find(names[i]);

        if (field != NULL && cf_schema_index(schema, field) >= 0)
            f->fields[f->n++] = field;
    }
}

static int open_text(cf_flowsout_t *f, const cf_schema_t *schema, cf_diag_t *d)
{
    cf_print_options_t o = { .format = CF_TEXT_ALIGNED, .titles = true, .terminal = true };
    uint32_t most = cf_schema_count(schema) + 1;
    int rc;

    f->fields = calloc(most, sizeof *f->fields);
    f->cols = calloc(most, sizeof *f->cols);
    f->nulls = calloc(most, sizeof *f->nulls);
    if (f->fields == NULL || f->cols == NULL || f->nulls == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for the output");
    default_fields(f, schema);
    for (size_t i = 0; i < f->n; i++)
        cf_vec_init(&f->nulls[i], f->fields[i]);
    if (f->n == 0)
        return cf_diag_set(d, CF_E_FIELD, "the input has no fields that a terminal is shown");
    rc = cf_rowprint_create(&f->rows, f->fields, f->n, &o, d);
    if (rc == CF_OK && cf_rowprint_titles(f->rows, &f->text) != CF_OK)
        rc = cf_diag_set(d, CF_E_NOMEM, "no memory for the titles");
    return rc;
}

int cf_flowsout_open(cf_flowsout_t **out, cf_cli_t *c, const cf_schema_t *schema, cf_diag_t *d)
{
    cf_flowsout_t *f = calloc(1, sizeof *f);
    int rc;

    *out = NULL;
    if (f == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for the output");
    f->cli = c;
    cf_buf_init(&f->text, TEXT_MAX);
    if (cf_cli_to_terminal(c)) {
        rc = open_text(f, schema, d);
    } else {
        f->schema = cf_schema_get(schema);
        rc = cf_cli_writer(c, &f->writer, d);
        if (rc == CF_OK)
            rc = cf_writer_project(f->writer, f->schema, d);
    }
    if (rc != CF_OK) {
        cf_flowsout_abort(f);
        return rc;
    }
    *out = f;
    return CF_OK;
}

static int put_text(cf_flowsout_t *f, const cf_batch_t *b, const uint64_t *sel, cf_diag_t *d)
{
    uint32_t row = 0;

    for (size_t i = 0; i < f->n; i++) {
        int at = cf_schema_index(b->schema, f->fields[i]);

        f->cols[i] = at >= 0 ? &b->cols[at] : &f->nulls[i];
        if (at < 0 && cf_vec_set_all_null(&f->nulls[i], b->rows, true) != CF_OK)
            return cf_diag_set(d, CF_E_NOMEM, "no memory for the output");
    }
    do {
        if (cf_rowprint_rows(f->rows, f->cols, b->rows, sel, &row, TEXT_PIECE, &f->text) != CF_OK)
            return cf_diag_set(d, CF_E_NOMEM, "no memory for the output");
        if (f->text.len > 0 && fwrite(f->text.data, 1, f->text.len, stdout) != f->text.len)
            return cf_diag_errno(d, CF_E_IO, errno, "cannot write");
        f->text.len = 0;
    } while (row < b->rows);
    return CF_OK;
}

int cf_flowsout_put(cf_flowsout_t *f, const cf_batch_t *b, const uint64_t *sel, cf_diag_t *d)
{
    cf_schema_t *both;
    int rc = CF_OK;

    if (f->writer == NULL)
        return put_text(f, b, sel, d);
    if (b->schema != f->schema && !cf_schema_equal(b->schema, f->schema)) {
        both = cf_schema_union(f->schema, b->schema);
        if (both == NULL)
            return cf_diag_set(d, CF_E_NOMEM, "no memory for a schema");
        if (!cf_schema_equal(both, f->schema))
            rc = cf_writer_project(f->writer, both, d);
        cf_schema_put(f->schema);
        f->schema = both;
    }
    return rc == CF_OK ? cf_writer_put(f->writer, b, sel, d) : rc;
}

int cf_flowsout_close(cf_flowsout_t *f, cf_scan_t *s, cf_diag_t *d)
{
    int rc = CF_OK;

    if (f->writer != NULL) {
        rc = cf_cli_provenance(f->cli, s, f->writer, d);
        if (rc == CF_OK) {
            rc = cf_writer_close(f->writer, d);
            f->writer = NULL;
        }
    } else if (f->text.len > 0 && fwrite(f->text.data, 1, f->text.len, stdout) != f->text.len) {
        rc = cf_diag_errno(d, CF_E_IO, errno, "cannot write");
    }
    cf_flowsout_abort(f);
    return rc;
}
