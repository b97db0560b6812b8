/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The print room: single cells, hostile strings in each form, rows with nulls and selections, rows
 * printed in pieces, and tables.
 */
#include "cfunit.h"

#include <cf/print.h>

static const cf_print_options_t text = { .format = CF_TEXT_ALIGNED, .titles = true };
static const cf_print_options_t csv = { .format = CF_TEXT_CSV, .titles = true };
static const cf_print_options_t json = { .format = CF_TEXT_NDJSON, .titles = true };
static const cf_print_options_t csv_tty = { .format = CF_TEXT_CSV, .titles = true, .terminal = true };

static void check_cell(cf_cell_t c, const cf_print_options_t *o, const char *want)
{
    cf_buf_t b;

    cf_buf_init(&b, 65536);
    CFUNIT_INT(cf_cell_print(&c, o, &b), CF_OK);
    CFUNIT_INT(cf_buf_put(&b, "", 1), CF_OK);
    CFUNIT_STR(b.data, want);
    cf_buf_fini(&b);
}

static void check_string(const char *s, size_t n, const char *in_text, const char *in_csv, const char *in_tty,
                         const char *in_json)
{
    cf_cell_t c = { .type = CF_CELL_TEXT, .s = s, .n = n };

    check_cell(c, &text, in_text);
    check_cell(c, &csv, in_csv);
    check_cell(c, &csv_tty, in_tty);
    check_cell(c, &json, in_json);
}

#define STRING(s) (s), sizeof(s) - 1

static void test_strings(void)
{
    check_string(STRING("eni-1"), "eni-1", "eni-1", "eni-1", "\"eni-1\"");
    check_string(STRING(""), "\"\"", "\"\"", "\"\"", "\"\"");
    check_string(STRING("a,\"b\""), "a,\"b\"", "\"a,\"\"b\"\"\"", "\"a,\"\"b\"\"\"", "\"a,\\\"b\\\"\"");
    check_string(STRING("\x1b[31m"), "\\x1b[31m", "\x1b[31m", "\\x1b[31m", "\"\\u001b[31m\"");
    check_string(STRING("a\nb"), "a\\x0ab", "\"a\nb\"", "\"a\\x0ab\"", "\"a\\nb\"");
    check_string(STRING("C:\\x"), "C:\\\\x", "C:\\x", "C:\\x", "\"C:\\\\x\"");
    check_string(STRING("caf\xc3\xa9"), "caf\xc3\xa9", "caf\xc3\xa9", "caf\xc3\xa9", "\"caf\xc3\xa9\"");
    check_string(STRING("caf\xe9!"), "caf\\xe9!", "caf\xe9!", "caf\\xe9!", "\"caf\\\\xe9!\"");
    check_string(STRING("\xc2\x9b" "31m"), "\\xc2\\x9b31m", "\xc2\x9b" "31m", "\\xc2\\x9b31m", "\"\\u009b31m\"");
    check_string(STRING("\xe2\x80\xaegpj"), "\\xe2\\x80\\xaegpj", "\xe2\x80\xaegpj", "\\xe2\\x80\\xaegpj",
                 "\"\\u202egpj\"");
    check_string(STRING("\xed\xa0\x80"), "\\xed\\xa0\\x80", "\xed\xa0\x80", "\\xed\\xa0\\x80",
                 "\"\\\\xed\\\\xa0\\\\x80\"");      /* a surrogate is no character */
    check_string(STRING("\xc0\x80"), "\\xc0\\x80", "\xc0\x80", "\\xc0\\x80", "\"\\\\xc0\\\\x80\"");
    check_string(STRING("\xf0\x9f\x98"), "\\xf0\\x9f\\x98", "\xf0\x9f\x98", "\\xf0\\x9f\\x98",
                 "\"\\\\xf0\\\\x9f\\\\x98\"");      /* cut in the middle */
    check_string(STRING("\x7f\t"), "\\x7f\\x09", "\x7f\t", "\\x7f\\x09", "\"\\u007f\\t\"");
}

static void test_separator(void)
{
    cf_print_options_t pipe = { .format = CF_TEXT_ALIGNED, .separator = '|', .delimited = true };
    cf_cell_t c = { .type = CF_CELL_TEXT, .s = "a|b", .n = 3 };

    check_cell(c, &pipe, "a\\x7cb");
}

static void test_numbers(void)
{
    cf_cell_t c = { .type = CF_CELL_UINT };

    for (uint64_t v = 1, k = 0; k < 20; k++, v *= 10) {
        for (int around = -1; around <= 1; around++) {
            char want[32];

            c.u = v + (uint64_t)around;
            snprintf(want, sizeof want, "%llu", (unsigned long long)c.u);
            check_cell(c, &text, want);
        }
    }
    c.u = UINT64_MAX;
    check_cell(c, &json, "18446744073709551615");
    c.hi = UINT64_MAX;
    check_cell(c, &json, "340282366920938463463374607431768211455");
    check_cell((cf_cell_t){ .type = CF_CELL_DECIMAL, .u = 1005, .scale = 4 }, &text, "0.1005");
    check_cell((cf_cell_t){ .type = CF_CELL_DECIMAL, .u = 1000000, .scale = 4 }, &text, "100.0000");
    check_cell((cf_cell_t){ .type = CF_CELL_DECIMAL, .u = 0, .scale = 2 }, &text, "0.00");
    check_cell((cf_cell_t){ .type = CF_CELL_DECIMAL, .u = 7, .scale = 0 }, &text, "7");
    check_cell((cf_cell_t){ .type = CF_CELL_NULL }, &text, "-");
    check_cell((cf_cell_t){ .type = CF_CELL_NULL }, &csv, "");
    check_cell((cf_cell_t){ .type = CF_CELL_BOOL, .u = 1 }, &json, "true");
    check_cell((cf_cell_t){ .type = CF_CELL_BOOL, .u = 1 }, &csv, "yes");
    check_cell((cf_cell_t){ .type = CF_CELL_DURATION, .t = 250000000 }, &json, "0.250");
    check_cell((cf_cell_t){ .type = CF_CELL_DURATION, .t = -1500000000 }, &text, "-1.500");
    check_cell((cf_cell_t){ .type = CF_CELL_FLAGS, .u = 18 }, &json, "\"SA\"");
}

static void test_times(void)
{
    static const int64_t times[] = { 0, -1, 1, INT64_MIN, INT64_MAX, INT64_C(1790000000123000000),
        INT64_C(951782399999999999), INT64_C(951782400000000000), -INT64_C(86400000000000) };
    cf_print_options_t o = csv;

    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        char want[CF_TIME_TEXT + 1] = "";

        cf_time_print(want, times[i]);
        check_cell((cf_cell_t){ .type = CF_CELL_TIME, .t = times[i] }, &csv, want);
    }
    o.times = CF_TIMEFORM_EPOCH;
    check_cell((cf_cell_t){ .type = CF_CELL_TIME, .t = INT64_C(1790000000500000000) }, &o, "1790000000.500");
    o.times = CF_TIMEFORM_EPOCH_MS;
    check_cell((cf_cell_t){ .type = CF_CELL_TIME, .t = INT64_C(1790000000500000000) }, &o, "1790000000500");
    check_cell((cf_cell_t){ .type = CF_CELL_TIME, .t = -1 }, &o, "-1");
    o.times = CF_TIMEFORM_EPOCH_NS;
    check_cell((cf_cell_t){ .type = CF_CELL_TIME, .t = INT64_MIN }, &o, "-9223372036854775808");
}

static void test_addresses(void)
{
    static const uint32_t v4[] = { 0, UINT32_MAX, 0x0a00010a, 0x64c80163, 0x01020304 };

    for (size_t i = 0; i < sizeof v4 / sizeof v4[0]; i++) {
        char want[CF_ADDR_TEXT + 3] = "";

        cf_v4_print(want, v4[i]);
        check_cell((cf_cell_t){ .type = CF_CELL_ADDR, .a = cf_addr_v4(v4[i]) }, &text, want);
    }
    check_cell((cf_cell_t){ .type = CF_CELL_ADDR, .a = { UINT64_C(0x20010db8) << 32, 1 } }, &json,
               "\"2001:db8::1\"");
}

/* ---- rows ---------------------------------------------------------------------------------- */

#define NCOLS 4

struct table {
    const cf_field_t *f[NCOLS];
    cf_vec_t v[NCOLS];
    const cf_vec_t *p[NCOLS];
};

static void table_init(struct table *t, uint32_t rows)
{
    static const char *const names[NCOLS] = { "sip", "bytes", "iface", "action" };

    for (int i = 0; i < NCOLS; i++) {
        t->f[i] = cf_field_find(names[i]);
        cf_vec_init(&t->v[i], t->f[i]);
        CU_ASSERT_EQUAL_FATAL(cf_vec_reserve(&t->v[i], t->f[i]->width), CF_OK);
        memset(t->v[i].null, 0, CF_BATCH_WORDS * 8);
        t->v[i].nulls = 0;
        t->p[i] = &t->v[i];
    }
    CU_ASSERT_EQUAL(cf_dict_append(&t->v[2].dict, "eni-a", 5), CF_OK);
    CU_ASSERT_EQUAL(cf_dict_append(&t->v[2].dict, "b\"", 2), CF_OK);
    for (uint32_t r = 0; r < rows; r++) {
        ((uint32_t *)t->v[0].data)[r] = 0x0a000000 + r;
        ((uint64_t *)t->v[1].data)[r] = r * 1000;
        ((uint32_t *)t->v[2].data)[r] = r % 2;
        ((uint8_t *)t->v[3].data)[r] = (uint8_t)(r % 3);
    }
    t->v[1].null[0] |= 2;              /* row 1 */
    t->v[1].nulls = 1;
    ((uint64_t *)t->v[1].data)[1] = 0;
}

static void table_fini(struct table *t)
{
    for (int i = 0; i < NCOLS; i++)
        cf_vec_fini(&t->v[i]);
}

static void check_rows(const cf_print_options_t *o, uint32_t rows, const uint64_t *sel, const char *want)
{
    struct table t;
    cf_rowprint_t *p;
    uint32_t row = 0;
    cf_buf_t b;

    table_init(&t, rows);
    cf_buf_init(&b, 1u << 24);
    CU_ASSERT_EQUAL_FATAL(cf_rowprint_create(&p, t.f, NCOLS, o, NULL), CF_OK);
    CFUNIT_INT(cf_rowprint_titles(p, &b), CF_OK);
    CFUNIT_INT(cf_rowprint_rows(p, t.p, rows, sel, &row, SIZE_MAX, &b), CF_OK);
    CFUNIT_INT(row, rows);
    CFUNIT_STR(b.data != NULL ? b.data : "", want);
    cf_rowprint_destroy(p);
    cf_buf_fini(&b);
    table_fini(&t);
}

static void test_rows(void)
{
    static const uint64_t second = 2, none = 0;
    cf_print_options_t bar = { .format = CF_TEXT_ALIGNED, .delimited = true, .separator = '|', .titles = true };

    check_rows(&csv, 3, NULL, "sip,bytes,iface,action\n10.0.0.0,0,eni-a,accept\n10.0.0.1,,\"b\"\"\",reject\n"
               "10.0.0.2,2000,eni-a,2\n");
    check_rows(&json, 3, NULL, "{\"sip\":\"10.0.0.0\",\"bytes\":0,\"iface\":\"eni-a\",\"action\":\"accept\"}\n"
               "{\"sip\":\"10.0.0.1\",\"iface\":\"b\\\"\",\"action\":\"reject\"}\n"
               "{\"sip\":\"10.0.0.2\",\"bytes\":2000,\"iface\":\"eni-a\",\"action\":\"2\"}\n");
    check_rows(&text, 3, NULL, "sip                   bytes  iface                  action\n"
               "10.0.0.0                  0  eni-a                  accept\n"
               "10.0.0.1                  -  b\"                     reject\n"
               "10.0.0.2               2000  eni-a                  2\n");
    check_rows(&bar, 2, NULL, "sip|bytes|iface|action\n10.0.0.0|0|eni-a|accept\n10.0.0.1|-|b\"|reject\n");
    check_rows(&csv, 3, &second, "sip,bytes,iface,action\n10.0.0.1,,\"b\"\"\",reject\n");
    check_rows(&json, 3, &none, "");
    check_rows(&csv, 0, NULL, "sip,bytes,iface,action\n");
}

/* The same bytes whether printed at once or in pieces of any size, all rows or every third. */
static void test_pieces(void)
{
    static uint64_t third[CF_BATCH_WORDS];
    struct table t;
    cf_rowprint_t *p;
    cf_buf_t whole, parts;

    table_init(&t, CF_BATCH_ROWS);
    for (uint32_t i = 0; i < CF_BATCH_ROWS; i += 3)
        third[i >> 6] |= UINT64_C(1) << (i & 63);
    for (int form = 0; form < 6; form++) {
        cf_print_options_t o = { .format = (cf_textform_t)(form % 3) };
        const uint64_t *sel = form < 3 ? NULL : third;
        uint32_t row = 0;

        cf_buf_init(&whole, 1u << 26);
        cf_buf_init(&parts, 1u << 26);
        CU_ASSERT_EQUAL_FATAL(cf_rowprint_create(&p, t.f, NCOLS, &o, NULL), CF_OK);
        CFUNIT_INT(cf_rowprint_rows(p, t.p, CF_BATCH_ROWS, sel, &row, SIZE_MAX, &whole), CF_OK);
        for (row = 0; row < CF_BATCH_ROWS;)
            CFUNIT_INT(cf_rowprint_rows(p, t.p, CF_BATCH_ROWS, sel, &row, parts.len + 1, &parts), CF_OK);
        CFUNIT_INT(parts.len, whole.len);
        CU_ASSERT(memcmp(parts.data, whole.data, whole.len) == 0);
        cf_rowprint_destroy(p);
        cf_buf_fini(&whole);
        cf_buf_fini(&parts);
    }
    table_fini(&t);
}

/* A row wider than the buffer may ever be is refused, not cut. */
static void test_too_wide(void)
{
    struct table t;
    cf_rowprint_t *p;
    uint32_t row = 0;
    cf_buf_t b;
    char *wide = calloc(1, CF_STRING_MAX);

    table_init(&t, 2);
    memset(wide, '\n', CF_STRING_MAX);
    CU_ASSERT_EQUAL(cf_dict_append(&t.v[2].dict, wide, CF_STRING_MAX), CF_OK);
    ((uint32_t *)t.v[2].data)[1] = 2;
    CU_ASSERT_EQUAL_FATAL(cf_rowprint_create(&p, t.f, NCOLS, &text, NULL), CF_OK);
    cf_buf_init(&b, 65536);
    CFUNIT_INT(cf_rowprint_rows(p, t.p, 2, NULL, &row, SIZE_MAX, &b), CF_E_LIMIT);
    cf_buf_fini(&b);
    cf_buf_init(&b, 1u << 20);
    CFUNIT_INT(cf_rowprint_rows(p, t.p, 2, NULL, &row, SIZE_MAX, &b), CF_OK);
    CU_ASSERT(b.len > 4 * CF_STRING_MAX);
    cf_buf_fini(&b);
    cf_rowprint_destroy(p);
    table_fini(&t);
    free(wide);
}

/* ---- tables --------------------------------------------------------------------------------- */

static void check_table(const cf_print_options_t *o, const char *want)
{
    cf_table_t *t = cf_table_create(o);
    cf_buf_t b;

    cf_buf_init(&b, 65536);
    cf_table_caption(t, "%d rows", 2);
    cf_table_column(t, "name", false);
    cf_table_column(t, "n", true);
    cf_table_column(t, "note", false);
    cf_table_text(t, "gr\xc3\xbcn");
    cf_table_uint(t, 5);
    cf_table_text(t, NULL);
    cf_table_text(t, "yellow");
    cf_table_uint(t, 12345);
    cf_table_text(t, "a,b");
    CFUNIT_INT(cf_table_print(t, &b), CF_OK);
    CFUNIT_STR(b.data, want);
    cf_table_text(t, "one too many");
    CFUNIT_INT(cf_table_print(t, &b), CF_E_INTERNAL);
    cf_table_destroy(t);
    cf_buf_fini(&b);
}

static void test_tables(void)
{
    cf_print_options_t bare = { .format = CF_TEXT_ALIGNED };

    check_table(&text, "2 rows\nname        n  note\ngr\xc3\xbcn        5  -\nyellow  12345  a,b\n");
    check_table(&bare, "gr\xc3\xbcn        5  -\nyellow  12345  a,b\n");
    check_table(&csv, "name,n,note\ngr\xc3\xbcn,5,\nyellow,12345,\"a,b\"\n");
    check_table(&json, "{\"name\":\"gr\xc3\xbcn\",\"n\":5}\n{\"name\":\"yellow\",\"n\":12345,\"note\":\"a,b\"}\n");
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_strings), CFUNIT(test_separator), CFUNIT(test_numbers), CFUNIT(test_times), CFUNIT(test_addresses),
    CFUNIT(test_rows), CFUNIT(test_pieces), CFUNIT(test_too_wide), CFUNIT(test_tables), { NULL, NULL }
};
CFUNIT_MAIN("print", tests)
