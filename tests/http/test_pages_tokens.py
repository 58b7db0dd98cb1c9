# SPDX-License-Identifier: MIT
"""The page of tokens: who sees it; making one, whose text is shown once; revoking; what is refused."""

import re

import pytest
from support.access import make_token, publish
from support.markup import Page
from support.xss import TEXTS
from test_pages_changing import Visitor

TOKEN = re.compile(r"plg[ac]?_[0-9A-Za-z]{46}")


@pytest.fixture(scope="module")
def admin(registry):
    return Visitor(registry, registry.admin_token)


def page_of(answer, status=200):
    assert answer.status == status, (answer.status, answer.body[:500])
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["ETag"] is None
    return Page(answer.body.decode())


def make(visitor, **fields):
    return visitor.act("/tokens", **fields)


def made_text(answer):
    found = TOKEN.findall(page_of(answer, 201).text)
    assert len(found) == 1
    return found[0]


def number_of(registry, team):
    rows = registry.get(f"/v1/tokens?team={team}", token=registry.admin_token).json["tokens"]
    assert len(rows) == 1
    return rows[0]["id"]


def serial_of(registry):
    return registry.sql("SELECT serial FROM registry")[0][0]


def test_only_administrators_see_it(registry, admin):
    publisher = Visitor(registry, make_token(registry, "press", ["publish:new", "read", "yank"], grant=True))
    nobody = page_of(Visitor(registry).get("/tokens"), 401)
    assert "Sign in with an administrator's token" in nobody.text and "/sign-in" in nobody.links
    assert "Only administrators can see tokens" in page_of(publisher.get("/tokens"), 403).text
    shown = page_of(admin.get("/tokens"))
    assert "/tokens" in shown.links and "press" in shown.text
    for visitor in (Visitor(registry), publisher):
        assert "/tokens" not in Page(visitor.get("/status").body.decode()).links


def test_made_shown_once_used_and_revoked(registry, admin):
    text = made_text(make(admin, name="laptop", team="crm", scopes="publish  yank", prefix="Honeyframe.CRM", days="30", grant="yes"))
    assert text.startswith("plg_")
    listing = page_of(admin.get("/tokens?team=crm"))
    for words in ("laptop", "user", "crm", "publish:new publish:update group:publish yank", "honeyframe-crm", "active", "by admin"):
        assert words in listing.text, (words, listing.text)
    assert text not in listing.text and text not in registry.log()
    assert publish(registry, text, "honeyframe-crm").status == 201
    assert publish(registry, text, "finance").status == 403
    number = number_of(registry, "crm")
    answer = admin.act(f"/tokens/{number}/revoke", reason="The laptop was lost")
    assert answer.status == 303 and answer.headers["Location"] == "/tokens"
    assert publish(registry, text, "honeyframe-crm", "2.0").status == 401
    listing = page_of(admin.get("/tokens?team=crm"))
    assert "by admin:admin: The laptop was lost" in listing.text
    assert f"/tokens/{number}/revoke" not in listing.links


def test_every_kind(registry, admin):
    assert made_text(make(admin, name="robot", kind="ci", scopes="environment:production read")).startswith("plgc_")
    second = made_text(make(admin, name="second", kind="admin"))
    assert second.startswith("plga_")
    other = Visitor(registry, second)
    page_of(other.get("/tokens"))
    assert other.act(f"/tokens/{number_of(registry, 'second')}/revoke").status == 303
    page_of(other.get("/tokens"), 401)  # it was its own


@pytest.mark.parametrize("fields, words", [
    ({"scopes": "publish"}, "Name: "),
    ({"name": "a b", "scopes": "publish"}, 'Name: The name "a b" is not allowed'),
    ({"name": "x", "team": "-", "scopes": "publish"}, "Team: "),
    ({"name": "x"}, "Scopes: The token has no scopes"),
    ({"name": "x", "scopes": "fly"}, "fly"),
    ({"name": "x", "kind": "king", "scopes": "read"}, "Kind: "),
    ({"name": "x", "kind": "admin", "scopes": "read"}, "An administrator's token has no scopes"),
    ({"name": "x", "scopes": "read", "prefix": "-"}, "Package prefix: "),
    ({"name": "x", "scopes": "read", "days": "0"}, "Days until it expires: A token is valid for 1 to 365 days"),
    ({"name": "x", "scopes": "read", "days": "soon"}, "Days until it expires: A token is valid for 1 to 365 days"),
    ({"name": "x", "scopes": "read", "days": "9" * 30}, "Days until it expires: A token is valid for 1 to 365 days"),
])
def test_what_is_wrong_is_said_at_the_form(registry, admin, fields, words):
    before = serial_of(registry)
    shown = page_of(make(admin, **fields), 422)
    assert words in shown.text, shown.text
    kept = {field["name"]: field.get("value") for field in shown.all("input") if "name" in field}
    for name in ("name", "scopes", "days"):
        assert kept[name] == fields.get(name), name
    assert serial_of(registry) == before


@pytest.mark.parametrize("form_token", ["", "0" * 48, "x", "other"])
def test_forms_of_others_do_nothing(registry, admin, form_token):
    number = make_token(registry, "kept", ["read"], whole=True)["id"]
    if form_token == "other":
        form_token = Visitor(registry, registry.admin_token).form_token()
    before = serial_of(registry)
    fields = {"name": "x", "scopes": "read", "form_token": form_token}
    page_of(admin.send("/tokens", **fields), 422)
    page_of(admin.send(f"/tokens/{number}/revoke", form_token=form_token), 422)
    assert serial_of(registry) == before


def test_others_make_and_revoke_nothing(registry, admin):
    scopes = ["publish:new", "publish:update", "group:publish", "yank", "environment", "group:contract"]
    publisher = Visitor(registry, make_token(registry, "writers", scopes, grant=True))
    number = number_of(registry, "writers")
    before = serial_of(registry)
    for visitor, status in ((publisher, 403), (Visitor(registry), 401)):
        form_token = visitor.form_token() or admin.form_token()
        page_of(visitor.send("/tokens", name="x", kind="admin", form_token=form_token), status)
        page_of(visitor.send(f"/tokens/{number}/revoke", form_token=form_token), status)
    assert serial_of(registry) == before


@pytest.mark.parametrize("path, status", [
    ("/tokens/999999/revoke", 404), ("/tokens/x/revoke", 404), ("/tokens/-1/revoke", 404)])
def test_there_is_no_such_token(admin, path, status):
    page_of(admin.act(path, reason="x"), status)


def test_nothing_becomes_markup(registry, admin):
    texts = [text for text in TEXTS if "\t" not in text]  # that no form sends
    for text in texts:
        shown = page_of(make(admin, name=text, team=text, scopes=text, prefix=text), 422)
        kept = {field["name"]: field.get("value") for field in shown.all("input") if "name" in field}
        assert [kept[name] for name in ("name", "team", "scopes", "prefix")] == [text] * 4
        number = make_token(registry, "hostile", ["read"], whole=True)["id"]
        assert admin.act(f"/tokens/{number}/revoke", reason=text).status == 303, text
    shown = page_of(admin.get("/tokens?team=hostile"))
    for text in texts:
        assert " ".join(text.split()) in shown.text, text
    assert "Tokens of <script>" in page_of(admin.get("/tokens?team=%3Cscript%3E")).text


def test_many_come_in_pages(registry, admin):
    for _ in range(3):
        make_token(registry, "many", ["read"])
    path = "/tokens?team=many&limit=2"
    for rows in (2, 1):
        shown = page_of(admin.get(path))
        assert shown.text.count("Revoke …") == rows
        following = [link for link in shown.links if "cursor=" in link]
        path = following[0] if following else None
        assert path is None or "team=many" in path
    assert path is None
    assert "No tokens match." in page_of(admin.get("/tokens?team=none")).text
