/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers met lately. Open addressing without removal: when the younger of two tables is full
 * enough it becomes the older one, and what was older is forgotten. So each number is known for at least
 * as many others as a generation holds.
 */
#include <stdlib.h>
#include <string.h>

#include "join/join.h"

int cfi_seen_init(cfi_seen_t *s, uint64_t memory)
{
    uint64_t size = 1024;

    memset(s, 0, sizeof *s);
    while (size * 2 * 32 <= memory && size < (UINT64_C(1) << 30))
        size *= 2;
    s->mask = (uint32_t)size - 1;
    s->limit = (uint32_t)size / 4 * 3;
    for (unsigned i = 0; i < 2; i++) {
        s->slots[i] = calloc(size, 2 * sizeof *s->slots[i]);
        if (s->slots[i] == NULL)
            return CF_E_NOMEM;
    }
    return CF_OK;
}

void cfi_seen_fini(cfi_seen_t *s)
{
    free(s->slots[0]);
    free(s->slots[1]);
}

void cfi_seen_prefetch(const cfi_seen_t *s, uint64_t a)
{
    __builtin_prefetch(&s->slots[0][2 * (size_t)(a & s->mask)]);
    __builtin_prefetch(&s->slots[1][2 * (size_t)(a & s->mask)]);
}

/* The place of the pair, or the free one where it belongs. */
static uint64_t *find(const cfi_seen_t *s, unsigned which, uint64_t a, uint64_t b)
{
    uint64_t *slots = s->slots[which];
    uint32_t at = (uint32_t)a & s->mask;

    while ((slots[2 * (size_t)at] | slots[2 * (size_t)at + 1]) != 0 &&
           (slots[2 * (size_t)at] != a || slots[2 * (size_t)at + 1] != b))
        at = (at + 1) & s->mask;
    return &slots[2 * (size_t)at];
}

bool cfi_seen_before(cfi_seen_t *s, uint64_t a, uint64_t b)
{
    uint64_t *slot;

    a += (a | b) == 0;         /* two zeros are a free place */
    slot = find(s, !s->young, a, b);
    if ((slot[0] | slot[1]) != 0)
        return true;
    slot = find(s, s->young, a, b);
    if ((slot[0] | slot[1]) != 0)
        return true;
    if (s->count == s->limit) {
        s->young = !s->young;
        memset(s->slots[s->young], 0, ((size_t)s->mask + 1) * 2 * sizeof **s->slots);
        s->count = 0;
        slot = find(s, s->young, a, b);
    }
    slot[0] = a;
    slot[1] = b;
    s->count++;
    return false;
}
