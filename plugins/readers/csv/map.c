/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The setting columns: what each value of a row is. Items are separated by commas,
 *
 *     TITLE=FIELD[?][:HOW]      by the header's title
 *     FIELD[?][:HOW]            the next value in order
 *
 * with '-' for a FIELD that is dropped. HOW is a unit, a pattern of a time, or words.
 */
#include <stdlib.h>

#include "csv.h"

void csv_map_fini(csv_map_t *m)
{
    uint32_t i;

    for (i = 0; i < m->n; i++)
        free(m->item[i].words);
    free(m->item);
    free(m->copy);
    memset(m, 0, sizeof *m);
}

static char *trim(char *s)
{
    size_t n;

    while (*s == ' ' || *s == '\n' || *s == '\t')
        s++;
    n = strlen(s);
    while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\n' || s[n - 1] == '\t'))
        s[--n] = '\0';
    return s;
}

/* "A=accept|D=reject" */
static int words(csv_item_t *it, char *how, cf_diag_t *d)
{
    size_t n = 2;
    uint32_t k = 0;

    for (const char *p = how; *p != '\0'; p++)
        n += *p == '|';
    it->words = calloc(n, sizeof *it->words);
    if (it->words == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a map of columns");
    while (how != NULL) {
        char *next = strchr(how, '|'), *value;
        uint8_t code;
        int rc;

        if (next != NULL)
            *next++ = '\0';
        value = strchr(how, '=');
        if (value == NULL || value == how)
            return cf_diag_set(d, CF_E_USAGE, "columns: '%.40s' is no pair TEXT=WORD", how);
        *value++ = '\0';
        rc = it->field->kind == CF_KIND_ENUM
            ? cf_field_enum_parse(it->field, value, strlen(value), &code)
            : cf_proto_parse(value, strlen(value), &code);
        if (rc != CF_OK)
            return cf_diag_set(d, CF_E_USAGE, "columns: %s knows no '%.40s'", it->field->name, value);
        it->words[k].text = how;
        it->words[k++].code = code;
        how = next;
    }
    it->as = CF_AS_WORD;
    return CF_OK;
}

static const struct {
    const char *name;
    cf_as_t as;
} hows[] = {
    { "iso", CF_AS_ISO }, { "epoch", CF_AS_SECONDS }, { "s", CF_AS_SECONDS },
    { "ms", CF_AS_MILLIS }, { "us", CF_AS_MICROS }, { "ns", CF_AS_NANOS },
    { "length", CF_AS_LENGTH }, { "hex", CF_AS_HEXFLAGS }, { "text", CF_AS_STRING },
    { "uint", CF_AS_UINT }, { "addr", CF_AS_ADDR },
};

static bool fits(const cf_field_t *f, cf_as_t as)
{
    switch (as) {
    case CF_AS_ISO: return f->kind == CF_KIND_TIME;
    case CF_AS_LENGTH: return f->kind == CF_KIND_DURATION;
    case CF_AS_HEXFLAGS: return f->kind == CF_KIND_FLAGS;
    case CF_AS_STRING: return f->kind == CF_KIND_STRING;
    case CF_AS_UINT: return f->kind == CF_KIND_UINT;
    case CF_AS_ADDR: return f->kind == CF_KIND_ADDR;
    default: return f->kind == CF_KIND_TIME || f->kind == CF_KIND_DURATION;
    }
}

/* A field that the catalogue lacks: of the kind that HOW says, text by default. */
static int new_field(csv_item_t *it, const char *name, const char *how, cf_diag_t *d)
{
    cf_field_t f = { .kind = CF_KIND_STRING, .width = 4,
                     .meaning = "column of delimited text, named in the reader's settings" };
    char legal[64];

    cf_field_legal_name(name, strlen(name), legal);
    if (strcmp(legal, name) != 0)
        return cf_diag_set(d, CF_E_USAGE, "columns: there is no field '%.64s', and it is no legal name",
                           name);
    if (how != NULL && strcmp(how, "uint") == 0) {
        f.kind = CF_KIND_UINT;
        f.width = 8;
        f.flags |= CF_FIELD_COUNTER;
    } else if (how != NULL && strcmp(how, "addr") == 0) {
        f.kind = CF_KIND_ADDR;
    } else if (how != NULL && strcmp(how, "text") != 0) {
        f.kind = CF_KIND_TIME;
        f.width = 8;
        f.unit = CF_UNIT_NS;
    }
    f.name = legal;
    return cf_field_register(&f, &it->field, d);
}

static int target(csv_item_t *it, const char *name, const char *how, cf_diag_t *d)
{
    if (strcmp(name, "-") == 0) {
        it->special = CSV_DROP;
        return CF_OK;
    }
    if (strcmp(name, "total-bytes") == 0 || strcmp(name, "total-packets") == 0) {
        it->special = name[6] == 'b' ? CSV_TOTAL_BYTES : CSV_TOTAL_PACKETS;
        it->as = CF_AS_UINT;
        return CF_OK;
    }
    it->field = cf_field_find(name);
    if (it->field == NULL)
        return new_field(it, name, how, d);
    if ((it->field->flags & CF_FIELD_DERIVED) && strcmp(it->field->name, "duration") != 0)
        return cf_diag_set(d, CF_E_USAGE, "columns: %s is computed from other fields", name);
    return CF_OK;
}

static int manner(csv_item_t *it, char *how, cf_diag_t *d)
{
    size_t i;

    if (it->special != CSV_FIELD)
        return how == NULL ? CF_OK
            : cf_diag_set(d, CF_E_USAGE, "columns: nothing may stand behind ':' here");
    it->as = cf_cells_usual(it->field);
    if (how == NULL)
        return CF_OK;
    if (strchr(how, '%') != NULL && it->field->kind == CF_KIND_TIME) {
        it->as = CF_AS_PATTERN;
        it->pattern = how;
        return CF_OK;
    }
    if (strchr(how, '=') != NULL && (it->field->kind == CF_KIND_ENUM ||
                                     it->field->unit == CF_UNIT_PROTO))
        return words(it, how, d);
    for (i = 0; i < sizeof hows / sizeof hows[0]; i++) {
        if (strcmp(hows[i].name, how) == 0 && fits(it->field, hows[i].as)) {
            it->as = hows[i].as;
            return CF_OK;
        }
    }
    return cf_diag_set(d, CF_E_USAGE, "columns: %s cannot be read as '%.40s'", it->field->name, how);
}

static int one_item(csv_map_t *m, char *text, cf_diag_t *d)
{
    csv_item_t *it = &m->item[m->n];
    char *equal, *how, *target_name = text, *colon;
    size_t n;
    int rc;

    memset(it, 0, sizeof *it);
    text = trim(text);
    /* '=' also stands in words, behind the colon */
    equal = strchr(text, '=');
    colon = strchr(text, ':');
    if (equal != NULL && (colon == NULL || equal < colon)) {
        *equal = '\0';
        it->source = trim(text);
        text = trim(equal + 1);
    }
    target_name = text;
    how = strchr(target_name, ':');
    if (how != NULL)
        *how++ = '\0';
    n = strlen(target_name);
    if (n > 0 && target_name[n - 1] == '?') {
        it->lenient = true;
        target_name[n - 1] = '\0';
    }
    if (target_name[0] == '\0')
        return cf_diag_set(d, CF_E_USAGE, "columns: item %u names no field", m->n + 1);
    rc = target(it, target_name, how, d);
    if (rc == CF_OK)
        rc = manner(it, how, d);
    m->n++;                    /* with what it owns */
    return rc;
}

/* Fields once, titles once, and all items of one form. */
static int check(const csv_map_t *m, cf_diag_t *d)
{
    uint32_t i, k;

    for (i = 0; i < m->n; i++) {
        const csv_item_t *a = &m->item[i];

        if ((a->source != NULL) != m->titles)
            return cf_diag_set(d, CF_E_USAGE, "columns: either every item has a title or none");
        for (k = 0; k < i; k++) {
            const csv_item_t *b = &m->item[k];

            if (a->source != NULL && strcmp(a->source, b->source) == 0)
                return cf_diag_set(d, CF_E_USAGE, "columns: '%.64s' stands there twice", a->source);
            if (a->special != CSV_DROP && a->special == b->special && a->field == b->field)
                return cf_diag_set(d, CF_E_USAGE, "columns: %s stands there twice",
                                   a->field != NULL ? a->field->name : "a total");
        }
    }
    return CF_OK;
}

int csv_map_parse(csv_map_t *m, const char *text, cf_diag_t *d)
{
    char *at, *next;
    int rc = CF_OK;

    memset(m, 0, sizeof *m);
    m->copy = strdup(text);
    m->item = calloc(CSV_ITEMS_MAX, sizeof *m->item);
    if (m->copy == NULL || m->item == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a map of columns");
    for (at = m->copy; at != NULL && rc == CF_OK; at = next) {
        next = strchr(at, ',');
        if (next != NULL)
            *next++ = '\0';
        if (m->n == CSV_ITEMS_MAX)
            return cf_diag_set(d, CF_E_USAGE, "columns: more than %u items", CSV_ITEMS_MAX);
        rc = one_item(m, at, d);
    }
    m->titles = m->n > 0 && m->item[0].source != NULL;
    return rc == CF_OK ? check(m, d) : rc;
}

int csv_constants(cf_cells_t *table, const char *text, cf_diag_t *d)
{
    cf_reader_env_t none = { .name = NULL };
    cf_cells_options_t o = { .nulls = NULL };
    cf_cells_t *trial = NULL;
    char *copy = strdup(text), *at, *next;
    int rc = copy != NULL ? CF_OK : cf_diag_set(d, CF_E_NOMEM, "no memory for constants");

    if (rc == CF_OK && table == NULL) {
        rc = cf_cells_create(&trial, &none, &o, d);
        table = trial;
    }
    for (at = copy; at != NULL && rc == CF_OK; at = next) {
        const cf_field_t *f;
        char *value;

        next = strchr(at, ',');
        if (next != NULL)
            *next++ = '\0';
        value = strchr(at, '=');
        if (value != NULL)
            *value++ = '\0';
        f = cf_field_find(trim(at));
        if (value == NULL || f == NULL || (f->flags & CF_FIELD_DERIVED))
            rc = cf_diag_set(d, CF_E_USAGE, "constants: '%.64s' is no pair FIELD=VALUE of a field", at);
        else
            rc = cf_cells_constant(table, f, trim(value), cf_cells_usual(f));
        if (rc == CF_E_FIELD)
            rc = cf_diag_set(d, CF_E_USAGE, "constants: %s has a value already, or cannot have one",
                             f->name);
        else if (rc == CF_E_USAGE && f != NULL && value != NULL)
            rc = cf_diag_set(d, CF_E_USAGE, "constants: %s cannot be '%.64s'", f->name, value);
        else if (rc == CF_E_NOMEM)
            rc = cf_diag_set(d, rc, "no memory for constants");
    }
    cf_cells_destroy(trial);
    free(copy);
    return rc;
}
