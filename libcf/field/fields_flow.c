/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The common flow record: fields that mean the same whoever wrote the log. Element numbers are from
 * the IANA IPFIX registry. Aliases are the names in SiLK (rwcut --fields), AWS, ECS and IPFIX. What
 * only one provider has stands in a table of its own beside this file.
 */
#include "field.h"

#define UINT(w) .kind = CF_KIND_UINT, .width = (w)
#define TIME .kind = CF_KIND_TIME, .width = 8, .unit = CF_UNIT_NS
#define DURATION .kind = CF_KIND_DURATION, .width = 8, .unit = CF_UNIT_NS
#define ADDR .kind = CF_KIND_ADDR, .width = 4
#define STRING .kind = CF_KIND_STRING, .width = 4
#define FLAGS .kind = CF_KIND_FLAGS, .width = 2
#define WORD(list) .kind = CF_KIND_ENUM, .width = 1, .names = (list)
#define PORT .kind = CF_KIND_UINT, .width = 2, .unit = CF_UNIT_PORT
#define COUNTER(u) .kind = CF_KIND_UINT, .width = 8, .unit = (u), .flags = CF_FIELD_COUNTER

static const char *const actions[] = { "accept", "reject", NULL };
static const char *const states[] = { "begin", "continue", "end", "deny", "whole", NULL };
static const char *const logstatuses[] = { "ok", "nodata", "skipdata", NULL };
static const char *const directions[] = { "ingress", "egress", NULL };
static const char *const shapes[] = { "uni", "bi", "event", NULL };
static const char *const countses[] = { "delta", "total", "estimate", NULL };
static const char *const bytekinds[] = { "ip", "packet", "payload", "frame", "unknown", NULL };
static const char *const reporters[] = { "src", "dest", "src-gateway", "dest-gateway", NULL };

static const char *const duration_in[] = { "stime", "etime", NULL };
static const char *const bpp_in[] = { "bytes", "packets", NULL };
static const char *const esip_in[] = { "pktsip", "sip", NULL };
static const char *const edip_in[] = { "pktdip", "dip", NULL };

const cf_field_t cfi_fields_flow[] = {
    { .name = "stime", TIME, .aliases = "start starttime event.start flowstartnanoseconds",
      .meaning = "first packet, or begin of the capture window as the provider logs it", .ipfix_id = 156,
      .ecs = "event.start", .ocsf = "start_time" },
    { .name = "etime", TIME, .aliases = "end endtime event.end flowendnanoseconds",
      .meaning = "last packet, or end of the capture window as the provider logs it", .ipfix_id = 157,
      .ecs = "event.end", .ocsf = "end_time" },
    { .name = "duration", DURATION, .flags = CF_FIELD_DERIVED, .aliases = "dur event.duration",
      .meaning = "etime minus stime", .ipfix_id = 161, .inputs = duration_in, .derive = cfi_derive_duration,
      .ecs = "event.duration", .ocsf = "duration" },
    { .name = "sip", ADDR, .aliases = "srcaddr src_ip source.ip sourceipv4address sourceipv6address",
      .meaning = "source address as the provider logs it", .ipfix_id = 8,
      .ecs = "source.ip", .ocsf = "src_endpoint.ip" },
    { .name = "dip", ADDR, .aliases = "dstaddr dest_ip dst_ip destination.ip destinationipv4address "
                 "destinationipv6address",
      .meaning = "destination address as the provider logs it", .ipfix_id = 12,
      .ecs = "destination.ip", .ocsf = "dst_endpoint.ip" },
    { .name = "sport", PORT, .aliases = "srcport source.port sourcetransportport",
      .meaning = "source port; 0 where the protocol has none", .ipfix_id = 7,
      .ecs = "source.port", .ocsf = "src_endpoint.port" },
    { .name = "dport", PORT, .aliases = "dstport destination.port destinationtransportport",
      .meaning = "destination port; 0 where the protocol has none", .ipfix_id = 11,
      .ecs = "destination.port", .ocsf = "dst_endpoint.port" },
    { .name = "proto", UINT(1), .unit = CF_UNIT_PROTO, .aliases = "protocol network.iana_number protocolidentifier",
      .meaning = "IANA protocol number", .ipfix_id = 4,
      .ecs = "network.iana_number", .ocsf = "connection_info.protocol_num" },
    { .name = "packets", COUNTER(CF_UNIT_PACKETS), .aliases = "pkts network.packets packetdeltacount",
      .meaning = "packets from source to destination", .ipfix_id = 2,
      .ecs = "source.packets", .ocsf = "traffic.packets_out" },
    { .name = "bytes", COUNTER(CF_UNIT_BYTES), .aliases = "octets network.bytes octetdeltacount",
      .meaning = "bytes from source to destination, of the kind in bytekind", .ipfix_id = 1,
      .ecs = "source.bytes", .ocsf = "traffic.bytes_out" },
    { .name = "rpackets", COUNTER(CF_UNIT_PACKETS), .aliases = "reversepacketdeltacount destination.packets",
      .meaning = "packets from destination to source of a biflow", .ipfix_pen = 29305, .ipfix_id = 2,
      .ecs = "destination.packets", .ocsf = "traffic.packets_in" },
    { .name = "rbytes", COUNTER(CF_UNIT_BYTES), .aliases = "reverseoctetdeltacount destination.bytes",
      .meaning = "bytes from destination to source of a biflow", .ipfix_pen = 29305, .ipfix_id = 1,
      .ecs = "destination.bytes", .ocsf = "traffic.bytes_in" },
    { .name = "bpp", UINT(8), .flags = CF_FIELD_DERIVED, .aliases = "bytes-per-packet",
      .meaning = "bytes divided by packets, rounded down; null where there are no packets", .inputs = bpp_in,
      .derive = cfi_derive_bpp },
    { .name = "flags", FLAGS, .aliases = "tcp-flags tcpflags tcpcontrolbits",
      .meaning = "TCP control bits, OR over the row's packets", .ipfix_id = 6,
      .ocsf = "connection_info.tcp_flags" },
    { .name = "sflags", FLAGS, .aliases = "initialflags initialtcpflags",
      .meaning = "TCP control bits of the first packet", .ipfix_pen = 6871, .ipfix_id = 14 },
    { .name = "rflags", FLAGS, .aliases = "reversetcpcontrolbits",
      .meaning = "TCP control bits of the reverse direction", .ipfix_pen = 29305, .ipfix_id = 6 },
    { .name = "itype", UINT(1), .aliases = "icmptypeipv4", .meaning = "ICMP type", .ipfix_id = 176 },
    { .name = "icode", UINT(1), .aliases = "icmpcodeipv4", .meaning = "ICMP code", .ipfix_id = 177 },
    { .name = "action", WORD(actions), .aliases = "event.action firewallevent",
      .meaning = "verdict of the provider's filters", .ipfix_id = 233,
      .ecs = "event.action", .ocsf = "action" },
    { .name = "reason", STRING, .aliases = "reject-reason", .meaning = "why the traffic was rejected",
      .ecs = "event.reason" },
    { .name = "rule", STRING, .aliases = "rule.name selectorname",
      .meaning = "rule or list that decided", .ipfix_id = 335,
      .ecs = "rule.name", .ocsf = "firewall_rule.name" },
    { .name = "state", WORD(states), .meaning = "part of the connection's life that the row tells",
      .ocsf = "activity_name" },
    { .name = "logstatus", WORD(logstatuses), .aliases = "log-status",
      .meaning = "ok for a flow; nodata and skipdata are coverage facts, not flows",
      .ocsf = "status_code" },
    { .name = "interval", DURATION, .meaning = "length of the capture window" },
    { .name = "direction", WORD(directions), .aliases = "flow-direction network.direction flowdirection",
      .meaning = "direction as seen by the observing interface", .ipfix_id = 61,
      .ecs = "network.direction", .ocsf = "connection_info.direction" },
    { .name = "acl", STRING, .meaning = "list, policy or group that the rule belongs to",
      .ecs = "rule.ruleset", .ocsf = "policy.name" },
    { .name = "app", STRING, .aliases = "application service network.protocol applicationname",
      .meaning = "application protocol that the observer recognised", .ipfix_id = 96,
      .ecs = "network.protocol", .ocsf = "app_name" },
    { .name = "rtt", DURATION, .meaning = "round trip time, as the observer measured it" },
    { .name = "dscp", UINT(1), .aliases = "ipdiffservcodepoint",
      .meaning = "differentiated services code point", .ipfix_id = 195 },
    { .name = "vlan", UINT(2), .aliases = "vlanid network.vlan.id", .meaning = "virtual LAN",
      .ipfix_id = 58, .ecs = "network.vlan.id" },
    { .name = "uid", STRING, .aliases = "event.id",
      .meaning = "identifier that the provider or observer gave to the record or connection",
      .ecs = "event.id", .ocsf = "connection_info.uid" },
    { .name = "path", UINT(1), .aliases = "traffic-path",
      .meaning = "way that egress traffic takes, the provider's number",
      .ocsf = "connection_info.boundary_id" },
    { .name = "pktsip", ADDR, .aliases = "pkt-srcaddr",
      .meaning = "source address in the packet, where it may differ from the interface's" },
    { .name = "pktdip", ADDR, .aliases = "pkt-dstaddr",
      .meaning = "destination address in the packet, where it may differ from the interface's" },
    { .name = "esip", ADDR, .flags = CF_FIELD_DERIVED, .meaning = "pktsip where known, else sip",
      .inputs = esip_in, .derive = cfi_derive_first },
    { .name = "edip", ADDR, .flags = CF_FIELD_DERIVED, .meaning = "pktdip where known, else dip",
      .inputs = edip_in, .derive = cfi_derive_first },
    { .name = "provider", STRING, .aliases = "cloud.provider", .meaning = "who wrote the log: aws, azure, gcp, …",
      .ecs = "cloud.provider", .ocsf = "cloud.provider" },
    { .name = "account", STRING, .flags = CF_FIELD_ACCOUNTING,
      .aliases = "account-id cloud.account.id observationdomainname",
      .meaning = "account, subscription or project", .ipfix_id = 300,
      .ecs = "cloud.account.id", .ocsf = "cloud.account.uid" },
    { .name = "region", STRING, .aliases = "cloud.region", .meaning = "region",
      .ecs = "cloud.region", .ocsf = "cloud.region" },
    { .name = "zone", STRING, .aliases = "az-id cloud.availability_zone", .meaning = "availability zone",
      .ecs = "cloud.availability_zone", .ocsf = "cloud.zone" },
    { .name = "vpc", STRING, .aliases = "vpc-id vrfname", .meaning = "virtual network", .ipfix_id = 236,
      .ocsf = "src_endpoint.vpc_uid" },
    { .name = "subnet", STRING, .aliases = "subnet-id", .meaning = "subnet",
      .ocsf = "src_endpoint.subnet_uid" },
    { .name = "iface", STRING, .aliases = "interface-id virtualstationinterfacename",
      .meaning = "observing interface", .ipfix_id = 348, .ocsf = "src_endpoint.interface_uid" },
    { .name = "instance", STRING, .aliases = "instance-id cloud.instance.id virtualstationname",
      .meaning = "machine that the interface belongs to", .ipfix_id = 350,
      .ecs = "cloud.instance.id", .ocsf = "src_endpoint.instance_uid" },
    { .name = "resource", STRING, .aliases = "resource-id", .meaning = "resource that has no interface" },
    { .name = "sensor", STRING, .aliases = "observer.name", .meaning = "who observed, where that is not an interface",
      .ecs = "observer.name" },
    { .name = "shape", WORD(shapes), .meaning = "one direction, both, or an event of a connection" },
    { .name = "counts", WORD(countses), .meaning = "counters are deltas, totals or estimates" },
    { .name = "bytekind", WORD(bytekinds), .meaning = "what the bytes count: IP, packet, payload or frame" },
    { .name = "reporter", WORD(reporters), .meaning = "end of the connection that reported" },
    { .name = "sampling", UINT(4), .aliases = "samplinginterval", .meaning = "one of so many packets was seen",
      .ipfix_id = 34 },
    { .name = "dup", UINT(1), .meaning = "1 when another row tells the same traffic" },
    { .name = NULL },
};
