# SPDX-License-Identifier: MIT
"""The tables of `python -m registryclient`: what `registryctl --format table` writes into a pipe, from the
same JSON. A column that would say the same or nothing in every row is left out.

Text from outside is made fit for a terminal before it is printed: it cannot steer it."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

Json = dict[str, Any]

_STEERING = {*range(0x20), *range(0x7F, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A),
             0x200E, 0x200F, 0x061C, 0xFEFF}  # fmt: skip
_ESCAPES = {code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" for code in _STEERING}
_ESCAPES.update({ord("\n"): "\\n", ord("\t"): "\\t", ord("\r"): "\\r"})


def printable(text: str | None) -> str:
    """One line that a terminal only shows."""
    text = (text or "").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return text.translate(_ESCAPES)


def _width(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) != 0 for char in text)


def table(titles: Iterable[str], rows: Iterable[Iterable[str | None]], hidden: Iterable[str] = ()) -> list[str]:
    """The lines of a table, two spaces in."""
    titles = list(titles)
    cells = [titles] + [[printable(cell) or "-" for cell in row] for row in rows]
    shown = [index for index, title in enumerate(titles) if title not in set(hidden)]
    widths = {index: max(_width(row[index]) for row in cells) for index in shown}
    lines = []
    for row in cells:
        padded = [row[index] + " " * (widths[index] - _width(row[index])) for index in shown[:-1]]
        lines.append("  " + "  ".join([*padded, row[shown[-1]]]))
    return lines


def count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def finding_lines(errors: Iterable[Json], warnings: Iterable[Json]) -> Iterator[str]:
    """Errors first; the hint below its finding."""
    rows = [("error", finding) for finding in errors] + [("warning", finding) for finding in warnings]
    for kind, finding in rows:
        where = f"{printable(finding['where'])}: " if finding.get("where") else ""
        code = f" [{finding['code']}]" if finding.get("code") else ""
        yield f"  {kind:<9}{where}{printable(finding['message'])}{code}"
        if finding.get("hint"):
            yield f"{'':11}{printable(finding['hint'])}"


def _state(record: Json) -> str:
    if record["shadowed_by"]:
        return "shadowed, broken" if record["errors"] else "shadowed"
    if record["errors"]:
        return count(len(record["errors"]), "error", "errors")
    if record["warnings"]:
        return count(len(record["warnings"]), "warning", "warnings")
    return "ok"


def _heading(group: str, records: list[Json]) -> str:
    broken = sum(bool(record["errors"]) for record in records)
    shadowed = sum(record["shadowed_by"] is not None for record in records)
    heading = f"{printable(group)}  {count(len(records), 'entry point', 'entry points')}"
    return heading + (f", {broken} broken" if broken else "") + (f", {shadowed} shadowed" if shadowed else "")


def _not_shown(record: Json, shown: set[tuple]) -> list[Json]:
    """The warnings of a record that no other record has told: same code, place and message. One without a place is
    the record's own."""
    new = []
    for finding in record["warnings"]:
        key = (finding.get("code"), finding.get("where") or record["origin"], finding["message"])
        if key not in shown:
            shown.add(key)
            new.append(finding)
    return new


def _group_lines(group: str, records: list[Json], shown: set[tuple]) -> Iterator[str]:
    hidden = set()
    if all(record["package"] in (None, record["name"]) for record in records):
        hidden.add("PACKAGE")
    if all(record["label"] is None for record in records):
        hidden.add("ROOT")
    rows = []
    for _, named in groupby(records, key=lambda record: record["name"]):
        rows += sorted(named, key=lambda record: record["shadowed_by"] is not None)
    yield _heading(group, records)
    yield from table(
        ("NAME", "VERSION", "PACKAGE", "VALUE", "ROOT", "STATE"),
        ((one["name"], one["version"], one["package"], one["value"], one["label"] or one["source"], _state(one))
         for one in rows), hidden,
    )  # fmt: skip
    for record in records:
        warnings = _not_shown(record, shown)
        if record["errors"] or warnings:
            yield f"\n{printable(record['name'])}  {printable(record['origin'])}"
            yield from finding_lines(record["errors"], warnings)


def records_text(records: Iterable[Json]) -> str:
    """A table for each group, what is wrong with its plugins below it."""
    parts = []
    shown: set[tuple] = set()
    for group, found in groupby(records, key=lambda record: record["group"]):
        parts.append("".join(f"{line}\n" for line in _group_lines(group, list(found), shown)))
    return "\n".join(parts)


def excluded_text(excluded: list[Json]) -> str:
    """The releases that a resolution left out, with the reasons."""
    lines = [f"Excluded  {count(len(excluded), 'release', 'releases')}"]
    if excluded:
        lines += table(("PACKAGE", "VERSION", "REASON", "DETAIL"),
                       ((one["package"], one["version"], one["code"], one.get("detail")) for one in excluded))  # fmt: skip
    return "".join(f"{line}\n" for line in lines)


def packages_text(packages: list[Json], total: int, corrected: str | None) -> str:
    """The packages that a search found."""
    if not packages:
        return "No packages match.\n"
    lines = [f"No exact match. Results for: {printable(corrected)}"] if corrected else []
    lines += table(("PACKAGE", "VERSION", "STATUS", "SUMMARY"),
                   ((one["name"], one["latest_version"], one["status"], one["summary"]) for one in packages))  # fmt: skip
    if total > len(packages):
        lines.append(f"Showing {len(packages)} of {total}. Use --limit N to see more.")
    return "".join(f"{line}\n" for line in lines)


def outcome_lines(outcome: Json) -> Iterator[str]:
    """What became of one path: its line, and its warnings."""
    who = " ".join(printable(outcome[key]) for key in ("package", "version") if outcome[key])
    yield f"{outcome['outcome']:<9}  {who}{'  ' if who else ''}{printable(outcome['path'])}"
    yield from finding_lines([], outcome["warnings"])


def _cell(value: Any) -> str | None:
    """A manifest as compact JSON, as registryctl shows it; a text as it is."""
    return value if value is None or isinstance(value, str) else json.dumps(
        value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)  # fmt: skip


def _difference_rows(report: Json) -> Iterator[tuple[str | None, ...]]:
    for one in report["only_walk"]:
        yield "only in the walk", one["name"], one["value"], None, one["origin"]
    for one in report["only_registry"]:
        yield "only in the registry", one["name"], None, one["value"], one["origin"]
    for what in ("value", "version", "manifest"):
        for one in report[what]:
            yield f"other {what}", one["name"], _cell(one["walk"][what]), _cell(one["registry"][what]), one["walk"]["origin"]
    for key, what in (("shadowed", "shadowed"), ("invalid", "broken"), ("withheld", "withheld")):
        for one in report.get(key, ()):
            yield what, one["name"], one["value"], None, one["origin"]


def parity_text(report: Json) -> str:
    """Whether walk and registry agree, and every difference."""
    verdict = "agree" if report["equal"] else "differ"
    same = count(report["same"], "entry point", "entry points")
    unversioned = len(report["unknown_version"])
    unknown = f", the walk knows no version of {unversioned}" if unversioned else ""
    lines = [f"{printable(report['group'])}  walk and registry {verdict}, {same} the same{unknown}"]
    rows = list(_difference_rows(report))
    if rows:
        lines += table(("DIFFERENCE", "NAME", "WALK", "REGISTRY", "ORIGIN"), rows)
    for record in (*report["invalid"], *report.get("withheld", ())):
        lines.append(f"\n{printable(record['name'])}")
        lines += finding_lines(record["errors"], record["warnings"])
    return "".join(f"{line}\n" for line in lines)
