/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compaction of bitmaps, a word of the selection at a time: processors with BMI2 have an instruction for it.
 */
#include "batch/compact.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef struct sink {
    uint64_t *out;
    uint32_t at, set;
} sink_t;

/* Append the n lowest bits of word, n ≤ 64; the others are 0. */
static inline void append(sink_t *s, uint64_t word, uint32_t n)
{
    uint32_t shift = s->at & 63;
    uint64_t *out = s->out + (s->at >> 6);

    if (n == 0)
        return;
    *out = (shift > 0 ? *out & ((UINT64_C(1) << shift) - 1) : 0) | word << shift;
    if (shift + n > 64)
        out[1] = word >> (64 - shift);
    s->at += n;
    s->set += (uint32_t)__builtin_popcountll(word);
}

/* Rows of word w of the selection that lie in from .. to. */
static inline uint64_t chosen(const uint64_t *sel, uint32_t w, uint32_t from, uint32_t to)
{
    uint64_t s = sel[w];

    if (w == from >> 6)
        s &= UINT64_MAX << (from & 63);
    if (to - w * 64 < 64)
        s &= (UINT64_C(1) << (to & 63)) - 1;
    return s;
}

static uint64_t extract(uint64_t bits, uint64_t sel)
{
    uint64_t r = 0;
    uint32_t k;

    for (k = 0; sel != 0; sel &= sel - 1, k++)
        r |= (bits >> __builtin_ctzll(sel) & 1) << k;
    return r;
}

uint32_t cfi_bits_compact_plain(const uint64_t *bits, const uint64_t *sel, uint32_t from, uint32_t to,
                                uint64_t *out, uint32_t at)
{
    sink_t s = { out, at, 0 };
    uint32_t w;

    for (w = from >> 6; w * 64 < to; w++) {
        uint64_t c = chosen(sel, w, from, to);

        append(&s, extract(bits[w], c), (uint32_t)__builtin_popcountll(c));
    }
    return s.set;
}

#if defined(__x86_64__)
__attribute__((target("bmi2,popcnt")))
static uint32_t compact_bmi2(const uint64_t *bits, const uint64_t *sel, uint32_t from, uint32_t to, uint64_t *out,
                             uint32_t at)
{
    sink_t s = { out, at, 0 };
    uint32_t w;

    for (w = from >> 6; w * 64 < to; w++) {
        uint64_t c = chosen(sel, w, from, to);

        append(&s, _pext_u64(bits[w], c), (uint32_t)__builtin_popcountll(c));
    }
    return s.set;
}
#endif

uint32_t cfi_bits_compact(const uint64_t *bits, const uint64_t *sel, uint32_t from, uint32_t to, uint64_t *out,
                          uint32_t at)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt"))
        return compact_bmi2(bits, sel, from, to, out, at);
#endif
    return cfi_bits_compact_plain(bits, sel, from, to, out, at);
}
