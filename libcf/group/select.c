/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which groups are wanted, in order. Groups come in no order, one by one. For the first N a list of
 * at most 2 N + 1024 is kept: when it is full it is sorted and cut to N, and the last one becomes
 * the bar that later groups must reach. Most comparisons are decided by a 64-bit rank made from the
 * value (or the first key); ties compare exactly.
 */
#include <stdlib.h>

#include "group/group.h"

struct item {
    uint64_t rank;
    size_t row;                        /* in rows, counted in row_words */
};

struct cf_groups {
    const cf_group_t *g;
    cf_group_order_t o;
    cfi_form_t form[2];
    uint32_t row_words;                /* form of the key, then the entry */
    uint64_t *rows;
    struct item *items;
    size_t n, size;
    uint64_t all;
    bool has_bar;
    uint64_t bar;
};

static const uint64_t *row_of(const cf_groups_t *r, size_t row)
{
    return r->rows + row * r->row_words;
}

/* Value j of an entry in an order of unsigned numbers; false = null. */
static bool value_of(const cf_group_t *g, const cfi_form_t *f, uint32_t kw, const uint64_t *e, uint32_t j,
                     cfi_u128_t *v)
{
    const cf_agg_t *a = &g->values[j];

    if (a->op == CF_AGG_RECORDS)
        *v = e[kw] & CFI_COUNT_MASK;
    else if (a->op == CF_AGG_SUM && f->sum_words == 2)
        *v = (cfi_u128_t)e[f->off[j] + 1] << 64 | e[f->off[j]];
    else
        *v = e[f->off[j]];
    return a->op == CF_AGG_RECORDS || a->op == CF_AGG_DISTINCT
        || (e[kw] >> (CFI_COUNT_BITS + j) & 1) != 0;
}

static uint64_t string_rank(const char *s, size_t n)
{
    uint64_t rank = 0;

    for (size_t i = 0; i < 8; i++)
        rank = rank << 8 | (i < n ? (unsigned char)s[i] : 0);
    return rank;
}

static bool is_signed(const cf_field_t *f)
{
    return f->kind == CF_KIND_TIME || f->kind == CF_KIND_DURATION;
}

/* Never decreases along the order of the key. */
static uint64_t key_rank(const cf_group_t *g, unsigned form, const uint64_t *e)
{
    const cf_field_t *f;
    const char *s;
    cf_addr_t a;
    size_t n;

    if (g->nkeys == 0)
        return 0;
    f = g->target[0].layout.place[0].field;
    if (!cfi_layout_get(&g->target[0].layout, form, e, 0, &a))
        return UINT64_MAX;
    if (f->kind == CF_KIND_STRING) {
        s = cfi_intern_text(&g->intern, (uint32_t)a.lo, &n);
        return string_rank(s, n);
    }
    if (is_signed(f))
        return a.lo ^ UINT64_C(1) << 63;
    return a.hi > 0 ? UINT64_MAX : a.lo;
}

static uint64_t value_rank(const cf_groups_t *r, bool known, cfi_u128_t v)
{
    uint64_t low = v >= UINT64_MAX ? UINT64_MAX - 1 : (uint64_t)v;

    if (!known)
        return UINT64_MAX;
    return r->o.ascending ? low : UINT64_MAX - 1 - low;
}

static int compare_key(const cf_group_t *g, uint32_t k, const uint64_t *x, const uint64_t *y)
{
    const cfi_layout_t *l = &g->target[0].layout;
    const cf_field_t *f = l->place[k].field;
    cf_addr_t a, b;
    bool has_a = cfi_layout_get(l, (unsigned)x[0], x + 1, k, &a);
    bool has_b = cfi_layout_get(l, (unsigned)y[0], y + 1, k, &b);

    if (!has_a || !has_b)
        return has_b - has_a;
    if (f->kind == CF_KIND_STRING) {
        size_t na, nb;
        const char *s = cfi_intern_text(&g->intern, (uint32_t)a.lo, &na);
        const char *t = cfi_intern_text(&g->intern, (uint32_t)b.lo, &nb);
        int c = a.lo == b.lo ? 0 : memcmp(s, t, na < nb ? na : nb);

        return c != 0 ? c : (na > nb) - (na < nb);
    }
    if (is_signed(f)) {
        a.lo ^= UINT64_C(1) << 63;
        b.lo ^= UINT64_C(1) << 63;
    }
    return cf_addr_cmp(a, b);
}

static int compare(const void *p, const void *q, void *ctx)
{
    const struct item *x = p, *y = q;
    const cf_groups_t *r = ctx;
    const uint64_t *a, *b;

    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    a = row_of(r, x->row);
    b = row_of(r, y->row);
    if (r->o.value >= 0) {
        uint32_t j = (uint32_t)r->o.value;
        cfi_u128_t u, v;
        bool has_u = value_of(r->g, &r->form[a[0]], r->g->target[0].layout.words[a[0]], a + 1, j, &u);
        bool has_v = value_of(r->g, &r->form[b[0]], r->g->target[0].layout.words[b[0]], b + 1, j, &v);

        if (has_u && has_v && u != v)
            return (u < v) == r->o.ascending ? -1 : 1;
    }
    for (uint32_t k = 0; k < r->g->nkeys; k++) {
        int c = compare_key(r->g, k, a, b);

        if (c != 0)
            return c;
    }
    return 0;
}

/* Sort and keep the first count; rows are moved so that kept ones stand first. */
static int prune(cf_groups_t *r)
{
    size_t keep = r->o.count > 0 && r->n > r->o.count ? (size_t)r->o.count : r->n;
    uint64_t *rows;

    qsort_r(r->items, r->n, sizeof *r->items, compare, r);
    if (keep == r->n)
        return CF_OK;
    rows = malloc(r->size * r->row_words * sizeof *rows);
    if (rows == NULL)
        return CF_E_NOMEM;
    for (size_t i = 0; i < keep; i++) {
        memcpy(rows + i * r->row_words, row_of(r, r->items[i].row), r->row_words * sizeof *rows);
        r->items[i].row = i;
    }
    free(r->rows);
    r->rows = rows;
    r->n = keep;
    r->has_bar = true;
    r->bar = r->items[keep - 1].rank;
    return CF_OK;
}

static int make_room(cf_groups_t *r)
{
    size_t size = r->size == 0 ? 1024 : r->size * 2, row_bytes = r->row_words * sizeof *r->rows;
    uint64_t *rows;
    struct item *items;

    if (r->n < r->size)
        return CF_OK;
    if (r->o.count > 0 && r->size >= r->o.count && r->size - r->o.count >= r->o.count + 1024)
        return prune(r);
    if (r->size > 0 && size > r->g->memory / (row_bytes + sizeof *items)) {
        size = (size_t)(r->g->memory / (row_bytes + sizeof *items));
        if (size <= r->size)
            return CF_E_LIMIT;
    }
    rows = realloc(r->rows, size * row_bytes);
    if (rows != NULL)
        r->rows = rows;
    items = realloc(r->items, size * sizeof *items);
    if (items != NULL)
        r->items = items;
    if (rows == NULL || items == NULL)
        return CF_E_NOMEM;
    r->size = size;
    return CF_OK;
}

static bool passes(const cf_groups_t *r, bool known, cfi_u128_t v)
{
    cfi_u128_t bound = (cfi_u128_t)r->o.threshold.hi << 64 | r->o.threshold.lo;

    return !r->o.has_threshold || (known && (r->o.ascending ? v <= bound : v >= bound));
}

static int visit(void *ctx, unsigned form, const cfi_form_t *f, const uint64_t *e)
{
    cf_groups_t *r = ctx;
    uint64_t *row, rank;
    int rc;

    r->all++;
    if (r->o.value >= 0) {
        cfi_u128_t v = 0;
        bool known = value_of(r->g, f, r->g->target[0].layout.words[form], e, (uint32_t)r->o.value, &v);

        if (!passes(r, known, v))
            return CF_OK;
        rank = value_rank(r, known, v);
    } else {
        rank = key_rank(r->g, form, e);
    }
    if (r->has_bar && rank > r->bar)
        return CF_OK;
    rc = make_room(r);
    if (rc != CF_OK)
        return rc;
    r->form[form] = *f;
    row = r->rows + r->n * r->row_words;
    row[0] = form;
    memcpy(row + 1, e, f->stride * sizeof *e);
    r->items[r->n].rank = rank;
    r->items[r->n].row = r->n;
    r->n++;
    return CF_OK;
}

static cf_groups_t *make_groups(const cf_group_t *g, const cf_group_order_t *o)
{
    cf_groups_t *r = calloc(1, sizeof *r);
    cfi_form_t f[2];

    if (r == NULL)
        return NULL;
    r->g = g;
    r->o = *o;
    cfi_form_of(g, CFI_NARROW, 2, &f[0]);
    cfi_form_of(g, CFI_WIDE, 2, &f[1]);
    r->row_words = 1 + (f[0].stride > f[1].stride ? f[0].stride : f[1].stride);
    return r;
}

/* What another thread has kept. */
static int absorb(cf_groups_t *r, const cf_groups_t *other)
{
    uint64_t all = r->all + other->all;
    int rc = CF_OK;

    for (size_t i = 0; i < other->n && rc == CF_OK; i++) {
        const uint64_t *row = row_of(other, other->items[i].row);

        rc = visit(r, (unsigned)row[0], &other->form[row[0]], row + 1);
    }
    r->all = all;
    return rc;
}

/* list[0] has the answer afterwards. */
static int select_groups(cf_group_t *g, const cf_group_order_t *o, cf_groups_t **list, cf_diag_t *d)
{
    void **ctx = calloc(g->nworkers, sizeof *ctx);
    int rc = ctx != NULL ? CF_OK : CF_E_NOMEM;

    for (unsigned i = 0; i < g->nworkers && rc == CF_OK; i++) {
        ctx[i] = list[i] = make_groups(g, o);
        if (list[i] == NULL)
            rc = CF_E_NOMEM;
    }
    if (rc != CF_OK) {
        free(ctx);
        return cf_diag_set(d, rc, "no memory for the groups wanted");
    }
    rc = cfi_merge_all(g, visit, ctx, d);
    free(ctx);
    if (rc != CF_OK)
        return rc;
    for (unsigned i = 1; i < g->nworkers && rc == CF_OK; i++)
        rc = absorb(list[0], list[i]);
    if (rc == CF_OK && list[0]->n > 0)
        rc = prune(list[0]);
    if (rc == CF_E_LIMIT)
        return cf_diag_set(d, rc, "the groups wanted do not fit --memory; ask for fewer with --count");
    return rc == CF_OK ? rc : cf_diag_set(d, rc, "no memory for the groups wanted");
}

int cf_group_select(cf_group_t *g, const cf_group_order_t *o, cf_groups_t **out, cf_diag_t *d)
{
    cf_groups_t **list = calloc(g->nworkers, sizeof *list);
    int rc;

    *out = NULL;
    if (list == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for the groups wanted");
    if (g->selected) {
        free(list);
        return cf_diag_set(d, CF_E_INTERNAL, "groups are selected twice");
    }
    g->selected = true;
    rc = select_groups(g, o, list, d);
    for (unsigned i = rc == CF_OK ? 1 : 0; i < g->nworkers; i++)
        cf_groups_destroy(list[i]);
    if (rc == CF_OK)
        *out = list[0];
    free(list);
    return rc;
}

void cf_groups_destroy(cf_groups_t *r)
{
    if (r == NULL)
        return;
    free(r->rows);
    free(r->items);
    free(r);
}

size_t cf_groups_count(const cf_groups_t *r)
{
    return r->n;
}

uint64_t cf_groups_all(const cf_groups_t *r)
{
    return r->all;
}

static void number_cell(cf_cell_t *c, const cf_field_t *f, uint64_t v)
{
    c->u = v;
    c->t = (int64_t)v;
    c->type = f->kind == CF_KIND_TIME ? CF_CELL_TIME : f->kind == CF_KIND_DURATION ? CF_CELL_DURATION
        : f->kind == CF_KIND_FLAGS ? CF_CELL_FLAGS : CF_CELL_UINT;
}

void cf_groups_key(const cf_groups_t *r, size_t row, size_t key, cf_cell_t *c)
{
    const uint64_t *e = row_of(r, r->items[row].row);
    const cfi_layout_t *l = &r->g->target[0].layout;
    const cf_field_t *f = l->place[key].field;
    cf_addr_t a;

    memset(c, 0, sizeof *c);
    if (!cfi_layout_get(l, (unsigned)e[0], e + 1, (uint32_t)key, &a))
        return;
    if (f->kind == CF_KIND_ADDR) {
        c->type = CF_CELL_ADDR;
        c->a = a;
    } else if (f->kind == CF_KIND_STRING) {
        c->type = CF_CELL_TEXT;
        c->s = cfi_intern_text(&r->g->intern, (uint32_t)a.lo, &c->n);
    } else if (f->kind == CF_KIND_ENUM) {
        cf_cell_enum(c, f, (uint8_t)a.lo);
    } else {
        number_cell(c, f, a.lo);
    }
}

void cf_groups_value(const cf_groups_t *r, size_t row, size_t value, cf_cell_t *c)
{
    const uint64_t *e = row_of(r, r->items[row].row);
    const cf_agg_t *a = &r->g->values[value];
    cfi_u128_t v;

    memset(c, 0, sizeof *c);
    if (!value_of(r->g, &r->form[e[0]], r->g->target[0].layout.words[e[0]], e + 1, (uint32_t)value, &v))
        return;
    if (a->op == CF_AGG_MIN || a->op == CF_AGG_MAX) {
        number_cell(c, a->field, is_signed(a->field) ? (uint64_t)v ^ UINT64_C(1) << 63 : (uint64_t)v);
        return;
    }
    c->type = CF_CELL_UINT;
    c->u = (uint64_t)v;
    c->hi = (uint64_t)(v >> 64);
}
