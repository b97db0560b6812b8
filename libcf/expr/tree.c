/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes of an expression and what is known of it without data: its fields, its window of time. AND
 * and OR have any number of children; "not" does not exist as a node, it turns the leaves.
 */
#include <stdlib.h>
#include <string.h>

#include "expr/expr.h"

static cfi_node_t *node(cfi_node_type_t type)
{
    cfi_node_t *n = calloc(1, sizeof *n);

    if (n != NULL)
        n->type = type;
    return n;
}

cfi_node_t *cfi_node_leaf(cfi_leaf_t *l)
{
    cfi_node_t *n = node(CFI_LEAF);

    if (n == NULL)
        cfi_leaf_destroy(l);
    else
        n->leaf = l;
    return n;
}

cfi_node_t *cfi_node_const(bool value)
{
    cfi_node_t *n = node(CFI_CONST);

    if (n != NULL)
        n->value = value;
    return n;
}

void cfi_node_destroy(cfi_node_t *n)
{
    if (n == NULL)
        return;
    for (uint32_t i = 0; i < n->n; i++)
        cfi_node_destroy(n->kid[i]);
    free(n->kid);
    cfi_leaf_destroy(n->leaf);
    free(n);
}

static int append(cfi_node_t *n, cfi_node_t *kid)
{
    if (n->n == n->size) {
        uint32_t size = n->size == 0 ? 4 : n->size * 2;
        cfi_node_t **kids = realloc(n->kid, size * sizeof *kids);

        if (kids == NULL)
            return CF_E_NOMEM;
        n->kid = kids;
        n->size = size;
    }
    n->kid[n->n++] = kid;
    return CF_OK;
}

cfi_node_t *cfi_node_join(cfi_node_type_t type, cfi_node_t *a, cfi_node_t *b)
{
    cfi_node_t *n = a;

    if (a->type != type) {
        n = node(type);
        if (n == NULL || append(n, a) != CF_OK) {
            cfi_node_destroy(n);
            cfi_node_destroy(a);
            cfi_node_destroy(b);
            return NULL;
        }
    }
    if (b->type != type) {
        if (append(n, b) == CF_OK)
            return n;
    } else {
        uint32_t i = 0;

        while (i < b->n && append(n, b->kid[i]) == CF_OK)
            i++;
        /* what n has now is no longer b's */
        memmove(b->kid, b->kid + i, (b->n - i) * sizeof *b->kid);
        b->n -= i;
        if (b->n == 0) {
            cfi_node_destroy(b);
            return n;
        }
    }
    cfi_node_destroy(n);
    cfi_node_destroy(b);
    return NULL;
}

void cfi_node_negate(cfi_node_t *n)
{
    switch (n->type) {
    case CFI_AND:
    case CFI_OR:
        n->type = n->type == CFI_AND ? CFI_OR : CFI_AND;
        for (uint32_t i = 0; i < n->n; i++)
            cfi_node_negate(n->kid[i]);
        break;
    case CFI_LEAF:
        n->leaf->negate = !n->leaf->negate;
        break;
    case CFI_CONST:
        n->value = !n->value;
        break;
    }
}

/* ---- the expression ----------------------------------------------------------------------- */

static int add_field(cf_expr_t *e, const cf_field_t *f)
{
    const cf_field_t **fields;

    if (f == NULL)
        return CF_OK;
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i] == f)
            return CF_OK;
    fields = realloc(e->fields, (e->nfields + 1) * sizeof *fields);
    if (fields == NULL)
        return CF_E_NOMEM;
    e->fields = fields;
    e->fields[e->nfields++] = f;
    return CF_OK;
}

/* Number the nodes, measure the depth, collect the fields. */
static int survey(cf_expr_t *e, cfi_node_t *n, uint32_t depth)
{
    n->id = e->nodes++;
    if (depth > e->depth)
        e->depth = depth;
    if (n->type == CFI_LEAF
        && (add_field(e, n->leaf->field) != CF_OK || add_field(e, n->leaf->other) != CF_OK))
        return CF_E_NOMEM;
    for (uint32_t i = 0; i < n->n; i++)
        if (survey(e, n->kid[i], depth + 1) != CF_OK)
            return CF_E_NOMEM;
    return CF_OK;
}

int cfi_expr_over(cf_expr_t **out, cfi_node_t *root)
{
    cf_expr_t *e = calloc(1, sizeof *e);

    *out = NULL;
    if (e == NULL) {
        cfi_node_destroy(root);
        return CF_E_NOMEM;
    }
    e->root = root;
    if (survey(e, root, 0) != CF_OK) {
        cf_expr_destroy(e);
        return CF_E_NOMEM;
    }
    *out = e;
    return CF_OK;
}

void cf_expr_destroy(cf_expr_t *e)
{
    if (e == NULL)
        return;
    cfi_node_destroy(e->root);
    free(e->fields);
    free(e);
}

cf_expr_t *cf_expr_and(cf_expr_t *a, cf_expr_t *b)
{
    cfi_node_t *root;
    cf_expr_t *e;

    if (a == NULL || b == NULL)
        return a != NULL ? a : b;
    root = cfi_node_join(CFI_AND, a->root, b->root);
    a->root = b->root = NULL;
    cf_expr_destroy(a);
    cf_expr_destroy(b);
    if (root == NULL || cfi_expr_over(&e, root) != CF_OK)
        return NULL;
    return e;
}

const cf_field_t *const *cf_expr_fields(const cf_expr_t *e, size_t *n)
{
    *n = e->nfields;
    return e->fields;
}

/* ---- window ------------------------------------------------------------------------------- */

typedef struct window {
    uint64_t lo, hi;           /* biased, both inside; lo > hi = no row at all */
} window_t;

static const window_t everything = { 0, UINT64_MAX }, nothing = { 1, 0 };

static window_t leaf_window(const cfi_leaf_t *l)
{
    const cfi_set_t *s = &l->set;
    window_t w = everything;

    if (l->type != CFI_LEAF_SET || strcmp(l->field->name, "stime") != 0)
        return everything;
    if (!l->negate)
        return s->n == 0 ? nothing : (window_t){ s->lo64[0], s->hi64[s->n - 1] };
    if (s->n > 0 && s->lo64[0] == 0) {
        if (s->hi64[0] == UINT64_MAX)
            return nothing;
        w.lo = s->hi64[0] + 1;
    }
    if (s->n > 0 && s->hi64[s->n - 1] == UINT64_MAX)
        w.hi = s->lo64[s->n - 1] - 1;
    return w;
}

static window_t window_of(const cfi_node_t *n)
{
    window_t w;

    if (n->type == CFI_CONST)
        return n->value ? everything : nothing;
    if (n->type == CFI_LEAF)
        return leaf_window(n->leaf);
    w = n->type == CFI_AND ? everything : nothing;
    for (uint32_t i = 0; i < n->n; i++) {
        window_t k = window_of(n->kid[i]);

        if (n->type == CFI_AND) {
            w.lo = k.lo > w.lo ? k.lo : w.lo;
            w.hi = k.hi < w.hi ? k.hi : w.hi;
        } else if (k.lo <= k.hi) {
            bool first = w.lo > w.hi;

            w.lo = first || k.lo < w.lo ? k.lo : w.lo;
            w.hi = first || k.hi > w.hi ? k.hi : w.hi;
        }
        if (n->type == CFI_AND && w.lo > w.hi)
            return nothing;
    }
    return w;
}

bool cf_expr_window(const cf_expr_t *e, int64_t *from, int64_t *to)
{
    window_t w = window_of(e->root);

    if (w.lo == 0 && w.hi == UINT64_MAX)
        return false;
    if (w.lo > w.hi) {
        *from = *to = 0;
        return true;
    }
    *from = (int64_t)(w.lo ^ CFI_SIGN);
    *to = w.hi == UINT64_MAX ? INT64_MAX : (int64_t)((w.hi + 1) ^ CFI_SIGN);
    return true;
}
