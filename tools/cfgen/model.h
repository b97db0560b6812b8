/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the traffic model share: the classes of traffic (classes.c), the conversations
 * drawn from them (conv.c), the records they leave (emit.c), the scanners (scan.c) and the clock
 * that drives all of it (traffic.c).
 */
#ifndef CFGEN_MODEL_H
#define CFGEN_MODEL_H

#include "dist.h"
#include "traffic.h"

/* Ends of a class that are not interfaces of one role. */
enum gen_outside {
    GEN_ANY = GEN_ROLES,   /* any machine of the site */
    GEN_CLIENT,            /* users of the internet */
    GEN_ADMIN,             /* a few known addresses */
    GEN_SERVER,            /* other people's services */
    GEN_CLOUD,             /* the provider's own services */
    GEN_STORE              /* object storage through a gateway of the network */
};

enum { GEN_CLASS_V6 = 0 };     /* users of the internet to a balancer; index into gen_classes */

enum {
    GEN_F_SHARED = 1,      /* the server is in the network of shared services */
    GEN_F_EVERY = 2,       /* the server may be in any network */
    GEN_F_FIXED = 4,       /* sizes hang on the server: probes, scrapes, pool pings */
    GEN_F_DENIED = 8,      /* the server's firewall refuses it */
    GEN_F_V6 = 16          /* spoken over IPv6 where the client can */
};

typedef struct gen_class {
    uint8_t  from, to, proto, flags;
    uint16_t port[4];           /* server ports, the first likeliest; 0 ends the list */
    uint16_t day, night;        /* weights of new conversations */
    uint16_t lasting;           /* chance in 65536 of outliving its first window */
    const gen_quant_t *life;    /* windows, if it does */
    const gen_quant_t *spell;   /* seconds, if it does not */
    const gen_quant_t *ask, *answer;   /* payload bytes a window each way */
} gen_class_t;

extern const gen_class_t gen_classes[];
extern const uint32_t gen_n_classes;

typedef struct gen_conv {
    uint32_t caddr, saddr;      /* what the packets carry */
    uint32_t start;
    uint16_t cport, sport, nport;
    uint16_t ciface, siface, niface;     /* GEN_NOWHERE when not ours */
    uint16_t left;              /* windows still to come */
    uint8_t  cls, v6, csvc, ssvc;
    uint8_t  first, last, mtu, header, scale, spell, via;
} gen_conv_t;

enum { GEN_NOWHERE = 0xffff };

typedef struct gen_scanner {
    uint32_t addr, left;
    uint16_t sport, dport, target;
    uint8_t  style;
} gen_scanner_t;

enum {
    GEN_BATCH_MAX = 131072,     /* records sorted and handed out at once */
    GEN_BATCH_SLACK = 16,       /* most records one conversation leaves in a window */
    GEN_ACTIVE_MAX = 16384,     /* conversations remembered from window to window */
    GEN_LATE_MAX = 4096,
    GEN_SCANNERS = 48,
    GEN_CLIENT_NETS = 40000,
    GEN_SERVER_HOSTS = 3072
};

struct gen_traffic {
    gen_estate_t *e;
    gen_plan_t    plan;
    gen_rng_t     r;
    gen_alias_t   by_day, by_night, nets, servers, odd_ports;

    /* the clock */
    uint64_t curve_sum, curve_done;    /* the daily curve, summed over the span */
    uint64_t planned, drawn;           /* records due until now, records made */
    uint32_t minute, ticks, last_tick, burst;
    uint32_t daylight;                 /* chance in 65536 that a class is drawn by day's weights */
    uint64_t n_v6, n_reject, n_nodata, n_skip;

    /* the batch being made */
    gen_row_t *made, *sorted;
    uint32_t   n, quota;

    gen_conv_t active[GEN_ACTIVE_MAX];
    uint32_t   n_active;
    gen_scanner_t scanner[GEN_SCANNERS];
    gen_row_t  late[GEN_LATE_MAX];
    uint8_t    late_used[GEN_LATE_MAX];
    uint32_t   n_late;                 /* slots in use by the plan, 0 for small plans */
    uint32_t  *bunch;                  /* of each record of the batch, see put_in_order */
    uint32_t  *place, *shuffled;
    uint32_t   bunch_of[GEN_IFACES_MAX];
    uint16_t   exposed[GEN_IFACES_MAX];
    uint32_t   n_exposed;
};

/* conv.c */
void gen_conv_begin(gen_traffic_t *t, gen_conv_t *c, uint32_t cls);
uint32_t gen_public_addr(uint64_t h);

/* emit.c: appends to the batch, never beyond the quota */
void gen_emit(gen_traffic_t *t, gen_conv_t *c);
gen_row_t *gen_row_new(gen_traffic_t *t, uint32_t iface);

/* scan.c */
void gen_scan_init(gen_traffic_t *t);
void gen_scan(gen_traffic_t *t);

/* Where the window of an interface begins in the minute being made. */
static inline uint32_t gen_window(const gen_traffic_t *t, uint32_t iface)
{
    return t->minute * 60 + t->e->iface[iface].phase;
}

#endif
