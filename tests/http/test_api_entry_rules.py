# SPDX-License-Identifier: MIT
"""The life of single entry points: what an environment decides about one, what owners deprecate and rename, groups
that are deprecated, and finding entry points by what they are."""

from urllib.parse import quote

import pytest
from support import access
from support.artifacts import wheel
from support.environments import MERGE, address, create, document_of, ok, patch, plugin, put, rollback
from support.registry import check_problem
from support.snapshot_file import Snapshot


@pytest.fixture
def group(registry):
    return registry.new_name("life.g")


@pytest.fixture
def package(registry, group):
    name = registry.new_name("lifep")
    registry.publish(name, "1.0", {group: {"mail": f"{name}.mail:Mail", "web": f"{name}.web:Web"}})
    registry.publish(name, "2.0", {group: {"mail": f"{name}.mail:Mail", "web": f"{name}.web:Web [x]"}})
    return name


def answer(registry, group, environment="default", more=""):
    return registry.resolve(f"group={group}&environment={environment}{more}", registry.admin_token)


def names(registry, group, environment="default"):
    return [(one["name"], one["version"]) for one in answer(registry, group, environment)["records"]]


def rows(registry, group, environment="default"):
    """{(code, name, only this entry point): row}"""
    return {(one["code"], one["name"], one.get("entry_only", False)): one
            for one in answer(registry, group, environment)["decisions"]}


def rule(registry, environment, package, group, name, **members):
    return ok(plugin(registry, environment, package, {"entry_points": {group: {name: members}}}))


def warnings(record):
    return [(one["code"], one["message"], one["hint"]) for one in record["warnings"]]


# ---- environments ----


def test_one_entry_point_is_disabled(registry, group, package):
    environment = registry.new_name("env")
    create(registry, environment)
    changed = rule(registry, environment, package, group, "web", state="disabled")
    assert changed["summary"] == f"entry points of {package} (disabled {group}:web)"
    assert names(registry, group, environment) == [("mail", "2.0")]
    assert names(registry, group) == [("mail", "2.0"), ("web", "2.0")]
    decided = rows(registry, group, environment)
    assert list(decided) == [("disabled", "web", True)]
    assert decided["disabled", "web", True]["message"] == f'The environment "{environment}" disables the entry point'
    assert decided["disabled", "web", True]["by"].startswith("admin") and decided["disabled", "web", True]["by_name"]
    read = Snapshot(ok_bytes(registry, f"/v1/snapshot?group={group}&environment={environment}"))
    assert [one["name"] for one in read.records[group]] == ["mail"]
    (row,) = [one for one in read.decisions if one["code"] == "disabled"]
    assert row["name"] == "web" and row["entry_only"] and not read.has_notes
    assert rule(registry, environment, package, group, "web", state="disabled")["changed"] is False
    rollback(registry, environment, 1)
    assert names(registry, group, environment) == [("mail", "2.0"), ("web", "2.0")]


def ok_bytes(registry, path):
    given = registry.get(path, token=registry.admin_token)
    assert given.status == 200, given.body
    return given.body


@pytest.mark.parametrize("document, code", [({}, "disabled"), ({"policy": {"plugins": "listed"}}, "not-enabled")])
def test_one_entry_point_is_enabled_in_spite_of_its_package(registry, group, package, document, code):
    environment = registry.new_name("env")
    plugins = {package: {"state": "disabled"}} if code == "disabled" else {}
    create(registry, environment, {**document, "plugins": plugins})
    assert names(registry, group, environment) == []
    rule(registry, environment, package, group, "mail", state="enabled")
    assert names(registry, group, environment) == [("mail", "2.0")]
    assert set(rows(registry, group, environment)) == {(code, "mail", False), (code, "web", False), ("enabled", "mail", True)}
    assert not any(row["by_name"] for row in rows(registry, group, environment).values() if row["name"] == "mail")


def test_a_pin_of_one_entry_point_holds_the_package(registry, group, package):
    environment = registry.new_name("env")
    create(registry, environment)
    rule(registry, environment, package, group, "mail", pin="<2")
    assert names(registry, group, environment) == [("mail", "1.0"), ("web", "1.0")]
    assert set(rows(registry, group, environment)) == {("outside-pin", "mail", True)}
    rule(registry, environment, package, group, "web", pin=">=2")
    assert names(registry, group, environment) == []
    (left_out, _) = answer(registry, group, environment, "&explain=1")["excluded"]
    assert left_out["code"] == "outside-pin" and "<2,>=2" in left_out["detail"]
    rule(registry, environment, package, group, "web", state="disabled")
    assert names(registry, group, environment) == [("mail", "1.0")], "the pin of a disabled entry point holds nothing"


def test_an_environment_deprecates_one(registry, group, package):
    environment = registry.new_name("env")
    create(registry, environment)
    rule(registry, environment, package, group, "mail", deprecated={"message": "Too slow", "successor": f"{package}:{group}:web"})
    (mail, web) = answer(registry, group, environment)["records"]
    assert warnings(mail) == [("deprecated", "The entry point is deprecated: Too slow", f"Use {package}:{group}:web instead")]
    assert warnings(web) == []
    row = rows(registry, group, environment)["deprecated", "mail", True]
    assert row["successor"] == f"{package}:{group}:web" and row["message"] == "The entry point is deprecated: Too slow"
    refused = plugin(registry, environment, package, {"entry_points": {group: {"mail": {"state": "allowed", "on": True}}}})
    problem = check_problem(refused, 422, "invalid")
    where = f"/entry_points/{group}/mail"
    assert {(one["code"], one["where"]) for one in problem["errors"]} == {("state-invalid", f"{where}/state"), ("unknown-key", f"{where}/on")}


def test_null_takes_a_rule_away(registry, group, package):
    environment = registry.new_name("env")
    create(registry, environment)
    rule(registry, environment, package, group, "web", state="disabled")
    ok(plugin(registry, environment, package, {"entry_points": {group: {"web": None}}}))
    assert document_of(registry, environment) == {}
    assert names(registry, group, environment) == [("mail", "2.0"), ("web", "2.0")]


def upload(registry, name, group, entries):
    lines = "".join(f"{entry} = {name}:x\n" for entry in entries)
    filename, data = wheel(name, "1.0", f"[{group}]\n{lines}")[:2]
    given = registry.post(f"/v1/artifacts?filename={filename}", data, headers={"Content-Type": "application/octet-stream"})
    assert given.status == 201, given.body


def test_frozen_and_promoted(registry, group):
    name = registry.new_name("lifew")
    upload(registry, name, group, ["mail", "web"])
    source, target = registry.new_name("env"), registry.new_name("env")
    only = {"policy": {"plugins": "listed"}, "plugins": {name: {"enabled": True}}}
    create(registry, source, only)
    create(registry, target, {**only, "plugins": {name: {"enabled": True, "entry_points": {group: {"web": {"state": "disabled"}}}}}})
    rule(registry, source, name, group, "mail", deprecated={"message": "Too slow"})
    for environment in (source, target):
        ok(registry.post(address(environment, "/freeze"), {}))
    deprecate(registry, name, {"group": group, "name": "web", "message": "Later"})
    assert names(registry, group, source) == [("mail", "1.0"), ("web", "1.0")]
    assert set(rows(registry, group, source)) == {("deprecated", "mail", True)}, "what came after the lock changes nothing"
    assert names(registry, group, target) == [("mail", "1.0")]
    assert set(rows(registry, group, target)) == {("disabled", "web", True)}
    refused = plugin(registry, target, name, {"entry_points": {group: {"web": None}}})
    check_problem(refused, 409, "conflict")
    problem = check_problem(registry.post(address(target, "/promote"), {"from": source}), 422, "invalid")
    assert any(one["code"] == "lock-refused" and f"{group}:web" in one["message"] for one in problem["errors"]), problem
    third = registry.new_name("env")
    create(registry, third, only)
    ok(registry.post(address(third, "/promote"), {"from": target}))
    assert names(registry, group, third) == [("mail", "1.0")]
    fourth = registry.new_name("env")
    create(registry, fourth, only)
    ok(registry.post(address(fourth, "/promote"), {"from": source}))
    assert rows(registry, group, fourth) == {}, "the rules of an environment do not travel with its lock"


# ---- owners ----


def deprecate(registry, package, body, status=200, **options):
    return ok(registry.put(f"/v1/packages/{package}/entry-points/deprecation", body, token=options.get("token", registry.admin_token)), status)


def end(registry, package, what, group, name, **options):
    path = f"/v1/packages/{package}/entry-points/{what}?group={quote(group)}&name={quote(name)}"
    return registry.request("DELETE", path, token=options.get("token", registry.admin_token))


def test_the_owner_deprecates_one_for_everybody(registry, group, package):
    kept = registry.get(f"/v1/resolve?group={group}").headers["ETag"]
    body = {"group": group, "name": "web", "message": "No longer tested", "successor": "Life_Other"}
    made = deprecate(registry, package, body)
    assert (made["changed"], made["deprecated"], made["successor"]) == (True, True, "life-other")
    assert deprecate(registry, package, body)["changed"] is False
    given = registry.get(f"/v1/resolve?group={group}&min_serial={made['serial']}")
    assert given.headers["ETag"] != kept
    row = rows(registry, group)["deprecated", "web", True]
    assert (row["successor"], row["message"]) == ("life-other", "The entry point is deprecated: No longer tested")
    assert row["since"] and row["by"].startswith("admin")
    (_, web) = answer(registry, group)["records"]
    assert warnings(web) == [("deprecated", "The entry point is deprecated: No longer tested", "Use life-other instead")]
    listed = ok(registry.get("/v1/entry-states"))["deprecated"]
    assert [one["name"] for one in listed if one["package"] == package] == ["web"]
    # an environment's own deprecation counts instead
    environment = registry.new_name("env")
    create(registry, environment)
    rule(registry, environment, package, group, "web", deprecated={"message": "Here"})
    assert rows(registry, group, environment)["deprecated", "web", True]["message"] == "The entry point is deprecated: Here"
    assert ok(end(registry, package, "deprecation", group, "web"))["changed"] is True
    assert ok(end(registry, package, "deprecation", group, "web"))["changed"] is False
    assert rows(registry, group) == {}
    kinds = registry.sql(f"SELECT kind FROM changes WHERE package = '{package}' AND kind LIKE 'entry%' ORDER BY serial DESC LIMIT 2")
    assert [kind for (kind,) in kinds] == ["entry-undeprecate", "entry-deprecate"]


@pytest.mark.parametrize("body, where, code", [
    ({"name": "web", "message": "m"}, "/group", "key-missing"),
    ({"group": "G", "name": "nothing", "message": "m"}, "/name", "entry-point-unknown"),
    ({"group": "G", "name": "web"}, "/message", "key-missing"),
    ({"group": "G", "name": "web", "message": "m", "successor": "a:b"}, "/successor", "successor-invalid"),
    ({"group": "G", "name": "=", "message": "m"}, "/name", "name-invalid"),
    ({"group": "G", "name": "web", "message": "m", "to": "x"}, "/to", "unknown-key"),
])  # fmt: skip
def test_what_a_deprecation_needs(registry, group, package, body, where, code):
    body = {key: group if value == "G" else value for key, value in body.items()}
    refused = registry.put(f"/v1/packages/{package}/entry-points/deprecation", body, token=registry.admin_token)
    assert [(one["where"], one["code"]) for one in check_problem(refused, 422, "invalid")["errors"]] == [(where, code)]


def alias(registry, package, group, name, to, status=200, **options):
    body = {"group": group, "name": name, "to": to}
    return registry.put(f"/v1/packages/{package}/entry-points/alias", body, token=options.get("token", registry.admin_token))


def test_an_alias_leads_to_the_present_name(registry, group, package):
    made = ok(alias(registry, package, group, "e-mail/old", "mail"))
    assert (made["changed"], made["to"]) == (True, "mail")
    row = rows(registry, group)["alias", "e-mail/old", True]
    assert (row["successor"], row["package"], row["by_name"]) == ("mail", package, False)
    assert row["message"] == 'The entry point "e-mail/old" is called "mail" now'
    assert names(registry, group) == [("mail", "2.0"), ("web", "2.0")], "hosts that load all load each once"
    read = Snapshot(ok_bytes(registry, f"/v1/snapshot?group={group}"))
    assert read.has_notes and [one["successor"] for one in read.decisions if one["code"] == "alias"] == ["mail"]
    assert [(one["name"], one["to"]) for one in ok(registry.get("/v1/entry-states"))["aliases"] if one["package"] == package] == [
        ("e-mail/old", "mail")]  # fmt: skip
    assert ok(end(registry, package, "alias", group, "e-mail/old"))["changed"] is True
    assert rows(registry, group) == {}


def test_an_alias_takes_nobodys_name(registry, group, package):
    other = registry.new_name("life-o")
    registry.publish(other, "1.0", {group: {"taken": "m:a"}})
    check_problem(alias(registry, package, group, "taken", "mail"), 409, "conflict")
    check_problem(alias(registry, package, group, "web", "mail"), 409, "conflict")
    problem = check_problem(alias(registry, package, group, "old", "nothing"), 422, "invalid")
    assert [(one["where"], one["code"]) for one in problem["errors"]] == [("/to", "entry-point-unknown")]
    ok(alias(registry, package, group, "old", "mail"))
    check_problem(alias(registry, other, group, "old", "taken"), 409, "conflict")
    check_problem(alias(registry, registry.new_name("none"), group, "old", "mail"), 404, "not-found")
    registry.publish(other, "2.0", {group: {"renamed": "m:a"}})
    ok(alias(registry, other, group, "taken", "renamed"))
    ok(alias(registry, other, group, "taken", "renamed"))


def test_who_may(registry, group):
    name = registry.new_name("life-own")
    team, stranger, keeper = (registry.new_name("team") for _ in range(3))
    scopes = ["publish:new", "publish:update", "yank", "group:publish"]
    owner = access.make_token(registry, team, scopes, grant=True)
    other = access.make_token(registry, stranger, scopes, grant=True)
    registry_owner = access.make_token(registry, keeper, ["group:contract"])
    ok(registry.put(f"/v1/groups/{group}", {"owner": keeper}, token=registry.admin_token))
    access.grant(registry, team, "group:publish", group)
    answered = registry.put(f"/v1/packages/{name}/releases/1.0",
                            {"name": name, "version": "1.0", "entry_points": {group: {"mail": "m:a"}}}, token=owner)
    assert answered.status == 201, answered.body
    body = {"group": group, "name": "mail", "message": "m"}
    ok(registry.put(f"/v1/packages/{name}/entry-points/deprecation", body, token=owner))
    check_problem(alias(registry, name, group, "old", "mail", token=None), 401, "unauthorized")
    ok(alias(registry, name, group, "old", "mail", token=owner))
    registry.sql(f"DELETE FROM grants WHERE team = '{stranger}' AND scope = 'yank'")
    check_problem(alias(registry, name, group, "older", "mail", token=other), 403, "forbidden")
    in_group = {"package": name, "name": "older", "to": "mail"}
    ok(registry.put(f"/v1/groups/{group}/alias", in_group, token=registry_owner))
    check_problem(registry.put(f"/v1/groups/{group}/alias", in_group, token=owner), 403, "forbidden")
    path = f"/v1/groups/{group}/alias?package={name}&name=older"
    assert ok(registry.request("DELETE", path, token=registry_owner))["changed"] is True
    check_problem(registry.request("DELETE", f"/v1/groups/{group}/alias?name=older", token=registry_owner), 400, "usage")


# ---- groups ----


def test_a_group_is_deprecated(registry, group, package):
    contract = {"deprecated": {"message": "Everything moved", "successor": "life.next"}}
    made = ok(registry.put(f"/v1/groups/{group}", contract, token=registry.admin_token))
    assert made["contract"]["deprecated"] == contract["deprecated"]
    row = rows(registry, group)["group-deprecated", None, False]
    assert (row["package"], row["successor"]) == ("*", "life.next")
    assert row["message"] == f"The group {group} is deprecated: Everything moved"
    assert row["since"] and row["by"].startswith("admin")
    assert Snapshot(ok_bytes(registry, f"/v1/snapshot?group={group}")).has_notes
    assert [one["name"] for one in answer(registry, group)["records"]] == ["mail", "web"]
    assert ok(registry.get(f"/v1/groups/{group}"))["contract"]["deprecated"] == contract["deprecated"]
    since = row["since"]
    ok(registry.put(f"/v1/groups/{group}", {**contract, "description": "d"}, token=registry.admin_token))
    assert rows(registry, group)["group-deprecated", None, False]["since"] == since, "another part of the contract was changed"
    for wrong in ({"message": ""}, {"message": "m", "successor": group}, {"message": "m", "successor": "not a group"}):
        refused = registry.put(f"/v1/groups/{group}", {"deprecated": wrong}, token=registry.admin_token)
        check_problem(refused, 422, "invalid")
    ok(registry.put(f"/v1/groups/{group}", {}, token=registry.admin_token))
    assert rows(registry, group) == {}


# ---- finding ----


def find(registry, **query):
    text = "&".join(f"{key}={quote(str(value), safe='')}" for key, value in query.items())
    return ok(registry.get(f"/v1/entry-points?{text}"))


def places(found):
    return [(one["name"], one["package"], one["version"]) for one in found["entry_points"]]


def test_finding_by_what_they_are(registry, group, package):
    both = [("mail", package, "2.0"), ("web", package, "2.0")]
    assert places(find(registry, package=package)) == both
    assert places(find(registry, package=package.upper())) == both
    assert places(find(registry, module=f"{package}.web")) == [("web", package, "2.0")]
    assert places(find(registry, value=f"{package}.mail:Mail")) == [("mail", package, "2.0")]
    assert places(find(registry, value=f"{package}.web:Web [x]")) == [("web", package, "2.0")]
    assert places(find(registry, value="Web", group=group)) == [("web", package, "2.0")]
    assert places(find(registry, name="web", group=group)) == [("web", package, "2.0")]
    assert places(find(registry, group=group)) == both
    assert places(find(registry, group=group, name="web", package="another")) == []
    assert places(find(registry, module="nothing.there")) == []
    (row,) = find(registry, module=f"{package}.mail")["entry_points"]
    assert row == {"group": group, "name": "mail", "value": f"{package}.mail:Mail", "package": package, "version": "2.0",
                   "package_status": "active"}  # fmt: skip
    ok(registry.put(f"/v1/packages/{package}/status", {"status": "quarantined", "reason": "r"}, token=registry.admin_token))
    assert places(find(registry, package=package)) == []


def test_finding_page_by_page(registry, group):
    made = []
    for number in range(7):
        name = registry.new_name("life-page")
        registry.publish(name, "1.0", {group: {"same": "pages:Thing", f"n{number % 2}": "pages:Thing"}})
        made.append(name)
    everything = places(find(registry, module="pages", group=group))
    assert len(everything) == 14 and everything == sorted(everything)
    for query in ({"group": group}, {"module": "pages", "group": group}, {"value": "Thing", "group": group}, {"name": "same", "group": group}):
        seen, cursor = [], {}
        while True:
            page = find(registry, limit=3, **query, **cursor)
            seen += places(page)
            if page["next"] is None:
                break
            assert len(page["entry_points"]) == 3
            cursor = {"cursor": page["next"]}
        assert seen == places(find(registry, **query)), query
    check_problem(registry.get("/v1/entry-points"), 400, "usage")
    check_problem(registry.get("/v1/entry-points?group="), 400, "usage")
    check_problem(registry.get("/v1/entry-points?group=g&cursor=YQ"), 400, "usage")
    check_problem(registry.get("/v1/entry-points?modul=g"), 400, "usage")


def test_only_the_newest_release_counts(registry, group):
    name = registry.new_name("life-new")
    registry.publish(name, "1.0", {group: {"old": "gone:Gone"}})
    registry.publish(name, "2.0", {group: {"new": "here:Here"}})
    registry.publish(name, "3.0rc1", {group: {"next": "later:Later"}})
    assert places(find(registry, package=name)) == [("new", name, "2.0")]
    assert places(find(registry, module="gone", group=group)) == []
