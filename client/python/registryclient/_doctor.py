# SPDX-License-Identifier: MIT
"""What `python -m registryclient doctor` checks: the package, the settings, the registry, its snapshot,
the hook, the installed distributions. Each check has a state and, when something is wrong, a hint.

A check never raises: a failure to find something out is its result."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import registryclient
from registryclient import Registry, RegistryError, _engine_calls, _startup
from registryclient import _engine as _engines
from registryclient._lookup import state
from registryclient._state import enforce_row, is_disabled
from registryclient._tables import count, printable

DEFAULT_URL = "http://127.0.0.1:7621"

Check = dict[str, "str | None"]


def _check(what: str, state: str, message: str, hint: str | None = None) -> Check:
    return {"check": what, "state": state, "message": message, "hint": hint}


def diagnose(registry: Registry) -> list[Check]:
    """Every check, in order; a state is ok, warning or error."""
    if registry.url or registry.environment:
        registryclient.configure(url=registry.url, environment=registry.environment)
    snapshot = registry.state()
    return [_package(), _engine(), *_settings(), _registry(registry, snapshot), _snapshot(snapshot), _hook(), *_start_up(),
            *_distributions()]  # fmt: skip


def _package() -> Check:
    python = ".".join(map(str, sys.version_info[:3]))
    folder = Path(registryclient.__file__).parent
    return _check("package", "ok", f"registryclient {registryclient.__version__} in {folder}, Python {python} ({sys.executable})")


def _engine() -> Check:
    name, calls, reason = _engines.NAME, _engine_calls.NAME, _engines.REASON or _engine_calls.REASON
    if name == calls == "native":
        return _check("engine", "ok", "native: the C library")
    text = f"{name}: Python alone" if name == calls else "native for look-ups, pure for requests and walks"
    return _check("engine", "ok", f"{text} ({reason})")


def _settings() -> Iterator[Check]:
    settings = state().settings
    yield _check("settings", "ok", f"environment {settings.environment or 'default'}, mode {settings.mode}")
    for _, _, where, message, hint in settings.problems:
        yield _check("settings", "error", f"{where}: {message}", hint)
    row = enforce_row(settings.enforce)
    if row is not None:
        yield _check("settings", "warning", f"{row[2]}: {row[3]}", row[4])
    if is_disabled():
        yield _check("settings", "warning", "REGISTRYD_DISABLE is set: everything is found by walking",
                     "Unset it to ask the registry again")  # fmt: skip


def _registry(registry: Registry, snapshot: dict) -> Check:
    try:
        registry.resolve("registryclient.doctor")  # a group that does not exist: any answer will do
    except RegistryError as error:
        if snapshot["has_snapshot"]:
            return _check("registry", "warning", str(error), "Look-ups use the cached snapshot")
        is_needed = state().settings.mode not in ("walk", "compare")
        return _check("registry", "error" if is_needed else "warning", str(error),
                      "Correct the address (REGISTRYD_URL) or start registryd; until then plugins are found by walking")  # fmt: skip
    return _check("registry", "ok", f"{registry.url or os.environ.get('REGISTRYD_URL') or DEFAULT_URL} answers")


def _snapshot(snapshot: dict) -> Check:
    if not snapshot["has_snapshot"]:
        return _check("snapshot", "warning", f"none: {snapshot['reason']}",
                      "registryctl snapshot pull fetches one, and Registry().refresh() in Python")  # fmt: skip
    if snapshot["is_too_old"]:
        return _check("snapshot", "error", f"{snapshot['path']} was confirmed {_age(snapshot['age_seconds'])} ago, and its environment allows "
                      f"{_age(snapshot['max_age_seconds'])}: later decisions of the registry are unknown",
                      "Pull it again, or run registryctl watch on this host")  # fmt: skip
    origin = f"serial {snapshot['serial']}" if snapshot["epoch"] else "made from a walk"
    groups = count(snapshot["group_count"], "group", "groups")
    decisions = f", {count(snapshot['decision_count'], 'decision', 'decisions')}" if snapshot["has_decisions"] else ""
    return _check("snapshot", "ok", f"{origin}, {groups}{decisions}, confirmed {_age(snapshot['age_seconds'])} ago, {snapshot['path']}")


def _age(seconds: int) -> str:
    for size, one, many in ((86400, "day", "days"), (3600, "hour", "hours"), (60, "minute", "minutes")):
        if seconds >= size:
            return count(seconds // size, one, many)
    return count(max(seconds, 0), "second", "seconds")


def _hook() -> Check:
    if registryclient.installed():
        return _check("hook", "ok", "install() is active in every program of this Python (sitecustomize or a start-up hook)")
    return _check("hook", "ok", "not active unless a program calls install(), or python -m registryclient hook install")


def _start_up() -> Iterator[Check]:
    """Every start-up hook of this Python, ours and others: each runs code before a program does."""
    found = _startup.hooks()
    for hook in found:
        is_late = hook.note is not None and "later" in hook.note
        yield _check("start-up", "warning" if is_late and sys.version_info >= (3, 15) else "ok",
                     f"{hook.path} runs: {hook.runs}", hook.note)  # fmt: skip
    if not found:
        yield _check("start-up", "ok", "no start-up hook is installed")


def _distributions() -> Iterator[Check]:
    """The broken ones on sys.path, each named."""
    roots = [path for path in sys.path if os.path.isdir(path)]
    try:
        broken = {(record.origin, finding) for record in Registry(convention="dist-info").walk(*roots)
                  for finding in record.errors}  # fmt: skip
    except RegistryError as error:
        yield _check("distributions", "error", f"sys.path cannot be walked: {error}")
        return
    for origin, finding in sorted(broken, key=str):
        yield _check("distributions", "error", f"{origin} is broken: {finding.where}: {finding.message}",
                     finding.hint or "Install it again, or remove it")  # fmt: skip
    if not broken:
        yield _check("distributions", "ok", f"none is broken in {count(len(roots), 'folder', 'folders')} of sys.path")


def diagnosis_text(checks: list[Check]) -> str:
    """A line for each check, what to do below it."""
    lines = []
    for check in checks:
        lines.append(f"{check['state']:<9}{check['check']:<15}{printable(check['message'])}")
        if check["hint"]:
            lines.append(f"{'':24}{printable(check['hint'])}")
    return "".join(f"{line}\n" for line in lines)
