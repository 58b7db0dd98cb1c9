# SPDX-License-Identifier: MIT
"""entry_points.txt against the two readers Python has: importlib.metadata, whose view is ours, and
configparser, from which every difference must be a lint."""
import configparser
import importlib.metadata
import pathlib
import random

import probe

DIFFERENCE_LINTS = {
    "entry-points-" + code
    for code in (
        "byte-order-mark", "before-first-group", "no-equals-sign", "nul", "semicolon-comment",
        "indented-line", "unusual-line-end", "group-header", "default-group", "duplicate-group",
        "duplicate-name", "percent-sign",
    )
} | {"group-not-indexed", "entry-point-name-invalid"}


def runtime_entries(text):
    """What the runtime yields; lines that it fails on are left out one by one."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    while True:
        try:
            found = importlib.metadata.EntryPoints._from_text(text)
            return [(entry.group, entry.name, entry.value) for entry in found]
        except TypeError:
            text = without_first_bad_line(text)


def without_first_bad_line(text):
    lines = text.splitlines(keepends=True)
    inside = False
    for at, line in enumerate(lines):
        line = line.strip()
        header = line.startswith("[") and line.endswith("]")
        inside = inside or header
        if inside and line and not header and not line.startswith("#") and "=" not in line:
            return "".join(lines[:at] + ["\n"] + lines[at + 1 :])
    raise AssertionError("the runtime failed on something else")


def configparser_entries(text):
    """What configparser reads with '=' only and case kept; None where it refuses."""
    parser = configparser.ConfigParser(delimiters=("=",))
    parser.optionxform = str
    try:
        parser.read_string(text.replace("\r\n", "\n").replace("\r", "\n"))
        return [
            (section, name, value)
            for section in parser.sections()
            for name, value in parser.items(section)
        ]
    except configparser.Error:
        return None


def ask(texts):
    """(entries, lints) or an error for each text."""
    found = []
    for answer in probe.ask([("entry-points", text) for text in texts]):
        if answer[0] != "ok":
            found.append((answer, None))
            continue
        cut = answer.index("--")
        fields = answer[1:cut]
        found.append((list(zip(fields[0::3], fields[1::3], fields[2::3])), answer[cut + 1 :]))
    return found


HEADERS = ["[a]", "[a.b]", "[console_scripts]", " [a]", "[ a ]", "[[a]]", "[]", "[DEFAULT]", "[a", "[a] x",
           "[a-b]", "[a]=b", "[é]"]
LINES = ["x = m:f", "x=m", "y = m.n:f.g [e]", "  z = m:f", "\tz=m", "x = m:f # c", "x = m:f ; c", "# c",
         "  # c", "; c", ";c = d", "  ; c", "no equals", "x", "= m", "x =", "x = a = b", "%x = m",
         "x = %(y)s", "x = m%%", "é = ü:ß", "x y = m:f", "", "", "  ", "\t", "x: y = m", "x : m"]
ENDS = ["\n"] * 30 + ["\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\n\n"]


def random_file(rng, tidy):
    text = "" if tidy else rng.choice([""] * 7 + ["\ufeff", "\u00a0", "x = y\n"])
    for _ in range(rng.randrange(4)):
        text += rng.choice(HEADERS[:3] if tidy else HEADERS) + rng.choice(ENDS[:30] if tidy else ENDS)
        for number in range(rng.randrange(5)):
            line = rng.choice(LINES[:3] if tidy else LINES)
            if tidy:
                line = f"{line[0]}{number}{line[1:]}"
            text += line + rng.choice(ENDS[:30] if tidy else ENDS)
    return text


def test_entries_are_those_of_the_runtime():
    rng = random.Random(517)
    texts = [random_file(rng, tidy=number % 4 == 0) for number in range(4000)]
    problems = [
        (text, entries, runtime_entries(text))
        for text, (entries, _) in zip(texts, ask(texts))
        if entries != runtime_entries(text)
    ]
    probe.report(problems)


def differences(texts):
    """(text, whether the two readers differ, the lints that say so) for each text."""
    for text, (entries, lints) in zip(texts, ask(texts)):
        codes = {lint.partition(":")[0] for lint in lints} & DIFFERENCE_LINTS
        yield text, configparser_entries(text) != entries, codes


def test_every_difference_from_configparser_is_a_lint():
    rng = random.Random(518)
    found = list(differences([random_file(rng, tidy=False) for _ in range(3000)]))
    probe.report([(text, codes) for text, differs, codes in found if differs and not codes])
    assert sum(differs for _, differs, _ in found) > 1000


def test_a_tidy_file_has_no_such_lint():
    rng = random.Random(519)
    found = list(differences([random_file(rng, tidy=True) for _ in range(1500)]))
    probe.report([(text, codes) for text, differs, codes in found if differs != bool(codes)])
    assert sum(not differs for _, differs, _ in found) > 500


def test_hand_picked_files():
    """entry_points_txt.tsv: text, entries (group|name|value, joined by ' ; '), lints."""
    problems = []
    cases = probe.rows("entry_points_txt.tsv", 3)
    for (text, entries, lints), answer in zip(cases, ask([case[0] for case in cases])):
        shown = " ; ".join("|".join(entry) for entry in answer[0])
        if (shown, " ".join(answer[1])) != (entries, lints):
            problems.append((text, answer, entries, lints))
        if answer[0] != runtime_entries(text):
            problems.append((text, answer, runtime_entries(text)))
    probe.report(problems)


def test_bytes_that_are_no_utf8_cost_the_file():
    assert ask(["[a]\nx = m:f\udcff\n"]) == [(["error", "invalid"], None)]


def test_the_entry_points_of_this_system():
    """Every distribution that Python sees here, read from its file, equals Python's own answer."""
    files = []
    for distribution in importlib.metadata.distributions():
        path = pathlib.Path(str(distribution._path))
        file = path / "entry_points.txt"
        if path.is_dir() and file.exists():
            files.append((file.read_text(encoding="utf-8"), list(distribution.entry_points)))
    assert files
    for (text, entries), (found, _) in zip(files, ask([text for text, _ in files])):
        assert found == [(entry.group, entry.name, entry.value) for entry in entries]
