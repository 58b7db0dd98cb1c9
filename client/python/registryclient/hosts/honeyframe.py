# SPDX-License-Identifier: MIT
"""Honeyframe: `discover_plugins()` as the platform's plugin host has it, and the rows of /api/plugins.

Never raises for the sake of a plugin: a broken one is in the list, with its errors. The registry's
roots are in order of precedence; the label of a root is the `source` of the plugins that lie in it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from registryclient import Record, Registry
from registryclient.hosts import discover


@dataclass
class PluginManifest:
    name: str
    version: str
    display_name: str = ""
    routers: list[str] = field(default_factory=list)
    dbt_workspace: str | None = None
    frontend_entry: str | None = None
    nav: list[dict[str, Any]] = field(default_factory=list)
    permissions: list[str] = field(default_factory=list)
    seed_groups: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class DiscoveredPlugin:
    manifest: PluginManifest | None
    source: str
    root: Path
    errors: list[str]

    def row(self) -> dict[str, Any]:
        """What GET /api/plugins says of it."""
        routers, dbt = (self.manifest.routers, self.manifest.dbt_workspace) if self.manifest else ([], None)
        return {"name": self.root.name, "version": self.manifest and self.manifest.version, "source": self.source,
                "router_count": len(routers), "dbt_workspace": dbt, "errors": self.errors}


def discover_plugins(registry: Registry) -> list[DiscoveredPlugin]:
    """Every plugin, the broken ones too; a shadowed one is left out with a warning."""
    records = discover(registry, "honeyframe.plugins")
    return [_discovered(record, registry) for record in records if record.shadowed_by is None]


def _discovered(record: Record, registry: Registry) -> DiscoveredPlugin:
    slug = record.name or Path(record.origin or "").name
    places = ((label or path, Path(path, slug)) for label, path in registry.roots if Path(path, slug).is_dir())
    source, root = next(places, (record.source, Path(slug)))
    document = record.manifest or {}
    known = {one.name: document[one.name] for one in fields(PluginManifest) if one.name in document}
    errors = [str(finding).removeprefix("error: ") for finding in record.errors]
    manifest = PluginManifest(**known) if known.keys() >= {"name", "version"} else None
    return DiscoveredPlugin(manifest, source, root, errors or ([] if manifest else ["no manifest was published"]))
