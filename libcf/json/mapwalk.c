/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk in plain C, eight bytes at a time, and the slow ways of values that both walks share.
 */
#include <string.h>

#include "json/json.h"
#include "json/map.h"

#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)

int cfi_map_string(cfi_walk_t *w, const char **q, cf_jsonval_t *v)
{
    cf_buf_t *arena = &w->m->arena;
    const char *start = *q;
    bool plain;
    int rc = cfi_json_string(start, w->end, q, &plain, &w->why);

    if (rc != CF_OK) {
        w->at = *q;
        w->why = rc == CF_R_SYNTAX ? w->why : "object ends inside of a string";
        return CF_R_SYNTAX;
    }
    v->text = start;
    v->len = (uint32_t)(*q - start);
    v->type = CF_JSON_STRING;
    if (plain)
        return CF_OK;
    /* Room for all of the object at once: texts handed out must not move. */
    if (arena->len == 0 && cf_buf_reserve(arena, (size_t)(w->end - w->text)) != CF_OK)
        return CF_E_NOMEM;
    {
        cf_buf_t part = { arena->data + arena->len, 0, arena->size - arena->len,
                          arena->size - arena->len - 1 };

        rc = cfi_json_unescape(&part, start, v->len);
        if (rc != CF_OK)
            return CF_E_NOMEM;
        v->text = part.data;
        v->len = (uint32_t)part.len;
        arena->len += part.len;
    }
    return CF_OK;
}

/* A quote behind a value that is no string would look like the string's end. */
static int behind(cfi_walk_t *w, const char *q)
{
    if (q == w->end || *q != '"')
        return CF_OK;
    w->at = q;
    w->why = "comma or end of the container expected";
    return CF_R_SYNTAX;
}

int cfi_map_scalar(cfi_walk_t *w, const char **q, cf_jsonval_t *v)
{
    const char *start = *q;
    int rc = cfi_json_scalar(start, w->end, q, &v->type, &w->why);

    if (rc != CF_OK) {
        w->at = *q;
        w->why = rc == CF_R_SYNTAX ? w->why : "object ends inside of a value";
        return CF_R_SYNTAX;
    }
    v->text = start;
    v->len = (uint32_t)(*q - start);
    return behind(w, *q);
}

int cfi_map_whole(cfi_walk_t *w, const char **q, cf_jsonval_t *v)
{
    const char *start = *q;
    int rc;

    if (*start == '"') {
        ++*q;
        return cfi_map_string(w, q, v);
    }
    if (*start != '{' && *start != '[')
        return cfi_map_scalar(w, q, v);
    rc = cfi_json_value(start, w->end, q, &w->why);
    if (rc != CF_OK) {
        w->at = *q;
        w->why = rc == CF_R_SYNTAX ? w->why : "object ends inside of a value";
        return CF_R_SYNTAX;
    }
    v->text = start;
    v->len = (uint32_t)(*q - start);
    v->type = *start == '{' ? CF_JSON_OBJECT : CF_JSON_ARRAY;
    return behind(w, *q);
}

static inline bool same(const cfi_walk_t *w, const char *q, const cfi_edge_t *e)
{
    return (size_t)(w->end - q) >= e->len + (e->kind != CFI_EDGE_END) &&
           memcmp(q, e->text, e->len) == 0;
}

static inline const char *string_end(const cfi_walk_t *w, const char *q, bool *hard)
{
    for (; w->end - q >= 8; q += 8) {
        uint64_t x, quote, odd;

        memcpy(&x, q, 8);
        odd = x ^ ONES * '\\';
        odd = ((odd - ONES) & ~odd) | ((x - ONES * 0x20) & ~x) | x;
        quote = x ^ ONES * '"';
        quote = (quote - ONES) & ~quote;
        if (((odd | quote) & TOPS) != 0)
            break;
    }
    for (; q < w->end; q++) {
        unsigned char c = (unsigned char)*q;

        if (c == '"')
            return q;
        if (c == '\\' || c < 0x20 || c >= 0x80)
            break;
    }
    *hard = true;
    return q;
}

static inline size_t count_digits(const cfi_walk_t *w, const char *q)
{
    size_t n = 0;

    while (q + n < w->end && (unsigned char)(q[n] - '0') <= 9)
        n++;
    return n;
}

#define WALK walk_plain
#define TARGET
#define SAME same
#define STOP string_end
#define DIGITS count_digits
#include "json/mapwalk.h"

int cfi_map_walk_plain(cfi_walk_t *w)
{
    return walk_plain(w);
}
