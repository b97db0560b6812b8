# SPDX-License-Identifier: Apache-2.0
"""Real AWS logs against an independent count. The lines are taken out of their wrapping here, awk
adds up records, packets and bytes by the header (or the default v2 order), and the commands must
come to the same sums from the file as it is. Skipped where there are no samples."""
import gzip
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

V2 = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes " \
     "start end action log-status"
V7_ECS = V2 + " ecs-cluster-name ecs-cluster-arn ecs-container-instance-id " \
    "ecs-container-instance-arn ecs-service-name ecs-task-definition-arn ecs-task-id " \
    "ecs-task-arn ecs-container-id ecs-second-container-id"

# File, how its lines are found, declared format (None = header or v2), given to the command as
# the file itself or as the lines found.
FILES = [
    ("beats-accept-reject-traffic.log", "lines", None, "file"),
    ("beats-custom-nat-gateway.log", "lines", None, "file"),
    ("beats-custom-transit-gateway.log", "lines", None, "file"),
    ("beats-ipv6.log", "lines", None, "file"),
    ("beats-no-data-skip-data.log", "lines", None, "file"),
    ("beats-tcp-flag-sequence.log", "lines", None, "file"),
    ("beats-tcp-flag-sequence-skip-data.log", "lines", None, "file"),
    ("header-v2.log.gz", "lines", None, "file"),
    ("cloudwatch-v2.ndjson", "message", None, "file"),
    ("cloudwatch-v7-ecs.ndjson", "message", V7_ECS, "file"),
    ("cwl-subscription-entry.json", "message", None, "file"),
    ("firehose-event.json", "message", None, "lines"),
    ("cribl-v2-capture.json", "_raw", None, "lines"),
    ("opensearch-v2-events.json", "body", None, "lines"),
]

COUNT = r"""
BEGIN { n = split(format, name, " "); for (i = 1; i <= n; i++) at[name[i]] = i }
NF == 0 { next }
/(^| )srcaddr( |$)/ { delete at; for (i = 1; i <= NF; i++) at[$i] = i; next }
{
    rows++
    ok += !("log-status" in at) || $at["log-status"] == "OK"
    if ("packets" in at && $at["packets"] != "-") packets += $at["packets"]
    if ("bytes" in at && $at["bytes"] != "-") bytes += $at["bytes"]
    if ("action" in at) reject += $at["action"] == "REJECT"
}
END { printf "%d %d %d %d %d\n", rows, ok, packets, bytes, reject }
"""

# The same five numbers from what cfcut prints.
OURS = r"""
{ rows++; ok += $1 == "ok" || $1 == "-"; packets += $2; bytes += $3; reject += $4 == "reject" }
END { printf "%d %d %d %d %d\n", rows, ok, packets, bytes, reject }
"""


def strings_under(value, key):
    """All texts under a key, at any depth, also in JSON inside of such a text."""
    if isinstance(value, dict):
        for k, v in value.items():
            if k == key and isinstance(v, str):
                if v.lstrip().startswith("{"):
                    yield from strings_under(json.loads(v), key)
                else:
                    yield v
            else:
                yield from strings_under(v, key)
    elif isinstance(value, list):
        for v in value:
            yield from strings_under(v, key)


def lines_of(path, kind):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as f:
        text = f.read()
    if kind == "lines":
        return text.splitlines()
    if path.endswith(".ndjson"):
        documents = [json.loads(line) for line in text.splitlines()]
    else:
        documents = [json.loads(text)]
    return [line for d in documents for line in strings_under(d, kind)]


def columns(path, kind, declared):
    for line in lines_of(path, kind):
        if "srcaddr" in line:
            return line.split()
    return (declared or V2).split()


def sums(program, variables, text, env):
    argv = ["awk"] + [w for v in variables for w in ("-v", v)] + [program]
    done = harness.run(argv, env, input=text, stdin=None)
    return done.stdout.decode().strip() or done.stderr.decode()


def check(tap, env, folder, name, kind, declared, form):
    path = os.path.join(folder, name)
    lines = lines_of(path, kind)
    wanted = sums(COUNT, ["format=" + (declared or V2)], "\n".join(lines).encode() + b"\n", env)
    source, given = path, None
    if form == "lines":
        source, given = "-", ("\n".join(lines) + "\n").encode()
    extra = ["--set", "format=" + " ".join("${%s}" % c for c in declared.split())] \
        if declared else []
    have = columns(path, kind, declared)
    # A column that the log lacks is an error to ask for; ask for what there is.
    fields = [f for f, c in (("logstatus", "log-status"), ("packets", "packets"),
                             ("bytes", "bytes"), ("action", "action")) if c in have] or ["sip"]
    with tempfile.TemporaryDirectory(prefix="cf-samples-") as scratch:
        packed = os.path.join(scratch, "new.cf")
        done = harness.run(["cfimport", "--max-rejects=0", "-o", packed] + extra + [source], env,
                           input=given, stdin=None if given else subprocess.DEVNULL)
        cut = harness.run(["cfcut", "--format=csv", "--no-titles", "--fields=" +
                           ",".join(fields), packed], env)
    rows = []
    for line in cut.stdout.decode().splitlines():
        cells = dict(zip(fields, line.split(",")))
        rows.append(" ".join(cells.get(f, "") or "-" for f in (
            "logstatus", "packets", "bytes", "action")))
    got = sums(OURS, [], "".join(row + "\n" for row in rows).encode(), env)
    tap.result(done.returncode == 0 and cut.returncode == 0 and got == wanted,
               name + ": rows, ok, packets, bytes, rejected " + wanted,
               ["commands came to " + got, done.stderr.decode(), cut.stderr.decode()])


def main():
    env = harness.environment()
    tap = harness.Tap()
    missing = harness.missing(["samples", "awk", "cfimport", "cfcut"], env)
    if missing:
        tap.skip("real AWS logs", "needs " + missing)
        tap.done()
    folder = os.path.join(env["CF_SAMPLES"], "aws-vpc")
    for name, kind, declared, form in FILES:
        check(tap, env, folder, name, kind, declared, form)
    tap.done()


if __name__ == "__main__":
    main()
