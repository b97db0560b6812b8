/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row formatter as its makers see it: what is known of each column for all blocks (rowprint.c),
 * and what is known of it for one block (rows.c).
 */
#ifndef CFI_PRINT_ROWS_H
#define CFI_PRINT_ROWS_H

#include "print/escape.h"
#include "print/put.h"

/* ,"name":" with a name of up to 63 bytes, and room for fixed copies */
#define CFI_KEY_SIZE 80
#define CFI_WORD_SIZE 64       /* cell of an enumeration's word; longer ones are cut when created */

typedef struct cfi_rowcol {
    const cf_field_t *field;
    /* NDJSON: the value stands in quotes, which are part of key and cell */
    bool quoted;
    bool right;                /* text: right-aligned */
    uint16_t width;            /* text: at least so many columns */
    uint32_t key_len;
    char key[CFI_KEY_SIZE];    /* NDJSON: ,"name": and the opening quote */
    uint32_t nwords;           /* enumerations: cells of the words */
    uint8_t *word_len;
    char (*words)[CFI_WORD_SIZE];
} cfi_rowcol_t;

#define CFI_FLAG_WORDS 512         /* control bits that have letters */
typedef struct cfi_flagword {
    char text[15];
    uint8_t len;
} cfi_flagword_t;

struct cf_rowprint {
    cf_print_options_t o;
    cfi_escape_t escape;
    char sep[2];
    unsigned sep_len;
    uint32_t n;
    cfi_rowcol_t *cols;
    cfi_flagword_t flags[CFI_FLAG_WORDS];
};

#endif
