/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The annotations of Google's entries: machines, networks, pods, Google's services, and where in
 * the world an address is.  All of it hangs on the interface or on the address, so that the same
 * address is always annotated in the same way.
 */
#include "gcp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const site_name[GEN_SITES] = { "prod", "analytics", "shared", "dev" };
static const char *const tier_name[GEN_TIERS] = { "edge", "app", "data" };
static const char *const role_name[GEN_ROLES] = {
    "edge", "nat", "bastion", "web", "app", "gke-prod-1-pool", "db", "cache", "queue", "batch",
    "monitor", "resolver", "endpoint", "standby"
};

static void put_project(const gen_estate_t *e, char *out, size_t size, const gen_iface_t *f)
{
    static const char *const name[GEN_ACCOUNTS] = { "acme-prod", "acme-core" };

    snprintf(out, size, "%s-%06" PRIu64, name[f->account], e->account[f->account] % 1000000);
}

static uint16_t length(int n)
{
    return (uint16_t)(n > 0 && n < GCP_ROOM ? n : 0);
}

static void spell_place(const gen_estate_t *e, uint32_t i, gcp_place_t *out)
{
    const gen_iface_t *f = &e->iface[i];
    const gen_subnet_t *s = &e->subnet[f->subnet];
    char project[GCP_PROJECT_ROOM], machine[64], group[128] = "";
    const char *zone = f->zone == 0 ? "b" : f->zone == 1 ? "c" : "d";

    put_project(e, project, sizeof project, f);
    snprintf(machine, sizeof machine, "%s-%04x", role_name[f->role], (unsigned)(f->id & 0xffff));
    if (f->role == GEN_WEB || f->role == GEN_APP)
        snprintf(group, sizeof group, "\"managed_instance_group\":{\"name\":\"%s-%s\",\"region\":\""
                 GCP_REGION "\"},", site_name[f->site], role_name[f->role]);
    out->instance_len = length(snprintf(out->instance, GCP_ROOM,
        "{%s\"project_id\":\"%s\",\"region\":\"" GCP_REGION "\",\"vm_name\":\"%s\",\"zone\":\""
        GCP_REGION "-%s\"},", group, project, machine, zone));
    out->vpc_len = length(snprintf(out->vpc, GCP_ROOM,
        "{\"project_id\":\"%s\",\"subnetwork_name\":\"%s-%s\",\"vpc_name\":\"%s-net\"},", project,
        site_name[f->site], tier_name[s->tier], site_name[f->site]));
    out->tail_len = length(snprintf(out->tail, GCP_ROOM,
        "\"},\"logName\":\"projects/%s/logs/compute.googleapis.com%%2Fvpc_flows\","
        "\"receiveTimestamp\":\"", project));
    out->resource_len = length(snprintf(out->resource, GCP_ROOM,
        "\",\"resource\":{\"labels\":{\"location\":\"" GCP_REGION "-%s\",\"project_id\":\"%s\","
        "\"subnetwork_id\":\"%" PRIu64 "\",\"subnetwork_name\":\"%s-%s\"},"
        "\"type\":\"gce_subnetwork\"},\"timestamp\":\"", zone, project,
        (gen_mix(e->network[f->site] + s->tier) >> 1), site_name[f->site], tier_name[s->tier]));
}

gcp_place_t *gcp_places(const gen_estate_t *e)
{
    gcp_place_t *places = calloc(e->n_iface, sizeof *places);

    for (uint32_t i = 0; places != NULL && i < e->n_iface; i++)
        spell_place(e, i, &places[i]);
    return places;
}

bool gcp_is_pod(const gen_estate_t *e, const gcp_end_t *end)
{
    return end->iface != GEN_NOWHERE && e->iface[end->iface].role == GEN_NODE
           && end->addr != e->iface[end->iface].addr;
}

static char *put_text(char *p, const char *s)
{
    return gen_put_str(p, s, strlen(s));
}

/* "src_instance": and the like */
static char *put_key(char *p, const char *name, const char *what, size_t n)
{
    *p++ = '"';
    p = put_text(p, name);
    p = gen_put_str(p, what, n);
    return GEN_LIT(p, "\":");
}

#define PUT_KEY(p, name, what) put_key(p, name, what, sizeof(what) - 1)

static char *put_pod(char *p, const gcp_end_t *end)
{
    static const char *const workload[8] = {
        "checkout", "catalog", "cart", "payments", "frontend", "recommendations", "shipping", "search"
    };
    uint64_t h = gen_mix(end->addr ^ UINT64_C(0x70d5));
    const char *name = workload[h & 7], *space = (h & 8) != 0 ? "shop" : "platform";

    p = GEN_LIT(p, "{\"cluster\":{\"cluster_location\":\"" GCP_REGION
                   "\",\"cluster_name\":\"prod-1\"},\"pod\":{\"pod_name\":\"");
    p = put_text(p, name);
    *p++ = '-';
    p = gen_put_base36(p, (h & 15) + 99, 9);
    *p++ = '-';
    p = gen_put_base36(p, h, 5);
    p = GEN_LIT(p, "\",\"pod_namespace\":\"");
    p = put_text(p, space);
    p = GEN_LIT(p, "\",\"workload\":{\"workload_name\":\"");
    p = put_text(p, name);
    p = GEN_LIT(p, "\",\"workload_type\":\"DEPLOYMENT\"}},\"service\":[{\"service_name\":\"");
    p = put_text(p, name);
    p = GEN_LIT(p, "\",\"service_namespace\":\"");
    p = put_text(p, space);
    return GEN_LIT(p, "\"}]},");
}

static char *put_google(char *p, uint8_t service)
{
    static const char *const host[GEN_SERVICES] = {
        "", "www.googleapis.com", "compute.googleapis.com", "storage.googleapis.com",
        "bigtable.googleapis.com", "www.googleapis.com", "www.googleapis.com",
        "pubsub.googleapis.com"
    };

    p = GEN_LIT(p, "{\"connectivity\":\"PRIVATE_GOOGLE_ACCESS\",\"service_name\":\"");
    p = put_text(p, host[service]);
    return GEN_LIT(p, "\",\"type\":\"GOOGLE_API\"},");
}

typedef struct land {
    const char *country, *continent, *city, *region;
} land_t;

static const land_t lands[16] = {
    { "deu", "Europe", "Frankfurt am Main", "Hesse" }, { "fra", "Europe", "Paris", "Ile-de-France" },
    { "gbr", "Europe", "London", "England" }, { "nld", "Europe", "Amsterdam", "North Holland" },
    { "usa", "America", "Ashburn", "Virginia" }, { "usa", "America", "Columbus", "Ohio" },
    { "bra", "America", "São Paulo", "São Paulo" }, { "ind", "Asia", "Mumbai", "Maharashtra" },
    { "chn", "Asia", "Shenzhen", "Guangdong" }, { "jpn", "Asia", "Tokyo", "Tokyo" },
    { "ita", "Europe", "Milan", "Lombardy" }, { "esp", "Europe", "Madrid", "Madrid" },
    { "pol", "Europe", "Warsaw", "Mazovia" }, { "swe", "Europe", "Stockholm", "Stockholm County" },
    { "zaf", "Africa", "Johannesburg", "Gauteng" }, { "aus", "Oceania", "Sydney", "New South Wales" }
};

/* City and region are not known of every address. */
static char *put_location(const gen_text_t *x, char *p, const gcp_end_t *end, bool v6)
{
    uint64_t h = gen_mix((v6 ? end->addr >> 6 : end->addr >> 8) ^ UINT64_C(0x10ca7104));
    const land_t *land = &lands[(h & 15) & (h >> 4 | h >> 20)];

    p = GEN_LIT(p, "{\"asn\":");
    p = gen_put_u64(x, p, end->service != GEN_SVC_NONE ? 396982 : 1000 + (h >> 8) % 63000);
    if ((h >> 40 & 3) != 0) {
        p = GEN_LIT(p, ",\"city\":\"");
        p = put_text(p, land->city);
        *p++ = '"';
    }
    p = GEN_LIT(p, ",\"continent\":\"");
    p = put_text(p, land->continent);
    p = GEN_LIT(p, "\",\"country\":\"");
    p = put_text(p, land->country);
    if ((h >> 40 & 3) != 0) {
        p = GEN_LIT(p, "\",\"region\":\"");
        p = put_text(p, land->region);
    }
    return GEN_LIT(p, "\"},");
}

char *gcp_put_end(const gen_estate_t *e, const gcp_place_t *places, const gen_text_t *x, char *p,
                  const char *name, const gcp_end_t *end, bool ours, bool v6)
{
    bool google = end->iface == GEN_NOWHERE
                  && (end->service == GEN_SVC_STORE || end->service == GEN_SVC_TABLES
                      || end->service == GEN_SVC_API);

    if (end->iface != GEN_NOWHERE && !ours)
        return p;
    if (gcp_is_pod(e, end)) {
        p = PUT_KEY(p, name, "_gke_details");
        p = put_pod(p, end);
    }
    if (google) {
        p = PUT_KEY(p, name, "_google_service");
        return put_google(p, end->service);
    }
    if (end->iface == GEN_NOWHERE) {
        p = PUT_KEY(p, name, "_location");
        return put_location(x, p, end, v6);
    }
    p = PUT_KEY(p, name, "_instance");
    p = gen_put_str(p, places[end->iface].instance, places[end->iface].instance_len);
    p = PUT_KEY(p, name, "_vpc");
    return gen_put_str(p, places[end->iface].vpc, places[end->iface].vpc_len);
}
