/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The row loop. Each column becomes an operation chosen once a block (width known, nulls or none,
 * strings clean or not), so that a cell costs a well-predicted jump and a few stores. Room for the
 * widest possible row is reserved ahead for many rows at a time: cells are written without bounds
 * checks, and may store past their end by CFI_PUT_SLACK bytes.
 */
#include <stdlib.h>

#include "print/rows.h"

enum op {
    OP_NULL, OP_U8, OP_U16, OP_U32, OP_U64, OP_TIME, OP_DURATION, OP_V4, OP_ADDR, OP_FLAGS8, OP_FLAGS16,
    OP_ENUM, OP_CLEAN, OP_DIRTY
};

struct col {
    const cfi_rowcol_t *c;
    enum op op;
    const uint64_t *null;      /* NULL = no row is null */
    const void *data;
    const cf_dict_t *dict;
    cfi_day_t day;
};

struct job {
    const cf_rowprint_t *p;
    struct col *cols;
    size_t row_max;            /* bytes of the widest possible row, without slack */
};

static enum op choose(const cf_rowprint_t *p, const cf_vec_t *v, uint32_t rows)
{
    if (v->absent || v->nulls >= rows)
        return OP_NULL;
    switch (v->kind) {
    case CF_KIND_UINT:
        return v->width == 1 ? OP_U8 : v->width == 2 ? OP_U16 : v->width == 4 ? OP_U32 : OP_U64;
    case CF_KIND_TIME:
        return OP_TIME;
    case CF_KIND_DURATION:
        return OP_DURATION;
    case CF_KIND_ADDR:
        return v->width == 4 ? OP_V4 : OP_ADDR;
    case CF_KIND_FLAGS:
        return v->width == 1 ? OP_FLAGS8 : OP_FLAGS16;
    case CF_KIND_ENUM:
        return OP_ENUM;
    case CF_KIND_STRING:
        if (v->dict.count == 0)
            return OP_NULL;
        return cfi_escape_clean(&p->escape, v->dict.bytes, v->dict.offset[v->dict.count])
            ? OP_CLEAN : OP_DIRTY;
    default:
        return OP_NULL;
    }
}

static size_t widest_string(const cf_dict_t *d)
{
    uint32_t max = 0;

    for (uint32_t i = 0; i < d->count; i++) {
        uint32_t len = d->offset[i + 1] - d->offset[i];

        max = len > max ? len : max;
    }
    return max;
}

/* Bytes a cell of this column takes at most. */
static size_t cell_max(const struct col *c)
{
    size_t n = CFI_WORD_SIZE;          /* all that is not a string */

    if (c->op == OP_CLEAN)
        n += widest_string(c->dict);
    else if (c->op == OP_DIRTY)
        n += CFI_ESCAPE_SIZE(widest_string(c->dict));
    if (n < c->c->width)
        n = c->c->width;
    return n + c->c->key_len + 4;
}

static void job_init(struct job *j, const cf_rowprint_t *p, const cf_vec_t *const *cols, uint32_t rows)
{
    j->p = p;
    j->row_max = 2;
    for (uint32_t i = 0; i < p->n; i++) {
        struct col *c = &j->cols[i];

        c->c = &p->cols[i];
        c->op = choose(p, cols[i], rows);
        c->null = cols[i]->nulls > 0 ? cols[i]->null : NULL;
        c->data = cols[i]->data;
        c->dict = &cols[i]->dict;
        c->day.known = false;
        j->row_max += cell_max(c);
    }
}

static inline char *put_clean(const struct col *c, char *o, uint32_t code, bool json)
{
    const cf_dict_t *d = c->dict;
    uint32_t at = d->offset[code], len = d->offset[code + 1] - at;

    if (len == 0 || json)
        *o++ = '"';
    if (len <= 32 && d->bytes_size >= 32 && at <= d->bytes_size - 32)
        memcpy(o, d->bytes + at, 32);
    else
        memcpy(o, d->bytes + at, len);
    o += len;
    if (len == 0 || json)
        *o++ = '"';
    return o;
}

static inline char *put_enum(const struct col *c, char *o, uint8_t code)
{
    if (code >= c->c->nwords)
        return cfi_put_u32(o, code);
    memcpy(o, c->c->words[code], CFI_WORD_SIZE);
    return o + c->c->word_len[code];
}

static inline char *put_flags(const cf_rowprint_t *p, char *o, uint16_t flags)
{
    if (flags >= CFI_FLAG_WORDS)
        return o + cf_flags_print(o, flags);
    memcpy(o, p->flags[flags].text, sizeof p->flags[flags].text);
    return o + p->flags[flags].len;
}

static inline char *put_cell(const cf_rowprint_t *p, struct col *c, char *o, uint32_t row, bool json)
{
    switch (c->op) {
    case OP_U8:
        return cfi_put_u32(o, ((const uint8_t *)c->data)[row]);
    case OP_U16:
        return cfi_put_u32(o, ((const uint16_t *)c->data)[row]);
    case OP_U32:
        return cfi_put_u32(o, ((const uint32_t *)c->data)[row]);
    case OP_U64:
        return cfi_put_u64(o, ((const uint64_t *)c->data)[row]);
    case OP_TIME:
        return cfi_put_time(o, ((const int64_t *)c->data)[row], p->o.times, &c->day);
    case OP_DURATION:
        return cfi_put_seconds(o, ((const int64_t *)c->data)[row]);
    case OP_V4:
        return cfi_put_v4(o, ((const uint32_t *)c->data)[row]);
    case OP_ADDR:
        return cfi_put_addr(o, ((const cf_addr_t *)c->data)[row]);
    case OP_FLAGS8:
        return put_flags(p, o, ((const uint8_t *)c->data)[row]);
    case OP_FLAGS16:
        return put_flags(p, o, ((const uint16_t *)c->data)[row]);
    case OP_ENUM:
        return put_enum(c, o, ((const uint8_t *)c->data)[row]);
    case OP_CLEAN:
        return put_clean(c, o, ((const uint32_t *)c->data)[row], json);
    case OP_DIRTY: {
        uint32_t len;
        const char *s = cf_dict_text(c->dict, ((const uint32_t *)c->data)[row], &len);

        return o + cfi_escape(&p->escape, o, s, len);
    }
    case OP_NULL:
        break;
    }
    return o;
}

static inline bool is_null(const struct col *c, uint32_t row)
{
    return c->op == OP_NULL || (c->null != NULL && (c->null[row >> 6] >> (row & 63) & 1) != 0);
}

static char *csv_row(struct job *j, char *o, uint32_t row)
{
    uint32_t n = j->p->n;

    for (uint32_t i = 0; i < n; i++) {
        struct col *c = &j->cols[i];

        if (!is_null(c, row))
            o = put_cell(j->p, c, o, row, false);
        *o++ = ',';
    }
    o[-1] = '\n';
    return o;
}

static char *json_row(struct job *j, char *o, uint32_t row)
{
    char *start = o;
    uint32_t n = j->p->n;

    for (uint32_t i = 0; i < n; i++) {
        struct col *c = &j->cols[i];

        if (is_null(c, row))
            continue;
        memcpy(o, c->c->key, 16);
        if (c->c->key_len > 16)
            memcpy(o + 16, c->c->key + 16, CFI_KEY_SIZE - 16);
        o = put_cell(j->p, c, o + c->c->key_len, row, true);
        *o = '"';
        o += c->c->quoted;
    }
    if (o == start)
        o++;
    *start = '{';                      /* over the first comma */
    *o++ = '}';
    *o++ = '\n';
    return o;
}

/*
 * Blanks behind (or for numbers before) a cell of len bytes. Bytes of UTF-8 that continue a
 * character take no column; only cells that went through cfi_escape can have such.
 */
static inline char *align(const struct col *c, char *o, size_t len, bool last)
{
    static const char blanks[65] = "                                                                ";
    size_t seen = len, width = c->c->width, pad;

    if (c->op == OP_DIRTY)
        for (size_t i = 0; i < len; i++)
            seen -= ((unsigned char)o[i] & 0xc0) == 0x80;
    if (seen >= width || (last && !c->c->right))
        return o + len;
    pad = width - seen;
    if (!c->c->right) {
        memcpy(o + len, blanks, 64);
    } else {                           /* a number: at most 32 bytes */
        char cell[32];

        memcpy(cell, o, sizeof cell);
        memcpy(o, blanks, 64);
        memcpy(o + pad, cell, sizeof cell);
    }
    return o + len + pad;
}

static char *text_row(struct job *j, char *o, uint32_t row)
{
    const cf_rowprint_t *p = j->p;
    uint32_t n = p->n;

    for (uint32_t i = 0; i < n; i++) {
        struct col *c = &j->cols[i];
        char *end = o + 1;

        if (is_null(c, row))
            *o = '-';
        else
            end = put_cell(p, c, o, row, false);
        o = align(c, o, (size_t)(end - o), i + 1 == n);
        memcpy(o, p->sep, 2);
        o += p->sep_len;
    }
    o -= p->sep_len;
    *o++ = '\n';
    return o;
}

static inline char *put_row(struct job *j, char *o, uint32_t row)
{
    switch (j->p->o.format) {
    case CF_TEXT_CSV:
        return csv_row(j, o, row);
    case CF_TEXT_NDJSON:
        return json_row(j, o, row);
    default:
        return text_row(j, o, row);
    }
}

/* First selected row at or behind row, or rows. */
static uint32_t next_row(const uint64_t *sel, uint32_t row, uint32_t rows)
{
    uint32_t word = row >> 6;
    uint64_t bits;

    if (row >= rows)
        return rows;
    bits = sel[word] >> (row & 63) << (row & 63);
    while (bits == 0) {
        if (++word >= (rows + 63) / 64)
            return rows;
        bits = sel[word];
    }
    row = word * 64 + (uint32_t)__builtin_ctzll(bits);
    return row < rows ? row : rows;
}

/* Room for at least one row; how many rows surely fit. */
static int make_room(const struct job *j, cf_buf_t *out, size_t *fit)
{
    size_t ahead = (256u << 10) / j->row_max + 1, room;
    int rc = CF_E_LIMIT;

    if (cf_size_mul(ahead, j->row_max, &room) && cf_size_add(room, CFI_PUT_SLACK, &room))
        rc = cf_buf_reserve(out, room);
    if (rc == CF_E_LIMIT && ahead > 1) {
        ahead = 1;
        rc = cf_buf_reserve(out, j->row_max + CFI_PUT_SLACK);
    }
    *fit = ahead;
    return rc;
}

int cf_rowprint_rows(const cf_rowprint_t *p, const cf_vec_t *const *cols, uint32_t rows,
                     const uint64_t *sel, uint32_t *row, size_t limit, cf_buf_t *out)
{
    struct job j;
    uint32_t r = *row;
    int rc = CF_OK;

    if (r >= rows)
        return CF_OK;
    j.cols = calloc(p->n, sizeof *j.cols);
    if (j.cols == NULL)
        return CF_E_NOMEM;
    job_init(&j, p, cols, rows);
    if (sel != NULL)
        r = next_row(sel, r, rows);
    while (r < rows && out->len < limit) {
        size_t fit;
        char *o;

        rc = make_room(&j, out, &fit);
        if (rc != CF_OK)
            break;
        o = out->data + out->len;
        for (; fit > 0 && r < rows; fit--) {
            o = put_row(&j, o, r++);
            if (sel != NULL)
                r = next_row(sel, r, rows);
        }
        out->len = (size_t)(o - out->data);
        out->data[out->len] = '\0';
    }
    *row = r;
    free(j.cols);
    return rc;
}
