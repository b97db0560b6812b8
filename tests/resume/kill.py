#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A run with --resume that is killed, or refused, at any of its renames: the next run gives what is
missing, and nothing twice. killat.c does the killing. Then what only the user can decide, and two
runs at a time."""
import fcntl
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402
import logs  # noqa: E402


class Case:
    """A log of which the first run may have read the half, and its outputs."""

    def __init__(self, folder, env, log, first):
        self.folder, self.env, self.log, self.outputs = folder, env, log, []
        self.path = os.path.join(folder, "a.log")
        self.state = os.path.join(folder, "state.json")
        if first:
            self.write(len(log) // 2)
            self.run("one.cf")
        self.write(len(log))

    def write(self, n):
        with open(self.path, "wb") as f:
            f.write(self.log[:n])

    def run(self, output, kill=None, state=None):
        env = self.env
        if kill:
            env = dict(env, CF_KILL_AT=str(kill[0]), CF_KILL_WHEN=kill[1],
                       LD_PRELOAD=os.path.join(env["BUILD"], "tests/resume/.libs/killat.so"))
        path = os.path.join(self.folder, output)
        self.outputs.append(path)
        return harness.run(["cfimport", "--resume=" + (state or self.state), "-o", path,
                            self.path], env)

    def rows(self):
        """Of all outputs, by the other rows and the order in which they were made."""
        there = [p for p in self.outputs if os.path.exists(p)]
        return harness.run(["cfcut", "--format=csv"] + there, self.env).stdout

    def litter(self):
        return [f for f in os.listdir(self.folder) if f.startswith("state.json.")]


def killed(tap, env, log, wanted, first, kill):
    with tempfile.TemporaryDirectory(prefix="cf-kill-") as folder:
        case = Case(folder, env, log, first)
        ended = case.run("two.cf", kill)
        there = os.path.exists(os.path.join(folder, "two.cf"))
        after = case.run("three.cf")
        again = case.run("four.cf")
        got = case.rows()
        litter = case.litter()
    status = 1 if kill[1] == "fail" else -9
    good = got == wanted and ended.returncode == status and after.returncode == 0 and \
        again.returncode == 0 and not litter and there == (kill[0] > 2 or kill == (2, "after"))
    tap.result(good, "%s rename %d, %s run" % (kill[1], kill[0], "later" if first else "first"),
               ["%d bytes of rows instead of %d, output there: %s, left: %s" % (
                   len(got), len(wanted), there, litter), "status %d" % ended.returncode] +
               [d.stderr.decode() for d in (ended, after, again)])


def moved(tap, env, log, wanted):
    """The output was moved away between the killed run and the next: nobody but the user knows."""
    with tempfile.TemporaryDirectory(prefix="cf-kill-") as folder:
        case = Case(folder, env, log, True)
        case.run("two.cf", (3, "before"))
        there, here = (os.path.join(folder, n) for n in ("two.cf", "moved.cf"))
        os.rename(there, here)
        refused = case.run("three.cf")
        tap.result(refused.returncode == 1 and b"if you have moved it" in refused.stderr and
                   not os.path.exists(os.path.join(folder, "three.cf")),
                   "an output that was moved away is asked about", [refused.stderr.decode()])
        os.rename(case.state + ".next", case.state)
        after = case.run("three.cf")
        case.outputs[1] = here
        got = case.rows()
        tap.result(after.returncode == 0 and got == wanted, "and what the sentence says helps",
                   [after.stderr.decode(), "%d bytes, not %d" % (len(got), len(wanted))])


def together(tap, env, log):
    with tempfile.TemporaryDirectory(prefix="cf-kill-") as folder:
        case = Case(folder, env, log, False)
        with open(case.state + ".lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            refused = case.run("one.cf")
        tap.result(refused.returncode == 1 and b"another run is using" in refused.stderr,
                   "a state that is in use is refused", [refused.stderr.decode()])
        done = case.run("one.cf")
        tap.result(done.returncode == 0 and not case.litter(), "a lock that was left is no lock",
                   [done.stderr.decode(), case.litter()])
        gone = case.run("two.cf", state=os.path.join(folder, "none", "state.json"))
        tap.result(gone.returncode == 1 and not os.path.exists(os.path.join(folder, "two.cf")),
                   "a state that cannot be written is known before", [gone.stderr.decode()])


def main():
    env = harness.environment()
    tap = harness.Tap()
    missing = harness.missing(["shared", "no-sanitizer", "cfimport", "cfcut", "cfgen"], env)
    if missing:
        tap.skip("killed runs", "needs " + missing)
        tap.done()
    log = logs.generated(env, ["aws-vpc", "--flows=300", "--seed=7"])
    with tempfile.TemporaryDirectory(prefix="cf-kill-") as folder:
        path = os.path.join(folder, "a.log")
        with open(path, "wb") as f:
            f.write(log)
        wanted = harness.run(["cfcut", "--format=csv", path], env).stdout
    for first in (False, True):
        for at in (1, 2, 3):
            for when in ("before", "after", "fail"):
                killed(tap, env, log, wanted, first, (at, when))
    moved(tap, env, log, wanted)
    together(tap, env, log)
    tap.done()


if __name__ == "__main__":
    main()
