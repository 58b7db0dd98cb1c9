# SPDX-License-Identifier: MIT
"""What a pyproject.toml declares: name, version and entry points of [project], else of [tool.poetry]. `tomllib` is part of
Python from 3.11 on; before, `tomli` or the copy in pip reads the file. Without either, the project is reported."""

from . import entry_point_rules as rules
from . import version
from .convention import Folder, Plugin, normal_name

TOML_BYTES_MAX = 256 * 1024


class Project:
    """What was read. `entries`: (group, name, value, None)."""

    def __init__(self) -> None:
        self.package: str | None = None
        self.version: str | None = None
        self.entries: list[tuple[str, str, str, None]] = []

    def lend(self, plugin: Plugin) -> None:
        plugin.package, plugin.version, plugin.has_release = self.package, self.version, True


def _toml():
    from importlib import import_module

    for name in ("tomllib", "tomli", "pip._vendor.tomli"):
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


def read_project(data: bytes, path: str, plugin: Plugin) -> Project | None:
    """The project; None when there is none, or when the file cannot be read (then with findings)."""
    toml = _toml()
    if toml is None:
        plugin.error("not-readable-here", "This Python has no parser for TOML", path, "Install tomli, or use Python 3.11 or later")
        return None
    try:
        document = toml.loads(data.decode())
    except (ValueError, RecursionError) as error:
        plugin.error("malformed", f"The file is not TOML: {error}", path)
        return None
    table, poetry = document.get("project"), _poetry_of(document)
    reader = _Reader(path, plugin)
    if table is None and poetry is None:
        plugin.error("project-missing", "There is no [project] table, so the package is not described", path,
                     "Add a [project] table (PEP 621), or publish the built wheel")  # fmt: skip
        return None
    if table is not None and not isinstance(table, dict):
        reader.wrong_type("project", table, "a table")
        return None
    if table is not None:
        reader.read_project(table)
    elif poetry is not None:
        reader.read_poetry(poetry, document)
    return reader.finish()


def project_of(folder: Folder, plugin: Plugin, nearest: bool) -> Project | None:
    """The [project] of the pyproject.toml in the directory, or of the nearest above it up to the root; None when there
    is none, or when it cannot be read (then with findings)."""
    parts = folder.relative.split("/")
    name = "pyproject.toml"
    for depth in range(len(parts), -1 if nearest else len(parts) - 1, -1):
        place = Folder(folder.root, "/".join(parts[:depth]))
        if place.has(name):
            data = place.load(name, TOML_BYTES_MAX, plugin)
            return None if data is None else read_project(data, place.root.shown(place.at(name)), plugin)
    return None


def _poetry_of(document: dict) -> dict | None:
    """The table of a project that Poetry builds. One without a name, or with package-mode = false, only configures."""
    tool = document.get("tool")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    is_package = isinstance(poetry, dict) and "name" in poetry and poetry.get("package-mode") is not False
    return poetry if is_package else None


_NAMES = {dict: "a table", list: "a list", str: "a string", bool: "a boolean", int: "an integer", float: "a number"}


class _Reader:
    def __init__(self, path: str, plugin: Plugin):
        self.path, self.plugin = path, plugin
        self.project = Project()
        self.refused: tuple[str, str] | None = None  # the first entry point that is wrong

    def _where(self, key: str) -> str:
        return f"{self.path}: {key}"

    def wrong_type(self, key: str, value, wanted: str) -> None:
        self.plugin.error("wrong-type", f"This is {_NAMES.get(type(value), 'a date or time')}; it must be {wanted}", self._where(key))

    def finish(self) -> Project:
        """If every entry point is wrong, the project is listed in the group of the first one."""
        if self.refused is not None and not self.project.entries:
            self.project.entries.append((*self.refused, None, None))  # type: ignore[arg-type]
        return self.project

    # ---- [project] ----

    def read_project(self, table: dict) -> None:
        dynamic = table.get("dynamic")
        dynamic = dynamic if isinstance(dynamic, list) else []
        self._read_name(table, "project")
        if "version" in table:
            self._read_version(table["version"], "project")
        elif "version" not in dynamic:
            self.plugin.error("version-missing", "The key is missing", self._where("project.version"), "Add the key, or list it in dynamic")
        self._read_group("console_scripts", table.get("scripts"), "project.scripts", True)
        self._read_group("gui_scripts", table.get("gui-scripts"), "project.gui-scripts", True)
        groups = table.get("entry-points")
        if groups is not None and not isinstance(groups, dict):
            self.wrong_type("project.entry-points", groups, "a table")
        for group, entries in groups.items() if isinstance(groups, dict) else ():
            self._read_named_group(group, entries)
        for key in ("entry-points", "scripts", "gui-scripts"):
            if key in dynamic:
                self.plugin.warn("entry-points-dynamic", f'"{key}" is dynamic, so the entry points that the build adds are unknown',
                                 self._where("project.dynamic"), "Publish the built wheel: its entry_points.txt lists all entry points")  # fmt: skip

    def _read_name(self, table: dict, place: str) -> None:
        name = table.get("name")
        if name is None:
            self.plugin.error("name-missing", "The key is missing", self._where(f"{place}.name"))
        elif not isinstance(name, str):
            self.wrong_type(f"{place}.name", name, "a string")
        elif normal_name(name) is None:
            self.plugin.error("name-invalid", f"{rules.quote(name)} is not the name of a package", self._where(f"{place}.name"))
        else:
            self.project.package = name

    def _read_version(self, text, place: str) -> None:
        if not isinstance(text, str):
            self.wrong_type(f"{place}.version", text, "a string")
        elif version.parse(text) is None:
            self.plugin.error("version-invalid", f"{rules.quote(text)} is not a version (PEP 440)", self._where(f"{place}.version"))
        else:
            self.project.version = text

    def _read_named_group(self, group: str, entries) -> None:
        place = f'project.entry-points."{group}"'
        if group in rules.SCRIPTS:
            table = "[project.scripts]" if group == "console_scripts" else "[project.gui-scripts]"
            self.plugin.error("entry-point-group-reserved", f'The group "{group}" has its own table', self._where(place),
                              f"Move them to {table}")  # fmt: skip
            return
        self._read_free_group(group, entries, place)

    def _read_free_group(self, group: str, entries, place: str) -> None:
        why = rules.group_fault(group)
        if why is not None:
            self.plugin.warn("group-not-indexed", why, self._where(place))
        self._read_group(group, entries, place, False)

    def _read_group(self, group: str, entries, place: str, is_script: bool) -> None:
        if entries is None:
            return
        if not isinstance(entries, dict):
            self.wrong_type(place, entries, "a table")
            return
        for name, value in entries.items():
            if self._is_entry(name, value, place, is_script):
                self.project.entries.append((group, name, value, None))
            elif not isinstance(value, dict):
                self._refuse(group, name)

    def _refuse(self, group: str, name: str) -> None:
        self.refused = self.refused or (group, name if rules.name_fault(name) is None else "")

    def _is_entry(self, name: str, value, place: str, is_script: bool) -> bool:
        where = self._where(f"{place}.{name}")
        why = rules.name_fault(name)
        if why is not None:
            self.plugin.error("entry-point-name-invalid", why, where)
            return False
        if is_script and (why := rules.script_fault(name)) is not None:
            self.plugin.error("script-name-invalid", why, where)
            return False
        if isinstance(value, dict) and not is_script:
            self.plugin.error("entry-point-group-nested", "Groups of entry points cannot be nested", where, "Quote a group with dots")
            return False
        if not isinstance(value, str):
            self.wrong_type(f"{place}.{name}", value, "a string")
            return False
        why = rules.reference_fault(value, is_script)
        if why is not None:
            self.plugin.error("entry-point-value-invalid", why, where)
        return why is None

    # ---- [tool.poetry] ----

    def read_poetry(self, table: dict, document: dict) -> None:
        self._read_name(table, "tool.poetry")
        scripts, plugins = table.get("scripts"), table.get("plugins")
        for name, script in scripts.items() if isinstance(scripts, dict) else ():
            value = _poetry_reference(script)
            if value is None:
                continue
            if self._is_entry(name, value, "tool.poetry.scripts", True):
                self.project.entries.append(("console_scripts", name, value, None))
            else:
                self._refuse("console_scripts", name)
        for group, entries in plugins.items() if isinstance(plugins, dict) else ():
            place = f'tool.poetry.plugins."{group}"'
            if group in rules.SCRIPTS:
                self._read_group(group, entries, place, True)
            else:
                self._read_free_group(group, entries, place)
        if "poetry-dynamic-versioning" in document["tool"]:
            return
        if "version" in table:
            self._read_version(table["version"], "tool.poetry")
        else:
            self.plugin.error("version-missing", "The key is missing", self._where("tool.poetry.version"))


def _poetry_reference(script):
    """The object reference of a script; None when the script is a file."""
    if not isinstance(script, dict):
        return script
    is_file = isinstance(script.get("type"), str) and script["type"] != "console"
    return script.get("callable") or (None if is_file else script.get("reference"))
