# SPDX-License-Identifier: Apache-2.0
"""Runs what the documents show. In the EXAMPLES of manual pages a `.Bd -literal` block, and in
README and doc/*.md an indented or `console` block, is a session when it has lines that begin with
`$ `: each is run, and the lines up to the next must be its output (`...` = any lines). The scratch
folder of each document holds flows.log, flows.log.gz (1,000 generated AWS flows) and flows.cf.
With --update, what a manual page shows becomes what came; review it with git diff."""
import glob
import os
import re
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

SAMPLE = """set -e
cfgen aws-vpc --flows=1000 --seed=1 >flows.log
cfimport --no-provenance -o flows.cf flows.log
gzip -k flows.log
"""
ESCAPES = {"\\e": "\\", "\\&": "", "\\-": "-", "\\(aq": "'", "\\(dq": '"', "\\(ti": "~",
           "\\(ha": "^", "\\(ga": "`", "\\(rs": "\\"}


def unescape(line):
    return re.sub(r"\\\(..|\\[e&-]", lambda m: ESCAPES.get(m.group(0), m.group(0)), line)


def man_blocks(text):
    m = re.search(r"^\.Sh EXAMPLES$(.*?)(?=^\.Sh |\Z)", text, re.M | re.S)
    for block in re.findall(r"^\.Bd [^\n]*-literal[^\n]*\n(.*?)^\.Ed$", m.group(1) if m else "",
                            re.M | re.S):
        yield [unescape(line) for line in block.splitlines() if not line.startswith('.\\"')]


def text_blocks(text):
    for block in re.findall(r"^```console$\n(.*?)^```$", text, re.M | re.S):
        yield block.splitlines()
    for block in re.findall(r"(?:^(?:    .*)?$\n)+", re.sub(r"^```.*?^```$", "", text,
                                                        flags=re.M | re.S), re.M):
        lines = [line[4:] for line in block.splitlines()]
        if any(line.startswith("$ ") for line in lines):
            yield lines


def unfinished(command):
    """A shell would ask for more: a line goes on, or a text up to END is not over."""
    return command.endswith(("\\", "|")) or command.count("'") % 2 == 1 or (
        "<<'END'" in command and not command.endswith("\nEND"))


def session(lines):
    """(command, expected output lines) pairs of one block."""
    pairs, open_command = [], False
    for line in lines:
        if open_command:
            pairs[-1][0] += "\n" + line
        elif line.startswith("$ "):
            pairs.append([line[2:], []])
        elif pairs:
            pairs[-1][1].append(line.rstrip())
        if pairs and not pairs[-1][1]:
            open_command = unfinished(pairs[-1][0])
    for pair in pairs:
        while pair[1] and not pair[1][-1]:
            pair[1].pop()
    return pairs


def same(wanted, got):
    if not wanted:
        return not got
    if wanted[0] == "...":
        return any(same(wanted[1:], got[i:]) for i in range(len(got) + 1))
    return bool(got) and wanted[0] == got[0] and same(wanted[1:], got[1:])


def rewrite(path, command, wanted, got):
    """Put what came in the place of what was expected, in a manual page."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    lines = text.splitlines()
    plain = [unescape(line).rstrip() for line in lines]
    block = ("$ " + command).splitlines() + wanted
    for at in range(len(lines)):
        if plain[at:at + len(block)] == [line.rstrip() for line in block]:
            new = [re.sub(r"^([.'])", r"\\&\1", line.replace("\\", "\\e")) for line in got]
            first = at + len(block) - len(wanted)
            lines[first:at + len(block)] = new
            with open(path, "w", encoding="utf-8") as f:
                f.write("\n".join(lines) + "\n")
            return True
    return False


def run_document(tap, path, blocks, env, sample):
    name = os.path.relpath(path, harness.TOP)
    pairs = [pair for block in blocks for pair in session(block)]
    if not pairs:
        return
    scratch = tempfile.mkdtemp(prefix="cf-doc-")
    try:
        for source in os.listdir(sample):
            shutil.copy(os.path.join(sample, source), scratch)
        for command, wanted in pairs:
            done = harness.run(["/bin/sh", "-c", "(" + command + "\n) 2>&1"], dict(
                env, HOME=scratch), cwd=scratch)
            got = [line.rstrip() for line in done.stdout.decode("utf-8", "replace").splitlines()]
            while got and not got[-1]:
                got.pop()
            if "--update" in sys.argv and not same(wanted, got) and "..." not in wanted \
                    and path[-1].isdigit() and rewrite(path, command, wanted, got):
                wanted = got
            tap.result(same(wanted, got), name + ": " + command.replace("\\\n", " ")
                       .replace("#", "\\#"),
                       ["wanted: " + line for line in wanted[:40]] +
                       ["got:    " + line for line in got[:40]])
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def main():
    env = harness.environment()
    tap = harness.Tap()
    built = dict(harness.commands(env["BUILD"]))
    if "cfgen" not in built or "cfimport" not in built:
        tap.skip("examples", "needs cfgen and cfimport")
        tap.done()
    sample = tempfile.mkdtemp(prefix="cf-doc-")
    try:
        made = harness.run(["/bin/sh", "-c", SAMPLE], env, cwd=sample)
        if not tap.result(made.returncode == 0, "sample files", [made.stderr.decode()]):
            tap.done()
        top = harness.TOP
        manuals = glob.glob(os.path.join(top, "doc", "man", "*.[1-8]"))
        manuals += glob.glob(os.path.join(top, "plugins", "**", "*.[1-8]"), recursive=True)
        for path in sorted(manuals):
            with open(path, encoding="utf-8") as f:
                run_document(tap, path, man_blocks(f.read()), env, sample)
        for path in sorted(glob.glob(os.path.join(top, "doc", "*.md"))) + [
                os.path.join(top, "README")]:
            with open(path, encoding="utf-8") as f:
                run_document(tap, path, text_blocks(f.read()), env, sample)
    finally:
        shutil.rmtree(sample, ignore_errors=True)
    tap.done()


if __name__ == "__main__":
    main()
