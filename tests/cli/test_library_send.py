# SPDX-License-Identifier: MIT
"""registry_send and registry_publish, from a C program that has the installed header alone."""

import json

import pytest
from support.c_program import installed_program
from support.fake_registry import FakeRegistry
from support.registryctl import NOWHERE, SOURCE_DIR, registryctl

TREES = SOURCE_DIR / "tests" / "trees"
CRM = TREES / "good" / "install" / "crm"
PATH = "/v1/packages/crm/releases/0.1.0"


@pytest.fixture(scope="module")
def sender(tmp_path_factory):
    """Runs the program: [status, message, JSON, findings…]."""
    return installed_program(tmp_path_factory.mktemp("sender"), "sender")


def test_an_answer_is_the_registrys_json(sender):
    with FakeRegistry() as registry:
        registry.answer("PATCH", "/v1/environments/e/plugins/p", {"changed": True, "revision": 2})
        told = sender(registry.url, "PATCH", "/v1/environments/e/plugins/p", '{"pin":"~=1.2"}', REGISTRYD_TOKEN="secret")
    assert told == ["ok", "-", '{"changed":true,"revision":2}']
    (asked,) = registry.requests
    assert [asked.method, asked.body, asked.headers["Authorization"]] == ["PATCH", b'{"pin":"~=1.2"}', "Bearer secret"]


def test_a_refusal_says_everything_that_is_wrong(sender):
    errors = [{"code": "pin-invalid", "where": "/pin", "message": "No pin", "hint": None},
              {"code": "key-unknown", "where": "/x", "message": "Unknown key", "hint": "Remove it"}]  # fmt: skip
    with FakeRegistry() as registry:
        registry.problem("PUT", "/v1/environments/e", 422, "invalid", "Two faults", errors=errors)
        told = sender(registry.url, "PUT", "/v1/environments/e", "{}")
    assert told == ["invalid", "Two faults", "-", "error pin-invalid", "error key-unknown"]


@pytest.mark.parametrize("words, message", [
    (("BREW", "/v1"), 'The method is "BREW"'),
    (("GET", "v1"), 'does not begin with "/"'),
])  # fmt: skip
def test_a_request_that_is_none_is_not_sent(sender, words, message):
    with FakeRegistry() as registry:
        told = sender(registry.url, *words)
    assert told[0] == "usage" and message in told[1] and not registry.requests


def test_a_registry_that_is_away(sender):
    assert sender(NOWHERE, "GET", "/v1")[0] == "unreachable"
    outcome = json.loads(sender(NOWHERE, "publish", CRM)[2])
    assert [outcome["outcome"], outcome["package"], outcome["error"]["code"]] == ["failed", "crm", "unreachable"]


def test_the_outcome_of_publishing_is_that_of_registryctl(sender):
    wheel = registryctl("--format", "json", "check", CRM).json[0]
    for created in (True, False):
        with FakeRegistry() as registry:
            registry.answer("POST", "/v1/artifacts", {
                "created": created, "serial": 7, "epoch": "e", "warnings": [], "sha256": wheel["sha256"], "url": "/files/x"})
            told = sender(registry.url, "publish", CRM)
            theirs = registryctl("--format", "json", "publish", CRM, REGISTRYD_URL=registry.url)
        assert told[:2] == ["ok", "-"] and json.loads(told[2]) == theirs.json[0]
        assert json.loads(told[2])["outcome"] == ("published" if created else "unchanged")


def test_an_invalid_project_is_not_sent(sender):
    broken = next((TREES / "broken_yaml" / "install").iterdir())
    with FakeRegistry() as registry:
        told = sender(registry.url, "publish", broken)
        theirs = registryctl("--format", "json", "publish", broken, REGISTRYD_URL=registry.url)
    assert told[0] == "invalid" and "error malformed" in told and not registry.requests
    assert json.loads(told[2]) == theirs.json[0]
    told = sender(NOWHERE, "publish", "/nowhere/at/all")
    assert told[0] == "usage" and json.loads(told[2])["package"] is None
