# SPDX-License-Identifier: MIT
"""Fifty secrets in ten environments: their texts are nowhere but with who may have them. Then their key: rotated under load,
lost, another one."""

import json
import pathlib
import shutil
import subprocess
import threading

import pytest

from support.access import make_token
from support.registryctl import registryctl
from test_pages_changing import Visitor

PATCH = {"Content-Type": "application/merge-patch+json"}
GROUP, ENVIRONMENTS, SECRETS = "nowhere.g", [f"nowhere-{i}" for i in range(10)], ["a", "b", "c", "d", "e"]
SCHEMA = {"properties": {"secret": {"additionalProperties": {"type": "string", "writeOnly": True, "pattern": "^hide"}}, "n": {"type": "integer"}}}


def text_of(environment, key):
    return f"hidex{environment}x{key}x" + "q7" * 6


TEXTS = {text_of(environment, key) for environment in ENVIRONMENTS for key in SECRETS}


def settings_of(environment):
    return f"/v1/environments/{environment}/plugins/nowhere-pkg/settings"


def patch(registry, environment, body):
    return registry.request("PATCH", settings_of(environment), body, token=registry.admin_token, headers=PATCH)


@pytest.fixture(scope="module")
def hosts(registry):
    """Sets all secrets; the tokens of the hosts by environment."""
    registry.publish("nowhere-pkg", "1.0", {GROUP: {"x": "pkg:x"}})
    assert registry.request("PUT", f"/v1/groups/{GROUP}", {"settings_schema": SCHEMA}, token=registry.admin_token).status == 200
    for environment in ENVIRONMENTS:
        assert registry.request("PUT", f"/v1/environments/{environment}", {}, token=registry.admin_token).status == 201
        for key in SECRETS:
            assert patch(registry, environment, {"secret": {key: "hide-before"}, "n": 1}).status == 200
            assert patch(registry, environment, {"secret": {key: text_of(environment, key)}}).status == 200
        assert patch(registry, environment, {"secret": {"a": 5}}).status == 422
        assert patch(registry, environment, {"secret": {"wrong": "x" + text_of(environment, "a")}}).status == 422
    return {environment: make_token(registry, f"hosts-{environment}", [f"environment:secrets:{environment}"], grant=True)
            for environment in ENVIRONMENTS}


def found_in(body):
    body = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    return {text for text in TEXTS if text in body}


def wanted(environment):
    return {"secret": {key: text_of(environment, key) for key in SECRETS}, "n": 1}


def host_gets(registry, environment, token):
    answer = registry.get(f"/v1/resolve?group={GROUP}&environment={environment}", token=token)
    return answer.json["records"][0].get("settings") if answer.status == 200 else answer.json["code"]


def test_the_hosts_have_them(registry, hosts):
    for environment, token in hosts.items():
        assert host_gets(registry, environment, token) == wanted(environment)
        other = ENVIRONMENTS[(ENVIRONMENTS.index(environment) + 1) % 10]
        assert "secret" not in (host_gets(registry, other, token) or {})


def test_no_answer_and_no_page_has_them(registry, hosts):
    person = Visitor(registry, registry.admin_token)
    for environment in ENVIRONMENTS:
        place = f"/v1/environments/{environment}"
        for path in (place, f"{place}?revision=3", f"{place}/history", f"{place}/diff", f"{place}/diff?from=1", f"{place}/export",
                     f"{place}/export?format=requirements", f"{place}/export?format=pylock", settings_of(environment),
                     f"{place}/plugins/nowhere-pkg", f"/v1/resolve?group={GROUP}&environment={environment}",
                     f"/v1/snapshot?environment={environment}", f"/v1/requirements?group={GROUP}&environment={environment}",
                     f"/v1/outdated?group={GROUP}&environment={environment}"):
            answer = registry.get(path, token=registry.admin_token)
            assert answer.status == 200, (path, answer.body)
            assert not found_in(answer.body), path
        for path in (f"/environments/{environment}", f"/environments/{environment}/diff", "/activity", "/packages/nowhere-pkg"):
            answer = person.get(path)
            assert answer.status == 200 and not found_in(answer.body), path
        snapshot = registry.get(f"/v1/snapshot?environment={environment}", token=hosts[environment])
        assert not found_in(snapshot.body)
    for path in ("/v1/audit?limit=1000", "/v1/changes?since=0&limit=1000", "/metrics", "/v1/problems", f"/v1/groups/{GROUP}"):
        assert not found_in(registry.get(path, token=registry.admin_token).body), path


def test_no_dump_and_no_log_has_them(registry, cluster, hosts):
    dump = subprocess.run(cluster.command("pg_dump", "--dbname", registry.conninfo), capture_output=True, check=True).stdout
    assert b"environment_secrets" in dump and b"nowhere-9" in dump
    assert not found_in(dump)
    assert not found_in(registry.log())
    assert not found_in(cluster.log.read_bytes())
    for text in list(TEXTS)[:3]:
        assert text.encode().hex().encode() not in dump
    file = registry.data_dir / "secrets.key"
    assert file.stat().st_mode & 0o777 == 0o600 and file.read_text().startswith("# Keys of registryd's secrets")


def test_the_command_line_and_the_snapshot_file(registry, hosts, tmp_path):
    where = {"REGISTRYD_URL": registry.url, "REGISTRYD_TOKEN": registry.admin_token}
    for words in (("show", "nowhere-0"), ("settings", "nowhere-0", "nowhere-pkg"), ("diff", "nowhere-0"), ("history", "nowhere-0")):
        done = registryctl("environment", *words, "--format", "json", **where)
        assert done.code in (0, 1) and not found_in(done.out + done.err)
    host = {"REGISTRYD_URL": registry.url, "REGISTRYD_TOKEN": hosts["nowhere-0"], "REGISTRYD_ENVIRONMENT": "nowhere-0"}
    file = tmp_path / "host.snapshot"
    assert registryctl("snapshot", "pull", "--secrets", "--format", "json", **host).code == 2
    assert registryctl("snapshot", "pull", file, "--format", "json", **host).code == 0
    assert not found_in(file.read_bytes())
    assert registryctl("snapshot", "pull", file, "--secrets", "--format", "json", **host).code == 0
    assert len(found_in(file.read_bytes())) == 5 and file.stat().st_mode & 0o777 == 0o600
    shown = registryctl("snapshot", "show", file, GROUP, "--format", "json", **host)
    assert shown.json[0]["settings"] == wanted("nowhere-0")
    refused = registryctl("snapshot", "pull", tmp_path / "x", "--secrets", "--format", "json", **{**host, "REGISTRYD_TOKEN": registry.admin_token})
    assert refused.code != 0 and "environment:secrets" in refused.err and not (tmp_path / "x").exists()


def test_rotation_under_load_loses_none(registry, hosts):
    before = (registry.data_dir / "secrets.key").read_text()
    stop, faults, written = threading.Event(), [], {environment: 1 for environment in ENVIRONMENTS}

    def write(environment):
        number = 1
        while not stop.is_set():
            number += 1
            answer = patch(registry, environment, {"secret": {"load": f"hide{environment}-{number}"}})
            if answer.status != 200:
                faults.append((answer.status, answer.body))
            else:
                written[environment] = number

    def read(environment):
        while not stop.is_set():
            got = host_gets(registry, environment, hosts[environment])
            if not isinstance(got, dict) or got["secret"]["a"] != text_of(environment, "a"):
                faults.append(got)

    threads = [threading.Thread(target=write, args=(one,)) for one in ENVIRONMENTS[:3]]
    threads += [threading.Thread(target=read, args=(one,)) for one in ENVIRONMENTS[3:6]]
    for thread in threads:
        thread.start()
    for _ in range(3):
        done = registryctl("secrets", "rotate", "--format", "json", REGISTRYD_URL=registry.url, REGISTRYD_TOKEN=registry.admin_token)
        assert done.code == 0 and done.json["sealed"] >= 50 and done.json["lost"] == 0, done.err
    stop.set()
    for thread in threads:
        thread.join()
    assert not faults, faults[:3]
    for environment in ENVIRONMENTS:
        got = host_gets(registry, environment, hosts[environment])
        load = got["secret"].pop("load", None)
        assert got == wanted(environment)
        assert load is None or int(load.split("-")[-1]) >= written[environment]
    after = (registry.data_dir / "secrets.key").read_text()
    assert after != before and len(after.splitlines()) == 2  # the old keys are gone
    assert registry.sql("SELECT count(DISTINCT key_id) FROM environment_secrets") == [["1"]]
    events = registry.get("/v1/audit?limit=1000", token=registry.admin_token).json["events"]
    assert [e["action"] for e in events].count("secrets-key") == 4


@pytest.fixture
def key_file(registry):
    """The daemon's file, put back at the end. The daemon starts anew, so it knows no key."""
    path = registry.data_dir / "secrets.key"
    kept = path.read_bytes()
    yield path
    path.unlink(missing_ok=True)
    path.write_bytes(kept)
    path.chmod(0o600)
    shutil.chown(path, path.parent.owner(), path.parent.group())


@pytest.mark.parametrize("lost", ["no file", "another key", "no key", "readable for others"])
def test_without_the_key_there_is_one_clear_error(registry, hosts, refused, key_file, lost):
    registry.stop()
    if lost == "no file":
        key_file.unlink()
    elif lost == "another key":
        key_file.write_text("ab" * 32 + "\n")
    elif lost == "no key":
        key_file.write_text("something else\n")
    else:
        key_file.chmod(0o644)
    registry.start()
    problem = refused(registry.get(f"/v1/resolve?group={GROUP}&environment=nowhere-1", token=hosts["nowhere-1"]), 503, "unavailable")
    assert str(key_file) in problem["detail"] and "everything else works" in problem["detail"]
    refused(patch(registry, "nowhere-1", {"secret": {"a": "hide-new"}}), 503, "unavailable")
    # what needs no secret goes on
    assert patch(registry, "nowhere-1", {"n": 2}).status == 200
    assert patch(registry, "nowhere-1", {"n": 1}).status == 200
    assert host_gets(registry, "nowhere-1", registry.admin_token) == {"n": 1, "secret": {}}
    assert registry.get(settings_of("nowhere-1"), token=registry.admin_token).json["secrets"].keys() >= {"/secret/a"}
    done = registryctl("secrets", "rotate", "--format", "json", REGISTRYD_URL=registry.url, REGISTRYD_TOKEN=registry.admin_token)
    assert done.code != 0 and str(key_file) in done.err
    if lost == "no file":
        assert not key_file.exists()  # a new key would hide the loss


def test_the_right_file_put_back_works_at_once(registry, hosts, key_file):
    kept = key_file.read_bytes()
    registry.stop()
    key_file.rename(key_file.with_suffix(".away"))
    registry.start()
    assert host_gets(registry, "nowhere-2", hosts["nowhere-2"]) == "unavailable"
    key_file.with_suffix(".away").rename(key_file)
    assert key_file.read_bytes() == kept
    got = host_gets(registry, "nowhere-2", hosts["nowhere-2"])
    got["secret"].pop("load", None)
    assert got == wanted("nowhere-2")


def test_a_value_of_another_place_does_not_open(registry, hosts, refused):
    registry.sql("UPDATE environment_secrets a SET sealed = b.sealed FROM environment_secrets b WHERE a.environment = 'nowhere-7' "
                 "AND a.pointer = '/secret/a' AND b.environment = 'nowhere-8' AND b.pointer = '/secret/a'")
    problem = refused(registry.get(f"/v1/resolve?group={GROUP}&environment=nowhere-7", token=hosts["nowhere-7"]), 503, "unavailable")
    assert "altered" in problem["detail"]
    assert patch(registry, "nowhere-7", {"secret": {"a": text_of("nowhere-7", "a")}}).status == 200
    assert host_gets(registry, "nowhere-7", hosts["nowhere-7"]) == wanted("nowhere-7")


def test_a_lost_key_can_be_given_up(registry, hosts, key_file):
    kept = registry.sql("SELECT count(*) FROM environment_secrets")
    registry.stop()
    key_file.unlink()
    registry.start()
    done = registryctl("secrets", "rotate", "--forget-lost", "--format", "json", REGISTRYD_URL=registry.url, REGISTRYD_TOKEN=registry.admin_token)
    assert done.code == 0 and [[str(done.json["removed"])]] == kept, done.err
    assert patch(registry, "nowhere-1", {"secret": {"a": "hide-new"}}).status == 200
    assert host_gets(registry, "nowhere-1", hosts["nowhere-1"])["secret"]["a"] == "hide-new"
    assert json.loads(json.dumps(host_gets(registry, "nowhere-2", hosts["nowhere-2"])))["n"] == 1
    assert pathlib.Path(key_file).stat().st_mode & 0o777 == 0o600
