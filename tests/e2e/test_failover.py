# SPDX-License-Identifier: MIT
"""The host of the database fails, and the daemon goes on with another one, or without what it does not need."""
import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

import pytest

from support.daemon import Daemon
from support.postgres import Cluster, children, wait_until
from support.registry import Registry
from support.standby import Standby


@pytest.fixture
def silent_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_the_owners_host_is_dead(silent_port):
    """A schema that is current needs no owner; one that is not waits for it, and says so."""
    dead = f"host=127.0.0.1 port={silent_port} user=postgres dbname=postgres connect_timeout=1"
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


class Two:
    """A primary and a standby, and a daemon that knows both. `url` names both, as a role that owns nothing."""

    def __init__(self, stack):
        self.primary = stack.enter_context(Cluster())
        self.database = self.primary.create_database()
        self.standby = stack.enter_context(Standby(self.primary))
        self.name = self.database.rpartition("dbname=")[2]

    def url(self, *clusters, user="postgres"):
        hosts = ",".join(str(cluster.folder) for cluster in clusters or (self.primary, self.standby))
        return f"host={hosts} user={user} dbname={self.name}"

    def arguments(self, *clusters):
        return ["--database-url", self.url(*clusters, user="registryd_app"),
                "--database-owner-url", self.url(*clusters)]

    def point(self, cluster):
        return cluster.sql(cluster.conninfo(self.name), "SELECT epoch, epoch_number, serial FROM registry")[0]


@pytest.fixture
def two():
    with contextlib.ExitStack() as stack:
        yield Two(stack)


def publish(daemon, name, version="1.0"):
    return daemon.put(f"/v1/packages/{name}/releases/{version}", {
        "name": name, "version": version, "entry_points": {"app.plugins": {name: f"{name}:plugin"}}})


def publish_soon(daemon, name, seconds=20):
    """The answer of the first publish that is accepted; refusals until then are 503."""
    end = time.monotonic() + seconds
    while (answer := publish(daemon, name)).status == 503:
        assert time.monotonic() < end, answer.body
        time.sleep(0.1)
    assert answer.status in (200, 201), answer.body
    return answer


def signal_all(cluster, number):
    pid = cluster.pid()
    for process in [pid, *children(pid)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)


def test_no_serial_is_given_twice_and_no_write_goes_to_the_one_left_behind(two):
    """The primary freezes, the standby that lacks its last changes is promoted, and the primary wakes up again:
    20 times, it is asked for a write by the daemon that has seen the other."""
    with Daemon(arguments=two.arguments()) as daemon:
        first = publish(daemon, "before")
        assert first.status == 201, first.body
        two.standby.wait_for(two.primary)
        two.standby.stop("immediate")  # so that it does not get what comes now
        lost = [publish(daemon, f"lost{number}").json for number in range(5)]
        assert {answer["epoch"] for answer in lost} == {first.json["epoch"]}
        signal_all(two.primary, signal.SIGSTOP)
        two.standby.start()
        two.standby.promote()
        after = publish_soon(daemon, "after").json
        assert after["epoch"] != first.json["epoch"] and after["epoch_number"] > first.json["epoch_number"]
        answer = daemon.get(f"/v1/resolve?group=app.plugins&min_serial={after['serial']}&min_epoch={after['epoch_number']}")
        assert "after" in {record["package"] for record in answer.json["records"]}
        signal_all(two.primary, signal.SIGCONT)
        before = two.point(two.primary)
        for number in range(20):
            answer = publish(daemon, f"again{number}")
            assert answer.status == 201 and answer.json["epoch"] == after["epoch"], answer.body
        assert two.point(two.primary) == before


def test_a_resurrected_primary_is_refused(two):
    """The daemon remembers over its own end. The other primary alone is as good as none, until it is accepted."""
    with Daemon(arguments=two.arguments()) as daemon:
        assert publish(daemon, "before").status == 201
        two.standby.wait_for(two.primary)
        two.primary.kill()
        two.standby.promote()
        after = publish_soon(daemon, "after").json
        daemon.stop()
        two.standby.stop("immediate")
        two.primary.start()
        before = two.point(two.primary)
        daemon.start(wait="listening")
        end = time.monotonic() + 20
        while "event=history-refused" not in daemon.log():
            assert time.monotonic() < end, daemon.log()
            time.sleep(0.1)
        for number in range(20):
            assert publish(daemon, f"again{number}").status == 503
        assert two.point(two.primary) == before
        assert daemon.log().count("event=history-refused") == 1
        number = re.search(r"--accept-history (\d+)", daemon.log())[1]
        assert int(number) == after["epoch_number"]
        daemon.stop()
        daemon.start(arguments=["--accept-history", number])
        accepted = publish(daemon, "restored").json
        assert accepted["epoch_number"] > after["epoch_number"]
        daemon.stop()
        two.standby.start()  # now it is the one that was left behind
        daemon.start(arguments=["--accept-history", number])
        assert publish(daemon, "more").json["epoch"] == accepted["epoch"]


def test_a_daemon_without_memory_begins_with_a_low_number(two):
    """A dump is restored by a daemon that has seen nothing, whose server's clock is behind: the next daemon that has
    seen more gives the epoch a number that hosts follow."""
    with Daemon(arguments=two.arguments(two.primary)) as daemon:
        assert publish(daemon, "before").status == 201
        two.primary.sql(two.url(two.primary), "UPDATE registry SET epoch_number = epoch_number + 315360000")
        daemon.stop()
        daemon.start()
        seen = int(daemon.get("/v1").headers["X-Registry-Epoch-Number"])
        assert seen > time.time() + 300000000
        dump = two.primary.run("pg_dump", "-d", two.url(two.primary))
        daemon.stop()
        with Cluster() as elsewhere:
            database = elsewhere.create_database()
            elsewhere.sql(elsewhere.conninfo("postgres"), "CREATE ROLE registryd_app LOGIN")
            elsewhere.sql(database, dump)
            elsewhere.sql(database, "UPDATE registry SET epoch_number = 5")
            place = ["--database-url", database]
            with Daemon(arguments=place) as fresh:
                assert int(fresh.get("/v1").headers["X-Registry-Epoch-Number"]) < seen
                daemon.arguments = place
                daemon.start()
                assert int(daemon.get("/v1").headers["X-Registry-Epoch-Number"]) == seen + 1
                wait_until(lambda: fresh.get("/v1").headers["X-Registry-Epoch-Number"] == str(seen + 1))


@pytest.fixture
def small_disk():
    """A folder with 200 MB, which any user may reach."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="small-disk-", dir="/tmp"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=200m,mode=755", "full", folder]
    try:
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("no mounting here")
        yield folder
        subprocess.run(["umount", "-l", folder], check=True)
    finally:
        folder.rmdir()


def test_a_full_disk_after_a_crash_of_postgresql(small_disk):
    """PostgreSQL cannot start again, and says nothing: a publish is told about the disk."""
    with Daemon(data_dir=small_disk / "data") as daemon:
        assert publish(daemon, "before").status == 201
        with contextlib.suppress(OSError), open(small_disk / "ballast", "wb", buffering=0) as file:
            while True:
                file.write(bytes(65536))
        os.kill(daemon.postmaster_pid(), signal.SIGKILL)
        wait_until(lambda: publish(daemon, "after").status == 507, 30)
        assert daemon.get("/v1/resolve?group=app.plugins").status in (200, 507)
        (small_disk / "ballast").unlink()
        wait_until(lambda: publish(daemon, "after").status in (200, 201), 40)


def point(answer):
    """What the answer says that it shows."""
    return [answer.headers[f"X-Registry-{name}"] for name in ("Epoch", "Epoch-Number", "Serial")]


def test_the_old_history_answers_until_the_new_one_is_loaded():
    """The epoch changes, and the database goes away while the daemon loads what it has in memory. Answers go on, of
    the old epoch, kept ones and new ones; whoever asks for the new epoch is refused, until the database is back."""
    resolve = "/v1/resolve?group=app.plugins"
    with Cluster() as cluster, Registry(cluster) as registry:
        registry.publish("kept", "1.0", {"app.plugins": {"kept": "kept:plugin"}})
        registry.publish("lost", "1.0", {"app.plugins": {"lost": "lost:plugin"}})
        before = registry.get(resolve)
        assert [record["package"] for record in before.json["records"]] == ["kept", "lost"]
        conninfo = registry.arguments[registry.arguments.index("--database-url") + 1]
        conninfo = conninfo.replace("user=registryd_app", "user=postgres")
        # What the new history does not have any more.
        cluster.sql(conninfo, "UPDATE releases r SET yanked_at = now() FROM packages p "
                    "WHERE p.id = r.package_id AND p.name = 'lost'")
        lock = subprocess.Popen(cluster.command("psql", "-X", "-q", "-d", conninfo, "-c",
                                                "BEGIN; LOCK TABLE releases; SELECT pg_sleep(60)"),
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        try:
            wait_until(lambda: cluster.sql(conninfo, "SELECT 1 FROM pg_locks WHERE granted AND mode = "
                                           "'AccessExclusiveLock' AND relation = 'releases'::regclass"))
            [[number]] = cluster.sql(conninfo, "UPDATE registry SET epoch = gen_random_uuid(), "
                                     "epoch_number = epoch_number + 1 RETURNING epoch_number")
            wait_until(lambda: cluster.sql(conninfo, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
            cluster.kill()
        finally:
            lock.kill()
            lock.wait()
        asked = f"{resolve}&min_epoch={number}"
        end = time.monotonic() + 3
        while time.monotonic() < end:
            for question in (resolve, f"{resolve}&explain=1"):
                answer = registry.get(question)
                assert answer.status == 200, answer.body
                assert point(answer) == point(before)
                assert answer.json["records"] == before.json["records"]
        assert registry.get(resolve).headers["ETag"] == before.headers["ETag"]
        assert point(registry.get("/v1/snapshot?group=app.plugins")) == point(before)
        assert registry.get(asked).status == 503
        cluster.start()
        wait_until(lambda: registry.get("/v1").json["epoch_number"] == int(number))
        after = registry.get(asked)
        assert after.status == 200 and after.headers["X-Registry-Epoch-Number"] == number
        assert after.headers["X-Registry-Epoch"] != before.headers["X-Registry-Epoch"]
        assert [record["package"] for record in after.json["records"]] == ["kept"]
