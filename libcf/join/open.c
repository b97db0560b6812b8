/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open flows: a table by key, a list by last use, and for each key the parts that wait, by time.
 */
#include <stdlib.h>
#include <string.h>

#include "join/stitch.h"

/* ---- pools ----------------------------------------------------------------------------------- */

uint32_t cfi_things_new(cfi_things_t *p)
{
    uint32_t i = p->free;

    if (p->count < p->made) {
        memcpy(&p->free, cfi_thing(p, i), sizeof p->free);
    } else {
        i = p->made;
        if (i / CFI_POOL_BLOCK == p->nblocks) {
            if (p->nblocks == p->blocks_size) {
                uint32_t size = p->blocks_size > 0 ? p->blocks_size * 2 : 64;
                char **more = realloc(p->blocks, size * sizeof *more);

                if (more == NULL)
                    return CFI_NONE;
                p->blocks = more;
                p->blocks_size = size;
            }
            p->blocks[p->nblocks] = malloc(CFI_POOL_BLOCK * p->size);
            if (p->blocks[p->nblocks] == NULL)
                return CFI_NONE;
            p->nblocks++;
        }
        p->made++;
    }
    p->count++;
    memset(cfi_thing(p, i), 0, p->size);
    return i;
}

void cfi_things_free(cfi_things_t *p, uint32_t i)
{
    memcpy(cfi_thing(p, i), &p->free, sizeof p->free);
    p->free = i;
    p->count--;
}

void cfi_things_fini(cfi_things_t *p)
{
    for (uint32_t i = 0; i < p->nblocks; i++)
        free(p->blocks[i]);
    free(p->blocks);
}

/* ---- keys ------------------------------------------------------------------------------------ */

int cfi_opens_init(cfi_opens_t *o)
{
    memset(o, 0, sizeof *o);
    o->open.size = sizeof(cfi_open_t);
    o->parts.size = sizeof(cfi_part_t);
    o->oldest = o->youngest = CFI_NONE;
    o->mask = 4095;
    o->head = malloc(((size_t)o->mask + 1) * sizeof *o->head);
    if (o->head == NULL)
        return CF_E_NOMEM;
    memset(o->head, 0xff, ((size_t)o->mask + 1) * sizeof *o->head);
    return CF_OK;
}

void cfi_opens_fini(cfi_opens_t *o)
{
    cfi_things_fini(&o->open);
    cfi_things_fini(&o->parts);
    free(o->head);
}

void cfi_opens_prefetch(const cfi_opens_t *o, uint64_t hash)
{
    __builtin_prefetch(&o->head[hash & o->mask]);
}

void cfi_opens_prefetch_row(const cfi_opens_t *o, uint64_t hash)
{
    uint32_t at = o->head[hash & o->mask];

    if (at != CFI_NONE) {
        const char *e = cfi_thing(&o->open, at);

        for (size_t i = 0; i < sizeof(cfi_open_t); i += 64)
            __builtin_prefetch(e + i);
    }
}

void cfi_opens_prefetch_next(const cfi_opens_t *o, uint32_t number)
{
    const char *e = cfi_thing(&o->open, number);

    for (size_t i = 0; i < sizeof(cfi_open_t); i += 64)
        __builtin_prefetch(e + i);
}

static void unlink_age(cfi_opens_t *o, cfi_open_t *e)
{
    if (e->older != CFI_NONE)
        ((cfi_open_t *)cfi_thing(&o->open, e->older))->younger = e->younger;
    else
        o->oldest = e->younger;
    if (e->younger != CFI_NONE)
        ((cfi_open_t *)cfi_thing(&o->open, e->younger))->older = e->older;
    else
        o->youngest = e->older;
}

static void link_youngest(cfi_opens_t *o, cfi_open_t *e, uint32_t number)
{
    e->older = o->youngest;
    e->younger = CFI_NONE;
    if (o->youngest != CFI_NONE)
        ((cfi_open_t *)cfi_thing(&o->open, o->youngest))->younger = number;
    else
        o->oldest = number;
    o->youngest = number;
}

static int grow(cfi_opens_t *o)
{
    uint32_t mask = o->mask * 2 + 1;
    uint32_t *head = malloc(((size_t)mask + 1) * sizeof *head);

    if (head == NULL)
        return CF_E_NOMEM;
    memset(head, 0xff, ((size_t)mask + 1) * sizeof *head);
    for (uint32_t i = o->oldest; i != CFI_NONE;) {
        cfi_open_t *e = cfi_thing(&o->open, i);

        e->chain = head[e->hash & mask];
        head[e->hash & mask] = i;
        i = e->younger;
    }
    free(o->head);
    o->head = head;
    o->mask = mask;
    return CF_OK;
}

cfi_open_t *cfi_opens_get(cfi_opens_t *o, const cfi_tuple_t *t, uint64_t point, uint64_t rule,
                          uint64_t hash, uint32_t *number)
{
    uint32_t i = o->head[hash & o->mask];
    cfi_open_t *e;

    while (i != CFI_NONE) {
        e = cfi_thing(&o->open, i);
        if (e->hash == hash && e->now.point == point && e->now.rule == rule &&
            cfi_tuple_equal(&e->now.tuple, t)) {
            *number = i;
            if (o->youngest != i) {
                unlink_age(o, e);
                link_youngest(o, e, i);
            }
            return e;
        }
        i = e->chain;
    }
    if (o->open.count > o->mask && o->mask < (UINT32_C(1) << 28) && grow(o) != CF_OK)
        return NULL;
    i = cfi_things_new(&o->open);
    if (i == CFI_NONE)
        return NULL;
    e = cfi_thing(&o->open, i);
    e->now.tuple = *t;
    e->now.point = point;
    e->now.rule = rule;
    e->hash = hash;
    e->latest = e->applied = INT64_MIN;
    e->part = CFI_NONE;
    e->chain = o->head[hash & o->mask];
    o->head[hash & o->mask] = i;
    link_youngest(o, e, i);
    *number = i;
    return e;
}

void cfi_opens_remove(cfi_opens_t *o, uint32_t number)
{
    cfi_open_t *e = cfi_thing(&o->open, number);
    uint32_t *at = &o->head[e->hash & o->mask];

    while (*at != number)
        at = &((cfi_open_t *)cfi_thing(&o->open, *at))->chain;
    *at = e->chain;
    unlink_age(o, e);
    cfi_things_free(&o->open, number);
}

/* ---- parts ----------------------------------------------------------------------------------- */

/* Order of parts; what they say decides, and only then which came first. */
static bool before(const cfi_part_t *a, const cfi_part_t *b)
{
    if (a->stime != b->stime)
        return a->stime < b->stime;
    if (a->kind != b->kind)
        return a->kind < b->kind;
    if (a->etime != b->etime)
        return a->etime < b->etime;
    if (a->back != b->back)
        return a->back < b->back;
    for (unsigned i = 0; i < CFI_N; i++)
        if (a->n[i] != b->n[i])
            return a->n[i] < b->n[i];
    return false;
}

void cfi_open_insert(cfi_opens_t *o, cfi_open_t *e, uint32_t part)
{
    cfi_part_t *p = cfi_thing(&o->parts, part);
    uint32_t *at = &e->part;

    while (*at != CFI_NONE && !before(p, cfi_thing(&o->parts, *at)))
        at = &((cfi_part_t *)cfi_thing(&o->parts, *at))->next;
    p->next = *at;
    *at = part;
    e->nparts++;
}
