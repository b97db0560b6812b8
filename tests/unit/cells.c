/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Room cells: lines cut whatever pieces they come in, local times, and texts that become columns.
 */
#include <stdlib.h>
#include <string.h>

#include <cf/delim.h>

#include "cells/cell.h"
#include "cfunit.h"

/* ---- lines ---- */

/* Values of all lines as "a|b;c|d;", faults as "!code;". */
static void cut(const char *text, size_t n, cf_delim_options_t o, char *out, size_t room, cf_cursor_t *c)
{
    cf_input_t *in = NULL;
    cf_delim_t *l = NULL;
    cf_diag_t d = CF_DIAG_INIT;
    cf_line_t line;
    size_t at = 0;
    int rc;

    CU_ASSERT_EQUAL_FATAL(cf_input_open_memory(&in, "t", text, n, 0, &d), CF_OK);
    CU_ASSERT_EQUAL_FATAL(cf_delim_create(&l, &o, &d), CF_OK);
    out[0] = '\0';
    while ((rc = cf_delim_next(l, in, &line, &d)) != CF_EOF && at + 100 < room) {
        if (rc != CF_OK) {
            CU_ASSERT_FATAL(CF_IS_RECORD_ERR(rc));
            at += (size_t)snprintf(out + at, room - at, "!%d;", rc);
            continue;
        }
        for (uint32_t i = 0; i < line.count; i++)
            at += (size_t)snprintf(out + at, room - at, "%s%.*s", i > 0 ? "|" : "",
                                   (int)(line.value[i].n < 60 ? line.value[i].n : 60), line.value[i].s);
        at += (size_t)snprintf(out + at, room - at, "@%d;", (int)line.place.line);
    }
    if (c != NULL)
        cf_delim_cursor(l, 0, 0, c);
    if (rc == CF_EOF)
        CFUNIT_INT(cf_delim_offset(l), n);
    cf_delim_destroy(l);
    cf_input_close(in);
}

static void expect(const char *text, bool quote, bool runs, char sep, const char *wanted)
{
    char out[2000];
    cf_delim_options_t o = { .sep = sep, .quote = quote, .runs = runs };

    cut(text, strlen(text), o, out, sizeof out, NULL);
    CFUNIT_STR(out, wanted);
}

static void test_lines(void)
{
    expect("a,b\nc,d\n", true, false, ',', "a|b@1;c|d@2;");
    expect("a,b\r\nc,d", true, false, ',', "a|b@1;c|d@2;");
    expect("\xef\xbb\xbf" "a,b\n\n\r\n,\n", true, false, ',', "a|b@1;|@4;");
    expect("a\tb c\t\n", false, false, '\t', "a|b c|@1;");
    expect("a long value of more than sixteen bytes,b,and another one that is long\nx\n", true, false, ',',
           "a long value of more than sixteen bytes|b|and another one that is long@1;x@2;");
    expect("  a   b\t c  \r\nd\n   \ne", false, true, ' ', "a|b\t|c@1;d@2;e@4;");
    /* RFC 4180 */
    expect("\"a,b\",c\n", true, false, ',', "a,b|c@1;");
    expect("\"a\nb\",c\nd,e\n", true, false, ',', "a\nb|c@1;d|e@3;");
    expect("\"say \"\"x\"\"\",\"\",\"\"\"\"\r\nd", true, false, ',', "say \"x\"||\"@1;d@2;");
    expect("a,\"b \"\"c\"\"\"", true, false, ',', "a|b \"c\"@1;");
    expect("a,b \"c\"\n", true, false, ',', "a|b \"c\"@1;");
    expect("\"a\",b\n", false, false, ',', "\"a\"|b@1;");
    /* faults end with the line that they stand in */
    expect("\"a\"x,b\nc,d\n", true, false, ',', "!-72;c|d@2;");
    expect("a,\"b\nc,d\n", true, false, ',', "!-72;c|d@2;");
    expect("", true, false, ',', "");
    expect("\n\n", true, false, ',', "");
}

static void test_long_lines(void)
{
    size_t n = 200000;
    char *text = malloc(n + 10), out[2000];
    cf_delim_options_t o = { .sep = ',', .quote = true };
    cf_cursor_t c;

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, 'x', n);
    memcpy(text + n, "\na,b\nc", 6);
    cut(text, n + 6, o, out, sizeof out, &c);
    CFUNIT_STR(out, "!-70;a|b@2;c@3;");
    CFUNIT_INT(c.offset, n + 5);
    CFUNIT_INT(c.skip, 1);
    cut(text, n + 5, o, out, sizeof out, &c);
    CFUNIT_INT(c.offset, n + 5);
    CFUNIT_INT(c.skip, 0);
    memset(text, ',', 2000);
    memcpy(text + 2000, "\na\n", 3);
    cut(text, 2003, o, out, sizeof out, NULL);
    CFUNIT_STR(out, "!-64;a@2;");
    /* 65535 bytes are allowed, one more is not */
    memset(text, 'x', n);
    text[65535] = '\n';
    text[65536 + 65536] = '\n';
    cut(text, 65536 + 65537, o, out, sizeof out, NULL);
    CFUNIT_STR(strchr(out, '@'), "@1;!-70;");
    /* a quote that is never closed costs its line, not the rest */
    memset(text, 'y', n);
    for (size_t i = 9; i < n; i += 10)
        text[i] = '\n';
    text[0] = '"';
    cut(text, 30000, o, out, sizeof out, NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(out, "!-72;yyyyyyyyy@2;yyyyyyyyy@3;"));
    cut(text, 150000, o, out, sizeof out, NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(out, "!-72;yyyyyyyyy@2;yyyyyyyyy@3;"));
    free(text);
}

/* ---- times ---- */

static int64_t utc(const cf_zone_t *z, const char *text)
{
    cfi_day_t day = { .known = false };
    int64_t ns = -1;

    CFUNIT_INT(cfi_iso_parse(&day, z, text, strlen(text), &ns), CF_OK);
    return ns / CF_NS_PER_SEC;
}

static void test_zones(void)
{
    cf_diag_t d = CF_DIAG_INIT;
    cf_zone_t *z = NULL;

    CFUNIT_INT(cf_zone_utc(NULL, 5), 5);
    CU_ASSERT_EQUAL_FATAL(cf_zone_open(&z, "UTC", &d), CF_OK);
    CFUNIT_INT(cf_zone_utc(z, 5), 5);
    cf_zone_close(z);
    CU_ASSERT_EQUAL_FATAL(cf_zone_open(&z, "-05:30", &d), CF_OK);
    CFUNIT_INT(cf_zone_utc(z, 0), 19800);
    CFUNIT_INT(utc(z, "1970-01-01T00:00:00+01:00"), -3600);
    cf_zone_close(z);
    CFUNIT_INT(cf_zone_open(&z, "Nowhere/Atall", &d), CF_E_USAGE);
    CU_ASSERT_PTR_NULL(z);
    CFUNIT_INT(cf_zone_open(&z, "../../../etc/passwd", &d), CF_E_USAGE);
    CFUNIT_INT(cf_zone_open(&z, "", &d), CF_E_USAGE);
    if (cf_zone_open(&z, "Europe/Prague", &d) != CF_OK)
        return;                /* no zone files on this machine */
    CFUNIT_INT(utc(z, "2026-01-15 12:00:00"), utc(NULL, "2026-01-15T11:00:00Z"));
    CFUNIT_INT(utc(z, "2026-07-15 12:00:00"), utc(NULL, "2026-07-15T10:00:00Z"));
    /* at 02:00 on 2026-03-29 the clock went to 03:00; at 03:00 on 2026-10-25 back to 02:00 */
    CFUNIT_INT(utc(z, "2026-03-29 01:59:59"), utc(NULL, "2026-03-29T00:59:59Z"));
    CFUNIT_INT(utc(z, "2026-03-29 02:30:00"), utc(NULL, "2026-03-29T01:30:00Z"));
    CFUNIT_INT(utc(z, "2026-03-29 03:00:00"), utc(NULL, "2026-03-29T01:00:00Z"));
    CFUNIT_INT(utc(z, "2026-10-25 02:30:00"), utc(NULL, "2026-10-25T00:30:00Z"));
    CFUNIT_INT(utc(z, "2026-10-25 03:00:00"), utc(NULL, "2026-10-25T02:00:00Z"));
    /* by the rule behind the list */
    CFUNIT_INT(utc(z, "2060-07-15 12:00:00"), utc(NULL, "2060-07-15T10:00:00Z"));
    CFUNIT_INT(utc(z, "2060-12-15 12:00:00"), utc(NULL, "2060-12-15T11:00:00Z"));
    cf_zone_close(z);
}

static void pattern(const char *p, const char *text, const char *iso)
{
    int64_t ns = 0, wanted = -1;
    int rc = cfi_pattern_parse(p, NULL, text, strlen(text), &ns);

    CU_ASSERT_TRUE(cfi_pattern_good(p));
    if (iso == NULL) {
        CFUNIT_INT(rc, CF_R_TIME);
        return;
    }
    CFUNIT_INT(rc, CF_OK);
    CFUNIT_INT(cf_time_parse(iso, strlen(iso), &wanted), CF_OK);
    CFUNIT_INT(ns, wanted);
}

static void test_patterns(void)
{
    pattern("%d/%b/%Y:%T %z", "07/Mar/2026:14:03:01 +0100", "2026-03-07T13:03:01Z");
    pattern("%m/%d/%Y %I:%M:%S %p", "3/7/2026 12:03:01 AM", "2026-03-07T00:03:01Z");
    pattern("%m/%d/%Y %I:%M:%S %p", "3/7/2026 2:03:01 pm", "2026-03-07T14:03:01Z");
    pattern("%Y%m%d%H%M%S.%f", "20260307140301.25", "2026-03-07T14:03:01.25Z");
    pattern("%b %e %Y %R", "Mar  7 2026 14:03", "2026-03-07T14:03:00Z");
    pattern("%s", "1772892181", "2026-03-07T14:03:01Z");
    pattern("%F %T", "2026-02-30 00:00:00", NULL);
    pattern("%F %T", "2026-02-03 24:00:00", NULL);
    pattern("%F", "2026-02-03 ", NULL);
    pattern("%F", "2026-02-0", NULL);
    CU_ASSERT_FALSE(cfi_pattern_good("%H:%M"));
    CU_ASSERT_FALSE(cfi_pattern_good("%F %I:%M"));
    CU_ASSERT_FALSE(cfi_pattern_good("%F %Q"));
    CU_ASSERT_FALSE(cfi_pattern_good("%F %"));
}

static void scaled(const char *text, int64_t unit, int rc, int64_t wanted)
{
    int64_t ns = -1;

    CFUNIT_INT(cfi_scaled_parse(text, strlen(text), unit, &ns), rc);
    if (rc == CF_OK) {
        CFUNIT_INT(ns, wanted);
    }
}

static void test_numbers(void)
{
    scaled("1772892181.123456", CF_NS_PER_SEC, CF_OK, INT64_C(1772892181123456000));
    scaled("0.000068", CF_NS_PER_SEC, CF_OK, 68000);
    scaled("2.1457672119140625e-06", CF_NS_PER_SEC, CF_OK, 2146);
    scaled("0.08404397964477539", CF_NS_PER_SEC, CF_OK, 84043980);
    scaled("1.5e3", CF_NS_PER_SEC, CF_OK, INT64_C(1500000000000));
    scaled("1772892181123", 1000000, CF_OK, INT64_C(1772892181123000000));
    scaled("1772892181123.5", 1000000, CF_OK, INT64_C(1772892181123500000));
    scaled("0", 1, CF_OK, 0);
    scaled("1e-300", CF_NS_PER_SEC, CF_OK, 0);
    scaled("00000000000000000000000000000000000001.5", 1, CF_OK, 2);
    scaled("9223372036.9", CF_NS_PER_SEC, CF_R_RANGE, 0);
    scaled("1e300", 1, CF_R_RANGE, 0);
    scaled("99999999999999999999999999999999999999", 1, CF_R_RANGE, 0);
    scaled("", 1, CF_R_NUMBER, 0);
    scaled(".", 1, CF_R_NUMBER, 0);
    scaled("1.", 1, CF_R_NUMBER, 0);
    scaled("-1", 1, CF_R_NUMBER, 0);
    scaled("1e", 1, CF_R_NUMBER, 0);
    scaled("1.2.3", 1, CF_R_NUMBER, 0);
    scaled("XXXXXXXXXX.XXXXXX", CF_NS_PER_SEC, CF_R_NUMBER, 0);
}

static void flags(const char *text, bool hex, int rc, uint64_t wanted)
{
    uint64_t v = 0;

    CFUNIT_INT(cfi_flags_parse(text, strlen(text), hex, &v), rc);
    if (rc == CF_OK) {
        CFUNIT_INT(v, wanted);
    }
}

static void test_flags(void)
{
    flags("...A.R..", false, CF_OK, 0x14);
    flags("........", false, CF_OK, 0);
    flags("SA", false, CF_OK, 0x12);
    flags("-", false, CF_OK, 0);
    flags("0x1b", false, CF_OK, 0x1b);
    flags("1b", true, CF_OK, 0x1b);
    flags("27", false, CF_OK, 27);
    flags("x", false, CF_R_ENUM, 0);
    flags("zz", true, CF_R_NUMBER, 0);
    flags("0x", false, CF_R_NUMBER, 0);
    flags("12345", true, CF_R_NUMBER, 0);
    flags("", false, CF_R_NUMBER, 0);
}

/* ---- rows ---- */

static bool not_rbytes(void *ctx, const cf_field_t *f, const char *name)
{
    (void)ctx;
    (void)name;
    return strcmp(f->name, "rbytes") != 0;
}

static int no_port_53(void *ctx, cf_cell_t *cells, const char **why)
{
    (void)ctx;
    if (cells[1].v.u == 53)
        return CF_EOF;
    *why = "port 1 is not liked";
    return cells[1].v.u == 1 ? CF_R_RANGE : CF_OK;
}

typedef struct rows {
    cf_account_t account;
    cf_rejects_t rejects;
    cf_reader_env_t env;
    cf_cells_t *table;
    cf_batch_t *batch;
    uint64_t skip;
} rows_t;

static void rows_begin(rows_t *r)
{
    static const char *const nulls[] = { "-", "none", NULL };
    cf_cells_options_t o = { .nulls = nulls, .row = no_port_53, .skip = &r->skip };
    cf_schema_t *empty = cf_schema_create();
    const char *const names[] = { "sip", "dport", "rbytes", "action", "flags" };

    memset(r, 0, sizeof *r);
    cf_account_init(&r->account);
    cf_rejects_init(&r->rejects, &r->account);
    r->env.account = &r->account;
    r->env.rejects = &r->rejects;
    r->env.wanted = not_rbytes;
    CU_ASSERT_EQUAL_FATAL(cf_cells_create(&r->table, &r->env, &o, NULL), CF_OK);
    for (int i = 0; i < 5; i++) {
        cf_column_t c = { .field = cf_field_find(names[i]), .name = names[i], .from = i };

        c.as = cf_cells_usual(c.field);
        CFUNIT_INT(cf_cells_column(r->table, &c), i);
        CFUNIT_INT(cf_cells_column(r->table, &c), CF_E_FIELD);
    }
    CFUNIT_INT(cf_cells_constant(r->table, cf_field_find("shape"), "oval", CF_AS_WORD), CF_E_USAGE);
    CFUNIT_INT(cf_cells_constant(r->table, cf_field_find("shape"), "bi", CF_AS_WORD), CF_OK);
    CFUNIT_INT(cf_cells_unknown(r->table, "My Thing", 8, "t", 5), 5);
    CFUNIT_INT(cf_cells_unknown(r->table, "bytes", 5, "t", 6), 6);
    r->batch = cf_batch_create(empty);
    cf_schema_put(empty);
    CU_ASSERT_EQUAL_FATAL(cf_cells_begin(r->table, r->batch, NULL), CF_OK);
}

static void row(rows_t *r, const char *text)
{
    cf_place_t place = { .line = 1, .text = { text, strlen(text) } };
    cf_text_t v[8];
    uint32_t n = 0;

    for (const char *p = text; p != NULL && n < 8; n++) {
        const char *end = strchr(p, ',');

        v[n].s = p;
        v[n].n = end != NULL ? (size_t)(end - p) : strlen(p);
        p = end != NULL ? end + 1 : NULL;
    }
    CFUNIT_INT(cf_cells_row(r->table, v, n, &place, NULL), CF_OK);
}

static void rows_end(rows_t *r)
{
    cf_cells_destroy(r->table);
    cf_batch_destroy(r->batch);
}

static void test_rows(void)
{
    rows_t r;
    const cf_batch_t *b;
    uint32_t len;

    rows_begin(&r);
    b = r.batch;
    row(&r, "10.0.0.1,443,5,accept,SA,x,1");
    row(&r, "2001:db8::1,80.0,-,REJECT,-,a text of more than sixteen bytes,");
    row(&r, "none,53,1,accept,,,");
    row(&r, "-,1,1,accept,,,");
    row(&r, "10.0.0.256,1,1,accept,,,");
    row(&r, "10.0.0.2,65536,1,accept,,,");
    row(&r, "10.0.0.2,1x,1,accept,,,");
    row(&r, "10.0.0.2,2,-5,accept,,,");
    row(&r, "10.0.0.2,2,5,what,,,");
    row(&r, "10.0.0.3,,,,,a text of more than sixteen bytes");
    r.skip = 2;
    row(&r, "10.0.0.4,,,,,");
    row(&r, "10.0.0.4,x,,,,");
    CFUNIT_INT(r.skip, 0);
    CFUNIT_INT(cf_cells_end(r.table, NULL), CF_OK);
    CFUNIT_INT(r.account.rows_read, 9);
    CFUNIT_INT(r.account.rows_kept, 3);
    CFUNIT_INT(cf_account_rejected(&r.account), 6);
    CFUNIT_STR(r.rejects.first[0].reason, "port 1 is not liked");
    CFUNIT_STR(r.rejects.first[2].reason, "dport 65536 is above 65535");
    CU_ASSERT_EQUAL_FATAL(b->rows, 3);
    /* sip dport action flags shape my_thing t_bytes */
    CU_ASSERT_EQUAL_FATAL(b->ncols, 7);
    CFUNIT_INT(b->cols[0].width, 16);
    CU_ASSERT_TRUE(cf_addr_is_v4(cf_vec_addr(&b->cols[0], 0)));
    CFUNIT_INT(cf_vec_uint(&b->cols[1], 1), 80);
    CU_ASSERT_TRUE(cf_vec_is_null(&b->cols[1], 2));
    CFUNIT_INT(b->cols[1].nulls, 1);
    CFUNIT_INT(cf_vec_uint(&b->cols[2], 1), CF_ACTION_REJECT);
    CFUNIT_INT(cf_vec_uint(&b->cols[3], 0), 0x12);
    CU_ASSERT_FALSE(cf_vec_is_null(&b->cols[3], 1));
    CFUNIT_INT(cf_vec_uint(&b->cols[4], 2), CF_SHAPE_BI);
    CFUNIT_STR(cf_schema_field(b->schema, 5)->name, "my_thing");
    CFUNIT_STR(cf_schema_field(b->schema, 6)->name, "t_bytes");
    CFUNIT_INT(((uint32_t *)b->cols[5].data)[1], ((uint32_t *)b->cols[5].data)[2]);
    (void)cf_vec_string(&b->cols[5], 2, &len);
    CFUNIT_INT(len, 33);
    CU_ASSERT_TRUE(cf_schema_dropped(b->schema, "rbytes"));
    rows_end(&r);
}

/* Codes of strings belong to one batch; large strings end it early. */
static void test_strings(void)
{
    char *big = malloc(60010);
    uint32_t len;
    rows_t r;

    CU_ASSERT_PTR_NOT_NULL_FATAL(big);
    rows_begin(&r);
    row(&r, "10.0.0.1,443,5,accept,SA,one,1");
    CFUNIT_INT(cf_cells_end(r.table, NULL), CF_OK);
    CFUNIT_INT(cf_cells_begin(r.table, r.batch, NULL), CF_OK);
    row(&r, "10.0.0.1,443,5,accept,SA,two,1");
    row(&r, "10.0.0.1,443,5,accept,SA,one,1");
    CFUNIT_INT(memcmp(cf_vec_string(&r.batch->cols[5], 0, &len), "two", 3), 0);
    CFUNIT_INT(memcmp(cf_vec_string(&r.batch->cols[5], 1, &len), "one", 3), 0);
    memset(big, 'x', 60000);
    for (int i = 0; i < 400 && !cf_cells_full(r.table); i++) {
        (void)snprintf(big, 60010, ",,,,,%04d", i);
        big[9] = 'x';
        big[60000] = '\0';
        row(&r, big);
    }
    CU_ASSERT_TRUE(cf_cells_full(r.table));
    CU_ASSERT_TRUE(r.batch->rows < 300);
    CFUNIT_INT(cf_cells_end(r.table, NULL), CF_OK);
    rows_end(&r);
    free(big);
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_lines), CFUNIT(test_long_lines), CFUNIT(test_zones), CFUNIT(test_patterns),
    CFUNIT(test_numbers), CFUNIT(test_flags), CFUNIT(test_rows), CFUNIT(test_strings),
    { NULL, NULL }
};

CFUNIT_MAIN("cells", tests)
