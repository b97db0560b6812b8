/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Portable inner loops: what each kernel means. kernels_avx2.c has the fast forms of those that
 * matter and takes the rest from here.
 */
#include <stdlib.h>

#include "kernels.h"

/* Plain loops over arrays: let gcc vectorise them as clang does at any level. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

/* Up to 8 bytes at src + at, zero beyond nbytes. */
static uint64_t load_tail(const uint8_t *src, size_t nbytes, size_t at)
{
    uint8_t word[8] = { 0 };

    if (at < nbytes)
        memcpy(word, src + at, nbytes - at < 8 ? nbytes - at : 8);
    return load_le64(word);
}

static uint64_t unpack_one(const uint8_t *src, size_t nbytes, uint64_t bit, unsigned bits)
{
    size_t at = (size_t)(bit >> 3);
    unsigned shift = (unsigned)(bit & 7);
    uint64_t v = (at + 8 <= nbytes ? load_le64(src + at) : load_tail(src, nbytes, at)) >> shift;

    if (shift + bits > 64)
        v |= (at + 8 < nbytes ? (uint64_t)src[at + 8] : 0) << (64 - shift);
    return bits == 64 ? v : v & ((UINT64_C(1) << bits) - 1);
}

static void unpack32(const uint8_t *src, size_t nbytes, uint32_t m, unsigned bits, uint32_t base,
                     uint32_t *out)
{
    for (uint32_t i = 0; i < m; i++)
        out[i] = base + (uint32_t)unpack_one(src, nbytes, (uint64_t)i * bits, bits);
}

static void unpack64(const uint8_t *src, size_t nbytes, uint32_t m, unsigned bits, uint64_t base,
                     uint64_t *out)
{
    for (uint32_t i = 0; i < m; i++)
        out[i] = base + unpack_one(src, nbytes, (uint64_t)i * bits, bits);
}

#define MERGE(name, type)                                                                         \
    static void name(const uint64_t *bits, uint32_t m, const type *vals, type *out)               \
    {                                                                                             \
        for (uint32_t w = 0; w * 64 < m; w++)                                                     \
            for (uint64_t rest = bits[w]; rest != 0; rest &= rest - 1)                            \
                out[w * 64 + (uint32_t)__builtin_ctzll(rest)] = *vals++;                          \
    }
MERGE(merge32, uint32_t)
MERGE(merge64, uint64_t)

#define REPEAT(name, type) \
    static void name(const uint64_t *bits, uint32_t m, const type *vals, uint32_t nvals, \
                     type *out) \
    { \
        type v = 0; \
\
        (void)nvals; \
        for (uint32_t i = 0; i < m; i++) { \
            if (((bits[i >> 6] >> (i & 63)) & 1) == 0) \
                v = *vals++; \
            out[i] = v; \
        } \
    }
REPEAT(repeat32, uint32_t)
REPEAT(repeat64, uint64_t)

#define SELECT(name, type)                                                                        \
    static void name(const uint64_t *bits, uint32_t m, const type *a, const type *b, type *out)   \
    {                                                                                             \
        for (uint32_t i = 0; i < m; i++)                                                          \
            out[i] = ((bits[i >> 6] >> (i & 63)) & 1) != 0 ? b[i] : a[i];                         \
    }
SELECT(select32, uint32_t)
SELECT(select64, uint64_t)

static void zero32(const uint64_t *bits, uint32_t m, uint32_t *v)
{
    for (uint32_t w = 0; w * 64 < m; w++) {
        uint64_t rest = bits[w];

        if (w == m / 64)
            rest &= (UINT64_C(1) << (m % 64)) - 1;
        for (; rest != 0; rest &= rest - 1)
            v[w * 64 + (uint32_t)__builtin_ctzll(rest)] = 0;
    }
}

static void lookup32(const uint32_t *table, uint32_t k, const uint32_t *codes, uint32_t m,
                     uint32_t *out)
{
    (void)k;
    for (uint32_t i = 0; i < m; i++)
        out[i] = table[codes[i]];
}

static uint32_t escape32(const uint32_t *table, uint32_t k, const uint32_t *codes, uint32_t m,
                         const uint32_t *vals, uint32_t nvals, uint32_t *out)
{
    uint32_t used = 0;

    for (uint32_t i = 0; i < m; i++) {
        uint32_t code = codes[i];

        if (code > k)
            return UINT32_MAX;
        out[i] = code < k ? table[code] : used < nvals ? vals[used] : 0;
        used += code == k;
    }
    return used;
}

static void join32(const uint32_t *high, uint32_t m, unsigned shift, uint32_t *out)
{
    for (uint32_t i = 0; i < m; i++)
        out[i] += high[i] << shift;
}

static uint32_t count(const uint64_t *bits, uint32_t m)
{
    uint32_t n = 0;

    for (uint32_t w = 0; w * 64 < m; w++)
        n += (uint32_t)__builtin_popcountll(bits[w]);
    return n;
}

static void widen(const uint32_t *v, uint32_t m, uint64_t *out)
{
    for (uint32_t i = 0; i < m; i++)
        out[i] = v[i];
}

static void scale(const uint32_t *v, uint32_t m, uint64_t factor, uint64_t *out)
{
    for (uint32_t i = 0; i < m; i++)
        out[i] = v[i] * factor;
}

static void mapped(const uint32_t *v, uint32_t m, cf_addr_t *out)
{
    for (uint32_t i = 0; i < m; i++)
        out[i] = cf_addr_v4(v[i]);
}

static uint32_t max32(const uint32_t *v, uint32_t m)
{
    uint32_t max = 0;

    for (uint32_t i = 0; i < m; i++)
        max = v[i] > max ? v[i] : max;
    return max;
}

static uint32_t compact32(const uint64_t *bits, uint32_t m, const uint32_t *v, uint32_t *out)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < m; i++) {
        out[n] = v[i];
        n += ((bits[i >> 6] >> (i & 63)) & 1) == 0;
    }
    return n;
}

#define REPEATS(name, type)                                                                       \
    static void name(const type *v, uint32_t m, uint64_t *bits)                                   \
    {                                                                                             \
        for (uint32_t w = 0; w * 64 < m; w++)                                                     \
            for (uint64_t rest = bits[w]; rest != 0; rest &= rest - 1) {                          \
                uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(rest);                            \
                                                                                                  \
                if (i < m && v[i] != v[i - 1])                                                    \
                    bits[w] &= ~(rest & (0 - rest));                                              \
            }                                                                                     \
    }
REPEATS(repeats32, uint32_t)
REPEATS(repeats64, uint64_t)

static void widen8(const uint8_t *v, uint32_t m, uint32_t *out)
{
    for (uint32_t i = 0; i < m; i++)
        out[i] = v[i];
}

static void widen16(const uint16_t *v, uint32_t m, uint32_t *out)
{
    for (uint32_t i = 0; i < m; i++)
        out[i] = v[i];
}

static void range32(const uint32_t *v, uint32_t m, uint32_t *min, uint32_t *max)
{
    uint32_t lo = v[0], hi = v[0];

    for (uint32_t i = 1; i < m; i++) {
        lo = v[i] < lo ? v[i] : lo;
        hi = v[i] > hi ? v[i] : hi;
    }
    *min = lo;
    *max = hi;
}

static void equal32(const uint32_t *v, uint32_t m, uint32_t x, uint64_t *bits)
{
    for (uint32_t w = 0; w * 64 < m; w++) {
        uint32_t n = m - w * 64 < 64 ? m - w * 64 : 64;
        uint64_t word = 0;

        for (uint32_t i = 0; i < n; i++)
            word |= (uint64_t)(v[w * 64 + i] == x) << i;
        bits[w] = word;
    }
}

static uint32_t narrow8(const uint32_t *v, uint32_t m, uint8_t *out)
{
    uint32_t all = 0;

    for (uint32_t i = 0; i < m; i++) {
        all |= v[i];
        out[i] = (uint8_t)v[i];
    }
    return all;
}

static uint32_t narrow16(const uint32_t *v, uint32_t m, uint16_t *out)
{
    uint32_t all = 0;

    for (uint32_t i = 0; i < m; i++) {
        all |= v[i];
        out[i] = (uint16_t)v[i];
    }
    return all;
}

static void pack32(const uint32_t *v, uint32_t m, unsigned bits, uint8_t *dst)
{
    uint64_t acc = 0;
    unsigned fill = 0;

    if (bits == 0)
        return;
    for (uint32_t i = 0; i < m; i++) {
        acc |= (uint64_t)v[i] << fill;
        fill += bits;
        if (fill >= 32) {
            store_le64(dst, acc);
            dst += 4;
            acc >>= 32;
            fill -= 32;
        }
    }
    for (; fill > 0; fill = fill > 8 ? fill - 8 : 0) {
        *dst++ = (uint8_t)acc;
        acc >>= 8;
    }
}

const cfi_kernels_t cfi_kernels_portable = {
    .name = "portable",
    .unpack32 = unpack32,
    .unpack64 = unpack64,
    .merge32 = merge32,
    .merge64 = merge64,
    .repeat32 = repeat32,
    .repeat64 = repeat64,
    .select32 = select32,
    .select64 = select64,
    .zero32 = zero32,
    .lookup32 = lookup32,
    .escape32 = escape32,
    .join32 = join32,
    .count = count,
    .widen = widen,
    .scale = scale,
    .mapped = mapped,
    .max32 = max32,
    .range32 = range32,
    .compact32 = compact32,
    .repeats32 = repeats32,
    .repeats64 = repeats64,
    .widen8 = widen8,
    .widen16 = widen16,
    .equal32 = equal32,
    .narrow8 = narrow8,
    .narrow16 = narrow16,
    .pack32 = pack32,
};

const cfi_kernels_t *cfi_kernels(void)
{
    const char *want = getenv("CF_PORTABLE");
    const cfi_kernels_t *fast = cfi_kernels_avx2();

    if (fast == NULL || (want != NULL && want[0] == '1'))
        return &cfi_kernels_portable;
    return fast;
}
