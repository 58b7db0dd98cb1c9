# SPDX-License-Identifier: MIT
"""docs/SECURITY.md: every promise names the tests that hold it, and each of them is there."""

import re

import pytest

from tree import ROOT, text_of

PAGE = "docs/SECURITY.md"
# What promises nothing: the introduction, what registryd lacks, and where to write to.
SILENT = {"Security", "Tests", "Missing features", "Reporting a vulnerability"}
# What says where a protection ends, or only leads to the list behind it.
LIMIT = re.compile(r"registryd does not protect|.*\bcan still\b|The signature proves|.*:$|\|", re.DOTALL)
REFERENCE = re.compile(r"`((?:[\w/]+\.(?:py|c))?(?:::\w+)?)`")


def blocks(text):
    """(section, block): each paragraph, and each item of a list."""
    section = ""
    for block in re.split(r"\n\n|\n(?=- )", text):
        block = block.strip()
        if block.startswith("#"):
            section = block.lstrip("# ")
        elif block and section not in SILENT:
            yield section, block


def references(block):
    """(file, test or "") of the brackets in a block; "::test" is of the file named before."""
    file = ""
    for bracket in re.findall(r"\[(`[^\]]*)\]", block):
        for reference in REFERENCE.findall(bracket):
            name, _, test = reference.partition("::")
            file = name or file
            if reference:
                yield file, test


def breaches(text, read):
    found = []
    for section, block in blocks(text):
        named = list(references(block))
        if not named and not LIMIT.match(block):
            found.append(f"{section}: no test: {block[:60]}")
        for file, test in named:
            source = read(f"tests/{file}")
            if source is None:
                found.append(f"{section}: there is no tests/{file}")
            elif test and not re.search(rf"\b{test}\(", source):
                found.append(f"{section}: {file} has no {test}")
    return found


def read(path):
    return text_of(ROOT, path) if (ROOT / path).is_file() else None


def test_every_promise_names_its_tests():
    assert breaches(text_of(ROOT, PAGE), read) == []


@pytest.mark.parametrize("text, found", [
    ("## Names\n\n- A promise. [`http/test_x.py::test_a`, `::test_b`]", []),
    ("## Names\n\n- A promise.", ["Names: no test: - A promise."]),
    ("## Names\n\nA promise\n[`http/test_y.py`]", ["Names: there is no tests/http/test_y.py"]),
    ("## Names\n\n- A. [`http/test_x.py::test_c`]", ["Names: http/test_x.py has no test_c"]),
    ("## Missing features\n\nMuch.", []),
    ("## Names\n\n- That user can still edit the files.", []),
])
def test_what_is_missing_is_seen(text, found):
    source = "def test_a():\ndef test_b():\n"
    assert breaches(text, lambda path: source if path == "tests/http/test_x.py" else None) == found
