# SPDX-License-Identifier: MIT
"""registryctl publish and check: what is sent, what is refused here and there, one bad among good."""

import json

import pytest
from support.fake_registry import FakeRegistry
from support.registryctl import registryctl

PYPROJECT = """\
[project]
name = "Acme.CRM"
version = "1.0RC1"
description = "Customers"
readme = "README.md"
requires-python = ">=3.9"

[project.entry-points."honeyframe.plugins"]
crm = "plugins.crm:manifest"
"""


@pytest.fixture
def registry():
    with FakeRegistry() as running:
        yield running


def run(registry, command, *arguments):
    """The documents of directories; what is packed, test_publish_packed.py says."""
    more = ["--metadata-only"] if command == "publish" else []
    return registryctl(command, *more, *arguments, REGISTRYD_URL=registry.url, REGISTRYD_TOKEN="secret")


def accept(registry, package, version, created=True, warnings=()):
    registry.answer("PUT", f"/v1/packages/{package}/releases/{version}",
                    {"package": package, "version": version, "serial": 7, "epoch": "e", "created": created,
                     "warnings": list(warnings)}, 201 if created else 200)


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "README.md").write_text("# Acme\n")
    return folder


@pytest.fixture
def plugin(tmp_path):
    return make_plugin(tmp_path, "crm")


def make_plugin(root, slug, text=None):
    folder = root / slug
    folder.mkdir()
    (folder / "plugin.yaml").write_text(text or f"name: {slug}\nversion: 0.1.0\n")
    return folder


# ---- publish ----


def test_a_plugin_directory(registry, plugin):
    accept(registry, "crm", "0.1.0")
    done = run(registry, "publish", plugin)
    assert (done.code, done.err) == (0, "")
    (result,) = done.json
    assert (result["outcome"], result["package"], result["version"]) == ("published", "crm", "0.1.0")
    assert (result["serial"], result["epoch"], result["error"]) == (7, "e", None)
    (request,) = registry.requests
    assert request.headers["Authorization"] == "Bearer secret"
    assert request.headers["Content-Type"] == "application/json"
    document = json.loads(request.body)
    assert document["entry_points"] == {"honeyframe.plugins": {"crm": "plugins.crm:manifest"}}
    assert document["manifests"]["honeyframe.plugins"]["crm"]["name"] == "crm"


def test_a_project_with_its_readme(registry, project):
    accept(registry, "acme-crm", "1.0rc1")
    assert run(registry, "publish", project).code == 0
    document = json.loads(registry.requests[0].body)
    assert document["description"] == "# Acme\n"
    assert document["requires_python"] == ">=3.9"
    assert document["summary"] == "Customers"


def test_the_file_itself_may_be_named(registry, project, plugin):
    accept(registry, "acme-crm", "1.0rc1")
    accept(registry, "crm", "0.1.0")
    assert run(registry, "publish", project / "pyproject.toml", plugin / "plugin.yaml").code == 0


def test_from_inside_the_directory(registry, plugin):
    accept(registry, "crm", "0.1.0")
    done = registryctl("publish", "--metadata-only", ".", cwd=plugin, REGISTRYD_URL=registry.url)
    assert done.code == 0, done.err  # "." is not the name, the directory's is


def test_again_changes_nothing(registry, plugin):
    accept(registry, "crm", "0.1.0", created=False)
    done = run(registry, "publish", plugin)
    assert (done.code, done.json[0]["outcome"]) == (0, "unchanged")
    assert "unchanged" in run(registry, "publish", plugin, "--format", "table").out


def test_a_bad_one_does_not_stop_the_others(registry, tmp_path):
    good = make_plugin(tmp_path, "crm")
    bad = make_plugin(tmp_path, "bad", "name: [\n")
    taken = make_plugin(tmp_path, "taken")
    last = make_plugin(tmp_path, "last")
    accept(registry, "crm", "0.1.0")
    accept(registry, "last", "0.1.0")
    registry.problem("PUT", "/v1/packages/taken/releases/0.1.0", 409, "conflict", "Other content is there")
    done = run(registry, "publish", good, bad, taken, last)
    assert done.code == 3
    assert [result["outcome"] for result in done.json] == ["published", "failed", "failed", "published"]
    assert f"{bad}/plugin.yaml:" in done.err and "Other content is there" in done.err
    table = run(registry, "publish", good, bad, taken, last, "--format", "table").out
    assert "2 published, 0 unchanged, 2 failed" in table


def test_what_the_registry_finds(registry, plugin):
    registry.problem("PUT", "/v1/packages/crm/releases/0.1.0", 422, "invalid", "It breaks a rule",
                     errors=[{"code": "some-rule", "where": "/summary", "message": "Too dull",
                              "hint": "Brighten it"}])
    done = run(registry, "publish", plugin)
    assert done.code == 3
    for part in ("/summary: Too dull", "some-rule", "Brighten it"):
        assert part in done.err
    assert done.json[0]["errors"][0]["code"] == "some-rule"


def test_warnings_of_the_registry_are_shown(registry, plugin):
    accept(registry, "crm", "0.1.0", warnings=[
        {"code": "near-name", "where": "/name", "message": "There is a package crn", "hint": None}])
    done = run(registry, "publish", plugin)
    assert [warning["code"] for warning in done.json[0]["warnings"]] == ["near-name"]
    assert "There is a package crn" in run(registry, "publish", plugin, "--format", "table").out


def test_without_a_token_the_rest_is_not_tried(registry, tmp_path):
    one, two = make_plugin(tmp_path, "one"), make_plugin(tmp_path, "two")
    registry.problem("PUT", "/v1/packages/one/releases/0.1.0", 401, "unauthorized", "A valid token is required")
    done = registryctl("publish", "--metadata-only", one, two, REGISTRYD_URL=registry.url)
    assert done.code == 3 and "A valid token is required" in done.err
    assert "Set REGISTRYD_TOKEN to a token that may publish" in done.err
    assert [result["outcome"] for result in done.json] == ["failed", "not sent"]
    assert len(registry.requests) == 1 and "Authorization" not in registry.requests[0].headers


def test_an_unreachable_registry(tmp_path):
    one, two = make_plugin(tmp_path, "one"), make_plugin(tmp_path, "two")
    done = registryctl("publish", "--metadata-only", one, two)
    assert done.code == 4
    assert [result["outcome"] for result in done.json] == ["failed", "not sent"]


def test_nothing_is_sent_that_breaks_a_rule(registry, tmp_path):
    done = run(registry, "publish", make_plugin(tmp_path, "crm", "name: crm\nversion: banana\n"))
    assert done.code == 3 and registry.requests == []
    assert "banana" in done.err


@pytest.mark.parametrize("text", ["name: crm\n", None])
def test_a_version_for_what_declares_none(registry, tmp_path, text):
    if text:
        folder = make_plugin(tmp_path, "crm", text)
    else:
        folder = tmp_path / "p"
        folder.mkdir()
        (folder / "pyproject.toml").write_text('[project]\nname = "crm"\ndynamic = ["version"]\n')
    accept(registry, "crm", "3.1")
    refused = run(registry, "publish", folder)
    assert refused.code == 3 and "version-missing" in refused.out + refused.err
    assert text or "--version" in refused.out + refused.err
    assert registry.requests == []
    done = run(registry, "publish", folder, "--version", "3.1")
    assert (done.code, done.json[0]["version"]) == (0, "3.1"), done.err
    assert json.loads(registry.requests[0].body)["version"] == "3.1"


def test_a_declared_version_stays(registry, plugin):
    accept(registry, "crm", "0.1.0")
    assert run(registry, "publish", plugin, "--version", "9").json[0]["version"] == "0.1.0"


def test_a_readme_outside_the_project_is_not_read(registry, project):
    (project.parent / "secret").write_text("secret")
    (project / "README.md").unlink()
    (project / "README.md").symlink_to("../secret")
    done = run(registry, "publish", project)
    assert done.code == 3 and registry.requests == []
    assert done.json[0]["errors"][0]["code"] == "link-outside-root"


@pytest.mark.parametrize("readme", ["../secret", "/etc/hostname", "nowhere.md"])
def test_a_readme_that_cannot_be_had(registry, project, readme):
    (project.parent / "secret").write_text("secret")
    (project / "pyproject.toml").write_text(PYPROJECT.replace("README.md", readme))
    done = run(registry, "publish", project)
    assert done.code == 3 and registry.requests == []
    assert done.json[0]["errors"]


# ---- what is no project ----


@pytest.mark.parametrize(
    "make, needle",
    [
        (lambda root: root / "nowhere", "The directory does not exist"),
        (lambda root: root, "Nothing to publish here"),
    ],
)
def test_a_bad_path_is_usage(registry, tmp_path, make, needle):
    for command in ("publish", "check"):
        done = run(registry, command, make(tmp_path))
        assert done.code == 2
        assert needle in done.json[0]["error"]["message"]


# ---- check ----


def test_check_needs_no_registry(plugin, project):
    done = registryctl("check", plugin, project)
    assert (done.code, [result["outcome"] for result in done.json]) == (0, ["ok", "ok"])


def test_check_names_file_and_line(tmp_path):
    bad = make_plugin(tmp_path, "crm", "name: crm\nversion: 1.0.0\nrouters:\n  - not a reference\n")
    done = registryctl("check", bad)
    assert done.code == 1
    (error,) = done.json[0]["errors"]
    assert error["where"].startswith(f"{bad}/plugin.yaml:4")
    table = registryctl("check", bad, "--format", "table").out
    assert f"{bad}/plugin.yaml:4" in table and f"[{error['code']}]" in table


def test_check_strict_counts_warnings(tmp_path):
    folder = make_plugin(tmp_path, "crm", "name: crm\nversion: 1.0.0\ncolour: red\n")
    done = registryctl("check", folder)
    assert (done.code, len(done.json[0]["warnings"])) == (0, 1)
    assert registryctl("check", folder, "--strict").code == 1


def test_check_malformed_toml(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "a"\nversion = \n')
    done = registryctl("check", tmp_path)
    assert done.code == 1
    assert f"{tmp_path}/pyproject.toml:3" in done.json[0]["errors"][0]["where"]
