/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parquet has its directory at the end, so reading begins there and needs a file. A plain file is
 * one already; what comes through a pipe or out of a compressed file is first written to a
 * temporary file without a name. Both ends are looked at here, so that a cut file gets a sentence
 * of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pq.h"

#define PIECE (1u << 20)

static int temporary(const char *dir, int *fd, cf_diag_t *d)
{
    char path[4096];
    int n;

    if (dir == NULL || *dir == '\0')
        dir = getenv("TMPDIR");
    if (dir == NULL || *dir == '\0')
        dir = "/var/tmp";
    n = snprintf(path, sizeof path, "%s/cftools-XXXXXX", dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return cf_diag_set(d, CF_E_LIMIT, "the name of the folder for temporary files is too long");
    *fd = mkostemp(path, O_CLOEXEC);
    if (*fd < 0)
        return cf_diag_errno(d, CF_E_LIMIT, errno, "cannot make a temporary file in %s", dir);
    unlink(path);
    return CF_OK;
}

static int write_all(int fd, const char *p, size_t n, cf_diag_t *d)
{
    while (n > 0) {
        ssize_t done = write(fd, p, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return cf_diag_errno(d, CF_E_LIMIT, errno, "cannot write the temporary file");
        p += done;
        n -= (size_t)done;
    }
    return CF_OK;
}

/*
 * All of the input, to a descriptor or (fd < 0) to nowhere. That it does not end as a text does, or
 * that the wrapping is cut behind the last byte, is no matter: the directory tells what is whole.
 */
static int pour(cf_input_t *in, int fd, cf_diag_t *d)
{
    const char *p;
    size_t n;
    int rc;

    while ((rc = cf_input_fill(in, PIECE, &p, &n, d)) == CF_OK) {
        if (fd >= 0 && (rc = write_all(fd, p, n, d)) != CF_OK)
            return rc;
        cf_input_consume(in, n);
    }
    if (rc != CF_EOF && rc != CF_E_TRUNC)
        return rc;
    cf_diag_clear(d);
    return CF_OK;
}

int pq_drain(cf_input_t *in, cf_diag_t *d)
{
    return pour(in, -1, d);
}

/* "PAR1" at both ends, and a directory's length that fits. */
static int check_ends(int fd, off_t size, cf_diag_t *d)
{
    unsigned char head[4], tail[8];
    uint64_t footer;

    if (size < 12 || pread(fd, head, sizeof head, 0) != sizeof head ||
        pread(fd, tail, sizeof tail, size - 8) != sizeof tail)
        return cf_diag_set(d, CF_E_TRUNC, "ends before the directory of Parquet: the file is cut");
    if (memcmp(head, "PAR1", 4) != 0)
        return cf_diag_set(d, CF_E_FORMAT, "does not begin like Parquet");
    if (memcmp(tail + 4, "PARE", 4) == 0)
        return cf_diag_set(d, CF_E_FORMAT, "is encrypted Parquet, which is not read");
    footer = tail[0] | (uint64_t)tail[1] << 8 | (uint64_t)tail[2] << 16 | (uint64_t)tail[3] << 24;
    if (memcmp(tail + 4, "PAR1", 4) != 0 || footer + 12 > (uint64_t)size)
        return cf_diag_set(d, CF_E_TRUNC, "has no directory of Parquet at its end: the file is cut");
    return CF_OK;
}

int pq_file(cf_input_t *in, const char *tmpdir, int *fd, bool *spooled, cf_diag_t *d)
{
    struct stat st;
    int rc, own = cf_input_fd(in);

    *spooled = own < 0;
    *fd = -1;
    if (own >= 0) {
        *fd = fcntl(own, F_DUPFD_CLOEXEC, 0);
        if (*fd < 0)
            return cf_diag_errno(d, CF_E_IO, errno, "cannot have a second descriptor");
    } else {
        rc = temporary(tmpdir, fd, d);
        if (rc == CF_OK)
            rc = pour(in, *fd, d);
        if (rc != CF_OK)
            return rc;
    }
    if (fstat(*fd, &st) != 0)
        return cf_diag_errno(d, CF_E_IO, errno, "cannot be looked at");
    return check_ends(*fd, st.st_size, d);
}
