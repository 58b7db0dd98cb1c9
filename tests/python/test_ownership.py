# SPDX-License-Identifier: MIT
"""A record loads only what belongs to it: the modules of its installed package, or of the root that it was
found in. Each situation is one record of a registry's snapshot, loaded in the mode `registry`."""

import glob
import json
import py_compile
import shutil
import sys
import zipfile

import pytest
from support import python
from support.snapshot_file import snapshot

SOURCE = "class Plugin:\n    pass\n"
LOADED = "class:Plugin"
MISSING, REFUSED = "ModuleNotFoundError", "ImportError"

# name -> (value, package, what comes of loading it, a part of the message)
SITUATIONS = {
    "a module of a wheel": ("plain:Plugin", "plain", LOADED, ""),
    "a module without an attribute": ("plain", "plain", "module:plain", ""),
    "a package": ("pack:Plugin", "pack", LOADED, ""),
    "a module in a package": ("pack.inner.deep:Plugin", "pack", LOADED, ""),
    "extras in the value": ("plain:Plugin [fast]", "plain", LOADED, ""),
    "another version than the record's": ("plain:Plugin", "plain", LOADED, ""),
    "a name in another spelling": ("mixed:Plugin", "mixed-case-pack", LOADED, ""),
    "a path in quotes in RECORD": ("quoted:Plugin", "quoted", LOADED, ""),
    "imported before, its own": ("already:Plugin", "already", LOADED, ""),
    "a folder that is a link": ("linked.part:Plugin", "linked", LOADED, ""),
    "an identifier with combining marks": ("हिन्दी:चलाओ", "hindi", "function:चलाओ", ""),
    "a namespace package, its part": ("plugins.alpha:Plugin", "ns-alpha", LOADED, ""),
    "a namespace package, another's part": ("plugins.beta:Plugin", "ns-alpha", REFUSED, "RECORD"),
    "a namespace package itself": ("plugins", "ns-alpha", "module:plugins", ""),
    "an extension module": ("extension._queue:SimpleQueue", "extension", "class:SimpleQueue", ""),
    "bytecode alone": ("bytecode:Plugin", "bytecode", LOADED, ""),
    "bytecode alone, the source in RECORD": ("stripped:Plugin", "stripped", LOADED, ""),
    "in a zip file": ("zipped.part:Plugin", "zipped", LOADED, ""),
    "in a zip file, a stranger's module": ("os:system", "zipped", REFUSED, "RECORD"),
    "an egg-info with top_level.txt": ("egg:Plugin", "egg", LOADED, ""),
    "an egg-info, not in top_level.txt": ("plain:Plugin", "egg", REFUSED, "top_level.txt"),
    "no RECORD, in its folder": ("recordless:Plugin", "recordless", LOADED, ""),
    "no RECORD, of the standard library": ("shutil:rmtree", "recordless", REFUSED, "does not lie in"),
    "no RECORD, in another folder": ("elsewhere:Plugin", "recordless", REFUSED, "does not lie in"),
    "editable, in its source": ("editable.part:Plugin", "editable", LOADED, ""),
    "editable, in another folder": ("elsewhere:Plugin", "editable", REFUSED, "source folder"),
    "editable, an environment in its folder": ("intruder:Plugin", "editable", REFUSED, "source folder"),
    "editable, of the standard library": ("os:system", "editable", REFUSED, "source folder"),
    "installed from a folder, not editable": ("elsewhere:Plugin", "copied", REFUSED, "RECORD"),
    "os:system, not installed": ("os:system", "stranger", MISSING, "pip install"),
    "os:system of an installed package": ("os:system", "plain", REFUSED, "RECORD"),
    "os:system in its own RECORD": ("os:system", "os-twin", REFUSED, "RECORD"),
    "built into Python": ("builtins:exec", "plain", REFUSED, "RECORD"),
    "built into Python, not installed": ("sys:exit", "stranger", MISSING, "not installed"),
    "the program itself": ("__main__:say", "plain", REFUSED, "RECORD"),
    "imported before, another's": ("json:loads", "plain", REFUSED, "RECORD"),
    "of another installed package": ("plain:Plugin", "pack", REFUSED, "RECORD"),
    "a script": ("tool:main", "scripted", REFUSED, "RECORD"),
    "shadowed by another folder": ("shadowed:Plugin", "shadowed", REFUSED, "Python takes it from"),
    "its metadata are gone": ("leftover:Plugin", "leftover", MISSING, "not installed"),
    "not installed, and nowhere": ("far_away:Plugin", "far-away", MISSING, "No module named 'far_away'"),
    "not installed, its parent is there": ("danger.inner:x", "far-away", MISSING, "allow_uninstalled=True"),
    "installed, and lacks its module": ("gone:Plugin", "lacking", MISSING, "No module named 'gone'"),
    "a module in another case": ("PLAIN:Plugin", "plain", MISSING, "No module named 'PLAIN'"),
    "an attribute that is not there": ("plain:Nothing", "plain", "AttributeError", "Nothing"),
    "a module that fails": ("failing:Plugin", "failing", "ZeroDivisionError", ""),
    "no package at all": ("os:system", None, REFUSED, "names no package"),
    "no reference": ("not a module:x", "plain", "AttributeError", "not an object reference"),
}

CODE = """
import json, os, sys
sys.path[1:1] = []
import registryclient
registryclient.configure(mode="registry", **json.loads(sys.argv[1]))
import already
def say(value):
    print(json.dumps(value))
found = {}
for one in registryclient.entry_points(group="a.group"):
    try:
        loaded = one.load()
        kind = {"type": "class", "builtin_function_or_method": "function"}.get(type(loaded).__name__, type(loaded).__name__)
        found[one.name] = [f"{kind}:{loaded.__name__}", ""]
    except BaseException as error:
        found[one.name] = [type(error).__name__, str(error)]
say([found, "danger" in sys.modules])
"""


def distribution(site, name, *paths, record=(), metadata=True, **more):
    files = {path: SOURCE for path in paths}
    folder = python.make_distribution(site, name, files={**files, **more}, metadata=metadata)
    if record:
        (folder / "RECORD").write_text("".join(f"{path},,\n" for path in record))
    return folder


def editable(folder, source, is_editable=True):
    url = "file://" + str(source).replace(" ", "%20")
    (folder / "direct_url.json").write_text(json.dumps({"url": url, "dir_info": {"editable": is_editable}}))


def write(folder, path, text=SOURCE):
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text)


def install_wheels(site):
    distribution(site, "plain", "plain.py")
    distribution(site, "pack", "pack/__init__.py", "pack/inner/__init__.py", "pack/inner/deep.py")
    distribution(site, "Mixed_Case.Pack", "mixed.py")
    distribution(site, "quoted", "quoted.py", record=['"odd, folder/x.py"', "quoted.py"])
    distribution(site, "already", "already.py")
    distribution(site, "hindi", **{"हिन्दी/__init__.py": "def चलाओ():\n    pass\n"})
    distribution(site, "ns-alpha", "plugins/alpha.py")
    distribution(site, "ns-beta", "plugins/beta.py")
    distribution(site, "failing", **{"failing.py": "1 / 0\n"})
    distribution(site, "lacking", "lacking.py")
    distribution(site, "scripted", record=["../bin/tool.py", "scripted-1.0.data/scripts/tool.py"])
    distribution(site, "shadowed", "shadowed.py")
    distribution(site, "leftover", "leftover.py", metadata=False)
    distribution(site, "os-twin", record=["os.py"])


def install_odd_files(site, base):
    shutil.move(site / "quoted.py", base / "keep.py")
    shutil.move(base / "keep.py", site / "quoted.py")
    write(base, "cache/linked/part.py")
    (site / "linked").symlink_to(base / "cache/linked")
    distribution(site, "linked", record=["linked/part.py"])
    (extension,) = glob.glob(f"/usr/lib/python3.*/lib-dynload/_queue.cpython-{sys.version_info[0]}{sys.version_info[1]}-*.so")
    distribution(site, "extension", "extension/__init__.py")
    shutil.copy(extension, site / "extension")
    name = extension.rpartition("/")[2]
    (site / "extension-1.0.dist-info/RECORD").write_text(f"extension/__init__.py,,\nextension/{name},,\n")
    for name, listed in (("bytecode", "bytecode.pyc"), ("stripped", "stripped.py")):
        write(base, f"{name}.py")
        py_compile.compile(str(base / f"{name}.py"), cfile=str(site / f"{name}.pyc"))
        distribution(site, name, record=[listed])


def install_without_record(site, base):
    folder = distribution(site, "recordless", "recordless.py")
    (folder / "RECORD").unlink()
    write(site, "egg.py")
    write(site, "egg-1.0.egg-info/PKG-INFO", "Metadata-Version: 2.1\nName: egg\nVersion: 1.0\n")
    write(site, "egg-1.0.egg-info/top_level.txt", "egg\n")
    source = base / "my source"
    write(source, "editable/part.py")
    write(source, ".venv/lib/python3/site-packages/intruder.py")
    editable(distribution(site, "editable", record=["__editable__.editable.pth"]), source)
    editable(distribution(site, "copied", record=["copied.py"]), base / "elsewhere", is_editable=False)
    with zipfile.ZipFile(base / "zipped.zip", "w") as archive:
        archive.writestr("zipped/__init__.py", "")
        archive.writestr("zipped/part.py", SOURCE)
        archive.writestr("zipped-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: zipped\nVersion: 1.0\n")
        archive.writestr("zipped-1.0.dist-info/RECORD", "zipped/part.py,,\n")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A site with every kind of distribution, other folders on the path, and the snapshot."""
    base = tmp_path_factory.mktemp("place")
    site = base / "site"
    site.mkdir()
    install_wheels(site)
    install_odd_files(site, base)
    install_without_record(site, base)
    write(base, "front/shadowed.py")
    write(base, "elsewhere/elsewhere.py")
    write(base, "elsewhere/danger/__init__.py")
    write(base, "elsewhere/danger/inner.py", "x = 1\n")
    write(base, "bin/tool.py", "def main():\n    pass\n")
    records = [{"name": name, "value": value, "package": package, "version": "2.0" if "version" in name else "1.0",
                "source": "registry", "origin": f"/v1/packages/{package}"}
               for name, (value, package, _, _) in SITUATIONS.items()]  # fmt: skip
    (base / "plugins.snapshot").write_bytes(snapshot({"a.group": records}))
    return base


def run(place, code, *arguments, **more):
    folders = ["front", "site", "zipped.zip", "elsewhere", "bin", "my source",
               "my source/.venv/lib/python3/site-packages"]  # fmt: skip
    done = python.run(code, *arguments, path=[place / folder for folder in folders],
                      **{"REGISTRYD_SNAPSHOT": place / "plugins.snapshot", **more})  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def outcomes(place):
    ((found, imported),) = run(place, CODE, "{}")
    assert not imported, "the parent of a module that may not be loaded was imported"
    return found


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_record_loads_what_belongs_to_it_and_nothing_else(outcomes, name):
    _, package, expected, part = SITUATIONS[name]
    outcome, message = outcomes[name]
    assert outcome == expected, message
    assert part in message and "NoneType" not in message
    if outcome in (MISSING, REFUSED) and package and "lacks" not in name and "case" not in name:
        assert "pip install" in message and package in message, message


def test_every_other_python_decides_alike(place, outcomes):
    for program in python.others().values():
        done = python.run(CODE, '{"allow_uninstalled": false}', python=program, path=[place / "site"],
                          REGISTRYD_SNAPSHOT=place / "plugins.snapshot")  # fmt: skip
        found, _ = json.loads(done.stdout)
        for name in ("a module of a wheel", "os:system, not installed", "os:system of an installed package"):
            assert found[name][0] == outcomes[name][0], program


def test_allow_uninstalled_is_for_source_trees(place):
    ((found, _),) = run(place, CODE, '{"allow_uninstalled": true}')
    assert found["of another installed package"][0] == LOADED
    assert found["not installed, its parent is there"][0] == "AttributeError" or found["not installed, its parent is there"][1] == ""
    assert found["not installed, and nowhere"][0] == MISSING and "pip install" in found["not installed, and nowhere"][1]


PER_CALL = """
import copy, json, os, pickle, sys
import registryclient
registryclient.configure(mode="registry")
def outcome(load, **more):
    try:
        return load(**more).__name__
    except Exception as error:
        return type(error).__name__
one = registryclient.entry_points(group="a.group")["os:system, not installed"]
ours = [outcome(one.load), outcome(one.registry.load), outcome(one.dist.entry_points[one.name].load),
        outcome(pickle.loads(pickle.dumps(one)).load), outcome(copy.deepcopy(one).load),
        outcome(pickle.loads(pickle.dumps(one.registry)).load)]
print(json.dumps([ours, outcome(one.load, allow_uninstalled=True), outcome(one.registry.load, allow_uninstalled=True)]))
registryclient.install("registry")
from importlib.metadata import distributions, entry_points
(one,) = entry_points(group="a.group", name="os:system, not installed")
(same,) = (found for dist in distributions() for found in dist.entry_points if found.name == one.name)
theirs = [outcome(one.load), outcome(same.load), outcome(pickle.loads(pickle.dumps(one)).load)]
print(json.dumps([theirs, outcome(one.load, allow_uninstalled=True), pickle.loads(pickle.dumps(one)) == one]))
registryclient.install("registry", allow_uninstalled=True)
(one,) = entry_points(group="a.group", name="os:system, not installed")
print(json.dumps(outcome(one.load)))
"""


def test_every_way_to_an_entry_point_is_bound(place):
    ours, theirs, allowed = run(place, PER_CALL)
    assert ours == [[MISSING] * 6, "system", "system"]
    assert theirs == [[MISSING] * 3, "system", True] and allowed == "system"


# ---- walked records are bound to their root ----

WALKED = """
import json, sys
from registryclient import Registry
found = {}
for record in Registry(roots=[("mine", sys.argv[1])]).walk():
    for allow in (None, True):
        try:
            found.setdefault(record.name, []).append(record.load(allow_uninstalled=allow).__name__)
        except Exception as error:
            found.setdefault(record.name, []).append(f"{type(error).__name__}: {error}")
print(json.dumps(found))
"""


def test_a_walked_record_loads_from_below_its_root_alone(tmp_path):
    root = tmp_path / "root"
    entries = "[a.group]\ngood = good:Plugin\nbad = os:system\nother = beside:Plugin\nbuilt = sys:exit\n"
    python.make_distribution(root, "mine", entry_points=entries, files={"good.py": SOURCE})
    write(tmp_path, "next/beside.py")
    done = python.run(WALKED, root, path=[root, tmp_path / "next"])
    found = json.loads(done.stdout)
    assert found["good"] == ["Plugin", "Plugin"]
    for name in ("bad", "other", "built"):
        assert all(one.startswith("ImportError: ") and "was not loaded" in one for one in found[name]), found[name]


HOST = """
import json, sys
from registryclient import Registry
told = {}
for one in Registry(roots=[sys.argv[1]], mode="registry").load_all("fastcms.plugins"):
    told[one.name] = one.plugin.__name__ if one.ok else one.message
print(json.dumps(told))
"""


def test_a_registry_loads_from_the_roots_what_a_walk_finds_there(tmp_path):
    """A host's plugins lie in its roots and are no distributions. A record that names another module of
    the roots, or of Python, is a stranger's."""
    from support.fake_registry import FakeRegistry

    meta = "PLUGIN_META = {'id': 'hello', 'name': 'Hello', 'version': '1.0'}\ndef register(ctx):\n    pass\n"
    write(tmp_path, "plugins/hello/__init__.py", meta)
    write(tmp_path, "plugins/secrets_of_the_host.py", "def register(ctx):\n    pass\n")
    values = {"hello": "plugins.hello:register", "thief": "plugins.secrets_of_the_host:register", "stranger": "os:system"}
    records = [{"group": "fastcms.plugins", "name": name, "value": value, "package": name, "version": "1.0",
                "source": "registry", "label": None, "origin": "/v1/packages/x", "manifest": None, "warnings": [],
                "errors": [], "shadowed_by": None} for name, value in values.items()]  # fmt: skip
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": records})
        told = json.loads(python.run(HOST, tmp_path / "plugins", path=[tmp_path], REGISTRYD_URL=registry.url).stdout)
    assert told["hello"] == "register"
    assert "not installed" in told["thief"] and "not installed" in told["stranger"]


# ---- bulk loading leaves a refused record out ----

PLUGGY = """
import json, sys, warnings
sys.path.append("/usr/lib/python3/dist-packages")
import registryclient
if sys.argv[1] == "before":
    import pluggy
registryclient.install("registry")
import pluggy
manager = pluggy.PluginManager("a")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    count = manager.load_setuptools_entrypoints("b.group")
print(json.dumps([count, sorted(name for name, _ in manager.list_name_plugin()), [str(one.message) for one in caught]]))
registryclient.uninstall()
print(json.dumps(pluggy.PluginManager.load_setuptools_entrypoints.__module__))
"""
STEVEDORE = """
import json, sys, warnings
sys.path.append("/usr/lib/python3/dist-packages")
import registryclient.stevedore
registryclient.stevedore.install("registry")
from stevedore import DriverManager, ExtensionManager, NamedExtensionManager
def fail(manager, entry_point, error):
    raise error
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(json.dumps(sorted(ExtensionManager("b.group", on_load_failure_callback=fail).names())))
    print(json.dumps(sorted(NamedExtensionManager("b.group", ["good", "bad"], on_load_failure_callback=fail).names())))
    print(json.dumps([str(one.message) for one in caught if "registryclient" in str(one.filename) or "left out" in str(one.message)]))
try:
    DriverManager("b.group", "bad")
except Exception as error:
    print(json.dumps(str(error)))
registryclient.stevedore.uninstall()
print(json.dumps(ExtensionManager.list_entry_points.__module__))
"""


@pytest.fixture(scope="module")
def bulk(place):
    records = [{"name": name, "value": value, "package": package, "version": "1.0", "source": "registry"}
               for name, value, package in (("good", "plain", "plain"), ("bad", "os:system", "stranger"), ("more", "pack", "pack"))]
    (place / "bulk.snapshot").write_bytes(snapshot({"b.group": records}))
    return place


@pytest.mark.parametrize("when", ["before", "after"])
def test_pluggy_loads_the_others_with_a_warning(bulk, when):
    (count, names, told), module = run(bulk, PLUGGY, when, REGISTRYD_SNAPSHOT=bulk / "bulk.snapshot")
    assert (count, names) == (2, ["good", "more"])
    (warning,) = told
    assert "'bad'" in warning and "stranger 1.0" in warning and "pip install" in warning
    assert module.startswith("pluggy")


def test_stevedore_loads_the_others_with_a_warning(bulk):
    names, named, told, driver, module = run(bulk, STEVEDORE, REGISTRYD_SNAPSHOT=bulk / "bulk.snapshot")
    assert (names, named) == (["good", "more"], ["good"])
    assert len(told) == 1 and "'bad'" in told[0]
    assert "pip install" in driver  # one driver: its error says what to do
    assert module.startswith("stevedore")


# ---- folders with hyphens ----

HYPHENS = """
import json, os, sys
from registryclient import Registry
from registryclient.hosts.honeyframe import discover_plugins
registry = Registry(mode="registry", roots=map(tuple, json.loads(sys.argv[1])))
found = {}
for one in registry.discover("honeyframe.plugins"):
    try:
        loaded = one.load().__name__
    except Exception as error:
        loaded = f"{type(error).__name__}: {error}"
    found[one.name] = [one.refusal, os.path.basename(one.root or ""), loaded]
rows = {plugin.name: [plugin.state, plugin.root.name] for plugin in discover_plugins(registry)}
print(json.dumps([found, rows]))
"""
SLUGS = {  # name -> (package, value)
    "my-crm": ("my-crm", "plugins.my_crm:manifest"),  # plugins/my-crm alone
    "both-here": ("both", "plugins.both_here:manifest"),  # one package with plugins/both-here and plugins/both_here
    "both_here": ("both", "plugins.both_here:manifest"),
    "a-b_c": ("mixed", "plugins.a_b_c:manifest"),
    "deep-one": ("deep", "plugins.inner.deep_one:manifest"),
    "plain-one": ("plain-one", "plugins.plain_one:manifest"),  # its wheel has the folder with underscores
    "not-mine": ("stranger", "plugins.not_mine:manifest"),  # the folder is of another package
    "tool-one": ("scripted", "tool_one:manifest"),  # a script, no module
    "far-away": ("far-away", "plugins.far_away:manifest"),  # not installed
    "in-root": ("in-root", "plugins.in_root:manifest"),  # a host's root has it, when there is one
    "in_root": ("in_root", "plugins.in_root:manifest"),
}  # fmt: skip
MODULE = "class manifest:\n    pass\nmanifest.__name__ = __name__\n"


def hyphenated_site(base):
    def folders(*paths):
        return {f"{path}/__init__.py": MODULE for path in paths}

    site = base / "site"
    site.mkdir()
    distribution(site, "my-crm", **folders("plugins/my-crm"))
    distribution(site, "both", **folders("plugins/both-here", "plugins/both_here"))
    distribution(site, "mixed", **folders("plugins/a-b_c"))
    distribution(site, "deep", **folders("plugins/inner/deep-one"))
    distribution(site, "plain-one", **folders("plugins/plain_one"))
    distribution(site, "owner", **folders("plugins/not-mine"))
    distribution(site, "stranger", "stranger.py")
    distribution(site, "scripted", record=["../../bin/tool-one", "scripted-1.0.data/scripts/tool-one"])
    records = [{"name": name, "value": value, "package": package, "version": "1.0", "source": "registry",
                "origin": f"/v1/packages/{package}", "manifest": json.dumps({"name": name, "version": "1.0"})}
               for name, (package, value) in SLUGS.items()]  # fmt: skip
    (base / "plugins.snapshot").write_bytes(snapshot({"honeyframe.plugins": records}))
    return site


@pytest.mark.parametrize("engine", ["native", "pure"])
def test_a_folder_with_hyphens_belongs_to_the_package_whose_record_lists_it(tmp_path, engine):
    site = hyphenated_site(tmp_path)
    done = python.run(HYPHENS, "[]", path=[site], REGISTRYD_SNAPSHOT=tmp_path / "plugins.snapshot", REGISTRYD_PYTHON_ENGINE=engine)
    found, rows = json.loads(done.stdout)
    good = {"my-crm": "plugins.my-crm", "both-here": "plugins.both-here", "both_here": "plugins.both_here", "a-b_c": "plugins.a-b_c",
            "deep-one": "plugins.inner.deep-one", "plain-one": "plugins.plain_one"}  # fmt: skip
    for name, module in good.items():
        assert found[name] == [None, module.rpartition(".")[2], module]
        assert rows[name] == ["ok", module.rpartition(".")[2]]
    for name, part in (("not-mine", "RECORD"), ("tool-one", "tool"), ("far-away", "pip install")):
        refusal, _, loaded = found[name]
        assert part in refusal and rows[name][0] == "error", found[name]
        assert loaded.startswith((REFUSED, MISSING)), loaded


def test_a_root_has_one_folder_with_hyphens_and_one_without(tmp_path):
    site = hyphenated_site(tmp_path)
    for name in ("in-root", "in_root"):
        write(tmp_path / "home/plugins", f"{name}/plugin.yaml", f"name: {name}\nversion: '1.0'\n")
        write(tmp_path / "home/plugins", f"{name}/__init__.py", MODULE)
    roots = json.dumps([["install", str(tmp_path / "home/plugins")]])
    done = python.run(HYPHENS, roots, path=[site, tmp_path / "home"], REGISTRYD_SNAPSHOT=tmp_path / "plugins.snapshot")
    found, rows = json.loads(done.stdout)
    for name in ("in-root", "in_root"):
        assert found[name] == [None, name, f"plugins.{name}"]
        assert rows[name] == ["ok", name]
    assert found["my-crm"] == [None, "my-crm", "plugins.my-crm"]
