# SPDX-License-Identifier: MIT
"""Publishing a directory ships its code: a plugin directory as a wheel, a project by the files of its build. What
another machine then installs is the plugin that was walked."""

import subprocess
import sys
import urllib.request

import pytest
from support.artifacts import sdist, wheel
from support.registryctl import on_terminal, registryctl

GROUP = "honeyframe.plugins"
PROJECT = "[project]\nname = \"reports\"\nversion = \"4.0\"\n[project.entry-points.g]\nreports = \"reports:plugin\"\n"
HATCH = "[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n" + PROJECT


@pytest.fixture
def run(daemon):
    settings = {"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": daemon.publisher_token}
    return lambda *arguments: registryctl(*arguments, **settings)


def plugin(root, name, version="1.0"):
    folder = root / "plugins" / name
    folder.mkdir(parents=True)
    (folder / "plugin.yaml").write_text(f"name: {name}\nversion: '{version}'\ndisplay_name: {name.upper()}\n")
    (folder / "router.py").write_text("ROUTES = [1]\n")
    return folder


def project(root, text=PROJECT):
    root.mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").write_text(text)
    (root / "reports").mkdir()
    (root / "reports" / "__init__.py").write_text("plugin = 1\n")
    return root


def built(root, *files):
    (root / "dist").mkdir(exist_ok=True)
    for name, data in files:
        (root / "dist" / name).write_bytes(data)


def files_of(daemon, package, version):
    return [file["filename"] for file in daemon.get(f"/v1/packages/{package}/releases/{version}").json["artifacts"]]


def test_another_machine_installs_what_was_published(daemon, run, tmp_path):
    folder = plugin(tmp_path, "elsewhere")
    outcome = run("publish", folder).json[0]
    assert outcome["outcome"] == "published" and outcome["filename"] == "elsewhere-1.0-py3-none-any.whl"
    assert outcome["path"] == str(folder) and outcome["warnings"] == []
    with urllib.request.urlopen(daemon.url + outcome["url"]) as answer:
        (tmp_path / outcome["filename"]).write_bytes(answer.read())
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile",
                    "--disable-pip-version-check", "--target", tmp_path / "site", tmp_path / outcome["filename"]],
                   check=True, capture_output=True)
    assert (tmp_path / "site/plugins/elsewhere/router.py").read_text() == "ROUTES = [1]\n"
    (record,) = [entry for entry in run("resolve", GROUP).json if entry["package"] == "elsewhere"]
    (walked,) = run("walk", folder.parent).json
    assert {key: record[key] for key in ("group", "name", "value", "package", "version", "manifest")} == {
        key: walked[key] for key in ("group", "name", "value", "package", "version", "manifest")}


def test_again_changes_nothing_and_other_code_is_refused(run, tmp_path):
    folder = plugin(tmp_path, "again")
    assert run("publish", folder).json[0]["outcome"] == "published"
    assert run("publish", folder).json[0]["outcome"] == "unchanged"
    (folder / "router.py").write_text("ROUTES = [2]\n")
    done = run("publish", folder)
    assert done.code == 3 and done.json[0]["error"]["code"] == "conflict"


def test_a_root_is_packed_whole(daemon, run, tmp_path):
    for name in ("one", "two"):
        plugin(tmp_path, name)
    done = run("publish", "--all", tmp_path / "plugins")
    assert [outcome["filename"] for outcome in done.json] == ["one-1.0-py3-none-any.whl", "two-1.0-py3-none-any.whl"]


def test_the_metadata_alone(daemon, run, tmp_path):
    folder = plugin(tmp_path, "bare")
    outcome = run("publish", "--metadata-only", folder).json[0]
    assert outcome["outcome"] == "published" and "filename" not in outcome
    assert files_of(daemon, "bare", "1.0") == []


def test_the_files_of_a_build_are_taken(daemon, run, tmp_path):
    root = project(tmp_path / "reports")
    entries = "[g]\nreports = reports:plugin\n"
    built(root, wheel("reports", "4.0", entries), sdist("reports", "4.0"), wheel("reports", "3.9", entries),
          wheel("others", "4.0", entries), ("notes.txt", b"x"))
    done = run("publish", root)
    assert done.code == 0, done.err
    assert [outcome["filename"] for outcome in done.json] == ["reports-4.0-py3-none-any.whl", "reports-4.0.tar.gz"]
    assert sorted(files_of(daemon, "reports", "4.0")) == ["reports-4.0-py3-none-any.whl", "reports-4.0.tar.gz"]


def test_a_backend_is_run_when_asked(daemon, run, tmp_path):
    root = project(tmp_path / "reports", HATCH.replace("4.0", "4.1"))
    built(root, ("reports-4.1-py3-none-any.whl", b"not read"))
    done = run("publish", "--build", "--python", sys.executable, root)
    assert done.code == 0, done.err
    assert done.json[0]["filename"].startswith("reports-4.1-") and files_of(daemon, "reports", "4.1")


def test_a_release_without_a_file_says_so(daemon, tmp_path):
    root = project(tmp_path / "reports", PROJECT.replace("4.0", "4.2"))
    shown = on_terminal("publish", root, REGISTRYD_URL=daemon.url, REGISTRYD_TOKEN=daemon.publisher_token)
    assert "The release has no file yet" in shown.out and "--build" in shown.out
    assert files_of(daemon, "reports", "4.2") == []


def test_one_of_two_ways(run, tmp_path):
    done = run("publish", "--metadata-only", "--build", tmp_path)
    assert done.code == 2 and "not both" in done.err


def test_check_finds_what_publish_finds(run, tmp_path):
    folder = plugin(tmp_path, "lacking")
    (folder / "plugin.yaml").write_text("name: lacking\nversion: '1.0'\nfrontend_entry: web/index.tsx\n")
    (checked,) = run("check", folder).json
    assert [warning["code"] for warning in checked["warnings"]] == ["declared-file-missing"]
    (published,) = run("publish", folder).json
    assert published["warnings"] == checked["warnings"] and published["sha256"] == checked["sha256"]
    (folder / "out").symlink_to("/etc/passwd")
    assert run("check", folder).code == 1 and run("publish", folder).code == 3
