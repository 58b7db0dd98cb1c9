# SPDX-License-Identifier: MIT
"""Tokens, grants, owners and names: what each lets a publisher do, and that taking it back works."""

import hashlib
import json

import pytest

from support.access import grant, make_token, publish, ungrant

PUBLISH = ["publish:new", "publish:update", "group:publish"]


def audit(registry, action):
    rows = registry.sql("SELECT actor, subject, detail FROM audit_events "
                        f"WHERE action = '{action}' ORDER BY id")
    return [(actor, subject, json.loads(detail)) for actor, subject, detail in rows]


def test_a_token_is_told_once_and_kept_as_a_hash(registry, refused):
    made = make_token(registry, "once", PUBLISH, whole=True)
    text = made["token"]
    assert text.startswith("plg_") and made["state"] == "active" and made["kind"] == "user"
    shown = registry.get(f"/v1/tokens/{made['id']}", token=registry.admin_token).json
    assert shown == {key: value for key, value in made.items() if key not in ("token", "may")}
    rows = registry.sql(f"SELECT tokens::text FROM tokens WHERE id = {made['id']}")
    assert text not in rows[0][0] and hashlib.sha256(text.encode()).hexdigest() in rows[0][0]
    assert text not in str(audit(registry, "token-create")) and text not in registry.log()
    refused(registry.get("/v1/tokens/999999", token=registry.admin_token), 404, "not-found")


@pytest.mark.parametrize("kind, prefix", [("user", "plg_"), ("ci", "plgc_"), ("admin", "plga_")])
def test_kinds_have_their_prefixes(registry, kind, prefix):
    made = make_token(registry, "kinds", [] if kind == "admin" else ["read"], kind=kind, whole=True)
    assert made["token"].startswith(prefix) and made["kind"] == kind
    assert len(made["token"]) == len(prefix) + 46


@pytest.mark.parametrize("body, where", [
    ({}, "/name"),
    ({"name": ""}, "/name"),
    ({"name": "a b", "scopes": ["read"]}, "/name"),
    ({"name": "a", "team": "/", "scopes": ["read"]}, "/team"),
    ({"name": "a"}, "/scopes"),
    ({"name": "a", "scopes": ["fly"]}, "/scopes/0"),
    ({"name": "a", "scopes": [1]}, "/scopes/0"),
    ({"name": "a", "scopes": ["environment:"]}, "/scopes/0"),
    ({"name": "a", "scopes": ["read"], "days": 0}, "/days"),
    ({"name": "a", "scopes": ["read"], "days": 366}, "/days"),
    ({"name": "a", "scopes": ["read"], "kind": "root"}, "/kind"),
    ({"name": "a", "scopes": ["read"], "kind": "admin"}, "/scopes"),
    ({"name": "a", "scopes": ["read"], "prefix": "-"}, "/prefix"),
    ({"name": "a", "scopes": ["read"], "colour": "red"}, "/colour"),
    ({"name": "a", "scopes": "read"}, "/scopes"),
    ([], None),
])
def test_what_no_token_can_be(registry, refused, body, where):
    problem = refused(registry.post("/v1/tokens", body), 422, "invalid")
    assert problem["where"] == where


def test_expiry_is_ninety_days_unless_said(registry):
    made = make_token(registry, "days", ["read"], whole=True)
    short = make_token(registry, "days", ["read"], days=1, whole=True)
    for token, days in ((made, 90), (short, 1)):
        assert registry.sql(f"SELECT expires_at - created_at = interval '{days} days' FROM tokens "
                            f"WHERE id = {token['id']}") == [["t"]]


def test_a_token_does_what_its_team_is_granted(registry, refused):
    token = make_token(registry, "paint", PUBLISH)
    refused(publish(registry, token, "paint-red"), 403, "forbidden")
    grant(registry, "paint", "publish:new", "paint")
    assert publish(registry, token, "paint-red").status == 201
    assert publish(registry, token, "paint-red", "2.0").status == 201  # its own
    refused(publish(registry, token, "paintbrush"), 403, "forbidden")  # no separator
    ungrant(registry, "paint", "publish:new", "paint")
    refused(publish(registry, token, "paint-blue"), 403, "forbidden")
    assert publish(registry, token, "paint-red", "3.0").status == 201
    assert registry.get("/v1/packages/paint-red").json["releases"][0]["published_by"] \
        .startswith("paint/")


def test_scopes_and_prefix_bound_a_token(registry, refused):
    make_token(registry, "wood", PUBLISH, grant=True)
    narrow = make_token(registry, "wood", PUBLISH, prefix="wood-oak")
    only_new = make_token(registry, "wood", ["publish:new"])
    reader = make_token(registry, "wood", ["read"])
    assert publish(registry, narrow, "wood-oak").status == 201
    refused(publish(registry, narrow, "wood-ash"), 403, "forbidden")
    assert publish(registry, only_new, "wood-ash").status == 201
    refused(publish(registry, only_new, "wood-ash", "2.0"), 403, "forbidden")
    refused(publish(registry, reader, "wood-elm"), 403, "forbidden")


def test_a_prefix_is_the_end_of_what_is_granted(registry, refused):
    """Groups without an owner are open to the author; a group with one is its owner's to open."""
    scopes = ["read", *PUBLISH, "yank", "environment", "report", "group:contract", "environment:read:lab"]
    made = make_token(registry, "acme", scopes, prefix="acme", grant=True, whole=True)
    token = made["token"]
    granted = registry.get("/v1/grants?team=acme", token=registry.admin_token).json["grants"]
    assert {(one["scope"], one["object"]) for one in granted} == {
        ("publish:new", "acme"), ("publish:update", "acme"), ("yank", "acme"), ("environment:read", "lab")}
    assert publish(registry, token, "acme-x", groups={"free.plugins": {"x": "x:y"}}).status == 201
    refused(publish(registry, token, "other-x", groups={"free.plugins": {"o": "o:y"}}), 403, "forbidden")
    refused(publish(registry, token, "acmetools"), 403, "forbidden")
    registry.sql("INSERT INTO groups (group_name, owner, kind, conflict, priority, updated_at, "
                 "updated_by) VALUES ('guild.plugins', 'guild', 'any', 'all', '{}', now(), 'x')")
    refused(publish(registry, token, "acme-y", groups={"guild.plugins": {"y": "y:z"}}), 403, "forbidden")
    grant(registry, "acme", "group:publish", "guild")
    assert publish(registry, token, "acme-y", groups={"guild.plugins": {"y": "y:z"}}).status == 201
    refused(registry.request("PATCH", "/v1/environments/default", {"plugins": "listed"}, token=token), 403, "forbidden")
    refused(registry.post("/v1/reports", {}, token=token), 403, "forbidden")
    refused(registry.put("/v1/groups/free.plugins", {"kind": "any"}, token=token), 403, "forbidden")


def test_a_scope_may_be_named_twice(registry):
    twice = make_token(registry, "double-own", ["yank", "yank", "publish:update", "publish:update"])
    assert registry.get("/v1/token", token=twice).json["may"] == [
        {"scope": "yank", "object": None}, {"scope": "publish:update", "object": None}]
    made = make_token(registry, "double", ["import", "publish:new", "publish:new"], days=2, grant=True, whole=True)
    assert publish(registry, made["token"], "double").status == 201


@pytest.mark.parametrize("body, useful", [
    ({"scopes": PUBLISH}, False),
    ({"scopes": PUBLISH, "grant": True}, True),
    ({"scopes": ["publish:new"], "prefix": "needy", "grant": True}, True),
    ({"scopes": ["read", "report", "environment", "group:publish"], "prefix": "needy", "grant": True}, False),
    ({"scopes": ["report:web-*"], "prefix": "needy", "grant": True}, True),
    ({"scopes": ["yank"], "team": "owners"}, True),
    ({"scopes": ["group:contract"], "team": "owners"}, False),
    ({"scopes": ["publish:update"], "team": "granted", "prefix": "their"}, True),
    ({"scopes": ["publish:update"], "team": "granted", "prefix": "ours"}, False),
    ({"kind": "admin"}, True),
])
def test_a_token_that_could_do_nothing_is_refused_when_asked(registry, refused, body, useful):
    owner = make_token(registry, "owners", PUBLISH, grant=True)
    publish(registry, owner, "owned-thing")
    for scope in PUBLISH:
        ungrant(registry, "owners", scope)
    grant(registry, "granted", "publish:update", "their-x")
    body = {"name": "needy", "team": f"needy-{abs(hash(str(body)))}", **body}
    serial = registry.sql("SELECT serial FROM registry")
    answer = registry.post("/v1/tokens", {**body, "needs_right": True}, token=registry.admin_token)
    if useful:
        assert answer.status == 201 and answer.json["may"]
        return
    problem = refused(answer, 422, "invalid")
    assert problem["where"] == "/scopes" and "could do nothing" in problem["detail"]
    assert registry.sql("SELECT serial FROM registry") == serial
    assert registry.post("/v1/tokens", body, token=registry.admin_token).status == 201  # grants may come later


def test_another_teams_package_is_theirs(registry, refused):
    ours = make_token(registry, "north", PUBLISH, grant=True)
    theirs = make_token(registry, "south", PUBLISH)
    grant(registry, "south", "publish:new")
    assert publish(registry, ours, "compass").status == 201
    problem = refused(publish(registry, theirs, "compass", "2.0"), 403, "forbidden")
    assert "belongs to north" in problem["detail"]
    grant(registry, "south", "publish:update", "compass")
    assert publish(registry, theirs, "compass", "2.0").status == 201
    ungrant(registry, "south", "publish:update", "compass")
    refused(publish(registry, theirs, "compass", "3.0"), 403, "forbidden")
    answer = registry.put("/v1/packages/compass/owner", {"team": "south"}, token=registry.admin_token)
    assert answer.status == 200 and answer.json["changed"]
    assert publish(registry, theirs, "compass", "3.0").status == 201
    again = registry.put("/v1/packages/compass/owner", {"team": "south"}, token=registry.admin_token)
    assert not again.json["changed"]
    refused(registry.put("/v1/packages/no-such/owner", {"team": "south"}, token=registry.admin_token),
            404, "not-found")
    assert audit(registry, "owner")[-1][1:] == ("compass", {"team": "south", "before": "north"})


def test_groups_with_an_owner_admit_whom_they_grant(registry, refused):
    token = make_token(registry, "guests", PUBLISH)
    grant(registry, "guests", "publish:new")
    assert publish(registry, token, "early-guest", groups={"club.plugins": {"g": "g:x"}}).status == 201
    registry.sql("INSERT INTO groups (group_name, owner, kind, conflict, priority, updated_at, "
                 "updated_by) VALUES ('club.plugins', 'club', 'any', 'all', '{}', now(), 'x')")
    problem = refused(publish(registry, token, "late-guest", groups={"club.plugins": {"g": "g:x"}}),
                      403, "forbidden")
    assert "belongs to club" in problem["detail"]
    # Who is in stays in.
    assert publish(registry, token, "early-guest", "2.0",
                   {"club.plugins": {"g": "g:x"}}).status == 201
    grant(registry, "guests", "group:publish", "club")
    assert publish(registry, token, "late-guest", groups={"club.plugins": {"g": "g:x"}}).status == 201
    member = make_token(registry, "club", PUBLISH)
    grant(registry, "club", "publish:new")
    assert publish(registry, member, "club-own", groups={"club.plugins": {"o": "o:x"}}).status == 201


def test_reserved_names(registry, refused):
    token = make_token(registry, "squat", PUBLISH, grant=True)
    admin = registry.admin_token
    for name, body in (("treasure", {"reason": "ours"}), ("crown", {"prefix": True, "team": "royal"})):
        assert registry.put(f"/v1/reserved-names/{name}", body, token=admin).status == 200
    for name in ("treasure", "Tre-asure", "crown", "crown-jewels"):
        problem = refused(publish(registry, token, name), 403, "forbidden")
        assert "reserved" in problem["detail"]
    for name in ("treasure-map", "crowned"):
        assert publish(registry, token, name).status == 201
    royal = make_token(registry, "royal", PUBLISH, grant=True)
    assert publish(registry, royal, "crown-jewels").status == 201
    rows = registry.get("/v1/reserved-names", token=admin).json["reserved_names"]
    assert [(row["name"], row["prefix"], row["team"]) for row in rows] == [
        ("crown", True, "royal"), ("treasure", False, None)]
    assert registry.request("DELETE", "/v1/reserved-names/treasure", token=admin).status == 200
    refused(registry.request("DELETE", "/v1/reserved-names/treasure", token=admin), 404, "not-found")
    assert publish(registry, token, "treasure").status == 201


def test_revoking(registry, refused):
    made = make_token(registry, "fleeting", PUBLISH, grant=True, whole=True)
    assert publish(registry, made["token"], "fleeting").status == 201
    answer = registry.post(f"/v1/tokens/{made['id']}/revoke", {"reason": "gone"},
                           token=registry.admin_token)
    assert answer.status == 200 and answer.json["revoked_now"]
    refused(publish(registry, made["token"], "fleeting", "2.0"), 401, "unauthorized")
    again = registry.post(f"/v1/tokens/{made['id']}/revoke", {}, token=registry.admin_token)
    assert not again.json["revoked_now"] and again.json["revoked_at"] == answer.json["revoked_at"]
    shown = registry.get(f"/v1/tokens/{made['id']}", token=registry.admin_token).json
    assert (shown["state"], shown["revoked_by"], shown["revoked_reason"]) == ("revoked", "admin:admin", "gone")


def test_whoever_has_a_token_may_have_it_revoked(registry, refused):
    made = make_token(registry, "leaky", PUBLISH, grant=True, whole=True)
    answer = registry.post("/v1/tokens/revoke-leaked", {"token": made["token"]}, token=None)
    assert answer.status == 200 and answer.json == {"revoked": True}
    refused(publish(registry, made["token"], "leaky"), 401, "unauthorized")
    for text in ("plg_" + "x" * 46, "hello"):
        answer = registry.post("/v1/tokens/revoke-leaked", {"token": text}, token=None)
        assert answer.json == {"revoked": False}
    assert made["token"] not in str(audit(registry, "token-revoke"))


def test_lists_come_in_pages_and_by_team(registry):
    for number in range(3):
        make_token(registry, "many", ["read"])
        grant(registry, "many", "publish:new", f"many-{number}")
    for path, key in (("/v1/tokens?team=many", "tokens"), ("/v1/grants?team=many", "grants")):
        whole = registry.get(path, token=registry.admin_token).json
        assert len(whole[key]) == 3 and whole["next"] is None
        seen, cursor = [], ""
        while cursor is not None:
            page = registry.get(f"{path}&limit=1{cursor and '&cursor=' + cursor}",
                                token=registry.admin_token).json
            seen, cursor = seen + page[key], page["next"]
        assert seen == whole[key]


def test_a_token_tells_about_itself(registry, refused):
    made = make_token(registry, "self", ["read", "publish:new"], grant=True, prefix="self", whole=True)
    shown = registry.get("/v1/token", token=made["token"]).json
    assert shown["id"] == made["id"] and shown["scopes"] == ["read", "publish:new"]
    assert shown["grants"] == [{"scope": "publish:new", "object": "self"}]
    assert made["may"] == shown["may"] == [{"scope": "publish:new", "object": "self"}]
    assert shown["last_used_at"]
    refused(registry.get("/v1/token"), 401, "unauthorized")


@pytest.mark.parametrize("path", ["team/fly/*", "team/publish:new/-x", "te am/read/*", "team/read/x",
                                  "team/environment:prod/*", "team/yank/a%20b"])
def test_what_no_grant_can_be(registry, refused, path):
    refused(registry.put(f"/v1/grants/{path.replace(' ', '%20')}", None, token=registry.admin_token),
            422, "invalid")


def test_grants_may_be_repeated(registry):
    assert grant(registry, "twice", "yank", "x")["changed"]
    before = registry.sql("SELECT serial FROM registry")
    assert not grant(registry, "twice", "yank", "x")["changed"]
    assert ungrant(registry, "twice", "yank", "x")["changed"]
    assert not ungrant(registry, "twice", "yank", "x")["changed"]
    assert registry.sql(f"SELECT serial - {before[0][0]} FROM registry") == [["1"]]


def test_only_administrators_administer(registry, refused):
    token = make_token(registry, "people", [*PUBLISH, "read", "yank", "environment", "report",
                                            "group:contract"], grant=True)
    for method, path, body in (
            ("GET", "/v1/tokens", None), ("POST", "/v1/tokens", {"name": "x", "scopes": ["read"]}),
            ("GET", "/v1/tokens/1", None), ("POST", "/v1/tokens/1/revoke", {}),
            ("GET", "/v1/grants", None), ("PUT", "/v1/grants/people/read/*", None),
            ("DELETE", "/v1/grants/people/read/*", None), ("GET", "/v1/reserved-names", None),
            ("PUT", "/v1/reserved-names/x", {}), ("DELETE", "/v1/reserved-names/x", None),
            ("PUT", "/v1/packages/x/owner", {"team": "people"}), ("GET", "/v1/audit", None),
            ("GET", "/v1/audit/verification", None)):
        refused(registry.request(method, path, body, token=token), 403, "forbidden")
        refused(registry.request(method, path, body), 401, "unauthorized")


def test_the_audit_is_read_and_verified(registry):
    events, after = [], 0
    while True:
        page = registry.get(f"/v1/audit?limit=10&after={after}", token=registry.admin_token).json
        events += page["events"]
        if not page["more"]:
            break
        after = events[-1]["id"]
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    verdict = registry.get("/v1/audit/verification", token=registry.admin_token).json
    assert verdict == {"whole": True, "events": len(events), "fault": None, "head": events[-1]["hash"]}


@pytest.mark.parametrize("change, fault", [
    ("UPDATE audit_events SET actor = 'nobody' WHERE id = 3", 3),
    ("DELETE FROM audit_events WHERE id = 4", 4),
    ("UPDATE audit_events SET hash = sha256('x') WHERE id = 2", 2),
    ("DELETE FROM audit_events WHERE id = (SELECT max(id) FROM audit_events)", None),
    ("UPDATE audit_events SET detail = '{\"a\": 1}' WHERE id = 1", 1),
])
def test_an_altered_audit_shows(registry, change, fault):
    count = int(registry.sql("SELECT count(*) FROM audit_events")[0][0])
    registry.sql("CREATE TABLE kept AS SELECT * FROM audit_events; "
                 "ALTER TABLE audit_events DISABLE TRIGGER audit_events_kept; " + change)
    try:
        verdict = registry.get("/v1/audit/verification", token=registry.admin_token).json
        assert not verdict["whole"] and verdict["fault"] == (fault or count)
    finally:
        registry.sql("DELETE FROM audit_events; INSERT INTO audit_events SELECT * FROM kept; "
                     "DROP TABLE kept; ALTER TABLE audit_events ENABLE TRIGGER audit_events_kept")
    assert registry.get("/v1/audit/verification", token=registry.admin_token).json["whole"]
