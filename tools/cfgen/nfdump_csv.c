/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The CSV that nfdump prints up to version 1.7.4 (nfdump -o csv, with TZ=UTC): 48 columns, a row for
 * each direction, three lines of summary.  A router cuts what lasts every five minutes and ends
 * what is silent for fifteen seconds.
 */
#include "sensor.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROW_ROOM = 2048, ACTIVE = 300, INACTIVE = 15 };

typedef struct nf_writer {
    gen_text_t text;
    const gen_estate_t *e;
    uint64_t epoch;
    uint64_t rows, bytes, packets, from, to;      /* of the object */
    bool ended;
} nf_writer_t;

static void *nf_open(const gen_estate_t *estate, const char *fields, uint64_t epoch, char *why,
                     size_t why_size)
{
    nf_writer_t *w = calloc(1, sizeof *w);

    (void)fields;              /* refused before */
    if (w == NULL) {
        snprintf(why, why_size, "not enough memory");
        return NULL;
    }
    w->e = estate;
    w->epoch = epoch;
    w->from = UINT64_MAX;
    gen_text_init(&w->text);
    return w;
}

static size_t nf_row_max(const void *writer)
{
    (void)writer;
    return ROW_ROOM;
}

static char *nf_header(const void *writer, char *out)
{
    (void)writer;
    return GEN_LIT(out, "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,in,out,sas,das,"
                        "smk,dmk,dtos,dir,nh,nhb,svln,dvln,ismc,odmc,idmc,osmc,mpls1,mpls2,mpls3,"
                        "mpls4,mpls5,mpls6,mpls7,mpls8,mpls9,mpls10,cl,sl,al,ra,eng,exid,tr\n");
}

/* Bits and packets a second over the object, bytes a packet, as nfdump rounds them: down. */
static char *nf_finish(void *writer, char *out)
{
    nf_writer_t *w = writer;
    uint64_t ms = w->to > w->from ? (w->to - w->from) / 1000000 : 0;

    w->ended = !w->ended;
    if (!w->ended)
        return out;
    out += snprintf(out, ROW_ROOM, "Summary\nflows,bytes,packets,avg_bps,avg_pps,avg_bpp\n"
                    "%llu,%llu,%llu,%llu,%llu,%llu\n", (unsigned long long)w->rows,
                    (unsigned long long)w->bytes, (unsigned long long)w->packets,
                    (unsigned long long)(ms > 0 ? w->bytes * 8000 / ms : 0),
                    (unsigned long long)(ms > 0 ? w->packets * 1000 / ms : 0),
                    (unsigned long long)(w->packets > 0 ? w->bytes / w->packets : 0));
    w->rows = w->bytes = w->packets = w->to = 0;
    w->from = UINT64_MAX;
    return out;
}

static void nf_shape(const void *writer, gen_shape_t *shape)
{
    (void)writer;
    shape->flags = GEN_S_SENSOR | GEN_S_SPLIT;
    shape->period = ACTIVE;
    shape->idle[0] = shape->idle[1] = INACTIVE;
    shape->lag = 1;
    shape->roles = ~UINT32_C(0);
}

static char *put_time(const gen_text_t *x, char *p, uint64_t ns)
{
    p = sensor_put_date(x, p, ns / 1000000000u);
    *p++ = ' ';
    return sensor_put_clock(x, p, ns / 1000000000u);
}

static char *put_millis(const gen_text_t *x, char *p, uint64_t ns)
{
    *p++ = '.';
    return gen_put_str(p, x->digits[ns / 1000000 % 1000] + 1, 3);
}

/* Eight places CEUAPRSF. */
static char *put_flags(char *p, uint8_t flags)
{
    static const char letters[] = "CEUAPRSF";

    for (int i = 0; i < 8; i++)
        *p++ = (flags & (0x80 >> i)) != 0 ? letters[i] : '.';
    return p;
}

static char *put_ports(const gen_text_t *x, char *p, const gen_report_t *r)
{
    if (r->proto == 1)         /* type and code in the place of the second port */
        return r->back ? GEN_LIT(p, "0,0.0,ICMP,") : GEN_LIT(p, "0,8.0,ICMP,");
    p = gen_put_u64(x, p, r->back ? r->sport : r->cport);
    *p++ = ',';
    p = gen_put_u64(x, p, r->back ? r->cport : r->sport);
    return r->proto == 6 ? GEN_LIT(p, ",TCP,") : GEN_LIT(p, ",UDP,");
}

/* Interfaces of the router: 1 is the way out, others lead to the networks. */
static uint32_t port_of(const nf_writer_t *w, uint16_t iface)
{
    return iface == GEN_NOWHERE ? 1 : 10 + w->e->iface[iface].site;
}

static char *put_way(const nf_writer_t *w, char *p, const gen_report_t *r)
{
    uint16_t client = r->client ? r->iface : r->far, server = r->client ? r->far : r->iface;
    const gen_text_t *x = &w->text;

    p = gen_put_u64(x, p, port_of(w, r->back ? server : client));
    *p++ = ',';
    p = gen_put_u64(x, p, port_of(w, r->back ? client : server));
    return GEN_LIT(p, ",0,0,0,0,0,0,0.0.0.0,0.0.0.0,0,0,00:00:00:00:00:00,00:00:00:00:00:00,"
                      "00:00:00:00:00:00,00:00:00:00:00:00,0-0-0,0-0-0,0-0-0,0-0-0,0-0-0,0-0-0,"
                      "0-0-0,0-0-0,0-0-0,0-0-0,    0.000,    0.000,    0.000,10.40.0.1,0/0,1,");
}

static char *nf_report(void *writer, char *out, const gen_report_t *r, bool first)
{
    nf_writer_t *w = writer;
    const gen_text_t *x = &w->text;
    const gen_count_t *n = r->back ? &r->rev : &r->fwd;
    uint64_t ms = r->last / 1000000 - r->first / 1000000;

    (void)first;
    out = put_time(x, out, r->first);
    *out++ = ',';
    out = put_time(x, out, r->last);
    *out++ = ',';
    out = gen_put_u64(x, out, ms / 1000);
    out = put_millis(x, out, ms * 1000000);
    *out++ = ',';
    out = sensor_put_addr(x, w->e, out, r, r->back ? r->saddr : r->caddr);
    *out++ = ',';
    out = sensor_put_addr(x, w->e, out, r, r->back ? r->caddr : r->saddr);
    *out++ = ',';
    out = put_ports(x, out, r);
    out = put_flags(out, r->proto == 6 ? n->flags : 0);
    out = GEN_LIT(out, ",0,0,");
    out = gen_put_u64(x, out, n->packets);
    *out++ = ',';
    out = gen_put_u64(x, out, n->bytes);
    out = GEN_LIT(out, ",0,0,");
    out = put_way(w, out, r);
    out = put_time(x, out, r->time);
    out = put_millis(x, out, r->time);
    *out++ = '\n';
    w->rows++;
    w->bytes += n->bytes;
    w->packets += n->packets;
    w->from = r->first < w->from ? r->first : w->from;
    w->to = r->last > w->to ? r->last : w->to;
    return out;
}

/* As nfcapd rotates its files: 2026/03/07/nfcapd.202603071405.csv */
static int nf_object(const void *writer, char *out, size_t size, uint64_t window_end,
                     uint64_t serial, const char *suffix)
{
    const nf_writer_t *w = writer;
    uint64_t at = w->epoch + window_end - ACTIVE;
    unsigned t = (unsigned)(at % 86400);
    uint32_t y, m, d;
    int n;

    (void)serial;
    gen_date(at / 86400, &y, &m, &d);
    n = snprintf(out, size, "%04u/%02u/%02u/nfcapd.%04u%02u%02u%02u%02u.csv%s", y, m, d, y, m, d,
                 t / 3600, t / 60 % 60, suffix);
    return n > 0 && (size_t)n < size ? 0 : -1;
}

const gen_provider_t gen_nfdump_csv = {
    .name = "nfdump-csv",
    .summary = "what nfdump -o csv prints",
    .refuses = GEN_NO_FIELDS | GEN_NO_STATUS | GEN_NO_HEADER | GEN_NO_CUTS,
    .open = nf_open,
    .close = free,
    .row_max = nf_row_max,
    .header = nf_header,
    .finish = nf_finish,
    .shape = nf_shape,
    .report = nf_report,
    .delivery = ACTIVE,
    .object = nf_object
};
