/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 (RFC 4648) of both alphabets, with or without padding; line breaks are passed over. */
#include <stdlib.h>
#include <string.h>

#include "json/rec.h"

static int digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

int cfi_base64(const char *s, size_t n, char **out, size_t *len)
{
    char *bytes = malloc(n / 4 * 3 + 4);
    uint32_t bits = 0, have = 0;
    size_t at = 0;

    *out = bytes;
    *len = 0;
    if (bytes == NULL)
        return CF_E_NOMEM;
    while (n > 0 && (s[n - 1] == '=' || cfi_json_blank(s[n - 1])))
        n--;
    for (size_t i = 0; i < n; i++) {
        int d = digit(s[i]);

        if (d < 0 && cfi_json_blank(s[i]))
            continue;
        if (d < 0)
            goto wrong;
        bits = bits << 6 | (uint32_t)d;
        if (++have == 4) {
            bytes[at++] = (char)(bits >> 16);
            bytes[at++] = (char)(bits >> 8);
            bytes[at++] = (char)bits;
            have = 0;
        }
    }
    if (have == 1)
        goto wrong;
    if (have >= 2)
        bytes[at++] = (char)(have == 2 ? bits >> 4 : bits >> 10);
    if (have == 3)
        bytes[at++] = (char)(bits >> 2);
    *len = at;
    return CF_OK;
wrong:
    free(bytes);
    *out = NULL;
    return CF_R_SYNTAX;
}
