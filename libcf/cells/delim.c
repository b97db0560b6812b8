/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines cut into values. The common line, without quotes, is cut by looking at 16 bytes at a time
 * for separators and line ends. A line with a quote, or with runs of separators, takes the slow
 * way, byte by byte. A quote that is never closed spoils the line that it stands in, and the next
 * line is read on its own.
 */
#include <stdlib.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <cf/delim.h>

/* A line with its end, and what may be looked at for it. */
#define LINE_ROOM (CF_DELIM_LINE_MAX + 2)

struct cf_delim {
    cf_delim_options_t o;
    const char *p, *end;       /* the part of the window that was not given out */
    size_t used;               /* bytes before it, not consumed yet */
    uint64_t offset;           /* of p */
    uint64_t line;             /* lines passed */
    uint64_t complete;         /* behind the last line that has its end */
    bool open;                 /* the last line given out had none */
    bool begun;
    char *plain;               /* text of quoted values with "" */
    size_t plain_used;
    uint32_t count;
    cf_text_t value[CF_DELIM_VALUES_MAX + 1];
};

enum { CUT = 0, MORE = 1, QUOTED = 2, MANY = 3, BROKEN = 4 };

int cf_delim_create(cf_delim_t **l, const cf_delim_options_t *o, cf_diag_t *d)
{
    cf_delim_t *new = malloc(sizeof *new);

    if (new == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a reader of lines");
    memset(new, 0, offsetof(cf_delim_t, value));
    new->o = *o;
    *l = new;
    return CF_OK;
}

void cf_delim_destroy(cf_delim_t *l)
{
    if (l != NULL)
        free(l->plain);
    free(l);
}

void cf_delim_separator(cf_delim_t *l, char sep)
{
    l->o.sep = sep;
}

uint64_t cf_delim_offset(const cf_delim_t *l)
{
    return l->offset;
}

void cf_delim_norow(cf_delim_t *l)
{
    l->open = false;
}

void cf_delim_cursor(const cf_delim_t *l, uint64_t head, uint32_t head_len, cf_cursor_t *c)
{
    const bool whole = head_len <= CF_CURSOR_HEAD_MAX && head + head_len <= l->complete;

    c->head = whole ? head : 0;
    c->head_len = whole ? head_len : 0;
    c->offset = l->complete;
    c->skip = l->open ? 1 : 0;
    c->comma = false;
}

/* ---- cutting ------------------------------------------------------------------------------ */

static inline bool put(cf_delim_t *l, const char *s, const char *end)
{
    cf_text_t *v = &l->value[l->count];

    v->s = s;
    v->n = (size_t)(end - s);
    l->count += l->count < CF_DELIM_VALUES_MAX;
    return l->count < CF_DELIM_VALUES_MAX;
}

static inline int last(cf_delim_t *l, const char *s, const char *lf)
{
    if (lf > s && lf[-1] == '\r')
        lf--;
    return put(l, s, lf) ? CUT : MANY;
}

/* The line at p, whose end is before end; *next behind its LF. */
static int cut_plain(cf_delim_t *l, const char *p, const char *end, const char **next)
{
    const char *start = p;
    const char sep = l->o.sep, quote = l->o.quote ? '"' : '\n';

    l->count = 0;
#if defined(__SSE2__)
    const __m128i vs = _mm_set1_epi8(sep), vl = _mm_set1_epi8('\n'), vq = _mm_set1_epi8(quote);

    for (; end - p >= 16; p += 16) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        uint32_t seps = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, vs));
        uint32_t stop = (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, vl),
                                                                 _mm_cmpeq_epi8(v, vq)));

        if (__builtin_expect(stop != 0, 0))
            seps &= (stop & -stop) - 1;
        for (; seps != 0; seps &= seps - 1) {
            const char *at = p + __builtin_ctz(seps);

            if (__builtin_expect(!put(l, start, at), 0))
                return MANY;
            start = at + 1;
        }
        if (__builtin_expect(stop != 0, 0)) {
            const char *at = p + __builtin_ctz(stop);

            if (*at != '\n')
                return QUOTED;
            *next = at + 1;
            return last(l, start, at);
        }
    }
#endif
    for (; p < end; p++) {
        if (*p == sep) {
            if (!put(l, start, p))
                return MANY;
            start = p + 1;
        } else if (*p == '\n') {
            *next = p + 1;
            return last(l, start, p);
        } else if (*p == quote) {
            return QUOTED;
        }
    }
    *next = end;
    return MORE;
}

/*
 * Is the line over at p? Bytes of its end, 0 to 2; -1 = it is not, -2 = nobody can say yet. The end
 * of the input (final) is an end as well.
 */
static int line_end(const char *p, const char *end, bool final)
{
    if (p == end)
        return final ? 0 : -2;
    if (*p == '\n')
        return 1;
    if (*p != '\r')
        return -1;
    if (p + 1 == end)
        return final ? 1 : -2;
    return p[1] == '\n' ? 2 : -1;
}

/* A value that begins with a quote, at s; *after behind its closing quote. */
static int quoted(cf_delim_t *l, const char *s, const char *end, bool final, const char **after)
{
    const char *p = s + 1, *q = memchr(p, '"', (size_t)(end - p));
    char *out = l->plain + l->plain_used, *first = out;
    bool doubled = false;

    for (;;) {
        if (q == NULL || (q + 1 == end && !final))
            return MORE;
        if (q + 1 == end || q[1] != '"')
            break;
        doubled = true;
        memcpy(out, p, (size_t)(q + 1 - p));
        out += q + 1 - p;
        p = q + 2;
        q = memchr(p, '"', (size_t)(end - p));
    }
    *after = q + 1;
    if (!doubled)
        return put(l, p, q) ? CUT : MANY;
    memcpy(out, p, (size_t)(q - p));
    out += q - p;
    l->plain_used = (size_t)(out - l->plain);
    return put(l, first, out) ? CUT : MANY;
}

static int cut_slowly(cf_delim_t *l, const char *p, const char *end, bool final, const char **next)
{
    const char sep = l->o.sep;
    int rc, over;

    l->count = 0;
    l->plain_used = 0;
    for (;;) {
        const char *s, *stop;

        while (l->o.runs && p < end && *p == sep)
            p++;
        over = l->o.runs ? line_end(p, end, final) : -1;
        if (over != -1)
            break;
        s = p;
        if (l->o.quote && p < end && *p == '"') {
            rc = quoted(l, p, end, final, &p);
            if (rc != CUT)
                return rc;
        } else {
            while (p < end && *p != sep && *p != '\n')
                p++;
            if (p == end && !final)
                return MORE;
            if ((p == end || *p == '\n') && p > s && p[-1] == '\r')
                p--;
            stop = p;
            if (!put(l, s, stop))
                return MANY;
        }
        over = line_end(p, end, final);
        if (over != -1)
            break;
        if (*p != sep)
            return BROKEN;
        p++;
    }
    if (over == -2)
        return MORE;
    *next = p + over;
    return CUT;
}

/* ---- lines -------------------------------------------------------------------------------- */

static uint64_t count_lines(const char *p, const char *end)
{
    uint64_t n = 0;

    while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        n++;
        p++;
    }
    return n;
}

/* What lies before next is done with. */
static void pass(cf_delim_t *l, const char *next, bool ended)
{
    size_t n = (size_t)(next - l->p);

    l->used += n;
    l->offset += n;
    l->p = next;
    l->open = !ended;
    if (ended)
        l->complete = l->offset;
}

/* More of the input behind what is there. CF_EOF or an error: there is no more. */
static int more(cf_delim_t *l, cf_input_t *in, cf_diag_t *d)
{
    size_t n, have = (size_t)(l->end - l->p);
    int rc;

    cf_input_consume(in, l->used);
    l->used = 0;
    rc = cf_input_fill(in, have + 1, &l->p, &n, d);
    if (rc != CF_OK) {
        l->p = l->end = NULL;
        return rc;
    }
    l->end = l->p + n;
    if (!l->begun) {
        l->begun = true;
        if (cf_input_offset(in) == 0 && n >= 3 && memcmp(l->p, "\xef\xbb\xbf", 3) == 0)
            pass(l, l->p + 3, true);
    }
    return n > have ? CF_OK : cf_input_ended(in);
}

/* Pass over the line at p up to its LF, however long it is. */
static int pass_line(cf_delim_t *l, cf_input_t *in, cf_diag_t *d)
{
    const char *lf;
    int rc = CF_OK;

    while ((lf = memchr(l->p, '\n', (size_t)(l->end - l->p))) == NULL && rc == CF_OK) {
        pass(l, l->end, false);
        rc = more(l, in, d);
        if (rc != CF_OK && l->p == NULL)
            return rc == CF_EOF ? CF_OK : rc;
    }
    pass(l, lf != NULL ? lf + 1 : l->end, lf != NULL);
    l->line++;
    return CF_OK;
}

static int bad(cf_delim_t *l, cf_input_t *in, cf_line_t *line, int code, const char *why, cf_diag_t *d)
{
    size_t n = (size_t)(l->end - l->p);
    const char *lf = memchr(l->p, '\n', n);

    line->place.line = l->line + 1;
    line->place.offset = l->offset;
    line->place.text.s = l->p;
    line->place.text.n = lf != NULL ? (size_t)(lf - l->p) : n;
    line->why = why;
    line->count = 0;
    if (lf != NULL) {
        pass(l, lf + 1, true);
        l->line++;
        return code;
    }
    /* what follows may move the window: the excerpt goes */
    line->place.text.s = NULL;
    line->place.text.n = 0;
    if (pass_line(l, in, d) != CF_OK)
        return d != NULL && d->code != 0 ? d->code : CF_E_IO;
    return code;
}

static void given(const cf_delim_t *l, cf_line_t *line, const char *next, bool ended)
{
    const char *stop = next - (ended ? 1 : 0);

    line->value = l->value;
    line->count = l->count;
    line->why = NULL;
    line->place.line = l->line + 1;
    line->place.offset = l->offset;
    line->place.text.s = l->p;
    line->place.text.n = (size_t)(stop - l->p);
    if (stop > l->p && stop[-1] == '\r')
        line->place.text.n--;
}

static int cut_line(cf_delim_t *l, bool final, const char **next, bool *slow, cf_diag_t *d)
{
    size_t n = (size_t)(l->end - l->p);
    int rc = l->o.runs ? QUOTED : cut_plain(l, l->p, l->end, next);

    /* a last line without its end, too */
    *slow = rc == QUOTED || (rc == MORE && final && n <= CF_DELIM_LINE_MAX);
    if (!*slow)
        return rc;
    if (l->plain == NULL)
        l->plain = malloc(LINE_ROOM);
    if (l->plain == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a line");
    if (n > LINE_ROOM) {
        n = LINE_ROOM;
        final = false;
    }
    return cut_slowly(l, l->p, l->p + n, final, next);
}

/* What is wrong with the line at p that could not be cut; NULL when more bytes may do. */
static const char *fault(const cf_delim_t *l, int rc, bool final, int *code)
{
    size_t n = (size_t)(l->end - l->p);

    *code = CF_R_SYNTAX;
    if (rc == BROKEN)
        return "something stands behind a closing quote";
    if (rc == MANY) {
        *code = CF_R_FIELDS;
        return "more than 1023 values";
    }
    if (n > CF_DELIM_LINE_MAX + 1 && memchr(l->p, '\n', CF_DELIM_LINE_MAX + 1) == NULL) {
        *code = CF_R_LONG;
        return "line is longer than 65535 bytes";
    }
    return n > CF_DELIM_LINE_MAX + 1 || final ? "a quote is not closed" : NULL;
}

int cf_delim_next(cf_delim_t *l, cf_input_t *in, cf_line_t *line, cf_diag_t *d)
{
    const char *next = NULL, *why;
    int rc, code, ended = CF_OK;
    bool slow, lf;

    for (;;) {
        if (l->p == l->end) {
            ended = more(l, in, d);
            if (l->p == NULL)
                return ended;
            continue;
        }
        rc = cut_line(l, ended == CF_EOF, &next, &slow, d);
        if (rc < 0)
            return rc;
        if (rc != CUT) {
            why = fault(l, rc, ended == CF_EOF, &code);
            if (why != NULL)
                return bad(l, in, line, code, why, d);
            if (ended < 0) {
                /* Cut: nobody knows whether the last line is whole. */
                l->used += (size_t)(l->end - l->p);
                l->p = l->end;
                continue;
            }
            ended = more(l, in, d);
            if (l->p == NULL)
                return ended;
            continue;
        }
        lf = next > l->p && next[-1] == '\n';
        given(l, line, next, lf);
        if (line->place.text.n > CF_DELIM_LINE_MAX)
            return bad(l, in, line, CF_R_LONG, "line is longer than 65535 bytes", d);
        l->line += slow && lf ? count_lines(l->p, next) : 1;
        pass(l, next, lf);
        if (l->count > 1 || (l->count == 1 && l->value[0].n > 0))
            return CF_OK;
        l->open = false;
    }
}
