/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON inputs: items of unwrap.c become lines, or rows from names and values. Objects of one key
 * per field have no header; their format grows with the names that come.
 */
#include <stdlib.h>

#include "unwrap.h"

#define NAME_MAX_BYTES 63u

static bool full(const aws_t *st)
{
    return st->begun && (st->heavy || st->batch->rows == CF_BATCH_ROWS);
}

static int hold(aws_t *st, const aws_item_t *item)
{
    if (st->held == NULL)
        st->held = malloc(sizeof *item);
    if (st->held == NULL)
        return CF_E_NOMEM;
    memcpy(st->held, item, sizeof *item);
    st->holding = true;
    return CF_OK;
}

static int one_item(aws_t *st, const aws_item_t *item, cf_diag_t *d)
{
    switch (item->type) {
    case AWS_ITEM_TEXT:
        return aws_line(st, item->text.s, item->text.n, 0, item->offset, d);
    case AWS_ITEM_OBJECT:
        return aws_object(st, item->names, item->values, item->n, item->offset, d);
    default:
        if (!aws_skipped(st))
            cf_rejects_add(st->env->rejects, CF_R_SYNTAX, 0, item->offset, NULL, 0, "%s",
                           item->text.s);
        return CF_OK;
    }
}

int aws_json(aws_t *st, cf_input_t *in, cf_diag_t *d)
{
    aws_item_t item;
    int rc;

    if (st->unwrap == NULL) {
        st->unwrap = aws_unwrap_create(in);
        if (st->unwrap == NULL)
            return cf_diag_set(d, CF_E_NOMEM, "no memory for reading JSON");
    }
    for (;;) {
        if (full(st))
            return CF_OK;
        if (st->holding) {
            memcpy(&item, st->held, sizeof item);
            st->holding = false;
        } else {
            bool lines = st->format != NULL && !st->format->object;
            cf_cursor_t before, after;

            aws_unwrap_place(st->unwrap, &before);
            rc = aws_unwrap_next(st->unwrap, lines ? st->format->n : 0, lines ? st->format->sep
                                 : ' ', &item, d);
            aws_unwrap_place(st->unwrap, &after);
            if (after.offset != before.offset)
                st->begun_with = aws_met(st);
            if (rc != CF_OK)
                return rc;
        }
        rc = one_item(st, &item, d);
        if (rc == CF_EOF)
            return hold(st, &item);
        if (rc != CF_OK)
            return rc;
    }
}

/* ---- objects ------------------------------------------------------------------------------ */

static bool same_name(const char *name, aws_span_t t)
{
    return strlen(name) == t.n && memcmp(name, t.s, t.n) == 0;
}

static int find_name(const aws_format_t *f, aws_span_t name, uint32_t guess)
{
    uint32_t i;

    if (guess < f->n && same_name(f->cols[guess].name, name))
        return (int)guess;
    for (i = 0; i < f->n; i++) {
        if (same_name(f->cols[i].name, name))
            return (int)i;
    }
    return -1;
}

/* Which field would a name be? Two spellings of one are not taken both. */
static void meaning(aws_span_t t, char *out)
{
    const char *ours = aws_known(t.s, t.n, NULL);

    if (ours != NULL)
        memcpy(out, ours, strlen(ours) + 1);
    else
        cf_field_legal_name(t.s, t.n, out);
}

static bool usable(aws_span_t name)
{
    size_t i;

    if (name.n == 0 || name.n > NAME_MAX_BYTES)
        return false;
    for (i = 0; i < name.n; i++) {
        if ((unsigned char)name.s[i] < 0x20 || name.s[i] == '"')
            return false;
    }
    return name.s[0] != ' ' && name.s[name.n - 1] != ' ' && name.s[0] != '$';
}

/* Names of the format so far and those that are new, each meaning once. *text is filled. */
static int join_names(const aws_format_t *old, const aws_span_t *names, uint32_t n,
                      uint32_t *added, cf_buf_t *text)
{
    char (*seen)[64] = calloc(AWS_VALUES_MAX, sizeof *seen);
    uint32_t i, k, count = 0, before = old != NULL ? old->n : 0;
    int rc = seen != NULL ? CF_OK : CF_E_NOMEM;

    for (i = 0; i < before + n && rc == CF_OK; i++) {
        aws_span_t t;

        if (i < before) {
            t.s = old->cols[i].name;
            t.n = strlen(t.s);
        } else {
            t = names[i - before];
        }
        if (!usable(t) || count == AWS_VALUES_MAX)
            continue;
        meaning(t, seen[count]);
        for (k = 0; k < count && strcmp(seen[k], seen[count]) != 0; k++)
            continue;
        if (k < count)
            continue;
        count++;
        *added += i >= before;
        rc = text->len > 0 ? cf_buf_put(text, "\t", 1) : CF_OK;
        if (rc == CF_OK)
            rc = cf_buf_put(text, t.s, t.n);
    }
    free(seen);
    return rc;
}

/* The objects' format, with all usable names in it. CF_EOF = give the batch out first. */
static int object_format(aws_t *st, const aws_span_t *names, uint32_t n, cf_diag_t *d)
{
    aws_format_t *f = st->format, *old;
    uint32_t i, unknown = 0, added = 0;
    cf_buf_t text;
    int rc;

    if (f != NULL && f->object) {
        for (i = 0; i < n; i++)
            unknown += find_name(f, names[i], i) < 0;
        if (unknown == 0)
            return CF_OK;
    }
    old = f != NULL && f->object ? f : st->other;
    cf_buf_init(&text, 2 * AWS_LINE_MAX);
    rc = join_names(old, names, n, &added, &text);
    if (rc == CF_OK && added == 0 && old == f)
        goto out;              /* what is new cannot be used */
    if (rc == CF_OK && st->begun && st->batch->rows > 0)
        rc = CF_EOF;
    if (rc != CF_OK)
        goto out;
    if (old != f) {            /* lines came before: remember their format */
        st->other = f;
        st->format = old;
    }
    if (added > 0) {
        rc = aws_format_create(&f, st, text.data, text.len, '\t', d);
        if (rc != CF_OK)
            goto out;
        f->object = true;
        aws_format_destroy(st->format);
        st->format = f;
    }
    rc = aws_begin(st, st->batch, d);
out:
    cf_buf_fini(&text);
    return rc;
}

int aws_object(aws_t *st, const aws_span_t *names, const aws_span_t *values, uint32_t n,
               uint64_t offset, cf_diag_t *d)
{
    static const aws_span_t absent = { "-", 1 };
    aws_span_t row = { "{...}", 5 };
    uint32_t i;
    int rc = object_format(st, names, n, d), at;

    if (rc != CF_OK)
        return rc;
    for (i = 0; i < st->format->n; i++)
        st->values[i] = absent;
    for (i = 0; i < n; i++) {
        at = find_name(st->format, names[i], i);
        if (at >= 0)
            st->values[at] = values[i];
        if (at >= 0 && strcmp(st->format->cols[at].name, "srcaddr") == 0)
            row = values[i];
    }
    return aws_row(st, st->values, row, 0, offset, d);
}
