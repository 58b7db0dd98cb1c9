# SPDX-License-Identifier: MIT
"""Reads from a hot standby: a standby answers what it has replayed, the primary everything else, and nobody who
asks notices a standby that lags, is killed, is silent, or ends statements for its replay.

Two daemons use one primary, and the same standby for their reads.
"""

import concurrent.futures
import os
import re
import signal
import time

import pytest

from support.daemon import Daemon
from support.postgres import Cluster, children, wait_until
from support.registry import Registry
from support.standby import Standby
from support.two_daemons import Connection, publish

GROUP = "reads.plugins"


class Trio:
    """A primary, its standby and two daemons; `first` publishes and `second` is asked."""

    def __enter__(self):
        self.primary = Cluster()
        self.primary.__enter__()
        self.first = self.second = self.standby = None
        try:
            self.standby = Standby(self.primary, max_standby_streaming_delay="0")
            self.standby.__enter__()
            self.first = Registry(self.primary, arguments=["--read-database-url", self.conninfo("test1")])
            url = self.first.conninfo.replace("user=postgres", "user=registryd_app")
            self.second = Daemon(arguments=["--database-url", url + " application_name=second",
                                            "--read-database-url", self.conninfo("test1")])
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for daemon in (self.second, self.first):
            if daemon:
                daemon.close()
        for server in (self.standby, self.primary):
            if server:
                server.__exit__()

    def conninfo(self, database):
        return f"host={self.standby.folder} user=registryd_app dbname={database}"

    def at_first(self):
        return Connection(self.first, self.first.publisher_token)

    def at_second(self):
        return Connection(self.second, self.first.publisher_token)

    def pause(self):
        self.standby.sql(self.standby.conninfo("postgres"), "SELECT pg_wal_replay_pause()")

    def resume(self):
        self.standby.sql(self.standby.conninfo("postgres"), "SELECT pg_wal_replay_resume()")

    def await_state(self, state, daemon=None):
        wait_until(lambda: state_of(daemon or self.second) == state)


def state_of(daemon):
    return daemon.get("/readyz").json["standby"]["state"]


def metric(daemon, name):
    page = daemon.get("/metrics").body.decode()
    return int(re.search(rf"^{name} (\d+)$", page, re.MULTILINE)[1])


def lines(daemon, event):
    return [line for line in daemon.log().splitlines() if f"event={event} " in line]


@pytest.fixture(scope="module")
def trio():
    with Trio() as running:
        serial = publish(running.at_first(), "base", "1.0", GROUP)
        running.at_second().ask(f"/v1?min_serial={serial}")
        for daemon in (running.first, running.second):
            running.await_state("used", daemon)
        yield running


PAGES = ["/packages/base", "/packages?q=base", f"/groups/{GROUP}", "/groups", "/environments/default", "/activity",
         "/v1/packages/base", "/v1/packages/base/releases/1.0", "/v1/packages?q=base", "/v1/groups",
         "/v1/changes?since=0", "/simple/base/", "/pypi/base/json"]


def test_reads_go_to_the_standby(trio):
    reads, fallbacks = (metric(trio.second, f"registryd_standby_{kind}_total") for kind in ("reads", "fallbacks"))
    for path in PAGES:
        before = metric(trio.second, "registryd_standby_reads_total")
        assert trio.second.get(path).status == 200, path
        assert metric(trio.second, "registryd_standby_reads_total") > before, path
    assert metric(trio.second, "registryd_standby_reads_total") >= reads + len(PAGES)
    assert metric(trio.second, "registryd_standby_fallbacks_total") == fallbacks


def test_the_status_page_shows_it(trio):
    page = trio.second.get("/status").body.decode()
    assert "<dt>Standby</dt>" in page and "in use" in page


def test_a_publish_is_read_through_any_daemon_while_replay_stops_and_goes(trio):
    first, second = trio.at_first(), trio.at_second()
    for number in range(12):
        if number % 4 == 0:
            trio.pause()
        if number % 4 == 2:
            trio.resume()
        name = f"own{number % 7}"
        version = f"{number // 7 + 1}.0"
        serial = publish(first, name, version, GROUP)
        document = second.ask(f"/v1/packages/{name}?min_serial={serial}")
        assert version in [release["version"] for release in document["releases"]], (number, document)
        assert first.ask(f"/v1/packages/{name}/releases/{version}")["version"] == version
        page = second.get(f"/packages/{name}?min_serial={serial}")
        assert page.status == 200 and version in page.body.decode()
        fresh = f"fresh{number}.plugins"  # a group that no daemon has in memory: a cold load
        serial = publish(first, f"cold{number}", "1.0", fresh)
        records = second.ask(f"/v1/resolve?group={fresh}&min_serial={serial}")["records"]
        assert [record["package"] for record in records] == [f"cold{number}"]
        found = second.ask(f"/v1/packages?q=cold{number}&min_serial={serial}")["packages"]
        assert f"cold{number}" in [package["name"] for package in found]
    trio.resume()


def test_a_standby_that_lags_is_left_and_taken_again(trio):
    trio.await_state("used")
    trio.pause()
    before = len(lines(trio.second, "standby-behind"))
    for number in range(3):
        serial = publish(trio.at_first(), "lag", f"{number}.0", GROUP)
    trio.await_state("behind")
    reads = metric(trio.second, "registryd_standby_reads_total")
    assert trio.at_second().ask(f"/v1/packages/lag?min_serial={serial}")["latest_version"] == "2.0"
    assert metric(trio.second, "registryd_standby_reads_total") == reads
    assert metric(trio.second, "registryd_standby_behind_changes") == 3
    time.sleep(1.2)
    assert len(lines(trio.second, "standby-behind")) == before + 1
    trio.resume()
    trio.await_state("used")


def ask_until(connection, paths, stop):
    count = 0
    while not stop():
        for path in paths:
            answer = connection.get(path)
            assert answer.status == 200, (path, answer.status, answer.body)
            count += 1
    return count


def test_statements_that_replay_ends_are_repeated_on_the_primary(trio):
    """An exclusive lock that is replayed ends who reads the table; max_standby_streaming_delay is 0."""
    trio.await_state("used")
    conflicts = ("SELECT confl_lock + confl_snapshot FROM pg_stat_database_conflicts WHERE datname = 'test1'")
    count = lambda: int(trio.standby.sql(trio.standby.conninfo("test1"), conflicts)[0][0])
    before, fallbacks = count(), metric(trio.second, "registryd_standby_fallbacks_total")
    done = []
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(ask_until, trio.at_second(), ["/v1/packages/base", "/packages/own1"],
                                lambda: done) for _ in range(4)]
        try:
            end = time.monotonic() + 30
            while time.monotonic() < end and (count() == before or metric(
                    trio.second, "registryd_standby_fallbacks_total") == fallbacks):
                trio.first.sql("BEGIN; LOCK TABLE releases IN ACCESS EXCLUSIVE MODE; COMMIT;" * 20)
        finally:
            done.append(True)
        assert sum(thread.result() for thread in asked) > 0
    assert count() > before, "no conflict was provoked"
    assert metric(trio.second, "registryd_standby_fallbacks_total") > fallbacks


def test_a_killed_standby_costs_no_request(trio):
    trio.await_state("used")
    before = len(lines(trio.second, "standby-lost"))
    done = []
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(ask_until, trio.at_second(), ["/v1/packages/base", "/packages/base"],
                                lambda: done) for _ in range(4)]
        time.sleep(0.2)
        trio.standby.kill()
        time.sleep(1)
        done.append(True)
        assert all(thread.result() for thread in asked)
    assert state_of(trio.second) == "unreachable"
    assert trio.second.get("/readyz").status == 200
    assert len(lines(trio.second, "standby-lost")) == before + 1
    serial = publish(trio.at_first(), "alone", "1.0", GROUP)
    assert trio.at_second().ask(f"/v1/packages/alone?min_serial={serial}")
    trio.standby.start()
    trio.await_state("used")


def test_a_silent_standby_costs_seconds_and_no_request(trio):
    trio.await_state("used")
    pid = trio.standby.pid()
    family = [pid, *children(pid)]
    for one in family:
        os.kill(one, signal.SIGSTOP)
    try:
        begin = time.monotonic()
        assert trio.second.get("/v1/packages/base").status == 200
        assert time.monotonic() - begin < 6
        wait_until(lambda: state_of(trio.second) == "unreachable")
        begin = time.monotonic()
        assert trio.second.get("/v1/packages/base").status == 200
        assert time.monotonic() - begin < 2
    finally:
        for one in family:
            os.kill(one, signal.SIGCONT)
    trio.await_state("used")


def test_reads_go_on_while_the_primary_is_away(trio):
    """Last: the primary is killed. What was never in memory is read from the standby."""
    serial = publish(trio.at_first(), "survivor", "1.0", "survivor.plugins")
    second = trio.at_second()
    second.ask(f"/v1?min_serial={serial}")
    trio.standby.wait_for(trio.primary)
    trio.await_state("used")
    trio.primary.kill()
    for path in ["/v1/packages/survivor", "/packages/survivor", "/v1/packages?q=survivor",
                 "/v1/resolve?group=survivor.plugins", "/simple/survivor/"]:
        answer = second.get(path)
        assert answer.status == 200, (path, answer.body)
    assert second.request("PUT", "/v1/packages/lost/releases/1.0", {"name": "lost", "version": "1.0"}).status == 503
    trio.primary.start()
