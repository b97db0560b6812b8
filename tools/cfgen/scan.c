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

static void hire(gen_traffic_t *t, gen_scanner_t *s)
{
    uint64_t u = gen_next(&t->r), net = gen_skewed(&t->r, 700);
    static const uint8_t styles[16] = {
        STYLE_DEEP, STYLE_DEEP, STYLE_DEEP, STYLE_WIDE, STYLE_WIDE, STYLE_WIDE, STYLE_WIDE,
        STYLE_WIDE, STYLE_ODD, STYLE_ODD, STYLE_ODD, STYLE_ODD, STYLE_ODD, STYLE_DATAGRAM,
        STYLE_DATAGRAM, STYLE_ECHO
    };

    /* Scanners come from a few thousand hosts of a few hundred networks, again and again. */
    s->addr = (gen_public_addr(gen_mix(t->plan.seed ^ (0x5ca0000u + net))) & 0xffffff00u)
              | (uint32_t)(1 + gen_skewed(&t->r, 253));
    s->style = styles[u & 15];
    s->left = 1 + (uint32_t)((u >> 8) & (u >> 20) & 0x3ff);
    s->sport = (uint16_t)(32768 + ((u >> 32) & 0x6fff));
    s->dport = known[gen_skewed(&t->r, 48)];
    s->target = t->exposed[gen_below(&t->r, t->n_exposed)];
}

void gen_scan_init(gen_traffic_t *t)
{
    const gen_estate_t *e = t->e;

    for (uint32_t i = 0; i < e->n_iface; i++)
        if (e->subnet[e->iface[i].subnet].tier == 0)
            t->exposed[t->n_exposed++] = (uint16_t)i;
    /* Some machines of the production and development networks have public addresses too. */
    for (uint32_t i = 0; i < e->n_iface; i++)
        if ((e->iface[i].role == GEN_WEB || e->iface[i].role == GEN_NODE)
            && gen_mix(e->iface[i].id) % 3 == 0)
            t->exposed[t->n_exposed++] = (uint16_t)i;
    for (uint32_t i = 0; i < GEN_SCANNERS; i++)
        hire(t, &t->scanner[i]);
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

/* Which of the doors that are open on purpose this knock has found. */
static int open_door(const gen_traffic_t *t, const gen_row_t *row)
{
    uint8_t role = t->e->iface[row->iface].role;

    return row->proto == 6 && ((role == GEN_LB && (row->dport == 443 || row->dport == 80))
                               || (role == GEN_BASTION && row->dport == 22));
}

void gen_scan(gen_traffic_t *t)
{
    gen_scanner_t *s = &t->scanner[gen_skewed(&t->r, GEN_SCANNERS)];
    uint64_t u = gen_next(&t->r);
    uint32_t target = s->target;
    gen_row_t *row, seen;

    if (s->style != STYLE_DEEP)
        target = t->exposed[(u >> 32) % t->n_exposed];
    row = gen_row_new(t, target);
    row->src = row->psrc = s->addr;
    row->dst = row->pdst = t->e->iface[target].addr;
    row->dir = GEN_INGRESS;
    row->action = GEN_REJECT;
    row->packets = 1 + ((u & 15) == 0) + ((u & 0xff) == 0);
    row->proto = 6;
    row->flags = 2;
    row->sport = s->sport;
    row->dport = s->dport;
    row->bytes = row->packets * ((s->addr & 3) == 0 ? 60u : (s->addr & 3) == 1 ? 44u : 40u);
    if (s->style == STYLE_DEEP) {
        row->dport = (u & 0x300) != 0 ? (uint16_t)(u >> 16) : known[gen_skewed(&t->r, 48)];
    } else if (s->style == STYLE_ODD) {
        row->sport = (uint16_t)(1024 + ((u >> 12) % 64512));
        row->dport = (u & 0x300) != 0 ? (uint16_t)((u >> 16) | 1) : known[gen_skewed(&t->r, 48)];
    } else if (s->style == STYLE_DATAGRAM) {
        row->proto = 17;
        row->flags = 0;
        row->dport = datagram[s->dport & 7];
        row->bytes = row->packets * (28u + datagram_size[s->dport & 7]);
    } else if (s->style == STYLE_ECHO) {
        row->proto = 1;
        row->flags = 0;
        row->sport = row->dport = 0;
        row->bytes = row->packets * ((s->addr & 1) != 0 ? 84u : 28u);
    }
    row->start = gen_window(t, target);
    row->end = row->start + 59;
    if (!t->e->iface[target].whole) {
        row->start += (uint32_t)((u >> 40) % 60);
        row->end = row->start + (row->packets > 1 ? (uint32_t)((u >> 50) & 3) : 0);
    }
    if (open_door(t, row)) {
        row->action = GEN_ACCEPT;
        seen = *row;
        answer(t, &seen, (u & 0x400) != 0 ? 18 : 4);
    } else {
        t->n_reject++;
    }
    if (--s->left == 0)
        hire(t, s);
}
