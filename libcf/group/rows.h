/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of one chunk, and their columns brought together: packed keys, numbers of one value.
 */
#ifndef CFI_GROUP_ROWS_H
#define CFI_GROUP_ROWS_H

#include "group/group.h"

/* Rows of one chunk: n rows from base on, or those in list. */
typedef struct cfi_rows {
    const uint32_t *list;              /* NULL = contiguous */
    uint32_t base, n;
} cfi_rows_t;

#define CFI_EACH(r, i, row) \
    for (uint32_t i = 0, row = 0; \
         i < (r)->n && (row = (r)->list != NULL ? (r)->list[i] : (r)->base + i, 1); i++)

static inline bool cfi_bit(const uint64_t *bits, uint32_t i)
{
    return (bits[i >> 6] >> (i & 63) & 1) != 0;
}

/* Keys of the rows into c->key: of rows whose keys are all narrow, of any rows. */
void cfi_pack_narrow(const cfi_worker_t *w, const cfi_target_t *t, const cfi_rows_t *r,
                     cfi_chunk_t *c);
void cfi_pack_wide(const cfi_worker_t *w, const cfi_target_t *t, const cfi_rows_t *r,
                   cfi_chunk_t *c);
/* The numbers of the rows as 64-bit words, in place or in scratch; null rows are 0. */
const uint64_t *cfi_load(const cf_vec_t *v, const cfi_rows_t *r, uint64_t *scratch);

#endif
