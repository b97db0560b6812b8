/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Undo gzip (RFC 1952): any number of members, one behind the other, zero padding behind the last;
 * anything else there is an error, and so is an end inside a member. ISA-L inflates where it is
 * built in, zlib elsewhere: both are wrapped by the two functions at the top.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_ISAL
#include <isa-l/igzip_lib.h>
#else
#include <zlib.h>
#endif

#include "input/layer.h"

typedef struct gunzip {
    cfi_layer_t layer;
    cfi_feed_t *feed;
    bool ready;                /* zlib: initialised */
    bool member;               /* inside of one */
    bool more;                 /* the inflater holds output back for want of room */
    uint64_t members;
#ifdef HAVE_ISAL
    struct inflate_state st;
#else
    z_stream st;
#endif
} gunzip_t;

enum { STEP_GO = 0, STEP_DONE = 1, STEP_DAMAGED = -1, STEP_CHECK = -2, STEP_NOMEM = -3 };

#ifdef HAVE_ISAL

static int inflate_begin(gunzip_t *g)
{
    if (!g->ready)
        isal_inflate_init(&g->st);
    else
        isal_inflate_reset(&g->st);
    g->ready = true;
    g->st.crc_flag = ISAL_GZIP;
    return STEP_GO;
}

/* Inflate from the feed to out; advances both. */
static int inflate_step(gunzip_t *g, uint8_t *out, size_t cap, size_t *made)
{
    cfi_feed_t *f = g->feed;
    size_t in = f->len - f->pos;
    int rc;

    g->st.next_in = f->buf + f->pos;
    g->st.avail_in = (uint32_t)in;
    g->st.next_out = out;
    g->st.avail_out = cap < UINT32_MAX ? (uint32_t)cap : UINT32_MAX;
    cap = g->st.avail_out;
    rc = isal_inflate(&g->st);
    *made = cap - g->st.avail_out;
    f->pos = f->len - g->st.avail_in;
    g->more = g->st.avail_out == 0;
    if (rc == ISAL_INCORRECT_CHECKSUM)
        return STEP_CHECK;
    if (rc < 0)
        return STEP_DAMAGED;
    if (g->st.block_state == ISAL_BLOCK_FINISH)
        return STEP_DONE;
    return *made == 0 && in > 0 && g->st.avail_in == in ? STEP_DAMAGED : STEP_GO;
}

static void inflate_finish(gunzip_t *g)
{
    (void)g;
}

#else

static int inflate_begin(gunzip_t *g)
{
    int rc = g->ready ? inflateReset(&g->st) : inflateInit2(&g->st, 15 + 16);

    g->ready = true;
    return rc == Z_OK ? STEP_GO : STEP_NOMEM;
}

static int inflate_step(gunzip_t *g, uint8_t *out, size_t cap, size_t *made)
{
    cfi_feed_t *f = g->feed;
    size_t in = f->len - f->pos;
    int rc;

    g->st.next_in = f->buf + f->pos;
    g->st.avail_in = (uInt)in;
    g->st.next_out = out;
    g->st.avail_out = cap < UINT32_MAX ? (uInt)cap : UINT32_MAX;
    cap = g->st.avail_out;
    rc = inflate(&g->st, Z_NO_FLUSH);
    *made = cap - g->st.avail_out;
    f->pos = f->len - g->st.avail_in;
    g->more = g->st.avail_out == 0;
    switch (rc) {
    case Z_OK:
    case Z_BUF_ERROR:
        return STEP_GO;
    case Z_STREAM_END:
        return STEP_DONE;
    case Z_MEM_ERROR:
        return STEP_NOMEM;
    default:
        return g->st.msg != NULL && strstr(g->st.msg, "check") != NULL ? STEP_CHECK : STEP_DAMAGED;
    }
}

static void inflate_finish(gunzip_t *g)
{
    if (g->ready)
        inflateEnd(&g->st);
}

#endif

/* At the edge between members: CF_OK when one begins, CF_EOF at a good end. */
static int next_member(gunzip_t *g, cf_diag_t *d)
{
    cfi_feed_t *f = g->feed;

    cfi_feed_need(f, 2);
    if (f->len - f->pos >= 2 && f->buf[f->pos] == 0x1f && f->buf[f->pos + 1] == 0x8b) {
        if (inflate_begin(g) != STEP_GO)
            return cf_diag_set(d, CF_E_NOMEM, "no memory to inflate gzip data");
        g->member = true;
        g->members++;
        return CF_OK;
    }
    for (;;) {
        while (f->pos < f->len && f->buf[f->pos] == 0)
            f->pos++;
        if (f->pos < f->len)
            return cf_diag_set(d, CF_E_FORMAT,
                               "bytes behind the end of the gzip data are not gzip");
        if (f->status != CF_OK)
            return cfi_feed_ended(f, d);
        cfi_feed_need(f, 1);
    }
}

static int gunzip_fault(const gunzip_t *g, int step, cf_diag_t *d)
{
    if (step == STEP_NOMEM)
        return cf_diag_set(d, CF_E_NOMEM, "no memory to inflate gzip data");
    if (step == STEP_CHECK)
        return cf_diag_set(d, CF_E_CHECKSUM,
                           "gzip data is damaged: checksum of member %" PRIu64 " differs",
                           g->members);
    return cf_diag_set(d, CF_E_FORMAT, "gzip data is damaged in member %" PRIu64, g->members);
}

static int gunzip_read(cfi_layer_t *l, uint8_t *out, size_t cap, size_t *got, cf_diag_t *d)
{
    gunzip_t *g = (gunzip_t *)l;
    cfi_feed_t *f = g->feed;

    *got = 0;
    while (*got < cap) {
        size_t made;
        int rc;

        if (!g->member) {
            rc = next_member(g, d);
            if (rc != CF_OK)
                return rc == CF_EOF && *got > 0 ? CF_OK : rc;
        }
        if (f->pos == f->len && !g->more) {
            if (*got > 0 && f->status == CF_OK)
                return CF_OK;          /* give out what there is before waiting for more */
            cfi_feed_need(f, 1);
            if (f->pos == f->len)
                return f->status == CF_EOF ? cf_diag_set(d, CF_E_TRUNC, "gzip data is cut off")
                                           : cfi_feed_ended(f, d);
        }
        rc = inflate_step(g, out + *got, cap - *got, &made);
        *got += made;
        if (rc < 0)
            return gunzip_fault(g, rc, d);
        if (rc == STEP_DONE)
            g->member = g->more = false;
    }
    return CF_OK;
}

static void gunzip_close(cfi_layer_t *l)
{
    gunzip_t *g = (gunzip_t *)l;

    inflate_finish(g);
    cfi_feed_destroy(g->feed);
    free(g);
}

cfi_layer_t *cfi_gunzip_create(cfi_feed_t *f)
{
    gunzip_t *g = calloc(1, sizeof *g);

    if (g == NULL) {
        cfi_feed_destroy(f);
        return NULL;
    }
    g->layer.read = gunzip_read;
    g->layer.close = gunzip_close;
    g->feed = f;
    return &g->layer;
}
