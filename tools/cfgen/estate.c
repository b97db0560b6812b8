/* SPDX-License-Identifier: Apache-2.0 */
/* Lays out the networks, subnets and interfaces of estate.h from the seed. */
#include "estate.h"

#include <string.h>

/* Interfaces of each role in each network. */
static const uint8_t census[GEN_SITES][GEN_ROLES] = {
    [GEN_PROD] = { [GEN_LB] = 12, [GEN_NAT] = 3, [GEN_BASTION] = 2, [GEN_WEB] = 40, [GEN_APP] = 52,
                   [GEN_NODE] = 24, [GEN_DB] = 9, [GEN_CACHE] = 8, [GEN_QUEUE] = 6,
                   [GEN_STANDBY] = 20 },
    [GEN_ANALYTICS] = { [GEN_NAT] = 2, [GEN_BATCH] = 24, [GEN_DB] = 4, [GEN_QUEUE] = 3,
                        [GEN_STANDBY] = 4 },
    [GEN_SHARED] = { [GEN_LB] = 1, [GEN_NAT] = 1, [GEN_BASTION] = 1, [GEN_MONITOR] = 3,
                     [GEN_RESOLVER] = 4, [GEN_ENDPOINT] = 3 },
    [GEN_DEV] = { [GEN_LB] = 2, [GEN_NAT] = 1, [GEN_WEB] = 6, [GEN_APP] = 10, [GEN_DB] = 2,
                  [GEN_CACHE] = 1, [GEN_STANDBY] = 10 }
};

/* Public, application or data tier of each role's subnet. */
static const uint8_t tier_of[GEN_ROLES] = {
    [GEN_LB] = 0, [GEN_NAT] = 0, [GEN_BASTION] = 0, [GEN_WEB] = 1, [GEN_APP] = 1, [GEN_NODE] = 1,
    [GEN_DB] = 2, [GEN_CACHE] = 2, [GEN_QUEUE] = 2, [GEN_BATCH] = 1, [GEN_MONITOR] = 1,
    [GEN_RESOLVER] = 1, [GEN_ENDPOINT] = 2, [GEN_STANDBY] = 1
};

/* Second octet of 10/8 for each network. */
static const uint8_t octet_of[GEN_SITES] = { 20, 21, 40, 112 };

static void lay_subnets(gen_estate_t *e, gen_rng_t *r)
{
    uint32_t i = 0;

    for (uint32_t s = 0; s < GEN_SITES; s++) {
        e->network[s] = gen_next(r);
        for (uint32_t t = 0; t < GEN_TIERS; t++)
            for (uint32_t z = 0; z < GEN_ZONES; z++, i++) {
                e->subnet[i].id = gen_next(r);
                e->subnet[i].base = (10u << 24) | ((uint32_t)octet_of[s] << 16)
                                    | ((t * 64 + z * 16) << 8);
                e->subnet[i].site = (uint8_t)s;
                e->subnet[i].zone = (uint8_t)z;
                e->subnet[i].tier = (uint8_t)t;
            }
    }
}

/* An address of the subnet (a /22 of its /20) that no interface before this one has. */
static uint32_t free_addr(const gen_estate_t *e, uint32_t subnet, gen_rng_t *r)
{
    uint32_t addr, i;

    do {
        addr = e->subnet[subnet].base + 4 + gen_below(r, 1018);
        for (i = 0; i < e->n_iface && e->iface[i].addr != addr; i++)
            ;
    } while (i < e->n_iface);
    return addr;
}

static void add_iface(gen_estate_t *e, uint32_t site, uint32_t role, uint32_t k, gen_rng_t *r)
{
    gen_iface_t *f = &e->iface[e->n_iface];
    uint32_t zone = k % GEN_ZONES;
    uint32_t subnet = (site * GEN_TIERS + tier_of[role]) * GEN_ZONES + zone;

    f->id = gen_next(r);
    f->instance = gen_next(r);
    if (role == GEN_LB || role == GEN_NAT || role == GEN_ENDPOINT)
        f->instance = 0;
    f->addr = free_addr(e, subnet, r);
    f->subnet = (uint16_t)subnet;
    f->account = site == GEN_SHARED || site == GEN_DEV;
    f->site = (uint8_t)site;
    f->zone = (uint8_t)zone;
    f->role = (uint8_t)role;
    f->phase = (uint8_t)gen_below(r, 60);
    f->whole = gen_below(r, 100) < 5;
    f->next_port = (uint16_t)(32768 + gen_below(r, 28232));
    e->members[e->n_iface] = (uint16_t)e->n_iface;
    e->n_iface++;
}

void gen_estate_init(gen_estate_t *e, uint64_t seed)
{
    gen_rng_t r;

    memset(e, 0, sizeof *e);
    e->seed = seed;
    gen_rng_init(&r, seed, 1);
    for (uint32_t a = 0; a < GEN_ACCOUNTS; a++)
        e->account[a] = 100000000000u + gen_next(&r) % 900000000000u;
    e->log = gen_next(&r);
    lay_subnets(e, &r);
    for (uint32_t s = 0; s < GEN_SITES; s++)
        for (uint32_t role = 0; role < GEN_ROLES; role++) {
            e->list[s][role].first = (uint16_t)e->n_iface;
            e->list[s][role].n = census[s][role];
            for (uint32_t k = 0; k < census[s][role]; k++)
                add_iface(e, s, role, k, &r);
        }
}

void gen_iface_v6(const gen_estate_t *e, uint32_t iface, uint64_t half[2])
{
    const gen_iface_t *f = &e->iface[iface];
    uint64_t site = gen_mix(e->network[f->site]) & 0xff;

    /* A /56 for each network, a /64 for each subnet, as the provider hands them out. */
    half[0] = 0x2a05d01800000000u | ((gen_mix(e->seed) & 0xfff) << 16) | (site << 8) | f->subnet;
    half[1] = gen_mix(f->id);
}

void gen_outside_v6(uint32_t handle, uint64_t half[2])
{
    static const uint32_t prefixes[8] = {
        0x20010db8, 0x2a023030, 0x2a010cb0, 0x2a009020, 0x2003000c, 0x26018100, 0x240e0410,
        0x2a028108
    };
    uint64_t h = gen_mix(handle >> 6);

    half[0] = ((uint64_t)prefixes[h & 7] << 32) | ((h >> 8) & 0xffffff00u);
    half[1] = gen_mix(h ^ handle);
    if ((h & 0x7000) == 0)
        half[1] &= 0xff;
}
