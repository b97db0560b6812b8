/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cfplugin fields and cfplugin map: the catalogue, and what each reader makes of its log, with the
 * names that others give to a field. Both come from the tables that the programs go by;
 * doc/fields.md is made of them (doc/fields.py).
 */
#include <inttypes.h>
#include <stdio.h>

#include "cfplugin.h"

#define COUNT(a) (sizeof (a) / sizeof (a)[0])

static const char *unit_name(uint8_t unit)
{
    static const char *const names[] = { NULL, "packets", "bytes", "ns", "port", "protocol" };

    return unit < COUNT(names) ? names[unit] : NULL;
}

/* "a b c" of a NULL-ended list; null when there is none. */
static int words_cell(cf_table_t *t, const char *const *list, cf_buf_t *b)
{
    int rc = CF_OK;

    b->len = 0;
    for (size_t i = 0; rc == CF_OK && list != NULL && list[i] != NULL; i++)
        rc = cf_buf_putf(b, "%s%s", i > 0 ? " " : "", list[i]);
    cf_table_text(t, b->len > 0 ? b->data : NULL);
    return rc;
}

/* Element number, behind the enterprise number and '/' where it is not IANA's. */
static void ipfix_cell(cf_table_t *t, const cf_field_t *f)
{
    char text[32];

    if (f == NULL || f->ipfix_id == 0) {
        cf_table_null(t);
    } else if (f->ipfix_pen == 0) {
        cf_table_uint(t, f->ipfix_id);
    } else {
        snprintf(text, sizeof text, "%" PRIu32 "/%u", f->ipfix_pen, f->ipfix_id);
        cf_table_text(t, text);
    }
}

int cfplugin_fields(cf_cli_t *c, cf_diag_t *d)
{
    static const char *const columns[] = { "name", "kind", "unit", "words", "inputs", "ipfix",
                                           "ecs", "ocsf", "meaning" };
    const cf_field_t *f;
    cf_table_t *t;
    cf_buf_t b;
    int rc = CF_OK;

    if (c->noperands > 1)
        return cf_diag_set(d, CF_E_USAGE, "fields takes no names");
    if (cfplugin_table(c, columns, COUNT(columns), &t, d) != CF_OK)
        return d->code;
    cf_buf_init(&b, 1u << 16);
    for (size_t i = 0; rc == CF_OK && (f = cf_field_at(i)) != NULL; i++) {
        cf_table_text(t, f->name);
        cf_table_text(t, cf_kind_name(f->kind));
        cf_table_text(t, unit_name(f->unit));
        rc = words_cell(t, f->names, &b);
        if (rc == CF_OK)
            rc = words_cell(t, f->inputs, &b);
        ipfix_cell(t, f);
        cf_table_text(t, f->ecs);
        cf_table_text(t, f->ocsf);
        cf_table_text(t, f->meaning);
    }
    cf_buf_fini(&b);
    if (rc != CF_OK) {
        cf_table_destroy(t);
        return cf_diag_set(d, rc, "%s", cf_strerror(rc));
    }
    return cfplugin_finish(c, t, d);
}

static void map_rows(cf_table_t *t, const cf_plugin_t *p)
{
    const cf_fieldmap_t *m = p->kind == CF_PLUGIN_READER ? cf_reader_map(p->ops) : NULL;

    for (; m != NULL && m->ours != NULL; m++) {
        const cf_field_t *f = cf_field_find(m->ours);

        cf_table_text(t, p->name);
        cf_table_text(t, m->theirs);
        cf_table_text(t, m->unit);
        cf_table_text(t, m->ours);
        cf_table_text(t, m->value);
        ipfix_cell(t, f);
        cf_table_text(t, f != NULL ? f->ecs : NULL);
        cf_table_text(t, f != NULL ? f->ocsf : NULL);
        cf_table_text(t, m->note);
    }
}

/* Readers named, else those of the site; one that does not load is told and leads to status 2. */
int cfplugin_map(cf_cli_t *c, cf_diag_t *d)
{
    static const char *const columns[] = { "plugin", "logged", "written", "field", "value",
                                           "ipfix", "ecs", "ocsf", "note" };
    const char *name;
    cf_table_t *t;

    if (cfplugin_table(c, columns, COUNT(columns), &t, d) != CF_OK)
        return d->code;
    for (size_t i = 0;; i++) {
        cf_module_t *m;

        if (c->noperands > 1)
            name = i + 1 < (size_t)c->noperands ? c->operands[i + 1] : NULL;
        else
            name = cf_site_name(c->site, i);
        if (name == NULL)
            break;
        if (cfplugin_find(c, name, &m, d) == CF_OK)
            map_rows(t, cf_module_plugin(m));
        else
            cf_cli_fail(c, d);
        cf_diag_clear(d);
    }
    return cfplugin_finish(c, t, d);
}
