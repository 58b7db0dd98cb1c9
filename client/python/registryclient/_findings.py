# SPDX-License-Identifier: MIT
"""Finding: one thing that is wrong with an input. Records, answers and exceptions have them; it imports nothing of
the package, so that all of them may.
"""


class Finding:
    """One error (`is_error`) or warning about an input, with where it is and what to do."""

    __slots__ = ("is_error", "code", "where", "message", "hint")

    def __init__(self, is_error: bool, code: str, where: str | None, message: str, hint: str | None = None):
        self.is_error = is_error
        self.code = code
        self.where = where
        self.message = message
        self.hint = hint

    def _key(self) -> tuple:
        return (self.is_error, self.code, self.where, self.message, self.hint)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Finding) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self):
        return Finding, self._key()

    def __str__(self) -> str:
        kind = "error" if self.is_error else "warning"
        prefix = f"{self.where}: " if self.where else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{kind}: {prefix}{self.message} [{self.code}]{hint}"

    def __repr__(self) -> str:
        return f"Finding({', '.join(map(repr, self._key()))})"

    def to_dict(self) -> dict:
        return {"code": self.code, "where": self.where, "message": self.message, "hint": self.hint}
