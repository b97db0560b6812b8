/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writers of single values for the row loop: no terminator, no bounds (the row formatter reserves
 * the widest row first), and they may store up to CFI_PUT_SLACK bytes beyond what they return,
 * because a store of fixed size is cheaper than an exact copy.
 */
#ifndef CFI_PRINT_PUT_H
#define CFI_PRINT_PUT_H

#include <cf/print.h>

#define CFI_PUT_SLACK 64

extern const char cfi_put_pairs[201];
/* Octets as text: the digits, then a point; byte 4 of the entry is the length without the point. */
typedef struct cfi_octet {
    char text[4];
    uint32_t len;
} cfi_octet_t;
extern const cfi_octet_t cfi_put_octets[256];

/* What a column remembers of the last day it printed. */
typedef struct cfi_day {
    int64_t start;             /* seconds since 1970 */
    bool known;
    char text[16];             /* "2026-11-23T" */
} cfi_day_t;

char *cfi_put_time(char *o, int64_t ns, cf_timeform_t form, cfi_day_t *day);
char *cfi_put_seconds(char *o, int64_t ns);
size_t cfi_put_u128(char *o, uint64_t hi, uint64_t lo);

static inline char *cfi_put_pair(char *o, unsigned v)
{
    memcpy(o, cfi_put_pairs + 2 * v, 2);
    return o + 2;
}

static inline char *cfi_put_u32(char *o, uint32_t v)
{
    if (v < 10000) {
        uint32_t high = v / 100;

        if (v < 100) {
            if (v >= 10)
                return cfi_put_pair(o, v);
            *o = (char)('0' + v);
            return o + 1;
        }
        if (high >= 10)
            o = cfi_put_pair(o, high);
        else
            *o++ = (char)('0' + high);
        return cfi_put_pair(o, v - high * 100);
    } else {
        uint32_t top = v / 10000, rest = v - top * 10000, high = rest / 100;

        if (top >= 10000) {                 /* at most 429,496 */
            uint32_t first = top / 10000;

            if (first >= 10)
                o = cfi_put_pair(o, first);
            else
                *o++ = (char)('0' + first);
            top -= first * 10000;
            o = cfi_put_pair(o, top / 100);
            o = cfi_put_pair(o, top % 100);
        } else {
            o = cfi_put_u32(o, top);
        }
        o = cfi_put_pair(o, high);
        return cfi_put_pair(o, rest - high * 100);
    }
}

static inline char *cfi_put_u64(char *o, uint64_t v)
{
    return v <= UINT32_MAX ? cfi_put_u32(o, (uint32_t)v) : o + cf_uint_print(o, v);
}

static inline char *cfi_put_octet(char *o, unsigned octet)
{
    const cfi_octet_t *t = &cfi_put_octets[octet];

    memcpy(o, t->text, 4);
    return o + t->len;
}

static inline char *cfi_put_v4(char *o, uint32_t a)
{
    o = cfi_put_octet(o, a >> 24) + 1;
    o = cfi_put_octet(o, a >> 16 & 255) + 1;
    o = cfi_put_octet(o, a >> 8 & 255) + 1;
    return cfi_put_octet(o, a & 255);
}

static inline char *cfi_put_addr(char *o, cf_addr_t a)
{
    return cf_addr_is_v4(a) ? cfi_put_v4(o, (uint32_t)a.lo) : o + cf_addr_print(o, a);
}

#endif
