/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: parts of the engine that joins rows to flows.
 *
 *   parts.c    what a row is to its flow: begin, part, end, or a flow of its own
 *   open.c     open flows by key, and parts that wait for their turn
 *   apply.c    a part joins its flow, or begins the next one
 *   opener.c   who began, and on what evidence
 *   carry.c    the rows whose other columns the flows will show
 *   give.c     finished flows in order of their start
 *   build.c    flows as batches
 *   stitch.c   the engine: clocks, memory, sums
 *
 * A row becomes a part, which waits in the list of its key until no earlier one can come (reorder);
 * so parts are applied in order of time whatever order the log has. What the flow shows of columns
 * that are not computed is the row of its first part, in carry.c.
 */
#ifndef CFI_STITCH_H
#define CFI_STITCH_H

#include "join/join.h"

/* ---- pools: numbered things that do not move --------------------------------------------------- */

#define CFI_POOL_BLOCK 1024u
#define CFI_NONE UINT32_MAX

typedef struct cfi_things {
    size_t size;               /* of one */
    char **blocks;
    uint32_t nblocks, blocks_size;
    uint32_t made;             /* handed out so far, not counting used again */
    uint32_t free;             /* first of the free ones; their first word is the next */
    uint32_t count;            /* in use */
} cfi_things_t;

static inline void *cfi_thing(const cfi_things_t *p, uint32_t i)
{
    return p->blocks[i / CFI_POOL_BLOCK] + (size_t)(i % CFI_POOL_BLOCK) * p->size;
}

/* CFI_NONE without memory. Content is zero. */
uint32_t cfi_things_new(cfi_things_t *p);
void cfi_things_free(cfi_things_t *p, uint32_t i);
void cfi_things_fini(cfi_things_t *p);

/* ---- carried rows ------------------------------------------------------------------------------ */

typedef struct cfi_ref {
    uint32_t chunk, row;       /* chunk CFI_NONE = no row */
} cfi_ref_t;

typedef struct cfi_chunk {
    cf_batch_t *batch;         /* NULL = the number is free */
    uint32_t live;             /* rows that are still referred to */
    uint64_t bytes;
    int *index;                /* column of each column of the output, or -1; for version */
    uint32_t version;
    uint32_t *map, *stamp;     /* codes of a dictionary in the output; map is good where stamp is now */
    uint32_t map_size;
    uint32_t mapped;           /* rows there were when map was made */
    uint64_t *keep;            /* while compacting: rows to keep, and where they go */
    cfi_ref_t *moved;
} cfi_chunk_t;

typedef struct cfi_carry {
    cfi_chunk_t *chunk;
    uint32_t count, size;
    uint32_t current;          /* being filled, or CFI_NONE */
    uint32_t full;             /* a chunk with so many rows takes no more */
    uint64_t bytes;
} cfi_carry_t;

/* Where the rows of a batch went: rows below split to the first, the others to the second place. */
typedef struct cfi_placed {
    cfi_ref_t at[2];
    uint32_t split;
} cfi_placed_t;

void cfi_carry_init(cfi_carry_t *c, uint64_t memory);
void cfi_carry_fini(cfi_carry_t *c);
/* Copies of all rows, each live. */
int cfi_carry_put(cfi_carry_t *c, const cf_batch_t *b, cfi_placed_t *p);
static inline cfi_ref_t cfi_placed(const cfi_placed_t *p, uint32_t row)
{
    cfi_ref_t r = p->at[row >= p->split];

    r.row += row >= p->split ? row - p->split : row;
    return r;
}
void cfi_carry_drop(cfi_carry_t *c, cfi_ref_t r);
/* Is half of what is held dead, and is it worth while? */
bool cfi_carry_wants_compaction(const cfi_carry_t *c, uint64_t least);
/* Begin; then keep for each row in use; then move; then moved for each; then end. */
int cfi_carry_compact_begin(cfi_carry_t *c);
void cfi_carry_keep(cfi_carry_t *c, cfi_ref_t r);
int cfi_carry_move(cfi_carry_t *c);
cfi_ref_t cfi_carry_moved(const cfi_carry_t *c, cfi_ref_t r);
void cfi_carry_compact_end(cfi_carry_t *c);

/* ---- parts and flows --------------------------------------------------------------------------- */

/* What a row is to its flow; the order at one instant. */
typedef enum cfi_kind { CFI_BEGIN = 0, CFI_PART = 1, CFI_END = 2, CFI_WINDOW = 3, CFI_OWN = 4, CFI_RAW = 5 } cfi_kind_t;

enum { CFI_PACKETS_N, CFI_BYTES_N, CFI_RPACKETS_N, CFI_RBYTES_N, CFI_N };

typedef struct cfi_part {
    int64_t stime, etime;
    uint64_t n[CFI_N];         /* counters, in the direction of the key */
    cfi_ref_t ref;
    uint32_t next;
    uint32_t parts;            /* rows that it stands for */
    uint16_t flags[2];         /* TCP, in the direction of the key and back */
    uint16_t sflags;           /* of the first packet */
    uint8_t known;             /* bit per counter; */
    uint8_t kind;
    uint8_t complete;          /* CFI_OWN: CF_COMPLETE_…; CFI_RAW: 255 */
    bool has_flags[2], has_sflags;
    bool late;                 /* came further behind its clock than is waited */
    bool back;                 /* runs against the key's direction */
} cfi_part_t;

/* Bits of what was seen of a flow. */
enum { CFI_SAW_BEGIN = 1, CFI_SAW_END = 2, CFI_SAW_EVENTS = 4, CFI_SAW_FLAGS = 8 };

typedef struct cfi_flow {
    cfi_tuple_t tuple;         /* of the key */
    uint64_t point, rule;
    int64_t first, last;
    uint64_t n[CFI_N];
    cfi_ref_t ref[2];          /* its first row in the key's direction, and back */
    int64_t start[2];          /* earliest start in each direction, where there is a ref */
    uint32_t parts;
    uint16_t flags[2], sflags[2];
    uint8_t has_flags, has_sflags;     /* bit per direction */
    uint8_t known, saw;
    uint8_t complete;          /* CF_COMPLETE_…, 255 = null */
    uint8_t opener, openby;
    uint8_t kind;              /* CFI_OWN, CFI_RAW, else joined */
    bool swap;                 /* the output runs back to the key */
    bool mirror;               /* the carried row runs back to the output */
    uint32_t carried;          /* which ref is shown */
} cfi_flow_t;

typedef struct cfi_open {
    cfi_flow_t now;            /* the flow that parts join; has tuple, point and rule also without */
    uint64_t hash;
    int64_t latest;            /* latest time of its parts */
    int64_t applied;           /* start of the last part applied */
    uint32_t chain, older, younger;    /* same place in the table; by last use */
    uint32_t part, nparts;     /* waiting, by time */
    uint32_t clock;            /* of its interface */
    bool has;                  /* now is a flow */
} cfi_open_t;

typedef struct cfi_opens {
    cfi_things_t open, parts;
    uint32_t *head;
    uint32_t mask;
    uint32_t oldest, youngest;
} cfi_opens_t;

int cfi_opens_init(cfi_opens_t *o);
void cfi_opens_fini(cfi_opens_t *o);
void cfi_opens_prefetch(const cfi_opens_t *o, uint64_t hash);
void cfi_opens_prefetch_row(const cfi_opens_t *o, uint64_t hash);
void cfi_opens_prefetch_next(const cfi_opens_t *o, uint32_t number);
/* The key's place, made when new; it becomes the youngest. NULL without memory. */
cfi_open_t *cfi_opens_get(cfi_opens_t *o, const cfi_tuple_t *t, uint64_t point, uint64_t rule,
                          uint64_t hash, uint32_t *number);
void cfi_opens_remove(cfi_opens_t *o, uint32_t number);
/* Put a part in its place in the list. */
void cfi_open_insert(cfi_opens_t *o, cfi_open_t *e, uint32_t part);

/* ---- the engine -------------------------------------------------------------------------------- */

typedef struct cfi_clock {
    uint64_t point;
    int64_t at;
} cfi_clock_t;

#define CFI_CLOCKS 65536u      /* interfaces with a clock of their own */

typedef struct cfi_sorted {
    int64_t first;
    uint64_t second;           /* to decide most ties without a look at the flow */
    const cfi_flow_t *flow;
    uint32_t number;
} cfi_sorted_t;

#define CFI_OTHERS 32u         /* counters beside the four */

/* How a column of the output is made, when not just carried. */
typedef enum cfi_special {
    CFI_CARRIED, CFI_S_STIME, CFI_S_ETIME, CFI_S_N, CFI_S_FLAGS = CFI_S_N + CFI_N, CFI_S_RFLAGS,
    CFI_S_STATE, CFI_S_SHAPE, CFI_S_COUNTS, CFI_S_DIRECTION, CFI_S_REPORTER, CFI_S_PARTS,
    CFI_S_COMPLETE, CFI_S_OPENER, CFI_S_OPENBY
} cfi_special_t;

typedef struct cfi_outcol {
    cfi_special_t special;
    uint32_t mirror;           /* the column that has its value in a row that runs back; or CFI_NONE */
} cfi_outcol_t;

struct cf_stitch {
    cf_stitch_options_t o;
    cfi_cols_t cols;
    cfi_keys_t keys;
    uint64_t seed;
    cfi_opens_t opens;
    cfi_carry_t carry;
    cfi_things_t done;         /* flows that are finished */
    uint32_t *finished;        /* their numbers */
    size_t nfinished, finished_size;
    cfi_clock_t *clocks;       /* CFI_CLOCKS * 2 places by hash, and one behind for all others */
    uint32_t nclocks;
    uint32_t last_clock;
    int64_t clock;             /* latest start of all */
    bool disordered;           /* rows come far behind the clock: interfaces one after the other */
    int64_t given;             /* start of the last flow given out */
    cf_schema_t *in, *schema;  /* of the last batch, of the output */
    uint32_t version;          /* of the output's schema */
    cfi_outcol_t *outcol;
    cf_batch_t *out;
    uint32_t stamp;            /* of the column being made */
    struct cfi_cell *cells;    /* the carried rows of a batch being made */
    const cf_field_t *others[CFI_OTHERS];
    uint32_t nothers;
    cf_stitch_summary_t sum;
};

/* parts.c: rows of the chunk of keys, from row on; in the direction of their key afterwards. */
void cfi_part_of(const cf_stitch_t *e, uint32_t row, uint32_t i, cfi_part_t *p, cfi_tuple_t *t, uint64_t *rule);

/* apply.c */
int cfi_apply(cf_stitch_t *e, cfi_open_t *k, uint32_t part);
/* Finish the key's flow, if there is one. */
int cfi_close(cf_stitch_t *e, cfi_open_t *k, bool cut);
/* A flow of one row that joins nothing. */
int cfi_own(cf_stitch_t *e, const cfi_part_t *p, const cfi_tuple_t *t, uint64_t point, uint64_t rule);

/* opener.c */
void cfi_orient(const cf_stitch_t *e, cfi_flow_t *f);

/* give.c: give out finished flows: those that start before low, in order. */
int cfi_give(cf_stitch_t *e, int64_t low, size_t least, cf_diag_t *d);

/* build.c */
int cfi_build_schema(cf_stitch_t *e, const cf_schema_t *in);
int cfi_build(cf_stitch_t *e, const cfi_sorted_t *s, uint32_t n);
/* Counters that are not among the four, from one carried row to another. */
void cfi_add_others(cf_stitch_t *e, cfi_ref_t to, cfi_ref_t from);

#endif
