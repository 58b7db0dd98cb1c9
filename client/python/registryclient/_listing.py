# SPDX-License-Identifier: MIT
"""A host's list of plugins: every plugin that the host could have, each with its state and the reason.

What a host shows its administrators is the same everywhere: name, version, where the plugin comes from, how many routers
it brings, whether it runs, and if not, why. Broken and withheld plugins are in the list, because the list is where somebody
looks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._findings import Finding
    from .records import Discovery, Record

NOT_ASKED = {"decisions-not-asked", "decisions-unknown"}  # then nothing is known of an environment


class Listed(NamedTuple):
    """A plugin in a host's list. `state` is "ok", "error" (broken, or failed in the host), "withheld" (the registry decided
    so: the first of `errors` is the decision, `hint` the command that changes it) or "shadowed"."""

    name: str
    title: str  # for people: what the manifest calls it, else its name
    version: str | None
    package: str | None
    source: str  # the label of its root, else "registry" or "walk"
    root: str | None  # the folder with its files, when it is on this machine
    router_count: int | None  # by its manifest: routers, or endpoints; None: the manifest does not tell
    state: str
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    hint: str | None
    settings_url: str | None  # where people change its settings; None: the registry was not asked
    record: Record

    def row(self) -> dict[str, Any]:
        """For JSON: all but `root`, `record` and the package's own document."""
        return {"name": self.name, "title": self.title, "version": self.version, "package": self.package,
                "source": self.source, "router_count": self.router_count, "state": self.state,
                "errors": list(self.errors), "warnings": list(self.warnings), "hint": self.hint,
                "settings_url": self.settings_url}  # fmt: skip


def listing(found: Discovery, failures: Mapping[str, str] | None = None) -> list[Listed]:
    """The plugins of an answer of `Registry.discover`, by name. `failures`: what went wrong in the host itself, by
    the name of the plugin."""
    is_asked = not any(one.code in NOT_ASKED for one in found.diagnostics)
    failures = failures or {}
    made = [_listed(record, _state(record, failures), is_asked) for record in found]
    made += [_listed(record, ("withheld", _texts(record.errors)), is_asked) for record in found.withheld]
    return sorted(made, key=lambda one: (one.name, one.state != "ok"))


def lines(listed: Iterable[Listed]) -> list[str]:
    """The list as a table for people, with what is wrong below it."""
    from ._tables import printable, table

    shown = list(listed)
    made = table(("NAME", "VERSION", "SOURCE", "ROUTERS", "STATE", "SETTINGS"),
                 [(one.name, one.version, one.source, None if one.router_count is None else str(one.router_count),
                   one.state, one.settings_url) for one in shown])  # fmt: skip
    notes = [(one.name, kind, text) for one in shown
             for kind, found in (("error", one.errors), ("warning", one.warnings), ("hint", (one.hint,) if one.hint else ()))
             for text in found]  # fmt: skip
    made += [""] if notes else []
    return made + [f"{printable(name)}: {kind}: {printable(text)}" for name, kind, text in notes]


def _state(record: Record, failures: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    if record.shadowed_by is not None:
        return "shadowed", _texts(record.errors)
    if record.errors or record.value is None:
        return "error", _texts(record.errors) or ("The plugin has no object to load",)
    reason = failures.get(record.name) or record.refusal
    return ("error", (reason,)) if reason else ("ok", ())


def _texts(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Without the severity and the hint."""
    return tuple(f"{one.where}: {one.message} [{one.code}]" if one.where else f"{one.message} [{one.code}]" for one in findings)


def _listed(record: Record, state: tuple[str, tuple[str, ...]], is_asked: bool) -> Listed:
    manifest = record.manifest or {}
    title = next((manifest[key] for key in ("display_name", "name") if isinstance(manifest.get(key), str)), record.name)
    hint = next((one.hint for one in record.errors if one.hint), None)
    return Listed(record.name, title, record.version, record.package, record.place, record.root, _routers(manifest),
                  *state, _texts(record.warnings), hint, _settings_url(record) if is_asked else None, record)  # fmt: skip


def _routers(manifest: Mapping[str, Any]) -> int | None:
    for key in ("routers", "endpoints"):
        if isinstance(manifest.get(key), list):
            return len(manifest[key])
    declares = manifest.get("declares")
    return int("router" in declares) if isinstance(declares, list) else None


def _settings_url(record: Record) -> str | None:
    binding = record.binding
    if record.package is None or binding.url is None:
        return None
    parts = (quote(part, safe="") for part in ("environments", binding.environment, "plugins", record.package, "settings"))
    return "/".join((binding.url.rstrip("/"), *parts))
