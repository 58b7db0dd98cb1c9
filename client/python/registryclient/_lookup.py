# SPDX-License-Identifier: MIT
"""entry_points() of the process: which source answers for which group, and the cached answers.

The process (the interpreter) has one state: the settings, the open snapshot, and the answers. A
warm look-up is one dictionary hit. Answers are replaced whole and never changed, so threads need no lock:
two that ask at the same time may both do the work, and both get a correct answer.
"""

import os
from time import monotonic, time

from . import _engine
from ._entry_points import Answers, EntryPoints, make_entry_points

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import _state

RECHECK_SECONDS = 1.0  # how long an open snapshot counts as the newest: a quarantine must arrive within two seconds


class Snapshot:
    """The snapshot of the process: opened when it is first needed, again when its file was replaced.

    A file that was named is the snapshot. Else it is the last-known-good one, of the query with this
    Python's facts, or of the environment alone (which `registryctl snapshot pull` caches): the one that
    the registry confirmed last. Without any of the environment, that of `default` answers: the registry may not
    know the environment (Registry.refresh), and what `default` decided holds at least.
    """

    __slots__ = ("paths", "selectors", "opened", "path", "reason", "identity", "look_again", "environment", "expires_at")

    def __init__(self, settings: "_state.Settings"):
        self.selectors: tuple | None = None  # arguments for _engine.open_snapshot
        self.paths: tuple[str, ...] = ()  # of the files, in the same order
        self.opened: "_engine.Snapshot | None" = None
        self.path = settings.snapshot  # of the one that is open, or should be
        self.reason: str | None = "it was not opened yet"
        self.identity: tuple | None = None  # of the files that were looked at last
        self.look_again = 0.0
        self.environment = settings.environment or "default"  # of the snapshot that is open
        self.expires_at: float | None = None  # of the one that is open: Unix time
        if settings.mode == "walk" and settings.groups is None:
            self.selectors = ()  # no look-up needs it
        elif settings.snapshot is not None:
            self.selectors = ((settings.snapshot, settings.url, settings.environment, None, (), None),)

    def _find_files(self, settings: "_state.Settings") -> None:
        if self.selectors is None:
            from .facts import basic

            facts = basic()
            markers = tuple(facts.get("markers", {}).items())
            self.selectors = tuple(
                selector for environment in dict.fromkeys((settings.environment or "default", "default"))
                for selector in ((None, settings.url, environment, facts["python"], markers, None),
                                 (None, settings.url, environment, None, (), None)))  # fmt: skip
        self.paths = tuple(_engine.snapshot_path(*selector) for selector in self.selectors or ())

    def refresh(self, settings: "_state.Settings") -> bool:
        """Looks at the files if it is time to. True when another snapshot answers now."""
        now = monotonic()
        if now < self.look_again:
            return False
        is_new = False
        try:
            if not self.paths:
                self._find_files(settings)
            identity = tuple(map(_identity, self.paths))
            if identity != self.identity:
                is_new = self._open(identity)
        except Exception as error:  # what is open stays: it is the last known to be good
            self.reason = str(error)
        # last, so that a thread that comes meanwhile, or a child forked meanwhile, looks for itself
        self.look_again = now + RECHECK_SECONDS
        return is_new

    def _open(self, identity: tuple) -> bool:
        best: "tuple[_engine.Snapshot, str, str | None] | None" = None
        failed: Exception | None = None
        for selector, path, seen in zip(self.selectors or (), self.paths, identity):
            if best is not None and selector[2] != best[2]:
                break  # the environment itself has one
            try:
                opened = _engine.open_snapshot(*selector)
            except Exception as error:
                failed = failed if seen is None and failed else error  # rather that of a file that exists
                continue
            if best is None or opened.origin()[3] > best[0].origin()[3]:
                best = opened, path, selector[2]
        if best is not None:
            self.opened, self.path = best[:2]
            self.environment = best[2] or self.environment
            self.expires_at = _expiry(best[0], self.selectors[0][0] is not None if self.selectors else False)
        self.reason = None if best else str(failed or "there is no cached snapshot")
        self.identity = identity
        return best is not None


def _expiry(opened: "_engine.Snapshot", is_named: bool) -> float | None:
    """When a snapshot becomes too old; None: never. A file that was named counts from when it was made, because
    copying it says nothing about its age."""
    epoch, _, made_at, confirmed_at, _, _ = opened.origin()
    max_age = opened.policy()[2]
    return (made_at if is_named else confirmed_at) + max_age if epoch and max_age else None


def _identity(path: str) -> tuple | None:
    try:
        info = os.stat(path)
    except OSError:
        return None
    return info.st_ino, info.st_dev, info.st_mtime_ns, info.st_size


class State:
    """Settings, snapshot, answers, diagnostics."""

    def __init__(self, settings: "_state.Settings"):
        self.settings = settings
        self.snapshot = Snapshot(settings)
        self.ready: dict = Answers()  # that hold until the snapshot is replaced
        self.walked = None  # a _merge.Walked
        self.rows: dict[tuple, None] = {}  # diagnostics, each once
        for row in settings.problems:
            self.rows[row] = None
        if settings.enforce in ("warn", "off"):
            self._tell_enforce()

    def tell(self, row: tuple) -> None:
        if len(self.rows) < 10000:  # a process that runs for months must not grow
            self.rows[row] = None

    def refresh(self) -> None:
        if self.snapshot.refresh(self.settings):
            self.ready = Answers()
            if self.walked is not None:
                self.walked.forget_merged()
        expires_at = self.snapshot.expires_at
        if expires_at is not None and time() > expires_at:
            self._tell_too_old(time() - expires_at)

    def _tell_enforce(self) -> None:
        from ._state import enforce_row

        row = enforce_row(self.settings.enforce)
        if row is not None:
            self.tell(row)

    def _tell_too_old(self, seconds: float) -> None:
        self.snapshot.expires_at = None  # reported once
        days = self.snapshot.opened.policy()[2] / 86400 if self.snapshot.opened is not None else 0
        self.tell((True, "snapshot-too-old", self.snapshot.path,
                   f"The snapshot is {days + seconds / 86400:.0f} days old, more than its environment allows. Later decisions of "
                   "the registry are unknown.", "Pull it again, or run registryctl watch on this host"))  # fmt: skip

    def _check_environment(self) -> None:
        """The snapshot that answers is of another environment than the one that was asked for: the registry
        does not know that one, or this machine never asked for it."""
        wanted = self.settings.environment or "default"
        if self.snapshot.environment == wanted:
            return
        from ._state import is_strict

        message = f'There is no snapshot of the environment "{wanted}". That of "{self.snapshot.environment}" answers instead.'
        hint = "Correct the name (REGISTRYD_ENVIRONMENT), or pull a snapshot of it: registryctl snapshot pull"
        if is_strict():
            from .errors import unknown_environment

            raise unknown_environment(f"{message} {hint}.")
        self.tell((True, "environment-unknown", "REGISTRYD_ENVIRONMENT", message, hint))

    def group(self, group: str) -> EntryPoints:
        """The entry points of one group."""
        if monotonic() >= self.snapshot.look_again:
            self.refresh()
        found = self.ready.get(group)
        return found if found is not None else self._answer(group)

    def _answer(self, group: str) -> EntryPoints:
        if self.settings.mode_of(group) == "registry":
            ready = self.ready
            known = self.from_registry(group)
            if known is not None:
                self._tell_group(group)
                ready[group] = known
                return known
        from . import _merge

        return _merge.answer(self, group)

    def renamed(self, group: str, found: EntryPoints, params: dict) -> EntryPoints:
        """The entry points of a group that are asked for by an old name, by what the snapshot says of names that were
        given up. Each carries the warning `alias`."""
        opened = self.snapshot.opened
        if opened is None or not opened.policy()[3] or self.settings.mode_of(group) == "walk":
            return EntryPoints()
        from . import _merge

        return _merge.renamed(self, group, found, params)

    def _tell_group(self, group: str) -> None:
        """Reports a group that is deprecated, where the registry answers alone: the other modes read its rules."""
        if self.snapshot.opened is not None and self.snapshot.opened.policy()[3]:
            from . import _merge

            _merge.tell_group(self, group)

    def from_registry(self, group: str) -> EntryPoints | None:
        """The entry points of a group in the snapshot; None, and a diagnostic, when the snapshot cannot answer."""
        self.refresh()
        opened = self.snapshot.opened
        if opened is None:
            self._tell_away(self.snapshot.reason)
            return None
        self._check_environment()
        if self.snapshot.reason is not None:
            self.tell((False, "registry-fallback", self.snapshot.path,
                       f"The new snapshot is not used: {self.snapshot.reason}. The last good one answers",
                       "Pull it again"))  # fmt: skip
        try:
            found = opened.find(group)
            if found is not None:
                return EntryPoints(make_entry_points(group, found))
            if opened.has_group(group):
                self.tell_unindexed(group)
                return EntryPoints()
        except Exception as error:  # this group of the file was altered
            self._tell_away(str(error))
            return None
        self._tell_away(f"the snapshot does not hold the group {group!r}")
        return None

    def tell_unindexed(self, group: str) -> None:
        """Reports a group that no registry indexes, to explain why a registry has no entry points of it. A group
        that the walk has reported is not reported again."""
        from ._names import is_indexed_group

        if not is_indexed_group(group) and (self.walked is None or group not in self.walked.reported):
            self.tell((False, "group-not-indexed", None,
                       f"No registry indexes the group {group!r}: only installed distributions can have entry points in it",
                       "Rename the group: ASCII letters, digits and _, in parts separated "
                       "by single . or -, at most 200 bytes"))  # fmt: skip

    def _tell_away(self, reason: str | None) -> None:
        self.tell((False, "registry-fallback", self.snapshot.path,
                   f"The registry does not answer: {reason}. The installed distributions answer",
                   "Pull a snapshot (registryctl snapshot pull, Registry().refresh()), or name one by REGISTRYD_SNAPSHOT"))  # fmt: skip

    def all_groups(self) -> EntryPoints:
        """The entry points of every group."""
        if self.settings.only_mode() == "registry" and (found := self.whole_registry()) is not None:
            return found
        from . import _merge

        return _merge.answer_all(self)

    def whole_registry(self) -> EntryPoints | None:
        """All entry points in the snapshot, when it holds every group; else None, and a diagnostic."""
        self.refresh()
        ready = self.ready
        if (made := ready.get(None)) is not None:
            return made
        opened = self.snapshot.opened
        if opened is None:
            self._tell_away(self.snapshot.reason)
            return None
        self._check_environment()
        if not opened.has_group(""):  # it was asked for some groups
            return None
        try:
            groups = opened.groups()
        except Exception as error:
            self._tell_away(str(error))
            return None
        found = ready[None] = EntryPoints(
            entry_point for group in groups for entry_point in make_entry_points(group.name(), group)
        )
        return found


_current: State | None = None


def state() -> State:
    """The process's state, made when it is first needed."""
    global _current
    if _current is None:
        from . import _state

        _state.provide_rules(_rules_of)
        _current = State(_state.settings())
    return _current


def _rules_of(group: str):
    from . import _merge

    return _merge.rules_of(state(), group)


def configure(*, mode: str | None = None, groups=None, snapshot=None, url: str | None = None,
              environment: str | None = None, allow_uninstalled: bool = False, enforce: str | None = None) -> None:  # fmt: skip
    """Sets where `entry_points` takes its answers from, for the whole process.

    `mode`: "walk" (the installed distributions, as importlib.metadata), "walk-first" (the registry adds),
    "registry-first" (the installed ones fill gaps), "registry", "compare" (as walk, differences become
    diagnostics). `groups`: the groups the mode is for (the others are walked), or {group: mode}.
    `snapshot`: the file to answer from, instead of the registry's last-known-good one.
    `allow_uninstalled`: load plugins of the registry also where their package is not installed, for source
    trees. `enforce`: how much of the registry's decisions holds: "on", "strict" (also what a listed environment
    does not know is withheld), "warn" and "off" (for emergencies). Missing arguments come from REGISTRYD_MODE,
    REGISTRYD_SNAPSHOT, REGISTRYD_URL, REGISTRYD_ENVIRONMENT and REGISTRYD_ENFORCE.
    """
    from . import _state

    global _current
    _state.provide_rules(_rules_of)
    _state.use_settings(_state.Settings(mode, groups, snapshot, url, environment, allow_uninstalled, enforce))
    _current = State(_state.settings())


def entry_points(**params) -> EntryPoints:
    """The entry points whose attributes have the values given, as importlib.metadata's entry_points from
    Python 3.12 on: always EntryPoints; `dist` is no attribute to select by."""
    current = _current or state()
    group = params.get("group")
    if group is None or group.__class__ is not str:
        return current.all_groups().select(**params)
    found = current.group(group)
    if len(params) == 1:
        return found
    del params["group"]
    selected = found.select(**params)
    return selected if selected or "name" not in params else current.renamed(group, found, params)


def settings(package: str) -> dict:
    """What the environment sets for a package, by the snapshot: whatever the mode, whether the package is
    installed or not. Empty when there is nothing, or when the snapshot does not have settings (a diagnostic says
    so)."""
    from . import _merge

    return _merge.settings_of(state(), package)


def diagnostics() -> list:
    """The problems that look-ups of this process have met: sources that did not answer, and broken
    distributions. A list of Finding."""
    from ._findings import Finding

    current = state()
    for distribution in current.walked.distributions if current.walked is not None else ():
        for row in distribution.inspect():
            current.tell(row)
    return [Finding(*row) for row in current.rows]
