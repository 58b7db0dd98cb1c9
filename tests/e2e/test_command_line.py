# SPDX-License-Identifier: MIT
"""registryctl against a real registry: artifacts, every plugin under roots, discovery, reports."""

import gzip
import time

import pytest
from reading.archives import METADATA, make_zip, tar_file, wheel_entries
from support.daemon import Daemon
from support.registryctl import SOURCE_DIR, on_terminal, registryctl

EXAMPLES = SOURCE_DIR / "docs" / "examples"
GROUP = "honeyframe.plugins"


@pytest.fixture(scope="module")
def settings(daemon):
    return {"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": daemon.publisher_token}


@pytest.fixture
def wheel(tmp_path):
    path = tmp_path / "crm-1.0-py3-none-any.whl"
    path.write_bytes(make_zip(wheel_entries(entry_points=b"[artifacts.test]\ncrm = plugins.crm:manifest\n")))
    return path


def test_artifacts(settings, tmp_path, wheel):
    project = (b'[project]\nname = "crm"\nversion = "1.0"\nsummary = "Customers"\n'
               b'[project.entry-points."artifacts.test"]\ncrm = "plugins.crm:manifest"\n')
    sdist = tmp_path / "crm-1.0.tar.gz"
    sdist.write_bytes(gzip.compress(tar_file("crm-1.0/PKG-INFO", METADATA) +
                                    tar_file("crm-1.0/pyproject.toml", project) + bytes(1024)))
    bad = tmp_path / "bad-1.0-py3-none-any.whl"
    bad.write_bytes(b"PK no zip at all")
    done = registryctl("publish", wheel, bad, sdist, **settings)
    assert done.code == 3
    assert [item["outcome"] for item in done.json] == ["published", "failed", "published"], done.err
    assert done.json[0]["url"].endswith(f"/{wheel.name}")
    again = registryctl("publish", wheel, sdist, **settings)
    assert (again.code, [item["outcome"] for item in again.json]) == (0, ["unchanged", "unchanged"])
    (record,) = registryctl("resolve", "artifacts.test", **settings).json
    assert (record["package"], record["version"], record["value"]) == ("crm", "1.0", "plugins.crm:manifest")


def test_without_a_token(settings, wheel):
    done = registryctl("publish", wheel, REGISTRYD_URL=settings["REGISTRYD_URL"])
    assert done.code == 3 and done.json[0]["error"]["code"] == "unauthorized"


def test_a_root_published_whole_compares_equal(settings, tmp_path):
    root = tmp_path / "plugins"
    for name in ("alpha", "beta"):
        (root / name).mkdir(parents=True)
        (root / name / "__init__.py").write_text(
            f'PLUGIN_META = {{"id": "{name}", "name": "{name}", "version": "1.0"}}\n\n\ndef register(app):\n    pass\n')
    group = "fastcms.plugins"
    report = ["compare", group, f"install={root}", "--report", "--for", "1s", "--host"]
    assert registryctl(*report, "early", **settings).code == 1
    assert registryctl("publish", "--all", root, **settings).code == 0
    assert registryctl(*report, "late", **settings).code == 0
    (shown,) = registryctl("transition", group, **settings).json["groups"]
    assert [(host["host"], host["equal"], host["only_walk"]) for host in shown["hosts"]] == [
        ("early", False, 2), ("late", True, 0)]
    assert registryctl("transition", group, "--require", **settings).code == 1
    assert registryctl(*report, "early", **settings).code == 0
    shown = on_terminal("transition", group, **settings).out
    assert "not safe to switch yet" in shown and "reports must still agree after" in shown
    assert registryctl("transition", group, "--require", **settings).code == 1
    time.sleep(1.1)  # two reports of each host, a second apart
    for host in ("early", "late"):
        assert registryctl(*report, host, **settings).code == 0
    assert registryctl("transition", group, "--require", **settings).code == 0
    assert "safe to switch since" in on_terminal("transition", group, **settings).out
    for mode in ("walk", "walk-first", "registry-first", "registry", "compare"):
        found = registryctl("discover", group, "--mode", mode, "--root", root, **settings)
        assert [record["name"] for record in found.json] == ["alpha", "beta"]
        assert (found.err == "") == (mode != "walk"), found.err  # that one asks for no decision, and says so


def test_the_examples():
    roots = [f"install={EXAMPLES}/install/plugins", f"data={EXAMPLES}/data/plugins"]
    with Daemon() as empty:
        settings = {"REGISTRYD_URL": empty.url, "REGISTRYD_TOKEN": empty.publisher_token}
        done = registryctl("publish", "--all", *roots, **settings)
        compared = registryctl("compare", GROUP, *roots, **settings)
    assert done.code == 3  # helpdesk is broken
    assert sorted(item["outcome"] for item in done.json) == ["failed", "published", "published", "published",
                                                             "published", "shadowed"]
    assert (compared.code, compared.json["same"], len(compared.json["invalid"])) == (0, 4, 1)  # helpdesk
