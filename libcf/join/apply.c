/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts join flows. Events follow the rules of Azure's tuples: begin opens, and closes what was
 * open; continue adds; end closes. Windows add as long as the gap is short and no new connection
 * shows in the TCP flags.
 */
#include <stdlib.h>
#include <string.h>

#include "join/stitch.h"

#define FIN 1u
#define SYN 2u
#define RST 4u
#define TCP 6u

static bool further(int64_t from, int64_t to, int64_t limit)
{
    return to > from && (uint64_t)to - (uint64_t)from > (uint64_t)limit;
}

/* ---- finished -------------------------------------------------------------------------------- */

static uint8_t completeness(const cfi_flow_t *f, bool cut)
{
    bool tells = (f->saw & CFI_SAW_EVENTS) != 0 ||
        ((f->saw & CFI_SAW_FLAGS) != 0 && CFI_WORD_GET(f->tuple.word, PROTO, 9) == TCP);

    if (cut)
        return CF_COMPLETE_CUT;
    if (!tells)
        return CF_COMPLETE_UNKNOWN;
    if ((f->saw & CFI_SAW_BEGIN) != 0)
        return (f->saw & CFI_SAW_END) != 0 ? CF_COMPLETE_WHOLE : CF_COMPLETE_NO_END;
    return (f->saw & CFI_SAW_END) != 0 ? CF_COMPLETE_NO_BEGIN : CF_COMPLETE_MIDDLE;
}

static int finish(cf_stitch_t *e, const cfi_flow_t *f)
{
    uint32_t i;
    cfi_flow_t *g;

    if (e->nfinished == e->finished_size) {
        size_t size = e->finished_size > 0 ? e->finished_size * 2 : 4096;
        uint32_t *more = realloc(e->finished, size * sizeof *more);

        if (more == NULL)
            return CF_E_NOMEM;
        e->finished = more;
        e->finished_size = size;
    }
    i = cfi_things_new(&e->done);
    if (i == CFI_NONE)
        return CF_E_NOMEM;
    e->finished[e->nfinished++] = i;
    g = cfi_thing(&e->done, i);
    *g = *f;
    cfi_orient(e, g);
    /* one of two carried rows is shown; the other's counters are not lost with it */
    if (g->ref[!g->carried].chunk != CFI_NONE) {
        cfi_add_others(e, g->ref[g->carried], g->ref[!g->carried]);
        cfi_carry_drop(&e->carry, g->ref[!g->carried]);
        g->ref[!g->carried].chunk = CFI_NONE;
    }
    return CF_OK;
}

int cfi_close(cf_stitch_t *e, cfi_open_t *k, bool cut)
{
    if (!k->has)
        return CF_OK;
    k->has = false;
    k->now.complete = completeness(&k->now, cut);
    return finish(e, &k->now);
}

/* ---- one part -------------------------------------------------------------------------------- */

static void fill(cfi_flow_t *f, const cfi_part_t *p)
{
    unsigned d = p->back;

    f->first = p->stime;
    f->last = p->etime;
    memcpy(f->n, p->n, sizeof f->n);
    f->ref[d] = p->ref;
    f->ref[!d].chunk = CFI_NONE;
    f->start[d] = p->stime;
    f->parts = p->parts;
    f->known = p->known;
    f->kind = p->kind;
    f->saw = 0;
    f->has_flags = (uint8_t)(p->has_flags[0] | p->has_flags[1] << 1);
    f->flags[0] = p->flags[0];
    f->flags[1] = p->flags[1];
    f->has_sflags = (uint8_t)(p->has_sflags << d);
    f->sflags[d] = p->sflags;
    f->sflags[!d] = 0;
}

static void see(cfi_flow_t *f, const cfi_part_t *p)
{
    uint16_t all = p->flags[0] | p->flags[1];

    if (p->kind < CFI_WINDOW) {
        f->saw |= CFI_SAW_EVENTS;
        f->saw |= p->kind == CFI_BEGIN ? CFI_SAW_BEGIN : p->kind == CFI_END ? CFI_SAW_END : 0;
        return;
    }
    if (p->has_flags[0] || p->has_flags[1])
        f->saw |= CFI_SAW_FLAGS;
    f->saw |= (all & SYN) != 0 ? CFI_SAW_BEGIN : 0;
    f->saw |= (all & (FIN | RST)) != 0 ? CFI_SAW_END : 0;
}

static void start(cfi_open_t *k, const cfi_part_t *p)
{
    fill(&k->now, p);
    see(&k->now, p);
    k->has = true;
}

int cfi_own(cf_stitch_t *e, const cfi_part_t *p, const cfi_tuple_t *t, uint64_t point, uint64_t rule)
{
    cfi_flow_t f = { .tuple = *t, .point = point, .rule = rule };

    fill(&f, p);
    f.complete = p->complete;
    return finish(e, &f);
}

/* Adding would leave the range of a counter. */
static bool overflows(const cfi_flow_t *f, const cfi_part_t *p)
{
    for (unsigned i = 0; i < CFI_N; i++)
        if (f->n[i] > UINT64_MAX - p->n[i])
            return true;
    return f->parts > UINT32_MAX - p->parts;
}

static void add(cf_stitch_t *e, cfi_open_t *k, const cfi_part_t *p)
{
    cfi_flow_t *f = &k->now;
    unsigned d = p->back;

    for (unsigned i = 0; i < CFI_N; i++)
        f->n[i] += p->n[i];
    f->known |= p->known;
    f->parts += p->parts;
    f->first = p->stime < f->first ? p->stime : f->first;
    f->last = p->etime > f->last ? p->etime : f->last;
    for (unsigned i = 0; i < 2; i++) {
        f->flags[i] |= p->flags[i];
        f->has_flags |= (uint8_t)(p->has_flags[i] << i);
    }
    see(f, p);
    if (f->ref[d].chunk == CFI_NONE) {
        f->ref[d] = p->ref;
        f->start[d] = p->stime;
        f->has_sflags |= (uint8_t)(p->has_sflags << d);
        f->sflags[d] = p->sflags;
        return;
    }
    f->start[d] = p->stime < f->start[d] ? p->stime : f->start[d];
    cfi_add_others(e, f->ref[d], p->ref);
    cfi_carry_drop(&e->carry, p->ref);
}

/* A SYN after the same direction had ended: the ports are used again. */
static bool reopens(const cfi_flow_t *f, const cfi_part_t *p)
{
    return CFI_WORD_GET(f->tuple.word, PROTO, 9) == TCP && (f->flags[p->back] & (FIN | RST)) != 0 &&
        (p->flags[p->back] & SYN) != 0;
}

/* An event older than one that was applied already: it cannot take its place any more. */
static int late_event(cf_stitch_t *e, cfi_open_t *k, const cfi_part_t *p)
{
    cfi_flow_t f = k->now;

    if (k->has && p->kind != CFI_BEGIN && p->stime >= k->now.first && !overflows(&k->now, p)) {
        cfi_part_t more = *p;

        more.kind = CFI_PART;
        add(e, k, &more);
        return CF_OK;
    }
    fill(&f, p);
    see(&f, p);
    f.complete = completeness(&f, false);
    return finish(e, &f);
}

static bool ends_before(const cf_stitch_t *e, const cfi_flow_t *f, const cfi_part_t *p)
{
    if (p->kind == CFI_BEGIN)
        return true;
    if (further(f->last, p->stime, e->o.idle) || further(p->etime, f->first, e->o.idle))
        return true;
    return p->kind == CFI_WINDOW && reopens(f, p);
}

int cfi_apply(cf_stitch_t *e, cfi_open_t *k, uint32_t part)
{
    const cfi_part_t p = *(cfi_part_t *)cfi_thing(&e->opens.parts, part);
    bool late = p.stime < k->applied, cut;
    int rc = CF_OK;

    cfi_things_free(&e->opens.parts, part);
    /* a window without flags joins the same flow in any order */
    e->sum.late += p.late || (late && (p.kind < CFI_WINDOW || (p.flags[0] | p.flags[1]) != 0));
    if (late && p.kind < CFI_WINDOW)
        return late_event(e, k, &p);
    if (!late)
        k->applied = p.stime;
    if (k->has && ends_before(e, &k->now, &p)) {
        rc = cfi_close(e, k, false);
    } else if (k->has) {
        cut = e->o.active > 0 && further(k->now.first, p.etime, e->o.active);
        if (cut || overflows(&k->now, &p)) {
            e->sum.cut_active += cut;
            rc = cfi_close(e, k, true);
        }
    }
    if (rc != CF_OK)
        return rc;
    if (k->has)
        add(e, k, &p);
    else
        start(k, &p);
    return p.kind == CFI_END ? cfi_close(e, k, false) : CF_OK;
}
