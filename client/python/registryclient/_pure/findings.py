# SPDX-License-Identifier: MIT
"""Findings and records in JSON, as registries send them and snapshots hold them."""

from .faults import fault


def parse_json(text):
    """The object that a text holds. Every text, file or answer is another program's."""
    from json import loads

    try:
        document = loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise fault("malformed", f"This is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise fault("malformed", "This is not a JSON object")
    return document


def _refuse_constant(name: str):
    raise ValueError(f"{name} is no number of JSON")


def text_or_none(value) -> str | None:
    return value if isinstance(value, str) else None


def decode_findings(items, is_error: bool) -> list[tuple[bool, str, str | None, str, str | None]]:
    """The rows of a list of findings."""
    if not isinstance(items, list):
        raise fault("malformed", "The findings of a record cannot be read")
    rows = []
    for item in items:
        code, message = (text_or_none(item.get(key)) if isinstance(item, dict) else None for key in ("code", "message"))
        if code is None or message is None:
            raise fault("malformed", "The findings of a record cannot be read")
        rows.append((is_error, code, text_or_none(item.get("where")), message, text_or_none(item.get("hint"))))
    return rows


def canonical(document) -> str:
    """JSON in its normal form, so that equal documents are equal texts."""
    from json import dumps

    return dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
