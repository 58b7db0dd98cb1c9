# SPDX-License-Identifier: MIT
"""The size budget of the house: hard limits, and a report of what comes near them.

`python3 tests/contract/sizes.py` (part of `./dev lint`) prints the report.
"""

import statistics
import sys

from tree import ROOT, files, functions, text_of

FILE_LINES = (400, 600)  # wanted, hard
FUNCTION_LINES = (60, 80)
PARAMETERS = (5, 6)
PYTHON_FOLDERS = ("tests", "cmake", "client")
MADE = ("sql/schema_now.sql",)  # by a program; nobody has to read it in one sitting


def measure(root):
    """(what, size, (wanted, hard)) of everything that has a limit."""
    for path in files(root) + files(root, (".c", ".h"), ("tests",)):
        text = text_of(root, path)
        yield f"{path}: lines of file", text.count("\n"), FILE_LINES
        for function in functions(text):
            place = f"{path}:{function.line}: {function.name}()"
            yield f"{place}: lines", function.lines, FUNCTION_LINES
            yield f"{place}: parameters", function.parameters, PARAMETERS
    for path in files(root, (".py", ".sh", ".sql", ".cmake"), PYTHON_FOLDERS + ("docs", "sql")):
        if str(path) not in MADE:
            yield f"{path}: lines of file", text_of(root, path).count("\n"), FILE_LINES


def breaches(root):
    return [f"{what}: {size}, at most {hard}" for what, size, (_, hard) in measure(root) if size > hard]


def near(root):
    return [
        f"{what}: {size}, wanted {wanted}"
        for what, size, (wanted, hard) in measure(root)
        if wanted < size <= hard
    ]


def summary(root):
    lengths = []
    function_lengths = []
    comments = total = 0
    for path in files(root):
        text = text_of(root, path)
        lengths.append(text.count("\n"))
        function_lengths += [function.lines for function in functions(text)]
        for line in text.splitlines():
            total += bool(line.strip())
            comments += "// " in line or line.lstrip().startswith(("/*", "* "))
    function_lengths.sort()
    at_95 = function_lengths[len(function_lengths) * 95 // 100]
    return (
        f"{len(lengths)} files, {sum(lengths)} lines; median file {statistics.median(lengths):.0f}; "
        f"{len(function_lengths)} functions, median {statistics.median(function_lengths):.0f}, "
        f"95th percentile {at_95}; lines with a comment {100 * comments // max(total, 1)} %"
    )


if __name__ == "__main__":
    print(summary(ROOT))
    print("\n".join(near(ROOT)))
    found = breaches(ROOT)
    print("\n".join(found))
    sys.exit(bool(found))
