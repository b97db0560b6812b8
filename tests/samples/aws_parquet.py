# SPDX-License-Identifier: Apache-2.0
"""The reader of Parquet. DuckDB itself, called by ctypes, writes the files: a generated log in the
layout of AWS and in those of other writers must give the rows that its text gives. Then a real
sample against DuckDB's own sums, single odd values, hostile names, broken files, and memory.
Skipped where configure was not told of DuckDB."""
import ctypes
import os
import random
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

# A command's 256 MB and the library's: its code, and what it holds of four files at a time.
MEMORY = (256 + 35 + 4 * 16) * 1024  # in units of ru_maxrss
NATIVE = ("CAST({0} AS INTEGER)", "CAST({0} AS BIGINT)", "{0}")
FLOATS = ("CAST({0} AS DOUBLE)", "CAST({0} AS DOUBLE)", "{0}")
TEXTS = ("coalesce({0}, 'None')", "coalesce({0}, 'None')", "coalesce({0}, '-')")
# Name, casts of small numbers, counters and times, texts; options of the file.
WRITERS = [
    ("as AWS writes it", NATIVE, "compression gzip"),
    ("small row groups", NATIVE, "compression zstd, row_group_size 2048"),
    ("numbers as floating point", FLOATS, "compression snappy"),
    ("all texts", TEXTS, "compression uncompressed, parquet_version v2"),
]
SMALL = {"version", "srcport", "dstport", "protocol", "tcp_flags", "traffic_path"}
LARGE = {"packets", "bytes", "start", "end"}
# One row each: columns that differ from a good row, what is told. Good rows have None.
ODD = [
    ("srcport", "-5", '"-5" is not a number'),
    ("srcport", "70000", "70000 is above 65535"),
    ("srcport", "18446744073709551615::UBIGINT", "is above 65535"),
    ("srcport", "1.5::DOUBLE", '"1.5" is not a number'),
    ("srcport", "'x'", '"x" is not a number'),
    ("srcport", "'NaN'::DOUBLE", None),
    ("srcport", "80.0::FLOAT", None),
    ("srcport", "80::HUGEINT", None),
    ("srcport", "80::DECIMAL(9,0)", None),
    ("srcport", "'None'", None),
    ("protocol", "256", "256 is above 255"),
    ("bytes", "-1::BIGINT", '"-1" is not a number'),
    ("bytes", "18446744073709551615::UBIGINT", None),
    ("srcaddr", "'10.0.0'", '"10.0.0" is not an address'),
    ("srcaddr", "'2001:db8::1'", None),
    ("srcaddr", "167772161", '"167772161" is not an address'),
    ("start", "-1", '"-1" is not a time'),
    ("start", "9223372036", '"9223372036" is not a time'),
    ("start", "'yesterday'", '"yesterday" is not a time'),
    ("start", "1767225601", "end is before start"),
    ("start", "TIMESTAMP '2025-12-31 23:59:59.25'", None),
    ("start", "TIMESTAMP_NS '2025-12-31 23:59:59.123456789'", None),
    ("start", "TIMESTAMP 'infinity'", "is not a time"),
    ("action", "'MAYBE'", '"MAYBE" is not known'),
    ("action", "'Accepted'", None),
    ("interface_id", "'eni' || chr(10)", "holds control characters"),
    ("interface_id", "repeat('x', 65536)", "is too long"),
    ("account_id", "123456789012", None),
]
GOOD = {"srcaddr": "'10.0.0.1'", "dstaddr": "'10.0.0.2'", "srcport": "1", "dstport": "2",
        "protocol": "6", "packets": "3", "bytes": "4", "start": "1767225600", "end": "1767225600",
        "action": "'ACCEPT'", "log_status": "'OK'", "interface_id": "'eni-1'",
        "account_id": "'1'"}


class Duck:
    """A database in memory."""

    def __init__(self, library):
        self.lib = ctypes.CDLL(library)
        self.db, self.con = ctypes.c_void_p(), ctypes.c_void_p()
        self.lib.duckdb_result_error.restype = ctypes.c_char_p
        self.lib.duckdb_open(None, ctypes.byref(self.db))
        self.lib.duckdb_connect(self.db, ctypes.byref(self.con))

    def run(self, sql):
        result = (ctypes.c_uint64 * 6)()
        if self.lib.duckdb_query(self.con, sql.encode(), ctypes.byref(result)) != 0:
            sys.exit("%s: %s" % (sql, self.lib.duckdb_result_error(ctypes.byref(result))))
        self.lib.duckdb_destroy_result(ctypes.byref(result))

    def write(self, select, path, options="compression gzip"):
        self.run("COPY (%s) TO '%s' (FORMAT parquet, %s)" % (select, path, options))


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def rows(env, path, *extra, **more):
    done = harness.run(["cfcut", "--format=csv", *(extra or ("--all-fields",)), path], env, **more)
    return done.stdout, done


def first(text):
    return text.decode("utf-8", "replace").strip().splitlines()[:3]


def generated(tap, env, duck, scratch):
    """The same flows in the layouts of several writers."""
    log = os.path.join(scratch, "flows.log")
    made = os.path.join(scratch, "flows.parquet")
    harness.run(["cfgen", "aws-vpc", "--flows=150000", "--format-fields=v5", "--ipv6=10%",
                 "-o", log], env)
    with open(log, encoding="ascii") as f:
        names = f.readline().split()
    wanted = rows(env, log)[0]
    some = rows(env, log, "--fields=dport,iface,bytes")[0]
    tap.result(wanted.count(b"\n") > 150000, "generated log: %d lines" % wanted.count(b"\n"))
    for title, casts, options in WRITERS:
        columns = []
        for name in names:
            ours = name.replace("-", "_")
            cast = casts[0 if ours in SMALL else 1 if ours in LARGE else 2]
            columns.append("%s AS %s" % (cast.format(quoted(name)), quoted(ours)))
        duck.write("SELECT %s FROM read_csv('%s', delim = ' ', header = true, nullstr = '-', "
                   "all_varchar = true, parallel = false)" % (", ".join(columns), log), made,
                   options)
        got, done = rows(env, made)
        tap.result(got == wanted, title + ": the rows of the text", first(done.stderr) + [
            "first difference: %s, want %s" % pair for pair in zip(
                got.splitlines(), wanted.splitlines()) if pair[0] != pair[1]][:3])
        tap.result(rows(env, made, "--fields=dport,iface,bytes")[0] == some,
                   title + ": three fields alone")
    with open(made, "rb") as f:
        piped = rows(env, "-", stdin=f)[0]
    tap.result(piped == wanted, "through a pipe")
    harness.run(["gzip", "-1k", made], env)
    tap.result(rows(env, made + ".gz")[0] == wanted, "inside gzip")
    return made


def sample(tap, env, duck, scratch):
    path = os.path.join(env["CF_SAMPLES"], "aws-vpc", "native-v2.parquet")
    if not env["CF_SAMPLES"] or not os.path.exists(path):
        tap.skip("native-v2.parquet", "needs samples")
        return
    out = os.path.join(scratch, "sums.csv")
    duck.run("COPY (SELECT count(*), sum(TRY_CAST(packets AS BIGINT)) FILTER (log_status = 'OK'), "
             "sum(TRY_CAST(bytes AS BIGINT)) FILTER (log_status = 'OK'), count(*) FILTER ("
             "TRY_CAST(protocol AS BIGINT) > 255) FROM '%s') TO '%s' (HEADER false)" % (path, out))
    with open(out, encoding="ascii") as f:
        want = [int(v) for v in f.read().split(",")]
    done = harness.run(["cfcut", "--format=csv", "--no-titles", "--fields=packets,bytes", path],
                       env)
    lines = [line.split(",") for line in done.stdout.decode().splitlines()]
    got = [len(lines), sum(int(a or 0) for a, _ in lines), sum(int(b or 0) for _, b in lines)]
    tap.result([got[0] + want[3]] + got[1:] == want[:3] and b"range 1" in done.stderr,
               "native-v2.parquet: rows, packets, bytes %s, %d of them rejected" % (
                   want[:3], want[3]), [str(got)] + first(done.stderr))


def odd_values(tap, env, duck, scratch):
    path = os.path.join(scratch, "odd.parquet")
    for column, value, told in ODD:
        row = dict(GOOD, **{column: value})
        one, good = ("SELECT " + ", ".join("%s AS %s" % (v, quoted(n)) for n, v in r.items())
                     for r in (row, dict(GOOD, **{column: "NULL"})))
        # A good row before and behind, in the type of the odd one.
        duck.write("%s UNION ALL %s UNION ALL %s" % (good, one, good), path)
        out, done = rows(env, path)
        error = done.stderr.decode()
        want = 4 if told is None else 3
        tap.result(out.count(b"\n") == want and (told in error if told else not error),
                   "%s %s: %s" % (column, value[:50], told or "taken"),
                   first(done.stderr) + first(out))


def columns(tap, env, duck, scratch):
    path = os.path.join(scratch, "columns.parquet")
    hostile = 'x" FROM read_text(\'/etc/passwd\'); SELECT "y'
    duck.write("SELECT '10.0.0.1' AS SrcAddr, 1 AS \"srcport\", 5.5 AS price, {'a': 1} AS nested, "
               "'v' AS %s, 7 AS shape" % quoted(hostile), path)
    out, done = rows(env, path)
    titles = out.decode().splitlines()[0].split(",")
    tap.result(titles[:2] == ["sip", "sport"] and "price" in titles and "nested" not in titles
               and "aws_shape" in titles and len(titles) == 10 and not done.stderr,
               "columns of other names are text, nested ones are left out",
               titles + first(done.stderr))
    tap.result(b"root" not in out and b",v," in out, "a hostile name is a name", first(out))
    out, done = rows(env, path, "--set", "unknown=drop", "--all-fields")
    tap.result(b"price" not in out and out.startswith(b"sip,sport,"), "unknown=drop", first(out))
    out, done = rows(env, path, "--fields=dport")
    tap.result(done.returncode == 2 and b"not in the input" in done.stderr,
               "a field that the file lacks is refused before reading", first(done.stderr))
    for select, told in (
            ("SELECT 1 AS a, 'x' AS bytes", b"not an AWS VPC flow log: its columns are a, bytes"),
            ("SELECT ['10.0.0.1'] AS srcaddr, 1 AS srcport", b"column srcaddr is nested"),
            ("SELECT '1' AS pkt_srcaddr, '2' AS \"pkt-srcaddr\"", b"are one field")):
        duck.write(select, path)
        done = rows(env, path)[1]
        tap.result(done.returncode == 1 and told in done.stderr, "refused: " + told.decode(),
                   first(done.stderr))
    duck.write("SELECT '10.0.0.1' AS srcaddr, 1 AS srcport WHERE false", path)
    out, done = rows(env, path)
    tap.result(done.returncode == 0 and out.count(b"\n") <= 1, "no rows", first(done.stderr))


def broken(tap, env, made, scratch):
    path = os.path.join(scratch, "broken.parquet")
    with open(made, "rb") as f:
        data = f.read()
    for size in (4, 11, 12, 1000, len(data) // 2, len(data) - 1):
        with open(path, "wb") as f:
            f.write(data[:size])
        done = rows(env, path)[1]
        tap.result(done.returncode == 1 and b"the file is cut" in done.stderr,
                   "cut at %d of %d" % (size, len(data)), first(done.stderr))
    done = rows(env, made, "--set", "library=/nowhere/libduckdb.so")[1]
    tap.result(done.returncode in (1, 2) and b"/nowhere/libduckdb.so" in done.stderr
               and b"not here" in done.stderr, "no library: told", first(done.stderr))
    done = rows(env, made, "--set", "library=libduckdb.so")[1]
    tap.result(done.returncode == 2 and b"absolute" in done.stderr, "library needs a full path",
               first(done.stderr))
    if env.get("CF_SANITIZE"):
        tap.skip("changed bytes", "DuckDB is not made for sanitizers")
        return
    chance = random.Random(7)
    footer = int.from_bytes(data[-8:-4], "little")
    odd = []
    for number in range(60):
        changed = bytearray(data)
        low = len(data) - 8 - footer if number % 2 else 4
        for _ in range(chance.randrange(1, 6)):
            changed[chance.randrange(low, len(data))] = chance.randrange(256)
        with open(path, "wb") as f:
            f.write(changed)
        done = rows(env, path, "--fields=dport")[1]
        if done.returncode not in (0, 1, 2):
            odd.append("round %d: status %d" % (number, done.returncode))
    tap.result(not odd, "60 files with changed bytes end in an orderly way", odd)


def resume(tap, env, made, scratch):
    """A file is imported once; what is written behind it is no flow log."""
    log, state = os.path.join(scratch, "day.parquet"), os.path.join(scratch, "state.json")
    shutil.copy(made, log)
    shutil.copy(made + ".gz", log + ".gz")
    kept = []
    for number in range(2):
        out = os.path.join(scratch, "day%d.cf" % number)
        done = harness.run(["cfimport", "--resume=" + state, "-o", out, log, log + ".gz"], env)
        kept.append(rows(env, out, "--no-titles", "--fields=sip")[0].count(b"\n")
                    if done.returncode == 0 else done.stderr.decode())
    tap.result(kept == [300000, 0], "--resume: rows %s, then %s" % tuple(kept))
    with open(log, "ab") as f:
        f.write(b"more of it")
    done = harness.run(["cfimport", "--resume=" + state, "-o", os.path.join(scratch, "n.cf"), log],
                       env)
    tap.result(done.returncode == 1 and b"the file is cut" in done.stderr,
               "--resume: a file that grew is refused", first(done.stderr))


def memory(tap, env, made, scratch):
    if env.get("CF_SANITIZE"):
        tap.skip("memory", "sanitizers use more")
        return
    paths = [os.path.join(scratch, "copy-%d.parquet" % i) for i in range(6)]
    for path in paths:
        shutil.copy(made, path)
    pid = os.fork()
    if pid == 0:
        os.execvpe("cfimport", ["cfimport", "--threads=4", "--force", "-o",
                                os.path.join(scratch, "all.cf")] + paths, env)
    _, status, usage = os.wait4(pid, 0)
    tap.result(status == 0 and usage.ru_maxrss <= MEMORY, "six files, four threads: %d MB" % (
        usage.ru_maxrss // 1024))


def main():
    env = harness.environment()
    tap = harness.Tap()
    missing = harness.missing(["duckdb", "cfgen", "cfcut", "cfimport"], env)
    if missing:
        tap.skip("Parquet", "needs " + missing)
        tap.done()
    duck = Duck(harness.make_variable(env["BUILD"], "CF_DUCKDB_LIBRARY"))
    with tempfile.TemporaryDirectory(prefix="cf-parquet-") as scratch:
        made = generated(tap, env, duck, scratch)
        sample(tap, env, duck, scratch)
        odd_values(tap, env, duck, scratch)
        columns(tap, env, duck, scratch)
        broken(tap, env, made, scratch)
        resume(tap, env, made, scratch)
        memory(tap, env, made, scratch)
    tap.done()


if __name__ == "__main__":
    main()
