# SPDX-License-Identifier: Apache-2.0
"""Bounds that the manual pages promise: memory of the streaming commands whatever the size of the
input, few open files however many inputs, no descriptor lost. Peak memory is what the kernel saw
(ru_maxrss)."""
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

MEGABYTE = 1024  # in units of ru_maxrss
STREAMING = 256 * MEGABYTE
MAKE = """set -e
cfgen aws-vpc --flows=1500000 --seed=2 --format-fields=v5 >big.log
cfimport --no-provenance -o big.cf big.log
cfgen oci-vcn --flows=80000 >oci.log
cfgen oci-vcn --flows=40000 --format-fields=stream >stream.log
cfgen ibm-vpc --flows=400000 | awk '{ sub(/^.*"flow_logs":\\[/, ""); sub(/\\]}$/, "") }
    $0 != "" { printf "%s%s", (n++ ? "," : "{\\"flow_logs\\":["), $0 }
    END { print "],\\"state\\":\\"ok\\",\\"vpc_crn\\":\\"c\\",\\"network_interface_id\\":\\"i\\"}" }' >long.log
cfgen gcp-vpc --flows=60000 --seed=2 >gcp.json
# long texts that never repeat, and keys without end
awk 'BEGIN { for (s = "v"; length(s) < 4000;) s = s s
    for (i = 0; i < 8000; i++) {
        keys = ""
        for (k = 0; k < 40; k++) keys = keys ",\\"k" (i * 31 + k) "\\":\\"" i "\\""
        printf "{\\"insertId\\":\\"%s%d\\",\\"jsonPayload\\":{\\"connection\\":{\\"src_ip\\":" \
            "\\"10.0.0.1\\",\\"dest_ip\\":\\"10.0.0.2\\"},\\"start_time\\":\\"2026-03-07T14:03:00Z\\"," \
            "\\"src_instance\\":{\\"vm_name\\":\\"%s%d\\"}%s},\\"logName\\":" \
            "\\"projects/p/logs/compute.googleapis.com%%2Fvpc_flows\\"}\\n", s, i, s, i, keys
    } }' >hostile.json
for i in 1 2 3 4 5 6 7 8 9; do
    for k in 0 1 2 3 4 5 6 7 8 9; do
        cfgen aws-vpc --flows=100 --seed=$i$k >part-$i$k.log
        printf 'part-%s.log\\n' $i$k >>names
    done
done
"""
MEMORY = [
    "cfimport --threads=2 --no-provenance --force -o new.cf big.log",
    "cfimport --threads=4 --no-provenance --level=small --force -o new.cf big.log",
    "cfimport --threads=4 --no-provenance --force -o new.cf oci.log stream.log",
    "cfimport --threads=4 --no-provenance --force -o new.cf long.log",
    "cfimport --threads=4 --no-provenance --force -o new.cf gcp.json",
    "cfimport --threads=4 --quiet --no-provenance --force -o new.cf hostile.json",
    "cfcat --threads=2 --no-provenance --level=small --force -o new.cf big.cf big.cf",
    "cffilter --threads=4 --no-provenance --force --pass=new.cf 'bytes > 1000' big.cf",
    "cfdedupe --threads=4 --quiet --no-provenance --force -o new.cf big.cf",
    "cfstitch --threads=1 --memory=64Mi --quiet --no-provenance --force -o new.cf big.cf",
    "cffilter --threads=2 --count 'dport == 443' big.log",
    "cfcut --threads=4 --format=ndjson big.cf",
    "cfcut --threads=2 --tail-recs=5 --fields=sip big.cf",
]


def peak(line, env, scratch):
    """Status and peak memory of one process."""
    pid = os.fork()
    if pid == 0:
        os.chdir(scratch)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null, 1)
        os.execve("/bin/sh", ["sh", "-c", "exec " + line], env)
    _, status, usage = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss


# Documents in one line, as long as one likes, made while they are read: many records, and one
# record of many tuples that tells its interface first.
HEAD = ('{"time":"2026-03-07T14:03:00Z","macAddress":"000D3A1B2C3D","flowLogResourceID":"/l",'
        '"targetResourceID":"/subscriptions/1/virtualNetworks/hub","flowRecords":{"flows":['
        '{"aclID":"A","flowGroups":[{"rule":"R","flowTuples":[')
ONE_LINE = 64 * MEGABYTE


def one_line(kind, out):
    """About 300 MB of Azure flow log into a file; the number of its tuples."""
    tuples = ",".join('"1772892%06d,10.1.%d.%d,203.0.113.7,49152,443,6,O,E,NX,12,4100,9,3020"' % (
        i, i // 256, i % 256) for i in range(10000))
    piece = tuples if kind == "record" else HEAD + tuples + "]}]}]}}"
    piece = piece.encode()
    rounds = 300000000 // len(piece)
    try:
        with open(out, "wb", buffering=0) as f:
            f.write(b'{"records":[' + (HEAD.encode() if kind == "record" else b""))
            for i in range(rounds):
                f.write(b"," + piece if i > 0 else piece)
            f.write(b"]}]}]}}]}" if kind == "record" else b"]}")
    except BrokenPipeError:
        pass
    return rounds * 10000


def documents(tap, env, scratch):
    fifo = os.path.join(scratch, "fifo")
    os.mkfifo(fifo)
    for kind, line in (("records", "cffilter --threads=1 --count 'bytes == 4100' <fifo >count"),
                       ("record", "cffilter --threads=1 --count 'bytes == 4100' <fifo >count"),
                       ("records", "cfimport --threads=1 --quiet -o huge.cf <fifo")):
        rows = []
        writer = threading.Thread(target=lambda k=kind, r=rows: r.append(one_line(k, fifo)))
        writer.start()
        status, most = peak(line, env, scratch)
        writer.join()
        if line.startswith("cffilter"):
            with open(os.path.join(scratch, "count"), encoding="utf-8") as f:
                got = f.read().strip()
        else:
            got = harness.run(["cffilter", "--count", "bytes == 4100", "huge.cf"], env,
                              cwd=scratch).stdout.decode().strip()
        tap.result(status == 0 and most < ONE_LINE and got == str(rows[0]),
                   "below %d MB: %s, one line of 300 MB, %s" % (ONE_LINE // MEGABYTE,
                                                                line.split(" ")[0], kind),
                   ["status %d, %d MB, %s rows instead of %d" % (status, most // MEGABYTE, got,
                                                                 rows[0])])


def few_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def main():
    env = harness.environment()
    tap = harness.Tap()
    missing = harness.missing(["cfgen", "cfimport", "cfcat", "cfcut", "cffilter", "cfstats"], env)
    if missing or env.get("CF_SANITIZE"):
        tap.skip("limits", "needs " + missing if missing else "a sanitizer needs memory itself")
        tap.done()
    scratch = tempfile.mkdtemp(prefix="cf-limits-")
    try:
        made = harness.run(["/bin/sh", "-c", MAKE], env, cwd=scratch, timeout=300)
        if not tap.result(made.returncode == 0, "inputs are made", [made.stderr.decode()]):
            tap.done()
        for line in MEMORY:
            status, most = peak(line, env, scratch)
            tap.result(status == 0 and most < STREAMING,
                       "below %d MB: %s" % (STREAMING // MEGABYTE, line),
                       ["status %d, %d MB" % (status, most // MEGABYTE)])
        documents(tap, env, scratch)
        for line in ("cfimport --threads=2 --xargs=names --force -o new.cf",
                     "cfstats --threads=2 --overall --xargs=names"):
            done = subprocess.run(["/bin/sh", "-c", "exec " + line], env=env, cwd=scratch,
                                  preexec_fn=few_files, capture_output=True, check=False)
            tap.result(done.returncode == 0, "90 inputs with 24 descriptors: " + line,
                       ["status %d" % done.returncode, done.stderr.decode()[:1000]])
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    tap.done()


if __name__ == "__main__":
    main()
