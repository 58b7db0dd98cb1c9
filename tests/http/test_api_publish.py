# SPDX-License-Identifier: MIT
"""Publishing and checking over HTTP: what is accepted, what is refused and where it says the fault is,
and that a refusal leaves nothing behind."""

import json

import pytest

FULL = {
    "name": "Full.Plugin", "version": "1.0.0", "summary": "One line", "description": "# Title\n",
    "description_content_type": "text/markdown", "requires_python": ">=3.9",
    "requires_dist": ["requests>=2"], "keywords": ["crm"], "classifiers": ["Private :: No"],
    "license_expression": "MIT", "authors": [{"name": "Team", "email": "team@example.org"}],
    "project_urls": {"Home": "https://example.org/"},
    "entry_points": {"app.plugins": {"full": "full.plugin:plugin [extra]"}},
    "manifests": {"app.plugins": {"full": {"menu": ["a", {"b": None}], "order": 3}}},
    "provenance": {"convention": "pyproject", "path": "pyproject.toml"},
}
MARK = "\u00a7"  # where a test puts its bad bytes


def path_of(name, version="1.0.0"):
    return f"/v1/packages/{name}/releases/{version}"


def texts(value, place=""):
    """(place, a copy of the document with MARK there) for every text, keys too."""
    if isinstance(value, str):
        yield place, MARK
    elif isinstance(value, list):
        for i, item in enumerate(value):
            for at, changed in texts(item, f"{place}/{i}"):
                yield at, value[:i] + [changed] + value[i + 1:]
    elif isinstance(value, dict):
        for key, item in value.items():
            for at, changed in texts(item, f"{place}/{key}"):
                yield at, {**value, key: changed}
            if place:
                yield f"{place}/{key} (key)", {**{k: v for k, v in value.items() if k != key},
                                               MARK: item}


TEXTS = list(texts(FULL))


def encode(document, bad):
    body = json.dumps(document, ensure_ascii=False).encode()
    assert body.count(MARK.encode()) == 1
    return body.replace(MARK.encode(), bad)


def test_a_full_document_is_published_whole(registry):
    answer = registry.put(path_of("Full.Plugin"), FULL)
    assert answer.status == 201, answer.body
    assert answer.headers["Location"] == "/v1/packages/full-plugin/releases/1.0.0"
    assert answer.headers["X-Registry-Serial"] == str(answer.json["serial"])
    assert answer.headers["X-Registry-Epoch"] == answer.json["epoch"]
    assert set(answer.json) == {"package", "version", "serial", "epoch", "epoch_number", "created", "warnings"}
    assert (answer.json["package"], answer.json["version"]) == ("full-plugin", "1.0.0")
    assert answer.json["created"] is True
    shown = registry.get(answer.headers["Location"]).json
    assert shown["package"] == "full-plugin"
    assert shown["published_by"] == "publisher"
    assert len(shown["digest"]) == 64
    for key, value in FULL.items():
        assert shown["document"][key] == value or key in ("entry_points",), key
    assert list(shown["document"]["entry_points"]["app.plugins"]) == ["full"]


def test_the_same_again_changes_nothing(registry):
    name = registry.new_name()
    document = {"name": name, "version": "1.0.0", "summary": "s", "keywords": ["a", "b"]}
    first = registry.put(path_of(name), document)
    again = registry.put(path_of(name), dict(reversed(document.items())))
    assert (first.status, again.status) == (201, 200)
    assert again.json["created"] is False
    assert registry.get("/v1").json["serial"] == first.json["serial"]
    elsewhere = registry.put(path_of(name), {**document, "provenance": {"path": "other.toml"}})
    assert elsewhere.status == 200  # where it came from is no part of what it is


def test_other_content_is_a_conflict(registry, refused):
    name = registry.new_name()
    registry.publish(name, "1.0.0")
    for version in ("1.0.0", "1.0"):  # the same version, written otherwise
        answer = registry.put(path_of(name, version),
                              {"name": name, "version": version, "summary": "other"})
        problem = refused(answer, 409, "conflict")
        assert "new version" in problem["detail"]
    assert registry.get(path_of(name)).json["document"].get("summary") is None


def test_names_and_versions_meet_in_their_normal_form(registry):
    name = registry.new_name("Norm_Al.")
    answer = registry.put(path_of(name.replace("_", "-"), "1.0-RC1"),
                          {"name": name, "version": "1.0rc1"})
    assert answer.status == 201, answer.body
    normal = name.lower().replace("_", "-").replace(".", "-")
    assert answer.headers["Location"] == path_of(normal, "1.0rc1")
    assert registry.get(path_of(name.upper(), "1.0.RC1")).status == 200


@pytest.mark.parametrize("address, where", [
    (("other", "1.0.0"), "/name"),
    (("pkg", "1.0.1"), "/version"),
    (("pkg", "one"), None),
    (("-pkg-", "1.0.0"), None),
])
def test_the_address_and_the_document_must_agree(registry, refused, address, where):
    answer = registry.put(path_of(*address), {"name": "pkg", "version": "1.0.0"})
    problem = refused(answer, 422, "invalid")
    assert problem["where"] == where
    if where:
        assert [(e["code"], e["where"]) for e in problem["errors"]] == [("address-mismatch", where)]
    assert registry.get("/v1/packages/pkg").status == 404


@pytest.mark.parametrize("body, where", [
    (b"", None),
    (b"{", "line 1, column 1"),
    (b'{"name": "x",\n "version": }', "line 2"),
    (b"[]", None),
    (b'"text"', None),
    (b"null", None),
    (b'{"name": "x", "version": "1.0.0"} {}', "line 1"),
    (b'\xef\xbb\xbf{"name": "x", "version": "1.0.0"}', "line 1"),
    (b'{"name": "x", "name": "x", "version": "1.0.0"}', None),
    (b'{"name": "x", "version": "1.0.0", "entry_points": {"g": {"a": "m:a", "a": "m:a"}}}', None),
    (b'{"name": "x", "version": "1.0.0", "manifests": {"g": {"a": {"k": 1e999}}}}', None),
    (b'{"name": "x", "version": "1.0.0", "manifests": {"g": {"a": ' + b'{"k":' * 31 + b"1" + b"}" * 31
     + b"}}}", "line 1"),
    (b"[" * 100000, "line 1"),
])
def test_what_is_not_json_is_malformed(registry, refused, body, where):
    answer = registry.put(path_of("x"), body, headers={"Content-Type": "application/json"})
    code, status = ("invalid", 422) if body in (b"[]", b'"text"', b"null") else ("malformed", 400)
    problem = refused(answer, status, code)
    if where:
        assert problem["where"].startswith(where), problem
    checked = registry.post("/v1/check", body, token=None,
                            headers={"Content-Type": "application/json"})
    if status == 422:
        assert checked.json["valid"] is False
    else:
        assert refused(checked, 400, "malformed")["where"] == problem["where"]
    assert registry.get("/v1/packages/x").status == 404


def test_nesting_of_32_is_deep_enough(registry):
    name = registry.new_name()
    manifest = 1
    for _ in range(29):
        manifest = {"k": manifest}
    document = {"name": name, "version": "1.0.0", "entry_points": {"app.deep": {"a": "m:a"}},
                "manifests": {"app.deep": {"a": manifest}}}
    assert registry.put(path_of(name), document).status == 201
    assert registry.resolve("group=app.deep")["records"][0]["manifest"] == manifest


@pytest.mark.parametrize("bad", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\x00", b"\\u0000",
                                 b"\\ud800"], ids=["ff", "overlong", "surrogate", "nul",
                                                   "escaped-nul", "escaped-surrogate"])
def test_bad_bytes_are_refused_in_every_text(registry, refused, bad):
    before = registry.get("/v1").json["serial"]
    for place, document in TEXTS:
        answer = registry.put(path_of("full-plugin"), encode(document, b"a" + bad + b"b"),
                              headers={"Content-Type": "application/json"})
        problem = refused(answer, 400, "malformed")
        assert problem["where"].startswith("line 1"), place
    assert registry.get("/v1").json["serial"] == before


def test_a_line_feed_is_refused_in_what_is_one_line(registry, refused):
    for key in ("name", "version", "summary", "requires_python", "license_expression"):
        document = {"name": "x", "version": "1.0.0", key: "a\nb"}
        problem = refused(registry.put(path_of("x"), document), 422, "invalid")
        assert f"/{key}" in [error["where"] for error in problem["errors"]]


def test_all_faults_are_told_at_once(registry, refused):
    document = {"name": "bad name", "version": "one", "summary": 3, "requires_python": "three",
                "entry_points": {"a group": {"x": "m:a"}, "g": {"y": "not an object"}}}
    problem = refused(registry.put(path_of("bad-name"), document), 422, "invalid")
    checked = registry.post("/v1/check", document, token=None)
    assert checked.status == 200
    assert checked.json["valid"] is False
    assert checked.json["errors"] == problem["errors"]
    assert len(problem["errors"]) >= 1
    for error in problem["errors"]:
        assert set(error) == {"code", "where", "message", "hint"}
        assert error["where"].startswith("/")
    del document["summary"]
    places = {error["where"] for error in
              registry.post("/v1/check", document, token=None).json["errors"]}
    assert {"/name", "/version", "/requires_python"} <= places
    assert any(place.startswith("/entry_points/g/y") for place in places)
    assert any(place.startswith("/entry_points/a group") for place in places)


def test_unknown_keys_are_left_out_with_a_warning(registry):
    name = registry.new_name()
    answer = registry.put(path_of(name), {"name": name, "version": "1.0.0", "colour": "red"})
    assert answer.status == 201
    assert [warning["where"] for warning in answer.json["warnings"]] == ["/colour"]
    assert "colour" not in registry.get(path_of(name)).json["document"]
    again = registry.put(path_of(name), {"name": name, "version": "1.0.0"})
    assert again.status == 200


def test_check_publishes_nothing(registry):
    name = registry.new_name()
    before = registry.get("/v1").json["serial"]
    answer = registry.post("/v1/check", {"name": name, "version": "1.0.0"}, token=None)
    assert (answer.status, answer.json) == (200, {"valid": True, "created": True, "code": None, "detail": None,
                                                  "actor": None, "errors": [], "warnings": []})
    assert registry.get("/v1").json["serial"] == before
    assert registry.get(f"/v1/packages/{name}").status == 404


@pytest.mark.parametrize("content_type, status", [
    ("application/json", 201), ("application/json; charset=utf-8", 201), ("APPLICATION/JSON", 201),
    ("application/x-www-form-urlencoded", 415), ("text/plain", 415), ("application/jsonx", 415),
])
def test_the_content_type_is_json(registry, refused, content_type, status):
    name = registry.new_name()
    body = json.dumps({"name": name, "version": "1.0.0"}).encode()
    answer = registry.put(path_of(name), body, headers={"Content-Type": content_type})
    assert answer.status == status, answer.body
    if status == 415:
        assert content_type in refused(answer, 415, "unsupported-media")["detail"]


def test_the_size_is_bounded_to_the_byte(registry, refused):
    limit = 1024 * 1024
    name = registry.new_name()

    def body_of(size):
        empty = json.dumps({"name": name, "version": "1.0.0"}).encode()
        return empty + b" " * (size - len(empty))

    answer = registry.put(path_of(name), body_of(limit + 1),
                          headers={"Content-Type": "application/json"})
    refused(answer, 413, "too-large")
    answer = registry.put(path_of(name), body_of(limit), headers={"Content-Type": "application/json"})
    assert answer.status == 201, answer.body


def test_parameters_are_refused_here_too(registry, refused):
    name = registry.new_name()
    answer = registry.put(path_of(name) + "?force=1", {"name": name, "version": "1.0.0"})
    assert refused(answer, 400, "usage")["where"] == "?force"
    assert registry.get(f"/v1/packages/{name}").status == 404


def test_a_closed_package_takes_no_releases(registry, refused):
    name = registry.new_name()
    registry.publish(name, "1.0.0")
    registry.sql(f"UPDATE packages SET status = 'archived' WHERE name = '{name}'")
    answer = registry.put(path_of(name, "2.0"), {"name": name, "version": "2.0"})
    refused(answer, 409, "conflict")
    same = registry.put(path_of(name, "1.0.0"), {"name": name, "version": "1.0.0"})
    assert same.status == 200
