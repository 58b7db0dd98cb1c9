# SPDX-License-Identifier: MIT
"""A connection of a call: who is asked, by which token, about which facts. Making one checks every setting and sends
nothing."""

from . import query, settings, snapshot_cache

FIELDS = ("url", "token", "environment", "milliseconds", "snapshot", "python", "markers", "have", "tags", "insecure_plain",
          "enforce", "strict")  # fmt: skip


class Connection:
    """The values of a tuple that Registry makes (FIELDS), with the environment's where none were given."""

    __slots__ = ("url", "token", "environment", "timeout", "facts", "insecure_plain", "enforce", "strict", "selector", "has_timeout")

    def __init__(self, values: tuple):
        (url, token, environment, milliseconds, snapshot, python, markers, have, tags, insecure_plain, enforce,
         strict) = values  # fmt: skip
        self.url = settings.url_of(url)
        self.token = settings.choose(token, "REGISTRYD_TOKEN", None)
        self.environment = settings.environment_of(environment)
        self.has_timeout = milliseconds > 0
        self.timeout = (milliseconds if milliseconds > 0 else settings.DEFAULT_TIMEOUT_MS) / 1000
        self.insecure_plain = bool(insecure_plain) or settings.is_set("REGISTRYD_INSECURE_PLAIN")
        self.enforce = enforce
        self.strict = bool(strict)
        self.facts = {"python": python, "markers": _pairs(markers), "have": _pairs(have), "tags": tuple(tags)}
        settings.check_url(self.url)
        settings.check_token(self.token)
        self.selector = self.select(snapshot)

    def select(self, snapshot=None, python: str | None = None) -> snapshot_cache.Selector:
        """The snapshot of this connection's own query."""
        from os import environ

        path = (snapshot if snapshot is not None else environ.get("REGISTRYD_SNAPSHOT")) or None
        parts = query.parts_of(self.facts, python=python)
        return snapshot_cache.select(path, self.url, self.environment, parts, None)

    def copy(self, **changes) -> "Connection":
        """The same with other values."""
        made = object.__new__(Connection)
        for name in Connection.__slots__:
            setattr(made, name, changes.get(name, getattr(self, name)))
        return made


def _pairs(items) -> tuple[tuple[str, str], ...]:
    made = tuple((name, value) for name, value in items)
    if not all(isinstance(text, str) for pair in made for text in pair):
        raise TypeError("A fact is (name, value)")
    return made
