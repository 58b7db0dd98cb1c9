# SPDX-License-Identifier: MIT
"""Requirements between packages of the registry a second time, plainly: the rules of docs/RESOLUTION.md. What a
package could give comes in, in the order of preference; what it gives comes out, with what was given up."""

from functools import lru_cache

from packaging.requirements import Requirement as parsed
from packaging.utils import canonicalize_name
from packaging.version import Version


Requirement = lru_cache(maxsize=None)(parsed)


class World:
    """`candidates`: {package: [release that fits by itself, the preferred first]}; `releases`: {package: [any]};
    `applies(requirement, extras)`: True, False or None (it cannot be told); `had`: names that the host has;
    `excepted`: packages whose requirements are not held."""

    def __init__(self, candidates, releases, applies, had, excepted):
        self.candidates, self.releases, self.applies = candidates, releases, applies
        self.had, self.excepted = had, excepted
        self.selected = {}  # {package: release or None}, of those that are settled
        self.given_up = {}  # {package: [version, …]}
        self.kept = {}  # {question: answer}, since the same is asked again and again

    # ---- what a release requires ----

    def target(self, requirement):
        name = canonicalize_name(requirement.name)
        return name if name in self.releases and name not in self.had and not requirement.url else None

    def binding(self, release, asking=frozenset()):
        """The requirements that name a package of the registry; with `asking`, those that these extras bring."""
        for text in release["requires_dist"]:
            requirement = Requirement(text)
            if self.target(requirement) is None:
                continue
            plain = self.applies(requirement, frozenset()) is not False
            if (plain and not asking) or (asking and not plain and self.applies(requirement, asking) is not False):
                yield requirement

    def is_bound(self, package):
        if ("bound", package) not in self.kept:
            self.kept["bound", package] = self.find_bound(package)
        return self.kept["bound", package]

    def find_bound(self, package):
        return package not in self.excepted and bool(self.candidates[package]) and any(
            True for _ in self.binding(self.candidates[package][0]))

    def targets(self, requirement, seen):
        """The package of a requirement, and those that its extras may bring."""
        name = self.target(requirement)
        yield name
        asking = frozenset(canonicalize_name(extra) for extra in requirement.extras)
        if not asking or str(requirement) in seen:
            return
        for release in self.releases[name]:
            for inner in self.binding(release, asking):
                yield from self.targets(inner, seen | {str(requirement)})

    def edges(self, package):
        if package not in self.kept:
            self.kept[package] = self.find_edges(package)
        return self.kept[package]

    def find_edges(self, package):
        if not self.is_bound(package):
            return set()
        return {name for release in self.releases[package] for requirement in self.binding(release)
                for name in self.targets(requirement, frozenset())}

    # ---- units ----

    def reached(self, package):
        if ("reached", package) not in self.kept:
            self.kept["reached", package] = self.find_reached(package)
        return self.kept["reached", package]

    def find_reached(self, package):
        seen, todo = set(), [package]
        while todo:
            for name in self.edges(todo.pop()) - seen:
                seen.add(name)
                todo.append(name)
        return seen

    def choose(self, package):
        if package not in self.selected:
            reached = self.reached(package)
            unit = {package} | {name for name in reached if package in self.reached(name)}
            for name in sorted(reached - unit):
                self.choose(name)
            self.settle(sorted(unit))
        return self.selected[package]

    def is_accepted(self, requirement, left, seen=frozenset()):
        """None, or the package whose selected release is refused, by the requirement or by what its extras bring."""
        name = self.target(requirement)
        release = self.now(name, left)
        if release is None or not requirement.specifier.contains(release["version"], prereleases=True):
            return name
        asking = frozenset(canonicalize_name(extra) for extra in requirement.extras)
        for inner in self.binding(release, asking) if asking and str(requirement) not in seen else ():
            refused = self.is_accepted(inner, left, seen | {str(requirement)})
            if refused is not None:
                return refused
        return None

    def now(self, name, left):
        return next(iter(left[name]), None) if name in left else self.selected[name]

    def has_hope(self, requirement, left):
        name = self.target(requirement)
        some = left[name] if name in left else [self.selected[name]] if self.selected[name] else []
        return any(requirement.specifier.contains(release["version"], prereleases=True) for release in some)

    def settle(self, unit):
        left = {name: list(self.candidates[name]) for name in unit}
        dropped = {name: [] for name in unit}

        def drop(name):
            dropped[name].append(left[name].pop(0)["version"])

        while True:
            hopeless = [name for name in unit if left[name] and self.holds(name) and any(
                not self.has_hope(requirement, left) for requirement in self.binding(left[name][0]))]
            if hopeless:
                for name in hopeless:
                    drop(name)
                continue
            refused = {}
            for name in unit:
                for requirement in self.binding(left[name][0]) if left[name] and self.holds(name) else ():
                    culprit = self.is_accepted(requirement, left)
                    if culprit is not None:
                        refused[name] = culprit
                        break
            if not refused:
                break
            ripe = [name for name, culprit in refused.items() if culprit not in refused]
            for name in ripe or [min(refused)]:
                drop(name)
        for name in unit:
            self.selected[name] = next(iter(left[name]), None)
            self.given_up[name] = dropped[name]

    def holds(self, name):
        """Whether the requirements of a package count at all: its best release has some, and no exception."""
        return self.is_bound(name)


def unknown_requirements(release, applies, had, known):
    """Those that name something neither the registry nor the host knows."""
    return [text for text in release["requires_dist"]
            if not Requirement(text).url and canonicalize_name(Requirement(text).name) not in {*had, *known}
            and applies(Requirement(text), frozenset()) is True]


def newest_first(releases):
    return sorted(releases, key=lambda release: Version(release["version"]), reverse=True)
