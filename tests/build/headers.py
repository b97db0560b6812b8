# SPDX-License-Identifier: Apache-2.0
"""Each public header compiles alone, as C and as C++, and is installed."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

FOLDER = os.path.join(harness.TOP, "libcf", "include")


def compile_alone(compiler, flags, header, suffix):
    with tempfile.TemporaryDirectory() as scratch:
        source = os.path.join(scratch, "alone" + suffix)
        with open(source, "w", encoding="utf-8") as f:
            f.write("#include <cf/%s>\n#include <cf/%s>\nint alone;\n" % (header, header))
        argv = compiler.split() + flags + ["-I", FOLDER, "-fsyntax-only", source]
        return harness.run(argv, dict(os.environ))


def main():
    tap = harness.Tap()
    with open(os.path.join(FOLDER, "Local.mk"), encoding="utf-8") as f:
        listed = f.read()
    cc, cxx = os.environ.get("CC", "cc"), os.environ.get("CXX", "none")
    for header in sorted(os.listdir(os.path.join(FOLDER, "cf"))):
        if not header.endswith(".h"):
            continue
        done = compile_alone(cc, ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow",
                                  "-Wstrict-prototypes", "-Werror"], header, ".c")
        tap.result(done.returncode == 0, header + " alone in C", [done.stderr.decode()])
        if cxx == "none":
            tap.skip(header + " alone in C++", "no C++ compiler")
        else:
            done = compile_alone(cxx, ["-std=c++11", "-Wall", "-Wextra", "-Werror"], header, ".cc")
            tap.result(done.returncode == 0, header + " alone in C++", [done.stderr.decode()])
        tap.result("libcf/include/cf/" + header in listed, header + " is installed",
                   ["not in libcf/include/Local.mk"])
    tap.done()


if __name__ == "__main__":
    main()
