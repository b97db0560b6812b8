# SPDX-License-Identifier: Apache-2.0
"""One question, one answer: the same flows as plain text, gzip, zstd, .cf of every level, cut in two
files, two streams behind each other, from a file or from a pipe, with one thread or four, must
give the same bytes. Also: cfgen and cfimport write the same bytes every time."""
import hashlib
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402

# Logs that the questions are not asked of, packed and unpacked, with any threads.
OTHERS = ["cfgen oci-vcn --flows=70000 --format-fields=flat", "cfgen ibm-vpc --flows=130000",
          "cfgen alibaba-vpc --flows=70000 --format-fields=csv"]
FLOWS = 150000
MAKE = """set -e
cfgen aws-vpc --flows=%d --seed=11 --format-fields=v5 >a.log
head -n 70000 a.log >one.log
{ head -n 1 a.log; tail -n +70001 a.log; } >two.log
gzip -1 -k a.log
zstd -q -k a.log
for level in fast balanced small; do
    cfimport --no-provenance --level=$level -o $level.cf a.log
done
cfimport --no-provenance -o one.cf one.log
cfimport --no-provenance -o two.cf two.log
cat one.cf two.cf >joined.cf
cfcat --no-provenance -o cfcat.cf one.cf two.cf
cfcat --no-provenance --level=small fast.cf | cat >again.cf
""" % FLOWS
SOURCES = ["a.log", "a.log.gz", "a.log.zst", "one.log two.log", "fast.cf", "balanced.cf",
           "small.cf", "joined.cf", "cfcat.cf", "again.cf", "one.cf two.log", "<a.log",
           "<a.log.gz", "<joined.cf", "- <balanced.cf", "PIPE a.log.gz", "PIPE joined.cf"]
QUESTIONS = [
    "cfcut --format=csv --fields=stime,etime,sip,dip,sport,dport,proto,packets,bytes,flags,action,"
    "logstatus,iface,instance,vpc",
    "cffilter --count 'action == reject or dport in (22, 443) and bytes > 10k'",
    "cffilter --no-provenance --pass=- 'sip in 10.0.0.0/8 and packets >= 4' SOURCE |"
    " cfcut --format=ndjson --fields=stime,sip,dip,bytes",
    "cfstats --format=csv --fields=dport,proto --values=records,packets,bytes --count=200",
    "cfstats --format=csv --fields=sip,dip --values=bytes,records --count=500",
    "cfstats --format=csv --fields=iface --values=records --bottom --count=20",
    "cfcut --format=csv --fields=stime,sip --tail-recs=10",
    "cfcut --format=csv --fields=stime,sip --start-rec-num=65530 --num-recs=20",
]


def command(question, source, threads):
    """The question asked of a source, which may be names, a redirection or a pipe."""
    head, _, rest = question.partition(" ")
    if source.startswith("PIPE "):
        before, source = "cat " + source[5:] + " | ", "-"
    else:
        before = ""
    if "SOURCE" not in rest:
        rest += " SOURCE"
    return "%s%s --threads=%d %s" % (before, head, threads, rest.replace("SOURCE", source))


def digest(env, line, scratch):
    done = harness.run(["/bin/sh", "-c", line], env, cwd=scratch)
    return (done.returncode, len(done.stdout), hashlib.sha256(done.stdout).hexdigest()), done


def main():
    env = harness.environment()
    tap = harness.Tap()
    missing = harness.missing(["cfgen", "cfimport", "cfcat", "cfcut", "cffilter", "cfstats",
                               "zstd"], env)
    if missing:
        tap.skip("same answers", "needs " + missing)
        tap.done()
    scratch = tempfile.mkdtemp(prefix="cf-same-")
    try:
        made = harness.run(["/bin/sh", "-c", MAKE], env, cwd=scratch)
        if not tap.result(made.returncode == 0, "sources are made", [made.stderr.decode()]):
            tap.done()
        for question in QUESTIONS:
            wanted, first = digest(env, command(question, SOURCES[0], 1), scratch)
            tap.result(wanted[0] == 0 and wanted[1] > 0, "answer: " + question,
                       [first.stderr.decode()])
            faults = []
            for number, source in enumerate(SOURCES):
                line = command(question, source, 4 if number % 2 else 1)
                got, done = digest(env, line, scratch)
                if got != wanted:
                    faults.append("%s\n  status %d, %d bytes instead of %d %s" % (
                        (line, got[0], got[1], wanted[1], done.stderr.decode()[:300])))
            tap.result(not faults, "same from every source: " + question, faults)
        for line in OTHERS:
            made = harness.run(["/bin/sh", "-c", "%s >o.log && gzip -kf1 o.log" % line], env, cwd=scratch)
            answers = [digest(env, "cfcut --format=csv --all-fields --threads=%s" % rest, scratch)[0]
                       for rest in ("1 o.log", "4 o.log", "4 o.log.gz", "1 <o.log.gz")]
            packed = "cfimport --threads=4 --force -o o.cf o.log && cfcut --format=csv --all-fields o.cf"
            answers.append(digest(env, packed, scratch)[0])
            tap.result(made.returncode == 0 and answers[0][1] > 0 and len(set(answers)) == 1,
                       "same from file, gzip, pipe and .cf: " + line, [str(a) for a in answers])
        for line in ("cfgen aws-vpc --flows=5000 --seed=4",
                     "cfgen oci-vcn --flows=5000 --seed=4 --format-fields=stream",
                     "cfgen ibm-vpc --flows=5000 --seed=4", "cfgen alibaba-vpc --flows=5000 --seed=4",
                     "cfimport --no-provenance --threads=1 -o - a.log",
                     "cfimport --no-provenance --threads=4 -o - a.log",
                     "cfcat --no-provenance --threads=3 -o - one.cf two.cf"):
            again = line.replace("--threads=1", "--threads=2").replace("--threads=3",
                                                                       "--threads=1")
            first, second = digest(env, line, scratch)[0], digest(env, again, scratch)[0]
            tap.result(first == second and first[0] == 0, "same bytes again: " + line,
                       ["%s and %s" % (first, second)])
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    tap.done()


if __name__ == "__main__":
    main()
