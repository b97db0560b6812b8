/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings of logs made safe for each text form. Most dictionaries hold nothing that needs care, so
 * a column's bytes are judged once a block and copied as they are; only the others come through
 * cfi_escape, value by value.
 */
#ifndef CFI_PRINT_ESCAPE_H
#define CFI_PRINT_ESCAPE_H

#include <cf/print.h>

typedef struct cfi_escape {
    cf_textform_t form;
    bool visible;              /* control characters and bytes that are not UTF-8 as \xHH */
    uint8_t dirty[256];        /* bytes that need cfi_escape */
} cfi_escape_t;

void cfi_escape_init(cfi_escape_t *e, const cf_print_options_t *o);
/* Nothing in these bytes needs cfi_escape. */
bool cfi_escape_clean(const cfi_escape_t *e, const char *s, size_t n);
/* Bytes that cfi_escape may write for n. */
#define CFI_ESCAPE_SIZE(n) (6 * (n) + 2)
/*
 * The complete cell: with quotes in NDJSON, in CSV where needed, and for the empty string (a null
 * is empty or left out). Returns its length.
 */
size_t cfi_escape(const cfi_escape_t *e, char *out, const char *s, size_t n);

#endif
