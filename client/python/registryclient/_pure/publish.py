# SPDX-License-Identifier: MIT
"""Publishing a wheel or an sdist: the file goes to the registry, which reads and checks it. Packing a project or a plugin
directory is the work of the C library, so that one program decides what a package of a directory is."""

import os
from urllib.parse import quote

from . import api
from .connection import Connection
from .faults import code_of, fault, io_fault
from .findings import decode_findings

UPLOAD_BYTES_MAX = 512 * 1024 * 1024
ENDINGS = (".whl", ".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz")


def publish(connection: Connection, path) -> tuple[dict, Exception | None, list]:
    """The outcome as registryctl prints it, the exception that it means, and the rows of its findings."""
    path = os.fsdecode(path)
    outcome: dict = {"path": path, "outcome": "failed", "package": None, "version": None, "error": None, "warnings": [],
                     "errors": [], "serial": None, "epoch": None}  # fmt: skip
    rows: list = []
    try:
        _send(connection, path, outcome, rows)
        return outcome, None, rows
    except Exception as error:
        if not code_of(error):
            raise
        rows += [finding._key() for finding in getattr(error, "findings", ())]
        outcome["errors"] = [_document(row) for row in rows if row[0]]
        outcome["error"] = {"code": code_of(error), "where": getattr(error, "where", "") or None, "message": getattr(error, "message", "")}
        return outcome, error, rows


def _send(connection: Connection, path: str, outcome: dict, rows: list) -> None:
    from hashlib import sha256

    data = _read(path)
    filename, digest = os.path.basename(path), sha256(data).hexdigest()
    outcome.update(filename=filename, size=len(data), sha256=digest, url=None)
    answer = api.call(connection, "POST", f"/v1/artifacts?filename={quote(filename, safe='')}", data,
                      {"Content-Type": "application/octet-stream"})  # fmt: skip
    rows += decode_findings(answer.get("warnings") or [], False)
    arrived = answer.get("sha256")
    if arrived and arrived != digest:
        raise fault("unreachable", f"The registry received other bytes than were sent (SHA-256 {arrived}). Retry the request; then "
                    "check the proxies between this machine and the registry")  # fmt: skip
    outcome.update({key: answer.get(key) for key in ("package", "version", "serial", "epoch", "url")})
    outcome.update(outcome="published" if answer.get("created") is True else "unchanged", warnings=[_document(row) for row in rows])


def _document(row: tuple) -> dict:
    return {"code": row[1], "where": row[2], "message": row[3], "hint": row[4]}


def _read(path: str) -> bytes:
    try:
        if os.path.isdir(path):
            raise _no_file(path)
        with open(path, "rb") as file:
            if not path.endswith(ENDINGS):
                raise _no_file(path)
            data = file.read(UPLOAD_BYTES_MAX + 1)
    except OSError as error:
        raise io_fault(error, "The file cannot be read", path) from None
    if len(data) > UPLOAD_BYTES_MAX:
        raise fault("too-large", f"A file that is published has at most {UPLOAD_BYTES_MAX >> 20} MiB", path)
    return data


def _no_file(path: str):
    return fault("usage", "Nothing to publish: without the C library, registryclient publishes wheels (.whl) and source distributions "
                 "(.tar.gz, .zip). For a project or a plugin directory, build a wheel first, or use registryctl publish or the platform "
                 "wheel of registryclient", path)  # fmt: skip
