/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Draws one new conversation of a class: its two ends, their ports, the way between them, how long
 * it lives.  What it leaves in the logs each window is emit.c.
 */
#include "model.h"

#include <string.h>

/* A public address that is neither the provider's nor reserved; the same h, the same address. */
uint32_t gen_public_addr(uint64_t h)
{
    static const uint8_t octets[64] = {
        2, 5, 24, 31, 37, 41, 45, 46, 49, 58, 61, 62, 66, 67, 68, 69, 71, 72, 73, 74, 75, 76, 77,
        78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 98, 103, 109,
        110, 115, 121, 141, 151, 173, 176, 178, 185, 186, 188, 189, 190, 193, 195, 201, 212, 213,
        217
    };

    return ((uint32_t)octets[h & 63] << 24) | (uint32_t)((h >> 6) & 0xffffff);
}

static uint32_t cloud_addr(gen_draw_t *d, uint32_t first, uint32_t n, uint8_t *service)
{
    const gen_cloud_t *c = &d->cloud[first + gen_skewed(&d->r, n)];

    /* A few hundred addresses of each range do nearly all the work. */
    *service = c->service;
    return c->base | (uint32_t)(gen_mix(gen_skewed(&d->r, 400) + c->base) & c->mask);
}

static uint32_t client_addr(gen_draw_t *d, gen_conv_t *c)
{
    uint32_t kind = gen_below(&d->r, 64), net;

    if (kind < 4)
        return cloud_addr(d, 6, 2, &c->csvc);         /* edge of the content network */
    if (kind < 6)
        return cloud_addr(d, 8, 3, &c->csvc);         /* other people's machines */
    if (kind < 7)
        return cloud_addr(d, 13, 1, &c->csvc);
    net = gen_alias_draw(&d->nets, &d->r);
    return (gen_public_addr(gen_mix(d->plan.seed + net)) & 0xffffff00u)
           | ((gen_below(&d->r, 120) * 37 + net) % 254 + 1);
}

static uint16_t client_port(gen_draw_t *d)
{
    uint32_t kind = gen_below(&d->r, 16);

    if (kind < 7)
        return (uint16_t)(49152 + gen_below(&d->r, 16384));
    if (kind < 12)
        return (uint16_t)(32768 + gen_below(&d->r, 28232));
    return (uint16_t)(1024 + gen_below(&d->r, 64512));
}

/*
 * The port a Linux machine takes: an offset that hangs on the destination plus a counter of the
 * machine, in steps of two because connect() prefers one parity.
 */
static uint16_t linux_port(gen_draw_t *d, uint32_t iface, uint32_t peer, uint32_t port)
{
    gen_iface_t *f = &d->e->iface[iface];
    uint32_t at = (uint32_t)(gen_mix(f->id ^ peer ^ ((uint64_t)port << 32)) & 0x3fff);

    f->next_port++;
    if (gen_chance(&d->r, 6000))
        f->next_port = (uint16_t)(f->next_port + gen_below(&d->r, 200));
    return (uint16_t)(32768 + 2 * ((at + f->next_port) % 14116) + gen_chance(&d->r, 2500));
}

static uint32_t pick(gen_draw_t *d, uint32_t site, uint32_t role)
{
    const gen_list_t *l = &d->e->list[site][role];
    uint32_t i;

    if (role != GEN_ANY)
        return l->first + gen_skewed(&d->r, l->n);
    /* Any machine: from the bastions on, the standby ones left out, lie side by side. */
    l = &d->e->list[site][GEN_BASTION];
    i = d->e->list[site][GEN_STANDBY].first;
    return l->first + gen_below(&d->r, i - l->first);
}

static int has(const gen_draw_t *d, uint32_t site, uint32_t role)
{
    return role >= GEN_ROLES || d->e->list[site][role].n > 0;
}

static int fits(const gen_draw_t *d, const gen_class_t *k, uint32_t site)
{
    return has(d, site, k->from)
           && ((k->flags & (GEN_F_SHARED | GEN_F_EVERY)) != 0 || has(d, site, k->to));
}

/* A network that has both ends of the class; production if the one drawn has not. */
static uint32_t pick_site(gen_draw_t *d, const gen_class_t *k)
{
    static const uint8_t share[16] = {
        GEN_PROD, GEN_PROD, GEN_PROD, GEN_PROD, GEN_PROD, GEN_PROD, GEN_PROD, GEN_PROD, GEN_PROD,
        GEN_PROD, GEN_PROD, GEN_ANALYTICS, GEN_ANALYTICS, GEN_ANALYTICS, GEN_SHARED, GEN_DEV
    };
    uint32_t site = share[gen_below(&d->r, 16)];

    for (uint32_t i = 0; i < GEN_SITES && !fits(d, k, site); i++)
        site = i;
    return site;
}

/* Pods of a cluster node have addresses of their own, behind the node's interface. */
static uint32_t inner_addr(gen_draw_t *d, uint32_t iface)
{
    const gen_iface_t *f = &d->e->iface[iface];

    if (f->role != GEN_NODE)
        return f->addr;
    return (f->addr & 0xfffff000u) + 0x800u
           + (uint32_t)(gen_mix(f->id + gen_below(&d->r, 14)) & 0x7ff);
}

static void set_client(gen_draw_t *d, gen_conv_t *c, const gen_class_t *k, uint32_t site)
{
    c->ciface = GEN_NOWHERE;
    c->cport = client_port(d);
    if (k->from == GEN_CLIENT) {
        c->caddr = client_addr(d, c);
        if ((k->flags & GEN_F_V6) != 0
            && d->n_v6 * 1000000 < (uint64_t)d->plan.ppm_v6 * (d->drawn + d->n)) {
            c->v6 = 1;
            c->csvc = GEN_SVC_NONE;
            c->caddr |= 0x10000;
        }
    } else if (k->from == GEN_ADMIN) {
        c->caddr = gen_public_addr(gen_mix(d->plan.seed + 7777 + gen_below(&d->r, 5)));
    } else {
        c->ciface = (uint16_t)pick(d, site, k->from);
        c->caddr = inner_addr(d, c->ciface);
    }
}

static void set_server(gen_draw_t *d, gen_conv_t *c, const gen_class_t *k, uint32_t site)
{
    c->siface = GEN_NOWHERE;
    c->via = GEN_VIA_LOCAL;
    if (k->to == GEN_SERVER) {
        uint32_t host = k->proto == 17 ? gen_below(&d->r, 6)
                                       : gen_alias_draw(&d->servers, &d->r);

        c->saddr = gen_public_addr(gen_mix(d->plan.seed ^ (0x5e4000u + host)));
    } else if (k->to == GEN_CLOUD) {
        c->saddr = cloud_addr(d, 3, 12, &c->ssvc);
    } else if (k->to == GEN_STORE) {
        c->saddr = cloud_addr(d, 0, 3, &c->ssvc);
        c->via = GEN_VIA_GATEWAY;
    } else {
        if ((k->flags & GEN_F_SHARED) != 0)
            site = GEN_SHARED;
        else if ((k->flags & GEN_F_EVERY) != 0)
            site = gen_below(&d->r, GEN_SITES);
        c->siface = (uint16_t)pick(d, site, k->to);
        if (c->siface == c->ciface)     /* nobody logs what a machine says to itself */
            c->siface = (uint16_t)(c->siface > 0 ? c->siface - 1 : 1);
        c->saddr = c->v6 ? c->siface : inner_addr(d, c->siface);
    }
}

/* The way out: straight, through the peering, or through the NAT gateway of the zone. */
static void set_way(gen_draw_t *d, gen_conv_t *c, const gen_class_t *k)
{
    const gen_estate_t *e = d->e;
    const gen_list_t *l;

    c->niface = GEN_NOWHERE;
    if (c->ciface == GEN_NOWHERE) {
        c->via = GEN_VIA_INTERNET;
        return;
    }
    if (c->siface != GEN_NOWHERE) {
        if (e->iface[c->siface].site != e->iface[c->ciface].site)
            c->via = GEN_VIA_PEERING;
        return;
    }
    if (k->to == GEN_STORE)
        return;
    if (e->iface[c->ciface].role == GEN_BASTION || e->iface[c->ciface].instance == 0) {
        c->via = GEN_VIA_INTERNET;
        return;
    }
    l = &e->list[e->iface[c->ciface].site][GEN_NAT];
    c->niface = (uint16_t)(l->first + e->iface[c->ciface].zone % l->n);
    c->nport = (uint16_t)(1024 + gen_below(&d->r, 64512));
}

static void set_life(gen_draw_t *d, gen_conv_t *c, const gen_class_t *k)
{
    uint64_t u = gen_next(&d->r);
    uint32_t at = c->ciface != GEN_NOWHERE ? c->ciface : c->siface;

    c->first = 1;
    c->left = 1;
    if ((u & 0xffff) < k->lasting) {
        uint64_t life = gen_quant_draw(k->life, &d->r);

        c->left = (uint16_t)(life > 2000 ? 2000 : life);
    }
    c->spell = (uint8_t)(gen_quant_draw(k->spell, &d->r) - 1);
    c->start = gen_window(d, at) + (uint32_t)(((u >> 16) & 0xffff) * 60 >> 16);
    c->mtu = (uint8_t)((u >> 32) & 7);
    c->header = ((u >> 35) & 7) == 0 ? 40 : 52;
    c->scale = (uint8_t)((u >> 40) & 3);
}

const uint16_t gen_segment[8] = { 1448, 1448, 1448, 1448, 1448, 1408, 1388, 1398 };

uint64_t gen_payload(gen_draw_t *d, const gen_conv_t *c, const gen_quant_t *q)
{
    uint64_t v;

    if ((gen_classes[c->cls].flags & GEN_F_FIXED) != 0) {
        gen_rng_t same;

        gen_rng_init(&same, c->saddr, c->sport);
        v = gen_quant_draw(q, &same);
        return gen_chance(&d->r, 20000) ? v + gen_below(&d->r, 12) : v;
    }
    v = gen_quant_draw(q, &d->r);
    return v >> c->scale;
}

void gen_conv_begin(gen_draw_t *d, gen_conv_t *c, uint32_t cls)
{
    const gen_class_t *k = &gen_classes[cls];
    uint32_t site = pick_site(d, k), ports = 4;

    memset(c, 0, sizeof *c);
    c->cls = (uint8_t)cls;
    set_client(d, c, k, site);
    set_server(d, c, k, site);
    set_way(d, c, k);
    while (ports > 1 && k->port[ports - 1] == 0)
        ports--;
    c->sport = k->port[gen_skewed(&d->r, ports)];
    if (k->proto == 1)
        c->cport = 0;
    else if (c->ciface != GEN_NOWHERE)
        c->cport = linux_port(d, c->ciface, c->saddr, c->sport);
    set_life(d, c, k);
}
