/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of fields in an expression: looked up where the caller says (a scan knows its inputs), with
 * near names offered for a wrong one, and the pseudo fields that stand for either side of a flow.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "expr/expr.h"

#define NAME_MAX_BYTES 63
#define OFFERED 3

static const struct {
    const char *name, *a, *b;
} pseudo[] = {
    { "ip", "sip", "dip" }, { "any.ip", "sip", "dip" }, { "anyip", "sip", "dip" },
    { "addr", "sip", "dip" }, { "any.addr", "sip", "dip" },
    { "port", "sport", "dport" }, { "any.port", "sport", "dport" }, { "anyport", "sport", "dport" },
    { "aport", "sport", "dport" },
};

bool cfi_pseudo(const char *s, size_t n, const char **a, const char **b)
{
    for (size_t i = 0; i < sizeof pseudo / sizeof pseudo[0]; i++) {
        if (strlen(pseudo[i].name) == n && strncasecmp(pseudo[i].name, s, n) == 0) {
            *a = pseudo[i].a;
            *b = pseudo[i].b;
            return true;
        }
    }
    return false;
}

/* Edit distance of short names (swapped neighbours count one), given up above limit. */
static unsigned distance(const char *a, size_t an, const char *b, size_t bn, unsigned limit)
{
    unsigned row[3][NAME_MAX_BYTES + 1];
    unsigned *before = row[0], *last = row[1], *now = row[2];

    if (an > NAME_MAX_BYTES || bn > NAME_MAX_BYTES || an > bn + limit || bn > an + limit)
        return limit + 1;
    for (size_t j = 0; j <= bn; j++) {
        last[j] = (unsigned)j;
        before[j] = limit + 1;
    }
    for (size_t i = 1; i <= an; i++) {
        unsigned *spare = before;

        now[0] = (unsigned)i;
        for (size_t j = 1; j <= bn; j++) {
            unsigned best = last[j - 1] + ((a[i - 1] | 0x20) != (b[j - 1] | 0x20));

            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && (a[i - 1] | 0x20) == (b[j - 2] | 0x20)
                && (a[i - 2] | 0x20) == (b[j - 1] | 0x20) && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        before = last;
        last = now;
        now = spare;
    }
    return last[bn];
}

/* Distance to the nearest of a field's names. */
static unsigned nearest(const cf_field_t *f, const char *s, size_t n, unsigned limit)
{
    unsigned best = distance(s, n, f->name, strlen(f->name), limit);
    const char *a = f->aliases;

    while (a != NULL && *a != '\0') {
        size_t len = strcspn(a, " ");
        unsigned d = distance(s, n, a, len, limit);

        if (d < best)
            best = d;
        a += len;
        a += strspn(a, " ");
    }
    return best;
}

/* "; did you mean dport or sport" or nothing. */
static void offer(const char *s, size_t n, char *out, size_t size)
{
    const cf_field_t *name[OFFERED] = { NULL };
    unsigned rank[OFFERED] = { 0 }, limit = n <= 3 ? 1 : n <= 6 ? 2 : 3;
    size_t count = 0, used;

    for (size_t i = 0; cf_field_at(i) != NULL; i++) {
        const cf_field_t *f = cf_field_at(i);
        unsigned d = nearest(f, s, n, limit);
        size_t at = count < OFFERED ? count : OFFERED;

        if (d > limit)
            continue;
        while (at > 0 && rank[at - 1] > d) {
            if (at < OFFERED) {
                rank[at] = rank[at - 1];
                name[at] = name[at - 1];
            }
            at--;
        }
        if (at < OFFERED) {
            rank[at] = d;
            name[at] = f;
            count += count < OFFERED;
        }
    }
    /* only the nearest; the further ones confuse */
    while (count > 1 && rank[count - 1] > rank[0])
        count--;
    out[0] = '\0';
    used = 0;
    for (size_t i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s",
                                 i == 0           ? "; did you mean "
                                 : i + 1 == count ? " or "
                                                  : ", ",
                                 name[i]->name);
}

static bool copy_name(const char *s, size_t n, char *out)
{
    if (n > NAME_MAX_BYTES || memchr(s, '\0', n) != NULL)
        return false;
    memcpy(out, s, n);
    out[n] = '\0';
    return true;
}

const cf_field_t *cfi_field_maybe(cfi_parser_t *p, const char *s, size_t n)
{
    char name[NAME_MAX_BYTES + 1];
    const cf_field_t *f = NULL;

    if (n == 0 || !copy_name(s, n, name))
        return NULL;
    if (p->env != NULL && p->env->field != NULL)
        return p->env->field(p->env->ctx, name, &f, NULL) == CF_OK ? f : NULL;
    return cf_field_find(name);
}

int cfi_field_named(cfi_parser_t *p, size_t at, size_t n, const cf_field_t **f)
{
    char name[NAME_MAX_BYTES + 1], near[160];
    const char *s = p->text + at;
    cf_diag_t why = CF_DIAG_INIT;

    *f = NULL;
    if (copy_name(s, n, name)) {
        if (p->env == NULL || p->env->field == NULL) {
            *f = cf_field_find(name);
        } else {
            int rc = p->env->field(p->env->ctx, name, f, &why);

            /* the catalogue knows it, so the reason is in the inputs */
            if (rc != CF_OK && (rc != CF_E_FIELD || cf_field_find(name) != NULL))
                return cfi_fail(p, at, rc, "%s", why.text);
            if (rc != CF_OK)
                *f = NULL;
        }
    }
    if (*f != NULL)
        return CF_OK;
    if (*s >= '0' && *s <= '9')
        return cfi_fail(p, at, CF_E_USAGE,
                        "'%.*s' is not a field; a comparison starts with a field: dport == 443",
                        n > 60 ? 60 : (int)n, s);
    offer(s, n, near, sizeof near);
    return cfi_fail(p, at, CF_E_FIELD, "unknown field '%.*s'%s", n > 60 ? 60 : (int)n, s, near);
}
