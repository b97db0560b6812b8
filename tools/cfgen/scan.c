/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The background of the internet: scanners that knock on every interface with a public address.
 *
 * A few dozen scanners are at work at a time, each with a habit: many ports of one target from one
 * source port, one port on all targets, or odd ports here and there.  Most leave one rejected
 * packet; a few find an open port.
 */
#include "model.h"

enum { STYLE_DEEP, STYLE_WIDE, STYLE_ODD, STYLE_DATAGRAM, STYLE_ECHO };

/* The usual ports, the likeliest first; beyond them anything. */
static const uint16_t known[48] = {
    23, 22, 80, 8080, 3389, 445, 443, 5555, 8443, 6379, 2222, 81, 8728, 3306, 5900, 8888, 1433, 21,
    25, 2323, 5432, 8000, 9200, 7001, 8081, 27017, 110, 143, 993, 1080, 3128, 5901, 60023, 37215,
    52869, 8545, 2375, 2376, 10000, 4444, 9090, 5000, 88, 995, 11211, 5060, 8291, 49152
};

static const uint16_t datagram[8] = { 5060, 1900, 123, 53, 161, 389, 11211, 3702 };
static const uint8_t datagram_size[8] = { 180, 94, 48, 42, 71, 52, 15, 220 };

static void hire(gen_draw_t *d, gen_scanner_t *s)
{
    uint64_t u = gen_next(&d->r), net = gen_skewed(&d->r, 700);
    static const uint8_t styles[16] = {
        STYLE_DEEP, STYLE_DEEP, STYLE_DEEP, STYLE_WIDE, STYLE_WIDE, STYLE_WIDE, STYLE_WIDE,
        STYLE_WIDE, STYLE_ODD, STYLE_ODD, STYLE_ODD, STYLE_ODD, STYLE_ODD, STYLE_DATAGRAM,
        STYLE_DATAGRAM, STYLE_ECHO
    };

    /* Scanners come from a few thousand hosts of a few hundred networks, again and again. */
    s->addr = (gen_public_addr(gen_mix(d->plan.seed ^ (0x5ca0000u + net))) & 0xffffff00u)
              | (uint32_t)(1 + gen_skewed(&d->r, 253));
    s->style = styles[u & 15];
    s->left = 1 + (uint32_t)((u >> 8) & (u >> 20) & 0x3ff);
    s->sport = (uint16_t)(32768 + ((u >> 32) & 0x6fff));
    s->dport = known[gen_skewed(&d->r, 48)];
    s->target = d->exposed[gen_below(&d->r, d->n_exposed)];
}

void gen_scan_init(gen_draw_t *d)
{
    const gen_estate_t *e = d->e;

    for (uint32_t i = 0; i < e->n_iface; i++)
        if (e->subnet[e->iface[i].subnet].tier == 0)
            d->exposed[d->n_exposed++] = (uint16_t)i;
    /* Some machines of the production and development networks have public addresses too. */
    for (uint32_t i = 0; i < e->n_iface; i++)
        if ((e->iface[i].role == GEN_WEB || e->iface[i].role == GEN_NODE)
            && gen_mix(e->iface[i].id) % 3 == 0)
            d->exposed[d->n_exposed++] = (uint16_t)i;
    for (uint32_t i = 0; i < GEN_SCANNERS; i++)
        hire(d, &d->scanner[i]);
}

/* Which of the doors that are open on purpose this knock has found. */
static int open_door(const gen_draw_t *d, const gen_knock_t *k)
{
    uint8_t role = d->e->iface[k->iface].role;

    return k->proto == 6 && ((role == GEN_LB && (k->dport == 443 || k->dport == 80))
                             || (role == GEN_BASTION && k->dport == 22));
}

void gen_knock(gen_draw_t *d, gen_knock_t *k)
{
    gen_scanner_t *s = &d->scanner[gen_skewed(&d->r, GEN_SCANNERS)];
    uint64_t u = gen_next(&d->r);

    k->iface = s->target;
    if (s->style != STYLE_DEEP)
        k->iface = d->exposed[(u >> 32) % d->n_exposed];
    k->addr = s->addr;
    k->packets = 1 + ((u & 15) == 0) + ((u & 0xff) == 0);
    k->proto = 6;
    k->sport = s->sport;
    k->dport = s->dport;
    k->bytes = k->packets * ((s->addr & 3) == 0 ? 60u : (s->addr & 3) == 1 ? 44u : 40u);
    if (s->style == STYLE_DEEP) {
        k->dport = (u & 0x300) != 0 ? (uint16_t)(u >> 16) : known[gen_skewed(&d->r, 48)];
    } else if (s->style == STYLE_ODD) {
        k->sport = (uint16_t)(1024 + ((u >> 12) % 64512));
        k->dport = (u & 0x300) != 0 ? (uint16_t)((u >> 16) | 1) : known[gen_skewed(&d->r, 48)];
    } else if (s->style == STYLE_DATAGRAM) {
        k->proto = 17;
        k->dport = datagram[s->dport & 7];
        k->bytes = k->packets * (28u + datagram_size[s->dport & 7]);
    } else if (s->style == STYLE_ECHO) {
        k->proto = 1;
        k->sport = k->dport = 0;
        k->bytes = k->packets * ((s->addr & 1) != 0 ? 84u : 28u);
    }
    k->start = gen_window(d, k->iface) + (uint32_t)((u >> 40) % 60);
    k->spell = k->packets > 1 ? (uint32_t)((u >> 50) & 3) : 0;
    k->open = open_door(d, k) != 0;
    k->resets = (u & 0x400) == 0;
    if (--s->left == 0)
        hire(d, s);
}

static void answer(gen_traffic_t *t, const gen_row_t *in, uint8_t flags)
{
    gen_row_t *row = gen_row_new(t, in->iface);

    *row = *in;
    row->src = row->psrc = in->dst;
    row->dst = row->pdst = in->src;
    row->sport = in->dport;
    row->dport = in->sport;
    row->flags = flags;
    row->dir = GEN_EGRESS;
    row->via = GEN_VIA_INTERNET;
    row->bytes = in->packets * 40u;
}

void gen_scan(gen_traffic_t *t)
{
    const gen_estate_t *e = t->d.e;
    gen_row_t *row, seen;
    gen_knock_t k;

    gen_knock(&t->d, &k);
    row = gen_row_new(t, k.iface);
    row->src = row->psrc = k.addr;
    row->dst = row->pdst = e->iface[k.iface].addr;
    row->dir = GEN_INGRESS;
    row->action = GEN_REJECT;
    row->packets = k.packets;
    row->bytes = k.bytes;
    row->proto = k.proto;
    row->flags = k.proto == 6 ? 2 : 0;
    row->sport = k.sport;
    row->dport = k.dport;
    row->start = k.start;
    row->end = k.start + k.spell;
    if (e->iface[k.iface].whole) {
        row->start = gen_window(&t->d, k.iface);
        row->end = row->start + 59;
    }
    if (k.open) {
        row->action = GEN_ACCEPT;
        seen = *row;
        answer(t, &seen, k.resets ? 4 : 18);
    } else {
        t->d.n_reject++;
    }
}
