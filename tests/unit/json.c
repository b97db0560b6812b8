/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokenizer: what is JSON and what is not, as jansson sees it too; texts and places of tokens;
 * the same tokens whatever the size of the pieces; values one behind the other; going on after
 * broken ones.
 */
#include "cfunit.h"

#include <inttypes.h>

#include "json_oracle.h"

/* Tokens as text: "{ k:a s:b } ", then how it ended. */
static void tokens(const char *text, size_t n, size_t chunk, cf_buf_t *out)
{
    static const char *const marks[] = { "", "{", "}", "[", "]", "k:", "s:", "n:", "true", "false",
                                         "null" };
    cf_input_t *in = NULL;
    cf_json_t *j = NULL;
    cf_json_token_t t;
    cf_diag_t d = CF_DIAG_INIT;
    int rc;

    out->len = 0;
    CU_ASSERT_FATAL(cfi_input_open_chunked(&in, "t", text, n, chunk, CF_INPUT_RAW, NULL) == CF_OK);
    CU_ASSERT_FATAL(cf_json_open(&j, in, NULL) == CF_OK);
    while ((rc = cf_json_next(j, &t, &d)) == CF_OK) {
        CU_ASSERT_FATAL(cf_buf_puts(out, marks[t.type]) == CF_OK);
        if (t.type >= CF_JSON_KEY && t.type <= CF_JSON_NUMBER)
            CU_ASSERT_FATAL(cf_buf_put(out, t.text, t.len) == CF_OK);
        CU_ASSERT_FATAL(cf_buf_puts(out, " ") == CF_OK);
        CU_ASSERT(t.offset < n);
    }
    if (rc != CF_EOF)
        CU_ASSERT_FATAL(cf_buf_putf(out, "error %d at %" PRIu64, rc, d.offset) == CF_OK);
    cf_json_close(j);
    cf_input_close(in);
}

static void expect(const char *text, const char *want)
{
    cf_buf_t out;
    size_t chunk;

    cf_buf_init(&out, 1u << 20);
    for (chunk = 0; chunk < 10; chunk++) {
        tokens(text, strlen(text), chunk, &out);
        CFUNIT_STR(out.data, want);
    }
    cf_buf_fini(&out);
}

static void test_tokens(void)
{
    expect("{\"a\":1,\"b\":[true,false,null,\"x\"],\"c\":{}}",
           "{ k:a n:1 k:b [ true false null s:x ] k:c { } } ");
    expect(" [ ] ", "[ ] ");
    expect("\"top\"", "s:top ");
    expect("-0.5e+10", "n:-0.5e+10 ");
    expect("{\"a\":1}{\"a\":2}\n{\"a\":3}[1][]true",
           "{ k:a n:1 } { k:a n:2 } { k:a n:3 } [ n:1 ] [ ] true ");
    expect("\"a\\n\\t\\\"\\\\\\/\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"",
           "s:a\n\t\"\\/A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 ");
    expect("\"\xc3\xa9\xf0\x9f\x98\x80\"", "s:\xc3\xa9\xf0\x9f\x98\x80 ");
    expect("\"\"", "s: ");
    expect("\"\\\\\"", "s:\\ ");
}

static void test_broken(void)
{
    expect("{\"a\" 1}", "{ k:a error -72 at 5");
    expect("{\"a\":1,}", "{ k:a n:1 error -72 at 7");
    expect("[1 2]", "[ n:1 error -72 at 3");
    expect("[1,]", "[ n:1 error -72 at 3");
    expect("{1:2}", "{ error -72 at 1");
    expect("}", "error -72 at 0");
    expect("[01]", "[ error -72 at 1");
    expect("[1.]", "[ error -72 at 1");
    expect("[nul]", "[ error -72 at 1");
    expect("[\"a\x01\"]", "[ error -72 at 3");
    expect("[\"\\x\"]", "[ error -72 at 5");
    expect("[\"\\ud800\"]", "[ error -72 at 9");
    expect("[\"\xff\"]", "[ error -72 at 4");
    expect("[\"\xc0\x80\"]", "[ error -72 at 5");
    expect("[\"\xed\xa0\x80\"]", "[ error -72 at 6");
    expect("{\"a\":", "{ k:a error -4 at 5");
    expect("[\"abc", "[ error -4 at 1");
}

static void test_depth(void)
{
    char text[600];
    cf_buf_t out;

    cf_buf_init(&out, 1u << 20);
    memset(text, '[', sizeof text);
    memset(text + CF_JSON_DEPTH_MAX, ']', CF_JSON_DEPTH_MAX);
    tokens(text, 2 * CF_JSON_DEPTH_MAX, 0, &out);
    CU_ASSERT(strstr(out.data, "error") == NULL);
    memset(text, '[', sizeof text);
    tokens(text, sizeof text, 0, &out);
    CU_ASSERT(strstr(out.data, "error -72 at 128") != NULL);
    cf_buf_fini(&out);
}

static void test_long_string(void)
{
    size_t n = 2u << 20;
    char *text = malloc(n + 3);
    cf_buf_t out;

    cf_buf_init(&out, 4u << 20);
    memset(text, 'x', n + 2);
    text[0] = text[n + 1] = '"';
    tokens(text, n + 2, 0, &out);
    CFUNIT_INT(out.len, n + 3);
    tokens(text, n + 2, 100000, &out);
    CFUNIT_INT(out.len, n + 3);
    cf_buf_fini(&out);
    free(text);
}

static void test_skip(void)
{
    static const char text[] = "{\"a\":{\"b\":[1,{\"c\":2}]},\"d\":\"e\",\"f\":7}[1,[2],3]8";
    cf_input_t *in = NULL;
    cf_json_t *j = NULL;
    cf_json_token_t t;

    CFUNIT_INT(cf_input_open_memory(&in, "t", text, sizeof text - 1, 0, NULL), CF_OK);
    CFUNIT_INT(cf_json_open(&j, in, NULL), CF_OK);
    CFUNIT_INT(cf_json_next(j, &t, NULL), CF_OK);
    CFUNIT_INT(cf_json_next(j, &t, NULL), CF_OK);
    CFUNIT_INT(t.type, CF_JSON_KEY);
    CFUNIT_INT(cf_json_skip(j, &t, NULL), CF_OK);
    CFUNIT_INT(cf_json_next(j, &t, NULL), CF_OK);
    CU_ASSERT(t.type == CF_JSON_KEY && t.text[0] == 'd' && t.depth == 1);
    CFUNIT_INT(cf_json_skip(j, &t, NULL), CF_OK);
    CFUNIT_INT(cf_json_next(j, &t, NULL), CF_OK);
    CU_ASSERT(t.type == CF_JSON_KEY && t.text[0] == 'f');
    CFUNIT_INT(cf_json_next(j, &t, NULL), CF_OK);
    CFUNIT_INT(cf_json_next(j, &t, NULL), CF_OK);
    CU_ASSERT(t.type == CF_JSON_OBJECT_END && t.depth == 0);
    CFUNIT_INT(cf_json_next(j, &t, NULL), CF_OK);
    CFUNIT_INT(t.type, CF_JSON_ARRAY);
    CFUNIT_INT(cf_json_skip(j, &t, NULL), CF_OK);
    CFUNIT_INT(cf_json_next(j, &t, NULL), CF_OK);
    CU_ASSERT(t.type == CF_JSON_NUMBER && t.text[0] == '8');
    CFUNIT_INT(cf_json_next(j, &t, NULL), CF_EOF);
    cf_json_close(j);
    cf_input_close(in);
}

static void test_resync(void)
{
    static const char text[] = "{\"a\":1}\n{\"a\":nope}\n  {\"indented\":1}\n\r\n{\"b\":2}\n"
        "rubbish";
    size_t chunk;

    for (chunk = 0; chunk < 9; chunk++) {
        cf_input_t *in = NULL;
        cf_json_t *j = NULL;
        cf_json_token_t t;
        cf_diag_t d = CF_DIAG_INIT;
        uint64_t skipped;
        int i;

        CFUNIT_INT(cfi_input_open_chunked(&in, "t", text, sizeof text - 1, chunk, 0, NULL), CF_OK);
        CFUNIT_INT(cf_json_open(&j, in, NULL), CF_OK);
        for (i = 0; i < 6; i++)
            CFUNIT_INT(cf_json_next(j, &t, &d), CF_OK);
        CFUNIT_INT(cf_json_next(j, &t, &d), CF_R_SYNTAX);
        CFUNIT_INT(d.offset, 13);
        CFUNIT_INT(cf_json_next(j, &t, &d), CF_R_SYNTAX);
        CFUNIT_INT(cf_json_resync(j, &skipped, &d), CF_OK);
        CFUNIT_INT(cf_json_next(j, &t, &d), CF_OK);
        CU_ASSERT(t.type == CF_JSON_OBJECT && t.depth == 0);
        CFUNIT_INT(cf_json_next(j, &t, &d), CF_OK);
        CU_ASSERT(t.text[0] == 'b');
        CFUNIT_INT(cf_json_next(j, &t, &d), CF_OK);
        CFUNIT_INT(cf_json_next(j, &t, &d), CF_OK);
        CFUNIT_INT(cf_json_next(j, &t, &d), CF_R_SYNTAX);
        CFUNIT_INT(cf_json_resync(j, NULL, &d), CF_EOF);
        cf_json_close(j);
        cf_input_close(in);
    }
}

/* Behind broken JSON in one line: on at the next object that begins like a record. */
static void expect_resync(const char *text, const char *want)
{
    static const cf_json_anchor_t anchors[] = { { "time", 2 }, { "line", 0 }, { NULL, 0 } };
    static const char *const marks[] = { "", "{", "}", "[", "]", "k:", "s:", "n:", "true", "false",
                                         "null" };
    size_t chunk;
    cf_buf_t out;

    cf_buf_init(&out, 1u << 20);
    for (chunk = 0; chunk < 12; chunk++) {
        cf_input_t *in = NULL;
        cf_json_t *j = NULL;
        cf_json_token_t t;
        int rc;

        out.len = 0;
        CU_ASSERT_FATAL(cfi_input_open_chunked(&in, "t", text, strlen(text), chunk, 0,
                                               NULL) == CF_OK);
        CU_ASSERT_FATAL(cf_json_open(&j, in, NULL) == CF_OK);
        for (;;) {
            rc = cf_json_next(j, &t, NULL);
            if (rc == CF_R_SYNTAX) {
                CU_ASSERT(cf_buf_puts(&out, "! ") == CF_OK);
                rc = cf_json_resync_object(j, anchors, NULL, NULL);
                if (rc == CF_OK)
                    continue;
            }
            if (rc != CF_OK)
                break;
            CU_ASSERT_FATAL(cf_buf_puts(&out, marks[t.type]) == CF_OK);
            if (t.type >= CF_JSON_KEY && t.type <= CF_JSON_NUMBER)
                CU_ASSERT_FATAL(cf_buf_put(&out, t.text, t.len) == CF_OK);
            CU_ASSERT_FATAL(cf_buf_puts(&out, " ") == CF_OK);
        }
        CU_ASSERT_FATAL(cf_buf_puts(&out, rc == CF_EOF ? "eof" : "trunc") == CF_OK);
        CFUNIT_STR(out.data, want);
        cf_json_close(j);
        cf_input_close(in);
    }
    cf_buf_fini(&out);
}

static void test_resync_object(void)
{
    /* The array goes on, and its end is the document's. */
    expect_resync("{\"r\":[{\"time\":1,\"x\":{\"y\":nope}},{\"time\":2},{\"time\":3}]}",
                  "{ k:r [ { k:time n:1 k:x { k:y ! { k:time n:2 } { k:time n:3 } ] } eof");
    /* A missing quote takes the next key along, but not the next record. */
    expect_resync("{\"r\":[{\"time\":\"1}, {\"time\":\"2\"}]}",
                  "{ k:r [ { k:time s:1}, { ! { k:time s:2 } ] } eof");
    /* A missing comma; blanks within the mark. */
    expect_resync("{\"r\":[{\"time\":1} { \"time\" : 2}]}",
                  "{ k:r [ { k:time n:1 } ! { k:time n:2 } ] } eof");
    /* Other keys, keys with escapes and keys in strings are no marks. */
    expect_resync("{\"r\":[{\"time\":1,,{\"other\":2},\"{\\\"time\\\":3}\",{\"tim\\u0065\":4}]}",
                  "{ k:r [ { k:time n:1 ! eof");
    /* An anchor at the top: what was open is forgotten. */
    expect_resync("{\"r\":[{\"time\":1]{\"line\":2}{\"line\":3}",
                  "{ k:r [ { k:time n:1 ! { k:line n:2 } { k:line n:3 } eof");
    /* The end that is missing is noticed. */
    expect_resync("{\"r\":[{\"time\":1},#{\"time\":2}", "{ k:r [ { k:time n:1 } ! { k:time n:2 } trunc");
    /* The array was closed too early, and goes on. */
    expect_resync("{\"r\":[{\"time\":1}]},{\"time\":2}]}",
                  "{ k:r [ { k:time n:1 } ] } ! { k:time n:2 } ] } eof");
}

/* Elements taken from the bytes themselves. */
static void test_raw(void)
{
    static const char text[] = "{\"a\":[ \"x\",\"y\" , \"z\",{\"b\":[]}, 1],\"c\":2}";
    size_t chunk;

    for (chunk = 0; chunk < 9; chunk++) {
        cf_input_t *in = NULL;
        cf_json_t *j = NULL;
        cf_json_token_t t;
        const char *p;
        int i;

        CFUNIT_INT(cfi_input_open_chunked(&in, "t", text, sizeof text - 1, chunk, 0, NULL), CF_OK);
        CFUNIT_INT(cf_json_open(&j, in, NULL), CF_OK);
        CFUNIT_INT(cf_json_raw(j, 10, &p), 0);
        for (i = 0; i < 2; i++)
            CFUNIT_INT(cf_json_next(j, &t, NULL), CF_OK);
        CFUNIT_INT(cf_json_raw(j, 10, &p), 0);         /* in an object */
        CFUNIT_INT(cf_json_next(j, &t, NULL), CF_OK);
        CFUNIT_INT(t.type, CF_JSON_ARRAY);
        CU_ASSERT_FATAL(cf_json_raw(j, 10, &p) >= 7);
        CU_ASSERT(memcmp(p, "\"x\",\"y\"", 7) == 0);
        cf_json_took(j, 7);
        CFUNIT_INT(cf_json_offset(j), 14);
        CU_ASSERT_FATAL(cf_json_raw(j, 4, &p) >= 4);
        CU_ASSERT(memcmp(p, "\"z\",", 4) == 0);
        cf_json_took(j, 0);
        CFUNIT_INT(cf_json_next(j, &t, NULL), CF_OK);
        CU_ASSERT(t.type == CF_JSON_STRING && t.len == 1 && t.text[0] == 'z');
        for (i = 0; i < 3; i++)
            CFUNIT_INT(cf_json_next(j, &t, NULL), CF_OK);
        CFUNIT_INT(t.type, CF_JSON_ARRAY);
        CU_ASSERT_FATAL(cf_json_raw(j, 1, &p) >= 1);
        CU_ASSERT(p[0] == ']');
        for (i = 0; i < 2; i++)
            CFUNIT_INT(cf_json_next(j, &t, NULL), CF_OK);
        CU_ASSERT_FATAL(cf_json_raw(j, 2, &p) >= 2);
        CU_ASSERT(memcmp(p, "1]", 2) == 0);
        cf_json_took(j, 1);
        CFUNIT_INT(cf_json_next(j, &t, NULL), CF_OK);
        CFUNIT_INT(t.type, CF_JSON_ARRAY_END);
        CFUNIT_INT(cf_json_next(j, &t, NULL), CF_OK);
        CU_ASSERT(t.type == CF_JSON_KEY && t.text[0] == 'c');
        for (i = 0; i < 2; i++)
            CFUNIT_INT(cf_json_next(j, &t, NULL), CF_OK);
        CFUNIT_INT(cf_json_next(j, &t, NULL), CF_EOF);
        cf_json_close(j);
        CFUNIT_INT(cf_input_offset(in), sizeof text - 1);
        cf_input_close(in);
    }
}

/* The ways of scanning agree, whatever stands where. */
static void test_scan(void)
{
    static const char bytes[] = "\"\\\x01\x1f\x20\x7f\x80\xff";
    char text[128];
    size_t n, at, k;

    for (n = 0; n < 100; n++) {
        for (at = 0; at <= n; at++) {
            for (k = 0; k < 8; k++) {
                bool plain = true, other = true;
                size_t want;

                memset(text, 'x', sizeof text);
                text[at] = bytes[k];
                text[(at * 7 + k) % (n + 1)] = bytes[(at + k) % 8];
                want = cfi_json_scan_plain(text, n / 5, n, &plain);
#if defined(__x86_64__)
                CU_ASSERT(cfi_json_scan_sse2(text, n / 5, n, &other) == want && other == plain);
                other = true;
                if (__builtin_cpu_supports("avx2"))
                    CU_ASSERT(cfi_json_scan_avx2(text, n / 5, n, &other) == want &&
                              (other == plain));
#else
                CU_ASSERT(cfi_json_scanner()(text, n / 5, n, &other) == want);
#endif
            }
        }
    }
}

/* What jansson says about texts that are easy to get wrong (json_oracle.h tells the differences). */
static void test_edges(void)
{
    static const char *const texts[] = {
        "0", "-0", "-", "00", "1.", ".5", "1e5", "1e", "1E+2", "1e-400", "1e400", "+1",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "0x10", "Infinity",
        "NaN", "true", "True", "tru", "truer", "null", "[1,2,]", "[,]", "{,}", "{\"a\"}",
        "{\"a\":}", "{\"a\":1,\"a\":2}", "{\"\":0}", "\"\\u0000\"", "{\"\\u0000\":1}", "\"\\u00\"",
        "\"\\ud83d\"", "\"\\ud83d\\ude00\"", "\"\\ude00\"", "\"\\ud83d\\u0041\"", "\"\\/\"",
        "\"\\v\"", "\"\x7f\"", "\"\t\"", "\"\xc2\x80\"", "\"\xc1\xbf\"", "\"\xe0\x80\x80\"",
        "\"\xe0\xa0\x80\"", "\"\xed\x9f\xbf\"", "\"\xed\xa0\x80\"", "\"\xf0\x8f\xbf\xbf\"",
        "\"\xf4\x8f\xbf\xbf\"", "\"\xf4\x90\x80\x80\"", "\"\xf8\x88\x80\x80\x80\"", "\"\xe2\x82\"",
        "\xef\xbb\xbf{}", "{}\xef\xbb\xbf", "[] []", "1 2", "\"a\"\"b\"", "'a'", "[1]]", "{]", "[}",
        "/* */1", "[1//\n]", "\v1", "\f1", "\xc2\xa0" "1", "\"\\u00e9\xc3\xa9\"", "",
    };
    size_t i, chunk;

    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (chunk = 0; chunk < 3; chunk++) {
            const char *differs = oracle_differs(texts[i], strlen(texts[i]), chunk);

            if (differs != NULL)
                printf("# %s: %s\n", texts[i], differs);
            CU_ASSERT(differs == NULL);
        }
    }
}

/* Changed forms of a document: the tokenizer and jansson agree on what is JSON, and what it says. */
static void test_oracle(void)
{
    static const char seed[] = "{\"k\":[1,-2.5e3,true,false,null,\"a\\u00e9\\n\xc3\xa9\","
                               "{\"x\":{}},[]],\"m\":\"2 1 eni\"}";
    static const char bytes[] = "{}[]\",:\\01.eE+-tfnu \n\x01\xff\xc3x";
    uint32_t x = 4711, round, i;

    for (round = 0; round < 30000; round++) {
        char text[sizeof seed];
        const char *differs;

        memcpy(text, seed, sizeof seed);
        for (i = 0; i < round % 3 + 1; i++) {
            x = x * 1664525u + 1013904223u;
            text[(x >> 8) % (sizeof seed - 1)] = bytes[(x >> 20) % (sizeof bytes - 1)];
        }
        differs = oracle_differs(text, sizeof seed - 1, round % 5);
        if (differs != NULL) {
            printf("# %.*s: %s\n", (int)sizeof seed - 1, text, differs);
            CU_FAIL("tokenizer and jansson differ");
        }
    }
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_tokens), CFUNIT(test_broken), CFUNIT(test_depth), CFUNIT(test_long_string),
            CFUNIT(test_skip),
    CFUNIT(test_resync), CFUNIT(test_resync_object), CFUNIT(test_raw), CFUNIT(test_scan),
    CFUNIT(test_edges), CFUNIT(test_oracle),
    { NULL, NULL }
};

CFUNIT_MAIN("json", tests)
