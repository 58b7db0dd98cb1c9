# SPDX-License-Identifier: MIT
"""entry_points.txt in Python, with the findings of the C reader: what importlib.metadata yields of a file, and where
configparser, which installers use, reads it in another way."""

from . import entry_point_rules as rules
from .faults import fault, fit

FILE_BYTES_MAX = 256 * 1024
ENTRIES_MAX = 2000
FINDINGS_MAX = 200
_UNUSUAL = "\v\f\x1c\x1d\x1e\x85\u2028\u2029"  # line ends beside \n and \r

# code -> whether it is an error: what loses an entry point at run time, or names what cannot be installed
_IS_ERROR = {
    "entry-points-byte-order-mark": True, "entry-points-before-first-group": True, "entry-points-no-equals-sign": True,
    "entry-points-nul": True, "entry-points-semicolon-comment": False, "entry-points-indented-line": False,
    "entry-points-unusual-line-end": False, "entry-points-group-header": False, "entry-points-default-group": False,
    "entry-points-duplicate-group": False, "entry-points-duplicate-name": False, "entry-points-script-case": False,
    "entry-points-percent-sign": False, "entry-points-inline-comment": True, "group-not-indexed": False,
    "entry-point-name-invalid": True, "script-name-invalid": True, "entry-point-value-invalid": True,
}  # fmt: skip


class _Reader:
    """The state between the lines."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str, str]] = []
        self.lints: list[tuple[bool, str, int, str]] = []
        self.line = 0
        self.group: str | None = None
        self.is_scripts = False
        self.groups: set[str] = set()
        self.names: set[str] = set()  # of the entries since the last header
        self.scripts: dict[str, str] = {}  # of scripts: name in lower case -> the first so
        self.indent = 0  # as configparser keeps it: of the last line that was no continuation
        self.is_option_open = False  # a deeper line would be its continuation there

    def lint(self, code: str, message: str) -> None:
        if len(self.lints) < FINDINGS_MAX:
            self.lints.append((_IS_ERROR[code], code, self.line, fit(message)))

    # ---- lines ----

    def read(self, text: str) -> None:
        if text.startswith("\ufeff"):
            self.line = 1
            self.lint("entry-points-byte-order-mark", "the file begins with a byte order mark: the runtime does not recognise "
                      "the first group header and loses its entries; save the file without it")  # fmt: skip
        self.line = 0
        is_new = True
        for whole in text.splitlines(keepends=True):
            self.line += is_new
            is_unusual = whole[-1] in _UNUSUAL
            is_new = not is_unusual
            if is_unusual:
                self.lint("entry-points-unusual-line-end", "a control character ends the line at run time; use line feeds")
            stripped = whole.strip()
            if not stripped or stripped[0] == "#":
                continue
            if stripped[0] != ";":
                self.follow_indent(len(whole) - len(whole.lstrip()))
            self.read_line(stripped)

    def follow_indent(self, indent: int) -> None:
        """configparser compares with the line that began the option, not with the first column."""
        if self.is_option_open and indent > self.indent:
            self.lint("entry-points-indented-line", "configparser reads an indented line as a continuation of the value above; "
                      "at run time it is a line of its own")  # fmt: skip
            return
        self.indent = indent

    def read_line(self, line: str) -> None:
        if "\0" in line:
            self.lint("entry-points-nul", "the line has a NUL byte and is left out")
        elif line[0] == "[" and line[-1] == "]":
            self.read_header(line)
        elif self.group is None:
            self.lint("entry-points-before-first-group", "the line stands before the first group header and is ignored")
        elif "=" not in line:
            self.lint("entry-points-no-equals-sign", "the line has no '=' and is left out; the Python runtime fails on it, for "
                      "every package of the environment")  # fmt: skip
        else:
            self.read_entry(line, self.group)

    def read_header(self, line: str) -> None:
        """The runtime strips all brackets at both ends."""
        group = line.lstrip("[]").rstrip("[]")
        if len(group) + 2 != len(line):
            self.lint("entry-points-group-header", "the header has more brackets than two; configparser reads another name from it")
        why = rules.group_fault(group)
        if why is not None:
            self.lint("group-not-indexed", why)
        if group == "DEFAULT":
            self.lint("entry-points-default-group", "configparser would add the entries of this group to every other group")
        if group in self.groups:
            self.lint("entry-points-duplicate-group", "the group has a second header; configparser refuses the file")
        self.group, self.is_scripts = group, group in rules.SCRIPTS
        self.groups.add(group)
        self.names, self.scripts, self.is_option_open = set(), {}, False

    # ---- entries ----

    def read_entry(self, line: str, group: str) -> None:
        """Everything wrong with an entry is a lint; the entry itself is kept, since the host will see it."""
        name, _, value = line.partition("=")
        name, value = name.strip(), value.strip()
        self.is_option_open = True
        if line[0] == ";":
            self.lint("entry-points-semicolon-comment", "at run time ';' does not begin a comment, so this line is an entry; "
                      "begin comments with '#'")  # fmt: skip
        elif line[0] == "[" and "]" in line:
            self.lint("entry-points-group-header", "this line is an entry at run time, but a header for configparser")
        why = rules.name_fault(name)
        if why is not None:
            self.lint("entry-point-name-invalid", why)
        elif self.is_scripts and (why := rules.script_fault(name)) is not None:
            self.lint("script-name-invalid", why)
        self.lint_value(value)
        if len(self.entries) == ENTRIES_MAX:
            raise fault("too-large", f"entry_points.txt has more than {ENTRIES_MAX} entries")
        self.lint_duplicates(name)
        self.entries.append((group, name, value))

    def lint_value(self, value: str) -> None:
        if "%" in value:
            self.lint("entry-points-percent-sign", "configparser reads '%' in a value as an interpolation")
        if _has_comment(value):
            self.lint("entry-points-inline-comment", "a comment behind a value is a part of the value; give it a line of its own")
        elif (why := rules.reference_fault(value, self.is_scripts)) is not None:
            self.lint("entry-point-value-invalid", why)

    def lint_duplicates(self, name: str) -> None:
        first = self.scripts.setdefault(rules.lower(name), name) if self.is_scripts else name
        if first != name:
            self.lint("entry-points-script-case", "the name of another script differs only in case; on some systems both are one file")
        elif name in self.names:
            self.lint("entry-points-duplicate-name", "the group has another entry of this name; both are kept, but configparser "
                      "refuses the file")  # fmt: skip
        self.names.add(name)


def _has_comment(value: str) -> bool:
    """ "mail = crm:Plugin  # the mailer" has the value "crm:Plugin  # the mailer" at run time."""
    if "#" not in value and ";" not in value:
        return False
    return any(value[at] in rules.SPACE and value[at + 1] in "#;" for at in range(len(value) - 1))


def parse_entry_points(data: bytes, /) -> tuple[list[tuple[str, str, str]], list[tuple[bool, str, int, str]]]:
    """(entries, lints) of the bytes of a file. Entries are (group, name, value) in the order of the file; lints are
    (is_error, code, line, message). A line that is not an entry is left out."""
    if not isinstance(data, bytes):
        raise TypeError(f"expected bytes, {type(data).__name__} found")
    if len(data) > FILE_BYTES_MAX:
        raise fault("too-large", f"entry_points.txt is over {FILE_BYTES_MAX} bytes")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise fault("invalid", "entry_points.txt is not valid UTF-8; the Python runtime fails on it, for every package of the "
                    "environment") from None  # fmt: skip
    reader = _Reader()
    reader.read(text)
    return reader.entries, reader.lints
