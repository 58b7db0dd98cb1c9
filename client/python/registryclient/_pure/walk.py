# SPDX-License-Identifier: MIT
"""The walk of directories: opens one root after the other, has each directory recognised and read, then makes the two
choices that need all roots: which distribution of a project counts, and which entry point of a name. An entry that no
convention recognises is no plugin; a directory that cannot be opened may be one, and becomes a broken record."""

import os

from . import conventions, rooted
from .convention import Convention, Folder, Plugin, Plugins, normal_name, normal_version
from .distributions import Distribution, Distributions, site_folders
from .faults import code_of, fault
from .results import Item, encoded, sort_key
from .rooted import Root


class Walk:
    """One run over all roots."""

    def __init__(self, convention: str | None):
        self.only = conventions.choose(convention)
        self.seen: set[tuple[int, int]] = set()
        self.lists: list[list[Item]] = []
        self.distributions = Distributions()
        self.is_followed = False  # the root is one that a .pth file named
        self.root_path = ""
        self.label = ""

    # ---- roots ----

    def walk_root(self, path: str, label: str | None) -> None:
        reads_sites = self.only is None or self.only.name == "dist-info"
        followed: list[str] = []
        with Root(path) as root:
            if root.identity in self.seen:
                return
            self.seen.add(root.identity)
            self.lists.append([])
            self.root_path, self.label = path, rooted.printable(label if label is not None else path)
            self.visit_root(root, followed if reads_sites else None)
        for folder in followed:
            self.walk_followed(folder, label if label is not None else path)

    def walk_followed(self, folder: str, label: str) -> None:
        """What a .pth file names, for installed distributions alone. One that cannot be opened is none for Python
        either."""
        only, self.only, self.is_followed = self.only, conventions.named("dist-info"), True
        try:
            with Root(folder) as root:
                if root.identity not in self.seen:
                    self.seen.add(root.identity)
                    self.lists.append([])
                    self.root_path, self.label = folder, rooted.printable(label)
                    self.visit_root(root, None)
        except Exception as error:
            if not code_of(error):
                raise
        finally:
            self.only, self.is_followed = only, False

    def visit_root(self, root: Root, followed: list[str] | None) -> None:
        if self.only is None or self.only.within is None:
            self.visit_directory(root, "", None)
            if followed is not None:
                self.read_site_files(root, followed)
        withins = [one.within for one in conventions.TABLE] if self.only is None else [self.only.within]
        for within in filter(None, withins):
            if root.kind(within) == rooted.DIRECTORY:
                self.visit_directory(root, within, within)

    def visit_directory(self, root: Root, relative: str, within: str | None) -> None:
        children = root.children(relative)
        order = {name: at for at, name in enumerate(children)}
        for name in sorted(children, key=lambda one: one.encode("utf-8", "surrogateescape")):
            if not name.startswith("."):
                self.visit(root, f"{relative}/{name}" if relative else name, within, order[name])

    # ---- entries ----

    def visit(self, root: Root, relative: str, within: str | None, order: int) -> None:
        folder = Folder(root, relative)
        kind = root.kind(relative)
        if kind == rooted.FILE:
            if within is None and self.reads_distributions() and Distributions.is_named(folder.name):
                self.distributions.add(Distribution(folder.name, None, folder.path, self.lists[-1], len(self.lists), order, True,
                                                    self.is_followed))  # fmt: skip
            return
        if kind not in (rooted.DIRECTORY, rooted.OUTSIDE_DIRECTORY, rooted.UNREADABLE):
            return
        if kind == rooted.OUTSIDE_DIRECTORY:
            self.add_unopened(folder, "link-outside-root", "The link leads out of the root; only links that stay inside are followed")
            return
        if not _is_text(relative):
            self.add_unopened(folder, "not-utf8", "The directory's path is not UTF-8; rename it")
            return
        convention = self.recognize(folder, within)
        if convention is not None:
            self.read(folder, convention, order)
            return
        try:
            root.children(relative)
        except Exception as error:  # one that cannot even be opened may be a plugin all the same
            if code_of(error) == "not-found":
                return
            self.add_unopened(folder, "unreadable", getattr(error, "message", str(error)))

    def reads_distributions(self) -> bool:
        return self.only is None or self.only.name == "dist-info"

    def recognize(self, folder: Folder, within: str | None) -> Convention | None:
        if self.only is not None:
            return self.only if self.only.recognizes(folder, True) else None
        return next((one for one in conventions.TABLE if one.within == within and one.recognizes(folder, False)), None)

    def add_unopened(self, folder: Folder, code: str, message: str) -> None:
        plugin = Plugin(folder.path, rooted.printable(folder.name))
        plugin.error(code, message, folder.path)
        self.add_broken(self.only or conventions.TABLE[0], plugin)

    # ---- records ----

    def read(self, folder: Folder, convention: Convention, order: int) -> None:
        plugins = convention.read(folder)
        first = len(self.lists[-1])
        origin = plugins.editable or (self.root_path if self.is_followed else None)
        for plugin in plugins:
            if origin:
                plugin.path = rooted.printable(origin)
            if plugin.entries:
                self.add_release(convention, plugin)
            else:
                self.add_broken(convention, plugin)
        if convention.name == "dist-info":
            self.add_distribution(folder, plugins, first, order)

    def add_distribution(self, folder: Folder, plugins: Plugins, first: int, order: int) -> None:
        found = Distribution(folder.name, plugins.project, folder.path, self.lists[-1], len(self.lists), order, plugins.has_metadata,
                             self.is_followed)  # fmt: skip
        found.items = self.lists[-1][first:]
        self.distributions.add(found)

    def _item(self, plugin: Plugin, group: str, name: str, value: str | None, manifest: str | None = None) -> Item:
        item = Item((group, name, value, None, None, "walk", self.label, plugin.path, manifest, None, None, None), plugin.rows)
        self.lists[-1].append(item)
        return item

    def add_release(self, convention: Convention, plugin: Plugin) -> None:
        """One record for each entry point."""
        package, version = normal_name(plugin.package), normal_version(plugin.version)
        hides = _hides_entry_points(plugin)  # then the first stands for the others
        for at, (group, name, value, manifest) in enumerate(plugin.entries):
            item = self._item(plugin, group, name or plugin.name, value, manifest)
            item.package, item.version = package, version
            item.is_installed = convention.name == "dist-info"
            item.is_unplaced = at == 0 and hides and convention.is_shared

    def add_broken(self, convention: Convention, plugin: Plugin) -> None:
        item = self._item(plugin, convention.group, rooted.printable(plugin.name), None)
        item.is_barren = convention.declares and plugin.has_release and not _hides_entry_points(plugin)
        item.is_unplaced = not item.is_barren and convention.is_shared

    # ---- .pth files ----

    def read_site_files(self, root: Root, followed: list[str]) -> None:
        for name in sorted(root.children("")):
            if name.startswith(".") or not name.endswith((".pth", ".egg-link")) or root.kind(name) == rooted.DIRECTORY:
                continue
            plugin = Plugin(root.shown(name), name)
            folders = site_folders(root, name, plugin)
            followed.extend(folders)
            if plugin.rows:
                plugin.error("unreadable", "The distributions behind this file are not listed", plugin.path)
                self.add_broken(conventions.named("dist-info"), plugin)

    # ---- the answer ----

    def merge(self) -> list[Item]:
        """All records in their order; of two with one name, the one that loses is marked."""
        unique = {one.group for one in conventions.TABLE if not one.is_shared}
        if self.only is not None and not self.only.is_shared:
            unique.add(self.only.group)
        candidates = [(item, at, place) for at, items in enumerate(self.lists) for place, item in enumerate(items)]
        candidates.sort(key=lambda one: (_rank(one[0].group), _rank(one[0].name), one[1], one[2]))
        winner: tuple[Item, int] | None = None
        for item, at, _ in candidates:
            if winner is None or item.name is None or (winner[0].group, winner[0].name) != (item.group, item.name):
                winner = item, at
            elif item.shadowed_by is None and _hides(winner, item, at, unique):
                _shadow(item, winner[0])
        return sorted((item for item, _, _ in candidates), key=sort_key)


def _rank(text: str | None) -> tuple[bool, bytes]:
    return text is not None, encoded(text)


def _hides(winner: tuple[Item, int], item: Item, at: int, unique: set[str]) -> bool:
    """Python loads entry points of one name from several installed distributions, also over several directories;
    everything else belongs to the first root that has it."""
    return item.group in unique or (winner[1] != at and not (winner[0].is_installed and item.is_installed))


def _shadow(item: Item, winner: Item) -> None:
    item.shadowed_by = winner.origin or winner.source
    origin = f" ({winner.origin})" if winner.origin else ""
    item.rows.append((False, "shadowed", item.origin, f'"{item.name}" is shadowed by the one in {winner.label or winner.source}{origin}',
                      "Rename one of the two, or remove the one that is not wanted"))  # fmt: skip


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _hides_entry_points(plugin: Plugin) -> bool:
    """Whether the entry points themselves could not be read: then their groups are unknown."""
    return any(row[0] and row[2] and ("entry-points" in row[2] or "scripts" in row[2]) for row in plugin.rows)


def walk(roots, convention: str | None, decider=None, diagnostics: list | None = None) -> list[Item]:
    """The records of all roots, (label or None, path) in their order of precedence. With a list of diagnostics, a root
    that cannot be read is a diagnostic and is skipped, unless all other roots failed too."""
    run = Walk(convention)
    if not roots:
        raise fault("usage", "A walk needs at least one root directory")
    walked = 0
    for at, (label, path) in enumerate(roots):
        try:
            run.walk_root(os.fspath(path), label)
            walked += 1
        except Exception as error:
            is_last_hope = at + 1 == len(roots) and not walked
            if is_last_hope or diagnostics is None or code_of(error) not in ("usage", "io"):
                raise
            diagnostics.append((False, "root-unreadable", error.where or None,  # type: ignore[attr-defined]
                                f"This root is skipped: {error.message}",  # type: ignore[attr-defined]
                                "Correct the path, or leave the root out"))  # fmt: skip
    run.distributions.choose(run.lists)
    if decider is not None:
        run.lists = [decider.decide(items) for items in run.lists]
    return run.merge()
