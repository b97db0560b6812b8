/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command counted beside the rows of its inputs: told with --stats, in the order noted.
 */
#include <jansson.h>

#include "cli/cli.h"

void cf_cli_count(cf_cli_t *c, const char *name, cf_sum_t n)
{
    cfi_cli_t *p = cfi_cli_priv(c);

    if (p->ncounts < CFI_COUNTS_MAX)
        p->counts[p->ncounts++] = (cfi_count_t){ name, n };
}

/* Decimal digits of up to 128 bits; out has room for 40 bytes. */
static const char *digits(cf_sum_t n, char *out)
{
    unsigned __int128 v = (unsigned __int128)n.hi << 64 | n.lo;
    char *at = out + 39;

    *at = '\0';
    do
        *--at = (char)('0' + (int)(v % 10));
    while ((v /= 10) > 0);
    return at;
}

void cfi_counts_text(cf_cli_t *c)
{
    const cfi_cli_t *p = cfi_cli_priv(c);
    char n[40];

    for (size_t i = 0; i < p->ncounts; i++)
        cfi_cli_say(c, "%s: %s", p->counts[i].name, digits(p->counts[i].n, n));
}

json_t *cfi_counts_json(const cf_cli_t *c)
{
    const cfi_cli_t *p = cfi_cli_priv(c);
    json_t *o = json_object();
    char n[40];

    for (size_t i = 0; i < p->ncounts; i++) {
        cf_sum_t v = p->counts[i].n;
        /* beyond what a JSON library must be able to hold: as text */
        json_t *j = v.hi == 0 && v.lo <= INT64_MAX ? json_integer((json_int_t)v.lo)
            : json_string(digits(v, n));

        if (json_object_set_new(o, p->counts[i].name, j) != 0) {
            json_decref(o);
            return NULL;
        }
    }
    return o;
}
