/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flows and results as text: aligned columns, CSV (RFC 4180) or NDJSON, the same keys in each.
 * Three layers: rows of vectors into a buffer (fast, any thread), flows of a scan onto a FILE in
 * input order, and small result tables whose columns are aligned over all rows. Bytes of logs are
 * hostile: no form lets a control character reach a terminal raw.
 *
 * Not here: choosing what to print, and options; commands do that.
 */
#ifndef CF_PRINT_H
#define CF_PRINT_H

#include <stdio.h>

#include <cf/scan.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cf_textform { CF_TEXT_ALIGNED = 0, CF_TEXT_CSV = 1, CF_TEXT_NDJSON = 2 } cf_textform_t;

/*
 * Times: ISO 8601 in UTC, or a count since 1970; CF_TIMEFORM_EPOCH is seconds with a fraction when
 * not whole.
 */
typedef enum cf_timeform {
    CF_TIMEFORM_ISO = 0,
    CF_TIMEFORM_EPOCH = 1,
    CF_TIMEFORM_EPOCH_MS = 2,
    CF_TIMEFORM_EPOCH_US = 3,
    CF_TIMEFORM_EPOCH_NS = 4
} cf_timeform_t;

/* "iso", "epoch", "epoch-ms", "epoch-us", "epoch-ns"; CF_E_USAGE when unknown. */
CF_API int cf_timeform_find(const char *name, cf_timeform_t *out) CF_MUST_USE;

typedef struct cf_print_options {
    cf_textform_t format;
    cf_timeform_t times;
    bool titles;               /* first line with names (text, CSV) */
    /* the output is a terminal: control characters are escaped in CSV too */
    bool terminal;
    bool delimited;            /* text: columns are not padded */
    char separator;            /* text: between columns; 0 = two blanks */
} cf_print_options_t;

/* ---- lists of fields ----------------------------------------------------------------------- */

/*
 * "stime,sip,dip" by the names of a scan. *fields is a new array (free()), *n its length.
 * CF_E_USAGE for an empty list or element or a field named twice; CF_E_FIELD from cf_scan_field.
 */
CF_API int cf_print_fields(cf_scan_t *s, const char *list, const cf_field_t ***fields, size_t *n,
                           cf_diag_t *d) CF_MUST_USE;
/*
 * What cfcut prints when not told:
 * stime,duration,sip,sport,dip,dport,proto,packets,bytes,flags,action as far as they exist.
 */
CF_API int cf_print_default_fields(cf_scan_t *s, const cf_field_t ***fields, size_t *n,
                                   cf_diag_t *d) CF_MUST_USE;
/* All stored fields of the scan's schema. */
CF_API int cf_print_all_fields(cf_scan_t *s, const cf_field_t ***fields, size_t *n, cf_diag_t *d) CF_MUST_USE;

/* ---- rows of vectors ------------------------------------------------------------------------ */

/* Immutable after creation; may be used from many threads. */
typedef struct cf_rowprint cf_rowprint_t;

/* Fields are borrowed for its life. New. */
CF_API int cf_rowprint_create(cf_rowprint_t **p, const cf_field_t *const *fields, size_t n,
                              const cf_print_options_t *o, cf_diag_t *d) CF_MUST_USE;
CF_API void cf_rowprint_destroy(cf_rowprint_t *p);
/* Append the line of titles; nothing when there are none. */
CF_API int cf_rowprint_titles(const cf_rowprint_t *p, cf_buf_t *out) CF_MUST_USE;
/*
 * Append rows *row … rows-1 that are selected (sel NULL = all) until out holds limit bytes or more
 * (SIZE_MAX = all of them). *row becomes the first row not considered. cols are in the order of the
 * fields. out->max must allow limit and one row.
 */
CF_API int cf_rowprint_rows(const cf_rowprint_t *p, const cf_vec_t *const *cols, uint32_t rows,
                            const uint64_t *sel, uint32_t *row, size_t limit, cf_buf_t *out) CF_MUST_USE;

/* ---- flows of a scan ------------------------------------------------------------------------- */

/*
 * Prints the items of a scan: call work from the task's work (formats in parallel), emit from its
 * emit (writes in order). What a slot formats ahead is bounded; the rest of a very wide block is
 * formatted in emit.
 */
typedef struct cf_flowprint cf_flowprint_t;

/* fields are copied; out and s borrowed. Writes the titles. New. */
CF_API int cf_flowprint_open(cf_flowprint_t **f, cf_scan_t *s, const cf_field_t *const *fields, size_t n,
                             const cf_print_options_t *o, FILE *out, cf_diag_t *d) CF_MUST_USE;
CF_API void cf_flowprint_close(cf_flowprint_t *f);
/* sel (NULL = all rows) is borrowed until this item's emit is over. */
CF_API int cf_flowprint_work(cf_flowprint_t *f, cf_item_t *it, const uint64_t *sel, cf_diag_t *d) CF_MUST_USE;
CF_API int cf_flowprint_emit(cf_flowprint_t *f, cf_item_t *it, cf_diag_t *d) CF_MUST_USE;

/* ---- single values and small tables ---------------------------------------------------------- */

typedef enum cf_cell_type {
    CF_CELL_NULL = 0,
    CF_CELL_UINT = 1,          /* hi:u, a number of up to 128 bits */
    CF_CELL_DECIMAL = 2,       /* u / 10^scale, all scale digits shown */
    CF_CELL_TIME = 3,          /* t */
    CF_CELL_DURATION = 4,      /* t */
    CF_CELL_ADDR = 5,          /* a */
    CF_CELL_FLAGS = 6,         /* u */
    CF_CELL_TEXT = 7,          /* n bytes at s; escaped as the form demands */
    CF_CELL_BOOL = 8           /* u: true or false in NDJSON, yes or no elsewhere */
} cf_cell_type_t;

typedef struct cf_cell {
    cf_cell_type_t type;
    unsigned scale;
    uint64_t u, hi;
    int64_t t;
    cf_addr_t a;
    const char *s;             /* borrowed */
    size_t n;
} cf_cell_t;

/*
 * Cell of one value of a vector; text is borrowed from the vector. f gives the words of an
 * enumeration.
 */
CF_API void cf_cell_of(cf_cell_t *c, const cf_field_t *f, const cf_vec_t *v, uint32_t row);
/* Cell of an enumeration's code: its word, or the number when the field has none. */
CF_API void cf_cell_enum(cf_cell_t *c, const cf_field_t *f, uint8_t code);
/* Append a cell as the options' form prints it (in NDJSON a complete JSON value). */
CF_API int cf_cell_print(const cf_cell_t *c, const cf_print_options_t *o, cf_buf_t *out) CF_MUST_USE;

/*
 * A table built cell by cell, row by row. Failures (memory, a row of the wrong length) are
 * remembered and returned by cf_table_print, so that filling needs no checks.
 */
typedef struct cf_table cf_table_t;

CF_API cf_table_t *cf_table_create(const cf_print_options_t *o);        /* new, or NULL */
CF_API void cf_table_destroy(cf_table_t *t);
/* Columns first. right = right-aligned in text. Names are keys in NDJSON. */
CF_API void cf_table_column(cf_table_t *t, const char *name, bool right);
/* A line above the table, only in text with titles. */
CF_API void cf_table_caption(cf_table_t *t, const char *fmt, ...) CF_PRINTF(2, 3);
CF_API void cf_table_cell(cf_table_t *t, const cf_cell_t *c);
CF_API void cf_table_null(cf_table_t *t);
CF_API void cf_table_uint(cf_table_t *t, uint64_t v);
CF_API void cf_table_bool(cf_table_t *t, bool v);
CF_API void cf_table_text(cf_table_t *t, const char *text);             /* NULL = null */
CF_API void cf_table_bytes(cf_table_t *t, const char *s, size_t n);
CF_API void cf_table_time(cf_table_t *t, int64_t ns);
/* v / 10^scale. */
CF_API void cf_table_decimal(cf_table_t *t, uint64_t v, unsigned scale);
CF_API int cf_table_print(cf_table_t *t, cf_buf_t *out) CF_MUST_USE;
/* The same onto a FILE; CF_E_IO when it cannot be written. */
CF_API int cf_table_write(cf_table_t *t, FILE *out, cf_diag_t *d) CF_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
