/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a block's statistics say before a column is decoded: each leaf passes no row, all rows, or
 * must be looked at; AND and OR combine that. The same statistics give a guess of how many rows
 * pass and what asking costs, from which run.c orders the sides of AND and OR. The guess depends on
 * the block alone, never on what ran before, so that any number of threads does the same work.
 */
#include "expr/expr.h"

static void stat_range(const cf_field_t *f, const cf_colstat_t *st, cf_addr_t *min, cf_addr_t *max)
{
    *min = st->min;
    *max = st->max;
    if (f->kind != CF_KIND_ADDR) {
        *min = cfi_num(st->min.lo ^ cfi_bias(f->kind));
        *max = cfi_num(st->max.lo ^ cfi_bias(f->kind));
    }
}

static cf_judge_t turned(cf_judge_t j)
{
    return j == CF_JUDGE_NONE ? CF_JUDGE_ALL : j == CF_JUDGE_ALL ? CF_JUDGE_NONE : j;
}

/* Two ranges: which of less, equal, more can be at all? */
static cf_judge_t judge_pair(const cfi_leaf_t *l, const cf_colstat_t *a, const cf_colstat_t *b)
{
    unsigned wanted = l->wanted ^ (l->negate ? 7u : 0u), can = 0;
    cf_addr_t amin, amax, bmin, bmax;

    if (!a->has_range || !b->has_range)
        return CF_JUDGE_MAYBE;
    stat_range(l->field, a, &amin, &amax);
    stat_range(l->other, b, &bmin, &bmax);
    if (cf_addr_cmp(amin, bmax) < 0)
        can |= CFI_LESS;
    if (cf_addr_cmp(amax, bmin) > 0)
        can |= CFI_MORE;
    if (cf_addr_cmp(amin, bmax) <= 0 && cf_addr_cmp(amax, bmin) >= 0)
        can |= CFI_EQUAL;
    if ((can & wanted) == 0)
        return CF_JUDGE_NONE;
    return (can & ~wanted) == 0 && a->nulls == 0 && b->nulls == 0 ? CF_JUDGE_ALL : CF_JUDGE_MAYBE;
}

static cf_judge_t judge_set(const cfi_leaf_t *l, const cf_colstat_t *st)
{
    cf_addr_t min, max;
    cf_judge_t j;

    if (!st->has_range)
        return CF_JUDGE_MAYBE;
    stat_range(l->field, st, &min, &max);
    j = cfi_set_judge(&l->set, min, max);
    if (l->negate)
        j = turned(j);
    return j == CF_JUDGE_ALL && st->nulls > 0 ? CF_JUDGE_MAYBE : j;
}

static cf_judge_t judge_leaf(const cfi_leaf_t *l, const cfi_feed_t *src)
{
    cf_colstat_t st, other;
    bool known = src->stat != NULL && src->stat(src->ctx, l->field, &st);

    if (l->type == CFI_LEAF_NULL) {
        cf_judge_t j = CF_JUDGE_MAYBE;

        if (known)
            j = st.nulls == 0 ? CF_JUDGE_NONE : st.nulls >= src->rows ? CF_JUDGE_ALL : j;
        return l->negate ? turned(j) : j;
    }
    if (known && st.nulls >= src->rows)
        return CF_JUDGE_NONE;
    if (l->type == CFI_LEAF_PAIR) {
        bool both = src->stat != NULL && src->stat(src->ctx, l->other, &other);

        if (both && other.nulls >= src->rows)
            return CF_JUDGE_NONE;
        return known && both ? judge_pair(l, &st, &other) : CF_JUDGE_MAYBE;
    }
    return known && l->type == CFI_LEAF_SET ? judge_set(l, &st) : CF_JUDGE_MAYBE;
}

/* AND of what children say; OR is the same with NONE and ALL exchanged. */
static cf_judge_t combine(cfi_node_type_t type, cf_judge_t a, cf_judge_t b)
{
    cf_judge_t strong = type == CFI_AND ? CF_JUDGE_NONE : CF_JUDGE_ALL;

    if (a == strong || b == strong)
        return strong;
    return a == b ? a : CF_JUDGE_MAYBE;
}

static cf_judge_t start(const cfi_node_t *n, const cfi_feed_t *src)
{
    if (n->type == CFI_CONST)
        return n->value ? CF_JUDGE_ALL : CF_JUDGE_NONE;
    if (n->type == CFI_LEAF)
        return judge_leaf(n->leaf, src);
    return n->type == CFI_AND ? CF_JUDGE_ALL : CF_JUDGE_NONE;
}

cf_judge_t cfi_judge_node(const cfi_node_t *n, const cfi_feed_t *src)
{
    cf_judge_t j = start(n, src);

    for (uint32_t i = 0; i < n->n; i++)
        j = combine(n->type, j, cfi_judge_node(n->kid[i], src));
    return j;
}

/* ---- guesses ------------------------------------------------------------------------------ */

static double field_cost(const cf_field_t *f)
{
    double cost = f->kind == CF_KIND_STRING ? 8 : f->kind == CF_KIND_ADDR ? 6 : f->width;

    return (f->flags & CF_FIELD_DERIVED) != 0 ? cost + 20 : cost;
}

static double set_share(const cfi_leaf_t *l, const cfi_feed_t *src)
{
    cf_colstat_t st;
    cf_addr_t min, max;

    if (src->stat == NULL || !src->stat(src->ctx, l->field, &st) || !st.has_range)
        return l->op == CFI_OP_EQ || l->op == CFI_OP_IN ? 0.1 : 0.4;
    stat_range(l->field, &st, &min, &max);
    return cfi_set_share(&l->set, min, max);
}

static void estimate_leaf(const cfi_leaf_t *l, const cfi_feed_t *src, cfi_estimate_t *e)
{
    e->cost = field_cost(l->field) + (l->other != NULL ? field_cost(l->other) + 4 : 0);
    e->pass = l->type == CFI_LEAF_SET ? set_share(l, src) : 0.2;
    if (l->negate)
        e->pass = 1 - e->pass;
}

void cfi_estimate(const cfi_node_t *n, const cfi_feed_t *src, cf_expr_run_t *r)
{
    cfi_estimate_t *e = &r->estimate[n->id];
    bool and = n->type == CFI_AND;

    e->judge = start(n, src);
    e->cost = 0;
    e->pass = and ? 1 : 0;
    if (n->type == CFI_LEAF)
        estimate_leaf(n->leaf, src, e);
    for (uint32_t i = 0; i < n->n; i++) {
        cfi_estimate_t *k = &r->estimate[n->kid[i]->id];

        cfi_estimate(n->kid[i], src, r);
        e->judge = combine(n->type, e->judge, k->judge);
        e->cost += k->cost;
        e->pass = and ? e->pass * k->pass : 1 - (1 - e->pass) * (1 - k->pass);
    }
}
