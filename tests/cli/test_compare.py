# SPDX-License-Identifier: MIT
"""registryctl compare: walk against registry, every kind of difference named, and nothing else."""

import pytest
from support.fake_registry import FakeRegistry
from support.registryctl import on_terminal, registryctl

GROUP = "honeyframe.plugins"
LISTS = ["only_walk", "only_registry", "value", "version", "manifest", "unknown_version", "shadowed", "invalid",
         "withheld"]


def entry(name, version="1.0.0", value=None, package=None, manifest=None):
    return {"group": GROUP, "name": name, "value": value or f"plugins.{name}:manifest",
            "package": package or name, "version": version, "source": "registry", "label": None,
            "origin": f"/v1/packages/{name}/releases/{version}", "manifest": manifest, "warnings": [],
            "errors": [], "shadowed_by": None}


def plugin(root, name, version="1.0.0", text=None):
    (root / name).mkdir(parents=True)
    (root / name / "plugin.yaml").write_text(text or f"name: {name}\nversion: {version}\n")


@pytest.fixture
def roots(tmp_path):
    install, data = tmp_path / "install", tmp_path / "data"
    install.mkdir()
    data.mkdir()
    return install, data


def compare(roots, records, *arguments):
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": records, "excluded": []})
        done = registryctl("compare", GROUP, f"install={roots[0]}", f"data={roots[1]}", *arguments,
                           REGISTRYD_URL=registry.url)
        assert registry.requests[0].query["group"] == [GROUP]
    return done


def names(report):
    """The names in each list that is not empty."""
    def name_of(item):
        return item["name"]

    return {key: [name_of(item) for item in report[key]] for key in LISTS if report[key]}


def test_equal(roots):
    plugin(roots[0], "crm")
    plugin(roots[1], "hr", "2.0.0")
    done = compare(roots, [entry("crm"), entry("hr", "2.0.0")])
    assert done.code == 0
    assert done.json == {"group": GROUP, "equal": True, "same": 2, **{key: [] for key in LISTS}}


def test_two_empty_sides_do_not_agree(roots):
    done = compare(roots, [])
    assert (done.code, done.json["equal"], done.json["same"]) == (1, False, 0)
    assert 'an entry point of the group "honeyframe.plugins"' in done.err and "--allow-empty" in done.err
    allowed = compare(roots, [], "--allow-empty")
    assert (allowed.code, allowed.json["equal"], allowed.err) == (0, True, "")


@pytest.mark.parametrize("wanted, near", [
    ("honeyframe.plugin", "honeyframe.plugins"), ("honeyframe-plugins", "honeyframe.plugins"),
    ("fastcms.plugin", "fastcms.plugins"), ("acme.tool", "acme.tools"), ("acme.toolz", "acme.tools"),
    ("walked.group", "walked.groups"), ("nothing.like.that", None),
])
def test_a_group_that_nobody_knows(tmp_path, wanted, near):
    """It may be misspelt: the nearest group is named, and no report is sent."""
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "pyproject.toml").write_text(
        '[project]\nname = "w"\nversion = "1"\n[project.entry-points."walked.groups"]\nw = "w:x"\n')
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": [], "excluded": []})
        registry.answer("GET", "/v1/groups", {"groups": [{"name": "acme.tools", "packages": 1}], "next": None})
        done = registryctl("compare", wanted, tmp_path, "--report", "--format", "table", REGISTRYD_URL=registry.url)
        assert (done.code, done.out) == (1, "")
        assert (f'Did you mean "{near}"?' in done.err) if near else ("Did you mean" not in done.err)
        assert {request.method for request in registry.requests} == {"GET"}


def test_no_report_while_one_of_several_groups_is_unknown(roots):
    plugin(roots[0], "crm")
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": [entry("crm")], "excluded": []})
        done = registryctl("compare", f"{GROUP},other.group", roots[0], "--report", REGISTRYD_URL=registry.url)
        assert done.code == 1 and [one["equal"] for one in done.json] == [True, False]
        assert {request.method for request in registry.requests} == {"GET"}


def test_a_version_that_the_walk_does_not_know_is_listed(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "pyproject.toml").write_text(
        f'[project]\nname = "b"\ndynamic = ["version"]\n[project.entry-points."{GROUP}"]\nb = "b:p"\n')
    done = compare((tmp_path, tmp_path), [entry("b", "1.2.3", "b:p")])
    assert (done.code, done.json["equal"], done.json["same"]) == (0, True, 1)
    (one,) = done.json["unknown_version"]
    assert (one["walk"]["version"], one["registry"]["version"]) == (None, "1.2.3")


@pytest.mark.parametrize("text, manifest, differs", [
    ("permissions: [a]", {"permissions": ["a"]}, False),
    ("permissions: [a, b]", {"permissions": ["a"]}, True),
    ("display_name: Two", {"display_name": "One"}, True),
    ("routers: []", {}, True),
    ("nav: [{label: X, path: /x}]", {"nav": [{"path": "/x", "label": "X"}]}, False),
    ("permissions: [a]", None, False),
])
def test_the_manifest_counts(roots, text, manifest, differs):
    """The same version with another manifest is not the same plugin."""
    plugin(roots[0], "crm", text=f"name: crm\nversion: 1.0.0\n{text}\n")
    known = None if manifest is None else {"name": "crm", "version": "1.0.0", **manifest}
    done = compare(roots, [entry("crm", manifest=known)])
    assert (done.code, names(done.json)) == (int(differs), {"manifest": ["crm"]} if differs else {})
    if differs:
        junit = compare(roots, [entry("crm", manifest=known)], "--format", "junit")
        assert 'failure type="other-manifest"' in junit.out
        assert "other manifest" in compare(roots, [entry("crm", manifest=known)], "--format", "table").out


def test_every_difference_by_name(roots):
    plugin(roots[0], "added")
    plugin(roots[0], "crm")
    plugin(roots[0], "moved")
    plugin(roots[0], "newer", "2.0.0")
    plugin(roots[1], "broken", text="name: [\n")
    plugin(roots[1], "crm", "9.0.0")
    records = [entry("crm"), entry("gone"), entry("moved", value="other.place:manifest"), entry("newer")]
    done = compare(roots, records)
    assert done.code == 1 and done.json["equal"] is False and done.json["same"] == 1
    assert names(done.json) == {
        "only_walk": ["added"], "only_registry": ["gone"], "value": ["moved"], "version": ["newer"],
        "shadowed": ["crm"], "invalid": ["broken"]}


def test_shadowed_plugins_count_when_strict(roots):
    plugin(roots[0], "crm")
    plugin(roots[1], "crm", "9.0.0")
    done = compare(roots, [entry("crm")])
    assert (done.code, done.json["equal"], list(names(done.json))) == (0, True, ["shadowed"])
    strict = compare(roots, [entry("crm")], "--strict")
    assert (strict.code, strict.json["equal"], list(names(strict.json))) == (1, False, ["shadowed"])


def test_broken_plugins_count_when_strict(roots):
    """A host does not load a broken plugin today, so a switch takes nothing from it."""
    plugin(roots[0], "crm")
    plugin(roots[1], "broken", text="name: [\n")
    done = compare(roots, [entry("crm")])
    assert (done.code, done.json["equal"], list(names(done.json))) == (0, True, ["invalid"])
    strict = compare(roots, [entry("crm")], "--strict")
    assert (strict.code, strict.json["equal"], list(names(strict.json))) == (1, False, ["invalid"])
    table = compare(roots, [entry("crm")], "--format", "table").out
    assert "walk and registry agree" in table and "broken" in table


def decision(package, code, **members):
    return {"group": GROUP, "package": package, "name": package, "version": None, "code": code, "message": "It was decided",
            "since": "2026-11-30T12:00:00Z", "by": "admin:ops", "by_name": False, **members}


def compare_decided(roots, records, decisions, *arguments):
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": records, "excluded": [], "decisions": decisions, "known": []})
        return registryctl("compare", GROUP, f"install={roots[0]}", f"data={roots[1]}", *arguments, REGISTRYD_URL=registry.url)


@pytest.mark.parametrize("strict", [[], ["--strict"]])
def test_a_disabled_plugin_is_withheld_and_no_difference(roots, strict):
    plugin(roots[0], "crm")
    plugin(roots[0], "hr")
    done = compare_decided(roots, [entry("hr")], [decision("crm", "disabled")], *strict)
    assert (done.code, done.json["equal"], names(done.json)) == (0, True, {"withheld": ["crm"]})
    (crm,) = done.json["withheld"]
    assert [one["code"] for one in crm["errors"]] == ["disabled"]


def test_what_a_withheld_plugin_hid_is_compared(roots):
    plugin(roots[0], "crm", "2.0.0")
    plugin(roots[1], "crm", "1.0.0")
    done = compare_decided(roots, [entry("crm")], [decision("crm", "quarantined", version="2.0")], "--strict")
    assert (done.code, done.json["same"], names(done.json)) == (0, 1, {"withheld": ["crm"]})


@pytest.mark.parametrize("columns", [80, 120])
def test_withheld_plugins_in_a_table(roots, columns):
    plugin(roots[0], "crm")
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve",
                        {"records": [], "excluded": [], "decisions": [decision("crm", "disabled")], "known": []})
        shown = on_terminal("compare", GROUP, f"install={roots[0]}", columns=columns, REGISTRYD_URL=registry.url, NO_COLOR="1").out
    assert "walk and registry agree" in shown and "Withheld  1 plugin" in shown
    assert all(len(line) <= columns for line in shown.splitlines())


def test_junit_skips_broken_plugins_unless_strict(roots):
    plugin(roots[0], "crm")
    (roots[0] / "lost").mkdir()
    (roots[0] / "lost" / "pyproject.toml").write_text("[project\n")
    lenient = compare(roots, [entry("crm")], "--format", "junit")
    assert (lenient.code, 'failures="0"' in lenient.out, "<skipped" in lenient.out) == (0, True, True)
    strict = compare(roots, [entry("crm")], "--format", "junit", "--strict")
    assert (strict.code, 'failure type="broken"' in strict.out) == (1, True)


def test_a_half_read_project_is_named_in_the_groups_that_could_not_be_read(roots):
    plugin(roots[0], "crm")
    (roots[0] / "half").mkdir()
    (roots[0] / "half" / "pyproject.toml").write_text(
        '[project]\nname = "half"\nversion = "1"\n[project.entry-points."other.group"]\na = "m:a"\nb = 7\n')
    done = compare(roots, [entry("crm")])
    assert done.code == 0 and [(one["name"], one["group"]) for one in done.json["invalid"]] == [("a", GROUP)]


def test_the_same_version_written_differently_is_no_difference(roots):
    plugin(roots[0], "crm", "v1.0.0-RC.1")
    assert compare(roots, [entry("crm", "1.0.0rc1")]).code == 0


def test_another_group_in_the_walk_does_not_matter(roots):
    plugin(roots[0], "crm")
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": [], "excluded": []})
        done = registryctl("compare", "other.group", roots[0], "--allow-empty", REGISTRYD_URL=registry.url)
    assert (done.code, done.json["equal"]) == (0, True)


def test_as_a_table(roots):
    plugin(roots[0], "added")
    plugin(roots[0], "newer", "2.0.0")
    table = compare(roots, [entry("newer"), entry("gone")], "--format", "table").out
    assert "walk and registry differ" in table
    for words in (["only in the walk", "added"], ["only in the registry", "gone"],
                  ["other version", "newer", "2.0.0", "1.0.0"]):
        assert any(all(word in line for word in words) for line in table.splitlines()), words


def test_a_table_that_agrees(roots):
    plugin(roots[0], "crm")
    table = compare(roots, [entry("crm")], "--format", "table").out
    assert table == f"{GROUP}  walk and registry agree, 1 entry point the same\n"


def test_without_a_registry_there_is_no_report(roots):
    done = registryctl("compare", GROUP, roots[0])
    assert (done.code, done.out) == (4, "")
    assert registryctl("compare", GROUP, "/nowhere/at/all").code == 2


def test_a_project_that_cannot_be_read_is_told_in_every_group(tmp_path):
    """It might have had entry points of any; in the report it is one of the group that was compared."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "pyproject.toml").write_text("[project\n")
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": [], "excluded": []})
        for group in ("honeyframe.plugins", "console_scripts"):
            done = registryctl("compare", group, tmp_path, REGISTRYD_URL=registry.url)
            assert [(one["group"], one["name"]) for one in done.json["invalid"]] == [(group, "broken")]
            assert done.code == 1 and done.json["equal"] is False
