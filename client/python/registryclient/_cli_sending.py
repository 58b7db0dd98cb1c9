# SPDX-License-Identifier: MIT
"""The commands of `python -m registryclient` that send: publish, enable, disable; and search and explain. Each
takes the options and a Registry, and returns its JSON document, its table, and its exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from registryclient import Registry, RegistryError
from registryclient._tables import excluded_text, finding_lines, outcome_lines, packages_text, printable, records_text

Answer = tuple[Any, Callable[[], str], int]
TOKEN_HINT = "Set REGISTRYD_TOKEN to a token that may publish."  # noqa: S105


def publish(options: argparse.Namespace, registry: Registry) -> Answer:
    """One path that cannot be published stops no other; a registry that cannot be reached does."""
    outcomes: list[dict[str, Any]] = []
    failed: list[tuple[dict[str, Any], RegistryError]] = []
    final: RegistryError | None = None
    for path in options.paths:
        outcome, error = _not_sent(path, final) if final else registry._publish(
            path, options.version, options.convention, options.metadata_only)[:2]  # fmt: skip
        outcomes.append(outcome)
        if error is not None:
            failed.append((outcome, error))
            final = error if error.code in ("unreachable", "timeout", "unauthorized") else final
    for outcome, error in failed:
        print(f"registryclient: {printable(outcome['path'])} was not published", file=sys.stderr)
        print("\n".join(_error_lines(outcome, error)), file=sys.stderr)
    return outcomes, lambda: _outcomes_text(outcomes), max((error.exit_code for _, error in failed), default=0)


def _not_sent(path: str, error: RegistryError) -> tuple[dict[str, Any], RegistryError]:
    told = {"code": error.code, "where": error.where or None, "message": error.message}
    return {"path": path, "outcome": "not sent", "package": None, "version": None, "error": told, "warnings": [],
            "errors": [], "serial": None, "epoch": None}, error  # fmt: skip


def _error_lines(outcome: dict[str, Any], error: RegistryError) -> list[str]:
    lines = list(finding_lines(outcome["errors"], outcome["warnings"]))
    if outcome["errors"]:
        return lines
    hint = TOKEN_HINT if error.code == "unauthorized" else None
    told = {"where": error.where or outcome["path"], "message": error.message, "code": None, "hint": hint}
    return [*finding_lines([told], []), *lines]


def _outcomes_text(outcomes: list[dict[str, Any]]) -> str:
    lines = [line for outcome in outcomes for line in outcome_lines(outcome)]
    if len(outcomes) > 1:
        counts = {word: sum(one["outcome"] == word for one in outcomes) for word in ("published", "unchanged")}
        lines.append(f"{counts['published']} published, {counts['unchanged']} unchanged, "
                     f"{len(outcomes) - sum(counts.values())} failed")  # fmt: skip
    return "".join(f"{line}\n" for line in lines)


def enable(options: argparse.Namespace, registry: Registry) -> Answer:
    patch = {"enabled": True, **({"pin": options.pin} if options.pin is not None else {})}
    return _changed(registry._send_patch(options.package, patch))


def disable(options: argparse.Namespace, registry: Registry) -> Answer:
    return _changed(registry._send_patch(options.package, {"enabled": False}))


def _changed(answer: dict[str, Any]) -> Answer:
    name = printable(answer["environment"])
    text = f"{name} is at revision {answer['revision']}: {printable(answer['summary'])}\n"
    if not answer["changed"]:
        text = f"{name} is still at revision {answer['revision']}: no change was needed\n"
    return answer, lambda: text, 0


def search(options: argparse.Namespace, registry: Registry) -> Answer:
    found = registry._search(" ".join(options.words) or None, options.group, options.classifier, options.status, options.limit)
    packages = found["packages"]
    text = packages_text(packages, found.get("total") or 0, found.get("corrected"))
    return found, lambda: text, int(options.require and not packages)


def explain(options: argparse.Namespace, registry: Registry) -> Answer:
    answer = registry._explain(options.groups, options.python, options.prereleases, options.name, options.package)
    records, excluded = answer["records"], answer["excluded"]
    known = {record["group"] for record in records}
    missing = [f"{printable(group)}  No entry points match.\n" for group in options.groups if group not in known]
    text = "\n".join(filter(None, [records_text(records), *missing, excluded_text(excluded)]))
    return {"records": records, "excluded": excluded}, lambda: text, 0
