# SPDX-License-Identifier: MIT
"""Artifact file names and compatibility tags against Python's `packaging` 23.0."""
import random
import re

import pytest
from packaging import _manylinux, tags
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

import probe
from test_versions import mutated

PYTHON_TAGS = ["py3", "py2.py3", "cp311", "cp38", "cp39.cp310", "CP312", "pp39", "py30"]
ABI_TAGS = ["none", "cp311", "abi3", "cp38m.cp38", "cp313t", "pypy39_pp73"]
PLATFORM_TAGS = [
    "any", "linux_x86_64", "win_amd64", "win32", "macosx_10_9_universal2", "macosx_11_0_arm64",
    "manylinux_2_17_x86_64.manylinux2014_x86_64", "manylinux1_i686", "musllinux_1_1_aarch64",
    "manylinux_2_28_x86_64", "manylinux_2_5_x86_64.manylinux1_x86_64", "macosx_10_4_fat32",
]
VERSIONS = ["1.0", "0.1.dev3", "2!1.0", "1.0rc1", "1.0.post1", "1.0+ab.1", "2024.1.31", "x", "1.0_1"]
NAMES = ["a", "Foo", "foo_bar", "zope.interface", "A.b_c9", "foo__bar", "x1", "_a", "a_"]


def random_wheel(rng):
    parts = [rng.choice(NAMES), rng.choice(VERSIONS)]
    if rng.random() < 0.3:
        parts.append(rng.choice(["1", "2abc", "007", "1_x", "x1", "0.1"]))
    parts += [rng.choice(PYTHON_TAGS), rng.choice(ABI_TAGS), rng.choice(PLATFORM_TAGS)]
    return "-".join(parts) + rng.choice([".whl"] * 9 + [".WHL", ".zip", ""])


def oracle_wheel(name):
    """Packaging's answer, and our stricter rules for what it lets through."""
    try:
        project, version, build, found = parse_wheel_filename(name)
    except (InvalidWheelFilename, InvalidVersion, ValueError):
        return ["error", "invalid"]
    parts = name.removesuffix(".whl").split("-")
    strict = (
        re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._]*[A-Za-z0-9])?", parts[0])
        and all(re.fullmatch(r"\w+(\.\w+)*", part, re.A) for part in parts[-3:])
        and (not build or re.fullmatch(r"[0-9][\w.]*", parts[2], re.A))
        and re.fullmatch(r"[!-.0-~]+", name)
    )
    if not strict:
        return ["error", "invalid"]
    sets = [part.lower() for part in parts[-3:]]
    expanded = {(t.interpreter, t.abi, t.platform) for t in found}
    ours = {(i, a, p) for i in sets[0].split(".") for a in sets[1].split(".")
            for p in sets[2].split(".")}
    assert expanded == ours
    return ["ok", project, str(version), parts[2] if build else "", *sets]


def oracle_sdist(name):
    try:
        project, version = parse_sdist_filename(name)
    except (InvalidSdistFilename, InvalidVersion):
        return ["error", "invalid"]
    stem = re.sub(r"\.(tar\.gz|zip)$", "", name).rpartition("-")[0]
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", stem):
        return ["error", "invalid"]
    if not re.fullmatch(r"[!-.0-~]+", name):
        return ["error", "invalid"]
    return ["ok", project, str(version)]


def compare(verb, names, oracle, least):
    answers = probe.ask([(verb, name) for name in names])
    probe.report([
        (name, answer, oracle(name))
        for name, answer in zip(names, answers)
        if answer != oracle(name)
    ])
    assert sum(answer[0] == "ok" for answer in answers) >= least


def test_wheel_names_agree():
    rng = random.Random(427)
    names = [random_wheel(rng) for _ in range(2000)]
    compare("wheel", names + [mutated(rng, name) for name in names], oracle_wheel, 1000)


def test_sdist_names_agree():
    rng = random.Random(625)
    names = [
        rng.choice(NAMES + ["foo-bar", "a-1.0", "-a"]) + rng.choice(["-", "-", "-", "_"])
        + rng.choice(VERSIONS) + rng.choice([".tar.gz"] * 4 + [".zip", ".tar.bz2", ".tgz"])
        for _ in range(1000)
    ]
    compare("sdist", names + [mutated(rng, name) for name in names], oracle_sdist, 300)


def test_hand_picked_file_names():
    """file_names.tsv: kind, name, parts joined by ' | ' or 'error | …', why packaging differs."""
    problems = []
    cases = probe.rows("file_names.tsv", 4)
    answers = probe.ask([(kind, name) for kind, name, *_ in cases])
    parsers = {"wheel": parse_wheel_filename, "sdist": parse_sdist_filename}
    for (kind, name, wanted, why), answer in zip(cases, answers):
        try:
            parsed = parsers[kind](name)
            accepted = [str(parsed[0]), str(parsed[1])]
        except ValueError:
            accepted = None
        agrees = accepted == (wanted.split(" | ")[1:3] if wanted.startswith("ok") else None)
        if " | ".join(answer) != wanted or agrees == bool(why):
            problems.append((name, answer, wanted, accepted, why))
    probe.report(problems)


def glibc_platforms(monkeypatch, minor, arch):
    monkeypatch.setattr(_manylinux, "_get_glibc_version", lambda: (2, minor))
    monkeypatch.setattr(_manylinux, "_have_compatible_abi", lambda *_: True)
    return [*_manylinux.platform_tags(f"linux_{arch}", arch), f"linux_{arch}"]


def platform_cases(monkeypatch):
    """What a platform is called, and what packaging makes of it."""
    for minor in (4, 5, 12, 16, 17, 28, 36, 40):
        for arch in ("x86_64", "i686", "aarch64", "s390x"):
            yield f"manylinux_2_{minor}_{arch}", glibc_platforms(monkeypatch, minor, arch)
    for name, minor in (("manylinux1", 5), ("manylinux2010", 12), ("manylinux2014", 17)):
        yield f"{name}_x86_64", glibc_platforms(monkeypatch, minor, "x86_64")
    for minor in (0, 1, 2):
        names = [f"musllinux_1_{m}_aarch64" for m in range(minor, -1, -1)]
        yield f"musllinux_1_{minor}_aarch64", names + ["linux_aarch64"]
    for version in ((10, 3), (10, 4), (10, 6), (10, 9), (10, 15), (10, 16), (11, 0), (11, 6), (14, 2)):
        for arch in ("x86_64", "arm64", "i386", "ppc", "ppc64", "intel", "universal2", "fat"):
            name = f"macosx_{version[0]}_{version[1]}_{arch}"
            yield name, list(tags.mac_platforms(version, arch))
    for name in ("win_amd64", "win32", "linux_x86_64", "emscripten_3_1_45_wasm32"):
        yield name, [name]


def expected_tags(python, implementation, abi, platforms):
    version = tuple(map(int, python.split(".")))[:2]
    if implementation == "cpython":
        abis = [abi] if abi else None
        interpreter = "cp" + "".join(map(str, version))
        first = tags.cpython_tags(version, abis, platforms)
    else:
        short = tags.INTERPRETER_SHORT_NAMES.get(implementation, implementation)
        interpreter = "pp3" if short == "pp" else None
        name = short + "".join(map(str, version))
        first = tags.generic_tags(name, [abi] if abi else [], platforms)
    return [*map(str, first), *map(str, tags.compatible_tags(version, interpreter, platforms))]


def test_platforms_and_tags_agree(monkeypatch):
    """Every platform against one interpreter, in order, tag by tag."""
    cases = [case for case in platform_cases(monkeypatch) if case[1]]
    answers = probe.ask([("tags", "3.11", "", "", platform) for platform, _ in cases])
    probe.report([
        (platform, answer[:5])
        for (platform, names), answer in zip(cases, answers)
        if answer != ["ok", *expected_tags("3.11", "cpython", None, names)]
    ])
    assert len(cases) > 90


@pytest.mark.parametrize("implementation", ["cpython", "pypy", "graalpy", "jython"])
def test_interpreters_agree(implementation, monkeypatch):
    monkeypatch.setattr(tags, "_get_config_var", lambda name, warn=False: None)
    monkeypatch.setattr(tags, "EXTENSION_SUFFIXES", [])
    monkeypatch.delattr(tags.sys, "gettotalrefcount", raising=False)
    pythons = ["2.7", "3.2", "3.3", "3.7", "3.8", "3.9", "3.11", "3.12.1", "3.14", "4.1"]
    questions = [
        ("tags", python, implementation, abi, platform)
        for python in pythons + ["3"]
        for abi in ("", "none", "abi3", "cp311d", "pypy39_pp73")
        for platform in ("win_amd64", "linux_armv7l")
    ]
    problems = []
    for question, answer in zip(questions, probe.ask(questions)):
        _, python, _, abi, platform = question
        wanted = ["ok", *expected_tags(python, implementation, abi or None, [platform])]
        if answer != wanted:
            problems.append((question, answer[:6], wanted[:6]))
    probe.report(problems)


def test_acceptance_is_the_rank_of_the_best_tag():
    rng = random.Random(425)
    facts = [
        ("3.11", "", "", "manylinux_2_36_x86_64"), ("3.8", "cpython", "", "macosx_12_0_arm64"),
        ("3.9", "pypy", "pypy39_pp73", "musllinux_1_1_aarch64"), ("3.12", "", "", "win_amd64"),
        ("3.11", "", "", ""),
    ]
    lists = [
        {tag: rank for rank, tag in reversed(list(enumerate(answer[1:])))}
        for answer in probe.ask([("tags", *fact) for fact in facts])
    ]
    questions = []
    while len(questions) < 1500:
        name, which = random_wheel(rng), rng.randrange(len(facts))
        if oracle_wheel(name)[0] == "ok":
            questions.append((which, name))
    answers = probe.ask([("accept", *facts[which], name) for which, name in questions])
    problems = []
    for (which, name), answer in zip(questions, answers):
        found = [str(tag) for tag in parse_wheel_filename(name)[3]]
        ranks = [lists[which][tag] for tag in found if tag in lists[which]]
        if answer != [str(min(ranks)) if ranks else "no"]:
            problems.append((facts[which], name, answer, ranks))
    probe.report(problems)
    assert 30 < sum(answer != ["no"] for answer in answers) < 1400


def test_free_threaded_builds_have_no_stable_abi():
    """Newer than packaging 23.0: PEP 703 builds do not load abi3 wheels."""
    found = probe.ask([("tags", "3.13", "", "cp313t", "win_amd64")])[0]
    assert found[1] == "cp313-cp313t-win_amd64"
    assert not any("abi3" in tag for tag in found)
