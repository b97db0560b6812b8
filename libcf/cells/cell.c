/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single texts: numbers with fractions, ISO times, TCP flags. All take the whole text or nothing.
 */
#include "cells/cell.h"

/* ---- numbers ------------------------------------------------------------------------------ */

/* 10 to the power of n, up to 18. */
static int64_t power(unsigned n)
{
    int64_t v = 1;

    while (n-- > 0)
        v *= 10;
    return v;
}

/* Digits, point, exponent: any of what JSON and programs write. */
static int any_number(const char *s, size_t n, int64_t unit, int64_t *ns)
{
    __int128 v = 0;
    int exponent = 0, digits = 0, given = 0;
    bool point = false;
    size_t i;

    for (i = 0; i < n && (s[i] == '.' || (s[i] >= '0' && s[i] <= '9')); i++) {
        if (s[i] == '.') {
            if (point)
                return CF_R_NUMBER;
            point = true;
            continue;
        }
        given++;
        if (digits < 25) {
            v = v * 10 + (s[i] - '0');
            digits += v > 0;
            exponent -= point;
        } else {
            exponent += !point;
        }
    }
    if (given == 0 || s[i - 1] == '.')
        return CF_R_NUMBER;
    if (i < n && (s[i] | 0x20) == 'e') {
        bool minus = ++i < n && s[i] == '-';
        uint64_t e;

        i += i < n && (s[i] == '-' || s[i] == '+');
        if (cf_uint_parse(s + i, n - i, 999, &e) != CF_OK)
            return CF_R_NUMBER;
        exponent += minus ? -(int)e : (int)e;
        i = n;
    }
    if (i != n)
        return CF_R_NUMBER;
    v *= unit;                 /* 25 digits and 10^9 are below 2^127 */
    for (; exponent > 0 && v != 0; exponent--) {
        if (v > INT64_MAX)
            return CF_R_RANGE;
        v *= 10;
    }
    for (; exponent < -1 && v != 0; exponent++)
        v /= 10;
    if (exponent == -1)
        v = (v + 5) / 10;
    if (v > INT64_MAX)
        return CF_R_RANGE;
    *ns = (int64_t)v;
    return CF_OK;
}

/* More digits behind the point than nanoseconds have, as doubles are printed: rounded half up. */
static bool long_fraction(const char *s, size_t n, uint64_t *frac)
{
    if (n < 10 || cfi_digits(s, 9, frac) != CF_OK)
        return false;
    for (size_t i = 9; i < n; i++) {
        if ((unsigned)(unsigned char)s[i] - '0' > 9)
            return false;
    }
    *frac += s[9] >= '5';
    return true;
}

int cfi_scaled_parse(const char *s, size_t n, int64_t unit, int64_t *ns)
{
    const char *point;
    size_t whole, rest;
    uint64_t v, frac = 0;

    /* some align their numbers */
    for (; n > 0 && *s == ' '; n--)
        s++;
    point = memchr(s, '.', n);
    whole = point != NULL ? (size_t)(point - s) : n;
    rest = point != NULL ? n - whole - 1 : 0;

    /* the usual: seconds with some digits behind the point, or a whole number */
    if (cfi_digits(s, whole, &v) == CF_OK &&
        (point == NULL || (unit == CF_NS_PER_SEC &&
                           (rest < 10 ? cfi_digits(point + 1, rest, &frac) == CF_OK
                            : long_fraction(point + 1, rest, &frac))))) {
        if (frac != 0 && rest < 10)
            frac *= (uint64_t)power((unsigned)(9 - rest));
        if (__builtin_mul_overflow((int64_t)v, unit, ns) ||
            __builtin_add_overflow(*ns, (int64_t)frac, ns))
            return CF_R_RANGE;
        return CF_OK;
    }
    return n <= 400 ? any_number(s, n, unit, ns) : CF_R_NUMBER;
}

/* ---- times -------------------------------------------------------------------------------- */

static inline bool two(const char *s, unsigned *v)
{
    unsigned a = (unsigned)(unsigned char)s[0] - '0', b = (unsigned)(unsigned char)s[1] - '0';

    *v = a * 10 + b;
    return a <= 9 && b <= 9;
}

bool cfi_date(unsigned year, unsigned month, unsigned day, int64_t *seconds)
{
    char text[16];
    int64_t ns;

    if (year < 1900 || year > 2261 || month > 12 || day > 31)
        return false;
    text[0] = (char)('0' + year / 1000);
    text[1] = (char)('0' + year / 100 % 10);
    text[2] = (char)('0' + year / 10 % 10);
    text[3] = (char)('0' + year % 10);
    text[4] = text[7] = '-';
    text[5] = (char)('0' + month / 10);
    text[6] = (char)('0' + month % 10);
    text[8] = (char)('0' + day / 10);
    text[9] = (char)('0' + day % 10);
    if (cf_time_parse(text, 10, &ns) != CF_OK)
        return false;
    *seconds = ns / CF_NS_PER_SEC;
    return true;
}

/* The date at s, 10 bytes. */
static bool day_of(cfi_day_t *day, const char *s)
{
    int64_t ns;

    if (day->known && memcmp(day->text, s, 10) == 0)
        return true;
    day->known = false;
    if ((s[4] != '-' && s[4] != '/') || cf_time_parse(s, 10, &ns) != CF_OK)
        return false;
    memcpy(day->text, s, 10);
    day->seconds = ns / CF_NS_PER_SEC;
    day->known = true;
    return true;
}

/* What stands behind the seconds: fraction, then Z, an offset, or nothing. */
static bool tail(const char *s, size_t n, int64_t *frac, bool *local, int64_t *offset)
{
    unsigned h = 0, m = 0;
    int64_t unit = CF_NS_PER_SEC;
    size_t i = 0;

    *frac = *offset = 0;
    *local = false;
    if (n > 0 && (s[0] == '.' || s[0] == ',')) {
        for (i = 1; i < n && s[i] >= '0' && s[i] <= '9' && unit > 1; i++) {
            unit /= 10;
            *frac += (s[i] - '0') * unit;
        }
        if (i == 1)
            return false;
    }
    if (i == n) {
        *local = true;
        return true;
    }
    if (s[i] == 'Z' || s[i] == 'z')
        return i + 1 == n;
    if (n - i < 3 || (s[i] != '+' && s[i] != '-') || !two(s + i + 1, &h))
        return false;
    if (n - i > 3) {
        size_t at = i + 3 + (s[i + 3] == ':');

        if (n - at != 2 || !two(s + at, &m))
            return false;
    }
    *offset = (s[i] == '-' ? -1 : 1) * (int64_t)(h * 3600 + m * 60);
    return h <= 23 && m <= 59;
}

int cfi_iso_parse(cfi_day_t *day, const cf_zone_t *zone, const char *s, size_t n, int64_t *ns)
{
    unsigned h, m, sec;
    int64_t t, frac, offset;
    bool local;

    if (n < 19 || s[13] != ':' || s[16] != ':') {
        /* a date alone, or without seconds: the rare forms */
        if (n < 10 || n > 16 || (s[4] != '-' && s[4] != '/') || cf_time_parse(s, n, ns) != CF_OK)
            return CF_R_TIME;
        if (zone == NULL || s[n - 1] == 'Z' || s[n - 1] == 'z')
            return CF_OK;
        t = cf_zone_utc(zone, *ns / CF_NS_PER_SEC);
        return __builtin_mul_overflow(t, CF_NS_PER_SEC, ns) ? CF_R_TIME : CF_OK;
    }
    if (!day_of(day, s) || (s[10] != 'T' && s[10] != ' ' && s[10] != 't' && s[10] != ':') ||
        !two(s + 11, &h) || !two(s + 14, &m) || !two(s + 17, &sec) || h > 23 || m > 59 || sec > 60 ||
        !tail(s + 19, n - 19, &frac, &local, &offset))
        return CF_R_TIME;
    t = day->seconds + (int64_t)(h * 3600 + m * 60 + sec) - offset;
    if (local && zone != NULL)
        t = cf_zone_utc(zone, t);
    if (__builtin_mul_overflow(t, CF_NS_PER_SEC, &t) || __builtin_add_overflow(t, frac, ns))
        return CF_R_TIME;
    return CF_OK;
}

/* ---- flags -------------------------------------------------------------------------------- */

int cfi_flags_parse(const char *s, size_t n, bool hex, uint64_t *out)
{
    /* bits of letters, from 'A' on; FSRPAUECN are 1 to 256 */
    static const uint16_t bit[26] = {
        ['A' - 'A'] = 16, ['C' - 'A'] = 128, ['E' - 'A'] = 64, ['F' - 'A'] = 1, ['N' - 'A'] = 256,
        ['P' - 'A'] = 8, ['R' - 'A'] = 4, ['S' - 'A'] = 2, ['U' - 'A'] = 32,
    };
    uint64_t v = 0;
    size_t i = 0;

    if (n == 1 && s[0] == '-') {
        *out = 0;
        return CF_OK;
    }
    if (n > 2 && s[0] == '0' && (s[1] | 0x20) == 'x') {
        hex = true;
        i = 2;
    }
    if (hex) {
        if (n - i < 1 || n - i > 4)
            return CF_R_NUMBER;
        for (; i < n; i++) {
            unsigned c = (unsigned char)s[i], low = c | 0x20;

            if (c - '0' > 9 && low - 'a' > 5)
                return CF_R_NUMBER;
            v = v << 4 | (c - '0' <= 9 ? c - '0' : low - 'a' + 10);
        }
        *out = v;
        return CF_OK;
    }
    if (n > 0 && s[0] >= '0' && s[0] <= '9')
        return cf_uint_parse(s, n, 0xffff, out);
    for (; i < n; i++) {
        unsigned letter = ((unsigned char)s[i] & ~0x20u) - 'A';

        if (s[i] == '.')
            continue;
        if (letter > 25 || bit[letter] == 0)
            return CF_R_ENUM;
        v |= bit[letter];
    }
    *out = v;
    return n > 0 ? CF_OK : CF_R_NUMBER;
}
