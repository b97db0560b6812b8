# SPDX-License-Identifier: Apache-2.0
"""Each module is linked so that trouble shows when it loads, not at its first call: bound at
once (NOW), linked with libcf, exporting its one descriptor and nothing else."""
import glob
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402


def main():
    build = harness.build_tree()
    tap = harness.Tap()
    env = dict(os.environ, LC_ALL="C")
    for path in sorted(glob.glob(os.path.join(build, "plugins", "**", ".libs", "*.so"),
                                 recursive=True)):
        name = os.path.basename(path)
        dynamic = harness.run(["readelf", "-dW", path], env).stdout.decode()
        flags = [line for line in dynamic.splitlines() if "FLAGS" in line]
        tap.result(any("NOW" in f for f in flags), name + " is bound when loaded", flags)
        tap.result("[libcf.so" in dynamic, name + " is linked with libcf", [dynamic])
        symbols = harness.run(["nm", "-D", "--defined-only", path], env).stdout.decode()
        shown = [line.split()[2] for line in symbols.splitlines() if len(line.split()) == 3]
        shown = [s for s in shown if not s.startswith(("__asan", "__odr_asan", "__sanitizer"))]
        tap.result(len(shown) == 1 and "_LTX_" in shown[0], name + " shows its descriptor only",
                   shown)
    tap.done()


if __name__ == "__main__":
    main()
