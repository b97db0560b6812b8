/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unlink temporary files when a signal ends the process. A fixed table of atomic pointers, because
 * a handler may only touch such; the signal is raised again with its default action, so the parent
 * sees the true cause.
 */
#include "stream/cleanup.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#define SLOTS 64

static const char *_Atomic paths[SLOTS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const int ending[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGXFSZ };

static void on_signal(int sig)
{
    int i, saved = errno;

    for (i = 0; i < SLOTS; i++) {
        const char *path = atomic_load(&paths[i]);

        if (path != NULL)
            (void)unlink(path);
    }
    /* SA_RESETHAND has restored the default action; the signal comes when this handler returns. */
    (void)raise(sig);
    errno = saved;
}

static void install(void)
{
    struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND }, old;
    size_t i;

    sigemptyset(&sa.sa_mask);
    for (i = 0; i < sizeof ending / sizeof ending[0]; i++) {
        if (sigaction(ending[i], NULL, &old) == 0 && (old.sa_flags & SA_SIGINFO) == 0 &&
            old.sa_handler == SIG_DFL)
            (void)sigaction(ending[i], &sa, NULL);
    }
}

int cfi_cleanup_add(const char *path)
{
    int i;

    (void)pthread_once(&once, install);
    for (i = 0; i < SLOTS; i++) {
        const char *none = NULL;

        if (atomic_compare_exchange_strong(&paths[i], &none, path))
            return i;
    }
    return -1;
}

void cfi_cleanup_remove(int slot)
{
    if (slot >= 0 && slot < SLOTS)
        atomic_store(&paths[slot], NULL);
}
