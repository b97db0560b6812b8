# SPDX-License-Identifier: Apache-2.0
"""What is measured: each job names our command line, what its bar is, and the peers that do the
same work in the same run. A rate is rows of the input by wall time."""
from data import TUPLE, V2, read_csv, read_gcp, read_vnet

HOUR = ("2026-01-01T12:00:00Z", "2026-01-01T13:00:00Z")
HOUR_SECONDS = (1767268800, 1767272400)
TWELVE = "stime,etime,sip,dip,sport,dport,proto,packets,bytes,action,iface,logstatus"


class Job:
    def __init__(self, key, title, line, bar=None, cpus=1, peers=(), check=None, needs=(),
                 who="cftools", kind="v2", against=None, times=None, bytes_bar=None):
        self.key, self.title, self.line, self.bar = key, title, line, bar
        self.cpus, self.peers, self.check = cpus, list(peers), check
        self.needs = list(needs)      # commands
        self.who = who
        self.kind = kind              # of the text: how many rows and bytes
        self.bytes_bar = bytes_bar    # bytes of the text a second, beside rows or alone
        self.against, self.times = against, times   # a bar that is a ratio to another job


def duck(label, sql):
    return ("duck", label, sql)


def shell(label, line, program):
    return ("shell", label, line, program)


def jobs():
    top = "SELECT sip, sum(bytes) b FROM '%s' GROUP BY sip ORDER BY b DESC NULLS LAST LIMIT 10"
    copy = "COPY (SELECT %s FROM '%s') TO '%s' (FORMAT %s)"
    text_top = ("mawk 'NR>1&&$14==\"OK\"{b[$4]+=$10}END{for(k in b)printf \"%%s %%.0f\\n\",k,b[k]}'"
                " v2.log | sort -k2,2nr | head -n 10").replace("%%", "%")
    yield Job("import-columns", "import v2 text, light encodings only, thrown away",
              "cfimport --level=fast -o /dev/null v2.log", 5e6, needs=["cfimport"],
              peers=[duck("DuckDB read_csv to a table", "CREATE OR REPLACE TEMP TABLE t AS SELECT "
                          "* FROM " + read_csv("v2", "v2.log"))])
    yield Job("import-v2", "import v2 text to a balanced file",
              "cfimport --force -o out.cf v2.log", 3e6, needs=["cfimport"],
              peers=[duck("DuckDB read_csv to Parquet zstd", "COPY (SELECT * FROM %s) TO "
                          "'out.parquet' (FORMAT parquet, COMPRESSION zstd)"
                          % read_csv("v2", "v2.log"))])
    yield Job("import-v5", "import v5 text, 29 fields, to a balanced file",
              "cfimport --force -o out.cf v5.log", 2e6, needs=["cfimport"], kind="v5",
              peers=[duck("DuckDB read_csv to Parquet zstd", "COPY (SELECT * FROM %s) TO "
                          "'out.parquet' (FORMAT parquet, COMPRESSION zstd)"
                          % read_csv("v5", "v5.log"))])
    yield Job("inflate-v2", "inflate v2.log.gz alone (igzip, one core)",
              "igzip -d -c v2.log.gz >/dev/null", needs=["igzip"], who="igzip",
              peers=[shell("gzip", "gzip -dc v2.log.gz >/dev/null", "gzip")])
    yield Job("import-gz-v2", "import v2.log.gz to a balanced file, two cores",
              "cfimport --threads=2 --force -o out.cf v2.log.gz", cpus=2,
              needs=["cfimport", "igzip"], against="inflate-v2", times=1.2)
    yield Job("inflate-v5", "inflate v5.log.gz alone (igzip, one core)",
              "igzip -d -c v5.log.gz >/dev/null", needs=["igzip"], who="igzip", kind="v5")
    yield Job("import-gz-v5", "import v5.log.gz to a balanced file, two cores",
              "cfimport --threads=2 --force -o out.cf v5.log.gz", cpus=2, kind="v5",
              needs=["cfimport", "igzip"], against="inflate-v5", times=1.2)
    two = "FROM 'v2.parquet' WHERE dport = 443 AND proto = 6"
    yield Job("filter-count", "filter two columns and count",
              "cffilter 'dport == 443 and proto == 6' --count v2.balanced.cf", 250e6,
              needs=["cffilter"], check="SELECT count(*) " + two,
              peers=[duck("DuckDB on Parquet", "SELECT count(*) " + two),
                     shell("nfdump raw", "nfdump -r nf.raw -n 1 -s proto/flows "
                           "'dst port 443 and proto tcp' >/dev/null", "nfdump"),
                     shell("nfdump lz4", "nfdump -r nf.lz4 -n 1 -s proto/flows "
                           "'dst port 443 and proto tcp' >/dev/null", "nfdump")])
    yield Job("filter-file", "filter to a new file, a quarter passes, 29 columns",
              "cffilter 'dport == 443 or sport == 443' --force --pass=out.cf v5.balanced.cf", 15e6,
              needs=["cffilter"], kind="v5",
              peers=[duck("DuckDB Parquet to Parquet zstd", "COPY (SELECT * FROM 'v5.parquet' "
                          "WHERE dport = 443 OR sport = 443) TO 'out.parquet' (FORMAT parquet, "
                          "COMPRESSION zstd)"),
                     shell("nfdump lz4 to lz4", "nfdump -r nf.lz4 -w out.nf -y "
                           "'dst port 443 or src port 443'", "nfdump")])
    yield Job("top", "top 10 source addresses by bytes",
              "cfstats --fields=sip --values=bytes --count=10 v2.balanced.cf", 60e6,
              needs=["cfstats"], check=top % "v2.parquet",
              peers=[duck("DuckDB on Parquet", top % "v2.parquet"),
                     shell("nfdump lz4", "nfdump -r nf.lz4 -n 10 -s srcip/bytes >/dev/null",
                           "nfdump")])
    hour = "stime >= %d AND stime < %d" % HOUR_SECONDS
    ours = "stime >= %s and stime < %s" % HOUR
    yield Job("hour-filter", "filter and count within one hour of the day",
              "cffilter '%s and dport == 443 and proto == 6' --count v2.balanced.cf" % ours,
              needs=["cffilter"], check="SELECT count(*) %s AND %s" % (two, hour),
              peers=[duck("DuckDB on Parquet", "SELECT count(*) %s AND %s" % (two, hour))])
    yield Job("hour-top", "top 10 of one hour of the day, two commands",
              "cffilter '%s' v2.balanced.cf | cfstats --fields=sip --values=bytes --count=10"
              % ours, needs=["cffilter", "cfstats"],
              check=(top % "v2.parquet").replace("GROUP BY", "WHERE %s GROUP BY" % hour),
              peers=[duck("DuckDB on Parquet", (top % "v2.parquet").replace(
                  "GROUP BY", "WHERE %s GROUP BY" % hour))])
    yield Job("text-top", "top 10 straight from v2 text",
              "cfstats --fields=sip --values=bytes --count=10 v2.log", needs=["cfstats"],
              peers=[shell("mawk and sort", text_top, "mawk"),
                     duck("DuckDB read_csv", (top % "X").replace("'X'", read_csv("v2", "v2.log")))])
    yield Job("csv", "CSV of 12 fields", "cfcut --format=csv --fields=%s v2.balanced.cf >/dev/null"
              % TWELVE, 4e6, needs=["cfcut"],
              peers=[duck("DuckDB COPY csv", copy % (TWELVE, "v2.parquet", "/dev/null", "csv"))])
    yield Job("ndjson", "NDJSON of 12 fields",
              "cfcut --format=ndjson --fields=%s v2.balanced.cf >/dev/null" % TWELVE, 3e6,
              needs=["cfcut"],
              peers=[duck("DuckDB COPY json", copy % (TWELVE, "v2.parquet", "/dev/null", "json"))])
    yield from json_jobs()
    yield from scaling()


def json_jobs():
    """Documents of Azure and entries of Google to columns. The peers read the records of the
    document one a line, since they would hold a document in memory as a whole."""
    jq = ("jq -r '.macAddress as $m | .flowRecords.flows[] | .aclID as $a | .flowGroups[] | "
          ".rule as $r | .flowTuples[] | [$m, $a, $r] + split(\",\") | @tsv' vnet.ndjson >/dev/null")
    mlr = ("mlr --ijsonl --otsv put -q 'for (f in $flowRecords.flows) { for (g in f.flowGroups) { "
           "for (t in g.flowTuples) { a = splitax(t, \",\"); emit {\"mac\": $macAddress, "
           "\"acl\": f.aclID, \"rule\": g.rule, %s} } } }' vnet.ndjson >/dev/null"
           % ", ".join('"%s": a[%d]' % (name, i + 1) for i, name in enumerate(TUPLE)))
    table = "CREATE OR REPLACE TEMP TABLE t AS SELECT * FROM "
    yield Job("vnet-columns", "import azure-vnet JSON, light encodings only, thrown away",
              "cfimport --level=fast -o /dev/null vnet.json", 6e6, needs=["cfimport"], kind="vnet",
              bytes_bar=600e6, peers=[duck("DuckDB read_json to a table", table
                                           + read_vnet("vnet.ndjson")),
                                      shell("jq to TSV", jq, "jq"),
                                      shell("Miller to TSV", mlr, "mlr")])
    top = "SELECT sip, sum(bytes) b FROM %s GROUP BY sip ORDER BY b DESC LIMIT 10"
    yield Job("vnet-top", "top 10 straight from azure-vnet JSON",
              "cfstats --fields=sip --values=bytes --count=10 vnet.json", needs=["cfstats"],
              kind="vnet", check=top % read_vnet("vnet.ndjson"),
              peers=[duck("DuckDB read_json", top % read_vnet("vnet.ndjson"))])
    fields = ["start_time", "end_time", "connection.src_ip", "connection.dest_ip",
              "connection.src_port", "connection.dest_port", "connection.protocol",
              "packets_sent", "bytes_sent", "reporter", "rtt_msec", "src_instance.vm_name",
              "dest_instance.vm_name", "src_vpc.vpc_name", "dest_vpc.vpc_name"]
    jq = ("jq -r '.jsonPayload | [%s] | @tsv' gcp.json >/dev/null"
          % ", ".join("." + name for name in fields))
    mlr = ("mlr --ijsonl --otsv --records-per-batch 500 flatten then template -f %s gcp.json "
           ">/dev/null" % ",".join("jsonPayload." + name for name in fields))
    yield Job("gcp-columns", "import gcp-vpc JSON, light encodings only, thrown away",
              "cfimport --level=fast -o /dev/null gcp.json", needs=["cfimport"], kind="gcp",
              bytes_bar=1e9, peers=[duck("DuckDB read_json to a table", table
                                         + read_gcp("gcp.json")),
                                    shell("jq to TSV", jq, "jq"),
                                    shell("Miller to TSV", mlr, "mlr")])
    top = ("SELECT \"connection\".src_ip, sum(bytes_sent) b FROM %s GROUP BY ALL ORDER BY b DESC "
           "LIMIT 10" % read_gcp("gcp.json"))
    yield Job("gcp-top", "top 10 straight from gcp-vpc JSON",
              "cfstats --fields=sip --values=bytes --count=10 gcp.json", needs=["cfstats"],
              kind="gcp", check=top, peers=[duck("DuckDB read_json", top)])
    for kind, name in (("vnet", "azure-vnet"), ("gcp", "gcp-vpc")):
        yield Job("inflate-" + kind, "inflate %s.json.gz alone (igzip, one core)" % kind,
                  "igzip -d -c %s.json.gz >/dev/null" % kind, needs=["igzip"], who="igzip",
                  kind=kind, peers=[shell("gzip", "gzip -dc %s.json.gz >/dev/null" % kind, "gzip")])
        yield Job("gz-" + kind, "import %s JSON from gzip, light encodings only, two cores" % name,
                  "cfimport --threads=2 --level=fast -o /dev/null %s.json.gz" % kind, cpus=2,
                  needs=["cfimport", "igzip"], kind=kind, against="inflate-" + kind, times=1.2)


def scaling():
    """Two threads on two cores against one thread on one; the bar is a ratio below 1."""
    for key, title, line, command in (
            ("import-v2", "import v2 text to a balanced file",
             "cfimport --threads=2 --force -o out.cf v2.log", "cfimport"),
            ("filter-count", "filter two columns and count",
             "cffilter --threads=2 'dport == 443 and proto == 6' --count v2.balanced.cf",
             "cffilter"),
            ("top", "top 10 source addresses by bytes",
             "cfstats --threads=2 --fields=sip --values=bytes --count=10 v2.balanced.cf",
             "cfstats")):
        yield Job(key + "-2", title + ", two threads", line, cpus=2, needs=[command],
                  against=key, times=1 / 1.7)


# Size of a record: file, title, bar in bytes.
SIZES = [
    ("v2.log", "v2 text", None), ("v2.log.gz", "v2 text, gzip -6", None),
    ("v2.parquet", "v2 Parquet zstd (DuckDB)", None),
    ("v2.fast.cf", "v2 .cf fast", None), ("v2.balanced.cf", "v2 .cf balanced", 11.0),
    ("v2.small.cf", "v2 .cf small", 9.5),
    ("v5.log", "v5 text", None), ("v5.log.gz", "v5 text, gzip -6", None),
    ("v5.parquet", "v5 Parquet zstd (DuckDB)", None),
    ("v5.fast.cf", "v5 .cf fast", None), ("v5.balanced.cf", "v5 .cf balanced", 14.0),
    ("v5.small.cf", "v5 .cf small", 12.0),
    ("vnet.json", "azure-vnet JSON", None), ("vnet.json.gz", "azure-vnet JSON, gzip -6", None),
    ("gcp.json", "gcp-vpc JSON", None), ("gcp.json.gz", "gcp-vpc JSON, gzip -6", None),
    ("nf.raw", "nfdump raw (fewer fields)", None), ("nf.lz4", "nfdump lz4 (fewer fields)", None)]

assert [name for name, _ in V2][10] == "stime"
