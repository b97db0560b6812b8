/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times and durations as text. UTC only: the process's TZ never matters, so the calendar is
 * computed here (proleptic Gregorian, days from civil date by shifting the year's start to March).
 */
#include <string.h>

#include <cf/value.h>

static int64_t days_from_civil(int64_t y, unsigned m, unsigned d)
{
    int64_t era, yoe, doy;

    y -= m <= 2;
    era = (y >= 0 ? y : y - 399) / 400;
    yoe = y - era * 400;
    doy = (int64_t)(153 * (m + (m > 2 ? -3u : 9u)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void civil_from_days(int64_t z, int64_t *y, unsigned *m, unsigned *d)
{
    int64_t era, doe, yoe, doy, mp;

    z += 719468;
    era = (z >= 0 ? z : z - 146096) / 146097;
    doe = z - era * 146097;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;
    *d = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    *m = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    *y = yoe + era * 400 + (*m <= 2);
}

/* Exactly width digits at *i. */
static bool digits(const char *s, size_t n, size_t *i, unsigned width, unsigned *out)
{
    unsigned v = 0;

    if (n - *i < width)
        return false;
    for (unsigned k = 0; k < width; k++) {
        unsigned digit = (unsigned)(unsigned char)s[*i + k] - '0';

        if (digit > 9)
            return false;
        v = v * 10 + digit;
    }
    *i += width;
    *out = v;
    return true;
}

/* Fraction digits behind a point: nanoseconds, and the step that the precision stands for. */
static bool fraction(const char *s, size_t n, size_t *i, int64_t *ns, int64_t *step)
{
    int64_t unit = CF_NS_PER_SEC;
    size_t start = *i;

    *ns = 0;
    while (*i < n && s[*i] >= '0' && s[*i] <= '9') {
        if (unit == 1)
            return false;
        unit /= 10;
        *ns += (s[*i] - '0') * unit;
        ++*i;
    }
    *step = unit;
    return *i > start;
}

static unsigned month_days(unsigned y, unsigned m)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    if (m == 2 && (y % 4 == 0 && (y % 100 != 0 || y % 400 == 0)))
        return 29;
    return days[m - 1];
}

/* First instant behind a span; the span that holds the last representable instant ends with it. */
static int span_end(int64_t ns, int64_t step, int64_t *end)
{
    if (__builtin_add_overflow(ns, step, end))
        *end = INT64_MAX;
    return ns < *end ? CF_OK : CF_R_TIME;
}

static int iso_parse(const char *s, size_t n, int64_t *ns, int64_t *end)
{
    unsigned y, mon, day, h = 0, min = 0, sec = 0;
    int64_t frac = 0, step = 86400 * CF_NS_PER_SEC, t, offset = 0;
    size_t i = 0;
    char sep;

    if (!digits(s, n, &i, 4, &y) || i >= n || (s[i] != '-' && s[i] != '/'))
        return CF_R_TIME;
    sep = s[i++];
    if (!digits(s, n, &i, 2, &mon) || i >= n || s[i++] != sep || !digits(s, n, &i, 2, &day))
        return CF_R_TIME;
    if (mon < 1 || mon > 12 || day < 1 || day > month_days(y, mon))
        return CF_R_TIME;
    if (i < n && (s[i] == 'T' || s[i] == 't' || s[i] == ' ' || (s[i] == ':' && sep == '/'))) {
        i++;
        if (!digits(s, n, &i, 2, &h))
            return CF_R_TIME;
        step = 3600 * CF_NS_PER_SEC;
        if (i < n && s[i] == ':') {
            i++;
            if (!digits(s, n, &i, 2, &min))
                return CF_R_TIME;
            step = 60 * CF_NS_PER_SEC;
            if (i < n && s[i] == ':') {
                i++;
                if (!digits(s, n, &i, 2, &sec))
                    return CF_R_TIME;
                step = CF_NS_PER_SEC;
                if (i < n && (s[i] == '.' || s[i] == ',')) {
                    i++;
                    if (!fraction(s, n, &i, &frac, &step))
                        return CF_R_TIME;
                }
            }
        }
    }
    if (h > 23 || min > 59 || sec > 60)
        return CF_R_TIME;
    if (i < n && (s[i] == 'Z' || s[i] == 'z')) {
        i++;
    } else if (i < n && (s[i] == '+' || s[i] == '-')) {
        int sign = s[i++] == '-' ? -1 : 1;
        unsigned oh, om = 0;

        if (!digits(s, n, &i, 2, &oh))
            return CF_R_TIME;
        if (i < n && s[i] == ':')
            i++;
        if (i < n && !digits(s, n, &i, 2, &om))
            return CF_R_TIME;
        if (oh > 23 || om > 59)
            return CF_R_TIME;
        offset = sign * (int64_t)(oh * 3600 + om * 60);
    }
    if (i != n)
        return CF_R_TIME;
    t = days_from_civil(y, mon, day) * 86400 + h * 3600 + min * 60 + sec - offset;
    if (__builtin_mul_overflow(t, CF_NS_PER_SEC, &t) || __builtin_add_overflow(t, frac, &t))
        return CF_R_TIME;
    *ns = t;
    return span_end(t, step, end);
}

static int epoch_parse(const char *s, size_t n, int64_t *ns, int64_t *end)
{
    const char *point = memchr(s, '.', n);
    size_t whole = point != NULL ? (size_t)(point - s) : n, i = whole + 1;
    int64_t frac = 0, unit = CF_NS_PER_SEC, step;
    uint64_t v;

    if (cf_uint_parse(s, whole, INT64_MAX, &v) != CF_OK)
        return CF_R_TIME;
    if (point != NULL) {
        if (!fraction(s, n, &i, &frac, &step) || i != n)
            return CF_R_TIME;
    } else {
        unit = whole >= 18 ? 1 : whole >= 15 ? 1000 : whole >= 12 ? 1000000 : CF_NS_PER_SEC;
        step = unit;
    }
    if (__builtin_mul_overflow((int64_t)v, unit, ns) || __builtin_add_overflow(*ns, frac, ns))
        return CF_R_TIME;
    return span_end(*ns, step, end);
}

int cf_time_parse_span(const char *s, size_t n, int64_t *ns, int64_t *end)
{
    if (n > 64)
        return CF_R_TIME;
    if (n > 4 && (s[4] == '-' || s[4] == '/'))
        return iso_parse(s, n, ns, end);
    return epoch_parse(s, n, ns, end);
}

int cf_time_parse(const char *s, size_t n, int64_t *ns)
{
    int64_t end;

    return cf_time_parse_span(s, n, ns, &end);
}

static void put2(char *out, unsigned v)
{
    out[0] = (char)('0' + v / 10);
    out[1] = (char)('0' + v % 10);
}

/* Point and 3, 6 or 9 digits; nothing for 0. */
static size_t put_fraction(char *out, uint32_t ns)
{
    unsigned width = ns % 1000 != 0 ? 9 : ns % 1000000 != 0 ? 6 : 3;

    if (ns == 0)
        return 0;
    for (unsigned k = width; k < 9; k += 3)
        ns /= 1000;
    out[0] = '.';
    for (unsigned k = width; k > 0; k--) {
        out[k] = (char)('0' + ns % 10);
        ns /= 10;
    }
    return width + 1;
}

size_t cf_time_print(char *out, int64_t ns)
{
    int64_t sec = ns / CF_NS_PER_SEC, frac = ns % CF_NS_PER_SEC, day, rest, y;
    unsigned m, d;
    size_t at;

    if (frac < 0) {
        frac += CF_NS_PER_SEC;
        sec--;
    }
    day = sec / 86400;
    rest = sec % 86400;
    if (rest < 0) {
        rest += 86400;
        day--;
    }
    /* int64 nanoseconds reach from 1677 to 2262: four digits */
    civil_from_days(day, &y, &m, &d);
    put2(out, (unsigned)(y / 100));
    put2(out + 2, (unsigned)(y % 100));
    out[4] = '-';
    put2(out + 5, m);
    out[7] = '-';
    put2(out + 8, d);
    out[10] = 'T';
    put2(out + 11, (unsigned)(rest / 3600));
    out[13] = ':';
    put2(out + 14, (unsigned)(rest / 60 % 60));
    out[16] = ':';
    put2(out + 17, (unsigned)(rest % 60));
    at = 19 + put_fraction(out + 19, (uint32_t)frac);
    out[at++] = 'Z';
    return at;
}

int cf_duration_parse(const char *s, size_t n, int64_t *ns)
{
    static const struct {
        const char *name;
        int64_t unit;
    } units[] = {
        { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", CF_NS_PER_SEC },
        { "m", 60 * CF_NS_PER_SEC }, { "h", 3600 * CF_NS_PER_SEC }, { "d", 86400 * CF_NS_PER_SEC },
        { "w", 7 * 86400 * CF_NS_PER_SEC },
    };
    int64_t total = 0;
    size_t i = 0;

    if (n == 0 || n > 64)
        return CF_R_TIME;
    while (i < n) {
        size_t start = i, len;
        int64_t frac = 0, step, unit = 0, part;
        uint64_t v;

        while (i < n && s[i] >= '0' && s[i] <= '9')
            i++;
        if (cf_uint_parse(s + start, i - start, INT64_MAX, &v) != CF_OK)
            return CF_R_TIME;
        if (i < n && s[i] == '.') {
            i++;
            if (!fraction(s, n, &i, &frac, &step))
                return CF_R_TIME;
        }
        len = i;
        while (i < n && s[i] >= 'a' && s[i] <= 'z')
            i++;
        if (len == i) {
            if (start > 0 || i != n)
                return CF_R_TIME;
            unit = CF_NS_PER_SEC;
        }
        for (size_t k = 0; unit == 0 && k < sizeof units / sizeof units[0]; k++)
            if (strlen(units[k].name) == i - len && memcmp(units[k].name, s + len, i - len) == 0)
                unit = units[k].unit;
        if (unit == 0 || __builtin_mul_overflow((int64_t)v, unit, &part))
            return CF_R_TIME;
        /* frac is in 1e-9 of the unit: the product of two 63-bit numbers needs 128 bits */
        if (__builtin_add_overflow(part, (int64_t)((__int128)frac * unit / CF_NS_PER_SEC), &part) ||
            __builtin_add_overflow(total, part, &total))
            return CF_R_TIME;
    }
    *ns = total;
    return CF_OK;
}

size_t cf_duration_print(char *out, int64_t ns)
{
    uint64_t v = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
    size_t at = 0;

    if (ns < 0)
        out[at++] = '-';
    at += cf_uint_print(out + at, v / (uint64_t)CF_NS_PER_SEC);
    return at + put_fraction(out + at, (uint32_t)(v % (uint64_t)CF_NS_PER_SEC));
}
