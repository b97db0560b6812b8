/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the text of an expression. There is no token stream: what a run of characters means
 * depends on the field it is compared with ("10-12" is a range of ports, "2026-11-23" a day), so
 * the parser asks for a name, a symbol or a value when it knows which one must come.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "expr/expr.h"

int cfi_fail(cfi_parser_t *p, size_t at, int code, const char *fmt, ...)
{
    char text[sizeof p->d->text];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (p->d != NULL)
        p->d->column = (uint32_t)(at < p->len ? at : p->len) + 1;
    return cf_diag_set(p->d, code, "%s", text);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void cfi_blank(cfi_parser_t *p)
{
    while (p->at < p->len && is_blank(p->text[p->at]))
        p->at++;
}

bool cfi_take(cfi_parser_t *p, const char *symbol)
{
    size_t n = strlen(symbol);

    cfi_blank(p);
    if (p->len - p->at < n || memcmp(p->text + p->at, symbol, n) != 0)
        return false;
    p->at += n;
    return true;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
        || c == '_' || c == '.' || c == '-';
}

size_t cfi_name_length(const cfi_parser_t *p)
{
    size_t at = p->at;

    if (at < p->len && (p->text[at] == '-' || p->text[at] == '.'))
        return 0;
    while (at < p->len && is_name(p->text[at]))
        at++;
    return at - p->at;
}

bool cfi_take_word(cfi_parser_t *p, const char *keyword)
{
    size_t n;

    cfi_blank(p);
    n = cfi_name_length(p);
    if (n != strlen(keyword) || strncasecmp(p->text + p->at, keyword, n) != 0)
        return false;
    p->at += n;
    return true;
}

static void start_word(cfi_parser_t *p)
{
    p->word.len = 0;
    p->word.data[0] = '\0';
}

static int put(cfi_parser_t *p, char c)
{
    int rc = cf_buf_put(&p->word, &c, 1);

    return rc == CF_OK ? rc : cfi_fail(p, p->word_at, rc, "no memory for the expression");
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind a backslash in quotes. What is no escape keeps its backslash: patterns have their own. */
static int escape(cfi_parser_t *p)
{
    char c = p->text[p->at++];
    int rc;

    switch (c) {
    case '\\':
    case '\'':
    case '"':
        return put(p, c);
    case 'n':
        return put(p, '\n');
    case 't':
        return put(p, '\t');
    case 'x':
        if (p->len - p->at >= 2 && hex(p->text[p->at]) >= 0 && hex(p->text[p->at + 1]) >= 0) {
            rc = put(p, (char)(hex(p->text[p->at]) << 4 | hex(p->text[p->at + 1])));
            p->at += 2;
            return rc;
        }
        break;
    default:
        break;
    }
    rc = put(p, '\\');
    return rc == CF_OK ? put(p, c) : rc;
}

static int read_quoted(cfi_parser_t *p)
{
    char quote = p->text[p->at++];

    p->quoted = true;
    while (p->at < p->len && p->text[p->at] != quote) {
        char c = p->text[p->at++];
        int rc = c == '\\' && p->at < p->len ? escape(p) : put(p, c);

        if (rc != CF_OK)
            return rc;
    }
    if (p->at == p->len)
        return cfi_fail(p, p->word_at, CF_E_USAGE, "quote is not closed");
    p->at++;
    return CF_OK;
}

static bool pair_at(const cfi_parser_t *p, size_t at, char c)
{
    return at + 1 < p->len && p->text[at] == c && p->text[at + 1] == c;
}

static bool ends_value(const cfi_parser_t *p, size_t at)
{
    return is_blank(p->text[at]) || strchr(",(){}[]", p->text[at]) != NULL || pair_at(p, at, '.')
        || pair_at(p, at, '&') || pair_at(p, at, '|');
}

int cfi_read_value(cfi_parser_t *p)
{
    size_t from;
    int rc;

    cfi_blank(p);
    start_word(p);
    p->word_at = from = p->at;
    p->quoted = false;
    if (p->at < p->len && (p->text[p->at] == '\'' || p->text[p->at] == '"'))
        return read_quoted(p);
    while (p->at < p->len && !ends_value(p, p->at))
        p->at++;
    if (p->at == from)
        return cfi_fail(p, from, CF_E_USAGE, "a value is missing here");
    rc = cf_buf_put(&p->word, p->text + from, p->at - from);
    return rc == CF_OK ? rc : cfi_fail(p, from, rc, "no memory for the expression");
}

int cfi_read_regex(cfi_parser_t *p, bool *nocase)
{
    start_word(p);
    p->word_at = p->at++;
    p->quoted = true;
    while (p->at < p->len && p->text[p->at] != '/') {
        int rc = CF_OK;

        if (p->text[p->at] == '\\' && p->at + 1 < p->len) {
            if (p->text[p->at + 1] != '/')
                rc = put(p, '\\');
            p->at++;
        }
        if (rc == CF_OK)
            rc = put(p, p->text[p->at++]);
        if (rc != CF_OK)
            return rc;
    }
    if (p->at == p->len)
        return cfi_fail(p, p->word_at, CF_E_USAGE, "regular expression is not closed by '/'");
    p->at++;
    *nocase = p->at < p->len && p->text[p->at] == 'i' && cfi_name_length(p) == 1;
    p->at += *nocase;
    return CF_OK;
}
