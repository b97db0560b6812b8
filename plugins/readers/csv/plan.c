/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From titles, or from the order of values, to cells. A title is looked for in the map first, then
 * in the catalogue; what nobody knows is kept as text or dropped.
 */
#include <stdio.h>
#include <stdlib.h>

#include "csv.h"

static void note(csv_t *st, const cf_field_t *f, csv_special_t special, int cell)
{
    const struct { const char *name; int *at; } places[] = {
        { "stime", &st->at.stime }, { "etime", &st->at.etime }, { "bytes", &st->at.bytes },
        { "packets", &st->at.packets }, { "rbytes", &st->at.rbytes },
        { "rpackets", &st->at.rpackets }, { "duration", &st->at.duration },
    };
    size_t i;

    if (special == CSV_TOTAL_BYTES)
        st->at.total_bytes = cell;
    if (special == CSV_TOTAL_PACKETS)
        st->at.total_packets = cell;
    for (i = 0; f != NULL && i < sizeof places / sizeof places[0]; i++) {
        if (strcmp(f->name, places[i].name) == 0)
            *places[i].at = cell;
    }
}

static int add(csv_t *st, const cf_column_t *c, const cf_field_t *f, csv_special_t special, cf_diag_t *d)
{
    int rc = cf_cells_column(st->table, c);

    if (rc == CF_E_FIELD)
        return cf_diag_set(d, CF_E_USAGE, "column '%.64s' is %s, as another one is", c->name, f->name);
    if (rc == CF_E_USAGE)
        return cf_diag_set(d, rc, "column '%.64s': '%.64s' is no pattern of a time", c->name, c->pattern);
    if (rc < 0)
        return cf_diag_set(d, rc, "column '%.64s': %s", c->name, cf_strerror(rc));
    note(st, f, special, rc);
    return CF_OK;
}

/* duration is computed, so it goes nowhere, but makes the end known. */
static const cf_field_t *stored(const cf_field_t *f)
{
    return f != NULL && !(f->flags & CF_FIELD_DERIVED) ? f : NULL;
}

static int mapped(csv_t *st, csv_item_t *it, int from, cf_diag_t *d)
{
    cf_column_t c = { .field = stored(it->field), .as = it->as, .from = from,
                      .pattern = it->pattern, .words = it->words, .lenient = it->lenient };

    it->used = true;
    if (it->special == CSV_DROP)
        return CF_OK;
    c.name = it->source != NULL ? it->source : it->field != NULL ? it->field->name : "total";
    return add(st, &c, it->field, it->special, d);
}

static int titled(csv_t *st, cf_text_t title, int from, cf_diag_t *d)
{
    char name[128];
    const cf_field_t *f;
    cf_column_t c = { .name = name, .from = from };
    uint32_t i;
    int rc;

    while (title.n > 0 && (title.s[0] == ' ' || title.s[0] == '#')) {
        title.s++;
        title.n--;
    }
    while (title.n > 0 && title.s[title.n - 1] == ' ')
        title.n--;
    (void)snprintf(name, sizeof name, "%.*s", title.n < 120 ? (int)title.n : 120, title.s);
    for (i = 0; i < st->map.n; i++) {
        if (st->map.titles && strcmp(st->map.item[i].source, name) == 0)
            return mapped(st, &st->map.item[i], from, d);
    }
    f = cf_field_find(name);
    if (f != NULL && (!(f->flags & CF_FIELD_DERIVED) || strcmp(f->name, "duration") == 0) &&
        (st->keep_unknown || !st->map.titles)) {
        c.field = stored(f);
        c.as = cf_cells_usual(f);
        return add(st, &c, f, CSV_FIELD, d);
    }
    if (!st->keep_unknown || f != NULL || title.n == 0)
        return CF_OK;
    rc = cf_cells_unknown(st->table, title.s, title.n, "csv", from);
    if (rc == CF_E_FIELD)
        return cf_diag_set(d, CF_E_USAGE, "column '%.64s' is there twice", name);
    return rc < 0 ? cf_diag_set(d, rc, "column '%.64s': %s", name, cf_strerror(rc)) : CF_OK;
}

/* Ends and other directions that the row function makes. */
static int computed(csv_t *st, cf_diag_t *d)
{
    const struct { bool wanted; const char *name; int *at; } own[] = {
        { st->at.duration >= 0 && st->at.stime >= 0 && st->at.etime < 0, "etime", &st->at.etime },
        { st->at.duration >= 0 && st->at.etime >= 0 && st->at.stime < 0, "stime", &st->at.stime },
        { st->at.total_bytes >= 0, "rbytes", &st->at.rbytes },
        { st->at.total_packets >= 0, "rpackets", &st->at.rpackets },
    };
    size_t i;

    for (i = 0; i < sizeof own / sizeof own[0]; i++) {
        const cf_field_t *f = cf_field_find(own[i].name);
        cf_column_t c = { .field = f, .name = own[i].name, .from = -1 };
        int rc;

        if (!own[i].wanted)
            continue;
        c.as = f->kind == CF_KIND_TIME ? CF_AS_ISO : CF_AS_UINT;
        rc = add(st, &c, f, CSV_FIELD, d);
        if (rc != CF_OK)
            return rc;
    }
    if ((st->at.total_bytes >= 0 && st->at.bytes < 0) ||
        (st->at.total_packets >= 0 && st->at.packets < 0))
        return cf_diag_set(d, CF_E_USAGE, "a total needs a column for one of its directions");
    return CF_OK;
}

int csv_plan(csv_t *st, const cf_line_t *header, uint32_t values, cf_diag_t *d)
{
    cf_cells_options_t o = { .nulls = st->nulls, .zone = st->zone, .row = csv_row, .ctx = st,
                             .skip = &st->skip };
    uint32_t i;
    int rc = cf_cells_create(&st->table, st->env, &o, d);

    memset(&st->at, 0xff, sizeof st->at);
    st->values = values;
    for (i = 0; i < st->map.n; i++)
        st->map.item[i].used = false;
    if (rc == CF_OK && st->env->settings[SET_CONSTANTS].set)
        rc = csv_constants(st->table, st->env->settings[SET_CONSTANTS].text, d);
    if (header != NULL && st->header == HEADER_YES) {
        for (i = 0; i < values && rc == CF_OK; i++)
            rc = titled(st, header->value[i], (int)i, d);
    } else {
        if (rc == CF_OK && values < st->map.n)
            rc = cf_diag_set(d, CF_E_USAGE, "columns names %u values, the first row has %u", st->map.n,
                             values);
        for (i = 0; i < st->map.n && rc == CF_OK; i++)
            rc = mapped(st, &st->map.item[i], (int)i, d);
    }
    for (i = 0; i < st->map.n && rc == CF_OK; i++) {
        if (!st->map.item[i].used)
            rc = cf_diag_set(d, CF_E_USAGE, "the header has no column '%.64s'", st->map.item[i].source);
    }
    return rc == CF_OK ? computed(st, d) : rc;
}
