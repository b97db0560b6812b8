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
