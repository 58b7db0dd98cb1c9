# SPDX-License-Identifier: MIT
"""Python files, parsed and never run: what the top level binds, and the values that can be read without running anything
(docs/CONVENTIONS.md, "Reading Python files"). A name is followed only when its scope binds it in exactly one place and never
changes it in place; a function only when it has a single plain return."""

import ast
import warnings

STEPS_MAX = 64
_CHANGING = frozenset("update pop popitem clear setdefault append extend insert remove sort reverse __setitem__ __delitem__".split())
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


class NotLiteral(Exception):
    """A value that is known only at run time: `line`, and why."""

    def __init__(self, node: ast.AST, why: str):
        super().__init__(why)
        self.line, self.why = getattr(node, "lineno", 0), why


class Source:
    """A module that was parsed. Raises SyntaxError with the line of what is wrong."""

    def __init__(self, data: bytes):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the file, about its escapes
            try:
                self.tree = ast.parse(data)
            except (ValueError, RecursionError, MemoryError) as error:
                raise SyntaxError(str(error)) from None
        self.statements = list(_top_level(self.tree.body))
        self.functions = {node.name: node for node in self.statements if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
        self.classes = [node for node in self.statements if isinstance(node, ast.ClassDef)]

    def binds(self, name: str) -> bool:
        """By any statement that binds a name at the top level."""
        return any(name in _bound_by(node) for node in self.statements)

    def assignment(self, name: str) -> tuple[ast.stmt, ast.expr] | None:
        """The last assignment of a value to a name at the top level."""
        found = None
        for node in self.statements:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else ()
            value = getattr(node, "value", None)
            if value is not None and any(isinstance(target, ast.Name) and target.id == name for target in targets):
                found = node, value
        return found

    def bindings(self, name: str) -> int:
        """In how many places the module binds or changes a name."""
        count = 0
        for node in _scope(self.tree):
            count += _binds_here(node, name)
            count += 2 * _changes(node, name)
        for node in ast.walk(self.tree):
            count += 2 * (isinstance(node, ast.Global) and name in node.names)
        return count

    # ---- values ----

    def literal(self, node: ast.expr, follow: "_Follow | None" = None):
        """The value of an expression, in the types of JSON."""
        return _Reading(self, follow or _Follow()).value(node)

    def call_behind(self, node: ast.expr) -> ast.Call | None:
        """The call that makes a value: itself, through a name, or by a function of this file."""
        follow = _Follow()
        reading = _Reading(self, follow)
        try:
            while True:
                if isinstance(node, ast.Name):
                    node = reading.follow_name(node)
                elif isinstance(node, ast.Call) and (inner := reading.returned(node)) is not None:
                    node = inner
                else:
                    return node if isinstance(node, ast.Call) else None
        except NotLiteral:
            return None


class _Follow:
    def __init__(self) -> None:
        self.steps = 0
        self.in_function = False


class _Reading:
    def __init__(self, source: Source, follow: _Follow):
        self.source, self.follow = source, follow

    def step(self, node: ast.AST) -> None:
        self.follow.steps += 1
        if self.follow.steps > STEPS_MAX:
            raise NotLiteral(node, "too many names to follow")

    def follow_name(self, node: ast.Name) -> ast.expr:
        self.step(node)
        count = self.source.bindings(node.id)
        if not count:
            raise NotLiteral(node, "a name that this file does not bind")
        if count > 1:
            raise NotLiteral(node, "a name that is bound in more than one place, or changed")
        found = self.source.assignment(node.id)
        if found is None:
            raise NotLiteral(node, "a name whose value is not a literal")
        if found[0].lineno > node.lineno and not self.follow.in_function:
            raise NotLiteral(node, "a name that is bound further down")
        return found[1]

    def returned(self, node: ast.Call) -> ast.expr | None:
        """What a function of this file returns; None: the call is not one of those."""
        if not isinstance(node.func, ast.Name) or node.func.id not in self.source.functions:
            return None
        if self.source.bindings(node.func.id) != 1:
            return None
        self.step(node)
        if self.follow.in_function:
            raise NotLiteral(node, "a second function call")
        function = self.source.functions[node.func.id]
        returns = [one for one in _scope(function) if isinstance(one, (ast.Return, ast.Yield, ast.YieldFrom))]
        last = function.body[-1]
        is_plain = len(returns) == 1 and returns[0] in function.body and isinstance(last, ast.Return) and last.value is not None
        if not is_plain or isinstance(function, ast.AsyncFunctionDef) or function.decorator_list:
            raise NotLiteral(node, "a function without a single plain return")
        self.follow.in_function = True
        return self._local(function, last.value)  # type: ignore[attr-defined,return-value]

    def _local(self, function, node: ast.expr) -> ast.expr:
        """A name of the function itself is followed to its one assignment there."""
        while isinstance(node, ast.Name):
            bound = [one for one in function.body if isinstance(one, ast.Assign) and len(one.targets) == 1
                     and isinstance(one.targets[0], ast.Name) and one.targets[0].id == node.id]  # fmt: skip
            places = sum(_binds_here(one, node.id) + 2 * _changes(one, node.id) for one in _scope(function))
            if len(bound) != 1 or places != 1:
                return node
            self.step(node)
            node = bound[0].value
        return node

    def value(self, node: ast.expr):
        if isinstance(node, ast.Constant):
            return self.constant(node)
        if isinstance(node, (ast.List, ast.Tuple)):
            return self.items(node)
        if isinstance(node, ast.Dict):
            return self.dictionary(node)
        if isinstance(node, ast.Name):
            return self.value(self.follow_name(node))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            return self.signed(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.value(node.left), self.value(node.right)
            if isinstance(left, str) and isinstance(right, str):
                return left + right
            raise NotLiteral(node, "not a literal")
        if isinstance(node, ast.JoinedStr) and all(isinstance(one, ast.Constant) for one in node.values):
            return "".join(str(one.value) for one in node.values)  # type: ignore[attr-defined]
        if isinstance(node, ast.Call):
            return self.call(node)
        raise NotLiteral(node, "not a literal")

    def constant(self, node: ast.Constant):
        value = node.value
        if value is None or isinstance(value, (bool, str)):
            if isinstance(value, str) and "\0" in value:
                raise NotLiteral(node, "a string with a NUL character")
            if isinstance(value, str) and any("\ud800" <= char < "\ue000" for char in value):
                raise NotLiteral(node, "a string with half a character")
            return value
        if isinstance(value, int) and -(1 << 63) <= value < 1 << 63:
            return value
        if isinstance(value, float) and value not in (float("inf"), float("-inf")):
            return value
        raise NotLiteral(node, "a value that JSON cannot hold")

    def signed(self, node: ast.UnaryOp):
        value = self.value(node.operand)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise NotLiteral(node, "not a literal")
        return -value if isinstance(node.op, ast.USub) else value

    def items(self, node: ast.List | ast.Tuple) -> list:
        made: list = []
        for one in node.elts:
            if isinstance(one, ast.Starred):
                inner = self.value(one.value)
                if not isinstance(inner, list):
                    raise NotLiteral(one, "not a literal")
                made.extend(inner)
            else:
                made.append(self.value(one))
        return made

    def dictionary(self, node: ast.Dict) -> dict:
        made: dict = {}
        for key, value in zip(node.keys, node.values):
            if key is None:
                made.update(self.table(value))
                continue
            name = self.value(key)
            if not isinstance(name, str):
                raise NotLiteral(key, "a key that is not a string")
            made[name] = self.value(value)
        return made

    def table(self, node: ast.expr) -> dict:
        value = self.value(node)
        if not isinstance(value, dict):
            raise NotLiteral(node, "not a literal")
        return value

    def call(self, node: ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id == "dict" and not self.source.bindings("dict"):
            made = {}
            for one in node.args:
                made.update(self.table(one))
            for keyword in node.keywords:
                made.update(self.table(keyword.value) if keyword.arg is None else {keyword.arg: self.value(keyword.value)})
            return made
        inner = self.returned(node)
        if inner is None:
            raise NotLiteral(node, "not a literal")
        made = self.value(inner)
        self.follow.in_function = False
        return made


# ---- statements ----


def _top_level(body):
    """The statements of the top level, also those under if, try and with."""
    for node in body:
        yield node
        for field in ("body", "orelse", "finalbody"):
            if isinstance(node, (ast.If, ast.Try, ast.With, ast.For, ast.While)) or type(node).__name__ == "TryStar":
                yield from _top_level(getattr(node, field, ()))
        for handler in getattr(node, "handlers", ()):
            yield from _top_level(handler.body)


def _scope(root):
    """Every node of a scope, without the insides of further scopes."""
    pending = list(ast.iter_child_nodes(root))
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, _SCOPES):
            pending.extend(ast.iter_child_nodes(node))


def _bound_by(node: ast.stmt) -> set[str]:
    """The names that a statement itself binds, without what stands inside it."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(one.asname or one.name.partition(".")[0]) for one in node.names}
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        if isinstance(node, ast.AnnAssign) and node.value is None:
            return set()
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    return set()


def _binds_here(node: ast.AST, name: str) -> int:
    if isinstance(node, ast.Name):
        return int(node.id == name and isinstance(node.ctx, (ast.Store, ast.Del)))
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return int(node.name == name)
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return sum((one.asname or one.name.partition(".")[0]) in (name, "*") for one in node.names)
    if isinstance(node, ast.ExceptHandler) or type(node).__name__ in ("MatchAs", "MatchStar", "MatchMapping"):
        return int(name in (getattr(node, "name", None), getattr(node, "rest", None)))
    return 0


def _changes(node: ast.AST, name: str) -> bool:
    """NAME["a"] = 1, NAME += …, NAME.update(…)."""
    if isinstance(node, ast.AugAssign):
        return _is_named(node.target, name)
    if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, (ast.Store, ast.Del)):
        return _is_named(node.value, name)
    is_method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING
    return is_method and _is_named(node.func.value, name)  # type: ignore[attr-defined]


def _is_named(node: ast.AST, name: str) -> bool:
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        node = node.value
    return isinstance(node, ast.Name) and node.id == name
