/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Face of the reader for Azure virtual network flow logs, version 4: descriptor and map. The manual
 * is azure-vnet.7.
 */
#include "azure.h"

static const cf_fieldmap_t map[] = {
    CF_MAP_AS("tuple 1", "stime", "ms", "of the event; an end or interval is not told"),
    CF_MAP_AS("tuple 2", "sip", NULL, "who opened the connection"),
    CF_MAP("tuple 3", "dip"),
    CF_MAP_AS("tuple 4", "sport", NULL, "0 where the protocol has none"),
    CF_MAP_AS("tuple 5", "dport", NULL, "0 where the protocol has none"),
    CF_MAP_AS("tuple 6", "proto", "number", NULL),
    CF_MAP_AS("tuple 7", "direction", "I O", "seen from the interface"),
    CF_MAP_AS("tuple 8", "state", "B C E D", NULL),
    CF_MAP_AS("tuple 8", "action", "D", "reject, all others accept"),
    CF_MAP("tuple 9", "encryption_state"),
    CF_MAP_AS("tuple 9", "action", "NX_...",
              "reject where it says that the packet was dropped"),
    CF_MAP_AS("tuple 9", "reason", "NX_...", "likewise: the word"),
    CF_MAP_AS("tuple 10", "packets", NULL, "since the tuple before; null for begin and deny"),
    CF_MAP_AS("tuple 11", "bytes", NULL, "packets with their headers"),
    CF_MAP("tuple 12", "rpackets"), CF_MAP("tuple 13", "rbytes"),
    CF_MAP("flowRecords.flows[].aclID", "acl"),
    CF_MAP("flowRecords.flows[].flowGroups[].rule", "rule"),
    CF_MAP("macAddress", "iface"),
    CF_MAP("targetResourceID", "resource"),
    CF_MAP_AS("targetResourceID", "account", NULL, "its subscription, in small letters"),
    CF_MAP_AS("targetResourceID", "vpc", NULL, "name of the virtual network, where it is told"),
    CF_MAP_AS("targetResourceID", "subnet", NULL, "name of the subnet, where it is told"),
    CF_MAP_AS("flowLogResourceID", "region", NULL,
              "of a Network Watcher with the name that Azure gives, in small letters"),
    CF_MAP_VALUE("provider", "azure", NULL),
    CF_MAP_VALUE("shape", "event", NULL),
    CF_MAP_VALUE("counts", "delta", "packets and bytes since the tuple before of the connection"),
    CF_MAP_VALUE("bytekind", "packet", NULL),
    CF_MAP_END
};

static int probe(const cf_probe_t *p)
{
    return az_probe(p, AZ_VNET);
}

static int open_vnet(void **state, const cf_reader_env_t *env, cf_diag_t *d)
{
    return az_open(state, env, AZ_VNET, d);
}

static const cf_reader_ops_t ops = {
    .size = sizeof(cf_reader_ops_t),
    .probe = probe,
    .open = open_vnet,
    .read = az_read,
    .close = az_close,
    .cursor = az_cursor,
    .map = map,
};

CF_EXPORT extern const cf_plugin_t CF_PLUGIN_SYMBOL(azure_vnet);
CF_EXPORT const cf_plugin_t CF_PLUGIN_SYMBOL(azure_vnet) = {
    .abi = CF_PLUGIN_ABI,
    .size = sizeof(cf_plugin_t),
    .name = "azure-vnet",
    .version = CF_VERSION_STRING,
    .kind = CF_PLUGIN_READER,
    .summary = "Azure virtual network flow logs, version 4",
    .ops = &ops,
};
