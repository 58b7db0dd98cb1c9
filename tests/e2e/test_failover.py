# SPDX-License-Identifier: MIT
"""The host of the database fails, and the daemon goes on with another one, or without what it does not need."""
import socket
import time

import pytest

from support.daemon import Daemon
from support.postgres import Cluster
from support.registry import Registry


@pytest.fixture
def silent_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_the_owners_host_is_dead(silent_port):
    """A schema that is current needs no owner; one that is not waits for it, and says so."""
    dead = f"host=127.0.0.1 port={silent_port} user=postgres dbname=postgres"
    with Cluster() as cluster, Registry(cluster) as first:
        url = first.arguments[first.arguments.index("--database-url") + 1]
        with Daemon(arguments=["--database-url", url, "--database-owner-url", dead]) as second:
            assert "event=owner-unreachable" in second.log()
            assert second.get("/v1").status == 200
        empty = cluster.create_database().replace("user=postgres", "user=registryd_app")
        with Daemon(arguments=["--database-url", empty, "--database-owner-url", dead], start=False) as third:
            third.start(wait="listening")
            end = time.monotonic() + 40
            while "reached as its owner" not in third.log():
                assert time.monotonic() < end, third.log()
                time.sleep(0.1)
            assert third.get("/readyz").status == 503
