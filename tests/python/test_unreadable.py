# SPDX-License-Identifier: MIT
"""In the mode `registry` the metadata of the distributions need not be readable at all: the same answers,
and no look at the directories, for a user who may not read them."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from support.daemon import BUILD_DIR
from support.python_program import PYTHON, python_environment
from support.sites import Site

PROGRAM = """
import json, sys
MODE = sys.argv[1]
if MODE:
    import registryclient
    registryclient.install(mode=MODE)
from importlib.metadata import entry_points
import pluggy
manager = pluggy.PluginManager("tower")
manager.load_setuptools_entrypoints("tower")
print(json.dumps([
    sorted([one.name, one.value, one.load().__name__, one.dist.version] for one in entry_points(group="tower")),
    sorted([dist.project_name, dist.version] for _, dist in manager.list_plugin_distinfo()),
]))
"""
EXPECTED = [[["one", "tower_one:Plugin", "Plugin", "1.5"], ["two", "tower_two:Plugin", "Plugin", "1.5"]],
            [["tower-one", "1.5"], ["tower-two", "1.5"]]]  # fmt: skip


@pytest.fixture
def place():
    """A folder of distributions that everybody may enter, a snapshot of it, and a copy of the package."""
    home = Path(tempfile.mkdtemp(prefix="registryclient-test-"))
    home.chmod(0o755)
    site = Site(home / "site")
    for name in ("one", "two"):
        site.add(f"tower-{name}", "1.5", {"tower": {name: f"tower_{name}:Plugin"}}, {f"tower_{name}.py": "class Plugin: pass\n"})
    snapshot = home / "plugins.snapshot"
    subprocess.run([BUILD_DIR / "bin/registryctl", "snapshot", "build", snapshot, site.folder], check=True, capture_output=True)
    snapshot.chmod(0o644)
    shutil.copytree(BUILD_DIR / "python", home / "python", copy_function=shutil.copy)
    yield home
    shutil.rmtree(home)


def run(home, mode):
    """As a user who has no special rights."""
    environment = python_environment(REGISTRYD_SNAPSHOT=home / "plugins.snapshot", HOME=home)
    environment["PYTHONPATH"] = f"{home}/site:{home}/python"
    user = {"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}
    return subprocess.run([PYTHON, "-W", "error", "-c", PROGRAM, mode], cwd="/", env=environment, capture_output=True,
                          text=True, timeout=60, **user)  # fmt: skip


def test_the_registry_answers_for_directories_that_cannot_be_read(place):
    assert json.loads(run(place, "").stdout) == EXPECTED
    for path in (place / "site").glob("*.dist-info"):
        path.chmod(0)
    assert json.loads(run(place, "").stdout) == [[], []]
    for mode in ("registry", "registry-first"):
        done = run(place, mode)
        assert done.stderr == "" and json.loads(done.stdout) == EXPECTED, mode
