# SPDX-License-Identifier: MIT
"""Distributions for entry points, and importlib.metadata's functions by their names. This is the one
module of the look-up path that imports importlib.metadata, and it is imported when a distribution is asked
for.
"""

import importlib.metadata as standard
import pathlib
from importlib.metadata import (  # noqa: F401  (these are ours to offer)
    PackageNotFoundError, distribution, distributions, files, metadata, packages_distributions, requires,
    version,
)  # fmt: skip

from . import _state
from ._names import entry_line, normalize, section_line


def metadata_text(record, name: str | None = None) -> str:
    """The core metadata of a record, for a package that is not installed. `name`: for a record
    without a package."""
    lines = ["Metadata-Version: 2.1", f"Name: {record.package or name}", f"Version: {record.version or '0'}"]
    return "\n".join(lines) + "\n"


class RegistryDistribution(standard.Distribution):
    """A package that the registry has and that is not installed here: name, version, entry points."""

    def __init__(self, record, entry_points=()):
        self._record = record
        self._entry_points = entry_points

    def _folder(self) -> str:
        return f"{normalize(self._record.package)}-{self._record.version or '0'}.dist-info"

    def read_text(self, filename):
        name = str(filename)
        if name == "METADATA":
            return metadata_text(self._record)
        if name == "entry_points.txt":
            return entry_points_text(self._entry_points)
        if name == "RECORD":
            return "".join(f"{self._folder()}/{one},,\n" for one in ("METADATA", "entry_points.txt", "RECORD"))
        return None

    def locate_file(self, path):
        return pathlib.Path(self._folder()).parent / path

    @property
    def entry_points(self):
        """Ours, which load only what belongs to their package."""
        return self._entry_points

    @property
    def _normalized_name(self):
        return normalize(self._record.package)


def entry_points_text(entry_points) -> str:
    """entry_points.txt of entry points of one distribution. A name that would read as something else there
    is left out, and so is its group."""
    by_group: dict[str, list[str]] = {}
    for entry_point in entry_points:
        section, line = section_line(entry_point.group), entry_line(entry_point.name, entry_point.value)
        if section and line:
            by_group.setdefault(section, []).append(f"{line}\n")
    return "\n".join(f"{section}\n{''.join(lines)}" for section, lines in by_group.items())


def installed_distributions(name: str) -> list:
    """The installed distributions of that name whose metadata can be read, the one that counts first. What
    install() makes up from the registry does not count."""
    context = standard.DistributionFinder.Context(name=name)
    found = []
    for find in _state.originals():
        try:
            found.extend(dist for dist in find(context) if _has_metadata(dist))
        except Exception:  # a finder of somebody else's; or no name
            continue
    return found


def installed_distribution(name: str):
    """The installed distribution of that name, if its metadata can be read, or None."""
    return next(iter(installed_distributions(name)), None)


def _has_metadata(dist) -> bool:
    try:
        return bool(dist.read_text("METADATA") or dist.read_text("PKG-INFO") or dist.read_text(""))
    except ValueError:  # it is not UTF-8, but it is there
        return True


def dist_of(entry_point, entry_points):
    """The distribution of an entry point of ours, or None: the one on disk that it was found in, the
    installed one of its package, else one made of what the registry says, with these entry points."""
    record = entry_point.registry
    if record is None:
        return None
    walked = walked_distribution(record)
    if walked is not None:
        return walked
    if record.package is None:
        return None
    return installed_distribution(record.package) or RegistryDistribution(record, entry_points)


def walked_distribution(record):
    """The distribution on disk that a record was found in, or None."""
    # of an editable install the record's origin is the project's folder; what was found knows its own
    found = getattr(record.source_object, "origin", None) or record.origin
    if record.source == "walk" and found and found.endswith((".dist-info", ".egg-info", "EGG-INFO")):
        path = path_of(found)
        if path.exists():  # the walk of a snapshot was perhaps one of another machine
            return standard.PathDistribution(path)
    return None


def path_of(origin: str):
    """The directory, or the member of a zip file on the path, as importlib.metadata wants it."""
    path = pathlib.Path(origin)
    if not path.exists() and path.parent.is_file():
        import zipfile

        return zipfile.Path(str(path.parent), f"{path.name}/")
    return path
