/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of values: what is computed of each group, and what its column is called.
 */
#include <stdio.h>
#include <string.h>

#include "cfstats.h"

static const struct {
    const char *prefix;
    cf_agg_op_t op;
} operations[] = {
    { "sum:", CF_AGG_SUM }, { "min:", CF_AGG_MIN }, { "max:", CF_AGG_MAX }, { "distinct:", CF_AGG_DISTINCT },
};

static int add(cfstats_t *x, cf_agg_op_t op, const cf_field_t *f, cf_diag_t *d)
{
    const char *prefix = "";

    for (size_t i = 0; i < x->nvalues; i++)
        if (x->values[i].op == op && x->values[i].field == f)
            return cf_diag_set(d, CF_E_USAGE, "--values: %s is named twice", x->names[i]);
    if (x->nvalues == CF_GROUP_VALUES_MAX)
        return cf_diag_set(d, CF_E_USAGE, "--values: more than %d values", CF_GROUP_VALUES_MAX);
    for (size_t i = 1; i < sizeof operations / sizeof operations[0]; i++)
        if (operations[i].op == op)
            prefix = operations[i].prefix;
    snprintf(x->names[x->nvalues], VALUE_NAME, "%s%s", prefix, f != NULL ? f->name : "records");
    x->values[x->nvalues].op = op;
    x->values[x->nvalues++].field = f;
    return CF_OK;
}

static int one(cfstats_t *x, const char *name, cf_diag_t *d)
{
    cf_agg_op_t op = CF_AGG_SUM;
    const cf_field_t *f;
    bool plain = true;
    int rc;

    if (strcmp(name, "records") == 0 || strcmp(name, "flows") == 0)
        return add(x, CF_AGG_RECORDS, NULL, d);
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        size_t n = strlen(operations[i].prefix);

        if (strncmp(name, operations[i].prefix, n) == 0) {
            op = operations[i].op;
            name += n;
            plain = false;
            break;
        }
    }
    rc = cf_scan_field(x->scan, name, &f, d);
    if (rc != CF_OK)
        return rc;
    if (plain && f->kind == CF_KIND_TIME)      /* the first begin, the last end */
        op = strcmp(f->name, "etime") == 0 ? CF_AGG_MAX : CF_AGG_MIN;
    return add(x, op, f, d);
}

static int parse(cfstats_t *x, const char *list, cf_diag_t *d)
{
    const char *p = list;

    for (;;) {
        size_t n = strcspn(p, ",");
        char name[128];
        int rc;

        if (n == 0 || n >= sizeof name)
            return cf_diag_set(d, CF_E_USAGE, "--values: %s name in '%s'", n == 0 ? "empty" : "too long a", list);
        memcpy(name, p, n);
        name[n] = '\0';
        rc = one(x, name, d);
        if (rc != CF_OK || p[n] == '\0')
            return rc;
        p += n + 1;
    }
}

int cfstats_values(cfstats_t *x, cf_diag_t *d)
{
    static const char *const usual[] = { "packets", "bytes" };
    int rc;

    if (x->values_list != NULL)
        return parse(x, x->values_list, d);
    rc = add(x, CF_AGG_RECORDS, NULL, d);
    for (size_t i = 0; i < 2 && rc == CF_OK; i++) {
        const cf_field_t *f;

        rc = cf_scan_field(x->scan, usual[i], &f, d);
        if (rc == CF_OK)
            rc = add(x, CF_AGG_SUM, f, d);
        else if (rc == CF_E_FIELD)
            rc = CF_OK;
    }
    if (rc == CF_OK)
        cf_diag_clear(d);
    return rc;
}
