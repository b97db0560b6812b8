/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alibaba Cloud VPC flow logs ("VPC" among the log fields of Simple Log Service, "Flow logs" in the
 * VPC documentation): JSON objects of strings one a line, as Simple Log Service exports them, or a
 * table with a title line, separated by commas or blanks. What is not known is '-'.
 */
#include "provider.h"
#include "spell.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define REGION "cn-hangzhou"

enum { PLACE_MAX = 320, ROW_MAX = 2048, DELIVERY = 600 };

enum form { JSON, CSV, TEXT, FORMS };

static const char *const form_names[FORMS] = { "json", "csv", "text" };

/* Fields in the order in which they are written; those of the interface come first. */
enum { A_VERSION, A_VSWITCH, A_VM, A_VPC, A_ACCOUNT, A_ENI, A_REGION, PLACE,
       A_SRC = PLACE, A_SPORT, A_DST, A_DPORT, A_PROTO, A_DIR, A_PACKETS, A_BYTES, A_START, A_END,
       A_STATUS, A_ACTION, A_FLAGS, A_PATH, FIELDS };

static const char *const names[FIELDS] = {
    "version", "vswitch-id", "vm-id", "vpc-id", "account-id", "eni-id", "region", "srcaddr",
    "srcport", "dstaddr", "dstport", "protocol", "direction", "packets", "bytes", "start", "end",
    "log-status", "action", "tcp-flags", "traffic_path"
};

typedef struct ali_writer {
    gen_text_t text;
    const gen_estate_t *e;
    uint64_t epoch;
    enum form form;
    char before[FIELDS][24];           /* what stands before each value */
    uint8_t before_len[FIELDS];
    char (*place)[PLACE_MAX];
    uint16_t *place_len;
} ali_writer_t;

static char *put_before(const ali_writer_t *w, char *p, int field)
{
    return gen_put_str(p, w->before[field], w->before_len[field]);
}

/* Identifiers of this region begin so. */
static char *put_id(char *p, const char *kind, uint64_t h)
{
    p = gen_put_str(p, kind, strlen(kind));
    p = GEN_LIT(p, "-bp1");
    return gen_put_base36(p, h, 17);
}

static char *put_place(const ali_writer_t *w, char *p, const gen_iface_t *f, int field)
{
    char account[24];

    switch (field) {
    case A_VERSION:
        return GEN_LIT(p, "1");
    case A_VSWITCH:
        return put_id(p, "vsw", w->e->subnet[f->subnet].id);
    case A_VM:
        return f->instance != 0 ? put_id(p, "i", f->instance) : GEN_LIT(p, "-");
    case A_VPC:
        return put_id(p, "vpc", w->e->network[f->site]);
    case A_ACCOUNT:
        snprintf(account, sizeof account, "1%012" PRIu64 "%03u",
                 w->e->account[f->account] % UINT64_C(1000000000000), f->account * 307u % 1000);
        return gen_put_str(p, account, 16);
    case A_ENI:
        return put_id(p, "eni", f->id);
    default:
        return GEN_LIT(p, REGION);
    }
}

static void spell_places(ali_writer_t *w)
{
    for (uint32_t i = 0; i < w->e->n_iface; i++) {
        char *p = w->place[i];

        for (int field = 0; field < PLACE; field++) {
            p = put_before(w, p, field);
            p = put_place(w, p, &w->e->iface[i], field);
        }
        w->place_len[i] = (uint16_t)(p - w->place[i]);
    }
}

static void ali_close(void *writer)
{
    ali_writer_t *w = writer;

    if (w == NULL)
        return;
    free(w->place);
    free(w->place_len);
    free(w);
}

static void *ali_open(const gen_estate_t *estate, const char *list, uint64_t epoch, char *why,
                      size_t why_size)
{
    ali_writer_t *w = calloc(1, sizeof *w);
    int form = 0;

    while (list != NULL && form < FORMS && strcmp(list, form_names[form]) != 0)
        form++;
    if (form == FORMS) {
        snprintf(why, why_size, "'%.64s' is none of json, csv, text", list);
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
    w->place_len = calloc(estate->n_iface, sizeof *w->place_len);
    if (w->place == NULL || w->place_len == NULL) {
        ali_close(w);
        return NULL;
    }
    gen_text_init(&w->text);
    for (int i = 0; i < FIELDS; i++) {
        const char *quote = form == JSON && i > 0 ? "\"" : "", *comma = form == TEXT ? " " : ",";

        w->before_len[i] = (uint8_t)snprintf(w->before[i], sizeof w->before[i],
                                             form == JSON ? "%s%s\"%s\":\"" : "%s%s", quote,
                                             i > 0 ? comma : "", names[i]);
    }
    spell_places(w);
    return w;
}

static size_t ali_row_max(const void *writer)
{
    (void)writer;
    return ROW_MAX;
}

/* Titles; JSON has none. */
static char *ali_header(const void *writer, char *out)
{
    const ali_writer_t *w = writer;

    for (int i = 0; i < FIELDS && w->form != JSON; i++) {
        out = put_before(w, out, i);
        out = gen_put_str(out, names[i], strlen(names[i]));
    }
    if (w->form != JSON)
        *out++ = '\n';
    return out;
}

static char *put_addr(const ali_writer_t *w, char *p, const gen_row_t *row, uint32_t addr)
{
    uint64_t half[2];

    if (!row->v6)
        return gen_put_v4(&w->text, p, addr);
    if (addr < 65536)
        gen_iface_v6(w->e, addr, half);
    else
        gen_outside_v6(addr, half);
    return gen_put_v6(p, half);
}

/* Numbers of "traffic_path": 2 same network, 7 NAT, 13 and 14 gateways, 17 peering, 6 endpoint. */
static char *put_path(const ali_writer_t *w, char *p, const gen_row_t *row)
{
    if (row->dir != GEN_EGRESS)
        return GEN_LIT(p, "-");
    switch (row->via) {
    case GEN_VIA_LOCAL:
        return GEN_LIT(p, "2");
    case GEN_VIA_INTERNET:
        if (w->e->iface[row->iface].role == GEN_NAT)
            return GEN_LIT(p, "7");
        return row->v6 ? GEN_LIT(p, "14") : GEN_LIT(p, "13");
    case GEN_VIA_PEERING:
        return GEN_LIT(p, "17");
    case GEN_VIA_GATEWAY:
        return GEN_LIT(p, "6");
    default:
        return GEN_LIT(p, "0");
    }
}

static char *put_value(const ali_writer_t *w, char *p, const gen_row_t *row, int field)
{
    static const char *const status[] = { "OK", "NODATA", "SKIPDATA" };
    const gen_text_t *x = &w->text;

    if (field == A_START)
        return gen_put_u64(x, p, w->epoch + row->start);
    if (field == A_END)
        return gen_put_u64(x, p, w->epoch + row->end);
    if (field == A_STATUS)
        return gen_put_str(p, status[row->status], strlen(status[row->status]));
    if (row->status != GEN_OK)
        return GEN_LIT(p, "-");
    switch (field) {
    case A_SRC:
        return put_addr(w, p, row, row->src);
    case A_SPORT:
        return gen_put_u64(x, p, row->sport);
    case A_DST:
        return put_addr(w, p, row, row->dst);
    case A_DPORT:
        return gen_put_u64(x, p, row->dport);
    case A_PROTO:
        return gen_put_small(x, p, row->proto);
    case A_DIR:
        return row->dir == GEN_EGRESS ? GEN_LIT(p, "out") : GEN_LIT(p, "in");
    case A_PACKETS:
        return gen_put_u64(x, p, row->packets);
    case A_BYTES:
        return gen_put_u64(x, p, row->bytes);
    case A_ACTION:
        return row->action == GEN_REJECT ? GEN_LIT(p, "REJECT") : GEN_LIT(p, "ACCEPT");
    case A_FLAGS:
        return row->proto == 6 ? gen_put_small(x, p, row->flags) : GEN_LIT(p, "-");
    default:
        return put_path(w, p, row);
    }
}

static char *ali_row(const void *writer, char *out, const gen_row_t *row)
{
    const ali_writer_t *w = writer;

    if (w->form == JSON) {
        out = GEN_LIT(out, "{\"__source__\":\"log_service\",\"__time__\":");
        out = gen_put_u64(&w->text, out, w->epoch + row->end + 60);
        out = GEN_LIT(out, ",\"__topic__\":\"flow_log\",");
    }
    out = gen_put_str(out, w->place[row->iface], w->place_len[row->iface]);
    for (int field = PLACE; field < FIELDS; field++) {
        out = put_before(w, out, field);
        out = put_value(w, out, row, field);
    }
    if (w->form == JSON)
        out = GEN_LIT(out, "\"}");
    *out++ = '\n';
    return out;
}

/* As shipped to object storage: LOGSTORE/YYYY/MM/DD/hh/mm/SECONDS_N.json */
static int ali_object(const void *writer, char *out, size_t size, uint64_t window_end,
                      uint64_t serial, const char *suffix)
{
    static const char *const ending[FORMS] = { "json", "csv", "log" };
    const ali_writer_t *w = writer;
    uint64_t at = w->epoch + window_end;
    uint32_t y, m, d;
    int n;

    gen_date(at / 86400, &y, &m, &d);
    n = snprintf(out, size, "flow_log/%04u/%02u/%02u/%02u/%02u/%" PRIu64 "_%" PRIu64 ".%s%s", y, m,
                 d, (unsigned)(at / 3600 % 24), (unsigned)(at / 60 % 60), at, serial,
                 ending[w->form], suffix);
    return n > 0 && (size_t)n < size ? 0 : -1;
}

const gen_provider_t gen_alibaba_vpc = {
    .name = "alibaba-vpc",
    .summary = "VPC flow logs of Alibaba Cloud",
    .open = ali_open,
    .close = ali_close,
    .row_max = ali_row_max,
    .header = ali_header,
    .row = ali_row,
    .delivery = DELIVERY,
    .object = ali_object
};
