# SPDX-License-Identifier: MIT
"""The walk of each convention over many plugins, beside the same reading in Python and beside opening
and reading the same files. The walk is the library's, since the others print no more than a number; the
whole command with its JSON, and what a host does by importing, are told beside it."""

import sys
import tempfile
from pathlib import Path

from tools import BUILD_DIR, median, milliseconds, output_of

HOST_WAYS = Path(__file__).parent / "host_ways.py"

YAML = """name: {name}
version: 1.{number}.0
display_name: Plugin {number}
routers:
  - plugins.{name}.backend.routers.main:router
nav:
  - label: Plugin {number}
    path: /{name}
    icon: box
permissions: [{name}.read, {name}.edit]
seed_groups:
  - name: {name}_admin
    permissions: [{name}.read, {name}.edit]
"""

META = '''"""Plugin {number}."""
PLUGIN_META = {{
    "id": "{name}",
    "name": "Plugin {number}",
    "version": "1.{number}.0",
    "author": "The author",
    "description": "A plugin of the benchmark",
}}


def on_create(event):
    return event["id"]


def register(ctx) -> None:
    ctx.on_record_create("posts", on_create)
    ctx.add_admin_page(nav_id="{name}", label="Plugin {number}", icon="fa-star", url="/{name}")
'''

PROJECT = """[project]
name = "{name}"
version = "1.{number}.0"
description = "A plugin of the benchmark"
requires-python = ">=3.10"
dependencies = ["mountaineer>=0.1.0", "pygments>=2.19.1"]
"""

MOUNTAINEER = '''from mountaineer.plugin import MountaineerPlugin

controllers = []

plugin = MountaineerPlugin(
    name="{name}",
    controllers=controllers,
    view_root="views",
)
'''

MICROCOREOS = '''from core.base_plugin import BasePlugin


class Plugin{number}(BasePlugin):
    def __init__(self, db, http, logger, event_bus):
        self.db = db
        self.http = http
        self.logger = logger
        self.bus = event_bus

    async def on_boot(self):
        self.http.add_endpoint(path="/{name}", method="POST", handler=self.execute, tags=["Bench"])

    async def execute(self, data: dict, context=None):
        try:
            return {{"success": True, "data": await self.db.execute("SELECT $1", [data["id"]])}}
        except Exception as e:
            self.logger.error(f"Failed: {{e}}")
            return {{"success": False, "error": str(e)}}
'''

ENTRY_POINTS = """
[project.entry-points."bench.plugins"]
{name} = "{module}.plugin:plugin"
"""

METADATA = """Metadata-Version: 2.1
Name: {name}
Version: 1.{number}.0
Summary: A plugin of the benchmark
Requires-Python: >=3.10
Requires-Dist: pygments (>=2.19.1)

What it is for, in a sentence.
"""

DIST = "{module}-1.{number}.0.dist-info"

# convention -> (path, text) of the files of one plugin
FILES = {
    "plugin-yaml": [("{name}/plugin.yaml", YAML)],
    "plugin-meta": [("{module}/__init__.py", META)],
    "mountaineer": [("{name}/pyproject.toml", PROJECT), ("{name}/{module}/plugin.py", MOUNTAINEER)],
    "microcoreos": [("domains/d{hundred}/plugins/{module}_plugin.py", MICROCOREOS)],
    "pyproject": [("{name}/pyproject.toml", PROJECT + ENTRY_POINTS)],
    "dist-info": [(DIST + "/METADATA", METADATA),
                  (DIST + "/entry_points.txt", "[bench.plugins]\n{name} = {module}.plugin:plugin\n")],
}  # fmt: skip


# whose plugins a host imports, or asks importlib.metadata for entry points alone
IMPORTED = ("plugin-meta", "mountaineer", "microcoreos", "dist-info")


def make_tree(root, convention, count):
    """Writes the plugins; the list of their files."""
    paths = []
    for number in range(count):
        name = f"plugin-{number:05}"
        words = {"name": name, "module": name.replace("-", "_"), "number": number,
                 "hundred": number // 100}  # fmt: skip
        for path, text in FILES[convention]:
            file = root / path.format(**words)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text.format(**words))
            paths.append(path.format(**words))
    return paths


def commands(convention, root, files):
    """What is measured, by name. All but `command` print how many plugins they found."""
    python = (sys.executable, HOST_WAYS)
    found = {
        "walk": (BUILD_DIR / "bench/bench_walk", convention, root),
        "command": (BUILD_DIR / "bin/registryctl", "--format", "json", "walk", "--convention",
                    convention, root),
        "python": (*python, convention, root),
        "bare": (BUILD_DIR / "bench/bare_read", root, files),
    }  # fmt: skip
    if convention in IMPORTED:
        found["import"] = (*python, f"{convention}-import", root)
    return found


def check(convention, found, count):
    """That each finds every plugin; and modules are compiled once."""
    for name, command in found.items():
        told = output_of(*command)
        seen = {"command": lambda: told.count('"source": "walk"'), "bare": lambda: count}
        assert seen.get(name, lambda: int(told))() == count, (convention, name, told[:200])


def measure(count, rounds, conventions):
    """(convention, milliseconds by name): the median of rounds in which each runs once."""
    for convention in conventions:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "root"
            files = Path(folder) / "files"
            files.write_text("\n".join(make_tree(root, convention, count)) + "\n")
            found = commands(convention, root, files)
            check(convention, found, count)
            times = [{name: milliseconds(*command) for name, command in found.items()}
                     for _ in range(rounds)]  # fmt: skip
            yield convention, {name: median(time[name] for time in times) for name in found}
