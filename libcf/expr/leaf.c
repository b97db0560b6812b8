/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One comparison: operator and right side behind a field's name. Which operators a kind knows is
 * decided here, and the right side becomes a set of ranges, text patterns or another field. parse.c
 * calls this for every field, twice for pseudo fields.
 */
#include <stdlib.h>
#include <string.h>

#include "expr/expr.h"

static const struct {
    const char *symbol;
    cfi_op_t op;
    bool negate;
} symbols[] = {
    /* the longer ones first */
    { "==", CFI_OP_EQ, false }, { "=~", CFI_OP_REGEX, false }, { "=", CFI_OP_EQ, false },
    { "!=", CFI_OP_EQ, true }, { "<>", CFI_OP_EQ, true }, { "!~", CFI_OP_GLOB, true },
    { "~", CFI_OP_GLOB, false }, { "<=", CFI_OP_LE, false }, { ">=", CFI_OP_GE, false },
    { "<", CFI_OP_LT, false }, { ">", CFI_OP_GT, false },
};

static const struct {
    const char *word;
    cfi_op_t op;
} words[] = {
    { "in", CFI_OP_IN },         { "contains", CFI_OP_CONTAINS }, { "startswith", CFI_OP_STARTS },
    { "endswith", CFI_OP_ENDS }, { "has", CFI_OP_HAS },           { "any", CFI_OP_ANY },
    { "is", CFI_OP_NULL },
};

void cfi_leaf_destroy(cfi_leaf_t *l)
{
    if (l == NULL)
        return;
    cfi_set_fini(&l->set);
    cfi_texts_fini(&l->texts);
    free(l->right);
    free(l);
}

static int no_memory(cfi_parser_t *p)
{
    return cfi_fail(p, p->at, CF_E_NOMEM, "no memory for the expression");
}

/* ---- operators ---------------------------------------------------------------------------- */

static int operator_of(cfi_parser_t *p, const cf_field_t *f, cfi_leaf_t *l, size_t *at)
{
    size_t i;

    cfi_blank(p);
    *at = p->at;
    l->negate = cfi_take_word(p, "not");
    for (i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (cfi_take_word(p, words[i].word)) {
            l->op = words[i].op;
            return CF_OK;
        }
    }
    for (i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        if (cfi_take(p, symbols[i].symbol)) {
            l->op = symbols[i].op;
            l->negate ^= symbols[i].negate;
            return CF_OK;
        }
    }
    return cfi_fail(p, p->at, CF_E_USAGE,
                    "a comparison is missing behind '%s' (==, !=, <, in, ~, is null, …)", f->name);
}

/* Does the kind know the operator? Else a sentence with those that it knows. */
static int check_operator(cfi_parser_t *p, const cf_field_t *f, cfi_op_t op, size_t at)
{
    bool text = f->kind == CF_KIND_STRING, flags = f->kind == CF_KIND_FLAGS,
         word = f->kind == CF_KIND_ENUM;

    switch (op) {
    case CFI_OP_EQ:
    case CFI_OP_IN:
    case CFI_OP_NULL:
        return CF_OK;
    case CFI_OP_LT:
    case CFI_OP_LE:
    case CFI_OP_GT:
    case CFI_OP_GE:
        if (!text && !flags && !word)
            return CF_OK;
        break;
    case CFI_OP_HAS:
    case CFI_OP_ANY:
        if (flags)
            return CF_OK;
        break;
    default:
        if (text)
            return CF_OK;
        break;
    }
    return cfi_fail(p, at, CF_E_USAGE, "%s is of kind %s and takes %s", f->name,
                    cf_kind_name(f->kind),
                    text    ? "==, !=, in, ~, =~, contains, startswith, endswith and is null"
                    : flags ? "==, !=, in, has, any and is null"
                    : word  ? "==, !=, in and is null"
                            : "==, !=, <, <=, >, >=, in and is null");
}

/* ---- sets --------------------------------------------------------------------------------- */

/* "8000-8080" and "1000-": try every '-' until both sides are values. */
static bool split_dash(cfi_parser_t *p, const cf_field_t *f, cf_addr_t *lo, cf_addr_t *hi)
{
    const char *s = p->word.data;
    size_t n = p->word.len;
    cf_addr_t other;

    if (p->quoted
        || (f->kind != CF_KIND_UINT && f->kind != CF_KIND_DURATION && f->kind != CF_KIND_ADDR))
        return false;
    for (size_t i = 1; i < n; i++) {
        if (s[i] != '-' || cfi_literal_try(p, f, s, i, lo, &other) != CF_OK)
            continue;
        if (i + 1 == n) {
            *hi = cfi_space_max(f);
            return true;
        }
        if (cfi_literal_try(p, f, s + i + 1, n - i - 1, &other, hi) == CF_OK)
            return true;
    }
    return false;
}

static bool value_follows(const cfi_parser_t *p)
{
    return p->at < p->len && strchr(" \t\r\n,(){}[]&|", p->text[p->at]) == NULL;
}

/* Behind "..": the far end, or open. */
static int far_end(cfi_parser_t *p, const cf_field_t *f, size_t from, cf_addr_t *lo, cf_addr_t *hi)
{
    cf_addr_t near, end;
    int rc;

    p->at += 2;
    if (!value_follows(p)) {
        *hi = cfi_space_max(f);
        return CF_OK;
    }
    rc = cfi_read_value(p);
    if (rc == CF_OK)
        rc = cfi_literal(p, f, p->word.data, p->word.len, &near, &end);
    if (rc != CF_OK)
        return rc;
    if (f->kind == CF_KIND_TIME) {
        if (cf_addr_cmp(near, *lo) <= 0)
            return cfi_fail(p, from, CF_E_USAGE,
                            "range of times is empty: it ends before its far end begins");
        end = cfi_addr_prev(near);
    }
    *hi = end;
    return CF_OK;
}

/* A value, prefix or range. */
static int read_range(cfi_parser_t *p, const cf_field_t *f, cf_addr_t *lo, cf_addr_t *hi,
                      bool *ranged)
{
    size_t from;
    bool dots;
    int rc;

    cfi_blank(p);
    from = p->at;
    *ranged = true;
    *lo = (cf_addr_t){ 0, 0 };
    dots = p->len - p->at >= 2 && memcmp(p->text + p->at, "..", 2) == 0;
    if (!dots) {
        rc = cfi_read_value(p);
        if (rc != CF_OK)
            return rc;
        dots = p->len - p->at >= 2 && memcmp(p->text + p->at, "..", 2) == 0;
        rc = CF_OK;
        if (cfi_literal_try(p, f, p->word.data, p->word.len, lo, hi) != CF_OK) {
            if (dots || !split_dash(p, f, lo, hi))
                rc = cfi_literal(p, f, p->word.data, p->word.len, lo, hi);
        } else {
            *ranged = dots;
        }
        if (rc != CF_OK)
            return rc;
    }
    if (dots) {
        if (f->kind == CF_KIND_ENUM)
            return cfi_fail(p, from, CF_E_USAGE, "%s has words without order; use a list in { }",
                            f->name);
        rc = far_end(p, f, from, lo, hi);
        if (rc != CF_OK)
            return rc;
    }
    if (cf_addr_cmp(*lo, *hi) > 0)
        return cfi_fail(p, from, CF_E_USAGE, "range runs backwards");
    return CF_OK;
}

static int put_range(cfi_parser_t *p, cfi_leaf_t *l, cf_buf_t *right)
{
    cf_addr_t lo, hi;
    bool ranged;
    int rc = read_range(p, l->field, &lo, &hi, &ranged);

    if (rc != CF_OK)
        return rc;
    if (ranged || l->field->kind == CF_KIND_TIME)
        l->op = CFI_OP_IN;
    if (cfi_set_add(&l->set, lo, hi) != CF_OK || cfi_print_range(right, l->field, lo, hi) != CF_OK)
        return no_memory(p);
    return CF_OK;
}

/* All 16-bit values v with (v & mask) == high. */
static void put_flag_bits(uint64_t *bits, uint16_t high, uint16_t mask)
{
    for (uint32_t v = 0; v <= UINT16_MAX; v++)
        if ((v & mask) == high)
            bits[v >> 6] |= UINT64_C(1) << (v & 63);
}

static int put_flags(cfi_parser_t *p, cfi_leaf_t *l, cf_buf_t *right, uint64_t *bits)
{
    uint16_t high, mask;
    bool masked;
    int rc = cfi_read_value(p);

    if (rc != CF_OK)
        return rc;
    if (cfi_flags_literal(p->word.data, p->word.len, &high, &mask, &masked) != CF_OK)
        return cfi_literal(p, l->field, p->word.data, p->word.len, &(cf_addr_t){ 0, 0 },
                           &(cf_addr_t){ 0, 0 });
    if (masked && (l->op == CFI_OP_HAS || l->op == CFI_OP_ANY))
        return cfi_fail(p, p->word_at, CF_E_USAGE,
                        "'has' and 'any' take plain flags; write %s == HIGH/MASK", l->field->name);
    if (masked && (high & ~mask) != 0)
        return cfi_fail(p, p->word_at, CF_E_USAGE,
                        "flags before the '/' must be among those behind it");
    if (l->op == CFI_OP_HAS) {
        put_flag_bits(bits, high, high);
    } else if (l->op == CFI_OP_ANY) {
        put_flag_bits(bits, 0, high);
        for (uint32_t i = 0; i < CF_BATCH_WORDS; i++)
            bits[i] = ~bits[i];
    } else {
        put_flag_bits(bits, high, mask);
    }
    rc = cfi_print_value(right, l->field, cfi_num(high));
    if (rc == CF_OK && masked) {
        rc = cf_buf_puts(right, "/");
        if (rc == CF_OK)
            rc = cfi_print_value(right, l->field, cfi_num(mask));
    }
    return rc == CF_OK ? rc : no_memory(p);
}

static int add_flag_bits(cfi_parser_t *p, cfi_leaf_t *l, const uint64_t *bits)
{
    for (uint32_t v = 0; v <= UINT16_MAX; v++) {
        uint32_t from = v;

        while (v <= UINT16_MAX && (bits[v >> 6] >> (v & 63) & 1) != 0)
            v++;
        if (v > from && cfi_set_add(&l->set, cfi_num(from), cfi_num(v - 1)) != CF_OK)
            return no_memory(p);
    }
    return CF_OK;
}

static int put_text(cfi_parser_t *p, cfi_leaf_t *l, cf_buf_t *right)
{
    int rc = cfi_read_value(p);

    if (rc != CF_OK)
        return rc;
    if (cfi_texts_add(&l->texts, p->word.data, p->word.len) != CF_OK
        || cfi_print_quoted(right, p->word.data, p->word.len) != CF_OK)
        return no_memory(p);
    return CF_OK;
}

static int put_item(cfi_parser_t *p, cfi_leaf_t *l, cf_buf_t *right, uint64_t *bits)
{
    if (l->type == CFI_LEAF_TEXT)
        return put_text(p, l, right);
    return l->field->kind == CF_KIND_FLAGS ? put_flags(p, l, right, bits) : put_range(p, l, right);
}

/* "{a, b, c}" in any brackets, commas or blanks between; what opens is at the cursor. */
static int read_list(cfi_parser_t *p, cfi_leaf_t *l, cf_buf_t *right, uint64_t *bits)
{
    char open = p->text[p->at], close[2] = { open == '{' ? '}' : open == '[' ? ']' : ')', '\0' };
    size_t from = p->at++;
    uint32_t count = 0;
    int rc = cf_buf_puts(right, "{");

    for (; rc == CF_OK && !cfi_take(p, close); count++) {
        if (count > 0 && cfi_take(p, ",") && cfi_take(p, close))
            break;
        cfi_blank(p);
        if (p->at == p->len)
            return cfi_fail(p, from, CF_E_USAGE, "list is not closed by '%s'", close);
        if (count > 0)
            rc = cf_buf_puts(right, ", ");
        if (rc == CF_OK)
            rc = put_item(p, l, right, bits);
        else
            rc = no_memory(p);
    }
    if (rc == CF_OK && count == 0)
        return cfi_fail(p, from, CF_E_USAGE, "list is empty");
    if (rc != CF_OK)
        return rc;
    l->op = CFI_OP_IN;
    return cf_buf_puts(right, "}") == CF_OK ? CF_OK : no_memory(p);
}

/* "a, b, c" without brackets: commas have no other meaning. The first item has been read. */
static int read_open_list(cfi_parser_t *p, cfi_leaf_t *l, cf_buf_t *right, uint64_t *bits)
{
    int rc = CF_OK;

    if (cf_buf_reserve(right, 1) != CF_OK)
        return no_memory(p);
    memmove(right->data + 1, right->data, right->len + 1);
    right->data[0] = '{';
    right->len++;
    while (rc == CF_OK && cfi_take(p, ",")) {
        if (cf_buf_puts(right, ", ") != CF_OK)
            return no_memory(p);
        rc = put_item(p, l, right, bits);
    }
    if (rc != CF_OK)
        return rc;
    l->op = CFI_OP_IN;
    return cf_buf_puts(right, "}") == CF_OK ? CF_OK : no_memory(p);
}

/* ==, in, has, any, contains, …: one item or a list. */
static int read_items(cfi_parser_t *p, cfi_leaf_t *l, cf_buf_t *right)
{
    cfi_op_t op = l->op;
    bool list = p->at < p->len && strchr("{[(", p->text[p->at]) != NULL;
    bool single = op == CFI_OP_HAS || op == CFI_OP_ANY;
    uint64_t *bits = NULL;
    int rc;

    if (list && single)
        return cfi_fail(p, p->at, CF_E_USAGE, "'has' and 'any' take one set of flags, such as SA");
    if (l->field->kind == CF_KIND_FLAGS && (bits = calloc(CF_BATCH_WORDS, sizeof *bits)) == NULL)
        return no_memory(p);
    rc = list ? read_list(p, l, right, bits) : put_item(p, l, right, bits);
    cfi_blank(p);
    if (rc == CF_OK && !list && !single && p->at < p->len && p->text[p->at] == ',')
        rc = read_open_list(p, l, right, bits);
    if (rc == CF_OK && bits != NULL)
        rc = add_flag_bits(p, l, bits);
    free(bits);
    if (rc == CF_OK && l->type == CFI_LEAF_TEXT) {
        if (op != CFI_OP_EQ && op != CFI_OP_IN)
            l->op = op;
        l->texts.op = l->op;
        cfi_texts_seal(&l->texts);
    }
    return rc;
}

/* <, <=, >, >= against one value. */
static int read_order(cfi_parser_t *p, cfi_leaf_t *l, cf_buf_t *right)
{
    const cf_field_t *f = l->field;
    cf_addr_t lo, hi, max = cfi_space_max(f), min = { 0, 0 }, shown;
    int rc = cfi_read_value(p);

    if (rc == CF_OK)
        rc = cfi_literal(p, f, p->word.data, p->word.len, &lo, &hi);
    if (rc != CF_OK)
        return rc;
    shown = l->op == CFI_OP_LT || l->op == CFI_OP_GE ? lo : hi;
    /* a time prints as an instant but reads as a second: name the first instant behind instead */
    if (f->kind == CF_KIND_TIME && cf_addr_cmp(hi, max) < 0
        && (l->op == CFI_OP_LE || l->op == CFI_OP_GT)) {
        lo = shown = cfi_addr_next(hi);
        l->op = l->op == CFI_OP_LE ? CFI_OP_LT : CFI_OP_GE;
    }
    if (l->op == CFI_OP_LT && cf_addr_cmp(lo, min) > 0)
        rc = cfi_set_add(&l->set, min, cfi_addr_prev(lo));
    else if (l->op == CFI_OP_LE)
        rc = cfi_set_add(&l->set, min, hi);
    else if (l->op == CFI_OP_GT && cf_addr_cmp(hi, max) < 0)
        rc = cfi_set_add(&l->set, cfi_addr_next(hi), max);
    else if (l->op == CFI_OP_GE)
        rc = cfi_set_add(&l->set, lo, max);
    if (rc == CF_OK)
        rc = cfi_print_value(right, f, shown);
    return rc == CF_OK ? rc : no_memory(p);
}

/* ---- other right sides -------------------------------------------------------------------- */

static int read_pattern(cfi_parser_t *p, cfi_leaf_t *l, cf_buf_t *right)
{
    cf_diag_t why = CF_DIAG_INIT;
    bool nocase = false;
    int rc;

    if (p->at < p->len && p->text[p->at] == '/') {
        rc = cfi_read_regex(p, &nocase);
        l->op = CFI_OP_REGEX;
    } else if (l->op == CFI_OP_GLOB) {
        return read_items(p, l, right);
    } else {
        rc = cfi_read_value(p);
    }
    if (rc != CF_OK)
        return rc;
    if (memchr(p->word.data, '\0', p->word.len) != NULL || p->word.len == 0)
        return cfi_fail(p, p->word_at, CF_E_USAGE,
                        "regular expression is empty or holds a NUL byte");
    rc = cfi_texts_regex(&l->texts, p->word.data, nocase, &why);
    if (rc != CF_OK)
        return cfi_fail(p, p->word_at, rc, "%s", why.text);
    l->texts.op = CFI_OP_REGEX;
    rc = cf_buf_puts(right, "/");
    for (const char *c = p->word.data; *c != '\0' && rc == CF_OK; c++) {
        if (*c == '\\' && c[1] != '\0')
            rc = cf_buf_put(right, c++, 1);
        else if (*c == '/')
            rc = cf_buf_puts(right, "\\");
        if (rc == CF_OK)
            rc = cf_buf_put(right, c, 1);
    }
    if (rc == CF_OK)
        rc = cf_buf_puts(right, nocase ? "/i" : "/");
    return rc == CF_OK ? rc : no_memory(p);
}

static const uint8_t wanted_of[] = {
    [CFI_OP_EQ] = CFI_EQUAL, [CFI_OP_IN] = CFI_EQUAL,
    [CFI_OP_LT] = CFI_LESS,  [CFI_OP_LE] = CFI_LESS | CFI_EQUAL,
    [CFI_OP_GT] = CFI_MORE,  [CFI_OP_GE] = CFI_MORE | CFI_EQUAL,
};

/*
 * Is the right side a field? For text a bare word that names a field is one; for the other kinds a
 * word that is a value is the value.
 */
static int read_pair(cfi_parser_t *p, cfi_leaf_t *l, bool *taken)
{
    size_t back = p->at, n;
    const cf_field_t *f = l->field, *g;
    cf_addr_t lo, hi;
    int rc;

    *taken = false;
    n = cfi_name_length(p);
    if (n == 0 || l->op > CFI_OP_GE || l->op == CFI_OP_IN)
        return CF_OK;
    rc = cfi_read_value(p);
    if (rc != CF_OK)
        return rc;
    g = p->quoted || p->at - back != n ? NULL : cfi_field_maybe(p, p->text + back, n);
    if (g == NULL || (f->kind != CF_KIND_STRING && f->kind != CF_KIND_FLAGS
                      && cfi_literal_try(p, f, p->word.data, p->word.len, &lo, &hi) == CF_OK)) {
        p->at = back;
        return CF_OK;
    }
    if (f->kind != g->kind)
        return cfi_fail(p, back, CF_E_USAGE,
                        "%s is of kind %s and %s of kind %s: they do not compare", f->name,
                        cf_kind_name(f->kind), g->name, cf_kind_name(g->kind));
    if (f->kind == CF_KIND_ENUM && f->names != g->names)
        return cfi_fail(p, back, CF_E_USAGE, "%s and %s have different words: they do not compare",
                        f->name, g->name);
    l->type = CFI_LEAF_PAIR;
    l->other = g;
    l->wanted = wanted_of[l->op];
    *taken = true;
    return CF_OK;
}

static int read_null(cfi_parser_t *p, cfi_leaf_t *l)
{
    l->type = CFI_LEAF_NULL;
    l->negate ^= cfi_take_word(p, "not");
    if (cfi_take_word(p, "null"))
        return CF_OK;
    return cfi_fail(p, p->at, CF_E_USAGE, "'is' takes null or not null");
}

static int read_right(cfi_parser_t *p, cfi_leaf_t *l, size_t op_at)
{
    cf_buf_t right;
    bool pair;
    int rc = check_operator(p, l->field, l->op, op_at);

    if (rc != CF_OK)
        return rc;
    if (l->op == CFI_OP_NULL)
        return read_null(p, l);
    l->type = l->field->kind == CF_KIND_STRING ? CFI_LEAF_TEXT : CFI_LEAF_SET;
    cfi_blank(p);
    rc = read_pair(p, l, &pair);
    if (rc != CF_OK || pair)
        return rc;
    cf_buf_init(&right, (size_t)CFI_TEXT_MAX * 16);
    rc = cf_buf_puts(&right, "");
    if (rc != CF_OK)
        rc = no_memory(p);
    else if (l->op == CFI_OP_GLOB || l->op == CFI_OP_REGEX)
        rc = read_pattern(p, l, &right);
    else if (l->op >= CFI_OP_LT && l->op <= CFI_OP_GE)
        rc = read_order(p, l, &right);
    else
        rc = read_items(p, l, &right);
    if (rc == CF_OK && l->type == CFI_LEAF_SET && cfi_set_seal(&l->set, l->field) != CF_OK)
        rc = no_memory(p);
    if (rc == CF_OK && (l->right = strdup(right.data)) == NULL)
        rc = no_memory(p);
    cf_buf_fini(&right);
    return rc;
}

int cfi_parse_leaf(cfi_parser_t *p, const cf_field_t *f, cfi_node_t **out)
{
    cfi_leaf_t *l = calloc(1, sizeof *l);
    size_t op_at;
    int rc;

    if (l == NULL)
        return no_memory(p);
    l->field = f;
    rc = operator_of(p, f, l, &op_at);
    if (rc == CF_OK)
        rc = read_right(p, l, op_at);
    if (rc != CF_OK) {
        cfi_leaf_destroy(l);
        return rc;
    }
    *out = cfi_node_leaf(l);
    return *out != NULL ? CF_OK : no_memory(p);
}
