# SPDX-License-Identifier: MIT
"""The tour of README.md, typed word for word: every command is run in one shell on a terminal, and every line that the
page shows as an answer is answered. Only addresses and folders are those of the test."""

import re
import shlex
import socket

from support.daemon import BUILD_DIR, SOURCE_DIR, processes_on, sweep
from support.python_program import PYTHON, sanitizer
from support.registryctl import command_on_terminal

STEP = "@@ step"


def tour():
    """[(command, [line of the answer that the page shows])]"""
    section = (SOURCE_DIR / "README.md").read_text().split("## Tour")[1].split("\n## ")[0]
    steps = []
    for block in re.findall(r"^```\n(.*?)^```", section, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            elif line:
                steps[-1][1].append(line)
    return steps


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def script(steps, here):
    lines = ["stty -onlcr; cd " + shlex.quote(str(SOURCE_DIR))]
    for number, (command, _) in enumerate(steps):
        lines += [f"code=$?; echo '{STEP} {number}'; (exit $code)", here(command)]
        if command.startswith("registryd "):
            lines.append('daemon=$!; for try in $(seq 600); do curl -sf "$REGISTRYD_URL/readyz" >/dev/null && break; sleep 0.1; done')
    return "\n".join([*lines, f"echo '{STEP} {len(steps)}'", "kill $daemon; wait $daemon"])


def is_part(shown, answer):
    """Whether the lines are in the answer in that order."""
    rest = iter(answer)
    return all(line in rest for line in shown)


def test_the_tour_is_true_word_for_word(open_path):
    port, tmp_path = free_port(), open_path
    python = f"env LD_PRELOAD={sanitizer()} ASAN_OPTIONS=detect_leaks=0:use_sigaltstack=0 {PYTHON}" if sanitizer() else PYTHON
    places = {"$PWD/build/bin": f"{BUILD_DIR}/bin", "$OLDPWD/build/python": f"{BUILD_DIR}/python",
              "/tmp/registry": f"{tmp_path}/registry", "/tmp/host": f"{tmp_path}/host",
              "http://127.0.0.1:7621": f"http://127.0.0.1:{port}", f"{PYTHON} -c": f"{python} -c"}

    def here(text):
        for ours, mine in places.items():
            text = text.replace(ours, mine)
        return text

    steps = tour()
    assert len(steps) >= 14 and "pip install" in " ".join(command for command, _ in steps[-3:])
    try:
        told = command_on_terminal(
            ["bash", "-c", script(steps, here)], columns=200, PATH="/usr/local/bin:/usr/bin:/bin", HOME=str(tmp_path),
            REGISTRYD_URL=f"http://127.0.0.1:{port}", REGISTRYD_LISTEN=f"127.0.0.1:{port}", TERM="dumb",
            REGISTRYD_CACHE_DIR=str(tmp_path / "cache"), PIP_CONFIG_FILE="/dev/null", PIP_FIND_LINKS="", PIP_DISABLE_PIP_VERSION_CHECK="1",
            PYTHONDONTWRITEBYTECODE="1", ASAN_OPTIONS="detect_leaks=0:use_sigaltstack=0")  # fmt: skip
    finally:
        sweep(str(tmp_path / "registry"))
    answers = re.split(rf"^{STEP} \d+\n", told.out, flags=re.MULTILINE)
    assert len(answers) == len(steps) + 2, told.out
    for (command, shown), answer in zip(steps, answers[1:]):
        lines = [line.rstrip() for line in answer.splitlines()]
        assert is_part([here(line) for line in shown], lines), f"{told.out}\nREADME shows:\n" + "\n".join([f"$ {command}", *shown])
    assert processes_on(str(tmp_path / "registry")) == {}
