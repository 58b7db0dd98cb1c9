# SPDX-License-Identifier: MIT
"""Core metadata against importlib.metadata and the email parser below it."""
import email
import importlib.metadata
import pathlib
import random
import re
import zipfile

from importlib.metadata import _adapters
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

import probe
from test_requirements import string_of

FIELDS = [
    "Metadata-Version", "Name", "Version", "Dynamic", "Platform", "Supported-Platform", "Summary",
    "Description", "Description-Content-Type", "Keywords", "Home-page", "Download-URL", "Author",
    "Author-email", "Maintainer", "Maintainer-email", "License", "License-Expression",
    "License-File", "Classifier", "Requires-Dist", "Requires-Python", "Requires-External",
    "Project-URL", "Provides-Extra", "Import-Name", "Import-Namespace", "Provides-Dist",
    "Obsoletes-Dist", "Requires", "Provides", "Obsoletes",
]
ORDER = {name.lower(): at for at, name in enumerate(FIELDS)}


def runtime_fields(text):
    """(field, value) as importlib.metadata has them, in the order of our table."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    message = _adapters.Message(email.message_from_string(text))
    known = [(ORDER[key.lower()], value) for key, value in message.items() if key.lower() in ORDER]
    return [(FIELDS[at], value) for at, value in sorted(known, key=lambda pair: pair[0])]


def ask(texts):
    """(fields, lints) of each text, or an error."""
    found = []
    for answer in probe.ask([("metadata", text) for text in texts]):
        if answer[0] != "ok":
            found.append((answer, None))
            continue
        cut = len(answer) - 1 - answer[::-1].index("--")
        found.append((list(zip(answer[1:cut:2], answer[2:cut:2])), answer[cut + 1 :]))
    return found


VALUES = ["x", "a b", " x ", "", "1.0", "é", "UNKNOWN", "a: b", "x; y", "\tx"]
FOLDS = ["\n  folded", "\n        eight\n        again", "\n\tt", "\n        |bar", "\n       |bar",
         "\n    \n   x", "\n        a\n            b\n      c", "\n ", "\n \t x"]
ODD_LINES = [" stray", "no colon here", ":nameless", "Bad Name: x", "Unknown-Field: x", "é: x", "\tx", "X:"]


def random_file(rng):
    lines = [rng.choice(["", "", "", "From someone\n", "\ufeff"])]
    for _ in range(rng.randrange(12)):
        if rng.random() < 0.12:
            lines.append(rng.choice(ODD_LINES) + "\n")
            continue
        name = rng.choice(FIELDS)
        name = rng.choice([name, name, name.lower(), name.upper()])
        value = rng.choice(VALUES) + (rng.choice(FOLDS) if rng.random() < 0.3 else "")
        lines.append(name + ":" + rng.choice(["", " ", "  "]) + value + "\n")
    body = rng.choice(["", "", "\n", "\nbody\n", "\n\n  body\nName: x\n", "\nno end", "body\n"])
    text = "".join(lines) + body
    return text.replace("\n", rng.choice(["\n", "\n", "\n", "\r\n", "\r"]))


def test_fields_are_those_of_the_runtime():
    rng = random.Random(566)
    texts = [random_file(rng) for _ in range(3000)]
    probe.report([
        (text, fields, runtime_fields(text))
        for text, (fields, _) in zip(texts, ask(texts))
        if fields != runtime_fields(text)
    ])


def metadata_of_this_system():
    """Every METADATA and PKG-INFO that Debian's Python has here, also inside wheels."""
    for distribution in importlib.metadata.distributions():
        path = pathlib.Path(str(distribution._path))
        for file in (path / "METADATA", path / "PKG-INFO", path):
            if file.is_file():
                yield file.read_text(encoding="utf-8")
                break
    for wheel in pathlib.Path("/usr/share/python-wheels").glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name.endswith(".dist-info/METADATA"):
                    yield archive.read(name).decode()


def normal_form(text):
    """Packaging 23.0 normalises the name of an extra in the first comparison only."""
    form = string_of(Requirement(text))[-1]
    return re.sub(r'(?<=extra == ")[^"]+', lambda match: canonicalize_name(match[0]), form)


def test_the_metadata_of_this_system():
    texts = list(metadata_of_this_system())
    assert len(texts) > 5
    parsed = probe.ask([("metadata-parsed", text) for text in texts])
    for text, (fields, lints), answer in zip(texts, ask(texts), parsed):
        assert fields == runtime_fields(text)
        message = _adapters.Message(email.message_from_string(text))
        errors = [lint for lint in lints if lint.startswith(("metadata-missing", "metadata-duplicate"))]
        assert errors == []
        requirements = message.get_all("Requires-Dist") or []
        assert answer[1:4] == [
            canonicalize_name(message["Name"]),
            str(Version(message["Version"])),
            str(SpecifierSet(message["Requires-Python"] or "")),
        ]
        assert answer[7:] == [normal_form(text) for text in requirements]


def test_hand_picked_files():
    """core_metadata.tsv: what is shown, file, lints (code:line), parsed parts joined by ' | '."""
    cases = probe.rows("core_metadata.tsv", 4)
    texts = [case[1] for case in cases]
    problems = []
    parsed = probe.ask([("metadata-parsed", text) for text in texts])
    for (title, text, lints, parts), (fields, found), answer in zip(cases, ask(texts), parsed):
        shown = " | ".join(answer[1:])
        if fields != runtime_fields(text) or " ".join(found) != lints or shown != parts:
            problems.append((title, found, lints, shown, parts))
    probe.report(problems)


def test_bytes_that_are_no_text_cost_the_file():
    texts = ["Metadata-Version: 2.1\nName: a\udcff\n", "Metadata-Version: 2.1\nName: a\0b\n"]
    assert ask(texts) == [(["error", "invalid"], None)] * 2


def test_project_urls_know_their_labels():
    """project_urls.tsv: text, label, URL, kind."""
    cases = probe.rows("project_urls.tsv", 4)
    answers = probe.ask([("project-url", case[0]) for case in cases])
    expected = [["ok", *case[1:]] if case[1] else ["error", "invalid"] for case in cases]
    probe.report([pair for pair in zip(cases, answers, expected) if pair[1] != pair[2]])
