# SPDX-License-Identifier: Apache-2.0
"""What today's writer writes, the second decoder reads: generated logs and the real samples, at each level. tests/golden does
the same with files that were written once."""
import glob
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import harness  # noqa: E402

DECODER = os.path.join(HERE, "cfdecode.py")
SAMPLE_MAX = 200 << 10


def logs(env):
    for name, options in (("v2", "--flows=9000 --seed=21"), ("v5", "--flows=4000 --seed=22 --format-fields=v5 --ipv6=10%"),
                          ("few", "--flows=3 --seed=23 --format-fields=v5")):
        path = name + ".log"
        with open(path, "wb") as f:
            subprocess.run(["cfgen", "aws-vpc"] + options.split(), env=env, stdout=f, check=True)
        yield name, path
    for path in sorted(glob.glob(os.path.join(env["CF_SAMPLES"] or "/nowhere", "aws-vpc", "*"))):
        if os.path.isfile(path) and os.path.getsize(path) <= SAMPLE_MAX and not path.endswith((".md", ".txt")):
            yield os.path.basename(path), path


def main():
    env = harness.environment()
    tap = harness.Tap()
    os.chdir(tempfile.mkdtemp(prefix="cf-format-"))
    for name, path in logs(env):
        for level in ("fast", "balanced", "small"):
            made = harness.run(["cfcat", "--level=" + level, "--force", "-o", "x.cf", path], env)
            if made.returncode != 0 and "/" in path:
                tap.skip(name + ", " + level, "not read, which others test")
                continue
            cut = harness.run(["cfcut", "--all-fields", "--format=csv", "x.cf"], env)
            second = harness.run([sys.executable, "-B", DECODER, "x.cf"], env)
            tap.result(made.returncode == 0 and second.returncode == 0 and second.stdout == cut.stdout,
                       name + ", " + level, [made.stderr.decode(), second.stderr.decode()])
    os.remove("x.cf")
    tap.done()


if __name__ == "__main__":
    main()
