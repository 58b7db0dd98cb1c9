# SPDX-License-Identifier: MIT
"""Every route, setting, status, finding and command is in its page of docs/, and nothing else is."""

import json
import os
import re
import subprocess

import pytest
from tree import ROOT, files, text_of, without_comments, write_tree

HEADING = re.compile(r"^#+ .*$", re.MULTILINE)
FIRST_CELL = re.compile(r"^\| *`([^`]+)`", re.MULTILINE)


def printed_by(program, *arguments):
    """What a built program prints: its tables as they are, however the C is written."""
    path = os.path.join(os.environ["REGISTRYD_BUILD_DIR"], "bin", program)
    return subprocess.run([path, *arguments], capture_output=True, text=True, check=True).stdout


def routes_in_program(printed=None):
    routes = json.loads(printed or printed_by("registryd", "--print-routes"))
    return {f"{route['method']} {route['path']}" for route in routes}


def routes_in_docs(root):
    headings = " ".join(HEADING.findall(text_of(root, "docs/HTTP.md")))
    return set(re.findall(r"`((?:GET|HEAD|PUT|POST|PATCH|DELETE) /[^`\s]*)`", headings))


def settings_in_program(config=None, help_text=None):
    """The keys of --print-config, and the variables that --help names for them."""
    keys = re.findall(r"^(?:# )?([a-z][a-z-]+): ", config or printed_by("registryd", "--print-config"), re.MULTILINE)
    return {*keys, *re.findall(r"\bREGISTRYD_\w+", help_text or printed_by("registryd", "--help"))}


def settings_in_docs(root):
    page = text_of(root, "docs/CONFIG.md").split("\n## registryctl\n")[0]
    keys = {cell.removeprefix("--") for cell in FIRST_CELL.findall(page)}
    return keys | set(re.findall(r"\bREGISTRYD_\w+", page))


def client_settings_in_code(root):
    return set(re.findall(r'\{"([a-z-]+)",\s*"(REGISTRYD_\w+)"', text_of(root, "client/cli/settings/settings.c")))


def client_settings_in_docs(root):
    section = text_of(root, "docs/CONFIG.md").split("\n## registryctl\n")[1]
    return set(re.findall(r"^\| `([a-z-]+)` \| `(REGISTRYD_\w+)` \|", section, re.MULTILINE))


def statuses_in_code(root):
    table = text_of(root, "schema/base/status.h")
    return set(re.findall(r'X\(\w+, "([^"]+)", (\d+), (\d+)', table))


def statuses_in_docs(root):
    row = r"^\| *`([^`]+)` *\| *(\d+) *\| *(\d+) *\|"
    return set(re.findall(row, text_of(root, "docs/STATUS.md"), re.MULTILINE))


def findings_in_code(root):
    """Codes given where a finding is made, there or in a row of a table."""
    made = (
        r'\b(?:findings|checking|reader|object)_add(?:_\w+)?\(\s*[^;",]+,\s*(?:SEVERITY_\w+,\s*)?"([a-z0-9-]+)"',
        r'\.code = "([a-z0-9-]+)"',
        r'(?:SEVERITY_\w+|\bseverity),\s*"([a-z0-9-]+)"',
    )
    text = "\n".join(without_comments(text_of(root, path)) for path in files(root, (".c",)))
    return decision_codes(root).union(python_findings(root), *(re.findall(pattern, text) for pattern in made))


def python_findings(root):
    """Codes of the rows (is_error, code, …) that the Python package makes."""
    sources = (root / "client/python/registryclient").glob("*.py")
    return {code for path in sources for code in re.findall(r'\((?:True|False|is_error), "([a-z0-9-]+)"', path.read_text())}


def decision_codes(root):
    """Decisions become findings of their own code; three of the codes only carry data."""
    header = root / "schema/decision.h"
    named = re.findall(r'DECISION_CODE_\w+ "([^"]+)"', header.read_text()) if header.exists() else ()
    return set(named) - {"settings", "known", "owner", "enabled"}


def findings_in_docs(root):
    return set(FIRST_CELL.findall(text_of(root, "docs/FINDINGS.md")))


PAGES = (
    ("registryd --print-routes", "docs/HTTP.md", lambda root: routes_in_program(), routes_in_docs),
    ("registryd --print-config", "docs/CONFIG.md", lambda root: settings_in_program(), settings_in_docs),
    ("client/cli/settings", "docs/CONFIG.md, registryctl", client_settings_in_code, client_settings_in_docs),
    ("schema/base/status.h", "docs/STATUS.md", statuses_in_code, statuses_in_docs),
    ("schema/finding.c", "docs/FINDINGS.md", findings_in_code, findings_in_docs),
)


@pytest.mark.parametrize("source, page, in_code, in_docs", PAGES, ids=[row[1] for row in PAGES])
def test_the_page_and_the_table_say_the_same(source, page, in_code, in_docs):
    assert in_code(ROOT), f"no row found in {source}"
    assert in_docs(ROOT) == in_code(ROOT)


@pytest.mark.parametrize(
    "in_code, in_docs, source, page",
    [
        (
            statuses_in_code,
            statuses_in_docs,
            {"schema/base/status.h": 'X(NOT_FOUND, "not-found", 404, 1, "x")'},
            {"docs/STATUS.md": "| `not-found` | 404 | 1 | x |\n"},
        ),
        (
            findings_in_code,
            findings_in_docs,
            {
                "schema/a.c": 'findings_add(f, SEVERITY_ERROR, "bad-name", w, NULL, "x %s", y);\n'
                'findings_add_error(out, "no-yaml", err);\n{.code = "in-table"}'
            },
            {"docs/FINDINGS.md": "| `bad-name` | |\n| `no-yaml` | |\n| `in-table` | |\n"},
        ),
    ],
)
def test_the_readers_read_both_sides(tmp_path, in_code, in_docs, source, page):
    write_tree(tmp_path, {**source, **page})
    assert in_code(tmp_path) == in_docs(tmp_path) != set()
    for path in page:
        (tmp_path / path).write_text("# nothing\n")
    assert in_docs(tmp_path) == set()


def test_the_readers_of_programs_read_both_sides(tmp_path):
    routes = '[{"method": "GET", "path": "/v1/groups/{group}"}, {"method": "PUT", "path": "/b"}]'
    write_tree(tmp_path, {
        "docs/HTTP.md": "## `GET /v1/groups/{group}` and `PUT /b`\n\nNot `DELETE /c`.\n",
        "docs/CONFIG.md": "| setting | |\n|---|---|\n| `--listen` | `REGISTRYD_LISTEN` |\n"})
    assert routes_in_program(routes) == routes_in_docs(tmp_path)
    config, help_text = "listen: '127.0.0.1:7621' # default\n", "    --listen HOST:PORT\n        REGISTRYD_LISTEN\n"
    assert settings_in_program(config, help_text) == settings_in_docs(tmp_path)


# ---- the command line, as the program itself tells it ----


def help_of(*command):
    program = os.path.join(os.environ["REGISTRYD_BUILD_DIR"], "bin/registryctl")
    return subprocess.run([program, *command, "--help"], capture_output=True, text=True, check=True).stdout


def commands_in_help(text):
    return set(re.findall(r"^  ([a-z][a-z-]*)\b", text, re.MULTILINE))


def options_in_help(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)) - {"--help"}


def sections_of(page):
    """{command: text of its section}, from headings that hold `registryctl COMMAND`."""
    found = {}
    for part in re.split(r"^(?=#+ )", page, flags=re.MULTILINE):
        for command in re.findall(r"`registryctl ([a-z-]+)", part.split("\n", 1)[0]):
            found[command] = part
    return found


def cli_breaches(page, help_texts):
    """help_texts: {"": the general help, command: its help}."""
    sections = sections_of(page)
    commands = commands_in_help(help_texts[""])
    found = [f"docs/CLI.md: no heading `registryctl {name}`" for name in sorted(commands - sections.keys())]
    found += [f"docs/CLI.md: there is no command {name}" for name in sorted(sections.keys() - commands)]
    for name, text in help_texts.items():
        where = sections.get(name, "") if name else page
        missing = options_in_help(text) - options_in_help(where)
        missing -= options_in_help(help_texts[""]) if name else set()
        found += [f"docs/CLI.md: {name or 'registryctl'} {option} is missing" for option in sorted(missing)]
    known = set().union(*map(options_in_help, help_texts.values()))
    for name, section in sections.items():
        for option in sorted(options_in_help(section) - known):
            found.append(f"docs/CLI.md: {name}: there is no option {option}")
    return found


def test_the_command_line_is_documented():
    general = help_of()
    commands = commands_in_help(general)
    assert {"publish", "check", "resolve", "walk", "compare", "groups", "show"} <= commands
    help_texts = {"": general, **{name: help_of(name) for name in commands}}
    assert cli_breaches((ROOT / "docs/CLI.md").read_text(), help_texts) == []


GENERAL = "Usage: registryctl [--url U] COMMAND\n\nCommands:\n  walk   read directories\n"


@pytest.mark.parametrize(
    "page, expected",
    [
        ("# CLI\n--url\n## `registryctl walk ROOT`\n--deep\n", None),
        ("# CLI\n--url\n", "no heading `registryctl walk`"),
        ("# CLI\n## `registryctl walk ROOT`\n--deep\n", "registryctl --url is missing"),
        ("# CLI\n--url\n## `registryctl walk ROOT`\n", "walk --deep is missing"),
        ("# CLI\n--url\n## `registryctl walk`\n--deep --wide\n", "walk: there is no option --wide"),
        ("# CLI\n--url\n## `registryctl walk`\n--deep\n## `registryctl fly`\n", "there is no command fly"),
    ],
)
def test_an_undocumented_option_is_seen(page, expected):
    breaches = cli_breaches(page, {"": GENERAL, "walk": "Usage: registryctl walk [--deep] ROOT\n"})
    assert breaches == [] if expected is None else any(expected in breach for breach in breaches)
