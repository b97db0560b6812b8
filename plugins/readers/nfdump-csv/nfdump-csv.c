/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader of the csv output of nfdump: the 48 columns of 1.7.4 and older with their summary, the
 * columns of a user since 1.7.5, and csv-fast. This file is the module's face and its loop over
 * lines. The manual is nfdump-csv.7.
 */
#include <stdlib.h>

#include "nfdump.h"

enum { SET_TIMEZONE, SET_TIMES };

static const cf_setting_t settings[] = {
    { "timezone", CF_SETTING_STRING, "UTC", 1, 64, NULL,
      "zone in which nfdump ran: UTC, +01:00, or a name such as Europe/Prague" },
    { "times", CF_SETTING_ENUM, "auto", 0, 0, "auto text s ms",
      "how times are written; auto: ms in csv-fast, else text" },
    { NULL, 0, NULL, 0, 0, NULL, NULL }
};

#define NO_HEADER "no header line of nfdump before the rows"
#define REFUSED_MAX 20

static int nfdump_check(const cf_setting_value_t *v, cf_diag_t *d)
{
    cf_zone_t *zone = NULL;
    int rc = cf_zone_open(&zone, v[SET_TIMEZONE].text, d);

    cf_zone_close(zone);
    return rc;
}

static void reader_close(void *state)
{
    nfdump_t *st = state;

    cf_cells_destroy(st->table);
    cf_delim_destroy(st->lines);
    cf_zone_close(st->zone);
    free(st->title);
    free(st);
}

static int reader_open(void **state, const cf_reader_env_t *env, cf_diag_t *d)
{
    static const cf_as_t times[] = { CF_AS_NONE, CF_AS_ISO, CF_AS_SECONDS, CF_AS_MILLIS };
    cf_delim_options_t o = { .sep = ',' };
    nfdump_t *st = calloc(1, sizeof *st);
    int rc;

    *state = NULL;
    if (st == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a reader");
    st->env = env;
    st->skip = env->skip;
    st->times = times[env->settings[SET_TIMES].number];
    rc = cf_zone_open(&st->zone, env->settings[SET_TIMEZONE].text, d);
    if (rc == CF_OK)
        rc = cf_delim_create(&st->lines, &o, d);
    if (rc != CF_OK) {
        reader_close(st);
        return rc;
    }
    *state = st;
    return CF_OK;
}

static bool is(cf_text_t t, const char *word)
{
    return t.n == strlen(word) && memcmp(t.s, word, t.n) == 0;
}

static bool is_header(const cf_line_t *line)
{
    bool flows, fast;

    return line->count > 3 && line->value[0].n > 0 && (line->value[0].s[0] | 0x20) >= 'a' &&
           nfdump_titles(line->value, line->count, &flows, &fast) * 2 > line->count && flows;
}

static bool same_title(const nfdump_t *st, const cf_line_t *line)
{
    return st->table != NULL && line->place.text.n == st->title_len &&
           memcmp(line->place.text.s, st->title, st->title_len) == 0;
}

/* A header unlike the one before. */
static int header(nfdump_t *st, const cf_line_t *line, cf_diag_t *d)
{
    char *title = malloc(line->place.text.n + 1);
    int rc;

    if (title == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a header");
    memcpy(title, line->place.text.s, line->place.text.n);
    free(st->title);
    st->title = title;
    st->title_len = line->place.text.n;
    rc = nfdump_plan(st, line, d);
    st->head = line->place.offset;
    st->head_len = (uint32_t)(cf_delim_offset(st->lines) - line->place.offset);
    return rc;
}

/* Lines that are no rows: headers, the summary and its two lines. */
static bool other_line(nfdump_t *st, const cf_line_t *line)
{
    if (st->tail > 0) {
        st->tail--;
        return true;
    }
    if (line->count == 1 && (is(line->value[0], "Summary") || is(line->value[0], "No matched flows") ||
                             is(line->value[0], "No matching flows"))) {
        st->tail = is(line->value[0], "Summary") ? 2 : 0;
        return true;
    }
    return false;
}

static int one_line(nfdump_t *st, const cf_line_t *line, cf_diag_t *d)
{
    if (st->table == NULL) {
        cf_cells_reject(st->env, &st->skip, CF_R_FIELDS, &line->place, NO_HEADER);
        return ++st->refused < REFUSED_MAX ? CF_OK : cf_diag_set(d, CF_E_DETECT, NO_HEADER);
    }
    if (line->count != st->values) {
        cf_cells_reject(st->env, &st->skip, CF_R_FIELDS, &line->place, "%u values instead of %u",
                        line->count, st->values);
        return CF_OK;
    }
    return cf_cells_row(st->table, line->value, line->count, &line->place, d);
}

/* Rows of the header before go out first. */
static int new_header(nfdump_t *st, const cf_line_t *line, cf_batch_t *batch, cf_diag_t *d)
{
    int rc = CF_OK;

    st->env->account->headers++;
    cf_delim_norow(st->lines);
    if (same_title(st, line))
        return CF_OK;
    if (batch->rows > 0) {
        st->handed = true;
        rc = cf_cells_end(st->table, d);
    }
    if (rc == CF_OK)
        rc = header(st, line, d);
    return rc == CF_OK && !st->handed ? cf_cells_begin(st->table, batch, d) : rc;
}

static int fill(nfdump_t *st, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    cf_line_t line;
    int rc = st->table != NULL ? cf_cells_begin(st->table, batch, d) : CF_OK;

    while (rc == CF_OK && !st->handed && (st->table == NULL || !cf_cells_full(st->table))) {
        rc = cf_delim_next(st->lines, in, &line, d);
        if (CF_IS_RECORD_ERR(rc)) {
            cf_cells_reject(st->env, &st->skip, rc, &line.place, "%s", line.why);
            rc = CF_OK;
        } else if (rc == CF_OK && is_header(&line)) {
            rc = new_header(st, &line, batch, d);
        } else if (rc == CF_OK && other_line(st, &line)) {
            cf_delim_norow(st->lines);
        } else if (rc == CF_OK) {
            rc = one_line(st, &line, d);
        }
    }
    return rc;
}

static int reader_read(void *state, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    nfdump_t *st = state;
    int rc;

    if (st->error != CF_OK) {
        *d = st->diag;
        return st->error;
    }
    batch->rows = 0;
    st->handed = false;
    cf_diag_clear(&st->diag);
    rc = fill(st, in, batch, &st->diag);
    st->env->account->bytes = cf_delim_offset(st->lines);
    if (rc < 0)
        st->error = rc;        /* the rows before it first */
    if (batch->rows > 0)
        return st->handed ? CF_OK : cf_cells_end(st->table, d);
    if (rc < 0)
        *d = st->diag;
    return rc;
}

static int reader_cursor(void *state, cf_cursor_t *c, cf_diag_t *d)
{
    const nfdump_t *st = state;

    memset(c, 0, sizeof *c);
    if (st->tail > 0)
        return cf_diag_set(d, CF_E_USAGE, "the input ends inside of a summary");
    cf_delim_cursor(st->lines, st->head, st->head_len, c);
    return CF_OK;
}

/* A header line in the first few lines. */
static int nfdump_probe(const cf_probe_t *p)
{
    cf_delim_options_t o = { .sep = ',' };
    cf_delim_t *lines = NULL;
    cf_input_t *in = NULL;
    cf_line_t line;
    int score = 0, i;

    if (p->len == 0 || p->bytes[0] == '{' || p->bytes[0] == '[' ||
        cf_input_open_memory(&in, "probe", p->bytes, p->len, CF_INPUT_RAW, NULL) != CF_OK)
        return 0;
    if (cf_delim_create(&lines, &o, NULL) == CF_OK) {
        for (i = 0; i < 5 && score == 0 && cf_delim_next(lines, in, &line, NULL) == CF_OK; i++)
            score = is_header(&line) ? 95 : 0;
    }
    cf_delim_destroy(lines);
    cf_input_close(in);
    return score;
}

static const cf_reader_ops_t ops = {
    .size = sizeof(cf_reader_ops_t),
    .probe = nfdump_probe,
    .open = reader_open,
    .read = reader_read,
    .close = reader_close,
    .cursor = reader_cursor,
    .map = nfdump_map,
};

CF_EXPORT extern const cf_plugin_t CF_PLUGIN_SYMBOL(nfdump_csv);
CF_EXPORT const cf_plugin_t CF_PLUGIN_SYMBOL(nfdump_csv) = {
    .abi = CF_PLUGIN_ABI,
    .size = sizeof(cf_plugin_t),
    .name = "nfdump-csv",
    .version = CF_VERSION_STRING,
    .kind = CF_PLUGIN_READER,
    .summary = "nfdump's csv output: 48 columns, a user's columns, csv-fast",
    .settings = settings,
    .check = nfdump_check,
    .ops = &ops,
};
