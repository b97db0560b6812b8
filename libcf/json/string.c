/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON strings: escapes (RFC 8259 section 7) with surrogate pairs put together; UTF-8 without
 * overlong forms, surrogates or numbers above 10FFFF (RFC 3629). Both are rare in logs, so they are
 * plain.
 */
#include <string.h>

#include "json/json.h"

static int hex4(const char *s, size_t n, uint32_t *out)
{
    uint32_t v = 0;
    size_t i;

    if (n < 4)
        return -1;
    for (i = 0; i < 4; i++) {
        char c = s[i], low = (char)(c | 0x20);

        if (c >= '0' && c <= '9')
            v = v << 4 | (uint32_t)(c - '0');
        else if (low >= 'a' && low <= 'f')
            v = v << 4 | (uint32_t)(low - 'a' + 10);
        else
            return -1;
    }
    *out = v;
    return 0;
}

static size_t utf8_put(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* \uXXXX at s (behind the u), a pair when it is one half of it. Bytes taken, 0 = wrong. */
static size_t unicode(const char *s, size_t n, uint32_t *out)
{
    uint32_t low;

    if (hex4(s, n, out) != 0)
        return 0;
    if (*out < 0xd800 || *out > 0xdfff)
        return 4;
    if (*out > 0xdbff || n < 10 || s[4] != '\\' || s[5] != 'u' || hex4(s + 6, n - 6, &low) != 0 ||
        low < 0xdc00 ||
        low > 0xdfff)
        return 0;
    *out = 0x10000 + ((*out - 0xd800) << 10) + (low - 0xdc00);
    return 10;
}

int cfi_json_unescape(cf_buf_t *out, const char *s, size_t n)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    size_t i = 0;
    int rc;

    out->len = 0;
    rc = cf_buf_reserve(out, n);       /* an escape is never shorter than what it means */
    if (rc != CF_OK)
        return rc;
    while (i < n) {
        const char *slash = memchr(s + i, '\\', n - i), *e;
        size_t run = slash != NULL ? (size_t)(slash - s) - i : n - i;

        memcpy(out->data + out->len, s + i, run);
        out->len += run;
        i += run;
        if (i == n)
            break;
        if (++i == n)
            return CF_R_SYNTAX;
        e = s[i] != '\0' ? strchr(from, s[i]) : NULL;
        if (e != NULL) {
            out->data[out->len++] = to[e - from];
            i++;
        } else if (s[i] == 'u') {
            uint32_t c;
            size_t used = unicode(s + i + 1, n - i - 1, &c);

            if (used == 0)
                return CF_R_SYNTAX;
            out->len += utf8_put(out->data + out->len, c);
            i += 1 + used;
        } else {
            return CF_R_SYNTAX;
        }
    }
    out->data[out->len] = '\0';
    return CF_OK;
}

bool cfi_json_utf8(const char *text, size_t n)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t i = 0;

    while (i < n) {
        unsigned c = s[i], more, least, v;

        if (c < 0x80) {
            i++;
            continue;
        }
        more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        least = more == 3 ? 0x10000 : more == 2 ? 0x800 : 0x80;
        if (c < 0xc2 || c > 0xf4 || n - i <= more)
            return false;
        v = c & (0x3fu >> more);
        for (unsigned k = 1; k <= more; k++) {
            if ((s[i + k] & 0xc0) != 0x80)
                return false;
            v = v << 6 | (s[i + k] & 0x3fu);
        }
        if (v < least || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
            return false;
        i += more + 1;
    }
    return true;
}
