/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects of the JSON writer, one a line or in any wrapping, alone or among those of other logs. The
 * library's reader of JSON logs goes by the map; what is written otherwise than the ASCII writer
 * does it becomes the same text here.
 */
#include <stdlib.h>

#include <cf/maplog.h>

#include "zeek.h"

/* Rows of the map, at most; texts of a record. */
#define ROWS 64

struct zeek_json {
    zeek_t *st;
    cf_maplog_t *log;
    cf_maplog_spec_t spec;
    cf_fieldmap_t map[ROWS];
    char time[40];
    char tunnel[1024];
};

static const cf_mapwords_t words[] = {
    { "local_orig", zeek_booleans }, { "local_resp", zeek_booleans }, { NULL, NULL }
};
static const char *const nulls[] = { "unknown_transport", "-", "(empty)", NULL };
static const char *const lists[] = { "records", "events", NULL };
static const char *const texts[] = { "_raw", "message", "event.original", NULL };
static const char *const wrappers[] = { "conn", "zeek", NULL };
static const char *const marks[] = { "ts", "uid", "id.orig_h", "id_orig_h", "@stream", "_path", NULL };

/* conn.log alone has a state of the connection. */
static bool mine(const cf_text_t *t)
{
    return t[ZEEK_ROW_STATE].s != NULL && t[ZEEK_ROW_TS].s != NULL && t[ZEEK_ROW_ORIG].s != NULL &&
           t[ZEEK_ROW_RESP].s != NULL && (t[ZEEK_ROW_IP_PROTO].s != NULL || t[ZEEK_ROW_PROTO].s != NULL);
}

/* ISO 8601 has a dash behind the year; as seconds it is what the column reads. */
static void plain_time(struct zeek_json *j, cf_text_t *t)
{
    int64_t ns;

    if (t->n < 10 || t->s[4] != '-' || cf_time_parse(t->s, t->n, &ns) != CF_OK || ns < 0)
        return;
    t->n = cf_uint_print(j->time, (uint64_t)(ns / (j->st->millis ? 1000000 : CF_NS_PER_SEC)));
    t->s = j->time;
    if (!j->st->millis) {
        uint64_t rest = (uint64_t)(ns % CF_NS_PER_SEC);

        j->time[t->n++] = '.';
        for (uint64_t unit = 100000000; unit > 0; unit /= 10)
            j->time[t->n++] = (char)('0' + rest / unit % 10);
    }
}

/* ["C1","C0"] as C1,C0; longer ones than we have room for stay as they are. */
static void plain_set(struct zeek_json *j, cf_text_t *t)
{
    size_t n = 0;

    if (t->s == NULL || t->n < 2 || t->s[0] != '[' || t->n > sizeof j->tunnel)
        return;
    for (size_t i = 1; i + 1 < t->n; i++) {
        if (t->s[i] != '"' && t->s[i] != ' ')
            j->tunnel[n++] = t->s[i];
    }
    t->s = j->tunnel;
    t->n = n;
}

static void complete(void *ctx, cf_text_t *t)
{
    struct zeek_json *j = ctx;

    plain_time(j, &t[ZEEK_ROW_TS]);
    plain_set(j, &t[ZEEK_ROW_TUNNEL]);
}

static int row(void *ctx, cf_cell_t *cells, const char **why)
{
    return zeek_row(((struct zeek_json *)ctx)->st, cells, why);
}

static void fill_spec(struct zeek_json *j)
{
    size_t i;

    for (i = 0; zeek_map[i].ours != NULL && i + 1 < ROWS; i++) {
        j->map[i] = zeek_map[i];
        if (j->st != NULL && j->st->millis && i == ZEEK_ROW_TS)
            j->map[i].unit = "ms";
        /* a set is taken as it is written */
        if (i == ZEEK_ROW_TUNNEL)
            j->map[i].theirs = "tunnel_parents{}";
    }
    j->spec = (cf_maplog_spec_t){
        .map = j->map, .words = words, .nulls = nulls, .mine = mine, .complete = complete,
        .row = row, .ctx = j,
        .framing = { .lists = lists, .texts = texts, .wrappers = wrappers, .marks = marks },
    };
}

int zeek_json_open(zeek_t *st, cf_diag_t *d)
{
    struct zeek_json *j = calloc(1, sizeof *j);
    const int *cell;
    int rc;

    st->objects = j;
    if (j == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a reader");
    j->st = st;
    fill_spec(j);
    rc = cf_maplog_open(&j->log, &j->spec, st->env, d);
    if (rc != CF_OK)
        return rc;
    memset(&st->at, 0xff, sizeof st->at);
    cell = cf_maplog_cells(j->log);
    for (int i = 0; zeek_map[i].theirs != NULL; i++)
        zeek_note(&st->at, zeek_map[i].ours, cell[i]);
    return CF_OK;
}

void zeek_json_close(struct zeek_json *j)
{
    if (j != NULL)
        cf_maplog_close(j->log);
    free(j);
}

int zeek_json_read(struct zeek_json *j, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    return cf_maplog_read(j->log, in, batch, d);
}

int zeek_json_cursor(const struct zeek_json *j, cf_cursor_t *c, cf_diag_t *d)
{
    return cf_maplog_cursor(j->log, c, d);
}

int zeek_probe_json(const cf_probe_t *p)
{
    struct zeek_json *j;
    unsigned met, found;

    if (memmem(p->bytes, p->len, "conn_state", 10) == NULL)
        return 0;
    j = calloc(1, sizeof *j);
    if (j == NULL)
        return 0;
    fill_spec(j);
    found = cf_maplog_probe(&j->spec, p, 200, &met);
    free(j);
    return found > 0 ? 95 : 0;
}
