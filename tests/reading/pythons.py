# SPDX-License-Identifier: MIT
"""The Pythons of the machine, and the files of their standard libraries."""
import glob
import hashlib
import os
import subprocess
from pathlib import Path

OLDEST = (3, 8)  # before it, a tree has no positions of ends
PLACES = ("/usr/bin", "/usr/local/bin", "/opt/*/bin", "~/.pyenv/versions/*/bin")
ASK = "import sys, sysconfig; print(*sys.version_info[:2], sysconfig.get_path('stdlib'))"

# A file of the last three Pythons is always compared; of an older one, one in so many.
OLDER_SAMPLE = 6


def about(python):
    """((major, minor), its standard library), or None when it does not run."""
    try:
        answer = subprocess.run([python, "-I", "-c", ASK], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    major, minor, library = answer.stdout.split(maxsplit=2)
    return (int(major), int(minor)), library.strip()


def pythons():
    """{version: program}, one for each minor version; Debian's own before others."""
    found = {}
    for place in PLACES:
        for program in sorted(glob.glob(os.path.expanduser(f"{place}/python3.*[0-9]"))):
            answer = about(program)
            if answer and answer[0] >= OLDEST:
                found.setdefault("{}.{}".format(*answer[0]), program)
    return dict(sorted(found.items(), key=lambda item: tuple(map(int, item[0].split("."))), reverse=True))


def is_sampled(path):
    return hashlib.sha256(path.encode()).digest()[0] % OLDER_SAMPLE == 0


def standard_library(program):
    """Its .py files. REGISTRYD_ALL_FILES in the environment: of older Pythons all of them, too."""
    version, library = about(program)
    files = [
        str(path)
        for path in sorted(Path(library).rglob("*.py"))
        if path.is_file() and not {"site-packages", "dist-packages"} & set(path.parts)
    ]
    whole = version >= (3, 11) or "REGISTRYD_ALL_FILES" in os.environ
    return files if whole else [path for path in files if is_sampled(path)]
