# SPDX-License-Identifier: MIT
"""Honeyframe: `discover_plugins()` as the platform has it, and the rows of /api/plugins, broken and withheld plugins
included. A root's label is the `source` of its plugins. A packaged plugin loads as its manifest."""

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from registryclient import Listed, Registry
from registryclient.hosts import discover, root_of


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
    name: str
    listed: Listed

    state = property(lambda self: "error" if self.errors and self.listed.state == "ok" else self.listed.state)

    def as_listed(self) -> Listed:
        version, count = (self.manifest.version, len(self.manifest.routers)) if self.manifest else (self.listed.version, 0)
        return self.listed._replace(version=version, state=self.state, errors=tuple(self.errors), router_count=count)

    def row(self) -> dict[str, Any]:  # of GET /api/plugins
        return {**self.as_listed().row(), "dbt_workspace": self.manifest.dbt_workspace if self.manifest else None}


def discover_plugins(registry: Registry) -> list[DiscoveredPlugin]:
    """Every plugin by name, also the broken and the withheld ones; a shadowed one is left out with a warning."""
    return [_discovered(one) for one in discover(registry, "honeyframe.plugins").listing() if one.state != "shadowed"]


def _discovered(one: Listed) -> DiscoveredPlugin:
    known, errors = {}, list(one.errors)
    try:
        document = one.record.manifest or (one.record.load() if one.state == "ok" else {})
        known = {key.name: document[key.name] for key in fields(PluginManifest) if key.name in document}
    except Exception as error:  # a plugin may raise anything
        errors.append(f"{one.record.value}: {error}")
    manifest = PluginManifest(**known) if known.keys() >= {"name", "version"} else None
    errors += [] if errors or manifest else ["no manifest was published"]
    return DiscoveredPlugin(manifest, one.source, root_of(one.record), errors, one.name, one)
