/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Portable kernels, written so that the compiler vectorises the comparison: 64 results as bytes,
 * then eight multiplications gather them into a word of bits. kernel_avx2.c has the same in AVX2;
 * the choice between both is here.
 */
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "expr/kernel.h"

/* Bytes that are 0 or 1 into bits: byte i of each eight goes to bit i. */
static uint64_t pack(const uint8_t byte[64])
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < 8; i++) {
        uint64_t x;

        memcpy(&x, byte + 8 * i, sizeof x);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        x = __builtin_bswap64(x);
#endif
        bits |= (x * UINT64_C(0x0102040810204080) >> 56) << (8 * i);
    }
    return bits;
}

#define RANGE(name, type) \
    static void name(const type *v, uint32_t words, type lo, type span, bool join, uint64_t *out) \
    { \
        for (uint32_t w = 0; w < words; w++, v += 64) { \
            uint8_t byte[64]; \
            for (unsigned i = 0; i < 64; i++) \
                byte[i] = (type)(v[i] - lo) <= span; \
            out[w] = pack(byte) | (join ? out[w] : 0); \
        } \
    }

RANGE(range8, uint8_t)
RANGE(range16, uint16_t)
RANGE(range32, uint32_t)
RANGE(range64, uint64_t)

static void table8(const uint8_t *v, uint32_t words, const uint64_t table[4], uint64_t *out)
{
    for (uint32_t w = 0; w < words; w++, v += 64) {
        uint64_t bits = 0;

        for (unsigned i = 0; i < 64; i++)
            bits |= (table[v[i] >> 6] >> (v[i] & 63) & 1) << i;
        out[w] = bits;
    }
}

static void table16(const uint16_t *v, uint32_t words, const uint64_t *table, uint64_t *out)
{
    for (uint32_t w = 0; w < words; w++, v += 64) {
        uint64_t bits = 0;

        for (unsigned i = 0; i < 64; i++)
            bits |= (table[v[i] >> 6] >> (v[i] & 63) & 1) << i;
        out[w] = bits;
    }
}

static void map32(const uint32_t *code, uint32_t words, const uint8_t *match, uint64_t *out)
{
    for (uint32_t w = 0; w < words; w++, code += 64) {
        uint64_t bits = 0;

        for (unsigned i = 0; i < 64; i++)
            bits |= (uint64_t)match[code[i]] << i;
        out[w] = bits;
    }
}

const cfi_expr_kernels_t cfi_expr_kernels_plain = {
    .range8 = range8, .range16 = range16, .range32 = range32, .range64 = range64,
    .table8 = table8, .table16 = table16, .map32 = map32,
};

static _Atomic(const cfi_expr_kernels_t *) chosen;

const cfi_expr_kernels_t *cfi_expr_kernels(void)
{
    const cfi_expr_kernels_t *k = atomic_load_explicit(&chosen, memory_order_acquire);

    if (k == NULL) {
        k = cfi_expr_kernels_avx2();
        if (k == NULL)
            k = &cfi_expr_kernels_plain;
        atomic_store_explicit(&chosen, k, memory_order_release);
    }
    return k;
}

void cfi_expr_kernels_force(const cfi_expr_kernels_t *k)
{
    atomic_store_explicit(&chosen, k, memory_order_release);
}
