/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the text of a JSON value means: whole numbers in their several spellings, decimal numbers
 * without a detour over binary ones, times, truth. Exporters turn int64 into strings and back into
 * floats ("443", 443, 443.0, 4.43e2), so all are one number here.
 */
#include <string.h>
#include <strings.h>

#include <cf/jsonmap.h>
#include <cf/value.h>

#include "json/check.h"

/* Digits before the point, and what they are shifted by. */
typedef struct decimal {
    const char *whole, *part;
    size_t nwhole, npart;
    int64_t exp;
    bool minus;
} decimal_t;

static bool take_apart(const cf_jsonval_t *v, decimal_t *x)
{
    const char *p = v->text, *end = p + v->len;

    if ((v->type != CF_JSON_NUMBER && v->type != CF_JSON_STRING) || v->len == 0 || v->len > 64 ||
        cfi_json_number(p, end) != v->len)
        return false;
    memset(x, 0, sizeof *x);
    x->minus = *p == '-';
    p += x->minus;
    x->whole = p;
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    x->nwhole = (size_t)(p - x->whole);
    x->part = p;
    if (p < end && *p == '.') {
        x->part = ++p;
        while (p < end && *p >= '0' && *p <= '9')
            p++;
        x->npart = (size_t)(p - x->part);
    }
    if (p < end) {
        bool down = p[1] == '-';

        for (p += p[1] == '-' || p[1] == '+' ? 2 : 1; p < end; p++)
            x->exp = x->exp < 10000 ? x->exp * 10 + (*p - '0') : x->exp;
        if (down)
            x->exp = -x->exp;
    }
    return true;
}

/* The number times 10^scale; *rest: something below 1 was cut off. False when it is too large. */
static bool shifted(const decimal_t *x, int64_t scale, uint64_t *out, bool *rest)
{
    int64_t keep = (int64_t)x->nwhole + x->exp + scale;
    size_t n = x->nwhole + x->npart;

    *out = 0;
    *rest = false;
    for (size_t i = 0; i < n; i++) {
        char c = i < x->nwhole ? x->whole[i] : x->part[i - x->nwhole];

        if ((int64_t)i >= keep)
            *rest = *rest || c != '0';
        else if (__builtin_mul_overflow(*out, 10, out) ||
                 __builtin_add_overflow(*out, (uint64_t)(c - '0'), out))
            return false;
    }
    for (int64_t i = (int64_t)n; i < keep && *out != 0; i++) {
        if (__builtin_mul_overflow(*out, 10, out))
            return false;
    }
    return true;
}

int cf_jsonval_uint(const cf_jsonval_t *v, uint64_t max, uint64_t *out)
{
    decimal_t x;
    bool rest;

    if ((v->type == CF_JSON_NUMBER || v->type == CF_JSON_STRING) && v->len < 19 && v->len > 0) {
        uint64_t n = 0;
        uint32_t i;

        for (i = 0; i < v->len && (unsigned char)(v->text[i] - '0') <= 9; i++)
            n = n * 10 + (uint64_t)(v->text[i] - '0');
        if (i == v->len) {
            *out = n;
            return n <= max ? CF_OK : CF_R_RANGE;
        }
    }
    if (!take_apart(v, &x))
        return CF_R_NUMBER;
    if (!shifted(&x, 0, out, &rest))
        return x.minus ? CF_R_NUMBER : CF_R_RANGE;
    if (rest || (x.minus && *out != 0))
        return CF_R_NUMBER;
    return *out <= max ? CF_OK : CF_R_RANGE;
}

int cf_jsonval_scaled(const cf_jsonval_t *v, unsigned scale, int64_t *out)
{
    static const int64_t unit[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
                                    1000000000 };
    decimal_t x;
    uint64_t n = 0;
    uint32_t i = 0;
    bool rest;

    if (scale > 9)
        return CF_R_RANGE;
    if ((v->type == CF_JSON_NUMBER || v->type == CF_JSON_STRING) && v->len < 10) {
        for (; i < v->len && (unsigned char)(v->text[i] - '0') <= 9; i++)
            n = n * 10 + (uint64_t)(v->text[i] - '0');
        if (i == v->len && i > 0) {
            *out = (int64_t)n * unit[scale];
            return CF_OK;
        }
    }
    if (!take_apart(v, &x))
        return CF_R_NUMBER;
    if (!shifted(&x, scale, &n, &rest) || n > INT64_MAX)
        return CF_R_RANGE;
    *out = x.minus ? -(int64_t)n : (int64_t)n;
    return CF_OK;
}

int cf_jsonval_time(const cf_jsonval_t *v, int64_t *ns)
{
    size_t n = v->len;

    if (v->type != CF_JSON_STRING && v->type != CF_JSON_NUMBER)
        return CF_R_TIME;
    if (n > 4 && memcmp(v->text + n - 4, " UTC", 4) == 0)
        n -= 4;
    return cf_time_parse(v->text, n, ns);
}

int cf_jsonval_bool(const cf_jsonval_t *v, bool *out)
{
    if (v->type == CF_JSON_TRUE || v->type == CF_JSON_FALSE) {
        *out = v->type == CF_JSON_TRUE;
        return CF_OK;
    }
    *out = v->type == CF_JSON_STRING && v->len == 4 && strncasecmp(v->text, "true", 4) == 0;
    if (*out || (v->type == CF_JSON_STRING && v->len == 5 && strncasecmp(v->text, "false", 5) == 0))
        return CF_OK;
    return CF_R_ENUM;
}
