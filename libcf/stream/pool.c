/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring of jobs. Workers take jobs in order, encode each on their own, then wait for their turn to
 * write: so an encoder's buffer is written without a copy and the order is that of the caller. The
 * first error stops the work; the caller meets it at its next call.
 */
#include "stream/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#define THREADS_MAX 64u

typedef struct job {
    cf_batch_t *batch;         /* NULL = place not used yet */
    int time_col;
    bool stored;
    cfi_head_t head;           /* stored: */
    cf_buf_t body;
    uint32_t rows;
    bool has_stat;
    cf_colstat_t stat;
} job_t;

struct cfi_pool {
    cfi_emit_t *e;
    pthread_mutex_t lock;
    pthread_cond_t work, turn; /* something to take; something was written */
    job_t *jobs;
    unsigned njobs;
    uint64_t given, taken, written;
    bool stop;
    int code;                  /* first error */
    cf_diag_t diag;
    uint64_t bytes;            /* written */
    unsigned nthreads;
    pthread_t threads[THREADS_MAX];
};

static int work_job(const job_t *j, cfi_encoder_t *enc, cfi_encoded_t *out, cf_diag_t *d)
{
    if (j->stored)
        return CF_OK;
    if (enc == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for an encoder");
    return cfi_encoder_run(enc, j->batch, out, d);
}

static int write_job(cfi_pool_t *p, job_t *j, const cfi_encoded_t *out, cf_diag_t *d)
{
    if (j->stored)
        return cfi_emit_stored(p->e, &j->head, j->body.data, j->rows, j->has_stat ? &j->stat : NULL,
                               d);
    return cfi_emit_encoded(p->e, out, j->time_col, d);
}

static void *worker(void *arg)
{
    cfi_pool_t *p = arg;
    cfi_encoder_t *enc = cfi_encoder_create(p->e->level);

    (void)pthread_mutex_lock(&p->lock);
    for (;;) {
        cf_diag_t d = CF_DIAG_INIT;
        cfi_encoded_t out;
        uint64_t mine;
        job_t *j;
        int rc = CF_OK;

        while (p->taken == p->given && !p->stop)
            (void)pthread_cond_wait(&p->work, &p->lock);
        if (p->stop)
            break;
        mine = p->taken++;
        j = &p->jobs[mine % p->njobs];
        if (p->code == CF_OK) {
            (void)pthread_mutex_unlock(&p->lock);
            rc = work_job(j, enc, &out, &d);
            (void)pthread_mutex_lock(&p->lock);
        }
        while (p->written != mine && !p->stop)
            (void)pthread_cond_wait(&p->turn, &p->lock);
        if (p->stop)
            break;
        if (p->code == CF_OK && rc == CF_OK) {
            (void)pthread_mutex_unlock(&p->lock);
            rc = write_job(p, j, &out, &d);
            (void)pthread_mutex_lock(&p->lock);
        }
        if (p->code == CF_OK && rc != CF_OK) {
            p->code = rc;
            p->diag = d;
        }
        p->written++;
        p->bytes = p->e->out.offset;
        (void)pthread_cond_broadcast(&p->turn);
    }
    (void)pthread_mutex_unlock(&p->lock);
    cfi_encoder_destroy(enc);
    return NULL;
}

cfi_pool_t *cfi_pool_create(cfi_emit_t *e, unsigned threads)
{
    cfi_pool_t *p = calloc(1, sizeof *p);
    sigset_t all, old;
    unsigned i;

    if (p == NULL)
        return NULL;
    threads = threads < THREADS_MAX ? threads : THREADS_MAX;
    p->e = e;
    p->njobs = threads + 1;
    p->jobs = calloc(p->njobs, sizeof *p->jobs);
    if (p->jobs == NULL) {
        free(p);
        return NULL;
    }
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->work, NULL);
    (void)pthread_cond_init(&p->turn, NULL);
    for (i = 0; i < p->njobs; i++)
        cf_buf_init(&p->jobs[i].body, CFI_BODY_MAX);
    /* Signals belong to the threads of the program. */
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    while (p->nthreads < threads && pthread_create(&p->threads[p->nthreads], NULL, worker, p) == 0)
        p->nthreads++;
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (p->nthreads == 0) {
        cfi_pool_destroy(p);
        p = NULL;
    }
    return p;
}

void cfi_pool_destroy(cfi_pool_t *p)
{
    unsigned i;

    if (p == NULL)
        return;
    (void)pthread_mutex_lock(&p->lock);
    p->stop = true;
    (void)pthread_cond_broadcast(&p->work);
    (void)pthread_cond_broadcast(&p->turn);
    (void)pthread_mutex_unlock(&p->lock);
    for (i = 0; i < p->nthreads; i++)
        (void)pthread_join(p->threads[i], NULL);
    for (i = 0; i < p->njobs; i++) {
        cf_batch_destroy(p->jobs[i].batch);
        cf_buf_fini(&p->jobs[i].body);
    }
    (void)pthread_mutex_destroy(&p->lock);
    (void)pthread_cond_destroy(&p->work);
    (void)pthread_cond_destroy(&p->turn);
    free(p->jobs);
    free(p);
}

/* The first error as the caller's; locked. */
static int result(cfi_pool_t *p, cf_diag_t *d)
{
    if (p->code != CF_OK && d != NULL)
        *d = p->diag;
    return p->code;
}

/* Locked on return: a free place, or NULL after an error. */
static job_t *place(cfi_pool_t *p)
{
    (void)pthread_mutex_lock(&p->lock);
    while (p->given - p->written == p->njobs && p->code == CF_OK)
        (void)pthread_cond_wait(&p->turn, &p->lock);
    return p->code == CF_OK ? &p->jobs[p->given % p->njobs] : NULL;
}

static int give(cfi_pool_t *p, cf_diag_t *d)
{
    int rc;

    if (p->code == CF_OK)
        p->given++;
    (void)pthread_cond_signal(&p->work);
    rc = result(p, d);
    (void)pthread_mutex_unlock(&p->lock);
    return rc;
}

int cfi_pool_put(cfi_pool_t *p, cf_batch_t **batch, int time_col, cf_diag_t *d)
{
    job_t *j = place(p);

    if (j != NULL) {
        cf_batch_t *other = j->batch;

        j->batch = *batch;
        j->time_col = time_col;
        j->stored = false;
        *batch = other;
    }
    return give(p, d);
}

int cfi_pool_put_stored(cfi_pool_t *p, const cfi_head_t *h, const void *body, uint32_t rows,
                        const cf_colstat_t *st,
                        cf_diag_t *d)
{
    job_t *j = place(p);

    if (j != NULL) {
        j->body.len = 0;
        if (cf_buf_put(&j->body, body, h->length) != CF_OK) {
            p->code = cf_diag_set(&p->diag, CF_E_NOMEM, "no memory for a block");
        } else {
            j->stored = true;
            j->head = *h;
            j->rows = rows;
            j->has_stat = st != NULL;
            if (st != NULL)
                j->stat = *st;
        }
    }
    return give(p, d);
}

int cfi_pool_drain(cfi_pool_t *p, cf_diag_t *d)
{
    int rc;

    (void)pthread_mutex_lock(&p->lock);
    while (p->written < p->given)
        (void)pthread_cond_wait(&p->turn, &p->lock);
    rc = result(p, d);
    (void)pthread_mutex_unlock(&p->lock);
    return rc;
}

uint64_t cfi_pool_bytes(cfi_pool_t *p)
{
    uint64_t bytes;

    (void)pthread_mutex_lock(&p->lock);
    bytes = p->bytes;
    (void)pthread_mutex_unlock(&p->lock);
    return bytes;
}
