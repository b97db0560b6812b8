/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: turn the columns of a batch into chunks and back (doc/format.md section 5). The
 * room `stream` puts chunks into blocks; nothing else calls this. An encoder remembers what worked
 * in the last block, but its output depends on the batch and level alone (so any number of threads
 * gives the same bytes).
 */
#ifndef CFI_CODEC_H
#define CFI_CODEC_H

#include <cf/batch.h>
#include <cf/stream.h>

/* ---- encoding: one encoder per thread, reused for many blocks */

typedef struct cfi_encoder cfi_encoder_t;

cfi_encoder_t *cfi_encoder_create(cf_level_t level);
void cfi_encoder_destroy(cfi_encoder_t *e);
/*
 * Encode all columns of b (rows > 0). Chunk i is bytes[start[i] .. start[i+1]) of the encoder's own
 * buffer and stat[i] its statistics; all borrowed until the next call. Statistics are exact.
 */
typedef struct cfi_encoded {
    const uint8_t *bytes;
    const uint64_t *start;     /* ncols + 1 */
    const cf_colstat_t *stat;
    uint32_t ncols;
    uint32_t rows;
} cfi_encoded_t;
int cfi_encoder_run(cfi_encoder_t *e, const cf_batch_t *b, cfi_encoded_t *out,
                    cf_diag_t *d) CF_MUST_USE;

/* ---- decoding: one decoder per block object, so scratch and decoded references are reused */

typedef struct cfi_decoder cfi_decoder_t;

/*
 * Give the verified bytes of chunk col (borrowed until the next block); called for the column and
 * those it refers to. n = 0 when the column is null in all rows. At least CFI_CHUNK_SLACK bytes
 * behind the chunk may be loaded (their content means nothing).
 */
#define CFI_CHUNK_SLACK 32u
typedef int (*cfi_chunk_get_fn)(void *ctx, uint32_t col, const uint8_t **bytes, size_t *n,
                                uint32_t *nulls, cf_diag_t *d);

cfi_decoder_t *cfi_decoder_create(void);
void cfi_decoder_destroy(cfi_decoder_t *dec);
/* Forget the last block; schema is borrowed until the next begin. */
void cfi_decoder_begin(cfi_decoder_t *dec, const cf_schema_t *schema, uint32_t rows,
                       cfi_chunk_get_fn get, void *ctx);
/*
 * Decode a column into out (reserved here). Any byte string is safe: CF_E_FORMAT with a sentence
 * (that does not name the column), never a fault. Codes of enumerations are only known to fit their
 * byte: which words the file has is the caller's knowledge.
 */
int cfi_decoder_column(cfi_decoder_t *dec, uint32_t col, cf_vec_t *out, cf_diag_t *d) CF_MUST_USE;
/* "scale(delta(pack 3))+zstd" appended to text. */
int cfi_decoder_describe(cfi_decoder_t *dec, uint32_t col, cf_buf_t *text,
                         cf_diag_t *d) CF_MUST_USE;

#endif
