/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of vectors into a worker's tables. Rows that are not flows are taken out; the others come in
 * chunks, in which those with wide keys are put aside; then a chunk is packed column by column,
 * looked up together, and each value is added column by column. Sums of a chunk are known before
 * they are added: when the sum over everything could pass 64 bits, the tables change to 128 bits
 * first, so the inner loops need no overflow checks.
 */
#include <stdlib.h>

#include "group/rows.h"

/* ---- values ------------------------------------------------------------------------------- */

static cfi_u128_t sum_of(const uint64_t *v, uint32_t n)
{
    uint64_t low = 0, high = 0;

    for (uint32_t i = 0; i < n; i++) {
        low += v[i] & UINT32_MAX;
        high += v[i] >> 32;
    }
    return low + ((cfi_u128_t)high << 32);
}

/* Order of times and durations as unsigned numbers. */
static inline uint64_t ordered(const cf_field_t *f, uint64_t v)
{
    return f->kind == CF_KIND_TIME || f->kind == CF_KIND_DURATION ? v ^ UINT64_C(1) << 63 : v;
}

/* Nulls of column j among the rows chosen? Status rows have most of them, and are left out. */
static bool has_nulls(const cfi_worker_t *w, uint32_t col)
{
    return (w->null_cols >> col & 1) != 0;
}

static bool has_field(const cf_group_t *g, uint32_t j)
{
    return g->values[j].op != CF_AGG_RECORDS && g->values[j].op != CF_AGG_DISTINCT;
}

/* Totals with this chunk; the tables are made fit for them. */
static int add_totals(cf_group_t *g, cfi_worker_t *w, const cfi_rows_t *r)
{
    uint64_t scratch[CFI_CHUNK];
    bool wide = false;

    for (uint32_t j = 0; j < g->nvalues; j++) {
        const cf_vec_t *v = w->cols[g->value_col[j]];

        if (g->values[j].op != CF_AGG_SUM || v->absent)
            continue;
        w->total[j] += sum_of(cfi_load(v, r, scratch), r->n);
        wide |= w->total[j] > UINT64_MAX;
    }
    if (wide && w->sum_words == 1) {
        int rc = cfi_local_flush(g, w);

        w->local_on = false;
        return rc == CF_OK ? cfi_worker_promote(g, w) : rc;
    }
    return CF_OK;
}

/*
 * What the look-up adds to the count words: one record, and a bit for each value that is not null.
 */
static void mark_seen(const cf_group_t *g, const cfi_worker_t *w, const cfi_rows_t *r, cfi_chunk_t *c)
{
    uint64_t all = 1;

    for (uint32_t j = 0; j < g->nvalues; j++)
        if (has_field(g, j) && !w->cols[g->value_col[j]]->absent && !has_nulls(w, g->value_col[j]))
            all |= UINT64_C(1) << (CFI_COUNT_BITS + j);
    for (uint32_t i = 0; i < r->n; i++)
        c->rec[i] = all;
    for (uint32_t j = 0; j < g->nvalues; j++) {
        const cf_vec_t *v = w->cols[g->value_col[j]];

        if (!has_field(g, j) || v->absent || !has_nulls(w, g->value_col[j]))
            continue;
        CFI_EACH(r, i, row)
            if (!cfi_bit(v->null, row))
                c->rec[i] |= UINT64_C(1) << (CFI_COUNT_BITS + j);
    }
}

static void add_sum(const cfi_chunk_t *c, const uint64_t *v, uint32_t n, uint32_t off, uint32_t sum_words)
{
    if (sum_words == 1) {
        for (uint32_t i = 0; i < n; i++)
            c->entry[i][off] += v[i];
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint64_t *e = c->entry[i] + off;

        e[1] += __builtin_add_overflow(e[0], v[i], &e[0]);
    }
}

static void add_extreme(const cf_agg_t *a, const cf_vec_t *vec, bool nulls, const cfi_rows_t *r,
                        const cfi_chunk_t *c, const uint64_t *v, uint32_t off)
{
    CFI_EACH(r, i, row) {
        uint64_t now = ordered(a->field, v[i]), *e = &c->entry[i][off];

        if (nulls && cfi_bit(vec->null, row))
            continue;
        if (a->op == CF_AGG_MIN ? now < *e : now > *e)
            *e = now;
    }
}

static void add_values(const cf_group_t *g, cfi_worker_t *w, const cfi_rows_t *r, const cfi_chunk_t *c,
                       unsigned key_form)
{
    uint64_t scratch[CFI_CHUNK];
    cfi_form_t f;

    cfi_form_of(g, key_form, w->sum_words, &f);
    for (uint32_t j = 0; j < g->nvalues; j++) {
        const cf_agg_t *a = &g->values[j];
        const cf_vec_t *v;

        if (!has_field(g, j))
            continue;
        v = w->cols[g->value_col[j]];
        if (v->absent)
            continue;
        if (a->op == CF_AGG_SUM)
            add_sum(c, cfi_load(v, r, scratch), r->n, f.off[j], w->sum_words);
        else
            add_extreme(a, v, has_nulls(w, g->value_col[j]), r, c, cfi_load(v, r, scratch), f.off[j]);
    }
}

/* ---- chunks ------------------------------------------------------------------------------- */

/* Does the short way of cfi_table_add do for the rows at hand? */
static bool is_simple(const cf_group_t *g, const cfi_worker_t *w)
{
    bool simple = g->target[0].layout.words[CFI_NARROW] == 1 && w->sum_words == 1;

    for (uint32_t j = 0; j < g->nvalues && simple; j++) {
        const cf_vec_t *v = w->cols[g->value_col[j]];

        simple = g->values[j].op == CF_AGG_RECORDS || g->values[j].op == CF_AGG_DISTINCT
            || (g->values[j].op == CF_AGG_SUM && !v->absent && !has_nulls(w, g->value_col[j]));
    }
    return simple;
}

static int add_simple(const cf_group_t *g, cfi_worker_t *w, const cfi_rows_t *r)
{
    uint64_t scratch[CF_GROUP_VALUES_MAX][CFI_CHUNK], seen = 0;
    const uint64_t *v[CF_GROUP_VALUES_MAX];
    uint32_t off[CF_GROUP_VALUES_MAX], n = 0;
    cfi_form_t f;

    cfi_form_of(g, CFI_NARROW, 1, &f);
    for (uint32_t j = 0; j < g->nvalues; j++) {
        if (g->values[j].op != CF_AGG_SUM)
            continue;
        v[n] = cfi_load(w->cols[g->value_col[j]], r, scratch[n]);
        off[n++] = f.off[j];
        seen |= UINT64_C(1) << (CFI_COUNT_BITS + j);
    }
    if (!w->local_on)
        return cfi_table_add(&w->table[0][CFI_NARROW], w->chunk, r->n, seen, v, off, n);
    cfi_local_add(w, r->n, seen, v, off, n);
    return CF_OK;
}

static int add_chunk(cf_group_t *g, cfi_worker_t *w, uint32_t target, unsigned key_form, const cfi_rows_t *r)
{
    const cfi_target_t *t = &g->target[target];
    cfi_chunk_t *c = w->chunk;
    int rc = t->value < 0 ? add_totals(g, w, r) : CF_OK;

    if (rc == CF_OK && cfi_local_full(w, r->n))
        rc = cfi_local_flush(g, w);
    if (rc != CF_OK)
        return rc;
    if (key_form == CFI_NARROW)
        cfi_pack_narrow(w, t, r, c);
    else
        cfi_pack_wide(w, t, r, c);
    if (t->value >= 0)
        return cfi_table_lookup(&w->table[target][key_form], c, r->n);
    if (key_form == CFI_NARROW && w->sum_words == 1 && w->simple)
        return add_simple(g, w, r);
    mark_seen(g, w, r, c);
    rc = cfi_table_lookup(&w->table[target][key_form], c, r->n);
    if (rc == CF_OK)
        add_values(g, w, r, c, key_form);
    return rc;
}

/* Which rows of a chunk have a wide key, as bytes; how many. */
static uint32_t mark_wide(const cfi_worker_t *w, const cfi_target_t *t, const cfi_rows_t *r, uint8_t *wide)
{
    uint32_t n = 0;

    memset(wide, 0, r->n);
    for (uint32_t k = 0; k < t->layout.nkeys; k++) {
        const cf_vec_t *v = w->cols[t->col[k]];

        if (v->absent)
            memset(wide, 1, r->n);
        else if (has_nulls(w, t->col[k]))
            CFI_EACH(r, i, row)
                wide[i] |= cfi_bit(v->null, row);
        if (!v->absent && v->kind == CF_KIND_ADDR && v->width == 16)
            CFI_EACH(r, i, row)
                wide[i] |= !cf_addr_is_v4(((const cf_addr_t *)v->data)[row]);
    }
    for (uint32_t i = 0; i < r->n; i++)
        n += wide[i];
    return n;
}

/* Rows with a wide key wait here until there are enough. */
struct waiting {
    uint32_t list[2 * CFI_CHUNK];
    uint32_t n;
};

static int flush_wide(cf_group_t *g, cfi_worker_t *w, uint32_t target, struct waiting *wide)
{
    int rc = CF_OK;

    for (uint32_t at = 0; at < wide->n && rc == CF_OK; at += CFI_CHUNK) {
        cfi_rows_t r = { wide->list + at, 0, wide->n - at < CFI_CHUNK ? wide->n - at : CFI_CHUNK };

        rc = add_chunk(g, w, target, CFI_WIDE, &r);
    }
    wide->n = 0;
    return rc;
}

/* A chunk of rows of which some may have wide keys. */
static int add_mixed(cf_group_t *g, cfi_worker_t *w, uint32_t target, const cfi_rows_t *r, struct waiting *wide)
{
    uint8_t is_wide[CFI_CHUNK];
    uint32_t list[CFI_CHUNK], n = 0;
    cfi_rows_t narrow = { list, 0, 0 };
    int rc;

    if (mark_wide(w, &g->target[target], r, is_wide) == 0)
        return add_chunk(g, w, target, CFI_NARROW, r);
    CFI_EACH(r, i, row) {
        list[n] = row;
        n += !is_wide[i];
        wide->list[wide->n] = row;
        wide->n += is_wide[i];
    }
    narrow.n = n;
    rc = n > 0 ? add_chunk(g, w, target, CFI_NARROW, &narrow) : CF_OK;
    return rc == CF_OK && wide->n >= CFI_CHUNK ? flush_wide(g, w, target, wide) : rc;
}

static bool may_be_wide(const cfi_worker_t *w, const cfi_target_t *t)
{
    bool wide = false;

    for (uint32_t k = 0; k < t->layout.nkeys; k++) {
        const cf_vec_t *v = w->cols[t->col[k]];

        wide |= v->absent || has_nulls(w, t->col[k]) || (v->kind == CF_KIND_ADDR && v->width == 16);
    }
    return wide;
}

/*
 * The selected ones of up to CFI_CHUNK rows from base on: as they are when that is all of them,
 * else as a list.
 */
static void take_rows(const uint64_t *bits, uint32_t base, uint32_t rows, uint32_t *list, cfi_rows_t *r)
{
    uint32_t n = rows - base < CFI_CHUNK ? rows - base : CFI_CHUNK, got = 0;

    r->list = NULL;
    r->base = base;
    r->n = n;
    if (bits == NULL || (n == CFI_CHUNK && (bits[base >> 6] & bits[(base >> 6) + 1] & bits[(base >> 6) + 2]
                                            & bits[(base >> 6) + 3]) == UINT64_MAX))
        return;
    for (uint32_t word = base >> 6; word < (base + n + 63) >> 6; word++) {
        uint64_t left = bits[word];

        if (word == rows >> 6)
            left &= (UINT64_C(1) << (rows & 63)) - 1;
        for (; left != 0; left &= left - 1)
            list[got++] = word * 64 + (uint32_t)__builtin_ctzll(left);
    }
    r->list = list;
    r->n = got;
}

static int add_rows(cf_group_t *g, cfi_worker_t *w, uint32_t target, uint32_t rows, const uint64_t *bits)
{
    bool mixed = may_be_wide(w, &g->target[target]);
    uint32_t list[CFI_CHUNK];
    struct waiting wide;
    int rc = CF_OK;

    wide.n = 0;
    for (uint32_t base = 0; base < rows && rc == CF_OK; base += CFI_CHUNK) {
        cfi_rows_t r;

        take_rows(bits, base, rows, list, &r);
        if (r.n > 0)
            rc = mixed ? add_mixed(g, w, target, &r, &wide) : add_chunk(g, w, target, CFI_NARROW, &r);
    }
    return rc == CF_OK ? flush_wide(g, w, target, &wide) : rc;
}

static int add_target(cf_group_t *g, cfi_worker_t *w, uint32_t target, uint32_t rows, const uint64_t *sel)
{
    const cfi_target_t *t = &g->target[target];

    if (t->value >= 0) {               /* a set: null is no value */
        uint32_t col = g->value_col[t->value];
        uint64_t *present = w->bits[1];

        if (w->cols[col]->absent)
            return CF_OK;
        if (has_nulls(w, col)) {
            if (sel != NULL)
                memcpy(present, sel, (rows + 63) / 64 * sizeof *sel);
            else
                cf_bits_fill(present, rows);
            for (uint32_t i = 0; i < (rows + 63) / 64; i++)
                present[i] &= ~w->cols[col]->null[i];
            sel = present;
        }
    }
    return add_rows(g, w, target, rows, sel);
}

/* ---- an item ------------------------------------------------------------------------------- */

static bool eight_zero(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof v);
    return v == 0;
}

/* Count rows that are not flows; false when there are none, else the others are in bits. */
static bool leave_status_out(cf_group_t *g, cfi_worker_t *w, uint32_t rows, const uint64_t *sel, bool keep)
{
    const cf_vec_t *v = w->cols[g->status_col];
    const uint8_t *status = v->data;
    uint64_t *bits = w->bits[0];
    uint32_t i = 0;

    if (v->absent || v->nulls >= rows)
        return false;
    while (i < rows && status[i] == CF_LOGSTATUS_OK)
        i = i + 8 <= rows && eight_zero(status + i) ? i + 8 : i + 1;
    if (i == rows)
        return false;
    if (sel != NULL)
        memcpy(bits, sel, (rows + 63) / 64 * sizeof *sel);
    else
        cf_bits_fill(bits, rows);
    for (i = 0; i < rows; i++) {
        bool counts;

        while (i + 8 <= rows && eight_zero(status + i))
            i += 8;
        if (i == rows)
            break;
        counts = cfi_bit(bits, i) && status[i] != CF_LOGSTATUS_OK;

        w->nodata += counts && status[i] == CF_LOGSTATUS_NODATA;
        w->skipdata += counts && status[i] != CF_LOGSTATUS_NODATA;
        if (counts && !keep)
            bits[i >> 6] &= ~(UINT64_C(1) << (i & 63));
    }
    return true;
}

static void note_bytekinds(const cf_group_t *g, cfi_worker_t *w, uint32_t rows, const uint64_t *sel)
{
    const cf_vec_t *v = w->cols[g->bytekind_col];
    const uint8_t *kind = v->data;
    uint8_t least = UINT8_MAX, most = 0;

    if (v->absent || v->nulls >= rows)
        return;
    for (uint32_t i = 0; i < rows; i++) {
        least = kind[i] < least ? kind[i] : least;
        most = kind[i] > most ? kind[i] : most;
    }
    if (least == most && least < 32 && (w->bytekinds >> least & 1) != 0)
        return;
    for (uint32_t i = 0; i < rows; i++)
        if (kind[i] < 32 && (w->bytekinds >> kind[i] & 1) == 0 && (sel == NULL || cfi_bit(sel, i))
            && !cf_vec_is_null(v, i))
            w->bytekinds |= UINT32_C(1) << kind[i];
}

static void find_nulls(const cf_group_t *g, cfi_worker_t *w, uint32_t rows, const uint64_t *sel)
{
    w->null_cols = 0;
    for (uint32_t f = 0; f < g->nfields; f++) {
        const cf_vec_t *v = w->cols[f];
        uint64_t any = 0;

        if (v->absent || v->nulls == 0)
            continue;
        for (uint32_t i = 0; sel != NULL && i < (rows + 63) / 64; i++)
            any |= v->null[i] & sel[i];
        if (sel == NULL || any != 0)
            w->null_cols |= UINT64_C(1) << f;
    }
}

static int map_strings(cf_group_t *g, cfi_worker_t *w)
{
    for (uint32_t i = 0; i < g->nfields; i++) {
        const cf_vec_t *v = w->cols[i];
        int rc;

        if (v->kind != CF_KIND_STRING || v->absent)
            continue;
        if (v->dict.count > w->map_size[i]) {
            uint32_t *map = realloc(w->map[i], v->dict.count * sizeof *map);

            if (map == NULL)
                return CF_E_NOMEM;
            w->map[i] = map;
            w->map_size[i] = v->dict.count;
        }
        rc = cfi_intern_dict(&g->intern, &v->dict, w->map[i]);
        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}

static int over_limit(cf_group_t *g, cfi_worker_t *w, cf_diag_t *d)
{
    size_t strings = cfi_intern_bytes(&g->intern);

    cfi_worker_charge(g, w);
    if (strings > g->memory)
        return cf_diag_set(d, CF_E_LIMIT, "texts of the keys take %zu MB, more than --memory allows",
                           strings >> 20);
    if (__atomic_load_n(&g->used, __ATOMIC_RELAXED) + strings <= g->memory)
        return CF_OK;
    /* who holds much goes first; small tables stay */
    if (w->charged < (g->memory - strings) / (2 * (uint64_t)g->nworkers))
        return CF_OK;
    return cfi_spill_worker(g, w, d);
}

int cf_group_vecs(cf_group_t *g, unsigned worker, const cf_vec_t *const *cols, uint32_t rows,
                  const uint64_t *sel, cf_diag_t *d)
{
    cfi_worker_t *w = &g->worker[worker];
    int rc = CF_OK;

    if (rows == 0)
        return CF_OK;
    memcpy(w->cols, cols, g->nfields * sizeof *cols);
    if (leave_status_out(g, w, rows, sel, g->include_status))
        sel = w->bits[0];
    if (g->bytekind_col >= 0)
        note_bytekinds(g, w, rows, sel);
    w->records += sel != NULL ? cf_bits_count(sel, rows) : rows;
    find_nulls(g, w, rows, sel);
    w->simple = is_simple(g, w);
    cfi_local_begin(w);
    rc = map_strings(g, w);
    for (uint32_t t = 0; t < g->ntargets && rc == CF_OK; t++)
        rc = add_target(g, w, t, rows, sel);
    if (rc == CF_OK)
        rc = cfi_local_end(g, w);
    if (rc != CF_OK)
        return cf_diag_set(d, rc, rc == CF_E_LIMIT ? "too many groups" : "no memory for the groups");
    return over_limit(g, w, d);
}

/*
 * Statistics of the block may say all there is to know of a column that is only looked at for
 * exceptions.
 */
static bool known_by_statistics(const cf_group_t *g, cfi_worker_t *w, cf_item_t *it, uint32_t field)
{
    cf_colstat_t st;

    if (!cf_item_stat(it, g->fields[field], &st))
        return false;
    if (st.nulls >= cf_item_rows(it))
        return true;
    if (field == g->status_col)
        return st.has_range && st.max.lo == CF_LOGSTATUS_OK;
    if (!st.has_range || st.min.lo != st.max.lo || st.max.lo >= 32)
        return false;
    w->bytekinds |= UINT32_C(1) << st.max.lo;
    return true;
}

static bool is_key_or_value(const cf_group_t *g, uint32_t field)
{
    bool used = false;

    for (uint32_t k = 0; k < g->target[0].layout.nkeys; k++)
        used |= g->target[0].col[k] == field;
    for (uint32_t j = 0; j < g->nvalues; j++)
        used |= g->values[j].op != CF_AGG_RECORDS && g->value_col[j] == field;
    return used;
}

int cf_group_item(cf_group_t *g, unsigned worker, cf_item_t *it, const uint64_t *sel, cf_diag_t *d)
{
    static const cf_vec_t nothing = { .absent = true };
    const cf_vec_t *cols[CFI_GROUP_FIELDS];

    for (uint32_t i = 0; i < g->nfields; i++) {
        bool exceptions = (i == g->status_col || (int)i == g->bytekind_col) && !is_key_or_value(g, i);
        int rc = CF_OK;

        cols[i] = &nothing;
        if (!exceptions || sel != NULL || !known_by_statistics(g, &g->worker[worker], it, i))
            rc = cf_item_column(it, g->fields[i], &cols[i], d);
        if (rc != CF_OK)
            return rc;
    }
    return cf_group_vecs(g, worker, cols, cf_item_rows(it), sel, d);
}
