/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Through a level: over blanks, text and commas to the next object, into lists and out of them, over
 * members that stand beside a list.
 */
#include <string.h>

#include "json/json.h"
#include "json/rec.h"

#define TEXT_MOST (64u << 10)      /* bytes of text looked at together */

/* First byte that is no blank, at the window's begin. */
static int over_blanks(cf_jsonrec_t *r, const char **p, size_t *n, cf_diag_t *d)
{
    cfi_level_t *l = cfi_rec_level(r);
    int rc;

    while ((rc = cfi_rec_see(r, 1, p, n, d)) == CF_OK) {
        size_t i = 0;

        if (!l->begun) {
            l->begun = true;
            rc = cfi_rec_see(r, 3, p, n, d);
            if (rc != CF_OK)
                return rc;
            i = *n >= 3 && memcmp(*p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
        }
        for (; i < *n && cfi_json_blank((*p)[i]); i++)
            l->line = (*p)[i] == '\n' || (l->line && (*p)[i] == '\r');
        cf_input_consume(l->in, i);
        *p += i;
        *n -= i;
        if (*n > 0)
            return CF_OK;
    }
    return rc;
}

/* The mark of a record in text: a brace, and a key or its end behind it. */
static const char *brace_in(const char *p, const char *end)
{
    while ((p = memchr(p, '{', (size_t)(end - p))) != NULL) {
        const char *q = cfi_json_blanks(p + 1, end);

        if (q == end || *q == '"' || *q == '}')
            return p;
        p++;
    }
    return NULL;
}

/* Text where a value was expected: up to JSON on its line, or all of it. */
static int text(cf_jsonrec_t *r, cf_diag_t *d)
{
    cfi_level_t *l = cfi_rec_level(r);
    uint64_t offset = r->top == 0 ? cf_input_offset(l->in) : r->offset;
    bool first = true;
    const char *p;
    size_t n;
    int rc;

    while ((rc = cfi_rec_see(r, TEXT_MOST, &p, &n, d)) == CF_OK) {
        const char *lf = memchr(p, '\n', n), *end = lf != NULL ? lf : p + n;
        const char *brace = brace_in(p, end);
        size_t used = (size_t)((brace != NULL ? brace : lf != NULL ? lf + 1 : end) - p);

        /* An opening brace may have its line break before the key. */
        if (brace == NULL && lf != NULL && lf > p && lf[-1] == '{')
            used = (size_t)(lf - 1 - p);
        else if (brace == NULL && first && l->some)
            cfi_rec_reject(r, CF_R_SYNTAX, offset, p, (size_t)(end - p),
                           "text where a record should stand");
        l->texts += brace == NULL && first && !l->some;
        l->line = used > 0 && p[used - 1] == '\n';
        first = false;
        cf_input_consume(l->in, used);
        if (used == 0 || brace != NULL || lf != NULL)
            return CF_EOF;
    }
    return rc == CF_EOF ? CF_EOF : rc;
}

int cfi_rec_open_list(cf_jsonrec_t *r, uint32_t around, uint64_t begin, size_t n, cf_diag_t *d)
{
    cfi_level_t *l = cfi_rec_level(r);

    (void)d;
    if (l->depth + around + 1 > CFI_REC_NEST)
        return CF_R_SYNTAX;
    cf_input_consume(l->in, n);
    if (r->top == 0 && l->depth == 0)
        r->begin = begin;
    for (uint32_t i = 0; i < around; i++)
        l->list[l->depth++] = false;
    l->list[l->depth++] = true;
    l->place = CFI_AT_ELEMENT;
    l->line = false;
    if (r->top == 0 && r->base == 0) {
        uint64_t at = cf_input_offset(l->in);

        r->base = l->depth;
        r->endless = at - r->begin > CF_CURSOR_HEAD_MAX;
        r->cursor.head = r->begin;
        r->cursor.head_len = r->endless ? 0 : (uint32_t)(at - r->begin);
        cfi_rec_mark(r, at);
    }
    return CF_OK;
}

/* Out of a list or of the object around one. */
static void close_one(cf_jsonrec_t *r)
{
    cfi_level_t *l = cfi_rec_level(r);

    cf_input_consume(l->in, 1);
    l->depth--;
    l->line = false;
    if (r->top == 0 && l->depth < r->base)
        r->base = 0;
    l->place = l->depth == 0 ? CFI_AT_TOP : l->list[l->depth - 1] ? CFI_AT_COMMA : CFI_AT_MEMBER;
    /* What stood in an inner list is done with, when we are back in the outermost. */
    if (r->top == 0 && r->base > 0 && l->depth == r->base)
        cfi_rec_mark(r, cf_input_offset(l->in));
}

static int broken(cf_jsonrec_t *r, const char *p, size_t n, const char *why, cf_diag_t *d)
{
    cfi_level_t *l = cfi_rec_level(r);

    cfi_rec_reject(r, CF_R_SYNTAX, r->top == 0 ? cf_input_offset(l->in) : r->offset, p, n, why);
    return cfi_rec_lost(r, d);
}

/* A string of a list: JSON again? */
static int string_element(cf_jsonrec_t *r, const char *p, size_t n, cf_diag_t *d)
{
    cfi_level_t *l = cfi_rec_level(r);
    uint64_t offset = cf_input_offset(l->in);
    const char *end, *why = "";
    size_t want = 4096;
    bool plain;
    int rc;

    while ((rc = cfi_json_string(p + 1, p + n, &end, &plain, &why)) == CF_E_TRUNC) {
        size_t before = n;

        if (n > r->max)
            return broken(r, p, n, "string in a list is too long", d);
        want = n * 2 > want ? n * 2 : want;
        rc = cfi_rec_see(r, want, &p, &n, d);
        if (rc == CF_OK && n == before)
            return cf_diag_set(d, CF_E_TRUNC, "JSON ends inside of a string");
        if (rc != CF_OK)
            return rc;
    }
    if (rc != CF_OK)
        return broken(r, p, n, why, d);
    l->place = CFI_AT_COMMA;
    l->held = (size_t)(end + 1 - p);
    if (r->top == 0)
        r->offset = offset;
    rc = cfi_json_unescape(&r->scratch, p + 1, (size_t)(end - p - 1));
    if (rc != CF_OK)
        return CF_E_NOMEM;
    if (memchr(r->scratch.data, '{', r->scratch.len) != NULL) {
        char *memory = r->scratch.data;

        n = r->scratch.len;
        rc = cfi_rec_push(r, memory, NULL, n, false);
        cf_buf_init(&r->scratch, r->scratch.max);
        if (rc != CF_E_LIMIT)
            return rc == CF_OK ? CF_EOF : rc;
    }
    cfi_rec_reject(r, CF_R_SYNTAX, r->offset, p, l->held, "element of a list is no object");
    return CF_EOF;
}

/* A key of an object around a list, and what to do with its value. */
static int member(cf_jsonrec_t *r, const char *p, size_t n, cf_diag_t *d)
{
    cfi_level_t *l = cfi_rec_level(r);
    const char *end, *why = "key expected", *v = NULL;
    bool plain;
    int rc = cfi_rec_see(r, 4096, &p, &n, d);

    if (rc != CF_OK)
        return rc;
    if (*p != '"' || cfi_json_string(p + 1, p + n, &end, &plain, &why) != CF_OK)
        return broken(r, p, n, why, d);
    v = cfi_json_blanks(end + 1, p + n);
    if (v == p + n || *v != ':')
        return broken(r, p, n, "colon expected", d);
    v = cfi_json_blanks(v + 1, p + n);
    if (v < p + n && *v == '[' && cfi_rec_is_key(r->o.lists, p + 1, (size_t)(end - p - 1)))
        return cfi_rec_open_list(r, 0, 0, (size_t)(v + 1 - p), d) == CF_OK
                   ? CF_EOF : broken(r, p, n, "lists are nested too deep", d);
    cf_input_consume(l->in, (size_t)(v - p));
    rc = over_blanks(r, &p, &n, d);
    if (rc == CF_OK)
        rc = cfi_rec_pass(r, d);
    if (rc == CF_OK) {
        l->place = CFI_AT_MEMBER;
        return CF_EOF;
    }
    return rc == CF_R_SYNTAX ? broken(r, p, 0, "member beside a list is broken", d) : rc;
}

static bool list_begins(const char *p, size_t n)
{
    const char *q = cfi_json_blanks(p + 1, p + n);

    return q == p + n || *q == '{' || *q == '[' || *q == ']' || *q == '"';
}

static int at_top(cf_jsonrec_t *r, cf_jsonobj_t *o, const char *p, size_t n, cf_diag_t *d)
{
    cfi_level_t *l = cfi_rec_level(r);

    if (*p == '{')
        return cfi_rec_object(r, o, d);
    if (*p == '[') {
        int rc = cfi_rec_see(r, 256, &p, &n, d);

        if (rc != CF_OK)
            return rc;
        if (list_begins(p, n))
            return cfi_rec_open_list(r, 0, cf_input_offset(l->in), 1, d) == CF_OK ? CF_EOF
                       : CF_E_INTERNAL;
    }
    if ((*p == ',' && l->some) || ((*p == ']' || *p == '}' || *p == ',') && l->unsure)) {
        cf_input_consume(l->in, 1);
        return CF_EOF;
    }
    return text(r, d);
}

static int at_element(cf_jsonrec_t *r, cf_jsonobj_t *o, const char *p, size_t n, cf_diag_t *d)
{
    cfi_level_t *l = cfi_rec_level(r);
    const char *v = p;
    int rc;

    switch (*p) {
    case '{':
        return cfi_rec_object(r, o, d);
    case ']':
        close_one(r);
        return CF_EOF;
    case '"':
        return string_element(r, p, n, d);
    case '[':
        if (cfi_rec_open_list(r, 0, 0, 1, d) == CF_OK)
            return CF_EOF;
        return broken(r, p, n, "lists are nested too deep", d);
    default:
        rc = cfi_rec_see(r, 256, &p, &n, d);
        if (rc != CF_OK)
            return rc;
        v = p;
        while (v < p + n && *v != ',' && *v != ']' && *v != '{' && *v != '\n')
            v++;
        if (v == p)
            return broken(r, p, n, "element of a list is no object", d);
        cfi_rec_reject(r, CF_R_SYNTAX, r->top == 0 ? cf_input_offset(l->in) : r->offset, p,
                       (size_t)(v - p), "element of a list is no object");
        cf_input_consume(l->in, (size_t)(v - p));
        l->place = CFI_AT_COMMA;
        return CF_EOF;
    }
}

static int at_comma(cf_jsonrec_t *r, const char *p, size_t n, cf_diag_t *d)
{
    cfi_level_t *l = cfi_rec_level(r);
    bool list = l->list[l->depth - 1];

    if (*p == ',') {
        cf_input_consume(l->in, 1);
        l->line = false;
        l->place = list ? CFI_AT_ELEMENT : CFI_AT_KEY;
        return CF_EOF;
    }
    if (*p == (list ? ']' : '}')) {
        close_one(r);
        return CF_EOF;
    }
    /* An object at the begin of a line: the list was cut there, and something else begins. */
    if (*p == '{' && (l->line || l->unsure)) {
        if (!l->unsure)
            cfi_rec_reject(r, CF_R_SYNTAX, r->top == 0 ? cf_input_offset(l->in) : r->offset, p, n,
                           "list is not closed before the next object");
        l->unsure = true;
        l->depth = 0;
        l->place = CFI_AT_TOP;
        r->base = r->top == 0 ? 0 : r->base;
        return CF_EOF;
    }
    return broken(r, p, n, list ? "comma or end of the list expected"
                                : "comma or end of the object expected", d);
}

/* Nothing follows. */
static int ended(cf_jsonrec_t *r, cf_diag_t *d)
{
    cfi_level_t *l = cfi_rec_level(r);

    if (l->depth > 0 && !l->unsure)
        return cf_diag_set(d, CF_E_TRUNC, "JSON ends inside of a list");
    if (!l->some && l->texts > 0)
        return cf_diag_set(d, CF_E_FORMAT, "holds text, and no JSON object");
    return CF_EOF;
}

int cfi_rec_walk(cf_jsonrec_t *r, cf_jsonobj_t *o, cf_diag_t *d)
{
    for (;;) {
        cfi_level_t *l = cfi_rec_level(r);
        const char *p;
        size_t n;
        int rc;

        if (l->held > 0) {             /* a string that was looked into, or refused */
            cf_input_consume(l->in, l->held);
            l->held = 0;
            cfi_rec_mark(r, cf_input_offset(l->in));
        }
        rc = over_blanks(r, &p, &n, d);
        if (rc == CF_EOF)
            return ended(r, d);
        if (rc != CF_OK)
            return rc;
        switch (l->place) {
        case CFI_AT_TOP: rc = at_top(r, o, p, n, d); break;
        case CFI_AT_ELEMENT: rc = at_element(r, o, p, n, d); break;
        case CFI_AT_KEY: rc = member(r, p, n, d); break;
        default: rc = at_comma(r, p, n, d); break;
        }
        if (rc != CF_EOF)
            return rc;
    }
}
