# SPDX-License-Identifier: MIT
"""What plugins require of each other, over HTTP: packages of other groups and of none, what the environment has,
and kept answers, which are given no longer when a required package changes. The rules themselves are held by
tests/selection."""

import pytest

from support.environments import create, ok, plugin


@pytest.fixture
def group(registry):
    return registry.new_name("suite.group")


def publish(registry, name, version, group=None, *requirements):
    registry.publish(name, version, {group: {name: "m:a"}} if group else {}, requires_dist=list(requirements))


def ask(registry, group, query=""):
    return registry.resolve(f"group={group}&explain=1{query}")


def taken(answer):
    return [(record["package"], record["version"]) for record in answer["records"]]


def reasons(answer):
    return [(one["version"], one["code"], one["detail"]) for one in answer["excluded"]]


def warnings(answer):
    return [finding["code"] for record in answer["records"] for finding in record["warnings"]]


def set_status(registry, name, status, version=None):
    path = f"/v1/packages/{name}" + (f"/releases/{version}" if version else "") + "/status"
    body = {"status": status, **({} if status in ("active", "live") else {"reason": "bad"})}
    ok(registry.put(path, body, token=registry.admin_token))


def test_a_package_of_another_group_and_one_of_none(registry, group):
    """Each change of what is required reaches the kept answer at once."""
    crm, base, lib = (registry.new_name(stem) for stem in ("crm", "base", "lib"))
    other = registry.new_name("suite.other")
    publish(registry, crm, "1.0", group)
    publish(registry, crm, "2.0", group, f"{base}>=2")
    assert taken(ask(registry, group)) == [(crm, "2.0")], "the registry does not know what it requires"
    publish(registry, base, "1.0", other)
    answer = ask(registry, group)
    assert taken(answer) == [(crm, "1.0")]
    assert reasons(answer) == [("2.0", "requires-plugin", f"The release requires {base}>=2, but {base} 1.0 is selected")]
    publish(registry, base, "2.0", other, f"{lib}<2")
    assert taken(ask(registry, group)) == [(crm, "2.0")]
    publish(registry, lib, "2.0")
    answer = ask(registry, group)
    assert taken(answer) == [(crm, "1.0")] and f"but {base} 1.0 is selected" in answer["excluded"][0]["detail"]
    publish(registry, lib, "1.5")
    set_status(registry, lib, "quarantined", "2.0")
    assert taken(ask(registry, group)) == [(crm, "2.0")]
    set_status(registry, base, "quarantined")
    answer = ask(registry, group)
    assert taken(answer) == [(crm, "1.0")]
    assert f"no release of {base} is selected (quarantined)" in answer["excluded"][0]["detail"]
    set_status(registry, base, "active")
    assert taken(ask(registry, group)) == [(crm, "2.0")]


def test_many_kept_answers_follow(registry, group):
    """The group asked alone, with another, and as one of all; a snapshot; a page for one package."""
    crm, base = registry.new_name("crm"), registry.new_name("base")
    other = registry.new_name("suite.other")
    publish(registry, crm, "1.0", group)
    publish(registry, crm, "2.0", group, f"{base}==1.0")
    publish(registry, base, "1.0", other)
    addresses = [f"/v1/resolve?group={group}", f"/v1/resolve?group={group}&group={other}",
                 "/v1/snapshot", f"/v1/snapshot?group={group}", f"/v1/requirements?group={group}"]
    before = [registry.get(address) for address in addresses]
    assert [answer.status for answer in before] == [200] * len(addresses)
    publish(registry, base, "1.1", other)
    for address, old in zip(addresses, before):
        new = registry.get(address)
        assert new.status == 200 and new.headers["ETag"] != old.headers["ETag"], address
        assert registry.get(address, headers={"If-None-Match": old.headers["ETag"]}).status == 200
    assert taken(registry.resolve(f"group={group}")) == [(crm, "1.0")]
    page = registry.get(f"/packages/{crm}/compatibility?environment=default")
    assert page.status == 200 and f"requires {base}==1.0, but {base} 1.1 is selected".encode() in page.body


def test_a_cycle_stands_or_falls_together(registry, group):
    crm, base = registry.new_name("crm"), registry.new_name("base")
    for version in ("1.0", "2.0"):
        publish(registry, crm, version, group, f"{base}=={version}")
        publish(registry, base, version, group, f"{crm}=={version}")
    publish(registry, crm, "3.0", group, f"{base}==3.0")
    answer = ask(registry, group)
    assert sorted(taken(answer)) == sorted([(crm, "2.0"), (base, "2.0")])
    assert "no older one would do" in dict((v, d) for v, _, d in reasons(answer))["3.0"]
    set_status(registry, base, "quarantined", "2.0")
    assert sorted(taken(ask(registry, group))) == sorted([(crm, "1.0"), (base, "1.0")])
    set_status(registry, base, "quarantined")
    answer = ask(registry, group)
    assert taken(answer) == []
    assert {code for _, code, _ in reasons(answer)} == {"quarantined", "requires-plugin"}


def test_what_the_environment_has_beats_the_registry(registry, group):
    crm, base, name = registry.new_name("crm"), registry.new_name("base"), registry.new_name("env-")
    publish(registry, base, "1.0", group)
    publish(registry, crm, "1.0", group, f"{base}>=2")
    create(registry, name, {"facts": {"have": {base: "2.1"}}})
    answer = ask(registry, group, f"&environment={name}")
    assert taken(answer) == [(base, "1.0"), (crm, "1.0")] and warnings(answer) == []
    assert [code for _, code, _ in reasons(ask(registry, group))] == ["requires-plugin"]
    answer = ask(registry, group, f"&environment={name}&have={base}==1.5")
    assert [code for _, code, _ in reasons(answer)] == ["requires-host"]


def test_a_requirement_that_nothing_knows(registry, group):
    """A warning, where the environment says what it has."""
    crm = registry.new_name("crm")
    publish(registry, crm, "1.0", group, "requests>=2", 'colorama; sys_platform == "win32"', "urllib3 @ https://example.org/u.whl")
    assert warnings(ask(registry, group)) == []
    answer = ask(registry, group, "&have=host==1&marker=sys_platform=linux")
    assert warnings(answer) == ["requires-unknown"]
    (finding,) = answer["records"][0]["warnings"]
    assert finding["message"] == "The release requires requests>=2, which neither the registry nor the environment knows"
    assert warnings(ask(registry, group, "&have=requests==2.31&marker=sys_platform=linux")) == []
    assert len(warnings(ask(registry, group, "&have=host==1&marker=sys_platform=win32"))) == 2


def test_a_library_needs_no_enabling(registry, group):
    """A listed environment: a required plugin must be enabled, a package that never had an entry point not."""
    crm, base, lib, name = (registry.new_name(stem) for stem in ("crm", "base", "lib", "env-"))
    publish(registry, lib, "1.0")
    publish(registry, base, "1.0", group)
    publish(registry, crm, "1.0", group, lib, base)
    create(registry, name, {"policy": {"plugins": "listed"}, "plugins": {crm: {"enabled": True}}})
    answer = ask(registry, group, f"&environment={name}")
    assert taken(answer) == []
    assert f"no release of {base} is selected (not-enabled)" in dict((c, d) for _, c, d in reasons(answer))["requires-plugin"]
    ok(plugin(registry, name, base, {"enabled": True}))
    assert taken(ask(registry, group, f"&environment={name}")) == [(base, "1.0"), (crm, "1.0")]
    ok(plugin(registry, name, base, {"state": "disabled", "settings": None}))
    assert taken(ask(registry, group, f"&environment={name}")) == []
    ok(plugin(registry, name, crm, {"allow": {"requires-plugin": {"until": "2099-01-01", "reason": "tried by hand"}}}))
    assert taken(ask(registry, group, f"&environment={name}")) == [(crm, "1.0")]


def test_extras_count_when_they_are_asked_for(registry, group):
    crm, base, driver = (registry.new_name(stem) for stem in ("crm", "base", "driver"))
    publish(registry, driver, "1.0")
    publish(registry, base, "1.0", group, f'{driver}>=2; extra == "fast"')
    publish(registry, crm, "1.0", group, base)
    publish(registry, crm, "2.0", group, f"{base}[fast]")
    answer = ask(registry, group)
    assert taken(answer) == [(base, "1.0"), (crm, "1.0")]
    assert [(v, c) for v, c, _ in reasons(answer)] == [("2.0", "requires-plugin")]
    publish(registry, driver, "2.0")
    assert taken(ask(registry, group)) == [(base, "1.0"), (crm, "2.0")]


def test_a_long_chain_is_looked_up_link_by_link(registry, group):
    names = [registry.new_name("link") for _ in range(12)]
    publish(registry, names[-1], "1.0")
    for name, required in zip(names[1:-1], names[2:]):
        publish(registry, name, "1.0", None, f"{required}==1.0")
    publish(registry, names[0], "1.0", group, names[1])
    assert taken(ask(registry, group)) == [(names[0], "1.0")]
    publish(registry, names[-1], "1.1")
    answer = ask(registry, group)
    assert taken(answer) == [] and f"no release of {names[1]} is selected (requires-plugin)" in answer["excluded"][0]["detail"]
