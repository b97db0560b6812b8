/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inner loops for processors with AVX2, eight (or four) values a step; tails go to the portable
 * loops.
 *
 * Unpacking: eight numbers of b bits fill exactly b bytes, so each group of eight starts at a byte
 * and one byte shuffle brings the bytes of each number into its lane; a shift by lane and a mask
 * finish. Expanding by a bit map: a table gives for each byte of the map the lanes that the next
 * values go to, and a permutation places them.
 */
#include "kernels.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))

/*
 * For each byte, as bytes: merge lane i takes number popcount(byte & (2^i - 1)), repeat lane i
 * number popcount(~byte & (2^(i+1) - 1)), compact lane i the place of the i-th clear bit.
 */
typedef struct lanes {
    uint8_t of[256][8];
} lanes_t;

static lanes_t merge_lanes, repeat_lanes, compact_lanes;
static cfi_kernels_t avx2;

AVX2 static void unpack32_avx2(const uint8_t *src, size_t nbytes, uint32_t m, unsigned bits,
                               uint32_t base, uint32_t *out)
{
    uint8_t pattern[32] __attribute__((aligned(32)));
    uint32_t shift[8] __attribute__((aligned(32)));
    size_t half = bits / 2, at = 0;
    uint32_t i = 0;

    if (bits == 0) {
        for (; i < m; i++)
            out[i] = base;
        return;
    }
    if (bits > 25) {
        cfi_kernels_portable.unpack32(src, nbytes, m, bits, base, out);
        return;
    }
    for (unsigned j = 0; j < 8; j++) {
        unsigned bit = j < 4 ? j * bits : j * bits - (unsigned)half * 8;

        for (unsigned b = 0; b < 4; b++)
            pattern[j * 4 + b] = (uint8_t)(bit / 8 + b);
        shift[j] = bit % 8;
    }
    {
        const __m256i pat = _mm256_load_si256((const __m256i *)(const void *)pattern);
        const __m256i shr = _mm256_load_si256((const __m256i *)(const void *)shift);
        const __m256i mask = _mm256_set1_epi32((int)((1u << bits) - 1));
        const __m256i add = _mm256_set1_epi32((int)base);

        for (; i + 8 <= m && at + half + 16 <= nbytes; i += 8, at += bits) {
            __m128i lo = _mm_loadu_si128((const __m128i *)(const void *)(src + at));
            __m128i hi = _mm_loadu_si128((const __m128i *)(const void *)(src + at + half));
            __m256i v = _mm256_shuffle_epi8(_mm256_set_m128i(hi, lo), pat);

            v = _mm256_add_epi32(_mm256_and_si256(_mm256_srlv_epi32(v, shr), mask), add);
            _mm256_storeu_si256((__m256i *)(void *)(out + i), v);
        }
    }
    cfi_kernels_portable.unpack32(src + at, nbytes - at, m - i, bits, base, out + i);
}

AVX2 static void unpack64_avx2(const uint8_t *src, size_t nbytes, uint32_t m, unsigned bits,
                               uint64_t base, uint64_t *out)
{
    uint8_t pattern[64] __attribute__((aligned(32)));
    uint64_t shift[8] __attribute__((aligned(32)));
    size_t off[4], at = 0;
    uint32_t i = 0;

    if (bits == 0 || bits > 57) {
        cfi_kernels_portable.unpack64(src, nbytes, m, bits, base, out);
        return;
    }
    for (unsigned j = 0; j < 8; j++) {
        unsigned bit;

        if (j % 2 == 0)
            off[j / 2] = (size_t)j * bits / 8;
        bit = j * bits - (unsigned)off[j / 2] * 8;
        for (unsigned b = 0; b < 8; b++)
            pattern[j * 8 + b] = (uint8_t)(bit / 8 + b);
        shift[j] = bit % 8;
    }
    {
        const __m256i pat0 = _mm256_load_si256((const __m256i *)(const void *)pattern);
        const __m256i pat1 = _mm256_load_si256((const __m256i *)(const void *)(pattern + 32));
        const __m256i shr0 = _mm256_load_si256((const __m256i *)(const void *)shift);
        const __m256i shr1 = _mm256_load_si256((const __m256i *)(const void *)(shift + 4));
        const __m256i mask = _mm256_set1_epi64x((long long)((UINT64_C(1) << bits) - 1));
        const __m256i add = _mm256_set1_epi64x((long long)base);

        for (; i + 8 <= m && at + off[3] + 16 <= nbytes; i += 8, at += bits) {
            const uint8_t *p = src + at;
            __m128i a = _mm_loadu_si128((const __m128i *)(const void *)p);
            __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(p + off[1]));
            __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(p + off[2]));
            __m128i d = _mm_loadu_si128((const __m128i *)(const void *)(p + off[3]));
            __m256i v = _mm256_shuffle_epi8(_mm256_set_m128i(b, a), pat0);
            __m256i w = _mm256_shuffle_epi8(_mm256_set_m128i(d, c), pat1);

            v = _mm256_add_epi64(_mm256_and_si256(_mm256_srlv_epi64(v, shr0), mask), add);
            w = _mm256_add_epi64(_mm256_and_si256(_mm256_srlv_epi64(w, shr1), mask), add);
            _mm256_storeu_si256((__m256i *)(void *)(out + i), v);
            _mm256_storeu_si256((__m256i *)(void *)(out + i + 4), w);
        }
    }
    cfi_kernels_portable.unpack64(src + at, nbytes - at, m - i, bits, base, out + i);
}

AVX2 static __m256i lanes_of(const lanes_t *t, unsigned byte)
{
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)t->of[byte]));
}

/* All ones in lane i where bit i of the byte is set. */
AVX2 static __m256i mask_of(unsigned byte)
{
    const __m256i bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);

    return _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32((int)byte), bit), bit);
}

AVX2 static void merge32_avx2(const uint64_t *bits, uint32_t m, const uint32_t *vals, uint32_t *out)
{
    uint32_t words = m / 64;

    for (uint32_t w = 0; w < words; w++) {
        uint64_t rest = bits[w];
        uint32_t *o = out + w * 64;

        if (rest == 0)
            continue;
        if (__builtin_popcountll(rest) < 6) {
            for (; rest != 0; rest &= rest - 1)
                o[__builtin_ctzll(rest)] = *vals++;
            continue;
        }
        for (unsigned g = 0; g < 8; g++, rest >>= 8, o += 8) {
            unsigned byte = (unsigned)(rest & 0xff);
            __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)vals);

            v = _mm256_permutevar8x32_epi32(v, lanes_of(&merge_lanes, byte));
            _mm256_maskstore_epi32((int *)(void *)o, mask_of(byte), v);
            vals += __builtin_popcount(byte);
        }
    }
    if (m % 64 != 0)
        cfi_kernels_portable.merge32(bits + words, m % 64, vals, out + words * 64);
}

/*
 * The value before the next of vals is vals[-1]: lane i takes number popcount(~byte & (2^(i+1) -
 * 1)) of vals[-1 … 6]. It is still there when out overlaps vals: as long as repeats are to come,
 * out stays behind what was taken.
 */
AVX2 static void repeat32_avx2(const uint64_t *bits, uint32_t m, const uint32_t *vals,
                               uint32_t nvals, uint32_t *out)
{
    const uint8_t *map = (const uint8_t *)bits;
    const uint32_t *end = vals + nvals;
    uint32_t i = 0, prev = 0;

    for (; i < m && i < 8; i++) {
        if (((map[0] >> i) & 1) == 0)
            prev = *vals++;
        out[i] = prev;
    }
    for (; i + 8 <= m && end - vals >= 8; i += 8) {
        unsigned byte = map[i / 8];
        __m256i r;

        if (byte == 0)
            r = _mm256_loadu_si256((const __m256i *)(const void *)vals);
        else
            r = _mm256_permutevar8x32_epi32(_mm256_loadu_si256(
                                                (const __m256i *)(const void *)(vals - 1)),
                                            lanes_of(&repeat_lanes, byte));
        vals += 8 - __builtin_popcount(byte);
        _mm256_storeu_si256((__m256i *)(void *)(out + i), r);
    }
    if (i > 0 && i < m)
        prev = out[i - 1];
    for (; i < m; i++) {
        if (((bits[i >> 6] >> (i & 63)) & 1) == 0)
            prev = *vals++;
        out[i] = prev;
    }
}

AVX2 static uint32_t compact32_avx2(const uint64_t *bits, uint32_t m, const uint32_t *v,
                                    uint32_t *out)
{
    const uint8_t *map = (const uint8_t *)bits;
    uint32_t i = 0, n = 0;

    for (; i + 8 <= m; i += 8) {
        unsigned byte = map[i / 8];
        __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)(v + i));

        x = _mm256_permutevar8x32_epi32(x, lanes_of(&compact_lanes, byte));
        _mm256_storeu_si256((__m256i *)(void *)(out + n), x);
        n += 8 - (uint32_t)__builtin_popcount(byte);
    }
    for (; i < m; i++) {
        out[n] = v[i];
        n += ((bits[i >> 6] >> (i & 63)) & 1) == 0;
    }
    return n;
}

AVX2 static void repeats32_avx2(const uint32_t *v, uint32_t m, uint64_t *bits)
{
    uint8_t *map = (uint8_t *)bits;
    uint32_t i = 8;

    cfi_kernels_portable.repeats32(v, m < 8 ? m : 8, bits);
    for (; i + 8 <= m; i += 8) {
        __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)(v + i));
        __m256i y = _mm256_loadu_si256((const __m256i *)(const void *)(v + i - 1));

        map[i / 8] &= (uint8_t)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(x, y)));
    }
    for (; i < m; i++)
        if (v[i] != v[i - 1])
            bits[i >> 6] &= ~(UINT64_C(1) << (i & 63));
}

AVX2 static void repeats64_avx2(const uint64_t *v, uint32_t m, uint64_t *bits)
{
    uint8_t *map = (uint8_t *)bits;
    uint32_t i = 8;

    cfi_kernels_portable.repeats64(v, m < 8 ? m : 8, bits);
    for (; i + 8 <= m; i += 8) {
        const __m256i *x = (const __m256i *)(const void *)(v + i),
                      *y = (const __m256i *)(const void *)(v + i - 1);
        __m256i a = _mm256_cmpeq_epi64(_mm256_loadu_si256(x), _mm256_loadu_si256(y));
        __m256i b = _mm256_cmpeq_epi64(_mm256_loadu_si256(x + 1), _mm256_loadu_si256(y + 1));

        map[i / 8] &= (uint8_t)(_mm256_movemask_pd(_mm256_castsi256_pd(a))
                                | _mm256_movemask_pd(_mm256_castsi256_pd(b)) << 4);
    }
    for (; i < m; i++)
        if (v[i] != v[i - 1])
            bits[i >> 6] &= ~(UINT64_C(1) << (i & 63));
}

AVX2 static uint32_t count_avx2(const uint64_t *bits, uint32_t m)
{
    uint32_t n = 0;

    for (uint32_t w = 0; w * 64 < m; w++)
        n += (uint32_t)__builtin_popcountll(bits[w]);
    return n;
}

AVX2 static void widen_avx2(const uint32_t *v, uint32_t m, uint64_t *out)
{
    uint32_t i = 0;

    for (; i + 4 <= m; i += 4)
        _mm256_storeu_si256((__m256i *)(void *)(out + i),
                            _mm256_cvtepu32_epi64(
                                _mm_loadu_si128((const __m128i *)(const void *)(v + i))));
    for (; i < m; i++)
        out[i] = v[i];
}

AVX2 static void scale_avx2(const uint32_t *v, uint32_t m, uint64_t factor, uint64_t *out)
{
    const __m256i lo = _mm256_set1_epi64x((long long)(factor & UINT32_MAX));
    const __m256i hi = _mm256_set1_epi64x((long long)(factor >> 32));
    uint32_t i = 0;

    for (; i + 4 <= m; i += 4) {
        __m256i x = _mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i *)(const void *)(v + i)));

        x = _mm256_add_epi64(_mm256_mul_epu32(x, lo),
                             _mm256_slli_epi64(_mm256_mul_epu32(x, hi), 32));
        _mm256_storeu_si256((__m256i *)(void *)(out + i), x);
    }
    for (; i < m; i++)
        out[i] = v[i] * factor;
}

AVX2 static void mapped_avx2(const uint32_t *v, uint32_t m, cf_addr_t *out)
{
    const __m256i prefix = _mm256_set1_epi64x((long long)CF_V4_MAPPED),
                  zero = _mm256_setzero_si256();
    uint32_t i = 0;

    for (; i + 4 <= m; i += 4) {
        __m256i x = _mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i *)(const void *)(v + i)));
        __m256i a, b;

        x = _mm256_or_si256(x, prefix);
        a = _mm256_unpacklo_epi64(zero, x);        /* rows 0 and 2 */
        b = _mm256_unpackhi_epi64(zero, x);        /* rows 1 and 3 */
        _mm256_storeu_si256((__m256i *)(void *)(out + i), _mm256_permute2x128_si256(a, b, 0x20));
        _mm256_storeu_si256((__m256i *)(void *)(out + i + 2),
                            _mm256_permute2x128_si256(a, b, 0x31));
    }
    for (; i < m; i++)
        out[i] = cf_addr_v4(v[i]);
}

AVX2 static void select32_avx2(const uint64_t *bits, uint32_t m, const uint32_t *a,
                               const uint32_t *b, uint32_t *out)
{
    const uint8_t *map = (const uint8_t *)bits;
    uint32_t i = 0;

    for (; i + 8 <= m; i += 8) {
        __m256i va = _mm256_loadu_si256((const __m256i *)(const void *)(a + i));
        __m256i vb = _mm256_loadu_si256((const __m256i *)(const void *)(b + i));

        _mm256_storeu_si256((__m256i *)(void *)(out + i),
                            _mm256_blendv_epi8(va, vb, mask_of(map[i / 8])));
    }
    for (; i < m; i++)
        out[i] = ((bits[i >> 6] >> (i & 63)) & 1) != 0 ? b[i] : a[i];
}

/* Most words of a null map are empty, so words are looked at first. */
AVX2 static void zero32_avx2(const uint64_t *bits, uint32_t m, uint32_t *v)
{
    uint32_t words = m / 64;

    for (uint32_t w = 0; w < words; w++) {
        uint64_t rest = bits[w];

        for (__m256i *p = (__m256i *)(void *)(v + (size_t)w * 64); rest != 0; rest >>= 8, p++)
            _mm256_storeu_si256(p, _mm256_andnot_si256(mask_of((uint8_t)rest),
                                                       _mm256_loadu_si256(p)));
    }
    cfi_kernels_portable.zero32(bits + words, m % 64, v + (size_t)words * 64);
}

/* Table of up to 16 entries in two registers. */
AVX2 static __m256i look16(__m256i low, __m256i high, __m256i codes)
{
    __m256i a = _mm256_permutevar8x32_epi32(low, codes),
            b = _mm256_permutevar8x32_epi32(high, codes);

    return _mm256_blendv_epi8(a, b, _mm256_cmpgt_epi32(codes, _mm256_set1_epi32(7)));
}

AVX2 static void lookup32_avx2(const uint32_t *table, uint32_t k, const uint32_t *codes, uint32_t m,
                               uint32_t *out)
{
    uint32_t i = 0;

    if (k <= 16) {
        __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)table), high = low;

        if (k > 8)
            high = _mm256_loadu_si256((const __m256i *)(const void *)(table + 8));
        for (; i + 8 <= m; i += 8) {
            __m256i c = _mm256_loadu_si256((const __m256i *)(const void *)(codes + i));

            _mm256_storeu_si256((__m256i *)(void *)(out + i), look16(low, high, c));
        }
    }
    for (; i + 4 <= m; i += 4) {
        uint32_t a = table[codes[i]], b = table[codes[i + 1]], c = table[codes[i + 2]],
                 d = table[codes[i + 3]];

        out[i] = a;
        out[i + 1] = b;
        out[i + 2] = c;
        out[i + 3] = d;
    }
    for (; i < m; i++)
        out[i] = table[codes[i]];
}

AVX2 static uint32_t max32_avx2(const uint32_t *v, uint32_t m)
{
    uint32_t lane[8] __attribute__((aligned(32))), i = 0, max = 0;
    __m256i best = _mm256_setzero_si256();

    for (; i + 8 <= m; i += 8)
        best = _mm256_max_epu32(best, _mm256_loadu_si256((const __m256i *)(const void *)(v + i)));
    _mm256_store_si256((__m256i *)(void *)lane, best);
    for (unsigned j = 0; j < 8; j++)
        max = lane[j] > max ? lane[j] : max;
    for (; i < m; i++)
        max = v[i] > max ? v[i] : max;
    return max;
}

/*
 * The codes are looked up as if none were escaped (entry k of the table stands for all escapes),
 * and the escaped lanes are filled from vals.
 */
AVX2 static uint32_t escape32_avx2(const uint32_t *table, uint32_t k, const uint32_t *codes,
                                   uint32_t m, const uint32_t *vals, uint32_t nvals, uint32_t *out)
{
    const __m256i vk = _mm256_set1_epi32((int)k);
    uint32_t i = 0, used = 0, rest;

    /* Small tables are in registers: a code above k does no harm there and is noticed behind. */
    if (k >= 16 && max32_avx2(codes, m) > k)
        return UINT32_MAX;
    if (k < 16) {
        __m256i above = _mm256_setzero_si256();
        __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)table);
        __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(table + 8));

        for (; i + 8 <= m && used + 8 <= nvals; i += 8) {
            __m256i c = _mm256_loadu_si256((const __m256i *)(const void *)(codes + i));
            __m256i is = _mm256_cmpeq_epi32(c, vk);
            unsigned byte = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(is));
            __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(vals + used));

            above = _mm256_max_epu32(above, c);
            v = _mm256_permutevar8x32_epi32(v, lanes_of(&merge_lanes, byte));
            _mm256_storeu_si256((__m256i *)(void *)(out + i),
                                _mm256_blendv_epi8(look16(low, high, c), v, is));
            used += (uint32_t)__builtin_popcount(byte);
        }
        above = _mm256_cmpeq_epi32(_mm256_max_epu32(above, vk), vk);
        if (_mm256_movemask_epi8(above) != -1)
            return UINT32_MAX;
    }
    for (; k >= 16 && i + 8 <= m && used + 8 <= nvals; i += 8) {
        __m256i c = _mm256_loadu_si256((const __m256i *)(const void *)(codes + i));
        __m256i is = _mm256_cmpeq_epi32(c, vk);
        unsigned byte = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(is));
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(vals + used));
        __m128i t0 = _mm_setr_epi32((int)table[codes[i]], (int)table[codes[i + 1]],
                                    (int)table[codes[i + 2]], (int)table[codes[i + 3]]);
        __m128i t1 = _mm_setr_epi32((int)table[codes[i + 4]], (int)table[codes[i + 5]],
                                    (int)table[codes[i + 6]], (int)table[codes[i + 7]]);

        v = _mm256_permutevar8x32_epi32(v, lanes_of(&merge_lanes, byte));
        _mm256_storeu_si256((__m256i *)(void *)(out + i),
                            _mm256_blendv_epi8(_mm256_set_m128i(t1, t0), v, is));
        used += (uint32_t)__builtin_popcount(byte);
    }
    rest = cfi_kernels_portable.escape32(table, k, codes + i, m - i, vals + used, nvals - used,
                                         out + i);
    return rest == UINT32_MAX ? rest : used + rest;
}

AVX2 static void join32_avx2(const uint32_t *high, uint32_t m, unsigned shift, uint32_t *out)
{
    const __m128i by = _mm_cvtsi32_si128((int)shift);
    uint32_t i = 0;

    for (; i + 8 <= m; i += 8) {
        __m256i h = _mm256_loadu_si256((const __m256i *)(const void *)(high + i));
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(out + i));

        _mm256_storeu_si256((__m256i *)(void *)(out + i),
                            _mm256_add_epi32(v, _mm256_sll_epi32(h, by)));
    }
    cfi_kernels_portable.join32(high + i, m - i, shift, out + i);
}

AVX2 static void range32_avx2(const uint32_t *v, uint32_t m, uint32_t *min, uint32_t *max)
{
    uint32_t lane[16] __attribute__((aligned(32))), i = 0, lo = v[0], hi = v[0];
    __m256i low = _mm256_set1_epi32((int)v[0]), high = low;

    for (; i + 8 <= m; i += 8) {
        __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)(v + i));

        low = _mm256_min_epu32(low, x);
        high = _mm256_max_epu32(high, x);
    }
    _mm256_store_si256((__m256i *)(void *)lane, low);
    _mm256_store_si256((__m256i *)(void *)(lane + 8), high);
    for (unsigned j = 0; j < 8; j++) {
        lo = lane[j] < lo ? lane[j] : lo;
        hi = lane[8 + j] > hi ? lane[8 + j] : hi;
    }
    for (; i < m; i++) {
        lo = v[i] < lo ? v[i] : lo;
        hi = v[i] > hi ? v[i] : hi;
    }
    *min = lo;
    *max = hi;
}

AVX2 static void equal32_avx2(const uint32_t *v, uint32_t m, uint32_t x, uint64_t *bits)
{
    const __m256i vx = _mm256_set1_epi32((int)x);
    uint32_t words = m / 64;

    for (uint32_t w = 0; w < words; w++) {
        uint64_t word = 0;

        for (unsigned g = 0; g < 8; g++) {
            __m256i c = _mm256_loadu_si256((const __m256i *)(const void *)(v + w * 64 + g * 8));
            int hit = _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(c, vx)));

            word |= (uint64_t)(uint32_t)hit << (g * 8);
        }
        bits[w] = word;
    }
    if (m % 64 != 0)
        cfi_kernels_portable.equal32(v + words * 64, m % 64, x, bits + words);
}

AVX2 static uint32_t or_lanes(__m256i all)
{
    __m128i x = _mm_or_si128(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));

    x = _mm_or_si128(x, _mm_unpackhi_epi64(x, x));
    return (uint32_t)_mm_cvtsi128_si32(x) | (uint32_t)_mm_extract_epi32(x, 1);
}

AVX2 static uint32_t narrow8_avx2(const uint32_t *v, uint32_t m, uint8_t *out)
{
    const __m256i low = _mm256_set1_epi32(0xff);
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    __m256i all = _mm256_setzero_si256();
    uint32_t i = 0;

    for (; i + 32 <= m; i += 32) {
        const __m256i *p = (const __m256i *)(const void *)(v + i);
        __m256i a = _mm256_loadu_si256(p), b = _mm256_loadu_si256(p + 1);
        __m256i c = _mm256_loadu_si256(p + 2), d = _mm256_loadu_si256(p + 3), r;

        all = _mm256_or_si256(all, _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d)));
        r = _mm256_packus_epi16(_mm256_packus_epi32(_mm256_and_si256(a, low),
                                                    _mm256_and_si256(b, low)),
                                _mm256_packus_epi32(_mm256_and_si256(c, low),
                                                    _mm256_and_si256(d, low)));
        _mm256_storeu_si256((__m256i *)(void *)(out + i), _mm256_permutevar8x32_epi32(r, order));
    }
    return or_lanes(all) | cfi_kernels_portable.narrow8(v + i, m - i, out + i);
}

AVX2 static uint32_t narrow16_avx2(const uint32_t *v, uint32_t m, uint16_t *out)
{
    const __m256i low = _mm256_set1_epi32(0xffff);
    __m256i all = _mm256_setzero_si256();
    uint32_t i = 0;

    for (; i + 16 <= m; i += 16) {
        const __m256i *p = (const __m256i *)(const void *)(v + i);
        __m256i a = _mm256_loadu_si256(p), b = _mm256_loadu_si256(p + 1), r;

        all = _mm256_or_si256(all, _mm256_or_si256(a, b));
        r = _mm256_packus_epi32(_mm256_and_si256(a, low), _mm256_and_si256(b, low));
        _mm256_storeu_si256((__m256i *)(void *)(out + i), _mm256_permute4x64_epi64(r, 0xd8));
    }
    return or_lanes(all) | cfi_kernels_portable.narrow16(v + i, m - i, out + i);
}

/* Numbers up to 8 bits: eight become bytes of a word, and one bit extraction closes the gaps. */
AVX2 static void pack32_avx2(const uint32_t *v, uint32_t m, unsigned bits, uint8_t *dst)
{
    uint32_t i = 0;

    if (bits == 0)
        return;
    if (bits <= 8) {
        const uint64_t keep = UINT64_C(0x0101010101010101) * ((1u << bits) - 1);
        uint8_t eight[8];

        for (; i + 8 <= m; i += 8, dst += bits) {
            __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(v + i));
            __m128i b = _mm_packus_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));

            _mm_storel_epi64((__m128i *)(void *)eight, _mm_packus_epi16(b, b));
            store_le64(dst, _pext_u64(load_le64(eight), keep));
        }
    } else if (bits <= 16) {
        const uint64_t keep = UINT64_C(0x0001000100010001) * ((1u << bits) - 1);

        for (; i + 8 <= m; i += 8, dst += bits) {
            __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(v + i));
            __m128i b = _mm_packus_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
            uint64_t lo = _pext_u64((uint64_t)_mm_cvtsi128_si64(b), keep);
            uint64_t hi = _pext_u64((uint64_t)_mm_extract_epi64(b, 1), keep);
            unsigned fill = bits * 4;              /* bits of lo and of hi: 36 … 64 */

            store_le64(dst, fill == 64 ? lo : lo | hi << fill);
            store_le64(dst + 8, fill == 64 ? hi : hi >> (64 - fill));
        }
    }
    cfi_kernels_portable.pack32(v + i, m - i, bits, dst);
}

__attribute__((constructor)) static void fill_tables(void)
{
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi2"))
        return;
    for (unsigned byte = 0; byte < 256; byte++)
        for (unsigned i = 0; i < 8; i++) {
            merge_lanes.of[byte][i] = (uint8_t)__builtin_popcount(byte & ((1u << i) - 1));
            repeat_lanes.of[byte][i] = (uint8_t)__builtin_popcount(~byte & ((2u << i) - 1));
        }
    for (unsigned byte = 0; byte < 256; byte++)
        for (unsigned i = 0, n = 0; i < 8; i++)
            if (((byte >> i) & 1) == 0)
                compact_lanes.of[byte][n++] = (uint8_t)i;
    avx2 = cfi_kernels_portable;
    avx2.name = "avx2";
    avx2.unpack32 = unpack32_avx2;
    avx2.unpack64 = unpack64_avx2;
    avx2.merge32 = merge32_avx2;
    avx2.repeat32 = repeat32_avx2;
    avx2.select32 = select32_avx2;
    avx2.zero32 = zero32_avx2;
    avx2.lookup32 = lookup32_avx2;
    avx2.escape32 = escape32_avx2;
    avx2.join32 = join32_avx2;
    avx2.count = count_avx2;
    avx2.compact32 = compact32_avx2;
    avx2.repeats32 = repeats32_avx2;
    avx2.repeats64 = repeats64_avx2;
    avx2.widen = widen_avx2;
    avx2.scale = scale_avx2;
    avx2.mapped = mapped_avx2;
    avx2.max32 = max32_avx2;
    avx2.range32 = range32_avx2;
    avx2.equal32 = equal32_avx2;
    avx2.narrow8 = narrow8_avx2;
    avx2.narrow16 = narrow16_avx2;
    avx2.pack32 = pack32_avx2;
}

const cfi_kernels_t *cfi_kernels_avx2(void)
{
    return avx2.name != NULL ? &avx2 : NULL;
}

#else

const cfi_kernels_t *cfi_kernels_avx2(void)
{
    return NULL;
}

#endif
