/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection: drawn from a conversation or a scanner's knock, and what it carries from one time
 * to another.
 *
 * Traffic is drawn when a report needs it, for the time since the last one, and added to what both
 * ends have not reported yet.  So both ends report the same sums, however differently they cut
 * them.  A connection that lasts has a rate, drawn anew each time; a short one has a size.
 */
#include "conn.h"

#include <string.h>

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };
enum { FASTEST = 4 };          /* nanoseconds a byte */

/* From sent to acknowledged, in microseconds; the same between the same networks. */
static uint32_t round_trip(const gen_draw_t *d, const gen_conv_t *v)
{
    uint64_t h = gen_mix((v->caddr >> 8) ^ ((uint64_t)(v->saddr >> 8) << 24));
    uint32_t far = v->ciface == GEN_NOWHERE || v->siface == GEN_NOWHERE;
    uint32_t base;

    if (!far && d->e->iface[v->ciface].zone == d->e->iface[v->siface].zone)
        base = 150 + (uint32_t)(h & 127);
    else if (!far)
        base = 600 + (uint32_t)(h & 511);
    else if (v->csvc != GEN_SVC_NONE || v->ssvc != GEN_SVC_NONE)
        base = 1200 + (uint32_t)(h & 4095);
    else
        base = 6000 + (uint32_t)((h & 0xffff) * ((h >> 16) & 0xffff) >> 14);
    return base;
}

/* How long it lasts, and how it ends. */
static void set_end(gen_living_t *f, gen_conn_t *c)
{
    gen_draw_t *d = &f->d;
    uint64_t u = gen_next(&d->r), span;

    c->closing = c->proto != 6 ? GEN_TIMEOUT : (u & 0xff) < 8 ? GEN_TIMEOUT
                 : (u & 0xff) < 24 ? GEN_RESET : (u & 0xff) < 32 ? GEN_RESET_BACK : GEN_CLOSED;
    c->lasting = c->v.left > 1;
    if (c->lasting)
        span = c->v.left * GEN_MINUTE - gen_spread(d, GEN_MINUTE);
    else if (c->v.spell > 0)
        span = c->v.spell * GEN_SECOND - gen_spread(d, GEN_SECOND);
    else if (c->proto == 6)
        span = UINT64_C(1000) * c->rtt * (3 + (u >> 8 & 3)) + gen_spread(d, gen_spread(d, GEN_SECOND));
    else
        span = UINT64_C(1000) * c->rtt + gen_spread(d, 20000000);
    c->end = c->start + span;
}

static void set_size(gen_living_t *f, gen_conn_t *c, bool brief)
{
    const gen_class_t *k = &gen_classes[c->v.cls];

    if (c->lasting || c->denied)
        return;
    if (c->proto == 6) {
        c->ask = gen_payload(&f->d, &c->v, k->ask);
        c->answer = gen_payload(&f->d, &c->v, k->answer);
        if (!brief && c->end - c->start < (c->ask + c->answer) * FASTEST)
            c->end = c->start + (c->ask + c->answer) * FASTEST;
        return;
    }
    c->ask = gen_quant_draw(k->ask, &f->d.r);
    c->answer = gen_quant_draw(k->answer, &f->d.r);
}

static void from_conversation(gen_living_t *f, gen_conn_t *c, uint32_t cls)
{
    gen_conv_begin(&f->d, &c->v, cls);
    c->proto = gen_classes[cls].proto;
    c->rtt = round_trip(&f->d, &c->v);
    c->start = f->base + gen_spread(&f->d, GEN_MINUTE);
    if ((gen_classes[cls].flags & GEN_F_DENIED) == 0) {
        set_end(f, c);
        return;
    }
    c->denied = 1;
    c->closing = GEN_TIMEOUT;
    c->knock = 1 + gen_below(&f->d.r, 3);
    c->knock_bytes = c->knock * 60;
    c->end = c->start + (c->knock > 2 ? 3 : c->knock - 1) * GEN_SECOND;
}

static void from_knock(gen_living_t *f, gen_conn_t *c)
{
    gen_knock_t k;

    gen_knock(&f->d, &k);
    memset(&c->v, 0, sizeof c->v);
    c->v.caddr = k.addr;
    c->v.saddr = f->d.e->iface[k.iface].addr;
    c->v.cport = k.sport;
    c->v.sport = k.dport;
    c->v.ciface = c->v.niface = GEN_NOWHERE;
    c->v.siface = k.iface;
    c->v.via = GEN_VIA_INTERNET;
    c->proto = k.proto;
    c->rtt = round_trip(&f->d, &c->v);
    c->start = f->base + gen_spread(&f->d, GEN_MINUTE);
    c->knock = k.packets;
    c->knock_bytes = k.bytes;
    c->denied = !k.open;
    c->open = k.open;
    c->closing = k.proto != 6 || !k.open ? GEN_TIMEOUT : k.resets ? GEN_RESET_BACK : GEN_TIMEOUT;
    c->end = c->start + (k.packets > 2 ? 3 : k.packets - 1) * GEN_SECOND;
    if (k.open)
        c->end += UINT64_C(1000) * c->rtt;
}

/* Who reports it: the ends that are ours and of a role that the shape wants, or the sensor. */
static bool set_sides(gen_living_t *f, gen_conn_t *c)
{
    const gen_estate_t *e = f->d.e;
    uint16_t iface[2] = { c->v.ciface, c->v.siface };
    bool any = false;

    memset(c->side, 0, sizeof c->side);
    for (int i = 0; i < 2; i++) {
        c->side[i].iface = GEN_NOWHERE;
        c->side[i].next = GEN_NEVER;
        if (iface[i] == GEN_NOWHERE
            || (f->shape.roles & (UINT32_C(1) << e->iface[iface[i]].role)) == 0)
            continue;
        if ((f->shape.flags & GEN_S_SENSOR) != 0 && any)
            continue;
        c->side[i].iface = iface[i];
        any = true;
    }
    c->side[1].lag = UINT64_C(500) * c->rtt;
    return any;
}

/*
 * Claims addresses and ports for the life of the connection; false if another one has them.  Two
 * that only hash alike exclude each other too, which does not matter.
 */
static bool claim(gen_living_t *f, const gen_conn_t *c)
{
    uint64_t h = gen_mix(((uint64_t)c->v.caddr << 32 | c->v.saddr)
                         ^ gen_mix((uint64_t)c->v.cport << 24 | (uint64_t)c->v.sport << 8 | c->proto));
    uint64_t *until = &f->taken[h % GEN_TAKEN];

    if (*until >= c->start)
        return false;
    *until = c->gone + GEN_SECOND;
    return true;
}

/* Over within the minute: nobody would remember it. */
static void make_brief(const gen_living_t *f, gen_conn_t *c)
{
    c->end = c->start + (f->base + GEN_MINUTE - c->start) / 2;
    c->closing = GEN_CLOSED;
    c->lasting = 0;
}

bool gen_conn_begin(gen_living_t *f, gen_conn_t *c, bool brief)
{
    uint32_t cls = gen_draw_class(&f->d);
    bool idle;

    c->knock = 0;
    c->denied = c->open = c->lasting = c->over = 0;
    c->ask = c->answer = 0;
    if (cls == GEN_CLASS_SCAN)
        from_knock(f, c);
    else
        from_conversation(f, c, cls);
    if ((f->shape.flags & GEN_S_PORTS) != 0 && c->proto != 6 && c->proto != 17)
        return false;
    if (!set_sides(f, c))
        return false;
    if (brief)
        make_brief(f, c);
    if (c->knock == 0)
        set_size(f, c, brief);
    idle = c->closing == GEN_TIMEOUT;
    c->gone = c->end;
    /* A sensor does not wait long for the answer to a first packet. */
    if (c->denied && c->proto == 6 && (f->shape.flags & GEN_S_SENSOR) != 0)
        idle = false;
    if (!brief)
        c->gone += (idle ? f->shape.idle[c->proto != 6] : f->shape.lag) * GEN_SECOND;
    if (!brief && idle)
        c->gone += gen_spread(&f->d, 20 * GEN_SECOND);
    if ((c->knock == 0 || c->open || c->v.ciface != GEN_NOWHERE) && !claim(f, c))
        return false;
    c->at = c->start;
    c->told = 0;
    c->id = ++f->serial;
    if (gen_counts_early(f)) {
        f->d.n_v6 += c->v.v6 << ((f->shape.flags & (GEN_S_SPLIT | GEN_S_SAMPLED)) != 0);
        f->d.n_reject += c->denied;
    }
    return true;
}

static void add(gen_count_t *to, const gen_count_t *more)
{
    to->bytes += more->bytes;
    to->payload += more->payload;
    to->packets += more->packets;
    to->flags |= more->flags;
}

static void share_out(gen_conn_t *c, const gen_count_t *fwd, const gen_count_t *rev)
{
    for (int i = 0; i < 2; i++) {
        add(&c->side[i].fwd, fwd);
        add(&c->side[i].rev, rev);
    }
}

static void knock_traffic(const gen_conn_t *c, gen_count_t *fwd, gen_count_t *rev)
{
    fwd->packets = c->knock;
    fwd->bytes = c->knock_bytes;
    fwd->flags = c->proto == 6 ? SYN : 0;
    if (c->proto == 17)
        fwd->payload = c->knock_bytes - 28 * c->knock;
    if (c->open) {
        rev->packets = c->knock;
        rev->bytes = UINT64_C(40) * c->knock;
        rev->flags = c->closing == GEN_RESET_BACK ? RST | ACK : SYN | ACK;
    }
}

/* Payload of the time from c->at to `until`, both ways; 0 for a silent time. */
static void draw_payload(gen_living_t *f, gen_conn_t *c, uint64_t until, uint64_t *a, uint64_t *b)
{
    const gen_class_t *k = &gen_classes[c->v.cls];
    uint64_t ms = (until - c->at) / 1000000, left = (c->end - c->at) / 1000000;

    if (c->lasting) {
        *a = gen_payload(&f->d, &c->v, k->ask) * ms / 60000;
        *b = gen_payload(&f->d, &c->v, k->answer) * ms / 60000;
        if (c->at > c->start && until < c->end && gen_chance(&f->d.r, 8192))
            *a = *b = 0;
        return;
    }
    *a = c->ask;
    *b = c->answer;
    if (until < c->end && left > 0) {
        *a = *a * ms / left;
        *b = *b * ms / left;
    }
    c->ask -= *a;
    c->answer -= *b;
}

static void tcp_traffic(const gen_conn_t *c, uint64_t until, uint64_t a, uint64_t b,
                        gen_count_t *fwd, gen_count_t *rev)
{
    uint32_t mss = gen_segment[c->v.mtu], head = c->v.header + (c->v.v6 ? 20u : 0);
    uint32_t da = (uint32_t)((a + mss - 1) / mss), db = (uint32_t)((b + mss - 1) / mss);
    bool first = c->at == c->start, last = until == c->end;

    fwd->payload = a;
    rev->payload = b;
    fwd->packets = da + (db + 1) / 2;
    rev->packets = db + (da + 1) / 2;
    fwd->flags = (uint8_t)((da > 0 ? PSH : 0) | (fwd->packets > 0 ? ACK : 0));
    rev->flags = (uint8_t)((db > 0 ? PSH : 0) | (rev->packets > 0 ? ACK : 0));
    if (first) {
        fwd->packets += 2;
        rev->packets += 1;
        fwd->bytes = rev->bytes = 8;
        fwd->flags |= SYN | ACK;
        rev->flags |= SYN | ACK;
    }
    if (last && c->closing == GEN_CLOSED) {
        fwd->packets += 2;
        rev->packets += 1;
        fwd->flags |= FIN | ACK;
        rev->flags |= FIN | ACK;
    } else if (last && c->closing == GEN_RESET) {
        fwd->packets += 1;
        fwd->flags |= RST;
    } else if (last && c->closing == GEN_RESET_BACK) {
        rev->packets += 1;
        rev->flags |= RST;
    }
    fwd->bytes += a + (uint64_t)fwd->packets * head;
    rev->bytes += b + (uint64_t)rev->packets * head;
}

/* A question and its answer, now and then twice. */
static void plain_traffic(gen_living_t *f, const gen_conn_t *c, uint64_t a, uint64_t b,
                          gen_count_t *fwd, gen_count_t *rev)
{
    uint32_t n = 1, head = c->v.v6 ? 48 : 28;

    if (c->proto == 1)
        n += gen_below(&f->d.r, 4);
    else if (gen_chance(&f->d.r, 9000))
        n = 2;                                       /* both address families asked */
    fwd->packets = rev->packets = n;
    fwd->payload = n * a;
    rev->payload = n * b;
    fwd->bytes = n * (a + head);
    rev->bytes = n * (b + head);
}

void gen_conn_advance(gen_living_t *f, gen_conn_t *c, uint64_t until)
{
    gen_count_t fwd = { 0 }, rev = { 0 };
    uint64_t a = 0, b = 0;

    if (until > c->end)
        until = c->end;
    if (c->over || (until <= c->at && until < c->end))
        return;
    /* What is said at once is counted once, when all of it is over. */
    if ((c->knock > 0 || c->proto != 6) && until < c->end)
        return;
    if (c->knock > 0) {
        knock_traffic(c, &fwd, &rev);
    } else {
        draw_payload(f, c, until, &a, &b);
        if (c->proto == 6)
            tcp_traffic(c, until, a, b, &fwd, &rev);
        else
            plain_traffic(f, c, a, b, &fwd, &rev);
    }
    c->at = until;
    c->over = until == c->end;
    share_out(c, &fwd, &rev);
}

gen_report_t *gen_conn_report(gen_living_t *f, const gen_conn_t *c, uint32_t side)
{
    gen_report_t *r = &f->made[f->d.n++];

    memset(r, 0, sizeof *r);
    r->id = c->id;
    r->start = c->start + c->side[side].lag;
    r->end = c->end + c->side[side].lag;
    r->caddr = c->v.caddr;
    r->saddr = c->v.saddr;
    r->rtt = c->rtt;
    r->cport = c->v.cport;
    r->sport = c->v.sport;
    r->iface = c->side[side].iface;
    r->far = side == 0 ? c->v.siface : c->v.ciface;
    r->client = side == 0;
    r->closing = c->closing;
    r->proto = c->proto;
    r->v6 = c->v.v6;
    r->csvc = c->v.csvc;
    r->ssvc = c->v.ssvc;
    r->via = c->v.via;
    r->denied = c->denied;
    if (c->told || !gen_counts_early(f))
        f->d.n_v6 += c->v.v6;
    return r;
}
