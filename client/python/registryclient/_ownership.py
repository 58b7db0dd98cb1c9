# SPDX-License-Identifier: MIT
"""Which modules a record may load: those of its own package, or of its own directory, and no others.

A record is a text that somebody published. Its value names a module, and importing a module runs it; so a
stranger's record `os:system` must not load. The order of the checks:

1. A walked record is bound to its root: the module lies below the record's origin or below the root.
2. A package is installed, and its files hold the module: RECORD lists it; else the source of an editable
   installation (direct_url.json) has it; else top_level.txt names it; else it lies in the distribution's folder.
3. A host gave roots, and a walk of them finds an entry point of the same group in the same module there.
4. What is there may be of another version than the record, and that version may be quarantined: decisions of the
   registry hold for it, too.

Nothing of the module is imported before a check has seen where it is. Its parents are imported on the way,
but only when a check has found them to be related. `allow_uninstalled=True` leaves out 2 and 3, for source
trees. Entry points that importlib.metadata itself would load (`is_installed`) are not checked.
"""

import os
import sys
import warnings

from . import _state
from ._decisions import Rules
from ._names import split_reference

FOLDER_GROUPS = ("honeyframe.plugins",)  # whose hosts find a plugin's folder by the plugin's name, not by its module's

_warned: set[str] = set()
_loaded: dict[tuple, object] = {}  # what was checked -> the module that was loaded then


# What an answer decided: rows, (group, package) of its records, and the settings of Rules.
Answer = tuple[tuple, frozenset, tuple]


class Binding:
    """What the records of one answer may load besides their packages: the roots that a host walks."""

    __slots__ = ("roots", "convention", "allow_uninstalled", "enforce", "environment", "url", "opened", "answer",
                 "_walked", "_rules")  # fmt: skip

    def __init__(self, roots=(), convention: str | None = None, allow_uninstalled: bool | None = None):
        self.roots = tuple(roots)  # of (label or None, path)
        self.convention = convention
        self.allow_uninstalled = allow_uninstalled
        self.enforce = "on"
        self.environment = "default"
        self.url: str | None = None  # of the registry; None: it was not told
        self.opened = None  # the snapshot that the records are of, whose decisions are read when they are needed
        self.answer: Answer | None = None  # None: the decisions of the process's snapshot hold
        self._walked: dict[tuple, list] | None = None
        self._rules: dict[str, Rules] = {}

    def __reduce__(self):
        return _bind, (self.roots, self.convention, self.allow_uninstalled, self.answer)

    def learn(self, rows: list, packages: frozenset) -> None:
        """Keeps what the answer of these records decided; `packages`: (group, package) of its own records."""
        self.answer = tuple(rows), packages, (self.enforce, self.environment, True)
        self._rules = {}

    def rules(self, group: str) -> Rules | None:
        """The decisions about a group; None: none are known."""
        if self.answer is None and self.opened is not None:
            packages = ((known.name(), package) for known in self.opened.groups() for package in known.packages())
            self.learn(self.opened.decisions(None) or [], frozenset(packages))
        if self.answer is None:
            return _state.rules_of(group)
        if group not in self._rules:
            rows, packages, settings = self.answer
            self._rules[group] = Rules(group, [row for row in rows if row[0] == group],
                                       {package for name, package in packages if name == group}, False, settings)  # fmt: skip
        return self._rules[group]

    def folders(self, label: str | None) -> list[str]:
        """The roots of a label; a root without one is called like its path."""
        return [path for name, path in self.roots if label is not None and label in (name, path)]

    def walked(self, group: str, module_name: str) -> list[tuple]:
        """(label, origin, name, package, version) of each record in the roots that has a plugin of the group in the
        module."""
        if not self.roots:
            return []
        if self._walked is None:
            self._walked = self._walk()
        return self._walked.get((group, module_name), [])

    def _walk(self) -> dict[tuple, list]:
        from . import _engine_calls

        found: dict[tuple, list] = {}
        try:
            result = _engine_calls.walk(self.roots, self.convention)
        except Exception:  # a root that is not there holds nothing
            return found
        for index in range(len(result)):
            group, name, value, package, version, _, label, origin, *_ = result.record(index)
            module_name = (value or "").partition(":")[0].partition("[")[0].strip()
            found.setdefault((group, module_name), []).append((label, origin, name, package, version))
        return found


def _bind(roots, convention, allow_uninstalled, answer) -> Binding:
    made = Binding(roots, convention, allow_uninstalled)
    made.answer = answer
    return made


UNBOUND = Binding()


def import_module(entry_point, module_name: str, allow_uninstalled: bool | None):
    """Imports the module of an entry point that has a record, if it may be loaded.

    Fails with ModuleNotFoundError when the package is not installed, ImportError when the module is not one
    of its files; the message says what to do. Whatever the module itself raises comes through."""
    record = entry_point.registry
    if getattr(record.source_object, "is_installed", False):
        return __import__(module_name, fromlist=["__name__"])
    reference, module_name = module_name, _name_here(record, module_name)
    key = (record.source, record.origin, record.package, record.group, module_name, id(record.binding))
    if key not in _loaded or _loaded[key] is not sys.modules.get(module_name):
        error = refusal(entry_point, reference, allow_uninstalled)
        if error is not None:
            raise error
    try:
        found = __import__(module_name, fromlist=["__name__"])
    except ModuleNotFoundError as error:
        _explain(entry_point, module_name, error)
        raise
    if not _is_allowed(record.binding, allow_uninstalled) and len(_loaded) < 10000:
        _loaded[key] = found  # it was checked, and need not be again
    return found


def refusal(entry_point, module_name: str, allow_uninstalled: bool | None = None) -> ImportError | None:
    """The error of an entry point whose record may not load its module; None: it may."""
    record = entry_point.registry
    if record is None or getattr(record.source_object, "is_installed", False):
        return None
    folders = record.binding.folders(record.label) if record.source == "walk" else []
    is_allowed = _is_allowed(record.binding, allow_uninstalled)
    if is_allowed and not folders:
        return _refusal_of_version(entry_point, module_name)
    here = _name_here(record, module_name)
    if record.source == "walk":
        if any(_is_in(here, folder) for folder in [*_origins(record.origin), *folders]):
            return None
    reasons = []
    for dist in _distributions_of(record):
        reason = _why_not(dist, here)
        if reason is None:
            return _refusal_of_version(entry_point, module_name)
        reasons.append(reason)
    if record.source != "walk" and _walked_at(record, module_name):
        return _refusal_of_version(entry_point, module_name)
    if reasons and not _is_somewhere(module_name):
        return None  # the package lacks its module: importing it says that
    return _error(entry_point, module_name, reasons, folders)


def _walked_at(record, module_name: str) -> list[tuple]:
    """The plugins in the host's roots that the module lies in, as Binding.walked gives them."""
    here = _name_here(record, module_name)
    return [one for one in record.binding.walked(record.group, module_name)
            if any(_is_in(here, folder) for folder in [*_origins(one[1]), *record.binding.folders(one[0])])]  # fmt: skip


def _versions_here(record, module_name: str) -> list[tuple]:
    """(name, package, version) of what this machine has in place of a record: what is installed, else what lies in the
    host's roots."""
    dists = _distributions_of(record)
    if dists:
        return [(record.name, record.package, _version(dist)) for dist in dists[:1]]
    return [one[2:] for one in _walked_at(record, module_name)]


def _version(dist) -> str | None:
    try:
        return dist.version
    except Exception:  # a distribution of somebody else's kind
        return None


def withheld_here(record) -> str | None:
    """Why the code that is here may not run in the name of a record of the registry: it is of another version, which a
    decision withholds. None: it may."""
    reference = split_reference(record.value)
    if record.source == "walk" or reference is None:
        return None
    for name, package, version in _versions_here(record, reference[0]):
        rules = record.binding.rules(record.group) if version != record.version else None
        outcome = rules.decide(name, package, version, None) if rules is not None else None
        if outcome is not None and outcome.code is not None:
            return f"the version {version} that is here is withheld ({outcome.code}): {outcome.rows[0][3]}"
    return None


def _refusal_of_version(entry_point, module_name: str) -> ImportError | None:
    reason = withheld_here(entry_point.registry)
    if reason is None:
        return None
    record = entry_point.registry
    return ImportError(f"The plugin {entry_point.name!r} of {entry_point.group!r} was not loaded: the registry gives {record.package} "
                       f"{record.version}, and {reason} {_how_to_install(record)}", name=module_name)  # fmt: skip


def refusal_text(record) -> str | None:
    """Why a record of the registry may not be loaded, for a host that takes its manifest alone."""
    reference = split_reference(record.value)
    if record.source == "walk" or reference is None:
        return None
    try:
        error = refusal(record.entry_point, reference[0])
    except Exception as failed:  # while its parents were imported
        error = ImportError(f"{reference[0]}: {type(failed).__name__}: {failed}")
    if error is None and not _is_somewhere(reference[0]):
        error = _error_missing(record.entry_point, reference[0])
    return None if error is None else str(error)


def may_load(entry_point) -> bool:
    """Whether an entry point may load its module; warns once when it may not. An error while its
    parents are imported is left to loading it."""
    location = entry_point.__dict__.get("_location")
    if location is not None and getattr(location[0], "is_installed", False):
        return True
    reference = split_reference(entry_point.value)
    if reference is None or getattr(entry_point, "registry", None) is None:
        return True
    try:
        error = refusal(entry_point, reference[0])
    except Exception:
        return True
    if error is not None and str(error) not in _warned:
        _warned.add(str(error))
        warnings.warn(f"{error}. The plugin is left out.", RuntimeWarning, stacklevel=2)
    return error is None


def _is_allowed(binding: Binding, asked: bool | None) -> bool:
    if asked is None:
        asked = binding.allow_uninstalled
    return _state.settings().allow_uninstalled if asked is None else bool(asked)


def _origins(origin: str | None) -> list[str]:
    """Where the files of a walked record lie: in its own folder, or beside its metadata."""
    if not origin or not os.path.lexists(origin):
        return []
    if origin.endswith((".dist-info", ".egg-info", "EGG-INFO")):
        return [os.path.dirname(origin) or "."]
    return [origin]


def _distributions_of(record) -> list:
    """The distributions that may hold the record's module: the one it was found in, and the installed ones
    of its package."""
    from ._distributions import installed_distributions, walked_distribution

    own = walked_distribution(record)
    found = installed_distributions(record.package) if record.package else []
    return [own, *found] if own is not None else found


# ---- where a module is ----


def _paths_of_spec(spec) -> list[str]:
    """The file of a module, or the folders of a namespace package; nothing for what is built in."""
    if spec is None:
        return []
    if spec.has_location and spec.origin:
        return [spec.origin]
    return list(spec.submodule_search_locations or ())


def _paths(module_name: str) -> list[str]:
    """Where the module comes from: where it was loaded from, or would be. Imports its parents."""
    module = sys.modules.get(module_name)
    if module is None:
        from importlib.util import find_spec

        return _paths_of_spec(find_spec(module_name))
    found = _paths_of_spec(getattr(module, "__spec__", None))
    path = getattr(module, "__file__", None)
    return found or ([path] if isinstance(path, str) and module_name not in sys.builtin_module_names else [])


def _is_somewhere(module_name: str) -> bool:
    """Whether its outermost package is imported, or could be."""
    top = module_name.partition(".")[0]
    return top in sys.modules or top in sys.builtin_module_names or bool(_top_paths(module_name))


def _top_paths(module_name: str) -> list[str]:
    """Where its outermost package comes from. Imports nothing."""
    try:
        return _paths(module_name.partition(".")[0])
    except (ImportError, ValueError, AttributeError):
        return []


def _is_below(path: str, folder: str) -> bool:
    """Whether a path is the folder, or lies in it: as it is written, or when links are followed."""
    for resolve in (os.path.abspath, os.path.realpath):
        inner, outer = resolve(path), resolve(folder).rstrip(os.sep)
        if inner == outer or inner.startswith(outer + os.sep):
            return True
    return False


def _is_in(module_name: str, folder: str) -> bool:
    """Whether the module lies below the folder. Nothing is imported unless its outermost package lies
    below it too, or around it."""
    if module_name.partition(".")[0] in sys.builtin_module_names:
        return False
    tops = [os.path.dirname(path) if os.path.basename(path).startswith("__init__.") else path
            for path in _top_paths(module_name)]  # fmt: skip
    if not any(_is_below(top, folder) or _is_below(folder, top) for top in tops):
        return False
    return any(_is_below(path, folder) for path in _paths(module_name))


def folder_of(record) -> str | None:
    """The folder with the files of a plugin: that of its module; of a walked one, where it was found. None when it is
    not on this machine. Imports nothing."""
    origin = record.origin
    if record.source == "walk" and origin and not origin.endswith((".dist-info", ".egg-info", "EGG-INFO")):
        return origin if os.path.isdir(origin) else os.path.dirname(origin)
    reference = split_reference(record.value)
    if reference is None:
        return None
    found = _module_folder(_name_here(record, reference[0]))
    walked = record.binding.walked(record.group, reference[0]) if found is None else []
    return next((one[1] for one in sorted(walked, key=lambda one: one[2] != record.name) if one[1]), found)


def _name_here(record, module_name: str) -> str:
    """The name that the module has on this machine: with hyphens, where it stands for the folder that the plugin is
    called like. "plugins.my-crm" of "plugins.my_crm" and "my-crm"; Python imports it, and no value can say it."""
    above, _, last = module_name.rpartition(".")
    is_spelt_so = len(last) == len(record.name) and all(a == b or a + b == "_-" for a, b in zip(last, record.name))
    if record.group not in FOLDER_GROUPS or last == record.name or not is_spelt_so:
        return module_name
    hyphenated = f"{above}.{record.name}" if above else record.name
    known = [listed for dist in _distributions_of(record) if (listed := _listed_files(dist)) is not None]
    for name in (hyphenated, module_name):
        if any(_listed_as(listed, name) for listed in known):
            return name
    return hyphenated if _module_folder(hyphenated) is not None else module_name


def _module_folder(module_name: str) -> str | None:
    """The folder that holds a module, or that the package is."""
    parts = module_name.split(".")
    for path in _top_paths(module_name):
        if os.path.isfile(path):
            path = os.path.dirname(path) if os.path.basename(path).startswith("__init__.") else path.rpartition(".")[0]
        path = os.path.join(path, *parts[1:])
        if os.path.isdir(path):
            return path
        if any(os.path.isfile(path + suffix) for suffix in _suffixes()):
            return os.path.dirname(path)
    return None


def label_of(record) -> str | None:
    """The label of the root that a plugin was found in, or that its files are below; None: of no root."""
    if record.label is not None:
        return record.label
    folder = folder_of(record)
    roots = record.binding.roots if folder is not None else ()
    return next((label or path for label, path in roots if _is_below(folder, path)), None)


# ---- what a distribution holds ----


def _why_not(dist, module_name: str) -> str | None:
    """None when the files of an installed distribution hold the module; else the reason, a clause."""
    listed = _listed_files(dist)
    candidates = _listed_as(listed, module_name) if listed is not None else []
    if candidates:
        return _why_elsewhere(dist, module_name, candidates)
    source = _editable_source(dist)
    if source is not None:
        return None if _is_in_source(module_name, source) else f"is not in its source folder {source}"
    if listed is not None:
        return "is not one of the files in its RECORD"
    names = _read(dist, "top_level.txt")
    top = module_name.partition(".")[0]
    if names is not None and top not in names.split():
        return "is not named in its top_level.txt"
    location = _locate(dist, "")
    if location is None:
        return "cannot be found in it, because the distribution does not say where its files are"
    if top in sys.stdlib_module_names or not _is_in(module_name, location):
        return f"does not lie in its folder {location}"
    return None


def _read(dist, name: str) -> str | None:
    try:
        return dist.read_text(name)
    except Exception:  # unreadable, or a distribution of somebody else's kind: as if it were not there
        return None


def _locate(dist, path: str) -> str | None:
    try:
        return str(dist.locate_file(path))
    except Exception:  # a distribution may have no files
        return None


def _listed_files(dist) -> set[str] | None:
    """The paths in RECORD; None when there is no RECORD."""
    text = _read(dist, "RECORD")
    if not text or not text.strip():
        return None
    if '"' in text:
        import csv

        rows = (row[0] for row in csv.reader(text.splitlines()) if row)
    else:
        rows = (line.partition(",")[0] for line in text.splitlines())
    return {path.replace("\\", "/") for path in rows}


def _suffixes() -> list[str]:
    from importlib.machinery import all_suffixes

    return all_suffixes()


def _candidates(module_name: str) -> list[str]:
    """The files that can be a module, relative to the folder of its distribution."""
    stem = module_name.replace(".", "/")
    return [f"{base}{suffix}" for base in (stem, f"{stem}/__init__") for suffix in _suffixes()]


def _listed_as(listed: set[str], module_name: str) -> list[str]:
    """What of the paths in RECORD can be the module: its files, else the folder of a namespace package."""
    folder = module_name.replace(".", "/")
    found = [path for path in _candidates(module_name) if path in listed]
    return found or ([folder] if any(path.startswith(f"{folder}/") for path in listed) else [])


def _stem(path: str) -> str:
    """A file without what only says how it is stored: foo.py, foo.pyc and foo.abi3.so are one module."""
    folder, name = os.path.split(os.path.realpath(path))
    return os.path.join(folder, name.partition(".")[0])


def _why_elsewhere(dist, module_name: str, candidates: list[str]) -> str | None:
    """None when the module is loaded from the listed files; else from where."""
    wanted = {_stem(path) for path in (_locate(dist, candidate) for candidate in candidates) if path}
    found = _paths(module_name)
    if any(_stem(path) in wanted for path in found):
        return None
    if not found:
        return "is listed in its RECORD, but it is built into Python, or its file is missing"
    return f"is listed in its RECORD, but Python takes it from {found[0]}"


def _editable_source(dist) -> str | None:
    """The folder of the project that an editable installation stands for (PEP 610)."""
    text = _read(dist, "direct_url.json")
    if text is None:
        return None
    from json import loads
    from urllib.parse import unquote, urlsplit

    try:
        document = loads(text)
        url = urlsplit(document["url"])
        is_editable = document["dir_info"]["editable"] is True
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    is_local = url.scheme == "file" and url.netloc in ("", "localhost") and len(unquote(url.path)) > 1
    return unquote(url.path) if is_editable and is_local else None


def _is_in_source(module_name: str, source: str) -> bool:
    """Whether a module is one of a project's own: not of Python, nor of an environment in its folder."""
    if module_name.partition(".")[0] in sys.stdlib_module_names or not _is_in(module_name, source):
        return False
    root = os.path.realpath(source)
    inner = [os.path.realpath(path)[len(root) :].split(os.sep) for path in _paths(module_name)]
    return not any({"site-packages", "dist-packages"} & set(parts) for parts in inner)


# ---- what to say ----


def _explain(entry_point, module_name: str, error: ModuleNotFoundError) -> None:
    """Raises a better error when the missing module is the plugin's own and its package is not installed."""
    record = entry_point.registry
    missing = error.name or ""
    is_own = missing and (module_name == missing or module_name.startswith(missing + "."))
    if is_own and record.source != "walk" and record.package and not _distributions_of(record):
        raise _error_missing(entry_point, module_name) from error


def _error(entry_point, module_name: str, reasons: list[str], folders: list[str]) -> ImportError:
    record = entry_point.registry
    plugin = f"The plugin {entry_point.name!r} of {entry_point.group!r}"
    package = " ".join(filter(None, (record.package, record.version)))
    if reasons:
        return ImportError(
            f"{plugin} was not loaded: the module {module_name!r} {reasons[0]} (package {package}). "
            f"Reinstall the package, or correct its entry point. To reinstall: "
            + _state.pip_command(record.package, record.version), name=module_name)  # fmt: skip
    if folders or (record.source == "walk" and _origins(record.origin)):
        where = ", ".join(folders or _origins(record.origin))
        return ImportError(f"{plugin} was not loaded: the module {module_name!r} does not lie below {where}. "
                           "Move the module there, or correct the entry point.", name=module_name)  # fmt: skip
    if not record.package:
        return ImportError(f"{plugin} was not loaded: its record names no package, so nothing says which files "
                           "belong to it. Publish it again with its package.", name=module_name)  # fmt: skip
    if not _is_somewhere(module_name):
        return _error_missing(entry_point, module_name)
    return ModuleNotFoundError(
        f"{plugin} was not loaded: its package {package} is not installed here, so the module {module_name!r} "
        f"does not belong to it. {_how_to_install(record)}. To load it from a source tree, pass allow_uninstalled=True",
        name=module_name,
    )  # fmt: skip


def _how_to_install(record) -> str:
    return f"To install it: {_state.pip_command(record.package, record.version)}"


def _error_missing(entry_point, module_name: str) -> ModuleNotFoundError:
    record = entry_point.registry
    package = " ".join(filter(None, (record.package, record.version)))
    return ModuleNotFoundError(
        f"No module named {module_name!r}. The plugin {entry_point.name!r} of {entry_point.group!r} is in {package}, "
        f"which is resolved but not installed here. {_how_to_install(record)}", name=module_name,
    )  # fmt: skip
