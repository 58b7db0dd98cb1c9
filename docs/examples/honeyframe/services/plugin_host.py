# SPDX-License-Identifier: MIT
"""Honeyframe's plugin host in miniature: what a plugin is, where they are found, how they are mounted.

Walks INSTALL_DIR/plugins and DATA_DIR/plugins (here the folders `install` and `data` of the examples).
The install directory wins. Discovery never raises: a broken plugin is in the list, with its errors."""

import dataclasses
import importlib
import logging
import os
from pathlib import Path

import yaml

EXAMPLES = Path(__file__).resolve().parents[2]
ROOTS = {
    "install": Path(os.environ.get("INSTALL_DIR", EXAMPLES / "install")) / "plugins",
    "data": Path(os.environ.get("DATA_DIR", EXAMPLES / "data")) / "plugins",
}
log = logging.getLogger("honeyframe")


@dataclasses.dataclass
class PluginManifest:
    """The contract: what `plugin.yaml` says."""

    name: str
    version: str
    display_name: str = ""
    routers: list = dataclasses.field(default_factory=list)
    dbt_workspace: str | None = None
    frontend_entry: str | None = None
    nav: list = dataclasses.field(default_factory=list)
    permissions: list = dataclasses.field(default_factory=list)
    seed_groups: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class DiscoveredPlugin:
    """One plugin as it was found; `manifest` is None when it cannot be read."""

    manifest: PluginManifest | None
    source: str
    root: Path
    errors: list

    def row(self):
        """One entry of GET /api/plugins."""
        manifest = self.manifest
        return {
            "name": manifest.name if manifest else self.root.name,
            "version": manifest.version if manifest else None,
            "source": self.source,
            "router_count": len(manifest.routers) if manifest else 0,
            "dbt_workspace": manifest.dbt_workspace if manifest else None,
            "state": "error" if self.errors else "ok",
            "errors": self.errors,
        }


def read_manifest(root):
    """(manifest or None, errors) of a plugin's directory."""
    try:
        document = yaml.safe_load((root / "plugin.yaml").read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        return None, [f"plugin.yaml: {str(error).splitlines()[0]}"]
    if not isinstance(document, dict):
        return None, ["plugin.yaml: not a mapping"]
    errors = [f"plugin.yaml: {key} is missing" for key in ("name", "version") if key not in document]
    if errors:
        return None, errors
    if document["name"] != root.name:
        errors.append(f"plugin.yaml: the name is {document['name']}, the directory {root.name}")
    known = {field.name for field in dataclasses.fields(PluginManifest)}
    for key in sorted(document.keys() - known):
        log.warning("%s: unknown key %s", root.name, key)
    return PluginManifest(**{key: value for key, value in document.items() if key in known}), errors


def discover_plugins():
    """Every plugin of both directories."""
    found = {}
    for source, folder in ROOTS.items():
        for path in sorted(folder.glob("*/plugin.yaml")):
            if path.parent.name in found:
                log.warning("%s: the one in %s is shadowed", path.parent.name, source)
                continue
            manifest, errors = read_manifest(path.parent)
            found[path.parent.name] = DiscoveredPlugin(manifest, source, path.parent, errors)
    return list(found.values())


def mount_plugins(app):
    """Mounts the routers of every plugin without errors; the whole list comes back."""
    plugins = discover_plugins()
    for plugin in plugins:
        if plugin.errors:
            log.error("%s is skipped: %s", plugin.root.name, plugin.errors[0])
            continue
        for router in plugin.manifest.routers:
            module, _, attribute = router.partition(":")
            try:
                app.include_router(getattr(importlib.import_module(module), attribute))
            except Exception as error:  # a plugin may raise anything; the platform goes on
                plugin.errors.append(f"{router}: {error}")
    return plugins
