/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: worker threads that encode blocks and put them out in the order they were
 * given. The same bytes come out with any number of threads; at most threads + 2 batches are in
 * memory.
 */
#ifndef CFI_STREAM_POOL_H
#define CFI_STREAM_POOL_H

#include "stream/emit.h"

typedef struct cfi_pool cfi_pool_t;

/* NULL when no thread can be had: the caller then encodes itself. e is borrowed. */
cfi_pool_t *cfi_pool_create(cfi_emit_t *e, unsigned threads);
/* Ends the threads; blocks not yet written are dropped unless drained before. Accepts NULL. */
void cfi_pool_destroy(cfi_pool_t *p);
/*
 * Hand over *batch; *batch becomes another one (reset by the caller) or NULL (to be created). Waits
 * while all places are taken.
 */
int cfi_pool_put(cfi_pool_t *p, cf_batch_t **batch, int time_col, cf_diag_t *d) CF_MUST_USE;
/* A stored block, copied. */
int cfi_pool_put_stored(cfi_pool_t *p, const cfi_head_t *h, const void *body, uint32_t rows,
                        const cf_colstat_t *st,
                        cf_diag_t *d) CF_MUST_USE;
/* Wait until all is written: then the caller may use the emitter. */
int cfi_pool_drain(cfi_pool_t *p, cf_diag_t *d) CF_MUST_USE;
/* Bytes written so far. */
uint64_t cfi_pool_bytes(cfi_pool_t *p);

#endif
