/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values by path: what a walk finds and what it refuses is what jansson finds and refuses, with and
 * without edges from earlier objects, by both walks, however many bytes may be read behind. Values'
 * meanings.
 */
#include "cfunit.h"

#include <jansson.h>

#include <cf/value.h>

#include "json/map.h"

enum { A, B, C, D, TAGS, SLOTS };

static const cf_jsonpath_t paths[] = {
    { "a", A }, { "x.b", B }, { "x.y.c", C }, { "list.1.d", D }, { "tags{}", TAGS }, { "b", B },
    { NULL, 0 }
};

static cf_jsonmap_t *make(uint32_t extra, bool wide)
{
    cf_jsonmap_t *m = NULL;

    if (!wide)
        setenv("CF_PORTABLE", "1", 1);
    CU_ASSERT_FATAL(cf_jsonmap_open(&m, paths, SLOTS, extra, NULL) == CF_OK);
    unsetenv("CF_PORTABLE");
    return m;
}

/* "a=1 x.b=\"t\" +other.path=…" of one object. */
static void show(cf_jsonmap_t *m, const char *text, size_t n, size_t behind, cf_buf_t *out)
{
    cf_diag_t d = CF_DIAG_INIT;
    const cf_jsonval_t *v;
    uint32_t slots;
    int rc = cf_jsonmap_read(m, text, n, behind, &d);

    out->len = 0;
    CU_ASSERT_FATAL(cf_buf_puts(out, "") == CF_OK);
    if (rc != CF_OK) {
        CU_ASSERT_FATAL(cf_buf_putf(out, "%d at %u: %s", rc, (unsigned)d.offset, d.text) == CF_OK);
        return;
    }
    v = cf_jsonmap_values(m, &slots);
    for (uint32_t i = 0; i < slots; i++) {
        if (v[i].type != 0)
            CU_ASSERT_FATAL(cf_buf_putf(out, "%s%s=%.*s%s", out->len > 0 ? " " : "",
                                        cf_jsonmap_path(m, i), (int)v[i].len, v[i].text,
                                        v[i].type == CF_JSON_STRING ? "'" : "") == CF_OK);
    }
    if (cf_jsonmap_dropped(m) > 0)
        CU_ASSERT_FATAL(cf_buf_putf(out, " (%u)", cf_jsonmap_dropped(m)) == CF_OK);
}

static void expect(const char *text, const char *want)
{
    cf_buf_t out;

    cf_buf_init(&out, 1u << 20);
    for (int wide = 0; wide < 2; wide++) {
        cf_jsonmap_t *m = make(2, wide != 0);

        for (size_t behind = 0; behind < 80; behind += 39) {
            /* its own memory, so that a look beyond it is noticed */
            char *copy = malloc(strlen(text) + behind + 1);

            memset(copy, '}', strlen(text) + behind);
            memcpy(copy, text, strlen(text));
            show(m, copy, strlen(text), behind, &out);
            CFUNIT_STR(out.data, want);
            show(m, copy, strlen(text), behind, &out);
            CFUNIT_STR(out.data, want);
            free(copy);
        }
        cf_jsonmap_close(m);
    }
    cf_buf_fini(&out);
}

static void test_values(void)
{
    expect("{\"a\":1,\"x\":{\"b\":\"t\",\"y\":{\"c\":null}}}", "a=1 x.b=t' x.y.c=null");
    expect("{}", "");
    expect(" ", "-72 at 0: JSON: object expected");
    expect("{ }  \n", "");
    expect("{\"a\":true , \"a\" : false}", "a=false");
    expect("{\"list\":[{\"d\":1},{\"d\":2},{\"d\":3}]}", "list.1.d=2 list.0.d=1 list.2.d=3");
    expect("{\"tags\":{\"k\":[1,2]},\"a\":-0.5e3}", "a=-0.5e3 tags={\"k\":[1,2]}");
    expect("{\"tags\":\"q\\\"\",\"a\":[]}", "a=[] tags=q\"'");
    expect("{\"x.b\":1}", "x.b=1");
    expect("{\"p\":1,\"q\":2,\"r\":3,\"s\":{}}", "p=1 q=2 (2)");
    expect("{\"a\":\"\\u00e9\\n\\ud83d\\ude00\",\"x\":{\"b\":\"\\\\\"}}",
           "a=\xc3\xa9\n\xf0\x9f\x98\x80' x.b=\\'");
    expect("{\"\\u0061\":7}", "a=7");
    expect("{\"a\":\"a string that is longer than any register of this machine, twice as long\"}",
           "a=a string that is longer than any register of this machine, twice as long'");
}

static void test_refused(void)
{
    expect("{\"a\":1}x", "-72 at 7: JSON: something follows the object");
    expect("{\"a\":1", "-72 at 6: JSON: object ends inside of a value");
    expect("{\"a\":1\"}", "-72 at 6: JSON: comma or end of the container expected");
    expect("{\"a\":[]\"}", "-72 at 7: JSON: comma or end of the container expected");
    expect("{\"a\":01}", "-72 at 5: JSON: value expected");
    expect("{\"a\":1,}", "-72 at 7: JSON: key expected");
    expect("{\"a\":[1,]}", "-72 at 8: JSON: value expected");
    expect("{\"a\" 1}", "-72 at 5: JSON: colon expected");
    expect("{\"a\":\"\xff\"}", "-72 at 7: JSON: string is not UTF-8");
    expect("{\"a\":\"\\x\"}", "-72 at 6: JSON: wrong escape in a string");
    expect("{\"a\":\"\t\"}", "-72 at 6: JSON: control character inside of a string");
    expect("{\"x\":{\"b\":2]}", "-72 at 11: JSON: comma or end of the container expected");
    expect("[1]", "-72 at 0: JSON: object expected");
}

static void test_depth(void)
{
    char text[700];
    cf_jsonmap_t *m = make(0, true);
    size_t n = 5;

    memcpy(text, "{\"k\":", 5);
    memset(text + n, '[', 200);
    CFUNIT_INT(cf_jsonmap_read(m, text, n + 200, 0, NULL), CF_R_SYNTAX);
    memset(text + n, '[', 120);
    memset(text + n + 120, ']', 120);
    text[n + 240] = '}';
    CFUNIT_INT(cf_jsonmap_read(m, text, n + 241, 0, NULL), CF_OK);
    cf_jsonmap_close(m);
}

/* The same bytes before different things: what an earlier object had is no more than a guess. */
static void test_guesses(void)
{
    static const char *const texts[] = {
        "{\"list\":[ 1]}", "{\"list\":[ ]}", "{\"list\":[ \"x\"]}", "{\"list\":[ {}]}",
        "{\"tags\": 1}", "{\"tags\": {\"k\":2}}", "{\"tags\": \"t\"}", "{\"tags\":  3}",
        "{\"a\": 1}", "{\"a\": \"s\"}", "{\"a\": []}", "{\"a\": [[]]}", "{\"a\": {\"q\":null}}",
    };

    for (int wide = 0; wide < 2; wide++) {
        cf_jsonmap_t *m = make(4, wide != 0);

        for (size_t i = 0; i < 3 * sizeof texts / sizeof texts[0]; i++) {
            const char *text = texts[i * 7 % (sizeof texts / sizeof texts[0])];

            CFUNIT_INT(cf_jsonmap_read(m, text, strlen(text), 0, NULL), CF_OK);
        }
        cf_jsonmap_close(m);
    }
}

/* Keys without end, in one object and in many: known paths are found all the same. */
static void test_many_keys(void)
{
    cf_jsonmap_t *m = make(100, true);
    const cf_jsonval_t *v;
    cf_buf_t text;
    uint32_t n;

    cf_buf_init(&text, 8u << 20);
    for (unsigned round = 0; round < 3; round++) {
        text.len = 0;
        CU_ASSERT_FATAL(cf_buf_puts(&text, "{") == CF_OK);
        for (unsigned i = 0; i < 20000; i++)
            CU_ASSERT_FATAL(cf_buf_putf(&text, "\"k%u\":{\"z\":[%u]},", i + round * 7, i) == CF_OK);
        CU_ASSERT_FATAL(cf_buf_puts(&text, "\"x\":{\"y\":{\"c\":5}},\"a\":\"w\"}") == CF_OK);
        CFUNIT_INT(cf_jsonmap_read(m, text.data, text.len, 0, NULL), CF_OK);
        v = cf_jsonmap_values(m, &n);
        CFUNIT_INT(n, SLOTS + 100);
        CU_ASSERT(v[A].type == CF_JSON_STRING && v[C].type == CF_JSON_NUMBER);
        CFUNIT_INT(cf_jsonmap_dropped(m) + 100, round == 0 ? 20000 : 20000 + 7 * round);
    }
    for (unsigned i = 0; i < 50000; i++) {
        text.len = 0;
        CU_ASSERT_FATAL(cf_buf_putf(&text, "{\"key %u\":1,\"a\":%u}", i, i) == CF_OK);
        CFUNIT_INT(cf_jsonmap_read(m, text.data, text.len, 0, NULL), CF_OK);
        v = cf_jsonmap_values(m, NULL);
        CU_ASSERT(v[A].type == CF_JSON_NUMBER);
    }
    cf_buf_fini(&text);
    cf_jsonmap_close(m);
}

/* ---- jansson ------------------------------------------------------------------------------- */

static void leaf(json_t *j, const cf_jsonval_t *v, const char *what)
{
    bool good = true;

    if (json_is_string(j))
        good = v->type == CF_JSON_STRING && v->len == json_string_length(j) &&
               memcmp(v->text, json_string_value(j), v->len) == 0;
    else if (json_is_integer(j))
        good = v->type == CF_JSON_NUMBER && strtoll(v->text, NULL, 10) == json_integer_value(j);
    else if (json_is_null(j))
        good = v->type == CF_JSON_NULL;
    else if (json_is_boolean(j))
        good = v->type == (json_is_true(j) ? CF_JSON_TRUE : CF_JSON_FALSE);
    if (!good)
        printf("# %s: type %u '%.*s'\n", what, v->type, (int)v->len, v->text);
    CU_ASSERT(good);
}

/* Changed forms of an object, between good ones that keep the edges warm. */
static void test_oracle(void)
{
    static const char seed[] = "{\"a\":12,\"x\":{\"b\":\"t\\u00e9\",\"y\":{\"c\":true}},\"list\":"
                               "[{\"d\":\"z\"}, {\"d\" : null }],\"tags\":{\"\xc3\xa9\":[1]}}";
    static const char bytes[] = "{}[]\",:\\01.eE+-tfnu \n\x01\xff\xc3x";
    cf_jsonmap_t *m[2] = { make(8, false), make(8, true) };
    uint32_t x = 815, good_ones = 0;

    for (uint32_t round = 0; round < 40000; round++) {
        char text[sizeof seed];
        json_error_t error;
        json_t *oracle;
        bool overflow;

        memcpy(text, seed, sizeof seed);
        for (uint32_t i = 0; i < round % 4; i++) {
            x = x * 1664525u + 1013904223u;
            text[(x >> 8) % (sizeof seed - 1)] = bytes[(x >> 20) % (sizeof bytes - 1)];
        }
        oracle = json_loadb(text, sizeof seed - 1, JSON_ALLOW_NUL, &error);
        overflow = oracle == NULL && json_error_code(&error) == json_error_numeric_overflow;
        if (oracle != NULL && !json_is_object(oracle)) {
            json_decref(oracle);
            oracle = NULL;
        }
        for (int k = 0; k < 2; k++) {
            int rc = cf_jsonmap_read(m[k], text, sizeof seed - 1, 0, NULL);
            const cf_jsonval_t *v = cf_jsonmap_values(m[k], NULL);

            if ((rc == CF_OK) != (oracle != NULL) && !overflow) {
                printf("# %.*s: %d, jansson: %s\n", (int)sizeof seed - 1, text, rc, error.text);
                CU_FAIL("map and jansson differ");
            }
            if (rc == CF_OK && oracle != NULL) {
                json_t *o = json_object_get(oracle, "a"), *y = json_object_get(oracle, "x");

                good_ones++;
                if (o != NULL)
                    leaf(o, &v[A], text);
                o = json_object_get(json_object_get(y, "y"), "c");
                if (o != NULL)
                    leaf(o, &v[C], text);
                o = json_object_get(json_array_get(json_object_get(oracle, "list"), 1), "d");
                if (o != NULL)
                    leaf(o, &v[D], text);
            }
        }
        json_decref(oracle);
    }
    CU_ASSERT(good_ones > 20000);
    cf_jsonmap_close(m[0]);
    cf_jsonmap_close(m[1]);
}

/* ---- meanings ------------------------------------------------------------------------------ */

static cf_jsonval_t value(const char *text, uint32_t type)
{
    cf_jsonval_t v = { text, (uint32_t)strlen(text), type };

    return v;
}

static void number(const char *text, int rc, uint64_t want)
{
    for (int type = CF_JSON_STRING; type <= CF_JSON_NUMBER; type++) {
        cf_jsonval_t v = value(text, (uint32_t)type);
        uint64_t n = 0;

        CFUNIT_INT(cf_jsonval_uint(&v, UINT64_MAX, &n), rc);
        if (rc == CF_OK)
            CFUNIT_INT(n, want);
    }
}

static void test_numbers(void)
{
    cf_jsonval_t v = value("70000", CF_JSON_NUMBER);
    uint64_t n;
    int64_t ns = 0;

    number("1440", CF_OK, 1440);
    number("1440.0", CF_OK, 1440);
    number("1.44e3", CF_OK, 1440);
    number("1440000e-3", CF_OK, 1440);
    number("0", CF_OK, 0);
    number("-0", CF_OK, 0);
    number("0e99", CF_OK, 0);
    number("18446744073709551615", CF_OK, UINT64_MAX);
    number("18446744073709551616", CF_R_RANGE, 0);
    number("1e99", CF_R_RANGE, 0);
    number("1440.5", CF_R_NUMBER, 0);
    number("1e-1", CF_R_NUMBER, 0);
    number("-1", CF_R_NUMBER, 0);
    number("", CF_R_NUMBER, 0);
    number("12x", CF_R_NUMBER, 0);
    number("0x10", CF_R_NUMBER, 0);
    CFUNIT_INT(cf_jsonval_uint(&v, 65535, &n), CF_R_RANGE);
    v = value("0.25", CF_JSON_NUMBER);
    CFUNIT_INT(cf_jsonval_scaled(&v, 6, &ns), CF_OK);
    CFUNIT_INT(ns, 250000);
    v = value("31", CF_JSON_STRING);
    CFUNIT_INT(cf_jsonval_scaled(&v, 6, &ns), CF_OK);
    CFUNIT_INT(ns, 31000000);
    v = value("1.9999999999", CF_JSON_NUMBER);
    CFUNIT_INT(cf_jsonval_scaled(&v, 6, &ns), CF_OK);
    CFUNIT_INT(ns, 1999999);
    v = value("true", CF_JSON_TRUE);
    CFUNIT_INT(cf_jsonval_uint(&v, 1, &n), CF_R_NUMBER);
}

static void test_times(void)
{
    cf_jsonval_t v = value("2019-06-14T03:45:37.301953198Z", CF_JSON_STRING);
    int64_t ns = 0, other = 1;
    bool b;

    CFUNIT_INT(cf_jsonval_time(&v, &ns), CF_OK);
    CFUNIT_INT(ns % CF_NS_PER_SEC, 301953198);
    v = value("2019-06-14 05:45:37.301953198 UTC", CF_JSON_STRING);
    CFUNIT_INT(cf_jsonval_time(&v, &other), CF_OK);
    CFUNIT_INT(other - ns, 7200 * CF_NS_PER_SEC);
    v = value("2019-06-14T05:45:37.301953198+02:00", CF_JSON_STRING);
    CFUNIT_INT(cf_jsonval_time(&v, &other), CF_OK);
    CFUNIT_INT(other, ns);
    v = value("2019-06-14T03:45:37.3019531981Z", CF_JSON_STRING);
    CFUNIT_INT(cf_jsonval_time(&v, &other), CF_R_TIME);
    v = value("never", CF_JSON_STRING);
    CFUNIT_INT(cf_jsonval_time(&v, &other), CF_R_TIME);
    v = value("False", CF_JSON_STRING);
    CU_ASSERT(cf_jsonval_bool(&v, &b) == CF_OK && !b);
    v = value("true", CF_JSON_TRUE);
    CU_ASSERT(cf_jsonval_bool(&v, &b) == CF_OK && b);
    v = value("1", CF_JSON_NUMBER);
    CFUNIT_INT(cf_jsonval_bool(&v, &b), CF_R_ENUM);
}

static void test_usage(void)
{
    static const cf_jsonpath_t twice[] = { { "a", 0 }, { "a", 1 }, { NULL, 0 } };
    static const cf_jsonpath_t beyond[] = { { "a", 5 }, { NULL, 0 } };
    cf_jsonmap_t *m = NULL;

    CFUNIT_INT(cf_jsonmap_open(&m, twice, 2, 0, NULL), CF_E_USAGE);
    CFUNIT_INT(cf_jsonmap_open(&m, beyond, 2, 0, NULL), CF_E_USAGE);
    CU_ASSERT(m == NULL);
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_values), CFUNIT(test_refused), CFUNIT(test_depth), CFUNIT(test_guesses),
    CFUNIT(test_many_keys),
    CFUNIT(test_oracle), CFUNIT(test_numbers), CFUNIT(test_times), CFUNIT(test_usage),
    { NULL, NULL }
};

CFUNIT_MAIN("jsonmap", tests)
