# SPDX-License-Identifier: MIT
"""Publishing: once, again, with other content, by several at the same moment; seen whole or not at all;
counted without gaps in the order of commits; audited."""
import threading

import pytest

from support.store import Probe, release

ENTRIES = [["shop.plugins", "cart", "shop.cart:plugin", '{"color":"red"}'],
           ["shop.plugins", "pay", "shop.pay:plugin"],
           ["console_scripts", "shop", "shop.cli:main"]]

BROKEN_CHAIN = """
    SELECT a.id FROM audit_events a
      LEFT JOIN audit_events b ON b.id = a.id - 1
     WHERE a.hash <> audit_hash(a.previous_hash, a.id, a.at, a.actor, a.action, a.subject, a.detail)
        OR a.previous_hash <> coalesce(b.hash, sha256(''))
    UNION ALL
    SELECT r.audit_count FROM registry r
      LEFT JOIN audit_events a ON a.id = r.audit_count
     WHERE r.audit_head <> coalesce(a.hash, sha256(''))
        OR r.audit_count <> (SELECT count(*) FROM audit_events)
"""


def test_create_same_conflict(cluster, database, store):
    first = store.ok("publish", **release("shop", "1.0", ENTRIES))
    assert first["created"] and first["serial"] == 1
    again = store.ok("publish", **release("shop", "1.0", ENTRIES))
    assert not again["created"] and again["serial"] == 1 and again["epoch"] == first["epoch"]
    other = store.call("publish", **release("shop", "1.0", ENTRIES, summary="changed"))
    assert other["status"] == "conflict"
    assert other["message"].startswith("shop 1.0 is published already, with other content")
    assert store.ok("publish", **release("shop", "1.1", ENTRIES))["serial"] == 2
    assert cluster.sql(database, "SELECT name, release_count FROM packages") == [["shop", "2"]]
    assert cluster.sql(database, "SELECT count(*) FROM entry_points") == [["6"]]
    assert cluster.sql(database, "SELECT count(*) FROM group_entries") == [["3"]]


def test_one_version_written_two_ways(store):
    store.ok("publish", **release("shop", "1.0"))
    answer = store.call("publish", **release("shop", "1.0.0"))
    assert answer["status"] == "conflict"
    assert "shop 1.0.0 is the same version as 1.0" in answer["message"]


@pytest.mark.parametrize("status, accepted", [("active", True), ("deprecated", True),
                                              ("archived", False), ("quarantined", False)])
def test_package_status_decides(cluster, database, store, status, accepted):
    store.ok("publish", **release("shop", "1.0"))
    cluster.sql(database, f"UPDATE packages SET status = '{status}'")
    answer = store.call("publish", **release("shop", "2.0"))
    assert answer["status"] == ("ok" if accepted else "conflict")
    if not accepted:
        assert f"The package shop is {status}" in answer["message"]
        assert store.ok("history")["serial"] == 1
    assert not store.ok("publish", **release("shop", "1.0"))["created"]


def test_change_and_audit_are_written(cluster, database, store):
    store.ok("publish", **release("shop", "1.0", ENTRIES))
    change, = store.ok("changes")["items"]
    assert {key: change[key] for key in ("serial", "kind", "package", "version", "groups")} == {
        "serial": 1, "kind": "publish", "package": "shop", "version": "1.0",
        "groups": ["console_scripts", "shop.plugins"]}
    digest = release("shop", "1.0", ENTRIES)["digest"]
    assert cluster.sql(database, "SELECT id, actor, action, subject, detail->>'digest'"
                                 " FROM audit_events") == [["1", "tester", "publish", "shop 1.0",
                                                            digest]]


@pytest.mark.parametrize("bad, word", [
    ({"raw_summary": "666f6fff"}, "UTF-8"),           # a byte that is none
    ({"raw_summary": "eda080"}, "UTF-8"),             # a surrogate
    ({"document": '{"summary":"a\x00b"}'}, "NUL"),    # libpq would cut here
    ({"document": '{"summary":"a\\u0000b"}'}, "0000"),
    ({"document": '{"summary":'}, "JSON"),
])
def test_bad_text_is_refused_and_nothing_is_kept(cluster, database, store, bad, word):
    answer = store.call("publish", **{**release("shop", "1.0", ENTRIES), **bad})
    assert answer["status"] == "invalid" and word in answer["message"]
    assert cluster.sql(database, "SELECT (SELECT count(*) FROM packages), serial, audit_count"
                                 " FROM registry") == [["0", "0", "0"]]
    store.ok("publish", **release("shop", "1.0", ENTRIES))


def test_a_bad_release_does_not_take_others_with_it(store):
    calls = [release(f"shop-{number}", "1.0", ENTRIES) for number in range(40)]
    for number in (3, 17, 31):
        calls[number]["document"] = '{"broken":'
    statuses = [outcome["status"] for outcome in store.together(calls, threads=16)]
    assert [at for at, status in enumerate(statuses) if status != "ok"] == [3, 17, 31]
    assert store.ok("history")["serial"] == 37


@pytest.mark.parametrize("same", [True, False], ids=["same content", "other content"])
def test_two_processes_publish_one_version(cluster, database, store, same):
    with Probe(database) as other:
        other.ok("ping")
        for number in range(40):
            version = f"1.{number}"
            store.send("publish", **release("shop", version, ENTRIES))
            other.send("publish", **release("shop", version, ENTRIES,
                                            summary=None if same else "other"))
            answers = [store.receive(), other.receive()]
            assert [answer.get("created") for answer in answers].count(True) == 1, answers
            loser, = (answer for answer in answers if not answer.get("created"))
            assert loser["status"] == ("ok" if same else "conflict"), answers
    assert store.ok("history")["serial"] == 40
    assert cluster.sql(database, "SELECT release_count, (SELECT count(*) FROM releases)"
                                 " FROM packages") == [["40", "40"]]


def test_threads_publish_one_version(store):
    calls = [release("shop", "1.0", ENTRIES, summary=str(at % 2)) for at in range(24)]
    outcomes = store.together(calls, threads=8)
    winner, = (at for at, outcome in enumerate(outcomes) if outcome.get("created"))
    for at, outcome in enumerate(outcomes):
        assert outcome["status"] == ("ok" if at % 2 == winner % 2 else "conflict")


def test_serials_without_gaps_in_commit_order(cluster, database, store):
    """Eight writers in two processes; a reader follows and must never find a hole behind it."""
    seen, faults, done = [], [], threading.Event()

    def follow():
        with Probe(database) as reader:
            last = False
            while not last:
                last = done.is_set()
                answer = reader.ok("changes", since=len(seen))
                seen.extend(item["serial"] for item in answer["items"])
                if seen != list(range(1, len(seen) + 1)) or answer["serial"] < len(seen):
                    faults.append((seen[-20:], answer["serial"]))
                    return

    reader = threading.Thread(target=follow)
    reader.start()
    with Probe(database) as other:
        for number in range(5):
            calls = [release(f"p{number}-{at}", "1.0", ENTRIES) for at in range(80)]
            for probe, share in ((store, calls[::2]), (other, calls[1::2])):
                probe.send("publish_together", calls=share, threads=4)
            for probe in (store, other):
                assert {outcome["status"] for outcome in probe.receive()["outcomes"]} == {"ok"}
    done.set()
    reader.join()
    assert not faults and len(seen) == 400
    times = cluster.sql(database, "SELECT at FROM changes ORDER BY serial")
    assert times == sorted(times)
    assert cluster.sql(database, BROKEN_CHAIN) == []


def test_a_release_is_seen_whole(cluster, database, store):
    """At every moment the visible releases are as many as the serial says, with all they carry."""
    faults, done = [], threading.Event()

    def watch():
        with Probe(database) as reader:
            last = False
            while not last and not faults:
                last = done.is_set()
                answer = reader.ok("candidates", group="shop.plugins")
                releases = [r for package in answer["packages"] for r in package["releases"]]
                if len(releases) != answer["serial"]:
                    faults.append((len(releases), answer["serial"]))
                faults.extend(r for r in releases if len(r["entries"]) != len(ENTRIES))

    watcher = threading.Thread(target=watch)
    watcher.start()
    calls = [release(f"p{at % 10}", f"1.{at}", ENTRIES) for at in range(300)]
    assert {outcome["status"] for outcome in store.together(calls, threads=4)} == {"ok"}
    done.set()
    watcher.join()
    assert not faults
    assert store.ok("history")["serial"] == 300


def test_audit_chain_tells_tampering(cluster, database, store):
    store.ok("token_bootstrap", name="admin", hash="ab" * 32)
    for number in range(5):
        store.ok("publish", **release("shop", f"1.{number}", ENTRIES))
    assert cluster.sql(database, BROKEN_CHAIN) == []
    alter = "SET session_replication_role = replica;"  # past the triggers, as an intruder would
    cluster.sql(database, alter + "UPDATE audit_events SET actor = 'nobody' WHERE id = 3")
    assert cluster.sql(database, BROKEN_CHAIN) == [["3"]]
    cluster.sql(database, alter + "UPDATE audit_events SET actor = 'tester' WHERE id = 3;"
                                  "DELETE FROM audit_events WHERE id = 6")
    assert cluster.sql(database, BROKEN_CHAIN) == [["6"]]


def test_at_once_writes_only_what_nothing_speaks_against(cluster, database, store):
    def at_once(name, version, entries=ENTRIES, **more):
        return store.ok("publish", at_once=True, **release(name, version, entries, **more))["created"]

    assert not at_once("shop", "1.0")  # it may create no package
    store.ok("publish", **release("shop", "1.0", ENTRIES))
    assert at_once("shop", "1.1")
    assert not at_once("shop", "1.1") and not at_once("shop", "1.1", summary="changed")
    assert not at_once("shop", "1.2", team="strangers")
    cluster.sql(database, "INSERT INTO groups (group_name, kind, conflict, priority, updated_at, updated_by) "
                          "VALUES ('shop', 'any', 'all', '{}', now(), 'x')")
    assert not at_once("shop", "1.2") and at_once("shop", "1.2", [["other", "a", "m:x"]])
    cluster.sql(database, "UPDATE packages SET status = 'archived'")
    assert not at_once("shop", "1.3", [["other", "a", "m:x"]])
    assert cluster.sql(database, "SELECT release_count, (SELECT count(*) FROM releases) FROM packages") == [["3", "3"]]
    assert store.ok("history")["serial"] == 3


def test_a_large_release(store):
    entries = [["shop.plugins", f"n{at}", f"m{at}:x", '{"k":"' + "v" * 300 + '"}']
               for at in range(2000)]
    store.ok("publish", **release("shop", "1.0", entries))
    package, = store.ok("candidates", group="shop.plugins")["packages"]
    assert sorted(package["releases"][0]["entries"]) == sorted(entries)
