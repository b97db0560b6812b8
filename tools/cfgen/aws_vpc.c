/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AWS VPC flow logs: space-separated values under a header line ("Flow log records" and "Publish
 * flow logs to Amazon S3" in the Amazon VPC User Guide).
 *
 * The fields asked for are compiled once into a short program.  Fields that hang on the interface
 * alone (account, interface, network, instance, zone, …) are spelled once per interface and, where
 * they stand side by side, copied as one piece.
 */
#include "provider.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REGION "eu-west-1"
#define ZONE "euw1-az"

enum { MAX_FIELDS = 64, PIECE_MAX = 512 };

enum field_id {
    F_VERSION, F_ACCOUNT, F_INTERFACE, F_VPC, F_SUBNET, F_INSTANCE, F_REGION, F_ZONE, F_NONE,
    F_IFTYPE, F_PIECE,      /* all up to here hang on the interface */
    F_SRC, F_DST, F_SPORT, F_DPORT, F_PROTO, F_PACKETS, F_BYTES, F_START, F_END, F_ACTION,
    F_STATUS, F_FLAGS, F_TYPE, F_PSRC, F_PDST, F_SSVC, F_DSVC, F_DIR, F_PATH
};

static const struct {
    const char *name;
    uint8_t id, version;
} fields[] = {
    { "version", F_VERSION, 2 }, { "account-id", F_ACCOUNT, 2 }, { "interface-id", F_INTERFACE, 2 },
    { "srcaddr", F_SRC, 2 }, { "dstaddr", F_DST, 2 }, { "srcport", F_SPORT, 2 },
    { "dstport", F_DPORT, 2 }, { "protocol", F_PROTO, 2 }, { "packets", F_PACKETS, 2 },
    { "bytes", F_BYTES, 2 }, { "start", F_START, 2 }, { "end", F_END, 2 },
    { "action", F_ACTION, 2 }, { "log-status", F_STATUS, 2 },
    { "vpc-id", F_VPC, 3 }, { "subnet-id", F_SUBNET, 3 }, { "instance-id", F_INSTANCE, 3 },
    { "tcp-flags", F_FLAGS, 3 }, { "type", F_TYPE, 3 }, { "pkt-srcaddr", F_PSRC, 3 },
    { "pkt-dstaddr", F_PDST, 3 },
    { "region", F_REGION, 4 }, { "az-id", F_ZONE, 4 }, { "sublocation-type", F_NONE, 4 },
    { "sublocation-id", F_NONE, 4 },
    { "pkt-src-aws-service", F_SSVC, 5 }, { "pkt-dst-aws-service", F_DSVC, 5 },
    { "flow-direction", F_DIR, 5 }, { "traffic-path", F_PATH, 5 },
    { "reject-reason", F_NONE, 8 }, { "resource-id", F_NONE, 9 },
    { "interface-type", F_IFTYPE, 11 }
};

enum { N_FIELDS = sizeof fields / sizeof fields[0], N_V2 = 14, N_V5 = 29 };

static const char *const service_names[GEN_SERVICES] = {
    "-", "AMAZON", "EC2", "S3", "DYNAMODB", "CLOUDFRONT", "ROUTE53_HEALTHCHECKS", "API_GATEWAY"
};

typedef struct aws_writer {
    gen_text_t text;
    const gen_estate_t *e;
    uint64_t epoch;
    uint32_t n_fields, n_ops, n_pieces, version;
    uint8_t  field[MAX_FIELDS];                /* index into `fields` */
    uint8_t  op[MAX_FIELDS];
    char    *piece;                            /* [iface][n_pieces][PIECE_MAX] */
    uint16_t *piece_len;
} aws_writer_t;

static int add_field(aws_writer_t *w, const char *name, size_t len, char *why, size_t why_size)
{
    for (uint32_t i = 0; i < N_FIELDS; i++)
        if (strlen(fields[i].name) == len && memcmp(fields[i].name, name, len) == 0) {
            if (w->n_fields == MAX_FIELDS) {
                snprintf(why, why_size, "more than %d fields", (int)MAX_FIELDS);
                return -1;
            }
            w->field[w->n_fields++] = (uint8_t)i;
            if (fields[i].version > w->version)
                w->version = fields[i].version;
            return 0;
        }
    snprintf(why, why_size, "unknown field '%.*s'", (int)(len < 64 ? len : 64), name);
    return -1;
}

/* "v2", "v5", or names separated by blanks, each bare or as ${name}. */
static int parse_fields(aws_writer_t *w, const char *s, char *why, size_t why_size)
{
    uint32_t whole = strcmp(s, "v2") == 0 ? N_V2 : strcmp(s, "v5") == 0 ? N_V5 : 0;

    for (uint32_t i = 0; i < whole; i++)
        add_field(w, fields[i].name, strlen(fields[i].name), why, why_size);
    if (whole > 0)
        return 0;
    while (*s != '\0') {
        size_t n = strcspn(s, " ");

        if (n > 3 && s[0] == '$' && s[1] == '{' && s[n - 1] == '}') {
            if (add_field(w, s + 2, n - 3, why, why_size) != 0)
                return -1;
        } else if (n > 0 && add_field(w, s, n, why, why_size) != 0) {
            return -1;
        }
        s += n;
        s += *s == ' ';
    }
    if (w->n_fields > 0)
        return 0;
    snprintf(why, why_size, "no fields");
    return -1;
}

static size_t spell_iface_field(const aws_writer_t *w, const gen_iface_t *f, unsigned id, char *out,
                                size_t size)
{
    const gen_estate_t *e = w->e;
    int n = 0;

    switch (id) {
    case F_VERSION:
        n = snprintf(out, size, "%" PRIu32 " ", w->version);
        break;
    case F_ACCOUNT:
        n = snprintf(out, size, "%012" PRIu64 " ", e->account[f->account]);
        break;
    case F_INTERFACE:
        n = snprintf(out, size, "eni-0%016" PRIx64 " ", f->id);
        break;
    case F_VPC:
        n = snprintf(out, size, "vpc-0%016" PRIx64 " ", e->network[f->site]);
        break;
    case F_SUBNET:
        n = snprintf(out, size, "subnet-0%016" PRIx64 " ", e->subnet[f->subnet].id);
        break;
    case F_INSTANCE:
        if (f->instance != 0)
            n = snprintf(out, size, "i-0%016" PRIx64 " ", f->instance);
        else
            n = snprintf(out, size, "- ");
        break;
    case F_REGION:
        n = snprintf(out, size, REGION " ");
        break;
    case F_ZONE:
        n = snprintf(out, size, ZONE "%d ", f->zone + 1);
        break;
    case F_IFTYPE:
        n = snprintf(out, size, "%s ", f->role == GEN_NAT ? "nat_gateway"
                                       : f->role == GEN_ENDPOINT ? "vpc_endpoint"
                                       : f->role == GEN_LB ? "network_load_balancer" : "-");
        break;
    default:
        n = snprintf(out, size, "- ");
        break;
    }
    return (size_t)n;
}

/* Turns the list of fields into operations, and spells the pieces of every interface. */
static int compile(aws_writer_t *w)
{
    uint8_t piece_of[MAX_FIELDS];
    int open = 0;

    for (uint32_t i = 0; i < w->n_fields; i++) {
        unsigned id = fields[w->field[i]].id;

        if (id > F_PIECE) {
            w->op[w->n_ops++] = (uint8_t)id;
            open = 0;
            continue;
        }
        if (!open) {
            w->op[w->n_ops++] = F_PIECE;
            w->n_pieces++;
            open = 1;
        }
        piece_of[i] = (uint8_t)(w->n_pieces - 1);
    }
    w->piece = calloc((size_t)w->e->n_iface * w->n_pieces + 1, PIECE_MAX);
    w->piece_len = calloc((size_t)w->e->n_iface * w->n_pieces + 1, sizeof *w->piece_len);
    if (w->piece == NULL || w->piece_len == NULL)
        return -1;
    for (uint32_t f = 0; f < w->e->n_iface; f++)
        for (uint32_t i = 0; i < w->n_fields; i++) {
            unsigned id = fields[w->field[i]].id;
            size_t at, len;

            if (id > F_PIECE)
                continue;
            at = (size_t)f * w->n_pieces + piece_of[i];
            len = w->piece_len[at];
            len += spell_iface_field(w, &w->e->iface[f], id, w->piece + at * PIECE_MAX + len,
                                     PIECE_MAX - len);
            if (len >= PIECE_MAX)
                return -1;
            w->piece_len[at] = (uint16_t)len;
        }
    return 0;
}

static void aws_close(void *writer)
{
    aws_writer_t *w = writer;

    if (w == NULL)
        return;
    free(w->piece);
    free(w->piece_len);
    free(w);
}

static void *aws_open(const gen_estate_t *estate, const char *list, uint64_t epoch, char *why,
                      size_t why_size)
{
    aws_writer_t *w = calloc(1, sizeof *w);

    snprintf(why, why_size, "not enough memory");
    if (w == NULL)
        return NULL;
    w->e = estate;
    w->epoch = epoch;
    w->version = 2;
    gen_text_init(&w->text);
    if (parse_fields(w, list == NULL ? "v2" : list, why, why_size) != 0)
        goto fail;
    if (compile(w) != 0) {
        snprintf(why, why_size, "fields repeated too often");
        goto fail;
    }
    return w;
fail:
    aws_close(w);
    return NULL;
}

static size_t aws_row_max(const void *writer)
{
    const aws_writer_t *w = writer;

    return (size_t)w->n_pieces * PIECE_MAX + (size_t)w->n_ops * 48 + MAX_FIELDS * 24;
}

static char *aws_header(const void *writer, char *out)
{
    const aws_writer_t *w = writer;

    for (uint32_t i = 0; i < w->n_fields; i++) {
        out = gen_put_str(out, fields[w->field[i]].name, strlen(fields[w->field[i]].name));
        *out++ = i + 1 < w->n_fields ? ' ' : '\n';
    }
    return out;
}

static char *put_addr(const aws_writer_t *w, char *p, const gen_row_t *row, uint32_t addr)
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

static char *put_service(char *p, unsigned service)
{
    return gen_put_str(p, service_names[service], strlen(service_names[service]));
}

/* Numbers of the traffic-path field; 8 and 7 are those of Nitro machines, 2 of managed ones. */
static char path_of(const aws_writer_t *w, const gen_row_t *row)
{
    int nitro = w->e->iface[row->iface].instance != 0;

    if (row->dir != GEN_EGRESS)
        return '-';
    switch (row->via) {
    case GEN_VIA_LOCAL:
        return '1';
    case GEN_VIA_INTERNET:
        return nitro ? '8' : '2';
    case GEN_VIA_PEERING:
        return '4';
    case GEN_VIA_GATEWAY:
        return nitro ? '7' : '2';
    default:
        return '-';
    }
}

static char *put_word(char *p, const gen_row_t *row, unsigned op)
{
    switch (op) {
    case F_ACTION:
        return gen_put_str(p, row->action == GEN_REJECT ? "REJECT" : "ACCEPT", 6);
    case F_TYPE:
        return gen_put_str(p, row->v6 ? "IPv6" : "IPv4", 4);
    case F_DIR:
        return row->dir == GEN_EGRESS ? gen_put_str(p, "egress", 6)
                                      : gen_put_str(p, "ingress", 7);
    default:
        return gen_put_str(p, "OK", 2);
    }
}

static char *put_field(const aws_writer_t *w, char *p, const gen_row_t *row, unsigned op)
{
    const gen_text_t *x = &w->text;

    switch (op) {
    case F_SRC:
        return put_addr(w, p, row, row->src);
    case F_DST:
        return put_addr(w, p, row, row->dst);
    case F_PSRC:
        return put_addr(w, p, row, row->psrc);
    case F_PDST:
        return put_addr(w, p, row, row->pdst);
    case F_SPORT:
        return gen_put_u64(x, p, row->sport);
    case F_DPORT:
        return gen_put_u64(x, p, row->dport);
    case F_PROTO:
        return gen_put_small(x, p, row->proto);
    case F_PACKETS:
        return gen_put_u64(x, p, row->packets);
    case F_BYTES:
        return gen_put_u64(x, p, row->bytes);
    case F_START:
        return gen_put_u64(x, p, w->epoch + row->start);
    case F_END:
        return gen_put_u64(x, p, w->epoch + row->end);
    case F_FLAGS:
        if (row->proto == 6)
            return gen_put_small(x, p, row->flags);
        *p++ = '-';
        return p;
    case F_SSVC:
        return put_service(p, row->ssvc);
    case F_DSVC:
        return put_service(p, row->dsvc);
    case F_PATH:
        *p++ = path_of(w, row);
        return p;
    default:
        return put_word(p, row, op);
    }
}

/* NODATA and SKIPDATA: only the interface, the window and the status are there. */
static char *put_status_field(const aws_writer_t *w, char *p, const gen_row_t *row, unsigned op)
{
    if (op == F_START || op == F_END)
        return put_field(w, p, row, op);
    if (op == F_STATUS && row->status == GEN_NODATA)
        return gen_put_str(p, "NODATA", 6);
    if (op == F_STATUS)
        return gen_put_str(p, "SKIPDATA", 8);
    *p++ = '-';
    return p;
}

static char *aws_row(const void *writer, char *out, const gen_row_t *row)
{
    const aws_writer_t *w = writer;
    size_t piece = (size_t)row->iface * w->n_pieces;

    for (uint32_t i = 0; i < w->n_ops; i++) {
        if (w->op[i] == F_PIECE) {
            out = gen_put_str(out, w->piece + piece * PIECE_MAX, w->piece_len[piece]);
            piece++;
            continue;
        }
        if (row->status == GEN_OK)
            out = put_field(w, out, row, w->op[i]);
        else
            out = put_status_field(w, out, row, w->op[i]);
        *out++ = ' ';
    }
    out[-1] = '\n';
    return out;
}

/* AWSLogs/ACCOUNT/vpcflowlogs/REGION/YYYY/MM/DD/ACCOUNT_vpcflowlogs_REGION_LOG_TIME_HASH.log */
static int aws_object(const void *writer, char *out, size_t size, uint64_t window_end,
                      uint64_t serial, const char *suffix)
{
    const aws_writer_t *w = writer;
    uint64_t days = (w->epoch + window_end) / 86400, secs = (w->epoch + window_end) % 86400;
    uint64_t account = w->e->account[0];
    uint32_t y, m, d;
    int n;

    gen_date(days, &y, &m, &d);
    n = snprintf(out, size,
                 "AWSLogs/%012" PRIu64 "/vpcflowlogs/" REGION "/%04u/%02u/%02u/"
                 "%012" PRIu64 "_vpcflowlogs_" REGION "_fl-0%016" PRIx64
                 "_%04u%02u%02uT%02u%02uZ_%08" PRIx32 ".log%s",
                 account, y, m, d, account, w->e->log, y, m, d, (unsigned)(secs / 3600),
                 (unsigned)(secs / 60 % 60), (uint32_t)gen_mix(w->e->seed ^ (serial << 20)),
                 suffix);
    return n > 0 && (size_t)n < size ? 0 : -1;
}

const gen_provider_t gen_aws_vpc = {
    .name = "aws-vpc",
    .summary = "VPC flow logs as delivered to S3",
    .open = aws_open,
    .close = aws_close,
    .row_max = aws_row_max,
    .header = aws_header,
    .row = aws_row,
    .delivery = 300,
    .object = aws_object
};
