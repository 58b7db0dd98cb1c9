# SPDX-License-Identifier: MIT
"""Plain English: phrases that a reader has to read twice are refused in every text that a user sees. These
are C string literals, messages of the Python package, the help of the programs, and the prose of docs/."""

import ast
import os
import re
import subprocess

import pytest
from tree import ROOT, files, literals, text_of

# (what is refused, what to write)
PHRASES = (
    (r"\bnobody\b", "no user, no request, …: name the subject"),
    (r"\bwhoever\b", "name the subject"),
    (r"\b(is|are|was|be|being) told\b", "is printed, is reported, is logged"),
    (r"\btold (again|of|by|on)\b", "is reported"),
    (r"\bit goes:", "Usage:"),
    (r"\bthere is no such\b", "unknown, not found"),
    (r"\bno such thing\b", "not found"),
    (r"\bgo(es)? on (being|with|as)\b", "is still"),
    (r"\bgiven to nobody\b", "quarantined"),
    (r"\bgood tokens?\b", "valid tokens"),
    (r"\bwithout a bound\b", "unlimited"),
    (r"\bwhat stands between\b", "name the things"),
    (r"\btaken for (?!granted)", "similar to"),
    (r"\b(is|are) like that\b", "matches"),
    (r"\bnot right\b", "invalid"),
    (r"\bout of reach\b", "cannot be reached"),
    (r"\btak(e|es|en|ing) (it|them|a key|a yank) away\b|\btaken away\b", "remove"),
    (r"\bmade anew\b", "made again, regenerated"),
    (r"\bever later\b", "with growing pauses"),
    (r"\bone word too many\b", "unexpected argument"),
    (r"\bso already\b|\bis it so\b", "no change was needed"),
    (r"\bgone back to\b|\bgo(es)? back to before\b", "rolled back"),
    (r"\bby its mark\b|\bbears the mark\b", "matches a convention"),
    (r"\bcame of (it|a|the)\b", "the result"),
    (r"\bsomething is missing\b", "name what is missing"),
    (r"\b(it|which) is no (?!longer|more)\w+", "is not a …"),
    (r"\bmay be had\b|\bis to be had\b", "is available"),
    (r"\btaking its leave\b|\bunasked\b", "closing the connection"),
    (r"\bword of the kernel\b|\bkernel's word\b", "the kernel reports"),
    (r"\bfor nothing but\b", "only for"),
    (r"\bas it stands\b|\bas they stand\b", "unchanged"),
    (r"\bwrong hands\b", "leaked"),
    (r"\bwhat is guarded\b|\bhow often\b|\bhow the code should feel\b", "a heading names its subject"),
    (r"\bwho (extends|has|may|asks) (it|what)\b", "name the subject"),
    (r"\bsame name twice\b", "name conflict"),
    (r"\bhas (any|none) of (it|them)\b", "name the subject"),
    (r"\bnobody (is|was|has|can|uses|knows)\b", "name the subject"),
    (r"\bdid you mean [a-z-]+[?]", "quote the word: Did you mean \"list\"?"),
)

# Rooms whose texts are still being rewritten: folders of code ("client/fs/"), pages ("docs/C.md"), programs
# ("registryd --help"). A room that has become clean must be removed: a test below fails until it is.
OPEN = ()


def breaches_of(where, text):
    return [f"{where}: {match.group(0)!r}: write {instead!r}"
            for phrase, instead in PHRASES
            for match in re.finditer(phrase, text, re.IGNORECASE)]


def c_breaches(root):
    return [breach for path in files(root)
            for line, text in literals(text_of(root, path)) if " " in text
            for breach in breaches_of(f"{path}:{line}", text)]


def docstrings(module):
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {id(node.body[0].value) for node in ast.walk(module)
            if isinstance(node, kinds) and node.body and isinstance(node.body[0], ast.Expr)}


def python_breaches(root):
    found = []
    for path in sorted((root / "client/python").rglob("*.py")):
        module = ast.parse(path.read_text())
        skipped = docstrings(module)
        for node in ast.walk(module):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
                found += breaches_of(f"{path.relative_to(root)}:{node.lineno}", node.value)
    return found


def prose(page):
    """A page without code blocks and inline code; lines stay where they are."""
    page = re.sub(r"^( *)```.*?^ *```", lambda block: "\n" * block.group(0).count("\n"), page,
                  flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "``", page)


def page_breaches(root):
    pages = [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("tests/*.md")]
    return [breach for path in sorted(pages)
            for number, line in enumerate(prose(path.read_text()).splitlines(), 1)
            for breach in breaches_of(f"{path.relative_to(root)}:{number}", line)]


def help_breaches(root):
    folder = os.path.join(os.environ["REGISTRYD_BUILD_DIR"], "bin")

    def run(*command):
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    control = os.path.join(folder, "registryctl")
    names = re.findall(r"^  ([a-z][a-z-]*)  ", run(control, "--help").split("Global options")[0], re.MULTILINE)
    texts = {"registryd --help": run(os.path.join(folder, "registryd"), "--help"),
             "registryctl --help": run(control, "--help"),
             **{f"registryctl {name} --help": run(control, name, "--help") for name in names}}
    return [breach for where, text in texts.items() for breach in breaches_of(where, " ".join(text.split()))]


def room_of(breach):
    """The folder of a file of code, or the page, or the program."""
    where = breach.split(":")[0]
    return where if where.endswith((".md", "--help")) else where.rsplit("/", 1)[0] + "/"


CHECKS = (c_breaches, python_breaches, page_breaches, help_breaches)


def stale(rooms, breaches):
    """The rooms that have no breach any more."""
    return sorted(set(rooms) - {room_of(breach) for breach in breaches})


@pytest.mark.parametrize("check", CHECKS)
def test_the_texts_are_plain_english(check):
    assert [breach for breach in check(ROOT) if room_of(breach) not in OPEN] == []


def test_no_clean_room_is_called_open():
    assert stale(OPEN, [breach for check in CHECKS for breach in check(ROOT)]) == []


def test_a_stale_room_is_seen():
    breaches = ["client/fs/a.c:1: 'nobody': write '…'", "docs/C.md:2: 'nobody': write '…'"]
    assert stale(("client/fs/", "client/walk/", "docs/C.md", "docs/X.md"), breaches) == ["client/walk/", "docs/X.md"]


@pytest.mark.parametrize("text", [
    "Nobody uses these words", "it is told again", "It goes: registryctl x", "0 is without a bound",
    "There is no such token", "What is published goes on being given", "it is no package", "is easily taken for x",
    "Give a name that may be had", "the command line is not right",
])
def test_a_phrase_is_seen(tmp_path, text):
    (tmp_path / "schema").mkdir()
    (tmp_path / "schema/a.c").write_text(f'// {text}\nconst char *a = "x y. "\n    "{text}";\n')
    (tmp_path / "a.md").write_text(f"# Title\n\n```\n{text}\n```\n\n{text}.\n")
    assert {breach.split(": ")[0] for breach in c_breaches(tmp_path)} == {"schema/a.c:2"}
    assert {breach.split(": ")[0] for breach in page_breaches(tmp_path)} == {"a.md:7"}
