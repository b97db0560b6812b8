/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cfimport: a provider's raw logs into one .cf stream. The readers do the parsing and the scan runs
 * them; what is decided here is which columns pass the door, and what becomes of the output when an
 * input fails: the rows of the others, and those before the fault, are imported, and it is said.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <cf/cli.h>
#include <cf/print.h>

#define PARSING_THREADS 4u

enum { OPT_KEEP = 256, OPT_DROP, OPT_RESUME };

#define NAMES_MAX 512u
#define TOLD_MAX 12u               /* unknown fields named in the message */

static const cf_opt_t cfimport_opts[] = {
    { "keep", 0, "FIELDS", OPT_KEEP, 0, "only these columns" },
    { "drop", 0, "FIELDS", OPT_DROP, 0, "all columns but these" },
    { "resume", 0, "FILE", OPT_RESUME, 0, "read only what is new since the run that left FILE" },
    { NULL, 0, NULL, 0, 0, NULL }
};

static const cf_cmd_t cfimport_cmd = {
    .name = "cfimport", .synopsis = "[OPTION…] [FILE…]",
    .summary = "import a provider's flow logs into a .cf stream",
    .opts = cfimport_opts,
    .common = CF_COMMON_INPUT | CF_COMMON_OUTPUT | CF_COMMON_LEVEL,
    .notes = "The reader is found by content when --reader does not name it; its settings (--set)\n"
             "are shown by `cfplugin describe NAME`. Without FILE standard input is read."
};

typedef struct cfimport {
    cf_cli_t cli;
    bool keep;                     /* the names are those to keep, not those to drop */
    char (*names)[64];
    size_t nnames;
    cf_scan_t *scan;
    cf_writer_t *writer;
    cf_flowprint_t *print;         /* instead of the writer, on a terminal */
    cf_schema_t *schema;           /* of the output */
    const char *resume;            /* state of growing inputs, or NULL */
    bool failed;                   /* the output, not an input */
} cfimport_t;

/* ---- the door ----------------------------------------------------------------------------- */

/* The catalogue's name of what the user wrote, or the legal form of a provider's own name. */
static void canonical(const char *s, size_t n, char out[64])
{
    const cf_field_t *f;

    cf_field_legal_name(s, n, out);
    f = cf_field_find(out);
    if (f != NULL && strlen(f->name) < 64)
        memcpy(out, f->name, strlen(f->name) + 1);
}

static bool listed(const cfimport_t *x, const char *name)
{
    size_t i;

    for (i = 0; i < x->nnames; i++) {
        if (strcmp(x->names[i], name) == 0)
            return true;
    }
    return false;
}

static bool wanted(void *ctx, const cf_field_t *f, const char *name)
{
    const cfimport_t *x = ctx;
    const char *const *drop = cf_site_drop(x->cli.site);
    const char *own = f != NULL ? f->name : name;
    size_t i;

    if (x->keep)
        return listed(x, own);
    for (i = 0; drop != NULL && drop[i] != NULL; i++) {
        if (strcmp(drop[i], own) == 0)
            return false;
    }
    return !listed(x, own);
}

static int parse_names(cfimport_t *x, const char *list)
{
    const char *s = list;

    x->names = calloc(NAMES_MAX, sizeof *x->names);
    if (x->names == NULL)
        return CF_E_NOMEM;
    for (;;) {
        size_t n = strcspn(s, ",");

        if (n == 0)
            return cf_cli_usage(&x->cli, "empty field name in \"%s\"", list);
        if (x->nnames == NAMES_MAX)
            return cf_cli_usage(&x->cli, "more than %u field names", NAMES_MAX);
        canonical(s, n, x->names[x->nnames++]);
        if (s[n] == '\0')
            return 0;
        s += n + 1;
    }
}

static int options(cfimport_t *x)
{
    const char *value, *list = NULL;
    int id;

    while ((id = cf_cli_option(&x->cli, &value)) >= 0) {
        if (id == OPT_RESUME) {
            x->resume = value;
            continue;
        }
        if (list != NULL)
            return cf_cli_usage(&x->cli, "--keep and --drop exclude each other");
        list = value;
        x->keep = id == OPT_KEEP;
    }
    return list != NULL ? parse_names(x, list) : 0;
}

/* ---- rows --------------------------------------------------------------------------------- */

/* Let the output have the columns of this schema too. */
static int widen(cfimport_t *x, const cf_schema_t *more, cf_diag_t *d)
{
    cf_schema_t *both;
    int rc = CF_OK;

    if (x->schema != NULL && cf_schema_equal(x->schema, more))
        return CF_OK;
    both = x->schema != NULL ? cf_schema_union(x->schema, more) : cf_schema_get(more);
    if (both == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a schema");
    if (x->schema == NULL || !cf_schema_equal(both, x->schema))
        rc = cf_writer_project(x->writer, both, d);
    cf_schema_put(x->schema);
    x->schema = both;
    return rc;
}

static int work(void *ctx, unsigned worker, cf_item_t *it, cf_diag_t *d)
{
    cfimport_t *x = ctx;

    (void)worker;
    return x->print != NULL ? cf_flowprint_work(x->print, it, NULL, d) : CF_OK;
}

static int emit(void *ctx, cf_item_t *it, cf_diag_t *d)
{
    cfimport_t *x = ctx;
    const cf_batch_t *b;
    int rc;

    if (x->print != NULL) {
        rc = cf_flowprint_emit(x->print, it, d);
    } else {
        rc = widen(x, cf_item_schema(it), d);
        if (rc == CF_OK)
            rc = cf_item_batch(it, &b, d);
        if (rc == CF_OK)
            rc = cf_writer_put(x->writer, b, NULL, d);
    }
    x->failed = rc != CF_OK;
    return rc;
}

/* Fields that no catalogue knows are kept as they are; once is enough to say so. */
static void tell_unknown(cfimport_t *x)
{
    cf_buf_t names;
    uint32_t i, told = 0, count = 0;
    int rc = CF_OK;

    cf_buf_init(&names, 4096);
    for (i = 0; x->schema != NULL && i < cf_schema_count(x->schema) && rc == CF_OK; i++) {
        const cf_field_t *f = cf_schema_field(x->schema, i);

        if (!(f->flags & CF_FIELD_UNLISTED))
            continue;
        count++;
        if (told++ < TOLD_MAX)
            rc = cf_buf_putf(&names, "%s%s", names.len > 0 ? ", " : "", f->name);
    }
    if (count > 0 && rc == CF_OK)
        cf_cli_warn(&x->cli, "%" PRIu32 " unknown %s kept as text: %s%s", count,
                    count == 1 ? "field is" : "fields are", names.data,
                    count > TOLD_MAX ? ", ..." : "");
    cf_buf_fini(&names);
}

static int open_output(cfimport_t *x, cf_diag_t *d)
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

/*
 * The scan is over; some inputs may have failed. What was read becomes the output, unless there was
 * nothing at all.
 */
static int close_output(cfimport_t *x, cf_diag_t *d)
{
    cf_scan_totals_t t;
    int rc;

    cf_scan_totals(x->scan, &t);
    if (t.inputs_failed > 0 && t.rows == 0)
        return CF_OK;          /* the writer is given up; each fault has been told */
    rc = cf_cli_provenance(&x->cli, x->scan, x->writer, d);
    if (rc == CF_OK) {
        rc = cf_writer_close(x->writer, d);
        x->writer = NULL;
    }
    if (rc == CF_OK)
        rc = cf_cli_resume_commit(&x->cli, d);
    if (rc == CF_OK && t.inputs_failed > 0)
        cf_cli_warn(&x->cli,
                    "%" PRIu64 " of %" PRIu64 " inputs failed; %" PRIu64 " rows were imported",
                    t.inputs_failed, t.inputs, t.rows);
    return rc;
}

static int run(cfimport_t *x, cf_diag_t *d)
{
    const cf_scan_task_t task = { .work = work, .emit = emit, .ctx = x };
    cf_scan_options_t o;
    cf_diag_t input = CF_DIAG_INIT;
    int rc;

    rc = x->resume != NULL ? cf_cli_resume(&x->cli, x->resume, d) : CF_OK;
    if (rc != CF_OK) {
        x->failed = true;
        return rc;
    }
    cf_cli_scan_options(&x->cli, 0, &o);
    o.raw_only = true;
    /* Inputs are parsed four at a time; more threads would only hold more batches. */
    o.threads = o.threads > PARSING_THREADS ? PARSING_THREADS : o.threads;
    o.wanted = wanted;
    o.wanted_ctx = x;
    rc = cf_cli_scan_open(&x->cli, &o, &x->scan, d);
    if (rc == CF_OK)
        rc = open_output(x, d);
    if (rc != CF_OK) {
        x->failed = true;
        return rc;
    }
    rc = cf_scan_run(x->scan, &task, &input);
    if (rc != CF_OK && x->failed) {
        *d = input;
        return rc;
    }
    /* Told already when a single input failed; else the scan itself. */
    if (rc != CF_OK && x->cli.status == 0)
        cf_cli_fail(&x->cli, &input);
    /* Where the scan was ended nobody could go on without rows lost or twice. */
    if (rc != CF_OK && x->resume != NULL && !cf_scan_input_error(rc))
        return rc;
    tell_unknown(x);
    rc = x->writer != NULL ? close_output(x, d) : CF_OK;
    x->failed = rc != CF_OK;
    return rc;
}

int main(int argc, char **argv)
{
    cfimport_t x = { .keep = false };
    cf_diag_t d = CF_DIAG_INIT;
    int status = cf_cli_begin(&x.cli, &cfimport_cmd, argc, argv);

    if (status >= 0)
        return status;
    status = options(&x);
    if (status < 0) {
        cf_diag_set(&d, status, "%s", cf_strerror(status));
        cf_cli_fail(&x.cli, &d);
    } else if (status == 0 && run(&x, &d) != CF_OK && x.failed) {
        cf_cli_fail(&x.cli, &d);
    }
    cf_writer_abort(x.writer);
    cf_flowprint_close(x.print);
    cf_schema_put(x.schema);
    free(x.names);
    return cf_cli_end(&x.cli, x.scan);
}
