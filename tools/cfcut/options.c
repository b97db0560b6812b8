/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of cfcut.
 */
#include <string.h>

#include "cfcut.h"

enum {
    OPT_FIELDS = 256, OPT_ALL_FIELDS, OPT_NUM_RECS, OPT_START, OPT_TAIL, OPT_DELIMITED, OPT_SEPARATOR, OPT_TIMES
};

static const cf_opt_t cfcut_opts[] = {
    { "fields", 'f', "LIST", OPT_FIELDS, 0, "fields to print, in this order, joined by commas" },
    { "all-fields", 0, NULL, OPT_ALL_FIELDS, 0, "all fields the input has" },
    { "num-recs", 'n', "N", OPT_NUM_RECS, 0, "print at most N rows; 0 = all" },
    { "start-rec-num", 0, "N", OPT_START, 0, "begin with the N-th row; the first is 1" },
    { "tail-recs", 0, "N", OPT_TAIL, 0, "print the last N rows" },
    { "delimited", 0, "[C]", OPT_DELIMITED, 0, "text: no padding, C between columns; default |" },
    { "column-separator", 0, "C", OPT_SEPARATOR, 0, "text: C between columns; default two blanks" },
    { "timestamp-format", 0, "NAME", OPT_TIMES, 0, "iso, epoch, epoch-ms, epoch-us or epoch-ns" },
    { NULL, 0, NULL, 0, 0, NULL }
};

const cf_cmd_t cfcut_cmd = {
    .name = "cfcut", .synopsis = "[OPTION…] [FILE…]", .summary = "print fields of flows", .opts = cfcut_opts,
    .common = CF_COMMON_INPUT | CF_COMMON_OUTPUT | CF_COMMON_TEXT,
    .notes = "Without --fields: stime,duration,sip,sport,dip,dport,proto,packets,bytes,flags,action,\n"
             "those of them that the input has.\n"
};

static int number(cfcut_t *x, const char *name, const char *value, uint64_t least, uint64_t *out)
{
    if (cf_uint_parse(value, strlen(value), UINT64_MAX, out) != CF_OK || *out < least)
        return cf_cli_usage(&x->cli, "option '--%s': '%s' is not a number%s", name, value,
                            least > 0 ? " from 1" : "");
    return 0;
}

static int separator(cfcut_t *x, const char *name, const char *value)
{
    if (x->print.separator != 0)
        return cf_cli_usage(&x->cli, "--delimited and --column-separator exclude each other");
    if (strlen(value) != 1 || value[0] < ' ' || value[0] > '~')
        if (strcmp(value, "\t") != 0)
            return cf_cli_usage(&x->cli, "option '--%s': '%s' is not one printable character or a tab", name, value);
    x->print.separator = value[0];
    return 0;
}

static int one(cfcut_t *x, int id, const char *value)
{
    switch (id) {
    case OPT_FIELDS:
        x->list = value;
        return 0;
    case OPT_ALL_FIELDS:
        x->all_fields = true;
        return 0;
    case OPT_NUM_RECS:
        return number(x, "num-recs", value, 0, &x->count);
    case OPT_START:
        return number(x, "start-rec-num", value, 1, &x->start);
    case OPT_TAIL:
        return number(x, "tail-recs", value, 1, &x->tail);
    case OPT_DELIMITED:
        x->print.delimited = true;
        return separator(x, "delimited", value != NULL ? value : "|");
    case OPT_SEPARATOR:
        return separator(x, "column-separator", value);
    default:
        if (cf_timeform_find(value, &x->print.times) != CF_OK)
            return cf_cli_usage(&x->cli, "option '--timestamp-format': '%s' is none of iso, epoch, epoch-ms, epoch-us, "
                                "epoch-ns", value);
        return 0;
    }
}

int cfcut_options(cfcut_t *x)
{
    const char *value;
    int id, status = 0;

    while (status == 0 && (id = cf_cli_option(&x->cli, &value)) >= 0)
        status = one(x, id, value);
    if (status != 0)
        return status;
    if (x->list != NULL && x->all_fields)
        return cf_cli_usage(&x->cli, "--fields and --all-fields exclude each other");
    if (x->tail > 0 && (x->start > 0 || x->count > 0))
        return cf_cli_usage(&x->cli, "--tail-recs excludes --num-recs and --start-rec-num");
    x->print.format = x->cli.format;
    x->print.titles = x->cli.titles;
    x->print.terminal = cf_cli_to_terminal(&x->cli);
    if (x->print.separator != 0 && x->cli.format != CF_TEXT_ALIGNED)
        return cf_cli_usage(&x->cli, "--delimited and --column-separator are for --format=text");
    return 0;
}
