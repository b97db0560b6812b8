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

gen_traffic_t *gen_traffic_create(gen_estate_t *estate, const gen_plan_t *plan)
{
    gen_traffic_t *t = calloc(1, sizeof *t);

    if (t == NULL)
        return NULL;
    /* Windows reach up to a minute beyond their own, hence one minute less than the span. */
    t->ticks = plan->minutes > 1 ? plan->minutes - 1 : 1;
    t->made = malloc((GEN_BATCH_MAX + GEN_LATE_MAX + GEN_BATCH_SLACK) * sizeof *t->made);
    t->sorted = malloc((GEN_BATCH_MAX + GEN_LATE_MAX) * sizeof *t->sorted);
    t->bunch = malloc((GEN_BATCH_MAX + GEN_LATE_MAX) * sizeof *t->bunch);
    t->place = malloc((GEN_BATCH_MAX + GEN_LATE_MAX) * sizeof *t->place);
    t->shuffled = malloc((GEN_BATCH_MAX + GEN_LATE_MAX) * sizeof *t->shuffled);
    if (t->made == NULL || t->sorted == NULL || t->bunch == NULL || t->place == NULL
        || t->shuffled == NULL || gen_draw_init(&t->d, estate, plan) != 0) {
        gen_traffic_destroy(t);
        return NULL;
    }
    for (uint32_t i = 0; i < t->ticks; i++)
        t->curve_sum += gen_curve_at(plan, i);
    if (plan->flows / t->ticks / 16 < GEN_LATE_MAX)
        t->n_late = (uint32_t)(plan->flows / t->ticks / 16);
    else
        t->n_late = GEN_LATE_MAX;
    t->burst = plan->flows / 32 < BURST_MIN ? BURST_MIN
               : plan->flows / 32 < BURST_MAX ? (uint32_t)(plan->flows / 32) : BURST_MAX;
    t->d.minute = (uint32_t)-1;
    return t;
}

void gen_traffic_destroy(gen_traffic_t *t)
{
    if (t == NULL)
        return;
    gen_draw_fini(&t->d);
    free(t->made);
    free(t->sorted);
    free(t->bunch);
    free(t->place);
    free(t->shuffled);
    free(t);
}

/* Moves the clock until a burst is due or the span is over.  False when nothing is left to make. */
static int advance(gen_traffic_t *t)
{
    while (t->planned - t->d.drawn < t->burst && t->d.minute + 1 < t->ticks) {
        gen_draw_minute(&t->d, t->d.minute + 1);
        t->curve_done += gen_curve_at(&t->d.plan, t->d.minute);
        t->planned = gen_share(t->d.plan.flows, t->curve_done, t->curve_sum);
    }
    return t->planned > t->d.drawn;
}

/* Conversations that last report this window, unless so many do that nothing new would fit. */
static void report_lasting(gen_traffic_t *t)
{
    uint32_t gap = t->d.minute - t->last_tick, room = t->quota / LASTING_PARTS * LASTING_MAX;
    uint32_t i = 0;

    t->last_tick = t->d.minute;
    while (i < t->n_active) {
        gen_conv_t *c = &t->active[i];

        if (c->left < gap || t->d.n >= room) {
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
    row->start = gen_window(&t->d, iface);
    row->end = row->start + 59;
}

/* Standby machines have nothing to say; overloaded balancers lose records. */
static void report_status(gen_traffic_t *t)
{
    uint64_t upto = t->d.drawn + t->quota;

    while (t->d.n < t->quota && (t->n_nodata + 1) * 1000000 <= upto * t->d.plan.ppm_nodata) {
        static const uint8_t sites[3] = { GEN_PROD, GEN_DEV, GEN_ANALYTICS };
        const gen_list_t *l = &t->d.e->list[sites[t->n_nodata % 3]][GEN_STANDBY];

        status_row(t, l->first + (uint32_t)(t->n_nodata / 3) % l->n, GEN_NODATA);
        t->n_nodata++;
    }
    while (t->d.n < t->quota && (t->n_skip + 1) * 1000000 <= upto * t->d.plan.ppm_skipdata) {
        status_row(t, t->d.e->list[GEN_PROD][GEN_LB].first + gen_below(&t->d.r, 12), GEN_SKIPDATA);
        t->n_skip++;
    }
}

static void draw_new(gen_traffic_t *t)
{
    gen_conv_t fresh, *c = &fresh;
    uint32_t cls = gen_draw_class(&t->d);

    if (cls == GEN_CLASS_SCAN) {
        gen_scan(t);
        return;
    }
    if (t->n_active < GEN_ACTIVE_MAX)
        c = &t->active[t->n_active];
    gen_conv_begin(&t->d, c, cls);
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
    uint32_t n = t->d.n / 128;
    gen_row_t swap;

    if (t->n_late == 0)
        return;
    while (n-- > 0) {
        uint32_t at = gen_below(&t->d.r, t->d.n), slot = gen_below(&t->d.r, t->n_late);

        swap = t->made[at];
        if (t->late_used[slot])
            t->made[at] = t->late[slot];
        else
            t->made[at] = t->made[--t->d.n];
        t->late[slot] = swap;
        t->late_used[slot] = 1;
    }
}

static void release_late(gen_traffic_t *t)
{
    for (uint32_t i = 0; i < t->n_late; i++)
        if (t->late_used[i])
            t->made[t->d.n++] = t->late[i];
}

/* Gives each bunch, in random order, the place of its first record. */
static void shuffle_places(gen_traffic_t *t, uint32_t n)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t j = gen_below(&t->d.r, i + 1);

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
    for (uint32_t i = 0; i < t->d.n; i++) {
        uint32_t *b = &t->bunch_of[t->made[i].iface];

        if (*b == UINT32_MAX || gen_chance(&t->d.r, BUNCH_END)) {
            *b = n_bunch;
            t->place[n_bunch++] = 0;
        }
        t->bunch[i] = *b;
        t->place[*b]++;
    }
    shuffle_places(t, n_bunch);
    for (uint32_t i = 0; i < t->d.n; i++)
        t->sorted[t->place[t->bunch[i]]++] = t->made[i];
    for (uint32_t k = 0; k < t->d.n / 4; k++) {
        uint32_t i = gen_below(&t->d.r, t->d.n), j = i + 1 + gen_below(&t->d.r, 8);

        if (j < t->d.n && t->sorted[i].iface == t->sorted[j].iface) {
            gen_row_t x = t->sorted[i];

            t->sorted[i] = t->sorted[j];
            t->sorted[j] = x;
        }
    }
}

size_t gen_traffic_next(gen_traffic_t *t, const gen_row_t **rows, uint32_t *minute)
{
    uint64_t due_now;
    int fresh = t->planned == t->d.drawn || t->d.minute == (uint32_t)-1;

    if (!advance(t))
        return 0;
    due_now = t->planned - t->d.drawn;
    t->quota = due_now < GEN_BATCH_MAX ? (uint32_t)due_now : GEN_BATCH_MAX;
    t->d.n = 0;
    if (fresh || t->last_tick != t->d.minute)
        report_lasting(t);
    report_status(t);
    while (t->d.n < t->quota)
        draw_new(t);
    t->d.drawn += t->d.n;
    delay_some(t);
    if (t->d.minute + 1 == t->ticks && t->planned == t->d.drawn)
        release_late(t);
    put_in_order(t);
    *rows = t->sorted;
    *minute = t->d.minute;
    return t->d.n;
}
