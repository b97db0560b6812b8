/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of conn.log and what they are here ("conn.log" and "Log Formats" in the Book of Zeek). The
 * separator of scopes may be '_' for '.'.
 */
#include "zeek.h"

#define ID(name, ours) CF_MAP("id." name, ours), CF_MAP("id_" name, ours)
#define ID_AS(name, ours, unit, note) \
    CF_MAP_AS("id." name, ours, unit, note), CF_MAP_AS("id_" name, ours, unit, note)

const cf_fieldmap_t zeek_map[] = {
    /* in the order of the ZEEK_ROWs */
    CF_MAP_AS("ts", "stime", "s", "first packet; JSON: s, ms or ISO 8601, setting time"),
    ID("orig_h", "sip"),
    ID("resp_h", "dip"),
    CF_MAP_AS("ip_proto", "proto", "number", "goes before proto"),
    CF_MAP_AS("proto", "proto", "tcp udp icmp", "icmp between IPv6 addresses is 58"),
    CF_MAP("conn_state", "conn_state"),
    CF_MAP_AS("tunnel_parents", "tunnel", NULL, "several with commas"),
    /* any order */
    CF_MAP_AS("duration", "etime", "s", "ts and duration together; unset is 0"),
    CF_MAP("uid", "uid"),
    ID_AS("orig_p", "sport", NULL, "0 for ICMP"),
    ID_AS("resp_p", "dport", NULL, "0 for ICMP"),
    ID_AS("orig_p", "itype", "of ICMP", NULL),
    ID_AS("resp_p", "icode", "of ICMP", "absent where the port is the type of the answer"),
    CF_MAP("service", "app"),
    CF_MAP_AS("orig_bytes", "pbytes", NULL, "payload; TCP by sequence numbers"),
    CF_MAP_AS("resp_bytes", "rpbytes", NULL, "payload; TCP by sequence numbers"),
    CF_MAP_AS("local_orig", "local_orig", "T F true false", NULL),
    CF_MAP_AS("local_resp", "local_resp", "T F true false", NULL),
    CF_MAP("missed_bytes", "missed_bytes"),
    CF_MAP("history", "history"),
    CF_MAP_AS("history", "flags", "letters S H A F R", "TCP; no PSH and URG"),
    CF_MAP_AS("history", "rflags", "letters s h a f r", "TCP; no PSH and URG"),
    CF_MAP("orig_pkts", "packets"),
    CF_MAP_AS("orig_ip_bytes", "bytes", NULL, "length of IP packets"),
    CF_MAP("resp_pkts", "rpackets"),
    CF_MAP_AS("resp_ip_bytes", "rbytes", NULL, "length of IP packets"),
    CF_MAP("vlan", "vlan"),
    CF_MAP("inner_vlan", "inner_vlan"),
    CF_MAP("orig_l2_addr", "src_mac"),
    CF_MAP("resp_l2_addr", "dst_mac"),
    CF_MAP("community_id", "community_id"),
    CF_MAP("_node_name", "sensor"),
    CF_MAP("_system_name", "sensor"),
    CF_MAP("@system", "sensor"),
    CF_MAP_VALUE("provider", "zeek", NULL),
    CF_MAP_VALUE("shape", "bi", NULL),
    CF_MAP_VALUE("counts", "total", NULL),
    CF_MAP_VALUE("bytekind", "ip", NULL),
    CF_MAP_VALUE("state", "whole", NULL),
    CF_MAP_END
};

const cf_word_t zeek_booleans[] = {
    { "F", 0 }, { "T", 1 }, { "false", 0 }, { "true", 1 }, { NULL, 0 }
};

bool zeek_passed(const char *name, size_t n)
{
    static const char *const names[] = { "_write_ts", "_path", "_stream", "@stream", "@proc", "@path" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i]) == n && memcmp(names[i], name, n) == 0)
            return true;
    }
    return false;
}

bool zeek_made(const char *ours)
{
    return strcmp(ours, "itype") == 0 || strcmp(ours, "icode") == 0 || strcmp(ours, "flags") == 0 ||
           strcmp(ours, "rflags") == 0;
}

void zeek_note(zeek_cells_t *at, const char *ours, int cell)
{
    const struct { const char *name; int *at; } places[] = {
        { "stime", &at->stime }, { "etime", &at->etime }, { "proto", &at->proto },
        { "sip", &at->sip }, { "sport", &at->sport }, { "dport", &at->dport },
        { "itype", &at->itype }, { "icode", &at->icode }, { "history", &at->history },
        { "flags", &at->flags }, { "rflags", &at->rflags },
    };

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (strcmp(places[i].name, ours) == 0)
            *places[i].at = cell;
    }
}
