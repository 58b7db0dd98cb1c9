# SPDX-License-Identifier: MIT
"""registryctl pack: what is in the wheel, that pip installs it and a host then finds the same plugin, that the
same directory gives the same bytes, and what is refused."""

import base64
import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest
from support.registryctl import registryctl

SITES = "site"
PLUGIN_YAML = "name: crm\nversion: 1.2.0\ndisplay_name: Customers\npermissions: [crm.read]\n"
PLUGIN_META = ('PLUGIN_META = {"id": "blog", "name": "Blog", "version": "2.0", "author": "Ada Roe"}\n\n\n'
               "def register(app):\n    return app\n")
LOGIN = ("class BasePlugin:\n    pass\n\n\nclass LoginPlugin(BasePlugin):\n    def __init__(self, db):\n        self.db = db\n")


def tree(root, **files):
    """Writes files; "__" in a name is "/", and the value is text or bytes."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


@pytest.fixture
def crm(tmp_path):
    return tree(tmp_path / "plugins" / "crm", **{
        "plugin.yaml": PLUGIN_YAML, "router.py": "ROUTES = []\n", "web/index.html": "<h1>é</h1>", "empty": ""})


@pytest.fixture
def blog(tmp_path):
    return tree(tmp_path / "plugins" / "blog", **{"__init__.py": PLUGIN_META})


@pytest.fixture
def users(tmp_path):
    return tree(tmp_path / "domains" / "users", **{
        "plugins/login_plugin.py": LOGIN, "plugins/logout_plugin.py": LOGIN.replace("LoginPlugin", "LogoutPlugin")})


def pack(output, *arguments):
    return registryctl("pack", "--output", output, *arguments)


def packed(output, *arguments):
    done = pack(output, *arguments)
    assert done.code == 0, done.out + done.err
    return done.json[0]


def install(wheel, site):
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile",
                    "--disable-pip-version-check", "--target", site, wheel], check=True, capture_output=True)
    return site


def walked(convention, *roots):
    done = registryctl("walk", "--convention", convention, *roots)
    assert done.code == 0, done.err
    return done.json


# ---- what the wheel is ----


def test_the_wheel_holds_the_directory_where_it_is_imported(crm, tmp_path):
    answer = packed(tmp_path / "dist", crm)
    assert answer["filename"] == "crm-1.2.0-py3-none-any.whl" and answer["outcome"] == "packed"
    assert answer["module"] == "plugins.crm" and answer["files"] == 4 and answer["left_out"] == 0
    with zipfile.ZipFile(answer["wheel"]) as wheel:
        assert wheel.testzip() is None
        assert wheel.namelist() == [
            "plugins/crm/empty", "plugins/crm/plugin.yaml", "plugins/crm/router.py", "plugins/crm/web/index.html",
            "crm-1.2.0.dist-info/METADATA", "crm-1.2.0.dist-info/WHEEL", "crm-1.2.0.dist-info/entry_points.txt",
            "crm-1.2.0.dist-info/RECORD"]
        assert wheel.read("plugins/crm/web/index.html").decode() == "<h1>é</h1>"
        assert wheel.read("crm-1.2.0.dist-info/entry_points.txt").decode() == (
            "[honeyframe.plugins]\ncrm = plugins.crm:manifest\n")
        record = {row[0]: row[1:] for row in csv.reader(io.StringIO(wheel.read("crm-1.2.0.dist-info/RECORD").decode()))}
        assert set(record) == set(wheel.namelist()) and record.pop("crm-1.2.0.dist-info/RECORD") == ["", ""]
        for name, (digest, size) in record.items():
            content = wheel.read(name)
            wanted = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            assert (digest, int(size)) == ("sha256=" + wanted, len(content)), name


@pytest.mark.parametrize("name, convention", [("crm", "plugin-yaml"), ("blog", "plugin-meta"), ("users", "microcoreos")])
def test_an_installed_wheel_is_the_plugin_that_was_walked(name, convention, request, tmp_path):
    directory = request.getfixturevalue(name)
    root = directory.parents[1] if convention == "microcoreos" else directory.parent
    wheel = packed(tmp_path / "dist", directory, "--version", "3.1")["wheel"]
    site = install(wheel, tmp_path / SITES)
    keys = ("group", "name", "value", "package")
    of_walk = [tuple(record[key] for key in keys) for record in walked(convention, root)]
    of_site = [tuple(record[key] for key in keys) for record in walked("dist-info", site)]
    assert of_walk and of_site == of_walk
    for record in walked("dist-info", site):
        module, _, attribute = record["value"].partition(":")
        program = f"import importlib; print(importlib.import_module({module!r}).__name__)"
        done = subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(site)},
                              capture_output=True, text=True, check=True)
        assert done.stdout.strip() == module and attribute


def test_two_wheels_share_the_folder_of_plugins(crm, blog, tmp_path):
    site = tmp_path / SITES
    for directory in (crm, blog):
        wheel = packed(tmp_path / "dist", directory)["wheel"]
        with zipfile.ZipFile(wheel) as file:
            assert "plugins/__init__.py" not in file.namelist()
            file.extractall(site)
    program = "import plugins.blog, plugins.crm.router; print(plugins.blog.PLUGIN_META['id'])"
    done = subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(site)},
                          capture_output=True, text=True, check=True)
    assert done.stdout == "blog\n"


@pytest.mark.parametrize("name, convention", [("crm", "plugin-yaml"), ("blog", "plugin-meta"), ("users", "microcoreos")])
def test_a_registry_reads_the_manifest_in_the_wheel(daemon, name, convention, request, tmp_path):
    directory = request.getfixturevalue(name)
    root = directory.parents[1] if convention == "microcoreos" else directory.parent
    answer = packed(tmp_path / "dist", directory, "--version", "3.1")
    done = registryctl("publish", answer["wheel"], REGISTRYD_URL=daemon.url, REGISTRYD_TOKEN=daemon.publisher_token)
    assert done.code == 0 and done.json[0]["warnings"] == [], done.out + done.err
    document = daemon.get(f"/v1/packages/{answer['package']}/releases/{answer['version']}").json["document"]
    for record in walked(convention, root):
        assert document["manifests"][record["group"]][record["name"]] == record["manifest"]


def test_metadata_comes_back_as_it_was(tmp_path, daemon):
    directory = tree(tmp_path / "plugins" / "notes", **{"plugin.yaml": (
        "name: notes\nversion: 1.0\ndisplay_name: \"Notes: short, and long\"\n")})
    answer = packed(tmp_path / "dist", directory)
    with zipfile.ZipFile(answer["wheel"]) as wheel:
        metadata = wheel.read("notes-1.0.dist-info/METADATA").decode()
    assert "Summary: Notes: short, and long\n" in metadata
    done = registryctl("publish", answer["wheel"], REGISTRYD_URL=daemon.url, REGISTRYD_TOKEN=daemon.publisher_token)
    assert done.code == 0, done.err
    document = daemon.get("/v1/packages/notes/releases/1.0").json["document"]
    assert document["summary"] == "Notes: short, and long"


# ---- the same bytes ----


def test_the_same_directory_gives_the_same_bytes(crm, tmp_path):
    first = packed(tmp_path / "one", crm)
    copy = tmp_path / "elsewhere" / "plugins" / "crm"
    shutil.copytree(crm, copy)
    for path in copy.rglob("*"):
        os.utime(path, (1, 1))
    second = packed(tmp_path / "two", copy / "plugin.yaml")
    assert first["sha256"] == second["sha256"]
    assert open(first["wheel"], "rb").read() == open(second["wheel"], "rb").read()


def test_what_is_no_part_of_the_plugin_is_left_out(crm, tmp_path):
    clean = packed(tmp_path / "one", crm)
    tree(crm, **{".git/config": "x", ".env": "SECRET=1", "__pycache__/router.cpython-311.pyc": b"x",
                 "router.pyc": b"x", "web/node_modules/a/index.js": "x", "plugin.yaml~": "x"})
    dirty = packed(tmp_path / "two", crm)
    assert dirty["sha256"] == clean["sha256"] and dirty["left_out"] == 6


def test_a_program_stays_executable(crm, tmp_path):
    (crm / "run.sh").write_text("#!/bin/sh\n")
    (crm / "run.sh").chmod(0o700)
    with zipfile.ZipFile(packed(tmp_path / "dist", crm)["wheel"]) as wheel:
        modes = {info.filename: info.external_attr >> 16 for info in wheel.infolist()}
    assert modes["plugins/crm/run.sh"] == 0o100755 and modes["plugins/crm/router.py"] == 0o100644


def test_paths_of_every_kind_arrive(crm, tmp_path):
    names = ["a,b.txt", 'quote".txt', "grüße.txt", "with space.txt", "x" * 200]
    tree(crm, **{f"data/{name}": name for name in names})
    site = install(packed(tmp_path / "dist", crm)["wheel"], tmp_path / SITES)
    assert sorted(path.name for path in (site / "plugins/crm/data").iterdir()) == sorted(names)


# ---- what is refused ----


def refused(done, code, words):
    assert done.code == code, done.out + done.err
    error = json.dumps(done.json[0]["error"]) + json.dumps(done.json[0]["errors"])
    assert words in error, error
    assert done.json[0]["wheel"] is None and done.json[0]["outcome"] == "failed"


def test_a_link_that_leaves_the_directory_is_refused(crm, tmp_path):
    (crm / "secret").symlink_to("/etc/passwd")
    refused(pack(tmp_path / "dist", crm), 1, "leaves the plugin's directory")
    assert list((tmp_path / "dist").iterdir()) == []


def test_a_link_inside_the_directory_is_a_file(crm, tmp_path):
    (crm / "again.py").symlink_to("router.py")
    with zipfile.ZipFile(packed(tmp_path / "dist", crm)["wheel"]) as wheel:
        assert wheel.read("plugins/crm/again.py") == b"ROUTES = []\n"


def test_a_circle_of_links_ends(crm, tmp_path):
    (crm / "web" / "loop").symlink_to(".")
    refused(pack(tmp_path / "dist", crm), 1, "leads in a circle")
    assert str(crm) in pack(tmp_path / "dist", crm).json[0]["error"]["where"]  # the whole path, not one from nowhere


def test_a_pipe_is_refused(crm, tmp_path):
    os.mkfifo(crm / "pipe")
    refused(pack(tmp_path / "dist", crm), 1, "not a regular file")


def test_an_invalid_plugin_is_not_packed(crm, tmp_path):
    (crm / "plugin.yaml").write_text("name: other\nversion: 1.2.0\n")
    refused(pack(tmp_path / "dist", crm), 1, "other")


def test_a_project_is_sent_to_its_backend(tmp_path):
    project = tree(tmp_path / "project", **{"pyproject.toml": "[project]\nname = 'a'\nversion = '1'\n"})
    refused(pack(tmp_path / "dist", project), 2, "--build")


def test_a_directory_without_a_plugin(tmp_path):
    (tmp_path / "nothing").mkdir()
    refused(pack(tmp_path / "dist", tmp_path / "nothing"), 2, "Nothing to publish")


def test_a_wheel_is_no_directory(crm, tmp_path):
    wheel = packed(tmp_path / "dist", crm)["wheel"]
    done = pack(tmp_path / "dist", wheel)
    assert done.code == 2 and "publish" in done.json[0]["error"]["message"]


def test_one_broken_plugin_does_not_stop_the_others(crm, blog, tmp_path):
    (crm / "plugin.yaml").write_text("name: [\n")
    done = pack(tmp_path / "dist", "--all", crm.parent)
    outcomes = {entry["path"].rpartition("/")[2]: entry["outcome"] for entry in done.json}
    assert done.code == 1 and outcomes == {"blog": "packed", "crm": "failed"}
    assert [path.name for path in (tmp_path / "dist").iterdir()] == ["blog-2.0-py3-none-any.whl"]


# ---- a project's own backend ----

HATCH = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "reports"
version = "4.0"
[project.entry-points."honeyframe.plugins"]
reports = "reports:plugin"
[tool.hatch.build.targets.wheel]
packages = ["reports"]
"""


@pytest.fixture
def reports(tmp_path):
    return tree(tmp_path / "reports", **{"pyproject.toml": HATCH, "reports/__init__.py": "plugin = 1\n"})


def test_a_backend_makes_the_wheel(reports, tmp_path):
    answer = packed(tmp_path / "dist", "--build", "--python", sys.executable, reports)
    assert answer["filename"].startswith("reports-4.0-") and answer["module"] is None
    site = install(answer["wheel"], tmp_path / SITES)
    assert (site / "reports" / "__init__.py").read_text() == "plugin = 1\n"
    assert [path.name for path in (tmp_path / "dist").iterdir()] == [answer["filename"]]


def test_a_build_that_fails_says_so(reports, tmp_path):
    (reports / "pyproject.toml").write_text(HATCH.replace('packages = ["reports"]', 'packages = 7'))
    done = pack(tmp_path / "dist", "--build", "--python", sys.executable, reports)
    refused(done, 1, "build of the project failed")
    assert list((tmp_path / "dist").iterdir()) == []


def test_no_interpreter(reports, tmp_path):
    done = pack(tmp_path / "dist", "--build", "--python", tmp_path / "python", reports)
    refused(done, 2, "interpreter does not exist")


def test_an_interpreter_without_tools(reports, tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    refused(pack(tmp_path / "dist", "--build", "--python", python, reports), 2, "neither")


def test_a_hyphenated_slug_keeps_its_folder(tmp_path):
    """Honeyframe compares the folder's name with the manifest's; the entry point is a module's name all the same."""
    folder = tree(tmp_path / "plugins" / "my-crm", **{
        "plugin.yaml": "name: my-crm\nversion: 1.0.0\ndbt_workspace: dbt/\n", "dbt/dbt_project.yml": "", "router.py": ""})
    done = packed(tmp_path / "out", "--format", "json", folder)
    assert (done["package"], done["warnings"], done["errors"]) == ("my-crm", [], [])
    with zipfile.ZipFile(done["wheel"]) as wheel:
        names = wheel.namelist()
        entries = wheel.read("my_crm-1.0.0.dist-info/entry_points.txt").decode()
    assert {"plugins/my-crm/plugin.yaml", "plugins/my-crm/dbt/dbt_project.yml", "plugins/my-crm/router.py"} <= set(names)
    assert "my-crm = plugins.my_crm:manifest" in entries


def test_a_declared_file_of_a_hyphenated_slug_is_missed(tmp_path):
    folder = tree(tmp_path / "plugins" / "my-crm", **{
        "plugin.yaml": "name: my-crm\nversion: 1.0.0\nfrontend_entry: frontend/index.tsx\n"})
    done = packed(tmp_path / "out", "--format", "json", folder)
    assert [finding["code"] for finding in done["warnings"]] == ["declared-file-missing"]
