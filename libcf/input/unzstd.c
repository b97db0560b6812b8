/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Undo zstd (RFC 8878): frames and skippable frames one behind the other; anything else behind a
 * frame is an error, and so is an end inside of one. Windows are limited to the library's own bound
 * of 128 MiB.
 */
#include <stdlib.h>

#include <zstd.h>

#include "input/layer.h"

typedef struct unzstd {
    cfi_layer_t layer;
    cfi_feed_t *feed;
    ZSTD_DStream *st;
    bool frame;                /* inside of one */
    bool more;                 /* output held back for want of room */
} unzstd_t;

static int unzstd_read(cfi_layer_t *l, uint8_t *out, size_t cap, size_t *got, cf_diag_t *d)
{
    unzstd_t *z = (unzstd_t *)l;
    cfi_feed_t *f = z->feed;
    ZSTD_outBuffer o = { out, cap, 0 };

    *got = 0;
    while (o.pos < cap) {
        ZSTD_inBuffer in;
        size_t rc, before = o.pos;

        if (f->pos == f->len && !z->more) {
            if (o.pos > 0 && f->status == CF_OK)
                break;
            cfi_feed_need(f, 1);
            if (f->pos == f->len) {
                *got = o.pos;
                if (f->status == CF_EOF && z->frame)
                    return cf_diag_set(d, CF_E_TRUNC, "zstd data is cut off");
                return f->status == CF_EOF && o.pos > 0 ? CF_OK : cfi_feed_ended(f, d);
            }
        }
        in.src = f->buf + f->pos;
        in.size = f->len - f->pos;
        in.pos = 0;
        rc = ZSTD_decompressStream(z->st, &o, &in);
        *got = o.pos;
        if (ZSTD_isError(rc))
            return cf_diag_set(d, CF_E_FORMAT, "zstd data is damaged: %s", ZSTD_getErrorName(rc));
        if (in.pos == 0 && in.size > 0 && o.pos == before)
            return cf_diag_set(d, CF_E_FORMAT, "zstd data is damaged");
        f->pos += in.pos;
        z->frame = rc != 0;
        z->more = rc != 0 && o.pos == cap;
    }
    *got = o.pos;
    return CF_OK;
}

static void unzstd_close(cfi_layer_t *l)
{
    unzstd_t *z = (unzstd_t *)l;

    ZSTD_freeDStream(z->st);
    cfi_feed_destroy(z->feed);
    free(z);
}

cfi_layer_t *cfi_unzstd_create(cfi_feed_t *f)
{
    unzstd_t *z = calloc(1, sizeof *z);

    if (z != NULL)
        z->st = ZSTD_createDStream();
    if (z == NULL || z->st == NULL) {
        free(z);
        cfi_feed_destroy(f);
        return NULL;
    }
    z->layer.read = unzstd_read;
    z->layer.close = unzstd_close;
    z->feed = f;
    return &z->layer;
}
