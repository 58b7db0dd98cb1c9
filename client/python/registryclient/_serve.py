# SPDX-License-Identifier: MIT
"""The distributions that the hook of install() returns to importlib.metadata: of that module's own classes,
each with the entry points that the mode gives it.

Distributions on disk are not changed (PathDistribution, METADATA, RECORD, files); only their entry points
are read so that a broken one costs itself alone. A package that only the registry has becomes a
distribution made from its record.
"""

import pathlib
import threading
from contextlib import contextmanager

from . import _lookup, _merge, _walk
from ._distributions import entry_points_text, metadata_text, path_of
from ._entry_points import RECORD_OF, load, no_reference
from ._names import normalize, split_reference
from ._ownership import may_load


BY_PACKAGE = ("by package",)  # a key among answers by group that no group can be


def serve(module, original, context) -> list:
    """The distributions for a context."""
    state = _lookup.state()
    types = _types(module)
    if context.name is not None:
        return _metadata_first(list(original(context))) or _known_by_name(types, state, context)
    if "path" in vars(context):  # these directories and no others
        return [types.walked(state, found) for found in _listed(state, _walk.find_all(list(context.path)))]
    mode = state.settings.only_mode()
    if mode == "walk":
        _merge.tell_not_asked(state, None)
        return [types.walked(state, found) for found in _listed(state, _walk.find_all()) if not found.is_foreign]
    if mode == "registry" and (known := state.whole_registry()) is not None:
        return _cached(state.ready, (module.__name__, known), lambda: _of_registry(types, original, known))
    answer = _merge.answer_all(state)
    return _cached(state.walked.merged, (module.__name__, answer), lambda: _merged(types, state, answer))


def _cached(answers: dict, made_of: tuple, make) -> list:
    """What was served before, while the answers that it was made from are valid."""
    key = ("served", made_of[0], id(made_of[1]))
    if key not in answers:
        answers[key] = make()
    return answers[key]


def _metadata_first(found: list) -> list:
    """Of several of one name, those that have METADATA first: a directory left over hides none."""
    if len(found) > 1:
        found.sort(key=lambda one: one.read_text("METADATA") is None and one.read_text("PKG-INFO") is None)
    return found


def _known_by_name(types, state, context) -> list:
    """In the mode registry, the package of that name, when it is not on disk."""
    if "path" in vars(context) or state.settings.only_mode() != "registry":
        return []
    known = state.whole_registry()
    if known is None:
        return []
    packages = state.ready.get(BY_PACKAGE)
    if packages is None:
        packages = state.ready[BY_PACKAGE] = _by_package(known)
    key = normalize(context.name)
    return [types.known(key, packages[key], None)] if key in packages else []


def _listed(state, found: list) -> list:
    """All but directories left by an uninstallation: they would hide a distribution, and from Python 3.15 on
    asking for their metadata fails. One that still has entry points stays."""
    _walk.choose(found)  # it tells apart what METADATA names differently
    return [one for one in found if not _is_leftover(state, one)]


def _is_leftover(state, one) -> bool:
    """Whether an uninstallation left it; a diagnostic names it."""
    if one.is_there() or one.has_entry_points():
        return False
    state.tell(_walk.leftover_row(one))
    return True


def _package_of(entry_point) -> str:
    record = entry_point.registry
    return normalize(record.package or f"registry-{record.name}")


def _by_package(entry_points) -> dict[str, list]:
    found: dict[str, list] = {}
    for entry_point in entry_points:
        found.setdefault(_package_of(entry_point), []).append(entry_point)
    return found


def _of_registry(types, original, entry_points) -> list:
    """One distribution for each package of the registry; nothing is walked."""
    return [types.known(key, found, original) for key, found in _by_package(entry_points).items()]


def _merged(types, state, answer) -> list:
    """Every distribution on disk, and those that only the registry has; each with its share of the
    merged answer. Where the registry leads for every group, its packages come first."""
    walk = _merge.walked(state)
    on_disk = {one.key: one for one in walk.distributions if not one.is_foreign and not _is_leftover(state, one)}
    shares: dict[str, list] = {}
    for entry_point in answer:
        walked = _merge.found_in(entry_point)
        if walked is None and "dist" in vars(entry_point):
            continue  # of a finder of another kind, which is asked besides
        shares.setdefault(_package_of(entry_point) if walked is None else walked.key, []).append(entry_point)
    made = {key: types.walked(state, one, shares.get(key, ())) for key, one in on_disk.items()
            if key not in shares or one.is_readable()}  # fmt: skip
    on_disk = {key: one for key, one in on_disk.items() if key in made}
    extra = {key: types.known(key, found, None) for key, found in shares.items() if key not in on_disk}
    if state.settings.only_mode() == "registry-first":
        order = [*shares, *(key for key in on_disk if key not in shares)]
    else:
        order = [*on_disk, *extra]
    return [made.get(key) or extra[key] for key in order]


_made: dict[str, object] = {}


def _types(module):
    """The classes for importlib.metadata, or for its back-port."""
    types = _made.get(module.__name__)
    if types is None or types.module is not module:
        types = _made[module.__name__] = _Types(module)
    return types


class _Types:
    """Classes that derive from those of one module."""

    def __init__(self, module):
        self.module = module
        self.entry_point = _entry_point_type(module)
        self.walked = _walked_type(module, self)
        self.known = _known_type(module, self)

    def entry_points(self, dist, entry_points):
        """Entry points of ours as those of the module. Those that the module refuses are left out."""
        made = []
        for ours in entry_points:
            try:
                one = self.entry_point(ours.name, ours.value, ours.group)
                if split_reference(ours.value) is None:
                    raise no_reference(ours)
            except (ValueError, AttributeError) as error:
                _lookup.state().tell((False, "entry-point-value-invalid", None, f"{error}. It is left out", None))
                continue
            vars(one).update(dist=dist, _location=ours.__dict__.get("_location"))
            made.append(one)
        return self.module.EntryPoints(made)


def _entry_point_type(module):
    class EntryPoint(module.EntryPoint):
        """An entry point with its record, `registry`."""

        registry = RECORD_OF

        def load(self, *, allow_uninstalled=None):
            return load(self, allow_uninstalled)

        def __reduce__(self):
            record = self.registry
            if record is None or record.source == "walk":
                return module.EntryPoint, (self.name, self.value, self.group)
            return _restore, (module.__name__, self.name, self.value, self.group, record)

    EntryPoint.__module__ = module.__name__
    EntryPoint.__qualname__ = "EntryPoint"
    return EntryPoint


def _restore(module_name: str, name: str, value: str, group: str, record):
    """An entry point from a pickle; it still loads only what belongs to its record."""
    from importlib import import_module

    made = _types(import_module(module_name)).entry_point(name, value, group)
    vars(made)["registry"] = record
    return made


_choosy = threading.local()


@contextmanager
def leaving_out(is_wanted):
    """While it lasts, distributions do not list the entry points that are wanted and may not be loaded."""
    before = getattr(_choosy, "is_wanted", None)
    _choosy.is_wanted = is_wanted
    try:
        yield
    finally:
        _choosy.is_wanted = before


def _loadable(module, entry_points):
    """The entry points without those that a caller of leaving_out is spared."""
    is_wanted = getattr(_choosy, "is_wanted", None)
    if is_wanted is None:
        return entry_points
    return module.EntryPoints(one for one in entry_points if not is_wanted(one) or may_load(one))


def _walked_type(module, types):
    class WalkedDistribution(module.PathDistribution):
        """A distribution on disk whose faults are its own."""

        def __init__(self, state, found, share=None):
            self._state = state
            self._found = found
            self._share = share  # of the merged answer; None: its own entry points
            self._made = None

        @property
        def _path(self):
            path = self.__dict__["_path"] = path_of(self._found.origin)
            return path

        @_path.setter
        def _path(self, path):
            self.__dict__["_path"] = path

        @property
        def _normalized_name(self):
            return self._found.key or super()._normalized_name

        @property
        def entry_points(self):
            if self._made is None:
                share = self._own() if self._share is None else self._share
                self._made = types.entry_points(self, share)
            return _loadable(module, self._made)

        def _own(self):
            found = self._found
            found.read_once()
            for row in found.rows:
                self._state.tell(row)
            return _merge.entry_points_of(found)

        def read_text(self, filename):
            name = str(filename)
            if name == "METADATA" and not self._found.is_there():
                return self._made_metadata()
            if name != "entry_points.txt":
                return super().read_text(filename)
            self._found.read_once()
            return self._found.text()

        def _made_metadata(self):
            """Of one that has entry points and no METADATA: from Python 3.15 on, asking for it would fail."""
            package, version = self._found.name_and_version()
            return f"Metadata-Version: 2.1\nName: {package}\n" + (f"Version: {version}\n" if version else "")

        def __reduce__(self):
            return module.PathDistribution, (pathlib.Path(self._found.origin),)

    return WalkedDistribution


def _known_type(module, types):
    class KnownDistribution(module.Distribution):
        """A package that the registry has: installed here or not, its entry points are the registry's."""

        def __init__(self, key, entry_points, original):
            self._key = key
            self._share = entry_points
            self._original = original  # finds what is installed; None: it is not
            self._made = None
            self._installed = None

        def _on_disk(self):
            """The installed distribution of that name, or None."""
            if self._installed is None and self._original is not None:
                context = module.DistributionFinder.Context(name=self._key)
                self._installed = next(iter(_metadata_first(list(self._original(context)))), None)
                self._original = None
            return self._installed

        @property
        def _normalized_name(self):
            return self._key

        @property
        def entry_points(self):
            if self._made is None:
                self._made = types.entry_points(self, self._share)
            return _loadable(module, self._made)

        def read_text(self, filename):
            name = str(filename)
            on_disk = None if name == "entry_points.txt" else self._on_disk()
            text = on_disk.read_text(filename) if on_disk is not None else None
            return self._made_text(name) if text is None else text

        def _made_text(self, name):
            """The text made from the registry's record, where there is no file."""
            if name == "METADATA":
                return metadata_text(self._share[0].registry, self._key)
            return entry_points_text(self._share) if name == "entry_points.txt" else None

        def locate_file(self, path):
            on_disk = self._on_disk()
            if on_disk is not None:
                return on_disk.locate_file(path)
            return pathlib.Path(f"{self._key}.dist-info").parent / path

    return KnownDistribution
