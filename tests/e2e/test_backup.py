# SPDX-License-Identifier: MIT
"""The ways of docs/OPERATIONS.md to back up and to move, as they stand there: pg_dump of the private
PostgreSQL, restored elsewhere or into a new cluster. The history goes on under a new epoch."""

import os
import pathlib
import shutil
import signal
import subprocess

import pytest

from support.daemon import Daemon
from support.postgres import PROGRAMS, Cluster

RESOLVE = "/v1/resolve?group=backup.plugins"


def attempt(program, *arguments, as_daemon=True, **options):
    """One of PostgreSQL's programs, as the user the private one belongs to, or as the operator."""
    line = [str(PROGRAMS / program), *arguments]
    if os.geteuid() == 0 and as_daemon:
        line = ["runuser", "-u", "postgres", "--", *line]
    return subprocess.run(line, capture_output=True, cwd="/", check=False, **options)


def run(program, *arguments, **options):
    done = attempt(program, *arguments, **options)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def socket_of(daemon):
    return (daemon.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[4]


def private(daemon, role="registryd_backup"):
    return ["-h", socket_of(daemon), "-U", role, "-d", "postgres"]


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
    run("pg_restore", "--clean", "--if-exists", "--no-owner", "--no-acl", "--single-transaction",
        *private(original, "registryd"), input=dump, as_daemon=False)
    original.stop()
    original.start()
    moved_records, moved_epoch = state(original)
    assert moved_records == records
    assert moved_epoch != epoch
    assert publish(original, "new").status == 201


def test_a_copy_of_the_running_cluster_starts(original):
    records, _ = state(original)
    folder = original.home / "copy"
    folder.mkdir()
    shutil.chown(folder, (original.data_dir / "postgres").owner())
    folder.chmod(0o700)
    run("pg_basebackup", "-h", socket_of(original), "-U", "registryd_backup", "-D", str(folder / "postgres"))
    with Daemon(data_dir=folder) as copy:
        assert state(copy)[0] == records


def is_admitted(daemon, role, **options):
    done = attempt("psql", *private(daemon, role), "-AtX", "-c", "SELECT 1", **options)
    assert done.returncode == 0 or b"authentication failed" in done.stderr, done.stderr
    return done.returncode == 0


def test_only_the_operator_is_the_owner(original):
    """At the first start, after a crash with the postmaster adopted, and after a restart; a migration
    or the rights of a role need the owner at each of them."""
    if os.geteuid() != 0:
        pytest.skip("the operator and the user of registryd are the same here")

    def check():
        assert not is_admitted(original, "registryd")
        assert is_admitted(original, "registryd", as_daemon=False)
        assert is_admitted(original, "registryd_app") and is_admitted(original, "registryd_backup")
    check()
    run("psql", *private(original, "registryd"), "-c", "REVOKE SELECT ON packages FROM registryd_app",
        as_daemon=False)
    postmaster = original.postmaster_pid()
    original.kill()
    original.start()
    assert original.postmaster_pid() == postmaster
    check()
    assert publish(original, "after-a-crash").status == 201
    os.kill(postmaster, signal.SIGINT)  # the supervisor starts another one
    original._wait_for(lambda: original.postmaster_pid() not in (None, postmaster), "have another postmaster")
    original._wait_for(lambda: attempt("psql", *private(original), "-c", "").returncode == 0, "let us in")
    check()
    original.stop()
    original.start()
    check()


@pytest.mark.parametrize("statement", [
    "INSERT INTO schema_migrations VALUES (99, 'x', 'x')", "UPDATE packages SET owner = 'x'", "DELETE FROM changes",
    "CREATE TABLE mine (x int)", "SET ROLE registryd", "COPY packages TO PROGRAM 'cat'"])
def test_the_role_for_backups_only_reads(original, statement):
    done = attempt("psql", *private(original), "-X", "-v", "ON_ERROR_STOP=1", "-c", statement)
    assert done.returncode != 0
    assert b"permission denied" in done.stderr or b"must be" in done.stderr, done.stderr


def test_the_private_postgresql_is_private_and_durable(original):
    asked = "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings WHERE name IN " \
            "('listen_addresses', 'fsync', 'synchronous_commit', 'full_page_writes')"
    said = run("psql", *private(original), "-AtX", "-c", asked).decode().strip()
    assert said == "fsync=on full_page_writes=on listen_addresses= synchronous_commit=on"
    for folder in (pathlib.Path(socket_of(original)), original.data_dir, original.data_dir / "postgres"):
        assert folder.stat().st_mode & 0o077 == 0, folder
