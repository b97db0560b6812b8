/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Azure virtual network flow logs, version 4: JSON documents in which each record has a minute of
 * an interface ("Virtual network flow logs" in the Azure Network Watcher documentation).
 *
 * Reports come sorted by interface and rule; where one of these changes, lists are closed and
 * opened.  A record's head is spelled once per interface.
 */
#include "azure.h"

#include <stdio.h>

/* Behind the time: everything up to the list of rule groups. */
static void spell_head(az_writer_t *w, uint32_t i)
{
    static const char *const upper[GEN_SITES] = { "PROD", "ANALYTICS", "SHARED", "DEV" };
    const uint8_t site = w->e->iface[i].site;
    az_place_t *f = &w->place[i];
    char *p = GEN_LIT(f->head, "\"flowLogVersion\":4,\"flowLogGUID\":\"");

    p = az_put_guid(p, w->e->network[site] ^ w->e->log, false);
    p = GEN_LIT(p, "\",\"macAddress\":\"");
    p = gen_put_str(p, f->mac, AZ_MAC);
    p = GEN_LIT(p, "\",\"category\":\"FlowLogFlowEvent\",\"flowLogResourceID\":\"/SUBSCRIPTIONS/");
    p = az_put_subscription(w, p, i, true);
    p = GEN_LIT(p, "/RESOURCEGROUPS/NETWORKWATCHERRG/PROVIDERS/MICROSOFT.NETWORK/NETWORKWATCHERS/"
                   "NETWORKWATCHER_" AZ_REGION_UPPER "/FLOWLOGS/");
    p = gen_put_str(p, upper[site], strlen(upper[site]));
    p = GEN_LIT(p, "-VNET-FLOWLOG\",\"targetResourceID\":\"/subscriptions/");
    p = az_put_subscription(w, p, i, false);
    p = GEN_LIT(p, "/resourceGroups/");
    p = gen_put_str(p, az_site_name[site], strlen(az_site_name[site]));
    p = GEN_LIT(p, "-rg/providers/Microsoft.Network/virtualNetworks/");
    p = gen_put_str(p, az_site_name[site], strlen(az_site_name[site]));
    p = GEN_LIT(p, "-vnet\",\"operationName\":\"FlowLogFlowEvent\",\"flowRecords\":{\"flows\":[");
    f->head_len = (size_t)(p - f->head);
}

static void *vnet_open(const gen_estate_t *estate, const char *fields, uint64_t epoch, char *why,
                       size_t why_size)
{
    az_writer_t *w = az_open(estate, fields, epoch, why, why_size);

    for (uint32_t i = 0; w != NULL && i < estate->n_iface; i++)
        spell_head(w, i);
    return w;
}

/* NAT gateways and private endpoints have no interface that is logged. */
static void vnet_shape(const void *writer, gen_shape_t *shape)
{
    (void)writer;
    shape->flags = GEN_S_BEGINS;
    shape->period = 300;
    shape->idle[0] = 240;
    shape->idle[1] = 120;
    shape->lag = 0;
    shape->roles = ~(UINT32_C(1) << GEN_NAT | UINT32_C(1) << GEN_ENDPOINT);
}

/* A resource group's own network of security groups; in development the path stands for it. */
static char *put_acl(const az_writer_t *w, char *p, uint32_t iface, uint32_t rule)
{
    const gen_iface_t *f = &w->e->iface[iface];
    const char *site = az_site_name[f->site];
    const char *tier = az_tier_name[w->e->subnet[f->subnet].tier];

    if (rule == AZ_PLATFORM)
        return GEN_LIT(p, "00000000-0000-0000-0000-000000000000");
    if (rule == AZ_UNSPECIFIED)
        return GEN_LIT(p, "unspecified");
    if (rule == AZ_ADMIN)
        return az_put_guid(p, ~w->e->log, false);
    if (f->site != GEN_DEV)
        return az_put_guid(p, w->e->network[f->site] + w->e->subnet[f->subnet].tier, false);
    p = GEN_LIT(p, "/subscriptions/");
    p = az_put_subscription(w, p, iface, false);
    p = GEN_LIT(p, "/resourceGroups/");
    p = gen_put_str(p, site, strlen(site));
    p = GEN_LIT(p, "-rg/providers/Microsoft.Network/networkSecurityGroups/");
    p = gen_put_str(p, site, strlen(site));
    *p++ = '-';
    p = gen_put_str(p, tier, strlen(tier));
    return GEN_LIT(p, "-nsg");
}

/* Rules behind this one share the security group of the interface. */
static bool same_acl(uint32_t a, uint32_t b)
{
    return a == b || (a > AZ_ADMIN && b > AZ_ADMIN);
}

/* Closes the open list of a rule, and that of the group above it if it is another. */
static char *change_rule(az_writer_t *w, char *p, uint32_t iface, uint32_t rule)
{
    bool same = w->rule != GEN_NOWHERE && same_acl(w->rule, rule);

    if (w->rule != GEN_NOWHERE)
        p = same ? GEN_LIT(p, "]},") : GEN_LIT(p, "]}]},");
    if (!same) {
        p = GEN_LIT(p, "{\"aclID\":\"");
        p = put_acl(w, p, iface, rule);
        p = GEN_LIT(p, "\",\"flowGroups\":[");
    }
    p = GEN_LIT(p, "{\"rule\":\"");
    p = gen_put_str(p, az_rule_name[rule], strlen(az_rule_name[rule]));
    w->rule = rule;
    return GEN_LIT(p, "\",\"flowTuples\":[");
}

static char *vnet_pause(void *writer, char *out)
{
    az_writer_t *w = writer;

    if (w->iface == GEN_NOWHERE)
        return out;
    w->iface = w->rule = GEN_NOWHERE;
    out = GEN_LIT(out, "]}]}]}}");
    if (w->lines)
        *out++ = '\n';
    return out;
}

/* Hosts of the production network encrypt between each other where both can. */
static char *put_encryption(const az_writer_t *w, char *p, const gen_report_t *r, uint32_t rule)
{
    const gen_iface_t *f = &w->e->iface[r->iface];
    uint64_t h;

    if (rule == AZ_UNSPECIFIED)
        return GEN_LIT(p, "NX_NOT_ACCEPTED");
    if (r->far == GEN_NOWHERE || f->site != GEN_PROD || w->e->iface[r->far].site != GEN_PROD)
        return GEN_LIT(p, "NX");
    h = gen_mix(f->id ^ w->e->iface[r->far].id) & 31;
    if (h < 20) {
        *p++ = 'X';
        return p;
    }
    if (h == 20 && f->zone == w->e->iface[r->far].zone)
        return GEN_LIT(p, "NX_LOCAL_DST");
    if (h == 21)
        return GEN_LIT(p, "NX_HW_NOT_SUPPORTED");
    return h == 22 ? GEN_LIT(p, "NX_FALLBACK") : GEN_LIT(p, "NX");
}

static char *put_counts(const gen_text_t *x, char *p, const gen_report_t *r)
{
    if (r->state == GEN_BEGIN || r->state == GEN_DENY)
        return GEN_LIT(p, "0,0,0,0\"");
    p = gen_put_u64(x, p, r->fwd.packets);
    *p++ = ',';
    p = gen_put_u64(x, p, r->fwd.bytes);
    *p++ = ',';
    p = gen_put_u64(x, p, r->rev.packets);
    *p++ = ',';
    p = gen_put_u64(x, p, r->rev.bytes);
    *p++ = '"';
    return p;
}

static char *put_tuple(const az_writer_t *w, char *p, const gen_report_t *r, uint32_t rule)
{
    static const char states[] = { [GEN_BEGIN] = 'B', [GEN_CONTINUE] = 'C', [GEN_END] = 'E',
                                   [GEN_DENY] = 'D' };
    const gen_text_t *x = &w->text;

    *p++ = '"';
    p = gen_put_u64(x, p, r->time / 1000000);
    *p++ = ',';
    p = az_put_addr(w, p, r, r->caddr);
    *p++ = ',';
    p = az_put_addr(w, p, r, r->saddr);
    *p++ = ',';
    p = gen_put_u64(x, p, r->cport);
    *p++ = ',';
    p = gen_put_u64(x, p, r->sport);
    *p++ = ',';
    p = gen_put_small(x, p, r->proto);
    *p++ = ',';
    *p++ = r->client ? 'O' : 'I';
    *p++ = ',';
    *p++ = states[r->state];
    *p++ = ',';
    p = put_encryption(w, p, r, rule);
    *p++ = ',';
    return put_counts(x, p, r);
}

static char *vnet_report(void *writer, char *out, const gen_report_t *r, bool first)
{
    az_writer_t *w = writer;
    uint32_t rule = az_rule_of(w, r);

    if (w->iface != r->iface) {
        if (!first && !w->lines)
            *out++ = ',';
        out = az_put_time(w, out, r);
        out = gen_put_str(out, w->place[r->iface].head, w->place[r->iface].head_len);
        w->iface = r->iface;
    }
    if (w->rule != rule)
        out = change_rule(w, out, r->iface, rule);
    else
        *out++ = ',';
    return put_tuple(w, out, r, rule);
}

static int vnet_object(const void *writer, char *out, size_t size, uint64_t window_end,
                       uint64_t serial, const char *suffix)
{
    static const char *const upper[GEN_SITES] = { "PROD", "ANALYTICS", "SHARED", "DEV" };
    const az_writer_t *w = writer;
    char subscription[GEN_UUID_LEN + 1];
    int n;

    *az_put_subscription(w, subscription, (uint32_t)serial, true) = '\0';
    n = snprintf(out, size, "insights-logs-flowlogflowevent/flowLogResourceID=/SUBSCRIPTIONS/%s/"
                 "RESOURCEGROUPS/NETWORKWATCHERRG/PROVIDERS/MICROSOFT.NETWORK/NETWORKWATCHERS/"
                 "NETWORKWATCHER_" AZ_REGION_UPPER "/FLOWLOGS/%s-VNET-FLOWLOG/", subscription,
                 upper[w->e->iface[serial].site]);
    if (n < 0 || (size_t)n >= size)
        return -1;
    return az_put_blob(w, out + n, size - (size_t)n, window_end, (uint32_t)serial, suffix);
}

const gen_provider_t gen_azure_vnet = {
    .name = "azure-vnet",
    .summary = "virtual network flow logs of Azure, version 4",
    .refuses = GEN_NO_FIELDS | GEN_NO_STATUS | GEN_NO_HEADER | GEN_NO_CUTS,
    .cloud = az_cloud,
    .open = vnet_open,
    .close = az_close,
    .set = az_set,
    .row_max = az_row_max,
    .header = az_header,
    .finish = az_finish,
    .shape = vnet_shape,
    .key = az_key,
    .report = vnet_report,
    .pause = vnet_pause,
    .delivery = 3600,
    .object = vnet_object,
    .by_iface = true
};
