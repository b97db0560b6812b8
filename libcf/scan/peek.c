/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What columns will come? Commands resolve field names before they read. A .cf input tells in its
 * header; of a raw log the reader is run over the first 64 KiB in memory and the result thrown
 * away, or, when those tell it nothing, it is begun in earnest. The first input stays open for the
 * run (it may be a pipe); others are looked at and closed, and only when a name was not found so
 * far.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scan.h"

#define HEAD (64u << 10)

bool cfi_scan_wanted(void *ctx, const cf_field_t *f, const char *name)
{
    const cf_scan_t *s = ctx;

    if (s->o.wanted != NULL && !s->o.wanted(s->o.wanted_ctx, f, name))
        return false;
    if (s->need == NULL)
        return true;
    for (size_t i = 0; f != NULL && i < s->nneed; i++)
        if (s->need[i] == f)
            return true;
    return false;
}

/* Before cf_scan_need everything is wanted, so what the door leaves out is all that is missing. */
static int peek_raw(cf_scan_t *s, cfi_source_t *src, cf_schema_t **schema)
{
    const char *head;
    size_t n;
    cf_account_t account;
    cf_rejects_t rejects;
    cf_reader_env_t env = src->env;
    cf_input_t *in = NULL;
    cf_batch_t *batch = NULL;
    void *state = NULL;
    cf_diag_t d = CF_DIAG_INIT;
    int rc;

    *schema = cf_schema_create();
    if (*schema == NULL)
        return CF_E_NOMEM;
    if (src->empty)
        return CF_OK;
    rc = cf_input_fill(src->in, HEAD, &head, &n, &d);
    if (rc != CF_OK)
        return rc == CF_EOF ? CF_OK : rc;
    cf_account_init(&account);
    cf_rejects_init(&rejects, &account);
    env.account = &account;
    env.rejects = &rejects;
    env.ctx = s;
    rc = cf_input_open_memory(&in, src->display, head, n, CF_INPUT_RAW, &d);
    if (rc == CF_OK)
        rc = src->ops->open(&state, &env, &d);
    if (rc == CF_OK) {
        batch = cf_batch_create(*schema);
        rc = batch != NULL ? src->ops->read(state, in, batch, &d) : CF_E_NOMEM;
    }
    if (rc == CF_OK) {
        cf_schema_put(*schema);
        *schema = cf_schema_get(batch->schema);
    }
    cf_batch_destroy(batch);
    if (state != NULL)
        src->ops->close(state);
    if (in != NULL)
        cf_input_close(in);
    return rc == CF_E_NOMEM ? rc : CF_OK;   /* a bad log is the run's business */
}

/* A reader that needs the whole input is begun in earnest; an error is one of opening. */
static int peek_whole(cfi_source_t *src, cf_schema_t **schema, cf_diag_t *d)
{
    cf_schema_t *none = cf_schema_create();
    cf_batch_t *batch = none != NULL ? cf_batch_create(none) : NULL;
    int rc = CF_E_NOMEM;

    if (batch != NULL)
        rc = src->ops->read(src->state, src->in, batch, d);
    if (rc == CF_OK && batch->rows > 0)
        rc = cf_diag_set(d, CF_E_INTERNAL, "reader %s gave rows before its schema", src->reader);
    if (rc == CF_OK)
        *schema = cf_schema_get(batch->schema);
    cf_batch_destroy(batch);
    cf_schema_put(none);
    if (rc < 0)
        cf_diag_source(d, src->display);
    return rc == CF_EOF ? CF_OK : rc;
}

static int merge(cf_scan_t *s, const cf_schema_t *more)
{
    cf_schema_t *u = cf_schema_union(s->schema, more);

    if (u == NULL)
        return CF_E_NOMEM;
    cf_schema_put(s->schema);
    s->schema = u;
    return CF_OK;
}

int cfi_peek_next(cf_scan_t *s)
{
    const cf_field_t **need = s->need;
    cfi_source_t later, *src = s->peeked == 0 ? &s->first : &later;
    cf_schema_t *schema = NULL;
    cf_diag_t d = CF_DIAG_INIT;
    int rc;

    if (s->peeked >= s->nnames || s->peeked >= CFI_PEEK_MAX)
        return CF_EOF;
    if (s->peeked > 0 && strcmp(s->names[s->peeked], "-") == 0)
        return CF_EOF;
    s->need = NULL;
    rc = cfi_source_open(src, s, s->names[s->peeked], &d);
    if (rc == CF_OK && src->ops != NULL && (cf_reader_flags(src->ops) & CF_READER_WHOLE) != 0) {
        rc = peek_whole(src, &schema, &d);
        if (rc != CF_OK)
            cfi_source_close(src);
    }
    s->need = need;
    if (s->peeked == 0) {
        s->first_open = rc == CF_OK;
        s->first_rc = rc;
        s->first_diag = d;
    }
    s->peeked++;
    if (rc != CF_OK)
        return CF_OK;
    s->need = NULL;
    if (src->stream != NULL)
        rc = merge(s, cf_stream_union(src->stream));
    else if (schema == NULL)
        rc = peek_raw(s, src, &schema);
    s->need = need;
    if (schema != NULL) {
        if (rc == CF_OK)
            rc = merge(s, schema);
        cf_schema_put(schema);
    }
    if (src != &s->first)
        cfi_source_close(src);
    return rc;
}

const cf_schema_t *cf_scan_schema(cf_scan_t *s)
{
    while (cfi_peek_next(s) == CF_OK)
        continue;
    return s->schema;
}

/* Is the field in the inputs looked at so far, or can it be made from what is? */
static bool available(const cf_scan_t *s, const cf_field_t *f, unsigned depth)
{
    if (cf_schema_index(s->schema, f) >= 0)
        return true;
    for (size_t i = 0; depth < 4 && f->derive != NULL && f->inputs[i] != NULL; i++) {
        const cf_field_t *input = cf_field_find(f->inputs[i]);

        if (input != NULL && available(s, input, depth + 1))
            return true;
    }
    return false;
}

int cf_scan_field(cf_scan_t *s, const char *name, const cf_field_t **out, cf_diag_t *d)
{
    const cf_field_t *f = cf_field_find(name);
    int rc = CF_OK;

    while ((f == NULL || !available(s, f, 0)) && (rc = cfi_peek_next(s)) == CF_OK)
        if (f == NULL)
            f = cf_field_find(name);
    if (rc < 0)
        return cf_diag_set(d, rc, "out of memory");
    if (f == NULL) {
        if (cf_schema_dropped(s->schema, name))
            return cf_diag_set(d, CF_E_FIELD, "field '%s' was dropped at import", name);
        return cf_diag_set(d, CF_E_FIELD, "there is no field '%s' (--help-fields lists them)", name);
    }
    *out = f;
    if (available(s, f, 0))
        return CF_OK;
    if (cf_schema_dropped(s->schema, f->name))
        return cf_diag_set(d, CF_E_FIELD, "field '%s' was dropped at import", f->name);
    /* Inputs not looked at, without columns (no rows yet) or unreadable may still have it. */
    if (s->peeked < s->nnames || cf_schema_count(s->schema) == 0 || s->first_rc != CF_OK)
        return CF_OK;
    return cf_diag_set(d, CF_E_FIELD, "field '%s' is not in the %s", f->name, s->nnames > 1 ? "inputs" : "input");
}
