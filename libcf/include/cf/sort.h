/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sorting flows by keys, whatever their number: rows are kept as columns, ordered by packed keys,
 * and go to a temporary file in sorted runs when a memory limit is reached; runs are merged at the
 * end. The order is total and the same with any number of threads and any limit: rows with equal
 * keys stay in the order in which they came.
 */
#ifndef CF_SORT_H
#define CF_SORT_H

#include <cf/batch.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CF_SORT_KEYS_MAX 16u

typedef struct cf_sort cf_sort_t;

/*
 * Numbers, times, flags and enumerations (by their place in the list of words) by value, addresses
 * by their 128-bit number (IPv4 as mapped), texts by bytes. A row without the value comes after all
 * that have one, in both directions. Derived fields (duration) may be keys.
 */
typedef struct cf_sort_key {
    const cf_field_t *field;
    bool descending;
} cf_sort_key_t;

typedef struct cf_sort_options {
    const cf_sort_key_t *keys;         /* copied */
    size_t nkeys;                      /* 1 .. CF_SORT_KEYS_MAX */
    uint64_t memory;                   /* bytes for rows and keys; 1 MiB at least is used */
    const char *tmpdir;                /* NULL = TMPDIR, else /var/tmp; copied */
    unsigned threads;                  /* sorting, gathering, encoding of runs */
    /* each input (cf_sort_input) is in order already: it is checked, and they are merged */
    bool presorted;
} cf_sort_options_t;

typedef struct cf_sort_totals {
    uint64_t rows;
    uint64_t runs;                     /* written to the temporary file, in all passes */
    uint64_t spilled;                  /* bytes of it */
} cf_sort_totals_t;

/* New. */
CF_API int cf_sort_open(cf_sort_t **s, const cf_sort_options_t *o, cf_diag_t *d) CF_MUST_USE;
CF_API void cf_sort_close(cf_sort_t *s);       /* accepts NULL */
/*
 * Copy the rows of a batch. Schemas may change; the output has the union. CF_E_LIMIT when the
 * temporary file cannot be written.
 */
CF_API int cf_sort_put(cf_sort_t *s, const cf_batch_t *b, cf_diag_t *d) CF_MUST_USE;
/* With presorted: rows of another input follow. */
CF_API int cf_sort_input(cf_sort_t *s, cf_diag_t *d) CF_MUST_USE;
/* No more rows come. */
CF_API int cf_sort_finish(cf_sort_t *s, cf_diag_t *d) CF_MUST_USE;
/* Columns of the output, after finish; borrowed. */
CF_API const cf_schema_t *cf_sort_schema(const cf_sort_t *s);
/* Next rows in order; *b borrowed until the next call. CF_EOF behind the last. */
CF_API int cf_sort_next(cf_sort_t *s, const cf_batch_t **b, cf_diag_t *d) CF_MUST_USE;
CF_API void cf_sort_totals(const cf_sort_t *s, cf_sort_totals_t *t);

#ifdef __cplusplus
}
#endif
#endif
