/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batches: create, reset to another schema, and append selected rows of one batch to another, which
 * is how full blocks are made of what filters leave.
 */
#include <stdlib.h>
#include <string.h>

#include "batch/compact.h"

cf_batch_t *cf_batch_create(const cf_schema_t *s)
{
    cf_batch_t *b = calloc(1, sizeof *b);

    if (b != NULL && cf_batch_reset(b, s) != CF_OK) {
        cf_batch_destroy(b);
        return NULL;
    }
    return b;
}

static void free_cols(cf_batch_t *b)
{
    for (uint32_t i = 0; i < b->ncols; i++)
        cf_vec_fini(&b->cols[i]);
    free(b->cols);
    b->cols = NULL;
    b->ncols = 0;
}

void cf_batch_destroy(cf_batch_t *b)
{
    if (b == NULL)
        return;
    free_cols(b);
    cf_schema_put(b->schema);
    free(b);
}

int cf_batch_reset(cf_batch_t *b, const cf_schema_t *s)
{
    uint32_t n = cf_schema_count(s);

    if (b->schema == NULL || !cf_schema_equal(b->schema, s)) {
        cf_vec_t *cols = calloc(n > 0 ? n : 1, sizeof *cols);

        if (cols == NULL)
            return CF_E_NOMEM;
        free_cols(b);
        b->cols = cols;
        b->ncols = n;
        for (uint32_t i = 0; i < n; i++)
            cf_vec_init(&b->cols[i], cf_schema_field(s, i));
    }
    if (b->schema != s) {
        cf_schema_t *old = b->schema;

        b->schema = cf_schema_get(s);
        cf_schema_put(old);
    }
    b->rows = 0;
    for (uint32_t i = 0; i < n; i++) {
        b->cols[i].nulls = 0;
        b->cols[i].absent = false;
        cf_dict_reset(&b->cols[i].dict);
    }
    return CF_OK;
}

/* ---- append ---------------------------------------------------------------------------------- */

/* Rows to copy, as runs: selected positions of src in order. */
struct pick {
    const uint32_t *row;       /* positions, or NULL: the run first .. first + n */
    uint32_t first;
    uint32_t n;
    const uint64_t *sel;       /* with positions: they are the bits first .. end of it */
    uint32_t end;
};

#define COPY(type)                                                                                \
    do {                                                                                          \
        const type *from = src->data;                                                             \
        type *to = (type *)dst->data + at;                                                        \
        for (uint32_t i = 0; i < p->n; i++)                                                       \
            to[i] = from[p->row[i]];                                                              \
    } while (0)

static void copy_values(cf_vec_t *dst, uint32_t at, const cf_vec_t *src, const struct pick *p)
{
    if (p->row == NULL) {
        memcpy((char *)dst->data + (size_t)at * dst->width, (const char *)src->data + (size_t)p->first * src->width,
               (size_t)p->n * src->width);
        return;
    }
    switch (src->width) {
    case 1: COPY(uint8_t); break;
    case 2: COPY(uint16_t); break;
    case 4: COPY(uint32_t); break;
    case 8: COPY(uint64_t); break;
    default: COPY(cf_addr_t); break;
    }
}

static void copy_nulls(cf_vec_t *dst, uint32_t at, const cf_vec_t *src, const struct pick *p)
{
    if (dst->nulls == 0 && src->nulls == 0)
        return;
    if (dst->nulls == 0)
        memset(dst->null, 0, CF_BATCH_WORDS * sizeof *dst->null);
    if (p->row != NULL && src->nulls > 0) {
        dst->nulls += cfi_bits_compact(src->null, p->sel, p->first, p->end, dst->null, at);
        return;
    }
    for (uint32_t i = 0; i < p->n;) {
        uint32_t row = at + i, shift = row & 63, n = 64 - shift < p->n - i ? 64 - shift : p->n - i;
        uint64_t mask = (n == 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1) << shift, bits = 0;

        /* a word of dst at a time */
        for (uint32_t k = 0; src->nulls > 0 && k < n; k++) {
            uint32_t from = p->first + i + k;

            bits |= (src->null[from >> 6] >> (from & 63) & 1) << k;
        }
        dst->null[row >> 6] = (dst->null[row >> 6] & ~mask) | bits << shift;
        dst->nulls += (uint32_t)__builtin_popcountll(bits);
        i += n;
    }
}

/* IPv4 rows into a vector of wide addresses. */
static void copy_widened(cf_vec_t *dst, uint32_t at, const cf_vec_t *src, const struct pick *p)
{
    cf_addr_t *to = (cf_addr_t *)dst->data + at;

    for (uint32_t i = 0; i < p->n; i++) {
        uint32_t row = p->row != NULL ? p->row[i] : p->first + i;

        to[i] = cf_vec_is_null(src, row) ? (cf_addr_t){ 0, 0 } : cf_vec_addr(src, row);
    }
}

/* Mark the codes that rows which are not null have. No branches: most columns of a log have nulls. */
static void mark_used(const cf_vec_t *src, const struct pick *p, uint8_t *used)
{
    const uint32_t *from = src->data;

    for (uint32_t i = 0; src->nulls == 0 && i < p->n; i++)
        used[from[p->row != NULL ? p->row[i] : p->first + i]] = 1;
    for (uint32_t i = 0; src->nulls > 0 && i < p->n; i++) {
        uint32_t row = p->row != NULL ? p->row[i] : p->first + i;

        used[from[row]] |= (uint8_t)(~(src->null[row >> 6] >> (row & 63)) & 1);
    }
}

/*
 * Codes of src's dictionary become codes of dst's; only texts that are used move. A null row takes
 * what its code maps to, or 0.
 */
static int copy_strings(cf_vec_t *dst, uint32_t at, const cf_vec_t *src, const struct pick *p)
{
    const uint32_t *from = src->data;
    uint32_t *to = (uint32_t *)dst->data + at, count = src->dict.count, *map;
    uint8_t *used;
    int rc = CF_OK;

    if (count == 0) {
        memset(to, 0, p->n * sizeof *to);
        return CF_OK;
    }
    map = calloc(count, sizeof *map + 1);
    if (map == NULL)
        return CF_E_NOMEM;
    used = (uint8_t *)(map + count);
    mark_used(src, p, used);
    for (uint32_t code = 0; rc == CF_OK && code < count; code++) {
        uint32_t len;
        const char *text = cf_dict_text(&src->dict, code, &len);

        if (used[code])
            rc = cf_dict_code(&dst->dict, text, len, &map[code]);
    }
    if (p->row != NULL)
        for (uint32_t i = 0; i < p->n; i++)
            to[i] = map[from[p->row[i]]];
    else
        for (uint32_t i = 0; i < p->n; i++)
            to[i] = map[from[p->first + i]];
    free(map);
    return rc;
}

static int append_column(cf_vec_t *dst, uint32_t at, const cf_vec_t *src, const struct pick *p)
{
    int rc = CF_OK;

    if (dst->kind == CF_KIND_ADDR && at == 0 && dst->width != src->width)
        dst->width = src->width;
    if (dst->kind == CF_KIND_ADDR && dst->width == 4 && src->width == 16) {
        rc = cf_vec_widen(dst, at);
        if (rc != CF_OK)
            return rc;
    }
    rc = cf_vec_reserve(dst, dst->width);
    if (rc != CF_OK)
        return rc;
    if (dst->kind == CF_KIND_STRING) {
        rc = copy_strings(dst, at, src, p);
    } else if (dst->width != src->width) {
        copy_widened(dst, at, src, p);
    } else {
        copy_values(dst, at, src, p);
    }
    if (rc == CF_OK)
        copy_nulls(dst, at, src, p);
    return rc;
}

/* Selected rows from *from on, at most room; *from moves behind the last one looked at. */
static uint32_t collect(const uint64_t *sel, uint32_t rows, uint32_t *from, uint32_t room, uint32_t *out)
{
    uint32_t n = 0, row = *from;

    while (row < rows && n < room) {
        uint64_t word = sel[row >> 6] >> (row & 63);

        if (word == 0) {
            row = (row | 63) + 1;
            continue;
        }
        row += (uint32_t)__builtin_ctzll(word);
        if (row >= rows)
            break;
        out[n++] = row++;
    }
    *from = row < rows ? row : rows;
    return n;
}

int cf_batch_append(cf_batch_t *dst, const cf_batch_t *src, const uint64_t *sel, uint32_t *from)
{
    uint32_t room = CF_BATCH_ROWS - dst->rows, start = *from;
    struct pick p = { .row = NULL, .first = start, .sel = sel };
    uint32_t *rows = NULL;
    int rc = CF_OK;

    if (sel == NULL) {
        p.n = src->rows - start < room ? src->rows - start : room;
        *from = start + p.n;
    } else {
        rows = malloc(CF_BATCH_ROWS * sizeof *rows);
        if (rows == NULL)
            return CF_E_NOMEM;
        p.n = collect(sel, src->rows, from, room, rows);
        p.row = rows;
        p.end = *from;
    }
    for (uint32_t i = 0; p.n > 0 && rc == CF_OK && i < dst->ncols; i++)
        rc = append_column(&dst->cols[i], dst->rows, &src->cols[i], &p);
    if (rc == CF_OK)
        dst->rows += p.n;
    free(rows);
    return rc;
}
