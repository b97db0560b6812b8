/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Canonical text of an expression: every comparison and group in brackets, values in one form,
 * relative times made absolute. Reading it again gives the same tree (tests/fuzz/expr.c holds
 * that).
 */
#include <string.h>

#include "expr/expr.h"

static const char *const yes[] = {
    [CFI_OP_EQ] = "==",
    [CFI_OP_IN] = "in",
    [CFI_OP_LT] = "<",
    [CFI_OP_LE] = "<=",
    [CFI_OP_GT] = ">",
    [CFI_OP_GE] = ">=",
    [CFI_OP_GLOB] = "~",
    [CFI_OP_REGEX] = "=~",
    [CFI_OP_CONTAINS] = "contains",
    [CFI_OP_STARTS] = "startswith",
    [CFI_OP_ENDS] = "endswith",
    [CFI_OP_HAS] = "has",
    [CFI_OP_ANY] = "any",
    [CFI_OP_NULL] = "is null",
};

static const char *const no[] = {
    [CFI_OP_EQ] = "!=",
    [CFI_OP_IN] = "not in",
    [CFI_OP_LT] = ">=",
    [CFI_OP_LE] = ">",
    [CFI_OP_GT] = "<=",
    [CFI_OP_GE] = "<",
    [CFI_OP_GLOB] = "!~",
    [CFI_OP_REGEX] = "!~",
    [CFI_OP_CONTAINS] = "not contains",
    [CFI_OP_STARTS] = "not startswith",
    [CFI_OP_ENDS] = "not endswith",
    [CFI_OP_HAS] = "not has",
    [CFI_OP_ANY] = "not any",
    [CFI_OP_NULL] = "is not null",
};

static int print_leaf(const cfi_leaf_t *l, cf_buf_t *out)
{
    cfi_op_t op = l->op;
    bool negate = l->negate;
    const char *right = l->type == CFI_LEAF_PAIR ? l->other->name : l->right;

    if (l->type == CFI_LEAF_NULL)
        return cf_buf_putf(out, "(%s %s)", l->field->name, negate ? no[op] : yes[op]);
    if (cf_buf_putf(out, "(%s %s ", l->field->name, negate ? no[op] : yes[op]) != CF_OK
        || cf_buf_puts(out, right) != CF_OK)
        return CF_E_NOMEM;
    return cf_buf_puts(out, ")");
}

static int print_node(const cfi_node_t *n, cf_buf_t *out)
{
    int rc;

    if (n->type == CFI_CONST)
        return cf_buf_puts(out, n->value ? "true" : "false");
    if (n->type == CFI_LEAF)
        return print_leaf(n->leaf, out);
    rc = cf_buf_puts(out, "(");
    for (uint32_t i = 0; i < n->n && rc == CF_OK; i++) {
        if (i > 0)
            rc = cf_buf_puts(out, n->type == CFI_AND ? " and " : " or ");
        if (rc == CF_OK)
            rc = print_node(n->kid[i], out);
    }
    return rc == CF_OK ? cf_buf_puts(out, ")") : rc;
}

int cf_expr_print(const cf_expr_t *e, cf_buf_t *out)
{
    return print_node(e->root, out);
}
