# SPDX-License-Identifier: MIT
"""Names (PEP 503, 685) and entry points against `packaging`, `re` and `importlib.metadata`."""
import keyword
import random
import re
from importlib.metadata import EntryPoint

from packaging.utils import canonicalize_name

import probe

VALID_NAME = re.compile(r"([A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])\Z", re.IGNORECASE | re.ASCII)
GROUP = re.compile(r"\w+([.-]\w+)*\Z", re.ASCII)  # what is indexed; the specification has no "-"


def random_text(rng, alphabet, longest):
    return "".join(rng.choice(alphabet) for _ in range(rng.randrange(longest + 1)))


def oracle_name(text):
    if not VALID_NAME.match(text) or len(text) > 100:
        return ["error", "invalid"]
    return ["ok", canonicalize_name(text)]


def test_names_agree():
    rng = random.Random(503)
    names = [random_text(rng, "abzABZ019-_..__--", 9) for _ in range(4000)]
    names += [random_text(rng, "aZ9-_. \n\x00é+,/", 5) for _ in range(2000)]
    names += ["a" * 100, "a" * 101, "a" + "-" * 98 + "b", "-" * 100]
    answers = probe.ask([("name", name) for name in names])
    probe.report([
        (name, answer, oracle_name(name))
        for name, answer in zip(names, answers)
        if answer != oracle_name(name)
    ])


def test_groups_agree():
    rng = random.Random(504)
    groups = [random_text(rng, "ab_09..-é字", 8) for _ in range(2000)]
    groups += [random_text(rng, "a_. -\n\x00:=[]", 5) for _ in range(1000)]
    answers = probe.ask([("group", group) for group in groups])
    expected = ["ok" if GROUP.match(group) else "invalid" for group in groups]
    probe.report([case for case in zip(groups, answers, expected) if case[1] != [case[2]]])


def is_dotted_identifier(text):
    return all(word.isidentifier() and not keyword.iskeyword(word) for word in text.split("."))


def test_identifiers_agree():
    """Every character of Unicode at the beginning and inside of a word, against str.isidentifier()."""
    step = 13  # a prime, so that every range is met somewhere; the first 0x3000 characters all
    codes = [*range(0x80, 0x3000), *range(0x3000, 0xD800, step), *range(0xE000, 0x110000, step * 5)]
    words = [word for code in codes for word in (chr(code), "a" + chr(code))]
    words += ["हिन्दी", "चलाओ", "été", "e\u0301te\u0301", "x\u200d", "a😀", "😀", "ﬁx", "ªb", "℘", "·a", "a·", "x²"]
    answers = probe.ask([("reference", word) for word in words])
    probe.report([
        (word, answer) for word, answer in zip(words, answers)
        if (answer[0] == "ok") != word.isidentifier()
    ])


def test_keywords_are_no_names():
    words = [*keyword.kwlist, *keyword.softkwlist]
    values = [value for word in words for value in (word, "a." + word, "a:" + word, f"a:b.{word}.c")]
    probe.report([
        (value, answer) for value, answer in zip(values, probe.ask([("reference", v) for v in values]))
        if (answer[0] == "ok") == any(keyword.iskeyword(w) for w in re.split("[.:]", value))
    ])


def oracle_reference(text):
    """The strict grammar, built on Python's own notion of an identifier."""
    head, bracket, rest = text.strip().partition("[")
    module, colon, attr = (part.strip() for part in head.partition(":"))
    extras = (bracket + rest).strip()
    if not is_dotted_identifier(module) or (colon and not is_dotted_identifier(attr)):
        return ["error", "invalid"]
    if extras and (not extras.endswith("]") or not all_extras(extras[1:-1].strip())):
        return ["error", "invalid"]
    return ["ok", module, attr, extras[1:-1].strip()]


def all_extras(text):
    names = [name.strip() for name in text.split(",")] if text else []
    return all(re.match(r"([A-Za-z0-9]|[A-Za-z0-9][\w.-]*[A-Za-z0-9])\Z", n, re.A) for n in names)


def random_reference(rng):
    words = ["a", "b1", "_x", "pkg", "mod_ule", "Klass", "été", "字", "run"]
    dotted = lambda: ".".join(rng.choice(words) for _ in range(rng.choice([1, 1, 2, 3])))
    space = lambda: rng.choice(["", "", "", " ", "  "])
    text = space() + dotted()
    if rng.random() < 0.8:
        text += space() + ":" + space() + dotted()
    if rng.random() < 0.3:
        names = [rng.choice(["x", "x-y", "a.b", "E1", "z_9"]) for _ in range(rng.randrange(4))]
        text += space() + "[" + space() + (space() + "," + space()).join(names) + space() + "]"
    return text + space()


def test_references_agree():
    rng = random.Random(505)
    values = [random_reference(rng) for _ in range(2000)]
    for value in values[:]:
        at = rng.randrange(len(value) + 1)
        values.append(value[:at] + rng.choice(".:[], -=1a/()") + value[at + rng.randrange(2) :])
    answers = probe.ask([("reference", value) for value in values])
    probe.report([
        (value, answer, oracle_reference(value))
        for value, answer in zip(values, answers)
        if answer != oracle_reference(value)
    ])
    accepted = [(v, a) for v, a in zip(values, answers) if a[0] == "ok"]
    assert 2000 < len(accepted) < 4000
    for value, answer in accepted:  # whatever we take, the Python runtime takes, and reads the same
        runtime = EntryPoint("name", value.strip(), "group")
        assert (runtime.module, (runtime.attr or "").rstrip()) == tuple(answer[1:3]), value


def test_hand_picked_references():
    """entry_points.tsv: kind, text, expected answer."""
    cases = probe.rows("entry_points.tsv", 3)
    answers = probe.ask([(kind, text) for kind, text, _ in cases])
    probe.report([
        (case, answer) for case, answer in zip(cases, answers) if " | ".join(answer) != case[2]
    ])
    references = [case for case in cases if case[0] == "reference" and case[2].startswith("ok")]
    assert not any(keyword.iskeyword(case[1]) for case in references)


def test_hand_picked_names():
    """names.tsv: text, normal form or 'error …'."""
    cases = probe.rows("names.tsv", 2)
    answers = probe.ask([("name", text) for text, _ in cases])
    problems = []
    for (text, normal), answer in zip(cases, answers):
        wanted = normal.split(" ") if normal.startswith("error ") else ["ok", normal]
        if answer != wanted or oracle_name(text) != wanted:
            problems.append((text, answer, wanted, oracle_name(text)))
    probe.report(problems)
