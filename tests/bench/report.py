# SPDX-License-Identifier: Apache-2.0
"""Results as Markdown: facts of the machine, sizes, and a row for each contestant of each job."""
import platform
import re
import shutil
import subprocess

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def first_line(command, env):
    if shutil.which(command[0], path=env["PATH"]) is None:
        return None
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, text=True)
    lines = done.stdout.strip().splitlines()
    return lines[0] if lines else None


def machine(duck, env, build):
    cpu = "unknown"
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        text = f.read()
    m = re.search(r"^model name\s*: (.*)$", text, re.M)
    mhz = re.search(r"^cpu MHz\s*: (.*)$", text, re.M)
    if m:
        cpu = m.group(1) + (", %.1f GHz" % (float(mhz.group(1)) / 1000) if mhz else "")
    versions = [first_line(["cfimport", "--version"], env), first_line(["gcc", "--version"], env),
                first_line(["nfdump", "-V"], env), first_line(["mawk", "-W", "version"], env),
                first_line(["igzip", "--version"], env), first_line(["jq", "--version"], env),
                first_line(["mlr", "--version"], env)]
    if duck:
        versions.append("DuckDB " + duck)
    return {"cpu": cpu, "cores": text.count("processor\t"), "kernel": platform.release(),
            "versions": [v for v in versions if v]}


def rate(v):
    return "%.0f M/s" % (v / 1e6) if v >= 99.5e6 else "%.1f M/s" % (v / 1e6) if v >= 10e6 \
        else "%.2f M/s" % (v / 1e6)


def bar_text(result, by_key, ours, clock):
    """(text of the bar, text of the verdict)"""
    if result["bar"] or result.get("bytes_bar"):
        bars, ok, verdict = [], True, ""
        if result["bar"]:
            bars.append("≥ " + rate(result["bar"]))
            ok = ours["rate"] >= result["bar"]
        if result.get("bytes_bar"):
            got = result["text"] / ours["ms"] * 1000
            bars.append("≥ %.0f MB/s" % (result["bytes_bar"] / 1e6))
            verdict = "%.0f MB/s: " % (got / 1e6)
            ok = ok and got >= result["bytes_bar"]
        return ", ".join(bars), verdict + ("met" if ok else "missed")
    other = by_key.get(result["against"])
    if other is None:
        return "", ""
    ratio = ours["ms"] / other["sides"][0]["ms"]
    if clock == "cpu" and result["cpus"] > 1:
        return "", "not judged"
    if result["times"] > 1:
        return ("≤ %.1f × %s" % (result["times"], result["against"]),
                "%.2f ×: %s" % (ratio, "met" if ratio <= result["times"] else "missed"))
    return ("≥ %.1f × one thread" % (1 / result["times"]),
            "%.2f ×: %s" % (1 / ratio, "met" if ratio <= result["times"] else "missed"))


def sizes_table(sizes):
    lines = ["| file | bytes a record | bar | |", "|---|--:|--:|---|"]
    for title, size, bar in sizes:
        lines.append("| %s | %.2f | %s | %s |" % (
            title, size, "≤ %.1f" % bar if bar else "",
            ("met" if size <= bar else "missed") if bar else ""))
    return lines


def jobs_table(results, clock):
    by_key = {r["key"]: r for r in results}
    lines = ["| job | who | rows | time, lowest to highest | processor | memory | bar | |",
             "|---|---|--:|--:|--:|--:|---|---|"]
    for r in results:
        ours = r["sides"][0]
        for i, s in enumerate(r["sides"]):
            if i == 0:
                bar, verdict = bar_text(r, by_key, ours, clock)
            else:
                bar, verdict = "", "we: %.2g ×" % (s["ms"] / ours["ms"])
            lines.append("| %s | %s | %s | %.0f ms, %.0f to %.0f | %.0f ms | %s | %s | %s |" % (
                r["title"] if i == 0 else "", s["name"], rate(s["rate"]), s["ms"], s["low"],
                s["high"], s["cpu"], "%.0f MB" % (s["rss"] / 1024) if s["rss"] else "", bar,
                verdict))
    return lines


def hours(results):
    by_key = {r["key"]: r for r in results}
    lines = []
    for hour, whole in (("hour-filter", "filter-count"), ("hour-top", "top")):
        if hour in by_key and whole in by_key:
            for h, w in zip(by_key[hour]["sides"], by_key[whole]["sides"]):
                lines.append("- %s, %s: one hour %.1f × faster than the day (bar: 15 ×)" % (
                    by_key[whole]["title"], h["name"], w["ms"] / h["ms"]))
    return lines


def markdown(everything):
    f = everything["facts"]
    lines = ["%s. %s, %d cores, Linux %s; %s. %s flows, medians of %d rounds." % (
        f["date"], f["cpu"], f["cores"], f["kernel"], "; ".join(f["versions"]),
        format(f["flows"], ","), f["rounds"]), ""]
    if f["clock"] == "cpu":
        lines[0] += " Times of one-core jobs are processor time: the machine was busy."
    if f.get("peers"):
        lines[0] += " Peers as measured in the run of %s." % f["peers"]
    lines += sizes_table(everything["sizes"]) + [""] + jobs_table(everything["results"], f["clock"]) + [""]
    lines += hours(everything["results"])
    checked = [r for r in everything["results"] if r["agrees"] is not None]
    if checked:
        lines += ["- answers compared with DuckDB's: %s" % ", ".join(
            "%s %s" % (r["key"], "equal" if r["agrees"] else "DIFFER") for r in checked)]
    lines += ["- skipped: " + s for s in everything["skipped"]]
    return "\n".join(lines)


def into_document(path, text):
    with open(path, encoding="utf-8") as f:
        old = f.read()
    begin, end = old.index(BEGIN) + len(BEGIN), old.index(END)
    with open(path, "w", encoding="utf-8") as f:
        f.write(old[:begin] + "\n" + text + "\n" + old[end:])
