/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of value a flow is made of, and how each is parsed from and printed as text, once for
 * the whole suite. Parsers take a pointer and a length (no terminator needed), accept the whole
 * text or nothing, and return CF_OK or a record error. Printers write at most the stated
 * number of bytes, no terminator, and return the count: fast enough for a row loop.
 */
#ifndef CF_VALUE_H
#define CF_VALUE_H

#include <string.h>

#include <cf/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Numbers are stored in files; never change them. */
typedef enum cf_kind {
    CF_KIND_NONE = 0,
    CF_KIND_UINT = 1,      /* unsigned number of 1, 2, 4 or 8 bytes */
    CF_KIND_TIME = 2,      /* int64: nanoseconds since 1970-01-01 UTC (leap seconds not counted) */
    CF_KIND_DURATION = 3,  /* int64: nanoseconds */
    CF_KIND_ADDR = 4,      /* IPv4 or IPv6 address */
    CF_KIND_STRING = 5,    /* bytes, UTF-8 where well formed */
    CF_KIND_FLAGS = 6,     /* TCP control bits, 1 or 2 bytes */
    CF_KIND_ENUM = 7,      /* one of the field's words, 1 byte */
    /* address and prefix length: only in expressions and sets, not a column */
    CF_KIND_PREFIX = 8
} cf_kind_t;

CF_API const char *cf_kind_name(cf_kind_t kind);
/* CF_KIND_NONE for an unknown name. */
CF_API cf_kind_t cf_kind_find(const char *name);

#define CF_NS_PER_SEC INT64_C(1000000000)

/*
 * One address, 128 bits in host order. An IPv4 address is held as its IPv4-mapped form
 * (::ffff:a.b.c.d, RFC 4291 2.5.5.2): equal addresses have equal bits, and an IPv4-mapped
 * address in a log is that IPv4 address.
 */
typedef struct cf_addr {
    uint64_t hi;
    uint64_t lo;
} cf_addr_t;

#define CF_V4_MAPPED UINT64_C(0x0000ffff00000000)

static inline bool cf_addr_is_v4(cf_addr_t a)
{
    return a.hi == 0 && (a.lo & UINT64_C(0xffffffff00000000)) == CF_V4_MAPPED;
}

static inline cf_addr_t cf_addr_v4(uint32_t v4)
{
    cf_addr_t a = { 0, CF_V4_MAPPED | v4 };
    return a;
}

static inline int cf_addr_cmp(cf_addr_t a, cf_addr_t b)
{
    if (a.hi != b.hi)
        return a.hi < b.hi ? -1 : 1;
    return a.lo < b.lo ? -1 : a.lo > b.lo;
}

/*
 * Address block; bits below the length are zero. len counts in the 128-bit space (IPv4 /8 is 104).
 */
typedef struct cf_prefix {
    cf_addr_t addr;
    uint8_t len;
} cf_prefix_t;

static inline bool cf_prefix_contains(cf_prefix_t p, cf_addr_t a)
{
    if (p.len == 0)
        return true;
    if (p.len <= 64)
        return ((a.hi ^ p.addr.hi) >> (64 - p.len)) == 0;
    if (a.hi != p.addr.hi)
        return false;
    return p.len == 128 ? a.lo == p.addr.lo : ((a.lo ^ p.addr.lo) >> (128 - p.len)) == 0;
}

/* Unsigned decimal, no sign, no blanks, at most max: CF_R_NUMBER or CF_R_RANGE. */
CF_API int cf_uint_parse(const char *s, size_t n, uint64_t max, uint64_t *out);
/* Number with optional size suffix k M G T (1000s) or Ki Mi Gi Ti (1024s): "10M", "4Ki". */
CF_API int cf_size_parse(const char *s, size_t n, uint64_t *out);
/* At most 20 bytes. */
CF_API size_t cf_uint_print(char *out, uint64_t v);

/* Dotted quad without leading zeros, or any RFC 4291 text form; no zone, no prefix length. */
CF_API int cf_addr_parse(const char *s, size_t n, cf_addr_t *out);
/* Dotted quad only: the readers' fast path. CF_R_ADDR when it is anything else. */
CF_API int cf_v4_parse(const char *s, size_t n, uint32_t *out);
/* RFC 5952 form; at most CF_ADDR_TEXT bytes. */
#define CF_ADDR_TEXT 45
CF_API size_t cf_addr_print(char *out, cf_addr_t a);
CF_API size_t cf_v4_print(char *out, uint32_t v4);
/* "10.0.0.0/8", "2001:db8::/32" or a plain address; host bits set are CF_R_ADDR. */
CF_API int cf_prefix_parse(const char *s, size_t n, cf_prefix_t *out);
CF_API size_t cf_prefix_print(char *out, cf_prefix_t p);

/*
 * Time: ISO 8601 ("2026-11-23", "2026-11-23T10", "2026-11-23T10:15[:30[.123456789]]", with Z,
 * ±hh:mm or nothing = UTC; blank instead of T; SiLK's 2026/11/23:10:15:30.123), or a count since
 * 1970: seconds, with fraction; 12 to 14 digits are milliseconds, 15 to 17 microseconds, 18 to 19
 * nanoseconds.
 */
CF_API int cf_time_parse(const char *s, size_t n, int64_t *ns);
/*
 * The same, and the first instant after the stated precision (a day for "2026-11-23"): half-open
 * [ns, end).
 */
CF_API int cf_time_parse_span(const char *s, size_t n, int64_t *ns, int64_t *end);
/*
 * "2026-11-23T10:15:30Z", fraction only when not zero (3, 6 or 9 digits); at most CF_TIME_TEXT
 * bytes.
 */
#define CF_TIME_TEXT 40
CF_API size_t cf_time_print(char *out, int64_t ns);

/* "90s", "5m", "1h30m", "2d", "250ms", plain number = seconds, fraction allowed. */
CF_API int cf_duration_parse(const char *s, size_t n, int64_t *ns);
/* Seconds with fraction when not whole ("0.25"); at most CF_DURATION_TEXT bytes. */
#define CF_DURATION_TEXT 32
CF_API size_t cf_duration_print(char *out, int64_t ns);

/* TCP control bits: letters of FSRPAUECN in any order ("SA"), "-" or "0" none, or a number. */
CF_API int cf_flags_parse(const char *s, size_t n, uint16_t *out);
/* Letters set, in the order FSRPAUECN; "-" for none; at most 16 bytes. */
CF_API size_t cf_flags_print(char *out, uint16_t flags);

/* IANA protocol by name or number ("tcp", "TCP", "6"); CF_R_ENUM when unknown. */
CF_API int cf_proto_parse(const char *s, size_t n, uint8_t *out);
/* Lower-case name or NULL; borrowed. */
CF_API const char *cf_proto_name(uint8_t proto);
/* Port by service name ("https") or number. */
CF_API int cf_port_parse(const char *s, size_t n, uint16_t *out);
CF_API const char *cf_port_name(uint16_t port);

#ifdef __cplusplus
}
#endif
#endif
