# SPDX-License-Identifier: MIT
"""The pages of administration: who sees what, and which right is missing; granting and revoking, reserving and
releasing, each after a question; the audit log with its filter, its bound and its verification."""

import re

import pytest
from support.access import make_token, publish
from support.markup import Page
from support.visitor import Visitor
from support.xss import MARK, TEXTS
from test_pages_changing import assert_goes_to

PAGES = ("/admin/grants", "/admin/grants/revoke?team=crm&scope=yank&object=crm", "/admin/reserved-names",
         "/admin/reserved-names/acme/release", "/admin/audit", "/admin/audit/verification")
FORMS = ("/admin/grants", "/admin/grants/revoke", "/admin/reserved-names", "/admin/reserved-names/acme/release")


@pytest.fixture(scope="module")
def admin(registry):
    return Visitor(registry, registry.admin_token)


@pytest.fixture(scope="module")
def publisher(registry):
    return Visitor(registry, make_token(registry, "press", ["publish:new", "read"], grant=True))


def page_of(answer, status=200):
    assert answer.status == status, (answer.status, answer.body[:500])
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return Page(answer.body.decode())


def serial_of(registry):
    return registry.sql("SELECT serial FROM registry")[0][0]


def test_one_entry_leads_there(registry, admin, publisher):
    home = page_of(admin.get("/"))
    assert "/admin" in home.links and "/tokens" not in home.links
    for visitor in (Visitor(registry), publisher):
        assert "/admin" not in page_of(visitor.get("/")).links
    shown = page_of(admin.get("/admin"))
    assert {"/tokens", "/admin/grants", "/admin/reserved-names", "/admin/audit"} <= set(shown.links)
    assert "Missing" not in shown.text


def test_the_missing_right_is_said(registry, publisher):
    assert "sign in with an administrator's token" in page_of(Visitor(registry).get("/admin")).text
    assert "Yours is a team's" in page_of(publisher.get("/admin")).text
    for path in PAGES:
        shown = page_of(Visitor(registry).get(path), 401)
        assert "This page needs the rights of an administrator" in shown.text
        assert any(link.startswith("/sign-in") for link in shown.links)
        assert "Your token is a team's" in page_of(publisher.get(path), 403).text


@pytest.mark.parametrize("path", FORMS)
def test_forms_are_of_administrators_and_of_their_own_pages(registry, admin, publisher, path):
    fields = {"team": "crm", "scope": "yank", "object": "crm", "name": "acme"}
    before = serial_of(registry)
    page_of(publisher.act(path, **fields), 403)
    page_of(Visitor(registry).send(path, **fields), 401)
    page_of(admin.send(path, **fields), 422)
    page_of(admin.send(path, form_token="0" * 64, **fields), 422)
    body = f"form_token={admin.form_token()}&team=crm&scope=yank&object=crm&name=acme".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://elsewhere.example", **admin.headers()}
    page_of(admin.ask("POST", path, body, headers), 403)
    assert serial_of(registry) == before


def test_a_grant_is_given_and_revoked_after_a_question(registry, admin):
    token = make_token(registry, "givers", ["publish:new", "publish:update"])
    assert publish(registry, token, "given").status == 403
    assert_goes_to(admin.act("/admin/grants", team="givers", scope="publish:new", object="given"), "/admin/grants")
    assert publish(registry, token, "given").status == 201
    shown = page_of(admin.get("/admin/grants?team=givers"))
    for words in ("Grants of givers", "publish:new", "given", "by admin:admin", "when it is revoked",
                  "registryctl grant list --team givers"):
        assert words in shown.text, (words, shown.text)
    question = next(link for link in shown.links if "/revoke?" in link and "object=given" in link)
    before = serial_of(registry)
    asked = page_of(admin.get(question))
    for words in ("The team givers can no longer use publish:new on given", "with its next request", "Cancel",
                  "registryctl grant remove givers publish:new 'given'"):
        assert words in asked.text, (words, asked.text)
    assert [one for one in asked.all("button") if one.get("class") == "danger"]
    assert serial_of(registry) == before, "a question changes nothing"
    assert_goes_to(admin.act("/admin/grants/revoke", team="givers", scope="publish:new", object="given"), "/admin/grants")
    assert publish(registry, token, "given-too").status == 403
    assert "This team has no grants" in page_of(admin.get("/admin/grants?team=givers")).text


def test_a_grant_of_some_days_ends(registry, admin):
    assert admin.act("/admin/grants", team="movers", scope="import", object="*").status == 303
    assert admin.act("/admin/grants", team="movers", scope="read", object="*", days="3").status == 303
    rows = registry.sql("SELECT scope, round(extract(epoch FROM expires_at - created_at) / 86400) FROM grants "
                        "WHERE team = 'movers' ORDER BY scope")
    assert [(row[0], int(row[1])) for row in rows] == [("import", 1), ("read", 3)]


@pytest.mark.parametrize("fields, words", [
    ({}, "Enter a team and choose a right"),
    ({"team": "x"}, "Enter a team and choose a right"),
    ({"team": "a b", "scope": "read"}, "not allowed"),
    ({"team": "x", "scope": "fly"}, "fly"),
    ({"team": "x", "scope": "environment:prod"}, "environment"),
    ({"team": "x", "scope": "environment", "object": "-"}, "-"),
    ({"team": "x", "scope": "read", "days": "0"}, "Give 1 to"),
    ({"team": "x", "scope": "read", "days": "soon"}, "Give 1 to"),
    ({"team": "x", "scope": "read", "days": "9" * 30}, "Give 1 to"),
    ({"team": "x", "scope": "import", "days": "31"}, "Give 1 to 30 days"),
])
def test_what_is_wrong_with_a_grant_is_said(registry, admin, fields, words):
    before = serial_of(registry)
    assert words in page_of(admin.act("/admin/grants", **fields), 422).text
    assert serial_of(registry) == before


def test_a_name_is_reserved_and_released_after_a_question(registry, admin):
    token = make_token(registry, "takers", ["publish:new"], grant=True)
    assert_goes_to(admin.act("/admin/reserved-names", name="Kept.Free", prefix="yes", team="keepers", reason="Ours & theirs"),
                   "/admin/reserved-names")
    shown = page_of(admin.get("/admin/reserved-names"))
    for words in ("kept-free", "names that begin with it", "keepers", "Ours & theirs", "by admin:admin"):
        assert words in shown.text, (words, shown.text)
    assert publish(registry, token, "kept-free-too").status == 403
    asked = page_of(admin.get("/admin/reserved-names/kept-free/release"))
    for words in ("Release the name kept-free", "Any team that may create packages", "registryctl reserve remove kept-free"):
        assert words in asked.text, (words, asked.text)
    assert_goes_to(admin.act("/admin/reserved-names/kept-free/release"), "/admin/reserved-names")
    assert publish(registry, token, "kept-free-too").status == 201
    page_of(admin.act("/admin/reserved-names/kept-free/release"), 404)


@pytest.mark.parametrize("fields, words", [
    ({}, "Enter the name to reserve"), ({"name": "-"}, "name"), ({"name": "x", "team": "-"}, "not allowed"),
    ({"name": "x", "reason": "r" * 1001}, "more than 1000 bytes")])
def test_what_is_wrong_with_a_reservation_is_said(registry, admin, fields, words):
    before = serial_of(registry)
    assert words in page_of(admin.act("/admin/reserved-names", **fields), 422).text
    assert serial_of(registry) == before


def test_lists_are_bounded(registry, admin):
    for number in range(103):
        assert registry.put(f"/v1/grants/many/environment/e{number:03}", None, token=registry.admin_token).status == 200
    first = page_of(admin.get("/admin/grants?team=many"))
    following = [link for link in first.links if "cursor=" in link]
    assert len(following) == 1 and "e099" in first.text and "e100" not in first.text
    assert "e102" in page_of(admin.get(following[0])).text
    assert len(admin.get("/admin/grants?team=many").body) < 100 * 1024



def events_of(answer):
    page_of(answer)
    return [int(number) for number in re.findall(r'<td class="number"[^>]*>(\d+)</td>', answer.body.decode())]


def numbers(registry, condition):
    return [int(row[0]) for row in registry.sql(f"SELECT id FROM audit_events WHERE {condition} ORDER BY id DESC")]


def test_the_audit_is_read_from_the_newest_and_filtered(registry, admin):
    token = make_token(registry, "writers", ["publish:new", "publish:update", "group:publish"], grant=True)
    for version in range(1, 4):
        assert publish(registry, token, "written", f"{version}.0").status == 201
    newest = numbers(registry, "true")[0]
    shown = events_of(admin.get("/admin/audit"))
    assert shown == list(range(newest, newest - 50, -1))
    wanted = numbers(registry, "starts_with(actor, 'writers')")
    assert len(wanted) >= 3 and events_of(admin.get("/admin/audit?actor=writers")) == wanted
    assert events_of(admin.get("/admin/audit?actor=writers&subject=written+2")) == wanted[1:2]
    granted = numbers(registry, "starts_with(action, 'grant')")
    first = admin.get("/admin/audit?action=grant")
    assert events_of(first) == granted[:50] and len(granted) > 50
    older = next(link for link in Page(first.body.decode()).links if "before=" in link)
    assert "action=grant" in older and events_of(admin.get(older)) == granted[50:100]
    assert events_of(admin.get("/admin/audit?actor=no-one")) == []
    assert "No event matches" in page_of(admin.get("/admin/audit?actor=no-one")).text
    assert events_of(admin.get(f"/admin/audit?before={2**62}"))[0] == newest
    page_of(admin.get("/admin/audit?before=0"), 400)


def test_texts_of_others_are_inert(registry, admin):
    for number, text in enumerate(text for text in TEXTS if "\t" not in text):  # that no reason may hold
        assert admin.act("/admin/reserved-names", name=f"hostile-{number}", reason=text).status == 303
    hosts = [page_of(admin.get(path)) for path in ("/admin/reserved-names", "/admin/audit", "/admin/audit?actor=%22%3E%3Cscript%3Exq7")]
    for shown in hosts:
        for tag, attributes in shown.elements:
            assert MARK not in tag and not any(MARK in name or name.startswith("on") for name in attributes), (tag, attributes)
            assert tag in ("input", "a") or not any(MARK in (value or "") for value in attributes.values()), (tag, attributes)
        assert len(shown.all("script")) == 1
    assert MARK in hosts[0].text and MARK in hosts[1].text


def test_the_chain_is_verified(registry, admin):
    shown = page_of(admin.get("/admin/audit/verification"))
    verdict = registry.get("/v1/audit/verification", token=registry.admin_token).json
    assert f"no event of {verdict['events']} is missing" in shown.text and verdict["head"] in shown.text
    assert "registryctl audit --verify" in shown.text
    registry.sql("ALTER TABLE audit_events DISABLE TRIGGER ALL")
    registry.sql("UPDATE audit_events SET actor = 'other' WHERE id = 2")
    assert "Event 2 is missing or was altered" in page_of(admin.get("/admin/audit/verification")).text


def test_contracts_name_their_owners(registry, admin):
    token = make_token(registry, "grouped", ["publish:new", "group:publish"], grant=True)
    groups = {f"listed.group{number:03}": {"main": "x:main"} for number in range(103)}
    assert publish(registry, token, "grouped", "1.0", groups).status == 201
    contract = {"owner": "platform", "kind": "callable", "conflict": "first", "name_pattern": "[a-z]+",
                "deprecated": {"message": "Use the other"}}
    assert registry.put("/v1/groups/listed.group001", contract, token=registry.admin_token).status == 200
    first = page_of(Visitor(registry).get("/admin/contracts"))
    for words in ("listed.group001 platform callable first deprecated names match [a-z]+", "no owner: open to all teams",
                  "no contract", "registryctl group set GROUP --owner TEAM"):
        assert words in first.text, (words, first.text[:600])
    following = next(link for link in first.links if "cursor=" in link)
    assert "listed.group102" not in first.text and "listed.group102" in page_of(admin.get(following)).text
