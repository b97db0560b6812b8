/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grouping engine against a plain oracle: random rows with nulls, IPv6, strings and status
 * rows, one or many workers, with and without room in memory; then sums past 64 bits, the order of
 * results and refusals.
 */
#include "cfunit.h"

#include <cf/group.h>

#define ROWS 3000u
#define BATCHES 5u

static uint64_t state;

static uint32_t rnd(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 20) % n);
}

/* ---- data --------------------------------------------------------------------------------- */

static const char *const names[] = {
    "sip", "dip", "sport", "proto", "stime", "duration", "iface", "action", "flags", "bytes", "packets",
    "logstatus", "bytekind"
};
#define NFIELDS (sizeof names / sizeof names[0])

struct data {
    const cf_field_t *f[NFIELDS];
    cf_vec_t v[BATCHES][NFIELDS];
};

static void set_null(cf_vec_t *v, uint32_t row)
{
    v->null[row >> 6] |= UINT64_C(1) << (row & 63);
    v->nulls++;
    if (v->width == 16)
        ((cf_addr_t *)v->data)[row] = (cf_addr_t){ 0, 0 };
    else
        memset((char *)v->data + (size_t)row * v->width, 0, v->width);
}

static void set_value(cf_vec_t *v, const char *name, uint32_t row, uint32_t spread)
{
    uint64_t x = rnd(spread);
    cf_addr_t a = rnd(3) == 0 ? (cf_addr_t){ UINT64_C(0x20010db8) << 32, x } : cf_addr_v4((uint32_t)x);

    if (strcmp(name, "logstatus") == 0)
        x = rnd(20) == 0 ? 1 + rnd(2) : 0;
    if (strcmp(name, "action") == 0 || strcmp(name, "bytekind") == 0)
        x &= 1;
    if (strcmp(name, "stime") == 0)
        x = UINT64_C(1790000000000000000) + x * 1000000000;
    switch (v->width) {
    case 16:
        ((cf_addr_t *)v->data)[row] = a;
        break;
    case 8:
        ((uint64_t *)v->data)[row] = x;
        break;
    case 4:
        ((uint32_t *)v->data)[row] = (uint32_t)x;
        break;
    case 2:
        ((uint16_t *)v->data)[row] = (uint16_t)x;
        break;
    default:
        ((uint8_t *)v->data)[row] = (uint8_t)x;
        break;
    }
}

static void fill(cf_vec_t *v, const cf_field_t *f, uint32_t spread, bool nulls, bool wide)
{
    cf_vec_init(v, f);
    CU_ASSERT_EQUAL_FATAL(cf_vec_reserve(v, f->kind == CF_KIND_ADDR ? (wide ? 16 : 4) : f->width), CF_OK);
    memset(v->null, 0, CF_BATCH_WORDS * sizeof *v->null);
    v->nulls = 0;
    if (f->kind == CF_KIND_STRING) {       /* each batch numbers its texts in another order */
        uint32_t first = rnd(40);

        for (uint32_t i = 0; i < 40; i++) {
            char text[32];
            int n = snprintf(text, sizeof text, "eni-%u", (first + i) % 40);

            CU_ASSERT_EQUAL_FATAL(cf_dict_append(&v->dict, text, (size_t)n), CF_OK);
        }
        spread = 40;
    }
    for (uint32_t r = 0; r < ROWS; r++) {
        set_value(v, f->name, r, spread);
        if (nulls && rnd(10) == 0)
            set_null(v, r);
    }
}

static void data_init(struct data *d, uint32_t spread, bool nulls)
{
    for (size_t i = 0; i < NFIELDS; i++)
        d->f[i] = cf_field_find(names[i]);
    for (uint32_t b = 0; b < BATCHES; b++)
        for (size_t i = 0; i < NFIELDS; i++)
            fill(&d->v[b][i], d->f[i], spread, nulls, b % 2 == 1 && nulls);
}

static void data_fini(struct data *d)
{
    for (uint32_t b = 0; b < BATCHES; b++)
        for (size_t i = 0; i < NFIELDS; i++)
            cf_vec_fini(&d->v[b][i]);
}

static size_t index_of(const struct data *d, const cf_field_t *f)
{
    for (size_t i = 0; i < NFIELDS; i++)
        if (d->f[i] == f)
            return i;
    CU_FAIL_FATAL("field not made");
    return 0;
}

/* ---- oracle -------------------------------------------------------------------------------- */

struct line {
    char key[160];
    uint32_t batch, row;
};

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct line *)a)->key, ((const struct line *)b)->key);
}

static void cell_text(const cf_cell_t *c, char *out, size_t size)
{
    cf_print_options_t o = { .format = CF_TEXT_CSV };
    cf_buf_t b;

    cf_buf_init(&b, 4096);
    CU_ASSERT_EQUAL(cf_cell_print(c, &o, &b), CF_OK);
    snprintf(out, size, "%s", b.len > 0 ? b.data : "");
    cf_buf_fini(&b);
}

static void vec_text(const struct data *d, const cf_field_t *f, uint32_t batch, uint32_t row, char *out,
                     size_t size)
{
    cf_cell_t c;

    cf_cell_of(&c, f, &d->v[batch][index_of(d, f)], row);
    cell_text(&c, out, size);
}

static struct line *oracle_lines(const struct data *d, const cf_group_options_t *o, size_t *n)
{
    struct line *lines = calloc((size_t)BATCHES * ROWS, sizeof *lines);
    size_t status = index_of(d, cf_field_find("logstatus"));

    *n = 0;
    for (uint32_t b = 0; b < BATCHES; b++) {
        for (uint32_t r = 0; r < ROWS; r++) {
            struct line *l = &lines[*n];

            if (!o->include_status && cf_vec_uint(&d->v[b][status], r) != 0)
                continue;
            l->batch = b;
            l->row = r;
            for (size_t k = 0; k < o->nkeys; k++) {
                char text[64];

                vec_text(d, o->keys[k], b, r, text, sizeof text);
                strncat(l->key, text, sizeof l->key - strlen(l->key) - 2);
                strncat(l->key, "|", sizeof l->key - strlen(l->key) - 1);
            }
            ++*n;
        }
    }
    qsort(lines, *n, sizeof *lines, by_key);
    return lines;
}

static int by_text(const void *a, const void *b)
{
    return strcmp((const char *)a, (const char *)b);
}

static uint64_t count_texts(const struct data *d, const struct line *l, size_t n, const cf_field_t *f)
{
    char (*texts)[64] = calloc(n, sizeof *texts);
    uint64_t used = 0, different = 0;

    for (size_t i = 0; i < n; i++) {
        vec_text(d, f, l[i].batch, l[i].row, texts[used], sizeof texts[used]);
        used += texts[used][0] != '\0';
    }
    qsort(texts, used, sizeof *texts, by_text);
    for (size_t i = 0; i < used; i++)
        different += i == 0 || strcmp(texts[i], texts[i - 1]) != 0;
    free(texts);
    return different;
}

/* The value of a group as text, from its n rows. */
static void oracle_value(const struct data *d, const struct line *l, size_t n, const cf_agg_t *a, char *out,
                         size_t size)
{
    uint64_t best = 0;
    bool any = false;

    if (a->op == CF_AGG_RECORDS || a->op == CF_AGG_DISTINCT) {
        snprintf(out, size, "%llu", (unsigned long long)(a->op == CF_AGG_RECORDS ? n
            : count_texts(d, l, n, a->field)));
        return;
    }
    *out = '\0';
    for (size_t i = 0; i < n; i++) {
        const cf_vec_t *v = &d->v[l[i].batch][index_of(d, a->field)];
        uint64_t x = cf_vec_uint(v, l[i].row);

        if (cf_vec_is_null(v, l[i].row))
            continue;
        if (a->op == CF_AGG_SUM)
            best += x;
        else if (!any || (a->op == CF_AGG_MIN ? x < best : x > best)) {
            best = x;
            vec_text(d, a->field, l[i].batch, l[i].row, out, size);
        }
        any = true;
    }
    if (a->op == CF_AGG_SUM && any)
        snprintf(out, size, "%llu", (unsigned long long)best);
}

/* ---- comparing ----------------------------------------------------------------------------- */

static cf_groups_t *run(const struct data *d, const cf_group_options_t *o, const cf_group_order_t *order,
                        cf_group_t **g)
{
    cf_groups_t *r = NULL;
    cf_diag_t diag = CF_DIAG_INIT;
    const cf_field_t *const *fields;
    size_t n;

    CU_ASSERT_EQUAL_FATAL(cf_group_create(g, o, &diag), CF_OK);
    fields = cf_group_fields(*g, &n);
    for (uint32_t b = 0; b < BATCHES; b++) {
        const cf_vec_t *cols[NFIELDS];

        for (size_t i = 0; i < n; i++)
            cols[i] = &d->v[b][index_of(d, fields[i])];
        CFUNIT_INT(cf_group_vecs(*g, b % (o->workers > 0 ? o->workers : 1), cols, ROWS, NULL, &diag), CF_OK);
    }
    CFUNIT_INT(cf_group_select(*g, order, &r, &diag), CF_OK);
    CFUNIT_STR(diag.text, "");
    return r;
}

static void compare(const struct data *d, const cf_group_options_t *o, const cf_groups_t *r)
{
    size_t n, seen = 0;
    struct line *lines = oracle_lines(d, o, &n);

    for (size_t i = 0; i < cf_groups_count(r); i++) {
        struct line want = { .key = "" }, *at;
        char text[64], got[64];
        size_t first, last;
        cf_cell_t c;

        for (size_t k = 0; k < o->nkeys; k++) {
            cf_groups_key(r, i, k, &c);
            cell_text(&c, text, sizeof text);
            strncat(want.key, text, sizeof want.key - strlen(want.key) - 2);
            strncat(want.key, "|", sizeof want.key - strlen(want.key) - 1);
        }
        at = bsearch(&want, lines, n, sizeof *lines, by_key);
        if (at == NULL) {
            CFUNIT_STR("no such group", want.key);
            break;
        }
        first = last = (size_t)(at - lines);
        while (first > 0 && by_key(&lines[first - 1], &want) == 0)
            first--;
        while (last < n && by_key(&lines[last], &want) == 0)
            last++;
        seen += last - first;
        for (size_t j = 0; j < o->nvalues; j++) {
            oracle_value(d, lines + first, last - first, &o->values[j], text, sizeof text);
            cf_groups_value(r, i, j, &c);
            cell_text(&c, got, sizeof got);
            if (strcmp(got, text) != 0)
                CFUNIT_STR(got, text);
        }
    }
    CFUNIT_INT(seen, n);
    free(lines);
}

static void check(const char *const *keys, size_t nkeys, uint32_t spread, bool nulls, unsigned workers,
                  uint64_t memory, bool include)
{
    const cf_field_t *k[8];
    cf_agg_t values[] = {
        { CF_AGG_RECORDS, NULL }, { CF_AGG_SUM, cf_field_find("bytes") },
        { CF_AGG_SUM, cf_field_find("packets") }, { CF_AGG_MIN, cf_field_find("stime") },
        { CF_AGG_MAX, cf_field_find("duration") }, { CF_AGG_DISTINCT, cf_field_find("dip") },
        { CF_AGG_MIN, cf_field_find("bytes") }, { CF_AGG_DISTINCT, cf_field_find("iface") },
    };
    cf_group_options_t o = { .keys = k, .nkeys = nkeys, .values = values,
        .nvalues = sizeof values / sizeof values[0], .workers = workers, .memory = memory,
        .include_status = include };
    cf_group_order_t order = { .value = 1 };
    cf_group_summary_t s;
    struct data *d = calloc(1, sizeof *d);
    cf_groups_t *r;
    cf_group_t *g;

    state = 88172645463325252u + spread;
    for (size_t i = 0; i < nkeys; i++)
        k[i] = cf_field_find(keys[i]);
    data_init(d, spread, nulls);
    r = run(d, &o, &order, &g);
    if (r != NULL)
        compare(d, &o, r);
    cf_group_summary(g, &s);
    CU_ASSERT(memory == 0 || s.spilled > 0);
    CFUNIT_INT(s.bytekinds, 3);
    CU_ASSERT(include || s.nodata + s.skipdata + s.records == (uint64_t)BATCHES * ROWS);
    cf_groups_destroy(r);
    cf_group_destroy(g);
    data_fini(d);
    free(d);
}

#define KEYS(...) (const char *const[]){ __VA_ARGS__ }, \
    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *)

static void test_one_key(void)
{
    check(KEYS("sip"), 200, false, 1, 0, false);
    check(KEYS("sip"), 200, true, 1, 0, false);
    check(KEYS("proto"), 300, true, 3, 0, true);
    check(KEYS("stime"), 50, true, 2, 0, false);
    check(KEYS("duration"), 50, true, 1, 0, false);
    check(KEYS("iface"), 50, true, 3, 0, false);
    check(KEYS("action"), 50, true, 1, 0, false);
    check(KEYS("flags"), 600, false, 1, 0, false);
}

static void test_many_keys(void)
{
    check(KEYS("sip", "dip"), 12, true, 1, 0, false);
    check(KEYS("iface", "proto", "sport"), 9, true, 2, 0, false);
    check(KEYS("sip", "dip", "sport", "proto", "stime", "iface", "action"), 3, true, 3, 0, false);
    check(KEYS("sip", "dip"), 100000, true, 2, 0, false);
}

static void test_spill(void)
{
    check(KEYS("sip"), 50000, true, 1, 2000000, false);
    check(KEYS("sip", "iface"), 50000, true, 3, 2200000, false);
    check(KEYS("sip", "dip", "sport"), 20000, false, 2, 2500000, true);
}

static void test_no_keys(void)
{
    check(NULL, 0, 500, true, 3, 0, false);
}

/* ---- sums past 64 bits ----------------------------------------------------------------------- */

static void fill_bytes(cf_vec_t *v, const cf_field_t *f, uint64_t value)
{
    cf_vec_init(v, f);
    CU_ASSERT_EQUAL_FATAL(cf_vec_reserve(v, f->kind == CF_KIND_ADDR ? 4 : f->width), CF_OK);
    v->nulls = 0;
    for (uint32_t r = 0; r < ROWS; r++) {
        if (v->width == 8)
            ((uint64_t *)v->data)[r] = value;
        else
            memset((char *)v->data + (size_t)r * v->width, (int)(value & 1), v->width);
    }
}

static void test_wide_sums(void)
{
    for (unsigned workers = 1; workers <= 2; workers++) {
        const cf_field_t *key = cf_field_find("proto");
        cf_agg_t values[] = { { CF_AGG_SUM, cf_field_find("packets") }, { CF_AGG_SUM, cf_field_find("rbytes") } };
        cf_group_options_t o = { .keys = &key, .nkeys = 1, .values = values, .nvalues = 2, .workers = workers };
        cf_group_order_t order = { .value = 0 };
        cf_group_summary_t s;
        cf_groups_t *r;
        cf_group_t *g;
        cf_cell_t c;
        size_t n;
        char text[64];

        CU_ASSERT_EQUAL_FATAL(cf_group_create(&g, &o, NULL), CF_OK);
        for (uint32_t b = 0; b < 4; b++) {
            const cf_field_t *const *f = cf_group_fields(g, &n);
            const cf_vec_t *cols[8];
            cf_vec_t v[8];

            for (size_t i = 0; i < n; i++) {
                cf_vec_init(&v[i], f[i]);
                if (strcmp(f[i]->name, "packets") == 0)
                    fill_bytes(&v[i], f[i], b < 2 ? 1 : UINT64_MAX);
                else if (strcmp(f[i]->name, "proto") == 0)
                    fill_bytes(&v[i], f[i], b);
                else
                    CU_ASSERT_EQUAL(cf_vec_set_all_null(&v[i], ROWS, true), CF_OK);
                cols[i] = &v[i];
            }
            CFUNIT_INT(cf_group_vecs(g, b % workers, cols, ROWS, NULL, NULL), CF_OK);
            for (size_t i = 0; i < n; i++)
                cf_vec_fini(&v[i]);
        }
        CU_ASSERT_EQUAL_FATAL(cf_group_select(g, &order, &r, NULL), CF_OK);
        CFUNIT_INT(cf_groups_count(r), 2);
        cf_groups_value(r, 0, 0, &c);
        cell_text(&c, text, sizeof text);      /* 3000 + 3000 * (2^64 - 1) */
        CFUNIT_STR(text, "55340232221128654848000");
        cf_groups_value(r, 0, 1, &c);
        CFUNIT_INT(c.type, CF_CELL_NULL);
        cf_group_summary(g, &s);
        CFUNIT_INT(s.total[0].hi, 6000);
        CFUNIT_INT(s.records, 4 * ROWS);
        cf_groups_destroy(r);
        cf_group_destroy(g);
    }
}

/* ---- order and bounds ----------------------------------------------------------------------- */

static cf_groups_t *ordered(const struct data *d, const cf_group_order_t *order, cf_group_t **g)
{
    static const cf_field_t *keys[1];
    static cf_agg_t values[1];
    cf_group_options_t o = { .keys = keys, .nkeys = 1, .values = values, .nvalues = 1 };

    keys[0] = cf_field_find("sip");
    values[0] = (cf_agg_t){ CF_AGG_SUM, cf_field_find("bytes") };
    return run(d, &o, order, g);
}

static void test_order(void)
{
    struct data *d = calloc(1, sizeof *d);
    cf_groups_t *all, *some;
    cf_group_t *g, *h;

    state = 4711;
    data_init(d, 5000, true);
    for (int ascending = 0; ascending < 2; ascending++) {
        cf_group_order_t order = { .value = 0, .ascending = ascending != 0 };
        cf_cell_t a, b;
        size_t nulls = 0;

        all = ordered(d, &order, &g);
        for (size_t i = 1; i < cf_groups_count(all); i++) {
            cf_groups_value(all, i - 1, 0, &a);
            cf_groups_value(all, i, 0, &b);
            nulls += b.type == CF_CELL_NULL;
            CU_ASSERT(a.type != CF_CELL_NULL || b.type == CF_CELL_NULL);
            if (a.type != CF_CELL_NULL && b.type != CF_CELL_NULL)
                CU_ASSERT(ascending ? a.u <= b.u : a.u >= b.u);
            if (a.type == b.type && a.u == b.u) {
                cf_groups_key(all, i - 1, 0, &a);
                cf_groups_key(all, i, 0, &b);
                CU_ASSERT(b.type == CF_CELL_NULL || cf_addr_cmp(a.a, b.a) < 0);
            }
        }
        CU_ASSERT(nulls > 0);
        for (order.count = 1; order.count < 40; order.count += 19) {
            some = ordered(d, &order, &h);
            CFUNIT_INT(cf_groups_count(some), order.count);
            CFUNIT_INT(cf_groups_all(some), cf_groups_count(all));
            for (size_t i = 0; i < cf_groups_count(some); i++) {
                cf_groups_key(all, i, 0, &a);
                cf_groups_key(some, i, 0, &b);
                CU_ASSERT(a.type == b.type && cf_addr_cmp(a.a, b.a) == 0);
            }
            cf_groups_destroy(some);
            cf_group_destroy(h);
        }
        cf_groups_value(all, 99, 0, &a);
        order = (cf_group_order_t){ .value = 0, .ascending = ascending != 0, .has_threshold = true,
            .threshold = { 0, a.u } };
        some = ordered(d, &order, &h);
        CU_ASSERT(cf_groups_count(some) >= 100);
        cf_groups_value(some, cf_groups_count(some) - 1, 0, &b);
        CFUNIT_INT(b.u, a.u);
        cf_groups_destroy(some);
        cf_group_destroy(h);
        cf_groups_destroy(all);
        cf_group_destroy(g);
    }
    data_fini(d);
    free(d);
}

static void test_by_key(void)
{
    struct data *d = calloc(1, sizeof *d);
    cf_group_order_t order = { .value = -1 };
    cf_groups_t *all;
    cf_group_t *g;
    cf_cell_t a, b;

    state = 4712;
    data_init(d, 5000, true);
    all = ordered(d, &order, &g);
    for (size_t i = 1; i < cf_groups_count(all); i++) {
        cf_groups_key(all, i - 1, 0, &a);
        cf_groups_key(all, i, 0, &b);
        CU_ASSERT(b.type == CF_CELL_NULL || cf_addr_cmp(a.a, b.a) < 0);
    }
    cf_groups_destroy(all);
    cf_group_destroy(g);
    data_fini(d);
    free(d);
}

static void test_refusals(void)
{
    cf_agg_t value = { CF_AGG_SUM, cf_field_find("sport") };
    cf_group_options_t o = { .values = &value, .nvalues = 1 };
    cf_diag_t d = CF_DIAG_INIT;
    cf_group_t *g;

    CFUNIT_INT(cf_group_create(&g, &o, &d), CF_E_USAGE);
    CFUNIT_STR(d.text, "sport is no counter and cannot be added up");
    value = (cf_agg_t){ CF_AGG_MIN, cf_field_find("sip") };
    CFUNIT_INT(cf_group_create(&g, &o, NULL), CF_E_USAGE);
    CU_ASSERT_PTR_NULL(g);
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_one_key), CFUNIT(test_many_keys), CFUNIT(test_no_keys), CFUNIT(test_spill),
    CFUNIT(test_wide_sums), CFUNIT(test_order), CFUNIT(test_by_key), CFUNIT(test_refusals), { NULL, NULL }
};
CFUNIT_MAIN("group", tests)
