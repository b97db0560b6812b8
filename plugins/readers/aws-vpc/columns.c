/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fast way: a run of lines with the right number of values, one column after the other. Each loop reads a value by
 * a few wide loads, decides without branches whether it is of the usual form, and asks aws_set about any that is not. Every
 * value has at least AWS_PAD readable bytes behind it, so loads may run over its end.
 */
#include "aws.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define ONES UINT64_C(0x0101010101010101)
#define USUAL(x) __builtin_expect(!!(x), 1)

/* Value i of each line of the run, one after the other. */
typedef struct walk {
    const char *p;
    const uint16_t *d, *end;
    uint32_t back;             /* from a line's LF to the delimiter before value i */
    bool last;
} walk_t;

static inline walk_t walk_begin(const aws_run_t *run, uint32_t i)
{
    walk_t w;

    i += run->skip;
    w.p = run->p;
    w.d = run->d;
    w.end = run->end;
    w.back = run->values - i;
    w.last = i + 1 == run->values;
    return w;
}

static inline const char *walk_value(const walk_t *w, uint32_t r, uint32_t *n)
{
    const uint16_t *d = w->d + w->end[r] - w->back;
    uint16_t start = (uint16_t)(d[0] + 1);
    const char *s = w->p + start;

    *n = (uint32_t)d[1] - start;
    if (w->last && *n > 0 && s[*n - 1] == '\r')
        --*n;
    return s;
}

/* ---- numbers ------------------------------------------------------------------------------ */

/* 1 to 8 digits at the beginning of w (little endian) as a number; *bad gets bits when they are not digits. */
static inline uint64_t digits8(uint64_t w, uint32_t n, uint64_t *bad)
{
    uint32_t shift = 64 - 8 * n;

    w = (w << shift) ^ ((UINT64_C(0x30) * ONES) << shift);
    *bad |= (w | (w + UINT64_C(0x06) * ONES)) & UINT64_C(0xf0) * ONES;
    w = (w * 10) + (w >> 8);
    w = (((w & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064)) +
         (((w >> 16) & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001))) >> 32;
    return w & UINT32_MAX;
}

/* n digits, 1 to 16. */
static inline uint64_t digits16(const char *s, uint32_t n, uint64_t *bad)
{
    if (n <= 8)
        return digits8(aws_load8(s), n, bad);
    return digits8(aws_load8(s), n - 8, bad) * 100000000 + digits8(aws_load8(s + n - 8), 8, bad);
}

/* The value is unusual: let the exact way set it or find its fault. */
static __attribute__((noinline)) int doubt(aws_t *st, uint32_t i, uint32_t r, uint32_t first, const char *s, uint32_t n)
{
    int rc = aws_set(st, i, first + r, s, n);

    if (rc != CF_OK && !CF_IS_RECORD_ERR(rc))
        return rc;
    if (rc != CF_OK && st->fault[r].code == 0) {
        st->fault[r].code = (int8_t)rc;
        st->fault[r].col = (uint16_t)i;
    }
    return CF_OK;
}

static inline void null_bit(cf_vec_t *v, uint32_t row)
{
    v->null[row >> 6] |= UINT64_C(1) << (row & 63);
}

#define NUMBERS(name, type, most, widest)                                                          \
    static int name(aws_t *st, const aws_run_t *run, uint32_t i)                                   \
    {                                                                                              \
        cf_vec_t *v = st->format->cols[i].v;                                                       \
        type *out = (type *)v->data + run->first;                                                  \
        walk_t w = walk_begin(run, i);                                                             \
        uint32_t r, n;                                                                             \
                                                                                                   \
        for (r = 0; r < run->n; r++) {                                                             \
            const char *s = walk_value(&w, r, &n);                                                 \
            uint64_t bad = 0, x = 0;                                                               \
                                                                                                   \
            if (USUAL(n - 1 < (widest)))                                                           \
                x = (widest) > 8 ? digits16(s, n, &bad) : digits8(aws_load8(s), n, &bad);          \
            else                                                                                   \
                bad = 1;                                                                           \
            if (USUAL(bad == 0 && x <= (most))) {                                                  \
                out[r] = (type)x;                                                                  \
            } else if (n == 1 && s[0] == '-') {                                                    \
                out[r] = 0;                                                                        \
                null_bit(v, run->first + r);                                                       \
            } else {                                                                               \
                int rc = doubt(st, i, r, run->first, s, n);                                        \
                                                                                                   \
                if (rc != CF_OK)                                                                   \
                    return rc;                                                                     \
            }                                                                                      \
        }                                                                                          \
        return CF_OK;                                                                              \
    }

NUMBERS(numbers8, uint8_t, UINT8_MAX, 8)
NUMBERS(numbers16, uint16_t, UINT16_MAX, 8)
NUMBERS(numbers32, uint32_t, UINT32_MAX, 16)
NUMBERS(numbers64, uint64_t, UINT64_MAX, 16)

static int times(aws_t *st, const aws_run_t *run, uint32_t i)
{
    int64_t *out = (int64_t *)st->format->cols[i].v->data + run->first;
    walk_t w = walk_begin(run, i);
    uint32_t r, n;

    for (r = 0; r < run->n; r++) {
        const char *s = walk_value(&w, r, &n);
        uint64_t bad = 0, x;

        /* Ten digits until the year 2286. */
        if (USUAL(n == 10)) {
            x = digits8(aws_load8(s), 8, &bad) * 100 + digits8(aws_load8(s + 8), 2, &bad);
            if (USUAL(bad == 0 && x <= UINT64_C(9223372035))) {
                out[r] = (int64_t)x * CF_NS_PER_SEC;
                continue;
            }
        }
        if (doubt(st, i, r, run->first, s, n) != CF_OK)
            return CF_E_NOMEM;
    }
    return CF_OK;
}

/* ---- words -------------------------------------------------------------------------------- */

static inline uint64_t first_bytes(uint64_t w, uint32_t n)
{
    return n >= 8 ? w : w & ((UINT64_C(1) << (8 * n)) - 1);
}

static int words(aws_t *st, const aws_run_t *run, uint32_t i)
{
    const aws_col_t *c = &st->format->cols[i];
    uint8_t *out = (uint8_t *)c->v->data + run->first;
    const uint64_t w0 = c->word[0], w1 = c->words > 1 ? c->word[1] : c->word[0];
    walk_t w = walk_begin(run, i);
    uint32_t r, n;

    for (r = 0; r < run->n; r++) {
        const char *s = walk_value(&w, r, &n);
        /* Small letters; nothing but a letter becomes one. */
        uint64_t x = n - 1 < 8 ? first_bytes(aws_load8(s) | UINT64_C(0x20) * ONES, n) : 0;

        if (USUAL(x == w0 || x == w1)) {
            out[r] = x != w0;
        } else if (n == 1 && s[0] == '-') {
            out[r] = 0;
            null_bit(c->v, run->first + r);
        } else if (doubt(st, i, r, run->first, s, n) != CF_OK) {
            return CF_E_NOMEM;
        }
    }
    return CF_OK;
}

/* ---- addresses ---------------------------------------------------------------------------- */

/* A column that holds IPv6 is wide. */
static int addresses_exact(aws_t *st, const aws_run_t *run, uint32_t i, uint32_t r)
{
    cf_vec_t *v = st->format->cols[i].v;
    walk_t w = walk_begin(run, i);
    uint32_t n, v4;

    for (; r < run->n; r++) {
        const char *s = walk_value(&w, r, &n);

        if (v->width == 16 && cf_v4_parse(s, n, &v4) == CF_OK)
            ((cf_addr_t *)v->data)[run->first + r] = cf_addr_v4(v4);
        else if (v->width == 4 && cf_v4_parse(s, n, &v4) == CF_OK)
            ((uint32_t *)v->data)[run->first + r] = v4;
        else if (doubt(st, i, r, run->first, s, n) != CF_OK)
            return CF_E_NOMEM;
    }
    return CF_OK;
}

#if defined(__x86_64__)

/*
 * Dotted quads: the places of the three dots choose a shuffle that puts the digits of each octet in
 * a group of four bytes, two multiply-adds make the octets.
 */
__attribute__((target("avx2,bmi"))) static int addresses_avx2(aws_t *st, const aws_run_t *run, uint32_t i)
{
    const __m128i dot = _mm_set1_epi8('.'), zero = _mm_set1_epi8('0'), nine = _mm_set1_epi8(9);
    const __m128i weight = _mm_set1_epi32(0x00010a64), one = _mm_set1_epi16(1), top = _mm_set1_epi32(255);
    const __m128i pack = _mm_set_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 4, 8, 12);
    cf_vec_t *v = st->format->cols[i].v;
    uint32_t *out = (uint32_t *)v->data + run->first;
    walk_t w = walk_begin(run, i);
    uint32_t r, n;

    for (r = 0; r < run->n; r++) {
        const char *s = walk_value(&w, r, &n);
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)s), sum, bad;
        uint32_t dots = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, dot)), a, b, c, l0, l1, l2, l3;

        dots &= (UINT32_C(1) << (n & 31)) - 1;
        a = (uint32_t)__builtin_ctz(dots | 0x10000);
        dots &= dots - 1;
        b = (uint32_t)__builtin_ctz(dots | 0x10000);
        dots &= dots - 1;
        c = (uint32_t)__builtin_ctz(dots | 0x10000);
        dots &= dots - 1;
        l0 = a - 1;
        l1 = b - a - 2;
        l2 = c - b - 2;
        l3 = n - c - 2;
        if (USUAL(n - 7 < 9 && dots == 0 && (l0 | l1 | l2 | l3) < 4 && l0 < 3 && l1 < 3 && l2 < 3 && l3 < 3)) {
            uint32_t form = l0 + 3 * l1 + 9 * l2 + 27 * l3;

            x = _mm_shuffle_epi8(_mm_sub_epi8(x, zero),
                                 _mm_loadu_si128((const __m128i *)(const void *)st->shuffle[form]));
            sum = _mm_madd_epi16(_mm_maddubs_epi16(x, weight), one);
            /* A byte above nine, an octet above 255, or one with a leading zero. */
            bad = _mm_or_si128(_mm_cmpgt_epi32(sum, top),
                               _mm_cmpgt_epi32(_mm_loadu_si128((const __m128i *)(const void *)st->least[form]), sum));
            bad = _mm_or_si128(bad, _mm_xor_si128(_mm_max_epu8(x, nine), nine));
            if (USUAL(_mm_testz_si128(bad, bad))) {
                out[r] = (uint32_t)_mm_cvtsi128_si32(_mm_shuffle_epi8(sum, pack));
                continue;
            }
        }
        if (n == 1 && s[0] == '-') {
            out[r] = 0;
            null_bit(v, run->first + r);
            continue;
        }
        if (doubt(st, i, r, run->first, s, n) != CF_OK)
            return CF_E_NOMEM;
        if (v->width == 16)
            return addresses_exact(st, run, i, r + 1);
    }
    return CF_OK;
}

#endif

static int addresses(aws_t *st, const aws_run_t *run, uint32_t i)
{
#if defined(__x86_64__)
    if (st->avx2 && st->format->cols[i].v->width == 4)
        return addresses_avx2(st, run, i);
#endif
    return addresses_exact(st, run, i, 0);
}

/* ---- strings ------------------------------------------------------------------------------ */

static __attribute__((noinline)) int look_up(aws_t *st, aws_col_t *c, aws_memo_t *m, const aws_memo_t *key,
                                             const char *s, uint32_t n)
{
    int rc = cf_dict_code(&c->v->dict, s, n, &m->code);

    (void)st;
    if (rc != CF_OK)
        return rc;
    m->a = key->a;
    m->b = key->b;
    m->c = key->c;
    m->tag = key->tag;
    return CF_OK;
}

static bool same_text(const cf_dict_t *dict, uint32_t code, const char *s, uint32_t n)
{
    uint32_t len;
    const char *text = cf_dict_text(dict, code, &len);

    return len == n && memcmp(text, s, n) == 0;
}

static int strings(aws_t *st, const aws_run_t *run, uint32_t i)
{
    aws_col_t *c = &st->format->cols[i];
    uint32_t *out = (uint32_t *)c->v->data + run->first;
    walk_t w = walk_begin(run, i);
    uint32_t r, n, generation = st->generation << 16;

    for (r = 0; r < run->n; r++) {
        const char *s = walk_value(&w, r, &n);
        aws_memo_t key, *m;
        uint64_t hash;

        if (st->fault[r].code != 0)
            continue;
        if (n >= 8) {
            key.a = aws_load8(s);
            key.b = aws_load8(s + n - 8);
            key.c = n > 16 ? aws_load8(s + 8) : 0;
        } else {
            if (n <= 1 && (n == 0 || s[0] == '-')) {
                out[r] = 0;
                null_bit(c->v, run->first + r);
                continue;
            }
            key.a = first_bytes(aws_load8(s), n);
            key.b = key.c = 0;
        }
        key.tag = generation | n;
        hash = (key.a ^ key.b * UINT64_C(0x9e3779b97f4a7c15) ^ (key.c + n) * UINT64_C(0xc2b2ae3d27d4eb4f)) *
               UINT64_C(0xff51afd7ed558ccd);
        m = &c->memo[hash >> (64 - AWS_MEMO_BITS)];
        /* Three times eight bytes are the whole text up to 24. */
        if (__builtin_expect(m->a != key.a || m->b != key.b || m->c != key.c || m->tag != key.tag, 0) ||
            (n > 24 && !same_text(&c->v->dict, m->code, s, n))) {
            int rc = look_up(st, c, m, &key, s, n);

            if (rc != CF_OK)
                return rc;
        }
        out[r] = m->code;
    }
    return CF_OK;
}

/* ---- runs --------------------------------------------------------------------------------- */

static int one_column(aws_t *st, const aws_run_t *run, uint32_t i)
{
    switch ((aws_op_t)st->format->cols[i].op) {
    case AWS_UINT8: return numbers8(st, run, i);
    case AWS_UINT16: return numbers16(st, run, i);
    case AWS_UINT32: return numbers32(st, run, i);
    case AWS_UINT64: return numbers64(st, run, i);
    case AWS_TIME: return times(st, run, i);
    case AWS_ADDR: return addresses(st, run, i);
    case AWS_WORD: return words(st, run, i);
    case AWS_STRING: return strings(st, run, i);
    default: return CF_OK;
    }
}

static void move_row(cf_vec_t *v, uint32_t to, uint32_t from)
{
    uint64_t bit = (v->null[from >> 6] >> (from & 63)) & 1;

    memcpy((char *)v->data + (size_t)to * v->width, (char *)v->data + (size_t)from * v->width, v->width);
    v->null[to >> 6] = (v->null[to >> 6] & ~(UINT64_C(1) << (to & 63))) | bit << (to & 63);
}

/* Close the holes of a column; what lies behind the rows has no null bits. */
static void close_holes(aws_t *st, cf_vec_t *v, const aws_run_t *run)
{
    uint32_t r, to = run->first;

    for (r = 0; r < run->n; r++) {
        if (st->fault[r].code == 0)
            move_row(v, to++, run->first + r);
    }
    for (; to < run->first + run->n; to++)
        v->null[to >> 6] &= ~(UINT64_C(1) << (to & 63));
}

static uint32_t reject_rows(aws_t *st, const aws_run_t *run)
{
    uint32_t r, good = 0, i;

    for (r = 0; r < run->n; r++) {
        aws_span_t value = { "", 0 }, row;
        const uint16_t *d = run->d + run->end[r] - run->values;
        uint16_t start = (uint16_t)(d[0] + 1);
        uint32_t n;

        if (st->fault[r].code == 0) {
            good++;
            continue;
        }
        row.s = run->p + start;
        row.n = (size_t)run->d[run->end[r]] - start;
        if (st->fault[r].col < st->format->n) {
            walk_t w = walk_begin(run, st->fault[r].col);

            value.s = walk_value(&w, r, &n);
            value.n = n;
        }
        aws_reject(st, st->fault[r].code, st->fault[r].col, value, run->line + r, run->offset + start, row);
    }
    for (i = 0; i < st->batch->ncols; i++)
        close_holes(st, &st->batch->cols[i], run);
    for (i = 0; i < st->format->n; i++) {
        if (st->format->cols[i].v == &st->format->cols[i].hidden)
            close_holes(st, st->format->cols[i].v, run);
    }
    return good;
}

int aws_columns(aws_t *st, const aws_run_t *run, cf_diag_t *d)
{
    const aws_format_t *f = st->format;
    uint32_t i, r, good = run->n;
    bool faults = false;
    int pass, rc = CF_OK;

    memset(st->fault, 0, run->n * sizeof st->fault[0]);
    /* Strings last: a rejected row leaves none in the dictionaries. */
    for (pass = 0; pass < 2; pass++) {
        for (i = 0; i < f->n && rc == CF_OK; i++) {
            if ((f->cols[i].op == AWS_STRING) == (pass == 1))
                rc = one_column(st, run, i);
        }
        if (rc != CF_OK)
            return cf_diag_set(d, rc, "no memory for a batch of rows");
        if (pass == 0)
            aws_check_rows(st, run->first, run->n);
    }
    for (r = 0; r < run->n; r++)
        faults |= st->fault[r].code != 0;
    if (faults)
        good = reject_rows(st, run);
    aws_keep(st, run->first, good);
    for (i = 0; i < f->n; i++) {
        const aws_col_t *c = &f->cols[i];

        if (c->op == AWS_STRING && c->v->dict.count > 0 && c->v->dict.offset[c->v->dict.count] > CF_DICT_BYTES_MAX / 2)
            st->heavy = true;
    }
    return CF_OK;
}
