# SPDX-License-Identifier: MIT
"""`compare --report`: sends a parity report to the registry, as `registryctl compare --report` does, so that
`registryctl transition` and the catalogue show this host among the others. docs/HTTP.md has the route."""

from __future__ import annotations

import json
import os
import socket
import urllib.error
import urllib.request
from typing import Any

from registryclient.errors import BY_CODE, RegistryError

URL = "http://127.0.0.1:7621"
LISTS = ("only_walk", "only_registry", "value", "version", "manifest", "unknown_version", "shadowed", "invalid")
KEPT_ITEMS = 100  # of each list; `counts` says how long it was
TIMEOUT_SECONDS = 10.0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token goes where it was meant to go, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


def document(report: dict[str, Any], host: str | None, environment: str | None, roots: list[str],
             convention: str | None) -> dict[str, Any]:  # fmt: skip
    """The body of POST /v1/reports. Manifests say nothing about who needs what, and stay here."""
    cut: dict[str, Any] = {**report, "counts": {name: len(report[name]) for name in LISTS}}
    for name in LISTS:
        cut[name] = [_without_manifests(one) for one in report[name][:KEPT_ITEMS]]
    named = [root.partition("=") if "=" in root else (root, "", root) for root in roots]
    return {
        "host": host or socket.gethostname(), "environment": environment or os.environ.get("REGISTRYD_ENVIRONMENT") or "default",
        "convention": convention or "auto", "roots": [{"label": label, "path": path} for label, _, path in named],
        "reports": [cut],
    }  # fmt: skip


def is_empty(report: dict[str, Any]) -> bool:
    """Whether neither side has an entry point of the group, not even a broken one."""
    return not report["same"] and not any(report[name] for name in LISTS)


def _without_manifests(entry: dict[str, Any]) -> dict[str, Any]:
    if "walk" in entry and "registry" in entry:
        return {**entry, "walk": _without_manifests(entry["walk"]), "registry": _without_manifests(entry["registry"])}
    return {**entry, "manifest": None}


def send(body: dict[str, Any], url: str | None, token: str | None, timeout: float | None) -> None:
    """Fails with what the registry says, or with "unreachable"."""
    address = (url or os.environ.get("REGISTRYD_URL") or URL).rstrip("/")
    headers = {"Content-Type": "application/json"}
    if token := token or os.environ.get("REGISTRYD_TOKEN"):
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(f"{address}/v1/reports", json.dumps(body).encode(), headers, method="POST")
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=timeout or TIMEOUT_SECONDS) as answer:
            answer.read()
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error) from None
    except OSError as error:
        raise BY_CODE["unreachable"](f"The report could not be sent to {address}: {error}") from None


def _refusal(error: urllib.error.HTTPError) -> RegistryError:
    """The exception that the problem document names."""
    try:
        problem = json.loads(error.read(100_000))
        made = BY_CODE.get(problem["code"], RegistryError)
        return made(f"The report was refused: {problem.get('detail') or problem.get('title')}", problem.get("where") or "")
    except (ValueError, KeyError, TypeError):
        return BY_CODE["unavailable"](f"The report was refused with {error.code}, by something that is no registry")
