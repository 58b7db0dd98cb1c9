# SPDX-License-Identifier: MIT
"""Decisions of the registry, applied to what the walk found: which plugins are withheld from the host, and which
carry a warning or the environment's settings. docs/DECISIONS.md has the rules for people; the C library has the
same ones in client/walk/decide.c.

A row is about a plugin when it names its package. A row `by_name` is also about a plugin of that name whose
package the registry does not know at all: a walk often knows only the name of a directory.
"""

from ._engine import version_meets

WITHHOLDING = ("quarantined", "disabled", "not-enabled", "unapproved", "blocked-by-advisory",
               "unknown-permission")  # in this precedence  # fmt: skip
WARNING = ("yanked", "deprecated", "outside-pin", "advisory", "alias")
_INFORMING = ("settings", "known", "owner", "enabled", "group-deprecated")


def is_known_code(code: str) -> bool:
    """Whether this version knows what a code means."""
    return code in WITHHOLDING or code in WARNING or code in _INFORMING


class Decision:
    """A row: what the registry decided about a plugin, a version of it, or a package."""

    FIELDS = ("group", "package", "name", "version", "code", "message", "since", "by", "pin", "settings", "by_name",
              "entry_only", "successor")  # fmt: skip

    __slots__ = FIELDS

    group: str
    package: str
    name: "str | None"
    version: "str | None"
    code: str
    message: "str | None"
    since: "str | None"
    by: "str | None"
    pin: "str | None"
    settings: "str | None"
    by_name: bool
    entry_only: bool
    successor: "str | None"

    def __init__(self, *values):
        for name, value in zip(self.FIELDS, values, strict=True):
            setattr(self, name, value)

    def to_dict(self) -> dict:
        """As the registry sends it: `settings` are a JSON object."""
        from json import loads

        made = {name: getattr(self, name) for name in self.FIELDS}
        if self.settings is not None:
            made["settings"] = loads(self.settings)
        return made

    def values(self) -> tuple:
        """The members in the order of FIELDS."""
        return self._key()

    def _key(self) -> tuple:
        return tuple(getattr(self, name) for name in self.FIELDS)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Decision) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self):
        return Decision, self._key()

    def __repr__(self) -> str:
        version = f"=={self.version}" if self.version else ""
        return f"<Decision {self.code}: {self.package}{version} in {self.group}>"


class Verdict:
    """What the rows say about one plugin: a decision for each code that holds, settings, and whether a row is about
    versions while the plugin's is unknown."""

    __slots__ = ("held", "settings", "has_own_settings", "is_known", "is_version_unknown")

    def __init__(self, is_known: bool):
        self.held: dict[str, Decision] = {}
        self.settings: str | None = None
        self.has_own_settings = False  # they are of this entry point alone
        self.is_known = is_known
        self.is_version_unknown = False

    def withholding(self) -> "Decision | None":
        return next((self.held[code] for code in WITHHOLDING if code in self.held), None)

    def warnings(self) -> "list[Decision]":
        return [self.held[code] for code in WARNING if code in self.held]


class Rules:
    """The rows of one group, indexed, and what applies them: the environment, and how much the host obeys."""

    def __init__(self, group: str, rows, packages, is_listed: bool, settings: "tuple[str, str, bool]"):
        """`packages`: of the records that the same answer gives; None: they cannot be read, so no row goes by
        name. `settings`: how much the host obeys, the environment, and whether the host named the group.

        Where a host did not name its groups, a group that the registry does not know at all is none of its
        business, and strictness withholds nothing there: else no program would find its console scripts."""
        self.group = group
        self.is_listed = is_listed
        self.enforce, self.environment, is_named = settings
        self.is_strict = self.enforce == "strict" and bool(is_named or rows or packages)
        self.known = set(packages or ())
        self.owned: set[str] = set()  # packages of the team that owns the group; "*": all that are given
        self.unknown_codes: dict[str, Decision] = {}
        self.deprecation: Decision | None = None  # of the group
        self.aliases: dict[str, Decision] = {}  # by the old name
        self._by_package: dict[str, list[Decision]] = {}
        self._by_name: dict[str, list[Decision]] = {}
        for values in rows:
            self._add(Decision(*values), packages is not None)

    def _add(self, row: Decision, goes_by_name: bool) -> None:
        if row.code == "group-deprecated":
            self.deprecation = row
            return
        self.known.add(row.package)
        if row.code == "owner":
            self.owned.add(row.package)
            return
        if not is_known_code(row.code):
            self.unknown_codes.setdefault(row.code, row)
            return
        if row.code == "known":
            return
        if row.code == "alias" and row.name and row.successor:
            self.aliases.setdefault(row.name, row)
        self._by_package.setdefault(row.package, []).append(row)
        if row.by_name and row.name and goes_by_name and row.code != "settings":
            self._by_name.setdefault(row.name, []).append(row)

    def has_owner(self, package: str) -> bool:
        """Whether the team that owns the group publishes the package."""
        return package in self.owned or "*" in self.owned

    def is_idle(self) -> bool:
        """Whether no plugin can be withheld, warned of or given settings."""
        return not self._by_package and not self.is_listed

    def judge(self, name: str | None, package: str | None, version: str | None) -> Verdict:
        """What the rows say about a plugin of the group."""
        verdict = Verdict(package is not None and package in self.known)
        for row in self._by_package.get(package, ()) if package is not None else ():
            _consider(verdict, row, name, version)
        if not verdict.is_known:
            for row in self._by_name.get(name, ()) if name is not None else ():
                _consider(verdict, row, name, version)
        if "enabled" in verdict.held:  # this entry point, whatever is decided about its package
            verdict.held.pop("disabled", None)
            verdict.held.pop("not-enabled", None)
        return verdict

    def decide(self, name: str | None, package: str | None, version: str | None, origin: str | None) -> "Outcome":
        """What happens to the plugin: withheld, or returned with these findings and settings."""
        verdict = self.judge(name, package, version)
        outcome = Outcome(verdict.settings)
        if self.enforce == "off":
            return outcome
        row = verdict.withholding()
        is_stranger = self.is_listed and not verdict.is_known
        if self.enforce != "warn":
            if row is not None:
                outcome.withhold(row.code, self._row_of(True, row, origin))
            elif is_stranger and self.is_strict:
                outcome.withhold("not-registered", self._row_of_stranger(True, name, package, origin))
        if outcome.code is None:
            outcome.rows = self._warnings(verdict, row, name, package, origin)
        return outcome

    def _warnings(self, verdict: Verdict, withholding, name, package, origin) -> list:
        held = [*([withholding] if withholding is not None else []), *verdict.warnings()]
        rows = [self._row_of(False, row, origin) for row in held]
        if verdict.is_version_unknown:
            rows.append((False, "decision-version-unknown", origin,
                         f'The registry decided about versions of this package, and the version of "{name}" is unknown',
                         "State the version of the plugin in its directory"))  # fmt: skip
        if withholding is None and self.is_listed and not verdict.is_known:
            rows.append(self._row_of_stranger(False, name, package, origin))
        return rows

    def leads_to(self, alias: Decision, package: str | None) -> bool:
        """Whether an entry point of the alias's present name is the one that is meant: of its package, or of one that
        the registry does not know."""
        return package == alias.package or package is None or package not in self.known

    # ---- what is said ----

    def row_of(self, row: Decision) -> tuple:
        """The warning of a decision that concerns no plugin's place."""
        return self._row_of(False, row, None)

    def _row_of(self, is_error: bool, row: Decision, origin: str | None) -> tuple:
        message = (row.message or "The registry decided it").removesuffix(".")
        if row.by or row.since:
            message += ". Decided" + (f" by {row.by}" if row.by else "") + (f" at {row.since}" if row.since else "") + "."
        return is_error, row.code, origin, message, self._hint(row)

    def _hint(self, row: Decision) -> str:
        if row.code == "quarantined":
            version = f"=={row.version}" if row.version else ""
            return f"Lift the quarantine: registryctl quarantine {row.package}{version} --undo"
        if row.code in ("disabled", "not-enabled"):
            entry = f" --entry-point '{row.group}:{row.name}'" if row.entry_only else ""
            return f"Enable it: registryctl environment enable {self.environment} {row.package}{entry}"
        if row.code == "outside-pin":
            return f"Install a version that the pin of {self.environment} accepts: {row.pin}"
        if row.code in ("deprecated", "alias") and row.successor:
            return f"Use {row.successor} instead"
        return f"Read what the registry knows: registryctl show {row.package}"

    def _row_of_stranger(self, is_error: bool, name, package, origin) -> tuple:
        return (is_error, "not-registered", origin,
                f'The registry has no package "{package or name}" in this group, and the environment '
                f"{self.environment} takes only the packages that it lists",
                "Publish the plugin, and enable it in the environment")  # fmt: skip


class Outcome:
    """What happens to one plugin. `code`: why it is withheld, or None; `rows`: its findings; `settings`: JSON text."""

    __slots__ = ("settings", "code", "rows")

    def __init__(self, settings: str | None):
        self.settings = settings
        self.code: str | None = None
        self.rows: list[tuple] = []

    def withhold(self, code: str, row: tuple) -> None:
        self.code = code
        self.rows = [row]


def _holds(row: Decision, version: str | None) -> bool | None:
    """Whether the row holds for that version; None: the version is unknown."""
    if row.version is None and row.code != "outside-pin":
        return True
    if row.version is None and row.pin is None:
        return False
    return version_meets(version, row.version, row.pin)


def _consider(verdict: Verdict, row: Decision, name: str | None, version: str | None) -> None:
    """Keeps the row if it holds: of a code the one that is closest to the plugin, else the first."""
    if row.name != name and (row.entry_only or (row.code == "settings" and row.name is not None)):
        return  # about another entry point alone
    if row.code == "settings":
        is_better = not verdict.has_own_settings if row.name is not None else verdict.settings is None
        if row.settings is not None and is_better:
            verdict.settings, verdict.has_own_settings = row.settings, row.name is not None
        return
    holds = _holds(row, version)
    if holds is None:
        verdict.is_version_unknown = True
    elif holds and (row.code not in verdict.held or _closeness(row, name) > _closeness(verdict.held[row.code], name)):
        verdict.held[row.code] = row


def _closeness(row: Decision, name: str | None) -> int:
    """How closely a row is about a plugin: about its package, its name, or it alone."""
    return 0 if row.name != name else 2 if row.entry_only else 1


def withheld_row(name: str | None, package: str | None, version: str | None, origin: str | None, outcome: Outcome) -> tuple:
    """The diagnostic about a plugin that is withheld."""
    _, code, _, message, hint = outcome.rows[0]
    who = " ".join(filter(None, (f'"{name}"', f"of {package}" if package else None, version)))
    return False, "withheld", origin, f"{who} is withheld ({code}): {message}", hint


def group_row(row: Decision) -> tuple:
    """The diagnostic about a group that is deprecated."""
    hint = f"Use the group {row.successor} instead" if row.successor else None
    return False, row.code, row.group, row.message or "The group is deprecated", hint


def unknown_code_row(row: Decision) -> tuple:
    """The diagnostic about a code of a later version."""
    return (False, "decision-unknown", None, f'The registry decided "{row.code}" about {row.package}. This client does '
            "not know that code and ignores it.", "Update the client library")  # fmt: skip
