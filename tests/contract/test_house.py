# SPDX-License-Identifier: MIT
"""The figures of house.py keep their limits, and the scanner sees a breach of each."""

import house
import pytest
from tree import ROOT, text_of, write_tree

# Figure -> the most it may be.
MOST = {
    "two-way pairs of folders": 0,
    "circles of folders": 0,
    "definitions of a clock": 1,
    "JSON member engines": 1,
    "circles of modules": 0,
    "chained failures": 0,  # guard and return early; a longer sequence is a function of its own
    "status under another name": 0,
    "long .c files with a short opening": 0,
    "folders above 25 files": 0,
    "largest .c file": 600,
    "median function": 12,
    "95th percentile of functions": 28,  # guards and comments count as lines, too
    "largest function": 60,
}
# Figure -> the least it may be.
LEAST = {"average .c file": 200}


@pytest.fixture(scope="module")
def figures():
    return house.measure(ROOT)


@pytest.mark.parametrize("name", MOST)
def test_a_figure_keeps_its_limit(figures, name):
    assert figures[name] <= MOST[name]


@pytest.mark.parametrize("name", LEAST)
def test_a_figure_reaches_its_goal(figures, name):
    assert figures[name] >= LEAST[name]


def test_every_folder_is_in_the_architecture():
    page = text_of(ROOT, "docs/ARCHITECTURE.md")
    folders = {str(path.parent) for path in house.files(ROOT)}
    covered = ("schema/packaging/", "schema/readers/", "registryd/api/", "registryd/web/", "client/python/",
               "client/cli/", "schema/environment", "schema/snapshot")
    missing = [folder for folder in folders if f"`{folder}/`" not in page and not folder.startswith(covered)]
    assert missing == []


GUARD = "    enum status status = a();\n    if (status) {\n        return status;\n    }\n"


@pytest.mark.parametrize(
    "name, line",
    [
        ("definitions of a clock", "static int64_t now_ms(void) {\n    return 1;\n}\n"),
        ("chained failures", "void f(void) {\n    if (!status) {\n        status = b();\n    }\n}\n"),
        ("chained failures", "void f(void) {\n    failed = failed ? failed : b();\n}\n"),
        ("status under another name", "void f(void) {\n    enum status failed = b();\n}\n"),
        ("JSON member engines",
         "void f(void) {\n    json_object_foreach(o, k, v) {\n        find_member(k);\n    }\n}\n"),
        ("largest function", "void f(void) {\n" + "    a();\n" * 70 + "}\n"),
        ("long .c files with a short opening", "void f(void) {\n}\n" * 40),
    ],
)
def test_a_breach_is_seen(tmp_path, name, line):
    good = "// SPDX-License-Identifier: MIT\n// Says one thing.\n// Says another.\nvoid g(void) {\n" + GUARD + "}\n"
    write_tree(tmp_path, {"schema/good.c": good})
    before = house.measure(tmp_path)[name]
    write_tree(tmp_path, {"schema/bad.c": line})
    assert house.measure(tmp_path)[name] > before


def test_comments_are_counted():
    assert house.share_of_comments(["// a\nint b; // c\nint d;\n/* e\n f */\n"]) == 80
