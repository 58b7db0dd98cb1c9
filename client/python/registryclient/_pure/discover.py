# SPDX-License-Identifier: MIT
"""Asking the sources of a discovery, each once for all groups. The order matters: first the snapshot that is kept,
because its presence shortens how long the registry may take; then the registry; then the walk, when the mode wants it
or nothing else can answer. A source that fails never fails the call: it becomes a diagnostic."""

from time import gmtime, strftime, time

from .._decisions import Decision, Rules, group_row, is_known_code, unknown_code_row, withheld_row
from .._state import ENFORCE, enforce_row, is_strict
from . import api, merge, snapshot_cache
from .api import Resolution
from .connection import Connection
from .faults import code_of, fault
from .results import Item, Result, sort_key
from .snapshot_file import Snapshot

TIMEOUT_SECONDS = 2.0  # for the registry, unless the caller says
KEPT_TIMEOUT_SECONDS = 0.3  # when a snapshot is at hand


class Discovery:
    """The state of one call."""

    def __init__(self, connection: Connection, groups: tuple[str, ...], python: str | None, roots, convention: str | None):
        self.connection, self.python, self.roots, self.convention = connection, python, roots, convention
        self.groups = tuple(dict.fromkeys(groups))
        self.diagnostics: list[tuple] = []
        self.sources = merge.Sources()
        self.answer: Resolution | None = None  # of the registry, else of the snapshot
        self.is_kept = False
        self.is_default_kept = False
        self.file: Snapshot | None = None
        self.environment = connection.environment  # that answered
        self.withheld: list[Item] = []

    # ---- the snapshot ----

    def open_kept(self) -> None:
        """One that cannot be used is reported; that there is none is normal."""
        selector = self.connection.select(self.connection.selector.path, self.python)
        try:
            self.file = _open(selector)
        except Exception as error:
            if code_of(error) != "not-found":
                self.tell(False, "snapshot-unusable", getattr(error, "where", None) or None, getattr(error, "message", str(error)),
                          "Pull it again: registryctl snapshot pull")  # fmt: skip
                return
            instead = selector.of_default()
            try:
                self.file = _open(instead) if instead is not None else None
                self.is_default_kept = self.file is not None
            except Exception:
                return

    def read_kept(self) -> None:
        """All groups must be there: an answer from two sources would mix two states of the registry."""
        if self.file is None:
            return
        kept = Resolution()
        kept.has_decisions = self.file.header.has_decisions
        kept.is_listed, kept.settings_left_out = self.file.policy()[:2]
        try:
            for group in self.groups:
                _read_group(self.file, group, kept)
        except Exception as error:  # one group that cannot be read makes the whole snapshot unusable
            self.tell(False, "snapshot-unusable", getattr(error, "where", None) or None, getattr(error, "message", str(error)), None)
            self.file = None
            return
        kept.decisions.sort(key=api.decision_order)
        self.answer, self.is_kept = kept, True
        self.sources.kept = kept.records
        self.sources.kept_at = strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(self.file.header.made_at))

    # ---- the registry ----

    def ask_registry(self, is_strict: bool) -> None:
        usual = KEPT_TIMEOUT_SECONDS if self.file is not None else TIMEOUT_SECONDS
        connection = self.connection if self.connection.has_timeout else self.connection.copy(timeout=usual)
        try:
            self._resolve(connection)
        except Exception as error:
            if not code_of(error):
                raise
            if code_of(error) == "not-found" and is_strict:
                raise
            self.sources.registry_fault = error
            if code_of(error) == "not-found" and connection.environment != "default":
                self._ask_default(connection)

    def _ask_default(self, connection: Connection) -> None:
        """The environment is unknown. What "default" decided holds at least."""
        self.tell(True, "environment-unknown", connection.environment,
                  f'The registry has no environment "{connection.environment}". The environment "default" answers instead.',
                  "Correct the name (REGISTRYD_ENVIRONMENT), or create the environment")  # fmt: skip
        self.environment = "default"
        self.sources.registry_fault = None
        try:
            self._resolve(connection.copy(environment="default"))
        except Exception as second:
            if not code_of(second):
                raise
            self.sources.registry_fault = second

    def _resolve(self, connection: Connection) -> None:
        self.answer = api.resolve(connection, self.groups, self.python)
        self.sources.known = self.answer.records

    # ---- decisions ----

    def tell(self, *row) -> None:
        if row not in self.diagnostics:
            self.diagnostics.append(row)

    def report_decisions(self, mode: str, enforce: str) -> None:
        row = enforce_row(enforce)
        if row is not None:
            self.tell(*row)
        if self.is_kept and self.is_default_kept:
            self.environment = "default"
            self.tell(True, "environment-unknown", self.connection.environment,
                      f'There is no snapshot of the environment "{self.connection.environment}". That of "default" answers instead.',
                      "Correct the name (REGISTRYD_ENVIRONMENT), or pull its snapshot: registryctl snapshot pull")  # fmt: skip
        if not merge.MODES[mode][0]:
            self.tell(False, "decisions-not-asked", None, "The mode walk does not ask the registry. Quarantined and disabled plugins "
                      "are not withheld.", "Use another mode, for example walk-first")  # fmt: skip
            return
        if self.answer is None or not self.answer.has_decisions:
            self._tell_unknown()
        else:
            self._tell_unknown_codes(self.answer)
        if self.is_kept:
            self._check_age()

    def _tell_unknown(self) -> None:
        why = ("Neither the registry nor a snapshot answers" if self.answer is None
               else "The snapshot has no decisions" if self.is_kept
               else "The registry sends no decisions; it is of an earlier version")  # fmt: skip
        hint = "Update the registry" if self.answer is not None and not self.is_kept else "Pull a snapshot: registryctl snapshot pull"
        self.tell(False, "decisions-unknown", None, f"{why}. Quarantined and disabled plugins in the directories are not withheld.", hint)

    def _tell_unknown_codes(self, answer: Resolution) -> None:
        codes: dict[str, Decision] = {}
        for row in map(lambda values: Decision(*values), answer.decisions):
            if not is_known_code(row.code):
                codes.setdefault(row.code, row)
        for row in list(codes.values())[:8]:
            self.tell(*unknown_code_row(row))
        for row in map(lambda values: Decision(*values), answer.decisions):
            if row.code == "group-deprecated":
                self.tell(*group_row(row))

    def _check_age(self) -> None:
        if self.file is None or self.file.header.max_age <= 0:
            return
        is_copy = self.connection.selector.is_any
        age = max(0, int(time()) - (self.file.header.made_at if is_copy else self.file.confirmed_at))
        if age > self.file.header.max_age:
            hours = age // 3600
            shown = f"{hours} hours" if hours < 48 else f"{hours // 24} days"
            self.tell(True, "snapshot-too-old", None, f"The snapshot is {shown} old, more than its environment allows. Later decisions of "
                      "the registry are unknown.", "Pull it again, or run registryctl watch on this host")  # fmt: skip

    # ---- the walk ----

    def walk(self, asks: bool, enforce: str) -> None:
        """A host that names no directory has none to walk. That is reported only when no other source answers."""
        from .walk import walk

        if not self.roots and asks and self.sources.registry_fault is None:
            return
        decider = Decider(self.answer, self.groups, enforce, self.environment) if self.answer and self.answer.has_decisions else None
        try:
            self.sources.walked = walk(self.roots, self.convention, decider, self.diagnostics)
        except Exception as error:
            if not code_of(error):
                raise
            self.sources.walk_fault = error
        if decider is not None:
            self.withheld = decider.withheld
            self.diagnostics.extend(decider.rows())


class Decider:
    """The decisions of an answer, applied to what a walk found. The rules are those of `_decisions`."""

    def __init__(self, answer: Resolution, groups: tuple[str, ...], enforce: str, environment: str):
        self.withheld: list[Item] = []
        self._rules = {}
        for group in groups:
            rows = [row for row in answer.decisions if row[0] == group]
            packages = {one.package for one in answer.records if one.group == group and one.package is not None}
            self._rules[group] = Rules(group, rows, packages, answer.is_listed, (enforce, environment, True))

    def rows(self) -> list[tuple]:
        """The diagnostics about what was withheld."""
        return [withheld_row(one.name, one.package, one.version, one.origin, _Withheld(one.rows[:1]))  # type: ignore[arg-type]
                for one in self.withheld]  # fmt: skip

    def decide(self, items: list[Item]) -> list[Item]:
        """The records that are not withheld, with the findings and settings of the decisions."""
        kept = []
        for one in items:
            rules = self._rules.get(one.group) if one.group is not None else None
            if rules is None or rules.is_idle():
                kept.append(one)
                continue
            outcome = rules.decide(one.name, one.package, one.version, one.origin)
            one.settings = outcome.settings or one.settings
            if outcome.code is None:
                one.rows = one.rows + outcome.rows
                kept.append(one)
            else:
                one.rows = outcome.rows + one.rows
                self.withheld.append(one)
        return kept


class _Withheld:
    """What `withheld_row` reads of an outcome."""

    def __init__(self, rows: list[tuple]):
        self.rows, self.code = rows, rows[0][1]


def _open(selector) -> Snapshot:
    return snapshot_cache.open_selected(selector, snapshot_cache.locate(selector))


def _read_group(file: Snapshot, group: str, kept: Resolution) -> None:
    if not file.has_group(group):
        raise fault("malformed", f"The snapshot does not cover {group}")
    if kept.has_decisions:
        kept.decisions += file.decisions(group) or []
    found = file.find(group)
    if found is not None:
        kept.records += [Item(found.record(index), found.findings(index)) for index in range(len(found))]


def _choose_enforce(given: str | None, diagnostics: list) -> str:
    from os import environ

    names = "strict, on, warn or off"
    if given is not None:
        if given not in ENFORCE:
            raise fault("usage", f'"{given}" is not a level of enforcement. The levels are {names}.')
        return given
    named = environ.get("REGISTRYD_ENFORCE")
    if named and named not in ENFORCE:
        diagnostics.append((False, "enforce-unknown", "REGISTRYD_ENFORCE",
                            f'"{named}" is not a level of enforcement, so "on" is used. The levels are {names}.',
                            "Correct or unset the variable"))  # fmt: skip
    return named if named in ENFORCE else "on"


def discover(connection: Connection, groups, python: str | None, roots, convention: str | None, mode: str | None) -> Result:
    if not groups:
        raise fault("usage", "Name an entry-point group")
    call = Discovery(connection, groups, python, roots, convention)
    mode = merge.choose_mode(mode, call.diagnostics)
    enforce = _choose_enforce(connection.enforce, call.diagnostics)
    asks, always_walks, _ = merge.MODES[mode]
    if asks:
        call.open_kept()
        call.ask_registry(connection.strict or is_strict())
    if call.sources.registry_fault is not None:
        call.read_kept()
    call.report_decisions(mode, enforce)
    if always_walks or (call.sources.registry_fault is not None and call.sources.kept is None):
        call.walk(asks, enforce)
    if call.answer is not None:
        call.sources.owners = {row[:2] for row in call.answer.decisions if row[4] == "owner"}
    items = [one for group in call.groups for one in merge.merge(group, mode, call.sources, call.diagnostics)]
    decisions = call.answer.decisions if call.answer is not None and asks else ()
    return Result(sorted(items, key=sort_key), call.diagnostics, sorted(call.withheld, key=sort_key), decisions)
