/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batches for the codec's tests: every kind of column in many patterns, and rows that look like a
 * cloud's flow log; and the way there and back with a comparison of every value.
 */
#ifndef CODEC_DATA_H
#define CODEC_DATA_H

#include <cf/batch.h>

#include "codec/codec.h"

typedef struct rng {
    uint64_t s;
} rng_t;

static inline uint64_t
rng_next(rng_t *r)
{
    uint64_t z = r->s += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint64_t
rng_below(rng_t *r, uint64_t n)
{
    return rng_next(r) % n;
}

/* Patterns of pattern_batch. */
#define CODEC_PATTERNS 14u
/* A batch with a column of each kind and width, filled by pattern; nulls of so many thousandths. */
cf_batch_t *codec_pattern_batch(uint32_t rows, unsigned pattern, unsigned null_permille,
                                uint64_t seed);
/*
 * Rows like those of a provider: pairs, interfaces, correlated names, some IPv6, some without
 * addresses.
 */
#define CODEC_UNPAIRED 1000u       /* from this seed on no row mirrors the one before */
cf_batch_t *codec_flow_batch(uint32_t rows, uint64_t seed);
/*
 * Takes the batch. The number of differences found (printed as comments), 0 = all is well; *bytes
 * may be NULL.
 */
int codec_round_trip(cf_batch_t *b, cf_level_t level, size_t *bytes);

/* Chunks of an encoded batch as a decoder asks for them. */
typedef struct codec_chunks {
    const uint8_t *bytes;
    const uint64_t *start;
    const uint32_t *nulls;
} codec_chunks_t;
int codec_chunk_get(void *ctx, uint32_t col, const uint8_t **bytes, size_t *n, uint32_t *nulls,
                    cf_diag_t *d);

#endif
