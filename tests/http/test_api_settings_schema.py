# SPDX-License-Identifier: MIT
"""A group's schema of settings: held against what environments set, with its defaults filled in."""

import pytest

SCHEMA = {
    "$defs": {"page": {"type": "integer", "minimum": 1, "default": 50}},
    "type": "object",
    "required": ["api_key", "page_size"],
    "additionalProperties": False,
    "properties": {
        "api_key": {"type": "string", "minLength": 3},
        "page_size": {"$ref": "#/$defs/page", "default": 20},
        "theme": {"enum": ["light", "dark"], "default": "light"},
        "mail": {"type": "object", "properties": {"host": {"type": "string", "default": "localhost"}, "port": {"type": "integer"}}},
    },
}


@pytest.fixture
def plugin(registry):
    """A package with an entry point in a group that has the schema, and an environment."""
    group, package, environment = (registry.new_name(what) for what in ("settings.g", "settings-pkg", "settings-env"))
    document = {"name": package, "version": "1.0", "entry_points": {group: {"x": "pkg:x"}}}
    assert registry.put(f"/v1/packages/{package}/releases/1.0", document).status == 201
    answer = registry.request("PUT", f"/v1/groups/{group}", {"settings_schema": SCHEMA}, token=registry.admin_token)
    assert answer.status == 200, answer.json
    assert answer.json["contract"]["settings_schema"] == SCHEMA
    assert registry.request("PUT", f"/v1/environments/{environment}", {}, token=registry.admin_token).status == 201
    return group, package, environment


def set_settings(registry, environment, package, settings):
    return registry.request("PATCH", f"/v1/environments/{environment}/plugins/{package}", {"settings": settings},
                            token=registry.admin_token, headers={"Content-Type": "application/merge-patch+json"})


def test_settings_keep_the_schema(registry, plugin):
    _, package, environment = plugin
    assert set_settings(registry, environment, package, {"api_key": "secret", "mail": {"port": 25}}).status == 200


@pytest.mark.parametrize(("settings", "where", "message"), [
    ({}, "/settings", 'The key "api_key" is missing'),
    ({"api_key": 3}, "/settings/api_key", "This must be of the type string"),
    ({"api_key": "long", "page_sise": 3}, "/settings/page_sise", 'This key is unknown; did you mean "page_size"?'),
    ({"api_key": "long", "theme": "blue"}, "/settings/theme", 'This must be one of "light", "dark"'),
    ({"api_key": "long", "page_size": 0}, "/settings/page_size", "This must be 1 or more"),
])  # fmt: skip
def test_settings_that_break_the_schema(registry, plugin, refused, settings, where, message):
    _, package, environment = plugin
    answer = set_settings(registry, environment, package, settings or {"theme": "dark"})
    (error,) = refused(answer, 422, "invalid")["errors"]
    assert (error["code"], error["where"]) == ("schema-mismatch", where)
    assert error["message"].startswith(message)
    document = {"plugins": {package: {"settings": settings or {"theme": "dark"}}}}
    answer = registry.request("PUT", f"/v1/environments/{environment}", document, token=registry.admin_token)
    (error,) = refused(answer, 422, "invalid")["errors"]
    assert error["where"] == f"/plugins/{package}{where}"


def test_what_is_said_never_quotes_the_settings(registry, plugin, refused):
    _, package, environment = plugin
    answer = set_settings(registry, environment, package, {"api_key": ["hunter2"], "theme": "hunter2", "mail": "hunter2"})
    refused(answer, 422, "invalid")
    assert b"hunter2" not in answer.body


def test_a_later_schema_breaks_no_environment(registry, plugin):
    group, package, environment = plugin
    assert set_settings(registry, environment, package, {"api_key": "long"}).status == 200
    registry.request("PUT", f"/v1/groups/{group}", {"settings_schema": False}, token=registry.admin_token)
    answer = registry.request("PATCH", f"/v1/environments/{environment}/plugins/{package}", {"enabled": True},
                              token=registry.admin_token, headers={"Content-Type": "application/merge-patch+json"})
    assert answer.status == 200
    assert set_settings(registry, environment, package, {"theme": "dark"}).status == 422


@pytest.mark.parametrize(("schema", "where"), [({"type": "nonsense"}, "/settings_schema/type"), ("{}", "/settings_schema")])
def test_a_schema_that_is_none(registry, refused, schema, where):
    answer = registry.request("PUT", f"/v1/groups/{registry.new_name('g')}", {"settings_schema": schema}, token=registry.admin_token)
    assert refused(answer, 422, "invalid")["where"] == where


def resolved(registry, group, environment, token=None):
    return registry.resolve(f"group={group}&environment={environment}", token)


def test_hosts_get_the_settings_over_the_defaults(registry, plugin):
    group, package, environment = plugin
    defaults = {"page_size": 20, "theme": "light", "mail": {"host": "localhost"}}
    answer = resolved(registry, group, environment, registry.admin_token)
    assert [record["settings"] for record in answer["records"]] == [defaults]
    assert [d["settings"] for d in answer["decisions"] if d["code"] == "settings"] == [defaults]
    assert set_settings(registry, environment, package, {"api_key": "long", "mail": {"port": 25}, "theme": "dark"}).status == 200
    filled = {"api_key": "long", "page_size": 20, "theme": "dark", "mail": {"host": "localhost", "port": 25}}
    answer = resolved(registry, group, environment, registry.admin_token)
    assert [record["settings"] for record in answer["records"]] == [filled]
    assert [d["settings"] for d in answer["decisions"] if d["code"] == "settings"] == [filled]
    without = resolved(registry, group, environment)
    assert without["settings"] == "left-out" and "localhost" not in str(without)
    registry.request("PUT", f"/v1/groups/{group}", {"settings_schema": {"properties": {"theme": {"default": "blue"}}}},
                     token=registry.admin_token)
    answer = resolved(registry, group, environment, registry.admin_token)
    assert answer["records"][0]["settings"] == {"api_key": "long", "mail": {"port": 25}, "theme": "dark"}


def test_a_frozen_environment_keeps_its_settings_and_gets_defaults(registry, plugin):
    group, package, environment = plugin
    assert set_settings(registry, environment, package, {"api_key": "long"}).status == 200
    answer = registry.request("POST", f"/v1/environments/{environment}/freeze", {"allow_without_files": True},
                              token=registry.admin_token)
    assert answer.status == 200, answer.json
    answer = resolved(registry, group, environment, registry.admin_token)
    assert [record["settings"]["page_size"] for record in answer["records"]] == [20]


@pytest.mark.parametrize(("schema", "defaults"), [
    ({"properties": {"a": {"default": 1}, "b": {"properties": {"c": {"default": None}, "d": {}}}}}, {"a": 1, "b": {"c": None}}),
    ({"allOf": [{"properties": {"a": {"default": 1}}}, {"properties": {"a": {"default": 2}, "b": {"default": []}}}]}, {"a": 1, "b": []}),
    ({"$defs": {"s": {"properties": {"a": {"default": "x"}}}}, "$ref": "#/$defs/s"}, {"a": "x"}),
    ({"properties": {"self": {"$ref": "#"}, "a": {"default": 1}}}, None),  # refers to itself: ends, whatever it gives
    ({"anyOf": [{"properties": {"a": {"default": 1}}}]}, {}),
    (True, {}),
])  # fmt: skip
def test_which_defaults_count(registry, plugin, schema, defaults):
    group, _, environment = plugin
    answer = registry.request("PUT", f"/v1/groups/{group}", {"settings_schema": schema}, token=registry.admin_token)
    assert answer.status == 200, answer.json
    record = resolved(registry, group, environment, registry.admin_token)["records"][0]
    if defaults is None:
        assert record["settings"]["a"] == 1
    else:
        assert (record.get("settings") or {}) == defaults
