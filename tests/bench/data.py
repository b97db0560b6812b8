# SPDX-License-Identifier: Apache-2.0
"""The files that are measured, made once and kept: generated text in the default format and with
29 fields, JSON of Azure and Google, the same gzipped, imported at each level, and in the forms of
the peers."""
import os
import shutil
import subprocess

V2 = [("version", "UTINYINT"), ("account", "VARCHAR"), ("iface", "VARCHAR"), ("sip", "VARCHAR"),
      ("dip", "VARCHAR"), ("sport", "USMALLINT"), ("dport", "USMALLINT"), ("proto", "UTINYINT"),
      ("packets", "BIGINT"), ("bytes", "BIGINT"), ("stime", "BIGINT"), ("etime", "BIGINT"),
      ("action", "VARCHAR"), ("logstatus", "VARCHAR")]
V5 = V2 + [("vpc", "VARCHAR"), ("subnet", "VARCHAR"), ("instance", "VARCHAR"),
           ("flags", "UTINYINT"), ("type", "VARCHAR"), ("pktsip", "VARCHAR"),
           ("pktdip", "VARCHAR"), ("region", "VARCHAR"), ("az", "VARCHAR"), ("subloc", "VARCHAR"),
           ("sublocid", "VARCHAR"), ("ssvc", "VARCHAR"), ("dsvc", "VARCHAR"),
           ("direction", "VARCHAR"), ("path", "UTINYINT")]


# Kinds of text: its file, and the part of the flows asked for that it has.
FILES = {"v2": ("v2.log", 1), "v5": ("v5.log", 1), "vnet": ("vnet.json", 1),
         "gcp": ("gcp.json", 10)}
TUPLE = ["time", "sip", "dip", "sport", "dport", "proto", "direction", "state", "encryption",
         "packets", "bytes", "rpackets", "rbytes"]
WORDS = {"sip", "dip", "direction", "state", "encryption"}


def read_vnet(file):
    """Tuples of records, one a line, in columns of their types."""
    columns = ", ".join("split_part(t, ',', %d)%s AS %s" % (
        i + 1, "" if name in WORDS else "::BIGINT", name) for i, name in enumerate(TUPLE))
    return ("(SELECT mac, acl, rule, %s FROM (SELECT mac, acl, g.rule AS rule, "
            "unnest(g.flowTuples) AS t FROM (SELECT mac, f.aclID AS acl, unnest(f.flowGroups) AS g "
            "FROM (SELECT macAddress AS mac, unnest(flowRecords.flows) AS f FROM read_json('%s', "
            "format='newline_delimited', columns={macAddress: 'VARCHAR', flowRecords: "
            "'STRUCT(flows STRUCT(aclID VARCHAR, flowGroups STRUCT(rule VARCHAR, "
            "flowTuples VARCHAR[])[])[])'})))))" % (columns, file))


def read_gcp(file):
    """Entries in columns of their types; what annotates them stays nested."""
    where = "STRUCT(project_id VARCHAR, region VARCHAR, vm_name VARCHAR, zone VARCHAR)"
    vpc = "STRUCT(project_id VARCHAR, subnetwork_name VARCHAR, vpc_name VARCHAR)"
    payload = ("STRUCT(bytes_sent BIGINT, packets_sent BIGINT, reporter VARCHAR, rtt_msec BIGINT, "
               "start_time TIMESTAMP, end_time TIMESTAMP, \"connection\" STRUCT(src_ip VARCHAR, "
               "dest_ip VARCHAR, src_port INTEGER, dest_port INTEGER, protocol INTEGER), "
               "src_instance %s, dest_instance %s, src_vpc %s, dest_vpc %s)"
               % (where, where, vpc, vpc))
    return ("(SELECT jsonPayload.* FROM read_json('%s', format='newline_delimited', columns="
            "{insertId: 'VARCHAR', logName: 'VARCHAR', \"timestamp\": 'TIMESTAMP', "
            "jsonPayload: '%s'}))" % (file, payload))


def read_csv(kind, file):
    fields = {"v2": V2, "v5": V5}[kind]
    columns = ", ".join("'%s': '%s'" % pair for pair in fields)
    return ("read_csv('%s', delim=' ', header=false, skip=1, quote='', escape='', nullstr='-', "
            "auto_detect=false, columns={%s})" % (file, columns))


class Data:
    def __init__(self, work, flows, env, say):
        self.work, self.flows, self.env, self.say = work, flows, env, say
        os.makedirs(work, exist_ok=True)
        stamp = os.path.join(work, "flows")
        if os.path.exists(stamp) and open(stamp, encoding="ascii").read() != str(flows):
            for name in os.listdir(work):
                path = os.path.join(work, name)
                shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
        with open(stamp, "w", encoding="ascii") as f:
            f.write(str(flows))

    def path(self, name):
        return os.path.join(self.work, name)

    def size(self, name):
        """Bytes a record of a file, by the kind its name begins with."""
        return os.path.getsize(self.path(name)) / self.rows(name.split(".")[0])

    def rows(self, kind):
        return max(1, self.flows // FILES.get(kind, (None, 1))[1])

    def text_bytes(self, kind):
        return os.path.getsize(self.path(FILES[kind][0]))

    def make(self, name, line):
        """Runs a shell line that writes $out, unless the file is there. Never half a file."""
        if os.path.exists(self.path(name)):
            return
        self.say("making " + name)
        part = self.path("part." + name)
        if os.path.exists(part):
            os.unlink(part)
        env = dict(self.env, out=part)
        subprocess.run(["/bin/sh", "-c", "set -e; " + line], check=True, env=env, cwd=self.work)
        os.rename(part, self.path(name))

    def make_text(self, kinds):
        """The texts of the kinds wanted; records one a line beside a document, for the peers."""
        gen = "cfgen aws-vpc --flows=%d --seed=1 --format-fields=%s -o $out"
        for kind in ("v2", "v5"):
            if kind in kinds:
                self.make(kind + ".log", gen % (self.flows, kind))
        if "vnet" in kinds:
            gen = "cfgen azure-vnet --flows=%d --seed=1 --set layout=%s -o $out"
            self.make("vnet.json", gen % (self.rows("vnet"), "document"))
            self.make("vnet.ndjson", gen % (self.rows("vnet"), "lines"))
        if "gcp" in kinds:
            self.make("gcp.json", "cfgen gcp-vpc --flows=%d --seed=1 -o $out" % self.rows("gcp"))
        for kind in kinds:
            self.make(FILES[kind][0] + ".gz", "gzip -6 -n <%s >$out" % FILES[kind][0])

    def make_ours(self, commands, keep, kinds):
        """Imported anew each time unless told to keep: what is measured is what is built."""
        if "cfimport" not in commands:
            return
        for kind in sorted({"v2", "v5"} & kinds):
            for level in ("fast", "balanced", "small"):
                name = "%s.%s.cf" % (kind, level)
                if os.path.exists(self.path(name)) and not keep:
                    os.unlink(self.path(name))
                self.make(name, "cfimport --level=%s --no-provenance -o $out %s.log"
                          % (level, kind))

    def make_parquet(self, duck, kinds):
        for kind in sorted({"v2", "v5"} & kinds):
            name = kind + ".parquet"
            if os.path.exists(self.path(name)):
                continue
            self.say("making " + name)
            duck.ask("COPY (SELECT * FROM %s) TO 'part.parquet' (FORMAT parquet, "
                     "COMPRESSION zstd)" % read_csv(kind, kind + ".log"))
            os.rename(self.path("part.parquet"), self.path(name))

    def make_nfdump(self, here, python):
        """Raw and LZ4 files; the number of flows in them, which is a little less than ours."""
        count = self.path("nfdump.count")
        if not os.path.exists(count):
            self.say("making nfdump files (over loopback, slow)")
            shutil.rmtree(self.path("nf"), ignore_errors=True)
            sent = subprocess.run([python, os.path.join(here, "netflow.py"), "v2.log", "nf",
                                   "29995"], check=True, env=self.env, cwd=self.work,
                                  stdout=subprocess.PIPE, text=True).stdout.strip()
            files = sorted(os.listdir(self.path("nf")))
            os.rename(os.path.join(self.path("nf"), files[0]), self.path("nf.raw"))
            shutil.copy(self.path("nf.raw"), self.path("nf.lz4"))
            subprocess.run(["nfdump", "-J", "3", "-r", "nf.lz4"], check=True, env=self.env,
                           cwd=self.work, stdout=subprocess.DEVNULL)
            with open(count, "w", encoding="ascii") as f:
                f.write(sent)
        return int(open(count, encoding="ascii").read())
