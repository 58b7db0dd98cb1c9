# SPDX-License-Identifier: MIT
"""registryctl contributions of a registry and of directories, and compare --contributions."""

import json

import pytest
from support.daemon import SOURCE_DIR
from support.fake_registry import FakeRegistry
from support.registryctl import registryctl

GROUP = "honeyframe.plugins"
MANIFESTS = {
    "crm": {"name": "crm", "version": "1.0", "nav": [{"label": "Customers", "path": "/crm"}], "permissions": ["crm.read"],
            "seed_groups": [{"name": "staff", "permissions": ["crm.read"]}]},
    "sales": {"name": "sales", "version": "2.0", "nav": [{"label": "Deals", "path": "/crm/"}], "permissions": ["sales.read"],
              "seed_groups": [{"name": "staff", "permissions": ["sales.read"]}]},
}


def entry(name, manifest):
    return {"group": GROUP, "name": name, "value": f"plugins.{name}:manifest", "package": name, "version": "1.0",
            "source": "registry", "label": None, "origin": f"/v1/packages/{name}/releases/1.0",
            "manifest": manifest, "warnings": [], "errors": [], "shadowed_by": None}


def fill(root, manifests):
    for name, manifest in manifests.items():
        (root / name).mkdir(parents=True)
        (root / name / "plugin.yaml").write_text(json.dumps(manifest))
    return root


@pytest.fixture
def registry():
    with FakeRegistry() as running:
        running.answer("GET", "/v1/resolve", {"records": [entry(name, one) for name, one in MANIFESTS.items()], "excluded": []})
        running.answer("GET", f"/v1/groups/{GROUP}", {"name": GROUP})
        running.answer("GET", "/v1/groups", {"groups": [{"name": GROUP}], "next": None})
        yield running


def test_a_registry_and_directories_are_merged_to_the_same_lists(tmp_path, registry):
    fill(tmp_path / "install", MANIFESTS)
    here = registryctl("contributions", "--root", tmp_path / "install").json
    there = registryctl("contributions", GROUP, REGISTRYD_URL=registry.url).json
    for kind in ("navigation", "permissions", "seed_groups"):
        names = [[row.get("path", row.get("name")) for row in side[kind]] for side in (here, there)]
        assert names[0] == names[1] and names[0], kind
    assert [row["code"] for row in here["conflicts"]] == ["navigation-path-shared", "seed-group-shared"]
    assert [row["code"] for row in there["conflicts"]] == ["navigation-path-shared", "seed-group-shared"]
    assert here["seed_groups"][0]["permissions"] == ["crm.read", "sales.read"]


def test_people_see_a_table_with_the_conflicts_below(tmp_path):
    fill(tmp_path / "install", {**MANIFESTS, "bad": {"name": "bad"}})
    done = registryctl("contributions", "--root", tmp_path / "install", "--format", "table")
    assert done.code == 0 and "navigation" in done.out and "staff" in done.out
    assert 'contribute the navigation path "/crm": "crm" of crm, "sales" of sales [navigation-path-shared]' in " ".join(done.out.split())
    assert "[contributions-unknown]" in done.out and '"bad"' in done.out
    lines = registryctl("contributions", "--root", tmp_path / "install", "--format", "lines").out.splitlines()
    assert f"navigation\t{GROUP}\t/crm\t\tcrm\tcrm" in lines


@pytest.mark.parametrize("manifests, code", [(MANIFESTS, 1), ({"crm": MANIFESTS["crm"]}, 0), ({"bad": {"name": "bad"}}, 1)])
def test_strict_fails_for_conflicts_and_for_the_unknown(tmp_path, manifests, code):
    root = fill(tmp_path / "install", manifests)
    assert registryctl("contributions", "--root", root, "--strict").code == code
    assert registryctl("contributions", "--root", root).code == 0


def test_two_owners_of_an_endpoint_are_named(tmp_path):
    for domain, path in (("users", "/login/{name}"), ("guests", "/login/{guest}")):
        folder = tmp_path / "domains" / domain
        folder.mkdir(parents=True)
        (folder / "login_plugin.py").write_text(
            f'class Login(BasePlugin):\n    def on_boot(self):\n        self.http.add_endpoint("{path}", "POST", self.run)\n')
    (conflict,) = registryctl("contributions", "microcoreos.plugins", "--root", tmp_path).json["conflicts"]
    assert (conflict["code"], conflict["subject"]) == ("endpoint-shared", "POST /login/{}")
    assert [one["name"] for one in conflict["origins"]] == ["guests.Login", "users.Login"]
    assert registryctl("contributions", GROUP, "--root", tmp_path).json["endpoints"] == []


def test_wrong_uses(registry, tmp_path):
    assert registryctl("contributions").code == 2
    assert registryctl("contributions", "--root", tmp_path / "nothing").code == 2
    missing = registryctl("contributions", "honeyframe.plugin", REGISTRYD_URL=registry.url)
    assert missing.code == 1 and "honeyframe.plugins" in missing.err


# ---- compare --contributions ----


def test_directories_agree_with_the_registry(tmp_path, registry):
    root = fill(tmp_path / "install", {name: {**one, "version": "1.0"} for name, one in MANIFESTS.items()})
    done = registryctl("compare", "--contributions", GROUP, root, REGISTRYD_URL=registry.url)
    report = done.json["contributions"]
    assert report["same"] and report["counts"] == {"same": 5, "walk_only": 0, "registry_only": 0}
    assert "contributions" not in registryctl("compare", GROUP, root, REGISTRYD_URL=registry.url).json


def test_what_only_one_side_contributes_is_a_difference(tmp_path, registry):
    """The version is another, so that the manifests are not compared; the entry points agree."""
    changed = {"crm": {**MANIFESTS["crm"], "version": "3.0", "permissions": ["crm.read", "crm.write"]},
               "sales": {**MANIFESTS["sales"], "version": "1.0"}}
    root = fill(tmp_path / "install", changed)
    done = registryctl("compare", "--contributions", GROUP, root, REGISTRYD_URL=registry.url)
    assert done.code == 1
    (row,) = done.json["contributions"]["walk_only"]
    assert row["list"] == "permissions" and row["item"]["name"] == "crm.write"
    table = registryctl("compare", "--contributions", GROUP, root, "--format", "table", REGISTRYD_URL=registry.url).out
    assert "contributions differ, 5 the same" in table and "permission crm.write: crm" in table


def test_the_examples_have_no_conflict():
    roots = [f"--root={SOURCE_DIR}/docs/examples/{name}/plugins" for name in ("install", "data")]
    answer = registryctl("contributions", *roots).json
    assert answer["conflicts"] == [] and len(answer["navigation"]) > 2
