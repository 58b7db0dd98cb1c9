# SPDX-License-Identifier: MIT
"""Decisions as people read them: resolve and snapshot show, on terminals of two widths."""

import pytest
from support.fake_registry import FakeRegistry
from support.registryctl import on_terminal, registryctl
from support.snapshot_file import snapshot

GROUP = "honeyframe.plugins"
RECORD = {"group": GROUP, "name": "hr", "value": "hr:p", "package": "acme-hr", "version": "1.0", "source": "registry", "label": None,
          "origin": "/v1/packages/acme-hr/releases/1.0", "manifest": None, "warnings": [], "errors": [], "shadowed_by": None}  # fmt: skip
LONG = "The package is quarantined: it sends the keys of the host to an address in a country where nothing can be done about it"


def decision(name="crm", code="quarantined", **members):
    return {"group": GROUP, "package": "acme-crm", "name": name, "version": None, "code": code, "message": LONG,
            "since": "2026-11-30T12:00:00Z", "by": "admin:ops", "by_name": False, **members}  # fmt: skip


ROWS = [decision("crm"), decision("crm-admin"), decision("crm", "yanked", version="1.0", message="Loses data", by=None),
        decision("crm", "outside-pin", pin="==1.0", message="The environment pins the package"), decision(None, "settings", message=None, settings={"a": 1}), decision("crm", "of-the-future")]  # fmt: skip


@pytest.fixture
def registry():
    with FakeRegistry() as running:
        running.answer("GET", "/v1/resolve", {"records": [RECORD], "excluded": [], "decisions": ROWS, "known": []})
        yield running


def check(shown, columns):
    lines = shown.splitlines()
    assert all(len(line) <= columns for line in lines), shown
    assert "Decisions  2 decisions" in lines  # one for both entry points of the package
    assert sum("quarantined" in line.split() for line in lines) == 1
    assert any("acme-crm==1.0" in line and "yanked" in line for line in lines)
    assert " ".join(shown.split()).count(LONG) == 1, "a reason is never cut"
    assert "admin:ops" in shown and "settings" not in shown and "of-the-future" not in shown


@pytest.mark.parametrize("columns", [80, 220])
def test_resolve(registry, columns):
    check(on_terminal("resolve", GROUP, columns=columns, REGISTRYD_URL=registry.url, NO_COLOR="1").out, columns)


def test_resolve_as_json(registry):
    assert registryctl("resolve", GROUP, REGISTRYD_URL=registry.url).json == [RECORD]
    explained = registryctl("resolve", GROUP, "--explain", REGISTRYD_URL=registry.url).json
    assert sorted(one["code"] for one in explained["decisions"]) == sorted(one["code"] for one in ROWS)


@pytest.fixture
def path(tmp_path):
    rows = [{**row, "settings": '{"a":1}'} if "settings" in row else row for row in ROWS]
    record = {"name": "hr", "value": "hr:p", "package": "acme-hr", "version": "1.0", "source": "registry",
              "findings": '{"warnings":[],"errors":[]}'}  # fmt: skip
    file = tmp_path / "plugins.snapshot"
    file.write_bytes(snapshot({GROUP: [record]}, decisions=rows, listed=True, settings_left_out=True, max_age=7200))
    return file


@pytest.mark.parametrize("columns", [80, 220])
def test_snapshot_show(path, columns):
    shown = on_terminal("snapshot", "show", path, columns=columns, NO_COLOR="1").out
    origin, rest = shown.split("\n", 1)
    check(rest, columns)
    for words in ("takes only the packages that it lists", "Settings are left out", "older than 2 hours"):
        assert words in rest
    assert "Decisions" not in on_terminal("snapshot", "show", path, "another.group", columns=columns).out


def test_snapshot_verify(path, tmp_path):
    found = registryctl("snapshot", "verify", path).json
    assert (found["decisions"], found["max_age_seconds"], found["listed_only"], found["settings_left_out"]) == (6, 7200, True, True)
    path.write_bytes(snapshot({}, decisions=None))
    assert registryctl("snapshot", "verify", path).json["decisions"] is None
    assert "no decisions" in registryctl("snapshot", "verify", path, "--format", "table").out


def test_verify_reads_every_byte_of_the_decisions(path):
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"Loses data")] ^= 1
    path.write_bytes(raw)
    done = registryctl("snapshot", "verify", path)
    assert done.code == 3 and "altered" in done.err or "broken" in done.err
