/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Integer distributions: alias tables for weighted choice in constant time (Vose's construction),
 * and quantile tables for sizes.  Both are exact integer arithmetic, so a table drawn on one
 * machine is drawn on all.
 */
#ifndef CFGEN_DIST_H
#define CFGEN_DIST_H

#include "rng.h"

#include <stdint.h>

typedef struct gen_alias {
    uint32_t  n;
    uint32_t *cut;    /* 24-bit threshold below which the slot itself is taken */
    uint32_t *other;
} gen_alias_t;

/* Builds from n weights of at most 24 bits each, n up to 65536.  0, or -1 without memory. */
int gen_alias_init(gen_alias_t *a, const uint32_t *weights, uint32_t n);
/* The same with weight scale / (rank + shift): Zipf's law with a flattened head. */
int gen_alias_init_zipf(gen_alias_t *a, uint32_t n, uint32_t shift);
void gen_alias_fini(gen_alias_t *a);

static inline uint32_t gen_alias_draw(const gen_alias_t *a, gen_rng_t *r)
{
    uint64_t u = gen_next(r);
    uint32_t i = (uint32_t)(((u >> 32) * a->n) >> 32);

    return (u & 0xffffffu) < a->cut[i] ? i : a->other[i];
}

/*
 * Sixteen equally likely bins given by seventeen rising edges.  Inside a bin values are spread
 * evenly; the last bin has a Pareto tail: each doubling of its width is half as likely as the one
 * before, up to `tail` doublings.
 */
typedef struct gen_quant {
    uint32_t edge[17];
    uint32_t tail;
} gen_quant_t;

static inline uint64_t gen_quant_draw(const gen_quant_t *q, gen_rng_t *r)
{
    uint64_t u = gen_next(r);
    uint32_t bin = (uint32_t)(u >> 60), width = q->edge[bin + 1] - q->edge[bin];
    uint64_t v = (((u & 0xffffffffu) * width) >> 32);
    uint32_t up;

    if (bin < 15 || q->tail == 0)
        return q->edge[bin] + v;
    up = (uint32_t)__builtin_ctzll((u >> 32) | ((uint64_t)1 << q->tail));
    return q->edge[15] + (v << up) + ((((uint64_t)1 << up) - 1) * width);
}

#endif
