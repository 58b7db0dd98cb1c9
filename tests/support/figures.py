# SPDX-License-Identifier: MIT
"""Figures that a test measured, for the report of `./dev night`. Without a night they go nowhere."""
import json
import os


def figure(name, value):
    """`name` in words with its unit ("kills", "longest stop, s"); the last value of a name counts."""
    path = os.environ.get("NIGHT_FIGURES")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps({name: value}) + "\n")
