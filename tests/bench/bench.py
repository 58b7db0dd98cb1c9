# SPDX-License-Identifier: MIT
"""Measures the release build against its goals: `./dev bench [PART...] [--json FILE] [--against FILE]`.

Every figure stands beside what it is compared with, measured in turns on the same machine in the same
run: on a shared machine only ratios travel. Nothing here is a test, and no test measures time.
"""

import argparse
import json
import platform
import subprocess
import tempfile
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

import catalogue_rates  # the first: it puts tests/ on the path
import against
import import_rates
import index_rates
import lookup_rates
import node_rates
import packaging_rates
import python_rates
import resolution_rates
import schema_rates
import sync_rates
import walk_rates
import wheel_rates
from tools import (
    BUILD_DIR, Pgbench, daemon, free_port, initdb_seconds, median, milliseconds, output_of, owner_of,
    publishes_per_second, raw_answer, requests_per_second, resident_mib, wait_for_port, wrk,
)  # fmt: skip

AT_LEAST, AT_MOST = "at least", "at most"


def row(what, value, unit, goal=None, kind=None, beside=""):
    met = None if goal is None else (value >= goal if kind == AT_LEAST else value <= goal)
    return {
        "what": what, "value": round(value, 3), "unit": unit, "goal": goal and f"{kind} {goal}",
        "met": met, "beside": beside,
    }  # fmt: skip


# ---- resolve ----


def publish_resolve_group(running):
    """Four packages in one group: an answer of about 1 KB."""
    for name in ("accounts", "billing", "calendar", "documents"):
        document = {
            "name": f"bench-{name}", "version": "1.4.2", "summary": "A plugin of the benchmark",
            "entry_points": {"bench.plugins": {name: f"bench.plugins.{name}:manifest"}},
        }  # fmt: skip
        answer = running.put(f"/v1/packages/bench-{name}/releases/1.4.2", document)
        assert answer.status in (200, 201), answer.body


@contextmanager
def bare_civetweb(answer_file, threads):
    port = free_port()
    # a session of its own, as the daemon has: the kernel may share out the processor by session
    command = [BUILD_DIR / "bench/bare_civetweb", str(port), str(threads), str(answer_file)]
    server = subprocess.Popen(command, start_new_session=True)
    try:
        wait_for_port(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def measure_resolve(seconds, rounds):
    path = "/v1/resolve?group=bench.plugins"
    threads = 64
    with daemon(threads) as running, tempfile.TemporaryDirectory() as folder:
        publish_resolve_group(running)
        answer, body_bytes = raw_answer(running.address, path)
        answer_file = Path(folder) / "answer"
        answer_file.write_bytes(answer)
        ours, bare = [], []
        with bare_civetweb(answer_file, threads) as bare_url:
            for _ in range(rounds):
                ours.append(requests_per_second(wrk(running.url + path, 8, seconds)))
                bare.append(requests_per_second(wrk(bare_url + path, 8, seconds)))
    beside = f"bare civetweb, same bytes: {median(bare):.0f}/s; body {body_bytes} bytes"
    yield row("resolve, 8 keep-alive connections", median(ours), "answers/s", beside=beside)
    yield row("resolve against bare civetweb", median(ours) / median(bare), "ratio", 0.8, AT_LEAST)


def measure_resolutions(seconds, rounds):
    """The same question of 1,000 packages, then ten and a hundred times as many; the last with a million releases."""
    for figures in resolution_rates.measure((1000, 10_000, 100_000), rounds, seconds):
        if "packages" in figures:
            of = f"of {figures['packages']:,} packages x 10 releases"
            beside = f"whole {figures['whole ms']:.0f} ms ({figures['body MiB']:.1f} MiB), kept {figures['kept ms']:.1f} ms"
            yield row(f"page of 100 {of}, asked anew", figures["page ms"], "ms", beside=beside)
            beside = f"first answer, read from the database: {figures['first ms']:.0f} ms"
            yield row(f"memory {of}", figures["memory MiB"], "MiB", beside=beside)
            yield row(f"publish to a group {of}, seen", figures["publish ms"], "ms")
        else:
            beside = f"{figures['full']:.0f}/s, to an empty one {figures['empty']:.0f}/s"
            yield row("publish to a registry of 1,000,000 releases, to an empty one", figures["empty"] / figures["full"],
                      "ratio", 1.5, AT_MOST, beside)


# ---- the package index ----


def measure_requirements(rounds):
    """One selection from 10,000 packages in memory, without and with requirements between them."""
    taken = {shape: json.loads(output_of(BUILD_DIR / "bench/bench_selection", shape, rounds))["ms"]
             for shape in ("plain", "linked", "gives-way")}
    for shape, what in (("linked", "3 requirements on other packages each"), ("gives-way", "a tenth gives releases up")):
        beside = f"{taken[shape]:,} ms, without {taken['plain']:,} ms"
        yield row(f"a selection from 10,000 packages, {what}", taken[shape] / taken["plain"], "ratio", 1.3, AT_MOST, beside=beside)


def measure_index(seconds, rounds):
    threads = 64
    with daemon(threads) as running, tempfile.TemporaryDirectory() as folder:
        path = index_rates.small_project(running)
        answer, body_bytes = raw_answer(running.address, path)
        answer_file = Path(folder) / "answer"
        answer_file.write_bytes(answer)
        ours, bare = [], []
        with bare_civetweb(answer_file, threads) as bare_url:
            for _ in range(rounds):
                ours.append(requests_per_second(wrk(running.url + path, 8, seconds)))
                bare.append(requests_per_second(wrk(bare_url + path, 8, seconds)))
        beside = f"{median(ours):.0f}/s, bare civetweb {median(bare):.0f}/s; body {body_bytes} bytes"
        yield row("index page against bare civetweb", median(ours) / median(bare), "ratio", 0.8, AT_LEAST, beside)
        yield row("upload of a plugin's wheel, as twine sends it", index_rates.uploads(running), "ms", 10, AT_MOST)
        yield row("600 index pages asked again, all unchanged", index_rates.names_again(running), "ms", 200, AT_MOST)
        rates = import_rates.imports(running)
        beside = f"{rates['import']:.0f}/s, bare {rates['bare']:.0f}/s, all there {rates['again']:.0f}/s"
        yield row("import of 1,000 small wheels against bare uploads", rates["import"] / rates["bare"], "ratio", 0.8, AT_LEAST, beside)
        large = index_rates.large_project(running)
        beside = f"{large['MiB']:.1f} MiB, packed; median {large['median']:.1f} ms; first {large['first']:.0f} ms"
        yield row("index page of 40,000 files, 99th percentile", large["p99"], "ms", 200, AT_MOST, beside)
        yield row("index page of 40,000 files, after a change", large["anew"], "ms", 500, AT_MOST)
    with daemon() as running:
        mib = index_rates.large_uploads(running)
        yield row("memory of 8 wheels of 60 MiB arriving at once", mib, "MiB", 64, AT_MOST)


def measure_sync(rounds):
    times = sync_rates.measure(1000, rounds)
    beside = f"zipfile of Python, the same files without hashes and metadata: {times['zipfile']:.0f} ms"
    yield row("pack of 1,000 plugins of 8 files", times["pack"], "ms", beside=beside)
    beside = f"one of them new {times['one']:.0f} ms; cp -r and sync of the same tree {times['cp']:.0f} ms"
    yield row("sync of 1,000 plugins into an empty directory", times["first"], "ms", beside=beside)
    yield row("sync of 1,000 plugins, nothing new", times["again"], "ms", beside=f"rollback {times['back']:.0f} ms")


# ---- publish ----


def measure_publish(seconds, rounds):
    with daemon() as running:
        pgbench = Pgbench(running)
        for publishers in (1, 8):
            ours, theirs = [], []
            for turn in range(rounds):
                run = f"{publishers}-{turn}"
                ours.append(
                    publishes_per_second(running.url, running.publisher_token, run, publishers, seconds)
                )
                theirs.append(pgbench.simple_updates_per_second(publishers, seconds))
            beside = f"pgbench simple-update, {publishers} clients: {median(theirs):.0f}/s"
            what = f"durable publishes, {publishers} at once"
            yield row(what, median(ours), "releases/s", beside=beside)
            yield row(f"{what}, against pgbench", median(ours) / median(theirs), "ratio")


def measure_nodes(publishes=500):
    waited, again = node_rates.measure(publishes)
    beside = f"half of them {median(waited):.2f} ms; the same question again {median(again):.2f} ms"
    yield row("a change at one daemon, seen at another (p99)", waited[publishes * 99 // 100], "ms", 100, AT_MOST, beside)


# ---- walk ----

def measure_walk(rounds):
    for convention, times in walk_rates.measure(1000, rounds, ["plugin-yaml"]):
        beside = f"open and read of the same files: {times['bare']:.1f} ms"
        yield row(f"walk of 1,000 {convention} directories, as JSON", times["command"], "ms",
                  beside=beside)


def measure_conventions(rounds):
    for convention, times in walk_rates.measure(10000, rounds, walk_rates.FILES):
        walk, python, bare = times["walk"], times["python"], times["bare"]
        beside = (f"walk {walk:.0f} ms, the same in Python {python:.0f} ms, open and read {bare:.0f} ms, "
                  f"the command with JSON {times['command']:.0f} ms")
        if "import" in times:
            beside += f", as hosts do it (import, entry points alone) {times['import']:.0f} ms"
        what = f"walk of 10,000 {convention}"
        yield row(f"{what}, times faster than Python", python / walk, "ratio", 20, AT_LEAST, beside)
        yield row(f"{what} to open and read", walk / bare, "ratio", 3, AT_MOST, beside)


# ---- look-ups in a snapshot ----


def measure_lookups(rounds):
    """Opening is what a fresh process does; finding a group again, and reading its records, are told apart."""
    times = lookup_rates.measure(10000, rounds)
    python = f"importlib.metadata.entry_points(group=…) over the same packages on disk: {times['importlib']:.0f} µs"
    beside = f"by its own clock {times['clock']:.0f} µs, the process that does nothing {times['nothing']:.0f} µs; {python}"
    what = "open a snapshot of 10,000 packages, find and read a group of 50"
    yield row(f"{what}: a process, above one that does nothing", times["process"], "µs", 200, AT_MOST, beside)
    yield row("find a group of 50 when it is open", times["find"], "µs", 2, AT_MOST, python)
    yield row("find it and read every text of all 50", times["find_and_read"], "µs")
    yield row("the same by importlib.metadata, times slower than by process", times["importlib"] / times["process"], "ratio")
# ---- the catalogue ----


def measure_catalogue(rounds):
    pages = list(catalogue_rates.measure_pages(rounds))
    slowest = max(pages, key=lambda page: page[1])
    largest = max(pages, key=lambda page: page[2])
    yield row("slowest page at 1,000 packages, median", slowest[1], "ms", 50, AT_MOST, beside=slowest[0])
    yield row("largest page at 1,000 packages, packed", largest[2] / 1024, "KiB", 100, AT_MOST, beside=largest[0])
    searches = list(catalogue_rates.measure_search(rounds))
    worst = max(searches, key=lambda search: search[1])
    beside = f"{len(searches)} questions; the slowest, of all packages: {worst[0]} {worst[1]:.0f} ms"
    yield row("search over 100,000 packages, median", median([taken for _, taken in searches]), "ms", 50, AT_MOST, beside)


# ---- start and memory ----


def measure_start(rounds):
    empty, existing, bare = [], [], []
    for _ in range(rounds):
        with daemon(64, start=False) as running:
            empty.append(running.start())
            running.stop()
            existing.append(running.start())
            bare.append(initdb_seconds(owner_of(running)))
    beside = f"initdb alone: {median(bare):.2f} s"
    yield row("start on an empty data directory", median(empty), "s", 2.0, AT_MOST, beside)
    yield row("start on an existing one", median(existing), "s", 0.5, AT_MOST)


def measure_memory():
    for threads, goal in ((64, 12), (None, 40)):
        with daemon(threads) as running:
            told = f"{threads} threads" if threads else "the default threads"
            yield row(f"resident memory idle, {told}", resident_mib(running.process.pid), "MiB", goal, AT_MOST)


# ---- schemas of manifests ----


def measure_schemas(rounds):
    for what, ours, theirs in schema_rates.measure(rounds):
        beside = f"{ours:,.0f}/s, jsonschema {theirs:,.0f}/s"
        yield row(f"{what}, against jsonschema", ours / theirs, "ratio", 20, AT_LEAST, beside=beside)


# ---- packaging standards ----


def measure_packaging(rounds):
    for what, ours, theirs in packaging_rates.measure(rounds):
        beside = f"{ours:,.0f}/s, packaging {theirs:,.0f}/s"
        yield row(f"{what}, against packaging", ours / theirs, "ratio", 50, AT_LEAST, beside=beside)


def measure_wheels(rounds):
    for what, size, (ours, our_digest), (theirs, by_hand, digest) in wheel_rates.measure(rounds):
        beside = f"{size >> 10} KiB: {1000 / ours:,.0f}/s, importlib.metadata {1000 / theirs:,.0f}/s, "
        beside += f"zipfile and email by hand {1000 / by_hand:,.0f}/s"
        # SHA-256 of the whole is the same loop of the processor on both sides and bounds the ratio of a
        # large file; so the goal of that one is for the rest of the work
        is_large = size > 1 << 20
        yield row(f"{what}, against Python", theirs / ours, "ratio", None if is_large else 10, AT_LEAST, beside)
        beside = f"{ours - our_digest:.3f} ms, importlib.metadata {theirs - digest:.3f} ms, "
        beside += f"by hand {by_hand - digest:.3f} ms; the digest {our_digest:.3f} ms"
        ratio = (theirs - digest) / (ours - our_digest)
        yield row(f"{what}, its digest apart", ratio, "ratio", 10 if is_large else None, AT_LEAST, beside)


# ---- Python ----


def measure_python(rounds):
    above, start, importing, (warm, warm_theirs) = python_rates.measure(rounds)
    ours, theirs, stevedore = above["ours"], above["importlib"], above["stevedore"]
    what = "entry_points() of 500 among 10,000"
    beside = f"{ours:.1f} ms above the interpreter's {start:.1f} ms; importlib.metadata {theirs:.0f} ms"
    yield row(f"{what}, against importlib.metadata", theirs / ours, "ratio", 10, AT_LEAST, beside)
    pure = above["pure"]
    yield row(f"{what}, pure engine", pure, "ms", 15, AT_MOST, f"above the interpreter's start; importlib.metadata {theirs:.0f} ms")
    yield row(f"{what}, pure engine against importlib.metadata", theirs / pure, "ratio", 10, AT_LEAST, f"{pure:.1f} ms")
    beside = f"stevedore with a warm cache {stevedore:.0f} ms; stevedore served from here {above['stevedore here']:.0f} ms"
    yield row(f"{what}, against stevedore", stevedore / ours, "ratio", 5, AT_LEAST, beside)
    beside = f"importlib.metadata itself under install() {above['hook']:.0f} ms"
    yield row(f"{what}, by walking", theirs / above["walk"], "ratio", beside=f"{above['walk']:.0f} ms; {beside}")
    beside = f"{warm * 1e9:.0f} ns, importlib.metadata {warm_theirs * 1000:.0f} ms"
    yield row("warm entry_points(), against importlib.metadata", warm_theirs / warm, "ratio", 1000, AT_LEAST, beside)
    beside = f"with the start of a process: {above['import']:.1f} ms"
    yield row("import of registryclient", importing, "ms", 3, AT_MOST, beside)


# ---- the report ----


# name -> how to measure it; each makes its rows in the same order every time.
PARTS = {
    "start": lambda seconds, rounds: measure_start(rounds),
    "memory": lambda seconds, rounds: measure_memory(),
    "lookups": lambda seconds, rounds: measure_lookups(rounds),
    "resolve": measure_resolve,
    "requirements": lambda seconds, rounds: measure_requirements(rounds),
    "index": measure_index,
    "sync": lambda seconds, rounds: measure_sync(rounds),
    "publish": measure_publish,
    "resolutions": measure_resolutions,
    "nodes": lambda seconds, rounds: measure_nodes(),
    "catalogue": lambda seconds, rounds: measure_catalogue(rounds),
    "walk": lambda seconds, rounds: measure_walk(rounds * 3),
    "conventions": lambda seconds, rounds: measure_conventions(rounds),
    "packaging": lambda seconds, rounds: measure_packaging(rounds),
    "schemas": lambda seconds, rounds: measure_schemas(rounds),
    "wheels": lambda seconds, rounds: measure_wheels(rounds),
    "python": lambda seconds, rounds: measure_python(rounds * 3),
}


def line_of(one):
    mark = {True: "yes", False: "NO", None: ""}[one["met"]]
    value = f"{one['value']:,.0f}" if one["value"] >= 100 else f"{one['value']:.2f}"
    return f"{one['what']:<42} {value:>9} {one['unit']:<11} {one['goal'] or '':<13} {mark:<4} {one['beside']}"


def measure(options):
    """Part by part, each as often as asked, so that what is compared lies close in time."""
    for part in options.parts or PARTS:
        passes = [list(PARTS[part](options.seconds, options.rounds)) for _ in range(options.passes)]
        for one in against.combine(passes):
            print(line_of(one), flush=True)
            yield one


def main():
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"all without one; of {', '.join(PARTS)}")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    parser.add_argument("--against", metavar="FILE", help="such a file of before: print what moved by more than both runs spread")
    parser.add_argument("--seconds", type=int, default=4, help="of one run under load (4)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, in turns (3)")
    parser.add_argument("--passes", type=int, help="measurements of each row; their spread is kept (1; 3 with --against)")
    parser.add_argument("--machine", metavar="WORDS", help="what the machine is, for the file")
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]}; the parts are {', '.join(PARTS)}")
    options.passes = options.passes or (3 if options.against else 1)
    try:
        before = against.read(options.against) if options.against else None
    except ValueError as error:
        parser.error(str(error))
    print(f"{'':<42} {'measured':>9} {'':<11} {'goal':<13} {'met':<4} beside")
    rows = list(measure(options))
    if options.json:
        report = {
            "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "machine": {"system": platform.platform(), "cpus": output_of("nproc").strip(), "words": options.machine or ""},
            "passes": options.passes,
            "rows": rows,
        }
        Path(options.json).write_text(json.dumps(report, indent=2) + "\n")
        print(f"written: {options.json}")
    if before is not None:
        print("\n".join(against.compare(before, rows)))


if __name__ == "__main__":
    main()
