#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Takes the primary away, again and again, under publishers and resolvers, and checks the history of it. Needs root;
everything is in namespaces of its own.

    failover.py --failovers 10 --out FOLDER              report.json, history.jsonl, logs
    failover.py --failovers 10 --asynchronous --out FOLDER
    failover.py --kinds kill,daemon --seconds-each 60 --out FOLDER   every kind again and again for so long

Exit status 1: a rule of history.py is broken, a resolve failed, or publishing was interrupted for too long.
"""
import argparse
import asyncio
import json
import os
import pathlib
import shutil
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1]), str(pathlib.Path(__file__).resolve().parent)]
import history  # noqa: E402
import machines  # noqa: E402
from load import Load  # noqa: E402
from support.daemon import PROGRAM, SOURCE_DIR  # noqa: E402

sys.path.insert(0, str(SOURCE_DIR / "docs" / "examples" / "cluster"))
import cluster as example  # noqa: E402

LONGEST_SECONDS = 15  # publishing is interrupted
WHOLE_SECONDS = 120   # until all nodes are there again
REWIND_SECONDS = 45   # then a node that does not follow is copied anew, as an operator would do it
SETTLE_SECONDS = 3    # of load between two faults
ALONE_SECONDS = 5     # that a resurrected primary is all there is; less than Patroni's ttl
RELEASES = "SELECT count(*) FROM releases"


async def in_thread(function, *arguments):
    return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)


async def until_another(cluster, before, seconds=60):
    """The node that is the primary now, and is not the one from before."""
    def find():
        return next((node for node in cluster.nodes if node is not before and node.is_primary()), None)
    return await in_thread(example.wait_for, find, "another node becomes the primary", seconds)


async def until_acknowledged(load, since, seconds=60):
    """An acknowledgement of something that was asked for after `since`."""
    end = time.monotonic() + seconds
    while not any(one["kind"] == "publish" and one["outcome"] == "ok" and one["begin"] > since
                  for one in load.operations[-50:]):
        load.check()
        if time.monotonic() > end:
            raise TimeoutError(f"{seconds} s after another node became the primary nothing can be published")
        await asyncio.sleep(0.1)


def make_whole(cluster):
    """Waits for all nodes; how many of them had to be copied anew."""
    try:
        example.wait_for(cluster.is_whole, "all nodes are there again", REWIND_SECONDS)
        return 0
    except TimeoutError:
        primary = cluster.primary()
        followers = primary.followers() if primary else {}
        late = [node for node in cluster.nodes if node is not primary and node.name not in followers]
        for node in late:
            node.api("/reinitialize", {"force": True}, seconds=10)
    example.wait_for(cluster.is_whole, "all nodes are there again", WHOLE_SECONDS)
    return len(late)


async def fail_over(cluster, load, kind):
    """One fault, from a whole cluster to a whole cluster."""
    fault = machines.FAULTS[kind]
    before = await in_thread(cluster.primary)
    begin = time.monotonic()
    await in_thread(fault.begin, cluster, before)
    after = await until_another(cluster, before) if fault.moves else before
    promoted = time.monotonic()
    try:
        await until_acknowledged(load, promoted)
    finally:
        resumed = time.monotonic()
        await asyncio.sleep(1)
        await in_thread(fault.end, cluster, before)
    copied = await in_thread(make_whole, cluster)
    for daemon in cluster.daemons:
        await in_thread(example.wait_for, daemon.is_ready, f"{daemon.name} is ready")
    await asyncio.sleep(SETTLE_SECONDS)
    end = time.monotonic()
    writers = [load.gap(begin, end, load.package(number)) for number in range(load.publishers)]
    return {"kind": kind, "from": before.name, "to": after.name, "promoted_s": round(promoted - begin, 2),
            "resumed_s": round(resumed - begin, 2), "outage_s": round(load.gap(begin, end), 2),
            "slowest_writer_s": round(max(writers), 2), "copied_anew": copied}


async def until_seen(cluster, load):
    """Every daemon is in the history of the newest acknowledgement."""
    newest = max((one for one in load.operations if one["kind"] == "publish" and one["outcome"] == "ok"),
                 key=lambda one: one["end"])
    for daemon in cluster.daemons:
        def follows(address=daemon.address):
            return example.ask(f"http://{address}/v1")[1].get("epoch") == newest["epoch"]
        await in_thread(example.wait_for, follows, f"{daemon.name} sees the newer history", 30)


async def resurrect(cluster, load):
    """A primary comes back, without the Patroni that would stop it, to daemons that saw its successor, while nothing
    else can be reached. It must be given nothing to keep."""
    old = await in_thread(cluster.primary)
    begin = time.monotonic()
    await in_thread(machines.pause, cluster, old)
    new = await until_another(cluster, old)
    await until_acknowledged(load, time.monotonic())
    await until_seen(cluster, load)
    others = [node for node in cluster.nodes if node is not old]
    for node in others:
        await in_thread(machines.pause, cluster, node)
    await in_thread(machines.wake_database, cluster, old)
    rows = [int(await in_thread(cluster.sql, old, RELEASES))]
    back = time.monotonic()
    await asyncio.sleep(ALONE_SECONDS)
    rows.append(int(await in_thread(cluster.sql, old, RELEASES)))
    taken = [one for one in load.operations if one["kind"] == "publish" and one["outcome"] == "ok"
             and one["begin"] > back]
    await in_thread(machines.pause, cluster, old)
    for node in others:
        await in_thread(machines.go_on, cluster, node)
    await until_acknowledged(load, time.monotonic())
    await in_thread(machines.go_on, cluster, old)
    copied = await in_thread(make_whole, cluster)
    return {"kind": "resurrect", "from": old.name, "to": new.name, "accepted_there": rows[1] - rows[0],
            "acknowledged_there": len(taken), "outage_s": 0, "took_s": round(time.monotonic() - begin, 2),
            "copied_anew": copied}


def schedule(options):
    """The kinds of the faults, one after another."""
    kinds = options.kinds.split(",")
    if not options.seconds_each:
        yield from (kinds[number % len(kinds)] for number in range(options.failovers))
        return
    for kind in kinds:
        end = time.monotonic() + options.seconds_each
        while time.monotonic() < end:
            yield kind


async def drive(cluster, options, report):
    load = Load(cluster.proxy, {daemon.name: daemon.address for daemon in cluster.daemons}, cluster.make_token(),
                options.publishers, options.resolvers, options.seed)
    try:
        async with load:
            await asyncio.sleep(SETTLE_SECONDS)
            for kind in schedule(options):
                one = await (resurrect(cluster, load) if kind == "resurrect" else fail_over(cluster, load, kind))
                report["failovers"].append(one)
                print(json.dumps(one), flush=True)
                load.check()
            await load.end_publishing()
    finally:
        report["resolves"], report["failed_resolves"] = load.resolves, load.failed_resolves
        report["refusals"] = load.refusals
    await load.read_final(cluster.daemons[0].address)
    return load


def judge(report, options):
    """What is wrong, in words."""
    slow = [one for one in report["failovers"] if one["outage_s"] > LONGEST_SECONDS]
    # A resurrection takes two machines away just after the daemons forgot the old history: what they have not loaded
    # again by then cannot be answered. The report has the number.
    is_double = any(one["kind"] == "resurrect" for one in report["failovers"])
    there = [one for one in report["failovers"] if one.get("accepted_there") or one.get("acknowledged_there")]
    checks = [
        (not report["history"]["violations"], f"the history breaks rules: {report['history']['violations']}"),
        (not report["failed_resolves"] or is_double, f"{len(report['failed_resolves'])} resolves failed"),
        (not there, f"a resurrected primary took changes: {there}"),
        (not slow, f"publishing was interrupted for more than {LONGEST_SECONDS} s: {slow}"),
        (report["failovers"] and (options.seconds_each or len(report["failovers"]) == options.failovers),
         "not every failover was made"),
    ]
    return [text for is_good, text in checks if not is_good]


def keep_logs(cluster, folder):
    for path in cluster.folder.glob("*.log"):
        shutil.copy(path, folder / path.name)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--failovers", type=int, default=10)
    parser.add_argument("--kinds", default="kill,switchover,pause,cut")
    parser.add_argument("--seconds-each", type=float, default=0)
    parser.add_argument("--publishers", type=int, default=16)
    parser.add_argument("--resolvers", type=int, default=8)
    parser.add_argument("--asynchronous", action="store_true")
    parser.add_argument("--direct", action="store_true", help="without PgBouncer")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    machines.enter()
    os.environ.setdefault("ASAN_OPTIONS", "use_sigaltstack=0")
    options.out.mkdir(parents=True, exist_ok=True)
    report = {"mode": "asynchronous" if options.asynchronous else "synchronous", "failovers": []}
    begin = time.monotonic()
    free = ["--requests-per-second", "0", "--publishes-per-minute", "0", "--new-names-per-hour", "0"]
    with example.Cluster(str(PROGRAM), synchronous=not options.asynchronous, hosts=machines.make_hosts(),
                         hub=machines.HUB, arguments=free, pooled=not options.direct) as cluster:
        report["up_s"] = round(time.monotonic() - begin, 2)
        try:
            load = asyncio.run(drive(cluster, options, report))
        finally:
            keep_logs(cluster, options.out)
            (options.out / "report.json").write_text(json.dumps(report, indent=2) + "\n")
    with open(options.out / "history.jsonl", "w", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in load.operations)
    report["history"] = history.check(load.operations, all_kept=not options.asynchronous)
    report["wrong"] = judge(report, options)
    (options.out / "report.json").write_text(json.dumps(report, indent=2) + "\n")
    told = ("mode", "up_s", "resolves", "refusals", "history", "wrong")
    print(json.dumps({key: report[key] for key in told}, indent=2))
    return 1 if report["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
