/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The feed: a look-ahead buffer over a layer, and the layer that gives out its bytes unchanged when
 * nothing is left to undo.
 */
#include <stdlib.h>
#include <string.h>

#include "input/layer.h"

cfi_feed_t *cfi_feed_create(cfi_layer_t *from)
{
    cfi_feed_t *f = calloc(1, sizeof *f);

    if (f != NULL)
        f->buf = malloc(CFI_FEED_SIZE);
    if (f == NULL || f->buf == NULL) {
        free(f);
        from->close(from);
        return NULL;
    }
    f->from = from;
    return f;
}

void cfi_feed_destroy(cfi_feed_t *f)
{
    if (f == NULL)
        return;
    f->from->close(f->from);
    free(f->buf);
    free(f);
}

void cfi_feed_need(cfi_feed_t *f, size_t want)
{
    if (f->len - f->pos >= want)
        return;
    if (f->pos > 0) {
        memmove(f->buf, f->buf + f->pos, f->len - f->pos);
        f->len -= f->pos;
        f->pos = 0;
    }
    while (f->len < want && f->status == CF_OK) {
        size_t got = 0;

        f->status = f->from->read(f->from, f->buf + f->len, CFI_FEED_SIZE - f->len, &got, &f->diag);
        f->len += got;
    }
}

int cfi_feed_ended(const cfi_feed_t *f, cf_diag_t *d)
{
    if (f->status < 0 && d != NULL)
        *d = f->diag;
    return f->status;
}

typedef struct plain {
    cfi_layer_t layer;
    cfi_feed_t *feed;
} plain_t;

static int plain_read(cfi_layer_t *l, uint8_t *out, size_t cap, size_t *got, cf_diag_t *d)
{
    cfi_feed_t *f = ((plain_t *)l)->feed;
    size_t n = f->len - f->pos;

    *got = 0;
    if (n == 0 && f->status != CF_OK)
        return cfi_feed_ended(f, d);
    if (n == 0)
        return f->from->read(f->from, out, cap, got, d);
    if (n > cap)
        n = cap;
    memcpy(out, f->buf + f->pos, n);
    f->pos += n;
    *got = n;
    return CF_OK;
}

void cfi_plain_restart(cfi_layer_t *plain)
{
    cfi_feed_t *f = ((plain_t *)plain)->feed;

    f->pos = f->len = 0;
    f->status = CF_OK;
}

static void plain_close(cfi_layer_t *l)
{
    cfi_feed_destroy(((plain_t *)l)->feed);
    free(l);
}

cfi_layer_t *cfi_plain_create(cfi_feed_t *f)
{
    plain_t *p = calloc(1, sizeof *p);

    if (p == NULL) {
        cfi_feed_destroy(f);
        return NULL;
    }
    p->layer.read = plain_read;
    p->layer.close = plain_close;
    p->feed = f;
    return &p->layer;
}
