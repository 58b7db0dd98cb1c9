# SPDX-License-Identifier: MIT
"""The source tree as the contract tests see it: files, functions, includes.

Every check in this folder is a function from a root to a list of breaches ("file:line: what"), so
that it can be run over the real tree and, in the same test file, over a tiny bad one: a check that
cannot fail is worth nothing.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(os.environ.get("REGISTRYD_SOURCE_DIR") or Path(__file__).resolve().parents[2])
CODE = ("schema", "registryd", "client")


def files(root, suffixes=(".c", ".h", ".cpp"), folders=CODE):
    """The files of these folders with these suffixes, sorted, as paths relative to the root."""
    found = []
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            hidden = any(part.startswith((".", "build")) for part in path.relative_to(root).parts)
            if path.is_file() and path.suffix in suffixes and not hidden:
                found.append(path.relative_to(root))
    return found


def text_of(root, path):
    return (root / path).read_text(encoding="utf-8")


def blank(match):
    """What stood there, as white space: line numbers and columns stay right."""
    return re.sub(r"[^\n]", " ", match.group(0))


TOKENS = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL
)


def without_comments(text):
    return TOKENS.sub(lambda m: blank(m) if m.group(0)[0] == "/" else m.group(0), text)


def code_only(text):
    """Without comments, strings and character constants."""
    return TOKENS.sub(blank, text)


def literals(text):
    """(line number, text) of every string of the program, adjacent literals joined; escapes of quotes and
    line breaks are resolved."""
    text = without_comments(text)
    run = r'"(?:\\.|[^"\\\n])*"(?:\s*"(?:\\.|[^"\\\n])*")*'
    for match in re.finditer(r"'(?:\\.|[^'\\\n])*'|" + run, text):
        if match.group(0)[0] == '"':
            parts = re.findall(r'"((?:\\.|[^"\\\n])*)"', match.group(0))
            joined = "".join(parts).replace("\\n", "\n").replace('\\"', '"')
            yield text.count("\n", 0, match.start()) + 1, joined


def includes(text):
    """(line number, name, is system) of every #include."""
    for number, line in enumerate(without_comments(text).splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            yield number, match.group(2), match.group(1) == "<"


@dataclass
class Function:
    name: str
    line: int
    lines: int
    parameters: int
    is_static: bool


def functions(text):
    """The function definitions of a formatted file: head at the left margin, `{` at the end of the
    head's last line, `}` at the left margin."""
    lines = code_only(text).splitlines()
    number = 0
    while number < len(lines):
        start = number
        head = lines[number]
        number += 1
        is_macro_call = re.fullmatch(r"[A-Z][A-Z0-9_]*\(.*\)\s*", head)
        if not re.match(r"[A-Za-z_]", head) or head.startswith("typedef") or is_macro_call:
            continue
        while number < len(lines) and not re.search(r"[;{}=]", head):
            head += "\n" + lines[number]
            number += 1
        match = re.search(r"(\w+)\s*\((.*)\)[^()]*\{\s*$", head, re.DOTALL)
        if not match or re.search(r"[;=]", head):
            continue
        while number < len(lines) and lines[number].rstrip() != "}":
            number += 1
        number += 1
        yield Function(
            name=match.group(1),
            line=start + 1,
            lines=number - start,
            parameters=count_parameters(match.group(2)),
            is_static=bool(re.search(r"\bstatic\b", head)),
        )


def count_parameters(text):
    text = re.sub(r",\s*\.\.\.\s*$", "", text)  # the arguments of a format are not counted
    if text.strip() in ("", "void"):
        return 0
    depth = 0
    commas = 0
    for char in text:
        depth += (char == "(") - (char == ")")
        commas += char == "," and depth == 0
    return commas + 1


def write_tree(root, contents):
    """Makes a small tree for a test: {path: text}."""
    for path, text in contents.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def assert_breach(check, root, contents, expected):
    """The check says nothing about an empty tree and names the breach in this one."""
    assert check(root) == []
    breaches = check(write_tree(root, contents))
    assert any(expected in breach for breach in breaches), breaches
