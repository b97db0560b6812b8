/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names: which AWS field is which of ours, and how to tell a line of names from a line of values.
 * Names are those of "Flow log records" (VPC User Guide, versions 2 to 11) and "Transit Gateway
 * Flow Log records"; the order of the table is the order of columns.
 */
#include <ctype.h>

#include "aws.h"

/*
 * What the reader goes by and what cfplugin tells: the rows that the reader itself fills come last.
 */
const cf_fieldmap_t aws_map[] = {
    CF_MAP_AS("start", "stime", "s", "first packet in the capture window"),
    CF_MAP_AS("end", "etime", "s", "last packet in the capture window"),
    CF_MAP_AS("srcaddr", "sip", NULL,
              "for the interface's own side its primary address, whatever the packet had"),
    CF_MAP_AS("dstaddr", "dip", NULL,
              "for the interface's own side its primary address, whatever the packet had"),
    CF_MAP_AS("srcport", "sport", NULL, "0 for ICMP: type and code are not logged"),
    CF_MAP("dstport", "dport"),
    CF_MAP_AS("protocol", "proto", "number", NULL),
    CF_MAP("packets", "packets"),
    CF_MAP_AS("bytes", "bytes", NULL, "length of IP packets"),
    CF_MAP_AS("tcp-flags", "flags", "number",
              "PSH, URG and ACK alone are not recorded by VPC logs"),
    CF_MAP_AS("action", "action", "ACCEPT REJECT", NULL),
    CF_MAP_AS("reject-reason", "reason", NULL, "BPA, EC; not for the ordinary rejects"),
    CF_MAP_AS("log-status", "logstatus", "OK NODATA SKIPDATA",
              "where the format lacks it: nodata for rows without addresses, protocol and packets"),
    CF_MAP("flow-direction", "direction"),
    CF_MAP_AS("traffic-path", "path", "number", "egress only"),
    CF_MAP("pkt-srcaddr", "pktsip"), CF_MAP("pkt-dstaddr", "pktdip"), CF_MAP("type", "type"),
    CF_MAP("pkt-src-aws-service", "srcservice"), CF_MAP("pkt-dst-aws-service", "dstservice"),
    CF_MAP("encryption-status", "encryption"), CF_MAP("packets-lost-no-route", "lost_no_route"),
    CF_MAP("packets-lost-blackhole", "lost_blackhole"),
    CF_MAP("packets-lost-mtu-exceeded", "lost_mtu"),
    CF_MAP("packets-lost-ttl-expired", "lost_ttl"), CF_MAP("interface-id", "iface"),
    CF_MAP("instance-id", "instance"), CF_MAP("subnet-id", "subnet"), CF_MAP("vpc-id", "vpc"),
    CF_MAP_AS("account-id", "account", NULL, "owner of the interface"),
    CF_MAP_AS("az-id", "zone", NULL, "zone id, not its name"),
    CF_MAP("region", "region"), CF_MAP("sublocation-type", "sublocation_type"),
    CF_MAP("sublocation-id", "sublocation"), CF_MAP("resource-id", "resource"),
    CF_MAP("interface-type", "interface_type"), CF_MAP("resource-type", "resource_type"),
    CF_MAP("tgw-id", "tgw"), CF_MAP("tgw-attachment-id", "tgw_attachment"),
    CF_MAP("tgw-pair-attachment-id", "tgw_pair_attachment"),
    CF_MAP("tgw-src-vpc-account-id", "tgw_src_account"),
    CF_MAP("tgw-dst-vpc-account-id", "tgw_dst_account"),
    CF_MAP("tgw-src-vpc-id", "tgw_src_vpc"), CF_MAP("tgw-dst-vpc-id", "tgw_dst_vpc"),
    CF_MAP("tgw-src-subnet-id", "tgw_src_subnet"),
    CF_MAP("tgw-dst-subnet-id", "tgw_dst_subnet"), CF_MAP("tgw-src-eni", "tgw_src_iface"),
    CF_MAP("tgw-dst-eni", "tgw_dst_iface"), CF_MAP("tgw-src-az-id", "tgw_src_zone"),
    CF_MAP("tgw-dst-az-id", "tgw_dst_zone"), CF_MAP("next-hop-interface-id", "nexthop_iface"),
    CF_MAP("next-hop-subnet-id", "nexthop_subnet"), CF_MAP("next-hop-az-id", "nexthop_zone"),
    CF_MAP("next-hop-vpc-id", "nexthop_vpc"), CF_MAP("next-hop-interface-type", "nexthop_type"),
    CF_MAP("ecs-cluster-arn", "ecs_cluster_arn"), CF_MAP("ecs-cluster-name", "ecs_cluster"),
    CF_MAP("ecs-container-instance-arn", "ecs_container_instance_arn"),
    CF_MAP("ecs-container-instance-id", "ecs_container_instance"),
    CF_MAP("ecs-container-id", "ecs_container"),
    CF_MAP("ecs-second-container-id", "ecs_container2"),
    CF_MAP("ecs-service-name", "ecs_service"),
    CF_MAP("ecs-task-definition-arn", "ecs_task_definition_arn"),
    CF_MAP("ecs-task-arn", "ecs_task_arn"), CF_MAP("ecs-task-id", "ecs_task"),
    CF_MAP("instance-tag", "instance_tag"), CF_MAP("instance-tag-2", "instance_tag2"),
    CF_MAP("interface-tag", "interface_tag"), CF_MAP("interface-tag-2", "interface_tag2"),
    CF_MAP("asg-tag", "asg_tag"), CF_MAP("asg-tag-2", "asg_tag2"), CF_MAP("version", "version"),
    CF_MAP_VALUE("provider", "aws", NULL),
    CF_MAP_VALUE("shape", "uni", NULL),
    CF_MAP_VALUE("counts", "delta", "of one interface and capture window"),
    CF_MAP_VALUE("bytekind", "ip", NULL),
    CF_MAP_END
};

const char aws_default_v2[] =
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start "
    "end action log-status";

const char aws_default_tgw[] =
    "version resource-type account-id tgw-id tgw-attachment-id tgw-src-vpc-account-id "
    "tgw-dst-vpc-account-id tgw-src-vpc-id tgw-dst-vpc-id tgw-src-subnet-id tgw-dst-subnet-id "
    "tgw-src-eni tgw-dst-eni tgw-src-az-id tgw-dst-az-id tgw-pair-attachment-id srcaddr dstaddr "
    "srcport dstport protocol packets bytes start end log-status type packets-lost-no-route "
    "packets-lost-blackhole packets-lost-mtu-exceeded packets-lost-ttl-expired tcp-flags region "
    "flow-direction pkt-src-aws-service pkt-dst-aws-service";

const char *aws_known(const char *s, size_t n, unsigned *rank)
{
    char name[32];
    size_t i;

    if (n == 0 || n >= sizeof name)
        return NULL;
    for (i = 0; i < n; i++) {
        char c = s[i];

        name[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c == '_' ? '-' : c;
    }
    name[n] = '\0';
    for (i = 0; aws_map[i].theirs != NULL; i++) {
        if (strcmp(aws_map[i].theirs, name) == 0) {
            if (rank != NULL)
                *rank = (unsigned)i;
            return aws_map[i].ours;
        }
    }
    return NULL;
}

static aws_span_t trimmed(const char *s, size_t n, bool blanks)
{
    aws_span_t v;

    while (blanks && n > 0 && (s[0] == ' ' || s[0] == '\r'))
        s++, n--;
    while (blanks && n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\r'))
        n--;
    /* Spreadsheets put values between quotes. */
    if (n >= 2 && s[0] == '"' && s[n - 1] == '"') {
        s++;
        n -= 2;
    }
    v.s = s;
    v.n = n;
    return v;
}

int aws_split(const char *s, size_t n, char sep, aws_span_t *out, uint32_t max)
{
    const char *end = s + n;
    uint32_t count = 0;

    if (sep == ' ') {
        while (s < end) {
            const char *from;

            while (s < end && (*s == ' ' || *s == '\r'))
                s++;
            if (s == end)
                break;
            from = s;
            while (s < end && *s != ' ' && *s != '\r')
                s++;
            if (count == max)
                return -1;
            out[count++] = trimmed(from, (size_t)(s - from), false);
        }
        return (int)count;
    }
    for (;;) {
        const char *cut = memchr(s, sep, (size_t)(end - s));
        const char *to = cut != NULL ? cut : end;

        if (count == max)
            return -1;
        out[count++] = trimmed(s, (size_t)(to - s), true);
        if (cut == NULL)
            return (int)count;
        s = cut + 1;
    }
}

static bool is_name(aws_span_t t)
{
    size_t i;

    if (t.n == 0 || !isalpha((unsigned char)t.s[0]))
        return false;
    for (i = 1; i < t.n; i++) {
        unsigned char c = (unsigned char)t.s[i];

        if (!isalnum(c) && c != '-' && c != '_' && c != '.' && c != ':' && c != '@')
            return false;
    }
    return true;
}

bool aws_is_header(const char *s, size_t n, char *sep)
{
    aws_span_t t[AWS_VALUES_MAX];
    int count, known = 0, i;
    bool sure = false, first = false;

    /* Quick: a row has a number, an address or a '-' soon. */
    for (i = 0; (size_t)i < n && (s[i] == '"' || s[i] == ' '); i++)
        continue;
    if ((size_t)i == n || !isalpha((unsigned char)s[i]))
        return false;
    *sep = memchr(s, ',', n) != NULL ? ',' : memchr(s, '\t', n) != NULL ? '\t' : ' ';
    count = aws_split(s, n, *sep, t, AWS_VALUES_MAX);
    for (i = 0; i < count; i++) {
        const char *ours;

        if (!is_name(t[i]))
            return false;
        ours = aws_known(t[i].s, t[i].n, NULL);
        if (ours == NULL)
            continue;
        known++;
        if (strcmp(ours, "sip") == 0 || strcmp(ours, "iface") == 0)
            sure = true;
        first = first || strcmp(ours, "version") == 0;
    }
    /* Others have a version, too, among names that are none of AWS's. */
    sure = sure || (first && known * 2 >= count);
    return count > 0 && (sure || known * 2 >= count) && known > 0 && (count > 1 || sure);
}

size_t aws_export_prefix(const char *s, size_t n)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd";
    size_t i;

    if (n < sizeof shape + 1)
        return 0;
    for (i = 0; i < sizeof shape - 1; i++) {
        if (shape[i] == 'd' ? !isdigit((unsigned char)s[i]) : s[i] != shape[i])
            return 0;
    }
    if (s[i] == '.') {
        do
            i++;
        while (i < n && isdigit((unsigned char)s[i]));
    }
    return i + 1 < n && s[i] == 'Z' && s[i + 1] == ' ' ? i + 2 : 0;
}
