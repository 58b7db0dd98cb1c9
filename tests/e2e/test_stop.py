# SPDX-License-Identifier: MIT
"""A stop answers every request that reached the daemon, and is over as soon as it has; a lame duck serves on while
it says that it is not ready. REGISTRYD_STOPS: how many stops."""
import asyncio
import concurrent.futures
import os
import signal
import socket
import time

import pytest
from support.daemon import Daemon
from support.figures import figure
from support.wire import Lost, Refused, Wire

STOPS = int(os.environ.get("REGISTRYD_STOPS", "5"))
PUBLISHERS = 200
LONGEST_STOP = 10  # seconds; it was 20, all of --drain-seconds, as long as clients came again


class Publishers:
    """They publish without a pause; `acknowledged` are (package, version), `lost` what had no answer."""

    def __init__(self, daemon, run, is_kept):
        self.daemon, self.run, self.is_kept = daemon, run, is_kept
        self.acknowledged, self.statuses, self.lost = [], set(), []
        self.refused = 0
        self.is_over = False

    async def publish(self, number):
        wire = Wire(self.daemon.address, self.daemon.publisher_token)
        package, turn = f"stop{number}", 0
        while not self.is_over:
            turn += 1
            version = f"{self.run}.{turn}"
            try:
                answer = await wire.request("PUT", f"/v1/packages/{package}/releases/{version}",
                                            {"name": package, "version": version})
                self.statuses.add(answer.status)
                self.acknowledged += [(package, version)] if answer.status == 201 else []
            except Refused:
                self.refused += 1
                await asyncio.sleep(0.02)
            except Lost as error:
                self.lost.append(error)
            if not self.is_kept:
                wire.close()
        wire.close()

    async def stop_under_load(self):
        tasks = [asyncio.create_task(self.publish(number)) for number in range(PUBLISHERS)]
        while len(self.acknowledged) < PUBLISHERS:
            await asyncio.sleep(0.02)
        begin = time.monotonic()
        self.daemon.process.send_signal(signal.SIGTERM)
        code = await asyncio.get_running_loop().run_in_executor(None, self.daemon.process.wait)
        took = time.monotonic() - begin
        self.is_over = True
        await asyncio.gather(*tasks)
        assert code == 0
        return took


def released(daemon):
    found, since = set(), 0
    while True:
        page = daemon.get(f"/v1/changes?since={since}&limit=1000").json
        found |= {(change["package"], change["version"]) for change in page["changes"] if change.get("version")}
        if not page["changes"]:
            return found
        since = page["changes"][-1]["serial"]


def test_every_accepted_request_is_answered(daemon):
    acknowledged, took = set(), []
    for run in range(STOPS):
        publishers = Publishers(daemon, run, is_kept=run % 2 == 0)
        took.append(asyncio.run(publishers.stop_under_load()))
        assert not publishers.lost, publishers.lost[:3]
        assert publishers.statuses <= {200, 201}, publishers.statuses
        acknowledged |= set(publishers.acknowledged)
        daemon.start()
    assert acknowledged <= released(daemon)
    print(f"\n{STOPS} stops under {PUBLISHERS} publishers: {len(acknowledged)} acknowledged, 0 lost; a stop took "
          f"{min(took):.2f} to {max(took):.2f} s")
    figure("stops", STOPS)
    figure("publishes acknowledged, none lost", len(acknowledged))
    figure("longest stop, s", round(max(took), 2))
    assert max(took) < LONGEST_STOP, took


@pytest.fixture(scope="module")
def registry():
    """One data directory for all; each test starts the daemon with arguments of its own and stops it."""
    with Daemon(arguments=["--connections-per-address", "0"], environment={"REGISTRYD_THREADS": "256"},
                start=False) as daemon:
        yield daemon


@pytest.fixture
def daemon(registry):
    registry.start()
    assert registry.publisher_token
    yield registry
    if registry.process.poll() is None:
        registry.stop()


@pytest.fixture
def duck(registry):
    """A daemon that would take its time."""
    registry.start(arguments=["--lame-duck", "60"])
    yield registry
    if registry.process.poll() is None:
        registry.process.send_signal(signal.SIGTERM)
        registry.stop()


def until(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_lame_duck_serves_until_a_second_signal(duck):
    duck.put("/v1/packages/before/releases/1.0", {"name": "before", "version": "1.0"})
    serial = duck.get("/v1").json["serial"]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        duck.process.send_signal(signal.SIGTERM)
        until(lambda: "event=lame-duck seconds=60" in duck.log())
        ready = duck.get("/readyz")
        assert (ready.status, ready.json["reasons"]) == (503, ["The daemon is shutting down"])
        assert duck.get("/healthz").status == 200
        assert duck.put("/v1/packages/during/releases/1.0", {"name": "during", "version": "1.0"}).status == 201
        waiting = pool.submit(duck.get, f"/v1/changes?since={serial + 1}&wait=60", timeout=90)
        time.sleep(0.5)
        assert not waiting.done(), "a long poll is still held"
        begin = time.monotonic()
        assert duck.kill(signal.SIGTERM) == 0
        assert time.monotonic() - begin < LONGEST_STOP
        assert (waiting.result().status, waiting.result().json["changes"]) == (200, [])


def test_a_lame_duck_keeps_no_connection(duck):
    """A proxy keeps connections and sends on them without a look: each is closed by an answer that says so."""
    host, port = duck.address.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as kept:
        ask = b"GET /v1/groups HTTP/1.1\r\nHost: x\r\n\r\n"
        kept.sendall(ask)
        assert b"\r\nConnection: close\r\n" not in kept.recv(65536)
        duck.process.send_signal(signal.SIGTERM)
        until(lambda: "event=lame-duck" in duck.log())
        kept.sendall(ask)
        answer = b""
        while part := kept.recv(65536):
            answer += part
        assert answer.startswith(b"HTTP/1.1 200 ") and b"\r\nConnection: close\r\n" in answer


def test_a_lame_duck_ends_by_itself(registry):
    registry.start(arguments=["--lame-duck", "1"])
    begin = time.monotonic()
    assert registry.stop() == 0
    assert 1 <= time.monotonic() - begin < 1 + LONGEST_STOP


def is_refused(address):
    try:
        socket.create_connection(address, timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def test_the_port_is_closed_while_the_last_requests_are_finished(daemon):
    """A client that comes too late is refused at once, and any proxy may try another daemon."""
    host, port = daemon.address.split(":")
    address = (host, int(port))
    with socket.create_connection(address, timeout=20) as slow:
        slow.sendall(b"PUT /v1/packages/slow/releases/1.0 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                     b"Authorization: Bearer " + daemon.publisher_token.encode() +
                     b"\r\nContent-Length: 33\r\n\r\n{\"name\":\"slow\"")
        time.sleep(0.3)
        daemon.process.send_signal(signal.SIGTERM)
        until(lambda: is_refused(address))
        assert daemon.process.poll() is None, "the slow request is waited for"
        slow.sendall(b",\"version\":\"1.0\"  }")
        assert slow.recv(65536).startswith(b"HTTP/1.1 201 ")
    assert daemon.process.wait(20) == 0
