# SPDX-License-Identifier: MIT
"""JSON answers of the HTTP API, and what a refusal says (RFC 9457). The status of a problem is its `code` where this
version knows that name, else the one that fits its HTTP status: a newer registry may have more names."""

from .._generated import STATUSES
from . import query
from .connection import Connection
from .faults import fault, fit
from .findings import canonical, decode_findings, parse_json, text_or_none
from .results import Item

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import http  # imported for a request, and not for a walk: it loads the network modules of Python

KNOWN = {row[0]: row for row in STATUSES}


def _code_of_http(status: int) -> str:
    found = next((code for code, http_status, _, _ in STATUSES if http_status == status), None)
    return found or ("unavailable" if status >= 500 else "malformed")


def _rows(items, is_error: bool) -> list[tuple]:
    """The findings of an answer; those of a foreign form are left out."""
    try:
        return decode_findings(items, is_error) if items is not None else []
    except Exception:
        return []


def refusal(problem: dict, status: int):
    """The exception that a problem document means. Its texts come from the network and may be shown on a terminal."""
    from .._findings import Finding

    code = text_or_none(problem.get("code"))
    if code not in KNOWN or code in ("ok", "internal"):
        code = _code_of_http(status)
    message = text_or_none(problem.get("detail")) or text_or_none(problem.get("title")) or KNOWN[code][3]
    findings = tuple(Finding(*row) for row in _rows(problem.get("errors"), True))
    return fault(code, message, text_or_none(problem.get("where")) or "", findings)


def foreign(connection: Connection, answer: "http.Answer"):
    """What answers is not a registry: a proxy, another program on that port."""
    location = answer.header("Location")
    if 300 <= answer.status < 400 and location:
        return fault("unreachable", f"{connection.url} redirects to {location}, and redirects are not followed. Give the right address "
                     "with --url or REGISTRYD_URL")  # fmt: skip
    kind = answer.header("Content-Type") or "no content type"
    return fault("unreachable", f"The server at {connection.url} is not a registry (HTTP {answer.status}, {kind}). "
                 "Check --url or REGISTRYD_URL")  # fmt: skip


def decode(connection: Connection, answer: "http.Answer") -> dict:
    try:
        document = parse_json(answer.body)
    except Exception:
        raise foreign(connection, answer) from None
    if answer.status >= 400:
        raise refusal(document, answer.status)
    if answer.status >= 300:
        raise foreign(connection, answer)
    return document


def call(connection: Connection, method: str, path: str, body: bytes | None = None, headers: dict | None = None) -> dict:
    """One request of the API: the JSON object that it answers."""
    from . import http

    return decode(connection, http.send(connection, method, path, body, headers))


def refuse_other(connection: Connection, answer: "http.Answer"):
    """For a caller that expected another media type: the exception."""
    if answer.status < 400:
        return foreign(connection, answer)
    try:
        decode(connection, answer)
    except Exception as error:
        return error
    return foreign(connection, answer)


# ---- resolutions ----


class Resolution:
    """An answer of GET /v1/resolve, or the groups of a snapshot: the records and the decisions. `has_decisions` is false of a registry of an earlier version."""

    __slots__ = ("records", "decisions", "has_decisions", "is_listed", "settings_left_out")

    def __init__(self) -> None:
        self.records: list[Item] = []
        self.decisions: list[tuple] = []
        self.has_decisions = self.is_listed = self.settings_left_out = False


def resolve(connection: Connection, groups, python: str | None = None, prereleases: bool = False, part=()) -> Resolution:
    if not groups:
        raise fault("usage", "Name an entry-point group")
    parts = query.parts_of(connection.facts, prereleases=prereleases, python=python)
    pairs = [*(("group", group) for group in groups), ("environment", connection.environment), *parts, *part]
    path = "&".join(f"{name}={query.encode(value)}" for name, value in pairs if value is not None)
    answer = call(connection, "GET", f"/v1/resolve?{path}")
    try:
        return _decode_resolution(answer)
    except Exception as error:
        raise fault("unreachable", f"The registry's answer cannot be understood: {getattr(error, 'message', error)}",
                    getattr(error, "where", "")) from None  # fmt: skip


def _decode_resolution(answer: dict) -> Resolution:
    made = Resolution()
    records, decisions = answer.get("records"), answer.get("decisions")
    if not isinstance(records, list):
        raise fault("malformed", "The records are not a list")
    made.records = [decode_record(one) for one in records]
    policy = answer.get("policy")
    made.is_listed = isinstance(policy, dict) and policy.get("plugins") == "listed"
    made.settings_left_out = answer.get("settings") == "left-out"
    made.has_decisions = decisions is not None
    if decisions is not None:
        informing = {code: answer.get(key) or [] for code, key in (("known", "known"), ("owner", "owners"))}
        made.decisions = _decode_decisions(decisions, informing)
    return made


_TEXTS = ("group", "name", "value", "package", "version", "source", "label", "origin")
_NEEDED = ("group", "name", "source")


def _text(document: dict, key: str, is_needed: bool = False) -> str | None:
    value = document.get(key)
    if value is None and not is_needed:
        return None
    if not isinstance(value, str):
        raise fault("malformed", f'"{key}" is not a string')
    return value


def _object(document: dict, key: str) -> str | None:
    value = document.get(key)
    if value is not None and not isinstance(value, dict):
        raise fault("malformed", f'"{key}" is not an object')
    return None if value is None else canonical(value)


def decode_record(document) -> Item:
    """A record in JSON."""
    if not isinstance(document, dict):
        raise fault("malformed", "A record is not an object")
    texts = [_text(document, key, key in _NEEDED) for key in _TEXTS]
    findings = []
    for key, is_error in (("warnings", False), ("errors", True)):
        if key in document:
            findings += decode_findings(document[key], is_error)
    objects = (_object(document, key) for key in ("manifest", "settings"))
    return Item((*texts, *objects, _text(document, "shadowed_by"), _text(document, "state")), findings)


_OF_DECISION = ("group", "package", "name", "version", "code", "message", "since", "by", "pin")


def _decode_decisions(items, informing: dict[str, list]) -> list[tuple]:
    """`informing`: by their code, the lists of packages about which nothing is decided."""
    if not isinstance(items, list):
        raise fault("malformed", "The decisions are not a list")
    rows = []
    for item in items:
        for key in ("group", "package", "code"):
            _need(item, key)
        rows.append((*(_text(item, key) for key in _OF_DECISION), _object(item, "settings"),
                     item.get("by_name") is True, item.get("entry_only") is True, _text(item, "successor")))  # fmt: skip
    for code, packages in informing.items():
        rows += [(_need(item, "group"), _need(item, "package"), None, None, code, *(None,) * 5, False, False, None) for item in packages]
    return sorted(rows, key=decision_order)


def _need(item, key: str) -> str:
    value = item.get(key) if isinstance(item, dict) else None
    if not isinstance(value, str):
        raise fault("malformed", f'A decision has no "{key}"')
    return value


def decision_order(row: tuple) -> tuple[list[bytes], bool]:
    """Group, package, name, code, version, byte by byte, where no text comes before any; then whether the row is about the entry point alone."""
    return [(row[at] or "").encode("utf-8", "surrogateescape") for at in (0, 1, 2, 4, 3)], row[11]


def check_request(method: str, path: str) -> None:
    """A wrong call is the program's fault, and needs no network to be found."""
    if method not in ("GET", "PUT", "POST", "PATCH", "DELETE"):
        raise fault("usage", f'The method is "{method}". Use GET, PUT, POST, PATCH or DELETE.')
    if not path.startswith("/"):
        raise fault("usage", f'The path "{fit(path, 200)}" does not begin with "/".')
