/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader of Google Cloud VPC Flow Logs, and of firewall rules logs beside them: log entries as
 * lines, arrays, pages of the API, Pub/Sub messages, exports of BigQuery and what shippers put
 * around. This file is the module's face: descriptor, settings, life of its state, the loop over
 * objects. gcp.h tells the way of an entry; the manual is gcp-vpc.7.
 */
#include <stdlib.h>

#include "gcp.h"

enum { SET_UNKNOWN = 0, SET_FIREWALL = 1 };

static const cf_setting_t settings[] = {
    { "unknown", CF_SETTING_ENUM, "keep", 0, 0, "keep drop",
      "values whose names are not known: keep them as text, or drop" },
    { "firewall", CF_SETTING_ENUM, "rows", 0, 0, "rows others",
      "entries of firewall rules logging: make rows of them, or only count" },
    { NULL, 0, NULL, 0, 0, NULL, NULL }
};

static const char *const lists[] = { "entries", "records", "Records", NULL };
static const char *const texts[] = { "_raw", "message", "event.original", "original", "body",
                                     "textPayload", NULL };
static const char *const payloads[] = { "data", NULL };
static const char *const wrappers[] = { "message", "event", "body", "result", "_source", "data",
                                        "fields", "record", "logEntry", NULL };
static const char *const marks[] = { "insertId", "jsonPayload", "logName", NULL };

const cf_jsonrec_options_t gcp_wrappings = {
    .lists = lists, .texts = texts, .payloads = payloads, .wrappers = wrappers, .marks = marks
};

void gcp_free(gcp_t *g)
{
    if (g == NULL)
        return;
    gcp_columns_close(g);
    cf_jsonrec_close(g->rec);
    cf_jsonmap_close(g->map);
    free(g->paths);
    free(g->path_text);
    free(g->column_of);
    free(g->remote);
    free(g->whole);
    free(g->cols);
    free(g);
}

static void reader_close(void *state)
{
    gcp_free(state);
}

static int reader_open(void **state, const cf_reader_env_t *env, cf_diag_t *d)
{
    const cf_setting_value_t *v = env->settings;
    gcp_t *g = calloc(1, sizeof *g);
    int rc;

    *state = NULL;
    if (g == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a reader");
    g->env = env;
    g->keep_unknown = v == NULL || !v[SET_UNKNOWN].set || v[SET_UNKNOWN].number == 0;
    g->firewall = v == NULL || !v[SET_FIREWALL].set || v[SET_FIREWALL].number == 0;
    g->generation = 1;
    rc = gcp_names_open(g, d);
    if (rc != CF_OK) {
        gcp_free(g);
        return rc;
    }
    *state = g;
    return CF_OK;
}

static int one_object(gcp_t *g, const cf_jsonobj_t *o, cf_diag_t *d)
{
    cf_diag_t why = CF_DIAG_INIT;
    const cf_jsonval_t *v;
    gcp_kind_t kind;
    int rc = cf_jsonmap_read(g->map, o->text, o->len, o->behind, &why);

    if (rc == CF_R_SYNTAX) {
        cf_jsonrec_broken(g->rec, rc, why.text);
        return CF_OK;
    }
    if (rc != CF_OK) {
        *d = why;
        return rc;
    }
    v = cf_jsonmap_values(g->map, NULL);
    kind = gcp_kind(g, v);
    if (kind == GCP_NO_ENTRY && cf_jsonrec_enter(g->rec))
        return CF_OK;
    if (kind <= GCP_OTHER || (kind == GCP_FIREWALL && !g->firewall)) {
        g->env->account->others++;
        return CF_OK;
    }
    if (g->skipping && cf_jsonrec_skip(g->rec))
        return CF_OK;
    g->skipping = false;
    g->why[0] = '\0';
    rc = gcp_entry(g, kind, v, d);
    if (CF_IS_RECORD_ERR(rc)) {
        cf_jsonrec_reject(g->rec, rc, "%s", g->why);
        return CF_OK;
    }
    if (rc == CF_OK) {
        g->env->account->rows_read++;
        g->env->account->rows_kept++;
    }
    return rc;
}

static int fill(gcp_t *g, cf_diag_t *d)
{
    int rc = CF_OK;

    while (rc == CF_OK && g->rows < CF_BATCH_ROWS && g->text < GCP_TEXT_MAX) {
        cf_jsonobj_t o;

        rc = cf_jsonrec_next(g->rec, &o, d);
        if (rc == CF_OK)
            rc = one_object(g, &o, d);
    }
    return rc;
}

static int reader_read(void *state, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    gcp_t *g = state;
    int rc = g->error;

    if (g->rec == NULL) {
        cf_jsonrec_options_t o = gcp_wrappings;

        o.rejects = g->env->rejects;
        o.skip = g->env->skip;
        g->skipping = o.skip > 0;
        rc = cf_jsonrec_open(&g->rec, in, &o, d);
        if (rc != CF_OK)
            return rc;
    }
    if (rc != CF_OK) {
        *d = g->diag;
        return rc;
    }
    rc = fill(g, d);
    if (rc == CF_E_NOMEM)
        return rc;
    if (rc != CF_OK) {
        /* Rows before the trouble are good: they come now, the trouble next time. */
        g->error = rc;
        g->diag = *d;
        if (g->rows == 0)
            return rc;
    }
    rc = gcp_columns_end(g, batch);
    return rc == CF_OK ? rc : cf_diag_set(d, rc, "no memory for a batch of rows");
}

static int reader_cursor(void *state, cf_cursor_t *c, cf_diag_t *d)
{
    const gcp_t *g = state;

    memset(c, 0, sizeof *c);
    return g->rec == NULL ? CF_OK : cf_jsonrec_cursor(g->rec, c, d);
}

static const cf_reader_ops_t ops = {
    .size = sizeof(cf_reader_ops_t),
    .probe = gcp_probe,
    .open = reader_open,
    .read = reader_read,
    .close = reader_close,
    .cursor = reader_cursor,
    .map = gcp_map,
};

CF_EXPORT extern const cf_plugin_t CF_PLUGIN_SYMBOL(gcp_vpc);
CF_EXPORT const cf_plugin_t CF_PLUGIN_SYMBOL(gcp_vpc) = {
    .abi = CF_PLUGIN_ABI,
    .size = sizeof(cf_plugin_t),
    .name = "gcp-vpc",
    .version = CF_VERSION_STRING,
    .kind = CF_PLUGIN_READER,
    .summary = "Google Cloud VPC flow logs and firewall logs",
    .settings = settings,
    .ops = &ops,
};
