# SPDX-License-Identifier: MIT
"""Names as this package compares, reads and writes them: of projects, entry points, groups and modules.

It imports nothing of the package, so that every other module may use it.
"""

_reference = None  # the compiled pattern of object references


def reference_pattern():
    """The pattern of object references, as importlib.metadata has it. `re` is imported when it is needed."""
    global _reference
    if _reference is None:
        import re

        _reference = re.compile(r"(?P<module>[\w.]+)\s*(:\s*(?P<attr>[\w.]+)\s*)?((?P<extras>\[.*\])\s*)?$")
    return _reference


def normalize(name: str) -> str:
    """A project's name as importlib.metadata compares it: lower case, and one underscore for each run of
    `-`, `_` and `.`."""
    name = name.lower().replace("-", "_").replace(".", "_")
    while "__" in name:
        name = name.replace("__", "_")
    return name


def split_reference(value) -> tuple[str, str | None, str | None] | None:
    """(module, attr, extras) of an object reference; None for anything else. Each part of a name may be any
    identifier of Python; the pattern of importlib.metadata knows no combining marks."""
    if not isinstance(value, str):
        return None
    reference, bracket, extras = value.partition("[")
    module, colon, attr = (part.strip() for part in reference.partition(":"))
    is_name = _is_dotted_name(module) and (_is_dotted_name(attr) if colon else True) and not value[0].isspace()
    if is_name and (not bracket or extras.rstrip().endswith("]")):
        return module, attr or None, f"[{extras}".rstrip() if bracket else None
    match = reference_pattern().match(value)
    return match.group("module", "attr", "extras") if match is not None else None


def _is_dotted_name(text: str) -> bool:
    """Whether a text is a dotted name, as Python's grammar has it: "acme.plugins"."""
    return all(part.isidentifier() for part in text.split("."))


def entry_line(name: str, value: str) -> str | None:
    """The line of entry_points.txt that says `name = value`; None when a reader of that line would see
    anything else: a comment, a section, another name, or more lines than one."""
    line = f"{name} = {value}"
    is_safe = not line.startswith(("#", ";", "[")) and "=" not in name and line.splitlines() == [line]
    return line if is_safe and name == name.strip() else None


def section_line(group: str) -> str | None:
    """The line of entry_points.txt that begins a group; None when a reader would see another group."""
    line = f"[{group}]"
    is_safe = "]" not in group and "[" not in group and line.splitlines() == [line]
    return line if is_safe and group == group.strip() else None


def is_indexed_group(group: str) -> bool:
    """Whether a registry indexes a group of that name: ASCII letters, digits and `_`, in parts that are
    separated by single `.` or `-`, at most 200 bytes."""
    parts = group.replace("-", ".").split(".")
    return group.isascii() and len(group) <= 200 and all(part.replace("_", "a").isalnum() for part in parts)
