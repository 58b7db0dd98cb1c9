# SPDX-License-Identifier: MIT
"""The map of tests/README.md, which `./dev test FILE` reads: every folder of the code has a row, and every
suite exists."""

import re
import subprocess
from fnmatch import fnmatch

import pytest
from tree import ROOT, files, write_tree

ROW = re.compile(r"^\| `([^`]+)` \| (`.*`) \|$", re.MULTILINE)
PARTS = ("client/python/",)  # rooms that have one row for all their folders


def rows(root):
    """{room: names of suites}"""
    text = (root / "tests/README.md").read_text().split("## Map of the tests")[1]
    return {room: re.findall(r"`([^`]+)`", suites) for room, suites in ROW.findall(text)}


def suites_in(root):
    """The names of ctest: folder and file of each test."""
    found = set()
    for path in (root / "tests").rglob("test_*"):
        if path.suffix in (".c", ".py"):
            found.add("_".join(path.relative_to(root / "tests").with_suffix("").parts))
    return found


def folders(root):
    found = {str(path.parent) for path in files(root, (".c", ".h", ".cpp", ".py", ".sql"),
                                                ("schema", "registryd", "client", "sql"))}
    return {next((part.rstrip("/") for part in PARTS if f"{folder}/".startswith(part)), folder)
            for folder in found if not folder.startswith("sql/")}


def map_breaches(root):
    known, suites = suites_in(root), rows(root)
    named = [suite for names in suites.values() for suite in names]
    return [
        *(f"{folder}: no row" for folder in sorted(folders(root) - suites.keys())),
        *(f"{room}: no such folder" for room in suites if not (root / room).exists()),
        *(f"{suite}: no such suite" for suite in named if not any(fnmatch(test, suite) for test in known)),
    ]


def test_the_map_covers_the_tree():
    assert map_breaches(ROOT) == []


def test_gaps_in_a_map_are_seen(tmp_path):
    write_tree(tmp_path, {
        "schema/base/a.c": "", "client/fs/a.c": "", "tests/unit/schema/test_a.c": "", "tests/cli/test_b.py": "",
        "tests/README.md": "## Map of the tests\n\n| room | suites |\n|---|---|\n"
                           "| `schema/base` | `unit_schema_test_a` `unit_schema_test_c` |\n| `gone` | `unit_*` |\n",
    })
    assert map_breaches(tmp_path) == [
        "client/fs: no row", "gone: no such folder", "unit_schema_test_c: no such suite"]


def covering(*paths):
    """What ./dev makes of the files: one regular expression for ctest each."""
    script = re.search(r"^suites_of\(\).*?(?=^run_tests)", (ROOT / "dev").read_text(), re.MULTILINE | re.DOTALL)
    loop = "".join(f"\n(covering '{path}')" for path in paths)
    return subprocess.run(["bash", "-c", script.group(0) + loop], capture_output=True, text=True,
                          cwd=ROOT).stdout.split()


@pytest.mark.parametrize("path, suite", [
    ("schema/packaging/version/version.c", "unit_schema_test_version"),
    ("client/python/registryclient/hosts/honeyframe.py", "python_test_hosts"),
    ("tests/cli/test_walk.py", "cli_test_walk"),
    ("tests/unit/client/test_merge.c", "unit_client_test_merge"),
    ("sql/queries/any.sql", "db_test_schema"),
])
def test_a_file_leads_to_its_suites(path, suite):
    (expression,) = covering(path)
    assert re.search(expression, suite)
    assert not re.search(expression, "browser_test_catalogue")


def test_a_file_without_a_row_is_refused():
    assert covering("nowhere/a.c") == []
