# SPDX-License-Identifier: MIT
"""Memory runs out at every possible place of every call: the call says so, writes nothing, and the next
one works. Leaks are found by the sanitizer when the probe ends."""
import pytest

from support.store import release

GROUP = "shop.plugins"
ENTRIES = [[GROUP, "x", "m:x", '{"a":1}'], [GROUP, "y", "m:y"]]
MOST_ALLOCATIONS = 400

CALLS = {
    "candidates": {"group": GROUP},
    "candidates of one": {"group": GROUP, "package": "shop"},
    "packages": {},
    "package": {"name": "shop"},
    "release": {"name": "shop", "version": "1.0"},
    "groups": {},
    "transition": {"groups": [GROUP]},
    "token": {"hash": "ab" * 32},
    "environment": {"name": "default"},
    "environments": {},
    "environment_history": {"name": "default"},
    "environment_asks": {"packages": ["shop", "mart"], "permissions": ["a"]},
    "changes": {},
    "history": {},
    "listen": {},
    "migrate": {},
}


def runs_out(store, call, arguments):
    """Every answer of the call while memory runs out earlier and earlier; the last one had enough."""
    for allocations in range(MOST_ALLOCATIONS):
        answer = store.call(call, allocations=allocations, **arguments)
        yield answer
        if not answer["ran_out"]:
            assert answer["status"] == "ok", answer
            return
    pytest.fail("it never had enough memory")


@pytest.mark.parametrize("name", CALLS)
def test_reading(store, name):
    store.ok("publish", **release("shop", "1.0", ENTRIES))
    store.ok("publish", **release("shop", "1.1", ENTRIES))
    store.ok("token_bootstrap", name="admin", hash="ab" * 32)
    store.ok("report", host="web-1", reports=[[GROUP, True, "{}", "{}"]])
    call = name.split()[0]
    expected = store.ok(call, **CALLS[name])
    statuses = [answer["status"] for answer in runs_out(store, call, CALLS[name])]
    # The probe itself allocates when it writes an answer: then the call was done.
    assert set(statuses) <= {"ok", "no-memory"}
    assert statuses[0] == "no-memory"
    after = store.ok(call, **CALLS[name])
    assert {**after, "arena_bytes": 0} == {**expected, "arena_bytes": 0}


def test_publishing(store):
    arguments = release("shop", "1.0", ENTRIES)
    statuses = []
    for answer in runs_out(store, "publish", arguments):
        statuses.append(answer["status"])
        assert store.ok("history")["serial"] == statuses.count("ok") > 0 or \
            store.ok("history")["serial"] == 0 and "ok" not in statuses, answer
        if answer["status"] == "ok":
            break
    assert statuses[0] == "no-memory" and statuses[-1] == "ok" and len(statuses) > 5
    assert set(statuses) == {"ok", "no-memory"}
    assert not store.ok("publish", **arguments)["created"]


def test_the_first_token(store):
    for answer in runs_out(store, "token_bootstrap", {"name": "admin", "hash": "ab" * 32}):
        known = store.call("token", hash="ab" * 32)["status"]
        assert known == ("ok" if answer["status"] == "ok" else "not-found"), answer


def test_reporting(store):
    arguments = {"host": "web-1", "reports": [[GROUP, True, "{}", "{}"], ["b", False, "{}", "{}"]]}
    kept = 0
    for answer in runs_out(store, "report", arguments):
        # The reports are written before their answer is read: one that could not be read counts.
        rows = store.ok("transition")["items"]
        counts = {row["report_count"] for row in rows}
        assert len(rows) in (0, 2) and len(counts) == bool(rows), answer
        assert sum(counts) >= kept
        kept = sum(counts)
    assert kept > 0
