/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of fields as users name them, looked up in what a scan really has.
 */
#include <stdlib.h>

#include <cf/print.h>

static int add(const cf_field_t **fields, size_t *n, const cf_field_t *f, cf_diag_t *d)
{
    for (size_t i = 0; i < *n; i++)
        if (fields[i] == f)
            return cf_diag_set(d, CF_E_USAGE, "field %s is named twice", f->name);
    fields[(*n)++] = f;
    return CF_OK;
}

static int parse(cf_scan_t *s, const char *list, const cf_field_t **fields, size_t *n, cf_diag_t *d)
{
    const char *p = list;

    for (;;) {
        size_t len = strcspn(p, ",");
        const cf_field_t *f;
        char name[128];
        int rc;

        if (len == 0)
            return cf_diag_set(d, CF_E_USAGE, "empty name in the list of fields '%s'", list);
        if (len >= sizeof name)
            return cf_diag_set(d, CF_E_FIELD, "no field has a name of %zu bytes", len);
        memcpy(name, p, len);
        name[len] = '\0';
        rc = cf_scan_field(s, name, &f, d);
        if (rc == CF_OK)
            rc = add(fields, n, f, d);
        if (rc != CF_OK || p[len] == '\0')
            return rc;
        p += len + 1;
    }
}

int cf_print_fields(cf_scan_t *s, const char *list, const cf_field_t ***fields, size_t *n, cf_diag_t *d)
{
    size_t most = 1;
    int rc;

    *n = 0;
    for (const char *p = list; *p != '\0'; p++)
        most += *p == ',';
    if (most > CF_SCHEMA_MAX)
        return cf_diag_set(d, CF_E_LIMIT, "%zu fields are named, more than %u", most, CF_SCHEMA_MAX);
    *fields = calloc(most, sizeof **fields);
    if (*fields == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for %zu fields", most);
    rc = parse(s, list, *fields, n, d);
    if (rc != CF_OK) {
        free(*fields);
        *fields = NULL;
        *n = 0;
    }
    return rc;
}

int cf_print_all_fields(cf_scan_t *s, const cf_field_t ***fields, size_t *n, cf_diag_t *d)
{
    const cf_schema_t *schema = cf_scan_schema(s);
    uint32_t count = schema != NULL ? cf_schema_count(schema) : 0;

    *n = 0;
    *fields = NULL;
    if (count == 0)
        return cf_diag_set(d, CF_E_FIELD, "the input has no fields");
    *fields = calloc(count, sizeof **fields);
    if (*fields == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for %u fields", count);
    for (uint32_t i = 0; i < count; i++)
        (*fields)[(*n)++] = cf_schema_field(schema, i);
    return CF_OK;
}

int cf_print_default_fields(cf_scan_t *s, const cf_field_t ***fields, size_t *n, cf_diag_t *d)
{
    static const char *const names[] = {
        "stime", "duration", "sip", "sport", "dip", "dport", "proto", "packets", "bytes", "flags", "action"
    };
    size_t count = sizeof names / sizeof names[0];

    *n = 0;
    *fields = calloc(count, sizeof **fields);
    if (*fields == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for %zu fields", count);
    for (size_t i = 0; i < count; i++) {
        const cf_field_t *f;

        int rc = cf_scan_field(s, names[i], &f, d);

        if (rc == CF_OK) {
            (*fields)[(*n)++] = f;
        } else if (rc != CF_E_FIELD) {
            free(*fields);
            *fields = NULL;
            *n = 0;
            return rc;
        }
    }
    if (d != NULL)
        cf_diag_clear(d);
    if (*n > 0)
        return CF_OK;
    free(*fields);
    return cf_print_all_fields(s, fields, n, d);
}
