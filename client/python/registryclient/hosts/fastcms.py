# SPDX-License-Identifier: MIT
"""FastCMS: `load_plugins(directory, app, settings)`, in the host's order of events.

For each plugin: validate what it declares, make its context, call register(context). A broken one is
logged and skipped; the server starts normally. The environment's settings of a plugin in the registry
override those in the table plugin_settings, so get_setting() finds them."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any

from registryclient import Plugin, Registry
from registryclient.hosts import load_all

GROUP = "fastcms.plugins"
REQUIRED = ("id", "name", "version")
log = logging.getLogger(__name__)

Settings = Mapping[str, Mapping[str, Any]]  # plugin id -> key -> value
Context = Callable[[str, Any, Settings], Any]  # the host's PluginContext


def load_plugins(
    directory: Any, app: Any, settings: Settings, *, context: Context, registry: Registry | None = None
) -> list[dict[str, Any]]:
    """The PLUGIN_META of every plugin that registered. Without a registry: REGISTRYD_URL, and so on,
    with the directory as the only root."""
    registry = registry or Registry(roots=[str(directory)])
    loaded = []
    for plugin in load_all(registry, GROUP):
        try:
            loaded.append(_register(plugin, app, settings, context))
        except Exception as error:  # a plugin may raise anything
            log.error("%s is skipped: %s", plugin.name, error)
    return loaded


def _register(plugin: Any, app: Any, settings: Settings, context: Context) -> dict[str, Any]:
    if not plugin.ok:
        raise ValueError(plugin.message)
    meta = _meta_of(plugin)
    missing = [key for key in REQUIRED if key not in meta]
    if missing:
        raise ValueError(f"PLUGIN_META has no {', '.join(missing)}")
    own = {**settings.get(meta["id"], {}), **(plugin.record.settings or {})}
    plugin.plugin(context(meta["id"], app, {**settings, meta["id"]: own}))
    return meta


def _meta_of(plugin: Plugin) -> dict[str, Any]:
    """The literal PLUGIN_META of the release, else the one of the module that has been imported."""
    return plugin.record.manifest or sys.modules[plugin.record.entry_point.module].PLUGIN_META
