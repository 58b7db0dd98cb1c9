# SPDX-License-Identifier: MIT
"""registryclient: find plugins, by entry points, in a team's registry and in directories.

    from registryclient import entry_points

    for entry_point in entry_points(group="honeyframe.plugins"):
        plugin = entry_point.load()

`entry_points` is what importlib.metadata's is, and answers from a snapshot of the registry, from the
installed distributions, or both, as the mode says (`configure`, REGISTRYD_MODE). `install` gives the same
answers to programs without a change. `Registry` sends queries to a registry and reads plugin directories.

Importing this package imports no module that the interpreter has not already loaded. Everything else is
imported when it is first used. docs/PYTHON.md describes the package.
"""

from . import _entry_points
from ._engine import VERSION as __version__
from ._entry_points import EntryPoint, EntryPoints
from ._lookup import configure, diagnostics, entry_points, settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.metadata import PackageNotFoundError

    from ._distributions import (
        distribution, distributions, files, metadata, packages_distributions, requires, version,
    )  # fmt: skip
    from ._decisions import Decision
    from ._install import install, installed, uninstall
    from ._contributing import contributions
    from ._find_here import find
    from ._contributions import Contributions
    from ._sending import Change, Excluded, Explanation, Packages, Published
    from .errors import RegistryError
    from ._findings import Finding
    from ._listing import Listed
    from .records import Discovery, Parity, Record, Records
    from .registry import Failure, Plugin, Registry, Watcher

# Name -> the module that has it, imported when the name is first used.
_LATER = {
    "RegistryError": "errors",
    "Finding": "_findings", "Discovery": "records", "Parity": "records", "Record": "records", "Records": "records",
    "Decision": "_decisions", "Change": "_sending", "Excluded": "_sending", "Explanation": "_sending", "Packages": "_sending",
    "Published": "_sending",
    "Listed": "_listing",
    "Contributions": "_contributions", "contributions": "_contributing", "find": "_find_here",
    "Failure": "registry", "Plugin": "registry", "Registry": "registry", "Watcher": "registry",
    "install": "_install", "installed": "_install", "uninstall": "_install",
    "PackageNotFoundError": "_distributions",
    "distribution": "_distributions", "distributions": "_distributions", "files": "_distributions",
    "metadata": "_distributions", "packages_distributions": "_distributions",
    "requires": "_distributions", "version": "_distributions",
}  # fmt: skip

__all__ = [
    "Change", "Contributions", "Decision", "Discovery", "EntryPoint", "EntryPoints", "Excluded", "Explanation", "Failure", "Finding",
    "Listed", "PackageNotFoundError", "Packages", "Parity", "Plugin", "Published", "Record", "Records",
    "Registry", "RegistryError", "Watcher", "__version__", "configure", "contributions",
    "diagnostics", "distribution", "distributions", "entry_points", "files", "find", "install", "installed",
    "metadata", "packages_distributions", "requires", "settings", "uninstall", "version",
]  # fmt: skip


def _make_record(source, index):
    from .records import Record

    return Record(source, index)


_entry_points.make_record = _make_record


def __getattr__(name: str):
    module = _LATER.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(__import__(f"{__name__}.{module}", fromlist=[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
