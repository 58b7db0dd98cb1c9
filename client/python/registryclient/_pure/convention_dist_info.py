# SPDX-License-Identifier: MIT
"""Installed distributions, as the Python runtime sees them, and projects with a pyproject.toml."""

import os

from . import version
from .convention import METADATA_BYTES_MAX, Convention, Folder, Plugin, Plugins
from .entry_points_txt import parse_entry_points
from .faults import code_of
from .pyproject import project_of


class DistInfo(Convention):
    name = "dist-info"
    group = "console_scripts"
    is_shared = True
    declares = True

    def recognizes(self, folder: Folder, asked: bool) -> bool:
        return folder.name.endswith((".dist-info", ".egg-info"))

    def read(self, folder: Folder) -> Plugins:
        """Most installed distributions are no plugins: one without entry points gives no record, but its name still
        counts for what it hides."""
        made = Plugins()
        plugin = Plugin(folder.path, folder.name)
        metadata = _load_if_there(folder, _metadata_name(folder), plugin)
        text = _load_if_there(folder, "entry_points.txt", plugin)
        made.has_metadata = metadata is not None
        if not plugin.has_errors:
            _read_release(folder, metadata, text, plugin)
            made.project = plugin.package if metadata is not None else None
        is_plain = plugin.has_release and not plugin.entries and not plugin.has_errors
        if is_plain and not (text is not None and plugin.rows):
            return made
        made.append(plugin)
        made.editable = _editable(folder)
        if made.editable and not os.path.isdir(made.editable):
            plugin.warn("not-followed", f"The folder of this editable install does not exist here: {made.editable}", folder.path,
                        "Install the project again, or uninstall it")  # fmt: skip
        return made


def _load_if_there(folder: Folder, name: str, plugin: Plugin) -> bytes | None:
    return folder.load(name, METADATA_BYTES_MAX, plugin) if folder.has(name) else None


def _metadata_name(folder: Folder) -> str:
    """METADATA, or PKG-INFO of older tools; Python takes either in either kind of directory."""
    usual, other = ("PKG-INFO", "METADATA") if folder.name.endswith(".egg-info") else ("METADATA", "PKG-INFO")
    return usual if folder.has(usual) or not folder.has(other) else other


def _header(data: bytes, name: bytes) -> str | None:
    for line in data.splitlines():
        if not line.strip():
            break
        if line[: len(name)].lower() == name:
            return line[len(name) :].strip().decode("utf-8", "replace") or None
    return None


def _read_release(folder: Folder, metadata: bytes | None, text: bytes | None, plugin: Plugin) -> None:
    stem = folder.name.rpartition(".")[0]
    if metadata is not None:
        plugin.package, plugin.version = _header(metadata, b"name:"), _header(metadata, b"version:")
        if plugin.package and plugin.version and not _is_named_after(stem, plugin.package, plugin.version):
            plugin.warn("directory-differs", f"METADATA says {plugin.package} {plugin.version}, but the directory has another name. "
                        "METADATA is used", folder.name, "Install the package again")  # fmt: skip
    parts = stem.split("-")
    plugin.package = plugin.package or parts[0] or None
    plugin.version = plugin.version or (parts[1] if len(parts) > 1 and parts[1] else None)
    plugin.has_release = True
    if text is not None:
        _read_entry_points(folder, text, plugin)
    elif metadata is None:
        plugin.error("dist-info-empty", "There is neither METADATA nor entry_points.txt: an uninstallation left this directory behind, "
                     "and Python still counts it as a distribution", folder.name,
                     "Remove the directory, or install the package again")  # fmt: skip


def _read_entry_points(folder: Folder, data: bytes, plugin: Plugin) -> None:
    """A file that cannot be parsed hides its entry points from the host too: that is an error. Other faults of the
    file are warnings. Of two entries with one name the first counts."""
    try:
        entries, lints = parse_entry_points(data)
    except Exception as error:
        if not code_of(error):
            raise
        plugin.has_release = False
        plugin.error("entry-points-unreadable", error.message, f"{folder.name}: entry_points.txt")  # type: ignore[attr-defined]
        return
    for _, code, line, message in lints:
        plugin.warn(code, message, f"{folder.name}: entry_points.txt{f':{line}' if line else ''}")
    seen = set()
    for group, name, value in entries:
        if (group, name) not in seen:
            seen.add((group, name))
            plugin.entries.append((group, name, value, None))


def _squash(text: str) -> str:
    for char in "-.+!":
        text = text.replace(char, "_")
    while "__" in text:
        text = text.replace("__", "_")
    return text.lower()


def _is_named_after(stem: str, name: str, release: str) -> bool:
    """Whether a directory is called after its METADATA; the version may be left out, and 1.0 and 1.0.0 are one."""
    head, dash, tail = stem.partition("-py")
    stem = head if dash and tail[:1].isdigit() else stem
    if _squash(stem) in (_squash(name), _squash(f"{name}-{release}")):
        return True
    head, _, tail = stem.rpartition("-")
    mine, theirs = version.parse(tail), version.parse(release)
    return _squash(head) == _squash(name) and mine is not None and theirs is not None and mine.whole() == theirs.whole()


def _editable(folder: Folder) -> str | None:
    """The folder of an editable install. A direct_url.json that cannot be read says nothing: Python does not need it."""
    from .._walk import _editable_folder

    if not folder.is_file("direct_url.json"):
        return None
    try:
        return _editable_folder(folder.root.read(folder.at("direct_url.json"), 16 * 1024))
    except Exception as error:
        if not code_of(error):
            raise
        return None


class Pyproject(Convention):
    name = "pyproject"
    group = "console_scripts"
    is_shared = True
    declares = True

    def recognizes(self, folder: Folder, asked: bool) -> bool:
        return folder.has("pyproject.toml")

    def read(self, folder: Folder) -> Plugins:
        """A project without entry points is no plugin, nor is a pyproject.toml that only configures tools."""
        plugin = Plugin(folder.path, folder.name)
        project = project_of(folder, plugin, nearest=False)
        if project is not None:
            project.lend(plugin)
            plugin.entries = list(project.entries)
        return Plugins() if is_empty_project(plugin) else Plugins([plugin])


def is_empty_project(plugin: Plugin) -> bool:
    if plugin.has_release:
        return not plugin.entries and not plugin.has_errors
    return all(not row[0] or row[1] == "project-missing" for row in plugin.rows)
