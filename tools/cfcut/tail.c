/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last rows. Files of .cf are counted first, from their blocks' heads alone, and then it is a
 * range. What can be read only once is formatted as it comes and held as text: as many of the
 * latest pieces as have the rows wanted.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cfcut.h"

#define PIECE_ROWS 4096u
#define HELD_MAX (128u << 20)

/* ---- counting ------------------------------------------------------------------------------ */

static int count_emit(void *ctx, cf_item_t *it, cf_diag_t *d)
{
    bool *raw = ctx;

    (void)d;
    *raw |= cf_item_block(it) == NULL;
    return *raw ? CF_EOF : CF_OK;
}

bool cfcut_count_rows(cfcut_t *x, uint64_t *rows)
{
    bool raw = false;
    const cf_scan_task_t task = { .emit = count_emit, .ctx = &raw };
    cf_scan_totals_t totals;
    cf_scan_options_t o;
    cf_scan_t *s;
    int rc;

    if (x->cli.noperands == 0 || x->cli.xargs != NULL)
        return false;
    for (int i = 0; i < x->cli.noperands; i++) {
        struct stat st;

        if (stat(x->cli.operands[i], &st) != 0 || !S_ISREG(st.st_mode))
            return false;
    }
    cf_cli_scan_options(&x->cli, 0, &o);
    o.on_error = NULL;                 /* the second reading tells */
    o.on_input = NULL;
    o.threads = 1;
    if (cf_scan_open(&s, &o, NULL) != CF_OK)
        return false;
    rc = cf_scan_run(s, &task, NULL);
    cf_scan_totals(s, &totals);
    *rows = totals.rows;
    cf_scan_close(s);
    return rc == CF_OK && !raw;
}

/* ---- holding ------------------------------------------------------------------------------- */

struct piece {
    cf_buf_t text;
    uint32_t rows;
    struct piece *next;
};

struct tail {
    cfcut_t *x;
    cf_rowprint_t *rows;
    const cf_vec_t **cols;
    struct piece *first, *last;
    uint64_t nrows;
    size_t bytes;
};

static void piece_free(struct piece *p)
{
    if (p != NULL)
        cf_buf_fini(&p->text);
    free(p);
}

static void drop_first(struct tail *t)
{
    struct piece *p = t->first;

    t->first = p->next;
    t->nrows -= p->rows;
    t->bytes -= p->text.size;
    piece_free(p);
}

/* Rows from *row on, at most PIECE_ROWS. */
static int hold(struct tail *t, uint32_t *row, uint32_t rows, cf_diag_t *d)
{
    uint32_t end = rows - *row > PIECE_ROWS ? *row + PIECE_ROWS : rows, begin = *row;
    struct piece *p = calloc(1, sizeof *p);
    int rc = CF_E_NOMEM;

    if (p != NULL) {
        cf_buf_init(&p->text, HELD_MAX);
        rc = cf_rowprint_rows(t->rows, t->cols, end, NULL, row, SIZE_MAX, &p->text);
    }
    if (rc == CF_OK) {
        p->rows = end - begin;
        if (t->first == NULL)
            t->first = p;
        else
            t->last->next = p;
        t->last = p;
        t->nrows += p->rows;
        t->bytes += p->text.size;
        while (t->nrows - t->first->rows >= t->x->tail)
            drop_first(t);
        if (t->bytes <= HELD_MAX)
            return CF_OK;
        rc = CF_E_LIMIT;
    } else {
        piece_free(p);
    }
    if (rc == CF_E_LIMIT)
        return cf_diag_set(d, rc, "the last %" PRIu64 " rows take more than 128 MB as text; write the "
                           "flows to a .cf file first", t->x->tail);
    return cf_diag_set(d, rc, "no memory for the last %" PRIu64 " rows", t->x->tail);
}

static int tail_emit(void *ctx, cf_item_t *it, cf_diag_t *d)
{
    struct tail *t = ctx;
    uint32_t rows = cf_item_rows(it), row = rows > t->x->tail ? rows - (uint32_t)t->x->tail : 0;
    int rc = CF_OK;

    for (size_t i = 0; i < t->x->nfields && rc == CF_OK; i++)
        rc = cf_item_column(it, t->x->fields[i], &t->cols[i], d);
    while (row < rows && rc == CF_OK)
        rc = hold(t, &row, rows, d);
    return rc;
}

/* Decoding is for the workers. */
static int tail_work(void *ctx, unsigned worker, cf_item_t *it, cf_diag_t *d)
{
    struct tail *t = ctx;
    const cf_vec_t *v;
    int rc = CF_OK;

    (void)worker;
    for (size_t i = 0; i < t->x->nfields && rc == CF_OK; i++)
        rc = cf_item_column(it, t->x->fields[i], &v, d);
    return rc;
}

/* Behind the first n rows of a text; a quoted CSV cell may hold line ends. */
static size_t skip_rows(const struct tail *t, const cf_buf_t *text, uint64_t n)
{
    bool csv = t->x->print.format == CF_TEXT_CSV, quoted = false;
    size_t i = 0;

    for (; i < text->len && n > 0; i++) {
        if (csv && text->data[i] == '"')
            quoted = !quoted;
        n -= text->data[i] == '\n' && !quoted;
    }
    return i;
}

static int write_held(struct tail *t, cf_diag_t *d)
{
    uint64_t more = t->nrows > t->x->tail ? t->nrows - t->x->tail : 0;
    cf_buf_t titles;
    int rc;

    cf_buf_init(&titles, 1u << 20);
    rc = cf_rowprint_titles(t->rows, &titles);
    if (rc == CF_OK && titles.len > 0 && fwrite(titles.data, 1, titles.len, t->x->out) != titles.len)
        rc = CF_E_IO;
    cf_buf_fini(&titles);
    for (struct piece *p = t->first; p != NULL && rc == CF_OK; p = p->next) {
        size_t skip = more > 0 ? skip_rows(t, &p->text, more) : 0;

        more = 0;
        if (fwrite(p->text.data + skip, 1, p->text.len - skip, t->x->out) != p->text.len - skip)
            rc = CF_E_IO;
    }
    return rc == CF_OK ? rc : cf_diag_errno(d, rc, errno, "cannot write");
}

int cfcut_tail(cfcut_t *x, cf_diag_t *d)
{
    struct tail t = { .x = x };
    const cf_scan_task_t task = { .work = tail_work, .emit = tail_emit, .ctx = &t };
    int rc = cf_rowprint_create(&t.rows, x->fields, x->nfields, &x->print, d);

    t.cols = calloc(x->nfields, sizeof *t.cols);
    if (rc == CF_OK && t.cols == NULL)
        rc = cf_diag_set(d, CF_E_NOMEM, "no memory for %zu columns", x->nfields);
    if (rc == CF_OK)
        rc = cf_scan_run(x->scan, &task, d);
    if (rc == CF_OK || x->cli.status != 0) {   /* what the good inputs gave */
        int written = write_held(&t, d);

        rc = rc == CF_OK ? written : rc;
    }
    while (t.first != NULL)
        drop_first(&t);
    free(t.cols);
    cf_rowprint_destroy(t.rows);
    return rc;
}
