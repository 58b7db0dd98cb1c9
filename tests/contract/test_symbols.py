# SPDX-License-Identifier: MIT
"""No exported mutable global: what our archives export is code and constants."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ARCHIVES = ("schema/libschema.a", "registryd/libdaemon.a", "client/libclient_core.a")
# `objdump -t`: value, seven flag letters, section, size, [.hidden] name. Constants that hold pointers
# live in .data.rel.ro until they are relocated; the sanitizers add symbols of their own.
ROW = re.compile(r"^[0-9a-f]+ (?P<flags>.{7}) (?P<section>\S+)\s+[0-9a-f]+ (?:\.hidden )?(?P<name>\S+)$")
MUTABLE = re.compile(r"\.(data|bss|tdata|tbss)(?!\.rel\.ro)(\..*)?|\*COM\*")
SANITIZER = re.compile(r"__(odr_asan|asan|ubsan|tsan|start|stop)")


def mutable_globals(objdump_output):
    found = []
    for line in objdump_output.splitlines():
        row = ROW.match(line)
        is_global = row and ("g" in row["flags"] or "u" in row["flags"] or row["section"] == "*COM*")
        if is_global and MUTABLE.fullmatch(row["section"]) and not SANITIZER.match(row["name"]):
            found.append(row["name"])
    return found


def symbols_of(path):
    return subprocess.run(["objdump", "-t", str(path)], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("archive", ARCHIVES)
def test_archives_export_no_mutable_global(archive):
    path = Path(os.environ["REGISTRYD_BUILD_DIR"]) / archive
    assert mutable_globals(symbols_of(path)) == []


@pytest.mark.parametrize(
    "declaration, expected",
    [
        ("int counter;", ["counter"]),
        ("int counter = 3;", ["counter"]),
        ("_Thread_local int counter;", ["counter"]),
        ("const char *name = \"x\";", ["name"]),
        ("static int counter; int *f(void); int *f(void) { return &counter; }", []),
        ("extern const int limit; const int limit = 3;", []),
        ("extern const char *const names[]; const char *const names[] = {\"x\"};", []),
    ],
)
def test_a_mutable_global_is_seen(tmp_path, declaration, expected):
    source = tmp_path / "a.c"
    source.write_text(declaration + "\n")
    subprocess.run(["gcc", "-fPIC", "-c", str(source), "-o", str(tmp_path / "a.o")], check=True)
    assert mutable_globals(symbols_of(tmp_path / "a.o")) == expected
