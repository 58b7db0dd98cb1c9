# SPDX-License-Identifier: MIT
"""Runs one of the example hosts as with_registry.py does, once in each mode, and prints what it did as JSON:

    {mode: {"rows": its list of plugins, "runs": what it started, "answers": what its plugins answer, "log": [...]}}

`python3 host_driver.py HOST FOLDER MODE...`, in a copy of docs/examples at FOLDER. One process for all modes, because most
of its time is the import of FastAPI."""

import asyncio
import functools
import json
import logging
import sys
from pathlib import Path

HOST, EXAMPLES, MODES = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
FOLDER = EXAMPLES / HOST
sys.path.insert(0, str(FOLDER))

from registryclient import Registry  # noqa: E402


class Log(logging.Handler):
    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def answers_of(app):
    """What each route of the plugins answers."""
    found = {}
    for route in app.routes:
        if "{" not in route.path and "GET" in getattr(route, "methods", ()) and "/docs" not in route.path and "openapi" not in route.path:
            try:
                answer = route.endpoint()
                found[route.path] = asyncio.run(answer) if asyncio.iscoroutine(answer) else answer
            except TypeError:  # it wants parameters
                found[route.path] = None
    return found


def run_honeyframe(mode):
    from fastapi import FastAPI
    from registryclient.hosts import honeyframe
    from services import plugin_host

    sys.path[:0] = [str(folder.parent) for folder in plugin_host.ROOTS.values()]
    plugin_host.discover_plugins = functools.partial(
        honeyframe.discover_plugins, Registry(roots=plugin_host.ROOTS.items(), mode=mode))  # fmt: skip
    app = FastAPI()
    plugins = plugin_host.mount_plugins(app)
    return [plugin.row() for plugin in plugins], [one.name for one in plugins if one.state == "ok"], answers_of(app)


def run_fastcms(mode):
    import main
    from app import plugin_loader
    from registryclient.hosts import fastcms

    plugin_loader.load_plugins = functools.partial(
        fastcms.load_plugins, context=plugin_loader.PluginContext, registry=Registry(roots=[("plugins", FOLDER / "plugins")], mode=mode))
    app = main.make_app()
    counts = app.state.router_counts
    rows = [one._replace(router_count=counts.get(one.name, 0)).row() for one in app.state.plugins.listing()]
    return (rows, [meta["id"] for meta in app.state.plugins if meta["state"] == "loaded"],
            {path: answer for path, answer in answers_of(app).items() if path.startswith("/api")})  # fmt: skip


def run_mountaineer(mode):
    import main
    from registryclient.hosts import mountaineer

    found = mountaineer.plugins(Registry(roots=[("projects", main.PROJECTS)], mode=mode))
    main.plugins = lambda: found
    controller = main.make_controller()
    return [one.row() for one in found.listing()], [one.name for one in controller.plugins], answers_of(controller.app)


def run_microcoreos(mode):
    from core import kernel, tools
    from registryclient.hosts import microcoreos

    kernel.discover_plugins = functools.partial(microcoreos.discover_plugins, registry=Registry(roots=[("app", FOLDER)], mode=mode))
    booted = kernel.Kernel(FOLDER, tools.make_tools())

    async def boot():
        await booted.boot()
        http = booted.tools["http"]
        return {name: await http.call(name, {"name": "Bell", "price": 4.5}) for name in sorted(http.endpoints, reverse=True)}

    answers = asyncio.run(boot())
    return [one.row() for one in booted.found.listing(booted.left_out)], sorted(booted.running), answers


ROOTS = {
    "honeyframe": [("install", EXAMPLES / "install/plugins"), ("data", EXAMPLES / "data/plugins")],
    "fastcms": [("plugins", FOLDER / "plugins")],
    "mountaineer": [("projects", FOLDER / "projects")],
    "microcoreos": [("app", FOLDER)],
}


def contributions_of(mode):
    """What the host's plugins contribute, without the versions: a walk does not know all of them."""
    document = Registry(roots=ROOTS[HOST], mode=mode).contributions(f"{HOST}.plugins").to_dict()
    return json.loads(json.dumps(document), object_hook=lambda one: {key: one[key] for key in one if key != "version"})


def main_of(mode):
    log = Log()
    logging.getLogger().addHandler(log)
    try:
        rows, runs, answers = globals()[f"run_{HOST}"](mode)
    finally:
        logging.getLogger().removeHandler(log)
    given = contributions_of(mode)
    return {"contributions": given, "rows": {row["name"]: row for row in rows if row["state"] != "shadowed"}, "runs": sorted(runs), "answers": answers, "log": log.lines}


if __name__ == "__main__":
    print(json.dumps({mode: main_of(mode) for mode in MODES}, default=str))
