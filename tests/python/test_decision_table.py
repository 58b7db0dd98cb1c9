# SPDX-License-Identifier: MIT
"""What hosts load, cell by cell (tests/data/decisions/table.txt): the four hosts and the drop-ins, in every mode, with
the registry there, away with a snapshot, and away without one. One registryd, whose decisions are real but for
`unapproved`, which nothing produces yet."""

import json

import pytest
from support.daemon import SOURCE_DIR
from support.decision_table import (
    ENVIRONMENT, GROUPS, PLUGINS, Approving, Plugins, name_of, publish, read_table,
)  # fmt: skip
from support.python_program import run_python

STATES = ("the registry answers", "the registry is away, and there is a snapshot", "the registry is away, and there is no snapshot")
MODES = ("walk", "walk-first", "registry-first", "registry", "compare")
DROPINS = ("metadata", "stevedore", "pluggy")
LOOPS = SOURCE_DIR / "tests/python/decision_loops.py"
TABLE = read_table()

# The rules in short, by DESIGN and docs/DECISIONS.md: what a decision does to a plugin in a directory, and whether the
# registry gives a record that can be loaded.
WITHHELD = {"disabled", "single", "quarantined", "version", "unlisted", "unapproved", "renamed"}
WARNED = {"yanked": "yanked", "deprecated": "deprecated", "retired": "deprecated", "alias": "alias", "outside": "outside-pin", "stranger": "not-registered",
          "stranger-withheld": "not-registered", "stranger-given": "not-registered",
          "renamed-given": "not-registered"}  # fmt: skip
GIVEN = {"enabled", "deprecated", "retired"}
ABSENT = {"renamed-given"}  # given by the group's owner, so the registry's record answers, and is not installed


def rule(plugin, mode, state):
    if mode == "walk" or state == STATES[2]:
        return "W"  # nobody was asked, or nobody answers
    walked = None if plugin in WITHHELD or mode == "registry" else "W"
    given = "R" if plugin in GIVEN and mode != "compare" else None
    if plugin in ABSENT and mode == "registry-first":
        return "-"
    winner = (given or walked if mode.startswith("registry") else walked or given) or "-"
    return f"{winner}:{WARNED[plugin]}" if winner != "-" and plugin in WARNED else winner


def test_the_table_is_whole_and_follows_the_rules():
    assert list(TABLE) == list(STATES)
    for state in STATES:
        assert list(TABLE[state]) == list(MODES)
        for mode in MODES:
            assert TABLE[state][mode] == {plugin: rule(plugin, mode, state) for plugin in PLUGINS}, (state, mode)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return Plugins(tmp_path_factory.mktemp("plugins"))


@pytest.fixture(scope="module")
def results(daemon, place, tmp_path_factory):
    """{state: {host: {mode: {entry point: cell}}}} of every loop; the registry goes away in between."""
    publish(daemon)
    cache, empty = tmp_path_factory.mktemp("cache"), tmp_path_factory.mktemp("empty")
    registry = Approving(daemon)
    environment = {"REGISTRYD_URL": registry.url, "REGISTRYD_ENVIRONMENT": ENVIRONMENT}
    run_python("-c", "import registryclient; assert registryclient.Registry().refresh()", REGISTRYD_CACHE_DIR=cache, **environment)
    found = {STATES[0]: run_all(place, REGISTRYD_CACHE_DIR=cache, **environment)}
    registry.stop()
    found[STATES[1]] = run_all(place, REGISTRYD_CACHE_DIR=cache, **environment)
    found[STATES[2]] = run_all(place, REGISTRYD_CACHE_DIR=empty, **environment)
    return found


def run_all(place, **environment):
    found = {}
    for host in (*GROUPS, *DROPINS):
        if host != "dropin":
            kind = "dropin" if host in DROPINS else host
            done = run_python(LOOPS, host, place.root(kind), GROUPS[kind], **environment)
            found[host] = json.loads(done.out.splitlines()[-1])
    return found


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("host", [host for host in (*GROUPS, *DROPINS) if host != "dropin"])
def test_what_is_loaded(results, host, state, mode):
    kind = "dropin" if host in DROPINS else host
    loaded = results[state][host][mode]
    cells = {plugin: loaded.pop(name_of(kind, plugin), "-") for plugin in PLUGINS}
    assert cells == TABLE[state][mode]
    assert not loaded, "nothing else is loaded"
