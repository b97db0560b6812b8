/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to columns.c and wide.c: how a column's values are walked, and the loops that need AVX2.
 * Those return the number of rows noted in odd, and in *done how many rows they have done; the rest
 * is the plain loops'.
 */
#ifndef AWS_COLUMNS_H
#define AWS_COLUMNS_H

#include "aws.h"

/* One value of each line of a run. Copies, so that stores to vectors cannot change them. */
typedef struct aws_walk {
    const char *p;
    /* the delimiter before the first line's value; the next is the one behind it */
    const uint16_t *q;
    uint32_t stride;           /* from line to line */
    uint32_t n;                /* lines */
    uint32_t cr;               /* 1 = a CR stands behind the value */
} aws_walk_t;

#if defined(__x86_64__)
uint32_t aws_wide_numbers(const aws_walk_t *w, void *out, unsigned width, uint16_t *odd,
                          uint32_t *done);
uint32_t aws_wide_times(const aws_walk_t *w, int64_t *out, uint16_t *odd, uint32_t *done);
uint32_t aws_wide_words(const aws_walk_t *w, uint8_t *out, uint64_t w0, uint64_t w1, uint16_t *odd,
                        uint32_t *done);
uint32_t aws_wide_addresses(const aws_walk_t *w, const aws_quad_t *quads, void *out, bool narrow,
                            uint16_t *odd,
                            uint32_t *done);
/*
 * How many rows from r on (a multiple of four) have this value of n bytes, at most 24: its first,
 * last and second eight bytes are a, b and c, as far as it has them.
 */
uint32_t aws_wide_repeat(const aws_walk_t *w, uint32_t r, uint64_t a, uint64_t b, uint64_t c,
                         uint32_t n);
#endif

#endif
