# SPDX-License-Identifier: MIT
"""What the whole process shares: its settings, and the finders that install() replaced.

It lies below every module that answers a look-up, so that loading a plugin can use it without knowing which
module found the plugin. It is imported with the first look-up, not with the package.
"""

import os
import sys

from . import _engine

MODES = ("walk", "walk-first", "registry-first", "registry", "compare")
ENFORCE = ("strict", "on", "warn", "off")


class Settings:
    """The settings of `configure` and of the environment."""

    __slots__ = ("mode", "groups", "snapshot", "url", "environment", "allow_uninstalled", "enforce", "problems")

    def __init__(self, mode=None, groups=None, snapshot=None, url=None, environment=None, allow_uninstalled=False,
                 enforce=None):  # fmt: skip
        if mode is not None:
            check_mode(mode)
        if enforce is not None:
            check_enforce(enforce)
        self.problems: list[tuple] = []  # diagnostics: settings that are wrong
        self.mode = mode or self._mode_of_environment()
        self.enforce = enforce or self._enforce_of_environment()
        if (problem := _engine.problem()) is not None:
            self.problems.append(problem)
        self.groups = _modes_by_group(groups, self.mode)
        get = os.environ.get
        self.snapshot = os.fspath(snapshot) if snapshot is not None else get("REGISTRYD_SNAPSHOT") or None
        self.url = url or get("REGISTRYD_URL") or None
        self.environment = environment or get("REGISTRYD_ENVIRONMENT") or None
        self.allow_uninstalled = bool(allow_uninstalled)
        if is_disabled():
            self.mode, self.groups = "walk", None

    def _mode_of_environment(self) -> str:
        mode = os.environ.get("REGISTRYD_MODE")
        if not mode or mode in MODES:
            return mode or "walk-first"
        self.problems.append((False, "mode-unknown", "REGISTRYD_MODE",
                              f"The mode {mode!r} is unknown, so walk-first is used; the modes are {', '.join(MODES)}",
                              "Correct or unset the variable"))  # fmt: skip
        return "walk-first"

    def _enforce_of_environment(self) -> str:
        level = os.environ.get("REGISTRYD_ENFORCE")
        if not level or level in ENFORCE:
            return level or "on"
        self.problems.append((False, "enforce-unknown", "REGISTRYD_ENFORCE",
                              f'"{level}" is not a level of enforcement, so "on" is used. The levels are strict, on, warn or off.',
                              "Correct or unset the variable"))  # fmt: skip
        return "on"

    def mode_of(self, group: str) -> str:
        return self.mode if self.groups is None else self.groups.get(group, "walk")

    def only_mode(self) -> str | None:
        """The mode of every group when all have the same, else None."""
        return self.mode if self.groups is None else None


def check_mode(mode: str) -> None:
    if mode not in MODES:
        from .errors import BY_CODE

        raise BY_CODE["usage"](f"The mode {mode!r} is unknown. The modes are {', '.join(MODES)}.")


def check_enforce(level: str) -> None:
    if level not in ENFORCE:
        from .errors import BY_CODE

        raise BY_CODE["usage"](f'"{level}" is not a level of enforcement. The levels are strict, on, warn or off.')


def enforce_row(level: str) -> tuple | None:
    """The diagnostic about a level that does not obey every decision."""
    what = {"warn": "are only warnings", "off": "are ignored"}.get(level)
    if what is None:
        return None
    return (False, f"enforce-{level}", "REGISTRYD_ENFORCE", f"Decisions of the registry {what}: quarantined and disabled "
            "plugins are loaded", 'Set it to "on" when the emergency is over')  # fmt: skip


def is_strict() -> bool:
    """Whether an unknown environment is an exception."""
    return os.environ.get("REGISTRYD_STRICT") == "1"


def is_disabled() -> bool:
    """Whether REGISTRYD_DISABLE is set: then every answer is that of the walk, whatever the program says."""
    return os.environ.get("REGISTRYD_DISABLE", "") not in ("", "0")


def _modes_by_group(groups, mode: str) -> dict[str, str] | None:
    if groups is None:
        return None
    if isinstance(groups, str):
        return {groups: mode}
    if not hasattr(groups, "items"):
        return dict.fromkeys(groups, mode)
    for one in groups.values():
        check_mode(one)
    return dict(groups)


_settings: Settings | None = None
_rules_of = None  # group -> the decisions of the process's snapshot; set by the module that opens it
_originals: dict[int, object] = {}  # id of a finder -> its find_distributions before install()


def settings() -> Settings:
    """The settings of the process, from the environment unless the program configured some."""
    global _settings
    if _settings is None:
        _settings = Settings()
    return _settings


def use_settings(new: Settings) -> None:
    """The settings of the process from now on."""
    global _settings
    _settings = new


def provide_rules(function) -> None:
    """Sets who knows the decisions of the process's snapshot: that module lies above this one."""
    global _rules_of
    _rules_of = function


def rules_of(group: str):
    """The decisions about a group by the process's snapshot, or None."""
    return _rules_of(group) if _rules_of is not None else None


def keep_original(finder, find_distributions) -> None:
    """Remembers what install() replaced."""
    _originals[id(finder)] = find_distributions


def forget_original(finder) -> None:
    _originals.pop(id(finder), None)


def originals() -> list:
    """Every find_distributions of the process as it is without install()."""
    found = ((finder, getattr(finder, "find_distributions", None)) for finder in sys.meta_path)
    return [_originals.get(id(finder), find) for finder, find in found if find is not None]


def pip_command(package: str, version: str | None) -> str:
    """How to install what the registry has, from the registry's own index: on a public one the name may be anybody's."""
    url = (settings().url or "http://127.0.0.1:7621").rstrip("/")
    wanted = f"{package}=={version}" if version else package
    return f"pip install --no-deps --index-url {url}/simple/ '{wanted}'"
