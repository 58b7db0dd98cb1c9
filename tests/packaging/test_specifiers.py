# SPDX-License-Identifier: MIT
"""Specifier sets (PEP 440) against Python's `packaging` 23.0: parsing, contains, filter.

Where packaging 23.0 itself breaks the standard, the oracle below asks it the question that the
standard means; each such place is named, and shown by a row of specifiers.tsv or filter.tsv.
"""
import random
import re

from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.version import InvalidVersion, Version

import probe
from test_versions import dense_version, mutated, random_version

MODES = {"default": None, "allow": True, "refuse": False}


def is_version(text):
    try:
        return bool(Version(text))
    except InvalidVersion:
        return False


def without_post(version):
    pre = "".join(map(str, version.pre or ()))
    return Version(f"{version.epoch}!{'.'.join(map(str, version.release))}{pre}")


def clause_accepts(clause, version):
    """One clause, one version, pre-releases allowed: packaging 23.0 with its known faults mended."""
    operator, text = clause.operator, clause.version
    if operator == "===":  # packaging would raise where the text is no version
        return str(version).lower() == text.lower()
    if operator == "~=":  # packaging cuts the text as written: "~=2.2.pre1" and "~=2.2-post.1" break
        wanted = Version(text)
        prefix = f"{wanted.epoch}!" + ".".join(map(str, wanted.release[:-1])) + ".*"
        return clause_accepts(Specifier(">=" + text), version) and clause_accepts(
            Specifier("==" + prefix), version
        )
    if operator == "<":  # packaging 23.0 leaves out every pre-release of the same release number
        wanted = Version(text)
        earliest = Version(f"{wanted}.dev0") if wanted.dev is None else wanted
        is_own = version.is_prerelease and earliest <= version
        return version < wanted and (wanted.is_prerelease or not is_own)
    if operator == ">":  # packaging 23.0 leaves out post-releases and locals of the same release number
        wanted = Version(text)
        is_own = version.post is not None and wanted.dev is None and without_post(version) == wanted
        above = version > wanted and Version(version.public) != wanted
        return above and (wanted.is_postrelease or not is_own)
    if text.endswith(".*"):  # packaging takes the epoch for a part of the first number
        wanted = Version(text[:-2])
        if wanted.epoch != version.epoch:
            return operator == "!="
        clause = Specifier(operator + ".".join(map(str, wanted.release)) + ".*")
        version = Version(str(version).partition("!")[2] or str(version))
    return clause.contains(version, prereleases=True)


def oracle_parse(text):
    try:
        clauses = list(SpecifierSet(text))
    except InvalidSpecifier:
        return None
    identities = [clause.version for clause in clauses if clause.operator == "==="]
    if any(not text or "\0" in text for text in identities):
        return None  # packaging takes a "===" that compares with nothing, or with a NUL
    return clauses


def names_prerelease(clauses):
    return any(
        clause.prereleases
        for clause in clauses
        if clause.operator != "===" or is_version(clause.version)
    )


def oracle_filter(text, mode, versions):
    clauses = oracle_parse(text)
    accepted = [all(clause_accepts(c, v) for c in clauses) for v in map(Version, versions)]
    final = [yes and not Version(v).is_prerelease for yes, v in zip(accepted, versions)]
    allowed = MODES[mode] or (MODES[mode] is None and names_prerelease(clauses))
    contained = accepted if allowed else final
    # packaging 23.0 leaves pre-releases out even when nothing else is accepted, unless the set is
    # empty; the standard, and newer packaging, take them then.
    last_resort = MODES[mode] is None and not any(final)
    kept = accepted if allowed or last_resort else final
    return ["".join("01"[yes] for yes in kept), "".join("01"[yes] for yes in contained)]


def untouched_filter(text, mode, versions):
    """What packaging 23.0 says, faults included; None where it raises."""
    try:
        specifiers = SpecifierSet(text)
        parsed = list(map(Version, versions))
        kept = list(map(id, specifiers.filter(parsed, prereleases=MODES[mode])))
        contained = [specifiers.contains(v, prereleases=MODES[mode]) for v in parsed]
    except InvalidVersion:
        return None
    return [
        "".join("01"[id(v) in kept] for v in parsed),
        "".join("01"[yes] for yes in contained),
    ]


def random_clause(rng, version):
    operator = rng.choice(["~=", "==", "!=", "<=", ">=", "<", ">", "===", "=="])
    text = version(rng)
    if operator in ("==", "!=") and rng.random() < 0.4:
        text = re.sub(r"(?<=[0-9])[^0-9.!].*", "", text.strip().lstrip("vV")) + ".*"
    elif operator not in ("==", "!=", "===") and rng.random() < 0.95:
        text = text.partition("+")[0]
    return rng.choice(["", "", " "]) + operator + rng.choice(["", "", " "]) + text


def random_set(rng, version):
    return ",".join(random_clause(rng, version) for _ in range(rng.choice([0, 1, 1, 1, 2, 2, 3])))


def test_parsing_agrees():
    rng = random.Random(442)
    sets = [random_set(rng, random_version) for _ in range(2500)]
    sets += [mutated(rng, text) for text in sets]
    sets = [text for text in sets if all(len(p.encode()) < 250 for p in text.split(","))]
    assert len(sets) > 4000
    problems = []
    accepted = 0
    for text, answer in zip(sets, probe.ask([("specifier", text) for text in sets])):
        clauses = oracle_parse(text)
        if clauses is None:
            wanted = ["error", "invalid"]
        else:
            accepted += 1
            wanted = ["ok", str(SpecifierSet(text)), "01"[names_prerelease(clauses)]]
        if answer != wanted:
            problems.append((text, answer, wanted))
    probe.report(problems)
    assert accepted > 1500


def test_contains_and_filter_agree():
    rng = random.Random(443)
    questions = []
    while len(questions) < 4000:
        text = random_set(rng, dense_version)
        if oracle_parse(text) is not None:
            versions = [dense_version(rng) for _ in range(rng.choice([1, 2, 4, 8]))]
            questions.append((text, rng.choice(list(MODES)), versions))
    answers = probe.ask([("filter", text, mode, *versions) for text, mode, versions in questions])
    probe.report([
        (question, answer, oracle_filter(*question))
        for question, answer in zip(questions, answers)
        if answer != oracle_filter(*question)
    ])


def bounds_oddly(clause):
    """'<V.postN' and '>V' of anything but a release: 23.0 looks at the release number alone."""
    version = Version(clause.version.removesuffix(".*"))
    odd = version.is_postrelease or (clause.operator == ">" and version.is_prerelease)
    return clause.operator in "<>" and odd


def test_packaging_agrees_untouched_where_it_has_no_known_fault():
    """The same without the mended oracle, for sets that no known fault touches."""
    rng = random.Random(444)
    questions = []
    while len(questions) < 2500:
        text = random_set(rng, dense_version).replace("1!", "")
        clauses = oracle_parse(text)
        if clauses is None or any(c.operator in ("~=", "===") or bounds_oddly(c) for c in clauses):
            continue
        versions = [dense_version(rng).replace("1!", "") for _ in range(6)]
        mode = rng.choice(["allow", "refuse"] if clauses else list(MODES))
        questions.append((text, mode, versions))
    answers = probe.ask([("filter", text, mode, *versions) for text, mode, versions in questions])
    probe.report([
        (question, answer, untouched_filter(*question))
        for question, answer in zip(questions, answers)
        if answer != untouched_filter(*question)
    ])


def test_hand_picked_specifiers():
    """specifiers.tsv: text, normal form or 'error …', names a pre-release, why packaging differs."""
    cases = probe.rows("specifiers.tsv", 4)
    problems = []
    answers = probe.ask([("specifier", text) for text, *_ in cases])
    for (text, normal, named, difference), answer in zip(cases, answers):
        wanted = normal.split(" ") if normal.startswith("error ") else ["ok", normal, named]
        if answer != wanted:
            problems.append((text, answer, wanted))
        try:
            packaging = ["ok", str(SpecifierSet(text)), "01"[bool(SpecifierSet(text).prereleases)]]
        except InvalidSpecifier:
            packaging = ["error", "invalid"]
        except InvalidVersion:
            packaging = ["raises"]  # taken at first, fails on the question for pre-releases
        if (packaging == wanted) == bool(difference):
            problems.append((text, "packaging says", packaging, difference))
    probe.report(problems)


def test_hand_picked_filters():
    """filter.tsv: set, mode, versions, kept, contained, why packaging differs."""
    cases = probe.rows("filter.tsv", 6)
    problems = []
    answers = probe.ask([("filter", c[0], c[1], *c[2].split(" ")) for c in cases])
    for (text, mode, versions, kept, contained, difference), answer in zip(cases, answers):
        if answer != [kept, contained]:
            problems.append((text, mode, versions, answer, [kept, contained]))
        packaging = untouched_filter(text, mode, versions.split(" "))
        if (packaging == [kept, contained]) == bool(difference):
            problems.append((text, mode, versions, "packaging says", packaging, difference))
    probe.report(problems)
