/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader of Alibaba Cloud VPC flow logs: JSON objects as Simple Log Service exports them, and
 * tables. This file is the module's face; alibaba.h names the others. The manual is alibaba-vpc.7.
 */
#include <stdlib.h>

#include <cf/version.h>

#include "alibaba.h"

static const cf_setting_t settings[] = {
    { "format", CF_SETTING_STRING, NULL, 1, 4096, NULL,
      "fields of a table without titles: version,vswitch-id,..." },
    { NULL, 0, NULL, 0, 0, NULL, NULL }
};

static int ali_check(const cf_setting_value_t *values, cf_diag_t *d)
{
    return values[SET_FORMAT].set ? ali_text_check(values[SET_FORMAT].text, d) : CF_OK;
}

static const char *const lists[] = { "logs", "records", "data", NULL };
static const char *const texts[] = { "_raw", "message", "content", "body", "event.original", NULL };
static const char *const wrappers[] = { "event", "message", "content", "contents", NULL };
static const char *const marks[] = { "srcaddr", "eni-id", "__topic__", "__time__", "version", NULL };

static const cf_maplog_spec_t spec = {
    .map = ali_map,
    .words = ali_words,
    .dashes = true,
    .nulls = ali_nulls,
    .framing = { .lists = lists, .texts = texts, .wrappers = wrappers, .marks = marks },
    .mine = ali_mine,
    .complete = ali_complete,
    .row = ali_look,
};

/* Place of the first byte that is neither blank nor byte order mark. */
static size_t begin(const char *p, size_t n)
{
    size_t i = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    while (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n'))
        i++;
    return i;
}

static int probe_text(const char *s, size_t n, bool whole)
{
    const char *lf = memchr(s, '\n', n);
    int at[ALI_VALUES_MAX];
    char sep;

    if (lf == NULL && !whole)
        return 0;
    if (lf != NULL)
        n = (size_t)(lf - s);
    if (n > CF_DELIM_LINE_MAX)
        return 0;
    if (ali_titles(s, n, &sep, at) > 0)
        return 100;
    return ali_is_row(s, n) ? 95 : 0;
}

static int ali_probe(const cf_probe_t *p)
{
    size_t i = begin(p->bytes, p->len);
    unsigned met, found;

    if (i == p->len)
        return 0;
    if (p->bytes[i] != '{' && p->bytes[i] != '[')
        return probe_text(p->bytes + i, p->len - i, p->whole);
    found = cf_maplog_probe(&spec, p, 20, &met);
    return found == 0 ? 0 : 60 + (int)(found * 40 / met);
}

static void ali_close(void *state)
{
    ali_t *st = state;

    if (st == NULL)
        return;
    cf_maplog_close(st->json);
    ali_text_close(st->text);
    free(st);
}

static int ali_open(void **state, const cf_reader_env_t *env, cf_diag_t *d)
{
    ali_t *st = calloc(1, sizeof *st);

    *state = NULL;
    if (st == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "out of memory");
    st->env = env;
    st->skip = env->skip;
    *state = st;
    return CF_OK;
}

static int start(ali_t *st, cf_input_t *in, cf_diag_t *d)
{
    const char *p;
    size_t n, i;
    int rc = cf_input_fill(in, 4096, &p, &n, d);

    if (rc != CF_OK)
        return rc;
    i = begin(p, n);
    st->started = true;
    if (i == n || (p[i] != '{' && p[i] != '['))
        return ali_text_open(&st->text, st, in, d);
    st->spec = spec;
    st->spec.ctx = st;
    rc = cf_maplog_open(&st->json, &st->spec, st->env, d);
    if (rc == CF_OK)
        st->at = cf_maplog_cells(st->json);
    return rc;
}

static int ali_read(void *state, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    ali_t *st = state;
    int rc = st->started ? CF_OK : start(st, in, d);

    if (rc != CF_OK)
        return rc;
    return st->json != NULL ? cf_maplog_read(st->json, in, batch, d)
                            : ali_text_read(st->text, in, batch, d);
}

static int ali_cursor(void *state, cf_cursor_t *c, cf_diag_t *d)
{
    ali_t *st = state;

    if (st->json != NULL)
        return cf_maplog_cursor(st->json, c, d);
    if (st->text != NULL)
        return ali_text_cursor(st->text, c, d);
    return cf_diag_set(d, CF_E_USAGE, "nothing was read");
}

static const cf_reader_ops_t ops = {
    .size = sizeof(cf_reader_ops_t),
    .probe = ali_probe,
    .open = ali_open,
    .read = ali_read,
    .close = ali_close,
    .cursor = ali_cursor,
    .map = ali_map,
};

CF_EXPORT extern const cf_plugin_t CF_PLUGIN_SYMBOL(alibaba_vpc);
CF_EXPORT const cf_plugin_t CF_PLUGIN_SYMBOL(alibaba_vpc) = {
    .abi = CF_PLUGIN_ABI,
    .size = sizeof(cf_plugin_t),
    .name = "alibaba-vpc",
    .version = CF_VERSION_STRING,
    .kind = CF_PLUGIN_READER,
    .summary = "Alibaba Cloud VPC flow logs, JSON or tables",
    .settings = settings,
    .check = ali_check,
    .ops = &ops,
};
