/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock of the traffic model.
 *
 * A day's records are dealt out to its minutes by a daily curve, exactly: after the last minute the
 * number asked for has been made, no more and no less.  In each minute first the conversations that
 * last report their window, then status records are due, then new conversations are drawn until the
 * minute's quota is full; scanners come in whenever the share of rejected records is behind.
 *
 * The minute's records are then put in the order of a delivery: in bunches of records of one
 * interface, the bunches in a different order each minute, the two directions of a conversation
 * mostly side by side; one record in a hundred is late by some minutes.
 *
 * How this was fitted to real logs, and how near it came, is told in doc/performance.md.
 *
 * Memory does not depend on the number of records.  A small plan is dealt out in bursts of
 * some dozens of records, so that its conversations are whole; a large one has more than one batch
 * a minute.
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

enum { BURST_MIN = 8, BURST_MAX = 64, BUNCH_END = 26214, LASTING_PARTS = 10, LASTING_MAX = 4 };

/* Weight of each hour of the day. */
static const uint32_t curve[25] = {
    52, 44, 39, 36, 35, 38, 46, 60, 78, 94, 104, 110, 112, 112, 113, 111, 106, 100, 97, 98, 100, 95,
    82, 66, 52
};

static uint32_t curve_at(const gen_plan_t *p, uint32_t minute)
{
    uint32_t m = p->hour * 60 + minute, h = (m / 60) % 24, f = m % 60;

    return curve[h] * (60 - f) + curve[h + 1] * f;
}

static int build_tables(gen_traffic_t *t)
{
    uint32_t w[64] = { 0 };
    int bad = 0;

    for (uint32_t i = 0; i < gen_n_classes; i++)
        w[i] = gen_classes[i].day;
    bad |= gen_alias_init(&t->by_day, w, gen_n_classes);
    for (uint32_t i = 0; i < gen_n_classes; i++)
        w[i] = gen_classes[i].night;
    bad |= gen_alias_init(&t->by_night, w, gen_n_classes);
    bad |= gen_alias_init_zipf(&t->nets, GEN_CLIENT_NETS, 120);
    bad |= gen_alias_init_zipf(&t->servers, GEN_SERVER_HOSTS, 4);
    return bad;
}

gen_traffic_t *gen_traffic_create(gen_estate_t *estate, const gen_plan_t *plan)
{
    gen_traffic_t *t = calloc(1, sizeof *t);

    if (t == NULL)
        return NULL;
    t->e = estate;
    t->plan = *plan;
    /* Windows reach up to a minute beyond their own, hence one minute less than the span. */
    t->ticks = plan->minutes > 1 ? plan->minutes - 1 : 1;
    gen_rng_init(&t->r, plan->seed, 2);
    t->made = malloc((GEN_BATCH_MAX + GEN_LATE_MAX + GEN_BATCH_SLACK) * sizeof *t->made);
    t->sorted = malloc((GEN_BATCH_MAX + GEN_LATE_MAX) * sizeof *t->sorted);
    t->bunch = malloc((GEN_BATCH_MAX + GEN_LATE_MAX) * sizeof *t->bunch);
    t->place = malloc((GEN_BATCH_MAX + GEN_LATE_MAX) * sizeof *t->place);
    t->shuffled = malloc((GEN_BATCH_MAX + GEN_LATE_MAX) * sizeof *t->shuffled);
    if (t->made == NULL || t->sorted == NULL || t->bunch == NULL || t->place == NULL
        || t->shuffled == NULL || build_tables(t) != 0) {
        gen_traffic_destroy(t);
        return NULL;
    }
    for (uint32_t i = 0; i < t->ticks; i++)
        t->curve_sum += curve_at(plan, i);
    if (plan->flows / t->ticks / 16 < GEN_LATE_MAX)
        t->n_late = (uint32_t)(plan->flows / t->ticks / 16);
    else
        t->n_late = GEN_LATE_MAX;
    gen_scan_init(t);
    t->burst = plan->flows / 32 < BURST_MIN ? BURST_MIN
               : plan->flows / 32 < BURST_MAX ? (uint32_t)(plan->flows / 32) : BURST_MAX;
    t->minute = (uint32_t)-1;
    return t;
}

void gen_traffic_destroy(gen_traffic_t *t)
{
    if (t == NULL)
        return;
    gen_alias_fini(&t->by_day);
    gen_alias_fini(&t->by_night);
    gen_alias_fini(&t->nets);
    gen_alias_fini(&t->servers);
    free(t->made);
    free(t->sorted);
    free(t->bunch);
    free(t->place);
    free(t->shuffled);
    free(t);
}

/* flows * done / sum without overflow. */
static uint64_t due(const gen_traffic_t *t)
{
    uint64_t q = t->plan.flows / t->curve_sum, r = t->plan.flows % t->curve_sum;

    return q * t->curve_done + r * t->curve_done / t->curve_sum;
}

/* Moves the clock until a burst is due or the span is over.  False when nothing is left to make. */
static int advance(gen_traffic_t *t)
{
    uint32_t w;

    while (t->planned - t->drawn < t->burst && t->minute + 1 < t->ticks) {
        t->minute++;
        w = curve_at(&t->plan, t->minute);
        t->curve_done += w;
        t->planned = due(t);
        t->daylight = (w - 35 * 60) * 65536 / (78 * 60);
    }
    return t->planned > t->drawn;
}

/* Conversations that last report this window, unless so many do that nothing new would fit. */
static void report_lasting(gen_traffic_t *t)
{
    uint32_t gap = t->minute - t->last_tick, room = t->quota / LASTING_PARTS * LASTING_MAX;
    uint32_t i = 0;

    t->last_tick = t->minute;
    while (i < t->n_active) {
        gen_conv_t *c = &t->active[i];

        if (c->left < gap || t->n >= room) {
            *c = t->active[--t->n_active];
            continue;
        }
        c->left = (uint16_t)(c->left - gap);
        c->last = c->left == 0;
        c->first = 0;
        gen_emit(t, c);
        if (c->last)
            *c = t->active[--t->n_active];
        else
            i++;
    }
}

static void status_row(gen_traffic_t *t, uint32_t iface, uint8_t status)
{
    gen_row_t *row = gen_row_new(t, iface);

    row->status = status;
    row->start = gen_window(t, iface);
    row->end = row->start + 59;
}

/* Standby machines have nothing to say; overloaded balancers lose records. */
static void report_status(gen_traffic_t *t)
{
    uint64_t upto = t->drawn + t->quota;

    while (t->n < t->quota && (t->n_nodata + 1) * 1000000 <= upto * t->plan.ppm_nodata) {
        static const uint8_t sites[3] = { GEN_PROD, GEN_DEV, GEN_ANALYTICS };
        const gen_list_t *l = &t->e->list[sites[t->n_nodata % 3]][GEN_STANDBY];

        status_row(t, l->first + (uint32_t)(t->n_nodata / 3) % l->n, GEN_NODATA);
        t->n_nodata++;
    }
    while (t->n < t->quota && (t->n_skip + 1) * 1000000 <= upto * t->plan.ppm_skipdata) {
        status_row(t, t->e->list[GEN_PROD][GEN_LB].first + gen_below(&t->r, 12), GEN_SKIPDATA);
        t->n_skip++;
    }
}

static void draw_new(gen_traffic_t *t)
{
    gen_conv_t fresh, *c = &fresh;
    uint64_t made = t->drawn + t->n, wanted = made * t->plan.ppm_reject / 1000000;
    uint32_t cls;

    if (t->n_reject < wanted && (t->n_reject + 64 < wanted || gen_chance(&t->r, 40000))) {
        gen_scan(t);
        return;
    }
    if (t->n_v6 + 64 < made * t->plan.ppm_v6 / 1000000)
        cls = GEN_CLASS_V6;
    else if (gen_chance(&t->r, t->daylight))
        cls = gen_alias_draw(&t->by_day, &t->r);
    else
        cls = gen_alias_draw(&t->by_night, &t->r);
    if (t->n_active < GEN_ACTIVE_MAX)
        c = &t->active[t->n_active];
    gen_conv_begin(t, c, cls);
    c->left--;
    c->last = c->left == 0 || c == &fresh;
    gen_emit(t, c);
    if (!c->last)
        t->n_active++;
}

/*
 * A late record changes places with one that has waited, so that the number stays; while the
 * waiting room fills, the batch gets shorter.
 */
static void delay_some(gen_traffic_t *t)
{
    uint32_t n = t->n / 128;
    gen_row_t swap;

    if (t->n_late == 0)
        return;
    while (n-- > 0) {
        uint32_t at = gen_below(&t->r, t->n), slot = gen_below(&t->r, t->n_late);

        swap = t->made[at];
        if (t->late_used[slot])
            t->made[at] = t->late[slot];
        else
            t->made[at] = t->made[--t->n];
        t->late[slot] = swap;
        t->late_used[slot] = 1;
    }
}

static void release_late(gen_traffic_t *t)
{
    for (uint32_t i = 0; i < t->n_late; i++)
        if (t->late_used[i])
            t->made[t->n++] = t->late[i];
}

/* Gives each bunch, in random order, the place of its first record. */
static void shuffle_places(gen_traffic_t *t, uint32_t n)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t j = gen_below(&t->r, i + 1);

        t->shuffled[i] = t->shuffled[j];
        t->shuffled[j] = i;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t size = t->place[t->shuffled[i]];

        t->place[t->shuffled[i]] = at;
        at += size;
    }
}

/*
 * The order of a delivery: interfaces hand in bunches of a few records, and the bunches of a minute
 * arrive in any order.  A counting sort by shuffled bunch numbers, stable within a bunch.
 */
static void put_in_order(gen_traffic_t *t)
{
    uint32_t n_bunch = 0;

    memset(t->bunch_of, 0xff, sizeof t->bunch_of);
    for (uint32_t i = 0; i < t->n; i++) {
        uint32_t *b = &t->bunch_of[t->made[i].iface];

        if (*b == UINT32_MAX || gen_chance(&t->r, BUNCH_END)) {
            *b = n_bunch;
            t->place[n_bunch++] = 0;
        }
        t->bunch[i] = *b;
        t->place[*b]++;
    }
    shuffle_places(t, n_bunch);
    for (uint32_t i = 0; i < t->n; i++)
        t->sorted[t->place[t->bunch[i]]++] = t->made[i];
    for (uint32_t k = 0; k < t->n / 4; k++) {
        uint32_t i = gen_below(&t->r, t->n), j = i + 1 + gen_below(&t->r, 8);

        if (j < t->n && t->sorted[i].iface == t->sorted[j].iface) {
            gen_row_t x = t->sorted[i];

            t->sorted[i] = t->sorted[j];
            t->sorted[j] = x;
        }
    }
}

size_t gen_traffic_next(gen_traffic_t *t, const gen_row_t **rows, uint32_t *minute)
{
    uint64_t due_now;
    int fresh = t->planned == t->drawn || t->minute == (uint32_t)-1;

    if (!advance(t))
        return 0;
    due_now = t->planned - t->drawn;
    t->quota = due_now < GEN_BATCH_MAX ? (uint32_t)due_now : GEN_BATCH_MAX;
    t->n = 0;
    if (fresh || t->last_tick != t->minute)
        report_lasting(t);
    report_status(t);
    while (t->n < t->quota)
        draw_new(t);
    t->drawn += t->n;
    delay_some(t);
    if (t->minute + 1 == t->ticks && t->planned == t->drawn)
        release_late(t);
    put_in_order(t);
    *rows = t->sorted;
    *minute = t->minute;
    return t->n;
}
