/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The site: its modules in order, loaded when first needed, closed together. Without a file the
 * shipped readers are the site, so that everything works unconfigured.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin/where.h"
#include "site/site.h"

/* The shipped readers, in the order in which they are asked about an input. */
static const char *const builtin[] = {
    "aws-vpc", "azure-nsg", "azure-vnet", "gcp-vpc", "aws-parquet", "zeek-conn", "suricata-flow",
    "nfdump-csv", "oci-vcn", "ibm-vpc", "alibaba-vpc", "csv"
};

int cfi_site_add(cf_site_t *s, const char *name)
{
    cfi_entry_t *e = realloc(s->entries, (s->nentries + 1) * sizeof *e);

    if (e == NULL)
        return CF_E_NOMEM;
    s->entries = e;
    e += s->nentries;
    memset(e, 0, sizeof *e);
    e->name = strdup(name);
    if (e->name == NULL)
        return CF_E_NOMEM;
    s->nentries++;
    return CF_OK;
}

/* --site, CF_SITE, the source tree's, the installed one; out stays empty for the built-in site. */
static const char *choose(const char *path, char *out, size_t size)
{
    const char *source = cfi_where_source();

    if (path == NULL)
        path = getenv("CF_SITE");
    if (path != NULL && *path != '\0')
        return path;
    if (source != NULL)
        snprintf(out, size, "%s/site/site.json", source);
    else
        snprintf(out, size, "%s/site.json", CF_SITEDIR);
    return access(out, F_OK) == 0 ? out : NULL;
}

int cf_site_open(cf_site_t **out, const char *path, cf_diag_t *d)
{
    cf_site_t *s = calloc(1, sizeof *s);
    char where[CFI_PATH_MAX];
    int rc = CF_OK;

    if (s == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "%s", cf_strerror(CF_E_NOMEM));
    if (pthread_mutex_init(&s->lock, NULL) != 0) {
        free(s);
        return cf_diag_set(d, CF_E_NOMEM, "%s", cf_strerror(CF_E_NOMEM));
    }
    path = choose(path, where, sizeof where);
    if (path != NULL) {
        s->path = strdup(path);
        rc = s->path != NULL ? cfi_site_read(s, s->path, d) : CF_E_NOMEM;
    }
    /* A site that names no plug-ins has the shipped ones. */
    if (rc == CF_OK && s->nentries == 0) {
        for (size_t i = 0; rc == CF_OK && i < sizeof builtin / sizeof builtin[0]; i++)
            rc = cfi_site_add(s, builtin[i]);
    }
    if (rc == CF_OK && s->drop == NULL && (s->drop = calloc(1, sizeof *s->drop)) == NULL)
        rc = CF_E_NOMEM;
    if (rc != CF_OK) {
        if (rc == CF_E_NOMEM)
            cf_diag_set(d, rc, "%s", cf_strerror(rc));
        cf_site_close(s);
        return rc;
    }
    *out = s;
    return CF_OK;
}

void cf_site_close(cf_site_t *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->nentries; i++) {
        cfi_entry_t *e = &s->entries[i];

        cfi_module_unload(e->module);
        for (size_t k = 0; k < e->nconf; k++) {
            free(e->conf[k].key);
            free(e->conf[k].text);
        }
        free(e->conf);
        free(e->name);
    }
    for (size_t i = 0; i < s->ndrop; i++)
        free(s->drop[i]);
    free(s->drop);
    free(s->entries);
    free(s->plugin_path);
    free(s->path);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

const char *cf_site_path(const cf_site_t *s)
{
    return s->path != NULL ? s->path : "built-in";
}

int cf_site_plugin_path(cf_site_t *s, const char *list, cf_diag_t *d)
{
    char *copy = strdup(list);

    if (copy == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "%s", cf_strerror(CF_E_NOMEM));
    free(s->plugin_path);
    s->plugin_path = copy;
    return CF_OK;
}

static cfi_entry_t *entry(cf_site_t *s, const char *name)
{
    for (size_t i = 0; i < s->nentries; i++) {
        if (strcmp(s->entries[i].name, name) == 0)
            return &s->entries[i];
    }
    return NULL;
}

/* Steps 1 to 10 for an entry that is not loaded; what is its name or a path. */
static int load(cf_site_t *s, cfi_entry_t *e, const char *what, cf_diag_t *d)
{
    cf_module_t **others = calloc(s->nentries, sizeof *others), *m = NULL;
    size_t n = 0;
    int rc;

    if (others == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "%s", cf_strerror(CF_E_NOMEM));
    for (size_t i = 0; i < s->nentries; i++) {
        if (s->entries[i].module != NULL)
            others[n++] = s->entries[i].module;
    }
    rc = cfi_module_load(&m, what, s->plugin_path, others, n, d);
    free(others);
    if (rc == CF_OK) {
        m->conf_source = s->path;
        m->conf = e->conf;
        m->nconf = e->nconf;
        rc = cfi_module_configure(m, d);
    }
    if (rc != CF_OK) {
        cfi_module_unload(m);
        return rc;
    }
    e->module = m;
    return CF_OK;
}

int cf_site_plugin(cf_site_t *s, const char *what, cf_diag_t *d)
{
    char name[CFI_MODULE_NAME_MAX + 1];
    cfi_entry_t *e;
    int rc = CF_OK;

    if (cfi_module_name_of(what, name, sizeof name) != CF_OK)
        return cf_diag_set(d, CF_E_PLUGIN, "plug-in: '%.200s' is no name of a plug-in: small "
                           "letters, digits, '-' and '_'", what);
    pthread_mutex_lock(&s->lock);
    e = entry(s, name);
    if (e != NULL && e->module != NULL) {
        rc = cfi_module_fail(e->module, CFI_STEP_ONCE, d, "is loaded already");
    } else {
        if (e == NULL)
            rc = cfi_site_add(s, name);
        if (rc != CF_OK)
            cf_diag_set(d, rc, "%s", cf_strerror(rc));
        else
            rc = load(s, e != NULL ? e : &s->entries[s->nentries - 1], what, d);
    }
    pthread_mutex_unlock(&s->lock);
    return rc;
}

static int module_locked(cf_site_t *s, cfi_entry_t *e, cf_module_t **m, cf_diag_t *d)
{
    int rc = e->module != NULL ? CF_OK : load(s, e, e->name, d);

    *m = e->module;
    return rc;
}

int cf_site_module(cf_site_t *s, const char *name, cf_module_t **m, cf_diag_t *d)
{
    cfi_entry_t *e;
    int rc = CF_OK;

    if (!cfi_where_legal_name(name))
        return cf_diag_set(d, CF_E_PLUGIN, "plug-in: '%.200s' is no name of a plug-in: small "
                           "letters, digits, '-' and '_'", name);
    pthread_mutex_lock(&s->lock);
    e = entry(s, name);
    if (e == NULL) {
        rc = cfi_site_add(s, name);
        if (rc != CF_OK)
            cf_diag_set(d, rc, "%s", cf_strerror(rc));
        else
            e = &s->entries[s->nentries - 1];
    }
    if (rc == CF_OK)
        rc = module_locked(s, e, m, d);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

/* Every kind that loads today is a reader; others are passed over. */
int cf_site_reader(cf_site_t *s, size_t index, cf_module_t **m, cf_diag_t *d)
{
    int rc = CF_EOF;

    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->nentries; i++) {
        rc = module_locked(s, &s->entries[i], m, d);
        if (rc != CF_OK || ((*m)->plugin->kind == CF_PLUGIN_READER && index-- == 0))
            break;
        rc = CF_EOF;
    }
    pthread_mutex_unlock(&s->lock);
    return rc;
}

const char *cf_site_name(const cf_site_t *s, size_t i)
{
    return i < s->nentries ? s->entries[i].name : NULL;
}

int cf_site_available(const cf_site_t *s, char ***names, cf_diag_t *d)
{
    int rc = cfi_where_names(s->plugin_path, names);

    return rc == CF_OK ? rc : cf_diag_set(d, rc, "%s", cf_strerror(rc));
}

const char *const *cf_site_drop(const cf_site_t *s)
{
    return (const char *const *)s->drop;
}
