# SPDX-License-Identifier: MIT
"""docs/MIGRATING.md does what it says: every command of the page is run, in order, on a terminal, and must
show what the page shows. `python3 test_migrating.py` (with tests/ on the path) writes the page anew."""

import pathlib
import re
import shutil
import tempfile

import pytest
from support.daemon import Daemon
from support.python_program import python_environment
from support.registryctl import PROGRAM, SOURCE_DIR, command_on_terminal

PAGE = SOURCE_DIR / "docs" / "MIGRATING.md"
EXAMPLES = SOURCE_DIR / "docs" / "examples"
# What lies in the folder where the commands of a section are given.
FOLDERS = {
    "Honeyframe": {"platform": "honeyframe", "install": "install", "data": "data"},
    "FastCMS": {"cms": "fastcms"},
    "Mountaineer": {"app": "mountaineer"},
    "MicroCoreOS": {"app": "microcoreos"},
}
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+Z?")
PYTHON_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)


def sections(text):
    """(title, text) of every section that has commands."""
    parts = re.split(r"^## (.*)\n", text, flags=re.M)
    return [(title, body) for title, body in zip(parts[1::2], parts[2::2]) if BLOCK.search(body)]


def steps(body):
    """(command, what it shows) in order."""
    for block in BLOCK.findall(body):
        for step in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, shown = step.partition("\n")
            yield command, shown


def make_folder(title, folder):
    for path, source in FOLDERS[title].items():
        shutil.copytree(EXAMPLES / source, folder / path, ignore=shutil.ignore_patterns("__pycache__"))


def run(daemon, folder, command):
    """What a person sees: the line that tells how far it is has been overwritten."""
    python = {name: value for name, value in python_environment().items()
              if name.startswith(("PYTHON", "LD_", "ASAN_"))}
    shown = command_on_terminal(
        ["sh", "-c", command], 100, cwd=folder, NO_COLOR="1", REGISTRYD_URL=daemon.url,
        REGISTRYD_TOKEN=daemon.publisher_token, PATH=f"{PROGRAM.parent}:/usr/bin:/bin",
        REGISTRYD_CACHE_DIR=str(folder / "cache"), **python).out
    lines = [line.rsplit("\x1b[K", 1)[-1].rstrip() for line in shown.split("\n")]
    return "\n".join(lines).replace(f"{folder}/", "").replace(daemon.url, "http://127.0.0.1:7621")


def test_every_host_has_its_section():
    assert [title for title, _ in sections(PAGE.read_text())] == list(FOLDERS)


@pytest.mark.parametrize("title", FOLDERS)
def test_the_page_shows_what_happens(daemon, tmp_path, title):
    make_folder(title, tmp_path)
    found = list(steps(dict(sections(PAGE.read_text()))[title]))
    assert len(found) >= 5
    for command, expected in found:
        shown = run(daemon, tmp_path, command)
        assert MOMENT.sub("NOW", shown) == MOMENT.sub("NOW", expected), command


def test_the_line_that_changes_is_the_one_of_the_example():
    """A block of Python on the page stands in the program that was run."""
    for title, body in sections(PAGE.read_text()):
        program = (EXAMPLES / title.lower() / "with_registry.py").read_text()
        blocks = PYTHON_BLOCK.findall(body)
        assert blocks and all(block in program for block in blocks), title


def write_page():
    text = PAGE.read_text()
    with Daemon() as daemon:
        for title, body in sections(text):
            with tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                make_folder(title, folder)
                text = text.replace(body, BLOCK.sub(
                    lambda block: "```console\n" + "".join(
                        f"$ {command}\n{run(daemon, folder, command)}" for command, _ in steps(block.group(0))
                    ) + "```", body))
    PAGE.write_text(text)


if __name__ == "__main__":
    write_page()
