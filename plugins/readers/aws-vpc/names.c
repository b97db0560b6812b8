/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names: which AWS field is which of ours, and how to tell a line of names from a line of values.
 * Names are those of "Flow log records" (VPC User Guide, versions 2 to 11) and "Transit Gateway
 * Flow Log records"; the order of the table is the order of columns.
 */
#include <ctype.h>

#include "aws.h"

typedef struct pair {
    const char *aws;
    const char *ours;
} pair_t;

static const pair_t table[] = {
    { "start", "stime" }, { "end", "etime" }, { "srcaddr", "sip" }, { "dstaddr", "dip" },
    { "srcport", "sport" }, { "dstport", "dport" }, { "protocol", "proto" },
    { "packets", "packets" }, { "bytes", "bytes" }, { "tcp-flags", "flags" },
    { "action", "action" }, { "reject-reason", "reason" }, { "log-status", "logstatus" },
    { "flow-direction", "direction" }, { "traffic-path", "path" }, { "pkt-srcaddr", "pktsip" },
    { "pkt-dstaddr", "pktdip" }, { "type", "type" }, { "pkt-src-aws-service", "srcservice" },
    { "pkt-dst-aws-service", "dstservice" }, { "encryption-status", "encryption" },
    { "packets-lost-no-route", "lost_no_route" }, { "packets-lost-blackhole", "lost_blackhole" },
    { "packets-lost-mtu-exceeded", "lost_mtu" }, { "packets-lost-ttl-expired", "lost_ttl" },
    { "interface-id", "iface" }, { "instance-id", "instance" }, { "subnet-id", "subnet" },
    { "vpc-id", "vpc" }, { "account-id", "account" }, { "az-id", "zone" }, { "region", "region" },
    { "sublocation-type", "sublocation_type" }, { "sublocation-id", "sublocation" },
    { "resource-id", "resource" }, { "interface-type", "interface_type" },
    { "resource-type", "resource_type" }, { "tgw-id", "tgw" },
    { "tgw-attachment-id", "tgw_attachment" }, { "tgw-pair-attachment-id", "tgw_pair_attachment" },
    { "tgw-src-vpc-account-id", "tgw_src_account" },
    { "tgw-dst-vpc-account-id", "tgw_dst_account" }, { "tgw-src-vpc-id", "tgw_src_vpc" },
    { "tgw-dst-vpc-id", "tgw_dst_vpc" }, { "tgw-src-subnet-id", "tgw_src_subnet" },
    { "tgw-dst-subnet-id", "tgw_dst_subnet" }, { "tgw-src-eni", "tgw_src_iface" },
    { "tgw-dst-eni", "tgw_dst_iface" }, { "tgw-src-az-id", "tgw_src_zone" },
    { "tgw-dst-az-id", "tgw_dst_zone" }, { "next-hop-interface-id", "nexthop_iface" },
    { "next-hop-subnet-id", "nexthop_subnet" }, { "next-hop-az-id", "nexthop_zone" },
    { "next-hop-vpc-id", "nexthop_vpc" }, { "next-hop-interface-type", "nexthop_type" },
    { "ecs-cluster-arn", "ecs_cluster_arn" }, { "ecs-cluster-name", "ecs_cluster" },
    { "ecs-container-instance-arn", "ecs_container_instance_arn" },
    { "ecs-container-instance-id", "ecs_container_instance" },
    { "ecs-container-id", "ecs_container" }, { "ecs-second-container-id", "ecs_container2" },
    { "ecs-service-name", "ecs_service" }, { "ecs-task-definition-arn", "ecs_task_definition_arn" },
    { "ecs-task-arn", "ecs_task_arn" }, { "ecs-task-id", "ecs_task" },
    { "instance-tag", "instance_tag" }, { "instance-tag-2", "instance_tag2" },
    { "interface-tag", "interface_tag" }, { "interface-tag-2", "interface_tag2" },
    { "asg-tag", "asg_tag" }, { "asg-tag-2", "asg_tag2" }, { "version", "version" },
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
    for (i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].aws, name) == 0) {
            if (rank != NULL)
                *rank = (unsigned)i;
            return table[i].ours;
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
    bool sure = false;

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
        if (strcmp(ours, "version") == 0 || strcmp(ours, "sip") == 0 || strcmp(ours, "iface") == 0)
            sure = true;
    }
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
