# SPDX-License-Identifier: MIT
"""Holds over HTTP: new releases of a package or a group are kept back, the existing ones stay; at once, also where
an answer was kept; audited; and only those may who may change the package or the group."""

import pytest

from support import access
from support.environments import create, ok, plugin


@pytest.fixture
def group(registry):
    return registry.new_name("held.group")


def ask(registry, group, query=""):
    return registry.resolve(f"group={group}&explain=1{query}")


def versions(registry, group, query=""):
    return {record["package"]: record["version"] for record in ask(registry, group, query)["records"]}


def hold(registry, path, reason="under review", status=200, **options):
    answer = registry.put(f"{path}/hold", {"reason": reason}, token=options.get("token", registry.admin_token))
    return ok(answer, status)


def unhold(registry, path):
    return ok(registry.request("DELETE", f"{path}/hold", token=registry.admin_token))


def audit(registry, action):
    rows = registry.sql(f"SELECT subject, detail ->> 'reason' FROM audit_events WHERE action = '{action}' ORDER BY id")
    return [tuple(row) for row in rows]


def test_a_package_keeps_what_it_has(registry, group):
    crm, other = registry.new_name("crm"), registry.new_name("crm")
    for name in (crm, other):
        registry.publish(name, "1.0", {group: {name: "m:a"}})
    tag = registry.get(f"/v1/resolve?group={group}").headers["ETag"]
    answer = hold(registry, f"/v1/packages/{crm}")
    assert (answer["package"], answer["held"], answer["reason"], answer["changed"]) == (crm, True, "under review", True)
    assert registry.get(f"/v1/resolve?group={group}").headers["ETag"] == tag, "nothing is new yet"
    for name in (crm, other):
        registry.publish(name, "1.1", {group: {name: "m:a"}})
    assert versions(registry, group) == {crm: "1.0", other: "1.1"}
    (left_out,) = [one for one in ask(registry, group)["excluded"] if one["version"] == "1.1"]
    assert left_out["code"] == "held" and left_out["detail"] == f"New releases of the package {crm} are held: under review"
    assert hold(registry, f"/v1/packages/{crm}")["changed"] is False
    assert hold(registry, f"/v1/packages/{crm}", "still")["changed"] is True
    assert versions(registry, group)[crm] == "1.0", "another reason moves nothing"
    (row,) = [one for one in ok(registry.get("/v1/holds"))["holds"] if one.get("package") == crm]
    assert row["reason"] == "still" and row["held_at"] and row["held_by"]
    assert unhold(registry, f"/v1/packages/{crm}")["changed"] is True
    assert unhold(registry, f"/v1/packages/{crm}")["changed"] is False
    assert versions(registry, group) == {crm: "1.1", other: "1.1"}
    hold(registry, f"/v1/packages/{crm}")
    assert versions(registry, group)[crm] == "1.1", "what came before the second hold stays"
    unhold(registry, f"/v1/packages/{crm}")
    assert [row for row in audit(registry, "hold") if row[0] == crm] == [(crm, "under review"), (crm, "still"), (crm, "under review")]
    assert [row for row in audit(registry, "unhold") if row[0] == crm] == [(crm, "")] * 2


def test_a_group_holds_in_every_group_of_its_packages(registry, group):
    """One release is selected for all groups: a kept answer of another group follows, too."""
    crm, late, other = registry.new_name("crm"), registry.new_name("late"), registry.new_name("other.group")
    registry.publish(crm, "1.0", {group: {crm: "m:a"}, other: {crm: "m:a"}})
    assert versions(registry, other) == {crm: "1.0"}
    hold(registry, f"/v1/groups/{group}")
    registry.publish(crm, "1.1", {group: {crm: "m:a"}, other: {crm: "m:a"}})
    registry.publish(late, "1.0", {group: {late: "m:a"}})
    assert versions(registry, group) == versions(registry, other) == {crm: "1.0"}
    assert f"group {group} are held" in [one for one in ask(registry, group)["excluded"] if one["package"] == late][0]["detail"]
    registry.publish(crm, "1.2", {other: {crm: "m:a"}})
    assert versions(registry, other) == {crm: "1.2"} and versions(registry, group) == {}, "1.2 is in no held group"
    unhold(registry, f"/v1/groups/{group}")
    assert versions(registry, group) == {late: "1.0"}
    assert [row for row in audit(registry, "hold") if row[0] == group] == [(group, "under review")]


def test_no_exception_and_no_pin_gives_what_is_held(registry, group, refused):
    crm, name = registry.new_name("crm"), registry.new_name("env-")
    registry.publish(crm, "1.0", {group: {crm: "m:a"}})
    hold(registry, f"/v1/packages/{crm}")
    registry.publish(crm, "2.0", {group: {crm: "m:a"}})
    create(registry, name, {"plugins": {crm: {"enabled": True, "pin": "==2.0"}}})
    answer = ask(registry, group, f"&environment={name}")
    assert answer["records"] == [] and answer["excluded"][0]["code"] == "held"
    refused(plugin(registry, name, crm, {"allow": {"held": {"until": "2099-01-01", "reason": "x"}}}), 422, "invalid")
    unhold(registry, f"/v1/packages/{crm}")
    assert versions(registry, group, f"&environment={name}") == {crm: "2.0"}


def test_who_may_hold(registry, group, refused):
    crm = registry.new_name("crm")
    owner = access.make_token(registry, registry.new_name("team"), ["publish:new", "yank"], grant=True)
    stranger = access.make_token(registry, registry.new_name("team"), ["publish:new"], grant=True)
    access.publish(registry, owner, crm, "1.0", {group: {crm: "m:a"}})
    reason = {"reason": "x"}
    for path in (f"/v1/groups/{group}", f"/v1/packages/{crm}"):
        refused(registry.put(f"{path}/hold", reason, token=stranger), 403, "forbidden")
        refused(registry.request("DELETE", f"{path}/hold", token=stranger), 403, "forbidden")
    ok(registry.put(f"/v1/packages/{crm}/hold", reason, token=owner))
    refused(registry.put("/v1/packages/no-such-package/hold", reason, token=registry.admin_token), 404, "not-found")
    refused(registry.put("/v1/groups/-bad-/hold", reason, token=registry.admin_token), 404, "not-found")
    for body in ({}, {"reason": " "}, {"reason": 5}, {"reason": "x", "until": "2027-01-01"}):
        refused(registry.put(f"/v1/packages/{crm}/hold", body, token=registry.admin_token), 422, "invalid")
