/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: the bytes of one segment as they go out: magic, schemas, data blocks,
 * provenance, index, end, with the counts and sums that END needs. Not thread-safe: the writer and
 * its pool see to the order.
 */
#ifndef CFI_STREAM_EMIT_H
#define CFI_STREAM_EMIT_H

#include "codec/codec.h"
#include "stream/outfile.h"
#include "stream/wire.h"

typedef struct cfi_emit {
    cfi_outfile_t out;
    cf_level_t level;
    bool begun;                /* magic is out */
    uint64_t blocks, rows;
    cf_buf_t index;            /* entries so far */
    cf_buf_t scratch;          /* head and directory, or a small block */
    XXH3_state_t *sum;         /* over check words of data blocks */
} cfi_emit_t;

int cfi_emit_init(cfi_emit_t *e, const cf_writer_options_t *o, cf_diag_t *d) CF_MUST_USE;
/* A schema block. */
int cfi_emit_schema(cfi_emit_t *e, const cf_schema_t *s, cf_diag_t *d) CF_MUST_USE;
/* A data block from encoded columns; time_col is the column of stime or -1. */
int cfi_emit_encoded(cfi_emit_t *e, const cfi_encoded_t *enc, int time_col,
                     cf_diag_t *d) CF_MUST_USE;
/* A stored data block as it is; st = statistics of stime, NULL = none. */
int cfi_emit_stored(cfi_emit_t *e, const cfi_head_t *h, const void *body, uint32_t rows,
                    const cf_colstat_t *st,
                    cf_diag_t *d) CF_MUST_USE;
/* Provenance (NULL = none), index, end; the output takes its name. Call fini after it. */
int cfi_emit_end(cfi_emit_t *e, const cf_buf_t *prov, cf_diag_t *d) CF_MUST_USE;
/* Free; an output not ended is removed. */
void cfi_emit_fini(cfi_emit_t *e);

#endif
