# SPDX-License-Identifier: MIT
"""Rate limits that three daemons of one database share: one client gets one budget, however it spreads its requests,
no resolve asks the database for it, and without the database each daemon keeps its own limits."""
import time

import pytest
from support.access import make_token, publish
from support.daemon import Daemon
from support.postgres import Cluster, wait_until

PUBLISHES, PER_SECOND, BAD = 48, 80, 16
SLACK = 3 / 16  # what three daemons may let in while their first answers are under way


@pytest.fixture(scope="module")
def cluster():
    with Cluster() as running:
        yield running


@pytest.fixture(scope="module")
def three(cluster):
    arguments = ["--database-url", cluster.create_database(), "--publishes-per-minute", str(PUBLISHES),
                 "--requests-per-second", str(PER_SECOND), "--bad-tokens", str(BAD)]
    with Daemon(arguments=arguments) as first, \
            Daemon(data_dir=first.data_dir.parent / "second", arguments=arguments) as second, \
            Daemon(data_dir=first.data_dir.parent / "third", arguments=arguments) as third:
        for daemon in (first, second, third):
            wait_until(lambda: "event=limits-shared" in daemon.log())
        yield first, second, third


def test_one_token_has_one_budget_for_publishing(three):
    token = make_token(three[0], "crowd", ["publish:new", "publish:update", "read"], grant=True)
    begin = time.monotonic()
    statuses = []
    for number in range(2 * PUBLISHES):
        time.sleep(0.015)  # the other limit, of requests, is not met
        statuses.append(publish(three[number % 3], token, f"crowd-{number}").status)
    took = time.monotonic() - begin
    let = statuses.count(201)
    assert set(statuses) == {201, 429}
    budget = PUBLISHES + PUBLISHES / 60 * took
    print(f"\npublished {let}, budget {budget:.0f}")
    assert budget * 0.8 <= let <= budget * (1 + SLACK) + 3, (let, budget)
    assert all(publish(daemon, token, "crowd-last").status == 429 for daemon in three)


def test_one_address_has_one_budget_for_requests(three):
    time.sleep(2)  # the bucket is full again
    begin = time.monotonic()
    let = refused = 0
    while time.monotonic() < begin + 2:
        for daemon in three:
            if daemon.get("/v1/resolve?group=some.plugins").status == 200:
                let += 1
            else:
                refused += 1
    took = time.monotonic() - begin
    budget = 2 * PER_SECOND + PER_SECOND * took
    assert refused, "the test asks faster than one daemon allows"
    print(f"\nlet in {let}, budget {budget:.0f}, refused {refused}")
    assert budget * 0.6 <= let <= budget * (1 + SLACK) + 30, (let, budget, refused)


def test_failed_authentications_are_counted_together(three):
    statuses = []
    for number in range(3 * BAD):
        time.sleep(0.02)
        statuses.append(three[number % 3].get("/v1/tokens", token="plg_" + "x" * 46).status)
    assert set(statuses) == {401, 429}
    assert statuses.count(401) <= BAD * (1 + SLACK) + 3
    assert three[1].get("/v1/tokens", token=three[0].admin_token).status == 200, "a valid token is never blocked"


def test_a_resolve_asks_the_database_for_nothing(cluster, three):
    path = "/v1/resolve?group=quiet.plugins"
    time.sleep(2)
    assert three[1].get(path).status == 200
    commits = lambda: int(cluster.sql(three[0].arguments[1], "SELECT pg_stat_clear_snapshot(); SELECT xact_commit"
                                      " FROM pg_stat_database WHERE datname = current_database()")[-1][0])
    time.sleep(1.2)
    before = commits()
    for _ in range(50):
        time.sleep(0.02)
        assert three[1].get(path).status == 200
    time.sleep(1.2)  # what backends count is told once a second
    assert commits() - before < 25, "what the daemons do by themselves in some seconds"


def test_without_the_database_each_daemon_limits_for_itself(cluster, three):
    """Last: the database is stopped."""
    path = "/v1/resolve?group=quiet.plugins"
    assert all(daemon.get(path).status == 200 for daemon in three)
    cluster.stop()
    time.sleep(1)
    slowest, let, begin = 0, [0, 0, 0], time.monotonic()
    while time.monotonic() < begin + 3:
        for at, daemon in enumerate(three):
            asked = time.monotonic()
            let[at] += daemon.get(path).status == 200
            slowest = max(slowest, time.monotonic() - asked)
    budget = 2 * PER_SECOND + PER_SECOND * (time.monotonic() - begin)
    assert slowest < 1, "no request waits for the database"
    assert all(PER_SECOND < one <= budget * 1.1 for one in let), (let, budget)
    cluster.start()
    for daemon in three:
        daemon.wait_ready()
        wait_until(lambda: daemon.log().rfind("event=limits-shared") > daemon.log().rfind("event=limits-alone"))
