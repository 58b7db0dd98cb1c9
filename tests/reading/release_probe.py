# SPDX-License-Identifier: MIT
"""Asks the program release_probe; one process answers a whole list of questions."""

import json
import os
import subprocess
from pathlib import Path

PROBE = Path(os.environ["REGISTRYD_BUILD_DIR"]) / "tests" / "release_probe"


def ask(questions):
    """The answers to a list of (kind, path, *argument)."""
    lines = "".join("\t".join(map(str, question)) + "\n" for question in questions)
    run = subprocess.run([PROBE], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == len(questions)
    return answers
