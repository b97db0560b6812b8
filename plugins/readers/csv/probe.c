/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is this delimited text that can be read without being told how? Only a header line whose titles
 * name flows is, and any reader that knows its format is surer.
 */
#include "csv.h"

char csv_guess_separator(const char *s, size_t n)
{
    static const char seps[] = ",\t;|";
    size_t count[4] = { 0 }, i;
    bool quoted = false;
    int k, best = 0;

    for (i = 0; i < n && s[i] != '\n'; i++) {
        const char *at = s[i] != '\0' ? strchr(seps, s[i]) : NULL;

        quoted ^= s[i] == '"';
        if (at != NULL && !quoted)
            count[at - seps]++;
    }
    for (k = 1; k < 4; k++)
        best = count[k] > count[best] ? k : best;
    return seps[best];
}

/* A field that a title names, by its own name, an alias, or with blanks around. */
static const cf_field_t *titled(const char *s, size_t n)
{
    char name[65];

    while (n > 0 && (s[0] == ' ' || s[0] == '"' || s[0] == '#')) {
        s++;
        n--;
    }
    while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '"' || s[n - 1] == '\r'))
        n--;
    if (n == 0 || n >= sizeof name || memchr(s, '\0', n) != NULL)
        return NULL;
    memcpy(name, s, n);
    name[n] = '\0';
    return cf_field_find(name);
}

int csv_probe(const cf_probe_t *p)
{
    const char *s = p->bytes, *end, *lf;
    size_t n = p->len;
    unsigned titles = 0, known = 0, addresses = 0;
    char sep;

    if (n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0) {
        s += 3;
        n -= 3;
    }
    lf = memchr(s, '\n', n);
    if (lf == NULL && !p->whole)
        return 0;
    end = lf != NULL ? lf : s + n;
    if (end == s || *s == '{' || *s == '[')
        return 0;
    sep = csv_guess_separator(s, (size_t)(end - s));
    while (s <= end && titles < CF_DELIM_VALUES_MAX) {
        const char *stop = memchr(s, sep, (size_t)(end - s));
        const cf_field_t *f = titled(s, (size_t)((stop != NULL ? stop : end) - s));

        titles++;
        known += f != NULL && !(f->flags & CF_FIELD_UNLISTED);
        if (f != NULL && (strcmp(f->name, "sip") == 0 || strcmp(f->name, "dip") == 0))
            addresses++;
        s = stop != NULL ? stop + 1 : end + 1;
    }
    if (addresses != 2 || known < 4 || 3 * known < 2 * titles)
        return 0;
    return known == titles ? 30 : 20;
}
