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
