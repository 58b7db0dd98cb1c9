# SPDX-License-Identifier: MIT
"""Versions (PEP 440) against Python's `packaging`: parsing, normal form, order, keys."""
import random

from packaging.version import InvalidVersion, Version

import probe

NUMBERS = ["0", "1", "2", "9", "10", "11", "007", "00", "20240131", "1" + "0" * 40, "9" * 60]
PRE = ["a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "A", "RC", "Alpha", "PREVIEW"]
POST = ["post", "rev", "r", "POST", "Rev", "R"]
SEPARATORS = ["", "", ".", "-", "_"]
LOCAL = ["0", "1", "01", "10", "a", "abc", "ABC", "a1", "1a", "ubuntu", "z" * 9, "007"]


def separator(rng):
    return rng.choice(SEPARATORS)


def labelled(rng, labels):
    number = rng.choice(NUMBERS + [""])
    return separator(rng) + rng.choice(labels) + separator(rng) + number


def random_version(rng):
    text = rng.choice(["", "", "", "v", "V", " ", "\n", "\t v"])
    if rng.random() < 0.15:
        text += rng.choice(NUMBERS) + "!"
    text += ".".join(rng.choice(NUMBERS) for _ in range(rng.choice([1, 1, 2, 2, 3, 3, 4, 6])))
    if rng.random() < 0.35:
        text += labelled(rng, PRE)
    if rng.random() < 0.3:
        text += labelled(rng, POST) if rng.random() < 0.7 else "-" + rng.choice(NUMBERS)
    if rng.random() < 0.3:
        text += labelled(rng, ["dev", "DEV", "Dev"])
    if rng.random() < 0.25:
        parts = [rng.choice(LOCAL) for _ in range(rng.choice([1, 1, 2, 3]))]
        text += "+" + "".join(part + rng.choice(".-_") for part in parts)[:-1]
    return text + rng.choice(["", "", "", " ", "\n"])


def mutated(rng, text):
    """One small damage; often, but not always, fatal."""
    at = rng.randrange(len(text) + 1)
    kind = rng.randrange(3)
    if kind == 0:
        return text[:at] + rng.choice("abcdeoprtsvx01.-_+!* \t*\x00é,/") + text[at:]
    if kind == 1:
        return text[: max(at - 1, 0)] + text[at:]
    return text[:at] + text[at : at + 3] * 2 + text[at + 3 :]


def oracle(text):
    try:
        version = Version(text)
    except InvalidVersion:
        return ["error", "invalid"]
    flags = (version.is_prerelease, version.is_postrelease, version.local is not None)
    return ["ok", str(version), "".join("01"[flag] for flag in flags)]


def sign(a, b):
    return str((a > b) - (a < b))


def test_parsing_agrees():
    rng = random.Random(440)
    valid = [random_version(rng) for _ in range(4000)]
    texts = valid + [mutated(rng, text) for text in valid]
    texts = [text for text in texts if len(text.encode()) <= 256]
    assert len(texts) > 6000
    answers = probe.ask([("version", text) for text in texts])
    probe.report([
        (text, answer, oracle(text))
        for text, answer in zip(texts, answers)
        if answer != oracle(text)
    ])


def dense_version(rng):
    """A version of a small world, so that pairs are often close or equal."""
    text = rng.choice(["", "", "", "", "1!"]) + rng.choice(
        ["0", "1", "1.0", "1.1", "1.10", "1.2", "1.0.0", "2", "1.0.1"]
    )
    text += rng.choice(["", "", "a0", "a1", "b1", "rc1", "rc10", "rc2"])
    text += rng.choice(["", "", ".post0", ".post1", ".post10", ".post2"])
    text += rng.choice(["", "", ".dev0", ".dev1", ".dev10", ".dev2"])
    return text + rng.choice(["", "", "", "+1", "+a", "+a.1", "+a.a", "+1.0", "+10", "+ab", "+2"])


def test_order_and_keys_agree():
    rng = random.Random(441)
    pairs = [(dense_version(rng), dense_version(rng)) for _ in range(5000)]
    answers = probe.ask([("compare", a, b) for a, b in pairs])
    expected = [[sign(Version(a), Version(b))] * 2 for a, b in pairs]
    probe.report([
        (pair, answer, wanted)
        for pair, answer, wanted in zip(pairs, answers, expected)
        if answer != wanted
    ])


def test_hand_picked_versions():
    """versions.tsv: text, normal form or 'error …', flags, why packaging differs."""
    cases = probe.rows("versions.tsv", 4)
    answers = probe.ask([("version", text) for text, *_ in cases])
    problems = []
    for (text, normal, flags, difference), answer in zip(cases, answers):
        wanted = normal.split(" ") if normal.startswith("error ") else ["ok", normal, flags]
        if answer != wanted:
            problems.append((text, answer, wanted))
        if (oracle(text) == wanted) == bool(difference):
            problems.append((text, "packaging says", oracle(text), difference))
    probe.report(problems)


def test_hand_picked_order():
    """version_order.tsv: one version a line, ascending; equal ones share a line."""
    ladder = probe.rows("version_order.tsv", 1)
    flat = [(rank, text) for rank, line in enumerate(ladder) for text in line]
    pairs = [(a, b) for a in flat for b in flat]
    answers = probe.ask([("compare", a[1], b[1]) for a, b in pairs])
    problems = []
    for (a, b), answer in zip(pairs, answers):
        wanted = sign(a[0], b[0])
        if answer != [wanted, wanted] or sign(Version(a[1]), Version(b[1])) != wanted:
            problems.append((a[1], b[1], answer, wanted))
    probe.report(problems)
