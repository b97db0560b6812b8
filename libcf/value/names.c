/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of protocols and ports that people type, from the IANA registries "Protocol Numbers" and
 * "Service Name and Transport Protocol Port Number Registry". Built in, so that an answer does not
 * depend on the machine's /etc.
 */
#include <string.h>
#include <strings.h>

#include <cf/value.h>

static const struct {
    uint8_t number;
    const char *name;
} protocols[] = {
    { 0, "hopopt" }, { 1, "icmp" }, { 2, "igmp" }, { 3, "ggp" }, { 4, "ipv4" }, { 6, "tcp" },
    { 8, "egp" }, { 9, "igp" }, { 17, "udp" }, { 27, "rdp" }, { 33, "dccp" }, { 41, "ipv6" },
    { 43, "ipv6-route" }, { 44, "ipv6-frag" }, { 46, "rsvp" }, { 47, "gre" }, { 50, "esp" },
    { 51, "ah" }, { 58, "ipv6-icmp" }, { 59, "ipv6-nonxt" }, { 60, "ipv6-opts" }, { 88, "eigrp" },
    { 89, "ospf" }, { 94, "ipip" }, { 97, "etherip" }, { 103, "pim" }, { 108, "ipcomp" },
    { 112, "vrrp" }, { 115, "l2tp" }, { 132, "sctp" }, { 133, "fc" }, { 136, "udplite" },
    { 137, "mpls-in-ip" },
};

static bool same(const char *name, const char *s, size_t n)
{
    return strlen(name) == n && strncasecmp(name, s, n) == 0;
}

int cf_proto_parse(const char *s, size_t n, uint8_t *out)
{
    uint64_t v;

    if (n > 0 && s[0] >= '0' && s[0] <= '9') {
        int rc = cf_uint_parse(s, n, 255, &v);

        if (rc == CF_OK)
            *out = (uint8_t)v;
        return rc;
    }
    if (same("icmp6", s, n) || same("icmpv6", s, n)) {
        *out = 58;
        return CF_OK;
    }
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
        if (same(protocols[i].name, s, n)) {
            *out = protocols[i].number;
            return CF_OK;
        }
    }
    return CF_R_ENUM;
}

const char *cf_proto_name(uint8_t proto)
{
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++)
        if (protocols[i].number == proto)
            return protocols[i].name;
    return NULL;
}

static const struct {
    uint16_t number;
    const char *name;
} ports[] = {
    { 20, "ftp-data" }, { 21, "ftp" }, { 22, "ssh" }, { 23, "telnet" }, { 25, "smtp" },
    { 37, "time" }, { 43, "whois" }, { 49, "tacacs" }, { 53, "domain" }, { 53, "dns" },
    { 67, "bootps" }, { 68, "bootpc" }, { 69, "tftp" }, { 70, "gopher" }, { 79, "finger" },
    { 80, "http" }, { 88, "kerberos" }, { 110, "pop3" }, { 111, "sunrpc" }, { 113, "ident" },
    { 119, "nntp" }, { 123, "ntp" }, { 135, "epmap" }, { 137, "netbios-ns" },
    { 138, "netbios-dgm" }, { 139, "netbios-ssn" }, { 143, "imap" }, { 161, "snmp" },
    { 162, "snmptrap" }, { 179, "bgp" }, { 194, "irc" }, { 389, "ldap" }, { 443, "https" },
    { 445, "microsoft-ds" }, { 445, "smb" }, { 465, "submissions" }, { 500, "isakmp" },
    { 514, "syslog" }, { 515, "printer" }, { 520, "rip" }, { 543, "klogin" }, { 546, "dhcpv6-client" },
    { 547, "dhcpv6-server" }, { 554, "rtsp" }, { 587, "submission" }, { 631, "ipp" },
    { 636, "ldaps" }, { 853, "domain-s" }, { 873, "rsync" }, { 989, "ftps-data" }, { 990, "ftps" },
    { 993, "imaps" }, { 995, "pop3s" }, { 1080, "socks" }, { 1194, "openvpn" }, { 1433, "ms-sql-s" },
    { 1434, "ms-sql-m" }, { 1521, "oracle" }, { 1701, "l2tp" }, { 1723, "pptp" }, { 1812, "radius" },
    { 1813, "radius-acct" }, { 1883, "mqtt" }, { 1900, "ssdp" }, { 2049, "nfs" }, { 2181, "zookeeper" },
    { 2375, "docker" }, { 2376, "docker-s" }, { 2379, "etcd-client" }, { 2380, "etcd-server" },
    { 3128, "squid" }, { 3260, "iscsi-target" }, { 3268, "msft-gc" }, { 3306, "mysql" },
    { 3389, "ms-wbt-server" }, { 3389, "rdp" }, { 3478, "stun" }, { 4500, "ipsec-nat-t" },
    { 4789, "vxlan" }, { 5060, "sip" }, { 5061, "sips" }, { 5222, "xmpp-client" },
    { 5353, "mdns" }, { 5432, "postgresql" }, { 5671, "amqps" }, { 5672, "amqp" }, { 5900, "rfb" },
    { 5985, "wsman" }, { 5986, "wsmans" }, { 6081, "geneve" }, { 6379, "redis" }, { 6443, "kubernetes" },
    { 6667, "ircu" }, { 8080, "http-alt" }, { 8443, "pcsync-https" }, { 8883, "secure-mqtt" },
    { 9092, "kafka" }, { 9200, "elasticsearch" }, { 10250, "kubelet" }, { 11211, "memcache" },
    { 27017, "mongodb" }, { 51820, "wireguard" },
};

int cf_port_parse(const char *s, size_t n, uint16_t *out)
{
    uint64_t v;

    if (n > 0 && s[0] >= '0' && s[0] <= '9') {
        int rc = cf_uint_parse(s, n, 65535, &v);

        if (rc == CF_OK)
            *out = (uint16_t)v;
        return rc;
    }
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        if (same(ports[i].name, s, n)) {
            *out = ports[i].number;
            return CF_OK;
        }
    }
    return CF_R_ENUM;
}

const char *cf_port_name(uint16_t port)
{
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++)
        if (ports[i].number == port)
            return ports[i].name;
    return NULL;
}
