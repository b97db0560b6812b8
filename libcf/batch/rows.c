/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Row builder: what a reader sets of one row, then commits or discards. The batch begins with every
 * value null and zero, so setting a value clears one bit, and a discarded row is put back to that
 * state.
 */
#include <string.h>

#include <cf/batch.h>

int cf_rows_begin(cf_rows_t *r, cf_batch_t *b)
{
    for (uint32_t i = 0; i < b->ncols; i++) {
        cf_vec_t *v = &b->cols[i];
        int rc = cf_vec_reserve(v, v->kind == CF_KIND_ADDR ? 4 : v->width);

        if (rc != CF_OK)
            return rc;
        memset(v->data, 0, (size_t)CF_BATCH_ROWS * v->width);
        memset(v->null, 0xff, CF_BATCH_WORDS * sizeof *v->null);
        v->nulls = CF_BATCH_ROWS;
        v->absent = false;
        cf_dict_reset(&v->dict);
    }
    b->rows = 0;
    r->batch = b;
    r->row = 0;
    return CF_OK;
}

static inline void clear_null(cf_vec_t *v, uint32_t row)
{
    v->null[row >> 6] &= ~(UINT64_C(1) << (row & 63));
}

void cf_rows_set_uint(cf_rows_t *r, uint32_t col, uint64_t value)
{
    cf_vec_t *v = &r->batch->cols[col];

    switch (v->width) {
    case 1: ((uint8_t *)v->data)[r->row] = (uint8_t)value; break;
    case 2: ((uint16_t *)v->data)[r->row] = (uint16_t)value; break;
    case 4: ((uint32_t *)v->data)[r->row] = (uint32_t)value; break;
    default: ((uint64_t *)v->data)[r->row] = value; break;
    }
    clear_null(v, r->row);
}

void cf_rows_set_time(cf_rows_t *r, uint32_t col, int64_t ns)
{
    cf_vec_t *v = &r->batch->cols[col];

    ((int64_t *)v->data)[r->row] = ns;
    clear_null(v, r->row);
}

int cf_rows_set_addr(cf_rows_t *r, uint32_t col, cf_addr_t a)
{
    cf_vec_t *v = &r->batch->cols[col];

    if (v->width == 4) {
        if (cf_addr_is_v4(a)) {
            ((uint32_t *)v->data)[r->row] = (uint32_t)a.lo;
            clear_null(v, r->row);
            return CF_OK;
        }
        if (cf_vec_widen(v, r->row) != CF_OK)
            return CF_E_NOMEM;
        memset((cf_addr_t *)v->data + r->row, 0, (CF_BATCH_ROWS - r->row) * sizeof(cf_addr_t));
    }
    ((cf_addr_t *)v->data)[r->row] = a;
    clear_null(v, r->row);
    return CF_OK;
}

int cf_rows_set_string(cf_rows_t *r, uint32_t col, const char *s, size_t n)
{
    cf_vec_t *v = &r->batch->cols[col];
    uint32_t code;
    int rc = cf_dict_code(&v->dict, s, n, &code);

    if (rc != CF_OK)
        return rc;
    ((uint32_t *)v->data)[r->row] = code;
    clear_null(v, r->row);
    return CF_OK;
}

bool cf_rows_commit(cf_rows_t *r)
{
    r->batch->rows = ++r->row;
    return r->row == CF_BATCH_ROWS;
}

void cf_rows_discard(cf_rows_t *r)
{
    for (uint32_t i = 0; i < r->batch->ncols; i++) {
        cf_vec_t *v = &r->batch->cols[i];

        memset((char *)v->data + (size_t)r->row * v->width, 0, v->width);
        v->null[r->row >> 6] |= UINT64_C(1) << (r->row & 63);
    }
}

void cf_rows_end(cf_rows_t *r)
{
    for (uint32_t i = 0; i < r->batch->ncols; i++) {
        cf_vec_t *v = &r->batch->cols[i];

        v->nulls = cf_bits_count(v->null, r->batch->rows);
    }
}
