/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An expression over one item. A node gets the rows still in question and gives those that pass.
 * AND narrows them child by child and stops when none is left; OR asks each child only about rows
 * that did not pass yet. The child that decides most for least cost goes first; columns of children
 * never asked are never decoded.
 */
#include <stdlib.h>
#include <string.h>

#include "expr/expr.h"

#define ORDERED_MAX 64u        /* more children than this are asked in written order */

cf_expr_run_t *cf_expr_run_create(const cf_expr_t *e)
{
    cf_expr_run_t *r = calloc(1, sizeof *r);

    if (r == NULL)
        return NULL;
    r->nodes = e->nodes;
    r->depth = e->depth + 1;
    r->bits = cf_alloc_aligned((size_t)r->depth * 2 + 1, CF_BATCH_WORDS * sizeof *r->bits);
    r->scratch = cf_alloc_aligned(CF_BATCH_WORDS, sizeof *r->scratch);
    r->estimate = calloc(r->nodes, sizeof *r->estimate);
    r->text = malloc((size_t)CF_STRING_MAX + 1);
    if (r->bits == NULL || r->scratch == NULL || r->estimate == NULL || r->text == NULL) {
        cf_expr_run_destroy(r);
        return NULL;
    }
    return r;
}

void cf_expr_run_destroy(cf_expr_run_t *r)
{
    if (r == NULL)
        return;
    free(r->bits);
    free(r->scratch);
    free(r->estimate);
    free(r->match);
    free(r->text);
    free(r);
}

typedef struct walk {
    cf_expr_run_t *r;
    const cfi_feed_t *src;
    uint32_t words;
    cf_diag_t *d;
} walk_t;

static bool empty(const uint64_t *bits, uint32_t words)
{
    uint64_t any = 0;

    for (uint32_t i = 0; i < words; i++)
        any |= bits[i];
    return any == 0;
}

/* Children in the order to ask them: deciding most rows for least cost first. */
static void order_kids(const cfi_node_t *n, const cf_expr_run_t *r, uint32_t *order)
{
    double rank[ORDERED_MAX];

    for (uint32_t i = 0; i < n->n; i++) {
        const cfi_estimate_t *e = &r->estimate[n->kid[i]->id];
        double decides = n->type == CFI_AND ? 1 - e->pass : e->pass;
        double mine = e->cost / (decides + 1e-9);
        uint32_t at = i;

        for (; at > 0 && rank[at - 1] > mine; at--) {
            rank[at] = rank[at - 1];
            order[at] = order[at - 1];
        }
        rank[at] = mine;
        order[at] = i;
    }
}

static int walk_node(const walk_t *w, const cfi_node_t *n, uint32_t level, const uint64_t *active,
                     uint64_t *out);

static int walk_and(const walk_t *w, const cfi_node_t *n, const uint32_t *order, uint32_t level,
                    const uint64_t *active, uint64_t *out)
{
    if (out != active)
        memcpy(out, active, w->words * sizeof *out);
    for (uint32_t i = 0; i < n->n; i++) {
        const cfi_node_t *kid = n->kid[order != NULL ? order[i] : i];
        int rc = walk_node(w, kid, level + 1, out, out);

        if (rc != CF_OK || empty(out, w->words))
            return rc;
    }
    return CF_OK;
}

static int walk_or(const walk_t *w, const cfi_node_t *n, const uint32_t *order, uint32_t level,
                   const uint64_t *active, uint64_t *out)
{
    uint64_t *rest = w->r->bits + (size_t)(1 + 2 * level) * CF_BATCH_WORDS;
    uint64_t *hit = rest + CF_BATCH_WORDS;

    memcpy(rest, active, w->words * sizeof *rest);
    for (uint32_t i = 0; i < n->n && !empty(rest, w->words); i++) {
        const cfi_node_t *kid = n->kid[order != NULL ? order[i] : i];
        int rc = walk_node(w, kid, level + 1, rest, hit);

        if (rc != CF_OK)
            return rc;
        for (uint32_t j = 0; j < w->words; j++)
            rest[j] &= ~hit[j];
    }
    for (uint32_t j = 0; j < w->words; j++)
        out[j] = active[j] & ~rest[j];
    return CF_OK;
}

/* out may be active. */
static int walk_node(const walk_t *w, const cfi_node_t *n, uint32_t level, const uint64_t *active,
                     uint64_t *out)
{
    cf_expr_run_t *r = w->r;
    uint32_t order[ORDERED_MAX];
    bool ordered = n->n > 1 && n->n <= ORDERED_MAX;
    int rc;

    switch (r->estimate[n->id].judge) {
    case CF_JUDGE_NONE:
        memset(out, 0, w->words * sizeof *out);
        return CF_OK;
    case CF_JUDGE_ALL:
        if (out != active)
            memcpy(out, active, w->words * sizeof *out);
        return CF_OK;
    default:
        break;
    }
    if (n->type == CFI_LEAF) {
        rc = cfi_eval_leaf(n->leaf, r, w->src, active, r->scratch, w->d);
        for (uint32_t i = 0; i < w->words && rc == CF_OK; i++)
            out[i] = r->scratch[i] & active[i];
        return rc;
    }
    if (ordered)
        order_kids(n, r, order);
    if (n->type == CFI_AND)
        return walk_and(w, n, ordered ? order : NULL, level, active, out);
    return walk_or(w, n, ordered ? order : NULL, level, active, out);
}

int cfi_run(const cf_expr_t *e, cf_expr_run_t *r, const cfi_feed_t *src, uint64_t *sel,
            uint32_t *passed, cf_diag_t *d)
{
    walk_t w = { r, src, (src->rows + 63) / 64, d };
    int rc;

    cfi_estimate(e->root, src, r);
    cf_bits_fill(r->bits, src->rows);
    rc = walk_node(&w, e->root, 0, r->bits, sel);
    if (rc == CF_OK)
        *passed = cf_bits_count(sel, src->rows);
    return rc;
}
