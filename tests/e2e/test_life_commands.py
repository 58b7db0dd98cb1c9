# SPDX-License-Identifier: MIT
"""registryctl yank, deprecate, archive, quarantine, group and show --history against a real registry."""

import json

import pytest
from support.daemon import Daemon
from support.registryctl import in_pipe, on_terminal, registryctl

GROUP = "life.plugins"


@pytest.fixture(scope="module")
def daemon():
    with Daemon() as running:
        yield running


@pytest.fixture(scope="module")
def settings(daemon):
    return {"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": daemon.publisher_token}


@pytest.fixture
def shop(daemon, request):
    """A package of two releases of this test alone, and another one."""
    name = "shop-" + "".join(c for c in request.node.name if c.isalnum())[-40:].lower()
    for package, version in ((name, "1.0"), (name, "2.0rc1"), ("themart", "1.0")):
        daemon.put(f"/v1/packages/{package}/releases/{version}", {
            "name": package, "version": version, "entry_points": {GROUP: {package: "shop:plugin"}}})
    return name


def resolved(settings, name):
    records = registryctl("resolve", GROUP, **settings).json
    return [record["version"] for record in records if record["package"] == name]


def test_yank_and_back(settings, shop):
    done = registryctl("yank", f"{shop.upper()}==1.0.0rc1", "--reason", "x", **settings)
    assert done.code == 1 and "no release" in done.err
    done = registryctl("yank", f"{shop}==1.0", "--reason", "loses orders", **settings)
    assert (done.code, done.json["yanked"], done.json["changed"]) == (0, True, True), done.err
    assert resolved(settings, shop) == ["2.0rc1"]
    again = on_terminal("yank", f"{shop}==1.0", "--reason", "loses orders", **settings).out
    assert f"{shop} 1.0 was already yanked" in again
    assert f"{shop} 1.0 is no longer yanked" in on_terminal("yank", shop, "1.0", "--undo", **settings).out
    assert resolved(settings, shop) == ["1.0"]


def test_deprecate_archive_and_back(settings, shop):
    done = registryctl("deprecate", shop, "--reason", "old", "--replaced-by", "TheMart", **settings)
    assert (done.json["status"], done.json["replaced_by"]) == ("deprecated", "themart"), done.err
    shown = on_terminal("show", shop, **settings).out
    assert "deprecated" in shown and "old" in shown and "themart" in shown
    other = registryctl("archive", shop, "--undo", **settings)
    assert other.code == 3 and "is deprecated, not archived. Nothing was changed." in other.err
    assert registryctl("deprecate", shop, "--undo", **settings).json["status"] == "active"
    assert registryctl("deprecate", shop, "--undo", **settings).json["changed"] is False
    assert registryctl("archive", shop, **settings).json["status_reason"] is None
    assert registryctl("archive", shop, "--undo", **settings).json["status"] == "active"


def test_quarantine_of_a_release_and_of_a_package(settings, shop):
    done = registryctl("quarantine", f"{shop}==1.0", "--reason", "steals", **settings)
    assert (done.json["status"], done.json["version"]) == ("quarantined", "1.0")
    assert resolved(settings, shop) == ["2.0rc1"]
    table = on_terminal("show", shop, columns=100, **settings).out
    assert "quarantined" in table and "steals" in table
    assert "steals" in on_terminal("show", f"{shop}==1.0", **settings).out
    assert registryctl("quarantine", shop, "1.0", "--undo", **settings).json["status"] == "live"
    assert registryctl("quarantine", shop, "--reason", "steals", **settings).json["status"] == "quarantined"
    assert resolved(settings, shop) == []
    assert registryctl("deprecate", shop, "--undo", **settings).code == 3
    assert registryctl("quarantine", shop, "--undo", **settings).json["status"] == "active"
    assert resolved(settings, shop) == ["1.0"]


def test_history(settings, shop):
    registryctl("yank", f"{shop}==1.0", "--reason", "loses orders", **settings)
    registryctl("deprecate", shop, "--reason", "old", **settings)
    changes = registryctl("show", shop, "--history", **settings).json
    assert [(c["kind"], c["version"], c["reason"]) for c in changes] == [
        ("publish", "1.0", None), ("publish", "2.0rc1", None), ("yank", "1.0", "loses orders"),
        ("deprecate", None, "old")]
    release = registryctl("show", f"{shop}==v1.0", "--history", **settings).json
    assert [c["kind"] for c in release] == ["publish", "yank"]
    table = on_terminal("show", shop, "--history", columns=100, **settings).out
    assert "deprecate" in table and "loses orders" in table
    nothing = registryctl("show", "no-such-package", "--history", **settings)
    assert nothing.code == 1 and "Unknown package \"no-such-package\"" in nothing.err


@pytest.mark.parametrize("arguments, words", [
    (["yank", "shop==1.0"], "--reason"),
    (["yank", "shop==1.0", "--reason", ""], "--reason"),
    (["yank", "shop", "--reason", "x"], "shop==VERSION"),
    (["yank", "shop==1.0", "--undo", "--reason", "x"], "--undo"),
    (["deprecate", "shop"], "--reason"),
    (["deprecate", "shop==1.0", "--reason", "x"], "a whole package"),
    (["deprecate", "shop", "--undo", "--replaced-by", "x"], "--undo"),
    (["quarantine", "shop==1.0"], "--reason"),
    (["quarantine", "==1.0", "--reason", "x"], "PACKAGE==VERSION"),
    (["group", "drop", "g"], "registryctl group drop"),
    (["group", "set", "g", "--manifest-schema", "/nowhere"], "/nowhere")])
def test_usage(settings, arguments, words):
    done = registryctl(*arguments, **settings)
    assert done.code == 2 and words in done.err, done.err


def test_refused_by_the_registry(settings, shop):
    done = registryctl("deprecate", shop, "--reason", "x", "--replaced-by", "nix", **settings)
    assert done.code == 3 and "/replaced_by" in done.err and "nix" in done.err
    done = registryctl("yank", f"{shop}==1.0", "--reason", "x", REGISTRYD_URL=settings["REGISTRYD_URL"])
    assert done.code == 3 and "token" in done.err
    done = registryctl("group", "set", "life.bad", "--name-pattern", "(a", **settings)
    assert done.code == 3 and "/name_pattern" in done.err and "character 1" in done.err
    done = registryctl("group", "set", "life.bad", "--check", "manifest-missing", **settings)
    assert done.code == 2 and "CODE=error" in done.err
    done = registryctl("group", "set", "life.bad", "--check", "nothing=error", **settings)
    assert done.code == 3 and "Use entry-point-module-missing" in done.err
    done = registryctl("group", "set", "life.good", "--check", "manifest-missing=error", **settings)
    assert done.json["contract"]["checks"] == {"manifest-missing": "error"}
    done = registryctl("group", "set", "life.good", "--check=declared-file-missing=error", "--owner", "x", **settings)
    assert sorted(done.json["contract"]["checks"]) == ["declared-file-missing", "manifest-missing"]
    assert "manifest-missing: error" in in_pipe("group", "show", "life.good", **settings).out
    assert registryctl("group", "set", "life.good", "--check", "none", **settings).json["contract"]["checks"] == {}
    done = registryctl("group", "set", "life.bad", "--kind", "class", **settings)
    assert done.code == 2 and "--kind" in done.err and '"class"' in done.err


def test_a_contract(settings, daemon, shop, tmp_path):
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"type": "object"}))
    group = "life.contract"
    assert registryctl("group", "show", group, **settings).code == 1
    done = registryctl("group", "set", group, "--owner", "Team", "--kind", "callable", "--priority", "B",
                       "--priority", "a", "--conflict", "priority", "--manifest-schema", schema,
                       "--name-pattern", "[a-z]+", **settings)
    assert (done.code, done.json["changed"]) == (0, True), done.err
    expected = {"checks": {}, "deprecated": None, "owner": "Team", "description": None, "name_pattern": "[a-z]+", "kind": "callable",
                "conflict": "priority", "priority": ["b", "a"], "manifest_schema": {"type": "object"}, "settings_schema": None}
    assert done.json["contract"] == expected
    # What is not said stays; "none" takes it away.
    done = registryctl("group", "set", group, "--description", "For tests", "--owner", "none",
                       "--manifest-schema", "none", **settings)
    assert done.code == 0, done.err
    assert done.json["contract"] == {**expected, "owner": None, "description": "For tests",
                                     "manifest_schema": None}
    done = registryctl("group", "set", group, "--settings-schema", schema, **settings)
    assert done.json["contract"]["settings_schema"] == {"type": "object"}
    assert registryctl("group", "set", group, **settings).json["changed"] is False
    assert registryctl("group", "set", group, "--priority", "none", **settings).json["contract"]["priority"] == []
    shown = on_terminal("group", "show", group, **settings).out
    assert "[a-z]+" in shown and "callable" in shown and "No package" in shown
    answer = daemon.put(f"/v1/packages/{shop}/releases/3.0", {
        "name": shop, "version": "3.0", "entry_points": {group: {"bad1": "shop"}}})
    assert answer.status == 422
    assert "none: all entry points are allowed" in on_terminal("group", "show", GROUP, **settings).out
    assert registryctl("group", "show", GROUP, **settings).json["contract"] is None


def test_serials_that_do_not_grow():
    """A hostile answer of the registry: serials that do not grow would be read for ever."""
    from support.fake_registry import FakeRegistry
    with FakeRegistry() as fake:
        fake.answer("GET", "/v1/changes", {"changes": [{"serial": 0}] * 1000, "serial": 5, "epoch": "x"})
        done = registryctl("show", "shop", "--history", REGISTRYD_URL=fake.url)
    assert done.code == 4 and "the changes are missing" in done.err


def test_hold_and_unhold(daemon, settings, shop):
    def publish(version):
        daemon.put(f"/v1/packages/{shop}/releases/{version}", {
            "name": shop, "version": version, "entry_points": {GROUP: {shop: "shop:plugin"}}})

    for words, code, text in [((shop,), 2, "A reason is required"), ((), 2, "A reason is required"),
                              ((shop, "--group", GROUP, "--reason", "x"), 2, "Name either a package or"),
                              (("--reason", "x"), 2, "Name either a package or"),
                              ((f"{shop}==1.0", "--reason", "x"), 2, "whole package"),
                              (("no-such-shop", "--reason", "x"), 1, "no package")]:
        done = registryctl("hold", *words, **settings)
        assert done.code == code and text in done.err, (words, done.err)
    assert registryctl("hold", shop, "--reason", "under review", **settings).json["held"] is True
    publish("1.1")
    assert resolved(settings, shop) == ["1.0"]
    assert f"New releases of {shop} were already held" in on_terminal("hold", shop, "--reason", "under review", **settings).out
    assert f"New releases of {shop} are no longer held" in on_terminal("unhold", shop, **settings).out
    assert resolved(settings, shop) == ["1.1"]
    assert registryctl("hold", "--group", GROUP, "--reason", "freeze", **settings).json["group"] == GROUP
    publish("1.2")
    assert resolved(settings, shop) == ["1.1"]
    assert registryctl("unhold", "--group", GROUP, **settings).json["changed"] is True
    assert registryctl("unhold", "--group", GROUP, **settings).json["changed"] is False
    assert resolved(settings, shop) == ["1.2"]


def test_a_contract_can_be_tried(settings, daemon, tmp_path):
    group, schema = "life.tried", tmp_path / "schema.json"
    daemon.put("/v1/packages/tried-pkg/releases/1.0", {"name": "tried-pkg", "version": "1.0", "entry_points": {group: {"x": "p:x"}},
                                                       "manifests": {group: {"x": {"size": "big"}}}})
    schema.write_text('{"properties": {"size": {"type": "integer"}}}')
    done = registryctl("group", "set", group, "--manifest-schema", schema, "--dry-run", **settings)
    assert done.code == 1 and done.json["releases"]["failing"][0]["package"] == "tried-pkg"
    done = on_terminal("group", "set", group, "--manifest-schema", schema, "--dry-run", **settings)
    assert done.code == 1 and "tried-pkg 1.0" in done.out and f"/manifests/{group}/x/size" in done.out
    assert "1 of 1 releases and 0 of 0 settings of environments would fail." in done.out
    assert registryctl("group", "show", group, **settings).json["contract"] is None
    schema.write_text("{}")
    assert registryctl("group", "set", group, "--manifest-schema", schema, "--dry-run", **settings).code == 0
