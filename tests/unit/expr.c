/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The language of expressions: what a text means (by its canonical form), what is refused and where
 * the caret stands, patterns, windows of time. That the engine computes what a tree means is
 * expr_run.c.
 */
#include "cfunit.h"

#include "expr/expr.h"

static const cf_expr_env_t env = { NULL, NULL, INT64_C(1795428900) * CF_NS_PER_SEC };

/* Canonical text of an expression, or "COLUMN: message" when it is refused. */
static const char *
meaning(const char *text)
{
    static char out[4096];
    cf_diag_t d = CF_DIAG_INIT;
    cf_expr_t *e = NULL;
    cf_buf_t b;

    cf_buf_init(&b, 1u << 20);
    if (cf_expr_parse(&e, text, &env, &d) != CF_OK) {
        snprintf(out, sizeof out, "%u: %s", (unsigned)d.column, d.text);
    } else {
        CFUNIT_INT(cf_expr_print(e, &b), CF_OK);
        snprintf(out, sizeof out, "%s", b.data);
    }
    cf_expr_destroy(e);
    cf_buf_fini(&b);
    return out;
}

/* The canonical text is a fixed point. */
#define MEANS(text, wanted) \
    do { \
        char again_[4096]; \
        CFUNIT_STR(meaning(text), (wanted)); \
        snprintf(again_, sizeof again_, "%s", meaning(text)); \
        CFUNIT_STR(meaning(again_), again_); \
    } while (0)
#define REFUSED(text, wanted) CFUNIT_STR(meaning(text), (wanted))

static void
test_numbers(void)
{
    MEANS("dport == 443", "(dport == 443)");
    MEANS("dport=https", "(dport == 443)");
    MEANS("DstPort != 443", "(dport != 443)");
    MEANS("dport <> 443", "(dport != 443)");
    MEANS("dport in 1000..2000", "(dport in 1000..2000)");
    MEANS("dport in 1000-2000", "(dport in 1000..2000)");
    MEANS("dport == 1000-", "(dport in 1000..)");
    MEANS("dport in ..1023", "(dport in ..1023)");
    MEANS("dport in {80,443, 8000-8080}", "(dport in {80, 443, 8000..8080})");
    MEANS("dport in [80 443]", "(dport in {80, 443})");
    MEANS("dport in (80,443,)", "(dport in {80, 443})");
    MEANS("dport in 80, 443,8000- and proto == 6",
          "((dport in {80, 443, 8000..}) and (proto == 6))");
    REFUSED("dport in 80,", "13: a value is missing here");
    MEANS("dport not in {80}", "(dport not in {80})");
    MEANS("proto == tcp", "(proto == 6)");
    MEANS("proto == ipv6-icmp", "(proto == 58)");
    MEANS("bytes > 10M", "(bytes > 10000000)");
    MEANS("bytes >= 4Ki", "(bytes >= 4096)");
    REFUSED("dport == 70000", "10: '70000' is above the largest value of dport, 65535");
    REFUSED("dport == htps", "10: dport takes a port number or service name, not 'htps'");
    REFUSED("bytes > lots", "9: bytes takes a number such as 1500, 10k or 4Mi, not 'lots'");
    REFUSED("bytes > -1", "9: bytes takes a number such as 1500, 10k or 4Mi, not '-1'");
    REFUSED("dport in 20..10", "10: range runs backwards");
    REFUSED("dport in {}", "10: list is empty");
    REFUSED("dport in {80", "10: list is not closed by '}'");
    REFUSED("dport ~ 'x'",
            "7: dport is of kind uint and takes ==, !=, <, <=, >, >=, in and is null");
}

static void
test_addresses(void)
{
    MEANS("sip == 10.0.0.0/8", "(sip == 10.0.0.0/8)");
    MEANS("sip in {10.0.0.0/8, 2001:db8::/32,::1}", "(sip in {10.0.0.0/8, 2001:db8::/32, ::1})");
    MEANS("sip in 10.0.0.1-10.0.0.9", "(sip in 10.0.0.1..10.0.0.9)");
    MEANS("sip in 10.0.0.0..10.255.255.255", "(sip in 10.0.0.0/8)");
    MEANS("sip == dip", "(sip == dip)");
    MEANS("any.ip in 10.0.0.0/8", "((sip in 10.0.0.0/8) or (dip in 10.0.0.0/8))");
    MEANS("ip != 10.0.0.0/8", "((sip != 10.0.0.0/8) and (dip != 10.0.0.0/8))");
    MEANS("not ip == 1.2.3.4", "((sip != 1.2.3.4) and (dip != 1.2.3.4))");
    MEANS("port == 53", "((sport == 53) or (dport == 53))");
    REFUSED("sip == 10.1.0.0/8",
            "8: '10.1.0.0/8' has bits set behind its prefix length; write 10.0.0.0/8");
    REFUSED("sip == host", "8: sip takes an address or prefix such as 10.0.0.0/8, not 'host'");
    REFUSED("sip == sport", "8: sip is of kind addr and sport of kind uint: they do not compare");
}

static void
test_times(void)
{
    MEANS("stime >= 2026-11-23", "(stime >= 2026-11-23T00:00:00Z)");
    MEANS("stime > 2026-11-23", "(stime >= 2026-11-24T00:00:00Z)");
    MEANS("stime <= 2026-11-23", "(stime < 2026-11-24T00:00:00Z)");
    MEANS("stime in 2026-11-23", "(stime in 2026-11-23T00:00:00Z..2026-11-24T00:00:00Z)");
    MEANS("stime in 2026-11-23T10..2026-11-23T12",
          "(stime in 2026-11-23T10:00:00Z..2026-11-23T12:00:00Z)");
    MEANS("stime in '2026-11-23 10:00'..'2026-11-23 12:00'",
          "(stime in 2026-11-23T10:00:00Z..2026-11-23T12:00:00Z)");
    MEANS("stime >= -2h", "(stime >= 2026-11-23T08:15:00Z)");
    MEANS("stime < now-1d", "(stime < 2026-11-22T10:15:00Z)");
    MEANS("stime == now", "(stime in 2026-11-23T10:15:00Z..2026-11-23T10:15:00.000000001Z)");
    MEANS("duration >= 5m", "(duration >= 300)");
    MEANS("duration in 1s-90s", "(duration in 1..90)");
    MEANS("etime > stime", "(etime > stime)");
    REFUSED("stime in 2026-11-23..2026-11-23",
            "10: range of times is empty: it ends before its far end begins");
    REFUSED("stime > soon",
            "9: stime takes a time such as 2026-11-23T10:15, 1795428900 or -2h, not 'soon'");
}

static void
test_words(void)
{
    MEANS("action == reject", "(action == reject)");
    MEANS("action in {ACCEPT,reject}", "(action in {accept, reject})");
    MEANS("flags == S/SA", "(flags == S/SA)");
    MEANS("flags in {S/SA, F/FA}", "(flags in {S/SA, F/FA})");
    MEANS("flags has SYN", "(flags has S)");
    MEANS("flags any syn+ack", "(flags any SA)");
    MEANS("not flags has SA", "(flags not has SA)");
    MEANS("iface == 'eni-1'", "(iface == 'eni-1')");
    MEANS("iface == eni-1", "(iface == 'eni-1')");
    MEANS("iface in {eni-1, \"it's\"}", "(iface in {'eni-1', 'it\\'s'})");
    MEANS("iface ~ 'eni-*'", "(iface ~ 'eni-*')");
    MEANS("iface !~ eni-*", "(iface !~ 'eni-*')");
    MEANS("iface =~ /^eni-[0-9]+\\/x/i", "(iface =~ /^eni-[0-9]+\\/x/i)");
    MEANS("iface !~ /x/", "(iface !~ /x/)");
    MEANS("iface =~ 'a|b'", "(iface =~ /a|b/)");
    MEANS("iface contains 'x' or iface not startswith y",
          "((iface contains 'x') or (iface not startswith 'y'))");
    MEANS("iface == '\\x1b\\n'", "(iface == '\\x1b\\x0a')");
    MEANS("subnet == vpc", "(subnet == vpc)");
    MEANS("iface is null", "(iface is null)");
    MEANS("iface is not null", "(iface is not null)");
    MEANS("has iface", "(iface is not null)");
    MEANS("not has iface", "(iface is null)");
    REFUSED("action == drop", "11: action takes one of accept, reject, not 'drop'");
    REFUSED("action > accept", "8: action is of kind enum and takes ==, !=, in and is null");
    REFUSED("flags == A/S", "10: flags before the '/' must be among those behind it");
    REFUSED("iface =~ /(/", "10: regular expression: Unmatched ( or \\(");
    REFUSED("iface =~ /(a{200}){200}/",
            "10: repetition counts of the regular expression multiply to more than 10000");
    REFUSED("iface =~ /(a)\\1/", "10: regular expression may not refer back (\\1)");
    REFUSED("iface =~ /a", "10: regular expression is not closed by '/'");
    REFUSED("iface == 'a", "10: quote is not closed");
    REFUSED("iface < 'a'",
            "7: iface is of kind string and takes ==, !=, in, ~, =~, contains, startswith, "
            "endswith and is null");
}

static void
test_logic(void)
{
    MEANS("dport==1 and proto==6 or sport==2", "(((dport == 1) and (proto == 6)) or (sport == 2))");
    MEANS("dport==1 && (proto==6 || sport==2)",
          "((dport == 1) and ((proto == 6) or (sport == 2)))");
    MEANS("not (dport==1 and not proto==6)", "((dport != 1) or (proto == 6))");
    MEANS("!(dport < 5) && !!(proto==6)", "((dport >= 5) and (proto == 6))");
    MEANS("dport==1 and (sport==2 and proto==3)",
          "((dport == 1) and (sport == 2) and (proto == 3))");
    MEANS("true", "true");
    MEANS("NOT true OR false", "(false or false)");
    REFUSED("", "1: the expression ends where a comparison is expected");
    REFUSED("dport", "6: a comparison is missing behind 'dport' (==, !=, <, in, ~, is null, …)");
    REFUSED("dport ==", "9: a value is missing here");
    REFUSED("(dport == 1", "1: bracket is not closed");
    REFUSED("(dport == 1 x", "13: 'and', 'or' or ')' is expected here");
    REFUSED("dport == 1 proto == 6", "12: 'and' or 'or' is expected here");
    REFUSED("dport == 1)", "11: ')' closes nothing");
    REFUSED("dport == 1 and", "15: the expression ends where a comparison is expected");
    REFUSED("dprt == 1", "1: unknown field 'dprt'; did you mean dport");
    REFUSED("dport == 1 and byte > 2", "16: unknown field 'byte'; did you mean bytes");
    REFUSED("tport == 1", "1: unknown field 'tport'; did you mean sport or dport");
    REFUSED("xyzzy == 1", "1: unknown field 'xyzzy'");
    REFUSED("443 == dport",
            "1: '443' is not a field; a comparison starts with a field: dport == 443");
    REFUSED("dport is 3", "10: 'is' takes null or not null");
}

static void
test_depth(void)
{
    enum { N = 1200 };
    static char text[4 * N];
    size_t at = 0;

    for (int i = 0; i < N; i++)
        text[at++] = '(';
    snprintf(text + at, sizeof text - at, "dport == 1");
    REFUSED(text, "1001: more than 1000 brackets within each other");
    at = 0;
    for (int i = 0; i < 120; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "has sip and (has dip or (");
    at += (size_t)snprintf(text + at, sizeof text - at, "has dip");
    for (int i = 0; i < 240; i++)
        text[at++] = ')';
    text[at] = '\0';
    REFUSED(text, "1: more than 200 levels of and, or within each other");
}

static void
test_patterns(void)
{
    static const struct {
        const char *glob, *text;
        bool match;
    } cases[] = {
        { "", "", true },
        { "", "a", false },
        { "*", "", true },
        { "*", "abc", true },
        { "a*c", "abbc", true },
        { "a*c", "abbcd", false },
        { "*b*", "abc", true },
        { "a?c", "abc", true },
        { "a?c", "ac", false },
        { "[a-c]x", "bx", true },
        { "[!a-c]x", "bx", false },
        { "[^a-c]x", "dx", true },
        { "[]a]", "]", true },
        { "[a-]", "-", true },
        { "[x", "[x", true },
        { "a\\*", "a*", true },
        { "a\\*", "ab", false },
        { "**a**b", "xxaxxb", true },
        { "a*b*c", "a1b2b3c", true },
        { "*.com", "x.com.com", true },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CFUNIT_INT(
            cfi_glob(cases[i].glob, strlen(cases[i].glob), cases[i].text, strlen(cases[i].text)),
            cases[i].match);
}

static void
window_is(const char *text, bool has, int64_t from, int64_t to)
{
    cf_diag_t d = CF_DIAG_INIT;
    cf_expr_t *e = NULL;
    int64_t f = 0, t = 0;

    CFUNIT_INT(cf_expr_parse(&e, text, &env, &d), CF_OK);
    if (e == NULL)
        return;
    CFUNIT_INT(cf_expr_window(e, &f, &t), has);
    if (has) {
        CFUNIT_INT(f, from);
        CFUNIT_INT(t, to);
    }
    cf_expr_destroy(e);
}

static void
test_window(void)
{
    int64_t s = CF_NS_PER_SEC;

    window_is("dport == 1", false, 0, 0);
    window_is("stime >= 1000 and stime < 2000 and dport == 1", true, 1000 * s, 2000 * s);
    window_is("stime >= 1000", true, 1000 * s, INT64_MAX);
    window_is("stime in 1000..2000 or stime == 3000", true, 1000 * s, 3001 * s);
    window_is("stime in 1000..2000 or dport == 1", false, 0, 0);
    window_is("not (stime < 1000 or stime >= 2000)", true, 1000 * s, 2000 * s);
    window_is("stime != 1000", false, 0, 0);
    window_is("etime >= 1000", false, 0, 0);
    window_is("stime < 1000 and stime > 2000", true, 0, 0);
    window_is("false", true, 0, 0);
    window_is("true", false, 0, 0);
}

static void
test_and(void)
{
    cf_expr_t *a = NULL, *b = NULL, *e;
    size_t n = 0;

    CFUNIT_INT(cf_expr_parse(&a, "dport == 1 and sport == dport", &env, NULL), CF_OK);
    CFUNIT_INT(cf_expr_parse(&b, "proto == 6 or bytes > 1", &env, NULL), CF_OK);
    e = cf_expr_and(a, b);
    CU_ASSERT_PTR_NOT_NULL_FATAL(e);
    CU_ASSERT_PTR_NOT_NULL(cf_expr_fields(e, &n));
    CFUNIT_INT(n, 4);
    CU_ASSERT_PTR_EQUAL(cf_expr_and(NULL, e), e);
    cf_expr_destroy(e);
}

static const cfunit_test_t tests[] = { CFUNIT(test_numbers),  CFUNIT(test_addresses),
                                       CFUNIT(test_times),    CFUNIT(test_words),
                                       CFUNIT(test_logic),    CFUNIT(test_depth),
                                       CFUNIT(test_patterns), CFUNIT(test_window),
                                       CFUNIT(test_and),      { NULL, NULL } };

CFUNIT_MAIN("expr", tests)
