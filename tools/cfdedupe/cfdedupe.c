/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cfdedupe: rows that tell the same traffic twice get dup 1, or are left out. The library compares
 * (cf/join.h); here are the options, and what is said about it.
 */
#include <cf/cli.h>
#include <cf/join.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define THREADS_MAX 2u

enum { OPT_RULE = 256, OPT_TOLERANCE, OPT_WAIT, OPT_DELETE };

static const cf_opt_t opts[] = {
    { "rule", 0, "exact|uid|reporter|interface", OPT_RULE, CF_OPT_REPEAT,
      "look for rows that this rule finds alike; default: as the provider needs" },
    { "tolerance", 0, "DURATION", OPT_TOLERANCE, 0,
      "times may lie so far apart and still meet; default 5s" },
    { "wait", 0, "DURATION", OPT_WAIT, 0,
      "a row waits so long for the side that is kept; default 15m" },
    { "delete", 0, NULL, OPT_DELETE, 0, "leave out the rows that are found" },
    { NULL, 0, NULL, 0, 0, NULL }
};

static const cf_cmd_t cmd = {
    .name = "cfdedupe", .synopsis = "[OPTION…] [FILE…]",
    .summary = "mark or delete rows that tell the same traffic twice", .opts = opts,
    .common = CF_COMMON_INPUT | CF_COMMON_OUTPUT | CF_COMMON_LEVEL | CF_COMMON_MEMORY,
    .memory = UINT64_C(64) << 20,
};

typedef struct cfdedupe {
    cf_cli_t cli;
    cf_dedupe_options_t o;
    cf_scan_t *scan;
    cf_dedupe_t *engine;
    cf_flowsout_t *out;
    bool failed;               /* the output, not an input */
} cfdedupe_t;

/* Rules joined by commas. */
static int take_rules(cfdedupe_t *x, const char *value)
{
    const char *p = value;

    do {
        size_t n = strcspn(p, ",");
        const char *name;
        unsigned i = 0;

        while ((name = cf_dedupe_rule_name(i)) != NULL && (strlen(name) != n || strncmp(name, p, n) != 0))
            i++;
        if (name == NULL)
            return cf_cli_usage(&x->cli, "--rule takes exact, uid, reporter or interface, not '%s'", value);
        x->o.rules |= 1u << i;
        p += n;
    } while (*p++ == ',');
    return 0;
}

static int take_duration(cfdedupe_t *x, const char *option, const char *value, int64_t *ns)
{
    if (cf_duration_parse(value, strlen(value), ns) == CF_OK && *ns >= 0)
        return 0;
    return cf_cli_usage(&x->cli, "%s takes a duration such as 5s, not '%s'", option, value);
}

static int options(cfdedupe_t *x)
{
    const char *value;
    int id, rc = 0;

    x->o.tolerance = 5 * CF_NS_PER_SEC;
    x->o.wait = 900 * CF_NS_PER_SEC;
    while (rc == 0 && (id = cf_cli_option(&x->cli, &value)) >= 0) {
        if (id == OPT_RULE)
            rc = take_rules(x, value);
        else if (id == OPT_TOLERANCE)
            rc = take_duration(x, "--tolerance", value, &x->o.tolerance);
        else if (id == OPT_WAIT)
            rc = take_duration(x, "--wait", value, &x->o.wait);
        else
            x->o.remove = true;
    }
    x->o.memory = x->cli.memory;
    return rc;
}

static int sink(void *ctx, const cf_batch_t *b, const uint64_t *sel, cf_diag_t *d)
{
    cfdedupe_t *x = ctx;
    int rc = cf_flowsout_put(x->out, b, sel, d);

    x->failed = rc != CF_OK;
    return rc;
}

/* Columns are decoded on all threads, compared on one. */
static int work(void *ctx, unsigned worker, cf_item_t *it, cf_diag_t *d)
{
    const cf_batch_t *b;

    (void)ctx;
    (void)worker;
    return cf_item_batch(it, &b, d);
}

static int emit(void *ctx, cf_item_t *it, cf_diag_t *d)
{
    cfdedupe_t *x = ctx;
    const cf_batch_t *b;
    int rc = cf_item_batch(it, &b, d);

    if (rc != CF_OK)
        return rc;
    rc = cf_dedupe_put(x->engine, b, d);
    x->failed = rc != CF_OK;
    return rc;
}

/* What was done, and the rule by which. */
static void tell(cfdedupe_t *x, const cf_dedupe_summary_t *s)
{
    static const char *const kept[CF_DEDUPE_RULES] = {
        "all columns are equal; the first is kept",
        "identifier, 5-tuple and times are equal; the first is kept",
        "two reporters of one connection and interval; src is kept, else dest, else src-gateway",
        "two interfaces saw the same packets; egress is kept, else the first",
    };
    uint64_t all = 0;

    for (unsigned i = 0; i < CF_DEDUPE_RULES; i++)
        all += s->found[i];
    if (x->cli.verbosity >= 0) {
        fprintf(stderr, "cfdedupe: %" PRIu64 " of %" PRIu64 " rows tell what another row tells: %s\n",
                all, s->rows - s->status, x->o.remove ? "deleted" : "marked dup");
        for (unsigned i = 0; i < CF_DEDUPE_RULES; i++)
            if (s->found[i] > 0)
                fprintf(stderr, "cfdedupe: %" PRIu64 " by rule %s: %s\n", s->found[i],
                        cf_dedupe_rule_name(i), kept[i]);
        if (s->before > 0)
            fprintf(stderr, "cfdedupe: %" PRIu64 " rows were marked already: %s\n", s->before,
                    x->o.remove ? "deleted" : "left so");
        if (s->other_side > 0)
            fprintf(stderr, "cfdedupe: of %" PRIu64 " pairs the other side is kept, as it had gone out when "
                    "the second came\n", s->other_side);
    }
    /* closer than the longest capture window of a provider */
    if (s->forgotten > 0 && s->span < 900 * CF_NS_PER_SEC)
        cf_cli_warn(&x->cli, "rows were compared with the %" PRIu64 " before them only, in places less than "
                    "%" PRId64 " s back; more --memory compares more", s->compared, s->span / CF_NS_PER_SEC);
}

static void note(cfdedupe_t *x, const char *name, uint64_t n)
{
    cf_cli_count(&x->cli, name, (cf_sum_t){ 0, n });
}

static void count(cfdedupe_t *x, const cf_dedupe_summary_t *s)
{
    static const char *const names[CF_DEDUPE_RULES] = { "dup_exact", "dup_uid", "dup_reporter",
                                                        "dup_interface" };

    note(x, "rows", s->rows);
    note(x, "status_rows", s->status);
    note(x, "dup_before", s->before);
    for (unsigned i = 0; i < CF_DEDUPE_RULES; i++)
        note(x, names[i], s->found[i]);
    note(x, "other_side_kept", s->other_side);
    note(x, "let_out_early", s->early);
    note(x, "compared_with", s->compared);
    note(x, "forgotten", s->forgotten);
}

/* The columns there will be: those of the inputs, and dup. New. */
static cf_schema_t *expected(const cf_schema_t *in)
{
    cf_schema_t *own = cf_schema_create(), *both = NULL;

    if (own != NULL && cf_schema_add(own, cf_field_find("dup")) >= 0)
        both = in != NULL ? cf_schema_union(in, own) : cf_schema_get(own);
    cf_schema_put(own);
    return both;
}

static int open_all(cfdedupe_t *x, cf_diag_t *d)
{
    cf_schema_t *schema;
    int rc;

    /* The engine is one thread: more that decode and encode would only hold more batches. */
    x->cli.threads = x->cli.threads > THREADS_MAX ? THREADS_MAX : x->cli.threads;
    rc = cf_cli_scan(&x->cli, 0, &x->scan, d);
    if (rc != CF_OK)
        return rc;
    x->failed = true;
    schema = expected(cf_scan_schema(x->scan));
    if (schema == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a schema");
    rc = cf_flowsout_open(&x->out, &x->cli, schema, d);
    cf_schema_put(schema);
    x->o.sink = sink;
    x->o.ctx = x;
    if (rc == CF_OK)
        rc = cf_dedupe_create(&x->engine, &x->o, d);
    x->failed = rc != CF_OK;
    return rc;
}

static int run(cfdedupe_t *x, cf_diag_t *d)
{
    const cf_scan_task_t task = { .work = work, .emit = emit, .ctx = x };
    cf_dedupe_summary_t s;
    int rc = open_all(x, d);

    if (rc == CF_OK)
        rc = cf_scan_run(x->scan, &task, d);
    if (rc == CF_OK)
        rc = cf_dedupe_finish(x->engine, d);
    if (rc != CF_OK)
        return rc;
    cf_dedupe_summary(x->engine, &s);
    rc = cf_flowsout_close(x->out, x->scan, d);
    x->out = NULL;
    x->failed = rc != CF_OK;
    if (rc == CF_OK) {
        tell(x, &s);
        count(x, &s);
    }
    return rc;
}

int main(int argc, char **argv)
{
    cfdedupe_t x = { .scan = NULL };
    cf_diag_t d = CF_DIAG_INIT;
    int status = cf_cli_begin(&x.cli, &cmd, argc, argv);

    if (status >= 0)
        return status;
    /* Faults of single inputs have been told. */
    if (options(&x) == 0 && run(&x, &d) != CF_OK && (x.failed || x.cli.status == 0))
        cf_cli_fail(&x.cli, &d);
    cf_flowsout_abort(x.out);
    cf_dedupe_destroy(x.engine);
    return cf_cli_end(&x.cli, x.scan);
}
