# SPDX-License-Identifier: MIT
"""The house in figures: `python3 tests/contract/house.py [ROOT]` prints them, one a line.

test_house.py holds the limits. The same script measures any checkout of the project, so that two states
can be compared. Only C and C++ of the product count, not its tests.
"""

import re
import statistics
import sys
from collections import Counter
from pathlib import Path

from test_layering import circles, edges
from tree import ROOT, code_only, files, functions, text_of

# A guard that goes on instead of returning, in the three spellings that were in use.
CHAINS = (
    re.compile(r"\bif \(!(status|failed)\) \{\s*\n\s*(status|failed) = "),
    re.compile(r"\b(status|failed) = \1 \? \1\s*:"),
    re.compile(r"\benum status failed\b"),
)
# Functions that read the monotonic clock in milliseconds; schema/base/clock.c has the one.
CLOCK = re.compile(r"^[^\n]*\b\w*(?:now|monotonic)_ms\(void\) \{", re.MULTILINE)
# Engines that match the members of a JSON object with the rows of a table.
ENGINE = re.compile(r"json_object_foreach\b[^{]*\{(?:(?!\n\}).)*?\bfind_(?:member|field|key)\(", re.DOTALL)
OPENING_LINES = 60  # a .c file longer than this opens with at least two lines of substance


def share_of_comments(texts):
    comments = lines = 0
    for text in texts:
        in_block = False
        for line in text.splitlines():
            stripped = line.strip()
            lines += bool(stripped)
            is_comment = in_block or stripped.startswith(("//", "/*")) or re.search(r"[;{},)]\s+// ", line)
            in_block = (in_block or stripped.startswith("/*")) and "*/" not in stripped
            comments += bool(is_comment) and "SPDX-License-Identifier" not in line
    return 100 * comments / max(lines, 1)


def opening_length(text):
    """The comment lines after the SPDX line."""
    count = 0
    for line in text.splitlines()[1:]:
        if not line.startswith("//"):
            break
        count += len(line.strip("/ ")) > 0
    return count


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) * share // 100, len(values) - 1)] if values else 0


def measure(root=ROOT):
    """{name: figure}"""
    texts = {path: text_of(root, path) for path in files(root)}
    sources = {path: text for path, text in texts.items() if path.suffix == ".c"}
    folders = Counter(str(path.parent) for path in texts)
    lengths = [text.count("\n") for text in sources.values()]
    found = [function for text in sources.values() for function in functions(text)]
    sizes = [function.lines for function in found]
    code = {path: code_only(text) for path, text in sources.items()}
    modules = circles(edges(root, lambda path: path.rsplit(".", 1)[0]))
    graph = edges(root, lambda path: path.rsplit("/", 1)[0])
    return {
        "files": len(texts),
        "files in the largest folder": max(folders.values(), default=0),
        "folders above 25 files": sum(count > 25 for count in folders.values()),
        "lines of C": sum(text.count("\n") for text in texts.values()),
        "average .c file": round(statistics.mean(lengths or [0])),
        "median .c file": round(statistics.median(lengths or [0])),
        "largest .c file": max(lengths, default=0),
        ".c files under 100 lines": sum(length < 100 for length in lengths),
        "functions": len(sizes),
        "median function": round(statistics.median(sizes or [0])),
        "95th percentile of functions": percentile(sizes, 95),
        "largest function": max(sizes, default=0),
        "functions with more than 5 parameters": sum(function.parameters > 5 for function in found),
        "two-way pairs of folders": sum(
            other in graph and folder in graph[other] for folder in graph for other in graph[folder]) // 2,
        "circles of folders": len(circles(graph)),
        "circles of modules": len(modules),
        "definitions of a clock": sum(len(CLOCK.findall(text)) for text in code.values()),
        "JSON member engines": sum(len(ENGINE.findall(text)) for text in code.values()),
        "chained failures": sum(len(CHAINS[0].findall(text)) + len(CHAINS[1].findall(text))
                                for text in code.values()),
        "status under another name": sum(len(CHAINS[2].findall(text)) for text in code.values()),
        "comment share of .c (%)": round(share_of_comments(sources.values()), 1),
        "comment share overall (%)": round(share_of_comments(texts.values()), 1),
        "long .c files with a short opening": sum(
            text.count("\n") > OPENING_LINES and opening_length(text) < 2 for text in sources.values()),
    }


if __name__ == "__main__":
    for name, figure in measure(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT).items():
        print(f"{figure:>8}  {name}")
