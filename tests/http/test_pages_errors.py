# SPDX-License-Identifier: MIT
"""What a browser gets when something is refused: a page that helps on, or the way to the sign-in and back. Programs get
the problem document as ever."""

import http.client
import os
import re
import signal
import time
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from support import catalogue
from support.access import make_token
from support.daemon import Daemon
from support.markup import Page

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
PROGRAMS = (None, "*/*", "application/json", "application/vnd.pypi.simple.v1+json, text/html; q=0.01",
            "application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7")  # fmt: skip


@pytest.fixture(scope="module")
def filled(daemon):
    return catalogue.fill(daemon)


@pytest.fixture(scope="module")
def closed():
    with Daemon(arguments=["--reading", "closed"]) as running:
        yield running


def browse(registry, path, method="GET", body=None, **headers):
    """As a browser: no redirect is followed."""
    connection = http.client.HTTPConnection(registry.address, timeout=30)
    try:
        connection.request(method, path, body, {"Accept": BROWSER, **{key.replace("_", "-"): text for key, text in headers.items()}})
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        return answer
    finally:
        connection.close()


def is_page(answer):
    return answer.headers["Content-Type"] == "text/html; charset=utf-8" and answer.text.startswith("<!DOCTYPE html>")


def links(answer):
    return [link["href"] for link in Page(answer.text).all("a")]


@pytest.mark.parametrize("path", ["/nope", "/packages/no-such-thing", "/packages/no-such-thing/releases/1", "/groups/a..b", "/v1/nope",
                                  "/environments/no-such", "/static/abc/none.css", "/simple/no-such-thing/", "/%22%3Cscript%3E"])  # fmt: skip
def test_what_is_not_there_is_a_page_with_a_search(filled, path):
    answer = browse(filled, path)
    assert answer.status == 404 and is_page(answer), answer.text
    page = Page(answer.text)
    assert [form for form in page.all("form") if form.get("role") == "search" and form["action"] == "/packages"]
    assert "<script>" not in answer.text and answer.headers["Cache-Control"] == "no-store"
    assert browse(filled, path, "HEAD").status == 404


@pytest.mark.parametrize("accept", PROGRAMS)
@pytest.mark.parametrize("path, status", [("/nope", 404), ("/v1/nope", 404), ("/v1/tokens", 401), ("/packages/", 404)])
def test_programs_get_the_problem_document(filled, accept, path, status):
    answer = filled.get(path, headers={"Accept": accept} if accept else {})
    assert answer.status == status and answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["status"] == status


@pytest.mark.parametrize("path, near", [("/packages/honeyfram-crm", "/packages/honeyframe-crm"), ("/groups/honeyframe.plugin", "/groups/honeyframe.plugins"),
                                        ("/environments/productoin", "/environments/production"), ("/packages/finanse", "/packages/finance")])  # fmt: skip
def test_the_nearest_names_are_linked(filled, path, near):
    answer = browse(filled, path)
    assert (answer.status in (200, 404)) and near in links(answer), answer.text


def test_a_slash_at_the_end_leads_to_the_page(filled):
    for path in ("/packages", "/groups", "/packages/finance", "/environments/production", "/status", "/sign-in"):
        answer = browse(filled, path + "/?q=a%20b&q=c")
        assert (answer.status, answer.headers["Location"]) == (301, path + "?q=a%20b&q=c"), path
        assert browse(filled, path + "/").headers["Location"] == path
    assert is_page(browse(filled, "/"))
    assert browse(filled, "//evil.example/").status in (400, 404)
    again = browse(filled, "/nope/").headers["Location"]
    assert again == "/nope" and browse(filled, again).status == 404


def test_the_icon_of_old(filled):
    answer = browse(filled, "/favicon.ico")
    icon = browse(filled, answer.headers["Location"])
    assert answer.status == 303 and icon.status == 200 and icon.headers["Content-Type"] == "image/svg+xml"


def test_bad_addresses_and_methods(filled):
    for path, status in (("/packages/%2e%2e/x", 400), ("/packages?q=%ff", 400), ("/packages?nonsense=1", 400)):
        answer = browse(filled, path)
        assert answer.status == status and is_page(answer), path
    answer = browse(filled, "/sign-out")
    assert answer.status == 405 and is_page(answer) and "POST" in answer.headers["Allow"]


# ---- closed registries ----


PLACES = ["/", "/packages", "/packages?q=crm&status=active", "/packages/a%2Bb%20c", "/groups/x.y", "/environments/default", "/v1/packages"]


@pytest.mark.parametrize("path", PLACES)
def test_a_browser_is_led_to_the_sign_in_and_back(closed, path):
    answer = browse(closed, path)
    assert answer.status == 303 and answer.headers["Cache-Control"] == "no-store"
    address = urlsplit(answer.headers["Location"])
    assert address.path == "/sign-in" and not address.netloc
    form = browse(closed, answer.headers["Location"])
    assert form.status == 200 and is_page(form)
    back = {field["name"]: field.get("value") for field in Page(form.text).all("input")}.get("back", "/")
    token = make_token(closed, "readers", ["read"], grant=True)
    done = sign_in(closed, token, back)
    assert done.status == 303
    reached, wanted = urlsplit(done.headers["Location"]), urlsplit(path)
    assert (reached.scheme, reached.netloc, reached.path) == ("", "", wanted.path)
    assert parse_qs(reached.query) == parse_qs(wanted.query)
    cookie = done.headers["Set-Cookie"].split(";")[0]
    assert browse(closed, done.headers["Location"], Cookie=cookie).status in (200, 404)


def sign_in(registry, token, back=None):
    fields = {"token": token, **({"back": back} if back is not None else {})}
    return browse(registry, "/sign-in", "POST", urlencode(fields), Content_Type="application/x-www-form-urlencoded")


@pytest.mark.parametrize("back", ["//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", "evil", "",
                                  "/\t/evil.example", "/a\r\nSet-Cookie: x=1", "/ü", "/sign-out", "/sign-in?back=/x", "/" + "a" * 3000,
                                  "\\\\evil.example", " //evil.example"])  # fmt: skip
def test_nobody_is_led_elsewhere(closed, back):
    form = browse(closed, f"/sign-in?back={quote(back)}")
    assert form.status in (200, 400, 404) and not re.search(r'name="back"', form.text)
    done = sign_in(closed, make_token(closed, "readers", ["read"], grant=True), back)
    assert (done.status, done.headers["Location"]) in ((303, "/"), (400, None)), done.headers["Location"]
    assert "x=1" not in str(done.headers.get_all("Set-Cookie"))


def test_who_may_not_read_is_told_so_by_a_page(closed):
    done = sign_in(closed, make_token(closed, "others", ["yank"], grant=True))
    answer = browse(closed, "/packages", Cookie=done.headers["Set-Cookie"].split(";")[0])
    assert answer.status == 403 and is_page(answer)
    assert "Sign in with another token" in answer.text and "/sign-in?back=%2Fpackages" in links(answer)
    answer = browse(closed, "/v1/packages", Authorization="Bearer rgd_wrong")
    assert answer.status == 401 and is_page(answer), "a token was sent, so there is nothing to go on to"
    assert answer.headers["WWW-Authenticate"]


def test_a_closed_registry_tells_strangers_no_names(closed):
    closed.put("/v1/groups/secret.plugins", {"description": "x"}, token=closed.admin_token)
    for path in ("/nope", "/groups/secret.plugin/x", "/packages/x/y/z"):
        answer = browse(closed, path)
        assert answer.status == 404 and is_page(answer) and "secret" not in answer.text.replace(path, ""), path


# ---- when it is too much, and when something is away ----


def test_too_many_requests_are_a_page():
    with Daemon(arguments=["--requests-per-second", "1"]) as slow:
        answers = [browse(slow, "/status") for _ in range(200)]
        refused = [answer for answer in answers if answer.status == 429]
        assert refused and is_page(refused[0]) and int(refused[0].headers["Retry-After"]) > 0
        assert "Reload this page" in refused[0].text


def test_a_store_that_is_away_is_a_page():
    with Daemon() as lost:
        os.kill(lost.postmaster_pid(), signal.SIGQUIT)
        deadline = time.monotonic() + 20
        while (answer := browse(lost, "/activity")).status == 200 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert answer.status == 503 and is_page(answer) and "Reload this page" in answer.text
