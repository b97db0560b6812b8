/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest complete reader: a text table of four columns, as a firewall might write it,
 *
 *     time,src,dst,bytes
 *     2026-11-23T10:15:30Z,10.0.0.1,192.0.2.7,1500
 *
 * Read it from the bottom: the descriptor, the table of functions, then the functions. Copy this
 * folder, rename the module in three places (file, CF_PLUGIN_SYMBOL, .name) and go on from there.
 * doc/plugins.md walks through it.
 */
#include <stdlib.h>
#include <string.h>

#include <cf/plugin.h>

static const char title[] = "time,src,dst,bytes";

enum { COLUMN_TIME, COLUMN_SRC, COLUMN_DST, COLUMN_BYTES, COLUMNS };

/* Places of the values in cf_reader_env_t.settings: the order of the settings table. */
enum { SET_SEPARATOR, SET_MAX_LINE };

typedef struct state {
    const cf_reader_env_t *env;
    cf_schema_t *schema;
    char separator;
    size_t max_line;
    uint64_t line;
    int failed;                /* the input's error, told after the rows before it */
    cf_diag_t why;
} state_t;

/* Titles differ from those of any other reader, so they alone make it certain. */
static int example_probe(const cf_probe_t *p)
{
    static const char separators[] = ",;\t";

    for (const char *s = separators; *s != '\0'; s++) {
        char first[sizeof title];
        size_t n = sizeof title - 1;

        for (size_t i = 0; i < n; i++)
            first[i] = title[i] == ',' ? *s : title[i];
        if (p->len > n && memcmp(p->bytes, first, n) == 0 && strchr("\r\n", p->bytes[n]) != NULL)
            return 90;
    }
    return 0;
}

static void example_close(void *state)
{
    state_t *s = state;

    cf_schema_put(s->schema);
    free(s);
}

static int example_open(void **state, const cf_reader_env_t *env, cf_diag_t *d)
{
    static const char *const names[COLUMNS] = { "stime", "sip", "dip", "bytes" };
    static const char separators[] = { ',', ';', '\t' };
    state_t *s = calloc(1, sizeof *s);

    if (s == NULL || (s->schema = cf_schema_create()) == NULL) {
        free(s);
        return cf_diag_set(d, CF_E_NOMEM, "out of memory");
    }
    s->env = env;
    s->separator = separators[env->settings[SET_SEPARATOR].number];
    s->max_line = (size_t)env->settings[SET_MAX_LINE].number;
    for (int i = 0; i < COLUMNS; i++) {
        if (cf_schema_add(s->schema, cf_field_find(names[i])) < 0) {
            example_close(s);
            return cf_diag_set(d, CF_E_NOMEM, "out of memory");
        }
    }
    *state = s;
    return CF_OK;
}

/* Cut a line into its values; CF_R_FIELDS when there are not just four. */
static int split(const state_t *s, const char *line, size_t n, const char **text, size_t *len)
{
    for (int i = 0; i < COLUMNS; i++) {
        const char *end = memchr(line, s->separator, n);

        if ((end == NULL) != (i == COLUMNS - 1))
            return CF_R_FIELDS;
        text[i] = line;
        len[i] = end != NULL ? (size_t)(end - line) : n;
        if (end != NULL) {
            n -= len[i] + 1;
            line = end + 1;
        }
    }
    return CF_OK;
}

/* Count a bad row and keep it for showing; no error of ours. */
static int reject(state_t *s, int code, const char *line, size_t n, const char *what)
{
    cf_rejects_add(s->env->rejects, code, s->line, 0, line, n, "%s", what);
    return CF_OK;
}

/*
 * One row into the batch. Everything is parsed before anything is set: a bad row leaves no trace.
 */
static int put_row(state_t *s, cf_rows_t *rows, const char *line, size_t n)
{
    const char *text[COLUMNS];
    cf_addr_t src, dst;
    size_t len[COLUMNS];
    uint64_t bytes;
    int64_t time;
    int rc;

    if (split(s, line, n, text, len) != CF_OK)
        return reject(s, CF_R_FIELDS, line, n, "a row has four values");
    if (cf_time_parse(text[COLUMN_TIME], len[COLUMN_TIME], &time) != CF_OK)
        return reject(s, CF_R_TIME, line, n, "time is unreadable");
    if (cf_addr_parse(text[COLUMN_SRC], len[COLUMN_SRC], &src) != CF_OK ||
        cf_addr_parse(text[COLUMN_DST], len[COLUMN_DST], &dst) != CF_OK)
        return reject(s, CF_R_ADDR, line, n, "address is unreadable");
    rc = cf_uint_parse(text[COLUMN_BYTES], len[COLUMN_BYTES], UINT64_MAX, &bytes);
    if (rc != CF_OK)
        return reject(s, rc, line, n, "bytes are no number");
    cf_rows_set_time(rows, COLUMN_TIME, time);
    cf_rows_set_uint(rows, COLUMN_BYTES, bytes);
    rc = cf_rows_set_addr(rows, COLUMN_SRC, src);
    if (rc == CF_OK)
        rc = cf_rows_set_addr(rows, COLUMN_DST, dst);
    if (rc != CF_OK)
        return rc;
    cf_rows_commit(rows);
    s->env->account->rows_read++;
    s->env->account->rows_kept++;
    return CF_OK;
}

/* CF_OK, CF_EOF or a stream error. */
static int read_line(state_t *s, cf_input_t *in, cf_rows_t *rows, cf_diag_t *d)
{
    const char *line;
    size_t n;
    int rc = cf_input_line(in, s->max_line, &line, &n, d);

    if (rc == CF_EOF || (rc < 0 && !CF_IS_RECORD_ERR(rc)))
        return rc;
    s->line++;
    if (rc == CF_R_LONG)
        return reject(s, rc, NULL, 0, "line is longer than max-line");
    if (s->line == 1 && n == sizeof title - 1 && memcmp(line, title, 4) == 0) {
        s->env->account->headers++;
        return CF_OK;
    }
    return put_row(s, rows, line, n);
}

static int example_read(void *state, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    state_t *s = state;
    cf_rows_t rows;
    int rc = s->failed;

    if (rc != CF_OK) {
        *d = s->why;
        return rc;
    }
    if (cf_batch_reset(batch, s->schema) != CF_OK || cf_rows_begin(&rows, batch) != CF_OK)
        return cf_diag_set(d, CF_E_NOMEM, "out of memory");
    while (rc == CF_OK && batch->rows < CF_BATCH_ROWS)
        rc = read_line(s, in, &rows, &s->why);
    cf_rows_end(&rows);
    if (rc < 0 && s->why.code != rc)
        cf_diag_set(&s->why, rc, "%s", cf_strerror(rc));
    /* Rows before the trouble are good: give them out now, the trouble next time. */
    if (rc < 0 && batch->rows > 0) {
        s->failed = rc;
        return CF_OK;
    }
    if (rc < 0)
        *d = s->why;
    return batch->rows > 0 ? CF_OK : rc;
}

static const cf_setting_t example_settings[] = {
    { .key = "separator", .type = CF_SETTING_ENUM, .preset = "comma",
      .choices = "comma semicolon tab", .help = "what stands between two values" },
    { .key = "max-line", .type = CF_SETTING_UINT, .preset = "4096", .min = 64, .max = 65536,
      .help = "a longer line is rejected" },
    { .key = NULL }
};

static const cf_fieldmap_t example_map[] = {
    CF_MAP_AS("1", "stime", "any time", "ISO 8601 or a count since 1970"),
    CF_MAP("2", "sip"),
    CF_MAP("3", "dip"),
    CF_MAP("4", "bytes"),
    CF_MAP_END
};

static const cf_reader_ops_t example_ops = {
    .size = sizeof(cf_reader_ops_t),
    .probe = example_probe,
    .open = example_open,
    .read = example_read,
    .close = example_close,
    .map = example_map
};

CF_EXPORT extern const cf_plugin_t CF_PLUGIN_SYMBOL(example);
CF_EXPORT const cf_plugin_t CF_PLUGIN_SYMBOL(example) = {
    .abi = CF_PLUGIN_ABI,
    .size = sizeof(cf_plugin_t),
    .name = "example",
    .version = "1.0",
    .kind = CF_PLUGIN_READER,
    .summary = "example: time, two addresses and bytes as delimited text",
    .settings = example_settings,
    .ops = &example_ops
};
