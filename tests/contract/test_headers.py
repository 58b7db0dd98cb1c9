# SPDX-License-Identifier: MIT
"""How files open: SPDX line, a few lines of what this is, own header first; headers stand alone."""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from tree import ROOT, assert_breach, files, includes, text_of

COMMENT_LINES = range(1, 11)  # after the SPDX line
LIBRARIES = ("jansson", "yaml-0.1", "libsodium", "libpq", "libcurl", "python3")


def opening_of(text):
    """The comment lines a file opens with, or [] when it does not open with SPDX."""
    lines = text.splitlines()
    if not lines or "SPDX-License-Identifier: MIT" not in lines[0]:
        return []
    opening = []
    for line in lines:
        if not line.startswith(("//", "/*", " *")):
            break
        if line.strip("/* "):
            opening.append(line)
    return opening


def opening_breaches(root):
    found = []
    for path in files(root):
        told = len(opening_of(text_of(root, path))) - 1
        if told not in COMMENT_LINES:
            found.append(f"{path}:1: opens with SPDX and 1 to 10 lines that say what it is (has {told})")
    for path in files(root, (".c", ".h"), ("tests",)):
        if not opening_of(text_of(root, path)):
            found.append(f"{path}:1: opens with an SPDX line")
    return found


def own_header_breaches(root):
    found = []
    for path in files(root, (".c", ".cpp")):
        own = str(path.with_suffix(".h"))
        first = next((name for _, name, _ in includes(text_of(root, path))), None)
        if (root / own).exists() and first != own:
            found.append(f"{path}: includes its own header {own} first, not {first}")
    return found


def guard_breaches(root):
    guard = re.compile(r"^#pragma once$|^#ifndef (\w+)\n#define \1$", re.MULTILINE)
    return [
        f"{path}: has #pragma once" for path in files(root, (".h",)) if not guard.search(text_of(root, path))
    ]


def compiler_flags(root):
    told = subprocess.run(
        ["pkg-config", "--cflags", *LIBRARIES], capture_output=True, text=True, check=True
    )
    generated = os.environ.get("REGISTRYD_BUILD_DIR", str(root)) + "/generated"
    return [*told.stdout.split(), "-D_GNU_SOURCE", f"-I{root}", f"-I{generated}"]


def compile_alone(root, flags, path):
    command = ["gcc", "-std=gnu17", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", *flags]
    made = subprocess.run(
        [*command, "-include", str(root / path), "-x", "c", "/dev/null"], capture_output=True, text=True
    )
    return [] if made.returncode == 0 else [f"{path}: does not compile alone: {made.stderr[:400]}"]


def alone_breaches(root):
    work = partial(compile_alone, root, compiler_flags(root))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return sum(pool.map(work, files(root, (".h",))), [])


CHECKS = (opening_breaches, own_header_breaches, guard_breaches, alone_breaches)
SPDX = "// SPDX-License-Identifier: MIT\n"


@pytest.mark.parametrize("check", CHECKS)
def test_the_tree_opens_its_files_well(check):
    assert check(ROOT) == []


@pytest.mark.parametrize(
    "check, contents, expected",
    [
        (opening_breaches, {"schema/a.c": "// a\n// b\n// c\n"}, "schema/a.c:1: "),
        (opening_breaches, {"schema/a.c": SPDX + "\n// late\n"}, "(has 0)"),
        (opening_breaches, {"schema/a.c": SPDX + "// x\n" * 11}, "(has 11)"),
        (opening_breaches, {"tests/unit/a.c": "int x;\n"}, "tests/unit/a.c:1: "),
        (
            own_header_breaches,
            {"client/a.h": "", "client/a.c": '#include <stdio.h>\n#include "client/a.h"\n'},
            "client/a.c: includes its own header client/a.h first, not stdio.h",
        ),
        (guard_breaches, {"client/a.h": "int x(void);\n"}, "client/a.h: has #pragma once"),
        (alone_breaches, {"client/a.h": "size_t x(void);\n"}, "client/a.h: does not compile alone"),
    ],
)
def test_a_breach_is_seen(tmp_path, check, contents, expected):
    assert_breach(check, tmp_path, contents, expected)
