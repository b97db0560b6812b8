/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Local times to UTC without the process's TZ, which threads share: a fixed offset, or a zone file
 * of the system (TZif, RFC 8536) as its list of moments from which an offset holds, and the moments
 * that the rule at the file's end makes until 2100.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "cells/cell.h"

#define FILE_MAX (1u << 20)
#define LAST_YEAR 2100

struct cf_zone {
    int64_t first;             /* offset before the first moment */
    uint32_t n;
    int64_t *at;               /* moments in UTC */
    int32_t *offset;           /* from then on, east positive */
};

int64_t cf_zone_utc(const cf_zone_t *z, int64_t local)
{
    uint32_t low = 0, high;
    int64_t before;

    if (z == NULL)
        return local;
    /*
     * Times in a span obey local - offset < the span's end, whose offset may be another: take the
     * first span that the local time is in, or the one that it would be in without the change.
     */
    for (high = z->n; low < high;) {
        uint32_t mid = low + (high - low) / 2;

        before = mid == 0 ? z->first : z->offset[mid - 1];
        if (local - before >= z->at[mid])
            low = mid + 1;
        else
            high = mid;
    }
    before = low == 0 ? z->first : z->offset[low - 1];
    /* an hour that the clock left out: as if it had not been moved yet */
    if (low > 0 && local - before < z->at[low - 1])
        before = low == 1 ? z->first : z->offset[low - 2];
    return local - before;
}

void cf_zone_close(cf_zone_t *z)
{
    if (z == NULL)
        return;
    free(z->at);
    free(z->offset);
    free(z);
}

/* "+01:00", "-0530", "+01" */
static bool fixed(const char *s, int64_t *offset)
{
    size_t n = strlen(s);
    uint64_t h = 0, m = 0;

    if ((s[0] != '+' && s[0] != '-') || (n != 3 && n != 5 && n != 6) || (n == 6 && s[3] != ':') ||
        cf_uint_parse(s + 1, 2, 23, &h) != CF_OK ||
        (n > 3 && cf_uint_parse(s + n - 2, 2, 59, &m) != CF_OK))
        return false;
    *offset = (s[0] == '-' ? -1 : 1) * (int64_t)(h * 3600 + m * 60);
    return true;
}

static uint64_t big(const unsigned char *p, unsigned n)
{
    uint64_t v = 0;

    while (n-- > 0)
        v = v << 8 | *p++;
    return v;
}

/* Counts of a TZif header at p: bytes of its data with times of width bytes; 0 = not one. */
static size_t data_size(const unsigned char *p, size_t n, size_t width, uint64_t *times,
                        uint64_t *types)
{
    uint64_t utc, std, leap, chars;

    if (n < 44 || memcmp(p, "TZif", 4) != 0)
        return 0;
    utc = big(p + 20, 4);
    std = big(p + 24, 4);
    leap = big(p + 28, 4);
    *times = big(p + 32, 4);
    *types = big(p + 36, 4);
    chars = big(p + 40, 4);
    if ((utc | std | leap | *times | *types | chars) > FILE_MAX)
        return 0;
    return 44 + *times * (width + 1) + *types * 6 + chars + leap * (width + 4) + std + utc;
}

static int32_t type_offset(const unsigned char *types, uint64_t i)
{
    return (int32_t)(uint32_t)big(types + i * 6, 4);
}

/* ---- the rule at the end: "CET-1CEST,M3.5.0,M10.5.0/3" ------------------------------------- */

typedef struct rule {
    unsigned month, week, day;
    int64_t time;
} rule_t;

static const char *pass_name(const char *s)
{
    const char *start = s;

    if (*s == '<') {
        s = strchr(s, '>');
        return s != NULL ? s + 1 : NULL;
    }
    while ((*s | 0x20) >= 'a' && (*s | 0x20) <= 'z')
        s++;
    return s > start ? s : NULL;
}

/* [+-]h[:m[:s]] in seconds */
static const char *clock(const char *s, int64_t *out)
{
    int64_t sign = *s == '-' ? -1 : 1, v = 0, unit = 3600;

    s += *s == '-' || *s == '+';
    for (; unit > 0; unit /= 60) {
        unsigned k, number = 0;

        for (k = 0; k < 3 && *s >= '0' && *s <= '9'; k++)
            number = number * 10 + (unsigned)(*s++ - '0');
        if (k == 0)
            return NULL;
        v += (int64_t)number * unit;
        if (*s != ':')
            break;
        s++;
    }
    *out = sign * v;
    return s;
}

static const char *rule(const char *s, rule_t *r)
{
    unsigned *part[] = { &r->month, &r->week, &r->day };

    if (*s++ != 'M')
        return NULL;
    for (int i = 0; i < 3; i++) {
        *part[i] = 0;
        if (i > 0 && *s++ != '.')
            return NULL;
        while (*s >= '0' && *s <= '9' && *part[i] < 100)
            *part[i] = *part[i] * 10 + (unsigned)(*s++ - '0');
    }
    r->time = 7200;
    if (*s == '/')
        s = clock(s + 1, &r->time);
    return r->month >= 1 && r->month <= 12 && r->week >= 1 && r->week <= 5 && r->day <= 6 ? s : NULL;
}

/* Local seconds of the rule in a year. */
static int64_t moment(const rule_t *r, unsigned year)
{
    int64_t first = 0, next = 0, day;
    unsigned weekday;

    (void)cfi_date(year, r->month, 1, &first);
    (void)cfi_date(r->month == 12 ? year + 1 : year, r->month % 12 + 1, 1, &next);
    weekday = (unsigned)((first / 86400 + 4) % 7);     /* 1970-01-01 was a Thursday */
    day = (7 + r->day - weekday) % 7 + 7 * (r->week - 1);
    while (first + day * 86400 >= next)
        day -= 7;
    return first + day * 86400 + r->time;
}

static void add(cf_zone_t *z, uint32_t room, int64_t at, int64_t offset)
{
    if (z->n < room && (z->n == 0 || at > z->at[z->n - 1])) {
        z->at[z->n] = at;
        z->offset[z->n++] = (int32_t)offset;
    }
}

/* Text is terminated. A rule without change of the clock adds nothing. */
static int follow(cf_zone_t *z, uint32_t room, const char *s)
{
    int64_t std = 0, dst = 0, from, to;
    rule_t begin, end;
    unsigned year;

    if ((s = pass_name(s)) == NULL || (s = clock(s, &std)) == NULL)
        return CF_E_FORMAT;
    std = -std;
    if (*s == '\n' || *s == '\0')
        return CF_OK;
    dst = std + 3600;
    if ((s = pass_name(s)) == NULL)
        return CF_E_FORMAT;
    if (*s != ',') {
        if ((s = clock(s, &dst)) == NULL)
            return CF_E_FORMAT;
        dst = -dst;
    }
    if (*s++ != ',' || (s = rule(s, &begin)) == NULL || *s++ != ',' || rule(s, &end) == NULL)
        return CF_E_FORMAT;
    for (year = 1971; year <= LAST_YEAR; year++) {
        from = moment(&begin, year) - std;
        to = moment(&end, year) - dst;
        if (from < to) {
            add(z, room, from, dst);
            add(z, room, to, std);
        } else {
            add(z, room, to, std);
            add(z, room, from, dst);
        }
    }
    return CF_OK;
}

/* The second part of the file, with times of eight bytes; a zero byte follows p[0 .. n). */
static int take(cf_zone_t *z, const unsigned char *p, size_t n)
{
    uint64_t times, types, i;
    size_t size = data_size(p, n, 4, &times, &types);
    const unsigned char *types_at, *end;
    uint32_t room;

    if (size == 0 || size >= n || p[4] < '2')
        return CF_E_FORMAT;
    p += size;
    n -= size;
    size = data_size(p, n, 8, &times, &types);
    if (size == 0 || size > n || types == 0)
        return CF_E_FORMAT;
    end = p + size;
    p += 44;
    types_at = p + times * 9;
    room = (uint32_t)times + 2 * (LAST_YEAR - 1970);
    z->at = calloc(room, sizeof *z->at);
    z->offset = calloc(room, sizeof *z->offset);
    if (z->at == NULL || z->offset == NULL)
        return CF_E_NOMEM;
    z->first = type_offset(types_at, 0);
    for (i = 0; i < times; i++) {
        if (p[times * 8 + i] >= types)
            return CF_E_FORMAT;
        z->at[i] = (int64_t)big(p + i * 8, 8);
        z->offset[i] = type_offset(types_at, p[times * 8 + i]);
        if (z->offset[i] < -86400 || z->offset[i] > 86400 ||
            (i > 0 && z->at[i] <= z->at[i - 1]))
            return CF_E_FORMAT;
    }
    z->n = (uint32_t)times;
    return *end == '\n' && end[1] != '\n' ? follow(z, room, (const char *)end + 1) : CF_OK;
}

static int load(cf_zone_t *z, const char *name)
{
    unsigned char *bytes = malloc(FILE_MAX + 1);
    char path[256];
    int rc = CF_E_FORMAT, len;
    FILE *f = NULL;

    len = snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    if (bytes == NULL) {
        rc = CF_E_NOMEM;
    } else if (len > 0 && (size_t)len < sizeof path && (f = fopen(path, "rb")) != NULL) {
        size_t n = fread(bytes, 1, FILE_MAX, f);

        bytes[n] = '\0';
        rc = take(z, bytes, n);
    }
    if (f != NULL)
        fclose(f);
    free(bytes);
    return rc;
}

int cf_zone_open(cf_zone_t **z, const char *name, cf_diag_t *d)
{
    cf_zone_t *new = calloc(1, sizeof *new);
    size_t n = strlen(name);
    int rc = CF_OK;

    *z = NULL;
    if (new == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a time zone");
    if (strcasecmp(name, "UTC") != 0 && !fixed(name, &new->first)) {
        /* names only: no way out of the folder of zones */
        if (n == 0 || n > 64 || name[0] == '/' || strstr(name, "..") != NULL)
            rc = CF_E_FORMAT;
        else
            rc = load(new, name);
    }
    if (rc != CF_OK) {
        cf_zone_close(new);
        return rc == CF_E_NOMEM ? cf_diag_set(d, rc, "no memory for a time zone")
            : cf_diag_set(d, CF_E_USAGE, "there is no time zone '%.64s'", name);
    }
    *z = new;
    return CF_OK;
}
