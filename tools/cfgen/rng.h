/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random numbers that are the same on every machine.
 *
 * The generator promises: same seed and options, same bytes.  So there is no libc random(), no
 * floating point and no libm here: only a 64-bit xoshiro256** stream seeded through splitmix64
 * (Blackman and Vigna, public domain algorithms), and integer ways to shape it.  Distributions
 * with memory (alias tables, quantile tables) are in dist.h.  For the same reason no expression
 * draws twice: C leaves the order of its operands open.
 */
#ifndef CFGEN_RNG_H
#define CFGEN_RNG_H

#include <stdint.h>

typedef struct gen_rng {
    uint64_t s[4];
} gen_rng_t;

/* A good mix of one 64-bit value; used for seeding and for identifiers derived from numbers. */
static inline uint64_t gen_mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static inline void gen_rng_init(gen_rng_t *r, uint64_t seed, uint64_t stream)
{
    uint64_t x = gen_mix(seed) ^ gen_mix(~stream);

    for (int i = 0; i < 4; i++) {
        x += 0x9e3779b97f4a7c15u;
        r->s[i] = gen_mix(x);
    }
}

static inline uint64_t gen_next(gen_rng_t *r)
{
    uint64_t *s = r->s, x = s[1] * 5, out = ((x << 7) | (x >> 57)) * 9, t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 45) | (s[3] >> 19);
    return out;
}

/* 0 … n-1, n > 0. */
static inline uint32_t gen_below(gen_rng_t *r, uint32_t n)
{
    return (uint32_t)(((gen_next(r) >> 32) * n) >> 32);
}

/* True with probability num / 65536. */
static inline int gen_chance(gen_rng_t *r, uint32_t num)
{
    return (gen_next(r) >> 48) < num;
}

/* 0 … n-1, small values likelier (the square of a uniform draw). */
static inline uint32_t gen_skewed(gen_rng_t *r, uint32_t n)
{
    uint64_t u = gen_next(r) >> 32;

    u = (u * u) >> 32;
    return (uint32_t)((u * n) >> 32);
}

#endif
