/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nfdump prints every column of every row, so what the exporter did not send is 0, an address of
 * zeros, or a time in 1970. Such values become absent where zero has no meaning of its own.
 */
#include "nfdump.h"

#define ICMP 1
#define ICMPV6 58

static bool has(const cf_cell_t *cells, int i)
{
    return i >= 0 && !cells[i].null;
}

static void set(cf_cell_t *cells, int i, uint64_t v)
{
    if (i >= 0) {
        cells[i].v.u = v;
        cells[i].null = false;
    }
}

/* Only zeros between '.', ':', '-', '/'. */
static bool zeros(cf_text_t t)
{
    for (size_t i = 0; i < t.n; i++) {
        if (t.s[i] != '0' && strchr(".:-/", t.s[i]) == NULL)
            return false;
    }
    return true;
}

static void nothing(const nfdump_t *st, cf_cell_t *cells)
{
    for (uint32_t i = 0; i < st->nzeros; i++) {
        cf_cell_t *c = &cells[st->zeros[i]];

        if (c->null)
            continue;
        switch (st->zero_kind[i]) {
        case CF_KIND_STRING: c->null = zeros(c->v.s); break;
        case CF_KIND_ADDR: c->null = c->v.a.hi == 0 && (uint32_t)c->v.a.lo == 0; break;
        case CF_KIND_TIME: c->null = c->v.t < 2 * 86400 * CF_NS_PER_SEC; break;
        default: c->null = c->v.u == 0; break;
        }
    }
}

/* "443", or "8.0" and 2048 of ICMP. */
static int port(const nfdump_cells_t *at, cf_cell_t *cells, const char **why)
{
    const uint64_t proto = has(cells, at->proto) ? cells[at->proto].v.u : 0;
    const bool icmp = proto == ICMP || proto == ICMPV6;
    cf_text_t t = cells[at->port_text].v.s;
    const char *point = memchr(t.s, '.', t.n);
    uint64_t v, code;
    int rc;

    if (!icmp || point == NULL) {
        rc = cf_uint_parse(t.s, t.n, UINT16_MAX, &v);
        if (rc == CF_OK && !icmp)
            set(cells, at->dport, v);
    } else {
        rc = cf_uint_parse(t.s, (size_t)(point - t.s), UINT8_MAX, &v);
        if (rc == CF_OK)
            rc = cf_uint_parse(point + 1, t.n - (size_t)(point - t.s) - 1, UINT8_MAX, &code);
        if (rc == CF_OK)
            v = v << 8 | code;
    }
    if (rc != CF_OK) {
        *why = icmp ? "destination port is no port and no type.code of ICMP"
            : "destination port is not a number up to 65535";
        return rc;
    }
    if (icmp) {
        if (!has(cells, at->itype))
            set(cells, at->itype, v >> 8);
        if (!has(cells, at->icode))
            set(cells, at->icode, v & 255);
        set(cells, at->dport, 0);
        set(cells, at->sport, 0);
    }
    return CF_OK;
}

static void direction(const nfdump_cells_t *at, cf_cell_t *cells)
{
    cf_text_t t = cells[at->direction_text].v.s;

    if (t.n == 1 && (t.s[0] == '1' || t.s[0] == 'E'))
        set(cells, at->direction, CF_DIRECTION_EGRESS);
    else if (t.n == 1 && t.s[0] == 'I')
        set(cells, at->direction, CF_DIRECTION_INGRESS);
}

int nfdump_row(void *ctx, cf_cell_t *cells, const char **why)
{
    const nfdump_t *st = ctx;
    const nfdump_cells_t *at = &st->at;
    int rc = CF_OK;

    nothing(st, cells);
    if (has(cells, at->port_text))
        rc = port(at, cells, why);
    if (has(cells, at->direction_text))
        direction(at, cells);
    if (has(cells, at->tos))
        set(cells, at->dscp, cells[at->tos].v.u >> 2);
    if (has(cells, at->fwd) && cells[at->fwd].v.u >= 64 && cells[at->fwd].v.u < 192)
        set(cells, at->action, cells[at->fwd].v.u < 128 ? CF_ACTION_ACCEPT : CF_ACTION_REJECT);
    if (at->shape >= 0) {
        bool bi = (has(cells, at->rpackets) && cells[at->rpackets].v.u > 0) ||
                  (has(cells, at->rbytes) && cells[at->rbytes].v.u > 0);

        set(cells, at->shape, bi ? CF_SHAPE_BI : CF_SHAPE_UNI);
        if (!bi && at->rpackets >= 0)
            cells[at->rpackets].null = true;
        if (!bi && at->rbytes >= 0)
            cells[at->rbytes].null = true;
    }
    if (at->etime >= 0 && cells[at->etime].null && has(cells, at->duration) && has(cells, at->stime)) {
        int64_t end;

        if (__builtin_add_overflow(cells[at->stime].v.t, cells[at->duration].v.t, &end)) {
            *why = "duration is out of range";
            return CF_R_TIME;
        }
        cells[at->etime].v.t = end;
        cells[at->etime].null = false;
    }
    return rc;
}
