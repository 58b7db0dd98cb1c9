# SPDX-License-Identifier: MIT
"""POST /v1/check says what publishing the same body would answer, and keeps nothing: no row, no serial, no pace."""

import json

import pytest

from support.access import grant, make_token
from support.artifacts import form, sdist, wheel
from support.daemon import Daemon
from support.registry import validator

RAW = {"Content-Type": "application/octet-stream"}
FINDING = {"code", "where", "message", "hint"}


def document(name, version="1.0", groups=None, **fields):
    return {"name": name, "version": version, "entry_points": groups or {}, **fields}


def state(registry):
    """Everything that a publish could change."""
    tables = ("packages", "releases", "entry_points", "group_entries", "artifacts", "blobs", "blob_pieces", "changes",
              "audit_events", "wheel_folders", "package_folders", "path_sharers")
    counts = [registry.sql(f"SELECT count(*) FROM {table}")[0][0] for table in tables]
    return counts, registry.sql("SELECT serial, audit_count, encode(audit_head, 'hex') FROM registry")


def check(registry, body, token="publisher", filename=None):
    """The verdict; nothing may change."""
    assert registry.publisher_token  # made when it is asked for, which is a change
    before = state(registry)
    if filename:
        answer = registry.post(f"/v1/check?filename={filename}", body, headers=RAW, **with_(token))
    else:
        answer = registry.post("/v1/check", body, **with_(token))
    assert answer.status == 200, answer.body
    assert state(registry) == before
    verdict = answer.json
    assert set(verdict) == {"valid", "created", "code", "detail", "actor", "errors", "warnings"}
    assert verdict["valid"] == (verdict["code"] is None) == (not verdict["errors"])
    assert all(set(finding) == FINDING for finding in verdict["errors"] + verdict["warnings"])
    return verdict


def with_(token):
    return {} if token == "publisher" else {"token": token}


def publish(registry, body, token="publisher", filename=None):
    if filename:
        return registry.post(f"/v1/artifacts?filename={filename}", body, headers=RAW, **with_(token))
    return registry.put(f"/v1/packages/{body['name']}/releases/{body['version']}", body, **with_(token))


def agree(registry, body, token="publisher", filename=None):
    """Checks, publishes, and compares: (verdict, answer)."""
    verdict = check(registry, body, token, filename)
    answer = publish(registry, body, token, filename)
    if answer.status in (200, 201):
        assert verdict["valid"] and verdict["created"] == (answer.status == 201), (verdict, answer.body)
    else:
        assert not verdict["valid"] and verdict["code"] == answer.json["code"], (verdict, answer.body)
        assert verdict["detail"] == answer.json["detail"]
        if answer.json["errors"]:
            assert verdict["errors"] == answer.json["errors"]
        else:
            assert [error["code"] for error in verdict["errors"]] == ["publish-refused"]
    return verdict, answer


def test_a_document(registry):
    name = registry.new_name()
    assert agree(registry, document(name))[1].status == 201
    assert agree(registry, document(name))[1].status == 200
    verdict, answer = agree(registry, document(name, summary="other"))
    assert answer.status == 409 and "published already" in verdict["detail"]
    assert agree(registry, document(name, version="1.0.0"))[1].status == 409
    assert check(registry, document("a b"))["errors"][0]["where"] == "/name"


def test_a_file(registry):
    name = registry.new_name()
    filename, data = wheel(name, "1.0", f"[check.plugins]\na = {name}_m:a\n")
    assert agree(registry, data, filename=filename)[1].status == 201
    assert agree(registry, data, filename=filename)[1].status == 200
    other = wheel(name, "1.0", f"[check.plugins]\na = {name}_m:b\n")[1]
    verdict, answer = agree(registry, other, filename=filename)
    assert answer.status == 409 and verdict["errors"][0]["code"] == "file-exists"
    verdict, answer = agree(registry, other, filename=filename.replace("py3-none-any", "py3-none-x"))
    assert answer.status == 409 and {error["code"] for error in verdict["errors"]} == {"release-differs"}
    assert agree(registry, sdist(name, "1.0")[1], filename=f"{name}-1.0.tar.gz")[1].status == 201


def test_a_file_that_completes_a_release(registry):
    name = registry.new_name()
    registry.publish(name, "1.0", {"check.plugins": {"a": f"{name}_m:a"}}, summary="S")
    filename, data = wheel(name, "1.0", f"[check.plugins]\nb = {name}_m:a\n")
    assert agree(registry, data, filename=filename)[1].status == 409
    filename, data = wheel(name, "1.0", f"[check.plugins]\na = {name}_m:a\n", Summary="T")
    assert agree(registry, data, filename=filename)[1].status == 201
    assert agree(registry, document(name, groups={"check.plugins": {"a": f"{name}_m:a"}}, summary="S"))[1].status == 200


def test_a_form(registry):
    name = registry.new_name()
    filename, data = wheel(name, "1.0")
    kind, body = form(filename, data)
    before = state(registry)
    answer = registry.post("/v1/check", body, headers={"Content-Type": kind})
    assert answer.status == 200 and answer.json["valid"] and answer.json["created"]
    assert state(registry) == before


def test_warnings_of_a_file_are_told(registry):
    name = registry.new_name()
    filename, data = wheel(name, "1.0", "[check.plugins]\na = nowhere:x\n", files={})
    verdict, answer = agree(registry, data, filename=filename)
    assert [one["code"] for one in verdict["warnings"]] == ["entry-point-module-missing"]
    assert answer.json["warnings"] == verdict["warnings"]


@pytest.fixture(scope="module")
def tokens(registry):
    made = {"new": make_token(registry, "check-new", ["publish:new"]),
            "other": make_token(registry, "check-other", ["publish:new", "publish:update"], prefix="checkother"),
            "read": make_token(registry, "check-read", ["read"], grant=True),
            "admin": registry.admin_token}
    grant(registry, "check-new", "publish:new", "checknew")
    grant(registry, "check-other", "publish:new", "checkother")
    return made


def test_rights(registry, tokens):
    name = registry.new_name()
    registry.publish(name, "1.0")
    for state_, body in (("new", document(name, "2.0")), ("new", document("elsewhere")), ("other", document(name, "2.0")),
                         ("read", document("checknew-x")), ("admin", document("checknew-x"))):
        verdict, answer = agree(registry, body, tokens[state_])
        assert answer.status == 403 and verdict["errors"][0]["message"] == verdict["detail"]
    verdict, answer = agree(registry, document("checknew-a"), tokens["new"])
    assert answer.status == 201 and verdict["actor"].startswith("check-new")


def test_names(registry, tokens):
    assert registry.put("/v1/reserved-names/checknew-kept", {"prefix": False}).status == 200
    verdict, answer = agree(registry, document("checknew-kept"), tokens["new"])
    assert answer.status == 403 and "reserved" in verdict["detail"]
    assert agree(registry, document("checknew-hello"), tokens["new"])[1].status == 201
    verdict, answer = agree(registry, document("checknew-he11o"), tokens["new"])
    assert answer.status == 409 and "similar" in verdict["detail"]


def test_contracts(registry, tokens):
    group = "checked.group"
    assert registry.put(f"/v1/groups/{group}", {"owner": "someone", "name_pattern": "[a-z]+", "kind": "callable"},
                        token=registry.admin_token).status == 200
    verdict, answer = agree(registry, document("checknew-c", groups={group: {"A": "m"}}), tokens["new"])
    assert answer.status == 403 and "belongs to someone" in verdict["detail"]
    open_group = "checked.open"
    assert registry.put(f"/v1/groups/{open_group}", {"name_pattern": "[a-z]+", "kind": "callable"},
                        token=registry.admin_token).status == 200
    verdict, answer = agree(registry, document("checknew-c", groups={open_group: {"A": "m"}}), tokens["new"])
    assert answer.status == 422
    assert {error["code"] for error in verdict["errors"]} == {"contract-name", "contract-kind"}
    assert agree(registry, document("checknew-c", groups={open_group: {"a": "m:a"}}), tokens["new"])[1].status == 201


def test_a_closed_package(registry):
    name = registry.new_name()
    filename, data = wheel(name, "1.0", files={f"{name}/a.py": b""})
    registry.publish(name, "0.9")
    for status in ("archived", "quarantined"):
        assert registry.put(f"/v1/packages/{name}/status", {"status": status, "reason": "x"},
                            token=registry.admin_token).status == 200
        assert agree(registry, document(name))[1].status == 409
        assert agree(registry, data, filename=filename)[1].status in (403, 409) if status == "archived" else True


def test_without_a_token(registry, refused):
    name = registry.new_name()
    taken = registry.new_name("taken")
    registry.publish(taken, "1.0")
    good = check(registry, document(name), token=None)
    assert good["valid"] and good["created"] and good["actor"] is None
    same = check(registry, document(taken), token=None)
    assert same["valid"] and not same["created"]
    assert check(registry, document(taken, summary="other"), token=None)["code"] == "conflict"
    assert check(registry, document(taken.replace("taken", "tak3n")), token=None)["valid"]
    assert registry.put("/v1/reserved-names/kept-from-all", {"prefix": False}).status == 200
    assert check(registry, document("kept-from-all"), token=None)["valid"]  # who may not publish it learns nothing
    assert registry.put("/v1/groups/checked.anonymous", {"kind": "module"}, token=registry.admin_token).status == 200
    broken = check(registry, document(name, groups={"checked.anonymous": {"a": "m:a"}}), token=None)
    assert [error["code"] for error in broken["errors"]] == ["contract-kind"]
    filename, data = wheel(name, "1.0")
    refused(registry.post(f"/v1/check?filename={filename}", data, headers=RAW, token=None), 401, "unauthorized")


def test_files_need_a_token_that_may_publish(registry, tokens, refused):
    filename, data = wheel("somewhere", "1.0")
    for name in ("read", "admin", "new"):
        refused(registry.post(f"/v1/check?filename={filename}", data, headers=RAW, token=tokens[name]), 403, "forbidden")
    refused(registry.post(f"/v1/check?filename={filename}", data, headers=RAW, token="plg_wrong"), 401, "unauthorized")


def test_what_cannot_be_read_is_a_problem(registry, refused):
    refused(registry.post("/v1/check", b"{", headers={"Content-Type": "application/json"}), 400, "malformed")
    refused(registry.post("/v1/check", b"{}", headers={"Content-Type": "text/plain"}), 415, "unsupported-media")
    refused(registry.post("/v1/check?filename=a-1.0-py3-none-any.whl", b"no zip", headers=RAW), 400, "malformed")
    refused(registry.post("/v1/check", b"x", headers=RAW), 400, "usage")
    refused(registry.post("/v1/check?filename=a-1.0.tar.gz", json.dumps(document("a"))), 400, "usage")


def test_a_file_over_the_limit(cluster, refused):
    with Daemon(arguments=["--database-url", cluster.create_database(), "--max-artifact", "2"]) as daemon:
        body = b"x" * (7 * 1024 * 1024)
        refused(daemon.post("/v1/check?filename=a-1.0.tar.gz", body, headers=RAW), 413, "too-large")
        refused(daemon.post("/v1/check", b" " * (1024 * 1024 + 1), headers={"Content-Type": "application/json"}), 413, "too-large")


def test_limits_are_looked_at_and_not_counted(cluster, refused):
    with Daemon(arguments=["--database-url", cluster.create_database(), "--publishes-per-minute", "4",
                           "--new-names-per-hour", "2", "--new-names-burst", "2"]) as daemon:
        for i in range(12):
            assert daemon.post("/v1/check", document(f"pace{i}")).json["valid"]
        for i in range(2):
            assert daemon.put(f"/v1/packages/pace{i}/releases/1.0", document(f"pace{i}")).status == 201
        refused(daemon.post("/v1/check", document("pace9")), 429, "too-many-requests")
        refused(daemon.put("/v1/packages/pace9/releases/1.0", document("pace9")), 429, "too-many-requests")
        assert daemon.post("/v1/check", document("pace0", "2.0")).json["valid"]
        for i in range(8):
            if daemon.put("/v1/packages/pace0/releases/1.0", document("pace0")).status == 429:
                break
        refused(daemon.post("/v1/check", document("pace0", "2.0")), 429, "too-many-requests")
