/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Google Cloud VPC flow logs: a Cloud Logging LogEntry in JSON a line ("About VPC Flow Logs records"
 * in the Google Cloud documentation).  An entry is one direction of a connection in an interval of
 * some seconds at one reporter, estimated from a sample.
 */
#include "gcp.h"

#include <stdio.h>
#include <stdlib.h>

enum { ENTRY_MAX = 8192 };

/* Objects of one hour are numbered. */
typedef struct shards {
    uint64_t window_end;
    uint32_t next;
} shards_t;

typedef struct gcp_writer {
    gen_text_t text;
    const gen_estate_t *e;
    uint64_t epoch, day;
    gcp_place_t *place;
    shards_t *shards;
    uint32_t interval, sides;
    bool bare, array, ended;       /* without metadata; entries in an array, which was just ended */
    char date[12];                 /* of `day`: "2026-03-07T" */
} gcp_writer_t;

/* Belgium and global; see gen_cloud_t.  Users come through Google's front ends too. */
static const gen_cloud_t cloud[GEN_CLOUDS] = {
    { 0x8efa0000, 0xffff, GEN_SVC_STORE }, { 0xacd90000, 0xffff, GEN_SVC_STORE },
    { 0xd83ac000, 0x1fff, GEN_SVC_STORE },
    { 0x8efb2400, 0x00ff, GEN_SVC_TABLES }, { 0xc7249908, 0x0003, GEN_SVC_TABLES },
    { 0x4a7d8000, 0x7fff, GEN_SVC_TABLES },
    { 0x23bf0000, 0xffff, GEN_SVC_CDN }, { 0x82d30000, 0x03ff, GEN_SVC_CDN },
    { 0x224c0000, 0xffff, GEN_SVC_COMPUTE }, { 0x22260000, 0xffff, GEN_SVC_COMPUTE },
    { 0x22168000, 0x7fff, GEN_SVC_COMPUTE }, { 0x2276fe00, 0x01ff, GEN_SVC_ANY },
    { 0xacfd0000, 0x3fff, GEN_SVC_ANY }, { 0x23bf0000, 0xffff, GEN_SVC_HEALTH },
    { 0xc7249908, 0x0003, GEN_SVC_API }
};

static void gcp_close(void *writer)
{
    gcp_writer_t *w = writer;

    if (w == NULL)
        return;
    free(w->place);
    free(w->shards);
    free(w);
}

static void *gcp_open(const gen_estate_t *estate, const char *fields, uint64_t epoch, char *why,
                      size_t why_size)
{
    gcp_writer_t *w = calloc(1, sizeof *w);

    (void)fields;                  /* refused before */
    snprintf(why, why_size, "not enough memory");
    if (w == NULL)
        return NULL;
    w->e = estate;
    w->epoch = epoch;
    w->interval = 5;
    w->sides = 3;
    gen_text_init(&w->text);
    w->place = gcp_places(estate);
    w->shards = calloc(1, sizeof *w->shards);
    if (w->place != NULL && w->shards != NULL)
        return w;
    gcp_close(w);
    return NULL;
}

/* Which of n words a value is, or -1. */
static int word_of(const char *value, const char *const *words, int n)
{
    for (int i = 0; i < n; i++)
        if (strcmp(value, words[i]) == 0)
            return i;
    return -1;
}

static int gcp_set(void *writer, const char *key, const char *value, char *why, size_t why_size)
{
    static const char *const keys[] = { "metadata", "reporters", "interval", "layout" };
    static const char *const words[][6] = {
        { "all", "none" }, { "both", "src", "dest" }, { "5", "30", "60", "300", "600", "900" },
        { "lines", "array" }
    };
    static const int n_words[] = { 2, 3, 6, 2 };
    static const uint16_t seconds[] = { 5, 30, 60, 300, 600, 900 };
    gcp_writer_t *w = writer;
    int k = word_of(key, keys, 4), v = k < 0 ? -1 : word_of(value, words[k], n_words[k]);

    if (k < 0)
        snprintf(why, why_size, "unknown setting '%s'", key);
    else if (v < 0)
        snprintf(why, why_size, "%s cannot be '%.64s'", key, value);
    else if (k == 0)
        w->bare = v == 1;
    else if (k == 1)
        w->sides = v == 0 ? 3 : (uint32_t)v;
    else if (k == 2)
        w->interval = seconds[v];
    else
        w->array = v == 1;
    return k < 0 || v < 0 ? -1 : 0;
}

static size_t gcp_row_max(const void *writer)
{
    (void)writer;
    return ENTRY_MAX;
}

static char *gcp_header(const void *writer, char *out)
{
    const gcp_writer_t *w = writer;

    return w->array ? GEN_LIT(out, "[") : out;
}

static char *gcp_finish(void *writer, char *out)
{
    gcp_writer_t *w = writer;

    w->ended = !w->ended && w->array;
    return w->ended ? GEN_LIT(out, "]\n") : out;
}

/* What has no machine has no log. */
static void gcp_shape(const void *writer, gen_shape_t *shape)
{
    const gcp_writer_t *w = writer;

    shape->flags = GEN_S_SAMPLED;
    shape->period = w->interval;
    shape->roles = ~(UINT32_C(1) << GEN_NAT | UINT32_C(1) << GEN_ENDPOINT);
    shape->sides = w->sides;
}

/* Nanoseconds since 1970 with all nine decimals. */
static char *put_time(gcp_writer_t *w, char *p, uint64_t ns)
{
    const gen_text_t *x = &w->text;
    uint64_t s = ns / 1000000000u, day = s / 86400;
    uint32_t part = (uint32_t)(ns % 1000000000u), t = (uint32_t)(s % 86400);

    if (day != w->day) {
        char whole[GEN_ISO_ROOM];

        gen_put_iso(x, whole, day * 86400);
        memcpy(w->date, whole, 11);
        w->day = day;
    }
    p = gen_put_str(p, w->date, 11);
    p = gen_put_str(p, x->digits[t / 3600] + 2, 2);
    *p++ = ':';
    p = gen_put_str(p, x->digits[t / 60 % 60] + 2, 2);
    *p++ = ':';
    p = gen_put_str(p, x->digits[t % 60] + 2, 2);
    *p++ = '.';
    *p++ = (char)('0' + part / 100000000);
    p = gen_put_str(p, x->digits[part / 10000 % 10000], 4);
    p = gen_put_str(p, x->digits[part % 10000], 4);
    *p++ = 'Z';
    return p;
}

static char *put_addr(const gcp_writer_t *w, char *p, const gen_report_t *r, uint32_t addr)
{
    uint64_t half[2];

    if (!r->v6)
        return gen_put_v4(&w->text, p, addr);
    if (addr < 65536) {
        gen_iface_v6(w->e, addr, half);
        half[0] = (half[0] & 0xffff) | UINT64_C(0x2600190040100000);
    } else {
        gen_outside_v6(addr, half);
    }
    return gen_put_v6(p, half);
}

static char *put_connection(const gcp_writer_t *w, char *p, const gen_report_t *r,
                            const gcp_end_t *src, const gcp_end_t *dest)
{
    const gen_text_t *x = &w->text;
    bool ports = r->proto == 6 || r->proto == 17;

    p = GEN_LIT(p, "\"connection\":{\"dest_ip\":\"");
    p = put_addr(w, p, r, dest->addr);
    *p++ = '"';
    if (ports) {
        p = GEN_LIT(p, ",\"dest_port\":");
        p = gen_put_u64(x, p, dest->port);
    }
    p = GEN_LIT(p, ",\"protocol\":");
    p = gen_put_small(x, p, r->proto);
    p = GEN_LIT(p, ",\"src_ip\":\"");
    p = put_addr(w, p, r, src->addr);
    *p++ = '"';
    if (ports) {
        p = GEN_LIT(p, ",\"src_port\":");
        p = gen_put_u64(x, p, src->port);
    }
    return GEN_LIT(p, "},");
}

/* The sender's end of a report, or the receiver's. */
static gcp_end_t end_of(const gcp_writer_t *w, const gen_report_t *r, bool client)
{
    gcp_end_t end = { r->saddr, r->sport, GEN_NOWHERE, r->ssvc };

    if (client)
        end = (gcp_end_t){ r->caddr, r->cport, GEN_NOWHERE, r->csvc };
    end.iface = (r->client != 0) == client ? r->iface : r->far;
    /* Behind the address of its node a pod is not seen from the internet. */
    if (end.iface != GEN_NOWHERE && !r->v6 && r->far == GEN_NOWHERE)
        end.addr = w->e->iface[end.iface].addr;
    return end;
}

static bool same_project(const gcp_writer_t *w, const gen_report_t *r, const gcp_end_t *end)
{
    return end->iface == GEN_NOWHERE
           || w->e->iface[end->iface].account == w->e->iface[r->iface].account;
}

static char *put_payload(gcp_writer_t *w, char *p, const gen_report_t *r, uint64_t h)
{
    const gen_count_t *n = r->back ? &r->rev : &r->fwd;
    const gen_text_t *x = &w->text;
    gcp_end_t src = end_of(w, r, !r->back), dest = end_of(w, r, r->back);

    p = GEN_LIT(p, "\",\"jsonPayload\":{\"bytes_sent\":\"");
    p = gen_put_u64(x, p, n->payload);
    p = GEN_LIT(p, "\",");
    p = put_connection(w, p, r, &src, &dest);
    if (!w->bare)
        p = gcp_put_end(w->e, w->place, x, p, "dest", &dest, same_project(w, r, &dest), r->v6);
    p = GEN_LIT(p, "\"end_time\":\"");
    p = put_time(w, p, r->last);
    p = GEN_LIT(p, "\",\"packets_sent\":\"");
    p = gen_put_u64(x, p, n->packets);
    p = (r->client != 0) != (r->back != 0) ? GEN_LIT(p, "\",\"reporter\":\"SRC\",")
                                           : GEN_LIT(p, "\",\"reporter\":\"DEST\",");
    if (r->proto == 6 && !r->denied && (h & 15) != 0) {
        p = GEN_LIT(p, "\"rtt_msec\":\"");
        p = gen_put_u64(x, p, (r->rtt + 500 + (h >> 8 & 511)) / 1000);
        p = GEN_LIT(p, "\",");
    }
    if (!w->bare)
        p = gcp_put_end(w->e, w->place, x, p, "src", &src, same_project(w, r, &src), r->v6);
    p = GEN_LIT(p, "\"start_time\":\"");
    return put_time(w, p, r->first);
}

static char *gcp_report(void *writer, char *out, const gen_report_t *r, bool first)
{
    gcp_writer_t *w = writer;
    const gcp_place_t *place = &w->place[r->iface];
    uint64_t h = gen_mix(r->id ^ r->time ^ (uint64_t)(2 * r->client + r->back) << 62);
    uint64_t written = r->time + 1500000000u + (h >> 32);

    if (w->array && !first)
        *out++ = ',';
    out = GEN_LIT(out, "{\"insertId\":\"");
    out = gen_put_base36(out, h, 13);
    out = put_payload(w, out, r, h);
    out = gen_put_str(out, place->tail, place->tail_len);
    out = put_time(w, out, written + 100000000u + (h & 0x1fffffff));
    out = gen_put_str(out, place->resource, place->resource_len);
    out = put_time(w, out, written);
    out = GEN_LIT(out, "\"}");
    if (!w->array)
        *out++ = '\n';
    return out;
}

static int gcp_object(const void *writer, char *out, size_t size, uint64_t window_end,
                      uint64_t serial, const char *suffix)
{
    const gcp_writer_t *w = writer;
    uint64_t at = w->epoch + window_end - 3600;
    unsigned hour = (unsigned)(at % 86400 / 3600);
    uint32_t y, m, d;
    int n;

    (void)serial;
    if (w->shards->window_end != window_end)
        *w->shards = (shards_t){ window_end, 0 };
    gen_date(at / 86400, &y, &m, &d);
    n = snprintf(out, size, "compute.googleapis.com/vpc_flows/%04u/%02u/%02u/%02u:00:00_%02u:59:59"
                 "_S%u.json%s", y, m, d, hour, hour, w->shards->next++, suffix);
    return n > 0 && (size_t)n < size ? 0 : -1;
}

const gen_provider_t gen_gcp_vpc = {
    .name = "gcp-vpc",
    .summary = "VPC flow logs of Google Cloud",
    .refuses = GEN_NO_FIELDS | GEN_NO_STATUS | GEN_NO_HEADER | GEN_NO_REJECT,
    .cloud = cloud,
    .open = gcp_open,
    .close = gcp_close,
    .set = gcp_set,
    .row_max = gcp_row_max,
    .header = gcp_header,
    .finish = gcp_finish,
    .shape = gcp_shape,
    .report = gcp_report,
    .delivery = 3600,
    .object = gcp_object
};
