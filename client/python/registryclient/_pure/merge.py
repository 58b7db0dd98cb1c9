# SPDX-License-Identifier: MIT
"""The merge of a walk with the registry's answer, group by group, as the mode says: the leading source's records as
they are, then those of the other that add something. It is pure; `discover` asks the sources."""

from .faults import fault
from .results import Item, sort_key

# mode -> (asks the registry, always walks, the registry leads)
MODES = {
    "walk": (False, True, False),
    "walk-first": (True, True, False),
    "registry-first": (True, True, True),
    "registry": (True, False, True),
    "compare": (True, True, False),
}


def choose_mode(name: str | None, diagnostics: list) -> str:
    from os import environ

    names = "walk, walk-first, registry-first, registry or compare"
    if name is not None:
        if name not in MODES:
            raise fault("usage", f'"{name}" is not a mode. The modes are {names}')
        return name
    named = environ.get("REGISTRYD_MODE")
    if named and named not in MODES:
        diagnostics.append((False, "mode-unknown", "REGISTRYD_MODE",
                            f'"{named}" is not a mode, so walk-first is used. The modes are {names}', "Correct or unset the variable"))  # fmt: skip
    return named if named in MODES else "walk-first"


class Sources:
    """What the sources answered for all groups. A fault in place of an answer: the source did not answer."""

    def __init__(self) -> None:
        self.walked: list[Item] = []
        self.walk_fault: Exception | None = None
        self.known: list[Item] | None = []
        self.registry_fault: Exception | None = None
        self.kept: list[Item] | None = None  # of the cached snapshot, where the registry did not answer
        self.kept_at = ""
        self.owners: set[tuple[str, str]] = set()  # (group, package) of the team that owns the group


def merge(group: str, mode: str, sources: Sources, diagnostics: list) -> list[Item]:
    """The records of a group."""
    asks, _, registry_leads = MODES[mode]
    walked, known = _choose(group, asks, sources, diagnostics)
    if mode == "compare" and walked is not None and known is not None:
        _warn_of_differences(group, walked, known, diagnostics)
        known = None
    elif mode == "registry" and known is not None:
        walked = None
    first, second = (known, walked) if registry_leads else (walked, known)
    made = [one.copy() for one in first or () if one.group == group]
    if registry_leads and first is not None and second is not None:
        _keep_names(group, made, second, sources.owners)
    made.sort(key=sort_key)
    return sorted([*made, *_following(group, made, second or ())], key=sort_key)


def _choose(group: str, asks: bool, sources: Sources, diagnostics: list) -> tuple[list[Item] | None, list[Item] | None]:
    """Says which sources could not answer, and leaves those that did."""
    away = sources.registry_fault
    known = (sources.kept if away is not None else sources.known) if asks else None
    walked = None if sources.walk_fault is not None else sources.walked
    if asks and away is not None:
        directories = "No source answers" if sources.walk_fault is not None else "The directories answer"
        instead = directories if sources.kept is None else f"Its last known answer, made {sources.kept_at}, stands in for it"
        _tell_away(group, "registry-fallback", "The registry", away, instead, diagnostics)
    if sources.walk_fault is not None:
        _tell_away(group, "walk-fallback", "The walk", sources.walk_fault,
                   "No source answers" if known is None else "The registry answers", diagnostics)  # fmt: skip
    return walked, known


def _tell_away(group: str, code: str, who: str, error: Exception, instead: str, diagnostics: list) -> None:
    where, message = getattr(error, "where", "") or None, getattr(error, "message", str(error))
    diagnostics.append((False, code, where, f"{who} does not answer for {group}: {message}. {instead}", None))


def _keep_names(group: str, given: list[Item], walked, owners: set[tuple[str, str]]) -> None:
    """Marks what the registry gives of a package of which nothing is on this host, where the walk has a plugin of that
    name. client/public/discover_present.c is the same in the library."""
    found = [one for one in walked if one.group == group]
    packages = {one.package for one in found if one.package is not None}
    holders: dict[str, list[Item]] = {}
    for one in found:
        if one.name is not None and one.shadowed_by is None and not one.has_errors:
            holders.setdefault(one.name, []).append(one)
    for one in given:
        others = holders.get(one.name, []) if one.name is not None and one.shadowed_by is None and one.package is not None else []
        is_owner = (group, one.package) in owners or (group, "*") in owners
        if not others or any(_loads_same(one, other) for other in others) or one.package in packages or is_owner:
            continue
        by = others[0].origin or others[0].source
        one.shadowed_by = by
        one.rows.append((False, "shadowed", one.origin, f'"{one.name}" of the package {one.package} is not loaded: the package is not '
                         f"installed on this host, and {by} has a plugin of that name",
                         "Install the package, or remove the plugin that is not wanted"))  # fmt: skip


def _loads_same(given: Item, holder: Item) -> bool:
    """Whether the given record loads what the walk found. One without a value is broken, and differs from none."""
    return not holder.is_installed and (given.value is None or holder.value is None or given.value == holder.value)


def _following(group: str, leading: list[Item], records) -> list[Item]:
    """Names that the leading source lacks; and, shadowed, those that it has otherwise."""
    winners: dict[str, Item] = {}
    for one in leading:
        if one.name is not None and one.shadowed_by is None:
            winners.setdefault(one.name, one)
    made = []
    for one in records:
        if one.group != group:
            continue
        winner = winners.get(one.name) if one.name is not None else None
        if winner is None or winner.source == one.source or one.shadowed_by is not None:
            made.append(one.copy())
        elif _differ(winner.value, one.value) or _differ(winner.version, one.version) or winner.has_errors:
            made.append(_shadowed(one.copy(), winner))
    return made


def _differ(a: str | None, b: str | None) -> bool:
    """A version that one side does not know differs from none; neither does a value."""
    return bool(a is not None and b is not None and a != b)


def _shadowed(one: Item, winner: Item) -> Item:
    """A record that loses is kept and marked: an operator must see that the two sources disagree."""
    by = winner.origin or winner.source
    version = f", version {winner.version}" if winner.version else ""
    one.shadowed_by = by
    one.rows.append((False, "shadowed", one.origin,
                     f'"{one.name}" from the {one.source} is shadowed by one from the {winner.source}{version} ({by})',
                     "Make both the same, or remove one of them"))  # fmt: skip
    return one


def _warn_of_differences(group: str, walked: list[Item], known: list[Item], diagnostics: list) -> None:
    from .parity import Parity

    parity = Parity(group, walked, known)
    for code, text, pairs in (
        ("only-walk", "is only in the directories", parity.lists["only_walk"]),
        ("only-registry", "is only in the registry", parity.lists["only_registry"]),
        ("other-value", "has another value in the registry", parity.lists["value"]),
        ("other-version", "has another version in the registry", parity.lists["version"]),
        ("other-manifest", "has another manifest in the registry", parity.lists["manifest"]),
    ):
        for left, right in pairs:
            one = left or right
            diagnostics.append((False, code, one.origin, f'"{one.name or "?"}" {text}', None))


