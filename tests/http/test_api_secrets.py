# SPDX-License-Identifier: MIT
"""Secrets of environments: where they are, where they are not, and what a change, a rollback and a lost key do to them."""

import json

import pytest

from support.access import grant, make_token

PATCH = {"Content-Type": "application/merge-patch+json"}
SCHEMA = {
    "required": ["api_key"],
    "additionalProperties": False,
    "properties": {
        "api_key": {"type": "string", "minLength": 3, "writeOnly": True},
        "page_size": {"type": "integer", "default": 20},
        "db": {"type": "object", "properties": {"host": {"type": "string"}, "password": {"$ref": "#/$defs/word"}}},
        "tokens": {"type": "object", "additionalProperties": {"type": "string", "writeOnly": True}},
        "users": {"type": "array", "items": {"type": "object", "properties": {"name": {}, "pin": {"writeOnly": True}}}},
    },
    "$defs": {"word": {"type": "string", "writeOnly": True}},
}


class Place:
    """One package in one environment."""

    def __init__(self, registry, schema=SCHEMA):
        self.registry = registry
        self.group, self.package, self.environment = (registry.new_name(what) for what in ("sec.g", "sec-pkg", "sec-env"))
        registry.publish(self.package, "1.0", {self.group: {"x": "pkg:x"}})
        if schema is not None:
            self.set_schema(schema)
        assert self.put({}).status == 201
        team = registry.new_name("sec-team")
        self.host = make_token(registry, team, [f"environment:secrets:{self.environment}"], grant=True)
        self.reader = make_token(registry, team + "-r", [f"environment:read:{self.environment}"], grant=True)

    @property
    def address(self):
        return f"/v1/environments/{self.environment}/plugins/{self.package}/settings"

    def set_schema(self, schema):
        answer = self.registry.request("PUT", f"/v1/groups/{self.group}", {"settings_schema": schema}, token=self.registry.admin_token)
        assert answer.status == 200, answer.json

    def put(self, document, environment=None, **headers):
        return self.registry.request("PUT", f"/v1/environments/{environment or self.environment}", document,
                                     token=self.registry.admin_token, headers=headers)

    def patch(self, body, address="", **headers):
        return self.registry.request("PATCH", address or self.address, body, token=self.registry.admin_token, headers={**PATCH, **headers})

    def show(self, token=None):
        answer = self.registry.get(self.address, token=token or self.registry.admin_token)
        assert answer.status == 200, answer.json
        return answer.json

    def document(self):
        return self.registry.get(f"/v1/environments/{self.environment}", token=self.registry.admin_token).json["document"]

    def resolved(self, token):
        answer = self.registry.resolve(f"group={self.group}&environment={self.environment}", token)
        (record,) = answer["records"]
        return record.get("settings")


@pytest.fixture
def place(registry):
    return Place(registry)


def test_a_secret_is_set_and_reaches_who_may_have_it(registry, place):
    answer = place.patch({"api_key": "hunter-1", "page_size": 5})
    assert answer.status == 200, answer.json
    assert "hunter" not in answer.body.decode()
    assert answer.json["set"] == {"page_size": 5}
    assert answer.json["secrets"]["/api_key"]["set_by"].startswith("admin")
    document = place.document()["plugins"][place.package]
    assert document["settings"] == {"page_size": 5} and list(document["secrets"]) == ["/api_key"]
    assert place.resolved(place.host) == {"api_key": "hunter-1", "page_size": 5}
    assert place.resolved(place.reader) == place.resolved(registry.admin_token) == {"page_size": 5}
    assert place.show(place.host)["settings"] == {"api_key": "hunter-1", "page_size": 5}
    assert place.show(place.host)["origins"]["/api_key"] == "package"
    assert place.show(place.reader)["settings"] == {"page_size": 5}
    rows = registry.sql(f"SELECT pointer, set_by FROM environment_secrets WHERE environment = '{place.environment}'")
    assert [row[0] for row in rows] == ["/api_key"]


def test_every_place_of_a_secret(place):
    values = {"api_key": "hunter-1", "db": {"host": "h", "password": "hunter-2"}, "tokens": {"a/b": "hunter-3", "c": "hunter-4"},
              "users": [{"name": "ann", "pin": "hunter-5"}]}
    assert place.patch(values).status == 200
    shown = place.show()
    assert set(shown["secrets"]) == {"/api_key", "/db/password", "/tokens/a~1b", "/tokens/c", "/users"}
    assert shown["set"] == {"db": {"host": "h"}, "tokens": {}}
    assert place.show(place.host)["settings"] == {**values, "page_size": 20}
    assert place.patch({"tokens": {"c": None}}).status == 200
    assert "/tokens/c" not in place.show()["secrets"]
    assert place.patch({"db": None}).status == 200
    assert set(place.show()["secrets"]) == {"/api_key", "/tokens/a~1b", "/users"}
    assert "db" not in place.show(place.host)["settings"]


def test_a_change_keeps_the_others(place):
    assert place.patch({"api_key": "hunter-1", "db": {"password": "hunter-2"}}).status == 200
    before = place.show()["secrets"]
    assert place.patch({"page_size": 3, "db": {"host": "x"}}).status == 200
    assert place.show()["secrets"] == before
    assert place.patch({"api_key": "hunter-1"}).json["changed"] is False  # as it is already
    answer = place.patch({"api_key": "hunter-9"})
    assert answer.json["changed"] is True and place.show()["secrets"]["/api_key"] != before["/api_key"]
    assert place.resolved(place.host) == {"api_key": "hunter-9", "page_size": 3, "db": {"host": "x", "password": "hunter-2"}}


def test_the_schema_holds_for_secrets(place, refused):
    problem = refused(place.patch({"api_key": 17}), 422, "invalid")
    assert problem["errors"][0]["where"] == "/api_key"
    problem = refused(place.patch({"api_key": "hu"}), 422, "invalid")
    assert "hu" not in problem["errors"][0]["message"].split()
    assert place.patch({"api_key": "hunter-1"}).status == 200
    refused(place.patch({"api_key": None, "page_size": 3}), 422, "invalid")  # it is required
    assert place.show(place.host)["settings"]["api_key"] == "hunter-1"


def test_a_whole_document(registry, place, refused):
    assert place.patch({"api_key": "hunter-1", "page_size": 5}).status == 200
    document = place.document()
    document["plugins"][place.package]["settings"]["page_size"] = 6
    document["plugins"][place.package]["secrets"]["/api_key"]["set_by"] = "root"  # what the registry knows counts
    assert place.put(document).status == 200
    assert place.document()["plugins"][place.package]["secrets"]["/api_key"]["set_by"].startswith("admin")
    assert place.resolved(place.host) == {"api_key": "hunter-1", "page_size": 6}
    other = registry.new_name("sec-copy")  # secrets are not copied with a document
    problem = refused(place.put(document, other), 422, "invalid")
    assert [(e["code"], e["where"]) for e in problem["errors"]] == [("secret-not-set", f"/plugins/{place.package}/secrets/~1api_key")]
    document["plugins"][place.package]["settings"]["api_key"] = "hunter-2"
    assert place.put(document, other).status == 201
    place.set_schema({**SCHEMA, "required": []})
    del document["plugins"][place.package]["settings"]["api_key"], document["plugins"][place.package]["secrets"]
    assert place.put(document).status == 200  # a document without the mark removes the secret
    assert registry.sql(f"SELECT count(*) FROM environment_secrets WHERE environment = '{place.environment}'") == [["0"]]


def test_an_entry_point_has_secrets_of_its_own(registry, place):
    address = f"{place.address}?group={place.group}&name=x"
    assert place.patch({"api_key": "hunter-1"}).status == 200
    answer = place.patch({"api_key": "hunter-2"}, address)
    assert answer.status == 200 and list(answer.json["secrets"]) == ["/api_key"]
    assert place.resolved(place.host)["api_key"] == "hunter-2"
    assert place.show(place.host)["settings"]["api_key"] == "hunter-1"
    found = registry.resolve(f"group={place.group}&environment={place.environment}", place.host)["decisions"]
    assert {d["name"]: d["settings"]["api_key"] for d in found if d["code"] == "settings"} == {None: "hunter-1", "x": "hunter-2"}
    assert place.patch({"api_key": None}, address).status == 200
    assert place.resolved(place.host)["api_key"] == "hunter-1"


def test_a_rollback_uses_the_newest_value(registry, place):
    place.set_schema({**SCHEMA, "required": []})
    assert place.patch({"api_key": "hunter-1"}).json["revision"] == 2
    assert place.patch({"api_key": "hunter-2", "page_size": 1}).json["revision"] == 3
    back = registry.post(f"/v1/environments/{place.environment}/rollback", {"revision": 2}, token=registry.admin_token)
    assert back.status == 200
    assert place.resolved(place.host) == {"api_key": "hunter-2", "page_size": 20}
    # to a revision before it was set, and forward again
    for revision, wanted in ((1, {"page_size": 20}), (3, {"api_key": "hunter-2", "page_size": 1})):
        registry.post(f"/v1/environments/{place.environment}/rollback", {"revision": revision}, token=registry.admin_token)
        assert place.resolved(place.host) == wanted
    # what was removed stays removed
    assert place.patch({"api_key": None}).status == 200
    registry.post(f"/v1/environments/{place.environment}/rollback", {"revision": 3}, token=registry.admin_token)
    assert place.resolved(place.host) == {"page_size": 1}


def test_freezing_and_promoting_leave_secrets_where_they_are(registry, place):
    assert place.patch({"api_key": "hunter-1"}).status == 200
    answer = registry.post(f"/v1/environments/{place.environment}/freeze", {"allow_without_files": True}, token=registry.admin_token)
    assert answer.status == 200, answer.json
    assert place.resolved(place.host)["api_key"] == "hunter-1"
    assert b"hunter" not in registry.get(f"/v1/environments/{place.environment}/lock", token=registry.admin_token).body
    other = registry.new_name("sec-to")
    assert place.put({}, other).status == 201
    answer = registry.post(f"/v1/environments/{other}/promote", {"from": place.environment}, token=registry.admin_token)
    assert answer.status == 200, answer.json
    assert registry.sql(f"SELECT count(*) FROM environment_secrets WHERE environment = '{other}'") == [["0"]]


def test_the_snapshot_has_them_only_when_asked(registry, place, refused):
    assert place.patch({"api_key": "hunter-1"}).status == 200
    query = f"/v1/snapshot?group={place.group}&environment={place.environment}"
    assert b"hunter-1" not in registry.get(query, token=place.host).body
    assert b"hunter-1" in registry.get(query + "&secrets=1", token=place.host).body
    assert registry.get(query + "&secrets=1", token=place.host).headers["Cache-Control"] == "no-store"
    for token in (place.reader, registry.admin_token, None):
        refused(registry.get(query + "&secrets=1", token=token), 403, "forbidden")
    assert b"hunter-1" not in registry.get(query, token=place.reader).body
    refused(registry.get(f"/v1/resolve?group={place.group}&secrets=1", token=place.host), 400, "usage")


def test_answers_are_not_mixed_up(registry, place):
    """The host's answer is made for it alone: nobody gets it out of the cache, before or after."""
    assert place.patch({"api_key": "hunter-1"}).status == 200
    for _ in range(2):
        for token in (place.reader, place.host, None, registry.admin_token):
            settings = place.resolved(token) or {}
            assert ("api_key" in settings) == (token == place.host)


def test_the_scope_counts_for_its_environment(registry, place):
    assert place.patch({"api_key": "hunter-1"}).status == 200
    other = make_token(registry, registry.new_name("sec-o"), ["environment:secrets:elsewhere"], grant=True)
    keeper = make_token(registry, registry.new_name("sec-k"), [f"environment:{place.environment}"], grant=True)
    assert place.resolved(other) is None and place.resolved(keeper) == {"page_size": 20}
    team = registry.new_name("sec-g")
    wide = make_token(registry, team, ["environment:secrets"])
    assert place.resolved(wide) is None
    grant(registry, team, "environment:secrets", place.environment)
    assert place.resolved(wide)["api_key"] == "hunter-1"


def test_a_field_that_becomes_secret_is_sealed_with_the_next_change(place):
    place.set_schema({"properties": {"api_key": {"type": "string"}}})
    assert place.patch({"api_key": "hunter-1", "page_size": 1}).json["set"]["api_key"] == "hunter-1"
    place.set_schema(SCHEMA)
    assert place.patch({"page_size": 2}).status == 200
    assert place.show()["set"] == {"page_size": 2} and list(place.show()["secrets"]) == ["/api_key"]
    place.set_schema({"properties": {"api_key": {"type": "string"}}})  # what is secret stays secret
    assert place.patch({"api_key": "hunter-2"}).json["set"] == {"page_size": 2}
    assert place.resolved(place.host)["api_key"] == "hunter-2"


def test_a_costly_schema_is_refused(place, refused):
    names = [f"d{number}" for number in range(31)]
    defs = {one: {"allOf": [{"$ref": f"#/$defs/{two}"}] * 2} for one, two in zip(names, names[1:])}
    place.set_schema({"$ref": "#/$defs/d0", "$defs": {**defs, names[-1]: True}})
    problem = refused(place.patch({"a": 1}), 422, "invalid")
    assert "too costly" in json.dumps(problem)
