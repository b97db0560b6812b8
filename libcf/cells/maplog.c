/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers by their map: columns of a table, and JSON logs as a whole. See cf/maplog.h.
 *
 * The slot of a path is the row of the map, so a value is handed on from the walk over a record to
 * the table without a search. Rows of the map that share a field are looked at in their order: the
 * first that has a value counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cf/jsonmap.h>
#include <cf/maplog.h>

static uint32_t names(const cf_fieldmap_t *map)
{
    uint32_t n = 0;

    while (map[n].theirs != NULL)
        n++;
    return n;
}

/* The first row before i with the same field, or i. */
static uint32_t first_of(const cf_fieldmap_t *map, uint32_t i)
{
    uint32_t k = 0;

    while (strcmp(map[k].ours, map[i].ours) != 0)
        k++;
    return k;
}

static cf_as_t read_as(const cf_fieldmap_t *row, const cf_field_t *f)
{
    static const struct {
        const char *unit;
        cf_as_t as;
    } units[] = {
        { "s", CF_AS_SECONDS }, { "ms", CF_AS_MILLIS }, { "us", CF_AS_MICROS }, { "ns", CF_AS_NANOS },
        { "hex", CF_AS_HEXFLAGS }
    };

    for (size_t i = 0; row->unit != NULL && i < sizeof units / sizeof units[0]; i++)
        if (strcmp(row->unit, units[i].unit) == 0)
            return units[i].as;
    if (f->kind == CF_KIND_STRING && strcmp(f->name, "uid") == 0)
        return CF_AS_UNIQUE;
    return cf_cells_usual(f);
}

static const cf_word_t *words_of(const cf_mapwords_t *words, const char *ours)
{
    for (; words != NULL && words->ours != NULL; words++)
        if (strcmp(words->ours, ours) == 0)
            return words->words;
    return NULL;
}

static int add_constants(cf_cells_t *t, const cf_fieldmap_t *row, cf_diag_t *d)
{
    for (; row->ours != NULL; row++) {
        const cf_field_t *f = cf_field_find(row->ours);
        int rc;

        if (row->value == NULL || strchr(row->value, ' ') != NULL)
            continue;
        rc = f == NULL ? CF_E_FIELD : cf_cells_constant(t, f, row->value, cf_cells_usual(f));
        if (rc != CF_OK)
            return cf_diag_set(d, rc, "map: field '%s' cannot be '%s'", row->ours, row->value);
    }
    return CF_OK;
}

int cf_map_columns(cf_cells_t *t, const cf_fieldmap_t *map, const cf_mapwords_t *words, const int *from,
                   int *cell, cf_diag_t *d)
{
    uint32_t n = names(map);

    for (uint32_t i = 0; i < n; i++) {
        uint32_t first = first_of(map, i);
        cf_column_t c = { .name = map[i].theirs, .from = from != NULL ? from[i] : (int)i };

        cell[i] = first < i ? cell[first] : -1;
        if (cell[i] >= 0 || c.from < 0)
            continue;
        c.field = cf_field_find(map[i].ours);
        if (c.field == NULL)
            return cf_diag_set(d, CF_E_FIELD, "map: no field '%s'", map[i].ours);
        c.as = read_as(&map[i], c.field);
        c.words = words_of(words, map[i].ours);
        cell[i] = cf_cells_column(t, &c);
        if (cell[i] < 0)
            return cf_diag_set(d, cell[i], "map: field '%s' cannot be a column", map[i].ours);
        /* rows before this one had no text: their field has its column here */
        for (uint32_t k = first; k < i; k++)
            if (strcmp(map[k].ours, map[i].ours) == 0)
                cell[k] = cell[i];
    }
    return add_constants(t, map + n, d);
}

/* ---- JSON logs ---------------------------------------------------------------------------- */

struct cf_maplog {
    const cf_maplog_spec_t *spec;
    const cf_reader_env_t *env;        /* NULL while probing */
    uint32_t n;                        /* names of the map */
    uint8_t first[CF_MAP_MAX];         /* row that has the column of this row's field */
    bool shared;                       /* some field has several names */
    int cell[CF_MAP_MAX];
    cf_text_t text[CF_MAP_MAX];
    uint64_t skip;
    cf_jsonrec_options_t framing;
    cf_jsonpath_t *paths;
    char *spelled;
    cf_jsonmap_t *map;
    cf_jsonrec_t *rec;
    cf_cells_t *cells;
    int failed;                        /* comes when the rows before it are given out */
    cf_diag_t why;
};

/* Does a row before r have the same name of the log? */
static bool same_name(const cf_fieldmap_t *map, uint32_t r)
{
    uint32_t k = 0;

    while (strcmp(map[k].theirs, map[r].theirs) != 0)
        k++;
    return k < r;
}

/* A path for each prefix and name. */
static int spell_paths(cf_maplog_t *l)
{
    static const char *const nothing[] = { "", NULL };
    const char *const *prefix = l->spec->prefixes != NULL ? l->spec->prefixes : nothing;
    size_t room = 0, count = 0, k = 0;
    char *p;

    for (size_t i = 0; prefix[i] != NULL; i++)
        for (uint32_t r = 0; r < l->n; r++, count += 2)
            room += 2 * (strlen(prefix[i]) + strlen(l->spec->map[r].theirs) + 1);
    l->spelled = malloc(room + 1);
    l->paths = calloc(count + 1, sizeof *l->paths);
    if (l->spelled == NULL || l->paths == NULL)
        return CF_E_NOMEM;
    p = l->spelled;
    for (size_t i = 0; prefix[i] != NULL; i++) {
        for (uint32_t r = 0; r < l->n; r++) {
            size_t a = strlen(prefix[i]), b = strlen(l->spec->map[r].theirs) + 1;

            if (same_name(l->spec->map, r))
                continue;              /* the reader fills this text out of that one */
            l->paths[k].path = p;
            l->paths[k++].slot = r;
            memcpy(p, prefix[i], a);
            memcpy(p + a, l->spec->map[r].theirs, b);
            if (l->spec->dashes && memchr(p, '-', a + b) != NULL) {
                memcpy(p + a + b, p, a + b);
                for (char *c = p; *c != '\0'; c++)
                    *c = *c == '-' ? '_' : *c;
                p += a + b;
                l->paths[k] = l->paths[k - 1];
                l->paths[k++].path = p;
            }
            p += a + b;
        }
    }
    return CF_OK;
}

static int open_walk(cf_maplog_t **out, const cf_maplog_spec_t *spec, cf_diag_t *d)
{
    cf_maplog_t *l = calloc(1, sizeof *l);

    *out = l;
    if (l == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "out of memory");
    l->spec = spec;
    l->framing = spec->framing;
    l->n = names(spec->map);
    if (l->n > CF_MAP_MAX)
        return cf_diag_set(d, CF_E_LIMIT, "map: more than %u names", CF_MAP_MAX);
    for (uint32_t i = 0; i < l->n; i++) {
        l->first[i] = (uint8_t)first_of(spec->map, i);
        l->shared |= l->first[i] != i;
    }
    if (spell_paths(l) != CF_OK)
        return cf_diag_set(d, CF_E_NOMEM, "out of memory");
    return cf_jsonmap_open(&l->map, l->paths, l->n, 0, d);
}

void cf_maplog_close(cf_maplog_t *l)
{
    if (l == NULL)
        return;
    if (l->rec != NULL)
        cf_jsonrec_close(l->rec);
    if (l->map != NULL)
        cf_jsonmap_close(l->map);
    cf_cells_destroy(l->cells);
    free(l->paths);
    free(l->spelled);
    free(l);
}

int cf_maplog_open(cf_maplog_t **out, const cf_maplog_spec_t *spec, const cf_reader_env_t *env, cf_diag_t *d)
{
    cf_cells_options_t o = { .nulls = spec->nulls, .row = spec->row, .ctx = spec->ctx };
    cf_maplog_t *l;
    int rc = open_walk(&l, spec, d);

    *out = NULL;
    if (rc == CF_OK) {
        l->env = env;
        l->skip = env->skip;
        l->framing.rejects = env->rejects;
        o.skip = &l->skip;
        rc = cf_cells_create(&l->cells, env, &o, d);
    }
    if (rc == CF_OK)
        rc = cf_map_columns(l->cells, spec->map, spec->words, NULL, l->cell, d);
    if (rc != CF_OK) {
        cf_maplog_close(l);
        return rc;
    }
    *out = l;
    return CF_OK;
}

const int *cf_maplog_cells(const cf_maplog_t *l)
{
    return l->cell;
}

/* Values as texts; null is as good as absent. */
static void take_texts(cf_maplog_t *l)
{
    const cf_jsonval_t *v = cf_jsonmap_values(l->map, NULL);

    for (uint32_t i = 0; i < l->n; i++) {
        bool there = v[i].type != 0 && v[i].type != CF_JSON_NULL;

        l->text[i].s = there ? v[i].text : NULL;
        l->text[i].n = there ? v[i].len : 0;
    }
    if (!l->shared)
        return;
    for (uint32_t i = 0; i < l->n; i++)
        if (l->first[i] != i && l->text[l->first[i]].s == NULL)
            l->text[l->first[i]] = l->text[i];
}

/* CF_OK, or what ends the input. */
static int one_object(cf_maplog_t *l, const cf_jsonobj_t *o, cf_diag_t *d)
{
    cf_place_t place = { 0, o->offset, { o->text, o->len } };
    cf_diag_t why = CF_DIAG_INIT;
    int rc = cf_jsonmap_read(l->map, o->text, o->len, o->behind, &why);

    if (CF_IS_RECORD_ERR(rc)) {
        cf_jsonrec_broken(l->rec, rc, why.text);
        return CF_OK;
    }
    if (rc != CF_OK) {
        if (d != NULL)
            *d = why;
        return rc;
    }
    take_texts(l);
    if (!l->spec->mine(l->text)) {
        if (!cf_jsonrec_enter(l->rec))
            l->env->account->others++;
        return CF_OK;
    }
    if (l->spec->complete != NULL)
        l->spec->complete(l->spec->ctx, l->text);
    return cf_cells_row(l->cells, l->text, l->n, &place, d);
}

static int fill(cf_maplog_t *l, cf_input_t *in, cf_diag_t *d)
{
    cf_jsonobj_t o;
    int rc = CF_OK;

    if (l->rec == NULL)
        rc = cf_jsonrec_open(&l->rec, in, &l->framing, d);
    while (rc == CF_OK && !cf_cells_full(l->cells)) {
        rc = cf_jsonrec_next(l->rec, &o, d);
        if (rc == CF_OK)
            rc = one_object(l, &o, d);
    }
    return rc;
}

int cf_maplog_read(cf_maplog_t *l, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    int rc = l->failed, end;

    if (rc != CF_OK) {
        if (d != NULL)
            *d = l->why;
        return rc;
    }
    rc = cf_cells_begin(l->cells, batch, d);
    if (rc != CF_OK)
        return rc;
    cf_diag_clear(&l->why);
    rc = fill(l, in, &l->why);
    l->env->account->bytes = cf_input_offset(in);
    end = cf_cells_end(l->cells, d);
    if (end != CF_OK)
        return end;
    if (rc < 0)
        l->failed = rc;                /* the rows before it first */
    if (batch->rows > 0 || rc == CF_OK)
        return CF_OK;
    if (rc < 0 && d != NULL)
        *d = l->why;
    return rc;
}

int cf_maplog_cursor(const cf_maplog_t *l, cf_cursor_t *c, cf_diag_t *d)
{
    if (l->rec == NULL)
        return cf_diag_set(d, CF_E_USAGE, "nothing was read");
    return cf_jsonrec_cursor(l->rec, c, d);
}

unsigned cf_maplog_probe(const cf_maplog_spec_t *spec, const cf_probe_t *p, unsigned max, unsigned *met)
{
    cf_account_t account;
    cf_rejects_t rejects;
    cf_maplog_t *l = NULL;
    cf_input_t *in = NULL;
    cf_jsonobj_t o;
    unsigned found = 0;
    size_t i = 0;

    *met = 0;
    while (i < p->len && strchr(" \t\r\n\xef\xbb\xbf", p->bytes[i]) != NULL && p->bytes[i] != '\0')
        i++;
    if (i == p->len)
        return 0;
    cf_account_init(&account);
    cf_rejects_init(&rejects, &account);
    if (open_walk(&l, spec, NULL) != CF_OK ||
        cf_input_open_memory(&in, "probe", p->bytes, p->len, CF_INPUT_RAW, NULL) != CF_OK)
        goto done;
    l->framing.rejects = &rejects;
    if (cf_jsonrec_open(&l->rec, in, &l->framing, NULL) != CF_OK)
        goto done;
    while (*met < max && cf_jsonrec_next(l->rec, &o, NULL) == CF_OK) {
        if (cf_jsonmap_read(l->map, o.text, o.len, o.behind, NULL) != CF_OK) {
            cf_jsonrec_broken(l->rec, 0, NULL);
            ++*met;
            continue;
        }
        take_texts(l);
        if (spec->mine(l->text))
            found++;
        else if (cf_jsonrec_enter(l->rec))
            continue;
        ++*met;
    }
done:
    cf_maplog_close(l);
    cf_input_close(in);
    return found;
}
