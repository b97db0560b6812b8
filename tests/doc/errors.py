# SPDX-License-Identifier: Apache-2.0
"""doc/errors.md, the enumeration in cf/base.h and what the library says are one list; and
doc/environment.md names every variable that the sources ask for."""
import ctypes
import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402


def read(*parts):
    with open(os.path.join(harness.TOP, *parts), encoding="utf-8") as f:
        return f.read()


def errors(tap, env):
    table = {}
    for number, constant, name, text in re.findall(
            r"^\| (-?\d+) \| `(CF_\w+)` \| (\w+) \| ([^|]+) \|", read("doc", "errors.md"), re.M):
        table[constant] = (int(number), name, text.strip())
    enum = re.search(r"enum cf_err \{(.*?)\};", read("libcf", "include", "cf", "base.h"), re.S)
    header = {c: int(n) for c, n in re.findall(r"(CF_\w+) = (-?\d+)", enum.group(1))}
    tap.result({c: t[0] for c, t in table.items()} == header, "doc/errors.md has the numbers",
               ["only here: %s %s" % i for i in sorted(set(header.items()) ^ {
                   (c, t[0]) for c, t in table.items()})])
    path = os.path.join(env["BUILD"], "libcf", ".libs", "libcf.so")
    if env.get("CF_SANITIZE") or not os.path.exists(path):
        tap.skip("doc/errors.md has the texts", "needs a plain shared library")
        return
    library = ctypes.CDLL(path)
    library.cf_strerror.restype = library.cf_errname.restype = ctypes.c_char_p
    wrong = [c for c, (number, name, text) in table.items()
             if (library.cf_errname(number).decode(), library.cf_strerror(number).decode())
             != (name, text)]
    tap.result(not wrong, "doc/errors.md has the texts", wrong)


def environment(tap):
    asked = set()
    for folder in ("libcf", "tools", "plugins"):
        for path in glob.glob(os.path.join(harness.TOP, folder, "**", "*.c"), recursive=True):
            text = read(path)
            if "getenv" in text:
                asked.update(re.findall(r'"(CF_[A-Z_]+)"', text))
    listed = set(re.findall(r"^\| `(CF_[A-Z_]+)", read("doc", "environment.md"), re.M))
    tap.result(asked == listed, "doc/environment.md lists the variables",
               ["not listed: " + n for n in sorted(asked - listed)] +
               ["not asked for: " + n for n in sorted(listed - asked)])


def main():
    env = harness.environment()
    tap = harness.Tap()
    errors(tap, env)
    environment(tap)
    tap.done()


if __name__ == "__main__":
    main()
