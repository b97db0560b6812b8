/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the system calls behave as badly as they may: reads and writes that move only a few bytes,
 * and every third call interrupted (EINTR) before it did anything. Loaded before a command by
 * LD_PRELOAD; a command must give the same bytes as without it. Calls made inside of libc (stdio)
 * do not pass here.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))

/* next_NAME(): the definition behind this one, looked up once. */
#define NEXT(type, name) \
    static type next_##name(void) \
    { \
        static _Atomic(type) found; \
        type f = atomic_load(&found); \
        if (f == NULL) { \
            *(void **)&f = dlsym(RTLD_NEXT, #name); \
            atomic_store(&found, f); \
        } \
        return f; \
    }

typedef ssize_t (*read_fn)(int, void *, size_t);
typedef ssize_t (*write_fn)(int, const void *, size_t);
typedef ssize_t (*pread_fn)(int, void *, size_t, off_t);
typedef ssize_t (*pwrite_fn)(int, const void *, size_t, off_t);
typedef ssize_t (*vec_fn)(int, const struct iovec *, int);

NEXT(read_fn, read)
NEXT(write_fn, write)
NEXT(pread_fn, pread)
NEXT(pwrite_fn, pwrite)
NEXT(vec_fn, readv)
NEXT(vec_fn, writev)

static atomic_uint calls;

/* A length from 1 to 4096 that changes from call to call, or 0: be interrupted. */
static size_t
some(size_t wanted)
{
    unsigned n = atomic_fetch_add(&calls, 1);
    size_t limit = 1 + (n * 2654435761u >> 20);

    if (n % 3 == 2) {
        errno = EINTR;
        return 0;
    }
    return wanted < limit ? wanted : limit;
}

SHOWN ssize_t
read(int fd, void *to, size_t n)
{
    size_t part = some(n);

    return n > 0 && part == 0 ? -1 : next_read()(fd, to, part);
}

SHOWN ssize_t
write(int fd, const void *from, size_t n)
{
    size_t part = some(n);

    return n > 0 && part == 0 ? -1 : next_write()(fd, from, part);
}

SHOWN ssize_t
pread(int fd, void *to, size_t n, off_t at)
{
    size_t part = some(n);

    return n > 0 && part == 0 ? -1 : next_pread()(fd, to, part, at);
}

SHOWN ssize_t
pread64(int fd, void *to, size_t n, off_t at)
{
    return pread(fd, to, n, at);
}

SHOWN ssize_t
pwrite(int fd, const void *from, size_t n, off_t at)
{
    size_t part = some(n);

    return n > 0 && part == 0 ? -1 : next_pwrite()(fd, from, part, at);
}

SHOWN ssize_t
pwrite64(int fd, const void *from, size_t n, off_t at)
{
    return pwrite(fd, from, n, at);
}

/* Vectors: the first one that is not empty, in part. */
static ssize_t
first_part(vec_fn call, int fd, const struct iovec *v, int count)
{
    struct iovec one;
    int i;

    for (i = 0; i < count && v[i].iov_len == 0; i++)
        continue;
    if (i == count)
        return 0;
    one.iov_base = v[i].iov_base;
    one.iov_len = some(v[i].iov_len);
    return one.iov_len == 0 ? -1 : call(fd, &one, 1);
}

SHOWN ssize_t
readv(int fd, const struct iovec *v, int count)
{
    return first_part(next_readv(), fd, v, count);
}

SHOWN ssize_t
writev(int fd, const struct iovec *v, int count)
{
    return first_part(next_writev(), fd, v, count);
}
