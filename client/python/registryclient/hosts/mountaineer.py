# SPDX-License-Identifier: MIT
"""Mountaineer: the plugins to register, so that the application need not name each of them.

    for plugin in plugins():
        controller.register(plugin)

Plugins in the roots are found by their `plugin.py`, or by the entry point of an installed package."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

from registryclient import Registry
from registryclient.hosts import Found, discover, load_all

GROUP = "mountaineer.plugins"
log = logging.getLogger(__name__)


def plugins(registry: Registry | None = None) -> Found:
    """The MountaineerPlugin objects, by name. A broken one is logged and left out; `listing()` of the answer has every plugin
    with its state, also the broken ones and those that the registry's decisions keep from the application. Without a
    registry: REGISTRYD_URL, and so on, with the folders of installed packages as roots."""
    registry = registry or Registry(roots=[path for path in sys.path if os.path.isdir(path)])
    records = discover(registry, GROUP)
    found: list[Any] = []
    failures = {}
    for plugin in load_all(records):
        if plugin.ok:
            found.append(plugin.plugin)
        else:
            failures[plugin.name] = plugin.message
            log.error("%s is left out: %s", plugin.name, plugin.message)
    return Found(found, records, failures)
