# SPDX-License-Identifier: MIT
"""The grammar of entry points (docs/FIELDS.md): what is wrong with a group, a name or a value, in the words of the
C reader. Everything usual is decided by the methods of str, because a walk asks for each entry of each file."""

GROUP_BYTES_MAX = 200
NAME_BYTES_MAX = 200
VALUE_BYTES_MAX = 1000
SCRIPTS = ("console_scripts", "gui_scripts")
KEYWORDS = frozenset(
    "False None True and as assert async await break class continue def del elif else except finally for from global if "
    "import in is lambda nonlocal not or pass raise return try while with yield".split()
)
SPACE = " \t\n\r\v\f"
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
# In no text: controls of the direction of writing, and what shows as nothing and joins nothing.
_DECEIVING = ((0x200B, 0x200B), (0x202A, 0x202E), (0x2060, 0x206F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xE0000, 0xE007F))
# In no name, though text may need them: fillers, selectors, spaces, joiners.
_INVISIBLE = ((0xA0, 0xA0), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x1680, 0x1680),
              (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2000, 0x200A), (0x200C, 0x200F), (0x202F, 0x202F), (0x205F, 0x205F),
              (0x3000, 0x3000), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xE0100, 0xE01EF))  # fmt: skip
_DEVICES = frozenset(("con", "prn", "aux", "nul", "conin$", "conout$"))


def quote(text: str) -> str:
    """The text in single quotes, printable and short."""
    shown, length = [], 1
    for char in text:
        size = len(char.encode("utf-8", "surrogatepass"))
        if length + size > 66:
            shown.append("\u2026")
            break
        shown.append(char if size > 1 or " " <= char < "\x7f" else "?")
        length += size
    return f"'{''.join(shown)}'"


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _fault_of_text(text: str, what: str, limit: int) -> str | None:
    if not text:
        return f"the {what} is empty"
    size = _size(text)
    return f"the {what} {quote(text)} is {size} bytes long, at most {limit} are allowed" if size > limit else None


def _is_control(char: str) -> bool:
    return char < " " or "\x7f" <= char < "\xa0" or char in "\u2028\u2029"


def has_controls(text: str) -> bool:
    """Whether a control character comes before any that deceives: the first one counts."""
    return not text.isprintable() and _first_fault(text, ()) == "control"


def _first_fault(text: str, more: tuple) -> str | None:
    for char in text:
        if _is_control(char):
            return "control"
        if char >= "\xa0" and any(first <= ord(char) <= last for first, last in (*_DECEIVING, *more)):
            return "invisible"
    return None


# ---- groups and names ----


def group_fault(group: str) -> str | None:
    fault = _fault_of_text(group, "entry-point group", GROUP_BYTES_MAX)
    if fault is not None:
        return fault
    words = group.replace("-", ".").split(".")
    if group.isascii() and all(word and (word.isalnum() or word.replace("_", "a").isalnum()) for word in words):
        return None
    return (f"{quote(group)} is not a group that can be indexed: use ASCII letters, digits and '_' in words joined by single "
            "'.' or '-', such as 'my_app.plugins'")  # fmt: skip


def name_fault(name: str) -> str | None:
    fault = _fault_of_text(name, "entry-point name", NAME_BYTES_MAX)
    if fault is not None:
        return fault
    why = _why_no_name(name)
    return f"{quote(name)} is not an entry-point name: {why}" if why else None


def _why_no_name(name: str) -> str | None:
    if name[0] in "[#;":
        return "it may not begin with '[', '#' or ';'"
    if name != name.strip():
        return "it may not begin or end with white space"
    if "=" in name:
        return "'=' is not allowed in it"
    if name.isascii() and name.isprintable():
        return None
    kind = _first_fault(name, _INVISIBLE)
    if kind == "control":
        return "control characters and line breaks are not allowed in it"
    if kind == "invisible":
        return "invisible characters and those that change the writing direction are not allowed in it"
    return None


def script_fault(name: str) -> str | None:
    """A script's name becomes one file beside Python."""
    fault = name_fault(name)
    if fault is not None:
        return fault
    why = _why_no_file(name)
    return f"{quote(name)} is not the name of a script, which becomes one file: {why}" if why else None


def _why_no_file(name: str) -> str | None:
    for char in name:
        if char in "/\\:":
            return "'/', '\\' and ':' lead to another directory or drive"
        if char in '<>"|?*':
            return "'<', '>', '\"', '|', '?' and '*' are not allowed in it"
    if name[0] in ".-":
        return "it may not begin with '.' or '-'"
    if name[-1] == ".":
        return "it may not end with '.'"
    stem = lower(name.partition(".")[0].strip(SPACE))
    is_port = len(stem) == 4 and stem[:3] in ("com", "lpt") and "1" <= stem[3] <= "9"
    return "Windows takes it for a device" if stem in _DEVICES or is_port else None


def lower(text: str) -> str:
    """Lower case of ASCII letters alone."""
    return text.lower() if text.isascii() else "".join(char.lower() if char.isascii() else char for char in text)


# ---- object references ----


def reference_fault(value: str, is_script: bool) -> str | None:
    """Why a value is no object reference, or none that a script can call."""
    rest = value.strip(SPACE)
    fault = _fault_of_text(rest, "object reference", VALUE_BYTES_MAX)
    if fault is not None:
        return fault
    why = "control characters and line breaks are not allowed" if has_controls(value) else _why_no_reference(rest)
    if why:
        return f"{quote(value)} is not an object reference: {why} (wanted: 'package.module:attribute', optionally ' [extra]')"
    module, colon, _ = _cut_extras(rest)[0].partition(":")
    if is_script and not colon:
        module = module.strip(SPACE)
        return f"a script needs a function: '{module}:main' instead of '{module}'"
    return None


def _cut_extras(text: str) -> tuple[str, str | None]:
    """(the text before the brackets at its end, what is in them)."""
    if not text.endswith("]"):
        return text, ""
    reference, bracket, extras = text.partition("[")
    return (reference.strip(SPACE), extras[:-1].strip(SPACE)) if bracket else (text, None)


def _why_no_reference(text: str) -> str | None:
    reference, extras = _cut_extras(text)
    if extras is None:
        return "']' has no '['"
    module, colon, attr = reference.partition(":")
    why = _why_no_path(module.strip(SPACE), "the part before ':'", "module")
    if why is None and colon:
        why = _why_no_path(attr.strip(SPACE), "the part after ':'", "attribute")
    if why is None and extras and not all(_is_extra(one.strip(SPACE)) for one in extras.split(",")):
        return "the extras in brackets are not names joined by commas"
    return why


def _why_no_path(path: str, which: str, kind: str) -> str | None:
    for word in path.split("."):
        if not word.isidentifier():
            return f"{which} is not a Python {kind} name"
        if word in KEYWORDS:
            return f"{which} has a keyword of Python"
    return None


def _is_extra(name: str) -> bool:
    return bool(name) and name[0] in _WORD and name[-1] in _WORD and all(char in _WORD or char in "-_." for char in name)
