/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict syntax (RFC 8259) of a value in memory, without a tree: a bit for each container around
 * says whether it is an array. Used for what nobody asks for, and to tell a broken object from a
 * long one.
 */
#include <stdlib.h>
#include <string.h>

#include "json/check.h"
#include "json/json.h"

#if defined(__x86_64__)
#define SCAN cfi_json_scan_sse2
#else
#define SCAN cfi_json_scan_plain
#endif

bool cfi_json_wide(void)
{
#if defined(__x86_64__)
    const char *portable = getenv("CF_PORTABLE");

    return (portable == NULL || portable[0] == '\0') && __builtin_cpu_supports("avx2") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
#else
    return false;
#endif
}

static bool hex(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static unsigned hex_value(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/* Bytes of the escape at p (a backslash), 0 = wrong, -1 = the bytes end inside of it. */
static int escape(const char *p, const char *limit)
{
    unsigned v = 0;

    if (limit - p < 2)
        return -1;
    if (p[1] != 'u')
        return p[1] != '\0' && strchr("\"\\/bfnrt", p[1]) != NULL ? 2 : 0;
    for (int i = 2; i < 6; i++) {
        if (p + i == limit)
            return -1;
        if (!hex(p[i]))
            return 0;
        v = v << 4 | hex_value(p[i]);
    }
    if (v < 0xd800 || v > 0xdfff)
        return 6;
    /* the first half of a pair wants the second */
    if (v > 0xdbff)
        return 0;
    for (int i = 6; i < 12; i++) {
        if (p + i == limit)
            return -1;
        if (i == 6 ? p[i] != '\\' : i == 7 ? p[i] != 'u' : !hex(p[i]))
            return 0;
    }
    v = hex_value(p[8]) << 4 | hex_value(p[9]);
    return v >= 0xdc && v <= 0xdf ? 12 : 0;
}

int cfi_json_string(const char *p, const char *limit, const char **end, bool *plain,
                    const char **why)
{
    const char *start = p;
    bool ascii = true;

    *plain = true;
    for (;;) {
        int n;

        p += SCAN(p, 0, (size_t)(limit - p), &ascii);
        *end = p;
        if (p == limit)
            return CF_E_TRUNC;
        if (*p == '"')
            break;
        *why = "control character inside of a string";
        n = 0;
        if (*p == '\\') {
            *plain = false;
            *why = "wrong escape in a string";
            n = escape(p, limit);
        }
        if (n == 0)
            return CF_R_SYNTAX;
        if (n < 0)
            return CF_E_TRUNC;
        p += n;
    }
    if (!ascii && !cfi_json_utf8(start, (size_t)(p - start))) {
        *why = "string is not UTF-8";
        return CF_R_SYNTAX;
    }
    return CF_OK;
}

static const char *digits(const char *p, const char *limit)
{
    while (p < limit && *p >= '0' && *p <= '9')
        p++;
    return p;
}

size_t cfi_json_number(const char *s, const char *limit)
{
    const char *p = s, *q;

    if (p < limit && *p == '-')
        p++;
    q = digits(p, limit);
    if (q == p || (*p == '0' && q - p > 1))
        return 0;
    p = q;
    if (p < limit && *p == '.') {
        q = digits(p + 1, limit);
        if (q == p + 1)
            return 0;
        p = q;
    }
    if (p < limit && (*p | 0x20) == 'e') {
        p++;
        if (p < limit && (*p == '+' || *p == '-'))
            p++;
        q = digits(p, limit);
        if (q == p)
            return 0;
        p = q;
    }
    return (size_t)(p - s);
}

static bool in_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '+' || c == '-' || c == '.' || c == '_';
}

int cfi_json_scalar(const char *p, const char *limit, const char **end, uint32_t *type,
                    const char **why)
{
    const char *e = p;

    while (e < limit && in_word(*e))
        e++;
    *end = e;
    if (e == limit)
        return CF_E_TRUNC;
    if (e - p == 4 && memcmp(p, "true", 4) == 0)
        *type = CF_JSON_TRUE;
    else if (e - p == 5 && memcmp(p, "false", 5) == 0)
        *type = CF_JSON_FALSE;
    else if (e - p == 4 && memcmp(p, "null", 4) == 0)
        *type = CF_JSON_NULL;
    else if (e > p && cfi_json_number(p, e) == (size_t)(e - p))
        *type = CF_JSON_NUMBER;
    else {
        *end = p;
        *why = "value expected";
        return CF_R_SYNTAX;
    }
    return CF_OK;
}

typedef struct nest {
    uint32_t depth;
    uint8_t array[CF_JSON_DEPTH_MAX];
} nest_t;

/* A key and its colon; p is at the quote, or at what should be one. */
static int key(const char **p, const char *limit, const char **why)
{
    bool plain;
    int rc;

    *p = cfi_json_blanks(*p, limit);
    if (*p == limit)
        return CF_E_TRUNC;
    *why = "key expected";
    if (**p != '"')
        return CF_R_SYNTAX;
    rc = cfi_json_string(*p + 1, limit, p, &plain, why);
    if (rc != CF_OK)
        return rc;
    *p = cfi_json_blanks(*p + 1, limit);
    if (*p == limit)
        return CF_E_TRUNC;
    *why = "colon expected";
    if (**p != ':')
        return CF_R_SYNTAX;
    ++*p;
    return CF_OK;
}

/* Behind a value: over ends of containers and a comma. CF_EOF = the outermost value is over. */
static int after(const char **p, const char *limit, nest_t *n, const char **why)
{
    while (n->depth > 0) {
        bool array = n->array[n->depth - 1];

        *p = cfi_json_blanks(*p, limit);
        if (*p == limit)
            return CF_E_TRUNC;
        *why = "comma or end of the container expected";
        if (**p == ',') {
            ++*p;
            return array ? CF_OK : key(p, limit, why);
        }
        if (**p != (array ? ']' : '}'))
            return CF_R_SYNTAX;
        ++*p;
        n->depth--;
    }
    return CF_EOF;
}

/* Into a container; CF_EOF = it was empty and is over. */
static int enter(const char **p, const char *limit, nest_t *n, const char **why)
{
    bool array = **p == '[';

    *why = "nested too deep";
    if (n->depth == CF_JSON_DEPTH_MAX)
        return CF_R_SYNTAX;
    *p = cfi_json_blanks(*p + 1, limit);
    if (*p == limit)
        return CF_E_TRUNC;
    if (**p == (array ? ']' : '}')) {
        ++*p;
        return CF_EOF;
    }
    n->array[n->depth++] = array;
    return array ? CF_OK : key(p, limit, why);
}

int cfi_json_value(const char *p, const char *limit, const char **end, const char **why)
{
    nest_t n;
    uint32_t type;
    bool plain;
    int rc;

    n.depth = 0;
    for (;;) {
        p = cfi_json_blanks(p, limit);
        rc = CF_E_TRUNC;
        if (p < limit && (*p == '{' || *p == '[')) {
            rc = enter(&p, limit, &n, why);
            if (rc == CF_OK)
                continue;
            if (rc == CF_EOF)
                rc = CF_OK;
        } else if (p < limit && *p == '"') {
            rc = cfi_json_string(p + 1, limit, &p, &plain, why);
            p += rc == CF_OK;
        } else if (p < limit) {
            rc = cfi_json_scalar(p, limit, &p, &type, why);
        }
        if (rc == CF_OK)
            rc = after(&p, limit, &n, why);
        if (rc == CF_OK)
            continue;
        *end = p;
        return rc == CF_EOF ? CF_OK : rc;
    }
}
