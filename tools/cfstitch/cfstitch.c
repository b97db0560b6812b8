/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cfstitch: the rows that tell parts of one connection become one flow, and with --biflow both
 * directions do. The library joins (cf/join.h).
 */
#include <string.h>

#include "cfstitch.h"

enum { OPT_IDLE = 256, OPT_ACTIVE, OPT_REORDER, OPT_RULE, OPT_BIFLOW };

static const cf_opt_t opts[] = {
    { "biflow", 0, NULL, OPT_BIFLOW, 0, "rows of both directions are one flow, from its opener on" },
    { "by-rule", 0, NULL, OPT_RULE, 0, "what other rules decided is another flow" },
    { "idle-timeout", 0, "DURATION", OPT_IDLE, 0,
      "a flow ends when nothing is told of it for so long; default 15m" },
    { "active-timeout", 0, "DURATION", OPT_ACTIVE, 0,
      "a flow is cut when it gets longer than this; default 0: never" },
    { "reorder", 0, "DURATION", OPT_REORDER, 0,
      "rows of an interface come so late at most; default 2m" },
    { NULL, 0, NULL, 0, 0, NULL }
};

static const cf_cmd_t cmd = {
    .name = "cfstitch", .synopsis = "[OPTION…] [FILE…]",
    .summary = "join rows of one connection to one flow", .opts = opts,
    .common = CF_COMMON_INPUT | CF_COMMON_OUTPUT | CF_COMMON_LEVEL | CF_COMMON_MEMORY,
    .memory = UINT64_C(512) << 20,
};

static int take_duration(cfstitch_t *x, const char *option, const char *value, int64_t *ns)
{
    if (cf_duration_parse(value, strlen(value), ns) == CF_OK && *ns >= 0)
        return 0;
    return cf_cli_usage(&x->cli, "%s takes a duration such as 90s, not '%s'", option, value);
}

static int options(cfstitch_t *x)
{
    const char *value;
    int id, rc = 0;

    x->o.idle = 900 * CF_NS_PER_SEC;
    x->o.reorder = 120 * CF_NS_PER_SEC;
    while (rc == 0 && (id = cf_cli_option(&x->cli, &value)) >= 0) {
        if (id == OPT_IDLE)
            rc = take_duration(x, "--idle-timeout", value, &x->o.idle);
        else if (id == OPT_ACTIVE)
            rc = take_duration(x, "--active-timeout", value, &x->o.active);
        else if (id == OPT_REORDER)
            rc = take_duration(x, "--reorder", value, &x->o.reorder);
        else if (id == OPT_RULE)
            x->o.by_rule = true;
        else
            x->o.biflow = true;
    }
    x->o.memory = x->cli.memory;
    return rc;
}

static int sink(void *ctx, const cf_batch_t *b, const uint64_t *sel, cf_diag_t *d)
{
    cfstitch_t *x = ctx;
    int rc = cf_flowsout_put(x->out, b, sel, d);

    x->failed = rc != CF_OK;
    return rc;
}

/* Columns are decoded on all threads, joined on one. */
static int work(void *ctx, unsigned worker, cf_item_t *it, cf_diag_t *d)
{
    const cf_batch_t *b;

    (void)ctx;
    (void)worker;
    return cf_item_batch(it, &b, d);
}

static int emit(void *ctx, cf_item_t *it, cf_diag_t *d)
{
    cfstitch_t *x = ctx;
    const cf_batch_t *b;
    int rc = cf_item_batch(it, &b, d);

    if (rc != CF_OK)
        return rc;
    rc = cf_stitch_put(x->engine, b, d);
    x->failed = rc != CF_OK;
    return rc;
}

static int open_all(cfstitch_t *x, cf_diag_t *d)
{
    const cf_schema_t *in;
    cf_schema_t *none = NULL, *schema = NULL;
    int rc = cf_cli_scan(&x->cli, 0, &x->scan, d);

    if (rc != CF_OK)
        return rc;
    x->failed = true;
    x->o.sink = sink;
    x->o.ctx = x;
    rc = cf_stitch_create(&x->engine, &x->o, d);
    if (rc != CF_OK)
        return rc;
    in = cf_scan_schema(x->scan);
    if (in == NULL)
        in = none = cf_schema_create();
    schema = in != NULL ? cf_stitch_schema(x->engine, in) : NULL;
    rc = schema != NULL ? cf_flowsout_open(&x->out, &x->cli, schema, d)
        : cf_diag_set(d, CF_E_NOMEM, "no memory for a schema");
    cf_schema_put(schema);
    cf_schema_put(none);
    x->failed = rc != CF_OK;
    return rc;
}

static int run(cfstitch_t *x, cf_diag_t *d)
{
    const cf_scan_task_t task = { .work = work, .emit = emit, .ctx = x };
    cf_stitch_summary_t s;
    int rc = open_all(x, d);

    if (rc == CF_OK)
        rc = cf_scan_run(x->scan, &task, d);
    if (rc == CF_OK)
        rc = cf_stitch_finish(x->engine, d);
    if (rc != CF_OK)
        return rc;
    cf_stitch_summary(x->engine, &s);
    x->failed = true;
    if (!cfstitch_balanced(&s))
        return cf_diag_set(d, CF_E_INTERNAL, "packets or bytes of the flows are not those of the rows");
    rc = cf_flowsout_close(x->out, x->scan, d);
    x->out = NULL;
    if (rc == CF_OK) {
        cfstitch_tell(x, &s);
        cfstitch_count(x, &s);
    }
    return rc;
}

int main(int argc, char **argv)
{
    cfstitch_t x = { .scan = NULL };
    cf_diag_t d = CF_DIAG_INIT;
    int status = cf_cli_begin(&x.cli, &cmd, argc, argv);

    if (status >= 0)
        return status;
    /* Faults of single inputs have been told. */
    if (options(&x) == 0 && run(&x, &d) != CF_OK && (x.failed || x.cli.status == 0))
        cf_cli_fail(&x.cli, &d);
    cf_flowsout_abort(x.out);
    cf_stitch_destroy(x.engine);
    return cf_cli_end(&x.cli, x.scan);
}
