# SPDX-License-Identifier: MIT
"""What a convention is (docs/CONVENTIONS.md): a way how plugins lie in directories. It recognises a directory and reads it
to plugins. Nothing is imported or run.

A convention whose files need a parser that this Python does not have is recognised all the same: its directories
become records with the error `not-readable-here`, so that a plugin is never missed in silence."""

from . import rooted, version
from .faults import code_of
from .rooted import Root

NAME_BYTES_MAX = 100
PYTHON_BYTES_MAX = 4 * 1024 * 1024
METADATA_BYTES_MAX = 1024 * 1024


class Folder:
    """A directory of a root: `name` is its own, `relative` its path from the root."""

    __slots__ = ("root", "relative", "name")

    def __init__(self, root: Root, relative: str):
        self.root, self.relative = root, relative
        self.name = relative.rpartition("/")[2]

    def at(self, name: str) -> str:
        return f"{self.relative}/{name}" if self.relative else name

    @property
    def path(self) -> str:
        return self.root.shown(self.relative)

    def has(self, name: str) -> bool:
        return self.root.exists(self.at(name))

    def is_file(self, name: str) -> bool:
        return self.root.kind(self.at(name)) == rooted.FILE

    def is_directory(self, name: str) -> bool:
        return self.root.kind(self.at(name)) == rooted.DIRECTORY

    def children(self) -> list[str]:
        return sorted(self.root.children(self.relative), key=lambda name: name.encode("utf-8", "surrogateescape"))

    def load(self, name: str, limit: int, plugin: "Plugin") -> bytes | None:
        """The file's bytes; None, with a finding, when they cannot be had."""
        path = self.at(name)
        try:
            return self.root.read(path, limit)
        except Exception as error:
            if not code_of(error):
                raise
            code = rooted.code_of_obstacle(self.root.kind(path), code_of(error))
            plugin.error(code, error.message, error.where)  # type: ignore[attr-defined]
            return None

    def mentions(self, name: str, limit: int, word: bytes) -> bool:
        """Whether a file has the word; a file that cannot be read has none."""
        try:
            return word in self.root.read(self.at(name), limit)
        except Exception as error:
            if not code_of(error):
                raise
            return False


class Plugin:
    """One plugin, or one file of plugins, with what is wrong with it and with nothing else. `entries`: (group, name,
    value, manifest as JSON or None); `release`: whether name, version and entry points could be read at all."""

    def __init__(self, path: str, name: str):
        self.path, self.name = path, name
        self.rows: list[tuple] = []
        self.entries: list[tuple[str, str, str, str | None]] = []
        self.package: str | None = None
        self.version: str | None = None
        self.has_release = False

    def error(self, code: str, message: str, where: str | None = None, hint: str | None = None) -> None:
        self._add((True, code, where, message, hint))

    def warn(self, code: str, message: str, where: str | None = None, hint: str | None = None) -> None:
        self._add((False, code, where, message, hint))

    def _add(self, row: tuple) -> None:
        if row not in self.rows:
            self.rows.append(row)

    @property
    def has_errors(self) -> bool:
        return any(row[0] for row in self.rows)


class Plugins(list):
    """The plugins of a directory; of an installed distribution also its project, and whether it has METADATA."""

    project: str | None = None
    editable: str | None = None
    has_metadata = False


class Convention:
    """A row of the table. `within`: the directory under the root in which plugins lie; `is_shared`: its entry points
    are of any group, where two may have one name; `declares`: the release is what a package declares."""

    name = ""
    group = ""
    within: str | None = None
    is_shared = False
    declares = False

    def recognizes(self, folder: Folder, asked: bool) -> bool:
        raise NotImplementedError

    def read(self, folder: Folder) -> Plugins:
        raise NotImplementedError


# ---- what several conventions share ----


def normal_name(name: str | None) -> str | None:
    """A project's name in its normal form; None for what is no name."""
    if not name or len(name) > NAME_BYTES_MAX or not name.isascii():
        return None
    is_good = name[0].isalnum() and name[-1].isalnum() and all(char.isalnum() or char in "-_." for char in name)
    parts = [part for part in name.lower().replace("_", "-").replace(".", "-").split("-") if part]
    return "-".join(parts) if is_good else None


def normal_version(text: str | None) -> str | None:
    found = version.parse(text) if text else None
    return None if found is None else str(found)
