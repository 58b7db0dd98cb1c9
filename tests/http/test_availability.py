# SPDX-License-Identifier: MIT
"""Slow and silent clients cost only themselves. Each test holds a fixed number of connections from this
machine, with a daemon as it comes, and asks for health, a resolution and a publish meanwhile. Limits of
time are ten times what is promised, because machines that test are busy."""

import contextlib
import json
import os
import pathlib
import resource
import socket
import subprocess
import time

import pytest

from support.access import make_token
from support.daemon import BUILD_DIR, Daemon
from support.http_probe import get, parse_responses, read_all, request
from support.postgres import wait_until

HOLDERS = 1000
PROMPT_SECONDS = 10  # under sanitizers, on a busy machine
GROUP = "held.plugins"


@pytest.fixture(scope="module", autouse=True)
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="module")
def server():
    with Daemon(arguments=["--requests-per-second", "0", "--publishes-per-minute", "0",
                           "--new-names-per-hour", "0"]) as running:
        publish(running, "first")
        yield running


def address(daemon):
    host, _, port = daemon.address.rpartition(":")
    return host, int(port)


class Holders:
    """Connections that have sent some bytes and are then left alone."""

    def __init__(self, daemon, count, sent=b""):
        self.connections = []
        for _ in range(count):
            connection = socket.create_connection(address(daemon), 30)
            self.connections.append(connection)
            with contextlib.suppress(OSError):
                connection.sendall(sent)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for connection in self.connections:
            connection.close()

    def send(self, piece):
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.sendall(piece)

    def open(self):
        """How many the server has not closed or answered."""
        count = 0
        for connection in self.connections:
            connection.setblocking(False)
            try:
                connection.recv(1, socket.MSG_PEEK)
            except BlockingIOError:
                count += 1
            except OSError:
                pass
            connection.setblocking(True)
        return count


def publish(daemon, name):
    document = {"name": name, "version": "1.0", "entry_points": {GROUP: {name: "held:x"}}}
    answer = daemon.put(f"/v1/packages/{name}/releases/1.0", document)
    assert answer.status in (200, 201), answer.body


def prompt(ask):
    began = time.monotonic()
    answer = ask()
    assert time.monotonic() - began < PROMPT_SECONDS
    return answer


def assert_serves(daemon, name):
    for _ in range(5):
        assert prompt(lambda: daemon.get("/healthz")).status == 200
        assert prompt(lambda: daemon.get(f"/v1/resolve?group={GROUP}")).status == 200
    prompt(lambda: publish(daemon, name))
    leaked = {"token": "plg_" + "0" * 46}
    assert prompt(lambda: daemon.post("/v1/tokens/revoke-leaked", leaked, token=None)).status < 429


CHECK = "POST", "/v1/check"
BODIES = {
    "small": request(*CHECK, "Content-Length: 1000", body=b"{"),
    "large": request(*CHECK, "Content-Length: 1000000", body=b"{"),
    "continue": request(*CHECK, "Content-Length: 1000", "Expect: 100-continue"),
}


@pytest.mark.parametrize("sent", [b"", b"GET /v1/resolve", get("/v1") + b"G", get("/v1")],
                         ids=["silent", "heads", "pipelined", "idle"])
def test_holders_of_connections_cost_only_themselves(server, sent):
    with Holders(server, HOLDERS, sent) as held:
        assert_serves(server, f"beside-{len(sent)}")
        held.send(b"X")
        assert_serves(server, f"beside-{len(sent)}-dripping")


@pytest.mark.parametrize("body", BODIES)
def test_holders_of_bodies_cost_only_themselves(server, body):
    with Holders(server, HOLDERS, BODIES[body]) as held:
        assert_serves(server, f"body-{body}")
        held.send(b" ")
        assert_serves(server, f"body-{body}-dripping")


def test_a_body_with_a_token_passes_beside_those_without(server):
    """All places of the address are held; the publisher has a share of its own."""
    large = {"name": "large", "version": "1.0", "description": "d" * 500_000}
    with Holders(server, 100, BODIES["large"]):
        answer = prompt(lambda: server.put("/v1/packages/large/releases/1.0", large))
        assert answer.status in (200, 201), answer.body


UPLOAD = {
    "raw": ("/v1/artifacts?filename=other-1.0-py3-none-any.whl", "Content-Type: application/octet-stream"),
    "form": ("/v1/artifacts", "Content-Type: multipart/form-data; boundary=x"),
}


def upload_head(token, form):
    target, kind = UPLOAD[form]
    return request("POST", target, "Content-Length: 30000000", f"Authorization: Bearer {token}", kind, body=b"--x")


WITHOUT_RIGHTS = [
    ("raw", ["publish:new"], None, False), ("form", ["publish:new"], None, False),
    ("raw", ["publish:update"], None, False),  # may publish what its team owns, which is not this package
    ("form", ["publish:update"], None, False),  # its team owns nothing
    ("raw", ["publish:new"], "mine", True), ("raw", ["read"], None, True), ("form", ["read"], None, True)]


def test_slow_uploads_without_rights_are_refused_before_their_body(server):
    """A body of 30 MB has begun and does not go on: each upload is answered, and none holds a place."""
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(Holders(server, 10, upload_head(
            make_token(server, f"without-{number}", scopes, prefix=prefix, grant=granted), form)))
            for number, (form, scopes, prefix, granted) in enumerate(WITHOUT_RIGHTS)]
        for holders in held:
            wait_until(lambda: holders.open() == 0)
            for connection in holders.connections:
                answer = parse_responses(read_all(connection))[0]
                assert (answer.status, answer.json["code"]) == (403, "forbidden")


def test_slow_uploads_of_one_token_do_not_stop_others(server):
    token = make_token(server, "slow-uploads", ["publish:new"], grant=True)
    large = {"name": "beside-uploads", "version": "1.0", "description": "d" * 500_000}
    with Holders(server, 40, upload_head(token, "form")):
        answer = prompt(lambda: server.put("/v1/packages/beside-uploads/releases/1.0", large))
        assert answer.status in (200, 201), answer.body


def test_long_polls_are_bounded_and_the_rest_is_answered_at_once(server):
    serial = server.get("/v1").json["serial"]
    with Holders(server, 300, get(f"/v1/changes?since={serial}&wait=30")) as held:
        wait_until(lambda: held.open() <= 64)
        assert held.open() > 0
        for _ in range(5):
            assert prompt(lambda: server.get("/healthz")).status == 200
            assert prompt(lambda: server.get(f"/v1/resolve?group={GROUP}")).status == 200
        prompt(lambda: publish(server, "wakes-them"))
        wait_until(lambda: held.open() == 0)


def test_unread_answers_cost_only_themselves(server):
    large = {"name": "bulky", "version": "1.0", "description": "d" * 500_000}
    assert server.put("/v1/packages/bulky/releases/1.0", large).status in (200, 201)
    with Holders(server, 380, get("/v1/packages/bulky/releases/1.0")):
        assert_serves(server, "beside-unread")


def test_a_silent_connection_is_cut_within_its_limit(cluster):
    with Daemon(arguments=["--database-url", cluster.create_database(), "--head-seconds", "2", "--body-seconds", "2"]) as daemon:
        kinds = [b"", b"GET /v1", BODIES["small"], BODIES["large"]]
        with contextlib.ExitStack() as stack:
            for sent, held in [(sent, stack.enter_context(Holders(daemon, 50, sent))) for sent in kinds]:
                wait_until(lambda: held.open() == 0)
                answered = [read_all(connection) for connection in held.connections]
                statuses = {parse_responses(answer)[0].status for answer in answered if answer}
                assert statuses <= {408, 429, 503} and (statuses or not sent)


# ---- descriptors ----


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_without_descriptors_health_answers_and_the_log_says_so_once():
    with Daemon(start=False) as daemon:
        command = daemon.command
        daemon.command = lambda *arguments: ["prlimit", "--nofile=64", *command(*arguments)]
        daemon.start()
        with Holders(daemon, 300):
            used = cpu_seconds(daemon.process.pid)
            for _ in range(5):
                assert prompt(lambda: daemon.get("/healthz")).status == 200
                time.sleep(0.2)
            assert cpu_seconds(daemon.process.pid) - used < 0.8
        assert daemon.log().count("event=descriptors-exhausted") <= 1
        publish(daemon, "after-descriptors")


# ---- memory ----


def resident_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0


def send_at_once(daemon, requests, timeout=60):
    """The statuses; 0 where the connection was closed without an answer."""
    connections = []
    for sent in requests:
        connection = socket.create_connection(address(daemon), timeout)
        connections.append(connection)
        connection.setblocking(False)
    pending = dict(zip(connections, map(memoryview, requests)))
    until = time.monotonic() + timeout
    while any(pending.values()) and time.monotonic() < until:
        for connection, rest in pending.items():
            if rest:
                try:
                    pending[connection] = rest[connection.send(rest[:65536]):]
                except BlockingIOError:
                    pass
                except OSError:
                    pending[connection] = memoryview(b"")
        time.sleep(0.001)
    statuses = []
    for connection in connections:
        connection.settimeout(timeout)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        answer = read_all(connection)
        statuses.append(int(answer.split()[1]) if answer else 0)
        connection.close()
    return statuses


BUDGET_MIB = 64


@pytest.fixture(scope="module")
def frugal(cluster):
    with Daemon(arguments=["--database-url", cluster.create_database(), "--memory", str(BUDGET_MIB), "--requests-per-second", "0"]) as running:
        publish(running, "first")
        yield running


def test_many_parsed_values_stay_within_the_budget(frugal):
    """1 MiB of small values takes up to a hundred times as much when it is parsed."""
    text = b"[" + b"{}," * 66_000 + b"{}]"
    document = b'{"name":"x","version":"1.0","entry_points":' + text + b"}"
    sent = request(*CHECK, f"Content-Length: {len(document)}", "Content-Type: application/json", body=document)
    before = resident_mib(frugal.process.pid)
    statuses = send_at_once(frugal, [sent] * 32)
    assert set(statuses) <= {200, 429, 503} and 200 in statuses
    assert frugal.get("/healthz").status == 200
    if BUILD_DIR.name == "build":  # a sanitizer keeps what is freed
        wait_until(lambda: resident_mib(frugal.process.pid) < before + BUDGET_MIB, 60)


def test_more_values_than_the_limit_are_refused(frugal):
    text = b"[" + b"1," * 300_000 + b"1]"
    sent = request(*CHECK, f"Content-Length: {len(text)}", "Content-Type: application/json", body=text)
    assert send_at_once(frugal, [sent]) == [413]


# ---- the log ----


def test_refusals_write_one_line_a_client_and_minute(cluster):
    with Daemon(arguments=["--database-url", cluster.create_database(), "--requests-per-second", "1"]) as daemon:
        statuses = [daemon.get("/v1/packages/nowhere").status for _ in range(60)]
        assert statuses.count(429) > 40
        assert daemon.log().count("event=requests-refused") == 1
        assert "event=fault" not in daemon.log()
        daemon.stop()
        lines = [line for line in daemon.log().splitlines() if "event=requests-refused" in line]
        assert len(lines) == 2  # the rest, when it stops
        assert sum(int(line.split("count=")[1].split()[0]) for line in lines) == statuses.count(429)


# ---- hosts ----


def test_other_hosts_are_refused(cluster):
    with Daemon(arguments=["--database-url", cluster.create_database(), "--public-url", "https://plugins.example.org/"]) as daemon:
        def ask(host, path="/v1"):
            return daemon.get(path, headers={"Host": host}).status
        assert ask("plugins.example.org") == ask("PLUGINS.example.org") == 200
        assert ask("localhost:7621") == ask("127.0.0.1") == 200
        assert ask("rebound.example.com") == ask("plugins.example.org:81") == ask("localhost.example.com") == 400
        assert ask("rebound.example.com", "/healthz") == 200
