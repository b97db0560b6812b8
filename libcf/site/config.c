/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The site's JSON file, read strictly: a key that is not known is an error with its line, because a
 * misspelt setting that is silently ignored is worse than none. doc/plugins.md shows the form:
 *
 *     { "plugins": [ { "name": "aws-vpc", "settings": { "format": "…" } } ],
 *       "plugin-path": [ "/opt/flow/plugins", "" ],
 *       "drop": [ "account" ] }
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include <cf/field.h>

#include "plugin/where.h"
#include "site/jsonline.h"
#include "site/site.h"

#define MODULES_MAX 256
#define DROP_MAX 256

typedef struct reading {
    cf_site_t *site;
    const char *path;
    cf_buf_t text;
    cf_diag_t *d;
} reading_t;

static int nomem(const reading_t *r)
{
    return cf_diag_set(r->d, CF_E_NOMEM, "%s", cf_strerror(CF_E_NOMEM));
}

static int wrong(const reading_t *r, const cfi_jsonstep_t *path, size_t n, const char *fmt, ...)
    CF_PRINTF(4, 5);

/* A sentence about the value at a path. */
static int wrong(const reading_t *r, const cfi_jsonstep_t *path, size_t n, const char *fmt, ...)
{
    char sentence[400];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, ap);
    va_end(ap);
    cf_diag_source(r->d, r->path);
    if (r->d != NULL)
        r->d->line = cfi_jsonline(r->text.data, r->text.len, path, n);
    return cf_diag_set(r->d, CF_E_USAGE, "%s", sentence);
}

static int read_all(reading_t *r)
{
    int fd = open(r->path, O_RDONLY | O_CLOEXEC), rc = CF_OK;
    ssize_t n = 1;

    if (fd < 0)
        return cf_diag_errno(r->d, CF_E_USAGE, errno, "site configuration cannot be opened");
    while (rc == CF_OK && n > 0) {
        rc = cf_buf_reserve(&r->text, 4096);
        if (rc != CF_OK)
            break;
        n = read(fd, r->text.data + r->text.len, 4096);
        if (n < 0 && errno == EINTR) {
            n = 1;
            continue;
        }
        if (n < 0)
            rc = cf_diag_errno(r->d, CF_E_USAGE, errno, "site configuration cannot be read");
        else
            r->text.len += (size_t)n;
    }
    close(fd);
    if (rc == CF_E_LIMIT)
        return cf_diag_set(r->d, CF_E_USAGE, "site configuration has more than %u bytes",
                           CFI_SITE_BYTES_MAX);
    return rc == CF_E_NOMEM ? nomem(r) : rc;
}

/* One setting of plug-in number i. */
static int read_setting(reading_t *r, cfi_entry_t *e, size_t i, const char *key, json_t *value)
{
    cfi_jsonstep_t at[] = { { "plugins", 0 }, { NULL, i }, { "settings", 0 }, { key, 0 } };
    cfi_conf_t *c = &e->conf[e->nconf];
    char number[32];

    switch (json_typeof(value)) {
    case JSON_STRING:
        c->kind = 's';
        if (strlen(json_string_value(value)) != json_string_length(value))
            return wrong(r, at, 4, "plug-in %s: setting '%s' holds a NUL", e->name, key);
        c->text = strdup(json_string_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        c->kind = 'b';
        c->text = strdup(json_is_true(value) ? "yes" : "no");
        break;
    case JSON_INTEGER:
        c->kind = 'i';
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        c->text = strdup(number);
        break;
    default:
        return wrong(r, at, 4, "plug-in %s: setting '%s' is neither text, number nor true or false",
                     e->name, key);
    }
    c->key = strdup(key);
    c->line = cfi_jsonline(r->text.data, r->text.len, at, 4);
    e->nconf++;
    return c->key == NULL || c->text == NULL ? nomem(r) : CF_OK;
}

static int read_plugin(reading_t *r, size_t i, json_t *o)
{
    cfi_jsonstep_t at[] = { { "plugins", 0 }, { NULL, i }, { "name", 0 } };
    json_t *name = json_object_get(o, "name"), *settings = json_object_get(o, "settings"), *value;
    cfi_entry_t *e;
    const char *key;
    int rc;

    if (!json_is_object(o))
        return wrong(r, at, 2, "a plug-in is an object with \"name\" and \"settings\"");
    json_object_foreach(o, key, value) {
        at[2].key = key;
        if (strcmp(key, "name") != 0 && strcmp(key, "settings") != 0)
            return wrong(r, at, 3, "unknown key \"%.80s\"; a plug-in has \"name\" and "
                         "\"settings\"", key);
    }
    at[2].key = "name";
    if (!json_is_string(name) || !cfi_where_legal_name(json_string_value(name)))
        return wrong(r, at, name != NULL ? 3 : 2, "a plug-in needs a \"name\" of small letters, "
                     "digits, '-' and '_'");
    for (size_t k = 0; k < r->site->nentries; k++) {
        if (strcmp(r->site->entries[k].name, json_string_value(name)) == 0)
            return wrong(r, at, 3, "plug-in %s is there twice", json_string_value(name));
    }
    at[2].key = "settings";
    if (settings != NULL && !json_is_object(settings))
        return wrong(r, at, 3, "\"settings\" is not an object");
    rc = cfi_site_add(r->site, json_string_value(name));
    if (rc != CF_OK)
        return nomem(r);
    e = &r->site->entries[r->site->nentries - 1];
    e->conf = calloc(json_object_size(settings) + 1, sizeof *e->conf);
    if (e->conf == NULL)
        return nomem(r);
    json_object_foreach(settings, key, value) {
        rc = read_setting(r, e, i, key, value);
        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}

static int read_plugins(reading_t *r, json_t *list)
{
    cfi_jsonstep_t at = { "plugins", 0 };
    int rc = CF_OK;

    if (!json_is_array(list) || json_array_size(list) > MODULES_MAX)
        return wrong(r, &at, 1, "\"plugins\" is not a list of at most %d plug-ins", MODULES_MAX);
    for (size_t i = 0; rc == CF_OK && i < json_array_size(list); i++)
        rc = read_plugin(r, i, json_array_get(list, i));
    return rc;
}

static int read_path(reading_t *r, json_t *list)
{
    cfi_jsonstep_t at[] = { { "plugin-path", 0 }, { NULL, 0 } };
    cf_buf_t b;
    int rc = CF_OK;

    if (!json_is_array(list))
        return wrong(r, at, 1, "\"plugin-path\" is not a list of folders");
    cf_buf_init(&b, CFI_PATH_MAX * 4);
    for (size_t i = 0; rc == CF_OK && i < json_array_size(list); i++) {
        const char *dir = json_string_value(json_array_get(list, i));

        at[1].index = i;
        if (dir == NULL || (dir[0] != '\0' && dir[0] != '/') || strchr(dir, ':') != NULL)
            rc = wrong(r, at, 2, "a folder of \"plugin-path\" is an absolute path without ':', "
                       "or empty for the built-in folder");
        else if (cf_buf_putf(&b, "%s%s", i > 0 ? ":" : "", dir) != CF_OK)
            rc = wrong(r, at, 2, "\"plugin-path\" is too long");
    }
    if (rc == CF_OK && b.data != NULL && (r->site->plugin_path = strdup(b.data)) == NULL)
        rc = nomem(r);
    cf_buf_fini(&b);
    return rc;
}

static int read_drop(reading_t *r, json_t *list)
{
    cfi_jsonstep_t at[] = { { "drop", 0 }, { NULL, 0 } };
    size_t n = json_array_size(list);

    if (!json_is_array(list) || n > DROP_MAX)
        return wrong(r, at, 1, "\"drop\" is not a list of at most %d field names", DROP_MAX);
    r->site->drop = calloc(n + 1, sizeof *r->site->drop);
    if (r->site->drop == NULL)
        return nomem(r);
    for (size_t i = 0; i < n; i++) {
        const char *name = json_string_value(json_array_get(list, i));
        const cf_field_t *f;
        char legal[64];

        at[1].index = i;
        if (name == NULL || *name == '\0' || strlen(name) > 63)
            return wrong(r, at, 2, "\"drop\" holds something that is no field name");
        /* A provider's field that the catalogue does not have is dropped by its own name. */
        f = cf_field_find(name);
        cf_field_legal_name(name, strlen(name), legal);
        r->site->drop[i] = strdup(f != NULL ? f->name : legal);
        if (r->site->drop[i] == NULL)
            return nomem(r);
        r->site->ndrop++;
    }
    return CF_OK;
}

static int read_root(reading_t *r, json_t *root)
{
    const char *key;
    json_t *value;
    int rc = CF_OK;

    json_object_foreach(root, key, value) {
        cfi_jsonstep_t at = { key, 0 };

        if (rc != CF_OK)
            break;
        if (strcmp(key, "plugins") == 0)
            rc = read_plugins(r, value);
        else if (strcmp(key, "plugin-path") == 0)
            rc = read_path(r, value);
        else if (strcmp(key, "drop") == 0)
            rc = read_drop(r, value);
        else
            rc = wrong(r, &at, 1, "unknown key \"%.80s\"; a site has \"plugins\", "
                       "\"plugin-path\" and \"drop\"", key);
    }
    return rc;
}

int cfi_site_read(cf_site_t *s, const char *path, cf_diag_t *d)
{
    reading_t r = { .site = s, .path = path, .d = d };
    json_error_t error;
    json_t *root = NULL;
    int rc;

    cf_buf_init(&r.text, CFI_SITE_BYTES_MAX);
    rc = read_all(&r);
    if (rc == CF_OK) {
        root = json_loadb(r.text.data, r.text.len, JSON_REJECT_DUPLICATES, &error);
        if (root == NULL) {
            if (d != NULL)
                d->line = error.line > 0 ? (uint64_t)error.line : 0;
            rc = cf_diag_set(d, CF_E_USAGE, "%s", error.text);
        } else if (!json_is_object(root)) {
            rc = cf_diag_set(d, CF_E_USAGE, "a site configuration is an object");
        } else {
            rc = read_root(&r, root);
        }
    }
    if (rc != CF_OK)
        cf_diag_source(d, path);
    json_decref(root);
    cf_buf_fini(&r.text);
    return rc;
}
