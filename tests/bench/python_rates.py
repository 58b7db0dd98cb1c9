# SPDX-License-Identifier: MIT
"""The Python package beside importlib.metadata and stevedore, over 10,000 installed distributions of which
500 have a plugin of the group asked for. Each figure but the warm look-up is of fresh processes, in turns."""

import json
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

from tools import BUILD_DIR, median, output_of

PYTHON = "/usr/bin/python3"
GROUP = "bench.plugins"
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: 1.{number}.0\nSummary: A plugin of the benchmark\n"

COUNT = "assert len({0}) == 500, len({0})"
PURE = "import os\nos.environ['REGISTRYD_PYTHON_ENGINE'] = 'pure'\n"
PROGRAMS = {
    "bare": "pass",
    "import": "import registryclient",
    "ours": "from registryclient import entry_points\n" + COUNT.format(f"entry_points(group='{GROUP}')"),
    "pure": PURE + "from registryclient import entry_points\n" + COUNT.format(f"entry_points(group='{GROUP}')"),
    "walk": "import registryclient\nregistryclient.configure(mode='walk')\n"
            + COUNT.format(f"registryclient.entry_points(group='{GROUP}')"),
    "importlib": "from importlib.metadata import entry_points\n" + COUNT.format(f"entry_points(group='{GROUP}')"),
    "hook": "import registryclient\nregistryclient.install()\nfrom importlib.metadata import entry_points\n"
            + COUNT.format(f"entry_points(group='{GROUP}')"),
    "stevedore": "import stevedore\nfrom stevedore import _cache\n" + COUNT.format(f"_cache.get_group_all('{GROUP}')"),
    "stevedore here": "import registryclient.stevedore\nregistryclient.stevedore.install()\nimport stevedore\n"
                      "from stevedore import _cache\n" + COUNT.format(f"_cache.get_group_all('{GROUP}')"),
}  # fmt: skip

# Both look-ups warm, in one process; the best of several is what the code costs.
WARM = f"""
import json, time, registryclient, importlib.metadata
def best(call, times, rounds):
    found = []
    for _ in range(rounds):
        begin = time.perf_counter()
        for _ in range(times):
            call()
        found.append((time.perf_counter() - begin) / times)
    return min(found)
ours = best(lambda: registryclient.entry_points(group="{GROUP}"), 10000, 5)
theirs = best(lambda: importlib.metadata.entry_points(group="{GROUP}"), 1, 3)
print(json.dumps([ours, theirs]))
"""


def make_site(site, count, plugins):
    for number in range(count):
        name = f"bench-plugin-{number:05}"
        folder = site / f"{name.replace('-', '_')}-1.{number}.0.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(METADATA.format(name=name, number=number))
        group = GROUP if number % (count // plugins) == 0 else "bench.others"
        (folder / "entry_points.txt").write_text(f"[{group}]\n{name} = {name.replace('-', '_')}.plugin:plugin\n")


def environment(folder):
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("REGISTRYD_", "PYTHON"))}
    return {**kept, "PYTHONPATH": f"{BUILD_DIR}/python{os.pathsep}{folder}/site", "XDG_CACHE_HOME": f"{folder}/cache",
            "REGISTRYD_MODE": "registry", "REGISTRYD_SNAPSHOT": f"{folder}/plugins.snapshot"}  # fmt: skip


def milliseconds_of(code, env):
    begin = time.perf_counter()
    output_of(PYTHON, "-c", code, env=env)
    return (time.perf_counter() - begin) * 1000


def import_milliseconds(env):
    told = subprocess.run([PYTHON, "-X", "importtime", "-c", "import registryclient"], capture_output=True, text=True,
                          env=env, check=True).stderr  # fmt: skip
    return int(re.search(r"\|\s*(\d+) \| registryclient$", told, re.MULTILINE)[1]) / 1000


def measure(rounds):
    """({program: milliseconds above the interpreter's start}, start, import, [ours, theirs] warm in seconds)"""
    with tempfile.TemporaryDirectory() as folder:
        make_site(Path(folder) / "site", 10000, 500)
        output_of(BUILD_DIR / "bin/registryctl", "snapshot", "build", f"{folder}/plugins.snapshot", "--convention",
                  "dist-info", f"{folder}/site")  # fmt: skip
        env = environment(folder)
        for code in PROGRAMS.values():  # what they compile and cache is there from now on
            output_of(PYTHON, "-c", code, env=env)
        times = {name: [] for name in PROGRAMS}
        imports = []
        for _ in range(rounds):
            for name, code in PROGRAMS.items():
                times[name].append(milliseconds_of(code, env))
            imports.append(import_milliseconds(env))
        warm = json.loads(output_of(PYTHON, "-c", WARM, env=env))
    start = median(times["bare"])
    return {name: median(found) - start for name, found in times.items()}, start, median(imports), warm
