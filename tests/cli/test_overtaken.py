# SPDX-License-Identifier: MIT
"""Processes that pull one snapshot at the same time: an answer that another process has overtaken is no
failure, because what is kept went forward. An answer that goes back is one, as ever."""

import subprocess
import time
from pathlib import Path

import pytest
from support.fake_registry import FakeRegistry
from support.python_program import PYTHON, python_environment
from support.registryctl import PROGRAM
from support.snapshot_file import EPOCH, MEDIA_TYPE, Snapshot, snapshot

OTHER_EPOCH = "22222222-2222-2222-2222-222222222222"
# Both ways to pull: the command, and a Python that says what refresh() gave or raised.
PULL = [PROGRAM, "snapshot", "pull"]
REFRESH = [PYTHON, "-c", """
import registryclient
try:
    print(registryclient.Registry(facts={}).refresh())
except registryclient.RegistryError as error:
    print(error.code, error)
    raise SystemExit(error.exit_code)
"""]
WAYS = {"registryctl": PULL, "python": REFRESH, "pure python": ["env", "REGISTRYD_PYTHON_ENGINE=pure", *REFRESH]}


def answer(registry, serial, delay=0.0, epoch=EPOCH, made_at=1000):
    raw = snapshot({"a.group": [{"name": "x", "value": "x", "source": "registry"}]}, serial=serial, epoch=epoch,
                   made_at=made_at + serial)  # fmt: skip
    registry.answer("GET", "/v1/snapshot", raw, headers={"Content-Type": MEDIA_TYPE}, delay_seconds=delay)


@pytest.fixture
def registry():
    with FakeRegistry() as running:
        yield running


class Host:
    def __init__(self, folder, url):
        self.folder = folder
        self.settings = python_environment(REGISTRYD_URL=url, REGISTRYD_CACHE_DIR=folder)

    def start(self, command):
        return subprocess.Popen([str(word) for word in command], env=self.settings, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)  # fmt: skip

    def kept(self):
        (path,) = Path(self.folder).glob("*.snapshot")
        return Snapshot(path.read_bytes())


@pytest.fixture
def host(tmp_path, registry):
    return Host(tmp_path / "cache", registry.url)


def wait_for_requests(registry, count):
    until = time.monotonic() + 30
    while len(registry.requests) < count:
        assert time.monotonic() < until
        time.sleep(0.01)


def ended(process):
    out, _ = process.communicate(timeout=60)
    return process.returncode, out


@pytest.mark.parametrize("epoch", [EPOCH, OTHER_EPOCH])
@pytest.mark.parametrize("way", WAYS)
def test_an_answer_that_was_overtaken_is_no_failure(host, registry, way, epoch):
    """The first answer is on its way while another process asks and keeps a newer one, also one of the
    history after it."""
    answer(registry, 5, delay=1.5)
    answer(registry, 6, epoch=epoch)
    slow = host.start(WAYS[way])
    wait_for_requests(registry, 1)
    assert ended(host.start(PULL))[0] == 0
    assert host.kept().serial == 6
    code, out = ended(slow)
    assert code == 0, out
    assert (host.kept().serial, host.kept().epoch) == (6, epoch)


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_that_goes_back_is_still_refused(host, registry, way):
    answer(registry, 6)
    answer(registry, 5)
    assert ended(host.start(PULL))[0] == 0
    code, out = ended(host.start(WAYS[way]))
    assert code == 3 and "serial 5" in out and "6" in out, out
    assert host.kept().serial == 6


@pytest.mark.parametrize("way", WAYS)
def test_many_at_once_all_succeed(host, registry, way):
    """A registry that only goes forward, whose answers overtake each other."""
    count = 10
    for serial in range(1, count + 1):
        answer(registry, serial, delay=(count - serial) * 0.05)
    done = [ended(process) for process in [host.start(WAYS[way]) for _ in range(count)]]
    assert [code for code, _ in done] == [0] * count, done
    assert host.kept().serial == count
