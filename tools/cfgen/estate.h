/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The estate: the cloud that the generated traffic belongs to.
 *
 * A middling company: a production network, an analytics network, a network of shared services and
 * a development network, two accounts, three zones, about 260 interfaces with roles.  Everything is
 * plain numbers (indices, addresses, 64-bit identities); how an interface or a network is spelled
 * is the affair of a provider (provider.h).
 */
#ifndef CFGEN_ESTATE_H
#define CFGEN_ESTATE_H

#include "rng.h"

#include <stdint.h>

enum gen_role {
    GEN_LB, GEN_NAT, GEN_BASTION, GEN_WEB, GEN_APP, GEN_NODE, GEN_DB, GEN_CACHE, GEN_QUEUE,
    GEN_BATCH, GEN_MONITOR, GEN_RESOLVER, GEN_ENDPOINT, GEN_STANDBY, GEN_ROLES
};

enum gen_site { GEN_PROD, GEN_ANALYTICS, GEN_SHARED, GEN_DEV, GEN_SITES };

enum { GEN_ZONES = 3, GEN_TIERS = 3, GEN_ACCOUNTS = 2, GEN_IFACES_MAX = 320 };

typedef struct gen_iface {
    uint64_t id;           /* identity of the interface */
    uint64_t instance;     /* identity of the machine; 0 = managed by the provider */
    uint32_t addr;         /* primary address */
    uint16_t next_port;    /* where its kernel is in the ephemeral range */
    uint16_t subnet;       /* index into the estate's subnets */
    uint8_t  account, site, zone, role;
    uint8_t  phase;        /* second of the minute at which its capture window begins */
    uint8_t  whole;        /* reports the edges of its capture window as start and end */
} gen_iface_t;

typedef struct gen_subnet {
    uint64_t id;
    uint32_t base;
    uint8_t  site, zone, tier;
} gen_subnet_t;

typedef struct gen_list {
    uint16_t n, first;     /* range of the estate's `members` */
} gen_list_t;

typedef struct gen_estate {
    uint64_t     account[GEN_ACCOUNTS];     /* twelve decimal digits */
    uint64_t     network[GEN_SITES];
    gen_subnet_t subnet[GEN_SITES * GEN_ZONES * GEN_TIERS];
    gen_iface_t  iface[GEN_IFACES_MAX];
    uint16_t     members[GEN_IFACES_MAX];
    gen_list_t   list[GEN_SITES][GEN_ROLES];
    uint32_t     n_iface;
    uint64_t     log;      /* identity of the flow log, of its owner below */
    uint64_t     seed;
} gen_estate_t;

void gen_estate_init(gen_estate_t *e, uint64_t seed);

/* The two 64-bit halves of an IPv6 address: of an interface, and of the outside host `handle`. */
void gen_iface_v6(const gen_estate_t *e, uint32_t iface, uint64_t half[2]);
void gen_outside_v6(uint32_t handle, uint64_t half[2]);

#endif
