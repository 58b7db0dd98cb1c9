# SPDX-License-Identifier: MIT
"""Adapters for hosts: each gives a host's own loop the plugins that it would have found by walking.

One module per host, at most sixty lines each, meant to be read and copied. None is imported by
`import registryclient`, and none imports the host. docs/MIGRATING.md has a section for each."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from registryclient import Discovery, Failure, Listed, Plugin, Record, Registry
from registryclient._state import is_disabled
from registryclient.registry import _load_one

log = logging.getLogger(__name__)


class Withheld(NamedTuple):
    """A plugin that the registry's decisions keep from the host, for its list of plugins."""

    name: str
    version: str | None
    source: str  # the label of its root
    root: Path
    reason: str  # the decision: what, why, by whom, when
    hint: str | None  # the command that changes it
    state: str = "withheld"


class Found(list[Any]):
    """What an adapter gives to its host's loop. `withheld` has what the loop must not get."""

    def __init__(self, items: Iterable[Any], records: Discovery, failures: Mapping[str, str]):
        super().__init__(items)
        self.withheld = withheld(records)
        self._records, self._failures = records, dict(failures)

    def listing(self, failures: Mapping[str, str] | None = None) -> list[Listed]:
        """The host's list of plugins: every one with its state, also the broken and the withheld ones. `failures`: what went
        wrong after the plugin was loaded, by its name."""
        return self._records.listing({**self._failures, **(failures or {})})


def discover(registry: Registry, group: str) -> Discovery:
    """The group's records. Problems are logged: sources that did not answer, withheld plugins, in the mode `compare`
    every difference, in `registry-first` what only the directories have, and shadowed plugins."""
    records = registry.discover(group, mode="walk" if is_disabled() else None)
    for finding in records.diagnostics:
        log.log(logging.ERROR if finding.is_error else logging.WARNING, str(finding).partition(": ")[2])
    fills_gaps = (registry.mode or os.environ.get("REGISTRYD_MODE")) == "registry-first" and not is_disabled()
    for record in records:
        if record.shadowed_by is not None:
            log.warning("%s: the one in %s is shadowed", record.name, record.place)
        elif fills_gaps and record.ok and record.source == "walk":
            log.warning("%s: not in the registry, the one in %s fills the gap", record.name, record.place)
    return records


def root_of(record: Record) -> Path:
    """The folder with the plugin's files; its name alone when they are not on this machine."""
    return Path(record.root or record.name)


def withheld(records: Discovery) -> list[Withheld]:
    """The plugins that decisions keep from the host, each with the reason."""
    return [Withheld(one.name, one.version, one.place, root_of(one), f"{one.errors[0].message} [{one.errors[0].code}]",
                     one.errors[0].hint) for one in records.withheld]  # fmt: skip


def show(listed: Iterable[Listed]) -> None:
    """Prints a host's list of plugins, and below it what is wrong with each."""
    from registryclient._listing import lines

    print("\n".join(lines(listed)))


def load_all(records: Iterable[Record]) -> Iterator[Plugin | Failure]:
    """Each plugin, loaded when the loop reaches it; a plugin that fails stops no other. The broken ones are Failures, the
    shadowed ones are left out."""
    return (_load_one(record) for record in records if record.shadowed_by is None)
