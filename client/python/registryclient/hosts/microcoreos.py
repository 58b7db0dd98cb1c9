# SPDX-License-Identifier: MIT
"""MicroCoreOS: plugin classes, with their identity and the tools they declare, for the kernel to boot.

The tools are those the class names as parameters of its constructor: read when it was published or
walked, or from the class when the release does not say."""

from __future__ import annotations

import inspect
import logging
from typing import Any, NamedTuple

from registryclient import Registry
from registryclient.hosts import Found, discover, load_all

GROUP = "microcoreos.plugins"
log = logging.getLogger(__name__)


class FoundPlugin(NamedTuple):
    identity: str  # <domain>.<Class>
    cls: type
    tools: list[str]


def discover_plugins(root: Any, registry: Registry | None = None) -> Found:
    """The plugins of all domains, by identity, each a FoundPlugin. A broken one is logged and left out; `listing()` of the
    answer has every plugin with its state, also those that the registry's decisions keep from the kernel. Without a
    registry: REGISTRYD_URL, and so on, with the application's folder as the only root."""
    registry = registry or Registry(roots=[("app", root)])
    records = discover(registry, GROUP)
    found: list[Any] = []
    failures = {}
    for plugin in load_all(records):
        if plugin.ok:
            found.append(FoundPlugin(plugin.name, plugin.plugin, _tools_of(plugin)))
        else:
            failures[plugin.name] = plugin.message
            log.error("%s is left out: %s", plugin.name, plugin.message)
    return Found(found, records, failures)


def _tools_of(plugin: Any) -> list[str]:
    declared = (plugin.record.manifest or {}).get("tools")
    if declared is not None:
        return list(declared)
    has_own = plugin.plugin.__init__ is not object.__init__
    return list(inspect.signature(plugin.plugin).parameters) if has_own else []
