/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Index of delimiters: 64 bytes at a time become bit masks of separators and line ends, the masks
 * become a list of offsets. Lines that hold anything unusual (control characters, quotes, blanks
 * beside another separator: all bytes up to the double quote) are marked odd and left to the exact
 * way. A CR before the LF is usual.
 */
#include "aws.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define HAVE_X86 1
#else
#define HAVE_X86 0
#endif

typedef struct masks {
    uint64_t sep, lf, odd;
} masks_t;

typedef struct cursor {
    uint32_t nd, rows;
} cursor_t;

/* Note the line ends of one piece; count delimiters were noted before it, whose masks are m. */
static inline __attribute__((always_inline)) void note_ends(aws_index_t *x, cursor_t *c, masks_t m)
{
    uint32_t before = c->rows, i;
    const uint64_t all = m.sep | m.lf;
    uint64_t lf = m.lf;

    while (lf != 0) {
        uint64_t below = (lf & -lf) - 1;

        x->end[c->rows++] = (uint16_t)(c->nd + (uint32_t)__builtin_popcountll(all & below));
        x->odd[c->rows] = 0;
        lf &= lf - 1;
    }
    if (__builtin_expect(m.odd != 0, 0)) {
        for (i = before; i <= c->rows; i++)
            x->odd[i] = 1;
    }
}

/* Note the delimiters of one 64-byte piece at offset at. */
static void note_plain(aws_index_t *x, cursor_t *c, uint32_t at, masks_t m)
{
    uint64_t all = m.sep | m.lf;

    note_ends(x, c, m);
    for (; all != 0; all &= all - 1)
        x->d[c->nd++] = (uint16_t)(at + (uint32_t)__builtin_ctzll(all));
}

static void close_index(aws_index_t *x, const cursor_t *c, uint32_t max)
{
    x->rows = c->rows < max ? c->rows : max;
    x->bytes = x->rows > 0 ? x->d[x->end[x->rows - 1]] + 1u : 0;
}

static void open_index(aws_index_t *x, cursor_t *c)
{
    x->d[0] = UINT16_MAX;
    x->odd[0] = 0;
    c->nd = 1;
    c->rows = 0;
}

static masks_t masks_plain(const char *p, uint32_t n, char sep)
{
    masks_t m = { 0, 0, 0 };
    uint32_t i;

    for (i = 0; i < n; i++) {
        unsigned char ch = (unsigned char)p[i];
        uint64_t bit = UINT64_C(1) << i;

        if (p[i] == sep)
            m.sep |= bit;
        else if (ch == '\n')
            m.lf |= bit;
        else if (ch <= '"' && (ch != '\r' || i + 1 == n || p[i + 1] != '\n'))
            m.odd |= bit;
    }
    return m;
}

void aws_index_plain(aws_index_t *x, const char *p, uint32_t n, char sep, uint32_t max)
{
    cursor_t c;
    uint32_t at;

    open_index(x, &c);
    for (at = 0; at < n && c.rows < max; at += 64)
        note_plain(x, &c, at, masks_plain(p + at, n - at < 64 ? n - at : 64, sep));
    close_index(x, &c, max);
}

#if HAVE_X86

#define BITS(v) ((uint64_t)(uint32_t)_mm256_movemask_epi8(v))
#define EQ(byte) (BITS(_mm256_cmpeq_epi8(lo, byte)) | BITS(_mm256_cmpeq_epi8(hi, byte)) << 32)

__attribute__((target("avx2,bmi,popcnt"))) static inline masks_t masks_avx2(const char *p,
        __m256i sep)
{
    const __m256i lf = _mm256_set1_epi8('\n'), cr = _mm256_set1_epi8('\r');
    const __m256i low = _mm256_set1_epi8('"');
    __m256i lo = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i hi = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
    __m256i odd_lo = _mm256_cmpeq_epi8(_mm256_min_epu8(lo, low), lo);
    __m256i odd_hi = _mm256_cmpeq_epi8(_mm256_min_epu8(hi, low), hi);
    masks_t m;

    m.sep = EQ(sep);
    m.lf = EQ(lf);
    m.odd = (BITS(odd_lo) | BITS(odd_hi) << 32) & ~(m.sep | m.lf);
    if (__builtin_expect(m.odd != 0, 0))
        m.odd &= ~(EQ(cr) & (m.lf >> 1));
    return m;
}

/*
 * Twelve offsets without asking: more are rare, and what is too much is overwritten by what
 * follows.
 */
#define ONE(k)                                                                                     \
    d[k] = (uint16_t)(at + (uint32_t)_tzcnt_u64(all));                                             \
    all = _blsr_u64(all)

__attribute__((target("avx2,bmi,popcnt"))) static inline void note_avx2(aws_index_t *x,
        cursor_t *c, uint32_t at, masks_t m)
{
    uint64_t all = m.sep | m.lf;
    uint32_t count = (uint32_t)__builtin_popcountll(all), i;
    uint16_t *d = x->d + c->nd;

    note_ends(x, c, m);
    ONE(0); ONE(1); ONE(2); ONE(3); ONE(4); ONE(5);
    ONE(6); ONE(7); ONE(8); ONE(9); ONE(10); ONE(11);
    for (i = 12; i < count; i++) {
        ONE(i);
    }
    c->nd += count;
}

__attribute__((target("avx2,bmi,popcnt"))) void aws_index_avx2(aws_index_t *x, const char *p,
                                                               uint32_t n, char sep,
                                                               uint32_t max)
{
    const __m256i sep32 = _mm256_set1_epi8(sep);
    cursor_t c;
    uint32_t at;

    open_index(x, &c);
    for (at = 0; at + 64 <= n && c.rows < max; at += 64)
        note_avx2(x, &c, at, masks_avx2(p + at, sep32));
    if (at < n && c.rows < max)
        note_plain(x, &c, at, masks_plain(p + at, n - at, sep));
    close_index(x, &c, max);
}

bool aws_has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
            __builtin_cpu_supports("popcnt");
}

#else

void aws_index_avx2(aws_index_t *x, const char *p, uint32_t n, char sep, uint32_t max)
{
    aws_index_plain(x, p, n, sep, max);
}

bool aws_has_avx2(void)
{
    return false;
}

#endif
