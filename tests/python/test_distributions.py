# SPDX-License-Identifier: MIT
"""What distributions under install() answer, row by row beside the standard library's own for the same
distribution, in every mode and on every Python; and those that only the registry has."""

import json
import shutil

import pytest
from support import python

MODES = ("walk", "walk-first", "registry-first", "registry", "compare")
METADATA = """Metadata-Version: 2.1
Name: Full.Name
Version: 1.2
Summary: All there is
Requires-Python: >=3.10
Requires-Dist: first (>=1.0)
Requires-Dist: second ; extra == "more"
Provides-Extra: more

The description.
"""

# Of a distribution `d`; an expression that fails gives the exception's name, on both sides the same.
ROWS = (
    "d.metadata['Name'], d.metadata['Version'], d.metadata['Summary']",
    "d.metadata.get_all('Requires-Dist')",
    "sorted(set(d.metadata))",
    "d.name, d.version",
    "d._normalized_name",
    "d.requires",
    "[(str(f), f.size, f.hash and f.hash.value) for f in d.files]",
    "d.files[0].locate().name, d.files[0].read_text()",
    "str(d.locate_file('x.py')), str(d.locate_file('full.py'))",
    "d.read_text('METADATA') is not None, d.read_text('RECORD').count('full')",
    "d.read_text('nothing')",
    "d.read_text('WHEEL')",
    "d.read_text('entry_points.txt') is not None",
    "sorted((e.name, e.value, e.group) for e in d.entry_points)",
    "[e.dist is d for e in d.entry_points][:1]",
    "sorted(d.entry_points.names), sorted(d.entry_points.groups)",
    "d.origin.url",
)

CODE = """
import json, sys
sys.path[:] = [entry for entry in sys.path if not entry.endswith("packages")]
import importlib.metadata as m
mode, rows = sys.argv[1], json.loads(sys.argv[2])
def outcome(expression, d):
    try:
        return repr(eval(expression, {"d": d}))
    except Exception as error:
        return type(error).__name__
def told():
    found = {d.metadata["Name"]: d for d in m.distributions()}
    return {name: [outcome(row, d) for row in rows] for name, d in found.items()}
before = told()
import registryclient
registryclient.install(mode)
print(json.dumps([before, told()]))
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("place")
    full = python.make_distribution(folder / "site", "full", "1.2", "[g]\na = full:x\nb = full\n[h]\nc = full:y\n",
                                    files={"full.py": "x = y = 1\n"})  # fmt: skip
    (full / "METADATA").write_text(METADATA)
    (full / "WHEEL").write_text("Wheel-Version: 1.0\n")
    (full / "RECORD").write_text("full.py,sha256=abc,10\nfull-1.2.dist-info/METADATA,,\n")
    (full / "direct_url.json").write_text('{"url": "file:///full"}')
    full.rename(folder / "site/full_name-1.2.dist-info")
    egg = folder / "site/egg-0.5.egg-info"
    egg.mkdir()
    (egg / "PKG-INFO").write_text("Metadata-Version: 1.2\nName: egg\nVersion: 0.5\n")
    (egg / "entry_points.txt").write_text("[g]\negg = egg\n")
    (egg / "requires.txt").write_text("first\n\n[more]\nsecond\n")
    (folder / "site/flat-0.1.egg-info").write_text("Metadata-Version: 1.1\nName: flat\nVersion: 0.1\n")
    python.make_snapshot(folder / "plugins.snapshot", folder / "site")
    return folder


@pytest.mark.parametrize("mode", MODES)
def test_distributions_answer_as_the_standard_library_s(place, mode):
    for program in python.all_pythons():
        done = python.run(CODE, mode, json.dumps(ROWS), path=[place / "site"], python=program,
                          REGISTRYD_SNAPSHOT=place / "plugins.snapshot")  # fmt: skip
        before, after = json.loads(done.stdout)
        assert set(before) == {"Full.Name", "egg", "flat"}
        assert set(after) == (set(before) - {"flat"} if mode == "registry" else set(before))
        for name, answers in after.items():
            for row, ours, theirs in zip(ROWS, answers, before[name]):
                assert ours == theirs, (program, name, row)


ONLY_THERE = """
import json, sys
sys.path[:] = [entry for entry in sys.path if not entry.endswith("packages")]
import registryclient
registryclient.install(sys.argv[1])
import importlib.metadata as m
ways = [next(d for d in m.distributions() if d.metadata["Name"] == "egg"),
        next(iter(m.entry_points(group="g", name="egg"))).dist,
        next(iter(registryclient.entry_points(group="g", name="egg"))).dist]
for d in ways:
    assert isinstance(d, m.Distribution)
    print(json.dumps([d.metadata["Name"], d.version, d.metadata.get_all("Requires-Dist"), d.requires,
                      [str(f) for f in d.files or []], d.read_text("nothing"), "egg = egg" in d.read_text("entry_points.txt"),
                      d._normalized_name]))
"""


@pytest.mark.parametrize("mode", ["registry", "registry-first", "walk-first"])
def test_a_package_that_only_the_registry_has_is_a_distribution_too(place, tmp_path, mode):
    shutil.copytree(place / "site", tmp_path / "site")
    python.make_snapshot(tmp_path / "plugins.snapshot", tmp_path / "site")
    shutil.rmtree(tmp_path / "site")
    for program in python.all_pythons():
        done = python.run(ONLY_THERE, mode, python=program, REGISTRYD_SNAPSHOT=tmp_path / "plugins.snapshot")
        for line in done.stdout.splitlines():
            name, version, requires, required, files, nothing, has_entry, key = json.loads(line)
            assert (name, version, requires, required, nothing, has_entry, key) == (
                "egg", "0.5", None, None, None, True, "egg"), program  # fmt: skip
            assert all(".dist-info/" in file for file in files)


FINDER = """
import sys, warnings
warnings.simplefilter("error")
import importlib, importlib.machinery, registryclient
registryclient.install("walk")
import json.tool, importlib.metadata as m
importlib.invalidate_caches()
assert importlib.util.find_spec("no_such_module_at_all") is None
assert len(list(importlib.machinery.PathFinder.find_distributions())) == len(list(m.distributions()))
print("done")
"""


def test_imports_go_on_as_ever(place):
    for program in python.all_pythons():
        code = FINDER.replace("import importlib,", "import importlib, importlib.util,")
        assert python.run(code, path=[place / "site"], python=program, options=("-X", "dev")).stdout == "done\n"
