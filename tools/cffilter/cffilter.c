/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cffilter: pass on the flows for which an expression is true. This file makes the expression out
 * of what was given; cffilter.h says where the rest is.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cffilter.h"

static int scan_field(void *ctx, const char *name, const cf_field_t **out, cf_diag_t *d)
{
    return cf_scan_field(ctx, name, out, d);
}

/* One more part, ANDed; false when it was refused and that has been said. */
static bool join(filter_t *f, cf_expr_t *part, int rc, const cf_diag_t *d, const char *text)
{
    cf_diag_t memory = CF_DIAG_INIT;

    if (rc != CF_OK) {
        cf_cli_fail_text(&f->cli, d, text);
        return false;
    }
    f->expr = cf_expr_and(f->expr, part);
    if (f->expr != NULL)
        return true;
    cf_diag_set(&memory, CF_E_NOMEM, "no memory for the expression");
    cf_cli_fail(&f->cli, &memory);
    return false;
}

/*
 * All expressions and switches. With quiet names, fields are looked up in the catalogue, and one
 * that it does not know is left for later: the inputs may.
 */
static bool compile(filter_t *f, const cf_expr_env_t *env, bool later)
{
    for (size_t i = 0; i < f->o.nexprs + f->o.ngiven; i++) {
        bool is_switch = i >= f->o.nexprs;
        const given_t *g = is_switch ? &f->o.given[i - f->o.nexprs] : NULL;
        const char *text = is_switch ? g->value : f->o.exprs[i];
        cf_diag_t d = CF_DIAG_INIT;
        cf_expr_t *part = NULL;
        int rc = is_switch ? switch_expr(&part, g, env, &d) : cf_expr_parse(&part, text, env, &d);

        if (rc == CF_E_FIELD && later)
            continue;
        if (!join(f, part, rc, &d, text))
            return false;
    }
    return true;
}

static void print_expr(filter_t *f)
{
    cf_diag_t d = CF_DIAG_INIT;
    cf_buf_t text;

    cf_buf_init(&text, 256u << 20);
    if (cf_expr_print(f->expr, &text) != CF_OK) {
        cf_diag_set(&d, CF_E_NOMEM, "no memory for the expression's text");
        cf_cli_fail(&f->cli, &d);
    } else {
        printf("%s\n", text.data);
    }
    cf_buf_fini(&text);
}

/* What statistics add up, as far as the inputs have it. */
static void find_columns(filter_t *f)
{
    if (cf_scan_field(f->scan, "packets", &f->packets, NULL) != CF_OK)
        f->packets = NULL;
    if (cf_scan_field(f->scan, "bytes", &f->bytes, NULL) != CF_OK)
        f->bytes = NULL;
    if (cf_scan_field(f->scan, "logstatus", &f->logstatus, NULL) != CF_OK)
        f->logstatus = NULL;
}

static void filter(filter_t *f)
{
    struct timespec now;
    cf_expr_env_t env = { NULL, NULL, 0 };
    cf_diag_t d = CF_DIAG_INIT;
    cf_scan_options_t options;
    bool inputs = f->cli.noperands > f->o.first || f->cli.xargs != NULL;

    clock_gettime(CLOCK_REALTIME, &now);
    env.now = (int64_t)now.tv_sec * CF_NS_PER_SEC + now.tv_nsec;
    /* what is wrong whatever the inputs hold is said before they are opened */
    if (!compile(f, &env, inputs || !f->o.print_expr))
        return;
    if (f->o.print_expr && !inputs) {
        print_expr(f);
        return;
    }
    cf_expr_destroy(f->expr);
    f->expr = NULL;
    filter_threads(f);
    cf_cli_scan_options(&f->cli, f->o.first, &options);
    options.threads = f->threads;
    if (cf_cli_scan_open(&f->cli, &options, &f->scan, &d) != CF_OK) {
        cf_cli_fail(&f->cli, &d);
        return;
    }
    env.field = scan_field;
    env.ctx = f->scan;
    if (!compile(f, &env, false))
        return;
    if (f->o.print_expr) {
        print_expr(f);
        return;
    }
    find_columns(f);
    filter_run(f);
    report(f);
}

int main(int argc, char **argv)
{
    static filter_t f;
    int status = cf_cli_begin(&f.cli, &cffilter_cmd, argc, argv);

    if (status != -1)
        return status;
    if (choice_init(&f.o, &f.cli) == -1)
        filter(&f);
    cf_expr_destroy(f.expr);
    choice_fini(&f.o);
    return cf_cli_end(&f.cli, f.scan);
}
