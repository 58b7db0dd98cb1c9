# SPDX-License-Identifier: MIT
"""Asks json_schema_probe what our validator says of schemas and values."""

import json
import os
import subprocess
from pathlib import Path

PROGRAM = Path(os.environ["REGISTRYD_BUILD_DIR"]) / "tests" / "json_schema_probe"


def ask(questions):
    """For each (schema, values): the findings about the schema, and a list of findings for each value."""
    lines = [json.dumps({"schema": schema, "values": values}) for schema, values in questions]
    done = subprocess.run([PROGRAM], input="".join(line + "\n" for line in lines), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.split("\n") if line]


def ask_one(schema, value):
    """The findings about one value; the schema must be right."""
    (reply,) = ask([(schema, [value])])
    assert reply["values"] is not None, reply
    return reply["values"][0]
