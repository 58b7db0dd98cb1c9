# SPDX-License-Identifier: MIT
"""registryctl find, alias, deprecate --entry-point, environment … --entry-point and group set --deprecated against a real
registry; and what hosts get of it: look-ups by an old name in the drop-in, in Registry and in C, online and offline."""

import json

import pytest
from support.daemon import Daemon
from support.c_program import installed_program
from support.python_program import run_python
from support.registryctl import in_pipe, on_terminal, registryctl

GROUP = "entries.plugins"
PACKAGE = "entries-shop"


@pytest.fixture(scope="module")
def daemon():
    with Daemon() as running:
        document = {"name": PACKAGE, "version": "1.0", "entry_points": {GROUP: {"cart": "shop.cart:Cart", "till": "shop.till:Till"}}}
        answer = running.put(f"/v1/packages/{PACKAGE}/releases/1.0", document)
        assert answer.status == 201, answer.body
        yield running


@pytest.fixture(scope="module")
def settings(daemon):
    return {"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": daemon.admin_token}


def ok(*words, **settings):
    done = registryctl(*words, **settings)
    assert done.code == 0, done.err
    return done.json


def names(settings, environment="default"):
    return [one["name"] for one in ok("--environment", environment, "resolve", GROUP, **settings)]


def test_find(settings):
    assert [one["name"] for one in ok("find", "--module", "shop.cart", **settings)] == ["cart"]
    assert [one["name"] for one in ok("find", "--value", "Till", "--group", GROUP, **settings)] == ["till"]
    assert [one["value"] for one in ok("find", "--package", PACKAGE, **settings)] == ["shop.cart:Cart", "shop.till:Till"]
    assert ok("find", "--name", "nobody", **settings) == []
    assert registryctl("find", "--name", "nobody", "--require", **settings).code == 1
    done = registryctl("find", **settings)
    assert done.code == 2 and "--module" in done.err
    shown = on_terminal("find", "--group", GROUP, "--limit", "1", **settings).out
    assert "shop.cart:Cart" in shown and "Till" not in shown and "Use --limit" in shown
    assert "No entry points match." in on_terminal("find", "--name", "nobody", **settings).out
    code = "import json, registryclient; print(json.dumps([one['name'] for one in registryclient.find(module='shop.till')]))"
    assert json.loads(run_python("-c", code, REGISTRYD_URL=settings["REGISTRYD_URL"]).out) == ["till"]


def test_an_environment_decides_about_one(settings):
    ok("environment", "create", "one", **settings)
    entry = f"{GROUP}:till"
    assert "disabled entries.plugins:till" in ok("environment", "disable", "one", PACKAGE, "--entry-point", entry, **settings)["summary"]
    assert names(settings, "one") == ["cart"] and names(settings) == ["cart", "till"]
    ok("environment", "enable", "one", PACKAGE, "--entry-point", entry, **settings)
    ok("environment", "pin", "one", PACKAGE, "<1", "--entry-point", entry, **settings)
    assert names(settings, "one") == []
    ok("environment", "unpin", "one", PACKAGE, "--entry-point", entry, **settings)
    assert names(settings, "one") == ["cart", "till"]
    done = registryctl("environment", "disable", "one", PACKAGE, "--entry-point", "no-colon", **settings)
    assert done.code == 2 and "GROUP:NAME" in done.err


def test_deprecate_one_and_a_group(settings):
    entry = f"{GROUP}:till"
    made = ok("deprecate", PACKAGE, "--entry-point", entry, "--reason", "Too slow", "--replaced-by", f"{PACKAGE}:{GROUP}:cart", **settings)
    assert (made["deprecated"], made["successor"]) == (True, f"{PACKAGE}:{GROUP}:cart")
    warned = {one["name"]: [w["hint"] for w in one["warnings"]] for one in ok("resolve", GROUP, **settings)}
    assert warned == {"cart": [], "till": [f"Use {PACKAGE}:{GROUP}:cart instead"]}
    assert registryctl("deprecate", PACKAGE, "--entry-point", entry, **settings).code == 2, "a reason is required"
    assert ok("deprecate", PACKAGE, "--entry-point", entry, "--undo", **settings)["deprecated"] is False
    ok("group", "set", GROUP, "--deprecated", "Moved", "--successor", "next.plugins", **settings)
    assert "next.plugins" in on_terminal("group", "show", GROUP, **settings).out
    told = in_pipe("discover", GROUP, "--mode", "registry", "--format", "json", **settings).err
    assert f"The group {GROUP} is deprecated: Moved" in told and "Use the group next.plugins instead" in told
    done = registryctl("group", "set", GROUP, "--successor", "x", **settings)
    assert done.code == 2
    ok("group", "set", GROUP, "--deprecated", "none", **settings)
    assert ok("group", "show", GROUP, **settings)["contract"]["deprecated"] is None


LOOK_UP = f"""
import json, registryclient
from registryclient import Registry
def told(found):
    return [[one.name, one.value, [w.code for w in one.registry.warnings]] for one in found]
print(json.dumps([
    told(registryclient.entry_points(group="{GROUP}", name="basket")),
    told(registryclient.entry_points(group="{GROUP}", name="cart")),
    told(registryclient.entry_points(group="{GROUP}", name="nothing")),
    [one.name for one in registryclient.entry_points(group="{GROUP}")],
    sorted(one.code for one in registryclient.diagnostics())]))
"""
ONLINE = f"""
import json
from registryclient import Registry
registry = Registry()
for mode in ("registry", "registry-first", "walk-first"):
    registry.mode = mode
    print(json.dumps([[one.name, [w.code for w in one.registry.warnings]] for name in ("basket", "cart", "nothing")
                      for one in registry.entry_points(group="{GROUP}", name=name)]))
"""


@pytest.fixture
def renamed(settings):
    made = ok("alias", PACKAGE, f"{GROUP}:basket", "cart", **settings)
    yield made
    ok("alias", PACKAGE, f"{GROUP}:basket", "--undo", **settings)


def test_alias_command(settings, renamed):
    assert (renamed["name"], renamed["to"]) == ("basket", "cart")
    assert [(one["name"], one["to"]) for one in ok("alias", **settings)] == [("basket", "cart")]
    assert "basket" in on_terminal("alias", **settings).out
    done = registryctl("alias", PACKAGE, f"{GROUP}:till", "cart", **settings)
    assert done.code == 3 and "no longer used" in done.err
    assert registryctl("alias", PACKAGE, f"{GROUP}:x", **settings).code == 2
    ok("alias", PACKAGE, f"{GROUP}:bag", "cart", "--as-group", **settings)
    assert ok("alias", PACKAGE, f"{GROUP}:bag", "--as-group", "--undo", **settings)["changed"] is True


@pytest.mark.parametrize("engine", ["native", "pure"])
@pytest.mark.parametrize("mode", ["walk", "walk-first", "registry-first", "registry", "compare"])
def test_a_look_up_by_the_old_name(settings, renamed, tmp_path, mode, engine):
    more = {"REGISTRYD_URL": settings["REGISTRYD_URL"], "REGISTRYD_CACHE_DIR": tmp_path, "REGISTRYD_PYTHON_ENGINE": engine}
    run_python("-c", "import registryclient; assert registryclient.Registry().refresh()", **more)
    more["REGISTRYD_URL"] = settings["REGISTRYD_URL"]
    old, new, nothing, all_names, told = json.loads(run_python("-c", LOOK_UP, REGISTRYD_MODE=mode, **more).out)
    if mode in ("walk", "compare"):  # the installed distributions answer, and none has such a plugin
        assert old == new == nothing == all_names == []
        return
    assert old == [["cart", "shop.cart:Cart", ["alias"]]] and new == [["cart", "shop.cart:Cart", []]]
    assert nothing == [] and all_names == ["cart", "till"], "a list has each plugin once"
    assert told.count("alias") == 1
    for line in run_python("-c", ONLINE, **more).out.splitlines():
        assert json.loads(line) == [["cart", ["alias"]], ["cart", []]]


def test_a_look_up_in_c(settings, renamed, tmp_path):
    looker = installed_program(tmp_path, "looker")
    more = {"REGISTRYD_CACHE_DIR": tmp_path / "cache"}
    expected = ["snapshot cart cart -", "snapshot basket cart alias", "snapshot nothing not-found",
                "answer cart cart -", "answer basket cart alias", "answer nothing -"]  # fmt: skip
    assert looker(settings["REGISTRYD_URL"], GROUP, "cart", "basket", "nothing", **more) == expected
