/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that lead to records: of a document that is just beginning (a list among its first members?),
 * and of an object that is complete and was no record (what inside of it promises most?).
 */
#include <string.h>

#include "json/json.h"
#include "json/rec.h"

bool cfi_rec_is_key(const char *const *keys, const char *key, size_t n)
{
    for (; keys != NULL && *keys != NULL; keys++) {
        if (strlen(*keys) == n && memcmp(*keys, key, n) == 0)
            return true;
    }
    return false;
}

/* The next member: *p is behind '{' or ','. CF_EOF: the object is over. */
static int next_key(const char **p, const char *limit, const char **key, size_t *n)
{
    const char *why;
    bool plain;
    int rc;

    *p = cfi_json_blanks(*p, limit);
    if (*p == limit)
        return CF_E_TRUNC;
    if (**p == '}')
        return CF_EOF;
    if (**p != '"')
        return CF_R_SYNTAX;
    *key = *p + 1;
    rc = cfi_json_string(*key, limit, p, &plain, &why);
    if (rc != CF_OK)
        return rc;
    *n = (size_t)(*p - *key);
    *p = cfi_json_blanks(*p + 1, limit);
    if (*p == limit)
        return CF_E_TRUNC;
    if (**p != ':')
        return CF_R_SYNTAX;
    *p = cfi_json_blanks(*p + 1, limit);
    return *p == limit ? CF_E_TRUNC : CF_OK;
}

/* Over a value and the comma behind it. CF_EOF: the object is over. */
static int over_value(const char **p, const char *limit)
{
    const char *why;
    int rc = cfi_json_value(*p, limit, p, &why);

    if (rc != CF_OK)
        return rc;
    *p = cfi_json_blanks(*p, limit);
    if (*p == limit)
        return CF_E_TRUNC;
    if (**p == '}')
        return CF_EOF;
    if (**p != ',')
        return CF_R_SYNTAX;
    ++*p;
    return CF_OK;
}

static int peek(const cf_jsonrec_t *r, const char *p, const char *limit, unsigned deep,
                const char **at, uint32_t *around)
{
    const char *key;
    size_t n;
    int rc;

    for (p++;; ) {
        rc = next_key(&p, limit, &key, &n);
        if (rc != CF_OK)
            return rc == CF_E_TRUNC ? rc : CF_EOF;
        if (cfi_rec_is_key(r->o.marks, key, n))
            return CF_EOF;
        if (*p == '[' && cfi_rec_is_key(r->o.lists, key, n)) {
            *at = p + 1;
            *around = deep + 1;
            return CF_OK;
        }
        if (*p == '{' && deep < 3 && cfi_rec_is_key(r->o.wrappers, key, n)) {
            rc = peek(r, p, limit, deep + 1, at, around);
            if (rc != CF_EOF)
                return rc;
        }
        rc = over_value(&p, limit);
        if (rc != CF_OK)
            return rc == CF_E_TRUNC ? rc : CF_EOF;
    }
}

int cfi_rec_peek(const cf_jsonrec_t *r, const char *p, size_t n, size_t *at, uint32_t *around)
{
    const char *found;
    int rc = peek(r, p, p + n, 0, &found, around);

    if (rc == CF_OK)
        *at = (size_t)(found - p);
    return rc;
}

/* ---- complete objects ---------------------------------------------------------------------- */

/* Value of a key of the object at p. */
static const char *find(const char *p, const char *limit, const char *key, size_t len)
{
    const char *k;
    size_t n;

    if (*p != '{')
        return NULL;
    for (p++; next_key(&p, limit, &k, &n) == CF_OK;) {
        if (n == len && memcmp(k, key, n) == 0)
            return p;
        if (over_value(&p, limit) != CF_OK)
            break;
    }
    return NULL;
}

static void consider(cfi_member_t *best, cfi_inside_t what, uint32_t order, const char *v,
                     const char *limit)
{
    static const uint32_t base[] = { 0, 0, 1000, 2000, 3000 };
    const char *end, *why;
    uint32_t rank = base[what] + order;
    bool plain;

    if (*v == '"') {
        const char *in;

        if ((what != CFI_TEXT && what != CFI_PAYLOAD) ||
            cfi_json_string(v + 1, limit, &end, &plain, &why) != CF_OK)
            return;
        v++;
        in = v;
        while (in < end && (cfi_json_blank(*in) || (in + 1 < end && *in == '\\' && in[1] == 'n')))
            in += *in == '\\' ? 2 : 1;
        if (what == CFI_TEXT && (in == end || (*in != '{' && *in != '[')))
            rank += 4000;
        if (in == end || (what == CFI_TEXT && memchr(in, '{', (size_t)(end - in)) == NULL))
            return;
    } else {
        if ((what != CFI_OBJECT && what != CFI_LIST) || *v != (what == CFI_OBJECT ? '{' : '[') ||
            cfi_json_value(v, limit, &end, &why) != CF_OK)
            return;
    }
    if (best->what != CFI_NOTHING && best->rank <= rank)
        return;
    best->what = what;
    best->rank = rank;
    best->text = v;
    best->len = (size_t)(end - v);
}

static void match(const char *const *keys, cfi_inside_t what, const char *key, size_t n,
                  const char *v, const char *limit, cfi_member_t *best)
{
    for (uint32_t i = 0; keys != NULL && keys[i] != NULL; i++) {
        size_t len = strlen(keys[i]);
        const char *in;

        if (len < n || memcmp(keys[i], key, n) != 0)
            continue;
        if (len == n) {
            consider(best, what, i, v, limit);
        } else if (keys[i][n] == '.' && *v == '{') {
            in = find(v, limit, keys[i] + n + 1, len - n - 1);
            if (in != NULL)
                consider(best, what, i, in, limit);
        }
    }
}

void cfi_rec_inside(const cf_jsonrec_t *r, const char *p, size_t n, cfi_member_t *best)
{
    const char *limit = p + n, *key;
    size_t len;

    best->what = CFI_NOTHING;
    for (p++; next_key(&p, limit, &key, &len) == CF_OK;) {
        match(r->o.texts, CFI_TEXT, key, len, p, limit, best);
        match(r->o.payloads, CFI_PAYLOAD, key, len, p, limit, best);
        match(r->o.wrappers, CFI_OBJECT, key, len, p, limit, best);
        match(r->o.lists, CFI_LIST, key, len, p, limit, best);
        if (over_value(&p, limit) != CF_OK)
            break;
    }
}

