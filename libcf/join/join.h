/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: what both engines of the room share.
 *
 *   cols.c     the columns they look at, and keys of many rows at a time
 *   digest.c   one number for all that a row says
 *   seen.c     numbers met lately
 *   dedupe.c   rows that tell the same traffic twice; pairs.c, held.c are its parts
 *
 * Hashes have a seed of the process, so that nobody can make a log whose rows all meet in one
 * place; nothing that comes out depends on it.
 */
#ifndef CFI_JOIN_H
#define CFI_JOIN_H

#include <cf/join.h>

#define CFI_CHUNK_ROWS 256u

/* Columns by meaning. */
typedef enum cfi_col {
    CFI_STIME, CFI_ETIME, CFI_SIP, CFI_DIP, CFI_SPORT, CFI_DPORT, CFI_PROTO, CFI_ACTION, CFI_STATE,
    CFI_DIRECTION, CFI_REPORTER, CFI_IFACE, CFI_ATTACHMENT, CFI_SENSOR, CFI_PROVIDER, CFI_RULE,
    CFI_UID, CFI_LOGSTATUS, CFI_DUP, CFI_SHAPE, CFI_COUNTS, CFI_PACKETS, CFI_BYTES, CFI_RPACKETS,
    CFI_RBYTES, CFI_FLAGS, CFI_SFLAGS, CFI_RFLAGS, CFI_PARTS, CFI_COLS
} cfi_col_t;

/* Hashes of the texts of a column's dictionary, for the batch at hand. */
typedef struct cfi_texts {
    uint64_t *hash;
    uint32_t size;
    const cf_vec_t *v;         /* NULL = the column is not there */
} cfi_texts_t;

typedef struct cfi_cols {
    const cf_field_t *field[CFI_COLS];
    cf_schema_t *schema;       /* reference; index is for it */
    int index[CFI_COLS];
    const cf_vec_t *v[CFI_COLS];       /* of the batch at hand; NULL = not there */
    cfi_texts_t texts[CFI_COLS];       /* of columns asked for */
} cfi_cols_t;

/* Who is who in a row. Equal tuples are equal bytes. */
typedef struct cfi_tuple {
    uint64_t addr[4];          /* source high, low, destination high, low */
    uint64_t word;             /* cfi_word_… below */
} cfi_tuple_t;

/* Bits of the word: ports, protocol, and the words that a null has a code of its own for. */
#define CFI_WORD_DPORT 16
#define CFI_WORD_PROTO 32              /* 9 bits; 256 = null */
#define CFI_WORD_ACTION 41             /* 2 bits; 3 = null */
#define CFI_WORD_STATE 43              /* 4 bits; 15 = null */
#define CFI_WORD_DIRECTION 47          /* 2 bits; 3 = null */
#define CFI_WORD_REPORTER 49           /* 3 bits; 7 = null */
#define CFI_WORD_FREE 52               /* for the engines */
#define CFI_WORD_GET(word, at, bits) ((unsigned)((word) >> CFI_WORD_##at) & ((1u << (bits)) - 1))

typedef struct cfi_keys {
    cfi_tuple_t tuple[CFI_CHUNK_ROWS];
    uint64_t point[CFI_CHUNK_ROWS];    /* hash of the observing interface's name; 0 = not told */
    int64_t stime[CFI_CHUNK_ROWS], etime[CFI_CHUNK_ROWS];
    bool usable[CFI_CHUNK_ROWS];       /* a flow, with addresses and a time */
    bool status[CFI_CHUNK_ROWS];       /* no flow */
} cfi_keys_t;

void cfi_cols_init(cfi_cols_t *c);
void cfi_cols_fini(cfi_cols_t *c);
/* The batch at hand from now on; borrowed. */
int cfi_cols_batch(cfi_cols_t *c, const cf_batch_t *b);
/* Bytes that the rows of a batch take, whatever was allocated. */
uint64_t cfi_batch_bytes(const cf_batch_t *b);
/* Keys of n rows from row on. */
void cfi_cols_keys(const cfi_cols_t *c, uint32_t from, uint32_t n, cfi_keys_t *k);

/* Hash of a text of a column whose hashes are made; 0 = null or no such column. */
static inline uint64_t cfi_text(const cfi_cols_t *c, cfi_col_t col, uint32_t row)
{
    const cf_vec_t *v = c->texts[col].v;

    if (v == NULL || cf_vec_is_null(v, row))
        return 0;
    return c->texts[col].hash[((const uint32_t *)v->data)[row]];
}

static inline uint64_t cfi_uint(const cfi_cols_t *c, cfi_col_t col, uint32_t row, uint64_t null)
{
    const cf_vec_t *v = c->v[col];

    return v == NULL || cf_vec_is_null(v, row) ? null : cf_vec_uint(v, row);
}

static inline uint64_t cfi_mix(uint64_t a, uint64_t b)
{
    unsigned __int128 r = (unsigned __int128)a * b;

    return (uint64_t)r ^ (uint64_t)(r >> 64);
}

uint64_t cfi_join_seed(void);

static inline uint64_t cfi_tuple_hash(const cfi_tuple_t *t, uint64_t seed)
{
    uint64_t h = cfi_mix(t->addr[0] ^ seed, t->addr[1] ^ UINT64_C(0x9e3779b97f4a7c15));

    h = cfi_mix(t->addr[2] ^ h, t->addr[3] ^ UINT64_C(0xd1b54a32d192ed03));
    return cfi_mix(t->word ^ h ^ seed, UINT64_C(0xaef17502108ef2d9));
}

static inline bool cfi_tuple_equal(const cfi_tuple_t *a, const cfi_tuple_t *b)
{
    return ((a->addr[0] ^ b->addr[0]) | (a->addr[1] ^ b->addr[1]) | (a->addr[2] ^ b->addr[2]) |
            (a->addr[3] ^ b->addr[3]) | (a->word ^ b->word)) == 0;
}

/* ---- digests, and those met lately ----------------------------------------------------------- */

typedef struct cfi_digest cfi_digest_t;

cfi_digest_t *cfi_digest_create(void);
void cfi_digest_destroy(cfi_digest_t *g);
/*
 * One number a row over all columns but dup: rows that say the same have the same, whatever the
 * columns' order and widths, and a null is as if there was no column. Borrowed until the next call.
 */
const uint64_t *cfi_digest_batch(cfi_digest_t *g, const cf_batch_t *b);

/*
 * Pairs of numbers met lately: two generations, of which the older is forgotten when the younger is
 * full.
 */
typedef struct cfi_seen {
    uint64_t *slots[2];
    uint32_t count, limit, mask;
    unsigned young;
} cfi_seen_t;

int cfi_seen_init(cfi_seen_t *s, uint64_t memory);
void cfi_seen_fini(cfi_seen_t *s);
/* Was it met? If not it is from now on. */
bool cfi_seen_before(cfi_seen_t *s, uint64_t a, uint64_t b);
void cfi_seen_prefetch(const cfi_seen_t *s, uint64_t a);

#endif
