/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields of sensors and routers on the premises: Zeek (conn.log), Suricata (EVE flow and netflow
 * events) and nfdump (NetFlow, IPFIX and sFlow collectors). Aliases are their names for them.
 */
#include "field.h"

#define UINT(w) .kind = CF_KIND_UINT, .width = (w)
#define STRING .kind = CF_KIND_STRING, .width = 4
#define ADDR .kind = CF_KIND_ADDR, .width = 4
#define TIME .kind = CF_KIND_TIME, .width = 8, .unit = CF_UNIT_NS
#define DURATION .kind = CF_KIND_DURATION, .width = 8, .unit = CF_UNIT_NS
#define BYTES .kind = CF_KIND_UINT, .width = 8, .unit = CF_UNIT_BYTES, .flags = CF_FIELD_COUNTER
#define WORD(list) .kind = CF_KIND_ENUM, .width = 1, .names = (list)

static const char *const noyes[] = { "no", "yes", NULL };

const cf_field_t cfi_fields_onprem[] = {
    /* Zeek */
    { .name = "conn_state", STRING, .meaning = "state of the connection in Zeek's words: S0, SF, REJ, RSTO, …; "
                 "of Suricata: new, established, closed, bypassed" },
    { .name = "history", STRING, .meaning = "what happened in the connection, in Zeek's letters" },
    { .name = "pbytes", BYTES, .aliases = "orig_bytes",
      .meaning = "payload bytes from source to destination; of TCP by its sequence numbers" },
    { .name = "rpbytes", BYTES, .aliases = "resp_bytes",
      .meaning = "payload bytes from destination to source; of TCP by its sequence numbers" },
    { .name = "missed_bytes", BYTES, .meaning = "payload bytes that the sensor did not see" },
    { .name = "local_orig", WORD(noyes), .meaning = "the source is in a network that the sensor counts as local" },
    { .name = "local_resp", WORD(noyes),
      .meaning = "the destination is in a network that the sensor counts as local" },
    { .name = "tunnel", STRING, .aliases = "tunnel_parents",
      .meaning = "identifiers of the connections that this one went through" },
    { .name = "inner_vlan", UINT(2), .meaning = "inner virtual LAN of two", .ecs = "network.inner.vlan.id" },
    { .name = "community_id", STRING, .meaning = "hash of addresses, ports and protocol that tools agree on",
      .ecs = "network.community_id" },
    { .name = "src_mac", STRING, .aliases = "orig_l2_addr ismc insrcmac sourcemacaddress",
      .meaning = "hardware address of the source", .ecs = "source.mac", .ipfix_id = 56 },
    { .name = "dst_mac", STRING, .aliases = "resp_l2_addr idmc indstmac destinationmacaddress",
      .meaning = "hardware address of the destination", .ecs = "destination.mac", .ipfix_id = 80 },
    /* Suricata */
    { .name = "event_type", STRING, .meaning = "kind of the event that tells the flow: flow, netflow" },
    { .name = "end_reason", STRING, .meaning = "why the observer ended the record: timeout, forced, shutdown" },
    { .name = "tcp_state", STRING, .meaning = "state of TCP at the end, in Suricata's words" },
    { .name = "alerted", WORD(noyes), .meaning = "a signature has matched in the connection" },
    { .name = "ritype", UINT(1), .aliases = "response_icmp_type", .meaning = "ICMP type of the answer" },
    { .name = "ricode", UINT(1), .aliases = "response_icmp_code", .meaning = "ICMP code of the answer" },
    { .name = "min_ttl", UINT(1), .aliases = "minttl minimumttl",
      .meaning = "smallest time to live of the row's packets", .ipfix_id = 52 },
    { .name = "max_ttl", UINT(1), .aliases = "maxttl maximumttl",
      .meaning = "greatest time to live of the row's packets", .ipfix_id = 53 },
    /* nfdump */
    { .name = "in_if", UINT(4), .aliases = "input ingressinterface input_snmp",
      .meaning = "number of the interface where packets came in", .ipfix_id = 10,
      .ecs = "observer.ingress.interface.id" },
    { .name = "out_if", UINT(4), .aliases = "output egressinterface output_snmp",
      .meaning = "number of the interface where packets went out", .ipfix_id = 14,
      .ecs = "observer.egress.interface.id" },
    { .name = "src_as", UINT(4), .aliases = "srcas bgpsourceasnumber", .meaning = "autonomous system of the source",
      .ecs = "source.as.number", .ocsf = "src_endpoint.autonomous_system.number", .ipfix_id = 16 },
    { .name = "dst_as", UINT(4), .aliases = "dstas bgpdestinationasnumber",
      .meaning = "autonomous system of the destination", .ecs = "destination.as.number",
      .ocsf = "dst_endpoint.autonomous_system.number", .ipfix_id = 17 },
    { .name = "src_mask", UINT(1), .aliases = "srcmask sourceipv4prefixlength",
      .meaning = "length of the route's prefix for the source", .ipfix_id = 9 },
    { .name = "dst_mask", UINT(1), .aliases = "dstmask destinationipv4prefixlength",
      .meaning = "length of the route's prefix for the destination", .ipfix_id = 13 },
    { .name = "tos", UINT(1), .aliases = "srctos ipclassofservice",
      .meaning = "type of service, or traffic class, as it came in", .ipfix_id = 5 },
    { .name = "dst_tos", UINT(1), .aliases = "dsttos postipclassofservice",
      .meaning = "type of service as it went out", .ipfix_id = 55 },
    { .name = "fwd_status", UINT(1), .aliases = "fwdstatus forwardingstatus",
      .meaning = "64 to 127 forwarded, 128 to 191 dropped, 192 to 255 consumed", .ipfix_id = 89 },
    { .name = "nexthop_ip", ADDR, .aliases = "nextip ipnexthopipv4address",
      .meaning = "address of the next router", .ipfix_id = 15 },
    { .name = "bgp_nexthop", ADDR, .aliases = "bgpnextip bgpnexthopipv4address",
      .meaning = "address of the next router in the sense of BGP", .ipfix_id = 18 },
    { .name = "dst_vlan", UINT(2), .aliases = "dstvlan postvlanid", .meaning = "virtual LAN on the way out",
      .ipfix_id = 59 },
    { .name = "out_src_mac", STRING, .aliases = "osmc outsrcmac", .meaning = "hardware source address on the way out",
      .ipfix_id = 81 },
    { .name = "out_dst_mac", STRING, .aliases = "odmc outdstmac",
      .meaning = "hardware destination address on the way out", .ipfix_id = 57 },
    { .name = "mpls", STRING, .aliases = "mplslabel1", .meaning = "topmost MPLS label, as label-experimental-bottom" },
    { .name = "client_latency", DURATION, .aliases = "clientlatency",
      .meaning = "network delay on the client's side" },
    { .name = "server_latency", DURATION, .aliases = "serverlatency",
      .meaning = "network delay on the server's side" },
    { .name = "app_latency", DURATION, .aliases = "applatency", .meaning = "delay until the application answered" },
    { .name = "engine", STRING, .meaning = "engine type and number of the exporter" },
    { .name = "exporter_id", UINT(4), .aliases = "exporterid",
      .meaning = "number that the collector gave to the exporter" },
    { .name = "received", TIME, .meaning = "when the collector received the record", .ipfix_id = 258 },
    { .name = NULL },
};
