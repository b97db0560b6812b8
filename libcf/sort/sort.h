/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: the parts of the sorting engine.
 *
 *   store.c     rows in memory as columns, in segments of CF_BATCH_ROWS; constants take no room
 *   keys.c      each row's keys as one string of bits, cut into words
 *   order.c     row numbers in the order of these words, on all threads
 *   gather.c    rows of the store in that order, as batches
 *   run.c       sorted rows in the temporary file and back
 *   compare.c   rows of batches by their keys
 *   merge.c     many runs to one sequence
 *   derive.c    keys that are not stored
 *   sort.c      the engine: limits, what happens when
 *   parallel.c  tasks on threads
 */
#ifndef CFI_SORT_H
#define CFI_SORT_H

#include <pthread.h>

#include <cf/sort.h>

#include "codec/codec.h"

#define CFI_SEG_SHIFT 16
#define CFI_SEG_MASK (CF_BATCH_ROWS - 1)

/* ---- parallel ------------------------------------------------------------------------------ */

/*
 * fn(ctx, worker, task) for tasks 0 .. n-1 on up to threads threads, the caller's among them. The
 * first error is returned; tasks not begun by then are left out.
 */
typedef int (*cfi_task_fn)(void *ctx, unsigned worker, uint32_t task);
int cfi_parallel(unsigned threads, uint32_t n, cfi_task_fn fn, void *ctx);

/* ---- store --------------------------------------------------------------------------------- */

typedef enum cfi_segstate {
    CFI_SEG_NULL = 0,          /* every row is null */
    CFI_SEG_CONST,             /* no row is null, all have value */
    CFI_SEG_DATA
} cfi_segstate_t;

/* Rows of one column. Addresses are 32 bits: IPv4, or where wide is set the number of another. */
typedef struct cfi_seg {
    uint8_t state;
    uint64_t value;
    void *data;
    uint64_t *null;            /* NULL = none */
    uint64_t *wide;            /* NULL = none */
} cfi_seg_t;

typedef struct cfi_storecol {
    const cf_field_t *field;
    uint8_t width;             /* of data: 1 2 4 8 */
    cfi_seg_t *seg;
    cf_dict_t dict;            /* strings: of all segments */
    cf_addr_t *others;         /* addresses that are not IPv4, one for each such row */
    uint32_t nothers, others_size;
    uint32_t *map;             /* strings: code of the batch at hand to code here */
    uint32_t map_size;
    bool nulls;                /* some row is null */
} cfi_storecol_t;

typedef struct cfi_store {
    cf_schema_t *schema;       /* columns 0 .. nstored-1; keys that are derived stand behind */
    cfi_storecol_t **cols;
    uint32_t ncols, nstored;
    const cf_field_t **derived;
    uint32_t nderived;
    cf_vec_t *scratch;         /* values of the derived */
    uint32_t nsegs, segs_size;
    uint32_t fill;             /* rows of the last segment */
    uint64_t rows;
    uint64_t bytes;
} cfi_store_t;

/* derived: keys that are not stored; borrowed. */
int cfi_store_init(cfi_store_t *st, const cf_field_t *const *derived, uint32_t nderived);
void cfi_store_fini(cfi_store_t *st);
/* Forget the rows; the schema stays. */
void cfi_store_clear(cfi_store_t *st);
/* Columns for a schema that may be another than so far. */
int cfi_store_fit(cfi_store_t *st, const cf_schema_t *more);
int cfi_store_put(cfi_store_t *st, const cf_batch_t *b, cf_diag_t *d);
/* Column of a field, or NULL. */
cfi_storecol_t *cfi_store_col(const cfi_store_t *st, const cf_field_t *f);
static inline uint32_t cfi_seg_rows(const cfi_store_t *st, uint32_t seg)
{
    return seg + 1 == st->nsegs ? st->fill : CF_BATCH_ROWS;
}
static inline bool cfi_bit_of(const uint64_t *bits, uint32_t i)
{
    return (bits[i >> 6] >> (i & 63) & 1) != 0;
}
static inline uint64_t cfi_seg_value(const cfi_storecol_t *c, const cfi_seg_t *g, uint32_t i)
{
    switch (c->width) {
    case 1: return ((const uint8_t *)g->data)[i];
    case 2: return ((const uint16_t *)g->data)[i];
    case 4: return ((const uint32_t *)g->data)[i];
    default: return ((const uint64_t *)g->data)[i];
    }
}
/* Values of a derived field for a batch, in out. */
int cfi_sort_derive(const cf_batch_t *b, const cf_field_t *f, cf_vec_t *out, cf_diag_t *d);

/* Keys of a batch's rows. */
typedef struct cfi_keyvecs {
    const cf_vec_t *key[CF_SORT_KEYS_MAX];     /* NULL = null in all rows */
    cf_vec_t own[CF_SORT_KEYS_MAX];            /* of derived keys */
} cfi_keyvecs_t;

void cfi_keyvecs_init(cfi_keyvecs_t *v, const cf_sort_key_t *keys, uint32_t n);
void cfi_keyvecs_fini(cfi_keyvecs_t *v, uint32_t n);
/* The batch is borrowed until the next bind. */
int cfi_keyvecs_bind(cfi_keyvecs_t *v, const cf_batch_t *b, const cf_sort_key_t *keys, uint32_t n,
                     cf_diag_t *d);
/* A number that is smaller only where the row comes first by the first key. */
uint64_t cfi_keyvecs_prefix(const cfi_keyvecs_t *v, uint32_t row, const cf_sort_key_t *keys);
/* Below, equal to or above 0, as row ra comes before rb, is equal, or comes behind. */
int cfi_keyvecs_compare(const cfi_keyvecs_t *a, uint32_t ra, const cfi_keyvecs_t *b, uint32_t rb,
                        const cf_sort_key_t *keys, uint32_t n);

/* ---- keys and order ------------------------------------------------------------------------ */

/* piece[k][row]: k-th 64 bits of the row's key; smaller comes first. */
typedef struct cfi_keys {
    uint64_t **piece;
    uint32_t npieces;
    unsigned bits;             /* of the first piece, from its highest bit on, in use */
} cfi_keys_t;

int cfi_keys_make(const cfi_store_t *st, const cf_sort_key_t *keys, uint32_t nkeys,
                  unsigned threads, cfi_keys_t *out, cf_diag_t *d);
void cfi_keys_fini(cfi_keys_t *k);
/* Bytes a row that keys and order take, at most. */
uint64_t cfi_keys_cost(const cf_sort_key_t *keys, uint32_t nkeys);
/* New: row numbers in order; keys->piece[0] is used up. */
int cfi_order_make(cfi_keys_t *keys, uint32_t rows, unsigned threads, uint32_t **order,
                   cf_diag_t *d);

/* What a thread needs to gather rows: by column, texts of the store to texts of a batch. */
typedef struct cfi_gatherer {
    uint32_t ncols;
    uint32_t **map, *size, *used;
} cfi_gatherer_t;

int cfi_gatherer_init(cfi_gatherer_t *g, const cfi_store_t *st);
void cfi_gatherer_fini(cfi_gatherer_t *g);
/* Rows order[0 .. n) of the store into out (reset here to the store's schema). */
int cfi_gather(cfi_gatherer_t *g, const cfi_store_t *st, const uint32_t *order, uint32_t n,
               cf_batch_t *out);

/* ---- runs ---------------------------------------------------------------------------------- */

typedef struct cfi_runblock {
    uint64_t offset, bytes;
    uint32_t rows;
    uint64_t *start;           /* ncols + 1 */
    uint32_t *nulls;           /* ncols */
} cfi_runblock_t;

typedef struct cfi_sortrun {
    cf_schema_t *schema;
    cfi_runblock_t *blocks;
    uint32_t nblocks;
} cfi_sortrun_t;

typedef struct cfi_runfile {
    int fd;                    /* -1 = not made yet; has no name */
    uint64_t size;             /* atomic */
    char *tmpdir;              /* or NULL */
} cfi_runfile_t;

int cfi_runfile_open(cfi_runfile_t *f, cf_diag_t *d);
void cfi_runfile_fini(cfi_runfile_t *f);
/* Encode a batch and write it; b is filled (start and nulls new). */
int cfi_run_write(cfi_runfile_t *f, cfi_encoder_t *e, const cf_batch_t *batch, cfi_runblock_t *b,
                  cf_diag_t *d);
void cfi_run_fini(cfi_sortrun_t *r);

/* Reading a run block by block. */
typedef struct cfi_runreader {
    const cfi_runfile_t *file;
    const cfi_sortrun_t *run;
    uint32_t next;
    cfi_decoder_t *dec;
    uint8_t *buffer;
    size_t size;
    const cfi_runblock_t *block;
    cf_batch_t *batch;         /* rows at hand */
} cfi_runreader_t;

int cfi_runreader_open(cfi_runreader_t *r, const cfi_runfile_t *f, const cfi_sortrun_t *run,
                       cf_diag_t *d);
/* The next block into r->batch; CF_EOF behind the last. */
int cfi_runreader_next(cfi_runreader_t *r, cf_diag_t *d);
void cfi_runreader_close(cfi_runreader_t *r);

/* ---- merge --------------------------------------------------------------------------------- */

typedef struct cfi_merge cfi_merge_t;

/* New; runs are borrowed and read in their order where keys are equal. */
int cfi_merge_open(cfi_merge_t **m, const cfi_runfile_t *f, const cfi_sortrun_t *runs, uint32_t n,
                   const cf_schema_t *schema, const cf_sort_key_t *keys, uint32_t nkeys,
                   cf_diag_t *d);
void cfi_merge_close(cfi_merge_t *m);
/* Up to CF_BATCH_ROWS rows; borrowed until the next call. CF_EOF at the end. */
int cfi_merge_next(cfi_merge_t *m, const cf_batch_t **b, cf_diag_t *d);

#endif
