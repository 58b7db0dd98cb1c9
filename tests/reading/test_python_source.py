# SPDX-License-Identifier: MIT
"""The static reader of Python source against CPython's own parser.

For every file of the standard library of each Python on the machine, and of Debian's dist-packages
folder, the reader must find what `ast` of that Python finds: the same top-level assignments with their
literal values, classes with bases and methods, and functions. A file that this Python refuses may be
refused or read; it must never crash the reader.
"""
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pythons import pythons, standard_library

BUILD = Path(os.environ["REGISTRYD_BUILD_DIR"])
PROBE = BUILD / "tests" / "python_probe"
FACTS = Path(__file__).with_name("ast_facts.py")


def ask(paths):
    result = subprocess.run([PROBE], input="\n".join(paths) + "\n", text=True,
                            capture_output=True, check=False)
    answers = [json.loads(line) for line in result.stdout.split("\n") if line]
    assert result.returncode == 0, (paths[len(answers)], result.stderr[-3000:])
    assert len(answers) == len(paths)
    return answers


def facts_of(python, paths):
    result = subprocess.run([python, "-I", FACTS], input="\n".join(paths) + "\n", text=True,
                            capture_output=True, check=False)
    assert result.returncode == 0, result.stderr[-3000:]
    return [json.loads(line) for line in result.stdout.split("\n") if line]


def differences(paths, python):
    """What the reader and this Python say differently, and how many files this Python refuses."""
    with ThreadPoolExecutor(2) as pool:
        theirs = pool.submit(facts_of, python, paths)
        answers = ask(paths)
        wanted = theirs.result()
    assert len(wanted) == len(paths)
    found = []
    for path, answer, facts in zip(paths, answers, wanted):
        if facts.get("refused"):
            continue
        if "error" in answer:
            found.append((path, answer))
            continue
        for kind, value in facts.items():
            if answer[kind] != value:
                pairs = [pair for pair in zip(answer[kind], value) if pair[0] != pair[1]]
                found.append((path, kind, pairs[:1] or (len(answer[kind]), len(value))))
    return found, sum(bool(facts.get("refused")) for facts in wanted)


PYTHONS = pythons()


@pytest.mark.parametrize("version", PYTHONS)
def test_agrees_with_python_on_its_standard_library(version):
    paths = standard_library(PYTHONS[version])
    found, refused = differences(paths, PYTHONS[version])
    print(f"Python {version}: {len(paths)} files, {refused} refused by it")
    assert len(paths) > 100
    assert not found, f"{len(found)}: {found[:8]}"


def test_agrees_with_python_on_the_packages_of_the_machine():
    paths = sorted(str(path) for path in Path("/usr/lib/python3/dist-packages").rglob("*.py") if path.is_file())
    found, _ = differences(paths, "/usr/bin/python3")
    assert len(paths) > 20
    assert not found, f"{len(found)}: {found[:8]}"


GOOD = {
    "a nested quote of the same kind": 'X = f"{d["key"]}"\nY = "after"\n',
    "a nested quote at once": "X = f'{' '.join(x)!r}' f'{'a' if x else 'b'}'\nY = 1\n",
    "a nested f-string": "X = f'{f'{f'{1}'}'}'\n",
    "a nested f-string in another": "X = f\"{f'{x}' + f\"{y}\"}\"\n",
    "a backslash in a field": "X = f'{'\\n'.join(x)}'\n",
    "a field over lines": "X = f'{\n    x\n}'\nY = f'''{\n  y}'''\n",
    "a comment in a field": "X = f'{x # it's }\n}'\nY = f\"\"\"{ # \"\"\"\n y}\"\"\"\n",
    "a walrus and a lambda in a field": "X = f'{(y := 1)}{(lambda z: z)(1)}'\n",
    "format specifications": "X = f'{x!r:>{width}}{y:{'#'}x}{z:%H:%M}{w=}{v = !s:^20}'\n",
    "doubled braces": "X = f'{{{x}}}{{' f'}}'\n",
    "a dict in a field": "X = f'{ {'a': {1: 2}}['a'] }'\n",
    "a word before a nested quote": "X = f'{a if'}'else b}'\n",
    "a named character": "X = f'\\N{EM DASH}{x}'\n",
    "a raw f-string": "X = rf'\\{x}' fR'\\d{y}'\n",
    "template strings": "X = t'{x}' rt'\\{y!r}'\n",
    "defaults of type parameters": "class A[T = int, *Ts = *tuple[int, ...], **P = [int]]: pass\ntype B[T: (int, str) = int] = list[T]\n",
    "soft keywords as names": "type = match = case = _ = 1\nprint(type, match, case)\ntype(x)\nmatch[1]\nmatch.x = 2\ntype.x: int = 3\n",
    "a type alias named type": "type type = int\ntype match[case] = case\n",
    "match of several subjects": "match w := x, *y:\n    case a as b, *c: pass\n",
    "patterns": "match x:\n    case {'a': 1, **rest} | C(a=1, b=[_, *_]) if x: pass\n    case -1 + 2j | 'a' 'b' | None | a.b: pass\n    case (1, (2 | 3)): pass\n",
    "except groups": "try: pass\nexcept* (A, B) as e: pass\nexcept* C: pass\nelse: pass\nfinally: pass\n",
    "with in brackets": "with (open(a) as b, open(c) as d,): pass\nwith (a, b): pass\nwith (a), (b) as c: pass\nwith (yield): pass\n",
    "decorators of any kind": "@a.b[0](c)\n@x if y else z\n@(w := v)\ndef f(): pass\n",
    "positions and keywords": "def f(a, b=1, /, c=2, *, d, e=3, **g) -> int: ...\nlambda a, /, *b, c=1, **d: 0\ndef h(*args: *Ts): pass\n",
    "numbers": "X = [1_000, 0xFF_ff, 0o17, 0b1_0, 1_0.5_0e-1_0, .5, 5., 1e5j, 0_0, 00, 1j]\n",
    "numbers beside words": "X = 1if 2else 3\nY = [0x1for x in y]\n",
    "stars": "a, *b = *c, d\nx[*a, 1:2, ...] = f(*a, *b, k=1, **c, **d)\nfor i in *a, b: pass\nreturn_ = lambda: (yield)\n",
    "async everywhere": "async def f():\n    async with a as b, c: pass\n    async for x in y: pass\n    return [await z async for z in w if await v]\n",
    "annotations": "x: int\ny: list[int] = []\n(z): int = 1\na.b: c = d\na[0]: c = d\n",
    "conditional chains": "x = a if b else c if d else e\ny = not a in b is not c not in d\n",
    "global and nonlocal": "def f():\n    global a, b\n    def g():\n        nonlocal c\n",
    "del and assert": "del a, (b, c), d[0], e.f\nassert x, 'y'\nassert (x, y)\n",
    "a name of another script": "naïve = '1'\n名 = naïve\n",
    "joined lines": "x = 1 + \\\n    2\nif a and \\\n   b: pass\n",
    "type parameters": "class A[T: int, *Ts, **P](Base[T]):\n    pass\ndef f[T](x: T) -> T: ...\n",
    "a type alias": "type Pair[T] = tuple[T, T]\ntype = 3\n",
    "except without brackets": "try:\n    pass\nexcept A, B:\n    pass\n",
    "match as a name": "match = 1\ncase = match\nmatch (x):\n    case [1, *rest] if rest: pass\n    case _: pass\n",
    "a walrus in a comprehension": "x = [y for z in w if (y := f(z))]\n",
    "a form feed": "x = 1\n\f\ny = 2\n",
    "line ends of every kind": "a = 1\rb = 2\r\nc = 3\n",
    "no line end at the end": "a = 1",
    "nothing": "",
}

BAD = {
    "unterminated string": 'x = "abc\ny = 1\n',
    "unterminated triple": 'x = """abc\n',
    "bracket never closed": "x = (1,\n",
    "wrong bracket": "x = (1]\n",
    "bad dedent": "if x:\n        a\n    b\n",
    "unexpected indent": "x = 1\n    y = 2\n",
    "Python 2 print": 'print "hello"\n',
    "assignment to a call": "f() = 1\n",
    "assignment to a literal": "1 = x\n",
    "two operators": "x = = 1\n",
    "text beside bytes": "x = 'a' b'b'\n",
    "a NUL": "x = 1\0\n",
    "a field that does not end": "x = f'{a'\n",
    "a field whose comment takes the end": "x = f'{a # }'\n",
    "a nested string that does not end": "x = f'{\"a}'\n",
    "octal of old": "x = 0777\n",
    "a question mark": "x = a ? b : c\n",
    "no body": "def f():\nx = 1\n",
    "tabs against spaces": "if x:\n\ty = 1\n        z = 2\n",
    "deep brackets": "x = " + "(" * 300 + ")" * 300 + "\n",
    "100,000 brackets": "[" * 100000,
    "100,000 minus signs": "x = " + "-" * 100000 + "1\n",
    "100,000 nots": "x = " + "not " * 100000 + "1\n" + "?",
    "deep lambdas": "x = " + "lambda: " * 5000 + "1\n",
    "deep powers": "x = " + "1 ** " * 5000 + "1\n",
    "deep fields": "x = " + 'f"{' * 5000,
    "deep indents": "".join(" " * i + "if x:\n" for i in range(150)) + " " * 150 + "pass\n",
    "not UTF-8": b"x = '\xff'\n",
    "not the encoding it says": b"# coding: utf-8\nx = '\xe9'\n",
    "an unknown encoding": b"# coding: no-such\nx = '\xe9'\n",
}


def ask_text(tmp_path, source):
    path = tmp_path / "case.py"
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    return ask([str(path)])[0]


@pytest.mark.parametrize("name", GOOD)
def test_reads_what_python_reads(tmp_path, name):
    assert "error" not in ask_text(tmp_path, GOOD[name])


@pytest.mark.parametrize("name", BAD)
def test_refuses_with_a_place(tmp_path, name):
    answer = ask_text(tmp_path, BAD[name])
    assert answer.get("error"), answer
    assert "case.py" in answer["where"]


def test_says_another_encoding(tmp_path):
    answer = ask_text(tmp_path, "# -*- coding: latin-1 -*-\nNAME = 'é'\n".encode("latin-1"))
    assert answer["assignments"] == [["NAME", 2, [True, "é"]]]
