/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one conversation leaves in the logs in one capture window.
 *
 * Each interface that it crosses reports two records, one a direction: two for a conversation with
 * the internet, four inside, six through a NAT gateway (two at the machine, four at the gateway,
 * as the provider documents it).  Packets follow from payload: data packets by the segment size,
 * acknowledgements for every other data packet of the peer, the opening and closing handshakes;
 * bytes are payload plus 40 or 52 bytes of headers a packet.
 */
#include "model.h"

#include <string.h>

enum { FIN = 1, SYN = 2, RST = 4, SYNACK = 18 };

typedef struct volume {
    uint64_t bytes;
    uint32_t packets;
    uint8_t  flags;
} volume_t;

/* A place for one record; when the quota is used up, one that is thrown away. */
gen_row_t *gen_row_new(gen_traffic_t *t, uint32_t iface)
{
    gen_row_t *row = &t->made[t->d.n];

    memset(row, 0, sizeof *row);
    row->iface = (uint16_t)iface;
    if (t->d.n < t->quota)
        t->d.n++;
    return row;
}

static void tcp_volumes(gen_traffic_t *t, gen_conv_t *c, volume_t *fwd, volume_t *rev)
{
    const gen_class_t *k = &gen_classes[c->cls];
    uint64_t a = gen_payload(&t->d, c, k->ask), b = gen_payload(&t->d, c, k->answer);
    uint64_t u = gen_next(&t->d.r);
    uint32_t mss = gen_segment[c->mtu], da, db;
    int tidy = (u & 15) != 0;                       /* closed with FIN, not reset */

    if (!c->first && (u & 0x70) == 0) {             /* an idle window: keep-alive only */
        a = 0;
        b = 0;
    }
    da = (uint32_t)((a + mss - 1) / mss);
    db = (uint32_t)((b + mss - 1) / mss);
    fwd->packets = da + db / 2 + 1 + (uint32_t)((u >> 8) & 1);
    rev->packets = db + da / 2 + 1;
    fwd->flags = rev->flags = 0;
    if (c->first) {
        fwd->packets += 1;
        fwd->flags |= SYN;
        rev->flags |= SYNACK;
    }
    if (c->last) {
        fwd->packets += 1;
        fwd->flags |= tidy ? FIN : RST;
        rev->flags |= tidy || (u & 0x800) != 0 ? FIN : 0;
    }
    fwd->bytes = a + (uint64_t)fwd->packets * c->header + (c->first ? 8 : 0);
    rev->bytes = b + (uint64_t)rev->packets * c->header + (c->first ? 8 : 0);
    if (c->v6) {
        fwd->bytes += (uint64_t)fwd->packets * 20;
        rev->bytes += (uint64_t)rev->packets * 20;
    }
}

static void plain_volumes(gen_traffic_t *t, const gen_conv_t *c, volume_t *fwd, volume_t *rev)
{
    const gen_class_t *k = &gen_classes[c->cls];
    uint32_t n = 1;

    if (k->proto == 1)
        n = 1 + gen_below(&t->d.r, 4);
    else if (gen_chance(&t->d.r, 9000))
        n = 2;                                       /* both address families asked */
    fwd->packets = rev->packets = n;
    fwd->bytes = n * (gen_quant_draw(k->ask, &t->d.r) + 28);
    rev->bytes = n * (gen_quant_draw(k->answer, &t->d.r) + 28);
    fwd->flags = rev->flags = 0;
}

static void set_times(gen_traffic_t *t, const gen_conv_t *c, uint32_t iface, uint32_t *start,
                      uint32_t *end)
{
    uint32_t open = gen_window(&t->d, iface), u;

    if (t->d.e->iface[iface].whole) {
        *start = open;
        *end = open + 59;
        return;
    }
    u = (uint32_t)gen_next(&t->d.r);
    *start = open + (c->first ? (u & 31) : u & (u >> 8) & 7);
    *end = open + 59 - (c->last ? (u >> 16) & 31 : (u >> 16) & (u >> 24) & 7);
    if (c->first && c->last) {
        *start = c->start;
        *end = c->start + c->spell;
    } else if (*end < *start)
        *end = *start;
}

/* The answer begins and ends with the question, or a little later in each. */
static void answer_times(const gen_traffic_t *t, const gen_conv_t *c, uint32_t iface, uint64_t u,
                         uint32_t start, uint32_t end, uint32_t *first, uint32_t *last)
{
    int lasting = !(c->first && c->last);

    *first = start;
    *last = end;
    if (t->d.e->iface[iface].whole)
        return;
    if ((u & 15) < (lasting ? 5 : 2))
        *first += 1 + (lasting ? (uint32_t)(u >> 8) & 1 : 0);
    if (lasting && (u & 0xf0) < 0x50)
        *last -= 1 + ((uint32_t)(u >> 9) & 1);
    if ((!lasting && *first > start && (u & 0x1000) != 0) || *last < *first)
        *last = *first > end ? *first : end;
}

/* The two records of one interface; `near` and `far` are what the packets carry. */
typedef struct side {
    uint32_t iface, near, far;
    uint16_t nport, fport;
    uint8_t  nsvc, fsvc, via, client;
} side_t;

static void fill(gen_row_t *row, const gen_conv_t *c, const volume_t *v)
{
    row->packets = v->packets;
    row->bytes = v->bytes;
    row->flags = v->flags;
    row->proto = gen_classes[c->cls].proto;
    row->v6 = c->v6;
}

static void out_row(gen_traffic_t *t, const gen_conv_t *c, const side_t *s, const volume_t *v,
                    uint32_t start, uint32_t end)
{
    gen_row_t *row = gen_row_new(t, s->iface);

    row->src = c->v6 ? s->iface : t->d.e->iface[s->iface].addr;
    row->psrc = s->near;
    row->dst = row->pdst = s->far;
    row->sport = s->nport;
    row->dport = s->fport;
    row->ssvc = s->nsvc;
    row->dsvc = s->fsvc;
    row->dir = GEN_EGRESS;
    row->via = s->via;
    row->start = start;
    row->end = end;
    fill(row, c, v);
}

static gen_row_t *in_row(gen_traffic_t *t, const gen_conv_t *c, const side_t *s,
                         const volume_t *v, uint32_t start, uint32_t end)
{
    gen_row_t *row = gen_row_new(t, s->iface);

    row->src = row->psrc = s->far;
    row->dst = c->v6 ? s->iface : t->d.e->iface[s->iface].addr;
    row->pdst = s->near;
    row->sport = s->fport;
    row->dport = s->nport;
    row->ssvc = s->fsvc;
    row->dsvc = s->nsvc;
    row->dir = GEN_INGRESS;
    row->start = start;
    row->end = end;
    fill(row, c, v);
    if (s->client == 0 && (gen_classes[c->cls].flags & GEN_F_DENIED) != 0) {
        row->action = GEN_REJECT;
        t->d.n_reject++;
    }
    return row;
}

static void side_rows(gen_traffic_t *t, const gen_conv_t *c, const side_t *s, const volume_t *fwd,
                      const volume_t *rev)
{
    const volume_t *out = s->client ? fwd : rev, *in = s->client ? rev : fwd;
    uint64_t u = gen_next(&t->d.r);
    uint32_t start, end, first, last;

    set_times(t, c, s->iface, &start, &end);
    answer_times(t, c, s->iface, u >> 1, start, end, &first, &last);
    if ((u & 1) != 0 && in->packets > 0)
        in_row(t, c, s, in, s->client ? first : start, s->client ? last : end);
    if (out->packets > 0)
        out_row(t, c, s, out, s->client ? start : first, s->client ? end : last);
    if ((u & 1) == 0 && in->packets > 0)
        in_row(t, c, s, in, s->client ? first : start, s->client ? last : end);
}

/* At a NAT gateway: towards the machine inside, then towards the server outside. */
static void nat_rows(gen_traffic_t *t, const gen_conv_t *c, const volume_t *fwd,
                     const volume_t *rev)
{
    uint32_t own = t->d.e->iface[c->niface].addr;
    side_t in = { c->niface, c->saddr, c->caddr, c->sport, c->cport, c->ssvc, 0, GEN_VIA_LOCAL, 0 };
    side_t out = { c->niface, own, c->saddr, c->nport, c->sport, 0, c->ssvc, GEN_VIA_INTERNET, 1 };

    side_rows(t, c, &in, fwd, rev);
    side_rows(t, c, &out, fwd, rev);
}

/* A packet or two of the peer that come after the connection is gone are rejected. */
static void straggler(gen_traffic_t *t, const gen_conv_t *c, const side_t *s)
{
    volume_t late = { c->header, 1, RST };
    gen_row_t *row;

    if (gen_chance(&t->d.r, 16384)) {
        late.packets = 2;
        late.bytes *= 2;
        late.flags = FIN;
    }
    row = in_row(t, c, s, &late, gen_window(&t->d, s->iface) + 59, gen_window(&t->d, s->iface) + 59);
    row->action = GEN_REJECT;
    t->d.n_reject++;
}

/* The second interface cuts a lasting conversation at other seconds, so its counts differ. */
static void recount(gen_traffic_t *t, volume_t *v)
{
    uint32_t u = (uint32_t)gen_next(&t->d.r), part;

    if (v->packets < 4 || (u & 3) == 0)
        return;
    part = (u >> 8) % (v->packets / 4 + 1);
    v->bytes -= (v->bytes * part + v->packets - 1) / v->packets;
    v->packets -= part;
}

void gen_emit(gen_traffic_t *t, gen_conv_t *c)
{
    const gen_class_t *k = &gen_classes[c->cls];
    volume_t fwd, rev;
    side_t cs = { c->ciface, c->caddr, c->saddr, c->cport, c->sport, c->csvc, c->ssvc, c->via, 1 };
    side_t ss = { c->siface, c->saddr, c->caddr, c->sport, c->cport, c->ssvc, c->csvc, c->via, 0 };

    if ((k->flags & GEN_F_DENIED) != 0) {
        fwd.packets = 1 + gen_below(&t->d.r, 3);
        fwd.bytes = fwd.packets * 60u;
        fwd.flags = SYN;
        rev.packets = 0;
    } else if (k->proto == 6) {
        tcp_volumes(t, c, &fwd, &rev);
    } else {
        plain_volumes(t, c, &fwd, &rev);
    }
    if (c->niface != GEN_NOWHERE)
        cs.via = GEN_VIA_LOCAL;
    if (c->ciface != GEN_NOWHERE)
        side_rows(t, c, &cs, &fwd, &rev);
    if (c->niface != GEN_NOWHERE)
        nat_rows(t, c, &fwd, &rev);
    if (c->siface != GEN_NOWHERE) {
        if (!(c->first && c->last) && k->proto == 6) {
            recount(t, &fwd);
            recount(t, &rev);
        }
        side_rows(t, c, &ss, &fwd, &rev);
    }
    t->d.n_v6 += c->v6 ? 2 : 0;
    if (c->last && k->proto == 6 && (k->flags & (GEN_F_DENIED | GEN_F_FIXED)) == 0
        && gen_chance(&t->d.r, 1800))
        straggler(t, c, c->ciface != GEN_NOWHERE ? &cs : &ss);
}
