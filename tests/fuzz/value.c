/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parsers and printers of values: whatever text is accepted, its printed form fits its bound, is
 * accepted again and means the same.
 */
#include <cf/value.h>

#include "fuzz.h"

static void
addresses(const char *s, size_t n)
{
    char text[CF_ADDR_TEXT + 8];
    cf_prefix_t p, q;
    cf_addr_t a, b;
    uint32_t v4, w4;
    size_t len;

    if (cf_addr_parse(s, n, &a) == CF_OK) {
        len = cf_addr_print(text, a);
        FUZZ_CHECK(len <= CF_ADDR_TEXT);
        FUZZ_CHECK(cf_addr_parse(text, len, &b) == CF_OK && cf_addr_cmp(a, b) == 0);
    }
    if (cf_v4_parse(s, n, &v4) == CF_OK) {
        len = cf_v4_print(text, v4);
        FUZZ_CHECK(cf_v4_parse(text, len, &w4) == CF_OK && v4 == w4);
        FUZZ_CHECK(cf_addr_parse(s, n, &a) == CF_OK && cf_addr_cmp(a, cf_addr_v4(v4)) == 0);
    }
    if (cf_prefix_parse(s, n, &p) == CF_OK) {
        len = cf_prefix_print(text, p);
        FUZZ_CHECK(len <= sizeof(text));
        FUZZ_CHECK(cf_prefix_parse(text, len, &q) == CF_OK);
        FUZZ_CHECK(p.len == q.len && cf_addr_cmp(p.addr, q.addr) == 0);
        FUZZ_CHECK(cf_prefix_contains(p, p.addr));
    }
}

static void
times(const char *s, size_t n)
{
    char text[CF_TIME_TEXT + CF_DURATION_TEXT];
    int64_t t, u, end;
    size_t len;

    if (cf_time_parse(s, n, &t) == CF_OK) {
        len = cf_time_print(text, t);
        FUZZ_CHECK(len <= CF_TIME_TEXT);
        FUZZ_CHECK(cf_time_parse(text, len, &u) == CF_OK && t == u);
    }
    if (cf_time_parse_span(s, n, &t, &end) == CF_OK)
        FUZZ_CHECK(t < end);
    if (cf_duration_parse(s, n, &t) == CF_OK) {
        len = cf_duration_print(text, t);
        FUZZ_CHECK(len <= CF_DURATION_TEXT);
        FUZZ_CHECK(cf_duration_parse(text, len, &u) == CF_OK && t == u);
    }
}

static void
numbers(const char *s, size_t n)
{
    char text[32];
    uint64_t v, w;
    uint16_t f, g;
    uint8_t proto;
    size_t len;

    if (cf_uint_parse(s, n, UINT64_MAX, &v) == CF_OK) {
        len = cf_uint_print(text, v);
        FUZZ_CHECK(len <= 20);
        FUZZ_CHECK(cf_uint_parse(text, len, UINT64_MAX, &w) == CF_OK && v == w);
        FUZZ_CHECK(cf_size_parse(s, n, &w) == CF_OK && v == w);
    }
    if (cf_flags_parse(s, n, &f) == CF_OK) {
        len = cf_flags_print(text, f);
        FUZZ_CHECK(len <= 16);
        FUZZ_CHECK(cf_flags_parse(text, len, &g) == CF_OK);
    }
    (void)cf_proto_parse(s, n, &proto);
    (void)cf_port_parse(s, n, &f);
    (void)cf_size_parse(s, n, &v);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const char *s = (const char *)bytes;

    addresses(s, n);
    times(s, n);
    numbers(s, n);
    return 0;
}
