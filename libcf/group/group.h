/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: the parts of the grouping engine.
 *
 *   layout.c   where each key stands in the words of a packed key
 *   intern.c   strings to numbers, one numbering for all workers
 *   table.c    open addressing, split in parts by hash
 *   pack.c     columns of a chunk of rows to packed keys and numbers
 *   add.c      rows of vectors into a worker's tables
 *   local.c    a block's rows added up before they go to a large table
 *   spill.c    tables to a temporary file and back
 *   merge.c    all workers' tables to final groups, part by part
 *   parallel.c the same on all threads, for what is in memory
 *   select.c   which groups are wanted, in order
 *   group.c    creation, options, summary
 *
 * Keys come in two forms. Nearly all rows have a narrow key: no null among the keys, IPv4 only;
 * each key has the bits of its width, packed in as few 64-bit words as first fit gives. All others
 * have a wide key: a word with a null bit for each key, then two words for an address and one for
 * anything else. The two forms never mean the same group, so each has a table of its own.
 */
#ifndef CFI_GROUP_H
#define CFI_GROUP_H

#include <pthread.h>

#include <cf/group.h>

#define CFI_CHUNK 256u                 /* rows looked up together */
#define CFI_PARTS 64u                  /* parts of a large table: top bits of the hash */
#define CFI_PART_SHIFT 58
#define CFI_KEY_WORDS 36u              /* null word, 17 keys of two words, rounded up */
#define CFI_TARGETS (1 + CF_GROUP_VALUES_MAX)
#define CFI_GROUP_FIELDS (CF_GROUP_KEYS_MAX + CF_GROUP_VALUES_MAX + 2)
/*
 * First word behind the key: records in the low 48 bits, above them a bit for each value that was
 * not null.
 */
#define CFI_COUNT_BITS 48
#define CFI_COUNT_MASK ((UINT64_C(1) << CFI_COUNT_BITS) - 1)

typedef unsigned __int128 cfi_u128_t;

/* ---- keys --------------------------------------------------------------------------------- */

typedef struct cfi_place {
    const cf_field_t *field;
    uint8_t word, shift, bits;         /* narrow */
    uint8_t wide_word;                 /* wide: first word */
} cfi_place_t;

typedef struct cfi_layout {
    uint32_t nkeys;
    cfi_place_t place[CF_GROUP_KEYS_MAX + 1];
    uint32_t words[2];                 /* of a narrow, a wide key; at least 1 */
} cfi_layout_t;

enum { CFI_NARROW = 0, CFI_WIDE = 1 };

void cfi_layout_add(cfi_layout_t *l, const cf_field_t *f);
/* Value of key k of a packed key; false = null. Numbers in a->lo, times as they are stored. */
bool cfi_layout_get(const cfi_layout_t *l, unsigned form, const uint64_t *key, uint32_t k, cf_addr_t *a);
/*
 * Pack the first n keys of one layout's key for another layout that begins with the same fields;
 * returns its form.
 */
unsigned cfi_layout_prefix(const cfi_layout_t *from, unsigned form, const uint64_t *key,
                           const cfi_layout_t *to, uint64_t *out);

/* ---- strings ------------------------------------------------------------------------------ */

typedef struct cfi_intern {
    pthread_mutex_t lock;
    cf_buf_t bytes;
    size_t *end;                       /* of each text in bytes */
    uint32_t count, size;
    uint32_t *slots;                   /* id + 1; 0 = free */
    uint32_t mask;
} cfi_intern_t;

int cfi_intern_init(cfi_intern_t *in);
void cfi_intern_fini(cfi_intern_t *in);
/* Numbers of all entries of a dictionary into map. */
int cfi_intern_dict(cfi_intern_t *in, const cf_dict_t *d, uint32_t *map);
const char *cfi_intern_text(const cfi_intern_t *in, uint32_t id, size_t *n);
size_t cfi_intern_bytes(cfi_intern_t *in);

/* ---- tables ------------------------------------------------------------------------------- */

typedef struct cfi_part {
    uint64_t *slots;
    size_t bytes;
    uint32_t size, count, limit;
} cfi_part_t;

/*
 * Entries are stride words: key, count word, values. A set (stride = words of the key) has no count
 * word; its zero key stands beside the slots.
 */
typedef struct cfi_table {
    uint32_t kw, stride;
    bool set, has_zero;
    uint64_t init[2 * CF_GROUP_VALUES_MAX];    /* values of a new entry */
    bool has_init;
    uint32_t nparts;                   /* 1 or CFI_PARTS */
    cfi_part_t part[CFI_PARTS];
    uint32_t room;                     /* so many new entries surely fit each part */
    size_t bytes;
} cfi_table_t;

/* Rows being looked up, word by word. */
typedef struct cfi_chunk {
    uint64_t key[CFI_KEY_WORDS][CFI_CHUNK];
    uint64_t hash[CFI_CHUNK];
    uint64_t *entry[CFI_CHUNK];
    uint64_t rec[CFI_CHUNK];           /* to add to the count word: count and seen bits */
} cfi_chunk_t;

void cfi_table_init(cfi_table_t *t, uint32_t kw, uint32_t stride, bool set);
void cfi_table_fini(cfi_table_t *t);
/* Forget the content and give the memory back. */
void cfi_table_clear(cfi_table_t *t);
uint64_t cfi_table_entries(const cfi_table_t *t);
/* Split into CFI_PARTS now. */
int cfi_table_split(cfi_table_t *t);
/*
 * Find or make the entries of n keys in c->key and add c->rec to their count words (sets: only
 * make). Fills c->entry (not for sets), which hold until the next call.
 */
int cfi_table_lookup(cfi_table_t *t, cfi_chunk_t *c, uint32_t n);
/*
 * The same for keys of one word and values v that are added to the words off of their entries:
 * find, make and add in one step. seen: bits of the count word.
 */
int cfi_table_add(cfi_table_t *t, cfi_chunk_t *c, uint32_t n, uint64_t seen, const uint64_t *const *v,
                  const uint32_t *off, uint32_t nv);
/* Hashes of n keys of one word in the chunk. */
void cfi_hash_words(cfi_chunk_t *c, uint32_t n);
/* Next entry of a part at or behind slot *at, NULL at the end. Does not give a set's zero key. */
const uint64_t *cfi_part_next(const cfi_table_t *t, const cfi_part_t *p, uint32_t *at);
void cfi_part_free(cfi_table_t *t, cfi_part_t *p);
/* The same without telling the table. */
void cfi_part_drop(cfi_part_t *p);

/* ---- the engine --------------------------------------------------------------------------- */

/* Where the values of an entry stand; sums have one word or, after promotion, two (low, high). */
typedef struct cfi_form {
    uint32_t stride;
    uint32_t off[CF_GROUP_VALUES_MAX];
    uint32_t sum_words;
} cfi_form_t;

/* Main groups are target 0, the set of each distinct value is one more. */
typedef struct cfi_target {
    cfi_layout_t layout;
    int value;                         /* set: index of its value; main: -1 */
    uint32_t nkeys;
    uint32_t col[CF_GROUP_KEYS_MAX + 1];       /* keys: index in fields */
} cfi_target_t;

typedef struct cfi_local cfi_local_t;

typedef struct cfi_worker {
    cfi_table_t table[CFI_TARGETS][2]; /* by target and form of key */
    uint32_t sum_words;
    bool simple;                       /* the rows at hand fit cfi_table_add */
    cfi_local_t *local;                /* or NULL; empty between blocks */
    bool local_on;                     /* the rows at hand go there */
    cfi_u128_t total[CF_GROUP_VALUES_MAX];
    uint64_t records, nodata, skipdata;
    uint32_t bytekinds;
    size_t charged;                    /* bytes known to the group's sum */
    uint32_t *map[CFI_GROUP_FIELDS];    /* strings: code to number, by field */
    uint32_t map_size[CFI_GROUP_FIELDS];
    uint64_t *bits[2];                 /* CF_BATCH_WORDS each: flows, rows with a value */
    uint64_t null_cols;                /* fields with nulls among the rows at hand, a bit each */
    cfi_chunk_t *chunk;
    const cf_vec_t **cols;
} cfi_worker_t;

typedef struct cfi_run {               /* entries of one part of one table in the temporary file */
    uint8_t target, form, part, sum_words;
    uint64_t offset, entries;
} cfi_run_t;

typedef struct cfi_spill {
    pthread_mutex_t lock;
    int fd;                            /* -1 = none yet */
    uint64_t size;
    cfi_run_t *runs;
    size_t nruns, runs_size;
    const char *tmpdir;        /* or NULL */
} cfi_spill_t;

struct cf_group {
    uint32_t nkeys, nvalues;
    cf_agg_t values[CF_GROUP_VALUES_MAX];
    uint32_t value_col[CF_GROUP_VALUES_MAX];   /* index in fields */
    const cf_field_t *fields[CFI_GROUP_FIELDS];
    uint32_t nfields;
    uint32_t status_col;
    int bytekind_col;                  /* -1 = not read */
    bool include_status;
    uint32_t ntargets;
    cfi_target_t target[CFI_TARGETS];
    unsigned nworkers;
    cfi_worker_t *worker;
    uint64_t memory;
    uint64_t used;                     /* bytes of all tables; atomic */
    cfi_intern_t intern;
    cfi_spill_t spill;
    bool selected;
};

void cfi_form_of(const cf_group_t *g, unsigned key_form, uint32_t sum_words, cfi_form_t *f);
/* Tables of a worker for entries with this many words a sum. */
void cfi_worker_tables(const cf_group_t *g, cfi_worker_t *w, uint32_t sum_words);
/* Sums of the worker's main tables become 128 bits wide. */
int cfi_worker_promote(cf_group_t *g, cfi_worker_t *w);
/* Tell the group what the worker's tables take now. */
void cfi_worker_charge(cf_group_t *g, cfi_worker_t *w);
/* Add n entries (of this form, in rows of f->stride words) to the worker's table of the target. */
int cfi_merge_entries(cf_group_t *g, cfi_worker_t *w, uint32_t target, unsigned key_form,
                      const cfi_form_t *f, const uint64_t *const *entries, uint32_t n);

/*
 * Rows of a block by way of the small table (local.c): begin says whether (w->local_on); a full one
 * is flushed before more rows are packed, because the chunk is used for it. Adding is as with
 * cfi_table_add.
 */
void cfi_local_begin(cfi_worker_t *w);
bool cfi_local_full(const cfi_worker_t *w, uint32_t more);
void cfi_local_add(cfi_worker_t *w, uint32_t n, uint64_t seen, const uint64_t *const *v,
                   const uint32_t *off, uint32_t nv);
int cfi_local_flush(cf_group_t *g, cfi_worker_t *w);
int cfi_local_end(cf_group_t *g, cfi_worker_t *w);
void cfi_local_destroy(cfi_local_t *l);

/* Write the tables of a worker's target to the temporary file and empty them. */
int cfi_spill_target(cf_group_t *g, cfi_worker_t *w, uint32_t target, cf_diag_t *d);
int cfi_spill_worker(cf_group_t *g, cfi_worker_t *w, cf_diag_t *d);
int cfi_spill_init(cfi_spill_t *s);
void cfi_spill_fini(cfi_spill_t *s);
/* Are there entries of this table in the file? */
bool cfi_spill_has(const cfi_spill_t *s, uint32_t target, unsigned key_form);
/* Read the runs of one part of a table back into worker 0. */
int cfi_spill_read(cf_group_t *g, uint32_t target, unsigned key_form, uint32_t part, cf_diag_t *d);

/* Called for each final group: its form of key and entry with the values of f. */
typedef int (*cfi_visit_fn)(void *ctx, unsigned key_form, const cfi_form_t *f,
                            const uint64_t *entry);
/* ctx: one for each worker; visits with different ones may run at the same time. */
int cfi_merge_all(cf_group_t *g, cfi_visit_fn visit, void *const *ctx, cf_diag_t *d);
/* All groups of one form of key, in memory and in parts, on as many threads as there are workers. */
int cfi_merge_parallel(cf_group_t *g, unsigned form, cfi_visit_fn visit, void *const *ctx);

#endif
