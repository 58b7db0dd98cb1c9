# SPDX-License-Identifier: MIT
"""Resolving over HTTP: what is taken, what is left out and why, and that the answer is the same through
the cache, for any order of the question, and while the database is away."""

import time

import pytest


def taken(answer):
    return [(r["group"], r["name"], r["package"], r["version"]) for r in answer["records"]]


def left_out(answer):
    return [(e["package"], e["version"], e["code"]) for e in answer["excluded"]]


# What an answer says when nothing was decided.
PLAIN = {"environment": "default", "revision": 1, "decisions": [], "known": [], "owners": [],
         "policy": {"plugins": "all", "max_snapshot_age_seconds": 2592000}}


def test_a_record_is_whole(registry):
    registry.publish("whole", "1.0", {"whole.plugins": {"crm": "plugins.crm:manifest"}},
                     manifests={"whole.plugins": {"crm": {"b": [1, {"c": None}], "a": "\u00e9"}}})
    answer = registry.resolve("group=whole.plugins")
    assert answer == {
        **PLAIN, "groups": ["whole.plugins"], "settings": answer["settings"],
        "records": [{
            "group": "whole.plugins", "name": "crm", "value": "plugins.crm:manifest",
            "package": "whole", "version": "1.0", "source": "registry", "label": None,
            "origin": "/v1/packages/whole/releases/1.0",
            "manifest": {"b": [1, {"c": None}], "a": "\u00e9"},
            "warnings": [], "errors": [], "shadowed_by": None}]}
    assert registry.get(answer["records"][0]["origin"]).status == 200
    explained = registry.resolve("group=whole.plugins&explain=1&environment=default")
    assert explained == {**answer, "excluded": []}


@pytest.fixture(scope="module")
def versions(registry):
    for version, python in (("1.0", None), ("1.1", ">=3.8"), ("1.2", ">=3.11"), ("2.0b1", ">=3.8"),
                            ("2.0b2", ">=3.12")):
        fields = {"requires_python": python} if python else {}
        registry.publish("versions", version, {"versions.plugins": {"v": f"v{version[0]}:a"}},
                         **fields)
    registry.publish("only-pre", "0.1a1", {"versions.plugins": {"pre": "p:a"}})
    return registry


@pytest.mark.parametrize("query, expected", [
    ("", "1.2"),
    ("python=3.13.1", "1.2"),
    ("python=3.11", "1.2"),
    ("python=3.10.14", "1.1"),
    ("python=3.8", "1.1"),
    ("python=3.7.17", "1.0"),
    ("python=2.7", "1.0"),
    ("python=3.12.0rc1", "1.2"),
    ("prereleases=1", "2.0b2"),
    ("prereleases=true&python=3.13", "2.0b2"),
    ("prereleases=1&python=3.11.9", "2.0b1"),
    ("prereleases=0", "1.2"),
    ("prereleases=1&python=3.7", "1.0"),
])
def test_the_newest_that_fits(versions, query, expected):
    answer = versions.resolve(f"group=versions.plugins&{query}".rstrip("&"))
    assert taken(answer) == [("versions.plugins", "pre", "only-pre", "0.1a1"),
                             ("versions.plugins", "v", "versions", expected)]


def test_every_release_left_out_has_its_reason(versions):
    answer = versions.resolve("group=versions.plugins&python=3.10&explain=1")
    assert left_out(answer) == [
        ("versions", "2.0b2", "requires-python"), ("versions", "2.0b1", "prerelease"),
        ("versions", "1.2", "requires-python"), ("versions", "1.0", "superseded")]
    details = [e["detail"] for e in answer["excluded"]]
    assert ">=3.12" in details[0] and "3.10" in details[0]
    assert "1.1" in details[3]


def test_yanked_and_quarantined(registry):
    for version in ("1.0", "1.1"):
        registry.publish("withdrawn", version, {"withdrawn.plugins": {"w": "w:a"}})
    registry.sql("UPDATE releases r SET yanked_at = now() FROM packages p WHERE p.id = r.package_id "
                 "AND p.name = 'withdrawn' AND r.version = '1.1'")
    answer = registry.resolve("group=withdrawn.plugins&explain=1")  # asked for the first time
    assert taken(answer)[0][3] == "1.0"
    assert left_out(answer) == [("withdrawn", "1.1", "yanked")]
    registry.publish("locked-up", "1.0", {"locked.plugins": {"w": "w:a"}})
    registry.sql("UPDATE packages SET status = 'quarantined' WHERE name = 'locked-up'")
    answer = registry.resolve("group=locked.plugins&explain=1")
    assert taken(answer) == []
    assert left_out(answer) == [("locked-up", "1.0", "quarantined")]


def test_a_release_without_the_group_takes_the_plugin_out(registry):
    registry.publish("mover", "1.0", {"mover.old": {"m": "m:a"}})
    assert len(registry.resolve("group=mover.old")["records"]) == 1
    registry.publish("mover", "2.0", {"mover.new": {"m": "m:a"}})
    assert registry.resolve("group=mover.old&group=mover.new")["records"][0]["group"] == "mover.new"
    assert registry.resolve("group=mover.old")["records"] == []
    assert left_out(registry.resolve("group=mover.old&explain=1")) == [
        ("mover", "1.0", "superseded")]


def test_the_order_is_group_name_package(registry):
    for package in ("order-b", "order-a"):
        registry.publish(package, "1.0", {
            group: {name: "m:a" for name in ("y", "x", "X")} for group in ("order.2", "order.1")})
    expected = [(group, name, package, "1.0") for group in ("order.1", "order.2")
                for name in ("X", "x", "y") for package in ("order-a", "order-b")]
    assert taken(registry.resolve("group=order.1&group=order.2")) == expected


def test_the_order_of_the_question_is_no_part_of_it(registry):
    one = registry.get("/v1/resolve?group=order.1&python=3.11&group=order.2&explain=1")
    two = registry.get("/v1/resolve?explain=true&group=order.2&group=order.1&group=order.2&python=3.11")
    assert one.body == two.body
    assert one.headers["ETag"] == two.headers["ETag"]


def test_groups_nobody_published_to_are_empty(registry):
    for number in range(600):  # more than are kept
        answer = registry.get(f"/v1/resolve?group=made.up{number}")
        assert answer.status == 200
    answer = registry.resolve("group=made.up0&explain=1")
    assert answer == {**PLAIN, "groups": ["made.up0"], "records": [], "excluded": [], "settings": answer["settings"]}
    registry.publish("late", "1.0", {"made.up599": {"l": "l:a"}})
    assert len(registry.resolve("group=made.up599")["records"]) == 1


@pytest.mark.parametrize("query, status, code, where", [
    ("", 400, "usage", "?group"),
    ("python=3.11", 400, "usage", "?group"),
    ("group=", 422, "invalid", "?group"),
    ("group=a%20b", 422, "invalid", "?group"),
    ("group=a..b", 422, "invalid", "?group"),
    ("group=" + "a" * 201, 422, "invalid", "?group"),
    ("&".join(f"group=g{n}" for n in range(101)), 400, "usage", "?group"),
    ("group=a&python=three", 422, "invalid", "?python"),
    ("group=a&python=", 422, "invalid", "?python"),
    ("group=a&python=3.11&python=3.12", 400, "usage", "?python"),
    ("group=a&prereleases=yes", 400, "usage", "?prereleases"),
    ("group=a&explain=", 400, "usage", "?explain"),
    ("group=a&pythn=3.11", 400, "usage", "?pythn"),
    ("group=a&environment=staging", 404, "not-found", "?environment"),
    ("group=a&environment=No%20Name", 404, "not-found", "?environment"),
    ("group=a&environment=", 404, "not-found", "?environment"),
    ("group=a&have=x", 422, "invalid", "?have"),
    ("group=a&have===1", 422, "invalid", "?have"),
    ("group=a&have=x==", 422, "invalid", "?have"),
    ("group=a&have=x==one", 422, "invalid", "?have"),
    ("group=a&have=x==1&have=X==2", 422, "invalid", "?have"),
    ("group=a&marker=sys_platform", 422, "invalid", "?marker"),
    ("group=a&marker=platform=x", 422, "invalid", "?marker"),
    ("group=a&marker=extra=x", 422, "invalid", "?marker"),
    ("group=a&marker=os.name=nt&marker=os_name=posix", 422, "invalid", "?marker"),
    ("group=a&tag=py3-none", 422, "invalid", "?tag"),
    ("group=a&tag=py2.py3-none-any", 422, "invalid", "?tag"),
    ("group=a&tag=", 422, "invalid", "?tag"),
    ("group=a&limit=0", 400, "usage", "?limit"),
    ("group=a&limit=10001", 400, "usage", "?limit"),
    ("group=a&limit=ten", 400, "usage", "?limit"),
    ("group=a&cursor=eA", 400, "usage", "?cursor"),
    ("group=a&limit=1&cursor=eA", 400, "usage", "?cursor"),
    ("group=a&limit=1&cursor=*", 400, "usage", "?cursor"),
])
def test_bad_questions(registry, refused, query, status, code, where):
    problem = refused(registry.get(f"/v1/resolve?{query}"), status, code)
    assert problem["where"] == where


def test_a_hundred_groups_at_once(registry):
    answer = registry.resolve("&".join(f"group=g{n}" for n in range(100)))
    assert len(answer["groups"]) == 100 and answer["groups"] == sorted(answer["groups"])


def test_the_serial_of_an_answer(registry):
    published = registry.publish("serials", "1.0", {"serials.plugins": {"s": "s:a"}})
    answer = registry.get("/v1/resolve?group=serials.plugins")
    assert int(answer.headers["X-Registry-Serial"]) >= published["serial"]
    assert answer.headers["X-Registry-Epoch"] == published["epoch"]
    later = registry.publish("elsewhere", "1.0")
    again = registry.get("/v1/resolve?group=serials.plugins")  # out of the cache
    assert int(again.headers["X-Registry-Serial"]) >= later["serial"]
    assert again.headers["ETag"] == answer.headers["ETag"]


def test_a_change_by_another_daemon_is_seen(registry, cluster):
    """The row that a publisher's transaction writes, written by hand: the notification wakes us."""
    registry.publish("neighbour", "1.0", {"neighbour.plugins": {"n": "n:a"}})
    registry.resolve("group=neighbour.plugins")
    registry.sql("""
        BEGIN;
        UPDATE releases r SET yanked_at = now() FROM packages p
         WHERE p.id = r.package_id AND p.name = 'neighbour';
        SELECT record_change('yank', 'neighbour', '1.0', ARRAY['neighbour.plugins'], 'them', '{}');
        COMMIT""")
    end = time.monotonic() + 20
    while registry.resolve("group=neighbour.plugins")["records"]:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_memory_answers_while_the_database_is_away(registry, refused):
    registry.publish("steady", "1.0", {"steady.plugins": {"s": "s:a"}})
    before = registry.get("/v1/resolve?group=steady.plugins")
    registry.cluster.stop("immediate")
    try:
        answer = registry.get("/v1/resolve?group=steady.plugins")
        assert (answer.status, answer.body) == (200, before.body)
        other = registry.get("/v1/resolve?group=steady.plugins&python=3.12&explain=1")
        assert (other.status, len(other.json["records"])) == (200, 1)
        refused(registry.get("/v1/resolve?group=never.asked"), 503, "unavailable")
        group = registry.get("/v1/groups/steady.plugins")
        assert (group.status, "contract" in group.json) == (200, False)
        for path in ("/v1/packages", "/v1/groups", "/v1/packages/steady", "/v1/changes"):
            answer = registry.get(path)
            refused(answer, 503, "unavailable")
            assert answer.headers["Retry-After"]
        refused(registry.put("/v1/packages/x/releases/1", {"name": "x", "version": "1"}), 503,
                "unavailable")
        assert registry.get("/healthz").status == 200
        assert registry.get("/v1").status == 200
        ready = registry.get("/readyz")
        assert ready.status == 503
        assert ready.json["ready"] is False and len(ready.json["reasons"]) >= 1
    finally:
        registry.cluster.start()
    registry.wait_ready()
    registry.publish("steady", "1.1", {"steady.plugins": {"s": "s:a"}})
    assert registry.resolve("group=steady.plugins")["records"][0]["version"] == "1.1"


def test_another_epoch_replaces_the_memory(registry):
    """A backup put back: the epoch changes, and what was in memory with it."""
    registry.publish("restored", "1.0", {"restored.plugins": {"r": "r:a"}})
    old = registry.get("/v1").json
    assert len(registry.resolve("group=restored.plugins")["records"]) == 1
    registry.sql("""
        BEGIN;
        UPDATE releases r SET yanked_at = now() FROM packages p
         WHERE p.id = r.package_id AND p.name = 'restored';
        UPDATE registry SET epoch = gen_random_uuid();
        COMMIT""")
    end = time.monotonic() + 20  # nobody notifies: found at the next poll
    while registry.get("/v1").json["epoch"] == old["epoch"]:
        assert time.monotonic() < end
        time.sleep(0.05)
    answer = registry.get("/v1/resolve?group=restored.plugins")
    assert answer.json["records"] == []
    assert answer.headers["X-Registry-Epoch"] != old["epoch"]
