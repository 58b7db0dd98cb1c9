# SPDX-License-Identifier: MIT
"""Projects shaped as real ones are (tests/trees/real): every build backend, dynamic versions, workspaces and
monorepos. They are walked, checked, published and compared without a finding: PyPI would take them without one."""

import json
import os

import pytest
from support.daemon import Daemon
from support.registryctl import SOURCE_DIR, registryctl

REAL = SOURCE_DIR / "tests" / "trees" / "real"
ROOTS = [REAL, REAL / "uv-workspace" / "packages", REAL / "monorepo" / "libs", REAL / "setup-cfg-only" / "src"]
NO_PROJECT = {"monorepo", "setup-cfg-only"}  # their pyproject.toml configures tools alone
PROJECTS = sorted(
    path for root in ROOTS[:3] for path in root.iterdir() if (path / "pyproject.toml").is_file() and path.name not in NO_PROJECT)
VERSION = "9.8.7"


@pytest.fixture(scope="module")
def registry():
    with Daemon() as daemon:
        yield {"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": daemon.publisher_token}


@pytest.fixture(scope="module")
def walked():
    return registryctl("walk", *ROOTS).json


def test_there_are_enough():
    assert len(PROJECTS) >= 20


def test_the_walk_finds_every_entry_point_and_no_fault(walked):
    assert [one for one in walked if one["errors"] or one["warnings"] or one["shadowed_by"]] == []
    assert len(walked) == 39 and len({one["group"] for one in walked}) == 21
    dynamic = {one["package"] for one in walked if one["version"] is None}
    assert len(dynamic) == 13 and "acme-exporter-csv" in dynamic
    plugin = next(one for one in walked if one["group"] == "mountaineer.plugins")
    assert (plugin["name"], plugin["value"]) == ("mountaineer-acme", "mountaineer_acme.plugin:plugin")
    assert {one["package"] for one in walked} & {"acme-suite", "acme-shared"} == set()  # they have no entry points


def test_the_python_package_walks_alike(walked):
    from support.python_program import run_python

    done = run_python("-m", "registryclient", "--format", "json", "walk", *map(str, ROOTS))
    assert json.loads(done.out) == walked


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: os.path.relpath(path, REAL))
def test_each_is_published_and_resolved(registry, project):
    checked = registryctl("check", "--strict", "--version", VERSION, project)
    assert (checked.code, [(one["warnings"], one["errors"]) for one in checked.json]) == (0, [([], [])])
    done = registryctl("publish", "--version", VERSION, project, **registry)
    assert (done.code, [one["outcome"] for one in done.json]) == (0, ["published"]), done.err
    again = registryctl("publish", "--version", VERSION, project, **registry)
    assert [one["outcome"] for one in again.json] == ["unchanged"]


def test_a_dynamic_version_must_be_given():
    done = registryctl("check", REAL / "hatch-vcs")
    (one,) = done.json
    assert done.code == 1 and [error["code"] for error in one["errors"]] == ["version-missing"]
    assert "--version" in one["errors"][0]["hint"]


def test_every_group_compares_equal(registry, walked):
    egg = REAL / "setup-cfg-only" / "src" / "acme_legacy.egg-info"
    assert registryctl("publish", egg, **registry).code == 0
    groups = sorted({one["group"] for one in walked})
    done = registryctl("compare", ",".join(groups), *ROOTS, "--prereleases", "--strict", **registry)
    assert (done.code, done.err) == (0, "")
    assert [one["group"] for one in done.json if not one["equal"]] == []
    assert sum(one["same"] for one in done.json) == len(walked)
    unknown = {pair["registry"]["version"] for one in done.json for pair in one["unknown_version"]}
    assert unknown == {VERSION}
