/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the traffic model share: the classes of traffic (classes.c), the conversations
 * drawn from them (draw.c, conv.c), the scanners (scan.c), the records they leave in capture windows
 * (emit.c) and the clock that drives these (traffic.c).  Connections with a life of their own have
 * another clock: living.h.
 */
#ifndef CFGEN_MODEL_H
#define CFGEN_MODEL_H

#include "dist.h"
#include "living.h"

/* Ends of a class that are not interfaces of one role. */
enum gen_outside {
    GEN_ANY = GEN_ROLES,   /* any machine of the site */
    GEN_CLIENT,            /* users of the internet */
    GEN_ADMIN,             /* a few known addresses */
    GEN_SERVER,            /* other people's services */
    GEN_CLOUD,             /* the provider's own services */
    GEN_STORE              /* object storage through a gateway of the network */
};

/* Indices into gen_classes: users of the internet to a balancer; and what is not in it. */
enum { GEN_CLASS_V6 = 0, GEN_CLASS_SCAN = 0xffff };

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

typedef struct gen_scanner {
    uint32_t addr, left;
    uint16_t sport, dport, target;
    uint8_t  style;
} gen_scanner_t;

/* One packet or a few of a scanner to an interface. */
typedef struct gen_knock {
    uint32_t addr, start, spell;       /* seconds since the start of the span */
    uint32_t packets, bytes;
    uint16_t iface, sport, dport;
    uint8_t  proto, open, resets;      /* open: a door that is open on purpose; how it is shut */
} gen_knock_t;

enum {
    GEN_BATCH_MAX = 131072,     /* records sorted and handed out at once */
    GEN_BATCH_SLACK = 16,       /* most records one conversation leaves in a window */
    GEN_ACTIVE_MAX = 16384,     /* conversations remembered from window to window */
    GEN_LATE_MAX = 4096,
    GEN_SCANNERS = 48,
    GEN_CLIENT_NETS = 40000,
    GEN_SERVER_HOSTS = 3072
};

/* What conversations are drawn from; the clocks (traffic.c, life.c) have one each. */
typedef struct gen_draw {
    gen_estate_t *e;
    gen_plan_t    plan;
    gen_rng_t     r;
    const gen_cloud_t *cloud;
    gen_alias_t   by_day, by_night, nets, servers;
    uint32_t minute;                   /* being made, since the start of the span */
    uint32_t daylight;                 /* chance in 65536 that a class is drawn by day's weights */
    uint64_t drawn;                    /* records made before this batch */
    uint32_t n;                        /* and in it */
    uint32_t owed;                     /* connections drawn that have no record yet */
    uint64_t n_v6, n_reject;
    gen_scanner_t scanner[GEN_SCANNERS];
    uint16_t exposed[GEN_IFACES_MAX];  /* interfaces with a public address */
    uint32_t n_exposed;
} gen_draw_t;

struct gen_traffic {
    gen_draw_t d;

    /* the clock */
    uint64_t curve_sum, curve_done;    /* the daily curve, summed over the span */
    uint64_t planned;                  /* records due until now */
    uint32_t ticks, last_tick, burst;
    uint64_t n_nodata, n_skip;

    /* the batch being made */
    gen_row_t *made, *sorted;
    uint32_t   quota;

    gen_conv_t active[GEN_ACTIVE_MAX];
    uint32_t   n_active;
    gen_row_t  late[GEN_LATE_MAX];
    uint8_t    late_used[GEN_LATE_MAX];
    uint32_t   n_late;                 /* slots in use by the plan, 0 for small plans */
    uint32_t  *bunch;                  /* of each record of the batch, see put_in_order */
    uint32_t  *place, *shuffled;
    uint32_t   bunch_of[GEN_IFACES_MAX];
};

/* draw.c */
/* 0, or -1 without memory; the estate is borrowed, and its port counters move. */
int gen_draw_init(gen_draw_t *d, gen_estate_t *e, const gen_plan_t *plan);
void gen_draw_fini(gen_draw_t *d);
/* Weight of a minute in the daily curve; sets nothing. */
uint32_t gen_curve_at(const gen_plan_t *p, uint32_t minute);
/* Moves to a minute. */
void gen_draw_minute(gen_draw_t *d, uint32_t minute);
/* flows * done / sum without overflow. */
uint64_t gen_share(uint64_t flows, uint64_t done, uint64_t sum);
/* What comes next: a class of conversation, or GEN_CLASS_SCAN. */
uint32_t gen_draw_class(gen_draw_t *d);

/* conv.c */
void gen_conv_begin(gen_draw_t *t, gen_conv_t *c, uint32_t cls);
uint32_t gen_public_addr(uint64_t h);
extern const uint16_t gen_segment[8];      /* payload of a full packet, by gen_conv_t.mtu */
/* Bytes of payload one way in a window. */
uint64_t gen_payload(gen_draw_t *d, const gen_conv_t *c, const gen_quant_t *q);

/* emit.c: appends to the batch, never beyond the quota */
void gen_emit(gen_traffic_t *t, gen_conv_t *c);
gen_row_t *gen_row_new(gen_traffic_t *t, uint32_t iface);

/* scan.c */
void gen_scan_init(gen_draw_t *d);
void gen_knock(gen_draw_t *d, gen_knock_t *k);
/* Appends what a knock leaves in the batch. */
void gen_scan(gen_traffic_t *t);

/* Where the window of an interface begins in the minute being made. */
static inline uint32_t gen_window(const gen_draw_t *d, uint32_t iface)
{
    return d->minute * 60 + d->e->iface[iface].phase;
}

#endif
