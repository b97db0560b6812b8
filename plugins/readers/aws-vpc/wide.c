/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Column loops with AVX2: four values at a time, each in a lane of eight bytes. A value is shifted
 * so that its last byte stands at the lane's top and nothing of its neighbours is left; then digits
 * are weighed and added up, or words compared, in all lanes at once. Rows that are not of the usual
 * form are noted, as in columns.c, whose plain loops do the rest of a run that is no multiple of
 * four.
 */
#include "columns.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define WIDE __attribute__((target("avx2,bmi")))
#define INLINE static inline __attribute__((always_inline, target("avx2,bmi")))

typedef struct four {
    const char *s[4];
    __m128i n;                 /* lengths */
    __m256i text;              /* first eight bytes of each, or of each from skip on */
} four_t;

static inline uint32_t load4(const uint16_t *q)
{
    uint32_t w;

    memcpy(&w, q, sizeof w);
    return w;
}

INLINE four_t take(const aws_walk_t *w, const uint16_t *q, unsigned skip)
{
    const uint32_t a = load4(q), b = load4(q + w->stride), c = load4(q + 2 * w->stride),
            d = load4(q + 3 * w->stride);
    const __m128i two = _mm_set_epi32((int)d, (int)c, (int)b, (int)a);
    const __m128i start = _mm_and_si128(_mm_add_epi32(two, _mm_set1_epi32(1)),
                                        _mm_set1_epi32(0xffff));
    four_t f;

    f.s[0] = w->p + (uint16_t)(a + 1);
    f.s[1] = w->p + (uint16_t)(b + 1);
    f.s[2] = w->p + (uint16_t)(c + 1);
    f.s[3] = w->p + (uint16_t)(d + 1);
    f.n = _mm_sub_epi32(_mm_sub_epi32(_mm_srli_epi32(two, 16), start), _mm_set1_epi32((int)w->cr));
    f.text = _mm256_set_epi64x((long long)aws_load8(f.s[3] + skip),
                               (long long)aws_load8(f.s[2] + skip),
                               (long long)aws_load8(f.s[1] + skip),
                                       (long long)aws_load8(f.s[0] + skip));
    return f;
}

/* Eight bytes of each value from skip on. */
INLINE __m256i again(const four_t *f, uint32_t skip)
{
    return _mm256_set_epi64x((long long)aws_load8(f->s[3] + skip),
                             (long long)aws_load8(f->s[2] + skip),
                             (long long)aws_load8(f->s[1] + skip),
                             (long long)aws_load8(f->s[0] + skip));
}

/* Shift each lane so that its n bytes end at the top; lanes of 0 or more than 8 bytes become 0. */
INLINE __m256i align(__m256i x, __m128i n)
{
    return _mm256_sllv_epi64(x, _mm256_cvtepu32_epi64(_mm_sub_epi32(_mm_set1_epi32(64),
            _mm_slli_epi32(n, 3))));
}

/* Numbers of the lanes, which hold bytes less '0'; *good has a bit for each that was all digits. */
INLINE __m128i weigh(__m256i x, unsigned *good)
{
    const __m256i nine = _mm256_set1_epi8(9);
    __m256i ok = _mm256_cmpeq_epi64(_mm256_xor_si256(_mm256_max_epu8(x, nine), nine),
                                    _mm256_setzero_si256());
    __m256i y = _mm256_maddubs_epi16(x, _mm256_set1_epi16(0x010a));

    *good = (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(ok));
    y = _mm256_madd_epi16(y, _mm256_set1_epi32(0x00010064));
    y = _mm256_packus_epi32(y, y);
    y = _mm256_madd_epi16(y, _mm256_set1_epi32(0x00012710));
    return _mm256_castsi256_si128(_mm256_permute4x64_epi64(y, 0x08));
}

/* Bits of lanes whose number is at most most. */
INLINE unsigned at_most(__m128i v, uint32_t most)
{
    __m128i ok = _mm_cmpeq_epi32(_mm_min_epu32(v, _mm_set1_epi32((int)most)), v);

    return (unsigned)_mm_movemask_ps(_mm_castsi128_ps(ok));
}

INLINE uint32_t note_odd(uint16_t *odd, uint32_t count, uint32_t r, unsigned good)
{
    unsigned k;

    for (k = 0; k < 4; k++) {
        odd[count] = (uint16_t)(r + k);
        count += !((good >> k) & 1);
    }
    return count;
}

INLINE uint32_t numbers(const aws_walk_t *w, void *out, unsigned width, uint32_t most,
                        uint16_t *odd, uint32_t *done)
{
    const uint16_t *q = w->q;
    uint32_t r, count = 0;
    char *to = out;

    for (r = 0; r + 4 <= w->n; r += 4, q += 4 * w->stride, to += 4 * width) {
        four_t f = take(w, q, 0);
        __m128i v, n1 = _mm_sub_epi32(f.n, _mm_set1_epi32(1));
        unsigned good;

        v = weigh(align(_mm256_sub_epi8(f.text, _mm256_set1_epi8('0')), f.n), &good);
        good &= at_most(n1, 7);
        if (width < 8)
            good &= at_most(v, most);
        if (width == 8) {
            _mm256_storeu_si256((__m256i *)(void *)to, _mm256_cvtepu32_epi64(v));
        } else if (width == 4) {
            _mm_storeu_si128((__m128i *)(void *)to, v);
        } else {
            __m128i half = _mm_packus_epi32(v, v);

            if (width == 2) {
                _mm_storel_epi64((__m128i *)(void *)to, half);
            } else {
                uint32_t bytes = (uint32_t)_mm_cvtsi128_si32(_mm_packus_epi16(half, half));

                memcpy(to, &bytes, sizeof bytes);
            }
        }
        if (good != 15)
            count = note_odd(odd, count, r, good);
    }
    *done = r;
    return count;
}

WIDE uint32_t aws_wide_numbers(const aws_walk_t *w, void *out, unsigned width, uint16_t *odd,
                               uint32_t *done)
{
    switch (width) {
    case 1: return numbers(w, out, 1, UINT8_MAX, odd, done);
    case 2: return numbers(w, out, 2, UINT16_MAX, odd, done);
    case 4: return numbers(w, out, 4, UINT32_MAX, odd, done);
    default: return numbers(w, out, 8, UINT32_MAX, odd, done);
    }
}

/* Ten digits whose first two are those of the first row: the same for three years. */
WIDE uint32_t aws_wide_times(const aws_walk_t *w, int64_t *out, uint16_t *odd, uint32_t *done)
{
    const uint16_t *q = w->q;
    uint32_t r, count = 0;
    uint16_t head, other[4];
    __m256i base;
    const char *s = w->p + (uint16_t)(q[0] + 1);

    *done = 0;
    memcpy(&head, s, 2);
    if (s[0] < '0' || s[0] > '8' || s[1] < '0' || s[1] > '9')
        return 0;
    base = _mm256_set1_epi64x(((s[0] - '0') * 10 + s[1] - '0') * (INT64_C(100000000) *
                                                                  CF_NS_PER_SEC));
    for (r = 0; r + 4 <= w->n; r += 4, q += 4 * w->stride, out += 4) {
        four_t f = take(w, q, 2);
        __m128i v, ten = _mm_cmpeq_epi32(f.n, _mm_set1_epi32(10));
        __m256i ns;
        unsigned good, k;

        v = weigh(_mm256_sub_epi8(f.text, _mm256_set1_epi8('0')), &good);
        good &= (unsigned)_mm_movemask_ps(_mm_castsi128_ps(ten));
        for (k = 0; k < 4; k++)
            memcpy(&other[k], f.s[k], 2);
        if (((other[0] ^ head) | (other[1] ^ head) | (other[2] ^ head) | (other[3] ^ head)) != 0)
            good = 0;
        ns = _mm256_mul_epu32(_mm256_cvtepu32_epi64(v), _mm256_set1_epi64x(CF_NS_PER_SEC));
        _mm256_storeu_si256((__m256i *)(void *)out, _mm256_add_epi64(base, ns));
        if (good != 15)
            count = note_odd(odd, count, r, good);
    }
    *done = r;
    return count;
}

static uint64_t top_aligned(uint64_t word)
{
    while (word != 0 && word >> 56 == 0)
        word <<= 8;
    return word;
}

WIDE uint32_t aws_wide_words(const aws_walk_t *w, uint8_t *out, uint64_t w0, uint64_t w1,
                             uint16_t *odd, uint32_t *done)
{
    const __m256i first = _mm256_set1_epi64x((long long)top_aligned(w0));
    const __m256i second = _mm256_set1_epi64x((long long)top_aligned(w1));
    const uint16_t *q = w->q;
    uint32_t r, count = 0;

    for (r = 0; r + 4 <= w->n; r += 4, q += 4 * w->stride, out += 4) {
        four_t f = take(w, q, 0);
        __m256i x = align(_mm256_or_si256(f.text, _mm256_set1_epi8(0x20)), f.n);
        unsigned is0 = (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(x,
                first)));
        unsigned is1 = (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(x,
                second)));
        /* Four bits become four bytes. */
        uint32_t bytes = ((~is0 & 15) * UINT32_C(0x00204081)) & UINT32_C(0x01010101);

        memcpy(out, &bytes, sizeof bytes);
        if ((is0 | is1) != 15)
            count = note_odd(odd, count, r, is0 | is1);
    }
    *done = r;
    return count;
}

WIDE uint32_t aws_wide_repeat(const aws_walk_t *w, uint32_t r, uint64_t a, uint64_t b, uint64_t c,
                              uint32_t n)
{
    const uint16_t *q = w->q + (size_t)r * w->stride;
    const __m256i first = _mm256_set1_epi64x((long long)(n < 8 ? a << (64 - 8 * n) : a));
    const __m256i last = _mm256_set1_epi64x((long long)b);
    const __m256i middle = _mm256_set1_epi64x((long long)c);
    const uint32_t from = r;

    for (; r + 4 <= w->n; r += 4, q += 4 * w->stride) {
        four_t f = take(w, q, 0);
        __m128i same_n = _mm_cmpeq_epi32(f.n, _mm_set1_epi32((int)n));
        __m256i same;

        if (_mm_movemask_epi8(same_n) != 0xffff)
            break;
        same = _mm256_cmpeq_epi64(n < 8 ? align(f.text, f.n) : f.text, first);
        if (n > 8)
            same = _mm256_and_si256(same, _mm256_cmpeq_epi64(again(&f, n - 8), last));
        if (n > 16)
            same = _mm256_and_si256(same, _mm256_cmpeq_epi64(again(&f, 8), middle));
        if (_mm256_movemask_epi8(same) != -1)
            break;
    }
    return r - from;
}

/*
 * Dotted quads, two at a time: the places of the three dots and of the end, multiplied to a number
 * without collisions, choose a shuffle that puts the digits of each octet in a group of four bytes.
 */
typedef struct dotted {
    __m128i text;
    const aws_quad_t *quad;
    bool fit;
} dotted_t;

INLINE dotted_t dots(const aws_walk_t *w, const aws_quad_t *quads, const uint16_t *q)
{
    const uint32_t two = load4(q);
    const uint16_t start = (uint16_t)(two + 1);
    const uint32_t n = (two >> 16) - start - w->cr;
    dotted_t t;
    uint32_t mask;

    t.text = _mm_loadu_si128((const __m128i *)(const void *)(w->p + start));
    mask = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(t.text, _mm_set1_epi8('.')));
    mask = n < 16 ? (mask & ((UINT32_C(1) << n) - 1)) | UINT32_C(1) << n : 0;
    t.quad = &quads[(mask * AWS_QUAD_HASH) >> 24];
    t.fit = t.quad->mask == mask;
    return t;
}

INLINE __m256i both(const void *high, const void *low)
{
    return _mm256_set_m128i(_mm_load_si128(high), _mm_load_si128(low));
}

INLINE unsigned octets(const dotted_t *a, const dotted_t *b, uint32_t *va, uint32_t *vb)
{
    const __m256i pack = _mm256_set_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 4, 8,
                                         12,
                                         -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 4, 8,
                                                 12);
    const __m256i nine = _mm256_set1_epi8(9);
    __m256i x = _mm256_set_m128i(b->text, a->text), bad, sum;
    __m256i shuffle = both(b->quad->shuffle, a->quad->shuffle);
    __m256i least = both(b->quad->least, a->quad->least);

    x = _mm256_shuffle_epi8(_mm256_sub_epi8(x, _mm256_set1_epi8('0')), shuffle);
    sum = _mm256_madd_epi16(_mm256_maddubs_epi16(x, _mm256_set1_epi32(0x00010a64)),
                            _mm256_set1_epi16(1));
    /* A byte above nine, an octet above 255, or one with a leading zero. */
    bad = _mm256_or_si256(_mm256_cmpgt_epi32(sum, _mm256_set1_epi32(255)),
                          _mm256_cmpgt_epi32(least, sum));
    bad = _mm256_or_si256(bad, _mm256_xor_si256(_mm256_max_epu8(x, nine), nine));
    sum = _mm256_shuffle_epi8(sum, pack);
    *va = (uint32_t)_mm256_extract_epi32(sum, 0);
    *vb = (uint32_t)_mm256_extract_epi32(sum, 4);
    bad = _mm256_cmpeq_epi8(bad, _mm256_setzero_si256());
    return (uint32_t)_mm256_movemask_epi8(bad) == UINT32_MAX ? 3
        : (_mm_movemask_epi8(_mm256_castsi256_si128(bad)) == 0xffff) |
          (_mm_movemask_epi8(_mm256_extracti128_si256(bad, 1)) == 0xffff) << 1;
}

WIDE uint32_t aws_wide_addresses(const aws_walk_t *w, const aws_quad_t *quads, void *out,
                                 bool narrow, uint16_t *odd,
                                 uint32_t *done)
{
    const uint16_t *q = w->q;
    uint32_t r, count = 0, a, b;

    for (r = 0; r + 2 <= w->n; r += 2, q += 2 * w->stride) {
        const dotted_t x = dots(w, quads, q), y = dots(w, quads, q + w->stride);
        unsigned good = octets(&x, &y, &a, &b) & (x.fit | (unsigned)y.fit << 1);

        if (narrow) {
            ((uint32_t *)out)[r] = a;
            ((uint32_t *)out)[r + 1] = b;
        } else {
            ((cf_addr_t *)out)[r] = cf_addr_v4(a);
            ((cf_addr_t *)out)[r + 1] = cf_addr_v4(b);
        }
        if (good != 3) {
            odd[count] = (uint16_t)r;
            count += !(good & 1);
            odd[count] = (uint16_t)(r + 1);
            count += !(good & 2);
        }
    }
    *done = r;
    return count;
}

#endif
