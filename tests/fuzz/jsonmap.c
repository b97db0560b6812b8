/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values by path of any bytes: jansson agrees whether they are an object, and about the values at
 * a few paths; a second walk, over edges that the first one made, finds the same.
 */
#include <string.h>

#include <jansson.h>

#include <cf/jsonmap.h>

#include "fuzz.h"

enum { A, B, C, SLOTS };

static const cf_jsonpath_t paths[] = {
    { "a", A }, { "x.b", B }, { "l.1", C }, { "whole{}", A }, { NULL, 0 }
};

static cf_jsonmap_t *warm;         /* keeps its edges from input to input */

static uint64_t
sum(const cf_jsonmap_t *m)
{
    uint32_t n;
    const cf_jsonval_t *v = cf_jsonmap_values(m, &n);
    uint64_t h = 0;

    for (uint32_t i = 0; i < SLOTS; i++) {
        h = (h ^ v[i].type) * UINT64_C(0x9e3779b97f4a7c15);
        for (uint32_t k = 0; v[i].type != 0 && k < v[i].len; k++)
            h = (h ^ (unsigned char)v[i].text[k]) * 31;
    }
    for (uint32_t i = SLOTS; i < n; i++)
        FUZZ_CHECK(v[i].type == 0 || cf_jsonmap_path(m, i) != NULL);
    return h;
}

static bool
says_same(json_t *j, const cf_jsonval_t *v)
{
    if (json_is_string(j))
        return v->type == CF_JSON_STRING && v->len == json_string_length(j) &&
            memcmp(v->text, json_string_value(j), v->len) == 0;
    if (json_is_null(j))
        return v->type == CF_JSON_NULL;
    return !json_is_number(j) || v->type == CF_JSON_NUMBER;
}

/* Only where no key comes twice: joined objects are no matter for jansson. */
static void
compare(const char *text, size_t n, const cf_jsonmap_t *m)
{
    json_t *o = json_loadb(text, n, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
    const cf_jsonval_t *v = cf_jsonmap_values(m, NULL);
    json_t *x = json_object_get(o, "x"), *l = json_object_get(o, "l");

    /* "x.b" as one key is the same path */
    if (json_object_get(o, "x.b") == NULL && json_object_get(x, "b") != NULL)
        FUZZ_CHECK(says_same(json_object_get(x, "b"), &v[B]));
    if (json_object_get(o, "l.1") == NULL && json_object_get(l, "1") == NULL &&
        json_array_get(l, 1) != NULL)
        FUZZ_CHECK(says_same(json_array_get(l, 1), &v[C]));
    json_decref(o);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char *text = malloc(n > 0 ? n : 1); /* exact: a look behind it is noticed */
    cf_jsonmap_t *m = NULL;
    cf_diag_t d = CF_DIAG_INIT;
    json_error_t error;
    json_t *oracle;
    int rc, warm_rc;

    if (text == NULL || (warm == NULL && cf_jsonmap_open(&warm, paths, SLOTS, 3, NULL) != CF_OK) ||
        cf_jsonmap_open(&m, paths, SLOTS, 3, NULL) != CF_OK)
        goto done;
    memcpy(text, bytes, n);
    rc = cf_jsonmap_read(m, text, n, 0, &d);
    if (rc != CF_OK && (rc != CF_R_SYNTAX || !d.has_offset || d.offset > n))
        fprintf(stderr, "%d %s at %zu of %zu\n", rc, d.text, (size_t)d.offset, n);
    FUZZ_CHECK(rc == CF_OK || (rc == CF_R_SYNTAX && d.has_offset && d.offset <= n));
    warm_rc = cf_jsonmap_read(warm, text, n, 0, &d);
    if (warm_rc != rc)
        fprintf(stderr, "%d, warm %d: %s at %zu\n", rc, warm_rc, d.text, (size_t)d.offset);
    FUZZ_CHECK(warm_rc == rc);
    FUZZ_CHECK(sum(m) == sum(warm));
    FUZZ_CHECK(cf_jsonmap_read(m, text, n, 0, NULL) == rc && sum(m) == sum(warm));
    /* Blanks before the object are ours to refuse; jansson takes a zero byte for one. */
    if (n == 0 || text[0] != '{' || memchr(text, '\0', n) != NULL)
        goto done;
    oracle = json_loadb(text, n, JSON_ALLOW_NUL, &error);
    /* it wants numbers that fit, and stops at another depth */
    if ((oracle != NULL) != (rc == CF_OK) &&
        json_error_code(&error) != json_error_numeric_overflow && strstr(d.text, "deep") == NULL &&
        json_error_code(&error) != json_error_stack_overflow) {
        fprintf(stderr, "%d %s; jansson: %s\n", rc, d.text, error.text);
        FUZZ_CHECK(!"the same as jansson");
    }
    if (rc == CF_OK)
        compare(text, n, m);
    json_decref(oracle);
done:
    cf_jsonmap_close(m);
    free(text);
    return 0;
}
