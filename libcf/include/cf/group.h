/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grouping: rows with equal keys become one group with its values (records, sums, smallest,
 * largest, number of distinct values). Any number of workers add to tables of their own, which are
 * merged at the end; past the memory limit tables go to a temporary file and are merged part by
 * part. Results do not depend on threads, hash order or block borders.
 *
 * Rows that are not flows (logstatus nodata, skipdata) are counted and left out unless asked for. A
 * null key is a key of its own; a null counter is not zero: a group that has only nulls has a null
 * sum.
 */
#ifndef CF_GROUP_H
#define CF_GROUP_H

#include <cf/print.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CF_GROUP_KEYS_MAX 16
#define CF_GROUP_VALUES_MAX 16

typedef enum cf_agg_op {
    CF_AGG_RECORDS = 0,        /* number of rows; no field */
    CF_AGG_SUM = 1,            /* of a counter; up to 128 bits */
    CF_AGG_MIN = 2,            /* of a number, time or duration */
    CF_AGG_MAX = 3,
    CF_AGG_DISTINCT = 4        /* number of different values that are not null, exact */
} cf_agg_op_t;

typedef struct cf_agg {
    cf_agg_op_t op;
    const cf_field_t *field;   /* NULL for CF_AGG_RECORDS */
} cf_agg_t;

/* A number of up to 128 bits. */
typedef struct cf_sum {
    uint64_t hi, lo;
} cf_sum_t;

typedef struct cf_group_options {
    const cf_field_t *const *keys;     /* none = one group of all rows */
    size_t nkeys;
    const cf_agg_t *values;
    size_t nvalues;
    unsigned workers;          /* callers of cf_group_item at the same time; 0 = 1 */
    uint64_t memory;           /* bytes of tables before they go to disk; 0 = 1 GiB */
    const char *tmpdir;        /* folder of that file, borrowed; NULL = TMPDIR, else /var/tmp */
    bool include_status;       /* rows that are not flows count as records */
} cf_group_options_t;

typedef struct cf_group cf_group_t;

/* CF_E_USAGE for a value that cannot be computed (sum of what is no counter). New. */
CF_API int cf_group_create(cf_group_t **g, const cf_group_options_t *o, cf_diag_t *d) CF_MUST_USE;
CF_API void cf_group_destroy(cf_group_t *g);
/* Fields it reads, each once (for cf_scan_need); borrowed. */
CF_API const cf_field_t *const *cf_group_fields(const cf_group_t *g, size_t *n);
/*
 * CF_E_LIMIT from these and from cf_group_select: the memory limit is passed, and the temporary
 * file failed or cannot help. Other errors of cf_group_item are those of its input.
 */
/*
 * Add the rows of an item selected by sel (NULL = all). Different workers may run at the same time.
 */
CF_API int cf_group_item(cf_group_t *g, unsigned worker, cf_item_t *it, const uint64_t *sel, cf_diag_t *d) CF_MUST_USE;
/* The same from vectors in the order of cf_group_fields. */
CF_API int cf_group_vecs(cf_group_t *g, unsigned worker, const cf_vec_t *const *cols, uint32_t rows,
                         const uint64_t *sel, cf_diag_t *d) CF_MUST_USE;

/* What was added, over all groups. Valid when no worker runs. */
typedef struct cf_group_summary {
    uint64_t records;          /* rows that went into groups */
    uint64_t nodata, skipdata; /* rows that are not flows, met */
    /* bit per code of bytekind met; only when the field bytes is summed */
    uint32_t bytekinds;
    uint64_t spilled;          /* bytes that went to disk */
    cf_sum_t total[CF_GROUP_VALUES_MAX];   /* sums and records; else 0 */
} cf_group_summary_t;
CF_API void cf_group_summary(const cf_group_t *g, cf_group_summary_t *s);

/* ---- results ------------------------------------------------------------------------------ */

typedef struct cf_groups cf_groups_t;

typedef struct cf_group_order {
    int value;                 /* index of the value to order by; -1 = by keys only */
    bool ascending;            /* smallest value first; nulls are last either way */
    uint64_t count;            /* keep so many; 0 = all */
    bool has_threshold;        /* keep groups whose value is at least (ascending: at most) this */
    cf_sum_t threshold;
} cf_group_order_t;

/*
 * Merge all and take the wanted groups in order; ties are in order of the keys, null behind all.
 * Ends the group: only the summary may be asked afterwards, and g must live as long as *out. New.
 * CF_E_LIMIT when what must be kept passes the memory limit.
 */
CF_API int cf_group_select(cf_group_t *g, const cf_group_order_t *o, cf_groups_t **out, cf_diag_t *d) CF_MUST_USE;
CF_API void cf_groups_destroy(cf_groups_t *r);
CF_API size_t cf_groups_count(const cf_groups_t *r);
/* Groups there were before count and threshold. */
CF_API uint64_t cf_groups_all(const cf_groups_t *r);
/* Key and value of a result row; text is borrowed from the group. */
CF_API void cf_groups_key(const cf_groups_t *r, size_t row, size_t key, cf_cell_t *c);
CF_API void cf_groups_value(const cf_groups_t *r, size_t row, size_t value, cf_cell_t *c);

#ifdef __cplusplus
}
#endif
#endif
