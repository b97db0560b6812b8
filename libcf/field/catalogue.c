/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue: the built-in tables, then what plug-ins and files registered. Registered fields
 * are copied and live until the process ends, so a pointer to a field is good for ever and two
 * fields are the same when their pointers are. Bounded, because a hostile file could bring names
 * without end.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "field.h"

#define REGISTERED_MAX 8192

static const cf_field_t *const tables[] = {
    cfi_fields_flow, cfi_fields_aws, cfi_fields_azure, cfi_fields_gcp, cfi_fields_onprem,
    cfi_fields_clouds, cfi_fields_join
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* written under the lock, then published by the count */
static const cf_field_t *registered[REGISTERED_MAX];
static atomic_size_t registered_count;

static bool same_char(char a, char b)
{
    if (a >= 'A' && a <= 'Z')
        a = (char)(a | 0x20);
    if (b >= 'A' && b <= 'Z')
        b = (char)(b | 0x20);
    return (a == '_' ? '-' : a) == (b == '_' ? '-' : b);
}

static bool same_name(const char *name, const char *s, size_t n)
{
    size_t i = 0;

    for (; i < n && name[i] != '\0'; i++)
        if (!same_char(name[i], s[i]))
            return false;
    return i == n && name[i] == '\0';
}

/* Is one of the blank-separated words in list the name s? */
static bool among(const char *list, const char *s, size_t n)
{
    while (list != NULL && *list != '\0') {
        size_t len = strcspn(list, " ");
        size_t i = 0;

        while (i < len && i < n && same_char(list[i], s[i]))
            i++;
        if (i == len && i == n)
            return true;
        list += len;
        list += strspn(list, " ");
    }
    return false;
}

const cf_field_t *cf_field_at(size_t index)
{
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (const cf_field_t *f = tables[t]; f->name != NULL; f++)
            if (index-- == 0)
                return f;
    return index < atomic_load(&registered_count) ? registered[index] : NULL;
}

static bool other_name(const cf_field_t *f, const char *s, size_t n)
{
    return among(f->aliases, s, n) || (f->ecs != NULL && same_name(f->ecs, s, n));
}

const cf_field_t *cf_field_find(const char *name)
{
    size_t n = strlen(name), count = atomic_load(&registered_count);

    for (int alias = 0; alias < 2; alias++) {
        for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
            for (const cf_field_t *f = tables[t]; f->name != NULL; f++)
                if (alias ? other_name(f, name, n) : same_name(f->name, name, n))
                    return f;
        for (size_t i = 0; i < count; i++)
            if (alias ? among(registered[i]->aliases, name, n) : same_name(registered[i]->name, name, n))
                return registered[i];
    }
    return NULL;
}

static void free_names(const char *const *names)
{
    for (size_t i = 0; names != NULL && names[i] != NULL; i++)
        free((char *)names[i]);
    free((void *)names);
}

static const char *const *copy_names(const char *const *names)
{
    size_t n = 0;
    char **copy;

    while (names[n] != NULL)
        n++;
    copy = calloc(n + 1, sizeof *copy);
    for (size_t i = 0; copy != NULL && i < n; i++) {
        copy[i] = strdup(names[i]);
        if (copy[i] == NULL) {
            free_names((const char *const *)copy);
            return NULL;
        }
    }
    return (const char *const *)copy;
}

static void free_field(cf_field_t *f)
{
    if (f == NULL)
        return;
    free((char *)f->name);
    free((char *)f->meaning);
    free((char *)f->aliases);
    free_names(f->names);
    free_names(f->inputs);
    free(f);
}

static cf_field_t *copy_field(const cf_field_t *f)
{
    cf_field_t *c = calloc(1, sizeof *c);
    bool good;

    if (c == NULL)
        return NULL;
    /* A module made before there were names of others hands in a shorter structure. */
    memcpy(c, f, offsetof(cf_field_t, ecs));
    c->name = strdup(f->name);
    c->meaning = strdup(f->meaning != NULL ? f->meaning : "");
    c->aliases = f->aliases != NULL ? strdup(f->aliases) : NULL;
    c->names = f->names != NULL ? copy_names(f->names) : NULL;
    c->inputs = f->inputs != NULL ? copy_names(f->inputs) : NULL;
    good = c->name != NULL && c->meaning != NULL && (f->aliases == NULL || c->aliases != NULL) &&
           (f->names == NULL || c->names != NULL) && (f->inputs == NULL || c->inputs != NULL);
    if (!good) {
        free_field(c);
        return NULL;
    }
    return c;
}

static bool legal(const cf_field_t *f)
{
    char name[64];
    size_t n = strlen(f->name), words = 0;

    cf_field_legal_name(f->name, n, name);
    if (n == 0 || n > 63 || strcmp(name, f->name) != 0)
        return false;
    switch (f->kind) {
    case CF_KIND_UINT:
        return f->width == 1 || f->width == 2 || f->width == 4 || f->width == 8;
    case CF_KIND_TIME:
    case CF_KIND_DURATION:
        return f->width == 8;
    case CF_KIND_ADDR:
    case CF_KIND_STRING:
        return f->width == 4;
    case CF_KIND_FLAGS:
        return f->width == 1 || f->width == 2;
    case CF_KIND_ENUM:
        while (f->names != NULL && f->names[words] != NULL)
            words++;
        return f->width == 1 && words > 0 && words <= 256;
    default:
        return false;
    }
}

static bool same_meaning(const cf_field_t *a, const cf_field_t *b)
{
    if (a->kind != b->kind || a->width != b->width)
        return false;
    if (a->kind != CF_KIND_ENUM)
        return true;
    for (size_t i = 0;; i++) {
        if (a->names[i] == NULL || b->names[i] == NULL)
            return a->names[i] == b->names[i];
        if (strcmp(a->names[i], b->names[i]) != 0)
            return false;
    }
}

int cf_field_register(const cf_field_t *f, const cf_field_t **out, cf_diag_t *d)
{
    const cf_field_t *known;
    cf_field_t *copy = NULL;
    size_t count;
    int rc = CF_OK;

    if (f->name == NULL || !legal(f))
        return cf_diag_set(d, CF_E_FIELD, "field '%.64s': name, kind or width is not legal",
                           f->name != NULL ? f->name : "");
    pthread_mutex_lock(&lock);
    count = atomic_load(&registered_count);
    known = cf_field_find(f->name);
    if (known != NULL) {
        if (same_meaning(known, f))
            *out = known;
        else
            rc = cf_diag_set(d, CF_E_FIELD, "field '%s' is known already with another meaning (%s)", f->name,
                             cf_kind_name(known->kind));
    } else if (count == REGISTERED_MAX) {
        rc = cf_diag_set(d, CF_E_LIMIT, "more than %d fields", REGISTERED_MAX);
    } else if ((copy = copy_field(f)) == NULL) {
        rc = cf_diag_set(d, CF_E_NOMEM, "field '%s': out of memory", f->name);
    } else {
        registered[count] = copy;
        atomic_store(&registered_count, count + 1);
        *out = copy;
    }
    pthread_mutex_unlock(&lock);
    return rc;
}

int cf_field_enum_parse(const cf_field_t *f, const char *s, size_t n, uint8_t *code)
{
    for (size_t i = 0; f->names != NULL && f->names[i] != NULL; i++) {
        if (strlen(f->names[i]) == n && strncasecmp(f->names[i], s, n) == 0) {
            *code = (uint8_t)i;
            return CF_OK;
        }
    }
    return CF_R_ENUM;
}

void cf_field_legal_name(const char *s, size_t n, char *out)
{
    size_t at = 0;

    for (size_t i = 0; i < n && at < 63; i++) {
        char c = s[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c | 0x20);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-')
            out[at++] = c;
        else
            out[at++] = '_';
    }
    if (at == 0)
        out[at++] = '_';
    out[at] = '\0';
}
