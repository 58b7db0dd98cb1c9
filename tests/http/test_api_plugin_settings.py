# SPDX-License-Identifier: MIT
"""GET and PATCH …/plugins/{package}/settings: the settings alone, as the users of FastCMS know them."""

import pytest

from support.access import grant, make_token

PATCH = {"Content-Type": "application/merge-patch+json"}
SCHEMA = {
    "required": ["api_key"],
    "additionalProperties": False,
    "properties": {
        "api_key": {"type": "string", "minLength": 3},
        "page_size": {"type": "integer", "default": 20},
        "mail": {"type": "object", "properties": {"host": {"type": "string", "default": "localhost"}, "port": {"type": "integer"}}},
    },
}


@pytest.fixture
def place(registry):
    """The address of the settings of a package in an environment, and its group."""
    group, package, environment = (registry.new_name(what) for what in ("own.g", "own-pkg", "own-env"))
    registry.publish(package, "1.0", {group: {"x": "pkg:x"}})
    assert registry.request("PUT", f"/v1/groups/{group}", {"settings_schema": SCHEMA}, token=registry.admin_token).status == 200
    assert registry.request("PUT", f"/v1/environments/{environment}", {}, token=registry.admin_token).status == 201
    return f"/v1/environments/{environment}/plugins/{package}/settings", group


def patch(registry, address, body, **headers):
    return registry.request("PATCH", address, body, token=registry.admin_token, headers={**PATCH, **headers})


def show(registry, address):
    answer = registry.get(address, token=registry.admin_token)
    assert answer.status == 200, answer.json
    return answer.json


def test_the_body_is_the_settings(registry, place):
    address, _ = place
    before = show(registry, address)
    assert before["settings"] == before["defaults"] == {"page_size": 20, "mail": {"host": "localhost"}}
    assert (before["set"], before["changed_at"]) == ({}, None)
    answer = patch(registry, address, {"api_key": "sk-1", "mail": {"port": 25}})
    assert answer.status == 200, answer.json
    assert (answer.json["changed"], answer.json["revision"]) == (True, 2)
    assert answer.json["settings"] == {"api_key": "sk-1", "page_size": 20, "mail": {"host": "localhost", "port": 25}}
    assert answer.json["origins"] == {"/api_key": "package", "/page_size": "default", "/mail/host": "default", "/mail/port": "package"}
    assert answer.headers["ETag"] == '"2"'
    after = show(registry, address)
    assert {key: answer.json[key] for key in after} == after
    assert after["changed_by"].startswith("admin") and after["set"] == {"api_key": "sk-1", "mail": {"port": 25}}
    assert patch(registry, address, {"api_key": "sk-1"}).json["changed"] is False
    assert patch(registry, address, {"mail": None}).json["set"] == {"api_key": "sk-1"}


@pytest.mark.parametrize(("body", "where", "message"), [
    ({"api_key": 3}, "/api_key", "This must be of the type string"),
    ({"api_key": "long", "page_sise": 3}, "/page_sise", 'This key is unknown; did you mean "page_size"?'),
    ({"api_key": "long", "mail": {"port": "x"}}, "/mail/port", "This must be of the type integer"),
    ({"page_size": 1}, "", 'The key "api_key" is missing'),
    ([], None, "The body must be an object of settings, not an array"),
    ("x", None, "The body must be an object of settings, not a string"),
])  # fmt: skip
def test_what_is_refused_names_its_place_in_the_body(registry, place, refused, body, where, message):
    address, _ = place
    problem = refused(patch(registry, address, body), 422, "invalid")
    assert (problem["errors"][0]["where"] if problem["errors"] else problem["where"]) == where
    assert problem["detail"].startswith(message)
    assert show(registry, address)["set"] == {}


def test_one_group(registry, place):
    address, group = place
    package = address.split("/")[5]
    other = registry.new_name("own.other")
    registry.publish(package, "2.0", {group: {"x": "pkg:x"}, other: {"y": "pkg:y"}})
    schema = {"properties": {"page_size": {"default": 7}, "more": {"default": []}}}
    registry.request("PUT", f"/v1/groups/{other}", {"settings_schema": schema}, token=registry.admin_token)
    assert show(registry, f"{address}?group={other}")["settings"] == {"page_size": 7, "more": []}
    assert show(registry, f"{address}?group={group}")["settings"] == {"page_size": 20, "mail": {"host": "localhost"}}
    both = show(registry, address)["settings"]  # the first group by name wins
    assert both == {"page_size": 20 if group < other else 7, "mail": {"host": "localhost"}, "more": []}
    assert show(registry, f"{address}?group=nothing.there")["settings"] == {}


def test_one_entry_point(registry, place, refused):
    address, group = place
    of_x = f"{address}?group={group}&name=x"
    assert patch(registry, address, {"api_key": "abc", "page_size": 5}).status == 200
    answer = patch(registry, of_x, {"page_size": 7, "mail": {"port": 1}})
    assert answer.status == 200, answer.json
    assert answer.json["settings"] == {"api_key": "abc", "page_size": 7, "mail": {"host": "localhost", "port": 1}}
    assert answer.json["origins"] == {"/api_key": "package", "/page_size": "entry-point", "/mail/host": "default", "/mail/port": "entry-point"}
    assert answer.json["set"] == {"page_size": 7, "mail": {"port": 1}}
    assert show(registry, address)["settings"]["page_size"] == 5
    problem = refused(patch(registry, of_x, {"page_sise": 1}), 422, "invalid")
    assert problem["errors"][0]["where"] == "/page_sise" and 'did you mean "page_size"?' in problem["detail"]
    # what the entry point gets is judged again when the package's settings change
    refused(patch(registry, address, {"api_key": None}), 422, "invalid")
    environment = address.split("/")[3]
    found = registry.resolve(f"group={group}&environment={environment}", registry.admin_token)
    assert [record["settings"]["page_size"] for record in found["records"]] == [7]
    rows = {d["name"]: d["settings"]["page_size"] for d in found["decisions"] if d["code"] == "settings"}
    assert rows == {None: 5, "x": 7}
    refused(registry.get(f"{address}?name=x", token=registry.admin_token), 400, "usage")
    assert patch(registry, of_x, {"page_size": None, "mail": None}).json["set"] == {}


def test_conditions(registry, place, refused):
    address, _ = place
    assert patch(registry, address, {"api_key": "abc"}, **{"If-Match": '"1"'}).status == 200
    refused(patch(registry, address, {"api_key": "abcd"}, **{"If-Match": '"1"'}), 412, "precondition-failed")
    assert show(registry, address)["set"] == {"api_key": "abc"}


def test_what_is_not_there(registry, place, refused):
    address, _ = place
    for wrong in (address.replace("own-pkg", "own-none"), address.replace("own-env", "none-env"), address.replace("own-pkg", "-")):
        refused(registry.get(wrong, token=registry.admin_token), 404, "not-found")
        refused(patch(registry, wrong, {"api_key": "abc"}), 404, "not-found")
    refused(registry.get(f"{address}?grup=x", token=registry.admin_token), 400, "usage")


def test_who_may_read_and_change(registry, place, refused):
    address, _ = place
    environment = address.split("/")[3]
    assert patch(registry, address, {"api_key": "abc"}).status == 200
    reader = make_token(registry, "own-readers", [f"environment:read:{environment}"], grant=True)
    keeper = make_token(registry, "own-keepers", [f"environment:{environment}"], grant=True)
    stranger = make_token(registry, "own-strangers", ["environment:read:another"], grant=True)
    refused(registry.get(address), 401, "unauthorized")
    refused(registry.get(address, token=stranger), 403, "forbidden")
    assert registry.get(address, token=reader).json["settings"]["api_key"] == "abc"
    assert registry.get(address, token=keeper).json["settings"]["api_key"] == "abc"
    refused(registry.request("PATCH", address, {"api_key": "abcd"}, token=reader, headers=PATCH), 403, "forbidden")
    assert registry.request("PATCH", address, {"api_key": "abcd"}, token=keeper, headers=PATCH).status == 200


def test_a_schema_that_multiplies_itself_ends(registry, place):
    """Each definition refers twice to the next: read one after the other they would be 2^30 schemas."""
    _, group = place
    names = [f"d{number}" for number in range(31)]
    defs = {one: {"allOf": [{"$ref": f"#/$defs/{two}"}] * 2} for one, two in zip(names, names[1:])}
    schema = {"$ref": "#/$defs/d0", "$defs": {**defs, names[-1]: {"properties": {"a": {"default": 1}}}}}
    answer = registry.request("PUT", f"/v1/groups/{group}", {"settings_schema": schema}, token=registry.admin_token)
    assert answer.status == 200 and answer.json["contract"]["settings_schema"] == schema
