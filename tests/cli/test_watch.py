# SPDX-License-Identifier: MIT
"""registryctl watch: told of changes, it keeps the snapshot fresh; a registry that comes and goes does not
stop it, and a signal does, at once and cleanly."""

import json
import re
import select
import signal
import subprocess
import time

import pytest
from support.fake_registry import FakeRegistry
from support.registryctl import PROGRAM, environment, registryctl
from support.snapshot_file import EPOCH, MEDIA_TYPE, Snapshot, snapshot

SECONDS = 30  # for anything to happen, on a machine with little time


def file(serial):
    record = {"name": "crm", "value": "crm:plugin", "package": "crm", "version": f"{serial}.0", "source": "registry"}
    return snapshot({"app.plugins": [record]}, serial=serial)


def change(serial, **more):
    return {"serial": serial, "kind": "publish", "package": "crm", "version": f"{serial}.0",
            "at": "2026-01-02T03:04:05Z", "groups": ["app.plugins", "other"], **more}


class Watch:
    def __init__(self, folder, url, *arguments):
        self.process = subprocess.Popen(
            [PROGRAM, "--format", "json", "watch", *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=1,
            env=environment(REGISTRYD_URL=url, REGISTRYD_CACHE_DIR=str(folder)))

    def line(self, stream=None):
        stream = stream or self.process.stdout
        assert select.select([stream], [], [], SECONDS)[0], "nothing was told"
        return stream.readline()

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, out, err


@pytest.fixture
def registry():
    """Answers serial 5, then 6 with a change, and holds the poll after that."""
    with FakeRegistry() as running:
        for serial in (5, 6):
            running.answer("GET", "/v1/snapshot", file(serial),
                           headers={"Content-Type": MEDIA_TYPE, "X-Registry-Serial": str(serial)})
        running.answer("GET", "/v1/changes", {"changes": [change(6)], "serial": 6, "epoch": EPOCH})
        running.answer("GET", "/v1/changes", {"changes": [], "serial": 6, "epoch": EPOCH}, delay_seconds=SECONDS)
        yield running


@pytest.fixture
def watching(tmp_path, registry):
    started = []

    def start(*arguments, url=None):
        started.append(Watch(tmp_path / "cache", url or registry.url, *arguments))
        return started[-1]

    yield start
    for watch in started:
        watch.process.kill()
        watch.process.communicate()


def kept(tmp_path):
    (path,) = (tmp_path / "cache").glob("*.snapshot")
    return Snapshot(path.read_bytes())


def test_it_tells_changes_and_keeps_the_newest(watching, registry, tmp_path):
    watch = watching("--format", "json")
    (first, second, third) = (json.loads(watch.line()) for _ in range(3))
    path = first["file"]
    assert first == {"event": "snapshot", "file": path, "serial": 5, "epoch": EPOCH, "epoch_number": 0, "records": 1}
    assert second == {"event": "change", "serial": 6, "kind": "publish", "package": "crm", "version": "6.0",
                      "at": "2026-01-02T03:04:05Z", "groups": "app.plugins, other"}
    assert third["event"] == "snapshot" and third["serial"] == 6 and kept(tmp_path).serial == 6
    assert watch.stop()[:2] == (0, "")
    asked = [request for request in registry.requests if request.path == "/v1/changes"]
    assert asked[0].query["since"] == ["5"] and asked[0].query["wait"] == ["30"]
    pulls = [request for request in registry.requests if request.path == "/v1/snapshot"]
    assert pulls[1].query["min_serial"] == ["6"] and pulls[1].headers["If-None-Match"]


def test_for_people_it_is_a_line_each(watching):
    watch = watching("--format", "table")
    assert re.fullmatch(r"snapshot  serial 5  1 record  \S+\.snapshot\n", watch.line())
    assert watch.line() == "2026-01-02T03:04:05Z  serial 6  publish crm 6.0 app.plugins, other\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_soon_and_cleanly(watching, number):
    watch = watching()
    for _ in range(3):
        watch.line()
    start = time.monotonic()  # it is in the middle of a long poll now
    code, _, err = watch.stop(number)
    assert code == 0 and err == "" and time.monotonic() - start < 10


def test_once_is_one_round(registry, tmp_path):
    settings = {"REGISTRYD_URL": registry.url, "REGISTRYD_CACHE_DIR": str(tmp_path / "cache")}
    done = registryctl("watch", "--once", **settings)
    assert done.code == 0 and json.loads(done.out)["serial"] == 5
    registry.replies[("GET", "/v1/snapshot")][:] = []
    registry.answer("GET", "/v1/snapshot", b"", status=304)
    again = registryctl("watch", "--once", **settings)
    assert (again.code, again.out, again.err) == (0, "", "")
    registry.replies.clear()
    registry.problem("GET", "/v1/snapshot", 503, "unavailable", "The store is away")
    assert registryctl("watch", "--once", **settings).code == 4


def test_a_registry_that_comes_back_is_heard(watching, registry, tmp_path):
    good = dict(registry.replies)
    registry.replies.clear()
    registry.problem("GET", "/v1/snapshot", 503, "unavailable", "The store is away")
    watch = watching()
    told = [watch.line(watch.process.stderr) for _ in range(2)]
    assert all(re.search(r"The store is away \(retrying in \d+\.\d s\)$", line.strip()) for line in told)
    registry.replies.clear()
    registry.replies.update(good)
    assert json.loads(watch.line())["serial"] == 5 and kept(tmp_path).serial >= 5


def test_another_history_is_taken_up(watching, registry):
    other = "22222222-2222-2222-2222-222222222222"
    registry.replies[("GET", "/v1/changes")][0].body = json.dumps(
        {"changes": [change(1)], "serial": 1, "epoch": other}).encode()
    watch = watching()
    assert json.loads(watch.line())["serial"] == 5
    assert json.loads(watch.line())["event"] == "snapshot"  # the changes of before are not told again
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        since = [r.query["since"] for r in registry.requests if r.path == "/v1/changes"]
        if len(since) > 1:
            break
        time.sleep(0.05)
    assert since[:2] == [["5"], ["1"]]


def test_nobody_is_asked_without_a_pause(watching, registry):
    """An empty answer that comes at once, as from a registry that is about to stop."""
    registry.replies[("GET", "/v1/changes")][:] = []
    registry.answer("GET", "/v1/changes", {"changes": [], "serial": 6, "epoch": EPOCH})
    watch = watching()
    watch.line()
    time.sleep(2)
    assert len([r for r in registry.requests if r.path == "/v1/changes"]) <= 4


def test_a_command_is_run_after_each_replacement(watching, tmp_path):
    seen = tmp_path / "seen"
    watch = watching("--exec", f'echo "$REGISTRYD_SNAPSHOT" >> {seen}; exit 3')
    path = json.loads(watch.line())["file"]
    assert watch.line(watch.process.stderr) == "registryctl: The --exec command failed with exit code 3\n"
    for _ in range(2):
        watch.line()
    watch.line(watch.process.stderr)
    assert seen.read_text() == f"{path}\n{path}\n"


@pytest.mark.parametrize("arguments, words", [
    (("--snapshot-key", "x"), "64 hexadecimal"), (("--have", "x"), "NAME==VERSION"), (("a", "b"), "Unexpected argument")])
def test_what_cannot_be_right_is_said_at_once(arguments, words):
    done = registryctl("watch", *arguments)
    assert done.code == 2 and words in done.err
