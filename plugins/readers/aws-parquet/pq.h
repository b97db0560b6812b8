/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private header of the reader. spool.c gives a file that can be sought in, duck.c a query over it,
 * schema.c decides which column of the file is which of ours and writes the query, convert.c turns
 * pieces of the result into vectors, rows.c makes batches of them: checks, rejects, constants.
 */
#ifndef PQ_H
#define PQ_H

#include <cf/plugin.h>
#include <cf/version.h>

#include <aws-vpc/names.h>

#include "duck.h"

#define PQ_PIECE 2048u             /* rows converted at a time */
#define PQ_COLUMNS_MAX 1024u       /* columns of a file */
#define PQ_UNKNOWN_MAX 64u         /* columns of unknown name kept */
#define PQ_MEMO 1024u              /* strings remembered of a column */
#define PQ_HEAVY (24u << 20)       /* bytes of strings that end a batch */

/* String of an earlier row: the same 16 bytes may stand for the same text, which is compared. */
typedef struct pq_memo {
    duck_string_t key;
    uint32_t code;
    uint32_t generation;           /* batch in which code was given */
} pq_memo_t;

typedef struct pq_col {
    const cf_field_t *field;
    char name[64];                 /* as in the file, for messages */
    uint8_t type;                  /* duck_type_t as the query gives it */
    int64_t scale;                 /* times: nanoseconds of a count of 1 */
    int index;                     /* column of the batch, -1 = checked and not kept */
    unsigned rank;
    cf_vec_t *v;                   /* of the batch in hand, or &hidden */
    cf_vec_t hidden;
    pq_memo_t *memo;               /* strings */
    /* of the chunk in hand */
    const void *data;
    const uint64_t *valid;         /* NULL = all rows are */
} pq_col_t;

/* Rows of a chunk on their way into a batch: row i is source row from + sel[i]. */
typedef struct pq_piece {
    uint64_t from;
    uint32_t n;
    uint32_t at;                   /* batch row of row 0 */
    const uint16_t *sel;           /* NULL = every row, sel[i] is i */
} pq_piece_t;

typedef struct pq_fault {
    int8_t code;                   /* CF_R_…, 0 = none */
    uint16_t col;                  /* UINT16_MAX = across columns */
} pq_fault_t;

typedef struct pq {
    const cf_reader_env_t *env;
    const char *library, *tmpdir;  /* settings, or NULL */
    unsigned megabytes;
    bool keep_unknown;
    bool described, selected;      /* what was done so far */
    int error;                     /* comes when the rows before it are given out */
    cf_diag_t diag;
    int fd;
    bool spooled;
    duck_t duck;
    /* columns of the query */
    pq_col_t *cols;
    uint32_t ncols;
    cf_schema_t *schema;
    bool none;                     /* "None" is no value: a writer that makes text of numbers */
    int stime, etime, status, sip, proto, packets, bytes;      /* in cols, -1 = none */
    int c_status, c_provider, c_shape, c_counts, c_bytekind;   /* in the schema, -1 = none */
    /* batch in hand */
    cf_batch_t *batch;
    uint32_t generation;
    void *chunk;                   /* of which rows are left */
    uint64_t chunk_rows, chunk_at;
    uint64_t row;                  /* ordinal of the chunk's next row in the file, from 0 */
    uint64_t skip;
    uint64_t end;                  /* bytes of the input, when all rows were given out */
    uint32_t faults;
    pq_fault_t fault[PQ_PIECE];
    uint16_t sel[PQ_PIECE];
    uint64_t number[PQ_PIECE];
} pq_t;

/*
 * A descriptor of the whole input that can be sought in: the file itself, or a temporary copy
 * (*spooled; then the input is read to its end). CF_E_TRUNC when it is cut.
 */
int pq_file(cf_input_t *in, const char *tmpdir, int *fd, bool *spooled, cf_diag_t *d);
/* Pass over the rest of the input, so that it counts as read. */
int pq_drain(cf_input_t *in, cf_diag_t *d);

/*
 * First look at the file's columns and make the schema of what is wanted; then, when rows are, make
 * the query of what is wanted by now and start it. A diag is needed.
 */
int pq_describe(pq_t *st, cf_diag_t *d);
int pq_select(pq_t *st, cf_diag_t *d);
/* Forget columns and schema. */
void pq_forget(pq_t *st);

static inline uint64_t pq_source(const pq_piece_t *p, uint32_t i)
{
    return p->from + (p->sel != NULL ? p->sel[i] : i);
}

static inline bool pq_valid(const pq_col_t *c, uint64_t row)
{
    return c->valid == NULL || ((c->valid[row >> 6] >> (row & 63)) & 1) != 0;
}

/* The largest number that the field holds. */
static inline uint64_t pq_field_max(const pq_col_t *c)
{
    return c->field->width >= 8 ? UINT64_MAX : (UINT64_C(1) << (8 * c->field->width)) - 1;
}

static inline bool pq_is_null(const cf_vec_t *v, uint32_t row)
{
    return ((v->null[row >> 6] >> (row & 63)) & 1) != 0;
}

static inline void pq_set_null(cf_vec_t *v, uint32_t row)
{
    v->null[row >> 6] |= UINT64_C(1) << (row & 63);
    memset((char *)v->data + (size_t)row * v->width, 0, v->width);
}

/* Column i of the chunk into its vector; what is wrong is noted in st->fault. */
int pq_convert(pq_t *st, uint32_t i, const pq_piece_t *p);
/* The value of a row as text, for messages: at most size bytes, its length. */
size_t pq_show(const pq_col_t *c, uint64_t row, char *out, size_t size);

/* The next rows into st->batch, until it is full or the file ends (CF_EOF). */
int pq_rows(pq_t *st, cf_diag_t *d);

#endif
