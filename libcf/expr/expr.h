/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Library-internal: the tree of a filter expression and the parts that build and run it.
 *
 *   text ── lex.c, parse.c, name.c, literal.c ──► nodes ── tree.c, print.c
 *   node leaf = set of ranges (set.c) | text patterns (text.c) | null test | field against field
 *   run.c walks the tree over one item, judge.c asks the statistics, eval.c answers a leaf,
 *   kernel.c compares vectors.
 *
 * "not" is pushed down to the leaves while parsing. Then each leaf answers "rows that surely pass"
 * and the three-valued logic of nulls needs only AND and OR of these bitmaps: a null row passes
 * neither a comparison nor its negation.
 */
#ifndef CFI_EXPR_H
#define CFI_EXPR_H

#include <regex.h>

#include <cf/expr.h>

#define CFI_TEXT_MAX (4u << 20)      /* bytes of an expression */
#define CFI_NEST_MAX 1000u           /* nested brackets in the text */
#define CFI_DEPTH_MAX 200u           /* levels of and, or: so canonical text can be read again */
#define CFI_REGEX_MAX 1000u          /* bytes of one regular expression */

/* ---- sets of values ----------------------------------------------------------------------- */

/*
 * Sorted disjoint ranges, both ends inside. All kinds share the 128-bit space of cf_addr_t:
 * numbers, flags and codes in lo; times and durations in lo with the sign bit turned, so that order
 * is unsigned order; addresses whole.
 */
typedef struct cfi_range {
    cf_addr_t lo, hi;
} cfi_range_t;

typedef struct cfi_set {
    cfi_range_t *range;
    uint32_t n, size;
    uint64_t bias;             /* sign bit for times and durations, else 0 */
    /* made by cfi_set_seal for the kernels; NULL where not useful */
    uint64_t *table;           /* bit per 16-bit value; the first 4 of 1,024 words serve bytes */
    uint64_t *lo64, *hi64;     /* numbers: ranges in biased order */
    uint32_t *lo32, *hi32;     /* addresses: the IPv4 part */
    uint32_t n32;
    uint64_t *some, *full;     /* bit per IPv4 /16: some of it is inside, all of it */
} cfi_set_t;

#define CFI_SIGN (UINT64_C(1) << 63)

static inline uint64_t cfi_bias(cf_kind_t kind)
{
    return kind == CF_KIND_TIME || kind == CF_KIND_DURATION ? CFI_SIGN : 0;
}

static inline cf_addr_t cfi_num(uint64_t v)
{
    cf_addr_t a = { 0, v };
    return a;
}

/* Largest value of the space a field's values live in. */
cf_addr_t cfi_space_max(const cf_field_t *f);
cf_addr_t cfi_addr_next(cf_addr_t a);
cf_addr_t cfi_addr_prev(cf_addr_t a);

void cfi_set_fini(cfi_set_t *s);
int cfi_set_add(cfi_set_t *s, cf_addr_t lo, cf_addr_t hi) CF_MUST_USE;
/* Sort, merge, and make the tables. Call once, after the last add. */
int cfi_set_seal(cfi_set_t *s, const cf_field_t *f) CF_MUST_USE;
bool cfi_set_has(const cfi_set_t *s, cf_addr_t v);
/* What a column whose values lie in [min, max] does: NONE, ALL or MAYBE. */
cf_judge_t cfi_set_judge(const cfi_set_t *s, cf_addr_t min, cf_addr_t max);
/* Rough share of [min, max] that is inside, 0 to 1. */
double cfi_set_share(const cfi_set_t *s, cf_addr_t min, cf_addr_t max);

/* ---- text patterns ------------------------------------------------------------------------ */

typedef enum cfi_op {
    CFI_OP_EQ, CFI_OP_IN, CFI_OP_LT, CFI_OP_LE, CFI_OP_GT, CFI_OP_GE, CFI_OP_GLOB, CFI_OP_REGEX,
    CFI_OP_CONTAINS, CFI_OP_STARTS, CFI_OP_ENDS, CFI_OP_HAS, CFI_OP_ANY, CFI_OP_NULL
} cfi_op_t;

typedef struct cfi_text {
    char *s;
    size_t n;
} cfi_text_t;

/* One of: list of exact texts (sorted when sealed), or patterns of one op. */
typedef struct cfi_texts {
    cfi_op_t op;
    cfi_text_t *item;
    uint32_t n, size;
    regex_t regex;             /* op REGEX; compiled by add */
    bool has_regex;
} cfi_texts_t;

void cfi_texts_fini(cfi_texts_t *t);
int cfi_texts_add(cfi_texts_t *t, const char *s, size_t n) CF_MUST_USE;
void cfi_texts_seal(cfi_texts_t *t);
/* CF_E_USAGE with a sentence when the pattern is not one. */
int cfi_texts_regex(cfi_texts_t *t, const char *pattern, bool nocase, cf_diag_t *d) CF_MUST_USE;
bool cfi_glob(const char *p, size_t pn, const char *s, size_t sn);
/* 1, 0, or CF_E_NOMEM. scratch has room for CF_STRING_MAX + 1 bytes. */
int cfi_texts_match(const cfi_texts_t *t, const char *s, size_t n, char *scratch);

/* ---- the tree ----------------------------------------------------------------------------- */

enum { CFI_LESS = 1, CFI_EQUAL = 2, CFI_MORE = 4 };

typedef enum cfi_leaf_type {
    CFI_LEAF_SET,
    CFI_LEAF_TEXT,
    CFI_LEAF_NULL,
    CFI_LEAF_PAIR
} cfi_leaf_type_t;

typedef struct cfi_leaf {
    cfi_leaf_type_t type;
    bool negate;               /* rows that surely fail it pass */
    cfi_op_t op;               /* as written, for printing */
    uint8_t wanted;            /* PAIR: CFI_LESS | … */
    const cf_field_t *field;
    const cf_field_t *other;   /* PAIR */
    char *right;               /* canonical text of the right side; NULL for NULL and PAIR */
    cfi_set_t set;
    cfi_texts_t texts;
} cfi_leaf_t;

typedef enum cfi_node_type { CFI_AND, CFI_OR, CFI_LEAF, CFI_CONST } cfi_node_type_t;

typedef struct cfi_node {
    cfi_node_type_t type;
    uint32_t id;               /* index of per-run state */
    bool value;                /* CONST */
    uint32_t n, size;
    struct cfi_node **kid;     /* AND, OR */
    cfi_leaf_t *leaf;
} cfi_node_t;

struct cf_expr {
    cfi_node_t *root;
    uint32_t nodes, depth;
    const cf_field_t **fields;
    size_t nfields;
};

void cfi_leaf_destroy(cfi_leaf_t *l);
cfi_node_t *cfi_node_leaf(cfi_leaf_t *l);              /* takes, also on failure */
cfi_node_t *cfi_node_const(bool value);
/* a and b taken, also on failure (NULL); same types flatten. */
cfi_node_t *cfi_node_join(cfi_node_type_t type, cfi_node_t *a, cfi_node_t *b);
void cfi_node_negate(cfi_node_t *n);
void cfi_node_destroy(cfi_node_t *n);
/* New expression over a tree (taken, also on failure). */
int cfi_expr_over(cf_expr_t **e, cfi_node_t *root) CF_MUST_USE;

/* ---- parsing ------------------------------------------------------------------------------ */

typedef struct cfi_parser {
    const char *text;
    size_t len, at;
    unsigned depth;
    const cf_expr_env_t *env;
    cf_diag_t *d;
    cf_buf_t word;             /* last value read, quotes and escapes removed */
    size_t word_at;            /* where it started */
    bool quoted;
} cfi_parser_t;

/* All place the error at a byte offset of the text and return the code. */
int cfi_fail(cfi_parser_t *p, size_t at, int code, const char *fmt, ...) CF_PRINTF(4, 5);
void cfi_blank(cfi_parser_t *p);
/* Skip blanks and take the symbol or keyword when it is next. */
bool cfi_take(cfi_parser_t *p, const char *symbol);
bool cfi_take_word(cfi_parser_t *p, const char *keyword);
/* Length of the name that is next, 0 = none. */
size_t cfi_name_length(const cfi_parser_t *p);
/* Read a value (quoted or bare) into word. */
int cfi_read_value(cfi_parser_t *p) CF_MUST_USE;
/* Read /regex/ into word, *nocase from a trailing i. */
int cfi_read_regex(cfi_parser_t *p, bool *nocase) CF_MUST_USE;

/* Look a name up; CF_E_FIELD is placed at offset at, with suggestions. */
int cfi_field_named(cfi_parser_t *p, size_t at, size_t n, const cf_field_t **f) CF_MUST_USE;
/* Quietly. */
const cf_field_t *cfi_field_maybe(cfi_parser_t *p, const char *s, size_t n);
/* Pseudo field: the two fields it stands for. */
bool cfi_pseudo(const char *s, size_t n, const char **a, const char **b);

/* A value as a closed range of the field's space; an error is placed at the word. */
int cfi_literal(cfi_parser_t *p, const cf_field_t *f, const char *s, size_t n, cf_addr_t *lo,
                cf_addr_t *hi) CF_MUST_USE;
/* Quiet variant: record error or CF_OK. */
int cfi_literal_try(cfi_parser_t *p, const cf_field_t *f, const char *s, size_t n, cf_addr_t *lo,
                    cf_addr_t *hi);
/* Sentence piece saying what a field takes ("a port number or service name"); into out. */
void cfi_literal_wanted(const cf_field_t *f, char *out, size_t size);
/* Letters, names or HIGH/MASK; without a mask it is all bits. Record error or CF_OK. */
int cfi_flags_literal(const char *s, size_t n, uint16_t *high, uint16_t *mask, bool *masked);
/* Canonical text of a range or value. */
int cfi_print_range(cf_buf_t *out, const cf_field_t *f, cf_addr_t lo, cf_addr_t hi) CF_MUST_USE;
int cfi_print_value(cf_buf_t *out, const cf_field_t *f, cf_addr_t v) CF_MUST_USE;
int cfi_print_quoted(cf_buf_t *out, const char *s, size_t n) CF_MUST_USE;

/* Operator and right side, behind the name of field f: leaf.c. New node. */
int cfi_parse_leaf(cfi_parser_t *p, const cf_field_t *f, cfi_node_t **out) CF_MUST_USE;

/* ---- running ------------------------------------------------------------------------------ */

/* Where columns come from: an item of a scan, or a batch in the tests. */
typedef struct cfi_feed {
    uint32_t rows;
    int (*column)(void *ctx, const cf_field_t *f, const cf_vec_t **v, cf_diag_t *d);
    bool (*stat)(void *ctx, const cf_field_t *f, cf_colstat_t *st);   /* NULL = no statistics */
    void *ctx;
} cfi_feed_t;

typedef struct cfi_estimate {
    cf_judge_t judge;
    double cost, pass;
} cfi_estimate_t;

struct cf_expr_run {
    uint64_t *bits;            /* two bitmaps a level */
    uint64_t *scratch;
    cfi_estimate_t *estimate;  /* by node id */
    uint32_t nodes, depth;
    uint8_t *match;            /* by dictionary code */
    size_t match_size;
    char *text;                /* CF_STRING_MAX + 1 */
};

cf_judge_t cfi_judge_node(const cfi_node_t *n, const cfi_feed_t *src);
/* Judge all nodes and guess cost and share of rows passing; into r->estimate. */
void cfi_estimate(const cfi_node_t *n, const cfi_feed_t *src, cf_expr_run_t *r);
int cfi_run(const cf_expr_t *e, cf_expr_run_t *r, const cfi_feed_t *src, uint64_t *sel,
            uint32_t *passed, cf_diag_t *d) CF_MUST_USE;
/* Rows that pass a leaf into out (all words of src->rows written); active rows only matter. */
int cfi_eval_leaf(const cfi_leaf_t *l, cf_expr_run_t *r, const cfi_feed_t *src,
                  const uint64_t *active, uint64_t *out, cf_diag_t *d) CF_MUST_USE;
void cfi_eval_pair(const cfi_leaf_t *l, const cf_vec_t *a, const cf_vec_t *b, uint32_t rows,
                   const uint64_t *active, uint64_t *out);

#endif
