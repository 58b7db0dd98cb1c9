# SPDX-License-Identifier: MIT
"""The choice among installed distributions that a walk of roots found: of each project the first that has METADATA, in
the order of the path; and the folders that .pth files add to Python's path."""

import os

from .convention import Plugin, normal_name
from .faults import code_of
from .results import Item
from .rooted import Root

SITE_FILE_BYTES = 64 * 1024
SITE_PATHS_MAX = 1000


class Distribution:
    """One that was found, also without entry points: it may hide another one."""

    __slots__ = ("key", "name", "path", "items_of_root", "root", "order", "is_whole", "is_followed", "items")

    def __init__(self, file_name: str, name: str | None, path: str, items_of_root: list[Item], root: int, order: int, is_whole: bool,
                 is_followed: bool):  # fmt: skip
        self.key = key_of(file_name)
        project = normal_name(name)
        self.name = (project or self.key).replace("-", "_") if name else self.key
        self.path, self.items_of_root, self.root, self.order = path, items_of_root, root, order
        self.is_whole, self.is_followed = is_whole, is_followed
        self.items: list[Item] = []


def key_of(file_name: str) -> str:
    """ "My.Plug-1.0.dist-info" gives "my_plug", and so does "my__plug.egg-info"."""
    stem = file_name.rpartition(".")[0] or file_name
    key = stem.partition("-")[0].replace(".", "_").lower()
    while "__" in key:
        key = key.replace("__", "_")
    return key


class Distributions:
    """All of a walk."""

    def __init__(self) -> None:
        self.all: list[Distribution] = []

    @staticmethod
    def is_named(file_name: str) -> bool:
        low = file_name.lower()
        return low.endswith((".dist-info", ".egg-info")) and len(low) > 10

    def add(self, found: Distribution) -> None:
        self.all.append(found)

    def choose(self, lists: list[list[Item]]) -> None:
        """Marks what Python does not load, and removes what is the same copy again."""
        projects: dict[tuple[str, str], list[Distribution]] = {}
        for one in sorted(self.all, key=lambda one: (one.root, one.order)):
            projects.setdefault((one.key, one.name), []).append(one)
        removed: set[int] = set()
        for copies in projects.values():
            winner = next((one for one in copies if one.is_whole), copies[0])
            for one in copies:
                if one is not winner:
                    removed |= _hide(winner, one)
        for items in lists:
            items[:] = [item for item in items if id(item) not in removed]


def _hide(winner: Distribution, loser: Distribution) -> set[int]:
    if loser.is_followed or _is_same_directory(winner.path, loser.path):
        return {id(item) for item in loser.items}
    by = winner.items[0].origin if winner.items else winner.path
    for item in loser.items:
        if item.value is not None:  # a broken one says what is wrong with it already
            item.shadowed_by = by
            item.rows.append((False, "shadowed", item.origin, f'Python does not load "{item.name}" from here: {by} is another copy of '
                              f"{item.package or 'the project'} and comes first", "Uninstall the copy that is not wanted"))  # fmt: skip
    return set()


def _is_same_directory(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


# ---- .pth files ----


def site_folders(root: Root, name: str, plugin: Plugin) -> list[str]:
    """The folders that a .pth or .egg-link file names. Lines that Python would run are not run."""
    is_link = name.endswith(".egg-link")
    try:
        text = os.fsdecode(root.read(name, SITE_FILE_BYTES).removeprefix(b"\xef\xbb\xbf"))
    except Exception as error:
        if not code_of(error):
            raise
        _not_followed(root, name, plugin, error.message)  # type: ignore[attr-defined]
        return []
    lines = text.split("\n")[: 1 if is_link else None]
    found = [folder for line in lines if _is_path(line) and os.path.isdir(folder := _folder_of(root, line))]
    if is_link and not found:
        _not_followed(root, name, plugin, "the folder that it names does not exist")
    return found[:SITE_PATHS_MAX]


def _not_followed(root: Root, name: str, plugin: Plugin, why: str) -> None:
    plugin.warn("not-followed", f"The directories that this file adds to Python's path are unknown: {why}", root.shown(name),
                "Install the project again, or remove the file")  # fmt: skip


def _is_path(line: str) -> bool:
    is_code = line.startswith(("import ", "import\t"))
    return bool(line.strip()) and not line.startswith("#") and not is_code and "\0" not in line


def _folder_of(root: Root, line: str) -> str:
    folder = line.rstrip()
    folder = folder.rstrip("/") or "/"
    return folder if folder.startswith("/") else f"{root.path}/{folder}"
