# SPDX-License-Identifier: Apache-2.0
"""A reader's map against what it really makes: of each real log, and of each log that cfgen makes,
every column is in the map of the reader that read it (fields that a reader makes of unknown names
stand aside), and where the map states the possible values there are no others."""
import json
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402


def ndjson(env, *argv):
    done = harness.run([*argv, "--format=ndjson"], env)
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def distinct(env, packed, field):
    done = harness.run(["cfcut", "--format=csv", "--no-titles", "--fields=" + field, packed], env)
    return set(done.stdout.decode().split()) - {""}


def check(tap, env, maps, catalogue, path, name):
    """False when no reader takes the file, or finds no row in it."""
    with tempfile.TemporaryDirectory(prefix="cf-maps-") as scratch:
        packed = os.path.join(scratch, "x.cf")
        done = harness.run(["cfimport", "-o", packed, path], env)
        if done.returncode not in (0, 3) or not os.path.exists(packed):
            return False
        reader = ndjson(env, "cfinfo", "--provenance", packed)[0].get("reader")
        columns = {c["column"] for c in ndjson(env, "cfinfo", "--columns", packed)} & catalogue
        if not columns:
            return False
        rows = maps.get(reader, [])
        missing = sorted(columns - {r["field"] for r in rows})
        wrong = []
        for r in rows:
            if r.get("value") and r["field"] in columns \
                    and all(o.get("value") for o in rows if o["field"] == r["field"]):
                other = distinct(env, packed, r["field"]) - set(r["value"].split())
                wrong += ["%s is %s" % (r["field"], ", ".join(sorted(other)))] if other else []
    tap.result(not missing and not wrong, "%s: %d columns in the map of %s" % (
        name, len(columns), reader), ["not in the map: " + m for m in missing] + wrong)
    return True


def generated(env):
    """Providers that cfgen knows."""
    text = harness.run(["cfgen", "--help"], env).stdout.decode()
    part = text.partition("\nProviders:\n")[2].partition("\n\n")[0]
    return re.findall(r"^  ([a-z0-9-]+) ", part, re.M)


def main():
    env = harness.environment()
    tap = harness.Tap()
    maps = {}
    for row in ndjson(env, "cfplugin", "map"):
        maps.setdefault(row["plugin"], []).append(row)
    catalogue = {f["name"] for f in ndjson(env, "cfplugin", "fields")}
    for provider in generated(env):
        with tempfile.TemporaryDirectory(prefix="cf-maps-") as scratch:
            path = os.path.join(scratch, "made.log")
            harness.run(["cfgen", provider, "--flows=2000", "-o", path], env)
            if provider not in maps:
                tap.skip("cfgen " + provider, "there is no such reader")
            elif not check(tap, env, maps, catalogue, path, "cfgen " + provider):
                tap.result(False, "cfgen %s: a reader takes it" % provider)
    if not env["CF_SAMPLES"]:
        tap.skip("real logs", "needs samples")
        tap.done()
    for root, dirs, files in os.walk(env["CF_SAMPLES"]):
        dirs.sort()
        for name in sorted(files):
            path = os.path.join(root, name)
            check(tap, env, maps, catalogue, path,
                  os.path.relpath(path, env["CF_SAMPLES"]))
    tap.done()


if __name__ == "__main__":
    main()
