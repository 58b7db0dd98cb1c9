# SPDX-License-Identifier: MIT
"""Which installed distribution counts: the walk, the Python package and importlib.metadata over one table of
cases, and over random directories. Editable installs are followed to their projects."""

import importlib.metadata
import json
import os
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.python_program import PYTHON, python_environment, run_python
from support.registryctl import registryctl

GROUP = "acme.plugins"


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def distribution(root, directory, name, version, entry_points):
    """A directory NAME.dist-info or NAME.egg-info; without a version it has no METADATA."""
    folder = root / directory
    folder.mkdir(parents=True)
    if version is not None:
        metadata = "PKG-INFO" if directory.endswith(".egg-info") else "METADATA"
        (folder / metadata).write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\n")
    if entry_points:
        lines = "".join(f"{one} = {one}:x\n" for one in entry_points)
        (folder / "entry_points.txt").write_text(f"[{GROUP}]\n{lines}")
    return folder


def ours(*roots):
    records = json.loads(registryctl("walk", "--convention", "dist-info", "--format", "json", *roots).out)
    return [one for one in records if one["group"] == GROUP]


def live(records):
    return sorted((one["name"], one["package"], one["version"]) for one in records if one["shadowed_by"] is None)


def by_python(*roots):
    """As entry_points() chooses: of each project the first distribution."""
    seen, found = set(), []
    for dist in importlib.metadata.distributions(path=[str(root) for root in roots]):
        if dist._normalized_name not in seen:
            seen.add(dist._normalized_name)
            found += [(entry.name, normal(dist.metadata["Name"]), dist.version)
                      for entry in dist.entry_points if entry.group == GROUP]
    return sorted(found)


BY_PACKAGE = """
import json, sys
sys.path[:0] = sys.argv[1:]
import registryclient
registryclient.configure(mode="walk")
print(json.dumps(sorted([e.name, e.registry.package, e.registry.version]
                        for e in registryclient.entry_points(group="acme.plugins"))))
"""


def by_package(*roots):
    return sorted(map(tuple, json.loads(run_python("-c", BY_PACKAGE, *map(str, roots)).out)))


# (root, directory, name, version or None, entry points): what is in two roots
TABLE = {
    "egg-info beside dist-info": [("a", "both-1.0.dist-info", "both", "1.0", ["x"]), ("a", "both.egg-info", "both", "1.0", ["x"])],
    "stale version in a later root": [("a", "t-1.0.dist-info", "t", "1.0", ["old"]), ("b", "t-3.0.dist-info", "t", "3.0", ["new"])],
    "two spellings": [("a", "Foo_Bar-1.0.dist-info", "Foo_Bar", "1.0", ["x"]), ("b", "foo.bar-2.0.dist-info", "foo.bar", "2.0", ["y"])],
    "two spellings in one root": [("a", "Foo.Bar-1.0.dist-info", "Foo.Bar", "1.0", ["x"]), ("a", "foo__bar-2.0.dist-info", "foo--bar", "2.0", ["y"])],
    "the first has no entry points": [("a", "t-1.0.dist-info", "t", "1.0", []), ("b", "t-2.0.dist-info", "t", "2.0", ["new"])],
    "develop egg-info": [("a", "t.egg-info", "t", "0.3", ["x"]), ("b", "t-1.0.dist-info", "t", "1.0", ["y"])],
    "egg tags": [("a", "t-1.0-py3.11.egg-info", "t", "1.0", ["x"]), ("b", "t-1.0.dist-info", "t", "1.0", ["x"])],
    "two projects, one name": [("a", "one-1.0.dist-info", "one", "1.0", ["x"]), ("b", "two-1.0.dist-info", "two", "1.0", ["x"])],
    "three versions in one root": [("a", f"t-{v}.dist-info", "t", v, [f"e{v[0]}"]) for v in ("3.0", "1.0", "2.0")],
}


def make(tmp_path, case):
    for root in ("a", "b"):
        (tmp_path / root).mkdir()
    for root, *row in case:
        distribution(tmp_path / root, *row)
    return tmp_path / "a", tmp_path / "b"


@pytest.mark.parametrize("title", TABLE)
def test_one_rule_on_all_sides(tmp_path, title):
    roots = make(tmp_path, TABLE[title])
    records = ours(*roots)
    assert live(records) == by_python(*roots) == by_package(*roots)
    assert len(records) == sum(len(row[4]) for row in TABLE[title])  # what does not count is shadowed
    for record in records:
        if record["shadowed_by"]:
            assert [one["code"] for one in record["warnings"]] == ["shadowed"]
            assert "Uninstall" in record["warnings"][0]["hint"]


def test_a_leftover_hides_nothing(tmp_path):
    roots = make(tmp_path, [("a", "t-1.0.dist-info", "t", None, []), ("b", "t-2.0.dist-info", "t", "2.0", ["new"])])
    assert live(ours(*roots)) == by_package(*roots) == [("new", "t", "2.0")]


def test_metadata_tells_two_projects_apart(tmp_path):
    roots = make(tmp_path, [("a", "my-plug-1.0.dist-info", "my-plug", "1.0", ["x"]), ("a", "my-other-2.0.dist-info", "my-other", "2.0", ["y"])])
    assert live(ours(*roots)) == by_package(*roots) == [("x", "my-plug", "1.0"), ("y", "my-other", "2.0")]
    assert not any(one["warnings"] for one in ours(*roots))


@pytest.mark.parametrize("directory, name, version, differs", [
    ("liar-1.0.dist-info", "liar", "2.0", True), ("liar-1.0.dist-info", "other", "1.0", True),
    ("a_b-1.0.dist-info", "a-b", "1.0", False), ("A.B-1.0.dist-info", "a.b", "1.0", False),
    ("a-b-1.0.dist-info", "a-b", "1.0", False), ("t.egg-info", "t", "0.3", False), ("t-1.0_x.dist-info", "t", "1.0+x", False),
    ("t-1.0rc1.dist-info", "t", "1.0.0-rc1", False), ("t-1.0-py3.11.egg-info", "t", "1.0", False), ("t-1.0-py3.11.egg-info", "t", "2.0", True),
])
def test_metadata_counts_and_the_directory_is_compared(tmp_path, directory, name, version, differs):
    distribution(tmp_path, directory, name, version, ["x"])
    (record,) = ours(tmp_path)
    assert record["package"] == normal(name)
    assert [one["code"] for one in record["warnings"]] == (["directory-differs"] if differs else [])
    script = BY_PACKAGE + "print([one.code for one in registryclient.diagnostics() if sys.argv[1] in (one.where or '')])"
    found = run_python("-c", script, str(tmp_path)).out.splitlines()
    assert json.loads(found[0]) == [["x", normal(name), version]]
    assert found[1] == str(["directory-differs"] if differs else [])


def test_one_directory_under_two_paths_is_read_once(tmp_path):
    distribution(tmp_path / "lib", "solo-1.0.dist-info", "solo", "1.0", ["s"])
    (tmp_path / "lib64").symlink_to("lib")
    for roots in ([tmp_path / "lib64", tmp_path / "lib"], [tmp_path / "lib", tmp_path / "lib64", tmp_path / "lib"]):
        (record,) = ours(*roots)
        assert (record["shadowed_by"], record["warnings"]) == (None, [])
    os.symlink("solo-1.0.dist-info", tmp_path / "lib" / "solo.dist-info")
    (record,) = ours(tmp_path / "lib")
    assert record["warnings"] == []


def test_publish_all_leaves_out_what_is_hidden(tmp_path):
    roots = make(tmp_path, TABLE["stale version in a later root"])
    done = registryctl("check", "--all", "--convention", "dist-info", *roots, "--format", "json").json
    assert sorted((one["outcome"], Path(one["path"]).name) for one in done) == [
        ("ok", "t-1.0.dist-info"), ("shadowed", "t-3.0.dist-info")]
    (tmp_path / "one").mkdir()
    for row in TABLE["three versions in one root"]:
        distribution(tmp_path / "one", *row[1:])
    done = registryctl("check", "--all", "--convention", "dist-info", tmp_path / "one", "--format", "json").json
    assert sorted(one["outcome"] for one in done) == ["ok", "shadowed", "shadowed"]


# ---- editable installs ----


def project(tmp_path, layout="src"):
    folder = tmp_path / "project"
    distribution(folder / layout, "ed.egg-info", "ed", "0.3", ["ed"])
    (tmp_path / "site").mkdir()
    distribution(tmp_path / "site", "whole-1.0.dist-info", "whole", "1.0", ["w"])
    return folder / layout


@pytest.mark.parametrize("name, text", [
    ("ed.pth", "{}\n"), ("easy-install.pth", "# a comment\nimport sys; sys.x = 1\n\n{}"), ("ed.pth", "\ufeff{}\r\n/nowhere\n"),
    ("ed.pth", "../project/src\n"), ("ed.egg-link", "{}\n../"), ("__editable__.ed-0.3.pth", "{}"),
])
def test_editable_installs_are_followed(tmp_path, name, text):
    folder = project(tmp_path)
    (tmp_path / "site" / name).write_text(text.format(folder))
    found = {one["name"]: one for one in ours(tmp_path / "site")}
    assert set(found) == {"w", "ed"}
    assert os.path.realpath(found["ed"]["origin"]) == str(folder) and found["ed"]["version"] == "0.3"
    assert not found["ed"]["warnings"] and found["ed"]["label"] == str(tmp_path / "site")


def test_an_installed_copy_comes_before_the_followed_one(tmp_path):
    """As pip installs it: .dist-info and .pth in the site, an egg-info of the build in the project."""
    folder = project(tmp_path)
    made = distribution(tmp_path / "site", "ed-0.3.dist-info", "ed", "0.3", ["ed"])
    (made / "direct_url.json").write_text(json.dumps({"url": folder.parent.as_uri(), "dir_info": {"editable": True}}))
    (tmp_path / "site" / "__editable__.ed-0.3.pth").write_text(str(folder))
    found = ours(tmp_path / "site")
    assert [(one["name"], one["origin"], one["warnings"]) for one in found] == [
        ("ed", str(folder.parent), []), ("w", str(tmp_path / "site" / "whole-1.0.dist-info"), [])]


@pytest.mark.parametrize("document, origin, told", [
    ({"url": "file:///srv/no%20where", "dir_info": {"editable": True}}, "/srv/no where", ["not-followed"]),
    ({"url": "file:///srv/x", "dir_info": {"editable": False}}, None, []),
    ({"url": "file:///srv/x", "dir_info": {}}, None, []),
    ({"url": "https://example.com/x.whl", "archive_info": {}}, None, []),
    ({"url": 5, "dir_info": {"editable": True}}, None, []),
    ([], None, []),
])
def test_direct_url(tmp_path, document, origin, told):
    made = distribution(tmp_path, "ed-0.1.dist-info", "ed", "0.1", ["ed"])
    (made / "direct_url.json").write_text(json.dumps(document))
    (record,) = ours(tmp_path)
    assert record["origin"] == (origin or str(made))
    assert [one["code"] for one in record["warnings"]] == told
    script = "import sys; sys.path.insert(0, sys.argv[1])\nimport registryclient as r; r.configure(mode='walk')\n" \
             "(e,) = r.entry_points(group='acme.plugins'); print(e.registry.origin); print(e.dist.version)"
    assert run_python("-c", script, str(tmp_path)).out == f"{origin or made}\n0.1\n"


def test_what_cannot_be_followed_is_said(tmp_path):
    project(tmp_path)
    (tmp_path / "site" / "gone.egg-link").write_text("/nowhere/at/all\n")
    records = json.loads(registryctl("walk", tmp_path / "site", "--format", "json").out)
    (told,) = [one for one in records if one["name"] == "gone.egg-link"]
    assert [one["code"] for one in told["warnings"]] == ["not-followed"] and told["value"] is None
    assert [one["code"] for one in told["errors"]] == ["unreadable"]  # so no host loads it, and compare differs


# ---- random directories ----

NAMES = ["alpha", "Beta_x", "beta.x", "gamma", "GAMMA", "delta"]
FORMS = ["dist-info", "egg-info", "egg-info-version", "egg-info-file", "egg-info-tagged"]


def random_case(chance, folder):
    for root in ("a", "b"):
        (folder / root).mkdir(parents=True)
        for _ in range(chance.randint(0, 4)):
            name, form = chance.choice(NAMES), chance.choice(FORMS)
            version = f"{chance.randint(1, 3)}.0"
            directory = {"dist-info": f"{name}-{version}.dist-info", "egg-info": f"{name}.egg-info",
                         "egg-info-version": f"{name}-{version}.egg-info", "egg-info-file": f"{name}-{version}.egg-info",
                         "egg-info-tagged": f"{name}-{version}-py3.11.egg-info"}[form]
            path = folder / root / directory
            if path.exists():
                continue
            if form == "egg-info-file":
                path.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            else:
                distribution(folder / root, directory, name, version, chance.sample(["p", "q", "r"], chance.randint(0, 2)))


def walk_many(folders):
    """One process walks them all, each case alone: the C library behind registryclient."""
    script = ("import json, sys, registryclient\nfor line in sys.stdin:\n    f = line.strip()\n"
              "    r = registryclient.Registry(convention='dist-info').walk(f + '/a', f + '/b')\n"
              "    print(json.dumps(sorted([e.name, e.package, e.version] for e in r\n"
              "          if e.group == 'acme.plugins' and not e.shadowed_by)))\n")
    done = subprocess.run([PYTHON, "-c", script], input="".join(f"{one}\n" for one in folders), text=True,
                          capture_output=True, env=python_environment(), timeout=300, check=True)
    return [sorted(map(tuple, json.loads(line))) for line in done.stdout.splitlines()]


def test_random_directories_as_importlib_metadata(tmp_path):
    """A short run; the full one (cli_dist_choice_at_length_*) has 10,000 cases."""
    seed, count = int(os.environ.get("DIST_SEED", "0")), int(os.environ.get("DIST_CASES", "100"))
    chance = random.Random(seed)
    folders = [tmp_path / str(number) for number in range(count)]
    for folder in folders:
        random_case(chance, folder)
    for folder, found in zip(folders, walk_many(folders), strict=True):
        expected = by_python(folder / "a", folder / "b")
        assert found == expected, sorted(str(one.relative_to(folder)) for one in folder.glob("*/*"))
    shutil.rmtree(tmp_path)
