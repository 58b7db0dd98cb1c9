# SPDX-License-Identifier: MIT
"""Looking up a group of 50 among 10,000 packages: in a snapshot with the library, in a process of its own
and in one that has it open; and the same question to importlib.metadata over the same packages on disk."""

import subprocess
import sys
import tempfile
from pathlib import Path

from tools import BUILD_DIR, median  # first: it makes tests/support importable

from support.snapshot_file import snapshot  # noqa: E402

GROUP_SIZE = 50
GROUP = "bench.group-0042"

MANIFEST = ('{{"name":"{name}","version":"1.{number}.0","display_name":"Plugin {number}","routers":'
            '["plugins.{name}.routers.main:router"],"permissions":["{name}.read","{name}.edit"]}}')

IMPORTLIB = """
import importlib.metadata, sys, time
sys.path[:] = [path for path in sys.path if "-packages" not in path] + [sys.argv[1]]
begun = time.perf_counter()
found = importlib.metadata.entry_points(group=sys.argv[2])
print((time.perf_counter() - begun) * 1e6, len([(e.name, e.value, e.group) for e in found]))
"""


def packages(count):
    """(name, module, number, group) of each."""
    for number in range(count):
        name = f"plugin-{number:05}"
        yield name, name.replace("-", "_"), number, f"bench.group-{number // GROUP_SIZE:04}"


def write_snapshot(path, count):
    groups = {}
    for name, module, number, group in packages(count):
        groups.setdefault(group, []).append({
            "name": name, "value": f"{module}.plugin:plugin", "package": name, "version": f"1.{number}.0",
            "source": "registry", "origin": f"/v1/packages/{name}/releases/1.{number}.0",
            "manifest": MANIFEST.format(name=name, number=number)})  # fmt: skip
    path.write_bytes(snapshot(groups, serial=count))


def write_site(root, count):
    """The same packages as pip leaves them, as far as entry points go."""
    for name, module, number, group in packages(count):
        folder = root / f"{module}-1.{number}.0.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.{number}.0\n")
        (folder / "entry_points.txt").write_text(f"[{group}]\n{name} = {module}.plugin:plugin\n")


def numbers(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()]


def measure(count, rounds):
    """Microseconds by name; of processes the first quartile, since a busy machine only ever adds."""
    program = BUILD_DIR / "bench/bench_lookup"
    with tempfile.TemporaryDirectory() as folder:
        file, site = Path(folder) / "bench.snapshot", Path(folder) / "site"
        write_snapshot(file, count)
        write_site(site, count)
        nothing, looking, clock = numbers(program, "processes", file, GROUP, 300)
        find, find_and_read = numbers(program, "repeat", file, GROUP, 200000)
        python = []
        for _ in range(rounds):
            took, found = numbers(sys.executable, "-S", "-c", IMPORTLIB, site, GROUP)
            assert found == GROUP_SIZE
            python.append(took)
        return {"nothing": nothing, "process": looking - nothing, "clock": clock, "find": find,
                "find_and_read": find_and_read, "importlib": median(python), "bytes": file.stat().st_size}  # fmt: skip
