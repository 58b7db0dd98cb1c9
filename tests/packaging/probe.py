# SPDX-License-Identifier: MIT
"""Asks the program packaging_probe, and reads the data files of tests/data/packaging.

A data file is tab-separated; lines beginning with '#' say where the cases come from. Bytes below 32,
127 and the backslash are written as \\xHH, in the files and on the wire.
"""
import os
import pathlib
import re
import subprocess

SOURCE = pathlib.Path(os.environ.get("REGISTRYD_SOURCE_DIR", pathlib.Path(__file__).parents[2]))
BUILD = pathlib.Path(os.environ.get("REGISTRYD_BUILD_DIR", SOURCE / "build-dev"))
DATA = SOURCE / "tests" / "data" / "packaging"


def escape(text):
    return "".join(
        f"\\x{ord(c):02x}" if ord(c) < 32 or c in "\x7f\\" else c for c in text
    )


def unescape(text):
    return re.sub(r"\\x([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), text)


def ask(questions):
    """Answers to (verb, argument, …) tuples, each a list of strings."""
    lines = ["\t".join([verb, *map(escape, arguments)]) for verb, *arguments in questions]
    done = subprocess.run(
        [BUILD / "tests" / "packaging_probe"],
        input=("\n".join(lines) + "\n").encode("utf-8", "surrogateescape"),
        stdout=subprocess.PIPE,
        check=True,
    )
    answers = done.stdout.decode("utf-8", "surrogateescape").split("\n")[:-1]
    assert len(answers) == len(questions)
    return [[unescape(field) for field in answer.split("\t")] for answer in answers]


def rows(name, columns):
    """The rows of a data file and of its generated sister, padded to `columns` fields."""
    found = []
    for path in (DATA / name, DATA / name.replace(".tsv", "_generated.tsv")):
        if not path.exists() and path.name != name:
            continue
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line and not line.startswith("#"):
                fields = [unescape(field) for field in line.split("\t")]
                found.append(fields + [""] * (columns - len(fields)))
    return found


def report(differences):
    """Fails with the first few differences, if there are any."""
    shown = "\n".join(str(difference) for difference in differences[:20])
    assert not differences, f"{len(differences)} differences\n{shown}"
