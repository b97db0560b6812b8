# SPDX-License-Identifier: Apache-2.0
"""What the Python test programs share: where the build is, in which environment commands run,
what a case may need, and TAP. Standard library only."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Chatham Islands written out, so that no zone files are needed: odd offset, odd change.
STRANGE_ZONE = "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45"
# Commands that take every common option; CF_CLI_EXTRA is given to these only.
FLOW_COMMANDS = ("cfimport", "cfcat", "cfcut", "cffilter", "cfstats", "cfsort", "cfdedupe",
                 "cfstitch")


def build_tree(given=None):
    for path in (given, os.environ.get("top_builddir"), os.path.join(TOP, "_build"), os.getcwd()):
        if path and os.path.exists(os.path.join(path, ".cf-build-tree")):
            return os.path.abspath(path)
    sys.exit("no build tree found; give --build=DIR")


def program(build, relative):
    """The real program behind libtool's wrapper script, which would only cost time."""
    folder, name = os.path.split(os.path.join(build, relative))
    real = os.path.join(folder, ".libs", name)
    return real if os.path.exists(real) else os.path.join(folder, name)


def commands(build):
    found = []
    for name in sorted(os.listdir(os.path.join(TOP, "tools"))):
        path = program(build, os.path.join("tools", name, name))
        if os.path.exists(path):
            found.append((name, path))
    return found


def make_variable(build, name):
    """The value configure gave NAME; read from config.status's product, the Makefile."""
    try:
        with open(os.path.join(build, "Makefile"), encoding="utf-8") as f:
            m = re.search(r"^%s = (.*)$" % re.escape(name), f.read(), re.M)
            return m.group(1).strip() if m else ""
    except OSError:
        return ""


def samples(build):
    for path in (os.environ.get("CF_SAMPLES"), make_variable(build, "CF_SAMPLES_DIR"),
                 os.path.join(TOP, "..", "shared", "samples")):
        if path and os.path.isdir(path):
            return os.path.abspath(path)
    return ""


def environment(given_build=None):
    """Where commands run: nothing of the caller's settings, a strange time zone, C locale."""
    build = build_tree(given_build)
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("CF_", "LC_", "MAKE", "MFLAGS")) and k not in ("LANG", "LANGUAGE")}
    folders = [os.path.dirname(path) for _, path in commands(build)]
    env["PATH"] = os.pathsep.join(folders + [os.environ.get("PATH", "/usr/bin:/bin")])
    env["LD_LIBRARY_PATH"] = os.pathsep.join(
        [os.path.join(build, "libcf", ".libs")] +
        [p for p in [os.environ.get("LD_LIBRARY_PATH")] if p])
    env.update(TZ=os.environ.get("CF_TEST_TZ", STRANGE_ZONE), LC_ALL="C", TOP=TOP, BUILD=build,
               CF_SAMPLES=samples(build), PYTHONDONTWRITEBYTECODE="1")
    # A sanitizer's report must not look like an ordinary failure (exit 1).
    env.setdefault("ASAN_OPTIONS", "exitcode=99:detect_leaks=1")
    env.setdefault("TSAN_OPTIONS", "exitcode=99")
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:exitcode=99")
    for name in ("CF_CLI_EXTRA", "CF_SANITIZE"):
        if os.environ.get(name):
            env[name] = os.environ[name]
    if "CF_SANITIZE" not in env:
        sanitizers = make_variable(build, "CF_SANITIZE")
        if sanitizers:
            env["CF_SANITIZE"] = sanitizers
    return env


def wrap_commands(env):
    """With CF_CLI_EXTRA, a folder of scripts in front of PATH that add it. None without."""
    extra = env.get("CF_CLI_EXTRA")
    if not extra:
        return None
    folder = tempfile.mkdtemp(prefix="cf-wrap-")
    for name, path in commands(env["BUILD"]):
        if name in FLOW_COMMANDS:
            script = os.path.join(folder, name)
            with open(script, "w", encoding="utf-8") as f:
                option = extra.split("=")[0]
                f.write('#!/bin/sh\ncase " $* " in *" %s"*) exec "%s" "$@" ;; esac\n'
                        'exec "%s" %s "$@"\n' % (option, path, path, extra))
            os.chmod(script, 0o755)
    env["PATH"] = folder + os.pathsep + env["PATH"]
    return folder


def missing(needs, env):
    """The first of the needed things that is not here, or an empty string."""
    for need in needs:
        if need == "samples":
            found = bool(env["CF_SAMPLES"])
        elif need == "isal":
            found = "HAVE_ISAL 1" in open(os.path.join(env["BUILD"], "config.h")).read()
        elif need == "duckdb":
            found = os.path.exists(make_variable(env["BUILD"], "CF_DUCKDB_LIBRARY") or "/nowhere")
        elif need == "no-sanitizer":
            found = not env.get("CF_SANITIZE")
        elif need == "shared":
            found = os.path.exists(os.path.join(env["BUILD"], "libcf", ".libs", "libcf.so"))
        elif need == "not-root":
            found = os.geteuid() != 0
        elif need == "root":
            found = os.geteuid() == 0
        elif need == "dev-full":
            found = os.path.exists("/dev/full")
        else:
            found = shutil.which(need, path=env["PATH"]) is not None
        if not found:
            return need
    return ""


def exit_status(failed):
    """Under make the TAP lines say what failed; a status would count as one failure more."""
    return 1 if failed and not os.environ.get("CF_TAP_ONLY") else 0


class Tap:
    """ok/not ok lines with notes; the plan comes last."""

    def __init__(self):
        self.number = 0
        self.failed = 0

    def result(self, good, name, notes=()):
        self.number += 1
        self.failed += not good
        print("%s %d - %s" % ("ok" if good else "not ok", self.number, name))
        if not good:
            for note in notes:
                for line in str(note).splitlines():
                    print("# " + line)
        sys.stdout.flush()
        return good

    def skip(self, name, why):
        self.number += 1
        print("ok %d - %s # SKIP %s" % (self.number, name, why), flush=True)

    def done(self):
        print("1..%d" % self.number + ("" if self.number else " # SKIP nothing to test"))
        sys.exit(exit_status(self.failed))


def run(argv, env, timeout=120, **more):
    """The finished process with its output as bytes."""
    more.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run(argv, env=env, timeout=timeout, stdout=more.pop(
        "stdout", subprocess.PIPE), stderr=more.pop("stderr", subprocess.PIPE), check=False, **more)
