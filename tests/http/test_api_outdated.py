# SPDX-License-Identifier: MIT
"""What an environment is behind with: the newest release that is left out, why, and how much only needs time."""

from support.environments import create, ok


def test_outdated_and_too_new_are_counted_apart(registry):
    group, name = registry.new_name("behind.group"), registry.new_name("env-")
    now, old, young, none, gone = (registry.new_name(stem) for stem in ("now", "old", "young", "none", "gone"))
    for package, version, fields in [(now, "1.0", {}), (now, "0.9", {}), (old, "1.0", {}), (old, "2.0", {"requires_dist": ["host>=5"]}),
                                     (young, "1.0", {}), (none, "1.0", {"requires_python": ">=4"}), (gone, "1.0", {})]:
        registry.publish(package, version, {group: {package: "m:a"}}, **fields)
    registry.publish(gone, "2.0", {registry.new_name("behind.other"): {gone: "m:a"}})
    registry.sql("UPDATE releases SET published_at = now() - interval '9 days'")
    registry.publish(young, "1.1", {group: {young: "m:a"}})
    registry.publish(young, "1.2", {group: {young: "m:a"}})
    create(registry, name, {"facts": {"python": "3.11", "have": {"host": "4.2"}}, "policy": {"min_age_seconds": 86400}})
    answer = ok(registry.get(f"/v1/outdated?environment={name}&group={group}"))
    rows = {row["package"]: row for row in answer["packages"]}
    assert set(rows) == {old, young, none} and answer["counts"] == {"outdated": 2, "too_new": 1}
    assert (rows[old]["selected"], rows[old]["newest"], rows[old]["code"], rows[old]["newer"]) == ("1.0", "2.0", "requires-host", 1)
    assert (rows[none]["selected"], rows[none]["newest"], rows[none]["code"]) == (None, "1.0", "requires-python")
    assert (rows[young]["selected"], rows[young]["newest"], rows[young]["newer"], rows[young]["too_new"]) == ("1.0", "1.2", 2, 2)
    assert rows[young]["eligible_at"].endswith("Z") and "eligible_at" not in rows[old]
    everywhere = ok(registry.get(f"/v1/outdated?environment={name}"))
    assert {row["package"] for row in everywhere["packages"]} >= {old, young, none}
    assert registry.get("/v1/outdated?environment=nowhere").status == 404


def test_what_does_not_run_is_not_behind(registry):
    group, name = registry.new_name("behind.group"), registry.new_name("env-")
    disabled, listed, stranger = (registry.new_name(stem) for stem in ("disabled", "listed", "stranger"))
    for package in (disabled, listed, stranger):
        for version, fields in (("1.0", {}), ("2.0", {"requires_dist": ["host>=5"]})):
            registry.publish(package, version, {group: {package: "m:a"}}, **fields)
    registry.publish(disabled, "3.0", {group: {disabled: "m:a"}})
    ok(registry.put(f"/v1/packages/{disabled}/releases/3.0/status", {"status": "quarantined", "reason": "bad"}))

    def behind(environment):
        answer = ok(registry.get(f"/v1/outdated?environment={environment}&group={group}"))
        return {row["package"] for row in answer["packages"]}, answer["counts"]

    create(registry, name, {"facts": {"have": {"host": "4.2"}}, "plugins": {disabled: {"enabled": False}}})
    assert behind(name) == ({listed, stranger}, {"outdated": 2, "too_new": 0})
    other = registry.new_name("env-")
    create(registry, other, {"facts": {"have": {"host": "4.2"}}, "policy": {"plugins": "listed"},
                             "plugins": {listed: {"enabled": True}, disabled: {"enabled": False}}})
    assert behind(other) == ({listed}, {"outdated": 1, "too_new": 0})
