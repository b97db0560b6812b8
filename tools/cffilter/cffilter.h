/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cffilter in four parts: options.c reads the command line, switches.c turns SiLK's partition switches into
 * expressions, run.c works on the items, report.c prints counts. cffilter.c puts them together.
 */
#ifndef CFFILTER_H
#define CFFILTER_H

#include <cf/cli.h>
#include <cf/expr.h>

/* ---- the command line --------------------------------------------------------------------- */

typedef struct given {         /* a partition switch as given */
    size_t which;              /* index for switches.c */
    const char *value;
} given_t;

typedef struct choice {
    const char *pass, *fail, *all;     /* NULL = not asked for; "-" = standard output */
    bool count, statistics, print_expr;
    const char **exprs;
    size_t nexprs;
    given_t *given;
    size_t ngiven;
    int first;                 /* operand that is the first input */
} choice_t;

extern const cf_cmd_t cffilter_cmd;

/* -1 to go on, else the exit status; what was wrong has been said. */
int choice_init(choice_t *o, cf_cli_t *c);
void choice_fini(choice_t *o);

/* ---- partition switches ------------------------------------------------------------------- */

enum { SWITCH_BASE = 512 };    /* option id of switch 0 */

/* Rows of the option table: X(id, name, argument, way, field, negated, help). */
#define PARTITION_SWITCHES(X) \
    X(sport, "sport", "LIST", WAY_LIST, "sport", false, "source port") \
    X(dport, "dport", "LIST", WAY_LIST, "dport", false, "destination port") \
    X(aport, "aport", "LIST", WAY_LIST, "port", false, "either port") \
    X(protocol, "protocol", "LIST", WAY_LIST, "proto", false, "protocol") \
    X(saddress, "saddress", "LIST", WAY_LIST, "sip", false, "source address or prefix") \
    X(daddress, "daddress", "LIST", WAY_LIST, "dip", false, "destination address or prefix") \
    X(any_address, "any-address", "LIST", WAY_LIST, "ip", false, "either address") \
    X(scidr, "scidr", "LIST", WAY_LIST, "sip", false, "the same as --saddress") \
    X(dcidr, "dcidr", "LIST", WAY_LIST, "dip", false, "the same as --daddress") \
    X(any_cidr, "any-cidr", "LIST", WAY_LIST, "ip", false, "the same as --any-address") \
    X(not_sport, "not-sport", "LIST", WAY_LIST, "sport", true, "source port not in the list") \
    X(not_dport, "not-dport", "LIST", WAY_LIST, "dport", true, "destination port not in the list") \
    X(not_aport, "not-aport", "LIST", WAY_LIST, "port", true, "neither port in the list") \
    X(not_protocol, "not-protocol", "LIST", WAY_LIST, "proto", true, "protocol not in the list") \
    X(not_saddress, "not-saddress", "LIST", WAY_LIST, "sip", true, "source address not in the list") \
    X(not_daddress, "not-daddress", "LIST", WAY_LIST, "dip", true, "destination address not in the list") \
    X(not_any_address, "not-any-address", "LIST", WAY_LIST, "ip", true, "neither address in the list") \
    X(not_scidr, "not-scidr", "LIST", WAY_LIST, "sip", true, "the same as --not-saddress") \
    X(not_dcidr, "not-dcidr", "LIST", WAY_LIST, "dip", true, "the same as --not-daddress") \
    X(not_any_cidr, "not-any-cidr", "LIST", WAY_LIST, "ip", true, "the same as --not-any-address") \
    X(stime, "stime", "RANGE", WAY_TIME, "stime", false, "start within the times") \
    X(etime, "etime", "RANGE", WAY_TIME, "etime", false, "end within the times") \
    X(active_time, "active-time", "RANGE", WAY_ACTIVE, "stime", false, "at work at some instant of the times") \
    X(duration, "duration", "RANGE", WAY_LIST, "duration", false, "duration in seconds, such as 5-10") \
    X(bytes, "bytes", "RANGE", WAY_LIST, "bytes", false, "bytes, such as 1000- or 40-100") \
    X(packets, "packets", "RANGE", WAY_LIST, "packets", false, "packets") \
    X(bytes_per_packet, "bytes-per-packet", "RANGE", WAY_LIST, "bpp", false, "whole bytes a packet") \
    X(flags_all, "flags-all", "LIST", WAY_LIST, "flags", false, "TCP flags as HIGH/MASK, such as S/SA") \
    X(flags_initial, "flags-initial", "LIST", WAY_LIST, "sflags", false, "TCP flags of the first packet as HIGH/MASK") \
    X(tcp_flags, "tcp-flags", "FLAGS", WAY_ANY, "flags", false, "at least one of these TCP flags") \
    X(icmp_type, "icmp-type", "LIST", WAY_ICMP, "itype", false, "ICMP type") \
    X(icmp_code, "icmp-code", "LIST", WAY_ICMP, "icode", false, "ICMP code") \
    X(ip_version, "ip-version", "4|6|4,6", WAY_VERSION, "sip", false, "version of the addresses") \
    X(sensors, "sensors", "NAMES", WAY_TEXT, "sensor", false, "sensors by name")

#define SWITCH_ID(id, name, arg, way, field, negated, help) SWITCH_##id,
enum { PARTITION_SWITCHES(SWITCH_ID) SWITCH_COUNT };
#undef SWITCH_ID

/* New expression of one switch. On error the diag names the switch and the column is one of the value. */
int switch_expr(cf_expr_t **e, const given_t *g, const cf_expr_env_t *env, cf_diag_t *d);

/* ---- the run ------------------------------------------------------------------------------ */

typedef struct wide {          /* 128-bit sum */
    uint64_t hi, lo;
} wide_t;

typedef struct tally {
    uint64_t records;
    wide_t packets, bytes;
} tally_t;

typedef struct slot slot_t;

typedef struct filter {
    cf_cli_t cli;
    choice_t o;
    cf_scan_t *scan;
    unsigned threads;          /* of the scan */
    cf_expr_t *expr;
    const cf_field_t *packets, *bytes, *logstatus;   /* for statistics; NULL when the inputs lack them */
    bool text;                 /* the passing flows are printed */
    cf_writer_t *pass, *fail, *all;
    cf_flowprint_t *print;
    cf_expr_run_t **runs;      /* one a thread */
    slot_t *slots;
    bool broken;               /* an output or memory failed: there is no answer */
    tally_t read, passed;
    uint64_t status_rows;
} filter_t;

/* Threads of the scan, and of each writer: bounded where flows are written, because each holds blocks. */
void filter_threads(filter_t *f);
/* Open the outputs and run the scan over them; messages are printed. */
void filter_run(filter_t *f);

/* Counts and statistics, after the run. */
void report(filter_t *f);

static inline void wide_add(wide_t *w, uint64_t x)
{
    w->lo += x;
    w->hi += w->lo < x;
}

#endif
