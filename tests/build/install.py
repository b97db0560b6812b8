# SPDX-License-Identifier: Apache-2.0
"""Installs into a scratch folder and looks whether everything came: commands, pages, completions,
headers, library, modules in their versioned folder, site. Then uses it as a stranger would: a
program is compiled by what pkg-config says, and the installed commands read a log."""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

PROGRAM = """#include <cf/version.h>
#include <cf/field.h>
#include <stdio.h>
int main(void)
{
    puts(cf_version());
    return cf_field_find("sip") == NULL;
}
"""
BAD_PARTS = ("libcfint", "failalloc", "shortio", ".a")


def make_install(build, stage):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "DESTDIR"))}
    return subprocess.run(["make", "-C", build, "install", "DESTDIR=" + stage], env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


def expected(build, variables):
    bindir, libdir = variables["bindir"], variables["libdir"]
    names = [os.path.join(libdir, "libcf.so"), os.path.join(libdir, "pkgconfig", "cftools.pc")]
    for header in glob.glob(os.path.join(harness.TOP, "libcf", "include", "cf", "*.h")):
        names.append(os.path.join(variables["includedir"], "cf", os.path.basename(header)))
    for name, _ in harness.commands(build):
        names.append(os.path.join(bindir, name))
        names.append(os.path.join(variables["mandir"], "man1", name + ".1"))
        names.append(os.path.join(variables["datadir"], "bash-completion", "completions", name))
    series = harness.make_variable(build, "CF_SERIES")
    for module in glob.glob(os.path.join(build, "plugins", "readers", "*", "*.la")):
        name = os.path.splitext(os.path.basename(module))[0]
        names.append(os.path.join(libdir, "cftools", series, name + ".so"))
        names.append(os.path.join(variables["mandir"], "man7", name + ".7"))
    names.append(os.path.join(variables["sysconfdir"], "cftools", "site.json"))
    return names


def expand(build, name):
    """A directory variable with the variables in it."""
    value = harness.make_variable(build, name)
    for _ in range(5):
        for part in ("prefix", "exec_prefix", "datarootdir", "PACKAGE", "PACKAGE_TARNAME"):
            value = value.replace("${%s}" % part, harness.make_variable(build, part))
            value = value.replace("$(%s)" % part, harness.make_variable(build, part))
    return value


def use_library(tap, stage, libdir, env):
    source, program = os.path.join(stage, "use.c"), os.path.join(stage, "use")
    with open(source, "w", encoding="utf-8") as f:
        f.write(PROGRAM)
    env = dict(env, PKG_CONFIG_SYSROOT_DIR=stage,
               PKG_CONFIG_PATH=stage + libdir + "/pkgconfig")
    flags = harness.run(["pkg-config", "--cflags", "--libs", "cftools"], env)
    compiler = os.environ.get("CC", "cc").split()
    sanitizers = harness.make_variable(env["BUILD"], "CF_SAN_CFLAGS").split()
    done = harness.run(compiler + sanitizers + [source, "-o", program] +
                       flags.stdout.decode().split(), env)
    tap.result(flags.returncode == 0 and done.returncode == 0,
               "a program compiles by pkg-config", [flags.stderr.decode(), done.stderr.decode()])
    done = harness.run([program], env)
    tap.result(done.returncode == 0 and done.stdout.strip(), "and runs", [done.stderr.decode()])


def use_example(tap, stage, variables, env):
    """The example plug-in by its own Makefile, as somebody without our tree would."""
    work = os.path.join(stage, "example")
    shutil.copytree(os.path.join(harness.TOP, "plugins", "example"), work)
    env = dict({k: v for k, v in env.items() if not k.startswith(("MAKE", "MFLAGS"))},
               PKG_CONFIG_SYSROOT_DIR=stage,
               PKG_CONFIG_PATH=stage + variables["libdir"] + "/pkgconfig",
               PATH=stage + variables["bindir"] + os.pathsep + env["PATH"])
    done = harness.run(["make", "-C", work, "CC=" + os.environ.get("CC", "cc"),
                        "CFLAGS=-Wall -Wextra -Werror " +
                        harness.make_variable(env["BUILD"], "CF_SAN_CFLAGS"), "LDFLAGS=" + (
                            "-Wl,-z,undefs" if env.get("CF_SANITIZE") else "")], env)
    if not tap.result(done.returncode == 0, "the example plug-in compiles outside of the tree",
                      [done.stdout.decode(), done.stderr.decode()]):
        return
    with open(os.path.join(work, "table.csv"), "w", encoding="utf-8") as f:
        f.write("time,src,dst,bytes\n2026-11-23T10:15:30Z,10.0.0.1,192.0.2.7,1500\n")
    done = harness.run(["cfplugin", "check", "./example.so", "--format=csv", "--no-titles"], env,
                       cwd=work)
    tap.result(done.stdout == b"./example.so,example,1.0,reader,1\n", "cfplugin takes it",
               [done.stdout.decode(), done.stderr.decode()])
    done = harness.run(["/bin/sh", "-c", "cfcut --plugin=./example.so --fields=sip,dip,bytes "
                        "--format=csv --no-titles table.csv"], dict(env, CF_PLUGIN_PATH=os.path.join(
                            stage + variables["libdir"], "cftools", harness.make_variable(
                                env["BUILD"], "CF_SERIES"))), cwd=work)
    tap.result(done.stdout == b"10.0.0.1,192.0.2.7,1500\n" and done.returncode == 0,
               "and commands read with it", [done.stdout.decode(), done.stderr.decode()])


def use_commands(tap, stage, variables, env):
    series = harness.make_variable(env["BUILD"], "CF_SERIES")
    env = dict(env, CF_PLUGIN_PATH=stage + variables["libdir"] + "/cftools/" + series,
               CF_SITE=stage + variables["sysconfdir"] + "/cftools/site.json",
               PATH=stage + variables["bindir"] + os.pathsep + env["PATH"])
    line = "cfgen aws-vpc --flows=100 --seed=1 | cfimport -o new.cf && cfcut --num-recs=3 new.cf"
    done = harness.run(["/bin/sh", "-c", line], env, cwd=stage)
    tap.result(done.returncode == 0 and done.stdout.count(b"\n") >= 3, "installed commands work",
               [done.stdout.decode(), done.stderr.decode()])


def main():
    env = harness.environment()
    build = env["BUILD"]
    tap = harness.Tap()
    if harness.missing(["shared"], env):
        tap.skip("installation", "no shared library in this build")
        tap.done()
    variables = {name: expand(build, name) for name in (
        "bindir", "libdir", "includedir", "mandir", "datadir", "sysconfdir")}
    stage = tempfile.mkdtemp(prefix="cf-stage-")
    try:
        done = make_install(build, stage)
        if not tap.result(done.returncode == 0, "make install", [done.stdout.decode()[-3000:]]):
            tap.done()
        absent = [n for n in expected(build, variables) if not os.path.exists(stage + n)]
        tap.result(not absent, "everything is installed", absent)
        odd = [os.path.join(r, f) for r, _, files in os.walk(stage) for f in files
               if any(bad in f if bad[0] != "." else f.endswith(bad) for bad in BAD_PARTS)]
        tap.result(not odd, "nothing else is installed", odd)
        env["LD_LIBRARY_PATH"] = stage + variables["libdir"]
        use_library(tap, stage, variables["libdir"], env)
        built = dict(harness.commands(build))
        if all(name in built for name in ("cfgen", "cfimport", "cfcut")):
            use_commands(tap, stage, variables, env)
        else:
            tap.skip("installed commands work", "needs cfgen, cfimport and cfcut")
        if all(name in built for name in ("cfplugin", "cfcut")):
            use_example(tap, stage, variables, env)
        else:
            tap.skip("the example plug-in", "needs cfplugin and cfcut")
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    tap.done()


if __name__ == "__main__":
    main()
