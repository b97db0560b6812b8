/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the living half of the model share: see living.h and living.c. */
#ifndef CFGEN_CONN_H
#define CFGEN_CONN_H

#include "living.h"
#include "model.h"

enum {
    GEN_LIVE_MAX = 65536,       /* connections remembered at a time */
    GEN_SLOTS = 2048,           /* minutes ahead of now; no connection is silent for longer */
    GEN_REPORTS_MAX = 32768,    /* handed out at once */
    GEN_REPORTS_SLACK = 256,    /* most reports of one connection in a minute */
    GEN_TAKEN = 1 << 18
};

#define GEN_SECOND UINT64_C(1000000000)
#define GEN_MINUTE (60 * GEN_SECOND)
#define GEN_NEVER UINT64_MAX

/* One end, or the sensor. */
typedef struct gen_side {
    uint64_t next, last;        /* time of the next report, and of the one before */
    uint64_t lag;               /* behind the client's end */
    gen_count_t fwd, rev;       /* not reported yet */
    gen_count_t fwd_all, rev_all;
    uint16_t iface;
    uint8_t  begun, refusals;   /* a first report was made; refusals reported */
} gen_side_t;

typedef struct gen_conn {
    gen_conv_t v;
    uint64_t id, start, end;
    uint64_t gone;              /* when the reporters forget it */
    uint64_t at;                /* traffic is counted up to here */
    uint64_t due;               /* next time that something is reported */
    uint64_t ask, answer;       /* payload still to be sent, if it does not last */
    gen_side_t side[2];         /* client, server */
    uint32_t rtt, link;
    uint32_t knock, knock_bytes;    /* packets of a scanner, 0 for others */
    uint8_t  proto, closing, lasting, denied, open;
    uint8_t  over, told;        /* all its traffic is counted; something was reported */
} gen_conn_t;

struct gen_living {
    gen_draw_t d;
    gen_shape_t shape;
    gen_key_fn *key;
    const void *arg;

    /* the clock */
    uint64_t base;              /* begin of the minute being made */
    uint64_t curve_sum, curve_done, planned, serial;
    int32_t  minute, ticks;     /* the minutes before the span are negative */
    uint32_t burst;
    uint32_t owed;              /* living connections of which nothing was reported yet */
    bool     late, patient;     /* reports come after the begin; whole intervals after it */
    bool     more;              /* the minute is not over */

    /* connections by the minute of their next report */
    gen_conn_t *pool;
    uint32_t free;
    uint32_t slot[GEN_SLOTS];
    uint64_t taken[GEN_TAKEN];  /* by hash of addresses and ports: until when they are in use */

    /* the batch being made */
    gen_report_t *made;
    const gen_report_t **list;
    struct gen_place *place, *spare;
};

enum { GEN_NO_CONN = 0xffffffff };

/* Shares are kept when connections are drawn, since their reports come too late for that. */
static inline bool gen_counts_early(const gen_living_t *f)
{
    return f->patient || (f->shape.flags & GEN_S_SENSOR) != 0;
}

/* 0 … ns-1, in steps of about a microsecond. */
static inline uint64_t gen_spread(gen_draw_t *d, uint64_t ns)
{
    return (gen_next(&d->r) >> 32) * (ns >> 10) >> 22;
}

/* conn.c */
/*
 * Draws a connection that begins in the minute being made, and if `brief` also ends in it; false if
 * nobody would report it.
 */
bool gen_conn_begin(gen_living_t *f, gen_conn_t *c, bool brief);
/* Counts its traffic up to a time, for both ends. */
void gen_conn_advance(gen_living_t *f, gen_conn_t *c, uint64_t until);
/* A place for a report, filled with what hangs on the connection and the end alone. */
gen_report_t *gen_conn_report(gen_living_t *f, const gen_conn_t *c, uint32_t side);

/* report.c, sample.c: what is due at c->due, and when something is due next (or GEN_NEVER). */
void gen_report_open(gen_living_t *f, gen_conn_t *c);
void gen_report_step(gen_living_t *f, gen_conn_t *c);
void gen_sample_open(gen_living_t *f, gen_conn_t *c);
void gen_sample_step(gen_living_t *f, gen_conn_t *c);

#endif
