/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: parts of the engine that finds rows which tell the same traffic.
 */
#ifndef CFI_DEDUPE_H
#define CFI_DEDUPE_H

#include "join/join.h"

/* ---- pairs.c: rows of one tuple that may have a partner --------------------------------------- */

/* Kinds of partnership; a part of the tuple's word (CFI_WORD_FREE). */
enum { CFI_PAIR_NONE = 0, CFI_PAIR_REPORTER = 1, CFI_PAIR_INTERFACE = 2 };

/* A row, and those found to tell the same. */
typedef struct cfi_pair {
    cfi_tuple_t tuple;
    int64_t stime, etime;      /* of its first row */
    int64_t clock;             /* latest end met when it came: no earlier row ended later */
    uint64_t point;            /* interface: of its first row */
    uint64_t row;              /* the row that is kept */
    uint32_t next;
    uint8_t roles;             /* bit per role that has a row */
    uint8_t role;              /* of the row that is kept; lower is better */
    bool full;                 /* interface: two rows at most */
    bool open;                 /* the kept row waits for a better one */
} cfi_pair_t;

typedef struct cfi_pairs {
    cfi_pair_t *pair[2];
    uint32_t *head[2];
    uint32_t count, limit, mask;
    unsigned young;
    uint64_t seed;
    bool turned;               /* an older generation was forgotten; old is which */
} cfi_pairs_t;

int cfi_pairs_init(cfi_pairs_t *p, uint64_t memory);
void cfi_pairs_fini(cfi_pairs_t *p);
/* Bring near what find will look at: first for many rows, then the second for them. */
void cfi_pairs_prefetch(const cfi_pairs_t *p, uint64_t hash);
void cfi_pairs_prefetch_row(const cfi_pairs_t *p, uint64_t hash);
/* The nearest of the tuple's rows that this one may join; NULL = none. */
cfi_pair_t *cfi_pairs_find(cfi_pairs_t *p, uint64_t hash, const cfi_pair_t *row, int64_t tolerance);
/* Add a row. True when that made the pairs forget a generation (then *old has them, n of them). */
bool cfi_pairs_add(cfi_pairs_t *p, uint64_t hash, const cfi_pair_t *row, const cfi_pair_t **old,
                   uint32_t *n);

/* ---- held.c: rows that wait, in input order ---------------------------------------------------- */

typedef struct cfi_held {
    cf_batch_t *batch;         /* with the column dup */
    uint8_t *dup;              /* its data */
    uint64_t first;            /* ordinal of its first row */
    uint64_t bytes;
    uint64_t open;             /* rows whose fate is open */
    int64_t latest;            /* their latest end */
    struct cfi_held *next;
} cfi_held_t;

typedef struct cfi_queue {
    cfi_held_t *head, *tail;
    cfi_held_t *spare;         /* one, to be used again */
    uint64_t bytes;
} cfi_queue_t;

/* Append a copy of the batch, whose last column is dup. */
int cfi_queue_put(cfi_queue_t *q, const cf_batch_t *b, uint64_t first, uint64_t open, int64_t latest);
/* The entry that has the row; NULL when it is out. */
cfi_held_t *cfi_queue_find(cfi_queue_t *q, uint64_t row);
void cfi_queue_drop_head(cfi_queue_t *q);
void cfi_queue_fini(cfi_queue_t *q);

#endif
