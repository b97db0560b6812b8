/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sampled reports: in each short interval in which a connection said something, each end looks at
 * one packet in a few, and estimates from them what each direction carried.
 *
 * The rate hangs on how busy the machine is.  The ends choose for themselves, so that an entry of
 * one may be missing at the other.  What a firewall refuses is seen where it was sent, never where
 * it was refused.
 */
#include "conn.h"

enum { QUIET = 90 };           /* longest silence in seconds */

void gen_sample_open(gen_living_t *f, gen_conn_t *c)
{
    uint64_t period = f->shape.period * GEN_SECOND;

    c->due = (c->start / period + 1) * period;
}

/* Power of two of the sampling rate of a machine, the same for ten minutes. */
static uint32_t rate_shift(const gen_living_t *f, uint32_t iface)
{
    uint64_t h = gen_mix(f->d.e->iface[iface].id + f->base / (10 * GEN_MINUTE));

    return 2 + ((h & 7) >= 3) + ((h & 7) == 7);
}

/* What the sample of `n` makes believe; false if no packet was chosen. */
static bool estimate(gen_living_t *f, const gen_count_t *n, uint32_t shift, gen_count_t *out)
{
    uint64_t chosen = ((uint64_t)n->packets << 16 >> shift) + (gen_next(&f->d.r) >> 48);

    chosen >>= 16;
    if (chosen == 0)
        return false;
    out->packets = (uint32_t)(chosen << shift);
    out->bytes = n->bytes * chosen / n->packets << shift;
    out->payload = n->payload * chosen / n->packets << shift;
    out->flags = n->flags;
    return true;
}

static void one_way(gen_living_t *f, const gen_conn_t *c, uint32_t side, bool back)
{
    const gen_side_t *s = &c->side[side];
    const gen_count_t *n = back ? &s->rev : &s->fwd;
    uint64_t open = c->due - f->shape.period * GEN_SECOND, shut, u, span;
    bool sender = (side == 0) != back;
    gen_report_t *r;
    gen_count_t seen;

    if (s->iface == GEN_NOWHERE || n->packets == 0 || (c->denied && !sender)
        || (f->shape.sides & (sender ? 1u : 2u)) == 0
        || !estimate(f, n, rate_shift(f, s->iface), &seen))
        return;
    r = gen_conn_report(f, c, side);
    r->time = c->due;
    r->state = GEN_CONTINUE;
    r->back = back;
    *(back ? &r->rev : &r->fwd) = seen;
    shut = c->end < c->due ? c->end : c->due - 1;
    open = c->start > open ? c->start : open;
    span = shut > open ? shut - open : 0;
    u = gen_next(&f->d.r);
    r->first = open + ((u >> 32) * (span >> 8) >> 26);
    r->last = n->packets > 1 ? shut - ((u & 0xffffffff) * (span >> 8) >> 26) : r->first;
    if (r->last < r->first)
        r->last = r->first;
}

void gen_sample_step(gen_living_t *f, gen_conn_t *c)
{
    uint64_t period = f->shape.period * GEN_SECOND, end;

    gen_conn_advance(f, c, c->due);
    for (uint32_t side = 0; side < 2; side++) {
        one_way(f, c, side, false);
        one_way(f, c, side, true);
        c->side[side].fwd = c->side[side].rev = (gen_count_t){ 0 };
    }
    if (c->over) {
        c->due = GEN_NEVER;
        return;
    }
    end = (c->end / period + 1) * period;
    c->due += period;
    if (c->lasting && f->shape.period < QUIET)      /* it does not speak all the time */
        c->due += gen_skewed(&f->d.r, QUIET / f->shape.period) * period;
    if (c->due > end)
        c->due = end;
}
