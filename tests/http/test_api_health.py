# SPDX-License-Identifier: MIT
"""A daemon that cannot serve yet, and one whose operator has set its bounds."""
import socket

import pytest

from support.daemon import Daemon
from support.postgres import wait_until

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def away():
    """Listening, with its database out of reach; gives a maker that takes more arguments."""
    daemons = []

    def start(*arguments):
        daemon = Daemon(arguments=["--database-url", NOWHERE, *arguments], start=False)
        daemons.append(daemon)
        daemon.start(wait="listening")
        return daemon
    yield start
    for daemon in daemons:
        daemon.close()


def test_asking_whether_it_is_ready_is_no_fault(away):
    daemon = away()
    for _ in range(3):
        answer = daemon.get("/readyz")
        assert (answer.status, answer.json["ready"]) == (503, False)
        assert "The database is unreachable" in answer.json["reasons"]
    assert daemon.get("/healthz").status == 200
    assert "event=fault" not in daemon.log()
    # A question that does need the database is told once, as an absence.
    assert daemon.get("/v1/packages").status == 503
    # (It is logged after the answer is sent.)
    wait_until(lambda: "event=fault" in daemon.log())
    (line,) = [line for line in daemon.log().splitlines() if "event=fault" in line]
    assert "level=warning" in line and "code=unavailable" in line


def connect(daemon):
    host, port = daemon.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=30)


def test_connections_of_one_address_are_bounded(away):
    daemon = away("--connections-per-address", "2")
    held = [connect(daemon) for _ in range(2)]
    for one in held:
        one.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert one.recv(4096).startswith(b"HTTP/1.1 200")
    with connect(daemon) as more:
        assert more.recv(4096) == b""
    for one in held:
        one.close()


@pytest.mark.parametrize("setting, sent, first", [
    ("--head-seconds", b"GET /healthz HTTP/1.1\r\nHost", b"HTTP/1.1 408"),
    ("--idle-seconds", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 200"),
    ("--body-seconds", b"POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{", b"HTTP/1.1 408"),
])
def test_a_silent_client_is_left_in_time(away, setting, sent, first):
    """Each bound is set to a second, far below what it is otherwise; the connection ends."""
    daemon = away(setting, "1")
    with connect(daemon) as client:
        client.settimeout(9.5)
        client.sendall(sent)
        got = b""
        while piece := client.recv(4096):
            got += piece
        assert got.startswith(first)
