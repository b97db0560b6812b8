/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open addressing with linear probing, entries in place. A small table is one part; a large one has
 * CFI_PARTS parts by the top bits of the hash, which grow one after the other: the peak while
 * growing is small, parts merge and go to disk one by one. A part's slot is hash × size / 2^32, so
 * sizes need not be powers of two and large parts grow by little.
 *
 * Rows come in chunks: hash all, ask for all cache lines, then look up; so the misses of a chunk
 * overlap. The hash is keyed by the process: a log cannot be made to collide.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>

#include "group/group.h"

#define SPLIT_AT 65536u                /* entries of a table with one part */
#define PREFETCH_BYTES (256u << 10)    /* smaller tables stay in cache */
#define GROWN ((size_t)1 << 20)        /* bytes from which a part grows by a quarter, not to double */
#define PAGED ((size_t)256 << 10)      /* bytes from which a part has pages of its own */
#define HUGE_PAGE ((size_t)2 << 20)
#define SMALL_PAGE 4096u

static uint64_t seed[2];
static pthread_once_t seeded = PTHREAD_ONCE_INIT;

static void make_seed(void)
{
    if (getrandom(seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed) {
        seed[0] = (uint64_t)time(NULL) * UINT64_C(0x9e3779b97f4a7c15);
        seed[1] = (uint64_t)(uintptr_t)&seed ^ UINT64_C(0xd6e8feb86659fd93);
    }
    seed[1] |= 1;
}

static inline uint64_t fold(uint64_t a, uint64_t b)
{
    cfi_u128_t m = (cfi_u128_t)a * b;

    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

void cfi_table_init(cfi_table_t *t, uint32_t kw, uint32_t stride, bool set)
{
    pthread_once(&seeded, make_seed);
    memset(t, 0, sizeof *t);
    t->kw = kw;
    t->stride = stride;
    t->set = set;
    t->nparts = 1;
}

/*
 * Zeroed. Larger parts have pages of their own, which go back when a part grows, so that the heap
 * does not become full of holes; the largest have huge pages, because each look-up in them would
 * miss the TLB. Pages are written to here: a page that is read first, as a look-up does, costs a
 * second fault when it is written, and that one interrupts the other threads.
 */
static uint64_t *slots_alloc(size_t bytes)
{
    size_t extra = bytes >= HUGE_PAGE ? HUGE_PAGE : 0, before;
    char *p;

    if (bytes < PAGED) {
        p = malloc(bytes);
        return p != NULL ? memset(p, 0, bytes) : NULL;
    }
    p = mmap(NULL, bytes + extra, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    if (extra > 0) {                    /* from a border of huge pages on */
        before = (HUGE_PAGE - (uintptr_t)p % HUGE_PAGE) % HUGE_PAGE;
        if (before > 0)
            munmap(p, before);
        if (before < extra)
            munmap(p + before + bytes, extra - before);
        p += before;
        madvise(p, bytes, MADV_HUGEPAGE);
    }
    for (size_t i = 0; i < bytes; i += SMALL_PAGE)
        *(volatile char *)(p + i) = 0;
    return (uint64_t *)(void *)p;
}

static void slots_free(uint64_t *slots, size_t bytes)
{
    if (bytes < PAGED)
        free(slots);
    else
        munmap(slots, bytes);
}

void cfi_part_drop(cfi_part_t *p)
{
    if (p->slots != NULL)
        slots_free(p->slots, p->bytes);
    memset(p, 0, sizeof *p);
}

void cfi_part_free(cfi_table_t *t, cfi_part_t *p)
{
    t->bytes -= p->bytes;
    cfi_part_drop(p);
    t->room = 0;
}

void cfi_table_clear(cfi_table_t *t)
{
    for (uint32_t i = 0; i < CFI_PARTS; i++)
        cfi_part_free(t, &t->part[i]);
    t->has_zero = false;
    t->nparts = 1;
}

void cfi_table_fini(cfi_table_t *t)
{
    cfi_table_clear(t);
}

uint64_t cfi_table_entries(const cfi_table_t *t)
{
    uint64_t n = t->has_zero;

    for (uint32_t i = 0; i < t->nparts; i++)
        n += t->part[i].count;
    return n;
}

static inline uint64_t hash_key(const uint64_t *key, uint32_t kw, size_t step)
{
    uint64_t h = fold(key[0] ^ seed[0], seed[1]);

    for (uint32_t i = 1; i < kw; i++)
        h = fold(h ^ key[i * step] ^ (seed[0] << i), seed[1]);
    return h;
}

static inline uint32_t slot_of(const cfi_part_t *p, uint64_t hash)
{
    return (uint32_t)((hash & UINT32_MAX) * p->size >> 32);
}

static inline uint32_t part_of(const cfi_table_t *t, uint64_t hash)
{
    return t->nparts == 1 ? 0 : (uint32_t)(hash >> CFI_PART_SHIFT);
}

static inline bool is_free(const cfi_table_t *t, const uint64_t *e)
{
    uint64_t any = 0;

    if (!t->set)
        return e[t->kw] == 0;
    for (uint32_t i = 0; i < t->kw; i++)
        any |= e[i];
    return any == 0;
}

const uint64_t *cfi_part_next(const cfi_table_t *t, const cfi_part_t *p, uint32_t *at)
{
    while (*at < p->size) {
        const uint64_t *e = p->slots + (size_t)(*at)++ * t->stride;

        if (!is_free(t, e))
            return e;
    }
    return NULL;
}

static bool is_grown(const cfi_table_t *t, uint64_t size)
{
    return size * t->stride * sizeof(uint64_t) >= GROWN;
}

/* Entries of so many slots: half of them while memory is no matter, then five eighths. */
static uint32_t limit_of(const cfi_table_t *t, uint64_t size)
{
    return (uint32_t)(is_grown(t, size) ? size / 8 * 5 : size / 2);
}

static int alloc_slots(cfi_table_t *t, cfi_part_t *p, uint64_t size)
{
    size_t bytes = (size_t)size * t->stride * sizeof(uint64_t);

    if (bytes >= HUGE_PAGE) {           /* whole pages: more slots, not waste */
        bytes = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
        size = bytes / (t->stride * sizeof(uint64_t));
    }
    if (size > UINT32_MAX)
        return CF_E_LIMIT;
    p->slots = slots_alloc(bytes);
    if (p->slots == NULL)
        return CF_E_NOMEM;
    p->bytes = bytes;
    p->size = (uint32_t)size;
    p->count = 0;
    p->limit = limit_of(t, size);
    t->bytes += bytes;
    return CF_OK;
}

/* Put a whole entry that is known to be new. */
static void put_new(const cfi_table_t *t, cfi_part_t *p, const uint64_t *e)
{
    uint32_t i = slot_of(p, hash_key(e, t->kw, 1));

    while (!is_free(t, p->slots + (size_t)i * t->stride))
        i = i + 1 == p->size ? 0 : i + 1;
    memcpy(p->slots + (size_t)i * t->stride, e, t->stride * sizeof *e);
    p->count++;
}

static int part_reserve(cfi_table_t *t, cfi_part_t *p, uint32_t more)
{
    cfi_part_t old = *p;
    uint64_t need = (uint64_t)old.count + more, size = old.size;
    const uint64_t *e;
    uint32_t at = 0;
    int rc;

    if (need <= old.limit)
        return CF_OK;
    if (size == 0)
        size = t->nparts == 1 ? 2048 : 1024;
    while (limit_of(t, size) < need)
        size = is_grown(t, size) ? size + size / 4 : size * 2;
    rc = alloc_slots(t, p, size);
    if (rc != CF_OK) {
        *p = old;
        return rc;
    }
    while ((e = cfi_part_next(t, &old, &at)) != NULL)
        put_new(t, p, e);
    t->bytes -= old.bytes;
    cfi_part_drop(&old);
    return CF_OK;
}

int cfi_table_split(cfi_table_t *t)
{
    cfi_part_t old = t->part[0];
    uint32_t counts[CFI_PARTS] = { 0 }, at = 0;
    const uint64_t *e;
    int rc = CF_OK;

    if (t->nparts == CFI_PARTS)
        return CF_OK;
    while ((e = cfi_part_next(t, &old, &at)) != NULL)
        counts[hash_key(e, t->kw, 1) >> CFI_PART_SHIFT]++;
    memset(&t->part[0], 0, sizeof t->part[0]);
    t->nparts = CFI_PARTS;
    for (uint32_t i = 0; i < CFI_PARTS && rc == CF_OK; i++)
        rc = part_reserve(t, &t->part[i], counts[i] + 1);
    if (rc != CF_OK) {
        for (uint32_t i = 0; i < CFI_PARTS; i++)
            cfi_part_free(t, &t->part[i]);
        t->part[0] = old;
        t->nparts = 1;
        return rc;
    }
    for (at = 0; (e = cfi_part_next(t, &old, &at)) != NULL;)
        put_new(t, &t->part[hash_key(e, t->kw, 1) >> CFI_PART_SHIFT], e);
    t->bytes -= old.bytes;
    cfi_part_drop(&old);
    return CF_OK;
}

/* Room for all rows of the chunk, so that entries do not move while it is looked up. */
static int reserve(cfi_table_t *t, const cfi_chunk_t *c, uint32_t n)
{
    uint32_t counts[CFI_PARTS] = { 0 }, room = UINT32_MAX;
    int rc = CF_OK;

    if (t->nparts == 1) {
        if (t->part[0].count + n <= SPLIT_AT)
            return part_reserve(t, &t->part[0], n);
        rc = cfi_table_split(t);
        if (rc != CF_OK)
            return rc;
    }
    for (uint32_t i = 0; i < CFI_PARTS && t->room < n; i++) {
        uint32_t left = t->part[i].limit - t->part[i].count;

        room = left < room ? left : room;
    }
    if (t->room < n)
        t->room = room;
    if (t->room >= n) {
        t->room -= n;
        return CF_OK;
    }
    t->room = 0;
    for (uint32_t i = 0; i < n; i++)
        counts[c->hash[i] >> CFI_PART_SHIFT]++;
    for (uint32_t p = 0; p < CFI_PARTS && rc == CF_OK; p++)
        if (counts[p] > 0)
            rc = part_reserve(t, &t->part[p], counts[p]);
    return rc;
}

static void prefetch(const cfi_table_t *t, const cfi_chunk_t *c, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const cfi_part_t *p = &t->part[part_of(t, c->hash[i])];

        __builtin_prefetch(p->slots + (size_t)slot_of(p, c->hash[i]) * t->stride, 1);
    }
}

static void new_entry(const cfi_table_t *t, cfi_part_t *p, uint64_t *e, const uint64_t *key)
{
    for (uint32_t w = 0; w < t->kw; w++)
        e[w] = key[w * (size_t)CFI_CHUNK];
    if (t->has_init)
        memcpy(e + t->kw + 1, t->init, (t->stride - t->kw - 1) * sizeof *e);
    p->count++;
}

static inline void count_row(uint64_t *word, uint64_t rec)
{
    *word = (*word + (rec & CFI_COUNT_MASK)) | (rec & ~CFI_COUNT_MASK);
}

/* kw and stride are constants where it is called for speed. */
static inline __attribute__((always_inline)) void
lookup(cfi_table_t *t, cfi_chunk_t *c, uint32_t n, uint32_t kw, bool parts)
{
    const uint32_t stride = t->stride;

    for (uint32_t i = 0; i < n; i++) {
        cfi_part_t *p = &t->part[parts ? c->hash[i] >> CFI_PART_SHIFT : 0];
        uint32_t slot = slot_of(p, c->hash[i]);
        uint64_t *e = p->slots + (size_t)slot * stride;

        for (;;) {
            bool same = true;

            if (e[kw] == 0) {
                new_entry(t, p, e, &c->key[0][i]);
                break;
            }
            for (uint32_t w = 0; w < kw; w++)
                same &= e[w] == c->key[w][i];
            if (same)
                break;
            e += stride;
            if (++slot == p->size) {
                slot = 0;
                e = p->slots;
            }
        }
        count_row(&e[kw], c->rec[i]);
        c->entry[i] = e;
    }
}

static inline __attribute__((always_inline)) void
lookup_set(cfi_table_t *t, cfi_chunk_t *c, uint32_t n, uint32_t kw)
{
    for (uint32_t i = 0; i < n; i++) {
        cfi_part_t *p = &t->part[part_of(t, c->hash[i])];
        uint32_t slot = slot_of(p, c->hash[i]);
        uint64_t any = 0;

        for (uint32_t w = 0; w < kw; w++)
            any |= c->key[w][i];
        if (any == 0) {
            t->has_zero = true;
            continue;
        }
        for (;;) {
            uint64_t *e = p->slots + (size_t)slot * kw, diff = 0;

            for (uint32_t w = 0; w < kw; w++)
                diff |= e[w] ^ c->key[w][i];
            if (diff == 0)
                break;
            if (is_free(t, e)) {
                for (uint32_t w = 0; w < kw; w++)
                    e[w] = c->key[w][i];
                p->count++;
                break;
            }
            if (++slot == p->size)
                slot = 0;
        }
    }
}

void cfi_hash_words(cfi_chunk_t *c, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        c->hash[i] = fold(c->key[0][i] ^ seed[0], seed[1]);
}

static int hash_chunk(cfi_table_t *t, cfi_chunk_t *c, uint32_t n)
{
    if (t->kw == 1)
        cfi_hash_words(c, n);
    else
        for (uint32_t i = 0; i < n; i++)
            c->hash[i] = hash_key(&c->key[0][i], t->kw, CFI_CHUNK);
    return reserve(t, c, n);
}

/* Find the entry of a key of one word, make it, and add: the short way of most questions. */
static inline __attribute__((always_inline)) void
add_one_word(cfi_table_t *t, const cfi_chunk_t *c, uint32_t n, uint64_t seen, const uint64_t *const *v,
             const uint32_t *off, uint32_t nv, bool parts)
{
    const uint32_t stride = t->stride;

    for (uint32_t i = 0; i < n; i++) {
        cfi_part_t *p = &t->part[parts ? c->hash[i] >> CFI_PART_SHIFT : 0];
        uint64_t key = c->key[0][i], *e;
        uint32_t slot = slot_of(p, c->hash[i]);

        e = p->slots + (size_t)slot * stride;
        while (e[0] != key || e[1] == 0) {
            if (e[1] == 0) {
                e[0] = key;
                p->count++;
                break;
            }
            e += stride;
            if (++slot == p->size) {
                slot = 0;
                e = p->slots;
            }
        }
        e[1] = (e[1] + 1) | seen;
        for (uint32_t j = 0; j < nv; j++)
            e[off[j]] += v[j][i];
    }
}

int cfi_table_add(cfi_table_t *t, cfi_chunk_t *c, uint32_t n, uint64_t seen, const uint64_t *const *v,
                  const uint32_t *off, uint32_t nv)
{
    int rc = hash_chunk(t, c, n);

    if (rc != CF_OK)
        return rc;
    if (t->bytes > PREFETCH_BYTES)
        prefetch(t, c, n);
    if (t->nparts > 1 && nv == 1)
        add_one_word(t, c, n, seen, v, off, 1, true);
    else if (t->nparts > 1)
        add_one_word(t, c, n, seen, v, off, nv, true);
    else if (nv == 1)
        add_one_word(t, c, n, seen, v, off, 1, false);
    else
        add_one_word(t, c, n, seen, v, off, nv, false);
    return CF_OK;
}

int cfi_table_lookup(cfi_table_t *t, cfi_chunk_t *c, uint32_t n)
{
    int rc = hash_chunk(t, c, n);

    if (rc != CF_OK)
        return rc;
    if (t->bytes > PREFETCH_BYTES)
        prefetch(t, c, n);
    if (t->set && t->kw == 1)
        lookup_set(t, c, n, 1);
    else if (t->set)
        lookup_set(t, c, n, t->kw);
    else if (t->nparts == 1 && t->kw == 1)
        lookup(t, c, n, 1, false);
    else if (t->nparts == 1)
        lookup(t, c, n, t->kw, false);
    else if (t->kw == 1)
        lookup(t, c, n, 1, true);
    else if (t->kw == 2)
        lookup(t, c, n, 2, true);
    else
        lookup(t, c, n, t->kw, true);
    return CF_OK;
}
