/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The number of flows that pass, and the statistics of what was read, passed and failed. They are
 * data: on standard output, or beside the flows on standard error when those are there.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cffilter.h"

static void row(cf_table_t *t, const filter_t *f, const char *set, const tally_t *n)
{
    cf_cell_t c = { .type = CF_CELL_UINT };

    cf_table_text(t, set);
    cf_table_uint(t, n->records);
    c.hi = n->packets.hi;
    c.u = n->packets.lo;
    if (f->packets != NULL)
        cf_table_cell(t, &c);
    else
        cf_table_null(t);
    c.hi = n->bytes.hi;
    c.u = n->bytes.lo;
    if (f->bytes != NULL)
        cf_table_cell(t, &c);
    else
        cf_table_null(t);
}

static wide_t minus(wide_t a, wide_t b)
{
    wide_t r = { a.hi - b.hi - (a.lo < b.lo), a.lo - b.lo };

    return r;
}

static void statistics(filter_t *f, cf_table_t *t)
{
    tally_t failed = {
        .records = f->read.records - f->passed.records,
        .packets = minus(f->read.packets, f->passed.packets),
        .bytes = minus(f->read.bytes, f->passed.bytes),
    };

    cf_table_column(t, "set", false);
    cf_table_column(t, "records", true);
    cf_table_column(t, "packets", true);
    cf_table_column(t, "bytes", true);
    row(t, f, "read", &f->read);
    row(t, f, "pass", &f->passed);
    row(t, f, "fail", &failed);
    /* rows that are not flows, among those read */
    cf_table_text(t, "status");
    cf_table_uint(t, f->status_rows);
    cf_table_null(t);
    cf_table_null(t);
}

static void print_table(filter_t *f, cf_table_t *t, FILE *out)
{
    cf_diag_t d = CF_DIAG_INIT;

    if (t == NULL)
        cf_diag_set(&d, CF_E_NOMEM, "no memory for the statistics");
    if (t == NULL || cf_table_write(t, out, &d) != CF_OK)
        cf_cli_fail(&f->cli, &d);
    cf_table_destroy(t);
}

void report(filter_t *f)
{
    cf_print_options_t o = { .format = f->cli.format, .titles = f->cli.titles };
    bool taken = (f->o.pass != NULL && strcmp(f->o.pass, "-") == 0)
                 || (f->o.fail != NULL && strcmp(f->o.fail, "-") == 0)
                 || (f->o.all != NULL && strcmp(f->o.all, "-") == 0);
    cf_table_t *t;

    if (f->broken)
        return;
    if (f->o.count && o.format == CF_TEXT_ALIGNED) {
        printf("%" PRIu64 "\n", f->passed.records);
    } else if (f->o.count) {
        t = cf_table_create(&o);
        if (t != NULL) {
            cf_table_column(t, "records", true);
            cf_table_uint(t, f->passed.records);
        }
        print_table(f, t, stdout);
    }
    if (f->o.statistics) {
        t = cf_table_create(&o);
        if (t != NULL)
            statistics(f, t);
        print_table(f, t, taken ? stderr : stdout);
    }
}
