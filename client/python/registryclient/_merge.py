# SPDX-License-Identifier: MIT
"""The modes that read the installed distributions: their walk, cached until a directory changes, and
what the registry adds to it or removes from it. The rules are those of the library's discover: the first
source of the mode answers for a name, the other one fills gaps.
"""

from . import _walk
from ._entry_points import EntryPoints, make_entry_point
from ._names import is_indexed_group


def entry_points_of(distribution) -> list:
    """The entry points of a distribution that was read."""
    more = {"dist": distribution.dist} if distribution.is_foreign else {}
    return [make_entry_point(name, value, group, _location=(distribution, index), **more)
            for index, (group, name, value) in enumerate(distribution.entries)]  # fmt: skip


LED_BY_WALK = ("walk", "walk-first", "compare")


class Walked:
    """One walk: its distributions, and their entry points by group in the walk's order."""

    def __init__(self, stamp: tuple):
        self.stamp = stamp
        self.distributions = _walk.walk()
        found: list = []
        by_group: dict[str, list] = {}
        for distribution in self.distributions:
            for entry_point in entry_points_of(distribution):
                found.append(entry_point)
                by_group.setdefault(entry_point.group, []).append(entry_point)
        self.all = EntryPoints(found)
        self.by_group = {group: EntryPoints(members) for group, members in by_group.items()}
        self.merged: dict = {}  # (group, snapshot) -> answer; emptied when the snapshot is replaced
        # groups that a warning of entry_points.txt names already, with its file and line
        self.reported = {group for distribution in self.distributions
                         if any(row[1] == "group-not-indexed" for row in distribution.rows)
                         for group, _, _ in distribution.entries if not is_indexed_group(group)}  # fmt: skip


def walked(state) -> Walked:
    """The walk of the path as it is now."""
    stamp = _walk.stamp()
    cached = state.walked
    if cached is None or cached.stamp != stamp:
        cached = state.walked = Walked(stamp)
        for distribution in cached.distributions:
            for row in distribution.rows:
                state.tell(row)
    return cached


def answer(state, group: str) -> EntryPoints:
    """The entry points of a group whose mode needs the walk."""
    mode = state.settings.mode_of(group)
    walk = walked(state)
    found = walk.by_group.get(group, EntryPoints())
    if found:
        state.tell_unindexed(group)
    if mode == "walk":
        return found
    known = None if mode == "registry" else state.from_registry(group)  # registry: it did not answer
    if known is None:
        return found
    merged, key = walk.merged, (group, state.snapshot.opened)
    if key not in merged:
        merged[key] = _merge(state, mode, found, known)
    return merged[key]


def _merge(state, mode: str, found: EntryPoints, known: EntryPoints) -> EntryPoints:
    if mode == "compare":
        _tell_differences(state, found, known)
        return found
    first, second = (known, found) if mode == "registry-first" else (found, known)
    names = first.names
    return EntryPoints((*first, *(entry_point for entry_point in second if entry_point.name not in names)))


def answer_all(state) -> EntryPoints:
    """Every group: those that the walk leads in the walk's order, then the others."""
    walk = walked(state)
    for group in walk.by_group:
        state.tell_unindexed(group)
    if state.settings.only_mode() == "walk":
        return walk.all
    state.refresh()
    merged, key = walk.merged, (None, state.snapshot.opened)
    if key not in merged:
        merged[key] = _answer_all(state, walk)
    return merged[key]


def _answer_all(state, walk: Walked) -> EntryPoints:
    groups = list(walk.by_group)
    if state.snapshot.opened is not None:
        groups += [name for name in _snapshot_groups(state) if name not in walk.by_group]
    answers = {group: state.group(group) for group in groups}
    led = {group for group in groups if state.settings.mode_of(group) in LED_BY_WALK}
    answered = {id(entry_point) for group in led for entry_point in answers[group]}
    in_order = [entry_point for entry_point in walk.all if id(entry_point) in answered]
    seen = {id(entry_point) for entry_point in in_order}
    rest = (one for found in answers.values() for one in found if id(one) not in seen)
    return EntryPoints((*in_order, *rest))


def _snapshot_groups(state) -> list[str]:
    try:
        return [group.name() for group in state.snapshot.opened.groups()]
    except Exception as error:  # one group of it was altered
        state.tell((False, "registry-fallback", state.snapshot.path, f"The registry does not answer: {error}", None))
        return []


def _tell_differences(state, found: EntryPoints, known: EntryPoints) -> None:
    """Reports what a host would gain or lose, in the words of the library's compare."""
    by_name: dict = {}
    for entry_point in found:
        by_name.setdefault(entry_point.name, entry_point)
    registry = {entry_point.name: entry_point for entry_point in reversed(list(known))}
    for name in sorted({*by_name, *registry}):
        ours, theirs = by_name.get(name), registry.get(name)
        if theirs is None:
            _tell(state, "only-walk", ours, "is in the directories alone")
        elif ours is None:
            _tell(state, "only-registry", theirs, "is in the registry alone")
        elif ours.value != theirs.value:
            _tell(state, "other-value", ours, f"has another value in the registry: {theirs.value}, not {ours.value}")
        elif _differ(ours.registry.version, theirs.registry.version):
            _tell(state, "other-version", ours, "has another version in the registry: "
                  f"{theirs.registry.version}, not {ours.registry.version}")  # fmt: skip
        elif _differ(ours.registry.manifest, theirs.registry.manifest):
            _tell(state, "other-manifest", ours, "has another manifest in the registry")


def _differ(one, other) -> bool:
    return one is not None and other is not None and one != other


def _tell(state, code: str, entry_point, text: str) -> None:
    state.tell((False, code, entry_point.registry.origin, f'"{entry_point.name}" of {entry_point.group} {text}', None))
