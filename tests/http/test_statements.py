# SPDX-License-Identifier: MIT
"""What the registry states about its packages, signed."""

import hashlib
import json

import pytest
from support.access import publish
from support.artifacts import sdist, wheel
from support.daemon import Daemon
from support.registryctl import registryctl


@pytest.fixture(scope="module")
def signing(cluster, tmp_path_factory):
    key = tmp_path_factory.mktemp("key") / "key"
    public = registryctl("snapshot", "key", "--format", "json", key).json["public_key"]
    with Daemon(arguments=["--database-url", cluster.create_database(), "--snapshot-key", str(key)]) as daemon:
        daemon.public_key = public
        yield daemon


def upload(daemon, file):
    answer = daemon.request("POST", f"/v1/artifacts?filename={file[0]}", file[1], token=daemon.publisher_token,
                            headers={"Content-Type": "application/octet-stream"})
    assert answer.status in (200, 201), answer.body
    return answer.json


def statement(daemon, path):
    answer = daemon.get(path)
    assert answer.status == 200 and answer.headers["Content-Type"] == "application/vnd.registryd.statement"
    line, seal, rest = answer.body.decode().split("\n")
    assert rest == ""
    return line, json.loads(line), json.loads(seal)


def verify(public, line, seal):
    from ctypes import CDLL, create_string_buffer  # libsodium judges, not our own code
    sodium = CDLL("libsodium.so.23")
    message = b"registryd statement 1".ljust(24, b"\0") + hashlib.sha256(line.encode()).digest()
    return sodium.crypto_sign_verify_detached(create_string_buffer(bytes.fromhex(seal["signature"])), message,
                                              len(message), bytes.fromhex(public)) == 0


def test_a_package(signing):
    files = [wheel("s1-crm", "1.0"), sdist("s1-crm", "1.0"), wheel("s1-crm", "2.0"), wheel("s1-crm", "3.0")]
    for file in files:
        upload(signing, file)
    publish(signing, signing.publisher_token, "s1-crm", "4.0")
    base = "/v1/packages/s1-crm/releases"
    signing.post(f"{base}/2.0/yank", {"reason": "broken"}, token=signing.admin_token)
    signing.put(f"{base}/3.0/status", {"status": "quarantined", "reason": "bad"}, token=signing.admin_token)
    signing.put("/v1/packages/s1-crm/status", {"status": "deprecated", "reason": "old"}, token=signing.admin_token)
    line, said, seal = statement(signing, "/v1/packages/S1.CRM/statement")
    assert seal["public_key"] == signing.public_key and verify(signing.public_key, line, seal)
    assert not verify(signing.public_key, line.replace("broken", "brokem"), seal)
    assert (said["package"], said["status"], said["status_reason"]) == ("s1-crm", "deprecated", "old")
    releases = {release["version"]: release for release in said["releases"]}
    assert list(releases) == ["1.0", "2.0", "4.0"]  # 3.0 is quarantined
    assert releases["2.0"]["yanked"] and releases["2.0"]["yanked_reason"] == "broken"
    told = {file["filename"]: file for file in releases["1.0"]["files"]}
    for name, data in files[:2]:
        assert told[name]["sha256"] == hashlib.sha256(data).hexdigest() and told[name]["size"] == len(data)
    assert releases["4.0"]["files"] == [] and releases["4.0"]["document"]["name"] == "s1-crm"
    assert releases["1.0"]["document"] is None
    signing.put("/v1/packages/s1-crm/status", {"status": "quarantined", "reason": "x"}, token=signing.admin_token)
    assert statement(signing, "/v1/packages/s1-crm/statement")[1]["releases"] == []


def test_the_index(signing):
    upload(signing, wheel("s2-crm", "1.0"))
    _, before, _ = statement(signing, "/v1/statement")
    upload(signing, wheel("s2-hr", "1.0"))
    line, said, seal = statement(signing, "/v1/statement")
    assert verify(signing.public_key, line, seal)
    serials = {item["package"]: item["serial"] for item in said["packages"]}
    old = {item["package"]: item["serial"] for item in before["packages"]}
    assert set(serials) - set(old) == {"s2-hr"} and serials["s2-crm"] == old["s2-crm"]
    assert serials["s2-hr"] == said["serial"] == statement(signing, "/v1/packages/s2-hr/statement")[1]["serial"]


def test_without_a_key(registry, refused):
    publish(registry, registry.publisher_token, "s3")
    assert statement(registry, "/v1/packages/s3/statement")[2] == {"public_key": None, "signature": None}
    refused(registry.get("/v1/packages/s3-absent/statement"), 404, "not-found")
    refused(registry.get("/v1/packages/-/statement"), 404, "not-found")
    tag = registry.get("/v1/statement").headers["ETag"]
    assert registry.get("/v1/statement", headers={"If-None-Match": tag}).status == 304
