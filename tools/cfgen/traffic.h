/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The traffic model: turns an estate into records of what its interfaces saw, minute by minute.
 *
 * It knows conversations, services, clients and scanners, and nothing of how a provider writes
 * them down.  The unit it hands out is the observation: one direction of one conversation at one
 * interface in one capture window.  doc/man/cfgen.1 and the essay in traffic.c describe the model.
 */
#ifndef CFGEN_TRAFFIC_H
#define CFGEN_TRAFFIC_H

#include "estate.h"

#include <stddef.h>
#include <stdint.h>

enum { GEN_OK, GEN_NODATA, GEN_SKIPDATA };                   /* gen_row_t.status */
enum { GEN_ACCEPT, GEN_REJECT };                             /* gen_row_t.action */
enum { GEN_INGRESS, GEN_EGRESS };                            /* gen_row_t.dir */
/* Way out of the network, for egress; names follow the idea, not a provider's number. */
enum { GEN_VIA_NONE, GEN_VIA_LOCAL, GEN_VIA_INTERNET, GEN_VIA_PEERING, GEN_VIA_GATEWAY };
/* Owner of a provider's own public address. */
enum { GEN_SVC_NONE, GEN_SVC_ANY, GEN_SVC_COMPUTE, GEN_SVC_STORE, GEN_SVC_TABLES, GEN_SVC_CDN,
       GEN_SVC_HEALTH, GEN_SVC_API, GEN_SERVICES };

/*
 * Addresses are IPv4 numbers, or with v6 set handles: below 65536 an interface's index, else a
 * host outside (gen_outside_v6).  `src dst` are what the interface reports, `psrc pdst` what the
 * packets carried.
 */
typedef struct gen_row {
    uint64_t bytes;
    uint32_t packets;
    uint32_t start, end;                /* seconds since the start of the span */
    uint32_t src, dst, psrc, pdst;
    uint16_t sport, dport;
    uint16_t iface;
    uint8_t  proto, flags, action, status;
    uint8_t  dir, via, ssvc, dsvc, v6;
} gen_row_t;

typedef struct gen_traffic gen_traffic_t;

/*
 * Some of the ranges that a provider publishes for itself.  The order has a meaning: three of
 * object storage, three of tables, two of the content network's edge, three of other people's
 * machines, two of the rest, one of health checks, one of the interface to its services.
 */
typedef struct gen_cloud {
    uint32_t base, mask;
    uint8_t  service;       /* GEN_SVC_… */
} gen_cloud_t;

enum { GEN_CLOUDS = 15 };

typedef struct gen_plan {
    uint64_t flows;         /* records in all, status records included */
    uint64_t seed;
    uint32_t minutes;       /* length of the span, at least 1 */
    uint32_t hour;          /* hour of the day at its start, for the daily curve */
    uint32_t ppm_v6, ppm_reject, ppm_nodata, ppm_skipdata;   /* shares in millionths */
    const gen_cloud_t *cloud;    /* GEN_CLOUDS ranges of the provider; NULL: those of aws-vpc */
} gen_plan_t;

/* New; NULL without memory.  The estate is borrowed, and its port counters move. */
gen_traffic_t *gen_traffic_create(gen_estate_t *estate, const gen_plan_t *plan);
void gen_traffic_destroy(gen_traffic_t *t);

/*
 * The next batch of records, in the order they are to be written; borrowed until the next call.
 * Returns the number of records, 0 at the end.  `minute` is the minute they belong to.
 */
size_t gen_traffic_next(gen_traffic_t *t, const gen_row_t **rows, uint32_t *minute);

#endif
