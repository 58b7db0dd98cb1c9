# SPDX-License-Identifier: MIT
"""The data files themselves: where they come from, how many cases they hold, no case twice."""
import probe

FILES = sorted(probe.DATA.glob("*.tsv"))


def lines_of(path):
    return path.read_text(encoding="utf-8").splitlines()


def test_each_file_names_its_source_and_licence():
    for path in FILES:
        head = " ".join(line for line in lines_of(path)[:3] if line.startswith("#"))
        assert "Source: " in head and "Licence: " in head, path.name


def test_there_are_enough_cases_and_none_twice():
    total = 0
    for path in FILES:
        cases = [line for line in path.read_text(encoding="utf-8").split("\n") if line[:1] not in ("", "#")]
        assert len(cases) == len(set(cases)), path.name
        total += len(cases)
    assert total >= 3000
