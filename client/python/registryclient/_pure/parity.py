# SPDX-License-Identifier: MIT
"""A walk against the registry, entry by entry. Both sides are joined twice, first on name and package, then what is
left on the name alone, so that a package which was renamed on its way into the registry is one plugin and not two."""

from . import version
from .findings import canonical
from .results import Item, encoded

LISTS = ("only_walk", "only_registry", "value", "version", "manifest", "unknown_version", "shadowed", "invalid", "withheld")
_DIFFERENCES = LISTS[:5]


def _by_package(item: Item) -> tuple:
    return encoded(item.name), encoded(item.package)


def _by_name(item: Item) -> tuple:
    return (encoded(item.name),)


def _total(item: Item) -> tuple:
    return (*_by_package(item), encoded(item.value), encoded(item.origin))


class Parity:
    """The comparison of a group: `lists` of pairs (walked or None, of the registry or None)."""

    def __init__(self, group: str, walked: list[Item], known: list[Item], withheld: list[Item] = ()):  # type: ignore[assignment]
        self.group = group
        self.same = 0
        self.unplaced = 0  # invalid ones whose group is a guess
        self.lists: dict[str, list] = {name: [] for name in LISTS}
        left = sorted(self._take_walk(walked), key=_total)
        right = [one for one in known if one.group == group and not one.has_errors and one.shadowed_by is None]
        right.sort(key=_total)
        self.lists["withheld"] = [(one, None) for one in withheld if one.group == group]
        for key in (_by_package, _by_name):
            left, right = self._join(left, right, key)
        self.lists["only_walk"] = [(one, None) for one in left]
        self.lists["only_registry"] = [(None, one) for one in right]
        for name in LISTS[2:]:
            self.lists[name].sort(key=lambda pair: _total(pair[0] or pair[1]))

    def _take_walk(self, walked: list[Item]) -> list[Item]:
        """What could not be read might have had entry points of any group: here it counts as one of this group."""
        taken = []
        for found in walked:
            if found.group != self.group and not found.is_unplaced:
                continue
            one = found
            if found.group != self.group:
                one = found.copy()
                one.group = self.group
            is_broken = one.has_errors or not one.value
            if is_broken and not one.is_barren:
                self.lists["invalid"].append((one, None))
                self.unplaced += one is not found or (one.is_unplaced and not one.value)
            if one.shadowed_by is not None:
                self.lists["shadowed"].append((one, None))
            if not is_broken and one.shadowed_by is None:
                taken.append(one)
        return taken

    def _join(self, left: list[Item], right: list[Item], key) -> tuple[list[Item], list[Item]]:
        """Sorts out what meets its counterpart; the rest of both sides."""
        rest_left, rest_right, at, other = [], [], 0, 0
        while at < len(left) and other < len(right):
            a, b = key(left[at]), key(right[other])
            if a < b:
                rest_left.append(left[at])
                at += 1
            elif a > b:
                rest_right.append(right[other])
                other += 1
            else:
                self._sort_out(left[at], right[other])
                at, other = at + 1, other + 1
        return [*rest_left, *left[at:]], [*rest_right, *right[other:]]

    def _sort_out(self, walked: Item, known: Item) -> None:
        """A pair can differ in several ways and stands in each list; it counts as the same when in none."""
        other_version = _differs(walked.version, known.version)
        # another version has another manifest as a rule, and says so already
        differences = {"value": encoded(walked.value) != encoded(known.value), "version": other_version,
                       "manifest": not other_version and _manifests_differ(walked.manifest, known.manifest)}  # fmt: skip
        for name, is_there in {**differences, "unknown_version": not walked.version and bool(known.version)}.items():
            if is_there:
                self.lists[name].append((walked, known))
        self.same += not any(differences.values())

    def is_empty(self) -> bool:
        """Two empty sides agree on nothing, which proves nothing about a switch."""
        return (not self.same and not self.lists["shadowed"] and not self.lists["withheld"]
                and len(self.lists["invalid"]) == self.unplaced and not self._has_differences())  # fmt: skip

    def _has_differences(self) -> bool:
        return any(self.lists[name] for name in _DIFFERENCES)

    def is_equal(self, strict: bool = False) -> bool:
        if self.is_empty():
            return False
        has_doubts = bool(self.lists["shadowed"] or self.lists["invalid"])
        return not self._has_differences() and not (strict and has_doubts)

    def json(self) -> str:
        report: dict = {"group": self.group, "equal": self.is_equal(), "same": self.same}
        for name in LISTS:
            report[name] = [_document(*pair) for pair in self.lists[name]]
        return canonical(report)


def _document(walked: Item | None, known: Item | None) -> dict:
    if walked is not None and known is not None:
        return {"group": walked.group, "name": walked.name, "walk": walked.document(), "registry": known.document()}
    return (walked or known).document()  # type: ignore[union-attr]


def _differs(a: str | None, b: str | None) -> bool:
    """1.0 and 1.0.0 are one version; what is no version differs by its text."""
    if a is None or b is None or a == b:
        return False
    left, right = version.parse(a), version.parse(b)
    return left is None or right is None or left.whole() != right.whole()


def _manifests_differ(a: str | None, b: str | None) -> bool:
    """Equal as JSON documents. A side without a manifest does not know it."""
    from json import loads

    if a is None or b is None or a == b:
        return False
    return canonical(loads(a)) != canonical(loads(b))
