# SPDX-License-Identifier: MIT
"""FastCMS: `load_plugins(directory, app, settings)`, in the host's order of events: validate what a plugin declares, make
its context, call register(context). A broken one is skipped; the server starts normally. The environment's settings
of a plugin override those of plugin_settings."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any

from registryclient import Plugin, Record, Registry
from registryclient.hosts import Found, discover, load_all, withheld

GROUP = "fastcms.plugins"
REQUIRED = ("id", "name", "version")
log = logging.getLogger(__name__)

Settings = Mapping[str, Mapping[str, Any]]  # plugin id -> key -> value
Context = Callable[[str, Any, Settings], Any]  # the host's PluginContext


def load_plugins(
    directory: Any, app: Any, settings: Settings, *, context: Context, registry: Registry | None = None
) -> Found:
    """The PLUGIN_META of every plugin that registered, with "state": "loaded"; and of each that the registry's decisions keep
    from the server, with "withheld" and the "reason". `listing()` has every plugin, also the broken ones. Without a registry:
    REGISTRYD_URL, and so on, with the directory as the only root."""
    records = discover(registry or Registry(roots=[("plugins", directory)]), GROUP)
    metas, failures = [], {}
    for plugin in load_all(records):
        try:
            metas.append({**_register(plugin, app, settings, context), "state": "loaded"})
        except Exception as error:  # a plugin may raise anything
            log.error("%s is skipped: %s", plugin.name, failures.setdefault(plugin.name, str(error)))
    kept = zip(records.withheld, withheld(records), strict=True)
    metas += [{**_known_of(record), "state": one.state, "reason": one.reason} for record, one in kept]
    return Found(metas, records, failures)


def _known_of(record: Record) -> dict[str, Any]:
    return {"id": record.name, "name": record.name, "version": record.version, **(record.manifest or {})}


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
    """The literal one of the release, else the one of the module that has been imported."""
    return plugin.record.manifest or sys.modules[plugin.record.entry_point.module].PLUGIN_META
