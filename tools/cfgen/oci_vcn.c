/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OCI VCN flow logs, one JSON record a line ("Details for VCN Flow Logs" in the OCI documentation).
 *
 * The same record comes in four wrappings: as Connector Hub writes it to Object Storage, as the
 * search of the Logging service exports it, with the names of nested values joined by dots, and as
 * a message of a stream, base64. What hangs on the interface alone is spelled once.
 */
#include "provider.h"
#include "spell.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define REGION "eu-frankfurt-1"

enum { RECORD_MAX = 4096, DELIVERY = 600 };

enum form { CONNECTOR, SEARCH, FLAT, STREAM, FORMS };

static const char *const form_names[FORMS] = { "connector", "search", "flat", "stream" };

/* Values of `data`, in the order in which they are written. */
enum { D_ACTION, D_BYTES, D_DST, D_DPORT, D_END, D_FLOWID, D_PACKETS, D_PROTO, D_PROTO_NAME,
       D_SRC, D_SPORT, D_START, D_STATUS, D_VERSION, DATA };

static const char *const data_names[DATA] = {
    "action", "bytesOut", "destinationAddress", "destinationPort", "endTime", "flowid", "packets",
    "protocol", "protocolName", "sourceAddress", "sourcePort", "startTime", "status", "version"
};

/* Members of `oracle` before and behind the ingestion time. */
typedef struct place {
    uint16_t head_len, tail_len;
    char head[160], tail[1024];
} place_t;

typedef struct oci_writer {
    gen_text_t text;
    const gen_estate_t *e;
    uint64_t epoch;
    enum form form;
    char key[DATA][40];                /* "action": or "data.action": */
    uint8_t key_len[DATA];
    place_t *place;                    /* by interface */
    uint64_t *count;                   /* records written */
} oci_writer_t;

static char *put_ocid(char *p, const char *kind, uint64_t h)
{
    p = GEN_LIT(p, "ocid1.");
    p = gen_put_str(p, kind, strlen(kind));
    p = GEN_LIT(p, ".oc1." REGION ".");
    return gen_put_base36(p, h, 60);
}

/* "name":"ocid1.kind…", and a comma. */
static char *put_id(const oci_writer_t *w, char *p, const char *name, const char *kind, uint64_t h)
{
    p = w->form == FLAT ? GEN_LIT(p, "\"oracle.") : GEN_LIT(p, "\"");
    p = gen_put_str(p, name, strlen(name));
    p = GEN_LIT(p, "\":\"");
    p = put_ocid(p, kind, h);
    return GEN_LIT(p, "\",");
}

static void spell_places(oci_writer_t *w)
{
    const gen_estate_t *e = w->e;

    for (uint32_t i = 0; i < e->n_iface; i++) {
        const gen_iface_t *f = &e->iface[i];
        place_t *at = &w->place[i];
        char *p = at->head;

        p = put_id(w, p, "compartmentid", "compartment", e->account[f->account]);
        at->head_len = (uint16_t)(p - at->head);
        p = at->tail;
        p = put_id(w, p, "loggroupid", "loggroup", e->log);
        p = put_id(w, p, "logid", "log", e->log ^ e->subnet[f->subnet].id);
        p = put_id(w, p, "tenantid", "tenancy", e->seed ^ e->log);
        p = put_id(w, p, "vcnOcid", "vcn", e->network[f->site]);
        p = put_id(w, p, "vniccompartmentocid", "compartment", e->account[f->account]);
        p = put_id(w, p, "vnicocid", "vnic", f->id);
        p = put_id(w, p, "vnicsubnetocid", "subnet", e->subnet[f->subnet].id);
        at->tail_len = (uint16_t)(p - 1 - at->tail);
    }
}

static void oci_close(void *writer)
{
    oci_writer_t *w = writer;

    if (w == NULL)
        return;
    free(w->place);
    free(w->count);
    free(w);
}

static void *oci_open(const gen_estate_t *estate, const char *list, uint64_t epoch, char *why,
                      size_t why_size)
{
    oci_writer_t *w = calloc(1, sizeof *w);
    int form = 0;

    while (list != NULL && form < FORMS && strcmp(list, form_names[form]) != 0)
        form++;
    if (form == FORMS) {
        snprintf(why, why_size, "'%.64s' is none of connector, search, flat, stream", list);
        free(w);
        return NULL;
    }
    snprintf(why, why_size, "not enough memory");
    if (w == NULL)
        return NULL;
    w->e = estate;
    w->epoch = epoch;
    w->form = (enum form)form;
    w->place = calloc(estate->n_iface, sizeof *w->place);
    w->count = calloc(1, sizeof *w->count);
    if (w->place == NULL || w->count == NULL) {
        oci_close(w);
        return NULL;
    }
    gen_text_init(&w->text);
    for (int i = 0; i < DATA; i++)
        w->key_len[i] = (uint8_t)snprintf(w->key[i], sizeof w->key[i], "\"%s%s\":",
                                          form == FLAT ? "data." : "", data_names[i]);
    spell_places(w);
    return w;
}

static size_t oci_row_max(const void *writer)
{
    (void)writer;
    return 2 * RECORD_MAX;
}

static char *oci_header(const void *writer, char *out)
{
    (void)writer;
    return out;
}

static char *put_addr(const oci_writer_t *w, char *p, const gen_row_t *row, uint32_t addr)
{
    uint64_t half[2];

    *p++ = '"';
    if (!row->v6) {
        p = gen_put_v4(&w->text, p, addr);
    } else {
        if (addr < 65536)
            gen_iface_v6(w->e, addr, half);
        else
            gen_outside_v6(addr, half);
        p = gen_put_v6(p, half);
    }
    *p++ = '"';
    return p;
}

static char *put_name(char *p, const char *s)
{
    *p++ = '"';
    p = gen_put_str(p, s, strlen(s));
    *p++ = '"';
    return p;
}

static const char *protocol_name(unsigned proto)
{
    return proto == 6 ? "TCP" : proto == 17 ? "UDP" : "ICMP";
}

/* The same for the records of one flow. */
static char *put_flow_id(char *p, const gen_row_t *row)
{
    uint64_t h = gen_mix(((uint64_t)row->src << 32) | row->dst);
    char id[12];

    h = gen_mix(h ^ ((uint64_t)row->sport << 24) ^ ((uint64_t)row->dport << 8) ^ row->proto);
    snprintf(id, sizeof id, "%08" PRIx32, (uint32_t)h);
    return put_name(p, id);
}

static char *put_value(const oci_writer_t *w, char *p, const gen_row_t *row, int value)
{
    static const char *const status[] = { "OK", "NODATA", "SKIPDATA" };
    const gen_text_t *x = &w->text;

    switch (value) {
    case D_END:
        return gen_put_u64(x, p, w->epoch + row->end);
    case D_START:
        return gen_put_u64(x, p, w->epoch + row->start);
    case D_STATUS:
        return put_name(p, status[row->status]);
    case D_VERSION:
        return GEN_LIT(p, "\"2\"");
    default:
        break;
    }
    /* "The remaining data fields are set to null". */
    if (row->status != GEN_OK)
        return GEN_LIT(p, "null");
    switch (value) {
    case D_ACTION:
        return put_name(p, row->action == GEN_REJECT ? "REJECT" : "ACCEPT");
    case D_BYTES:
        return gen_put_u64(x, p, row->bytes);
    case D_DST:
        return put_addr(w, p, row, row->dst);
    case D_SRC:
        return put_addr(w, p, row, row->src);
    case D_DPORT:
        return gen_put_u64(x, p, row->dport);
    case D_SPORT:
        return gen_put_u64(x, p, row->sport);
    case D_FLOWID:
        return put_flow_id(p, row);
    case D_PACKETS:
        return gen_put_u64(x, p, row->packets);
    case D_PROTO:
        return gen_put_small(x, p, row->proto);
    default:
        return put_name(p, protocol_name(row->proto));
    }
}

static char *put_data(const oci_writer_t *w, char *p, const gen_row_t *row)
{
    bool ports = row->proto == 6 || row->proto == 17 || row->status != GEN_OK;

    if (w->form != FLAT)
        p = GEN_LIT(p, "\"data\":{");
    for (int i = 0; i < DATA; i++) {
        if ((i == D_SPORT || i == D_DPORT) && !ports)
            continue;
        p = gen_put_str(p, w->key[i], w->key_len[i]);
        p = put_value(w, p, row, i);
        *p++ = ',';
    }
    if (w->form != FLAT)
        p[-1] = '}';
    else
        p--;
    return p;
}

/* When the Logging service took it, in milliseconds: some seconds behind the end of the window. */
static uint64_t ingested(const oci_writer_t *w, const gen_row_t *row, uint64_t id)
{
    return (w->epoch + row->end + 40) * 1000 + id % 50000;
}

static char *put_millis(const oci_writer_t *w, char *p, uint64_t ms)
{
    *p++ = '"';
    p = gen_put_iso(&w->text, p, ms / 1000);
    *p++ = '.';
    p = gen_put_str(p, w->text.digits[ms % 1000] + 1, 3);
    return GEN_LIT(p, "Z\"");
}

static char *put_oracle(const oci_writer_t *w, char *p, const gen_row_t *row, uint64_t id)
{
    const place_t *at = &w->place[row->iface];

    if (w->form != FLAT)
        p = GEN_LIT(p, "\"oracle\":{");
    p = gen_put_str(p, at->head, at->head_len);
    p = w->form == FLAT ? GEN_LIT(p, "\"oracle.ingestedtime\":") : GEN_LIT(p, "\"ingestedtime\":");
    p = put_millis(w, p, ingested(w, row, id));
    *p++ = ',';
    p = gen_put_str(p, at->tail, at->tail_len);
    return w->form == FLAT ? p : GEN_LIT(p, "}");
}

static const char *type_of(const gen_row_t *row)
{
    static const char *const type[] = {
        "com.oraclecloud.vcn.flowlogs.DataEvent", "com.oraclecloud.vcn.flowlogs.QualityEvent.NoData",
        "com.oraclecloud.vcn.flowlogs.QualityEvent.SkipData"
    };

    return type[row->status];
}

/* The record, without what the search puts around it. */
static char *put_record(const oci_writer_t *w, char *p, const gen_row_t *row, uint64_t id)
{
    *p++ = '{';
    p = put_data(w, p, row);
    p = GEN_LIT(p, ",\"id\":\"");
    p = gen_put_uuid(p, id);
    p = GEN_LIT(p, "\",");
    p = put_oracle(w, p, row, id);
    p = GEN_LIT(p, ",\"source\":\"-\",\"specversion\":\"1.0\",\"time\":");
    p = put_millis(w, p, (w->epoch + row->start) * 1000);
    p = GEN_LIT(p, ",\"type\":");
    p = put_name(p, type_of(row));
    *p++ = '}';
    return p;
}

static char *put_message(const oci_writer_t *w, char *p, const gen_row_t *row, uint64_t id)
{
    char record[RECORD_MAX];
    size_t n = (size_t)(put_record(w, record, row, id) - record);

    p = GEN_LIT(p, "{\"stream\":\"");
    p = put_ocid(p, "stream", w->e->log);
    p = GEN_LIT(p, "\",\"partition\":\"0\",\"key\":null,\"value\":\"");
    p = gen_put_base64(p, record, n);
    p = GEN_LIT(p, "\",\"offset\":");
    p = gen_put_u64(&w->text, p, *w->count);
    p = GEN_LIT(p, ",\"timestamp\":");
    p = put_millis(w, p, ingested(w, row, id));
    return GEN_LIT(p, "}");
}

static char *oci_row(const void *writer, char *out, const gen_row_t *row)
{
    const oci_writer_t *w = writer;
    uint64_t id = gen_mix(gen_mix(w->e->seed) + *w->count);

    if (w->form == STREAM) {
        out = put_message(w, out, row, id);
    } else if (w->form == SEARCH) {
        out = GEN_LIT(out, "{\"datetime\":");
        out = gen_put_u64(&w->text, out, ingested(w, row, id));
        out = GEN_LIT(out, ",\"logContent\":");
        out = put_record(w, out, row, id);
        out = GEN_LIT(out, ",\"regionId\":\"" REGION "\"}");
    } else {
        out = put_record(w, out, row, id);
    }
    *out++ = '\n';
    ++*w->count;
    return out;
}

/* CONNECTOR/YYYYMMDDThhmmssZ_YYYYMMDDThhmmssZ.N.log: begin and end of what the object holds. */
static int oci_object(const void *writer, char *out, size_t size, uint64_t window_end,
                      uint64_t serial, const char *suffix)
{
    const oci_writer_t *w = writer;
    uint64_t at[2] = { w->epoch + window_end - DELIVERY, w->epoch + window_end };
    char id[128], time[2][20];
    int n;

    *put_ocid(id, "serviceconnector", w->e->log) = '\0';
    for (int i = 0; i < 2; i++) {
        uint32_t y, m, d, t = (uint32_t)(at[i] % 86400);

        gen_date(at[i] / 86400, &y, &m, &d);
        snprintf(time[i], sizeof time[i], "%04u%02u%02uT%02u%02u%02uZ", y % 10000, m % 100,
                 d % 100, t / 3600 % 100, t / 60 % 60, t % 60);
    }
    n = snprintf(out, size, "%s/%s_%s.%" PRIu64 ".log%s", id, time[0], time[1], serial, suffix);
    return n > 0 && (size_t)n < size ? 0 : -1;
}

const gen_provider_t gen_oci_vcn = {
    .name = "oci-vcn",
    .summary = "VCN flow logs of Oracle Cloud",
    .open = oci_open,
    .close = oci_close,
    .row_max = oci_row_max,
    .header = oci_header,
    .row = oci_row,
    .delivery = DELIVERY,
    .object = oci_object
};
