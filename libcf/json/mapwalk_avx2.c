/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk with 32 bytes at a time (AVX2). Near the end of what may be read it compares and scans
 * byte by byte.
 */
#include <string.h>

#include "json/map.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi")))

AVX2 static inline uint32_t equal32(const char *a, const char *b)
{
    __m256i x = _mm256_loadu_si256((const void *)a), y = _mm256_loadu_si256((const void *)b);

    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, y));
}

/* An edge behind which nothing is left of the object is no match, unless it ends it. */
AVX2 static inline bool same(const cfi_walk_t *w, const char *q, const cfi_edge_t *e)
{
    if (__builtin_expect(w->safe - q < 32, 0) || w->end - q < (ptrdiff_t)e->len)
        return (size_t)(w->end - q) >= e->len && memcmp(q, e->text, e->len) == 0 &&
               (e->kind == CFI_EDGE_END || q + e->len < w->end);
    if ((equal32(q, e->text) | e->mask) != UINT32_MAX)
        return false;
    return (e->len <= 32 || memcmp(q + 32, e->text + 32, e->len - 32) == 0) &&
           (e->kind == CFI_EDGE_END || q + e->len < w->end);
}

AVX2 static inline const char *string_end(const cfi_walk_t *w, const char *q, bool *hard)
{
    const __m256i quote = _mm256_set1_epi8('"'), slash = _mm256_set1_epi8('\\');
    const __m256i ctrl = _mm256_set1_epi8(0x1f);

    while (__builtin_expect(w->safe - q >= 32, 1)) {
        __m256i x = _mm256_loadu_si256((const void *)q);
        __m256i odd = _mm256_or_si256(_mm256_cmpeq_epi8(x, slash),
                                      _mm256_cmpeq_epi8(_mm256_min_epu8(x, ctrl), x));
        uint32_t ends = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, quote));
        uint32_t bad = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(odd, x));

        /* A bad byte before the quote, or none of both: below the lowest quote. */
        if (__builtin_expect(ends != 0, 1)) {
            q += __builtin_ctz(ends);
            *hard = (bad & (ends - 1) & ~ends) != 0 || q >= w->end;
            return q;
        }
        if (bad != 0)
            break;
        q += 32;
    }
    for (; q < w->end; q++) {
        unsigned char c = (unsigned char)*q;

        if (c == '"')
            return q;
        if (c == '\\' || c < 0x20 || c >= 0x80)
            break;
    }
    *hard = true;
    return q;
}

AVX2 static inline size_t count_digits(const cfi_walk_t *w, const char *q)
{
    size_t n = 0;

    if (__builtin_expect(w->safe - q >= 32, 1)) {
        __m128i x = _mm_loadu_si128((const void *)q);
        __m128i d = _mm_sub_epi8(x, _mm_set1_epi8('0'));
        uint32_t is = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(
                                                      _mm_min_epu8(d, _mm_set1_epi8(9)), d));

        if (is != 0xffff)
            return (size_t)__builtin_ctz(~is);
        n = 16;
    }
    while (q + n < w->end && (unsigned char)(q[n] - '0') <= 9)
        n++;
    return n;
}

#define WALK walk_avx2
#define TARGET AVX2
#define SAME same
#define STOP string_end
#define DIGITS count_digits
#include "json/mapwalk.h"

int cfi_map_walk_avx2(cfi_walk_t *w)
{
    return walk_avx2(w);
}
#else
int cfi_map_walk_avx2(cfi_walk_t *w)
{
    return cfi_map_walk_plain(w);
}
#endif
