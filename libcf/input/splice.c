/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inputs that grow: going on in a file where an earlier run has come to. A reader shall not notice,
 * so the bytes without which the rest has no meaning (a header line, the opening of a JSON
 * document) are put before the new ones. That it is still the same file is proven by sums of these
 * and of the bytes before the place. Where a file cannot be sought in, the bytes consumed are
 * remembered as far back as a place usually lies.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xxhash.h>

#include "input/layer.h"

/* The bytes a mark speaks of. */
typedef struct marked {
    uint8_t *head;
    uint8_t tail[CF_INPUT_TAIL];
    uint64_t tail_at;
    size_t ntail;
} marked_t;

void cfi_input_look(cf_input_t *in)
{
    if (!in->growing)
        return;
    for (size_t i = 0; i < in->len && !in->known; i++) {
        uint8_t c = in->win[i];

        if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0xef || c == 0xbb || c == 0xbf)
            continue;
        in->known = true;
        in->text = c != '{' && c != '[';
    }
    if (in->status == CF_EOF && in->text &&
        (in->len > 0 ? in->win[in->len - 1] : in->last) != '\n')
        in->status = cf_diag_set(&in->diag, CF_E_TRUNC, "the last line has no end so far");
}

void cfi_past_put(cfi_past_t *past, const uint8_t *p, size_t n)
{
    if (past->nfirst < sizeof past->first) {
        size_t k = sizeof past->first - past->nfirst;

        k = n < k ? n : k;
        memcpy(past->first + past->nfirst, p, k);
        past->nfirst += k;
    }
    past->end += n;
    if (n > CFI_PAST) {
        p += n - CFI_PAST;
        n = CFI_PAST;
    }
    if (past->nlast + n > sizeof past->last) {
        memmove(past->last, past->last + past->nlast - CFI_PAST, CFI_PAST);
        past->nlast = CFI_PAST;
    }
    memcpy(past->last + past->nlast, p, n);
    past->nlast += n;
}

/* The n bytes at a place into out; false when they are not remembered. */
static bool recall(const cfi_past_t *past, uint64_t at, size_t n, uint8_t *out)
{
    if (at <= past->nfirst && n <= past->nfirst - at) {
        memcpy(out, past->first + at, n);
        return true;
    }
    if (at + n > past->end || at < past->end - past->nlast)
        return false;
    memcpy(out, past->last + past->nlast - (size_t)(past->end - at), n);
    return true;
}

static int marked_init(marked_t *k, const cf_input_mark_t *m, cf_diag_t *d)
{
    k->head = NULL;
    if (m->head_len > CF_INPUT_HEAD_MAX || m->head > m->offset ||
        m->head_len > m->offset - m->head)
        return cf_diag_set(d, CF_E_FORMAT, "the place to go on at is not possible");
    k->ntail = m->offset < CF_INPUT_TAIL ? (size_t)m->offset : CF_INPUT_TAIL;
    k->tail_at = m->offset - k->ntail;
    k->head = malloc((size_t)m->head_len + 1);
    return k->head != NULL ? CF_OK : cf_diag_set(d, CF_E_NOMEM, "no memory for an input");
}

static void set_sums(const marked_t *k, cf_input_mark_t *m)
{
    m->head_sum = XXH3_64bits(k->head, m->head_len);
    m->tail_sum = XXH3_64bits(k->tail, k->ntail);
}

/* The n bytes at a place of a plain file; CF_EOF when it is shorter. */
static int read_at(int fd, uint64_t at, uint8_t *out, size_t n, cf_diag_t *d)
{
    while (n > 0) {
        ssize_t got = pread(fd, out, n, (off_t)at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cf_diag_errno(d, CF_E_IO, errno, "cannot read");
        if (got == 0)
            return CF_EOF;
        out += got;
        at += (uint64_t)got;
        n -= (size_t)got;
    }
    return CF_OK;
}

/* What of p[0 .. len), which stands at a place, belongs to out[0 .. n) that stands at from. */
static void keep(uint8_t *out, uint64_t from, size_t n, const char *p, size_t len, uint64_t at)
{
    uint64_t lo = from > at ? from : at, hi = from + n < at + len ? from + n : at + len;

    if (lo < hi)
        memcpy(out + (lo - from), p + (lo - at), (size_t)(hi - lo));
}

/* Read through to the mark's offset. CF_EOF when there is less. */
static int read_through(cf_input_t *in, const cf_input_mark_t *m, marked_t *k, cf_diag_t *d)
{
    while (in->offset < m->offset) {
        uint64_t left = m->offset - in->offset;
        const char *p;
        size_t n;
        int rc = cf_input_fill(in, 1, &p, &n, d);

        if (rc != CF_OK)
            return rc;
        n = n < left ? n : (size_t)left;
        keep(k->head, m->head, m->head_len, p, n, in->offset);
        keep(k->tail, k->tail_at, k->ntail, p, n, in->offset);
        cf_input_consume(in, n);
    }
    return CF_OK;
}

static int seek_to(cf_input_t *in, const cf_input_mark_t *m, marked_t *k, cf_diag_t *d)
{
    int fd = in->src->fd, rc = read_at(fd, m->head, k->head, m->head_len, d);

    if (rc == CF_OK)
        rc = read_at(fd, k->tail_at, k->tail, k->ntail, d);
    if (rc != CF_OK)
        return rc;
    if (lseek(fd, (off_t)m->offset, SEEK_SET) < 0)
        return cf_diag_errno(d, CF_E_IO, errno, "cannot go on");
    cfi_plain_restart(in->top);
    atomic_store_explicit(&in->src->done, m->offset, memory_order_relaxed);
    in->offset = m->offset;
    return CF_OK;
}

/* Blanks, at most one comma, blanks. */
static int pass_comma(cf_input_t *in, cf_diag_t *d)
{
    bool comma = false;

    for (;;) {
        const char *p;
        size_t n, i = 0;
        int rc = cf_input_fill(in, 1, &p, &n, d);

        if (rc != CF_OK)
            return rc == CF_EOF ? CF_OK : rc;
        while (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n' ||
                         (p[i] == ',' && !comma)))
            comma = p[i++] == ',' || comma;
        cf_input_consume(in, i);
        if (i < n)
            return CF_OK;
    }
}

int cf_input_splice(cf_input_t *in, const cf_input_mark_t *m, const char **why, cf_diag_t *d)
{
    cf_input_mark_t met = *m;
    bool growing = in->growing;
    marked_t k;
    int rc = marked_init(&k, m, d);

    *why = "it is shorter";
    in->growing = false;           /* the end is judged when the first byte is known */
    if (rc == CF_OK)
        rc = cf_input_fd(in) >= 0 ? seek_to(in, m, &k, d) : read_through(in, m, &k, d);
    if (rc == CF_E_TRUNC)
        rc = CF_EOF;
    if (rc == CF_OK) {
        set_sums(&k, &met);
        if (met.head_sum != m->head_sum || met.tail_sum != m->tail_sum) {
            *why = met.head_sum != m->head_sum ? "its head is another one"
                : "the bytes before the place to go on at are others";
            rc = CF_EOF;
        }
    }
    if (rc == CF_OK && m->comma)
        rc = pass_comma(in, d);
    if (rc == CF_OK) {
        in->spliced = true;
        in->seam = in->offset;
        in->head = m->head;
        in->head_len = m->head_len;
        in->offset = 0;
        if (m->head_len > 0) {
            in->last = k.head[m->head_len - 1];
            rc = cfi_input_prepend(in, k.head, m->head_len);
        }
        if (rc != CF_OK)
            cf_diag_set(d, rc, "no memory for an input");
    }
    in->growing = growing;
    cfi_input_look(in);
    free(k.head);
    if (rc < 0)
        cf_diag_source(d, in->name);
    return rc;
}

uint64_t cf_input_place(const cf_input_t *in, uint64_t offset)
{
    if (!in->spliced)
        return offset;
    return offset < in->head_len ? in->head + offset : in->seam + (offset - in->head_len);
}

int cf_input_mark(cf_input_t *in, cf_input_mark_t *m, cf_diag_t *d)
{
    int fd = cf_input_fd(in);
    marked_t k;
    int rc = marked_init(&k, m, d);

    if (rc == CF_OK && fd >= 0) {
        rc = read_at(fd, m->head, k.head, m->head_len, d);
        if (rc == CF_OK)
            rc = read_at(fd, k.tail_at, k.tail, k.ntail, d);
        if (rc == CF_EOF)
            rc = cf_diag_set(d, CF_E_IO, "has become shorter while it was read");
    } else if (rc == CF_OK && (in->past == NULL || !recall(in->past, m->head, m->head_len, k.head) ||
                               !recall(in->past, k.tail_at, k.ntail, k.tail))) {
        rc = CF_EOF;
    }
    if (rc == CF_OK)
        set_sums(&k, m);
    else if (rc < 0)
        cf_diag_source(d, in->name);
    free(k.head);
    return rc;
}

int cf_input_sums(const char *path, cf_input_mark_t *m, cf_diag_t *d)
{
    cf_input_t *in = NULL;
    marked_t k;
    int rc = marked_init(&k, m, d);

    if (rc == CF_OK)
        rc = cf_input_open(&in, path, 0, d);
    if (rc == CF_OK)
        rc = read_through(in, m, &k, d);
    if (rc == CF_OK)
        set_sums(&k, m);
    else if (rc == CF_EOF)
        rc = cf_diag_set(d, CF_E_IO, "has become shorter while it was read");
    if (rc < 0)
        cf_diag_source(d, path);
    cf_input_close(in);
    free(k.head);
    return rc;
}

bool cf_input_stat(const cf_input_t *in, uint64_t *size, int64_t *mtime)
{
    *size = in->src->file_size;
    *mtime = in->src->file_mtime;
    return in->src->regular;
}
