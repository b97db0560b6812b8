# SPDX-License-Identifier: Apache-2.0
"""The files that are measured, made once and kept: generated text in the default format and with
29 fields, the same gzipped, imported at each level, and in the forms of the peers."""
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
        return os.path.getsize(self.path(name)) / self.flows

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

    def make_text(self):
        gen = "cfgen aws-vpc --flows=%d --seed=1 --format-fields=%s -o $out"
        for kind in ("v2", "v5"):
            self.make(kind + ".log", gen % (self.flows, kind))
            self.make(kind + ".log.gz", "gzip -6 -n <%s.log >$out" % kind)

    def make_ours(self, commands, keep):
        """Imported anew each time unless told to keep: what is measured is what is built."""
        if "cfimport" not in commands:
            return
        for kind in ("v2", "v5"):
            for level in ("fast", "balanced", "small"):
                name = "%s.%s.cf" % (kind, level)
                if os.path.exists(self.path(name)) and not keep:
                    os.unlink(self.path(name))
                self.make(name, "cfimport --level=%s --no-provenance -o $out %s.log"
                          % (level, kind))

    def make_parquet(self, duck):
        for kind in ("v2", "v5"):
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
