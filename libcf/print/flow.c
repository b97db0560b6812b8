/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flows of a scan onto a FILE. Each slot of the scan has a text buffer: work fills it in parallel
 * up to a piece, emit writes it and goes on in pieces, so that memory stays bounded however wide
 * the rows are.
 */
#include <errno.h>
#include <stdlib.h>

#include <cf/print.h>

#define AHEAD (64u << 20)              /* text of all slots together */
#define PIECE_MIN (256u << 10)
#define PIECE_MAX (8u << 20)
#define ROW_MAX (1u << 30)             /* one row; a block of long strings needs room for its longest */

struct slot {
    cf_buf_t text;
    const cf_vec_t **cols;
    const uint64_t *sel;
    uint32_t row;                      /* first not formatted */
};

struct cf_flowprint {
    cf_rowprint_t *rows;
    const cf_field_t **fields;
    uint32_t n;
    FILE *out;
    unsigned nslots;
    struct slot *slots;
    size_t piece;                      /* bytes of text formatted at once */
};

static int put(cf_flowprint_t *f, cf_buf_t *text, cf_diag_t *d)
{
    if (text->len > 0 && fwrite(text->data, 1, text->len, f->out) != text->len)
        return cf_diag_errno(d, CF_E_IO, errno, "cannot write");
    text->len = 0;
    return CF_OK;
}

static int slots_init(cf_flowprint_t *f)
{
    f->piece = AHEAD / f->nslots;
    f->piece = f->piece < PIECE_MIN ? PIECE_MIN : f->piece > PIECE_MAX ? PIECE_MAX : f->piece;
    f->slots = calloc(f->nslots, sizeof *f->slots);
    if (f->slots == NULL)
        return CF_E_NOMEM;
    for (unsigned i = 0; i < f->nslots; i++) {
        cf_buf_init(&f->slots[i].text, f->piece + ROW_MAX);
        f->slots[i].cols = calloc(f->n, sizeof *f->slots[i].cols);
        if (f->slots[i].cols == NULL)
            return CF_E_NOMEM;
    }
    return CF_OK;
}

static int titles(cf_flowprint_t *f, cf_diag_t *d)
{
    cf_buf_t line;
    int rc;

    cf_buf_init(&line, 1u << 20);
    rc = cf_rowprint_titles(f->rows, &line);
    if (rc == CF_OK)
        rc = put(f, &line, d);
    else
        cf_diag_set(d, rc, "no memory for the titles");
    cf_buf_fini(&line);
    return rc;
}

int cf_flowprint_open(cf_flowprint_t **out, cf_scan_t *s, const cf_field_t *const *fields, size_t n,
                      const cf_print_options_t *o, FILE *file, cf_diag_t *d)
{
    cf_flowprint_t *f = calloc(1, sizeof *f);
    int rc;

    *out = NULL;
    if (f == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory to print flows");
    rc = cf_rowprint_create(&f->rows, fields, n, o, d);
    if (rc != CF_OK)
        goto fail;
    f->n = (uint32_t)n;
    f->out = file;
    f->nslots = cf_scan_slots(s);
    f->fields = calloc(n, sizeof *f->fields);
    if (f->fields == NULL || slots_init(f) != CF_OK) {
        rc = cf_diag_set(d, CF_E_NOMEM, "no memory to print flows");
        goto fail;
    }
    memcpy(f->fields, fields, n * sizeof *f->fields);
    rc = titles(f, d);
    if (rc != CF_OK)
        goto fail;
    *out = f;
    return CF_OK;
fail:
    cf_flowprint_close(f);
    return rc;
}

void cf_flowprint_close(cf_flowprint_t *f)
{
    if (f == NULL)
        return;
    for (unsigned i = 0; f->slots != NULL && i < f->nslots; i++) {
        cf_buf_fini(&f->slots[i].text);
        free(f->slots[i].cols);
    }
    free(f->slots);
    free(f->fields);
    cf_rowprint_destroy(f->rows);
    free(f);
}

static int format(cf_flowprint_t *f, struct slot *s, cf_item_t *it, cf_diag_t *d)
{
    int rc = cf_rowprint_rows(f->rows, s->cols, cf_item_rows(it), s->sel, &s->row, f->piece, &s->text);

    if (rc == CF_E_LIMIT)
        return cf_diag_set(d, rc, "a row is longer than %u bytes as text", ROW_MAX);
    return rc == CF_OK ? rc : cf_diag_set(d, rc, "no memory to print a block");
}

int cf_flowprint_work(cf_flowprint_t *f, cf_item_t *it, const uint64_t *sel, cf_diag_t *d)
{
    struct slot *s = &f->slots[cf_item_slot(it)];

    s->row = 0;
    s->sel = sel;
    s->text.len = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        int rc = cf_item_column(it, f->fields[i], &s->cols[i], d);

        if (rc != CF_OK)
            return rc;
    }
    return format(f, s, it, d);
}

int cf_flowprint_emit(cf_flowprint_t *f, cf_item_t *it, cf_diag_t *d)
{
    struct slot *s = &f->slots[cf_item_slot(it)];
    int rc = put(f, &s->text, d);

    while (rc == CF_OK && s->row < cf_item_rows(it)) {
        rc = format(f, s, it, d);
        if (rc == CF_OK)
            rc = put(f, &s->text, d);
    }
    if (s->text.size > 2 * f->piece) {     /* one wide block must not keep its memory */
        cf_buf_fini(&s->text);
        cf_buf_init(&s->text, f->piece + ROW_MAX);
    }
    return rc;
}
