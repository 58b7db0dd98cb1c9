# SPDX-License-Identifier: MIT
"""The modules of the Python package import each other downwards, also where they import late: no circle."""

import ast
from pathlib import Path

import pytest
from test_layering import circles
from tree import ROOT

PACKAGE = ROOT / "client/python/registryclient"


def is_type_checking(node):
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def import_nodes(tree):
    """Every import that is run, wherever it stands."""
    todo = list(ast.iter_child_nodes(tree))
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        if is_type_checking(node):
            todo.extend(node.orelse)
        else:
            todo.extend(ast.iter_child_nodes(node))


def imported_names(node, name):
    """The modules of the package that a node imports in the module of that name ("hosts.fastcms")."""
    if isinstance(node, ast.Import):
        return [one.name for one in node.names]
    base = node.module or ""
    if node.level:
        parents = ["registryclient", *name.split(".")][: -node.level]
        base = ".".join([*parents, *([base] if base else [])])
    return [base, *(f"{base}.{one.name}" for one in node.names)]


def graph_of(package):
    paths = {".".join(path.relative_to(package).with_suffix("").parts).removesuffix(".__init__"): path
             for path in Path(package).rglob("*.py")}  # fmt: skip
    graph = {}
    for name, path in paths.items():
        tree = ast.parse(path.read_text())
        found = {one.removeprefix("registryclient.") for node in import_nodes(tree) for one in imported_names(node, name)}
        graph[name] = {one for one in found if one in paths and one not in ("__init__", name)}
    return graph


def test_no_module_imports_itself_by_way_of_others():
    graph = graph_of(PACKAGE)
    assert len(graph) > 15 and graph["_lookup"] and graph["hosts.fastcms"]
    assert circles(graph) == []


@pytest.mark.parametrize("line", ["from . import b", "from .b import x", "import registryclient.b",
                                  "def f():\n    from registryclient.b import x"])  # fmt: skip
def test_a_circle_is_seen(tmp_path, line):
    (tmp_path / "a.py").write_text(line + "\n")
    (tmp_path / "b.py").write_text("try:\n    from .a import y\nexcept ImportError:\n    pass\n")
    assert circles(graph_of(tmp_path)) == [["a", "b"]]


def test_a_name_for_type_checkers_is_no_import(tmp_path):
    (tmp_path / "a.py").write_text("TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from . import b\n")
    (tmp_path / "b.py").write_text("from . import a\n")
    assert circles(graph_of(tmp_path)) == []
