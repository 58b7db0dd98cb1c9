# SPDX-License-Identifier: MIT
"""How many instructions a look-up, a resolve, a publish and a walk take, by callgrind: the same on a busy machine as on a
quiet one. The counts that hold are kept in tests/bench/instruction_counts.json, with what they were made by.

    /usr/bin/python3 tests/bench/instruction_counts.py            prints kept and present counts
    /usr/bin/python3 tests/bench/instruction_counts.py --renew    keeps the present ones

Renew them in the commit that changes them, and say in its message why. REGISTRYD_BUILD_DIR names a release build."""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tools import BUILD_DIR, SOURCE_DIR  # first: it makes tests/support importable

from lookup_rates import GROUP, write_snapshot  # noqa: E402
from support.postgres import Cluster  # noqa: E402
from walk_rates import make_tree  # noqa: E402

KEPT = Path(__file__).with_suffix(".json")
PROGRAMS = ("bench_lookup", "bench_selection", "bench_publish", "bench_walk")
CONVENTIONS = ("plugin-yaml", "plugin-meta", "mountaineer", "microcoreos", "pyproject", "dist-info")
PACKAGES, PLUGINS, RELEASES = 2000, 500, 200
MOST = 1.03  # of a kept count


def count(*command, only=None):
    """Instructions of a program; with `only`, those within calls of that function."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--tool=callgrind", f"--callgrind-out-file={folder}/out"]
        if only:
            options.append(f"--toggle-collect={only}")
        done = subprocess.run(["valgrind", *options, *map(str, command)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def program(name):
    return BUILD_DIR / "bench" / name


def of_lookup(folder):
    """Opening a snapshot and reading one group, above a process that does nothing."""
    file = folder / "bench.snapshot"
    write_snapshot(file, PACKAGES)
    nothing = count(program("bench_lookup"), "nothing")
    return {"look-up": count(program("bench_lookup"), "look", file, GROUP.replace("0042", "0021")) - nothing}


def of_resolve(_):
    return {f"resolve {shape}": count(program("bench_selection"), shape, 1, only="selection_make") for shape in ("plain", "linked")}


def of_publish(_):
    """Of the daemon's side, for each release; the database's is in the count of buffers of its statements."""
    with Cluster(autovacuum="off") as cluster:
        conninfo = cluster.create_database()
        whole = count(program("bench_publish"), conninfo, 1, RELEASES, only="store_publish")
    return {"publish": whole // RELEASES}


def of_walk(folder):
    found = {}
    for convention in CONVENTIONS:
        root = folder / convention
        root.mkdir()
        make_tree(root, convention, PLUGINS)
        found[f"walk {convention}"] = count(program("bench_walk"), convention, root, only="source_walk") // PLUGINS
    return found


def measure():
    found = {}
    for part in (of_lookup, of_resolve, of_publish, of_walk):
        with tempfile.TemporaryDirectory() as folder:
            found.update(part(Path(folder)))
    return found


def made_by():
    """Other compilers, libraries and processors give other counts."""
    cache = (BUILD_DIR / "CMakeCache.txt").read_text(encoding="utf-8")
    compiler = re.search(r"^CMAKE_C_COMPILER:\w+=(.*)$", cache, re.M)[1]
    version = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    return {"compiler": version, "libc": " ".join(platform.libc_ver()), "build": re.search(r"^CMAKE_BUILD_TYPE:\w+=(.*)$", cache, re.M)[1],
            "processor": [name for name in ("avx2", "avx512f", "sha_ni") if re.search(rf"\b{name}\b", flags)]}


def build():
    """Brings a release build up to date."""
    environment = {**os.environ, "CCACHE_NOHASHDIR": "1", "CCACHE_BASEDIR": str(SOURCE_DIR)}
    for command in (["cmake", "--preset", "release", "-B", BUILD_DIR, "-D", "REGISTRYD_TESTS=ON"],
                    ["cmake", "--build", BUILD_DIR, "--target", *PROGRAMS]):
        done = subprocess.run([str(word) for word in command], cwd=SOURCE_DIR, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def grown(kept, found):
    """A line for each count above its bound, and for each that is not kept."""
    return [f"{name}: {found[name]:,} instructions, kept {kept.get(name, 0):,}" for name in found if found[name] > MOST * kept.get(name, 0)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--renew", action="store_true")
    asked = parser.parse_args()
    build()
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {"counts": {}}
    found = measure()
    for name, value in found.items():
        before = kept["counts"].get(name)
        print(f"{name:20} {value:>14,} {f'{value / before - 1:+.1%}' if before else 'new'}")
    if asked.renew:
        KEPT.write_text(json.dumps({"made by": made_by(), "counts": found}, indent=2) + "\n", encoding="utf-8")
    elif grown(kept["counts"], found):
        sys.exit(1)


if __name__ == "__main__":
    main()
