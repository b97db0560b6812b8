/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The framer's face: levels are entered and left here, and rows and places are counted. rec.h tells
 * how the rest hangs together.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "json/rec.h"

#define MAX_MOST (8u << 20)

int cf_jsonrec_open(cf_jsonrec_t **out, cf_input_t *in, const cf_jsonrec_options_t *o, cf_diag_t *d)
{
    cf_jsonrec_t *r = calloc(1, sizeof *r);

    *out = r;
    if (r == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for reading JSON");
    r->o = *o;
    r->max = o->max == 0 ? CF_JSONREC_MAX : o->max > MAX_MOST ? MAX_MOST : o->max;
    r->brace = cfi_json_wide() ? cfi_brace_avx2 : cfi_brace_plain;
    r->level[0].in = in;
    r->level[0].line = true;
    r->rows = o->rejects != NULL ? o->rejects->account->rows_read : 0;
    r->cursor.offset = cf_input_offset(in);
    cf_buf_init(&r->scratch, MAX_MOST + 64);
    return CF_OK;
}

static void pop(cf_jsonrec_t *r)
{
    cfi_level_t *l = &r->level[r->top--];

    if (l->own)
        cf_input_close(l->in);
    free(l->memory);
    memset(l, 0, sizeof *l);
}

void cf_jsonrec_close(cf_jsonrec_t *r)
{
    if (r == NULL)
        return;
    while (r->top > 0)
        pop(r);
    cf_buf_fini(&r->scratch);
    free(r);
}

uint64_t cfi_rec_rows(const cf_jsonrec_t *r)
{
    return (r->o.rejects != NULL ? r->o.rejects->account->rows_read : 0) + r->skipped;
}

bool cf_jsonrec_skip(cf_jsonrec_t *r)
{
    if (r->skipped == r->o.skip)
        return false;
    r->skipped++;
    return true;
}

void cfi_rec_reject(cf_jsonrec_t *r, int code, uint64_t offset, const char *row, size_t n,
                    const char *why)
{
    if (r->o.rejects != NULL && !cf_jsonrec_skip(r))
        cf_rejects_add(r->o.rejects, code, 0, offset, row, n < 256 ? n : 256, "%s", why);
}

void cf_jsonrec_reject(cf_jsonrec_t *r, int code, const char *fmt, ...)
{
    char why[160];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    cfi_rec_reject(r, code, r->last.offset, r->last.text, r->last.len, why);
}

void cf_jsonrec_broken(cf_jsonrec_t *r, int code, const char *reason)
{
    cfi_level_t *l = cfi_rec_level(r);

    if (r->last.text == NULL)
        return;
    cfi_rec_reject(r, code == 0 ? CF_R_SYNTAX : code, r->last.offset, r->last.text, r->last.len,
                   reason);
    /* Its end may be a mistake: only its begin is certain. */
    cfi_rec_remember(r, r->last.text, r->last.len);
    r->last.text = NULL;
    r->lost = true;
    l->held = 0;
}

int cfi_rec_see(cf_jsonrec_t *r, size_t want, const char **p, size_t *n, cf_diag_t *d)
{
    cfi_level_t *l = cfi_rec_level(r);

    if (l->own && cf_input_offset(l->in) > CF_JSONREC_PAYLOAD_MAX)
        return cf_diag_set(d, CF_E_LIMIT, "payload is longer than %u bytes",
                           CF_JSONREC_PAYLOAD_MAX);
    return cf_input_fill(l->in, want, p, n, d);
}

void cfi_rec_mark(cf_jsonrec_t *r, uint64_t offset)
{
    const cfi_level_t *l = &r->level[0];

    if (r->top > 0 || l->depth > r->base)
        return;
    r->cursor.offset = offset;
    r->cursor.comma = l->depth > 0;
    if (l->depth == 0) {
        r->cursor.head = 0;
        r->cursor.head_len = 0;
        r->endless = false;
    }
    r->rows = cfi_rec_rows(r);
}

/* The object given out last is done with. */
static void release(cf_jsonrec_t *r)
{
    cfi_level_t *l = cfi_rec_level(r);

    if (r->last.text != NULL && !cfi_rec_known(r, r->last.text, r->last.len))
        cfi_rec_remember(r, r->last.text, r->last.len);
    r->last.text = NULL;
    if (l->held == 0)
        return;
    cf_input_consume(l->in, l->held);
    l->held = 0;
    cfi_rec_mark(r, cf_input_offset(l->in));
}

/* A level of ours is over, well or not. */
static void leave(cf_jsonrec_t *r, int rc, const cf_diag_t *why)
{
    if (rc != CF_EOF)
        cfi_rec_reject(r, CF_R_SYNTAX, r->offset, NULL, 0, why->text);
    pop(r);
}

int cf_jsonrec_next(cf_jsonrec_t *r, cf_jsonobj_t *o, cf_diag_t *d)
{
    if (r->nomem)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for JSON inside of JSON");
    if (r->lost) {
        int rc = cfi_rec_lost(r, d);

        r->lost = false;
        if (rc != CF_EOF && r->top == 0)
            return rc;
    }
    for (;;) {
        cf_diag_t own = CF_DIAG_INIT;
        int rc;

        release(r);
        rc = cfi_rec_walk(r, o, &own);
        if (rc == CF_OK) {
            o->level = r->top;
            if (r->top == 0)
                r->offset = o->offset;
            o->offset = r->offset;
            r->last = *o;
            return CF_OK;
        }
        if (rc == CF_E_NOMEM || r->top == 0) {
            if (rc < 0 && d != NULL)
                *d = own;
            return rc;
        }
        leave(r, rc, &own);
    }
}

int cfi_rec_push(cf_jsonrec_t *r, char *memory, const char *bytes, size_t n, bool packed)
{
    cfi_level_t *l;
    cf_input_t *in = NULL;
    int rc;

    if (r->top + 1 == CF_JSONREC_LEVELS) {
        free(memory);
        return CF_E_LIMIT;
    }
    rc = cf_input_open_memory(&in, "payload", memory != NULL ? memory : bytes, n,
                              packed ? 0 : CF_INPUT_RAW, NULL);
    if (rc != CF_OK) {
        free(memory);
        return rc;
    }
    l = &r->level[++r->top];
    memset(l, 0, sizeof *l);
    l->in = in;
    l->own = true;
    l->memory = memory;
    l->line = true;
    return CF_OK;
}

/* What cannot be looked into for want of memory is nobody's to pass over: the next call fails. */
static bool refuse(cf_jsonrec_t *r, int rc)
{
    r->nomem = rc == CF_E_NOMEM;
    return r->nomem;
}

bool cf_jsonrec_enter(cf_jsonrec_t *r)
{
    cfi_member_t m;
    char *memory = NULL;
    size_t n;
    int rc;

    if (r->last.text == NULL || r->top + 1 == CF_JSONREC_LEVELS)
        return false;
    cfi_rec_inside(r, r->last.text, r->last.len, &m);
    if (m.what == CFI_NOTHING)
        return false;
    n = m.len;
    if (m.what == CFI_TEXT || m.what == CFI_PAYLOAD) {
        rc = cfi_json_unescape(&r->scratch, m.text, m.len);
        if (rc == CF_OK && m.what == CFI_PAYLOAD) {
            rc = cfi_base64(r->scratch.data, r->scratch.len, &memory, &n);
        } else if (rc == CF_OK) {
            n = r->scratch.len;
            memory = malloc(n + 1);
            if (memory != NULL)
                memcpy(memory, r->scratch.data, n);
            else
                rc = CF_E_NOMEM;
        }
        if (rc != CF_OK)
            return refuse(r, rc);
    }
    rc = cfi_rec_push(r, memory, m.text, n, m.what == CFI_PAYLOAD);
    if (rc != CF_OK)
        return refuse(r, rc);
    /* The object stays where it is until the level is over. */
    r->last.text = NULL;
    return true;
}

int cf_jsonrec_cursor(const cf_jsonrec_t *r, cf_cursor_t *c, cf_diag_t *d)
{
    const cfi_level_t *l = &r->level[0];

    *c = r->cursor;
    if (r->endless)
        return cf_diag_set(d, CF_E_USAGE,
                           "the document has too much before its list to be continued later");
    if (r->top == 0 && l->held > 0 && l->depth <= r->base) {
        c->offset = cf_input_offset(l->in) + l->held;
        c->comma = l->depth > 0;
        if (l->depth == 0)
            c->head = c->head_len = 0;
        return CF_OK;
    }
    c->skip = cfi_rec_rows(r) - r->rows;
    return CF_OK;
}
