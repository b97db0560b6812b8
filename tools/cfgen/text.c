/* SPDX-License-Identifier: Apache-2.0 */
/* Tables and the IPv6 text of text.h (RFC 5952: lower case, the longest run of zeros as "::"). */
#include "text.h"

#include <stdio.h>

void gen_text_init(gen_text_t *x)
{
    char s[8];

    for (uint32_t i = 0; i < 10000; i++) {
        x->digits[i][0] = (char)('0' + i / 1000);
        x->digits[i][1] = (char)('0' + i / 100 % 10);
        x->digits[i][2] = (char)('0' + i / 10 % 10);
        x->digits[i][3] = (char)('0' + i % 10);
    }
    for (uint32_t i = 0; i < 256; i++) {
        x->octet_len[i] = (uint8_t)snprintf(s, sizeof s, "%u   ", i) - 3;
        memcpy(x->octet[i], s, 4);
    }
}

static char *put_group(char *p, unsigned v)
{
    static const char hex[] = "0123456789abcdef";
    int shift = v > 0xfff ? 12 : v > 0xff ? 8 : v > 0xf ? 4 : 0;

    for (; shift >= 0; shift -= 4)
        *p++ = hex[(v >> shift) & 15];
    return p;
}

char *gen_put_v6(char *p, const uint64_t half[2])
{
    unsigned g[8];
    int best = -1, len = 1;

    for (int i = 0; i < 8; i++)
        g[i] = (unsigned)(half[i >> 2] >> (48 - 16 * (i & 3))) & 0xffff;
    for (int i = 0; i < 8; i++) {
        int n = 0;

        while (i + n < 8 && g[i + n] == 0)
            n++;
        if (n > len) {
            best = i;
            len = n;
        }
        i += n;
    }
    for (int i = 0; i < 8; i++) {
        if (i == best) {
            *p++ = ':';
            if (i == 0)
                *p++ = ':';
            i += len - 1;
            if (i == 7)
                return p;
            continue;
        }
        p = put_group(p, g[i]);
        if (i < 7)
            *p++ = ':';
    }
    return p;
}

/* Days are counted from 0000-03-01, so that a leap day ends its year; eras are 400 years long. */
void gen_date(uint64_t days, uint32_t *year, uint32_t *month, uint32_t *day)
{
    uint64_t z = days + 719468, era = z / 146097;
    uint32_t doe = (uint32_t)(z % 146097);
    uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;

    *day = doy - (153 * mp + 2) / 5 + 1;
    *month = mp < 10 ? mp + 3 : mp - 9;
    *year = (uint32_t)(era * 400) + yoe + (*month <= 2);
}
