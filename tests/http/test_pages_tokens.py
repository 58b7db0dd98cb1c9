# SPDX-License-Identifier: MIT
"""The page of tokens: who sees it; what a token would do, in words; making one, whose text is shown once; revoking;
what is refused."""

import re

import pytest
from support.access import make_token, publish
from support.markup import Page
from support.xss import TEXTS
from support.visitor import Visitor
from test_pages_changing import assert_goes_to

TOKEN = re.compile(r"plg[ac]?_[0-9A-Za-z]{46}")


@pytest.fixture(scope="module")
def admin(registry):
    return Visitor(registry, registry.admin_token)


def page_of(answer, status=200):
    assert answer.status == status, (answer.status, answer.body[:500])
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["ETag"] is None
    return Page(answer.body.decode())


def foresee(visitor, **fields):
    """The first step: what the token would do."""
    return visitor.act("/tokens", **fields)


def make(visitor, **fields):
    """Both steps: the second sends what the first put into its form."""
    answer = foresee(visitor, **fields)
    if answer.status != 200:
        return answer
    hidden = [field for field in Page(answer.body.decode()).all("input") if field.get("type") == "hidden"]
    sent = {field["name"]: field["value"] for field in hidden if field["name"] != "form_token"}
    assert sent.pop("confirmed") == "yes" and sent == {name: " ".join(value.split(" ")) for name, value in fields.items()}
    return visitor.act("/tokens", confirmed="yes", **sent)


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
    assert_goes_to(answer, "/tokens")
    assert publish(registry, text, "honeyframe-crm", "2.0").status == 401
    listing = page_of(admin.get("/tokens?team=crm"))
    assert "by admin:admin: The laptop was lost" in listing.text
    assert f"/tokens/{number}/revoke" not in listing.links


def test_every_kind(registry, admin):
    assert made_text(make(admin, name="robot", kind="ci", scopes="environment:production read", grant="yes")).startswith("plgc_")
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
    ({"name": "x", "scopes": "publish"}, 'Scopes: The token could do nothing: its team "x" has no grant'),
    ({"name": "x", "scopes": "read", "prefix": "x", "grant": "yes"}, 'its team "x" would get no grant'),
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


FORESEEN = [
    ({"scopes": "publish yank read", "prefix": "acme", "grant": "yes"},
     ["create packages named acme or acme-…",
      "publish releases of packages named acme or acme-… , also those of other teams",
      "publish into the groups that belong to TEAM (none today)",
      "use every group that no team owns",
      "Asked for, but not granted to its team: read.",
      "The team TEAM gets these grants, for all its tokens: publish:new acme , publish:update acme , yank acme"],
     ["any name", "every environment", "group:publish *", "packages that belong"]),
    ({"scopes": "publish environment:prod report:web-* group:contract import", "grant": "yes", "days": "2"},
     ["create packages of any name", "publish into every group, also those of other teams",
      "change and read the settings of the environment prod", "send the reports of hosts named web-*",
      "change the contract of every group", "publish without rate limits", "in 2 days"],
     ["Asked for"]),
    ({"scopes": "environment environment:read read yank report", "grant": "yes"},
     ["change every environment", "read the settings of every environment", "read the registry",
      "yank, deprecate, archive and quarantine every package", "send the reports of every host"],
     ["use every group", "Asked for"]),
    ({"kind": "admin"}, ["administer: tokens, grants", "It may not publish.", "change every environment"],
     ["create packages", "gets these grants"]),
]


@pytest.mark.parametrize("fields, there, absent", FORESEEN)
def test_what_it_may_do_is_said_before_it_is_made(registry, admin, fields, there, absent):
    team = f"foreseen-{FORESEEN.index((fields, there, absent))}"
    before = serial_of(registry)
    shown = page_of(foresee(admin, name="a", team=team, **fields))
    words = [text.replace("TEAM", team) for text in there]
    section = shown.text[:shown.text.index("Create a token Separate")]
    assert [text for text in words if text not in section] == [], section
    assert [text for text in absent if text in section] == [], section
    assert "No token was created yet" in section and not TOKEN.search(shown.text)
    assert serial_of(registry) == before
    created = page_of(make(admin, name="a", team=team, **fields), 201)
    assert [text for text in words if text not in created.text and text != "in 2 days"] == [], created.text


def test_the_words_are_what_the_token_does(registry, admin):
    text = made_text(make(admin, name="author", team="stone", scopes="publish report", prefix="stone", grant="yes"))
    assert publish(registry, text, "stone-x", groups={"stone.free": {"x": "x:y"}}).status == 201
    assert publish(registry, text, "other-x").status == 403
    shown = page_of(foresee(admin, name="second", team="stone", scopes="publish:update report"))
    assert "the packages that belong to stone" in shown.text and "none today" not in shown.text
    assert "not granted to its team: report." in shown.text


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
