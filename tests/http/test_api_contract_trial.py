# SPDX-License-Identifier: MIT
"""PUT /v1/groups/{group}?dry_run=1: what of what is there a new contract would refuse. Nothing changes."""

import pytest


@pytest.fixture
def group(registry):
    """A group with releases of two packages, whose manifests differ."""
    group = registry.new_name("trial.g")
    packages = [registry.new_name("trial-pkg") for _ in range(2)]
    for package, version, size in ((packages[0], "1.0", "big"), (packages[0], "2.0", 3), (packages[1], "1.0", 5)):
        registry.publish(package, version, {group: {"x": "pkg:x"}}, manifests={group: {"x": {"size": size}}})
    return group, packages


def dry_run(registry, group, contract):
    answer = registry.request("PUT", f"/v1/groups/{group}?dry_run=1", contract, token=registry.admin_token)
    assert answer.status == 200, answer.json
    return answer.json


def set_settings(registry, package, settings):
    environment = registry.new_name("trial-env")
    document = {"plugins": {package: {"settings": settings}}}
    assert registry.request("PUT", f"/v1/environments/{environment}", document, token=registry.admin_token).status == 201
    return environment


def test_manifests_that_would_fail(registry, group):
    group, (package, _) = group
    before = registry.get("/v1/changes?since=0&limit=1000").json
    answer = dry_run(registry, group, {"manifest_schema": {"properties": {"size": {"type": "integer", "maximum": 4}}}})
    assert (answer["dry_run"], answer["would_change"], answer["complete"]) == (True, True, True)
    assert answer["releases"]["checked"] == 3
    first, second = answer["releases"]["failing"]
    assert (first["package"], first["version"]) == (package, "1.0")
    (error,) = first["errors"]
    assert (error["code"], error["where"]) == ("schema-mismatch", f"/manifests/{group}/x/size")
    assert error["message"].startswith("This must be of the type integer")
    assert [e["message"] for e in second["errors"]] == ["This must be 4 or less"]
    assert registry.get("/v1/changes?since=0&limit=1000").json == before
    assert registry.get(f"/v1/groups/{group}").json["contract"] is None


def test_the_other_rules_of_a_contract_count_too(registry, group):
    answer = dry_run(registry, group[0], {"name_pattern": "y+", "kind": "module"})
    assert [sorted(e["code"] for e in one["errors"]) for one in answer["releases"]["failing"]] == [["contract-kind", "contract-name"]] * 3
    assert dry_run(registry, group[0], {})["would_change"] is True  # a contract where none is
    registry.request("PUT", f"/v1/groups/{group[0]}", {"owner": "team"}, token=registry.admin_token)
    assert dry_run(registry, group[0], {"owner": "team"})["would_change"] is False


def test_settings_that_would_fail(registry, group):
    group, (package, other) = group
    bad = set_settings(registry, package, {"colour": "red", "size": "long"})
    good = set_settings(registry, other, {"size": 2})
    archived = set_settings(registry, package, {"size": "long"})
    registry.request("POST", f"/v1/environments/{archived}/archive", {"reason": "old"}, token=registry.admin_token)
    schema = {"required": ["size", "colour"], "properties": {"size": {"type": "integer"}, "colour": {"default": "blue"}}}
    answer = dry_run(registry, group, {"settings_schema": schema})["environments"]
    assert answer["checked"] == 2
    (failing,) = answer["failing"]
    assert (failing["environment"], failing["package"]) == (bad, package)
    assert [e["where"] for e in failing["errors"]] == [f"/plugins/{package}/settings/size"]
    assert good not in str(answer["failing"]) and "long" not in str(answer)


def test_settings_of_entry_points_that_would_fail(registry, group):
    group, (package, _) = group
    environment = registry.new_name("trial-env")
    document = {"plugins": {package: {"settings": {"a": 1}, "entry_points": {group: {"x": {"settings": {"b": "long"}}}}}}}
    assert registry.request("PUT", f"/v1/environments/{environment}", document, token=registry.admin_token).status == 201
    schema = {"required": ["a"], "properties": {"b": {"type": "integer"}}}
    (failing,) = dry_run(registry, group, {"settings_schema": schema})["environments"]["failing"]
    assert [e["where"] for e in failing["errors"]] == [f"/plugins/{package}/entry_points/{group}/x/settings/b"]


def test_more_than_a_page(registry):
    group = registry.new_name("trial.many")
    package = registry.new_name("trial-many")
    for number in range(120):
        registry.publish(package, f"{number}.0", {group: {"x": "pkg:x"}}, manifests={group: {"x": {"n": number}}})
    names = [set_settings(registry, package, {"n": number}) for number in range(5)]
    answer = dry_run(registry, group, {"manifest_schema": {"properties": {"n": {"maximum": 99}}}, "settings_schema": {"maxProperties": 0}})
    assert answer["releases"]["checked"] == 120
    assert {one["version"] for one in answer["releases"]["failing"]} == {f"{number}.0" for number in range(100, 120)}
    assert [one["environment"] for one in answer["environments"]["failing"]] == sorted(names)


@pytest.mark.parametrize(("contract", "where"), [
    ({"manifest_schema": {"type": "nonsense"}}, "/manifest_schema/type"), ({"kind": "x"}, "/kind")])
def test_a_wrong_contract_is_refused_as_ever(registry, refused, contract, where):
    answer = registry.request("PUT", f"/v1/groups/{registry.new_name('g')}?dry_run=1", contract, token=registry.admin_token)
    assert refused(answer, 422, "invalid")["where"] == where


def test_only_who_may_set_it_may_try_it(registry, refused, group):
    refused(registry.request("PUT", f"/v1/groups/{group[0]}?dry_run=1", {}, token="rgd_wrong"), 401, "unauthorized")


def test_a_group_without_releases(registry):
    answer = dry_run(registry, registry.new_name("empty"), {"manifest_schema": False})
    assert answer["releases"] == {"checked": 0, "failing": []} and answer["complete"] is True
