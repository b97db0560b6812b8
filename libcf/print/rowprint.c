/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a row formatter: natural widths, keys and the words of enumerations, all that does not
 * change from block to block. rows.c prints with it.
 */
#include <stdlib.h>

#include "print/rows.h"

/* Text columns are as wide as what flows usually hold; wider values push the rest of their row. */
static unsigned natural_width(const cf_field_t *f, cf_timeform_t times)
{
    static const uint8_t time_width[] = { 20, 10, 13, 16, 19 };
    unsigned width = 0;

    switch (f->kind) {
    case CF_KIND_TIME:
        return time_width[times];
    case CF_KIND_DURATION:
        return 8;
    case CF_KIND_ADDR:
        return 15;
    case CF_KIND_STRING:
        return 21;
    case CF_KIND_FLAGS:
        return 6;
    case CF_KIND_ENUM:
        for (const char *const *w = f->names; w != NULL && *w != NULL; w++)
            width = strlen(*w) > width ? (unsigned)strlen(*w) : width;
        return width < CFI_WORD_SIZE ? width : CFI_WORD_SIZE;
    default:
        return f->width == 1 ? 3 : f->width == 2 ? 5 : f->unit == CF_UNIT_PACKETS ? 8 : 10;
    }
}

static void key_init(cfi_rowcol_t *c)
{
    size_t n = strlen(c->field->name);

    if (n > 63)
        n = 63;
    c->key[0] = ',';
    c->key[1] = '"';
    memcpy(c->key + 2, c->field->name, n);
    memcpy(c->key + 2 + n, "\":\"", 3);
    c->key_len = (uint32_t)(n + (c->quoted ? 5 : 4));
}

/* Words come from the catalogue, a module or a file: made safe like any string. */
static int words_init(cf_rowprint_t *p, cfi_rowcol_t *c)
{
    const char *const *names = c->field->names;
    uint32_t n = 0;

    while (names != NULL && names[n] != NULL && n < 256)
        n++;
    if (n == 0)
        return CF_OK;
    c->words = calloc(n, sizeof *c->words);
    c->word_len = calloc(n, sizeof *c->word_len);
    if (c->words == NULL || c->word_len == NULL)
        return CF_E_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        char cell[CFI_ESCAPE_SIZE(CFI_WORD_SIZE)];
        size_t len = strnlen(names[i], CFI_WORD_SIZE);

        do
            len = cfi_escape(&p->escape, cell, names[i], len);
        while (len > CFI_WORD_SIZE && (len = CFI_WORD_SIZE / 8) > 0);
        if (p->o.format == CF_TEXT_NDJSON) {        /* the quotes are elsewhere */
            memmove(cell, cell + 1, len - 2);
            len -= 2;
        }
        memcpy(c->words[i], cell, len);
        c->word_len[i] = (uint8_t)len;
    }
    c->nwords = n;
    return CF_OK;
}

static int column_init(cf_rowprint_t *p, cfi_rowcol_t *c, const cf_field_t *f)
{
    bool number = f->kind == CF_KIND_UINT || f->kind == CF_KIND_DURATION
        || (f->kind == CF_KIND_TIME && p->o.times != CF_TIMEFORM_ISO);

    c->field = f;
    c->quoted = !number && f->kind != CF_KIND_STRING;
    if (p->o.format == CF_TEXT_ALIGNED && !p->o.delimited) {
        size_t title = p->o.titles ? strlen(f->name) : 0;
        unsigned width = natural_width(f, p->o.times);

        c->width = (uint16_t)(title > width ? title : width);
        c->right = number;
    }
    key_init(c);
    return f->kind == CF_KIND_ENUM ? words_init(p, c) : CF_OK;
}

int cf_rowprint_create(cf_rowprint_t **out, const cf_field_t *const *fields, size_t n,
                       const cf_print_options_t *o, cf_diag_t *d)
{
    cf_rowprint_t *p = calloc(1, sizeof *p);
    int rc = CF_OK;

    *out = NULL;
    if (p == NULL || n == 0 || n > CF_SCHEMA_MAX) {
        free(p);
        return cf_diag_set(d, p == NULL ? CF_E_NOMEM : CF_E_LIMIT, "cannot print %zu fields", n);
    }
    p->o = *o;
    cfi_escape_init(&p->escape, o);
    p->sep[0] = o->separator != 0 ? o->separator : ' ';
    p->sep[1] = ' ';
    p->sep_len = o->separator != 0 || o->delimited ? 1 : 2;
    for (unsigned i = 0; i < CFI_FLAG_WORDS; i++)
        p->flags[i].len = (uint8_t)cf_flags_print(p->flags[i].text, (uint16_t)i);
    p->n = (uint32_t)n;
    p->cols = calloc(n, sizeof *p->cols);
    if (p->cols == NULL)
        rc = CF_E_NOMEM;
    for (size_t i = 0; i < n && rc == CF_OK; i++)
        rc = column_init(p, &p->cols[i], fields[i]);
    if (rc != CF_OK) {
        cf_rowprint_destroy(p);
        return cf_diag_set(d, rc, "no memory to print %zu fields", n);
    }
    *out = p;
    return CF_OK;
}

void cf_rowprint_destroy(cf_rowprint_t *p)
{
    if (p == NULL)
        return;
    for (uint32_t i = 0; p->cols != NULL && i < p->n; i++) {
        free(p->cols[i].words);
        free(p->cols[i].word_len);
    }
    free(p->cols);
    free(p);
}

static int put_blanks(cf_buf_t *out, size_t n)
{
    int rc = cf_buf_reserve(out, n);

    if (rc == CF_OK) {
        memset(out->data + out->len, ' ', n);
        out->len += n;
        out->data[out->len] = '\0';
    }
    return rc;
}

int cf_rowprint_titles(const cf_rowprint_t *p, cf_buf_t *out)
{
    int rc = CF_OK;

    if (!p->o.titles || p->o.format == CF_TEXT_NDJSON)
        return CF_OK;
    for (uint32_t i = 0; i < p->n && rc == CF_OK; i++) {
        const cfi_rowcol_t *c = &p->cols[i];
        size_t len = strlen(c->field->name), pad = len < c->width ? c->width - len : 0;

        if (i > 0 && p->o.format == CF_TEXT_CSV)
            rc = cf_buf_put(out, ",", 1);
        else if (i > 0)
            rc = cf_buf_put(out, p->sep, p->sep_len);
        if (rc == CF_OK && c->right)
            rc = put_blanks(out, pad);
        if (rc == CF_OK)
            rc = cf_buf_put(out, c->field->name, len);
        if (rc == CF_OK && !c->right && i + 1 < p->n)
            rc = put_blanks(out, pad);
    }
    return rc == CF_OK ? cf_buf_put(out, "\n", 1) : rc;
}
