/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of cfstats.
 */
#include <string.h>

#include "cfstats.h"

enum {
    OPT_FIELDS = 256, OPT_VALUES, OPT_COUNT, OPT_THRESHOLD, OPT_PERCENTAGE, OPT_TOP, OPT_BOTTOM, OPT_OVERALL,
    OPT_STATUS, OPT_TIMES
};

static const cf_opt_t cfstats_opts[] = {
    { "fields", 'f', "LIST", OPT_FIELDS, 0, "keys of the groups, joined by commas" },
    { "values", 0, "LIST", OPT_VALUES, 0, "records, a counter, sum:F min:F max:F distinct:F; the first one orders" },
    { "count", 'n', "N", OPT_COUNT, 0, "print N groups; 0 = all; default 10" },
    { "threshold", 0, "N", OPT_THRESHOLD, 0, "print groups whose first value is at least N" },
    { "percentage", 0, "P", OPT_PERCENTAGE, 0, "print groups whose share is at least P percent" },
    { "top", 0, NULL, OPT_TOP, 0, "largest first; the default" },
    { "bottom", 0, NULL, OPT_BOTTOM, 0, "smallest first; --threshold and --percentage mean at most" },
    { "overall", 0, NULL, OPT_OVERALL, 0, "a summary of all flows, field by field" },
    { "include-status", 0, NULL, OPT_STATUS, 0, "count rows that are no flows (nodata, skipdata) too" },
    { "timestamp-format", 0, "NAME", OPT_TIMES, 0, "iso, epoch, epoch-ms, epoch-us or epoch-ns" },
    { NULL, 0, NULL, 0, 0, NULL }
};

const cf_cmd_t cfstats_cmd = {
    .name = "cfstats", .synopsis = "[OPTION…] --fields=LIST | --overall [FILE…]",
    .summary = "groups of flows with the largest or smallest sums", .opts = cfstats_opts,
    .common = CF_COMMON_INPUT | CF_COMMON_OUTPUT | CF_COMMON_TEXT | CF_COMMON_MEMORY,
    .notes = "Without --values: records,packets,bytes, those of them that the input has.\n"
};

static int number(cfstats_t *x, const char *name, const char *value, uint64_t *out)
{
    if (cf_size_parse(value, strlen(value), out) != CF_OK)
        return cf_cli_usage(&x->cli, "option '--%s': '%s' is not a number", name, value);
    return 0;
}

/* "12", "0.5": millionths, at most six digits behind the point. */
static int percentage(cfstats_t *x, const char *value)
{
    size_t n = strlen(value), whole = strcspn(value, "."), digits = n > whole ? n - whole - 1 : 0;
    uint64_t v = 0, part = 0;
    bool bad = whole == 0 || digits > 6 || (n > whole && digits == 0)
        || cf_uint_parse(value, whole, 100, &v) != CF_OK
        || (digits > 0 && cf_uint_parse(value + whole + 1, digits, 999999, &part) != CF_OK);

    for (size_t i = digits; i < 6; i++)
        part *= 10;
    x->percentage = v * 1000000 + part;
    if (bad || x->percentage > 100000000)
        return cf_cli_usage(&x->cli, "option '--percentage': '%s' is not a number from 0 to 100 with at "
                            "most six digits behind the point", value);
    return 0;
}

static int one(cfstats_t *x, int id, const char *value, bool *top)
{
    switch (id) {
    case OPT_FIELDS:
        x->list = value;
        return 0;
    case OPT_VALUES:
        x->values_list = value;
        return 0;
    case OPT_COUNT:
        x->has_count = true;
        return number(x, "count", value, &x->count);
    case OPT_THRESHOLD:
        x->has_threshold = true;
        return number(x, "threshold", value, &x->threshold);
    case OPT_PERCENTAGE:
        x->has_percentage = true;
        return percentage(x, value);
    case OPT_TOP:
        *top = true;
        return 0;
    case OPT_BOTTOM:
        x->bottom = true;
        return 0;
    case OPT_OVERALL:
        x->overall = true;
        return 0;
    case OPT_STATUS:
        x->include_status = true;
        return 0;
    default:
        if (cf_timeform_find(value, &x->print.times) != CF_OK)
            return cf_cli_usage(&x->cli, "option '--timestamp-format': '%s' is none of iso, epoch, epoch-ms, epoch-us, "
                                "epoch-ns", value);
        return 0;
    }
}

int cfstats_options(cfstats_t *x)
{
    const char *value;
    int id, status = 0;
    bool top = false;

    while (status == 0 && (id = cf_cli_option(&x->cli, &value)) >= 0)
        status = one(x, id, value, &top);
    if (status != 0)
        return status;
    if (top && x->bottom)
        return cf_cli_usage(&x->cli, "--top and --bottom exclude each other");
    if (x->has_count + x->has_threshold + x->has_percentage > 1)
        return cf_cli_usage(&x->cli, "--count, --threshold and --percentage exclude each other");
    if (x->overall && (x->values_list != NULL || x->has_count || x->has_threshold || x->has_percentage || top
                       || x->bottom))
        return cf_cli_usage(&x->cli, "--overall takes --fields, but none of the options of top lists");
    if (!x->overall && x->list == NULL)
        return cf_cli_usage(&x->cli, "--fields says what to group by; --overall sums everything up");
    if (!x->has_count)
        x->count = x->has_threshold || x->has_percentage ? 0 : 10;
    x->print.format = x->cli.format;
    x->print.titles = x->cli.titles;
    x->print.terminal = cf_cli_to_terminal(&x->cli);
    return 0;
}
