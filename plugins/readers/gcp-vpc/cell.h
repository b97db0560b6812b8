/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private: what is done for each value of each entry, kept small enough to be put in place by the
 * compiler. Strings are remembered by their ends and middle, so that one that was there before
 * costs a few compares; column.c has the rest.
 */
#ifndef GCP_CELL_H
#define GCP_CELL_H

#include "gcp.h"

static inline uint64_t gcp_load8(const char *s)
{
    uint64_t w;

    memcpy(&w, s, sizeof w);
    return w;
}

static inline bool gcp_has(const gcp_t *g, uint16_t col)
{
    return col != GCP_NONE && g->cols[col].row == g->number;
}

/* The cell is about to be written. CF_EOF: nobody wants it. */
static inline int gcp_take(gcp_t *g, gcp_column_t *c)
{
    c->row = g->number;
    if (__builtin_expect(!c->begun, 0)) {
        int rc = gcp_begin(g, c);

        if (rc != CF_OK)
            return rc;
    }
    c->v.null[g->rows >> 6] &= ~(UINT64_C(1) << (g->rows & 63));
    return CF_OK;
}

static inline int gcp_number(gcp_t *g, gcp_column_t *c, uint64_t u)
{
    int rc = gcp_take(g, c);

    if (rc != CF_OK)
        return rc == CF_EOF ? CF_OK : rc;
    switch (c->v.width) {
    case 1: ((uint8_t *)c->v.data)[g->rows] = (uint8_t)u; break;
    case 2: ((uint16_t *)c->v.data)[g->rows] = (uint16_t)u; break;
    case 4: ((uint32_t *)c->v.data)[g->rows] = (uint32_t)u; break;
    default: ((uint64_t *)c->v.data)[g->rows] = u; break;
    }
    return CF_OK;
}

/* First, last and second eight bytes: the whole text up to 24. */
static inline void gcp_ends(const char *s, size_t n, uint64_t *a, uint64_t *b, uint64_t *mid)
{
    uint32_t x, y;

    *mid = 0;
    if (n >= 8) {
        *a = gcp_load8(s);
        *b = gcp_load8(s + n - 8);
        if (n > 16)
            *mid = gcp_load8(s + 8);
        return;
    }
    *b = 0;
    *a = 0;
    if (n >= 4) {
        memcpy(&x, s, 4);
        memcpy(&y, s + n - 4, 4);
        *a = x | (uint64_t)y << 32;
    } else if (n > 0) {
        *a = (uint64_t)(unsigned char)s[0] | (uint64_t)(unsigned char)s[n / 2] << 8 |
             (uint64_t)(unsigned char)s[n - 1] << 16;
    }
}

static inline gcp_memo_t *gcp_memo(gcp_column_t *c, uint64_t a, uint64_t b, size_t n)
{
    uint64_t h = (a ^ (b << 29 | b >> 35) ^ n) * UINT64_C(0x9e3779b97f4a7c15);

    return &c->memo[h >> (64 - GCP_MEMO_BITS)];
}

static inline int gcp_text(gcp_t *g, gcp_column_t *c, const char *s, size_t n)
{
    gcp_memo_t *m;
    uint64_t a, b, mid;
    uint32_t len;
    int rc;

    if (n > CF_STRING_MAX)
        return CF_R_LONG;
    rc = gcp_take(g, c);
    if (rc != CF_OK)
        return rc == CF_EOF ? CF_OK : rc;
    if (c->op == GCP_UNIQUE)
        return gcp_unique(g, c, s, n);
    gcp_ends(s, n, &a, &b, &mid);
    m = gcp_memo(c, a, b, n);
    if (__builtin_expect(((m->a ^ a) | (m->b ^ b) | (m->mid ^ mid)) != 0 || m->n != n ||
                         m->generation != g->generation ||
                         (n > 24 && memcmp(cf_dict_text(&c->v.dict, m->code, &len), s, n) != 0),
                         0)) {
        rc = gcp_new_text(g, c, s, n, m);
        if (rc != CF_OK)
            return rc;
        m->a = a;
        m->b = b;
        m->mid = mid;
    }
    ((uint32_t *)c->v.data)[g->rows] = m->code;
    return CF_OK;
}

#endif
