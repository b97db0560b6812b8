/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --overall: what all flows are like, field by field. Each field is grouped by its values, which
 * gives exact counts, distinct values and, walking the values in order, exact quartiles (nearest
 * rank: the smallest value that at least a quarter, half, three quarters of the known values do not
 * pass).
 */
#include <stdlib.h>

#include "cfstats.h"

struct overall {
    size_t n;
    cf_group_t **groups;
};

struct profile {
    uint64_t known, null, distinct;
    wide_t sum;
    cf_cell_t at[5];                   /* smallest, quartiles, largest */
};

static int work(void *ctx, unsigned worker, cf_item_t *it, cf_diag_t *d)
{
    struct overall *o = ctx;
    int rc = CF_OK;

    for (size_t i = 0; i < o->n && rc == CF_OK; i++)
        rc = cf_group_item(o->groups[i], worker, it, NULL, d);
    return rc;
}

static int choose_fields(cfstats_t *x, cf_diag_t *d)
{
    static const char *const names[] = {
        "stime", "etime", "duration", "packets", "bytes", "sip", "dip", "sport", "dport", "proto", "action"
    };
    size_t count = sizeof names / sizeof names[0];

    if (x->list != NULL)
        return cf_print_fields(x->scan, x->list, &x->keys, &x->nkeys, d);
    x->keys = calloc(count, sizeof *x->keys);
    if (x->keys == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for %zu fields", count);
    for (size_t i = 0; i < count; i++) {
        const cf_field_t *f;

        int rc = cf_scan_field(x->scan, names[i], &f, d);

        if (rc == CF_OK)
            x->keys[x->nkeys++] = f;
        else if (rc != CF_E_FIELD)
            return rc;
    }
    cf_diag_clear(d);
    return x->nkeys > 0 ? CF_OK : cf_diag_set(d, CF_E_FIELD, "the input has none of the usual fields; name some with "
                                              "--fields");
}

static int create_groups(cfstats_t *x, struct overall *o, cf_diag_t *d)
{
    static const cf_agg_t records = { .op = CF_AGG_RECORDS };
    int rc = CF_OK;

    o->groups = calloc(x->nkeys, sizeof *o->groups);
    if (o->groups == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for %zu fields", x->nkeys);
    for (size_t i = 0; i < x->nkeys && rc == CF_OK; i++) {
        cf_group_options_t options = { .keys = &x->keys[i], .nkeys = 1, .values = &records, .nvalues = 1,
            .workers = x->cli.threads, .memory = x->cli.memory / x->nkeys, .tmpdir = x->cli.tmpdir,
            .include_status = x->include_status };

        rc = cf_group_create(&o->groups[i], &options, d);
        o->n += rc == CF_OK;
    }
    return rc;
}

/* logstatus is read by every group. */
static int tell_needs(cfstats_t *x)
{
    const cf_field_t **fields = calloc(x->nkeys + 1, sizeof *fields);
    int rc = CF_E_NOMEM;

    if (fields != NULL) {
        for (size_t i = 0; i < x->nkeys; i++)
            fields[i] = x->keys[i];
        fields[x->nkeys] = cf_field_find("logstatus");
        rc = cf_scan_need(x->scan, fields, x->nkeys + 1);
    }
    free(fields);
    return rc;
}

static uint64_t records_of(const cf_groups_t *r, size_t row)
{
    cf_cell_t c;

    cf_groups_value(r, row, 0, &c);
    return c.u;
}

static void walk(const cf_groups_t *r, const cf_field_t *f, struct profile *p)
{
    uint64_t seen = 0;
    int next = 0;
    cf_cell_t key;

    for (size_t i = 0; i < cf_groups_count(r); i++) {
        cf_groups_key(r, i, 0, &key);
        if (key.type == CF_CELL_NULL) {
            p->null += records_of(r, i);
            continue;
        }
        p->distinct++;
        p->known += records_of(r, i);
        if ((f->flags & CF_FIELD_COUNTER) != 0)
            p->sum += (wide_t)key.u * records_of(r, i);
    }
    if (f->kind != CF_KIND_UINT && f->kind != CF_KIND_TIME && f->kind != CF_KIND_DURATION)
        return;
    for (size_t i = 0; i < cf_groups_count(r) && next < 5; i++) {
        cf_groups_key(r, i, 0, &key);
        seen += key.type != CF_CELL_NULL ? records_of(r, i) : 0;
        while (key.type != CF_CELL_NULL && next < 5) {
            wide_t rank = next == 0 ? 1 : ((wide_t)p->known * (unsigned)next + 3) / 4;

            if (seen < rank)
                break;
            p->at[next++] = key;
        }
    }
}

static bool is_label(const cf_field_t *f)      /* a number that names something has no quartiles */
{
    return f->unit == CF_UNIT_PORT || f->unit == CF_UNIT_PROTO;
}

static void put_row(cf_table_t *t, const cf_field_t *f, const struct profile *p)
{
    cf_cell_t sum = { .type = CF_CELL_UINT, .u = (uint64_t)p->sum, .hi = (uint64_t)(p->sum >> 64) };

    cf_table_text(t, f->name);
    cf_table_uint(t, p->known);
    cf_table_uint(t, p->null);
    cf_table_uint(t, p->distinct);
    if ((f->flags & CF_FIELD_COUNTER) != 0 && p->known > 0)
        cf_table_cell(t, &sum);
    else
        cf_table_null(t);
    for (int i = 0; i < 5; i++) {
        if (is_label(f))
            cf_table_null(t);
        else
            cf_table_cell(t, &p->at[i]);
    }
}

static void put_count(cf_table_t *t, const char *name, uint64_t count)
{
    cf_table_text(t, name);
    cf_table_uint(t, count);
    for (int i = 0; i < 8; i++)
        cf_table_null(t);
}

static int print(cfstats_t *x, struct overall *o, cf_diag_t *d)
{
    static const char *const columns[] = { "known", "null", "distinct", "sum", "min", "q1", "median", "q3", "max" };
    cf_table_t *t = cf_table_create(&x->print);
    cf_group_summary_t s;
    int rc = CF_OK;

    if (t == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for the table");
    cf_table_column(t, "field", false);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        cf_table_column(t, columns[i], true);
    cf_group_summary(o->groups[0], &s);
    put_count(t, "records", s.records);
    put_count(t, "nodata", s.nodata);
    put_count(t, "skipdata", s.skipdata);
    for (size_t i = 0; i < o->n && rc == CF_OK; i++) {
        const cf_group_order_t by_key = { .value = -1 };
        struct profile p = { 0 };
        cf_groups_t *r;

        rc = cf_group_select(o->groups[i], &by_key, &r, d);
        if (rc != CF_OK)
            break;
        walk(r, x->keys[i], &p);
        put_row(t, x->keys[i], &p);
        cf_groups_destroy(r);
        cf_group_destroy(o->groups[i]);
        o->groups[i] = NULL;
    }
    if (rc == CF_OK)
        rc = cf_table_write(t, x->out, d);
    cf_table_destroy(t);
    return rc;
}

int cfstats_overall(cfstats_t *x, cf_diag_t *d)
{
    struct overall o = { 0, NULL };
    const cf_scan_task_t task = { .work = work, .ctx = &o };
    int rc = choose_fields(x, d);

    if (rc == CF_OK)
        rc = create_groups(x, &o, d);
    if (rc == CF_OK)
        rc = tell_needs(x);
    if (rc == CF_OK) {
        rc = cf_scan_run(x->scan, &task, d);
        if (cfstats_inputs_only(rc))
            rc = print(x, &o, d);
    }
    for (size_t i = 0; i < o.n; i++)
        cf_group_destroy(o.groups[i]);
    free(o.groups);
    return rc;
}
