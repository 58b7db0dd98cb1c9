# SPDX-License-Identifier: MIT
"""Honeyframe: `discover_plugins()` as the platform's plugin host has it, and the rows of /api/plugins. It never
raises for the sake of a plugin: a broken one, and one that decisions of the registry withhold, is in the list with
the reason. A root's label is the `source` of its plugins. A packaged plugin loads as its manifest."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from registryclient import Record, Registry
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
    name: str = ""
    state: str = "ok"  # "ok", "error" or "withheld"; the last two are not mounted

    def row(self) -> dict[str, Any]:  # of GET /api/plugins
        version, routers, dbt = (m.version, m.routers, m.dbt_workspace) if (m := self.manifest) else (None, [], None)
        return {"name": self.name, "version": version, "source": self.source, "router_count": len(routers),
                "dbt_workspace": dbt, "state": self.state, "errors": self.errors}  # fmt: skip


def discover_plugins(registry: Registry) -> list[DiscoveredPlugin]:
    """Every plugin, also the broken and the withheld ones; a shadowed one is left out with a warning."""
    records = discover(registry, "honeyframe.plugins")
    listed = [_discovered(record) for record in records if record.shadowed_by is None]
    return sorted(listed + [_discovered(record, "withheld") for record in records.withheld], key=lambda plugin: plugin.name)


def _discovered(record: Record, state: str | None = None) -> DiscoveredPlugin:
    known, errors = {}, [str(finding).removeprefix("error: ") for finding in record.errors]
    try:
        document = record.manifest or (record.load() if record.ok else {})
        known = {one.name: document[one.name] for one in fields(PluginManifest) if one.name in document}
    except Exception as error:  # a plugin may raise anything
        errors.append(f"{record.value}: {error}")
    manifest = PluginManifest(**known) if known.keys() >= {"name", "version"} else None
    errors += filter(None, [] if errors else [record.refusal or (None if manifest else "no manifest was published")])
    return DiscoveredPlugin(manifest, record.place, root_of(record), errors, record.name, state or ("error" if errors else "ok"))
