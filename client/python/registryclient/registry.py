# SPDX-License-Identifier: MIT
"""Registry: querying a registry, walking plugin directories, comparing and merging both, and loading
plugins so that a plugin that fails stops no other.

Calls that wait release the interpreter's lock; an object may be used by many threads at once.
"""

import os

from . import _engine, _engine_calls
from ._entry_points import EntryPoints
from ._ownership import Binding
from ._sending import Sender
from ._state import settings
from .records import Discovery, Parity, Record, Records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Literal

    from ._decisions import Decision
    from ._listing import Listed
    from ._contributions import Contributions


class Plugin:
    """A plugin that was loaded: `name`, `record`, and the object itself as `plugin`."""

    __slots__ = ("record", "plugin")
    ok: "Literal[True]" = True

    def __init__(self, record: Record, plugin):
        self.record = record
        self.plugin = plugin

    @property
    def name(self) -> str:
        return self.record.name

    def __repr__(self) -> str:
        return f"<Plugin {self.name}: {self.plugin!r}>"


class Failure:
    """A plugin that was not loaded: `name`, `record`, the exception as `error` if there was one, `message`."""

    __slots__ = ("record", "error")
    ok: "Literal[False]" = False

    def __init__(self, record: Record, error: BaseException | None = None):
        self.record = record
        self.error = error

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def message(self) -> str:
        if self.error is not None:
            return f"{type(self.error).__name__}: {self.error}"
        findings = self.record.errors
        return "; ".join(str(one).removeprefix("error: ") for one in findings) if findings else "The plugin has no object to load"

    def __repr__(self) -> str:
        return f"<Failure {self.name}: {self.message}>"


def _split_root(root) -> tuple[str | None, str]:
    """(label or None, path) of "PATH", "LABEL=PATH" or (label, path)."""
    if isinstance(root, tuple):
        label, path = root
        return label, os.fspath(path)
    text = os.fspath(root)
    label, equals, path = text.partition("=")
    if equals and label and "/" not in label:
        return label, path
    return None, text


class Registry(Sender):
    """A registry, an environment of it, and the roots a host walks. Creating one sends no request.

    Missing arguments come from REGISTRYD_URL, REGISTRYD_TOKEN, REGISTRYD_ENVIRONMENT, REGISTRYD_SNAPSHOT and
    REGISTRYD_MODE. `roots` are directories in their order of precedence, each "PATH", "LABEL=PATH" or
    (label, path); `timeout` is in seconds. `facts` are part of every query, as in an environment
    document (python, markers, have, tags): by default this Python's version and markers, {} for none.
    `allow_uninstalled`: load plugins of the registry also where their package is not installed, for source
    trees (None: as configured). `insecure_plain`: send the token over plain http to another host, too.
    `enforce`: how much of the registry's decisions holds, by default REGISTRYD_ENFORCE, else "on". `strict`: an
    unknown environment is NotFoundError, also with REGISTRYD_STRICT=1.
    """

    def __init__(self, url: str | None = None, *, token: str | None = None, environment: str | None = None,
                 roots=(), convention: str | None = None, mode: str | None = None,
                 snapshot=None, timeout: float | None = None, facts: dict | None = None,
                 allow_uninstalled: bool | None = None, insecure_plain: bool = False,
                 enforce: str | None = None, strict: bool = False):  # fmt: skip
        self.url = url
        self.environment = environment
        self.roots = tuple(_split_root(root) for root in roots)
        self.convention = os.fspath(convention) if convention is not None else None
        self.mode = mode
        self.timeout = timeout
        self.facts = _this_python() if facts is None else dict(facts)
        self.allow_uninstalled = allow_uninstalled
        self.insecure_plain = insecure_plain
        self.enforce = enforce
        self.strict = strict
        self._token = token
        self._snapshot = snapshot

    def _connection(self, snapshot=None, facts: dict | None = None) -> "_engine_calls._Connection":
        milliseconds = max(1, round(self.timeout * 1000)) if self.timeout else 0
        facts = self.facts if facts is None else facts
        return (self.url, self._token, self.environment, milliseconds, snapshot or self._snapshot, facts.get("python"),
                (facts.get("markers") or {}).items(), (facts.get("have") or {}).items(), facts.get("tags") or (), self.insecure_plain,
                self.enforce, self.strict)  # fmt: skip

    def _roots(self, roots) -> tuple[tuple[str | None, str], ...]:
        return tuple(_split_root(root) for root in roots) or self.roots

    def _binding(self, roots=None) -> Binding:
        """What the records of an answer may load besides their packages."""
        made = Binding(self.roots if roots is None else roots, self.convention, self.allow_uninstalled)
        made.enforce, made.environment = self.enforce or settings().enforce, self._environment()
        made.url = self._address()
        return made

    def resolve(self, *groups: str, python: str | None = None, prereleases: bool = False,
                names: "tuple[str, ...] | list[str]" = (), packages: "tuple[str, ...] | list[str]" = ()) -> Records:  # fmt: skip
        """The registry's answer for the groups. `python`: another version than that of the facts. `names` and
        `packages`: only the entry points with one of these names, and of these packages."""
        result = _engine_calls.resolve(self._connection(), groups, python, prereleases, names, packages)
        return Records.from_result(result, self._binding())

    def walk(self, *roots) -> Records:
        """The plugins in the directories (by default those of this object). Nothing is imported."""
        walked = self._roots(roots)
        return Records.from_result(_engine_calls.walk(walked, self.convention), self._binding(walked))

    def compare(self, group: str, *roots) -> Parity:
        """What a host would gain or lose by using the registry instead of walking."""
        walked = self._roots(roots)
        return Parity(*_engine_calls.compare(self._connection(), (group,), None, walked, self.convention), walked)

    def discover(self, *groups: str, mode: str | None = None) -> Discovery:
        """The plugins of the groups, from directories and registry as the mode says. Plugins that the registry's
        decisions keep from the host are in `withheld` of the answer."""
        state, is_plain = self._state_of_query()
        connection = self._connection(state["path"] if is_plain else None)
        result = _engine_calls.discover(connection, groups, None, self.roots, self.convention, mode or self.mode)
        return Discovery.from_result(result, self._binding())

    def listing(self, group: str, failures: "Mapping[str, str] | None" = None) -> "list[Listed]":
        """The plugins of a group for a host's list: every one with its state, also the broken, the withheld and the shadowed
        ones. `failures`: what went wrong in the host itself, by the name of the plugin."""
        return self.discover(group).listing(failures)

    def contributions(self, *groups: str, mode: str | None = None) -> "Contributions":
        """What the plugins of `discover` contribute to their host, merged, with conflicts."""
        from ._contributions import Contributions

        return Contributions(self.discover(*groups, mode=mode))

    def decisions(self, group: str) -> "tuple[Decision, ...]":
        """What the registry decided about the packages of a group, in the environment of this object; when the registry
        cannot be reached, what the cached snapshot says."""
        from ._decisions import Decision
        from .errors import BY_CODE

        try:
            rows = _engine_calls.resolve(self._connection(), (group,), None, False, (), ()).decisions()
        except (BY_CODE["unreachable"], BY_CODE["timeout"], BY_CODE["unavailable"]):
            rows = self._open_snapshot().decisions(group)
            if rows is None:
                raise
        return tuple(Decision(*row) for row in rows)

    def find(self, *, module: str | None = None, value: str | None = None, package: str | None = None,
             name: str | None = None, group: str | None = None, limit: int = 100) -> "list[dict]":  # fmt: skip
        """Entry points of the newest releases by what they are: who provides a module, who has an object of this name
        (`value`: all of a value, or its part behind the colon), who holds a name. Dicts with group, name, value,
        package, version and package_status, at most `limit`."""
        from ._find import find_in

        return find_in(self, {"module": module, "value": value, "package": package, "name": name, "group": group}, limit)

    @property
    def snapshot(self) -> str | None:
        """The path of the last-known-good snapshot, also of one that is not there yet."""
        return self.state()["path"]

    def state(self) -> dict:
        """The state of the cached snapshot: has_snapshot, path, epoch, serial, made_at, confirmed_at,
        age_seconds, environment, question, group_count, is_signed, and the reason when there is none. It is
        the one for these facts, or for no facts (`registryctl snapshot pull`): the one that the registry
        confirmed last."""
        return self._state_of_query()[0]

    def _state_of_query(self) -> tuple[dict, bool]:
        """state(), and whether it is that of the query without facts."""
        own = _engine_calls.state(self._connection())
        if not self.facts or self._snapshot or os.environ.get("REGISTRYD_SNAPSHOT"):
            return own, False
        plain = _engine_calls.state(self._connection(facts={}))
        is_plain = plain["has_snapshot"] and (not own["has_snapshot"] or plain["confirmed_at"] > own["confirmed_at"])
        return (plain, True) if is_plain else (own, False)

    def lookup(self, *groups: str) -> Records:
        """The records of groups (none: of all) in the cached snapshot, without a request."""
        opened = self._open_snapshot()
        found: list = list(map(opened.find, groups)) if groups else opened.groups()
        binding = self._binding()
        binding.opened = opened
        return Records(Record(group, index, binding) for group in found if group for index in range(len(group)))

    def _open_snapshot(self):
        return _engine.open_snapshot(self.snapshot, self.url, self.environment, None, (), None)

    def refresh(self) -> bool:
        """Sends one request for a newer snapshot and caches it. True: there was one;
        `registryclient.entry_points` answers from it within seconds."""
        return _engine_calls.refresh(self._connection())

    def watch(self, callback=None, interval: float = 30.0) -> "Watcher":
        """Refreshes as soon as the registry has changed, and at least every `interval` seconds, in threads of their
        own that end with the program, until the returned Watcher is stopped. `callback(changed, error)` is called
        after every round."""
        return Watcher(self, callback, interval)

    def load_all(self, group: str, *, allow_uninstalled: bool | None = None) -> "Iterator[Plugin | Failure]":
        """Loads the plugins of a group one after the other: yields a Plugin, or a Failure that says what
        was wrong. A record that is shadowed is neither."""
        for record in self.discover(group):
            if record.shadowed_by is not None:
                continue
            yield _load_one(record, allow_uninstalled)

    def entry_points(self, **params) -> EntryPoints:
        """As `registryclient.entry_points`, over `discover`; a group has to be given."""
        if not isinstance(params.get("group"), str):
            raise TypeError("entry_points() of a Registry needs group=…")
        group = params.pop("group")
        records = self.discover(group)
        found = EntryPoints(record.entry_point for record in records if record.ok)
        selected = found.select(**params)
        if selected or "name" not in params:
            return selected
        return self._renamed(group, found, params, records)

    def _renamed(self, group: str, found: EntryPoints, params: dict, records) -> EntryPoints:
        """What an old name leads to, by the decisions that came with the records."""
        from ._find import renamed

        return renamed(found, params, [row for row in records.decisions if row.group == group])

    def __repr__(self) -> str:
        return f"<Registry {self._address()}>"

    def _address(self) -> str:
        return self.url or os.environ.get("REGISTRYD_URL") or "http://127.0.0.1:7621"


LISTEN_SECONDS = 5  # of one long poll: less than the time limit of a request
REST_SECONDS = 0.5  # between two polls, so that a burst of changes is one round


class Watcher:
    """A thread that keeps a snapshot fresh, and one that listens for changes; `with registry.watch(): …`, or stop()."""

    def __init__(self, registry: Registry, callback, interval: float):
        from threading import Event, Thread

        self.error: Exception | None = None  # of the last round
        self.rounds = 0
        self._registry = registry
        self._callback = callback
        self._interval = interval
        self._stopping = Event()
        self._wake = Event()  # the registry has changed, or the watch stops
        self._thread = Thread(target=self._run, name="registryclient-watch", daemon=True)
        self._thread.start()
        if interval > REST_SECONDS:
            Thread(target=self._listen, name="registryclient-listen", daemon=True).start()

    def _run(self) -> None:
        while not self._stopping.is_set():
            changed = False
            try:
                changed = self._registry.refresh()
                self.error = None
            except Exception as error:  # the registry is unreachable: the snapshot stays, the next round may succeed
                self.error = error
            self.rounds += 1
            if self._callback is not None:
                self._tell(changed)
            self._wake.wait(self._interval)
            if not self._stopping.is_set():
                self._wake.clear()

    def _listen(self) -> None:
        """Wakes the watch when the registry has changed: one long poll after the other. A registry that cannot be
        asked is asked again later; what happened in between is found by the round that follows."""
        known = None  # epoch and serial
        seconds = min(LISTEN_SECONDS, int((self._registry.timeout or 2 * LISTEN_SECONDS) / 2))
        while not self._stopping.is_set():
            query = f"since={known[1]}&wait={seconds}" if known else "since=0"
            try:
                answer = self._registry._send("GET", f"/v1/changes?{query}&limit=1")
                told = answer["epoch"], answer["serial"]
            except Exception:
                known = None
                self._stopping.wait(LISTEN_SECONDS)
                continue
            if told != known:
                self._wake.set()
            known = told
            self._stopping.wait(REST_SECONDS)

    def _tell(self, changed: bool) -> None:
        try:
            self._callback(changed, self.error)
        except Exception as error:  # a callback that fails does not end the watch
            self.error = error

    def stop(self, timeout: float | None = None) -> bool:
        """Stops after the round that is under way. False: it has not ended within `timeout` seconds."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def __enter__(self) -> "Watcher":
        return self

    def __exit__(self, *_) -> None:
        self.stop()


def _this_python() -> dict:
    from .facts import basic

    return basic()


def _load_one(record: Record, allow_uninstalled: bool | None = None):
    if not record.ok:
        return Failure(record)
    try:
        return Plugin(record, record.load(allow_uninstalled=allow_uninstalled))
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # also SystemExit: a plugin may not end the host by being imported
        return Failure(record, error)
