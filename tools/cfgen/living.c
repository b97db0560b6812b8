/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock of living connections.
 *
 * The reports of a day are dealt out to its minutes by the daily curve, as in traffic.c.  In each
 * minute first the connections that live report what is due, whatever the curve says; then new ones
 * are drawn until the minute has its share.  A connection waits for its next report in a list of
 * the minute of that report (a wheel of minutes), so a minute costs what happens in it.
 *
 * Where reports come long after the begin, the living of which nothing was reported yet count as if
 * they had been; at the end of the span they are reported as they are.
 *
 * The clock starts some minutes before the span and throws away what these report: the log begins
 * in the middle of things, with ends whose begin nobody wrote down.  It ends in the middle too.
 *
 * Memory does not depend on the number of reports: when as many connections live as are remembered,
 * new ones end within their minute.
 */
#include "conn.h"

#include <stdlib.h>
#include <string.h>

enum { BURST_MAX = 64, WARM_MAX = 30, UNTIDY = 127, DIGIT = 11, DIGITS = 5 };

typedef struct gen_place {
    uint64_t key;
    uint32_t at;
} gen_place_t;

static void wheel_init(gen_living_t *f)
{
    for (uint32_t i = 0; i < GEN_SLOTS; i++)
        f->slot[i] = GEN_NO_CONN;
    for (uint32_t i = 0; i < GEN_LIVE_MAX; i++)
        f->pool[i].link = i + 1 < GEN_LIVE_MAX ? i + 1 : GEN_NO_CONN;
    f->free = 0;
}

/* The curve's minute, also for minutes before the span. */
static uint32_t curve_minute(const gen_living_t *f)
{
    return (uint32_t)(f->minute + 1440);
}

gen_living_t *gen_living_create(gen_estate_t *estate, const gen_plan_t *plan,
                                const gen_shape_t *shape, uint64_t epoch, gen_key_fn *key,
                                const void *arg)
{
    gen_living_t *f = calloc(1, sizeof *f);
    const size_t max = GEN_REPORTS_MAX + GEN_REPORTS_SLACK;
    int32_t warm;

    if (f == NULL)
        return NULL;
    f->shape = *shape;
    f->key = key;
    f->arg = arg;
    f->ticks = (int32_t)plan->minutes;
    f->pool = malloc(GEN_LIVE_MAX * sizeof *f->pool);
    f->made = malloc(max * sizeof *f->made);
    f->list = malloc(max * sizeof *f->list);
    f->place = malloc(max * sizeof *f->place);
    f->spare = malloc(max * sizeof *f->spare);
    if (f->pool == NULL || f->made == NULL || f->list == NULL || f->place == NULL
        || f->spare == NULL || gen_draw_init(&f->d, estate, plan) != 0) {
        gen_living_destroy(f);
        return NULL;
    }
    wheel_init(f);
    for (uint32_t i = 0; i < plan->minutes; i++)
        f->curve_sum += gen_curve_at(plan, i);
    f->burst = plan->flows / 32 < BURST_MAX ? (uint32_t)(plan->flows / 32) : BURST_MAX;
    f->late = (shape->flags & GEN_S_BEGINS) == 0;
    f->patient = shape->period >= 60 && (shape->flags & (GEN_S_SAMPLED | GEN_S_ALIGNED)) != 0;
    warm = f->ticks / 4 < WARM_MAX ? f->ticks / 4 : WARM_MAX;
    f->minute = -warm - 1;
    f->base = epoch * GEN_SECOND - (uint64_t)(warm + 1) * GEN_MINUTE;
    return f;
}

void gen_living_destroy(gen_living_t *f)
{
    if (f == NULL)
        return;
    gen_draw_fini(&f->d);
    free(f->pool);
    free(f->made);
    free(f->list);
    free(f->place);
    free(f->spare);
    free(f);
}

/* Makes reports until the end of the minute; true if the connection is to be remembered. */
static bool step(gen_living_t *f, gen_conn_t *c)
{
    uint64_t end = f->base + GEN_MINUTE;

    while (c->due < end) {
        if ((f->shape.flags & GEN_S_SAMPLED) != 0)
            gen_sample_step(f, c);
        else
            gen_report_step(f, c);
    }
    return c->due != GEN_NEVER;
}

static void wait(gen_living_t *f, uint32_t i)
{
    uint64_t ahead = (f->pool[i].due - f->base) / GEN_MINUTE;
    uint32_t slot = (uint32_t)(f->minute + WARM_MAX + 1 + (int32_t)ahead) % GEN_SLOTS;

    f->pool[i].link = f->slot[slot];
    f->slot[slot] = i;
}

static void release(gen_living_t *f, uint32_t i)
{
    f->pool[i].link = f->free;
    f->free = i;
}

static void settle(gen_living_t *f, gen_conn_t *c, uint32_t before, bool lives)
{
    if (!c->told && (f->d.n > before || !lives)) {
        c->told = 1;
        f->owed--;
    }
    f->d.owed = gen_counts_early(f) ? f->owed : 0;
}

/* What the living have to say this minute, as far as there is room. */
static void report_living(gen_living_t *f)
{
    uint32_t *slot = &f->slot[(uint32_t)(f->minute + WARM_MAX + 1) % GEN_SLOTS], i;

    while ((i = *slot) != GEN_NO_CONN && f->d.n < GEN_REPORTS_MAX) {
        uint32_t before = f->d.n;
        bool lives;

        *slot = f->pool[i].link;
        lives = step(f, &f->pool[i]);
        settle(f, &f->pool[i], before, lives);
        if (lives)
            wait(f, i);
        else
            release(f, i);
    }
}

/* The log ends: what was not reported yet is reported as it is; nobody lives on. */
static void report_rest(gen_living_t *f)
{
    uint64_t now = f->base + GEN_MINUTE - 1;

    for (uint32_t k = 0; k < GEN_SLOTS; k++)
        while (f->slot[k] != GEN_NO_CONN && f->d.n < GEN_REPORTS_MAX) {
            uint32_t i = f->slot[k];
            gen_conn_t *c = &f->pool[i];

            f->slot[k] = c->link;
            if (!c->told) {
                /* What is said at once is cut short; see gen_conn_advance. */
                if ((c->knock > 0 || c->proto != 6) && c->end > now - c->side[1].lag
                    && c->start < now - c->side[1].lag)
                    c->end = now - c->side[1].lag;
                for (int side = 0; side < 2; side++)
                    if (c->side[side].next != GEN_NEVER)
                        c->side[side].next = now;
                c->due = now;
                step(f, c);
                f->owed--;
            }
            release(f, i);
        }
}

static void draw_new(gen_living_t *f)
{
    gen_conn_t fresh, *c = f->free != GEN_NO_CONN ? &f->pool[f->free] : &fresh;
    uint32_t next = f->free != GEN_NO_CONN ? c->link : GEN_NO_CONN, before = f->d.n;

    if (gen_conn_begin(f, c, c == &fresh)) {
        if ((f->shape.flags & GEN_S_SAMPLED) != 0)
            gen_sample_open(f, c);
        else
            gen_report_open(f, c);
        if (step(f, c) && c != &fresh) {
            uint32_t i = f->free;

            c->told = f->d.n > before;
            f->owed += !c->told;
            f->d.owed = gen_counts_early(f) ? f->owed : 0;
            f->free = next;
            wait(f, i);
            return;
        }
    }
    if (c != &fresh)
        c->link = next;
}

/* Sorts f->place[0 … n) by key: digit by digit, leaving out those in which all are equal. */
static void sort_places(gen_living_t *f, uint32_t n)
{
    static const uint32_t mask = (1u << DIGIT) - 1;
    uint32_t count[1u << DIGIT];

    for (uint32_t k = 0; k < DIGITS; k++) {
        uint32_t shift = k * DIGIT, sum = 0;
        gen_place_t *other = f->spare;

        memset(count, 0, sizeof count);
        for (uint32_t i = 0; i < n; i++)
            count[(f->place[i].key >> shift) & mask]++;
        if (n > 0 && count[(f->place[0].key >> shift) & mask] == n)
            continue;
        for (uint32_t i = 0; i <= mask; i++) {
            uint32_t here = count[i];

            count[i] = sum;
            sum += here;
        }
        for (uint32_t i = 0; i < n; i++)
            other[count[(f->place[i].key >> shift) & mask]++] = f->place[i];
        f->spare = f->place;
        f->place = other;
    }
}

/* Microseconds since the begin of the minute: 26 bits. */
static uint64_t order_time(const gen_living_t *f, const gen_report_t *r)
{
    uint64_t t = r->time - f->base;

    /* Now and then an end is written down before its begin. */
    if (r->state == GEN_END && (f->shape.flags & GEN_S_BEGINS) != 0 && r->start > f->base
        && (gen_mix(r->id) & UNTIDY) == 0)
        t = r->start - f->base > 1000 ? r->start - f->base - 1000 : 0;
    return t / 1000;
}

/* The reports in the order to be written; when there are too many, the last in time are left out. */
static size_t put_in_order(gen_living_t *f, uint64_t room)
{
    uint32_t n = f->d.n;

    for (uint32_t i = 0; i < n; i++) {
        f->place[i].key = (f->made[i].time - f->base) / 1000;
        f->place[i].at = i;
    }
    if (n > room) {
        sort_places(f, n);
        n = (uint32_t)room;
    }
    for (uint32_t i = 0; i < n; i++) {
        const gen_report_t *r = &f->made[f->place[i].at];
        uint64_t key = f->key != NULL ? f->key(f->arg, r) : 0;

        f->place[i].key = key << 26 | order_time(f, r);
    }
    sort_places(f, n);
    for (uint32_t i = 0; i < n; i++)
        f->list[i] = &f->made[f->place[i].at];
    return n;
}

/* On to the next minute; false after the last. */
static bool advance(gen_living_t *f)
{
    uint32_t w;

    if (f->minute + 1 >= f->ticks)
        return false;
    f->minute++;
    f->base += GEN_MINUTE;
    gen_draw_minute(&f->d, curve_minute(f));
    w = gen_curve_at(&f->d.plan, curve_minute(f));
    if (f->minute == 0)
        f->d.drawn = f->d.n_v6 = f->d.n_reject = f->planned = 0;
    if (f->minute < 0) {
        f->planned += gen_share(f->d.plan.flows, w, f->curve_sum);
    } else {
        f->curve_done += w;
        f->planned = gen_share(f->d.plan.flows, f->curve_done, f->curve_sum);
    }
    return true;
}

static bool last_minute(const gen_living_t *f)
{
    return f->minute + 1 == f->ticks;
}

/* New connections until the minute has its share; a small plan has some dozens at a time. */
static void draw_share(gen_living_t *f)
{
    uint32_t owed = f->late ? f->owed : 0;

    if (f->planned < f->d.drawn + f->d.n + owed + f->burst && !last_minute(f))
        return;
    while (f->d.n < GEN_REPORTS_MAX && f->d.drawn + f->d.n + owed < f->planned
           && !(f->patient && f->free == GEN_NO_CONN)) {
        draw_new(f);
        owed = f->late ? f->owed : 0;
    }
}

size_t gen_living_next(gen_living_t *f, const gen_report_t *const **list, uint32_t *minute)
{
    const uint64_t flows = f->d.plan.flows;
    size_t n;

    do {
        if (f->minute >= 0 && f->d.drawn == flows)
            return 0;
        if (!f->more && !advance(f))
            return 0;
        f->d.n = 0;
        report_living(f);
        draw_share(f);
        if (f->late && last_minute(f))
            report_rest(f);
        f->more = f->d.n >= GEN_REPORTS_MAX || (last_minute(f) && f->d.drawn + f->d.n < flows);
        n = f->minute < 0 ? 0 : put_in_order(f, flows - f->d.drawn);
        f->d.drawn += f->minute < 0 ? f->d.n : n;
    } while (n == 0);
    *list = f->list;
    *minute = (uint32_t)f->minute;
    return n;
}
