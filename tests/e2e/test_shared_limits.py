# SPDX-License-Identifier: MIT
"""Rate limits that three daemons of one database share: one client gets one budget, however it spreads its requests,
no resolve asks the database for it, and without the database each daemon keeps its own limits.

The daemons believe X-Forwarded-For, so that each test is a client of its own."""
import itertools
import time

import pytest
from support.access import make_token
from support.daemon import Daemon
from support.postgres import Cluster, wait_until

PUBLISHES, PER_SECOND, BAD = 32, 30, 16
ON_ACCOUNT = 3 * (1 / 2 + 1 / 16)  # of a burst: what three daemons may let in while their first answers are under way
PATH = "/v1/resolve?group=quiet.plugins"
NUMBERS = itertools.count(1)


def new_client():
    number = next(NUMBERS)
    return {"X-Forwarded-For": f"198.51.{number // 250}.{number % 250 + 1}"}


@pytest.fixture(scope="module")
def cluster():
    with Cluster() as running:
        yield running


@pytest.fixture(scope="module")
def three(cluster):
    arguments = ["--database-url", cluster.create_database(), "--publishes-per-minute", str(PUBLISHES),
                 "--requests-per-second", str(PER_SECOND), "--bad-tokens", str(BAD), "--proxies", "127.0.0.1"]
    with Daemon(arguments=arguments) as first, \
            Daemon(data_dir=first.data_dir.parent / "second", arguments=arguments) as second, \
            Daemon(data_dir=first.data_dir.parent / "third", arguments=arguments) as third:
        for daemon in (first, second, third):
            wait_until(lambda: "event=limits-shared" in daemon.log())
        yield first, second, third


def publish(daemon, token, name):
    return daemon.put(f"/v1/packages/{name}/releases/1.0", {"name": name, "version": "1.0"}, token=token,
                      headers=new_client()).status


def test_a_resolve_asks_the_database_for_nothing(cluster, three):
    def commits():
        return int(cluster.sql(three[0].arguments[1], "SELECT xact_commit FROM pg_stat_database"
                               " WHERE datname = current_database()")[0][0])

    def commits_while(work):
        """Backends report once a second at the latest."""
        before = commits()
        work()
        time.sleep(1.2)
        return commits() - before

    def resolve():
        assert [three[1].get(PATH, headers=new_client()).status for _ in range(100)] == [200] * 100

    resolve()
    idle = commits_while(lambda: time.sleep(0.5))
    assert commits_while(resolve) - idle < 50, "less than one for two resolves: what the daemons do by themselves"


def test_one_token_has_one_budget_for_publishing(three):
    token = make_token(three[0], "crowd", ["publish:new", "publish:update", "read"], grant=True)
    begin = time.monotonic()
    statuses = [publish(three[number % 3], token, f"crowd-{number}") for number in range(4 * PUBLISHES)]
    budget = PUBLISHES + PUBLISHES / 60 * (time.monotonic() - begin)
    let = statuses.count(201)
    assert set(statuses) == {201, 429}
    assert budget * 0.7 <= let <= budget + PUBLISHES * ON_ACCOUNT, (let, budget)
    assert [publish(daemon, token, "crowd-last") for daemon in three] == [429] * 3


def test_one_address_has_one_budget_for_requests(three):
    client, begin = new_client(), time.monotonic()
    let = refused = 0
    while refused < 100 and time.monotonic() < begin + 20:
        for daemon in three:
            is_let = daemon.get(PATH, headers=client).status == 200
            let, refused = let + is_let, refused + (not is_let)
    budget = 2 * PER_SECOND + PER_SECOND * (time.monotonic() - begin)
    assert refused >= 100, "one daemon alone would allow what was asked"
    assert budget * 0.5 <= let <= budget + 2 * PER_SECOND * ON_ACCOUNT, (let, budget)


def test_failed_authentications_are_counted_together(three):
    client = new_client()
    statuses = [three[number % 3].get("/v1/tokens", token="plg_" + "x" * 46, headers=client).status
                for number in range(6 * BAD)]
    assert set(statuses) == {401, 429}
    assert statuses.count(401) <= BAD * (1 + ON_ACCOUNT)
    valid = three[1].get("/v1/tokens", token=three[0].admin_token, headers=new_client())
    assert valid.status == 200


def test_without_the_database_each_daemon_limits_for_itself(cluster, three):
    """Last: the database is stopped."""
    assert all(daemon.get(PATH, headers=new_client()).status == 200 for daemon in three)
    cluster.stop()
    client, slowest, begin = new_client(), 0, time.monotonic()
    tried, let = [0, 0, 0], [0, 0, 0]
    while time.monotonic() < begin + 2:
        for at, daemon in enumerate(three):
            asked = time.monotonic()
            tried[at] += 1
            let[at] += daemon.get(PATH, headers=client).status == 200
            slowest = max(slowest, time.monotonic() - asked)
    budget = 2 * PER_SECOND + PER_SECOND * (time.monotonic() - begin)
    assert slowest < 1.5, "no request waits for the database"
    for one, asked in zip(let, tried):
        assert min(asked, budget) * 0.7 <= one <= budget * 1.1, (let, tried, budget)
    cluster.start()
    for daemon in three:
        daemon.wait_ready()
        wait_until(lambda: daemon.log().rfind("event=limits-shared") > daemon.log().rfind("event=limits-alone"))
