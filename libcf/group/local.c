/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adding up near the processor. A block of a log names the same few thousand keys again and again,
 * while the table of a day has a million entries and misses the cache for nearly every row. So the
 * rows of a block are first added up here: a table of small numbers that fits the first cache leads
 * to entries that stand one behind the other, and each of them goes to the large table once. Where
 * a block's keys hardly repeat this would be work for nothing; it is then left out for a while.
 */
#include <stdlib.h>

#include "group/group.h"

#define WORTH_IT ((size_t)1 << 20)     /* bytes of the large table */
#define SLOT_BITS 14
#define SLOTS (1u << SLOT_BITS)
#define ENTRIES (SLOTS / 2)
#define PAUSE 32u                      /* blocks */

struct cfi_local {
    uint16_t slot[SLOTS];              /* number of the entry + 1; 0 = free */
    uint32_t count, stride;
    uint64_t rows, entries;            /* since the block began */
    uint32_t pause;
    uint64_t *entry;                   /* ENTRIES of stride words, as in the large table */
    size_t size;
};

void cfi_local_destroy(cfi_local_t *l)
{
    if (l == NULL)
        return;
    free(l->entry);
    free(l);
}

/* No memory for it is no error: the large table does as well. */
static bool prepare(cfi_worker_t *w, uint32_t stride)
{
    size_t size = (size_t)ENTRIES * stride * sizeof(uint64_t);
    cfi_local_t *l = w->local;

    if (l == NULL)
        l = w->local = calloc(1, sizeof *l);
    if (l != NULL && l->size < size) {
        free(l->entry);
        l->entry = malloc(size);
        l->size = l->entry != NULL ? size : 0;
    }
    if (l == NULL || l->entry == NULL)
        return false;
    l->stride = stride;
    l->rows = l->entries = 0;
    return true;
}

void cfi_local_begin(cfi_worker_t *w)
{
    const cfi_table_t *large = &w->table[0][CFI_NARROW];

    w->local_on = false;
    if (!w->simple || large->bytes < WORTH_IT)
        return;
    if (w->local != NULL && w->local->pause > 0)
        w->local->pause--;
    else
        w->local_on = prepare(w, large->stride);
}

bool cfi_local_full(const cfi_worker_t *w, uint32_t more)
{
    return w->local_on && w->local->count + more > ENTRIES;
}

static inline __attribute__((always_inline)) void
add(cfi_local_t *l, const cfi_chunk_t *c, uint32_t n, uint64_t seen, const uint64_t *const *v,
    const uint32_t *off, uint32_t nv)
{
    const uint32_t stride = l->stride;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t h = (uint32_t)(c->hash[i] >> (64 - SLOT_BITS)), s;
        uint64_t key = c->key[0][i], *e = l->entry;

        while ((s = l->slot[h]) != 0 && e[(s - 1) * (size_t)stride] != key)
            h = (h + 1) & (SLOTS - 1);
        if (s == 0) {
            s = ++l->count;
            l->slot[h] = (uint16_t)s;
            e += (s - 1) * (size_t)stride;
            memset(e, 0, stride * sizeof *e);
            e[0] = key;
        } else {
            e += (s - 1) * (size_t)stride;
        }
        e[1] = (e[1] + 1) | seen;
        for (uint32_t j = 0; j < nv; j++)
            e[off[j]] += v[j][i];
    }
}

void cfi_local_add(cfi_worker_t *w, uint32_t n, uint64_t seen, const uint64_t *const *v,
                   const uint32_t *off, uint32_t nv)
{
    cfi_hash_words(w->chunk, n);
    w->local->rows += n;
    if (nv == 1)
        add(w->local, w->chunk, n, seen, v, off, 1);
    else
        add(w->local, w->chunk, n, seen, v, off, nv);
}

int cfi_local_flush(cf_group_t *g, cfi_worker_t *w)
{
    cfi_local_t *l = w->local;
    const uint64_t *batch[CFI_CHUNK];
    cfi_form_t f;
    int rc = CF_OK;

    if (!w->local_on || l->count == 0)
        return CF_OK;
    cfi_form_of(g, CFI_NARROW, 1, &f);
    for (uint32_t at = 0; at < l->count && rc == CF_OK; at += CFI_CHUNK) {
        uint32_t n = l->count - at < CFI_CHUNK ? l->count - at : CFI_CHUNK;

        for (uint32_t i = 0; i < n; i++)
            batch[i] = l->entry + (at + i) * (size_t)l->stride;
        rc = cfi_merge_entries(g, w, 0, CFI_NARROW, &f, batch, n);
    }
    l->entries += l->count;
    l->count = 0;
    memset(l->slot, 0, sizeof l->slot);
    return rc;
}

int cfi_local_end(cf_group_t *g, cfi_worker_t *w)
{
    int rc = cfi_local_flush(g, w);

    if (w->local_on && w->local->entries > w->local->rows / 3)
        w->local->pause = PAUSE;
    w->local_on = false;
    return rc;
}
