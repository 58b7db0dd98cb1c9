# SPDX-License-Identifier: MIT
"""registryctl sync --watch: the directory follows the environment; what fails is reported and retried, the directory is
unlocked between rounds, and a signal ends it at once."""

import json
import os
import select
import signal
import subprocess
import time

import pytest
from support.registryctl import PROGRAM, environment, registryctl
from support.sync_host import GROUP, SyncHost, plugin

SECONDS = 30  # for anything to happen, on a machine with little time


@pytest.fixture
def host(daemon, tmp_path, request):
    return SyncHost(daemon, tmp_path, "watched-" + str(abs(hash(request.node.name)) % 10**9))


class Watch:
    def __init__(self, host, *arguments, group=GROUP):
        command = [PROGRAM, "sync", group, "--into", host.into, "--watch", *arguments]
        self.process = subprocess.Popen([str(word) for word in command], env=environment(**host.settings), 
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.read = {self.process.stdout: b"", self.process.stderr: b""}

    def line(self, stream=None):
        stream = stream or self.process.stdout
        while b"\n" not in self.read[stream]:
            assert select.select([stream], [], [], SECONDS)[0], "nothing was printed"
            piece = os.read(stream.fileno(), 65536)
            assert piece, "it ended"
            self.read[stream] += piece
        line, _, self.read[stream] = self.read[stream].partition(b"\n")
        return line.decode()

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, out.decode(), err.decode()


@pytest.fixture
def watching(host):
    started = []

    def start(*arguments, **options):
        started.append(Watch(host, *arguments, **options))
        return started[-1]

    yield start
    for watch in started:
        watch.process.kill()
        watch.process.communicate()


def wait_for(condition):
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_each_change_becomes_a_set(host, watching, tmp_path):
    host.publish(plugin(tmp_path, "w1crm"))
    seen = tmp_path / "seen"
    watch = watching("--format", "json", "--exec", f'ls "$REGISTRYD_DIRECTORY" >> {seen}')
    first = json.loads(watch.line())
    assert (first["set"], first["changed"], [item["action"] for item in first["packages"]]) == (1, True, ["install"])
    host.publish(plugin(tmp_path, "w1crm", "2.0"))
    second = json.loads(watch.line())
    assert (second["set"], second["packages"][0]["version"], second["packages"][0]["action"]) == (2, "2.0", "update")
    assert b"2.0" in host.holds()["w1crm/router.py"]
    host.change("disable", "w1crm")
    assert json.loads(watch.line())["removed"] == ["w1crm"] and host.holds() == {}
    wait_for(lambda: seen.read_text() == "w1crm\nw1crm\n")  # and nothing the third time
    assert watch.stop()[:2] == (0, "")


def test_what_does_not_concern_it_is_not_shown(host, watching, tmp_path, daemon):
    host.publish(plugin(tmp_path, "w2crm"))
    watch = watching("--format", "table")
    assert "w2crm" in watch.line() and "holds set 1" in watch.line()
    daemon.put("/v1/packages/w2other/releases/1.0", {"name": "w2other", "version": "1.0"})
    host.publish(plugin(tmp_path, "w2crm", "2.0"))
    assert watch.line().startswith("update    w2crm 2.0") and "holds set 2" in watch.line()
    assert watch.stop(signal.SIGINT) == (0, "", "")


def test_what_cannot_be_synced_is_retried(host, watching, tmp_path):
    registryctl("publish", "--metadata-only", plugin(tmp_path, "w3crm"), **host.settings)
    host.change("enable", "w3crm")
    watch = watching("--format", "json")
    assert "w3crm 1.0 has no wheel" in (told := watch.line(watch.process.stderr)) and "retrying in" in told
    assert not host.into.exists()
    host.publish(tmp_path / "source/1.0/plugins/w3crm", enable=False)
    assert json.loads(watch.line())["set"] == 1 and "w3crm/router.py" in host.holds()


def test_a_registry_that_comes_back(host, watching, tmp_path, daemon):
    host.publish(plugin(tmp_path, "w4crm"))
    daemon.arguments += ["--listen", daemon.address]
    watch = watching("--format", "json")
    assert json.loads(watch.line())["set"] == 1
    daemon.stop()
    assert "retrying in" in watch.line(watch.process.stderr)
    assert "w4crm/router.py" in host.holds()
    daemon.start()
    host.publish(plugin(tmp_path, "w4crm", "2.0"))
    assert json.loads(watch.line())["set"] == 2
    assert watch.stop()[0] == 0


def test_between_rounds_a_person_may_roll_back(host, watching, tmp_path):
    host.publish(plugin(tmp_path, "w5crm"))
    watch = watching("--format", "json")
    watch.line()
    host.publish(plugin(tmp_path, "w5crm", "2.0"))
    watch.line()
    before = time.monotonic()
    while registryctl("sync", "--rollback", "--into", host.into, "--format", "json", **host.settings).code:
        assert time.monotonic() < before + SECONDS  # a round is at work
    host.publish(plugin(tmp_path, "w5crm", "3.0"))  # the environment's answer wins
    wait_for(lambda: b"3.0" in host.holds().get("w5crm/router.py", b""))


def test_a_command_may_roll_back(host, tmp_path):
    """The directory is unlocked when the command runs: a host that does not start with the new set gets the old one."""
    host.publish(plugin(tmp_path, "w6crm"))
    host.sync()
    host.publish(plugin(tmp_path, "w6crm", "2.0"))
    host.sync("--exec", f'{PROGRAM} sync --rollback --into "$REGISTRYD_DIRECTORY" > /dev/null')
    assert b"1.0" in host.holds()["w6crm/router.py"]


@pytest.mark.parametrize("arguments, words", [
    (("--dry-run",), "--watch without --dry-run"), (("--rollback",), "--watch without --rollback")])
def test_what_does_not_go_together(host, arguments, words):
    assert words in host.sync("--watch", *arguments, code=2)


def test_what_a_person_must_mend_ends_it(host, watching, tmp_path):
    host.into.write_text("a file")
    watch = watching()
    assert watch.process.wait(SECONDS) == 2
