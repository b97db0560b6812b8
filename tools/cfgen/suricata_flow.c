/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Suricata's EVE output: events of type flow, both directions when a flow is over, or netflow, one
 * direction each ("Eve JSON Format" in the Suricata documentation).  Bytes are those of frames.
 */
#include "sensor.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINE_ROOM = 2048, FRAME = 14 };
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

typedef struct eve_writer {
    gen_text_t text;
    const gen_estate_t *e;
    uint64_t epoch;
    bool netflow;
} eve_writer_t;

static void *eve_open(const gen_estate_t *estate, const char *fields, uint64_t epoch, char *why,
                      size_t why_size)
{
    eve_writer_t *w = calloc(1, sizeof *w);

    (void)fields;              /* refused before */
    if (w == NULL) {
        snprintf(why, why_size, "not enough memory");
        return NULL;
    }
    w->e = estate;
    w->epoch = epoch;
    gen_text_init(&w->text);
    return w;
}

static int eve_set(void *writer, const char *key, const char *value, char *why, size_t why_size)
{
    eve_writer_t *w = writer;

    if (strcmp(key, "events") != 0) {
        snprintf(why, why_size, "unknown setting '%s'", key);
        return -1;
    }
    w->netflow = strcmp(value, "netflow") == 0;
    if (w->netflow || strcmp(value, "flow") == 0)
        return 0;
    snprintf(why, why_size, "events are 'flow' or 'netflow', not '%.64s'", value);
    return -1;
}

static size_t eve_row_max(const void *writer)
{
    (void)writer;
    return LINE_ROOM;
}

static void eve_shape(const void *writer, gen_shape_t *shape)
{
    const eve_writer_t *w = writer;

    shape->flags = GEN_S_SENSOR | (w->netflow ? GEN_S_SPLIT : 0);
    shape->idle[0] = 300;
    shape->idle[1] = 60;
    shape->lag = 30;
    shape->roles = ~UINT32_C(0);
}

/* "2026-03-07T14:03:01.123456+0000" and a quote */
static char *put_time(const eve_writer_t *w, char *p, uint64_t ns)
{
    uint32_t part = (uint32_t)(ns % 1000000000u) / 1000;

    p = gen_put_iso(&w->text, p, ns / 1000000000u);
    *p++ = '.';
    p = gen_put_str(p, w->text.digits[part / 10000] + 2, 2);
    p = gen_put_str(p, w->text.digits[part % 10000], 4);
    return GEN_LIT(p, "+0000\"");
}

static char *put_number(const eve_writer_t *w, char *p, const char *name, size_t n, uint64_t v)
{
    p = gen_put_str(p, name, n);
    return gen_put_u64(&w->text, p, v);
}

#define PUT_NUMBER(w, p, name, v) put_number(w, p, name, sizeof(name) - 1, v)

/* Addresses, ports or types, and the protocol; turned round for the answer. */
static char *put_ends(const eve_writer_t *w, char *p, const gen_report_t *r)
{
    const gen_text_t *x = &w->text;
    bool back = r->back != 0, ports = r->proto == 6 || r->proto == 17;

    p = GEN_LIT(p, ",\"src_ip\":\"");
    p = sensor_put_addr(x, w->e, p, r, back ? r->saddr : r->caddr);
    *p++ = '"';
    if (ports)
        p = PUT_NUMBER(w, p, ",\"src_port\":", back ? r->sport : r->cport);
    p = GEN_LIT(p, ",\"dest_ip\":\"");
    p = sensor_put_addr(x, w->e, p, r, back ? r->caddr : r->saddr);
    *p++ = '"';
    if (ports)
        p = PUT_NUMBER(w, p, ",\"dest_port\":", back ? r->cport : r->sport);
    p = r->proto == 6 ? GEN_LIT(p, ",\"proto\":\"TCP\"") : r->proto == 17
        ? GEN_LIT(p, ",\"proto\":\"UDP\"") : GEN_LIT(p, ",\"proto\":\"ICMP\"");
    if (ports)
        return p;
    p = back ? GEN_LIT(p, ",\"icmp_type\":0,\"icmp_code\":0")
             : GEN_LIT(p, ",\"icmp_type\":8,\"icmp_code\":0");
    if (!w->netflow && r->rev.packets > 0)
        p = GEN_LIT(p, ",\"response_icmp_type\":0,\"response_icmp_code\":0");
    return p;
}

static char *put_app(char *p, const gen_report_t *r)
{
    const char *service = r->fwd.payload > 0 && r->rev.payload > 0 ? sensor_service(r) : NULL;

    if (r->proto == 1 || r->fwd.payload + r->rev.payload == 0)
        return p;
    p = GEN_LIT(p, ",\"app_proto\":\"");
    if (service == NULL)
        p = GEN_LIT(p, "failed");
    else if (strcmp(service, "ssl") == 0)
        p = GEN_LIT(p, "tls");
    else
        p = gen_put_str(p, service, strlen(service));
    *p++ = '"';
    return p;
}

static bool shut(const gen_report_t *r)
{
    return ((r->fwd.flags | r->rev.flags) & RST) != 0
           || (r->fwd.flags & r->rev.flags & FIN) != 0;
}

static char *put_hex(char *p, uint8_t v)
{
    static const char hex[] = "0123456789abcdef";

    *p++ = '"';
    *p++ = hex[v >> 4];
    *p++ = hex[v & 15];
    *p++ = '"';
    return p;
}

static char *put_flag_names(char *p, uint8_t flags)
{
    if ((flags & SYN) != 0)
        p = GEN_LIT(p, ",\"syn\":true");
    if ((flags & FIN) != 0)
        p = GEN_LIT(p, ",\"fin\":true");
    if ((flags & RST) != 0)
        p = GEN_LIT(p, ",\"rst\":true");
    if ((flags & PSH) != 0)
        p = GEN_LIT(p, ",\"psh\":true");
    if ((flags & ACK) != 0)
        p = GEN_LIT(p, ",\"ack\":true");
    return p;
}

static char *put_tcp(char *p, const gen_report_t *r)
{
    uint8_t both = r->fwd.flags | r->rev.flags;

    p = GEN_LIT(p, ",\"tcp\":{\"tcp_flags\":");
    p = put_hex(p, both);
    p = GEN_LIT(p, ",\"tcp_flags_ts\":");
    p = put_hex(p, r->fwd.flags);
    p = GEN_LIT(p, ",\"tcp_flags_tc\":");
    p = put_hex(p, r->rev.flags);
    p = put_flag_names(p, both);
    p = GEN_LIT(p, ",\"state\":\"");
    p = shut(r) ? GEN_LIT(p, "closed") : r->rev.packets == 0 ? GEN_LIT(p, "syn_sent")
        : (r->fwd.flags & ACK) != 0 ? GEN_LIT(p, "established") : GEN_LIT(p, "syn_recv");
    return GEN_LIT(p, "\"}");
}

static char *put_times(const eve_writer_t *w, char *p, const gen_report_t *r)
{
    p = GEN_LIT(p, ",\"start\":\"");
    p = put_time(w, p, r->first);
    p = GEN_LIT(p, ",\"end\":\"");
    p = put_time(w, p, r->last);
    return PUT_NUMBER(w, p, ",\"age\":", r->last / 1000000000u - r->first / 1000000000u);
}

static char *put_flow(const eve_writer_t *w, char *p, const gen_report_t *r)
{
    p = put_app(p, r);
    p = PUT_NUMBER(w, p, ",\"flow\":{\"pkts_toserver\":", r->fwd.packets);
    p = PUT_NUMBER(w, p, ",\"pkts_toclient\":", r->rev.packets);
    p = PUT_NUMBER(w, p, ",\"bytes_toserver\":", r->fwd.bytes + (uint64_t)FRAME * r->fwd.packets);
    p = PUT_NUMBER(w, p, ",\"bytes_toclient\":", r->rev.bytes + (uint64_t)FRAME * r->rev.packets);
    p = put_times(w, p, r);
    p = GEN_LIT(p, ",\"state\":\"");
    p = r->proto == 6 && shut(r) ? GEN_LIT(p, "closed")
        : r->rev.packets == 0 || (r->proto == 6 && (r->fwd.flags & ACK) == 0)
        ? GEN_LIT(p, "new") : GEN_LIT(p, "established");
    p = r->state == GEN_END ? GEN_LIT(p, "\",\"reason\":\"timeout\"")
                            : GEN_LIT(p, "\",\"reason\":\"shutdown\"");
    p = GEN_LIT(p, ",\"alerted\":false}");
    return r->proto == 6 ? put_tcp(p, r) : p;
}

static char *put_netflow(const eve_writer_t *w, char *p, const gen_report_t *r)
{
    const gen_count_t *n = r->back ? &r->rev : &r->fwd;
    uint64_t ttl = (r->back ? 50 : 64) - (gen_mix(r->back ? r->saddr : r->caddr) & 7);

    p = put_app(p, r);
    p = PUT_NUMBER(w, p, ",\"netflow\":{\"pkts\":", n->packets);
    p = PUT_NUMBER(w, p, ",\"bytes\":", n->bytes + (uint64_t)FRAME * n->packets);
    p = put_times(w, p, r);
    p = PUT_NUMBER(w, p, ",\"min_ttl\":", ttl);
    p = PUT_NUMBER(w, p, ",\"max_ttl\":", ttl);
    *p++ = '}';
    if (r->proto != 6)
        return p;
    p = GEN_LIT(p, ",\"tcp\":{\"tcp_flags\":");
    p = put_hex(p, n->flags);
    p = put_flag_names(p, n->flags);
    *p++ = '}';
    return p;
}

static char *eve_report(void *writer, char *out, const gen_report_t *r, bool first)
{
    const eve_writer_t *w = writer;

    (void)first;
    out = GEN_LIT(out, "{\"timestamp\":\"");
    out = put_time(w, out, r->time);
    out = PUT_NUMBER(w, out, ",\"flow_id\":", gen_mix(r->id) >> 13);
    out = GEN_LIT(out, ",\"in_iface\":\"eth0\",\"event_type\":\"");
    out = w->netflow ? GEN_LIT(out, "netflow\"") : GEN_LIT(out, "flow\"");
    out = put_ends(w, out, r);
    out = w->netflow ? put_netflow(w, out, r) : put_flow(w, out, r);
    return GEN_LIT(out, "}\n");
}

/* Rotated each hour. */
static int eve_object(const void *writer, char *out, size_t size, uint64_t window_end,
                      uint64_t serial, const char *suffix)
{
    const eve_writer_t *w = writer;
    uint64_t at = w->epoch + window_end - 3600;
    char date[16];
    int n;

    (void)serial;
    *sensor_put_date(&w->text, date, at) = '\0';
    n = snprintf(out, size, "eve-%s-%02u.json%s", date, (unsigned)(at % 86400 / 3600), suffix);
    return n > 0 && (size_t)n < size ? 0 : -1;
}

const gen_provider_t gen_suricata_flow = {
    .name = "suricata-flow",
    .summary = "flow events of Suricata",
    .refuses = GEN_NO_FIELDS | GEN_NO_STATUS | GEN_NO_HEADER | GEN_NO_CUTS,
    .open = eve_open,
    .close = free,
    .set = eve_set,
    .row_max = eve_row_max,
    .shape = eve_shape,
    .report = eve_report,
    .delivery = 3600,
    .object = eve_object
};
