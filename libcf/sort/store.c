/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows in memory. Each column is a list of segments of CF_BATCH_ROWS values; a segment in which all
 * rows say the same or nothing takes no room, and addresses take 32 bits each, with the few that
 * are not IPv4 in a list beside them. Texts have one numbering over all segments.
 */
#include <stdlib.h>
#include <string.h>

#include "sort/sort.h"

int cfi_store_init(cfi_store_t *st, const cf_field_t *const *derived, uint32_t nderived)
{
    memset(st, 0, sizeof *st);
    st->schema = cf_schema_create();
    st->derived = calloc(nderived + 1, sizeof *st->derived);
    st->scratch = calloc(nderived + 1, sizeof *st->scratch);
    if (st->schema == NULL || st->derived == NULL || st->scratch == NULL)
        return CF_E_NOMEM;
    for (uint32_t i = 0; i < nderived; i++) {
        st->derived[i] = derived[i];
        cf_vec_init(&st->scratch[i], derived[i]);
    }
    st->nderived = nderived;
    return CF_OK;
}

static void drop_seg(cfi_seg_t *g)
{
    free(g->data);
    free(g->null);
    free(g->wide);
    memset(g, 0, sizeof *g);
}

static void drop_rows(cfi_store_t *st, cfi_storecol_t *c)
{
    for (uint32_t i = 0; i < st->nsegs; i++)
        drop_seg(&c->seg[i]);
    cf_dict_reset(&c->dict);
    c->nothers = 0;
    c->nulls = false;
}

void cfi_store_clear(cfi_store_t *st)
{
    for (uint32_t i = 0; i < st->ncols; i++)
        drop_rows(st, st->cols[i]);
    st->nsegs = st->fill = 0;
    st->rows = st->bytes = 0;
}

void cfi_store_fini(cfi_store_t *st)
{
    cfi_store_clear(st);
    for (uint32_t i = 0; i < st->ncols; i++) {
        cfi_storecol_t *c = st->cols[i];

        cf_dict_fini(&c->dict);
        free(c->seg);
        free(c->others);
        free(c->map);
        free(c);
    }
    for (uint32_t i = 0; i < st->nderived; i++)
        cf_vec_fini(&st->scratch[i]);
    free(st->cols);
    free(st->derived);
    free(st->scratch);
    cf_schema_put(st->schema);
    memset(st, 0, sizeof *st);
}

cfi_storecol_t *cfi_store_col(const cfi_store_t *st, const cf_field_t *f)
{
    for (uint32_t i = 0; i < st->ncols; i++)
        if (st->cols[i]->field == f)
            return st->cols[i];
    return NULL;
}

/* ---- columns ------------------------------------------------------------------------------- */

static cfi_storecol_t *new_col(const cfi_store_t *st, const cf_field_t *f)
{
    cfi_storecol_t *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    c->field = f;
    c->width = f->kind == CF_KIND_ADDR || f->kind == CF_KIND_STRING ? 4 : f->width;
    cf_dict_init(&c->dict);
    c->nulls = st->rows > 0;
    c->seg = calloc(st->segs_size + 1, sizeof *c->seg);
    if (c->seg == NULL) {
        free(c);
        return NULL;
    }
    return c;
}

/* Put a column at place at. */
static int insert_col(cfi_store_t *st, uint32_t at, const cf_field_t *f)
{
    cfi_storecol_t **cols = realloc(st->cols, (st->ncols + 1) * sizeof *cols), *c;

    if (cols == NULL)
        return CF_E_NOMEM;
    st->cols = cols;
    c = new_col(st, f);
    if (c == NULL)
        return CF_E_NOMEM;
    memmove(cols + at + 1, cols + at, (st->ncols - at) * sizeof *cols);
    cols[at] = c;
    st->ncols++;
    return CF_OK;
}

int cfi_store_fit(cfi_store_t *st, const cf_schema_t *more)
{
    cf_schema_t *both;
    int rc = CF_OK;

    if (st->nstored > 0 && cf_schema_equal(st->schema, more))
        return CF_OK;
    both = cf_schema_union(st->schema, more);
    if (both == NULL)
        return CF_E_NOMEM;
    for (uint32_t i = st->nstored; i < cf_schema_count(both) && rc == CF_OK; i++) {
        rc = insert_col(st, i, cf_schema_field(both, i));
        st->nstored += rc == CF_OK;
    }
    for (uint32_t i = 0; i < st->nderived && rc == CF_OK; i++)
        if (cfi_store_col(st, st->derived[i]) == NULL)
            rc = insert_col(st, st->ncols, st->derived[i]);
    cf_schema_put(st->schema);
    st->schema = both;
    return rc;
}

static int new_seg(cfi_store_t *st)
{
    if (st->nsegs == st->segs_size) {
        uint32_t size = st->segs_size == 0 ? 16 : st->segs_size * 2;

        for (uint32_t i = 0; i < st->ncols; i++) {
            cfi_seg_t *seg = realloc(st->cols[i]->seg, (size + 1) * sizeof *seg);

            if (seg == NULL)
                return CF_E_NOMEM;
            memset(seg + st->segs_size, 0, (size + 1 - st->segs_size) * sizeof *seg);
            st->cols[i]->seg = seg;
        }
        st->segs_size = size;
    }
    st->nsegs++;
    st->fill = 0;
    return CF_OK;
}

/* ---- rows ---------------------------------------------------------------------------------- */

/* Rows from .. from + n of a vector on their way to place at of the last segment. */
struct piece {
    const cf_vec_t *v;         /* NULL = the batch has no such column */
    uint32_t from, n, at;
};

static bool all_null(const struct piece *p)
{
    if (p->v == NULL || p->v->absent)
        return true;
    for (uint32_t i = 0; i < p->n; i++)
        if (!cf_vec_is_null(p->v, p->from + i))
            return false;
    return true;
}

static uint64_t value_at(const cfi_storecol_t *c, const cf_vec_t *v, uint32_t row)
{
    if (v->kind == CF_KIND_STRING)
        return c->map[((const uint32_t *)v->data)[row]];
    if (v->kind == CF_KIND_ADDR)
        return cf_vec_addr(v, row).lo & UINT32_MAX;
    return cf_vec_uint(v, row);
}

/* Without nulls, and all the same? A look at the bytes: each value equals the one before. */
static bool is_constant(const cfi_storecol_t *c, const struct piece *p, uint64_t *value)
{
    const char *bytes = (const char *)p->v->data + (size_t)p->from * p->v->width;

    if (p->v->nulls > 0 || (p->v->kind == CF_KIND_ADDR && !cf_addr_is_v4(cf_vec_addr(p->v, p->from))))
        return false;
    *value = value_at(c, p->v, p->from);
    return p->n == 1 || memcmp(bytes, bytes + p->v->width, (size_t)(p->n - 1) * p->v->width) == 0;
}

#define FILL(type) \
    do { \
        for (uint32_t i = from; i < to; i++) \
            ((type *)g->data)[i] = (type)value; \
    } while (0)

static void fill(const cfi_storecol_t *c, cfi_seg_t *g, uint32_t from, uint32_t to, uint64_t value)
{
    switch (c->width) {
    case 1: FILL(uint8_t); break;
    case 2: FILL(uint16_t); break;
    case 4: FILL(uint32_t); break;
    default: FILL(uint64_t); break;
    }
}

static uint64_t *need_bits(cfi_store_t *st, uint64_t **bits)
{
    if (*bits == NULL) {
        *bits = calloc(CF_BATCH_WORDS, sizeof **bits);
        st->bytes += *bits != NULL ? CF_BATCH_WORDS * sizeof **bits : 0;
    }
    return *bits;
}

static void set_bits(uint64_t *bits, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        bits[i >> 6] |= UINT64_C(1) << (i & 63);
}

/* Values in place of what the first rows of the segment have in common. */
static int become_data(cfi_store_t *st, const cfi_storecol_t *c, cfi_seg_t *g, uint32_t rows)
{
    if (g->state == CFI_SEG_DATA)
        return CF_OK;
    g->data = malloc((size_t)CF_BATCH_ROWS * c->width);
    if (g->data == NULL)
        return CF_E_NOMEM;
    st->bytes += (size_t)CF_BATCH_ROWS * c->width;
    fill(c, g, 0, rows, g->state == CFI_SEG_CONST ? g->value : 0);
    if (g->state == CFI_SEG_NULL && rows > 0) {
        if (need_bits(st, &g->null) == NULL)
            return CF_E_NOMEM;
        set_bits(g->null, 0, rows);
    }
    g->state = CFI_SEG_DATA;
    return CF_OK;
}

static int add_other(cfi_store_t *st, cfi_storecol_t *c, cf_addr_t a)
{
    if (c->nothers == c->others_size) {
        uint32_t size = c->others_size == 0 ? 1024 : c->others_size * 2;
        cf_addr_t *others = realloc(c->others, size * sizeof *others);

        if (others == NULL)
            return CF_E_NOMEM;
        c->others = others;
        c->others_size = size;
    }
    c->others[c->nothers++] = a;
    st->bytes += sizeof a;
    return CF_OK;
}

static int copy_addrs(cfi_store_t *st, cfi_storecol_t *c, cfi_seg_t *g, const struct piece *p)
{
    const cf_addr_t *a = (const cf_addr_t *)p->v->data + p->from;
    uint32_t *out = (uint32_t *)g->data + p->at;

    if (p->v->width == 4) {
        memcpy(out, (const uint32_t *)p->v->data + p->from, p->n * sizeof *out);
        return CF_OK;
    }
    for (uint32_t i = 0; i < p->n; i++) {
        if (cf_addr_is_v4(a[i]) || cf_vec_is_null(p->v, p->from + i)) {
            out[i] = (uint32_t)a[i].lo;
            continue;
        }
        out[i] = c->nothers;
        if (need_bits(st, &g->wide) == NULL || add_other(st, c, a[i]) != CF_OK)
            return CF_E_NOMEM;
        set_bits(g->wide, p->at + i, p->at + i + 1);
    }
    return CF_OK;
}

static int copy_rows(cfi_store_t *st, cfi_storecol_t *c, cfi_seg_t *g, const struct piece *p)
{
    const cf_vec_t *v = p->v;

    if (v->nulls > 0) {
        if (need_bits(st, &g->null) == NULL)
            return CF_E_NOMEM;
        for (uint32_t i = 0; i < p->n; i++)
            g->null[(p->at + i) >> 6] |= (uint64_t)cf_vec_is_null(v, p->from + i)
                                         << ((p->at + i) & 63);
        c->nulls = true;
    }
    if (v->kind == CF_KIND_ADDR)
        return copy_addrs(st, c, g, p);
    if (v->kind == CF_KIND_STRING) {
        const uint32_t *from = (const uint32_t *)v->data + p->from;
        uint32_t *to = (uint32_t *)g->data + p->at;

        for (uint32_t i = 0; i < p->n; i++)
            to[i] = v->dict.count > 0 ? c->map[from[i]] : 0;
        return CF_OK;
    }
    memcpy((char *)g->data + (size_t)p->at * c->width,
           (const char *)v->data + (size_t)p->from * c->width, (size_t)p->n * c->width);
    return CF_OK;
}

static int put_nulls(cfi_store_t *st, cfi_storecol_t *c, cfi_seg_t *g, const struct piece *p)
{
    c->nulls = true;
    if (p->at == 0 || g->state == CFI_SEG_NULL) {
        g->state = CFI_SEG_NULL;
        return CF_OK;
    }
    if (become_data(st, c, g, p->at) != CF_OK || need_bits(st, &g->null) == NULL)
        return CF_E_NOMEM;
    fill(c, g, p->at, p->at + p->n, 0);
    set_bits(g->null, p->at, p->at + p->n);
    return CF_OK;
}

static int put_piece(cfi_store_t *st, cfi_storecol_t *c, const struct piece *p)
{
    cfi_seg_t *g = &c->seg[st->nsegs - 1];
    uint64_t value = 0;

    if (all_null(p))
        return put_nulls(st, c, g, p);
    if ((p->at == 0 || g->state == CFI_SEG_CONST) && is_constant(c, p, &value)
        && (p->at == 0 || g->value == value)) {
        g->state = CFI_SEG_CONST;
        g->value = value;
        return CF_OK;
    }
    if (become_data(st, c, g, p->at) != CF_OK)
        return CF_E_NOMEM;
    return copy_rows(st, c, g, p);
}

/* Codes of the batch to codes of the store. */
static int map_texts(cfi_store_t *st, cfi_storecol_t *c, const cf_vec_t *v)
{
    size_t before = c->dict.bytes_size + c->dict.size * sizeof *c->dict.offset;
    int rc = CF_OK;

    if (v->kind != CF_KIND_STRING || v->absent)
        return CF_OK;
    if (v->dict.count > c->map_size) {
        uint32_t *map = realloc(c->map, v->dict.count * sizeof *map);

        if (map == NULL)
            return CF_E_NOMEM;
        c->map = map;
        c->map_size = v->dict.count;
    }
    for (uint32_t code = 0; code < v->dict.count && rc == CF_OK; code++) {
        uint32_t n;
        const char *text = cf_dict_text(&v->dict, code, &n);

        rc = cf_dict_code(&c->dict, text, n, &c->map[code]);
    }
    st->bytes += c->dict.bytes_size + c->dict.size * sizeof *c->dict.offset - before;
    return rc;
}

static int find_vecs(cfi_store_t *st, const cf_batch_t *b, const cf_vec_t **vecs, cf_diag_t *d)
{
    int rc = CF_OK;

    for (uint32_t i = 0; i < st->ncols && rc == CF_OK; i++) {
        cfi_storecol_t *c = st->cols[i];
        int at = cf_schema_index(b->schema, c->field);

        vecs[i] = at >= 0 ? &b->cols[at] : NULL;
        for (uint32_t k = 0; at < 0 && i >= st->nstored && k < st->nderived; k++) {
            if (st->derived[k] != c->field)
                continue;
            rc = cfi_sort_derive(b, c->field, &st->scratch[k], d);
            vecs[i] = &st->scratch[k];
        }
        if (rc == CF_OK && vecs[i] != NULL)
            rc = map_texts(st, c, vecs[i]);
    }
    return rc;
}

int cfi_store_put(cfi_store_t *st, const cf_batch_t *b, cf_diag_t *d)
{
    const cf_vec_t **vecs;
    int rc = cfi_store_fit(st, b->schema);

    vecs = rc == CF_OK ? calloc(st->ncols + 1, sizeof *vecs) : NULL;
    if (vecs == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "no memory for rows to sort");
    rc = find_vecs(st, b, vecs, d);
    for (uint32_t from = 0, n; from < b->rows && rc == CF_OK; from += n) {
        n = 0;
        if (st->nsegs == 0 || st->fill == CF_BATCH_ROWS)
            rc = new_seg(st);
        if (rc != CF_OK)
            break;
        n = CF_BATCH_ROWS - st->fill < b->rows - from ? CF_BATCH_ROWS - st->fill : b->rows - from;
        for (uint32_t i = 0; i < st->ncols && rc == CF_OK; i++) {
            struct piece p = { vecs[i], from, n, st->fill };

            rc = put_piece(st, st->cols[i], &p);
        }
        st->fill += n;
        st->rows += n;
    }
    free(vecs);
    return rc == CF_E_NOMEM ? cf_diag_set(d, rc, "no memory for rows to sort") : rc;
}
