/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fast way: a run of lines with the right number of values, one column after the other. The
 * loops hold no call and hardly a branch: wide loads, arithmetic, and a list of the rows whose
 * value is not of the usual form, which the exact way settles afterwards. wide.c has the same loops
 * for four rows at a time. Every value has AWS_PAD readable bytes behind it, so loads may run over
 * its end.
 */
#include "columns.h"

#define ONES UINT64_C(0x0101010101010101)

static inline aws_walk_t walk_begin(const aws_run_t *run, uint32_t i)
{
    aws_walk_t w;

    i += run->skip;
    w.p = run->p;
    w.q = run->d + run->end[0] - run->values + i;
    w.stride = run->values;
    w.n = run->n;
    w.cr = run->cr != 0 && i + 1 == run->values;
    return w;
}

static inline const char *walk_value(const aws_walk_t *w, uint32_t r, uint32_t *n)
{
    const uint16_t *q = w->q + (size_t)r * w->stride;
    uint16_t start = (uint16_t)(q[0] + 1);

    *n = (uint32_t)q[1] - start - w->cr;
    return w->p + start;
}

static inline void null_bit(cf_vec_t *v, uint32_t row)
{
    v->null[row >> 6] |= UINT64_C(1) << (row & 63);
}

/* The rows of st->odd, whose places in the vector hold anything so far. */
static __attribute__((noinline)) int settle(aws_t *st, const aws_run_t *run, uint32_t i,
                                            uint32_t count)
{
    cf_vec_t *v = st->format->cols[i].v;
    aws_walk_t w = walk_begin(run, i);
    uint32_t k, n;

    for (k = 0; k < count; k++) {
        uint32_t r = st->odd[k], row = run->first + r;
        const char *s = walk_value(&w, r, &n);
        int rc;

        if (n == 1 && s[0] == '-') {
            memset((char *)v->data + (size_t)row * v->width, 0, v->width);
            null_bit(v, row);
            continue;
        }
        /* IPv6 makes the column wide; all rows of the run are in it already. */
        if (v->kind == CF_KIND_ADDR && v->width == 4 && memchr(s, ':', n) != NULL) {
            cf_addr_t a;

            if (cf_addr_parse(s, n, &a) == CF_OK && !cf_addr_is_v4(a) && cf_vec_widen(v,
                    run->first + run->n) != CF_OK)
                return CF_E_NOMEM;
        }
        rc = aws_set(st, i, row, s, n);
        if (rc != CF_OK && !CF_IS_RECORD_ERR(rc))
            return rc;
        if (rc != CF_OK && st->fault[r].code == 0) {
            st->fault[r].code = (int8_t)rc;
            st->fault[r].col = (uint16_t)i;
            st->faults++;
        }
    }
    return CF_OK;
}

/* ---- numbers ------------------------------------------------------------------------------ */

/*
 * 1 to 8 digits at the beginning of w (little endian) as a number; *bad gets bits when they are not
 * digits.
 */
static inline uint64_t digits8(uint64_t w, uint32_t n, uint64_t *bad)
{
    uint32_t shift = (64 - 8 * n) & 63;

    w = (w << shift) ^ ((UINT64_C(0x30) * ONES) << shift);
    *bad |= (w | (w + UINT64_C(0x06) * ONES)) & UINT64_C(0xf0) * ONES;
    w = (w * 10) + (w >> 8);
    w = (((w & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064)) +
         (((w >> 16) & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001))) >> 32;
    return w & UINT32_MAX;
}

/* Up to eight digits; longer numbers are rare. From row r on, with count rows noted before. */
#define NUMBERS(name, type, most)                                                                  \
    static uint32_t name(const aws_walk_t *w, type *out, uint16_t *odd, uint32_t count, uint32_t r)\
    {                                                                                              \
        uint32_t n;                                                                                \
                                                                                                   \
        for (; r < w->n; r++) {                                                                    \
            const char *s = walk_value(w, r, &n);                                                  \
            uint64_t bad = n - 1 > 7, x = digits8(aws_load8(s), n, &bad);                          \
                                                                                                   \
            out[r] = (type)x;                                                                      \
            odd[count] = (uint16_t)r;                                                              \
            count += (bad | (x > (most))) != 0;                                                    \
        }                                                                                          \
        return count;                                                                              \
    }

NUMBERS(numbers8, uint8_t, UINT8_MAX)
NUMBERS(numbers16, uint16_t, UINT16_MAX)
NUMBERS(numbers32, uint32_t, UINT32_MAX)
NUMBERS(numbers64, uint64_t, UINT32_MAX)

static uint32_t numbers(aws_t *st, const aws_run_t *run, uint32_t i)
{
    const cf_vec_t *v = st->format->cols[i].v;
    const aws_walk_t w = walk_begin(run, i);
    void *out = (char *)v->data + (size_t)run->first * v->width;
    uint32_t count = 0, r = 0;

#if defined(__x86_64__)
    if (st->avx2)
        count = aws_wide_numbers(&w, out, v->width, st->odd, &r);
#endif
    switch (v->width) {
    case 1: return numbers8(&w, out, st->odd, count, r);
    case 2: return numbers16(&w, out, st->odd, count, r);
    case 4: return numbers32(&w, out, st->odd, count, r);
    default: return numbers64(&w, out, st->odd, count, r);
    }
}

static uint32_t times(aws_t *st, const aws_run_t *run, uint32_t i)
{
    int64_t *out = (int64_t *)st->format->cols[i].v->data + run->first;
    uint16_t *odd = st->odd;
    const aws_walk_t w = walk_begin(run, i);
    uint32_t r = 0, n, count = 0;

#if defined(__x86_64__)
    if (st->avx2)
        count = aws_wide_times(&w, out, odd, &r);
#endif
    for (; r < w.n; r++) {
        const char *s = walk_value(&w, r, &n);
        /* Ten digits until the year 2286. */
        uint64_t bad = n != 10, x = digits8(aws_load8(s), 8, &bad) * 100;

        x += digits8(aws_load8(s + 8), 2, &bad);
        out[r] = (int64_t)(x * (uint64_t)CF_NS_PER_SEC);
        odd[count] = (uint16_t)r;
        count += (bad | (x > UINT64_C(9223372035))) != 0;
    }
    return count;
}

/* ---- words -------------------------------------------------------------------------------- */

static inline uint64_t first_bytes(uint64_t w, uint32_t n)
{
    return w & (UINT64_MAX >> ((64 - 8 * n) & 63));
}

static uint32_t words(aws_t *st, const aws_run_t *run, uint32_t i)
{
    const aws_col_t *c = &st->format->cols[i];
    uint8_t *out = (uint8_t *)c->v->data + run->first;
    uint16_t *odd = st->odd;
    const uint64_t w0 = c->word[0], w1 = c->words > 1 ? c->word[1] : c->word[0];
    const aws_walk_t w = walk_begin(run, i);
    uint32_t r = 0, n, count = 0;

#if defined(__x86_64__)
    if (st->avx2)
        count = aws_wide_words(&w, out, w0, w1, odd, &r);
#endif
    for (; r < w.n; r++) {
        const char *s = walk_value(&w, r, &n);
        /* Small letters; nothing but a letter becomes one. */
        uint64_t x = first_bytes(aws_load8(s) | UINT64_C(0x20) * ONES, n);

        out[r] = x != w0;
        odd[count] = (uint16_t)r;
        count += (n - 1 > 7) | ((x != w0) & (x != w1));
    }
    return count;
}

/* ---- addresses ---------------------------------------------------------------------------- */

/* A column is wide once it held an IPv6 address of this batch. */
static uint32_t addresses(aws_t *st, const aws_run_t *run, uint32_t i)
{
    const cf_vec_t *v = st->format->cols[i].v;
    const bool narrow = v->width == 4;
    void *out = (char *)v->data + (size_t)run->first * v->width;
    const aws_walk_t w = walk_begin(run, i);
    uint32_t r = 0, n, v4 = 0, count = 0;

#if defined(__x86_64__)
    if (st->avx2)
        count = aws_wide_addresses(&w, st->quads, out, narrow, st->odd, &r);
#endif
    for (; r < w.n; r++) {
        const char *s = walk_value(&w, r, &n);

        st->odd[count] = (uint16_t)r;
        count += cf_v4_parse(s, n, &v4) != CF_OK;
        if (narrow)
            ((uint32_t *)out)[r] = v4;
        else
            ((cf_addr_t *)out)[r] = cf_addr_v4(v4);
    }
    return count;
}

/* ---- strings ------------------------------------------------------------------------------ */

static bool same_text(const cf_dict_t *dict, uint32_t code, const char *s, uint32_t n)
{
    uint32_t len;
    const char *text = cf_dict_text(dict, code, &len);

    return len == n && memcmp(text, s, n) == 0;
}

static __attribute__((noinline)) int look_up(aws_col_t *c, aws_memo_t *m, const aws_memo_t *key,
                                             const char *s, uint32_t n)
{
    aws_memo_t new = *key;
    int rc = cf_dict_code(&c->v->dict, s, n, &new.code);

    if (rc == CF_OK)
        *m = new;
    return rc;
}

/* Rows first .. first + n are null. */
static void null_rows(cf_vec_t *v, uint32_t first, uint32_t n)
{
    uint32_t *out = (uint32_t *)v->data + first, i;

    memset(out, 0, n * sizeof *out);
    for (i = first; i < first + n && (i & 63) != 0; i++)
        null_bit(v, i);
    for (; i + 64 <= first + n; i += 64)
        v->null[i >> 6] = UINT64_MAX;
    for (; i < first + n; i++)
        null_bit(v, i);
}

static void same_rows(cf_vec_t *v, uint32_t first, uint32_t n, uint32_t code)
{
    uint32_t *out = (uint32_t *)v->data + first, i;

    for (i = 0; i < n; i++)
        out[i] = code;
}

#define STREAK 6               /* equal values before looking at four at a time */

/* The rows from r on that repeat the last value, when that is worth looking for; *streak counts. */
static uint32_t repeated(const aws_t *st, const aws_walk_t *w, uint32_t r, const aws_memo_t *last,
                         uint32_t n,
                         uint32_t *streak)
{
    uint32_t k = 0;

    if (++*streak < STREAK)
        return 0;
#if defined(__x86_64__)
    if (st->avx2 && st->faults == 0)
        k = aws_wide_repeat(w, r, last->a, last->b, last->c, n);
#endif
    (void)st;
    (void)w;
    (void)r;
    (void)last;
    (void)n;
    if (k < STREAK)
        *streak = 0;
    return k;
}

static int strings(aws_t *st, const aws_run_t *run, uint32_t i)
{
    aws_col_t *c = &st->format->cols[i];
    cf_vec_t *v = c->v;
    aws_memo_t *memo = c->memo, last = { 0, 0, 0, 0, 0 };
    uint32_t *out = (uint32_t *)v->data + run->first;
    const aws_fault_t *fault = st->faults > 0 ? st->fault : NULL;
    const aws_walk_t w = walk_begin(run, i);
    const uint32_t first = run->first, generation = st->generation << 16;
    uint32_t r, n, k, streak = 0;

    for (r = 0; r < w.n; r++) {
        const char *s = walk_value(&w, r, &n);
        uint64_t ka, kb = 0, kc = 0, hash;
        uint32_t tag = generation | n;
        bool null = false;
        aws_memo_t *m;

        if (fault != NULL && fault[r].code != 0)
            continue;
        if (n < 8) {
            ka = n > 0 ? first_bytes(aws_load8(s), n) : 0;
            null = ka == '-' || n == 0;
        } else {
            ka = aws_load8(s);
            kb = aws_load8(s + n - 8);
            kc = n > 16 ? aws_load8(s + 8) : 0;
        }
        if (null) {
            out[r] = 0;
            null_bit(v, first + r);
        }
        /* Three times eight bytes are the whole text up to 24. */
        if (((ka ^ last.a) | (kb ^ last.b) | (kc ^ last.c) | (tag ^ last.tag)) == 0 && n <= 24) {
            if (!null)
                out[r] = last.code;
            k = repeated(st, &w, r + 1, &last, n, &streak);
            if (k > 0 && null)
                null_rows(v, first + r + 1, k);
            else if (k > 0)
                same_rows(v, first + r + 1, k, last.code);
            r += k;
            continue;
        }
        streak = 0;
        last = (aws_memo_t){ ka, kb, kc, tag, 0 };
        if (null)
            continue;
        hash = (ka ^ (kb << 25 | kb >> 39) ^ kc * 3) * UINT64_C(0x9e3779b97f4a7c15);
        m = &memo[hash >> (64 - AWS_MEMO_BITS)];
        if (__builtin_expect(((m->a ^ ka) | (m->b ^ kb) | (m->c ^ kc) | (m->tag ^ tag)) != 0, 0) ||
            (n > 24 && !same_text(&v->dict, m->code, s, n))) {
            int rc = look_up(c, m, &last, s, n);

            if (rc != CF_OK)
                return rc;
        }
        out[r] = last.code = m->code;
    }
    return CF_OK;
}

/* ---- runs --------------------------------------------------------------------------------- */

static int one_column(aws_t *st, const aws_run_t *run, uint32_t i)
{
    uint32_t odd;

    switch ((aws_op_t)st->format->cols[i].op) {
    case AWS_UINT8:
    case AWS_UINT16:
    case AWS_UINT32:
    case AWS_UINT64: odd = numbers(st, run, i); break;
    case AWS_TIME: odd = times(st, run, i); break;
    case AWS_ADDR: odd = addresses(st, run, i); break;
    case AWS_WORD: odd = words(st, run, i); break;
    case AWS_STRING: return strings(st, run, i);
    default: return CF_OK;
    }
    return odd > 0 ? settle(st, run, i, odd) : CF_OK;
}

static void move_row(cf_vec_t *v, uint32_t to, uint32_t from)
{
    uint64_t bit = (v->null[from >> 6] >> (from & 63)) & 1;

    memcpy((char *)v->data + (size_t)to * v->width, (char *)v->data + (size_t)from * v->width,
           v->width);
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
            aws_walk_t w = walk_begin(run, st->fault[r].col);

            value.s = walk_value(&w, r, &n);
            value.n = n;
        }
        aws_reject(st, st->fault[r].code, st->fault[r].col, value, run->line + r,
                   run->offset + start, row);
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
    uint32_t i, good = run->n;
    int pass, rc = CF_OK;

    if (st->faults > 0)
        memset(st->fault, 0, sizeof st->fault);
    st->faults = 0;
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
    if (st->faults > 0)
        good = reject_rows(st, run);
    aws_keep(st, run->first, good);
    for (i = 0; i < f->n; i++) {
        const aws_col_t *c = &f->cols[i];

        if (c->op == AWS_STRING && c->v->dict.count > 0 &&
            c->v->dict.offset[c->v->dict.count] > CF_DICT_BYTES_MAX / 2)
            st->heavy = true;
    }
    return CF_OK;
}
