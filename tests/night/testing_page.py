# SPDX-License-Identifier: MIT
"""Writes docs/TESTING.md from the rows: testing_page.py > docs/TESTING.md. A contract test holds that they agree."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from rows import ROWS  # noqa: E402

HEAD = """# The long programme

Some properties take a night to prove. `./dev night` proves them, or says how far it came:

```console
$ ./dev night --hours 8
$ ./dev night --only D1 Q3 --hours 2
$ ./dev night --list
```

- Counts (kills, failovers, requests) shrink to what fits into the hours. The report says how many of how many there were.
- A night that was cut off goes on where it ended, as long as the sources are the same commit. `--fresh` begins anew.
- Each program has its bounds: time, three quarters of the machine's memory, and 2 GiB that stay free on the disk. One
  that breaks a bound is killed, and the report says which bound it was.
- The report is `build-night/report.html` for people and `build-night/report.json` for programs; the log of each program
  lies beside them.
- A test tells a figure with `support.figures.figure(name, value)`.
- `tests/night/mutant_table.py` holds seeded faults: each must be found by one of the tests it names.

Most rows have a short form, which `./dev test` runs. The last column says what of the figure no program reaches today, or why
a row has no program.

| row | what | figure that must hold | short form in `./dev test` | what is missing |
|---|---|---|---|---|
"""


def page():
    lines = [f"| {row.id} | {row.title} | {row.figure} | {' '.join(f'`{name}`' for name in row.short)} | {row.missing} |\n" for row in ROWS]
    return HEAD + "".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page())
