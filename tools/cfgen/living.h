/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections that live: begun, reported while they last, ended, or refused.
 *
 * The other clock of the traffic model, for formats that follow a connection (both directions in
 * one record, or samples of it every few seconds) where traffic.h has one direction in one capture
 * window.  A shape says who reports what and when; the unit handed out is the report of one
 * interface, or of a sensor that sees everything once.
 *
 * What is true of all reports of one connection at one reporter: their counts add up to what the
 * connection carried, a begin comes first, an end last, and both ends saw the same connection.
 */
#ifndef CFGEN_LIVING_H
#define CFGEN_LIVING_H

#include "traffic.h"

#include <stdbool.h>

enum { GEN_BEGIN, GEN_CONTINUE, GEN_END, GEN_DENY };              /* gen_report_t.state */
enum { GEN_CLOSED, GEN_RESET, GEN_RESET_BACK, GEN_TIMEOUT };      /* gen_report_t.closing */
enum { GEN_NOWHERE = 0xffff };          /* in the place of an interface: not one of ours */

typedef struct gen_count {
    uint64_t bytes, payload;            /* IP bytes, and what is left of them without headers */
    uint32_t packets;
    uint8_t  flags;                     /* of TCP */
} gen_count_t;

/* Addresses as in gen_row_t; all times in nanoseconds since 1970. */
typedef struct gen_report {
    uint64_t id;                        /* of the connection: the same in all its reports */
    uint64_t time;                      /* of this report */
    uint64_t start, end;                /* of the connection, as it will turn out */
    uint64_t first, last;               /* the packets counted here lie between */
    gen_count_t fwd, rev;               /* since the report before: of the client, of the server */
    gen_count_t fwd_all, rev_all;       /* since the start */
    uint32_t caddr, saddr;              /* client and server */
    uint32_t rtt;                       /* microseconds */
    uint16_t cport, sport;
    uint16_t iface, far;                /* who reports, and who is at the other end */
    uint8_t  state, closing, proto, v6;
    uint8_t  client;                    /* the reporter is the client's end */
    uint8_t  back;                      /* with one direction: it is the server's, `rev` */
    uint8_t  csvc, ssvc, via, denied;
} gen_report_t;

enum {
    GEN_S_BEGINS = 1,      /* a report when a connection begins, without counts */
    GEN_S_ONLY_BEGINS = 2, /* and no other, but for refusals */
    GEN_S_PORTS = 4,       /* TCP and UDP alone */
    GEN_S_ALIGNED = 8,     /* reports at multiples of the period, not counted from the begin */
    GEN_S_SENSOR = 16,     /* one reporter for all, which does not know what was refused */
    GEN_S_SPLIT = 32,      /* a report for each direction that has packets */
    GEN_S_SAMPLED = 64     /* one direction, sampled packets, estimates, short intervals */
};

typedef struct gen_shape {
    uint32_t flags;
    uint32_t period;       /* seconds between reports; 0: none before the end */
    uint32_t idle[2];      /* seconds until silence ends a connection: TCP, others */
    uint32_t lag;          /* seconds from a proper close to the end report */
    uint32_t roles;        /* 1 << role of the interfaces that report */
    uint32_t sides;        /* sampled: 1 senders, 2 receivers */
} gen_shape_t;

typedef struct gen_living gen_living_t;

/* Sorts the reports of a minute, the smaller first and below 2^28, equal ones by time. */
typedef uint32_t gen_key_fn(const void *arg, const gen_report_t *r);

/*
 * New; NULL without memory.  The estate is borrowed, and its port counters move.  `epoch` is the
 * start of the span in seconds since 1970; key NULL: by time alone.
 */
gen_living_t *gen_living_create(gen_estate_t *estate, const gen_plan_t *plan,
                                const gen_shape_t *shape, uint64_t epoch, gen_key_fn *key,
                                const void *arg);
void gen_living_destroy(gen_living_t *f);

/* As gen_traffic_next: the next batch in the order to be written, borrowed; 0 at the end. */
size_t gen_living_next(gen_living_t *f, const gen_report_t *const **list, uint32_t *minute);

#endif
