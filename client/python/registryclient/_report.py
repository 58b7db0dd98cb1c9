# SPDX-License-Identifier: MIT
"""`compare --report`: sends a parity report to the registry, as `registryctl compare --report` does, so that
`registryctl transition` and the catalogue show this host among the others. docs/HTTP.md has the route."""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from registryclient.errors import BY_CODE, RegistryError

URL = "http://127.0.0.1:7621"
LISTS = ("only_walk", "only_registry", "value", "version", "manifest", "unknown_version", "shadowed", "invalid")
KEPT_ITEMS = 100  # of each list; `counts` says how long it was
TIMEOUT_SECONDS = 10.0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token is sent to the given address only."""

    def redirect_request(self, *_: Any) -> None:
        return None


def document(report: dict[str, Any], host: str | None, environment: str | None, roots: list[str],
             convention: str | None) -> dict[str, Any]:  # fmt: skip
    """The body of POST /v1/reports. Manifests are left out: they do not show which host needs what."""
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


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _guard_token(address: str, is_allowed: bool) -> None:
    """As the library: a token goes over https, or to this machine."""
    parts = urllib.parse.urlsplit(address)
    is_allowed = is_allowed or os.environ.get("REGISTRYD_INSECURE_PLAIN", "").lower() in ("1", "yes", "true")
    if parts.scheme.lower() != "https" and not _is_loopback(parts.hostname) and not is_allowed:
        raise BY_CODE["usage"](
            f"The token is not sent to {address}, because plain http shows it to everyone on the way. Use an https "
            "address, unset the token (REGISTRYD_TOKEN), or allow it with --insecure-plain or REGISTRYD_INSECURE_PLAIN=1"
        )


def _openers(address: str) -> list[Any]:
    """A proxy set for the machine is for other hosts, never for the machine itself."""
    is_here = _is_loopback(urllib.parse.urlsplit(address).hostname)
    return [_NoRedirect, *([urllib.request.ProxyHandler({})] if is_here else [])]


def send(body: dict[str, Any], url: str | None, token: str | None, timeout: float | None,
         insecure_plain: bool = False) -> None:  # fmt: skip
    """Fails with what the registry says, with "unreachable", or with "usage" where the token would be seen."""
    address = (url or os.environ.get("REGISTRYD_URL") or URL).rstrip("/")
    headers = {"Content-Type": "application/json"}
    if token := token or os.environ.get("REGISTRYD_TOKEN"):
        _guard_token(address, insecure_plain)
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(f"{address}/v1/reports", json.dumps(body).encode(), headers, method="POST")
    try:
        with urllib.request.build_opener(*_openers(address)).open(request, timeout=timeout or TIMEOUT_SECONDS) as answer:
            answer.read()
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error) from None
    except OSError as error:
        raise BY_CODE["unreachable"](f"The report could not be sent to {address}: {error}") from None


def _refusal(error: urllib.error.HTTPError) -> RegistryError:
    """The exception that the problem document names."""
    if 300 <= error.code < 400:
        return BY_CODE["unreachable"](f"The registry points to another address ({error.headers.get('Location')}); redirects "
                                      "are not followed. Give the right address with --url or REGISTRYD_URL")  # fmt: skip
    try:
        problem = json.loads(error.read(100_000))
        made = BY_CODE.get(problem["code"], RegistryError)
        return made(f"The report was refused: {problem.get('detail') or problem.get('title')}", problem.get("where") or "")
    except (ValueError, KeyError, TypeError):
        return BY_CODE["unavailable"](f"The report was refused with {error.code}, by a server that is not a registry")
