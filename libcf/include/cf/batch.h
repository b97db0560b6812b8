/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only in-memory form of flows: a schema and one typed vector for each of its columns, up to
 * CF_BATCH_ROWS rows. Readers fill batches, the .cf stream stores them, engines run over them.
 * All vectors are flat (one value a row). Invariant everybody relies on: a null row has its bit set
 * in the null bitmap AND its value is zero. Strings are the exception: the code of a null row means
 * nothing, it is below dict.count, or 0 when the dictionary is empty.
 */
#ifndef CF_BATCH_H
#define CF_BATCH_H

#include <cf/field.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CF_BATCH_ROWS 65536u
#define CF_BATCH_WORDS (CF_BATCH_ROWS / 64)
#define CF_SCHEMA_MAX 1024u          /* columns */
#define CF_STRING_MAX 65535u         /* bytes of one string value */
#define CF_DICT_BYTES_MAX (64u << 20)  /* bytes of all strings of one column of one batch */

/* ---- schema ------------------------------------------------------------------------------ */

/*
 * Ordered columns without duplicates; reference-counted because batches, readers and writers share
 * it.
 */
typedef struct cf_schema cf_schema_t;

/* new, one reference; NULL = no memory */
CF_API cf_schema_t *cf_schema_create(void);
CF_API cf_schema_t *cf_schema_get(const cf_schema_t *s);       /* one more reference */
CF_API void cf_schema_put(cf_schema_t *s);                     /* accepts NULL */
/*
 * Append a field; its column index, or negative error (CF_E_FIELD when already there, CF_E_LIMIT).
 * Only before sharing.
 */
CF_API int cf_schema_add(cf_schema_t *s, const cf_field_t *f) CF_MUST_USE;
CF_API uint32_t cf_schema_count(const cf_schema_t *s);
CF_API const cf_field_t *cf_schema_field(const cf_schema_t *s, uint32_t i);
/* Column index of a field, or -1. */
CF_API int cf_schema_index(const cf_schema_t *s, const cf_field_t *f);
/* Fields that were left out at the door: asking for one gives an error that says so. */
CF_API int cf_schema_drop(cf_schema_t *s, const char *name) CF_MUST_USE;
CF_API bool cf_schema_dropped(const cf_schema_t *s, const char *name);
/* i-th dropped name or NULL behind the last; borrowed. */
CF_API const char *cf_schema_dropped_at(const cf_schema_t *s, uint32_t i);
/* Same columns in the same order. */
CF_API bool cf_schema_equal(const cf_schema_t *a, const cf_schema_t *b);
/* All columns of a, then those of b that a lacks; dropped only what no side has. New. */
CF_API cf_schema_t *cf_schema_union(const cf_schema_t *a, const cf_schema_t *b);

/* ---- strings ------------------------------------------------------------------------------ */

/*
 * Dictionary of a string column: entry i is bytes[offset[i] .. offset[i+1]). Entries may repeat
 * (two codes, one text): correlated columns share their codes. Compare texts, never codes of
 * different dictionaries.
 */
typedef struct cf_dict {
    uint32_t count;
    uint32_t size;             /* allocated entries */
    uint32_t *offset;          /* count + 1 */
    char *bytes;
    size_t bytes_size;         /* allocated */
    uint32_t *slots;           /* hash index for cf_dict_code; NULL until used */
    uint32_t mask;
} cf_dict_t;

static inline const char *cf_dict_text(const cf_dict_t *d, uint32_t code, uint32_t *len)
{
    *len = d->offset[code + 1] - d->offset[code];
    return d->bytes + d->offset[code];
}

CF_API void cf_dict_init(cf_dict_t *d);
CF_API void cf_dict_fini(cf_dict_t *d);
CF_API void cf_dict_reset(cf_dict_t *d);                       /* empty, keep memory */
/* Code of a text, added when new. CF_E_NOMEM, CF_E_LIMIT or CF_R_LONG. */
CF_API int cf_dict_code(cf_dict_t *d, const char *s, size_t n, uint32_t *code) CF_MUST_USE;
/* Append an entry without looking whether it is there. */
CF_API int cf_dict_append(cf_dict_t *d, const char *s, size_t n) CF_MUST_USE;

/* ---- vectors ------------------------------------------------------------------------------ */

typedef struct cf_vec {
    uint8_t kind;              /* cf_kind_t */
    /* bytes a value: 1 2 4 8; addresses 4 (all IPv4, host order) or 16 (cf_addr_t) */
    uint8_t width;
    bool absent;               /* the input has no such column: every row is null */
    uint32_t nulls;            /* rows that are null */
    /* bitmap of CF_BATCH_WORDS, bit set = null; valid only when nulls > 0 */
    uint64_t *null;
    void *data;                /* CF_BATCH_ROWS values, 64-byte aligned */
    size_t data_size;          /* allocated bytes */
    cf_dict_t dict;            /* strings only; data are uint32_t codes */
} cf_vec_t;

CF_API void cf_vec_init(cf_vec_t *v, const cf_field_t *f);
CF_API void cf_vec_fini(cf_vec_t *v);
/*
 * Memory for CF_BATCH_ROWS values of width and for the null bitmap; sets width; content undefined.
 */
CF_API int cf_vec_reserve(cf_vec_t *v, uint8_t width) CF_MUST_USE;
/* Make the first n rows null (absent = the column does not exist at all). */
CF_API int cf_vec_set_all_null(cf_vec_t *v, uint32_t n, bool absent) CF_MUST_USE;
/* Turn an IPv4-only address vector of n rows into one of cf_addr_t. */
CF_API int cf_vec_widen(cf_vec_t *v, uint32_t n) CF_MUST_USE;

static inline bool cf_vec_is_null(const cf_vec_t *v, uint32_t row)
{
    return v->nulls > 0 && ((v->null[row >> 6] >> (row & 63)) & 1) != 0;
}

static inline uint64_t cf_vec_uint(const cf_vec_t *v, uint32_t row)
{
    switch (v->width) {
    case 1: return ((const uint8_t *)v->data)[row];
    case 2: return ((const uint16_t *)v->data)[row];
    case 4: return ((const uint32_t *)v->data)[row];
    default: return ((const uint64_t *)v->data)[row];
    }
}

static inline int64_t cf_vec_time(const cf_vec_t *v, uint32_t row)
{
    return ((const int64_t *)v->data)[row];
}

static inline cf_addr_t cf_vec_addr(const cf_vec_t *v, uint32_t row)
{
    if (v->width == 4)
        return cf_addr_v4(((const uint32_t *)v->data)[row]);
    return ((const cf_addr_t *)v->data)[row];
}

static inline const char *cf_vec_string(const cf_vec_t *v, uint32_t row, uint32_t *len)
{
    return cf_dict_text(&v->dict, ((const uint32_t *)v->data)[row], len);
}

/* ---- batch -------------------------------------------------------------------------------- */

typedef struct cf_batch {
    cf_schema_t *schema;       /* reference */
    uint32_t rows;
    uint32_t ncols;
    cf_vec_t *cols;            /* ncols, in schema order */
    /*
     * where the rows come from, for messages and provenance; borrowed names live as long as the
     * scan
     */
    const char *source;
    uint64_t first_row;        /* ordinal of row 0 in its source, from 0 */
} cf_batch_t;

/*
 * New batch for a schema (takes its own reference), no rows. Vectors are allocated when first
 * reserved.
 */
CF_API cf_batch_t *cf_batch_create(const cf_schema_t *s);
CF_API void cf_batch_destroy(cf_batch_t *b);
/* Other schema, memory kept where kinds fit; rows = 0. */
CF_API int cf_batch_reset(cf_batch_t *b, const cf_schema_t *s) CF_MUST_USE;
/*
 * Copy rows of src behind those of dst (same schema): rows selected by the bitmap sel (NULL = all)
 * starting at row *from, as many as fit. *from becomes the first row not yet considered (src->rows
 * when done).
 */
CF_API int cf_batch_append(cf_batch_t *dst, const cf_batch_t *src, const uint64_t *sel, uint32_t *from) CF_MUST_USE;

/* Bitmap helpers over n rows. */
CF_API uint32_t cf_bits_count(const uint64_t *bits, uint32_t n);
/* rows 0..n-1 set, rest of the last word clear */
CF_API void cf_bits_fill(uint64_t *bits, uint32_t n);

/* ---- building rows ------------------------------------------------------------------------ */

/*
 * Row builder that readers use: set values of the row under construction, then commit or discard
 * it. Columns not set are null. Fast paths may write vectors themselves (cf_rows_vec) under the
 * invariants above.
 */
typedef struct cf_rows {
    cf_batch_t *batch;
    uint32_t row;              /* the row under construction = batch->rows */
} cf_rows_t;

/*
 * All columns reserved with their natural width (addresses 4) and marked null for the whole batch.
 */
CF_API int cf_rows_begin(cf_rows_t *r, cf_batch_t *b) CF_MUST_USE;
/* also flags and enumerations */
CF_API void cf_rows_set_uint(cf_rows_t *r, uint32_t col, uint64_t v);
CF_API void cf_rows_set_time(cf_rows_t *r, uint32_t col, int64_t ns);   /* also durations */
CF_API int cf_rows_set_addr(cf_rows_t *r, uint32_t col, cf_addr_t a) CF_MUST_USE;
CF_API int cf_rows_set_string(cf_rows_t *r, uint32_t col, const char *s, size_t n) CF_MUST_USE;
/* Keep the row; true when the batch is full now. */
CF_API bool cf_rows_commit(cf_rows_t *r);
/* Undo what was set in this row. */
CF_API void cf_rows_discard(cf_rows_t *r);
/* Recount nulls of every column when the last row is in: call once before handing the batch on. */
CF_API void cf_rows_end(cf_rows_t *r);

#ifdef __cplusplus
}
#endif
#endif
