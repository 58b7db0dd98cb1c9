# SPDX-License-Identifier: MIT
"""EntryPoint and EntryPoints: what importlib.metadata's are from Python 3.12 on, without importing it.

An entry point that came from a source knows its record (`registry`) and finds its distribution (`dist`)
when it is asked for. Objects are immutable, so look-ups share them between threads.
"""


def make_record(source, index):
    """The record of an entry point. The package sets this (__init__.py): a record makes its entry point, so
    its module lies above this one."""
    raise NotImplementedError


class Answers(dict):
    """Answers by group. A program may ask for any number of groups, also of such that are nowhere: when there are too
    many, all go, and those that are asked for again are made again. Other threads may empty it between two calls."""

    MOST = 4096

    def __setitem__(self, key, value):
        if len(self) >= self.MOST:
            self.clear()
        dict.__setitem__(self, key, value)


class _Pattern:
    """The compiled pattern of object references, made when it is first used."""

    def __get__(self, entry_point, owner):
        from ._names import reference_pattern

        EntryPoint.pattern = reference_pattern()
        return EntryPoint.pattern


class _Dist:
    """None on the class; the distribution of an entry point, found once."""

    def __get__(self, entry_point, owner):
        if entry_point is None:
            return None
        from ._distributions import dist_of

        found = dist_of(entry_point, EntryPoints((entry_point,)))
        entry_point.__dict__["dist"] = found
        return found


class _RegistryRecord:
    """None on the class; the record of an entry point, made once."""

    def __get__(self, entry_point, owner):
        location = entry_point.__dict__.get("_location") if entry_point is not None else None
        if location is None:
            return None
        record = entry_point.__dict__["registry"] = make_record(*location)
        return record


RECORD_OF = _RegistryRecord()


class EntryPoint:
    """An entry point: `name`, `value` (an object reference `module:attr [extras]`) and `group`.

    `registry` is the record it came from (package, version, manifest, settings, warnings), or None;
    `dist` its distribution, or None.
    """

    name: str
    value: str
    group: str

    pattern = _Pattern()
    dist = _Dist()
    registry = RECORD_OF

    def __init__(self, name: str, value: str, group: str) -> None:
        self.__dict__.update(name=name, value=value, group=group)

    def load(self, *, allow_uninstalled: bool | None = None):
        """Imports the module and returns the object that the value names. An entry point from a registry
        loads only a module of its installed package, unless `allow_uninstalled` is true (None: as
        configured)."""
        return load(self, allow_uninstalled)

    def _reference(self) -> tuple[str, str | None, str | None]:
        reference = split_reference(self.value)
        if reference is None:
            raise no_reference(self)
        return reference

    @property
    def module(self) -> str:
        return self._reference()[0]

    @property
    def attr(self) -> str | None:
        return self._reference()[1]

    @property
    def extras(self) -> list[str]:
        import re

        return re.findall(r"\w+", self._reference()[2] or "")

    def _for(self, dist):
        self.__dict__.update(dist=dist)
        return self

    def matches(self, **params) -> bool:
        """Whether each attribute named has the value given."""
        if "dist" in params:
            raise ValueError('"dist" cannot be selected by. Use group, name, value, module, attr or extras.')
        return all(self._has(key, value) for key, value in params.items())

    def _has(self, key: str, value) -> bool:
        if key in ("module", "attr", "extras") and split_reference(self.value) is None:
            return False  # one broken value must not end the selection
        return value == getattr(self, key)

    def _key(self) -> tuple:
        return self.name, self.value, self.group

    def __lt__(self, other):
        return self._key() < other._key() if hasattr(other, "_key") else NotImplemented

    def __eq__(self, other):
        return self._key() == other._key() if hasattr(other, "_key") else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __setattr__(self, name, value):
        raise AttributeError("EntryPoint objects are immutable.")

    def __delattr__(self, name):
        raise AttributeError("EntryPoint objects are immutable.")

    def __getstate__(self) -> dict:
        state = dict(self.__dict__)
        if state.pop("_location", None) is not None:
            state["registry"] = self.registry
            state.pop("dist", None)  # found again there, if it is there
        return state

    def __repr__(self) -> str:
        return f"EntryPoint(name={self.name!r}, value={self.value!r}, group={self.group!r})"


def make_entry_point(name: str, value: str, group: str, **more) -> EntryPoint:
    """An entry point that knows more: its `registry` record, or the `_location` where that is read."""
    made = object.__new__(EntryPoint)
    state = made.__dict__
    state["name"] = name
    state["value"] = value
    state["group"] = group
    state.update(more)
    return made


def make_entry_points(group: str, source) -> list[EntryPoint]:
    """The entry points of a group from a source with pairs(), record() and findings()."""
    made = []
    new = object.__new__
    for index, name, value in source.pairs():
        entry_point = new(EntryPoint)
        state = entry_point.__dict__
        state["name"] = name
        state["value"] = value
        state["group"] = group
        state["_location"] = (source, index)
        made.append(entry_point)
    return made


def split_reference(value) -> tuple[str, str | None, str | None] | None:
    """(module, attr, extras) of an object reference; None for anything else."""
    from ._names import split_reference as split

    return split(value)


def load(entry_point, allow_uninstalled: bool | None = None):
    """Imports what an entry point names, ours or one of importlib.metadata that has a record. A record
    loads only what belongs to it (_ownership)."""
    reference = split_reference(entry_point.value)
    if reference is None:
        raise no_reference(entry_point)
    module_name, attrs = reference[:2]
    location = entry_point.__dict__.get("_location")
    if getattr(location[0], "is_installed", False) if location is not None else entry_point.registry is None:
        found = __import__(module_name, fromlist=["__name__"])
    else:
        from ._ownership import import_module

        found = import_module(entry_point, module_name, allow_uninstalled)
    for attr in filter(None, (attrs or "").split(".")):
        found = getattr(found, attr)
    return found


def no_reference(entry_point) -> AttributeError:
    return AttributeError(
        f"{entry_point.value!r} is not an object reference (module:attr [extras]), in the entry point "
        f"{entry_point.name!r} of the group {entry_point.group!r}"
    )


class EntryPoints(tuple):
    """An immutable collection of entry points that can be selected from."""

    __slots__ = ()

    def __getitem__(self, name) -> EntryPoint:  # type: ignore[override]
        """The first entry point of that name."""
        for entry_point in self:
            if entry_point.name == name:
                return entry_point
        raise KeyError(name)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({tuple(self)!r})"

    def select(self, **params) -> "EntryPoints":
        """Those whose attributes have the values given."""
        if not params:
            return self
        return EntryPoints(entry_point for entry_point in self if entry_point.matches(**params))

    @property
    def names(self) -> set[str]:
        return {entry_point.name for entry_point in self}

    @property
    def groups(self) -> set[str]:
        return {entry_point.group for entry_point in self}

    @classmethod
    def _from_text_for(cls, text, dist) -> "EntryPoints":
        return cls(entry_point._for(dist) for entry_point in cls._from_text(text))

    @staticmethod
    def _from_text(text):
        from ._engine import parse_entry_points

        entries, _ = parse_entry_points((text or "").encode("utf-8", "surrogatepass"))
        return (EntryPoint(name=name, value=value, group=group) for group, name, value in entries)
