/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The work of cffilter: select in parallel, hand on in input order. Columns beyond those of the
 * expression are decoded only for items of which some rows go somewhere; an item that goes to one
 * output whole is handed on as it is stored.
 */
#include <stdlib.h>
#include <string.h>

#include "cffilter.h"

struct slot {
    uint64_t *sel, *rest;      /* rows that pass, rows that do not */
    uint32_t passed;
    tally_t read, pass;
    uint64_t status_rows;
};

/* ---- work --------------------------------------------------------------------------------- */

static void sum(wide_t *all, wide_t *pass, const cf_vec_t *v, uint32_t rows, const uint64_t *sel)
{
    /* null rows hold zero */
    for (uint32_t i = 0; i < rows; i++) {
        uint64_t x = cf_vec_uint(v, i);

        wide_add(all, x);
        if ((sel[i >> 6] >> (i & 63) & 1) != 0)
            wide_add(pass, x);
    }
}

static int tally(const filter_t *f, cf_item_t *it, slot_t *s, cf_diag_t *d)
{
    uint32_t rows = cf_item_rows(it);
    const cf_vec_t *v;
    int rc = CF_OK;

    memset(&s->read, 0, sizeof s->read);
    memset(&s->pass, 0, sizeof s->pass);
    s->status_rows = 0;
    s->read.records = rows;
    s->pass.records = s->passed;
    if (f->packets != NULL && (rc = cf_item_column(it, f->packets, &v, d)) == CF_OK && !v->absent)
        sum(&s->read.packets, &s->pass.packets, v, rows, s->sel);
    if (rc == CF_OK && f->bytes != NULL && (rc = cf_item_column(it, f->bytes, &v, d)) == CF_OK
        && !v->absent)
        sum(&s->read.bytes, &s->pass.bytes, v, rows, s->sel);
    if (rc == CF_OK && f->logstatus != NULL
        && (rc = cf_item_column(it, f->logstatus, &v, d)) == CF_OK && !v->absent)
        for (uint32_t i = 0; i < rows; i++)
            s->status_rows += cf_vec_uint(v, i) != CF_LOGSTATUS_OK;
    return rc;
}

/* Will rows of the item be taken out of it, or does it have no stored form? */
static bool wants_batch(const filter_t *f, const slot_t *s, uint32_t rows, bool stored)
{
    bool some = s->passed > 0 && s->passed < rows;

    if (!stored)
        return f->pass != NULL || f->fail != NULL || f->all != NULL;
    return some && (f->pass != NULL || f->fail != NULL);
}

static int work(void *ctx, unsigned worker, cf_item_t *it, cf_diag_t *d)
{
    filter_t *f = ctx;
    slot_t *s = &f->slots[cf_item_slot(it)];
    uint32_t rows = cf_item_rows(it);
    const cf_batch_t *b;
    int rc = cf_expr_select(f->expr, f->runs[worker], it, s->sel, &s->passed, d);

    if (rc == CF_OK && f->o.statistics)
        rc = tally(f, it, s, d);
    if (rc == CF_OK && wants_batch(f, s, rows, cf_item_block(it) != NULL))
        rc = cf_item_batch(it, &b, d);
    if (rc == CF_OK && f->print != NULL)
        rc = cf_flowprint_work(f->print, it, s->sel, d);
    return rc;
}

/* ---- emit --------------------------------------------------------------------------------- */

/* n of the item's rows to an output: all as stored (any: as compressed too), or those selected. */
static int hand_on(cf_writer_t *w, cf_item_t *it, const uint64_t *sel, uint32_t n, bool any,
                   cf_diag_t *d)
{
    cf_block_t *block = cf_item_block(it);
    const cf_batch_t *b;
    int rc;

    if (w == NULL || n == 0)
        return CF_OK;
    if (n == cf_item_rows(it) && block != NULL)
        return cf_writer_put_block(w, block, any, d);
    rc = cf_item_batch(it, &b, d);
    return rc == CF_OK ? cf_writer_put(w, b, n == cf_item_rows(it) ? NULL : sel, d) : rc;
}

static void add(tally_t *to, const tally_t *t)
{
    to->records += t->records;
    wide_add(&to->packets, t->packets.lo);
    to->packets.hi += t->packets.hi;
    wide_add(&to->bytes, t->bytes.lo);
    to->bytes.hi += t->bytes.hi;
}

static int emit(void *ctx, cf_item_t *it, cf_diag_t *d)
{
    filter_t *f = ctx;
    slot_t *s = &f->slots[cf_item_slot(it)];
    uint32_t rows = cf_item_rows(it), words = (rows + 63) / 64;
    bool any = f->cli.level == 0;
    int rc;

    if (f->o.statistics) {
        add(&f->read, &s->read);
        add(&f->passed, &s->pass);
        f->status_rows += s->status_rows;
    } else {
        f->passed.records += s->passed;
    }
    rc = hand_on(f->all, it, NULL, rows, any, d);
    if (rc == CF_OK)
        rc = hand_on(f->pass, it, s->sel, s->passed, any, d);
    if (rc == CF_OK && f->fail != NULL) {
        cf_bits_fill(s->rest, rows);
        for (uint32_t i = 0; i < words; i++)
            s->rest[i] &= ~s->sel[i];
        rc = hand_on(f->fail, it, s->rest, rows - s->passed, any, d);
    }
    if (rc == CF_OK && f->print != NULL)
        rc = cf_flowprint_emit(f->print, it, d);
    if (rc != CF_OK)
        f->broken = true;
    return rc;
}

/* ---- outputs ------------------------------------------------------------------------------ */

#define WRITING_THREADS 4u     /* 256 MB hold for so many, with the widest columns of known logs */

static unsigned outputs(const filter_t *f)
{
    return (f->o.pass != NULL) + (f->o.fail != NULL) + (f->o.all != NULL);
}

void filter_threads(filter_t *f)
{
    bool bounded = outputs(f) > 0 && f->cli.threads > WRITING_THREADS;

    f->threads = bounded ? WRITING_THREADS : f->cli.threads;
}

static unsigned writer_threads(const filter_t *f)
{
    unsigned share = f->threads / outputs(f);

    return share > 0 ? share : 1;
}

static int open_writer(filter_t *f, const char *name, cf_writer_t **w, cf_diag_t *d)
{
    cf_writer_options_t o = { .path = name, .force = f->cli.force, .level = f->cli.level };
    if (name == NULL)
        return CF_OK;
    o.threads = writer_threads(f);
    return cf_writer_open(w, &o, d);
}

/* Raw logs need to build only what is looked at: the expression's fields and those that n names. */
static int need(filter_t *f, const cf_field_t *const *more, size_t n)
{
    const cf_field_t *const own[] = { f->packets, f->bytes, f->logstatus }, *const *used, **all;
    size_t nused, count = 0;
    int rc;

    used = cf_expr_fields(f->expr, &nused);
    all = calloc(nused + n + 3, sizeof *all);
    if (all == NULL)
        return CF_E_NOMEM;
    for (size_t i = 0; i < nused; i++)
        all[count++] = used[i];
    for (size_t i = 0; i < n; i++)
        all[count++] = more[i];
    for (size_t i = 0; i < 3 && f->o.statistics; i++)
        if (own[i] != NULL)
            all[count++] = own[i];
    rc = cf_scan_need(f->scan, all, count);
    free(all);
    return rc;
}

static int open_print(filter_t *f, cf_diag_t *d)
{
    cf_print_options_t o = { .format = f->cli.format,
                             .titles = f->cli.titles,
                             .terminal = cf_cli_to_terminal(&f->cli) };
    const cf_field_t **fields = NULL;
    size_t n;
    FILE *out;
    int rc = cf_print_default_fields(f->scan, &fields, &n, d);

    if (rc == CF_OK && f->o.fail == NULL && f->o.all == NULL && need(f, fields, n) != CF_OK)
        rc = cf_diag_set(d, CF_E_NOMEM, "no memory for the fields");
    if (rc == CF_OK) {
        out = cf_cli_text(&f->cli, d);
        rc = out != NULL ? cf_flowprint_open(&f->print, f->scan, fields, n, &o, out, d) : d->code;
    }
    free(fields);
    return rc;
}

static int open_outputs(filter_t *f, cf_diag_t *d)
{
    bool flows = f->o.fail != NULL || f->o.all != NULL;
    int64_t from, to;
    int rc = CF_OK;

    f->text = f->o.pass != NULL && (f->cli.format_given || cf_cli_to_terminal(&f->cli));
    if (f->text)
        rc = open_print(f, d);
    else if (!flows && f->o.pass == NULL && need(f, NULL, 0) != CF_OK)
        rc = cf_diag_set(d, CF_E_NOMEM, "no memory for the fields");
    else if (f->o.pass != NULL)
        rc = open_writer(f, f->o.pass, &f->pass, d);
    if (rc == CF_OK)
        rc = open_writer(f, f->o.fail, &f->fail, d);
    if (rc == CF_OK)
        rc = open_writer(f, f->o.all, &f->all, d);
    /* blocks outside of the window cannot pass, and only what passes is asked for */
    if (rc == CF_OK && !flows && !f->o.statistics && cf_expr_window(f->expr, &from, &to))
        cf_scan_window(f->scan, from, to);
    return rc;
}

static int close_writer(filter_t *f, cf_writer_t **w, cf_diag_t *d)
{
    const cf_schema_t *schema = cf_scan_schema(f->scan);
    cf_writer_totals_t t;
    int rc = CF_OK;

    if (*w == NULL)
        return rc;
    cf_writer_totals(*w, &t);
    /* no row came: say at least which columns there were */
    if (t.rows == 0 && schema != NULL)
        rc = cf_writer_schema(*w, schema, d);
    if (rc == CF_OK)
        rc = cf_cli_provenance(&f->cli, f->scan, *w, d);
    if (rc != CF_OK)
        cf_writer_abort(*w);
    else
        rc = cf_writer_close(*w, d);
    *w = NULL;
    return rc;
}

static void say(filter_t *f, const char *output, cf_diag_t *d)
{
    if (output != NULL && d->source[0] == '\0')
        cf_diag_source(d, strcmp(output, "-") == 0 ? "standard output" : output);
    cf_cli_fail(&f->cli, d);
}

/* An output that lacks flows because an input failed does not get its name. */
static void close_outputs(filter_t *f, bool good)
{
    cf_writer_t **w[] = { &f->pass, &f->fail, &f->all };
    const char *name[] = { f->o.pass, f->o.fail, f->o.all };

    cf_flowprint_close(f->print);
    f->print = NULL;
    for (size_t i = 0; i < 3; i++) {
        cf_diag_t d = CF_DIAG_INIT;

        if (!good) {
            cf_writer_abort(*w[i]);
            *w[i] = NULL;
        } else if (close_writer(f, w[i], &d) != CF_OK) {
            say(f, name[i], &d);
        }
    }
}

static int prepare(filter_t *f)
{
    unsigned slots = cf_scan_slots(f->scan);

    f->slots = calloc(slots, sizeof *f->slots);
    f->runs = calloc(f->threads, sizeof *f->runs);
    if (f->slots == NULL || f->runs == NULL)
        return CF_E_NOMEM;
    for (unsigned i = 0; i < slots; i++) {
        f->slots[i].sel = cf_alloc_aligned(CF_BATCH_WORDS, sizeof *f->slots[i].sel);
        f->slots[i].rest = cf_alloc_aligned(CF_BATCH_WORDS, sizeof *f->slots[i].rest);
        if (f->slots[i].sel == NULL || f->slots[i].rest == NULL)
            return CF_E_NOMEM;
    }
    for (unsigned i = 0; i < f->threads; i++)
        if ((f->runs[i] = cf_expr_run_create(f->expr)) == NULL)
            return CF_E_NOMEM;
    return CF_OK;
}

static void unprepare(filter_t *f)
{
    for (unsigned i = 0; f->slots != NULL && i < cf_scan_slots(f->scan); i++) {
        free(f->slots[i].sel);
        free(f->slots[i].rest);
    }
    for (unsigned i = 0; f->runs != NULL && i < f->threads; i++)
        cf_expr_run_destroy(f->runs[i]);
    free(f->slots);
    free(f->runs);
}

void filter_run(filter_t *f)
{
    const cf_scan_task_t task = { .work = work, .emit = emit, .ctx = f };
    cf_diag_t d = CF_DIAG_INIT;
    int rc;

    rc = open_outputs(f, &d);
    if (rc == CF_OK && prepare(f) != CF_OK)
        rc = cf_diag_set(&d, CF_E_NOMEM, "no memory for the rows of %u blocks",
                         cf_scan_slots(f->scan));
    f->broken = rc != CF_OK;
    if (rc == CF_OK)
        rc = cf_scan_run(f->scan, &task, &d);
    /* bad inputs have been told one by one */
    if (rc != CF_OK && (f->broken || f->cli.status == 0)) {
        f->broken = true;
        cf_cli_fail(&f->cli, &d);
    }
    close_outputs(f, rc == CF_OK);
    unprepare(f);
}
