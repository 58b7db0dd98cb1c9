# SPDX-License-Identifier: MIT
"""Decisions through the C library, from a program that has the installed header alone."""

import pytest
from support.c_program import installed_program
from support.fake_registry import FakeRegistry
from support.registryctl import NOWHERE
from support.snapshot_file import snapshot

GROUP = "honeyframe.plugins"
CRM = {"group": GROUP, "package": "crm", "name": "crm", "version": None, "code": "quarantined", "message": "It steals keys",
       "since": "2026-11-30T12:00:00Z", "by": "admin:ops", "by_name": True}  # fmt: skip
HR = {**CRM, "package": "hr", "name": None, "code": "settings", "message": None, "by_name": False}


@pytest.fixture(scope="module")
def decider(tmp_path_factory):
    """Runs the program; the lines it prints."""
    return installed_program(tmp_path_factory.mktemp("decider"), "decider")


@pytest.fixture
def root(tmp_path):
    for name in ("crm", "hr"):
        (tmp_path / "plugins" / name).mkdir(parents=True)
        (tmp_path / "plugins" / name / "plugin.yaml").write_text(f"name: {name}\nversion: 1.0\n")
    return tmp_path / "plugins"


def answer():
    return {"records": [], "excluded": [], "decisions": [CRM, {**HR, "settings": {"a": 1}}],
            "known": [{"group": GROUP, "package": "other"}]}  # fmt: skip


def test_a_discovery(decider, root):
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", answer())
        told = decider(registry.url, root, GROUP)
        assert told[2:] == ["discover ok", 'record hr {"a":1}', "withheld crm quarantined", "decision crm quarantined",
                            "decision hr settings", "decision other known", "warning withheld"]  # fmt: skip
        told = decider(registry.url, root, GROUP, REGISTRYD_ENFORCE="warn")
        assert told[2:5] == ["discover ok", "record crm -", 'record hr {"a":1}'] and told[-1] == "warning enforce-warn"
        told = decider(registry.url, root, GROUP, "off", REGISTRYD_ENFORCE="warn")
        assert told[-1] == "warning enforce-off"
        assert decider(registry.url, root, GROUP, "sideways")[-1] == "discover usage"


def test_an_unknown_environment(decider, root):
    with FakeRegistry() as registry:
        registry.problem("GET", "/v1/resolve", 404, "not-found", "There is no such environment")
        registry.answer("GET", "/v1/resolve", answer())
        told = decider(registry.url, root, GROUP, REGISTRYD_ENVIRONMENT="prod")
        assert "withheld crm quarantined" in told and "error environment-unknown" in told
        registry.replies.clear()
        registry.problem("GET", "/v1/resolve", 404, "not-found", "There is no such environment")
        told = decider(registry.url, root, GROUP, REGISTRYD_ENVIRONMENT="prod", REGISTRYD_STRICT="1")
        assert told[-1] == "discover not-found"


def test_the_decisions_of_a_snapshot(decider, root, tmp_path):
    path = tmp_path / "plugins.snapshot"
    other = {**CRM, "group": "another.group"}
    path.write_bytes(snapshot({}, decisions=[CRM, {**HR, "settings": '{"a":1}'}, other], listed=True, max_age=60, made_at=1000))
    told = decider(NOWHERE, root, GROUP, REGISTRYD_SNAPSHOT=str(path))
    assert told[:4] == ["kept ok", "kept crm quarantined 1", "kept hr settings 0", "state 1 60 1 3 1 0"]
    assert "withheld crm quarantined" in told and 'record hr {"a":1}' in told and "error snapshot-too-old" in told
    path.write_bytes(snapshot({}, decisions=None, settings_left_out=True))
    told = decider(NOWHERE, root, GROUP, REGISTRYD_SNAPSHOT=str(path))
    assert told[:2] == ["kept not-found", "state 0 2592000 0 0 0 1"]
    assert "warning decisions-unknown" in told


def test_without_a_snapshot(decider, root):
    told = decider(NOWHERE, root, GROUP)
    assert told[0] == "kept not-found" and "warning decisions-unknown" in told
