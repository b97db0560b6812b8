function bad(why) { if (++faults <= 10) print "line " NR ": " why ": " $0 }
NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
NF != 29 { bad("fields") }
{
    n++
    start = $at["start"]; end = $at["end"]
    if (start > end || start < 1767225600 || end >= 1767225600 + 6 * 3600) bad("time")
    if (end - start > 119) bad("longer than a window")
    if ($at["interface-id"] !~ /^eni-0[0-9a-f]+$/ || length($at["interface-id"]) != 21) bad("eni")
    status[$at["log-status"]]++
    if ($at["log-status"] != "OK") {
        for (i = 4; i <= 10; i++) if ($i != "-") bad("status record with values")
        if ($at["action"] != "-" || $at["type"] != "-" || $at["tcp-flags"] != "-") bad("status")
        next
    }
    packets = $at["packets"]; bytes = $at["bytes"]; proto = $at["protocol"]
    if (packets < 1 || bytes < 28 * packets || bytes > 1520 * packets) bad("size")
    if (bytes > 1500 * packets && $at["type"] == "IPv4") bad("size")
    if ((proto == 6) != ($at["tcp-flags"] ~ /^[0-9]+$/)) bad("flags")
    if (proto == 1 && ($at["srcport"] != 0 || $at["dstport"] != 0)) bad("ports of icmp")
    if (proto != 1 && ($at["srcport"] == 0 || $at["dstport"] == 0)) bad("no port")
    six = $at["srcaddr"] ~ /:/
    if (six != ($at["dstaddr"] ~ /:/) || six != ($at["type"] == "IPv6")) bad("type")
    egress = $at["flow-direction"] == "egress"
    own = egress ? $at["srcaddr"] : $at["dstaddr"]
    if (!six && own !~ /^10\./) bad("own address")
    if (egress != ($at["traffic-path"] ~ /^[12478]$/)) bad("path")
    # One interface, one own address.
    key = $at["interface-id"] " " six
    if (key in mine && mine[key] != own) bad("interface with two addresses")
    mine[key] = own
    plain = $at["srcaddr"] == $at["pkt-srcaddr"] && $at["dstaddr"] == $at["pkt-dstaddr"]
    translated += !plain
    if ($at["action"] == "REJECT") rejected++
    if (six) v6++
    tcp += proto == 6
    if (start < last) unsorted++
    last = start
    if (start > most + 120 && NR > 2) jumps++
    if (start > most) most = start
}
function part(what, value, low, high) {
    if (value < low * n || value > high * n) print what ": " value / n
}
END {
    part("rejected", rejected, 0.109, 0.111)
    part("IPv6", v6, 0.019, 0.021)
    part("NODATA", status["NODATA"], 0.0049, 0.0051)
    part("SKIPDATA", status["SKIPDATA"], 0.00009, 0.00011)
    part("translated", translated, 0.08, 0.25)
    part("TCP", tcp, 0.85, 0.97)
    part("unsorted", unsorted, 0.2, 0.6)
    print n " records, " faults + 0 " faults"
}
