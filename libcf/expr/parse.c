/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar (doc/expressions.md): or below and below not, brackets, comparisons. Recursive
 * descent with a bound on depth; each comparison is read by leaf.c.
 */
#include <stdlib.h>
#include <string.h>

#include "expr/expr.h"

static int parse_or(cfi_parser_t *p, cfi_node_t **out);

static int joined(cfi_parser_t *p, cfi_node_type_t type, cfi_node_t *a, cfi_node_t *b,
                  cfi_node_t **out)
{
    *out = cfi_node_join(type, a, b);
    return *out != NULL ? CF_OK : cfi_fail(p, p->at, CF_E_NOMEM, "no memory for the expression");
}

/* A field name is next: the comparison, on both fields of a pseudo field. */
static int parse_comparison(cfi_parser_t *p, size_t at, size_t n, cfi_node_t **out)
{
    const char *name[2];
    const cf_field_t *f;
    cfi_node_t *a = NULL, *b = NULL;
    bool negate;
    size_t back;
    int rc;

    if (!cfi_pseudo(p->text + at, n, &name[0], &name[1])) {
        rc = cfi_field_named(p, at, n, &f);
        if (rc == CF_OK)
            rc = cfi_parse_leaf(p, f, out);
        return rc;
    }
    back = p->at;
    for (int i = 0; i < 2; i++) {
        cf_diag_t why = CF_DIAG_INIT;

        p->at = back;
        f = cf_field_find(name[i]);
        rc = CF_OK;
        if (p->env != NULL && p->env->field != NULL)
            rc = p->env->field(p->env->ctx, name[i], &f, &why);
        if (rc != CF_OK)
            rc = cfi_fail(p, at, rc, "%s", why.text);
        else
            rc = cfi_parse_leaf(p, f, i == 0 ? &a : &b);
        if (rc != CF_OK) {
            cfi_node_destroy(a);
            return rc;
        }
    }
    /* either side passes; the negation of that, not of each side, is what != asks */
    negate = a->leaf->negate;
    a->leaf->negate = b->leaf->negate = false;
    rc = joined(p, CFI_OR, a, b, out);
    if (rc == CF_OK && negate)
        cfi_node_negate(*out);
    return rc;
}

/* "has FIELD" */
static int parse_has(cfi_parser_t *p, cfi_node_t **out)
{
    const char *s, *name[2];
    size_t at, n;
    const cf_field_t *f;
    cfi_leaf_t *l;
    int rc;

    cfi_blank(p);
    at = p->at;
    s = p->text + at;
    n = cfi_name_length(p);
    if (n == 0)
        return cfi_fail(p, at, CF_E_USAGE, "'has' takes the name of a field");
    if (cfi_pseudo(s, n, &name[0], &name[1]))
        return cfi_fail(p, at, CF_E_USAGE, "'has' takes one field; write has %s or has %s", name[0],
                        name[1]);
    rc = cfi_field_named(p, at, n, &f);
    if (rc != CF_OK)
        return rc;
    p->at += n;
    l = calloc(1, sizeof *l);
    if (l != NULL) {
        l->type = CFI_LEAF_NULL;
        l->op = CFI_OP_NULL;
        l->negate = true;
        l->field = f;
        *out = cfi_node_leaf(l);
    }
    return l != NULL && *out != NULL ? CF_OK
                                     : cfi_fail(p, at, CF_E_NOMEM, "no memory for the expression");
}

static bool is_not(cfi_parser_t *p)
{
    if (cfi_take_word(p, "not"))
        return true;
    cfi_blank(p);
    if (p->at == p->len || p->text[p->at] != '!')
        return false;
    p->at++;
    return true;
}

static int parse_bracket(cfi_parser_t *p, cfi_node_t **out)
{
    size_t from = p->at - 1;
    int rc = parse_or(p, out);

    if (rc != CF_OK)
        return rc;
    if (cfi_take(p, ")"))
        return CF_OK;
    cfi_node_destroy(*out);
    *out = NULL;
    cfi_blank(p);
    if (p->at == p->len)
        return cfi_fail(p, from, CF_E_USAGE, "bracket is not closed");
    return cfi_fail(p, p->at, CF_E_USAGE, "'and', 'or' or ')' is expected here");
}

static int parse_simple(cfi_parser_t *p, cfi_node_t **out)
{
    bool value;
    size_t at, n;

    if (cfi_take(p, "("))
        return parse_bracket(p, out);
    value = cfi_take_word(p, "true");
    if (value || cfi_take_word(p, "false")) {
        *out = cfi_node_const(value);
        return *out != NULL ? CF_OK
                            : cfi_fail(p, p->at, CF_E_NOMEM, "no memory for the expression");
    }
    if (cfi_take_word(p, "has"))
        return parse_has(p, out);
    cfi_blank(p);
    at = p->at;
    n = cfi_name_length(p);
    if (n == 0)
        return cfi_fail(p, at, CF_E_USAGE,
                        at == p->len ? "the expression ends where a comparison is expected"
                                     : "a comparison is expected here, such as dport == 443");
    p->at += n;
    return parse_comparison(p, at, n, out);
}

static int parse_not(cfi_parser_t *p, cfi_node_t **out)
{
    bool negate = false;
    int rc;

    if (++p->depth > CFI_NEST_MAX)
        return cfi_fail(p, p->at, CF_E_LIMIT, "more than %u brackets within each other",
                        CFI_NEST_MAX);
    while (is_not(p))
        negate = !negate;
    rc = parse_simple(p, out);
    if (rc == CF_OK && negate)
        cfi_node_negate(*out);
    p->depth--;
    return rc;
}

/* One precedence level: a { word a }. */
static int parse_level(cfi_parser_t *p, cfi_node_type_t type, cfi_node_t **out)
{
    bool and = type == CFI_AND;
    const char *word = and ? "and" : "or", *symbol = and ? "&&" : "||";
    cfi_node_t *a = NULL, *b = NULL;
    int rc = and ? parse_not(p, &a) : parse_level(p, CFI_AND, &a);

    while (rc == CF_OK && (cfi_take_word(p, word) || cfi_take(p, symbol))) {
        b = NULL;
        rc = and ? parse_not(p, &b) : parse_level(p, CFI_AND, &b);
        if (rc != CF_OK)
            cfi_node_destroy(a);
        else
            rc = joined(p, type, a, b, &a);
    }
    if (rc == CF_OK)
        *out = a;
    return rc;
}

static int parse_or(cfi_parser_t *p, cfi_node_t **out)
{
    return parse_level(p, CFI_OR, out);
}

int cf_expr_parse(cf_expr_t **e, const char *text, const cf_expr_env_t *env, cf_diag_t *d)
{
    cf_diag_t own = CF_DIAG_INIT;
    cfi_parser_t p = { .text = text, .len = strlen(text), .env = env, .d = d != NULL ? d : &own };
    cfi_node_t *root = NULL;
    int rc;

    *e = NULL;
    if (p.len > CFI_TEXT_MAX)
        return cf_diag_set(p.d, CF_E_LIMIT, "expression is longer than %u bytes", CFI_TEXT_MAX);
    cf_buf_init(&p.word, CFI_TEXT_MAX);
    rc = cf_buf_reserve(&p.word, 1);
    if (rc == CF_OK)
        rc = parse_or(&p, &root);
    else
        cfi_fail(&p, 0, rc, "no memory for the expression");
    if (rc == CF_OK) {
        cfi_blank(&p);
        if (p.at < p.len)
            rc = cfi_fail(&p, p.at, CF_E_USAGE, p.text[p.at] == ')' ? "')' closes nothing"
                          : "'and' or 'or' is expected here");
    }
    cf_buf_fini(&p.word);
    if (rc != CF_OK) {
        cfi_node_destroy(root);
        return rc;
    }
    rc = cfi_expr_over(e, root);
    if (rc != CF_OK)
        return cf_diag_set(p.d, rc, "no memory for the expression");
    if ((*e)->depth > CFI_DEPTH_MAX) {
        cf_expr_destroy(*e);
        *e = NULL;
        return cfi_fail(&p, 0, CF_E_LIMIT, "more than %u levels of and, or within each other",
                        CFI_DEPTH_MAX);
    }
    return CF_OK;
}
