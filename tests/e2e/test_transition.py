# SPDX-License-Identifier: MIT
"""The main job, end to end: publish plugin directories to a real daemon, resolve them, walk the same
directories, compare; then change one thing after the other and see exactly that named."""

import shutil

import pytest
from support.registryctl import SOURCE_DIR, registryctl

GROUP = "honeyframe.plugins"
LISTS = ["only_walk", "only_registry", "value", "version", "manifest", "shadowed", "invalid"]


def plugin(root, name, version="1.0.0", text=None):
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plugin.yaml").write_text(text or f"name: {name}\nversion: {version}\n")
    return folder


def project(root, name, version, entry_points, more=""):
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    lines = "\n".join(f'{key} = "{value}"' for key, value in entry_points.items())
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "{name}"\nversion = "{version}"\n{more}\n'
        f'[project.entry-points."{GROUP}"]\n{lines}\n')
    return folder


@pytest.fixture(scope="module")
def call(daemon):
    def run(*arguments, token=None):
        return registryctl(*arguments, REGISTRYD_URL=daemon.url,
                           REGISTRYD_TOKEN=daemon.publisher_token if token is None else token)

    return run


@pytest.fixture(scope="module")
def published(call, tmp_path_factory):
    """Three plugins, published from where they lie."""
    root = tmp_path_factory.mktemp("plugins")
    folders = [plugin(root, name) for name in ("crm", "finance", "hr")]
    done = call("publish", *folders)
    assert done.code == 0, done.err
    assert [result["outcome"] for result in done.json] == ["published"] * 3
    serials = [result["serial"] for result in done.json]
    assert serials == sorted(set(serials))
    return root


@pytest.fixture
def roots(published, tmp_path):
    """A copy of what was published, to change."""
    shutil.copytree(published, tmp_path / "install")
    (tmp_path / "data").mkdir()
    return tmp_path / "install", tmp_path / "data"


def compare(call, roots, *arguments):
    done = call("compare", GROUP, f"install={roots[0]}", f"data={roots[1]}", *arguments)
    assert done.code in (0, 1), done.err
    report = done.json
    assert (done.code == 0) == report["equal"]
    return report, {key: [item["name"] for item in report[key]] for key in LISTS if report[key]}


def test_publishing_again_changes_nothing(call, published):
    done = call("publish", *sorted(published.iterdir()))
    assert done.code == 0
    assert [result["outcome"] for result in done.json] == ["unchanged"] * 3


def test_other_content_is_refused(call, tmp_path, published):
    other = plugin(tmp_path, "crm", text="name: crm\nversion: 1.0.0\ndisplay_name: Other\n")
    done = call("publish", other)
    assert done.code == 3 and done.json[0]["error"]["code"] == "conflict"


def test_without_a_token_nothing_is_published(call, tmp_path, published):
    folder = plugin(tmp_path, "nobodys")
    for token in ("", "wrong"):
        done = call("publish", folder, token=token)
        assert done.code == 3 and "token" in done.err
    assert call("show", "nobodys").code == 1


def test_resolve_gives_what_the_walk_gives(call, published):
    walked = call("walk", f"install={published}").json
    resolved = call("resolve", GROUP).json
    keys = ("group", "name", "value", "package", "version", "manifest", "warnings", "errors")
    assert [[record[key] for key in keys] for record in resolved] == [
        [record[key] for key in keys] for record in walked]
    assert {record["source"] for record in resolved} == {"registry"}


def test_equal(call, roots):
    report, names = compare(call, roots)
    assert (report["equal"], report["same"], names) == (True, 3, {})
    assert compare(call, roots, "--strict")[0]["equal"]


def test_added(call, roots):
    plugin(roots[1], "warehouse")
    assert compare(call, roots)[1] == {"only_walk": ["warehouse"]}


def test_removed(call, roots):
    shutil.rmtree(roots[0] / "hr")
    assert compare(call, roots)[1] == {"only_registry": ["hr"]}


def test_changed_version(call, roots):
    plugin(roots[0], "crm", "1.1.0")
    report, names = compare(call, roots)
    assert names == {"version": ["crm"]} and report["same"] == 2
    (pair,) = report["version"]
    assert (pair["walk"]["version"], pair["registry"]["version"]) == ("1.1.0", "1.0.0")


def test_broken(call, roots):
    plugin(roots[1], "bad", text="name: [\n")
    report, names = compare(call, roots)
    assert report["equal"] and names == {"invalid": ["bad"]}
    assert not compare(call, roots, "--strict")[0]["equal"]


def test_a_published_plugin_that_broke_on_disk(call, roots):
    plugin(roots[0], "crm", text="name: [\n")
    assert compare(call, roots)[1] == {"invalid": ["crm"], "only_registry": ["crm"]}


def test_shadowed(call, roots):
    plugin(roots[1], "crm", "9.0.0")
    report, names = compare(call, roots)
    assert report["equal"] and names == {"shadowed": ["crm"]}
    assert not compare(call, roots, "--strict")[0]["equal"]


def test_show_and_groups(call, published):
    assert {"name": GROUP, "packages": 3, "entry_points": 3} in call("groups").json
    shown = call("show", "CRM").json
    assert shown["latest_version"] == "1.0.0"
    assert shown["document"]["entry_points"] == {GROUP: {"crm": "plugins.crm:manifest"}}
    release = call("show", "crm==1.0.0").json
    assert release["document"]["manifests"][GROUP]["crm"] == {"name": "crm", "version": "1.0.0"}
    for arguments in (["crm"], ["crm", "1.0.0"]):
        table = call("show", *arguments, "--format", "table").out
        assert "plugins.crm:manifest" in table
    assert call("show", "crm==9").code == 1 and call("show", "nope").code == 1


# ---- last: these change what the registry holds ----


def test_a_package_takes_over_a_plugin(call, roots, tmp_path):
    """The move itself: the entry point now comes from a package, under another package name."""
    folder = project(tmp_path, "acme-stock", "2.0", {"stock": "acme.stock:manifest"})
    assert call("publish", folder).code == 0
    plugin(roots[1], "stock", '"2.0"')
    report, names = compare(call, roots)
    assert names == {"value": ["stock"]}
    (pair,) = report["value"]
    assert (pair["walk"]["value"], pair["registry"]["value"]) == ("plugins.stock:manifest", "acme.stock:manifest")
    fixed = project(tmp_path, "acme-stock", "2.1", {"stock": "plugins.stock:manifest"})
    assert call("publish", fixed).code == 0
    assert compare(call, roots)[1] == {"version": ["stock"]}
    plugin(roots[1], "stock", '"2.1"')
    assert compare(call, roots)[1] == {}


def test_explain_and_python(call, tmp_path):
    old = project(tmp_path, "acme-report", "1.0", {"report": "acme.report:manifest"})
    assert call("publish", old).code == 0
    new = project(tmp_path, "acme-report", "2.0", {"report": "acme.report:manifest"}, 'requires-python = ">=3.13"')
    assert call("publish", new).code == 0
    pre = project(tmp_path, "acme-report", "3.0rc1", {"report": "acme.report:manifest"})
    assert call("publish", pre).code == 0

    def version(*arguments):
        return [r["version"] for r in call("resolve", GROUP, *arguments).json if r["name"] == "report"]

    assert version("--python", "3.11") == ["1.0"]
    assert version("--python", "3.13") == ["2.0"]
    assert version("--prereleases") == ["3.0rc1"]
    explained = call("resolve", GROUP, "--python", "3.11", "--explain").json
    codes = {(e["version"], e["code"]) for e in explained["excluded"] if e["package"] == "acme-report"}
    assert codes >= {("2.0", "requires-python"), ("3.0rc1", "prerelease")}
    assert "requires-python" in call("resolve", GROUP, "--python", "3.11", "--explain", "--format", "table").out


def test_the_examples(call):
    examples = SOURCE_DIR / "docs" / "examples"
    good = [path.parent for path in sorted(examples.glob("*/plugins/*/plugin.yaml")) if path.parent.name != "helpdesk"]
    projects = sorted(path.parent for path in examples.glob("packages/*/pyproject.toml"))
    done = call("check", *good, *projects)
    assert done.code == 0, done.out
    bad = call("publish", examples / "data" / "plugins" / "helpdesk")
    assert bad.code == 3 and "helpdesk/plugin.yaml:" in bad.err
