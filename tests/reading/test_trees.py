# SPDX-License-Identifier: MIT
"""The trees of our TOML and YAML readers against Python's.

TOML: what we accept, tomllib accepts and reads alike, and the other way round within our limits. YAML:
what both accept, PyYAML reads alike once it types plain scalars by YAML 1.2.
"""

import datetime
import json
import math
import os
import random
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from release_probe import ask

DATA = Path(os.environ["REGISTRYD_SOURCE_DIR"]) / "tests" / "data"

TOML = [
    b"a = 1\nb.c = 'x'\n[d]\n'e f' = [1, 2.5, true, {g = \"h\"}]\n[[i]]\nj = 1\n[[i]]\nj = 2\n",
    b"dates = [1979-05-27T07:32:00Z, 1979-05-27T00:32:00.5-07:00, 1979-05-27T07:32:00, 1979-05-27, 07:32:00]\n",
    b'multi = """\nRoses\\\n   are \\u00e9 \\U0001F600 "quoted" """\nraw = \'\'\'C:\\x\'\'\'\nempty = ""\n',
    b"ints = [+1, -0, 0xDEAD_beef, 0o17, 0b101, 1_000]\nreals = [1e6, -2E-2, 6.626e-34, 0.1]\n",
    b"[a.b.c]\n[a]\nd = {e.f = 1, g = []}\n\"\" = 0\n1234 = 'number'\n",
]


def mutations(data, count, seed):
    """The data with one to three pieces replaced, inserted or taken out."""
    chance = random.Random(seed)
    pieces = [b"", b"=", b".", b"[", b"]", b"{", b"}", b'"', b"'", b"\n", b"#", b" ", b",", b"0", b"_", b":", b"-", b"\\", b"T", b"&", b"*", b"|", b"\t"]
    for _ in range(count):
        changed = data
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(changed) + 1)
            changed = changed[:at] + chance.choice(pieces) + changed[at + chance.randint(0, 2) :]
        yield changed


def write(folder, samples):
    questions = []
    for number, data in enumerate(samples):
        path = folder / f"{number}"
        path.write_bytes(data)
        questions.append(path)
    return questions


def same(ours, theirs):
    if isinstance(theirs, dict):
        return isinstance(ours, dict) and ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(theirs, (datetime.date, datetime.time)):
        return isinstance(ours, str) and type(theirs).fromisoformat(ours) == theirs
    return type(ours) is type(theirs) and ours == theirs


def has_odd_value(value):
    """What TOML can say and JSON cannot."""
    if isinstance(value, dict):
        return any(map(has_odd_value, value.values())) or any("\0" in key for key in value)
    if isinstance(value, list):
        return any(map(has_odd_value, value))
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, int):
        return not -(2**63) <= value < 2**63
    return isinstance(value, str) and "\0" in value


def toml_of_python(data):
    try:
        return tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError):
        return None


def toml_samples():
    samples = [path.read_bytes() for path in sorted((DATA / "pyproject" / "valid").glob("*/pyproject.toml"))]
    samples = [sample for sample in samples if not sample.startswith(b"\xef\xbb\xbf")] + TOML
    for number, sample in enumerate(TOML + samples[:5]):
        samples += mutations(sample, 300, number)
    return samples


def test_toml_reads_as_tomllib_reads_it(tmp_path):
    samples = toml_samples()
    answers = ask([("toml", path) for path in write(tmp_path, samples)])
    accepted = 0
    for data, answer in zip(samples, answers):
        theirs = toml_of_python(data)
        if answer:
            accepted += 1
            # TOML 1.1 is more than tomllib of this Python reads
            assert answer[1] if theirs is None else same(answer[0], theirs), data
        elif theirs is not None:
            assert has_odd_value(theirs) or data.count(b".") > 16, data
    assert accepted > 300


class CoreLoader(yaml.SafeLoader):
    """PyYAML with the scalars of the YAML 1.2 core schema, but octal."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^(?:[-+]?[0-9]+|0x[0-9a-fA-F]+)$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


def construct_integer(loader, node):
    text = loader.construct_scalar(node)
    return int(text, 16) if text.startswith("0x") else int(text)


CoreLoader.add_constructor("tag:yaml.org,2002:int", construct_integer)
CoreLoader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(loader.construct_scalar(node)))


class Unfit(Exception):
    pass


def construct_mapping(loader, node):
    """Keys as their text; a key that stands twice makes the document unfit for comparison."""
    result = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode) or key_node.value in result:
            raise Unfit
        result[key_node.value] = loader.construct_object(value_node, deep=True)
    return result


CoreLoader.add_constructor("tag:yaml.org,2002:map", construct_mapping)


def yaml_of_python(data):
    """[document], or [] when PyYAML refuses it."""
    try:
        return [yaml.load(data.decode(), CoreLoader)]
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError, Unfit):
        return []


def test_yaml_reads_as_pyyaml_reads_it(tmp_path):
    samples = [path.read_bytes() for path in sorted((DATA / "manifest" / "valid").glob("*/plugin.yaml"))]
    for number, sample in enumerate(list(samples)):
        samples += mutations(sample, 150, number)
    answers = ask([("yaml", path) for path in write(tmp_path, samples)])
    both = [
        (data, answer[0], theirs[0])
        for data, answer in zip(samples, answers)
        if answer and (theirs := yaml_of_python(data.removeprefix(b"\xef\xbb\xbf")))
    ]
    for data, ours, theirs in both:
        assert same(ours, theirs), data
    # libyaml takes a few things that PyYAML does not, such as "|#"
    assert len(both) > 0.99 * sum(map(bool, answers)) > 500


@pytest.mark.parametrize("kind", ["toml", "yaml"])
def test_trees_of_everything_we_keep_are_json(tmp_path, kind):
    """Even what is damaged gives either a tree that JSON can say, or none."""
    for answer in ask([(kind, path) for path in write(tmp_path, mutations(TOML[0], 200, 99))]):
        assert json.loads(json.dumps(answer)) == answer
