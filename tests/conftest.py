# SPDX-License-Identifier: MIT
"""Fixtures for every folder of tests. Being here also puts tests/ on the import path."""

import pathlib
import shutil
import tempfile

import pytest

from support.daemon import Daemon


@pytest.fixture(scope="module")
def daemon():
    """A running registryd with its administrator's token; one per test file."""
    with Daemon() as running:
        yield running


@pytest.fixture
def open_path():
    """A temporary folder that another user may pass through, as registryd becomes one when root starts it. Not below pytest's own
    folder: each pytest that starts closes that to others again."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="open-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)
