# SPDX-License-Identifier: MIT
"""registryctl discover with decisions: what is withheld, what is said, and what holds when the registry is away."""

import os
import time

import pytest
from support.fake_registry import FakeRegistry
from support.registryctl import on_terminal, registryctl
from support.snapshot_file import MEDIA_TYPE, snapshot

GROUP = "honeyframe.plugins"
ASKING = ("walk-first", "registry-first", "compare")


def decision(package="crm", code="quarantined", **members):
    return {"group": GROUP, "package": package, "name": package, "version": None, "code": code, "message": "It steals keys",
            "since": "2026-11-30T12:00:00Z", "by": "admin:ops", "by_name": False, **members}  # fmt: skip


def answer(*decisions, plugins="all", records=(), known=()):
    return {"records": list(records), "excluded": [], "decisions": list(decisions),
            "known": [{"group": GROUP, "package": package} for package in known],
            "policy": {"plugins": plugins, "max_snapshot_age_seconds": 2592000}, "settings": "included"}  # fmt: skip


@pytest.fixture
def root(tmp_path):
    """crm 1.0.0 and hr 2.0.0."""
    for name, version in (("crm", "1.0.0"), ("hr", "2.0.0")):
        (tmp_path / "install" / name).mkdir(parents=True)
        (tmp_path / "install" / name / "plugin.yaml").write_text(f"name: {name}\nversion: {version}\n")
    return f"install={tmp_path}/install"


@pytest.fixture
def registry():
    with FakeRegistry() as running:
        yield running


def discover(root, *arguments, **settings):
    return registryctl("discover", GROUP, "--root", root, *arguments, **settings)


def names(done):
    return [record["name"] for record in done.json if not record["shadowed_by"]]


@pytest.mark.parametrize("mode", ASKING)
def test_a_quarantined_plugin_is_withheld_in_every_mode(registry, root, mode):
    registry.answer("GET", "/v1/resolve", answer(decision()))
    done = discover(root, "--mode", mode, REGISTRYD_URL=registry.url)
    assert done.code == 0 and names(done) == ["hr"]
    assert '"crm" of crm 1.0.0 is withheld (quarantined): It steals keys. Decided by admin:ops at ' in done.err
    assert "registryctl quarantine crm --undo" in done.err and "[withheld]" in done.err


def test_a_withheld_plugin_hides_nothing(registry, root, tmp_path):
    (tmp_path / "data" / "crm").mkdir(parents=True)
    (tmp_path / "data" / "crm" / "plugin.yaml").write_text("name: crm\nversion: 0.9.0\n")
    registry.answer("GET", "/v1/resolve", answer(decision(version="1.0")))
    done = discover(root, "--root", f"data={tmp_path}/data", REGISTRYD_URL=registry.url)
    (crm,) = [record for record in done.json if record["name"] == "crm"]
    assert (crm["version"], crm["label"], crm["shadowed_by"]) == ("0.9.0", "data", None)


@pytest.mark.parametrize("level, expected", [("strict", ["hr"]), ("on", ["hr"]), ("warn", ["crm", "hr"]), ("off", ["crm", "hr"])])
def test_levels(registry, root, level, expected):
    registry.answer("GET", "/v1/resolve", answer(decision(), known=["hr"]))
    for done in (discover(root, "--enforce", level, REGISTRYD_URL=registry.url),
                 discover(root, REGISTRYD_ENFORCE=level, REGISTRYD_URL=registry.url)):  # fmt: skip
        assert done.code == 0 and names(done) == expected
        assert (f"[enforce-{level}]" in done.err) == (level in ("warn", "off"))
        warned = [one["code"] for record in done.json for one in record["warnings"]]
        assert warned == (["quarantined"] if level == "warn" else [])


def test_a_level_that_is_none(registry, root):
    registry.answer("GET", "/v1/resolve", answer(decision()))
    assert discover(root, "--enforce", "maybe").code == 2
    done = discover(root, REGISTRYD_ENFORCE="maybe", REGISTRYD_URL=registry.url)
    assert done.code == 0 and names(done) == ["hr"] and "[enforce-unknown]" in done.err


def test_a_listed_environment(registry, root):
    registry.answer("GET", "/v1/resolve", answer(plugins="listed", known=["hr"]))
    done = discover(root, REGISTRYD_URL=registry.url)
    crm, hr = done.json
    assert [one["code"] for one in crm["warnings"]] == ["not-registered"] and hr["warnings"] == []
    assert names(discover(root, "--enforce", "strict", REGISTRYD_URL=registry.url)) == ["hr"]


def test_settings_reach_walked_plugins(registry, root):
    row = decision("hr", "settings", name=None, message=None, settings={"limit": 7})
    registry.answer("GET", "/v1/resolve", answer(row))
    crm, hr = discover(root, REGISTRYD_URL=registry.url).json
    assert hr["settings"] == {"limit": 7} and "settings" not in crm


def test_a_code_of_a_later_version(registry, root):
    registry.answer("GET", "/v1/resolve", answer(decision(code="melted")))
    done = discover(root, REGISTRYD_URL=registry.url)
    assert names(done) == ["crm", "hr"] and "[decision-unknown]" in done.err


# ---- the registry is away ----


def keep(registry, tmp_path, environment="default", **header):
    """Pulls a snapshot of all groups into a cache folder; its path there."""
    cache = tmp_path / "cache"
    row = {**decision(), "by_name": False}
    header.setdefault("decisions", [row])
    raw = snapshot({}, question=f"environment={environment}", environment=environment, **header)
    registry.answer("GET", "/v1/snapshot", raw, headers={"Content-Type": MEDIA_TYPE})
    done = registryctl("--environment", environment, "snapshot", "pull", REGISTRYD_URL=registry.url, REGISTRYD_CACHE_DIR=str(cache))
    assert done.code == 0, done.err
    (path,) = cache.glob("*.snapshot")
    return cache, path


def test_the_snapshot_withholds_when_the_registry_is_away(registry, root, tmp_path):
    cache, _ = keep(registry, tmp_path)
    registry.problem("GET", "/v1/resolve", 503, "unavailable", "away")
    done = discover(root, REGISTRYD_URL=registry.url, REGISTRYD_CACHE_DIR=str(cache))
    assert names(done) == ["hr"] and "[registry-fallback]" in done.err and "[withheld]" in done.err
    assert "[snapshot-too-old]" not in done.err


def test_an_old_snapshot_is_an_error_and_still_used(registry, root, tmp_path):
    cache, path = keep(registry, tmp_path, max_age=3600)
    registry.problem("GET", "/v1/resolve", 503, "unavailable", "away")
    old = time.time() - 50 * 3600
    os.utime(path, (old, old))
    done = discover(root, REGISTRYD_URL=registry.url, REGISTRYD_CACHE_DIR=str(cache))
    assert names(done) == ["hr"] and "[snapshot-too-old]" in done.err and "error" in done.err and "2 days" in done.err


def test_without_decisions_that_is_said(registry, root, tmp_path):
    done = discover(root)
    assert names(done) == ["crm", "hr"] and "[decisions-unknown]" in done.err
    cache, _ = keep(registry, tmp_path, decisions=None)
    registry.problem("GET", "/v1/resolve", 503, "unavailable", "away")
    done = discover(root, REGISTRYD_URL=registry.url, REGISTRYD_CACHE_DIR=str(cache))
    assert names(done) == ["crm", "hr"] and "The snapshot has no decisions" in done.err


def test_altered_decisions_are_never_used(registry, root, tmp_path):
    cache, path = keep(registry, tmp_path)
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"quarantined")] ^= 1
    path.write_bytes(raw)
    registry.problem("GET", "/v1/resolve", 503, "unavailable", "away")
    done = discover(root, REGISTRYD_URL=registry.url, REGISTRYD_CACHE_DIR=str(cache))
    assert names(done) == ["crm", "hr"] and "[snapshot-unusable]" in done.err and "[decisions-unknown]" in done.err


# ---- environments that do not exist ----


def test_an_unknown_environment_gets_the_decisions_of_default(registry, root):
    problem = {"code": "not-found", "detail": 'There is no environment "prod"', "status": 404}
    registry.answer("GET", "/v1/resolve", problem, 404, {"Content-Type": "application/problem+json"})
    registry.answer("GET", "/v1/resolve", answer(decision()))
    done = discover(root, REGISTRYD_URL=registry.url, REGISTRYD_ENVIRONMENT="prod")
    assert done.code == 0 and names(done) == ["hr"] and "[environment-unknown]" in done.err
    assert [request.query["environment"] for request in registry.requests] == [["prod"], ["default"]]


def test_strict_hosts_fail_on_an_unknown_environment(registry, root):
    registry.problem("GET", "/v1/resolve", 404, "not-found", 'There is no environment "prod"')
    done = discover(root, REGISTRYD_URL=registry.url, REGISTRYD_ENVIRONMENT="prod", REGISTRYD_STRICT="1")
    assert done.code == 1 and done.out == "" and 'There is no environment "prod"' in done.err


def test_offline_default_stands_in_for_an_environment_without_a_snapshot(registry, root, tmp_path):
    cache, _ = keep(registry, tmp_path)
    done = discover(root, REGISTRYD_URL=registry.url.replace("127.0.0.1", "127.0.0.1"), REGISTRYD_CACHE_DIR=str(cache),
                    REGISTRYD_ENVIRONMENT="prod", REGISTRYD_MODE="walk-first")  # fmt: skip
    assert "[environment-unknown]" in done.err  # the fake registry answers 404
    registry.problem("GET", "/v1/resolve", 503, "unavailable", "away")
    registry.replies[("GET", "/v1/resolve")] = registry.replies[("GET", "/v1/resolve")][-1:]
    done = discover(root, REGISTRYD_URL=registry.url, REGISTRYD_CACHE_DIR=str(cache), REGISTRYD_ENVIRONMENT="prod")
    assert names(done) == ["hr"] and "[environment-unknown]" in done.err and "[withheld]" in done.err


def test_pulling_an_unknown_environment_fails_and_keeps_default(registry, tmp_path):
    raw = snapshot({}, question="environment=default", decisions=[decision()])
    registry.problem("GET", "/v1/snapshot", 404, "not-found", 'There is no environment "prod"')
    registry.answer("GET", "/v1/snapshot", raw, headers={"Content-Type": MEDIA_TYPE})
    done = registryctl("--environment", "prod", "snapshot", "pull", REGISTRYD_URL=registry.url, REGISTRYD_CACHE_DIR=str(tmp_path))
    assert done.code == 1 and 'There is no environment "prod"' in done.err
    assert len(list(tmp_path.glob("*.snapshot"))) == 1


# ---- files and terminals ----


@pytest.mark.parametrize("where", ["record", "decision", "nowhere"])
def test_a_cached_snapshot_with_settings_is_for_its_owner_alone(registry, tmp_path, where):
    record = {"name": "crm", "value": "m:a", "package": "crm", "source": "registry", "findings": '{"warnings":[],"errors":[]}'}
    rows = [decision(code="settings", name=None, settings='{"key":"k"}')] if where == "decision" else []
    if where == "record":
        record["settings"] = '{"key":"k"}'
    raw = snapshot({GROUP: [record]}, question="environment=default", decisions=rows)
    registry.answer("GET", "/v1/snapshot", raw, headers={"Content-Type": MEDIA_TYPE})
    done = registryctl("snapshot", "pull", REGISTRYD_URL=registry.url, REGISTRYD_CACHE_DIR=str(tmp_path))
    assert done.code == 0, done.err
    (path,) = tmp_path.glob("*.snapshot")
    assert path.stat().st_mode & 0o777 == (0o644 if where == "nowhere" else 0o600)


@pytest.mark.parametrize("columns", [80, 140])
def test_on_a_terminal(registry, root, columns):
    registry.answer("GET", "/v1/resolve", answer(decision()))
    shown = on_terminal("discover", GROUP, "--root", root, columns=columns, REGISTRYD_URL=registry.url, NO_COLOR="1").out
    table = shown.split("registryctl:")[0].splitlines()
    assert "Withheld  1 plugin" in table and all(len(line) <= columns for line in table)
    (row,) = [line for line in table if "quarantined" in line]
    assert row.split()[:4] == ["crm", "1.0.0", "crm", "quarantined"]
