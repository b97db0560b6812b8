/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Positioned reads of a .cf file. Reads, not a mapping: a file that is cut while it is read gives
 * an error here, and no signal.
 */
#include "stream/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

cfi_source_t *cfi_source_create(int fd, const char *name)
{
    cfi_source_t *s = calloc(1, sizeof *s);
    size_t n = strlen(name);
    struct stat st;

    if (s == NULL)
        return NULL;
    s->refs = 1;
    s->fd = -1;
    if (n < sizeof s->name)
        memcpy(s->name, name, n);
    else
        (void)snprintf(s->name, sizeof s->name, "...%s", name + n - (sizeof s->name - 4));
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        s->size = (uint64_t)st.st_size;
        s->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (s->fd < 0) {
            free(s);
            return NULL;
        }
    }
    return s;
}

cfi_source_t *cfi_source_get(cfi_source_t *s)
{
    __atomic_add_fetch(&s->refs, 1, __ATOMIC_RELAXED);
    return s;
}

void cfi_source_put(cfi_source_t *s)
{
    if (s == NULL || __atomic_sub_fetch(&s->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    if (s->fd >= 0)
        (void)close(s->fd);
    free(s);
}

int cfi_source_read(const cfi_source_t *s, uint64_t offset, void *out, size_t n, cf_diag_t *d)
{
    char *p = out;

    while (n > 0) {
        ssize_t got = pread(s->fd, p, n, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            cf_diag_source(d, s->name);
            if (got < 0)
                return cf_diag_errno(d, CF_E_IO, errno, "cannot be read");
            return cf_diag_set(d, CF_E_TRUNC, "cut: ends at byte %llu", (unsigned long long)offset);
        }
        p += got;
        n -= (size_t)got;
        offset += (uint64_t)got;
    }
    return CF_OK;
}
