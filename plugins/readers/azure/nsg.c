/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Face of the reader for Azure NSG flow logs, versions 1 and 2: descriptor and map. The manual is
 * azure-nsg.7.
 */
#include "azure.h"

static const cf_fieldmap_t map[] = {
    CF_MAP_AS("tuple 1", "stime", "s", "of the event; an end or interval is not told"),
    CF_MAP_AS("tuple 2", "sip", NULL, "who opened the connection"),
    CF_MAP("tuple 3", "dip"), CF_MAP("tuple 4", "sport"), CF_MAP("tuple 5", "dport"),
    CF_MAP_AS("tuple 6", "proto", "T U", "others are not logged"),
    CF_MAP_AS("tuple 7", "direction", "I O", "seen from the interface"),
    CF_MAP_AS("tuple 8", "action", "A D", NULL),
    CF_MAP_AS("tuple 8", "state", "D", "deny; what is denied has state B in the log"),
    CF_MAP_AS("tuple 9", "state", "B C E", "version 2"),
    CF_MAP_AS("tuple 10", "packets", NULL, "since the tuple before; null for begin and deny"),
    CF_MAP_AS("tuple 11", "bytes", NULL, "packets with their headers"),
    CF_MAP("tuple 12", "rpackets"), CF_MAP("tuple 13", "rbytes"),
    CF_MAP("properties.flows[].rule", "rule"),
    CF_MAP("properties.flows[].flows[].mac", "iface"),
    CF_MAP_AS("macAddress", "iface", NULL, "where mac is absent"),
    CF_MAP("resourceId", "resource"),
    CF_MAP_AS("resourceId", "acl", NULL, "the group whose rule decided"),
    CF_MAP_AS("resourceId", "account", NULL, "its subscription, in small letters"),
    CF_MAP_VALUE("provider", "azure", NULL),
    CF_MAP_VALUE("shape", "event", NULL),
    CF_MAP_VALUE("counts", "delta", "packets and bytes since the tuple before of the connection"),
    CF_MAP_VALUE("bytekind", "packet", NULL),
    CF_MAP_END
};

static int probe(const cf_probe_t *p)
{
    return az_probe(p, AZ_NSG2);
}

static int open_nsg(void **state, const cf_reader_env_t *env, cf_diag_t *d)
{
    return az_open(state, env, AZ_NSG2, d);
}

static const cf_reader_ops_t ops = {
    .size = sizeof(cf_reader_ops_t),
    .probe = probe,
    .open = open_nsg,
    .read = az_read,
    .close = az_close,
    .cursor = az_cursor,
    .map = map,
};

CF_EXPORT extern const cf_plugin_t CF_PLUGIN_SYMBOL(azure_nsg);
CF_EXPORT const cf_plugin_t CF_PLUGIN_SYMBOL(azure_nsg) = {
    .abi = CF_PLUGIN_ABI,
    .size = sizeof(cf_plugin_t),
    .name = "azure-nsg",
    .version = CF_VERSION_STRING,
    .kind = CF_PLUGIN_READER,
    .summary = "Azure network security group flow logs, versions 1 and 2",
    .ops = &ops,
};
