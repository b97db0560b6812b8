/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys as strings of bits. Each key of a row becomes a number as small as the rows at hand allow:
 * the distance from the smallest value in its unit, the rank of a text, an address without what all
 * have in common; null is the largest. The numbers stand one behind the other, and the whole is cut
 * into words of 64 bits. So rows are in order when their words are, and mostly one word is enough.
 */
#include <stdlib.h>
#include <string.h>

#include "sort/sort.h"

struct element {
    const cfi_storecol_t *col; /* NULL = null in all rows */
    bool descending, has_null, is_signed;
    uint64_t min, range, unit; /* value = (v - min) / unit, 0 .. range; null = range + 1 */
    uint32_t *rank;            /* of texts, or of addresses that are not IPv4 */
    uint64_t below, above;     /* addresses: ranks below all IPv4; what ranks above are raised by */
    bool flag;                 /* null has a bit of its own: all numbers of 64 bits are taken */
    unsigned bits;
    uint32_t at;               /* first bit */
};

static unsigned bits_for(uint64_t v)
{
    return v == 0 ? 0 : 64 - (unsigned)__builtin_clzll(v);
}

/* ---- what there is ------------------------------------------------------------------------- */

static uint64_t ordered(const struct element *e, uint64_t v)
{
    return e->is_signed ? v ^ UINT64_C(1) << 63 : v;
}

static void note(struct element *e, uint64_t v, uint64_t *min, uint64_t *max)
{
    v = ordered(e, v);
    *min = v < *min ? v : *min;
    *max = v > *max ? v : *max;
}

static void look_at_seg(struct element *e, const cfi_seg_t *g, uint32_t rows, uint64_t *min,
                        uint64_t *max)
{
    if (g->state == CFI_SEG_NULL)
        return;
    if (g->state == CFI_SEG_CONST) {
        note(e, g->value, min, max);
        return;
    }
    for (uint32_t i = 0; i < rows; i++)
        if ((g->null == NULL || !cfi_bit_of(g->null, i))
            && (g->wide == NULL || !cfi_bit_of(g->wide, i)))
            note(e, cfi_seg_value(e->col, g, i), min, max);
}

/* Times are mostly whole seconds or milliseconds. */
static uint64_t unit_of(const cfi_store_t *st, const struct element *e)
{
    static const uint64_t units[] = { 1000000000, 1000000, 1000, 1 };
    unsigned u = 0;

    if (!e->is_signed)
        return 1;
    for (uint32_t s = 0; s < st->nsegs && units[u] > 1; s++) {
        const cfi_seg_t *g = &e->col->seg[s];
        uint32_t rows = g->state == CFI_SEG_DATA ? cfi_seg_rows(st, s) : g->state == CFI_SEG_CONST;

        for (uint32_t i = 0; i < rows && units[u] > 1; i++) {
            uint64_t v = g->state == CFI_SEG_CONST ? g->value : cfi_seg_value(e->col, g, i);

            if (g->null != NULL && cfi_bit_of(g->null, i))
                continue;
            while ((ordered(e, v) - e->min) % units[u] != 0)
                u++;
        }
    }
    return units[u];
}

struct other {
    cf_addr_t a;
    uint32_t number;
};

static int by_addr(const void *x, const void *y)
{
    const struct other *a = x, *b = y;

    if (a->a.hi != b->a.hi)
        return a->a.hi < b->a.hi ? -1 : 1;
    return a->a.lo < b->a.lo ? -1 : a->a.lo > b->a.lo;
}

/* Ranks of the addresses that are not IPv4: those below come first, then IPv4, then the others. */
static int rank_addrs(struct element *e)
{
    const cfi_storecol_t *c = e->col;
    const cf_addr_t first_v4 = cf_addr_v4(0);
    struct other *o;
    uint32_t rank = 0;

    if (c->nothers == 0)
        return CF_OK;
    o = calloc(c->nothers, sizeof *o);
    e->rank = calloc(c->nothers, sizeof *e->rank);
    if (o == NULL || e->rank == NULL) {
        free(o);
        return CF_E_NOMEM;
    }
    for (uint32_t i = 0; i < c->nothers; i++)
        o[i] = (struct other){ c->others[i], i };
    qsort(o, c->nothers, sizeof *o, by_addr);
    for (uint32_t i = 0; i < c->nothers; i++) {
        rank += i > 0 && by_addr(&o[i - 1], &o[i]) != 0;
        e->rank[o[i].number] = rank;
        if (o[i].a.hi == 0 && o[i].a.lo < first_v4.lo)
            e->below = (uint64_t)rank + 1;
    }
    e->above = e->range + 1;
    e->range += (uint64_t)rank + 1;
    free(o);
    return CF_OK;
}

struct text {
    const char *s;
    uint32_t n, code;
};

static int by_text(const void *x, const void *y)
{
    const struct text *a = x, *b = y;
    int c = memcmp(a->s, b->s, a->n < b->n ? a->n : b->n);

    return c != 0 ? c : a->n < b->n ? -1 : a->n > b->n;
}

static int rank_texts(struct element *e)
{
    const cf_dict_t *dict = &e->col->dict;
    struct text *t = calloc((size_t)dict->count + 1, sizeof *t);
    uint32_t rank = 0;

    e->rank = calloc((size_t)dict->count + 1, sizeof *e->rank);
    if (t == NULL || e->rank == NULL) {
        free(t);
        return CF_E_NOMEM;
    }
    for (uint32_t i = 0; i < dict->count; i++) {
        t[i].s = cf_dict_text(dict, i, &t[i].n);
        t[i].code = i;
    }
    qsort(t, dict->count, sizeof *t, by_text);
    for (uint32_t i = 0; i < dict->count; i++) {
        rank += i > 0 && by_text(&t[i - 1], &t[i]) != 0;
        e->rank[t[i].code] = rank;
    }
    e->min = 0;
    e->range = rank;
    free(t);
    return CF_OK;
}

static int look_at(const cfi_store_t *st, const cf_sort_key_t *key, struct element *e)
{
    uint64_t min = UINT64_MAX, max = 0;
    int rc = CF_OK;

    memset(e, 0, sizeof *e);
    e->col = cfi_store_col(st, key->field);
    e->descending = key->descending;
    e->unit = 1;
    if (e->col == NULL)
        return CF_OK;
    e->has_null = e->col->nulls;
    e->is_signed = key->field->kind == CF_KIND_TIME || key->field->kind == CF_KIND_DURATION;
    if (key->field->kind == CF_KIND_STRING) {
        rc = rank_texts(e);
    } else {
        for (uint32_t s = 0; s < st->nsegs; s++)
            look_at_seg(e, &e->col->seg[s], cfi_seg_rows(st, s), &min, &max);
        e->min = min <= max ? min : 0;
        e->unit = min < max ? unit_of(st, e) : 1;
        e->range = min < max ? (max - min) / e->unit : 0;
        if (key->field->kind == CF_KIND_ADDR)
            rc = rank_addrs(e);
    }
    e->flag = e->has_null && e->range == UINT64_MAX;
    e->bits = bits_for(e->range + (e->has_null && !e->flag));
    return rc;
}

/* ---- words --------------------------------------------------------------------------------- */

static inline bool is_null(const cfi_seg_t *g, uint32_t i)
{
    return g->state == CFI_SEG_NULL || (g->null != NULL && cfi_bit_of(g->null, i));
}

static inline uint64_t number_of(const struct element *e, const cfi_seg_t *g, uint32_t i)
{
    uint64_t v;

    if (is_null(g, i))
        return e->flag ? 0 : e->range + 1;
    v = g->state == CFI_SEG_CONST ? g->value : cfi_seg_value(e->col, g, i);
    if (e->col->field->kind == CF_KIND_STRING)
        v = e->rank[v];
    else if (e->rank == NULL)
        v = e->unit == 1 ? ordered(e, v) - e->min : (ordered(e, v) - e->min) / e->unit;
    else if (g->wide == NULL || !cfi_bit_of(g->wide, i))
        v = v - e->min + e->below;
    else
        v = e->rank[v] < e->below ? e->rank[v] : e->rank[v] + e->above;
    return e->descending ? e->range - v : v;
}

struct making {
    const cfi_store_t *st;
    const struct element *e;
    uint32_t nkeys;
    cfi_keys_t *out;
};

/* bits of a number at a place of the row's string of bits, which is still 0 there. */
static inline void put_bits(const cfi_keys_t *k, size_t row, uint32_t at, unsigned bits, uint64_t v)
{
    unsigned end = at % 64 + bits;

    if (end <= 64) {
        k->piece[at / 64][row] |= v << (64 - end);
    } else {
        k->piece[at / 64][row] |= v >> (end - 64);
        k->piece[at / 64 + 1][row] |= v << (128 - end);
    }
}

static void put_element(const cfi_keys_t *k, const struct element *e, const cfi_seg_t *g,
                        size_t first, uint32_t rows)
{
    uint32_t at = e->at;

    if (e->flag) {
        for (uint32_t i = 0; i < rows; i++)
            put_bits(k, first + i, at, 1, is_null(g, i));
        at++;
    }
    for (uint32_t i = 0; i < rows && e->bits > 0; i++)
        put_bits(k, first + i, at, e->bits, number_of(e, g, i));
}

static int make_seg(void *ctx, unsigned worker, uint32_t s)
{
    const struct making *m = ctx;
    size_t first = (size_t)s << CFI_SEG_SHIFT;
    uint32_t rows = cfi_seg_rows(m->st, s);

    (void)worker;
    for (uint32_t p = 0; p < m->out->npieces; p++)
        memset(m->out->piece[p] + first, 0, rows * sizeof(uint64_t));
    for (uint32_t i = 0; i < m->nkeys; i++)
        if (m->e[i].col != NULL)
            put_element(m->out, &m->e[i], &m->e[i].col->seg[s], first, rows);
    return CF_OK;
}

static int allocate(cfi_keys_t *k, uint64_t bits, uint64_t rows)
{
    k->npieces = (uint32_t)((bits + 63) / 64);
    if (k->npieces == 0)
        k->npieces = 1;
    k->bits = bits < 64 ? (unsigned)bits : 64;
    k->piece = calloc(k->npieces, sizeof *k->piece);
    for (uint32_t p = 0; k->piece != NULL && p < k->npieces; p++) {
        k->piece[p] = malloc(rows * sizeof **k->piece + 8);
        if (k->piece[p] == NULL)
            return CF_E_NOMEM;
    }
    return k->piece != NULL ? CF_OK : CF_E_NOMEM;
}

int cfi_keys_make(const cfi_store_t *st, const cf_sort_key_t *keys, uint32_t nkeys,
                  unsigned threads, cfi_keys_t *out, cf_diag_t *d)
{
    struct element e[CF_SORT_KEYS_MAX];
    struct making m = { st, e, nkeys, out };
    uint64_t bits = 0;
    int rc = CF_OK;

    memset(out, 0, sizeof *out);
    memset(e, 0, sizeof e);
    for (uint32_t i = 0; i < nkeys && rc == CF_OK; i++) {
        rc = look_at(st, &keys[i], &e[i]);
        e[i].at = (uint32_t)bits;
        bits += e[i].bits + e[i].flag;
    }
    if (rc == CF_OK)
        rc = allocate(out, bits, st->rows);
    if (rc == CF_OK)
        rc = cfi_parallel(threads, st->nsegs, make_seg, &m);
    for (uint32_t i = 0; i < nkeys; i++)
        free(e[i].rank);
    return rc == CF_OK ? rc : cf_diag_set(d, rc, "no memory for the keys of rows");
}

void cfi_keys_fini(cfi_keys_t *k)
{
    for (uint32_t p = 0; k->piece != NULL && p < k->npieces; p++)
        free(k->piece[p]);
    free(k->piece);
    memset(k, 0, sizeof *k);
}

/* Words of the key and a second first one, two row numbers; ranks are few. */
uint64_t cfi_keys_cost(const cf_sort_key_t *keys, uint32_t nkeys)
{
    uint64_t bits = 0;

    for (uint32_t i = 0; i < nkeys; i++)
        bits += keys[i].field->kind == CF_KIND_ADDR || keys[i].field->kind == CF_KIND_STRING
                    ? 34 : keys[i].field->width * 8u + 1;
    return (bits + 63) / 64 * 8 + 8 + 2 * sizeof(uint32_t);
}
