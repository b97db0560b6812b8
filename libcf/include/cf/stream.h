/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and writing .cf streams (doc/format.md). A stream gives blocks; a block decodes the
 * columns that are asked for, from any thread. A writer collects rows to full blocks, encodes them
 * (on worker threads when told) and ends the output with index, provenance and totals. Commands
 * normally read through cf/scan.h, which also takes raw logs.
 */
#ifndef CF_STREAM_H
#define CF_STREAM_H

#include <cf/batch.h>
#include <cf/input.h>
#include <cf/provenance.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a block's directory knows of a column. Values as in format.md section 4. */
typedef struct cf_colstat {
    uint32_t nulls;
    bool has_range;
    cf_addr_t min;             /* numbers: lo; times: lo as int64 */
    cf_addr_t max;
} cf_colstat_t;

typedef enum cf_judge {
    CF_JUDGE_MAYBE = 0,        /* look at the rows */
    CF_JUDGE_NONE = 1,         /* no row can pass */
    CF_JUDGE_ALL = 2           /* every row passes */
} cf_judge_t;

/* ---- reading ------------------------------------------------------------------------------ */

typedef struct cf_stream cf_stream_t;
typedef struct cf_block cf_block_t;

/* Do these first bytes of an input look like a .cf stream? */
CF_API bool cf_stream_probe(const void *bytes, size_t n);
/* Takes the input (also on failure). Reads up to the first schema. */
CF_API int cf_stream_open(cf_stream_t **s, cf_input_t *in, cf_diag_t *d) CF_MUST_USE;
CF_API void cf_stream_close(cf_stream_t *s);
/*
 * Schema in force for the next block; borrowed until the next cf_stream_next. Without columns when
 * the stream is empty.
 */
CF_API const cf_schema_t *cf_stream_schema(const cf_stream_t *s);
/*
 * Union of the schemas met so far; on seekable input that is whole, of all its schemas from open
 * on. Borrowed until the next cf_stream_next.
 */
CF_API const cf_schema_t *cf_stream_union(const cf_stream_t *s);
/* Rows of all blocks when known before reading (seekable and whole): true. */
CF_API bool cf_stream_count(const cf_stream_t *s, uint64_t *rows, uint64_t *blocks);
/*
 * Leave out blocks whose time range (stime, from the index where seekable, else from the directory)
 * cannot meet the half-open window [from, to). Skipped blocks and rows are counted.
 */
CF_API void cf_stream_window(cf_stream_t *s, int64_t from, int64_t to);
/*
 * Next block into *b (a block from cf_block_create, reused). On seekable input only the directory
 * is read, and chunks when asked for. CF_EOF after a good end of the last segment; CF_E_TRUNC when
 * the end is missing.
 */
CF_API int cf_stream_next(cf_stream_t *s, cf_block_t *b, cf_diag_t *d) CF_MUST_USE;

typedef struct cf_stream_totals {
    uint64_t segments, blocks, rows;            /* read so far */
    uint64_t skipped_blocks, skipped_rows;      /* by window */
    uint64_t bytes;                             /* bytes of the stream passed */
} cf_stream_totals_t;
CF_API void cf_stream_totals(const cf_stream_t *s, cf_stream_totals_t *t);
/* Provenance met so far (complete at CF_EOF; on seekable input complete after open); borrowed. */
CF_API const cf_provenance_t *cf_stream_provenance(const cf_stream_t *s);

CF_API cf_block_t *cf_block_create(void);
CF_API void cf_block_destroy(cf_block_t *b);
CF_API uint32_t cf_block_rows(const cf_block_t *b);
CF_API const cf_schema_t *cf_block_schema(const cf_block_t *b);     /* borrowed */
CF_API uint64_t cf_block_number(const cf_block_t *b);               /* 1-based in the stream */
/* ordinal of its first row in the stream */
CF_API uint64_t cf_block_first_row(const cf_block_t *b);
CF_API void cf_block_stat(const cf_block_t *b, uint32_t col, cf_colstat_t *st);
/* How it was encoded, 0 = not told; bytes it takes in the stream. */
CF_API int cf_block_level(const cf_block_t *b);
CF_API uint64_t cf_block_bytes(const cf_block_t *b);
CF_API uint64_t cf_block_chunk_bytes(const cf_block_t *b, uint32_t col);    /* of one column */
/*
 * Decode one column. The block keeps scratch memory, so one thread at a time per block; different
 * blocks in parallel.
 */
CF_API int cf_block_column(cf_block_t *b, uint32_t col, cf_vec_t *out, cf_diag_t *d) CF_MUST_USE;
/*
 * How column col is stored: encodings as text ("scale(delta(pack 3))+zstd"), stored bytes. For
 * cfinfo.
 */
CF_API int cf_block_describe(cf_block_t *b, uint32_t col, cf_buf_t *text, uint64_t *bytes,
                             cf_diag_t *d) CF_MUST_USE;
/* Bring in all chunks and look at their checksums. */
CF_API int cf_block_load(cf_block_t *b, cf_diag_t *d) CF_MUST_USE;
/* The same, and decode every column. */
CF_API int cf_block_verify(cf_block_t *b, cf_diag_t *d) CF_MUST_USE;

/* ---- writing ------------------------------------------------------------------------------ */

typedef enum cf_level {
    CF_LEVEL_FAST = 1,         /* light encodings only: pipes */
    CF_LEVEL_BALANCED = 2,     /* and zstd where it pays: files */
    CF_LEVEL_SMALL = 3         /* all that saves bytes: archives */
} cf_level_t;

typedef struct cf_writer cf_writer_t;

typedef struct cf_writer_options {
    const char *path;          /* NULL or "-" = standard output */
    bool force;                /* replace an existing file */
    cf_level_t level;          /* 0 = FAST on a pipe, BALANCED in a file */
    /* encoding threads beside the caller's; 0 or 1 = encode in the caller */
    unsigned threads;
    /*
     * Called when the file is complete and on the disk under its temporary name, just before it
     * takes its own; an error gives the output up. NULL = nothing.
     */
    int (*ready)(void *ctx, const char *temp, cf_diag_t *d);
    void *ready_ctx;
} cf_writer_options_t;

/*
 * Files are written under a temporary name beside the target and renamed when closed. Refuses a
 * terminal (CF_E_USAGE) and an existing file without force (CF_E_EXISTS). The output is a legal
 * empty stream when no rows come.
 */
CF_API int cf_writer_open(cf_writer_t **w, const cf_writer_options_t *o, cf_diag_t *d) CF_MUST_USE;
/*
 * Declare the schema of what follows. Called before the first row; again when it changes (ends the
 * block under construction). cf_writer_put calls it by itself when a batch has another schema.
 */
CF_API int cf_writer_schema(cf_writer_t *w, const cf_schema_t *s, cf_diag_t *d) CF_MUST_USE;
/*
 * Declare a schema for good: batches with other columns are fitted to it, missing ones null, others
 * left out. Instead of cf_writer_schema.
 */
CF_API int cf_writer_project(cf_writer_t *w, const cf_schema_t *s, cf_diag_t *d) CF_MUST_USE;
/* Rows of b selected by the bitmap sel (NULL = all). The batch stays the caller's. */
CF_API int cf_writer_put(cf_writer_t *w, const cf_batch_t *b, const uint64_t *sel,
                         cf_diag_t *d) CF_MUST_USE;
/*
 * Hand on a block as it is stored, without decoding but with all checksums looked at, when its
 * schema equals the output's and it does not litter the output with small blocks (and it was
 * encoded at the output's level, unless any is true); else decode and put.
 */
/* as far as the block tells; any thread */
CF_API bool cf_writer_takes(const cf_writer_t *w, const cf_block_t *b, bool any);
CF_API int cf_writer_put_block(cf_writer_t *w, cf_block_t *b, bool any, cf_diag_t *d) CF_MUST_USE;
/* What goes into the provenance block at the end; copied. */
CF_API int cf_writer_provenance(cf_writer_t *w, const cf_provenance_t *p, cf_diag_t *d) CF_MUST_USE;
typedef struct cf_writer_totals {
    uint64_t rows, blocks;     /* given so far */
    uint64_t bytes;            /* written so far */
} cf_writer_totals_t;
CF_API void cf_writer_totals(const cf_writer_t *w, cf_writer_totals_t *t);
/*
 * Finish and free. On failure the temporary file is removed and nothing stands under the target's
 * name.
 */
CF_API int cf_writer_close(cf_writer_t *w, cf_diag_t *d) CF_MUST_USE;
/* Give up and free: no output file remains. Accepts NULL. */
CF_API void cf_writer_abort(cf_writer_t *w);

#ifdef __cplusplus
}
#endif
#endif
