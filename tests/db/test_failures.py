# SPDX-License-Identifier: MIT
"""The database goes away, freezes, refuses, comes back. The store answers in time, never says "done"
when it is not known, never "failed" when it may have been done, and recovers by itself."""
import os
import signal
import subprocess
import time

import pytest

from support.postgres import wait_until
from support.store import Probe, release


@pytest.fixture
def quick(database, store):
    """A store whose calls may take one second."""
    with Probe(database, timeout_ms=1000) as probe:
        probe.ok("ping")
        yield probe


@pytest.fixture
def settings(cluster, database):
    """Changes server settings for the time of a test."""
    changed = []

    def change(name, value):
        changed.append(name)
        cluster.sql(database, f"ALTER SYSTEM SET {name} = {value}")
        reload()

    def reload():
        cluster.sql(database, "SELECT pg_reload_conf()")
        time.sleep(0.1)  # the server passes it on to its sessions by itself

    yield change
    for name in changed:
        # Even a server that was told to be read-only, or to wait for nobody, takes this.
        cluster.sql(database, f"ALTER SYSTEM RESET {name}")
    reload()


class Session:
    """A psql kept open, for locks that are held."""

    def __init__(self, cluster, database):
        self.process = subprocess.Popen(
            cluster.command("psql", "-X", "-A", "-t", "-q", "-d", database), text=True, cwd="/",
            stdin=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, text):
        """Runs statements and waits until they are done."""
        self.process.stdin.write(f"{text};\n\\warn done\n")
        self.process.stdin.flush()
        assert self.process.stderr.readline() == "done\n"

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)


@pytest.fixture
def locked(cluster, database, store):
    """Holds the registry row: a publish waits at its last step."""
    session = Session(cluster, database)
    session.run("BEGIN")
    session.run("SELECT serial FROM registry FOR UPDATE")
    yield session
    session.close()


def backends(cluster, database, condition):
    rows = cluster.sql(database, "SELECT pid FROM pg_stat_activity WHERE datname ="
                                 f" current_database() AND application_name = 'registryd' AND {condition}")
    return [int(pid) for pid, in rows]


def timed(call):
    started = time.monotonic()
    answer = call()
    return answer, time.monotonic() - started


def test_database_gone_and_back(cluster, store):
    store.ok("publish", **release("shop", "1.0"))
    cluster.stop()
    try:
        for call in ({"call": "ping"}, {"call": "history"}, {"call": "packages"},
                     {"call": "publish", **release("shop", "1.1")}, {"call": "migrate"},
                     {"call": "listen"}, {"call": "candidates", "group": "g"}):
            answer, seconds = timed(lambda call=call: store.call(**call))
            assert answer["status"] == "unavailable", answer
            assert seconds < 10  # the calls' own limit is 5 s
            assert str(cluster.folder) not in answer["message"]
    finally:
        cluster.start()
    assert store.ok("history")["serial"] == 1
    assert store.ok("publish", **release("shop", "1.1"))["serial"] == 2


def test_restart_between_calls_is_not_noticed(cluster, store):
    calls = [release(f"p{number}", "1.0") for number in range(8)]
    store.together(calls)
    cluster.stop()
    cluster.start()
    assert store.ok("history")["serial"] == 8
    assert not store.ok("publish", **calls[0])["created"]


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(cluster, database, store):
    calls = [release(f"p{number}", "1.0") for number in range(6000)]
    store.send("publish_together", calls=calls, threads=8)
    wait_until(lambda: int(cluster.sql(database, "SELECT serial FROM registry")[0][0]) > 50)
    cluster.kill()
    outcomes = store.receive()["outcomes"]
    cluster.start()
    statuses = {outcome["status"] for outcome in outcomes}
    assert "ok" in statuses and statuses - {"ok"}, statuses
    assert statuses <= {"ok", "unavailable", "unknown-outcome"}
    kept = {name for name, in cluster.sql(database, "SELECT name FROM packages")}
    for call, outcome in zip(calls, outcomes):
        assert outcome["status"] != "ok" or call["name"] in kept
        assert outcome["status"] != "unavailable" or call["name"] not in kept
    again = store.together(calls)
    assert {outcome["status"] for outcome in again} == {"ok"}
    assert store.ok("history")["serial"] == 6000


def test_a_frozen_server_costs_the_deadline(cluster, database, quick):
    pids = backends(cluster, database, "true") + [cluster.pid()]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        for call in ("history", "ping"):
            answer, seconds = timed(lambda call=call: quick.call(call))
            assert answer["status"] == "unavailable" and 0.9 < seconds < 8
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    quick.ok("history")


def test_waiting_for_a_lock_ends(locked, quick, store):
    """An outcome that is unknown may turn out either way: on a busy machine the order to cancel can reach the server
    after the lock is free. What was refused for certain is not there."""
    answer, seconds = timed(lambda: quick.call("publish", **release("shop", "1.0")))
    assert answer["status"] in ("unavailable", "unknown-outcome") and seconds < 8
    locked.run("COMMIT")
    created = store.ok("publish", **release("shop", "1.0"))["created"]
    assert created or answer["status"] == "unknown-outcome"
    assert not store.ok("publish", **release("shop", "1.0"))["created"]


def test_publishes_wait_in_line_but_not_for_ever(locked, quick, store):
    calls = [release("shop", f"1.{number}") for number in range(8)]  # one package: one at a time
    outcomes, seconds = timed(lambda: quick.together(calls, threads=8))
    assert {outcome["status"] for outcome in outcomes} <= {"unavailable", "unknown-outcome"}
    assert seconds < 20
    locked.run("COMMIT")
    assert {outcome["status"] for outcome in store.together(calls)} == {"ok"}


def test_a_connection_lost_while_committing_is_unknown(cluster, database, locked, store):
    store.send("publish", **release("shop", "1.0"))
    wait_until(lambda: backends(cluster, database, "wait_event_type = 'Lock'"))
    cluster.sql(database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                          " WHERE application_name = 'registryd' AND wait_event_type = 'Lock'")
    answer = store.receive()
    assert answer["status"] == "unknown-outcome" and "Retrying is safe" in answer["message"]
    locked.run("COMMIT")
    assert store.ok("publish", **release("shop", "1.0"))["created"]


def test_a_commit_without_its_standby_is_unknown(cluster, database, settings, store):
    store.ok("publish", **release("shop", "1.0"))
    settings("synchronous_standby_names", "'nobody'")
    store.send("publish", **release("shop", "1.1"))
    wait_until(lambda: backends(cluster, database, "wait_event = 'SyncRep'"))
    cluster.sql(database, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
                          " WHERE wait_event = 'SyncRep'")
    answer = store.receive()
    assert answer["status"] == "unknown-outcome", answer
    settings("synchronous_standby_names", "''")
    assert not store.ok("publish", **release("shop", "1.1"))["created"]


def test_a_standby_that_does_not_answer_costs_the_deadline(cluster, database, settings, quick):
    settings("synchronous_standby_names", "'nobody'")
    answer, seconds = timed(lambda: quick.call("publish", **release("shop", "1.0")))
    assert answer["status"] == "unknown-outcome" and seconds < 8
    settings("synchronous_standby_names", "''")
    assert quick.ok("history")["serial"] == 1  # it was committed after all


def test_a_read_only_server_is_left(database, settings, store):
    store.ok("publish", **release("shop", "1.0"))
    settings("default_transaction_read_only", "on")
    for _ in range(2):  # with the old connection, and with a new one
        assert store.call("publish", **release("shop", "1.1"))["status"] == "unavailable"
    settings("default_transaction_read_only", "off")
    assert store.ok("publish", **release("shop", "1.1"))["created"]


@pytest.mark.parametrize("code, status", [
    ("53100", "disk-full"), ("53200", "unavailable"), ("40001", "unavailable"),
    ("40P01", "unavailable"), ("57014", "unavailable"), ("54000", "too-large"),
    ("23514", "internal"), ("XX000", "internal"),
])
def test_error_codes(cluster, database, store, code, status):
    cluster.sql(database, f"""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{code}'; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON releases EXECUTE FUNCTION refuse();
    """)
    assert store.call("publish", **release("shop", "1.0"))["status"] == status
    cluster.sql(database, "DROP TRIGGER refuse ON releases")
    assert store.ok("publish", **release("shop", "1.0"))["serial"] == 1


def test_changed_tables_do_not_break_prepared_statements(cluster, database, store):
    store.ok("token_bootstrap", name="admin", hash="ab" * 32)
    store.ok("token", hash="ab" * 32)
    cluster.sql(database, "ALTER TABLE tokens ALTER COLUMN name TYPE varchar(200)")
    statuses = [store.call("token", hash="ab" * 32)["status"] for _ in range(2)]
    assert statuses[1] == "ok" and statuses[0] in ("ok", "unavailable")


@pytest.mark.parametrize("conninfo, status", [
    ("host=/nowhere user=postgres", "unavailable"),
    ("host=127.0.0.1 port=1 user=postgres", "unavailable"),
    ("{folder} user=postgres dbname=missing", "unavailable"),
])
def test_nobody_there(cluster, conninfo, status):
    with Probe(conninfo.format(folder=f"host={cluster.folder}")) as probe:
        assert probe.call("ping")["status"] == status


def test_the_commit_of_a_failed_transaction_is_a_failure(store):
    told = store.call("commit_of_failed")
    assert told["failed"] and told["status"] == "internal" and "rolled back" in told["message"]
    store.ok("ping")


def test_a_connection_string_that_is_none():
    probe = Probe("host='unclosed")
    assert probe.process.wait(timeout=20) == 1
