/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schemas: ordered columns, shared by reference count between batches, streams and readers, and
 * immutable once shared. Lookup by field is linear for few columns; a schema of a flow log has some
 * thirty.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cf/batch.h>

struct cf_schema {
    atomic_uint refs;
    uint32_t count, size;
    const cf_field_t **fields;
    uint32_t dropped_count;
    char **dropped;
};

cf_schema_t *cf_schema_create(void)
{
    cf_schema_t *s = calloc(1, sizeof *s);

    if (s != NULL)
        atomic_init(&s->refs, 1);
    return s;
}

cf_schema_t *cf_schema_get(const cf_schema_t *s)
{
    cf_schema_t *m = (cf_schema_t *)s;      /* only the counter changes */

    if (m != NULL)
        atomic_fetch_add_explicit(&m->refs, 1, memory_order_relaxed);
    return m;
}

void cf_schema_put(cf_schema_t *s)
{
    if (s == NULL || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (uint32_t i = 0; i < s->dropped_count; i++)
        free(s->dropped[i]);
    free(s->dropped);
    free(s->fields);
    free(s);
}

int cf_schema_add(cf_schema_t *s, const cf_field_t *f)
{
    if (cf_schema_index(s, f) >= 0)
        return CF_E_FIELD;
    if (s->count == CF_SCHEMA_MAX)
        return CF_E_LIMIT;
    if (s->count == s->size) {
        uint32_t size = s->size == 0 ? 32 : s->size * 2;
        const cf_field_t **fields = realloc(s->fields, size * sizeof *fields);

        if (fields == NULL)
            return CF_E_NOMEM;
        s->fields = fields;
        s->size = size;
    }
    s->fields[s->count] = f;
    return (int)s->count++;
}

uint32_t cf_schema_count(const cf_schema_t *s)
{
    return s->count;
}

const cf_field_t *cf_schema_field(const cf_schema_t *s, uint32_t i)
{
    return s->fields[i];
}

int cf_schema_index(const cf_schema_t *s, const cf_field_t *f)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (s->fields[i] == f)
            return (int)i;
    return -1;
}

int cf_schema_drop(cf_schema_t *s, const char *name)
{
    char **dropped;
    char *copy;

    if (cf_schema_dropped(s, name))
        return CF_OK;
    if (s->dropped_count == CF_SCHEMA_MAX)
        return CF_E_LIMIT;
    dropped = realloc(s->dropped, (s->dropped_count + 1) * sizeof *dropped);
    if (dropped == NULL)
        return CF_E_NOMEM;
    s->dropped = dropped;
    copy = strdup(name);
    if (copy == NULL)
        return CF_E_NOMEM;
    s->dropped[s->dropped_count++] = copy;
    return CF_OK;
}

bool cf_schema_dropped(const cf_schema_t *s, const char *name)
{
    for (uint32_t i = 0; i < s->dropped_count; i++)
        if (strcmp(s->dropped[i], name) == 0)
            return true;
    return false;
}

const char *cf_schema_dropped_at(const cf_schema_t *s, uint32_t i)
{
    return i < s->dropped_count ? s->dropped[i] : NULL;
}

bool cf_schema_equal(const cf_schema_t *a, const cf_schema_t *b)
{
    if (a == b)
        return true;
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->fields, b->fields, a->count * sizeof(*a->fields)) == 0);
}

/* A dropped name stays dropped only when no column of the union has it. */
static int union_dropped(cf_schema_t *u, const cf_schema_t *from)
{
    for (uint32_t i = 0; i < from->dropped_count; i++) {
        const cf_field_t *f = cf_field_find(from->dropped[i]);

        if (f != NULL && cf_schema_index(u, f) >= 0)
            continue;
        if (cf_schema_drop(u, from->dropped[i]) != CF_OK)
            return CF_E_NOMEM;
    }
    return CF_OK;
}

cf_schema_t *cf_schema_union(const cf_schema_t *a, const cf_schema_t *b)
{
    const cf_schema_t *sides[2] = { a, b };
    cf_schema_t *u = cf_schema_create();

    if (u == NULL)
        return NULL;
    for (int side = 0; side < 2; side++) {
        for (uint32_t i = 0; i < sides[side]->count; i++) {
            int rc = cf_schema_add(u, sides[side]->fields[i]);

            if (rc < 0 && rc != CF_E_FIELD)
                goto failed;
        }
    }
    if (union_dropped(u, a) != CF_OK || union_dropped(u, b) != CF_OK)
        goto failed;
    return u;
failed:
    cf_schema_put(u);
    return NULL;
}
