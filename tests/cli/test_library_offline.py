# SPDX-License-Identifier: MIT
"""The library's look-ups without a registry: what is kept is mapped at the start and answers; a refresh asks
once, and what another process keeps fresh is taken up without asking anybody."""

import json
import os
import re
import select
import subprocess

import pytest
from support.fake_registry import FakeRegistry
from support.registryctl import BUILD_DIR, NOWHERE, SOURCE_DIR, environment, registryctl
from support.snapshot_file import EPOCH, MEDIA_TYPE, key_pair, snapshot


def record(name="crm", version="1.0", **more):
    return {"name": name, "value": "crm:plugin", "package": "crm", "version": version, "source": "registry",
            "origin": "/o", **more}


def file(serial=5, version="1.0", **more):
    warning = json.dumps({"errors": [], "warnings": [{"code": "deprecated", "message": "Old"}]})
    return snapshot({"a.plugins": [record(version=version, settings='{"a":1}', findings=warning)],
                     "b.plugins": [record("x"), record("y")]}, serial=serial, made_at=1000, **more)


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    cache = (BUILD_DIR / "CMakeCache.txt").read_text()
    found = re.search(r"^REGISTRYD_SANITIZE:\w+=(.+)$", cache, re.M)
    path = tmp_path_factory.mktemp("program") / "offline"
    subprocess.run(["gcc", "-Wall", "-Wextra", "-Werror", *([f"-fsanitize={found.group(1)}"] if found else []),
                    f"-I{SOURCE_DIR / 'client' / 'include'}", SOURCE_DIR / "tests/data/client/offline.c", "-o", path,
                    f"-L{BUILD_DIR / 'lib'}", "-lregistryclient", f"-Wl,-rpath,{BUILD_DIR / 'lib'}"], check=True)
    return path


class Host:
    def __init__(self, program, url, folder, *arguments, **settings):
        self.process = subprocess.Popen([program, url, folder, *arguments], env=environment(**settings), text=True,
                                        bufsize=1, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, command, lines=1):
        self.process.stdin.write(command + "\n")
        return [self.line() for _ in range(lines)]

    def line(self):
        found = b""
        while not found.endswith(b"\n"):
            assert select.select([self.process.stdout], [], [], 60)[0], f"nothing after {found}"
            found += os.read(self.process.stdout.fileno(), 1)
        return found.decode().rstrip("\n")

    def end(self):
        out, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0
        return out


@pytest.fixture
def start(program):
    hosts = []

    def begin(*arguments, **settings):
        hosts.append(Host(program, *map(str, arguments), **settings))
        return hosts[-1]

    yield begin
    for host in hosts:
        if host.process.poll() is None:
            assert host.end() == ""


@pytest.fixture
def registry():
    with FakeRegistry() as running:
        running.answer("GET", "/v1/snapshot", file(), headers={"Content-Type": MEDIA_TYPE})
        yield running


def test_a_host_starts_with_nothing_and_refreshes(start, registry, tmp_path):
    host = start(registry.url, tmp_path / "cache")
    assert host.ask("find a.plugins")[0].startswith("find: not-found: No snapshot is open: ")
    state, path = host.ask("state", 2)
    assert state.startswith("state: none: ") and re.fullmatch(rf"path: {tmp_path}/cache/[0-9a-f]{{32}}\.snapshot", path)
    assert host.ask("offline")[0].startswith("refresh: not-found: ")
    assert host.ask("refresh 0") == ["refresh: changed"]
    line, told = host.ask("find a.plugins", 2)
    assert line == 'a.plugins crm = crm:plugin 1.0 {"a":1} 1'
    (found,) = json.loads(told.removeprefix("json "))
    assert found["settings"] == {"a": 1} and found["warnings"][0]["code"] == "deprecated"
    assert host.ask("state", 2) == [f"state: serial 5 of {EPOCH}, default, environment=default, 2 groups, signed 0, "
                                    "made 1000, age young", path]
    assert host.ask("refresh 0") == ["refresh: same"]


def test_the_next_start_needs_nobody(start, registry, tmp_path):
    start(registry.url, tmp_path / "cache").ask("refresh 0")
    asked = len(registry.requests)
    host = start(registry.url, tmp_path / "cache")
    assert host.ask("find b.plugins", 3)[:2] == ["b.plugins x = crm:plugin 1.0 - 0", "b.plugins y = crm:plugin 1.0 - 0"]
    assert [line.split()[0] for line in host.ask("all", 4)] == ["a.plugins", "b.plugins", "b.plugins", "json"]
    assert host.ask("find none") == ["json []"]
    assert len(registry.requests) == asked


def test_what_another_process_pulls_is_taken_up(start, registry, tmp_path):
    host = start(registry.url, tmp_path / "cache")
    host.ask("refresh 0")
    registry.replies.clear()
    registry.answer("GET", "/v1/snapshot", file(6, "2.0"), headers={"Content-Type": MEDIA_TYPE})
    assert registryctl("snapshot", "pull", REGISTRYD_URL=registry.url, REGISTRYD_CACHE_DIR=str(tmp_path / "cache")).code == 0
    assert host.ask("find a.plugins", 2)[0].split()[4] == "1.0"
    assert host.ask("offline") == ["refresh: changed"] and host.ask("offline") == ["refresh: same"]
    assert host.ask("find a.plugins", 2)[0].split()[4] == "2.0"


@pytest.mark.parametrize("spoil, code", [
    (lambda registry: registry.answer("GET", "/v1/snapshot", file(4), headers={"Content-Type": MEDIA_TYPE}), "conflict"),
    (lambda registry: registry.answer("GET", "/v1/snapshot", file(6)[:-1], headers={"Content-Type": MEDIA_TYPE}), "malformed"),
    (lambda registry: registry.answer("GET", "/v1/snapshot", file(6), delay_seconds=30), "timeout"),
    (lambda registry: registry.problem("GET", "/v1/snapshot", 503, "unavailable", "Away"), "unavailable"),
])
def test_a_refresh_that_fails_leaves_what_there_was(start, registry, tmp_path, spoil, code):
    host = start(registry.url, tmp_path / "cache")
    host.ask("refresh 0")
    registry.replies.clear()
    spoil(registry)
    assert host.ask("refresh 500")[0].startswith(f"refresh: {code}: ")
    assert host.ask("find a.plugins", 2)[0].split()[4] == "1.0"
    next((tmp_path / "cache").glob("*.snapshot")).unlink()
    assert host.ask("offline")[0].startswith("refresh: not-found")
    assert host.ask("find b.plugins", 3)[0].split()[1] == "x"  # also what was not read yet


def test_named_groups_are_a_snapshot_of_their_own(start, registry, tmp_path):
    registry.replies.clear()
    question = "environment=default&group=a.plugins&have=honeyframe%3D%3D4.2&python=3.11"
    registry.answer("GET", "/v1/snapshot", file(question=question), headers={"Content-Type": MEDIA_TYPE})
    host = start(registry.url, tmp_path / "cache", "a.plugins", "facts")
    assert host.ask("refresh 0") == ["refresh: changed"]
    assert registry.requests[0].query == {"environment": ["default"], "group": ["a.plugins"], "python": ["3.11"],
                                          "have": ["honeyframe==4.2"]}
    assert len(host.ask("find a.plugins", 2)) == 2
    assert host.ask("find c.plugins")[0].startswith("find: not-found: The snapshot does not cover this group")


def test_a_file_may_be_named_instead(start, registry, tmp_path):
    path = tmp_path / "frozen.snapshot"
    path.write_bytes(file(9, environment="other", question="walk /opt"))
    host = start(NOWHERE, tmp_path / "cache", REGISTRYD_SNAPSHOT=str(path))
    assert host.ask("find a.plugins", 2)[0].startswith("a.plugins crm")
    assert host.ask("refresh 0") == ["refresh: same"]  # nobody is asked
    path.rename(tmp_path / "aside")
    path.write_bytes(b"garbage")
    assert host.ask("refresh 0")[0].startswith("refresh: malformed")
    assert len(host.ask("find b.plugins", 3)) == 3


def test_with_a_key_only_what_it_signed_is_used(start, registry, tmp_path):
    public, sign = key_pair()
    host = start(registry.url, tmp_path / "cache", REGISTRYD_SNAPSHOT_KEY=public)
    assert host.ask("refresh 0")[0].startswith("refresh: forbidden: ")
    registry.replies.clear()
    registry.answer("GET", "/v1/snapshot", file(sign=sign), headers={"Content-Type": MEDIA_TYPE})
    assert host.ask("refresh 0") == ["refresh: changed"] and "signed 1" in host.ask("state", 2)[0]
    wrong = Host(host.process.args[0], registry.url, str(tmp_path / "cache"), REGISTRYD_SNAPSHOT_KEY="x")
    assert wrong.process.communicate(timeout=60)[0].startswith("open: usage: A snapshot key is")


def test_no_home_is_no_failure(start, registry):
    host = start(registry.url, "", HOME="", XDG_CACHE_HOME="")
    assert host.ask("state", 2)[1] == "path: -"
    assert host.ask("refresh 0")[0].startswith("refresh: not-found: There is no folder for snapshots")
