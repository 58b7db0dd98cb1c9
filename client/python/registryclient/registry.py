# SPDX-License-Identifier: MIT
"""Registry: asking a registry, walking plugin directories, comparing and merging both, and loading
plugins so that none stops another.

Calls that wait release the interpreter's lock; an object may be used by many threads at once.
"""

import os

from . import _library
from ._entry_points import EntryPoints
from .records import Parity, Record, Records


class Plugin:
    """A plugin that was loaded: `name`, `record`, and the object itself as `plugin`."""

    ok = True
    __slots__ = ("record", "plugin")

    def __init__(self, record: Record, plugin):
        self.record = record
        self.plugin = plugin

    @property
    def name(self) -> str:
        return self.record.name

    def __repr__(self) -> str:
        return f"<Plugin {self.name}: {self.plugin!r}>"


class Failure:
    """A plugin that was not: `name`, `record`, the exception as `error` if there was one, `message`."""

    ok = False
    __slots__ = ("record", "error")

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
        return "; ".join(map(str, findings)) if findings else "The plugin has no object to load"

    def __repr__(self) -> str:
        return f"<Failure {self.name}: {self.message}>"


def _split_root(root) -> tuple:
    """(label or None, path) of "PATH", "LABEL=PATH" or (label, path)."""
    if isinstance(root, tuple):
        label, path = root
        return label, os.fspath(path)
    text = os.fspath(root)
    label, equals, path = text.partition("=")
    if equals and label and "/" not in label:
        return label, path
    return None, text


class Registry:
    """A registry, an environment of it, and the roots a host walks. Making one contacts nobody.

    What is not given comes from REGISTRYD_URL, REGISTRYD_TOKEN, REGISTRYD_ENVIRONMENT and REGISTRYD_MODE.
    `roots` are directories in their order of precedence, each "PATH", "LABEL=PATH" or (label, path);
    `timeout` is in seconds.
    """

    def __init__(self, url: str | None = None, *, token: str | None = None, environment: str | None = None,
                 roots=(), convention: str | None = None, mode: str | None = None,
                 snapshot=None, timeout: float | None = None):  # fmt: skip
        self.url = url
        self.environment = environment
        self.roots = tuple(_split_root(root) for root in roots)
        self.convention = os.fspath(convention) if convention is not None else None
        self.mode = mode
        self.timeout = timeout
        self._token = token
        self._snapshot = snapshot

    def _connection(self) -> tuple:
        milliseconds = max(1, round(self.timeout * 1000)) if self.timeout else 0
        return self.url, self._token, self.environment, milliseconds

    def _roots(self, roots) -> tuple:
        return tuple(_split_root(root) for root in roots) or self.roots

    def resolve(self, *groups: str, python: str | None = None, prereleases: bool = False) -> Records:
        """The registry's answer for the groups. `python`: "" for any; this one by default."""
        wanted = _this_python() if python is None else python or None
        return Records.from_result(_library.resolve(self._connection(), groups, wanted, prereleases))

    def walk(self, *roots) -> Records:
        """The plugins in the directories (by default those of this object). Nothing is imported."""
        return Records.from_result(_library.walk(self._roots(roots), self.convention))

    def compare(self, group: str, *roots) -> Parity:
        """What a host would gain or lose by asking the registry instead of walking."""
        made = _library.compare(self._connection(), (group,), _this_python(), self._roots(roots), self.convention)
        return Parity(*made)

    def discover(self, *groups: str, mode: str | None = None) -> Records:
        """The plugins of the groups, from directories and registry as the mode says."""
        result = _library.discover(self._connection(), groups, _this_python(), self.roots, self.convention,
                                   mode or self.mode)  # fmt: skip
        return Records.from_result(result)

    def load_all(self, group: str):
        """Loads the plugins of a group one after the other: yields a Plugin, or a Failure that says what
        was wrong. A record that is shadowed is neither."""
        for record in self.discover(group):
            if record.shadowed_by is not None:
                continue
            yield _load_one(record)

    def entry_points(self, **params) -> EntryPoints:
        """As `registryclient.entry_points`, over `discover`; a group has to be given."""
        if not isinstance(params.get("group"), str):
            raise TypeError("entry_points() of a Registry needs group=…")
        records = self.discover(params.pop("group"))
        return EntryPoints(record.entry_point for record in records if record.ok).select(**params)

    def __repr__(self) -> str:
        return f"<Registry {self.url or os.environ.get('REGISTRYD_URL') or 'http://127.0.0.1:7621'}>"


def _this_python() -> str:
    from .facts import python_version

    return python_version()


def _load_one(record: Record):
    if not record.ok:
        return Failure(record)
    try:
        return Plugin(record, record.load())
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # also SystemExit: a plugin may not end the host by being imported
        return Failure(record, error)
