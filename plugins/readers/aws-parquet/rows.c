/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pieces of the query's result become batches. A piece is converted column by column and then
 * looked at across columns; when a row of it is wrong, it is told and the piece is done again
 * without it, so that a batch has no holes and good files pay nothing for bad ones.
 */
#include <inttypes.h>
#include <string.h>

#include "pq.h"

static int begin_vec(cf_vec_t *v)
{
    int rc = cf_vec_reserve(v, v->kind == CF_KIND_ADDR ? 4 : v->width);

    if (rc != CF_OK)
        return rc;
    memset(v->null, 0, CF_BATCH_WORDS * sizeof *v->null);
    v->nulls = 1;              /* "may have nulls"; counted at the end */
    v->absent = false;
    cf_dict_reset(&v->dict);
    return CF_OK;
}

static int begin(pq_t *st)
{
    int rc = cf_batch_reset(st->batch, st->schema);

    for (uint32_t i = 0; rc == CF_OK && i < st->batch->ncols; i++)
        rc = begin_vec(&st->batch->cols[i]);
    for (uint32_t i = 0; rc == CF_OK && i < st->ncols; i++) {
        pq_col_t *c = &st->cols[i];

        c->v = c->index >= 0 ? &st->batch->cols[c->index] : &c->hidden;
        if (c->v == &c->hidden)
            rc = begin_vec(&c->hidden);
    }
    /* 0 is no generation: a memo that was never set. */
    st->generation = st->generation == UINT32_MAX ? 1 : st->generation + 1;
    return rc;
}

static void clear_nulls(cf_vec_t *v, uint32_t at, uint32_t n)
{
    for (uint32_t row = at; row < at + n; row++)
        v->null[row >> 6] &= ~(UINT64_C(1) << (row & 63));
}

/* ---- across columns ------------------------------------------------------------------------ */

static void check_times(pq_t *st, const pq_piece_t *p)
{
    const cf_vec_t *sv, *ev;
    const int64_t *s, *e;

    if (st->stime < 0 || st->etime < 0)
        return;
    sv = st->cols[st->stime].v;
    ev = st->cols[st->etime].v;
    s = (const int64_t *)sv->data + p->at;
    e = (const int64_t *)ev->data + p->at;
    for (uint32_t i = 0; i < p->n; i++) {
        if (__builtin_expect(e[i] < s[i], 0) && st->fault[i].code == 0 &&
            !pq_is_null(ev, p->at + i)) {
            st->fault[i].code = CF_R_TIME;
            st->fault[i].col = UINT16_MAX;
            st->faults++;
        }
    }
}

/* Records without traffic have no counters, whatever a writer put there. */
static void silence(pq_t *st, uint32_t row)
{
    if (st->packets >= 0)
        pq_set_null(st->cols[st->packets].v, row);
    if (st->bytes >= 0)
        pq_set_null(st->cols[st->bytes].v, row);
}

/* No log-status: a record without source, protocol and packets is one, NODATA as far as we know. */
static void infer_status(pq_t *st, const pq_piece_t *p)
{
    const int parts[] = { st->sip, st->proto, st->packets };
    cf_vec_t *v = &st->batch->cols[st->c_status];

    for (uint32_t row = p->at; row < p->at + p->n; row++) {
        bool none = true;

        for (int k = 0; k < 3; k++)
            none = none && (parts[k] < 0 || pq_is_null(st->cols[parts[k]].v, row));
        pq_set_null(v, row);
        if (none) {
            ((uint8_t *)v->data)[row] = CF_LOGSTATUS_NODATA;
            v->null[row >> 6] &= ~(UINT64_C(1) << (row & 63));
            silence(st, row);
        }
    }
}

static const cf_vec_t *status_of(const pq_t *st)
{
    return st->status >= 0 ? st->cols[st->status].v
           : st->c_status >= 0 ? &st->batch->cols[st->c_status] : NULL;
}

static void keep(pq_t *st, const pq_piece_t *p)
{
    const cf_vec_t *v;
    cf_account_t *a = st->env->account;

    if (st->c_status >= 0)
        infer_status(st, p);
    v = status_of(st);
    for (uint32_t i = p->at; v != NULL && i < p->at + p->n; i++) {
        uint8_t status = ((const uint8_t *)v->data)[i];

        if (__builtin_expect(status != CF_LOGSTATUS_OK, 0)) {
            silence(st, i);
            a->nodata += status == CF_LOGSTATUS_NODATA;
            a->skipdata += status == CF_LOGSTATUS_SKIPDATA;
        }
    }
    for (uint32_t i = p->at; st->stime >= 0 && i < p->at + p->n; i++) {
        int64_t t = ((const int64_t *)st->cols[st->stime].v->data)[i];

        if (t == 0 && pq_is_null(st->cols[st->stime].v, i))
            continue;
        a->tmin = t < a->tmin ? t : a->tmin;
        a->tmax = t > a->tmax ? t : a->tmax;
    }
    a->rows_read += p->n;
    a->rows_kept += p->n;
    st->batch->rows = p->at + p->n;
}

/* ---- pieces -------------------------------------------------------------------------------- */

static void reject(pq_t *st, const pq_piece_t *p, uint32_t i)
{
    static const char *const want[] = {
        [CF_R_FIELDS - CF_R_NUMBER] = "is not a number",
        [CF_R_FIELDS - CF_R_TIME] = "is not a time", [CF_R_FIELDS - CF_R_ADDR] = "is not an address",
        [CF_R_FIELDS - CF_R_ENUM] = "is not known",
        [CF_R_FIELDS - CF_R_BYTES] = "holds control characters",
        [CF_R_FIELDS - CF_R_LONG] = "is too long",
    };
    const pq_fault_t *f = &st->fault[i];
    uint64_t source = pq_source(p, i), line = st->row + (source - p->from) + 1;
    int index = CF_R_FIELDS - f->code;
    const pq_col_t *c;
    char value[40];
    size_t n;

    if (f->col == UINT16_MAX) {
        cf_rejects_add(st->env->rejects, f->code, line, 0, NULL, 0, "end is before start");
        return;
    }
    c = &st->cols[f->col];
    n = pq_show(c, source, value, sizeof value);
    if (f->code == CF_R_RANGE)
        cf_rejects_add(st->env->rejects, f->code, line, 0, NULL, 0, "%s %.*s is above %" PRIu64,
                       c->name, (int)n, value, pq_field_max(c));
    else
        cf_rejects_add(st->env->rejects, f->code, line, 0, NULL, 0, "%s \"%.*s\" %s", c->name,
                       (int)n, value, index >= 0 && index < (int)(sizeof want / sizeof want[0]) &&
                       want[index] != NULL ? want[index] : "is wrong");
}

/* Tell the faulty rows and leave them out of the piece. */
static void sift(pq_t *st, pq_piece_t *p)
{
    uint32_t left = 0;

    for (uint32_t i = 0; i < st->batch->ncols; i++)
        clear_nulls(&st->batch->cols[i], p->at, p->n);
    for (uint32_t i = 0; i < st->ncols; i++)
        clear_nulls(st->cols[i].v, p->at, p->n);
    for (uint32_t i = 0; i < p->n; i++) {
        if (st->fault[i].code != 0)
            reject(st, p, i);
        else
            st->sel[left++] = p->sel != NULL ? p->sel[i] : (uint16_t)i;
    }
    memset(st->fault, 0, p->n * sizeof *st->fault);
    st->faults = 0;
    p->sel = st->sel;
    p->n = left;
}

/* Strings last: a rejected row leaves none in the dictionaries, or only when a string is wrong. */
static int convert(pq_t *st, pq_piece_t *p)
{
    int rc = CF_OK;

    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; rc == CF_OK && i < st->ncols; i++) {
            if ((st->cols[i].field->kind == CF_KIND_STRING) == (pass == 1))
                rc = pq_convert(st, i, p);
        }
        if (rc != CF_OK)
            return rc;
        if (pass == 0)
            check_times(st, p);
        if (st->faults > 0) {
            sift(st, p);
            pass = -1;
        }
    }
    keep(st, p);
    return CF_OK;
}

static bool heavy(const pq_t *st)
{
    size_t bytes = 0;

    for (uint32_t i = 0; i < st->batch->ncols; i++) {
        const cf_dict_t *dict = &st->batch->cols[i].dict;

        bytes += dict->count > 0 ? dict->offset[dict->count] : 0;
    }
    return bytes > PQ_HEAVY;
}

static int next_chunk(pq_t *st, cf_diag_t *d)
{
    int rc;

    do {
        if (st->chunk != NULL)
            st->duck.destroy_data_chunk(&st->chunk);
        st->chunk = NULL;
        rc = duck_next(&st->duck, &st->chunk, d);
        if (rc != CF_OK)
            return rc;
        st->chunk_rows = st->duck.data_chunk_get_size(st->chunk);
        st->chunk_at = 0;
    } while (st->chunk_rows == 0);
    for (uint32_t i = 0; i < st->ncols; i++) {
        void *vector = st->duck.data_chunk_get_vector(st->chunk, i);

        st->cols[i].data = st->duck.vector_get_data(vector);
        st->cols[i].valid = st->duck.vector_get_validity(vector);
    }
    return CF_OK;
}

static void constant(cf_batch_t *b, int col, uint8_t value)
{
    if (col >= 0)
        memset(b->cols[col].data, value, b->rows);
}

static int finish(pq_t *st, cf_diag_t *d)
{
    cf_batch_t *b = st->batch;

    for (uint32_t i = 0; i < b->ncols; i++)
        b->cols[i].nulls = cf_bits_count(b->cols[i].null, b->rows);
    constant(b, st->c_shape, CF_SHAPE_UNI);
    constant(b, st->c_counts, CF_COUNTS_DELTA);
    constant(b, st->c_bytekind, CF_BYTEKIND_IP);
    if (st->c_provider >= 0 && b->rows > 0) {
        cf_vec_t *v = &b->cols[st->c_provider];
        uint32_t code;

        if (cf_dict_code(&v->dict, "aws", 3, &code) != CF_OK)
            return cf_diag_set(d, CF_E_NOMEM, "no memory for a batch of rows");
        memset(v->data, 0, (size_t)b->rows * sizeof code);     /* the only entry has code 0 */
    }
    return CF_OK;
}

/* Rows of the chunk that an earlier run has had. */
static void pass_over(pq_t *st)
{
    uint64_t n = st->chunk_rows - st->chunk_at;

    n = n < st->skip ? n : st->skip;
    st->skip -= n;
    st->chunk_at += n;
    st->row += n;
}

int pq_rows(pq_t *st, cf_diag_t *d)
{
    int rc = begin(st);

    while (rc == CF_OK && st->batch->rows < CF_BATCH_ROWS && !heavy(st)) {
        pq_piece_t p = { .at = st->batch->rows };
        uint64_t left, taken;

        if (st->chunk == NULL || st->chunk_at == st->chunk_rows) {
            rc = next_chunk(st, d);
            if (rc != CF_OK)
                break;
        }
        pass_over(st);
        left = st->chunk_rows - st->chunk_at;
        p.from = st->chunk_at;
        taken = CF_BATCH_ROWS - p.at < PQ_PIECE ? CF_BATCH_ROWS - p.at : PQ_PIECE;
        taken = left < taken ? left : taken;
        p.n = (uint32_t)taken;
        rc = convert(st, &p);
        st->chunk_at += taken;
        st->row += taken;
        if (rc != CF_OK)
            rc = cf_diag_set(d, rc, "no memory for a batch of rows");
    }
    if (st->batch->rows > 0 && (rc == CF_OK || rc == CF_EOF)) {
        int done = finish(st, d);

        rc = done != CF_OK ? done : rc;
    } else if (st->batch->rows > 0) {
        finish(st, NULL);
    }
    return rc;
}
