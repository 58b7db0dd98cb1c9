# SPDX-License-Identifier: MIT
"""docs/HOSTS.md keeps its word: each row names a test that exists, or the reason why there is none; the commands, routes
and calls that it names exist."""

import ast
import re

from tree import ROOT

PAGE = ROOT / "docs" / "HOSTS.md"
REASON = "The host's own: "
CTEST_FOLDERS = ("contract", "packaging", "reading", "selection", "decisions", "cli", "http", "db", "e2e", "python", "hosts")
PYTHON = ROOT / "client/python/registryclient"


def rows(text):
    """(line number, cells) of each row of a table that has three columns."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("| ") and not line.startswith(("| the promise", "|--")):
            yield number, [cell.strip() for cell in line.strip("|").split(" | ")]


def code(cell):
    return re.findall(r"`([^`]+)`", cell)


def test_exists(name):
    """`tests/FILE.py`, `tests/FILE.py::FUNCTION`, or the name of a ctest entry."""
    if name.startswith("tests/"):
        path, _, function = name.partition("::")
        file = ROOT / path
        return file.is_file() and (not function or re.search(rf"^def {re.escape(function)}\(", file.read_text(), re.M) is not None)
    folder = next((one for one in CTEST_FOLDERS if name.startswith(one + "_test_")), None)
    if folder:
        return (ROOT / "tests" / folder / f"{name[len(folder) + 1:]}.py").is_file()
    unit = re.fullmatch(r"unit_([a-z]+)_(test_\w+)", name)
    return bool(unit) and (ROOT / "tests/unit" / unit[1] / f"{unit[2]}.c").is_file()


test_exists.__test__ = False


def commands():
    names = set()
    for path in (ROOT / "client/cli").rglob("*.c"):
        text = path.read_text()
        names |= set(re.findall(r'\.name = "([a-z-]+)"', text))
    return names


def actions(command):
    """The actions of a command: the first column of its table, in any file of the commands."""
    found = set()
    for path in (ROOT / "client/cli/commands").glob(f"{command}*.c"):
        found |= set(re.findall(r'^    \{"([a-z-]+)",', path.read_text(), re.M))
    return found


def routes():
    text = (ROOT / "registryd/http/routes.c").read_text()
    return {f"{method} {path}" for method, path in re.findall(r'\{"([A-Z]+)", "(/[^"]*)"', text)}


def calls():
    """Every name that the page may call: functions of a module, and classes with their members."""
    found = set()
    for path in [*PYTHON.glob("*.py"), *(PYTHON / "hosts").glob("*.py")]:
        module = "registryclient" + (f".hosts{'' if path.stem == '__init__' else '.' + path.stem}" if path.parent.name == "hosts" else "")
        found.add(module)
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                found.add(f"{module}.{node.name}")
            if isinstance(node, ast.ClassDef):
                found |= {f"{node.name}.{member}" for member in members(node)}
    return found


def members(node):
    for one in node.body:
        if isinstance(one, ast.FunctionDef):
            yield one.name
        if isinstance(one, ast.AnnAssign):
            yield one.target.id
        if isinstance(one, ast.Assign):
            yield from (target.id for target in one.targets if isinstance(target, ast.Name))


def name_breaches(text):
    """Commands, routes and calls that do not exist."""
    known_commands, known_routes, known_calls = commands(), routes(), calls()
    inherited = {f"Registry.{name.partition('.')[2]}" for name in known_calls if name.startswith("Sender.")}
    found = []
    for number, cells in rows(text):
        for name in code(cells[1]):
            words = name.split()
            if words[0] == "registryctl":
                good = words[1] in known_commands and (len(words) < 3 or words[2] in actions(words[1]))
            elif re.match(r"[A-Z]+ /", name):
                good = name in known_routes
            elif re.match(r"(registryclient|Registry|Record|Listed|Found|EntryPoint|DiscoveredPlugin)\b", name):
                good = name in known_calls or name in inherited
            else:
                continue
            found += [] if good else [f"docs/HOSTS.md:{number}: {name}"]
    return found


def row_breaches(text):
    """Rows without a test and without a reason, and tests that are not there."""
    found = []
    for number, cells in rows(text):
        if len(cells) != 3:
            found.append(f"docs/HOSTS.md:{number}: {len(cells)} cells")
        elif cells[2] == "–":
            found += [] if cells[1].startswith(REASON) else [f"docs/HOSTS.md:{number}: neither a test nor a reason"]
        else:
            names = code(cells[2])
            found += [] if names else [f"docs/HOSTS.md:{number}: no test"]
            found += [f"docs/HOSTS.md:{number}: {name}" for name in names if not test_exists(name)]
    return found


def test_every_row_has_a_test_or_a_reason():
    assert row_breaches(PAGE.read_text()) == []


def test_what_the_page_names_exists():
    assert name_breaches(PAGE.read_text()) == []


def test_the_page_is_about_all_four_hosts():
    text = PAGE.read_text()
    assert re.findall(r"^## (.*)", text, re.M) == ["Every host", "Honeyframe", "FastCMS", "MicroCoreOS", "Mountaineer"]
    assert len(list(rows(text))) > 80


def test_a_breach_is_seen():
    bad = ("| a | `registryctl fly` | `tests/hosts/test_checklist.py::test_none` |\n| b | nobody | – |\n"
           "| c | `GET /v1/none` `Registry.fly` `registryctl environment fly` | `unit_schema_test_none` |\n| d | e |\n")  # fmt: skip
    assert [breach.split(":")[1] for breach in row_breaches(bad)] == ["1", "2", "3", "4"]
    assert len(name_breaches(bad.replace("| d | e |\n", ""))) == 4
