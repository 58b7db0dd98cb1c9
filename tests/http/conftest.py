# SPDX-License-Identifier: MIT
"""Fixtures of the tests of the API: one PostgreSQL and one registryd on it per file."""

import pytest

from support.postgres import Cluster
from support.registry import Registry, check_problem


@pytest.fixture(scope="module")
def cluster():
    with Cluster() as running:
        yield running


@pytest.fixture(scope="module")
def registry(cluster):
    with Registry(cluster) as running:
        yield running


@pytest.fixture
def refused():
    return check_problem
