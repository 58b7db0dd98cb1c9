# SPDX-License-Identifier: MIT
"""A wheel of `pack` beside the host's own directory of plugins: each convention is installed with pip and imported where
the host has that directory, with and without an __init__.py. Where the import cannot work, `pack` says so before, and
`sync` is the way."""

import os
import subprocess

import pytest

from support.registryctl import on_terminal, registryctl

PYTHON = "/usr/bin/python3"
META = 'PLUGIN_META = {{"id": "{0}", "name": "{0}", "version": "1.0"}}\n\n\ndef register(app):\n    return app\n'
CLASS = "class BasePlugin:\n    pass\n\n\nclass Login(BasePlugin):\n    pass\n"
NOTES = 'from mountaineer import MountaineerPlugin\n\nplugin = MountaineerPlugin(name="notes")\n'
PROJECT = """[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "notes"
version = "1.0"
[project.entry-points."mountaineer.plugins"]
notes = "notes.plugin:plugin"
[tool.setuptools]
packages = ["notes"]
"""

# convention: (the plugin to pack, its files, the host's own folder, a plugin that the host has there, what is imported)
CASES = {
    "plugin-yaml": ("plugins/crm", {"plugins/crm/plugin.yaml": "name: crm\nversion: '1.0'\n", "plugins/crm/router.py": "A = 1\n"},
                    "plugins", {"plugins/own/router.py": "A = 2\n"}, "plugins.own.router", "plugins.crm.router"),
    "plugin-meta": ("plugins/blog", {"plugins/blog/__init__.py": META.format("blog")},
                    "plugins", {"plugins/own/__init__.py": META.format("own")}, "plugins.own", "plugins.blog"),
    "microcoreos": ("domains/users", {"domains/users/plugins/login_plugin.py": CLASS},
                    "domains", {"domains/own/plugins/own_plugin.py": CLASS}, "domains.own.plugins.own_plugin",
                    "domains.users.plugins.login_plugin"),
    "mountaineer": ("notes", {"notes/notes/__init__.py": "", "notes/notes/plugin.py": NOTES, "notes/pyproject.toml": PROJECT},
                    "app", {"app/main.py": ""}, "app.main", "notes.plugin"),
}


def write(root, files):
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def imports(host, site, module):
    """Whether a host that runs in its own directory imports the module."""
    program = f"import importlib; importlib.import_module({module!r})"
    done = subprocess.run([PYTHON, "-B", "-c", program], cwd=host, capture_output=True, text=True, check=False,
                          env={"PATH": os.environ["PATH"], "PYTHONPATH": str(site)})
    assert done.returncode == 0 or "ModuleNotFoundError" in done.stderr, done.stderr
    return done.returncode == 0


@pytest.fixture(params=CASES)
def case(request, tmp_path):
    plugin, files, folder, own, own_module, module = CASES[request.param]
    work, host, site = (tmp_path / name for name in ("work", "host", "site"))
    write(work, files)
    write(host, own)
    write(site, {"mountaineer.py": "class MountaineerPlugin:\n    def __init__(self, name):\n        self.name = name\n"})
    words = ["--build", "--python", PYTHON] if request.param == "mountaineer" else ["--version", "1.0"]
    packed = registryctl("pack", *words, "--output", tmp_path / "dist", work / plugin)
    assert packed.code == 0, packed.out + packed.err
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site,
                    packed.json[0]["wheel"]], check=True, capture_output=True)
    return request.param, plugin, work, host, site, folder, own_module, module, packed.json[0]


def codes(outcome):
    return [one["code"] for one in outcome["warnings"]]


def test_beside_the_hosts_own_directory(case):
    """Without an __init__.py both are imported, and `pack` has nothing to say."""
    _, _, _, host, site, folder, own_module, module, packed = case
    assert imports(host, site, own_module) and imports(host, site, module)
    assert "host-package-closed" not in codes(packed)


def test_beside_a_regular_package_of_the_host(case, tmp_path):
    """With one, what lies in site-packages is not found: `pack` in the host's tree says so, and names sync."""
    name, plugin, work, host, site, folder, own_module, module, _ = case
    (host / folder / "__init__.py").write_text("")
    assert imports(host, site, own_module)
    assert imports(host, site, module) == (name == "mountaineer")  # whose package is its own
    if name == "mountaineer":
        return
    (work / plugin).rename(host / plugin)
    for command in ("check", "pack"):
        words = ["--output", tmp_path / "again"] if command == "pack" else []
        done = registryctl(command, "--version", "1.0", *words, host / plugin)
        (warning,) = [one for one in done.json[0]["warnings"] if one["code"] == "host-package-closed"]
        assert warning["where"] == f"{host / folder}/__init__.py"
        assert done.code == 0 and "registryctl sync" in warning["hint"] and folder in warning["message"]
    assert registryctl("check", "--strict", "--version", "1.0", host / plugin).code == 1
    shown = on_terminal("pack", "--version", "1.0", "--output", tmp_path / "seen", host / plugin, NO_COLOR="1").out
    assert "registryctl sync" in " ".join(shown.split())
    assert codes(registryctl("pack", "--version", "1.0", "--output", tmp_path / "dot", ".", cwd=host / plugin).json[0]) == [
        "host-package-closed"]


def test_a_folder_of_another_name_says_nothing(tmp_path):
    write(tmp_path, {"repository/__init__.py": "", "repository/crm/plugin.yaml": "name: crm\nversion: '1.0'\n"})
    done = registryctl("pack", "--output", tmp_path / "dist", tmp_path / "repository/crm")
    assert done.code == 0 and done.json[0]["warnings"] == []
