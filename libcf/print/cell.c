/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One value in any of the three forms: for result tables, where speed does not matter. Rows of
 * flows go through rows.c.
 */
#include "print/escape.h"
#include "print/put.h"

void cf_cell_of(cf_cell_t *c, const cf_field_t *f, const cf_vec_t *v, uint32_t row)
{
    uint32_t len;

    memset(c, 0, sizeof *c);
    if (v->absent || cf_vec_is_null(v, row))
        return;
    switch (v->kind) {
    case CF_KIND_UINT:
        c->type = CF_CELL_UINT;
        c->u = cf_vec_uint(v, row);
        break;
    case CF_KIND_FLAGS:
        c->type = CF_CELL_FLAGS;
        c->u = cf_vec_uint(v, row);
        break;
    case CF_KIND_TIME:
    case CF_KIND_DURATION:
        c->type = v->kind == CF_KIND_TIME ? CF_CELL_TIME : CF_CELL_DURATION;
        c->t = cf_vec_time(v, row);
        break;
    case CF_KIND_ADDR:
        c->type = CF_CELL_ADDR;
        c->a = cf_vec_addr(v, row);
        break;
    case CF_KIND_STRING:
        c->type = CF_CELL_TEXT;
        c->s = cf_vec_string(v, row, &len);
        c->n = len;
        break;
    case CF_KIND_ENUM:
        cf_cell_enum(c, f, (uint8_t)cf_vec_uint(v, row));
        break;
    default:
        break;
    }
}

void cf_cell_enum(cf_cell_t *c, const cf_field_t *f, uint8_t code)
{
    uint32_t n = 0;

    memset(c, 0, sizeof *c);
    while (f->names != NULL && f->names[n] != NULL && n < code)
        n++;
    c->u = code;
    if (f->names == NULL || f->names[n] == NULL) {
        c->type = CF_CELL_UINT;
        return;
    }
    c->type = CF_CELL_TEXT;
    c->s = f->names[n];
    c->n = strlen(c->s);
}

static size_t put_decimal(char *o, uint64_t v, unsigned scale)
{
    char digits[48];
    size_t n, at = 0;

    memset(digits, '0', sizeof digits);
    if (scale > 19)
        scale = 19;
    n = cf_uint_print(digits + 20, v);
    while (n <= scale) {                /* leading zeros stand before */
        n++;
        at++;
    }
    memcpy(o, digits + 20 - at, n - scale);
    if (scale == 0)
        return n;
    o[n - scale] = '.';
    memcpy(o + n - scale + 1, digits + 20 - at + n - scale, scale);
    return n + 1;
}

static int print_text(const cf_cell_t *c, const cf_print_options_t *o, cf_buf_t *out)
{
    cfi_escape_t e;
    int rc = cf_buf_reserve(out, CFI_ESCAPE_SIZE(c->n));

    if (rc != CF_OK)
        return rc;
    cfi_escape_init(&e, o);
    out->len += cfi_escape(&e, out->data + out->len, c->s, c->n);
    out->data[out->len] = '\0';
    return CF_OK;
}

int cf_cell_print(const cf_cell_t *c, const cf_print_options_t *o, cf_buf_t *out)
{
    bool json = o->format == CF_TEXT_NDJSON, quoted = false;
    char cell[64 + CFI_PUT_SLACK];
    cfi_day_t day = { 0 };
    char *at = cell + 1;

    switch (c->type) {
    case CF_CELL_NULL:
        return json ? cf_buf_puts(out, "null") : o->format == CF_TEXT_CSV ? CF_OK : cf_buf_puts(out, "-");
    case CF_CELL_TEXT:
        return print_text(c, o, out);
    case CF_CELL_BOOL:
        return cf_buf_puts(out, json ? (c->u != 0 ? "true" : "false") : c->u != 0 ? "yes" : "no");
    case CF_CELL_UINT:
        at += cfi_put_u128(at, c->hi, c->u);
        break;
    case CF_CELL_DECIMAL:
        at += put_decimal(at, c->u, c->scale);
        break;
    case CF_CELL_TIME:
        at = cfi_put_time(at, c->t, o->times, &day);
        quoted = o->times == CF_TIMEFORM_ISO;
        break;
    case CF_CELL_DURATION:
        at = cfi_put_seconds(at, c->t);
        break;
    case CF_CELL_ADDR:
        at = cfi_put_addr(at, c->a);
        quoted = true;
        break;
    case CF_CELL_FLAGS:
        at += cf_flags_print(at, (uint16_t)c->u);
        quoted = true;
        break;
    }
    if (!json || !quoted)
        return cf_buf_put(out, cell + 1, (size_t)(at - cell - 1));
    cell[0] = *at++ = '"';
    return cf_buf_put(out, cell, (size_t)(at - cell));
}
