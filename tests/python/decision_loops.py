# SPDX-License-Identifier: MIT
"""The loops of test_decision_table.py, in a Python that has the package: what a host, or a drop-in, loads in each
mode. Usage: decision_loops.py HOST ROOT GROUP. Prints {mode: {entry point: "W" or "R", with warnings}}."""

import json
import os
import sys
import warnings

import registryclient
from registryclient import Registry
from registryclient.hosts import fastcms, honeyframe, microcoreos, mountaineer

MODES = ("walk", "walk-first", "registry-first", "registry", "compare")
CODES = {"yanked", "deprecated", "outside-pin", "advisory", "alias", "not-registered", "decision-version-unknown"}
HOST, ROOT, GROUP = sys.argv[1:4]
warnings.simplefilter("ignore")


def cell(record):
    told = sorted(one.code for one in record.warnings if one.code in CODES)
    return ":".join(["R" if record.source == "registry" else "W", *told])


# ---- hosts ----


class Seen(Registry):
    """A registry that keeps its last discovery, to see where a plugin came from."""

    def discover(self, *groups, mode=None):
        self.last = super().discover(*groups, mode=mode)
        return self.last


class Context:
    def __init__(self, *_):
        pass


def run_honeyframe(registry):
    """As mount_plugins: each plugin without errors is imported."""
    found = [one for one in honeyframe.discover_plugins(registry) if not one.errors]
    for one in found:
        __import__(f"plugins.{one.name}")
    return {one.name for one in found}


def run_fastcms(registry):
    listed = fastcms.load_plugins(ROOT, object(), {}, context=Context, registry=registry)
    return {one["id"] for one in listed if one["state"] == "loaded"}


def run_mountaineer(registry):
    return {one.name for one in mountaineer.plugins(registry)}


def run_microcoreos(registry):
    return {one.identity for one in microcoreos.discover_plugins(ROOT, registry)}


def run_host(mode):
    registry = Seen(roots=[("install", ROOT)], mode=mode)
    loaded = globals()[f"run_{HOST}"](registry)
    listed = {one.name for one in registry.last.withheld}
    assert not listed & loaded - {one.name for one in registry.last if one.ok}, "a withheld plugin was loaded"
    return {one.name: cell(one) for one in registry.last if one.name in loaded and one.shadowed_by is None}


# ---- drop-ins ----


def run_metadata(mode):
    import importlib.metadata

    registryclient.install(mode)
    found = {}
    for one in importlib.metadata.entry_points(group=GROUP):
        try:
            one.load()
        except ImportError:
            continue
        found[one.name] = cell(one.registry)
    registryclient.uninstall()
    return found


def run_stevedore(mode):
    import registryclient.stevedore
    from stevedore import ExtensionManager

    registryclient.stevedore.install(mode=mode)
    found = {one.name: cell(one.entry_point.registry) for one in ExtensionManager(GROUP)}
    registryclient.stevedore.uninstall()
    return found


def run_pluggy(mode):
    import pluggy

    registryclient.install(mode)
    manager = pluggy.PluginManager("table")
    manager.load_setuptools_entrypoints(GROUP)
    records = {one.name: one.registry for one in registryclient.entry_points(group=GROUP)}
    registryclient.uninstall()
    return {name: cell(records[name]) for name, plugin in manager.list_name_plugin() if plugin is not None}


if HOST in ("honeyframe", "fastcms"):
    sys.path.insert(0, os.path.dirname(ROOT))
elif HOST == "mountaineer":
    sys.path[:0] = [os.path.join(ROOT, "..", "standin"), *(os.path.join(ROOT, one) for one in os.listdir(ROOT))]
else:
    sys.path.insert(0, ROOT)
run = globals().get(f"run_{HOST}") if HOST in ("metadata", "stevedore", "pluggy") else run_host
print(json.dumps({mode: run(mode) for mode in MODES}))
