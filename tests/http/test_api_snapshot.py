# SPDX-License-Identifier: MIT
"""The snapshot of a registry over HTTP: the records of the resolution in a file, the same tag for the same
answer, all groups when none is named, signed when there is a key."""

import concurrent.futures
import json
import os
import subprocess
import time

import pytest

from support.daemon import BUILD_DIR, Daemon
from support.postgres import Cluster
from support.registry import Registry
from support.snapshot_file import MEDIA_TYPE, Snapshot, key_pair


def snapshot(registry, query="", token=None, **headers):
    answer = registry.get(f"/v1/snapshot?{query}", token=token, headers=headers)
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    return answer, Snapshot(answer.body)


def as_resolved(records):
    """Records of a file as /v1/resolve tells them."""
    found = []
    for group, items in records.items():
        for item in items:
            findings = json.loads(item.pop("findings") or "{}")
            settings, state = item.pop("settings"), item.pop("state")
            manifest = json.loads(item.pop("manifest") or "null")
            found.append({"group": group, **item, "manifest": manifest,
                          "warnings": findings.get("warnings", []), "errors": findings.get("errors", []),
                          **({"settings": json.loads(settings)} if settings else {}),
                          **({"state": state} if state else {})})
    return found


@pytest.fixture(scope="module")
def filled(registry):
    registry.publish("snap-crm", "1.0", {"snap.one": {"crm": "crm:p"}, "snap.two": {"x": "crm:x"}},
                     manifests={"snap.one": {"crm": {"title": "\u00e9"}}})
    registry.publish("snap-old", "1.0", {"snap.one": {"old": "old:p"}})
    registry.publish("snap-old", "2.0", {"snap.two": {"old": "old:p"}})
    registry.publish("snap-new", "3.0", {"snap.one": {"new": "new:p"}}, requires_python=">=3.12")
    return registry


@pytest.mark.parametrize("query", ["group=snap.one", "group=snap.two&group=snap.one", "group=snap.none",
                                   "group=snap.one&python=3.11.2", "group=snap.one&prereleases=1"])
def test_it_holds_the_resolution(filled, query):
    _, file = snapshot(filled, query)
    assert as_resolved(file.records) == filled.resolve(query)["records"]


def test_it_says_what_it_answers(filled):
    answer, file = snapshot(filled, "python=3.11&group=snap.two&group=snap.one&environment=default&min_serial=1")
    assert file.question == "environment=default&group=snap.one&group=snap.two&python=3.11"
    assert (file.environment, file.version, file.flags) == ("default", 3, 0)
    assert (file.epoch, str(file.serial)) == (answer.headers["X-Registry-Epoch"], answer.headers["X-Registry-Serial"])
    assert abs(file.made_at - time.time()) < 600
    assert file.receipt == b""


def test_without_a_group_it_holds_all_of_them(filled):
    groups = [group["name"] for group in filled.get("/v1/groups?limit=1000").json["groups"]]
    _, file = snapshot(filled)
    assert set(groups) == {"snap.one", "snap.two"} == set(file.records)
    name = filled.new_name("snap-more")
    filled.publish(name, "1.0", {"snap.three": {"x": "x:y"}})
    _, later = snapshot(filled)
    assert set(later.records) == {"snap.one", "snap.two", "snap.three"} and later.serial > file.serial


def test_the_same_answer_has_the_same_tag(filled):
    answer, file = snapshot(filled, "group=snap.one")
    tag = answer.headers["ETag"]
    assert filled.get("/v1/snapshot?group=snap.one", headers={"If-None-Match": tag}).status == 304
    filled.publish(filled.new_name("snap-else"), "1.0", {"snap.elsewhere": {"x": "x:y"}})
    again = filled.get("/v1/snapshot?group=snap.one", headers={"If-None-Match": tag})
    assert again.status == 304 and int(again.headers["X-Registry-Serial"]) > file.serial
    filled.publish(filled.new_name("snap-here"), "1.0", {"snap.one": {"x": "x:y"}})
    changed, _ = snapshot(filled, "group=snap.one", **{"If-None-Match": tag})
    assert changed.headers["ETag"] != tag


def test_another_daemon_gives_the_same_tag(filled):
    tags = [snapshot(filled)[0].headers["ETag"]]
    with Daemon(arguments=["--database-url", filled.conninfo]) as other:
        time.sleep(1.1)  # another second of made-at
        tags.append(snapshot(other)[0].headers["ETag"])
    assert tags[0] == tags[1]


@pytest.mark.parametrize("query, status, code", [
    ("group=snap.one&explain=1", 400, "usage"), ("limit=5", 400, "usage"), ("cursor=x", 400, "usage"),
    ("grop=snap.one", 400, "usage"), ("group=a%20b%5D%20=", 422, "invalid"), ("environment=nix", 404, "not-found"),
    ("python=x", 422, "invalid"),
])
def test_what_is_refused(filled, refused, query, status, code):
    refused(filled.get(f"/v1/snapshot?{query}"), status, code)


def test_while_the_database_is_away_it_goes_on(cluster):
    with Registry(cluster) as registry:
        registry.publish("crm", "1.0", {"app.plugins": {"crm": "crm:p"}})
        before, _ = snapshot(registry)
        registry.cluster.stop("immediate")
        try:
            after, file = snapshot(registry)
            assert after.body == before.body and set(file.records) == {"app.plugins"}
        finally:
            registry.cluster.start()


def test_an_environment_has_a_snapshot_of_its_own(filled):
    name = filled.new_name("snap-env")
    filled.publish(name, "1.0", {"snap.env": {"old": "x:y"}})
    filled.publish(name, "2.0", {"snap.env": {"new": "x:y"}}, requires_python=">=3.12")
    document = {"facts": {"python": "3.11.2"}, "plugins": {name: {"settings": {"colour": "blue", "n": 1}}}}
    assert filled.put("/v1/environments/snap-prod", document).status in (200, 201)
    token = filled.admin_token
    answer, file = snapshot(filled, "environment=snap-prod&group=snap.env", token)
    assert file.environment == "snap-prod" and file.question == "environment=snap-prod&group=snap.env"
    assert [(r["name"], r["version"], json.loads(r["settings"])) for r in file.records["snap.env"]] == [
        ("old", "1.0", {"colour": "blue", "n": 1})]
    assert as_resolved(file.records) == filled.resolve("environment=snap-prod&group=snap.env", token)["records"]
    other, plain = snapshot(filled, "group=snap.env")
    assert [(r["name"], r["settings"]) for r in plain.records["snap.env"]] == [("new", None)]
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert filled.get("/v1/snapshot?environment=snap-prod&group=snap.env", token=token, headers=tag).status == 304
    document["plugins"][name]["enabled"] = False
    assert filled.put("/v1/environments/snap-prod", document).status in (200, 201)
    _, later = snapshot(filled, "environment=snap-prod&group=snap.env", **tag)
    assert later.records == {} and later.serial > file.serial
    assert snapshot(filled, "group=snap.env")[0].headers["ETag"] == other.headers["ETag"]


def test_many_hosts_at_once_get_the_same_bytes(filled):
    """Whoever asks while it is made gets what was made: one made-at for all."""
    filled.publish(filled.new_name("snap-many"), "1.0", {"snap.many": {"x": "x:y"}})
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        bodies = set(pool.map(lambda _: snapshot(filled, "python=3.11.7")[0].body, range(32)))
    assert len(bodies) == 1


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    path = tmp_path_factory.mktemp("key") / "snapshot.key"
    made = subprocess.run([BUILD_DIR / "bin" / "registryctl", "--format", "json", "snapshot", "key", path], check=True,
                          capture_output=True, text=True)
    return path, json.loads(made.stdout)["public_key"]


def test_a_key_signs(cluster, key):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    path, public = key
    with Daemon(arguments=["--database-url", cluster.create_database(), "--snapshot-key", str(path)]) as signing:
        answer, file = snapshot(signing)
        assert file.flags == 1 and file.public_key.hex() == public
        Ed25519PublicKey.from_public_bytes(file.public_key).verify(file.signature, file.signed)
        assert public in signing.log()


@pytest.mark.parametrize("spoil, words", [
    (lambda path: path.chmod(0o640), "chmod 600"), (lambda path: path.write_text("x" * 64), "not a snapshot key"),
    (lambda path: path.write_text(""), "not a snapshot key"), (lambda path: path.unlink(), "cannot be read")])
def test_a_bad_key_is_told_at_the_start(tmp_path, spoil, words):
    path = tmp_path / "key"
    path.write_text("00" * 32 + "\n")
    path.chmod(0o600)
    spoil(path)
    done = subprocess.run([BUILD_DIR / "bin" / "registryd", "--data-dir", tmp_path / "data", "--listen",
                           "127.0.0.1:0", "--snapshot-key", path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and words in done.stderr and str(path) in done.stderr


@pytest.mark.parametrize("version", [2, 3])
def test_a_file_written_from_the_page_is_read(tmp_path, version):
    """The two writers and the two readers agree."""
    from support.snapshot_file import snapshot as write

    public, sign = key_pair()
    record = {"name": "crm", "value": "crm:p", "package": "crm", "version": "1.0", "source": "registry",
              "origin": "/v1/packages/crm/releases/1.0", "settings": '{"a":1}'}
    path = tmp_path / "own.snapshot"
    path.write_bytes(write({"b": [record], "a": [record, {**record, "name": "x"}]}, sign=sign, version=version))
    environment = {**os.environ, "REGISTRYD_SNAPSHOT_KEY": public}
    done = subprocess.run([BUILD_DIR / "bin" / "registryctl", "--format", "json", "snapshot", "verify", path], env=environment,
                          capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["records"] == 3 and told["public_key"] == public and told["signature_checked"]
    shown = subprocess.run([BUILD_DIR / "bin" / "registryctl", "--format", "json", "snapshot", "show", path, "b"], env=environment,
                           capture_output=True, text=True, check=True)
    assert json.loads(shown.stdout)[0]["settings"] == {"a": 1}
