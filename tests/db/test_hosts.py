# SPDX-License-Identifier: MIT
"""A connection string with several hosts, of which some do not answer, refuse, follow another or do not let us in:
the store reaches the one that takes changes within its deadline, and without delay once it knows it."""
import contextlib
import socket
import subprocess
import threading
import time

import pytest

from support.postgres import Cluster
from support.standby import Standby
from support.store import Probe, release

DEADLINE = 2  # seconds of one call


@contextlib.contextmanager
def silent_port():
    """A port that accepts connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextlib.contextmanager
def resetting_port():
    """A port that breaks off every connection as soon as it has begun."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextlib.contextmanager
def opened(conninfo, timeout_ms=DEADLINE * 1000):
    with Probe(conninfo, timeout_ms=timeout_ms) as probe:
        yield probe


def among(cluster, database, others, place="last"):
    """The connection string of `database` with other (host, port) beside its own."""
    own = (str(cluster.folder), 5432)
    hosts = [*others, own] if place == "last" else [own, *others]
    name = database.rpartition("dbname=")[2]
    return (f"host={','.join(host for host, _ in hosts)} port={','.join(str(port) for _, port in hosts)} "
            f"user=postgres dbname={name}")


def timed(call, *arguments, **more):
    begin = time.monotonic()
    answer = call(*arguments, **more)
    return answer, time.monotonic() - begin


@pytest.mark.parametrize("number", [1, 3])
def test_silent_hosts_come_first(cluster, database, store, number):
    with contextlib.ExitStack() as stack:
        silent = [("127.0.0.1", stack.enter_context(silent_port())) for _ in range(number)]
        probe = stack.enter_context(opened(among(cluster, database, silent)))
        assert probe.ok("publish", **release("shop", "1.0"))["serial"] == 1
        for call in ("ping", "listen"):  # LISTEN makes a connection of its own; now it is known who answers
            _, seconds = timed(probe.ok, call)
            assert seconds < 0.5 * DEADLINE / (number + 1), (call, seconds)


def test_the_migrations_too(cluster):
    database = cluster.create_database()
    with silent_port() as port, opened(among(cluster, database, [("127.0.0.1", port)])) as probe:
        probe.ok("migrate")
        probe.ok("history")


@pytest.mark.parametrize("kind", ["refused", "reset"])
def test_hosts_that_refuse_cost_no_time(cluster, database, store, kind):
    with contextlib.ExitStack() as stack:
        port = closed_port() if kind == "refused" else stack.enter_context(resetting_port())
        probe = stack.enter_context(opened(among(cluster, database, [("127.0.0.1", port)] * 5)))
        _, seconds = timed(probe.ok, "ping")
        assert seconds < 0.5 * DEADLINE / 6


def test_a_host_that_does_not_let_us_in(cluster, database, store):
    with Cluster() as strict:
        hba = strict.data / "pg_hba.conf"
        hba.write_text("local all all reject\n", encoding="ascii")
        strict.sql = None
        strict.run("pg_ctl", "-D", strict.data, "reload")
        time.sleep(0.3)
        with opened(among(cluster, database, [(str(strict.folder), 5432)])) as probe:
            probe.ok("ping")


def test_a_server_that_cannot_start_for_want_of_room():
    """What PostgreSQL says to a new connection when it cannot write, after a restart on a full disk."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    request = connection.recv(1000)
                    if request[4:8] == b"\x04\xd2\x16\x2f":  # it asks for TLS
                        connection.sendall(b"N")
                        connection.recv(1000)
                    fields = b"SFATAL\0VFATAL\0C53100\0Mcould not write: No space left on device\0\0"
                    connection.sendall(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
                    connection.close()

        threading.Thread(target=serve, daemon=True).start()
        with opened(f"host=127.0.0.1 port={server.getsockname()[1]} user=postgres gssencmode=disable") as probe:
            answer = probe.call("ping")
            assert answer["status"] == "disk-full", answer
        server.shutdown(socket.SHUT_RDWR)


def test_a_standby_is_passed_over_and_taken_after_its_promotion():
    with Cluster() as primary:
        database = primary.create_database()
        with Standby(primary) as standby, silent_port() as port:
            string = among(primary, database, [("127.0.0.1", port), (str(standby.folder), 5432)])
            with opened(string) as probe:
                probe.ok("migrate")
                assert probe.ok("publish", **release("shop", "1.0"))["serial"] == 1
                standby.wait_for(primary)
                primary.kill()
                answer, seconds = timed(probe.call, "ping")
                assert answer["status"] == "unavailable" and seconds < DEADLINE + 3, (answer, seconds)
                standby.promote()
                _, seconds = timed(probe.ok, "ping")  # the silent host is the last to be asked by now
                assert seconds < 0.5 * DEADLINE / 3, seconds


def test_the_whole_takes_no_longer_than_the_deadline():
    with silent_port() as one, silent_port() as two:
        string = f"host=127.0.0.1,127.0.0.1 port={one},{two} user=postgres dbname=test"
        with opened(string) as probe:
            for _ in range(2):
                answer, seconds = timed(probe.call, "ping")
                assert answer["status"] == "unavailable"
                assert 0.7 * DEADLINE < seconds < DEADLINE + 2, seconds


def test_the_users_own_time_limit_holds(cluster, database, store):
    with silent_port() as port:
        string = among(cluster, database, [("127.0.0.1", port)]) + " connect_timeout=1"
        with opened(string, timeout_ms=30000) as probe:
            _, seconds = timed(probe.ok, "ping")
            assert 0.9 < seconds < 3


def test_lists_by_address_and_with_one_port(database):
    with Cluster(listen_addresses="'127.0.0.1'", port=str(closed_port())) as cluster:
        port = cluster.settings["port"]
        for hosts in ("hostaddr=127.0.0.2,127.0.0.1", "host=one,two hostaddr=127.0.0.2,127.0.0.1",
                      "host=127.0.0.2,127.0.0.1", f"host=/nowhere,{cluster.folder}", "host=localhost"):
            with opened(f"{hosts} port={port} user=postgres dbname=postgres") as probe:
                assert probe.call("ping")["status"] == "ok", hosts
        for string in (f"postgresql://postgres@127.0.0.2:{port},127.0.0.1:{port}/postgres",
                       f"postgresql://postgres@127.0.0.2:1,[::1]:2,127.0.0.1:{port}/postgres?connect_timeout=5"):
            with opened(string) as probe:
                assert probe.call("ping")["status"] == "ok", string
        with opened(f"host=a,b port=1,2,3 user=postgres dbname={database}") as probe:
            assert probe.call("ping")["status"] == "unavailable"  # libpq's own reason goes to the log


def test_hosts_of_a_service_and_of_variables(cluster, database, store, tmp_path, monkeypatch):
    name = database.rpartition("dbname=")[2]
    with silent_port() as port:
        hosts = f"127.0.0.1,{cluster.folder}"
        services = tmp_path / "services"
        services.write_text(f"[here]\nhost={hosts}\nport={port},5432\ndbname={name}\nuser=postgres\n",
                            encoding="ascii")
        monkeypatch.setenv("PGSERVICEFILE", str(services))
        with opened("service=here") as probe:
            probe.ok("ping")
        monkeypatch.setenv("PGHOST", hosts)
        monkeypatch.setenv("PGPORT", f"{port},5432")
        with opened(f"user=postgres dbname={name}") as probe:
            probe.ok("ping")


NAMESPACE = """
set -e
ip link set lo up
ip link add dark type veth peer name darker
ip link set darker up
ip address add 10.99.0.1/24 dev dark
ip link set dark up
ip neighbour add 10.99.0.2 lladdr 02:00:00:00:00:01 dev dark
exec "$@"
"""


def test_an_address_that_swallows_packets(cluster, database, store):
    """In a network namespace of its own: what is sent to 10.99.0.2 goes nowhere, and nothing comes back."""
    tried = subprocess.run(["unshare", "-n", "sh", "-c", NAMESPACE, "sh", "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip("no network namespaces here")
    string = among(cluster, database, [("10.99.0.2", 5432)])
    code = (f"from support.store import Probe\nwith Probe({string!r}, timeout_ms={DEADLINE * 1000}) as probe:\n"
            "    probe.ok('history')\n")
    done, seconds = timed(subprocess.run, ["unshare", "-n", "sh", "-c", NAMESPACE, "sh", "/usr/bin/python3", "-c", code],
                          capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert seconds > 0.4 * DEADLINE, "the address answered"
