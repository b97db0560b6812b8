/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text: lines out of the input's window. Blocks of it are indexed and handed on in runs of regular
 * lines; a line that is anything else (header, blank, wrong number of values, unusual bytes, the
 * last of a window) is taken by itself.
 */
#include <stdio.h>

#include "aws.h"

#define REFUSE_AFTER 20        /* lines without a known format, before giving up */

static aws_span_t trim(const char *s, size_t n)
{
    aws_span_t t;

    while (n > 0 && (s[n - 1] == '\r' || s[n - 1] == ' '))
        n--;
    while (n > 0 && *s == ' ')
        s++, n--;
    t.s = s;
    t.n = n;
    return t;
}

static bool is(aws_span_t t, const char *word)
{
    return t.n == strlen(word) && memcmp(t.s, word, t.n) == 0;
}

/* A line of names: the format of what follows. */
static int take_header(aws_t *st, aws_span_t t, char sep, cf_diag_t *d)
{
    aws_format_t *f;
    int rc = aws_format_create(&f, st, t.s, t.n, sep, d);

    if (rc != CF_OK)
        return rc;
    if (st->format != NULL && aws_format_equal(f, st->format)) {
        aws_format_destroy(f);
    } else if (st->begun && st->batch->rows > 0) {
        aws_format_destroy(f);
        return CF_EOF;
    } else {
        aws_format_destroy(st->format);
        st->format = f;
        rc = aws_begin(st, st->batch, d);
    }
    if (rc == CF_OK)
        st->env->account->headers++;
    return rc;
}

/*
 * No header so far: only the default formats may be assumed ("Flow log records": 14 values, version
 * 2).
 */
static int guess_format(aws_t *st, aws_span_t t, uint64_t line, uint64_t offset, cf_diag_t *d)
{
    int n = aws_split(t.s, t.n, ' ', st->values, AWS_VALUES_MAX), rc;
    const char *names = NULL;

    if (n == 14 && is(st->values[0], "2"))
        names = aws_default_v2;
    else if (n == 36 && is(st->values[1], "TransitGateway"))
        names = aws_default_tgw;
    if (names == NULL) {
        if (!aws_skipped(st))
            cf_rejects_add(st->env->rejects, CF_R_FIELDS, line, offset, t.s, t.n,
                           "%d values without a header line before them", n);
        if (++st->refused >= REFUSE_AFTER)
            return cf_diag_set(d, CF_E_DETECT, AWS_NO_FORMAT);
        return CF_OK;
    }
    rc = aws_format_create(&st->format, st, names, strlen(names), ' ', d);
    return rc == CF_OK ? aws_begin(st, st->batch, d) : rc;
}

/* A line among JSON objects of one key per field. */
static int swap_formats(aws_t *st, cf_diag_t *d)
{
    aws_format_t *lines = st->other;

    if (st->begun && st->batch->rows > 0)
        return CF_EOF;
    st->other = st->format;
    st->format = lines;
    st->begun = false;
    return lines != NULL ? aws_begin(st, st->batch, d) : CF_OK;
}

static bool has_control(aws_span_t t)
{
    size_t i;

    for (i = 0; i < t.n; i++) {
        if ((unsigned char)t.s[i] < 0x20 && t.s[i] != '\t')
            return true;
    }
    return false;
}

/* The format is known from a line: what follows has no meaning without it. */
static void note_head(aws_t *st, uint64_t offset, size_t n, bool is_row)
{
    if (st->json) {
        st->header_in_json = st->header_in_json || !is_row;
        return;
    }
    st->head = offset;
    st->head_len = (uint64_t)n + 1;
    st->head_is_row = is_row;
}

int aws_line(aws_t *st, const char *s, size_t n, uint64_t line, uint64_t offset, cf_diag_t *d)
{
    cf_rejects_t *rejects = st->env->rejects;
    aws_span_t t = trim(s, n);
    size_t prefix;
    char sep;
    int count, rc;

    if (line <= 1 && t.n >= 3 && memcmp(t.s, "\xef\xbb\xbf", 3) == 0) {
        t.s += 3;
        t.n -= 3;
    }
    if (t.n == 0)
        return CF_OK;
    st->cr = s[n - 1] == '\r';
    if (st->begun && (st->heavy || st->batch->rows == CF_BATCH_ROWS))
        return CF_EOF;
    if (t.n > AWS_LINE_MAX) {
        if (!aws_skipped(st))
            cf_rejects_add(rejects, CF_R_LONG, line, offset, t.s, t.n,
                           "line is longer than %u bytes", AWS_LINE_MAX);
        return CF_OK;
    }
    if (has_control(t)) {
        if (!aws_skipped(st))
            cf_rejects_add(rejects, CF_R_BYTES, line, offset, t.s, t.n,
                           "line holds control characters");
        return CF_OK;
    }
    prefix = aws_export_prefix(t.s, t.n);
    if (prefix > 0) {
        st->prefix = true;
        t = trim(t.s + prefix, t.n - prefix);
    }
    if (st->format != NULL && st->format->object) {
        rc = swap_formats(st, d);
        if (rc != CF_OK)
            return rc;
    }
    if (aws_is_header(t.s, t.n, &sep)) {
        rc = take_header(st, t, sep, d);
        if (rc == CF_OK)
            note_head(st, offset, n, false);
        return rc;
    }
    if (is(t, "Permission Check Successful"))
        return CF_OK;          /* the trial object of a CloudWatch export task */
    if (st->format == NULL) {
        rc = guess_format(st, t, line, offset, d);
        if (rc != CF_OK || st->format == NULL)
            return rc;
        note_head(st, offset, n, true);
    }
    count = aws_split(t.s, t.n, st->format->sep, st->values, AWS_VALUES_MAX);
    if (count != (int)st->format->n) {
        if (!aws_skipped(st))
            cf_rejects_add(rejects, CF_R_FIELDS, line, offset, t.s, t.n,
                           "%d values instead of %u", count, st->format->n);
        return CF_OK;
    }
    return aws_row(st, st->values, t, line, offset, d);
}

/* ---- blocks ------------------------------------------------------------------------------- */

/* May line r be part of a run? before: place in d of the delimiter before it. */
static inline bool regular(const aws_t *st, const char *p, uint32_t r, uint32_t before,
                           uint32_t values)
{
    const aws_index_t *x = &st->index;
    const char *s;
    char c;

    if (x->end[r] - before != values || x->odd[r])
        return false;
    s = p + (uint16_t)(x->d[before] + 1);
    if ((p + x->d[x->end[r]] > s && p[x->d[x->end[r]] - 1] == '\r') != st->cr)
        return false;
    if (st->prefix && aws_export_prefix(s, x->d[before + 1] - (size_t)(s - p) + 1) == 0)
        return false;
    /* A header has no value there that begins so. */
    c = p[(uint16_t)(x->d[before + (uint32_t)st->format->marker + st->prefix] + 1)];
    return (c >= '0' && c <= '9') || c == '-';
}

static aws_run_t run_begin(const aws_t *st, const char *p, uint32_t r, uint64_t offset)
{
    aws_run_t run = { 0 };

    run.p = p;
    run.d = st->index.d;
    run.end = st->index.end + r;
    run.skip = st->prefix;
    run.values = st->format->n + run.skip;
    run.cr = st->cr;
    run.first = st->batch->rows;
    run.line = st->line + 1;
    run.offset = offset;
    return run;
}

static int flush(aws_t *st, aws_run_t *run, cf_diag_t *d)
{
    int rc = run->n > 0 ? aws_columns(st, run, d) : CF_OK;

    st->line += run->n;
    return rc;
}

/*
 * Lines of the window's beginning that are complete and not too near to its end; *used tells how
 * far it came.
 */
static int block(aws_t *st, const char *p, size_t n, uint64_t offset, size_t *used, cf_diag_t *d)
{
    const aws_format_t *f = st->format;
    aws_index_t *x = &st->index;
    uint32_t room = CF_BATCH_ROWS - st->batch->rows, r, before = 0;
    aws_run_t run;
    int rc;

    *used = 0;
    if (n <= AWS_PAD || f->marker < 0)
        return CF_OK;
    n = n - AWS_PAD < AWS_BLOCK ? n - AWS_PAD : AWS_BLOCK;
    if (room > AWS_BLOCK_ROWS)
        room = AWS_BLOCK_ROWS;
    (st->avx2 ? aws_index_avx2 : aws_index_plain)(x, p, (uint32_t)n, f->sep, room);
    run = run_begin(st, p, 0, offset);
    for (r = 0; r < x->rows; r++) {
        uint32_t start = (uint16_t)(x->d[before] + 1), stop = x->d[x->end[r]];

        if (__builtin_expect(regular(st, p, r, before, run.values), 1)) {
            run.n++;
        } else {
            rc = flush(st, &run, d);
            if (rc != CF_OK)
                return rc;
            *used = start;
            rc = aws_line(st, p + start, stop - start, st->line + 1, offset + start, d);
            if (rc != CF_OK)
                return rc;
            st->line++;
            *used = stop + 1;
            if (st->format != f)
                return CF_OK;
            run = run_begin(st, p, r + 1, offset);
        }
        before = x->end[r];
    }
    rc = flush(st, &run, d);
    *used = x->bytes;
    return rc;
}

/* A line that does not end within its bound. In a cut input its end may come later. */
static int skip_long(aws_t *st, cf_input_t *in, const char *p, size_t n, cf_diag_t *d)
{
    char begin[sizeof st->env->rejects->first[0].excerpt];
    uint64_t offset = cf_input_offset(in);
    size_t nbegin = n < sizeof begin ? n : sizeof begin;
    const char *lf = NULL;
    int rc = CF_OK;

    memcpy(begin, p, nbegin);
    while (lf == NULL && rc == CF_OK) {
        lf = memchr(p, '\n', n);
        cf_input_consume(in, lf != NULL ? (size_t)(lf - p) + 1 : n);
        if (lf == NULL)
            rc = cf_input_fill(in, 1, &p, &n, d);
    }
    if (rc < 0)
        return rc;
    st->complete = cf_input_offset(in);
    st->line++;
    if (!aws_skipped(st))
        cf_rejects_add(st->env->rejects, CF_R_LONG, st->line, offset, begin, nbegin,
                       "line is longer than %u bytes", AWS_LINE_MAX);
    return CF_OK;
}

/* One line at the beginning of the window. *want: bytes needed to go on. */
static int single(aws_t *st, cf_input_t *in, const char *p, size_t n, size_t *want, cf_diag_t *d)
{
    size_t bound = AWS_LINE_MAX + 2;
    const char *lf = memchr(p, '\n', n < bound ? n : bound);
    int rc;

    *want = 1;
    if (lf == NULL && n >= bound)
        return skip_long(st, in, p, n, d);
    if (lf == NULL && cf_input_ended(in) == CF_OK) {
        *want = n + 1;
        return CF_OK;
    }
    if (lf == NULL && cf_input_ended(in) < 0) {
        /* Cut: nobody knows whether the last line is whole. The next fill tells the error. */
        cf_input_consume(in, n);
        return CF_OK;
    }
    rc = aws_line(st, p, lf != NULL ? (size_t)(lf - p) : n, st->line + 1, cf_input_offset(in), d);
    if (rc != CF_OK)
        return rc;
    st->line++;
    cf_input_consume(in, lf != NULL ? (size_t)(lf - p) + 1 : n);
    st->complete = cf_input_offset(in);
    return CF_OK;
}

int aws_text(aws_t *st, cf_input_t *in, cf_diag_t *d)
{
    size_t want = 1, n, used;
    const char *p;
    int rc;

    for (;;) {
        if (st->begun && (st->heavy || st->batch->rows == CF_BATCH_ROWS))
            return CF_OK;
        rc = cf_input_fill(in, want, &p, &n, d);
        if (rc != CF_OK)
            return rc;
        used = 0;
        if (st->begun && st->skip == 0) {
            rc = block(st, p, n, cf_input_offset(in), &used, d);
            cf_input_consume(in, used);
            if (used > 0)
                st->complete = cf_input_offset(in);
        }
        if (used == 0 && rc == CF_OK)
            rc = single(st, in, p, n, &want, d);
        else
            want = 1;
        if (rc != CF_OK)
            return rc == CF_EOF ? CF_OK : rc;
    }
}
