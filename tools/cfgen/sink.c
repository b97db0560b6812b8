/* SPDX-License-Identifier: Apache-2.0 */
/* See sink.h.  The first failure is remembered; closing reports it. */
#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { BUFFER = 1 << 20, PACKED = 1 << 18, LITTLE = 1 << 16 };

struct gen_sink {
    int fd, failed;        /* errno of the first failure */
    bool gzip, zready, force;
    char *path, *temp;
    char *buf, *packed;
    size_t len, size, packed_size;
    z_stream z;
};

static int make_parents(char *path)
{
    for (char *p = path + 1; *p != '\0'; p++)
        if (*p == '/') {
            *p = '\0';
            if (mkdir(path, 0777) != 0 && errno != EEXIST) {
                *p = '/';
                return -1;
            }
            *p = '/';
        }
    return 0;
}

static int open_file(gen_sink_t *s, const gen_sink_opts_t *o, char *why, size_t why_size)
{
    size_t n = strlen(o->path) + 32;
    struct stat st;
    mode_t mask;

    s->path = strdup(o->path);
    s->temp = malloc(n);
    if (s->path == NULL || s->temp == NULL) {
        snprintf(why, why_size, "not enough memory");
        return -1;
    }
    if (o->parents && make_parents(s->path) != 0) {
        snprintf(why, why_size, "%s: cannot make its folder: %s", o->path, strerror(errno));
        return -1;
    }
    if (stat(o->path, &st) == 0) {
        if (!S_ISREG(st.st_mode)) {             /* a device or a pipe is written as it is */
            free(s->temp);
            s->temp = NULL;
            s->fd = open(o->path, O_WRONLY | O_CLOEXEC);
            if (s->fd < 0)
                snprintf(why, why_size, "%s: %s", o->path, strerror(errno));
            return s->fd < 0 ? -1 : 0;
        }
        if (!o->force) {
            snprintf(why, why_size, "%s: exists already; --force replaces it", o->path);
            return -1;
        }
    }
    snprintf(s->temp, n, "%s.XXXXXX", o->path);
    s->fd = mkstemp(s->temp);
    if (s->fd < 0) {
        snprintf(why, why_size, "%s: %s", o->path, strerror(errno));
        free(s->temp);
        s->temp = NULL;
        return -1;
    }
    mask = umask(0);
    umask(mask);
    if (fchmod(s->fd, 0666 & ~mask) != 0)
        s->failed = errno;
    return 0;
}

static void sink_free(gen_sink_t *s)
{
    if (s->zready)
        deflateEnd(&s->z);
    if (s->fd > 1)
        close(s->fd);
    if (s->temp != NULL)
        unlink(s->temp);
    free(s->temp);
    free(s->path);
    free(s->buf);
    free(s->packed);
    free(s);
}

gen_sink_t *gen_sink_open(const gen_sink_opts_t *o, char *why, size_t why_size)
{
    gen_sink_t *s = calloc(1, sizeof *s);

    snprintf(why, why_size, "not enough memory");
    if (s == NULL)
        return NULL;
    s->fd = 1;
    s->gzip = o->gzip;
    s->force = o->force;
    s->size = o->small ? LITTLE : BUFFER;
    s->buf = malloc(s->size);
    if (s->buf == NULL)
        goto fail;
    if (o->gzip) {
        s->packed_size = o->small ? LITTLE : PACKED;
        s->packed = malloc(s->packed_size);
        if (s->packed == NULL)
            goto fail;
        if (deflateInit2(&s->z, o->level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
            goto fail;
        s->zready = true;
    }
    if (o->path != NULL && open_file(s, o, why, why_size) != 0)
        goto fail;
    return s;
fail:
    sink_free(s);
    return NULL;
}

static void put_bytes(gen_sink_t *s, const char *p, size_t n)
{
    while (n > 0 && s->failed == 0) {
        ssize_t k = write(s->fd, p, n);

        if (k < 0 && errno != EINTR)
            s->failed = errno;
        if (k > 0) {
            p += k;
            n -= (size_t)k;
        }
    }
}

static void flush_out(gen_sink_t *s, int how)
{
    if (!s->gzip) {
        put_bytes(s, s->buf, s->len);
        s->len = 0;
        return;
    }
    s->z.next_in = (unsigned char *)s->buf;
    s->z.avail_in = (unsigned)s->len;
    do {
        s->z.next_out = (unsigned char *)s->packed;
        s->z.avail_out = (unsigned)s->packed_size;
        if (deflate(&s->z, how) == Z_STREAM_ERROR && s->failed == 0)
            s->failed = EINVAL;
        put_bytes(s, s->packed, s->packed_size - s->z.avail_out);
    } while (s->z.avail_out == 0 && s->failed == 0);
    s->len = 0;
}

char *gen_sink_room(gen_sink_t *s, size_t need)
{
    if (s->size - s->len < need)
        flush_out(s, Z_NO_FLUSH);
    return s->failed == 0 ? s->buf + s->len : NULL;
}

void gen_sink_fill(gen_sink_t *s, const char *end)
{
    s->len = (size_t)(end - s->buf);
}

int gen_sink_close(gen_sink_t *s, bool ok, char *why, size_t why_size)
{
    const char *name = s->path != NULL ? s->path : "stdout";
    int rc = 0;

    if (ok)
        flush_out(s, Z_FINISH);
    /* Standard output belongs to the end of the command. */
    if (s->path != NULL) {
        if (close(s->fd) != 0 && errno != EINTR && s->failed == 0)
            s->failed = errno;
        s->fd = -1;
    }
    if (ok && s->failed == 0 && s->temp != NULL) {
        if ((s->force ? rename(s->temp, s->path) : link(s->temp, s->path)) != 0)
            s->failed = errno;
        else if (s->force) {
            free(s->temp);
            s->temp = NULL;
        }
    }
    if (s->failed != 0) {
        snprintf(why, why_size, "%s: %s", name, strerror(s->failed));
        rc = -1;
    }
    sink_free(s);
    return rc;
}
