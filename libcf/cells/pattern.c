/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times by a pattern of the strptime(3) kind: a fixed set of conversions, English names of months,
 * no locale. A pattern must make a whole time: a day and what it leaves out of the clock is zero.
 */
#include <strings.h>

#include "cells/cell.h"

typedef struct parsed {
    unsigned year, month, day, hour, minute, second;
    int64_t frac, offset, epoch;
    bool has_offset, has_epoch, afternoon, has_half;
} parsed_t;

/* %F and %T as what they stand for, so that the loop knows single values only. */
static const char *expand(char c)
{
    switch (c) {
    case 'F': return "%Y-%m-%d";
    case 'T': return "%H:%M:%S";
    case 'R': return "%H:%M";
    case 'D': return "%m/%d/%y";
    default: return NULL;
    }
}

static void note(const char *p, bool *seen)
{
    for (; *p != '\0'; p++) {
        if (*p == '%' && expand(p[1]) != NULL)
            note(expand(p[1]), seen);
        if (*p == '%' && p[1] != '\0')
            seen[(unsigned char)*++p & 127] = true;
    }
}

bool cfi_pattern_good(const char *pattern)
{
    bool seen[128] = { false };

    for (const char *p = pattern; *p != '\0'; p++) {
        if (*p == '%' && (p[1] == '\0' || strchr("YmdebyHIMSfpzsFTRD%", *++p) == NULL))
            return false;
    }
    note(pattern, seen);
    return seen['s'] || ((seen['Y'] || seen['y']) && (seen['m'] || seen['b']) &&
                         (seen['d'] || seen['e']) && (!seen['I'] || seen['p']));
}

/* Up to width digits. */
static bool number(const char **s, const char *end, unsigned least, unsigned width, unsigned *out)
{
    unsigned v = 0, k = 0;

    for (; k < width && *s < end && **s >= '0' && **s <= '9'; k++, ++*s)
        v = v * 10 + (unsigned)(**s - '0');
    *out = v;
    return k >= least;
}

static bool month_name(const char **s, const char *end, unsigned *out)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (unsigned i = 0; end - *s >= 3 && i < 12; i++) {
        if (strncasecmp(names + (size_t)3 * i, *s, 3) == 0) {
            *out = i + 1;
            *s += 3;
            return true;
        }
    }
    return false;
}

static bool zone_offset(const char **s, const char *end, parsed_t *t)
{
    unsigned h, m = 0;
    int64_t sign;

    t->has_offset = true;
    if (*s < end && (**s == 'Z' || **s == 'z')) {
        ++*s;
        return true;
    }
    if (*s >= end || (**s != '+' && **s != '-'))
        return false;
    sign = *(*s)++ == '-' ? -1 : 1;
    if (!number(s, end, 2, 2, &h))
        return false;
    if (*s < end && **s == ':')
        ++*s;
    if (*s < end && **s >= '0' && **s <= '9' && !number(s, end, 2, 2, &m))
        return false;
    t->offset = sign * (int64_t)(h * 3600 + m * 60);
    return h < 24 && m < 60;
}

static bool fraction(const char **s, const char *end, int64_t *ns)
{
    int64_t unit = CF_NS_PER_SEC;
    const char *start = *s;

    for (*ns = 0; *s < end && **s >= '0' && **s <= '9'; ++*s) {
        unit /= 10;
        *ns += (**s - '0') * unit;
    }
    return *s > start && *s - start <= 9;
}

static bool one(char c, const char **s, const char *end, parsed_t *t)
{
    unsigned v;
    const char *start = *s;

    switch (c) {
    case 'Y': return number(s, end, 4, 4, &t->year);
    case 'y':
        if (!number(s, end, 2, 2, &v))
            return false;
        t->year = v + (v < 69 ? 2000 : 1900);
        return true;
    case 'm': return number(s, end, 1, 2, &t->month) && t->month > 0;
    case 'b': return month_name(s, end, &t->month);
    case 'e':
        if (*s < end && **s == ' ')
            ++*s;
        return number(s, end, 1, 2, &t->day);
    case 'd': return number(s, end, 1, 2, &t->day) && t->day > 0;
    case 'H': return number(s, end, 1, 2, &t->hour) && t->hour < 24;
    case 'I': return number(s, end, 1, 2, &t->hour) && t->hour >= 1 && t->hour <= 12;
    case 'M': return number(s, end, 2, 2, &t->minute) && t->minute < 60;
    case 'S': return number(s, end, 2, 2, &t->second) && t->second <= 60;
    case 'f': return fraction(s, end, &t->frac);
    case 'z': return zone_offset(s, end, t);
    case 'p':
        if (end - *s < 2 || ((*s)[1] | 0x20) != 'm' || ((**s | 0x20) != 'a' && (**s | 0x20) != 'p'))
            return false;
        t->has_half = true;
        t->afternoon = (**s | 0x20) == 'p';
        *s += 2;
        return true;
    case 's':
        while (*s < end && **s >= '0' && **s <= '9')
            ++*s;
        t->has_epoch = cf_uint_parse(start, (size_t)(*s - start), INT64_MAX / CF_NS_PER_SEC,
                                     (uint64_t *)&t->epoch) == CF_OK;
        return t->has_epoch;
    default:
        return *s < end && *(*s)++ == c;
    }
}

static bool match(const char *p, const char **s, const char *end, parsed_t *t)
{
    for (; *p != '\0'; p++) {
        if (*p != '%') {
            if (*s >= end || *(*s)++ != *p)
                return false;
        } else if (expand(*++p) != NULL) {
            if (!match(expand(*p), s, end, t))
                return false;
        } else if (!one(*p, s, end, t)) {
            return false;
        }
    }
    return true;
}

int cfi_pattern_parse(const char *pattern, const cf_zone_t *zone, const char *s, size_t n,
                      int64_t *ns)
{
    parsed_t t = { .year = 0 };
    const char *end = s + n;
    int64_t v;

    if (!match(pattern, &s, end, &t) || s != end)
        return CF_R_TIME;
    if (t.has_half)
        t.hour = t.hour % 12 + (t.afternoon ? 12 : 0);
    v = t.epoch;
    if (!t.has_epoch) {
        if (!cfi_date(t.year, t.month, t.day, &v))
            return CF_R_TIME;
        v += (int64_t)(t.hour * 3600 + t.minute * 60 + t.second);
        v = t.has_offset || zone == NULL ? v - t.offset : cf_zone_utc(zone, v);
    }
    if (__builtin_mul_overflow(v, CF_NS_PER_SEC, &v) || __builtin_add_overflow(v, t.frac, ns))
        return CF_R_TIME;
    return CF_OK;
}
