/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables and the less frequent writers behind put.h.
 */
#include "print/put.h"

/* Two digits of 0 to 99. */
const char cfi_put_pairs[201] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

#define O1(a) { { a, '.', 0, 0 }, 1 }
#define O2(a, b) { { a, b, '.', 0 }, 2 }
#define O3(a, b, c) { { a, b, c, '.' }, 3 }
#define ONES1(f) f('0'), f('1'), f('2'), f('3'), f('4'), f('5'), f('6'), f('7'), f('8'), f('9')
#define ONES2(f, a) \
    f(a, '0'), f(a, '1'), f(a, '2'), f(a, '3'), f(a, '4'), \
    f(a, '5'), f(a, '6'), f(a, '7'), f(a, '8'), f(a, '9')
#define ONES3(f, a, b) \
    f(a, b, '0'), f(a, b, '1'), f(a, b, '2'), f(a, b, '3'), f(a, b, '4'), \
    f(a, b, '5'), f(a, b, '6'), f(a, b, '7'), f(a, b, '8'), f(a, b, '9')

const cfi_octet_t cfi_put_octets[256] = {
    ONES1(O1),
    ONES2(O2, '1'), ONES2(O2, '2'), ONES2(O2, '3'), ONES2(O2, '4'), ONES2(O2, '5'),
    ONES2(O2, '6'), ONES2(O2, '7'), ONES2(O2, '8'), ONES2(O2, '9'),
    ONES3(O3, '1', '0'), ONES3(O3, '1', '1'), ONES3(O3, '1', '2'), ONES3(O3, '1', '3'),
    ONES3(O3, '1', '4'), ONES3(O3, '1', '5'), ONES3(O3, '1', '6'), ONES3(O3, '1', '7'),
    ONES3(O3, '1', '8'), ONES3(O3, '1', '9'), ONES3(O3, '2', '0'), ONES3(O3, '2', '1'),
    ONES3(O3, '2', '2'), ONES3(O3, '2', '3'), ONES3(O3, '2', '4'),
    O3('2', '5', '0'), O3('2', '5', '1'), O3('2', '5', '2'), O3('2', '5', '3'), O3('2', '5', '4'),
    O3('2', '5', '5'),
};

/* Whole part and what is left, rounded down: the rest is 0 to unit-1. */
static int64_t floor_div(int64_t v, int64_t unit, int64_t *rest)
{
    int64_t q = v / unit, r = v % unit;

    if (r < 0) {
        r += unit;
        q--;
    }
    *rest = r;
    return q;
}

static char *put_signed(char *o, int64_t v)
{
    if (v < 0)
        *o++ = '-';
    return cfi_put_u64(o, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

static char *put_fraction(char *o, uint32_t ns)
{
    unsigned width = ns % 1000 != 0 ? 9 : ns % 1000000 != 0 ? 6 : 3;

    for (unsigned k = width; k < 9; k += 3)
        ns /= 1000;
    *o = '.';
    for (unsigned k = width; k > 0; k--) {
        o[k] = (char)('0' + ns % 10);
        ns /= 10;
    }
    return o + 1 + width;
}

char *cfi_put_seconds(char *o, int64_t ns)
{
    if (ns >= 0 && ns % CF_NS_PER_SEC == 0)
        return cfi_put_u64(o, (uint64_t)(ns / CF_NS_PER_SEC));
    return o + cf_duration_print(o, ns);
}

static char *put_iso(char *o, int64_t ns, cfi_day_t *day)
{
    int64_t frac, sec = floor_div(ns, CF_NS_PER_SEC, &frac);
    uint32_t rest, minute;

    if (!day->known || sec < day->start || sec - day->start >= 86400) {
        char text[CF_TIME_TEXT];
        int64_t in_day;

        cf_time_print(text, ns);
        memcpy(day->text, text, 11);
        floor_div(sec, 86400, &in_day);
        day->start = sec - in_day;
        day->known = true;
    }
    memcpy(o, day->text, 16);
    rest = (uint32_t)(sec - day->start);
    minute = rest / 60;
    o = cfi_put_pair(o + 11, minute / 60);
    *o++ = ':';
    o = cfi_put_pair(o, minute % 60);
    *o++ = ':';
    o = cfi_put_pair(o, rest - minute * 60);
    if (frac != 0)
        o = put_fraction(o, (uint32_t)frac);
    *o = 'Z';
    return o + 1;
}

char *cfi_put_time(char *o, int64_t ns, cf_timeform_t form, cfi_day_t *day)
{
    int64_t rest;

    switch (form) {
    case CF_TIMEFORM_EPOCH:
        return cfi_put_seconds(o, ns);
    case CF_TIMEFORM_EPOCH_MS:
        return put_signed(o, floor_div(ns, 1000000, &rest));
    case CF_TIMEFORM_EPOCH_US:
        return put_signed(o, floor_div(ns, 1000, &rest));
    case CF_TIMEFORM_EPOCH_NS:
        return put_signed(o, ns);
    default:
        return put_iso(o, ns, day);
    }
}

size_t cfi_put_u128(char *o, uint64_t hi, uint64_t lo)
{
    unsigned __int128 v = (unsigned __int128)hi << 64 | lo;
    char tmp[40];
    size_t at = sizeof tmp;

    if (hi == 0)
        return cf_uint_print(o, lo);
    while (v > 0) {
        tmp[--at] = (char)('0' + (unsigned)(v % 10));
        v /= 10;
    }
    memcpy(o, tmp + at, sizeof tmp - at);
    return sizeof tmp - at;
}

int cf_timeform_find(const char *name, cf_timeform_t *out)
{
    static const char *const names[] = { "iso", "epoch", "epoch-ms", "epoch-us", "epoch-ns" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            *out = (cf_timeform_t)i;
            return CF_OK;
        }
    }
    return CF_E_USAGE;
}
