# SPDX-License-Identifier: MIT
"""registryctl compare of several groups, as JUnit XML, and with a report to the registry."""

import json
import socket
import xml.etree.ElementTree as ElementTree

import pytest
from support.fake_registry import FakeRegistry
from support.registryctl import registryctl

GROUP = "honeyframe.plugins"
OTHER = "acme.things"


def entry(name, version="1.0.0", group=GROUP):
    return {"group": group, "name": name, "value": f"plugins.{name}:manifest", "package": name, "version": version,
            "source": "registry", "label": None, "origin": f"/v1/packages/{name}/releases/{version}",
            "manifest": {"name": name, "version": "1.0.0"}, "warnings": [], "errors": [], "shadowed_by": None}


@pytest.fixture
def root(tmp_path):
    """same, moved on, only here, broken; and a group that agrees."""
    root = tmp_path / "install"
    for name, text in [("crm", "name: crm\nversion: 1.0.0\n"), ("newer", "name: newer\nversion: 2.0.0\n"),
                       ("local", "name: local\nversion: 1.0.0\n"), ("bad", "name: [\n")]:
        (root / name).mkdir(parents=True)
        (root / name / "plugin.yaml").write_text(text)
    (root / "things").mkdir()
    (root / "things" / "pyproject.toml").write_text(
        f'[project]\nname = "t"\nversion = "1.0.0"\n[project.entry-points."{OTHER}"]\nt = "plugins.t:manifest"\n')
    return root


@pytest.fixture
def registry():
    with FakeRegistry() as running:
        records = [entry("crm"), entry("newer"), entry("remote"), entry("t", group=OTHER)]
        running.answer("GET", "/v1/resolve", {"records": records, "excluded": []})
        running.answer("POST", "/v1/reports", {"host": "h", "environment": "default", "groups": [], "warnings": []}, 201)
        yield running


def run(registry, *arguments):
    return registryctl("compare", *arguments, REGISTRYD_URL=registry.url, REGISTRYD_TOKEN="secret")


# ---- several groups ----


def test_several_groups_are_an_array(registry, root):
    done = run(registry, f"{GROUP},{OTHER}", root)
    assert done.code == 1
    assert [(report["group"], report["equal"]) for report in done.json] == [(GROUP, False), (OTHER, True)]
    (request,) = registry.requests
    assert request.query["group"] == [GROUP, OTHER]
    again = run(registry, "--group", GROUP, "--group", OTHER, root)
    assert (again.code, again.json) == (1, done.json)


def test_one_group_is_one_object_however_it_is_named(registry, root):
    named = run(registry, OTHER, root)
    assert (named.code, named.json["group"]) == (0, OTHER)
    assert run(registry, "--group", OTHER, root).json == named.json
    assert run(registry, f"{OTHER},{OTHER}", root).json == named.json


def test_tables_of_several_groups(registry, root):
    out = run(registry, f"{GROUP},{OTHER}", root, "--format", "table").out
    assert f"{GROUP}  walk and registry differ" in out and f"\n{OTHER}  walk and registry agree" in out


@pytest.mark.parametrize("arguments", [["g"], ["--group", "g"], ["g,,h", "."], [",", "."]])
def test_usage(arguments):
    assert registryctl("compare", *arguments).code == 2


# ---- JUnit ----


def cases(suite):
    def outcome(case):
        (child,) = list(case) or [None]
        return child if child is None else (child.tag, child.get("type"), child.get("message"))

    return {case.get("name"): outcome(case) for case in suite}


def test_junit(registry, root):
    done = run(registry, f"{GROUP},{OTHER}", root, "--format", "junit")
    assert done.code == 1
    first, second = ElementTree.fromstring(done.out)
    assert first.attrib == {"name": GROUP, "tests": "5", "failures": "3", "errors": "0", "skipped": "1"}
    found = cases(first)
    assert sorted(found) == ["bad", "crm", "local", "newer", "remote"]
    assert found["crm"] is None
    assert found["local"][:2] == ("failure", "only-walk") and f"{root}/local" in found["local"][2]
    assert found["remote"][:2] == ("failure", "only-registry")
    assert found["newer"][:2] == ("failure", "other-version")
    assert "2.0.0" in found["newer"][2] and "1.0.0" in found["newer"][2]
    assert found["bad"][0] == "skipped" and "plugin.yaml:" in found["bad"][2]
    assert cases(second) == {"t": None} and second.get("failures") == "0"


def test_junit_strict(registry, root, tmp_path):
    (tmp_path / "data" / "crm").mkdir(parents=True)
    (tmp_path / "data" / "crm" / "plugin.yaml").write_text("name: crm\nversion: 1.0.0\n")
    for arguments, failures, skipped in [([], "3", "2"), (["--strict"], "5", "0")]:
        done = run(registry, GROUP, root, tmp_path / "data", "--format", "junit", *arguments)
        (suite,) = ElementTree.fromstring(done.out)
        assert (suite.get("failures"), suite.get("skipped")) == (failures, skipped)


def test_junit_is_xml_whatever_the_names(registry, tmp_path):
    for name in ['a<b>&"c', "d\x1b\ufffee"]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "plugin.yaml").write_text("name: [\n")
    done = run(registry, GROUP, tmp_path, "--format", "junit")
    (suite,) = ElementTree.fromstring(done.out)
    assert 'a<b>&"c' in cases(suite)


def test_junit_is_of_compare_alone(root):
    done = registryctl("walk", root, "--format", "junit")
    assert done.code == 2 and '"table", "json" or "lines"' in done.err


# ---- reports ----


def sent(registry):
    (request,) = [request for request in registry.requests if request.method == "POST"]
    assert request.path == "/v1/reports" and request.headers["Authorization"] == "Bearer secret"
    return json.loads(request.body)


def test_a_report(registry, root):
    done = run(registry, f"{GROUP},{OTHER}", f"install={root}", "--report", "--host", "web-1", "--strict")
    assert (done.code, done.err) == (1, "")
    report = sent(registry)
    assert (report["host"], report["environment"], report["convention"]) == ("web-1", "default", "auto")
    assert report["roots"] == [{"label": "install", "path": str(root)}]
    first, second = report["reports"]
    assert first["counts"] == {"only_walk": 1, "only_registry": 1, "value": 0, "version": 1, "manifest": 0,
                               "unknown_version": 0, "shadowed": 0, "invalid": 1, "withheld": 0}
    assert [item["name"] for item in first["only_walk"]] == ["local"]
    assert first["version"][0]["registry"]["manifest"] is None
    assert (second["group"], second["equal"], second["same"]) == (OTHER, True, 1)


def test_how_long_reports_must_agree_goes_with_the_report(registry, root):
    run(registry, GROUP, root, "--report", "--for", "7d")
    assert sent(registry)["for_seconds"] == 7 * 86400
    registry.requests.clear()
    run(registry, GROUP, root, "--report")
    assert "for_seconds" not in sent(registry)
    for arguments in (["--report", "--for", "soon"], ["--report", "--for", "0"], ["--for", "1h"]):
        done = run(registry, GROUP, root, *arguments)
        assert done.code == 2 and "--for" in done.err


def test_equal_in_a_report_is_without_strict(registry, tmp_path):
    for place in ("install", "data"):
        (tmp_path / place / "crm").mkdir(parents=True)
        (tmp_path / place / "crm" / "plugin.yaml").write_text("name: crm\nversion: 1.0.0\n")
    registry.replies[("GET", "/v1/resolve")].clear()
    registry.answer("GET", "/v1/resolve", {"records": [entry("crm")], "excluded": []})
    done = run(registry, GROUP, tmp_path / "install", tmp_path / "data", "--report", "--strict")
    assert done.code == 1 and not done.json["equal"]
    report = sent(registry)
    assert report["reports"][0]["equal"] is True
    assert report["host"] == socket.gethostname()


def test_long_lists_are_cut_and_counted(registry, tmp_path):
    for number in range(130):
        (tmp_path / f"p{number}").mkdir()
        (tmp_path / f"p{number}" / "plugin.yaml").write_text(f"name: p{number}\nversion: 1.0.0\n")
    done = run(registry, GROUP, tmp_path, "--report")
    assert len(done.json["only_walk"]) == 130
    (report,) = sent(registry)["reports"]
    assert (len(report["only_walk"]), report["counts"]["only_walk"]) == (100, 130)


def test_a_report_that_is_refused_hides_nothing(registry, root):
    registry.replies[("POST", "/v1/reports")].clear()
    registry.problem("POST", "/v1/reports", 403, "forbidden", "The token does not allow reports")
    done = run(registry, GROUP, root, "--report")
    assert done.code == 3 and "does not allow reports" in done.err
    assert done.json["group"] == GROUP


def test_without_report_nothing_is_sent(registry, root):
    run(registry, GROUP, root, "--host", "web-1")
    assert [request.method for request in registry.requests] == ["GET"]
