/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One column of a piece of the result into one vector. Numbers are taken to 64 bits, checked all at
 * once and stored in the field's width; only when a check fails is it found out for which rows.
 * Texts take the parsers that every reader takes. Repeated texts are known by their 16 bytes, which
 * are compared with what they stood for before.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pq.h"

#define SECONDS_MAX UINT64_C(9223372035)       /* whole seconds of an int64 in nanoseconds */

static void fault(pq_t *st, uint32_t col, uint32_t i, int code)
{
    if (st->fault[i].code == 0) {
        st->fault[i].code = (int8_t)code;
        st->fault[i].col = (uint16_t)col;
        st->faults++;
    }
}

/* ---- numbers ------------------------------------------------------------------------------ */

#define TAKE(name, type)                                                                         \
    static void name(const void *data, const pq_piece_t *p, uint64_t *out)                      \
    {                                                                                            \
        const type *from = (const type *)data + p->from;                                        \
                                                                                                 \
        if (p->sel == NULL) {                                                                    \
            for (uint32_t i = 0; i < p->n; i++)                                                  \
                out[i] = (uint64_t)(int64_t)from[i];                                             \
        } else {                                                                                 \
            for (uint32_t i = 0; i < p->n; i++)                                                  \
                out[i] = (uint64_t)(int64_t)from[p->sel[i]];                                     \
        }                                                                                        \
    }
TAKE(take_i8, int8_t)
TAKE(take_i16, int16_t)
TAKE(take_i32, int32_t)
TAKE(take_i64, int64_t)
TAKE(take_u8, uint8_t)
TAKE(take_u16, uint16_t)
TAKE(take_u32, uint32_t)

static void take(const pq_col_t *c, const pq_piece_t *p, uint64_t *out)
{
    switch (c->type) {
    case DUCK_TINYINT: take_i8(c->data, p, out); break;
    case DUCK_SMALLINT: take_i16(c->data, p, out); break;
    case DUCK_INTEGER: take_i32(c->data, p, out); break;
    case DUCK_UTINYINT: take_u8(c->data, p, out); break;
    case DUCK_USMALLINT: take_u16(c->data, p, out); break;
    case DUCK_UINTEGER: take_u32(c->data, p, out); break;
    default: take_i64(c->data, p, out); break;
    }
}

/* Null rows have no value: 0 and their bit. */
static void take_nulls(pq_col_t *c, const pq_piece_t *p, uint64_t *out)
{
    if (c->valid == NULL)
        return;
    for (uint32_t i = 0; i < p->n; i++) {
        if (!pq_valid(c, pq_source(p, i))) {
            out[i] = 0;
            pq_set_null(c->v, p->at + i);
        }
    }
}

static void store(cf_vec_t *v, uint32_t at, uint32_t n, const uint64_t *from)
{
    switch (v->width) {
    case 1:
        for (uint32_t i = 0; i < n; i++)
            ((uint8_t *)v->data)[at + i] = (uint8_t)from[i];
        break;
    case 2:
        for (uint32_t i = 0; i < n; i++)
            ((uint16_t *)v->data)[at + i] = (uint16_t)from[i];
        break;
    case 4:
        for (uint32_t i = 0; i < n; i++)
            ((uint32_t *)v->data)[at + i] = (uint32_t)from[i];
        break;
    default:
        memcpy((uint64_t *)v->data + at, from, n * sizeof *from);
        break;
    }
}

static void convert_uint(pq_t *st, uint32_t col, const pq_piece_t *p)
{
    pq_col_t *c = &st->cols[col];
    bool has_sign = c->type != DUCK_UBIGINT;
    uint64_t max = pq_field_max(c), *out = st->number, above = 0;

    if (has_sign && max > INT64_MAX)
        max = INT64_MAX;
    take(c, p, out);
    take_nulls(c, p, out);
    for (uint32_t i = 0; i < p->n; i++)
        above |= out[i] > max;
    for (uint32_t i = 0; above != 0 && i < p->n; i++) {
        if (out[i] > max) {
            fault(st, col, i, has_sign && out[i] > INT64_MAX ? CF_R_NUMBER : CF_R_RANGE);
            out[i] = 0;
        }
    }
    store(c->v, p->at, p->n, out);
}

static void convert_time(pq_t *st, uint32_t col, const pq_piece_t *p)
{
    pq_col_t *c = &st->cols[col];
    uint64_t max = c->scale == CF_NS_PER_SEC ? SECONDS_MAX : (uint64_t)(INT64_MAX / c->scale);
    uint64_t *out = st->number, above = 0, scale = (uint64_t)c->scale;

    take(c, p, out);
    take_nulls(c, p, out);
    for (uint32_t i = 0; i < p->n; i++)
        above |= out[i] > max;
    for (uint32_t i = 0; above != 0 && i < p->n; i++) {
        if (out[i] > max) {
            fault(st, col, i, CF_R_TIME);
            out[i] = 0;
        }
    }
    for (uint32_t i = 0; i < p->n; i++)
        out[i] *= scale;
    store(c->v, p->at, p->n, out);
}

/*
 * Whole numbers that a writer keeps as floating point because some are missing; not-a-number is
 * missing.
 */
static void convert_double(pq_t *st, uint32_t col, const pq_piece_t *p)
{
    pq_col_t *c = &st->cols[col];
    bool time = c->field->kind == CF_KIND_TIME;
    uint64_t max = time ? SECONDS_MAX : pq_field_max(c);
    const double *from = c->data;

    for (uint32_t i = 0; i < p->n; i++) {
        uint64_t row = pq_source(p, i);
        double v = from[row];

        st->number[i] = 0;
        if (!pq_valid(c, row) || isnan(v))
            pq_set_null(c->v, p->at + i);
        else if (v < 0 || v != floor(v) || v > 9007199254740992.0)     /* 2^53 */
            fault(st, col, i, time ? CF_R_TIME : CF_R_NUMBER);
        else if ((uint64_t)v > max)
            fault(st, col, i, time ? CF_R_TIME : CF_R_RANGE);
        else
            st->number[i] = (uint64_t)v * (time ? (uint64_t)CF_NS_PER_SEC : 1);
    }
    store(c->v, p->at, p->n, st->number);
}

/* ---- texts -------------------------------------------------------------------------------- */

static bool is_absent(const pq_t *st, const pq_col_t *c, const char *s, size_t n)
{
    if (n == 0 || (n == 1 && s[0] == '-'))
        return true;
    /* A tag may be called None; of the other texts only those of a writer that makes such. */
    return n == 4 && memcmp(s, "None", 4) == 0 && (c->field->kind != CF_KIND_STRING || st->none);
}

static int set_addr(cf_vec_t *v, uint32_t row, const char *s, size_t n)
{
    cf_addr_t a;
    uint32_t v4;
    int rc;

    if (cf_v4_parse(s, n, &v4) == CF_OK) {
        if (v->width == 4)
            ((uint32_t *)v->data)[row] = v4;
        else
            ((cf_addr_t *)v->data)[row] = cf_addr_v4(v4);
        return CF_OK;
    }
    rc = cf_addr_parse(s, n, &a);
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
static int parse_word(const cf_field_t *f, const char *s, size_t n, uint8_t *code)
{
    int rc = cf_field_enum_parse(f, s, n, code);

    if (rc != CF_OK && n == 8 && (s[6] | 0x20) == 'e' && (s[7] | 0x20) == 'd')
        rc = cf_field_enum_parse(f, s, 6, code);
    return rc;
}

static int set_text(pq_col_t *c, uint32_t row, const char *s, size_t n)
{
    cf_vec_t *v = c->v;
    uint64_t number;
    int rc;

    switch (c->field->kind) {
    case CF_KIND_ADDR:
        return set_addr(v, row, s, n);
    case CF_KIND_TIME:
        if (cf_uint_parse(s, n, SECONDS_MAX, &number) != CF_OK)
            return CF_R_TIME;
        ((int64_t *)v->data)[row] = (int64_t)number * CF_NS_PER_SEC;
        return CF_OK;
    default:
        rc = cf_uint_parse(s, n, pq_field_max(c), &number);
        if (rc == CF_OK)
            store(v, row, 1, &number);
        return rc;
    }
}

static int convert_text(pq_t *st, uint32_t col, const pq_piece_t *p)
{
    pq_col_t *c = &st->cols[col];
    const duck_string_t *from = c->data;

    for (uint32_t i = 0; i < p->n; i++) {
        uint64_t row = pq_source(p, i);
        int rc;

        if (!pq_valid(c, row) || is_absent(st, c, duck_text(&from[row]), from[row].length)) {
            pq_set_null(c->v, p->at + i);
            continue;
        }
        rc = set_text(c, p->at + i, duck_text(&from[row]), from[row].length);
        if (rc == CF_OK)
            continue;
        if (!CF_IS_RECORD_ERR(rc))
            return rc;
        pq_set_null(c->v, p->at + i);
        fault(st, col, i, rc);
    }
    return CF_OK;
}

static pq_memo_t *memo_of(const pq_col_t *c, const duck_string_t *s)
{
    uint64_t a, b;

    memcpy(&a, s, sizeof a);
    memcpy(&b, (const char *)s + sizeof a, sizeof b);
    return &c->memo[((a ^ b * UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0x9e3779b97f4a7c15)) >> 54];
}

static int new_string(pq_col_t *c, const char *s, size_t n, uint32_t *code)
{
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)s[i] < 0x20)
            return CF_R_BYTES;
    }
    return cf_dict_code(&c->v->dict, s, n, code);
}

/* Does the remembered code still stand for this text? */
static bool remembered(const pq_t *st, const pq_col_t *c, const pq_memo_t *m,
                       const duck_string_t *s)
{
    const char *text;
    uint32_t n;

    if (m->generation != st->generation || memcmp(&m->key, s, sizeof *s) != 0)
        return false;
    if (s->length <= DUCK_INLINE)
        return true;
    text = cf_dict_text(&c->v->dict, m->code, &n);
    return n == s->length && memcmp(text, s->u.ptr, n) == 0;
}

static int convert_string(pq_t *st, uint32_t col, const pq_piece_t *p)
{
    pq_col_t *c = &st->cols[col];
    const duck_string_t *from = c->data;
    uint32_t *out = (uint32_t *)c->v->data + p->at;

    for (uint32_t i = 0; i < p->n; i++) {
        uint64_t row = pq_source(p, i);
        const duck_string_t *s = &from[row];
        pq_memo_t *m;
        int rc;

        if (!pq_valid(c, row)) {
            pq_set_null(c->v, p->at + i);
            continue;
        }
        m = memo_of(c, s);
        if (remembered(st, c, m, s)) {
            out[i] = m->code;
            continue;
        }
        if (is_absent(st, c, duck_text(s), s->length)) {
            pq_set_null(c->v, p->at + i);
            continue;
        }
        rc = new_string(c, duck_text(s), s->length, &m->code);
        if (rc == CF_OK) {
            m->key = *s;
            m->generation = st->generation;
            out[i] = m->code;
        } else if (CF_IS_RECORD_ERR(rc)) {
            m->generation = 0;
            pq_set_null(c->v, p->at + i);
            fault(st, col, i, rc);
        } else {
            m->generation = 0;
            return rc;
        }
    }
    return CF_OK;
}

/* Words are short: the 16 bytes are all of the text. Codes of words never change. */
static void convert_word(pq_t *st, uint32_t col, const pq_piece_t *p)
{
    pq_col_t *c = &st->cols[col];
    const duck_string_t *from = c->data;
    uint8_t *out = (uint8_t *)c->v->data + p->at;

    for (uint32_t i = 0; i < p->n; i++) {
        uint64_t row = pq_source(p, i);
        const duck_string_t *s = &from[row];
        pq_memo_t *m;
        uint8_t code;
        int rc;

        if (!pq_valid(c, row)) {
            pq_set_null(c->v, p->at + i);
            continue;
        }
        m = memo_of(c, s);
        if (m->generation != 0 && memcmp(&m->key, s, sizeof *s) == 0) {
            out[i] = (uint8_t)m->code;
            continue;
        }
        if (is_absent(st, c, duck_text(s), s->length)) {
            pq_set_null(c->v, p->at + i);
            continue;
        }
        rc = parse_word(c->field, duck_text(s), s->length, &code);
        if (rc != CF_OK) {
            pq_set_null(c->v, p->at + i);
            fault(st, col, i, rc);
            continue;
        }
        out[i] = code;
        if (s->length <= DUCK_INLINE) {
            m->key = *s;
            m->code = code;
            m->generation = 1;
        }
    }
}

int pq_convert(pq_t *st, uint32_t i, const pq_piece_t *p)
{
    pq_col_t *c = &st->cols[i];
    bool text = c->type == DUCK_VARCHAR || c->type == DUCK_BLOB;

    if (c->field->kind == CF_KIND_STRING)
        return convert_string(st, i, p);
    if (c->field->kind == CF_KIND_ENUM) {
        convert_word(st, i, p);
        return CF_OK;
    }
    if (text)
        return convert_text(st, i, p);
    if (c->type == DUCK_DOUBLE)
        convert_double(st, i, p);
    else if (c->field->kind == CF_KIND_TIME)
        convert_time(st, i, p);
    else
        convert_uint(st, i, p);
    return CF_OK;
}

size_t pq_show(const pq_col_t *c, uint64_t row, char *out, size_t size)
{
    pq_piece_t one = { row, 1, 0, NULL };
    uint64_t number;
    int n;

    if (!pq_valid(c, row))
        return 0;
    if (c->type == DUCK_VARCHAR || c->type == DUCK_BLOB) {
        const duck_string_t *s = (const duck_string_t *)c->data + row;
        size_t length = s->length < size ? s->length : size;

        memcpy(out, duck_text(s), length);
        return length;
    }
    if (c->type == DUCK_DOUBLE) {
        n = snprintf(out, size, "%.15g", ((const double *)c->data)[row]);
    } else {
        take(c, &one, &number);
        n = c->type == DUCK_UBIGINT ? snprintf(out, size, "%" PRIu64, number)
                                    : snprintf(out, size, "%" PRId64, (int64_t)number);
    }
    return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}
