# SPDX-License-Identifier: MIT
"""The other side of test_decisions.py, in a Python that has the package: reads cases, a JSON object a line, and
answers each with what the drop-in gives: records, what was withheld, and its diagnostics.

A case has a `site` and a `snapshot`, both on disk, or `walked` and `answer`, which stand in for them.
"""

import json
import sys

import registryclient
from registryclient import _lookup, _state, _walk
from registryclient._decisions import Decision
from registryclient.errors import RegistryError

PATH = [entry for entry in sys.path if not entry.endswith("packages")]  # none of this machine


class Walked:
    """A distribution that was found, with one entry point."""

    is_foreign = False
    is_installed = True
    rows = ()

    def __init__(self, record):
        self.told = record
        self.entries = [(record["group"], record["name"], record["value"])]

    def record(self, index):
        get = self.told.get
        return (*map(get, ("group", "name", "value", "package", "version", "source")), None, get("origin"), None, None, None, None)

    def findings(self, index):
        return []

    def inspect(self):
        return []


class Group:
    """A group of the snapshot."""

    def __init__(self, records):
        self.records = records

    def __len__(self):
        return len(self.records)

    def packages(self):
        return {one["package"] for one in self.records}

    def pairs(self):
        return [(index, one["name"], one["value"]) for index, one in enumerate(self.records)]

    def record(self, index):
        return Walked(self.records[index]).record(0)

    def findings(self, index):
        return []


class Snapshot:
    """The snapshot of an answer."""

    def __init__(self, answer, group):
        self.answer = answer
        self.group = group

    def origin(self):
        return "epoch", 1, 0, 0, "default", ""

    def policy(self):
        return self.answer["listed"], False, 0, False

    def has_group(self, group):
        return True

    def find(self, group):
        found = [one for one in self.answer["records"] if one["group"] == group]
        return Group(found) if found else None

    def decisions(self, group):
        rows = self.answer["decisions"]
        if rows is None:
            return None
        texts = [{**row, "settings": json.dumps(row["settings"]) if row.get("settings") else None} for row in rows]
        return [tuple(row.get(name) for name in Decision.FIELDS) for row in texts if group in (None, row["group"])]


def stand_in(case, number):
    """A state whose sources are those of the case."""
    state = _lookup.State(_state.Settings(mode=case["mode"], enforce=case["enforce"]))
    state.snapshot.look_again = float("inf")
    answer = case["answer"]
    state.snapshot.opened = Snapshot(answer, case["group"]) if answer is not None else None
    state.snapshot.reason = None if answer is not None else "there is none"
    _walk.walk = lambda: [Walked(one) for one in case["walked"]]
    _walk.stamp = lambda: (number,)
    _lookup._current = state


def on_disk(case):
    sys.path[:] = [case["site"], *PATH]
    registryclient.configure(mode=case["mode"], enforce=case["enforce"], snapshot=case["snapshot"])


def told(entry_point):
    record = entry_point.registry
    return {"name": record.name, "value": record.value, "package": record.package, "version": record.version,
            "source": record.source, "settings": record.settings,
            "warnings": sorted(one.code for one in record.warnings)}  # fmt: skip


def answer(case, number):
    if "site" in case:
        on_disk(case)
    else:
        stand_in(case, number)
    try:
        found = [told(one) for one in registryclient.entry_points(group=case["group"])]
    except RegistryError as error:
        return {"error": error.code}
    same = [told(one) for one in registryclient.entry_points(group=case["group"])]
    everything = [told(one) for one in registryclient.entry_points().select(group=case["group"])] if "site" in case else found
    rows = registryclient.diagnostics()
    withheld = sorted(one.message.partition(" is withheld (")[2].partition(")")[0] for one in rows if one.code == "withheld")
    return {"records": found, "is_stable": found == same, "is_whole": found == everything, "withheld": withheld,
            "diagnostics": sorted(one.code for one in rows), "errors": sorted(one.code for one in rows if one.is_error)}  # fmt: skip


for count, line in enumerate(sys.stdin):
    print(json.dumps(answer(json.loads(line), count)), flush=True)
