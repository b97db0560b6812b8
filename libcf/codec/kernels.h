/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner loops of the codec, as a table of functions: portable C, and AVX2 where the processor
 * has it. Both give the same results for the same input; tests run both. Bit maps are arrays of
 * 64-bit words, bit i of word i / 64, and zero beyond the last item. Arrays that are read in steps
 * of eight have CODEC_PAD readable bytes behind them.
 */
#ifndef CFI_CODEC_KERNELS_H
#define CFI_CODEC_KERNELS_H

#include "format.h"

typedef struct cfi_kernels {
    const char *name;
    /*
     * m numbers of bits bits (0 … 32; 0 … 64) from src of nbytes bytes, plus base. No byte behind
     * nbytes is read.
     */
    void (*unpack32)(const uint8_t *src, size_t nbytes, uint32_t m, unsigned bits, uint32_t base,
                     uint32_t *out);
    void (*unpack64)(const uint8_t *src, size_t nbytes, uint32_t m, unsigned bits, uint64_t base,
                     uint64_t *out);
    /* Where a bit is set, the next of vals replaces out[i]. */
    void (*merge32)(const uint64_t *bits, uint32_t m, const uint32_t *vals, uint32_t *out);
    void (*merge64)(const uint64_t *bits, uint32_t m, const uint64_t *vals, uint64_t *out);
    /*
     * Where a bit is clear the next of the nvals vals, else the value before it. vals may be the
     * end of out itself (out + m - nvals) and needs no padding. Bit 0 is clear and nvals bits are.
     */
    void (*repeat32)(const uint64_t *bits, uint32_t m, const uint32_t *vals, uint32_t nvals,
                     uint32_t *out);
    void (*repeat64)(const uint64_t *bits, uint32_t m, const uint64_t *vals, uint32_t nvals,
                     uint64_t *out);
    /* out[i] = bit ? b[i] : a[i]; out may be a or b. */
    void (*select32)(const uint64_t *bits, uint32_t m, const uint32_t *a, const uint32_t *b,
                     uint32_t *out);
    void (*select64)(const uint64_t *bits, uint32_t m, const uint64_t *a, const uint64_t *b,
                     uint64_t *out);
    /* 0 where the bit is set. */
    void (*zero32)(const uint64_t *bits, uint32_t m, uint32_t *v);
    /* out[i] = table[codes[i]]; all codes < k. out may be codes. */
    void (*lookup32)(const uint32_t *table, uint32_t k, const uint32_t *codes, uint32_t m,
                     uint32_t *out);
    /*
     * out[i] = table[codes[i]] for codes below k, else the next of vals (room for nvals, padded).
     * Returns how many of vals were asked for, or UINT32_MAX when a code is above k. table has k +
     * 1 entries. out may be codes.
     */
    uint32_t (*escape32)(const uint32_t *table, uint32_t k, const uint32_t *codes, uint32_t m,
                         const uint32_t *vals, uint32_t nvals, uint32_t *out);
    /* out[i] += high[i] << shift (below 32). */
    void (*join32)(const uint32_t *high, uint32_t m, unsigned shift, uint32_t *out);
    /* Bits set of m (all of the last word counts). */
    uint32_t (*count)(const uint64_t *bits, uint32_t m);
    /* 32 to 64 bits; as they are, times factor. v may be the second half of out's memory. */
    void (*widen)(const uint32_t *v, uint32_t m, uint64_t *out);
    void (*scale)(const uint32_t *v, uint32_t m, uint64_t factor, uint64_t *out);
    /* IPv4 numbers as addresses of 128 bits. */
    void (*mapped)(const uint32_t *v, uint32_t m, cf_addr_t *out);
    /* Largest of m numbers, 0 for none. */
    uint32_t (*max32)(const uint32_t *v, uint32_t m);
    /* The numbers whose bit is clear, in order; their count. out has room for m + 8. */
    uint32_t (*compact32)(const uint64_t *bits, uint32_t m, const uint32_t *v, uint32_t *out);
    /* Clear each bit whose number is not equal to the one before; bit 0 is clear. */
    void (*repeats32)(const uint32_t *v, uint32_t m, uint64_t *bits);
    void (*repeats64)(const uint64_t *v, uint32_t m, uint64_t *bits);
    /* Smallest and largest of m > 0 numbers. */
    void (*range32)(const uint32_t *v, uint32_t m, uint32_t *min, uint32_t *max);
    /* Bit map of v[i] == x. */
    void (*equal32)(const uint32_t *v, uint32_t m, uint32_t x, uint64_t *bits);
    /* Lowest byte or two bytes of each number; returns the OR of the numbers. */
    uint32_t (*narrow8)(const uint32_t *v, uint32_t m, uint8_t *out);
    uint32_t (*narrow16)(const uint32_t *v, uint32_t m, uint16_t *out);
    void (*widen8)(const uint8_t *v, uint32_t m, uint32_t *out);
    void (*widen16)(const uint16_t *v, uint32_t m, uint32_t *out);
    /*
     * m numbers, each below 2^bits, into ceil(m * bits / 8) bytes at dst, which has 8 more
     * writable.
     */
    void (*pack32)(const uint32_t *v, uint32_t m, unsigned bits, uint8_t *dst);
} cfi_kernels_t;

extern const cfi_kernels_t cfi_kernels_portable;
/* NULL where this processor or compiler has none. */
const cfi_kernels_t *cfi_kernels_avx2(void);
/*
 * The best here; CF_PORTABLE=1 in the environment asks for the portable ones (a switch for tests).
 */
const cfi_kernels_t *cfi_kernels(void);

#endif
