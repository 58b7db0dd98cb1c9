# SPDX-License-Identifier: MIT
"""registryctl transition: which group is safe to switch, and what still differs where."""

import pytest
from support.fake_registry import FakeRegistry
from support.registryctl import on_terminal, registryctl

LISTS = ["only_walk", "only_registry", "value", "version", "shadowed", "invalid"]


def host(name, since=None, **names):
    counts = {key: len(names.get(key, [])) for key in LISTS}
    return {"host": name, "environment": "default", "convention": "auto", "mode": None, "roots": [],
            "equal": since is not None, "equal_since": since, "same": 4, **counts,
            "differences": sum(counts[key] for key in LISTS[:4]), "names": {key: names.get(key, []) for key in LISTS},
            "first_report_at": "2025-03-01T10:00:00.000Z", "last_report_at": "2025-03-04T11:30:00.000Z",
            "reported_by": "admin", "reports": 3}


def group(name, *hosts, since=None):
    return {"group": name, "equal": since is not None, "equal_since": since, "hosts_total": len(hosts),
            "hosts_equal": sum(one["equal"] for one in hosts), "hosts": list(hosts)}


SAFE = group("safe", host("web-1", "2025-03-02T09:00:00.000Z"), host("web-2", "2025-03-03T08:15:00.000Z"),
             since="2025-03-03T08:15:00.000Z")
MIXED = group("mixed", host("web-1", "2025-03-02T09:00:00.000Z"),
              host("web-2", only_walk=["helpdesk", "crm", "hr"], version=["seo"]))


@pytest.fixture
def registry():
    with FakeRegistry() as running:
        running.answer("GET", "/v1/transition", {"groups": [MIXED, SAFE], "next": None})
        yield running


def run(registry, *arguments):
    return registryctl("transition", *arguments, REGISTRYD_URL=registry.url)


def test_json_is_the_registrys_answer(registry):
    done = run(registry)
    assert (done.code, done.json) == (0, {"groups": [MIXED, SAFE]})


def test_agreeing_once_is_not_safe_yet():
    hosts = [{**host("web-1", "2025-03-02T09:00:00.000Z"), "safe": False, "for_seconds": 86400}]
    young = {**group("young", *hosts), "equal": True, "equal_since": "2025-03-02T09:00:00.000Z", "safe": False, "safe_after": "2025-03-03T09:00:00.000Z", "hosts_safe": 0}
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/transition", {"groups": [young], "next": None})
        assert "young  not safe to switch yet: reports must still agree after 2025-03-03 09:00, 1 of 1 host agrees" in run(
            registry, "young", "--format", "table").out
        assert run(registry, "young", "--require").code == 1
        registry.replies.clear()
        registry.answer("GET", "/v1/transition", {"groups": [{**young, "safe": True}], "next": None})
        assert "young  safe to switch since 2025-03-02 09:00" in run(registry, "young", "--format", "table").out
        assert run(registry, "young", "--require").code == 0


def test_the_table_says_what_is_safe_and_what_differs(registry):
    out = run(registry, "--format", "table").out
    assert "mixed  not safe to switch, 1 of 2 hosts agrees" in out
    assert "safe  safe to switch since 2025-03-03 08:15, 2 of 2 hosts agree" in out
    (line,) = [line for line in out.splitlines() if "differs" in line]
    assert "web-2" in line and "only in the walk: helpdesk and 2 more; other version: seo" in line


def test_the_question(registry):
    run(registry, "mixed", "safe", "--host", "web 1")
    (request,) = registry.requests
    assert request.query["group"] == ["mixed", "safe"] and request.query["host"] == ["web 1"]


def test_pages_are_one_answer(registry):
    registry.replies.clear()
    cut = {**MIXED, "hosts": MIXED["hosts"][:1]}
    registry.answer("GET", "/v1/transition", {"groups": [cut], "next": "abc"})
    registry.answer("GET", "/v1/transition", {"groups": [{**MIXED, "hosts": MIXED["hosts"][1:]}, SAFE], "next": None})
    assert run(registry).json == {"groups": [MIXED, SAFE]}
    assert registry.requests[1].query["cursor"] == ["abc"]


def test_require(registry):
    assert run(registry, "--require").code == 1
    registry.replies.clear()
    registry.answer("GET", "/v1/transition", {"groups": [SAFE], "next": None})
    assert run(registry, "safe", "--require").code == 0
    assert run(registry, "safe", "unknown", "--require").code == 1
    assert "unknown  No host has reported" in run(registry, "safe", "unknown", "--format", "table").out


def test_nobody_has_reported(registry):
    registry.replies.clear()
    registry.answer("GET", "/v1/transition", {"groups": [], "next": None})
    assert "No host has reported yet" in run(registry, "--format", "table").out
    assert run(registry, "--require").code == 1


@pytest.mark.parametrize("columns", [80, 140])
def test_it_fits_the_terminal(registry, columns):
    shown = on_terminal("transition", columns=columns, REGISTRYD_URL=registry.url, NO_COLOR="1").out
    assert all(len(line) <= columns for line in shown.splitlines())
    assert "web-2" in shown and "differs" in shown
