/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batches: rows built are rows read back, appended by selection, with nulls, wide addresses and strings kept.
 */
#include "batch/compact.h"

#include "cfunit.h"

static cf_schema_t *schema_of(const char *const *names)
{
    cf_schema_t *s = cf_schema_create();

    for (; *names != NULL; names++)
        CU_ASSERT_FATAL(cf_schema_add(s, cf_field_find(*names)) >= 0);
    return s;
}

static const char *const some[] = { "stime", "sip", "dport", "bytes", "iface", "action", NULL };

/* Row i: a null in column 3 for each third row, an IPv6 address from row v6 on, three interfaces. */
static void fill(cf_batch_t *b, uint32_t n, uint32_t v6)
{
    cf_rows_t r;

    CU_ASSERT_FATAL(cf_rows_begin(&r, b) == CF_OK);
    for (uint32_t i = 0; i < n; i++) {
        char name[16];
        cf_addr_t a = i < v6 ? cf_addr_v4(i) : (cf_addr_t){ 0x20010db800000000, i };

        snprintf(name, sizeof name, "eni-%u", i % 3);
        cf_rows_set_time(&r, 0, (int64_t)i * 1000);
        CU_ASSERT_FATAL(cf_rows_set_addr(&r, 1, a) == CF_OK);
        cf_rows_set_uint(&r, 2, i);
        if (i % 3 != 0)
            cf_rows_set_uint(&r, 3, (uint64_t)i << 32);
        CU_ASSERT_FATAL(cf_rows_set_string(&r, 4, name, strlen(name)) == CF_OK);
        if (i % 5 == 4) {
            cf_rows_discard(&r);
            cf_rows_set_uint(&r, 2, i);
        }
        cf_rows_commit(&r);
    }
    cf_rows_end(&r);
}

static void check_row(const cf_batch_t *b, uint32_t row, uint32_t i, uint32_t v6)
{
    bool bare = i % 5 == 4;
    uint32_t len;

    CU_ASSERT(cf_vec_uint(&b->cols[2], row) == (i & 0xffff));
    CU_ASSERT(cf_vec_is_null(&b->cols[0], row) == bare);
    CU_ASSERT(cf_vec_is_null(&b->cols[1], row) == bare);
    CU_ASSERT(cf_vec_is_null(&b->cols[3], row) == (bare || i % 3 == 0));
    CU_ASSERT(cf_vec_is_null(&b->cols[4], row) == bare);
    CU_ASSERT(cf_vec_is_null(&b->cols[5], row));
    if (bare) {
        CU_ASSERT(cf_vec_uint(&b->cols[3], row) == 0);
        CU_ASSERT(cf_vec_time(&b->cols[0], row) == 0);
        return;
    }
    CU_ASSERT(cf_vec_time(&b->cols[0], row) == (int64_t)i * 1000);
    CU_ASSERT(cf_addr_is_v4(cf_vec_addr(&b->cols[1], row)) == (i < v6));
    CU_ASSERT((uint32_t)cf_vec_addr(&b->cols[1], row).lo == i);
    CU_ASSERT(cf_vec_string(&b->cols[4], row, &len)[4] == (char)('0' + i % 3) && len == 5);
}

static void build_and_check(uint32_t n, uint32_t v6)
{
    cf_schema_t *s = schema_of(some);
    cf_batch_t *b = cf_batch_create(s);

    fill(b, n, v6);
    CFUNIT_INT(b->rows, n);
    CFUNIT_INT(b->cols[1].width, v6 < n ? 16 : 4);
    CFUNIT_INT(b->cols[5].nulls, n);
    for (uint32_t i = 0; i < n; i++)
        check_row(b, i, i, v6);
    cf_batch_destroy(b);
    cf_schema_put(s);
}

static void test_build(void)
{
    build_and_check(1, 1);
    build_and_check(1000, 1000);
    build_and_check(1000, 500);
    build_and_check(CF_BATCH_ROWS, CF_BATCH_ROWS - 1);
}

static void append_and_check(uint32_t n, uint32_t v6a, uint32_t v6b, uint32_t step)
{
    static uint64_t sel[CF_BATCH_WORDS];
    cf_schema_t *s = schema_of(some);
    cf_batch_t *a = cf_batch_create(s), *b = cf_batch_create(s), *to = cf_batch_create(s);
    uint32_t from = 0, row = 0;

    memset(sel, 0, sizeof sel);
    for (uint32_t i = 0; i < n; i += step)
        sel[i >> 6] |= UINT64_C(1) << (i & 63);
    fill(a, n, v6a);
    fill(b, n, v6b);
    CFUNIT_INT(cf_batch_append(to, a, step == 1 ? NULL : sel, &from), CF_OK);
    CFUNIT_INT(from, n);
    from = 0;
    CFUNIT_INT(cf_batch_append(to, b, step == 1 ? NULL : sel, &from), CF_OK);
    CFUNIT_INT(to->rows, 2 * ((n + step - 1) / step));
    for (uint32_t i = 0; i < n; i += step)
        check_row(to, row++, i, v6a);
    for (uint32_t i = 0; i < n; i += step)
        check_row(to, row++, i, v6b);
    cf_batch_destroy(a);
    cf_batch_destroy(b);
    cf_batch_destroy(to);
    cf_schema_put(s);
}

static void test_append(void)
{
    append_and_check(1000, 1000, 1000, 1);
    append_and_check(1000, 1000, 300, 1);
    append_and_check(1000, 300, 1000, 1);
    append_and_check(1000, 1000, 300, 7);
    append_and_check(3, 3, 3, 2);
}

static void test_append_fills(void)
{
    cf_schema_t *s = schema_of(some);
    cf_batch_t *a = cf_batch_create(s), *to = cf_batch_create(s);
    uint32_t from = 0;

    fill(a, 40000, 40000);
    CFUNIT_INT(cf_batch_append(to, a, NULL, &from), CF_OK);
    from = 0;
    CFUNIT_INT(cf_batch_append(to, a, NULL, &from), CF_OK);
    CFUNIT_INT(to->rows, CF_BATCH_ROWS);
    CFUNIT_INT(from, CF_BATCH_ROWS - 40000);
    CFUNIT_INT(cf_batch_reset(to, s), CF_OK);
    CFUNIT_INT(cf_batch_append(to, a, NULL, &from), CF_OK);
    CFUNIT_INT(from, 40000);
    check_row(to, 0, CF_BATCH_ROWS - 40000, 40000);
    cf_batch_destroy(a);
    cf_batch_destroy(to);
    cf_schema_put(s);
}

static void test_schema(void)
{
    static const char *const one[] = { "sip", "dip", NULL }, *const two[] = { "dip", "bytes", NULL };
    cf_schema_t *a = schema_of(one), *b = schema_of(two), *u;

    CFUNIT_INT(cf_schema_add(a, cf_field_find("sip")), CF_E_FIELD);
    CFUNIT_INT(cf_schema_drop(a, "bytes"), CF_OK);
    CFUNIT_INT(cf_schema_drop(a, "account"), CF_OK);
    CFUNIT_INT(cf_schema_drop(a, "account"), CF_OK);
    u = cf_schema_union(a, b);
    CFUNIT_INT(cf_schema_count(u), 3);
    CFUNIT_STR(cf_schema_field(u, 2)->name, "bytes");
    CU_ASSERT(cf_schema_dropped(u, "account") && !cf_schema_dropped(u, "bytes"));
    CU_ASSERT(!cf_schema_equal(a, b) && cf_schema_equal(u, u));
    cf_schema_put(a);
    cf_schema_put(b);
    cf_schema_put(u);
}

static void test_dict(void)
{
    cf_dict_t d;
    uint32_t code = 0, len;
    char text[16];

    cf_dict_init(&d);
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 10000; i++) {
            snprintf(text, sizeof text, "%u", i);
            CU_ASSERT(cf_dict_code(&d, text, strlen(text), &code) == CF_OK && code == i);
        }
    }
    CFUNIT_INT(d.count, 10000);
    CFUNIT_INT(cf_dict_code(&d, "", 0, &code), CF_OK);
    CFUNIT_INT(code, 10000);
    CU_ASSERT(memcmp(cf_dict_text(&d, 77, &len), "77", 2) == 0 && len == 2);
    cf_dict_reset(&d);
    CFUNIT_INT(cf_dict_code(&d, "again", 5, &code), CF_OK);
    CFUNIT_INT(code, 0);
    cf_dict_fini(&d);
}

/* Selected bits put together, by each form of the loop, over odd ranges and places. */
static void test_compact(void)
{
    uint64_t bits[8], sel[8], a[10], b[10], x = 88172645463325252u;

    for (int round = 0; round < 2000; round++) {
        uint32_t from, to, at, n = 0, set = 0;

        for (int i = 0; i < 8; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            bits[i] = x;
            sel[i] = round % 5 == 0 ? UINT64_MAX : round % 5 == 1 ? 0 : x * 0x9e3779b97f4a7c15u;
        }
        from = (uint32_t)(x % 512);
        to = from + (uint32_t)((x >> 20) % (513 - from));
        at = (uint32_t)((x >> 40) % 100);
        memset(a, 0xff, sizeof a);
        memset(b, 0xff, sizeof b);
        for (uint32_t i = from; i < to; i++) {
            if ((sel[i >> 6] >> (i & 63) & 1) == 0)
                continue;
            b[(at + n) >> 6] &= ~(UINT64_C(1) << ((at + n) & 63));
            b[(at + n) >> 6] |= (bits[i >> 6] >> (i & 63) & 1) << ((at + n) & 63);
            set += bits[i >> 6] >> (i & 63) & 1;
            n++;
        }
        CU_ASSERT(cfi_bits_compact(bits, sel, from, to, a, at) == set);
        for (uint32_t i = 0; i < at + n; i++)
            CU_ASSERT_FATAL(((a[i >> 6] ^ b[i >> 6]) >> (i & 63) & 1) == 0);
        memset(a, 0xff, sizeof a);
        CU_ASSERT(cfi_bits_compact_plain(bits, sel, from, to, a, at) == set);
        for (uint32_t i = 0; i < at + n; i++)
            CU_ASSERT_FATAL(((a[i >> 6] ^ b[i >> 6]) >> (i & 63) & 1) == 0);
    }
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_build), CFUNIT(test_append), CFUNIT(test_append_fills), CFUNIT(test_schema),
    CFUNIT(test_dict), CFUNIT(test_compact),
    { NULL, NULL },
};

CFUNIT_MAIN("batch", tests)
