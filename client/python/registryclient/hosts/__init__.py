# SPDX-License-Identifier: MIT
"""Adapters for hosts: each gives a host's own loop the plugins that it would have found by walking.

One module per host, at most sixty lines each, meant to be read and copied. None is imported by
`import registryclient`, and none imports the host. docs/MIGRATING.md has a section for each."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from registryclient import Failure, Plugin, Record, Records, Registry
from registryclient._state import is_disabled
from registryclient.registry import _load_one

log = logging.getLogger(__name__)


def discover(registry: Registry, group: str) -> Records:
    """The group's records. Problems are logged: sources that did not answer, in the mode `compare` every
    difference, in `registry-first` what only the directories have, and shadowed plugins."""
    records = registry.discover(group, mode="walk" if is_disabled() else None)
    for finding in records.diagnostics:
        log.log(logging.ERROR if finding.is_error else logging.WARNING, str(finding).partition(": ")[2])
    fills_gaps = (registry.mode or os.environ.get("REGISTRYD_MODE")) == "registry-first" and not is_disabled()
    for record in records:
        if record.shadowed_by is not None:
            log.warning("%s: the one in %s is shadowed", record.name, record.label or record.source)
        elif fills_gaps and record.ok and record.source == "walk":
            log.warning("%s: not in the registry, the one in %s fills the gap", record.name, record.label)
    return records


def place_of(record: Record, registry: Registry) -> tuple[str, Path]:
    """The location of a plugin: the label of the first root with a folder of its name, and that folder. Else
    its source, and the folder it was imported from, or its name alone."""
    slug = record.name or Path(record.origin or "").name
    for label, path in registry.roots:
        if Path(path, slug).is_dir():
            return label or path, Path(path, slug)
    module = sys.modules.get(record.entry_point.module) if record.ok else None
    folders = getattr(module, "__path__", None)
    return record.source, Path(folders[0]) if folders else Path(slug)


def load_all(registry: Registry, group: str) -> Iterator[Plugin | Failure]:
    """Each plugin of the group, loaded when the loop reaches it; a plugin that fails stops no other. The broken ones are
    Failures, the shadowed ones are left out."""
    return (_load_one(record) for record in discover(registry, group) if record.shadowed_by is None)
