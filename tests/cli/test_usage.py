# SPDX-License-Identifier: MIT
"""The command line itself: help from the rows, mistakes in words, exit codes."""

import re
import socket
import subprocess
import sys

import pytest
from support.registryctl import BUILD_DIR, NOWHERE, SOURCE_DIR, on_terminal, registryctl

COMMANDS = ["publish", "import", "export", "pack", "check", "resolve", "walk", "discover", "compare", "transition", "entry-points", "requirements", "sync", "groups", "group", "find", "search", "show",
            "yank", "deprecate", "alias", "archive", "quarantine", "contributions", "outdated", "hold", "unhold",
            "snapshot", "watch", "environment", "secrets", "token", "grant", "reserve", "owner", "audit", "problems", "files", "login", "logout", "whoami", "status", "doctor", "completion", "help"]


def test_help_lists_the_commands():
    done = registryctl("--help")
    assert done.code == 0 and done.err == ""
    assert re.findall(r"^  ([a-z-]+)  +\S", done.out.split("Global options")[0], re.M) == COMMANDS
    assert registryctl("help").out == done.out
    assert registryctl("-h").out == done.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command):
    done = registryctl(command, "--help")
    assert done.code == 0
    for part in (f"Usage: registryctl {command}", "Exit codes", "Example", "--url URL"):
        assert part in done.out
    assert max(map(len, done.out.splitlines())) <= 100
    assert registryctl("help", command).out == done.out


def test_version():
    assert re.fullmatch(r"registryctl \d+\.\d+\.\d+\n", registryctl("--version").out)


@pytest.mark.parametrize(
    "arguments, needle",
    [
        ([], '--help" lists the commands'),
        (["wlak", "x"], 'Did you mean "walk"?'),
        (["frobnicate"], 'Unknown command "registryctl frobnicate"'),
        (["walk", "--convnetion", "auto", "."], 'Did you mean "--convention"?'),
        (["walk", "--quux", "."], 'Unknown option "--quux"'),
        (["walk", "--python", "3.11", "."], 'Unknown option "--python"'),
        (["walk"], "registryctl walk ROOT..."),
        (["compare", "g"], "registryctl compare GROUP ROOT..."),
        (["resolve"], "registryctl resolve GROUP..."),
        (["groups", "extra"], 'Unexpected argument "extra"'),
        (["show", "a", "1", "b"], "Unexpected argument"),
        (["show", "==1"], "PACKAGE==VERSION"),
        (["show", "a=="], "PACKAGE==VERSION"),
        (["resolve", "g", "--python"], "--python needs a value"),
        (["resolve", "g", "--python="], "--python needs a value"),
        (["resolve", "g", "--explain=yes"], "--explain takes no value"),
        (["environment", "export", "prod", "--format", "pip"], "Use one of table|json|lines|pylock|requirements"),
        (["requirements", "groups", "--format", "xml"], 'Use "table", "json" or "lines"'),
        (["requirements", "groups", "--timeout", "soon"], "Use a number of seconds"),
        (["requirements", "groups", "--timeout", "0"], "Use a number of seconds"),
        (["requirements", "groups", "--url", "ftp://127.0.0.1"], "not the address of a registry"),
        (["requirements", "groups", "--url", "registry"], "not the address of a registry"),
        (["requirements", "groups", "--url", "http://me:secret@127.0.0.1"], "--token"),
        (["requirements", "groups", "--url", "http://127.0.0.1/?a=b"], "must end before"),
        (["requirements", "groups", "--token", "two words"], "The token holds white space"),
        (["help", "nothing"], 'Unknown command "registryctl nothing"'),
    ],
)
def test_mistakes_are_told_in_words(arguments, needle):
    done = registryctl(*arguments)
    assert done.code == 2
    assert needle in done.err and done.err.startswith("registryctl: ")
    assert done.out == "" and "secret" not in done.err


def test_options_may_stand_anywhere():
    for arguments in (["--format", "json", "walk", "."], ["walk", "--format=json", "."],
                      ["walk", ".", "--format", "json"], ["walk", "--", "."]):
        assert registryctl(*arguments).code == 0


def test_after_two_dashes_everything_is_an_argument(tmp_path):
    (tmp_path / "--require").mkdir()
    assert registryctl("walk", "--", "--require", cwd=tmp_path).json == []


@pytest.mark.parametrize(
    "arguments",
    [["groups"], ["resolve", "g"], ["show", "crm"], ["compare", "g", "."]],
)
def test_an_unreachable_registry(arguments):
    done = registryctl(*arguments)
    assert done.code == 4
    assert NOWHERE in done.err and "Check that registryd is running there" in done.err
    assert done.out == ""


def test_an_unknown_host():
    done = registryctl("requirements", "groups", "--url", "http://registry.invalid")
    assert done.code == 4 and "host name" in done.err


def test_a_registry_that_does_not_answer():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        done = registryctl("requirements", "groups", "--url", url, "--timeout", "0.3")
    assert done.code == 4
    assert "did not answer within 300 ms" in done.err


# ---- the manual page ----

MANUAL = SOURCE_DIR / "docs" / "man"


def test_the_manual_page_is_made_from_the_help_texts():
    program = BUILD_DIR / "bin" / "registryctl"
    made = subprocess.run([sys.executable, MANUAL / "registryctl.py", program], capture_output=True,
                          text=True, check=True).stdout
    assert made == (MANUAL / "registryctl.1").read_text()
