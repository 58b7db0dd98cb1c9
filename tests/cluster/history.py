#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Checks a history: what clients asked a registry and what they were answered, whoever answered.

    history.py FILE [--all-kept]     FILE has one operation per line, in JSON; exit status 1 = a rule is broken

Each publisher has packages of its own and counts their versions: 1, 2, 3. A point is an epoch and a serial. Times are
seconds of one clock. Publishes and reads may have `number`, that of the epoch. Operations:

    publish  client via begin end package version outcome; with the outcome "ok": epoch serial. `begin` is that of the
             first attempt: a publish may have been stored by an attempt that was not answered. With "is_bound" the
             answer was that it is there already, at this serial or before
    read     client via begin end epoch serial values {package: version}; min_epoch and min_serial if it asked for them
    feed     client via begin end epoch since serial changes [[serial, package, version]]
    final    epoch serial changes: everything there is at the end

Rules:

    serial-twice   a point is one change, for ever
    order          a publish that began after another one was acknowledged has a higher serial
    number         a number is one epoch; a publish that began after another one was acknowledged has no lower number
    own-write      an answer to a question with a point is not older than this point
    missing        an answer lacks nothing that was published up to the point it states
    monotonic      answers of one daemon to one client never go back
    feed-gap       the changes of a feed have every serial once, in order
    feed-behind    a feed ends where everything ends
    lost           an acknowledged publish is not there at the end (a violation only with --all-kept, else counted)
"""
import argparse
import bisect
import json
import sys

MOST_EXAMPLES = 20


class History:
    def __init__(self, operations):
        self.publishes = [one for one in operations if one["kind"] == "publish" and one["outcome"] == "ok"]
        self.reads = [one for one in operations if one["kind"] == "read"]
        self.feeds = [one for one in operations if one["kind"] == "feed"]
        self.finals = [one for one in operations if one["kind"] == "final"]
        self.unanswered = [one for one in operations if one["kind"] == "publish" and one["outcome"] != "ok"]


def point(operation):
    return [operation["epoch"], operation["serial"]]


# ---- the rules: each yields the violations it finds ----

def serial_twice(history):
    """Acknowledgements, feeds and the end must agree on what a point is."""
    known = {}
    told = [(one["epoch"], one["serial"], one["package"], one["version"]) for one in history.publishes
            if not one.get("is_bound")]
    told += [(one["epoch"], *change) for one in [*history.feeds, *history.finals] for change in one["changes"]]
    for epoch, serial, package, version in told:
        before = known.setdefault((epoch, serial), (package, version))
        if before != (package, version):
            yield {"point": [epoch, serial], "is": [list(before), [package, version]]}


def order(history):
    for epoch in {one["epoch"] for one in history.publishes}:
        mine = [one for one in history.publishes if one["epoch"] == epoch]
        ended = sorted(mine, key=lambda one: one["end"])
        highest, at = None, 0
        for one in sorted(mine, key=lambda one: one["begin"]):
            while at < len(ended) and ended[at]["end"] < one["begin"]:
                if not highest or ended[at]["serial"] > highest["serial"]:
                    highest = ended[at]
                at += 1
            if highest and highest["serial"] >= one["serial"] and not one.get("is_bound"):
                yield {"first": highest, "then": one}


def number(history):
    epochs = {}
    for one in [*history.publishes, *history.reads]:
        if "number" in one and epochs.setdefault(one["number"], one["epoch"]) != one["epoch"]:
            yield {"number": one["number"], "epochs": [epochs[one["number"]], one["epoch"]]}
    counted = [one for one in history.publishes if "number" in one]
    ended = sorted(counted, key=lambda one: one["end"])
    highest, at = 0, 0
    for one in sorted(counted, key=lambda one: one["begin"]):
        while at < len(ended) and ended[at]["end"] < one["begin"]:
            highest = max(highest, ended[at]["number"])
            at += 1
        if one["number"] < highest:
            yield {"number": highest, "then": one}


def own_write(history):
    for one in history.reads:
        if one.get("min_epoch") == one["epoch"] and one["serial"] < one["min_serial"]:
            yield one


def missing(history):
    """Per epoch and package: the serials in order, and the highest version up to each."""
    steps = {}
    for one in sorted(history.publishes, key=lambda one: one["serial"]):
        serials, versions = steps.setdefault((one["epoch"], one["package"]), ([], []))
        serials.append(one["serial"])
        versions.append(max(one["version"], versions[-1] if versions else 0))
    for one in history.reads:
        for package, version in one["values"].items():
            serials, versions = steps.get((one["epoch"], package), ([], []))
            at = bisect.bisect_right(serials, one["serial"])
            if at and version < versions[at - 1]:
                yield {"read": {**one, "values": {package: version}}, "published": versions[at - 1]}


def monotonic(history):
    last = {}
    for one in sorted(history.reads, key=lambda one: one["begin"]):
        before = last.get((one["client"], one["via"]))
        if before and before["epoch"] == one["epoch"] and before["serial"] > one["serial"]:
            yield {"before": point(before), "after": point(one), "client": one["client"], "via": one["via"]}
        last[one["client"], one["via"]] = one


def feed_gap(history):
    for one in [*history.feeds, *history.finals]:
        expected = one.get("since", 0) + 1
        for serial, *_ in one["changes"]:
            if serial != expected:
                yield {"epoch": one["epoch"], "expected": expected, "serial": serial, "client": one.get("client")}
            expected = serial + 1


def feed_behind(history):
    last = {}
    for one in sorted(history.feeds, key=lambda one: one["begin"]):
        last[one["client"]] = [one["epoch"], one["changes"][-1][0] if one["changes"] else one["since"]]
    for final in history.finals:
        for client, reached in last.items():
            if reached != point(final):
                yield {"client": client, "reached": reached, "end": point(final)}


def lost(history):
    for final in history.finals:
        kept = {(package, version) for _, package, version in final["changes"]}
        for one in history.publishes:
            if (one["package"], one["version"]) not in kept:
                yield one


RULES = {"serial-twice": serial_twice, "order": order, "number": number, "own-write": own_write, "missing": missing,
         "monotonic": monotonic, "feed-gap": feed_gap, "feed-behind": feed_behind}


def check(operations, all_kept=False):
    """The report, as main() prints it."""
    history = History(operations)
    gone = list(lost(history))
    violations = {name: list(rule(history)) for name, rule in RULES.items()}
    if all_kept:
        violations["lost"] = gone
    return {
        "acknowledged": len(history.publishes),
        "unanswered": len(history.unanswered),
        "reads": len(history.reads),
        "feed_changes": sum(len(one["changes"]) for one in history.feeds),
        "epochs": len({one["epoch"] for one in [*history.publishes, *history.reads, *history.finals]}),
        "lost": len(gone),
        "violations": {name: len(found) for name, found in violations.items() if found},
        "examples": {name: found[:MOST_EXAMPLES] for name, found in violations.items() if found},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--all-kept", action="store_true")
    options = parser.parse_args()
    with open(options.file, encoding="utf-8") as file:
        report = check([json.loads(line) for line in file], options.all_kept)
    json.dump(report, sys.stdout, indent=2)
    print()
    return 1 if report["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
