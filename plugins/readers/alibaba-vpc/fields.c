/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fields of Alibaba Cloud VPC flow logs are here, and what their values mean ("VPC" in the
 * log fields of Simple Log Service; "Flow logs" in the VPC documentation).
 */
#include <strings.h>

#include "alibaba.h"

const cf_fieldmap_t ali_map[] = {
    CF_MAP_AS("start", "stime", "s", "first packet in the capture window"),
    CF_MAP_AS("end", "etime", "s", "end of the window, or of a shorter connection"),
    CF_MAP("srcaddr", "sip"),
    CF_MAP("dstaddr", "dip"),
    CF_MAP_AS("srcport", "sport", NULL, "0 for ICMP"),
    CF_MAP("dstport", "dport"),
    CF_MAP_AS("protocol", "proto", "number", NULL),
    CF_MAP("packets", "packets"),
    CF_MAP("bytes", "bytes"),
    CF_MAP_AS("tcp-flags", "flags", "number", "OR over the packets of the window"),
    CF_MAP_AS("action", "action", "ACCEPT REJECT", NULL),
    CF_MAP_AS("log-status", "logstatus", "OK NODATA SKIPDATA", NULL),
    CF_MAP_AS("direction", "direction", "in out", NULL),
    CF_MAP_AS("traffic_path", "path", "number", "of older words the number that they have now"),
    CF_MAP_AS("trafficPath", "path", "word", "older logs"),
    CF_MAP_AS("trafficPath", "pathname", "word", "natGateway, …; where it is no number"),
    CF_MAP("type", "type"),
    CF_MAP_AS("srctype", "srctype", NULL, "with inter-domain analysis"),
    CF_MAP_AS("dsttype", "dsttype", NULL, "with inter-domain analysis"),
    CF_MAP("eni-id", "iface"),
    CF_MAP("vm-id", "instance"),
    CF_MAP("vswitch-id", "subnet"),
    CF_MAP("vpc-id", "vpc"),
    CF_MAP("account-id", "account"),
    CF_MAP("region", "region"),
    CF_MAP("version", "version"),
    CF_MAP_VALUE("provider", "alibaba", NULL),
    CF_MAP_VALUE("shape", "uni", NULL),
    CF_MAP_VALUE("counts", "delta", "of one interface and capture window"),
    CF_MAP_VALUE("bytekind", "unknown", "the documentation does not say"),
    CF_MAP_END
};

static const cf_word_t directions[] = {
    { "in", CF_DIRECTION_INGRESS }, { "out", CF_DIRECTION_EGRESS }, { NULL, 0 }
};
const cf_mapwords_t ali_words[] = { { "direction", directions }, { NULL, NULL } };
const char *const ali_nulls[] = { "-", NULL };

static char plain(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c == '_' ? '-' : c;
}

int ali_known(const char *s, size_t n)
{
    for (int i = 0; i < ALI_TEXTS; i++) {
        const char *name = ali_map[i].theirs;
        size_t k = 0;

        while (k < n && name[k] != '\0' && plain(name[k]) == plain(s[k]))
            k++;
        if (k == n && name[k] == '\0')
            return i;
    }
    return -1;
}

/* Names of places that no other provider has, and something of a flow. */
bool ali_mine(const cf_text_t *t)
{
    return (t[ALI_ENI].s != NULL || t[ALI_VSWITCH].s != NULL || t[ALI_VM].s != NULL) &&
           (t[ALI_SRC].s != NULL || t[ALI_DST].s != NULL || t[ALI_BYTES].s != NULL ||
            t[ALI_STATUS].s != NULL);
}

/*
 * The path is a number now and was a word. The number of a word is that of the same way; "all"
 * says nothing.
 */
static cf_text_t path_number(cf_text_t word)
{
    static const char *const ways[][2] = {
        { "gatewayEndpoint", "6" }, { "natGateway", "7" }, { "transitRouter", "8" },
        { "vpnGateway", "9" }, { "virtualBorderRouter", "10" }, { "ipv4Gateway", "13" }
    };
    cf_text_t none = { NULL, 0 };

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (strlen(ways[i][0]) == word.n && strncasecmp(ways[i][0], word.s, word.n) == 0)
            return (cf_text_t){ ways[i][1], strlen(ways[i][1]) };
    return none;
}

static bool dash(cf_text_t t)
{
    return t.n == 1 && t.s[0] == '-';
}

void ali_complete(void *ctx, cf_text_t *t)
{
    static const cf_text_t none;
    cf_text_t path = t[ALI_PATH].s != NULL ? t[ALI_PATH] : t[ALI_OLD_PATH];

    (void)ctx;
    t[ALI_PATH] = path;
    t[ALI_PATHNAME] = none;
    if (path.n > 0 && !dash(path) && (path.s[0] < '0' || path.s[0] > '9')) {
        t[ALI_PATHNAME] = path;
        t[ALI_PATH] = path_number(path);
    }
    /* No flags are 0; '-' is what UDP has. */
    if (dash(t[ALI_FLAGS]))
        t[ALI_FLAGS] = none;
}

/* Rows that are no flows have neither ends nor counters; a flow has something. */
int ali_look(void *ctx, cf_cell_t *cells, const char **why)
{
    static const uint8_t flow[] = {
        ALI_SRC, ALI_DST, ALI_PACKETS, ALI_BYTES, ALI_SPORT, ALI_DPORT, ALI_PROTO, ALI_FLAGS,
        ALI_ACTION, ALI_DIRECTION
    };
    const int *at = ((const ali_t *)ctx)->at;
    const cf_cell_t *status = at[ALI_STATUS] >= 0 ? &cells[at[ALI_STATUS]] : NULL;
    bool some = false, any = false;

    if (status != NULL && !status->null && status->v.u != CF_LOGSTATUS_OK) {
        for (size_t i = 0; i < sizeof flow; i++)
            if (at[flow[i]] >= 0)
                cells[at[flow[i]]].null = true;
        return CF_OK;
    }
    for (size_t i = 0; i < 4; i++) {
        any = any || at[flow[i]] >= 0;
        some = some || (at[flow[i]] >= 0 && !cells[at[flow[i]]].null);
    }
    if (some || !any)
        return CF_OK;
    *why = "a flow without addresses and counters";
    return CF_R_EMPTY;
}
