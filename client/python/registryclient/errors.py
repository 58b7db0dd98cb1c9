# SPDX-License-Identifier: MIT
"""The exceptions, one for each outcome of the system's one list (docs/STATUS.md).

The classes are made from that list when this module is imported: "not-found" is NotFoundError, and
`RegistryError` is the base of all. Each has `code` ("not-found"), `where` (file:line, a JSON pointer, or
"") and `message`; the class has `code`, `http_status` and `exit_code`.
"""

from ._generated import STATUSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._findings import Finding


class RegistryError(Exception):
    """An outcome other than ok: `code`, `where`, `message`; `findings`: every fault, where there are several."""

    code = "internal"
    http_status = 500
    exit_code = 5
    is_final = False  # no other source may answer instead

    def __init__(self, message: str = "", where: str = "", findings: "tuple[Finding, ...]" = ()):
        super().__init__(message, where)
        self.message = message
        self.where = where
        self.findings = findings

    def __reduce__(self):
        return type(self), (self.message, self.where, self.findings)

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


def _class_name(code: str) -> str:
    return "".join(word.capitalize() for word in code.split("-")) + "Error"


def _make(code: str, http_status: int, exit_code: int, text: str) -> type[RegistryError]:
    members = {"code": code, "http_status": http_status, "exit_code": exit_code,
               "__doc__": f"{text}.", "__module__": __name__}  # fmt: skip
    return type(_class_name(code), (RegistryError,), members)


# In the order of the statuses, so that a status is an index; there is no exception for "ok".
_CLASSES = [_make(*row) for row in STATUSES]
BY_CODE = {made.code: made for made in _CLASSES[1:]}
globals().update((made.__name__, made) for made in _CLASSES[1:])

__all__ = ["BY_CODE", "RegistryError", *(made.__name__ for made in _CLASSES[1:])]


def from_status(status: int, where: str, message: str, rows: "list[tuple] | None" = None) -> RegistryError:
    """The exception for a status of the library, with the findings that explain it."""
    made = _CLASSES[status] if 0 < status < len(_CLASSES) else RegistryError
    if not rows:
        return made(message, where)
    from ._findings import Finding

    return made(message, where, tuple(Finding(*row) for row in rows))


def unknown_environment(message: str) -> RegistryError:
    """The exception about an unknown environment, where REGISTRYD_STRICT asks for one. Nothing answers in place of
    the registry then, not even the walk."""
    error = BY_CODE["not-found"](message, "REGISTRYD_ENVIRONMENT")
    error.is_final = True
    return error
