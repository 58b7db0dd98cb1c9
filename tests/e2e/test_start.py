# SPDX-License-Identifier: MIT
"""How registryd starts and stops: every way it can go, and one clear line when it cannot."""

import concurrent.futures
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import time

import pytest

from support.daemon import PROGRAM, Daemon
from support.postgres import Cluster

PUBLISHERS = 16


def document(name, version="1.0"):
    return {"name": name, "version": version,
            "entry_points": {"start.plugins": {name: f"{name}.plugin:setup"}}}


def fails(*arguments, environment=None, seconds=60):
    """Runs registryd, which must end by itself; its exit code and its one line."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRYD_")}
    done = subprocess.run([str(PROGRAM), *arguments], env={**kept, **(environment or {})},
                          capture_output=True, text=True, timeout=seconds, check=False)
    lines = [line for line in done.stderr.splitlines() if not line.startswith("time=")]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("registryd: ")
    assert done.returncode != 0
    return done.returncode, lines[0]


@pytest.fixture
def place():
    """A stopped daemon: a temporary folder that is swept at the end."""
    with Daemon(start=False) as stopped:
        yield stopped


# ---- the command line ----

@pytest.mark.parametrize("arguments, words", [
    (["--lisen", "x"], "Unknown flag --lisen"),
    (["serve"], '"serve" is not a flag'),
    (["--threads", "many"], "whole number from 4 to 16384"),
    (["--threads"], "threads needs a value"),
    (["--listen", "nowhere"], '"nowhere" is not HOST:PORT'),
    (["--listen", "127.0.0.1:99999"], "is not HOST:PORT"),
    (["--log-level", "loud"], "error, warning, info or debug"),
    (["--config", "/does/not/exist.yaml"], "/does/not/exist.yaml: Cannot read"),
])
def test_a_bad_command_line_is_refused_with_2(place, arguments, words):
    code, line = fails("--data-dir", str(place.data_dir), *arguments)
    assert code == 2
    assert words in line
    assert not place.data_dir.exists()


def test_a_bad_variable_is_named(place):
    code, line = fails("--data-dir", str(place.data_dir),
                       environment={"REGISTRYD_POOL_SIZE": "0"})
    assert code == 2
    assert "REGISTRYD_POOL_SIZE: pool-size must be" in line


def test_a_file_is_read_and_its_faults_have_a_line(place):
    config = place.home / "registryd.yaml"
    config.write_text("threads: 32\nlisten: 127.0.0.1:0\nlog-level: debug\n")
    place.environment = {"REGISTRYD_THREADS": ""}
    place.start(arguments=["--config", str(config)])
    assert place.get("/healthz").status == 200
    config.write_text("threads: 32\n\nlisten-on: x\n")
    code, line = fails("--config", str(config))
    assert code == 2
    assert f"{config}:3: Unknown setting \"listen-on\"" in line


@pytest.mark.parametrize("flag, words", [("--help", "--data-dir DIR"), ("--version", "registryd "),
                                         ("--print-config", "\nthreads: 1024 # default\n"),
                                         ("--print-routes", '"path": "/v1/resolve", "access": "read"')])
def test_it_tells_about_itself(flag, words):
    done = subprocess.run([str(PROGRAM), "--data-dir", "/x", flag], capture_output=True, text=True,
                          check=True)
    assert words in done.stdout
    assert done.stderr == ""


# ---- the data directory ----

def test_an_empty_directory_then_the_same_again(place):
    place.data_dir.mkdir(mode=0o700)
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(place.data_dir, owner.pw_uid, owner.pw_gid)
    place.start(arguments=["--user", "postgres"] if os.geteuid() == 0 else [])
    token = place.admin_token
    token_file = place.data_dir / "admin.token"
    assert token_file.stat().st_mode & 0o777 == 0o600
    assert token_file.stat().st_uid != 0
    published = place.put("/v1/packages/keep/releases/1.0", document("keep"))
    assert published.status == 201
    assert place.stop() == 0
    assert place.postmaster_pid() is None
    place.start()
    assert place.admin_token == token
    again = place.put("/v1/packages/keep/releases/1.0", document("keep"))
    assert again.status == 200
    assert again.headers["X-Registry-Epoch"] == published.headers["X-Registry-Epoch"]


def test_a_missing_directory_is_made_with_its_parents(place):
    place.data_dir = place.home / "some" / "where" / "data"
    place.start()
    assert place.data_dir.stat().st_mode & 0o777 == 0o700
    assert place.data_dir.stat().st_uid != 0


def test_it_never_serves_as_root(place):
    place.start()
    status = pathlib.Path(f"/proc/{place.process.pid}/status").read_text()
    uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
    assert "0" not in uids


def test_a_directory_of_200_characters(place):
    deep = place.home / ("d" * 100)
    place.data_dir = deep / ("e" * (200 - len(str(deep)) - 1))
    assert len(str(place.data_dir)) == 200
    place.start()
    assert place.put("/v1/packages/deep/releases/1.0", document("deep")).status == 201


def test_a_directory_that_cannot_be_written(place):
    place.data_dir.mkdir(mode=0o500)
    before = place.data_dir.stat()
    code, line = fails("--data-dir", str(place.data_dir), "--listen", "127.0.0.1:0")
    assert code == 5
    assert "cannot write to the data directory" in line
    own = "use: chmod u+rwx "  # as root another user is taken on, who does not own it
    assert ("use: chown -R " if os.geteuid() == 0 else own) in line
    after = place.data_dir.stat()
    assert (before.st_uid, before.st_mode) == (after.st_uid, after.st_mode)
    assert list(place.data_dir.iterdir()) == []


def test_a_file_in_place_of_the_directory(place):
    place.data_dir.write_text("no directory")
    place.data_dir.chmod(0o777)
    code, line = fails("--data-dir", str(place.data_dir))
    assert code == 5
    assert "is not a directory" in line


def test_a_second_one_on_a_directory(place):
    place.start()
    code, line = fails("--data-dir", str(place.data_dir), "--listen", "127.0.0.1:0")
    assert code == 3
    assert f"Another registryd (process {place.process.pid}) uses" in line
    assert place.is_ready()


def test_a_folder_that_is_no_cluster(place):
    place.start()
    place.stop()
    (place.data_dir / "postgres" / "PG_VERSION").unlink()
    code, line = fails("--data-dir", str(place.data_dir))
    assert code == 5
    assert "not a PostgreSQL cluster" in line


# ---- what it needs from around ----

def test_a_port_that_is_taken(place):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, line = fails("--data-dir", str(place.data_dir), "--listen", f"127.0.0.1:{port}")
    assert code == 5
    assert f"127.0.0.1:{port}" in line
    assert place.postmaster_pid() is None
    assert not (place.data_dir / "postgres").exists()  # nothing costly was begun


def test_postgresql_is_missing(place):
    code, line = fails("--data-dir", str(place.data_dir), "--postgres-bin", "/nowhere")
    assert code == 5
    assert "/nowhere does not contain initdb and postgres" in line


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_users_that_cannot_be(place):
    assert fails("--data-dir", str(place.data_dir), "--user", "root")[0] == 2
    code, line = fails("--data-dir", str(place.data_dir), "--user", "no-such-user-here")
    assert code == 2
    assert "useradd --system no-such-user-here" in line
    assert not place.data_dir.exists()


def test_a_file_in_place_of_the_token(place):
    place.start()
    place.stop()
    (place.data_dir / "admin.token").write_text("not a token\n")
    code, line = fails("--data-dir", str(place.data_dir), "--listen", "127.0.0.1:0")
    assert code == 5
    assert "admin.token does not contain a token" in line


def test_what_another_user_could_have_written_is_refused(place):
    place.start()
    place.stop()
    arguments = "--data-dir", str(place.data_dir), "--listen", "127.0.0.1:0"
    token = place.data_dir / "admin.token"
    token.chmod(0o622)
    code, line = fails(*arguments)
    assert code == 5
    assert f"Another user could have written {token}" in line
    token.rename(place.data_dir / "elsewhere")
    token.symlink_to("elsewhere")
    assert fails(*arguments)[0] == 5
    token.unlink()
    (place.data_dir / "elsewhere").rename(token)
    token.chmod(0o600)
    for mode in (0o702, 0o720):
        place.data_dir.chmod(mode)
        code, line = fails(*arguments)
        assert code == 5
        assert f"Other users can write to the data directory {place.data_dir}" in line
        assert f"chmod go-w {place.data_dir}" in line
    place.data_dir.chmod(0o700)
    place.start()


def test_a_token_made_but_not_stored_is_made_good(place):
    """As after a crash between writing the file and telling the database."""
    with Daemon() as other:
        foreign = other.admin_token
    place.data_dir.mkdir(mode=0o700)
    (place.data_dir / "admin.token").write_text(foreign + "\n")
    if os.geteuid() == 0:
        shutil.chown(place.data_dir, "postgres")
        shutil.chown(place.data_dir / "admin.token", "postgres")
    place.start()
    assert place.admin_token == foreign
    assert place.put("/v1/packages/healed/releases/1.0", document("healed")).status == 201


# ---- a database of one's own ----

def test_an_external_database_that_comes_later(place):
    with Cluster() as cluster:
        conninfo = cluster.create_database()
        cluster.stop()
        place.start(wait="listening", arguments=["--database-url", conninfo])
        assert place.get("/healthz").status == 200
        assert place.get("/readyz").status == 503
        assert not (place.data_dir / "postgres").exists()
        cluster.start()
        place.wait_ready()
        assert place.put("/v1/packages/late/releases/1.0", document("late")).status == 201
        assert place.stop() == 0


def test_two_daemons_share_a_database_and_one_administrator(place):
    with Cluster() as cluster:
        conninfo = cluster.create_database()
        place.start(arguments=["--database-url", conninfo])
        with Daemon(arguments=["--database-url", conninfo]) as second:
            assert not (second.data_dir / "admin.token").exists()
            answer = second.put("/v1/packages/both/releases/1.0", document("both"),
                                token=place.publisher_token)
            assert answer.status == 201


# ---- the stop ----

def half_a_publish(daemon, name):
    """A connection on which the head and half the body of a publish have been sent."""
    body = json.dumps(document(name)).encode()
    host, port = daemon.address.split(":")
    connection = socket.create_connection((host, int(port)), timeout=30)
    connection.sendall(
        f"PUT /v1/packages/{name}/releases/1.0 HTTP/1.1\r\nHost: {daemon.address}\r\n"
        f"Authorization: Bearer {daemon.publisher_token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode() + body[:20])
    return connection, body[20:]


def read_to_end(connection):
    with connection:
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_sigterm_answers_what_is_under_way(place):
    place.start()
    names = [f"flight{number}" for number in range(PUBLISHERS)]
    halves = [half_a_publish(place, name) for name in names]
    place.get("/healthz")  # behind them in the queue: they have been taken
    time.sleep(0.5)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        exit_code = pool.submit(place.stop)
        time.sleep(0.5)
        assert place.process.poll() is None  # it waits for them
        for connection, rest in halves:
            connection.sendall(rest)
        answers = [read_to_end(connection) for connection, _ in halves]
        assert exit_code.result() == 0
    assert [answer.split(b" ")[1] for answer in answers] == [b"201"] * PUBLISHERS
    place.start()
    for name in names:
        assert place.get(f"/v1/packages/{name}/releases/1.0").status == 200


def test_sigterm_ends_a_long_poll_and_idle_connections(place):
    place.start()
    host, port = place.address.split(":")
    with socket.create_connection((host, int(port))), \
            concurrent.futures.ThreadPoolExecutor() as pool:
        poll = pool.submit(place.get, "/v1/changes?since=0&wait=30", timeout=60)
        time.sleep(0.5)
        begin = time.monotonic()
        assert place.stop() == 0
        assert time.monotonic() - begin < 15  # and not the 30 s of the poll
        assert poll.result().status in (200, 503)


def test_a_stop_before_it_is_ready(place):
    place.start(wait="listening",
                arguments=["--database-url", "host=/nowhere user=nobody dbname=none"])
    assert place.kill(signal.SIGINT) == 0
