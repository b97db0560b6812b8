/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flow logs as tables: values separated by comma, tab, blank, semicolon or bar, under a line of
 * titles that may come again with others, or without titles in a declared format. Lines are cut and
 * made into columns by the library (cf/delim.h, cf/cells.h).
 */
#include <stdlib.h>

#include "alibaba.h"

#define HEAD (64u << 10)

/* Which value of a line is which. */
typedef struct format {
    int at[ALI_VALUES_MAX];        /* row of the map, -1 = unknown */
    uint32_t n;                    /* values of a line; 0 = not known yet */
} format_t;

struct ali_text {
    ali_t *st;
    cf_delim_t *lines;
    cf_cells_t *cells;
    int cell[ALI_TEXTS];
    format_t now, next;
    bool change;                   /* next comes with the next batch */
    bool open;                     /* a batch is in hand */
    uint64_t head, head_len;       /* title line in the input; head_len 0 = none */
    uint64_t next_head, next_head_len;
    int failed;
    cf_diag_t why;
};

static const char separators[] = ",\t|; ";

/* Cut without quotes being minded: titles and declared formats have none that matter. */
static uint32_t names_of(const char *s, size_t n, char sep, int *at, unsigned *known)
{
    uint32_t count = 0;

    *known = 0;
    while (count < ALI_VALUES_MAX) {
        const char *end = memchr(s, sep, n);
        size_t len = end != NULL ? (size_t)(end - s) : n;
        const char *name = s;
        size_t k = len;

        while (k > 0 && (*name == '"' || *name == ' ' || *name == '$' || *name == '{'))
            name++, k--;
        while (k > 0 && strchr("\"} \r", name[k - 1]) != NULL)
            k--;
        if (k > 0 || sep != ' ') {
            at[count] = k > 0 ? ali_known(name, k) : -1;
            *known += at[count++] >= 0;
        }
        if (end == NULL)
            return count;
        s = end + 1;
        n -= len + 1;
    }
    return 0;
}

/* A name that comes twice counts once. */
static void once(int *at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < i && at[i] >= 0; k++)
            if (at[k] == at[i])
                at[i] = -1;
}

static uint32_t best_cut(const char *s, size_t n, char *sep, int *at, unsigned *best)
{
    int trial[ALI_VALUES_MAX];
    uint32_t count = 0;

    *best = 0;
    for (const char *c = separators; *c != '\0'; c++) {
        unsigned known;
        uint32_t k = names_of(s, n, *c, trial, &known);

        if (known > *best) {
            *best = known;
            *sep = *c;
            count = k;
            memcpy(at, trial, k * sizeof *at);
        }
    }
    once(at, count);
    return count;
}

uint32_t ali_titles(const char *s, size_t n, char *sep, int *at)
{
    static const char yes[] = "";
    cf_text_t text[ALI_TEXTS] = { { NULL, 0 } };
    unsigned known;
    uint32_t count = best_cut(s, n, sep, at, &known);

    if (known < 3 || known * 2 < count)
        return 0;
    for (uint32_t i = 0; i < count; i++)
        if (at[i] >= 0)
            text[at[i]].s = yes;
    return ali_mine(text) ? count : 0;
}

int ali_text_check(const char *format, cf_diag_t *d)
{
    int at[ALI_VALUES_MAX];
    unsigned known;
    char sep;

    if (best_cut(format, strlen(format), &sep, at, &known) == 0 || known == 0)
        return cf_diag_set(d, CF_E_USAGE, "format: no field of this log in '%.80s'", format);
    return CF_OK;
}

static bool has(const char *s, size_t n, const char *word)
{
    return memmem(s, n, word, strlen(word)) != NULL;
}

bool ali_is_row(const char *s, size_t n)
{
    return has(s, n, "vsw-") && has(s, n, "eni-") &&
           (has(s, n, "OK") || has(s, n, "NODATA") || has(s, n, "SKIPDATA"));
}

/* The separator that gives a line as many values as the format has. */
static char fitting(const char *s, size_t n, uint32_t count)
{
    for (const char *c = separators; *c != '\0'; c++) {
        uint32_t values = 1;

        for (size_t i = 0; i < n; i++)
            values += s[i] == *c;
        if (values == count)
            return *c;
    }
    return ',';
}

/* First line at hand that is not empty, without its end. */
static void first_line(const char *p, size_t n, const char **s, size_t *len)
{
    const char *lf;

    if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        p += 3;
        n -= 3;
    }
    while (n > 0 && (*p == '\n' || *p == '\r')) {
        p++;
        n--;
    }
    lf = memchr(p, '\n', n);
    *s = p;
    *len = lf != NULL ? (size_t)(lf - p) : n;
    if (*len > 0 && p[*len - 1] == '\r')
        --*len;
}

int ali_text_open(ali_text_t **out, ali_t *st, cf_input_t *in, cf_diag_t *d)
{
    const cf_setting_value_t *declared = st->env->settings + SET_FORMAT;
    ali_text_t *t = calloc(1, sizeof *t);
    cf_delim_options_t o = { .sep = ',', .quote = true };
    const char *p, *s;
    size_t n, len;
    unsigned known;
    char sep;
    int rc;

    *out = t;
    if (t == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "out of memory");
    t->st = st;
    rc = cf_input_fill(in, HEAD, &p, &n, d);
    if (rc != CF_OK)
        return rc;
    first_line(p, n, &s, &len);
    if (st->env->settings != NULL && declared->set) {
        t->now.n = best_cut(declared->text, strlen(declared->text), &sep, t->now.at, &known);
        o.sep = fitting(s, len, t->now.n);
    } else if (ali_titles(s, len, &sep, t->now.at) > 0) {
        o.sep = sep;
    }
    return cf_delim_create(&t->lines, &o, d);
}

void ali_text_close(ali_text_t *t)
{
    if (t == NULL)
        return;
    cf_cells_destroy(t->cells);
    cf_delim_destroy(t->lines);
    free(t);
}

/* Columns of the format in force. */
static int columns(ali_text_t *t, cf_diag_t *d)
{
    cf_cells_options_t o = { .nulls = ali_nulls, .row = ali_look, .ctx = t->st,
                             .skip = &t->st->skip };
    int from[ALI_TEXTS], rc;
    bool path = false;

    cf_cells_destroy(t->cells);
    t->cells = NULL;
    for (int i = 0; i < ALI_TEXTS; i++)
        from[i] = -1;
    for (uint32_t i = 0; i < t->now.n; i++) {
        if (t->now.at[i] >= 0)
            from[t->now.at[i]] = t->now.at[i];
        path = path || t->now.at[i] == ALI_PATH || t->now.at[i] == ALI_OLD_PATH;
    }
    if (path) {                    /* the word and the number are made of either */
        from[ALI_PATH] = ALI_PATH;
        from[ALI_PATHNAME] = ALI_PATHNAME;
    }
    rc = cf_cells_create(&t->cells, t->st->env, &o, d);
    if (rc == CF_OK)
        rc = cf_map_columns(t->cells, ali_map, ali_words, from, t->cell, d);
    t->st->at = t->cell;
    return rc;
}

/* Do the values begin with a title? A row never has a name of a field in its first two values. */
static bool looks_like_titles(const cf_line_t *line)
{
    for (uint32_t i = 0; i < line->count && i < 2; i++)
        if (line->value[i].n > 2 && ali_known(line->value[i].s, line->value[i].n) >= 0)
            return true;
    return false;
}

/* A title line: CF_OK when rows go on, CF_EOF when the batch has to be given out first. */
static int titles(ali_text_t *t, const cf_line_t *line, cf_diag_t *d)
{
    format_t f = { .n = line->count < ALI_VALUES_MAX ? line->count : ALI_VALUES_MAX };

    t->st->env->account->headers++;
    for (uint32_t i = 0; i < f.n; i++)
        f.at[i] = ali_known(line->value[i].s, line->value[i].n);
    once(f.at, f.n);
    t->next_head = line->place.offset;
    t->next_head_len = cf_delim_offset(t->lines) - line->place.offset;
    if (t->now.n == f.n && t->cells != NULL && memcmp(t->now.at, f.at, f.n * sizeof f.at[0]) == 0) {
        t->head = t->next_head;
        t->head_len = t->next_head_len;
        return CF_OK;
    }
    t->next = f;
    t->change = true;
    (void)d;
    return CF_EOF;
}

static int row(ali_text_t *t, const cf_line_t *line, cf_diag_t *d)
{
    cf_text_t text[ALI_TEXTS] = { { NULL, 0 } };

    if (line->count != t->now.n) {
        cf_cells_reject(t->st->env, &t->st->skip, CF_R_FIELDS, &line->place,
                        "%u values and not %u", line->count, t->now.n);
        return CF_OK;
    }
    for (uint32_t i = 0; i < line->count; i++)
        if (t->now.at[i] >= 0)
            text[t->now.at[i]] = line->value[i];
    ali_complete(t->st, text);
    return cf_cells_row(t->cells, text, ALI_TEXTS, &line->place, d);
}

static int begin_batch(ali_text_t *t, cf_batch_t *batch, cf_diag_t *d)
{
    int rc = t->cells == NULL ? columns(t, d) : CF_OK;

    if (rc == CF_OK)
        rc = cf_cells_begin(t->cells, batch, d);
    t->open = rc == CF_OK;
    return rc;
}

static int line_step(ali_text_t *t, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    cf_line_t line;
    int rc = cf_delim_next(t->lines, in, &line, d);

    if (CF_IS_RECORD_ERR(rc)) {
        cf_cells_reject(t->st->env, &t->st->skip, rc, &line.place, "%s", line.why);
        return CF_OK;
    }
    if (rc != CF_OK)
        return rc;
    if (looks_like_titles(&line))
        return titles(t, &line, d);
    if (t->now.n == 0)
        return cf_diag_set(d, CF_E_DETECT,
                           "no title line: give the fields with --set format='version,vswitch-id,…'");
    if (!t->open)
        rc = begin_batch(t, batch, d);
    return rc == CF_OK ? row(t, &line, d) : rc;
}

int ali_text_read(ali_text_t *t, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    int rc = t->failed, end = CF_OK;

    if (rc != CF_OK) {
        if (d != NULL)
            *d = t->why;
        return rc;
    }
    t->open = false;
    batch->rows = 0;
    cf_diag_clear(&t->why);
    for (;;) {
        if (t->change) {
            t->change = false;
            t->now = t->next;
            t->head = t->next_head;
            t->head_len = t->next_head_len;
            cf_cells_destroy(t->cells);
            t->cells = NULL;
        }
        while (rc == CF_OK && (!t->open || !cf_cells_full(t->cells)))
            rc = line_step(t, in, batch, &t->why);
        if (rc != CF_EOF || !t->change || t->open)
            break;
        rc = CF_OK;
    }
    if (t->open)
        end = cf_cells_end(t->cells, d);
    if (end != CF_OK)
        return end;
    if (rc < 0)
        t->failed = rc;                /* the rows before it first */
    if (batch->rows > 0 || rc == CF_OK || t->change)
        return CF_OK;
    if (rc < 0 && d != NULL)
        *d = t->why;
    return rc;
}

int ali_text_cursor(const ali_text_t *t, cf_cursor_t *c, cf_diag_t *d)
{
    memset(c, 0, sizeof *c);
    if (t->head_len > CF_CURSOR_HEAD_MAX)
        return cf_diag_set(d, CF_E_USAGE, "the title line is too long to go on behind");
    cf_delim_cursor(t->lines, t->head, (uint32_t)t->head_len, c);
    return CF_OK;
}
