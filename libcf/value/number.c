/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kinds by name, and plain numbers: parse and print unsigned integers, sizes and TCP flags.
 */
#include <string.h>
#include <strings.h>

#include <cf/value.h>

static const char *const kind_names[] = {
    "none", "uint", "time", "duration", "addr", "string", "flags", "enum", "prefix",
};

const char *cf_kind_name(cf_kind_t kind)
{
    return (size_t)kind < sizeof kind_names / sizeof kind_names[0] ? kind_names[kind] : "none";
}

cf_kind_t cf_kind_find(const char *name)
{
    for (size_t i = 1; i < sizeof kind_names / sizeof kind_names[0]; i++)
        if (strcmp(name, kind_names[i]) == 0)
            return (cf_kind_t)i;
    return CF_KIND_NONE;
}

int cf_uint_parse(const char *s, size_t n, uint64_t max, uint64_t *out)
{
    uint64_t v = 0;

    if (n == 0)
        return CF_R_NUMBER;
    for (size_t i = 0; i < n; i++) {
        unsigned digit = (unsigned)(unsigned char)s[i] - '0';

        if (digit > 9)
            return CF_R_NUMBER;
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, digit, &v)) {
            for (i++; i < n; i++)
                if ((unsigned)(unsigned char)s[i] - '0' > 9)
                    return CF_R_NUMBER;
            return CF_R_RANGE;
        }
    }
    if (v > max)
        return CF_R_RANGE;
    *out = v;
    return CF_OK;
}

int cf_size_parse(const char *s, size_t n, uint64_t *out)
{
    static const char units[] = "kmgt";
    uint64_t v, unit = 1;
    size_t digits = 0;
    int rc;

    while (digits < n && s[digits] >= '0' && s[digits] <= '9')
        digits++;
    rc = cf_uint_parse(s, digits, UINT64_MAX, &v);
    if (rc != CF_OK)
        return rc;
    if (digits < n) {
        const char *u = strchr(units, s[digits] | 0x20);
        uint64_t base = 1000;

        if (u == NULL || *u == '\0')
            return CF_R_NUMBER;
        if (digits + 2 == n && (s[digits + 1] | 0x20) == 'i')
            base = 1024;
        else if (digits + 1 != n)
            return CF_R_NUMBER;
        for (const char *p = units; p <= u; p++)
            unit *= base;
    }
    if (__builtin_mul_overflow(v, unit, out))
        return CF_R_RANGE;
    return CF_OK;
}

static const char digit_pairs[201] =
    "0001020304050607080910111213141516171819" "2021222324252627282930313233343536373839"
    "4041424344454647484950515253545556575859" "6061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

size_t cf_uint_print(char *out, uint64_t v)
{
    char tmp[20];
    size_t at = sizeof tmp;

    while (v >= 100) {
        unsigned pair = (unsigned)(v % 100);

        v /= 100;
        at -= 2;
        memcpy(tmp + at, digit_pairs + 2 * pair, 2);
    }
    if (v >= 10) {
        at -= 2;
        memcpy(tmp + at, digit_pairs + 2 * v, 2);
    } else {
        tmp[--at] = (char)('0' + v);
    }
    memcpy(out, tmp + at, sizeof tmp - at);
    return sizeof tmp - at;
}

/*
 * Bit i of the control bits has letter i: RFC 9293 3.1, CWR and ECE from RFC 3168, NS from RFC
 * 3540.
 */
static const char flag_letters[] = "FSRPAUECN";

int cf_flags_parse(const char *s, size_t n, uint16_t *out)
{
    uint64_t number;
    uint16_t flags = 0;

    if (n == 0)
        return CF_R_NUMBER;
    if (n == 1 && s[0] == '-') {
        *out = 0;
        return CF_OK;
    }
    if (s[0] >= '0' && s[0] <= '9') {
        int rc = cf_uint_parse(s, n, 0xffff, &number);

        if (rc == CF_OK)
            *out = (uint16_t)number;
        return rc;
    }
    for (size_t i = 0; i < n; i++) {
        const char *p = s[i] != '\0' ? strchr(flag_letters, s[i] & ~0x20) : NULL;

        if (p == NULL)
            return CF_R_ENUM;
        flags |= (uint16_t)(1u << (p - flag_letters));
    }
    *out = flags;
    return CF_OK;
}

size_t cf_flags_print(char *out, uint16_t flags)
{
    size_t at = 0;

    for (unsigned i = 0; i < sizeof flag_letters - 1; i++)
        if ((flags >> i) & 1)
            out[at++] = flag_letters[i];
    /* bits without a letter: the number tells all */
    if (flags >> (sizeof flag_letters - 1) != 0)
        return cf_uint_print(out, flags);
    if (at == 0)
        out[at++] = '-';
    return at;
}
