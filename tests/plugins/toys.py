# SPDX-License-Identifier: Apache-2.0
"""Modules that are wrong in one way each: what a command says of it, and status 2. Each toy is
toy.c with macros, compiled like a module outside of the tree."""
import fnmatch
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import harness  # noqa: E402

# name, macros, the message behind "cfplugin: plug-in NAME: ./NAME.so: " (wildcards allowed)
TOYS = (
    ("wrong-abi", ["TOY_ABI=7"], "step 5 (ABI): made for ABI 7, this is ABI 1"),
    ("short", ["TOY_SIZE=8"], "step 6 (size): descriptor has 8 bytes, not * to 4096"),
    ("long", ["TOY_SIZE=5000"], "step 6 (size): descriptor has 5000 bytes, not * to 4096"),
    ("short-ops", ["TOY_OPS_SIZE=8"],
     "step 6 (size): table of functions has 8 bytes, not * to 4096"),
    ("no-ops", ["TOY_OPS=NULL"], "step 6 (size): has no table of functions"),
    ("no-read", ["TOY_READ=NULL"], "step 6 (size): a function of the reader is missing"),
    ("kind", ["TOY_KIND=3"], "step 6 (size): kind 3 (enricher) is not for this version"),
    ("kind99", ["TOY_KIND=99"], "step 6 (size): kind 99 (unknown) is not for this version"),
    ("flags", ["TOY_FLAGS=4"], "step 6 (size): flags 0x4 are not for this version"),
    ("control", ['TOY_VERSION="1\\033[2J"'],
     "step 6 (size): version or summary is missing or unprintable"),
    ("wrong-name", ['TOY_NAME="other"'], "step 7 (name): calls itself 'other'"),
    ("no-name", ["TOY_NAME=NULL"], "step 7 (name): has no name"),
    ("no-symbol", ["TOY_NO_SYMBOL"],
     "step 4 (symbol): has no descriptor; CF_PLUGIN_SYMBOL makes one"),
    ("undefined", ["TOY_UNDEFINED"],
     "step 3 (open): undefined symbol: toy_function_that_is_nowhere"),
    ("needs-absent", ["TOY_ABSENT"],
     "step 3 (open): libtoyabsent.so: cannot open shared object file: No such file or directory"),
)


class Toys:
    def __init__(self, tap, env, scratch):
        self.tap, self.env, self.scratch = tap, env, scratch
        self.compiler = os.environ.get("CC", "cc").split()

    def compile(self, name, macros, more=()):
        macros = ["-DTOY=" + name.replace("-", "_")] + ["-D" + m for m in macros]
        if not any(m.startswith("-DTOY_NAME=") for m in macros):
            macros.append('-DTOY_NAME="%s"' % name)
        argv = self.compiler + macros + [
            "-std=gnu11", "-fPIC", "-shared", "-o", name + ".so", os.path.join(HERE, "toy.c"),
            "-I" + os.path.join(harness.TOP, "libcf", "include"), *more]
        done = harness.run(argv, self.env, cwd=self.scratch)
        if done.returncode != 0:
            self.tap.result(False, name + " compiles", [done.stderr.decode()])
        return done.returncode == 0

    def cfplugin(self, *argv, env=None):
        return harness.run([dict(harness.commands(self.env["BUILD"]))["cfplugin"], *argv],
                           dict(self.env, **(env or {})), cwd=self.scratch)

    def expect(self, what, done, message, status=2):
        lines = done.stderr.decode().splitlines()
        good = done.returncode == status and len(lines) == 1 and fnmatch.fnmatchcase(
            lines[0].replace("[", "("), message.replace("[", "("))
        self.tap.result(good, what, ["status %d" % done.returncode, "wanted: " + message] +
                        ["got:    " + line for line in lines])

    def check(self, name, sentence):
        self.expect(name, self.cfplugin("check", name + ".so"),
                    "cfplugin: plug-in %s: ./%s.so: %s" % (name, name, sentence))

    def path(self, name):
        return os.path.join(self.scratch, name)


def absent_library(toys):
    """A library that is there when the toy is linked and gone when it is loaded."""
    with open(toys.path("absent.c"), "w", encoding="utf-8") as f:
        f.write("int toy_absent(void);\nint toy_absent(void)\n{\n    return 0;\n}\n")
    harness.run(toys.compiler + ["-shared", "-fPIC", "-o", "libtoyabsent.so", "absent.c"],
                toys.env, cwd=toys.scratch)
    toys.compile("needs-absent", ["TOY_ABSENT"], ["-L.", "-ltoyabsent"])
    os.remove(toys.path("libtoyabsent.so"))


def files(toys):
    """Step 2: what kind of file it is and who may write it."""
    toys.check("nowhere", "step 2 (file): No such file or directory")
    os.mkdir(toys.path("folder.so"))
    toys.check("folder", "step 2 (file): is not a regular file")
    with open(toys.path("text.so"), "w", encoding="utf-8") as f:
        f.write("this is no object\n")
    toys.check("text", "step 3 (open): * *")
    shutil.copy(toys.path("toy.so"), toys.path("cut.so"))
    os.truncate(toys.path("cut.so"), 100)
    toys.check("cut", "step 3 (open): *")
    shutil.copy(toys.path("toy.so"), toys.path("open.so"))
    os.chmod(toys.path("open.so"), 0o646)
    toys.check("open", "step 2 (file): may be written by everybody (mode 0646)")
    if os.geteuid() != 0:
        toys.tap.skip("group and foreign", "needs root")
        return
    os.chmod(toys.path("open.so"), 0o664)
    os.chown(toys.path("open.so"), 0, 12345)
    toys.check("open", "step 2 (file): may be written by its group (mode 0664)")
    os.chmod(toys.path("open.so"), 0o644)
    os.chown(toys.path("open.so"), 12345, 0)
    toys.check("open", "step 2 (file): belongs to user 12345, neither to root nor to you")


def names(toys):
    """Steps 1 and 8."""
    toys.expect("illegal name", toys.cfplugin("describe", "No.Name"),
                "cfplugin: plug-in: 'No.Name' is no name of a plug-in: small letters, digits, "
                "'-' and '_'")
    toys.expect("not found", toys.cfplugin("describe", "nowhere", "--plugin-path=" + toys.scratch),
                "cfplugin: plug-in nowhere: step 1 (find): there is no nowhere.so in " +
                toys.scratch + " (empty = *)")
    toys.expect("relative folder", toys.cfplugin("describe", "toy", "--plugin-path=."),
                "cfplugin: plug-in toy: step 1 (find): folder '.' of the plug-in path is not "
                "absolute")
    toys.expect("twice", toys.cfplugin("describe", "toy", "--plugin=./toy.so",
                                       "--plugin=./toy.so"),
                "cfplugin: plug-in toy: ./toy.so: step 8 (once): is loaded already")
    os.link(toys.path("toy.so"), toys.path("toy2.so"))
    toys.expect("another name of the same file", toys.cfplugin(
        "describe", "toy", "--plugin=./toy.so", "--plugin=./toy2.so"),
        "cfplugin: plug-in toy2: ./toy2.so: step 4 (symbol): has no descriptor; "
        "CF_PLUGIN_SYMBOL makes one")


def settings(toys):
    """Steps 9 and 10: from the site, with lines."""
    site = '{ "plugins": [\n  { "name": "toy",\n    "settings": {\n      %s\n    } } ] }\n'
    prefix = "cfplugin: site.json: line 4: plug-in toy: "
    for text, sentence in (
            ('"number": 10', "setting 'number': 10 is not from 1 to 9"),
            ('"number": -1', "setting 'number': '-1' is not a number"),
            ('"number": "many"', "setting 'number': 'many' is not a number"),
            ('"number": true', "setting 'number' is no switch: true and false do not fit"),
            ('"number": 1.5', "setting 'number' is neither text, number nor true or false"),
            ('"mode": "quick"', "setting 'mode': 'quick' is none of: slow fast"),
            ('"mode": 1', "setting 'mode' is no number; put its text in quotes"),
            ('"label": "x"', "setting 'label' has 1 bytes, not 2 to 8"),
            ('"label": "123456789"', "setting 'label' has 9 bytes, not 2 to 8"),
            ('"odd": "maybe"', "setting 'odd': 'maybe' is neither yes nor no"),
            ('"nmber": 1', "there is no setting 'nmber'; there are: number, mode, label, odd")):
        with open(toys.path("site.json"), "w", encoding="utf-8") as f:
            f.write(site % text)
        toys.expect("site " + text, toys.cfplugin(
            "describe", "toy", "--site=site.json", "--plugin-path=" + toys.scratch),
            prefix + sentence)
    with open(toys.path("site.json"), "w", encoding="utf-8") as f:
        f.write(site % '"number": 7, "mode": "fast"')
    toys.expect("veto", toys.cfplugin(
        "describe", "toy", "--site=site.json", "--plugin-path=" + toys.scratch),
        "cfplugin: plug-in toy: " + toys.scratch +
        "/toy.so: step 10 (check): number 7 is too much for mode fast")
    if toys.compile("preset", ["TOY_PRESET=\"55\""]):
        toys.expect("default out of range", toys.cfplugin("describe", "./preset.so"),
                    "cfplugin: plug-in preset: setting 'number': 55 is not from 1 to 9")
    if toys.compile("two-settings", ["TOY_TWO_SETTINGS"]):
        toys.expect("setting there twice", toys.cfplugin("describe", "./two-settings.so"),
                    "cfplugin: plug-in two-settings: ./two-settings.so: step 9 (settings): "
                    "setting 'odd' is there twice")


def commands(toys):
    """A command that reads flows says the same, and reads nothing."""
    built = dict(harness.commands(toys.env["BUILD"]))
    if "cfimport" not in built:
        toys.tap.skip("cfimport", "not built")
        return
    with open(toys.path("toy.log"), "w", encoding="utf-8") as f:
        f.write("toy\nrows that the toy passes over\n")
    done = harness.run([built["cfimport"], "--plugin=./wrong-abi.so", "-o", "new.cf", "toy.log"],
                       toys.env, cwd=toys.scratch)
    toys.expect("cfimport with a bad module", done, "cfimport: plug-in wrong-abi: ./wrong-abi.so: "
                "step 5 (ABI): made for ABI 7, this is ABI 1")
    toys.tap.result(not os.path.exists(toys.path("new.cf")), "and no output")
    done = harness.run([built["cfimport"], "--plugin=./toy.so", "--set=number=70", "-o", "new.cf",
                        "toy.log"], toys.env, cwd=toys.scratch)
    toys.tap.result(done.returncode == 2 and b"70 is not from 1 to 9" in done.stderr,
                    "cfimport with a bad setting", [done.stderr.decode()])
    done = harness.run([built["cfimport"], "--plugin=./toy.so", "--set=number=7", "-o", "new.cf",
                        "toy.log"], toys.env, cwd=toys.scratch)
    toys.tap.result(done.returncode == 0, "cfimport with the toy", [done.stderr.decode()])
    growing(toys, built["cfimport"])
    alike(toys, built["cfimport"])


def growing(toys, cfimport):
    """The toy has no cursor, so what it reads cannot be continued."""
    done = harness.run([cfimport, "--plugin=./toy.so", "--resume=state.json", "-o", "grown.cf",
                        "toy.log"], toys.env, cwd=toys.scratch)
    toys.expect("no --resume without a cursor", done, "cfimport: toy.log: reader 'toy' cannot go "
                "on in a grown input")
    toys.tap.result(not [f for f in os.listdir(toys.scratch) if f.startswith(("grown", "state"))],
                    "and nothing is left")


def alike(toys, cfimport):
    """Two modules that are as sure: both are named, and one can be chosen."""
    if not toys.compile("twin", []):
        return
    both = ["--plugin=./toy.so", "--plugin=./twin.so"]
    done = harness.run([cfimport, *both, "-o", "two.cf", "toy.log"], toys.env, cwd=toys.scratch)
    toys.expect("two readers fit alike", done, "cfimport: toy.log: 2 readers fit alike, by 100 of "
                "100: toy, twin; name one of them with --reader", status=1)
    done = harness.run([cfimport, *both, "--reader=twin", "-o", "two.cf", "toy.log"], toys.env,
                       cwd=toys.scratch)
    toys.tap.result(done.returncode == 0, "and one is named", [done.stderr.decode()])
    done = toys.cfplugin("detect", *both, "--format=csv", "toy.log")
    rows = [line for line in done.stdout.decode().splitlines() if ",100," in line]
    toys.tap.result(done.returncode == 1 and rows == [
        "toy.log,plain,toy,100,no", "toy.log,plain,twin,100,no"], "detect shows both",
        [done.stderr.decode(), *rows])


def main():
    env = harness.environment()
    tap = harness.Tap()
    if harness.missing(["shared", os.environ.get("CC", "cc").split()[0]], env):
        tap.skip("toys", "needs shared modules and a compiler")
        tap.done()
    scratch = tempfile.mkdtemp(prefix="cf-toys-")
    # Whatever umask this runs under, the toys must be writable by the owner only.
    os.umask(0o022)
    os.chmod(scratch, 0o755)
    toys = Toys(tap, env, scratch)
    try:
        if not toys.compile("toy", []):
            tap.done()
        done = toys.cfplugin("check", "toy.so")
        tap.result(done.returncode == 0 and done.stdout.split()[5:] == [
            b"toy.so", b"toy", b"1.2", b"reader", b"1"], "good", [done.stderr.decode()])
        debug = toys.cfplugin("describe", "./toy.so", env={"CF_PLUGIN_DEBUG": "1"})
        steps = [line for line in debug.stderr.decode().splitlines() if ": step " in line]
        tap.result(len(steps) == 10, "CF_PLUGIN_DEBUG tells ten steps", steps)
        for name, macros, sentence in TOYS:
            if name == "needs-absent":
                absent_library(toys)
            elif not toys.compile(name, macros):
                continue
            toys.check(name, sentence)
        files(toys)
        names(toys)
        settings(toys)
        commands(toys)
    except subprocess.TimeoutExpired as late:
        tap.result(False, "no command hangs", [str(late)])
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    tap.done()


if __name__ == "__main__":
    main()
