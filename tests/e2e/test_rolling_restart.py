# SPDX-License-Identifier: MIT
"""Three daemons on one database behind each example proxy are restarted in turn while clients read, publish and
change: no client sees an error. REGISTRYD_ROLLING: how many requests, for each proxy."""
import asyncio
import contextlib
import os
import signal
import time

import pytest
from support.artifacts import wheel
from support.daemon import Daemon
from support.postgres import Cluster
from support.proxies import START, free_port, make_certificate
from support.figures import figure
from support.registry import Registry
from support.wire import Lost, Refused, Wire

REQUESTS = int(os.environ.get("REGISTRYD_ROLLING", "2000"))
CLIENTS = 16
RESTARTS = 2 if REQUESTS < 100000 else 18
# Shorter than in the examples, in the same order: the lame-duck time is longer than idle connections are kept.
LAME_DUCK, KEPT = "2", "1s"
CHANGES = {"nginx": [("keepalive_timeout 5s;", f"keepalive_timeout {KEPT};"),
                     ("limit_conn registryd_clients 64;", "")],
           "haproxy": [("pool-purge-delay 5s", f"pool-purge-delay {KEPT}")]}


@pytest.fixture(scope="module")
def daemons():
    """Each with a port of its own that it keeps over restarts."""
    with Cluster() as cluster, contextlib.ExitStack() as stack:
        first = stack.enter_context(Registry(cluster))
        token = first.publisher_token
        first.stop()
        arguments = [*first.arguments, "--lame-duck", LAME_DUCK, "--behind-tls-proxy", "--proxies", "127.0.0.1"]
        found = [stack.enter_context(Daemon(arguments=[*arguments, "--listen", f"127.0.0.1:{free_port()}"]))
                 for _ in range(3)]
        yield token, found


class Load:
    """Requests of every method, one after another per client, through the proxy."""

    def __init__(self, proxy, token):
        self.proxy, self.token = proxy, token
        self.left = REQUESTS
        self.statuses, self.faults = {}, []
        self.slowest = 0
        self.is_over = False

    async def client(self, number, tls):
        wire = Wire(f"127.0.0.1:{self.proxy.tls}", self.token, tls)
        turn = 0
        while not self.is_over:
            turn += 1
            self.left -= 1
            begin = time.monotonic()
            try:
                answer = await wire.request(*self.question(number, turn))
                self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
                if answer.status >= 400:
                    self.faults.append((answer.status, answer.body[:300]))
            except (Refused, Lost) as error:
                self.faults.append(error)
            self.slowest = max(self.slowest, time.monotonic() - begin)
            if turn % 10 == 0:
                wire.close()
        wire.close()

    @staticmethod
    def question(number, turn):
        name = f"roll{os.getpid()}-{number}"
        version = f"1.{turn}"
        kinds = {
            1: ("PUT", f"/v1/packages/{name}/releases/{version}", {"name": name, "version": version}),
            2: ("POST", f"/v1/packages/{name}/releases/1.{turn - 1}/yank", {"reason": "an old one"}),
            3: ("PATCH", f"/v1/environments/default/plugins/{name}", {"pin": f">={turn}"}),
            4: ("DELETE", f"/v1/packages/{name}/releases/1.{turn - 3}/yank", None),
            5: upload(name, version),
        }
        if turn % 20 == 3 and turn > 20:  # an environment takes a limited number of changes a day
            turn = 0
        return kinds.get(turn % 20, ("GET", "/v1/resolve?group=roll.plugins", None))


def upload(name, version):
    filename, data = wheel(name, version, "[roll.plugins]\nx = pkg:x\n")
    return "POST", f"/v1/artifacts?filename={filename}", data, {"Content-Type": "application/octet-stream"}


def restart(daemon):
    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.process.wait(60) == 0
    daemon.start()


async def roll(load, daemons):
    tls = load.proxy.trusted()
    clients = [asyncio.create_task(load.client(number, tls)) for number in range(CLIENTS)]
    loop = asyncio.get_running_loop()
    for number in range(RESTARTS):
        await loop.run_in_executor(None, restart, daemons[number % len(daemons)])
        await asyncio.sleep(1.2)  # HAProxy looks once a second
    while load.left > 0:
        await asyncio.sleep(0.1)
    load.is_over = True
    await asyncio.gather(*clients)


@pytest.mark.parametrize("kind", START)
def test_a_rolling_restart_without_an_error(daemons, kind, tmp_path_factory):
    token, running = daemons
    certificate = make_certificate(tmp_path_factory.mktemp("certificate"))
    proxy = START[kind](running, certificate, tmp_path_factory.mktemp("proxy"), *CHANGES[kind])
    try:
        load = Load(proxy, token)
        asyncio.run(roll(load, running))
    finally:
        proxy.stop()
    count = sum(load.statuses.values())
    figure(f"{kind}: requests, errors", f"{count}, {len(load.faults)}")
    print(f"\n{kind}: {count} requests over {RESTARTS} restarts, {len(load.faults)} errors, "
          f"{dict(sorted(load.statuses.items()))}; the slowest took {load.slowest:.2f} s")
    assert not load.faults, load.faults[:5]
    assert count >= REQUESTS
