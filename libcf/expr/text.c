/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text patterns. They run over dictionary entries, once for each block, not over rows; so clarity
 * goes before speed. Case counts, except in /…/i.
 */
#include <stdlib.h>
#include <string.h>

#include "expr/expr.h"

void cfi_texts_fini(cfi_texts_t *t)
{
    for (uint32_t i = 0; i < t->n; i++)
        free(t->item[i].s);
    free(t->item);
    if (t->has_regex)
        regfree(&t->regex);
    memset(t, 0, sizeof *t);
}

int cfi_texts_add(cfi_texts_t *t, const char *s, size_t n)
{
    char *copy = malloc(n + 1);

    if (copy == NULL)
        return CF_E_NOMEM;
    if (n > 0)
        memcpy(copy, s, n);
    copy[n] = '\0';
    if (t->n == t->size) {
        uint32_t size = t->size == 0 ? 4 : t->size * 2;
        cfi_text_t *item = realloc(t->item, size * sizeof *item);

        if (item == NULL) {
            free(copy);
            return CF_E_NOMEM;
        }
        t->item = item;
        t->size = size;
    }
    t->item[t->n++] = (cfi_text_t){ copy, n };
    return CF_OK;
}

static int compare(const char *a, size_t an, const char *b, size_t bn)
{
    int c = memcmp(a, b, an < bn ? an : bn);

    return c != 0 ? c : (an > bn) - (an < bn);
}

static int by_text(const void *a, const void *b)
{
    const cfi_text_t *x = a, *y = b;

    return compare(x->s, x->n, y->s, y->n);
}

void cfi_texts_seal(cfi_texts_t *t)
{
    if (t->n > 1)
        qsort(t->item, t->n, sizeof *t->item, by_text);
}

/*
 * regcomp expands counted repetitions, so (a{255}){255} would take gigabytes. Bound the product of
 * all counts.
 */
static bool repeats_too_much(const char *pattern)
{
    unsigned long total = 1;
    bool escaped = false;

    for (const char *c = pattern; *c != '\0'; c++) {
        if (escaped || *c != '{') {
            escaped = !escaped && *c == '\\';
            continue;
        }
        unsigned long most = 0, count = 0;

        for (c++; (*c >= '0' && *c <= '9') || *c == ','; c++) {
            count = *c == ',' ? 0 : count * 10 + (unsigned long)(*c - '0');
            if (count > 10000)
                return true;
            if (count > most)
                most = count;
        }
        c--;
        total *= most > 1 ? most : 1;
        if (total > 10000)
            return true;
    }
    return false;
}

/* Back references, a GNU addition, make matching exponential. */
static bool refers_back(const char *pattern)
{
    for (const char *c = pattern; *c != '\0'; c++) {
        if (*c == '\\' && c[1] != '\0') {
            c++;
            if (*c >= '1' && *c <= '9')
                return true;
        }
    }
    return false;
}

int cfi_texts_regex(cfi_texts_t *t, const char *pattern, bool nocase, cf_diag_t *d)
{
    char why[128];
    int rc;

    if (strlen(pattern) > CFI_REGEX_MAX)
        return cf_diag_set(d, CF_E_USAGE, "regular expression is longer than %u bytes",
                           CFI_REGEX_MAX);
    if (repeats_too_much(pattern))
        return cf_diag_set(
            d, CF_E_USAGE,
            "repetition counts of the regular expression multiply to more than 10000");
    if (refers_back(pattern))
        return cf_diag_set(d, CF_E_USAGE, "regular expression may not refer back (\\1)");
    rc = regcomp(&t->regex, pattern, REG_EXTENDED | REG_NOSUB | (nocase ? REG_ICASE : 0));
    if (rc == 0) {
        t->has_regex = true;
        return CF_OK;
    }
    regerror(rc, &t->regex, why, sizeof why);
    return cf_diag_set(d, rc == REG_ESPACE ? CF_E_NOMEM : CF_E_USAGE, "regular expression: %s",
                       why);
}

/* Does c match the bracket set at p (behind '[')? *next = behind ']', or NULL when the set does not
 * end. */
static bool in_brackets(const char *p, const char *end, unsigned char c, const char **next)
{
    bool negate = false, hit = false, first = true;

    if (p < end && (*p == '!' || *p == '^')) {
        negate = true;
        p++;
    }
    for (; p < end && (first || *p != ']'); first = false) {
        unsigned char lo = (unsigned char)*p++, hi = lo;

        if (lo == '\\' && p < end)
            lo = hi = (unsigned char)*p++;
        if (p + 1 < end && *p == '-' && p[1] != ']') {
            hi = (unsigned char)p[1];
            p += 2;
        }
        hit |= lo <= c && c <= hi;
    }
    *next = p < end ? p + 1 : NULL;
    return hit != negate;
}

/* One element of the pattern at *p against one byte; *p moves behind the element. A '[' without end
 * is itself. */
static bool one(const char **p, const char *end, unsigned char c)
{
    const char *next;
    bool hit;

    switch (**p) {
    case '?':
        ++*p;
        return true;
    case '[':
        hit = in_brackets(*p + 1, end, c, &next);
        if (next != NULL) {
            *p = next;
            return hit;
        }
        break;
    case '\\':
        if (*p + 1 < end)
            ++*p;
        break;
    default:
        break;
    }
    return (unsigned char)*(*p)++ == c;
}

bool cfi_glob(const char *p, size_t pn, const char *s, size_t sn)
{
    const char *pend = p + pn, *send = s + sn;
    const char *star = NULL, *back = NULL; /* behind the last '*', and the byte it was tried at */

    while (s < send || p < pend) {
        if (p < pend && *p == '*') {
            star = ++p;
            back = s;
            continue;
        }
        if (p < pend && s < send && one(&p, pend, (unsigned char)*s)) {
            s++;
            continue;
        }
        if (star == NULL || back == send)
            return false;
        p = star;
        s = ++back;
    }
    return true;
}

static bool contains(const char *s, size_t n, const cfi_text_t *t)
{
    return t->n == 0 || (n >= t->n && memmem(s, n, t->s, t->n) != NULL);
}

static bool equal_one(const cfi_texts_t *t, const char *s, size_t n)
{
    uint32_t lo = 0, hi = t->n;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int c = compare(t->item[mid].s, t->item[mid].n, s, n);

        if (c == 0)
            return true;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

static bool match_one(const cfi_texts_t *t, const cfi_text_t *i, const char *s, size_t n)
{
    switch (t->op) {
    case CFI_OP_GLOB:
        return cfi_glob(i->s, i->n, s, n);
    case CFI_OP_CONTAINS:
        return contains(s, n, i);
    case CFI_OP_STARTS:
        return n >= i->n && memcmp(s, i->s, i->n) == 0;
    case CFI_OP_ENDS:
        return n >= i->n && memcmp(s + n - i->n, i->s, i->n) == 0;
    default:
        return false;
    }
}

int cfi_texts_match(const cfi_texts_t *t, const char *s, size_t n, char *scratch)
{
    if (t->op == CFI_OP_EQ || t->op == CFI_OP_IN)
        return equal_one(t, s, n);
    if (t->op == CFI_OP_REGEX) {
        int rc;

        if (n > CF_STRING_MAX)
            n = CF_STRING_MAX;
        memcpy(scratch, s, n);
        scratch[n] = '\0';
        rc = regexec(&t->regex, scratch, 0, NULL, 0);
        return rc == 0 ? 1 : rc == REG_NOMATCH ? 0 : CF_E_NOMEM;
    }
    for (uint32_t i = 0; i < t->n; i++)
        if (match_one(t, &t->item[i], s, n))
            return true;
    return false;
}
