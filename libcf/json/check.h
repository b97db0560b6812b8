/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to the json room: strict syntax of values that lie in memory, and small scanners that the
 * framer and the map share.
 */
#ifndef CFI_JSON_CHECK_H
#define CFI_JSON_CHECK_H

#include <cf/json.h>

static inline bool cfi_json_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline const char *cfi_json_blanks(const char *p, const char *end)
{
    while (p < end && cfi_json_blank(*p))
        p++;
    return p;
}

/* Has this processor AVX2, and does nobody ask for the portable ways (CF_PORTABLE)? */
bool cfi_json_wide(void);
/*
 * The string whose first byte behind the quote is p: *end is its closing quote. *plain: no escapes
 * in it. CF_OK, CF_E_TRUNC when the bytes end before it does, CF_R_SYNTAX with a sentence at *end.
 */
int cfi_json_string(const char *p, const char *limit, const char **end, bool *plain,
                    const char **why);
/* Length of a number at p; 0 = none. What follows is not looked at. */
size_t cfi_json_number(const char *p, const char *limit);
/* A number or word at p: CF_OK with its type and end; else as cfi_json_string. */
int cfi_json_scalar(const char *p, const char *limit, const char **end, uint32_t *type,
                    const char **why);
/* Any value at p, containers with all that is in them; *end is the byte behind it, or the fault. */
int cfi_json_value(const char *p, const char *limit, const char **end, const char **why);

#endif
