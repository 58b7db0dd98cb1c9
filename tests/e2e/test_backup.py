# SPDX-License-Identifier: MIT
"""The ways of docs/OPERATIONS.md to back up and to move, as they stand there: pg_dump of the private
PostgreSQL, restored elsewhere or into a new cluster. The history goes on under a new epoch."""

import os
import shutil
import subprocess

import pytest

from support.daemon import Daemon
from support.postgres import PROGRAMS, Cluster

RESOLVE = "/v1/resolve?group=backup.plugins"


def run(program, *arguments, **options):
    """One of PostgreSQL's programs, as the user the private one belongs to."""
    line = [str(PROGRAMS / program), *arguments]
    if os.geteuid() == 0:
        line = ["runuser", "-u", "postgres", "--", *line]
    done = subprocess.run(line, capture_output=True, cwd="/", check=False, **options)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def private(daemon):
    socket = (daemon.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[4]
    return ["-h", socket, "-U", "registryd", "-d", "postgres"]


def publish(daemon, name, **options):
    return daemon.put(f"/v1/packages/{name}/releases/1.0", {
        "name": name, "version": "1.0",
        "entry_points": {"backup.plugins": {name: "backup.plugin:setup"}}}, **options)


@pytest.fixture
def original():
    with Daemon() as daemon:
        assert publish(daemon, "kept").status == 201
        yield daemon


def state(daemon):
    """Records and epoch."""
    answer = daemon.get(RESOLVE)
    assert answer.status == 200
    return answer.json["records"], answer.headers["X-Registry-Epoch"]


def test_a_dump_goes_on_in_another_database(original):
    records, epoch = state(original)
    dump = run("pg_dump", *private(original), "-Fc")
    with Cluster() as cluster:
        conninfo = cluster.create_database()
        run("pg_restore", "--no-owner", "--no-acl", "-d", conninfo, input=dump)
        with Daemon(arguments=["--database-url", conninfo]) as moved:
            moved_records, moved_epoch = state(moved)
            assert moved_records == records
            assert moved_epoch != epoch
            again = publish(moved, "kept", token=original.publisher_token)
            assert again.status == 200
            assert publish(moved, "new", token=original.publisher_token).status == 201


def test_a_dump_goes_on_in_a_new_private_cluster(original):
    records, epoch = state(original)
    dump = run("pg_dump", *private(original), "-Fc")
    original.stop()
    shutil.move(original.data_dir / "postgres", original.data_dir / "postgres.old")
    original.start()
    run("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction",
        *private(original), input=dump)
    original.stop()
    original.start()
    moved_records, moved_epoch = state(original)
    assert moved_records == records
    assert moved_epoch != epoch
    assert publish(original, "new").status == 201
