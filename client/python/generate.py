# SPDX-License-Identifier: MIT
"""Writes registryclient/_generated.py: the version of the tree, and the list of statuses from schema/base/status.h, so
that no other place lists them.

    python3 client/python/generate.py TREE FILE
"""

import re
import sys
from pathlib import Path

ROW = re.compile(r'X\(\w+,\s*"([^"]+)",\s*(\d+),\s*(\d+),\s*"([^"]+)"\)')


def version(tree):
    text = (Path(tree) / "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"^project\(registryd VERSION ([\d.]+)", text, re.MULTILINE)[1]


def statuses(tree):
    text = (Path(tree) / "schema/base/status.h").read_text(encoding="utf-8").replace("\\\n", "\n")
    rows = [(code, int(http), int(exit_code), sentence) for code, http, exit_code, sentence in ROW.findall(text)]
    if len(rows) != len(re.findall(r"^\s+X\(", text, re.MULTILINE)):
        sys.exit("generate.py: a row of schema/base/status.h cannot be read")
    return rows


def text(tree):
    lines = "".join(f"    {row!r},\n" for row in statuses(tree))
    return ("# SPDX-License-Identifier: MIT\n# Written by client/python/generate.py.\n"
            f"VERSION = {version(tree)!r}\n\n# Name, HTTP status, exit code, sentence: every outcome, in the order of "
            f"schema/base/status.h.\nSTATUSES = (\n{lines})\n")  # fmt: skip


def main(tree, target):
    made = text(tree)
    target = Path(target)
    if not target.exists() or target.read_text(encoding="utf-8") != made:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(made, encoding="utf-8")
    target.touch()


if __name__ == "__main__":
    main(*sys.argv[1:])
