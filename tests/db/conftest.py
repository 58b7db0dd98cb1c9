# SPDX-License-Identifier: MIT
"""One PostgreSQL for each file of tests, one empty database and one migrated store for each test."""
import pytest

from support.postgres import Cluster
from support.store import Probe


@pytest.fixture(scope="module")
def cluster():
    with Cluster() as running:
        yield running


@pytest.fixture
def database(cluster):
    return cluster.create_database()


@pytest.fixture
def store(database):
    with Probe(database) as probe:
        probe.ok("migrate")
        yield probe
