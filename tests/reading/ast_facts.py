# SPDX-License-Identifier: MIT
"""What Python's own parser says of the files named on standard input, one line of JSON a file.

Run by each Python whose standard library is compared, so it is kept to what Python 3.8 has. A file that
this Python refuses gives {"refused": true}.
"""
import ast
import io
import json
import math
import re
import sys
import tokenize
import warnings


class NotJson(Exception):
    pass


def constant(value):
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise NotJson from None
        if "\0" not in value:
            return value
    elif isinstance(value, int) and value < 2**63:
        return value
    elif isinstance(value, float) and math.isfinite(value):
        return value
    raise NotJson


def literal(node):
    """The value as JSON can say it, or NotJson."""
    if isinstance(node, ast.Constant):
        return constant(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        if isinstance(node.op, ast.USub) and getattr(node.operand, "value", None) == 2**63:
            return -(2**63)
        value = literal(node.operand)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise NotJson
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.JoinedStr) and all(isinstance(part, ast.Constant) for part in node.values):
        return constant("".join(part.value for part in node.values))
    if isinstance(node, (ast.List, ast.Tuple)):
        return items_of(node)
    if isinstance(node, ast.Dict):
        return members_of(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = literal(node.left), literal(node.right)
        if isinstance(left, (str, list)) and kind_of(node.left) == kind_of(node.right):
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
    tokens = tokenize.generate_tokens(io.StringIO("(%s)" % segment).readline)
    return any(token.type == tokenize.STRING and re.match("[uU]?['\"]", token.string)
               and re.search(r"(?<!\\)(\\\\)*\\N\{", token.string) for token in tokens)


def value_of(node, source):
    try:
        value = literal(node)
    except NotJson:
        return [False, None]
    # A named escape is text to CPython only because it carries the table of names.
    if "\\N{" in source and has_named_escape(ast.get_source_segment(source, node) or ""):
        return [False, None]
    return [True, value] if depth(value) <= 32 else [False, None]


def dotted(node):
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return base and "%s.%s" % (base, node.attr)
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


def assignments_of(node, text):
    if isinstance(node, ast.Assign):
        return [[target.id, target.lineno, value_of(node.value, text)]
                for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign) and node.value and isinstance(node.target, ast.Name):
        return [[node.target.id, node.lineno, value_of(node.value, text)]]
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        return [[node.target.id, node.lineno, [False, None]]]
    return []


def facts_of(source):
    text = source.decode("utf-8", "replace")
    facts = {"assignments": [], "classes": [], "functions": []}
    for node in statements(ast.parse(source).body):
        facts["assignments"] += assignments_of(node, text)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            facts["functions"].append(function(node))
        elif isinstance(node, ast.ClassDef):
            bases = [dotted(base) for base in node.bases if not isinstance(base, ast.Starred)]
            methods = [function(child) for child in statements(node.body)
                       if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))]
            facts["classes"].append([node.name, node.lineno, bases, methods])
    return facts


def main():
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        with open(line.rstrip("\n"), "rb") as file:
            source = file.read()
        try:
            facts = facts_of(source)
        except (SyntaxError, ValueError, RecursionError):
            facts = {"refused": True}
        print(json.dumps(facts))


if __name__ == "__main__":
    main()
