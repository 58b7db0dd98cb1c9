# SPDX-License-Identifier: MIT
"""Records while they are merged, and what calls return: the shape of `_library.Result`."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# In the order of Record.FIELDS.
FIELDS = ("group", "name", "value", "package", "version", "source", "label", "origin", "manifest", "settings", "shadowed_by",
          "state")  # fmt: skip


class Item:
    """A record: its texts by name (manifest and settings are JSON), its findings as rows, and what only the walk that
    made it knows."""

    __slots__ = (*FIELDS, "rows", "is_installed", "is_unplaced", "is_barren")

    group: "str | None"
    name: "str | None"
    value: "str | None"
    package: "str | None"
    version: "str | None"
    source: "str | None"
    label: "str | None"
    origin: "str | None"
    manifest: "str | None"
    settings: "str | None"
    shadowed_by: "str | None"
    state: "str | None"

    def __init__(self, texts: "Iterable[str | None]", rows: "Iterable[tuple]" = ()):
        for field, text in zip(FIELDS, texts, strict=True):
            setattr(self, field, text)
        self.rows: list[tuple] = list(rows)
        self.is_installed = False  # read from an installed distribution
        self.is_unplaced = False  # it could not be read, and may be of any group
        self.is_barren = False  # it was read far enough to know that it has no entry points

    def texts(self) -> "tuple[str | None, ...]":
        return tuple(getattr(self, field) for field in FIELDS)

    def copy(self) -> "Item":
        made = Item(self.texts(), self.rows)
        made.is_installed, made.is_unplaced, made.is_barren = self.is_installed, self.is_unplaced, self.is_barren
        return made

    @property
    def has_errors(self) -> bool:
        return any(row[0] for row in self.rows)

    def document(self) -> dict:
        """As registryctl prints it."""
        from json import loads

        made: dict = {field: getattr(self, field) for field in FIELDS[:8]}
        made["manifest"] = None if self.manifest is None else loads(self.manifest)
        for key, is_error in (("warnings", False), ("errors", True)):
            made[key] = [{"code": row[1], "where": row[2], "message": row[3], "hint": row[4]} for row in self.rows
                         if row[0] is is_error]  # fmt: skip
        made["shadowed_by"] = self.shadowed_by
        if self.settings is not None:
            made["settings"] = loads(self.settings)
        if self.state is not None:
            made["state"] = self.state
        return made


def encoded(text: "str | None") -> bytes:
    """A text as C programs compare it: byte by byte, and none as the empty one."""
    return (text or "").encode("utf-8", "surrogateescape")


def sort_key(item: Item) -> tuple:
    """The order of answers: group, name, package, origin; none comes before any."""
    return tuple((text is not None, encoded(text)) for text in (item.group, item.name, item.package, item.origin))


class Result:
    """A list of records, with what was found on the way."""

    __slots__ = ("_items", "_diagnostics", "_withheld", "_decisions")

    def __init__(self, items: "Iterable[Item]", diagnostics=(), withheld: "Iterable[Item]" = (), decisions=()):
        self._items = list(items)
        self._diagnostics = list(diagnostics)
        self._withheld = list(withheld)
        self._decisions = list(decisions)

    def __len__(self) -> int:
        return len(self._items)

    def record(self, index: int) -> tuple:
        return self._items[index].texts()

    def findings(self, index: int) -> list:
        return list(self._items[index].rows)

    def diagnostics(self) -> list:
        return self._diagnostics

    def withheld(self) -> list:
        return [(item.texts(), list(item.rows)) for item in self._withheld]

    def decisions(self) -> list:
        return self._decisions

    def json(self) -> str:
        from .findings import canonical

        return canonical([item.document() for item in self._items])
