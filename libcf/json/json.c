/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokenizer: a state machine over the input's window. What is passed is consumed only when the
 * window is used up, so the text of a token can lie in it, and most tokens cost no call; only
 * strings with escapes are copied. scan.c finds the ends of strings, string.c undoes escapes,
 * resync.c goes on behind what is broken.
 */
#include <stdlib.h>
#include <string.h>

#include "json/json.h"

int cf_json_open(cf_json_t **out, cf_input_t *in, cf_diag_t *d)
{
    cf_json_t *j = calloc(1, sizeof *j);

    *out = j;
    if (j == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for reading JSON");
    j->in = in;
    j->want = WANT_VALUE;
    j->base = cf_input_offset(in);
    j->scan = cfi_json_scanner();
    cf_buf_init(&j->text, CF_JSON_STRING_MAX);
    return CF_OK;
}

void cf_json_close(cf_json_t *j)
{
    if (j == NULL)
        return;
    cf_input_consume(j->in, j->at);
    cf_buf_fini(&j->text);
    free(j);
}

size_t cfi_json_move(cf_json_t *j, size_t from)
{
    uint64_t place = j->base + from;

    if (j->mark >= j->base && j->mark <= place && place - j->mark <= CFI_JSON_BACK)
        from = (size_t)(j->mark - j->base);
    cf_input_consume(j->in, from);
    j->base += from;
    j->p += from;
    j->n -= from;
    j->at -= from;
    return from;
}

int cfi_json_see(cf_json_t *j, size_t want, cf_diag_t *d)
{
    int rc;

    cfi_json_move(j, j->at);
    rc = cf_input_fill(j->in, j->at + want, &j->p, &j->n, d);
    if (j->n > j->at)
        return CF_OK;
    /* What was kept is no more than that: the input ends or fails. */
    j->at = j->n;
    cfi_json_drop(j);
    rc = cf_input_fill(j->in, 1, &j->p, &j->n, d);
    if (rc != CF_OK)
        j->n = 0;
    return rc;
}

void cfi_json_drop(cf_json_t *j)
{
    cf_input_consume(j->in, j->at);
    j->base += j->at;
    j->p += j->at;
    j->n -= j->at;
    j->at = 0;
}

/* More of the window for a token that begins at from and goes on at place; both move along. */
static int widen(cf_json_t *j, size_t *from, size_t *place, cf_diag_t *d)
{
    size_t before, gone;
    int rc;

    j->at = *from;
    gone = cfi_json_move(j, *from);
    *place -= gone;
    *from -= gone;
    before = j->n;
    if (before >= CF_INPUT_WINDOW_MAX)
        return CF_R_LONG;
    rc = cf_input_fill(j->in, before + 1, &j->p, &j->n, d);
    if (rc != CF_OK)
        return rc;
    if (j->n > before)
        return CF_OK;
    /* The window cannot grow: the input ends or fails. */
    rc = cf_input_ended(j->in);
    if (rc < 0) {
        j->at = j->n;
        cfi_json_drop(j);
        rc = cf_input_fill(j->in, 1, &j->p, &j->n, d);
        j->n = 0;
    }
    return rc;
}

static int fault(cf_json_t *j, cf_diag_t *d, int code, const char *what)
{
    j->broken = true;
    if (d != NULL) {
        d->has_offset = true;
        d->offset = j->base + j->at;
        cf_diag_source(d, cf_input_name(j->in));
    }
    return cf_diag_set(d, code, "%s", what);
}

static int ended(cf_json_t *j, int rc, cf_diag_t *d)
{
    if (rc == CF_EOF) {
        rc = fault(j, d, CF_E_TRUNC, "JSON ends inside of a value");
        j->at = j->n;          /* all of the input was seen */
        cfi_json_drop(j);
        return rc;
    }
    if (rc == CF_R_LONG)
        return fault(j, d, CF_R_LONG, "JSON value is too long");
    return rc;
}

static int finish_string(cf_json_t *j, cf_json_token_t *t, bool plain, bool ascii, cf_diag_t *d)
{
    int rc = CF_OK;

    if (!plain) {
        rc = cfi_json_unescape(&j->text, t->text, t->len);
        t->text = j->text.data;
        t->len = j->text.len;
    }
    if (rc == CF_OK && !ascii && !cfi_json_utf8(t->text, t->len))
        rc = CF_R_SYNTAX;
    if (rc == CF_R_SYNTAX)
        return fault(j, d, rc, "JSON string has a wrong escape or is not UTF-8");
    return rc == CF_OK ? rc : cf_diag_set(d, rc, "no memory for a JSON string");
}

/* The string whose quote stands at j->at. */
static int string_token(cf_json_t *j, cf_json_token_t *t, cf_diag_t *d)
{
    size_t from = j->at, end = from + 1, stop;
    bool plain = true, ascii = true;
    int rc;

    for (;;) {
        stop = j->scan(j->p, end, j->n, &ascii);
        if (stop - from > CF_JSON_STRING_MAX)
            return fault(j, d, CF_R_LONG, "JSON string is too long");
        if (stop < j->n && j->p[stop] == '"')
            break;
        if (stop < j->n && (unsigned char)j->p[stop] < 0x20) {
            j->at = stop;
            return fault(j, d, CF_R_SYNTAX, "control character inside of a JSON string");
        }
        plain = plain && stop >= j->n;
        /* Behind a backslash the next byte is never the end. */
        end = stop < j->n ? stop + 2 : stop;
        while (end >= j->n) {
            rc = widen(j, &from, &end, d);
            if (rc != CF_OK)
                return ended(j, rc, d);
        }
    }
    j->at = stop + 1;
    t->text = j->p + from + 1;
    t->len = stop - from - 1;
    return plain && ascii ? CF_OK : finish_string(j, t, plain, ascii, d);
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
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '+' ||
           c == '-' || c == '.' || c == '_';
}

static cf_json_type_t word_type(const char *s, size_t n)
{
    if (n == 4 && memcmp(s, "true", 4) == 0)
        return CF_JSON_TRUE;
    if (n == 4 && memcmp(s, "null", 4) == 0)
        return CF_JSON_NULL;
    if (n == 5 && memcmp(s, "false", 5) == 0)
        return CF_JSON_FALSE;
    return n > 0 && number_length(s, n) == n ? CF_JSON_NUMBER : 0;
}

/* Could more bytes make a value of it: "fals", "-", "1.", "2e+"? */
static bool cut_word(const char *s, size_t n)
{
    static const char *const words[] = { "true", "false", "null" };
    char more[64];

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (n < strlen(words[i]) && memcmp(s, words[i], n) == 0)
            return true;
    if (n == 0 || n >= sizeof more)
        return false;
    memcpy(more, s, n);
    more[n] = '0';
    return number_length(more, n + 1) == n + 1;
}

/* Numbers and the three words: everything up to a byte that cannot be in one. */
static int word_token(cf_json_t *j, cf_json_token_t *t, cf_diag_t *d)
{
    size_t from = j->at, end = from;
    int rc = CF_OK;

    for (;;) {
        while (end < j->n && in_word(j->p[end]))
            end++;
        if (end - from > CF_JSON_NUMBER_MAX)
            return fault(j, d, CF_R_LONG, "JSON number is too long");
        if (end < j->n)
            break;
        rc = widen(j, &from, &end, d);
        if (rc == CF_EOF)
            break;
        if (rc != CF_OK)
            return ended(j, rc, d);
    }
    t->text = j->p + from;
    t->len = end - from;
    t->type = word_type(t->text, t->len);
    if (t->type == 0 && rc == CF_EOF && cut_word(t->text, t->len))
        return ended(j, rc, d);
    if (t->type == 0)
        return fault(j, d, CF_R_SYNTAX, "JSON value expected");
    j->at = end;
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

/* A value is complete; the comma behind it goes along when it is at hand. */
static void value_done(cf_json_t *j)
{
    j->want = j->depth > 0 ? WANT_COMMA_OR_END : WANT_VALUE;
    if (j->depth > 0 && j->at < j->n && j->p[j->at] == ',') {
        j->at++;
        j->want = j->array[j->depth - 1] ? WANT_VALUE : WANT_KEY;
    }
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
        if (rc == CF_OK && j->at < j->n && j->p[j->at] == ':') {
            j->at++;
            j->want = WANT_VALUE;
        }
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

    t->type = 0;
    t->text = NULL;
    t->len = 0;
    if (j->broken)
        return fault(j, d, CF_R_SYNTAX, "JSON is broken");
    for (;;) {
        unsigned char c;

        if (j->at >= j->n) {
            rc = cfi_json_see(j, 1, d);
            if (rc == CF_EOF && j->depth == 0)
                return CF_EOF;
            if (rc != CF_OK)
                return ended(j, rc, d);
        }
        c = (unsigned char)j->p[j->at];
        if (c <= ' ' && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) {
            j->at++;
            continue;
        }
        t->offset = j->base + j->at;
        t->depth = j->depth;
        rc = one_step(j, t, d);
        if (rc == CF_OK)
            j->mark = t->offset;
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

static void pass_blanks(cf_json_t *j)
{
    while (j->at < j->n && (j->p[j->at] == ' ' || j->p[j->at] == '\n' || j->p[j->at] == '\r' ||
                            j->p[j->at] == '\t'))
        j->at++;
}

/* Pass over blanks and the comma between elements. */
static void pass_between(cf_json_t *j)
{
    pass_blanks(j);
    if (j->want == WANT_COMMA_OR_END && j->at < j->n && j->p[j->at] == ',') {
        j->at++;
        j->want = WANT_VALUE;
        pass_blanks(j);
    }
}

size_t cf_json_raw(cf_json_t *j, size_t want, const char **p)
{
    bool array = j->depth > 0 && j->array[j->depth - 1];
    uint64_t end;

    *p = NULL;
    if (j->broken || !array)
        return 0;
    pass_between(j);
    while (j->n - j->at < want) {
        end = j->base + j->n;
        if (cfi_json_see(j, want, NULL) != CF_OK)
            return 0;
        pass_between(j);
        if (j->base + j->n == end)
            break;
    }
    if (j->at == j->n || (j->want != WANT_VALUE && j->want != WANT_VALUE_OR_END))
        return 0;
    *p = j->p + j->at;
    return j->n - j->at;
}

void cf_json_took(cf_json_t *j, size_t n)
{
    if (n == 0)
        return;
    j->at += n;
    j->mark = j->base + j->at - 1;
    value_done(j);
}

uint64_t cf_json_offset(const cf_json_t *j)
{
    return j->base + j->at;
}
