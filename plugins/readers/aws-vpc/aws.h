/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private header of the reader. The way of a line: lines.c finds it (text) or unwrap.c takes it out
 * of JSON; index.c marks its delimiters; columns.c turns runs of regular lines into vectors, one
 * column after the other; exact.c does a single line or value slowly and has the last word on what
 * is wrong with it; format.c knows which value belongs to which column. All state hangs on aws_t,
 * which belongs to one input.
 */
#ifndef AWS_H
#define AWS_H

#include <string.h>

#include <cf/plugin.h>
#include <cf/version.h>

#include "names.h"

#define AWS_LINE_MAX 65535u        /* longer lines are rejected */
#define AWS_VALUES_MAX 512u        /* values of a line */
#define AWS_UNKNOWN_MAX 64u        /* fields of unknown name kept from one input */
#define AWS_BLOCK 32768u           /* bytes of text indexed at a time */
#define AWS_BLOCK_ROWS 1024u
#define AWS_PAD 64u                /* bytes readable behind the last fast row */

#define AWS_NO_FORMAT \
    "no header line, and not the default format: give the flow log's format with " \
    "--set format='${version} ${account-id} ...'"

/* ---- format: which value goes where ----------------------------------------------------- */

typedef enum aws_op {
    AWS_SKIP = 0,                  /* value is not kept and cannot be wrong */
    AWS_UINT8, AWS_UINT16, AWS_UINT32, AWS_UINT64,
    AWS_TIME,                      /* whole seconds since 1970 */
    AWS_ADDR,
    AWS_WORD,                      /* enumeration */
    AWS_STRING
} aws_op_t;

/*
 * Remembers where a string of this column stands in the dictionary; entries of older batches are
 * ignored.
 */
typedef struct aws_memo {
    uint64_t a, b, c;              /* first, last and second eight bytes */
    uint32_t tag;                  /* generation and length */
    uint32_t code;
} aws_memo_t;
#define AWS_MEMO_BITS 10

typedef struct aws_col {
    uint8_t op;                    /* aws_op_t */
    const cf_field_t *field;
    char name[64];                 /* as the log writes it, for messages */
    int index;                     /* column in the schema, -1 = not wanted */
    /* values of the batch under construction: a batch column or hidden */
    cf_vec_t *v;
    cf_vec_t hidden;               /* for columns that must be checked and are not wanted */
    aws_memo_t *memo;              /* strings */
    uint64_t word[4];              /* enumerations: small letters of the words */
    unsigned words;
} aws_col_t;

typedef struct aws_format {
    uint32_t n;                    /* values of a line */
    char sep;
    bool object;                   /* of JSON objects: no line has it */
    aws_col_t *cols;
    cf_schema_t *schema;
    /* values of that meaning, -1 = none */
    int stime, etime, status, sip, proto, packets, bytes;
    /* a value that never looks like a field's name in a row, -1 = none */
    int marker;
    int c_status;                  /* schema column of logstatus when the log has none */
    int c_provider, c_shape, c_counts, c_bytekind;             /* schema columns, -1 = not wanted */
    uint32_t nstrings;
} aws_format_t;

/* Piece of a line. */
typedef struct aws_span {
    const char *s;
    size_t n;
} aws_span_t;

/*
 * Cut a line: blanks in a row count once when sep is a blank; quotes around a value go. Number of
 * values, or -1 when there are more than max.
 */
int aws_split(const char *s, size_t n, char sep, aws_span_t *out, uint32_t max);
/* Does the line hold field names? Then *sep is what stands between them. */
bool aws_is_header(const char *s, size_t n, char *sep);
/* Values of the default formats. */
extern const char aws_default_v2[];
extern const char aws_default_tgw[];
/*
 * Is there a time like 2026-01-02T03:04:05.000Z and a blank before the record? Bytes to leave out.
 */
size_t aws_export_prefix(const char *s, size_t n);

typedef struct aws aws_t;

/*
 * New format from names with their separator ("${name}" is taken for name). CF_E_FORMAT, CF_E_FIELD
 * or CF_E_NOMEM.
 */
int aws_format_create(aws_format_t **out, aws_t *st, const char *names, size_t n, char sep,
                      cf_diag_t *d);
void aws_format_destroy(aws_format_t *f);
/* Same values in the same order. */
bool aws_format_equal(const aws_format_t *a, const aws_format_t *b);

/* ---- delimiters -------------------------------------------------------------------------- */

typedef struct aws_index {
    uint32_t rows;                 /* complete lines found */
    uint32_t bytes;                /* their length together */
    uint16_t end[AWS_BLOCK_ROWS + 64];     /* place in d of each line's LF */
    uint8_t odd[AWS_BLOCK_ROWS + 65];      /* line has bytes that need a second look */
    /* offsets of separators and LFs; d[0] is the one before the text, 65535 */
    uint16_t d[AWS_BLOCK + 128];
} aws_index_t;

/* Index the lines of p[0 .. n); n at most AWS_BLOCK, at most max lines (AWS_BLOCK_ROWS). */
void aws_index(aws_index_t *x, const char *p, uint32_t n, char sep, uint32_t max);
/* The two ways of doing it, for tests; the first may only be called where it can run. */
void aws_index_avx2(aws_index_t *x, const char *p, uint32_t n, char sep, uint32_t max);
void aws_index_plain(aws_index_t *x, const char *p, uint32_t n, char sep, uint32_t max);
bool aws_has_avx2(void);

/*
 * Octets of a dotted quad by the places of its dots: bits of the dots and of the end, times
 * AWS_QUAD_HASH, topmost eight bits, are another number for each of the 81 (found by search).
 */
#define AWS_QUAD_HASH UINT32_C(0xcf77b1)
typedef struct aws_quad {
    uint8_t shuffle[16];           /* places of hundreds, tens and ones of each octet */
    uint32_t least[4];             /* least octet of so many digits */
    uint32_t mask;                 /* 0 = no quad has this number */
    uint32_t fill[7];
} aws_quad_t;

/* ---- rows -------------------------------------------------------------------------------- */

/* Lines r = 0 .. n - 1 become rows first + r of the batch. */
typedef struct aws_run {
    const char *p;                 /* text that offsets count from */
    const uint16_t *d;
    const uint16_t *end;           /* place in d of each line's LF */
    uint32_t values;               /* in a line, with the export prefix */
    uint32_t skip;                 /* 1 = the first value is the export prefix */
    uint32_t cr;                   /* 1 = lines end in CR LF */
    uint32_t first, n;
    uint64_t line;                 /* number of the first line */
    uint64_t offset;               /* of p in the input */
} aws_run_t;

typedef struct aws_fault {
    int8_t code;                   /* CF_R_…, 0 = none */
    uint16_t col;
} aws_fault_t;

struct aws {
    const cf_reader_env_t *env;
    bool keep_unknown;
    unsigned unknown;              /* fields of unknown name met */
    bool avx2;
    /* format in force; NULL until known */
    aws_format_t *format;
    uint32_t refused;              /* lines rejected for want of a format */
    /* batch under construction; NULL outside of read */
    cf_batch_t *batch;
    bool begun;                    /* vectors are prepared for the format */
    bool heavy;                    /* its strings are many: give it out before it is full */
    int error;                     /* comes when the rows before it are given out */
    cf_diag_t diag;
    uint32_t generation;           /* of memos */
    /* place */
    uint64_t line;                 /* lines passed */
    bool started;
    bool json;
    bool prefix;                   /* lines of an export task */
    bool cr;                       /* lines end in CR LF */
    /* where a later run goes on */
    uint64_t skip;                 /* rows to leave out */
    uint64_t complete;             /* text: end of the last complete line */
    uint64_t head;                 /* text: line that the format is known from, its bytes with LF */
    uint64_t head_len;
    bool head_is_row;              /* it is the first row of a default format */
    bool declared;                 /* format by setting */
    bool header_in_json;
    uint64_t begun_with;           /* JSON: rows met before the element begun last */
    struct aws_unwrap *unwrap;     /* JSON */
    void *held;                    /* its item that found no room in the last batch */
    bool holding;
    aws_format_t *other;           /* format of lines while objects come, and the other way round */
    aws_index_t index;
    aws_fault_t fault[AWS_BLOCK_ROWS];     /* of the run's rows; all 0 when faults is 0 */
    uint32_t faults;
    uint16_t odd[AWS_BLOCK_ROWS + 1];      /* rows of the run to be settled by the exact way */
    aws_quad_t *quads;             /* 256, aligned */
    aws_span_t values[AWS_VALUES_MAX + 1];
};

static inline uint64_t aws_load8(const char *s)
{
    uint64_t w;

    memcpy(&w, s, sizeof w);
    return w;
}

/* Is this row one to leave out, kept or rejected? */
static inline bool aws_skipped(aws_t *st)
{
    if (st->skip == 0)
        return false;
    st->skip--;
    return true;
}

/* Rows met, with those left out. */
static inline uint64_t aws_met(const aws_t *st)
{
    return st->env->account->rows_read + (st->env->skip - st->skip);
}

/* Take the batch in hand and prepare its vectors for the format; rows follow. */
int aws_begin(aws_t *st, cf_batch_t *batch, cf_diag_t *d);
/* Rows are in: constants, null counts. */
int aws_finish(aws_t *st, cf_diag_t *d);

/* Value n of column c into row; '-' makes it null. CF_OK, a record error, or a stream error. */
int aws_set(aws_t *st, uint32_t c, uint32_t row, const char *s, size_t n);
/* Checks across columns of rows first .. first + n; faults are noted for rows without one. */
void aws_check_rows(aws_t *st, uint32_t first, uint32_t n);
/* Report what is wrong with value c. */
void aws_reject(aws_t *st, int code, uint32_t c, aws_span_t value, uint64_t line, uint64_t offset,
                aws_span_t row);
/* Count rows first .. first + n, all good now, and make them part of the batch. */
void aws_keep(aws_t *st, uint32_t first, uint32_t n);
/* values (as many as the format has) into the next row, or reject them. CF_OK or a stream error. */
int aws_row(aws_t *st, const aws_span_t *values, aws_span_t row, uint64_t line, uint64_t offset,
            cf_diag_t *d);
/* A run of regular lines; faulty ones are rejected and leave no hole. */
int aws_columns(aws_t *st, const aws_run_t *run, cf_diag_t *d);

/*
 * One line, whatever it is. CF_OK: done. CF_EOF: nothing done, the batch has to be given out first
 * (full, or the format changes) and the line given again. Else a stream error.
 */
int aws_line(aws_t *st, const char *s, size_t n, uint64_t line, uint64_t offset, cf_diag_t *d);
/* Lines of a text input until the batch is full or the input ends (CF_EOF). */
int aws_text(aws_t *st, cf_input_t *in, cf_diag_t *d);
/* The same of JSON. */
int aws_json(aws_t *st, cf_input_t *in, cf_diag_t *d);
void aws_unwrap_destroy(struct aws_unwrap *u);
/*
 * The element begun last: of the first array that gives records, else a value of the top level.
 */
void aws_unwrap_place(const struct aws_unwrap *u, cf_cursor_t *c);
/* Row made of names and values; the format grows with names. */
int aws_object(aws_t *st, const aws_span_t *names, const aws_span_t *values, uint32_t n,
               uint64_t offset, cf_diag_t *d);

int aws_probe(const cf_probe_t *p);

#endif
