/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Framing: the same objects come out whatever stands around them and in whatever pieces the bytes
 * arrive; what is broken is counted and costs no neighbour; what is cut is told; a cursor continues.
 */
#include "cfunit.h"

#include <cf/jsonmap.h>
#include <cf/jsonrec.h>

#include "input/layer.h"
#include "json/rec.h"

static const char *const lists[] = { "records", "entries", NULL };
static const char *const texts[] = { "_raw", "message", "event.original", NULL };
static const char *const payloads[] = { "data", NULL };
static const char *const wrappers[] = { "message", "event", "body", NULL };

static const cf_jsonpath_t paths[] = { { "r", 0 }, { NULL, 0 } };

typedef struct run {
    cf_account_t account;
    cf_rejects_t rejects;
    cf_buf_t out;
    cf_cursor_t cursor;
    int end;
    char why[512];
} run_t;

static void begin(run_t *x)
{
    memset(x, 0, sizeof *x);
    cf_account_init(&x->account);
    cf_rejects_init(&x->rejects, &x->account);
    cf_buf_init(&x->out, 64u << 20);
    CU_ASSERT_FATAL(cf_buf_puts(&x->out, "") == CF_OK);
}

/* Records are objects with a key r; out gets their values, "?" for others. */
static void frame(run_t *x, cf_input_t *in, size_t max, uint64_t skip)
{
    cf_jsonrec_options_t o = { .lists = lists, .texts = texts, .payloads = payloads,
                               .wrappers = wrappers, .max = max, .rejects = &x->rejects,
                               .skip = skip };
    cf_jsonrec_t *r = NULL;
    cf_jsonmap_t *m = NULL;
    cf_diag_t d = CF_DIAG_INIT, why = CF_DIAG_INIT;
    cf_jsonobj_t obj;

    CU_ASSERT_FATAL(cf_jsonrec_open(&r, in, &o, NULL) == CF_OK);
    CU_ASSERT_FATAL(cf_jsonmap_open(&m, paths, 1, 0, NULL) == CF_OK);
    while ((x->end = cf_jsonrec_next(r, &obj, &d)) == CF_OK) {
        const cf_jsonval_t *v = cf_jsonmap_values(m, NULL);

        if (cf_jsonmap_read(m, obj.text, obj.len, obj.behind, &why) != CF_OK) {
            cf_jsonrec_broken(r, 0, why.text);
        } else if (v->type != 0) {
            if (cf_jsonrec_skip(r))
                continue;
            x->account.rows_read++;
            CU_ASSERT_FATAL(cf_buf_putf(&x->out, "%.*s ", (int)v->len, v->text) == CF_OK);
        } else if (!cf_jsonrec_enter(r)) {
            CU_ASSERT_FATAL(cf_buf_puts(&x->out, "? ") == CF_OK);
        }
    }
    CU_ASSERT(x->end >= 0 || d.text[0] != '\0');
    snprintf(x->why, sizeof x->why, "%s", d.text);
    if (cf_jsonrec_cursor(r, &x->cursor, &d) != CF_OK)
        x->cursor.offset = UINT64_MAX;
    cf_jsonrec_close(r);
    cf_jsonmap_close(m);
}

static void run_text(run_t *x, const char *text, size_t n, size_t chunk)
{
    cf_input_t *in = NULL;

    begin(x);
    x->end = chunk == 0 ? cf_input_open_memory(&in, "t", text, n, CF_INPUT_RAW, NULL)
                        : cfi_input_open_chunked(&in, "t", text, n, chunk, CF_INPUT_RAW, NULL);
    CU_ASSERT_FATAL(x->end == CF_OK);
    frame(x, in, 0, 0);
    cf_input_close(in);
}

/* want: values, then the end, then rejected rows. */
static void expect(const char *text, const char *want, int end, unsigned rejected)
{
    static const size_t chunks[] = { 0, 1, 2, 3, 7, 64, 1000 };

    for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
        run_t x;
        size_t n = strlen(text);
        char *copy = malloc(n + 1);    /* exact, so that a look beyond is noticed */

        memcpy(copy, text, n);
        run_text(&x, copy, n, chunks[i]);
        if (strcmp(x.out.data, want) != 0 || x.end != end ||
            cf_account_rejected(&x.account) != rejected)
            printf("# %s\n#   chunk %zu: %s, end %d (%s), rejected %u: %s\n", text, chunks[i],
                   x.out.data, x.end, x.why, (unsigned)cf_account_rejected(&x.account),
                   x.rejects.first[0].reason);
        CFUNIT_STR(x.out.data, want);
        CFUNIT_INT(x.end, end);
        CFUNIT_INT(cf_account_rejected(&x.account), rejected);
        cf_buf_fini(&x.out);
        free(copy);
    }
}

static void test_shapes(void)
{
    expect("{\"r\":1}\n{\"r\":2}\n", "1 2 ", CF_EOF, 0);
    expect("{\"r\":1}\r\n\r\n{\"r\":2}", "1 2 ", CF_EOF, 0);
    expect("\xef\xbb\xbf{\"r\":1}{\"r\":2} {\"r\":3},\n{\"r\":4}", "1 2 3 4 ", CF_EOF, 0);
    expect("[{\"r\":1},{\"r\":2}]", "1 2 ", CF_EOF, 0);
    expect("[]\n[\n  {\n    \"r\": 1\n  },\n  {\n    \"r\": 2\n  }\n]\n", "1 2 ", CF_EOF, 0);
    expect("{\"records\":[{\"r\":1},{\"r\":2}]}", "1 2 ", CF_EOF, 0);
    expect("{\"a\":{\"r\":[1]},\"entries\":[{\"r\":1}],\"next\":\"x]}\",\"n\":[{}]}{\"r\":9}",
           "1 9 ", CF_EOF, 0);
    expect("{\"records\":[{\"r\":1}],\"x\":5,\"entries\":[{\"r\":2}]}\n{\"r\":3}", "1 2 3 ", CF_EOF,
           0);
    expect("[{\"records\":[{\"r\":1},{\"r\":2}]},{\"records\":[]},{\"r\":3}]", "1 2 3 ", CF_EOF, 0);
    expect("[[{\"r\":1}],[{\"r\":2}]]", "1 2 ", CF_EOF, 0);
    expect("{\"body\":{\"x\":1,\"records\":[{\"r\":1},{\"r\":2}],\"y\":2},\"z\":3}{\"r\":4}", "1 2 4 ",
           CF_EOF, 0);
    expect("{\"q\":1}{\"r\":\"\\\"}{\"}", "? \"}{ ", CF_EOF, 0);
}

static void test_text(void)
{
    expect("Query: x=\"y\"\nWhat [0] is:\n{\n \"r\": 1\n}\n\n{\"r\":2}", "1 2 ", CF_EOF, 0);
    expect("<14>Jan 1 host app[3]: {\"r\":1}\n<14>Jan 1 host: {\"r\":2}\n", "1 2 ", CF_EOF, 0);
    expect("{\"r\":1}\nrubbish\n{\"r\":2}\n", "1 2 ", CF_EOF, 1);
    expect("nothing here\nat all", "", CF_E_FORMAT, 0);
    expect("", "", CF_EOF, 0);
    expect("\n \n", "", CF_EOF, 0);
}

static void test_wrapped(void)
{
    expect("{\"_raw\":\"{\\\"r\\\":1}\",\"message\":\"{\\\"r\\\":7}\"}\n", "1 ", CF_EOF, 0);
    expect("{\"message\":\"text\",\"event\":{\"original\":\"{\\\"r\\\":1}\"}}", "1 ", CF_EOF, 0);
    expect("{\"event.original\":\"{\\\"r\\\":1}\\n{\\\"r\\\":2}\"}{\"r\":3}", "1 2 3 ", CF_EOF, 0);
    expect("{\"event\":{\"r\":1}}{\"event\":{\"body\":{\"r\":2}}}", "1 2 ", CF_EOF, 0);
    expect("{\"message\":{\"data\":\"eyJyIjoxfQ==\",\"attributes\":{}},\"subscription\":\"s\"}",
           "1 ", CF_EOF, 0);
    expect("{\"records\":[{\"recordId\":1,\"data\":\"eyJyIjoxfQo\"},{\"data\":\"eyJyIjoyfQ\"}]}",
           "1 2 ", CF_EOF, 0);
    expect("{\"data\":\"eyJyIjox\"}{\"r\":2}", "2 ", CF_EOF, 1);
    expect("{\"data\":\"!!\"}{\"r\":2}", "? 2 ", CF_EOF, 0);
    expect("{\"data\":\"aGVsbG8=\"}{\"r\":2}", "2 ", CF_EOF, 1);
    expect("[\"{\\\"r\\\":1}\",{\"r\":2}]", "1 2 ", CF_EOF, 0);
    expect("[\"x\",{\"r\":2},7,null]", "2 ", CF_EOF, 3);
    /* {"r":1} and {"r":2}, gzip, base64 */
    expect("{\"data\":\"H4sIAAAAAAACA6tWKlKyMqzlqgbRRrVcAOSpy4YQAAAA\"}", "1 2 ", CF_EOF, 0);
}

static void test_broken(void)
{
    expect("{\"r\":1}\n{\"r\":nope}\n{\"r\":3}\n", "1 3 ", CF_EOF, 1);
    expect("{\"r\":1}\n{\"r\":\"x}\n{\"r\":3}\n", "1 3 ", CF_EOF, 1);
    expect("{\"r\":1}\n{\"r\":{\n{\"r\":3}\n", "1 3 ", CF_EOF, 1);
    expect("[{\"r\":1},{\"r\":nope},{\"r\":3}]", "1 3 ", CF_EOF, 1);
    expect("[{\"r\":1},{\"r\":\"x},{\"r\":3},{\"r\":4}]", "1 3 4 ", CF_EOF, 1);
    expect("[{\"r\":1},{\"r\":{\"x\":2},{\"r\":3},{\"r\":4}]", "1 3 4 ", CF_EOF, 1);
    expect("{\"records\":[{\"r\":1},{\"r\" 2},{\"r\":3}],\"z\":1}\n{\"r\":4}", "1 3 4 ", CF_EOF, 1);
    expect("{\"records\":[{\"r\":1},{\"r\":2}\n{\"r\":3}", "1 2 3 ", CF_EOF, 1);
    expect("[\n  {\n    \"r\": 1\n  },\n  {\n    \"r\": x\n  },\n  {\n    \"r\": 3\n  }\n]\n", "1 3 ",
           CF_EOF, 1);
    expect("{\"r\":1,}{\"r\":2}", "2 ", CF_EOF, 1);
    expect("{bad}\n{\"r\":2}", "2 ", CF_EOF, 1);
    expect("[{bad},{\"r\":2}]", "2 ", CF_EOF, 1);
}

static void test_cut(void)
{
    expect("{\"r\":1}\n{\"r\":2", "1 ", CF_E_TRUNC, 0);
    expect("[{\"r\":1},{\"r\":2}", "1 2 ", CF_E_TRUNC, 0);
    expect("[{\"r\":1},{\"r\":\"", "1 ", CF_E_TRUNC, 0);
    expect("{\"records\":[{\"r\":1}],\"x\":\"y", "1 ", CF_E_TRUNC, 0);
    expect("{\"records\":[{\"r\":1}],\"x\":[[", "1 ", CF_E_TRUNC, 0);
    expect("{\"records\":[", "", CF_E_TRUNC, 0);
    expect("{", "", CF_E_TRUNC, 0);
}

/* A record that is too long is passed over, be it ever so long. */
static void test_long(void)
{
    size_t n = 9u << 20;
    char *text = malloc(n);
    cf_input_t *in = NULL;
    run_t x;

    memset(text, 'x', n);
    memcpy(text, "{\"r\":1}{\"r\":\"", 13);
    memcpy(text + n - 10, "\"}{\"r\":3}\n", 10);
    begin(&x);
    CU_ASSERT_FATAL(cfi_input_open_chunked(&in, "t", text, n, 100000, CF_INPUT_RAW, NULL) == CF_OK);
    frame(&x, in, 1u << 20, 0);
    CFUNIT_STR(x.out.data, "1 3 ");
    CFUNIT_INT(x.account.rejected[CF_R_FIELDS - CF_R_LONG], 1);
    CFUNIT_INT(x.rejects.first[0].offset, 7);
    cf_input_close(in);
    cf_buf_fini(&x.out);
    free(text);
}

/* A document cut anywhere, its cursor, and the grown document from there on: every row once. */
static void grown(const char *whole)
{
    size_t n = strlen(whole);
    run_t all;

    run_text(&all, whole, n, 0);
    for (size_t cut = 1; cut < n; cut++) {
        run_t first, second;
        cf_input_t *in = NULL;
        cf_cursor_t c;
        char *rest = malloc(n + 1);
        size_t m, at;

        run_text(&first, whole, cut, 0);
        c = first.cursor;
        CU_ASSERT_FATAL(c.offset <= cut && c.head + c.head_len <= c.offset);
        memcpy(rest, whole + c.head, c.head_len);
        at = c.offset;
        if (c.comma) {
            while (at < n && cfi_json_blank(whole[at]))
                at++;
            at += at < n && whole[at] == ',';
        }
        m = c.head_len + n - at;
        memcpy(rest + c.head_len, whole + at, n - at);
        begin(&second);
        CU_ASSERT_FATAL(cf_input_open_memory(&in, "t", rest, m, CF_INPUT_RAW, NULL) == CF_OK);
        frame(&second, in, 0, c.skip);
        CU_ASSERT_FATAL(cf_buf_put(&first.out, second.out.data, second.out.len) == CF_OK);
        if (strcmp(first.out.data, all.out.data) != 0)
            printf("# cut at %zu, offset %u head %u skip %u: %s (all: %s)\n", cut,
                   (unsigned)c.offset, c.head_len, (unsigned)c.skip, first.out.data, all.out.data);
        CFUNIT_STR(first.out.data, all.out.data);
        cf_input_close(in);
        cf_buf_fini(&first.out);
        cf_buf_fini(&second.out);
        free(rest);
    }
    cf_buf_fini(&all.out);
}

static void test_cursor(void)
{
    grown("{\"r\":1}\n{\"r\":2}\n{\"r\":3}");
    grown("[{\"r\":1}, {\"r\":2} ,{\"r\":3}]");
    grown("{\"a\":1,\"records\":[{\"r\":1},{\"r\":2}],\"b\":2}");
    grown("[{\"r\":1},{\"records\":[{\"r\":2},{\"r\":3}]},{\"r\":4}]");
    grown("{\"r\":1}\n{\"records\":[{\"r\":2},{\"r\":3}]}\n{\"r\":4}");
}

/* Both ways of counting brackets, against counting byte by byte. */
static void test_brace(void)
{
    static const char bytes[] = "{}[]\"\\\\\"ab,:\n";
    uint32_t x = 99;

    for (unsigned round = 0; round < 20000; round++) {
        char text[200];
        size_t n = 1 + round % 199, len[2] = { 0, 0 }, i, want = 0;
        int rc[2], expected = CF_EOF;
        bool string = false, escaped = false;
        unsigned depth = 0;

        text[0] = '{';
        for (i = 1; i < n; i++) {
            x = x * 1664525u + 1013904223u;
            text[i] = bytes[(x >> 16) % (sizeof bytes - 1)];
        }
        for (i = 0; i < n && expected == CF_EOF; i++) {
            char c = text[i];

            if (c == '"' && !escaped)
                string = !string;
            else if (string && c == '\n')
                expected = CF_R_SYNTAX;
            else if (!string && (c == '{' || c == '['))
                depth++;
            else if (!string && (c == '}' || c == ']') && --depth == 0)
                expected = CF_OK;
            escaped = c == '\\' && !escaped;
            want = expected == CF_R_SYNTAX ? i : i + 1;
        }
        for (int k = 0; k < 2; k++) {
            cfi_brace_t b = { 0 };
            cfi_brace_fn fn = k == 1 && cfi_json_wide() ? cfi_brace_avx2 : cfi_brace_plain;

            rc[k] = CF_EOF;
            for (i = 1 + round % 70; rc[k] == CF_EOF && i < n; i += 1 + round % 70)
                rc[k] = fn(&b, text, i, &len[k]);
            if (rc[k] == CF_EOF)
                rc[k] = fn(&b, text, n, &len[k]);
            CFUNIT_INT(rc[k], expected);
            if (expected != CF_EOF)
                CFUNIT_INT(len[k], want);
        }
    }
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_shapes), CFUNIT(test_text), CFUNIT(test_wrapped), CFUNIT(test_broken),
    CFUNIT(test_cut), CFUNIT(test_long), CFUNIT(test_cursor), CFUNIT(test_brace),
    { NULL, NULL }
};

CFUNIT_MAIN("jsonrec", tests)
