/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernels in AVX2. Unsigned "x <= span" is min(x, span) == x; 64-bit values, which have no such
 * minimum, turn the sign bit and compare signed. Narrowing packs work within 128-bit lanes, so a
 * permutation puts rows back in order before the bits are taken.
 */
#include <stddef.h>

#include "expr/kernel.h"

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m256i load(const void *p)
{
    return _mm256_loadu_si256(p);
}

AVX2 static inline uint32_t bits8(__m256i mask)
{
    return (uint32_t)_mm256_movemask_epi8(mask);
}

/* Two vectors of 16-bit masks, rows in order, to 32 bits. */
AVX2 static inline uint32_t bits16(__m256i a, __m256i b)
{
    return bits8(_mm256_permute4x64_epi64(_mm256_packs_epi16(a, b), 0xd8));
}

AVX2 static void range8(const uint8_t *v, uint32_t words, uint8_t lo, uint8_t span, bool join,
                        uint64_t *out)
{
    __m256i l = _mm256_set1_epi8((char)lo), s = _mm256_set1_epi8((char)span);

    for (uint32_t w = 0; w < words; w++, v += 64) {
        __m256i a = _mm256_sub_epi8(load(v), l), b = _mm256_sub_epi8(load(v + 32), l);
        uint64_t bits = bits8(_mm256_cmpeq_epi8(_mm256_min_epu8(a, s), a));

        bits |= (uint64_t)bits8(_mm256_cmpeq_epi8(_mm256_min_epu8(b, s), b)) << 32;
        out[w] = bits | (join ? out[w] : 0);
    }
}

AVX2 static inline __m256i in16(const uint16_t *v, __m256i l, __m256i s)
{
    __m256i a = _mm256_sub_epi16(load(v), l);

    return _mm256_cmpeq_epi16(_mm256_min_epu16(a, s), a);
}

AVX2 static void range16(const uint16_t *v, uint32_t words, uint16_t lo, uint16_t span, bool join,
                         uint64_t *out)
{
    __m256i l = _mm256_set1_epi16((short)lo), s = _mm256_set1_epi16((short)span);

    for (uint32_t w = 0; w < words; w++, v += 64) {
        uint64_t bits = bits16(in16(v, l, s), in16(v + 16, l, s));

        bits |= (uint64_t)bits16(in16(v + 32, l, s), in16(v + 48, l, s)) << 32;
        out[w] = bits | (join ? out[w] : 0);
    }
}

AVX2 static inline __m256i in32(const uint32_t *v, __m256i l, __m256i s)
{
    __m256i a = _mm256_sub_epi32(load(v), l);

    return _mm256_cmpeq_epi32(_mm256_min_epu32(a, s), a);
}

AVX2 static inline uint32_t half32(const uint32_t *v, __m256i l, __m256i s)
{
    __m256i a = _mm256_packs_epi32(in32(v, l, s), in32(v + 8, l, s));
    __m256i b = _mm256_packs_epi32(in32(v + 16, l, s), in32(v + 24, l, s));
    __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);

    return bits8(_mm256_permutevar8x32_epi32(_mm256_packs_epi16(a, b), order));
}

AVX2 static void range32(const uint32_t *v, uint32_t words, uint32_t lo, uint32_t span, bool join,
                         uint64_t *out)
{
    __m256i l = _mm256_set1_epi32((int)lo), s = _mm256_set1_epi32((int)span);

    for (uint32_t w = 0; w < words; w++, v += 64) {
        uint64_t bits = half32(v, l, s) | (uint64_t)half32(v + 32, l, s) << 32;

        out[w] = bits | (join ? out[w] : 0);
    }
}

/* Mask of rows outside. */
AVX2 static inline __m256i out64(const uint64_t *v, __m256i l, __m256i s, __m256i sign)
{
    __m256i a = _mm256_xor_si256(_mm256_sub_epi64(load(v), l), sign);

    return _mm256_cmpgt_epi64(a, s);
}

AVX2 static inline uint32_t part64(const uint64_t *v, __m256i l, __m256i s, __m256i sign)
{
    __m256i a = out64(v, l, s, sign), b = out64(v + 4, l, s, sign);
    __m256 both = _mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0x88);
    /* both: a0 a1 b0 b1 | a2 a3 b2 b3 as 32-bit masks */
    __m256i ordered = _mm256_permute4x64_epi64(_mm256_castps_si256(both), 0xd8);

    return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(ordered));
}

AVX2 static void range64(const uint64_t *v, uint32_t words, uint64_t lo, uint64_t span, bool join,
                         uint64_t *out)
{
    __m256i l = _mm256_set1_epi64x((long long)lo);
    __m256i sign = _mm256_set1_epi64x((long long)(UINT64_C(1) << 63));
    __m256i s = _mm256_xor_si256(_mm256_set1_epi64x((long long)span), sign);

    for (uint32_t w = 0; w < words; w++, v += 64) {
        uint64_t bits = 0;

        for (unsigned i = 0; i < 8; i++)
            bits |= (uint64_t)part64(v + 8 * i, l, s, sign) << (8 * i);
        out[w] = ~bits | (join ? out[w] : 0);
    }
}

/*
 * Bit b of the 256-bit table: byte (b >> 3) of 32, bit b & 7. Stored the other way round for the
 * byte shuffle: the low nibble of a value picks a byte whose bits stand for the high nibble, 8 high
 * nibbles in each of two tables.
 */
AVX2 static void table8(const uint8_t *v, uint32_t words, const uint64_t table[4], uint64_t *out)
{
    uint8_t low[16], high[16];
    __m256i lows, highs, nibble = _mm256_set1_epi8(0x0f);
    __m256i power = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, (char)128, 1, 2, 4, 8, 16, 32, 64, (char)128));

    for (unsigned i = 0; i < 16; i++) {
        low[i] = high[i] = 0;
        for (unsigned j = 0; j < 8; j++) {
            unsigned a = j << 4 | i, b = (j + 8) << 4 | i;

            low[i] |= (uint8_t)((table[a >> 6] >> (a & 63) & 1) << j);
            high[i] |= (uint8_t)((table[b >> 6] >> (b & 63) & 1) << j);
        }
    }
    lows = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)low));
    highs = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)high));
    for (uint32_t w = 0; w < words; w++, v += 64) {
        uint64_t bits = 0;

        for (unsigned i = 0; i < 2; i++) {
            __m256i x = load(v + 32 * i);
            __m256i lo = _mm256_and_si256(x, nibble);
            __m256i hi = _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble);
            /* values from 128 on have their sign bit set, which blendv looks at */
            __m256i row = _mm256_blendv_epi8(_mm256_shuffle_epi8(lows, lo),
                                             _mm256_shuffle_epi8(highs, lo), x);
            __m256i bit = _mm256_shuffle_epi8(power, hi);

            bits |= (uint64_t)bits8(_mm256_cmpeq_epi8(_mm256_and_si256(row, bit), bit)) << (32 * i);
        }
        out[w] = bits;
    }
}

AVX2 static void table16(const uint16_t *v, uint32_t words, const uint64_t *table, uint64_t *out)
{
    __m256i last = _mm256_set1_epi32(31);

    for (uint32_t w = 0; w < words; w++, v += 64) {
        uint64_t bits = 0;

        for (unsigned i = 0; i < 8; i++) {
            __m256i x = _mm256_cvtepu16_epi32(
                _mm_loadu_si128((const __m128i *)(const void *)(v + 8 * i)));
            __m256i part = _mm256_i32gather_epi32((const int *)(const void *)table,
                                                  _mm256_srli_epi32(x, 5), 4);
            __m256i top = _mm256_sllv_epi32(part, _mm256_andnot_si256(x, last));

            bits |= (uint64_t)(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(top)) << (8 * i);
        }
        out[w] = bits;
    }
}

AVX2 static void map32(const uint32_t *code, uint32_t words, const uint8_t *match, uint64_t *out)
{
    for (uint32_t w = 0; w < words; w++, code += 64) {
        uint64_t bits = 0;

        for (unsigned i = 0; i < 8; i++) {
            __m256i x = _mm256_i32gather_epi32((const int *)(const void *)match, load(code + 8 * i),
                                               1);

            x = _mm256_slli_epi32(x, 31);
            bits |= (uint64_t)(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(x)) << (8 * i);
        }
        out[w] = bits;
    }
}

static const cfi_expr_kernels_t kernels_avx2 = {
    .range8 = range8, .range16 = range16, .range32 = range32, .range64 = range64,
    .table8 = table8, .table16 = table16, .map32 = map32,
};

const cfi_expr_kernels_t *cfi_expr_kernels_avx2(void)
{
    return __builtin_cpu_supports("avx2") ? &kernels_avx2 : NULL;
}

#else

const cfi_expr_kernels_t *cfi_expr_kernels_avx2(void)
{
    return NULL;
}

#endif
