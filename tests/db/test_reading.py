# SPDX-License-Identifier: MIT
"""What is read back: candidates for resolution, lists by page, details, tokens."""
import json

import pytest

from support.postgres import wait_until
from support.store import Probe, release

GROUP = "shop.plugins"


def put(store, name, version, *entries, **more):
    store.ok("publish", **release(name, version, entries, **more))


def names(answer):
    return [item["name"] for item in answer["items"]]


def test_candidates(cluster, database, store):
    put(store, "b", "1.10", [GROUP, "x", "b:x"], requires_python=">=3.9")
    put(store, "b", "1.9", [GROUP, "x", "b:x"], [GROUP, "w", "b:w", '{"a":1}'])
    put(store, "b", "2.0rc1", [GROUP, "x", "b:x"])
    put(store, "b", "3.0", ["other", "x", "b:x"])
    put(store, "a", "1.0", [GROUP, "x", "a:x"])
    put(store, "c", "1.0", ["other", "x", "c:x"])
    cluster.sql(database, "UPDATE releases SET yanked_at = now() WHERE version = '1.10'")
    answer = store.ok("candidates", group=GROUP)
    assert answer["serial"] == 6 and answer["last"] == 0
    b, a = answer["packages"]  # in the order in which they came
    assert (b["name"], a["name"]) == ("b", "a")
    x = [GROUP, "x", "b:x", None]
    assert [(r["version"], r["prerelease"], r["yanked"], r["requires_python"], r["entries"])
            for r in b["releases"]] == [
        ("3.0", False, None, None, [["other", "x", "b:x", None]]),
        ("2.0rc1", True, None, None, [x]),
        ("1.10", False, "", ">=3.9", [x]),
        ("1.9", False, None, None, [[GROUP, "w", "b:w", '{"a":1}'], x])]
    one = store.ok("candidates", group=GROUP, package="b")
    assert one["packages"] == [b] and one["serial"] == 6
    assert [p["name"] for p in store.ok("candidates")["packages"]] == ["b", "a", "c"]
    for query in ({"package": "nix"}, {"group": "nix"}):
        none = store.ok("candidates", **query)
        assert none["packages"] == [] and none["serial"] == 6


def test_what_selection_asks_of_a_release(cluster, database, store):
    requirements = ["host>=4", 'colorama; sys_platform == "win32"', "x @ https://example.org/x"]
    put(store, "a", "1.0", [GROUP, "x", "a:x"],
        document=json.dumps({"name": "a", "version": "1.0", "requires_dist": requirements}))
    put(store, "a", "2.0", [GROUP, "x", "a:x"])
    cluster.sql(database, f"""
        UPDATE packages SET status = 'deprecated', status_reason = 'old', replaced_by = NULL;
        UPDATE releases SET yanked_at = now(), yanked_reason = 'slow',
                            published_at = '2026-01-02 03:04:05.678Z' WHERE version = '1.0';
        UPDATE releases SET state = 'quarantined' WHERE version = '2.0';
        INSERT INTO blobs (sha256, size, piece_bytes) VALUES (sha256('x'), 1, 1);
        INSERT INTO artifacts (release_id, filename, kind, size, sha256, tags, metadata, uploaded_by)
        SELECT id, kind || number, kind, 1, sha256('x'), tags::text[], '', 'me'
          FROM releases, (VALUES ('wheel', 1, '{{py2-none-any,py3-none-any}}'), ('sdist', 2, '{{}}'),
                                 ('wheel', 3, '{{cp311-cp311-linux_x86_64,py3-none-any}}'))
                         AS file (kind, number, tags)
         WHERE version = '1.0'""")
    package, = store.ok("candidates", group=GROUP)["packages"]
    assert (package["status"], package["status_reason"], package["replaced_by"]) == (
        "deprecated", "old", None)
    newer, older = package["releases"]
    assert (newer["quarantined"], newer["yanked"], newer["wheel_tags"], newer["has_sdist"]) == (
        "", None, None, False)
    assert newer["requires_dist"] is None
    assert (older["quarantined"], older["yanked"]) == (None, "slow")
    assert older["wheel_tags"] == "cp311-cp311-linux_x86_64 py2-none-any py3-none-any"
    assert older["has_sdist"] and older["published_ms"] == 1767323045678
    assert json.loads(older["requires_dist"]) == requirements


def test_candidates_come_by_page(cluster, database, store):
    """Faster than publishing: what a page needs, put in directly."""
    cluster.sql(database, f"""
        INSERT INTO packages (name, display_name, release_count)
        SELECT 'p' || n, 'P', 1 FROM generate_series(1, 2100) n;
        INSERT INTO releases (package_id, version, version_key, prerelease, document, digest,
                              published_by)
        SELECT id, '1.0', 'x', false, '{{}}', sha256('x'), 'me' FROM packages;
        INSERT INTO entry_points (release_id, group_name, name, value)
        SELECT id, '{GROUP}', 'x', 'a:b' FROM releases WHERE id % 2 = 0;
        INSERT INTO group_entries (group_name, package_id, name)
        SELECT group_name, package_id, name FROM entry_points JOIN releases r ON r.id = release_id""")
    for group, count in ((GROUP, 1050), ("", 2100)):
        pages = [store.ok("candidates", group=group)]
        while pages[-1]["last"]:
            pages.append(store.ok("candidates", group=group, after=pages[-1]["last"]))
        assert [page["count"] for page in pages] == [1000] * (count // 1000) + [count % 1000]


def test_quarantine_hides(cluster, database, store):
    put(store, "a", "1.0", [GROUP, "x", "a:x"], summary="good")
    put(store, "a", "2.0", [GROUP, "x", "a:x"], summary="bad")
    store.ok("quarantine", name="a", version="2.0", reason="bad")
    releases = store.ok("candidates", group=GROUP)["packages"][0]["releases"]
    assert [(r["version"], r["quarantined"]) for r in releases] == [("2.0", "bad"), ("1.0", None)]
    detail = store.ok("package", name="a")
    assert detail["package"]["summary"] == "good"
    assert [(r["version"], r["state"]) for r in detail["releases"]] == [
        ("2.0", "quarantined"), ("1.0", "live")]
    # Whoever asks by name can read why, also when nothing is left to give.
    assert store.ok("release", name="a", version="2.0")["release"]["state"] == "quarantined"
    store.ok("quarantine", name="a", version="1.0", reason="bad too")
    assert store.ok("packages")["items"] == []
    detail = store.ok("package", name="a")
    assert detail["package"]["latest_version"] is None and detail["document"] is None


def test_package_pages(store):
    for name in ("delta", "alpha", "charlie", "bravo", "a-b", "a0"):
        put(store, name, "1.0")
    everything = ["a-b", "a0", "alpha", "bravo", "charlie", "delta"]
    assert names(store.ok("packages")) == everything
    found, after = [], None
    for more in (True, True, False):
        answer = store.ok("packages", limit=2, after=after)
        assert answer["more"] is more
        found += names(answer)
        after = found[-1]
    assert found == everything
    assert store.ok("packages", limit=6)["more"] is False
    past = store.ok("packages", after="zulu")
    assert past["items"] == [] and past["more"] is False


def test_the_latest_release(cluster, database, store):
    for version in ("1.0", "1.2", "1.10", "2.0rc1"):
        put(store, "a", version, summary=f"as of {version}")
    item, = store.ok("packages")["items"]
    assert (item["latest_version"], item["summary"], item["release_count"]) == \
        ("1.10", "as of 1.10", 4)
    for yanked, latest in (("1.10", "1.2"), ("1.2", "1.0"), ("1.0", "2.0rc1"), ("2.0rc1", "2.0rc1")):
        store.ok("yank", name="a", version=yanked, reason="broken")
        assert store.ok("packages")["items"][0]["latest_version"] == latest


def test_details(cluster, database, store):
    made = release("shop", "1.0", [[GROUP, "x", "a:x"]], summary="größer", requires_python=">=3.8")
    store.ok("publish", **made)
    put(store, "shop", "0.9")
    cluster.sql(database, "UPDATE releases SET yanked_at = now(), yanked_reason = 'broken'"
                          " WHERE version = '0.9'")
    detail = store.ok("package", name="shop")
    assert detail["document"] == made["document"]
    assert [r["version"] for r in detail["releases"]] == ["1.0", "0.9"]
    assert detail["releases"][1]["yanked"] and detail["releases"][1]["yanked_reason"] == "broken"
    one = store.ok("release", name="shop", version="1.0")
    assert one["document"] == made["document"] and one["package"] == "shop"
    assert one["release"] == detail["releases"][0]
    assert one["release"]["digest"] == made["digest"]
    assert one["release"]["published_by"] == "tester"
    assert one["release"]["requires_python"] == ">=3.8"
    year = cluster.sql(database, "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD')")[0][0]
    assert one["release"]["published_at"].startswith(year + "T")
    assert one["release"]["published_at"].endswith("Z")
    for name, version in (("shop", "2.0"), ("nix", "1.0")):
        assert store.call("release", name=name, version=version)["status"] == "not-found"
    assert store.call("package", name="nix")["status"] == "not-found"


def test_groups(store):
    put(store, "a", "1.0", ["g.two", "x", "a:x"], ["g.two", "y", "a:y"], ["g.one", "x", "a:x"])
    put(store, "a", "2.0", ["g.two", "x", "a:x"])
    put(store, "b", "1.0", ["g.two", "x", "b:x"], ["g.three", "z", "b:z"])
    answer = store.ok("groups")
    assert [(g["name"], g["package_count"], g["entry_point_count"]) for g in answer["items"]] == [
        ("g.one", 1, 1), ("g.three", 1, 1), ("g.two", 2, 2)]
    first = store.ok("groups", limit=2)
    assert names(first) == ["g.one", "g.three"] and first["more"]
    second = store.ok("groups", limit=2, after="g.three")
    assert names(second) == ["g.two"] and not second["more"]


def test_tokens(cluster, database, store):
    answer = store.ok("token_bootstrap", name="admin", hash="ab" * 32)
    assert answer["created"]
    assert not store.ok("token_bootstrap", name="second", hash="cd" * 32)["created"]
    token = store.ok("token", hash="ab" * 32)
    assert (token["name"], token["kind"], token["usable"]) == ("admin", "admin", True)
    assert store.call("token", hash="cd" * 32)["status"] == "not-found"
    assert cluster.sql(database, "SELECT actor, action, subject, detail FROM audit_events") == [
        ["registryd", "token-create", "admin", '{"kind": "admin"}']]
    for change in ("expires_at = now() - interval '1 second'",
                   "expires_at = NULL, revoked_at = now()"):
        cluster.sql(database, f"UPDATE tokens SET {change}")
        assert store.ok("token", hash="ab" * 32)["usable"] is False
    cluster.sql(database, "UPDATE tokens SET revoked_at = NULL, expires_at = now() + interval '1h'")
    assert store.ok("token", hash="ab" * 32)["usable"] is True


def test_two_daemons_make_one_token(cluster, database, store):
    with Probe(database) as other:
        other.ok("ping")
        for probe, byte in ((store, "ab"), (other, "cd")):
            probe.send("token_bootstrap", name="admin", hash=byte * 32)
        created = [probe.receive()["created"] for probe in (store, other)]
    assert sorted(created) == [False, True]
    assert cluster.sql(database, "SELECT count(*) FROM tokens") == [["1"]]


FILL = """
    INSERT INTO packages (name, display_name, release_count)
    SELECT 'p' || n, 'p' || n, 2 FROM generate_series(1, 20000) n;
    INSERT INTO releases (package_id, version, version_key, prerelease, document, digest, published_by)
    SELECT p.id, '1.' || n, decode(lpad(to_hex(n), 4, '0'), 'hex'), false, '{}', sha256('x'), 'x'
      FROM packages p, generate_series(1, 2) n WHERE p.name <> 'first';
    INSERT INTO entry_points (release_id, group_name, name, value)
    SELECT id, 'g' || package_id % 2000, 'x', 'm:x' FROM releases;
    INSERT INTO group_entries (group_name, package_id, name)
    SELECT DISTINCT e.group_name, r.package_id, e.name
      FROM entry_points e JOIN releases r ON r.id = e.release_id
    ON CONFLICT DO NOTHING;
    UPDATE group_entries SET is_counted = true;
    INSERT INTO group_counts SELECT group_name, count(*), 1 FROM group_entries GROUP BY 1
    ON CONFLICT DO NOTHING;
    ANALYZE;
"""


RESET = "SELECT pg_stat_force_next_flush(); SELECT pg_stat_reset();"


@pytest.mark.parametrize("call", [
    {"call": "candidates", "group": "g7"},
    {"call": "candidates", "group": "g7", "package": "p7"},
    {"call": "package", "name": "p7"},
    {"call": "packages", "limit": 20},
    {"call": "groups", "limit": 5},
    {"call": "publish", **release("p7", "2.0", [["g7", "y", "m:y"]])},
], ids=lambda call: " ".join(list(call.values())[:1] + list(call)[1:3]))
def test_large_tables_are_not_read_whole(cluster, database, store, call):
    cluster.sql(database, FILL)
    tables = ("FROM pg_stat_user_tables WHERE relname IN"
              " ('packages', 'releases', 'entry_points', 'group_entries', 'group_counts')")
    with Probe(database) as probe:
        probe.ok("ping")
        cluster.sql(database, RESET)
        for _ in range(8):  # after five runs PostgreSQL may change to a generic plan
            probe.ok(**call)
    # A connection's statistics are complete soon after it has ended.
    wait_until(lambda: cluster.sql(database, f"SELECT sum(idx_scan) > 0 {tables}") == [["t"]])
    assert cluster.sql(database, f"SELECT relname {tables} AND seq_scan > 0") == []


def test_a_plan_made_for_small_tables_stays_good(cluster, database, store):
    """A daemon that started with an empty registry keeps its plans for a while as it fills."""
    with Probe(database) as probe:
        for number in range(8):
            probe.ok("publish", **release("first", f"1.{number}", [["g7", "x", "m:x"]]))
        cluster.sql(database, FILL.replace("ANALYZE;", RESET))
        for number in range(8):
            probe.ok("publish", **release("first", f"2.{number}", [["g7", "x", "m:x"]]))
    tables = "FROM pg_stat_user_tables WHERE relname IN ('packages', 'releases', 'entry_points')"
    wait_until(lambda: cluster.sql(database, f"SELECT sum(idx_scan) > 0 {tables}") == [["t"]])
    assert cluster.sql(database, f"SELECT relname {tables} AND seq_scan > 0") == []
