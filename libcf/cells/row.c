/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop over a row: texts to cells, the reader's look at the cells, cells to columns. Nothing is
 * stored before everything is known to be good, so a rejected row leaves no trace.
 */
#include <stdio.h>
#include <strings.h>

#include "cells/cells.h"

/* ---- texts met before --------------------------------------------------------------------- */

static inline uint64_t load8(const char *s)
{
    uint64_t w;

    memcpy(&w, s, sizeof w);
    return w;
}

/* First and last eight bytes; up to 16 bytes these and the length are the whole text. */
static inline void words(const char *s, size_t n, uint64_t *a, uint64_t *b)
{
    uint32_t x, y;

    *b = 0;
    if (n >= 8) {
        *a = load8(s);
        *b = load8(s + n - 8);
    } else if (n >= 4) {
        memcpy(&x, s, sizeof x);
        memcpy(&y, s + n - 4, sizeof y);
        *a = (uint64_t)x << 32 | y;
    } else {
        *a = (uint64_t)(unsigned char)s[0] << 16 | (uint64_t)(unsigned char)s[n >> 1] << 8 |
             (unsigned char)s[n - 1];
    }
}

static inline cfi_memo_t *memo_at(cfi_memo_t *memo, uint64_t a, uint64_t b, size_t n)
{
    uint64_t h = (a ^ (b << 25 | b >> 39) ^ n) * UINT64_C(0x9e3779b97f4a7c15);

    return &memo[h >> (64 - CFI_MEMO_BITS)];
}

static int word_code(const cfi_col_t *c, const char *s, size_t n, uint8_t *code)
{
    const cf_word_t *w;

    for (w = c->c.words; w != NULL && w->text != NULL; w++) {
        if (strlen(w->text) == n && strncasecmp(w->text, s, n) == 0) {
            *code = w->code;
            return CF_OK;
        }
    }
    if (c->c.field != NULL && c->c.field->kind == CF_KIND_ENUM)
        return cf_field_enum_parse(c->c.field, s, n, code);
    if (c->c.field != NULL && c->c.field->unit == CF_UNIT_PROTO)
        return cf_proto_parse(s, n, code);
    return CF_R_ENUM;
}

/* Words and protocols are few: found once, remembered for the life of the table. */
static int cached(cfi_col_t *c, const char *s, size_t n, uint64_t *out)
{
    uint64_t a, b;
    cfi_memo_t *m;
    uint8_t code;
    int rc;

    words(s, n, &a, &b);
    m = memo_at(c->memo, a, b, n);
    if (m->a == a && m->b == b && m->n == n && n <= 16) {
        *out = m->code;
        return CF_OK;
    }
    rc = c->c.as == CF_AS_PROTO ? cf_proto_parse(s, n, &code) : word_code(c, s, n, &code);
    if (rc != CF_OK)
        return rc;
    *m = (cfi_memo_t){ .a = a, .b = b, .n = (uint32_t)n, .code = code };
    *out = code;
    return CF_OK;
}

static int string_code(cf_cells_t *t, cfi_col_t *c, cf_text_t s, uint32_t *code)
{
    cf_dict_t *dict = &c->v->dict;
    uint64_t a, b;
    uint32_t len;
    cfi_memo_t *m;
    int rc;

    if (c->c.as == CF_AS_UNIQUE || s.n == 0) {
        rc = cf_dict_append(dict, s.s, s.n);
        *code = dict->count - 1;
        t->heavy += s.n;
        return rc;
    }
    words(s.s, s.n, &a, &b);
    m = memo_at(c->memo, a, b, s.n);
    if (m->a == a && m->b == b && m->n == s.n && m->generation == t->generation &&
        (s.n <= 16 || memcmp(cf_dict_text(dict, m->code, &len), s.s, s.n) == 0)) {
        *code = m->code;
        return CF_OK;
    }
    len = dict->count;
    rc = cf_dict_code(dict, s.s, s.n, code);
    if (rc != CF_OK)
        return rc;
    t->heavy += dict->count > len ? s.n : 0;
    *m = (cfi_memo_t){ a, b, (uint32_t)s.n, *code, t->generation };
    return CF_OK;
}

/* ---- texts to cells ----------------------------------------------------------------------- */

static __attribute__((noinline)) bool null_text(const cf_cells_t *t, const char *s, size_t n)
{
    const char *const *w;

    for (w = t->o.nulls; *w != NULL; w++) {
        if (strlen(*w) == n && memcmp(*w, s, n) == 0)
            return true;
    }
    return false;
}

/* More digits than usual, or ".0" behind them as tables with gaps are often written. */
static __attribute__((noinline)) int odd_number(const char *s, size_t n, uint64_t max, uint64_t *out)
{
    const char *point = memchr(s, '.', n);
    size_t i;

    if (point != NULL) {
        for (i = (size_t)(point - s) + 1; i < n; i++) {
            if (s[i] != '0')
                return CF_R_NUMBER;
        }
        n = (size_t)(point - s);
    }
    return cf_uint_parse(s, n, max, out);
}

static inline int number(const cfi_col_t *c, const char *s, size_t n, uint64_t *out)
{
    if (__builtin_expect(cfi_digits(s, n, out) != CF_OK, 0))
        return odd_number(s, n, c->max, out);
    return *out <= c->max ? CF_OK : CF_R_RANGE;
}

static inline int address(const char *s, size_t n, cf_addr_t *out)
{
    uint32_t v4;

    if (cf_v4_parse(s, n, &v4) != CF_OK)
        return cf_addr_parse(s, n, out);
    *out = cf_addr_v4(v4);
    return CF_OK;
}

static inline int string(const char *s, size_t n, cf_cell_t *cell)
{
    cell->v.s.s = s;
    cell->v.s.n = n;
    if (n > CF_STRING_MAX)
        return CF_R_LONG;
    return memchr(s, '\0', n) != NULL ? CF_R_BYTES : CF_OK;
}

static inline int parse(const cf_cells_t *t, cfi_col_t *c, const char *s, size_t n, cf_cell_t *cell)
{
    int rc;

    switch (c->c.as) {
    case CF_AS_UINT: return number(c, s, n, &cell->v.u);
    case CF_AS_ADDR: return address(s, n, &cell->v.a);
    case CF_AS_PROTO:
    case CF_AS_WORD: return cached(c, s, n, &cell->v.u);
    case CF_AS_FLAGS:
    case CF_AS_HEXFLAGS:
        rc = cfi_flags_parse(s, n, c->c.as == CF_AS_HEXFLAGS, &cell->v.u);
        return rc == CF_OK && cell->v.u > c->max ? CF_R_RANGE : rc;
    case CF_AS_STRING:
    case CF_AS_UNIQUE: return string(s, n, cell);
    case CF_AS_ISO: return cfi_iso_parse(&c->day, t->o.zone, s, n, &cell->v.t);
    case CF_AS_SECONDS:
    case CF_AS_MILLIS:
    case CF_AS_MICROS:
    case CF_AS_NANOS:
        rc = cfi_scaled_parse(s, n, c->unit, &cell->v.t);
        return rc == CF_R_NUMBER ? CF_R_TIME : rc;
    case CF_AS_PATTERN: return cfi_pattern_parse(c->c.pattern, t->o.zone, s, n, &cell->v.t);
    case CF_AS_LENGTH: return cf_duration_parse(s, n, &cell->v.t);
    default: return CF_OK;
    }
}

/* Flags print their emptiness as "-": there it is a value. */
static inline bool is_null(const cf_cells_t *t, const cfi_col_t *c, const char *s, size_t n)
{
    if (n == 0 || s == NULL)
        return true;
    if (__builtin_expect(!t->null_first[(unsigned char)s[0]] || n > t->null_longest ||
                         n < t->null_shortest, 1))
        return false;
    return (c->c.as != CF_AS_FLAGS || n != 1 || s[0] != '-') && null_text(t, s, n);
}

/* ---- rejected rows ------------------------------------------------------------------------ */

void cf_cells_reject(const cf_reader_env_t *env, uint64_t *skip, int code, const cf_place_t *place,
                     const char *fmt, ...)
{
    char why[96];
    va_list ap;

    if (skip != NULL && *skip > 0) {
        --*skip;
        return;
    }
    va_start(ap, fmt);
    (void)vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    cf_rejects_add(env->rejects, code, place->line, place->offset, place->text.s, place->text.n,
                   "%s", why);
}

static const char *wrong(int code)
{
    switch (code) {
    case CF_R_TIME: return "is not a time";
    case CF_R_ADDR: return "is not an address";
    case CF_R_ENUM: return "is not known";
    case CF_R_BYTES: return "holds a zero byte";
    case CF_R_LONG: return "is too long";
    default: return "is not a number";
    }
}

static __attribute__((noinline)) void reject(cf_cells_t *t, const cfi_col_t *c, int code,
                                             cf_text_t value, const cf_place_t *place)
{
    int n = value.n < 40 ? (int)value.n : 40;

    if (code == CF_R_RANGE && c->c.as <= CF_AS_HEXFLAGS)
        cf_cells_reject(t->env, t->o.skip, code, place, "%.30s %.*s is above %llu", c->c.name, n,
                        value.s, (unsigned long long)c->max);
    else
        cf_cells_reject(t->env, t->o.skip, code, place, "%.30s \"%.*s\" %s", c->c.name, n, value.s,
                        code == CF_R_RANGE ? "is out of range" : wrong(code));
}

/* ---- cells to columns --------------------------------------------------------------------- */

static inline void set_null(cf_vec_t *v, uint32_t row)
{
    v->null[row >> 6] |= UINT64_C(1) << (row & 63);
    switch (v->width) {
    case 1: ((uint8_t *)v->data)[row] = 0; break;
    case 2: ((uint16_t *)v->data)[row] = 0; break;
    case 4: ((uint32_t *)v->data)[row] = 0; break;
    case 8: ((uint64_t *)v->data)[row] = 0; break;
    default: memset((char *)v->data + (size_t)row * v->width, 0, v->width); break;
    }
}

static int set_addr(cf_vec_t *v, uint32_t row, cf_addr_t a)
{
    if (v->width == 4 && cf_addr_is_v4(a)) {
        ((uint32_t *)v->data)[row] = (uint32_t)a.lo;
        return CF_OK;
    }
    if (v->width == 4 && cf_vec_widen(v, row) != CF_OK)
        return CF_E_NOMEM;
    ((cf_addr_t *)v->data)[row] = a;
    return CF_OK;
}

static inline int store(cf_cells_t *t, cfi_col_t *c, const cf_cell_t *cell, uint32_t row)
{
    cf_vec_t *v = c->v;

    if (cell->null) {
        set_null(v, row);
        return CF_OK;
    }
    if (c->string)
        return string_code(t, c, cell->v.s, (uint32_t *)v->data + row);
    if (v->kind == CF_KIND_ADDR)
        return set_addr(v, row, cell->v.a);
    switch (v->width) {
    case 1: ((uint8_t *)v->data)[row] = (uint8_t)cell->v.u; break;
    case 2: ((uint16_t *)v->data)[row] = (uint16_t)cell->v.u; break;
    case 4: ((uint32_t *)v->data)[row] = (uint32_t)cell->v.u; break;
    default: ((uint64_t *)v->data)[row] = cell->v.u; break;
    }
    return CF_OK;
}

static int keep(cf_cells_t *t, cf_diag_t *d)
{
    cf_account_t *a = t->env->account;
    cf_batch_t *b = t->batch;
    uint32_t i;
    int rc;

    for (i = 0; i < t->n; i++) {
        if (t->cols[i].v == NULL)
            continue;
        rc = store(t, &t->cols[i], &t->cells[i], b->rows);
        if (rc != CF_OK)
            return cf_diag_set(d, rc < 0 && !CF_IS_RECORD_ERR(rc) ? rc : CF_E_INTERNAL,
                               "no room for a batch of rows");
    }
    b->rows++;
    a->rows_read++;
    a->rows_kept++;
    if (t->status >= 0 && !t->cells[t->status].null) {
        a->nodata += t->cells[t->status].v.u == CF_LOGSTATUS_NODATA;
        a->skipdata += t->cells[t->status].v.u == CF_LOGSTATUS_SKIPDATA;
    }
    if (t->stime >= 0 && !t->cells[t->stime].null) {
        int64_t at = t->cells[t->stime].v.t;

        a->tmin = at < a->tmin ? at : a->tmin;
        a->tmax = at > a->tmax ? at : a->tmax;
    }
    return CF_OK;
}

/* Looks that need several cells. */
static int look(cf_cells_t *t, const char **why)
{
    int rc = t->o.row != NULL ? t->o.row(t->o.ctx, t->cells, why) : CF_OK;

    if (rc == CF_OK && t->stime >= 0 && t->etime >= 0 && !t->cells[t->stime].null &&
        !t->cells[t->etime].null && t->cells[t->etime].v.t < t->cells[t->stime].v.t) {
        *why = "end is before start";
        rc = CF_R_TIME;
    }
    return rc;
}

int cf_cells_row(cf_cells_t *t, const cf_text_t *texts, uint32_t n, const cf_place_t *place,
                 cf_diag_t *d)
{
    const char *why = "row is wrong";
    uint32_t i;
    int rc;

    for (i = 0; i < t->n; i++) {
        cfi_col_t *c = &t->cols[i];
        const cf_text_t *x;

        t->cells[i].null = true;
        if (c->c.from < 0 || (uint32_t)c->c.from >= n)
            continue;
        x = &texts[c->c.from];
        if (is_null(t, c, x->s, x->n))
            continue;
        rc = parse(t, c, x->s, x->n, &t->cells[i]);
        if (__builtin_expect(rc != CF_OK, 0)) {
            if (c->c.lenient && CF_IS_RECORD_ERR(rc))
                continue;
            reject(t, c, rc, *x, place);
            return CF_OK;
        }
        t->cells[i].null = false;
    }
    rc = look(t, &why);
    if (rc == CF_EOF)
        return CF_OK;
    if (rc != CF_OK) {
        if (CF_IS_RECORD_ERR(rc))
            cf_cells_reject(t->env, t->o.skip, rc, place, "%s", why);
        return CF_IS_RECORD_ERR(rc) ? CF_OK : cf_diag_set(d, rc, "%s", why);
    }
    if (t->o.skip != NULL && *t->o.skip > 0) {
        --*t->o.skip;
        return CF_OK;
    }
    return keep(t, d);
}
