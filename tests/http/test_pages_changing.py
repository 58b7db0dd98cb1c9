# SPDX-License-Identifier: MIT
"""Signing in on the pages, and what can be changed there: with whose rights, from which forms, how long."""

from urllib.parse import urlencode

import pytest
from support import catalogue
from support.access import make_token
from support.daemon import Daemon
from support.markup import Page
from support.visitor import Visitor


@pytest.fixture(scope="module")
def filled(daemon):
    return catalogue.fill(daemon)


def assert_goes_to(answer, page):
    """After a change: back to the page, which must show the change whoever serves it."""
    assert answer.status == 303, answer.body
    path, _, serial = answer.headers["Location"].partition("?min_serial=")
    serial, _, number = serial.partition("&min_epoch=")
    assert path == page and int(serial) == int(answer.headers["X-Registry-Serial"]) > 0
    assert number == answer.headers["X-Registry-Epoch-Number"]


@pytest.fixture(scope="module")
def admin(filled):
    return Visitor(filled, filled.admin_token)


def test_nobody_is_offered_what_they_cannot_do(filled, admin):
    reader = Visitor(filled, make_token(filled, "readers", ["read"], grant=True))
    for path in ("/packages/finance/manage", "/environments/production"):
        forms = {}
        for name, visitor in (("nobody", Visitor(filled)), ("reader", reader), ("admin", admin)):
            page = Page(visitor.get(path).body.decode())
            forms[name] = [form["action"] for form in page.all("form") if form.get("method") == "post"]
        assert forms["nobody"] == [] and forms["reader"] == ["/sign-out"] and len(forms["admin"]) >= 3, forms
    assert "no-store" in admin.get("/packages/finance").headers["Cache-Control"]
    assert admin.get("/packages/finance").headers["ETag"] is None


def test_yank_and_back(filled, admin):
    path = "/packages/honeyframe-crm/releases/0.4.0/yank"
    assert admin.act(path, reason="Loses <b>deals</b>").status == 303
    assert "Loses &lt;b&gt;deals&lt;/b&gt;" in admin.get("/packages/honeyframe-crm/versions").body.decode()
    assert admin.act(path, back="1").status == 303
    assert not filled.get("/v1/packages/honeyframe-crm").json["releases"][0]["yanked"]


def test_status(filled, admin):
    answer = admin.act("/packages/honeyframe-crm/status", status="deprecated", reason="Old", replaced_by="finance")
    assert_goes_to(answer, "/packages/honeyframe-crm")
    package = filled.get("/v1/packages/honeyframe-crm").json
    assert (package["status"], package["status_reason"], package["replaced_by"]) == ("deprecated", "Old", "finance")
    assert admin.act("/packages/honeyframe-crm/status", status="active").status == 303


def test_environments_and_back(filled, admin):
    answer = admin.act("/environments/production/plugins", package="finance", state="disabled", pin="==1.2.0", clears_pin="1")
    assert answer.status == 303, answer.body
    environment = filled.get("/v1/environments/production").json
    assert environment["document"]["plugins"]["finance"] == {"enabled": False, "pin": "==1.2.0"}
    assert admin.act("/environments/production/rollback", revision="2").status == 303
    assert "finance" not in filled.get("/v1/environments/production").json["document"]["plugins"]


def test_a_plugin_is_offered(filled, admin):
    page = "/packages/finance-classic/compatibility?environment=production"
    shown = admin.get(page).body.decode()
    assert "Offer in production" in shown and "Disable in production" in shown and "Enable in production" not in shown
    path = "/environments/production/plugins"
    assert admin.act(path, package="finance-classic", state="allowed").status == 303
    decided = filled.get("/v1/environments/production").json["document"]["plugins"]["finance-classic"]
    assert decided == {"state": "allowed"}
    shown = admin.get(page).body.decode()
    assert "The user of each host chooses whether it runs." in shown
    assert "Offer in production" not in shown and "Enable in production" in shown and "Disable in production" in shown
    for state, decided in (("disabled", {"enabled": False}), ("allowed", {"state": "allowed"}), ("enabled", {"enabled": True})):
        assert admin.act(path, package="finance-classic", state=state).status == 303
        assert filled.get("/v1/environments/production").json["document"]["plugins"]["finance-classic"] == decided
    assert admin.act(path, package="finance-classic").status == 303  # by policy
    assert "finance-classic" not in filled.get("/v1/environments/production").json["document"]["plugins"]
    revision = filled.get("/v1/environments/production").json["revision"]
    assert admin.act(path, package="finance-classic", state="on").status == 422
    assert filled.get("/v1/environments/production").json["revision"] == revision


@pytest.mark.parametrize("page, name", [("/packages/finance", "package"), ("/groups/honeyframe.plugins", "group")])
def test_a_hold_and_its_end(filled, admin, page, name):
    """The same as through the API, with the reason on the page; without one nothing is held."""
    def holds():
        return [one for one in filled.get("/v1/holds").json["holds"] if one.get(name) == page.rpartition("/")[2]]

    assert admin.act(f"{page}/hold").status == 422 and not holds()
    assert admin.act(f"{page}/hold", reason="x" * 1001).status == 422
    assert admin.act(f"{page}/hold", reason="two\nlines").status == 400 and not holds()
    done = admin.act(f"{page}/hold", reason="under review <b>")
    assert_goes_to(done, page)
    assert [one["reason"] for one in holds()] == ["under review <b>"]
    form = f"{page}/manage" if name == "package" else page
    shown = admin.get(form).body.decode()
    assert "under review &lt;b&gt;" in shown and "End the hold" in shown and "Hold new releases" not in shown
    assert admin.act(f"{page}/hold", end="1").status == 303 and not holds()
    assert "Hold new releases" in admin.get(form).body.decode()
    assert admin.act(f"{page}/hold", end="1").status == 303, "ending it again changes nothing"


def test_exceptions_and_their_end(filled, admin):
    path = "/environments/production"

    def exceptions(package="finance"):
        return (filled.get(f"/v1{path}/plugins/{package}", token=filled.admin_token).json["plugin"].get("allow")) or {}

    given = {"package": "finance", "code": "too-new", "until": "2099-12-31", "reason": "tested by hand <i>"}
    for left_out in given:
        sent = {key: text for key, text in given.items() if key != left_out}
        assert admin.act(f"{path}/exceptions", **sent).status == 422, left_out
    for wrong in ({"code": "quarantined"}, {"until": "tomorrow"}, {"package": "no-such-package"}):
        assert admin.act(f"{path}/exceptions", **{**given, **wrong}).status in (404, 422), wrong
    assert "too-new" not in exceptions()
    done = admin.act(f"{path}/exceptions", **given)
    assert_goes_to(done, path)
    assert exceptions()["too-new"]["reason"] == given["reason"] and exceptions()["too-new"]["by"].startswith("admin")
    shown = admin.get(path).body.decode()
    assert "tested by hand &lt;i&gt;" in shown and "End the exception too-new of finance" in shown
    assert admin.act(f"{path}/exceptions", package="finance", code="too-new", end="1").status == 303
    assert "too-new" not in exceptions()


def test_holds_and_exceptions_need_the_right_and_the_page(filled, admin):
    reader = Visitor(filled, make_token(filled, "looking", ["read"], grant=True))
    for path, fields in (("/packages/finance/hold", {"reason": "r"}), ("/groups/honeyframe.plugins/hold", {"reason": "r"}),
                         ("/environments/production/exceptions", {"package": "finance", "code": "too-new",
                                                                  "until": "2099-01-01", "reason": "r"})):  # fmt: skip
        assert reader.act(path, **fields).status == 403, path
        assert Visitor(filled).send(path, **fields).status in (401, 403), path
        assert admin.send(path, **fields).status == 422, "a form without the token of its page"
    assert not [one for one in filled.get("/v1/holds").json["holds"] if one["reason"] == "r"]


def test_a_refusal_is_a_page(filled, admin):
    answer = admin.act("/environments/production/plugins", package="nosuch", state="enabled")
    assert answer.status in (404, 422) and answer.headers["Content-Type"].startswith("text/html")
    Page(answer.body.decode())
    assert admin.act("/environments/production/plugins", state="enabled").status == 422
    assert admin.act("/environments/production/rollback", revision="99").status == 404


@pytest.mark.parametrize("form_token", ["", "0" * 48, "x", "other"])
def test_forms_of_others_do_nothing(filled, admin, form_token):
    before = filled.get("/v1").json["serial"]
    if form_token == "other":
        form_token = Visitor(filled, filled.admin_token).form_token()
    answer = admin.send("/packages/honeyframe-crm/releases/0.4.0/yank", reason="x", form_token=form_token)
    assert answer.status == 422, answer.body
    assert filled.get("/v1").json["serial"] == before


def test_a_cookie_changes_nothing_through_the_api(filled, admin):
    """Not even with the right form token: there only tokens count."""
    document = b'{"name": "x", "version": "1"}'
    headers = {"Content-Type": "application/json", **admin.headers()}
    for method, path in (("PUT", "/v1/packages/x/releases/1"), ("POST", "/v1/packages/finance/releases/1.2.0/yank"),
                         ("PUT", "/v1/environments/x"), ("POST", "/v1/tokens"), ("POST", "/v1/tokens/1/revoke")):
        assert admin.ask(method, path, document, headers).status == 401, path


def test_bad_cookies_are_nobody(filled, admin):
    good = admin.cookie
    for cookie in (good[:-1] + ("A" if good[-1] != "A" else "B"), good + "A", good[:40], "registryd_session=", "registryd_session=!!",
                   "x" + good, f"a={good}", good.replace("=", "")):
        visitor = Visitor(filled)
        visitor.cookie = cookie
        assert visitor.form_token() is None, cookie
        assert visitor.send("/packages/finance/status", status="active").status == 401
    beside = Visitor(filled)
    beside.cookie = f"a=b; {good}; c=d"
    assert beside.form_token()


def test_a_revoked_token_ends_its_session(filled):
    made = make_token(filled, "ops", ["yank"], grant=True, whole=True)
    visitor = Visitor(filled, made["token"])
    form_token = visitor.form_token()
    assert form_token
    assert filled.post(f"/v1/tokens/{made['id']}/revoke", {}).status == 200
    assert visitor.form_token() is None
    assert visitor.send("/packages/finance/status", status="active", form_token=form_token).status == 401


def test_rights_taken_away_are_gone(filled):
    visitor = Visitor(filled, make_token(filled, "keepers", ["environment:production"], grant=True))
    page = "/environments/production/plugins"
    assert visitor.act(page, package="finance", state="enabled").status == 303
    assert visitor.act("/environments/default/plugins", package="finance", state="enabled").status == 403
    assert visitor.act("/packages/finance/status", status="archived").status == 403
    assert filled.request("DELETE", "/v1/grants/keepers/environment/production", token=filled.admin_token).status == 200
    assert visitor.act(page, package="finance", state="disabled").status == 403


def test_signing_in_wants_a_good_token(filled):
    for token in ("", "hunter2", filled.admin_token[:-1] + "!"):
        answer = Visitor(filled).send("/sign-in", token=token)
        assert answer.status == 422 and answer.headers["Set-Cookie"] is None
        assert token not in answer.body.decode() or not token
    assert Visitor(filled).ask("POST", "/sign-in", b'{"token": "x"}', {"Content-Type": "application/json"}).status == 415
    assert Visitor(filled).ask("POST", "/sign-in", b"token=%zz", {"Content-Type": "application/x-www-form-urlencoded"}).status == 400
    assert filled.admin_token not in filled.log()


@pytest.mark.parametrize("site, status", [
    ("same-origin", 303), ("none", 303), ("cross-site", 403), ("same-site", 403), ("", 403)])
def test_another_site_signs_nobody_in(filled, site, status):
    body = urlencode({"token": filled.admin_token}).encode()
    answer = Visitor(filled).ask("POST", "/sign-in", body, {
        "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": site})
    assert answer.status == status and (answer.headers["Set-Cookie"] is None) == (status == 403)


@pytest.mark.parametrize("origin, status", [
    ("http://{own}", 303), ("HTTP://{own}", 303), ("http://evil.example", 403), ("http://evil.{own}", 403),
    ("null", 403), ("http://{own}.evil.example", 403), ("", 403), ("{own}", 403)])
def test_forms_come_from_this_server(filled, admin, origin, status):
    origin = origin.format(own=filled.address)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": origin}
    body = urlencode({"token": filled.admin_token}).encode()
    answer = admin.ask("POST", "/sign-in", body, headers)
    assert answer.status == status and (answer.headers["Set-Cookie"] is None) == (status == 403)
    body = urlencode({"form_token": admin.form_token(), "status": "active"}).encode()
    answer = admin.ask("POST", "/packages/honeyframe-crm/status", body, {**headers, **admin.headers()})
    assert answer.status == status


def test_pages_with_forms_let_the_browser_say_where_they_came_from(filled, admin):
    # With "no-referrer" a browser sends "Origin: null" with a form.
    assert admin.get("/packages/finance").headers["Referrer-Policy"] == "same-origin"
    assert filled.get("/sign-in").headers["Referrer-Policy"] == "same-origin"
    assert filled.get("/v1").headers["Referrer-Policy"] == "no-referrer"


def test_signing_out_ends_the_session_at_the_server(filled):
    visitor = Visitor(filled, filled.admin_token)
    other = Visitor(filled, filled.admin_token)
    form_token = visitor.form_token()
    assert visitor.get("/tokens").status == 200
    answer = visitor.act("/sign-out")
    assert answer.status == 303 and "Max-Age=0" in answer.headers["Set-Cookie"]
    # The cookie that somebody copied is dead, for reading and for forms; the other session lives on.
    assert visitor.get("/tokens").status == 401 and visitor.form_token() is None
    answer = visitor.send("/packages/honeyframe-crm/status", status="active", form_token=form_token)
    assert answer.status in (401, 422)
    assert other.get("/tokens").status == 200


def test_many_sessions_of_one_token_end_its_oldest(filled):
    mine = Visitor(filled, filled.admin_token)
    token = make_token(filled, "collector", ["read"], grant=True)
    first = Visitor(filled, token)
    others = [Visitor(filled, token) for _ in range(16)]
    assert first.form_token() is None
    assert all(other.form_token() for other in others[1:]) and mine.form_token()


def test_behind_tls_the_cookie_goes_by_tls_alone(filled):
    with Daemon(arguments=["--behind-tls-proxy"]) as registry:
        answer = Visitor(registry).send("/sign-in", token=registry.admin_token)
        assert answer.status == 303 and answer.headers["Set-Cookie"].endswith("; Secure")
    answer = Visitor(filled).send("/sign-in", token=filled.admin_token)
    assert "Secure" not in answer.headers["Set-Cookie"]


def test_where_reading_is_closed_a_session_reads():
    with Daemon(arguments=["--reading", "closed"]) as closed:
        assert closed.get("/packages").status == closed.get("/v1/packages").status == 401
        assert closed.get("/sign-in").status == 200
        visitor = Visitor(closed, make_token(closed, "readers", ["read"], grant=True))
        for path in ("/", "/packages", "/environments/default", "/v1/packages"):
            assert visitor.get(path).status == 200, path
        nobody = Visitor(closed, make_token(closed, "others", ["yank"], grant=True))
        assert nobody.get("/packages").status == 403
