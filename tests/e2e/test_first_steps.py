# SPDX-License-Identifier: MIT
"""docs/FIRST_STEPS.md does what it says: every command is run in docs/examples and must show what the page shows.
`python3 test_first_steps.py` (with tests/ and tests/e2e on the path) writes the page anew."""

import shutil
import tempfile
from pathlib import Path

import pytest
from support.daemon import Daemon
from support.registryctl import SOURCE_DIR
from test_migrating import BLOCK, MOMENT, run, sections, steps

PAGE = SOURCE_DIR / "docs" / "FIRST_STEPS.md"
EXAMPLES = SOURCE_DIR / "docs" / "examples"
PEOPLE = ["Plugin author", "Host's developer", "Team lead"]


def make_folder(folder):
    for name in ("install", "packages"):
        shutil.copytree(EXAMPLES / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))


@pytest.fixture
def own_daemon(tmp_path):
    """Each person meets a registry with nothing in it."""
    with Daemon() as daemon:
        yield daemon


def test_everybody_has_a_section():
    assert [title for title, _ in sections(PAGE.read_text())] == PEOPLE


@pytest.mark.parametrize("title", PEOPLE)
def test_the_page_shows_what_happens(own_daemon, tmp_path, title):
    make_folder(tmp_path)
    for command, expected in steps(dict(sections(PAGE.read_text()))[title]):
        shown = run(own_daemon, tmp_path, command)
        assert MOMENT.sub("NOW", shown) == MOMENT.sub("NOW", expected), command


def write_anew():
    text = PAGE.read_text()
    for title, body in sections(text):
        with tempfile.TemporaryDirectory() as folder, Daemon() as daemon:
            make_folder(Path(folder))

            def block(match):
                lines = "".join(f"$ {command}\n{run(daemon, Path(folder), command)}" for command, _ in steps(match.group(0)))
                return f"```console\n{lines}```"

            text = text.replace(body, BLOCK.sub(block, body))
    PAGE.write_text(text)


if __name__ == "__main__":
    write_anew()
