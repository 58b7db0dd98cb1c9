# SPDX-License-Identifier: MIT
"""stevedore's managers, unchanged, from Debian: with registryclient.stevedore.install() they give what they
give without, whatever the mode, with every parameter and callback; and their entry points know where they
come from."""

import json
import subprocess

import pytest
from support.daemon import BUILD_DIR
from support.python_program import run_python
from support.sites import Site

MODES = ("walk", "walk-first", "registry-first", "registry", "compare")

TEXT = """
class Upper:
    def __init__(self, *args, **kwds):
        self.args, self.kwds = args, kwds
    def format(self, text, end=""):
        return text.upper() + end

class Lower(Upper):
    def format(self, text, end=""):
        if text == "raise":
            raise ValueError("asked to")
        return text.lower() + end

def plain(*args, **kwds):
    return ("plain", args, kwds)
"""

# What a program does with each manager: a dictionary of results that JSON can say.
PROGRAM = """
import json, logging, sys, warnings
INSTALL
from stevedore import (DriverManager, EnabledExtensionManager, ExtensionManager, HookManager,
                       NamedExtensionManager)
from stevedore.dispatch import DispatchExtensionManager, NameDispatchExtensionManager
from stevedore.extension import Extension

class Log(logging.Handler):
    def emit(self, record):
        told.append(record.levelname + " " + record.getMessage())
logging.getLogger("stevedore").addHandler(Log())
told, results = [], {}
NS = "demo.formatters"

def show(extension):
    obj = extension.obj
    made = [type(obj).__name__, list(obj.args), obj.kwds] if hasattr(obj, "args") else repr(obj)
    return [extension.name, extension.entry_point_target, extension.module_name, extension.attr,
            extension.plugin.__name__, made]

def listed(manager):
    return sorted(show(one) for one in manager)

def failed(manager, entry_point, error):
    told.append(["failed", type(manager).__name__, entry_point.name, type(error).__name__])

def missing(names):
    told.append(["missing", sorted(names)])

def check(extension):
    return extension.name != "lower"

def record(name, do):
    del told[:]
    try:
        result = do()
    except Exception as error:
        result = [type(error).__name__, str(error)]
    results[name] = [result, sorted(map(str, told))]

def extension_manager():
    manager = ExtensionManager(NS, invoke_on_load=True, invoke_args=(1,), invoke_kwds={"a": 2},
                               on_load_failure_callback=failed)
    named = [manager["upper"].name, "lower" in manager, "nobody" in manager, sorted(manager.names()),
             sorted(name for name, _ in manager.items()), sorted(manager.entry_points_names()),
             sorted(one.value for one in manager.list_entry_points())]
    return listed(manager), named

def mapped():
    manager = NamedExtensionManager(NS, ["lower", "upper"], invoke_on_load=True, name_order=True)
    return [manager.map(lambda one, text: one.obj.format(text), "Ab"), manager.map_method("format", "Ab", end="!"),
            manager.map_method("format", "raise")]

def dispatched():
    manager = DispatchExtensionManager(NS, check_func=lambda one: hasattr(one.plugin, "format"), invoke_on_load=True,
                                       on_load_failure_callback=failed)
    chosen = lambda one, *args, **kwds: one.name == "upper"
    return [manager.map(chosen, lambda one, text: one.obj.format(text), "x"),
            manager.map_method(chosen, "format", "x", end="?")]

def name_dispatched():
    manager = NameDispatchExtensionManager(NS, check_func=lambda one: hasattr(one.plugin, "format"), invoke_on_load=True,
                                           invoke_args=("z",), on_load_failure_callback=failed)
    return [manager.map(["lower", "nobody"], lambda one, text: one.obj.format(text), "X"),
            manager.map_method(["upper"], "format", "x")]

def driver(name, **more):
    manager = DriverManager(NS, name, invoke_on_load=True, invoke_args=("d",), **more)
    return [show(one) for one in manager], type(manager.driver).__name__, manager(lambda one: one.name)

def test_instances():
    made = Extension("fake", None, object, "fake")
    return [ExtensionManager.make_test_instance([made])["fake"].obj, DriverManager.make_test_instance(made).driver]

record("extension", extension_manager)
record("extension, callback left out", lambda: listed(ExtensionManager(NS)))
record("extension, empty namespace", lambda: listed(ExtensionManager("demo.nobody")))
record("enabled", lambda: listed(EnabledExtensionManager(NS, check, invoke_on_load=True, on_load_failure_callback=failed)))
record("named", lambda: listed(NamedExtensionManager(NS, ["upper", "nobody"], on_missing_entrypoints_callback=missing)))
record("named, warned", lambda: listed(NamedExtensionManager(NS, ["upper", "nobody"], warn_on_missing_entrypoint=True)))
record("named, order", lambda: NamedExtensionManager(NS, ["upper", "lower", "plain"], name_order=True).names())
record("named, mapped", mapped)
record("map, propagated", lambda: NamedExtensionManager(NS, ["lower"], invoke_on_load=True,
       propagate_map_exceptions=True).map_method("format", "raise"))
record("driver", lambda: driver("upper"))
record("driver, missing", lambda: driver("nobody"))
record("driver, broken", lambda: driver("broken"))
record("driver, broken, callback", lambda: driver("broken", on_load_failure_callback=failed))
record("hook", lambda: [sorted(map(show, HookManager(NS, "hook", invoke_on_load=True)["hook"])), listed(HookManager(NS, "nobody"))])
record("dispatch", dispatched)
record("name dispatch", name_dispatched)
record("test instances", test_instances)
record("examples of stevedore", lambda: listed(ExtensionManager("stevedore.example.formatter", on_load_failure_callback=failed)))
dists = {one.name: one.dist and [one.dist.metadata["Name"], one.dist.version]
         for one in ExtensionManager(NS, on_load_failure_callback=failed).list_entry_points()}
print(json.dumps([results, dists], sort_keys=True, default=str))
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder of distributions, and a snapshot of it and of Debian's packages."""
    site = Site(tmp_path_factory.mktemp("stevedore") / "site")
    group = "demo.formatters"
    site.add("demo-text", "1.2", {group: {"upper": "demo_text:Upper", "lower": "demo_text:Lower"}}, {"demo_text.py": TEXT})
    site.add("demo-plain", "0.3", {group: {"plain": "demo_plain:plain", "hook": "demo_plain:plain"}}, {"demo_plain.py": TEXT})
    site.add("demo-hook", "2.0", {group: {"hook": "demo_hook:plain"}}, {"demo_hook.py": TEXT})
    site.add("demo-broken", "0.1", {group: {"broken": "demo_not_there:Nothing"}})
    snapshot = site.folder.parent / "plugins.snapshot"
    subprocess.run([BUILD_DIR / "bin/registryctl", "snapshot", "build", snapshot, site.folder,
                    "/usr/lib/python3/dist-packages"], check=True, capture_output=True)  # fmt: skip
    return site.folder, snapshot


def run(place, install, **environment):
    site, snapshot = place
    done = run_python("-c", PROGRAM.replace("INSTALL", install), PYTHONPATH=site, REGISTRYD_SNAPSHOT=snapshot, **environment)
    return json.loads(done.out.splitlines()[-1])


@pytest.fixture(scope="module")
def without(place):
    """What stevedore does alone."""
    return run(place, "")


def test_the_program_uses_what_it_should(without):
    results, dists = without
    found, told = results["extension"]
    assert [one[0] for one in found[0]] == ["hook", "hook", "lower", "plain", "upper"]
    assert told == ["['failed', 'ExtensionManager', 'broken', 'ModuleNotFoundError']"]
    assert results["driver, missing"][0][0] == "NoMatches" and results["driver, broken"][0][0] == "ModuleNotFoundError"
    assert len(results["hook"][0][0]) == 2 and len(results["examples of stevedore"][0]) >= 1
    assert set(dists.values()) == {None}


@pytest.mark.parametrize("mode", MODES)
def test_every_manager_gives_the_same(place, without, mode):
    results, dists = run(place, f"import registryclient.stevedore as ours; ours.install(mode={mode!r})")
    assert results == without[0]
    assert {name: dists[name] for name in ("upper", "plain", "broken")} == {
        "upper": ["demo-text", "1.2"], "plain": ["demo-plain", "0.3"], "broken": ["demo-broken", "0.1"]}  # fmt: skip


def test_the_registry_answers_when_the_distributions_are_hidden(place, without, tmp_path):
    site, snapshot = place
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    for path in site.glob("*.py"):
        (hidden / path.name).symlink_to(path)
    results, _ = run((hidden, snapshot), "import registryclient.stevedore as ours; ours.install(mode='registry')")
    assert results == without[0]
    results, _ = run((hidden, snapshot), "")
    assert results["extension, callback left out"][0] == []


def script(place, text, **environment):
    return run_python("-c", text, PYTHONPATH=place[0], REGISTRYD_SNAPSHOT=place[1], **environment).out.splitlines()


SWITCH = """
import registryclient.stevedore as ours
from stevedore import ExtensionManager, _cache
def has_dist():
    return {one.dist is not None for one in ExtensionManager("demo.formatters").list_entry_points()}
originals = _cache.get_group_all, _cache.get_group_named, _cache.get_single
print(ours.installed(), has_dist())
ours.install(mode="registry"); ours.install()
print(ours.installed(), has_dist())
ours.uninstall(); ours.uninstall()
print(ours.installed(), has_dist(), originals == (_cache.get_group_all, _cache.get_group_named, _cache.get_single))
"""


def test_it_can_be_switched_on_and_off(place):
    assert script(place, SWITCH) == ["False {False}", "True {True}", "False {False} True"]


SINGLE = """
import os, registryclient.stevedore as ours
ours.install(mode="registry", groups=["demo.formatters"])
from stevedore import _cache
print(_cache.get_single("demo.formatters", "upper").value)
print(sorted(_cache.get_group_named("demo.formatters")))
print(len(_cache.get_group_all("demo.formatters", path=[])), len(_cache.get_group_all("stevedore.example.formatter")))
try:
    _cache.get_single("demo.formatters", "nobody")
except ValueError as error:
    print(error)
"""


def test_the_functions_below_the_managers(place):
    assert script(place, SINGLE) == [
        "demo_text:Upper", "['broken', 'hook', 'lower', 'plain', 'upper']", "6 3",
        "No entrypoint 'nobody' in group 'demo.formatters'",
    ]  # fmt: skip


def test_a_registry_that_is_away_changes_nothing(place, without):
    results, _ = run((place[0], "/nowhere.snapshot"), "import registryclient.stevedore as ours; ours.install(mode='registry')")
    assert results == without[0]


FAULT = """
import warnings, registryclient, registryclient.stevedore as ours
from stevedore import ExtensionManager
ours.install(mode="registry")
def fail(**params):
    raise RuntimeError("a fault")
registryclient.entry_points = fail
with warnings.catch_warnings(record=True) as told:
    print(sorted(ExtensionManager("demo.formatters").names()), [str(one.message) for one in told])
"""


def test_a_fault_is_a_warning_and_stevedore_looks_itself(place):
    names = ["hook", "hook", "lower", "plain", "upper"]
    warning = "registryclient does not answer for demo.formatters, stevedore looks itself: RuntimeError('a fault')"
    assert script(place, FAULT) == [f"{names} {[warning]}"]


NAMES = """
INSTALL
from stevedore import ExtensionManager
import registryclient
print(sorted(ExtensionManager("demo.formatters").names()), [one.where for one in registryclient.diagnostics() if one.is_error])
"""


@pytest.mark.parametrize("mode", MODES)
def test_one_broken_distribution_stops_no_manager(place, tmp_path, mode):
    broken = Site(tmp_path / "broken").add("bad", "1.0", {"demo.formatters": {"bad": "bad:x"}})
    (broken / "entry_points.txt").write_bytes(b"[demo.formatters]\nb\xff = bad:x\n")
    install = f"import registryclient.stevedore as ours; ours.install(mode={mode!r})"
    cache = tmp_path / "cache"
    cache.mkdir()
    options = {"PYTHONPATH": f"{broken.parent}:{place[0]}", "REGISTRYD_SNAPSHOT": place[1], "XDG_CACHE_HOME": cache}
    told = run_python("-c", NAMES.replace("INSTALL", install), **options).out
    assert told.startswith("['hook', 'hook', 'lower', 'plain', 'upper'] ")
    assert ("bad-1.0.dist-info" in told) == (mode != "registry")  # where nobody walks, nobody sees it
    assert list(cache.iterdir()) == []
    alone = run_python("-c", NAMES.replace("INSTALL", ""), code=1, **options)
    assert "UnicodeDecodeError" in alone.err
