/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings of a module: the table it brings is checked, then each setting gets its text from the
 * command line, else the site, else its preset, and the text is typed and ranged here, so that a
 * module never parses one. The module's own check has the last word.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/module.h"
#include "plugin/where.h"

#define SETTINGS_MAX 256
#define TEXT_MAX 65536u

/* Where a value stands, for messages. */
typedef struct origin {
    const cf_module_t *m;
    const cfi_conf_t *conf;    /* the site's, or NULL: command line or preset */
} origin_t;

static int complain(const origin_t *o, cf_diag_t *d, const char *fmt, ...) CF_PRINTF(3, 4);

static int complain(const origin_t *o, cf_diag_t *d, const char *fmt, ...)
{
    char sentence[400], source[CFI_MODULE_NAME_MAX + 16];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, ap);
    va_end(ap);
    snprintf(source, sizeof source, "plug-in %s", o->m->name);
    if (o->conf == NULL || d == NULL) {
        cf_diag_source(d, source);
        return cf_diag_set(d, CF_E_USAGE, "%s", sentence);
    }
    cf_diag_source(d, o->m->conf_source);
    d->line = o->conf->line;
    return cf_diag_set(d, CF_E_USAGE, "%s: %s", source, sentence);
}

/* Index of the word in the blank-separated choices and its text there, or -1. */
static int choice(const char *choices, const char *s, size_t n, const char **word, size_t *len)
{
    int index = 0;

    for (const char *at = choices; at != NULL && *at != '\0'; index++) {
        size_t w;

        at += strspn(at, " ");
        w = strcspn(at, " ");
        if (w == 0)
            break;
        if (w == n && memcmp(at, s, n) == 0) {
            *word = at;
            *len = w;
            return index;
        }
        at += w;
    }
    return -1;
}

static bool boolean(const char *s, bool *out)
{
    static const char *const yes[] = { "yes", "true", "1" }, *const no[] = { "no", "false", "0" };

    for (int i = 0; i < 3; i++) {
        if (strcmp(s, yes[i]) == 0 || strcmp(s, no[i]) == 0) {
            *out = strcmp(s, yes[i]) == 0;
            return true;
        }
    }
    return false;
}

/* Type and range of one value; text goes to *heap, which has room. */
static int type_value(const origin_t *o, const cf_setting_t *s, const char *text,
                      cf_setting_value_t *v, char **heap, cf_diag_t *d)
{
    size_t n = strlen(text), most = s->max > 0 ? (size_t)s->max : 4096, len = n;
    const char *word = text;
    int index, rc;

    v->set = true;
    switch (s->type) {
    case CF_SETTING_BOOL:
        if (!boolean(text, &v->flag))
            return complain(o, d, "setting '%s': '%.80s' is neither yes nor no", s->key, text);
        return CF_OK;
    case CF_SETTING_UINT:
        rc = cf_uint_parse(text, n, UINT64_MAX, &v->number);
        if (rc == CF_R_NUMBER || rc == CF_R_EMPTY)
            return complain(o, d, "setting '%s': '%.80s' is not a number", s->key, text);
        if (rc != CF_OK || v->number < s->min || v->number > s->max)
            return complain(o, d, "setting '%s': %.80s is not from %" PRIu64 " to %" PRIu64,
                            s->key, text, s->min, s->max);
        return CF_OK;
    case CF_SETTING_STRING:
        if (n < s->min || n > most)
            return complain(o, d, "setting '%s' has %zu bytes, not %" PRIu64 " to %zu", s->key, n,
                            s->min, most);
        break;
    default:
        index = choice(s->choices, text, n, &word, &len);
        if (index < 0)
            return complain(o, d, "setting '%s': '%.80s' is none of: %s", s->key, text,
                            s->choices);
        v->number = (uint64_t)index;
        break;
    }
    memcpy(*heap, word, len);
    (*heap)[len] = '\0';
    v->text = *heap;
    *heap += len + 1;
    return CF_OK;
}

static size_t count_settings(const cf_plugin_t *p)
{
    size_t n = 0;

    while (p->settings != NULL && n < SETTINGS_MAX && p->settings[n].key != NULL)
        n++;
    return n;
}

/* The module's own table: a fault in it is the author's, and is told as such. */
static int check_table(const cf_module_t *m, size_t n, cf_diag_t *d)
{
    const cf_setting_t *s = m->plugin->settings;

    if (s != NULL && s[n].key != NULL)
        return cfi_module_fail(m, CFI_STEP_SETTINGS, d, "has more than %d settings", SETTINGS_MAX);
    for (size_t i = 0; i < n; i++) {
        bool typed = s[i].type >= CF_SETTING_BOOL && s[i].type <= CF_SETTING_ENUM;

        if (!cfi_where_legal_name(s[i].key))
            return cfi_module_fail(m, CFI_STEP_SETTINGS, d, "setting %zu has no legal key", i + 1);
        if (!typed || s[i].help == NULL || (s[i].type == CF_SETTING_ENUM && s[i].choices == NULL) ||
            (s[i].type == CF_SETTING_UINT && s[i].min > s[i].max) ||
            (s[i].type == CF_SETTING_STRING && s[i].max > TEXT_MAX))
            return cfi_module_fail(m, CFI_STEP_SETTINGS, d, "setting '%s' is ill defined",
                                   s[i].key);
        for (size_t k = 0; k < i; k++) {
            if (strcmp(s[i].key, s[k].key) == 0)
                return cfi_module_fail(m, CFI_STEP_SETTINGS, d, "setting '%s' is there twice",
                                       s[i].key);
        }
    }
    return CF_OK;
}

static int unknown(const origin_t *o, const char *key, size_t len, cf_diag_t *d)
{
    const cf_setting_t *s = o->m->plugin->settings;
    char known[300] = "";
    size_t at = 0;

    for (size_t i = 0; i < count_settings(o->m->plugin) && at < sizeof known; i++) {
        int n = snprintf(known + at, sizeof known - at, "%s%s", i > 0 ? ", " : "", s[i].key);

        at += n > 0 ? (size_t)n : 0;
    }
    return complain(o, d, "there is no setting '%.*s'; there %s %s", (int)(len < 80 ? len : 80),
                    key, known[0] != '\0' ? "are:" : "are none", known);
}

/* The text of setting s in "key=value" lines, or NULL. */
static const char *from_command_line(const cf_setting_t *s, const char *const *extra)
{
    size_t n = strlen(s->key);

    for (size_t i = 0; extra != NULL && extra[i] != NULL; i++) {
        if (strncmp(extra[i], s->key, n) == 0 && extra[i][n] == '=')
            return extra[i] + n + 1;
    }
    return NULL;
}

/* All keys given are known, none is given twice. */
static int check_keys(const cf_module_t *m, size_t n, const char *const *extra, cf_diag_t *d)
{
    const cf_setting_t *s = m->plugin->settings;

    for (size_t i = 0; i < m->nconf; i++) {
        origin_t o = { m, &m->conf[i] };
        size_t k = 0;

        while (k < n && strcmp(s[k].key, m->conf[i].key) != 0)
            k++;
        if (k == n)
            return unknown(&o, m->conf[i].key, strlen(m->conf[i].key), d);
    }
    for (size_t i = 0; extra != NULL && extra[i] != NULL; i++) {
        origin_t o = { m, NULL };
        size_t k = 0, len = strcspn(extra[i], "=");

        while (k < n && (strlen(s[k].key) != len || memcmp(s[k].key, extra[i], len) != 0))
            k++;
        if (k == n || extra[i][len] != '=')
            return unknown(&o, extra[i], len, d);
        for (size_t j = 0; j < i; j++) {
            if (strncmp(extra[j], extra[i], len + 1) == 0)
                return complain(&o, d, "setting '%s' is given twice", s[k].key);
        }
    }
    return CF_OK;
}

static const char *text_of(const cf_module_t *m, const cf_setting_t *s, const char *const *extra,
                           const cfi_conf_t **conf)
{
    const char *text = from_command_line(s, extra);

    *conf = NULL;
    for (size_t i = 0; text == NULL && i < m->nconf; i++) {
        if (strcmp(m->conf[i].key, s->key) == 0) {
            *conf = &m->conf[i];
            text = m->conf[i].text;
        }
    }
    return text != NULL ? text : s->preset;
}

/* What a JSON value may be for a setting: "yes" is text, true is a boolean, 7 is a number. */
static int check_json(const origin_t *o, const cf_setting_t *s, cf_diag_t *d)
{
    char kind = o->conf->kind;

    if (kind == 'b' && s->type != CF_SETTING_BOOL)
        return complain(o, d, "setting '%s' is no switch: true and false do not fit", s->key);
    if (kind == 'i' && s->type != CF_SETTING_UINT)
        return complain(o, d, "setting '%s' is no number; put its text in quotes", s->key);
    return CF_OK;
}

int cf_module_settings(const cf_module_t *m, const char *const *extra,
                       cf_setting_value_t **values, cf_diag_t *d)
{
    size_t n = count_settings(m->plugin), bytes = (n + 1) * sizeof(cf_setting_value_t);
    const cf_setting_t *s = m->plugin->settings;
    cf_setting_value_t *v;
    const cfi_conf_t *conf;
    char *heap;
    int rc = check_table(m, n, d);

    if (rc == CF_OK)
        rc = check_keys(m, n, extra, d);
    if (rc != CF_OK)
        return rc;
    /* One piece of memory: the values, then their texts. */
    for (size_t i = 0; i < n; i++) {
        const char *text = text_of(m, &s[i], extra, &conf);

        bytes += text != NULL ? strlen(text) + 1 : 0;
    }
    v = calloc(1, bytes);
    if (v == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "%s", cf_strerror(CF_E_NOMEM));
    heap = (char *)(v + n + 1);
    for (size_t i = 0; rc == CF_OK && i < n; i++) {
        const char *text = text_of(m, &s[i], extra, &conf);
        origin_t o = { m, conf };

        if (text != NULL && conf != NULL)
            rc = check_json(&o, &s[i], d);
        if (text != NULL && rc == CF_OK)
            rc = type_value(&o, &s[i], text, &v[i], &heap, d);
    }
    if (rc == CF_OK && m->plugin->check != NULL) {
        cf_diag_t why = CF_DIAG_INIT;

        rc = m->plugin->check(v, &why);
        if (rc != CF_OK)
            rc = cfi_module_fail(m, CFI_STEP_CHECK, d, "%s",
                                 why.text[0] != '\0' ? why.text : cf_strerror(rc));
    }
    if (rc != CF_OK) {
        free(v);
        return rc;
    }
    *values = v;
    return CF_OK;
}

void cf_settings_free(cf_setting_value_t *values)
{
    free(values);
}

int cfi_module_configure(const cf_module_t *m, cf_diag_t *d)
{
    cf_setting_value_t *values;
    int rc = cf_module_settings(m, NULL, &values, d);

    if (rc == CF_OK) {
        cf_log("plug-in %s: step %d (settings): good", m->name, CFI_STEP_SETTINGS);
        cf_log("plug-in %s: step %d (check): good", m->name, CFI_STEP_CHECK);
        cf_settings_free(values);
    }
    return rc;
}
