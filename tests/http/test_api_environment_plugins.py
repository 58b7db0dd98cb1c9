# SPDX-License-Identifier: MIT
"""What an environment may enable: packages that are there, permissions the host knows, the release that a
resolution would take; and that what is decided holds in one environment only."""
import time

import pytest

from support import access
from support.environments import (GROUP, MERGE, address, create, document_of, ok, patch, plugin, publish, put, revision_of,
                                  rollback)


@pytest.fixture
def name(registry):
    return registry.new_name("env-")


@pytest.fixture
def package(registry):
    """A package whose release asks for two permissions."""
    name = registry.new_name("crm")
    publish(registry, name, "1.0", ["customer.read", "customer.edit"])
    return name


def test_a_package_that_is_not_there(registry, refused, name, package):
    create(registry, name)
    for body in ({"enabled": True}, {"enabled": False}, {"pin": "==1"}, {"settings": {"a": 1}}):
        problem = refused(plugin(registry, name, "no-such-package", body), 404, "not-found")
        assert 'no package "no-such-package"' in problem["detail"]
    refused(plugin(registry, name, "-bad-", {"enabled": True}), 404, "not-found")
    document = {"plugins": {"no-such-package": {"enabled": True}, package: {"enabled": True}}}
    for send in (lambda: put(registry, name, document), lambda: patch(registry, address(name), document)):
        problem = refused(send(), 422, "invalid")
        assert [(e["code"], e["where"]) for e in problem["errors"]] == [
            ("package-unknown", "/plugins/no-such-package")]
    assert revision_of(registry, name) == 1


def test_permissions_the_host_does_not_know(registry, refused, name, package):
    create(registry, name, {"permissions": ["customer.read"]})
    for send, where in [(lambda: plugin(registry, name, package, {"enabled": True}), "/enabled"),
                        (lambda: patch(registry, address(name), {"plugins": {package: {"enabled": True}}}),
                         f"/plugins/{package}/enabled")]:
        problem = refused(send(), 422, "invalid")
        (error,) = problem["errors"]
        assert (error["code"], error["where"]) == ("permission-unknown", where)
        assert f'{package} 1.0 asks for the permission "customer.edit"' in error["message"]
        assert f"manifest of {package} in {GROUP}" in error["message"] and error["hint"]
    assert revision_of(registry, name) == 1
    # Pins and settings of what is not enabled are nobody's risk; once known, it can be enabled.
    ok(plugin(registry, name, package, {"pin": "==1.0", "settings": {"a": 1}}))
    ok(patch(registry, address(name), {"permissions": ["customer.read", "customer.edit"],
                                       "plugins": {package: {"enabled": True}}}))
    # What an enabled plugin needs cannot be taken away under it.
    problem = refused(patch(registry, address(name), {"permissions": []}), 422, "invalid")
    assert [e["code"] for e in problem["errors"]] == ["permission-unknown"] * 2
    ok(patch(registry, address(name), {"permissions": None}))
    ok(patch(registry, address(name), {"facts": {"python": "3.12"}}))


@pytest.mark.parametrize("pin, prereleases, python, fits", [
    (None, False, None, False),      # 2.0 asks for what is not known
    ("<2", False, None, True),       # 1.0 asks for nothing
    ("==2.0", False, None, False),
    ("==3.0rc1", False, None, True),  # a pin to a pre-release takes it
    (None, True, None, True),
    (None, False, "3.9", True),      # 2.0 requires a newer Python
    ("==1.5", False, None, False),   # yanked, and pinned to
    ("~=1.4", False, None, True),    # yanked, and not pinned to: nothing is taken
    ("==7.0", False, None, True),    # nothing fits, so nothing is asked for
])
def test_the_release_that_counts(registry, refused, name, pin, prereleases, python, fits):
    package = registry.new_name("pick")
    publish(registry, package, "1.0")
    publish(registry, package, "1.5", ["secret"])
    publish(registry, package, "2.0", ["secret"], requires_python=">=3.10")
    publish(registry, package, "3.0rc1", [])
    registry.sql("UPDATE releases SET yanked_at = now(), yanked_reason = 'x' WHERE version = '1.5'")
    document = {"permissions": [], "policy": {"prereleases": prereleases},
                "plugins": {package: {"enabled": True, "pin": pin}}}
    if python:
        document["facts"] = {"python": python}
    answer = put(registry, name, document)
    if fits:
        ok(answer, 201)
    else:
        refused(answer, 422, "invalid")


@pytest.mark.parametrize("facts, policy, fits", [
    ({}, {}, False),
    ({"have": {"honeyframe": "4.2"}}, {}, True),     # 2.0 requires honeyframe 5, and 1.0 asks for nothing
    ({"have": {"honeyframe": "5.1"}}, {}, False),
    ({}, {"min_age_seconds": 3600}, True),           # nothing is old enough to be taken
])
def test_the_release_that_counts_is_that_of_a_resolution(registry, refused, name, facts, policy, fits):
    package = registry.new_name("host")
    publish(registry, package, "1.0")
    publish(registry, package, "2.0", ["secret"], requires_dist=["honeyframe>=5"])
    answer = put(registry, name, {"permissions": [], "facts": facts, "policy": policy,
                                  "plugins": {package: {"enabled": True}}})
    if fits:
        ok(answer, 201)
    else:
        refused(answer, 422, "invalid")


def test_one_environment_only(registry, name):
    """Disabled in one environment, and only there; what is unknown is told, what is empty is not."""
    package = registry.new_name("only")
    publish(registry, package, "1.0")
    here, there = registry.new_name("here-"), registry.new_name("there-")
    query = f"/v1/resolve?group={GROUP}&environment="

    def names(environment):
        return {record["package"] for record in ok(registry.get(query + environment))["records"]}

    create(registry, here)
    create(registry, there)
    assert package in names(here) and package in names(there)
    ok(plugin(registry, here, package, {"enabled": False}))
    assert package not in names(here) and package in names(there) and package in names("default")
    ok(rollback(registry, here, 1))
    assert package in names(here)
    ok(patch(registry, address(there), {"policy": {"plugins": "listed"}}))
    assert names(there) == set()
    ok(plugin(registry, there, package, {"enabled": True, "settings": {"page": 5}}))
    (record,) = ok(registry.get(query + there, token=registry.admin_token))["records"]
    assert (record["package"], record["settings"]) == (package, {"page": 5})
    assert registry.get(query + "nowhere").status == 404
    assert ok(registry.get("/v1/resolve?group=nobody.there"))["records"] == []


def test_odd_manifests(registry, name):
    package = registry.new_name("odd")
    for number, permissions in enumerate([{"a": 1}, "secret", None, 5, [1, {"x": "secret"}, None], []]):
        registry.publish(package, f"1.{number}", {GROUP: {"x": "a:b"}},
                         manifests={GROUP: {"x": {"permissions": permissions}}})
        ok(put(registry, f"{name}-{number}", {
            "permissions": [], "plugins": {package: {"enabled": True, "pin": f"==1.{number}"}}}), 201)


def bare(registry, name, version="1.0", groups=(GROUP,), **fields):
    """A release whose manifest is a Python object: the registry has none."""
    registry.publish(name, version, {group: {name: "plugins.x:manifest"} for group in groups}, **fields)


def resolved(registry, environment, group=GROUP, explain=True):
    return ok(registry.get(f"/v1/resolve?group={group}&environment={environment}" + "&explain=1" * explain))


def test_a_manifest_that_cannot_be_read(registry, refused, name):
    package, script = registry.new_name("blind"), registry.new_name("script")
    bare(registry, package)
    registry.publish(script, "1.0", {GROUP: {script: "a:b"}, "console_scripts": {script: "a:main"}},
                     manifests={GROUP: {script: {}}})
    create(registry, name, {"permissions": ["read"]})
    answer = resolved(registry, name)
    assert script in [record["package"] for record in answer["records"]]
    (left_out,) = [one for one in answer["excluded"] if one["package"] == package]
    assert left_out["code"] == "unknown-permission"
    assert f'manifest of "{package}" in {GROUP} cannot be read' in left_out["detail"]
    for state in ({"enabled": True}, {"state": "allowed"}):
        problem = refused(plugin(registry, name, package, state), 422, "invalid")
        (error,) = problem["errors"]
        assert (error["code"], error["where"]) == ("permission-unknown", "/enabled")
        assert "cannot be read" in error["message"] and "accept_unknown_permissions" in error["hint"]
    ok(plugin(registry, name, package, {"enabled": True, "accept_unknown_permissions": True}))
    assert package in [record["package"] for record in resolved(registry, name)["records"]]
    problem = refused(plugin(registry, name, package, {"accept_unknown_permissions": None}), 422, "invalid")
    assert [error["code"] for error in problem["errors"]] == ["permission-unknown"]
    ok(plugin(registry, name, package, {"enabled": None, "accept_unknown_permissions": False}))
    assert document_of(registry, name) == {"permissions": ["read"]}


def test_three_states(registry, refused, name):
    package, other = registry.new_name("tri"), registry.new_name("tri")
    bare(registry, package)
    bare(registry, other)
    create(registry, name, {"policy": {"plugins": "listed"}})
    for body, written, states in [
        ({"state": "allowed"}, {"state": "allowed"}, ["allowed"]),
        ({"enabled": True}, {"enabled": True}, [None]),
        ({"state": "allowed", "pin": "==1.0"}, {"state": "allowed", "pin": "==1.0"}, ["allowed"]),
        ({"state": "enabled", "pin": None}, {"enabled": True}, [None]),
        ({"state": "disabled"}, {"enabled": False}, []),
        ({"state": "allowed"}, {"state": "allowed"}, ["allowed"]),
        ({"enabled": False}, {"enabled": False}, []),
        ({"state": "allowed"}, {"state": "allowed"}, ["allowed"]),
        ({"state": None}, None, []),
    ]:
        ok(plugin(registry, name, package, body))
        assert document_of(registry, name).get("plugins", {}).get(package) == written
        assert [record.get("state") for record in resolved(registry, name)["records"]] == states
    for body, where in (({"state": "allowed", "enabled": True}, "/enabled"), ({"enabled": True, "state": "allowed"}, "/state")):
        problem = refused(plugin(registry, name, package, body), 422, "invalid")
        assert [(error["code"], error["where"]) for error in problem["errors"]] == [("state-invalid", where)]
    history = ok(registry.get(f"{address(name)}/history"))["revisions"]
    assert f"left to the user: {package}" in [row["summary"] for row in history]


def later(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def test_an_exception_holds_for_one_code_and_ends(registry, refused, name):
    """The kept answer ends with the exception, and never outlives a decision in between."""
    package = registry.new_name("young")
    bare(registry, package)
    create(registry, name, {"policy": {"min_age_seconds": 3600}})
    answer = resolved(registry, name)
    (left_out,) = [one for one in answer["excluded"] if one["package"] == package]
    assert left_out["code"] == "too-new" and left_out["eligible_at"] > later(3500)
    until = later(4)
    body = {"allow": {"too-new": {"until": until, "reason": "Fixes an outage", "by": "user:somebody-else"}}}
    ok(plugin(registry, name, package, body))
    (exception,) = document_of(registry, name)["plugins"][package]["allow"].values()
    assert exception["until"] == until and exception["by"] != "user:somebody-else" and exception["by"]
    assert package in [record["package"] for record in resolved(registry, name)["records"]]
    status = f"/v1/packages/{package}/status"
    ok(registry.put(status, {"status": "quarantined", "reason": "bad"}, token=registry.admin_token))
    (left_out,) = [one for one in resolved(registry, name)["excluded"] if one["package"] == package]
    assert left_out["code"] == "quarantined"
    ok(registry.put(status, {"status": "active"}, token=registry.admin_token))
    tag = registry.get(f"/v1/resolve?group={GROUP}&environment={name}").headers["ETag"]
    deadline = time.monotonic() + 10
    while package in [r["package"] for r in resolved(registry, name, explain=False)["records"]]:
        assert time.monotonic() < deadline, "the exception is over, and its answer is still given"
        time.sleep(0.1)
    assert later(0) >= until
    over = registry.get(f"/v1/resolve?group={GROUP}&environment={name}", headers={"If-None-Match": tag})
    assert over.status == 200 and over.headers["ETag"] != tag
    summaries = [row["summary"] for row in ok(registry.get(f"{address(name)}/history"))["revisions"]]
    assert f"exception for {package} (too-new until {until})" in summaries
    # What is over stays in the document, and hinders no other change; it can be taken away.
    ok(plugin(registry, name, package, {"pin": "==1.0"}))
    assert document_of(registry, name)["plugins"][package]["allow"]
    ok(plugin(registry, name, package, {"allow": {"too-new": None}, "pin": None}))
    assert "plugins" not in document_of(registry, name)


def test_exceptions_that_are_refused(registry, refused, name):
    package = registry.new_name("never")
    bare(registry, package)
    create(registry, name)
    for code in ("quarantined", "held", "disabled", "not-enabled", "yanked", "outside-pin", "unknown-permission",
                 "no-compatible-artifact", "prerelease", "nonsense"):
        body = {"allow": {code: {"until": later(60), "reason": "x"}}}
        (error,) = refused(plugin(registry, name, package, body), 422, "invalid")["errors"]
        assert (error["code"], error["where"]) == ("exception-refused", f"/allow/{code}")
    body = {"allow": {"too-new": {"until": later(-60), "reason": "x"}}}
    (error,) = refused(plugin(registry, name, package, body), 422, "invalid")["errors"]
    assert (error["code"], error["where"]) == ("exception-over", "/allow/too-new")


def test_the_maker_of_an_exception_stays(registry, name):
    package = registry.new_name("maker")
    bare(registry, package)
    create(registry, name)
    ok(plugin(registry, name, package, {"allow": {"too-new": {"until": "2099-01-01", "reason": "x"}}}))
    first = document_of(registry, name)["plugins"][package]["allow"]["too-new"]
    other = access.make_token(registry, "other", ["read", f"environment:{name}"], grant=True)
    changed = {"allow": {"requires-host": {"until": "2099-01-01", "reason": "y"}}}
    ok(registry.request("PATCH", f"{address(name)}/plugins/{package}", changed, token=other, headers=MERGE))
    both = document_of(registry, name)["plugins"][package]["allow"]
    assert both["too-new"] == first and both["requires-host"]["by"] != first["by"]
