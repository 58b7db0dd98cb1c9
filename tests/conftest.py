# SPDX-License-Identifier: MIT
"""Fixtures for every folder of tests. Being here also puts tests/ on the import path."""

import pytest

from support.daemon import Daemon


@pytest.fixture(scope="module")
def daemon():
    """A running registryd with its administrator's token; one per test file."""
    with Daemon() as running:
        yield running
