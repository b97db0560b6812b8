/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of values as sorted ranges. Every comparison with constants, list, prefix list and flag mask
 * ends here; judging statistics and the kernels in eval.c work on ranges alone. Sealing adds tables
 * that make large sets cheap to ask: a bit per 16-bit value, and for IPv4 two bitmaps over the
 * upper halves of addresses.
 */
#include <stdlib.h>
#include <string.h>

#include "expr/expr.h"

#define V4_LAST (CF_V4_MAPPED | UINT32_MAX)

cf_addr_t cfi_space_max(const cf_field_t *f)
{
    cf_addr_t a = { 0, UINT64_MAX };

    if (f->kind == CF_KIND_ADDR)
        a.hi = UINT64_MAX;
    return a;
}

cf_addr_t cfi_addr_next(cf_addr_t a)
{
    a.lo++;
    a.hi += a.lo == 0;
    return a;
}

cf_addr_t cfi_addr_prev(cf_addr_t a)
{
    a.hi -= a.lo == 0;
    a.lo--;
    return a;
}

void cfi_set_fini(cfi_set_t *s)
{
    free(s->range);
    free(s->table);
    free(s->lo64);
    free(s->hi64);
    free(s->lo32);
    free(s->hi32);
    free(s->some);
    free(s->full);
    memset(s, 0, sizeof *s);
}

int cfi_set_add(cfi_set_t *s, cf_addr_t lo, cf_addr_t hi)
{
    if (s->n == s->size) {
        uint32_t size = s->size == 0 ? 4 : s->size * 2;
        cfi_range_t *range = realloc(s->range, size * sizeof *range);

        if (range == NULL)
            return CF_E_NOMEM;
        s->range = range;
        s->size = size;
    }
    s->range[s->n++] = (cfi_range_t){ lo, hi };
    return CF_OK;
}

static int by_lo(const void *a, const void *b)
{
    return cf_addr_cmp(((const cfi_range_t *)a)->lo, ((const cfi_range_t *)b)->lo);
}

static bool is_last(cf_addr_t a)
{
    return a.hi == UINT64_MAX && a.lo == UINT64_MAX;
}

static void merge(cfi_set_t *s)
{
    uint32_t n = 0;

    if (s->n == 0)
        return;
    qsort(s->range, s->n, sizeof *s->range, by_lo);
    for (uint32_t i = 1; i < s->n; i++) {
        cfi_range_t *last = &s->range[n];
        const cfi_range_t *r = &s->range[i];

        if (is_last(last->hi) || cf_addr_cmp(r->lo, cfi_addr_next(last->hi)) <= 0) {
            if (cf_addr_cmp(r->hi, last->hi) > 0)
                last->hi = r->hi;
        } else {
            s->range[++n] = *r;
        }
    }
    s->n = n + 1;
}

static void set_bits(uint64_t *bits, uint32_t lo, uint32_t hi)
{
    for (uint32_t v = lo; v <= hi; v++)
        bits[v >> 6] |= UINT64_C(1) << (v & 63);
}

static int seal_numbers(cfi_set_t *s)
{
    size_t n = s->n > 0 ? s->n : 1;

    s->lo64 = malloc(n * sizeof *s->lo64);
    s->hi64 = malloc(n * sizeof *s->hi64);
    s->table = cf_alloc_aligned(CF_BATCH_ROWS / 64, sizeof *s->table);
    if (s->lo64 == NULL || s->hi64 == NULL || s->table == NULL)
        return CF_E_NOMEM;
    memset(s->table, 0, CF_BATCH_ROWS / 8);
    for (uint32_t i = 0; i < s->n; i++) {
        s->lo64[i] = s->range[i].lo.lo;
        s->hi64[i] = s->range[i].hi.lo;
        if (s->bias == 0 && s->lo64[i] <= UINT16_MAX)
            set_bits(s->table, (uint32_t)s->lo64[i],
                     s->hi64[i] < UINT16_MAX ? (uint32_t)s->hi64[i] : UINT16_MAX);
    }
    return CF_OK;
}

static int seal_addresses(cfi_set_t *s)
{
    size_t n = s->n > 0 ? s->n : 1;

    s->lo32 = malloc(n * sizeof *s->lo32);
    s->hi32 = malloc(n * sizeof *s->hi32);
    s->some = calloc(CF_BATCH_ROWS / 64, sizeof *s->some);
    s->full = calloc(CF_BATCH_ROWS / 64, sizeof *s->full);
    if (s->lo32 == NULL || s->hi32 == NULL || s->some == NULL || s->full == NULL)
        return CF_E_NOMEM;
    for (uint32_t i = 0; i < s->n; i++) {
        cf_addr_t first = { 0, CF_V4_MAPPED }, last = { 0, V4_LAST };
        cf_addr_t lo = s->range[i].lo, hi = s->range[i].hi;
        uint32_t from, to, f, t;

        if (cf_addr_cmp(hi, first) < 0 || cf_addr_cmp(lo, last) > 0)
            continue;
        from = cf_addr_cmp(lo, first) < 0 ? 0 : (uint32_t)lo.lo;
        to = cf_addr_cmp(hi, last) > 0 ? UINT32_MAX : (uint32_t)hi.lo;
        s->lo32[s->n32] = from;
        s->hi32[s->n32++] = to;
        set_bits(s->some, from >> 16, to >> 16);
        /* whole upper halves: [f, t) */
        f = (from >> 16) + ((from & 0xffff) != 0);
        t = (to >> 16) + ((to & 0xffff) == 0xffff);
        if (f < t)
            set_bits(s->full, f, t - 1);
    }
    return CF_OK;
}

int cfi_set_seal(cfi_set_t *s, const cf_field_t *f)
{
    merge(s);
    s->bias = cfi_bias(f->kind);
    return f->kind == CF_KIND_ADDR ? seal_addresses(s) : seal_numbers(s);
}

/* First range that does not end before v; s->n when there is none. */
static uint32_t find(const cfi_set_t *s, cf_addr_t v)
{
    uint32_t lo = 0, hi = s->n;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (cf_addr_cmp(s->range[mid].hi, v) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool cfi_set_has(const cfi_set_t *s, cf_addr_t v)
{
    uint32_t i = find(s, v);

    return i < s->n && cf_addr_cmp(s->range[i].lo, v) <= 0;
}

cf_judge_t cfi_set_judge(const cfi_set_t *s, cf_addr_t min, cf_addr_t max)
{
    uint32_t i = find(s, min);

    if (i == s->n || cf_addr_cmp(s->range[i].lo, max) > 0)
        return CF_JUDGE_NONE;
    if (cf_addr_cmp(s->range[i].lo, min) <= 0 && cf_addr_cmp(s->range[i].hi, max) >= 0)
        return CF_JUDGE_ALL;
    return CF_JUDGE_MAYBE;
}

/* Values in [lo, hi], as a double. */
static double width(cf_addr_t lo, cf_addr_t hi)
{
    uint64_t low = hi.lo - lo.lo, high = hi.hi - lo.hi - (hi.lo < lo.lo);

    return (double)high * 18446744073709551616.0 + (double)low + 1.0;
}

double cfi_set_share(const cfi_set_t *s, cf_addr_t min, cf_addr_t max)
{
    double inside = 0;
    uint32_t from = find(s, min);

    for (uint32_t i = from; i < s->n && i - from < 64; i++) {
        cf_addr_t lo = s->range[i].lo, hi = s->range[i].hi;

        if (cf_addr_cmp(lo, max) > 0)
            break;
        if (cf_addr_cmp(lo, min) < 0)
            lo = min;
        if (cf_addr_cmp(hi, max) > 0)
            hi = max;
        inside += width(lo, hi);
    }
    return inside / width(min, max);
}
