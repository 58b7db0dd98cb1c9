# SPDX-License-Identifier: MIT
"""What an environment may enable: packages that are there, permissions the host knows, the release that a
resolution would take; and that what is decided holds in one environment only."""
import pytest

from support.environments import (GROUP, address, create, ok, patch, plugin, publish, put, revision_of,
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
    (record,) = ok(registry.get(query + there))["records"]
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
