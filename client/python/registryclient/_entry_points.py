# SPDX-License-Identifier: MIT
"""EntryPoint and EntryPoints: what importlib.metadata's are from Python 3.12 on, without importing it.

An entry point that came from a source knows its record (`registry`) and finds its distribution (`dist`)
when it is asked for. Objects are immutable, so look-ups share them between threads.
"""


class _Pattern:
    """The compiled pattern of object references, made when it is first used."""

    def __get__(self, entry_point, owner):
        import re

        EntryPoint.pattern = re.compile(
            r"(?P<module>[\w.]+)\s*(:\s*(?P<attr>[\w.]+)\s*)?((?P<extras>\[.*\])\s*)?$"
        )
        return EntryPoint.pattern


class _Dist:
    """None on the class; the distribution of an entry point, found once."""

    def __get__(self, entry_point, owner):
        if entry_point is None:
            return None
        from ._distributions import dist_of

        found = dist_of(entry_point)
        entry_point.__dict__["dist"] = found
        return found


class _RegistryRecord:
    """None on the class; the record of an entry point, made once."""

    def __get__(self, entry_point, owner):
        place = entry_point.__dict__.get("_place") if entry_point is not None else None
        if place is None:
            return None
        from .records import Record

        record = entry_point.__dict__["registry"] = Record(*place)
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

    def load(self):
        """Imports the module and gives the object that the value names."""
        return load(self)

    def _match(self):
        match = self.pattern.match(self.value)
        if match is None:
            raise AttributeError(f"{self.value!r} is no object reference (module:attr [extras]), in {self!r}")
        return match

    @property
    def module(self) -> str:
        return self._match().group("module")

    @property
    def attr(self) -> str | None:
        return self._match().group("attr")

    @property
    def extras(self) -> list[str]:
        import re

        return re.findall(r"\w+", self._match().group("extras") or "")

    def _for(self, dist):
        self.__dict__.update(dist=dist)
        return self

    def matches(self, **params) -> bool:
        """Whether each attribute named has the value given."""
        if "dist" in params:
            raise ValueError('"dist" is no attribute to select by: give group, name, value, module, attr or extras')
        return all(value == getattr(self, key) for key, value in params.items())

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
        if state.pop("_place", None) is not None:
            state["registry"] = self.registry
            state.pop("dist", None)  # found again there, if it is there
        return state

    def __repr__(self) -> str:
        return f"EntryPoint(name={self.name!r}, value={self.value!r}, group={self.group!r})"


def make_entry_point(name: str, value: str, group: str, **more) -> EntryPoint:
    """An entry point that knows more: its `registry` record, or the `_place` where that is read."""
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
        state["_place"] = (source, index)
        made.append(entry_point)
    return made


def load(entry_point):
    """Imports what an entry point names, ours or one of importlib.metadata that has a record. Where the
    module is missing because the package is not installed, the error says which package gives it."""
    value = entry_point.value
    module_name, colon, rest = value.partition(":")
    attrs = rest.partition("[")[0].strip() if colon else ""
    module_name = module_name.partition("[")[0].strip()
    if not module_name.replace(".", "").replace("_", "").isalnum():
        entry_point.pattern.match(value).group("module")  # says what is wrong, as the original does
    try:
        found = __import__(module_name, fromlist=["__name__"])
    except ModuleNotFoundError as error:
        _explain(entry_point, module_name, error)
        raise
    for attr in filter(None, attrs.split(".")):
        found = getattr(found, attr)
    return found


def _explain(entry_point, module_name: str, error: ModuleNotFoundError) -> None:
    """Raises a better error when the missing module is the plugin's own and its package is known."""
    record = entry_point.registry
    missing = error.name or ""
    is_own = missing and (module_name == missing or module_name.startswith(missing + "."))
    if not is_own or record is None or record.source != "registry" or record.package is None:
        return
    from ._distributions import installed_distribution
    from ._lookup import pip_command

    if installed_distribution(record.package) is not None:
        return  # it is there, and lacks the module: that is what the error says

    raise ModuleNotFoundError(
        f"No module named {missing!r}. The plugin {entry_point.name!r} of {entry_point.group!r} is in "
        f"{record.package} {record.version}, which is resolved but not installed here. To install it: "
        + pip_command(record.package, record.version),
        name=error.name, path=error.path,
    ) from error  # fmt: skip


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
        from ._native import parse_entry_points

        entries, _ = parse_entry_points((text or "").encode("utf-8", "surrogatepass"))
        return (EntryPoint(name=name, value=value, group=group) for group, name, value in entries)
