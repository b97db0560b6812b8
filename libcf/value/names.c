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
    { 0, "hopopt" }, { 1, "icmp" }, { 2, "igmp" }, { 3, "ggp" }, { 4, "ipv4" }, { 5, "st" },
    { 6, "tcp" }, { 7, "cbt" }, { 8, "egp" }, { 9, "igp" }, { 10, "bbn-rcc-mon" }, { 11, "nvp-ii" },
    { 12, "pup" }, { 13, "argus" }, { 14, "emcon" }, { 15, "xnet" }, { 16, "chaos" }, { 17, "udp" },
    { 18, "mux" }, { 19, "dcn-meas" }, { 20, "hmp" }, { 21, "prm" }, { 22, "xns-idp" },
    { 23, "trunk-1" }, { 24, "trunk-2" }, { 25, "leaf-1" }, { 26, "leaf-2" }, { 27, "rdp" },
    { 28, "irtp" }, { 29, "iso-tp4" }, { 30, "netblt" }, { 31, "mfe-nsp" }, { 32, "merit-inp" },
    { 33, "dccp" }, { 34, "3pc" }, { 35, "idpr" }, { 36, "xtp" }, { 37, "ddp" },
    { 38, "idpr-cmtp" }, { 39, "tp++" }, { 40, "il" }, { 41, "ipv6" }, { 42, "sdrp" },
    { 43, "ipv6-route" }, { 44, "ipv6-frag" }, { 45, "idrp" }, { 46, "rsvp" }, { 47, "gre" },
    { 48, "dsr" }, { 49, "bna" }, { 50, "esp" }, { 51, "ah" }, { 52, "i-nlsp" }, { 53, "swipe" },
    { 54, "narp" }, { 55, "mobile" }, { 56, "tlsp" }, { 57, "skip" }, { 58, "ipv6-icmp" },
    { 59, "ipv6-nonxt" }, { 60, "ipv6-opts" }, { 62, "cftp" }, { 64, "sat-expak" },
    { 65, "kryptolan" }, { 66, "rvd" }, { 67, "ippc" }, { 69, "sat-mon" }, { 70, "visa" },
    { 71, "ipcv" }, { 72, "cpnx" }, { 73, "cphb" }, { 74, "wsn" }, { 75, "pvp" },
    { 76, "br-sat-mon" }, { 77, "sun-nd" }, { 78, "wb-mon" }, { 79, "wb-expak" }, { 80, "iso-ip" },
    { 81, "vmtp" }, { 82, "secure-vmtp" }, { 83, "vines" }, { 84, "iptm" }, { 85, "nsfnet-igp" },
    { 86, "dgp" }, { 87, "tcf" }, { 88, "eigrp" }, { 89, "ospf" }, { 90, "sprite-rpc" },
    { 91, "larp" }, { 92, "mtp" }, { 93, "ax.25" }, { 94, "ipip" }, { 95, "micp" },
    { 96, "scc-sp" }, { 97, "etherip" }, { 98, "encap" }, { 100, "gmtp" }, { 101, "ifmp" },
    { 102, "pnni" }, { 103, "pim" }, { 104, "aris" }, { 105, "scps" }, { 106, "qnx" },
    { 107, "a/n" }, { 108, "ipcomp" }, { 109, "snp" }, { 110, "compaq-peer" }, { 111, "ipx-in-ip" },
    { 112, "vrrp" }, { 113, "pgm" }, { 115, "l2tp" }, { 116, "ddx" }, { 117, "iatp" },
    { 118, "stp" }, { 119, "srp" }, { 120, "uti" }, { 121, "smp" }, { 122, "sm" }, { 123, "ptp" },
    { 124, "isis" }, { 125, "fire" }, { 126, "crtp" }, { 127, "crudp" }, { 128, "sscopmce" },
    { 129, "iplt" }, { 130, "sps" }, { 131, "pipe" }, { 132, "sctp" }, { 133, "fc" },
    { 134, "rsvp-e2e-ignore" }, { 135, "mobility-header" }, { 136, "udplite" },
    { 137, "mpls-in-ip" }, { 138, "manet" }, { 139, "shim6" }, { 140, "wesp" }, { 141, "rohc" },
    { 142, "ethernet" }, { 143, "aggfrag" }, { 144, "nsh" },
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
