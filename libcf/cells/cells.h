/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: what a table is made of. columns.c declares and prepares, row.c is the loop.
 */
#ifndef CFI_CELLS_CELLS_H
#define CFI_CELLS_CELLS_H

#include "cells/cell.h"

#define CFI_MEMO_BITS 8
#define CFI_UNKNOWN_MAX 64u     /* fields made for unknown names */
#define CFI_HEAVY (6u << 20)   /* bytes of strings after which a batch is given out */
#define CFI_VALUES (24u << 20) /* the same of values */

/* A text met before and what it stands for: three words of it, all of it when it is short. */
typedef struct cfi_memo {
    uint64_t a, b;
    uint32_t n;
    uint32_t code;
    uint32_t generation;       /* of the batch whose dictionary has the code */
} cfi_memo_t;

typedef struct cfi_col {
    cf_column_t c;             /* name and pattern are ours */
    uint64_t max;
    int64_t unit;              /* of a number of time */
    cf_vec_t *v;               /* in the batch; NULL = nobody wants it */
    cfi_memo_t *memo;
    cfi_day_t day;
    int index;                 /* in the schema, or -1 */
    bool string, cached;       /* words and protocols are cached for ever */
} cfi_col_t;

typedef struct cfi_const {
    int index;
    cf_cell_t cell;
    char *text;                /* of a string */
} cfi_const_t;

struct cf_cells {
    const cf_reader_env_t *env;
    cf_cells_options_t o;
    cf_schema_t *schema;
    cfi_col_t *cols;
    cf_cell_t *cells;
    uint32_t n, room;
    cfi_const_t *consts;
    uint32_t nconsts;
    uint32_t unknown;
    int stime, etime, status;  /* cells, or -1 */
    bool null_first[256];      /* a text for null begins so */
    size_t null_longest, null_shortest;
    cf_batch_t *batch;
    uint32_t generation;
    uint32_t most;             /* rows of a batch: fewer when columns are very many */
    size_t heavy;              /* bytes of strings in the batch */
};

#endif
