# SPDX-License-Identifier: Apache-2.0
"""One measured run of a program: wall time, processor time and peak memory of the whole pipeline
(a shell line), bound to the processors given."""
import json
import os
import subprocess
import time


class Failed(Exception):
    pass


def measure(line, env, cpus, cwd):
    """Runs a shell line; {"ms", "cpu", "rss"} (milliseconds, kilobytes)."""
    begin = time.perf_counter()
    child = subprocess.Popen(["taskset", "-c", cpus, "/bin/sh", "-c", line], env=env, cwd=cwd,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out = child.stdout.read()
    err = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    ms = (time.perf_counter() - begin) * 1000
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise Failed("%s: status %d: %s" % (line, child.returncode, err.decode()[-300:]))
    return {"ms": ms, "cpu": (used.ru_utime + used.ru_stime) * 1000, "rss": used.ru_maxrss,
            "out": out.decode("utf-8", "replace")}


class Duck:
    """A DuckDB that stays up, so that its start does not count."""

    def __init__(self, modules, here, threads, cpus, cwd, file=":memory:"):
        self.child = subprocess.Popen(
            ["taskset", "-c", cpus, "node", os.path.join(here, "duck.js"), file, str(threads),
             modules], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=cwd)
        hello = self.child.stdout.readline()
        if not hello:
            raise Failed("DuckDB does not start")
        self.version = json.loads(hello)["version"]

    def ask(self, sql):
        self.child.stdin.write(json.dumps({"sql": sql}) + "\n")
        self.child.stdin.flush()
        answer = self.child.stdout.readline()
        if not answer:
            raise Failed("DuckDB died at: " + sql)
        answer = json.loads(answer)
        if "error" in answer:
            raise Failed("DuckDB: " + answer["error"])
        return answer

    def close(self):
        self.child.stdin.close()
        self.child.wait()
