# SPDX-License-Identifier: MIT
"""The parity report of a host: the body that `registryctl compare --report` sends, too, so that `registryctl
transition` and the catalogue show this host among the others. docs/HTTP.md has the route."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import Any

LISTS = ("only_walk", "only_registry", "value", "version", "manifest", "unknown_version", "shadowed", "invalid",
         "withheld")
KEPT_ITEMS = 100  # of each list; `counts` says how long it was
KEPT_ROOTS = 100


def document(report: dict[str, Any], host: str | None, environment: str, roots: Iterable[tuple[str | None, str]],
             convention: str | None, **more: int | None) -> dict[str, Any]:  # fmt: skip
    """The body of POST /v1/reports; `more`: optional members. Manifests are left out: they do not show which host needs
    what."""
    cut: dict[str, Any] = {**report, "counts": {name: len(report[name]) for name in LISTS}}
    for name in LISTS:
        cut[name] = [_without_manifests(one) for one in report[name][:KEPT_ITEMS]]
    named = [{"label": label or path, "path": path} for label, path in roots]
    return {
        "host": host or socket.gethostname(), "environment": environment, "convention": convention or "auto", "roots": named[:KEPT_ROOTS],
        "reports": [cut], **{name: value for name, value in more.items() if value},
    }  # fmt: skip


def is_empty(report: dict[str, Any]) -> bool:
    """Whether neither side has an entry point of the group, not even a broken one."""
    return not report["same"] and not any(report[name] for name in LISTS)


def _without_manifests(entry: dict[str, Any]) -> dict[str, Any]:
    if "walk" in entry and "registry" in entry:
        return {**entry, "walk": _without_manifests(entry["walk"]), "registry": _without_manifests(entry["registry"])}
    return {**entry, "manifest": None}
