/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cfsort: flows of all inputs in the order of keys. The engine (cf/sort.h) does the sorting; here
 * are the keys, the way of the rows into it, and the output.
 */
#include <inttypes.h>
#include <string.h>

#include <cf/cli.h>
#include <cf/sort.h>

enum { OPT_FIELDS = 256, OPT_REVERSE, OPT_PRESORTED };

static const cf_opt_t cfsort_opts[] = {
    { "fields", 'f', "LIST", OPT_FIELDS, 0, "keys, joined by commas; NAME:desc = largest first" },
    { "reverse", 0, NULL, OPT_REVERSE, 0, "each key the other way round" },
    { "presorted-input", 0, NULL, OPT_PRESORTED, 0, "inputs are in order: merge them" },
    { NULL, 0, NULL, 0, 0, NULL }
};

static const cf_cmd_t cfsort_cmd = {
    .name = "cfsort", .synopsis = "[OPTION…] --fields=LIST [FILE…]",
    .summary = "flows in the order of keys", .opts = cfsort_opts,
    .common = CF_COMMON_INPUT | CF_COMMON_OUTPUT | CF_COMMON_LEVEL | CF_COMMON_MEMORY,
    .notes = "Flows with equal keys keep the order in which they came; null comes last.\n"
};

typedef struct cfsort {
    cf_cli_t cli;
    const char *list;
    bool reverse, presorted;
    cf_sort_key_t keys[CF_SORT_KEYS_MAX];
    size_t nkeys;
    cf_scan_t *scan;
    cf_sort_t *sort;
    const char *source;            /* of the rows before */
    cf_flowsout_t *out;
    bool failed;                   /* the engine or the output, not an input */
} cfsort_t;

/* ---- keys --------------------------------------------------------------------------------- */

/* "bytes:desc" */
static int one_key(cfsort_t *x, const char *s, size_t n, cf_diag_t *d)
{
    const char *colon = memchr(s, ':', n);
    size_t len = colon != NULL ? (size_t)(colon - s) : n, rest = colon != NULL ? n - len - 1 : 0;
    cf_sort_key_t *key = &x->keys[x->nkeys];
    char name[128];
    int rc;

    if (x->nkeys == CF_SORT_KEYS_MAX)
        return cf_diag_set(d, CF_E_USAGE, "more than %u keys", CF_SORT_KEYS_MAX);
    if (len == 0 || len >= sizeof name)
        return cf_diag_set(d, CF_E_USAGE, "\"%s\" has a key without a name", x->list);
    memcpy(name, s, len);
    name[len] = '\0';
    key->descending = rest == 4 && memcmp(colon + 1, "desc", 4) == 0;
    if (colon != NULL && !key->descending && !(rest == 3 && memcmp(colon + 1, "asc", 3) == 0))
        return cf_diag_set(d, CF_E_USAGE, "key '%s' is followed by ':asc' or ':desc' or nothing",
                           name);
    key->descending ^= x->reverse;
    rc = cf_scan_field(x->scan, name, &key->field, d);
    for (size_t i = 0; i < x->nkeys && rc == CF_OK; i++)
        if (x->keys[i].field == key->field)
            rc = cf_diag_set(d, CF_E_USAGE, "key '%s' is given twice", key->field->name);
    x->nkeys++;
    return rc;
}

static int parse_keys(cfsort_t *x, cf_diag_t *d)
{
    const char *s = x->list;

    for (;;) {
        size_t n = strcspn(s, ",");
        int rc = one_key(x, s, n, d);

        if (rc != CF_OK || s[n] == '\0')
            return rc;
        s += n + 1;
    }
}

/* ---- rows --------------------------------------------------------------------------------- */

/* On a worker thread: decode. */
static int work(void *ctx, unsigned worker, cf_item_t *it, cf_diag_t *d)
{
    const cf_batch_t *b;

    (void)ctx;
    (void)worker;
    return cf_item_batch(it, &b, d);
}

static int emit(void *ctx, cf_item_t *it, cf_diag_t *d)
{
    cfsort_t *x = ctx;
    const cf_batch_t *b;
    int rc = cf_item_batch(it, &b, d);

    if (rc != CF_OK)
        return rc;
    if (x->presorted && cf_item_source(it) != x->source)
        rc = cf_sort_input(x->sort, d);
    x->source = cf_item_source(it);
    if (rc == CF_OK)
        rc = cf_sort_put(x->sort, b, d);
    if (rc == CF_E_FORMAT)
        cf_diag_source(d, x->source);
    x->failed = rc != CF_OK;
    return rc;
}

static int give_out(cfsort_t *x, cf_diag_t *d)
{
    const cf_batch_t *b;
    int rc = CF_OK;

    while (rc == CF_OK && (rc = cf_sort_next(x->sort, &b, d)) == CF_OK)
        rc = cf_flowsout_put(x->out, b, NULL, d);
    if (rc != CF_EOF)
        return rc;
    rc = cf_flowsout_close(x->out, x->scan, d);
    x->out = NULL;
    return rc;
}

/* ---- the command -------------------------------------------------------------------------- */

static int options(cfsort_t *x)
{
    const char *value;
    int id;

    while ((id = cf_cli_option(&x->cli, &value)) >= 0) {
        if (id == OPT_FIELDS)
            x->list = value;
        else if (id == OPT_REVERSE)
            x->reverse = true;
        else
            x->presorted = true;
    }
    return x->list != NULL ? 0 : cf_cli_usage(&x->cli, "--fields says what to sort by");
}

static int run(cfsort_t *x, cf_diag_t *d)
{
    const cf_scan_task_t task = { .work = work, .emit = emit, .ctx = x };
    cf_sort_options_t o = { .keys = x->keys, .memory = x->cli.memory, .tmpdir = x->cli.tmpdir,
        .threads = x->cli.threads, .presorted = x->presorted };
    cf_sort_totals_t t;
    int rc = cf_cli_scan(&x->cli, 0, &x->scan, d);

    if (rc == CF_OK)
        rc = parse_keys(x, d);
    o.nkeys = x->nkeys;
    if (rc == CF_OK)
        rc = cf_sort_open(&x->sort, &o, d);
    /* Before the work: an output that may not be written should not cost a night. */
    if (rc == CF_OK)
        rc = cf_flowsout_open(&x->out, &x->cli, cf_scan_schema(x->scan), d);
    if (rc == CF_OK)
        rc = cf_scan_run(x->scan, &task, d);
    if (rc != CF_OK)
        return rc;
    x->failed = true;
    rc = cf_sort_finish(x->sort, d);
    if (rc == CF_OK)
        rc = give_out(x, d);
    cf_sort_totals(x->sort, &t);
    if (rc == CF_OK && t.runs > 0)
        cf_cli_info(&x->cli, "%" PRIu64 " rows sorted in %" PRIu64 " runs, %" PRIu64
                    " MB in the temporary file", t.rows, t.runs, t.spilled >> 20);
    return rc;
}

int main(int argc, char **argv)
{
    cfsort_t x = { .list = NULL };
    cf_diag_t d = CF_DIAG_INIT;
    int status = cf_cli_begin(&x.cli, &cfsort_cmd, argc, argv);

    if (status >= 0)
        return status;
    /* Faults of single inputs have been told. */
    if (options(&x) == 0 && run(&x, &d) != CF_OK && (x.failed || x.cli.status == 0))
        cf_cli_fail(&x.cli, &d);
    cf_flowsout_abort(x.out);
    cf_sort_close(x.sort);
    return cf_cli_end(&x.cli, x.scan);
}
