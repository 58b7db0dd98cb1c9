# SPDX-License-Identifier: MIT
"""Nodes of a YAML document, and what a plain scalar means: the core rules of YAML 1.2. Python hosts read YAML 1.1, so a
text that has another meaning there is marked."""

_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None, "true": True, "True": True, "TRUE": True,
          "false": False, "False": False, "FALSE": False}  # fmt: skip
_OLD_BOOLEANS = frozenset("yes Yes YES no No NO on On ON off Off OFF".split())


class Node:
    """A value: `kind` is table, list, string, integer, real, boolean, null or other; `text` is a scalar as written."""

    __slots__ = ("kind", "value", "text", "line", "is_odd")

    def __init__(self, kind: str, value, line: int, text: str | None = None):
        self.kind, self.value, self.line, self.text = kind, value, line, text
        self.is_odd = False  # Python hosts read YAML 1.1, where it has another value

    def plain(self):
        """The value as JSON has it."""
        if self.kind == "table":
            return {key: node.plain() for key, node in self.value.items()}
        return [node.plain() for node in self.value] if self.kind == "list" else self.value

    def walk(self):
        yield self
        for node in self.value.values() if self.kind == "table" else self.value if self.kind == "list" else ():
            yield from node.walk()


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def typed_scalar(text: str, line: int) -> Node:
    """What a plain scalar means: the core rules of YAML 1.2, without octal."""
    if text in _WORDS:
        value = _WORDS[text]
        return Node("null" if value is None else "boolean", value, line, text)
    unsigned = text[1:] if text[:1] in "+-" else text
    node = _number(text, unsigned, line) or Node("string", text, line, text)
    node.is_odd = text in _OLD_BOOLEANS or _is_old_number(unsigned)
    return node


def _number(text: str, unsigned: str, line: int) -> Node | None:
    if _digits(unsigned) or (text.startswith("0x") and len(text) > 2 and all(char in "0123456789abcdefABCDEF" for char in text[2:])):
        number = int(text, 10 if _digits(unsigned) else 16)
        fits = -(1 << 63) <= number < 1 << 63
        return Node("integer" if fits else "other", number if fits else None, line, text)
    if unsigned.lower() in (".inf", ".nan") and unsigned in (".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"):
        return Node("other", None, line, text)
    mantissa, mark, exponent = unsigned.replace("E", "e").partition("e")
    whole, _, fraction = mantissa.partition(".")
    is_real = bool(whole or fraction) and _digits(whole or "0") and _digits(fraction or "0")
    if mark:
        is_real = is_real and _digits(exponent[1:] if exponent[:1] in ("+", "-") else exponent)
    if not is_real or not unsigned[:1].isascii() or not any(char.isdigit() for char in mantissa):
        return None
    number = float(text)
    return Node("other", None, line, text) if number in (float("inf"), float("-inf")) else Node("real", number, line, text)


def _is_old_number(rest: str) -> bool:
    """1:30 is ninety, 0b1 is one, 1_000 a thousand, and 2001-01-01 a date in YAML 1.1."""
    if not rest or not _digits(rest[0]):
        return False
    octal = len(rest) > 1 and rest[0] == "0" and _digits(rest)
    binary = rest.startswith("0b") and all(char in "01_" for char in rest[2:])
    marks = (":" in rest or "_" in rest) and all(char in "0123456789:_." for char in rest)
    date = len(rest) > 5 and _digits(rest[:4]) and rest[4] == "-" and _digits(rest[5])
    return octal or binary or marks or date
