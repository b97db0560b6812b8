/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows to flows. Each interface has a clock, the latest start it told: files of interfaces may come
 * one after the other. A part is applied when its clock is so far on that no earlier row is
 * expected; a flow that heard nothing for the idle time is finished. What memory cannot hold leaves
 * in this order: idle flows, finished flows in order, finished flows out of order, and only then
 * the flows that were not used for longest, cut.
 */
#include <stdlib.h>
#include <string.h>

#include "join/stitch.h"

#define MEMORY_MIN (UINT64_C(1) << 20)
#define PARTS_MAX 64u          /* waiting parts of one key */

int cf_stitch_create(cf_stitch_t **out, const cf_stitch_options_t *o, cf_diag_t *d)
{
    cf_stitch_t *e = calloc(1, sizeof *e);

    *out = NULL;
    if (e != NULL) {
        e->o = *o;
        if (e->o.memory < MEMORY_MIN)
            e->o.memory = MEMORY_MIN;
        e->seed = cfi_join_seed();
        e->clock = e->given = INT64_MIN;
        e->done.size = sizeof(cfi_flow_t);
        cfi_cols_init(&e->cols);
        cfi_carry_init(&e->carry, e->o.memory);
        e->clocks = malloc((2 * CFI_CLOCKS + 1) * sizeof *e->clocks);
    }
    if (e == NULL || e->clocks == NULL || cfi_opens_init(&e->opens) != CF_OK) {
        cf_stitch_destroy(e);
        return cf_diag_set(d, CF_E_NOMEM, "no memory for flows");
    }
    for (uint32_t i = 0; i <= 2 * CFI_CLOCKS; i++)
        e->clocks[i] = (cfi_clock_t){ 0, INT64_MIN };
    *out = e;
    return CF_OK;
}

void cf_stitch_destroy(cf_stitch_t *e)
{
    if (e == NULL)
        return;
    cfi_cols_fini(&e->cols);
    cfi_opens_fini(&e->opens);
    cfi_carry_fini(&e->carry);
    cfi_things_fini(&e->done);
    free(e->finished);
    free(e->clocks);
    cf_schema_put(e->in);
    cf_schema_put(e->schema);
    free(e->outcol);
    free(e->cells);
    cf_batch_destroy(e->out);
    free(e);
}

void cf_stitch_summary(const cf_stitch_t *e, cf_stitch_summary_t *s)
{
    *s = e->sum;
}

/* ---- clocks ---------------------------------------------------------------------------------- */

/* Is to more than by behind from? */
static bool passed(int64_t from, int64_t to, int64_t by)
{
    return to > from && (uint64_t)to - (uint64_t)from > (uint64_t)by;
}

static uint32_t clock_of(cf_stitch_t *e, uint64_t point)
{
    uint32_t at;

    if (e->clocks[e->last_clock].point == point && e->clocks[e->last_clock].at != INT64_MIN)
        return e->last_clock;
    at = (uint32_t)(cfi_mix(point ^ e->seed, UINT64_C(0x9e3779b97f4a7c15)) % (2 * CFI_CLOCKS));
    while (e->clocks[at].at != INT64_MIN && e->clocks[at].point != point)
        at = (at + 1) % (2 * CFI_CLOCKS);
    if (e->clocks[at].at == INT64_MIN) {
        if (e->nclocks == CFI_CLOCKS)
            return 2 * CFI_CLOCKS;     /* too many interfaces: these share one */
        e->nclocks++;
        e->clocks[at] = (cfi_clock_t){ point, INT64_MIN + 1 };
    }
    return e->last_clock = at;
}

static int64_t now_of(const cf_stitch_t *e, const cfi_open_t *k)
{
    return e->disordered ? e->clocks[k->clock].at : e->clock;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* Apply the parts that need not wait; all of them at the end of the flow. */
static int apply_ripe(cf_stitch_t *e, cfi_open_t *k, bool all)
{
    int64_t now = e->clocks[k->clock].at;
    int rc = CF_OK;

    while (rc == CF_OK && k->part != CFI_NONE) {
        const cfi_part_t *p = cfi_thing(&e->opens.parts, k->part);
        uint32_t part = k->part;

        if (!all && k->nparts <= PARTS_MAX && e->o.reorder > 0 && !passed(p->stime, now, e->o.reorder))
            break;
        k->part = p->next;
        k->nparts--;
        rc = cfi_apply(e, k, part);
    }
    return rc;
}

static int joins(cf_stitch_t *e, const cfi_part_t *p, const cfi_tuple_t *t, uint64_t point, uint64_t rule,
                 uint64_t hash)
{
    uint32_t number, part;
    cfi_open_t *k = cfi_opens_get(&e->opens, t, point, rule, hash, &number);
    int rc;

    part = k != NULL ? cfi_things_new(&e->opens.parts) : CFI_NONE;
    if (part == CFI_NONE)
        return CF_E_NOMEM;
    *(cfi_part_t *)cfi_thing(&e->opens.parts, part) = *p;
    k->clock = clock_of(e, point);
    /* an event: what it belongs to may be finished */
    ((cfi_part_t *)cfi_thing(&e->opens.parts, part))->late =
        p->kind < CFI_WINDOW && passed(p->stime, e->clocks[k->clock].at, e->o.reorder);
    if (p->stime > e->clocks[k->clock].at)
        e->clocks[k->clock].at = p->stime;
    if (p->etime > k->latest)
        k->latest = p->etime;
    cfi_open_insert(&e->opens, k, part);
    rc = apply_ripe(e, k, false);
    if (rc == CF_OK && !k->has && k->part == CFI_NONE)
        cfi_opens_remove(&e->opens, number);
    return rc;
}

static uint64_t key_hash(const cf_stitch_t *e, const cfi_tuple_t *t, uint64_t point, uint64_t rule)
{
    return cfi_mix(cfi_tuple_hash(t, e->seed) ^ point, rule ^ UINT64_C(0xd1b54a32d192ed03));
}

static int chunk(cf_stitch_t *e, uint32_t from, uint32_t n, const cfi_placed_t *placed)
{
    cfi_part_t part[CFI_CHUNK_ROWS];
    cfi_tuple_t tuple[CFI_CHUNK_ROWS];
    uint64_t rule[CFI_CHUNK_ROWS], hash[CFI_CHUNK_ROWS];
    cfi_keys_t *k = &e->keys;
    int rc = CF_OK;

    cfi_cols_keys(&e->cols, from, n, k);
    for (uint32_t i = 0; i < n; i++) {
        cfi_part_of(e, from + i, i, &part[i], &tuple[i], &rule[i]);
        part[i].ref = cfi_placed(placed, from + i);
        hash[i] = key_hash(e, &tuple[i], k->point[i], rule[i]);
        cfi_opens_prefetch(&e->opens, hash[i]);
    }
    for (uint32_t i = 0; i < n; i++)
        cfi_opens_prefetch_row(&e->opens, hash[i]);
    for (uint32_t i = 0; i < n && rc == CF_OK; i++) {
        e->sum.status += k->status[i];
        if (part[i].stime == INT64_MIN) {
            /* without any time: where the log is */
            part[i].stime = part[i].etime = e->clock > INT64_MIN ? e->clock : 0;
        } else if (!k->status[i]) {
            e->disordered = e->disordered || passed(part[i].stime, e->clock, e->o.idle);
            e->clock = part[i].stime > e->clock ? part[i].stime : e->clock;
        }
        if (part[i].kind >= CFI_OWN)
            rc = cfi_own(e, &part[i], &tuple[i], k->point[i], rule[i]);
        else
            rc = joins(e, &part[i], &tuple[i], k->point[i], rule[i], hash[i]);
    }
    return rc;
}

/* ---- memory ---------------------------------------------------------------------------------- */

static uint64_t used(const cf_stitch_t *e)
{
    return (uint64_t)e->opens.open.count * (sizeof(cfi_open_t) + 2 * sizeof(uint32_t)) +
        (uint64_t)e->opens.parts.count * sizeof(cfi_part_t) +
        (uint64_t)e->done.count * (sizeof(cfi_flow_t) + sizeof(cfi_sorted_t) + sizeof(uint32_t)) +
        e->carry.bytes;
}

/* The oldest key ends. */
static int end_oldest(cf_stitch_t *e, bool cut)
{
    uint32_t number = e->opens.oldest;
    cfi_open_t *k = cfi_thing(&e->opens.open, number);
    int rc = apply_ripe(e, k, true);

    if (rc == CF_OK) {
        e->sum.cut_memory += cut && k->has;
        rc = cfi_close(e, k, cut);
    }
    cfi_opens_remove(&e->opens, number);
    return rc;
}

/* Flows that heard nothing for the idle time, by their interface's clock or by that of all. */
static int sweep(cf_stitch_t *e, bool by_all)
{
    int64_t limit = e->o.idle < INT64_MAX - e->o.reorder ? e->o.idle + e->o.reorder : INT64_MAX;
    int rc = CF_OK;

    while (rc == CF_OK && e->opens.oldest != CFI_NONE) {
        const cfi_open_t *k = cfi_thing(&e->opens.open, e->opens.oldest);

        if (k->younger != CFI_NONE)
            cfi_opens_prefetch_next(&e->opens, k->younger);
        if (!passed(k->latest, by_all ? e->clock : now_of(e, k), limit))
            break;
        rc = end_oldest(e, false);
    }
    return rc;
}

/* No flow that starts before this will come any more, as far as the log is in order. */
static int64_t low_water(const cf_stitch_t *e)
{
    int64_t wait = e->o.idle > e->o.reorder ? e->o.idle : e->o.reorder;
    int64_t low = e->clock < INT64_MIN + wait ? INT64_MIN : e->clock - wait;

    for (uint32_t i = e->opens.oldest; i != CFI_NONE;) {
        const cfi_open_t *k = cfi_thing(&e->opens.open, i);
        const cfi_part_t *p = k->part != CFI_NONE ? cfi_thing(&e->opens.parts, k->part) : NULL;

        if (k->has && k->now.first < low)
            low = k->now.first;
        if (p != NULL && p->stime < low)
            low = p->stime;
        i = k->younger;
    }
    return low;
}

static void each_ref(cf_stitch_t *e, void (*fn)(cf_stitch_t *, cfi_ref_t *))
{
    for (uint32_t i = e->opens.oldest; i != CFI_NONE;) {
        cfi_open_t *k = cfi_thing(&e->opens.open, i);

        for (unsigned d = 0; d < 2 && k->has; d++)
            fn(e, &k->now.ref[d]);
        for (uint32_t p = k->part; p != CFI_NONE;) {
            cfi_part_t *part = cfi_thing(&e->opens.parts, p);

            fn(e, &part->ref);
            p = part->next;
        }
        i = k->younger;
    }
    for (size_t i = 0; i < e->nfinished; i++) {
        cfi_flow_t *f = cfi_thing(&e->done, e->finished[i]);

        for (unsigned d = 0; d < 2; d++)
            fn(e, &f->ref[d]);
    }
}

static void keep(cf_stitch_t *e, cfi_ref_t *r)
{
    cfi_carry_keep(&e->carry, *r);
}

static void moved(cf_stitch_t *e, cfi_ref_t *r)
{
    *r = cfi_carry_moved(&e->carry, *r);
}

static int compact(cf_stitch_t *e)
{
    int rc;

    if (!cfi_carry_wants_compaction(&e->carry, e->o.memory / 16))
        return CF_OK;
    rc = cfi_carry_compact_begin(&e->carry);
    if (rc != CF_OK)
        return rc;
    each_ref(e, keep);
    rc = cfi_carry_move(&e->carry);
    if (rc != CF_OK)
        return rc;
    each_ref(e, moved);
    cfi_carry_compact_end(&e->carry);
    return CF_OK;
}

static int no_memory(int rc, cf_diag_t *d)
{
    return rc == CF_E_NOMEM ? cf_diag_set(d, rc, "no memory for flows") : rc;
}

/* Come down to three quarters of the memory. */
static int relieve(cf_stitch_t *e, cf_diag_t *d)
{
    uint64_t goal = e->o.memory / 4 * 3;
    int rc = sweep(e, true);

    if (rc == CF_OK && e->nfinished > 0)
        rc = cfi_give(e, low_water(e), 0, d);
    if (rc == CF_OK)
        rc = compact(e);
    while (rc == CF_OK && used(e) > goal && (e->nfinished > 0 || e->opens.open.count > 0)) {
        uint32_t some = e->opens.open.count / 8 + 1;

        if (e->nfinished > 0) {
            rc = cfi_give(e, INT64_MIN, e->nfinished / 2 + 1, d);
        } else {
            while (rc == CF_OK && some-- > 0 && e->opens.oldest != CFI_NONE)
                rc = end_oldest(e, true);
        }
        if (rc == CF_OK)
            rc = compact(e);
    }
    return no_memory(rc, d);
}

/* ---- batches --------------------------------------------------------------------------------- */

static void add_up(cf_sum_t *to, const cf_vec_t *v, uint32_t n)
{
    unsigned __int128 sum = (unsigned __int128)to->hi << 64 | to->lo;

    for (uint32_t i = 0; v != NULL && i < n; i++)
        sum += cf_vec_uint(v, i);
    to->hi = (uint64_t)(sum >> 64);
    to->lo = (uint64_t)sum;
}

int cf_stitch_put(cf_stitch_t *e, const cf_batch_t *b, cf_diag_t *d)
{
    cfi_placed_t placed;
    int rc = cfi_cols_batch(&e->cols, b);

    if (rc == CF_OK)
        rc = cfi_build_schema(e, b->schema);
    if (rc == CF_OK)
        rc = cfi_carry_put(&e->carry, b, &placed);
    e->sum.rows += b->rows;
    add_up(&e->sum.packets[0], e->cols.v[CFI_PACKETS], b->rows);
    add_up(&e->sum.packets[0], e->cols.v[CFI_RPACKETS], b->rows);
    add_up(&e->sum.bytes[0], e->cols.v[CFI_BYTES], b->rows);
    add_up(&e->sum.bytes[0], e->cols.v[CFI_RBYTES], b->rows);
    for (uint32_t row = 0; rc == CF_OK && row < b->rows; row += CFI_CHUNK_ROWS)
        rc = chunk(e, row, b->rows - row < CFI_CHUNK_ROWS ? b->rows - row : CFI_CHUNK_ROWS, &placed);
    if (rc == CF_OK)
        rc = sweep(e, false);
    if (rc == CF_OK && used(e) > e->o.memory)
        return relieve(e, d);
    if (rc == CF_OK)
        rc = compact(e);
    return no_memory(rc, d);
}

int cf_stitch_finish(cf_stitch_t *e, cf_diag_t *d)
{
    int rc = CF_OK;

    while (rc == CF_OK && e->opens.oldest != CFI_NONE)
        rc = end_oldest(e, false);
    if (rc == CF_OK && e->nfinished > 0)
        rc = cfi_give(e, INT64_MIN, e->nfinished, d);
    return no_memory(rc, d);
}
