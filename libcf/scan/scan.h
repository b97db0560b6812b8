/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: the parts of the scan engine. source.c turns one input into items, item.c gives
 * an item's columns, peek.c learns schemas before anything is read for good, run.c drives threads
 * and keeps the order.
 */
#ifndef CFI_SCAN_H
#define CFI_SCAN_H

#include <pthread.h>

#include <cf/scan.h>

#define CFI_SCAN_LANES 4u          /* inputs read at the same time */

/* ---- one input ---------------------------------------------------------------------------- */

typedef struct cfi_source {
    const char *name;              /* borrowed from the scan's names */
    cf_input_t *in;                /* raw; a stream owns its input */
    cf_stream_t *stream;           /* .cf, or NULL */
    const cf_reader_ops_t *ops;    /* raw, or NULL */
    const char *reader;            /* its name; borrowed */
    void *state;
    cf_setting_value_t *settings;
    cf_reader_env_t env;
    cf_account_t account;
    cf_rejects_t rejects;
    cf_scan_t *scan;
    const char *display;           /* "stdin" for "-" */
    bool empty;                    /* an empty raw input that is allowed */
    cf_schema_t *schema;           /* raw: union so far; NULL before the first batch */
    char providers[CF_SCAN_PROVIDERS][32];
    unsigned nproviders;
    /* growing.c */
    bool regular;
    cf_scan_place_t place;         /* known by an earlier run; then where to go on */
    cf_scan_begin_t begin;
    const char *why;
    bool cut;                      /* ended inside of a record */
} cfi_source_t;

/* Open by content. On failure nothing is held. */
int cfi_source_open(cfi_source_t *src, cf_scan_t *s, const char *name, cf_diag_t *d);
void cfi_source_close(cfi_source_t *src);
/* Next rows into the item: CF_OK with rows > 0, CF_EOF, or an error. */
int cfi_source_next(cfi_source_t *src, cf_item_t *it, cf_diag_t *d);

/*
 * Growing inputs. What an earlier run knows of the input is in place: open it behind that, or from
 * its beginning when it is another file; *unchanged = nothing new, and nothing was opened.
 */
int cfi_growing_open(cfi_source_t *src, cf_input_t **in, bool *unchanged, cf_diag_t *d);
/* Can the reader say where a later run may go on? */
bool cfi_reader_continues(const cf_reader_ops_t *ops);
/* The beginning is too short to know its reader; more may come. */
bool cfi_growing_short(const cfi_source_t *src, const char *head, size_t n);
/*
 * The last read gave rc: where to go on is noted. A cut end becomes CF_EOF with src->cut; an input
 * that cannot be continued is a usage error.
 */
int cfi_growing_end(cfi_source_t *src, int rc, cf_diag_t *d);

/* ---- items -------------------------------------------------------------------------------- */

typedef struct cfi_extra {         /* a column that is not stored: derived or absent */
    const cf_field_t *field;
    cf_vec_t vec;
    bool valid;
} cfi_extra_t;

struct cf_item {
    unsigned slot;
    const char *source;
    uint64_t first_row;
    uint32_t rows;
    bool is_raw;
    cf_block_t *block;             /* .cf: the block */
    cf_batch_t *batch;             /* raw: all of it; .cf: columns decoded so far */
    bool *loaded;                  /* .cf: per column of batch */
    uint32_t loaded_size;
    cfi_extra_t **extra;
    uint32_t nextra;
    /* run.c */
    bool done;
    int rc;
    cf_diag_t diag;
};

int cfi_item_init(cf_item_t *it, unsigned slot);
void cfi_item_fini(cf_item_t *it);
/* The block was read: forget decoded columns. */
int cfi_item_begin_block(cf_item_t *it);
/* A raw batch was read into it->batch. */
void cfi_item_begin_batch(cf_item_t *it);

/* ---- the scan ----------------------------------------------------------------------------- */

struct cf_scan {
    cf_scan_options_t o;
    cf_buf_t name_bytes;           /* names from --xargs, each ended by NUL */
    const char **names;
    size_t nnames;
    uint64_t size;                 /* of all inputs, 0 = unknown */

    cf_schema_t *schema;           /* union of what was peeked */
    size_t peeked;                 /* names looked at so far */
    cfi_source_t first;            /* names[0], opened by peeking it, then used by the run */
    bool first_open;
    int first_rc;                  /* and if that failed: its error, reported by the run */
    cf_diag_t first_diag;

    bool has_window;
    int64_t from, to;
    const cf_field_t **need;       /* NULL = all */
    size_t nneed;

    unsigned slots;
    cf_provenance_t *provenance;

    pthread_mutex_t lock;          /* totals below, and the lanes of run.c */
    cf_scan_totals_t totals;
    uint64_t bytes_finished;
    uint64_t lane_done[CFI_SCAN_LANES];    /* bytes of the inputs being read */
};

#define CFI_PEEK_MAX 256u

/*
 * Learn the schema of one more input; CF_EOF when all (or CFI_PEEK_MAX) are known. Errors are left
 * for the run.
 */
int cfi_peek_next(cf_scan_t *s);
bool cfi_scan_wanted(void *ctx, const cf_field_t *f, const char *name);

#endif
