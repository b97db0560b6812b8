/* SPDX-License-Identifier: Apache-2.0 */
/* See azure.h. */
#include "azure.h"

#include <stdio.h>
#include <stdlib.h>

/* West Europe and global; see gen_cloud_t.  168.63.129.16 is the platform itself. */
const gen_cloud_t az_cloud[GEN_CLOUDS] = {
    { 0x14266c00, 0x01ff, GEN_SVC_STORE }, { 0x143c1a00, 0x01ff, GEN_SVC_STORE },
    { 0x143c9600, 0x01ff, GEN_SVC_STORE },
    { 0x44dba800, 0x00ff, GEN_SVC_TABLES }, { 0x0d457000, 0x00ff, GEN_SVC_TABLES },
    { 0x0d49a000, 0x00ff, GEN_SVC_TABLES },
    { 0x0d6bf600, 0x00ff, GEN_SVC_CDN }, { 0x0d6bd500, 0x00ff, GEN_SVC_CDN },
    { 0x0d500000, 0xffff, GEN_SVC_COMPUTE }, { 0x04af0000, 0xffff, GEN_SVC_COMPUTE },
    { 0x0d5f0000, 0xffff, GEN_SVC_COMPUTE }, { 0x0d5e8000, 0x7fff, GEN_SVC_ANY },
    { 0x04b40000, 0x3fff, GEN_SVC_ANY }, { 0xa83f8110, 0x0000, GEN_SVC_HEALTH },
    { 0x0d49e000, 0x07ff, GEN_SVC_API }
};

const char *const az_rule_name[AZ_RULES] = {
    [AZ_PLATFORM] = "PlatformRule", [AZ_UNSPECIFIED] = "unspecified",
    [AZ_ADMIN] = "BlockHighRiskPorts", [AZ_OUT_VNET] = "DefaultRule_AllowVnetOutBound",
    [AZ_OUT_INTERNET] = "DefaultRule_AllowInternetOutBound",
    [AZ_OUT_STORAGE] = "UserRule_allow-storage-out", [AZ_IN_VNET] = "DefaultRule_AllowVnetInBound",
    [AZ_IN_BALANCER] = "DefaultRule_AllowAzureLoadBalancerInBound",
    [AZ_IN_HTTPS] = "UserRule_allow-https-in", [AZ_IN_SSH] = "UserRule_allow-ssh-from-office",
    [AZ_IN_APP] = "UserRule_allow-app-tier", [AZ_IN_DB] = "UserRule_allow-db-clients",
    [AZ_IN_MONITOR] = "UserRule_allow-monitoring", [AZ_DENY_ALL] = "DefaultRule_DenyAllInBound",
    [AZ_DENY_LEGACY] = "UserRule_deny-legacy-ports"
};

const char *const az_site_name[GEN_SITES] = { "prod", "analytics", "shared", "dev" };
const char *const az_tier_name[GEN_TIERS] = { "edge", "app", "data" };

uint32_t az_group(const gen_estate_t *e, uint32_t iface)
{
    const gen_subnet_t *s = &e->subnet[e->iface[iface].subnet];

    return s->site * GEN_TIERS + s->tier;
}

char *az_put_guid(char *p, uint64_t h, bool upper)
{
    char *end = gen_put_uuid(p, h);

    for (; upper && p < end; p++)
        if (*p >= 'a')
            *p = (char)(*p - 'a' + 'A');
    return end;
}

char *az_put_subscription(const az_writer_t *w, char *p, uint32_t iface, bool upper)
{
    return az_put_guid(p, w->e->account[w->e->iface[iface].account], upper);
}

/* Of one of the makers' numbers; the rest counts in odd steps, so no two are the same. */
static void set_mac(az_writer_t *w, uint32_t iface)
{
    static const char *const maker[4] = { "000D3A", "6045BD", "002248", "7C1E52" };
    uint32_t low = (uint32_t)(iface * UINT32_C(0x5bd1e9) + (uint32_t)gen_mix(w->e->seed));

    snprintf(w->place[iface].mac, sizeof w->place[iface].mac, "%s%06X",
             maker[gen_mix(w->e->iface[iface].id) & 3], low & 0xffffff);
}

az_writer_t *az_open(const gen_estate_t *estate, const char *fields, uint64_t epoch, char *why,
                     size_t why_size)
{
    az_writer_t *w = calloc(1, sizeof *w);

    (void)fields;                  /* refused before */
    if (w == NULL) {
        snprintf(why, why_size, "not enough memory");
        return NULL;
    }
    w->e = estate;
    w->epoch = epoch;
    w->iface = w->rule = GEN_NOWHERE;
    gen_text_init(&w->text);
    for (uint32_t i = 0; i < estate->n_iface; i++) {
        set_mac(w, i);
        w->place[i].group = (uint8_t)az_group(estate, i);
        w->place[i].head = malloc(AZ_ROOM);
        if (w->place[i].head == NULL) {
            snprintf(why, why_size, "not enough memory");
            az_close(w);
            return NULL;
        }
    }
    return w;
}

void az_close(void *writer)
{
    az_writer_t *w = writer;

    if (w == NULL)
        return;
    for (uint32_t i = 0; i < w->e->n_iface; i++)
        free(w->place[i].head);
    free(w);
}

size_t az_row_max(const void *writer)
{
    (void)writer;
    return 2 * AZ_ROOM;
}

int az_set(void *writer, const char *key, const char *value, char *why, size_t why_size)
{
    az_writer_t *w = writer;

    if (strcmp(key, "layout") != 0) {
        snprintf(why, why_size, "unknown setting '%s'", key);
        return -1;
    }
    w->lines = strcmp(value, "lines") == 0;
    if (w->lines || strcmp(value, "document") == 0)
        return 0;
    snprintf(why, why_size, "layout is 'document' or 'lines', not '%.64s'", value);
    return -1;
}

char *az_header(const void *writer, char *out)
{
    const az_writer_t *w = writer;

    return w->lines ? out : GEN_LIT(out, "{\"records\":[");
}

char *az_finish(void *writer, char *out)
{
    az_writer_t *w = writer;

    w->ended = !w->ended && !w->lines;
    return w->ended ? GEN_LIT(out, "]}") : out;
}

static bool legacy_port(uint16_t port)
{
    return port == 3389 || port == 445 || port == 23 || port == 135 || port == 21;
}

/* Security groups know nothing of administrators' rules and of encryption. */
static enum az_rule denied_by(const az_writer_t *w, const gen_report_t *r)
{
    if (legacy_port(r->sport))
        return w->version == 0 ? AZ_ADMIN : AZ_DENY_LEGACY;
    if (r->far == GEN_NOWHERE)
        return AZ_DENY_ALL;
    return w->version == 0 && (gen_mix(r->id) & 15) == 0 ? AZ_UNSPECIFIED : AZ_DENY_LEGACY;
}

static enum az_rule let_in_by(const az_writer_t *w, const gen_report_t *r)
{
    uint8_t role = w->e->iface[r->iface].role;

    if (r->csvc == GEN_SVC_HEALTH)
        return AZ_IN_BALANCER;
    if (r->far == GEN_NOWHERE)
        return r->sport == 22 ? AZ_IN_SSH : AZ_IN_HTTPS;
    if (w->e->iface[r->far].role == GEN_MONITOR)
        return AZ_IN_MONITOR;
    if (role == GEN_DB || role == GEN_CACHE || role == GEN_QUEUE)
        return AZ_IN_DB;
    return role == GEN_WEB || role == GEN_APP || role == GEN_NODE ? AZ_IN_APP : AZ_IN_VNET;
}

enum az_rule az_rule_of(const az_writer_t *w, const gen_report_t *r)
{
    if (r->denied && !r->client)
        return denied_by(w, r);
    if (w->version == 0 && (gen_mix(r->id) & 63) == 1)
        return AZ_PLATFORM;
    if (!r->client)
        return let_in_by(w, r);
    if (r->far != GEN_NOWHERE)
        return AZ_OUT_VNET;
    return r->ssvc == GEN_SVC_STORE ? AZ_OUT_STORAGE : AZ_OUT_INTERNET;
}

uint32_t az_key(const void *writer, const gen_report_t *r)
{
    const az_writer_t *w = writer;

    return (uint32_t)r->iface << 8 | az_rule_of(w, r);
}

char *az_put_time(const az_writer_t *w, char *p, const gen_report_t *r)
{
    uint64_t minute = r->time / 1000000000u / 60;
    uint64_t h = gen_mix(minute ^ ((uint64_t)r->iface << 40));
    uint32_t fraction = (uint32_t)(h >> 40) % 10000000;

    /* Written some seconds after the minute is over. */
    p = GEN_LIT(p, "{\"time\":\"");
    p = gen_put_iso(&w->text, p, minute * 60 + 63 + (h & 3));
    *p++ = '.';
    p = gen_put_str(p, w->text.digits[fraction / 1000], 4);
    p = gen_put_str(p, w->text.digits[fraction % 1000] + 1, 3);
    return GEN_LIT(p, "Z\",");
}

char *az_put_addr(const az_writer_t *w, char *p, const gen_report_t *r, uint32_t addr)
{
    uint64_t half[2];

    if (!r->v6)
        return gen_put_v4(&w->text, p, addr);
    if (addr < 65536) {
        gen_iface_v6(w->e, addr, half);
        half[0] = (half[0] & 0xffff) | UINT64_C(0x2603102002010000);
    } else {
        gen_outside_v6(addr, half);
    }
    return gen_put_v6(p, half);
}

int az_put_blob(const az_writer_t *w, char *p, size_t size, uint64_t window_end, uint32_t iface,
                const char *suffix)
{
    uint64_t at = w->epoch + window_end - 3600;
    uint32_t y, m, d;
    int n;

    gen_date(at / 86400, &y, &m, &d);
    n = snprintf(p, size, "y=%04u/m=%02u/d=%02u/h=%02u/m=00/macAddress=%s/PT1H.json%s", y, m, d,
                 (unsigned)(at % 86400 / 3600), w->place[iface].mac, suffix);
    return n > 0 && (size_t)n < size ? 0 : -1;
}
