# What must hold in every line of a conn.log; then the shares over all.
function bad(why) { if (++faults <= 5) print "line " FNR ": " why ": " $0 }
/^#fields/ { for (i = 2; i <= NF; i++) at[$i] = i - 1; next }
/^#/ { next }
NF != 22 { bad("columns"); next }
{
    n++
    proto = $at["proto"]; state = $at["conn_state"]; history = $at["history"]
    op = $at["orig_pkts"]; ob = $at["orig_ip_bytes"]; rp = $at["resp_pkts"]; rb = $at["resp_ip_bytes"]
    if ($1 !~ /^17[0-9]+\.[0-9][0-9][0-9][0-9][0-9][0-9]$/ || uids[$2]++ || length($2) != 18) bad("ts or uid")
    if (proto != (($22 == 6) ? "tcp" : ($22 == 17) ? "udp" : "icmp")) bad("protocol")
    if (op < 1 || ob < 28 * op || rb < 28 * rp) bad("sizes")
    lonely = op + rp < 2
    if (lonely != ($at["duration"] == "-") || lonely != ($at["orig_bytes"] == "-")) bad("lonely packet")
    if (!lonely && (ob < $at["orig_bytes"] + 28 * op || rb < $at["resp_bytes"] + 28 * rp)) bad("payload")
    if (proto == "icmp" && (state != "OTH" || history != "-" || $4 != 8 || $6 != 0)) bad("icmp")
    if (proto == "udp" && (state == "SF") != (history == "Dd")) bad("udp")
    if (proto == "tcp" && history !~ /^S(h?A?D?a?d?F?R?f?r?)$/) bad("history")
    if (proto == "tcp" && (state == "S0") != (rp == 0)) bad("S0")
    if (proto == "tcp" && (state == "SF") != (history ~ /F.*f/)) bad("SF")
    if (proto == "tcp" && ((state == "RSTO") != (history ~ /R/) || (state ~ /RSTR|REJ/) != (history ~ /r/))) bad("reset")
    if ($at["local_orig"] == "F" && $at["local_resp"] == "F") bad("nobody inside")
    if (($at["local_orig"] == "F") != ($3 !~ /^10\.|^2a05:d018/)) bad("local")
    states[proto " " state]++
    six += $3 ~ /:/
    if (rp == 0) silent++
    if ($at["service"] != "-") service++
    if ($at["duration"] > 300) long++
}
END {
    printf "%d lines, %d faults, silent %.2f, six %.2f, service %.1f, %s\n", n, faults, silent / n,
        six / n, service / n, (long > n / 100 ? "some last" : "none lasts")
    k = split("tcp SF,tcp S0,tcp S1,tcp REJ,tcp RSTO,tcp RSTR,udp SF,udp S0,icmp OTH", names, ",")
    for (i = 1; i <= k; i++) if (!(names[i] in states)) print "no " names[i]
}
