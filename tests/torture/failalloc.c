/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes one allocation fail. Loaded before a command by LD_PRELOAD; CF_FAIL_AT=n lets the n-th
 * allocation (from 1) return NULL, CF_FAIL_REST=1 also all later ones. Without CF_FAIL_AT nothing
 * fails and the number of allocations is written to the file CF_FAIL_COUNT when the process ends.
 * tests/torture/run.py drives it. glibc only: it stands on the __libc_ names of the allocator.
 *
 * Allocations of libltdl itself never fail: version 2.4.7 uses what it did not get when one does
 * (lt_dlopenadvise), and nothing on our side of the call can help that.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t align, size_t size);

#define SHOWN __attribute__((visibility("default")))

static atomic_long seen;
static long fail_at;
static int fail_rest;

__attribute__((constructor)) static void
begin(void)
{
    const char *at = getenv("CF_FAIL_AT");
    const char *rest = getenv("CF_FAIL_REST");

    fail_rest = rest != NULL && rest[0] == '1';
    atomic_store(&seen, 0);
    fail_at = at != NULL ? strtol(at, NULL, 10) : 0;
}

__attribute__((destructor)) static void
end(void)
{
    const char *path = getenv("CF_FAIL_COUNT");
    long n = atomic_load(&seen);
    char text[24];
    size_t at = sizeof(text);
    int fd;

    if (path == NULL)
        return;
    text[--at] = '\n';
    do {
        text[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd >= 0) {
        if (write(fd, text + at, sizeof(text) - at) < 0)
            fail_at = 0;
        close(fd);
    }
}

static int
is_libltdl(const void *caller)
{
    Dl_info info;

    return dladdr(caller, &info) != 0 && info.dli_fname != NULL
           && strstr(info.dli_fname, "libltdl.so") != NULL;
}

/* Shall this allocation fail? */
static int
fails(const void *caller)
{
    long n = atomic_fetch_add(&seen, 1) + 1;

    if (fail_at == 0 || n < fail_at || (n > fail_at && !fail_rest) || is_libltdl(caller))
        return 0;
    errno = ENOMEM;
    return 1;
}

SHOWN void *
malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

SHOWN void *
calloc(size_t count, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

SHOWN void *
realloc(void *old, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}

SHOWN void *
aligned_alloc(size_t align, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_memalign(align, size);
}

SHOWN int
posix_memalign(void **p, size_t align, size_t size)
{
    void *made = fails(__builtin_return_address(0)) ? NULL : __libc_memalign(align, size);

    if (made == NULL)
        return ENOMEM;
    *p = made;
    return 0;
}
