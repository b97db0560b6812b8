/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both faces share: the life of the state, giving batches out, and where a later run may go
 * on in a blob that grows.
 */
#include <stdlib.h>

#include "azure.h"

void az_close(void *state)
{
    az_t *st = state;

    if (st == NULL)
        return;
    cf_json_close(st->json);
    cf_buf_fini(&st->arena);
    az_rows_close(st);
    free((void *)st->quads);
    free(st);
}

int az_open(void **state, const cf_reader_env_t *env, az_kind_t face, cf_diag_t *d)
{
    az_t *st = calloc(1, sizeof *st);
    int rc;

    *state = NULL;
    if (st == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for a reader");
    st->env = env;
    st->face = face;
    st->kind = face;
    st->use = face == AZ_VNET ? AZ_LAYOUT_VNET : AZ_LAYOUT_NSG;
    st->skip = env->skip;
    st->avx2 = az_has_avx2();
    cf_buf_init(&st->arena, 2 * AZ_ARENA_MAX);
    st->quads = az_quads();
    rc = st->quads != NULL ? CF_OK : cf_diag_set(d, CF_E_NOMEM, "no memory for a reader");
    if (rc == CF_OK)
        rc = az_layouts(st, d);
    if (rc != CF_OK) {
        az_close(st);
        return rc;
    }
    *state = st;
    return CF_OK;
}

/* A byte order mark is passed over. */
static int start(az_t *st, cf_input_t *in, cf_diag_t *d)
{
    const char *p;
    size_t n;
    int rc = cf_input_fill(in, 3, &p, &n, d);

    if (rc != CF_OK)
        return rc;
    if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        cf_input_consume(in, 3);
    st->in = in;
    return cf_json_open(&st->json, in, d);
}

int az_read(void *state, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    az_t *st = state;
    int rc;

    if (st->json == NULL && st->ended == CF_OK) {
        st->ended = start(st, in, d);
        if (st->ended != CF_OK)
            return st->ended;
    }
    for (;;) {
        while (az_ready(st)) {
            rc = az_give(st, batch);
            if (rc != CF_OK)
                return cf_diag_set(d, rc, "no memory for a batch of rows");
            if (batch->rows > 0)
                return CF_OK;
        }
        if (st->ended != CF_OK) {
            if (st->ended < 0 && d != NULL)
                *d = st->diag;
            return st->ended;
        }
        cf_diag_clear(&st->diag);
        rc = az_walk(st, &st->diag);
        if (rc != CF_OK) {
            /* The rows of a cut record have what is known so far. */
            st->ended = rc;
            if (rc != CF_E_NOMEM && az_settle_all(st) != CF_OK)
                st->ended = cf_diag_set(&st->diag, CF_E_NOMEM, "no memory for a batch of rows");
        }
    }
}

/* Everything up to the '[' of the records is needed to make sense of what comes behind. */
static int inside(const az_t *st, cf_cursor_t *c, cf_diag_t *d)
{
    if (st->nested)
        return cf_diag_set(d, CF_E_USAGE, "its records are in several arrays of one value: it "
                           "cannot be continued");
    if (st->array_at - st->value_at > CF_CURSOR_HEAD_MAX)
        return cf_diag_set(d, CF_E_USAGE, "its records begin too far behind the begin: it cannot "
                           "be continued");
    c->head = st->value_at;
    c->head_len = (uint32_t)(st->array_at - st->value_at);
    c->offset = st->record_end > 0 ? st->record_end : st->array_at;
    c->skip = st->record_rows;
    c->comma = true;
    return CF_OK;
}

int az_cursor(void *state, cf_cursor_t *c, cf_diag_t *d)
{
    const az_t *st = state;

    memset(c, 0, sizeof *c);
    if (st->json == NULL)
        return CF_OK;
    if (st->ended == CF_EOF && st->depth == 0) {
        /*
         * One value and nothing behind it, not even a line end: a blob, into which more records are
         * inserted before its end. Else more values will follow.
         */
        if (st->lost)
            return cf_diag_set(d, CF_E_USAGE, "it ends in broken JSON: it cannot be continued");
        if (st->values == 1 && st->array_at > 0 && !st->nested &&
            cf_json_offset(st->json) == st->value_end)
            return inside(st, c, d);
        c->offset = st->value_end;
        return CF_OK;
    }
    if (st->ended != CF_EOF && st->ended != CF_E_TRUNC)
        return cf_diag_set(d, CF_E_USAGE, "it was not read to its end");
    if (st->array_at > 0)
        return inside(st, c, d);
    if (st->depth > 0) {
        c->offset = st->value_at;
        c->skip = st->record_rows;
    } else {
        c->offset = st->value_end;
    }
    return CF_OK;
}
