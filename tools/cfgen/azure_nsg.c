/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Azure network security group flow logs, versions 1 and 2 ("Flow logging for network security
 * groups" in the Azure Network Watcher documentation).  Version 1 tells that a flow began, version 2
 * follows it; both know TCP and UDP alone.
 */
#include "azure.h"

#include <stdio.h>

static char *put_upper(char *p, const char *s)
{
    for (; *s != '\0'; s++)
        *p++ = (char)(*s >= 'a' && *s <= 'z' ? *s - 'a' + 'A' : *s);
    return p;
}

/* /SUBSCRIPTIONS/…/NETWORKSECURITYGROUPS/PROD-EDGE-NSG */
static char *put_resource(const az_writer_t *w, char *p, uint32_t i)
{
    const gen_subnet_t *s = &w->e->subnet[w->e->iface[i].subnet];

    p = GEN_LIT(p, "/SUBSCRIPTIONS/");
    p = az_put_subscription(w, p, i, true);
    p = GEN_LIT(p, "/RESOURCEGROUPS/");
    p = put_upper(p, az_site_name[s->site]);
    p = GEN_LIT(p, "-RG/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/");
    p = put_upper(p, az_site_name[s->site]);
    *p++ = '-';
    p = put_upper(p, az_tier_name[s->tier]);
    return GEN_LIT(p, "-NSG");
}

/* Behind the time, but for the version, which is set later. */
static void spell_head(az_writer_t *w, uint32_t i)
{
    const gen_subnet_t *s = &w->e->subnet[w->e->iface[i].subnet];
    az_place_t *f = &w->place[i];
    char *p = GEN_LIT(f->head, "\"systemId\":\"");

    p = az_put_guid(p, w->e->network[s->site] + s->tier + 17, false);
    p = GEN_LIT(p, "\",\"macAddress\":\"");
    p = gen_put_str(p, f->mac, AZ_MAC);
    p = GEN_LIT(p, "\",\"category\":\"NetworkSecurityGroupFlowEvent\",\"resourceId\":\"");
    p = put_resource(w, p, i);
    p = GEN_LIT(p, "\",\"operationName\":\"NetworkSecurityGroupFlowEvents\","
                   "\"properties\":{\"Version\":");
    f->head_len = (size_t)(p - f->head);
}

static void *nsg_open(const gen_estate_t *estate, const char *fields, uint64_t epoch, char *why,
                      size_t why_size)
{
    az_writer_t *w = az_open(estate, fields, epoch, why, why_size);

    if (w == NULL)
        return NULL;
    w->version = 2;
    for (uint32_t i = 0; i < estate->n_iface; i++)
        spell_head(w, i);
    return w;
}

static int nsg_set(void *writer, const char *key, const char *value, char *why, size_t why_size)
{
    az_writer_t *w = writer;

    if (strcmp(key, "version") != 0)
        return az_set(writer, key, value, why, why_size);
    if ((value[0] != '1' && value[0] != '2') || value[1] != '\0') {
        snprintf(why, why_size, "version is 1 or 2, not '%.64s'", value);
        return -1;
    }
    w->version = (uint8_t)(value[0] - '0');
    return 0;
}

static void nsg_shape(const void *writer, gen_shape_t *shape)
{
    const az_writer_t *w = writer;

    shape->flags = GEN_S_BEGINS | GEN_S_PORTS | (w->version == 1 ? GEN_S_ONLY_BEGINS : 0);
    shape->period = 300;
    shape->idle[0] = 240;
    shape->idle[1] = 120;
    shape->roles = ~(UINT32_C(1) << GEN_NAT | UINT32_C(1) << GEN_ENDPOINT);
}

static char *nsg_pause(void *writer, char *out)
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

static char *change_rule(az_writer_t *w, char *p, uint32_t iface, uint32_t rule)
{
    if (w->rule != GEN_NOWHERE)
        p = GEN_LIT(p, "]}]},");
    p = GEN_LIT(p, "{\"rule\":\"");
    p = gen_put_str(p, az_rule_name[rule], strlen(az_rule_name[rule]));
    p = GEN_LIT(p, "\",\"flows\":[{\"mac\":\"");
    p = gen_put_str(p, w->place[iface].mac, AZ_MAC);
    w->rule = rule;
    return GEN_LIT(p, "\",\"flowTuples\":[");
}

/* State and counters of version 2; a begin has none, which is not zero. */
static char *put_state(const gen_text_t *x, char *p, const gen_report_t *r)
{
    if (r->state == GEN_BEGIN || r->state == GEN_DENY)
        return GEN_LIT(p, ",B,,,,");
    p = r->state == GEN_END ? GEN_LIT(p, ",E,") : GEN_LIT(p, ",C,");
    p = gen_put_u64(x, p, r->fwd.packets);
    *p++ = ',';
    p = gen_put_u64(x, p, r->fwd.bytes);
    *p++ = ',';
    p = gen_put_u64(x, p, r->rev.packets);
    *p++ = ',';
    return gen_put_u64(x, p, r->rev.bytes);
}

static char *put_tuple(const az_writer_t *w, char *p, const gen_report_t *r)
{
    const gen_text_t *x = &w->text;

    *p++ = '"';
    p = gen_put_u64(x, p, r->time / 1000000000u);
    *p++ = ',';
    p = az_put_addr(w, p, r, r->caddr);
    *p++ = ',';
    p = az_put_addr(w, p, r, r->saddr);
    *p++ = ',';
    p = gen_put_u64(x, p, r->cport);
    *p++ = ',';
    p = gen_put_u64(x, p, r->sport);
    *p++ = ',';
    *p++ = r->proto == 6 ? 'T' : 'U';
    *p++ = ',';
    *p++ = r->client ? 'O' : 'I';
    *p++ = ',';
    *p++ = r->state == GEN_DENY ? 'D' : 'A';
    if (w->version == 2)
        p = put_state(x, p, r);
    *p++ = '"';
    return p;
}

static char *nsg_report(void *writer, char *out, const gen_report_t *r, bool first)
{
    az_writer_t *w = writer;
    uint32_t rule = az_rule_of(w, r);

    if (w->iface != r->iface) {
        if (!first && !w->lines)
            *out++ = ',';
        out = az_put_time(w, out, r);
        out = gen_put_str(out, w->place[r->iface].head, w->place[r->iface].head_len);
        *out++ = (char)('0' + w->version);
        out = GEN_LIT(out, ",\"flows\":[");
        w->iface = r->iface;
    }
    if (w->rule != rule)
        out = change_rule(w, out, r->iface, rule);
    else
        *out++ = ',';
    return put_tuple(w, out, r);
}

static int nsg_object(const void *writer, char *out, size_t size, uint64_t window_end,
                      uint64_t serial, const char *suffix)
{
    const az_writer_t *w = writer;
    char resource[512];
    int n;

    *put_resource(w, resource, (uint32_t)serial) = '\0';
    n = snprintf(out, size, "insights-logs-networksecuritygroupflowevent/resourceId=%s/", resource);
    if (n < 0 || (size_t)n >= size)
        return -1;
    return az_put_blob(w, out + n, size - (size_t)n, window_end, (uint32_t)serial, suffix);
}

const gen_provider_t gen_azure_nsg = {
    .name = "azure-nsg",
    .summary = "network security group flow logs of Azure, versions 1 and 2",
    .refuses = GEN_NO_FIELDS | GEN_NO_STATUS | GEN_NO_HEADER | GEN_NO_CUTS,
    .cloud = az_cloud,
    .open = nsg_open,
    .close = az_close,
    .set = nsg_set,
    .row_max = az_row_max,
    .header = az_header,
    .finish = az_finish,
    .shape = nsg_shape,
    .key = az_key,
    .report = nsg_report,
    .pause = nsg_pause,
    .delivery = 3600,
    .object = nsg_object,
    .by_iface = true
};
