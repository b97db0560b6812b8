/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of values: what is taken, what is refused, and that printing and parsing agree.
 */
#include <cf/value.h>

#include "cfunit.h"

static cf_addr_t addr(const char *s)
{
    cf_addr_t a = { 0, 0 };

    CU_ASSERT_EQUAL(cf_addr_parse(s, strlen(s), &a), CF_OK);
    return a;
}

static void addr_prints(const char *in, const char *out)
{
    char text[CF_ADDR_TEXT + 1];

    text[cf_addr_print(text, addr(in))] = '\0';
    CFUNIT_STR(text, out);
}

static void test_addr_good(void)
{
    addr_prints("10.0.0.1", "10.0.0.1");
    addr_prints("255.255.255.255", "255.255.255.255");
    addr_prints("0.0.0.0", "0.0.0.0");
    addr_prints("::", "::");
    addr_prints("::1", "::1");
    addr_prints("1::", "1::");
    addr_prints("2001:DB8:0:0:8:800:200c:417a", "2001:db8::8:800:200c:417a");
    addr_prints("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
    addr_prints("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");
    addr_prints("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
    addr_prints("::ffff:192.0.2.7", "192.0.2.7");
    addr_prints("64:ff9b::192.0.2.33", "64:ff9b::c000:221");
    addr_prints("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0");
    addr_prints("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

static void test_addr_bad(void)
{
    static const char *const bad[] = {
        "", "-", "10", "10.0.0", "10.0.0.256", "10.0.0.1.", "10.0.0.01", "10.0.0.1 ", ".1.2.3", "1..2.3",
        "10.0.0.1.2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", ":1", "1:", ":::", "1::2::3", "12345::", "g::",
        "1:2:3:4:5:6:7:8::", "::1.2.3", "::1.2.3.256", "1:2:3:4:5:6:7:1.2.3.4", "fe80::1%eth0", "::/0",
        "1:2:3:4:5:6:7:8:", "1000.0.0.1",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cf_addr_t a;

        if (cf_addr_parse(bad[i], strlen(bad[i]), &a) != CF_R_ADDR)
            printf("# taken: \"%s\"\n", bad[i]);
        CU_ASSERT_EQUAL(cf_addr_parse(bad[i], strlen(bad[i]), &a), CF_R_ADDR);
    }
}

static void prefix_prints(const char *in, const char *out)
{
    char text[CF_ADDR_TEXT + 5];
    cf_prefix_t p;

    if (out == NULL) {
        CFUNIT_INT(cf_prefix_parse(in, strlen(in), &p), CF_R_ADDR);
        return;
    }
    CU_ASSERT_EQUAL_FATAL(cf_prefix_parse(in, strlen(in), &p), CF_OK);
    text[cf_prefix_print(text, p)] = '\0';
    CFUNIT_STR(text, out);
}

static void test_prefix(void)
{
    cf_prefix_t ten = { cf_addr_v4(10u << 24), 104 }, all = { { 0, 0 }, 0 };

    prefix_prints("10.0.0.0/8", "10.0.0.0/8");
    prefix_prints("0.0.0.0/0", "0.0.0.0/0");
    prefix_prints("10.1.2.3", "10.1.2.3");
    prefix_prints("10.1.2.3/32", "10.1.2.3");
    prefix_prints("2001:db8::/32", "2001:db8::/32");
    prefix_prints("::/0", "::/0");
    prefix_prints("10.0.0.1/8", NULL);
    prefix_prints("10.0.0.0/33", NULL);
    prefix_prints("2001:db8::/129", NULL);
    prefix_prints("10.0.0.0/", NULL);
    CU_ASSERT(cf_prefix_contains(ten, addr("10.255.0.1")));
    CU_ASSERT(!cf_prefix_contains(ten, addr("11.0.0.1")));
    CU_ASSERT(!cf_prefix_contains(ten, addr("2001:db8::1")));
    CU_ASSERT(cf_prefix_contains(all, addr("2001:db8::1")));
}

static void time_is(const char *in, int64_t want, int64_t span)
{
    int64_t ns = 0, end = 0;

    CFUNIT_INT(cf_time_parse_span(in, strlen(in), &ns, &end), CF_OK);
    CFUNIT_INT(ns, want);
    CFUNIT_INT(end - ns, span);
}

static void test_time_parse(void)
{
    const int64_t s = CF_NS_PER_SEC, day = 86400 * s;
    static const char *const bad[] = {
        "", "-", "2026-13-01", "2026-02-29", "2026-01-01T24", "2026-01-01T10:60", "2026-01-01Tx",
        "2026-01-01T10:00:00.", "2026-01-01T10:00:00+25:00", "2026-1-1", "12a", "99999999999999999999",
        "2026-01-01T10:00:00.1234567890", "1.", "-5", "2026-01/01",
    };
    int64_t ns;

    time_is("1970-01-01", 0, day);
    time_is("2000-02-29", 951782400 * s, day);
    time_is("2026-11-23T10", 1795428000 * s, 3600 * s);
    time_is("2026-11-23T10:15", 1795428900 * s, 60 * s);
    time_is("2026-11-23T10:15:30Z", 1795428930 * s, s);
    time_is("2026-11-23 10:15:30", 1795428930 * s, s);
    time_is("2026/11/23:10:15:30.250", 1795428930 * s + 250000000, 1000000);
    time_is("2026-11-23T10:15:30.123456789Z", 1795428930 * s + 123456789, 1);
    time_is("2026-11-23T12:15:30+02:00", 1795428930 * s, s);
    time_is("2026-11-23T05:15:30-0500", 1795428930 * s, s);
    time_is("1795428930", 1795428930 * s, s);
    time_is("1795428930.5", 1795428930 * s + 500000000, 100000000);
    time_is("1795428930123", 1795428930 * s + 123000000, 1000000);
    time_is("1795428930123456", 1795428930 * s + 123456000, 1000);
    time_is("1795428930123456789", 1795428930 * s + 123456789, 1);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CFUNIT_INT(cf_time_parse(bad[i], strlen(bad[i]), &ns), CF_R_TIME);
}

static void test_time_round_trip(void)
{
    static const int64_t times[] = {
        0, 1, -1, -CF_NS_PER_SEC, 1795428930123456789, 951782399999999999, 4102444800000000000, INT64_MIN / 2,
    };

    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        char text[CF_TIME_TEXT + 1];
        size_t n = cf_time_print(text, times[i]);
        int64_t back = 0;

        CU_ASSERT(n <= CF_TIME_TEXT);
        CFUNIT_INT(cf_time_parse(text, n, &back), CF_OK);
        CFUNIT_INT(back, times[i]);
    }
}

static void duration_is(const char *in, int64_t want)
{
    int64_t ns = -1;

    CFUNIT_INT(cf_duration_parse(in, strlen(in), &ns), want < 0 ? CF_R_TIME : CF_OK);
    CFUNIT_INT(ns, want < 0 ? -1 : want);
}

static void test_duration(void)
{
    const int64_t s = CF_NS_PER_SEC;
    char text[CF_DURATION_TEXT + 1];

    duration_is("0", 0);
    duration_is("90s", 90 * s);
    duration_is("5m", 300 * s);
    duration_is("1h30m", 5400 * s);
    duration_is("250ms", s / 4);
    duration_is("0.25", s / 4);
    duration_is("1.5h", 5400 * s);
    duration_is("2d", 172800 * s);
    duration_is("", -1);
    duration_is("5x", -1);
    duration_is("1h30", -1);
    duration_is("-5s", -1);
    duration_is("999999999999h", -1);
    text[cf_duration_print(text, s / 4)] = '\0';
    CFUNIT_STR(text, "0.250");
    text[cf_duration_print(text, -90 * s)] = '\0';
    CFUNIT_STR(text, "-90");
}

static void test_numbers(void)
{
    static const uint64_t values[] = { 0, 9, 10, 99, 100, 12345, 1000000, UINT64_MAX };
    uint64_t v = 0;

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char text[20];
        size_t n = cf_uint_print(text, values[i]);

        CFUNIT_INT(cf_uint_parse(text, n, UINT64_MAX, &v), CF_OK);
        CU_ASSERT_EQUAL(v, values[i]);
    }
    CFUNIT_INT(cf_uint_parse("18446744073709551616", 20, UINT64_MAX, &v), CF_R_RANGE);
    CFUNIT_INT(cf_uint_parse("1844674407370955161x", 20, UINT64_MAX, &v), CF_R_NUMBER);
    CFUNIT_INT(cf_uint_parse("70000", 5, 65535, &v), CF_R_RANGE);
    CFUNIT_INT(cf_uint_parse("+1", 2, 10, &v), CF_R_NUMBER);
    CFUNIT_INT(cf_uint_parse("", 0, 10, &v), CF_R_NUMBER);
    CFUNIT_INT(cf_size_parse("10M", 3, &v), CF_OK);
    CU_ASSERT_EQUAL(v, 10000000);
    CFUNIT_INT(cf_size_parse("4Ki", 3, &v), CF_OK);
    CU_ASSERT_EQUAL(v, 4096);
    CFUNIT_INT(cf_size_parse("20000000T", 9, &v), CF_R_RANGE);
    CFUNIT_INT(cf_size_parse("1X", 2, &v), CF_R_NUMBER);
}

static void test_flags(void)
{
    char text[17];
    uint16_t f = 0;

    CFUNIT_INT(cf_flags_parse("SA", 2, &f), CF_OK);
    CFUNIT_INT(f, 18);
    CFUNIT_INT(cf_flags_parse("18", 2, &f), CF_OK);
    CFUNIT_INT(f, 18);
    CFUNIT_INT(cf_flags_parse("-", 1, &f), CF_OK);
    CFUNIT_INT(f, 0);
    CFUNIT_INT(cf_flags_parse("SX", 2, &f), CF_R_ENUM);
    text[cf_flags_print(text, 18)] = '\0';
    CFUNIT_STR(text, "SA");
    text[cf_flags_print(text, 0)] = '\0';
    CFUNIT_STR(text, "-");
    text[cf_flags_print(text, 0x1ff)] = '\0';
    CFUNIT_STR(text, "FSRPAUECN");
    text[cf_flags_print(text, 0x201)] = '\0';
    CFUNIT_STR(text, "513");
}

static void test_names(void)
{
    uint8_t proto = 0;
    uint16_t port = 0;

    CFUNIT_INT(cf_proto_parse("TCP", 3, &proto), CF_OK);
    CFUNIT_INT(proto, 6);
    CFUNIT_INT(cf_proto_parse("icmpv6", 6, &proto), CF_OK);
    CFUNIT_INT(proto, 58);
    CFUNIT_INT(cf_proto_parse("256", 3, &proto), CF_R_RANGE);
    CFUNIT_INT(cf_proto_parse("nope", 4, &proto), CF_R_ENUM);
    CFUNIT_STR(cf_proto_name(17), "udp");
    CFUNIT_INT(cf_port_parse("https", 5, &port), CF_OK);
    CFUNIT_INT(port, 443);
    CFUNIT_INT(cf_port_parse("65536", 5, &port), CF_R_RANGE);
    CFUNIT_STR(cf_port_name(22), "ssh");
}

static const cfunit_test_t tests[] = {
    CFUNIT(test_addr_good), CFUNIT(test_addr_bad), CFUNIT(test_prefix), CFUNIT(test_time_parse),
    CFUNIT(test_time_round_trip), CFUNIT(test_duration), CFUNIT(test_numbers), CFUNIT(test_flags),
    CFUNIT(test_names), { NULL, NULL },
};

CFUNIT_MAIN("value", tests)
