/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: one DATA block in memory. The reader fills it (from a file only the directory,
 * from a pipe the whole body); chunks come in when a column is asked for.
 */
#ifndef CFI_STREAM_BLOCK_H
#define CFI_STREAM_BLOCK_H

#include <cf/stream.h>

#include "codec/codec.h"
#include "stream/columns.h"
#include "stream/source.h"
#include "stream/wire.h"

enum { CFI_CHUNK_AWAY = 0, CFI_CHUNK_READ = 1, CFI_CHUNK_GOOD = 2 };

struct cf_block {
    uint8_t *bytes;            /* head, body, slack */
    size_t size;               /* allocated */
    cfi_head_t head;
    uint32_t rows, ncols;
    uint64_t number, first_row;
    uint64_t offset;           /* of the body in the source */
    cfi_source_t *src;         /* reference */
    cfi_columns_t *cols;       /* reference */
    cfi_decoder_t *dec;
    bool decoding;             /* dec has begun with this block */
    /* per column, room for colsize */
    uint32_t colsize;
    uint64_t *start;           /* of the chunk in the body; ncols + 1 */
    uint8_t *state;            /* CFI_CHUNK_… */
    uint8_t *wanted;           /* asked for in this block, */
    uint8_t *before;           /* and in the one before */
    cf_vec_t scratch;          /* for verify */
};

/* Body bytes. */
static inline uint8_t *cfi_block_body(const cf_block_t *b)
{
    return b->bytes + CFI_HEAD_SIZE;
}

static inline const uint8_t *cfi_block_entry(const cf_block_t *b, uint32_t col)
{
    return cfi_block_body(b) + CFI_DIR_SIZE + (size_t)col * CFI_ENTRY_SIZE;
}

static inline size_t cfi_dir_size(uint32_t ncols)
{
    return CFI_DIR_SIZE + (size_t)ncols * CFI_ENTRY_SIZE;
}

/*
 * Start over for a block of ncols columns: references to src and cols are taken over anew, nothing
 * is read.
 */
int cfi_block_begin(cf_block_t *b, cfi_source_t *src, cfi_columns_t *cols,
                    cf_diag_t *d) CF_MUST_USE;
/* Room for n body bytes (and slack); the content is kept when keep. */
int cfi_block_room(cf_block_t *b, size_t n, size_t keep, cf_diag_t *d) CF_MUST_USE;
/*
 * Head is set and the directory is in bytes: check both and understand them. all = the chunks are
 * there too.
 */
int cfi_block_directory(cf_block_t *b, bool all, cf_diag_t *d) CF_MUST_USE;
/* An error of this block: its source and number are put to it. */
int cfi_block_fail(const cf_block_t *b, cf_diag_t *d, int code, const char *fmt, ...)
    CF_PRINTF(4, 5);

#endif
