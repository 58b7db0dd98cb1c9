# SPDX-License-Identifier: MIT
"""The audit: one event for each change, whole after a thousand changes of every kind and a kill -9, and
out of reach of the role that the daemon runs as. Nothing that is written down holds a token."""

import itertools
import json
import os
import random
import re
import subprocess
import threading
import time

import pytest

from support.access import make_token
from support.daemon import BUILD_DIR, Daemon
from support.postgres import PROGRAMS, Cluster

TOKEN = re.compile(r"plg[ac]?_[0-9A-Za-z]{46}")
CHANGES = int(os.environ.get("REGISTRYD_AUDIT_CHANGES", "1000"))


@pytest.fixture(scope="module")
def daemon():
    with Daemon(arguments=["--log-level", "debug"]) as running:
        yield running


def psql(daemon, role, statement):
    socket = (daemon.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[4]
    owner = (daemon.data_dir / "postgres").owner()
    command = [str(PROGRAMS / "psql"), "-h", socket, "-U", role, "-d", "postgres", "-AtX",
               "-v", "ON_ERROR_STOP=1", "-c", statement]
    if os.geteuid() == 0 and role != "registryd":  # the owner's role is the operator's alone
        command = ["runuser", "-u", owner, "--", *command]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def changes(daemon, seed, tokens):
    """Endless changes of every kind; each yields the status of its answer."""
    dice = random.Random(seed)
    admin = daemon.admin_token
    for number in itertools.count():
        name = f"audited-{seed}-{dice.randrange(20)}x"
        kind = dice.randrange(8)
        if kind <= 2:
            version = f"1.{number}"
            yield daemon.put(f"/v1/packages/{name}/releases/{version}",
                             {"name": name, "version": version}).status
        elif kind == 3:
            body = {"name": "t", "team": "audited", "scopes": ["read"], "grant": True}
            answer = daemon.post("/v1/tokens", body, token=admin)
            tokens.append(answer.json.get("token"))
            yield answer.status
        elif kind == 4:
            yield daemon.put(f"/v1/grants/audited/yank/{name}", None, token=admin).status
        elif kind == 5:
            yield daemon.request("DELETE", f"/v1/grants/audited/yank/{name}", token=admin).status
        elif kind == 6:
            yield daemon.put(f"/v1/reserved-names/{name}-kept", {"reason": "x"}, token=admin).status
        else:
            yield daemon.post("/v1/tokens/revoke-leaked",
                              {"token": tokens.pop() if tokens else "x"}, token=None).status


def work(daemon, seed, count, tokens):
    for status in itertools.islice(changes(daemon, seed, tokens), count):
        assert status < 300


def test_the_chain_is_whole_after_many_changes_and_a_kill(daemon):
    tokens = []
    threads = [threading.Thread(target=work, args=(daemon, seed, CHANGES // 8, tokens))
               for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    def until_killed(seed):
        try:
            work(daemon, seed, CHANGES, tokens)
        except (OSError, AssertionError):  # it dies in the middle of an answer
            pass
    threads = [threading.Thread(target=until_killed, args=(seed,)) for seed in range(10, 14)]
    for thread in threads:
        thread.start()
    threading.Event().wait(1)
    daemon.kill()
    for thread in threads:
        thread.join()
    daemon.start()
    work(daemon, 99, CHANGES // 2, tokens)
    verdict = daemon.get("/v1/audit/verification", token=daemon.admin_token).json
    assert verdict["whole"] and verdict["events"] >= CHANGES * 3 // 4
    # One event for each change, and one for the first token.
    counts = psql(daemon, "registryd", "SELECT (SELECT count(*) FROM audit_events) - count(*), "
                                       "max(serial) - count(*) FROM changes").stdout.strip()
    assert counts == "1|0"


def test_the_command_line_verifies_and_exports(daemon, tmp_path):
    environment = {**os.environ, "REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": daemon.admin_token}
    program = BUILD_DIR / "bin" / "registryctl"
    done = subprocess.run([program, "audit", "--verify", "--format", "json"], env=environment, capture_output=True,
                          text=True, check=True)
    verdict = json.loads(done.stdout)
    kept = tmp_path / "head.json"
    for _ in range(2):  # the first run keeps the head, the second compares with it
        subprocess.run([program, "audit", "--verify", "--head", kept], env=environment, check=True, capture_output=True)
    assert json.loads(kept.read_text()) == {"events": verdict["events"], "head": verdict["head"]}
    for events, head in ((verdict["events"] + 1, verdict["head"]), (verdict["events"], "0" * 64)):
        kept.write_text(json.dumps({"events": events, "head": head}))
        done = subprocess.run([program, "audit", "--verify", "--head", kept, "--format", "json"], env=environment,
                              capture_output=True, text=True)
        assert done.returncode == 1 and json.loads(done.stdout)["fault"] == events
        assert json.loads(kept.read_text())["head"] == head
    done = subprocess.run([program, "audit", "--export"], env=environment, capture_output=True,
                          text=True, check=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["id"] for event in events] == list(range(1, verdict["events"] + 1))
    assert events[-1]["hash"] == verdict["head"]
    assert {"publish", "token-create", "token-revoke", "grant-add", "grant-remove",
            "reserve"} <= {event["action"] for event in events}
    assert not TOKEN.search(done.stdout)
    done = subprocess.run([program, "audit", "--after", str(verdict["events"] - 2), "--format", "json"], env=environment,
                          capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == events[-2:]


@pytest.mark.parametrize("statement", [
    "UPDATE audit_events SET actor = 'x'", "DELETE FROM audit_events", "TRUNCATE audit_events",
    "UPDATE changes SET kind = 'x'", "DELETE FROM changes", "TRUNCATE changes",
    "UPDATE tokens SET hash = hash", "UPDATE tokens SET kind = 'admin'", "UPDATE tokens SET scopes = '{}'",
    "DELETE FROM tokens", "DELETE FROM packages", "DELETE FROM releases", "TRUNCATE releases",
    "UPDATE blobs SET size = 1", "DROP TABLE audit_events", "CREATE TABLE mine (x int)",
    "ALTER TABLE audit_events DISABLE TRIGGER ALL", "DELETE FROM schema_migrations",
    "SET session_replication_role = replica", "CREATE ROLE other", "SET ROLE registryd",
])
def test_the_daemons_role_cannot_rewrite(daemon, statement):
    done = psql(daemon, "registryd_app", statement)
    assert done.returncode != 0
    assert "permission denied" in done.stderr or "must be owner" in done.stderr, done.stderr


def roles_at_work(daemon):
    done = psql(daemon, "registryd", "SELECT string_agg(DISTINCT usename, ' ') FROM pg_stat_activity "
                                     "WHERE application_name = 'registryd'")
    return done.stdout.strip()


def test_the_daemon_runs_as_that_role(daemon):
    deadline = time.monotonic() + 10  # the owner's session, which migrated, may take a moment to end
    while roles_at_work(daemon) != "registryd_app" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert roles_at_work(daemon) == "registryd_app"
    done = psql(daemon, "registryd", "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR "
                                     "rolreplication OR rolbypassrls FROM pg_roles "
                                     "WHERE rolname = 'registryd_app'")
    assert done.stdout.strip() == "f"


def test_nothing_written_down_holds_a_token(daemon):
    token = make_token(daemon, "quiet", ["read"])
    for path in (f"/{token}", f"/v1/packages/{token}", f"/v1/packages?q={token}"):
        daemon.get(path, token=token)
    logs = daemon.log() + (daemon.data_dir / "postgres.log").read_text()
    assert len(logs) > 10000
    assert not TOKEN.search(logs)
    rows = psql(daemon, "registryd", "SELECT a::text FROM audit_events a UNION ALL "
                                     "SELECT c::text FROM changes c UNION ALL "
                                     "SELECT t::text FROM tokens t").stdout
    assert len(rows) > 10000 and not TOKEN.search(rows)


def test_an_external_database_may_have_two_roles():
    """As docs/OPERATIONS.md says it."""
    with Cluster() as cluster:
        for statement in ("CREATE ROLE registry_owner LOGIN", "CREATE ROLE registry_app LOGIN",
                          "CREATE DATABASE registry OWNER registry_owner ENCODING 'UTF8' TEMPLATE template0"):
            cluster.sql(cluster.conninfo("postgres"), statement)
        where = f"host={cluster.folder} dbname=registry"
        with Daemon(arguments=["--database-url", f"{where} user=registry_app",
                               "--database-owner-url", f"{where} user=registry_owner"]) as other:
            assert other.put("/v1/packages/two/releases/1.0", {"name": "two", "version": "1.0"}).status == 201
            assert other.get("/v1/audit/verification", token=other.admin_token).json["whole"]
        with pytest.raises(RuntimeError, match="permission denied"):
            cluster.sql(f"{where} user=registry_app", "DELETE FROM audit_events")
