# SPDX-License-Identifier: MIT
"""The installed distributions, in the order of importlib.metadata and without importing it, so that one
that is broken costs itself and no other.

Order: the path's entries, in each the directories of one project together, as os.listdir gives them. Of
several distributions of a project the first counts, and an empty directory left by an uninstallation
counts only when there is no other.
"""

import os
import sys

from ._names import normalize
from ._native import parse_entry_points

_BOM = b"\xef\xbb\xbf"
# What is said of a distribution: (is_error, code, where, message, hint)
_UNREADABLE = "the other distributions are listed all the same"


class Distribution:
    """One distribution that was found; as a source of records: record(), findings()."""

    is_foreign = False  # found by a finder of another kind
    is_installed = True  # what it names may be loaded, as importlib.metadata would

    __slots__ = ("key", "root", "origin", "entries", "rows", "has_metadata", "reader", "data")

    def __init__(self, key: str, root: str, origin: str, reader):
        self.key = key  # normalised name
        self.root = root  # the entry of the path
        self.origin = origin
        self.reader = reader
        self.entries: list[tuple[str, str, str]] = []  # (group, name, value)
        self.rows: list[tuple] = []  # findings
        self.data: bytes | None = None  # of entry_points.txt: None: not read, b"": there is none
        self.has_metadata: bool | None = None  # None: not looked

    def name_and_version(self) -> tuple[str, str | None]:
        stem = os.path.basename(self.origin).rpartition(".")[0]
        parts = stem.split("-")
        return self.key.replace("_", "-"), parts[1] if len(parts) > 1 else None

    def record(self, index: int) -> tuple:
        group, name, value = self.entries[index]
        package, version = self.name_and_version()
        return (group, name, value, package, version, "walk", self.root, self.origin, None, None, None)

    def findings(self, index: int) -> list:
        return self.rows

    def is_there(self) -> bool:
        """Whether it has METADATA (PKG-INFO), or is such a file: what is left over has neither."""
        if self.has_metadata is None:
            self.has_metadata = self.reader.is_file(self.origin) or any(
                self.reader.is_file(f"{self.origin}/{name}") for name in ("METADATA", "PKG-INFO")
            )
        return bool(self.has_metadata)

    def is_readable(self) -> bool:
        """Whether its METADATA (PKG-INFO) can be read; inside a zip file all can."""
        if self.reader is not _Files or self.reader.is_file(self.origin):
            return True
        return any(os.access(f"{self.origin}/{name}", os.R_OK) for name in ("METADATA", "PKG-INFO"))

    def add(self, is_error: bool, code: str, message: str, hint: str | None = None, where: str | None = None) -> None:
        self.rows.append((is_error, code, where or self.origin, message, hint))

    def text(self) -> str | None:
        """entry_points.txt as it was read, for who parses it himself: only the lines that can be read."""
        if not self.data:
            return None
        groups: dict[str, list[str]] = {}
        for group, name, value in self.entries:
            groups.setdefault(group, []).append(f"{name} = {value}\n")
        return "\n".join(f"[{group}]\n{''.join(lines)}" for group, lines in groups.items())

    def read_once(self) -> None:
        if self.data is None:
            self.read()

    def read(self) -> None:
        """Reads entry_points.txt; what is wrong with it is told and costs its line, or the file."""
        path = f"{self.origin}/entry_points.txt"
        self.data = b""
        try:
            data = self.reader.read(path)
        except Exception as error:  # whatever it is: of this distribution alone
            self.add(True, "unreadable", f"The file cannot be read: {error}; {_UNREADABLE}", where=path)
            return
        if data:
            self.data = data
            self._parse(path, data)

    def _parse(self, path: str, data: bytes) -> None:
        if data.startswith(_BOM):
            data = data[3:]
            self.add(False, "entry-points-byte-order-mark",
                     "The file begins with a byte order mark, which is skipped here; Python loses its first group",
                     "Save the file without it", f"{path}:1")  # fmt: skip
        try:
            entries, lints = parse_entry_points(data)
        except Exception as error:
            message = getattr(error, "message", None) or str(error)
            self.add(True, "entry-points-unreadable", f"{message}; {_UNREADABLE}", where=path)
            return
        for is_error, code, line, message in lints:
            self.add(is_error, code, message, where=f"{path}:{line}" if line else path)
        if lints and any(row[1] == "entry-points-reference-invalid" for row in lints):
            entries = [entry for entry in entries if is_reference(entry[2])]
        self.entries = entries


def is_reference(value: str) -> bool:
    """Whether a value can be loaded at all, as the pattern of entry points has it."""
    from ._names import split_reference

    return split_reference(value) is not None


class _Files:
    """Files of a directory."""

    @staticmethod
    def children(root: str) -> list[str]:
        return os.listdir(root or ".")

    @staticmethod
    def read(path: str) -> bytes | None:
        try:
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
        except (FileNotFoundError, NotADirectoryError):
            return None
        try:
            pieces = []
            while piece := os.read(descriptor, 1 << 20):
                pieces.append(piece)
                if len(pieces) > 8:
                    raise ValueError("it is over 8 MiB")
            return b"".join(pieces)
        finally:
            os.close(descriptor)

    @staticmethod
    def is_file(path: str) -> bool:
        return os.path.isfile(path)


class _Zip:
    """Members of a zip file that stands on the path."""

    def __init__(self, root: str):
        from zipfile import ZipFile

        self.root = root
        with ZipFile(root) as archive:
            self.names = dict.fromkeys(archive.namelist())

    def children(self, root: str) -> list[str]:
        return list(dict.fromkeys(name.partition("/")[0] for name in self.names))

    def is_file(self, path: str) -> bool:
        return path[len(self.root) + 1 :] in self.names

    def read(self, path: str) -> bytes | None:
        from zipfile import ZipFile

        name = path[len(self.root) + 1 :]
        if name not in self.names:
            return None
        with ZipFile(self.root) as archive:
            return archive.read(name)


def _open_root(root: str):
    """(reader, children), or None: there is nothing to read, as for importlib.metadata."""
    try:
        return _Files, _Files.children(root)
    except OSError:
        if not os.path.isfile(root):
            return None
    try:
        reader = _Zip(root)
        return reader, reader.children(root)
    except Exception:
        return None


def _projects(root: str) -> dict[str, list[Distribution]]:
    """The distributions in one entry of the path, by project."""
    opened = _open_root(root) if isinstance(root, str) else None
    if opened is None:
        return {}
    reader, children = opened
    base = os.path.basename(root).lower()
    found: dict[str, list[Distribution]] = {}
    for child in children:
        low = child.lower()
        if low.endswith((".dist-info", ".egg-info")):
            key = normalize(low.rpartition(".")[0].partition("-")[0])
        elif low == "egg-info" and base.endswith(".egg"):
            key = normalize(base.rpartition(".")[0].partition("-")[0])
        else:
            continue
        origin = f"{root}/{child}" if root else child
        found.setdefault(key, []).append(Distribution(key, root, origin, reader))
    return found


def find_all(path: list | None = None) -> list:
    """Every distribution on the path, also several of one project, unread, in the runtime's order. Without a
    path: those of sys.path, and of finders of other kinds, in the order of the finders."""
    before, after = ([], []) if path is not None else _foreign()
    found = []
    for root in sys.path if path is None else path:
        for distributions in _projects(root).values():
            found.extend(distributions)
    return [*before, *found, *after] if before or after else found


def _foreign() -> tuple[list, list]:
    """What finders of other kinds give, before and after Python's own."""
    before: list = []
    after: list = []
    told = before
    for finder in sys.meta_path:
        if getattr(finder, "__name__", "") == "PathFinder" or type(finder).__name__ == "MetadataPathFinder":
            told = after  # the walk of the path: Python's, or the back-port's
        elif hasattr(finder, "find_distributions"):
            from ._foreign import find_all as ask

            told.extend(ask(finder))
    return before, after


def choose(found: list[Distribution]) -> list[Distribution]:
    """Of each project the first that is there. What it hides is told in its findings."""
    by_key: dict[str, list[Distribution]] = {}
    for distribution in found:
        by_key.setdefault(distribution.key, []).append(distribution)
    chosen = []
    for candidates in by_key.values():
        winner = candidates[0]
        if len(candidates) > 1:
            winner = next((one for one in candidates if one.is_there()), winner)
            _tell_hidden(winner, candidates)
        chosen.append(winner)
    return chosen


def _tell_hidden(winner: Distribution, candidates: list[Distribution]) -> None:
    for other in candidates:
        if other is winner or other.origin == winner.origin:
            continue
        if other.is_there():
            winner.add(False, "shadowed", f"It hides another distribution of the same project: {other.origin}",
                       "Remove one of the two")  # fmt: skip
        else:
            winner.add(False, "dist-info-empty", "A directory without METADATA, left by an uninstallation, is skipped",
                       "Remove the directory", other.origin)  # fmt: skip


def walk(path: list | None = None) -> list[Distribution]:
    """The distributions that count, read."""
    chosen = choose(find_all(path))
    for distribution in chosen:
        distribution.read()
    return chosen


def stamp() -> tuple:
    """What tells whether a walk would find something else: the path, when its entries changed, and who
    else is asked."""
    times: list[tuple] = [(id(finder), None) for finder in sys.meta_path if hasattr(finder, "find_distributions")]
    for root in sys.path:
        try:
            times.append((root, os.stat(root or ".").st_mtime_ns))
        except (OSError, TypeError, ValueError):
            times.append((root, None))
    return tuple(times)
