/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bits for 64 bytes: quotes that are not escaped, their running parity (inside of a string),
 * brackets outside. '{' and '[' differ in one bit, as do their ends, so that two comparisons find
 * all four. Only a block in which the depth can come down to nothing is looked at bit by bit.
 */
#include <string.h>

#include <cf/base.h>

#include "json/brace.h"

typedef struct masks {
    uint64_t quote, slash, open, close, control;
} masks_t;

/* Bytes behind an odd number of backslashes. */
static inline uint64_t escaped_bits(uint64_t slash, uint64_t *carry)
{
    const uint64_t even = UINT64_C(0x5555555555555555);
    uint64_t behind, starts, ends;

    if (slash == 0) {
        behind = *carry;
        *carry = 0;
        return behind;
    }
    slash &= ~*carry;
    behind = slash << 1 | *carry;
    /* runs that begin at an odd place, added to themselves, end in a carry at the other parity */
    starts = slash & ~even & ~behind;
    *carry = __builtin_add_overflow(starts, slash, &ends);
    return (even ^ ends << 1) & behind;
}

static inline uint64_t parity(uint64_t x)
{
    x ^= x << 1;
    x ^= x << 2;
    x ^= x << 4;
    x ^= x << 8;
    x ^= x << 16;
    return x ^ x << 32;
}

/* One block; CF_EOF = go on. *at: end or fault within it. */
static inline int block(cfi_brace_t *b, const masks_t *m, unsigned *at)
{
    uint64_t quote = m->quote & ~escaped_bits(m->slash, &b->escaped);
    uint64_t inside = parity(quote) ^ b->in_string;
    uint64_t open = m->open & ~inside, close = m->close & ~inside;
    uint64_t bad = m->control & inside, closes = (uint64_t)__builtin_popcountll(close);
    uint64_t depth = b->depth;

    b->in_string = (uint64_t)((int64_t)inside >> 63);
    b->depth = depth + (uint64_t)__builtin_popcountll(open) - closes;
    if (__builtin_expect(depth > closes && bad == 0, 1))
        return CF_EOF;
    for (uint64_t left = open | close | bad; left != 0; left &= left - 1) {
        uint64_t bit = left & -left;

        *at = (unsigned)__builtin_ctzll(left);
        if (bad & bit)
            return CF_R_SYNTAX;
        depth += (open & bit) != 0 ? 1 : UINT64_MAX;
        if (depth == 0) {
            ++*at;
            return CF_OK;
        }
    }
    return CF_EOF;
}

/* All blocks of p by LOAD, the last one padded; a padded one is looked at again when more comes. */
#define RUN(b, p, n, len, LOAD) \
    do { \
        masks_t m_; \
        cfi_brace_t copy_; \
        unsigned at_ = 0; \
        int rc_; \
        while ((n) - (b)->done >= 64) { \
            LOAD((p) + (b)->done, &m_); \
            rc_ = block((b), &m_, &at_); \
            if (__builtin_expect(rc_ != CF_EOF, 0)) { \
                *(len) = (b)->done + at_; \
                return rc_; \
            } \
            (b)->done += 64; \
        } \
        if ((n) > (b)->done) { \
            char pad_[64]; \
            memset(pad_, ' ', sizeof pad_); \
            memcpy(pad_, (p) + (b)->done, (n) - (b)->done); \
            copy_ = *(b); \
            LOAD(pad_, &m_); \
            rc_ = block(&copy_, &m_, &at_); \
            *(len) = (b)->done + at_; \
            return rc_; \
        } \
        return CF_EOF; \
    } while (0)

#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)
#define LOWS UINT64_C(0x7f7f7f7f7f7f7f7f)

/* Top bits of the bytes of x that are zero, each exactly. */
static inline uint64_t zeros(uint64_t x)
{
    return ~(((x & LOWS) + LOWS) | x) & TOPS;
}

/* Top bits of eight bytes to eight bits. */
static inline uint64_t gather(uint64_t tops)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    tops = __builtin_bswap64(tops);
#endif
    return (tops >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

static inline void load_plain(const char *p, masks_t *m)
{
    memset(m, 0, sizeof *m);
    for (unsigned i = 0; i < 8; i++) {
        uint64_t x, either;

        memcpy(&x, p + 8 * i, sizeof x);
        either = x | ONES * 0x20;
        m->quote |= gather(zeros(x ^ ONES * '"')) << 8 * i;
        m->slash |= gather(zeros(x ^ ONES * '\\')) << 8 * i;
        m->open |= gather(zeros(either ^ ONES * '{')) << 8 * i;
        m->close |= gather(zeros(either ^ ONES * '}')) << 8 * i;
        m->control |= gather(zeros(x & ONES * 0xe0)) << 8 * i;
    }
}

int cfi_brace_plain(cfi_brace_t *b, const char *p, size_t n, size_t *len)
{
    RUN(b, p, n, len, load_plain);
}

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

AVX2 static inline uint64_t bits(__m256i a, __m256i b)
{
    return (uint32_t)_mm256_movemask_epi8(a) | (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32;
}

AVX2 static inline uint64_t equal(__m256i a, __m256i b, char c)
{
    __m256i x = _mm256_set1_epi8(c);

    return bits(_mm256_cmpeq_epi8(a, x), _mm256_cmpeq_epi8(b, x));
}

AVX2 static inline void load_avx2(const char *p, masks_t *m)
{
    const __m256i bit = _mm256_set1_epi8(0x20), top = _mm256_set1_epi8(0x1f);
    __m256i a = _mm256_loadu_si256((const void *)p);
    __m256i b = _mm256_loadu_si256((const void *)(p + 32));
    __m256i c = _mm256_or_si256(a, bit), d = _mm256_or_si256(b, bit);

    m->quote = equal(a, b, '"');
    m->slash = equal(a, b, '\\');
    m->open = equal(c, d, '{');
    m->close = equal(c, d, '}');
    m->control = bits(_mm256_cmpeq_epi8(_mm256_min_epu8(a, top), a),
                      _mm256_cmpeq_epi8(_mm256_min_epu8(b, top), b));
}

AVX2 int cfi_brace_avx2(cfi_brace_t *b, const char *p, size_t n, size_t *len)
{
    RUN(b, p, n, len, load_avx2);
}
#else
int cfi_brace_avx2(cfi_brace_t *b, const char *p, size_t n, size_t *len)
{
    return cfi_brace_plain(b, p, n, len);
}
#endif
