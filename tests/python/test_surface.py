# SPDX-License-Identifier: MIT
"""The table of surface.py on every Python of the machine: registryclient gives what the table says, and so
does that Python's own importlib.metadata, where the table says so."""

import json
import sys
from pathlib import Path

import pytest
from support import python

sys.path.insert(0, str(Path(__file__).parent))
from surface import ENTRY_POINTS, OWN, ROWS  # noqa: E402

SURFACE = Path(__file__).with_name("surface.py")


@pytest.fixture(scope="module", params=["native", "pure"])
def told(tmp_path_factory, request):
    """{python: (version, what both say, row by row)}, with one engine."""
    site = tmp_path_factory.mktemp("site")
    python.make_distribution(site, "demo", entry_points=ENTRY_POINTS, files={"demo.py": "x = 1\n"})
    found = {}
    for program in python.all_pythons():
        code = f"import runpy, sys; print(*sys.version_info[:2]); runpy.run_path({str(SURFACE)!r}, run_name='__main__')"
        version, answers = python.run(code, site, python=program, REGISTRYD_PYTHON_ENGINE=request.param).stdout.splitlines()
        found[program] = (tuple(map(int, version.split())), json.loads(answers))
    return found


def expected(value):
    """As outcome() tells it: exceptions by their bare name."""
    is_exception = isinstance(value, str) and value.endswith("Error")
    return value if is_exception else repr(value)


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[row[0] for row in ROWS])
def test_row(told, number):
    _, value, since = ROWS[number]
    for program, (version, answers) in told.items():
        if value is OWN:
            assert answers["registryclient"][number] == answers["importlib.metadata"][number], program
            continue
        assert answers["registryclient"][number] == expected(value), program
        if since is not None and version >= since:
            assert answers["importlib.metadata"][number] == expected(value), (program, "the standard library")


def test_there_is_more_than_one_python_where_the_machine_has_them(told):
    assert len(told) == 1 + len(python.others())


def test_a_deviation_is_one(told):
    """Rows that no standard library agrees with do differ from one at least."""
    for number, (expression, value, since) in enumerate(ROWS):
        if since is None:
            answers = [answers["importlib.metadata"][number] for _, answers in told.values()]
            assert any(answer != expected(value) for answer in answers), expression
