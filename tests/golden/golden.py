# SPDX-License-Identifier: Apache-2.0
"""Files of every format version that was ever written, read to the rows that stand beside them: by cfcut from a file and
from a pipe, and by the second decoder. The files of a version stay as they are for ever; `make` tells how they came about."""
import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import harness  # noqa: E402

DECODER = os.path.join(harness.TOP, "tests", "format", "cfdecode.py")


def difference(got, wanted):
    for i, (a, b) in enumerate(zip(got.split(b"\n"), wanted.split(b"\n")), 1):
        if a != b:
            return "line %d:\n  got    %r\n  wanted %r" % (i, a[:300], b[:300])
    return "%d lines, wanted %d" % (got.count(b"\n"), wanted.count(b"\n"))


def main():
    env = harness.environment()
    tap = harness.Tap()
    for path in sorted(glob.glob(os.path.join(HERE, "v*", "*.cf"))):
        name = os.path.relpath(path, HERE)
        # Levels are three ways of storing the same rows.
        rows = re.sub(r"(-b)?(-fast|-balanced|-small)?\.cf$", ".csv", path)
        with open(rows, "rb") as f, open(path, "rb") as g:
            wanted, data = f.read(), g.read()
        cut = ["cfcut", "--all-fields", "--format=csv"]
        readers = [("cfcut", cut + [path], False), ("cfcut, two threads", cut + ["--threads=2", path], False),
                   ("cfdecode.py", [sys.executable, "-B", DECODER, path], False)]
        # A pipe tells its columns one segment after the other, so that all of them are not known at its begin.
        if "concatenated" not in name:
            readers.append(("cfcut from a pipe", cut, True))
        for what, argv, piped in readers:
            done = subprocess.run(argv, env=env, input=data if piped else b"", stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, check=False, timeout=120)
            tap.result(done.returncode == 0 and done.stdout == wanted, "%s by %s" % (name, what),
                       [done.stderr.decode(), difference(done.stdout, wanted)])
        done = harness.run(["cfinfo", "--verify", path], env)
        tap.result(done.returncode == 0, name + " verified", [done.stderr.decode()])
    tap.done()


if __name__ == "__main__":
    main()
