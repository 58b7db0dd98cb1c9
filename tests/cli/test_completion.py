# SPDX-License-Identifier: MIT
"""registryctl completion: the scripts, run by the shells that this machine has (bash always)."""

import os
import re
import shlex
import shutil
import subprocess

import pytest
from support.fake_registry import FakeRegistry
from support.registryctl import NOWHERE, PROGRAM, environment, in_pipe, registryctl

CASES = [
    (["registryctl", "dep"], {"deprecate"}),
    (["registryctl", "environment", "fr"], {"freeze"}),
    (["registryctl", "environment", "--reason", "list", "fr"], {"freeze"}),
    (["registryctl", "resolve", "--pyt"], {"--python"}),
    (["registryctl", "--url", NOWHERE, "token", "create", "x", "--ki"], {"--kind"}),
    (["registryctl", "discover", "--mode", "registry"], {"registry", "registry-first"}),
    (["registryctl", "--format", "li"], {"lines"}),
    (["registryctl", "compare", "g", "--format", "ju"], {"junit"}),
    (["registryctl", "help", "who"], {"whoami"}),
    (["registryctl", "completion", "f"], {"fish"}),
    (["registryctl", "resolve", "acme.p"], {"acme.plugins"}),
    (["registryctl", "--environment", "pro"], {"production"}),
    (["registryctl", "environment", "show", "pro"], {"production"}),
    (["registryctl", "walk", "some-f"], {"some-folder"}),
    (["registryctl", "publish", "some-"], {"some-file.whl", "some-folder"}),
    (["registryctl", "groups", "--frob"], set()),
]
EQUALS = (["registryctl", "discover", "--mode=walk-"], {"walk-first"})


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with files to complete, and a registry with names."""
    folder = tmp_path_factory.mktemp("completion")
    (folder / "some-folder").mkdir()
    (folder / "some-file.whl").touch()
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/groups", {"groups": [{"name": "acme.plugins", "packages": 1, "entry_points": 1},
                                                         {"name": "other", "packages": 1, "entry_points": 1}], "next": None})
        registry.answer("GET", "/v1/environments", {"environments": [{"name": "production", "revision": 1}], "next": None})
        yield folder, {"REGISTRYD_URL": registry.url, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"}


def run(shell, place, script):
    folder, settings = place
    done = subprocess.run([*shell, script], cwd=folder, env=environment(**settings), stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, timeout=60, check=False)
    assert done.returncode == 0 and not done.stderr, done
    return {line.strip() for line in done.stdout.splitlines() if line.strip()}


def bash(place, words):
    quoted = " ".join(map(shlex.quote, words))
    return run(["bash", "--norc", "-c"], place,
               "source <(registryctl completion bash)\n"
               f"COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _registryctl\n"
               'printf "%s\\n" "${COMPREPLY[@]}"')


@pytest.mark.parametrize("words, expected", CASES, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_bash(place, words, expected):
    assert bash(place, words) == expected


def test_bash_cuts_words_at_the_equals_sign(place):
    assert bash(place, ["registryctl", "discover", "--mode", "=", "walk-"]) == {"walk-first"}
    assert bash(place, ["registryctl", "discover", "--mode", "="]) >= {"walk", "registry"}
    assert bash(place, ["registryctl", "discover", "--mode", "=", "walk", "--enf"]) == {"--enforce"}


@pytest.mark.skipif(not shutil.which("zsh"), reason="no zsh on this machine")
@pytest.mark.parametrize("words, expected", [*CASES[:13], EQUALS], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_zsh(place, words, expected):
    # compadd is replaced: it prints what would be offered, without a line editor
    quoted = " ".join(map(shlex.quote, words))
    offered = run(["zsh", "-f", "-c"], place,
                  "compdef() { : }; compset() { : }\ncompadd() { shift; print -l -- $@ }\n"
                  "source <(registryctl completion zsh)\n"
                  f"words=({quoted}); CURRENT={len(words)}; _registryctl")
    last = words[-1].rpartition("=")[2]
    assert {word for word in offered if word.startswith(last)} == expected


@pytest.mark.skipif(not shutil.which("fish"), reason="no fish on this machine")
@pytest.mark.parametrize("words, expected", [*CASES, EQUALS], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_fish(place, words, expected):
    line = " ".join(words)
    offered = run(["fish", "--no-config", "-c"], place, f"registryctl completion fish | source\ncomplete -C {shlex.quote(line)}")
    offered = {word.split("\t")[0].rstrip("/").rpartition("=")[2] for word in offered}
    assert {word for word in offered if word.startswith(words[-1].rpartition("=")[2])} == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_and_option_is_in_the_script(shell):
    script = in_pipe("completion", shell).out
    commands = [line.split()[0] for line in registryctl("help").out.split("Global options")[0].splitlines()
                if line.startswith("  ") and not line.startswith("   ")]
    assert len(commands) > 30
    for command in commands:
        assert command in script
        options = re.findall(r"^  --([a-z-]+)(?= [A-Z]|\.\.\.|  |$)", registryctl(command, "--help").out, re.MULTILINE)
        assert len(options) >= 10
        for option in options:
            assert (f"-l {option}" if shell == "fish" else f"--{option}") in script, (command, option)


def test_another_shell():
    done = in_pipe("completion", "tcsh")
    assert (done.code, done.err) == (2, 'registryctl: Unknown shell "tcsh". Use one of bash|zsh|fish.\n')
