/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IPv4 and IPv6 addresses and prefixes: text forms of RFC 4291 section 2.2 in, RFC 5952 out.
 * Strict, because a log line that is not an address must be rejected and not become another
 * address.
 */
#include <cf/value.h>

int cf_v4_parse(const char *s, size_t n, uint32_t *out)
{
    uint32_t v = 0;
    size_t i = 0;

    for (int octet = 0; octet < 4; octet++) {
        unsigned number = 0;
        size_t start = i;

        if (octet > 0) {
            if (i >= n || s[i] != '.')
                return CF_R_ADDR;
            start = ++i;
        }
        while (i < n && i - start < 3) {
            unsigned digit = (unsigned)(unsigned char)s[i] - '0';

            if (digit > 9)
                break;
            number = number * 10 + digit;
            i++;
        }
        if (i == start || number > 255 || (i - start > 1 && s[start] == '0'))
            return CF_R_ADDR;
        v = v << 8 | number;
    }
    if (i != n)
        return CF_R_ADDR;
    *out = v;
    return CF_OK;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int v6_parse(const char *s, size_t n, cf_addr_t *out)
{
    uint16_t group[8] = { 0 };
    int count = 0, gap = -1;
    size_t i = 0;

    if (n >= 2 && s[0] == ':' && s[1] == ':') {
        gap = 0;
        i = 2;
    }
    while (i < n) {
        unsigned number = 0;
        size_t start = i;

        if (count == 8)
            return CF_R_ADDR;
        while (i < n && i - start < 4 && hex_digit(s[i]) >= 0)
            number = number << 4 | (unsigned)hex_digit(s[i++]);
        if (i == start)
            return CF_R_ADDR;
        if (i < n && s[i] == '.') {         /* the last 32 bits as dotted quad */
            uint32_t v4;

            if (count > 6 || cf_v4_parse(s + start, n - start, &v4) != CF_OK)
                return CF_R_ADDR;
            group[count++] = (uint16_t)(v4 >> 16);
            group[count++] = (uint16_t)v4;
            i = n;
            break;
        }
        group[count++] = (uint16_t)number;
        if (i == n)
            break;
        if (s[i] != ':' || i + 1 == n)
            return CF_R_ADDR;
        i++;
        if (s[i] == ':') {
            if (gap >= 0)
                return CF_R_ADDR;
            gap = count;
            i++;
        }
    }
    if (gap < 0 ? count != 8 : count > 7)
        return CF_R_ADDR;
    if (gap >= 0) {
        int tail = count - gap;

        for (int k = 0; k < tail; k++) {
            uint16_t moved = group[gap + tail - 1 - k];

            group[gap + tail - 1 - k] = 0;
            group[7 - k] = moved;
        }
    }
    out->hi = (uint64_t)group[0] << 48 | (uint64_t)group[1] << 32 | (uint64_t)group[2] << 16 | group[3];
    out->lo = (uint64_t)group[4] << 48 | (uint64_t)group[5] << 32 | (uint64_t)group[6] << 16 | group[7];
    return CF_OK;
}

int cf_addr_parse(const char *s, size_t n, cf_addr_t *out)
{
    uint32_t v4;

    if (cf_v4_parse(s, n, &v4) == CF_OK) {
        *out = cf_addr_v4(v4);
        return CF_OK;
    }
    if (n < 2 || n > CF_ADDR_TEXT)
        return CF_R_ADDR;
    return v6_parse(s, n, out);
}

size_t cf_v4_print(char *out, uint32_t v4)
{
    size_t at = 0;

    for (int shift = 24; shift >= 0; shift -= 8) {
        unsigned octet = (v4 >> shift) & 255;

        if (octet >= 100) {
            out[at++] = (char)('0' + octet / 100);
            octet %= 100;
            out[at++] = (char)('0' + octet / 10);
        } else if (octet >= 10) {
            out[at++] = (char)('0' + octet / 10);
        }
        out[at++] = (char)('0' + octet % 10);
        if (shift > 0)
            out[at++] = '.';
    }
    return at;
}

size_t cf_addr_print(char *out, cf_addr_t a)
{
    static const char hex[] = "0123456789abcdef";
    uint16_t group[8];
    int best = -1, best_len = 1;
    size_t at = 0;

    if (cf_addr_is_v4(a))
        return cf_v4_print(out, (uint32_t)a.lo);
    for (int i = 0; i < 4; i++) {
        group[i] = (uint16_t)(a.hi >> (48 - 16 * i));
        group[4 + i] = (uint16_t)(a.lo >> (48 - 16 * i));
    }
    /* the longest run of zero groups, the first of equals */
    for (int i = 0; i < 8; i++) {
        int len = 0;

        while (i + len < 8 && group[i + len] == 0)
            len++;
        if (len > best_len) {
            best = i;
            best_len = len;
        }
        i += len > 0 ? len - 1 : 0;
    }
    for (int i = 0; i < 8; i++) {
        bool started = false;

        if (i == best) {
            out[at++] = ':';
            out[at++] = ':';
            i += best_len - 1;
            continue;
        }
        if (i > 0 && i != best + best_len)
            out[at++] = ':';
        for (int shift = 12; shift >= 0; shift -= 4) {
            unsigned digit = (group[i] >> shift) & 15;

            if (digit != 0 || started || shift == 0) {
                out[at++] = hex[digit];
                started = true;
            }
        }
    }
    return at;
}

int cf_prefix_parse(const char *s, size_t n, cf_prefix_t *out)
{
    const char *slash = memchr(s, '/', n);
    size_t addr_len = slash != NULL ? (size_t)(slash - s) : n;
    uint64_t len = 128;
    cf_addr_t a, mask;

    if (cf_addr_parse(s, addr_len, &a) != CF_OK)
        return CF_R_ADDR;
    if (slash != NULL) {
        bool dotted = memchr(s, ':', addr_len) == NULL;

        if (cf_uint_parse(slash + 1, n - addr_len - 1, dotted ? 32 : 128, &len) != CF_OK)
            return CF_R_ADDR;
        if (dotted)
            len += 96;
    }
    mask.hi = len == 0 ? 0 : len >= 64 ? UINT64_MAX : UINT64_MAX << (64 - len);
    mask.lo = len <= 64 ? 0 : len == 128 ? UINT64_MAX : UINT64_MAX << (128 - len);
    if ((a.hi & ~mask.hi) != 0 || (a.lo & ~mask.lo) != 0)
        return CF_R_ADDR;
    out->addr = a;
    out->len = (uint8_t)len;
    return CF_OK;
}

size_t cf_prefix_print(char *out, cf_prefix_t p)
{
    size_t at = cf_addr_print(out, p.addr);
    bool v4 = cf_addr_is_v4(p.addr) && p.len >= 96;

    if (p.len == 128)
        return at;
    out[at++] = '/';
    return at + cf_uint_print(out + at, v4 ? p.len - 96u : p.len);
}
