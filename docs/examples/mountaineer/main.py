# SPDX-License-Identifier: MIT
"""A Mountaineer application in miniature: it imports every plugin by name and registers it.

`python3 main.py` prints the plugins and their routes. The framework is a stand-in (see standin/); the
projects are on the path as an editable installation puts them there. Needs FastAPI (Debian:
python3-fastapi)."""

import logging
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECTS = HERE / "projects"
sys.path[:0] = [str(HERE / "standin"), *sorted(map(str, PROJECTS.iterdir()))]
logging.basicConfig(format="%(levelname)s %(message)s", stream=sys.stdout)

from mountaineer.app import AppConfig, AppController  # noqa: E402


def plugins():
    """What has to be edited today whenever a plugin comes or goes."""
    from mountaineer_notes.plugin import plugin as notes
    from mountaineer_status.plugin import plugin as status

    return [notes, status]


def make_controller():
    controller = AppController(config=AppConfig())
    for plugin in plugins():
        controller.register(plugin)
    return controller


def show(controller):
    for plugin in controller.plugins:
        print(f"{plugin.name:<20} {len(plugin.controllers)} controllers")
    for route in controller.app.routes:
        if route.path.startswith(("/notes", "/status")):
            print(f"  {route.path}")


if __name__ == "__main__":
    show(make_controller())
