# SPDX-License-Identifier: MIT
"""Versions and markers: how often a second here, and how often with Python's packaging."""

import random
import subprocess
import time

from packaging.markers import Marker
from packaging.version import Version

from tools import BUILD_DIR, median

SUFFIXES = ["", "", "", "rc1", ".post1", ".dev3"]
MARKERS = [
    "python_version >= '3.8'",
    "python_version < '3.10' and sys_platform == 'linux'",
    "platform_machine == 'x86_64' or platform_machine == 'aarch64'",
    "os_name == 'nt'",
    "python_full_version >= '3.11.1' and (os_name == 'posix' or sys_platform == 'win32')",
    "extra == 'test'",
]
# The same facts as in bench_packaging.c.
ENVIRONMENT = {
    "os_name": "posix", "sys_platform": "linux", "platform_machine": "x86_64",
    "platform_python_implementation": "CPython", "python_version": "3.11",
    "python_full_version": "3.11.2",
}  # fmt: skip


def ours(work, lines):
    command = [BUILD_DIR / "bench/bench_packaging", work]
    done = subprocess.run(command, input="\n".join(lines), text=True, capture_output=True, check=True)
    return float(done.stdout)


def theirs(function, count):
    start = time.perf_counter()
    done = 0
    while time.perf_counter() - start < 0.5:
        function()
        done += count
    return done / (time.perf_counter() - start)


def cases():
    """(what, work of bench_packaging, its lines, the same with packaging)."""
    rng = random.Random(1)
    pairs = [
        (
            f"{rng.randrange(5)}.{rng.randrange(20)}.{rng.randrange(9)}{rng.choice(SUFFIXES)}",
            f"{rng.randrange(5)}.{rng.randrange(20)}.{rng.randrange(9)}",
        )
        for _ in range(500)
    ]
    lines = ["\t".join(pair) for pair in pairs]
    texts = MARKERS * 40
    markers = [Marker(text) for text in texts]
    yield "version texts compared", "compare-texts", lines, lambda: [Version(a) < Version(b) for a, b in pairs]
    yield "markers evaluated", "evaluate-markers", texts, lambda: [m.evaluate(ENVIRONMENT) for m in markers]


def measure(rounds):
    """(what, our rate, packaging's rate), measured in turns."""
    for what, work, lines, function in cases():
        here, there = [], []
        for _ in range(rounds):
            here.append(ours(work, lines))
            there.append(theirs(function, len(lines)))
        yield what, median(here), median(there)
