# SPDX-License-Identifier: MIT
"""`registryctl environment facts`: what a Python says of itself, and what stands in its place that is none.
No registry is asked."""
import json
import os
import platform
import stat
import subprocess
import sys
import venv

import pytest

from support.registryctl import on_terminal, registryctl
from support.registry import validator

PYTHON = "/usr/bin/python3"
ENVIRONMENT = validator("Environment")


def facts(*arguments, **settings):
    done = registryctl("environment", "facts", *arguments, **settings)
    assert done.code == 0, done.err
    ENVIRONMENT.validate({"facts": done.json})
    return done.json


def program(path, text):
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def distribution(folder, name, version):
    info = folder / f"{name}-{version.replace('/', '_')}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def ask(code):
    return subprocess.run([PYTHON, "-I", "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_what_it_says_is_so():
    told = facts("--python", PYTHON)
    assert told["python"] == ask("import platform; print(platform.python_version())").rstrip("+")
    packaging = ask("from packaging import markers; import json;"
                    "print(json.dumps(markers.default_environment()))")
    every = {key: value for key, value in json.loads(packaging).items() if key != "extra"}
    assert facts("--python", PYTHON, "--kernel")["markers"] == every
    # Every update of the kernel would be a difference.
    assert told["markers"] == {key: value for key, value in every.items()
                               if key not in ("platform_release", "platform_version")}
    tags = ask("from packaging import tags; print(*tags.sys_tags())").split()
    assert told["tags"] == tags
    have = json.loads(ask(
        "import importlib.metadata as m, json; from packaging.utils import canonicalize_name as n;"
        "print(json.dumps({n(d.metadata['Name']): d.version for d in reversed(list(m.distributions()))}))"))
    assert set(told["have"].items()) <= set(have.items())
    assert {"pytest", "packaging", "jsonschema"} <= set(told["have"])


def test_a_name_on_path_and_none_at_all(tmp_path):
    (tmp_path / "mypython").symlink_to(PYTHON)
    (tmp_path / "python3").symlink_to(PYTHON)
    path = f"{tmp_path}:{os.environ['PATH']}"
    assert facts("--python", "mypython", PATH=path)["python"] == facts(PATH=path)["python"]


def test_a_virtual_environment_has_what_is_in_it(tmp_path):
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    (site,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    distribution(site, "Honey_Frame", "4.2.0")
    distribution(site, "odd", "1.x-unknown")
    python = tmp_path / "venv" / "bin" / "python"
    done = registryctl("environment", "facts", "--python", python)
    assert done.json["have"] == {"honey-frame": "4.2.0"}
    assert "Left out of the facts" in done.err and "odd" in done.err


def test_tags_without_a_package_that_knows_them(tmp_path):
    """Our own tags, from version and platform, begin as those of `packaging` do."""
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    told = facts("--python", tmp_path / "venv" / "bin" / "python")["tags"]
    wanted = subprocess.run(
        [sys.executable, "-c", "from packaging import tags; print(*tags.sys_tags())"],
        capture_output=True, text=True, check=True).stdout.split()
    if platform.python_version_tuple()[:2] == tuple(ask("import platform;print(*platform.python_version_tuple()[:2])").split()):
        assert told[:3] == wanted[:3]
        assert set(told) == set(wanted)
    assert told[-1] == "py30-none-any" and len(told) > 50


def test_more_than_the_interpreter_shows_by_itself(tmp_path):
    distribution(tmp_path / "more", "extra-thing", "7.1")
    settings = {"PYTHONPATH": str(tmp_path / "more")}
    assert "extra-thing" not in facts("--python", PYTHON, **settings)["have"]
    assert facts("--python", PYTHON, "--have-all", **settings)["have"]["extra-thing"] == "7.1"


def test_it_is_isolated(tmp_path):
    """Neither the working directory nor PYTHONPATH can put a module of its own in the way."""
    (tmp_path / "json.py").write_text("raise SystemExit('mine')\n")
    assert facts("--python", PYTHON, cwd=tmp_path, PYTHONPATH=str(tmp_path), PYTHONSTARTUP="x")["python"]


@pytest.mark.parametrize("text, said", [
    ("#!/bin/sh\nexit 3\n", "failed to print its facts"),
    ("#!/bin/sh\necho 'line one' >&2; echo 'SyntaxError: no' >&2; exit 1\n", "failed to print its facts: SyntaxError: no"),
    ("#!/bin/sh\necho hello\n", "did not print facts"),
    ("#!/bin/sh\necho '{\"facts\": 7}'\n", "did not print facts"),
    ("#!/bin/sh\nkill -9 $$\n", "failed to print its facts"),
    ("#!/bin/sh\nexec yes | head -c 9000000\n", "more than 4194304 bytes"),
    ("#!/nowhere\n", "cannot be started"),
])
def test_what_is_no_python(tmp_path, text, said):
    done = registryctl("environment", "facts", "--python", program(tmp_path / "python", text))
    assert done.code in (3, 5) and said in done.err and done.out == ""


def test_what_is_not_there(tmp_path):
    for path in (tmp_path / "none", tmp_path):
        done = registryctl("environment", "facts", "--python", path)
        assert done.code == 5 and "cannot be started" in done.err


def test_words_are_not_for_a_shell(tmp_path):
    done = registryctl("environment", "facts", "--python", f"{PYTHON}; touch {tmp_path}/made")
    assert done.code == 5 and not (tmp_path / "made").exists()


def test_arguments():
    for words in (["facts", "x"], ["frobnicate"], [], ["show"], ["show", "a", "b"], ["pin", "a", "b"],
                  ["settings", "a"], ["rollback", "a", "x"], ["rollback", "a", "0"], ["set", "a"],
                  ["diff", "a@0"], ["diff", "a@x", "b"], ["diff", "a@1", "2"], ["diff", "a", "1", "x"],
                  ["show", "a", "--revision", "x"], ["set", "a", "--min-age", "soon"],
                  ["set", "a", "--min-age", "9999d"], ["set", "a", "--prereleases", "maybe"],
                  ["set", "a", "--facts", "-", "--document", "-"],
                  ["set", "a", "--facts", "x", "--facts-from", "y"],
                  ["settings", "a", "b", "novalue"], ["settings", "a", "b", "=x"],
                  ["enable", "a", "b", "--if-revision", "one"]):
        done = registryctl("environment", *words)
        assert done.code == 2, (words, done.err)
        assert done.err.startswith("registryctl: ")


def test_help_lists_the_actions():
    shown = on_terminal("environment", "--help", columns=80, NO_COLOR="1").out
    for action in ("list", "show", "create", "set", "enable", "disable", "pin", "unpin", "settings",
                   "history", "diff", "rollback", "facts"):
        assert f"\n  {action}" in shown
    assert max(map(len, shown.splitlines())) <= 80
