/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zeek's conn.log, in tab-separated values with a header or in JSON ("conn.log" and the ASCII
 * writer in the Zeek documentation): a line for each connection when it is over.
 */
#include "sensor.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINE_ROOM = 2048 };
enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

/* Begin and end of the object being written, seconds since 1970; moved while the writer is const. */
typedef struct opened {
    uint64_t from, to;
} opened_t;

typedef struct zeek_writer {
    gen_text_t text;
    const gen_estate_t *e;
    uint64_t epoch, last;      /* begin of the span; newest report, seconds since 1970 */
    opened_t *opened;
    bool json, ended;
} zeek_writer_t;

static void zeek_close(void *writer)
{
    zeek_writer_t *w = writer;

    if (w != NULL)
        free(w->opened);
    free(w);
}

static void *zeek_open(const gen_estate_t *estate, const char *fields, uint64_t epoch, char *why,
                       size_t why_size)
{
    zeek_writer_t *w = calloc(1, sizeof *w);

    (void)fields;              /* refused before */
    snprintf(why, why_size, "not enough memory");
    if (w == NULL)
        return NULL;
    w->e = estate;
    w->epoch = w->last = epoch;
    w->opened = calloc(1, sizeof *w->opened);
    if (w->opened == NULL) {
        zeek_close(w);
        return NULL;
    }
    w->opened->from = epoch;
    gen_text_init(&w->text);
    return w;
}

static int zeek_set(void *writer, const char *key, const char *value, char *why, size_t why_size)
{
    zeek_writer_t *w = writer;

    if (strcmp(key, "layout") != 0) {
        snprintf(why, why_size, "unknown setting '%s'", key);
        return -1;
    }
    w->json = strcmp(value, "json") == 0;
    if (w->json || strcmp(value, "tsv") == 0)
        return 0;
    snprintf(why, why_size, "layout is 'tsv' or 'json', not '%.64s'", value);
    return -1;
}

static size_t zeek_row_max(const void *writer)
{
    (void)writer;
    return LINE_ROOM;
}

/* "2026-03-07-14-00-00" */
static char *put_stamp(const gen_text_t *x, char *p, uint64_t secs)
{
    p = sensor_put_date(x, p, secs);
    *p++ = '-';
    p = sensor_put_clock(x, p, secs);
    p[-3] = p[-6] = '-';
    return p;
}

static char *zeek_header(const void *writer, char *out)
{
    const zeek_writer_t *w = writer;

    if (w->json)
        return out;
    out = GEN_LIT(out, "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n"
                       "#unset_field\t-\n#path\tconn\n#open\t");
    out = put_stamp(&w->text, out, w->opened->from);
    return GEN_LIT(out, "\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice"
                        "\tduration\torig_bytes\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp"
                        "\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts"
                        "\tresp_ip_bytes\ttunnel_parents\tip_proto\n"
                        "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval"
                        "\tcount\tcount\tstring\tbool\tbool\tcount\tstring\tcount\tcount\tcount"
                        "\tcount\tset[string]\tcount\n");
}

static char *zeek_finish(void *writer, char *out)
{
    zeek_writer_t *w = writer;

    w->ended = !w->ended && !w->json;
    if (!w->ended)
        return out;
    out = GEN_LIT(out, "#close\t");
    out = put_stamp(&w->text, out, w->opened->to != 0 ? w->opened->to : w->last);
    *out++ = '\n';
    return out;
}

/* Zeek's own waits: for silence, for an answer, and after a close. */
static void zeek_shape(const void *writer, gen_shape_t *shape)
{
    (void)writer;
    shape->flags = GEN_S_SENSOR;
    shape->idle[0] = 300;
    shape->idle[1] = 60;
    shape->lag = 5;
    shape->roles = ~UINT32_C(0);
}

static const char *state_of(const gen_report_t *r)
{
    if (r->proto == 1)
        return "OTH";
    if (r->rev.packets == 0)
        return "S0";
    if (r->proto != 6)
        return "SF";
    if ((r->rev.flags & SYN) == 0)
        return "REJ";
    if ((r->fwd.flags & RST) != 0)
        return "RSTO";
    if ((r->rev.flags & RST) != 0)
        return "RSTR";
    return (r->fwd.flags & r->rev.flags & FIN) != 0 ? "SF" : "S1";
}

/* Letters of what happened, in capitals by the opener. */
static char *put_history(char *p, const gen_report_t *r)
{
    bool syn_back = (r->rev.flags & SYN) != 0;

    if (r->proto != 6) {
        if (r->fwd.packets > 0)
            *p++ = 'D';
        if (r->rev.packets > 0)
            *p++ = 'd';
        return p;
    }
    *p++ = 'S';
    if (syn_back)
        *p++ = 'h';
    if ((r->fwd.flags & ACK) != 0)
        *p++ = 'A';
    if (r->fwd.payload > 0)
        *p++ = 'D';
    if (syn_back && (r->fwd.flags & ACK) != 0)
        *p++ = 'a';
    if (r->rev.payload > 0)
        *p++ = 'd';
    if ((r->fwd.flags & FIN) != 0)
        *p++ = 'F';
    if ((r->fwd.flags & RST) != 0)
        *p++ = 'R';
    if ((r->rev.flags & FIN) != 0)
        *p++ = 'f';
    if ((r->rev.flags & RST) != 0)
        *p++ = 'r';
    return p;
}

static char *put_uid(char *p, uint64_t h)
{
    static const char set[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    uint64_t more = gen_mix(h);

    *p++ = 'C';
    for (int i = 0; i < 10; i++, h /= 62)
        *p++ = set[h % 62];
    for (int i = 0; i < 7; i++, more /= 62)
        *p++ = set[more % 62];
    return p;
}

/* Writes a column's name in JSON; in a table a tab, but for the first. */
static char *put_name(const zeek_writer_t *w, char *p, const char *name, bool first)
{
    if (!w->json) {
        if (!first)
            *p++ = '\t';
        return p;
    }
    *p++ = first ? '{' : ',';
    *p++ = '"';
    p = gen_put_str(p, name, strlen(name));
    return GEN_LIT(p, "\":");
}

/* A value left out of JSON; in a table, unset. */
static char *put_unset(const zeek_writer_t *w, char *p)
{
    return w->json ? p : GEN_LIT(p, "\t-");
}

static char *put_word(const zeek_writer_t *w, char *p, const char *name, const char *word, size_t n)
{
    p = put_name(w, p, name, false);
    if (w->json)
        *p++ = '"';
    p = gen_put_str(p, word, n);
    if (w->json)
        *p++ = '"';
    return p;
}

static char *put_number(const zeek_writer_t *w, char *p, const char *name, uint64_t v)
{
    p = put_name(w, p, name, false);
    return gen_put_u64(&w->text, p, v);
}

static char *put_bool(const zeek_writer_t *w, char *p, const char *name, bool v)
{
    p = put_name(w, p, name, false);
    if (!w->json)
        *p++ = v ? 'T' : 'F';
    else
        p = v ? GEN_LIT(p, "true") : GEN_LIT(p, "false");
    return p;
}

static char *put_ends(const zeek_writer_t *w, char *p, const gen_report_t *r)
{
    char addr[48];

    p = put_word(w, p, "id.orig_h", addr,
                 (size_t)(sensor_put_addr(&w->text, w->e, addr, r, r->caddr) - addr));
    p = put_number(w, p, "id.orig_p", r->proto == 1 ? 8 : r->cport);    /* an echo and its answer */
    p = put_word(w, p, "id.resp_h", addr,
                 (size_t)(sensor_put_addr(&w->text, w->e, addr, r, r->saddr) - addr));
    return put_number(w, p, "id.resp_p", r->proto == 1 ? 0 : r->sport);
}

/* How long, and how much payload: not known of a lonely packet. */
static char *put_volume(const zeek_writer_t *w, char *p, const gen_report_t *r)
{
    if (r->fwd.packets + r->rev.packets < 2) {
        for (int i = 0; i < 3; i++)
            p = put_unset(w, p);
        return p;
    }
    p = put_name(w, p, "duration", false);
    p = sensor_put_micros(&w->text, p, r->last - r->first);
    p = put_number(w, p, "orig_bytes", r->fwd.payload);
    return put_number(w, p, "resp_bytes", r->rev.payload);
}

static char *put_tail(const zeek_writer_t *w, char *p, const gen_report_t *r)
{
    const char *state = state_of(r);
    bool ours = r->client ? true : r->far != GEN_NOWHERE;
    char history[16], *end = put_history(history, r);

    p = put_word(w, p, "conn_state", state, strlen(state));
    p = put_bool(w, p, "local_orig", ours);
    p = put_bool(w, p, "local_resp", r->client ? r->far != GEN_NOWHERE : true);
    p = put_number(w, p, "missed_bytes", 0);
    p = r->proto == 1 ? put_unset(w, p)
                      : put_word(w, p, "history", history, (size_t)(end - history));
    p = put_number(w, p, "orig_pkts", r->fwd.packets);
    p = put_number(w, p, "orig_ip_bytes", r->fwd.bytes);
    p = put_number(w, p, "resp_pkts", r->rev.packets);
    p = put_number(w, p, "resp_ip_bytes", r->rev.bytes);
    p = put_unset(w, p);
    return put_number(w, p, "ip_proto", r->proto);
}

static char *zeek_report(void *writer, char *out, const gen_report_t *r, bool first)
{
    zeek_writer_t *w = writer;
    const char *proto = r->proto == 6 ? "tcp" : r->proto == 17 ? "udp" : "icmp";
    const char *service = r->fwd.payload > 0 && r->rev.payload > 0 ? sensor_service(r) : NULL;
    char uid[24];

    (void)first;
    w->last = r->time / 1000000000u;
    out = put_name(w, out, "ts", true);
    out = sensor_put_micros(&w->text, out, r->first);
    out = put_word(w, out, "uid", uid, (size_t)(put_uid(uid, gen_mix(r->id)) - uid));
    out = put_ends(w, out, r);
    out = put_word(w, out, "proto", proto, strlen(proto));
    out = service == NULL ? put_unset(w, out)
                          : put_word(w, out, "service", service, strlen(service));
    out = put_volume(w, out, r);
    out = put_tail(w, out, r);
    if (w->json)
        *out++ = '}';
    *out++ = '\n';
    return out;
}

/* Rotated each hour: 2026-03-07/conn.14:00:00-15:00:00.log */
static int zeek_object(const void *writer, char *out, size_t size, uint64_t window_end,
                       uint64_t serial, const char *suffix)
{
    const zeek_writer_t *w = writer;
    char date[16], from[16], to[16];
    int n;

    (void)serial;
    w->opened->to = w->epoch + window_end;
    w->opened->from = w->opened->to - 3600;
    *sensor_put_date(&w->text, date, w->opened->from) = '\0';
    *sensor_put_clock(&w->text, from, w->opened->from) = '\0';
    *sensor_put_clock(&w->text, to, w->opened->to) = '\0';
    n = snprintf(out, size, "%s/conn.%s-%s.log%s", date, from, to, suffix);
    return n > 0 && (size_t)n < size ? 0 : -1;
}

const gen_provider_t gen_zeek_conn = {
    .name = "zeek-conn",
    .summary = "conn.log of Zeek",
    .refuses = GEN_NO_FIELDS | GEN_NO_STATUS | GEN_NO_HEADER | GEN_NO_CUTS,
    .open = zeek_open,
    .close = zeek_close,
    .set = zeek_set,
    .row_max = zeek_row_max,
    .header = zeek_header,
    .finish = zeek_finish,
    .shape = zeek_shape,
    .report = zeek_report,
    .delivery = 3600,
    .object = zeek_object
};
