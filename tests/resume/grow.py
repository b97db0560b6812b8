#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A log that is imported in steps while it grows gives the rows that it gives at once: none lost,
none twice, the same number of rejected rows. Where it is cut between the steps is by chance;
CF_GROW_SEED is another seed, 0 one of the system's (it is printed)."""
import json
import os
import random
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402
import logs  # noqa: E402

STEPS = int(os.environ.get("CF_GROW_STEPS", "50"))


def rows_of(files, env):
    """All rows as dictionaries without nulls."""
    if not files:
        return []
    done = harness.run(["cfcut", "--format=ndjson", "--fields=" + FIELDS] + files, env)
    if done.returncode != 0 and b"is not in the input" in done.stderr:
        done = harness.run(["cfcut", "--format=ndjson"] + files, env)
    out = []
    for line in done.stdout.decode().splitlines():
        out.append({k: v for k, v in json.loads(line).items() if v is not None})
    return out


FIELDS = "stime,etime,sip,dip,sport,dport,proto,packets,bytes,action"


def statistics(stderr):
    for line in stderr.decode().splitlines():
        if line.startswith("{"):
            return json.loads(line)
    return {}


def write(path, data):
    """In place, as a log's writer does; another file takes its name when it is made anew."""
    with open(path, "wb") as f:
        f.write(data)


def at_once(folder, data, env):
    path = os.path.join(folder, "whole.log")
    write(path, data)
    out = os.path.join(folder, "whole.cf")
    done = harness.run(["cfimport", "--stats=json", "-o", out, path], env)
    return rows_of([out], env), statistics(done.stderr), done


def grow(tap, env, name, log, writer, chance):
    notes = []
    with tempfile.TemporaryDirectory(prefix="cf-grow-") as folder:
        path, state = os.path.join(folder, "grown.log"), os.path.join(folder, "state.json")
        wanted, whole, done = at_once(folder, writer(log, len(log)), env)
        cuts = sorted(chance.sample(range(len(log)), min(STEPS - 1, len(log) - 1))) + [len(log)]
        files, rejected, read = [], 0, 0
        for i, cut in enumerate(cuts):
            write(path, writer(log, cut))
            out = os.path.join(folder, "part%03d.cf" % i)
            step = harness.run(["cfimport", "--stats=json", "--resume=" + state, "-o", out, path],
                               env)
            files.append(out)
            raw = statistics(step.stderr).get("raw", {})
            rejected += raw.get("rows_rejected", 0)
            read += raw.get("rows_read", 0)
            if step.returncode != 0:
                notes.append("step %d, %d bytes: status %d, %s" % (
                    i, cut, step.returncode, step.stderr.decode().split("\n{")[0]))
                break
        got = rows_of([f for f in files if os.path.exists(f)], env) if not notes else []
        # Nothing new: nothing is read.
        again = os.path.join(folder, "again.cf")
        step = harness.run(["cfimport", "--stats=json", "--resume=" + state, "-o", again, path],
                           env)
        raw = statistics(step.stderr)
        if not notes and (raw.get("total", {}).get("rows") != 0 or
                          raw["inputs"][0]["begin"] != "unchanged"):
            notes.append("read again without need: " + step.stderr.decode())
    if not notes and got != wanted:
        at = next((i for i, (a, b) in enumerate(zip(got, wanted)) if a != b),
                  min(len(got), len(wanted)))
        notes.append("%d rows instead of %d, the first other one is %d" % (
            len(got), len(wanted), at))
        notes += [str(got[at:at + 1]), str(wanted[at:at + 1])]
    if not notes and rejected != whole["raw"]["rows_rejected"]:
        notes.append("%d rows rejected instead of %d" % (rejected,
                                                         whole["raw"]["rows_rejected"]))
    if not wanted:
        notes.append("no rows at all: " + done.stderr.decode())
    tap.result(not notes, "%s: %d rows, %d rejected, in %d steps" % (
        name, len(wanted), whole.get("raw", {}).get("rows_rejected", -1), len(cuts)), notes)


def main():
    env = harness.environment()
    tap = harness.Tap()
    missing = harness.missing(["cfimport", "cfcut", "cfgen"], env)
    if missing:
        tap.skip("growing logs", "needs " + missing)
        tap.done()
    seed = int(os.environ.get("CF_GROW_SEED", "5")) or random.SystemRandom().randrange(1 << 32)
    print("# CF_GROW_SEED=%d" % seed)
    chance = random.Random(seed)
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    for name, log, writer in logs.aws(env):
        if only in name:
            grow(tap, env, name, log, writer, chance)
    listed = harness.run(["cfplugin", "list", "--format=csv", "--no-titles"], env)
    readers = {line.split(",")[0] for line in listed.stdout.decode().splitlines()}
    more = list(logs.others(env))
    if env["CF_SAMPLES"]:
        more += list(logs.samples(env))
    else:
        tap.skip("growing real logs", "needs samples")
    for reader, name, log, writer in more:
        if only not in name:
            continue
        if reader in readers:
            grow(tap, env, name, log, writer, chance)
        else:
            tap.skip(name, "there is no reader " + reader)
    tap.done()


if __name__ == "__main__":
    main()
