# SPDX-License-Identifier: MIT
"""Pythons for tests of the package `registryclient`: fresh processes that import it from the build tree,
whichever sanitizers that was built with.

    from support import python
    python.run("import registryclient; print(registryclient.__version__)").stdout
"""

import functools
import os
import shutil
import subprocess
from pathlib import Path

from support.python_program import python_environment

SOURCE_DIR = Path(os.environ.get("REGISTRYD_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BUILD_DIR = Path(os.environ.get("REGISTRYD_BUILD_DIR", SOURCE_DIR / "build"))
PACKAGE_DIR = BUILD_DIR / "python"
SYSTEM = "/usr/bin/python3"


def environment(path=(), **more):
    """The environment of a Python that finds registryclient, then the folders of `path`."""
    made = python_environment(**more)
    made["PYTHONPATH"] = os.pathsep.join(map(str, [PACKAGE_DIR, *path]))
    return made


def sanitizer():
    """Whether the package was built with AddressSanitizer."""
    return "LD_PRELOAD" in environment()


def run(code, *arguments, python=SYSTEM, options=(), **more):
    """Runs code in a fresh process; the rest is as of run_command."""
    return run_command([python, *options, "-c", code, *arguments], **more)


def run_command(command, path=(), check=True, cwd="/", **more):
    """Runs a command with the environment of `environment`, to which `more` is added."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          env=environment(path, **more), cwd=cwd, timeout=240)  # fmt: skip
    assert not check or done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done


@functools.cache
def others():
    """Other Pythons from 3.10 on that this machine has, by version: {"3.13": path}."""
    found = {}
    folders = os.environ.get("PATH", "").split(os.pathsep)
    candidates = [shutil.which(f"python3.{minor}") for minor in range(10, 20)]
    candidates += [str(Path(folder) / "python3") for folder in folders]
    candidates += map(str, Path.home().glob(".pyenv/versions/3.*/bin/python3"))
    for candidate in filter(None, candidates):
        version = _version_of(candidate)
        if version and version >= (3, 10) and Path(candidate).resolve() != Path(SYSTEM).resolve():
            found.setdefault(f"{version[0]}.{version[1]}", candidate)
    return found


def _version_of(candidate):
    try:
        told = subprocess.run([candidate, "-c", "import sys; print(*sys.version_info[:2])"],
                              capture_output=True, text=True, timeout=30)  # fmt: skip
        return tuple(map(int, told.stdout.split())) if told.returncode == 0 else None
    except OSError:
        return None


def all_pythons():
    """Debian's Python and one of each other version."""
    return [SYSTEM, *others().values()]


def make_distribution(site, name, version="1.0", entry_points="", metadata=True, files=None):
    """An installed distribution: {site}/{name}-{version}.dist-info and its module files."""
    stem = name.replace("-", "_")
    folder = Path(site) / f"{stem}-{version}.dist-info"
    folder.mkdir(parents=True)
    if metadata:
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    if entry_points:
        data = entry_points if isinstance(entry_points, bytes) else entry_points.encode()
        (folder / "entry_points.txt").write_bytes(data)
    for path, text in (files or {}).items():
        (Path(site) / path).parent.mkdir(parents=True, exist_ok=True)
        (Path(site) / path).write_text(text)
    listed = "".join(f"{path},,\n" for path in [*(files or {}), f"{folder.name}/METADATA", f"{folder.name}/RECORD"])
    if metadata:
        (folder / "RECORD").write_text(listed)
    return folder


def make_snapshot(path, *roots, convention="dist-info"):
    """A snapshot file of a walk, by registryctl."""
    command = [BUILD_DIR / "bin/registryctl", "snapshot", "build", path, "--convention", convention, *roots]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    return path
