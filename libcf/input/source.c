/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where bytes begin: a file descriptor or the caller's memory. Interrupted and short reads end
 * here. A descriptor that may keep us waiting (pipe, terminal, socket) is polled together with a
 * wake pipe, so that closing an input never waits for its writer.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/layer.h"

static void source_close(cfi_layer_t *l)
{
    cfi_source_t *s = (cfi_source_t *)l;

    if (s->own_fd)
        close(s->fd);
    if (s->wake[0] >= 0) {
        close(s->wake[0]);
        close(s->wake[1]);
    }
    free(s);
}

/* CF_OK when the descriptor can be read, CF_EOF when we were woken to give up. */
static int wait_readable(cfi_source_t *s, cf_diag_t *d)
{
    struct pollfd p[2] = { { .fd = s->fd, .events = POLLIN },
                           { .fd = s->wake[0], .events = POLLIN } };

    while (poll(p, 2, -1) < 0) {
        if (errno != EINTR && errno != EAGAIN)
            return cf_diag_errno(d, CF_E_IO, errno, "cannot wait for input");
    }
    return p[1].revents != 0 ? CF_EOF : CF_OK;
}

static int file_read(cfi_layer_t *l, uint8_t *out, size_t cap, size_t *got, cf_diag_t *d)
{
    cfi_source_t *s = (cfi_source_t *)l;
    ssize_t n;
    int rc;

    *got = 0;
    for (;;) {
        if (s->wake[0] >= 0) {
            rc = wait_readable(s, d);
            if (rc != CF_OK)
                return rc;
        }
        n = read(s->fd, out, cap < s->chunk ? cap : s->chunk);
        if (n >= 0)
            break;
        if (errno == EAGAIN) {
            struct pollfd p = { .fd = s->fd, .events = POLLIN };

            if (s->wake[0] < 0)
                (void)poll(&p, 1, -1);
        } else if (errno != EINTR) {
            return cf_diag_errno(d, CF_E_IO, errno, "cannot read");
        }
    }
    if (n == 0)
        return CF_EOF;
    *got = (size_t)n;
    atomic_fetch_add_explicit(&s->done, (uint64_t)n, memory_order_relaxed);
    return CF_OK;
}

static int memory_read(cfi_layer_t *l, uint8_t *out, size_t cap, size_t *got, cf_diag_t *d)
{
    cfi_source_t *s = (cfi_source_t *)l;
    size_t n = s->len - s->pos;

    (void)d;
    if (n > cap)
        n = cap;
    if (n > s->chunk)
        n = s->chunk;
    *got = n;
    if (n == 0)
        return CF_EOF;
    memcpy(out, s->bytes + s->pos, n);
    s->pos += n;
    atomic_fetch_add_explicit(&s->done, n, memory_order_relaxed);
    return CF_OK;
}

static cfi_source_t *source_new(cf_diag_t *d)
{
    cfi_source_t *s = calloc(1, sizeof *s);

    if (s == NULL) {
        cf_diag_set(d, CF_E_NOMEM, "no memory for an input");
        return NULL;
    }
    s->fd = s->wake[0] = s->wake[1] = -1;
    s->chunk = (size_t)1 << 30;
    s->layer.close = source_close;
    return s;
}

cfi_source_t *cfi_source_file(const char *path, cf_diag_t *d)
{
    cfi_source_t *s = source_new(d);
    struct stat st;
    off_t at;

    if (s == NULL)
        return NULL;
    s->layer.read = file_read;
    if (strcmp(path, "-") == 0) {
        s->fd = STDIN_FILENO;
    } else {
        do
            s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        while (s->fd < 0 && errno == EINTR);
        s->own_fd = s->fd >= 0;
    }
    if (s->fd < 0) {
        cf_diag_errno(d, CF_E_IO, errno, "cannot open");
        goto fail;
    }
    if (fstat(s->fd, &st) != 0) {
        cf_diag_errno(d, CF_E_IO, errno, "cannot look at the input");
        goto fail;
    }
    if (S_ISDIR(st.st_mode)) {
        cf_diag_errno(d, CF_E_IO, EISDIR, "cannot read");
        goto fail;
    }
    s->regular = S_ISREG(st.st_mode);
    if (s->regular) {
        s->file_size = (uint64_t)st.st_size;
        s->file_mtime = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
        at = lseek(s->fd, 0, SEEK_CUR);
        s->at_start = at == 0;
        s->size = at >= 0 && st.st_size > at ? (uint64_t)(st.st_size - at) : 0;
        (void)posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    return s;
fail:
    source_close(&s->layer);
    return NULL;
}

cfi_source_t *cfi_source_memory(const void *bytes, size_t n, cf_diag_t *d)
{
    cfi_source_t *s = source_new(d);

    if (s == NULL)
        return NULL;
    s->layer.read = memory_read;
    s->bytes = bytes;
    s->len = n;
    s->size = n;
    return s;
}
