# SPDX-License-Identifier: MIT
"""FastCMS's plugin loader in miniature: a folder with an `__init__.py` that has PLUGIN_META and
register(ctx) is a plugin. A broken one is logged and skipped; the server starts normally."""

import importlib
import logging
from pathlib import Path

log = logging.getLogger("fastcms.plugins")
REQUIRED = ("id", "name", "version")


class PluginContext:
    """What register(ctx) gets: the ways a plugin may hook into the system."""

    def __init__(self, plugin_id, app, settings):
        self.plugin_id, self.app, self.settings = plugin_id, app, settings

    def include_router(self, router, prefix):
        self.app.include_router(router, prefix=f"/api/v1/plugins{prefix}")
        self.app.state.router_counts[self.plugin_id] = self.app.state.router_counts.get(self.plugin_id, 0) + 1

    def on_record_create(self, collection, handler):
        self.app.state.hooks.setdefault(("create", collection), []).append(handler)

    def add_admin_page(self, nav_id, label, icon, url):
        self.app.state.admin_pages[nav_id] = {"label": label, "icon": icon, "url": url}

    def get_setting(self, key, default=None):
        return self.settings.get(self.plugin_id, {}).get(key, default)


def load_plugin(name, app, settings):
    """Imports, validates and registers one plugin; its PLUGIN_META comes back."""
    module = importlib.import_module(f"plugins.{name}")
    meta = module.PLUGIN_META
    missing = [key for key in REQUIRED if key not in meta]
    if missing:
        raise ValueError(f"PLUGIN_META has no {', '.join(missing)}")
    module.register(PluginContext(meta["id"], app, settings))
    return meta


def load_plugins(directory, app, settings):
    """Loads every plugin of the directory; the PLUGIN_META of those that registered come back."""
    loaded = []
    for path in sorted(Path(directory).glob("*/__init__.py")):
        try:
            loaded.append(load_plugin(path.parent.name, app, settings))
        except Exception as error:  # a plugin may raise anything
            log.error("%s is skipped: %s", path.parent.name, error)
    return loaded
