/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values in an expression: what a word means for a field of a given kind, as a closed range of the
 * field's space. A prefix is the range of its addresses, a day the range of its nanoseconds; so
 * "==" means inside and the order operators take the near or far end. Also the way back, to
 * canonical text.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "expr/expr.h"

static uint64_t largest(const cf_field_t *f)
{
    return f->width >= 8 ? UINT64_MAX : (UINT64_C(1) << (8 * f->width)) - 1;
}

static int number(const cf_field_t *f, const char *s, size_t n, uint64_t *v)
{
    uint8_t proto;
    uint16_t port;
    int rc;

    if (f->unit == CF_UNIT_PROTO) {
        rc = cf_proto_parse(s, n, &proto);
        *v = rc == CF_OK ? proto : 0;
    } else if (f->unit == CF_UNIT_PORT) {
        rc = cf_port_parse(s, n, &port);
        *v = rc == CF_OK ? port : 0;
    } else {
        rc = cf_size_parse(s, n, v);
    }
    if (rc == CF_OK && *v > largest(f))
        rc = CF_R_RANGE;
    return rc;
}

/* "now", "-2h", "+5m", "now-2h": an instant. */
static int relative(const cfi_parser_t *p, const char *s, size_t n, int64_t *t)
{
    int64_t by = 0;
    int rc;

    *t = p->env != NULL ? p->env->now : 0;
    if (n >= 3 && strncasecmp(s, "now", 3) == 0) {
        s += 3;
        n -= 3;
        if (n == 0)
            return CF_OK;
    }
    if (n < 2 || (*s != '-' && *s != '+'))
        return CF_R_TIME;
    rc = cf_duration_parse(s + 1, n - 1, &by);
    if (rc != CF_OK)
        return CF_R_TIME;
    if (*s == '-' ? __builtin_sub_overflow(*t, by, t) : __builtin_add_overflow(*t, by, t))
        return CF_R_TIME;
    return CF_OK;
}

static int time_range(const cfi_parser_t *p, const char *s, size_t n, cf_addr_t *lo, cf_addr_t *hi)
{
    int64_t from, to;
    int rc = relative(p, s, n, &from);

    if (rc == CF_OK) {
        *lo = *hi = cfi_num((uint64_t)from ^ CFI_SIGN);
        return CF_OK;
    }
    rc = cf_time_parse_span(s, n, &from, &to);
    if (rc != CF_OK)
        return rc;
    *lo = cfi_num((uint64_t)from ^ CFI_SIGN);
    *hi = cfi_num((uint64_t)(to > from ? to - 1 : from) ^ CFI_SIGN);
    /* the span that holds the last instant there is ends with it */
    if (to == INT64_MAX)
        *hi = cfi_num(UINT64_MAX);
    return CF_OK;
}

static cf_addr_t prefix_end(cf_prefix_t x)
{
    cf_addr_t end = x.addr;

    if (x.len == 0)
        end.hi = UINT64_MAX;
    else if (x.len < 64)
        end.hi |= UINT64_MAX >> x.len;
    if (x.len <= 64)
        end.lo = UINT64_MAX;
    else if (x.len < 128)
        end.lo |= UINT64_MAX >> (x.len - 64);
    return end;
}

int cfi_literal_try(cfi_parser_t *p, const cf_field_t *f, const char *s, size_t n, cf_addr_t *lo,
                    cf_addr_t *hi)
{
    cf_prefix_t prefix;
    int64_t ns;
    uint64_t v;
    uint8_t code;
    int rc;

    switch (f->kind) {
    case CF_KIND_UINT:
        rc = number(f, s, n, &v);
        if (rc == CF_OK)
            *lo = *hi = cfi_num(v);
        return rc;
    case CF_KIND_TIME:
        return time_range(p, s, n, lo, hi);
    case CF_KIND_DURATION:
        rc = cf_duration_parse(s, n, &ns);
        if (rc == CF_OK)
            *lo = *hi = cfi_num((uint64_t)ns ^ CFI_SIGN);
        return rc;
    case CF_KIND_ADDR:
        rc = cf_prefix_parse(s, n, &prefix);
        if (rc == CF_OK) {
            *lo = prefix.addr;
            *hi = prefix_end(prefix);
        }
        return rc;
    case CF_KIND_ENUM:
        rc = cf_field_enum_parse(f, s, n, &code);
        if (rc == CF_OK)
            *lo = *hi = cfi_num(code);
        return rc;
    default:
        return CF_R_NUMBER;
    }
}

void cfi_literal_wanted(const cf_field_t *f, char *out, size_t size)
{
    size_t used;

    switch (f->kind) {
    case CF_KIND_UINT:
        snprintf(out, size, "%s",
                 f->unit == CF_UNIT_PORT    ? "a port number or service name"
                 : f->unit == CF_UNIT_PROTO ? "a protocol number or name"
                                            : "a number such as 1500, 10k or 4Mi");
        return;
    case CF_KIND_TIME:
        snprintf(out, size, "a time such as 2026-11-23T10:15, 1795428900 or -2h");
        return;
    case CF_KIND_DURATION:
        snprintf(out, size, "a duration such as 90s, 5m or 1h30m");
        return;
    case CF_KIND_ADDR:
        snprintf(out, size, "an address or prefix such as 10.0.0.0/8");
        return;
    case CF_KIND_FLAGS:
        snprintf(out, size, "TCP flags such as SA, S/SA or SYN+ACK");
        return;
    case CF_KIND_ENUM:
        used = (size_t)snprintf(out, size, "one of");
        for (size_t i = 0; f->names != NULL && f->names[i] != NULL && used < size; i++)
            used += (size_t)snprintf(out + used, size - used, "%s %s", i > 0 ? "," : "",
                                     f->names[i]);
        return;
    default:
        snprintf(out, size, "text");
        return;
    }
}

/* A prefix with host bits: say which prefix was probably meant. */
static bool host_bits(const char *s, size_t n, char *out, size_t size)
{
    const char *slash = memchr(s, '/', n);
    cf_prefix_t x;
    uint64_t len;
    size_t used;

    if (slash == NULL || size < CF_ADDR_TEXT + 5
        || cf_addr_parse(s, (size_t)(slash - s), &x.addr) != CF_OK
        || cf_uint_parse(slash + 1, n - 1 - (size_t)(slash - s), cf_addr_is_v4(x.addr) ? 32 : 128,
                         &len)
               != CF_OK)
        return false;
    x.len = (uint8_t)(cf_addr_is_v4(x.addr) ? len + 96 : len);
    if (x.len <= 64) {
        x.addr.lo = 0;
        x.addr.hi &= x.len == 0 ? 0 : UINT64_MAX << (64 - x.len);
    } else if (x.len < 128) {
        x.addr.lo &= UINT64_MAX << (128 - x.len);
    }
    used = cf_prefix_print(out, x);
    out[used] = '\0';
    return true;
}

int cfi_literal(cfi_parser_t *p, const cf_field_t *f, const char *s, size_t n, cf_addr_t *lo,
                cf_addr_t *hi)
{
    char wanted[256];
    int shown = n > 60 ? 60 : (int)n, rc = cfi_literal_try(p, f, s, n, lo, hi);

    if (rc == CF_OK)
        return rc;
    if (f->kind == CF_KIND_ADDR && host_bits(s, n, wanted, sizeof wanted))
        return cfi_fail(p, p->word_at, CF_E_USAGE,
                        "'%.*s' has bits set behind its prefix length; write %s", shown, s, wanted);
    if (rc == CF_R_RANGE && f->kind == CF_KIND_UINT)
        return cfi_fail(p, p->word_at, CF_E_USAGE, "'%.*s' is above the largest value of %s, %llu",
                        shown, s, f->name, (unsigned long long)largest(f));
    cfi_literal_wanted(f, wanted, sizeof wanted);
    return cfi_fail(p, p->word_at, CF_E_USAGE, "%s takes %s, not '%.*s'", f->name, wanted, shown,
                    s);
}

/* ---- flags -------------------------------------------------------------------------------- */

/* SYN, SYN+ACK, or what cf_flags_parse takes. */
static int flag_bits(const char *s, size_t n, uint16_t *out)
{
    static const char *const names[] = { "FIN", "SYN", "RST", "PSH", "ACK",
                                         "URG", "ECE", "CWR", "NS" };
    uint16_t all = 0;

    for (const char *end = s + n;;) {
        const char *plus = memchr(s, '+', (size_t)(end - s));
        size_t len = (size_t)((plus != NULL ? plus : end) - s), i;
        uint16_t bits;

        for (i = 0; i < sizeof names / sizeof names[0]; i++)
            if (strlen(names[i]) == len && strncasecmp(names[i], s, len) == 0)
                break;
        if (i < sizeof names / sizeof names[0])
            bits = (uint16_t)(1u << i);
        else if (cf_flags_parse(s, len, &bits) != CF_OK)
            return CF_R_NUMBER;
        all |= bits;
        if (plus == NULL)
            break;
        s = plus + 1;
    }
    *out = all;
    return CF_OK;
}

int cfi_flags_literal(const char *s, size_t n, uint16_t *high, uint16_t *mask, bool *masked)
{
    const char *slash = memchr(s, '/', n);
    int rc;

    *masked = slash != NULL;
    *mask = UINT16_MAX;
    rc = flag_bits(s, slash != NULL ? (size_t)(slash - s) : n, high);
    if (rc == CF_OK && slash != NULL)
        rc = flag_bits(slash + 1, n - 1 - (size_t)(slash - s), mask);
    return rc;
}

/* ---- canonical text ----------------------------------------------------------------------- */

static size_t flags_text(char *out, uint16_t bits)
{
    return bits > 0x1ff ? cf_uint_print(out, bits) : cf_flags_print(out, bits);
}

int cfi_print_value(cf_buf_t *out, const cf_field_t *f, cf_addr_t v)
{
    char text[64];
    size_t n = 0;

    switch (f->kind) {
    case CF_KIND_TIME:
        n = cf_time_print(text, (int64_t)(v.lo ^ CFI_SIGN));
        break;
    case CF_KIND_DURATION:
        n = cf_duration_print(text, (int64_t)(v.lo ^ CFI_SIGN));
        break;
    case CF_KIND_ADDR:
        n = cf_addr_print(text, v);
        break;
    case CF_KIND_FLAGS:
        n = flags_text(text, (uint16_t)v.lo);
        break;
    case CF_KIND_ENUM:
        return cf_buf_puts(out, f->names[v.lo]);
    default:
        n = cf_uint_print(text, v.lo);
        break;
    }
    return cf_buf_put(out, text, n);
}

/* Is the range all addresses of one prefix? */
static bool as_prefix(cf_addr_t lo, cf_addr_t hi, cf_prefix_t *x)
{
    for (unsigned len = 0; len <= 128; len++) {
        cf_addr_t host = prefix_end((cf_prefix_t){ { 0, 0 }, (uint8_t)len });

        if ((lo.hi & host.hi) == 0 && (lo.lo & host.lo) == 0 && (lo.hi | host.hi) == hi.hi
            && (lo.lo | host.lo) == hi.lo) {
            *x = (cf_prefix_t){ lo, (uint8_t)len };
            return true;
        }
    }
    return false;
}

int cfi_print_range(cf_buf_t *out, const cf_field_t *f, cf_addr_t lo, cf_addr_t hi)
{
    cf_addr_t max = cfi_space_max(f), min = { 0, 0 };
    char text[CF_ADDR_TEXT + 8];
    cf_prefix_t prefix;
    int rc = CF_OK;

    if (f->kind == CF_KIND_ADDR && as_prefix(lo, hi, &prefix))
        return cf_buf_put(out, text, cf_prefix_print(text, prefix));
    if (f->kind != CF_KIND_TIME && cf_addr_cmp(lo, hi) == 0)
        return cfi_print_value(out, f, lo);
    if (cf_addr_cmp(lo, min) > 0)
        rc = cfi_print_value(out, f, lo);
    if (rc == CF_OK)
        rc = cf_buf_puts(out, "..");
    if (rc == CF_OK && cf_addr_cmp(hi, max) < 0)
        rc = cfi_print_value(out, f, f->kind == CF_KIND_TIME ? cfi_addr_next(hi) : hi);
    return rc;
}

int cfi_print_quoted(cf_buf_t *out, const char *s, size_t n)
{
    int rc = cf_buf_puts(out, "'");

    for (size_t i = 0; i < n && rc == CF_OK; i++) {
        unsigned char c = (unsigned char)s[i];

        if (c < 0x20 || c == 0x7f)
            rc = cf_buf_putf(out, "\\x%02x", c);
        else if (c == '\'' || c == '\\')
            rc = cf_buf_putf(out, "\\%c", c);
        else
            rc = cf_buf_put(out, s + i, 1);
    }
    return rc == CF_OK ? cf_buf_puts(out, "'") : rc;
}
