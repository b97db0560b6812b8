/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine under every command that reads flows: many inputs, .cf or a provider's raw log (the
 * reader is found by content), turned into items of up to CF_BATCH_ROWS rows, worked on in parallel
 * and given out in input order. Columns are decoded only when asked for. The same inputs give the
 * same items in the same order with any number of threads.
 */
#ifndef CF_SCAN_H
#define CF_SCAN_H

#include <cf/account.h>
#include <cf/batch.h>
#include <cf/input.h>
#include <cf/provenance.h>
#include <cf/site.h>
#include <cf/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cf_scan cf_scan_t;
typedef struct cf_item cf_item_t;

/* ---- growing inputs ------------------------------------------------------------------------ */

/*
 * Where a later run goes on in a raw log, as the reader's cursor said, and which file that was
 * (size and time as it was opened). known = false: nothing is known.
 */
typedef struct cf_scan_place {
    bool known;
    cf_input_mark_t mark;
    uint64_t skip;                     /* rows to leave out at the beginning */
    uint64_t size;
    int64_t mtime;                     /* ns */
    char reader[64];
} cf_scan_place_t;

typedef enum cf_scan_begin {
    CF_SCAN_FRESH = 0,
    CF_SCAN_CONTINUED,                 /* behind what an earlier run has read */
    CF_SCAN_UNCHANGED,                 /* the file of the earlier run: nothing was read */
    CF_SCAN_REPLACED                   /* another file than the earlier run read: read from its beginning */
} cf_scan_begin_t;

typedef enum cf_scan_end {
    CF_SCAN_WHOLE = 0,
    CF_SCAN_CUT,                       /* ends inside of a record */
    CF_SCAN_FAILED
} cf_scan_end_t;

#define CF_SCAN_PROVIDERS 4u

/* What became of one raw log; everything is borrowed for the call. */
typedef struct cf_scan_input {
    const char *name;
    const char *reader;                /* NULL: it is empty, or too short to tell, or unchanged */
    const cf_account_t *account;
    const cf_rejects_t *rejects;       /* offsets are those of the file */
    const cf_schema_t *schema;         /* union of its rows' columns; knows those left out; or NULL */
    /* values of the field provider met, in no order; NULL behind the last */
    const char *providers[CF_SCAN_PROVIDERS + 1];
    cf_scan_begin_t begin;
    cf_scan_end_t end;
    const char *why;                   /* REPLACED: in which way it is another file */
    const cf_scan_place_t *place;      /* growing: where the next run goes on */
} cf_scan_input_t;

typedef struct cf_scan_options {
    const char *const *inputs;         /* names, "-" = stdin; none and no names file = stdin */
    size_t ninputs;
    /* --xargs: file with one name a line, "-" = stdin, NULL = none */
    const char *names;
    cf_site_t *site;                   /* borrowed; modules and settings */
    const char *reader;                /* raw logs are read by this one; NULL = by content */
    const char *const *settings;       /* "key=value" for the reader, NULL-ended, or NULL */
    unsigned threads;                  /* 1 = everything in the caller */
    bool raw_only;                     /* cfimport: .cf input is an error */
    bool allow_empty;                  /* an empty raw input is not an error */
    /* a bad input is reported (on_error) and the others are read */
    bool keep_going;
    /* raw logs: columns to leave out at the door (NULL = keep all); drop is keep negated */
    bool (*wanted)(void *ctx, const cf_field_t *f, const char *name);
    void *wanted_ctx;
    void (*on_error)(void *ctx, const cf_diag_t *d);         /* with keep_going; serialised */
    void (*on_input)(void *ctx, const cf_scan_input_t *i);   /* a raw log is over; serialised, in input order */
    void *ctx;
    /*
     * Raw logs may be growing: regular files by readers with a cursor, or it is a usage error. A cut
     * end is no error, an input may have no rows yet, and place tells on_input where to go on.
     */
    bool growing;
    /* Fill *p with what an earlier run knows of an input, if anything; any thread. */
    int (*known)(void *ctx, const char *name, cf_scan_place_t *p, cf_diag_t *d);
    void *known_ctx;
} cf_scan_options_t;

/*
 * Open: names are collected, the first input is opened so that the schema is known. Options are
 * copied except what they point to.
 */
CF_API int cf_scan_open(cf_scan_t **s, const cf_scan_options_t *o, cf_diag_t *d) CF_MUST_USE;
CF_API void cf_scan_close(cf_scan_t *s);
/*
 * Union of the schemas known so far: headers of the .cf files named (first 256), first rows of the
 * first raw log. Borrowed until close.
 */
CF_API const cf_schema_t *cf_scan_schema(cf_scan_t *s);
/*
 * A field by name for this scan: catalogue, then unlisted columns of the inputs. CF_E_FIELD with a
 * sentence when unknown, when every input is known to lack it (and it cannot be derived), or when
 * it was dropped at import. *out borrowed.
 */
CF_API int cf_scan_field(cf_scan_t *s, const char *name, const cf_field_t **out, cf_diag_t *d) CF_MUST_USE;
/* Leave out .cf blocks outside [from, to) by stime. */
CF_API void cf_scan_window(cf_scan_t *s, int64_t from, int64_t to);
/*
 * Raw logs need build only these columns (and what derived ones need); by default all. Array of n,
 * copied.
 */
CF_API int cf_scan_need(cf_scan_t *s, const cf_field_t *const *fields, size_t n) CF_MUST_USE;

/* ---- items: one block, or one batch of a raw log ------------------------------------------- */

CF_API uint32_t cf_item_rows(const cf_item_t *it);
CF_API const cf_schema_t *cf_item_schema(const cf_item_t *it);      /* stored columns; borrowed */
/* input name; borrowed for the scan's life */
CF_API const char *cf_item_source(const cf_item_t *it);
/* ordinal of its first row in the whole scan; valid in emit */
CF_API uint64_t cf_item_first_row(const cf_item_t *it);
/*
 * Which of nslots reusable items this is (0 .. cf_scan_slots-1): index for a command's own per-item
 * memory.
 */
CF_API unsigned cf_item_slot(const cf_item_t *it);
CF_API unsigned cf_scan_slots(const cf_scan_t *s);
/*
 * Statistics of a field in this block; false when not known (raw log, derived, absent: absent is
 * all null with true).
 */
CF_API bool cf_item_stat(cf_item_t *it, const cf_field_t *f, cf_colstat_t *st);
/*
 * Column of a field: decoded or derived on first demand, kept for the item's life. A field that the
 * data lacks gives a vector that is all null with absent set. Borrowed. Call from work (or emit).
 */
CF_API int cf_item_column(cf_item_t *it, const cf_field_t *f, const cf_vec_t **v, cf_diag_t *d) CF_MUST_USE;
/* All stored columns, as a batch with the item's schema; borrowed. */
CF_API int cf_item_batch(cf_item_t *it, const cf_batch_t **b, cf_diag_t *d) CF_MUST_USE;
/* The stored block for cf_writer_put_block, NULL for a raw log. */
CF_API cf_block_t *cf_item_block(cf_item_t *it);

/*
 * The command's part. work is called for different items in parallel (worker: 0 .. threads-1); emit
 * for one item at a time, in input order. An error ends the scan (CF_EOF from emit ends it without
 * error: enough seen). Either may be NULL.
 */
typedef struct cf_scan_task {
    int (*work)(void *ctx, unsigned worker, cf_item_t *it, cf_diag_t *d);
    int (*emit)(void *ctx, cf_item_t *it, cf_diag_t *d);
    void *ctx;
} cf_scan_task_t;

/*
 * Run to the end. With keep_going, the first bad input's error is returned at the end. Call once.
 */
CF_API int cf_scan_run(cf_scan_t *s, const cf_scan_task_t *t, cf_diag_t *d) CF_MUST_USE;

/*
 * Does an error come from what an input holds? With keep_going the scan went on behind it; others
 * ended it.
 */
CF_API bool cf_scan_input_error(int rc);

typedef struct cf_scan_totals {
    uint64_t inputs, inputs_failed;
    uint64_t rows;                     /* given out in items */
    uint64_t blocks, skipped_blocks, skipped_rows;
    uint64_t bytes_done, bytes_size;   /* for progress; size 0 = unknown */
    cf_account_t account;              /* raw logs, added up */
} cf_scan_totals_t;
/* Safe from another thread while the scan runs (progress). */
CF_API void cf_scan_totals(const cf_scan_t *s, cf_scan_totals_t *t);
/* Merged provenance of all .cf inputs read; borrowed; complete after the run. */
CF_API const cf_provenance_t *cf_scan_provenance(const cf_scan_t *s);

#ifdef __cplusplus
}
#endif
#endif
