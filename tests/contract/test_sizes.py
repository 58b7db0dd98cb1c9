# SPDX-License-Identifier: MIT
"""Files, functions and parameter lists stay small (hard limits of docs/ARCHITECTURE.md)."""

import pytest
import sizes
from tree import ROOT, assert_breach, functions, text_of


def test_nothing_is_over_a_hard_limit():
    assert sizes.breaches(ROOT) == []


def test_the_scanner_sees_the_functions_of_a_known_file():
    names = [function.name for function in functions(text_of(ROOT, "schema/base/arena.c"))]
    assert {"arena_new", "arena_free", "arena_alloc", "arena_printf"} <= set(names)


LONG_BODY = "    call();\n" * 80


@pytest.mark.parametrize(
    "contents, expected",
    [
        ({"schema/big.c": "// x\n" * 601}, "schema/big.c: lines of file: 601"),
        ({"tests/unit/big.c": "// x\n" * 601}, "tests/unit/big.c: lines of file: 601"),
        ({"tests/e2e/big.py": "# x\n" * 601}, "tests/e2e/big.py: lines of file: 601"),
        ({"client/a.c": f"int long_one(void) {{\n{LONG_BODY}}}\n"}, "long_one(): lines: 82"),
        (
            {"client/a.c": "static void wide(int a, int b,\n    int c, int d, int e,\n    void (*f)(int, int), int g) {\n}\n"},
            "wide(): parameters: 7",
        ),
    ],
)
def test_a_breach_is_seen(tmp_path, contents, expected):
    assert_breach(sizes.breaches, tmp_path, contents, expected)


def test_what_comes_near_is_reported(tmp_path):
    (tmp_path / "schema").mkdir()
    (tmp_path / "schema/a.c").write_text("// x\n" * 401)
    assert sizes.near(tmp_path) == ["schema/a.c: lines of file: 401, wanted 400"]
