/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cfcut: chosen fields of flows as text, CSV or NDJSON, in input order. All rows are formatted by
 * the scan's workers. Of a range only the blocks it touches are decoded, when their turn comes; the
 * rest is passed over, and reading ends with the range.
 */
#include <stdlib.h>
#include <string.h>

#include "cfcut.h"

static int print_work(void *ctx, unsigned worker, cf_item_t *it, cf_diag_t *d)
{
    cfcut_t *x = ctx;

    (void)worker;
    return cf_flowprint_work(x->flows, it, NULL, d);
}

static int print_emit(void *ctx, cf_item_t *it, cf_diag_t *d)
{
    cfcut_t *x = ctx;

    return cf_flowprint_emit(x->flows, it, d);
}

/* The rows of an item that the range has. */
static int range_emit(void *ctx, cf_item_t *it, cf_diag_t *d)
{
    cfcut_t *x = ctx;
    uint64_t first = cf_item_first_row(it), last = first + cf_item_rows(it);
    uint64_t from = x->start - 1, to = x->count > 0 ? from + x->count : UINT64_MAX;
    int rc;

    if (x->count > 0 && to < from)
        to = UINT64_MAX;
    if (first >= to)
        return CF_EOF;
    if (last <= from)
        return CF_OK;
    from = from > first ? from - first : 0;
    to = (to < last ? to : last) - first;
    memset(x->sel, 0, sizeof x->sel);
    for (uint64_t i = from; i < to; i++)
        x->sel[i >> 6] |= UINT64_C(1) << (i & 63);
    rc = cf_flowprint_work(x->flows, it, x->sel, d);
    if (rc == CF_OK)
        rc = cf_flowprint_emit(x->flows, it, d);
    return rc == CF_OK && first + to < last ? CF_EOF : rc;
}

static int choose_fields(cfcut_t *x, cf_diag_t *d)
{
    int rc;

    if (x->list != NULL)
        rc = cf_print_fields(x->scan, x->list, &x->fields, &x->nfields, d);
    else if (x->all_fields)
        rc = cf_print_all_fields(x->scan, &x->fields, &x->nfields, d);
    else
        rc = cf_print_default_fields(x->scan, &x->fields, &x->nfields, d);
    return rc == CF_OK ? cf_scan_need(x->scan, x->fields, x->nfields) : rc;
}

static int print_rows(cfcut_t *x, cf_diag_t *d)
{
    const cf_scan_task_t all = { .work = print_work, .emit = print_emit, .ctx = x };
    const cf_scan_task_t range = { .emit = range_emit, .ctx = x };
    int rc = cf_flowprint_open(&x->flows, x->scan, x->fields, x->nfields, &x->print, x->out, d);

    if (rc == CF_OK)
        rc = cf_scan_run(x->scan, x->start > 0 || x->count > 0 ? &range : &all, d);
    return rc;
}

static int run(cfcut_t *x, cf_diag_t *d)
{
    uint64_t rows;
    int rc;

    if (x->tail > 0 && cfcut_count_rows(x, &rows)) {
        x->start = rows > x->tail ? rows - x->tail + 1 : 1;
        x->tail = 0;
    }
    rc = cf_cli_scan(&x->cli, 0, &x->scan, d);
    if (rc == CF_OK)
        rc = choose_fields(x, d);
    if (rc != CF_OK)
        return rc;
    x->out = cf_cli_text(&x->cli, d);
    if (x->out == NULL)
        return d->code;
    if (x->tail > 0)
        return cfcut_tail(x, d);
    if (x->start == 0 && x->count > 0)
        x->start = 1;
    return print_rows(x, d);
}

int main(int argc, char **argv)
{
    cfcut_t *x = calloc(1, sizeof *x);
    cf_diag_t d = CF_DIAG_INIT;
    int status;

    if (x == NULL) {
        fputs("cfcut: out of memory\n", stderr);
        return 1;
    }
    status = cf_cli_begin(&x->cli, &cfcut_cmd, argc, argv);
    if (status >= 0) {
        free(x);
        return status;
    }
    /* Faults of single inputs have been told; one of the output is told when it is closed. */
    if (cfcut_options(x) == 0 && run(x, &d) != CF_OK && x->cli.status == 0
        && (x->out == NULL || !ferror(x->out)))
        cf_cli_fail(&x->cli, &d);
    cf_flowprint_close(x->flows);
    status = cf_cli_end(&x->cli, x->scan);
    free(x->fields);
    free(x);
    return status;
}
