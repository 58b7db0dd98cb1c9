# SPDX-License-Identifier: MIT
"""Installed distributions, against importlib.metadata: the same entry points where Python can read them,
and the rest of the environment where Python gives up on all of it."""
import importlib.metadata
import json
import re
import sys

import pytest

from support.registryctl import registryctl

INSTALLED = sorted({path for path in sys.path if path.endswith("-packages")})


def walked(root):
    return json.loads(registryctl("walk", "--convention", "dist-info", "--format", "json", root).out)


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("root", INSTALLED)
def test_every_installed_distribution_reads_as_python_reads_it(root):
    ours = {(r["group"], r["name"], r["value"], r["package"], r["version"]) for r in walked(root)}
    python = {
        (entry.group, entry.name, entry.value, normal(dist.metadata["Name"]), dist.version)
        for dist in importlib.metadata.distributions(path=[root])
        for entry in dist.entry_points
    }
    assert ours == python


def test_the_machine_has_distributions_to_compare():
    assert sum(len(walked(root)) for root in INSTALLED) > 0


def install(root, name, entry_points, metadata=None, version="1.0"):
    folder = root / f"{name}-{version}.dist-info"
    folder.mkdir()
    if metadata is None:
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (folder / "METADATA").write_bytes(metadata.encode() if isinstance(metadata, str) else metadata)
    if entry_points is not None:
        data = entry_points.encode() if isinstance(entry_points, str) else entry_points
        (folder / "entry_points.txt").write_bytes(data)
    return folder


FAULTS = {
    "a line without =": ("[g]\nbroken line\nleft = m:a\n", ["left"]),
    "not UTF-8": (b"[g]\nx = m:\xff\n", None),
    "a byte order mark": ("\ufeff[g]\nlost = m:a\n[h]\nleft = m:a\n", ["left"]),
    "a value that is none": ("[g]\nleft = m:a\nodd = not-a-module:x\n", ["left", "odd"]),
    "a name that stands twice": ("[g]\ntwice = m:a\ntwice = m:b\n", ["twice"]),
    "a comment with =": ("[g]\n# x = y\nleft = m:a\n", ["left"]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_costs_itself_alone(tmp_path, fault):
    text, names = FAULTS[fault]
    install(tmp_path, "good", "[g]\nsound = good:run\n")
    install(tmp_path, "faulty", text)
    records = walked(tmp_path)
    sound = [r for r in records if r["package"] == "good"]
    assert [(r["name"], r["warnings"], r["errors"]) for r in sound] == [("sound", [], [])]
    others = [r for r in records if r["package"] != "good"]
    if names is None:
        assert [bool(r["errors"]) for r in others] == [True]
    else:
        assert sorted(r["name"] for r in others) == names
        assert not any(r["errors"] for r in others)


def test_a_file_of_which_python_sees_nothing_is_told(tmp_path):
    install(tmp_path, "lost", "\ufeff[g]\nfirst = m:a\n")
    (record,) = walked(tmp_path)
    assert record["name"] == "lost-1.0.dist-info" and record["warnings"]


def test_a_stale_empty_directory_is_named_and_hides_nothing(tmp_path):
    install(tmp_path, "pkg", "[g]\nplugin = pkg:run\n", version="1.0")
    (tmp_path / "pkg-0.9.dist-info").mkdir()
    records = walked(tmp_path)
    assert {(r["name"], r["version"]) for r in records if not r["errors"]} == {("plugin", "1.0")}
    assert [r["errors"][0]["code"] for r in records if r["errors"]] == ["dist-info-empty"]


def test_faulty_metadata_does_not_cost_the_entry_points(tmp_path):
    install(tmp_path, "pkg", "[g]\nplugin = pkg:run\n", metadata="Metadata-Version: 9.9\nName: pkg\n")
    (record,) = walked(tmp_path)
    assert (record["name"], record["package"], record["version"]) == ("plugin", "pkg", "1.0")
    assert record["warnings"] and not record["errors"]


def test_an_egg_info_directory_is_one_too(tmp_path):
    folder = tmp_path / "old.egg-info"
    folder.mkdir()
    (folder / "PKG-INFO").write_text("Metadata-Version: 1.1\nName: old\nVersion: 0.1\n")
    (folder / "entry_points.txt").write_text("[g]\nplugin = old:run\n")
    (record,) = walked(tmp_path)
    assert (record["name"], record["package"], record["version"]) == ("plugin", "old", "0.1")
