# SPDX-License-Identifier: MIT
"""Environments over HTTP: every change is one revision, one change record and one audit event; what is
refused and where the fault is; writers at once; history, differences and going back."""
import json
import threading

import pytest

from support.access import make_token
from support.environments import (MERGE, address, counts, create, document_of, ok, patch, plugin, publish, put,
                                  revision_of, rollback)


@pytest.fixture
def name(registry):
    return registry.new_name("env-")


@pytest.fixture
def package(registry):
    """A package whose release asks for two permissions."""
    name = registry.new_name("crm")
    publish(registry, name, "1.0", ["customer.read", "customer.edit"])
    return name


# ---- reading ----


def test_default_is_always_there(registry):
    answer = registry.get(address("default"))
    shown = ok(answer)
    assert (shown["name"], shown["revision"], shown["document"]) == ("default", 1, {})
    assert answer.headers["ETag"] == '"1"'
    listed = ok(registry.get("/v1/environments?limit=1000"))["environments"]
    assert "default" in [row["name"] for row in listed]
    assert ok(registry.get("/v1"))["links"]["environments"] == "/v1/environments"


@pytest.mark.parametrize("path", ["", "/history", "/diff"])
@pytest.mark.parametrize("name", ["nowhere", "Prod", "a%20b", "x" * 101])
def test_an_unknown_environment(registry, refused, name, path):
    refused(registry.get(address(name, path)), 404, "not-found")


def test_reading_needs_no_token_and_writing_does(registry, refused, name):
    create(registry, name)
    for path in ("", "/history", "/diff"):
        assert registry.get(address(name, path)).status == 200
    refused(registry.put(address(name), {}, token=None), 401, "unauthorized")
    refused(registry.request("PATCH", address(name), {}), 401, "unauthorized")
    refused(registry.request("PATCH", address(name, "/plugins/a"), {}), 401, "unauthorized")
    refused(registry.post(address(name, "/rollback"), {"revision": 1}, token=None), 401, "unauthorized")


def test_a_token_for_one_environment(registry, refused, name, package):
    other = registry.new_name("other-")
    token = make_token(registry, registry.new_name("team"), [f"environment:{name}"], grant=True)
    assert registry.put(address(name), {"description": "mine"}, token=token).status == 201
    assert ok(registry.get(address(name)))["changed_by"] != "admin:admin"
    refused(registry.put(address(other), {}, token=token), 403, "forbidden")
    create(registry, other)
    for method, rest, body in (("PATCH", "", {}), ("PATCH", f"/plugins/{package}", {"enabled": False}),
                               ("POST", "/rollback", {"revision": 1})):
        refused(registry.request(method, address(other, rest), body, token=token), 403, "forbidden")
        assert registry.request(method, address(name, rest), body, token=token).status == 200


def test_entity_tags(registry, name):
    create(registry, name)
    answer = registry.get(address(name))
    assert answer.headers["ETag"] == '"1"'
    assert registry.get(address(name), headers={"If-None-Match": '"1"'}).status == 304
    ok(patch(registry, address(name), {"description": "new"}))
    again = registry.get(address(name), headers={"If-None-Match": '"1"'})
    assert (again.status, again.headers["ETag"]) == (200, '"2"')


def test_pages(registry):
    names = [registry.new_name("page-") for _ in range(5)]
    for one in names:
        create(registry, one)
    seen, cursor = [], ""
    while cursor is not None:
        page = ok(registry.get(f"/v1/environments?limit=2{cursor and '&cursor=' + cursor}"))
        seen += [row["name"] for row in page["environments"]]
        cursor = page["next"]
    assert seen == sorted(set(seen)) and set(names) <= set(seen)


# ---- creating and replacing ----


def test_creating(registry, name):
    before = counts(registry)
    answer = put(registry, name, {"description": "Frankfurt", "policy": {"plugins": "listed"}})
    made = ok(answer, 201)
    assert (answer.headers["Location"], answer.headers["ETag"]) == (address(name), '"1"')
    assert (made["revision"], made["created"], made["changed"]) == (1, True, True)
    assert made["serial"] == int(answer.headers["X-Registry-Serial"])
    assert counts(registry) == [number + 1 for number in before]
    row = ok(registry.get(address(name)))
    assert (row["action"], row["summary"], row["changed_by"]) == ("create", "description; policy", "admin:admin")


def test_the_same_again_changes_nothing(registry, name):
    create(registry, name, {"permissions": ["b", "a"]})
    before = counts(registry)
    made = ok(put(registry, name, {"permissions": ["a", "b", "a"], "description": None}))
    assert (made["revision"], made["changed"], made["created"]) == (1, False, False)
    assert ok(patch(registry, address(name), {"description": ""}))["changed"] is False
    assert ok(rollback(registry, name, 1))["changed"] is False
    assert counts(registry) == before


def test_replacing(registry, name):
    create(registry, name, {"description": "old", "permissions": ["a"]})
    assert ok(put(registry, name, {"facts": {"python": "3.11"}}))["revision"] == 2
    assert document_of(registry, name) == {"facts": {"python": "3.11"}}
    assert document_of(registry, name, 1) == {"description": "old", "permissions": ["a"]}


def test_creating_only_what_is_not_there(registry, refused, name):
    none = {"If-None-Match": "*"}
    assert put(registry, name, {"description": "first"}, **none).status == 201
    refused(put(registry, name, {"description": "second"}, **none), 412, "precondition-failed")
    assert document_of(registry, name) == {"description": "first"}


@pytest.mark.parametrize("bad", ["Prod", "-a", "a.", "a%20b", "%C3%A4", "x" * 101])
def test_names_that_cannot_be(registry, refused, bad):
    problem = refused(put(registry, bad, {}), 422, "invalid")
    assert "lower-case" in problem["detail"]


# ---- refused documents ----

DEEP = json.loads("[" * 25 + "]" * 25)
REFUSED = [
    ([], 422, "wrong-type", ""),
    (None, 422, "wrong-type", ""),
    ({"descripton": "x"}, 422, "unknown-key", "/descripton"),
    ({"descripton": None}, 422, "unknown-key", "/descripton"),
    ({"facts": {"python": "three"}}, 422, "version-invalid", "/facts/python"),
    ({"facts": {"markers": {"sys_platfrom": "linux"}}}, 422, "marker-variable-unknown",
     "/facts/markers/sys_platfrom"),
    ({"facts": {"have": {"a_b": "1", "a-b": "2"}}}, 422, "name-duplicate", None),
    ({"facts": {"tags": ["py2.py3-none-any"]}}, 422, "tag-invalid", "/facts/tags/0"),
    ({"policy": {"min_age_seconds": 1e400}}, None, None, None),
    ({"plugins": {"a": {"pin": "1.2"}}}, 422, "pin-invalid", "/plugins/a/pin"),
    ({"plugins": {"a": {"settings": {"x": DEEP}}}}, 422, "settings-too-deep", "/plugins/a/settings"),
    ({"plugins": {"a": {"settings": {"x": "y" * 70000}}}}, 422, "text-too-long", "/plugins/a/settings"),
    ({"plugins": {"a": {"settings": "x"}}}, 422, "wrong-type", "/plugins/a/settings"),
]


@pytest.mark.parametrize("document, status, code, where", [row for row in REFUSED if row[1]],
                         ids=[str(row[2]) + str(row[3]) for row in REFUSED if row[1]])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_document_that_is_refused(registry, refused, name, method, document, status, code, where):
    create(registry, name, {"description": "kept"})
    before = counts(registry)
    body = json.dumps(document).encode()
    headers = {"Content-Type": "application/json"}
    problem = refused(registry.request(method, address(name), body, token=registry.admin_token,
                                       headers=headers), status, "invalid")
    assert problem["errors"][0]["code"] == code
    assert where is None or problem["errors"][0]["where"] == where
    assert counts(registry) == before and document_of(registry, name) == {"description": "kept"}


@pytest.mark.parametrize("body", [b"", b"{", b'{"a":1,"a":2}', b'{"description":"\xff"}', b'{"a":"\\u0000"}',
                                  b"[" * 40 + b"]" * 40, b'{"policy":{"min_age_seconds":1e400}}', b"\0{}"])
@pytest.mark.parametrize("method, rest", [("PUT", ""), ("PATCH", ""), ("PATCH", "/plugins/a"),
                                          ("POST", "/rollback")])
def test_hostile_json(registry, name, method, rest, body):
    create(registry, name)
    answer = registry.request(method, address(name, rest), body, token=registry.admin_token,
                              headers={"Content-Type": "application/json"})
    assert answer.status == 400 and answer.json["code"] == "malformed", answer.body
    assert revision_of(registry, name) == 1


def test_too_large(registry, refused, name):
    body = b'{"description":"' + b"x" * (4 * 1024 * 1024) + b'"}'
    refused(registry.put(address(name), body, headers={"Content-Type": "application/json"}), 413,
            "too-large")


def test_media_types(registry, refused, name):
    create(registry, name)
    other = {"Content-Type": "application/json-patch+json"}
    refused(patch(registry, address(name), b"[]", **other), 415, "unsupported-media")
    refused(patch(registry, address(name, "/plugins/a"), b"{}", **other), 415, "unsupported-media")
    refused(registry.put(address(name), b"{}", headers=MERGE), 415, "unsupported-media")
    refused(registry.post(address(name, "/rollback"), b"{}", headers=other), 415, "unsupported-media")
    for media in ("application/json", "application/merge-patch+json; charset=utf-8"):
        assert patch(registry, address(name), {"description": media}, **{"Content-Type": media}).status == 200


# ---- patches ----


def test_a_patch_changes_what_it_names(registry, name, package):
    create(registry, name, {"description": "d", "facts": {"have": {"a": "1", "b-c": "2"}, "python": "3.11"},
                            "plugins": {package: {"settings": {"x": {"y": 1, "z": [1]}, "w": None}}}})
    ok(patch(registry, address(name), {
        "description": None, "facts": {"have": {"B_c": None, "d": "3"}},
        "plugins": {package.upper(): {"pin": "~=1.0", "settings": {"x": {"y": None, "n": {"m": None}}}}}}))
    assert document_of(registry, name) == {
        "facts": {"have": {"a": "1", "d": "3"}, "python": "3.11"},
        "plugins": {package: {"pin": "~=1.0", "settings": {"x": {"z": [1], "n": {}}, "w": None}}}}


def test_a_patch_of_an_environment_that_is_not_there(registry, refused):
    refused(patch(registry, address("nowhere"), {}), 404, "not-found")
    refused(plugin(registry, "nowhere", "a", {"enabled": True}), 404, "not-found")
    refused(rollback(registry, "nowhere", 1), 404, "not-found")


def test_two_spellings_in_one_patch(registry, refused, name, package):
    create(registry, name)
    problem = refused(patch(registry, address(name), {"plugins": {package: None, package.upper(): None}}),
                      422, "invalid")
    assert problem["errors"][0]["code"] == "name-duplicate"


def test_one_plugin(registry, name, package):
    create(registry, name)
    before = counts(registry)
    steps = [({"enabled": True}, {"enabled": True}, f"enabled {package}"),
             ({"pin": "== 1.0"}, {"enabled": True, "pin": "==1.0"}, f"pinned {package} to ==1.0"),
             ({"settings": {"key": "v", "n": 1}},
              {"enabled": True, "pin": "==1.0", "settings": {"key": "v", "n": 1}}, f"settings of {package}"),
             ({"enabled": False, "pin": None, "settings": {"key": None}},
              {"enabled": False, "settings": {"n": 1}},
              f"disabled {package}; unpinned {package}; settings of {package}"),
             (None, None, f"by policy: {package}; settings of {package}")]
    for number, (body, expected, summary) in enumerate(steps, 2):
        body = json.dumps(body).encode()
        done = ok(plugin(registry, name, package.upper(), body))
        assert (done["revision"], done["summary"]) == (number, summary)
        assert document_of(registry, name).get("plugins", {}).get(package) == expected
    rows = ok(registry.get(address(name, "/history")))["revisions"]
    assert [(row["action"], row["package"]) for row in rows[:-1]] == [("plugin", package)] * 5
    assert counts(registry) == [number + 5 for number in before]
    changes = ok(registry.get(f"/v1/changes?since={done['serial'] - 1}"))["changes"]
    assert [(c["kind"], c["package"], c["environment"]) for c in changes] == [
        ("environment", package, name)]


def test_a_fault_in_a_plugin_is_told_where_it_was_sent(registry, refused, name, package):
    create(registry, name)
    for body, code, where in [({"pin": "1"}, "pin-invalid", "/pin"), ({"on": True}, "unknown-key", "/on"),
                              ({"settings": {"x": DEEP}}, "settings-too-deep", "/settings"),
                              ([], "wrong-type", "")]:
        problem = refused(plugin(registry, name, package, body), 422, "invalid")
        assert [(e["code"], e["where"]) for e in problem["errors"]] == [(code, where)]
        assert problem["where"] == (where or None)


# ---- writers at once ----


def test_if_match(registry, refused, name, package):
    create(registry, name)
    for tag in ('"2"', '"0"', "1", '""'):
        for send in (lambda h: put(registry, name, {"description": "x"}, **h),
                     lambda h: patch(registry, address(name), {"description": "x"}, **h),
                     lambda h: plugin(registry, name, package, {"pin": "==1"}, **h),
                     lambda h: rollback(registry, name, 1, **h)):
            refused(send({"If-Match": tag}), 412, "precondition-failed")
    refused(put(registry, "not-there-yet", {}, **{"If-Match": "*"}), 412, "precondition-failed")
    for revision, tag in enumerate(('"1"', 'W/"2"', '"9", "3"', "*"), 2):
        done = patch(registry, address(name), {"description": str(revision)}, **{"If-Match": tag})
        assert (ok(done)["revision"], done.headers["ETag"]) == (revision, f'"{revision}"')


def test_writers_lose_nothing(registry, name):
    """Each adds its own settings without If-Match: the patches are applied one after the other."""
    packages = [registry.new_name("w") for _ in range(6)]
    for one in packages:
        publish(registry, one, "1.0")
    create(registry, name)
    before = counts(registry)
    statuses = []

    def write(package):
        for number in range(4):
            while True:
                answer = plugin(registry, name, package, {"settings": {f"k{number}": number}})
                statuses.append(answer.status)
                if answer.status != 409:
                    break

    threads = [threading.Thread(target=write, args=(one,)) for one in packages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {200, 409}
    wanted = {"settings": {f"k{number}": number for number in range(4)}}
    assert document_of(registry, name)["plugins"] == {one: wanted for one in packages}
    assert revision_of(registry, name) == 25
    assert counts(registry) == [number + 24 for number in before]


def test_of_two_with_one_tag_one_wins(registry, name):
    create(registry, name)
    for turn in range(1, 6):
        answers = []

        def write(who, tag=f'"{turn}"', into=answers):
            into.append(patch(registry, address(name), {"description": f"{tag} {who}"}, **{"If-Match": tag}))

        threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answer.status for answer in answers) == [200, 412, 412, 412]
    assert revision_of(registry, name) == 6


# ---- history ----


def test_going_back_to_each_revision(registry, name, package):
    documents = [{}, {"description": "ä ☃ \" \\ \u2028", "permissions": []},
                 {"plugins": {package: {"settings": {"n": 1.5, "i": 10**15, "t": "\t", "u": "é", "e": {}}}}},
                 {"facts": {"have": {f"p{n}": f"{n}.0" for n in range(50)}, "tags": ["py3-none-any"]}}]
    create(registry, name, documents[0])
    for document in documents[1:]:
        ok(put(registry, name, document))
    texts = registry.sql("SELECT encode(convert_to(document, 'UTF8'), 'hex') FROM environment_revisions"
                         f" WHERE environment = '{name}' ORDER BY revision")
    for number in (1, 2, 3, 4, 3, 1):
        done = ok(rollback(registry, name, number))
        newest = registry.sql("SELECT encode(convert_to(document, 'UTF8'), 'hex') FROM environment_revisions"
                              f" WHERE environment = '{name}' ORDER BY revision DESC LIMIT 1")
        assert newest[0] == texts[number - 1]
        assert document_of(registry, name) == document_of(registry, name, number)
        if done["changed"]:
            assert done["summary"] == f"back to revision {number}"
    # The first is the newest then and changes nothing.
    assert revision_of(registry, name) == 4 + 6


def test_going_back_where_there_is_nothing(registry, refused, name):
    create(registry, name)
    refused(rollback(registry, name, 7), 404, "not-found")
    for body in ({}, {"revision": 0}, {"revision": "1"}, {"revision": 1, "x": 1}, [], {"revision": 1.0}):
        refused(registry.post(address(name, "/rollback"), body), 422, "invalid")
    refused(registry.get(address(name, "?revision=7")), 404, "not-found")
    refused(registry.get(address(name, "?revision=0")), 400, "usage")


def test_going_back_is_not_refused_for_permissions(registry, refused, name, package):
    create(registry, name, {"plugins": {package: {"enabled": True}}})
    ok(put(registry, name, {"permissions": []}))
    refused(plugin(registry, name, package, {"enabled": True}), 422, "invalid")
    ok(rollback(registry, name, 1))


def test_history(registry, name):
    create(registry, name)
    for number in range(2, 7):
        ok(patch(registry, address(name), {"description": str(number)}))
    seen, cursor = [], ""
    while cursor is not None:
        page = ok(registry.get(address(name, f"/history?limit=4{cursor and '&cursor=' + cursor}")))
        seen += [(row["revision"], row["description"], row["action"]) for row in page["revisions"]]
        cursor = page["next"]
    assert seen == [(n, str(n), "change") for n in range(6, 1, -1)] + [(1, None, "create")]


@pytest.mark.parametrize("cursor", ["LTE", "eA", "MA", "!!"])
def test_a_foreign_cursor(registry, refused, name, cursor):
    create(registry, name)
    refused(registry.get(address(name, f"/history?cursor={cursor}")), 400, "usage")


def test_differences(registry, name):
    package = registry.new_name("plain")
    publish(registry, package, "1.0")
    create(registry, name, {"permissions": ["a", "b"], "facts": {"tags": ["py3-none-any", "py2-none-any"]},
                            "plugins": {package: {"enabled": True, "settings": {"x": None}}}})
    ok(put(registry, name, {"permissions": ["b", "c"], "description": "d",
                            "facts": {"tags": ["py2-none-any", "py3-none-any"]},
                            "plugins": {package: {"enabled": False, "settings": {"x": 1}}}}))
    found = ok(registry.get(address(name, "/diff"), token=registry.admin_token))
    assert (found["from"]["revision"], found["to"]["revision"]) == (1, 2)
    assert found["differences"] == [
        {"where": "/description", "to": "d"},
        {"where": "/facts/tags", "from": ["py3-none-any", "py2-none-any"],
         "to": ["py2-none-any", "py3-none-any"]},
        {"where": "/permissions", "added": ["c"], "removed": ["a"]},
        {"where": f"/plugins/{package}/enabled", "from": True, "to": False},
        {"where": f"/plugins/{package}/settings/x", "from": None, "to": 1}]
    back = ok(registry.get(address(name, "/diff?from=2&to=1")))["differences"]
    assert {"where": "/description", "from": "d"} in back
    assert ok(registry.get(address(name, "/diff?from=2&to=2")))["differences"] == []
    other = registry.new_name("other-")
    create(registry, other, {"description": "d", "permissions": ["b", "c"]})
    with_other = ok(registry.get(address(name, f"/diff?with={other}")))
    assert [side["name"] for side in (with_other["from"], with_other["to"])] == [name, other]
    assert [entry["where"] for entry in with_other["differences"]] == ["/facts", "/plugins"]


def test_differences_of_what_is_not_there(registry, refused, name):
    create(registry, name)
    assert ok(registry.get(address(name, "/diff")))["differences"] == []
    for query in ("from=2", "to=2", "with=nowhere", "with=No%20where"):
        refused(registry.get(address(name, f"/diff?{query}")), 404, "not-found")
    for query in ("from=0", "to=x", "with=a&with=b", "form=1"):
        refused(registry.get(address(name, f"/diff?{query}")), 400, "usage")


# ---- large ----


def test_a_thousand_plugins(registry, name):
    registry.sql("INSERT INTO packages (name, display_name, release_count)"
                 " SELECT 'big-' || n, 'big-' || n, 0 FROM generate_series(0, 999) n")
    one = {"enabled": True, "pin": "==1.2", "settings": {"key": "x" * 100}}
    document = {"permissions": ["a"], "plugins": {f"big-{n}": one for n in range(1000)}}
    create(registry, name, document)
    assert document_of(registry, name) == document
    done = ok(plugin(registry, name, "big-500", {"enabled": False}))
    assert done["summary"] == "disabled big-500"
    ok(patch(registry, address(name), {"plugins": {f"big-{n}": None for n in range(500)}}))
    assert ok(registry.get(address(name)))["plugin_count"] == 500
    row = ok(registry.get(address(name, "/history?limit=1")))["revisions"][0]
    assert row["summary"].startswith("by policy: big-0, big-1, big-10 and 497 more; unpinned ")
