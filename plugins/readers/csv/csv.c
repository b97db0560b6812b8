/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader of any delimited text, told by settings what its columns are: the rwtuc of this suite.
 * This file is the module's face and its loop over lines; csv.h tells the way of a line. The manual
 * is csv.7.
 */
#include <stdlib.h>

#include "csv.h"

static const cf_setting_t settings[] = {
    { "columns", CF_SETTING_STRING, NULL, 1, 32768, NULL,
      "what the values are: TITLE=FIELD[:HOW],... or, without titles, FIELD[:HOW],... in order" },
    { "delimiter", CF_SETTING_STRING, "auto", 1, 16, NULL,
      "what stands between values: a character, comma, tab, semicolon, pipe, blank, or auto" },
    { "header", CF_SETTING_ENUM, "auto", 0, 0, "auto yes no skip",
      "whether the first line has titles; skip: pass over it" },
    { "quote", CF_SETTING_BOOL, "yes", 0, 0, NULL, "values may stand in double quotes" },
    { "null", CF_SETTING_STRING, "- NULL", 0, 256, NULL,
      "texts that mean absent, with blanks between; the empty value always does" },
    { "timezone", CF_SETTING_STRING, "UTC", 1, 64, NULL,
      "zone of times without offset: UTC, +01:00, or a name such as Europe/Prague" },
    { "constants", CF_SETTING_STRING, NULL, 1, 4096, NULL,
      "values that every row has: FIELD=VALUE,..." },
    { "unknown", CF_SETTING_ENUM, "keep", 0, 0, "keep drop",
      "columns that nothing names: keep them as text, or drop" },
    { "comment", CF_SETTING_STRING, NULL, 1, 1, NULL,
      "lines that begin with this character are passed over" },
    { NULL, 0, NULL, 0, 0, NULL, NULL }
};

/* What the log says is up to the log, or to the settings. */
static const cf_fieldmap_t map[] = {
    { NULL, "provider", NULL, NULL, "a column or a constant; else absent" },
    { NULL, "shape", NULL, NULL, "a column or a constant; else absent" },
    { NULL, "counts", NULL, NULL, "a column or a constant; else absent" },
    { NULL, "bytekind", NULL, NULL, "a column or a constant; else absent" },
    CF_MAP_AS("any title or place", "stime", "ISO 8601, s, ms, us, ns, or a pattern",
              "every field of the catalogue can be a column, by its name, an alias, or the setting columns"),
    CF_MAP_END
};

/* false: no separator has this name. */
static bool separator(const char *text, char *sep, bool *known, bool *runs)
{
    static const struct { const char *name; char sep; } names[] = {
        { "comma", ',' }, { "tab", '\t' }, { "semicolon", ';' }, { "pipe", '|' }, { "blank", ' ' },
        { "space", ' ' }, { "\\t", '\t' },
    };
    size_t i;

    *known = strcmp(text, "auto") != 0;
    *sep = ',';
    *runs = false;
    if (!*known)
        return true;
    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i].name) == 0) {
            *sep = names[i].sep;
            *runs = *sep == ' ';
            return true;
        }
    }
    *sep = text[0];
    *runs = *sep == ' ';
    return text[1] == '\0' && strchr("\"\r\n", text[0]) == NULL;
}

/* A table that nobody reads tries the patterns. */
static int check_patterns(const csv_map_t *m, cf_diag_t *d)
{
    cf_reader_env_t none = { .name = NULL };
    cf_cells_options_t o = { .nulls = NULL };
    cf_cells_t *trial = NULL;
    int rc = cf_cells_create(&trial, &none, &o, d);

    for (uint32_t i = 0; i < m->n && rc == CF_OK; i++) {
        cf_column_t c = { .as = CF_AS_PATTERN, .from = -1, .pattern = m->item[i].pattern };

        if (c.pattern != NULL && cf_cells_column(trial, &c) == CF_E_USAGE)
            rc = cf_diag_set(d, CF_E_USAGE, "columns: '%.64s' is no pattern of a time", c.pattern);
    }
    cf_cells_destroy(trial);
    return rc;
}

static int csv_check(const cf_setting_value_t *v, cf_diag_t *d)
{
    csv_map_t m = { .copy = NULL };
    cf_zone_t *zone = NULL;
    bool known, runs;
    char sep;
    int rc = CF_OK;

    if (!separator(v[SET_DELIMITER].text, &sep, &known, &runs))
        return cf_diag_set(d, CF_E_USAGE, "delimiter: '%.16s' is no separator", v[SET_DELIMITER].text);
    if (v[SET_COLUMNS].set) {
        rc = csv_map_parse(&m, v[SET_COLUMNS].text, d);
        if (rc == CF_OK && m.titles && (v[SET_HEADER].number == HEADER_NO ||
                                        v[SET_HEADER].number == HEADER_SKIP))
            rc = cf_diag_set(d, CF_E_USAGE, "columns names titles, and header says that there are none");
        else if (rc == CF_OK && !m.titles && v[SET_HEADER].number == HEADER_YES)
            rc = cf_diag_set(d, CF_E_USAGE, "columns names no titles, and header says that there are some");
        if (rc == CF_OK)
            rc = check_patterns(&m, d);
        csv_map_fini(&m);
    } else if (v[SET_HEADER].number == HEADER_NO || v[SET_HEADER].number == HEADER_SKIP) {
        rc = cf_diag_set(d, CF_E_USAGE, "without titles the setting columns has to name the values");
    }
    if (rc == CF_OK && v[SET_CONSTANTS].set)
        rc = csv_constants(NULL, v[SET_CONSTANTS].text, d);
    if (rc == CF_OK)
        rc = cf_zone_open(&zone, v[SET_TIMEZONE].text, d);
    cf_zone_close(zone);
    return rc;
}

static void reader_close(void *state)
{
    csv_t *st = state;

    cf_cells_destroy(st->table);
    cf_delim_destroy(st->lines);
    cf_zone_close(st->zone);
    csv_map_fini(&st->map);
    free(st->nulls_copy);
    free(st->title);
    free(st);
}

static int split_nulls(csv_t *st, const char *text, cf_diag_t *d)
{
    uint32_t n = 0;
    char *at;

    st->nulls_copy = strdup(text);
    if (st->nulls_copy == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a reader");
    for (at = st->nulls_copy; *at != '\0';) {
        size_t len = strcspn(at, " ");

        if (len > 0 && n == 16)
            return cf_diag_set(d, CF_E_USAGE, "null: more than 16 words");
        if (len > 0)
            st->nulls[n++] = at;
        at += len;
        if (*at != '\0')
            *at++ = '\0';
    }
    return CF_OK;
}

static int reader_open(void **state, const cf_reader_env_t *env, cf_diag_t *d)
{
    const cf_setting_value_t *v = env->settings;
    csv_t *st = calloc(1, sizeof *st);
    int rc = CF_OK;

    *state = NULL;
    if (st == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a reader");
    st->env = env;
    st->skip = env->skip;
    st->quote = v[SET_QUOTE].flag;
    st->keep_unknown = v[SET_UNKNOWN].number == 0;
    st->comment = v[SET_COMMENT].set ? v[SET_COMMENT].text[0] : '\0';
    (void)separator(v[SET_DELIMITER].text, &st->sep, &st->sep_known, &st->runs);
    if (v[SET_COLUMNS].set)
        rc = csv_map_parse(&st->map, v[SET_COLUMNS].text, d);
    st->header = (int)v[SET_HEADER].number;
    if (st->header == HEADER_AUTO)
        st->header = st->map.n > 0 && !st->map.titles ? HEADER_NO : HEADER_YES;
    if (rc == CF_OK)
        rc = split_nulls(st, v[SET_NULL].text, d);
    if (rc == CF_OK)
        rc = cf_zone_open(&st->zone, v[SET_TIMEZONE].text, d);
    if (rc != CF_OK) {
        reader_close(st);
        return rc;
    }
    *state = st;
    return CF_OK;
}

/* The separator is looked for in the first line that is no comment. */
static int start(csv_t *st, cf_input_t *in, cf_diag_t *d)
{
    cf_delim_options_t o = { .sep = st->sep, .quote = st->quote, .runs = st->runs };
    size_t n, want = 1, at = 0;
    const char *p, *lf = NULL;
    int rc = CF_OK;

    while (!st->sep_known) {
        rc = cf_input_fill(in, want, &p, &n, d);
        if (rc != CF_OK)
            return rc;
        lf = memchr(p + at, '\n', n - at);
        if (lf != NULL && st->comment != '\0' && p[at] == st->comment) {
            at = (size_t)(lf - p) + 1;
            want = at + 1;
            if (n > at)
                continue;
        } else if (lf != NULL || cf_input_ended(in) != CF_OK || n > at + CF_DELIM_LINE_MAX) {
            o.sep = csv_guess_separator(p + at, n - at);
            break;
        } else {
            want = n + 1;
        }
        if (want > CF_INPUT_WINDOW_MAX || (n < want && cf_input_ended(in) != CF_OK))
            break;
    }
    return cf_delim_create(&st->lines, &o, d);
}

static int reject_count(csv_t *st, const cf_line_t *line)
{
    cf_cells_reject(st->env, &st->skip, CF_R_FIELDS, &line->place, "%u values instead of %u",
                    line->count, st->values);
    return CF_OK;
}

/* The first line decides; a header line is kept to be known again. */
static int first(csv_t *st, const cf_line_t *line, cf_diag_t *d)
{
    int rc = csv_plan(st, st->header == HEADER_NO ? NULL : line, line->count, d);

    if (rc != CF_OK || st->header == HEADER_NO)
        return rc;
    st->title = malloc(line->place.text.n + 1);
    if (st->title == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a header");
    memcpy(st->title, line->place.text.s, line->place.text.n);
    st->title_len = line->place.text.n;
    st->head = line->place.offset;
    st->head_len = (uint32_t)(cf_delim_offset(st->lines) - line->place.offset);
    st->env->account->headers++;
    cf_delim_norow(st->lines);
    return CF_EOF;
}

static int one_line(csv_t *st, const cf_line_t *line, cf_batch_t *batch, cf_diag_t *d)
{
    int rc;

    if (st->comment != '\0' && line->place.text.n > 0 && line->place.text.s[0] == st->comment) {
        cf_delim_norow(st->lines);
        return CF_OK;
    }
    if (st->table == NULL) {
        rc = first(st, line, d);
        if (rc < 0)
            return rc;
        if (cf_cells_begin(st->table, batch, d) != CF_OK)
            return CF_E_NOMEM;
        if (rc == CF_EOF)
            return CF_OK;
    } else if (line->place.text.n == st->title_len && st->title_len > 0 &&
               memcmp(line->place.text.s, st->title, st->title_len) == 0) {
        st->env->account->headers++;
        cf_delim_norow(st->lines);
        return CF_OK;
    }
    if (line->count != st->values)
        return reject_count(st, line);
    return cf_cells_row(st->table, line->value, line->count, &line->place, d);
}

static int fill(csv_t *st, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    cf_line_t line;
    int rc = CF_OK;

    if (st->lines == NULL)
        rc = start(st, in, d);
    else if (st->table != NULL)
        rc = cf_cells_begin(st->table, batch, d);
    while (rc == CF_OK && (st->table == NULL || !cf_cells_full(st->table))) {
        rc = cf_delim_next(st->lines, in, &line, d);
        if (CF_IS_RECORD_ERR(rc)) {
            cf_cells_reject(st->env, &st->skip, rc, &line.place, "%s", line.why);
            rc = CF_OK;
        } else if (rc == CF_OK) {
            rc = one_line(st, &line, batch, d);
        }
    }
    return rc;
}

static int reader_read(void *state, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    csv_t *st = state;
    int rc;

    if (st->error != CF_OK) {
        *d = st->diag;
        return st->error;
    }
    batch->rows = 0;
    cf_diag_clear(&st->diag);
    rc = fill(st, in, batch, &st->diag);
    if (st->lines != NULL)
        st->env->account->bytes = cf_delim_offset(st->lines);
    if (rc < 0)
        st->error = rc;        /* the rows before it first */
    if (st->table != NULL && batch->rows > 0)
        return cf_cells_end(st->table, d);
    if (rc < 0)
        *d = st->diag;
    return rc;
}

static int reader_cursor(void *state, cf_cursor_t *c, cf_diag_t *d)
{
    const csv_t *st = state;

    (void)d;
    memset(c, 0, sizeof *c);
    if (st->lines != NULL)
        cf_delim_cursor(st->lines, st->head, st->head_len, c);
    return CF_OK;
}

static const cf_reader_ops_t ops = {
    .size = sizeof(cf_reader_ops_t),
    .probe = csv_probe,
    .open = reader_open,
    .read = reader_read,
    .close = reader_close,
    .cursor = reader_cursor,
    .map = map,
};

CF_EXPORT extern const cf_plugin_t CF_PLUGIN_SYMBOL(csv);
CF_EXPORT const cf_plugin_t CF_PLUGIN_SYMBOL(csv) = {
    .abi = CF_PLUGIN_ABI,
    .size = sizeof(cf_plugin_t),
    .name = "csv",
    .version = CF_VERSION_STRING,
    .kind = CF_PLUGIN_READER,
    .summary = "any delimited text, with its columns named by a header or by settings",
    .settings = settings,
    .check = csv_check,
    .ops = &ops,
};
