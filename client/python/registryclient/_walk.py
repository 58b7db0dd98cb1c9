# SPDX-License-Identifier: MIT
"""The installed distributions, in the order of importlib.metadata and without importing it, so that one
that is broken costs itself and no other.

Order: the path's entries, in each the directories of one project together, as os.listdir gives them. Of
several distributions of a project the first counts, and an empty directory left by an uninstallation
counts only when there is no other. The project is that of the directory's name, up to its first "-", unless
METADATA tells two projects apart. What METADATA says counts: the directory's name is a fall-back. METADATA is
read only where it is needed, so that a look-up costs one file of each distribution.
"""

import os
import sys

from ._engine import parse_entry_points
from ._names import normalize

_BOM = b"\xef\xbb\xbf"
# What is said of a distribution: (is_error, code, where, message, hint)
_UNREADABLE = "the other distributions are listed all the same"


class Distribution:
    """One distribution that was found; as a source of records: record(), findings()."""

    is_foreign = False  # found by a finder of another kind
    is_installed = True  # what it names may be loaded, as importlib.metadata would

    __slots__ = ("key", "root", "origin", "entries", "rows", "has_metadata", "reader", "data", "identity")

    def __init__(self, key: str, root: str, origin: str, reader):
        self.key = key  # normalised name
        self.root = root  # the entry of the path
        self.origin = origin
        self.reader = reader
        self.entries: list[tuple[str, str, str]] = []  # (group, name, value)
        self.rows: list[tuple] = []  # findings
        self.data: bytes | None = None  # of entry_points.txt: None: not read, b"": there is none
        self.has_metadata: bool | None = None  # None: not looked
        self.identity: tuple[str, str | None, str] | None = None  # name, version, folder; None: not read

    def name_and_version(self) -> tuple[str, str | None]:
        """The name and the version by METADATA (PKG-INFO), else by the directory's name."""
        return self._identify()[:2]

    def _identify(self) -> tuple[str, str | None, str]:
        if self.identity is None:
            name, version = self._metadata()
            stem = os.path.basename(self.origin).rpartition(".")[0]
            if name and version and not _is_named_after(stem, name, version):
                self.add(False, "directory-differs",
                         f"METADATA says {name} {version}, but the directory has another name. METADATA is used",
                         "Install the package again")  # fmt: skip
            parts = stem.split("-")
            package = normalize(name or self.key).replace("_", "-")
            folder = self._editable()
            self.identity = package, version or (parts[1] if len(parts) > 1 else None), folder or self.origin
        return self.identity

    def _metadata(self) -> tuple[str | None, str | None]:
        """(Name, Version) of the first of its metadata files that is there."""
        for path in (f"{self.origin}/METADATA", f"{self.origin}/PKG-INFO", self.origin):
            try:
                data = self.reader.read(path)
            except Exception:  # it is a directory, or unreadable: the directory's name has to do
                continue
            if data:
                return _header(data, b"name:"), _header(data, b"version:")
        return None, None

    def _editable(self) -> str | None:
        """The folder of the project, when it is installed in editable form (direct_url.json)."""
        try:
            data = self.reader.read(f"{self.origin}/direct_url.json")
        except Exception:
            return None
        folder = _editable_folder(data) if data else None
        if folder is not None and not os.path.isdir(folder):
            self.add(False, "not-followed", f"The folder of this editable install does not exist here: {folder}",
                     "Install the project again, or uninstall it")  # fmt: skip
        return folder

    def project(self) -> str:
        """The project by METADATA, as keys are written; by the directory's name when there is none."""
        name = self._metadata()[0] if self.is_there() else None
        return normalize(name) if name else self.key

    def record(self, index: int) -> tuple:
        group, name, value = self.entries[index]
        package, version, folder = self._identify()
        return (group, name, value, package, version, "walk", self.root, folder, None, None, None, None)

    def findings(self, index: int) -> list:
        self._identify()
        return self.rows

    def inspect(self) -> list:
        """Its findings, also those that a look-up does not need: about its name and its folder, and that it
        was left by an uninstallation."""
        if self.entries:
            self._identify()
        elif not self.data and not self.is_there() and not any(row[1] == "dist-info-empty" for row in self.rows):
            self.rows.append(leftover_row(self))
        return self.rows

    def is_there(self) -> bool:
        """Whether it has METADATA (PKG-INFO), or is such a file: what is left over has neither."""
        if self.has_metadata is None:
            self.has_metadata = self.reader.is_file(self.origin) or any(
                self.reader.is_file(f"{self.origin}/{name}") for name in ("METADATA", "PKG-INFO")
            )
        return bool(self.has_metadata)

    def has_entry_points(self) -> bool:
        return self.reader.is_file(f"{self.origin}/entry_points.txt")

    def is_readable(self) -> bool:
        """Whether its METADATA (PKG-INFO) can be read; inside a zip file all can."""
        if self.reader is not _Files or self.reader.is_file(self.origin):
            return True
        return any(os.access(f"{self.origin}/{name}", os.R_OK) for name in ("METADATA", "PKG-INFO"))

    def add(self, is_error: bool, code: str, message: str, hint: str | None = None, where: str | None = None) -> None:
        self.rows.append((is_error, code, where or self.origin, message, hint))

    def text(self) -> str | None:
        """entry_points.txt as it was read, for a caller that parses it: only the lines that can be read."""
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
        """Reads entry_points.txt; an error is reported and costs its line, or the file."""
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
        if lints and any(row[1] == "entry-point-value-invalid" for row in lints):
            entries = [entry for entry in entries if is_reference(entry[2])]
        self.entries = entries


def _header(data: bytes, name: bytes) -> str | None:
    """The value of a header of METADATA."""
    for line in data.splitlines():
        if not line.strip():
            break  # the description follows
        if line[: len(name)].lower() == name:
            return line[len(name) :].strip().decode("utf-8", "replace") or None
    return None


def _editable_folder(data: bytes) -> str | None:
    """The path in a direct_url.json of an editable install."""
    import json
    from urllib.parse import unquote, urlsplit

    try:
        document = json.loads(data)
        address = urlsplit(document["url"])
        is_editable = document["dir_info"]["editable"] is True
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return unquote(address.path) if is_editable and address.scheme == "file" else None


def _parts(text: str) -> list:
    """A name or a version as its words and numbers, so that "1.0.0-rc1" and "1.0.0rc1" are equal."""
    parts: list = []
    kind = None
    for char in text.lower():
        before, kind = kind, char.isdigit() if char.isalnum() else None
        if kind is None:
            continue
        if kind is before:
            parts[-1] += char
        else:
            parts.append(char)
    made: list = []
    for part in parts:
        if not part.isdecimal():
            while made and made[-1] == 0:  # 1.0 and 1.0.0 are one version
                made.pop()
        made.append(int(part) if part.isdecimal() else part)
    while made and made[-1] == 0:
        made.pop()
    return made


def _is_named_after(stem: str, name: str, version: str) -> bool:
    """Whether a directory is called after its METADATA; the version may be left out."""
    head, dash, tail = stem.partition("-py")
    stem = head if dash and tail[:1].isdigit() else stem
    return _parts(stem) in (_parts(name), _parts(f"{name}-{version}"))


def leftover_row(distribution) -> tuple:
    """What is said of a directory that an uninstallation left."""
    return (False, "dist-info-empty", distribution.origin,
            "A directory without METADATA, left by an uninstallation, is skipped", "Remove the directory")  # fmt: skip


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
    found = before
    for finder in sys.meta_path:
        if getattr(finder, "__name__", "") == "PathFinder" or type(finder).__name__ == "MetadataPathFinder":
            found = after  # the walk of the path: Python's, or the back-port's
        elif hasattr(finder, "find_distributions"):
            from ._foreign import find_all as ask

            found.extend(ask(finder))
    return before, after


def choose(found: list[Distribution]) -> list[Distribution]:
    """Of each project the first that is there. The findings name the distributions that it hides."""
    by_key: dict[str, list[Distribution]] = {}
    for distribution in found:
        by_key.setdefault(distribution.key, []).append(distribution)
    if len(by_key) < len(found):
        by_key = _split(by_key)
    chosen = []
    for candidates in by_key.values():
        winner = candidates[0]
        if len(candidates) > 1:
            winner = next((one for one in candidates if one.is_there()), winner)
            _tell_hidden(winner, candidates)
        chosen.append(winner)
    return chosen


def _split(by_key: dict[str, list[Distribution]]) -> dict[str, list[Distribution]]:
    """The same with what METADATA tells apart under keys of its own: "my-plug-1.0.dist-info" and
    "my-other-2.0.dist-info" are two projects."""
    split: dict[str, list[Distribution]] = {}
    for key, candidates in by_key.items():
        projects = {id(one): one.project() for one in candidates} if len(candidates) > 1 else {}
        if len(set(projects.values())) > 1:
            for one in candidates:
                one.key = projects[id(one)]
                split.setdefault(one.key, []).append(one)
        else:
            split.setdefault(key, []).extend(candidates)
    return split


def _is_same(one: Distribution, other: Distribution) -> bool:
    """Whether a link shows one directory twice."""
    try:
        return one.origin == other.origin or os.path.samefile(one.origin, other.origin)
    except OSError:  # in a zip file
        return False


def _tell_hidden(winner: Distribution, candidates: list[Distribution]) -> None:
    for other in candidates:
        if other is winner or _is_same(winner, other):
            continue
        if other.is_there():
            winner.add(False, "shadowed", f"It hides another distribution of the same project: {other.origin}",
                       "Uninstall the copy that is not wanted")  # fmt: skip
        else:
            winner.rows.append(leftover_row(other))


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
