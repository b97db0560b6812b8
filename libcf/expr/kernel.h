/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: vector against constants, 64 rows to a word of bits. Two sets of the same
 * functions: plain C and AVX2, chosen once when the processor is known.
 */
#ifndef CFI_KERNEL_H
#define CFI_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * words: whole words of 64 rows to do; the caller does a partial last word by padding. range: bit
 * set when (value - lo) <= span in the width's modular arithmetic, so it serves signed and unsigned
 * values alike. With join the bits are ORed to what is there.
 */
typedef struct cfi_expr_kernels {
    void (*range8)(const uint8_t *v, uint32_t words, uint8_t lo, uint8_t span, bool join,
                   uint64_t *out);
    void (*range16)(const uint16_t *v, uint32_t words, uint16_t lo, uint16_t span, bool join,
                    uint64_t *out);
    void (*range32)(const uint32_t *v, uint32_t words, uint32_t lo, uint32_t span, bool join,
                    uint64_t *out);
    void (*range64)(const uint64_t *v, uint32_t words, uint64_t lo, uint64_t span, bool join,
                    uint64_t *out);
    void (*table8)(const uint8_t *v, uint32_t words, const uint64_t table[4], uint64_t *out);
    void (*table16)(const uint16_t *v, uint32_t words, const uint64_t *table, uint64_t *out);
    /* match: 0 or 1 a code, and three more bytes behind the last that may be read */
    void (*map32)(const uint32_t *code, uint32_t words, const uint8_t *match, uint64_t *out);
} cfi_expr_kernels_t;

extern const cfi_expr_kernels_t cfi_expr_kernels_plain;
/* NULL when this build or processor has no AVX2. */
const cfi_expr_kernels_t *cfi_expr_kernels_avx2(void);
/* The set in use; tests may force one (NULL = choose by processor). */
const cfi_expr_kernels_t *cfi_expr_kernels(void);
void cfi_expr_kernels_force(const cfi_expr_kernels_t *k);

#endif
