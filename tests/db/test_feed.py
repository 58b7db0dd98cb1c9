# SPDX-License-Identifier: MIT
"""The feed: changes after a serial, and the listener that says when to look."""
import os
import signal
import time

import pytest

from support.postgres import wait_until
from support.store import Probe, release

LISTENER = ("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND query LIKE 'LISTEN%' OR query LIKE 'SELECT' AND datname = current_database()")


@pytest.fixture
def listener(database, store):
    with Probe(database, timeout_ms=1000) as probe:
        probe.ok("listen")
        yield probe


def test_changes_after_a_serial(store):
    empty = store.ok("changes")
    assert empty["items"] == [] and empty["serial"] == 0 and len(empty["epoch"]) == 36
    for number in range(5):
        store.ok("publish", **release("shop", f"1.{number}"))
    answer = store.ok("changes", since=1, limit=2)
    assert [item["serial"] for item in answer["items"]] == [2, 3]
    assert answer["serial"] == 5 and answer["epoch"] == empty["epoch"]
    assert answer["items"][0]["groups"] == []
    past = store.ok("changes", since=5)
    assert past["items"] == [] and past["serial"] == 5


def test_notified_of_a_publish(store, listener):
    assert not listener.ok("wait", timeout_ms=50)["notified"]
    listener.send("wait", timeout_ms=20000)
    store.ok("publish", **release("shop", "1.0"))
    assert listener.receive()["notified"]
    assert not listener.ok("wait", timeout_ms=50)["notified"]


def test_what_came_before_the_wait_is_told(store, listener):
    store.ok("publish", **release("shop", "1.0"))
    assert listener.ok("wait", timeout_ms=20000)["notified"]


def test_nothing_published_nothing_told(store, listener):
    store.ok("publish", **release("shop", "1.0"))
    assert listener.ok("wait", timeout_ms=20000)["notified"]
    assert not store.ok("publish", **release("shop", "1.0"))["created"]
    assert not listener.ok("wait", timeout_ms=200)["notified"]


def test_wake_ends_the_wait(database, store):
    reading, writing = os.pipe()
    os.set_inheritable(reading, True)
    try:
        with Probe(database, pass_fds=[reading]) as probe:
            probe.ok("listen")
            probe.send("wait", timeout_ms=60000, wake_fd=reading)
            os.write(writing, b"x")
            assert not probe.receive()["notified"]
    finally:
        os.close(reading)
        os.close(writing)


def test_a_killed_listener_says_so_and_can_be_opened_again(cluster, database, store, listener):
    listener.send("wait", timeout_ms=60000)
    cluster.sql(database, f"SELECT pg_terminate_backend(pid) FROM ({LISTENER}) l")
    answer = listener.receive()
    assert answer["status"] == "unavailable" and not answer["notified"]
    store.ok("publish", **release("shop", "1.0"))
    listener.ok("listen")
    listener.send("wait", timeout_ms=20000)
    store.ok("publish", **release("shop", "1.1"))
    assert listener.receive()["notified"]
    assert [item["serial"] for item in listener.ok("changes")["items"]] == [1, 2]


def test_the_listener_survives_a_restart_by_a_new_one(cluster, store, listener):
    listener.send("wait", timeout_ms=60000)
    cluster.stop()
    assert listener.receive()["status"] == "unavailable"
    assert listener.call("listen")["status"] == "unavailable"
    cluster.start()
    listener.ok("listen")
    store.ok("publish", **release("shop", "1.0"))
    assert listener.ok("wait", timeout_ms=20000)["notified"]


def test_a_silent_connection_is_found_out(cluster, database, listener):
    """Every ten seconds the listener asks its server something; one that is frozen does not answer."""
    wait_until(lambda: cluster.sql(database, LISTENER))
    pid, = (int(pid) for pid, in cluster.sql(database, LISTENER))
    os.kill(pid, signal.SIGSTOP)
    started = time.monotonic()
    try:
        answer = listener.call("wait", timeout_ms=60000)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert answer["status"] == "unavailable"
    assert time.monotonic() - started < 40


def test_a_listener_adopts_another_history(cluster, database, store, listener):
    before = store.ok("history")
    cluster.sql(database, "UPDATE registry SET history = 'another cluster/00000001'")
    listener.ok("listen")
    assert store.ok("history")["epoch"] != before["epoch"]
