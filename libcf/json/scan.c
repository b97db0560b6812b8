/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ends or interrupts a string: a quote, a backslash, a control character. Looked for in 32
 * bytes at a time where the processor has AVX2, in 16 on any x86-64, in eight elsewhere. The three
 * agree; a unit test compares them.
 */
#include <stdlib.h>
#include <string.h>

#include "json/json.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)

/* Top bits of the bytes of w that are zero (bytes above the lowest such one may be wrong). */
static inline uint64_t zeros(uint64_t w)
{
    return (w - ONES) & ~w & TOPS;
}

size_t cfi_json_scan_plain(const char *p, size_t from, size_t n, bool *ascii)
{
    size_t i = from;
    uint64_t high = 0;

    for (; i + 8 <= n; i += 8) {
        uint64_t w, stop;

        memcpy(&w, p + i, 8);
        stop = zeros(w ^ ONES * '"') | zeros(w ^ ONES * '\\') | ((w - ONES * 0x20) & ~w & TOPS);
        if (stop != 0)
            break;
        high |= w;
    }
    for (; i < n; i++) {
        unsigned char c = (unsigned char)p[i];

        if (c == '"' || c == '\\' || c < 0x20)
            break;
        high |= c;
    }
    if (high & TOPS)
        *ascii = false;
    return i < n ? i : n;
}

#if defined(__x86_64__)

static inline __attribute__((always_inline)) size_t scan16(const char *p, size_t i, size_t n,
                                                           bool *ascii)
{
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
    const __m128i low = _mm_set1_epi8(0x1f);

    for (; i + 16 <= n; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        __m128i stop = _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash));
        uint32_t bits, high = (uint32_t)_mm_movemask_epi8(v);

        bits = (uint32_t)_mm_movemask_epi8(_mm_or_si128(stop,
                _mm_cmpeq_epi8(_mm_min_epu8(v, low), v)));
        if (bits != 0)
            high &= (bits & -bits) - 1;
        if (__builtin_expect(high != 0, 0))
            *ascii = false;
        if (bits != 0)
            return i + (size_t)__builtin_ctz(bits);
    }
    return cfi_json_scan_plain(p, i, n, ascii);
}

size_t cfi_json_scan_sse2(const char *p, size_t from, size_t n, bool *ascii)
{
    return scan16(p, from, n, ascii);
}

__attribute__((target("avx2,bmi"))) size_t cfi_json_scan_avx2(const char *p, size_t from, size_t n,
                                                              bool *ascii)
{
    const __m256i quote = _mm256_set1_epi8('"'), slash = _mm256_set1_epi8('\\');
    const __m256i low = _mm256_set1_epi8(0x1f);
    size_t i = from;

    for (; i + 32 <= n; i += 32) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(p + i));
        __m256i stop = _mm256_or_si256(_mm256_cmpeq_epi8(v, quote), _mm256_cmpeq_epi8(v, slash));
        uint32_t bits, high = (uint32_t)_mm256_movemask_epi8(v);

        bits = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(stop,
                _mm256_cmpeq_epi8(_mm256_min_epu8(v, low), v)));
        if (bits != 0)
            high &= (bits & -bits) - 1;
        if (__builtin_expect(high != 0, 0))
            *ascii = false;
        if (bits != 0)
            return i + (size_t)__builtin_ctz(bits);
    }
    return scan16(p, i, n, ascii);
}

#endif

cfi_json_scan_fn cfi_json_scanner(void)
{
#if defined(__x86_64__)
    const char *portable = getenv("CF_PORTABLE");

    if (portable != NULL && portable[0] == '1')
        return cfi_json_scan_plain;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"))
        return cfi_json_scan_avx2;
    return cfi_json_scan_sse2;
#else
    return cfi_json_scan_plain;
#endif
}
