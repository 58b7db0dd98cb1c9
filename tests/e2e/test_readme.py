# SPDX-License-Identifier: MIT
"""The first tour of README.md shows what a newcomer will see: its commands are run, in order, on a
terminal, in docs/examples, and their output must be the page's."""

import re

from support.daemon import Daemon
from support.python_program import python_environment
from support.registryctl import PROGRAM, SOURCE_DIR, command_on_terminal

TOUR = re.compile(r"^## A first tour$(.*?)^## ", re.M | re.S)
BLOCK = re.compile(r"^```\n(.*?)^```$", re.M | re.S)
PREPARED = ("export ", "registryd ", "cd ", "echo ")  # what the test itself sees to
SILENT = ("registryctl snapshot pull",)  # names a file of the reader's own and a serial


def steps():
    """(command, what it shows); a command with an open quote goes on in the next lines."""
    tour = TOUR.search((SOURCE_DIR / "README.md").read_text())[1]
    for block in BLOCK.findall(tour):
        for step in re.split(r"^\$ ", block, flags=re.M)[1:]:
            lines = step.splitlines()
            taken = 1
            while "\n".join(lines[:taken]).count('"') % 2:
                taken += 1
            yield "\n".join(lines[:taken]), lines[taken:]


def show(daemon, cache_dir, command):
    python = {name: value for name, value in python_environment().items()
              if name.startswith(("PYTHON", "LD_", "ASAN_"))}
    command = re.sub(r"^PYTHONPATH=\S+ ", "", command)
    shown = command_on_terminal(
        ["sh", "-c", command], 200, cwd=SOURCE_DIR / "docs/examples", NO_COLOR="1",
        REGISTRYD_URL=daemon.url, REGISTRYD_TOKEN=daemon.admin_token, REGISTRYD_CACHE_DIR=str(cache_dir),
        PATH=f"{PROGRAM.parent}:/usr/bin:/bin", **python).out
    return [line.rsplit("\x1b[K", 1)[-1].rstrip() for line in shown.rstrip("\n").split("\n")]


def test_the_first_tour_shows_what_the_page_shows(tmp_path):
    tried = 0
    with Daemon() as daemon:
        for command, expected in steps():
            if command.startswith(PREPARED):
                continue
            shown = show(daemon, tmp_path, command)
            if not command.startswith(SILENT):
                assert shown == expected, command
            tried += 1
    assert tried >= 5
