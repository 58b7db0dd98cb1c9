# SPDX-License-Identifier: MIT
"""Every route × method × kind of token: who is let through is what the route table declares. The routes
are read from the table itself; what a level means stands here once more, in other words."""

import itertools
import re

import pytest

from support.access import grant, make_token, publish
from support.daemon import SOURCE_DIR, Daemon
from test_api_access import make_token as make_text

METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE")
ROW = re.compile(r'\{"([A-Z]+)", "(/[^"]*)", (ACCESS_[A-Z]+),\s*(\w+),')
TABLE = (SOURCE_DIR / "registryd" / "http" / "routes.c").read_text()
ROUTES = ROW.findall(TABLE)
# What stands in braces: objects that the tokens below have rights on, or nobody's.
OBJECTS = {"name": "mine", "version": "9.0", "group": "owned.plugins", "environment": "prod",
           "package": "mine", "sha256": "0" * 64, "filename": "x-1.0-py3-none-any.whl",
           "id": "999999", "hash": "0", "team": "nobody", "scope": "yank", "object": "nothing"}

BAD = ("none", "malformed", "unknown", "expired", "revoked")
GOOD = ("read", "publisher", "other publisher", "yanker", "other yanker", "group owner",
        "group keeper", "environment keeper", "settings reader", "other keeper", "reporter", "no rights", "admin")
# Level -> who is let through besides.
LEVELS = {
    "ACCESS_NONE": BAD + GOOD,
    "ACCESS_READ": BAD + GOOD,
    "ACCESS_ASK": ("none", *GOOD),
    "ACCESS_TOKEN": GOOD,
    "ACCESS_REPORT": ("reporter", "admin"),
    "ACCESS_PUBLISH": ("publisher",),  # an administrator does not publish
    "ACCESS_YANK": ("yanker", "publisher", "admin"),  # the publisher owns it
    "ACCESS_SETTINGS": ("environment keeper", "settings reader", "admin"),
    "ACCESS_ENVIRONMENT": ("environment keeper", "admin"),
    "ACCESS_GROUP": ("group owner", "group keeper", "admin"),
    "ACCESS_ADMIN": ("admin",),
}
# Where the object stands in the body, the rest is asked by the handler.
WIDER = {("POST", "/v1/artifacts"): ("other publisher", "no rights"), ("POST", "/legacy/"): ("other publisher",),
         ("POST", "/legacy"): ("other publisher",)}


def test_every_row_of_the_table_is_read():
    rows = TABLE.split("rows[] = {", 1)[1].split("\n};", 1)[0]
    assert len(ROUTES) == len(re.findall(r'\{"[A-Z]+", "/', rows)) > 40
    assert {level for _, _, level, _ in ROUTES} <= LEVELS.keys()


def text_of(registry, name, days):
    """A well-formed token with this state in the database."""
    text = make_text(name[0] * 40, "plg_")
    made = make_token(registry, "states", ["read"], whole=True)
    registry.sql(f"UPDATE tokens SET hash = sha256('{text}'), expires_at = now() + interval '{days} days' "
                 f"WHERE id = {made['id']}")
    return text, made["id"]


@pytest.fixture(scope="module")
def tokens(registry):
    """{state: token or None}, and the things they have rights on."""
    registry.sql("INSERT INTO groups (group_name, owner, kind, conflict, priority, updated_at, "
                 "updated_by) VALUES ('owned.plugins', 'owners', 'any', 'all', '{}', now(), 'x')")
    found = {"none": None, "malformed": "plg_wrong", "unknown": make_text("U" * 40, "plg_"),
             "admin": registry.admin_token}
    found["expired"], _ = text_of(registry, "expired", -1)
    found["revoked"], number = text_of(registry, "revoked", 1)
    assert registry.post(f"/v1/tokens/{number}/revoke", {}, token=registry.admin_token).status == 200
    publishing = ["publish:new", "publish:update", "group:publish"]
    found["read"] = make_token(registry, "readers", ["read"], grant=True)
    found["publisher"] = make_token(registry, "mine", [*publishing, "yank"])
    grant(registry, "mine", "publish:new", "mine")
    assert publish(registry, found["publisher"], "mine").status == 201
    found["other publisher"] = make_token(registry, "other", publishing, prefix="other", grant=True)
    found["yanker"] = make_token(registry, "yankers", ["yank"], prefix="mine", grant=True)
    found["other yanker"] = make_token(registry, "yankers-2", ["yank"], prefix="min", grant=True)
    found["group owner"] = make_token(registry, "owners", ["group:contract"])
    found["group keeper"] = make_token(registry, "keepers", ["group:contract"])
    grant(registry, "keepers", "group:contract", "owned")
    found["environment keeper"] = make_token(registry, "prod", ["environment:prod"], grant=True)
    found["settings reader"] = make_token(registry, "prod-readers", ["environment:read:prod"], grant=True)
    found["other keeper"] = make_token(registry, "stage", ["environment"])
    grant(registry, "stage", "environment", "stage")
    found["reporter"] = make_token(registry, "reporters", ["report"], grant=True)
    found["no rights"] = make_token(registry, "nothing", [*publishing, "read", "yank", "environment",
                                                          "report", "group:contract"])
    return found


@pytest.fixture(scope="module")
def closed(registry, tokens):
    """A second daemon on the same database, where reading is closed."""
    with Daemon(arguments=["--database-url", registry.conninfo, "--reading", "closed"]) as running:
        yield running


def ask(daemon, method, pattern, max_body, token):
    path = re.sub(r"\{(\w+)\}", lambda match: OBJECTS.get(match[1], "x"), pattern)
    if pattern == "/v1/changes":
        path += "?limit=1"
    body = b"!" if max_body != "0" else None
    headers = {"Content-Type": "text/plain"} if body else {}
    return daemon.request(method, path, body, token=token, headers=headers)


def verdict(answer):
    assert answer.status < 500 or answer.status == 503 and b"ready" in answer.body, answer.body
    return {401: "who", 403: "no"}.get(answer.status, "yes")


def expected(method, pattern, level, state, allowed):
    if state in allowed or state in WIDER.get((method, pattern), ()):
        return "yes"
    return "who" if state in BAD else "no"


@pytest.mark.parametrize("method, pattern, level, max_body", ROUTES,
                         ids=[f"{method} {pattern}" for method, pattern, _, _ in ROUTES])
def test_the_declared_are_let_through(registry, tokens, method, pattern, level, max_body):
    for state in (*BAD, *GOOD):
        answer = ask(registry, method, pattern, max_body, tokens[state])
        want = expected(method, pattern, level, state, LEVELS[level])
        assert verdict(answer) == want, (state, answer.status, answer.body)
        assert answer.status != 405


@pytest.mark.parametrize("method, pattern, level, max_body",
                         [row for row in ROUTES if row[2] == "ACCESS_READ"],
                         ids=[f"{row[0]} {row[1]}" for row in ROUTES if row[2] == "ACCESS_READ"])
def test_reading_may_be_closed(closed, tokens, method, pattern, level, max_body):
    for state in (*BAD, *GOOD):
        answer = ask(closed, method, pattern, max_body, tokens[state])
        want = expected(method, pattern, level, state, ("read", "admin"))
        assert verdict(answer) == want, (state, answer.status, answer.body)


def test_other_methods_are_nobodys(registry, tokens):
    patterns = {pattern for _, pattern, _, _ in ROUTES}
    declared = {(method, pattern) for method, pattern, _, _ in ROUTES}
    for method, pattern in itertools.product(METHODS, sorted(patterns)):
        same_address = {m for m, p in declared
                        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", p), pattern)}
        if method not in same_address:
            for state in ("none", "no rights", "admin"):
                assert ask(registry, method, pattern, "0", tokens[state]).status == 405, (method, pattern)


def test_tokens_of_a_closed_registry_are_remembered_only_while_good(closed, registry):
    made = make_token(registry, "brief", ["read"], grant=True, whole=True)
    assert closed.get("/v1/packages").status == 401
    for _ in range(3):
        assert closed.get("/v1/packages", token=made["token"]).status == 200
    registry.post(f"/v1/tokens/{made['id']}/revoke", {}, token=registry.admin_token)
    serial = registry.sql("SELECT serial FROM registry")[0][0]
    closed.get(f"/v1?min_serial={serial}")
    assert closed.get("/v1/packages", token=made["token"]).status == 401


@pytest.mark.parametrize("taken", ["by number", "by text", "its grant"])
def test_what_is_taken_away_is_gone_when_that_is_answered(closed, registry, taken):
    admin = registry.admin_token
    for i in range(10):
        team = f"{taken.replace(' ', '-')}-{i}"
        made = make_token(registry, team, ["read"], grant=True, whole=True)
        assert [closed.get("/v1/packages", token=made["token"]).status for _ in range(2)] == [200, 200]
        if taken == "by number":
            answer = closed.post(f"/v1/tokens/{made['id']}/revoke", {}, token=admin)
        elif taken == "by text":
            answer = closed.post("/v1/tokens/revoke-leaked", {"token": made["token"]}, token=admin)
        else:
            answer = closed.request("DELETE", f"/v1/grants/{team}/read/*", token=admin)
        assert answer.status == 200, answer.body
        assert closed.get("/v1/packages", token=made["token"]).status in (401, 403)


def test_a_closed_registry_is_not_for_shared_caches(closed, registry, tokens):
    answer = closed.get("/v1/packages", token=tokens["read"])
    assert "public" not in answer.headers["Cache-Control"]
