# SPDX-License-Identifier: MIT
"""Search cannot be stopped by a package: every text is cut, a package that cannot be indexed is set apart and
listed, and the rest goes on."""
import json

from support.store import Probe, release

GROUP = "shop.plugins"


def follow(store):
    while store.ok("follow")["behind"]:
        pass


def document(**fields):
    return json.dumps(fields)


def test_a_document_at_every_maximum(cluster, database, store):
    """1,000 long keywords made PostgreSQL refuse the tsvector, and search stopped for everybody."""
    def words(stem, count, length):
        return [f"{stem}{n:04d}" + "x" * (length - len(stem) - 4) for n in range(count)]
    manifests = {GROUP: {f"n{n}": {"label": "\u00fcber " + f"l{n} " * 100} for n in range(400)}}
    text = document(name="huge", version="1.0", summary="word " * 190,
                    keywords=words("k", 1000, 500), classifiers=words("c", 300, 900), manifests=manifests)
    assert 900_000 < len(text) <= 1024 * 1024
    entries = [[GROUP + "." + "g" * 150 + str(n % 50), f"n{n}" + "y" * 190, "m:x"] for n in range(2000)]
    store.ok("publish", **{**release("huge", "1.0", entries), "document": text})
    store.ok("publish", **release("after", "1.0", [[GROUP, "x", "m:x"]]))
    follow(store)
    assert store.ok("follow")["problems"] == 0
    assert store.ok("search", words="after")["names"] == ["after"]
    assert store.ok("search", words="huge")["names"] == ["huge"]
    assert store.ok("search", words="k0003" + "x" * 95)["names"] == ["huge"]
    assert store.ok("search")["names"] == ["after", "huge"]
    store.ok("package_status", name="huge", to="quarantined", reason="bad")
    assert store.ok("search", package_status="quarantined")["names"] == ["huge"]
    assert cluster.sql(database, "SELECT max(pg_column_size(terms)) < 200000 FROM package_search") == [["t"]]


def test_many_characters_of_many_bytes(store):
    """The cut counts characters; none has more than four bytes."""
    wide = document(name="wide", version="1.0", keywords=["\U00010400" * 100 + str(n) for n in range(1000)])
    store.ok("publish", **{**release("wide", "1.0"), "document": wide})
    follow(store)
    assert store.ok("follow")["problems"] == 0 and store.ok("search", words="wide")["names"] == ["wide"]


def test_a_package_that_fails_is_set_apart(cluster, database, store):
    """The fault is the database's own here: the test forbids it to index two packages."""
    cluster.sql(database, "ALTER TABLE package_search ADD CONSTRAINT tested CHECK"
                          " (name <> 'bad' AND (name <> 'half' OR cardinality(facets) < 2))")
    for name in ("first", "bad", "half", "last"):
        store.ok("publish", **release(name, "1.0", [[GROUP, name, "m:x"]]))
    state = store.ok("follow")
    assert (state["behind"], state["problems"], state["lag"]) == (False, 2, 0)
    problems = store.ok("search_problems")["items"]
    assert sorted(problems) == ["bad", "half"] and all("tested" in error for error in problems.values())
    assert store.ok("search")["names"] == ["first", "half", "last"]  # half: listed, found by its name
    assert store.ok("search", words="half")["names"] == ["half"]
    store.ok("package_status", name="half", to="quarantined", reason="bad")
    assert store.ok("search", package_status="quarantined")["names"] == ["half"]
    assert store.ok("groups")["items"][0]["package_count"] == 4


def test_a_package_is_tried_again_when_it_changes(cluster, database, store):
    cluster.sql(database, "ALTER TABLE package_search ADD CONSTRAINT tested CHECK (name <> 'bad')")
    store.ok("publish", **release("bad", "1.0", [[GROUP, "word", "m:x"]]))
    assert store.ok("follow")["problems"] == 1
    cluster.sql(database, "ALTER TABLE package_search DROP CONSTRAINT tested")
    assert store.ok("follow")["problems"] == 1
    store.ok("package_status", name="bad", to="deprecated", reason="old")
    assert store.ok("follow")["problems"] == 0
    assert store.ok("search", words="word")["names"] == ["bad"]


def test_a_package_that_takes_too_long_is_set_apart(cluster, database, store):
    cluster.sql(database, """
        CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
        CREATE TRIGGER slow BEFORE INSERT ON package_search FOR EACH ROW WHEN (NEW.name = 'slow' AND
            cardinality(NEW.facets) > 1) EXECUTE FUNCTION dawdle();
        ALTER DATABASE %s SET statement_timeout = '200ms'""" % database.rpartition("dbname=")[2])
    with Probe(database, timeout_ms=300) as probe:
        for name in ("first", "slow", "last"):
            probe.ok("publish", **release(name, "1.0", [[GROUP, name, "m:x"]]))
        statuses = [probe.call("follow")["status"] for _ in range(7)]
        assert set(statuses) - {"ok"} and statuses[-3:] == ["ok"] * 3, statuses
        assert probe.ok("search_problems")["items"] == {"slow": "Indexing the package takes longer than the"
                                                                " timeout of the database"}
        assert probe.ok("search", words="last")["names"] == ["last"]


def test_a_database_that_fails_is_no_fault_of_a_package(cluster, database, store):
    """No space, a lock, a lost right: nothing is set apart, and it is followed later."""
    cluster.sql(database, """
        CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'no space'; END $$;
        CREATE TRIGGER full_disk BEFORE INSERT ON package_search FOR EACH ROW EXECUTE FUNCTION full_disk()""")
    store.ok("publish", **release("first", "1.0", [[GROUP, "x", "m:x"]]))
    answer = store.call("follow")
    assert answer["status"] == "disk-full" and answer["problems"] == 0
    cluster.sql(database, "DROP TRIGGER full_disk ON package_search")
    assert store.ok("follow")["problems"] == 0
    assert store.ok("search", words="first")["names"] == ["first"]


def test_groups_are_counted_once(cluster, database, store):
    """The kept counts are those of the entries, whatever order they came in."""
    for number in range(30):
        entries = [[f"g{number % 3}", f"n{number % 7}", "m:x"], ["all", f"n{number}", "m:x"],
                   ["all", f"n{number + 1}", "m:y"]]
        store.ok("publish", **release(f"p{number % 10}", f"1.{number}", entries))
        if number % 4 == 0:
            follow(store)
    store.ok("contract_set", group="promised", owner="one")
    counted = [[g["name"], str(g["package_count"]), str(g["entry_point_count"])] for g in store.ok("groups")["items"]]
    expected = cluster.sql(database, "SELECT group_name, count(DISTINCT package_id), count(DISTINCT name)"
                                     " FROM group_entries GROUP BY 1 ORDER BY 1")
    assert counted == [*expected, ["promised", "0", "0"]]
