# SPDX-License-Identifier: MIT
"""What systemd learns of registryd (Type=notify), by a socket of the test's own."""

import ctypes
import os
import pathlib
import signal
import tempfile
import time

import pytest
from support.daemon import Daemon
from support.notify import Supervisor

INTERVAL = 1.2  # seconds; a sign of life comes every third of it


# A registry whose database is away starts within moments; for what does not depend on the database.
NO_DATABASE = ("--database-url", "postgresql://postgres@127.0.0.1:9/none")


@pytest.fixture
def supervisor():
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder).chmod(0o755)  # registryd becomes another user
        found = Supervisor(f"{folder}/notify")
        yield found
        found.close()


def supervised(supervisor, *arguments, **settings):
    usec = str(int(INTERVAL * 1e6))
    return Daemon(arguments=arguments, start=False,
                  environment={"NOTIFY_SOCKET": supervisor.address, "WATCHDOG_USEC": usec, **settings})


def test_the_life_of_a_service(supervisor):
    with supervised(supervisor) as daemon:
        daemon.start(wait="listening")
        supervisor.wait_for("READY=1")
        # Whoever waited for READY finds the registry.
        assert daemon.get("/healthz").status == 200
        assert daemon.get("/v1").status == 200
        assert f"Serving http://{daemon.address}" in supervisor.states()
        time.sleep(2 * INTERVAL)
        signs = supervisor.times_of("WATCHDOG=1")
        gaps = [later - earlier for earlier, later in zip(signs, signs[1:])]
        assert len(signs) >= 4 and max(gaps) < INTERVAL, gaps
        # PostgreSQL speaks the protocol too, but gets no socket of ours.
        variables = pathlib.Path(f"/proc/{daemon.postmaster_pid()}/environ").read_bytes()
        assert b"NOTIFY_SOCKET" not in variables and b"WATCHDOG" not in variables
        pid = daemon.process.pid
        asked = time.monotonic()
        assert daemon.stop() == 0
        ended = time.monotonic()
        stopping = supervisor.wait_for("STOPPING=1", 1)
        assert asked <= stopping <= ended
        assert len(supervisor.times_of("READY=1")) == len(supervisor.times_of("STOPPING=1")) == 1
        assert supervisor.times_of("WATCHDOG=1")[-1] < stopping
        assert {message.pid for message in supervisor.messages} == {pid}


def test_ready_comes_after_the_port_answers(supervisor):
    """READY is not sent while the first start still makes the database."""
    with supervised(supervisor) as daemon:
        daemon.start(wait=None)
        while not supervisor.times_of("READY=1"):
            was_listening = daemon._find_address()
            time.sleep(0.002)
            assert daemon.process.poll() is None, daemon.log()
        assert was_listening or daemon._find_address()
        assert any(state.startswith("Listening on") for state in supervisor.states())
        assert daemon.is_ready() or daemon.wait_ready(5) is None


def test_an_abstract_socket():
    supervisor = Supervisor(f"@registryd-test-{os.getpid()}")
    with supervised(supervisor, *NO_DATABASE) as daemon:
        daemon.start(wait="listening")
        supervisor.wait_for("READY=1")
        assert daemon.stop() == 0
        supervisor.wait_for("STOPPING=1", 1)
    supervisor.close()


PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17


def threads_named(pid, name):
    return [int(task.name) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
            if name in (task / "comm").read_text()]


class Stopped:
    """Holds threads of a running process, and lets the others go on."""

    def __init__(self, tids):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
        self.tids = tids

    def call(self, request, tid):
        assert self.libc.ptrace(request, tid, None, None) == 0, ctypes.get_errno()

    def __enter__(self):
        for tid in self.tids:
            self.call(PTRACE_SEIZE, tid)
            self.call(PTRACE_INTERRUPT, tid)
            os.waitpid(tid, 0x40000000)  # __WALL

    def __exit__(self, *_):
        for tid in self.tids:
            self.call(PTRACE_DETACH, tid)


def test_no_sign_of_life_when_connections_are_not_accepted(supervisor):
    with supervised(supervisor, *NO_DATABASE) as daemon:
        daemon.start(wait="listening")
        supervisor.wait_for("WATCHDOG=1")
        masters = threads_named(daemon.process.pid, "master")
        assert masters
        with Stopped(masters):
            time.sleep(0.2)  # a probe on its way may still end
            held = time.monotonic()
            time.sleep(2 * INTERVAL)
            assert not [at for at in supervisor.times_of("WATCHDOG=1") if at > held]
            assert daemon.process.poll() is None
        released = time.monotonic()
        time.sleep(INTERVAL)
        assert [at for at in supervisor.times_of("WATCHDOG=1") if at > released]
        assert "event=port-silent" in daemon.log()


def test_a_registry_without_its_database_is_started(supervisor):
    """Whoever waits for the start, like the installation of a package, must not wait for the database."""
    with supervised(supervisor, *NO_DATABASE) as daemon:
        daemon.start(wait="listening")
        supervisor.wait_for("READY=1", 20)
        assert any(state.startswith("Waiting for the database: ") for state in supervisor.states())
        assert daemon.get("/healthz").status == 200 and daemon.get("/readyz").status == 503


def test_a_failed_start_is_never_ready(supervisor):
    with supervised(supervisor, "--extractor", "/nowhere") as daemon:
        daemon.start(wait=None)
        assert daemon.process.wait(30) == 5
        assert not supervisor.times_of("READY=1")


@pytest.mark.parametrize("address", ["/nowhere/notify", "relative", "vsock:2:1"])
def test_a_socket_that_cannot_be_used_is_logged(address):
    with Daemon(arguments=NO_DATABASE, start=False,
                environment={"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000000"}) as daemon:
        daemon.start(wait="listening")
        assert "event=notify-" in daemon.log()
        assert daemon.stop() == 0


def test_signs_of_life_meant_for_another_process(supervisor):
    with supervised(supervisor, *NO_DATABASE, WATCHDOG_PID="1") as daemon:
        daemon.start(wait="listening")
        supervisor.wait_for("READY=1")
        time.sleep(INTERVAL)
        daemon.kill(signal.SIGTERM)
        assert not supervisor.times_of("WATCHDOG=1")
