/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Atomic outputs. A temporary name in the target's own folder makes the last step one rename; data
 * goes to the disk while more is computed, so that the flush at the end is short. Interrupted
 * programs clean up through cleanup.c.
 */
#include "stream/outfile.h"

#include "stream/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FLUSH_STEP (8u << 20)
#define PIPE_SIZE (1 << 20)

static cfi_outkind_t kind_of(int fd, const struct stat *st)
{
    if (S_ISREG(st->st_mode))
        return CFI_OUT_FILE;
    if (S_ISFIFO(st->st_mode) || S_ISSOCK(st->st_mode))
        return CFI_OUT_PIPE;
    return isatty(fd) ? CFI_OUT_TERMINAL : CFI_OUT_OTHER;
}

static int fail(const cfi_outfile_t *o, cf_diag_t *d, int code, int errnum, const char *what)
{
    cf_diag_source(d, o->name);
    return cf_diag_errno(d, code, errnum, "%s", what);
}

/* Written in place: standard output, or a target that is there and is no regular file. */
static int open_direct(cfi_outfile_t *o, cf_diag_t *d)
{
    struct stat st;

    if (o->path == NULL)
        o->fd = STDOUT_FILENO;
    else
        o->fd = open(o->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (o->fd < 0 || fstat(o->fd, &st) != 0)
        return fail(o, d, CF_E_IO, errno, "cannot be written");
    o->kind = kind_of(o->fd, &st);
    /* More room in a pipe saves turns between the two ends; the system may refuse. */
    if (S_ISFIFO(st.st_mode))
        (void)fcntl(o->fd, F_SETPIPE_SZ, PIPE_SIZE);
    return CF_OK;
}

/* Bits for a name that is not there yet; O_EXCL decides, this only makes collisions rare. */
static void temp_letters(char *out, unsigned attempt)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
    uint64_t bits = 0;
    int i;

    if (getentropy(&bits, sizeof bits) != 0)
        bits = ((uint64_t)getpid() << 20) + attempt;
    for (i = 0; i < 6; i++, bits >>= 5)
        out[i] = letters[bits & 31];
}

static int open_temp(cfi_outfile_t *o, cf_diag_t *d)
{
    const char *slash = strrchr(o->path, '/');
    size_t folder = slash != NULL ? (size_t)(slash - o->path) + 1 : 0, n = strlen(o->path);
    const char *base = o->path + folder;
    size_t keep = n - folder < 200 ? n - folder : 200;
    unsigned attempt;

    o->temp = malloc(n + 16);
    if (o->temp == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for an output");
    for (attempt = 0; attempt < 100; attempt++) {
        char letters[7] = "";

        temp_letters(letters, attempt);
        (void)snprintf(o->temp, n + 16, "%.*s.%.*s.%s.tmp", (int)folder, o->path, (int)keep, base,
                       letters);
        o->cleanup = cfi_cleanup_add(o->temp);
        o->fd = open(o->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (o->fd >= 0)
            return CF_OK;
        cfi_cleanup_remove(o->cleanup);
        o->cleanup = -1;
        if (errno != EEXIST && errno != EINTR)
            break;
    }
    n = (size_t)errno;
    free(o->temp);
    o->temp = NULL;
    return fail(o, d, CF_E_IO, (int)n, "cannot be made");
}

int cfi_outfile_open(cfi_outfile_t *o, const char *path, bool force, cf_diag_t *d)
{
    struct stat st;
    int rc;

    memset(o, 0, sizeof *o);
    o->fd = -1;
    o->cleanup = -1;
    o->force = force;
    o->name = "stdout";
    if (path == NULL || strcmp(path, "-") == 0) {
        rc = open_direct(o, d);
        return rc;
    }
    o->path = strdup(path);
    if (o->path == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for an output");
    o->name = o->path;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        rc = open_direct(o, d);
    } else if (lstat(path, &st) == 0 && !force) {
        cf_diag_source(d, path);
        rc = cf_diag_set(d, CF_E_EXISTS, "exists; --force replaces it");
    } else {
        o->kind = CFI_OUT_FILE;
        rc = open_temp(o, d);
        /* What replaces a private file is private, too. */
        if (rc == CF_OK && stat(path, &st) == 0)
            (void)fchmod(o->fd, st.st_mode & 0777);
    }
    if (rc != CF_OK)
        cfi_outfile_abort(o);
    return rc;
}

int cfi_outfile_write2(cfi_outfile_t *o, const void *a, size_t na, const void *b, size_t nb,
                       cf_diag_t *d)
{
    struct iovec iov[2] = { { (void *)(uintptr_t)a, na }, { (void *)(uintptr_t)b, nb } };
    int at = 0;

    while (at < 2) {
        ssize_t n;

        if (iov[at].iov_len == 0) {
            at++;
            continue;
        }
        n = writev(o->fd, iov + at, 2 - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            struct pollfd p = { o->fd, POLLOUT, 0 };

            (void)poll(&p, 1, -1);
            continue;
        }
        if (n < 0)
            return fail(o, d, CF_E_IO, errno, "cannot be written");
        o->offset += (uint64_t)n;
        for (; at < 2 && (size_t)n >= iov[at].iov_len; at++)
            n -= (ssize_t)iov[at].iov_len;
        if (at < 2) {
            iov[at].iov_base = (char *)iov[at].iov_base + n;
            iov[at].iov_len -= (size_t)n;
        }
    }
    if (o->temp != NULL && o->offset - o->flushed >= FLUSH_STEP) {
        (void)sync_file_range(o->fd, (off_t)o->flushed, (off_t)(o->offset - o->flushed),
                              SYNC_FILE_RANGE_WRITE);
        o->flushed = o->offset;
    }
    return CF_OK;
}

int cfi_outfile_write(cfi_outfile_t *o, const void *bytes, size_t n, cf_diag_t *d)
{
    return cfi_outfile_write2(o, bytes, n, NULL, 0, d);
}

/* Rename without replacing, also against somebody who made the target meanwhile. */
static int take_name(cfi_outfile_t *o, cf_diag_t *d)
{
    if (!o->force) {
        if (renameat2(AT_FDCWD, o->temp, AT_FDCWD, o->path, RENAME_NOREPLACE) == 0)
            return CF_OK;
        if (errno == EEXIST)
            return fail(o, d, CF_E_EXISTS, errno, "was made by another program meanwhile");
        if (errno != EINVAL && errno != ENOSYS)
            return fail(o, d, CF_E_IO, errno, "cannot be made");
    }
    if (rename(o->temp, o->path) != 0)
        return fail(o, d, CF_E_IO, errno, "cannot be made");
    return CF_OK;
}

static void release(cfi_outfile_t *o)
{
    if (o->fd >= 0 && o->fd != STDOUT_FILENO)
        (void)close(o->fd);
    if (o->temp != NULL)
        (void)unlink(o->temp);
    cfi_cleanup_remove(o->cleanup);
    free(o->temp);
    free(o->path);
    o->temp = o->path = NULL;
    o->name = "output";
    o->fd = o->cleanup = -1;
}

int cfi_outfile_commit(cfi_outfile_t *o, cf_diag_t *d)
{
    int rc = CF_OK, fd = o->fd;

    if (o->temp != NULL) {
        if (fsync(fd) != 0 && errno != EINVAL)
            rc = fail(o, d, CF_E_IO, errno, "cannot be flushed to the disk");
        if (rc == CF_OK && o->ready != NULL)
            rc = o->ready(o->ready_ctx, o->temp, d);
        if (rc == CF_OK)
            rc = take_name(o, d);
        if (rc == CF_OK) {
            cfi_cleanup_remove(o->cleanup);
            o->cleanup = -1;
            free(o->temp);
            o->temp = NULL;
        }
    }
    if (o->path != NULL) {
        o->fd = -1;
        if (close(fd) != 0 && rc == CF_OK)
            rc = fail(o, d, CF_E_IO, errno, "cannot be closed");
    }
    release(o);
    return rc;
}

void cfi_outfile_abort(cfi_outfile_t *o)
{
    release(o);
}
