/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports of states: a connection begins, continues every so often, ends; or it is refused, once
 * for each packet.  Each end has a rhythm of its own and reports what it has not reported yet.
 */
#include "conn.h"

#include <string.h>

/* Who refuses: the server's end, unless a sensor looks on. */
static bool refuses(const gen_living_t *f, const gen_conn_t *c, uint32_t side)
{
    return c->denied && side == 1 && (f->shape.flags & GEN_S_SENSOR) == 0;
}

/* When something that happens at `t` is reported. */
static uint64_t reported(const gen_living_t *f, uint64_t t)
{
    uint64_t period = f->shape.period * GEN_SECOND;

    return (f->shape.flags & GEN_S_ALIGNED) != 0 ? (t / period + 1) * period : t;
}

static void set_due(gen_conn_t *c)
{
    c->due = c->side[0].next < c->side[1].next ? c->side[0].next : c->side[1].next;
}

/* The next report of a connection after one at `now`, or its end. */
static uint64_t next_report(gen_living_t *f, const gen_conn_t *c, const gen_side_t *s,
                            uint64_t now)
{
    uint64_t period = f->shape.period * GEN_SECOND, gone = reported(f, c->gone + s->lag), next;

    if ((f->shape.flags & GEN_S_ONLY_BEGINS) != 0)
        return GEN_NEVER;
    if ((f->shape.flags & GEN_S_ALIGNED) != 0)
        next = reported(f, now);
    else if (period > 0)     /* a tenth more or less, as the reporter finds the time */
        next = now + period - period / 10 + gen_spread(&f->d, period / 5);
    else
        return gone;
    return next < gone ? next : gone;
}

void gen_report_open(gen_living_t *f, gen_conn_t *c)
{
    for (uint32_t i = 0; i < 2; i++) {
        gen_side_t *s = &c->side[i];

        if (s->iface == GEN_NOWHERE)
            continue;
        s->last = c->start + s->lag;
        if (refuses(f, c, i) || (f->shape.flags & GEN_S_BEGINS) != 0)
            s->next = reported(f, s->last);
        else
            s->next = next_report(f, c, s, s->last);
    }
    set_due(c);
}

static void add_all(gen_count_t *all, const gen_count_t *part)
{
    all->bytes += part->bytes;
    all->payload += part->payload;
    all->packets += part->packets;
    all->flags |= part->flags;
}

/* Fills in what this end has not reported yet, and forgets it. */
static void take_counts(gen_side_t *s, gen_report_t *r)
{
    add_all(&s->fwd_all, &s->fwd);
    add_all(&s->rev_all, &s->rev);
    r->fwd = s->fwd;
    r->rev = s->rev;
    r->fwd_all = s->fwd_all;
    r->rev_all = s->rev_all;
    memset(&s->fwd, 0, sizeof s->fwd);
    memset(&s->rev, 0, sizeof s->rev);
}

/* A report of the packets since s->last, up to `now`. */
static gen_report_t *new_report(gen_living_t *f, gen_conn_t *c, uint32_t side, uint64_t now,
                                uint8_t state)
{
    gen_side_t *s = &c->side[side];
    gen_report_t *r = gen_conn_report(f, c, side);
    uint64_t end = c->end + s->lag;

    r->time = now;
    r->state = state;
    r->first = s->last < end ? s->last : end;
    r->last = now < end ? now : end;
    s->last = now;
    return r;
}

/* Each packet on its own, or with aligned reports all of them together. */
static void refuse(gen_living_t *f, gen_conn_t *c, uint32_t side)
{
    gen_side_t *s = &c->side[side];
    gen_report_t *r;

    if ((f->shape.flags & GEN_S_ALIGNED) != 0) {
        gen_conn_advance(f, c, c->end);
        r = new_report(f, c, side, s->next, GEN_DENY);
        take_counts(s, r);
        s->next = GEN_NEVER;
    } else {
        r = new_report(f, c, side, s->next, GEN_DENY);
        r->first = s->next;
        r->fwd.packets = 1;
        r->fwd.bytes = c->knock_bytes / c->knock;
        s->refusals++;
        s->next = s->refusals < c->knock ? s->next + s->refusals * GEN_SECOND : GEN_NEVER;
    }
    f->d.n_reject += !gen_counts_early(f);
}

/* One report each way, where packets went. */
static void split(gen_living_t *f, gen_report_t *r)
{
    gen_report_t *b;

    if (r->rev.packets > 0 && r->fwd.packets > 0) {
        b = &f->made[f->d.n++];
        *b = *r;
    } else if (r->rev.packets > 0) {
        b = r;
    } else {
        f->d.n -= r->fwd.packets == 0;
        return;
    }
    b->back = 1;
    b->first += UINT64_C(500) * b->rtt;
    if (b->last < b->first)
        b->last = b->first;
}

void gen_report_step(gen_living_t *f, gen_conn_t *c)
{
    uint32_t side = c->side[1].next < c->side[0].next;
    gen_side_t *s = &c->side[side];
    uint64_t now = s->next;
    gen_report_t *r;

    if (refuses(f, c, side)) {
        refuse(f, c, side);
        set_due(c);
        return;
    }
    if (!s->begun && (f->shape.flags & GEN_S_BEGINS) != 0) {
        new_report(f, c, side, now, GEN_BEGIN);
        s->next = next_report(f, c, s, now);
    } else {
        bool over = now >= c->gone + s->lag;

        gen_conn_advance(f, c, over ? c->end : now - s->lag);
        r = new_report(f, c, side, now, over ? GEN_END : GEN_CONTINUE);
        take_counts(s, r);
        if ((f->shape.flags & GEN_S_SPLIT) != 0)
            split(f, r);
        else if ((f->shape.flags & GEN_S_SENSOR) != 0 && r->fwd.packets + r->rev.packets == 0)
            f->d.n--;                  /* it has begun, but nothing was seen of it yet */
        s->next = over ? GEN_NEVER : next_report(f, c, s, now);
    }
    s->begun = 1;
    set_due(c);
}
