# SPDX-License-Identifier: MIT
"""No single file, whatever its bytes, changes what is said of another plugin.

Files of good plugins are changed at random and walked with untouched ones beside them: by `registryctl walk` as
JSON and as a table, and by the Python package. What is said of the untouched ones must stay the same, word for
word, and no walk may end in a fault. Many changed plugins share one walk, so that thousands can be tried.
MUTATION_CASES says how many files are changed, MUTATION_SEED with which seed.
"""

import json
import os
import random
import subprocess

import pytest
from cli.test_hostile_trees import TARGETS
from support import python
from support.registryctl import registryctl

CASES = int(os.environ.get("MUTATION_CASES", "240"))
SEED = int(os.environ.get("MUTATION_SEED", "1"))
SIBLINGS = min(80, CASES // len(TARGETS))  # changed plugins in one walk
WALKS = -(-CASES // (SIBLINGS * len(TARGETS)))  # of each target
GOOD = ("steadfast-alpha", "steadfast-omega")

# Pieces that parsers stumble over: ends of strings, NUL in every spelling, numbers without a JSON form, escapes,
# other encodings, line breaks of Unicode, brackets without an end.
PIECES = [
    b"\0", b"\\0", b"\\x00", b"\\u0000", b"\\U00000000", b"\\N{NULL}", b'"\\0"', b"\xff", b"\xc0\x80", b"\xed\xa0\x80",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xe2\x80\xa8", b"\xc2\x85", b"\x1b[31m", b"\x7f", b"\r", b"\n", b"\t", b" ", b"\f",
    b"'", b'"', b'"""', b"'''", b"`", b"\\", b"{", b"}", b"[", b"]", b"(", b")", b"[" * 300, b"{" * 300, b"(" * 300,
    b"inf", b"nan", b".inf", b".nan", b"-.inf", b"1e999", b"-9223372036854775808", b"9223372036854775808", b"9" * 400,
    b"0x", b"1_0", b"007", b"1.0", b"2024-01-15", b"12:30", b"yes", b"null", b"~", b"None", b"True", b"...", b"=", b"==",
    b":", b",", b"#", b"&a", b"*a", b"!t", b"<<: ", b"|", b">", b"%", b"@", b"- ", b"? ", b"---\n", b"...\n", b"$",
    b"f'{x}'", b"b'x'", b"\\ud800", b"\\N{", b"{{", b"}}", b"**", b"*", b"lambda: ", b"name", b"version", b"a" * 3000,
    b"\xf0\x9f\x98\x80", b"../../x", b"C:\\x", b"[project]\n", b"x = 1\n", b"import x\n", b"class C: pass\n", b"\n\n\n",
]  # fmt: skip

PROGRAM = """
import json, sys
import registryclient
from registryclient import _walk
for line in sys.stdin:
    convention, root = json.loads(line)
    found = registryclient.Registry("http://127.0.0.1:9", convention=convention).walk(root)
    said = [repr(record) + str(record.origin) for record in found if "steadfast" in record.origin]
    if convention == "dist-info":
        said += [distribution.text() for distribution in _walk.walk([root]) if "steadfast" in distribution.origin]
    print(json.dumps(said), flush=True)
"""


def changed(content, chance):
    """The bytes with one to three pieces put in, put over others, or cut out."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        at = chance.randrange(len(content) + 1)
        piece = chance.choice((chance.choice(PIECES), bytes([chance.randrange(256)]), b""))
        content = content[:at] + piece + content[at + chance.choice((0, 0, 1, 2, 8)) :]
    return content


def build(root, target, chance):
    """The good plugins, and between and around them SIBLINGS with one changed file each."""
    for name in GOOD:
        target.build(root, name)
    for number in range(SIBLINGS):
        name = f"{chance.choice(('a', 'm', 'steady', 't', 'z'))}-victim-{number}"
        path = target.build(root, name)
        whole = sorted(target.whole)
        other = path.parent / whole[0] if chance.random() < 0.1 and path.name == whole[-1] else path
        path = other if other.is_file() else path
        path.write_bytes(changed(path.read_bytes(), chance))


def good_records(root, target):
    done = registryctl("walk", "--convention", target.convention, "--format", "json", root)
    assert done.code == 0, (done.code, done.err)
    return [record for record in done.json if "steadfast" in record["origin"]]


def good_rows(root, target):
    """The cells of their rows; whether a column is shown depends on all rows, and its width too."""
    done = registryctl("walk", "--convention", target.convention, "--format", "table", root)
    assert done.code == 0, (done.code, done.err)
    return [set(line.split()) for line in done.out.splitlines() if "steadfast" in line]


class Walker:
    """One Python process that walks what it is told."""

    def __init__(self):
        self.process = subprocess.Popen([python.SYSTEM, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=python.environment(), cwd="/")  # fmt: skip

    def good(self, root, target):
        self.process.stdin.write(json.dumps([target.convention, str(root)]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=60) == 0


@pytest.fixture(scope="module")
def walker():
    made = Walker()
    yield made
    made.close()


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_others_are_told_as_ever(target, walker, tmp_path):
    chance = random.Random(f"{SEED} {target}")

    def told():
        return good_records(root, target), good_rows(root, target), walker.good(root, target)

    root = tmp_path / "tree"
    for name in GOOD:
        target.build(root, name)
    wanted = told()
    assert all(wanted), wanted
    for number in range(WALKS):
        build(root, target, chance)
        assert told() == wanted, f"walk {number} of seed {SEED}"
        root.rename(tmp_path / f"done-{number}")
