/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader of the flow and netflow events among Suricata's EVE events, also in the wrapping of AWS
 * Network Firewall. Everything is said by the map; the library's reader of JSON logs goes by it.
 * What is left is which events are flows, and what an event has without saying it. The manual is
 * suricata-flow.7; names are those of "EVE JSON Format" in the Suricata User Guide.
 */
#include <stdlib.h>
#include <string.h>

#include <cf/maplog.h>
#include <cf/version.h>

enum {
    ROW_EVENT, ROW_SHAPE, ROW_START, ROW_NETFLOW_START, ROW_END, ROW_NETFLOW_END, ROW_SPORT,
    ROW_DPORT, ROW_PROTO
};

static const cf_fieldmap_t map[] = {
    [ROW_EVENT] = CF_MAP_AS("event_type", "event_type", "flow netflow", "other events are no rows"),
    [ROW_SHAPE] = CF_MAP_AS("event_type", "shape", "flow bi, netflow uni", NULL),
    [ROW_START] = CF_MAP_AS("flow.start", "stime", "text", "first packet"),
    [ROW_NETFLOW_START] = CF_MAP_AS("netflow.start", "stime", "text", "first packet"),
    [ROW_END] = CF_MAP_AS("flow.end", "etime", "text", "last packet"),
    [ROW_NETFLOW_END] = CF_MAP_AS("netflow.end", "etime", "text", "last packet"),
    [ROW_SPORT] = CF_MAP_AS("src_port", "sport", NULL, "0 where the event has none"),
    [ROW_DPORT] = CF_MAP_AS("dest_port", "dport", NULL, "0 where the event has none"),
    [ROW_PROTO] = CF_MAP_AS("proto", "proto", "name or number", NULL),
    CF_MAP("src_ip", "sip"),
    CF_MAP("dest_ip", "dip"),
    CF_MAP("flow.pkts_toserver", "packets"),
    CF_MAP("netflow.pkts", "packets"),
    CF_MAP_AS("flow.bytes_toserver", "bytes", NULL, "frames"),
    CF_MAP_AS("netflow.bytes", "bytes", NULL, "frames"),
    CF_MAP("flow.pkts_toclient", "rpackets"),
    CF_MAP_AS("flow.bytes_toclient", "rbytes", NULL, "frames"),
    CF_MAP_AS("tcp.tcp_flags_ts", "flags", "hex", NULL),
    CF_MAP_AS("tcp.tcp_flags", "flags", "hex", "of netflow; of flow events that have no tcp_flags_ts"),
    CF_MAP_AS("tcp.tcp_flags_tc", "rflags", "hex", NULL),
    CF_MAP("icmp_type", "itype"),
    CF_MAP("icmp_code", "icode"),
    CF_MAP("response_icmp_type", "ritype"),
    CF_MAP("response_icmp_code", "ricode"),
    CF_MAP_AS("app_proto", "app", NULL, "failed is absent"),
    CF_MAP_AS("flow_id", "uid", NULL, "number of up to 64 bits, as text"),
    CF_MAP("flow.state", "conn_state"),
    CF_MAP("flow.reason", "end_reason"),
    CF_MAP_AS("flow.alerted", "alerted", "true false", NULL),
    CF_MAP_AS("flow.action", "action", "accept pass drop reject", NULL),
    CF_MAP("tcp.state", "tcp_state"),
    CF_MAP("netflow.min_ttl", "min_ttl"),
    CF_MAP("netflow.max_ttl", "max_ttl"),
    CF_MAP("vlan.0", "vlan"),
    CF_MAP("vlan.1", "inner_vlan"),
    CF_MAP("in_iface", "iface"),
    CF_MAP("ether.src_mac", "src_mac"),
    CF_MAP("ether.dest_mac", "dst_mac"),
    CF_MAP("community_id", "community_id"),
    CF_MAP("host", "sensor"),
    CF_MAP_AS("firewall_name", "sensor", NULL, "AWS Network Firewall"),
    CF_MAP_AS("availability_zone", "zone", NULL, "AWS Network Firewall"),
    CF_MAP_VALUE("provider", "suricata", NULL),
    CF_MAP_VALUE("counts", "total", NULL),
    CF_MAP_VALUE("bytekind", "frame", NULL),
    CF_MAP_VALUE("state", "whole", NULL),
    CF_MAP_END
};

static const cf_word_t verdicts[] = {
    { "pass", CF_ACTION_ACCEPT }, { "allowed", CF_ACTION_ACCEPT }, { "drop", CF_ACTION_REJECT },
    { "blocked", CF_ACTION_REJECT }, { NULL, 0 }
};
static const cf_word_t booleans[] = { { "false", 0 }, { "true", 1 }, { NULL, 0 } };
static const cf_mapwords_t words[] = {
    { "action", verdicts }, { "alerted", booleans }, { NULL, NULL }
};

/* The name of an application that could not be recognised. */
static const char *const nulls[] = { "failed", NULL };
/* AWS Network Firewall has the event in a member of its record. */
static const char *const prefixes[] = { "", "event.", NULL };
static const char *const lists[] = { "records", "Records", "events", NULL };
static const char *const texts[] = { "_raw", "message", "event.original", "event", NULL };
static const char *const marks[] = { "timestamp", "flow_id", "event_type", NULL };

static bool is(cf_text_t t, const char *word)
{
    return t.s != NULL && t.n == strlen(word) && memcmp(t.s, word, t.n) == 0;
}

static bool is_flow(const cf_text_t *t)
{
    return is(t[ROW_EVENT], "flow") && t[ROW_START].s != NULL;
}

static bool mine(const cf_text_t *t)
{
    return is_flow(t) || (is(t[ROW_EVENT], "netflow") && t[ROW_START].s != NULL);
}

static void complete(void *ctx, cf_text_t *t)
{
    static const cf_text_t both = { "bi", 2 }, one = { "uni", 3 }, zero = { "0", 1 };

    (void)ctx;
    t[ROW_SHAPE] = is(t[ROW_EVENT], "flow") ? both : one;
    if (t[ROW_PROTO].s != NULL && t[ROW_SPORT].s == NULL && t[ROW_DPORT].s == NULL)
        t[ROW_SPORT] = t[ROW_DPORT] = zero;
}

static const cf_maplog_spec_t spec = {
    .map = map,
    .words = words,
    .prefixes = prefixes,
    .nulls = nulls,
    .framing = { .lists = lists, .texts = texts, .marks = marks },
    .mine = mine,
    .complete = complete,
};

static void eve_close(void *state)
{
    cf_maplog_close(state);
}

static int eve_open(void **state, const cf_reader_env_t *env, cf_diag_t *d)
{
    cf_maplog_t *log = NULL;
    int rc = cf_maplog_open(&log, &spec, env, d);

    *state = log;
    return rc;
}

static int eve_read(void *state, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    return cf_maplog_read(state, in, batch, d);
}

static int eve_cursor(void *state, cf_cursor_t *c, cf_diag_t *d)
{
    return cf_maplog_cursor(state, c, d);
}

static bool holds(const cf_probe_t *p, const char *text)
{
    return memmem(p->bytes, p->len, text, strlen(text)) != NULL;
}

/* Flows may be few among other events, or far down. */
static int eve_probe(const cf_probe_t *p)
{
    unsigned met, found;

    if (!holds(p, "event_type") || !holds(p, "flow_id"))
        return 0;
    found = cf_maplog_probe(&spec, p, 200, &met);
    return found > 0 ? 95 : holds(p, "\"event_type\":") && holds(p, "\"src_ip\":") ? 70 : 0;
}

static const cf_reader_ops_t ops = {
    .size = sizeof(cf_reader_ops_t),
    .probe = eve_probe,
    .open = eve_open,
    .read = eve_read,
    .close = eve_close,
    .cursor = eve_cursor,
    .map = map,
};

CF_EXPORT extern const cf_plugin_t CF_PLUGIN_SYMBOL(suricata_flow);
CF_EXPORT const cf_plugin_t CF_PLUGIN_SYMBOL(suricata_flow) = {
    .abi = CF_PLUGIN_ABI,
    .size = sizeof(cf_plugin_t),
    .name = "suricata-flow",
    .version = CF_VERSION_STRING,
    .kind = CF_PLUGIN_READER,
    .summary = "flow and netflow events of Suricata's EVE log",
    .ops = &ops,
};
