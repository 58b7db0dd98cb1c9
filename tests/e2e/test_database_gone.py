# SPDX-License-Identifier: MIT
"""The database goes away, or does not answer: publishing says 503 within bounded time, resolutions
that are in memory go on, and everything recovers by itself."""

import concurrent.futures
import os
import signal
import time

import pytest

from support.artifacts import wheel
from support.daemon import Daemon
from support.postgres import Cluster

# A call to the store is bounded at 5 s; the rest is for a busy machine under sanitizers.
BOUND_SECONDS = 20
RESOLVE = "/v1/resolve?group=gone.plugins"


def document(name):
    return {"name": name, "version": "1.0",
            "entry_points": {"gone.plugins": {name: "gone.plugin:setup"}}}


def publish(daemon, name, **options):
    return daemon.put(f"/v1/packages/{name}/releases/1.0", document(name), **options)


def names(answer):
    assert answer.status == 200
    return [record["name"] for record in answer.json["records"]]


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def sees(daemon, name):
    return name in names(daemon.get(RESOLVE))


class External:
    """PostgreSQL as a neighbour runs it: stopped and started, frozen and thawed."""

    def __init__(self):
        self.cluster = Cluster()

    def __enter__(self):
        self.cluster.__enter__()
        self.arguments = ["--database-url", self.cluster.create_database()]
        return self

    def __exit__(self, *_):
        self.cluster.__exit__()

    def signal_all(self, number):
        """The postmaster and its children: what a machine that hangs looks like."""
        postmaster = self.cluster.pid()
        children = open(f"/proc/{postmaster}/task/{postmaster}/children").read().split()
        for pid in (postmaster, *map(int, children)):
            os.kill(pid, number)

    def stop(self):
        self.cluster.stop("immediate")

    def start(self):
        self.cluster.start()

    def freeze(self):
        self.signal_all(signal.SIGSTOP)

    def thaw(self):
        self.signal_all(signal.SIGCONT)


@pytest.fixture
def external():
    with External() as running:
        yield running


@pytest.mark.parametrize("leave, come_back", [("stop", "start"), ("freeze", "thaw")])
def test_publish_says_503_and_resolve_goes_on(external, leave, come_back):
    with Daemon(arguments=external.arguments) as daemon:
        assert publish(daemon, "before").status == 201
        wait_until(lambda: sees(daemon, "before"))
        getattr(external, leave)()
        try:
            begin = time.monotonic()
            answer = publish(daemon, "during", timeout=60)
            assert answer.status == 503
            assert time.monotonic() - begin < BOUND_SECONDS
            assert answer.headers["Content-Type"].startswith("application/problem+json")
            assert answer.json["code"] in ("unavailable", "unknown-outcome")
            assert answer.headers["Retry-After"]
            assert names(daemon.get(RESOLVE)) == ["before"]
            begin = time.monotonic()
            assert daemon.get("/readyz", timeout=60).status == 503
            assert time.monotonic() - begin < BOUND_SECONDS
            assert daemon.get("/healthz").status == 200
        finally:
            getattr(external, come_back)()
        daemon.wait_ready()
        assert publish(daemon, "during").status in (200, 201)
        assert publish(daemon, "after").status == 201
        wait_until(lambda: {"before", "during", "after"} == set(names(daemon.get(RESOLVE))))


def test_publishers_on_a_frozen_database_do_not_block_readers(external):
    with Daemon(arguments=external.arguments) as daemon:
        assert publish(daemon, "before").status == 201
        wait_until(lambda: sees(daemon, "before"))
        external.freeze()
        try:
            with concurrent.futures.ThreadPoolExecutor(24) as pool:
                waiting = [pool.submit(publish, daemon, f"p{number}", timeout=120)
                           for number in range(24)]
                time.sleep(0.5)
                assert names(daemon.get(RESOLVE, timeout=10)) == ["before"]
                assert daemon.get("/healthz", timeout=10).status == 200
                statuses = {future.result().status for future in waiting}
            assert statuses <= {503, 429}
        finally:
            external.thaw()
        daemon.wait_ready()
        assert publish(daemon, "after").status == 201


def test_a_stop_while_the_database_is_frozen(external):
    with Daemon(arguments=external.arguments) as daemon:
        assert publish(daemon, "before").status == 201
        external.freeze()
        try:
            begin = time.monotonic()
            assert daemon.stop() == 0
            assert time.monotonic() - begin < BOUND_SECONDS + 10
        finally:
            external.thaw()


def test_the_private_postmaster_is_frozen_and_killed():
    with Daemon() as daemon:
        assert publish(daemon, "before").status == 201
        wait_until(lambda: sees(daemon, "before"))
        postmaster = daemon.postmaster_pid()
        os.kill(postmaster, signal.SIGSTOP)  # no new connections; those open go on
        assert names(daemon.get(RESOLVE)) == ["before"]
        os.kill(postmaster, signal.SIGKILL)
        wait_until(lambda: daemon.postmaster_pid() not in (None, postmaster))
        daemon.wait_ready()
        assert publish(daemon, "after").status == 201
        assert daemon.stop() == 0


def test_a_frozen_private_postmaster_is_stopped_all_the_same():
    with Daemon() as daemon:
        os.kill(daemon.postmaster_pid(), signal.SIGSTOP)
        assert daemon.stop() == 0
        assert daemon.postmaster_pid() is None


def conflicts(answer):
    assert answer.status == 200, answer.body
    return [one["code"] for record in answer.json["records"] for one in record["warnings"] if one["code"] == "path-conflict"]


def test_paths_that_cannot_be_looked_at_are_looked_at_later(external):
    """Which paths two wheels share only the database knows. Without it the answer has no such warning, and is not kept."""
    with Daemon(arguments=external.arguments) as daemon:
        for name in ("gone-a", "gone-b"):
            filename, data = wheel(name, "1.0", f"[gone.plugins]\n{name} = gone.plugin:x\n", files={"gone/plugin.py": b"x = 1\n"})
            assert daemon.post(f"/v1/artifacts?filename={filename}", data,
                               headers={"Content-Type": "application/octet-stream"}).status == 201
        assert len(conflicts(daemon.get(RESOLVE))) == 2
        external.stop()
        begin = time.monotonic()
        assert conflicts(daemon.get(RESOLVE + "&have=other==1")) == []
        assert time.monotonic() - begin < BOUND_SECONDS
        assert len(conflicts(daemon.get(RESOLVE))) == 2  # this one was kept
        external.start()
        wait_until(lambda: len(conflicts(daemon.get(RESOLVE + "&have=other==1"))) == 2)
