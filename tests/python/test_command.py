# SPDX-License-Identifier: MIT
"""`python -m registryclient`: what registryctl answers, for those who do not have it."""

import json
import platform
import subprocess

import pytest
from support.daemon import SOURCE_DIR
from support.fake_registry import FakeRegistry
from support.python_program import PYTHON, python_environment, run_python
from support.registryctl import registryctl
from support.sites import Site

EXAMPLES = SOURCE_DIR / "docs" / "examples"
TREES = SOURCE_DIR / "tests" / "trees"
ROOTS = [f"install={EXAMPLES}/install/plugins", f"data={EXAMPLES}/data/plugins"]
NOBODY = "http://127.0.0.1:9"


def ours(*arguments, **options):
    return run_python("-m", "registryclient", *arguments, **options)


@pytest.fixture(scope="module")
def published(daemon):
    token = {"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": daemon.admin_token}
    registryctl("publish", "--all", *ROOTS, EXAMPLES / "mountaineer/projects", **token)
    registryctl("publish", EXAMPLES / "packages/honeyframe-analytics", **token)
    return daemon


def assert_same(daemon, *arguments):
    """Both programs, as table and as JSON: the same output and exit code."""
    for output in ("table", "json"):
        told = ours("--format", output, *arguments, code=None, REGISTRYD_URL=daemon.url)
        expected = registryctl("--format", output, *arguments, REGISTRYD_URL=daemon.url)
        assert told.code == expected.code, (told, expected)
        if output == "json":
            assert json.loads(told.out) == expected.json
        else:
            assert told.out == expected.out
    return told.code


@pytest.mark.parametrize("arguments, code", [
    (["resolve", "honeyframe.plugins", "mountaineer.plugins"], 0),
    (["resolve", "--require", "mountaineer.plugins", "--python", "3.9"], 0),
    (["walk", *ROOTS], 0),
    (["walk", "--convention", "plugin-yaml", *ROOTS], 0),
    (["compare", "honeyframe.plugins", *ROOTS], 1),
    (["compare", "--strict", "mountaineer.plugins", EXAMPLES / "mountaineer/projects"], 0),
    (["compare", "honeyframe.plugins", EXAMPLES / "install/plugins"], 1),
])  # fmt: skip
def test_it_answers_as_registryctl(published, arguments, code):
    assert assert_same(published, *arguments) == code


TREE_NAMES = sorted(path.name for path in TREES.iterdir() if (path / "install").is_dir())


@pytest.mark.parametrize("tree", TREE_NAMES[::6])
def test_it_walks_the_trees_as_registryctl(published, tree):
    assert_same(published, "walk", *sorted(path for path in (TREES / tree).iterdir() if path.name in ("install", "data")))


def test_what_steers_a_terminal_is_shown_as_an_escape(tmp_path):
    Site(tmp_path / "site").add("demo", "1.0", {"demo": {"a\x1b[31m": "demo:x", "宽字": "demo:wide", "e\u0301": "demo:y"}})
    told = ours("walk", "--format", "table", tmp_path / "site").out
    assert told == registryctl("--format", "table", "walk", tmp_path / "site").out
    assert "\x1b" not in told and "宽字" in told


@pytest.mark.parametrize("arguments, code, says", [
    (["resolve", "demo"], 4, "Nobody answers at http://127.0.0.1:9"),
    (["compare", "demo", "."], 4, "Nobody answers"),
    (["walk", "/not/there"], 2, "/not/there"),
    (["walk", "--convention", "nobody-has-it", "."], 2, "nobody-has-it"),
    (["resolve"], 2, "GROUP"),
    (["fly"], 2, "fly"),
    ([], 2, "COMMAND"),
    (["--timeout", "soon", "resolve", "demo"], 2, "--timeout"),
])  # fmt: skip
def test_an_error_is_told_on_stderr_and_by_the_exit_code(tmp_path, arguments, code, says):
    told = ours(*arguments, code=code, cwd=tmp_path, REGISTRYD_URL=NOBODY)
    assert told.out == "" and says in told.err and "Traceback" not in told.err


def test_nothing_where_something_is_demanded(published, tmp_path):
    url = {"REGISTRYD_URL": published.url}
    assert ours("resolve", "--require", "--format", "table", "nobody.has.it", code=1, **url).out == "nobody.has.it  no entry points match\n"
    assert ours("walk", "--require", tmp_path, code=1).out == "[]\n"
    assert ours("walk", "--format", "table", tmp_path).out == "No plugins were found.\n"


def test_a_refusal_is_three():
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"code": "forbidden", "title": "No", "detail": "Not for you"}, status=403)
        told = ours("resolve", "demo", code=3, REGISTRYD_URL=registry.url)
    assert "Not for you" in told.err


def test_options_stand_before_or_after_the_command(published):
    before = ours("--url", published.url, "--format", "table", "resolve", "mountaineer.plugins").out
    assert before == ours("resolve", "mountaineer.plugins", "--url", published.url, "--format", "table").out
    assert "mountaineer-notes" in before


def test_help_and_version():
    told = ours("--help").out
    for word in ("resolve", "walk", "compare", "facts", "doctor", "--environment", "out of reach"):
        assert word in told
    assert ours("--version").out.startswith("registryclient ")
    assert "GROUP" in ours("compare", "--help").out


def test_who_reads_may_go_away():
    command = [PYTHON, "-m", "registryclient", "walk", *ROOTS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=python_environment()) as process:
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
        assert process.wait() in (0, 5)


def test_facts_are_those_of_this_python():
    facts = json.loads(ours("facts").out)
    assert facts["python"] == platform.python_version()  # the interpreter of the tests is the same one
    assert facts["markers"]["sys_platform"] == "linux"
    assert "pytest" in facts["have"]
