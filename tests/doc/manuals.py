# SPDX-License-Identifier: Apache-2.0
"""What a command says of itself must agree everywhere: each has a manual page that lints clean
and has the sections in house order; the options of --help, page and completion are one set; the
exit statuses and environment variables are the listed ones."""
import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

ORDER = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "FIELDS", "EXIT STATUS", "ENVIRONMENT",
         "FILES", "EXAMPLES", "DIAGNOSTICS", "COMPATIBILITY", "SEE ALSO", "CAVEATS"]
MUST = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES"]
OPTION = re.compile(r"--([a-z][a-z0-9-]*)")


def pages():
    found = glob.glob(os.path.join(harness.TOP, "doc", "man", "*.[1-8]"))
    found += glob.glob(os.path.join(harness.TOP, "plugins", "**", "*.[1-8]"), recursive=True)
    return sorted(found)


def lint(path, env):
    done = harness.run(["mandoc", "-T", "lint", "-W", "style", path], env)
    lines = (done.stdout + done.stderr).decode().splitlines()
    # Our pages refer to each other and are not installed yet; and the house order of sections,
    # which is tested below, puts EXIT STATUS before ENVIRONMENT and has FIELDS beside FILES.
    ignored = ("referenced manual not found", "outdated mandoc.db",
               "sections out of conventional order", "Sh FIELDS instead of FILES")
    return [os.path.basename(line) for line in lines if not any(i in line for i in ignored)]


def sections(text):
    return re.findall(r'^\.Sh "?(.*?)"?$', text, re.M)


def in_order(found):
    places = [ORDER.index(s) for s in found if s in ORDER]
    return places == sorted(places) and all(s in ORDER for s in found)


def section(text, name):
    m = re.search(r'^\.Sh "?%s"?$(.*?)(?=^\.Sh |\Z)' % name, text, re.M | re.S)
    return m.group(1) if m else ""


def page_options(text):
    """Options that the page describes: the heads of its lists of flags."""
    names = set()
    for line in re.findall(r"^\.It (.*Fl .*)$", text, re.M):
        names.update(re.findall(r"Fl (?:\\-|-)([a-z][a-z0-9-]+)", line))
    return names


def help_options(text):
    names = set()
    for line in text.splitlines():
        m = re.match(r"\s*(?:-\w,?\s+)?--([a-z][a-z0-9-]*)", line)
        if m:
            names.add(m.group(1))
    return names


def check_command(tap, name, path, env, shared):
    page = os.path.join(harness.TOP, "doc", "man", name + ".1")
    if not tap.result(os.path.exists(page), name + " has a manual page"):
        return
    with open(page, encoding="utf-8") as f:
        text = f.read()
    asked = harness.run([path, "--help"], env)
    good = asked.returncode == 0 and not asked.stderr and asked.stdout
    tap.result(good, name + " --help is on stdout with status 0", [asked.stderr.decode()])
    helped = help_options(asked.stdout.decode())
    paged = page_options(section(text, "OPTIONS")) | page_options(section(text, "DESCRIPTION"))
    if ".Xr cftools 7" in text:
        paged |= helped & shared
    tap.result(helped == paged, name + ": same options in --help and page",
               ["only in --help: --" + n for n in sorted(helped - paged)] +
               ["only in page: --" + n for n in sorted(paged - helped)])
    done = harness.run([path, "--completion"], env)
    completed = set(OPTION.findall(done.stdout.decode()))
    tap.result(done.returncode == 0 and helped <= completed | {"completion"}
               and completed - helped <= {"completion"}, name + ": same options in completion",
               ["only in --help: --" + n for n in sorted(helped - completed)] +
               ["only in completion: --" + n for n in sorted(completed - helped)])
    syntax = harness.run(["bash", "-n"], env, input=done.stdout, stdin=None)
    tap.result(syntax.returncode == 0, name + ": completion is a bash script",
               [syntax.stderr.decode()])
    version = harness.run([path, "--version"], env)
    first = (version.stdout.decode().splitlines() or [""])[0]
    number = harness.make_variable(env["BUILD"], "PACKAGE_VERSION")
    tap.result(version.returncode == 0 and first.startswith(name + " ") and number in first,
               name + " --version begins with name and version", ["first line %r" % first])
    unknown = harness.run([path, "--no-such-option"], env)
    lines = unknown.stderr.decode().splitlines()
    tap.result(unknown.returncode == 2 and len(lines) == 2 and "--help" in lines[1]
               and not unknown.stdout, name + ": unknown option is status 2 and two lines", lines)
    check_page_body(tap, name, text)


def check_page_body(tap, name, text):
    found = sections(text)
    tap.result(in_order(found) and all(s in found for s in MUST),
               name + ": sections in house order", [", ".join(found)])
    examples = re.findall(r"^\$ ", section(text, "EXAMPLES"), re.M)
    tap.result(len(examples) >= 3, name + ": three examples or more")


def main():
    env = harness.environment()
    tap = harness.Tap()
    if harness.missing(["mandoc"], env):
        tap.skip("manual pages", "needs mandoc")
        tap.done()
    for page in pages():
        faults = lint(page, env)
        tap.result(not faults, os.path.relpath(page, harness.TOP) + " lints clean", faults)
    shared_page = os.path.join(harness.TOP, "doc", "man", "cftools.7")
    shared = set()
    if os.path.exists(shared_page):
        with open(shared_page, encoding="utf-8") as f:
            shared = page_options(f.read())
    for name, path in harness.commands(env["BUILD"]):
        check_command(tap, name, path, env, shared)
    tap.done()


if __name__ == "__main__":
    main()
