/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finished flows as a batch. Every column is first taken from the carried rows, turned round where
 * a row runs against its flow; then the columns that the engine knows better are put over it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "join/stitch.h"

/* ---- columns --------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    cfi_special_t special;
} specials[] = {
    { "stime", CFI_S_STIME }, { "etime", CFI_S_ETIME }, { "packets", CFI_S_N },
    { "bytes", CFI_S_N + 1 }, { "rpackets", CFI_S_N + 2 }, { "rbytes", CFI_S_N + 3 },
    { "flags", CFI_S_FLAGS }, { "rflags", CFI_S_RFLAGS }, { "state", CFI_S_STATE },
    { "shape", CFI_S_SHAPE }, { "counts", CFI_S_COUNTS }, { "direction", CFI_S_DIRECTION },
    { "reporter", CFI_S_REPORTER },
    { "parts", CFI_S_PARTS }, { "complete", CFI_S_COMPLETE }, { "opener", CFI_S_OPENER },
    { "openby", CFI_S_OPENBY },
};

static int want(cf_schema_t *s, const char *name)
{
    const cf_field_t *f = cf_field_find(name);

    return cf_schema_index(s, f) >= 0 ? 0 : cf_schema_add(s, f);
}

cf_schema_t *cf_stitch_schema(const cf_stitch_t *e, const cf_schema_t *in)
{
    static const char *const back[][2] = { { "packets", "rpackets" }, { "bytes", "rbytes" },
                                           { "flags", "rflags" } };
    cf_schema_t *s = cf_schema_create(), *all;
    int rc = s != NULL ? 0 : CF_E_NOMEM;

    for (uint32_t i = 0; rc >= 0 && i < cf_schema_count(in); i++)
        rc = cf_schema_add(s, cf_schema_field(in, i));
    if (rc >= 0)
        rc = want(s, "etime");
    for (unsigned i = 0; rc >= 0 && e->o.biflow && i < 3; i++)
        if (cf_schema_index(s, cf_field_find(back[i][0])) >= 0)
            rc = want(s, back[i][1]);
    if (rc >= 0)
        rc = want(s, "parts");
    if (rc >= 0)
        rc = want(s, "complete");
    if (rc >= 0 && e->o.biflow && (rc = want(s, "opener")) >= 0)
        rc = want(s, "openby");
    /* for the names that were dropped */
    all = rc >= 0 ? cf_schema_union(s, in) : NULL;
    cf_schema_put(s);
    return all;
}

/*
 * What is the source's in one direction is the destination's in the other. The catalogue names them
 * alike: sip and dip, src_as and dst_as. The field that name has with from in place of to; NULL =
 * none.
 */
static const cf_field_t *other_end(const cf_field_t *f, const char *at, const char *from, const char *to)
{
    const cf_field_t *other;
    char name[64];

    if (at == NULL || strncmp(at, from, strlen(from)) != 0)
        return NULL;
    snprintf(name, sizeof name, "%.*s%s%s", (int)(at - f->name), f->name, to, at + strlen(from));
    other = cf_field_find(name);
    return other != NULL && other != f && strcmp(other->name, name) == 0 && other->kind == f->kind ? other : NULL;
}

static uint32_t mirror_of(const cf_schema_t *s, uint32_t col)
{
    static const char *const pairs[][2] = { { "src", "dst" }, { "sip", "dip" } };
    const cf_field_t *f = cf_schema_field(s, col), *other = NULL;
    int at;

    for (size_t i = 0; i < 4 && other == NULL; i++)
        other = other_end(f, strstr(f->name, pairs[i / 2][i & 1]), pairs[i / 2][i & 1], pairs[i / 2][!(i & 1)]);
    if (other == NULL)
        other = other_end(f, f->name, "s", "d");
    if (other == NULL)
        other = other_end(f, f->name, "d", "s");
    if (other == NULL)
        return col;
    at = cf_schema_index(s, other);
    return at >= 0 ? (uint32_t)at : CFI_NONE;
}

static int plan(cf_stitch_t *e)
{
    uint32_t n = cf_schema_count(e->schema);

    free(e->outcol);
    cf_batch_destroy(e->out);
    e->version++;
    e->out = cf_batch_create(e->schema);
    e->outcol = calloc(n, sizeof *e->outcol);
    if (e->out == NULL || e->outcol == NULL)
        return CF_E_NOMEM;
    e->nothers = 0;
    for (uint32_t c = 0; c < n; c++) {
        const cf_field_t *f = cf_schema_field(e->schema, c);

        for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++)
            if (strcmp(specials[i].name, f->name) == 0)
                e->outcol[c].special = specials[i].special;
        e->outcol[c].mirror = mirror_of(e->schema, c);
        if ((f->flags & CF_FIELD_COUNTER) != 0 && f->kind == CF_KIND_UINT &&
            e->outcol[c].special == CFI_CARRIED && e->nothers < CFI_OTHERS)
            e->others[e->nothers++] = f;
    }
    return CF_OK;
}

int cfi_build_schema(cf_stitch_t *e, const cf_schema_t *in)
{
    cf_schema_t *own, *both;

    if (e->in != NULL && (e->in == in || cf_schema_equal(e->in, in)))
        return CF_OK;
    own = cf_stitch_schema(e, in);
    if (own == NULL)
        return CF_E_NOMEM;
    both = e->schema != NULL ? cf_schema_union(e->schema, own) : cf_schema_get(own);
    cf_schema_put(own);
    if (both == NULL)
        return CF_E_NOMEM;
    cf_schema_put(e->in);
    e->in = cf_schema_get(in);
    if (e->schema != NULL && cf_schema_equal(both, e->schema)) {
        cf_schema_put(both);
        return CF_OK;
    }
    cf_schema_put(e->schema);
    e->schema = both;
    return plan(e);
}

/* ---- carried --------------------------------------------------------------------------------- */

/* Where the carried row of a flow is. */
typedef struct cfi_cell {
    cfi_chunk_t *chunk;
    uint32_t row;
    bool mirror;
} cfi_cell_t;

#define PIECE 512u             /* flows that are looked at together, while they are near */

/* The chunk's columns in the order of the output. */
static int index_chunk(cf_stitch_t *e, cfi_chunk_t *k)
{
    uint32_t n = cf_schema_count(e->schema);

    if (k->index != NULL && k->version == e->version)
        return CF_OK;
    free(k->index);
    k->index = malloc(n * sizeof *k->index);
    if (k->index == NULL)
        return CF_E_NOMEM;
    for (uint32_t c = 0; c < n; c++)
        k->index[c] = cf_schema_index(k->batch->schema, cf_schema_field(e->schema, c));
    k->version = e->version;
    return CF_OK;
}

/* A flow's value of a column: the vector that has it in its row; NULL = null. */
static inline const cf_vec_t *vec_of(const cf_stitch_t *e, const cfi_cell_t *x, uint32_t col)
{
    uint32_t c = x->mirror ? e->outcol[col].mirror : col;
    int at = c != CFI_NONE ? x->chunk->index[c] : -1;
    const cf_vec_t *v;

    if (at < 0)
        return NULL;
    v = &x->chunk->batch->cols[at];
    return v->absent || cf_vec_is_null(v, x->row) ? NULL : v;
}

static inline void set_null(cf_vec_t *v, uint32_t i)
{
    v->null[i >> 6] |= UINT64_C(1) << (i & 63);
}

static inline void set_known(cf_vec_t *v, uint32_t i)
{
    v->null[i >> 6] &= ~(UINT64_C(1) << (i & 63));
}

#define CARRY(type) \
    for (uint32_t i = 0; i < n; i++) { \
        const cf_vec_t *v = vec_of(e, &e->cells[i], col); \
        ((type *)out->data)[i] = v != NULL ? ((const type *)v->data)[e->cells[i].row] : 0; \
        if (v == NULL) \
            set_null(out, i); \
    }

static int carry_addr(cf_stitch_t *e, uint32_t n, uint32_t col, cf_vec_t *out)
{
    bool wide = false;

    for (uint32_t i = 0; i < n && !wide; i++) {
        const cf_vec_t *v = vec_of(e, &e->cells[i], col);

        wide = v != NULL && v->width != 4;
    }
    if (cf_vec_reserve(out, wide ? 16 : 4) != CF_OK)
        return CF_E_NOMEM;
    if (!wide) {
        CARRY(uint32_t)
        return CF_OK;
    }
    for (uint32_t i = 0; i < n; i++) {
        const cf_vec_t *v = vec_of(e, &e->cells[i], col);

        ((cf_addr_t *)out->data)[i] = v != NULL ? cf_vec_addr(v, e->cells[i].row) : (cf_addr_t){ 0, 0 };
        if (v == NULL)
            set_null(out, i);
    }
    return CF_OK;
}

/* Memory to map the codes of any dictionary of the chunk. */
static int map_room(cfi_chunk_t *k)
{
    uint32_t most = 0;

    if (k->mapped == k->batch->rows)
        return CF_OK;
    k->mapped = k->batch->rows;
    for (uint32_t c = 0; c < k->batch->ncols; c++)
        if (k->batch->cols[c].dict.count > most)
            most = k->batch->cols[c].dict.count;
    if (most <= k->map_size)
        return CF_OK;
    free(k->map);
    free(k->stamp);
    k->map = malloc(most * sizeof *k->map);
    k->stamp = calloc(most, sizeof *k->stamp);
    k->map_size = k->map != NULL && k->stamp != NULL ? most : 0;
    return k->map_size > 0 ? CF_OK : CF_E_NOMEM;
}

static int carry_text(cf_stitch_t *e, uint32_t n, uint32_t col, cf_vec_t *out)
{
    uint32_t stamp = ++e->stamp, *codes = out->data;

    cf_dict_reset(&out->dict);
    for (uint32_t i = 0; i < n; i++) {
        const cfi_cell_t *x = &e->cells[i];
        const cf_vec_t *v = vec_of(e, x, col);
        uint32_t code, len;
        const char *text;

        if (v == NULL) {
            codes[i] = 0;
            set_null(out, i);
            continue;
        }
        code = ((const uint32_t *)v->data)[x->row];
        /* a chunk that is turned round for some rows has two dictionaries for one column */
        if (!x->mirror && x->chunk->stamp[code] == stamp) {
            codes[i] = x->chunk->map[code];
            continue;
        }
        text = cf_dict_text(&v->dict, code, &len);
        if (cf_dict_code(&out->dict, text, len, &codes[i]) != CF_OK)
            return CF_E_NOMEM;
        if (!x->mirror) {
            x->chunk->map[code] = codes[i];
            x->chunk->stamp[code] = stamp;
        }
    }
    return CF_OK;
}

static int carried(cf_stitch_t *e, uint32_t n, uint32_t col)
{
    const cf_field_t *f = cf_schema_field(e->schema, col);
    cf_vec_t *out = &e->out->cols[col];

    if (cf_vec_reserve(out, f->kind == CF_KIND_ADDR ? (out->width == 16 ? 16 : 4) : f->width) != CF_OK)
        return CF_E_NOMEM;
    memset(out->null, 0, CF_BATCH_WORDS * sizeof *out->null);
    out->absent = false;
    if (f->kind == CF_KIND_ADDR)
        return carry_addr(e, n, col, out);
    if (f->kind == CF_KIND_STRING)
        return carry_text(e, n, col, out);
    switch (f->width) {
    case 1: CARRY(uint8_t) break;
    case 2: CARRY(uint16_t) break;
    case 4: CARRY(uint32_t) break;
    default: CARRY(uint64_t) break;
    }
    return CF_OK;
}

void cfi_add_others(cf_stitch_t *e, cfi_ref_t to, cfi_ref_t from)
{
    cf_batch_t *a = e->carry.chunk[to.chunk].batch, *b = e->carry.chunk[from.chunk].batch;

    for (uint32_t i = 0; i < e->nothers; i++) {
        int x = cf_schema_index(a->schema, e->others[i]), y = cf_schema_index(b->schema, e->others[i]);
        uint64_t *sum, more;

        if (x < 0 || y < 0 || cf_vec_is_null(&b->cols[y], from.row) || a->cols[x].width != 8)
            continue;
        more = cf_vec_uint(&b->cols[y], from.row);
        sum = (uint64_t *)a->cols[x].data + to.row;
        *sum = *sum > UINT64_MAX - more ? UINT64_MAX : *sum + more;
        if (cf_vec_is_null(&a->cols[x], to.row)) {
            set_known(&a->cols[x], to.row);
            a->cols[x].nulls--;
        }
    }
}

/* ---- known better ---------------------------------------------------------------------------- */

static void put(cf_vec_t *v, uint32_t i, bool known, uint64_t value)
{
    if (!known) {
        value = 0;
        set_null(v, i);
    } else {
        set_known(v, i);
    }
    switch (v->width) {
    case 1: ((uint8_t *)v->data)[i] = (uint8_t)value; break;
    case 2: ((uint16_t *)v->data)[i] = (uint16_t)value; break;
    case 4: ((uint32_t *)v->data)[i] = (uint32_t)value; break;
    default: ((uint64_t *)v->data)[i] = value; break;
    }
}

static bool is_null(const cf_vec_t *v, uint32_t i)
{
    return (v->null[i >> 6] >> (i & 63) & 1) != 0;
}

/* What joined rows say otherwise than one row; single ones keep their own. */
static void put_joined(const cf_stitch_t *e, const cfi_flow_t *f, cfi_special_t special, cf_vec_t *v, uint32_t i)
{
    bool null = is_null(v, i);
    uint64_t was = cf_vec_uint(v, i);
    unsigned back = (1u << CFI_RPACKETS_N | 1u << CFI_RBYTES_N), known = f->known;

    if (f->swap)
        known = known >> 2 | (known & 3) << 2;
    if (special == CFI_S_STATE)
        put(v, i, true, CF_STATE_WHOLE);
    else if (special == CFI_S_COUNTS && !null && was == CF_COUNTS_DELTA)
        put(v, i, true, CF_COUNTS_TOTAL);
    else if (special == CFI_S_SHAPE && ((!null && was == CF_SHAPE_EVENT) || (e->o.biflow && (known & back) != 0)))
        put(v, i, true, CF_SHAPE_BI);
    else if (special == CFI_S_DIRECTION && f->mirror && !null)
        put(v, i, true, !was);
    else if (special == CFI_S_REPORTER && f->mirror && !null)
        put(v, i, true, was ^ 1);
}

static void put_special(const cf_stitch_t *e, const cfi_flow_t *f, cfi_special_t special, cf_vec_t *v, uint32_t i)
{
    unsigned x;

    switch (special) {
    case CFI_S_STIME:
        put(v, i, true, (uint64_t)f->first);
        break;
    case CFI_S_ETIME:
        put(v, i, true, (uint64_t)f->last);
        break;
    case CFI_S_FLAGS:
    case CFI_S_RFLAGS:
        x = (unsigned)(special - CFI_S_FLAGS) ^ f->swap;
        put(v, i, f->has_flags >> x & 1, f->flags[x]);
        break;
    case CFI_S_PARTS:
        put(v, i, true, f->parts);
        break;
    case CFI_S_COMPLETE:
        put(v, i, true, f->complete);
        break;
    case CFI_S_OPENER:
        put(v, i, f->opener != 255, f->opener);
        break;
    case CFI_S_OPENBY:
        put(v, i, f->openby != 255, f->openby);
        break;
    case CFI_S_STATE:
    case CFI_S_SHAPE:
    case CFI_S_COUNTS:
    case CFI_S_DIRECTION:
    case CFI_S_REPORTER:
        if (f->kind != CFI_OWN)
            put_joined(e, f, special, v, i);
        break;
    default:
        x = (unsigned)(special - CFI_S_N) ^ (f->swap ? 2u : 0u);
        put(v, i, f->known >> x & 1, f->n[x]);
        break;
    }
}

static void add_up(cf_sum_t *to, const cf_vec_t *v, uint32_t n)
{
    unsigned __int128 sum = (unsigned __int128)to->hi << 64 | to->lo;

    for (uint32_t i = 0; i < n; i++)
        sum += ((const uint64_t *)v->data)[i];
    to->hi = (uint64_t)(sum >> 64);
    to->lo = (uint64_t)sum;
}

/* The rows that are carried, and their chunks made ready. */
static int find_cells(cf_stitch_t *e, const cfi_sorted_t *s, uint32_t n)
{
    int rc = CF_OK;

    if (e->cells == NULL)
        e->cells = malloc(CF_BATCH_ROWS * sizeof *e->cells);
    if (e->cells == NULL)
        return CF_E_NOMEM;
    for (uint32_t i = 0; i < n && rc == CF_OK; i++) {
        const cfi_flow_t *f = s[i].flow;
        cfi_ref_t r = f->ref[f->carried];
        cfi_chunk_t *k = &e->carry.chunk[r.chunk];

        rc = index_chunk(e, k);
        if (rc == CF_OK)
            rc = map_room(k);
        e->cells[i] = (cfi_cell_t){ k, r.row, f->mirror };
    }
    return rc;
}

int cfi_build(cf_stitch_t *e, const cfi_sorted_t *s, uint32_t n)
{
    uint32_t ncols = cf_schema_count(e->schema);
    int rc = find_cells(e, s, n);

    for (uint32_t c = 0; c < ncols && rc == CF_OK; c++)
        rc = carried(e, n, c);
    if (rc != CF_OK)
        return rc;
    for (uint32_t from = 0; from < n; from += PIECE) {
        uint32_t to = n - from < PIECE ? n : from + PIECE;

        for (uint32_t c = 0; c < ncols; c++)
            for (uint32_t i = from; e->outcol[c].special != CFI_CARRIED && i < to; i++)
                if (s[i].flow->kind != CFI_RAW)
                    put_special(e, s[i].flow, e->outcol[c].special, &e->out->cols[c], i);
    }
    for (uint32_t c = 0; c < ncols; c++) {
        cfi_special_t special = e->outcol[c].special;
        cf_vec_t *v = &e->out->cols[c];

        v->nulls = cf_bits_count(v->null, n);
        if (special == CFI_S_N + CFI_PACKETS_N || special == CFI_S_N + CFI_RPACKETS_N)
            add_up(&e->sum.packets[1], v, n);
        else if (special == CFI_S_N + CFI_BYTES_N || special == CFI_S_N + CFI_RBYTES_N)
            add_up(&e->sum.bytes[1], v, n);
    }
    e->out->rows = n;
    return CF_OK;
}
