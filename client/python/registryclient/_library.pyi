import os
from collections.abc import Iterable
from typing import Any

_Pair = tuple[str, str]
# url, token, environment, milliseconds, snapshot, python, markers, have, tags, insecure_plain, enforce, strict
_Connection = tuple[
    str | None, str | None, str | None, int, str | os.PathLike[str] | None, str | None, Iterable[_Pair],
    Iterable[_Pair], Iterable[str], bool, str | None, bool,
]
_Root = tuple[str | None, str]
_Finding = tuple[bool, str, str | None, str, str | None]
# group, package, name, version, code, message, since, by, pin, settings, by_name, entry_only, successor
_Decision = tuple[
    str, str, str | None, str | None, str, str | None, str | None, str | None, str | None, str | None, bool, bool, str | None,
]

class Result:
    """A list of records of the library."""

    def __len__(self) -> int: ...
    def record(self, index: int, /) -> tuple[str | None, ...]: ...
    def findings(self, index: int, /) -> list[_Finding]: ...
    def diagnostics(self) -> list[_Finding]: ...
    def withheld(self) -> list[tuple[tuple[str | None, ...], list[_Finding]]]: ...
    def decisions(self) -> list[_Decision]: ...
    def json(self) -> str: ...

def walk(roots: Iterable[_Root], convention: str | None, /) -> Result: ...
def resolve(
    connection: _Connection, groups: Iterable[str], python: str | None, prereleases: bool,
    names: Iterable[str], packages: Iterable[str], /,
) -> Result: ...
def discover(
    connection: _Connection, groups: Iterable[str], python: str | None, roots: Iterable[_Root],
    convention: str | None, mode: str | None, /,
) -> Result: ...
def compare(
    connection: _Connection, groups: Iterable[str], python: str | None, roots: Iterable[_Root],
    convention: str | None, /,
) -> tuple[bool, bool, str]: ...
def refresh(connection: _Connection, /) -> bool: ...
def state(connection: _Connection, /) -> dict[str, Any]: ...
def send(
    connection: _Connection, method: str, path: str, body: str | None, if_match: str | None, /
) -> str: ...
def publish(
    connection: _Connection, path: str | bytes | os.PathLike[str], version: str | None,
    convention: str | None, metadata_only: bool, /,
) -> tuple[int, str, str, str, list[_Finding]]: ...
