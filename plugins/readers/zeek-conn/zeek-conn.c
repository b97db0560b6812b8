/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader of Zeek's conn.log as its ASCII and JSON writers make it. This file is the module's face:
 * settings, life of the state. The manual is zeek-conn.7.
 */
#include <stdlib.h>

#include "zeek.h"

static const cf_setting_t settings[] = {
    { "time", CF_SETTING_ENUM, "s", 0, 0, "s ms",
      "unit of ts in JSON where it is a number; ISO 8601 is known by itself" },
    { NULL, 0, NULL, 0, 0, NULL, NULL }
};

static void reader_close(void *state)
{
    zeek_t *st = state;

    zeek_json_close(st->objects);
    cf_cells_destroy(st->table);
    cf_delim_destroy(st->lines);
    free(st->title);
    free(st->plain);
    free(st);
}

static int reader_open(void **state, const cf_reader_env_t *env, cf_diag_t *d)
{
    zeek_t *st = calloc(1, sizeof *st);

    *state = st;
    if (st == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a reader");
    st->env = env;
    st->skip = env->skip;
    st->millis = env->settings[SET_TIME].number == 1;
    return CF_OK;
}

/* JSON begins with a brace or bracket, behind blanks and a byte order mark. */
static bool is_json(const char *p, size_t n)
{
    size_t i = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    while (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n'))
        i++;
    return i < n && (p[i] == '{' || p[i] == '[');
}

static int start(zeek_t *st, cf_input_t *in, cf_diag_t *d)
{
    const char *p;
    size_t n;
    int rc = cf_input_fill(in, 4096, &p, &n, d);

    if (rc != CF_OK)
        return rc;
    st->started = true;
    st->json = is_json(p, n);
    return st->json ? zeek_json_open(st, d) : CF_OK;
}

static int reader_read(void *state, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    zeek_t *st = state;
    int rc;

    if (st->error != CF_OK) {
        *d = st->diag;
        return st->error;
    }
    batch->rows = 0;
    cf_diag_clear(&st->diag);
    rc = st->started ? CF_OK : start(st, in, &st->diag);
    if (rc == CF_OK && st->json)
        return zeek_json_read(st->objects, in, batch, d);
    if (rc == CF_OK)
        rc = zeek_lines(st, in, batch, &st->diag);
    if (rc < 0)
        st->error = rc;            /* the rows before it first */
    if (batch->rows > 0)
        return CF_OK;
    if (rc < 0)
        *d = st->diag;
    return rc;
}

static int reader_cursor(void *state, cf_cursor_t *c, cf_diag_t *d)
{
    const zeek_t *st = state;

    memset(c, 0, sizeof *c);
    if (st->json)
        return zeek_json_cursor(st->objects, c, d);
    if (st->head_len > CF_CURSOR_HEAD_MAX)
        return cf_diag_set(d, CF_E_USAGE, "the header is too long to go on behind");
    if (st->lines != NULL)
        cf_delim_cursor(st->lines, st->head, st->head_len, c);
    /* A header without its #fields so far is read again from its begin. */
    if (st->in_header && st->head_len == 0)
        *c = (cf_cursor_t){ .offset = st->head };
    return CF_OK;
}

static int zeek_probe(const cf_probe_t *p)
{
    return is_json(p->bytes, p->len) ? zeek_probe_json(p) : zeek_probe_lines(p);
}

static const cf_reader_ops_t ops = {
    .size = sizeof(cf_reader_ops_t),
    .probe = zeek_probe,
    .open = reader_open,
    .read = reader_read,
    .close = reader_close,
    .cursor = reader_cursor,
    .map = zeek_map,
};

CF_EXPORT extern const cf_plugin_t CF_PLUGIN_SYMBOL(zeek_conn);
CF_EXPORT const cf_plugin_t CF_PLUGIN_SYMBOL(zeek_conn) = {
    .abi = CF_PLUGIN_ABI,
    .size = sizeof(cf_plugin_t),
    .name = "zeek-conn",
    .version = CF_VERSION_STRING,
    .kind = CF_PLUGIN_READER,
    .summary = "conn.log of Zeek, of its ASCII or JSON writer",
    .settings = settings,
    .ops = &ops,
};
