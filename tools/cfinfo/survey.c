/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over a stream. Directories give nearly everything; encodings are looked at in some
 * blocks spread over the file, because a chunk has to be read for that; --verify reads and decodes
 * all.
 */
#include "survey.h"

#include <cf/input.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 2                /* levels of nested encodings that are told */
#define LOOKS 64u              /* blocks of a seekable stream whose encodings are looked at */

int survey_compare(const cf_field_t *f, cf_addr_t a, cf_addr_t b)
{
    if (f->kind == CF_KIND_TIME || f->kind == CF_KIND_DURATION)
        return (int64_t)a.lo < (int64_t)b.lo ? -1 : (int64_t)a.lo > (int64_t)b.lo;
    return cf_addr_cmp(a, b);
}

void survey_fini(survey_t *s)
{
    uint32_t i;
    unsigned k;

    for (i = 0; s->cols != NULL && i < cf_schema_count(s->schema); i++) {
        for (k = 0; k < s->cols[i].nforms; k++)
            free(s->cols[i].forms[k].text);
    }
    free(s->cols);
    cf_schema_put(s->schema);
    cf_provenance_destroy(s->prov);
    memset(s, 0, sizeof *s);
}

/* Let the survey know all columns of the schema; those it has keep what was learned. */
static int widen(survey_t *s, const cf_schema_t *with)
{
    cf_schema_t *both = s->schema != NULL ? cf_schema_union(s->schema, with) : cf_schema_get(with);
    survey_column_t *cols;
    uint32_t i, old = s->schema != NULL ? cf_schema_count(s->schema) : 0;

    if (both == NULL)
        return CF_E_NOMEM;
    cols = realloc(s->cols, ((size_t)cf_schema_count(both) + 1) * sizeof *cols);
    if (cols == NULL) {
        cf_schema_put(both);
        return CF_E_NOMEM;
    }
    for (i = old; i < cf_schema_count(both); i++) {
        memset(&cols[i], 0, sizeof cols[i]);
        cols[i].field = cf_schema_field(both, i);
    }
    s->cols = cols;
    cf_schema_put(s->schema);
    s->schema = both;
    return CF_OK;
}

/*
 * The gist of an encoding, in place: chunks of a column differ in numbers and in what stands deep
 * inside, and are the same to somebody who wants to know how a column is stored.
 */
static void shorten(cf_buf_t *text)
{
    char *in = text->data, *out = text->data;
    int depth = 0;

    for (; *in != '\0'; in++) {
        depth += *in == '(';
        if (*in == ' ' && in[1] >= '0' && in[1] <= '9' && out >= text->data + 4 &&
            memcmp(out - 4, "pack", 4) == 0) {
            while (in[1] >= '0' && in[1] <= '9')
                in++;
        } else if (depth <= DEPTH) {
            *out++ = *in;
        }
        depth -= *in == ')';
    }
    text->len = (size_t)(out - text->data);
    *out = '\0';
}

static int note_form(survey_column_t *c, cf_block_t *b, uint32_t col, cf_buf_t *text, cf_diag_t *d)
{
    uint64_t bytes;
    unsigned k;
    int rc;

    text->len = 0;
    if ((rc = cf_block_describe(b, col, text, &bytes, d)) != CF_OK)
        return rc;
    shorten(text);
    c->looked++;
    for (k = 0; k < c->nforms; k++) {
        if (strcmp(c->forms[k].text, text->data) == 0) {
            c->forms[k].chunks++;
            return CF_OK;
        }
    }
    if (c->nforms < SURVEY_FORMS) {
        c->forms[k].text = strdup(text->data);
        if (c->forms[k].text == NULL)
            return cf_diag_set(d, CF_E_NOMEM, "no memory");
        c->forms[k].chunks = 1;
        c->nforms++;
    }
    return CF_OK;
}

static void note_range(survey_column_t *c, const cf_colstat_t *st)
{
    if (!c->ranged || survey_compare(c->field, st->min, c->min) < 0)
        c->min = st->min;
    if (!c->ranged || survey_compare(c->field, st->max, c->max) > 0)
        c->max = st->max;
    c->ranged = true;
}

static int note_column(survey_t *s, cf_block_t *b, uint32_t col, bool look, cf_buf_t *text,
                       cf_diag_t *d)
{
    int at = cf_schema_index(s->schema, cf_schema_field(cf_block_schema(b), col));
    survey_column_t *c = &s->cols[at];
    cf_colstat_t st;

    cf_block_stat(b, col, &st);
    c->blocks++;
    c->rows += cf_block_rows(b);
    c->nulls += st.nulls;
    c->bytes += cf_block_chunk_bytes(b, col);
    if (st.has_range)
        note_range(c, &st);
    return look ? note_form(c, b, col, text, d) : CF_OK;
}

static int note_block(survey_t *s, cf_block_t *b, bool look, cf_buf_t *text, cf_diag_t *d)
{
    const cf_schema_t *schema = cf_block_schema(b);
    uint32_t i;
    int rc = CF_OK, col = cf_schema_index(schema, cf_field_find("stime"));
    cf_colstat_t st;

    if (widen(s, schema) != CF_OK)
        return cf_diag_set(d, CF_E_NOMEM, "no memory");
    for (i = 0; i < cf_schema_count(schema) && rc == CF_OK; i++)
        rc = note_column(s, b, i, look, text, d);
    if (col < 0)
        return rc;
    cf_block_stat(b, (uint32_t)col, &st);
    if (st.has_range) {
        int64_t lo = (int64_t)st.min.lo, hi = (int64_t)st.max.lo;

        s->tmin = !s->timed || lo < s->tmin ? lo : s->tmin;
        s->tmax = !s->timed || hi > s->tmax ? hi : s->tmax;
        s->timed = true;
    }
    return rc;
}

/* Damage inside of one block is told, and the blocks behind it are still looked at. */
static int look_at_block(survey_t *s, cf_block_t *b, const survey_how_t *how, bool look,
                         uint64_t offset, cf_buf_t *text,
                         cf_diag_t *d)
{
    int rc = CF_OK;

    if (how->verify)
        rc = cf_block_verify(b, d);
    if (rc == CF_OK)
        rc = note_block(s, b, look, text, d);
    if (rc == CF_OK && how->on_block != NULL)
        rc = how->on_block(how->ctx, b, offset, d);
    if (how->verify && (rc == CF_E_CHECKSUM || rc == CF_E_FORMAT)) {
        s->damaged++;
        how->on_damage(how->ctx, d);
        cf_diag_clear(d);
        rc = CF_OK;
    }
    return rc;
}

static int walk(survey_t *s, cf_stream_t *st, const survey_how_t *how, cf_diag_t *d)
{
    cf_block_t *b = cf_block_create();
    uint64_t rows, blocks = 0, step;
    cf_buf_t text;
    int rc = b != NULL ? widen(s, cf_stream_union(st)) : CF_E_NOMEM;

    if (rc != CF_OK)
        cf_diag_set(d, rc, "no memory");
    cf_buf_init(&text, 65536);
    (void)cf_stream_count(st, &rows, &blocks);
    step = blocks > LOOKS ? blocks / LOOKS : 1;
    while (rc == CF_OK && (rc = cf_stream_next(st, b, d)) == CF_OK) {
        bool look = how->encodings && (cf_block_number(b) - 1) % step == 0;

        cf_stream_totals(st, &s->totals);
        rc = look_at_block(s, b, how, look, s->totals.bytes - cf_block_bytes(b), &text, d);
    }
    cf_buf_fini(&text);
    cf_block_destroy(b);
    cf_stream_totals(st, &s->totals);
    if (rc == CF_EOF && cf_provenance_merge(s->prov, cf_stream_provenance(st)) != CF_OK)
        rc = cf_diag_set(d, CF_E_NOMEM, "no memory");
    return rc == CF_EOF ? CF_OK : rc;
}

int survey_run(survey_t *s, const char *path, const survey_how_t *how, cf_diag_t *d)
{
    cf_input_t *in = NULL;
    cf_stream_t *st = NULL;
    const char *p;
    size_t n;
    int rc;

    memset(s, 0, sizeof *s);
    s->prov = cf_provenance_create();
    if (s->prov == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory");
    if ((rc = cf_input_open(&in, path, 0, d)) != CF_OK)
        return rc;
    rc = cf_input_fill(in, 8, &p, &n, d);
    if (rc == CF_OK && n >= 3 && !cf_stream_probe(p, n)) {
        cf_diag_source(d, cf_input_name(in));
        rc = cf_diag_set(d, CF_E_FORMAT,
                         "not a .cf stream; cfimport makes one from a provider's log");
    }
    if (rc < 0) {
        cf_input_close(in);
        return rc;
    }
    rc = cf_stream_open(&st, in, d);
    if (rc == CF_OK)
        rc = walk(s, st, how, d);
    cf_stream_close(st);
    return rc;
}
