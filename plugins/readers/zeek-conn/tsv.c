/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of the ASCII writer. Its header says everything: the separator, the words for nothing, the
 * log and the fields; it may come again with other fields when files follow each other. Lines of
 * other logs between them are counted and passed over.
 */
#include <stdlib.h>

#include "zeek.h"

#define NO_HEADER "no #fields line before the rows"
#define REFUSED_MAX 20

static bool is(cf_text_t t, const char *word)
{
    return t.n == strlen(word) && memcmp(t.s, word, t.n) == 0;
}

/* ---- columns ------------------------------------------------------------------------------ */

static int place_of(const cf_line_t *fields, const char *name)
{
    for (uint32_t i = 1; i < fields->count; i++) {
        if (is(fields->value[i], name))
            return (int)i - 1;
    }
    return -1;
}

static int declare(zeek_t *st, const cf_column_t *c, const char *ours, cf_diag_t *d)
{
    int cell = cf_cells_column(st->table, c);

    if (cell == CF_E_FIELD)
        return cf_diag_set(d, CF_E_FORMAT, "#fields has '%.40s' twice", c->name);
    if (cell < 0)
        return cf_diag_set(d, cell, "field '%.40s': %s", c->name, cf_strerror(cell));
    if (ours != NULL)
        zeek_note(&st->at, ours, cell);
    if ((c->as == CF_AS_STRING || c->as == CF_AS_UNIQUE) &&
        st->nstrings < sizeof st->strings / sizeof st->strings[0])
        st->strings[st->nstrings++] = (uint32_t)cell;
    return CF_OK;
}

static bool has_field(const zeek_t *st, const char *ours, const char *const *done, uint32_t n)
{
    (void)st;
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(done[i], ours) == 0)
            return true;
    }
    return false;
}

static int known_columns(zeek_t *st, const cf_line_t *fields, cf_diag_t *d)
{
    const char *done[64];
    uint32_t n = 0;
    int rc = CF_OK;

    for (const cf_fieldmap_t *m = zeek_map; m->theirs != NULL && rc == CF_OK; m++) {
        const cf_field_t *f = cf_field_find(m->ours);
        cf_column_t c = { .field = f, .name = m->theirs, .from = place_of(fields, m->theirs) };

        if (c.from < 0)
            continue;
        c.as = strcmp(m->ours, "uid") == 0 ? CF_AS_UNIQUE
            : f->kind == CF_KIND_TIME ? CF_AS_SECONDS : cf_cells_usual(f);
        c.words = f->kind == CF_KIND_ENUM ? zeek_booleans : NULL;
        if (strcmp(m->theirs, "ip_proto") == 0) {
            /* beside proto, which it corrects */
            c.field = NULL;
            st->at.ip_proto = cf_cells_column(st->table, &c);
            rc = st->at.ip_proto < 0 ? st->at.ip_proto : CF_OK;
            continue;
        }
        if (zeek_made(m->ours))
            c.from = -1;
        if (has_field(st, m->ours, done, n))
            continue;
        done[n++] = m->ours;
        rc = declare(st, &c, m->ours, d);
    }
    return rc;
}

static int unknown_columns(zeek_t *st, const cf_line_t *fields, cf_diag_t *d)
{
    for (uint32_t i = 1; i < fields->count; i++) {
        const cf_text_t t = fields->value[i];
        const cf_fieldmap_t *m = zeek_map;
        int cell;

        while (m->theirs != NULL && !is(t, m->theirs))
            m++;
        if (m->theirs != NULL || t.n == 0 || zeek_passed(t.s, t.n))
            continue;
        cell = cf_cells_unknown(st->table, t.s, t.n, "zeek", (int)i - 1);
        if (cell < 0)
            return cf_diag_set(d, cell == CF_E_FIELD ? CF_E_FORMAT : cell, "#fields has '%.*s' twice",
                               (int)(t.n < 40 ? t.n : 40), t.s);
        if (cell > 0 && st->nstrings < sizeof st->strings / sizeof st->strings[0])
            st->strings[st->nstrings++] = (uint32_t)cell;
    }
    return CF_OK;
}

static int plan(zeek_t *st, const cf_line_t *fields, cf_diag_t *d)
{
    cf_cells_options_t o = { .nulls = st->nulls, .row = zeek_row, .ctx = st, .skip = &st->skip };
    int rc;

    st->nulls[0] = st->unset;
    st->nulls[1] = st->empty;
    st->nulls[2] = "unknown_transport";
    cf_cells_destroy(st->table);
    st->table = NULL;
    memset(&st->at, 0xff, sizeof st->at);
    st->nstrings = 0;
    st->values = fields->count - 1;
    st->other = place_of(fields, "conn_state") < 0 ||
                (place_of(fields, "id.orig_h") < 0 && place_of(fields, "id_orig_h") < 0);
    if (st->other)
        return CF_OK;
    rc = cf_cells_create(&st->table, st->env, &o, d);
    if (rc == CF_OK)
        rc = known_columns(st, fields, d);
    if (rc == CF_OK)
        rc = unknown_columns(st, fields, d);
    for (const cf_fieldmap_t *m = zeek_map; m->ours != NULL && rc == CF_OK; m++) {
        if (m->theirs == NULL)
            rc = cf_cells_constant(st->table, cf_field_find(m->ours), m->value,
                                   cf_cells_usual(cf_field_find(m->ours)));
    }
    return rc;
}

/* ---- the header --------------------------------------------------------------------------- */

/* What stands behind a directive, behind a blank or the separator; blanks before it do no harm. */
static cf_text_t behind(cf_text_t line, const char *directive)
{
    size_t n = strlen(directive);
    cf_text_t none = { NULL, 0 };

    for (; line.n > 0 && *line.s == ' '; line.n--)
        line.s++;
    if (line.n < n + 1 || memcmp(line.s, directive, n) != 0)
        return none;
    line.s += n + 1;
    line.n -= n + 1;
    return line;
}

static void keep_word(char *out, cf_text_t t)
{
    if (t.s != NULL && t.n < ZEEK_WORD && memchr(t.s, '\0', t.n) == NULL) {
        memcpy(out, t.s, t.n);
        out[t.n] = '\0';
    }
}

/* "\x09", or the character itself */
static int separator(cf_text_t t)
{
    char digits[3] = { 0 };

    if (t.n == 1)
        return (unsigned char)t.s[0];
    if (t.n != 4 || t.s[0] != '\\' || t.s[1] != 'x')
        return -1;
    memcpy(digits, t.s + 2, 2);
    return (int)strtoul(digits, NULL, 16);
}

static int fields_line(zeek_t *st, const cf_line_t *line, cf_batch_t *batch, cf_diag_t *d)
{
    const cf_text_t t = line->place.text;
    int rc = CF_OK;

    if (st->table != NULL && st->title_len == t.n && memcmp(st->title, t.s, t.n) == 0)
        return CF_OK;
    free(st->title);
    st->title = malloc(t.n + 1);
    if (st->title == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a header");
    memcpy(st->title, t.s, t.n);
    st->title_len = t.n;
    if (batch->rows > 0) {
        /* rows of the header before go out first */
        st->handed = true;
        rc = cf_cells_end(st->table, d);
    }
    if (rc == CF_OK)
        rc = plan(st, line, d);
    return rc == CF_OK && !st->handed && st->table != NULL ? cf_cells_begin(st->table, batch, d) : rc;
}

static int directive(zeek_t *st, const cf_line_t *line, cf_batch_t *batch, cf_diag_t *d)
{
    const cf_text_t t = line->place.text;
    cf_text_t value;
    int sep, rc = CF_OK;

    cf_delim_norow(st->lines);
    if ((value = behind(t, "#separator")).s != NULL) {
        sep = separator(value);
        if (sep > 0 && sep != '\n' && sep != '\r')
            cf_delim_separator(st->lines, (char)sep);
        st->head = line->place.offset;
        st->head_len = 0;
        st->in_header = true;
        st->env->account->headers++;
    }
    keep_word(st->unset, behind(t, "#unset_field"));
    keep_word(st->empty, behind(t, "#empty_field"));
    if (behind(t, "#fields").s != NULL && is(line->value[0], "#fields"))
        rc = fields_line(st, line, batch, d);
    if (!st->in_header && behind(t, "#fields").s != NULL) {
        st->head = line->place.offset;     /* a header that begins with it */
        st->in_header = true;
    }
    if (st->in_header && (behind(t, "#fields").s != NULL || behind(t, "#types").s != NULL))
        st->head_len = (uint32_t)(cf_delim_offset(st->lines) - st->head);
    if (behind(t, "#types").s != NULL)
        st->in_header = false;
    return rc;
}

/* ---- rows --------------------------------------------------------------------------------- */

static bool is_directive(const cf_line_t *line)
{
    const char *s = line->place.text.s;
    size_t n = line->place.text.n;

    while (n > 0 && *s == ' ') {
        s++;
        n--;
    }
    return n > 0 && *s == '#';
}

static int one_line(zeek_t *st, const cf_line_t *line, cf_diag_t *d)
{
    st->in_header = false;
    if (st->other) {
        st->env->account->others++;
        cf_delim_norow(st->lines);
        return CF_OK;
    }
    if (st->table == NULL) {
        cf_cells_reject(st->env, &st->skip, CF_R_FIELDS, &line->place, NO_HEADER);
        return ++st->refused < REFUSED_MAX ? CF_OK : cf_diag_set(d, CF_E_DETECT, NO_HEADER);
    }
    if (line->count != st->values) {
        cf_cells_reject(st->env, &st->skip, CF_R_FIELDS, &line->place, "%u values instead of %u",
                        line->count, st->values);
        return CF_OK;
    }
    st->escaped = memchr(line->place.text.s, '\\', line->place.text.n) != NULL;
    return cf_cells_row(st->table, line->value, line->count, &line->place, d);
}

static int prepare(zeek_t *st, cf_batch_t *batch, cf_diag_t *d)
{
    cf_delim_options_t o = { .sep = '\t' };
    int rc;

    st->handed = false;
    if (st->lines != NULL)
        return st->table != NULL ? cf_cells_begin(st->table, batch, d) : CF_OK;
    memcpy(st->unset, "-", 2);
    memcpy(st->empty, "(empty)", 8);
    rc = cf_delim_create(&st->lines, &o, d);
    st->plain = malloc(CF_DELIM_LINE_MAX + 1);
    return rc == CF_OK && st->plain == NULL ? cf_diag_set(d, CF_E_NOMEM, "no memory for a line") : rc;
}

int zeek_lines(zeek_t *st, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    cf_line_t line;
    int rc = prepare(st, batch, d);

    while (rc == CF_OK && !st->handed && (st->table == NULL || !cf_cells_full(st->table))) {
        rc = cf_delim_next(st->lines, in, &line, d);
        if (CF_IS_RECORD_ERR(rc)) {
            cf_cells_reject(st->env, &st->skip, rc, &line.place, "%s", line.why);
            rc = CF_OK;
        } else if (rc == CF_OK) {
            rc = is_directive(&line) ? directive(st, &line, batch, d) : one_line(st, &line, d);
        }
    }
    st->env->account->bytes = cf_delim_offset(st->lines);
    if (batch->rows > 0 && !st->handed) {
        int end = cf_cells_end(st->table, d);

        rc = end != CF_OK ? end : rc;
    }
    return rc;
}

int zeek_probe_lines(const cf_probe_t *p)
{
    cf_delim_options_t o = { .sep = '\t' };
    cf_delim_t *lines = NULL;
    cf_input_t *in = NULL;
    cf_line_t line;
    int score = 0, i;

    if (cf_input_open_memory(&in, "probe", p->bytes, p->len, CF_INPUT_RAW, NULL) != CF_OK)
        return 0;
    if (cf_delim_create(&lines, &o, NULL) == CF_OK) {
        for (i = 0; i < 20 && score == 0 && cf_delim_next(lines, in, &line, NULL) == CF_OK; i++) {
            cf_text_t sep = behind(line.place.text, "#separator");

            if (!is_directive(&line))
                break;
            if (sep.s != NULL && separator(sep) > 0)
                cf_delim_separator(lines, (char)separator(sep));
            if (is(line.value[0], "#fields") && place_of(&line, "conn_state") >= 0 &&
                (place_of(&line, "id.orig_h") >= 0 || place_of(&line, "id_orig_h") >= 0))
                score = 95;
        }
    }
    cf_delim_destroy(lines);
    cf_input_close(in);
    return score;
}
