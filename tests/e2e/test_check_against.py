# SPDX-License-Identifier: MIT
"""registryctl check --against: what an author hears from a registry before a publish."""

import pytest

from support.access import make_token
from support.artifacts import wheel
from support.daemon import Daemon
from support.registryctl import NOWHERE, in_pipe, registryctl


@pytest.fixture(scope="module")
def registry():
    with Daemon() as running:
        yield running


@pytest.fixture
def run(registry):
    return lambda *arguments, **settings: registryctl(
        *arguments, **{"REGISTRYD_URL": registry.url, "REGISTRYD_TOKEN": registry.publisher_token, **settings})


def project(root, name, version="1.0"):
    root.mkdir(exist_ok=True)
    (root / "pyproject.toml").write_text(f'[project]\nname = "{name}"\nversion = "{version}"\n')
    return root


def test_the_words_of_an_author(registry, run, tmp_path):
    filename, data = wheel("against", "1.0", files={"against/__init__.py": b""})
    (tmp_path / filename).write_bytes(data)
    assert run("check", "--against", "configured", tmp_path / filename).json[0]["outcome"] == "ok"
    assert registry.get("/v1/packages/against").status == 404
    assert run("publish", tmp_path / filename).code == 0
    again = run("check", "--against", registry.url, tmp_path / filename, REGISTRYD_URL=NOWHERE)
    assert again.json[0]["outcome"] == "unchanged" and again.code == 0
    (tmp_path / filename).write_bytes(wheel("against", "1.0", files={"against/b.py": b""})[1])
    taken = in_pipe("check", "--against", registry.url, tmp_path / filename,
                    REGISTRYD_TOKEN=registry.publisher_token)
    assert taken.code == 1 and "already published with different content" in taken.out
    assert "use a new version" in taken.out


def test_files_of_dist_are_checked_as_publish_sends_them(run, tmp_path):
    root = project(tmp_path / "p", "against-dist")
    (root / "dist").mkdir()
    filename, data = wheel("against-dist", "1.0", files={"against_dist/__init__.py": b""})
    (root / "dist" / filename).write_bytes(data)
    assert [one.get("filename") for one in run("check", "--against", "configured", root).json] == [filename]
    assert [one.get("filename") for one in run("check", root).json] == [None]


def test_without_a_token_only_metadata_is_checked(registry, run, tmp_path):
    root = project(tmp_path / "p", "against-open")
    assert run("check", "--against", "configured", root, REGISTRYD_TOKEN="").json[0]["outcome"] == "ok"
    filename, data = wheel("against-open", "1.0")
    (tmp_path / filename).write_bytes(data)
    refused = run("check", "--against", "configured", tmp_path / filename, REGISTRYD_TOKEN="")
    assert refused.code == 3 and refused.json[0]["error"]["code"] == "unauthorized"
    assert "token that may publish" in refused.json[0]["error"]["message"]


def test_rights_and_a_registry_that_is_away(registry, run, tmp_path):
    root = project(tmp_path / "p", "against-weak")
    weak = run("check", "--against", "configured", root, REGISTRYD_TOKEN=make_token(registry, "weak", ["read"], grant=True))
    assert weak.code == 1 and weak.json[0]["error"]["code"] == "forbidden"
    assert run("check", "--against", "configured", root, REGISTRYD_TOKEN="plg_wrong").code == 3
    away = run("check", "--against", NOWHERE, root)
    assert away.code == 4 and away.json[0]["error"]["code"] == "unreachable"


def test_strict_counts_the_warnings_of_the_registry(run, tmp_path):
    for name, code in (("against-a", 0), ("against-b", 1)):
        filename, data = wheel(name, "1.0", files={"against_common/__init__.py": b""})
        (tmp_path / filename).write_bytes(data)
        checked = run("check", "--strict", "--against", "configured", tmp_path / filename)
        assert checked.code == code, checked.out
        assert run("publish", tmp_path / filename).code == 0
    assert [one["code"] for one in checked.json[0]["warnings"]] == ["path-shared"]
