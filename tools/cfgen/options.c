/* SPDX-License-Identifier: Apache-2.0 */
/* The option table of cfgen and the checks of its values; see options.h and doc/man/cfgen.1. */
#include "options.h"

#include <cf/value.h>

#include <string.h>

enum { OPT_FLOWS = 256, OPT_SEED, OPT_FIELDS, OPT_START, OPT_SPAN, OPT_FILES, OPT_PER_FILE,
       OPT_GZIP, OPT_GZIP_LEVEL, OPT_DIR, OPT_NODATA, OPT_SKIPDATA, OPT_IPV6, OPT_REJECT,
       OPT_NO_HEADER, OPT_SET };

static const cf_opt_t opts[] = {
    { "flows", 0, "N", OPT_FLOWS, 0, "records to make (10k)" },
    { "seed", 0, "S", OPT_SEED, 0, "same seed and options, same bytes (1)" },
    { "format-fields", 0, "LIST", OPT_FIELDS, 0, "fields or form of the records, by provider" },
    { "set", 0, "KEY=VALUE", OPT_SET, CF_OPT_REPEAT, "setting of a provider, see the manual" },
    { "start", 0, "TIME", OPT_START, 0, "begin of the span (2026-01-01)" },
    { "span", 0, "DURATION", OPT_SPAN, 0, "length of the span: 24h, 90m, 7d (24h)" },
    { "nodata", 0, "SHARE", OPT_NODATA, 0, "part that are NODATA records (0.5%)" },
    { "skipdata", 0, "SHARE", OPT_SKIPDATA, 0, "part that are SKIPDATA records (0.01%)" },
    { "ipv6", 0, "SHARE", OPT_IPV6, 0, "part that have IPv6 addresses (2%)" },
    { "reject", 0, "SHARE", OPT_REJECT, 0, "part that were rejected (11%)" },
    { "no-header", 0, NULL, OPT_NO_HEADER, 0, "leave the header line out" },
    { "gzip", 0, NULL, OPT_GZIP, 0, "compress the output" },
    { "gzip-level", 0, "LEVEL", OPT_GZIP_LEVEL, 0, "compress at level 1 to 9 (6)" },
    { "output-dir", 0, "DIR", OPT_DIR, 0, "write objects named as the provider names them" },
    { "files", 0, "N", OPT_FILES, 0, "with --output-dir: so many objects" },
    { "per-file", 0, "N", OPT_PER_FILE, 0, "with --output-dir: so many records in an object" },
    { NULL, 0, NULL, 0, 0, NULL }
};

const cf_cmd_t gen_cmd = {
    .name = "cfgen",
    .synopsis = "PROVIDER [OPTION…]",
    .summary = "make realistic flow logs in a provider's own format",
    .opts = opts,
    .common = CF_COMMON_OUTPUT,
    .notes = "Providers:\n"
             "  aws-vpc        VPC flow logs as delivered to S3\n"
             "  oci-vcn        VCN flow logs of Oracle Cloud\n"
             "  ibm-vpc        flow logs for VPC of IBM Cloud\n"
             "  alibaba-vpc    VPC flow logs of Alibaba Cloud\n"
             "  azure-nsg      network security group flow logs of Azure\n"
             "  azure-vnet     virtual network flow logs of Azure, version 4\n"
             "  gcp-vpc        VPC flow logs of Google Cloud\n"
             "  zeek-conn      conn.log of Zeek\n"
             "  suricata-flow  flow events of Suricata\n"
             "  nfdump-csv     what nfdump -o csv prints\n"
};

static const char *name_of(int id)
{
    const cf_opt_t *o = opts;

    while (o->id != id)
        o++;
    return o->name;
}

/* "2%", "0.5%" or "0.005", to millionths; at most four decimals of a percent. */
static int share(const char *s, uint32_t *ppm)
{
    uint64_t v = 0, unit = 1000000;
    size_t n = strlen(s);

    if (n > 0 && s[n - 1] == '%') {
        unit = 10000;
        n--;
    }
    if (n == 0 || n > 9 || *s < '0' || *s > '9')
        return -1;
    for (; n > 0 && *s >= '0' && *s <= '9'; s++, n--)
        v = v * 10 + (uint64_t)(*s - '0');
    v *= unit;
    if (n > 1 && *s == '.')
        for (s++, n--; n > 0 && unit > 1 && *s >= '0' && *s <= '9'; s++, n--) {
            unit /= 10;
            v += unit * (uint64_t)(*s - '0');
        }
    *ppm = (uint32_t)v;
    return n == 0 && v <= 1000000 ? 0 : -1;
}

/* At least a minute, at most a year; a begun minute counts whole. */
static int span(const char *s, uint32_t *minutes)
{
    int64_t ns, minute = 60 * CF_NS_PER_SEC;

    if (cf_duration_parse(s, strlen(s), &ns) != CF_OK || ns <= 0 || ns > 525600 * minute)
        return -1;
    *minutes = (uint32_t)((ns + minute - 1) / minute);
    return 0;
}

static int start_time(const char *s, uint64_t *epoch)
{
    int64_t ns;

    if (cf_time_parse(s, strlen(s), &ns) != CF_OK || ns < 0 || ns % CF_NS_PER_SEC != 0)
        return -1;
    *epoch = (uint64_t)(ns / CF_NS_PER_SEC);
    return 0;
}

static int count(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
    return cf_size_parse(s, strlen(s), out) == CF_OK && *out >= min && *out <= max ? 0 : -1;
}

static int take_number(int id, const char *value, gen_options_t *o)
{
    const uint64_t most = UINT64_C(1000000000000);
    uint64_t v;

    switch (id) {
    case OPT_FLOWS:
        return count(value, 0, most, &o->flows);
    case OPT_SEED:
        return cf_uint_parse(value, strlen(value), UINT64_MAX, &o->seed) == CF_OK ? 0 : -1;
    case OPT_FILES:
        return count(value, 1, most, &o->files);
    case OPT_PER_FILE:
        return count(value, 1, most, &o->per_file);
    default:
        if (count(value, 1, 9, &v) != 0)
            return -1;
        o->gzip = true;
        o->gzip_level = (int)v;
        return 0;
    }
}

/* 0, or -1 if the value makes no sense. */
static int take(int id, const char *value, gen_options_t *o)
{
    switch (id) {
    case OPT_FIELDS:
        o->fields = value;
        return 0;
    case OPT_SET:
        if (o->n_set == GEN_SETS_MAX || strchr(value, '=') == NULL || *value == '=')
            return -1;
        o->set[o->n_set++] = value;
        return 0;
    case OPT_DIR:
        o->output_dir = value;
        return 0;
    case OPT_GZIP:
        o->gzip = true;
        return 0;
    case OPT_NO_HEADER:
        o->header = false;
        return 0;
    case OPT_START:
        return start_time(value, &o->epoch);
    case OPT_SPAN:
        return span(value, &o->minutes);
    case OPT_NODATA:
        return share(value, &o->ppm_nodata);
    case OPT_SKIPDATA:
        return share(value, &o->ppm_skipdata);
    case OPT_IPV6:
        return share(value, &o->ppm_v6);
    case OPT_REJECT:
        return share(value, &o->ppm_reject);
    default:
        return take_number(id, value, o);
    }
}

static const gen_options_t defaults = {
    .flows = 10000, .seed = 1, .epoch = 1767225600 /* 2026-01-01 */, .minutes = 1440,
    .ppm_v6 = 20000, .ppm_reject = 110000, .ppm_nodata = 5000, .ppm_skipdata = 100,
    .gzip_level = 6, .header = true
};

/* The bit of an option that some providers refuse, or 0. */
static uint32_t bit_of(int id)
{
    switch (id) {
    case OPT_FIELDS:
        return GEN_NO_FIELDS;
    case OPT_NODATA:
    case OPT_SKIPDATA:
        return GEN_NO_STATUS;
    case OPT_NO_HEADER:
        return GEN_NO_HEADER;
    case OPT_REJECT:
        return GEN_NO_REJECT;
    case OPT_FILES:
    case OPT_PER_FILE:
        return GEN_NO_CUTS;
    default:
        return 0;
    }
}

/* The first given option that the provider refuses, or NULL. */
static const char *refused(const gen_options_t *o)
{
    uint32_t bad = o->given & o->provider->refuses;

    for (const cf_opt_t *t = opts; t->name != NULL; t++)
        if ((bad & bit_of(t->id)) != 0)
            return t->name;
    return NULL;
}

int gen_options_read(gen_options_t *o, cf_cli_t *c)
{
    const char *value;
    int id;

    *o = defaults;
    while ((id = cf_cli_option(c, &value)) != -1) {
        if (take(id, value, o) != 0)
            return cf_cli_usage(c, "--%s: cannot use '%s'", name_of(id), value);
        o->given |= bit_of(id);
    }
    o->output = c->output;
    o->force = c->force;
    if (c->noperands != 1)
        return cf_cli_usage(c, c->noperands == 0 ? "which provider?" : "more than one provider");
    o->provider = gen_provider_find(c->operands[0]);
    if (o->provider == NULL)
        return cf_cli_usage(c, "unknown provider '%s'", c->operands[0]);
    value = refused(o);
    if (value != NULL)
        return cf_cli_usage(c, "%s has no use for --%s", o->provider->name, value);
    if (o->n_set > 0 && o->provider->set == NULL)
        return cf_cli_usage(c, "%s has no settings", o->provider->name);
    if (o->output != NULL && o->output_dir != NULL)
        return cf_cli_usage(c, "--output and --output-dir exclude each other");
    if (o->output_dir == NULL && (o->files > 0 || o->per_file > 0))
        return cf_cli_usage(c, "--files and --per-file need --output-dir");
    if (o->files > 0 && o->per_file > 0)
        return cf_cli_usage(c, "--files and --per-file exclude each other");
    if (o->ppm_reject > 500000 || o->ppm_v6 > 200000 || o->ppm_nodata > 200000
        || o->ppm_skipdata > 200000)
        return cf_cli_usage(c, "at most 50%% rejected, and 20%% of each other kind");
    return 0;
}
