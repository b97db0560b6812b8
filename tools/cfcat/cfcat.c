/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cfcat: flows of many inputs into one .cf stream. The shortest command of the suite, and the one
 * to read first: options, a scan over the inputs, a writer, and two callbacks between them. Stored
 * blocks are handed on as they are wherever the output allows it; the library decides
 * (cf_writer_put_block). Columns that come up late get a new schema block.
 */
#include <cf/cli.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_KEEP = 256, OPT_DROP, OPT_RECOMPRESS };

static const cf_opt_t cfcat_opts[] = {
    { "keep", 0, "FIELDS", OPT_KEEP, 0, "only these columns, in this order" },
    { "drop", 0, "FIELDS", OPT_DROP, 0, "all columns but these" },
    { "recompress", 0, NULL, OPT_RECOMPRESS, 0, "encode every block anew" },
    { NULL, 0, NULL, 0, 0, NULL }
};

static const cf_cmd_t cfcat_cmd = {
    .name = "cfcat", .synopsis = "[OPTION…] [FILE…]", .summary = "join flows into one .cf stream",
        .opts = cfcat_opts,
    .common = CF_COMMON_INPUT | CF_COMMON_OUTPUT | CF_COMMON_LEVEL
};

typedef struct cfcat {
    cf_cli_t cli;
    const char *keep, *drop;
    bool recompress;
    const cf_field_t **fields;     /* of keep or drop */
    size_t nfields;
    cf_scan_t *scan;
    cf_writer_t *writer;
    cf_flowprint_t *print;         /* instead of the writer, on a terminal */
    cf_schema_t *schema;           /* of the output */
    bool failed;                   /* the output, not an input */
} cfcat_t;

static bool named(const cfcat_t *x, const cf_field_t *f)
{
    size_t i;

    for (i = 0; i < x->nfields; i++) {
        if (x->fields[i] == f)
            return true;
    }
    return false;
}

/*
 * Columns of the output for inputs of this schema: those chosen, and the names of those that were
 * left out. New.
 */
static cf_schema_t *choose(const cfcat_t *x, const cf_schema_t *all)
{
    cf_schema_t *s = cf_schema_create();
    const char *name;
    uint32_t i;
    int rc = s != NULL ? 0 : CF_E_NOMEM;

    for (i = 0; x->keep != NULL && i < x->nfields && rc >= 0; i++) {
        if (cf_schema_index(all, x->fields[i]) >= 0)
            rc = cf_schema_add(s, x->fields[i]);
    }
    for (i = 0; i < cf_schema_count(all) && rc >= 0; i++) {
        const cf_field_t *f = cf_schema_field(all, i);

        if (x->keep == NULL && !named(x, f))
            rc = cf_schema_add(s, f);
        else if (cf_schema_index(s, f) < 0)
            rc = cf_schema_drop(s, f->name);
    }
    for (i = 0; (name = cf_schema_dropped_at(all, i)) != NULL && rc >= 0; i++)
        rc = cf_schema_drop(s, name);
    if (rc < 0) {
        cf_schema_put(s);
        s = NULL;
    }
    return s;
}

/*
 * Let the output have the columns of this schema too; a new schema block when that changes
 * something.
 */
static int widen(cfcat_t *x, const cf_schema_t *all, cf_diag_t *d)
{
    cf_schema_t *chosen = choose(x, all), *both = NULL;
    int rc = CF_OK;

    if (chosen != NULL)
        both = x->schema != NULL ? cf_schema_union(x->schema, chosen) : cf_schema_get(chosen);
    cf_schema_put(chosen);
    if (both == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a schema");
    if (x->schema == NULL || !cf_schema_equal(both, x->schema))
        rc = cf_writer_project(x->writer, both, d);
    cf_schema_put(x->schema);
    x->schema = both;
    return rc;
}

/* May the item's block go out as it is stored, as far as it can be told now? */
static bool stored(const cfcat_t *x, cf_item_t *it)
{
    cf_block_t *block = cf_item_block(it);

    return block != NULL && x->nfields == 0 && !x->recompress &&
        cf_writer_takes(x->writer, block, x->cli.level == 0);
}

/*
 * On a worker thread: bring in what emit needs, so that damage is found while it is still the
 * input's.
 */
static int work(void *ctx, unsigned worker, cf_item_t *it, cf_diag_t *d)
{
    cfcat_t *x = ctx;
    const cf_batch_t *b;

    (void)worker;
    if (x->print != NULL)
        return cf_flowprint_work(x->print, it, NULL, d);
    return stored(x, it) ? cf_block_load(cf_item_block(it), d) : cf_item_batch(it, &b, d);
}

/* In input order. */
static int emit(void *ctx, cf_item_t *it, cf_diag_t *d)
{
    cfcat_t *x = ctx;
    const cf_batch_t *b;
    int rc;

    if (x->print != NULL) {
        rc = cf_flowprint_emit(x->print, it, d);
    } else {
        rc = widen(x, cf_item_schema(it), d);
        if (rc == CF_OK && stored(x, it))
            rc = cf_writer_put_block(x->writer, cf_item_block(it), x->cli.level == 0, d);
        else if (rc == CF_OK && (rc = cf_item_batch(it, &b, d)) == CF_OK)
            rc = cf_writer_put(x->writer, b, NULL, d);
    }
    x->failed = rc != CF_OK;
    return rc;
}

static int options(cfcat_t *x)
{
    const char *value;
    int id;

    while ((id = cf_cli_option(&x->cli, &value)) >= 0) {
        if (id == OPT_KEEP)
            x->keep = value;
        else if (id == OPT_DROP)
            x->drop = value;
        else
            x->recompress = true;
    }
    if (x->keep != NULL && x->drop != NULL)
        return cf_cli_usage(&x->cli, "--keep and --drop exclude each other");
    return 0;
}

static int open_output(cfcat_t *x, cf_diag_t *d)
{
    cf_print_options_t o = { .format = CF_TEXT_ALIGNED, .titles = true, .terminal = true };
    const cf_field_t **fields = NULL;
    size_t n = 0;
    int rc;

    if (!cf_cli_to_terminal(&x->cli)) {
        rc = cf_cli_writer(&x->cli, &x->writer, d);
        return rc == CF_OK ? widen(x, cf_scan_schema(x->scan), d) : rc;
    }
    rc = cf_print_default_fields(x->scan, &fields, &n, d);
    if (rc == CF_OK)
        rc = cf_flowprint_open(&x->print, x->scan, fields, n, &o, stdout, d);
    free(fields);
    return rc;
}

static int run(cfcat_t *x, cf_diag_t *d)
{
    const cf_scan_task_t task = { .work = work, .emit = emit, .ctx = x };
    const char *list = x->keep != NULL ? x->keep : x->drop;
    int rc = cf_cli_scan(&x->cli, 0, &x->scan, d);

    if (rc == CF_OK && list != NULL)
        rc = cf_print_fields(x->scan, list, &x->fields, &x->nfields, d);
    if (rc == CF_OK)
        rc = open_output(x, d);
    if (rc == CF_OK)
        rc = cf_scan_run(x->scan, &task, d);
    if (rc == CF_OK && x->writer != NULL)
        rc = cf_cli_provenance(&x->cli, x->scan, x->writer, d);
    if (rc == CF_OK && x->writer != NULL) {
        rc = cf_writer_close(x->writer, d);
        x->writer = NULL;
    }
    return rc;
}

int main(int argc, char **argv)
{
    cfcat_t x = { .keep = NULL };
    cf_diag_t d = CF_DIAG_INIT;
    int status = cf_cli_begin(&x.cli, &cfcat_cmd, argc, argv);

    if (status >= 0)
        return status;
    /* Faults of single inputs have been told. */
    if (options(&x) == 0 && run(&x, &d) != CF_OK && (x.failed || x.cli.status == 0))
        cf_cli_fail(&x.cli, &d);
    cf_writer_abort(x.writer);
    cf_flowprint_close(x.print);
    cf_schema_put(x.schema);
    free(x.fields);
    return cf_cli_end(&x.cli, x.scan);
}
