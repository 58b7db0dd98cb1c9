# SPDX-License-Identifier: MIT
"""The long programme in one command: ./dev night [--hours N] [--only ID...] [--out FOLDER] [--fresh].

The report (report.json, report.html) is written after every program, so a night that was cut off tells what it knew;
the same command goes on where it ended, as long as the sources are the same commit. Exit status: 0 when every program
that ran was right, 1 when one was not, 2 for wrong use.
"""
import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import page  # noqa: E402
import plan  # noqa: E402
import watch  # noqa: E402
from rows import ROWS  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parents[2]
FIGURES = "NIGHT_FIGURES"  # the file to which programs add their figures, a JSON object a line


def commit():
    """The commit, with a mark when files differ from it: results of other sources are not carried over."""
    told = subprocess.run(["git", "-C", SOURCE, "describe", "--always", "--dirty", "--abbrev=12"], capture_output=True, text=True)
    return told.stdout.strip() or "unknown"


def folder_of(preset):
    return SOURCE / ("build" if preset == "release" else f"build-{preset}")


def read_report(path, fresh):
    """What an earlier night of the same commit found out; else an empty report."""
    now = {"commit": commit(), "machine": f"{os.cpu_count()} cores, {watch.memory_of_machine() >> 30} GiB, {platform.release()}",
           "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "results": {}}
    try:
        before = json.loads(path.read_text())
    except (OSError, ValueError):
        return now
    return before if not fresh and before.get("commit") == now["commit"] and isinstance(before.get("results"), dict) else now


def write_report(report, rows, out):
    report["rows"] = [page.summary(row, report["results"]) for row in rows]
    for name, text in (("report.json", json.dumps(report, indent=1) + "\n"), ("report.html", page.html(report))):
        (out / (name + ".new")).write_text(text)
        os.replace(out / (name + ".new"), out / name)


def build(preset, log):
    """False when the preset cannot be built. `./dev` has installed what it needs."""
    folder = folder_of(preset)
    with open(log, "wb") as output:
        words = [["cmake", "--preset", preset, "-D", "REGISTRYD_TESTS=ON"], ["cmake", "--build", folder]]
        return all(subprocess.run(each, cwd=SOURCE, stdout=output, stderr=subprocess.STDOUT).returncode == 0 for each in words)


def words_of(step, out):
    """The command with its blanks filled in."""
    values = {"build": folder_of(step.run.preset), "source": SOURCE, "out": out, "python": sys.executable, "count": step.count}
    return [word.format(**values) for word in step.run.command]


def environment_of(step, figures):
    count = {step.run.count.variable: str(step.count)} if step.run.count and step.run.count.variable else {}
    return {**step.run.environment, **count, FIGURES: str(figures), "REGISTRYD_SOURCE_DIR": str(SOURCE),
            "REGISTRYD_BUILD_DIR": str(folder_of(step.run.preset)), "PYTHONPATH": str(SOURCE / "tests")}


def read_figures(path):
    """The last value of each name."""
    found = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        found.update(json.loads(line))
    return found


def do(step, out, number):
    """The result of one program: status right, wrong or skipped, seconds, figures, log."""
    log, figures = out / f"{number:03}.log", out / f"{number:03}.figures"
    figures.unlink(missing_ok=True)
    result = {"words": " ".join(step.run.command), "count": step.count, "goal": step.run.count.goal if step.run.count else None,
              "log": log.name, "seconds": 0}
    if step.run.needs_root and os.geteuid() != 0:
        return {**result, "status": "skipped", "reason": "it needs root"}
    begin = time.monotonic()
    code, reason = watch.run(words_of(step, out), log, step.seconds_allowed, environment_of(step, figures))
    tail = log.read_text(errors="replace")[-3000:]
    if not reason and code:
        reason = f"exit status {code}"
    elif not reason and "{python} -m pytest" in result["words"] and " passed" not in tail:
        code, reason = 1, "no test ran"
    return {**result, "status": "wrong" if reason else "right", "reason": reason, "seconds": round(time.monotonic() - begin, 1),
            "figures": read_figures(figures), "tail": tail if reason else ""}


def night(rows, hours, out, fresh, built=build):
    """True when nothing was wrong."""
    out.mkdir(parents=True, exist_ok=True)
    report, end = read_report(out / "report.json", fresh), time.monotonic() + hours * 3600
    part, results = plan.share(rows, hours), report["results"]
    ready, keys = {}, set()
    for number, run in enumerate(plan.programs(rows)):
        step = plan.step(run, part)
        keys.add(step.key)
        if results.get(step.key, {}).get("status") == "right":
            continue
        if time.monotonic() > end:
            results[step.key] = {"words": " ".join(run.command), "status": "skipped", "reason": "the hours were over"}
            continue
        print(f"night: {' '.join(run.command)}: {step.count or 'once'}, about {step.minutes:.0f} min", flush=True)
        if run.preset not in ready:
            ready[run.preset] = built(run.preset, out / f"build-{run.preset}.log")
        if ready[run.preset]:
            results[step.key] = do(step, out, number)
        else:
            results[step.key] = {"words": " ".join(run.command), "status": "wrong", "reason": f"preset {run.preset} cannot be built"}
        print(f"night:   {results[step.key]['status']} {results[step.key].get('reason') or ''}", flush=True)
        write_report(report, rows, out)
    write_report(report, rows, out)
    return not any(results[key]["status"] == "wrong" for key in keys if key in results)


def main():
    parser = argparse.ArgumentParser(prog="./dev night", description="run the long programme")
    parser.add_argument("--hours", type=float, default=8, help="counts shrink to what fits (8)")
    parser.add_argument("--only", nargs="+", default=[], metavar="ID", help="these rows")
    parser.add_argument("--out", type=pathlib.Path, default=SOURCE / "build-night", help="the folder of the report (build-night)")
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier night found")
    parser.add_argument("--list", action="store_true", help="list the rows and run nothing")
    options = parser.parse_args()
    try:
        rows = plan.choose(ROWS, options.only)
    except KeyError as error:
        parser.error(f"there is no row {error}; ./dev night --list lists the rows")
    if options.list:
        for row in rows:
            print(f"{row.id:4} {sum(run.minutes for run in row.runs):6.0f} min  {row.title}: {row.figure}")
        return 0
    if not options.hours > 0:
        parser.error("--hours: give a number over 0")
    good = night(rows, options.hours, options.out, options.fresh)
    print(f"night: the report is {options.out / 'report.html'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
