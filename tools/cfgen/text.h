/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing numbers and addresses as text into a buffer that is known to be large enough.  Each
 * function returns the new end.  Speed matters here: a generated record is mostly this.
 */
#ifndef CFGEN_TEXT_H
#define CFGEN_TEXT_H

#include <stdint.h>
#include <string.h>

typedef struct gen_text {
    char digits[10000][4];      /* "0000" … "9999" */
    char octet[256][4];         /* "7   ", "42  ", "255 " */
    uint8_t octet_len[256];
} gen_text_t;

void gen_text_init(gen_text_t *x);
char *gen_put_v6(char *p, const uint64_t half[2]);
/* Civil date of a number of days since 1970-01-01. */
void gen_date(uint64_t days, uint32_t *year, uint32_t *month, uint32_t *day);

static inline char *gen_put_str(char *p, const char *s, size_t n)
{
    memcpy(p, s, n);
    return p + n;
}

/* Below 10000, without leading zeros. */
static inline char *gen_put_small(const gen_text_t *x, char *p, uint32_t v)
{
    uint32_t skip = (v < 1000) + (v < 100) + (v < 10);
    char four[8];

    memcpy(four, x->digits[v], 4);
    memcpy(p, four + skip, 4);
    return p + 4 - skip;
}

static inline char *gen_put_u64(const gen_text_t *x, char *p, uint64_t v)
{
    if (v < 10000)
        return gen_put_small(x, p, (uint32_t)v);
    p = gen_put_u64(x, p, v / 10000);
    memcpy(p, x->digits[v % 10000], 4);
    return p + 4;
}

static inline char *gen_put_v4(const gen_text_t *x, char *p, uint32_t a)
{
    memcpy(p, x->octet[a >> 24], 4);
    p += x->octet_len[a >> 24];
    *p++ = '.';
    memcpy(p, x->octet[(a >> 16) & 255], 4);
    p += x->octet_len[(a >> 16) & 255];
    *p++ = '.';
    memcpy(p, x->octet[(a >> 8) & 255], 4);
    p += x->octet_len[(a >> 8) & 255];
    *p++ = '.';
    memcpy(p, x->octet[a & 255], 4);
    return p + x->octet_len[a & 255];
}

#endif
