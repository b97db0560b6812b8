/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One input: find out by content what it is (a .cf stream, or a log that one of the site's readers
 * knows) and give its rows as items. Names decide nothing; "-" is standard input.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "scan.h"

#define HEAD (64u << 10)
#define SURE 1                     /* the lowest score that counts */

static bool same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* Names of readers for a message; the last ones are left out when they are too many. */
typedef struct names {
    char text[256];
    size_t len;
} names_t;

static void add_name(names_t *n, const char *name)
{
    size_t len = strlen(name);

    if (n->len + len + 8 > sizeof n->text) {
        if (n->len > 3 && strcmp(n->text + n->len - 3, "...") != 0)
            n->len += (size_t)snprintf(n->text + n->len, sizeof n->text - n->len, ", ...");
        return;
    }
    n->len += (size_t)snprintf(n->text + n->len, sizeof n->text - n->len, "%s%s",
                               n->len > 0 ? ", " : "", name);
}

static int detect(cf_scan_t *s, const cf_probe_t *p, cf_module_t **found, cf_diag_t *d)
{
    cf_module_t *best = NULL;
    names_t fit = { .len = 0 };
    int best_score = 0, nbest = 0;

    for (size_t i = 0;; i++) {
        const cf_reader_ops_t *ops;
        cf_module_t *m;
        int score, rc = cf_site_reader(s->o.site, i, &m, d);

        if (rc == CF_EOF)
            break;
        if (rc != CF_OK)
            return rc;
        ops = cf_module_plugin(m)->ops;
        score = ops->probe(p);
        if (score < SURE || score < best_score)
            continue;
        if (score > best_score) {
            best = m;
            best_score = score;
            nbest = 0;
            fit.len = 0;
        }
        nbest++;
        add_name(&fit, cf_module_plugin(m)->name);
    }
    if (best == NULL)
        return cf_diag_set(d, CF_E_DETECT, "no reader knows this content; name one of "
                           "`cfplugin list` with --reader");
    if (nbest > 1)
        return cf_diag_set(d, CF_E_DETECT, "%d readers fit alike, by %d of 100: %s; name one of them "
                           "with --reader", nbest, best_score, fit.text);
    *found = best;
    return CF_OK;
}

static int open_reader(cfi_source_t *src, cf_module_t *m, cf_diag_t *d)
{
    const cf_plugin_t *plugin = cf_module_plugin(m);
    int rc;

    if (plugin->kind != CF_PLUGIN_READER)
        return cf_diag_set(d, CF_E_USAGE, "plug-in '%s' is not a reader", plugin->name);
    src->ops = plugin->ops;
    src->reader = plugin->name;
    rc = cf_module_settings(m, src->scan->o.settings, &src->settings, d);
    if (rc != CF_OK)
        return rc;
    src->env.name = src->display;
    src->env.settings = src->settings;
    src->env.rejects = &src->rejects;
    src->env.account = &src->account;
    src->env.wanted = cfi_scan_wanted;
    src->env.ctx = src->scan;
    if (src->scan->o.growing && !cfi_reader_continues(src->ops))
        return cf_diag_set(d, CF_E_USAGE, "reader '%s' cannot go on in a grown input",
                           plugin->name);
    src->env.skip = src->begin == CF_SCAN_CONTINUED ? src->place.skip : 0;
    return src->ops->open(&src->state, &src->env, d);
}

static int open_raw(cfi_source_t *src, const char *head, size_t n, cf_diag_t *d)
{
    cf_scan_t *s = src->scan;
    cf_probe_t probe = { src->display, head, n, n < HEAD };
    cf_module_t *m = NULL;
    int rc;

    if (n == 0) {
        if (!s->o.allow_empty && !s->o.growing)
            return cf_diag_set(d, CF_E_FORMAT, "empty: neither rows nor a header (--allow-empty takes it)");
        src->empty = true;
        return CF_OK;
    }
    if (s->o.reader != NULL)
        rc = cf_site_module(s->o.site, s->o.reader, &m, d);
    else if (src->begin == CF_SCAN_CONTINUED)
        rc = cf_site_module(s->o.site, src->place.reader, &m, d);
    else
        rc = detect(s, &probe, &m, d);
    if (rc == CF_E_DETECT && cfi_growing_short(src, head, n)) {
        src->empty = src->cut = true;
        cf_diag_clear(d);
        return CF_OK;
    }
    return rc == CF_OK ? open_reader(src, m, d) : rc;
}

int cfi_source_open(cfi_source_t *src, cf_scan_t *s, const char *name, cf_diag_t *d)
{
    cf_input_t *in = NULL;
    const char *head = NULL;
    bool unchanged = false;
    size_t n = 0;
    int rc;

    memset(src, 0, sizeof *src);
    src->scan = s;
    src->name = name;
    src->display = same(name, "-") ? "stdin" : name;
    cf_account_init(&src->account);
    cf_rejects_init(&src->rejects, &src->account);
    if (s->o.growing) {
        rc = cfi_growing_open(src, &in, &unchanged, d);
        if (rc == CF_OK && unchanged) {
            src->empty = true;
            return CF_OK;
        }
    } else {
        rc = cf_input_open(&in, name, s->o.threads > 1 ? CF_INPUT_THREAD : 0, d);
    }
    if (rc != CF_OK)
        goto failed;
    rc = cf_input_fill(in, HEAD, &head, &n, d);
    if (rc == CF_EOF || (rc == CF_E_TRUNC && s->o.growing))
        n = 0;
    else if (rc != CF_OK)
        goto failed;
    if (n > 0 && cf_stream_probe(head, n)) {
        if (s->o.raw_only) {
            rc = cf_diag_set(d, CF_E_USAGE, "is a .cf file already; cfcat reads it");
            goto failed;
        }
        rc = cf_stream_open(&src->stream, in, d);
        in = NULL;                         /* taken */
        if (rc != CF_OK)
            goto failed;
        if (s->has_window)
            cf_stream_window(src->stream, s->from, s->to);
        return CF_OK;
    }
    rc = open_raw(src, head, n, d);
    if (rc != CF_OK)
        goto failed;
    src->in = in;
    return CF_OK;
failed:
    cf_diag_source(d, src->display);
    if (in != NULL)
        cf_input_close(in);
    cfi_source_close(src);
    return rc;
}

void cfi_source_close(cfi_source_t *src)
{
    if (src->state != NULL)
        src->ops->close(src->state);
    cf_settings_free(src->settings);
    cf_schema_put(src->schema);
    if (src->stream != NULL)
        cf_stream_close(src->stream);
    if (src->in != NULL)
        cf_input_close(src->in);
    src->state = NULL;
    src->settings = NULL;
    src->schema = NULL;
    src->stream = NULL;
    src->in = NULL;
}

/* Smallest and largest start of a batch into the account. */
static void note_times(cf_account_t *a, const cf_batch_t *b)
{
    static const cf_field_t *stime;
    const cf_field_t *f = __atomic_load_n(&stime, __ATOMIC_RELAXED);
    const int64_t *t;
    int col;

    if (f == NULL) {
        f = cf_field_find("stime");
        __atomic_store_n(&stime, f, __ATOMIC_RELAXED);
    }
    col = cf_schema_index(b->schema, f);
    if (col < 0)
        return;
    t = b->cols[col].data;
    for (uint32_t i = 0; i < b->rows; i++) {
        if (cf_vec_is_null(&b->cols[col], i))
            continue;
        a->tmin = t[i] < a->tmin ? t[i] : a->tmin;
        a->tmax = t[i] > a->tmax ? t[i] : a->tmax;
    }
}

/* Who wrote the log, by the field of that name: few values, each in the batch's dictionary once. */
static void note_providers(cfi_source_t *src, const cf_batch_t *b)
{
    const cf_field_t *f = cf_field_find("provider");
    int col = f != NULL ? cf_schema_index(b->schema, f) : -1;
    const cf_dict_t *dict;

    if (col < 0)
        return;
    dict = &b->cols[col].dict;
    for (uint32_t i = 0; i < dict->count && i < 2 * CF_SCAN_PROVIDERS; i++) {
        uint32_t len;
        const char *text = cf_dict_text(dict, i, &len);
        unsigned k = 0;

        if (len == 0 || len >= sizeof src->providers[0])
            continue;
        while (k < src->nproviders && (strncmp(src->providers[k], text, len) != 0 ||
                                       src->providers[k][len] != '\0'))
            k++;
        if (k < src->nproviders || k == CF_SCAN_PROVIDERS)
            continue;
        memcpy(src->providers[k], text, len);
        src->providers[k][len] = '\0';
        src->nproviders++;
    }
}

/* Columns and writers of the log, for its account. */
static int note_batch(cfi_source_t *src, const cf_batch_t *b)
{
    cf_schema_t *both;

    note_times(&src->account, b);
    note_providers(src, b);
    if (src->schema == b->schema)
        return CF_OK;
    both = src->schema != NULL ? cf_schema_union(src->schema, b->schema) : cf_schema_get(b->schema);
    if (both == NULL)
        return CF_E_NOMEM;
    cf_schema_put(src->schema);
    src->schema = both;
    return CF_OK;
}

static int next_raw(cfi_source_t *src, cf_item_t *it, cf_diag_t *d)
{
    int rc;

    if (src->empty)
        return CF_EOF;
    if (it->batch == NULL) {
        cf_schema_t *none = cf_schema_create();

        it->batch = none != NULL ? cf_batch_create(none) : NULL;
        cf_schema_put(none);
        if (it->batch == NULL)
            return cf_diag_set(d, CF_E_NOMEM, "out of memory");
    }
    do {
        it->batch->rows = 0;
        rc = src->ops->read(src->state, src->in, it->batch, d);
    } while (rc == CF_OK && it->batch->rows == 0);
    src->account.bytes = cf_input_offset(src->in);
    if (rc == CF_OK) {
        if (note_batch(src, it->batch) != CF_OK)
            return cf_diag_set(d, CF_E_NOMEM, "out of memory");
        cfi_item_begin_batch(it);
    } else if (src->scan->o.growing) {
        rc = cfi_growing_end(src, rc, d);
    }
    return rc;
}

int cfi_source_next(cfi_source_t *src, cf_item_t *it, cf_diag_t *d)
{
    int rc;

    if (src->stream != NULL) {
        rc = cf_stream_next(src->stream, it->block, d);
        if (rc == CF_OK)
            rc = cfi_item_begin_block(it);
        if (rc == CF_E_NOMEM && d->code != CF_E_NOMEM)
            cf_diag_set(d, rc, "out of memory");
    } else {
        rc = next_raw(src, it, d);
    }
    if (rc < 0)
        cf_diag_source(d, src->display);
    it->source = src->display;
    return rc;
}
