# SPDX-License-Identifier: MIT
"""Serves stevedore from the registry's client: `registryclient.stevedore.install()`, and every manager of
this process finds its extensions by registryclient.entry_points(), in the mode that is set.

The managers are stevedore's own and behave as usual; docs/PYTHON.md lists the differences. Three
functions are replaced where the managers look them up, in the module `stevedore._cache`, and the managers'
list_entry_points()."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import registryclient
from registryclient import EntryPoint
from registryclient._ownership import may_load

__all__ = ["install", "installed", "uninstall"]

_lock = threading.Lock()
_originals: dict[str, Callable[..., Any]] = {}


def install(mode: str | None = None, groups: Iterable[str] | Mapping[str, str] | None = None, **settings: Any) -> None:
    """Replaces stevedore's look-ups. With arguments, registryclient.configure() gets them first. May be
    called again. ModuleNotFoundError when stevedore is not installed."""
    import stevedore._cache as cache
    from stevedore.extension import ExtensionManager

    if mode is not None or groups is not None or settings:
        registryclient.configure(mode=mode, groups=groups, **settings)
    with _lock:
        for name, function in _REPLACEMENTS.items():
            _originals.setdefault(name, getattr(cache, name))
            setattr(cache, name, function)
        _originals.setdefault("list_entry_points", ExtensionManager.list_entry_points)
        ExtensionManager.list_entry_points = _list_entry_points
    _forget_namespaces()


def uninstall() -> None:
    """Undoes install(). Managers that exist keep their extensions."""
    if not _originals:
        return
    import stevedore._cache as cache
    from stevedore.extension import ExtensionManager

    with _lock:
        ExtensionManager.list_entry_points = _originals.pop("list_entry_points")
        for name in list(_originals):
            setattr(cache, name, _originals.pop(name))
    _forget_namespaces()


def installed() -> bool:
    """Whether install() is active."""
    return bool(_originals)


def _forget_namespaces() -> None:
    """Empties the managers' cache of namespaces, which was filled by the other source."""
    from stevedore.extension import ExtensionManager

    ExtensionManager.ENTRY_POINT_CACHE.clear()


def _group_all(group: str, path: Sequence[str] | None = None) -> list[EntryPoint]:
    """Every entry point of a group, each (name, value) once, in the order of entry_points(). Another path
    than sys.path is about these directories, and is answered by stevedore."""
    if path is not None:
        return _originals["get_group_all"](group, path)
    found: dict[tuple[str, str], EntryPoint] = {}
    try:
        for one in registryclient.entry_points(group=group):
            found.setdefault((one.name, one.value), one)
    except Exception as error:  # the program continues as without this module
        if getattr(error, "is_final", False):
            raise
        warnings.warn(f"registryclient does not answer for {group}, stevedore looks itself: {error!r}", stacklevel=2)
        return _originals["get_group_all"](group)
    return list(found.values())


def _group_named(group: str, path: Sequence[str] | None = None) -> dict[str, EntryPoint]:
    """The first of each name."""
    named: dict[str, EntryPoint] = {}
    for one in _group_all(group, path):
        named.setdefault(one.name, one)
    return named


def _single(group: str, name: str, path: Sequence[str] | None = None) -> EntryPoint:
    """The first of this name. stevedore's own takes the first of the group, whatever its name."""
    try:
        return _group_named(group, path)[name]
    except KeyError:
        raise ValueError(f"No entrypoint {name!r} in group {group!r}") from None


def _list_entry_points(manager: Any) -> list[EntryPoint]:
    """The manager's entry points, without those that may not be loaded: they cost a warning, and not what
    the manager does with a failure. A manager of one driver keeps it, so that its error says what to do."""
    from stevedore.driver import DriverManager

    found = _originals["list_entry_points"](manager)
    if isinstance(manager, DriverManager):
        return found
    names = getattr(manager, "_names", None)
    return [one for one in found if (names is not None and one.name not in names) or may_load(one)]


_REPLACEMENTS: dict[str, Callable[..., Any]] = {
    "get_group_all": _group_all,
    "get_group_named": _group_named,
    "get_single": _single,
}
