/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schema blocks. A file names its columns with kind, width and the words of enumerations; what the
 * catalogue lacks is registered, what it has must be of the same kind. Codes of enumerations are
 * numbers of the file's own word list, so they are mapped by word when the lists differ. Reading
 * side: reader.c; writing side: writer.c.
 */
#include "stream/columns.h"

#include "stream/jsonput.h"

#include <stdlib.h>
#include <string.h>

static const char *const unit_names[] = { NULL, "packets", "bytes", "ns", "port", "proto" };
#define UNITS (sizeof unit_names / sizeof unit_names[0])

cfi_columns_t *cfi_columns_get(cfi_columns_t *c)
{
    if (c != NULL)
        __atomic_add_fetch(&c->refs, 1, __ATOMIC_RELAXED);
    return c;
}

void cfi_columns_put(cfi_columns_t *c)
{
    uint32_t i;

    if (c == NULL || __atomic_sub_fetch(&c->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    for (i = 0; c->remap != NULL && i < c->count; i++)
        free(c->remap[i]);
    free(c->remap);
    cf_schema_put(c->schema);
    free(c);
}

/* ---- reading ------------------------------------------------------------------------------ */

static bool legal_name(const char *s, size_t n)
{
    size_t i;

    if (n == 0 || n > 63)
        return false;
    for (i = 0; i < n; i++) {
        if (!(s[i] >= 'a' && s[i] <= 'z') && !(s[i] >= '0' && s[i] <= '9') && s[i] != '_' &&
            s[i] != '.' && s[i] != '-')
            return false;
    }
    return true;
}

static uint8_t find_unit(const char *name)
{
    size_t i;

    for (i = 1; name != NULL && i < UNITS; i++) {
        if (strcmp(name, unit_names[i]) == 0)
            return (uint8_t)i;
    }
    return CF_UNIT_NONE;
}

/* NULL-ended words of an enumeration, borrowed from the JSON value; new array. */
static int read_words(const json_t *col, const char *name, const char ***out, cf_diag_t *d)
{
    const json_t *names = json_object_get(col, "names");
    size_t i, n = json_array_size(names);
    const char **words;

    if (!json_is_array(names) || n == 0 || n > 255)
        return cf_diag_set(d, CF_E_FORMAT, "schema: column %s: an enumeration needs 1 to 255 names",
                           name);
    words = calloc(n + 1, sizeof *words);
    if (words == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for the schema");
    for (i = 0; i < n; i++) {
        words[i] = json_string_value(json_array_get(names, i));
        if (words[i] == NULL || words[i][0] == '\0') {
            free(words);
            return cf_diag_set(d, CF_E_FORMAT, "schema: column %s: name %zu is not a word", name,
                               i);
        }
    }
    *out = words;
    return CF_OK;
}

static bool legal_width(cf_kind_t kind, json_int_t width)
{
    switch (kind) {
    case CF_KIND_UINT:
        return width == 1 || width == 2 || width == 4 || width == 8;
    case CF_KIND_FLAGS:
        return width == 1 || width == 2;
    case CF_KIND_ENUM:
        return width == 1;
    case CF_KIND_TIME:
    case CF_KIND_DURATION:
        return width == 8;
    default:
        return width == 4;
    }
}

/* Map the file's words to the field's codes; *map stays NULL when they are the same numbers. */
static int map_words(const char *const *words, const cf_field_t *f, uint8_t **map, cf_diag_t *d)
{
    bool same = true;
    size_t i;
    uint8_t *m = malloc(256);

    if (m == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for the schema");
    memset(m, 255, 256);
    for (i = 0; words[i] != NULL; i++) {
        uint8_t code;

        if (cf_field_enum_parse(f, words[i], strlen(words[i]), &code) != CF_OK) {
            free(m);
            return cf_diag_set(d, CF_E_VERSION,
                               "schema: column %s: this version does not know the word \"%s\"",
                               f->name, words[i]);
        }
        m[i] = code;
        same = same && code == i;
    }
    if (same) {
        free(m);
        return CF_OK;
    }
    *map = m;
    return CF_OK;
}

static int find_field(const json_t *col, const char *name, cf_kind_t kind, uint8_t width,
                      const char *const *words, const cf_field_t **out, cf_diag_t *d)
{
    const cf_field_t *known = cf_field_find(name);
    cf_field_t f = { .name = name, .kind = kind, .width = width, .flags = CF_FIELD_UNLISTED,
                     .names = words };

    if (known != NULL && strcmp(known->name, name) == 0) {
        if (known->kind != kind)
            return cf_diag_set(d, CF_E_FORMAT,
                               "schema: column %s is of kind %s, but the field %s is of kind %s",
                               name, cf_kind_name(kind), known->name, cf_kind_name(known->kind));
        *out = known;
        return CF_OK;
    }
    f.unit = find_unit(json_string_value(json_object_get(col, "unit")));
    f.meaning = json_string_value(json_object_get(col, "meaning"));
    /* Small numbers are codes; a wide one that the catalogue lacks counts something. */
    if (kind == CF_KIND_UINT && width == 8)
        f.flags |= CF_FIELD_COUNTER;
    return cf_field_register(&f, out, d);
}

static int read_column(cfi_columns_t *c, const json_t *col, uint32_t i, cf_diag_t *d)
{
    const json_t *jname = json_object_get(col, "name");
    const json_t *jwidth = json_object_get(col, "width");
    const char *name = json_string_value(jname);
    const char *kname = json_string_value(json_object_get(col, "kind"));
    const char **words = NULL;
    const cf_field_t *f;
    cf_kind_t kind;
    int rc;

    if (name == NULL || !legal_name(name, json_string_length(jname)))
        return cf_diag_set(d, CF_E_FORMAT, "schema: column %u has no legal name", i);
    kind = kname != NULL ? cf_kind_find(kname) : CF_KIND_NONE;
    if (kname != NULL && (kind == CF_KIND_NONE || kind == CF_KIND_PREFIX))
        return cf_diag_set(d, CF_E_VERSION,
                           "schema: column %s: this version does not know the kind \"%s\"", name,
                           kname);
    if (kname == NULL || !json_is_integer(jwidth) || !legal_width(kind, json_integer_value(jwidth)))
        return cf_diag_set(d, CF_E_FORMAT, "schema: column %s has no legal kind and width", name);
    if (kind == CF_KIND_ENUM && (rc = read_words(col, name, &words, d)) != CF_OK)
        return rc;
    rc = find_field(col, name, kind, (uint8_t)json_integer_value(jwidth), words, &f, d);
    if (rc == CF_OK && words != NULL)
        rc = map_words(words, f, &c->remap[i], d);
    if (rc == CF_OK && (c->remap[i] != NULL || f->width != json_integer_value(jwidth)))
        c->verbatim = f->kind == CF_KIND_ADDR || f->kind == CF_KIND_STRING ? c->verbatim : false;
    if (rc == CF_OK && cf_schema_index(c->schema, f) >= 0)
        rc = cf_diag_set(d, CF_E_FORMAT, "schema: column %s stands twice", name);
    if (rc == CF_OK && cf_schema_add(c->schema, f) < 0)
        rc = cf_diag_set(d, CF_E_NOMEM, "no memory for the schema");
    free(words);
    return rc;
}

static int read_all(cfi_columns_t *c, const json_t *root, cf_diag_t *d)
{
    const json_t *cols = json_object_get(root, "columns"),
        *dropped = json_object_get(root, "dropped");
    size_t i, n = json_array_size(cols);
    int rc;

    if (!json_is_array(cols))
        return cf_diag_set(d, CF_E_FORMAT, "schema: no array of columns");
    if (n > CF_SCHEMA_MAX)
        return cf_diag_set(d, CF_E_FORMAT, "schema: %zu columns, more than %u", n, CF_SCHEMA_MAX);
    c->count = (uint32_t)n;
    c->remap = calloc(n + 1, sizeof *c->remap);
    if (c->remap == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for the schema");
    for (i = 0; i < n; i++) {
        if ((rc = read_column(c, json_array_get(cols, i), (uint32_t)i, d)) != CF_OK)
            return rc;
    }
    for (i = 0; i < json_array_size(dropped) && i < CF_SCHEMA_MAX; i++) {
        const char *name = json_string_value(json_array_get(dropped, i));

        if (name != NULL && (rc = cf_schema_drop(c->schema, name)) < 0)
            return cf_diag_set(d, rc, "schema: dropped columns");
    }
    return CF_OK;
}

int cfi_columns_parse(cfi_columns_t **out, const char *json, size_t n, cf_diag_t *d)
{
    cfi_columns_t *c = calloc(1, sizeof *c);
    json_error_t err;
    json_t *root;
    int rc;

    *out = NULL;
    if (c == NULL || (c->schema = cf_schema_create()) == NULL) {
        free(c);
        return cf_diag_set(d, CF_E_NOMEM, "no memory for the schema");
    }
    c->refs = 1;
    c->verbatim = true;
    root = json_loadb(json, n, JSON_REJECT_DUPLICATES, &err);
    rc = root == NULL ? cf_diag_set(d, CF_E_FORMAT, "schema: %s", err.text) : read_all(c, root, d);
    json_decref(root);
    if (rc != CF_OK) {
        cfi_columns_put(c);
        return rc;
    }
    *out = c;
    return CF_OK;
}

/* ---- writing ------------------------------------------------------------------------------ */

/* The words of an enumeration; NULL = no memory. */
static json_t *words_json(const cf_field_t *f)
{
    json_t *words = json_array();
    size_t i;

    for (i = 0; f->names[i] != NULL; i++) {
        if (json_array_append_new(words, json_string(f->names[i])) != 0) {
            json_decref(words);
            return NULL;
        }
    }
    return words;
}

static json_t *column_json(const cf_field_t *f)
{
    int width = f->kind == CF_KIND_ADDR || f->kind == CF_KIND_STRING ? 4 : f->width, bad = 0;
    json_t *col = json_pack("{s:s, s:s, s:i}", "name", f->name, "kind", cf_kind_name(f->kind),
                            "width", width);

    if (f->kind == CF_KIND_ENUM && f->names != NULL)
        bad |= json_object_set_new(col, "names", words_json(f));
    if (f->unit != CF_UNIT_NONE && f->unit < UNITS)
        bad |= json_object_set_new(col, "unit", json_string(unit_names[f->unit]));
    /* The catalogue explains its own fields; only others bring their meaning along. */
    if ((f->flags & CF_FIELD_UNLISTED) != 0 && f->meaning != NULL)
        bad |= json_object_set_new(col, "meaning", json_string(f->meaning));
    if (bad == 0)
        return col;
    json_decref(col);
    return NULL;
}

int cfi_schema_json(const cf_schema_t *s, cf_buf_t *out)
{
    json_t *cols = json_array(), *dropped = json_array(), *root = NULL;
    uint32_t i;
    int rc = CF_E_NOMEM;

    for (i = 0; i < cf_schema_count(s); i++) {
        if (json_array_append_new(cols, column_json(cf_schema_field(s, i))) != 0)
            goto done;
    }
    for (i = 0; cf_schema_dropped_at(s, i) != NULL; i++) {
        if (json_array_append_new(dropped, json_string(cf_schema_dropped_at(s, i))) != 0)
            goto done;
    }
    root = json_object();
    if (json_object_set(root, "columns", cols) != 0)
        goto done;
    if (json_array_size(dropped) > 0 && json_object_set(root, "dropped", dropped) != 0)
        goto done;
    rc = cfi_json_put(root, JSON_COMPACT, out);
done:
    json_decref(root);
    json_decref(dropped);
    json_decref(cols);
    return rc;
}
