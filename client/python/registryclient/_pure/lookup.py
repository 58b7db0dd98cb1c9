# SPDX-License-Identifier: MIT
"""The look-up path in Python: the functions of the extension module `_native`. It imports no network library."""

from .._generated import STATUSES, VERSION
from .entry_points_txt import parse_entry_points
from .snapshot_cache import locate, open_selected, select
from .snapshot_file import Group, Snapshot
from .version import version_meets

__all__ = ["VERSION", "Group", "Snapshot", "open_snapshot", "parse_entry_points", "snapshot_path", "statuses", "version_meets"]


def _selector(path, url, environment, python, markers, cache_dir):
    parts = [("python", python)]
    for marker in tuple(markers):
        if not isinstance(marker, tuple):
            raise TypeError("A marker is (name, value)")
        name, value = marker
        parts.append(("marker", f"{name}={value}"))
    return select(path, url, environment, parts, cache_dir)


def open_snapshot(path, url, environment, python, markers, cache_dir, /) -> Snapshot:
    """Opens the snapshot at a path; if the path is None, the last-known-good one."""
    selector = _selector(path, url, environment, python, markers, cache_dir)
    return open_selected(selector, locate(selector))


def snapshot_path(path, url, environment, python, markers, cache_dir, /) -> str:
    """Which file open_snapshot would open."""
    return locate(_selector(path, url, environment, python, markers, cache_dir)).path


def statuses() -> list[tuple[str, int, int, str]]:
    """Every outcome: name, HTTP status, exit code, sentence; in their order."""
    return list(STATUSES)
