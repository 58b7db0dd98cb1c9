# SPDX-License-Identifier: MIT
"""Environments in the store: each change is one revision, one change record and one audit event; of two
writers from one base, one wins and the other is told; revisions are never altered."""
import json
import os
import pathlib
import threading

import pytest

from support.store import Probe, release

NAME = "prod"
MIGRATIONS = sorted((pathlib.Path(os.environ["REGISTRYD_SOURCE_DIR"]) / "sql" / "migrations").glob("*.sql"))


def change(store, base, document, name=NAME, action=None, **more):
    """The answer of a change, whatever its status. The document is written in its canonical form."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return store.call("environment_change", name=name, base=base, document=text, summary="something",
                      action=action or ("change" if base else "create"), **more)


def plugins(count, **fields):
    return {"plugins": {f"p{number}": fields or {"enabled": True} for number in range(count)}}


def counts(cluster, database):
    """Changes of environments, audit events of them, revisions but the first of default."""
    (row,) = cluster.sql(database, "SELECT (SELECT count(*) FROM changes WHERE kind = 'environment'),"
                                   " (SELECT count(*) FROM audit_events WHERE action = 'environment'),"
                                   " (SELECT count(*) - 1 FROM environment_revisions)")
    return [int(value) for value in row]


def test_default_is_there_from_the_start(cluster, database, store):
    answer = store.ok("environment", name="default")
    assert answer["document"] == "{}" and answer["serial"] == 0
    assert answer["row"]["revision"] == answer["row"]["newest_revision"] == 1
    assert (answer["decoded_name"], answer["decoded_revision"]) == ("default", 1)
    assert [row["name"] for row in store.ok("environments")["items"]] == ["default"]
    store.ok("migrate")
    assert counts(cluster, database) == [0, 0, 0]
    assert change(store, 1, {"description": "ours"}, name="default")["revision"] == 2


def test_a_change_is_one_of_each(cluster, database, store):
    first = change(store, 0, {"description": "Frankfurt"})
    assert (first["status"], first["revision"], first["serial"]) == ("ok", 1, 1)
    second = change(store, 1, plugins(2), action="plugin", package="p1")
    assert (second["revision"], second["serial"]) == (2, 2)
    assert counts(cluster, database) == [2, 2, 2]
    assert [(c["kind"], c["environment"], c["package"], c["groups"])
            for c in store.ok("changes")["items"]] == [("environment", NAME, None, []),
                                                       ("environment", NAME, "p1", [])]
    assert cluster.sql(database, "SELECT actor, subject, detail ->> 'revision' FROM audit_events"
                                 " ORDER BY id") == [["tester", "prod", "1"], ["tester", "prod p1", "2"]]
    row = store.ok("environment", name=NAME)["row"]
    assert {key: row[key] for key in ("revision", "description", "plugin_count", "action", "package",
                                      "summary", "changed_by")} == {
        "revision": 2, "description": None, "plugin_count": 2, "action": "plugin", "package": "p1",
        "summary": "something", "changed_by": "tester"}
    old = store.ok("environment", name=NAME, revision=1)
    assert old["document"] == '{"description":"Frankfurt"}'
    assert (old["row"]["revision"], old["row"]["newest_revision"], old["serial"]) == (1, 2, 2)


def test_what_is_not_there(store):
    for call in ("environment", "environment_history"):
        answer = store.call(call, name="nowhere")
        assert (answer["status"], "no environment nowhere" in answer["message"]) == ("not-found", True)
    answer = store.call("environment", name="default", revision=7)
    assert answer["status"] == "not-found" and "revision 7; its newest is 1" in answer["message"]


@pytest.mark.parametrize("base, there", [(1, False), (0, True), (2, True), (99, True), (-1, True)])
def test_another_base_writes_nothing(cluster, database, store, base, there):
    if there:
        change(store, 0, {})
    before = counts(cluster, database)
    answer = change(store, base, {"description": "lost"}, action="change")
    assert answer["status"] == "precondition-failed", answer
    assert counts(cluster, database) == before
    assert store.ok("history")["serial"] == before[0]


def test_writers_race(cluster, database, store):
    """Eight writers add to a list, each from what it has read, until each has added its five."""
    change(store, 0, {"permissions": []})
    refused = []

    def add_five(number):
        with Probe(database) as probe:
            for turn in range(5):
                while True:
                    seen = probe.ok("environment", name=NAME)
                    document = json.loads(seen["document"])
                    document["permissions"] = sorted([*document["permissions"], f"{number}.{turn}"])
                    answer = change(probe, seen["row"]["revision"], document)
                    if answer["status"] == "ok":
                        break
                    assert answer["status"] == "precondition-failed", answer
                    refused.append(number)

    writers = [threading.Thread(target=add_five, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    last = store.ok("environment", name=NAME)
    assert len(json.loads(last["document"])["permissions"]) == 40
    assert last["row"]["revision"] == 41
    assert counts(cluster, database) == [41, 41, 41]


def test_two_create_one_name(cluster, database, store):
    with Probe(database) as other:
        for number in range(5):
            arguments = {"name": f"e{number}", "base": 0, "document": "{}", "action": "create",
                         "summary": "made"}
            for probe in (store, other):
                probe.send("environment_change", **arguments)
            statuses = sorted(probe.receive()["status"] for probe in (store, other))
            assert statuses == ["ok", "precondition-failed"]
    assert counts(cluster, database) == [5, 5, 5]


def test_history_page_by_page(store):
    change(store, 0, {})
    for revision in range(1, 10):
        change(store, revision, {"description": str(revision)})
    seen, before = [], 0
    while True:
        page = store.ok("environment_history", name=NAME, limit=3, before=before)
        seen += [row["revision"] for row in page["items"]]
        assert all(row["newest_revision"] == 10 for row in page["items"])
        if not page["more"]:
            break
        before = seen[-1]
    assert seen == list(range(10, 0, -1))
    end = store.ok("environment_history", name=NAME, before=1)
    assert end["items"] == [] and not end["more"]


def test_environments_page_by_page(store):
    names = sorted([*(f"e{number}" for number in range(7)), "default"])
    for name in names[1:]:
        change(store, 0, {}, name=name)
    first = store.ok("environments", limit=5)
    rest = store.ok("environments", limit=5, after=first["items"][-1]["name"])
    assert (first["more"], rest["more"]) == (True, False)
    assert [row["name"] for row in first["items"] + rest["items"]] == names


def test_many_plugins(store):
    document = plugins(1000, enabled=True, pin="==1.2", settings={"key": "x" * 100})
    assert change(store, 0, document)["status"] == "ok"
    for revision in range(1, 4):
        assert change(store, revision, {**document, "description": str(revision)})["status"] == "ok"
    answer = store.ok("environment", name=NAME)
    assert answer["decoded_plugins"] == answer["row"]["plugin_count"] == 1000
    assert json.loads(answer["document"]) == {**document, "description": "3"}


@pytest.mark.parametrize("statement", [
    "DELETE FROM environments", "TRUNCATE environments CASCADE", "UPDATE environments SET name = 'x'",
    "DELETE FROM environment_revisions", "TRUNCATE environment_revisions",
    "UPDATE environment_revisions SET document = '{}'"])
def test_history_is_kept(cluster, database, store, statement):
    change(store, 0, {})
    with pytest.raises(RuntimeError, match="kept for ever"):
        cluster.sql(database, statement)


@pytest.mark.parametrize("name", ["Prod", "a b", "", "-a", "a/b", "x" * 101])
def test_the_database_refuses_other_names(cluster, database, store, name):
    assert change(store, 0, {}, name=name)["status"] != "ok"
    assert counts(cluster, database) == [0, 0, 0]


def test_what_packages_ask_for(store):
    entries = [["g", "x", "m:x", '{"permissions":["read","write",7,null,"read"]}'], ["g", "y", "m:y", "{}"],
               ["h", "x", "m:x", '{"permissions":["admin"]}'], ["h", "z", "m:z"]]
    store.ok("publish", **release("shop", "1.0", entries[1:2]))
    store.ok("publish", **release("shop", "1.1rc1", entries, requires_python=">=3.9"))
    store.ok("publish", **release("mart", "1.0", [["g", "x", "m:x", '{"permissions":{"read":1}}']]))
    store.ok("quarantine", name="mart", version="1.0", reason="x")
    store.ok("yank", name="shop", version="1.0", reason="x")
    answer = store.ok("environment_asks", packages=["shop", "nowhere", "mart"], permissions=["read"])
    assert answer["known"] == ["mart", "shop"]
    assert answer["asks"] == [["shop", "1.1rc1", "g", "x", "write"], ["shop", "1.1rc1", "h", "x", "admin"],
                              ["shop", "1.1rc1", "h", "z", None]]
    all_of_them = store.ok("environment_asks", packages=["shop"])["asks"]
    assert [ask[4] for ask in all_of_them] == ["read", "read", "write", "admin", None]
    nothing = store.ok("environment_asks")
    assert (nothing["known"], nothing["asks"]) == ([], [])


def test_memory_runs_out_while_changing(cluster, database, store):
    base = 0
    for allocations in range(200):
        answer = store.call("environment_change", name=NAME, base=base, document="{}",
                            action="change" if base else "create", summary="x", allocations=allocations)
        revisions = counts(cluster, database)[2]
        if not answer["ran_out"]:
            assert answer["status"] == "ok"
            break
        assert answer["status"] in ("ok", "no-memory"), answer
        # The revision is there before its answer is read: one that could not be read counts.
        base = revisions
    else:
        pytest.fail("it never had enough memory")
    assert counts(cluster, database)[0] == counts(cluster, database)[1] == counts(cluster, database)[2]


def test_revisions_are_bounded_per_day(cluster, database, store):
    """1,000 of one environment in 24 hours, whoever makes them; another environment has its own."""
    change(store, 0, {})
    cluster.sql(database, """
        INSERT INTO environment_revisions (environment, revision, document, plugin_count, action, summary,
                                           changed_at, changed_by)
        SELECT 'prod', n, '{}', 0, 'change', 'x', now(), 'x' FROM generate_series(2, 999) n;
        UPDATE environments SET revision = 999 WHERE name = 'prod'""")
    assert change(store, 999, {"description": "last"})["revision"] == 1000
    refused = change(store, 1000, {"description": "one too many"})
    assert refused["status"] == "too-many-requests" and "1000 revisions" in refused["message"]
    assert change(store, 0, {}, name="other")["revision"] == 1
    cluster.sql(database, "SET session_replication_role = replica; UPDATE environment_revisions"
                          " SET changed_at = changed_at - interval '25 hours' WHERE revision < 10")
    assert change(store, 1000, {"description": "the next day"})["revision"] == 1001
    assert change(store, 1000, {})["status"] == "precondition-failed"


def test_a_lock_is_made_with_its_revision(cluster, database, store):
    change(store, 0, {})
    change(store, 1, {}, action="freeze", new_lock="{}", releases=3, reason="release 5")
    row = store.ok("environment", name=NAME)["row"]
    assert (row["lock_id"] > 0, row["reason"], row["archived"]) == (True, "release 5", False)
    assert cluster.sql(database, "SELECT environment, revision, release_count, made_by, document FROM"
                                 " environment_locks") == [[NAME, "1", "3", "tester", "{}"]]
    assert cluster.sql(database, "SELECT reason FROM changes ORDER BY serial DESC LIMIT 1") == [["release 5"]]
    # Another revision may point at it; of a base that is not the newest nothing is written, no lock either.
    assert change(store, 2, {}, action="change", lock_id=row["lock_id"])["revision"] == 3
    assert change(store, 2, {}, action="freeze", new_lock="{}")["status"] == "precondition-failed"
    assert cluster.sql(database, "SELECT count(*) FROM environment_locks") == [["1"]]
    assert [item["lock_id"] for item in store.ok("environment_history", name=NAME)["items"]] == [
        row["lock_id"], row["lock_id"], 0]


@pytest.mark.parametrize("statement", ["UPDATE environment_locks SET document = '[]'",
                                       "DELETE FROM environment_locks", "TRUNCATE environment_locks CASCADE"])
def test_a_lock_is_never_altered(cluster, database, store, statement):
    change(store, 0, {}, action=None, new_lock="{}")
    with pytest.raises(Exception, match="kept|rewrit|refuse"):
        cluster.sql(database, statement)


def test_archived_environments_are_left_out_of_lists(store):
    change(store, 0, {})
    change(store, 1, {}, action="archive", archived=1)
    assert [row["name"] for row in store.ok("environments")["items"]] == ["default"]
    rows = store.ok("environments", archived=1)["items"]
    assert [(row["name"], row["archived"]) for row in rows] == [("default", False), (NAME, True)]
    assert change(store, 2, {}, action="restore")["revision"] == 3
    assert [row["name"] for row in store.ok("environments")["items"]] == ["default", NAME]


def test_an_upgrade_keeps_environments(cluster, database):
    """Revisions from before there were locks are neither frozen nor archived."""
    before = [path for path in MIGRATIONS if not path.name.endswith("_locks.sql") and path.name < "0012"]
    for path in before:
        cluster.script(database, path)
    cluster.sql(database, """
        INSERT INTO schema_migrations (version, name, checksum) VALUES """ + ",".join(
            f"({number}, '{path.stem[5:]}', encode(sha256(pg_read_binary_file('{path}')), 'hex'))"
            for number, path in enumerate(before, 1)) + """;
        INSERT INTO environments (name, revision) VALUES ('old', 2);
        INSERT INTO environment_revisions (environment, revision, document, plugin_count, action, summary,
                                           changed_at, changed_by)
        VALUES ('old', 1, '{}', 0, 'create', 'made', now(), 'a'), ('old', 2, '{}', 0, 'rollback', 'back', now(), 'a')""")
    with Probe(database) as probe:
        probe.ok("migrate")
        for row in probe.ok("environment_history", name="old")["items"]:
            assert (row["lock_id"], row["archived"], row["reason"]) == (0, False, None)
        assert change(probe, 2, {}, name="old", action="freeze", new_lock="{}")["revision"] == 3
