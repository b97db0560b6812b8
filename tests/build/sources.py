# SPDX-License-Identifier: Apache-2.0
"""House rules that a program can see: licence line, size of files, length of lines, tools and
modules without private headers, no path of somebody's machine, no banned call."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

MAX_BYTES = 40 * 1024
MAX_LINE = 120
FOLDERS = ("libcf", "tools", "plugins", "site", "tests", "doc", "m4", ".ci")
CODE = (".c", ".h")
SCRIPTS = (".py", ".sh", ".mk", ".m4", ".ac", ".am")
TEXT = CODE + SCRIPTS + (".md", ".1", ".5", ".7", ".json")
BANNED = re.compile(r"(?<![\w.>])(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|alloca|"
                    r"tmpnam|mktemp|setlocale)\s*\(")
LIBRARY_BANNED = re.compile(r"(?<![\w.>])(printf|puts|putchar|perror|exit|_exit|abort)\s*\(")
MACHINE = re.compile(r"(?<![\w$.}/])/(home|root|work|Users)/[a-z]")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def sources():
    for name in ("configure.ac", "Makefile.am", "bootstrap", "README", "CONTRIBUTING"):
        if os.path.exists(os.path.join(harness.TOP, name)):
            yield name
    for folder in FOLDERS:
        for root, dirs, files in os.walk(os.path.join(harness.TOP, folder)):
            dirs[:] = sorted(d for d in dirs if not d.startswith((".", "_", "corpus"))
                             and d != "node_modules")
            for name in sorted(files):
                path = os.path.relpath(os.path.join(root, name), harness.TOP)
                if name.endswith(TEXT) or name == "run":
                    yield path


def without_comments(text):
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group(0).count("\n"), text, flags=re.S)
    return re.sub(r'"(\\.|[^"\\\n])*"', '""', text)


def libtool_made(path):
    return re.match(r"m4/(libtool|lt[a-z~]+)\.m4$", path) is not None


def check(path, faults):
    with open(os.path.join(harness.TOP, path), "rb") as f:
        data = f.read()
    text = data.decode("utf-8", "surrogateescape")
    if path.endswith(CODE):
        check_code(path, text, faults)
    if not path.endswith((".md", ".json")) and "/cli/" not in path \
            and path not in ("README", "CONTRIBUTING") and not path.endswith("Local.mk") \
            and "SPDX-License-Identifier: Apache-2.0" not in text[:300]:
        faults["licence"].append(path + ": no SPDX line on top")
    if path.endswith(CODE + SCRIPTS) and len(data) > MAX_BYTES:
        faults["size"].append("%s: %d bytes, more than %d" % (path, len(data), MAX_BYTES))
    for number, line in enumerate(text.split("\n"), 1):
        if MACHINE.search(line) and not path.endswith("sources.py"):
            faults["machine"].append("%s:%d: %s" % (path, number, line.strip()))
        if path.endswith(CODE) and len(line) > MAX_LINE:
            faults["line"].append("%s:%d: %d columns" % (path, number, len(line)))


def check_code(path, text, faults):
    bare = without_comments(text)
    for number, line in enumerate(bare.split("\n"), 1):
        if BANNED.search(line):
            faults["banned"].append("%s:%d: %s" % (path, number, line.strip()))
        if path.startswith("libcf/") and LIBRARY_BANNED.search(line):
            faults["silent"].append("%s:%d: %s" % (path, number, line.strip()))
        if "\t" in line:
            faults["line"].append("%s:%d: tab" % (path, number))
    if path.startswith(("tools/", "plugins/")):
        folder = os.path.dirname(path)
        for name in INCLUDE.findall(text):
            if not os.path.exists(os.path.join(harness.TOP, folder, name)) or ".." in name:
                faults["private"].append("%s includes \"%s\"" % (path, name))


def main():
    tap = harness.Tap()
    rules = {"licence": "each source has its SPDX line", "size": "no source above 40 KB",
             "line": "no line above %d columns, no tab" % MAX_LINE,
             "banned": "no banned function", "silent": "the library neither prints nor exits",
             "private": "commands and modules use public headers only",
             "machine": "no path of somebody's machine"}
    faults = {rule: [] for rule in rules}
    for path in sources():
        if not libtool_made(path):
            check(path, faults)
    for rule, sentence in rules.items():
        tap.result(not faults[rule], sentence, faults[rule][:40])
    tap.done()


if __name__ == "__main__":
    main()
