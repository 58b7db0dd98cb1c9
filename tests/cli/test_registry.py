# SPDX-License-Identifier: MIT
"""What registryctl asks a registry, and what it makes of the answers: good, refusing, and foreign."""

import gzip
import json

import pytest
from support.fake_registry import FakeRegistry
from support.registryctl import in_pipe, on_terminal, registryctl

GROUP = "honeyframe.plugins"
RECORD = {
    "group": GROUP, "name": "crm", "value": "plugins.crm:manifest", "package": "crm", "version": "0.1.0",
    "source": "registry", "label": None, "origin": "/v1/packages/crm/releases/0.1.0",
    "manifest": {"name": "crm"}, "warnings": [], "errors": [], "shadowed_by": None,
}
EXCLUDED = {"package": "hr", "version": "2.0", "code": "requires-python", "detail": "It needs >=3.13"}


@pytest.fixture
def registry():
    with FakeRegistry() as running:
        yield running


def run(registry, *arguments, **settings):
    return registryctl(*arguments, REGISTRYD_URL=registry.url, **settings)


def answer_resolve(registry, records=(), excluded=()):
    registry.answer("GET", "/v1/resolve", {"environment": "default", "groups": [GROUP],
                                           "records": list(records), "excluded": list(excluded)})


# ---- resolve ----


def test_resolve_prints_the_records(registry):
    answer_resolve(registry, [RECORD])
    done = run(registry, "resolve", GROUP)
    assert (done.code, done.json, done.err) == (0, [RECORD], "")
    assert registry.requests[0].query == {"group": [GROUP], "environment": ["default"]}
    assert "Authorization" not in registry.requests[0].headers


def test_resolve_passes_on_what_was_asked(registry):
    answer_resolve(registry)
    run(registry, "resolve", "a.b", "c d&e=f", "--python", "3.11", "--prereleases", "--explain",
        "--environment", "staging/1")
    assert registry.requests[0].query == {
        "group": ["a.b", "c d&e=f"], "environment": ["staging/1"], "python": ["3.11"],
        "prereleases": ["1"], "explain": ["1"]}


def test_resolve_asks_for_a_part_and_names_what_is_unknown(registry):
    unknown = [{"name": "crmm", "nearest": "crm"}, {"package": "b\x1b", "nearest": None}]
    registry.answer("GET", "/v1/resolve", {"environment": "default", "groups": [GROUP], "records": [RECORD], "unknown": unknown})
    done = run(registry, "resolve", GROUP, "--name", "crmm", "--name", "crm", "--package", "b\x1b", "--format", "json")
    assert registry.requests[0].query == {"group": [GROUP], "environment": ["default"], "name": ["crmm", "crm"], "package": ["b\x1b"]}
    assert (done.code, done.json) == (0, [RECORD])
    assert 'No entry point in these groups has the name "crmm". Did you mean "crm"?' in done.err
    assert 'No package in these groups is called "b' in done.err and "\x1b" not in done.err


def test_resolve_explain(registry):
    answer_resolve(registry, [RECORD], [EXCLUDED])
    assert run(registry, "resolve", GROUP, "--explain").json == {
        "records": [RECORD], "excluded": [EXCLUDED], "decisions": []}
    table = run(registry, "resolve", GROUP, "--explain", "--format", "table").out
    assert "requires-python" in table and "It needs >=3.13" in table


def test_an_empty_group_is_no_error_unless_demanded(registry):
    answer_resolve(registry)
    assert (run(registry, "resolve", GROUP).code, run(registry, "resolve", GROUP).json) == (0, [])
    registry.answer("GET", "/v1/requirements", {"requirements": [], "missing": []})
    assert run(registry, "resolve", GROUP, "--require").code == 1
    assert f"{GROUP}  No entry points match" in run(registry, "resolve", GROUP, "--format", "table").out


def test_a_group_without_records_is_told_beside_the_others(registry):
    answer_resolve(registry, [RECORD])
    table = run(registry, "resolve", GROUP, "nobody.here", "--format", "table").out
    assert "plugins.crm:manifest" in table and "nobody.here  No entry points match" in table


def test_the_token_goes_as_bearer_and_only_there(registry):
    answer_resolve(registry)
    run(registry, "resolve", GROUP, REGISTRYD_TOKEN=" secret-1\n")
    run(registry, "resolve", GROUP, "--token", "secret-2", REGISTRYD_TOKEN="secret-1")
    assert [r.headers["Authorization"] for r in registry.requests] == ["Bearer secret-1", "Bearer secret-2"]


def test_an_address_with_a_path(registry):
    registry.answer("GET", "/plugins/v1/resolve", {"records": [RECORD], "excluded": []})
    assert registryctl("resolve", GROUP, "--url", registry.url + "/plugins/").json == [RECORD]


def test_a_compressed_answer(registry):
    body = gzip.compress(json.dumps({"records": [RECORD], "excluded": []}).encode())
    registry.answer("GET", "/v1/resolve", body, headers={"Content-Encoding": "gzip"})
    assert run(registry, "resolve", GROUP).json == [RECORD]


# ---- refusals ----


@pytest.mark.parametrize(
    "status, code, expected",
    [
        (404, "not-found", 1), (400, "usage", 2), (401, "unauthorized", 3), (403, "forbidden", 3),
        (409, "conflict", 3), (422, "invalid", 3), (429, "too-many-requests", 4), (503, "unavailable", 4),
        (500, "internal", 5), (418, "a-code-of-the-future", 3), (504, "a-code-of-the-future", 4),
    ],
)
def test_problems_become_exit_codes_and_words(registry, status, code, expected):
    registry.problem("GET", "/v1/resolve", status, code, "Because of \x1b[31mthat", where="?group")
    done = run(registry, "resolve", GROUP)
    assert done.code == expected
    way_in = 'registryctl: Set REGISTRYD_TOKEN, or run "registryctl login"\n' if status == 401 else ""
    assert done.err == "registryctl: ?group: Because of \\x1b[31mthat\n" + way_in
    assert done.out == ""


@pytest.mark.parametrize(
    "body, status",
    [
        (b"<html>It works!</html>", 200), (b"", 200), (b"[]", 200), (b'{"records": 3}', 200),
        (b'{"records": [{"group": 5}], "excluded": []}', 200), (b'{"records": [], "excluded": [{}]}', 200),
        (b"<html>Bad gateway</html>", 502), (b'{"a": 1, "a": 2}', 200), (b"[" * 100000, 200),
        (b'{"records": [], "excluded": []} trailing', 200), (b"\xff\xfe", 200),
    ],
)
def test_what_is_no_registry_is_out_of_reach(registry, body, status):
    registry.answer("GET", "/v1/resolve", body, status, {"Content-Type": "text/html"})
    done = run(registry, "resolve", GROUP)
    assert done.code == 4 and done.out == ""
    assert registry.url in done.err or "cannot be understood" in done.err


def test_redirects_are_not_followed(registry):
    with FakeRegistry() as other:
        registry.answer("GET", "/v1/resolve", b"", 302, {"Location": other.url + "/v1/resolve"})
        done = run(registry, "resolve", GROUP, REGISTRYD_TOKEN="secret")
        assert other.requests == []
    assert done.code == 4 and "redirects are not followed" in done.err


def test_an_endless_answer_is_cut_off(registry):
    registry.answer("GET", "/v1/resolve", b" " * (64 * 1024 * 1024 + 1))
    done = run(registry, "resolve", GROUP)
    assert done.code == 3 and "over the limit of 64 MiB" in done.err


def test_a_proxy_of_the_machine_is_not_asked_for_the_machine_itself(registry):
    answer_resolve(registry, [RECORD])
    done = run(registry, "resolve", GROUP, http_proxy="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9")
    assert done.json == [RECORD]


# ---- groups and show ----


def test_groups_over_several_pages(registry):
    rows = [{"name": f"g{i}", "packages": i, "entry_points": 2 * i} for i in range(3)]
    registry.answer("GET", "/v1/groups", {"groups": rows[:2], "next": "g1=="})
    registry.answer("GET", "/v1/groups", {"groups": rows[2:], "next": None})
    assert run(registry, "groups").json == rows
    assert [request.query.get("cursor") for request in registry.requests] == [None, ["g1=="]]


def test_groups_as_a_table(registry):
    registry.answer("GET", "/v1/groups", {"groups": [{"name": "a.b", "packages": 3, "entry_points": 5}],
                                          "next": None})
    lines = run(registry, "groups", "--format", "table").out.splitlines()
    assert [line.split() for line in lines] == [["GROUP", "PACKAGES", "ENTRY", "POINTS"], ["a.b", "3", "5"]]


def test_no_groups_yet(registry):
    registry.answer("GET", "/v1/groups", {"groups": [], "next": None})
    assert run(registry, "groups").json == []
    assert "no groups yet" in run(registry, "groups", "--format", "table").out


DOCUMENT = {"name": "CRM", "version": "0.1.0", "summary": "Customers", "requires_dist": ["a>1", "b"],
            "entry_points": {GROUP: {"crm": "plugins.crm:manifest"}}}
RELEASE = {"version": "0.1.0", "prerelease": False, "yanked": True, "yanked_reason": "broken",
           "requires_python": ">=3.9", "published_at": "2026-01-01T00:00:00Z", "published_by": "admin",
           "digest": "ab" * 32}
PACKAGE = {"name": "crm", "display_name": "CRM", "status": "active", "summary": "Customers",
           "latest_version": "0.1.0", "release_count": 1, "updated_at": "2026-01-01T00:00:00Z",
           "releases": [RELEASE], "document": DOCUMENT}


def test_show_a_package(registry):
    registry.answer("GET", "/v1/packages/crm", PACKAGE)
    assert run(registry, "show", "crm").json == PACKAGE
    table = run(registry, "show", "crm", "--format", "table").out
    for part in ("Customers", "display name", "plugins.crm:manifest", "yanked", ">=3.9", "admin"):
        assert part in table


@pytest.mark.parametrize("arguments", [["crm==1!0.1.0+a"], ["crm", "1!0.1.0+a"]])
def test_show_a_release(registry, arguments):
    release = {"package": "crm", **RELEASE, "document": DOCUMENT}
    registry.answer("GET", "/v1/packages/crm/releases/1%210.1.0%2Ba", release)
    assert run(registry, "show", *arguments).json == release
    table = run(registry, "show", *arguments, "--format", "table").out
    for part in ("broken", "a>1", "plugins.crm:manifest", "ab" * 32):
        assert part in table


def test_show_what_is_not_there(registry):
    registry.problem("GET", "/v1/packages/nope", 404, "not-found", 'There is no package "nope"')
    done = run(registry, "show", "nope")
    assert (done.code, done.err) == (1, 'registryctl: There is no package "nope"\n')


def test_a_registry_cannot_steer_the_terminal(registry):
    evil = {**PACKAGE, "summary": "a\x1b[2Jb\x9b31m\u202e", "latest_version": "1\n2"}
    registry.answer("GET", "/v1/packages/crm", evil)
    for arguments in ([], ["--format", "json"]):
        shown = on_terminal("show", "crm", *arguments, REGISTRYD_URL=registry.url, NO_COLOR="1").out
        assert not set(shown) & {"\x1b", "\x9b", "\u202e"}


# ---- a registry that asks to wait ----


def test_a_rate_limit_is_waited_for():
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/groups", {"code": "too-many-requests", "detail": "Slow down."}, 429, {"Retry-After": "1"})
        registry.answer("GET", "/v1/groups", {"groups": [], "next": None})
        done = in_pipe("groups", REGISTRYD_URL=registry.url)
        assert (done.code, done.err) == (0, "registryctl: waiting 1 s: rate limit of the registry\n")
        assert len(registry.requests) == 2


@pytest.mark.parametrize("seconds, options", [("1", ["--no-wait"]), ("3600", []), ("soon", []), ("0", [])])
def test_what_is_not_waited_for(seconds, options):
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/groups", {"code": "too-many-requests", "detail": "Slow down."}, 429, {"Retry-After": seconds})
        done = in_pipe("groups", *options, REGISTRYD_URL=registry.url)
        assert (done.code, done.err, len(registry.requests)) == (4, "registryctl: Slow down.\n", 1)
