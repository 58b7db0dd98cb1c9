# SPDX-License-Identifier: MIT
"""Finding single entry points: by what they are, in the whole registry; and by an old name, in an answer."""

from ._entry_points import EntryPoints

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .registry import Registry

PAGE_ITEMS = 1000


def find_in(registry: "Registry", query: dict, limit: int) -> list[dict]:
    """The entry points that match every part of the query, page after page."""
    from urllib.parse import urlencode

    asked = {key: value for key, value in query.items() if value is not None}
    found: list[dict] = []
    cursor = None
    while len(found) < limit:
        more = {"limit": min(PAGE_ITEMS, limit - len(found)), **({"cursor": cursor} if cursor is not None else {})}
        page = registry._send("GET", f"/v1/entry-points?{urlencode({**asked, **more})}")
        found += page["entry_points"]
        cursor = page["next"]
        if cursor is None or not page["entry_points"]:
            break
    return found


def renamed(found: EntryPoints, params: dict, rows: list) -> EntryPoints:
    """The entry points that an old name leads to, each with the warning `alias`. `rows`: what was decided about the group."""
    from ._decisions import Rules
    from ._findings import Finding
    from .records import Record

    if not found or not any(row.code == "alias" and row.name == params["name"] for row in rows):
        return EntryPoints()
    packages = {one.registry.package for one in found if one.registry.source == "registry"}
    rules = Rules(rows[0].group, [row.values() for row in rows], packages, False, ("on", "default", True))
    alias = rules.aliases.get(params["name"])
    if alias is None:
        return EntryPoints()
    warning = Finding(*rules.row_of(alias))
    selected = found.select(**{**params, "name": alias.successor})
    return EntryPoints(Record.with_finding(one.registry, warning).entry_point for one in selected
                       if rules.leads_to(alias, one.registry.package))  # fmt: skip
