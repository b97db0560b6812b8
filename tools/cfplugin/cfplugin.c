/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cfplugin: what modules are there, is this file one, what can it be told, what does it make of a
 * log (maps.c). A thin face of the loader: the same steps and sentences that any command gives when
 * a module does not load.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cfplugin.h"

static const cf_cmd_t command = {
    .name = "cfplugin",
    .synopsis = "list | check FILE… | describe NAME | detect FILE… | fields | map [NAME…]",
    .summary = "List, check and describe plug-ins, and their fields",
    .common = CF_COMMON_SITE | CF_COMMON_TEXT | CF_COMMON_OUTPUT,
    .notes = "list      plug-ins of the site and of the plug-in folders\n"
             "check     would these files load? the steps of loading without opening an input\n"
             "describe  one plug-in with its settings; NAME may be a path\n"
             "detect    which reader would read these logs? how sure is each\n"
             "fields    the catalogue of fields with the names that others give them\n"
             "map       which field of a log becomes which of ours; without NAME, all readers\n"
             "Manual: cfplugin(1). Exit status: 0 good, 1 output failed, 2 usage or a bad plug-in.",
};

/* What a setting may be: "1 to 9", "a b c", "yes no", "0 to 4096 bytes". */
static int range_text(const cf_setting_t *s, cf_buf_t *out)
{
    switch (s->type) {
    case CF_SETTING_BOOL:
        return cf_buf_puts(out, "yes no");
    case CF_SETTING_ENUM:
        return cf_buf_puts(out, s->choices);
    case CF_SETTING_UINT:
        return cf_buf_putf(out, "%" PRIu64 " to %" PRIu64, s->min, s->max);
    default:
        return cf_buf_putf(out, "%" PRIu64 " to %" PRIu64 " bytes", s->min,
                           s->max > 0 ? s->max : 4096);
    }
}

static const char *type_name(cf_setting_type_t type)
{
    static const char *const names[] = { "", "bool", "number", "text", "word" };

    return names[type];
}

static int value_text(const cf_setting_t *s, const cf_setting_value_t *v, cf_buf_t *out)
{
    switch (s->type) {
    case CF_SETTING_BOOL:
        return cf_buf_puts(out, v->flag ? "yes" : "no");
    case CF_SETTING_UINT:
        return cf_buf_putf(out, "%" PRIu64, v->number);
    default:
        return cf_buf_puts(out, v->text);
    }
}

/* "key=default key=" of all settings. */
static int settings_text(const cf_plugin_t *p, cf_buf_t *out)
{
    int rc = cf_buf_puts(out, "");

    for (size_t i = 0; rc == CF_OK && p->settings != NULL && p->settings[i].key != NULL; i++) {
        const cf_setting_t *s = &p->settings[i];

        rc = cf_buf_putf(out, "%s%s=%s", i > 0 ? " " : "", s->key,
                         s->preset != NULL ? s->preset : "");
    }
    return rc;
}

int cfplugin_table(const cf_cli_t *c, const char *const *columns, size_t n, cf_table_t **t,
                   cf_diag_t *d)
{
    cf_print_options_t o;

    memset(&o, 0, sizeof o);
    o.format = c->format;
    o.titles = c->titles;
    o.terminal = cf_cli_to_terminal(c);
    *t = cf_table_create(&o);
    if (*t == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "%s", cf_strerror(CF_E_NOMEM));
    for (size_t i = 0; i < n; i++)
        cf_table_column(*t, columns[i], false);
    return CF_OK;
}

int cfplugin_finish(cf_cli_t *c, cf_table_t *t, cf_diag_t *d)
{
    FILE *out = cf_cli_text(c, d);
    int rc = out == NULL ? d->code : cf_table_write(t, out, d);

    cf_table_destroy(t);
    return rc;
}

static int list_row(cf_cli_t *c, cf_table_t *t, const char *name, bool configured, cf_diag_t *d)
{
    const cf_plugin_t *p;
    cf_module_t *m;
    cf_buf_t text;
    int rc = cf_site_module(c->site, name, &m, d);

    if (rc != CF_OK)
        return rc;
    p = cf_module_plugin(m);
    cf_buf_init(&text, 1u << 16);
    rc = settings_text(p, &text);
    if (rc == CF_OK) {
        cf_table_text(t, p->name);
        cf_table_text(t, p->version);
        cf_table_text(t, cf_plugin_kind_name(p->kind));
        cf_table_uint(t, p->abi);
        cf_table_bool(t, configured);
        cf_table_text(t, cf_module_path(m));
        cf_table_text(t, text.data[0] != '\0' ? text.data : NULL);
    } else {
        cf_diag_set(d, rc, "%s", cf_strerror(rc));
    }
    cf_buf_fini(&text);
    return rc;
}

/* A module that does not load is told, the others are listed, the status is 2. */
static int list_all(cf_cli_t *c, cf_table_t *t, cf_diag_t *d)
{
    char **names = NULL;
    size_t configured = 0;
    int rc = cf_site_available(c->site, &names, d);

    if (rc != CF_OK)
        return rc;
    while (cf_site_name(c->site, configured) != NULL)
        configured++;
    for (size_t i = 0; i < configured; i++) {
        rc = list_row(c, t, cf_site_name(c->site, i), true, d);
        if (rc != CF_OK) {
            cf_cli_fail(c, d);
            cf_diag_clear(d);
        }
    }
    for (char **name = names; *name != NULL; name++) {
        size_t i = 0;

        while (i < configured && strcmp(cf_site_name(c->site, i), *name) != 0)
            i++;
        if (i < configured)
            continue;
        rc = list_row(c, t, *name, false, d);
        if (rc != CF_OK) {
            cf_cli_fail(c, d);
            cf_diag_clear(d);
        }
    }
    free(names);
    return CF_OK;
}

static int list(cf_cli_t *c, cf_diag_t *d)
{
    static const char *const columns[] = { "name", "version", "kind", "abi", "site", "path",
                                           "settings" };
    cf_table_t *t;
    int rc;

    if (c->noperands > 1)
        return cf_diag_set(d, CF_E_USAGE, "list takes no names");
    if (cfplugin_table(c, columns, sizeof columns / sizeof columns[0], &t, d) != CF_OK)
        return d->code;
    rc = list_all(c, t, d);
    if (rc != CF_OK) {
        cf_table_destroy(t);
        return rc;
    }
    return cfplugin_finish(c, t, d);
}

static int check(cf_cli_t *c, cf_diag_t *d)
{
    static const char *const columns[] = { "path", "name", "version", "kind", "abi" };
    cf_table_t *t;

    if (c->noperands < 2)
        return cf_diag_set(d, CF_E_USAGE, "check needs files");
    if (cfplugin_table(c, columns, sizeof columns / sizeof columns[0], &t, d) != CF_OK)
        return d->code;
    for (int i = 1; i < c->noperands; i++) {
        const cf_plugin_t *p;
        cf_module_t *m;

        if (cf_module_check(&m, c->operands[i], d) != CF_OK) {
            cf_cli_fail(c, d);
            cf_diag_clear(d);
            continue;
        }
        p = cf_module_plugin(m);
        cf_table_text(t, c->operands[i]);
        cf_table_text(t, p->name);
        cf_table_text(t, p->version);
        cf_table_text(t, cf_plugin_kind_name(p->kind));
        cf_table_uint(t, p->abi);
        cf_module_close(m);
    }
    return cfplugin_finish(c, t, d);
}

static int describe_settings(cf_table_t *t, const cf_module_t *m, cf_diag_t *d)
{
    const cf_plugin_t *p = cf_module_plugin(m);
    cf_setting_value_t *values;
    int rc = cf_module_settings(m, NULL, &values, d);
    cf_buf_t text;

    if (rc != CF_OK)
        return rc;
    cf_buf_init(&text, 1u << 20);
    for (size_t i = 0; rc == CF_OK && p->settings != NULL && p->settings[i].key != NULL; i++) {
        const cf_setting_t *s = &p->settings[i];

        cf_table_text(t, p->name);
        cf_table_text(t, s->key);
        cf_table_text(t, type_name(s->type));
        text.len = 0;
        rc = range_text(s, &text);
        cf_table_text(t, text.data);
        cf_table_text(t, s->preset);
        text.len = 0;
        if (rc == CF_OK && values[i].set)
            rc = value_text(s, &values[i], &text);
        cf_table_text(t, values[i].set ? text.data : NULL);
        cf_table_text(t, s->help);
    }
    cf_buf_fini(&text);
    cf_settings_free(values);
    return rc == CF_OK ? rc : cf_diag_set(d, rc, "%s", cf_strerror(rc));
}

/* Find the module; a path is loaded first and then known by its name. */
int cfplugin_find(cf_cli_t *c, const char *what, cf_module_t **m, cf_diag_t *d)
{
    const char *base = strrchr(what, '/');
    char name[64];
    size_t n;
    int rc;

    if (base == NULL)
        return cf_site_module(c->site, what, m, d);
    rc = cf_site_plugin(c->site, what, d);
    if (rc != CF_OK)
        return rc;
    n = strlen(++base);
    n -= n > 3 && strcmp(base + n - 3, ".so") == 0 ? 3 : 0;
    if (n >= sizeof name)
        return cf_diag_set(d, CF_E_USAGE, "the name is too long");
    memcpy(name, base, n);
    name[n] = '\0';
    return cf_site_module(c->site, name, m, d);
}

static int describe(cf_cli_t *c, cf_diag_t *d)
{
    static const char *const columns[] = { "plugin", "setting", "type", "range", "default",
                                           "value", "meaning" };
    const cf_plugin_t *p;
    cf_module_t *m;
    cf_table_t *t;
    int rc;

    if (c->noperands != 2)
        return cf_diag_set(d, CF_E_USAGE, "describe needs one name");
    rc = cfplugin_find(c, c->operands[1], &m, d);
    if (rc != CF_OK)
        return rc;
    p = cf_module_plugin(m);
    if (cfplugin_table(c, columns, sizeof columns / sizeof columns[0], &t, d) != CF_OK)
        return d->code;
    cf_table_caption(t, "%s %s, %s, ABI %" PRIu32, p->name, p->version,
                     cf_plugin_kind_name(p->kind), p->abi);
    cf_table_caption(t, "%s", p->summary);
    cf_table_caption(t, "from %s, site %s\n", cf_module_path(m), cf_site_path(c->site));
    rc = describe_settings(t, m, d);
    if (rc != CF_OK) {
        cf_table_destroy(t);
        return rc;
    }
    return cfplugin_finish(c, t, d);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(cf_cli_t *c, cf_diag_t *d);
    } verbs[] = { { "list", list }, { "check", check }, { "describe", describe }, { "detect", cfplugin_detect },
                  { "fields", cfplugin_fields }, { "map", cfplugin_map } };
    cf_diag_t d = CF_DIAG_INIT;
    cf_cli_t c;
    int status = cf_cli_begin(&c, &command, argc, argv);

    if (status != -1)
        return status;
    for (size_t i = 0; c.noperands > 0 && i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(c.operands[0], verbs[i].name) == 0) {
            if (verbs[i].run(&c, &d) != CF_OK) {
                if (d.code == CF_E_USAGE && d.source[0] == '\0')
                    cf_cli_usage(&c, "%s", d.text);
                else
                    cf_cli_fail(&c, &d);
            }
            return cf_cli_end(&c, NULL);
        }
    }
    if (c.noperands == 0)
        cf_cli_usage(&c, "list, check, describe, detect, fields or map?");
    else
        cf_cli_usage(&c, "'%s' is none of list, check, describe, detect, fields, map",
                     c.operands[0]);
    return cf_cli_end(&c, NULL);
}
