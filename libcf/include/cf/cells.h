/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From texts to columns, for readers. A row of texts (the values of a delimited line, the members
 * of a JSON record) becomes typed cells as declared column by column; a function of the reader may
 * look at the cells and change them; then the row goes into the batch, or is rejected as a whole
 * with a sentence. The table does the counting, what is wanted, rows to leave out, and the cached
 * codes of repeated strings. cf/delim.h cuts lines into texts.
 */
#ifndef CF_CELLS_H
#define CF_CELLS_H

#include <cf/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cf_text {
    const char *s;             /* NULL = there is no such value */
    size_t n;
} cf_text_t;

/* ---- local times -------------------------------------------------------------------------- */

/*
 * A time zone for times that are written without one: "UTC", "+01:00", "-0530", or a name of the
 * system's zone files ("Europe/Prague"). CF_E_USAGE with a sentence when there is no such zone.
 */
typedef struct cf_zone cf_zone_t;
CF_API int cf_zone_open(cf_zone_t **z, const char *name, cf_diag_t *d) CF_MUST_USE;
CF_API void cf_zone_close(cf_zone_t *z);       /* accepts NULL */
/*
 * Seconds since 1970 for a local time counted as if it were UTC; z NULL = UTC. An hour that occurs
 * twice is taken as the first; one that does not occur, as if the clock had not been moved yet.
 */
CF_API int64_t cf_zone_utc(const cf_zone_t *z, int64_t local);

/* ---- cells -------------------------------------------------------------------------------- */

/* How a text is read. Units are declared and never guessed. */
typedef enum cf_as {
    CF_AS_NONE = 0,            /* not looked at */
    CF_AS_UINT = 1,            /* digits, ".0" behind them allowed; at most max */
    CF_AS_ADDR = 2,
    CF_AS_PROTO = 3,           /* protocol by name or number */
    CF_AS_FLAGS = 4,           /* letters FSRPAUEC with dots between, "-" none, 0x…, or digits */
    CF_AS_HEXFLAGS = 5,        /* hexadecimal, 0x allowed */
    CF_AS_WORD = 6,            /* words of the field, and those of .words; a number has .words */
    CF_AS_STRING = 7,
    CF_AS_UNIQUE = 8,          /* string that hardly repeats: never looked up */
    CF_AS_ISO = 9,             /* ISO 8601 date and time; without offset in the table's zone */
    CF_AS_SECONDS = 10,        /* times since 1970, and durations: a number with fraction */
    CF_AS_MILLIS = 11,
    CF_AS_MICROS = 12,
    CF_AS_NANOS = 13,
    CF_AS_PATTERN = 14,        /* .pattern as strptime(3): %Y %m %d %e %b %y %H %I %M %S %f %p %z %s %F %T %% */
    CF_AS_LENGTH = 15          /* duration with units, "1h30m"; a plain number is seconds */
} cf_as_t;

typedef struct cf_cell {
    union {
        uint64_t u;            /* numbers, protocol, flags, code of a word */
        int64_t t;             /* times and durations in ns */
        cf_addr_t a;
        cf_text_t s;
    } v;
    bool null;
} cf_cell_t;

typedef struct cf_word {
    const char *text;          /* any case; NULL ends a list */
    uint8_t code;
} cf_word_t;

typedef struct cf_column {
    const cf_field_t *field;   /* where it goes; NULL = only the row function wants it */
    const char *name;          /* as the source calls it, for messages; copied */
    cf_as_t as;
    /* which text of a row; -1 = none: the cell is null until the row function fills it */
    int from;
    uint64_t max;              /* CF_AS_UINT; 0 = what the field holds */
    const char *pattern;       /* CF_AS_PATTERN; copied */
    const cf_word_t *words;    /* CF_AS_WORD: further spellings; borrowed */
    bool lenient;              /* a text that cannot be read is absent and no fault of the row */
} cf_column_t;

/* Where a row stands, for messages. */
typedef struct cf_place {
    uint64_t line;             /* 0 = unknown */
    uint64_t offset;
    cf_text_t text;            /* the row, for its excerpt */
} cf_place_t;

/*
 * Last look at a row: may change cells. A record error rejects the row, with *why as the sentence
 * (static or living in ctx). CF_EOF: the row is none, nothing is counted.
 */
typedef int (*cf_row_fn)(void *ctx, cf_cell_t *cells, const char **why);

typedef struct cf_cells_options {
    const char *const *nulls;  /* texts that mean absent, NULL-ended; the empty text always does */
    const cf_zone_t *zone;     /* borrowed */
    cf_row_fn row;             /* or NULL */
    void *ctx;
    uint64_t *skip;            /* rows still to leave out, shared by tables of one input; or NULL */
} cf_cells_options_t;

typedef struct cf_cells cf_cells_t;

/* New table without columns; env is borrowed, options are copied except what they point to. */
CF_API int cf_cells_create(cf_cells_t **t, const cf_reader_env_t *env, const cf_cells_options_t *o,
                           cf_diag_t *d) CF_MUST_USE;
CF_API void cf_cells_destroy(cf_cells_t *t);   /* accepts NULL */
/*
 * One more column: the number of its cell, counted from 0. CF_E_FIELD: the field has a column
 * already, or cannot hold what the text is read as; CF_E_USAGE: the pattern is no pattern;
 * CF_E_LIMIT, CF_E_NOMEM.
 */
CF_API int cf_cells_column(cf_cells_t *t, const cf_column_t *c) CF_MUST_USE;
/*
 * A column for a name that no field has: kept as text under a legal form of the name, with prefix_
 * before it where that would be another field. CF_OK: there are too many of them, it is left out.
 */
CF_API int cf_cells_unknown(cf_cells_t *t, const char *name, size_t n, const char *prefix,
                            int from) CF_MUST_USE;
/* Every row has this value; the text is parsed like a value of the field. Errors as above. */
CF_API int cf_cells_constant(cf_cells_t *t, const cf_field_t *f, const char *text, cf_as_t as) CF_MUST_USE;
/* How the texts of a field are read when nothing else is said: CF_AS_ISO for a time. */
CF_API cf_as_t cf_cells_usual(const cf_field_t *f);

/* Take the batch in hand; columns are complete. */
CF_API int cf_cells_begin(cf_cells_t *t, cf_batch_t *b, cf_diag_t *d) CF_MUST_USE;
/* A row: kept, rejected or left out, and counted. Its texts are not needed any more afterwards. */
CF_API int cf_cells_row(cf_cells_t *t, const cf_text_t *texts, uint32_t n, const cf_place_t *place,
                        cf_diag_t *d) CF_MUST_USE;
/* The batch has to be given out. */
CF_API bool cf_cells_full(const cf_cells_t *t);
/* Rows are in. */
CF_API int cf_cells_end(cf_cells_t *t, cf_diag_t *d) CF_MUST_USE;
/* A row that did not come as far as texts. */
CF_API void cf_cells_reject(const cf_reader_env_t *env, uint64_t *skip, int code, const cf_place_t *place,
                            const char *fmt, ...) CF_PRINTF(5, 6);

#ifdef __cplusplus
}
#endif
#endif
