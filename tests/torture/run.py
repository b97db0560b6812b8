# SPDX-License-Identifier: Apache-2.0
"""Runs the lines of tests/torture/commands under bad conditions. Whatever happens, a command must
end by itself with a message and status 1 or 2 (or do its whole work and give the same bytes): no
crash, no half-written file under the final name, no silent success."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import harness  # noqa: E402

SECONDS = float(os.environ.get("CF_TORTURE_SECONDS", "60"))  # for all failing allocations
SAMPLE = """set -e
cfgen aws-vpc --flows=200 --seed=7 >flows.log
gzip -k flows.log
cfimport --no-provenance -o flows.cf flows.log
cfgen oci-vcn --flows=40 --format-fields=stream >oci.log
cfgen ibm-vpc --flows=60 --span=10m >ibm.log
cfgen alibaba-vpc --flows=60 --format-fields=csv >alibaba.csv
{ cat flows.log; echo 2 too short; printf '2 a b c \\001 d\\n'; } >bad.log
"""


class Torture:
    def __init__(self, tap, env, scratch):
        self.tap, self.env, self.scratch = tap, env, scratch

    def shell(self, line, more=None, redirect=""):
        """The command line itself as the process: exec, so that status and signals are its own."""
        env = dict(self.env, HOME=self.scratch, **(more or {}))
        # The shim is for the command, not for the shell that starts it.
        preload = env.pop("CF_PRELOAD", "")
        prefix = "exec env LD_PRELOAD=%s " % preload if preload else "exec "
        return subprocess.run(["/bin/sh", "-c", prefix + line + " " + redirect], env=env,
                              cwd=self.scratch, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=60, check=False)

    def product(self, line, done):
        """What a run gave: its output, or the file behind -o."""
        words = line.split()
        name = words[words.index("-o") + 1] if "-o" in words else "-"
        if name == "-":
            return done.stdout
        path = os.path.join(self.scratch, name)
        if not os.path.exists(path):
            return None
        with open(path, "rb") as f:
            data = f.read()
        os.remove(path)
        return data

    def judge(self, done, what, product, wanted):
        """A sentence about what is wrong, or an empty one."""
        if done.returncode < 0 or done.returncode >= 126:
            return "%s: ended by signal or as %d" % (what, done.returncode)
        if done.returncode in (99, 66):
            return "%s: the sanitizer complains: %s" % (what, done.stderr.decode()[:2000])
        if done.returncode == 0:
            if product != wanted:
                return "%s: status 0, but another output" % what
            return ""
        if done.returncode not in (1, 2):
            return "%s: status %d" % (what, done.returncode)
        if not done.stderr and "2>&-" not in what:
            return "%s: status %d without a message" % (what, done.returncode)
        leftovers = [n for n in os.listdir(self.scratch) if "new.cf" in n or n.endswith(".tmp")]
        for name in leftovers:
            os.remove(os.path.join(self.scratch, name))
        if leftovers:
            return "%s: left behind %s" % (what, ", ".join(leftovers))
        return ""

    def report(self, faults, name):
        self.tap.result(not faults, name, faults[:20])

    def alloc(self, line, shim, seconds):
        count_file = os.path.join(self.scratch, "count")
        plain = self.shell(line, {"CF_PRELOAD": shim, "CF_FAIL_COUNT": count_file})
        wanted = self.product(line, plain)
        with open(count_file, encoding="ascii") as f:
            count = int(f.read())
        begun = time.monotonic()
        faults, tried, n = [], 0, 1
        took = 0.02
        while n <= count:
            done = self.shell(line, {"CF_PRELOAD": shim, "CF_FAIL_AT": str(n),
                                     "CF_FAIL_REST": str(tried & 1)})
            fault = self.judge(done, "allocation %d of %d%s" % (
                n, count, " and later" if tried & 1 else ""), self.product(line, done), wanted)
            if fault:
                faults.append(fault + "".join("\n  " + s for s in done.stderr.decode(
                    "utf-8", "replace").splitlines()[:3]))
            tried += 1
            spent = time.monotonic() - begun
            took = spent / tried
            room = max(1, int((seconds - spent) / took))
            n += max(1, -(-(count - n) // room))
        self.report(faults, "alloc (%d of %d) %s" % (tried, count, line))

    def short(self, line, shim):
        wanted = self.product(line, self.shell(line))
        done = self.shell(line, {"CF_PRELOAD": shim})
        product = self.product(line, done)
        self.tap.result(done.returncode == 0 and product == wanted, "short reads and EINTR: " +
                        line, ["status %d" % done.returncode, done.stderr.decode(),
                               "output %s" % ("same" if product == wanted else "differs")])

    def full(self, line):
        done = self.shell(line, redirect=">/dev/full")
        fault = self.judge(done, "/dev/full", b"", None)
        if not fault and done.returncode != 1:
            fault = "status %d, wanted 1" % done.returncode
        self.tap.result(not fault, "full disk: " + line, [fault, done.stderr.decode()])

    def closed(self, line):
        wanted = self.product(line, self.shell(line))
        for redirect in ("<&-", ">&-", "2>&-"):
            done = self.shell(line, redirect=redirect)
            fault = self.judge(done, redirect, self.product(line, done), wanted)
            if not fault and redirect == ">&-" and done.returncode == 0 and wanted:
                fault = "status 0 although nothing could be written"
            if not fault and redirect != ">&-" and done.returncode != 0:
                fault = "status %d although %s does not matter here" % (done.returncode, redirect)
            self.tap.result(not fault, "closed %s: %s" % (redirect.replace("&-", ""), line),
                            [fault, done.stderr.decode()])


def command_lines():
    with open(os.path.join(HERE, "commands"), encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                kinds, _, command = line.strip().partition(": ")
                yield kinds.split(), command


def main():
    env = harness.environment()
    tap = harness.Tap()
    built = dict(harness.commands(env["BUILD"]))
    if "cfgen" not in built or "cfimport" not in built:
        tap.skip("torture", "needs cfgen and cfimport")
        tap.done()
    lines = [(k, c) for k, c in command_lines() if c.split()[0] in built]
    scratch = tempfile.mkdtemp(prefix="cf-torture-")
    torture = Torture(tap, env, scratch)
    shims = os.path.join(env["BUILD"], "tests", "torture", ".libs")
    try:
        made = torture.shell("sh -c '%s'" % SAMPLE.replace("'", "'\\''"))
        if not tap.result(made.returncode == 0, "sample files", [made.stderr.decode()]):
            tap.done()
        seconds = SECONDS / max(1, sum("alloc" in k for k, _ in lines))
        for kinds, line in lines:
            if env.get("CF_SANITIZE") and ("alloc" in kinds or "short" in kinds):
                tap.skip("preloaded torments: " + line, "sanitizers bring their own allocator")
            else:
                if "alloc" in kinds:
                    torture.alloc(line, os.path.join(shims, "failalloc.so"), seconds)
                if "short" in kinds:
                    torture.short(line, os.path.join(shims, "shortio.so"))
            if "full" in kinds:
                torture.full(line)
            if "closed" in kinds:
                torture.closed(line)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    tap.done()


if __name__ == "__main__":
    main()
