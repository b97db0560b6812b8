/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IBM Cloud flow logs for VPC: JSON objects, each with a header of the collector and an array of
 * connections seen at one interface ("Viewing flow log objects" in the IBM Cloud documentation).
 *
 * A flow log of IBM tells both directions, and an object five minutes of an interface. So rows are
 * held back by interface; one that is the answer to a held one becomes part of its flow log. What
 * IBM does not log, IPv6 and whatever is neither TCP nor UDP, is left out. A file holds many objects
 * one behind the other, one a line.
 */
#include "provider.h"
#include "spell.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define REGION "eu-de"

enum { HELD_MAX = 80, PLACE_MAX = 1024, OBJECT_MAX = 65536, DELIVERY = 300 };
enum { FIN = 1, SYN = 2, RST = 4 };

typedef struct conn {
    gen_row_t row, answer;
    bool answered;
} conn_t;

/* Flow logs of one interface that are not written yet. */
typedef struct held {
    uint32_t n, window;            /* of the capture, counted from the start of the span */
    conn_t conn[HELD_MAX];
} held_t;

typedef struct ibm_writer {
    gen_text_t text;
    const gen_estate_t *e;
    uint64_t epoch;
    char (*place)[PLACE_MAX];      /* header up to the capture window, by interface */
    uint16_t *place_len;
    held_t *held;                  /* by interface */
} ibm_writer_t;

static char *put_account(char *p, uint64_t account)
{
    char hex[40];

    snprintf(hex, sizeof hex, "%016" PRIx64 "%016" PRIx64, gen_mix(account), gen_mix(~account));
    return gen_put_str(p, hex, 32);
}

/* ,"name":"crn:v1:bluemix:public:is:PLACE:a/ACCOUNT::KIND:" */
static char *put_crn(const ibm_writer_t *w, char *p, const char *name, const gen_iface_t *f,
                     bool zonal, const char *kind)
{
    p = GEN_LIT(p, ",\"");
    p = gen_put_str(p, name, strlen(name));
    p = GEN_LIT(p, "\":\"crn:v1:bluemix:public:is:" REGION);
    if (zonal) {
        *p++ = '-';
        *p++ = (char)('1' + f->zone);
    }
    p = GEN_LIT(p, ":a/");
    p = put_account(p, w->e->account[f->account]);
    p = GEN_LIT(p, "::");
    p = gen_put_str(p, kind, strlen(kind));
    *p++ = ':';
    return p;
}

static void spell_places(ibm_writer_t *w)
{
    for (uint32_t i = 0; i < w->e->n_iface; i++) {
        const gen_iface_t *f = &w->e->iface[i];
        char *p = GEN_LIT(w->place[i], "{\"version\":\"0.0.1\"");

        p = put_crn(w, p, "collector_crn", f, false, "flow-log-collector");
        p = GEN_LIT(p, "r010-");
        p = gen_put_uuid(p, w->e->log);
        p = GEN_LIT(p, "\",\"attached_endpoint_type\":\"vnic\",\"network_interface_id\":\"02b7-");
        p = gen_put_uuid(p, f->id);
        p = GEN_LIT(p, "\"");
        p = put_crn(w, p, "instance_crn", f, true, "instance");
        p = GEN_LIT(p, "02b7_");
        p = gen_put_uuid(p, f->instance != 0 ? f->instance : f->id ^ 1);
        p = GEN_LIT(p, "\"");
        p = put_crn(w, p, "vpc_crn", f, false, "vpc");
        p = GEN_LIT(p, "r010-");
        p = gen_put_uuid(p, w->e->network[f->site]);
        p = GEN_LIT(p, "\",\"capture_start_time\":\"");
        w->place_len[i] = (uint16_t)(p - w->place[i]);
    }
}

static void ibm_close(void *writer)
{
    ibm_writer_t *w = writer;

    if (w == NULL)
        return;
    free(w->place);
    free(w->place_len);
    free(w->held);
    free(w);
}

static void *ibm_open(const gen_estate_t *estate, const char *list, uint64_t epoch, char *why,
                      size_t why_size)
{
    ibm_writer_t *w = calloc(1, sizeof *w);

    if (list != NULL) {
        snprintf(why, why_size, "ibm-vpc has one format only");
        free(w);
        return NULL;
    }
    snprintf(why, why_size, "not enough memory");
    if (w == NULL)
        return NULL;
    w->e = estate;
    w->epoch = epoch;
    w->place = calloc(estate->n_iface, sizeof *w->place);
    w->place_len = calloc(estate->n_iface, sizeof *w->place_len);
    w->held = calloc(estate->n_iface, sizeof *w->held);
    if (w->place == NULL || w->place_len == NULL || w->held == NULL) {
        ibm_close(w);
        return NULL;
    }
    gen_text_init(&w->text);
    spell_places(w);
    return w;
}

static size_t ibm_row_max(const void *writer)
{
    (void)writer;
    return OBJECT_MAX;
}

static char *ibm_header(const void *writer, char *out)
{
    (void)writer;
    return out;
}

static char *put_time(const ibm_writer_t *w, char *p, uint64_t secs)
{
    p = gen_put_iso(&w->text, p, w->epoch + secs);
    return GEN_LIT(p, "Z\"");
}

/* ,"name":number */
static char *put_number(const ibm_writer_t *w, char *p, const char *name, uint64_t v)
{
    p = GEN_LIT(p, ",\"");
    p = gen_put_str(p, name, strlen(name));
    p = GEN_LIT(p, "\":");
    return gen_put_u64(&w->text, p, v);
}

static char *put_truth(char *p, const char *name, bool v)
{
    p = GEN_LIT(p, ",\"");
    p = gen_put_str(p, name, strlen(name));
    return v ? GEN_LIT(p, "\":true") : GEN_LIT(p, "\":false");
}

/* The end with the higher port has opened; who was refused, too. */
static bool opened_by_source(const gen_row_t *row)
{
    return row->action == GEN_REJECT || row->sport >= row->dport;
}

static void span(const conn_t *c, uint32_t *start, uint32_t *end)
{
    *start = c->row.start;
    *end = c->row.end;
    if (c->answered && c->answer.start < *start)
        *start = c->answer.start;
    if (c->answered && c->answer.end > *end)
        *end = c->answer.end;
}

static char *put_times(const ibm_writer_t *w, char *p, const conn_t *c, bool silent, bool begun)
{
    uint32_t start, end, before;

    span(c, &start, &end);
    before = (uint32_t)gen_mix(c->row.src ^ c->row.sport) % 240 + 60;
    if (silent) {
        p = GEN_LIT(p, "{\"start_time\":\"\",\"end_time\":\"\",\"connection_start_time\":\"");
        before = before > start ? start : before;
        return put_time(w, p, start - before);
    }
    p = GEN_LIT(p, "{\"start_time\":\"");
    p = put_time(w, p, start);
    p = GEN_LIT(p, ",\"end_time\":\"");
    p = put_time(w, p, end);
    p = GEN_LIT(p, ",\"connection_start_time\":\"");
    return put_time(w, p, begun || before > start ? start : start - before);
}

static char *put_ends(const ibm_writer_t *w, char *p, const gen_row_t *row)
{
    bool src = opened_by_source(row);

    p = GEN_LIT(p, ",\"direction\":\"");
    *p++ = (row->dir == GEN_EGRESS) == src ? 'O' : 'I';
    p = GEN_LIT(p, "\",\"action\":\"");
    p = row->action == GEN_REJECT ? GEN_LIT(p, "rejected") : GEN_LIT(p, "accepted");
    p = GEN_LIT(p, "\",\"initiator_ip\":\"");
    p = gen_put_v4(&w->text, p, src ? row->src : row->dst);
    p = GEN_LIT(p, "\",\"target_ip\":\"");
    p = gen_put_v4(&w->text, p, src ? row->dst : row->src);
    *p++ = '"';
    p = put_number(w, p, "initiator_port", src ? row->sport : row->dport);
    p = put_number(w, p, "target_port", src ? row->dport : row->sport);
    p = put_number(w, p, "transport_protocol", row->proto);
    return GEN_LIT(p, ",\"ether_type\":\"IPv4\"");
}

/* Counters of the window, and since the connection began: some more, unless it began here. */
static char *put_counters(const ibm_writer_t *w, char *p, const conn_t *c, bool silent, bool begun)
{
    static const char *const names[4] = {
        "bytes_from_initiator", "packets_from_initiator", "bytes_from_target",
        "packets_from_target"
    };
    uint64_t row[2] = { c->row.bytes, c->row.packets }, answer[2] = { 0, 0 }, more;
    bool src = opened_by_source(&c->row);
    char name[48];

    if (c->answered) {
        answer[0] = c->answer.bytes;
        answer[1] = c->answer.packets;
    }
    for (int i = 0; i < 4; i++)
        p = put_number(w, p, names[i], silent ? 0 : (i < 2) == src ? row[i & 1] : answer[i & 1]);
    more = begun ? 0 : gen_mix(c->row.sport) % 7 + 1;
    for (int i = 0; i < 4; i++) {
        uint64_t v = (i < 2) == src ? row[i & 1] : answer[i & 1];

        snprintf(name, sizeof name, "cumulative_%s", names[i]);
        p = put_number(w, p, name, v + (silent ? 0 : v * more));
    }
    return p;
}

static char *put_conn(const ibm_writer_t *w, char *p, const conn_t *c)
{
    unsigned flags = c->row.flags | (c->answered ? c->answer.flags : 0);
    bool begun = c->row.proto != 6 || (flags & SYN) != 0;
    bool over = c->row.proto != 6 || (flags & (FIN | RST)) != 0;
    /* A refused connection may end in a window without a packet, as real logs show. */
    bool silent = c->row.action == GEN_REJECT && (gen_mix(c->row.src ^ c->row.dport) & 15) == 0;

    p = put_times(w, p, c, silent, begun);
    p = put_ends(w, p, &c->row);
    p = put_truth(p, "was_initiated", begun && !silent);
    p = put_truth(p, "was_terminated", over || silent);
    p = put_counters(w, p, c, silent, begun);
    return GEN_LIT(p, "}");
}

/* An object with n flow logs. */
static char *put_object(const ibm_writer_t *w, char *p, uint32_t iface, uint32_t window,
                        bool skip, const conn_t *conn, uint32_t n)
{
    uint32_t start = window * DELIVERY, end = start + DELIVERY;

    /* Rows belong to the window in which they begin; late ones begin before it. */
    for (uint32_t i = 0; i < n; i++) {
        uint32_t from, to;

        span(&conn[i], &from, &to);
        start = from < start ? from : start;
        end = to > end ? to : end;
    }
    p = gen_put_str(p, w->place[iface], w->place_len[iface]);
    p = put_time(w, p, start);
    p = GEN_LIT(p, ",\"capture_end_time\":\"");
    p = put_time(w, p, end);
    p = skip ? GEN_LIT(p, ",\"state\":\"skip data\"") : GEN_LIT(p, ",\"state\":\"ok\"");
    p = put_number(w, p, "number_of_flow_logs", n);
    p = GEN_LIT(p, ",\"flow_logs\":[");
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0)
            *p++ = ',';
        p = put_conn(w, p, &conn[i]);
    }
    return GEN_LIT(p, "]}\n");
}

static char *put_held(const ibm_writer_t *w, char *p, uint32_t iface)
{
    held_t *h = &w->held[iface];

    p = put_object(w, p, iface, h->window, false, h->conn, h->n);
    h->n = 0;
    return p;
}

static char *ibm_finish(void *writer, char *out)
{
    const ibm_writer_t *w = writer;

    for (uint32_t i = 0; i < w->e->n_iface; i++)
        if (w->held[i].n > 0)
            return put_held(w, out, i);
    return out;
}

static bool is_answer(const conn_t *c, const gen_row_t *row)
{
    return !c->answered && c->row.src == row->dst && c->row.dst == row->src
           && c->row.sport == row->dport && c->row.dport == row->sport
           && c->row.proto == row->proto && c->row.action == row->action;
}

/* What is held goes out when the next capture begins, or when it is much. */
static char *ibm_row(const void *writer, char *out, const gen_row_t *row)
{
    const ibm_writer_t *w = writer;
    held_t *h = &w->held[row->iface];
    uint32_t window = row->start / DELIVERY;

    if (row->status != GEN_OK)
        return put_object(w, out, row->iface, window, row->status == GEN_SKIPDATA, NULL, 0);
    if (row->v6 || (row->proto != 6 && row->proto != 17))
        return out;
    if (h->n > 0 && window > h->window)
        out = put_held(w, out, row->iface);
    for (uint32_t i = h->n; i > 0; i--)
        if (is_answer(&h->conn[i - 1], row)) {
            h->conn[i - 1].answer = *row;
            h->conn[i - 1].answered = true;
            return out;
        }
    if (h->n == HELD_MAX)
        out = put_held(w, out, row->iface);
    if (h->n == 0)
        h->window = window;
    h->conn[h->n].row = *row;
    h->conn[h->n++].answered = false;
    return out;
}

/* As delivered to object storage, without the levels that name one interface. */
static int ibm_object(const void *writer, char *out, size_t size, uint64_t window_end,
                      uint64_t serial, const char *suffix)
{
    const ibm_writer_t *w = writer;
    uint64_t at = w->epoch + window_end - DELIVERY;
    unsigned s = (unsigned)(at % 86400);
    uint32_t y, m, d;
    char account[40];
    int n;

    *put_account(account, w->e->account[0]) = '\0';
    gen_date(at / 86400, &y, &m, &d);
    n = snprintf(out, size,
                 "ibm_vpc_flowlogs_v1/account=%s/region=" REGION "/record-type=all/year=%04u"
                 "/month=%02u/day=%02u/hour=%02u/stream-id=%04u%02u%02uT%02u%02u%02uZ/%08" PRIu64
                 "%s", account, y, m, d, s / 3600, y, m, d, s / 3600, s / 60 % 60, s % 60, serial,
                 suffix[0] != '\0' ? suffix : ".json");
    return n > 0 && (size_t)n < size ? 0 : -1;
}

const gen_provider_t gen_ibm_vpc = {
    .name = "ibm-vpc",
    .summary = "flow logs for VPC of IBM Cloud",
    .open = ibm_open,
    .close = ibm_close,
    .row_max = ibm_row_max,
    .header = ibm_header,
    .row = ibm_row,
    .finish = ibm_finish,
    .delivery = DELIVERY,
    .object = ibm_object
};
