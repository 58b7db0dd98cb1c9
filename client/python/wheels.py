# SPDX-License-Identifier: MIT
"""Builds what of registryclient is given away, into a folder: the wheel in Python alone, the platform wheel of this
machine, and the sdist, from which every machine builds the first.

    python3 client/python/wheels.py FOLDER [pure] [native] [sdist]

It needs setuptools and wheel of this Python, and for the platform wheel what ./dev build needs; no network.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
KINDS = ("pure", "native", "sdist")


def environment(**more):
    """Nothing of pip's own settings, and no index, decides what is built."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    return {**kept, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **more}


def build_wheel(kind, folder, work):
    """Without build isolation: what is installed builds it."""
    command = [sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "-q", "-w", folder, HERE]
    subprocess.run(command, check=True, env=environment(REGISTRYD_WHEEL=kind, **work))


def build_sdist(folder, work):
    subprocess.run([sys.executable, "setup.py", "-q", "sdist", "-d", folder], check=True, cwd=HERE,
                   env=environment(REGISTRYD_WHEEL="pure", **work))  # fmt: skip


def main(folder, *kinds):
    unknown = set(kinds) - set(KINDS)
    if unknown:
        sys.exit(f"wheels.py: {', '.join(sorted(unknown))} is not known; use {', '.join(KINDS)}")
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    before = {path.name for path in folder.iterdir()}
    with tempfile.TemporaryDirectory() as scratch:
        for kind in kinds or KINDS:
            named = os.environ.get("REGISTRYD_WHEEL_DIR")  # keeps what CMake made, for the next time
            work = {"REGISTRYD_WHEEL_DIR": named if named and kind == "native" else f"{scratch}/{kind}"}
            build_sdist(folder, work) if kind == "sdist" else build_wheel(kind, folder, work)
    for path in sorted(folder.iterdir()):
        if path.name not in before:
            print(f"{path.stat().st_size / 1024:8.1f} KiB  {path.name}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: wheels.py FOLDER [pure] [native] [sdist]")
    main(*sys.argv[1:])
