/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small result tables. Cells are turned into text as they come and kept in one buffer; alignment is
 * known when all are there. The first failure sticks and is returned at the end.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "print/escape.h"

#define TABLE_MAX (1u << 30)

struct tcol {
    char *name;
    bool right;
    size_t width;
};

struct cf_table {
    cf_print_options_t o;
    int rc;
    uint32_t ncols;
    struct tcol *cols;
    cf_buf_t captions;
    cf_buf_t text;             /* all cells */
    size_t *end;               /* of each cell in text */
    bool *null;                /* NDJSON leaves these out */
    size_t ncells, size;
};

cf_table_t *cf_table_create(const cf_print_options_t *o)
{
    cf_table_t *t = calloc(1, sizeof *t);

    if (t != NULL) {
        t->o = *o;
        cf_buf_init(&t->captions, 1u << 16);
        cf_buf_init(&t->text, TABLE_MAX);
    }
    return t;
}

void cf_table_destroy(cf_table_t *t)
{
    if (t == NULL)
        return;
    for (uint32_t i = 0; i < t->ncols; i++)
        free(t->cols[i].name);
    free(t->cols);
    cf_buf_fini(&t->captions);
    cf_buf_fini(&t->text);
    free(t->end);
    free(t->null);
    free(t);
}

static void fail(cf_table_t *t, int rc)
{
    if (t->rc == CF_OK)
        t->rc = rc;
}

/* Columns of a terminal that UTF-8 text takes, one a character. */
static size_t seen(const char *s, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)s[i] & 0xc0) != 0x80;
    return count;
}

void cf_table_column(cf_table_t *t, const char *name, bool right)
{
    struct tcol *cols = realloc(t->cols, (t->ncols + 1) * sizeof *cols);

    if (cols == NULL) {
        fail(t, CF_E_NOMEM);
        return;
    }
    t->cols = cols;
    cols[t->ncols].right = right;
    cols[t->ncols].name = strdup(name);
    cols[t->ncols].width = t->o.titles ? seen(name, strlen(name)) : 1;
    if (cols[t->ncols].name == NULL)
        fail(t, CF_E_NOMEM);
    else
        t->ncols++;
}

void cf_table_caption(cf_table_t *t, const char *fmt, ...)
{
    char line[512];
    va_list ap;
    int rc;

    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    rc = cf_buf_puts(&t->captions, line);
    if (rc == CF_OK)
        rc = cf_buf_put(&t->captions, "\n", 1);
    if (rc != CF_OK)
        fail(t, rc);
}

static bool grow(cf_table_t *t)
{
    size_t size = t->size == 0 ? 64 : t->size * 2;
    size_t *end;
    bool *null;

    if (t->ncells < t->size)
        return true;
    end = realloc(t->end, size * sizeof *end);
    if (end != NULL)
        t->end = end;
    null = realloc(t->null, size * sizeof *null);
    if (null != NULL)
        t->null = null;
    if (end == NULL || null == NULL) {
        fail(t, CF_E_NOMEM);
        return false;
    }
    t->size = size;
    return true;
}

void cf_table_cell(cf_table_t *t, const cf_cell_t *c)
{
    size_t start = t->text.len, width;
    struct tcol *col;
    int rc;

    if (t->rc != CF_OK || t->ncols == 0 || !grow(t))
        return;
    rc = cf_cell_print(c, &t->o, &t->text);
    if (rc != CF_OK) {
        fail(t, rc);
        return;
    }
    col = &t->cols[t->ncells % t->ncols];
    width = seen(t->text.data + start, t->text.len - start);
    col->width = width > col->width ? width : col->width;
    t->null[t->ncells] = c->type == CF_CELL_NULL;
    t->end[t->ncells++] = t->text.len;
}

void cf_table_null(cf_table_t *t)
{
    cf_cell_t c = { .type = CF_CELL_NULL };

    cf_table_cell(t, &c);
}

void cf_table_uint(cf_table_t *t, uint64_t v)
{
    cf_cell_t c = { .type = CF_CELL_UINT, .u = v };

    cf_table_cell(t, &c);
}

void cf_table_bool(cf_table_t *t, bool v)
{
    cf_cell_t c = { .type = CF_CELL_BOOL, .u = v };

    cf_table_cell(t, &c);
}

void cf_table_text(cf_table_t *t, const char *text)
{
    if (text == NULL)
        cf_table_null(t);
    else
        cf_table_bytes(t, text, strlen(text));
}

void cf_table_bytes(cf_table_t *t, const char *s, size_t n)
{
    cf_cell_t c = { .type = CF_CELL_TEXT, .s = s, .n = n };

    cf_table_cell(t, &c);
}

void cf_table_time(cf_table_t *t, int64_t ns)
{
    cf_cell_t c = { .type = CF_CELL_TIME, .t = ns };

    cf_table_cell(t, &c);
}

void cf_table_decimal(cf_table_t *t, uint64_t v, unsigned scale)
{
    cf_cell_t c = { .type = CF_CELL_DECIMAL, .u = v, .scale = scale };

    cf_table_cell(t, &c);
}

static int put_padded(const cf_table_t *t, uint32_t i, const char *s, size_t n, cf_buf_t *out)
{
    const struct tcol *c = &t->cols[i];
    size_t width = seen(s, n), pad = 0;
    int rc;

    if (!t->o.delimited && width < c->width && (c->right || i + 1 < t->ncols))
        pad = c->width - width;
    rc = cf_buf_reserve(out, n + pad);
    if (rc != CF_OK)
        return rc;
    if (c->right) {
        memset(out->data + out->len, ' ', pad);
        out->len += pad;
    }
    if (n > 0)
        memcpy(out->data + out->len, s, n);
    out->len += n;
    if (!c->right) {
        memset(out->data + out->len, ' ', pad);
        out->len += pad;
    }
    out->data[out->len] = '\0';
    return CF_OK;
}

static int put_separator(const cf_table_t *t, uint32_t i, cf_buf_t *out)
{
    if (i == 0)
        return CF_OK;
    if (t->o.format == CF_TEXT_CSV)
        return cf_buf_put(out, ",", 1);
    if (t->o.separator != 0)
        return cf_buf_put(out, &t->o.separator, 1);
    return cf_buf_put(out, "  ", t->o.delimited ? 1 : 2);
}

static int put_titles(const cf_table_t *t, cf_buf_t *out)
{
    int rc = CF_OK;

    if (!t->o.titles || t->o.format == CF_TEXT_NDJSON)
        return CF_OK;
    if (t->o.format == CF_TEXT_ALIGNED)
        rc = cf_buf_put(out, t->captions.data, t->captions.len);
    for (uint32_t i = 0; i < t->ncols && rc == CF_OK; i++) {
        const char *name = t->cols[i].name;

        rc = put_separator(t, i, out);
        if (rc == CF_OK && t->o.format == CF_TEXT_CSV)
            rc = cf_buf_puts(out, name);
        else if (rc == CF_OK)
            rc = put_padded(t, i, name, strlen(name), out);
    }
    return rc == CF_OK ? cf_buf_put(out, "\n", 1) : rc;
}

static int put_json(const cf_table_t *t, size_t row, cf_buf_t *out)
{
    bool first = true;
    int rc = cf_buf_put(out, "{", 1);

    for (uint32_t i = 0; i < t->ncols && rc == CF_OK; i++) {
        size_t cell = row * t->ncols + i, start = cell == 0 ? 0 : t->end[cell - 1];

        if (t->null[cell])
            continue;
        rc = cf_buf_putf(out, "%s\"%s\":", first ? "" : ",", t->cols[i].name);
        if (rc == CF_OK)
            rc = cf_buf_put(out, t->text.data + start, t->end[cell] - start);
        first = false;
    }
    return rc == CF_OK ? cf_buf_puts(out, "}\n") : rc;
}

static int put_line(const cf_table_t *t, size_t row, cf_buf_t *out)
{
    int rc = CF_OK;

    for (uint32_t i = 0; i < t->ncols && rc == CF_OK; i++) {
        size_t cell = row * t->ncols + i, start = cell == 0 ? 0 : t->end[cell - 1];
        const char *s = t->text.data != NULL ? t->text.data + start : "";
        size_t n = t->end[cell] - start;

        rc = put_separator(t, i, out);
        if (rc == CF_OK)
            rc = t->o.format == CF_TEXT_CSV ? cf_buf_put(out, s, n) : put_padded(t, i, s, n, out);
    }
    return rc == CF_OK ? cf_buf_put(out, "\n", 1) : rc;
}

int cf_table_print(cf_table_t *t, cf_buf_t *out)
{
    int rc;

    if (t->rc != CF_OK)
        return t->rc;
    if (t->ncols == 0 || t->ncells % t->ncols != 0)
        return CF_E_INTERNAL;
    rc = put_titles(t, out);
    for (size_t row = 0; row < t->ncells / t->ncols && rc == CF_OK; row++)
        rc = t->o.format == CF_TEXT_NDJSON ? put_json(t, row, out) : put_line(t, row, out);
    return rc;
}

int cf_table_write(cf_table_t *t, FILE *file, cf_diag_t *d)
{
    cf_buf_t out;
    int rc;

    cf_buf_init(&out, TABLE_MAX);
    rc = cf_table_print(t, &out);
    if (rc != CF_OK)
        cf_diag_set(d, rc, rc == CF_E_LIMIT ? "the table is larger than 1 GiB" : "cannot build the table");
    else if (out.len > 0 && fwrite(out.data, 1, out.len, file) != out.len)
        rc = cf_diag_errno(d, CF_E_IO, errno, "cannot write");
    cf_buf_fini(&out);
    return rc;
}
