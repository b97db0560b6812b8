/* SPDX-License-Identifier: Apache-2.0 */
/* See spell.h. */
#include "spell.h"

#include "rng.h"

static char *two(const gen_text_t *x, char *p, unsigned v)
{
    return gen_put_str(p, x->digits[v] + 2, 2);
}

char *gen_put_iso(const gen_text_t *x, char *p, uint64_t secs)
{
    uint32_t y, m, d, t = (uint32_t)(secs % 86400);

    gen_date(secs / 86400, &y, &m, &d);
    p = gen_put_str(p, x->digits[y], 4);
    *p++ = '-';
    p = two(x, p, m);
    *p++ = '-';
    p = two(x, p, d);
    *p++ = 'T';
    p = two(x, p, t / 3600);
    *p++ = ':';
    p = two(x, p, t / 60 % 60);
    *p++ = ':';
    return two(x, p, t % 60);
}

char *gen_put_base36(char *p, uint64_t h, unsigned n)
{
    static const char set[] = "abcdefghijklmnopqrstuvwxyz0123456789";

    uint64_t v = 0;

    for (unsigned i = 0; i < n; i++) {
        if (i % 12 == 0)
            v = gen_mix(h + i);
        *p++ = set[v % 36];
        v /= 36;
    }
    return p;
}

char *gen_put_uuid(char *p, uint64_t h)
{
    static const char hex[] = "0123456789abcdef";
    uint64_t half[2] = { gen_mix(h), gen_mix(h ^ 0x5bd1e995u) };

    for (int i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            *p++ = '-';
        *p++ = hex[(half[i >> 4] >> (60 - 4 * (i & 15))) & 15];
    }
    return p;
}

char *gen_put_base64(char *p, const char *s, size_t n)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (; n > 0; s += 3) {
        uint32_t v = (uint32_t)(uint8_t)s[0] << 16;

        v |= n > 1 ? (uint32_t)(uint8_t)s[1] << 8 : 0;
        v |= n > 2 ? (uint32_t)(uint8_t)s[2] : 0;
        *p++ = set[v >> 18];
        *p++ = set[(v >> 12) & 63];
        *p++ = n > 1 ? set[(v >> 6) & 63] : '=';
        *p++ = n > 2 ? set[v & 63] : '=';
        n -= n > 3 ? 3 : n;
    }
    return p;
}
