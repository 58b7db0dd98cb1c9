# SPDX-License-Identifier: MIT
"""The guided tour is true: every step answers as it should, and nothing is left behind."""

import re
import shlex
import signal
import socket
import subprocess
from pathlib import Path

from support.daemon import BUILD_DIR, SOURCE_DIR, processes_on
from support.python_program import PYTHON, python_environment

DEMO = SOURCE_DIR / "docs/examples/demo.sh"
SECONDS = 240  # a sanitized build on a busy machine; only reached when something is wrong


def sanitized_python(folder):
    """Python with the sanitizers' library loaded before it, where the package was built with them."""
    settings = python_environment()
    python = folder / "python"
    kept = {name: settings[name] for name in ("LD_PRELOAD", "ASAN_OPTIONS") if name in settings}
    words = shlex.join(["env", *(f"{name}={value}" for name, value in kept.items()), PYTHON])
    python.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    python.chmod(0o755)
    return python


def start_demo(*arguments, python=PYTHON):
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PYTHON": str(python),
                   "REGISTRYD_BUILD_DIR": str(BUILD_DIR)}  # fmt: skip
    return subprocess.Popen(
        [DEMO, *arguments], env=environment, cwd="/", text=True, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def data_dir_in(told):
    return Path(re.search(r"--data-dir (\S+)", told)[1])


def assert_nothing_left(data_dir):
    assert not data_dir.parent.exists()
    assert processes_on(str(data_dir)) == {}


def test_every_step_of_the_tour_does_what_it_should(tmp_path):
    demo = start_demo("--once", python=sanitized_python(tmp_path))
    told, _ = demo.communicate(timeout=SECONDS)
    assert demo.returncode == 0, told
    assert "steps succeeded" in told
    assert_nothing_left(data_dir_in(told))


def test_the_registry_stays_until_it_is_interrupted(tmp_path):
    demo = start_demo(python=sanitized_python(tmp_path))
    told = ""
    try:
        while "until you press Ctrl-C" not in told:
            line = demo.stdout.readline()
            assert line, told
            told += line
        host, port = re.search(r"The registry is up at http://([\d.]+):(\d+)", told).groups()
        socket.create_connection((host, int(port)), 5).close()
        demo.send_signal(signal.SIGINT)
        rest, _ = demo.communicate(timeout=SECONDS)
    finally:
        demo.send_signal(signal.SIGTERM)
    assert demo.returncode == 0, told + rest
    assert "The registry has stopped" in rest
    assert_nothing_left(data_dir_in(told))


def test_an_unknown_argument_is_refused():
    demo = start_demo("--twice")
    told, _ = demo.communicate(timeout=SECONDS)
    assert demo.returncode == 2 and "Usage" in told
