# SPDX-License-Identifier: MIT
"""Records: an entry point with its package, version, source, origin, manifest, warnings and errors.

A record reads its parts when they are asked for, from a snapshot or from an answer of the library;
JSON is parsed only then.
"""

from ._entry_points import EntryPoint, make_entry_point
from ._findings import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._decisions import Decision
    from ._listing import Listed


def _text(index: int, doc: str) -> property:
    return property(lambda self: self._texts[index], doc=doc)


class Record:
    """An entry point and where it comes from. Parts that the source does not have are None."""

    FIELDS = ("group", "name", "value", "package", "version", "source", "label", "origin", "manifest",
              "settings", "shadowed_by", "state")  # fmt: skip

    __slots__ = ("_texts", "_findings", "_parsed", "_source", "_index", "_binding")

    def __init__(self, source, index: int, binding=None):
        """`source` has record(index) and findings(index): a snapshot's group, an answer, a walk. `binding`:
        the roots that it may be loaded from (_ownership.Binding)."""
        self._binding = binding
        self._texts = source.record(index)
        self._source = source
        self._index = index
        self._findings: tuple[Finding, ...] | None = None
        self._parsed: dict[int, dict] = {}

    group = _text(0, "The entry point's group.")
    name = _text(1, "Its name.")
    value = _text(2, "The object reference, `module:attr`; None when the plugin is broken.")
    package = _text(3, "The package that has it, in its normal form.")
    version = _text(4, "The package's version.")
    source = _text(5, '"registry" or "walk".')
    label = _text(6, "The label of the root it was found under; None from the registry.")
    origin = _text(7, "The path of the plugin, or the address of the release.")
    shadowed_by = _text(10, "The origin of the record that won against this one, or None.")
    state = _text(11, '"allowed": the host\'s own user may choose whether to load it; else None.')

    @property
    def manifest(self) -> dict | None:
        """The host's own document that the plugin carries."""
        return self._json(8)

    @property
    def settings(self) -> dict | None:
        """The environment's settings for the package."""
        return self._json(9)

    def _json(self, index: int) -> dict | None:
        if self._texts[index] is None:
            return None
        if index not in self._parsed:
            from json import loads

            self._parsed[index] = loads(self._texts[index])
        return self._parsed[index]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Errors and warnings about the plugin."""
        if self._findings is None:
            self._findings = tuple(Finding(*row) for row in self._source.findings(self._index))
        return self._findings

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_error)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.is_error)

    @property
    def ok(self) -> bool:
        """Whether it can be loaded: a value, no errors, not shadowed."""
        return self.value is not None and self.shadowed_by is None and not self.errors

    @property
    def source_object(self):
        """What the record was read from."""
        return self._source

    @property
    def binding(self):
        """What the record may load besides its package."""
        if self._binding is None:
            from ._ownership import UNBOUND

            self._binding = UNBOUND
        return self._binding

    @property
    def root(self) -> "str | None":
        """The folder with the plugin's files: where it was found, else where its module is. None when it is not on
        this machine. Nothing is imported."""
        from ._ownership import folder_of

        return folder_of(self)

    @property
    def refusal(self) -> "str | None":
        """Of a record of the registry: why load() refuses it; None: it does not, or it was walked."""
        from ._ownership import refusal_text

        return refusal_text(self)

    @property
    def place(self) -> str:
        """The label of the root that holds the plugin's files, else its source."""
        from ._ownership import label_of

        return label_of(self) or self.source

    @property
    def entry_point(self) -> EntryPoint:
        """The entry point; its `registry` is this record."""
        return make_entry_point(self.name, self.value, self.group, registry=self)

    def with_finding(self, finding: Finding) -> "Record":
        """The same record with one finding more."""
        made = Record(self._source, self._index, self._binding)
        made._findings = (*self.findings, finding)
        return made

    def load(self, *, allow_uninstalled: bool | None = None):
        """Imports the plugin's module and returns its object: a module of the package, which must be
        installed, or of the root that the record was found in. `allow_uninstalled`: also another one."""
        return self.entry_point.load(allow_uninstalled=allow_uninstalled)

    def to_dict(self) -> dict:
        """As `registryctl` prints it in JSON."""
        made = dict(zip(self.FIELDS[:8], self._texts))
        made["manifest"] = self.manifest
        made["warnings"] = [finding.to_dict() for finding in self.warnings]
        made["errors"] = [finding.to_dict() for finding in self.errors]
        made["shadowed_by"] = self.shadowed_by
        if self.settings is not None:
            made["settings"] = self.settings
        if self.state is not None:
            made["state"] = self.state
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and (self._texts, self.findings) == (other._texts, other.findings)

    def __hash__(self) -> int:
        return hash(self._texts)

    def __reduce__(self):
        is_installed = getattr(self._source, "is_installed", False)
        return _restore, (self._texts, self.findings, self._binding, is_installed)

    def __repr__(self) -> str:
        who = f" {self.package} {self.version or ''}".rstrip() if self.package else ""
        return f"<Record {self.group}: {self.name} = {self.value}{who}, {self.source}>"


class _Kept:
    """A source of one record that holds its texts: for pickles."""

    def __init__(self, texts: tuple, findings: tuple, is_installed: bool):
        self.texts = texts
        self.rows = findings
        self.is_installed = is_installed  # read from an installed distribution, by Python's own walk

    def record(self, index: int) -> tuple:
        return self.texts

    def findings(self, index: int) -> list:
        return [finding._key() for finding in self.rows]


class _FromJson:
    """A source of one record, a JSON object of the registry."""

    def __init__(self, document: dict):
        self.document = document

    def record(self, index: int) -> tuple:
        from json import dumps

        get = self.document.get
        objects = (dumps(get(name)) if get(name) is not None else None for name in ("manifest", "settings"))
        return (*map(get, Record.FIELDS[:8]), *objects, get("shadowed_by"), get("state"))

    def findings(self, index: int) -> list:
        lists = ((True, self.document.get("errors")), (False, self.document.get("warnings")))
        return [(is_error, one["code"], one.get("where"), one["message"], one.get("hint"))
                for is_error, found in lists for one in found or ()]  # fmt: skip


def _restore(texts: tuple, findings: tuple, binding=None, is_installed: bool = False) -> Record:
    return Record(_Kept(texts, findings, is_installed), 0, binding)


class Records(tuple):
    """The answer of a source: a tuple of Record, with `diagnostics` about the sources."""

    diagnostics: tuple[Finding, ...] = ()

    @classmethod
    def from_result(cls, result, binding=None) -> "Records":
        """Of an answer of the library."""
        made = cls(Record(result, index, binding) for index in range(len(result)))
        made.diagnostics = tuple(Finding(*row) for row in result.diagnostics())
        if binding is not None:
            binding.learn(result.decisions(), frozenset((record.group, record.package) for record in made if record.source == "registry"))
        return made

    @classmethod
    def from_json(cls, documents, binding=None) -> "Records":
        """Of records as JSON objects: an answer of the registry."""
        return cls(Record(_FromJson(one), 0, binding) for one in documents)

    def to_json(self) -> str:
        """As `registryctl` prints them."""
        from json import dumps

        return dumps([record.to_dict() for record in self], ensure_ascii=False)


class Discovery(Records):
    """The answer of `Registry.discover`: the records, and in `withheld` the plugins in directories that the registry's
    decisions keep from the host. The first error of each is the decision. `decisions`: all that the answer said."""

    withheld: "tuple[Record, ...]" = ()
    decisions: "tuple[Decision, ...]" = ()

    @classmethod
    def from_result(cls, result, binding=None) -> "Discovery":
        from ._decisions import Decision

        made = super().from_result(result, binding)
        made.withheld = tuple(Record(_Kept(texts, tuple(Finding(*row) for row in rows), False), 0, binding)
                              for texts, rows in result.withheld())  # fmt: skip
        made.decisions = tuple(Decision(*row) for row in result.decisions())
        return made

    def listing(self, failures: "Mapping[str, str] | None" = None) -> "list[Listed]":
        """The plugins for a host's list: every one with its state and the reason. `failures`: what went wrong in the host
        itself, by the name of the plugin."""
        from ._listing import listing

        return listing(self, failures)


class Parity:
    """The result of `compare`: the walk of directories against the registry, entry by entry."""

    def __init__(self, equal: bool, strictly_equal: bool, text: str, roots: "tuple[tuple[str | None, str], ...] | None" = None):
        self.equal = equal
        self.roots = roots  # that were walked
        self._strictly_equal = strictly_equal
        self._text = text

    def is_equal(self, strict: bool = False) -> bool:
        """Whether a host could switch; `strict`: warnings count too."""
        return self._strictly_equal if strict else self.equal

    @property
    def report(self) -> dict:
        """The JSON object of `registryctl compare`."""
        from json import loads

        return loads(self._text)

    def to_json(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"<Parity {'the same' if self.equal else 'different'}>"
