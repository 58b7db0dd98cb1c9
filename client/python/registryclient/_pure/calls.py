# SPDX-License-Identifier: MIT
"""What reads directories and sends requests, in Python: the functions of the extension module `_library`. Every call
makes a connection of its own from its arguments, so threads share nothing."""

from .._generated import STATUSES
from . import api, snapshot_cache
from . import walk as _walk
from .connection import Connection
from .discover import Decider
from .discover import discover as _discover
from .faults import code_of, fault
from .findings import canonical
from .parity import Parity
from .results import Result, sort_key
from .snapshot_file import Snapshot

_CODES = [row[0] for row in STATUSES]


def _roots(roots) -> tuple[tuple[str | None, str], ...]:
    made = tuple((label, path) for label, path in roots)
    if not all(isinstance(path, str) and isinstance(label, str | None) for label, path in made):
        raise TypeError("A root is (label or None, path)")
    return made


def _groups(groups) -> tuple[str, ...]:
    made = tuple(groups)
    if not all(isinstance(group, str) for group in made):
        raise TypeError("A group is a str")
    return made


def _texts(texts) -> tuple[str, ...]:
    made = tuple(texts)
    if not all(isinstance(text, str) for text in made):
        raise TypeError("A name is a str")
    return made


def walk(roots, convention: str | None, /) -> Result:
    """The plugins in the directories; roots are (label or None, path)."""
    return Result(_walk.walk(_roots(roots), convention))


def resolve(connection, groups, python: str | None, prereleases: bool, names, packages, /) -> Result:
    """The registry's answer, or the part with these names and packages."""
    part = [*(("name", name) for name in _texts(names)), *(("package", package) for package in _texts(packages))]
    answer = api.resolve(Connection(connection), _groups(groups), python, bool(prereleases), part)
    return Result(answer.records, (), (), answer.decisions)


def discover(connection, groups, python: str | None, roots, convention: str | None, mode: str | None, /) -> Result:
    """The plugins of directories and registry, merged as the mode says."""
    return _discover(Connection(connection), _groups(groups), python, _roots(roots), convention, mode)


def compare(connection, groups, python: str | None, roots, convention: str | None, /) -> tuple[bool, bool, str]:
    """(equal, strictly equal, report as JSON)."""
    made, groups, roots = Connection(connection), _groups(groups), _roots(roots)
    if len(groups) != 1:
        raise fault("usage", "Comparing needs exactly one group")
    try:
        answer = api.resolve(made, groups, python)
    except Exception:  # a wrong root is the caller's mistake, and worth more than the news that no registry answers
        _check_roots(roots, convention)
        raise
    decider = Decider(answer, groups, "on", made.environment)
    walked = _walk.walk(roots, convention, decider)
    parity = Parity(groups[0], walked, answer.records, sorted(decider.withheld, key=sort_key))
    return parity.is_equal(), parity.is_equal(strict=True), parity.json()


def _check_roots(roots, convention: str | None) -> None:
    try:
        _walk.walk(roots, convention)
    except Exception as error:
        if code_of(error) == "usage":
            raise


# ---- the cached snapshot ----


def _open(selector: snapshot_cache.Selector) -> Snapshot:
    return snapshot_cache.open_selected(selector, snapshot_cache.locate(selector))


def _open_or_reason(selector: snapshot_cache.Selector) -> tuple[Snapshot | None, str | None]:
    try:
        return _open(selector), None
    except Exception as error:
        if not code_of(error):
            raise
        return None, getattr(error, "message", str(error))


def refresh(connection, /) -> bool:
    """Requests a newer snapshot and caches it. Returns whether there was one. A file that was named belongs to no
    registry that could be asked; it is only opened again."""
    from . import pull

    made = Connection(connection)
    before, _ = _open_or_reason(made.selector)
    if not made.selector.is_any:
        pull.pull(made, made.selector)
    now = _open(made.selector)
    return before is None or before.header.data != now.header.data


def state(connection, /) -> dict:
    """The state of the cached snapshot."""
    from time import time

    selector = Connection(connection).selector
    opened, reason = _open_or_reason(selector)
    try:
        path = snapshot_cache.locate(selector).path
    except Exception as error:
        if not code_of(error):
            raise
        path = None
    made = dict.fromkeys(("epoch", "environment", "question"), None)
    made |= dict.fromkeys(("epoch_number", "serial", "made_at", "confirmed_at", "age_seconds", "group_count", "max_age_seconds", "decision_count"), 0)  # type: ignore[arg-type]
    made |= dict.fromkeys(("is_signed", "is_too_old", "has_decisions", "is_listed_only", "settings_left_out"), False)  # type: ignore[arg-type]
    made |= {"has_snapshot": opened is not None, "path": path, "reason": reason}  # type: ignore[dict-item]
    if opened is None:
        return made
    header, now = opened.header, int(time())
    age = now - (header.made_at if selector.is_any else opened.confirmed_at)
    return made | {
        "epoch": header.epoch, "epoch_number": header.epoch_number, "serial": header.serial, "made_at": header.made_at,
        "confirmed_at": opened.confirmed_at,
        "age_seconds": max(0, now - opened.confirmed_at), "environment": header.environment, "question": header.question,
        "group_count": header.group_count, "is_signed": selector.public_key is not None, "max_age_seconds": header.max_age,
        "is_too_old": 0 < header.max_age < age, "has_decisions": header.has_decisions,
        "decision_count": header.decision_count if header.has_decisions else 0, "is_listed_only": header.is_listed_only,
        "settings_left_out": header.settings_left_out,
    }  # fmt: skip


# ---- sending ----


def send(connection, method: str, path: str, body: str | None, if_match: str | None, /) -> str:
    """One request of the HTTP API: JSON in, JSON out."""
    made = Connection(connection)
    api.check_request(method, path)
    data = body.encode() if body is not None else None
    return canonical(api.call(made, method, path, data, {"If-Match": if_match}))


def publish(connection, path, version: str | None, convention: str | None, metadata_only: bool, /) -> tuple:
    """(status, where, message, outcome as JSON, findings) of publishing what lies at a path. A path that was not
    published is an outcome, too."""
    from . import publish as publishing

    outcome, error, rows = publishing.publish(Connection(connection), path)
    if error is None:
        return 0, "", "", canonical(outcome), rows
    return _CODES.index(error.code), error.where, error.message, canonical(outcome), rows
