/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The window over a chain of layers (layer.h), and lines in it. The chain is built at open by
 * looking at the first bytes of each layer. Memory that is not compressed is its own window; files
 * are read into a buffer in pieces small enough to stay in the cache; with a thread the pieces come
 * from ahead.c, which is started only when the first piece did not hold everything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/layer.h"

#define CHUNK (256u << 10)
#define NEST_MAX 4             /* gzip in gzip in … */

static cfi_layer_t *unpack(cf_input_t *in, cfi_layer_t *layer)
{
    static const char *const words[] = { "gzip", "zstd" };
    char outer[sizeof in->packing];
    int depth;

    snprintf(in->packing, sizeof in->packing, "plain");
    for (depth = 0; layer != NULL; depth++) {
        cfi_feed_t *f = cfi_feed_create(layer);
        const uint8_t *b;
        size_t n;
        int kind = -1;

        if (f == NULL)
            return NULL;
        cfi_feed_need(f, 4);
        b = f->buf + f->pos;
        n = f->len - f->pos;
        if (n >= 3 && b[0] == 0x1f && b[1] == 0x8b && b[2] == 8)
            kind = 0;
        else if (n >= 4 && ((b[0] == 0x28 && b[1] == 0xb5 && b[2] == 0x2f && b[3] == 0xfd) ||
                            ((b[0] & 0xf0) == 0x50 && b[1] == 0x2a && b[2] == 0x4d &&
                             b[3] == 0x18)))
            kind = 1;
        if (kind < 0 || depth == NEST_MAX)
            return cfi_plain_create(f);
        memcpy(outer, in->packing, sizeof outer);
        if (in->packed)
            snprintf(in->packing, sizeof in->packing, "%s in %.30s", words[kind], outer);
        else
            snprintf(in->packing, sizeof in->packing, "%s", words[kind]);
        in->packed = true;
        layer = kind == 0 ? cfi_gunzip_create(f) : cfi_unzstd_create(f);
    }
    return NULL;
}

static int input_open(cf_input_t **out, cfi_source_t *src, const char *name, unsigned flags,
                      cf_diag_t *d)
{
    cf_input_t *in;

    if (src == NULL)
        return d != NULL && d->code != 0 ? d->code : CF_E_IO;
    in = calloc(1, sizeof *in);
    if (in != NULL)
        in->name = strdup(name);
    if (in == NULL || in->name == NULL) {
        free(in);
        src->layer.close(&src->layer);
        return cf_diag_set(d, CF_E_NOMEM, "no memory for an input");
    }
    in->src = src;
    in->thread = (flags & CF_INPUT_THREAD) != 0;
    in->growing = (flags & CF_INPUT_GROWING) != 0;
    if (flags & CF_INPUT_RAW) {
        snprintf(in->packing, sizeof in->packing, "plain");
        in->top = &src->layer;
    } else {
        in->top = unpack(in, &src->layer);
    }
    if (in->top != NULL && in->growing && in->packed)
        in->past = calloc(1, sizeof *in->past);
    if (in->top == NULL || (in->growing && in->packed && in->past == NULL)) {
        cf_input_close(in);
        return cf_diag_set(d, CF_E_NOMEM, "no memory for an input");
    }
    *out = in;
    return CF_OK;
}

int cf_input_open(cf_input_t **in, const char *path, unsigned flags, cf_diag_t *d)
{
    const char *name = strcmp(path, "-") == 0 ? "stdin" : path;
    cf_diag_t own = CF_DIAG_INIT;
    int rc;

    *in = NULL;
    rc = input_open(in, cfi_source_file(path, &own), name, flags, &own);
    if (rc != CF_OK) {
        cf_diag_set(d, rc, "%s", own.text);
        cf_diag_source(d, name);
    }
    return rc;
}

int cfi_input_open_chunked(cf_input_t **in, const char *name, const void *bytes, size_t n,
                           size_t chunk,
                           unsigned flags, cf_diag_t *d)
{
    cfi_source_t *src = cfi_source_memory(bytes, n, d);

    *in = NULL;
    if (src != NULL && chunk > 0)
        src->chunk = chunk;
    return src == NULL ? CF_E_NOMEM : input_open(in, src, name, flags, d);
}

int cf_input_open_memory(cf_input_t **in, const char *name, const void *bytes, size_t n,
                         unsigned flags,
                         cf_diag_t *d)
{
    int rc = cfi_input_open_chunked(in, name, bytes, n, 0, flags, d);

    if (rc == CF_OK && !(*in)->packed) {
        (*in)->direct = true;
        (*in)->win = bytes;
        (*in)->len = n;
        (*in)->status = CF_EOF;
        cfi_input_look(*in);
    }
    return rc;
}

void cf_input_close(cf_input_t *in)
{
    if (in == NULL)
        return;
    cfi_ahead_destroy(in->ahead);
    if (in->top != NULL)
        in->top->close(in->top);
    free(in->past);
    free(in->buf);
    free(in->name);
    free(in);
}

/* The window into buf, with room for total bytes. */
static int own_window(cf_input_t *in, size_t total)
{
    size_t size = in->size > 0 ? in->size : CHUNK;
    uint8_t *buf;

    while (size < total)
        size *= 2;
    if (size == in->size) {
        if (in->win != in->buf && in->len > 0)
            memmove(in->buf, in->win, in->len);
    } else {
        buf = malloc(size);
        if (buf == NULL)
            return CF_E_NOMEM;
        if (in->len > 0)
            memcpy(buf, in->win, in->len);
        free(in->buf);
        in->buf = buf;
        in->size = size;
    }
    in->win = in->buf;
    return CF_OK;
}

int cfi_input_prepend(cf_input_t *in, const void *bytes, size_t n)
{
    int rc = own_window(in, in->len + n);

    if (rc != CF_OK)
        return rc;
    memmove(in->buf + n, in->buf, in->len);
    memcpy(in->buf, bytes, n);
    in->len += n;
    return CF_OK;
}

/* More bytes from the thread; want is the size the window shall reach. */
static int more_ahead(cf_input_t *in, size_t want)
{
    uint8_t *p;
    size_t n;
    int rc;

    /* The rest of the window may lie in a piece that goes back to the thread now. */
    rc = own_window(in, in->len > 0 ? in->len : 1);
    if (rc != CF_OK)
        return rc;
    rc = cfi_ahead_next(in->ahead, &p, &n, &in->diag);
    if (rc != CF_OK)
        return rc;
    if (in->len <= CFI_AHEAD_HEADROOM && in->len + n >= want) {
        if (in->len > 0)
            memcpy(p - in->len, in->win, in->len);
        in->win = p - in->len;
    } else {
        rc = own_window(in, in->len + n);
        if (rc != CF_OK)
            return rc;
        memcpy(in->buf + in->len, p, n);
    }
    in->len += n;
    return CF_OK;
}

static int more(cf_input_t *in, size_t want)
{
    size_t cap = want - in->len > CHUNK ? want - in->len : CHUNK, got = 0;
    int rc;

    if (in->thread && in->reads > 0 && in->ahead == NULL) {
        in->ahead = cfi_ahead_create(in->top, in->src);
        in->thread = in->ahead != NULL;
    }
    if (in->ahead != NULL)
        return more_ahead(in, want);
    rc = own_window(in, in->len + cap);
    if (rc != CF_OK)
        return rc;
    rc = in->top->read(in->top, in->buf + in->len, cap, &got, &in->diag);
    in->reads++;
    in->len += got;
    return rc;
}

static int input_end(const cf_input_t *in, cf_diag_t *d)
{
    if (in->status < 0 && d != NULL) {
        if (in->status == CF_E_NOMEM && in->diag.code == 0) {
            cf_diag_set(d, CF_E_NOMEM, "no memory for the input's window");
        } else {
            cf_diag_set(d, in->status, "%s", in->diag.text);
        }
        cf_diag_source(d, in->name);
        if (!d->has_offset) {
            d->has_offset = true;
            d->offset = in->offset;
        }
    }
    return in->status;
}

int cf_input_fill(cf_input_t *in, size_t want, const char **p, size_t *n, cf_diag_t *d)
{
    if (want > CF_INPUT_WINDOW_MAX)
        want = CF_INPUT_WINDOW_MAX;
    if (want == 0)
        want = 1;
    while (in->len < want && in->status == CF_OK) {
        in->status = more(in, want);
        if (in->growing)
            cfi_input_look(in);
    }
    *p = (const char *)in->win;
    *n = in->len;
    return in->len > 0 ? CF_OK : input_end(in, d);
}

int cf_input_ended(const cf_input_t *in)
{
    return in->status;
}

void cf_input_consume(cf_input_t *in, size_t n)
{
    if (n > in->len)
        n = in->len;
    if (n == 0)
        return;
    in->last = in->win[n - 1];
    if (in->past != NULL) {
        size_t head = in->offset < in->head_len ? (size_t)(in->head_len - in->offset) : 0;

        if (n > head)
            cfi_past_put(in->past, in->win + head, n - head);
    }
    in->win += n;
    in->len -= n;
    in->offset += n;
}

/* Pass over the rest of a line that is too long. */
static int skip_line(cf_input_t *in, cf_diag_t *d)
{
    for (;;) {
        const char *p, *lf;
        size_t n;
        int rc = cf_input_fill(in, 1, &p, &n, d);

        if (rc == CF_EOF)
            return CF_R_LONG;
        if (rc != CF_OK)
            return rc;
        lf = memchr(p, '\n', n);
        cf_input_consume(in, lf != NULL ? (size_t)(lf - p) + 1 : n);
        if (lf != NULL)
            return CF_R_LONG;
    }
}

int cf_input_line(cf_input_t *in, size_t max, const char **line, size_t *n, cf_diag_t *d)
{
    size_t seen = 0, len, have;
    const char *p, *lf;
    int rc;

    *line = NULL;
    *n = 0;
    if (max > CF_INPUT_WINDOW_MAX - 2)
        max = CF_INPUT_WINDOW_MAX - 2;
    for (;;) {
        rc = cf_input_fill(in, seen + 1, &p, &have, d);
        if (rc != CF_OK)
            return rc;
        lf = have > seen ? memchr(p + seen, '\n', have - seen) : NULL;
        if (lf != NULL) {
            len = (size_t)(lf - p);
            break;
        }
        if (have == seen) {
            /* A cut file's last line may be cut too. */
            cf_input_consume(in, have);
            if (in->status < 0)
                return input_end(in, d);
            len = have;
            break;
        }
        seen = have;
        if (seen > max + 2) {
            cf_input_consume(in, seen);
            return skip_line(in, d);
        }
    }
    if (lf != NULL)
        cf_input_consume(in, len + 1);
    if (len > 0 && p[len - 1] == '\r')
        len--;
    if (len > max)
        return CF_R_LONG;
    *line = p;
    *n = len;
    return CF_OK;
}

const char *cf_input_name(const cf_input_t *in)
{
    return in->name;
}

uint64_t cf_input_offset(const cf_input_t *in)
{
    return in->offset;
}

void cf_input_progress(const cf_input_t *in, uint64_t *done, uint64_t *size)
{
    *done = in->direct ? in->src->len : atomic_load_explicit(&in->src->done, memory_order_relaxed);
    *size = in->src->size;
}

int cf_input_fd(const cf_input_t *in)
{
    return in->src->at_start && !in->packed ? in->src->fd : -1;
}

const char *cf_input_packing(const cf_input_t *in)
{
    return in->packing;
}
