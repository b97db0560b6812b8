/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private header of the readers azure-nsg and azure-vnet, which are one reader with two faces
 * (nsg.c, vnet.c): both logs are JSON records around arrays of tuples, and a message of Event Hub
 * may hold both. The way of a tuple: walk.c goes through the JSON and knows in which record, group
 * and array it is; run.c takes the tuples of an array, fast.c several at once where the processor
 * can, exact.c one, with the last word on what is wrong with it; rows.c keeps the batches and puts
 * the texts of groups and records beside their rows, which may come before them or after. All state
 * hangs on az_t, which belongs to one input.
 */
#ifndef AZURE_H
#define AZURE_H

#include <string.h>

#include <cf/json.h>
#include <cf/plugin.h>
#include <cf/version.h>

#define AZ_TEXT_MAX 4096u          /* bytes of a rule, identifier or path */
#define AZ_ARENA_MAX (1u << 20)    /* bytes of all such texts of one record that are known so far */
#define AZ_HELD_MAX 4u             /* batches that wait for the texts of their record */
#define AZ_HEAVY (4u << 20)        /* bytes of texts of one column, then the batch is given out */
#define AZ_TUPLE_PAD 192u          /* bytes readable from a tuple's begin on in the fast way */

typedef struct az_span {
    const char *s;
    size_t n;                      /* 0 = not there */
} az_span_t;

/* ---- columns ------------------------------------------------------------------------------ */

enum az_column {
    AZ_STIME, AZ_SIP, AZ_DIP, AZ_SPORT, AZ_DPORT, AZ_PROTO, AZ_PACKETS, AZ_BYTES, AZ_RPACKETS,
    AZ_RBYTES, AZ_ACTION, AZ_STATE, AZ_DIRECTION,
    /* texts of tuples */
    AZ_ENCRYPTION, AZ_REASON,
    /* texts of groups and records */
    AZ_RULE, AZ_ACL, AZ_IFACE, AZ_RESOURCE, AZ_ACCOUNT, AZ_REGION, AZ_VPC, AZ_SUBNET,
    /* the same in all rows */
    AZ_PROVIDER, AZ_SHAPE, AZ_COUNTS, AZ_BYTEKIND,
    AZ_COLUMNS
};
#define AZ_NUMBERS AZ_ENCRYPTION   /* the columns before it are no texts */

/* Columns that records of a kind can fill. NSG records lack some of those of VNet records. */
typedef struct az_layout {
    cf_schema_t *schema;
    int col[AZ_COLUMNS];           /* in the schema; -1 = not wanted, or not in this layout */
} az_layout_t;
enum { AZ_LAYOUT_NSG = 0, AZ_LAYOUT_VNET = 1 };

/* Encryption as the provider writes it; others may come. The last ones say that it was dropped. */
enum { AZ_PASSED = 5, AZ_WORDS = 8 };
extern const az_span_t az_word[AZ_WORDS];

/* A batch of ours: filled here, then swapped with the host's. */
typedef struct az_batch {
    cf_batch_t *b;
    uint64_t first;                /* ordinal of its first row in the input */
    uint8_t layout;
    bool heavy;
    uint32_t serial;               /* of the batches of this input */
    cf_vec_t *v[AZ_COLUMNS];       /* its vectors, hidden ones for numbers not wanted, or NULL */
    uint32_t word[AZ_WORDS];       /* codes of az_word in its dictionary; UINT32_MAX = not known */
} az_batch_t;

/* ---- tuples ------------------------------------------------------------------------------- */

/* Which log writes such tuples. */
typedef enum az_kind { AZ_NONE = 0, AZ_NSG1, AZ_NSG2, AZ_VNET } az_kind_t;

typedef struct az_counter {
    bool set;
    uint64_t value;
} az_counter_t;

typedef struct az_tuple {
    az_kind_t kind;
    int64_t ns;
    cf_addr_t sip, dip;
    uint16_t sport, dport;
    uint8_t proto, direction, action;
    bool has_state;
    uint8_t state;
    const char *encryption;        /* in the tuple's text; NULL = the log does not tell */
    uint32_t encryption_len;
    bool dropped;                  /* for want of encryption */
    az_counter_t count[4];         /* packets, bytes, and those of the other direction */
} az_tuple_t;

/*
 * One tuple. CF_OK, or a record error with a sentence in why (of size bytes). *t points into the
 * text.
 */
int az_exact(const char *s, size_t n, az_tuple_t *t, char *why, size_t size);
/* Which log writes tuples that look like this? Only a guess at the form, AZ_NONE = no tuple. */
az_kind_t az_kind(const char *s, size_t n);

/* Octets of a dotted quad by the lengths of its four numbers (fast.c). */
typedef struct az_quad {
    uint8_t shuffle[16];           /* places of hundreds, tens and ones of each octet */
    uint32_t least[4];             /* least octet of so many digits */
} az_quad_t;

/* ---- where in the document ---------------------------------------------------------------- */

typedef enum az_role {
    AZ_RECORD = 1,                 /* object that is, or may be, a record */
    AZ_PART,                       /* object within a record */
    AZ_RECORDS,                    /* array of records */
    AZ_PARTS,                      /* array within a record */
    AZ_TUPLES                      /* array of tuples */
} az_role_t;

/* Texts that an object can tell of the rows within it. */
enum az_text { AZ_T_RULE, AZ_T_ACL, AZ_T_MAC, AZ_T_RESOURCE, AZ_T_TARGET, AZ_T_FLOWLOG, AZ_TEXTS };

typedef struct az_scope {
    uint8_t role;                  /* az_role_t */
    uint8_t key;                   /* last key of an object (walk.c) */
    bool flows;                    /* record that has flows */
    bool wrapper;                  /* object that has records */
    uint64_t first;                /* first row of its own that is still without its texts */
    uint64_t offset;               /* of its first byte */
    size_t arena;                  /* bytes of the arena that belong to those around it */
    struct {
        size_t at;                 /* in the arena */
        uint32_t n;
        bool set;
    } text[AZ_TEXTS];
} az_scope_t;

/*
 * What a text was told to be in the columns of a batch: records repeat the texts of the one before,
 * so they are coded once a batch.
 */
typedef struct az_memo {
    uint32_t batch;                /* its serial; 0 = nothing */
    uint32_t n;
    uint32_t count;                /* columns */
    uint8_t col[5];
    uint32_t code[5];
    char text[AZ_TEXT_MAX];
} az_memo_t;

typedef struct az {
    const cf_reader_env_t *env;
    az_kind_t face;                /* AZ_NSG2 or AZ_VNET */
    cf_input_t *in;                /* borrowed; NULL = not begun */
    cf_json_t *json;
    bool avx2;
    const az_quad_t *quads;        /* 256, aligned */
    /* walk */
    az_scope_t scope[CF_JSON_DEPTH_MAX];
    uint32_t depth;                /* scopes in force */
    cf_buf_t arena;
    bool in_tuples;
    bool jumped;                   /* the next object is one found behind a fault */
    uint32_t record_depth, wrapper_depth;  /* containers around the last record, the last wrapper */
    bool seen_record;
    az_kind_t kind;                /* of the last tuple */
    uint64_t skip;                 /* rows still to be left out */
    int ended;                     /* CF_OK, CF_EOF or an error that comes behind the rows */
    cf_diag_t diag;
    /* batches, oldest first; the last is filled */
    az_layout_t layout[2];
    uint8_t use;                   /* AZ_LAYOUT_…, for the next batch */
    az_batch_t held[AZ_HELD_MAX + 1];
    uint32_t nheld;
    uint32_t serial;               /* batches begun */
    cf_vec_t hidden[AZ_NUMBERS];
    az_memo_t memo[AZ_TEXTS];
    az_memo_t *noting;             /* the one that codes are noted in */
    /* place, for the cursor */
    uint64_t value_at;             /* offset of the last top-level value */
    uint64_t value_end;            /* offset behind the last complete one */
    uint64_t values;               /* complete ones */
    uint64_t array_at;             /* offset behind the '[' of its records; 0 = none */
    bool nested;                   /* records of several arrays in it */
    bool lost;                     /* broken, and nothing found behind */
    uint64_t record_end;           /* offset behind the last complete record in it */
    uint64_t record_rows;          /* rows met in the record that is open */
} az_t;

/* ---- rows.c ------------------------------------------------------------------------------- */

int az_layouts(az_t *st, cf_diag_t *d);
void az_rows_close(az_t *st);
/* The batch to fill, with room for a row at least. CF_EOF = it is full: az_next_batch. */
static inline az_batch_t *az_now(az_t *st)
{
    return st->nheld > 0 ? &st->held[st->nheld - 1] : NULL;
}
/* Begin another batch. CF_E_LIMIT when too many wait. */
int az_next_batch(az_t *st, cf_diag_t *d);
/* Ordinal of the next row. */
static inline uint64_t az_row(const az_t *st)
{
    const az_batch_t *h = st->nheld > 0 ? &st->held[st->nheld - 1] : NULL;

    return h != NULL ? h->first + h->b->rows : 0;
}
/* Put the row of a tuple into the batch in hand, which has room. */
int az_put(az_t *st, const az_tuple_t *t);
/* Give the rows of a scope from its first on what the scope tells; they are no longer its own. */
int az_settle(az_t *st, az_scope_t *s);
/* Settle all scopes, the innermost first. */
int az_settle_all(az_t *st);
/* Can the oldest batch be given out? Then swap it with the host's. */
bool az_ready(const az_t *st);
int az_give(az_t *st, cf_batch_t *host);

/* ---- run.c -------------------------------------------------------------------------------- */

/*
 * Tuples from the place in the array on. CF_EOF at the array's end; CF_OK when the batch is full;
 * or what cf_json_next says.
 */
int az_run(az_t *st, cf_diag_t *d);

/* ---- fast.c ------------------------------------------------------------------------------- */

bool az_has_avx2(void);
/* New; NULL = no memory. */
az_quad_t *az_quads(void);
/*
 * Tuples from p on, which is a quote, as long as they are regular, of the kind that came last,
 * within n bytes and within the batch. Their number; *used is the place behind the last one's
 * closing quote.
 */
uint32_t az_fast(az_t *st, const char *p, size_t n, size_t *used);

/* ---- walk.c ------------------------------------------------------------------------------- */

/* On to the end of a batch, a record error behind which it goes on, or the end. */
int az_walk(az_t *st, cf_diag_t *d);

/* ---- ids.c -------------------------------------------------------------------------------- */

/* What stands behind /NAME/ in a resource's path, any case. */
az_span_t az_segment(const char *path, size_t n, const char *name);
/* Region of a Network Watcher by its name NetworkWatcher_REGION, which Azure gives. */
az_span_t az_region(const char *path, size_t n);

/* ---- nsg.c, vnet.c, reader.c, probe.c ----------------------------------------------------- */

int az_probe(const cf_probe_t *p, az_kind_t face);
int az_open(void **state, const cf_reader_env_t *env, az_kind_t face, cf_diag_t *d);
int az_read(void *state, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d);
void az_close(void *state);
int az_cursor(void *state, cf_cursor_t *c, cf_diag_t *d);

#endif
