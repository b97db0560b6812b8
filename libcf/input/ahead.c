/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading ahead: a thread fills a ring of pieces while the consumer works on the one before. Each
 * piece has room in front for the unfinished line of its forerunner, so the window stays one run of
 * bytes at the price of copying only that line.
 */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "input/layer.h"

#define PIECES 4
#define PIECE_SIZE (512u << 10)

struct cfi_ahead {
    cfi_layer_t *from;
    cfi_source_t *src;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t filled, emptied;
    /* below: guarded by lock, but the bytes of a piece belong to whom it is with */
    unsigned head, count;      /* filled pieces: head .. head + count - 1 */
    bool taken;                /* the consumer holds piece head */
    bool stop;
    int status;                /* what follows the last filled piece */
    cf_diag_t diag;
    size_t len[PIECES];
    uint8_t *piece[PIECES];    /* headroom first */
};

static void *ahead_main(void *arg)
{
    cfi_ahead_t *a = arg;
    int rc = CF_OK;

    while (rc == CF_OK) {
        cf_diag_t diag = CF_DIAG_INIT;
        size_t got = 0;
        unsigned at;

        pthread_mutex_lock(&a->lock);
        while (a->count == PIECES && !a->stop)
            pthread_cond_wait(&a->emptied, &a->lock);
        at = (a->head + a->count) % PIECES;
        rc = a->stop ? CF_EOF : CF_OK;
        pthread_mutex_unlock(&a->lock);
        if (rc == CF_OK)
            rc = a->from->read(a->from, a->piece[at] + CFI_AHEAD_HEADROOM, PIECE_SIZE, &got, &diag);
        pthread_mutex_lock(&a->lock);
        if (got > 0) {
            a->len[at] = got;
            a->count++;
        }
        a->status = rc;
        if (rc < 0)
            a->diag = diag;
        pthread_cond_signal(&a->filled);
        pthread_mutex_unlock(&a->lock);
    }
    return NULL;
}

cfi_ahead_t *cfi_ahead_create(cfi_layer_t *from, cfi_source_t *src)
{
    cfi_ahead_t *a = calloc(1, sizeof *a);
    int i;

    if (a == NULL)
        return NULL;
    a->from = from;
    a->src = src;
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->filled, NULL);
    pthread_cond_init(&a->emptied, NULL);
    for (i = 0; i < PIECES; i++) {
        a->piece[i] = malloc(CFI_AHEAD_HEADROOM + PIECE_SIZE);
        if (a->piece[i] == NULL)
            goto fail;
    }
    /* Without it a consumer that stops early would wait for the writer of a pipe. */
    if (src->fd >= 0 && !src->regular && src->wake[0] < 0 && pipe(src->wake) != 0) {
        src->wake[0] = src->wake[1] = -1;
        goto fail;
    }
    if (pthread_create(&a->thread, NULL, ahead_main, a) != 0)
        goto fail;
    return a;
fail:
    while (i-- > 0)
        free(a->piece[i]);
    pthread_mutex_destroy(&a->lock);
    pthread_cond_destroy(&a->filled);
    pthread_cond_destroy(&a->emptied);
    free(a);
    return NULL;
}

void cfi_ahead_destroy(cfi_ahead_t *a)
{
    int i;

    if (a == NULL)
        return;
    pthread_mutex_lock(&a->lock);
    a->stop = true;
    pthread_cond_signal(&a->emptied);
    pthread_mutex_unlock(&a->lock);
    if (a->src->wake[1] >= 0) {
        ssize_t told = write(a->src->wake[1], "", 1);

        (void)told;            /* a full pipe wakes as well */
    }
    pthread_join(a->thread, NULL);
    for (i = 0; i < PIECES; i++)
        free(a->piece[i]);
    pthread_mutex_destroy(&a->lock);
    pthread_cond_destroy(&a->filled);
    pthread_cond_destroy(&a->emptied);
    free(a);
}

int cfi_ahead_next(cfi_ahead_t *a, uint8_t **p, size_t *n, cf_diag_t *d)
{
    int rc = CF_OK;

    pthread_mutex_lock(&a->lock);
    if (a->taken) {
        a->head = (a->head + 1) % PIECES;
        a->count--;
        a->taken = false;
        pthread_cond_signal(&a->emptied);
    }
    while (a->count == 0 && a->status == CF_OK)
        pthread_cond_wait(&a->filled, &a->lock);
    if (a->count > 0) {
        *p = a->piece[a->head] + CFI_AHEAD_HEADROOM;
        *n = a->len[a->head];
        a->taken = true;
    } else {
        rc = a->status;
        if (rc < 0 && d != NULL)
            *d = a->diag;
    }
    pthread_mutex_unlock(&a->lock);
    return rc;
}
