# SPDX-License-Identifier: Apache-2.0
"""What only a terminal shows: standard input that is one is refused, progress comes on standard error
after half a second, messages and output take it away first, --quiet and CF_PROGRESS silence it."""
import os
import pty
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

HEADER = (b"version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes "
          b"start end action log-status\n")
ROW = b"2 123456789010 eni-1 10.0.0.1 10.0.0.2 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK\n"
DRAWN = re.compile(rb"\rcf\w+: [^\r\n]*rows/s[^\r\n]*\x1b\[K")


def run(argv, env, slow=None, all_terminal=False):
    """Status and what the terminal got; slow = (first bytes, later bytes) with a second between."""
    master, slave = pty.openpty()
    inlet = subprocess.PIPE if slow else slave
    child = subprocess.Popen(argv, env=env, stdin=inlet, stderr=slave,
                             stdout=slave if all_terminal else subprocess.DEVNULL)
    os.close(slave)
    if slow:
        child.stdin.write(slow[0])
        child.stdin.flush()
        time.sleep(1)
        child.stdin.write(slow[1])
        child.stdin.close()
    seen = b""
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        seen += data
    os.close(master)
    return child.wait(timeout=60), seen


def main():
    env = harness.environment()
    tap = harness.Tap()
    built = dict(harness.commands(env["BUILD"]))
    if "cfcut" not in built:
        tap.skip("terminal", "needs cfcut")
        tap.done()
    cut = [built["cfcut"], "--fields=sip", "--no-titles"]
    status, seen = run(cut, env)
    tap.result(status == 2 and seen == b"cfcut: stdin: is a terminal; name input files, or use a "
               b"pipe\r\n", "a terminal is no input", [status, seen])
    # Enough that the reader is found and the scan begins before the pause.
    slow = (HEADER + 2000 * ROW, b"too short\n" + ROW)
    status, seen = run(cut, env, slow)
    lines = seen.split(b"\r\n")
    tap.result(status == 0 and DRAWN.search(seen), "progress is drawn", [status, seen])
    tap.result(b"\r\x1b[Kcfcut: stdin: line 2002: " in seen and b"1 of 2002 rows" in lines[1],
               "a message wipes it first", [seen])
    status, seen = run(cut, env, slow, all_terminal=True)
    tap.result(status == 0 and DRAWN.search(seen) and seen.endswith(b"10.0.0.1\r\n") and
               not DRAWN.search(seen[seen.find(b"10.0.0.1"):]), "output ends it", [status, seen])
    for more, extra in ((["-q"], {}), ([], {"CF_PROGRESS": "never"}), (["--progress=never"], {})):
        status, seen = run(cut + more, dict(env, **extra),
                           (HEADER + 2000 * ROW, ROW))
        tap.result(status == 0 and not seen, "silent with %s %s" % (more, extra), [status, seen])
    tap.done()


if __name__ == "__main__":
    main()
