/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: how single texts become numbers, times and flags, in forms that may be inlined
 * into the loop over a row.
 */
#ifndef CFI_CELLS_CELL_H
#define CFI_CELLS_CELL_H

#include <cf/cells.h>

/* Days of a date remembered: rows of one log have the same day. */
typedef struct cfi_day {
    char text[10];
    bool known;
    int64_t seconds;           /* since 1970 at 00:00 */
} cfi_day_t;

/* Seconds since 1970 of a date of the calendar; false when there is no such day. */
bool cfi_date(unsigned year, unsigned month, unsigned day, int64_t *seconds);
/* "2026-11-23T10:15:30.123+0100"; blank or ':' for T, '/' for '-', zone when it has no offset. */
int cfi_iso_parse(cfi_day_t *day, const cf_zone_t *zone, const char *s, size_t n, int64_t *ns);
/* Is it a pattern that cfi_pattern_parse knows, and does it make a whole time? */
bool cfi_pattern_good(const char *pattern);
int cfi_pattern_parse(const char *pattern, const cf_zone_t *zone, const char *s, size_t n,
                      int64_t *ns);
/* A number with fraction and exponent, times unit, as whole nanoseconds, rounded half up. */
int cfi_scaled_parse(const char *s, size_t n, int64_t unit, int64_t *ns);
int cfi_flags_parse(const char *s, size_t n, bool hex, uint64_t *out);

static inline int cfi_digits(const char *s, size_t n, uint64_t *out)
{
    uint64_t v = 0;
    size_t i;

    if (n - 1 > 17)
        return CF_R_NUMBER;
    for (i = 0; i < n; i++) {
        unsigned digit = (unsigned)(unsigned char)s[i] - '0';

        if (digit > 9)
            return CF_R_NUMBER;
        v = v * 10 + digit;
    }
    *out = v;
    return CF_OK;
}

#endif
