/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokenizer: a state machine over the input's window. A token's bytes are consumed when the
 * next one is asked for, so its text can lie in the window; only strings with escapes are copied.
 * string.c scans and unescapes strings.
 */
#include <stdlib.h>
#include <string.h>

#include "json/json.h"

enum want {
    WANT_VALUE,                /* top level, after a colon, after a comma in an array */
    WANT_VALUE_OR_END,         /* behind '[' */
    WANT_KEY_OR_END,           /* behind '{' */
    WANT_KEY,                  /* behind a comma in an object */
    WANT_COLON,
    WANT_COMMA_OR_END
};

struct cf_json {
    cf_input_t *in;
    const char *p;             /* window */
    size_t n;
    size_t at;                 /* passed in the window, not yet consumed */
    enum want want;
    uint32_t depth;
    bool broken;
    cf_buf_t text;             /* of strings with escapes */
    uint8_t array[CF_JSON_DEPTH_MAX];      /* 1 = array, 0 = object */
};

int cf_json_open(cf_json_t **out, cf_input_t *in, cf_diag_t *d)
{
    cf_json_t *j = calloc(1, sizeof *j);

    *out = j;
    if (j == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for reading JSON");
    j->in = in;
    j->want = WANT_VALUE;
    cf_buf_init(&j->text, CF_JSON_STRING_MAX);
    return CF_OK;
}

void cf_json_close(cf_json_t *j)
{
    if (j == NULL)
        return;
    cf_buf_fini(&j->text);
    free(j);
}

/* Make byte at visible. CF_OK, CF_EOF at the end (at == n), or the input's error. */
static int see(cf_json_t *j, cf_diag_t *d)
{
    int rc;

    if (j->at < j->n)
        return CF_OK;
    cf_input_consume(j->in, j->at);
    j->at = 0;
    rc = cf_input_fill(j->in, 1, &j->p, &j->n, d);
    if (rc != CF_OK)
        j->n = 0;
    return rc;
}

/* More of the window without consuming: the token at its beginning goes on behind it. */
static int widen(cf_json_t *j, cf_diag_t *d)
{
    size_t before = j->n;
    int rc;

    if (j->n >= CF_INPUT_WINDOW_MAX)
        return CF_R_LONG;
    rc = cf_input_fill(j->in, before + 1, &j->p, &j->n, d);
    if (rc != CF_OK)
        return rc;
    if (j->n > before)
        return CF_OK;
    /* The window cannot grow: the input ends or fails. */
    rc = cf_input_ended(j->in);
    if (rc < 0) {
        cf_input_consume(j->in, j->n);
        rc = cf_input_fill(j->in, 1, &j->p, &j->n, d);
        j->n = j->at = 0;
    }
    return rc;
}

static int fault(cf_json_t *j, cf_diag_t *d, int code, const char *what)
{
    j->broken = true;
    if (d != NULL) {
        d->has_offset = true;
        d->offset = cf_input_offset(j->in) + j->at;
        cf_diag_source(d, cf_input_name(j->in));
    }
    return cf_diag_set(d, code, "%s", what);
}

static int ended(cf_json_t *j, int rc, cf_diag_t *d)
{
    if (rc == CF_EOF)
        return fault(j, d, CF_E_TRUNC, "JSON ends inside of a value");
    if (rc == CF_R_LONG)
        return fault(j, d, CF_R_LONG, "JSON value is too long");
    return rc;
}

/* The token begins at the window's first byte from now on. */
static void anchor(cf_json_t *j)
{
    cf_input_consume(j->in, j->at);
    j->p += j->at;
    j->n -= j->at;
    j->at = 0;
}

static int string_token(cf_json_t *j, cf_json_token_t *t, cf_diag_t *d)
{
    size_t end = 1;
    bool plain = true, ascii = true;
    int rc;

    anchor(j);
    for (;;) {
        size_t stop = cfi_json_scan(j->p, end, j->n, &ascii);

        if (stop < j->n && j->p[stop] == '"') {
            end = stop;
            break;
        }
        if (stop < j->n && (unsigned char)j->p[stop] < 0x20) {
            j->at = stop;
            return fault(j, d, CF_R_SYNTAX, "control character inside of a JSON string");
        }
        plain = plain && stop >= j->n;
        /* Behind a backslash the next byte is never the end. */
        end = stop < j->n ? stop + 2 : stop;
        while (end >= j->n) {
            if (j->n > CF_JSON_STRING_MAX)
                return fault(j, d, CF_R_LONG, "JSON string is too long");
            rc = widen(j, d);
            if (rc != CF_OK)
                return ended(j, rc, d);
        }
    }
    j->at = end + 1;
    t->text = j->p + 1;
    t->len = end - 1;
    if (plain && ascii)
        return CF_OK;
    rc = CF_OK;
    if (!plain) {
        rc = cfi_json_unescape(&j->text, t->text, t->len);
        t->text = j->text.data;
        t->len = j->text.len;
    }
    if (rc == CF_OK && !cfi_json_utf8(t->text, t->len))
        rc = CF_R_SYNTAX;
    if (rc == CF_R_SYNTAX)
        return fault(j, d, rc, "JSON string has a wrong escape or is not UTF-8");
    return rc == CF_OK ? rc : cf_diag_set(d, rc, "no memory for a JSON string");
}

/* Length of the number at s, 0 = none; complete only when something follows it. */
static size_t number_length(const char *s, size_t n)
{
    size_t i = 0, k;

    if (i < n && s[i] == '-')
        i++;
    if (i < n && s[i] == '0') {
        i++;
    } else {
        for (k = i; i < n && s[i] >= '0' && s[i] <= '9'; i++)
            continue;
        if (i == k)
            return 0;
    }
    if (i < n && s[i] == '.') {
        for (k = ++i; i < n && s[i] >= '0' && s[i] <= '9'; i++)
            continue;
        if (i == k)
            return 0;
    }
    if (i < n && (s[i] | 0x20) == 'e') {
        i++;
        if (i < n && (s[i] == '+' || s[i] == '-'))
            i++;
        for (k = i; i < n && s[i] >= '0' && s[i] <= '9'; i++)
            continue;
        if (i == k)
            return 0;
    }
    return i;
}

static bool in_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            c == '+' || c == '-' ||
           c == '.' || c == '_';
}

/* Numbers and the three words: everything up to a byte that cannot be in one. */
static int word_token(cf_json_t *j, cf_json_token_t *t, cf_diag_t *d)
{
    static const struct { const char *text; size_t len; cf_json_type_t type; } words[] = {
        { "true", 4, CF_JSON_TRUE }, { "false", 5, CF_JSON_FALSE }, { "null", 4, CF_JSON_NULL },
    };
    size_t len = 0, i;
    int rc;

    anchor(j);
    for (;;) {
        while (len < j->n && in_word(j->p[len]))
            len++;
        if (len < j->n)
            break;
        if (len > 4096)
            return fault(j, d, CF_R_LONG, "JSON number is too long");
        rc = widen(j, d);
        if (rc == CF_EOF)
            break;
        if (rc != CF_OK)
            return ended(j, rc, d);
    }
    t->text = j->p;
    t->len = len;
    for (i = 0; i < 3; i++) {
        if (len == words[i].len && memcmp(j->p, words[i].text, len) == 0)
            t->type = words[i].type;
    }
    if (t->type == 0 && len > 0 && number_length(j->p, len) == len)
        t->type = CF_JSON_NUMBER;
    if (t->type == 0)
        return fault(j, d, CF_R_SYNTAX, "JSON value expected");
    j->at = len;
    return CF_OK;
}

static int open_container(cf_json_t *j, cf_json_token_t *t, bool array, cf_diag_t *d)
{
    if (j->depth == CF_JSON_DEPTH_MAX)
        return fault(j, d, CF_R_SYNTAX, "JSON is nested too deep");
    t->type = array ? CF_JSON_ARRAY : CF_JSON_OBJECT;
    j->array[j->depth++] = array;
    j->want = array ? WANT_VALUE_OR_END : WANT_KEY_OR_END;
    j->at++;
    return CF_OK;
}

static void value_done(cf_json_t *j)
{
    j->want = j->depth > 0 ? WANT_COMMA_OR_END : WANT_VALUE;
}

static int close_container(cf_json_t *j, cf_json_token_t *t)
{
    j->depth--;
    t->depth = j->depth;
    t->type = j->array[j->depth] ? CF_JSON_ARRAY_END : CF_JSON_OBJECT_END;
    j->at++;
    value_done(j);
    return CF_OK;
}

static int value_token(cf_json_t *j, cf_json_token_t *t, cf_diag_t *d)
{
    char c = j->p[j->at];
    int rc;

    if (c == '{' || c == '[')
        return open_container(j, t, c == '[', d);
    if (c == '"') {
        t->type = CF_JSON_STRING;
        rc = string_token(j, t, d);
    } else {
        rc = word_token(j, t, d);
    }
    if (rc == CF_OK)
        value_done(j);
    return rc;
}

/* The first byte of a token is at hand. CF_EOF from here means: a mark between tokens, go on. */
static int one_step(cf_json_t *j, cf_json_token_t *t, cf_diag_t *d)
{
    char c = j->p[j->at];
    bool array = j->depth > 0 && j->array[j->depth - 1];
    int rc;

    switch (j->want) {
    case WANT_COLON:
        if (c != ':')
            return fault(j, d, CF_R_SYNTAX, "JSON: colon expected");
        j->at++;
        j->want = WANT_VALUE;
        return CF_EOF;
    case WANT_COMMA_OR_END:
        if (c == (array ? ']' : '}'))
            return close_container(j, t);
        if (c != ',')
            return fault(j, d, CF_R_SYNTAX, "JSON: comma or end of the container expected");
        j->at++;
        j->want = array ? WANT_VALUE : WANT_KEY;
        return CF_EOF;
    case WANT_KEY_OR_END:
    case WANT_KEY:
        if (c == '}' && j->want == WANT_KEY_OR_END)
            return close_container(j, t);
        if (c != '"')
            return fault(j, d, CF_R_SYNTAX, "JSON: key expected");
        t->type = CF_JSON_KEY;
        rc = string_token(j, t, d);
        j->want = WANT_COLON;
        return rc;
    case WANT_VALUE_OR_END:
        if (c == ']')
            return close_container(j, t);
        return value_token(j, t, d);
    default:
        return value_token(j, t, d);
    }
}

int cf_json_next(cf_json_t *j, cf_json_token_t *t, cf_diag_t *d)
{
    int rc;

    memset(t, 0, sizeof *t);
    if (j->broken)
        return fault(j, d, CF_R_SYNTAX, "JSON is broken");
    for (;;) {
        rc = see(j, d);
        if (rc == CF_EOF && j->depth == 0)
            return CF_EOF;
        if (rc != CF_OK)
            return ended(j, rc, d);
        switch (j->p[j->at]) {
        case ' ':
        case '\n':
        case '\r':
        case '\t':
            j->at++;
            continue;
        default:
            break;
        }
        t->offset = cf_input_offset(j->in) + j->at;
        t->depth = j->depth;
        rc = one_step(j, t, d);
        if (rc != CF_EOF)
            return rc;
    }
}

int cf_json_skip(cf_json_t *j, const cf_json_token_t *from, cf_diag_t *d)
{
    uint32_t depth = from->depth;
    cf_json_token_t t;
    int rc;

    if (from->type != CF_JSON_KEY && from->type != CF_JSON_OBJECT && from->type != CF_JSON_ARRAY)
        return CF_OK;
    do {
        rc = cf_json_next(j, &t, d);
        if (rc != CF_OK)
            return rc;
    } while (t.depth > depth || t.type == CF_JSON_OBJECT || t.type == CF_JSON_ARRAY);
    return CF_OK;
}

int cf_json_resync(cf_json_t *j, uint64_t *skipped, cf_diag_t *d)
{
    uint64_t from = cf_input_offset(j->in) + j->at;
    bool line_start = false;
    int rc;

    j->depth = 0;
    j->want = WANT_VALUE;
    while ((rc = see(j, d)) == CF_OK) {
        char c = j->p[j->at];

        if (line_start && (c == '{' || c == '['))
            break;
        if (c == '\n') {
            line_start = true;
            j->at++;
        } else if (line_start && c == '\r') {
            j->at++;
        } else {
            const char *lf = memchr(j->p + j->at, '\n', j->n - j->at);

            line_start = false;
            j->at = lf != NULL ? (size_t)(lf - j->p) : j->n;
        }
    }
    if (skipped != NULL)
        *skipped = cf_input_offset(j->in) + j->at - from;
    j->broken = rc != CF_OK;
    if (rc == CF_EOF)
        j->broken = false;
    return rc;
}
