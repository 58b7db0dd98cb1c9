# SPDX-License-Identifier: MIT
"""A daemon behind PgBouncer in transaction mode: two connections of the server for all that it does at once."""
import concurrent.futures
import hashlib
import random
import subprocess

import pytest
from support.artifacts import wheel
from support.daemon import PROGRAM, Daemon
from support.pgbouncer import PgBouncer
from support.postgres import Cluster, wait_until
from support.standby import Standby
from support.two_daemons import Connection, publish

TRANSACTION = ["--database-pool-mode", "transaction"]


class Pooled(Daemon):
    """A daemon whose database, and maybe standby, is behind PgBouncer."""

    def __init__(self, bouncer, reading=None):
        cluster = bouncer.cluster
        self.conninfo = cluster.create_database()
        name = self.conninfo.rpartition("dbname=")[2]
        direct = self.conninfo.replace("user=postgres", "user=registryd_app")
        arguments = ["--database-url", bouncer.conninfo(name, "registryd_app"), "--database-direct-url", direct,
                     "--database-owner-url", self.conninfo, *TRANSACTION]
        if reading:
            arguments += ["--read-database-url", reading.conninfo(name, "registryd_app")]
        super().__init__(arguments=arguments)


@pytest.fixture(scope="module")
def cluster():
    with Cluster(log_min_messages="log") as running:
        yield running


@pytest.fixture(scope="module")
def bouncer(cluster):
    with PgBouncer(cluster) as running:
        yield running


@pytest.fixture(scope="module")
def daemon(bouncer):
    with Pooled(bouncer) as running:
        yield running


def reads_of(daemon):
    """How many reads the standby has begun."""
    page = daemon.get("/metrics").body.decode()
    return int(page.partition("\nregistryd_standby_reads_total ")[2].split()[0])


def use(daemon, number):
    """What many clients do: everything that has a statement of its own kind."""
    name, group = f"pooled{number}", f"pooled{number % 5}.plugins"
    for version in ("1.0", "1.1"):
        answer = daemon.put(f"/v1/packages/{name}/releases/{version}",
                            {"name": name, "version": version, "entry_points": {group: {name: f"{name}:plugin"}}})
        assert answer.status == 201, answer.body
    serial = answer.json["serial"]
    for path in (f"/v1/packages/{name}", f"/packages/{name}", f"/v1/packages?q={name}", f"/v1/resolve?group={group}",
                 f"/simple/{name}/", "/v1/groups", "/v1/changes?since=0", "/v1/environments/default"):
        answer = daemon.get(f"{path}{'&' if '?' in path else '?'}min_serial={serial}")
        assert answer.status == 200, (path, answer.body)
    yanked = daemon.post(f"/v1/packages/{name}/releases/1.1/yank", {"reason": "old"}, token=daemon.publisher_token)
    assert yanked.status == 200, yanked.body
    records = daemon.get(f"/v1/resolve?group={group}").json["records"]
    assert (name, "1.0") in [(record["package"], record["version"]) for record in records]


def test_many_at_once_share_two_connections(cluster, daemon):
    daemon.publisher_token
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: use(daemon, number), range(16)))
    name = daemon.conninfo.rpartition("dbname=")[2]
    backends = cluster.sql(daemon.conninfo, "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                           f" AND datname = '{name}' AND backend_type = 'client backend'")
    assert int(backends[0][0]) <= 3, "two of the pool and the one that listens"


def test_files_go_through(daemon):
    filename, data = wheel("big", "1.0", files={"big/data.bin": random.Random(1).randbytes(1 << 20)})
    answer = daemon.post(f"/v1/artifacts?filename={filename}", data,
                         headers={"Content-Type": "application/octet-stream"})
    assert answer.status == 201, answer.body
    digest = hashlib.sha256(data).hexdigest()
    assert daemon.get(f"/files/{digest}/{filename}").body == data


def test_no_statement_was_refused(cluster, daemon, bouncer):
    """Named statements would fail in turns: "prepared statement does not exist"."""
    assert "prepared statement" not in cluster.log.read_text(encoding="utf-8")
    assert "event=database-connection-lost" not in daemon.log()
    assert "ERROR" not in bouncer.log()


def test_without_the_setting_it_fails(cluster, bouncer):
    """The control: named statements, and options that the pooler does not know."""
    database = cluster.create_database().rpartition("dbname=")[2]
    with Daemon(arguments=["--database-url", bouncer.conninfo(database, "postgres")], start=False) as daemon:
        daemon.start(wait="listening")
        wait_until(lambda: "unsupported startup parameter: options" in daemon.log())


def test_the_direct_url_is_asked_for(tmp_path):
    done = subprocess.run([PROGRAM, "--data-dir", tmp_path / "data", "--database-url", "host=/nowhere", *TRANSACTION],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "--database-direct-url" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_standby_behind_a_pooler(cluster, bouncer):
    """Its position and the rows are read in one transaction, whichever server is behind the pooler."""
    with Standby(cluster) as standby, PgBouncer(standby) as reading, Pooled(bouncer, reading) as daemon:
        publisher = Connection(daemon, daemon.publisher_token)
        wait_until(lambda: daemon.get("/readyz").json["standby"]["state"] == "used")
        for number in range(10):
            pause = "pause" if number % 2 else "resume"
            standby.sql(standby.conninfo("postgres"), f"SELECT pg_wal_replay_{pause}()")
            publish(publisher, "behind", f"{number}.0", "behind.plugins")
            releases = daemon.get("/v1/packages/behind").json["releases"]
            assert releases[0]["version"] == f"{number}.0"
        standby.sql(standby.conninfo("postgres"), "SELECT pg_wal_replay_resume()")
        standby.wait_for(cluster)
        wait_until(lambda: daemon.get("/readyz").json["standby"]["state"] == "used")
        before = reads_of(daemon)
        assert daemon.get("/v1/packages/behind").status == 200
        assert daemon.get("/v1/resolve?group=never.loaded").status == 200
        assert reads_of(daemon) >= before + 2


def follow(server, leader):
    """Makes a stopped primary a standby of the server that took its place."""
    (server.data / "standby.signal").touch(0o644)
    with open(server.data / "postgresql.auto.conf", "a", encoding="utf-8") as file:
        file.write(f"primary_conninfo = 'host={leader.folder} user=postgres'\nrecovery_target_timeline = 'latest'\n")
    server.start()


def test_after_a_switchover_the_new_primary_is_found(cluster):
    """PgBouncer goes on saying of a server what it was when the pool was made, and keeps its clients."""
    with Cluster() as old, Standby(old) as new, PgBouncer(old) as before, PgBouncer(new) as behind:
        name = old.create_database().rpartition("dbname=")[2]
        both = f"host={before.folder},{behind.folder} port=6432 user=registryd_app dbname={name}"
        direct = f"host={old.folder},{new.folder} user=registryd_app dbname={name}"
        owner = direct.replace("registryd_app", "postgres")
        with Daemon(arguments=["--database-url", both, "--database-direct-url", direct, "--database-owner-url", owner,
                               *TRANSACTION]) as daemon:
            publish(Connection(daemon, daemon.publisher_token), "kept", "1.0", "kept.plugins")
            new.wait_for(old)
            old.stop("fast")
            new.promote()
            follow(old, new)
            wait_until(lambda: daemon.put("/v1/packages/kept/releases/2.0", {"name": "kept", "version": "2.0"}).status
                       in (200, 201))
            rows = "SELECT count(*) FROM releases"
            assert new.sql(new.conninfo(name), rows) == [["2"]]
            releases = daemon.get("/v1/packages/kept").json["releases"]
            assert [release["version"] for release in releases] == ["2.0", "1.0"]
