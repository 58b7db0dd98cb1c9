# SPDX-License-Identifier: MIT
"""The checker of histories, on histories made by hand: each rule finds its fault, and nothing where there is none."""
import json
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import history  # noqa: E402


def publish(serial, version, begin, end, **more):
    return {"kind": "publish", "client": "w", "via": "d1", "begin": begin, "end": end, "outcome": "ok", "epoch": "e",
            "serial": serial, "package": "p", "version": version, **more}


def read(serial, version, begin, **more):
    return {"kind": "read", "client": "r", "via": "d1", "begin": begin, "end": begin + 1, "epoch": "e",
            "serial": serial, "values": {"p": version}, **more}


def feed(since, changes, begin=0, **more):
    return {"kind": "feed", "client": "f", "via": "d1", "begin": begin, "end": begin + 1, "epoch": "e", "since": since,
            "serial": changes[-1][0] if changes else since, "changes": changes, **more}


def final(changes, **more):
    return {"kind": "final", "epoch": "e", "serial": changes[-1][0] if changes else 0, "changes": changes, **more}


FIRST, SECOND = publish(1, 1, 0, 1), publish(2, 2, 2, 3)
WHOLE = [[1, "p", 1], [2, "p", 2]]
GOOD = {
    "nothing": [],
    "a publish and its reading": [FIRST, read(1, 1, 2, min_epoch="e", min_serial=1), final([[1, "p", 1]])],
    "at once, in either order": [publish(2, 1, 0, 5), publish(1, 1, 1, 4, package="q")],
    "an answer may be newer than its point": [FIRST, SECOND, read(1, 2, 4)],
    "an older answer of another daemon": [FIRST, SECOND, read(2, 2, 4), read(1, 1, 6, via="d2")],
    "an old publish in a new history": [publish(9, 1, 0, 1), publish(3, 2, 2, 3, epoch="f")],
    "one that was not answered is there": [publish(None, 2, 0, 1, outcome="unknown"), FIRST, final(WHOLE)],
    "a higher number": [publish(5, 1, 0, 1, number=7), publish(1, 2, 2, 3, epoch="f", number=8)],
    "a new number while an old one is on its way": [publish(1, 1, 0, 3, epoch="f", number=8),
                                                    publish(5, 2, 2, 4, number=7)],
    "an answer that it was there already": [
        FIRST, publish(2, 1, 0, 3, package="q", is_bound=True), publish(2, 2, 4, 5, package="r", is_bound=True),
        final([[1, "p", 1], [2, "q", 1], [3, "r", 2]])],
    "a feed in two pages": [FIRST, SECOND, feed(0, WHOLE[:1]), feed(1, WHOLE[1:], 2), final(WHOLE)],
    "a feed that begins again": [feed(0, WHOLE), feed(0, [[1, "p", 1]], 2, epoch="f"), final([[1, "p", 1]], epoch="f")],
    "of another history nothing is known": [FIRST, read(1, 0, 2, epoch="f", min_epoch="e", min_serial=1)],
}
BAD = {
    "two acknowledgements of one point": ("serial-twice", [FIRST, publish(1, 1, 0, 1, package="q")]),
    "a feed contradicts an acknowledgement": ("serial-twice", [FIRST, feed(0, [[1, "q", 1]])]),
    "a lower number": ("number", [publish(5, 1, 0, 1, number=7), publish(1, 2, 2, 3, epoch="f", number=6)]),
    "two epochs of one number": ("number", [publish(5, 1, 0, 1, number=7), read(1, 0, 2, epoch="f", number=7)]),
    "after an answer that it was there": ("order", [publish(4, 1, 0, 1, is_bound=True), publish(4, 2, 2, 3)]),
    "what was there is missing": ("missing", [publish(4, 1, 0, 1, is_bound=True), read(4, 0, 2)]),
    "two feeds contradict each other": ("serial-twice", [feed(0, [[1, "p", 1]]), feed(0, [[1, "q", 1]], client="g")]),
    "the end contradicts": ("serial-twice", [FIRST, final([[1, "p", 7]])]),
    "a later publish is counted before": ("order", [publish(2, 1, 0, 1), publish(1, 2, 2, 3)]),
    "long after": ("order", [publish(5, 1, 0, 1), publish(6, 2, 2, 3), publish(3, 3, 9, 10)]),
    "older than asked for": ("own-write", [FIRST, SECOND, read(1, 1, 4, min_epoch="e", min_serial=2)]),
    "its own publish is missing": ("missing", [FIRST, SECOND, read(2, 1, 4, min_epoch="e", min_serial=2)]),
    "another's publish is missing": ("missing", [FIRST, read(1, 0, 4, client="z")]),
    "behind a gap": ("missing", [FIRST, publish(3, 2, 0, 9), read(4, 1, 3)]),
    "back in time": ("monotonic", [FIRST, SECOND, read(2, 2, 4), read(1, 2, 6)]),
    "a change is left out": ("feed-gap", [feed(0, [[1, "p", 1], [3, "p", 3]])]),
    "a change comes twice": ("feed-gap", [feed(0, [[1, "p", 1], [1, "p", 1]])]),
    "the end has a gap": ("feed-gap", [final([[2, "p", 1]])]),
    "a feed stays behind": ("feed-behind", [feed(0, WHOLE[:1]), final(WHOLE)]),
    "a feed stays in the old history": ("feed-behind", [feed(0, WHOLE), final(WHOLE, epoch="f")]),
}


@pytest.mark.parametrize("name", GOOD)
def test_nothing_is_found_where_nothing_is(name):
    assert history.check(GOOD[name], all_kept=True)["violations"] == {}


@pytest.mark.parametrize("name", BAD)
def test_a_fault_is_found(name):
    rule, operations = BAD[name]
    assert set(history.check(operations)["violations"]) == {rule}


def test_what_is_lost_is_counted_and_breaks_a_rule_only_where_all_is_kept():
    operations = [FIRST, SECOND, final(WHOLE[:1])]
    assert (history.check(operations)["lost"], history.check(operations)["violations"]) == (1, {})
    assert history.check(operations, all_kept=True)["violations"] == {"lost": 1}


@pytest.mark.parametrize("operations, code", [([FIRST], 0), ([FIRST, publish(1, 1, 0, 1, package="q")], 1)])
def test_the_program(tmp_path, operations, code):
    path = tmp_path / "history.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in operations))
    done = subprocess.run([sys.executable, history.__file__, path], capture_output=True, text=True, check=False)
    assert done.returncode == code and json.loads(done.stdout)["acknowledged"] == len(operations)
