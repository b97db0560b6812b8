/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exact way: one value, one line. It is used where the fast way of columns.c doubts, and
 * decides what is wrong with a row; both leave the same rows and the same dictionaries, whichever
 * of them a row took. Also what both share: preparing a batch, checks across columns, counting.
 */
#include "aws.h"

#define SECONDS_MAX UINT64_C(9223372035)       /* whole seconds of an int64 in nanoseconds */

static inline void set_null(cf_vec_t *v, uint32_t row)
{
    v->null[row >> 6] |= UINT64_C(1) << (row & 63);
    memset((char *)v->data + (size_t)row * v->width, 0, v->width);
}

static inline bool is_null(const cf_vec_t *v, uint32_t row)
{
    return ((v->null[row >> 6] >> (row & 63)) & 1) != 0;
}

/* ---- batch -------------------------------------------------------------------------------- */

static int begin_vec(cf_vec_t *v)
{
    int rc = cf_vec_reserve(v, v->kind == CF_KIND_ADDR ? 4 : v->width);

    if (rc != CF_OK)
        return rc;
    memset(v->null, 0, CF_BATCH_WORDS * sizeof *v->null);
    v->nulls = 1;              /* "may have nulls"; counted in aws_finish */
    v->absent = false;
    cf_dict_reset(&v->dict);
    return CF_OK;
}

int aws_begin(aws_t *st, cf_batch_t *batch, cf_diag_t *d)
{
    aws_format_t *f = st->format;
    uint32_t i;
    int rc = cf_batch_reset(batch, f->schema);

    for (i = 0; i < batch->ncols && rc == CF_OK; i++)
        rc = begin_vec(&batch->cols[i]);
    for (i = 0; i < f->n && rc == CF_OK; i++) {
        aws_col_t *c = &f->cols[i];

        c->v = c->index >= 0 ? &batch->cols[c->index] : c->op != AWS_SKIP ? &c->hidden : NULL;
        if (c->v == &c->hidden)
            rc = begin_vec(&c->hidden);
        if (c->memo != NULL && (st->generation & 0xffff) == 0xffff)
            memset(c->memo, 0, sizeof *c->memo << AWS_MEMO_BITS);
    }
    if (rc != CF_OK)
        return cf_diag_set(d, rc, "no memory for a batch of rows");
    st->generation = (st->generation & 0xffff) == 0xffff ? 1 : st->generation + 1;
    st->begun = true;
    st->heavy = false;
    return CF_OK;
}

static void constant(cf_batch_t *b, int col, uint8_t value)
{
    if (col >= 0) {
        memset(b->cols[col].data, value, b->rows);
        b->cols[col].nulls = 0;
    }
}

int aws_finish(aws_t *st, cf_diag_t *d)
{
    aws_format_t *f = st->format;
    cf_batch_t *b = st->batch;
    uint32_t i;

    for (i = 0; i < b->ncols; i++)
        b->cols[i].nulls = cf_bits_count(b->cols[i].null, b->rows);
    constant(b, f->c_shape, CF_SHAPE_UNI);
    constant(b, f->c_counts, CF_COUNTS_DELTA);
    constant(b, f->c_bytekind, CF_BYTEKIND_IP);
    if (f->c_provider >= 0 && b->rows > 0) {
        cf_vec_t *v = &b->cols[f->c_provider];
        uint32_t code;
        int rc = cf_dict_code(&v->dict, "aws", 3, &code);

        if (rc != CF_OK)
            return cf_diag_set(d, rc, "no memory for a batch of rows");
        memset(v->data, 0, (size_t)b->rows * sizeof code);     /* the only entry has code 0 */
    }
    return CF_OK;
}

/* ---- one value ---------------------------------------------------------------------------- */

static int set_addr(cf_vec_t *v, uint32_t row, const char *s, size_t n)
{
    cf_addr_t a;
    int rc = cf_addr_parse(s, n, &a);

    if (rc != CF_OK)
        return rc;
    if (v->width == 4 && cf_addr_is_v4(a)) {
        ((uint32_t *)v->data)[row] = (uint32_t)a.lo;
        return CF_OK;
    }
    if (v->width == 4 && cf_vec_widen(v, row) != CF_OK)
        return CF_E_NOMEM;
    ((cf_addr_t *)v->data)[row] = a;
    return CF_OK;
}

/* Enrichers and older tools write "Accepted" and "Rejected". */
static int set_word(const aws_col_t *c, uint32_t row, const char *s, size_t n)
{
    uint8_t code;
    int rc = cf_field_enum_parse(c->field, s, n, &code);

    if (rc != CF_OK && n == 8 && (s[6] | 0x20) == 'e' && (s[7] | 0x20) == 'd')
        rc = cf_field_enum_parse(c->field, s, 6, &code);
    if (rc == CF_OK)
        ((uint8_t *)c->v->data)[row] = code;
    return rc;
}

static int set_string(aws_col_t *c, uint32_t row, const char *s, size_t n)
{
    uint32_t code;
    size_t i;
    int rc;

    for (i = 0; i < n; i++) {
        if ((unsigned char)s[i] < 0x20)
            return CF_R_BYTES;
    }
    rc = cf_dict_code(&c->v->dict, s, n, &code);
    if (rc == CF_OK)
        ((uint32_t *)c->v->data)[row] = code;
    return rc;
}

static int set_value(aws_t *st, uint32_t i, uint32_t row, const char *s, size_t n)
{
    aws_col_t *c = &st->format->cols[i];
    cf_vec_t *v = c->v;
    uint64_t number;
    int rc;

    if (c->op == AWS_SKIP)
        return CF_OK;
    if (n == 0 || (n == 1 && s[0] == '-')) {
        set_null(v, row);
        return CF_OK;
    }
    switch ((aws_op_t)c->op) {
    case AWS_UINT8:
        rc = cf_uint_parse(s, n, UINT8_MAX, &number);
        if (rc == CF_OK)
            ((uint8_t *)v->data)[row] = (uint8_t)number;
        return rc;
    case AWS_UINT16:
        rc = cf_uint_parse(s, n, UINT16_MAX, &number);
        if (rc == CF_OK)
            ((uint16_t *)v->data)[row] = (uint16_t)number;
        return rc;
    case AWS_UINT32:
        rc = cf_uint_parse(s, n, UINT32_MAX, &number);
        if (rc == CF_OK)
            ((uint32_t *)v->data)[row] = (uint32_t)number;
        return rc;
    case AWS_UINT64:
        return cf_uint_parse(s, n, UINT64_MAX, (uint64_t *)v->data + row);
    case AWS_TIME:
        if (cf_uint_parse(s, n, SECONDS_MAX, &number) != CF_OK)
            return CF_R_TIME;
        ((int64_t *)v->data)[row] = (int64_t)number * CF_NS_PER_SEC;
        return CF_OK;
    case AWS_ADDR:
        return set_addr(v, row, s, n);
    case AWS_WORD:
        return set_word(c, row, s, n);
    default:
        return set_string(c, row, s, n);
    }
}

int aws_set(aws_t *st, uint32_t i, uint32_t row, const char *s, size_t n)
{
    int rc = set_value(st, i, row, s, n);

    if (CF_IS_RECORD_ERR(rc))
        set_null(st->format->cols[i].v, row);
    return rc;
}

/* ---- rows --------------------------------------------------------------------------------- */

static void check_times(aws_t *st, uint32_t first, uint32_t n)
{
    const aws_format_t *f = st->format;
    const cf_vec_t *sv, *ev;
    const int64_t *s, *e;
    uint32_t i;

    if (f->stime < 0 || f->etime < 0)
        return;
    sv = f->cols[f->stime].v;
    ev = f->cols[f->etime].v;
    s = (const int64_t *)sv->data + first;
    e = (const int64_t *)ev->data + first;
    for (i = 0; i < n; i++) {
        if (__builtin_expect(e[i] < s[i], 0) && st->fault[i].code == 0 && !is_null(ev, first + i)) {
            st->fault[i].code = CF_R_TIME;
            st->fault[i].col = UINT16_MAX;
            st->faults++;
        }
    }
}

/* Records without traffic have no counters, whatever a writer put there. */
static void silence(const aws_format_t *f, uint32_t row)
{
    if (f->packets >= 0)
        set_null(f->cols[f->packets].v, row);
    if (f->bytes >= 0)
        set_null(f->cols[f->bytes].v, row);
}

/*
 * No log-status: a record without source, protocol and packets is a status record, NODATA as far as
 * we know.
 */
static void infer_status(aws_t *st, uint32_t first, uint32_t n)
{
    const aws_format_t *f = st->format;
    const int parts[] = { f->sip, f->proto, f->packets };
    cf_vec_t *v = &st->batch->cols[f->c_status];
    uint32_t row, k;

    for (row = first; row < first + n; row++) {
        bool none = true;

        for (k = 0; k < 3; k++)
            none = none && (parts[k] < 0 || is_null(f->cols[parts[k]].v, row));
        set_null(v, row);
        if (none) {
            ((uint8_t *)v->data)[row] = CF_LOGSTATUS_NODATA;
            v->null[row >> 6] &= ~(UINT64_C(1) << (row & 63));
            silence(f, row);
        }
    }
}

void aws_check_rows(aws_t *st, uint32_t first, uint32_t n)
{
    const aws_format_t *f = st->format;
    uint32_t i;

    check_times(st, first, n);
    if (f->c_status >= 0) {
        infer_status(st, first, n);
    } else if (f->status >= 0) {
        const uint8_t *status = (const uint8_t *)f->cols[f->status].v->data + first;

        for (i = 0; i < n; i++) {
            if (__builtin_expect(status[i] != CF_LOGSTATUS_OK, 0))
                silence(f, first + i);
        }
    }
}

void aws_keep(aws_t *st, uint32_t first, uint32_t n)
{
    const aws_format_t *f = st->format;
    cf_account_t *a = st->env->account;
    const cf_vec_t *v = NULL;
    uint32_t i;

    a->rows_read += n;
    a->rows_kept += n;
    if (f->status >= 0)
        v = f->cols[f->status].v;
    else if (f->c_status >= 0)
        v = &st->batch->cols[f->c_status];
    if (v != NULL) {
        const uint8_t *status = (const uint8_t *)v->data + first;
        uint64_t nodata = 0, skipdata = 0;

        for (i = 0; i < n; i++) {
            if (__builtin_expect(status[i] != CF_LOGSTATUS_OK, 0)) {
                nodata += status[i] == CF_LOGSTATUS_NODATA;
                skipdata += status[i] == CF_LOGSTATUS_SKIPDATA;
            }
        }
        a->nodata += nodata;
        a->skipdata += skipdata;
    }
    if (f->stime >= 0) {
        const int64_t *s = (const int64_t *)f->cols[f->stime].v->data + first;
        int64_t low = a->tmin, high = a->tmax;

        for (i = 0; i < n; i++) {
            if (s[i] == 0 && is_null(f->cols[f->stime].v, first + i))
                continue;
            low = s[i] < low ? s[i] : low;
            high = s[i] > high ? s[i] : high;
        }
        a->tmin = low;
        a->tmax = high;
    }
    st->batch->rows = first + n;
}

void aws_reject(aws_t *st, int code, uint32_t i, aws_span_t value, uint64_t line, uint64_t offset,
                aws_span_t row)
{
    static const char *const want[] = {
        [CF_R_FIELDS - CF_R_NUMBER] = "is not a number",
                [CF_R_FIELDS - CF_R_TIME] = "is not a time in seconds",
        [CF_R_FIELDS - CF_R_ADDR] = "is not an address", [CF_R_FIELDS - CF_R_ENUM] = "is not known",
        [CF_R_FIELDS - CF_R_BYTES] = "holds control characters",
                [CF_R_FIELDS - CF_R_LONG] = "is too long",
    };
    int index = CF_R_FIELDS - code;
    const char *text = index >= 0 &&
            index < (int)(sizeof want / sizeof want[0]) ? want[index] : NULL;
    const aws_col_t *c = i < st->format->n ? &st->format->cols[i] : NULL;
    int n = value.n < 40 ? (int)value.n : 40;

    if (c == NULL) {
        cf_rejects_add(st->env->rejects, code, line, offset, row.s, row.n, "end is before start");
    } else if (code == CF_R_RANGE) {
        uint64_t max = c->op == AWS_UINT8 ? UINT8_MAX : c->op == AWS_UINT16 ? UINT16_MAX
            : c->op == AWS_UINT32 ? UINT32_MAX : UINT64_MAX;

        cf_rejects_add(st->env->rejects, code, line, offset, row.s, row.n, "%s %.*s is above %llu",
                       c->name, n, value.s,
                       (unsigned long long)max);
    } else {
        cf_rejects_add(st->env->rejects, code, line, offset, row.s, row.n, "%s \"%.*s\" %s",
                       c->name, n, value.s,
                       text != NULL ? text : "is wrong");
    }
}

/* Nothing of a rejected row may stay in the null bitmaps. */
static void clear_row(aws_t *st, uint32_t row)
{
    uint64_t bit = ~(UINT64_C(1) << (row & 63));
    uint32_t i;

    for (i = 0; i < st->batch->ncols; i++)
        st->batch->cols[i].null[row >> 6] &= bit;
    for (i = 0; i < st->format->n; i++) {
        if (st->format->cols[i].v != NULL)
            st->format->cols[i].v->null[row >> 6] &= bit;
    }
}

int aws_row(aws_t *st, const aws_span_t *values, aws_span_t text, uint64_t line, uint64_t offset,
            cf_diag_t *d)
{
    const aws_format_t *f = st->format;
    uint32_t row = st->batch->rows, i, bad = UINT32_MAX;
    int rc, first = CF_OK, pass;

    if (aws_skipped(st))
        return CF_OK;
    /* Strings last: a rejected row leaves none in the dictionaries. */
    for (pass = 0; pass < 2; pass++) {
        for (i = 0; i < f->n; i++) {
            if ((f->cols[i].op == AWS_STRING) != (pass == 1))
                continue;
            rc = aws_set(st, i, row, values[i].s, values[i].n);
            if (rc != CF_OK && !CF_IS_RECORD_ERR(rc))
                return cf_diag_set(d, rc, "no memory for a batch of rows");
            if (rc != CF_OK && first == CF_OK) {
                first = rc;
                bad = i;
            }
        }
        if (pass == 0) {
            st->fault[0].code = (int8_t)first;
            aws_check_rows(st, row, 1);
            first = st->fault[0].code;
            st->fault[0].code = 0;
        }
        if (first != CF_OK) {
            aws_reject(st, first, bad, bad < f->n ? values[bad] : text, line, offset, text);
            clear_row(st, row);
            return CF_OK;
        }
    }
    aws_keep(st, row, 1);
    return CF_OK;
}
