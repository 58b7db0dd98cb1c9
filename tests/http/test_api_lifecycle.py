# SPDX-License-Identifier: MIT
"""Yank, status, quarantine and contracts of groups through the API: what is answered, what is refused and
where, what the readers see at once, and what the history says of it."""

import random
import re
import threading

import pytest

GROUP = "life.plugins"


@pytest.fixture
def shop(registry):
    """A package of two releases, in a group of its own."""
    name = registry.new_name("shop")
    for version in ("1.0", "2.0"):
        registry.publish(name, version, {f"{name}.plugins": {"shop": "shop:plugin"}})
    return name


def call(registry, method, path, document=None, token=True):
    return registry.request(method, path, document, token=registry.publisher_token if token else None)


def releases(registry, name):
    return {row["version"]: row for row in registry.get(f"/v1/packages/{name}").json["releases"]}


def taken(registry, name, query=""):
    return [r["version"] for r in registry.resolve(f"group={name}.plugins{query}")["records"]]


def history(registry, name):
    changes = registry.get(f"/v1/changes?package={name}").json["changes"]
    return [(c["kind"], c["version"], c["reason"]) for c in changes]


def audit_count(registry):
    return int(registry.sql("SELECT count(*) FROM audit_events")[0][0])


def test_a_yank_there_and_back(registry, shop):
    path = f"/v1/packages/{shop}/releases/2.0/yank"
    assert taken(registry, shop) == ["2.0"]
    before = audit_count(registry)
    answer = call(registry, "POST", path, {"reason": "  loses orders"})
    assert answer.status == 200
    assert {k: answer.json[k] for k in ("package", "version", "yanked", "yanked_reason", "changed")} == {
        "package": shop, "version": "2.0", "yanked": True, "yanked_reason": "  loses orders",
        "changed": True}
    assert answer.headers["X-Registry-Serial"] == str(answer.json["serial"])
    assert taken(registry, shop) == ["1.0"]  # this daemon has it when it answers
    again = call(registry, "POST", path, {"reason": "  loses orders"})
    assert (again.status, again.json["changed"], again.json["serial"]) == \
        (200, False, answer.json["serial"])
    assert releases(registry, shop)["2.0"]["yanked"] is True
    back = call(registry, "DELETE", path)
    assert (back.json["yanked"], back.json["yanked_reason"], back.json["changed"]) == (False, None, True)
    assert call(registry, "DELETE", path).json["changed"] is False
    assert taken(registry, shop) == ["2.0"]
    assert history(registry, shop) == [("publish", "1.0", None), ("publish", "2.0", None),
                                       ("yank", "2.0", "  loses orders"), ("unyank", "2.0", None)]
    assert audit_count(registry) == before + 2


def test_a_release_in_quarantine(registry, shop):
    path = f"/v1/packages/{shop}/releases/2.0/status"
    answer = call(registry, "PUT", path, {"status": "quarantined", "reason": "steals orders"})
    assert (answer.status, answer.json["status"], answer.json["changed"]) == (200, "quarantined", True)
    assert taken(registry, shop) == ["1.0"]
    row = releases(registry, shop)["2.0"]
    assert (row["status"], row["status_reason"]) == ("quarantined", "steals orders")
    shown = registry.get(f"/v1/packages/{shop}/releases/2.0").json
    assert (shown["status"], shown["status_reason"]) == ("quarantined", "steals orders")
    assert registry.get(f"/v1/packages/{shop}").json["latest_version"] == "1.0"
    assert call(registry, "PUT", path, {"status": "live"}).json["status_reason"] is None
    assert taken(registry, shop) == ["2.0"]
    assert [h[0] for h in history(registry, shop)[2:]] == ["quarantine", "activate"]


def test_a_package_whose_releases_are_all_in_quarantine(registry, shop):
    for version in ("1.0", "2.0"):
        call(registry, "PUT", f"/v1/packages/{shop}/releases/{version}/status",
             {"status": "quarantined", "reason": "x"})
    shown = registry.get(f"/v1/packages/{shop}")
    assert shown.status == 200
    assert (shown.json["latest_version"], shown.json["document"]) == (None, None)
    assert len(shown.json["releases"]) == 2
    assert taken(registry, shop) == []


@pytest.mark.parametrize("body, takes_releases, is_given", [
    ({"status": "deprecated", "reason": "use mart", "replaced_by": "The_Mart"}, True, True),
    ({"status": "archived"}, False, True),
    ({"status": "archived", "reason": "done", "replaced_by": "the.mart"}, False, True),
    ({"status": "quarantined", "reason": "steals orders"}, False, False)])
def test_the_status_of_a_package(registry, shop, body, takes_releases, is_given):
    registry.put("/v1/packages/the-mart/releases/1.0", {"name": "the-mart", "version": "1.0"})
    path = f"/v1/packages/{shop}/status"
    answer = call(registry, "PUT", path, body)
    assert answer.status == 200, answer.body
    expected = (body["status"], body.get("reason"), "the-mart" if "replaced_by" in body else None)
    shown = registry.get(f"/v1/packages/{shop}").json
    for told in (answer.json, shown):
        assert (told["status"], told["status_reason"], told["replaced_by"]) == expected
    assert taken(registry, shop) == (["2.0"] if is_given else [])
    published = registry.put(f"/v1/packages/{shop}/releases/3.0", {"name": shop, "version": "3.0"})
    assert published.status == (201 if takes_releases else 409)
    back = call(registry, "PUT", path, {"status": "active"})
    assert (back.json["status_reason"], back.json["replaced_by"], back.json["changed"]) == \
        (None, None, True)
    assert taken(registry, shop) == ([] if takes_releases else ["2.0"])


@pytest.mark.parametrize("path, body, where, code", [
    ("releases/2.0/yank", {}, "/reason", "reason-missing"),
    ("releases/2.0/yank", {"reason": "  "}, "/reason", "reason-missing"),
    ("releases/2.0/yank", {"reason": 7}, "/reason", "wrong-type"),
    ("releases/2.0/yank", {"reason": "a\nb"}, "/reason", "control-character"),
    ("releases/2.0/yank", {"reason": "x" * 1001}, "/reason", "text-too-long"),
    ("releases/2.0/yank", {"reason": "x", "reson": "y"}, "/reson", "unknown-key"),
    ("releases/2.0/status", {"status": "deprecated", "reason": "x"}, "/status", "status-unknown"),
    ("releases/2.0/status", {"status": "quarantined"}, "/reason", "reason-missing"),
    ("releases/2.0/status", {"status": "live", "reason": "x"}, "/reason", "reason-unwanted"),
    ("releases/2.0/status", {"status": "live", "replaced_by": "x"}, "/replaced_by", "unknown-key"),
    ("status", {}, "/status", "key-missing"),
    ("status", {"status": "live"}, "/status", "status-unknown"),
    ("status", {"status": "deprecated"}, "/reason", "reason-missing"),
    ("status", {"status": "quarantined", "reason": ""}, "/reason", "reason-missing"),
    ("status", {"status": "active", "reason": "x"}, "/reason", "reason-unwanted"),
    ("status", {"status": "active", "replaced_by": "x"}, "/replaced_by", "successor-invalid"),
    ("status", {"status": "quarantined", "reason": "x", "replaced_by": "y"}, "/replaced_by",
     "successor-invalid"),
    ("status", {"status": "archived", "replaced_by": "-"}, "/replaced_by", "successor-invalid")])
def test_what_is_not_right_is_told_with_its_place(registry, shop, refused, path, body, where, code):
    method = "POST" if path.endswith("yank") else "PUT"
    problem = refused(call(registry, method, f"/v1/packages/{shop}/{path}", body), 422, "invalid")
    assert problem["where"] == where
    assert [e["code"] for e in problem["errors"]] == [code]
    assert len(history(registry, shop)) == 2


def test_successors_are_others_that_exist(registry, shop, refused):
    path = f"/v1/packages/{shop}/status"
    for name in (shop, shop.upper(), "no-such-package"):
        body = {"status": "deprecated", "reason": "x", "replaced_by": name}
        problem = refused(call(registry, "PUT", path, body), 422, "invalid")
        assert problem["where"] == "/replaced_by" and name.lower() in problem["detail"]


def test_refusals(registry, shop, refused):
    yank = f"/v1/packages/{shop}/releases/9.9/yank"
    refused(call(registry, "POST", yank, {"reason": "x"}), 404, "not-found")
    refused(call(registry, "DELETE", yank), 404, "not-found")
    refused(call(registry, "PUT", "/v1/packages/nix/status", {"status": "active"}), 404, "not-found")
    refused(call(registry, "PUT", "/v1/packages/-/status", {"status": "active"}), 404, "not-found")
    good = f"/v1/packages/{shop}/releases/1.0/yank"
    refused(call(registry, "POST", good, {"reason": "x"}, token=False), 401, "unauthorized")
    refused(call(registry, "DELETE", good, token=False), 401, "unauthorized")
    refused(call(registry, "POST", good, []), 422, "invalid")
    refused(call(registry, "PUT", good, {"reason": "x"}), 405, "method-not-allowed")
    refused(call(registry, "POST", good, {"reason": "x" * 20000}), 413, "too-large")
    refused(registry.get("/v1/changes?package=-"), 422, "invalid")


def contract_of(registry, group):
    return registry.get(f"/v1/groups/{group}").json["contract"]


def test_a_contract(registry, refused):
    group = registry.new_name("contract.g")
    refused(registry.get(f"/v1/groups/{group}"), 404, "not-found")
    body = {"owner": "Team", "description": "Two\nlines", "name_pattern": "[a-z]+", "kind": "module",
            "conflict": "priority", "priority": ["The_Mart", "shop"],
            "manifest_schema": {"type": "object", "required": ["title"]},
            "settings_schema": {"properties": {"size": {"default": 3}}}}
    answer = call(registry, "PUT", f"/v1/groups/{group}", body)
    assert answer.status == 200 and answer.json["changed"] is True
    expected = {"checks": {}, "deprecated": None, **body, "priority": ["the-mart", "shop"]}
    assert answer.json["contract"] == expected
    shown = contract_of(registry, group)
    assert shown.pop("updated_by") == "publisher" and shown.pop("updated_at")
    assert shown == expected
    assert registry.get(f"/v1/groups/{group}").json["entry_points"] == []
    assert call(registry, "PUT", f"/v1/groups/{group}", body).json["changed"] is False
    assert call(registry, "PUT", f"/v1/groups/{group}", {"priority": None}).json["contract"] == {
        "owner": None, "description": None, "name_pattern": None, "kind": "any", "conflict": "warn",
        "priority": [], "manifest_schema": None, "settings_schema": None, "checks": {},
        "deprecated": None}
    changes = registry.get(f"/v1/changes?since={answer.json['serial'] - 1}").json["changes"]
    assert [(c["kind"], c["package"], c["groups"]) for c in changes] == \
        [("group", None, [group])] * 2


@pytest.mark.parametrize("body, where, code", [
    ({"name_pattern": "(a+)+"}, "/name_pattern", "name-pattern-invalid"),
    ({"kind": "class"}, "/kind", "kind-unknown"),
    ({"conflict": "last"}, "/conflict", "conflict-unknown"),
    ({"priority": "shop"}, "/priority", "wrong-type"),
    ({"priority": ["shop", "-"]}, "/priority/1", "name-invalid"),
    ({"priority": ["shop", 1]}, "/priority/1", "wrong-type"),
    ({"priority": ["shop", "Shop"]}, "/priority/1", "priority-duplicate"),
    ({"priority": [f"p{n}" for n in range(101)]}, "/priority", "too-many-items"),
    ({"manifest_schema": "{}"}, "/manifest_schema", "wrong-type"),
    ({"manifest_schema": {"type": "nonsense"}}, "/manifest_schema/type", "schema-keyword"),
    ({"manifest_schema": {"items": {"pattern": "("}}}, "/manifest_schema/items/pattern", "schema-pattern"),
    ({"manifest_schema": {"$ref": "https://example.org/s"}}, "/manifest_schema/$ref", "schema-reference"),
    ({"manifest_schema": {"$schema": "http://json-schema.org/draft-07/schema#"}}, "/manifest_schema/$schema",
     "schema-dialect"),
    ({"owners": "x"}, "/owners", "unknown-key"),
    ({"owner": "a\nb"}, "/owner", "control-character")])
def test_a_contract_that_is_none(registry, refused, body, where, code):
    problem = refused(call(registry, "PUT", "/v1/groups/broken.contract", body), 422, "invalid")
    assert (problem["where"], [e["code"] for e in problem["errors"]]) == (where, [code])
    refused(registry.get("/v1/groups/broken.contract"), 404, "not-found")


def test_a_group_that_is_none_has_no_contract(registry, refused):
    refused(call(registry, "PUT", "/v1/groups/a%20b", {}), 404, "not-found")
    refused(call(registry, "PUT", "/v1/groups/" + "a" * 201, {}), 404, "not-found")
    refused(call(registry, "PUT", "/v1/groups/a", {}, token=False), 401, "unauthorized")


def test_a_contract_binds_what_is_published_after_it(registry, refused):
    group, name = registry.new_name("bound.g"), registry.new_name("bound")
    old = {"name": name, "version": "1.0", "entry_points": {group: {"Old/Name": "pkg"}}}
    assert registry.put(f"/v1/packages/{name}/releases/1.0", old).status == 201
    call(registry, "PUT", f"/v1/groups/{group}", {"name_pattern": "[a-z]+", "kind": "callable"})
    # What is there stays, is answered as before, and may be published again.
    assert registry.put(f"/v1/packages/{name}/releases/1.0", old).status == 200
    assert [r["name"] for r in registry.resolve(f"group={group}")["records"]] == ["Old/Name"]
    new = {"name": name, "version": "2.0", "entry_points": {
        group: {"good": "pkg:x", "Bad/1": "pkg:x", "Bad2": "pkg"}, "free.group": {"X": "pkg"}}}
    path = f"/v1/packages/{name}/releases/2.0"
    for answer, errors in ((registry.put(path, new), None), (registry.request("POST", "/v1/check", new), "errors")):
        found = answer.json["errors"] if errors else refused(answer, 422, "invalid")["errors"]
        assert [(e["code"], e["where"]) for e in found] == [
            ("contract-name", f"/entry_points/{group}/Bad~11"),
            ("contract-name", f"/entry_points/{group}/Bad2"),
            ("contract-kind", f"/entry_points/{group}/Bad2")]
    refused(registry.get(path), 404, "not-found")
    new["entry_points"][group] = {"good": "pkg:x"}
    assert registry.request("POST", "/v1/check", new).json["valid"] is True
    assert registry.put(path, new).status == 201


def test_a_manifest_is_held_against_the_schema(registry, refused):
    group, name = registry.new_name("schemed.g"), registry.new_name("schemed")
    schema = {"$defs": {"prefix": {"type": "string", "pattern": "^/"}}, "type": "object", "required": ["title"],
              "properties": {"title": {"type": "string"}, "prefix": {"$ref": "#/$defs/prefix"}},
              "additionalProperties": False}
    assert call(registry, "PUT", f"/v1/groups/{group}", {"manifest_schema": schema}).status == 200
    path = f"/v1/packages/{name}/releases/1.0"
    document = {"name": name, "version": "1.0", "entry_points": {group: {"a": "pkg:a", "b": "pkg:b", "none": "pkg:c"}},
                "manifests": {group: {"a": {"title": "A", "prefix": "/a"}, "b": {"tilte": "B", "prefix": "b"}}}}
    for answer in (registry.put(path, document), registry.request("POST", "/v1/check", document)):
        found = refused(answer, 422, "invalid")["errors"] if answer.status != 200 else answer.json["errors"]
        assert [(e["code"], e["where"]) for e in found] == [
            ("schema-mismatch", f"/manifests/{group}/b"), ("schema-mismatch", f"/manifests/{group}/b/prefix"),
            ("schema-mismatch", f"/manifests/{group}/b/tilte")]
        assert 'did you mean "title"?' in found[2]["message"]
    document["manifests"][group]["b"] = {"title": "B"}
    assert registry.put(path, document).status == 201
    for schema, status in ((False, 422), (True, 201)):
        assert call(registry, "PUT", f"/v1/groups/{group}", {"manifest_schema": schema}).json["changed"] is True
        assert contract_of(registry, group)["manifest_schema"] is schema
        later = {**document, "version": "2.0"}
        assert registry.put(f"/v1/packages/{name}/releases/2.0", later).status == status


def test_a_wheel_is_held_against_contracts_too(registry, refused):
    from support.artifacts import wheel
    group, name = registry.new_name("wheels.g"), registry.new_name("wheelpkg")
    call(registry, "PUT", f"/v1/groups/{group}", {"kind": "callable"})
    def upload(version, value):
        filename, data = wheel(name, version, f"[{group}]\nx = {value}\n")
        return registry.request("POST", f"/v1/artifacts?filename={filename}", data, token=registry.publisher_token,
                             headers={"Content-Type": "application/octet-stream"})
    problem = refused(upload("1.0", "pkg"), 422, "invalid")
    assert [e["code"] for e in problem["errors"]] == ["contract-kind"]
    refused(registry.get(f"/v1/packages/{name}"), 404, "not-found")
    assert upload("1.0", "pkg:x").status == 201


def test_the_history_waits_for_its_package(registry, shop):
    serial = registry.get("/v1/changes").json["serial"]
    told = []

    def wait():
        told.append(registry.get(f"/v1/changes?package={shop}&since={serial}&wait=20").json)
    thread = threading.Thread(target=wait)
    thread.start()
    registry.publish(registry.new_name(), "1.0")  # somebody else's change wakes nobody for good
    call(registry, "POST", f"/v1/packages/{shop}/releases/1.0/yank", {"reason": "x"})
    thread.join()
    assert [(c["kind"], c["package"]) for c in told[0]["changes"]] == [("yank", shop)]
    nothing = registry.get(f"/v1/changes?package={shop}&since={told[0]['serial']}&wait=1")
    assert nothing.json["changes"] == []


PIECES = ["a", "b", ".", "[ab]", "[^a]", "[a-c_]", "\\.", "-", "x"]
NAMES = sorted({"".join(random.Random(n).choices("abcx._-", k=n % 7)) for n in range(200)} - {""})


def make_pattern(chance):
    alternatives = ["".join(chance.choice(PIECES) + chance.choice(["", "", "?", "*", "+"])
                            for _ in range(chance.randint(1, 5))) for _ in range(chance.choice([1, 1, 2, 3]))]
    return "|".join(alternatives)


def test_patterns_mean_what_they_mean_in_python(registry):
    """The names a contract refuses are those that re.fullmatch does not match."""
    chance = random.Random(7)
    group = registry.new_name("like.python")
    document = {"name": "like-python", "version": "1.0", "entry_points": {group: {name: "m:x" for name in NAMES}}}
    agreed = 0
    for _ in range(120):
        pattern = make_pattern(chance)
        answer = call(registry, "PUT", f"/v1/groups/{group}", {"name_pattern": pattern})
        assert answer.status == 200, (pattern, answer.body)
        errors = registry.request("POST", "/v1/check", document).json["errors"]
        refused = {error["where"].rsplit("/", 1)[1] for error in errors if error["code"] == "contract-name"}
        assert refused == {name for name in NAMES if not re.fullmatch(pattern, name)}, pattern
        agreed += bool(refused) and len(refused) < len(NAMES)
    assert agreed > 60
