# SPDX-License-Identifier: Apache-2.0
"""What the library shows to the world is decided, not accidental: its exported names equal
tests/build/libcf.sym, all begin with cf_, and each is declared in a public header. A new public
function is added to the list with --update and seen in review."""
import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import harness  # noqa: E402

LIST = os.path.join(HERE, "libcf.sym")


def exported(path):
    done = harness.run(["nm", "-D", "--defined-only", path], dict(os.environ))
    names = set()
    for line in done.stdout.decode().splitlines():
        words = line.split()
        # Instrumented builds add names of their own to every object.
        if len(words) == 3 and not words[2].startswith(("__asan", "__odr_asan", "__sanitizer")):
            names.add(words[2].split("@")[0])
    return names


def main():
    build = harness.build_tree()
    tap = harness.Tap()
    library = os.path.join(build, "libcf", ".libs", "libcf.so")
    if not os.path.exists(library):
        tap.skip("exported names", "no shared library in this build")
        tap.done()
    names = exported(library)
    if "--update" in sys.argv:
        with open(LIST, "w", encoding="utf-8") as f:
            f.write("".join(name + "\n" for name in sorted(names)))
        return
    with open(LIST, encoding="utf-8") as f:
        wanted = set(f.read().split())
    tap.result(names == wanted, "exported names equal tests/build/libcf.sym",
               ["new: " + n for n in sorted(names - wanted)] +
               ["gone: " + n for n in sorted(wanted - names)] +
               ["decide, then: python3 tests/build/exports.py --update"])
    odd = sorted(n for n in names if not n.startswith("cf_"))
    tap.result(not odd, "exported names begin with cf_", odd)
    text = ""
    for header in glob.glob(os.path.join(harness.TOP, "libcf", "include", "cf", "*.h")):
        with open(header, encoding="utf-8") as f:
            text += f.read()
    undeclared = sorted(n for n in names if not re.search(r"\b%s\b" % n, text))
    tap.result(not undeclared, "exported names are in public headers", undeclared)
    promised = set(re.findall(r"^CF_API[^;(]*?\b(cf_\w+)\(", text, re.M))
    absent = sorted(promised - names)
    tap.result(not absent, "what public headers promise is there", absent)
    tap.done()


if __name__ == "__main__":
    main()
