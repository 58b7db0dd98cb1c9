# SPDX-License-Identifier: MIT
"""Decisions in answers and snapshots: what they say, who decided and when, and that no kept answer outlives
one. Which rows there are is held by tests/selection against a second implementation."""

import re

import pytest
from support import environments
from support.artifacts import wheel
from support.snapshot_file import Snapshot

SINCE = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def newest(registry):
    """The serial of the last change, for `min_serial`."""
    return registry.sql("SELECT serial FROM registry")[0][0]


def rows(registry, group, query=""):
    """{(package, name, version, code): row} of an answer."""
    serial = newest(registry)
    answer = registry.resolve(f"group={group}{query}&min_serial={serial}", registry.admin_token)
    return {(row["package"], row["name"], row["version"], row["code"]): row for row in answer["decisions"]}


def known(registry, group, query=""):
    serial = newest(registry)
    return [row["package"] for row in registry.resolve(f"group={group}{query}&min_serial={serial}")["known"]]


def status(registry, package, **body):
    answer = registry.put(f"/v1/packages/{package}/status", body, token=registry.admin_token)
    assert answer.status == 200, answer.body


def release_status(registry, package, version, **body):
    answer = registry.put(f"/v1/packages/{package}/releases/{version}/status", body, token=registry.admin_token)
    assert answer.status == 200, answer.body


@pytest.fixture
def group(registry):
    return registry.new_name("decided.g")


@pytest.fixture
def package(registry, group):
    name = registry.new_name("decided-p")
    registry.publish(name, "1.0", {group: {"crm": "m:a"}})
    registry.publish(name, "2.0", {group: {"crm": "m:a", "more": "m:b"}})
    assert rows(registry, group) == {} and known(registry, group) == []
    return name


def test_a_quarantined_package(registry, group, package):
    status(registry, package, status="quarantined", reason="it deletes files")
    found = rows(registry, group)
    assert set(found) == {(package, "crm", None, "quarantined"), (package, "more", None, "quarantined")}
    row = found[package, "crm", None, "quarantined"]
    assert row["message"] == "The package is quarantined: it deletes files" and row["by"].startswith("admin:")
    assert SINCE.fullmatch(row["since"]) and row["by_name"]
    status(registry, package, status="active")
    assert rows(registry, group) == {}


def test_a_quarantined_and_a_yanked_release(registry, group, package):
    release_status(registry, package, "2.0", status="quarantined", reason="steals")
    assert registry.post(f"/v1/packages/{package}/releases/1.0/yank", {"reason": "slow"},
                         token=registry.admin_token).status == 200
    found = rows(registry, group)
    assert set(found) == {(package, "crm", "2.0", "quarantined"), (package, "more", "2.0", "quarantined"),
                          (package, "crm", "1.0", "yanked")}
    for code, version, message in (("quarantined", "2.0", "The release is quarantined: steals"),
                                   ("yanked", "1.0", "The release was yanked: slow")):
        row = found[package, "crm", version, code]
        assert row["message"] == message and row["by"].startswith("admin:") and SINCE.fullmatch(row["since"])
    assert registry.request("DELETE", f"/v1/packages/{package}/releases/1.0/yank", token=registry.admin_token).status == 200
    assert set(rows(registry, group)) == {(package, "crm", "2.0", "quarantined"), (package, "more", "2.0", "quarantined")}


def test_a_deprecated_package_names_its_replacement(registry, group, package):
    other = registry.new_name("decided-q")
    registry.publish(other, "1.0")
    status(registry, package, status="deprecated", reason="old", replaced_by=other)
    row = rows(registry, group)[package, "crm", None, "deprecated"]
    assert row["message"] == f"The package is deprecated; use {other} instead: old" and not row["by_name"]


def test_what_the_environment_decides(registry, group, package):
    name = registry.new_name("deciding")
    first = registry.new_name("decided-first")
    registry.publish(first, "1.0", {group: {"first": "m:a"}})
    environments.create(registry, name, {"plugins": {package: {"enabled": False}}})
    query = f"&environment={name}"
    found = rows(registry, group, query)
    assert set(found) == {(package, "crm", None, "disabled"), (package, "more", None, "disabled")}
    disabled = found[package, "crm", None, "disabled"]
    assert disabled["message"] == f'The environment "{name}" disables the package' and disabled["by"]
    # Another package's change, and a change of the facts, are no change of this decision.
    environments.plugin(registry, name, first, {"pin": ">=1", "settings": {"colour": "red"}})
    environments.patch(registry, f"/v1/environments/{name}", {"facts": {"python": "3.11"}})
    found = rows(registry, group, query)
    assert found[package, "crm", None, "disabled"]["since"] == disabled["since"]
    pin = found[first, "first", None, "outside-pin"]
    assert pin["pin"] == ">=1" and pin["since"] > disabled["since"]
    assert found[first, None, None, "settings"]["settings"] == {"colour": "red"}
    # The policy is what leaves a package out that was never named.
    environments.patch(registry, f"/v1/environments/{name}",
                       {"policy": {"plugins": "listed", "max_snapshot_age_seconds": 60}})
    found = rows(registry, group, query)
    not_enabled = found[first, "first", None, "not-enabled"]
    assert not_enabled["since"] > pin["since"] and not not_enabled["by_name"]
    answer = registry.resolve(f"group={group}{query}")
    assert answer["policy"] == {"plugins": "listed", "max_snapshot_age_seconds": 60}
    assert answer["revision"] == environments.revision_of(registry, name)


def test_a_package_that_gives_nothing_is_known(registry, group, package):
    assert known(registry, group, "&python=3.9") == []
    picky = registry.new_name("decided-picky")
    registry.publish(picky, "1.0", {group: {"picky": "m:a"}}, requires_python=">=3.12")
    assert known(registry, group, "&python=3.9") == [picky]
    assert known(registry, group, "&python=3.12") == []


def by_name(registry, group, package):
    return rows(registry, group)[package, "crm", None, "quarantined"]["by_name"]


def test_a_stranger_cannot_switch_a_name_off(registry, group, package):
    """Neither by being quarantined later, nor by giving the name first to a group that has an owner."""
    stranger = registry.new_name("decided-stranger")
    registry.publish(stranger, "1.0", {group: {"crm": "m:a"}})
    status(registry, stranger, status="quarantined", reason="x")
    assert not by_name(registry, group, stranger)  # the name is given
    status(registry, package, status="quarantined", reason="x")
    assert by_name(registry, group, package) and not by_name(registry, group, stranger)  # it was not the first


def test_an_answer_does_not_outlive_the_owner_of_a_package_or_group(registry, group, package):
    status(registry, package, status="quarantined", reason="x")
    assert by_name(registry, group, package)
    team = registry.new_name("team")
    # An owner of the group: the package belongs to another team.
    parent = group.rpartition(".")[0]
    contract = registry.put(f"/v1/groups/{parent}", {"owner": team}, token=registry.admin_token)
    assert contract.status == 200, contract.body
    assert not by_name(registry, group, package)
    # The package is given to that team.
    given = registry.put(f"/v1/packages/{package}/owner", {"team": team}, token=registry.admin_token)
    assert given.status == 200, given.body
    assert by_name(registry, group, package)
    contract = registry.put(f"/v1/groups/{parent}", {"owner": "others"}, token=registry.admin_token)
    assert contract.status == 200 and not by_name(registry, group, package)
    # The group's own contract is nearer.
    contract = registry.put(f"/v1/groups/{group}", {"owner": team}, token=registry.admin_token)
    assert contract.status == 200 and by_name(registry, group, package)
    assert registry.put(f"/v1/groups/{parent}", {}, token=registry.admin_token).status == 200


def test_pages_carry_them_once(registry, group, package):
    status(registry, package, status="deprecated", reason="x")
    first = registry.resolve(f"group={group}&limit=1&min_serial={newest(registry)}")
    assert len(first["decisions"]) == 2 and first["next"]
    second = registry.resolve(f"group={group}&limit=1&cursor={first['next']}")
    assert second["decisions"] == [] and second["known"] == [] and len(second["records"]) == 1


def test_entity_tags_cover_them(registry, group, package):
    """The records stay; who deprecated the package and why is another answer."""
    addresses = [f"/v1/resolve?group={group}", f"/v1/snapshot?group={group}"]
    status(registry, package, status="quarantined", reason="one")
    serial = newest(registry)
    before = [registry.get(f"{address}&min_serial={serial}") for address in addresses]
    status(registry, package, status="quarantined", reason="two")
    serial = newest(registry)
    for address, old in zip(addresses, before):
        new = registry.get(f"{address}&min_serial={serial}")
        assert new.headers["ETag"] != old.headers["ETag"]
        assert registry.get(address, headers={"If-None-Match": old.headers["ETag"]}).status == 200
        assert registry.get(address, headers={"If-None-Match": new.headers["ETag"]}).status == 304
        assert registry.request("HEAD", address).headers["ETag"] == new.headers["ETag"]


def test_a_snapshot_holds_the_same_rows(registry, group, package):
    name = registry.new_name("deciding")
    picky = registry.new_name("decided-picky")
    registry.publish(picky, "1.0", {group: {"picky": "m:a"}}, requires_python=">=3.12")
    environments.create(registry, name, {"facts": {"python": "3.9"}, "policy": {"max_snapshot_age_seconds": 3600},
                                         "plugins": {package: {"pin": "<2", "settings": {"a": 1}}}})
    status(registry, package, status="quarantined", reason="x")
    serial = newest(registry)
    answer = registry.resolve(f"group={group}&environment={name}&min_serial={serial}", registry.admin_token)
    for query in (f"group={group}&", ""):  # asked by name, or among all groups
        file = Snapshot(registry.get(f"/v1/snapshot?{query}environment={name}", token=registry.admin_token).body)
        assert (file.max_age, file.listed, file.settings_left_out) == (3600, False, False)
        told = [row for row in file.decisions if row["group"] == group]
        assert [row for row in told if row["code"] == "known"] == [
            {**dict.fromkeys(told[0]), "group": group, "package": picky, "code": "known", "by_name": False}]
        for row in (row for row in told if row["code"] != "known"):
            match = next(one for one in answer["decisions"]
                         if all(one[key] == row[key] for key in ("package", "name", "version", "code")))
            assert all(row[key] == match.get(key) for key in ("message", "since", "by", "by_name", "pin"))
        assert len(told) == len(answer["decisions"]) + len(answer["known"])


@pytest.mark.parametrize("whole", [True, False])
def test_a_quarantine_holds_for_files_however_they_are_asked_for(registry, whole):
    name = registry.new_name("decided-file")
    filename, raw = wheel(name, "1.0")
    posted = registry.post(f"/v1/artifacts?filename={filename}", raw,
                           headers={"Content-Type": "application/octet-stream"})
    assert posted.status == 201, posted.body
    address = posted.json["url"]
    asked = [("GET", {}), ("HEAD", {}), ("GET", {"Range": "bytes=0-9"}),
             ("GET", {"If-None-Match": registry.get(address).headers["ETag"]})]
    assert [registry.request(method, address, headers=headers).status for method, headers in asked] == [
        200, 200, 206, 304]
    if whole:
        status(registry, name, status="quarantined", reason="x")
    else:
        release_status(registry, name, "1.0", status="quarantined", reason="x")
    for method, headers in asked:
        answer = registry.request(method, address, headers=headers)
        assert answer.status == 403 and raw[:10] not in answer.body, (method, headers)
