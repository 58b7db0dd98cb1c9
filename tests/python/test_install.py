# SPDX-License-Identifier: MIT
"""install() and uninstall(): importlib.metadata and its back-port answer in every mode, on every Python; and
what they do when the hook itself is broken, switched off, or taken away again."""

import json

import pytest
from support import python

MODES = ("walk", "walk-first", "registry-first", "registry", "compare")
FILES = {"here.py": "class Plugin:\n    name = 'here'\n"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Two distributions on disk; a snapshot that has one of them and one that is nowhere else."""
    folder = tmp_path_factory.mktemp("place")
    python.make_distribution(folder / "site", "here", "1.0", "[a.group]\none = here:Plugin\n", files=FILES)
    python.make_distribution(folder / "site", "also-here", "2.0", "[a.group]\ntwo = here:Plugin.name\n")
    python.make_distribution(folder / "site", "no-plugins", "3.0")
    python.make_distribution(folder / "other", "here", "1.0", "[a.group]\none = here:Plugin\nlater = here\n")
    python.make_distribution(folder / "other", "far_away", "4.0", "[a.group]\nfar = far_away.plugin:Plugin\n")
    python.make_snapshot(folder / "plugins.snapshot", folder / "other")
    return folder


PRELUDE = """
import importlib, json, sys, warnings
warnings.simplefilter("error", RuntimeWarning)
sys.path[:] = [entry for entry in sys.path if not entry.endswith("packages")]
def names(module="importlib.metadata", **params):
    return [one.name for one in importlib.import_module(module).entry_points(group="a.group", **params)]
def say(*values):
    print(json.dumps(values))
"""


def run(place, code, *arguments, **more):
    done = python.run(PRELUDE + code, *arguments, path=[place / "site", *more.pop("beside", [])],
                      REGISTRYD_SNAPSHOT=place / "plugins.snapshot", **more)  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


NAMES = {
    "walk": {"one", "two"},
    "walk-first": {"one", "two", "later", "far"},
    "registry-first": {"one", "two", "later", "far"},
    "registry": {"one", "later", "far"},
    "compare": {"one", "two"},
}
EARLY = """
from importlib.metadata import entry_points as early, distributions as early_distributions
before = sorted(one.name for one in early(group="a.group"))
import registryclient
registryclient.install(sys.argv[1])
say(sorted(names()), sorted(one.name for one in early(group="a.group")))
say(sorted(one.name for dist in early_distributions() for one in dist.entry_points if one.group == "a.group"))
say(sorted(one.name for one in registryclient.entry_points(group="a.group")))
registryclient.uninstall()
say(before == sorted(one.name for one in early(group="a.group")), registryclient.installed())
"""


@pytest.mark.parametrize("mode", MODES)
def test_every_way_of_asking_gets_the_mode(place, mode):
    """Also a caller who imported the functions before; entry_points(), distributions() and ours agree."""
    expected = sorted(NAMES[mode])
    for program in python.all_pythons():
        (now, early), (dists,), (ours,), last = run(place, EARLY, mode, python=program)
        assert (now, early, dists, ours) == (expected, expected, expected, expected), program
        assert last == [True, False]


ORDER = """
import registryclient
before = names()
registryclient.install(sys.argv[1])
say([name for name in names() if name in before] == before, names() == before)
say([one.name for one in registryclient.entry_points(group="a.group")][: len(before)] == before)
"""


@pytest.mark.parametrize("mode", ["walk", "walk-first", "compare"])
def test_the_order_of_the_walk_stays(place, mode):
    """What the registry adds to a package stands with its package; in registryclient.entry_points, last."""
    assert run(place, ORDER, mode) == [[True, mode != "walk-first"], [True]]


OBJECTS = """
import pickle
import registryclient
registryclient.install(sys.argv[1])
import importlib.metadata as m
for one in m.entry_points(group="a.group"):
    dist = one.dist
    say(one.name, isinstance(one, m.EntryPoint), isinstance(dist, m.Distribution), dist.metadata["Name"], dist.version,
        one.registry.package, one.registry.version, pickle.loads(pickle.dumps(one)) == one,
        [str(file) for file in dist.files or []][:1], one == m.EntryPoint(one.name, one.value, one.group))
"""
FAR = ["far", True, True, "far-away", "4.0", "far-away", "4.0", True]


@pytest.mark.parametrize("mode", MODES)
def test_objects_are_those_of_the_standard_library(place, mode):
    told = {row[0]: row for row in run(place, OBJECTS, mode)}
    assert told["one"] == ["one", True, True, "here", "1.0", "here", "1.0", True, ["here.py"], True]
    if "far" in NAMES[mode]:
        assert told["far"][:8] == FAR and told["far"][9]


BY_NAME = """
import registryclient
registryclient.install(sys.argv[1])
import importlib.metadata as m
def version(name):
    try:
        return m.version(name)
    except m.PackageNotFoundError as error:
        return type(error).__name__
say([version(name) for name in ("here", "also-here", "Also_Here", "no.plugins", "far-away", "nothing")])
say(str(m.files("here")[0]), m.requires("here"), m.distribution("here").metadata["Version"])
say(sorted(d.metadata["Name"] for d in m.distributions(name="here")))
say(sorted(d.metadata["Name"] for d in m.distributions(path=sys.argv[2:])))
"""


@pytest.mark.parametrize("mode", MODES)
def test_look_ups_by_name_and_path_are_delegated(place, mode):
    missing = "4.0" if mode == "registry" else "PackageNotFoundError"
    versions, here, named, by_path = run(place, BY_NAME, mode, place / "other")
    assert versions == [["1.0", "2.0", "2.0", "3.0", missing, "PackageNotFoundError"]]
    assert here == ["here.py", None, "1.0"] and named == [["here"]]
    assert by_path == [["far_away", "here"]]


SELECTED = """
import registryclient
registryclient.install("registry", groups=["another.group"])
say(sorted(names()))
registryclient.install(groups={"a.group": "registry"})
say(sorted(names()))
"""


def test_groups_that_are_not_named_are_walked(place):
    assert run(place, SELECTED) == [[["one", "two"]], [sorted(NAMES["registry"])]]


PLAIN = "import registryclient\nregistryclient.install()\nsay(sorted(names()), registryclient.installed())\n"


def test_the_environment_gives_the_mode_and_switches_it_off(place):
    assert run(place, PLAIN, REGISTRYD_MODE="registry") == [[sorted(NAMES["registry"]), True]]
    assert run(place, PLAIN, REGISTRYD_MODE="registry", REGISTRYD_DISABLE="1") == [[["one", "two"], False]]
    assert run(place, PLAIN) == [[sorted(NAMES["walk-first"]), True]]


LATE_DISABLE = """
import os, registryclient
registryclient.install("registry")
os.environ["REGISTRYD_DISABLE"] = "1"
say(sorted(names()))
"""


def test_it_can_be_switched_off_while_it_runs(place):
    assert run(place, LATE_DISABLE) == [[["one", "two"]]]


BROKEN = """
import registryclient
registryclient.install("registry")
from registryclient import _serve
def fail(*arguments):
    raise RuntimeError("a fault inside")
_serve.serve = fail
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    say(sorted(names()), sorted(names()))
    say([str(one.message) for one in caught if "registryclient" in str(one.message)])
"""


def test_a_fault_inside_falls_back_to_the_walk_with_one_warning(place):
    for program in python.all_pythons():
        found, ((warning,),) = run(place, BROKEN, python=program)
        assert found == [["one", "two"], ["one", "two"]] and "a fault inside" in warning, program


AWAY = "import registryclient\nregistryclient.install('registry', snapshot='/no/such/file')\nsay(sorted(names()))\n" \
       "say([one.code for one in registryclient.diagnostics()])"  # fmt: skip


def test_without_a_snapshot_the_directories_answer(place):
    assert run(place, AWAY) == [[["one", "two"]], [["registry-fallback", "decisions-unknown"]]]


TWICE = """
import registryclient
from importlib.machinery import PathFinder
original = PathFinder.__dict__["find_distributions"]
registryclient.install("walk")
registryclient.install("registry")
say(sorted(names()))
registryclient.uninstall()
say(PathFinder.__dict__["find_distributions"] is original, registryclient.installed(), sorted(names()))
registryclient.uninstall()
say([type(finder).__name__ for finder in sys.meta_path if "registryclient" in type(finder).__module__])
"""


def test_install_twice_uninstall_once(place):
    assert run(place, TWICE) == [[sorted(NAMES["registry"])], [True, False, ["one", "two"]], [[]]]


BACKPORT = """
sys.path.append("/usr/lib/python3/dist-packages")
if sys.argv[2] == "before":
    import importlib_metadata
import registryclient
registryclient.install(sys.argv[1])
import importlib_metadata
found = importlib_metadata.entry_points(group="a.group")
say(sorted(one.name for one in found), importlib_metadata.version("here"))
say(all(isinstance(one, importlib_metadata.EntryPoint) for one in found),
    all(isinstance(one.dist, importlib_metadata.Distribution) for one in found),
    sorted({one.dist.metadata["Name"] for one in found}))
registryclient.uninstall()
say(sorted(one.name for one in importlib_metadata.entry_points(group="a.group")))
"""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("mode", MODES)
def test_the_back_port_answers_alike(place, mode, when):
    found, types, last = run(place, BACKPORT, mode, when)
    assert found == [sorted(NAMES[mode]), "1.0"] and types[:2] == [True, True] and last == [["one", "two"]]
    assert ("far-away" in types[2]) == ("far" in NAMES[mode])


FOREIGN = """
import importlib.metadata as m
class Dist(m.Distribution):
    def __init__(self, name, text):
        self.told, self.text = name, text
    def read_text(self, filename):
        if self.text is None:
            raise OSError("broken")
        return {"METADATA": f"Name: {self.told}\\nVersion: 9\\n", "entry_points.txt": self.text}.get(filename)
    def locate_file(self, path):
        raise NotImplementedError
class Finder:
    def __init__(self, *dists):
        self.dists = dists
    def find_spec(self, *arguments):
        return None
    def find_distributions(self, context):
        return [one for one in self.dists if context.name in (None, one.told)]
sys.meta_path.insert(0, Finder(Dist("first", "[a.group]\\nzero = m:x\\n"), Dist("here", "[a.group]\\none = m:mine\\n")))
sys.meta_path.append(Finder(Dist("last", "[a.group]\\nnine = m:x\\n")))
def pairs(found):
    return [[one.name, one.value, one.dist.metadata["Name"]] for one in found]
before = pairs(m.entry_points(group="a.group"))
import registryclient
registryclient.configure(mode="walk")
ours = registryclient.entry_points(group="a.group")
say(before == pairs(ours), len(before), [type(one.dist).__name__ for one in ours])
for mode in ("walk", "compare", "walk-first"):
    registryclient.install(mode)
    say([one for one in pairs(m.entry_points(group="a.group")) if one in before] == before)
sys.meta_path.append(Finder(Dist("broken", None)))
registryclient.configure(mode="walk")
say(len(registryclient.entry_points(group="a.group")), len(registryclient.diagnostics()) > 0)
"""


def test_finders_of_other_kinds_are_asked_in_their_order(place):
    first, *modes, last = run(place, FOREIGN)
    assert first == [True, 4, ["Dist", "Dist", "PathDistribution", "Dist"]]
    assert modes == [[True]] * 3 and last == [4, True]
