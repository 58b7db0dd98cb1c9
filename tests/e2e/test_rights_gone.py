# SPDX-License-Identifier: MIT
"""What was taken away at one daemon is gone at another within a second: a token, a grant, an owner, and
the right to read where reading is closed. REGISTRYD_RIGHTS_RUNS=100 for the whole of it."""

import os
import time

import pytest

from support.access import grant, make_token, publish, ungrant
from support.daemon import Daemon
from support.postgres import Cluster

RUNS = int(os.environ.get("REGISTRYD_RIGHTS_RUNS", "10"))
PUBLISH = ["publish:new", "publish:update", "group:publish", "read"]


@pytest.fixture(scope="module")
def pair():
    with Cluster() as cluster:
        database = cluster.create_database()
        arguments = ["--database-url", database, "--reading", "closed"]
        with Daemon(arguments=arguments) as first, \
                Daemon(data_dir=first.data_dir.parent / "second", arguments=arguments) as second:
            yield first, second


def seconds_until(refused):
    began = time.monotonic()
    while not refused():
        assert time.monotonic() - began < 20
    return time.monotonic() - began


def revoke_token(first, second, run):
    made = make_token(first, f"t{run}", PUBLISH, grant=True, whole=True)
    assert second.get("/v1/packages", token=made["token"]).status == 200
    assert first.post(f"/v1/tokens/{made['id']}/revoke", {}, token=first.admin_token).status == 200
    return lambda: second.get("/v1/packages", token=made["token"]).status == 401


def take_reading(first, second, run):
    token = make_token(first, f"r{run}", ["read"], grant=True)
    assert second.get("/v1/packages", token=token).status == 200
    ungrant(first, f"r{run}", "read")
    return lambda: second.get("/v1/packages", token=token).status == 403


def take_grant(first, second, run):
    token = make_token(first, f"g{run}", PUBLISH)
    grant(first, f"g{run}", "publish:new")
    assert publish(second, token, f"grant-{run}-a").status == 201
    ungrant(first, f"g{run}", "publish:new")
    return lambda: publish(second, token, f"grant-{run}-b").status == 403


def take_package(first, second, run):
    token = make_token(first, f"o{run}", PUBLISH)
    grant(first, f"o{run}", "publish:new", f"owned-{run}-x")
    assert publish(second, token, f"owned-{run}-x").status == 201
    answer = first.put(f"/v1/packages/owned-{run}-x/owner", {"team": "else"}, token=first.admin_token)
    assert answer.status == 200
    return lambda: publish(second, token, f"owned-{run}-x", "2.0").status == 403


@pytest.mark.parametrize("take_away", [revoke_token, take_reading, take_grant, take_package],
                         ids=lambda take: take.__name__)
def test_gone_within_a_second(pair, take_away):
    slowest = max(seconds_until(take_away(*pair, run)) for run in range(RUNS))
    assert slowest < 1, f"{slowest:.3f} s"
