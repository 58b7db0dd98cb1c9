# SPDX-License-Identifier: MIT
"""The process that stands ready for the next artifact: one, used once, replaced when it dies, gone with the daemon."""

import concurrent.futures
import os
import signal
import time
from pathlib import Path

import pytest

from support.artifacts import wheel
from support.daemon import Daemon

SECONDS = 20


@pytest.fixture(scope="module")
def shared(cluster):
    with Daemon(arguments=["--database-url", cluster.create_database()]) as daemon:
        upload(daemon, "first")
        yield daemon


@pytest.fixture
def alone(cluster):
    with Daemon(arguments=["--database-url", cluster.create_database()]) as daemon:
        yield daemon


def upload(daemon, name, version="1.0"):
    filename, data = wheel(name, version)
    answer = daemon.post(f"/v1/artifacts?filename={filename}", data, headers={"Content-Type": "application/octet-stream"})
    assert answer.status == 201, answer.body


def readers(daemon):
    """{pid: what it reads from} of the children of the daemon that read artifacts."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == daemon.process.pid and (entry / "cmdline").read_bytes().startswith(b"registryd-extract\0"):
                found[int(entry.name)] = os.readlink(entry / "fd/0")
        except (OSError, ValueError, IndexError):
            pass
    return found


def wait_for(condition):
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def test_it_reads_one_artifact(shared):
    (first,) = readers(shared)
    upload(shared, "ready")
    (second,) = readers(shared)
    assert second != first and readers(shared)[second].startswith("socket:")


def test_it_has_no_descriptor_of_the_daemon(shared):
    upload(shared, "bare")
    (pid,) = readers(shared)
    wait_for(lambda: sorted(os.listdir(f"/proc/{pid}/fd")) == ["0", "1", "2"])
    assert [os.readlink(f"/proc/{pid}/fd/{number}").split(":")[0] for number in range(3)] == ["socket", "pipe", "/dev/null"]


def test_one_that_died_is_not_missed(shared):
    upload(shared, "dead")
    (pid,) = readers(shared)
    os.kill(pid, signal.SIGKILL)
    upload(shared, "dead", "2.0")
    assert pid not in readers(shared) and len(readers(shared)) == 1
    assert "event=extractor-crashed" not in shared.log()


def test_many_at_once_leave_one(shared):
    upload(shared, "many")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: upload(shared, f"many{number:02}x"), range(24)))
    wait_for(lambda: len(readers(shared)) == 1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_the_daemon(alone, number):
    assert readers(alone) == {}  # none before the first artifact
    upload(alone, "last")
    (pid,) = readers(alone)
    alone.kill(number)
    wait_for(lambda: is_gone(pid))
