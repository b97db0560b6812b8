/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine against an oracle. Random batches with nulls, absent columns, IPv4 and mixed
 * addresses; random expressions kept as a tree of our own, written out as text for the engine and
 * answered row by row, in three-valued logic, by the naive interpreter here. With AVX2 and without,
 * with and without statistics.
 */
#include "cfunit.h"

#include "expr/expr.h"
#include "expr/kernel.h"

#define ROUNDS 60
#define EXPRESSIONS 60
#define NFIELDS 15

static uint64_t seed = 42;

static uint64_t
rnd(uint64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (seed >> 11) % below;
}

/* ---- a batch ------------------------------------------------------------------------------ */

enum {
    F_STIME,
    F_ETIME,
    F_DURATION,
    F_SIP,
    F_DIP,
    F_SPORT,
    F_DPORT,
    F_PROTO,
    F_BYTES,
    F_RBYTES,
    F_SAMPLING,
    F_FLAGS,
    F_ACTION,
    F_IFACE,
    F_VPC
};

static const char *const names[NFIELDS] = {
    "stime", "etime",  "duration", "sip",   "dip",    "sport", "dport", "proto",
    "bytes", "rbytes", "sampling", "flags", "action", "iface", "vpc",
};

typedef struct data {
    const cf_field_t *field[NFIELDS];
    cf_vec_t vec[NFIELDS];
    uint32_t rows;
    bool stats;
    unsigned asked;            /* columns, one bit each */
} data_t;

#define BASE (INT64_C(1795428900) * CF_NS_PER_SEC)

static cf_addr_t
some_address(bool v6)
{
    if (v6 && rnd(3) == 0)
        return (cf_addr_t){ UINT64_C(0x20010db800000000) | rnd(3), rnd(3) << 62 | rnd(4) };
    return cf_addr_v4(
        (uint32_t)(0x0a000000u | rnd(3) << 24 | rnd(4) << 16 | rnd(3) << 14 | rnd(4)));
}

static uint64_t
some_number(int f)
{
    switch (f) {
    case F_STIME:
    case F_ETIME:
        return (uint64_t)(BASE + (int64_t)rnd(20) * CF_NS_PER_SEC / 2);
    case F_DURATION:
        return (uint64_t)(((int64_t)rnd(20) - 4) * CF_NS_PER_SEC / 2);
    case F_SPORT:
    case F_DPORT:
        return rnd(4) == 0 ? rnd(65536) : rnd(3) == 0 ? 65535 - rnd(3) : rnd(12);
    case F_PROTO:
        return rnd(3) == 0 ? rnd(256) : rnd(20);
    case F_BYTES:
    case F_RBYTES:
        return rnd(10) == 0 ? UINT64_MAX - rnd(4) : rnd(20);
    case F_SAMPLING:
        return rnd(8) == 0 ? UINT32_MAX - rnd(3) : rnd(20);
    case F_FLAGS:
        return rnd(20) == 0 ? rnd(65536) : rnd(64);
    default:
        return rnd(2);
    }
}

static const char *const texts[] = {
    "", "a", "ab", "abc", "b", "eni-1", "eni-2", "x.y", "A", "it's"
};
#define NTEXTS (sizeof texts / sizeof texts[0])

static void
put_number(cf_vec_t *v, uint32_t row, uint64_t x)
{
    switch (v->width) {
    case 1: ((uint8_t *)v->data)[row] = (uint8_t)x; break;
    case 2: ((uint16_t *)v->data)[row] = (uint16_t)x; break;
    case 4: ((uint32_t *)v->data)[row] = (uint32_t)x; break;
    default: ((uint64_t *)v->data)[row] = x; break;
    }
}

static void
fill_column(data_t *d, int f)
{
    cf_vec_t *v = &d->vec[f];
    bool v6 = rnd(2) == 0, narrow = rnd(4) == 0;
    uint32_t null_every = (uint32_t)(rnd(3) == 0 ? 0 : 1 + rnd(9));

    cf_vec_init(v, d->field[f]);
    if (rnd(12) == 0) {
        CU_ASSERT_FATAL(cf_vec_set_all_null(v, d->rows, true) == CF_OK);
        return;
    }
    CU_ASSERT_FATAL(cf_vec_reserve(v, v->kind == CF_KIND_ADDR ? (v6 ? 16 : 4) : v->width) == CF_OK);
    memset(v->null, 0, CF_BATCH_ROWS / 8);
    for (size_t i = 0; v->kind == CF_KIND_STRING && i < NTEXTS; i++)
        CU_ASSERT_FATAL(cf_dict_append(&v->dict, texts[i], strlen(texts[i])) == CF_OK);
    for (uint32_t i = 0; i < d->rows; i++) {
        bool null = null_every > 0 && rnd(null_every) == 0 && rnd(3) == 0;
        uint64_t x = narrow ? some_number(f) % 3 : some_number(f);

        if (null) {
            v->null[i >> 6] |= UINT64_C(1) << (i & 63);
            v->nulls++;
        }
        if (v->kind == CF_KIND_ADDR) {
            cf_addr_t a = null ? (v6 ? (cf_addr_t){ 0, 0 } : cf_addr_v4(0)) : some_address(v6);

            if (v6)
                ((cf_addr_t *)v->data)[i] = a;
            else
                ((uint32_t *)v->data)[i] = (uint32_t)a.lo;
        } else {
            put_number(v, i, null ? 0 : v->kind == CF_KIND_STRING ? rnd(narrow ? 2 : NTEXTS) : x);
        }
    }
}

static void
fill(data_t *d)
{
    d->rows = (uint32_t)(rnd(3) == 0 ? rnd(70) + 1 : rnd(1000) + 1);
    d->stats = rnd(2) == 0;
    for (int f = 0; f < NFIELDS; f++)
        fill_column(d, f);
}

static int
index_of(const data_t *d, const cf_field_t *f)
{
    for (int i = 0; i < NFIELDS; i++)
        if (d->field[i] == f)
            return i;
    CU_FAIL_FATAL("field that the test does not have");
    return -1;
}

static int
column(void *ctx, const cf_field_t *f, const cf_vec_t **v, cf_diag_t *diag)
{
    data_t *d = ctx;
    int i = index_of(d, f);

    (void)diag;
    d->asked |= 1u << i;
    *v = &d->vec[i];
    return CF_OK;
}

static bool
stat_of(void *ctx, const cf_field_t *f, cf_colstat_t *st)
{
    const data_t *d = ctx;
    const cf_vec_t *v = &d->vec[index_of(d, f)];
    bool is_signed = v->kind == CF_KIND_TIME || v->kind == CF_KIND_DURATION;

    memset(st, 0, sizeof *st);
    st->nulls = v->nulls;
    for (uint32_t i = 0; i < d->rows && v->kind != CF_KIND_STRING; i++) {
        cf_addr_t x;

        if (cf_vec_is_null(v, i))
            continue;
        x = v->kind == CF_KIND_ADDR ? cf_vec_addr(v, i) : (cf_addr_t){ 0, cf_vec_uint(v, i) };
        if (is_signed && (int64_t)x.lo < 0)
            x.hi = UINT64_MAX;
        if (!st->has_range
            || (is_signed ? (int64_t)x.lo < (int64_t)st->min.lo : cf_addr_cmp(x, st->min) < 0))
            st->min = x;
        if (!st->has_range
            || (is_signed ? (int64_t)x.lo > (int64_t)st->max.lo : cf_addr_cmp(x, st->max) > 0))
            st->max = x;
        st->has_range = true;
    }
    return true;
}

/* ---- expressions of our own --------------------------------------------------------------- */

typedef enum form { AND, OR, NOT, COMPARE, LIST, TEXT, MASK, IS_NULL, PAIR, EITHER } form_t;

typedef struct tree {
    form_t form;
    struct tree *a, *b;
    int f, g;                  /* fields */
    int op;                    /* index of ops; or a TEXT's, MASK's way */
    unsigned n;                /* LIST */
    uint64_t lo[12], hi[12];
    cf_addr_t alo[12], ahi[12];
    bool negate;
    char text[32];
} tree_t;

static const char *const ops[] = { "==", "!=", "<", "<=", ">", ">=" };

static tree_t pool[256];
static unsigned used;
static cf_buf_t out;

static void
say(const char *fmt, ...)
{
    char text[256];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    CU_ASSERT_FATAL(cf_buf_puts(&out, text) == CF_OK);
}

static void
say_value(int f, uint64_t x)
{
    char text[64];
    size_t n;

    if (f == F_ACTION) {
        say("%s", x == 0 ? "accept" : "reject");
        return;
    }
    if (f == F_STIME || f == F_ETIME)
        n = cf_time_print(text, (int64_t)x);
    else if (f == F_DURATION)
        n = cf_duration_print(text, (int64_t)x);
    else
        n = cf_uint_print(text, x);
    say("%.*s", (int)n, text);
}

/* Lists hold ranges of numbers, or prefixes. Ends that text cannot name (times behind a second) are
 * not used. */
static void
make_list(tree_t *t)
{
    bool address = t->f == F_SIP || t->f == F_DIP;
    char text[64];

    t->n = (unsigned)(rnd(3) == 0 ? 1 + rnd(12) : 1 + rnd(3));
    say("%s %s {", names[t->f], t->negate ? "not in" : "in");
    for (unsigned i = 0; i < t->n; i++) {
        if (i > 0)
            say(",");
        if (address) {
            cf_prefix_t p = { some_address(true), 128 };
            bool v4 = cf_addr_is_v4(p.addr);
            unsigned cut = (unsigned)(rnd(3) == 0 ? 0 : rnd(v4 ? 25 : 70));
            uint64_t low = cut >= 64 ? UINT64_MAX : (UINT64_C(1) << cut) - 1;
            uint64_t high = cut > 64 ? (UINT64_C(1) << (cut - 64)) - 1 : 0;

            p.addr.lo &= ~low;
            p.addr.hi &= ~high;
            p.len = (uint8_t)(128 - cut);
            t->alo[i] = p.addr;
            t->ahi[i] = (cf_addr_t){ p.addr.hi | high, p.addr.lo | low };
            say("%.*s", (int)cf_prefix_print(text, p), text);
            continue;
        }
        t->lo[i] = t->hi[i] = some_number(t->f);
        if (t->f == F_DURATION && (int64_t)t->lo[i] < 0)
            t->lo[i] = t->hi[i] = 0;
        if (t->f == F_STIME || t->f == F_ETIME) {
            t->hi[i] = t->lo[i] + (1 + rnd(8)) * CF_NS_PER_SEC;
            say_value(t->f, t->lo[i]);
            say("..");
            say_value(t->f, t->hi[i]--);
            continue;
        }
        say_value(t->f, t->lo[i]);
        if (t->f != F_ACTION && t->f != F_FLAGS && rnd(2) == 0) {
            t->hi[i] += t->f == F_DURATION ? rnd(5) * CF_NS_PER_SEC : rnd(5);
            if (t->hi[i] < t->lo[i])
                t->hi[i] = UINT64_MAX;
            if ((t->f == F_SPORT || t->f == F_DPORT) && t->hi[i] > 65535)
                t->hi[i] = 65535;
            if (t->f == F_PROTO && t->hi[i] > 255)
                t->hi[i] = 255;
            if (t->f == F_SAMPLING && t->hi[i] > UINT32_MAX)
                t->hi[i] = UINT32_MAX;
            say("..");
            say_value(t->f, t->hi[i]);
        }
    }
    say("}");
}

/* A number against one value; times by the begin of a second, which < and >= mean. */
static void
make_compare(tree_t *t)
{
    t->op = t->f == F_ACTION || t->f == F_FLAGS ? (int)rnd(2) : (int)rnd(6);
    t->lo[0] = some_number(t->f);
    if (t->f == F_DURATION && (int64_t)t->lo[0] < 0)
        t->lo[0] = 0;
    if (t->f == F_STIME || t->f == F_ETIME)
        t->op = rnd(2) == 0 ? 2 : 5;
    say("%s %s ", names[t->f], ops[t->op]);
    say_value(t->f, t->lo[0]);
}

static void
make_text(tree_t *t)
{
    static const char *const ways[] = { "==", "contains", "startswith", "endswith", "~", "=~" };
    const char *x = texts[rnd(NTEXTS - 1)];

    t->op = (int)rnd(6);
    snprintf(t->text, sizeof t->text, "%s", x);
    if (t->op == 4)
        say("%s %s '%s*'", names[t->f], t->negate ? "!~" : "~", x);
    else if (t->op == 5)
        say("%s %s /^%s/", names[t->f], t->negate ? "!~" : "=~", x);
    else
        say("%s %s %s '%s'", names[t->f], t->negate ? "not" : "", ways[t->op], x);
}

static void
make_mask(tree_t *t)
{
    t->op = (int)rnd(3);
    t->hi[0] = 1 + rnd(511);                   /* mask */
    t->lo[0] = t->op == 0 ? t->hi[0] & rnd(512) : t->hi[0];
    if (t->op == 0)
        say("flags %s %llu/%llu", t->negate ? "!=" : "==", (unsigned long long)t->lo[0],
            (unsigned long long)t->hi[0]);
    else
        say("flags %s %s %llu", t->negate ? "not" : "", t->op == 1 ? "has" : "any",
            (unsigned long long)t->lo[0]);
}

static tree_t *make(unsigned depth);

static void
make_leaf(tree_t *t)
{
    static const int pairs[][2] = { { F_STIME, F_ETIME }, { F_SIP, F_DIP },
                                    { F_SPORT, F_DPORT }, { F_BYTES, F_RBYTES },
                                    { F_BYTES, F_DPORT }, { F_PROTO, F_SAMPLING },
                                    { F_IFACE, F_VPC } };
    size_t i;

    t->f = (int)rnd(NFIELDS);
    t->negate = rnd(3) == 0;
    switch (rnd(8)) {
    case 0:
        t->form = IS_NULL;
        say("%s is %snull", names[t->f], t->negate ? "not " : "");
        return;
    case 1:
        i = rnd(sizeof pairs / sizeof pairs[0]);
        t->form = PAIR;
        t->f = pairs[i][0];
        t->g = pairs[i][1];
        t->op = t->f == F_IFACE ? (int)rnd(2) : (int)rnd(6);
        say("%s %s %s", names[t->f], ops[t->op], names[t->g]);
        return;
    case 2:
        t->form = EITHER;
        t->lo[0] = rnd(12);
        say("port %s %u", t->negate ? "!=" : "==", (unsigned)t->lo[0]);
        return;
    default:
        break;
    }
    if (t->f == F_IFACE || t->f == F_VPC) {
        t->form = TEXT;
        make_text(t);
    } else if (t->f == F_FLAGS && rnd(2) == 0) {
        t->form = MASK;
        make_mask(t);
    } else if (t->f == F_SIP || t->f == F_DIP || rnd(2) == 0) {
        t->form = LIST;
        make_list(t);
    } else {
        t->form = COMPARE;
        make_compare(t);
    }
}

static tree_t *
make(unsigned depth)
{
    tree_t *t = &pool[used++];

    memset(t, 0, sizeof *t);
    switch (depth > 0 ? rnd(4) : 3) {
    case 0:
    case 1:
        t->form = rnd(2) == 0 ? AND : OR;
        say("(");
        t->a = make(depth - 1);
        say(t->form == AND ? ") and (" : ") or (");
        t->b = make(depth - 1);
        say(")");
        break;
    case 2:
        t->form = NOT;
        say("not (");
        t->a = make(depth - 1);
        say(")");
        break;
    default:
        make_leaf(t);
        break;
    }
    return t;
}

/* ---- the naive interpreter ---------------------------------------------------------------- */

enum { FALSE_, UNKNOWN, TRUE_ };

static int
by_op(int op, int c)
{
    static const bool result[6][3] = { { 0, 1, 0 }, { 1, 0, 1 }, { 1, 0, 0 },
                                       { 1, 1, 0 }, { 0, 0, 1 }, { 0, 1, 1 } };

    return result[op][c + 1] ? TRUE_ : FALSE_;
}

static int
compare_numbers(int f, uint64_t x, uint64_t y)
{
    if (f == F_STIME || f == F_ETIME || f == F_DURATION)
        return ((int64_t)x > (int64_t)y) - ((int64_t)x < (int64_t)y);
    return (x > y) - (x < y);
}

static bool
in_list(const data_t *d, const tree_t *t, uint32_t row)
{
    const cf_vec_t *v = &d->vec[t->f];

    for (unsigned i = 0; i < t->n; i++) {
        if (v->kind == CF_KIND_ADDR) {
            cf_addr_t a = cf_vec_addr(v, row);

            if (cf_addr_cmp(t->alo[i], a) <= 0 && cf_addr_cmp(a, t->ahi[i]) <= 0)
                return true;
        } else {
            uint64_t x = cf_vec_uint(v, row);

            if (compare_numbers(t->f, t->lo[i], x) <= 0 && compare_numbers(t->f, x, t->hi[i]) <= 0)
                return true;
        }
    }
    return false;
}

static bool
text_matches(const tree_t *t, const char *s, size_t n)
{
    size_t len = strlen(t->text);
    char copy[64];

    snprintf(copy, sizeof copy, "%.*s", (int)n, s);
    switch (t->op) {
    case 0: return n == len && memcmp(s, t->text, n) == 0;
    case 1: return strstr(copy, t->text) != NULL;
    case 3: return n >= len && memcmp(s + n - len, t->text, len) == 0;
    /* "x.y": the dot of the regular expression is any byte, but no text differs there only */
    default: return n >= len && memcmp(s, t->text, len) == 0;
    }
}

static int
naive_leaf(const data_t *d, const tree_t *t, uint32_t row)
{
    const cf_vec_t *v = &d->vec[t->f], *w = &d->vec[t->g];
    uint32_t n, m;
    const char *s, *r;
    uint64_t x;

    if (t->form == IS_NULL)
        return cf_vec_is_null(v, row) != t->negate ? TRUE_ : FALSE_;
    if (cf_vec_is_null(v, row))
        return UNKNOWN;
    switch (t->form) {
    case COMPARE:
        return by_op(t->op, compare_numbers(t->f, cf_vec_uint(v, row), t->lo[0]));
    case LIST:
        return in_list(d, t, row) != t->negate ? TRUE_ : FALSE_;
    case TEXT:
        s = cf_vec_string(v, row, &n);
        return text_matches(t, s, n) != t->negate ? TRUE_ : FALSE_;
    case MASK:
        x = cf_vec_uint(v, row) & t->hi[0];
        return (t->op == 2 ? x != 0 : x == t->lo[0]) != t->negate ? TRUE_ : FALSE_;
    default:
        break;
    }
    if (cf_vec_is_null(w, row))
        return UNKNOWN;
    if (t->f == F_SIP)
        return by_op(t->op, cf_addr_cmp(cf_vec_addr(v, row), cf_vec_addr(w, row)));
    if (t->f != F_IFACE)
        return by_op(t->op, compare_numbers(t->f, cf_vec_uint(v, row), cf_vec_uint(w, row)));
    s = cf_vec_string(v, row, &n);
    r = cf_vec_string(w, row, &m);
    return by_op(t->op, n == m && memcmp(s, r, n) == 0 ? 0 : 1);
}

static int
naive(const data_t *d, const tree_t *t, uint32_t row)
{
    int a, b;

    switch (t->form) {
    case AND:
        a = naive(d, t->a, row);
        b = naive(d, t->b, row);
        return a < b ? a : b;
    case OR:
        a = naive(d, t->a, row);
        b = naive(d, t->b, row);
        return a > b ? a : b;
    case NOT:
        return 2 - naive(d, t->a, row);
    case EITHER: {
        tree_t side = *t;

        side.form = COMPARE;
        side.op = 0;
        side.f = F_SPORT;
        a = naive_leaf(d, &side, row);
        side.f = F_DPORT;
        b = naive_leaf(d, &side, row);
        a = a > b ? a : b;
        return t->negate ? 2 - a : a;
    }
    default:
        return naive_leaf(d, t, row);
    }
}

/* ---- the comparison ----------------------------------------------------------------------- */

static void
one_expression(data_t *d)
{
    cfi_feed_t src = { d->rows, column, d->stats ? stat_of : NULL, d };
    static uint64_t sel[CF_BATCH_WORDS];
    cf_diag_t diag = CF_DIAG_INIT;
    cf_expr_t *e = NULL;
    cf_expr_run_t *r;
    uint32_t passed = 0, wanted = 0, wrong = 0;
    cf_judge_t judge;
    tree_t *t;

    used = 0;
    out.len = 0;
    t = make((unsigned)rnd(5));
    if (cf_expr_parse(&e, out.data, NULL, &diag) != CF_OK) {
        printf("# %s\n# column %u: %s\n", out.data, (unsigned)diag.column, diag.text);
        CU_FAIL("expression refused");
        return;
    }
    r = cf_expr_run_create(e);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    memset(sel, 0xa5, sizeof sel);
    CFUNIT_INT(cfi_run(e, r, &src, sel, &passed, &diag), CF_OK);
    for (uint32_t i = 0; i < d->rows; i++) {
        bool want = naive(d, t, i) == TRUE_;

        wanted += want;
        if ((sel[i >> 6] >> (i & 63) & 1) != want && wrong++ == 0)
            printf("# row %u of %u should be %d: %s\n", i, d->rows, want, out.data);
    }
    CFUNIT_INT(wrong, 0);
    CFUNIT_INT(passed, wanted);
    judge = cfi_judge_node(e->root, &src);
    if (judge != CF_JUDGE_MAYBE)
        CFUNIT_INT(wanted, judge == CF_JUDGE_ALL ? d->rows : 0);
    cf_expr_run_destroy(r);
    cf_expr_destroy(e);
}

static void
against_oracle(const cfi_expr_kernels_t *kernels)
{
    static data_t d;

    seed = 42;
    cfi_expr_kernels_force(kernels);
    cf_buf_init(&out, 1u << 20);
    for (int f = 0; f < NFIELDS; f++)
        d.field[f] = cf_field_find(names[f]);
    for (int round = 0; round < ROUNDS; round++) {
        fill(&d);
        for (int i = 0; i < EXPRESSIONS; i++)
            one_expression(&d);
        for (int f = 0; f < NFIELDS; f++)
            cf_vec_fini(&d.vec[f]);
    }
    cf_buf_fini(&out);
    cfi_expr_kernels_force(NULL);
}

static void
test_oracle_plain(void)
{
    against_oracle(&cfi_expr_kernels_plain);
}

static void
test_oracle_avx2(void)
{
    if (cfi_expr_kernels_avx2() == NULL) {
        cfunit_skip("this processor has no AVX2");
        return;
    }
    against_oracle(cfi_expr_kernels_avx2());
}

/* The cheap side decides: what it rules out is not decoded. */
static void
test_lazy(void)
{
    static const struct {
        const char *text;
        unsigned asked;
    } cases[] = {
        { "iface == 'none' and dport == 443", 1u << F_DPORT },
        { "dport == 443 and iface == 'none'", 1u << F_DPORT },
        { "proto in 0..255 or iface == 'none'", 1u << F_PROTO },
        { "dport == 1 and proto == 6", 1u << F_PROTO },
        { "dport == 1 and proto == 1", 1u << F_DPORT | 1u << F_PROTO },
        { "true", 0 },
    };
    static data_t d;
    uint64_t sel[CF_BATCH_WORDS];

    d.rows = 100;
    for (int f = 0; f < NFIELDS; f++) {
        d.field[f] = cf_field_find(names[f]);
        cf_vec_init(&d.vec[f], d.field[f]);
        CU_ASSERT_FATAL(cf_vec_reserve(&d.vec[f], d.vec[f].width) == CF_OK);
        for (uint32_t i = 0; i < d.rows; i++)
            put_number(&d.vec[f], i, d.vec[f].kind == CF_KIND_STRING ? 0 : 1);
        if (d.vec[f].kind == CF_KIND_STRING)
            CU_ASSERT_FATAL(cf_dict_append(&d.vec[f].dict, "x", 1) == CF_OK);
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cfi_feed_t src = { d.rows, column, NULL, &d };
        cf_expr_t *e = NULL;
        cf_expr_run_t *r;
        uint32_t passed;

        CU_ASSERT_FATAL(cf_expr_parse(&e, cases[i].text, NULL, NULL) == CF_OK);
        r = cf_expr_run_create(e);
        CU_ASSERT_PTR_NOT_NULL_FATAL(r);
        d.asked = 0;
        CFUNIT_INT(cfi_run(e, r, &src, sel, &passed, NULL), CF_OK);
        CFUNIT_INT(d.asked, cases[i].asked);
        /* statistics know it all: nothing is decoded */
        src.stat = stat_of;
        d.asked = 0;
        CFUNIT_INT(cfi_run(e, r, &src, sel, &passed, NULL), CF_OK);
        CFUNIT_INT(d.asked, 0);
        cf_expr_run_destroy(r);
        cf_expr_destroy(e);
    }
    for (int f = 0; f < NFIELDS; f++)
        cf_vec_fini(&d.vec[f]);
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_oracle_plain), CFUNIT(test_oracle_avx2), CFUNIT(test_lazy),
    { NULL, NULL }
};

CFUNIT_MAIN("expr_run", tests)
