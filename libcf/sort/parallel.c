/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tasks on threads: each thread takes the next task until there is none or one has failed. Threads
 * that cannot be started are done without.
 */
#include <stdlib.h>

#include "sort/sort.h"

struct pool {
    uint32_t next, n;
    int rc;
    cfi_task_fn fn;
    void *ctx;
};

struct thread {
    struct pool *pool;
    unsigned worker;
    pthread_t id;
};

static void *work(void *arg)
{
    const struct thread *t = arg;
    struct pool *p = t->pool;
    uint32_t task;

    while (__atomic_load_n(&p->rc, __ATOMIC_RELAXED) == CF_OK
           && (task = __atomic_fetch_add(&p->next, 1, __ATOMIC_RELAXED)) < p->n) {
        int rc = p->fn(p->ctx, t->worker, task), none = CF_OK;

        if (rc != CF_OK)
            __atomic_compare_exchange_n(&p->rc, &none, rc, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED);
    }
    return NULL;
}

int cfi_parallel(unsigned threads, uint32_t n, cfi_task_fn fn, void *ctx)
{
    struct pool p = { .next = 0, .n = n, .rc = CF_OK, .fn = fn, .ctx = ctx };
    struct thread first = { .pool = &p, .worker = 0 }, *more;
    unsigned wanted = threads < n ? threads : n, started = 0;

    more = wanted > 1 ? calloc(wanted - 1, sizeof *more) : NULL;
    for (unsigned i = 0; more != NULL && i + 1 < wanted; i++) {
        more[i] = (struct thread){ .pool = &p, .worker = i + 1 };
        if (pthread_create(&more[i].id, NULL, work, &more[i]) != 0)
            break;
        started++;
    }
    work(&first);
    for (unsigned i = 0; i < started; i++)
        pthread_join(more[i].id, NULL);
    free(more);
    return p.rc;
}
