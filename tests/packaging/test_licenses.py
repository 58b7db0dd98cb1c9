# SPDX-License-Identifier: MIT
"""Licence expressions against the reader that Debian's hatchling has, and our table against its."""
import random
import re

import pytest

import probe

supported = pytest.importorskip("hatchling.licenses.supported")
from hatchling.licenses.parse import normalize_license_expression  # noqa: E402

LICENSES = [row["id"] for row in supported.LICENSES.values()]
EXCEPTIONS = [row["id"] for row in supported.EXCEPTIONS.values()]
OLD = {row["id"] for row in [*supported.LICENSES.values(), *supported.EXCEPTIONS.values()]
       if row["deprecated"]}


def oracle(text):
    try:
        normal = normalize_license_expression(text)
    except ValueError:
        return ["error", "invalid"]
    words = normal.replace("(", " ").replace(")", " ").split()
    return ["ok", normal, "01"[any(word in OLD for word in words) or names_old_plus(words)]]


def names_old_plus(words):
    return any(word.endswith("+") and word not in OLD and word[:-1] in OLD for word in words)


def test_our_table_is_the_one_that_debian_carries():
    if supported.VERSION != "3.19":
        pytest.skip("another list; cmake/license_ids.py makes ours from it")
    answers = probe.ask([("license", text) for text in LICENSES])
    assert answers == [["ok", text, "01"[text in OLD]] for text in LICENSES]
    texts = [f"mit with {text.lower()}" for text in EXCEPTIONS]
    answers = probe.ask([("license", text) for text in texts])
    assert [answer[1] for answer in answers] == [f"MIT WITH {text}" for text in EXCEPTIONS]
    source = (probe.SOURCE / "schema/packaging/metadata/license_ids.c").read_text(encoding="utf-8")
    assert len(re.findall(r'\{"', source)) == len(LICENSES) + len(EXCEPTIONS)


def cased(rng, word):
    return rng.choice([word, word, word.lower(), word.upper()])


def expression(rng, depth=0):
    parts = []
    for _ in range(rng.choice([1, 1, 2, 2, 3])):
        if depth < 3 and rng.random() < 0.2:
            parts.append("(" + rng.choice(["", " "]) + expression(rng, depth + 1) + ")")
            continue
        text = cased(rng, rng.choice(LICENSES)) + rng.choice([""] * 9 + ["+"])
        if rng.random() < 0.2:
            text += cased(rng, " WITH ") + cased(rng, rng.choice(EXCEPTIONS))
        parts.append(text)
    text = parts[0]
    for part in parts[1:]:
        text += cased(rng, rng.choice([" AND ", " OR ", "  or  "])) + part
    return text


def damaged(rng, text):
    words = text.split(" ")
    at = rng.randrange(len(words))
    kind = rng.randrange(4)
    if kind == 0:
        words.insert(at, rng.choice(["AND", "OR", "WITH", "(", ")", "MIT", "x", "LicenseRef-"]))
    elif kind == 1:
        del words[at]
    elif kind == 2:
        words[at] = words[at][:-1]
    else:
        words[at] += rng.choice(["x", "(", ")", "-", "+", ","])
    return " ".join(words)


def in_known_difference(text):
    """WITH behind parentheses or another WITH passes there; nested parentheses do not."""
    words = text.lower().replace("(", " ( ").replace(")", " ) ").split()
    pairs = list(zip(words, words[1:]))
    chained = any(words[at - 2 : at - 1] == ["with"] for at, w in enumerate(words) if w == "with")
    odd = {(")", "with"), ("with", "("), ("(", "("), ("(", ")")}
    return not words or chained or words[0] == "with" or any(pair in odd for pair in pairs)


def test_expressions_agree():
    rng = random.Random(639)
    texts = [expression(rng) for _ in range(1500)]
    texts += [damaged(rng, text) for text in texts]
    texts = [text for text in texts if not in_known_difference(text) and len(text) < 1000]
    answers = probe.ask([("license", text) for text in texts])
    probe.report([
        (text, answer, oracle(text))
        for text, answer in zip(texts, answers)
        if answer != oracle(text)
    ])
    assert 1200 < sum(answer[0] == "ok" for answer in answers) < len(texts) - 500


def test_hand_picked_expressions():
    """licenses.tsv: text, normal form or 'error …', why hatchling differs."""
    problems = []
    cases = probe.rows("licenses.tsv", 3)
    for (text, wanted, why), answer in zip(cases, probe.ask([("license", c[0]) for c in cases])):
        got = " ".join(answer) if answer[0] == "error" else answer[1]
        theirs = oracle(text)
        theirs = " ".join(theirs) if theirs[0] == "error" else theirs[1]
        if got != wanted or (theirs == wanted) == bool(why):
            problems.append((text, got, wanted, theirs, why))
    probe.report(problems)
