# SPDX-License-Identifier: MIT
"""The form that a schema makes of the settings of a plugin in an environment."""

import html
import re

import pytest

from support.access import make_token
from test_pages_changing import Visitor

SCHEMA = {
    "required": ["title"], "additionalProperties": False,
    "properties": {
        "title": {"type": "string", "title": "Title of the page", "description": "Shown <above> all", "minLength": 2},
        "page_size": {"type": "integer", "default": 20, "maximum": 100},
        "dark": {"type": "boolean"},
        "level": {"enum": ["low", "high", 3]},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 5}},
        "mail": {"$ref": "#/$defs/mail"},
        "other": {"type": "object"},
        "api_key": {"type": "string", "writeOnly": True, "minLength": 5},
    },
    "$defs": {"mail": {"type": "object", "properties": {"host": {"type": "string", "default": "localhost"}, "port": {"type": "integer"}}}},
}


class Form:
    def __init__(self, registry):
        self.registry = registry
        group, self.package, self.environment = (registry.new_name(what) for what in ("form.g", "form-pkg", "form-env"))
        registry.publish(self.package, "1.0", {group: {"x": "pkg:x"}})
        assert registry.request("PUT", f"/v1/groups/{group}", {"settings_schema": SCHEMA}, token=registry.admin_token).status == 200
        assert registry.request("PUT", f"/v1/environments/{self.environment}", {}, token=registry.admin_token).status == 201
        self.path = f"/environments/{self.environment}/plugins/{self.package}/settings"
        self.person = Visitor(registry, registry.admin_token)

    def page(self):
        answer = self.person.get(self.path)
        assert answer.status == 200, answer.body
        return answer.body.decode()

    def hidden(self, name):
        return re.search(rf'name="{name}" value="([^"]*)"', self.page())[1]

    def save(self, *fields, **more):
        from urllib.parse import urlencode
        pairs = [("form_token", self.hidden("form_token")), ("revision", more.get("revision") or self.hidden("revision")), *fields]
        headers = {"Content-Type": "application/x-www-form-urlencoded", **self.person.headers()}
        return self.person.ask("POST", self.path, urlencode(pairs).encode(), headers)

    def settings(self):
        return self.registry.get(f"/v1{self.path}", token=self.registry.admin_token).json


@pytest.fixture
def form(registry):
    return Form(registry)


ALL = [("/title", "Hello"), ("/page_size", "30"), ("/dark", "true"), ("/level", "3"), ("/tags", "a"), ("/tags", ""), ("/tags", "b c"),
       ("/mail/host", ""), ("/mail/port", "25"), ("/other", '{"x": [1]}'), ("/api_key", "hunter-1")]


def test_every_kind_of_field(form):
    page = form.page()
    assert re.search(r'<input name="/page_size"[^>]*type="number"[^>]*placeholder="default 20"', page)
    assert 'type="password"' in page and "<script" not in page.split("</head>")[1]
    assert "Title of the page (required)" in page and "Shown &lt;above&gt; all" in page
    assert re.findall(r'<option value="([^"]*)"', page) == ["", "true", "false", "", "low", "high", "3"]
    answer = form.save(*ALL)
    assert (answer.status, answer.headers["Location"].split("?")[0]) == (303, form.path), answer.body
    assert form.person.get(answer.headers["Location"]).status == 200
    shown = form.settings()
    assert shown["set"] == {"title": "Hello", "page_size": 30, "dark": True, "level": 3, "tags": ["a", "b c"], "mail": {"port": 25},
                            "other": {"x": [1]}}
    assert list(shown["secrets"]) == ["/api_key"]
    page = form.page()
    assert "hunter" not in page and 'value="Hello"' in page and page.count('name="/tags"') == 4
    assert re.search(r'name="/api_key"[^>]*placeholder="set 20', page) and 'name="remove:/api_key"' in page


def test_saving_again_changes_nothing_and_empty_fields_remove(form):
    assert form.save(*ALL).status == 303
    before = form.settings()
    again = [(name, value) for name, value in ALL if name != "/api_key"]
    assert form.save(*again, ("/api_key", "")).status == 303
    assert form.settings() == before
    assert form.save(("/title", "Hi"), ("/other", "{}"), ("/mail/port", "")).status == 303
    assert form.settings()["set"] == {"title": "Hi", "other": {}, "mail": {}}
    assert list(form.settings()["secrets"]) == ["/api_key"]
    assert form.save(("/title", "Hi"), ("remove:/api_key", "1")).status == 303
    assert form.settings()["secrets"] == {}


def test_what_is_wrong_stands_beside_its_field(form):
    answer = form.save(("/title", "x"), ("/page_size", "many"), ("/tags", "a"), ("/tags", "too long"), ("/api_key", "hunt"))
    page = answer.body.decode()
    assert answer.status == 422
    for name, said in (("/title", "at least 2"), ("/page_size", "type integer"), ("/tags", "at most 5"), ("/api_key", "at least 5")):
        field = next(part for part in page.split('<div class="setting">') if f'name="{name}"' in part)
        assert 'aria-invalid="true"' in field and 'class="problem"' in field, name
        assert said.split()[-1] in html.unescape(field), (name, field)
    assert 'value="many"' in page and 'value="too long"' in page and "hunt" not in page.replace("hunter", "")
    assert form.settings()["set"] == {}
    answer = form.save(("/page_size", "3"))
    assert answer.status == 422 and "The key &quot;title&quot; is missing" in answer.body.decode()


def test_a_change_in_between_is_not_overwritten(form):
    old = form.hidden("revision")
    assert form.save(("/title", "One")).status == 303
    answer = form.save(("/title", "Two"), revision=old)
    assert answer.status == 412 and "changed since you opened this page" in answer.body.decode() and 'value="Two"' in answer.body.decode()
    assert form.settings()["set"] == {"title": "One"}


def test_who_may_see_and_change_it(registry, form):
    assert registry.get(form.path).status == 401
    reader = Visitor(registry, make_token(registry, registry.new_name("form-r"), [f"environment:read:{form.environment}"], grant=True))
    page = reader.get(form.path)
    assert page.status == 200 and b'name="/title"' not in page.body and b"You can read these settings" in page.body
    assert form.person.send(form.path, revision="1").status == 422  # not a form of this session
    stranger = Visitor(registry, make_token(registry, registry.new_name("form-s"), ["read"], grant=True))
    assert stranger.get(form.path).status == 403


def test_the_page_of_the_environment_leads_there(form):
    assert form.save(*ALL).status == 303
    page = form.person.get(f"/environments/{form.environment}").body.decode()
    assert f'id="settings-{form.package}"' in page and f'href="{form.path}"' in page and "secrets that are set: 1" in page
    assert "hunter" not in page
