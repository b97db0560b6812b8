/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a string may do to its reader: control characters (C0, DEL, C1) drive a terminal, direction
 * marks reorder what is seen, and bytes that are not UTF-8 break JSON. Text shows such bytes as
 * \xHH (a backslash as \\), NDJSON writes characters as \u00HH and bytes that are no character as
 * \\xHH. CSV quotes by RFC 4180 section 2 and keeps all bytes, but on a terminal shows them like
 * text.
 */
#include "print/escape.h"

void cfi_escape_init(cfi_escape_t *e, const cf_print_options_t *o)
{
    memset(e, 0, sizeof *e);
    e->form = o->format;
    e->visible = o->format != CF_TEXT_CSV || o->terminal;
    if (e->visible) {
        memset(e->dirty, 1, 0x20);
        memset(e->dirty + 0x7f, 1, 0x81);
    }
    switch (o->format) {
    case CF_TEXT_ALIGNED:
        e->dirty['\\'] = 1;
        if (o->separator != 0)
            e->dirty[(unsigned char)o->separator] = 1;
        break;
    case CF_TEXT_CSV:
        e->dirty['"'] = e->dirty[','] = e->dirty['\r'] = e->dirty['\n'] = 1;
        break;
    case CF_TEXT_NDJSON:
        e->dirty['"'] = e->dirty['\\'] = 1;
        break;
    }
}

bool cfi_escape_clean(const cfi_escape_t *e, const char *s, size_t n)
{
    unsigned bad = 0;

    for (size_t i = 0; i < n; i++)
        bad |= e->dirty[(unsigned char)s[i]];
    return bad == 0;
}

static bool continuation(const char *s, size_t n, size_t i)
{
    return i < n && ((unsigned char)s[i] & 0xc0) == 0x80;
}

/* Length of the well-formed character at s (RFC 3629 section 4) and its number, or 0. */
static size_t character(const char *s, size_t n, uint32_t *point)
{
    unsigned char c = (unsigned char)s[0];
    size_t len = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3
        : c >= 0xf0 && c < 0xf5 ? 4 : 0;
    uint32_t v = len == 1 ? c : c & (0xffu >> (len + 1));

    for (size_t i = 1; i < len; i++) {
        if (!continuation(s, n, i))
            return 0;
        v = v << 6 | ((unsigned char)s[i] & 0x3f);
    }
    if ((len == 3 && v < 0x800) || (len == 4 && v < 0x10000) || v > 0x10ffff
        || (v >= 0xd800 && v < 0xe000))
        return 0;
    *point = v;
    return len;
}

/* Characters that act instead of being seen. */
static bool acts(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || c == 0x200e || c == 0x200f
        || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static const char hex[] = "0123456789abcdef";

static char *put_bytes(char *o, const char *s, size_t n, const char *lead)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = strlen(lead);

        memcpy(o, lead, k);
        o += k;
        *o++ = hex[(unsigned char)s[i] >> 4];
        *o++ = hex[(unsigned char)s[i] & 15];
    }
    return o;
}

static char *put_point(char *o, uint32_t c)
{
    static const char letters[] = "btn\0fr";

    if (c >= 8 && c <= 13 && c != 11) {
        *o++ = '\\';
        *o++ = letters[c - 8];
        return o;
    }
    *o++ = '\\';
    *o++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *o++ = hex[c >> shift & 15];
    return o;
}

/* One character or spoilt byte; *used is how many bytes of s it was. */
static char *put_visible(const cfi_escape_t *e, char *o, const char *s, size_t n, size_t *used)
{
    bool json = e->form == CF_TEXT_NDJSON;
    uint32_t c = 0;
    size_t len = character(s, n, &c);

    *used = len > 0 ? len : 1;
    if (len == 0)
        return put_bytes(o, s, 1, json ? "\\\\x" : "\\x");
    if (acts(c))
        return json ? put_point(o, c) : put_bytes(o, s, len, "\\x");
    if (len == 1 && e->dirty[c] && e->form == CF_TEXT_ALIGNED && c != '\\')
        return put_bytes(o, s, 1, "\\x");           /* the separator */
    if (e->form != CF_TEXT_CSV && (c == '\\' || (json && c == '"')))
        *o++ = '\\';
    memcpy(o, s, len);
    return o + len;
}

static bool csv_quoted(const char *s, size_t n)
{
    return memchr(s, ',', n) != NULL || memchr(s, '"', n) != NULL || memchr(s, '\n', n) != NULL
        || memchr(s, '\r', n) != NULL;
}

size_t cfi_escape(const cfi_escape_t *e, char *out, const char *s, size_t n)
{
    bool quoted = n == 0 || e->form == CF_TEXT_NDJSON
        || (e->form == CF_TEXT_CSV && csv_quoted(s, n));
    char *o = out;

    if (quoted)
        *o++ = '"';
    for (size_t i = 0, used; i < n; i += used) {
        used = 1;
        if (e->form == CF_TEXT_CSV && s[i] == '"')
            *o++ = '"';
        if (e->visible)
            o = put_visible(e, o, s + i, n - i, &used);
        else
            *o++ = s[i];
    }
    if (quoted)
        *o++ = '"';
    return (size_t)(o - out);
}
