/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which value becomes which column. Of cloud resource names the last part is what tells resources
 * apart; account, region and zone are taken out of them. "Viewing flow log objects" in the IBM
 * Cloud documentation tells the keys; resource names are in "Cloud Resource Names".
 */
#include <stdlib.h>

#include <cf/maplog.h>

#include "ibm.h"

const cf_fieldmap_t ibm_map[] = {
    CF_MAP_AS("flow_logs.start_time", "stime", "text",
              "first byte in the window; null where a known connection had none"),
    CF_MAP_AS("flow_logs.end_time", "etime", "text", "last byte in the window"),
    CF_MAP_AS("flow_logs.connection_start_time", "cstime", "text", NULL),
    CF_MAP_AS("flow_logs.direction", "direction", "I O", "of the connection's first packet"),
    CF_MAP_AS("flow_logs.action", "action", "accepted rejected", NULL),
    CF_MAP_AS("flow_logs.initiator_ip", "sip", NULL, "who opened, at both interfaces"),
    CF_MAP("flow_logs.target_ip", "dip"),
    CF_MAP("flow_logs.initiator_port", "sport"),
    CF_MAP("flow_logs.target_port", "dport"),
    CF_MAP_AS("flow_logs.transport_protocol", "proto", "number", "TCP and UDP only"),
    CF_MAP("flow_logs.ether_type", "type"),
    CF_MAP("flow_logs.bytes_from_initiator", "bytes"),
    CF_MAP("flow_logs.packets_from_initiator", "packets"),
    CF_MAP("flow_logs.bytes_from_target", "rbytes"),
    CF_MAP("flow_logs.packets_from_target", "rpackets"),
    CF_MAP("flow_logs.cumulative_bytes_from_initiator", "total_bytes"),
    CF_MAP("flow_logs.cumulative_packets_from_initiator", "total_packets"),
    CF_MAP("flow_logs.cumulative_bytes_from_target", "total_rbytes"),
    CF_MAP("flow_logs.cumulative_packets_from_target", "total_rpackets"),
    CF_MAP_AS("flow_logs.was_initiated", "state", "true false",
              "begin; with was_terminated whole; neither continue"),
    CF_MAP_AS("flow_logs.was_terminated", "state", "true false", "end"),
    CF_MAP_AS("state", "logstatus", "ok, skip data",
              "flow logs are ok; an object with skip data, or without flow logs, has a row beside them"),
    CF_MAP("network_interface_id", "iface"),
    CF_MAP_AS("instance_crn", "instance", NULL, "last part"),
    CF_MAP_AS("vpc_crn", "vpc", NULL, "last part"),
    CF_MAP_AS("collector_crn", "log", NULL, "last part"),
    CF_MAP("attached_endpoint_type", "interface_type"),
    CF_MAP_AS("capture_start_time", "interval", "text", "of status rows stime as well"),
    CF_MAP_AS("capture_end_time", "interval", "text", "of status rows etime as well"),
    CF_MAP_AS("vpc_crn", "account", NULL, "its scope"),
    CF_MAP_AS("vpc_crn", "region", NULL, "its location"),
    CF_MAP_AS("instance_crn", "zone", NULL, "its location"),
    CF_MAP_VALUE("provider", "ibm", NULL),
    CF_MAP_VALUE("shape", "bi", NULL),
    CF_MAP_VALUE("counts", "delta", "of one interface and capture window"),
    CF_MAP_VALUE("bytekind", "unknown", "the documentation does not say"),
    CF_MAP_END
};

static const cf_word_t actions[] = {
    { "accepted", CF_ACTION_ACCEPT }, { "rejected", CF_ACTION_REJECT }, { NULL, 0 }
};
static const cf_word_t directions[] = {
    { "I", CF_DIRECTION_INGRESS }, { "O", CF_DIRECTION_EGRESS }, { NULL, 0 }
};
static const cf_word_t statuses[] = { { "skip data", CF_LOGSTATUS_SKIPDATA }, { NULL, 0 } };
static const cf_mapwords_t words[] = {
    { "action", actions }, { "direction", directions }, { "logstatus", statuses }, { NULL, NULL }
};

int ibm_columns(ibm_t *st, cf_diag_t *d)
{
    return cf_map_columns(st->cells, ibm_map, words, NULL, st->cell, d);
}

int ibm_key(const char *s, size_t n, bool flow)
{
    static const size_t prefix = sizeof "flow_logs." - 1;
    int i = flow ? 0 : IBM_FLOW, end = flow ? IBM_FLOW : IBM_KEYS;

    for (; i < end; i++) {
        const char *name = ibm_map[i].theirs + (flow ? prefix : 0);

        if (strncmp(name, s, n) == 0 && name[n] == '\0')
            return i;
    }
    return -1;
}

static cf_text_t text(const char *s)
{
    return (cf_text_t){ s, strlen(s) };
}

/* Part i of "crn:v1:bluemix:public:is:us-south-3:a/ACCOUNT::instance:ID", empty when it is none. */
static cf_text_t part(cf_text_t crn, unsigned i)
{
    const char *end = crn.s + crn.n, *colon;
    cf_text_t none = { NULL, 0 };

    if (crn.s == NULL || crn.n < 4 || memcmp(crn.s, "crn:", 4) != 0)
        return none;
    for (; i > 0; i--) {
        colon = memchr(crn.s, ':', (size_t)(end - crn.s));
        if (colon == NULL)
            return none;
        crn.s = colon + 1;
    }
    colon = memchr(crn.s, ':', (size_t)(end - crn.s));
    crn.n = (size_t)((colon != NULL ? colon : end) - crn.s);
    return crn.n > 0 ? crn : none;
}

static cf_text_t last_part(cf_text_t crn)
{
    cf_text_t id = part(crn, 9);

    return id.s != NULL ? id : crn;
}

/* Seconds between the times of the capture as text, or none. */
static cf_text_t capture(const ibm_t *st, char *out)
{
    const cf_text_t *a = &st->text[IBM_CAPTURE_START], *b = &st->text[IBM_CAPTURE_END];
    int64_t from, to;
    cf_text_t t = { NULL, 0 };

    if (a->s == NULL || b->s == NULL || cf_time_parse(a->s, a->n, &from) != CF_OK ||
        cf_time_parse(b->s, b->n, &to) != CF_OK || to < from)
        return t;
    t.s = out;
    t.n = cf_duration_print(out, to - from);
    return t;
}

void ibm_head(ibm_t *st)
{
    const cf_text_t *t = st->text;
    cf_text_t *g = st->told, account;
    cf_text_t vpc = t[IBM_VPC].s != NULL ? t[IBM_VPC] : t[IBM_COLLECTOR];

    memcpy(st->told, t + IBM_FLOW, sizeof st->told);
    account = part(vpc, 6);
    if (account.n > 2 && memcmp(account.s, "a/", 2) == 0) {
        account.s += 2;
        account.n -= 2;
    }
    g[IBM_ACCOUNT - IBM_FLOW] = account;
    g[IBM_REGION - IBM_FLOW] = part(vpc, 5);
    g[IBM_ZONE - IBM_FLOW] = part(t[IBM_INSTANCE], 5);
    g[IBM_INSTANCE - IBM_FLOW] = last_part(t[IBM_INSTANCE]);
    g[IBM_VPC - IBM_FLOW] = last_part(t[IBM_VPC]);
    g[IBM_COLLECTOR - IBM_FLOW] = last_part(t[IBM_COLLECTOR]);
    g[IBM_CAPTURE_START - IBM_FLOW] = capture(st, st->seconds);
}

static bool truth(cf_text_t t, bool *v)
{
    *v = t.n == 4 && memcmp(t.s, "true", 4) == 0;
    return *v || t.n == 0 || (t.n == 5 && memcmp(t.s, "false", 5) == 0);
}

/* The word for both marks; a text that is neither true nor false is left for the table to refuse. */
static cf_text_t state(cf_text_t initiated, cf_text_t terminated)
{
    bool begun, over;

    if (!truth(initiated, &begun))
        return initiated;
    if (!truth(terminated, &over))
        return terminated;
    if (initiated.s == NULL && terminated.s == NULL)
        return initiated;
    return text(begun ? over ? "whole" : "begin" : over ? "end" : "continue");
}

/* Texts as the table gets them. */
static int put(ibm_t *st, const cf_text_t *flow, cf_text_t status, uint64_t offset, cf_diag_t *d)
{
    cf_text_t t[IBM_TEXTS];
    cf_place_t place = { .offset = offset, .text = st->row };

    memcpy(t, flow, IBM_FLOW * sizeof *t);
    memcpy(t + IBM_FLOW, st->told, sizeof st->told);
    t[IBM_INITIATED] = state(flow[IBM_INITIATED], flow[IBM_TERMINATED]);
    t[IBM_STATE] = status;
    return cf_cells_row(st->cells, t, IBM_TEXTS, &place, d);
}

int ibm_row(ibm_t *st, uint64_t offset, cf_diag_t *d)
{
    return put(st, st->text, text("ok"), offset, d);
}

int ibm_status(ibm_t *st, cf_diag_t *d)
{
    static const cf_text_t none;
    cf_text_t flow[IBM_FLOW], status = st->text[IBM_STATE];

    if (status.n == 2 && (status.s[0] | 0x20) == 'o' && (status.s[1] | 0x20) == 'k')
        status = none;
    if (status.s == NULL && st->flows > 0)
        return CF_OK;
    if (status.s == NULL)
        status = text("nodata");
    for (int i = 0; i < IBM_FLOW; i++)
        flow[i] = none;
    flow[IBM_START] = st->text[IBM_CAPTURE_START];
    flow[IBM_END] = st->text[IBM_CAPTURE_END];
    return put(st, flow, status, st->offset, d);
}

/* ---- rows that wait ----------------------------------------------------------------------- */

static bool grow(ibm_t *st, size_t need)
{
    if (st->nheld == st->held_room) {
        uint32_t room = st->held_room == 0 ? 64 : st->held_room * 2;
        ibm_held_t *h = realloc(st->held, room * sizeof *h);

        if (h == NULL)
            return false;
        st->held = h;
        st->held_room = room;
    }
    if (st->arena_len + need > st->arena_size) {
        size_t size = st->arena_size == 0 ? 65536 : st->arena_size;
        char *more;

        while (size < st->arena_len + need)
            size *= 2;
        more = realloc(st->arena, size);
        if (more == NULL)
            return false;
        st->arena = more;
        st->arena_size = size;
    }
    return true;
}

int ibm_hold(ibm_t *st, uint64_t offset)
{
    size_t need = 0;
    ibm_held_t *h;

    for (int i = 0; i < IBM_FLOW; i++)
        need += st->text[i].n;
    if (!grow(st, need))
        return CF_E_NOMEM;
    h = &st->held[st->nheld++];
    h->offset = offset;
    for (int i = 0; i < IBM_FLOW; i++) {
        const cf_text_t *t = &st->text[i];

        h->at[i] = t->s != NULL ? (uint32_t)st->arena_len : UINT32_MAX;
        h->len[i] = (uint32_t)t->n;
        if (t->n > 0)
            memcpy(st->arena + st->arena_len, t->s, t->n);
        st->arena_len += t->n;
    }
    return st->arena_len + st->nheld * sizeof *h > IBM_HELD_MAX ? CF_E_LIMIT : CF_OK;
}

void ibm_held(ibm_t *st, const ibm_held_t *h)
{
    for (int i = 0; i < IBM_FLOW; i++) {
        st->text[i].s = h->at[i] != UINT32_MAX ? st->arena + h->at[i] : NULL;
        st->text[i].n = h->len[i];
    }
}
