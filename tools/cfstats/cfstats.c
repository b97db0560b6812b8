/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cfstats: top lists. The library groups; here the wanted groups are chosen, shares computed in
 * whole numbers, and what the shares are of is said. Rows that are no flows are told, never mixed
 * in unasked.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cfstats.h"

uint64_t cfstats_share(wide_t part, wide_t whole)
{
    wide_t unit = 100;

    for (int i = 0; i < SHARE_SCALE; i++)
        unit *= 10;
    while (whole >> 100 != 0) {        /* so that the product fits; far beyond what a log can hold */
        whole >>= 1;
        part >>= 1;
    }
    return (uint64_t)((part * unit * 2 + whole) / (whole * 2));
}

static wide_t wide(cf_sum_t s)
{
    return (wide_t)s.hi << 64 | s.lo;
}

void cfstats_caption_status(const cfstats_t *x, const cf_group_summary_t *s, cf_table_t *t)
{
    if (s->nodata + s->skipdata > 0)
        cf_table_caption(t, "%" PRIu64 " rows are no flows (%" PRIu64 " nodata, %" PRIu64 " skipdata)%s",
                         s->nodata + s->skipdata, s->nodata, s->skipdata, x->include_status ? "" : "; left out");
}

void cfstats_warn_bytekinds(cfstats_t *x, uint32_t kinds)
{
    const cf_field_t *f = cf_field_find("bytekind");
    char text[128] = "";

    if (f == NULL || (kinds & (kinds - 1)) == 0)
        return;
    for (uint32_t i = 0; f->names[i] != NULL; i++)
        if ((kinds >> i & 1) != 0)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", *text != '\0' ? ", " : "",
                     f->names[i]);
    cf_cli_warn(&x->cli, "bytes of different kinds are added up (%s)", text);
}

/* Sums and records can be divided by their total; distinct counts and extremes cannot. */
static bool additive(const cfstats_t *x)
{
    return x->values[0].op == CF_AGG_RECORDS || x->values[0].op == CF_AGG_SUM;
}

/* Smallest value with at least (bottom: largest with at most) the asked percentage of the total. */
static wide_t percent_bound(const cfstats_t *x, wide_t total)
{
    const wide_t unit = 100000000;
    wide_t rest = total % unit * x->percentage;

    return total / unit * x->percentage + (x->bottom ? rest / unit : (rest + unit - 1) / unit);
}

static void set_order(const cfstats_t *x, const cf_group_summary_t *s, cf_group_order_t *o)
{
    wide_t bound = x->has_percentage ? percent_bound(x, wide(s->total[0])) : x->threshold;

    memset(o, 0, sizeof *o);
    o->ascending = x->bottom;
    o->count = x->count;
    o->has_threshold = x->has_threshold || x->has_percentage;
    o->threshold.hi = (uint64_t)(bound >> 64);
    o->threshold.lo = (uint64_t)bound;
}

static void total_text(wide_t v, char *out, size_t size)
{
    char digits[48];
    size_t at = sizeof digits;

    digits[--at] = '\0';
    do
        digits[--at] = (char)('0' + (int)(v % 10));
    while ((v /= 10) > 0);
    snprintf(out, size, "%s", digits + at);
}

static void captions(const cfstats_t *x, const cf_group_summary_t *s, const cf_groups_t *r, cf_table_t *t)
{
    char of[128] = "", total[48];

    if (additive(x) && x->values[0].op != CF_AGG_RECORDS) {
        total_text(wide(s->total[0]), total, sizeof total);
        snprintf(of, sizeof of, "; share: %% of %.40s %.40s", total, x->names[0]);
    } else if (additive(x)) {
        snprintf(of, sizeof of, "; share: %% of the records");
    }
    cf_table_caption(t, "%s %zu of %" PRIu64 " groups of %" PRIu64 " records by %s%s", x->bottom ? "bottom" : "top",
                     cf_groups_count(r), cf_groups_all(r), s->records, x->names[0], of);
    cfstats_caption_status(x, s, t);
}

static int print_groups(cfstats_t *x, const cf_group_summary_t *s, const cf_groups_t *r, cf_diag_t *d)
{
    cf_table_t *t = cf_table_create(&x->print);
    bool share = additive(x) && wide(s->total[0]) > 0;
    wide_t sum = 0;
    cf_cell_t c;
    int rc;

    if (t == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for the table");
    captions(x, s, r, t);
    for (size_t k = 0; k < x->nkeys; k++)
        cf_table_column(t, x->keys[k]->name, x->keys[k]->kind == CF_KIND_UINT || x->keys[k]->kind == CF_KIND_DURATION);
    for (size_t j = 0; j < x->nvalues; j++)
        cf_table_column(t, x->names[j], true);
    if (additive(x)) {
        cf_table_column(t, "share", true);
        cf_table_column(t, "cumulative", true);
    }
    for (size_t i = 0; i < cf_groups_count(r); i++) {
        for (size_t k = 0; k < x->nkeys; k++) {
            cf_groups_key(r, i, k, &c);
            cf_table_cell(t, &c);
        }
        for (size_t j = 0; j < x->nvalues; j++) {
            cf_groups_value(r, i, j, &c);
            cf_table_cell(t, &c);
        }
        if (!additive(x))
            continue;
        cf_groups_value(r, i, 0, &c);
        sum += (wide_t)c.hi << 64 | c.u;
        if (!share || c.type == CF_CELL_NULL)
            cf_table_null(t);
        else
            cf_table_decimal(t, cfstats_share((wide_t)c.hi << 64 | c.u, wide(s->total[0])), SHARE_SCALE);
        if (!share)
            cf_table_null(t);
        else
            cf_table_decimal(t, cfstats_share(sum, wide(s->total[0])), SHARE_SCALE);
    }
    rc = cf_table_write(t, x->out, d);
    cf_table_destroy(t);
    return rc;
}

bool cfstats_inputs_only(int rc)
{
    switch (rc) {
    case CF_OK:
    case CF_E_IO:
    case CF_E_FORMAT:
    case CF_E_TRUNC:
    case CF_E_CHECKSUM:
    case CF_E_VERSION:
    case CF_E_DETECT:
        return true;
    default:
        return false;
    }
}

static int work(void *ctx, unsigned worker, cf_item_t *it, cf_diag_t *d)
{
    return cf_group_item(ctx, worker, it, NULL, d);
}

static int top_list(cfstats_t *x, cf_group_t *g, cf_diag_t *d)
{
    const cf_scan_task_t task = { .work = work, .ctx = g };
    cf_group_summary_t s;
    cf_group_order_t order;
    cf_groups_t *r = NULL;
    int rc = cf_scan_run(x->scan, &task, d);

    if (!cfstats_inputs_only(rc))
        return rc;
    cf_group_summary(g, &s);
    set_order(x, &s, &order);
    rc = cf_group_select(g, &order, &r, d);
    if (rc == CF_OK)
        rc = print_groups(x, &s, r, d);
    cf_groups_destroy(r);
    cf_group_summary(g, &s);
    if (s.spilled > 0)
        cf_cli_info(&x->cli, "%" PRIu64 " MB of groups went to a temporary file", s.spilled >> 20);
    cfstats_warn_bytekinds(x, s.bytekinds);
    return rc;
}

static int groups(cfstats_t *x, cf_diag_t *d)
{
    const cf_field_t *const *fields;
    cf_group_t *g = NULL;
    size_t n;
    int rc = cf_print_fields(x->scan, x->list, &x->keys, &x->nkeys, d);

    if (rc == CF_OK)
        rc = cfstats_values(x, d);
    if (rc == CF_OK && x->has_percentage && !additive(x))
        rc = cf_diag_set(d, CF_E_USAGE, "--percentage needs a first value that adds up, not %s", x->names[0]);
    if (rc == CF_OK) {
        cf_group_options_t o = { .keys = x->keys, .nkeys = x->nkeys, .values = x->values, .nvalues = x->nvalues,
            .workers = x->cli.threads, .memory = x->cli.memory, .tmpdir = x->cli.tmpdir,
            .include_status = x->include_status };

        rc = cf_group_create(&g, &o, d);
    }
    if (rc == CF_OK) {
        fields = cf_group_fields(g, &n);
        rc = cf_scan_need(x->scan, fields, n);
    }
    if (rc == CF_OK)
        rc = top_list(x, g, d);
    cf_group_destroy(g);
    return rc;
}

static int run(cfstats_t *x, cf_diag_t *d)
{
    int rc = cf_cli_scan(&x->cli, 0, &x->scan, d);

    if (rc != CF_OK)
        return rc;
    x->out = cf_cli_text(&x->cli, d);
    if (x->out == NULL)
        return d->code;
    return x->overall ? cfstats_overall(x, d) : groups(x, d);
}

int main(int argc, char **argv)
{
    cfstats_t x = { .list = NULL };
    cf_diag_t d = CF_DIAG_INIT;
    int status = cf_cli_begin(&x.cli, &cfstats_cmd, argc, argv);

    if (status >= 0)
        return status;
    /*
     * Faults of single inputs have been told by the scan; one of the output is told when it is
     * closed.
     */
    if (cfstats_options(&x) == 0 && run(&x, &d) != CF_OK && (x.out == NULL || !ferror(x.out)))
        cf_cli_fail(&x.cli, &d);
    status = cf_cli_end(&x.cli, x.scan);
    free(x.keys);
    return status;
}
