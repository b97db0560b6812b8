/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader of VCN flow logs of Oracle Cloud: JSON records as Connector Hub writes them to object
 * storage or a stream, as the Logging service exports them, or flattened. Framing and columns are
 * the library's (cf/maplog.h); here stands what the records mean. The manual is oci-vcn.7; the
 * provider's page is "Details for VCN Flow Logs".
 */
#include <stdlib.h>
#include <string.h>

#include <cf/maplog.h>
#include <cf/version.h>

/* Rows of the map that the code asks for; the order is that of the map. */
enum {
    OCI_START, OCI_END, OCI_SRC, OCI_DST, OCI_SPORT, OCI_DPORT, OCI_PROTO, OCI_PROTO_NAME,
    OCI_PACKETS, OCI_BYTES, OCI_ACTION, OCI_STATUS, OCI_TYPE, OCI_ID, OCI_FLOWID, OCI_VNIC,
    OCI_SUBNET, OCI_VCN, OCI_TENANT, OCI_COMPARTMENT, OCI_LOG_COMPARTMENT, OCI_REGION
};

static const cf_fieldmap_t oci_map[] = {
    CF_MAP_AS("data.startTime", "stime", "s", NULL),
    CF_MAP_AS("data.endTime", "etime", "s", NULL),
    CF_MAP("data.sourceAddress", "sip"),
    CF_MAP("data.destinationAddress", "dip"),
    CF_MAP("data.sourcePort", "sport"),
    CF_MAP("data.destinationPort", "dport"),
    CF_MAP_AS("data.protocol", "proto", "number", NULL),
    CF_MAP_AS("data.protocolName", "proto", "name", "where there is no number"),
    CF_MAP("data.packets", "packets"),
    CF_MAP_AS("data.bytesOut", "bytes", NULL, "source to destination, whichever way that is"),
    CF_MAP_AS("data.action", "action", "ACCEPT REJECT", NULL),
    CF_MAP_AS("data.status", "logstatus", "OK NODATA SKIPDATA", NULL),
    CF_MAP_AS("type", "logstatus", "DataEvent, QualityEvent.NoData, QualityEvent.SkipData",
              "where there is no status"),
    CF_MAP_AS("id", "uid", NULL, "of the record: copies have the same"),
    CF_MAP_AS("data.flowid", "flowid", NULL, "hash of addresses, ports and protocol"),
    CF_MAP("oracle.vnicocid", "iface"),
    CF_MAP("oracle.vnicsubnetocid", "subnet"),
    CF_MAP("oracle.vcnOcid", "vpc"),
    CF_MAP_AS("oracle.tenantid", "account", NULL, "tenancy"),
    CF_MAP("oracle.vniccompartmentocid", "compartment"),
    CF_MAP_AS("oracle.compartmentid", "compartment", NULL,
              "of the log, where the interface's is not told"),
    CF_MAP_AS("regionId", "region", NULL, "in exports"),
    CF_MAP_AS("oracle.vnicocid", "region", NULL, "its fourth part, elsewhere"),
    CF_MAP("oracle.resourceId", "resource"),
    CF_MAP("oracle.resourceType", "resource_type"),
    CF_MAP("oracle.logid", "log"),
    CF_MAP("data.version", "version"),
    CF_MAP_VALUE("provider", "oci", NULL),
    CF_MAP_VALUE("shape", "uni", NULL),
    CF_MAP_VALUE("counts", "delta", "of one interface and capture window"),
    CF_MAP_VALUE("bytekind", "unknown", "the documentation does not say"),
    CF_MAP_END
};

static const char flow_type[] = "com.oraclecloud.vcn.flowlogs.";

static bool begins(cf_text_t t, const char *s, size_t n)
{
    return t.n >= n && memcmp(t.s, s, n) == 0;
}

static bool ends(cf_text_t t, const char *s)
{
    size_t n = strlen(s);

    return t.n >= n && memcmp(t.s + t.n - n, s, n) == 0;
}

/*
 * Logs of many services come in the same envelope; the type tells them apart. An export of chosen
 * columns may lack it.
 */
static bool mine(const cf_text_t *t)
{
    if (t[OCI_TYPE].s != NULL)
        return begins(t[OCI_TYPE], flow_type, sizeof flow_type - 1);
    return t[OCI_SRC].s != NULL || t[OCI_DST].s != NULL || t[OCI_BYTES].s != NULL ||
           t[OCI_FLOWID].s != NULL || (t[OCI_STATUS].s != NULL && t[OCI_START].s != NULL);
}

/* Four regions have keys of three letters in identifiers; the others their names. */
static cf_text_t region_name(cf_text_t key)
{
    static const char *const keys[][2] = {
        { "iad", "us-ashburn-1" }, { "phx", "us-phoenix-1" }, { "fra", "eu-frankfurt-1" },
        { "lhr", "uk-london-1" }
    };

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (key.n == 3 && memcmp(keys[i][0], key.s, 3) == 0)
            return (cf_text_t){ keys[i][1], strlen(keys[i][1]) };
    return key;
}

/* "ocid1.vnic.oc1.REGION.ID" */
static cf_text_t region_of(cf_text_t ocid)
{
    const char *end = ocid.s + ocid.n, *dot;
    cf_text_t none = { NULL, 0 };

    if (ocid.s == NULL || !begins(ocid, "ocid1.", 6))
        return none;
    for (int i = 0; i < 3; i++) {
        dot = memchr(ocid.s, '.', (size_t)(end - ocid.s));
        if (dot == NULL)
            return none;
        ocid.s = dot + 1;
    }
    dot = memchr(ocid.s, '.', (size_t)(end - ocid.s));
    if (dot == NULL || dot == ocid.s)
        return none;
    ocid.n = (size_t)(dot - ocid.s);
    return region_name(ocid);
}

static void complete(void *ctx, cf_text_t *t)
{
    static const char nodata[] = "nodata", skipdata[] = "skipdata", ok[] = "ok";

    (void)ctx;
    if (t[OCI_REGION].s == NULL)
        t[OCI_REGION] = region_of(t[OCI_VNIC]);
    /* The type was taken for want of a status. */
    if (t[OCI_STATUS].s != NULL && t[OCI_STATUS].s == t[OCI_TYPE].s) {
        if (ends(t[OCI_TYPE], ".NoData"))
            t[OCI_STATUS] = (cf_text_t){ nodata, sizeof nodata - 1 };
        else if (ends(t[OCI_TYPE], ".SkipData"))
            t[OCI_STATUS] = (cf_text_t){ skipdata, sizeof skipdata - 1 };
        else if (ends(t[OCI_TYPE], ".DataEvent"))
            t[OCI_STATUS] = (cf_text_t){ ok, sizeof ok - 1 };
    }
}

typedef struct oci {
    cf_maplog_spec_t spec;
    cf_maplog_t *log;
} oci_t;

/* Rows that are no flows have neither ends nor counters; a flow has something. */
static int look(void *ctx, cf_cell_t *cells, const char **why)
{
    static const uint8_t flow[] = {
        OCI_SRC, OCI_DST, OCI_PACKETS, OCI_BYTES, OCI_SPORT, OCI_DPORT, OCI_PROTO, OCI_ACTION,
        OCI_FLOWID
    };
    const int *at = cf_maplog_cells(((const oci_t *)ctx)->log);
    const cf_cell_t *status = &cells[at[OCI_STATUS]];

    if (!status->null && status->v.u != CF_LOGSTATUS_OK) {
        for (size_t i = 0; i < sizeof flow; i++)
            cells[at[flow[i]]].null = true;
        return CF_OK;
    }
    for (size_t i = 0; i < 4; i++)
        if (!cells[at[flow[i]]].null)
            return CF_OK;
    *why = "a flow without addresses and counters";
    return CF_R_EMPTY;
}

static const char *const prefixes[] = { "", "logContent.", "data.logContent.", "data.", NULL };
static const char *const lists[] = { "results", "data", "messages", "records", NULL };
static const char *const texts[] = { "_raw", "message", "body", "event.original", "value", NULL };
static const char *const payloads[] = { "value", NULL };
static const char *const wrappers[] = { "event", "message", "data", NULL };
static const char *const marks[] = { "datetime", "oracle", "specversion", "logContent", NULL };

static const cf_maplog_spec_t spec = {
    .map = oci_map,
    .prefixes = prefixes,
    .framing = { .lists = lists, .texts = texts, .payloads = payloads, .wrappers = wrappers,
                 .marks = marks },
    .mine = mine,
    .complete = complete,
    .row = look,
};

static int oci_probe(const cf_probe_t *p)
{
    unsigned met, found = cf_maplog_probe(&spec, p, 20, &met);

    return found == 0 ? 0 : 60 + (int)(found * 40 / met);
}

static void oci_close(void *state)
{
    oci_t *st = state;

    if (st == NULL)
        return;
    cf_maplog_close(st->log);
    free(st);
}

static int oci_open(void **state, const cf_reader_env_t *env, cf_diag_t *d)
{
    oci_t *st = calloc(1, sizeof *st);
    int rc;

    *state = NULL;
    if (st == NULL)
        return cf_diag_set(d, CF_E_NOMEM, "out of memory");
    st->spec = spec;
    st->spec.ctx = st;
    rc = cf_maplog_open(&st->log, &st->spec, env, d);
    if (rc != CF_OK) {
        oci_close(st);
        return rc;
    }
    *state = st;
    return CF_OK;
}

static int oci_read(void *state, cf_input_t *in, cf_batch_t *batch, cf_diag_t *d)
{
    return cf_maplog_read(((oci_t *)state)->log, in, batch, d);
}

static int oci_cursor(void *state, cf_cursor_t *c, cf_diag_t *d)
{
    return cf_maplog_cursor(((oci_t *)state)->log, c, d);
}

static const cf_reader_ops_t ops = {
    .size = sizeof(cf_reader_ops_t),
    .probe = oci_probe,
    .open = oci_open,
    .read = oci_read,
    .close = oci_close,
    .cursor = oci_cursor,
    .map = oci_map,
};

CF_EXPORT extern const cf_plugin_t CF_PLUGIN_SYMBOL(oci_vcn);
CF_EXPORT const cf_plugin_t CF_PLUGIN_SYMBOL(oci_vcn) = {
    .abi = CF_PLUGIN_ABI,
    .size = sizeof(cf_plugin_t),
    .name = "oci-vcn",
    .version = CF_VERSION_STRING,
    .kind = CF_PLUGIN_READER,
    .summary = "Oracle Cloud VCN flow logs",
    .ops = &ops,
};
