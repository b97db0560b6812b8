/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing inputs: files that are read again and again while somebody writes them. Each run begins
 * where the last one came to; the reader said where that is (its cursor), and the input proves that
 * it is still the same file. What cannot be continued is a usage error and not read at all, because
 * its rows would be there twice after the next run.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "scan.h"

#define SHORT 4096u                /* bytes below which a beginning may be too short to know it */

bool cfi_reader_continues(const cf_reader_ops_t *ops)
{
    return ops->size >= offsetof(cf_reader_ops_t, cursor) + sizeof ops->cursor &&
           ops->cursor != NULL;
}

static int open_at(cfi_source_t *src, cf_input_t **in, cf_diag_t *d)
{
    unsigned flags = src->scan->o.threads > 1 ? CF_INPUT_THREAD : 0;

    return cf_input_open(in, src->name, flags | CF_INPUT_GROWING, d);
}

int cfi_growing_open(cfi_source_t *src, cf_input_t **in, bool *unchanged, cf_diag_t *d)
{
    cf_scan_options_t *o = &src->scan->o;
    cf_scan_place_t *p = &src->place;
    uint64_t size;
    int64_t mtime;
    struct stat st;
    int rc;

    *unchanged = false;
    *in = NULL;
    if (strcmp(src->name, "-") == 0)
        return cf_diag_set(d, CF_E_USAGE, "standard input cannot be continued; name files");
    rc = o->known != NULL ? o->known(o->known_ctx, src->name, p, d) : CF_OK;
    if (rc != CF_OK)
        return rc;
    if (stat(src->name, &st) != 0)
        return cf_diag_errno(d, CF_E_IO, errno, "cannot open");
    if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return cf_diag_set(d, CF_E_USAGE, "is no regular file and cannot be continued");
    mtime = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    if (p->known && p->size == (uint64_t)st.st_size && p->mtime == mtime) {
        src->begin = CF_SCAN_UNCHANGED;
        *unchanged = true;
        return CF_OK;
    }
    rc = open_at(src, in, d);
    if (rc == CF_OK && p->known) {
        if (o->reader != NULL && strcmp(o->reader, p->reader) != 0)
            return cf_diag_set(d, CF_E_USAGE, "was read by '%s' before, not by '%s'", p->reader,
                               o->reader);
        src->begin = CF_SCAN_CONTINUED;
        rc = cf_input_splice(*in, &p->mark, &src->why, d);
        if (rc == CF_EOF) {
            cf_input_close(*in);
            *in = NULL;
            src->begin = CF_SCAN_REPLACED;
            p->known = false;
            rc = open_at(src, in, d);
        }
    }
    if (rc == CF_OK && cf_input_stat(*in, &size, &mtime)) {
        p->size = size;
        p->mtime = mtime;
    }
    return rc;
}

/* A line behind comments, or the opening of a JSON document, that is not all there yet. */
bool cfi_growing_short(const cfi_source_t *src, const char *head, size_t n)
{
    const char *s = head, *end = head + n;

    if (!src->scan->o.growing || n >= SHORT)
        return false;
    for (;;) {
        while (s < end && (*s == ' ' || *s == '\t' || *s == '\r' || *s == '\n'))
            s++;
        if (s == end || *s == '{' || *s == '[')
            return true;
        if (memchr(s, '\n', (size_t)(end - s)) == NULL)
            return true;
        if (*s != '#')
            return false;
        s = (const char *)memchr(s, '\n', (size_t)(end - s)) + 1;
    }
}

/* From places in what the reader saw to places in the file. */
static int translate(cfi_source_t *src, const cf_cursor_t *c, cf_input_mark_t *m, cf_diag_t *d)
{
    memset(m, 0, sizeof *m);
    if (c->head_len > CF_CURSOR_HEAD_MAX || c->head > c->offset ||
        c->head_len > c->offset - c->head || c->offset > cf_input_offset(src->in) ||
        CF_CURSOR_HEAD_MAX > CF_INPUT_HEAD_MAX)
        return cf_diag_set(d, CF_E_INTERNAL, "reader '%s' gave a cursor that is not possible",
                           src->reader);
    m->offset = cf_input_place(src->in, c->offset);
    m->comma = c->comma;
    if (c->head_len == 0)
        return CF_OK;
    m->head = cf_input_place(src->in, c->head);
    m->head_len = c->head_len;
    /* Of one piece in the file, too? */
    if (cf_input_place(src->in, c->head + c->head_len - 1) != m->head + c->head_len - 1)
        return cf_diag_set(d, CF_E_INTERNAL, "reader '%s' wants a head that is not in one place",
                           src->reader);
    return CF_OK;
}

static int note_place(cfi_source_t *src, cf_diag_t *d)
{
    cf_scan_place_t *p = &src->place;
    cf_cursor_t c = { .head = 0 };
    cf_input_mark_t m;
    int rc = src->ops->cursor(src->state, &c, d);

    if (rc != CF_OK)
        return rc;
    rc = translate(src, &c, &m, d);
    if (rc == CF_OK)
        rc = cf_input_mark(src->in, &m, d);
    if (rc == CF_EOF)
        rc = cf_input_sums(src->name, &m, d);
    if (rc != CF_OK)
        return rc;
    p->known = true;
    p->mark = m;
    p->skip = c.skip;
    snprintf(p->reader, sizeof p->reader, "%s", src->reader);
    return CF_OK;
}

/* What came since the last run; the head was read for its meaning only. */
static void settle(cfi_source_t *src)
{
    uint64_t seen = cf_input_offset(src->in), head = src->place.mark.head_len;

    if (src->begin == CF_SCAN_CONTINUED)
        src->account.bytes = seen > head ? seen - head : 0;
    for (uint32_t i = 0; i < src->rejects.shown; i++) {
        cf_reject_t *r = &src->rejects.first[i];

        r->offset = cf_input_place(src->in, r->offset);
        if (src->begin == CF_SCAN_CONTINUED)
            r->line = 0;           /* counted from where the reader began */
    }
}

int cfi_growing_end(cfi_source_t *src, int rc, cf_diag_t *d)
{
    cf_diag_t own = CF_DIAG_INIT;
    int noted;

    settle(src);
    if (rc < 0 && d != NULL && d->has_offset)
        d->offset = cf_input_place(src->in, d->offset);
    /* Nothing came of it: the next run tries again, perhaps with other options. */
    if (rc < 0 && rc != CF_E_TRUNC && src->account.rows_kept == 0) {
        src->place.known = false;
        return rc;
    }
    noted = note_place(src, &own);
    if (noted == CF_OK) {
        if (rc != CF_E_TRUNC)
            return rc;
        src->cut = true;
        if (d != NULL)
            cf_diag_clear(d);
        return CF_EOF;
    }
    /* The next run would read its rows again: better none at all, so this ends the scan. */
    if (d != NULL)
        *d = own;
    return cf_scan_input_error(noted) ? CF_E_INTERNAL : noted;
}
