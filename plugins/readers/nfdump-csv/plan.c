/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Titles of nfdump and what they are here. Up to 1.7.4 csv has one fixed list of short titles; since
 * then titles are words and the list is the user's. The map has both, and the reader goes by it.
 */
#include <strings.h>

#include "nfdump.h"

#define BOTH(old, new, ours) CF_MAP(old, ours), CF_MAP(new, ours)
#define BOTH_AS(old, new, ours, unit, note) CF_MAP_AS(old, ours, unit, note), CF_MAP_AS(new, ours, unit, note)

/* Values that are zero when there is nothing to tell. */
#define ZERO "0 is absent"

const cf_fieldmap_t nfdump_map[] = {
    BOTH_AS("ts", "firstSeen", "stime", "local text, or ms (csv-fast)", "setting timezone"),
    BOTH_AS("te", "lastSeen", "etime", "local text, or ms (csv-fast)", "setting timezone"),
    BOTH("sa", "srcAddr", "sip"),
    BOTH("da", "dstAddr", "dip"),
    BOTH("sp", "srcPort", "sport"),
    BOTH_AS("dp", "dstPort", "dport", NULL, "type.code of ICMP goes to itype and icode"),
    BOTH_AS("dp", "dstPort", "itype", "type.code", NULL),
    BOTH_AS("dp", "dstPort", "icode", "type.code", NULL),
    CF_MAP("icmpTYpe", "itype"),
    CF_MAP("icmpCode", "icode"),
    BOTH_AS("pr", "proto", "proto", "name or number", NULL),
    BOTH("ipkt", "packets", "packets"),
    CF_MAP("inPackets", "packets"),
    BOTH("ibyt", "bytes", "bytes"),
    CF_MAP("inBytes", "bytes"),
    BOTH_AS("opkt", "outPackets", "rpackets", NULL, "both 0: the row has one direction"),
    BOTH_AS("obyt", "outBytes", "rbytes", NULL, "both 0: the row has one direction"),
    BOTH_AS("flg", "flags", "flags", "letters CEUAPRSF", NULL),
    BOTH_AS("fwd", "fwdStatus", "fwd_status", NULL, ZERO),
    BOTH_AS("fwd", "fwdStatus", "action", "64-127 forwarded, 128-191 dropped", NULL),
    BOTH("stos", "srcTos", "tos"),
    CF_MAP("tos", "tos"),
    BOTH_AS("stos", "srcTos", "dscp", "upper six bits", NULL),
    BOTH_AS("in", "input", "in_if", NULL, ZERO),
    BOTH_AS("out", "output", "out_if", NULL, ZERO),
    BOTH_AS("sas", "srcAS", "src_as", NULL, ZERO),
    BOTH_AS("das", "dstAS", "dst_as", NULL, ZERO),
    BOTH_AS("smk", "srcMask", "src_mask", NULL, ZERO),
    BOTH_AS("dmk", "dstMask", "dst_mask", NULL, ZERO),
    BOTH_AS("dtos", "dstTos", "dst_tos", NULL, ZERO),
    BOTH_AS("dir", "direction", "direction", "1 or E egress, I ingress", "0 may be unknown: absent"),
    BOTH_AS("nh", "nextIP", "nexthop_ip", NULL, "address of zeros is absent"),
    BOTH_AS("nhb", "bgpNextIP", "bgp_nexthop", NULL, "address of zeros is absent"),
    BOTH_AS("svln", "srcVlan", "vlan", NULL, ZERO),
    BOTH_AS("dvln", "dstVlan", "dst_vlan", NULL, ZERO),
    BOTH_AS("ismc", "inSrcMac", "src_mac", NULL, "address of zeros is absent"),
    BOTH_AS("odmc", "outDstMac", "out_dst_mac", NULL, "address of zeros is absent"),
    BOTH_AS("idmc", "inDstMac", "dst_mac", NULL, "address of zeros is absent"),
    BOTH_AS("osmc", "outSrcMac", "out_src_mac", NULL, "address of zeros is absent"),
    BOTH_AS("mpls1", "mplsLabel1", "mpls", NULL, "0-0-0 is absent"),
    BOTH_AS("cl", "clientLatency", "client_latency", "ms", ZERO),
    BOTH_AS("sl", "serverLatency", "server_latency", "ms", ZERO),
    BOTH_AS("al", "appLatency", "app_latency", "ms", ZERO),
    BOTH_AS("ra", "routerIP", "sensor", NULL, "address of the exporter; of zeros is absent"),
    BOTH_AS("eng", "engine", "engine", NULL, "0/0 is absent"),
    BOTH_AS("exid", "exporterID", "exporter_id", NULL, ZERO),
    BOTH_AS("tr", "received", "received", "local text", "setting timezone; 1970 is absent"),
    CF_MAP_AS("flowID", "uid", NULL, NULL),
    CF_MAP_AS("minTTL", "min_ttl", NULL, ZERO),
    CF_MAP_AS("maxTTL", "max_ttl", NULL, ZERO),
    CF_MAP_VALUE("provider", "nfdump", NULL),
    CF_MAP_VALUE("shape", "uni bi", "bi when packets or bytes came back"),
    CF_MAP_VALUE("counts", "delta", NULL),
    CF_MAP_VALUE("bytekind", "ip", NULL),
    CF_MAP_END
};

/* Titles whose values are left out: derived, counted elsewhere, or the same for all rows. */
static const char *const passed[] = {
    "td", "duration", "cnt", "count", "af", "flows", "fl", "bps", "pps", "bpp", "version",
    "mpls2", "mpls3", "mpls4", "mpls5", "mpls6", "mpls7", "mpls8", "mpls9", "mpls10",
    "mplsLabel2", "mplsLabel3", "mplsLabel4", "mplsLabel5", "mplsLabel6", "mplsLabel7",
    "mplsLabel8", "mplsLabel9", "mplsLabel10", NULL
};

static bool same(cf_text_t t, const char *name)
{
    return t.n == strlen(name) && memcmp(t.s, name, t.n) == 0;
}

/* First row of the map with this title. */
static const cf_fieldmap_t *known(cf_text_t t)
{
    for (const cf_fieldmap_t *m = nfdump_map; m->theirs != NULL; m++) {
        if (same(t, m->theirs))
            return m;
    }
    return NULL;
}

static bool is_passed(cf_text_t t)
{
    for (size_t i = 0; passed[i] != NULL; i++) {
        if (same(t, passed[i]))
            return true;
    }
    return false;
}

uint32_t nfdump_titles(const cf_text_t *title, uint32_t n, bool *flows, bool *csv_fast)
{
    bool sip = false, dip = false, stime = false;
    uint32_t i, count = 0;

    for (i = 0; i < n; i++) {
        const cf_fieldmap_t *m = known(title[i]);

        if (m == NULL && !is_passed(title[i]))
            continue;
        count++;
        sip = sip || (m != NULL && strcmp(m->ours, "sip") == 0);
        dip = dip || (m != NULL && strcmp(m->ours, "dip") == 0);
        stime = stime || (m != NULL && strcmp(m->ours, "stime") == 0);
    }
    *flows = sip && dip && stime;
    *csv_fast = n > 2 && same(title[0], "cnt") && same(title[1], "af");
    return count;
}

static void note(nfdump_t *st, const char *name, int cell)
{
    const struct { const char *name; int *at; } places[] = {
        { "stime", &st->at.stime }, { "etime", &st->at.etime }, { "proto", &st->at.proto },
        { "sport", &st->at.sport }, { "dport", &st->at.dport }, { "itype", &st->at.itype },
        { "icode", &st->at.icode }, { "tos", &st->at.tos }, { "dscp", &st->at.dscp },
        { "fwd_status", &st->at.fwd }, { "action", &st->at.action },
        { "direction", &st->at.direction }, { "shape", &st->at.shape },
        { "packets", &st->at.packets }, { "rpackets", &st->at.rpackets },
        { "rbytes", &st->at.rbytes }, { "sip", &st->at.sip },
    };

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (strcmp(places[i].name, name) == 0)
            *places[i].at = cell;
    }
}

/* Everything but what is meaningful as zero. */
static bool zero_is_nothing(const cf_field_t *f)
{
    static const char *const meant[] = {
        "stime", "etime", "sip", "dip", "sport", "dport", "proto", "packets", "bytes", "rpackets",
        "rbytes", "flags", "tos", "dscp", "itype", "icode", "uid", NULL
    };

    for (size_t i = 0; meant[i] != NULL; i++) {
        if (strcmp(meant[i], f->name) == 0)
            return false;
    }
    return true;
}

/* A column for a field; from -1 for those that the row function makes. */
static int add(nfdump_t *st, const char *ours, const char *title, int from, cf_diag_t *d)
{
    const cf_field_t *f = cf_field_find(ours);
    cf_column_t c = { .field = f, .name = title, .as = cf_cells_usual(f), .from = from };
    int cell;

    if (f->kind == CF_KIND_TIME && from >= 0 && strcmp(ours, "received") != 0)
        c.as = st->times;
    if (f->kind == CF_KIND_DURATION)
        c.as = CF_AS_MILLIS;
    if (strcmp(ours, "uid") == 0)
        c.as = CF_AS_UNIQUE;
    cell = cf_cells_column(st->table, &c);
    if (cell == CF_E_FIELD)
        return cf_diag_set(d, CF_E_FORMAT, "the header has '%.40s' twice", title);
    if (cell < 0)
        return cf_diag_set(d, cell, "column '%.40s': %s", title, cf_strerror(cell));
    note(st, ours, cell);
    if (from >= 0 && zero_is_nothing(f) && st->nzeros < NFDUMP_ZEROS_MAX) {
        st->zero_kind[st->nzeros] = (uint8_t)f->kind;
        st->zeros[st->nzeros++] = cell;
    }
    return CF_OK;
}

/* A text that only the row function looks at. */
static int add_text(nfdump_t *st, const char *title, cf_as_t as, int from, bool lenient, int *at, cf_diag_t *d)
{
    cf_column_t c = { .name = title, .as = as, .from = from, .lenient = lenient };

    *at = cf_cells_column(st->table, &c);
    return *at >= 0 ? CF_OK : cf_diag_set(d, *at, "column '%.40s': %s", title, cf_strerror(*at));
}

static int title(nfdump_t *st, cf_text_t t, int from, cf_diag_t *d)
{
    const cf_fieldmap_t *m = known(t);
    int rc;

    if (m == NULL) {
        if (same(t, "td") || same(t, "duration"))
            return add_text(st, "td", CF_AS_SECONDS, from, true, &st->at.duration, d);
        if (is_passed(t) || t.n == 0)
            return CF_OK;
        rc = cf_cells_unknown(st->table, t.s, t.n, "nfdump", from);
        return rc >= 0 ? CF_OK : cf_diag_set(d, rc == CF_E_FIELD ? CF_E_FORMAT : rc,
                                             "the header has '%.*s' twice", (int)(t.n < 40 ? t.n : 40), t.s);
    }
    if (strcmp(m->ours, "dport") == 0)
        return add_text(st, m->theirs, CF_AS_STRING, from, false, &st->at.port_text, d);
    if (strcmp(m->ours, "direction") == 0)
        return add_text(st, m->theirs, CF_AS_STRING, from, false, &st->at.direction_text, d);
    return add(st, m->ours, m->theirs, from, d);
}

/* What the row function makes of others. */
static int made(nfdump_t *st, cf_diag_t *d)
{
    const struct { const char *name; bool wanted; } own[] = {
        { "etime", st->at.etime < 0 && st->at.duration >= 0 },
        { "dport", st->at.port_text >= 0 },
        { "itype", st->at.port_text >= 0 && st->at.proto >= 0 && st->at.itype < 0 },
        { "icode", st->at.port_text >= 0 && st->at.proto >= 0 && st->at.icode < 0 },
        { "direction", st->at.direction_text >= 0 },
        { "dscp", st->at.tos >= 0 },
        { "action", st->at.fwd >= 0 },
        { "shape", st->at.rpackets >= 0 || st->at.rbytes >= 0 },
    };
    int rc = CF_OK;

    for (size_t i = 0; i < sizeof own / sizeof own[0] && rc == CF_OK; i++) {
        if (own[i].wanted)
            rc = add(st, own[i].name, own[i].name, -1, d);
    }
    return rc;
}

int nfdump_plan(nfdump_t *st, const cf_line_t *header, cf_diag_t *d)
{
    static const char *const nulls[] = { "0000-00-00 00:00:00.000", NULL };
    static const char *const constants[][2] = {
        { "provider", "nfdump" }, { "counts", "delta" }, { "bytekind", "ip" },
    };
    cf_cells_options_t o = { .nulls = nulls, .zone = st->zone, .row = nfdump_row, .ctx = st,
                             .skip = &st->skip };
    const cf_as_t declared = st->times;
    bool flows, fast;
    uint32_t i;
    int rc;

    cf_cells_destroy(st->table);
    st->table = NULL;
    memset(&st->at, 0xff, sizeof st->at);
    st->nzeros = 0;
    st->values = header->count;
    (void)nfdump_titles(header->value, header->count, &flows, &fast);
    if (declared == CF_AS_NONE)
        st->times = fast ? CF_AS_MILLIS : CF_AS_ISO;
    rc = cf_cells_create(&st->table, st->env, &o, d);
    for (i = 0; i < header->count && rc == CF_OK; i++)
        rc = title(st, header->value[i], (int)i, d);
    if (rc == CF_OK)
        rc = made(st, d);
    for (i = 0; i < 3 && rc == CF_OK; i++)
        rc = cf_cells_constant(st->table, cf_field_find(constants[i][0]), constants[i][1],
                               cf_cells_usual(cf_field_find(constants[i][0])));
    if (rc == CF_OK && st->at.shape < 0)
        rc = cf_cells_constant(st->table, cf_field_find("shape"), "uni", CF_AS_WORD);
    st->times = declared;
    return rc;
}
