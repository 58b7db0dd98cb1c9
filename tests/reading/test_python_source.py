# SPDX-License-Identifier: MIT
"""The static reader of Python source against CPython's own parser.

For every .py file of the standard library and of Debian's dist-packages folder, both must find the
same top-level assignments with literal values, classes with bases and methods, and functions. A file
that CPython refuses may be refused too or read; it must never crash the reader.
"""
import ast
import io
import json
import math
import os
import re
import subprocess
import sysconfig
import tokenize
import warnings
from pathlib import Path

import pytest

BUILD = Path(os.environ["REGISTRYD_BUILD_DIR"])
PROBE = BUILD / "tests" / "python_probe"
warnings.simplefilter("ignore")


def python_files():
    roots = {sysconfig.get_path("stdlib"), "/usr/lib/python3/dist-packages"}
    files = {str(path) for root in roots for path in Path(root).rglob("*.py") if path.is_file()}
    return sorted(files)


class NotJson(Exception):
    pass


def literal(node):
    """The value as JSON can say it, or NotJson."""
    if isinstance(node, ast.Constant):
        value = node.value
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            if "\0" in value:
                raise NotJson
            try:
                value.encode()
            except UnicodeEncodeError:
                raise NotJson from None
            return value
        if isinstance(value, int) and value < 2**63:
            return value
        if isinstance(value, float) and math.isfinite(value):
            return value
        raise NotJson
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        if isinstance(node.op, ast.USub) and getattr(node.operand, "value", None) == 2**63:
            return -(2**63)
        value = literal(node.operand)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise NotJson
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.JoinedStr) and all(isinstance(part, ast.Constant) for part in node.values):
        return literal(ast.Constant("".join(part.value for part in node.values)))
    if isinstance(node, (ast.List, ast.Tuple)):
        return items_of(node)
    if isinstance(node, ast.Dict):
        return members_of(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = literal(node.left), literal(node.right)
        kinds = [kind_of(side) for side in (node.left, node.right)]
        if isinstance(left, (str, list)) and kinds[0] == kinds[1]:
            return left + right
    raise NotJson


def kind_of(node):
    """What "+" joins only with its own kind."""
    if isinstance(node, ast.BinOp):
        return kind_of(node.left)
    return str if isinstance(node, ast.JoinedStr) else type(getattr(node, "value", node))


def items_of(node):
    items = []
    for item in node.elts:
        value = literal(item.value if isinstance(item, ast.Starred) else item)
        if isinstance(item, ast.Starred) and not isinstance(value, list):
            raise NotJson
        items += value if isinstance(item, ast.Starred) else [value]
    return items


def members_of(node):
    members = {}
    for key, item in zip(node.keys, node.values):
        name, value = literal(key) if key else None, literal(item)
        if not isinstance(name if key else value, str if key else dict):
            raise NotJson
        members.update({name: value} if key else value)
    return members


def depth(value):
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 0


def has_named_escape(segment):
    if "\\N{" not in segment:
        return False
    tokens = tokenize.generate_tokens(io.StringIO(f"({segment})").readline)
    return any(token.type == tokenize.STRING and re.match("[uU]?['\"]", token.string)
               and re.search(r"(?<!\\)(\\\\)*\\N\{", token.string) for token in tokens)


def value_of(node, source):
    try:
        value = literal(node)
    except NotJson:
        return [False, None]
    # A named escape is text to CPython only because it carries the table of names.
    if has_named_escape(ast.get_source_segment(source, node) or ""):
        return [False, None]
    return [True, value] if depth(value) <= 32 else [False, None]


def dotted(node):
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return base and f"{base}.{node.attr}"
    return None


def function(node):
    arguments = node.args
    names = [arg.arg for arg in arguments.posonlyargs + arguments.args]
    if arguments.vararg:
        names.append("*" + arguments.vararg.arg)
    names += [arg.arg for arg in arguments.kwonlyargs]
    if arguments.kwarg:
        names.append("**" + arguments.kwarg.arg)
    return [node.name, node.lineno, names]


def statements(body):
    """The statements of a block and, flattened, of the conditional blocks in it."""
    for node in body:
        yield node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        parts = [getattr(node, "body", [])]
        parts += [handler.body for handler in getattr(node, "handlers", [])]
        parts += [getattr(node, name, []) for name in ("orelse", "finalbody")]
        parts += [case.body for case in getattr(node, "cases", [])]
        for part in parts:
            yield from statements(part)


def expected(source):
    tree = ast.parse(source)
    facts = {"assignments": [], "classes": [], "functions": []}
    text = source.decode("utf-8", "replace") if isinstance(source, bytes) else source
    for node in statements(tree.body):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    facts["assignments"].append(
                        [target.id, target.lineno, value_of(node.value, text)])
        elif isinstance(node, ast.AnnAssign) and node.value and isinstance(node.target, ast.Name):
            facts["assignments"].append(
                [node.target.id, node.lineno, value_of(node.value, text)])
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            facts["assignments"].append([node.target.id, node.lineno, [False, None]])
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            facts["functions"].append(function(node))
        elif isinstance(node, ast.ClassDef):
            bases = [dotted(base) for base in node.bases if not isinstance(base, ast.Starred)]
            methods = [function(child) for child in statements(node.body)
                       if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))]
            facts["classes"].append([node.name, node.lineno, bases, methods])
    return facts


def ask(paths):
    result = subprocess.run([PROBE], input="\n".join(paths) + "\n", text=True,
                            capture_output=True, check=False)
    answers = [json.loads(line) for line in result.stdout.split("\n") if line]
    assert result.returncode == 0, (paths[len(answers)], result.stderr[-3000:])
    assert len(answers) == len(paths)
    return answers


def test_agrees_with_cpython_on_every_file_of_the_machine():
    paths = python_files()
    assert len(paths) > 500
    differences, refused = [], 0
    for path, answer in zip(paths, ask(paths)):
        try:
            facts = expected(Path(path).read_bytes())
        except (SyntaxError, ValueError, RecursionError):
            refused += 1
            continue
        if "error" in answer:
            differences.append((path, answer))
            continue
        for kind, wanted in facts.items():
            if answer[kind] != wanted:
                pairs = [pair for pair in zip(answer[kind], wanted) if pair[0] != pair[1]]
                differences.append((path, kind, pairs[:1] or (len(answer[kind]), len(wanted))))
    print(f"{len(paths)} files, {refused} refused by CPython")
    assert not differences, f"{len(differences)}: {differences[:8]}"


GOOD = {
    "a nested quote of the same kind": 'X = f"{d["key"]}"\nY = "after"\n',
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
