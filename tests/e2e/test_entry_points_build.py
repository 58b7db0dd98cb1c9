# SPDX-License-Identifier: MIT
"""The pyproject.toml of `entry-points --project` builds a wheel that holds the plugin: for the conventions of all four
hosts it is built with Debian's tools, checked, installed into an empty folder, and its entry point is loaded there."""

import os
import subprocess
import textwrap
import zipfile

import pytest

from support.registryctl import registryctl

PYTHON = "/usr/bin/python3"
LOAD = """
import importlib, importlib.metadata, sys
(entry,) = [e for e in importlib.metadata.entry_points(group=sys.argv[1]) if e.name == sys.argv[2]]
module = importlib.import_module(entry.module)
print(module.__name__, [getattr(module, entry.attr, None) is not None])
"""
CLASS = "class BasePlugin:\n    pass\n\n\nclass Login(BasePlugin):\n    pass\n"
STANDIN = "class MountaineerPlugin:\n    def __init__(self, name):\n        self.name = name\n"

# convention: (files, the root of the walk, where the pyproject.toml belongs, package, group, entry, files of the wheel)
CASES = {
    "plugin-yaml": (
        {"plugins/crm/plugin.yaml": "name: crm\nversion: 1.2.0\ndisplay_name: CRM\nfrontend_entry: web/index.js\n",
         "plugins/crm/router.py": "ROUTES = []\n", "plugins/crm/deep/er/code.py": "", "plugins/crm/web/index.js": "1"},
        "plugins", "plugins/crm", "crm", "honeyframe.plugins", "crm",
        {"plugins/crm/plugin.yaml", "plugins/crm/router.py", "plugins/crm/deep/er/code.py", "plugins/crm/web/index.js"}),
    "plugin-meta": (
        {"plugins/blog/__init__.py": 'PLUGIN_META = {"id": "blog", "name": "Blog", "version": "2.0"}\n\n\n'
                                     "def register(app):\n    return app\n",
         "plugins/blog/views/page.html": "<p>"},
        "plugins", "plugins/blog", "blog", "fastcms.plugins", "blog", {"plugins/blog/__init__.py", "plugins/blog/views/page.html"}),
    "mountaineer": (
        {"projects/notes/notes/__init__.py": "", "projects/notes/notes/plugin.py":
            'from mountaineer import MountaineerPlugin\n\nplugin = MountaineerPlugin(name="notes")\n',
         "projects/notes/notes/sub/__init__.py": "", "projects/notes/notes/static/a.css": "a {}",
         "projects/notes/tests/test_it.py": "",
         "projects/notes/pyproject.toml": '[project]\nname = "notes"\nversion = "1.0"\n'},
        "projects", "projects/notes", "notes", "mountaineer.plugins", "notes",
        {"notes/__init__.py", "notes/plugin.py", "notes/sub/__init__.py", "notes/static/a.css"}),
    "mountaineer-src": (
        {"projects/notes/src/notes/__init__.py": "", "projects/notes/src/notes/plugin.py":
            'from mountaineer import MountaineerPlugin\n\nplugin = MountaineerPlugin(name="notes")\n',
         "projects/notes/pyproject.toml": '[project]\nname = "notes"\nversion = "1.0"\n'},
        "projects", "projects/notes", "notes", "mountaineer.plugins", "notes", {"notes/__init__.py", "notes/plugin.py"}),
    "microcoreos": (
        {"domains/users/plugins/login_plugin.py": CLASS, "domains/users/models/user.sql": "select 1"},
        ".", "domains/users", "users", "microcoreos.plugins", "users.Login",
        {"domains/users/plugins/login_plugin.py", "domains/users/models/user.sql"}),
}
PIP = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check",
       "--wheel-dir"]
BUILD = ["-m", "build", "--wheel", "--no-isolation", "--outdir"]


def run(*words, **options):
    # Python's own modules only: a stand-in on PYTHONPATH must not reach the build
    done = subprocess.run([PYTHON, *map(str, words)], capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/bin:/bin", "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8", **options})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name, tool", [(name, PIP) for name in CASES] + [("plugin-yaml", BUILD)],
                         ids=[*CASES, "plugin-yaml by build"])
def test_the_wheel_contains_the_plugin(name, tool, tmp_path):
    files, root, place, package, group, entry, held = CASES[name]
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    printed = registryctl("entry-points", "--project", "--package", package, tmp_path / root).out
    (tmp_path / place / "pyproject.toml").write_text(printed.replace('dynamic = ["version"]', 'version = "3.0"'))
    for _ in range(2 if tool == BUILD else 1):  # what the first build leaves behind is not in the second wheel
        run(*tool, tmp_path / "out", tmp_path / place)
    (wheel,) = (tmp_path / "out").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert {one for one in archive.namelist() if ".dist-info/" not in one} == held
    checked = registryctl("check", "--strict", wheel)
    assert checked.code == 0, checked.out
    run("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", tmp_path / "site", wheel)
    (tmp_path / "standin").mkdir()
    (tmp_path / "standin" / "mountaineer.py").write_text(STANDIN)
    loaded = run("-c", textwrap.dedent(LOAD), group, entry, PYTHONPATH=f"{tmp_path / 'site'}:{tmp_path / 'standin'}")
    # the host of plugin-yaml reads the manifest beside the module and imports no attribute
    assert loaded.split()[1] == ("[False]" if name == "plugin-yaml" else "[True]")


def test_published_the_wheel_is_the_plugin(daemon, tmp_path):
    """From a directory that walks to a release with code, by the words of the documentation."""
    files, root, place, package, group, entry, _ = CASES["plugin-yaml"]
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    printed = registryctl("entry-points", "--project", "--package", package, tmp_path / root).out
    (tmp_path / place / "pyproject.toml").write_text(printed)
    done = registryctl("publish", "--build", "--python", PYTHON, "--convention", "pyproject", tmp_path / place,
                       REGISTRYD_URL=daemon.url, REGISTRYD_TOKEN=daemon.publisher_token)
    assert done.code == 0 and done.json[0]["warnings"] == [], done.out + done.err
    document = daemon.get(f"/v1/packages/{package}/releases/1.2.0").json["document"]
    assert document["manifests"][group][entry]["frontend_entry"] == "web/index.js"
