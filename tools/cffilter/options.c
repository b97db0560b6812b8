/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of cffilter, and what they mean together: which operand is the expression, who writes
 * to standard output.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cffilter.h"

enum { OPT_EXPR = 256, OPT_PASS, OPT_FAIL, OPT_ALL, OPT_COUNT, OPT_STATISTICS, OPT_PRINT };

#define ROW(id, name, arg, way, field, negated, help) \
    { name, 0, arg, SWITCH_BASE + SWITCH_##id, 0, help },

static const cf_opt_t options[] = {
    { "expr", 'e', "EXPR", OPT_EXPR, CF_OPT_REPEAT, "expression; all operands are files then" },
    { "pass", 0, "OUT", OPT_PASS, 0, "write the flows that pass to OUT (the same as -o)" },
    { "fail", 0, "OUT", OPT_FAIL, 0, "write the other flows to OUT" },
    { "all", 0, "OUT", OPT_ALL, 0, "write all flows read to OUT" },
    { "count", 'c', NULL, OPT_COUNT, 0, "print how many flows pass" },
    { "print-statistics", 0, NULL, OPT_STATISTICS, 0,
      "print flows, packets and bytes read, passed and failed" },
    { "print-expr", 0, NULL, OPT_PRINT, 0, "print the expression as it is understood, and end" },
    PARTITION_SWITCHES(ROW)
    { NULL, 0, NULL, 0, 0, NULL }
};

const cf_cmd_t cffilter_cmd = {
    .name = "cffilter",
    .synopsis = "[OPTION…] 'EXPR' [FILE…]",
    .summary = "pass on the flows for which an expression is true",
    .opts = options,
    .common = CF_COMMON_INPUT | CF_COMMON_OUTPUT | CF_COMMON_LEVEL | CF_COMMON_TEXT,
    .notes = "The first operand is the expression, unless --expr or a partition switch was given:\n"
             "  cffilter 'dport in {443,8443} and bytes > 1M' day.cf\n"
             "  cffilter --protocol=6 --dport=443,8443 --bytes=1000000- day.cf\n"
             "Without --pass, --fail, --all, --count and --print-statistics the flows that pass\n"
             "go to standard output: as .cf to a file or pipe, as text to a terminal or with\n"
             "--format.",
};

static int take(choice_t *o, cf_cli_t *c, int id, const char *value)
{
    switch (id) {
    case OPT_EXPR:
        o->exprs[o->nexprs++] = value;
        break;
    case OPT_PASS:
        if (c->output != NULL)
            return cf_cli_usage(c, "--pass and --output are the same; give one of them");
        o->pass = value;
        break;
    case OPT_FAIL:
        o->fail = value;
        break;
    case OPT_ALL:
        o->all = value;
        break;
    case OPT_COUNT:
        o->count = true;
        break;
    case OPT_STATISTICS:
        o->statistics = true;
        break;
    case OPT_PRINT:
        o->print_expr = true;
        break;
    default:
        o->given[o->ngiven++] = (given_t){ (size_t)(id - SWITCH_BASE), value };
        break;
    }
    return -1;
}

/* Operand 0 is the expression when nothing else is. */
static int find_expression(choice_t *o, cf_cli_t *c)
{
    const char *text;

    if (o->nexprs > 0 || o->ngiven > 0)
        return -1;
    if (c->noperands == 0)
        return cf_cli_usage(c, "an expression is missing ('true' passes everything)");
    text = c->operands[0];
    if (strpbrk(text, " =<>~!(") == NULL && access(text, F_OK) == 0)
        return cf_cli_usage(
            c, "the expression comes first, and '%s' is a file ('true' passes everything)", text);
    o->exprs[o->nexprs++] = text;
    o->first = 1;
    return -1;
}

static bool is_stdout(const char *name)
{
    return name != NULL && strcmp(name, "-") == 0;
}

static int check_outputs(choice_t *o, cf_cli_t *c)
{
    int onto_stdout;

    if (o->pass == NULL)
        o->pass = c->output;
    if (o->pass == NULL && o->fail == NULL && o->all == NULL && !o->count && !o->statistics)
        o->pass = "-";
    c->output = is_stdout(o->pass) ? NULL : o->pass;
    onto_stdout = is_stdout(o->pass) + is_stdout(o->fail) + is_stdout(o->all);
    if (onto_stdout > 1)
        return cf_cli_usage(c, "only one of --pass, --fail and --all can go to standard output");
    if (onto_stdout > 0 && o->count)
        return cf_cli_usage(
            c, "--count prints on standard output, where flows go already; write them to a file");
    return -1;
}

int choice_init(choice_t *o, cf_cli_t *c)
{
    const char *value;
    int id, rc = -1;

    memset(o, 0, sizeof *o);
    /* each switch at most once; --expr may repeat */
    o->given = calloc(SWITCH_COUNT, sizeof *o->given);
    while ((id = cf_cli_option(c, &value)) != -1 && rc == -1) {
        if (id == OPT_EXPR) {
            const char **more = realloc(o->exprs, (o->nexprs + 1) * sizeof *more);

            if (more == NULL)
                break;
            o->exprs = more;
        }
        if (o->given == NULL)
            break;
        rc = take(o, c, id, value);
    }
    if (o->exprs == NULL)
        o->exprs = calloc(1, sizeof *o->exprs);
    if (o->exprs == NULL || o->given == NULL || id != -1) {
        cf_diag_t d = CF_DIAG_INIT;

        if (rc != -1)
            return rc;
        cf_diag_set(&d, CF_E_NOMEM, "no memory for the options");
        return cf_cli_fail(c, &d);
    }
    if (rc == -1)
        rc = find_expression(o, c);
    return rc == -1 ? check_outputs(o, c) : rc;
}

void choice_fini(choice_t *o)
{
    free(o->exprs);
    free(o->given);
}
