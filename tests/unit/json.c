/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokenizer: what is JSON and what is not, as jansson sees it too; texts and places of tokens;
 * the same tokens whatever the size of the pieces; values one behind the other; going on after
 * broken ones.
 */
#include "cfunit.h"

#include <inttypes.h>
#include <jansson.h>

#include "input/layer.h"
#include "json/json.h"

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

/* Changed forms of a document: the tokenizer and jansson agree on what is JSON. */
static void test_oracle(void)
{
    static const char seed[] = "{\"k\":[1,-2.5e3,true,false,null,\"a\\u00e9\\n\xc3\xa9\","
                               "{\"x\":{}},[]],\"m\":\"2 1 eni\"}";
    static const char bytes[] = "{}[]\",:\\01.eE+-tfnu \n\x01\xff\xc3x";
    uint32_t x = 4711, round;
    cf_buf_t out;

    cf_buf_init(&out, 1u << 20);
    for (round = 0; round < 30000; round++) {
        char text[sizeof seed];
        json_error_t error;
        json_t *oracle;
        uint32_t i, changes;
        bool good, zero;

        memcpy(text, seed, sizeof seed);
        changes = round % 3 + 1;
        for (i = 0; i < changes; i++) {
            x = x * 1664525u + 1013904223u;
            text[(x >> 8) % (sizeof seed - 1)] = bytes[(x >> 20) % (sizeof bytes - 1)];
        }
        oracle = json_loadb(text, sizeof seed - 1, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
        tokens(text, sizeof seed - 1, round % 5, &out);
        good = strstr(out.data, "error") == NULL;
        /* jansson wants one value, and numbers that fit a double. */
        zero = oracle == NULL && (json_error_code(&error) == json_error_end_of_input_expected ||
                                  json_error_code(&error) == json_error_numeric_overflow);
        if (good != (oracle != NULL) && !zero) {
            printf("# %.*s: %s, jansson: %s\n", (int)sizeof seed - 1, text, out.data,
                   oracle != NULL ? "good" : error.text);
            CU_FAIL("tokenizer and jansson differ");
        }
        json_decref(oracle);
    }
    cf_buf_fini(&out);
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_tokens), CFUNIT(test_broken), CFUNIT(test_depth), CFUNIT(test_long_string),
            CFUNIT(test_skip),
    CFUNIT(test_resync), CFUNIT(test_oracle),
    { NULL, NULL }
};

CFUNIT_MAIN("json", tests)
